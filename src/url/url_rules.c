/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URL filter lists, local ratings, and regular expressions.
 *
 * A look-up asks two indexes for the entries of a list that can match: one
 * over simple names, one over texts that wildcards and regular expressions
 * need.  Only those are tried, and the lowest one that matches counts, as if
 * the list were gone through from its beginning.
 */
#include "url/url_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"
#include "url/url_form.h"
#include "url/url_grams.h"
#include "url/url_names.h"
#include "url/url_regex.h"
#include "url/url_words.h"

enum { DEPTH_LIMIT = 500,
	LOOK_US = 20000 };		/* for all expressions of a look-up */

/* An entry of a list in compiled form; a simple one is in the index. */
struct rule {
	const struct wad_uf_entry *e;
	pcre2_code	*code;		/* regex */
	uint32_t	 host, path;	/* wildcard: places in text; path 0:
					 * all */
	uint32_t	 referrer;	/* place; 0: any */
	bool		 whole;		/* the host's pattern is one for host
					 * and path */
};

struct list {
	struct rule		*rule;
	size_t			 n;
	struct wad_url_names	*names;
	struct wad_url_grams	*grams;	/* NULL: none is needed */
};

/* The regex of an ssl-exempt entry. */
struct exempt {
	const struct wad_exempt	*e;
	pcre2_code		*code;
};

struct wad_url_rules {
	const struct wad_conf	*conf;
	struct list		*list;	/* as conf->urlfilters */
	struct wad_url_names	*ratings;
	struct exempt		*exempt;
	size_t			 n_exempt;
	struct wad_url_words	**words;	/* as conf->contents */
	pcre2_code		***types;	/* as conf->content_headers,
						 * and their entries */
	struct wad_str		 text;
	pcre2_match_context	*limits;
	pcre2_match_data	*data;
	/* of a look-up */
	struct wad_str		 subject, lower;
	uint64_t		 spent;	/* us of work, by expressions */
};

/* ---- compiling ---- */

struct compile {
	struct wad_url_rules	*r;
	char			 where[160];
	char			*err;
	size_t			 errsize;
};

static pcre2_code *
regex(struct compile *c, const char *source)
{
	PCRE2_UCHAR	 text[128];
	PCRE2_SIZE	 at;
	pcre2_code	*code;
	int		 num;

	/* No JIT here: the sandbox of a worker maps nothing executable. */
	code = pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED,
	    WAD_URL_REGEX_OPTIONS, &num, &at, NULL);
	if (code == NULL) {
		pcre2_get_error_message(num, text, sizeof(text));
		snprintf(c->err, c->errsize, "%s: regular expression '%s': "
		    "%s at character %zu", c->where, source, (char *)text,
		    at + 1);
	}
	return code;
}

static const char *
skip_scheme(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return url + 7;
	return strncasecmp(url, "https://", 8) == 0 ? url + 8 : url;
}

/* "example.com" holds itself, names below it and every path; with a path
 * only paths that begin with it, at a border of a segment (or, behind '?', of
 * a parameter).  What is no name of a host matches nothing. */
static void
add_simple(struct wad_url_names *names, const char *url, const char *referrer,
    uint32_t value)
{
	struct wad_str	 path = { 0 };
	char		 host[WAD_HOST_MAX];
	size_t		 hlen;

	url = skip_scheme(url);
	hlen = strcspn(url, "/?#");
	if (wad_url_form_host(host, url, hlen) == -1)
		return;
	wad_url_form_path(&path, url + hlen, strlen(url + hlen));
	while (path.len > 0 && strchr("/?", path.s[path.len - 1]) != NULL)
		path.s[--path.len] = '\0';
	wad_url_names_add(names, host, path.s, referrer, value);
	wad_str_free(&path);
}

/* Appends the pattern of a host: its labels in their one form. */
static int
host_glob(struct compile *c, const char *s, size_t len)
{
	struct wad_str	*text = &c->r->text;
	const char	*end = s + len;
	char		 label[WAD_HOST_MAX];

	for (;; s++) {
		size_t n = 0;

		while (s + n < end && s[n] != '.')
			n++;
		if (wad_url_form_host(label, s, n) == 0)
			wad_str_add(text, label);
		else
			wad_str_addn(text, s, n);
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)s[i] > 0x7f && label[0] == '\0') {
				snprintf(c->err, c->errsize, "%s: '%.*s': a "
				    "label with letters beyond ASCII and a "
				    "wildcard; write its xn-- form", c->where,
				    (int)n, s);
				return -1;
			}
		s += n;
		if (s == end)
			return 0;
		wad_str_addn(text, ".", 1);
	}
}

/* Host and path apart, cut at the pattern's first '/': else a path of
 * "/x.good.example" would match "*.good.example".  A '*' before that '/' goes
 * on in the path.  "*word*" of an entry that stops or watches means the whole
 * URL. */
static int
wildcard(struct compile *c, struct rule *rule, struct wad_url_grams *grams,
    uint32_t n)
{
	struct wad_str	*text = &c->r->text, need = { 0 };
	const char	*url = skip_scheme(rule->e->url), *path;
	size_t		 hlen = strcspn(url, "/"), begin = text->len;
	bool		 on = hlen > 0 && url[hlen - 1] == '*';

	rule->host = (uint32_t)text->len;
	if (host_glob(c, url, hlen) == -1)
		return -1;
	path = url + hlen;
	/* any path matches these */
	if (strcmp(path, "/") == 0 || strcmp(path, "/*") == 0)
		path = "";
	rule->whole = on && url[0] == '*' && url[hlen] == '\0' && (rule->e->
	    action == WAD_UF_BLOCK || rule->e->action == WAD_UF_MONITOR);
	wad_str_addn(text, "", 1);
	if (path[0] != '\0') {
		rule->path = (uint32_t)text->len;
		if (on)
			wad_str_addn(text, "*", 1);
		wad_url_form_glob(text, path, strlen(path));
		wad_str_addn(text, "", 1);
	}
	wad_url_grams_of_glob(&need, text->s + begin);
	if (path[0] != '\0') {
		struct wad_str in_path = { 0 };

		wad_url_grams_of_glob(&in_path, text->s + rule->path);
		if (in_path.len > need.len) {
			wad_str_free(&need);
			need = in_path;
		} else
			wad_str_free(&in_path);
	}
	wad_url_grams_add(grams, n, need.s, need.len);
	wad_str_free(&need);
	return 0;
}

static void
add_regex(struct wad_url_grams *grams, const char *source, uint32_t n)
{
	struct wad_str	 texts = { 0 };
	size_t		 k = wad_url_grams_of_regex(&texts, source);
	const char	*t = texts.s;

	if (k == 0)
		wad_url_grams_add(grams, n, "", 0);
	for (; k-- > 0; t += strlen(t) + 1)
		wad_url_grams_add(grams, n, t, strlen(t));
	wad_str_free(&texts);
}

static int
add_rule(struct compile *c, struct list *l, uint32_t n)
{
	struct rule		*rule = &l->rule[n];
	const struct wad_uf_entry *e = rule->e;
	char			 referrer[WAD_HOST_MAX] = "";

	if (!e->enabled)
		return 0;
	if (e->referrer_host != NULL && wad_url_form_host(referrer,
	    e->referrer_host, strlen(e->referrer_host)) == -1)
		return 0;		/* nothing refers from there */
	if (e->type == WAD_UF_SIMPLE) {
		add_simple(l->names, e->url, referrer, n);
		return 0;
	}
	if (referrer[0] != '\0') {
		rule->referrer = (uint32_t)c->r->text.len;
		wad_str_addn(&c->r->text, referrer, strlen(referrer) + 1);
	}
	if (l->grams == NULL)
		l->grams = wad_url_grams_new();
	if (e->type == WAD_UF_WILDCARD)
		return wildcard(c, rule, l->grams, n);
	rule->code = regex(c, e->url);
	if (rule->code == NULL)
		return -1;
	add_regex(l->grams, e->url, n);
	return 0;
}

static int
add_list(struct compile *c, struct list *l, const struct wad_urlfilter *f)
{
	l->rule = wad_xcalloc(f->n_entries + 1, sizeof(*l->rule));
	l->n = f->n_entries;
	l->names = wad_url_names_new(f->n_entries);
	for (size_t i = 0; i < f->n_entries; i++) {
		snprintf(c->where, sizeof(c->where),
		    "webfilter urlfilter %u, entry %u", f->id,
		    f->entries[i].id);
		l->rule[i].e = &f->entries[i];
		if (add_rule(c, l, (uint32_t)i) == -1)
			return -1;
	}
	if (l->grams != NULL)
		wad_url_grams_seal(l->grams);
	return 0;
}

static int
add_exempts(struct compile *c, const struct wad_profile *p)
{
	struct wad_url_rules *r = c->r;

	for (size_t j = 0; j < p->n_exempt; j++) {
		const struct wad_exempt	*e = &p->exempt[j];
		pcre2_code		*code;

		if (e->type != WAD_EXEMPT_REGEX)
			continue;
		snprintf(c->where, sizeof(c->where), "firewall "
		    "ssl-ssh-profile %.60s, ssl-exempt %u", p->name, e->id);
		code = regex(c, e->pattern);
		if (code == NULL)
			return -1;
		r->exempt = wad_xrealloc(r->exempt, r->n_exempt + 1,
		    sizeof(*r->exempt));
		r->exempt[r->n_exempt++] = (struct exempt){ e, code };
	}
	return 0;
}

static int
add_contents(struct compile *c, const struct wad_conf *conf)
{
	struct wad_url_rules *r = c->r;

	r->words = wad_xcalloc(conf->n_contents + 1, sizeof(*r->words));
	for (size_t i = 0; i < conf->n_contents; i++) {
		r->words[i] = wad_url_words_new(&conf->contents[i], c->err,
		    c->errsize);
		if (r->words[i] == NULL)
			return -1;
	}
	r->types = wad_xcalloc(conf->n_content_headers + 1,
	    sizeof(*r->types));
	for (size_t i = 0; i < conf->n_content_headers; i++) {
		const struct wad_content_headers *l =
		    &conf->content_headers[i];

		r->types[i] = wad_xcalloc(l->n_entries + 1,
		    sizeof(*r->types[i]));
		snprintf(c->where, sizeof(c->where),
		    "webfilter content-header %u", l->id);
		for (size_t k = 0; k < l->n_entries; k++) {
			r->types[i][k] = regex(c, l->entries[k].pattern);
			if (r->types[i][k] == NULL)
				return -1;
		}
	}
	return 0;
}

static int
add_all(struct compile *c, const struct wad_conf *conf)
{
	struct wad_url_rules *r = c->r;

	r->list = wad_xcalloc(conf->n_urlfilters + 1, sizeof(*r->list));
	for (size_t i = 0; i < conf->n_urlfilters; i++)
		if (add_list(c, &r->list[i], &conf->urlfilters[i]) == -1)
			return -1;
	for (size_t i = 0; i < conf->n_profiles; i++)
		if (add_exempts(c, &conf->profiles[i]) == -1)
			return -1;
	if (add_contents(c, conf) == -1)
		return -1;
	r->ratings = wad_url_names_new(conf->n_local_ratings);
	for (size_t i = 0; i < conf->n_local_ratings; i++)
		if (conf->local_ratings[i].enabled)
			add_simple(r->ratings, conf->local_ratings[i].url, "",
			    (uint32_t)i);
	return 0;
}

static int
by_exempt(const void *x, const void *y)
{
	uintptr_t a = (uintptr_t)((const struct exempt *)x)->e;
	uintptr_t b = (uintptr_t)((const struct exempt *)y)->e;

	return (a > b) - (a < b);
}

struct wad_url_rules *
wad_url_rules_new(const struct wad_conf *conf, char *err, size_t errsize)
{
	struct wad_url_rules	*r = wad_xcalloc(1, sizeof(*r));
	struct compile		 c = { .r = r, .err = err, .errsize =
		errsize };

	r->conf = conf;
	r->limits = pcre2_match_context_create(NULL);
	r->data = pcre2_match_data_create(1, NULL);
	WAD_ASSERT(r->limits != NULL && r->data != NULL);
	pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
	wad_str_addn(&r->text, "", 1);		/* place 0 is none */
	if (add_all(&c, conf) == -1) {
		wad_url_rules_free(r);
		return NULL;
	}
	if (r->n_exempt > 0)
		qsort(r->exempt, r->n_exempt, sizeof(*r->exempt), by_exempt);
	return r;
}

static void
contents_free(struct wad_url_rules *r)
{
	for (size_t i = 0; r->words != NULL && i < r->conf->n_contents; i++)
		wad_url_words_free(r->words[i]);
	for (size_t i = 0; r->types != NULL && i < r->conf->
	    n_content_headers; i++) {
		for (size_t k = 0; r->types[i] != NULL && k < r->conf->
		    content_headers[i].n_entries; k++)
			pcre2_code_free(r->types[i][k]);
		free(r->types[i]);
	}
	free(r->words);
	free(r->types);
}

void
wad_url_rules_free(struct wad_url_rules *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->conf->n_urlfilters; i++) {
		struct list *l = &r->list[i];

		for (size_t k = 0; k < l->n; k++)
			pcre2_code_free(l->rule[k].code);
		wad_url_names_free(l->names);
		wad_url_grams_free(l->grams);
		free(l->rule);
	}
	for (size_t i = 0; i < r->n_exempt; i++)
		pcre2_code_free(r->exempt[i].code);
	contents_free(r);
	free(r->list);
	free(r->exempt);
	wad_url_names_free(r->ratings);
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->data);
	wad_str_free(&r->text);
	wad_str_free(&r->subject);
	wad_str_free(&r->lower);
	free(r);
}

/* ---- look-up ---- */

/* on_limit: what a match that ran into its limit counts as. */
static bool
matches(struct wad_url_rules *r, const pcre2_code *code,
    const char *subject, size_t len, bool on_limit)
{
	int n;

	if (r->spent > LOOK_US)
		return on_limit;
	n = wad_url_regex_find(code, subject, len, r->data, r->limits,
	    &r->spent);
	if (n < 0 && n != PCRE2_ERROR_NOMATCH)
		return on_limit;
	return n >= 0;
}

struct look {
	struct wad_url_rules	*r;
	const struct list	*list;
	const char		*host, *path, *referrer;
	uint32_t		 best;
	size_t			 len;	/* of the best (local ratings) */
};

static bool
rule_match(void *arg, uint32_t n)
{
	const struct look	*k = arg;
	struct wad_url_rules	*r = k->r;
	const struct rule	*rule = &k->list->rule[n];

	if (rule->referrer != 0 && strcmp(r->text.s + rule->referrer,
	    k->referrer) != 0)
		return false;
	if (rule->code != NULL)
		return matches(r, rule->code, r->subject.s, r->subject.len,
		    rule->e->action == WAD_UF_BLOCK);
	if (rule->whole)
		return wad_str_wildcard(r->text.s + rule->host, r->subject.s);
	if (!wad_str_wildcard(r->text.s + rule->host, k->host))
		return false;
	return rule->path == 0 || (k->path != NULL &&
	    wad_str_wildcard(r->text.s + rule->path, k->path));
}

/* A domain is no suffix of an address. */
static bool
is_name(const char *host)
{
	struct wad_addr ip;

	return wad_addr_parse(&ip, host) == -1;
}

static void
lowest(void *arg, uint32_t value, size_t len)
{
	struct look *k = arg;

	(void)len;
	if (value < k->best)
		k->best = value;
}

/* Host and path in their one form, as one text; where the path begins, or
 * NULL when there is none. */
static const char *
subject(struct wad_url_rules *r, const char *host, const char *path)
{
	size_t hlen = strlen(host);

	r->subject.len = 0;
	wad_str_addn(&r->subject, host, hlen);
	if (path == NULL)
		return NULL;
	wad_url_form_path(&r->subject, path, strlen(path));
	return r->subject.s + hlen;
}

static void
lower(struct wad_str *dst, const struct wad_str *src)
{
	dst->len = 0;
	wad_str_addn(dst, src->s, src->len);
	for (size_t i = 0; i < dst->len; i++)
		if (dst->s[i] >= 'A' && dst->s[i] <= 'Z')
			dst->s[i] = (char)(dst->s[i] | 0x20);
}

const struct wad_uf_entry *
wad_url_rules_filter(struct wad_url_rules *r, const struct wad_urlfilter *f,
    const char *host, const char *path, const char *referrer)
{
	const struct list	*l = &r->list[f - r->conf->urlfilters];
	struct look		 k = { .r = r, .list = l, .host = host,
		.referrer = referrer != NULL ? referrer : "",
		.best = (uint32_t)l->n };

	r->spent = 0;
	k.path = subject(r, host, path);
	wad_url_names_find(l->names, host, f->subdomains && is_name(host),
	    k.path, k.referrer, lowest, &k);
	if (l->grams != NULL) {
		lower(&r->lower, &r->subject);
		k.best = wad_url_grams_find(l->grams, r->lower.s,
		    r->lower.len, k.best, rule_match, &k);
	}
	return k.best < l->n ? &f->entries[k.best] : NULL;
}

bool
wad_url_rules_exempt(struct wad_url_rules *r,
    const struct wad_exempt *e, const char *host)
{
	struct exempt		 key = { e, NULL };
	const struct exempt	*found = NULL;

	if (r != NULL && r->n_exempt > 0)
		found = bsearch(&key, r->exempt, r->n_exempt,
		    sizeof(*r->exempt), by_exempt);
	if (r != NULL)
		r->spent = 0;
	return found != NULL && matches(r, found->code, host, strlen(host),
	    false);
}

/* The longest name says most; of those the first one. */
static void
longest(void *arg, uint32_t value, size_t len)
{
	struct look *k = arg;

	if (len > k->len || (len == k->len && value < k->best)) {
		k->best = value;
		k->len = len;
	}
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
wad_url_rules_local(struct wad_url_rules *r, const char *host,
    const char *path, uint16_t *cats, size_t max)
{
	struct look			 k = { .best = UINT32_MAX };
	const struct wad_local_rating	*l;
	size_t				 n = 0;

	if (r == NULL || r->conf->n_local_ratings == 0)
		return 0;
	wad_url_names_find(r->ratings, host, is_name(host), subject(r, host,
	    path), "", longest, &k);
	if (k.best == UINT32_MAX)
		return 0;
	l = &r->conf->local_ratings[k.best];
	for (size_t i = 0; i < l->n_cats && n < max; i++)
		if (cat_enabled(r->conf, l->cats[i]))
			cats[n++] = l->cats[i];
	return n;
}

struct wad_url_words *
wad_url_rules_words(struct wad_url_rules *r, const struct wad_content_list *l)
{
	return r->words[l - r->conf->contents];
}

static bool
holds(const uint16_t *cats, size_t n, uint16_t cat)
{
	for (size_t i = 0; i < n; i++)
		if (cats[i] == cat)
			return true;
	return n == 0;
}

const struct wad_content_header *
wad_url_rules_type(struct wad_url_rules *r,
    const struct wad_content_headers *l, const char *type, uint16_t cat)
{
	pcre2_code **code = r->types[l - r->conf->content_headers];

	r->spent = 0;
	for (size_t i = 0; i < l->n_entries; i++)
		if (holds(l->entries[i].cats, l->entries[i].n_cats, cat) &&
		    matches(r, code[i], type, strlen(type),
		    l->entries[i].action == WAD_CH_BLOCK))
			return &l->entries[i];
	return NULL;
}
