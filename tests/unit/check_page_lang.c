/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/page_lang.c: what a file of a language may hold, and which language a
 * client gets.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/page_lang.h"
#include "suite.h"

/* What is told about a text, without the line about missing words. */
static char *
told(const char *text)
{
	struct wad_str		 w = { 0 };
	struct wad_page_lang	*l = wad_page_lang_new("de", text, "de.txt",
	    &w);
	char			*s, *end;

	wad_page_lang_free(l);
	s = wad_str_take(&w);
	end = strstr(s, "de.txt: shown in English, for they are missing:");
	if (end != NULL)
		*end = '\0';
	return s;
}

START_TEST(test_lines)
{
	static const struct { const char *text, *told; } t[] = {
		{ "# remark\n\n  \n", "" },
		{ "from = woher", "" }, { "from=woher\r\n", "" },
		{ "\xef\xbb\xbf" "from = woher\n", "" },
		{ "from = a = b < c & d\n", "" },
		{ "direction = rtl\n", "" },
		{ "direction = up\n",
		    "de.txt:1: direction is ltr or rtl\n" },
		{ "\nfrom woher\n", "de.txt:2: expected 'key = words'\n" },
		{ "form = x\n", "de.txt:1: there is no key 'form'; did you "
		    "mean 'from'?\n" },
		{ "from =\n",
		    "de.txt:1: from has 0 bytes, 1 to 600 are possible\n" },
		{ "from = a\nfrom = b\n",
		    "de.txt:2: from is there twice\n" },
		{ "from = \xff\n", "de.txt:1: the words are not UTF-8, or "
		    "hold control characters\n" },
		{ "from = \xc0\xaf\n", "de.txt:1: the words are not UTF-8, "
		    "or hold control characters\n" },
		{ "from = a\x1b[2Jb\n", "de.txt:1: the words are not UTF-8, "
		    "or hold control characters\n" },
		{ "from = \xed\xa0\x80\n", "de.txt:1: the words are not "
		    "UTF-8, or hold control characters\n" },
		{ "from = \xe2\x82", "de.txt:1: the words are not UTF-8, or "
		    "hold control characters\n" },
		{ "from = \xf0\x9f\x98\x80 \xc3\xbc\n", "" },
		{ "\x1b[2J = x\n", "de.txt:1: there is no key "
		    "'\\x1b[2J'\n" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char *s = told(t[i].text);

		ck_assert_str_eq(s, t[i].told);
		free(s);
	}
}
END_TEST

START_TEST(test_words)
{
	struct wad_str		 w = { 0 };
	struct wad_page_lang	*l = wad_page_lang_new("de",
	    "from = Von hier\ndirection = rtl\nlabel.site = <b>\n", "de.txt",
	    &w);

	ck_assert_str_eq(wad_page_lang_word(l, WAD_PW_FROM), "Von hier");
	ck_assert_str_eq(wad_page_lang_word(l, WAD_PW_SITE), "<b>");
	ck_assert_str_eq(wad_page_lang_word(l, WAD_PW_CODE), "Code");
	ck_assert_str_eq(wad_page_lang_word(NULL, WAD_PW_CODE), "Code");
	ck_assert_str_eq(wad_page_lang_word(NULL, WAD_PW_TITLE_DNS),
	    "The site was not found");
	ck_assert_str_eq(wad_page_lang_tag(l), "de");
	ck_assert_str_eq(wad_page_lang_tag(NULL), "en");
	ck_assert(wad_page_lang_rtl(l) && !wad_page_lang_rtl(NULL));
	ck_assert(strncmp(w.s, "de.txt: shown in English, for they are "
	    "missing: url-block.title url-block.text ", 60) == 0);
	ck_assert_ptr_nonnull(strstr(w.s, " more\n"));
	for (int i = 0; i < WAD_PW_N; i++) {	/* each has English words */
		const char *s = wad_page_lang_word(NULL,
		    (enum wad_page_word)i);

		ck_assert(s != NULL && *s != '\0' &&
		    strlen(s) <= WAD_PAGE_WORD);
	}
	wad_str_free(&w);
	wad_page_lang_free(l);
}
END_TEST

START_TEST(test_choose)
{
	static const char *const tags[] = { "de", "fr", "pt-BR", "zh-Hant" };
	static const struct { const char *accept, *tag; } t[] = {
		{ NULL, "en" }, { "", "en" }, { "de", "de" }, { "DE", "de" },
		{ "de-CH", "de" }, { "de-CH-1996,en", "de" },
		{ "en-GB,de;q=0.9", "en" }, { "it,fr;q=0.5", "fr" },
		{ "fr;q=0.2, de;q=0.3", "de" }, { "fr;q=0, de;q=0.001", "de" },
		{ "it", "en" }, { "*", "en" }, { "it;q=1,*;q=0.5", "en" },
		{ "pt", "pt-BR" }, { "pt-PT", "pt-BR" }, { "zh-hant-tw",
		    "zh-Hant" }, { "d", "en" }, { "deu", "en" },
		{ "de ; q=0.1 , fr;q=0.2", "fr" }, { ";;;,,,de", "de" },
		{ "de;q=1.000", "de" }, { "de;q=2", "en" }, { "de;x", "en" },
		{ "x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,de", "en" },
		{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz,fr",
		    "fr" },
	};
	struct wad_page_lang *l[5];

	for (size_t i = 0; i < 4; i++)
		l[i] = wad_page_lang_new(tags[i], "", "", NULL);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_str_eq(wad_page_lang_tag(wad_page_lang_choose(l, 4,
		    t[i].accept)), t[i].tag);
	/* an administrator may say it in other English words */
	l[4] = wad_page_lang_new("en", "from = x\n", "", NULL);
	ck_assert_ptr_eq(wad_page_lang_choose(l, 5, "it"), l[4]);
	ck_assert_ptr_eq(wad_page_lang_choose(l, 5, NULL), l[4]);
	ck_assert_ptr_eq(wad_page_lang_choose(l, 5, "en-US"), l[4]);
	ck_assert_ptr_eq(wad_page_lang_choose(l, 5, "fr"), l[1]);
	for (size_t i = 0; i < 5; i++)
		wad_page_lang_free(l[i]);
}
END_TEST

START_TEST(test_tags)
{
	static const char *const good[] = { "de", "de-CH", "zh-Hant-TW",
		"gsw", "sr-Latn" };
	static const char *const bad[] = { "", "d", "D", "De", "deutsch",
		"de-", "-de", "de--CH", "de_CH", "../x", "de/x", "de.",
		"de-abcdefghi" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert(wad_page_lang_tag_ok(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!wad_page_lang_tag_ok(bad[i]), "%s", bad[i]);
}
END_TEST

/* The translations that come with openwad are whole. */
START_TEST(test_ours)
{
	const char	*dir = TESTDIR "/../contrib/pages";
	DIR		*d = opendir(dir);
	struct dirent	*e;
	unsigned	 n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		static char	 text[WAD_PAGE_FILE + 1];
		struct wad_str	 w = { 0 };
		char		 path[600], tag[8];
		FILE		*f;

		if (strstr(e->d_name, ".txt") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		snprintf(tag, sizeof(tag), "%.2s", e->d_name);
		f = fopen(path, "r");
		ck_assert_ptr_nonnull(f);
		text[fread(text, 1, WAD_PAGE_FILE, f)] = '\0';
		fclose(f);
		wad_page_lang_free(wad_page_lang_new(tag, text, e->d_name,
		    &w));
		ck_assert_msg(w.len == 0, "%s", w.s);
		n++;
	}
	closedir(d);
	ck_assert_uint_ge(n, 3);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("page_lang");
	TCase	*tc = tcase_create("page_lang");

	tcase_add_test(tc, test_lines);
	tcase_add_test(tc, test_words);
	tcase_add_test(tc, test_choose);
	tcase_add_test(tc, test_tags);
	tcase_add_test(tc, test_ours);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
