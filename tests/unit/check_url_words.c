/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of words.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "url/url_words.h"
#include "suite.h"

static char	hits[200];
static uint8_t	set[8];

static void
hit(void *arg, const struct wad_content_word *w)
{
	(void)arg;
	strcat(hits, w->lang);
}

/* The letters of the words that the text has, in order of the list. */
static const char *
in(struct wad_url_words *x, const char *text)
{
	hits[0] = '\0';
	memset(set, 0, sizeof(set));
	wad_url_words_find(x, text, strlen(text), set, hit, NULL);
	return hits;
}

#define WORD(p, letter) { .pattern = (p), .enabled = true, .lang = (letter) }

START_TEST(words)
{
	struct wad_content_word	 w[] = { WORD("forbidden", "a"),
		WORD("one two", "b"), WORD("\"three four\"", "c"),
		WORD("wild*card", "d"), WORD("b?t", "e"),
		WORD("\xc3\x9c" "bel", "f"), WORD("a+b$", "g"),
		WORD("^never$", "h"), WORD("(a|e)nd[0-9]", "i"),
		WORD("off", "j") };
	struct wad_content_list	 l = { .id = 1, .words = w, .n_words = 10 };
	struct wad_url_words	*x;
	char			 err[200] = "";

	w[8].regex = true;
	w[9].enabled = false;
	x = wad_url_words_new(&l, err, sizeof(err));
	ck_assert_msg(x != NULL, "%s", err);
	ck_assert(!wad_url_words_exempt(x));
	ck_assert_uint_le(wad_url_words_set(x), sizeof(set));
	ck_assert_str_eq(in(x, "nothing"), "");
	ck_assert_str_eq(in(x, ""), "");
	ck_assert_str_eq(in(x, "a FORBIDDEN thing, forbidden"), "a");
	ck_assert_str_eq(in(x, "the two"), "b");
	ck_assert_str_eq(in(x, "three\n four"), "c");
	ck_assert_str_eq(in(x, "three or four"), "");
	ck_assert_str_eq(in(x, "a wild and wicked card"), "d");
	ck_assert_str_eq(in(x, "but"), "e");
	ck_assert_str_eq(in(x, "\xc3\xbc" "BEL"), "f");
	ck_assert_str_eq(in(x, "a+b$"), "g");
	ck_assert_str_eq(in(x, "aaab"), "");
	ck_assert_str_eq(in(x, "x^never$"), "h");
	ck_assert_str_eq(in(x, "END7"), "i");
	ck_assert_str_eq(in(x, "off"), "");
	/* what was found is not found again */
	hits[0] = '\0';
	wad_url_words_find(x, "but END7", 8, set, hit, NULL);
	wad_url_words_find(x, "but END7", 8, set, hit, NULL);
	ck_assert_uint_eq(strlen(hits), 2);
	wad_url_words_free(x);
	wad_url_words_free(NULL);
	w[0].exempt = true;
	x = wad_url_words_new(&l, err, sizeof(err));
	ck_assert(wad_url_words_exempt(x));
	wad_url_words_free(x);
}
END_TEST

START_TEST(bad)
{
	struct wad_content_word	 w = { .pattern = "a(", .regex = true,
		.enabled = true };
	struct wad_content_list	 l = { .id = 7, .words = &w, .n_words = 1 };
	char			 err[200] = "";

	ck_assert_ptr_null(wad_url_words_new(&l, err, sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "webfilter content 7, entry 'a('"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_words");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, words);
	tcase_add_test(t, bad);
	suite_add_tcase(s, t);
	return suite_run(s);
}
