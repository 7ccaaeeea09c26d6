/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is exempt from inspection: lines 17, 18 and 24.
 */
#include "url/ssl_exempt.h"

#include <string.h>

#include "base/dbg.h"
#include "url/category.h"
#include "url/url_rules.h"

const char *const wad_exempt_names[] = {
	[WAD_X_NONE] = "x_none", [WAD_X_CATEGORY] = "x_cate",
	[WAD_X_ADDRESS] = "x_addr", [WAD_X_WILDCARD] = "x_wildcard",
	[WAD_X_REGEX] = "x_regex", [WAD_X_LEARNED] = "x_learned",
};

/* "*.example.com" also exempts example.com itself, as administrators mean
 * it. */
static bool
wildcard_match(const char *pattern, const char *host)
{
	if (wad_str_wildcard(pattern, host))
		return true;
	return strncmp(pattern, "*.", 2) == 0 && strchr(pattern + 2, '*') ==
	    NULL && strcmp(pattern + 2, host) == 0;
}

static enum wad_exempt_reason
by_name(const struct wad_url_ask *a, const struct wad_exempt *e)
{
	switch (e->type) {
	case WAD_EXEMPT_WILDCARD:
		return e->pattern != NULL && wildcard_match(e->pattern,
		    a->host) ? WAD_X_WILDCARD : WAD_X_NONE;
	case WAD_EXEMPT_REGEX:
		return wad_url_rules_exempt(a->rules, e, a->host) ?
		    WAD_X_REGEX : WAD_X_NONE;
	default:
		return WAD_X_NONE;
	}
}

static enum wad_exempt_reason
by_address(const struct wad_url_ask *a, const struct wad_exempt *e)
{
	return e->type == WAD_EXEMPT_ADDRESS && e->addr.n > 0 &&
	    wad_policy_addr_holds(&e->addr, &a->dst, a->host) ?
	    WAD_X_ADDRESS : WAD_X_NONE;
}

void
wad_ssl_check_urlf_and_exempt(const struct wad_url_ask *a, const void *wsp,
    int type, const int deep[3], const char *ssl_proc,
    struct wad_exempt_result *out)
{
	const struct wad_profile *p = a->policy->profile;

	memset(out, 0, sizeof(*out));
	wad_url_fetch_cate2(a);
	for (size_t i = 0; i < p->n_exempt && out->entry == NULL; i++) {
		out->by_sni = by_name(a, &p->exempt[i]);
		out->by_ip = by_address(a, &p->exempt[i]);
		out->reason = out->by_sni != WAD_X_NONE ? out->by_sni :
		    out->by_ip;
		if (out->reason != WAD_X_NONE)
			out->entry = &p->exempt[i];
	}
	WAD_DBG(SSL, WAD_I, "wsp=%p/%d ssl.deep_scan=%d/%d/%d ssl_proc=%s host=%s ip=%d rating=%d exempt=%s(SNI.%s %s unknown.%s):", wsp,
	    type, deep[0], deep[1], out->reason != WAD_X_NONE, ssl_proc,
	    a->host, strcmp(a->url_src, "IP") == 0, a->db != NULL,
	    wad_exempt_names[out->reason], wad_exempt_names[out->by_sni],
	    out->by_sni == out->by_ip ? "same" : "differ",
	    wad_exempt_names[out->by_ip]);
}

void
wad_ssl_url_filter_check_local(const struct wad_url_ask *a,
    const struct wad_wf_profile *p)
{
	char ip[WAD_ADDR_STRLEN];

	WAD_DBG(URL, WAD_I, "nego %p webf=%s host=%s vd=root id=0 dst=%s",
	    a->nego, p != NULL ? p->name : "-", a->host,
	    wad_addr_ip_str(&a->dst, ip));
}

/* A name in a list of malicious sites is not exempt because it is in another
 * list too, unless the profile exempts that category as well. */
static bool
is_danger(const struct wad_url_verdict *v, const struct wad_profile *p)
{
	for (size_t i = 0; i < v->n_cates; i++) {
		bool listed = false;

		if (!wad_category_is_security_risk(v->cates[i]))
			continue;
		for (size_t k = 0; k < p->n_exempt && !listed; k++)
			listed = p->exempt[k].type == WAD_EXEMPT_CATEGORY &&
			    p->exempt[k].category == v->cates[i];
		if (!listed)
			return true;
	}
	return false;
}

static bool
has(const struct wad_url_verdict *v, uint16_t cate)
{
	for (size_t i = 0; i < v->n_cates; i++)
		if (v->cates[i] == cate)
			return true;
	return v->n_cates == 0 && cate == WAD_CATE_UNRATED && !v->err;
}

void
wad_ssl_exempt_by_category(const struct wad_url_ask *a,
    const struct wad_url_verdict *v, struct wad_exempt_result *out)
{
	const struct wad_profile *p = a->policy->profile;

	wad_url_choose_cate(v, "sslexempt_rating", "", p->exempt_cat,
	    p->n_exempt_cat);
	if (is_danger(v, p))
		return;
	for (size_t i = 0; i < p->n_exempt; i++)
		if (p->exempt[i].type == WAD_EXEMPT_CATEGORY &&
		    has(v, p->exempt[i].category)) {
			out->reason = out->by_sni = WAD_X_CATEGORY;
			out->entry = &p->exempt[i];
			return;
		}
}
