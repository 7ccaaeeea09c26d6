/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one form of hosts and paths.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "url/url_form.h"
#include "suite.h"

static const char *
of(void (*fn)(struct wad_str *, const char *, size_t), const char *s)
{
	static struct wad_str d;

	d.len = 0;
	fn(&d, s, strlen(s));
	return d.s;
}

START_TEST(hosts)
{
	char h[WAD_HOST_MAX];

	ck_assert_int_eq(wad_url_form_host(h, "A.Example.", 10), 0);
	ck_assert_str_eq(h, "a.example");
	ck_assert_int_eq(wad_url_form_host(h, "B\xc3\x9c" "CHER.de", 10), 0);
	ck_assert_str_eq(h, "xn--bcher-kva.de");
	ck_assert_int_eq(wad_url_form_host(h, "", 0), -1);
	ck_assert_int_eq(wad_url_form_host(h, "a b", 3), -1);
	ck_assert_int_eq(wad_url_form_host(h, "\xff.de", 4), -1);
}
END_TEST

START_TEST(paths)
{
	static const char *const pairs[][2] = {
		{ "", "/" }, { "/", "/" }, { "a", "/a" }, { "//a//b/", "/a/b/" },
		{ "/a/./b", "/a/b" }, { "/a/../b", "/b" }, { "/../..", "/" },
		{ "/a/..", "/" }, { "/a/b/..", "/a/" }, { "/a/.", "/a/" },
		{ "/%2e%2E/%61", "/a" }, { "/%2f;%3b", "/%2F;%3B" },
		{ "/a b%zz", "/a%20b%25zz" }, { "/\xc3\xbc", "/%C3%BC" },
		{ "/a?", "/a?" }, { "/a?%62=/../c?d", "/a?b=/../c?d" },
		{ "?x", "/?x" }, { "/a#b?c", "/a" }, { "/a?b#c", "/a?b" },
		{ "/%", "/%25" }, { "/%4", "/%254" } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		ck_assert_str_eq(of(wad_url_form_path, pairs[i][0]),
		    pairs[i][1]);
}
END_TEST

START_TEST(slashes)
{
	static const char *const pairs[][2] = {
		{ "/a%2fb", "/a/b" }, { "/x%2F..%5c\\a%62?%2f\\", "/x/..//a%62?%2f\\" },
		{ "/a/b", NULL }, { "/%2g%5", NULL }, { "/a?%2f", NULL },
		{ "", NULL } };
	struct wad_str d = { 0 };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		d.len = 0;
		ck_assert_int_eq(wad_url_form_slashes(&d, pairs[i][0]),
		    pairs[i][1] != NULL);
		if (pairs[i][1] != NULL)
			ck_assert_str_eq(d.s, pairs[i][1]);
	}
	wad_str_free(&d);
}
END_TEST

START_TEST(globs)
{
	ck_assert_str_eq(of(wad_url_form_glob, "/%61*?b%*\xc3"),
	    "/a*?b%*%C3");
}
END_TEST

START_TEST(keys)
{
	char	dst[20];
	bool	cut;

	ck_assert_uint_eq(wad_url_form_key(dst, sizeof(dst), "/a/%62/?c", 9,
	    &cut), 4);
	ck_assert_str_eq(dst, "/a/b");
	ck_assert(!cut);
	wad_url_form_key(dst, sizeof(dst), "/0123456789/0123456789", 22,
	    &cut);
	ck_assert_str_eq(dst, "/0123456789");
	ck_assert(cut);
	wad_url_form_key(dst, sizeof(dst), "/1/2/3/4/5/6/7/8/9", 18, &cut);
	ck_assert_str_eq(dst, "/1/2/3/4/5/6/7/8");
	ck_assert(cut);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_form");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, hosts);
	tcase_add_test(t, paths);
	tcase_add_test(t, slashes);
	tcase_add_test(t, globs);
	tcase_add_test(t, keys);
	suite_add_tcase(s, t);
	return suite_run(s);
}
