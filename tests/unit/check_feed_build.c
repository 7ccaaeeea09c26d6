/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of threat feeds, good and bad, and what is found in the segment that
 * they become; ranges, large lists, pieces of any size.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"
#include "lookup/feed_build.h"
#include "policy/feed_db.h"
#include "suite.h"

static struct wad_feed_build	*b;
static struct wad_feed_db	*db;

static void
teardown(void)
{
	wad_feed_build_free(b);
	wad_feed_db_close(db);
	b = NULL;
	db = NULL;
}

/* Text in pieces of n bytes; 0, or -1 when it was refused. */
static int
build(enum wad_feed_type type, const char *text, size_t n)
{
	size_t	len = strlen(text);
	char	err[160];
	int	rc;

	teardown();
	b = wad_feed_build_new(type, 12345);
	for (size_t at = 0; at < len; at += n)
		if (wad_feed_build_text(b, text + at, len - at < n ?
		    len - at : n) == -1)
			return -1;
	if (wad_feed_build_end(b) == -1)
		return -1;
	while ((rc = wad_feed_build_step(b)) == 1)
		;
	ck_assert_int_eq(rc, 0);
	db = wad_feed_db_open(wad_feed_build_take(b), err, sizeof(err));
	ck_assert_msg(db != NULL, "%s", err);
	ck_assert_int_eq(wad_feed_build_take(b), -1);
	return 0;
}

static uint32_t
name(const char *key)
{
	return wad_feed_db_name(db, key, strlen(key));
}

static uint32_t
addr(const char *text)
{
	struct wad_addr a;

	ck_assert_int_eq(wad_addr_parse(&a, text), 0);
	return wad_feed_db_addr(db, &a);
}

START_TEST(category)
{
	static const size_t pieces[] = { 1, 3, 7, 4096 };

	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(build(WAD_FEED_CATEGORY, "\xef\xbb\xbf# list\n"
		    "Example.COM\r\n"
		    "\n"
		    "https://shop.example:443/a/%62/?q # a page\n"
		    "0.0.0.0 ads.example tracker.example\n"
		    "*.wild.example\n"
		    "1.2.3.4\n"
		    "; also a comment\n"
		    "b\xc3\xbc" "cher.example", pieces[i]), 0);
		ck_assert_uint_eq(name("example.com"), 2);
		ck_assert_uint_eq(name("shop.example/a/b"), 4);
		ck_assert_uint_eq(name("shop.example"), 0);
		ck_assert_uint_eq(name("ads.example"), 5);
		ck_assert_uint_eq(name("tracker.example"), 5);
		ck_assert_uint_eq(name("wild.example"), 6);
		ck_assert_uint_eq(name("1.2.3.4"), 7);
		ck_assert_uint_eq(name("xn--bcher-kva.example"), 9);
		ck_assert_uint_eq(wad_feed_db_head(db)->n_names, 7);
		ck_assert_uint_eq(wad_feed_db_head(db)->n_paths, 1);
		ck_assert_uint_eq(wad_feed_build_count(b)->lines, 9);
		ck_assert_uint_eq(wad_feed_build_count(b)->good, 6);
		ck_assert_uint_eq(wad_feed_build_count(b)->bad, 0);
	}
}
END_TEST

START_TEST(bad_lines)
{
	const struct wad_feed_count	*c;
	struct wad_str			 s = { 0 };

	wad_str_add(&s, "good.example\n10.0.0.0/8\nnot a name\n");
	for (int i = 0; i < 5000; i++)
		wad_str_add(&s, "x");
	wad_str_addn(&s, "\nzero\0.example\n", 15);
	for (int i = 0; i < 20; i++)
		wad_str_addf(&s, "-bad-%d-!\n", i);
	b = wad_feed_build_new(WAD_FEED_CATEGORY, 1);
	ck_assert_int_eq(wad_feed_build_text(b, s.s, s.len), 0);
	ck_assert_int_eq(wad_feed_build_end(b), 0);
	c = wad_feed_build_count(b);
	ck_assert_uint_eq(c->lines, 25);
	ck_assert_uint_eq(c->good, 1);
	ck_assert_uint_eq(c->bad, 24);
	ck_assert_uint_eq(c->shown[0].line, 2);
	ck_assert_str_eq(c->shown[0].text, "10.0.0.0/8");
	ck_assert_ptr_nonnull(strstr(c->shown[0].why, "type address"));
	ck_assert_uint_eq(c->shown[2].line, 4);
	ck_assert_str_eq(c->shown[2].why, "longer than 4096 bytes");
	ck_assert_str_eq(c->shown[3].why, "a zero byte");
	ck_assert_uint_eq(c->shown[9].line, 11);
	wad_str_free(&s);
}
END_TEST

START_TEST(refused)
{
	static const struct { enum wad_feed_type type; const char *text, *why; }
	rows[] = {
		{ WAD_FEED_CATEGORY, "", "it is empty" },
		{ WAD_FEED_CATEGORY, "# nothing\n\n", "it is empty" },
		{ WAD_FEED_ADDRESS, "", "it is empty" },
		{ WAD_FEED_CATEGORY, "\n <!DOCTYPE html>\n<p>x\n",
		    "a web page came instead of a list" },
		{ WAD_FEED_ADDRESS, "<html>", "a web page came instead of a "
		    "list" },
		{ WAD_FEED_ADDRESS, "a.example\nb.example\n", "no good line: "
		    "line 1 \"a.example\": expected an address, a network or "
		    "a range" },
		{ WAD_FEED_CATEGORY, "127.0.0.1 localhost\n", "it is empty" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(build(rows[i].type, rows[i].text, 5), -1);
		ck_assert_str_eq(wad_feed_build_why(b), rows[i].why);
		ck_assert_int_eq(wad_feed_build_step(b), -1);
		ck_assert_int_eq(wad_feed_build_take(b), -1);
	}
}
END_TEST

START_TEST(domains)
{
	ck_assert_int_eq(build(WAD_FEED_DOMAIN, "a.example\n.b.example\n"
	    "https://c.example/\nc.example/path\n", 64), 0);
	ck_assert_uint_eq(name("a.example"), 1);
	ck_assert_uint_eq(name("b.example"), 2);
	ck_assert_uint_eq(wad_feed_build_count(b)->bad, 2);
}
END_TEST

START_TEST(addresses)
{
	ck_assert_int_eq(build(WAD_FEED_ADDRESS, "10.0.0.0/8 # net\n"
	    "192.0.2.7\n"
	    "198.51.100.10 - 198.51.100.20\n"
	    "198.51.100.15-198.51.100.30\n"
	    "2001:db8::/32\n"
	    "2001:db8:1::1\n"
	    "::1-::f\n"
	    "9.9.9.9-1.1.1.1\n"
	    "10.0.0.1-2001:db8::1\n"
	    "10.0.0.0/33\n"
	    "fe80::1%eth0\n"
	    "0.0.0.0/0.0.0.1\n", 3), 0);
	ck_assert_uint_eq(wad_feed_build_count(b)->bad, 5);
	ck_assert_uint_eq(addr("10.0.0.0"), 1);
	ck_assert_uint_eq(addr("10.255.255.255"), 1);
	ck_assert_uint_eq(addr("11.0.0.0"), 0);
	ck_assert_uint_eq(addr("9.255.255.255"), 0);
	ck_assert_uint_eq(addr("192.0.2.7"), 2);
	ck_assert_uint_eq(addr("192.0.2.8"), 0);
	/* two that overlap are one, told by its first line */
	ck_assert_uint_eq(addr("198.51.100.30"), 3);
	ck_assert_uint_eq(addr("198.51.100.31"), 0);
	ck_assert_uint_eq(addr("2001:db8:1::1"), 5);
	ck_assert_uint_eq(addr("2001:db9::"), 0);
	ck_assert_uint_eq(addr("::a"), 7);
	ck_assert_uint_eq(addr("::10"), 0);
	ck_assert_uint_eq(wad_feed_db_head(db)->n_v4, 3);
	ck_assert_uint_eq(wad_feed_db_head(db)->n_v6, 2);
	ck_assert_uint_eq(name("10.0.0.0"), 0);
}
END_TEST

/* More than one run of the sort, in no order, with many that overlap: the
 * same as a look through all of them. */
START_TEST(many_ranges)
{
	enum { N = 50000, ASKED = 500 };
	struct wad_str	 s = { 0 };
	uint32_t	*lo = wad_xcalloc(N, 4), *hi = wad_xcalloc(N, 4);
	uint32_t	 x = 7;

	for (int i = 0; i < N; i++) {
		x = x * 1664525 + 1013904223;
		lo[i] = x;
		hi[i] = x + (x >> 20) % 60000;
		if (hi[i] < lo[i])
			hi[i] = lo[i];
		wad_str_addf(&s, "%u.%u.%u.%u-%u.%u.%u.%u\n", lo[i] >> 24,
		    lo[i] >> 16 & 255, lo[i] >> 8 & 255, lo[i] & 255,
		    hi[i] >> 24, hi[i] >> 16 & 255, hi[i] >> 8 & 255,
		    hi[i] & 255);
	}
	ck_assert_int_eq(build(WAD_FEED_ADDRESS, s.s, 16384), 0);
	for (int k = 0; k < ASKED; k++) {
		struct wad_addr	a = { .family = AF_INET };
		bool		in = false;

		x = x * 1664525 + 1013904223;
		a.ip[0] = (uint8_t)(x >> 24);
		a.ip[1] = (uint8_t)(x >> 16);
		a.ip[2] = (uint8_t)(x >> 8);
		a.ip[3] = (uint8_t)x;
		for (int i = 0; i < N && !in; i++)
			in = x >= lo[i] && x <= hi[i];
		ck_assert_int_eq(wad_feed_db_addr(db, &a) != 0, in);
	}
	free(lo);
	free(hi);
	wad_str_free(&s);
}
END_TEST

START_TEST(many_names)
{
	enum { N = 200000 };
	struct wad_str	s = { 0 };
	char		key[64];

	for (int i = 0; i < N; i++)
		wad_str_addf(&s, "host-%d.example\n", i);
	wad_str_add(&s, "host-7.example\n");	/* twice */
	ck_assert_int_eq(build(WAD_FEED_DOMAIN, s.s, 16384), 0);
	for (int i = 0; i < N; i++) {
		snprintf(key, sizeof(key), "host-%d.example", i);
		ck_assert_uint_eq(name(key), (uint32_t)i + 1);
	}
	ck_assert_uint_eq(name("host-200000.example"), 0);
	ck_assert_uint_eq(name(""), 0);
	wad_str_free(&s);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("feed_build");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, category);
	tcase_add_test(t, bad_lines);
	tcase_add_test(t, refused);
	tcase_add_test(t, domains);
	tcase_add_test(t, addresses);
	tcase_add_test(t, many_ranges);
	tcase_add_test(t, many_names);
	suite_add_tcase(s, t);
	return suite_run(s);
}
