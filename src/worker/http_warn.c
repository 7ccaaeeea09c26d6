/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warnings, see http_warn.h.
 *
 * Only a person who sees the page is to get past it.  So the page goes only to
 * what a browser shows (an image or a script gets a bare 403), the button's
 * token is for this client on this site and short-lived, and a POST counts
 * only when the browser says that it comes from a page of the same site (RFC
 * 6454 section 7; W3C Fetch Metadata).  The button's answer waits until every
 * worker knows: the next request may come to any of them.
 */
#include "worker/http_warn.h"

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "ipc/grant.h"
#include "tls/ssl_ticket.h"
#include "worker/block.h"
#include "worker/http_filter.h"
#include "worker/session.h"
#include "worker/warn_token.h"
#include "worker/worker.h"

enum {
	GRANT_MS = 2000,
	BUTTON_MAX = sizeof(WAD_WARN_PATH) + 1 + WAD_WARN_TOKEN_MAX,
};

static const char key_label[] = "openwad warning token";

/* A button was pressed, and wad-control has not said yet that all know. */
struct wad_warn_wait {
	struct wad_session	*s;
	struct wad_http_tx	*tx;
	uint32_t		 ask;
	char			 url[WAD_WARN_URL_MAX + 1];
};

static struct wad_grant_table table;

static struct wad_grant_table *
grants(void)
{
	if (table.lru.bucket == NULL)
		wad_grant_table_init(&table);
	return &table;
}

const char *
wad_http_warn_user(const struct wad_session *s)
{
	(void)s;
	return NULL;
}

static bool
asks(const struct wad_wf_filter *f)
{
	return f->action == WAD_WF_WARNING ||
	    f->action == WAD_WF_AUTHENTICATE;
}

/* Whether a click is enough: who must sign in, or be in a group, is somebody
 * only then.  An entry of another policy's filter, which was the stricter one,
 * is not clicked away here. */
static bool
click_enough(const struct wad_session *s, const struct wad_wf_filter *f)
{
	const struct wad_wf_profile *p = wad_http_filter_profile(s);

	return f->action == WAD_WF_WARNING && f->n_auth_groups == 0 &&
	    !s->wc->conf->wf_close_ports && p != NULL &&
	    wad_grant_filter(p, wad_grant_stamp(p, f)) == f;
}

/* ---- before there are requests ------------------------------------------ */

bool
wad_http_warn_later(const struct wad_session *s)
{
	const struct wad_wf_profile *p = wad_http_filter_profile(s);

	return s->inspect == WAD_INSPECT_DEEP && p != NULL &&
	    p->https_replacemsg && !wad_inspect_is_exempt(s) &&
	    s->policy->protocol->http &&
	    (s->verdict.action == WAD_WF_WARNING ||
	    s->verdict.action == WAD_WF_AUTHENTICATE);
}

bool
wad_http_warn_forbids(const struct wad_session *s)
{
	return s->verdict.action == WAD_WF_WARNING ||
	    s->verdict.action == WAD_WF_AUTHENTICATE;
}

/* ---- who asks ------------------------------------------------------------ */

static bool
is(const char *value, const char *want)
{
	return value != NULL && strcasecmp(value, want) == 0;
}

/* Fetched in advance, seen by nobody. */
static bool
prefetches(const struct wad_http_head *h)
{
	static const char *const names[] = { "Sec-Purpose", "Purpose",
		"X-Purpose", "X-Moz" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (wad_http_head_named(h, names[i]) != NULL)
			return true;
	return false;
}

/* Is it for a window of its own, where a person sees the page? */
static bool
navigates(const struct wad_http_head *h)
{
	const char *dest = wad_http_head_named(h, "Sec-Fetch-Dest");
	const char *accept = wad_http_head_named(h, "Accept");

	if (prefetches(h))
		return false;
	if (dest != NULL)
		return is(dest, "document");
	return accept != NULL && strcasestr(accept, "text/html") != NULL;
}

static void
origin_of(const struct wad_http_head *h, struct wad_str *out)
{
	const char *authority = wad_http_text(h, h->authority);

	wad_str_addf(out, "%s://%s", h->https ? "https" : "http",
	    authority[0] != '\0' ? authority : h->host);
}

/* Of what the browser says where the POST comes from, one must be there and
 * all must be right. */
static bool
same_origin(const struct wad_http_head *h)
{
	const char	*site = wad_http_head_named(h, "Sec-Fetch-Site");
	const char	*dest = wad_http_head_named(h, "Sec-Fetch-Dest");
	const char	*origin = wad_http_head_named(h, "Origin");
	struct wad_str	 ours = { 0 };
	bool		 ok;

	origin_of(h, &ours);
	ok = (site != NULL || origin != NULL) &&
	    (site == NULL || is(site, "same-origin")) &&
	    (dest == NULL || is(dest, "document")) &&
	    (origin == NULL || is(origin, ours.s));
	wad_str_free(&ours);
	return ok;
}

static struct wad_warn_bind
bind_of(const struct wad_session *s, const struct wad_http_tx *tx)
{
	const char *user = wad_http_warn_user(s);

	return (struct wad_warn_bind){
		.client = &s->flow.src, .user = user != NULL ? user : "",
		.host = tx->req.host, .port = tx->req.port,
		.https = tx->req.https,
	};
}

/* ---- the page ------------------------------------------------------------ */

/* The button's place; "" without a key: then there is no button. */
static void
button(const struct wad_session *s, const struct wad_http_tx *tx,
    const struct wad_wf_filter *f, char out[BUTTON_MAX])
{
	struct wad_warn_bind	b = bind_of(s, tx);
	uint8_t			key[WAD_WARN_KEY];
	char			token[WAD_WARN_TOKEN_MAX];

	out[0] = '\0';
	if (!wad_ssl_ticket_derive(0, key_label, key))
		return;
	wad_warn_token_make(token, key, &b, wad_clock_wall(),
	    wad_grant_stamp(wad_http_filter_profile(s), f),
	    wad_http_text(&tx->req, tx->req.path));
	OPENSSL_cleanse(key, sizeof(key));
	if (token[0] != '\0')
		snprintf(out, BUTTON_MAX, WAD_WARN_PATH "?%s", token);
}

static void
put_answer(struct wad_http_tx *tx, unsigned status)
{
	wad_http_head_reset(&tx->res);
	tx->body.len = 0;
	tx->res.status = status;
	tx->res.minor = 1;
	wad_http_head_put(&tx->res, "Cache-Control", "no-store");
}

/* For what nobody looks at. */
static enum wad_http_say
answer_bare(struct wad_http_tx *tx)
{
	put_answer(tx, 403);
	wad_http_head_put(&tx->res, "Content-Type",
	    "text/plain; charset=utf-8");
	wad_str_add(&tx->body, "The rules of this network want this site to "
	    "be opened by hand first.\n");
	return WAD_HTTP_ANSWER;
}

static enum wad_http_say
answer_back(struct wad_http_tx *tx, const char *url)
{
	struct wad_str where = { 0 };

	origin_of(&tx->req, &where);
	wad_str_add(&where, url);
	put_answer(tx, 303);
	wad_http_head_put(&tx->res, "Location", where.s);
	wad_str_free(&where);
	return WAD_HTTP_ANSWER;
}

/* The page; action: its button's place, NULL: none. */
static void
put_page(struct wad_session *s, struct wad_http_tx *tx, const char *action)
{
	const struct wad_http_seen	*seen = tx->seen;
	const struct wad_block		 b = {
		.page = action != NULL ? WAD_PAGE_FTGD_WARNING :
		    seen->verdict.action == WAD_WF_AUTHENTICATE ?
		    WAD_PAGE_FTGD_OVRD : WAD_PAGE_FTGD_BLOCK,
		.why = WR_BLOCKED, .action = action, .token = "",
	};

	wad_block_answer_with(s, tx, &b);
}

/* ---- a request ----------------------------------------------------------- */

/* Does a grant let it pass?  One of type session lasts longer for it. */
static bool
granted(struct wad_session *s, const struct wad_http_tx *tx,
    const struct wad_wf_filter *f)
{
	int64_t			 now = wad_clock_wall();
	struct wad_grant	 key;
	const struct wad_grant	*g;
	struct wad_msg		 m;

	if (table.lru.n == 0)
		return false;
	wad_grant_make(&key, wad_http_filter_profile(s), f, &s->flow.src,
	    wad_http_warn_user(s), tx->req.host, now);
	g = wad_grant_table_find(grants(), &key, now);
	if (g == NULL)
		return false;
	if (g->session && g->until - now < g->seconds - g->seconds / 4 &&
	    g->until < g->made + WAD_GRANT_SESSION_MAX) {
		wad_msg_init(&m, WAD_MSG_GRANT, 0);
		wad_grant_put(&m, WAD_GRANT_USED, g);
		(void)wad_chan_send(s->w->control, &m);
		wad_msg_free(&m);
	}
	return true;
}

enum wad_http_say
wad_http_warn_request(struct wad_session *s, struct wad_http_tx *tx)
{
	struct wad_http_seen		*seen = tx->seen;
	const struct wad_wf_filter	*f = seen->verdict.filter;
	char				 where[BUTTON_MAX] = "";

	if (seen->verdict.action != WAD_WF_WARNING &&
	    seen->verdict.action != WAD_WF_AUTHENTICATE)
		return WAD_HTTP_PASS;
	if (f != NULL && click_enough(s, f)) {
		if (granted(s, tx, f)) {
			seen->verdict.action = WAD_WF_MONITOR;
			return WAD_HTTP_PASS;
		}
		if (navigates(&tx->req))
			button(s, tx, f, where);
	}
	WAD_COUNT(HTTP_WARNED);
	WAD_DBG(HTTP, WAD_I, "warned: category %u, %s", seen->verdict.cate,
	    where[0] != '\0' ? "with a button" : "without a button");
	if (tx->req.https && !wad_http_filter_profile(s)->https_replacemsg)
		return wad_http_filter_refuse(s, tx, 403, WR_BLOCKED, NULL);
	if (!navigates(&tx->req))
		return answer_bare(tx);
	put_page(s, tx, where[0] != '\0' ? where : NULL);
	return WAD_HTTP_ANSWER;
}

/* ---- the button ---------------------------------------------------------- */

/* wad-control has told every worker; NULL: it has not. */
static void
on_granted(void *arg, struct wad_msg_in *m)
{
	struct wad_warn_wait	*wait = arg;
	struct wad_session	*s = wait->s;
	struct wad_http_tx	*tx = wait->tx;

	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	wait->ask = 0;
	if (m != NULL)
		(void)answer_back(tx, wait->url);
	else
		wad_block_answer(s, tx, 503, WR_PEER_DOWN);
	wad_http_warn_done(tx);
	wad_http_filter_resume(s, tx, WAD_HTTP_ANSWER);
	wad_session_kick(s);
}

void
wad_http_warn_done(struct wad_http_tx *tx)
{
	struct wad_http_seen *seen = tx->seen;

	if (seen == NULL || seen->warn == NULL)
		return;
	if (seen->warn->ask != 0)
		wad_ask_cancel(seen->warn->s->w->asks, seen->warn->ask);
	free(seen->warn);
	seen->warn = NULL;
}

static enum wad_http_say
grant(struct wad_session *s, struct wad_http_tx *tx,
    const struct wad_wf_filter *f, const char *url)
{
	struct wad_http_seen	*seen = tx->seen;
	struct wad_warn_wait	*wait = wad_xcalloc(1, sizeof(*wait));
	struct wad_grant	 g;
	struct wad_msg		 m;

	wait->s = s;
	wait->tx = tx;
	strcpy(wait->url, url);
	wad_grant_make(&g, wad_http_filter_profile(s), f, &s->flow.src,
	    wad_http_warn_user(s), tx->req.host, wad_clock_wall());
	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, WAD_GRANT_NEW, &g);
	wait->ask = wad_ask_send(s->w->asks, s->w->control, &m, GRANT_MS,
	    on_granted, wait);
	wad_msg_free(&m);
	if (wait->ask == 0) {
		free(wait);
		wad_block_answer(s, tx, 503, WR_LIMIT);
		return WAD_HTTP_ANSWER;
	}
	seen->warn = wait;
	WAD_DBG(HTTP, WAD_I, "warning: the user goes on, category %u, %u seconds", f->category, f->warn_duration);
	return WAD_HTTP_HOLD;
}

static enum wad_http_say
refuse(struct wad_session *s, struct wad_http_tx *tx, unsigned status,
    const char *why)
{
	snprintf(tx->error, sizeof(tx->error), "%s", why);
	WAD_DBG(HTTP, WAD_W, "warning: a button that does not count: %s",
	    why);
	wad_block_answer(s, tx, status, WR_REQUEST_BAD);
	return WAD_HTTP_ANSWER;
}

/* The key may have been changed since the page was made. */
static bool
read_token(const struct wad_session *s, const struct wad_http_tx *tx,
    const char *text, struct wad_warn_token *t)
{
	struct wad_warn_bind	b = bind_of(s, tx);
	uint8_t			key[WAD_WARN_KEY];
	bool			ok = false;

	for (unsigned i = 0; !ok && wad_ssl_ticket_derive(i, key_label, key);
	    i++)
		ok = wad_warn_token_read(t, text, key, &b) == 0;
	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

static enum wad_http_say
pressed(struct wad_session *s, struct wad_http_tx *tx, const char *token)
{
	const struct wad_wf_filter	*f;
	struct wad_warn_token		 t;

	if (strcmp(tx->req.method, "POST") != 0)
		return refuse(s, tx, 405, "this address is for the button of "
		    "a warning");
	if (!same_origin(&tx->req))
		return refuse(s, tx, 403, "it was not pressed on a page of "
		    "this site");
	if (!read_token(s, tx, token, &t))
		return refuse(s, tx, 403, "it is not for this client or no "
		    "longer valid; open the page again");
	f = wad_grant_filter(wad_http_filter_profile(s), t.stamp);
	/* too late, or the rules are others now: what holds is said there */
	if (f == NULL || !click_enough(s, f) ||
	    !wad_warn_token_fresh(&t, wad_clock_wall()))
		return answer_back(tx, t.url);
	return grant(s, tx, f, t.url);
}

bool
wad_http_warn_own(struct wad_session *s, struct wad_http_tx *tx,
    enum wad_http_say *say)
{
	const size_t			 n = sizeof(WAD_WARN_PATH) - 1;
	const char			*path = wad_http_text(&tx->req,
	    tx->req.path);
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);

	if (strncmp(path, WAD_WARN_PATH, n) != 0 || p == NULL ||
	    (path[n] != '\0' && path[n] != '?'))
		return false;
	for (size_t i = 0; i < p->n_filters; i++) {
		if (!asks(&p->filters[i]))
			continue;
		*say = pressed(s, tx, path + n + (path[n] == '?'));
		return true;
	}
	return false;
}

/* ---- wad-control --------------------------------------------------------- */

int
wad_http_warn_message(struct wad_worker *w, struct wad_chan *c,
    struct wad_msg_in *m)
{
	enum wad_grant_op	op;
	struct wad_grant	g;
	struct wad_msg		heard;

	(void)w;
	if (wad_grant_get(m, &op, &g) == -1)
		return -1;
	if (op == WAD_GRANT_FORGET)
		wad_grant_table_drop(grants(), &g);
	else
		(void)wad_grant_table_add(grants(), &g);
	if (m->id == 0)
		return 0;
	wad_msg_init(&heard, WAD_MSG_GRANT_HEARD, m->id);
	(void)wad_chan_send(c, &heard);
	wad_msg_free(&heard);
	return 0;
}

static void
tell_known(void *arg, const struct wad_grant *g)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, WAD_GRANT_KNOWN, g);
	(void)wad_chan_send(arg, &m);
	wad_msg_free(&m);
}

void
wad_http_warn_known(struct wad_worker *w)
{
	wad_grant_table_each(grants(), tell_known, w->control);
}
