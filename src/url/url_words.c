/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of words.
 *
 * A word becomes a regular expression; the index over pieces of text tells
 * which of them are worth trying on a text.
 */
#include "url/url_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "url/url_grams.h"
#include "url/url_regex.h"

enum { DEPTH_LIMIT = 500 };

struct wad_url_words {
	const struct wad_content_list *list;
	pcre2_code		**code;		/* as list->words */
	struct wad_url_grams	*grams;
	struct wad_str		 lower;
	pcre2_match_context	*limits;
	pcre2_match_data	*data;
	bool			 exempt;
	/* of a look-up */
	const char		*text;
	size_t			 len;
	uint8_t			*set;
	void			(*hit)(void *, const struct wad_content_word *);
	void			*arg;
	uint64_t		 spent;	/* us of work, by expressions */
};

/* A word with '*' (up to 64 characters) and '?' as a regular expression.  Of
 * several words any counts, in quotes all of them in their order. */
static void
expression(struct wad_str *out, const char *s)
{
	size_t	len = strlen(s);
	bool	phrase = len >= 2 && s[0] == '"' && s[len - 1] == '"';

	if (phrase) {
		s++;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++)
		if (s[i] == '*')
			wad_str_add(out, ".{0,64}");
		else if (s[i] == '?')
			wad_str_add(out, ".");
		else if (s[i] == ' ') {
			if (i > 0 && i + 1 < len && s[i - 1] != ' ')
				wad_str_add(out, phrase ? "\\s+" : "|");
		} else if (isalnum((unsigned char)s[i]) ||
		    (unsigned char)s[i] > 0x7f)
			wad_str_addn(out, &s[i], 1);
		else
			wad_str_addf(out, "\\%c", s[i]);
}

static int
add(struct wad_url_words *x, uint32_t n, char *err, size_t errsize)
{
	const struct wad_content_word	*w = &x->list->words[n];
	struct wad_str			 e = { 0 }, need = { 0 };
	PCRE2_UCHAR			 text[128];
	PCRE2_SIZE			 at;
	int				 num;
	size_t				 k;
	const char			*t;

	if (w->regex)
		wad_str_add(&e, w->pattern);
	else
		expression(&e, w->pattern);
	x->code[n] = pcre2_compile((PCRE2_SPTR)e.s, e.len,
	    WAD_URL_REGEX_OPTIONS | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF,
	    &num, &at, NULL);
	if (x->code[n] == NULL) {
		pcre2_get_error_message(num, text, sizeof(text));
		snprintf(err, errsize, "webfilter content %u, entry '%.100s': "
		    "%s at character %zu", x->list->id, w->pattern,
		    (char *)text, at + 1);
		wad_str_free(&e);
		return -1;
	}
	k = wad_url_grams_of_regex(&need, e.s);
	if (k == 0)
		wad_url_grams_add(x->grams, n, "", 0);
	for (t = need.s; k-- > 0; t += strlen(t) + 1)
		wad_url_grams_add(x->grams, n, t, strlen(t));
	wad_str_free(&e);
	wad_str_free(&need);
	return 0;
}

struct wad_url_words *
wad_url_words_new(const struct wad_content_list *list, char *err,
    size_t errsize)
{
	struct wad_url_words *x = wad_xcalloc(1, sizeof(*x));

	x->list = list;
	x->code = wad_xcalloc(list->n_words + 1, sizeof(*x->code));
	x->grams = wad_url_grams_new();
	x->limits = pcre2_match_context_create(NULL);
	x->data = pcre2_match_data_create(1, NULL);
	WAD_ASSERT(x->limits != NULL && x->data != NULL);
	pcre2_set_depth_limit(x->limits, DEPTH_LIMIT);
	for (uint32_t i = 0; i < list->n_words; i++) {
		const struct wad_content_word *w = &list->words[i];

		if (!w->enabled || w->pattern[0] == '\0')
			continue;
		x->exempt = x->exempt || w->exempt;
		if (add(x, i, err, errsize) == -1) {
			wad_url_words_free(x);
			return NULL;
		}
	}
	wad_url_grams_seal(x->grams);
	return x;
}

void
wad_url_words_free(struct wad_url_words *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < x->list->n_words; i++)
		pcre2_code_free(x->code[i]);
	free(x->code);
	wad_url_grams_free(x->grams);
	wad_str_free(&x->lower);
	pcre2_match_context_free(x->limits);
	pcre2_match_data_free(x->data);
	free(x);
}

size_t
wad_url_words_set(const struct wad_url_words *x)
{
	return x->list->n_words / 8 + 1;
}

bool
wad_url_words_exempt(const struct wad_url_words *x)
{
	return x->exempt;
}

/* Always false: the index is to go on.  What runs into its limits is no
 * match: a page is not blocked for what nobody saw in it. */
static bool
try(void *arg, uint32_t n)
{
	struct wad_url_words	*x = arg;
	uint64_t		 begin, slow = 0;
	int			 r;

	if ((x->set[n / 8] >> n % 8 & 1) != 0)
		return false;
	begin = wad_clock_work_us();
	r = wad_url_regex_find(x->code[n], x->text, x->len, x->data,
	    x->limits, &slow);
	x->spent += wad_clock_work_us() - begin;
	if (r < 0)
		return false;
	x->set[n / 8] = (uint8_t)(x->set[n / 8] | 1u << n % 8);
	x->hit(x->arg, &x->list->words[n]);
	return false;
}

uint64_t
wad_url_words_find(struct wad_url_words *x, const char *text, size_t len,
    uint8_t *set, void (*hit)(void *, const struct wad_content_word *),
    void *arg)
{
	x->lower.len = 0;
	wad_str_addn(&x->lower, text, len);
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			x->lower.s[i] = (char)(text[i] | 0x20);
	x->text = text;
	x->len = len;
	x->set = set;
	x->hit = hit;
	x->arg = arg;
	x->spent = 0;
	wad_url_grams_find(x->grams, x->lower.s, len, UINT32_MAX, try, x);
	return x->spent;
}
