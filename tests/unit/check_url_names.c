/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index over names.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "url/url_names.h"
#include "suite.h"

static struct wad_url_names	*x;
static unsigned			 sum;	/* of what was found, as bits */
static size_t			 length;

static void
found(void *arg, uint32_t value, size_t len)
{
	(void)arg;
	sum |= 1u << value;
	length = len;
}

static unsigned
find(const char *host, bool below, const char *path, const char *condition)
{
	sum = 0;
	wad_url_names_find(x, host, below, path, condition, found, NULL);
	return sum;
}

START_TEST(all)
{
	x = wad_url_names_new(8);
	wad_url_names_add(x, "a.example", "", "", 0);
	wad_url_names_add(x, "example", "", "", 1);
	wad_url_names_add(x, "a.example", "/p/q", "", 2);
	wad_url_names_add(x, "a.example", "/p", "", 3);
	wad_url_names_add(x, "a.example", "/p?x=1", "", 4);
	wad_url_names_add(x, "b.test", "/only", "", 5);
	wad_url_names_add(x, "c.test", "", "from.example", 6);
	wad_url_names_add(x, "a.example", "", "", 7);	/* the first stays */
	ck_assert_uint_eq(find("a.example", true, NULL, ""), 3);
	ck_assert_uint_eq(find("a.example", false, NULL, ""), 1);
	ck_assert_uint_eq(find("w.a.example", true, "/p/q/r", ""), 15);
	ck_assert_uint_eq(find("w.a.example", false, "/p/q/r", ""), 0);
	ck_assert_uint_eq(find("a.example", true, "/pp", ""), 3);
	ck_assert_uint_eq(find("a.example", true, "/p?x=1&y", ""), 27);
	ck_assert_uint_eq(length, strlen("a.example/p?x=1"));
	ck_assert_uint_eq(find("a.example", true, "/p?x=12", ""), 11);
	ck_assert_uint_eq(find("b.test", true, NULL, ""), 0);
	ck_assert_uint_eq(find("b.test", true, "/only", ""), 32);
	ck_assert_uint_eq(find("c.test", true, "/", ""), 0);
	ck_assert_uint_eq(find("c.test", true, "/", "from.example"), 64);
	ck_assert_uint_eq(find("", true, "/", ""), 0);
	wad_url_names_free(x);
	wad_url_names_free(NULL);
}
END_TEST

START_TEST(many)
{
	char name[40];

	x = wad_url_names_new(20000);
	for (uint32_t i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "h%u.example", i);
		wad_url_names_add(x, name, i % 2 ? "/x" : "", "", i % 32);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "h%u.example", i);
		ck_assert_uint_eq(find(name, true, "/x/y", ""), 1u << i % 32);
		snprintf(name, sizeof(name), "g%u.example", i);
		ck_assert_uint_eq(find(name, true, "/x/y", ""), 0);
	}
	wad_url_names_free(x);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_names");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, all);
	tcase_add_test(t, many);
	suite_add_tcase(s, t);
	return suite_run(s);
}
