/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results of the URL filter on the console.
 */
#include "url/url_filter.h"

#include "base/dbg.h"

static const char *const words[] = {
	[WAD_WF_ALLOW] = "ftgd-allow", [WAD_WF_MONITOR] = "ftgd-monitor",
	[WAD_WF_WARNING] = "ftgd-warning",
	[WAD_WF_AUTHENTICATE] = "ftgd-authenticate",
	[WAD_WF_BLOCK] = "ftgd-block",
};

/* Bits of flags=: rated, by the database, locally, error. */
enum { F_RATED = 0x2, F_DB = 0x100, F_LOCAL = 0x200, F_ERR = 0x1000 };

static unsigned
flags_of(const struct wad_url_verdict *v)
{
	return (v->n_cates > 0 ? F_RATED : 0u) |
	    (v->src == WAD_CATE_DB ? F_DB : 0u) |
	    (v->src == WAD_CATE_LOCAL ? F_LOCAL : 0u) |
	    (v->err ? F_ERR : 0u);
}

void
wad_url_filter_dump_result(const char *where, bool fresh,
    const struct wad_url_ask *a, const struct wad_url_verdict *v)
{
	enum wad_wf_action act = v->action;
	bool	 log = v->filter != NULL && v->filter->log;

	/* a monitored name is allowed, and that is the result */
	if (!fresh && act == WAD_WF_MONITOR)
		act = WAD_WF_ALLOW;
	WAD_DBG(URL, WAD_I, "%s(dump) id=%u state=%s type=%s has_cat=%d[%u] log=%d result: id=%u log=%d cate=%u(%u/%u) flags=%08x action=%s warn_domain=0 warn_session=0", where, v->id,
	    fresh ? "verdict" : "done", a->https ? "req_https" : "req_http",
	    fresh ? 0 : v->n_cates > 0, fresh ? 0 : v->cate, log,
	    fresh ? v->id : 0, log, v->cate, fresh ? v->cate_url : 0,
	    fresh ? v->cate_ip : 0, fresh ? flags_of(v) : 0, words[act]);
}
