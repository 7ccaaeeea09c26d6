/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and responses, see http_filter.h: a table of steps for each.  The
 * first that does not say PASS has the last word.
 */
#include "worker/http_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "worker/block.h"
#include "worker/http_content.h"
#include "worker/http_header.h"
#include "worker/http_host.h"
#include "worker/http_log.h"
#include "worker/http_quota.h"
#include "worker/http_rate.h"
#include "worker/http_search.h"
#include "worker/http_warn.h"
#include "worker/session.h"
#include "worker/worker.h"

const struct wad_wf_profile *
wad_http_filter_profile(const struct wad_session *s)
{
	return s->policy != NULL && s->policy->utm ? s->policy->webfilter : NULL;
}

const char *
wad_http_filter_host(const struct wad_session *s,
    const struct wad_http_tx *tx)
{
	static char ip[WAD_ADDR_STRLEN];

	if (tx->req.host[0] != '\0')
		return tx->req.host;
	if (s->nego != NULL && s->nego->host[0] != '\0')
		return s->nego->host;
	/* HTTP/1.0 without Host: who answers there is meant */
	return s->host[0] != '\0' ? s->host :
	    wad_addr_ip_str(&s->flow.dst, ip);
}

bool
wad_http_filter_option(const struct wad_session *s, unsigned option)
{
	const struct wad_wf_profile *p = wad_http_filter_profile(s);

	return p != NULL && (p->options & option) != 0;
}

static bool
stops(const struct wad_url_verdict *v)
{
	return v->action >= WAD_WF_WARNING;
}

bool
wad_http_filter_one_server(const struct wad_session *s)
{
	return !s->explicit_web || s->tls;
}

/* ---- refusing ----------------------------------------------------------- */

/* Of what a rule of the profile stops the page says which (the text); of
 * others their reason is enough. */
static void
__wad_http_build_replmsg_resp(struct wad_session *s, struct wad_http_tx *tx,
    unsigned status, enum wad_reason_id why)
{
	const struct wad_block b = {
		.page = why == WR_BLOCKED && tx->error[0] != '\0' ?
		    WAD_PAGE_HTTP_BLOCK : WAD_PAGE_N,
		.status = (int)status, .why = why,
	};

	char text[sizeof(tx->error) * 4];

	wad_block_answer_with(s, tx, &b);
	WAD_DBG(HTTP, WAD_I, "Generating replacement message. %u error repmsg_id %u (%s%s%s)", tx->res.status,
	    (unsigned)why, wad_reasons[why].name, tx->error[0] != '\0' ?
	    ": " : "", wad_str_escape(text, sizeof(text), tx->error,
	    strlen(tx->error)));
}

enum wad_http_say
wad_http_filter_refuse(struct wad_session *s, struct wad_http_tx *tx,
    unsigned status, enum wad_reason_id why, const char *text)
{
	const struct wad_wf_profile *p = wad_http_filter_profile(s);

	if (text != NULL)
		snprintf(tx->error, sizeof(tx->error), "%s", text);
	WAD_COUNT(HTTP_BLOCKED);
	/* 421 is no page: it moves the client to another connection */
	if (tx->req.https && p != NULL && !p->https_replacemsg &&
	    status != 421)
		return WAD_HTTP_CUT;
	__wad_http_build_replmsg_resp(s, tx, status, why);
	return WAD_HTTP_ANSWER;
}

enum wad_http_say
wad_http_filter_found(struct wad_session *s, struct wad_http_tx *tx,
    enum wad_log_id id, unsigned status, enum wad_reason_id why,
    const char *text)
{
	enum wad_http_say say = wad_http_filter_refuse(s, tx, status, why,
	    text);

	wad_http_log_found(s, tx, id, true, NULL);
	return say;
}

/* ---- a loop ----------------------------------------------------------- */

static enum wad_http_say
loop(struct wad_session *s, struct wad_http_tx *tx)
{
	if (!s->explicit_web || s->tls || !wad_http_header_loops(s, tx))
		return WAD_HTTP_PASS;
	WAD_COUNT(LOOPS);
	return wad_http_filter_refuse(s, tx, 508, WR_LOOP, NULL);
}

/* ---- the policy for a name ---------------------------------------------- */

static void
wad_http_req_check_policy(const struct wad_session *s, const char *host)
{
	char src[WAD_ADDR_STRLEN], dst[WAD_ADDR_STRLEN];

	WAD_DBG(HTTP, WAD_I, "start match policy vd=0 host=%s (%s@%u -> %s@%u)", host,
	    wad_addr_str(&s->flow.src, src), s->slot != NULL ?
	    s->slot->clt.ifindex : 0, wad_addr_str(&s->flow.dst, dst),
	    s->slot != NULL ? s->slot->srv.ifindex : 0);
}

static enum wad_http_say
wad_http_req_proc_policy(struct wad_session *s, struct wad_http_tx *tx,
    const struct wad_policy *p)
{
	if (p != NULL && p->accept) {
		WAD_DBG(HTTP, WAD_I, "policy result: policy-id=%u", p->id);
		return WAD_HTTP_PASS;
	}
	WAD_DBG(HTTP, WAD_E, "POLICY DENIED");
	WAD_COUNT(DENIED);
	return wad_http_filter_refuse(s, tx, 403, WR_POLICY_DENY, p == NULL ?
	    "no policy matches this host" : NULL);
}

/* Another name than the connection's: one that a policy denies stays denied,
 * and one that would be exempt gets a connection of its own. */
static enum wad_http_say
named(struct wad_session *s, struct wad_http_tx *tx)
{
	const char		*host = wad_http_filter_host(s, tx);
	enum wad_http_say	 say;

	if (!wad_http_filter_one_server(s) || (s->nego != NULL && s->tls &&
	    strcmp(host, s->nego->host) == 0) ||
	    (s->passed_by == s->policy && strcmp(host, s->passed) == 0))
		return WAD_HTTP_PASS;
	wad_http_req_check_policy(s, host);
	say = wad_http_req_proc_policy(s, tx, wad_inspect_policy_of(s, host));
	if (say != WAD_HTTP_PASS)
		return say;
	if (s->tls && s->nego->sni[0] != '\0' &&
	    wad_inspect_name_exempt(s, host))
		return wad_http_filter_refuse(s, tx, 421, WR_FRONTING,
		    "this host is exempt from inspection: it needs a "
		    "connection of its own");
	strcpy(s->passed, host);
	s->passed_by = s->policy;
	return WAD_HTTP_PASS;
}

/* ---- what the rating says ----------------------------------------------- */

/* ip-addr-block: neither an entry nor a category has said so. */
static bool
by_address(const struct wad_url_verdict *v)
{
	return v->uf == NULL && v->filter == NULL && !v->err;
}

/* A warning, or a quota: somebody may get past the first one, and then the
 * category is one that is monitored. */
static enum wad_http_say
warning(struct wad_session *s, struct wad_http_tx *tx)
{
	enum wad_http_say say = wad_http_warn_request(s, tx);

	if (say != WAD_HTTP_PASS)
		wad_http_log_verdict(s, tx);
	return say;
}

static enum wad_http_say
own_path(struct wad_session *s, struct wad_http_tx *tx)
{
	enum wad_http_say say;

	return wad_http_warn_own(s, tx, &say) ? say : WAD_HTTP_PASS;
}

static enum wad_http_say
verdict(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_http_seen	*seen = tx->seen;
	enum wad_http_say		 say;

	if (!stops(&seen->verdict))
		return WAD_HTTP_PASS;
	say = wad_http_filter_refuse(s, tx, 403, WR_BLOCKED,
	    by_address(&seen->verdict) ? seen->verdict.why : NULL);
	wad_http_log_verdict(s, tx);
	return say;
}

/* ---- other rules of the profile ----------------------------------------- */

static enum wad_http_say
rule_broken(struct wad_session *s, struct wad_http_tx *tx, const char *text)
{
	return wad_http_filter_found(s, tx, WAD_LOG_WF_REFERER, 403,
	    WR_BLOCKED, text);
}

static bool
is_exempt(const struct wad_http_tx *tx)
{
	const struct wad_http_seen *seen = tx->seen;

	return seen->verdict.uf_exempt;
}

static enum wad_http_say
referer(struct wad_session *s, struct wad_http_tx *tx)
{
	const char *from;

	if (!wad_http_filter_option(s, WAD_WFO_REFERER) || is_exempt(tx))
		return WAD_HTTP_PASS;
	from = wad_http_head_get(&tx->req, WAD_HH_REFERER);
	if (from == NULL || !wad_http_rate_leads_to_blocked(s, from))
		return WAD_HTTP_PASS;
	return rule_broken(s, tx, "the page that led here is blocked");
}

static enum wad_http_say
method(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_wf_profile *p = wad_http_filter_profile(s);

	if (p == NULL || !p->post_block || is_exempt(tx) ||
	    strcmp(tx->req.method, "POST") != 0)
		return WAD_HTTP_PASS;
	return rule_broken(s, tx, "nothing may be sent to sites (POST)");
}

/* A change to what nobody looks into.  h2c is the engine's: it takes that
 * Upgrade out where it may not pass. */
static enum wad_http_say
switching(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_http_head *h = &tx->req;

	if (!s->policy->protocol->switching_block ||
	    (!h->upgrade && h->path != 0) ||
	    strcasecmp(wad_http_text(h, h->protocol), "h2c") == 0)
		return WAD_HTTP_PASS;
	return wad_http_filter_found(s, tx, WAD_LOG_WF_REFERER, 403,
	    WR_SWITCHING,
	    "a change to another protocol (switching-protocols block)");
}

/* A part of a file cannot be judged: all of it is asked for (RFC 9110 section
 * 14.2 lets a server ignore Range). */
static enum wad_http_say
range(struct wad_session *s, struct wad_http_tx *tx)
{
	if (s->policy->protocol->range_block && !is_exempt(tx)) {
		wad_http_head_drop(&tx->req, "Range");
		wad_http_head_drop(&tx->req, "If-Range");
	}
	return WAD_HTTP_PASS;
}

/* cookiefilter; said once for a request and its response. */
static void
drop_cookies(struct wad_session *s, struct wad_http_tx *tx,
    struct wad_http_head *h, const char *name)
{
	if (!wad_http_filter_option(s, WAD_WFO_COOKIE) || is_exempt(tx) ||
	    wad_http_head_drop(h, name) == 0)
		return;
	if (wad_http_filter_profile(s)->log_cookie)
		wad_http_log_found(s, tx, WAD_LOG_WF_COOKIE, false, NULL);
}

static enum wad_http_say
cookies(struct wad_session *s, struct wad_http_tx *tx)
{
	drop_cookies(s, tx, &tx->req, "Cookie");
	return WAD_HTTP_PASS;
}

static void
log_search(struct wad_session *s, struct wad_http_tx *tx,
    const struct wad_wf_profile *p)
{
	struct wad_str	 words = { 0 };
	const char	*found;

	if (wad_http_search_words(&tx->req, &words)) {
		if (p->log_search)
			wad_http_log_found(s, tx, WAD_LOG_WF_SEARCH, false,
			    words.s);
		found = wad_http_search_keyword(p, words.s);
		if (found != NULL)
			wad_http_log_found(s, tx, WAD_LOG_WF_KEYWORD, false,
			    found);
	}
	wad_str_free(&words);
}

static enum wad_http_say
search(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_wf_profile *p = wad_http_filter_profile(s);

	if (p == NULL || tx->req.path == 0)
		return WAD_HTTP_PASS;
	if (p->log_search || p->n_keywords > 0)
		log_search(s, tx, p);
	if (wad_http_search_safe(p, &tx->req))
		WAD_DBG(HTTP, WAD_I, "safe search host=%s", tx->req.host);
	return WAD_HTTP_PASS;
}

static enum wad_http_say
headers(struct wad_session *s, struct wad_http_tx *tx)
{
	wad_http_header_request(s, tx);
	return WAD_HTTP_PASS;
}

/* ---- what was found out ------------------------------------------------- */

enum { SEEN_KEPT = 64 };
static struct wad_http_seen	*free_seen[SEEN_KEPT];
static unsigned			 n_free_seen;

static struct wad_http_seen *
seen_new(void)
{
	struct wad_http_seen *seen;

	if (n_free_seen == 0)
		return wad_xcalloc(1, sizeof(*seen));
	seen = free_seen[--n_free_seen];
	memset(seen, 0, sizeof(*seen));
	return seen;
}

static void
seen_free(struct wad_http_seen *seen)
{
	if (seen == NULL)
		return;
	wad_http_content_free(seen->content);
	if (n_free_seen < SEEN_KEPT)
		free_seen[n_free_seen++] = seen;
	else
		free(seen);
}

/* ---- requests ----------------------------------------------------------- */

static const struct step { const char *name; wad_http_step *run; }
request_steps[] = {
	{ "own", own_path },
	{ "loop", loop },
	{ "valid", wad_http_host_valid },
	{ "fronting", wad_http_host_fronting },
	{ "policy", named },
	{ "rate", wad_http_rate_request },
	{ "warning", warning },
	{ "quota", wad_http_quota_request },
	{ "verdict", verdict },
	{ "switching", switching },
	{ "referer", referer },
	{ "method", method },
	{ "search", search },
	{ "range", range },
	{ "cookies", cookies },
	{ "content", wad_http_content_request },
	{ "headers", headers },
};
enum { REQUEST_STEPS = sizeof(request_steps) / sizeof(request_steps[0]) };

static enum wad_http_say
run_steps(struct wad_session *s, struct wad_http_tx *tx)
{
	struct wad_http_seen	*seen = tx->seen;
	enum wad_http_say	 say = WAD_HTTP_PASS;

	while (say == WAD_HTTP_PASS && seen->step < REQUEST_STEPS)
		say = request_steps[seen->step++].run(s, tx);
	if (say != WAD_HTTP_PASS)
		WAD_DBG(HTTP, WAD_V, "step=%s say=%d",
		    request_steps[seen->step - 1].name, say);
	return say;
}

static enum wad_http_say
on_request(void *owner, struct wad_http_tx *tx)
{
	struct wad_session	*s = owner;
	enum wad_http_say	 say;

	s->log_owed = NULL;		/* requests say more than the name */
	tx->seen = seen_new();
	if (tx->stream != 0)
		WAD_COUNT(H2_REQUESTS);
	else
		WAD_COUNT(HTTP_REQUESTS);
	wad_dump_http_request(s, tx);
	say = run_steps(s, tx);
	return say;
}

void
wad_http_filter_resume(struct wad_session *s, struct wad_http_tx *tx,
    enum wad_http_say say)
{
	wad_dbg_current.request = tx->id;
	if (say == WAD_HTTP_PASS)
		say = run_steps(s, tx);
	wad_dbg_current.request = 0;
	if (say != WAD_HTTP_HOLD)
		wad_http_resume(tx->http, tx, say);
}

/* ---- responses ---------------------------------------------------------- */

static bool
is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

/* ftgd-wf options redir-block: a redirection to what is blocked. */
static enum wad_http_say
redirect(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);
	const char			*to;

	if (p == NULL || (p->ftgd & WAD_FTGD_REDIR_BLOCK) == 0 ||
	    !is_redirect(tx->res.status) || is_exempt(tx))
		return WAD_HTTP_PASS;
	to = wad_http_head_get(&tx->res, WAD_HH_LOCATION);
	if (to == NULL || !wad_http_rate_leads_to_blocked(s, to))
		return WAD_HTTP_PASS;
	return rule_broken(s, tx, "the site leads to one that is blocked");
}

static enum wad_http_say
set_cookies(struct wad_session *s, struct wad_http_tx *tx)
{
	drop_cookies(s, tx, &tx->res, "Set-Cookie");
	return WAD_HTTP_PASS;
}

static enum wad_http_say
response_headers(struct wad_session *s, struct wad_http_tx *tx)
{
	wad_http_header_response(s, tx);
	return WAD_HTTP_PASS;
}

static const struct step response_steps[] = {
	{ "redirect", redirect },
	{ "set-cookies", set_cookies },
	{ "headers", response_headers },
	{ "content", wad_http_content_response },	/* the last: HOLD */
};
enum { RESPONSE_STEPS = sizeof(response_steps) / sizeof(response_steps[0]) };

static enum wad_http_say
on_response(void *owner, struct wad_http_tx *tx)
{
	struct wad_session	*s = owner;
	enum wad_http_say	 say = WAD_HTTP_PASS;

	wad_dump_http_resp(s, tx);
	if (tx->res.status < 200 && tx->res.status != 101)
		wad_http_header_response(s, tx);
	else {
		for (size_t i = 0; say == WAD_HTTP_PASS &&
		    i < RESPONSE_STEPS; i++)
			say = response_steps[i].run(s, tx);
		wad_http_log_verdict(s, tx);
	}
	return say;
}

static enum wad_http_say
on_body(void *owner, struct wad_http_tx *tx, enum wad_http_dir dir,
    const void *data, size_t len)
{
	enum wad_http_say say;

	if (tx->seen == NULL)
		return WAD_HTTP_PASS;
	say = wad_http_quota_body(owner, tx, len);
	return say != WAD_HTTP_PASS || dir == WAD_HTTP_UP ? say :
	    wad_http_content_body(owner, tx, data, len);
}

static void
on_refuse(void *owner, struct wad_http_tx *tx, unsigned status,
    enum wad_reason_id why)
{
	struct wad_session *s = owner;

	/* HTTP/1: it is the last of its connection, whose record says why */
	if (why == WR_REQUEST_BAD && tx->req.minor < 2)
		snprintf(s->why_text, sizeof(s->why_text), "%s", tx->error);
	__wad_http_build_replmsg_resp(s, tx, status, why);
}

static void
on_done(void *owner, struct wad_http_tx *tx)
{
	wad_http_warn_done(tx);
	wad_http_quota_done(owner, tx);
	/* one that never got a response */
	wad_http_log_verdict(owner, tx);
	if (tx->end == WAD_HTTP_BROKEN) {
		WAD_COUNT(HTTP_BAD);
		wad_http_log_found(owner, tx, WAD_LOG_WF_HTTP_BAD, true, NULL);
	}
	seen_free(tx->seen);
	tx->seen = NULL;
}

const struct wad_http_ops wad_http_filter_ops = {
	.request = on_request, .response = on_response, .body = on_body,
	.refuse = on_refuse, .done = on_done,
};
