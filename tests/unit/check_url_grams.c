/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index over pieces of text, and what patterns need.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "url/url_grams.h"
#include "suite.h"

static unsigned asked;

static bool
even(void *arg, uint32_t n)
{
	(void)arg;
	asked++;
	return n % 2 == 0;
}

static uint32_t
find(struct wad_url_grams *x, const char *text)
{
	asked = 0;
	return wad_url_grams_find(x, text, strlen(text), 100, even, NULL);
}

START_TEST(lowest)
{
	struct wad_url_grams *x = wad_url_grams_new();

	wad_url_grams_add(x, 1, "longer-text", 11);
	wad_url_grams_add(x, 2, "word", 4);
	wad_url_grams_add(x, 3, "word", 4);
	wad_url_grams_add(x, 4, "xy", 2);
	wad_url_grams_add(x, 6, "one", 3);
	wad_url_grams_add(x, 6, "other", 5);
	wad_url_grams_add(x, 8, "", 0);
	wad_url_grams_seal(x);
	ck_assert_uint_eq(find(x, "nothing"), 8);
	ck_assert_uint_eq(find(x, ""), 8);
	ck_assert_uint_eq(find(x, "axy"), 4);
	ck_assert_uint_eq(find(x, "xy word"), 2);
	ck_assert_uint_eq(find(x, "the other"), 6);
	ck_assert_uint_eq(find(x, "a longer-text: word word word"), 2);
	ck_assert_uint_le(asked, 3);
	wad_url_grams_free(x);
	wad_url_grams_free(NULL);
}
END_TEST

START_TEST(regexes)
{
	static const struct { const char *source, *need; } t[] = {
		{ "abc", "abc" }, { "^Ab\\.example$", "ab.example" },
		{ "abcd?efg", "abc" }, { "ab(cde)?f", "ab" },
		{ "ab+cd", "ab" }, { "ab{2}cde", "cde" },
		{ "a[bc]def", "def" }, { "x\\d+yz", "yz" },
		{ "aa|bbb", "aa" }, { "aa|b", NULL }, { "(?i)abc", NULL },
		{ "\\x41bc", NULL }, { "\\Qa.b\\E", NULL },
		{ "a.c", NULL }, { "[]a]bc", "bc" }, { "(a|b", NULL },
		{ "(?:ab)cd", "cd" }, { "ab\\", NULL }, { "", NULL },
		{ "[[:alpha:]]ab", NULL }, { "(*UTF)ab", NULL } };
	struct wad_str need = { 0 };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		size_t n = wad_url_grams_of_regex(&need, t[i].source);

		ck_assert_msg((n > 0) == (t[i].need != NULL), "%s",
		    t[i].source);
		if (n > 0)
			ck_assert_str_eq(need.s, t[i].need);
	}
	ck_assert_uint_eq(wad_url_grams_of_regex(&need, "aa|bbb|cc"), 3);
	wad_url_grams_of_glob(&need, "*.Wild?.example/x*");
	ck_assert_uint_eq(need.len, 10);
	ck_assert_int_eq(memcmp(need.s, ".example/x", 10), 0);
	wad_str_free(&need);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_grams");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, lowest);
	tcase_add_test(t, regexes);
	suite_add_tcase(s, t);
	return suite_run(s);
}
