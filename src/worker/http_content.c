/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pages hold, see http_content.h.
 *
 * The head of a page and its first 64 KiB are kept back until the score
 * reaches the threshold, the page ends, or a second has passed: then it can
 * still be answered with another page.  What is found behind them ends the
 * exchange.  Each word counts once a page.
 */
#include "worker/http_content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "url/url_rules.h"
#include "url/url_words.h"
#include "worker/block.h"
#include "worker/content_text.h"
#include "worker/http_log.h"
#include "worker/session.h"
#include "worker/worker.h"

/* KEEP_MS: who sends a page slowly is not kept waiting longer.  Of all pages
 * of a worker no more is kept back or looked into at once. */
enum { KEEP_MS = 1000, KEPT_ALL_MAX = 64 * 1024 * 1024, OPEN_MAX = 4096,
	ENCODINGS_MAX = 256,
	WORK_US = 100 * 1000 };		/* of expressions, for one page */

struct wad_content {
	struct wad_url_words	*words;
	struct wad_text		*text;
	uint8_t			*set;	/* words that were found */
	uint64_t		 score, threshold;
	uint64_t		 since;	/* ms */
	uint64_t		 work;	/* us */
	size_t			 kept;
	bool			 keeping, over;	/* over: not looked at any
						 * more */
	const struct wad_content_word *exempt, *last;	/* that were found */
};

static size_t kept_all, open_all;	/* of this worker */

static const struct wad_wf_profile *
profile_of(const struct wad_session *s, const struct wad_http_tx *tx)
{
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);
	const struct wad_http_seen	*seen = tx->seen;
	const struct wad_uf_entry	*uf = seen != NULL ? seen->verdict.uf :
	    NULL;

	if (uf != NULL && uf->action == WAD_UF_EXEMPT && uf->exempt_content)
		return NULL;
	return p;
}

static bool
has_words(const struct wad_wf_profile *p)
{
	return p != NULL && p->bword != NULL && p->bword->n_words > 0 &&
	    p->bword_threshold > 0;
}

/* ---- requests ---- */

/* The elements of Accept-Encoding that can be read, as they are. */
static void
readable(char dst[ENCODINGS_MAX], const char *s)
{
	size_t n = 0;

	dst[0] = '\0';
	while (*s != '\0') {
		char	name[32];
		size_t	len = strcspn(s, ","), k;

		while (len > 0 && (*s == ' ' || *s == '\t')) {
			s++;
			len--;
		}
		k = strcspn(s, ", \t;");
		snprintf(name, sizeof(name), "%.*s", (int)k, s);
		if (k > 0 && k < sizeof(name) && wad_text_coding_of(name) !=
		    WAD_TEXT_UNKNOWN && n + len + 3 < ENCODINGS_MAX)
			n += (size_t)snprintf(dst + n, ENCODINGS_MAX - n,
			    "%s%.*s", n > 0 ? ", " : "", (int)len, s);
		s += len;
		s += *s == ',';
	}
}

enum wad_http_say
wad_http_content_request(struct wad_session *s, struct wad_http_tx *tx)
{
	char		now[ENCODINGS_MAX];
	const char	*asked = wad_http_head_named(&tx->req,
	    "Accept-Encoding");

	if (!has_words(profile_of(s, tx)) || asked == NULL)
		return WAD_HTTP_PASS;
	readable(now, asked);
	if (strcmp(now, asked) != 0)
		wad_http_head_set(&tx->req, "Accept-Encoding",
		    now[0] != '\0' ? now : "identity");
	return WAD_HTTP_PASS;
}

/* ---- stopping ---- */

static void
record(struct wad_session *s, struct wad_http_tx *tx, enum wad_log_id id,
    bool blocked, const char *keyword)
{
	if (wad_http_filter_profile(s)->log_content)
		wad_http_log_found(s, tx, id, blocked, keyword);
}

/* A page instead of the response, as long as nothing of it went out; the
 * record says what the client got.  page WAD_PAGE_N: it is too late. */
static enum wad_http_say
refuse(struct wad_session *s, struct wad_http_tx *tx, enum wad_page_id page,
    const char *keyword)
{
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);
	const struct wad_block		 b = { .page = page, .status = 403,
		.why = WR_BLOCKED };
	bool				 cut = page == WAD_PAGE_N ||
		(tx->req.https && !p->https_replacemsg);

	WAD_COUNT(HTTP_BLOCKED);
	if (!cut)
		wad_block_answer_with(s, tx, &b);
	record(s, tx, WAD_LOG_WF_BWORD, true, keyword);
	return cut ? WAD_HTTP_CUT : WAD_HTTP_ANSWER;
}

static const char packed[] = "the page is packed so that its words cannot be "
    "read", laborious[] = "to look for words in the page takes too long";

/* Nobody can look into it: protocol options say what follows. */
static enum wad_http_say
unreadable(struct wad_session *s, struct wad_http_tx *tx, bool first,
    const char *why)
{
	if (s->policy->protocol->unknown_encoding != WAD_ENC_BLOCK)
		return WAD_HTTP_PASS;
	snprintf(tx->error, sizeof(tx->error), "%s", why);
	return refuse(s, tx, first ? WAD_PAGE_BANNEDWORD : WAD_PAGE_N, NULL);
}

/* ---- responses ---- */

/* Nor has a tunnel of HTTP/2 (RFC 8441 section 5) a page: who keeps its head
 * back keeps both sides waiting for each other. */
static bool
is_tunnel(const struct wad_http_tx *tx)
{
	return tx->req.minor == 2 && tx->req.protocol != 0 &&
	    tx->res.status / 100 == 2;
}

static bool
may_have_body(const struct wad_http_tx *tx)
{
	return !is_tunnel(tx) && strcmp(tx->req.method, "HEAD") != 0 && tx->req.path != 0 &&
	    tx->res.status != 101 && tx->res.status != 204 &&
	    tx->res.status != 304 && (!tx->res.has_length ||
	    tx->res.length > 0);
}

static bool
type_is(const char *type, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(type, name, n) == 0 && (name[n - 1] == '/' ||
	    type[n] == '\0' || strchr("; \t", type[n]) != NULL);
}

/* The last field of a name, which is the one that browsers follow, and how
 * many there are. */
static const char *
last_of(const struct wad_http_head *h, const char *name, size_t *n)
{
	const char *found = NULL;

	*n = 0;
	for (size_t i = 0; i < h->n; i++)
		if (strcasecmp(wad_http_name(h, &h->field[i]), name) == 0) {
			found = wad_http_value(h, &h->field[i]);
			++*n;
		}
	return found;
}

static bool
is_text(const char *type, size_t n)
{
	return n != 1 || type_is(type, "text/") ||
	    type_is(type, "application/xhtml+xml");
}

/* What comes as it happens is not kept back: events, and texts of which
 * nobody knows the end. */
static bool
can_wait(const struct wad_http_tx *tx, const char *type)
{
	return type == NULL || type_is(type, "text/html") ||
	    type_is(type, "application/xhtml+xml") || tx->res.has_length;
}

static bool
is_latin1(const char *type)
{
	const char *at = type != NULL ? strcasestr(type, "charset=") : NULL;

	if (at == NULL)
		return false;
	at += strlen("charset=");
	at += *at == '"';
	return strncasecmp(at, "iso-8859-1", 10) == 0 ||
	    strncasecmp(at, "windows-1252", 12) == 0 ||
	    strncasecmp(at, "latin1", 6) == 0;
}

/* WAD_CH_ALLOW: no entry, or one that leaves it to the words. */
static int
by_type(struct wad_session *s, struct wad_http_tx *tx,
    const struct wad_wf_profile *p, const char *type)
{
	const struct wad_http_seen	*seen = tx->seen;
	const struct wad_content_header	*h = NULL;

	if (p->content_headers != NULL && type != NULL)
		h = wad_url_rules_type(s->wc->rules, p->content_headers,
		    type, seen->verdict.cate);
	return h != NULL ? (int)h->action : (int)WAD_CH_ALLOW;
}

static enum wad_http_say
begin(struct wad_session *s, struct wad_http_tx *tx,
    const struct wad_wf_profile *p, const char *type)
{
	size_t			 n;
	enum wad_text_coding	 coding = wad_text_coding_of(last_of(
	    &tx->res, "Content-Encoding", &n));
	struct wad_http_seen	*seen = tx->seen;
	struct wad_content	*c;

	if (n > 1)
		coding = WAD_TEXT_UNKNOWN;	/* packed twice */
	if (coding == WAD_TEXT_UNKNOWN && s->policy->protocol->
	    unknown_encoding != WAD_ENC_INSPECT)
		return unreadable(s, tx, true, packed);
	/* who opens many pages gets none of them past the filter */
	if (open_all >= OPEN_MAX)
		return wad_http_filter_refuse(s, tx, 503, WR_LIMIT, NULL);
	c = wad_xcalloc(1, sizeof(*c));
	open_all++;
	c->words = wad_url_rules_words(s->wc->rules, p->bword);
	c->set = wad_xcalloc(1, wad_url_words_set(c->words));
	c->text = wad_text_new(coding, is_latin1(type));
	c->threshold = p->bword_threshold;
	c->since = wad_clock_ms();
	c->keeping = can_wait(tx, type);
	seen->content = c;
	tx->watch[WAD_HTTP_DOWN] = true;
	return c->keeping ? WAD_HTTP_HOLD : WAD_HTTP_PASS;
}

enum wad_http_say
wad_http_content_response(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_wf_profile	*p = profile_of(s, tx);
	struct wad_http_seen		*seen = tx->seen;
	size_t				 n;
	const char			*type = last_of(&tx->res,
	    "Content-Type", &n);

	if (p == NULL || seen == NULL || seen->content != NULL ||
	    !may_have_body(tx))
		return WAD_HTTP_PASS;
	switch (by_type(s, tx, p, type)) {
	case WAD_CH_BLOCK:
		snprintf(tx->error, sizeof(tx->error), "files of this kind "
		    "are blocked");
		return refuse(s, tx, WAD_PAGE_CONTENT_TYPE, NULL);
	case WAD_CH_EXEMPT:
		return WAD_HTTP_PASS;
	default:
		return has_words(p) && is_text(type, n) ? begin(s, tx, p, type) :
		    WAD_HTTP_PASS;
	}
}

/* ---- bodies ---- */

static void
on_word(void *arg, const struct wad_content_word *w)
{
	struct wad_content *c = arg;

	if (w->exempt) {
		c->exempt = c->exempt != NULL ? c->exempt : w;
		return;
	}
	c->score += w->score;
	c->last = w;
}

static void
on_text(void *arg, const char *text, size_t len)
{
	struct wad_content *c = arg;

	if (c->exempt == NULL && (c->score < c->threshold ||
	    wad_url_words_exempt(c->words)))
		c->work += wad_url_words_find(c->words, text, len, c->set,
		    on_word, c);
}

static void
let_go(struct wad_content *c)
{
	kept_all -= c->kept;
	c->kept = 0;
	c->keeping = false;
}

static enum wad_http_say
stop(struct wad_session *s, struct wad_http_tx *tx, struct wad_content *c)
{
	bool first = c->keeping;

	let_go(c);
	c->over = true;
	snprintf(tx->error, sizeof(tx->error), "words in the page are "
	    "blocked, its score is %llu", (unsigned long long)c->score);
	WAD_DBG(HTTP, WAD_I, "banned words score=%llu/%llu action=%s", (unsigned long long)c->score,
	    (unsigned long long)c->threshold, first ? "page" : "cut");
	return refuse(s, tx, first ? WAD_PAGE_BANNEDWORD : WAD_PAGE_N,
	    c->last->pattern);
}

/* Keeps this piece back, too, when it may be; what was kept goes out
 * otherwise. */
static enum wad_http_say
keep(struct wad_content *c, size_t len)
{
	if (c->keeping && len > 0 && !c->over && c->kept + len <=
	    WAD_HTTP_KEEP_MAX && kept_all + len <= KEPT_ALL_MAX &&
	    wad_clock_ms() - c->since < KEEP_MS) {
		c->kept += len;
		kept_all += len;
		return WAD_HTTP_HOLD;
	}
	let_go(c);
	return WAD_HTTP_PASS;
}

enum wad_http_say
wad_http_content_body(struct wad_session *s, struct wad_http_tx *tx,
    const void *data, size_t len)
{
	struct wad_http_seen	*seen = tx->seen;
	struct wad_content	*c = seen->content;
	bool			 first, late;
	int			 r;

	if (c == NULL || c->over)
		return WAD_HTTP_PASS;
	first = c->keeping;
	r = wad_text_add(c->text, data, len, on_text, c);
	late = c->work > WORK_US && c->exempt == NULL &&
	    c->score < c->threshold;
	if ((r == -1 || late) && s->policy->protocol->unknown_encoding ==
	    WAD_ENC_BLOCK) {
		let_go(c);
		c->over = true;
		return unreadable(s, tx, first, late ? laborious : packed);
	}
	c->over = r != 0 || late;
	if (c->exempt != NULL) {
		c->over = true;
		record(s, tx, WAD_LOG_WF_BWORD_EXEMPT, false,
		    c->exempt->pattern);
		return keep(c, 0);
	}
	/* a word that exempts may still come, as long as nothing went out */
	if (c->score < c->threshold)
		return keep(c, len);
	if (first && wad_url_words_exempt(c->words) && keep(c, len) ==
	    WAD_HTTP_HOLD)
		return WAD_HTTP_HOLD;
	c->keeping = first;
	return stop(s, tx, c);
}

void
wad_http_content_free(struct wad_content *c)
{
	if (c == NULL)
		return;
	let_go(c);
	open_all--;
	wad_text_free(c->text);
	free(c->set);
	free(c);
}
