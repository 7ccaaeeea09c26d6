/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URL filter lists (simple, wildcard, regex) and local ratings.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "url/url_rules.h"

static struct wad_conf		*conf;
static struct wad_url_rules	*rules;
static const char text[] =
    "config webfilter urlfilter\nedit 1\nset name list\nconfig entries\n"
    "edit 1\nset url off.example\nset type simple\nset action block\n"
    "set status disable\nnext\n"
    "edit 2\nset url good.bad.example\nset type simple\n"
    "set action exempt\nnext\n"
    "edit 3\nset url bad.example\nset type simple\nset action block\n"
    "next\n"
    "edit 4\nset url *.wild.example/x*\nset type wildcard\n"
    "set action monitor\nnext\n"
    "edit 5\nset url ^re[0-9]+\\\\.example/(a|b)$\nset type regex\n"
    "set action block\nnext\n"
    "edit 6\nset url path.example/secret\nset type simple\n"
    "set action block\nnext\n"
    "edit 7\nset url ^(a+)+$\nset type regex\nset action block\nnext\n"
    "edit 8\nset url allowed.example\nset type simple\nset action allow\n"
    "next\nend\nnext\nend\n"
    "config webfilter ftgd-local-cat\nedit own\nset id 140\nnext\nend\n"
    "config webfilter ftgd-local-rating\n"
    "edit rated.example\nset rating 140 52\nnext\n"
    "edit www.rated.example/deep\nset rating 31\nnext\n"
    "edit off.rated.example\nset rating 26\nset status disable\nnext\n"
    "end\n";

static void
setup(void)
{
	conf = conf_of_text(text);
	rules = wad_url_rules_new(conf, NULL, 0);
	ck_assert_ptr_nonnull(rules);
}

static void
teardown(void)
{
	wad_url_rules_free(rules);
	wad_conf_put(conf);
}

/* The number of the entry that matches, 0 for none. */
static unsigned
entry(const char *host, const char *path)
{
	const struct wad_uf_entry *e = wad_url_rules_filter(rules,
	    &conf->urlfilters[0], host, path);

	return e != NULL ? e->id : 0;
}

START_TEST(simple)
{
	ck_assert_uint_eq(entry("off.example", NULL), 0);
	ck_assert_uint_eq(entry("bad.example", NULL), 3);
	ck_assert_uint_eq(entry("www.bad.example", "/x"), 3);
	ck_assert_uint_eq(entry("xbad.example", NULL), 0);
	ck_assert_uint_eq(entry("example", NULL), 0);
	ck_assert_uint_eq(entry("a.good.bad.example", NULL), 2);
}
END_TEST

START_TEST(path)
{
	ck_assert_uint_eq(entry("path.example", NULL), 0);
	ck_assert_uint_eq(entry("path.example", "/"), 0);
	ck_assert_uint_eq(entry("path.example", "/secret"), 6);
	ck_assert_uint_eq(entry("path.example", "/secret/x"), 6);
	ck_assert_uint_eq(entry("path.example", "/secret?x"), 6);
	ck_assert_uint_eq(entry("path.example", "/secrets"), 0);
	ck_assert_uint_eq(entry("path.example", "//a/../%73ecret"), 6);
}
END_TEST

START_TEST(wildcard)
{
	ck_assert_uint_eq(entry("a.wild.example", "/xyz"), 4);
	ck_assert_uint_eq(entry("a.wild.example", "/y"), 0);
	ck_assert_uint_eq(entry("a.wild.example", NULL), 0);
	ck_assert_uint_eq(entry("wild.example", "/x"), 0);
}
END_TEST

START_TEST(regex)
{
	ck_assert_uint_eq(entry("re12.example", "/a"), 5);
	ck_assert_uint_eq(entry("RE12.example", "/B"), 5);
	ck_assert_uint_eq(entry("re12.example", "/c"), 0);
	ck_assert_uint_eq(entry("re.example", "/a"), 0);
}
END_TEST

/* A match that takes too long counts as a match of a block entry. */
START_TEST(regex_limit)
{
	ck_assert_uint_eq(entry("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaab", NULL), 7);
}
END_TEST

START_TEST(local_rating)
{
	uint16_t c[4];

	ck_assert_uint_eq(wad_url_rules_local(conf, "a.rated.example", NULL,
	    c, 4), 2);
	ck_assert_uint_eq(c[0], 140);
	ck_assert_uint_eq(c[1], 52);
	ck_assert_uint_eq(wad_url_rules_local(conf, "rated.example", NULL, c,
	    1), 1);
	ck_assert_uint_eq(wad_url_rules_local(conf, "www.rated.example",
	    "/deep/x", c, 4), 1);
	ck_assert_uint_eq(c[0], 31);
	ck_assert_uint_eq(wad_url_rules_local(conf, "off.rated.example", NULL,
	    c, 4), 2);
	ck_assert_uint_eq(wad_url_rules_local(conf, "other.example", NULL, c,
	    4), 0);
}
END_TEST

/* A domain is no suffix of an address; a scheme says nothing. */
START_TEST(odd_patterns)
{
	struct wad_uf_entry	e[] = {
		{ .id = 1, .url = "0.2.1", .enabled = true },
		{ .id = 2, .url = "https://s.example/p", .enabled = true },
		{ .id = 3, .url = "q.example/p?a=1", .enabled = true },
		{ .id = 4, .url = "", .enabled = true } };
	struct wad_urlfilter	f = { .entries = e, .n_entries = 4 };

	ck_assert_ptr_null(wad_url_rules_filter(rules, &f, "192.0.2.1",
	    NULL));
	ck_assert_ptr_eq(wad_url_rules_filter(rules, &f, "s.example", "/p/"),
	    &e[1]);
	ck_assert_ptr_eq(wad_url_rules_filter(rules, &f, "q.example",
	    "/p?a=1"), &e[2]);
	ck_assert_ptr_null(wad_url_rules_filter(rules, &f, "q.example",
	    "/p"));
}
END_TEST

START_TEST(bad_regex)
{
	struct wad_uf_entry	e = { .id = 3, .url = "a(", .type =
	    WAD_UF_REGEX, .enabled = true };
	struct wad_urlfilter	f = { .id = 9, .entries = &e,
		.n_entries = 1 };
	struct wad_conf		c = { .urlfilters = &f, .n_urlfilters = 1 };
	char			err[200] = "";

	ck_assert_ptr_null(wad_url_rules_new(&c, err, sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "webfilter urlfilter 9, entry 3"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_rules");
	TCase	*t = tcase_create("all");
	SRunner	*r = srunner_create(s);
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, simple);
	tcase_add_test(t, path);
	tcase_add_test(t, wildcard);
	tcase_add_test(t, regex);
	tcase_add_test(t, regex_limit);
	tcase_add_test(t, local_rating);
	tcase_add_test(t, odd_patterns);
	tcase_add_test(t, bad_regex);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
