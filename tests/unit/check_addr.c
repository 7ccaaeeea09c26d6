/* SPDX-License-Identifier: Apache-2.0 */
/*
 * addr.c: text to address and back, prefixes, and what counts as an address
 * that strangers must not reach.
 */
#include <check.h>

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "suite.h"

static struct wad_addr
ip(const char *s)
{
	struct wad_addr a;

	ck_assert_msg(wad_addr_parse(&a, s) == 0, "%s", s);
	return a;
}

START_TEST(parse_and_print)
{
	static const struct { const char *in, *out; } good[] = {
		{ "10.0.0.1", "10.0.0.1" }, { "::1", "::1" },
		{ "[::1]", "::1" }, { "0.0.0.0", "0.0.0.0" },
		{ "2001:DB8:0:0::5", "2001:db8::5" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "[::ffff:192.0.2.7]", "192.0.2.7" },
		{ "255.255.255.255", "255.255.255.255" },
	};
	static const char *const bad[] = {
		"", "[]", "[", "]", "10.0.0", "10.0.0.256", "1.2.3.4 ",
		" 1.2.3.4", "::g", "[::1", "::1]", "host", "1:2", "::1%nodev0",
		"10.0.0.1%lo", "10.0.0.1:80", "fe80::1%lo", "[fe80::1%lo]",
		"fe80::1%1", "a.b%lo",
		"1111111111111111111111111111111111111111111111111111111111"
		"11111111111111111111111111",
	};
	char buf[WAD_ADDR_STRLEN];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct wad_addr a = ip(good[i].in);

		ck_assert_str_eq(wad_addr_ip_str(&a, buf), good[i].out);
		ck_assert_int_eq(a.port, 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wad_addr a;

		ck_assert_msg(wad_addr_parse(&a, bad[i]) == -1, "%s", bad[i]);
		ck_assert_int_eq(a.family, 0);
	}
}
END_TEST

START_TEST(no_family_prints_a_dash)
{
	struct wad_addr	a = { .family = 0 };
	char		buf[WAD_ADDR_STRLEN];

	ck_assert_str_eq(wad_addr_ip_str(&a, buf), "-");
}
END_TEST

START_TEST(with_port)
{
	static const char *const bad[] = {
		"10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1",
		"10.0.0.1: 80", "10.0.0.1:80x", "::1", "::1:80", "[::1]",
		"[::1]80", ":80", "x:80", "10.0.0.1:99999999999999999999999",
	};
	struct wad_addr	a;
	char		buf[WAD_ADDR_STRLEN];

	ck_assert_int_eq(wad_addr_parse_port(&a, "10.0.0.1:80"), 0);
	ck_assert_str_eq(wad_addr_str(&a, buf), "10.0.0.1:80");
	ck_assert_int_eq(wad_addr_parse_port(&a, "[2001:db8::1]:65535"), 0);
	ck_assert_str_eq(wad_addr_str(&a, buf), "[2001:db8::1]:65535");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(wad_addr_parse_port(&a, bad[i]) == -1, "%s",
		    bad[i]);
}
END_TEST

START_TEST(longest_fits)
{
	struct wad_addr	a;
	char		buf[WAD_ADDR_STRLEN];

	memset(&a, 0xff, sizeof(a));
	a.family = AF_INET6;
	a.port = 65535;
	ck_assert_str_eq(wad_addr_str(&a, buf),
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}
END_TEST

START_TEST(sockaddr_round_trip)
{
	static const char *const text[] = { "192.0.2.9", "2001:db8::9" };
	struct sockaddr_storage	ss;
	struct sockaddr_in6	sin6;
	struct sockaddr		sa;

	for (size_t i = 0; i < 2; i++) {
		struct wad_addr a = ip(text[i]), b;
		socklen_t	len;

		a.port = 4433;
		len = wad_addr_to_sockaddr(&a, &ss);
		ck_assert_uint_eq(len, i == 0 ? sizeof(struct sockaddr_in) :
		    sizeof(struct sockaddr_in6));
		ck_assert_int_eq(wad_addr_from_sockaddr(&b,
		    (struct sockaddr *)&ss), 0);
		ck_assert(wad_addr_equal(&a, &b));
	}
	/* a mapped address is IPv4 at the door */
	memset(&sin6, 0, sizeof(sin6));
	sin6.sin6_family = AF_INET6;
	sin6.sin6_port = htons(7);
	sin6.sin6_addr.s6_addr[10] = sin6.sin6_addr.s6_addr[11] = 0xff;
	sin6.sin6_addr.s6_addr[12] = 10;
	{
		struct wad_addr b, want = ip("10.0.0.0");

		want.port = 7;
		ck_assert_int_eq(wad_addr_from_sockaddr(&b,
		    (struct sockaddr *)&sin6), 0);
		ck_assert(wad_addr_equal(&b, &want));
		memset(&sa, 0, sizeof(sa));
		sa.sa_family = AF_UNIX;
		ck_assert_int_eq(wad_addr_from_sockaddr(&b, &sa), -1);
		ck_assert_int_eq(b.family, 0);
	}
}
END_TEST

START_TEST(compare)
{
	struct wad_addr a = ip("10.0.0.1"), b = ip("10.0.0.2"),
	    c = ip("::1");

	ck_assert_int_lt(wad_addr_ip_cmp(&a, &b), 0);
	ck_assert_int_gt(wad_addr_ip_cmp(&b, &a), 0);
	ck_assert_int_eq(wad_addr_ip_cmp(&a, &a), 0);
	ck_assert_int_eq(wad_addr_ip_cmp(&a, &c) < 0,
	    wad_addr_ip_cmp(&c, &a) > 0);
	ck_assert(!wad_addr_ip_equal(&a, &c));
	b = a;
	b.port = 1;
	ck_assert(wad_addr_ip_equal(&a, &b));
	ck_assert(!wad_addr_equal(&a, &b));
}
END_TEST

START_TEST(prefix)
{
	static const struct { const char *p, *a; bool in; } row[] = {
		{ "10.0.0.0/8", "10.255.1.2", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0 255.0.0.0", "10.9.9.9", true },
		{ "10.0.0.0   255.255.255.252", "10.0.0.3", true },
		{ "10.0.0.0 255.255.255.252", "10.0.0.4", false },
		{ "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0 0.0.0.0", "203.0.113.1", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "10.0.0.1", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1/128", "2001:db8::2", false },
		/* bits behind the length do not count */
		{ "10.1.2.3/9", "10.127.0.0", true },
		{ "10.1.2.3/9", "10.128.0.0", false },
	};
	static const char *const bad[] = {
		"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/8x", "10.0.0.0 255.0.255.0", "10.0.0.0 0.0.0.255",
		"::/129", "10.0.0.0/8/8", "10.0.0.0 ", "x/8",
		"10.0.0.0/4294967304",
	};
	struct wad_prefix p;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct wad_addr a = ip(row[i].a);

		ck_assert_msg(wad_prefix_parse(&p, row[i].p) == 0, "%s",
		    row[i].p);
		ck_assert_msg(wad_prefix_holds(&p, &a) == row[i].in,
		    "%s %s", row[i].p, row[i].a);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(wad_prefix_parse(&p, bad[i]) == -1, "%s",
		    bad[i]);
}
END_TEST

START_TEST(kinds)
{
	static const struct { const char *s; bool loop, ll, mc; } row[] = {
		{ "127.0.0.1", true, false, false },
		{ "127.255.255.255", true, false, false },
		{ "0.0.0.0", true, false, false },
		{ "0.1.2.3", true, false, false },
		{ "::", true, false, false }, { "::1", true, false, false },
		{ "::2", false, false, false },
		{ "::ffff:127.0.0.1", true, false, false },
		{ "169.254.169.254", false, true, false },
		{ "fe80::1", false, true, false },
		{ "febf::1", false, true, false },
		{ "fec0::1", false, false, false },
		{ "224.0.0.1", false, false, true },
		{ "255.255.255.255", false, false, true },
		{ "223.255.255.255", false, false, false },
		{ "ff02::1", false, false, true },
		{ "10.0.0.1", false, false, false },
		{ "2001:db8::1", false, false, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct wad_addr a = ip(row[i].s);

		ck_assert_msg(wad_addr_is_loopback(&a) == row[i].loop &&
		    wad_addr_is_linklocal(&a) == row[i].ll &&
		    wad_addr_is_multicast(&a) == row[i].mc, "%s", row[i].s);
	}
}
END_TEST

/* What a certificate's URL must not lead to. */
START_TEST(internal)
{
	static const char *const in[] = {
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255",
		"127.0.0.1", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1",
		"198.18.0.1", "198.19.255.255", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
		"::10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1",
		"64:ff9b:1::1", "2001::1", "2001:db8::1", "2001:10::1",
		"2002:a00:1::1", "2002:7f00:1::1", "3fff::1", "4000::1",
		"fc00::1", "fd20:10::1", "fe80::1", "fec0::1", "ff02::1",
		"100::1", "5f00::1",
	};
	static const char *const out[] = {
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
		"100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
		"192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "2606:4700::1111",
		"2001:4860:4860::8888", "2001:200::1", "2a00:1450::1",
		"64:ff9b::8.8.8.8", "2002:808:808::1",
	};
	struct wad_addr none = { .family = 0 }, a;

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		a = ip(in[i]);
		ck_assert_msg(wad_addr_is_internal(&a), "%s", in[i]);
	}
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		a = ip(out[i]);
		ck_assert_msg(!wad_addr_is_internal(&a), "%s", out[i]);
	}
	ck_assert(wad_addr_is_internal(&none));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("addr");
	TCase	*t = tcase_create("addr");

	tcase_add_test(t, internal);
	tcase_add_test(t, parse_and_print);
	tcase_add_test(t, no_family_prints_a_dash);
	tcase_add_test(t, with_port);
	tcase_add_test(t, longest_fits);
	tcase_add_test(t, sockaddr_round_trip);
	tcase_add_test(t, compare);
	tcase_add_test(t, prefix);
	tcase_add_test(t, kinds);
	suite_add_tcase(s, t);
	return suite_run(s);
}
