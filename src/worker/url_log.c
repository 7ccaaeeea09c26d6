/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Web filter records, see url_log.h.
 */
#include "worker/url_log.h"

#include <string.h>

#include "base/clock.h"
#include "worker/utm_log.h"
#include "worker/worker.h"

/* Bits of craction=. */
enum { CR_URLFILTER = 8, CR_CATEGORY = 4194304 };
/* Records of a session: as many at once, and a second, later. */
enum { LOG_BURST = 500, LOG_RATE = 50 };

struct row {
	const char	*action, *msg;
	const char	*source;	/* urlsource=; NULL: rated */
};

static const struct row rows[WAD_LOG_N] = {
	[WAD_LOG_WF_URL_BLOCK] = { "blocked", "URL was blocked because it is "
	    "in the URL filter list", "Local URLfilter Block" },
	[WAD_LOG_WF_URL_EXEMPT] = { "exempted", "URL was exempted because it "
	    "is in the URL filter list", "Local URLfilter Exempt" },
	[WAD_LOG_WF_URL_ALLOW] = { "passthrough", "URL was allowed because "
	    "it is in the URL filter list", "Local URLfilter Allow" },
	[WAD_LOG_WF_ERROR] = { "passthrough", "A rating error occurs", NULL },
	[WAD_LOG_WF_WARNING] = { "blocked", "URL belongs to a category with "
	    "warnings enabled", NULL },
	[WAD_LOG_WF_BLOCK] = { "blocked", "URL belongs to a denied category "
	    "in policy", NULL },
	[WAD_LOG_WF_ALLOW] = { "passthrough", "URL belongs to an allowed "
	    "category in policy", NULL },
	[WAD_LOG_WF_URL] = { "passthrough", "URL has been visited", NULL },
	[WAD_LOG_WF_INVALID] = { "blocked", "The request contained an invalid "
	    "domain name", NULL },
	[WAD_LOG_WF_FRONTING] = { "passthrough", "The host of the request is "
	    "not that of the TLS connection: domain fronting", NULL },
	[WAD_LOG_WF_REFERER] = { "blocked", "The method or the referer of "
	    "the request is blocked", NULL },
	[WAD_LOG_WF_HTTP_BAD] = { "blocked", "The request or its response is "
	    "malformed", NULL },
	[WAD_LOG_WF_QUOTA] = { "blocked", "The quota of the category is used "
	    "up", NULL },
	[WAD_LOG_WF_QUOTA_COUNT] = { "passthrough", "The category counts "
	    "towards a quota", NULL },
	[WAD_LOG_WF_COOKIE] = { "filtered", "Cookies were removed", NULL },
	[WAD_LOG_WF_SEARCH] = { "passthrough", "Search phrase detected",
	    NULL },
	[WAD_LOG_WF_KEYWORD] = { "passthrough", "Keyword of a search matched",
	    NULL },
};

enum wad_log_id
wad_url_log_kind(const struct wad_wf_profile *p,
    const struct wad_url_verdict *v)
{
	bool log = p->log_all_url || (v->filter != NULL && v->filter->log);

	if (v->uf != NULL && v->filter == NULL) {
		if (v->uf->action == WAD_UF_BLOCK)
			return WAD_LOG_WF_URL_BLOCK;
		if (v->uf_exempt)
			return WAD_LOG_WF_URL_EXEMPT;
	}
	if (v->err && v->filter == NULL && p->n_filters > 0)
		return WAD_LOG_WF_ERROR;
	if (v->action == WAD_WF_BLOCK && v->filter == NULL)
		return WAD_LOG_WF_URL_BLOCK;	/* ip-addr-block */
	if (v->action == WAD_WF_BLOCK)
		return log ? WAD_LOG_WF_BLOCK : WAD_LOG_N;
	if (v->action >= WAD_WF_WARNING)
		return log ? WAD_LOG_WF_WARNING : WAD_LOG_N;
	if (v->uf != NULL && (v->uf->action == WAD_UF_MONITOR ||
	    p->log_all_url))
		return WAD_LOG_WF_URL_ALLOW;
	if (v->action == WAD_WF_MONITOR && log)
		return WAD_LOG_WF_ALLOW;
	return p->log_all_url ? WAD_LOG_WF_URL : WAD_LOG_N;
}

/* A token for each record; false when there is none. */
static bool
may_log(struct wad_session *s)
{
	uint64_t now = wad_clock_ms(), more;

	if (s->log_since == 0)
		s->log_room = LOG_BURST;
	more = (now - s->log_since) * LOG_RATE / 1000;
	if (s->log_since == 0 || more > 0) {
		s->log_room = more + s->log_room > LOG_BURST ? LOG_BURST :
		    (unsigned)(s->log_room + more);
		s->log_since = now;
	}
	if (s->log_room == 0) {
		s->log_left_out++;
		return false;
	}
	s->log_room--;
	return true;
}

static void
put_msg(struct wad_log_rec *r, struct wad_session *s, const char *msg)
{
	if (s->log_left_out == 0)
		wad_log_str(r, "msg", msg);
	else
		wad_log_strf(r, "msg", "%s (%u records of this session before "
		    "it were left out)", msg, s->log_left_out);
	s->log_left_out = 0;
}

/* What was asked for, without what came after a '?'. */
static void
put_asked(struct wad_log_rec *r, const struct wad_url_about *a)
{
	wad_log_str(r, "reqtype", a->referer != NULL ? "referral" : "direct");
	wad_log_strn(r, "url", a->path, strcspn(a->path, "?"));
}

static void
put_extended(struct wad_log_rec *r, const struct wad_url_about *a,
    bool extended)
{
	if (extended && a->referer != NULL)
		wad_log_strn(r, "referralurl", a->referer,
		    strcspn(a->referer, "?#"));
	if (extended)
		wad_log_str(r, "agent", a->agent);
	wad_log_str(r, "httpmethod", a->method);
	if (a->status != 0)
		wad_log_u64(r, "statuscode", a->status);
}

static void
put_rating(struct wad_log_rec *r, const struct wad_session *s,
    enum wad_log_id id, const struct wad_url_about *a)
{
	const struct wad_url_verdict	*v = a->verdict;
	struct wad_addr			 ip;

	if (id == WAD_LOG_WF_ERROR)
		wad_log_str(r, "error", s->wc->db == NULL ?
		    "the category database is missing" :
		    "the category database is damaged");
	wad_log_str(r, "method", wad_addr_parse(&ip, a->host) == 0 ? "ip" :
	    "domain");
	if (v == NULL)
		return;
	wad_log_u64(r, "cat", v->cate);
	wad_log_str(r, "catdesc", wad_url_cate_name(s->wc->conf, v->cate));
}

static void
put_list(struct wad_log_rec *r, const struct wad_wf_profile *p,
    const struct wad_url_verdict *v, const char *source)
{
	if (source == NULL || v == NULL || v->uf == NULL)
		return;
	wad_log_u64(r, "urlfilteridx", v->uf->id);
	wad_log_str(r, "urlfilterlist", p->urlfilter->name);
	wad_log_str(r, "urlsource", source);
}

static void
put_threat(struct wad_log_rec *r, struct wad_session *s, enum wad_log_id id,
    const struct wad_url_verdict *v)
{
	const struct wad_conf_log *l = &s->wc->conf->log;

	if (id == WAD_LOG_WF_URL_BLOCK)
		wad_utm_log_threat(r, s, l->w_url, CR_URLFILTER);
	else if ((id == WAD_LOG_WF_BLOCK || id == WAD_LOG_WF_WARNING) &&
	    v != NULL)
		wad_utm_log_threat(r, s, l->w_web[v->cate < 256 ? v->cate :
		    0], CR_CATEGORY);
}

/* The profile's switches, web-*-log, for records that have one. */
static bool
is_wanted(const struct wad_wf_profile *p, enum wad_log_id id)
{
	switch (id) {
	case WAD_LOG_WF_URL_BLOCK:
	case WAD_LOG_WF_URL_EXEMPT:
	case WAD_LOG_WF_URL_ALLOW:
		return p->log_url;
	case WAD_LOG_WF_INVALID:
		return p->log_invalid;
	case WAD_LOG_WF_ERROR:
		return p->log_err;
	case WAD_LOG_WF_REFERER:
		return p->log_referer;
	default:
		return true;
	}
}

void
wad_url_log_write(struct wad_session *s, enum wad_log_id id,
    const struct wad_url_about *a, bool blocked)
{
	const struct wad_wf_profile	*p = s->policy != NULL ?
	    s->policy->webfilter : NULL;	/* none yet: a bad request */
	struct wad_log_rec		 r;

	if ((p != NULL && !is_wanted(p, id)) || !may_log(s)) {
		wad_utm_log_mark(s, blocked);
		return;
	}
	wad_utm_log_begin(&r, s, id);
	wad_log_str(&r, "hostname", a->host);
	wad_log_str(&r, "profile", p != NULL ? p->name : NULL);
	wad_log_str(&r, "action", blocked ? "blocked" : rows[id].action);
	put_asked(&r, a);
	put_extended(&r, a, p != NULL && p->log_extended);
	wad_log_u64(&r, "sentbyte", s->clt.port->bytes_in);
	wad_log_u64(&r, "rcvdbyte", s->clt.port->bytes_out);
	wad_log_str(&r, "direction", "outgoing");
	put_msg(&r, s, a->msg != NULL ? a->msg : rows[id].msg);
	wad_log_str(&r, "sni", a->sni);
	wad_log_str(&r, "keyword", a->keyword);
	put_rating(&r, s, id, a);
	put_list(&r, p, a->verdict, rows[id].source);
	put_threat(&r, s, id, a->verdict);
	wad_utm_log_end(&r, s, &s->count_web, blocked);
}

void
wad_url_log(struct wad_session *s, const char *host, const char *path)
{
	const struct wad_wf_profile	*p = s->policy->utm ?
	    s->policy->webfilter : NULL;
	struct wad_url_about		 a = {
		.host = host, .path = path, .verdict = &s->verdict,
		.method = s->by_connect ? "CONNECT" : NULL,
	};
	bool				 stopped = s->verdict.action >=
	    WAD_WF_WARNING;
	enum wad_log_id			 id;

	s->log_owed = NULL;
	if (p == NULL)
		return;
	if (stopped)
		wad_utm_log_mark(s, true);
	id = wad_url_log_kind(p, &s->verdict);
	if (id != WAD_LOG_N)
		wad_url_log_write(s, id, &a, stopped);
}

void
wad_url_log_later(struct wad_session *s, const char *host)
{
	s->log_owed = host;
}

void
wad_url_log_owed(struct wad_session *s)
{
	if (s->log_owed != NULL && s->policy != NULL)
		wad_url_log(s, s->log_owed, "/");
}
