/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What category a name has and what follows: lines 16, 18, 19 and 22 of the
 * reference.
 */
#include "url/url.h"

#include <string.h>

#include "base/dbg.h"
#include "url/ssl_exempt.h"
#include "url/url_filter.h"
#include "url/url_request.h"
#include "url/url_rules.h"

enum { LIST_SHOWN = 240 };	/* a line holds 500 characters */

void
wad_url_fetch_cate2(const struct wad_url_ask *a)
{
	char ip[WAD_ADDR_STRLEN];

	WAD_DBG(URL, WAD_V, "host=%s ip=%s", a->host,
	    wad_addr_ip_str(&a->dst, ip));
}

/* "52,31," of a list of categories. */
static const char *
numbers(struct wad_str *s, const uint16_t *v, size_t n)
{
	s->len = 0;
	wad_str_add(s, "");
	for (size_t i = 0; i < n && s->len < LIST_SHOWN; i++)
		wad_str_addf(s, "%u,", v[i]);
	return s->s;
}

void
wad_url_choose_cate(const struct wad_url_verdict *v, const char *kind,
    const char *name, const uint16_t *conf, size_t n_conf)
{
	struct wad_str cates = { 0 }, list = { 0 };

	if (__builtin_expect((wad_dbg_ctl->mask[WAD_I] >> WAD_DBG_URL & 1) ==
	    0, 1))
		return;
	WAD_DBG(URL, WAD_I, "cate=%u (%s) url-cates=[%s]; url=[ # %u,],ip=[ # %u,]; conf %s '%s':[%s]", v->cate,
	    v->src == WAD_CATE_LOCAL ? "local" : v->src == WAD_CATE_REMOTE ?
	    "remote" : "ftgd",
	    numbers(&cates, v->cates, v->n_cates), v->cate_url, v->cate_ip,
	    kind, name, numbers(&list, conf, n_conf));
	wad_str_free(&cates);
	wad_str_free(&list);
}

static const struct wad_wf_filter *
filter_of(const struct wad_wf_profile *p, uint16_t cate)
{
	for (size_t i = 0; i < p->n_filters; i++)
		if (p->filters[i].category == cate)
			return &p->filters[i];
	return NULL;
}

/* Of several categories the one with the severest action counts. */
static void
by_cates(const struct wad_wf_profile *p, struct wad_url_verdict *v,
    const uint16_t *cates, size_t n, const char *why)
{
	v->cate = cates[0];
	for (size_t i = 0; i < n; i++) {
		const struct wad_wf_filter *f = filter_of(p, cates[i]);

		if (f == NULL || (v->filter != NULL && f->action <=
		    v->action))
			continue;
		v->filter = f;
		v->action = f->action;
		v->cate = cates[i];
	}
	v->why = v->filter != NULL ? why : "no filter names the category";
}

/* rate-server-ip: the category of the server's address counts where it is
 * severer. */
static void
by_server(const struct wad_wf_profile *p, struct wad_url_verdict *v)
{
	const struct wad_wf_filter *f = v->cate_ip != WAD_CATE_UNRATED ?
	    filter_of(p, v->cate_ip) : NULL;

	if (f == NULL || f->action <= v->action)
		return;
	v->filter = f;
	v->action = f->action;
	v->cate = v->cate_ip;
	v->why = "by the category of the server's address";
}

/* What no threat feed says. */
static void
by_category(const struct wad_wf_profile *p, struct wad_url_verdict *v,
    const char *why)
{
	static const uint16_t	 unrated[1] = { WAD_CATE_UNRATED };

	if (v->n_cates == 0)
		by_cates(p, v, unrated, 1, why);
	else if (v->n_cates > v->n_remote)
		by_cates(p, v, v->cates + v->n_remote, v->n_cates -
		    v->n_remote, why);
}

/* True when the list has the last word: block and exempt.  Its allow and
 * monitor leave the category to decide. */
static bool
by_urlfilter(const struct wad_url_ask *a, const struct wad_wf_profile *p,
    struct wad_url_verdict *v)
{
	struct wad_addr ip;

	if (p->urlfilter == NULL)
		return false;
	if (p->urlfilter->ip_block && wad_addr_parse(&ip, a->host) == 0) {
		v->action = WAD_WF_BLOCK;
		v->filter = NULL;
		v->why = "an address where a name should be";
		return true;
	}
	v->uf = wad_url_rules_filter(a->rules, p->urlfilter, a->host,
	    a->path, a->referrer);
	if (v->uf == NULL || (v->uf->action != WAD_UF_BLOCK &&
	    v->uf->action != WAD_UF_EXEMPT))
		return false;
	/* exempt of other things only: the category decides */
	if (v->uf->action == WAD_UF_EXEMPT && !v->uf->exempt_ftgd)
		return false;
	v->uf_exempt = v->uf->action == WAD_UF_EXEMPT;
	v->action = v->uf_exempt ? WAD_WF_ALLOW : WAD_WF_BLOCK;
	v->filter = NULL;
	v->why = "by the URL filter list";
	return true;
}

static void
rating_failed(const struct wad_wf_profile *p, struct wad_url_verdict *v)
{
	v->action = p->error_allow ? WAD_WF_ALLOW : WAD_WF_BLOCK;
	v->why = p->error_allow ? "rating failed, error-allow is set" :
	    "rating failed, error-allow is not set";
}

/* SPEC section 6: local rating, URL filter list, then category.  A local
 * rating that no filter of the profile names says nothing: the database is
 * asked then. */
static void
decide(const struct wad_url_ask *a, const struct wad_wf_profile *p,
    struct wad_url_verdict *v)
{
	if (v->src == WAD_CATE_LOCAL) {
		by_category(p, v, "by the local rating");
		if (v->action >= WAD_WF_WARNING)
			return;
	}
	if (by_urlfilter(a, p, v) || v->filter != NULL)
		return;
	if (v->src == WAD_CATE_LOCAL)
		wad_url_request_db(a, v);
	if (v->n_remote > 0)
		by_cates(p, v, v->cates, v->n_remote, "by a threat feed");
	if (v->filter == NULL && v->err && p->n_filters > 0)
		rating_failed(p, v);
	else if (v->filter == NULL)
		by_category(p, v, "by the category filter");
	if ((p->ftgd & WAD_FTGD_RATE_IP) != 0)
		by_server(p, v);
	if (v->uf != NULL && v->uf->action == WAD_UF_MONITOR &&
	    v->action == WAD_WF_ALLOW)
		v->action = WAD_WF_MONITOR;
}

int
wad_url_decide(const struct wad_url_ask *a, struct wad_url_verdict *v)
{
	const struct wad_wf_profile	*p = a->policy->utm ?
	    a->policy->webfilter : NULL;
	struct wad_dbg_current		 saved;
	uint16_t			 conf[128];
	size_t				 n = 0;

	memset(v, 0, sizeof(*v));
	v->why = p == NULL ? "no web filter in the policy" : NULL;
	wad_ssl_url_filter_check_local(a, p);
	wad_url_fetch_cate2(a);
	wad_send_url_request_new(a, v);
	v->cate = v->cate_url;
	if (p != NULL)
		decide(a, p, v);
	/* the answer of a rating belongs to no session yet */
	saved = wad_dbg_current;
	wad_dbg_current.serial = 0;
	wad_url_filter_dump_result("wad_url_filter_on_read", true, a, v);
	wad_dbg_current = saved;
	for (size_t i = 0; p != NULL && i < p->n_filters && n < 128; i++)
		conf[n++] = p->filters[i].category;
	wad_url_choose_cate(v, "webfilter", p != NULL ? p->name : "", conf,
	    n);
	wad_url_filter_dump_result("wad_url_filter_check_url_filter_on_result",
	    false, a, v);
	return 0;
}
