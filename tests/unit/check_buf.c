/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.c: bytes come out as they went in, memory is held only while there are
 * bytes, and moving keeps the order.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "suite.h"

START_TEST(empty_holds_nothing)
{
	struct wad_buf	b = { 0 };
	char		c;

	wad_buf_add(&b, NULL, 0);
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(wad_buf_take(&b, &c, 1), 0);
	wad_buf_drain(&b, 0);
	wad_buf_free(&b);
	wad_buf_add(&b, "abc", 3);
	ck_assert_ptr_nonnull(b.p);
	wad_buf_drain(&b, 1);
	ck_assert_int_eq(wad_buf_bytes(&b)[0], 'b');
	wad_buf_drain(&b, 2);
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(b.cap, 0);
	/* room that is not used is given back */
	ck_assert_ptr_nonnull(wad_buf_room(&b, 10));
	wad_buf_added(&b, 0);
	ck_assert_ptr_null(b.p);
}
END_TEST

/* Any mix of adding and taking is a queue. */
START_TEST(random_queue)
{
	struct wad_buf	b = { 0 };
	static uint8_t	chunk[50000], out[50000];
	uint32_t	in_n = 0, out_n = 0;
	size_t		n;

	srand(7);
	for (int i = 0; i < 4000; i++) {
		n = (size_t)rand() % (i % 7 == 0 ? sizeof(chunk) : 900);
		if (rand() % 2 && b.len < 300000) {
			for (size_t j = 0; j < n; j++)
				chunk[j] = (uint8_t)(in_n++ * 2654435761u >>
				    24);
			if (n > 0 && rand() % 2) {
				memcpy(wad_buf_room(&b, n), chunk, n);
				wad_buf_added(&b, n);
			} else
				wad_buf_add(&b, chunk, n);
		} else {
			n = wad_buf_take(&b, out, n);
			for (size_t j = 0; j < n; j++)
				if (out[j] != (uint8_t)(out_n++ *
				    2654435761u >> 24))
					ck_abort_msg("byte %u", out_n - 1);
		}
		ck_assert_uint_eq(b.len, in_n - out_n);
		ck_assert_uint_le(b.off + b.len, b.cap);
		ck_assert((b.p == NULL) == (b.len == 0));
	}
	wad_buf_free(&b);
}
END_TEST

START_TEST(moving)
{
	struct wad_buf a = { 0 }, b = { 0 };
	const uint8_t	*p;

	wad_buf_move(&a, &b);		/* nothing to nothing */
	ck_assert_ptr_null(a.p);
	wad_buf_add(&a, "one", 3);
	p = a.p;
	wad_buf_move(&b, &a);
	ck_assert_ptr_eq(b.p, p);	/* not copied */
	ck_assert_ptr_null(a.p);
	wad_buf_add(&a, "xtwo", 4);
	wad_buf_drain(&a, 1);
	wad_buf_move(&b, &a);
	ck_assert_uint_eq(b.len, 6);
	ck_assert_mem_eq(wad_buf_bytes(&b), "onetwo", 6);
	ck_assert_uint_eq(a.len, 0);
	wad_buf_move(&b, &a);		/* nothing to something */
	ck_assert_uint_eq(b.len, 6);
	wad_buf_free(&b);
}
END_TEST

START_TEST(stays_in_its_block)
{
	struct wad_buf	b = { 0 };
	uint8_t		kb[1024] = { 0 };

	/* a relay that never runs empty does not grow for it */
	for (int i = 0; i < 4; i++)
		wad_buf_add(&b, kb, sizeof(kb));
	for (int i = 0; i < 10000; i++) {
		wad_buf_add(&b, kb, sizeof(kb));
		wad_buf_drain(&b, sizeof(kb));
	}
	ck_assert_uint_eq(b.cap, WAD_BUF_BLOCK);
	wad_buf_free(&b);
}
END_TEST

START_TEST(pool)
{
	struct wad_buf b[WAD_BUF_POOL * 2];

	memset(b, 0, sizeof(b));
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < WAD_BUF_POOL * 2; i++)
			wad_buf_add(&b[i], &i, sizeof(i));
		for (size_t i = 0; i < WAD_BUF_POOL * 2; i++) {
			size_t v;

			ck_assert_uint_eq(wad_buf_take(&b[i], &v, sizeof(v)),
			    sizeof(v));
			ck_assert_uint_eq(v, i);
		}
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("buf");
	TCase	*t = tcase_create("buf");

	tcase_add_test(t, empty_holds_nothing);
	tcase_add_test(t, random_queue);
	tcase_add_test(t, moving);
	tcase_add_test(t, stays_in_its_block);
	tcase_add_test(t, pool);
	suite_add_tcase(s, t);
	return suite_run(s);
}
