/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.c: growing strings, escaping, canonical host names, wildcards.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "suite.h"

START_TEST(growing)
{
	struct wad_str	 b = { 0 };
	char		*s;

	s = wad_str_take(&b);
	ck_assert_str_eq(s, "");
	free(s);
	wad_str_add(&b, "");
	ck_assert_str_eq(b.s, "");
	wad_str_addn(&b, "abcdef", 3);
	wad_str_addf(&b, "%d-%s", 12, "x");
	ck_assert_str_eq(b.s, "abc12-x");
	ck_assert_uint_eq(b.len, 7);
	for (int i = 0; i < 10000; i++)
		wad_str_addf(&b, "%04d", i);
	ck_assert_uint_eq(b.len, 7 + 40000);
	ck_assert_uint_eq(strlen(b.s), b.len);
	ck_assert_str_eq(b.s + b.len - 4, "9999");
	s = wad_str_take(&b);
	ck_assert_ptr_null(b.s);
	ck_assert_uint_eq(b.len, 0);
	free(s);
	wad_str_addn(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 3);
	wad_str_addz(&b, "cde", 2);
	wad_str_addz(&b, NULL, 0);
	ck_assert_uint_eq(b.len, 7);
	ck_assert_mem_eq(b.s, "a\0bcd\0\0\0", 8);
	for (size_t i = 0; i < 1000; i++)	/* at every size */
		wad_str_addz(&b, "x", 1);
	ck_assert_uint_eq(b.len, 7 + 2000);
	ck_assert_int_eq(b.s[b.len], '\0');
	wad_str_free(&b);
	wad_str_free(&b);
}
END_TEST

START_TEST(escape)
{
	char buf[64], tiny[6];

	ck_assert_str_eq(wad_str_escape(buf, sizeof(buf), "plain text", 10),
	    "plain text");
	ck_assert_str_eq(wad_str_escape(buf, sizeof(buf),
	    "a\"b\\c\n\x7f\xff\0z", 10),
	    "a\\x22b\\x5cc\\x0a\\x7f\\xff\\x00z");
	/* cut before an escape, never inside one */
	ck_assert_str_eq(wad_str_escape(tiny, sizeof(tiny), "abcdefgh", 8),
	    "abcde");
	ck_assert_str_eq(wad_str_escape(tiny, sizeof(tiny), "a\n", 2),
	    "a\\x0a");
	ck_assert_str_eq(wad_str_escape(tiny, sizeof(tiny), "ab\n", 3), "ab");
	ck_assert_str_eq(wad_str_escape(tiny, 1, "ab", 2), "");
	ck_assert_str_eq(wad_str_escape(tiny, sizeof(tiny), "", 0), "");
}
END_TEST

static void
canon(const char *in, const char *want)
{
	char dst[WAD_HOST_MAX];
	int  r = wad_str_host_canon(dst, in, strlen(in));

	ck_assert_msg(r == (want == NULL ? -1 : 0), "%s", in);
	ck_assert_str_eq(dst, want == NULL ? "" : want);
}

START_TEST(host_names)
{
	canon("Example.COM", "example.com");
	canon("example.com.", "example.com");
	canon("a", "a");
	canon("_dmarc.x-y.example", "_dmarc.x-y.example");
	canon("10.0.0.1", "10.0.0.1");
	canon("[2001:DB8::0:1]", "2001:db8::1");
	canon("2001:db8:0:0::1", "2001:db8::1");
	canon("::ffff:10.0.0.1", "10.0.0.1");
	canon("", NULL);
	canon(".", NULL);
	canon("..", NULL);
	canon(".com", NULL);
	canon("a..b", NULL);
	canon("a.b..", NULL);
	canon("a b", NULL);
	canon("a/b", NULL);
	canon("a:80", NULL);
	canon("fe80::1%lo", NULL);
	canon("b\xc3\xbc" "cher.example", NULL);
	canon("*.example.com", NULL);
	canon("a\n", NULL);
}
END_TEST

START_TEST(host_name_bounds)
{
	char dst[WAD_HOST_MAX], in[300];

	/* a NUL inside never ends the name early */
	ck_assert_int_eq(wad_str_host_canon(dst, "good.example\0.bad", 17),
	    -1);
	ck_assert_int_eq(wad_str_host_canon(dst, "10.0.0.1\0x", 10), -1);
	memset(in, 'a', sizeof(in));
	ck_assert_int_eq(wad_str_host_canon(dst, in, 63), 0);
	ck_assert_uint_eq(strlen(dst), 63);
	ck_assert_int_eq(wad_str_host_canon(dst, in, 64), -1);
	for (int i = 63; i < 300; i += 64)
		in[i] = '.';
	ck_assert_int_eq(wad_str_host_canon(dst, in, 253), 0);
	ck_assert_uint_eq(strlen(dst), 253);
	ck_assert_int_eq(wad_str_host_canon(dst, in, 254), -1);
	in[253] = '.';
	ck_assert_int_eq(wad_str_host_canon(dst, in, 254), 0);
	ck_assert_uint_eq(strlen(dst), 253);
	ck_assert_int_eq(wad_str_host_canon(dst, in, 300), -1);
}
END_TEST

START_TEST(wildcard)
{
	static const struct { const char *p, *s; bool yes; } row[] = {
		{ "*.example.com", "www.example.com", true },
		{ "*.example.com", "a.b.example.com", true },
		{ "*.example.com", "example.com", false },
		{ "*example.com", "example.com", true },
		{ "*.example.com", "www.example.com.evil", false },
		{ "exam?le*", "example.org", true },
		{ "exam?le*", "examle.org", false },
		{ "EXAMPLE.com", "example.com", true },
		{ "", "", true }, { "", "a", false }, { "*", "", true },
		{ "***", "abc", true }, { "?", "", false },
		{ "a*b*c", "aXbYbZc", true }, { "a*b*c", "aXbYbZ", false },
	};
	char	many[512];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(wad_str_wildcard(row[i].p, row[i].s) ==
		    row[i].yes, "%s %s", row[i].p, row[i].s);
	/* stays quick where backtracking would take for ever */
	memset(many, 'a', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	ck_assert(!wad_str_wildcard("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", many));
}
END_TEST

START_TEST(nearest)
{
	static const char *const list[] = { "status", "srcaddr", "dstaddr",
		"schedule", "action" };

	ck_assert_str_eq(wad_str_nearest("statsu", list, 5), "status");
	ck_assert_str_eq(wad_str_nearest("scraddr", list, 5), "srcaddr");
	ck_assert_str_eq(wad_str_nearest("sched", list, 5), "schedule");
	ck_assert_ptr_null(wad_str_nearest("zzzzzz", list, 5));
	ck_assert_ptr_null(wad_str_nearest("", list, 5));
	ck_assert_ptr_null(wad_str_nearest("status", list, 0));
	{
		char big[4096];

		memset(big, 's', sizeof(big) - 1);
		big[sizeof(big) - 1] = '\0';
		ck_assert_ptr_null(wad_str_nearest(big, list, 5));
	}
}
END_TEST

START_TEST(hash)
{
	unsigned long long a = wad_str_hash(0, "foobar", 6);

	/* published FNV-1a 64 value of "foobar" */
	ck_assert(a == 0x85944171f73967e8ULL);
	ck_assert(wad_str_hash(wad_str_hash(0, "foo", 3), "bar", 3) == a);
	ck_assert(wad_str_hash(0, "", 0) == 14695981039346656037ULL);
}
END_TEST

START_TEST(test_hex)
{
	static const char digits[] = "0123456789abcdef";

	for (int c = -128; c < 128; c++) {
		const char *at = c > 0 ? strchr(digits, c >= 'A' && c <= 'F' ?
		    c + 'a' - 'A' : c) : NULL;

		ck_assert_int_eq(wad_str_hex((char)c), at != NULL ?
		    (int)(at - digits) : -1);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("str");
	TCase	*t = tcase_create("str");

	tcase_add_test(t, growing);
	tcase_add_test(t, test_hex);
	tcase_add_test(t, escape);
	tcase_add_test(t, host_names);
	tcase_add_test(t, host_name_bounds);
	tcase_add_test(t, wildcard);
	tcase_add_test(t, nearest);
	tcase_add_test(t, hash);
	suite_add_tcase(s, t);
	return suite_run(s);
}
