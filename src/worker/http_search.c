/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Search engines, see http_search.h.  How each is told is what it documents
 * for the administrators of networks; Prefer: safe is RFC 8674.
 */
#include "worker/http_search.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 512, NAME_SHOWN = 32 };

/* host: itself and names below it; a last label "*" is a suffix of one or two
 * labels (com, co.uk).  path: what a search's path begins with. */
struct engine {
	const char	*host, *path;
	const char	*words;		/* parameter with what is searched for */
	const char	*name, *value;	/* parameter for safe search; NULL */
};

static const struct engine engines[] = {
	{ "google.*",		"/",	"q",	"safe",	  "active" },
	{ "bing.com",		"/",	"q",	"adlt",	  "strict" },
	{ "search.yahoo.*",	"/",	"p",	"vm",	  "r" },
	{ "yandex.*",		"/",	"text",	"family", "yes" },
	{ "ya.ru",		"/",	"text",	"family", "yes" },
	{ "duckduckgo.com",	"/",	"q",	"kp",	  "1" },
	{ "youtube.com",	"/results", "search_query", NULL, NULL },
	{ "vimeo.com",		"/search", "q",	NULL,	  NULL },
};

static const char *const youtube_hosts[] = { "youtube.com", "www.youtube.com",
	"m.youtube.com", "youtubei.googleapis.com", "youtube.googleapis.com",
	"www.youtube-nocookie.com" };

/* ---- names -------------------------------------------------------------- */

/* The rest of host is one suffix: "com", "co.uk", "com.au". */
static bool
is_suffix(const char *rest)
{
	size_t first = strcspn(rest, ".");

	if (rest[first] == '\0')
		return first >= 2;
	return first >= 2 && first <= 3 && strlen(rest + first + 1) == 2;
}

static bool
is_host(const char *pattern, const char *host)
{
	size_t		 n = strlen(pattern), len = strlen(host);
	const char	*at = host;

	if (pattern[n - 1] != '*') {
		if (len < n || strcmp(host + len - n, pattern) != 0)
			return false;
		return len == n || host[len - n - 1] == '.';
	}
	n--;				/* "google." */
	while (strncmp(at, pattern, n) != 0 || !is_suffix(at + n)) {
		at = strchr(at, '.');
		if (at++ == NULL)
			return false;
	}
	return true;
}

static const struct engine *
engine_of(const struct wad_http_head *h)
{
	const char *path = wad_http_text(h, h->path);

	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (is_host(engines[i].host, h->host) &&
		    strncmp(path, engines[i].path,
		    strlen(engines[i].path)) == 0)
			return &engines[i];
	return NULL;
}

/* ---- parameters --------------------------------------------------------- */

/* Of application/x-www-form-urlencoded; cut to size. */
static void
decode(char *dst, size_t size, const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		int hi = -1, lo = -1;

		if (s[i] == '%' && i + 2 < len) {
			hi = wad_str_hex(s[i + 1]);
			lo = wad_str_hex(s[i + 2]);
		}
		if (hi >= 0 && lo >= 0) {
			dst[n++] = (char)(hi * 16 + lo);
			i += 2;
		} else
			dst[n++] = s[i] == '+' ? ' ' : s[i];
	}
	dst[n] = '\0';
}

/* The next parameter of a query: its length, without the '&'. */
static size_t
parameter(const char *q)
{
	return strcspn(q, "&#");
}

static bool
is_named(const char *q, size_t len, const char *name)
{
	char	got[NAME_SHOWN];
	size_t	n = 0;

	while (n < len && q[n] != '=')
		n++;
	decode(got, sizeof(got), q, n);
	return strcasecmp(got, name) == 0;
}

/* The value of a parameter; false when the query has none of that name. */
static bool
value_of(const char *path, const char *name, char *dst, size_t size)
{
	const char *q = strchr(path, '?');

	while (q != NULL && *q != '\0' && *q != '#') {
		size_t n = parameter(++q);

		if (is_named(q, n, name)) {
			const char *eq = memchr(q, '=', n);

			decode(dst, size, eq != NULL ? eq + 1 : q + n,
			    eq != NULL ? (size_t)(q + n - eq - 1) : 0);
			return true;
		}
		q += n;
	}
	return false;
}

/* All parameters of that name go, one comes at the end. */
static void
set_parameter(struct wad_http_head *h, const char *name, const char *value)
{
	const char	*path = wad_http_text(h, h->path);
	const char	*q = strchr(path, '?');
	struct wad_str	 out = { 0 };
	char		 sep = '?';

	wad_str_addn(&out, path, strcspn(path, "?#"));
	while (q != NULL && *q != '\0' && *q != '#') {
		size_t n = parameter(++q);

		if (n > 0 && !is_named(q, n, name)) {
			wad_str_addn(&out, &sep, 1);
			wad_str_addn(&out, q, n);
			sep = '&';
		}
		q += n;
	}
	wad_str_addf(&out, "%c%s=%s", sep, name, value);
	if (strcmp(out.s, path) != 0)
		wad_http_head_path(h, out.s);
	wad_str_free(&out);
}

/* ---- what is asked ------------------------------------------------------ */

bool
wad_http_search_words(const struct wad_http_head *h, struct wad_str *out)
{
	const struct engine	*e = engine_of(h);
	char			 words[WORDS_MAX];

	out->len = 0;
	if (e == NULL || !value_of(wad_http_text(h, h->path), e->words,
	    words, sizeof(words)) || words[0] == '\0')
		return false;
	wad_str_add(out, words);
	return true;
}

const char *
wad_http_search_keyword(const struct wad_wf_profile *p, const char *words)
{
	for (size_t i = 0; i < p->n_keywords; i++)
		if (p->keywords[i][0] != '\0' &&
		    strcasestr(words, p->keywords[i]) != NULL)
			return p->keywords[i];
	return NULL;
}

/* ---- safe search -------------------------------------------------------- */

static bool
is_youtube(const char *host)
{
	for (size_t i = 0; i < sizeof(youtube_hosts) /
	    sizeof(youtube_hosts[0]); i++)
		if (strcmp(host, youtube_hosts[i]) == 0)
			return true;
	return false;
}

/* A field in the case that its version of HTTP wants. */
static void
set_field(struct wad_http_head *h, const char *name, const char *lower,
    const char *value)
{
	wad_http_head_set(h, h->minor == 2 ? lower : name, value);
}

/* Cookie pairs (RFC 6265 section 4.2.1) without that name; the value of one
 * field. */
static void
keep_pairs(struct wad_str *out, const char *v, const char *name)
{
	size_t len = strlen(name);

	while (*v != '\0') {
		size_t n;

		v += strspn(v, "; \t");
		n = strcspn(v, ";");
		if (n > 0 && (strncmp(v, name, len) != 0 || v[len] != '=')) {
			if (out->len > 0)
				wad_str_add(out, "; ");
			wad_str_addn(out, v, n);
		}
		v += n;
	}
}

static void
set_cookie(struct wad_http_head *h, const char *name, const char *value)
{
	struct wad_str out = { 0 };

	for (size_t i = 0; i < h->n; i++)
		if (h->field[i].id == WAD_HH_COOKIE)
			keep_pairs(&out, wad_http_value(h, &h->field[i]),
			    name);
	wad_str_addf(&out, "%s%s=%s", out.len > 0 ? "; " : "", name, value);
	set_field(h, "Cookie", "cookie", out.s);
	wad_str_free(&out);
}

bool
wad_http_search_safe(const struct wad_wf_profile *p, struct wad_http_head *h)
{
	const struct engine	*e = p->safe_search && h->path != 0 ?
	    engine_of(h) : NULL;
	char			 words[WORDS_MAX];
	bool			 changed = false;

	if (e != NULL && e->name != NULL && value_of(wad_http_text(h,
	    h->path), e->words, words, sizeof(words))) {
		set_parameter(h, e->name, e->value);
		changed = true;
	}
	if (e != NULL && p->safe_header) {
		set_field(h, "Prefer", "prefer", "safe");
		changed = true;
	}
	if (p->youtube != WAD_YOUTUBE_NONE && is_youtube(h->host)) {
		set_field(h, "YouTube-Restrict", "youtube-restrict",
		    p->youtube == WAD_YOUTUBE_STRICT ? "Strict" : "Moderate");
		changed = true;
	}
	if (p->vimeo != NULL && p->vimeo[0] != '\0' &&
	    is_host("vimeo.com", h->host)) {
		set_cookie(h, "content_rating", p->vimeo);
		changed = true;
	}
	return changed;
}
