/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/message.c: the numbers of field names, and fields that come and go.
 */
#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "http/message.h"
#include "suite.h"

START_TEST(test_header_id)
{
	const char	*name = wad_http_header_names[_i];
	size_t		 len = strlen(name);
	char		 other[64];

	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(wad_http_header_id(name, len), _i);
	for (size_t i = 0; i <= len; i++)
		other[i] = (char)toupper((unsigned char)name[i]);
	ck_assert_int_eq(wad_http_header_id(other, len), _i);
	for (size_t i = 0; i < len; i++)
		other[i] = (char)tolower((unsigned char)name[i]);
	ck_assert_int_eq(wad_http_header_id(other, len), _i);
	/* one letter more, one less, another one */
	other[len] = 'x';
	ck_assert_int_eq(wad_http_header_id(other, len + 1), WAD_HH_OTHER);
	ck_assert_int_ne(wad_http_header_id(other, len - 1), _i);
	other[len - 1] = '~';
	ck_assert_int_eq(wad_http_header_id(other, len), WAD_HH_OTHER);
}
END_TEST

START_TEST(test_header_none)
{
	static const char *const none[] = { "", "a", "z", "{", "`", "@", "[",
		"\x7f", "\xff\xfe", ":method", "0", "-", "_host", "zz-top" };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_int_eq(wad_http_header_id(none[i],
		    strlen(none[i])), WAD_HH_OTHER);
}
END_TEST

START_TEST(test_fields)
{
	struct wad_http_head h = { 0 };

	wad_http_head_put(&h, "Host", "a.example");
	wad_http_head_put(&h, "X-A", "1");
	wad_http_head_put(&h, "x-a", "2");
	wad_http_head_put(&h, "Connection", "keep-alive , Upgrade");
	ck_assert_str_eq(wad_http_head_get(&h, WAD_HH_HOST), "a.example");
	ck_assert_str_eq(wad_http_head_named(&h, "x-A"), "1");
	ck_assert(wad_http_head_lists(&h, WAD_HH_CONNECTION, "upgrade"));
	ck_assert(!wad_http_head_lists(&h, WAD_HH_CONNECTION, "up"));
	wad_http_head_set(&h, "X-A", "3");
	ck_assert_uint_eq(h.n, 3);
	ck_assert_str_eq(wad_http_head_named(&h, "x-a"), "3");
	ck_assert_uint_eq(wad_http_head_drop(&h, "x-a"), 1);
	ck_assert_ptr_null(wad_http_head_named(&h, "x-a"));
	/* the next message has the memory, and nothing else */
	h.status = 200;
	wad_http_head_reset(&h);
	ck_assert_uint_eq(h.n, 0);
	ck_assert_uint_eq(h.status, 0);
	ck_assert_uint_gt(h.cap, 0);
	ck_assert_ptr_null(wad_http_head_get(&h, WAD_HH_HOST));
	wad_http_head_free(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("message");
	TCase *t = tcase_create("fields");

	tcase_add_loop_test(t, test_header_id, WAD_HH_OTHER + 1, WAD_HH_N);
	tcase_add_test(t, test_header_none);
	tcase_add_test(t, test_fields);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
