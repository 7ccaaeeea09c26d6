/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Languages of pages, see page_lang.h.
 *
 * Called by worker/block.c and main/files.c (openwad -t).
 */
#include "http/page_lang.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"

enum { RANGES = 16 };		/* of an Accept-Language; the rest is not
				 * looked at */

struct wad_page_lang {
	char		 tag[WAD_PAGE_TAG];
	bool		 rtl;
	char		*word[WAD_PW_N];	/* NULL: English */
};

static const struct { const char *key, *text; } english[WAD_PW_N] = {
#define PAGE(id, name, kind, type, status, help, title, text)		\
	[WAD_PW_TITLE_##id] = { name ".title", title },			\
	[WAD_PW_TEXT_##id] = { name ".text", text },
#include "http/page.def"
#undef PAGE
#define WORD(id, key, text) [WAD_PW_##id] = { key, text },
#include "http/page_word.def"
#undef WORD
};

bool
wad_page_lang_tag_ok(const char *tag)
{
	size_t len = 0, first = strcspn(tag, "-");

	if (first < 2 || first > 3 || strlen(tag) >= WAD_PAGE_TAG)
		return false;
	for (const char *p = tag; *p != '\0'; p++) {
		len = *p == '-' ? 0 : len + 1;
		if (len > 8 || (*p == '-' && (p[1] == '-' || p[1] == '\0')))
			return false;
		if (*p != '-' && !(p < tag + first ? islower((unsigned char)*p)
		    : isalnum((unsigned char)*p)))
			return false;
	}
	return true;
}

/* UTF-8 without control characters (RFC 3629 section 4). */
static bool
clean(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;

	while (p < end) {
		unsigned	c = *p++, more = c < 0x80 ? 0 : c < 0xc2 ? 9 :
		    c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 9;

		if (more == 0 && (c < 0x20 || c == 0x7f))
			return false;
		if (more == 9 || (size_t)(end - p) < more)
			return false;
		if ((c == 0xe0 && *p < 0xa0) || (c == 0xed && *p > 0x9f) ||
		    (c == 0xf0 && *p < 0x90) || (c == 0xf4 && *p > 0x8f) ||
		    (c == 0xc2 && *p < 0xa0))	/* C1 controls */
			return false;
		for (; more > 0; more--)
			if ((*p++ & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static int
find(const char *key, size_t len)
{
	for (int i = 0; i < WAD_PW_N; i++)
		if (strlen(english[i].key) == len &&
		    memcmp(english[i].key, key, len) == 0)
			return i;
	return -1;
}

static void
unknown_key(struct wad_str *wrong, const char *key, size_t len)
{
	const char	*keys[WAD_PW_N], *near;
	char		 word[64], safe[200];

	for (int i = 0; i < WAD_PW_N; i++)
		keys[i] = english[i].key;
	snprintf(word, sizeof(word), "%.*s", (int)(len < 63 ? len : 63), key);
	near = wad_str_nearest(word, keys, WAD_PW_N);
	wad_str_escape(safe, sizeof(safe), word, strlen(word));
	wad_str_addf(wrong, "there is no key '%s'%s%s%s", safe,
	    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
}

/* One line that is neither empty nor a remark; false with the reason. */
static bool
read_line(struct wad_page_lang *l, const char *s, size_t len,
    struct wad_str *wrong)
{
	const char	*eq = memchr(s, '=', len);
	size_t		 klen, vlen;
	const char	*v;
	int		 i;

	if (eq == NULL) {
		wad_str_add(wrong, "expected 'key = words'");
		return false;
	}
	for (klen = (size_t)(eq - s); klen > 0 &&
	    isspace((unsigned char)s[klen - 1]); klen--)
		;
	for (v = eq + 1; v < s + len && isspace((unsigned char)*v); v++)
		;
	vlen = (size_t)(s + len - v);
	if (!clean(v, vlen)) {
		wad_str_add(wrong, "the words are not UTF-8, or hold control "
		    "characters");
		return false;
	}
	if (klen == 9 && memcmp(s, "direction", 9) == 0) {
		l->rtl = vlen == 3 && memcmp(v, "rtl", 3) == 0;
		if (l->rtl || (vlen == 3 && memcmp(v, "ltr", 3) == 0))
			return true;
		wad_str_add(wrong, "direction is ltr or rtl");
		return false;
	}
	i = find(s, klen);
	if (i == -1) {
		unknown_key(wrong, s, klen);
		return false;
	}
	if (vlen == 0 || vlen > WAD_PAGE_WORD) {
		wad_str_addf(wrong, "%s has %zu bytes, 1 to %d are possible",
		    english[i].key, vlen, WAD_PAGE_WORD);
		return false;
	}
	if (l->word[i] != NULL) {
		wad_str_addf(wrong, "%s is there twice", english[i].key);
		return false;
	}
	l->word[i] = wad_xstrndup(v, vlen);
	return true;
}

static void
tell_missing(const struct wad_page_lang *l, const char *file,
    struct wad_str *wrong)
{
	unsigned n = 0;

	for (int i = 0; i < WAD_PW_N; i++) {
		if (l->word[i] != NULL)
			continue;
		if (n++ == 0)
			wad_str_addf(wrong, "%s: shown in English, for they "
			    "are missing:", file);
		if (n <= 8)
			wad_str_addf(wrong, " %s", english[i].key);
	}
	if (n > 8)
		wad_str_addf(wrong, " and %u more", n - 8);
	if (n > 0)
		wad_str_add(wrong, "\n");
}

struct wad_page_lang *
wad_page_lang_new(const char *tag, const char *text, const char *file,
    struct wad_str *wrong)
{
	struct wad_page_lang	*l = wad_xcalloc(1, sizeof(*l));
	struct wad_str		 why = { 0 };
	unsigned		 line = 1;

	snprintf(l->tag, sizeof(l->tag), "%s", tag);
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	for (; *text != '\0'; line++) {
		size_t		 len = strcspn(text, "\n");
		const char	*s = text, *end = text + len;

		text += len + (text[len] != '\0');
		while (s < end && isspace((unsigned char)*s))
			s++;
		while (end > s && isspace((unsigned char)end[-1]))
			end--;
		why.len = 0;
		if (s < end && *s != '#' &&
		    !read_line(l, s, (size_t)(end - s), &why) &&
		    wrong != NULL)
			wad_str_addf(wrong, "%s:%u: %s\n", file, line, why.s);
	}
	wad_str_free(&why);
	if (wrong != NULL)
		tell_missing(l, file, wrong);
	return l;
}

void
wad_page_lang_free(struct wad_page_lang *l)
{
	if (l == NULL)
		return;
	for (int i = 0; i < WAD_PW_N; i++)
		free(l->word[i]);
	free(l);
}

const char *
wad_page_lang_tag(const struct wad_page_lang *l)
{
	return l != NULL ? l->tag : "en";
}

bool
wad_page_lang_rtl(const struct wad_page_lang *l)
{
	return l != NULL && l->rtl;
}

const char *
wad_page_lang_word(const struct wad_page_lang *l, enum wad_page_word w)
{
	return l != NULL && l->word[w] != NULL ? l->word[w] : english[w].text;
}

/* ---- Accept-Language --------------------------------------------------- */

struct range { char tag[WAD_PAGE_TAG]; int q; };

/* RFC 9110 section 12.4.2, in thousandths; 0 for what is none. */
static int
weight(const char *s, size_t len)
{
	static const int scale[] = { 100, 10, 1 };
	int q;

	while (len > 0 && isspace((unsigned char)*s))
		s++, len--;
	if (len == 0)
		return 1000;
	if (len < 3 || tolower((unsigned char)s[0]) != 'q' || s[1] != '=' ||
	    (s[2] != '0' && s[2] != '1'))
		return 0;
	q = (s[2] - '0') * 1000;
	for (size_t i = 4; i < len && i < 7 && s[3] == '.' &&
	    isdigit((unsigned char)s[i]); i++)
		q += (s[i] - '0') * scale[i - 4];
	return q < 1000 ? q : 1000;
}

static size_t
ranges_of(const char *accept, struct range r[RANGES])
{
	size_t n = 0;

	while (*accept != '\0' && n < RANGES) {
		size_t		 len = strcspn(accept, ","), tlen;
		const char	*s = accept, *end = accept + len;

		accept += len + (accept[len] != '\0');
		while (s < end && isspace((unsigned char)*s))
			s++;
		for (tlen = 0; s + tlen < end && (s[tlen] == '-' ||
		    s[tlen] == '*' || isalnum((unsigned char)s[tlen]));
		    tlen++)
			;
		if (tlen == 0 || tlen >= WAD_PAGE_TAG)
			continue;
		memcpy(r[n].tag, s, tlen);
		r[n].tag[tlen] = '\0';
		for (s += tlen; s < end && (isspace((unsigned char)*s) ||
		    *s == ';'); s++)
			;
		r[n].q = weight(s, (size_t)(end - s));
		n += r[n].q > 0;
	}
	return n;
}

/* Of who wants none: English, in the administrator's words if there are. */
static const struct wad_page_lang *
default_of(struct wad_page_lang *const *langs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(langs[i]->tag, "en") == 0)
			return langs[i];
	return NULL;
}

/* The longest beginning of a range that is there; "de-CH" is served by "de",
 * and "de" by "de-AT" when nothing nearer is there.  True when English is
 * meant or a language was found. */
static bool
look_up(struct wad_page_lang *const *langs, size_t n, char *tag,
    const struct wad_page_lang **found)
{
	size_t len = strlen(tag);

	*found = default_of(langs, n);
	if (strcmp(tag, "*") == 0)
		return true;
	for (; len > 0; len--) {
		if (tag[len] != '\0' && tag[len] != '-')
			continue;
		for (size_t i = 0; i < n; i++)
			if (strlen(langs[i]->tag) == len &&
			    strncasecmp(langs[i]->tag, tag, len) == 0) {
				*found = langs[i];
				return true;
			}
		if (len == 2 && strncasecmp(tag, "en", 2) == 0)
			return true;
	}
	len = strcspn(tag, "-");
	for (size_t i = 0; i < n; i++)
		if (strcspn(langs[i]->tag, "-") == len &&
		    strncasecmp(langs[i]->tag, tag, len) == 0) {
			*found = langs[i];
			return true;
		}
	return false;
}

const struct wad_page_lang *
wad_page_lang_choose(struct wad_page_lang *const *langs, size_t n,
    const char *accept)
{
	const struct wad_page_lang *found = NULL;
	struct range	 r[RANGES];
	size_t		 nr;

	nr = accept != NULL && n > 0 ? ranges_of(accept, r) : 0;
	for (;;) {
		struct range *best = NULL;

		for (size_t i = 0; i < nr; i++)
			if (r[i].q > 0 && (best == NULL || r[i].q > best->q))
				best = &r[i];
		if (best == NULL)
			return default_of(langs, n);
		if (look_up(langs, n, best->tag, &found))
			return found;
		best->q = 0;
	}
}
