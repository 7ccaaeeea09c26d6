/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of category lists: all types, good and bad.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "url/catdb_parse.h"
#include "suite.h"

static struct wad_str	out;
static const char	*why;

static void
on_name(void *arg, const char *key, size_t klen, const char *category)
{
	(void)arg;
	if (out.len > 0)
		wad_str_add(&out, " ");
	wad_str_addn(&out, key, klen);
	if (category != NULL)
		wad_str_addf(&out, "=%s", category);
}

static int
run(enum wad_catdb_type type, const char *line, size_t len)
{
	out.len = 0;
	wad_str_add(&out, "");
	why = NULL;
	return wad_catdb_parse_line(type, line, len, on_name, NULL, &why);
}

static void
gives(enum wad_catdb_type type, const char *line, const char *want)
{
	int n = run(type, line, strlen(line));

	ck_assert_msg(n >= 0, "'%s': %s", line, why);
	ck_assert_str_eq(out.s, want);
	ck_assert_int_eq(n == 0, *want == '\0');
}

static void
bad(enum wad_catdb_type type, const char *line)
{
	ck_assert_msg(run(type, line, strlen(line)) == -1, "'%s' gave '%s'",
	    line, out.s);
	ck_assert_ptr_nonnull(why);
	ck_assert_str_eq(out.s, "");
}

static void
teardown(void)
{
	wad_str_free(&out);
}

static void
setup(void)
{
	memset(&out, 0, sizeof(out));
}

START_TEST(domains)
{
	enum wad_catdb_type t = WAD_CATDB_DOMAINS;

	gives(t, "example.com", "example.com");
	gives(t, " WWW.Example.COM.\r", "www.example.com");
	gives(t, "\xef\xbb\xbf" "a.example", "a.example");
	gives(t, ".example.com", "example.com");
	gives(t, "*.example.com", "example.com");
	gives(t, "example.com/", "example.com");
	gives(t, "example.com # remark", "example.com");
	gives(t, "192.0.2.1", "192.0.2.1");
	gives(t, "2001:DB8:0::1", "2001:db8::1");
	gives(t, "m\xc3\xbcller.example", "xn--mller-kva.example");
	gives(t, "M\xc3\x9cLLER.example", "xn--mller-kva.example");
	gives(t, "", "");
	gives(t, " \t\r", "");
	gives(t, "# remark", "");
	gives(t, "; remark", "");
	bad(t, "a b");
	bad(t, "a..b");
	bad(t, ".");
	bad(t, "*");
	bad(t, "*.");
	bad(t, "-/-");
	bad(t, "example.com/x");
	bad(t, "http://example.com");
	bad(t, "m\xfcller.example");
	ck_assert_int_eq(run(t, "a\0b", 3), -1);
	ck_assert_int_eq(run(t, "\xc3\xbc\0b", 4), -1);
}
END_TEST

START_TEST(urls)
{
	enum wad_catdb_type t = WAD_CATDB_URLS;

	gives(t, "example.com/a/b", "example.com/a/b");
	gives(t, "http://www.Example.com/A/", "www.example.com/A");
	gives(t, "HTTPS://example.com:8443/a?b=c", "example.com/a");
	gives(t, "example.com", "example.com");
	gives(t, "example.com/", "example.com");
	gives(t, "example.com?x", "example.com");
	gives(t, "example.com/a/#top", "example.com/a");
	gives(t, "example.com/%7euser", "example.com/~user");
	gives(t, "example.com/a//./b/../c", "example.com/a/c");
	gives(t, "example.com/a%2fb%3B;", "example.com/a%2Fb%3B;");
	gives(t, "example.com/\xc3\xbc x", "example.com/%C3%BC%20x");
	gives(t, "192.0.2.1:80/x", "192.0.2.1/x");
	gives(t, "[2001:db8::1]:80/x", "2001:db8::1/x");
	gives(t, "2001:db8::1/x", "2001:db8::1/x");
	gives(t, "a.example/1/2/3/4/5/6/7/8", "a.example/1/2/3/4/5/6/7/8");
	bad(t, "a.example/1/2/3/4/5/6/7/8/9");
	bad(t, "user@example.com/x");
	bad(t, "example.com:99999999/x");
	bad(t, "example.com:8x/x");
	bad(t, "[2001:db8::1]80/x");
	bad(t, "[::1/x");
	bad(t, "http:///x");
	bad(t, "/x");
	ck_assert_int_eq(run(t, "a.example/x\0y", 13), -1);
}
END_TEST

START_TEST(hosts)
{
	enum wad_catdb_type t = WAD_CATDB_HOSTS;

	gives(t, "0.0.0.0 ads.example t.example # x",
	    "ads.example t.example");
	gives(t, "::1\tAds.example", "ads.example");
	gives(t, "127.0.0.1 localhost localhost.localdomain", "");
	gives(t, "fe80::1%lo0 localhost", "");
	gives(t, "0.0.0.0 0.0.0.0", "");
	bad(t, "ads.example");
	bad(t, "0.0.0.0");
	bad(t, "ads.example t.example");
	bad(t, "0.0.0.0 good.example b@d.example");
}
END_TEST

START_TEST(csv)
{
	enum wad_catdb_type t = WAD_CATDB_CSV;

	gives(t, "Example.com,Shopping", "example.com=Shopping");
	gives(t, "example.com , 42 ", "example.com=42");
	gives(t, "\"example.com\",\"a, \"\"b\"\"\"",
	    "example.com=a, \"b\"");
	gives(t, "https://example.com/a,x", "example.com/a=x");
	gives(t, "domain,category", "");
	gives(t, "# remark", "");
	bad(t, "example.com");
	bad(t, "example.com,");
	bad(t, ",x");
	bad(t, "example.com,x,y");
	bad(t, "\"example.com,x");
	bad(t, "\"example.com\"y,x");
	bad(t, "exa mple,x");
}
END_TEST

START_TEST(long_ones)
{
	char line[WAD_CATDB_LINE_MAX + 2];

	memset(line, 'a', sizeof(line));
	for (int t = WAD_CATDB_DOMAINS; t <= WAD_CATDB_CSV; t++) {
		ck_assert_int_eq(run((enum wad_catdb_type)t, line,
		    sizeof(line)), -1);
		ck_assert_int_eq(run((enum wad_catdb_type)t, line,
		    WAD_CATDB_LINE_MAX), -1);
	}
	memcpy(line, "a.example/", 10);
	ck_assert_int_eq(run(WAD_CATDB_URLS, line, 512), 1);
	ck_assert_uint_eq(out.len, 512);
	ck_assert_int_eq(run(WAD_CATDB_URLS, line, 513), -1);
}
END_TEST

START_TEST(types)
{
	ck_assert_int_eq(wad_catdb_parse_type("domains"), WAD_CATDB_DOMAINS);
	ck_assert_int_eq(wad_catdb_parse_type("csv"), WAD_CATDB_CSV);
	ck_assert_int_eq(wad_catdb_parse_type("x"), -1);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("catdb_parse");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, domains);
	tcase_add_test(t, urls);
	tcase_add_test(t, hosts);
	tcase_add_test(t, csv);
	tcase_add_test(t, long_ones);
	tcase_add_test(t, types);
	suite_add_tcase(s, t);
	return suite_run(s);
}
