/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URL filter lists, local ratings, and regular expressions.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "url/url_rules.h"

#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"
#include "url/url_db.h"

enum { MATCH_LIMIT = 20000, DEPTH_LIMIT = 500, SUBJECT_MAX = 4096 };

struct rule {
	const void	*owner;		/* the entry in the snapshot */
	pcre2_code	*code;
};

struct wad_url_rules {
	struct rule		*rule;
	size_t			 n, cap;
	pcre2_match_context	*limits;
	pcre2_match_data	*data;
};

static int
add(struct wad_url_rules *r, const void *owner, const char *source,
    const char *where, char *err, size_t errsize)
{
	PCRE2_UCHAR	 text[128];
	PCRE2_SIZE	 at;
	pcre2_code	*code;
	int		 num;

	code = pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED,
	    PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &num, &at, NULL);
	if (code == NULL) {
		pcre2_get_error_message(num, text, sizeof(text));
		snprintf(err, errsize, "%s: regular expression '%s': %s at "
		    "character %zu", where, source, (char *)text, at + 1);
		return -1;
	}
	/* No JIT here: the sandbox of a worker maps nothing executable. */
	if (r->n == r->cap) {
		r->cap = r->cap * 2 + 8;
		r->rule = wad_xrealloc(r->rule, r->cap, sizeof(*r->rule));
	}
	r->rule[r->n++] = (struct rule){ owner, code };
	return 0;
}

static int
add_all(struct wad_url_rules *r, const struct wad_conf *c, char *err,
    size_t errsize)
{
	char where[160];

	for (size_t i = 0; i < c->n_urlfilters; i++)
		for (size_t j = 0; j < c->urlfilters[i].n_entries; j++) {
			const struct wad_uf_entry *e =
			    &c->urlfilters[i].entries[j];

			snprintf(where, sizeof(where),
			    "webfilter urlfilter %u, entry %u",
			    c->urlfilters[i].id, e->id);
			if (e->type == WAD_UF_REGEX && add(r, e, e->url,
			    where, err, errsize) == -1)
				return -1;
		}
	for (size_t i = 0; i < c->n_profiles; i++)
		for (size_t j = 0; j < c->profiles[i].n_exempt; j++) {
			const struct wad_exempt *e = &c->profiles[i].exempt[j];

			snprintf(where, sizeof(where), "firewall "
			    "ssl-ssh-profile %.60s, ssl-exempt %u",
			    c->profiles[i].name, e->id);
			if (e->type == WAD_EXEMPT_REGEX && add(r, e,
			    e->pattern, where, err, errsize) == -1)
				return -1;
		}
	return 0;
}

static int
by_owner(const void *x, const void *y)
{
	uintptr_t a = (uintptr_t)((const struct rule *)x)->owner;
	uintptr_t b = (uintptr_t)((const struct rule *)y)->owner;

	return (a > b) - (a < b);
}

struct wad_url_rules *
wad_url_rules_new(const struct wad_conf *c, char *err, size_t errsize)
{
	struct wad_url_rules *r = wad_xcalloc(1, sizeof(*r));

	r->limits = pcre2_match_context_create(NULL);
	r->data = pcre2_match_data_create(1, NULL);
	WAD_ASSERT(r->limits != NULL && r->data != NULL);
	pcre2_set_match_limit(r->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
	if (add_all(r, c, err, errsize) == 0) {
		if (r->n > 0)
			qsort(r->rule, r->n, sizeof(*r->rule), by_owner);
		return r;
	}
	wad_url_rules_free(r);
	return NULL;
}

void
wad_url_rules_free(struct wad_url_rules *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		pcre2_code_free(r->rule[i].code);
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->data);
	free(r->rule);
	free(r);
}

/* on_limit: what a match that ran into its limit counts as. */
static bool
matches(const struct wad_url_rules *r, const void *owner, const char *subject,
    bool on_limit)
{
	struct rule		 key = { owner, NULL };
	const struct rule	*found = NULL;
	int			 n;

	if (r != NULL && r->n > 0)
		found = bsearch(&key, r->rule, r->n, sizeof(*r->rule),
		    by_owner);
	if (found == NULL)
		return false;
	n = pcre2_match(found->code, (PCRE2_SPTR)subject,
	    PCRE2_ZERO_TERMINATED, 0, 0, r->data, r->limits);
	if (n < 0 && n != PCRE2_ERROR_NOMATCH)
		return on_limit;
	return n >= 0;
}

/* path begins with pattern, as they are or both in the one form of paths
 * ("/%62ad/" is "/bad"). */
static bool
path_match(const char *pattern, const char *path)
{
	char	a[SUBJECT_MAX], b[SUBJECT_MAX];
	size_t	n = strlen(pattern);
	bool	cut;

	if (strncmp(path, pattern, n) == 0 && (pattern[n - 1] == '/' ||
	    path[n] == '\0' || strchr("/?#", path[n]) != NULL))
		return true;
	if (strpbrk(pattern, "?#") != NULL)
		return false;		/* a query has no other form */
	n = wad_url_db_path(a, sizeof(a), pattern, n, &cut);
	if (cut)
		return false;
	wad_url_db_path(b, sizeof(b), path, strlen(path), &cut);
	return strncmp(b, a, n) == 0 && (b[n] == '\0' || b[n] == '/');
}

static const char *
skip_scheme(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return url + 7;
	return strncasecmp(url, "https://", 8) == 0 ? url + 8 : url;
}

/* "example.com" holds itself, names below it and every path; with a path
 * only paths that begin with it, at a segment's border. */
static bool
simple_match(const char *pattern, const char *host, const char *path)
{
	struct wad_addr	ip;
	size_t		plen, hlen = strlen(host);

	pattern = skip_scheme(pattern);
	plen = strcspn(pattern, "/");
	if (hlen < plen || strncasecmp(host + hlen - plen, pattern, plen) != 0)
		return false;
	/* 2.3.4 is no domain that 1.2.3.4 is in */
	if (hlen > plen && (plen == 0 || host[hlen - plen - 1] != '.' ||
	    wad_addr_parse(&ip, host) == 0))
		return false;
	pattern += plen;
	if (strlen(pattern) <= 1)
		return true;
	return path != NULL && path_match(pattern, path);
}

/* Host and path apart, cut at the pattern's first '/': else a path of
 * "/x.good.example" would match "*.good.example". */
static bool
wildcard_match(const char *pattern, const char *host, const char *path)
{
	char	name[WAD_HOST_MAX * 2];
	size_t	plen;

	pattern = skip_scheme(pattern);
	plen = strcspn(pattern, "/");
	if (plen >= sizeof(name))
		return false;
	memcpy(name, pattern, plen);
	name[plen] = '\0';
	if (!wad_str_wildcard(name, host))
		return false;
	if (strlen(pattern + plen) <= 1)
		return true;
	return path != NULL && wad_str_wildcard(pattern + plen, path);
}

static bool
entry_match(const struct wad_url_rules *r, const struct wad_uf_entry *e,
    const char *host, const char *path)
{
	char subject[SUBJECT_MAX];

	if (e->type == WAD_UF_SIMPLE)
		return simple_match(e->url, host, path);
	if (e->type == WAD_UF_WILDCARD)
		return wildcard_match(e->url, host, path);
	snprintf(subject, sizeof(subject), "%s%s", host,
	    path != NULL ? path : "");
	return matches(r, e, subject, e->action == WAD_UF_BLOCK);
}

const struct wad_uf_entry *
wad_url_rules_filter(const struct wad_url_rules *r,
    const struct wad_urlfilter *f, const char *host, const char *path)
{
	for (size_t i = 0; i < f->n_entries; i++)
		if (f->entries[i].enabled &&
		    entry_match(r, &f->entries[i], host, path))
			return &f->entries[i];
	return NULL;
}

bool
wad_url_rules_exempt(const struct wad_url_rules *r,
    const struct wad_exempt *e, const char *host)
{
	return matches(r, e, host, false);
}

/* A local category may be switched off; the others are always there. */
static bool
cat_enabled(const struct wad_conf *c, uint16_t cat)
{
	for (size_t i = 0; i < c->n_local_cats; i++)
		if (c->local_cats[i].id == cat)
			return c->local_cats[i].enabled;
	return true;
}

size_t
wad_url_rules_local(const struct wad_conf *c, const char *host,
    const char *path, uint16_t *cats, size_t max)
{
	size_t	n = 0, best = 0;

	for (size_t i = 0; i < c->n_local_ratings; i++) {
		const struct wad_local_rating *l = &c->local_ratings[i];

		if (!l->enabled || strlen(l->url) <= best ||
		    !simple_match(l->url, host, path))
			continue;
		best = strlen(l->url);	/* the longest says most */
		n = 0;
		for (size_t k = 0; k < l->n_cats && n < max; k++)
			if (cat_enabled(c, l->cats[k]))
				cats[n++] = l->cats[k];
	}
	return n;
}
