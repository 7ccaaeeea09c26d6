/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words: blanks part them, quotes and backslashes hold them together, a line's
 * end ends the command but inside quotes, and # begins a comment.
 */
#include "conf/conf_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"
#include "conf/conf_parse.h"

void
wad_conf_words_begin(struct wad_conf_words *r, const char *file,
    const char *text, size_t len, struct wad_conf_errs *errs)
{
	*r = (struct wad_conf_words){ .errs = errs, .file = file, .p = text,
		.end = text + len, .line = 1, .at = 1 };
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r->p += 3;
}

void
wad_conf_words_free(struct wad_conf_words *r)
{
	for (size_t i = 0; i < r->cap; i++)
		free(r->w[i]);
	free(r->w);
	free(r->quoted);
}

static void
word_add(struct wad_conf_words *r, struct wad_str *s, bool quoted)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 16 : r->cap * 2;

		r->w = wad_xrealloc(r->w, cap, sizeof(*r->w));
		r->quoted = wad_xrealloc(r->quoted, cap, sizeof(*r->quoted));
		for (size_t i = r->cap; i < cap; i++)
			r->w[i] = NULL;
		r->cap = cap;
	}
	free(r->w[r->n]);
	r->w[r->n] = wad_str_take(s);
	r->quoted[r->n++] = quoted;
}

static void
bad_character(const struct wad_conf_words *r, unsigned char c,
    const char *where)
{
	wad_conf_errs_add(r->errs, r->file, r->at,
	    "control character 0x%02x%s", c, where);
}

static void
too_long(const struct wad_conf_words *r)
{
	wad_conf_errs_add(r->errs, r->file, r->at,
	    "value longer than %d bytes", WAD_CONF_VALUE_MAX);
}

static void
skip_line(struct wad_conf_words *r)
{
	while (r->p < r->end && *r->p != '\n')
		r->p++;
}

/* Reads what stands in quotes; p is behind the opening one. */
static int
quoted_part(struct wad_conf_words *r, char quote, struct wad_str *s)
{
	int start = r->line;

	while (r->p < r->end && *r->p != quote) {
		unsigned char	c = (unsigned char)*r->p;
		const char	*from;

		if (c == '\n')
			r->line++;
		else if ((c < ' ' && c != '\t' && c != '\r') || c == 127) {
			bad_character(r, c, " in a value");
			r->fatal = true;
			return -1;
		}
		if (c == '\\' && quote == '"' && r->p + 1 < r->end &&
		    (r->p[1] == '"' || r->p[1] == '\\' || r->p[1] == '\''))
			r->p++;
		from = r->p++;
		while (r->p < r->end && (unsigned char)*r->p >= ' ' &&
		    *r->p != '"' && *r->p != '\'' && *r->p != '\\' &&
		    *r->p != 127)
			r->p++;
		wad_str_addn(s, from, (size_t)(r->p - from));
		if (s->len > WAD_CONF_VALUE_MAX) {
			too_long(r);
			r->fatal = true;
			return -1;
		}
	}
	if (r->p == r->end) {
		r->at = start;
		wad_conf_errs_add(r->errs, r->file, r->at,
		    "quote is not closed");
		r->fatal = true;
		return -1;
	}
	r->p++;
	return 0;
}

/* Length of the blank at p, 0 when there is none.  The no-break space comes
 * with what is copied from web pages. */
static size_t
blank(const struct wad_conf_words *r)
{
	if (r->p == r->end)
		return 0;
	if (*r->p == ' ' || *r->p == '\t' || *r->p == '\r')
		return 1;
	return r->end - r->p >= 2 && memcmp(r->p, "\xc2\xa0", 2) == 0 ?
	    2 : 0;
}

/* Reads one word; p is at its first character. */
static int
word(struct wad_conf_words *r)
{
	struct wad_str	s = { 0 };
	bool		quoted = false;

	while (r->p < r->end && *r->p != '\n' && blank(r) == 0) {
		char c = *r->p++;

		if (c == '"' || c == '\'') {
			quoted = true;
			if (quoted_part(r, c, &s) == -1)
				goto bad;
			continue;
		}
		if ((unsigned char)c < ' ' || c == 127) {
			bad_character(r, (unsigned char)c, "");
			goto bad;
		}
		if (c == '\\' && r->p < r->end && *r->p != '\0' &&
		    strchr("\\\"' ", *r->p) != NULL)
			c = *r->p++;
		wad_str_addn(&s, &c, 1);
		if (s.len > WAD_CONF_VALUE_MAX) {
			too_long(r);
			goto bad;
		}
	}
	word_add(r, &s, quoted);
	return 0;
bad:
	wad_str_free(&s);
	return -1;
}

int
wad_conf_words_next(struct wad_conf_words *r)
{
	r->n = 0;
	for (;;) {
		for (size_t n; (n = blank(r)) > 0;)
			r->p += n;
		if (r->p < r->end && *r->p == '#')
			skip_line(r);
		if (r->p == r->end)
			return r->n > 0;
		if (*r->p == '\n') {
			r->p++;
			r->line++;
			if (r->n > 0)
				return 1;
			continue;
		}
		if (r->n == 0)
			r->at = r->line;
		if (r->n == WAD_CONF_WORDS_MAX) {
			wad_conf_errs_add(r->errs, r->file, r->at,
			    "more than %d words", WAD_CONF_WORDS_MAX);
			skip_line(r);
			return -1;
		}
		if (word(r) == -1) {
			skip_line(r);
			return -1;
		}
	}
}
