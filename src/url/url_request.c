/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question for a rating.  The database is mapped, so its answer is there
 * at once; a remote service would answer later (wad-lookup).
 */
#include "url/url_request.h"

#include <string.h>

#include "base/dbg.h"
#include "policy/feed.h"
#include "url/url_db.h"
#include "url/url_form.h"
#include "url/url_rules.h"

enum { FEEDS_MAX = 8 };		/* feeds that may rate one name */

static uint32_t request_id;

/* The category of the server's address is for rate-server-ip, and for those
 * who watch. */
static bool
rates_address(const struct wad_url_ask *a)
{
	const struct wad_wf_profile *p = a->policy->utm ?
	    a->policy->webfilter : NULL;

	return (p != NULL && (p->ftgd & WAD_FTGD_RATE_IP) != 0) ||
	    __builtin_expect(wad_dbg_ctl->mask[WAD_I] >> WAD_DBG_URL & 1, 0);
}

void
wad_send_url_request_new(const struct wad_url_ask *a,
    struct wad_url_verdict *v)
{
	char		dst[WAD_ADDR_STRLEN], src[WAD_ADDR_STRLEN];
	uint16_t	by_ip[WAD_CATES_MAX];

	v->id = ++request_id;
	WAD_DBG(URL, WAD_I, "(0-Ok): cnt=1 id=%u() url='%s'[%s] from=%s url-src=%s cate=%d tasks=Rat", v->id, a->host,
	    wad_addr_ip_str(&a->dst, dst), wad_addr_ip_str(&a->src, src),
	    a->url_src, WAD_CATE_UNKNOWN);
	v->n_cates = wad_url_rules_local(a->rules, a->host, a->path, v->cates,
	    WAD_CATES_MAX);
	if (v->n_cates > 0)
		v->src = WAD_CATE_LOCAL;
	else
		wad_url_request_db(a, v);
	v->cate_url = v->n_cates > 0 ? v->cates[0] : WAD_CATE_UNRATED;
	v->cate_ip = WAD_CATE_UNRATED;
	if (!rates_address(a))
		return;
	wad_addr_ip_str(&a->dst, dst);
	if (wad_url_rules_local(a->rules, dst, NULL, by_ip,
	    WAD_CATES_MAX) > 0 || (a->db != NULL && wad_url_db_find(a->db, dst,
	    NULL, by_ip, WAD_CATES_MAX, NULL) > 0))
		v->cate_ip = by_ip[0];
}

/* The categories of threat feeds. */
static void
request_feeds(const struct wad_url_ask *a, struct wad_url_verdict *v)
{
	struct wad_feed_hit	hits[FEEDS_MAX];
	char			path[WAD_URL_DB_KEY_MAX];
	size_t			n, plen = 0;
	bool			cut;

	if (a->conf->n_feeds == 0)
		return;
	if (a->path != NULL)
		plen = wad_url_form_key(path, sizeof(path), a->path,
		    strlen(a->path), &cut);
	n = wad_feed_find(a->conf, a->host, path, plen, hits, FEEDS_MAX);
	for (size_t i = 0; i < n; i++)
		v->cates[i] = hits[i].feed->category;
	v->n_cates = v->n_remote = n;
	if (n == 0)
		return;
	v->feed = hits[0].feed;
	v->feed_line = hits[0].line;
	v->src = WAD_CATE_REMOTE;
}

void
wad_url_request_db(const struct wad_url_ask *a, struct wad_url_verdict *v)
{
	size_t n = 0;

	v->n_cates = v->n_remote = 0;
	v->src = WAD_CATE_NONE;
	request_feeds(a, v);
	if (a->db == NULL) {
		v->err = a->conf->settings.category_db != NULL;
		return;
	}
	n = wad_url_db_find(a->db, a->host, a->path, v->cates + v->n_remote,
	    WAD_CATES_MAX - v->n_remote, &v->list);
	v->n_cates += n;
	if (n == 0)
		v->err = wad_url_db_failed(a->db);
	else if (v->src == WAD_CATE_NONE)
		v->src = WAD_CATE_DB;
}
