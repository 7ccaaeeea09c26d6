/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/route.c against the kernel of this machine: only what holds
 * everywhere is asked, loopback and the limits.
 */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "port/route.h"
#include "suite.h"

static struct wad_addr
addr(const char *s)
{
	struct wad_addr a;

	ck_assert_int_eq(wad_addr_parse(&a, s), 0);
	return a;
}

START_TEST(test_loopback)
{
	struct wad_addr dst = addr("127.0.0.1");
	struct wad_route r;

	ck_assert_int_eq(wad_route_open(), 0);
	ck_assert_int_eq(wad_route_open(), 0);
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(wad_route_lookup(&dst, &r), 0);
		ck_assert_str_eq(r.dev, "lo");
		ck_assert_uint_eq(r.oif, if_nametoindex("lo"));
	}
	ck_assert(r.have_src);
	ck_assert(wad_addr_is_loopback(&r.src));
	wad_route_close();
}
END_TEST

START_TEST(test_refused)
{
	struct wad_addr dst = { 0 };
	struct wad_route r;

	dst = addr("127.0.0.1");
	/* Not opened. */
	ck_assert_int_eq(wad_route_lookup(&dst, &r), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(wad_route_open(), 0);
	dst.family = 0;
	ck_assert_int_eq(wad_route_lookup(&dst, &r), -1);
	ck_assert_int_eq(errno, EAFNOSUPPORT);
	/* A zone whose interface does not exist. */
	dst = addr("fe80::1");
	dst.scope = 0x7ffffff0;
	errno = 0;
	ck_assert_int_eq(wad_route_lookup(&dst, &r), -1);
	ck_assert_int_ne(errno, 0);
	wad_route_close();
}
END_TEST

START_TEST(test_names)
{
	char buf[IF_NAMESIZE];

	ck_assert_int_eq(wad_route_open(), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_str_eq(wad_route_ifname(if_nametoindex("lo"), buf),
		    "lo");
		ck_assert_str_eq(wad_route_ifname(0, buf), "if0");
		ck_assert_str_eq(wad_route_ifname(2000000000, buf),
		    "if2000000000");
	}
	wad_route_close();
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("route");
	TCase	*tc = tcase_create("route");

	tcase_add_test(tc, test_loopback);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_names);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
