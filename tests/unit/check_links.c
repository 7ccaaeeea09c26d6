/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links.c: the interfaces of this machine, as the kernel has them.
 */
#include <check.h>

#include <net/if.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main/links.h"
#include "suite.h"

/* Whatever the machine has, lo is there. */
START_TEST(loopback)
{
	struct wad_interface	ifs[] = { { .name = "inside", .device = "lo" } };
	struct wad_conf		conf = { .ifs = ifs, .n_ifs = 1 };
	struct wad_str		out = { 0 };
	char			want[64];

	snprintf(want, sizeof(want), "if=lo family=00 type=772 index=%u mtu=",
	    if_nametoindex("lo"));
	ck_assert_int_eq(wad_links_list(NULL, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, want));
	ck_assert_ptr_null(strstr(out.s, " dev="));
	wad_str_free(&out);
	/* under its name in the configuration */
	ck_assert_int_eq(wad_links_list(&conf, &out), 0);
	ck_assert_ptr_null(strstr(out.s, "if=lo "));
	ck_assert_ptr_nonnull(strstr(out.s, "if=inside family=00 type=772 "));
	ck_assert_ptr_nonnull(strstr(out.s, " link=0 master=0 dev=lo\n"));
	wad_str_free(&out);
}
END_TEST

/* One line per interface that the C library knows. */
START_TEST(all)
{
	struct if_nameindex	*list = if_nameindex();
	struct wad_str		 out = { 0 };

	ck_assert_ptr_nonnull(list);
	ck_assert_int_eq(wad_links_list(NULL, &out), 0);
	for (size_t i = 0; list[i].if_index != 0; i++) {
		char want[64];

		snprintf(want, sizeof(want), " index=%u mtu=",
		    list[i].if_index);
		ck_assert_msg(strstr(out.s, want) != NULL, "%s",
		    list[i].if_name);
	}
	if_freenameindex(list);
	wad_str_free(&out);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("links");
	TCase	*t = tcase_create("links");

	tcase_add_test(t, loopback);
	tcase_add_test(t, all);
	suite_add_tcase(s, t);
	return suite_run(s);
}
