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
	case WAD_EXEMPT_ADDRESS:
		return wad_policy_names_hold(&e->addr, a->host) ?
		    WAD_X_ADDRESS : WAD_X_NONE;
	default:
		return WAD_X_NONE;
	}
}

/* Who gives no name may mean the name of this object. */
static bool
resolves_to(const struct wad_url_ask *a, const struct wad_addr_obj *o)
{
	if (o->type != WAD_ADDR_FQDN)
		return false;
	for (size_t i = 0; i < a->n_fqdns; i++) {
		const struct wad_fqdn *f = &a->fqdns[i];

		if (strcmp(f->name, o->fqdn) != 0)
			continue;
		for (size_t k = 0; k < f->n; k++)
			if (wad_addr_ip_equal(&f->addr[k], &a->dst))
				return true;
	}
	return false;
}

/* `all` of one family says nothing of the other.  What a name resolves to
 * counts only where no name was given: many sites share an address, and one
 * that names itself is not the one that is exempt. */
static enum wad_exempt_reason
by_address(const struct wad_url_ask *a, const struct wad_exempt *e)
{
	if (e->type == WAD_EXEMPT_ADDRESS && strcmp(a->url_src, "IP") == 0)
		for (size_t i = 0; i < e->addr.n; i++)
			if (resolves_to(a, e->addr.obj[i]))
				return WAD_X_ADDRESS;
	return e->type == WAD_EXEMPT_ADDRESS && e->addr.n > 0 &&
	    e->family == a->dst.family &&
	    wad_policy_addr_holds(&e->addr, &a->dst, NULL) ?
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

static const struct wad_exempt *
entry_of(const struct wad_profile *p, uint16_t cate)
{
	for (size_t i = 0; i < p->n_exempt; i++)
		if (p->exempt[i].type == WAD_EXEMPT_CATEGORY &&
		    p->exempt[i].category == cate)
			return &p->exempt[i];
	return NULL;
}

/* The entry that exempts what has these categories.  What is in a list of
 * malicious sites is not exempt because it is in another list too, unless the
 * profile exempts that category as well. */
static const struct wad_exempt *
entry_of_all(const struct wad_profile *p, const uint16_t *cates, size_t n)
{
	const struct wad_exempt *found = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct wad_exempt *e = entry_of(p, cates[i]);

		if (e == NULL && wad_category_is_security_risk(cates[i]))
			return NULL;
		if (e != NULL && (found == NULL || e < found))
			found = e;	/* the first of the profile */
	}
	return found;
}

/* ssl-exemption-ip-rating: the address speaks where the name is known to have
 * no rating.  Where it has one, its own counts: many names share an address. */
static size_t
rate_address(const struct wad_url_ask *a, const struct wad_url_verdict *v,
    uint16_t *cates)
{
	char	ip[WAD_ADDR_STRLEN];
	size_t	n;

	if (!a->policy->profile->exempt_ip_rating || v->n_cates > 0 || v->err)
		return 0;
	wad_addr_ip_str(&a->dst, ip);
	n = wad_url_rules_local(a->rules, ip, NULL, cates, WAD_CATES_MAX);
	if (n == 0 && a->db != NULL)
		n = wad_url_db_find(a->db, ip, NULL, cates, WAD_CATES_MAX,
		    NULL);
	return n;
}

void
wad_ssl_exempt_by_category(const struct wad_url_ask *a,
    const struct wad_url_verdict *v, struct wad_exempt_result *out)
{
	static const uint16_t	 unrated[1] = { WAD_CATE_UNRATED };
	const struct wad_profile *p = a->policy->profile;
	uint16_t		 of_ip[WAD_CATES_MAX];
	bool			 no_name = strcmp(a->url_src, "IP") == 0;
	size_t			 n = rate_address(a, v, of_ip);

	wad_url_choose_cate(v, "sslexempt_rating", "", p->exempt_cat,
	    p->n_exempt_cat);
	if (no_name && !p->exempt_ip_rating)
		return;
	if (v->n_remote > 0)
		out->entry = entry_of_all(p, v->cates, v->n_remote);
	if (out->entry == NULL && v->n_cates > v->n_remote)
		out->entry = entry_of_all(p, v->cates + v->n_remote,
		    v->n_cates - v->n_remote);
	else if (v->n_cates > 0)
		;		/* rated, and that is all */
	else if (n > 0)
		out->entry = entry_of_all(p, of_ip, n);
	else if (!v->err)
		out->entry = entry_of_all(p, unrated, 1);
	if (out->entry == NULL)
		return;
	out->reason = WAD_X_CATEGORY;
	*(no_name || n > 0 ? &out->by_ip : &out->by_sni) = WAD_X_CATEGORY;
}
