/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and names of categories; folder names of public lists.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "url/category.h"
#include "url/url.h"
#include "suite.h"

START_TEST(names)
{
	static struct wad_local_cat	local[] = { { "own", 140, true } };
	static struct wad_conf		conf = { .local_cats = local,
		.n_local_cats = 1 };

	ck_assert_str_eq(wad_url_cate_name(NULL, 0), "Unrated");
	ck_assert_str_eq(wad_url_cate_name(NULL, 52),
	    "Information Technology");
	ck_assert_str_eq(wad_url_cate_name(NULL, 31), "Finance and Banking");
	ck_assert_str_eq(wad_url_cate_name(NULL, 140), "Unknown");
	ck_assert_str_eq(wad_url_cate_name(&conf, 140), "own");
	ck_assert_str_eq(wad_url_cate_name(&conf, 52),
	    "Information Technology");
	ck_assert_str_eq(wad_url_cate_name(NULL, 65535), "Unknown");
}
END_TEST

START_TEST(numbers)
{
	ck_assert_int_eq(wad_url_cate_number("52"), 52);
	ck_assert_int_eq(wad_url_cate_number("0"), 0);
	ck_assert_int_eq(wad_url_cate_number("255"), 255);
	ck_assert_int_eq(wad_url_cate_number("256"), -1);
	ck_assert_int_eq(wad_url_cate_number("99999999999999999999"), -1);
	ck_assert_int_eq(wad_url_cate_number("5x"), -1);
	ck_assert_int_eq(wad_url_cate_number("-1"), -1);
	ck_assert_int_eq(wad_url_cate_number(""), -1);
	ck_assert_int_eq(wad_url_cate_number("information technology"), 52);
	ck_assert_int_eq(wad_url_cate_number("no such"), -1);
}
END_TEST

START_TEST(folder_names)
{
	ck_assert_int_eq(wad_category_of_folder("adult"), 14);
	ck_assert_int_eq(wad_category_of_folder("Phishing"), 61);
	ck_assert_int_eq(wad_category_of_folder("malware"), 26);
	ck_assert_int_eq(wad_category_of_folder("bank"), 31);
	ck_assert_int_eq(wad_category_of_folder("Gambling"), 11);
	ck_assert_int_eq(wad_category_of_folder("77"), 77);
	ck_assert_int_eq(wad_category_of_folder("nothing"), -1);
}
END_TEST

/* Each number once, each name once, each in a group. */
START_TEST(table)
{
	size_t			 n;
	const struct wad_category *t = wad_category_table(&n);

	ck_assert_uint_gt(n, 80);
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_ne(wad_category_group(t[i].group), "?");
		ck_assert_int_eq(wad_url_cate_number(t[i].name),
		    t[i].number);
		ck_assert_str_eq(wad_url_cate_name(NULL, t[i].number),
		    t[i].name);
	}
	ck_assert_str_eq(wad_category_group(99), "?");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("category");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, names);
	tcase_add_test(t, numbers);
	tcase_add_test(t, folder_names);
	tcase_add_test(t, table);
	suite_add_tcase(s, t);
	return suite_run(s);
}
