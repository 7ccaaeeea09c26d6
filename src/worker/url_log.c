/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Web filter records, see url_log.h.
 */
#include "worker/url_log.h"

#include <string.h>

#include "worker/utm_log.h"
#include "worker/worker.h"

/* Bits of craction=. */
enum { CR_URLFILTER = 8, CR_CATEGORY = 4194304 };

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
};

/* Which record the verdict is worth; WAD_LOG_N: none. */
static enum wad_log_id
kind(const struct wad_wf_profile *p, const struct wad_url_verdict *v)
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

void
wad_url_log(struct wad_session *s, const char *host, const char *path)
{
	const struct wad_wf_profile	*p = s->policy->utm ?
	    s->policy->webfilter : NULL;
	const struct wad_url_verdict	*v = &s->verdict;
	const struct wad_conf		*conf = s->wc->conf;
	bool				 stopped = v->action >= WAD_WF_WARNING;
	enum wad_log_id			 id;
	struct wad_log_rec		 r;

	if (p == NULL)
		return;
	if (stopped)
		wad_utm_log_mark(s, true);
	id = kind(p, v);
	if (id == WAD_LOG_N)
		return;
	wad_utm_log_begin(&r, s, id);
	wad_log_str(&r, "hostname", host);
	wad_log_str(&r, "profile", p->name);
	wad_log_str(&r, "action", stopped ? "blocked" : rows[id].action);
	wad_log_str(&r, "reqtype", "direct");
	wad_log_strn(&r, "url", path, strcspn(path, "?"));
	wad_log_str(&r, "httpmethod", s->req != NULL ? s->req->method : NULL);
	wad_log_u64(&r, "sentbyte", s->clt.port->bytes_in);
	wad_log_u64(&r, "rcvdbyte", s->clt.port->bytes_out);
	wad_log_str(&r, "direction", "outgoing");
	wad_log_str(&r, "msg", rows[id].msg);
	if (id == WAD_LOG_WF_ERROR)
		wad_log_str(&r, "error", s->wc->db == NULL ?
		    "the category database is missing" :
		    "the category database is damaged");
	wad_log_str(&r, "method", "domain");
	wad_log_u64(&r, "cat", v->cate);
	wad_log_str(&r, "catdesc", wad_url_cate_name(conf, v->cate));
	if (rows[id].source != NULL) {
		wad_log_u64(&r, "urlfilteridx", v->uf->id);
		wad_log_str(&r, "urlfilterlist", p->urlfilter->name);
		wad_log_str(&r, "urlsource", rows[id].source);
	}
	if (id == WAD_LOG_WF_URL_BLOCK)
		wad_utm_log_threat(&r, s, conf->log.w_url, CR_URLFILTER);
	else if (id == WAD_LOG_WF_BLOCK || id == WAD_LOG_WF_WARNING)
		wad_utm_log_threat(&r, s, conf->log.w_web[v->cate < 256 ?
		    v->cate : 0], CR_CATEGORY);
	wad_utm_log_end(&r, s, &s->count_web, stopped);
}
