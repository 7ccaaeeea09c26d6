/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog_queue.c: order, the end of the place, and what does not fit.
 */
#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/syslog_queue.h"
#include "suite.h"

START_TEST(order)
{
	struct wad_syslog_queue		 q = { 0 };
	const struct wad_syslog_msg	*m;
	size_t				 at = 0;

	ck_assert_ptr_null(wad_syslog_queue_first(&q));
	ck_assert_ptr_null(wad_syslog_queue_walk(&q, &at));
	ck_assert(wad_syslog_queue_put(&q, 1, 10, "one", 3));
	ck_assert(wad_syslog_queue_put(&q, 2, 20, "", 0));
	ck_assert(wad_syslog_queue_put(&q, WAD_SYSLOG_GAP, 30, "three", 5));
	ck_assert_uint_eq(q.n, 3);
	ck_assert_uint_eq(q.bytes, 8);
	m = wad_syslog_queue_walk(&q, &at);
	ck_assert_uint_eq(m->number, 10);
	ck_assert_int_eq(memcmp(m->text, "one", 3), 0);
	ck_assert_uint_eq(wad_syslog_queue_walk(&q, &at)->number, 20);
	m = wad_syslog_queue_walk(&q, &at);
	ck_assert_uint_eq(m->ring, WAD_SYSLOG_GAP);
	ck_assert_uint_eq(m->len, 5);
	ck_assert_ptr_null(wad_syslog_queue_walk(&q, &at));
	wad_syslog_queue_drop(&q);
	ck_assert_uint_eq(wad_syslog_queue_first(&q)->number, 20);
	wad_syslog_queue_drop(&q);
	wad_syslog_queue_drop(&q);
	ck_assert_ptr_null(wad_syslog_queue_first(&q));
	ck_assert_uint_eq(q.bytes, 0);
	wad_syslog_queue_free(&q);
}
END_TEST

/* A plain list of numbers beside it, for a long time, mostly near the bound;
 * sizes change so that every way of meeting the end of the place comes up. */
START_TEST(long_use)
{
	enum { MOST = 65536 };
	static uint64_t		 want[MOST];
	static char		 text[2100];
	struct wad_syslog_queue	 q = { 0 };
	size_t			 first = 0, n = 0, refused = 0, len;
	uint64_t		 number = 0;
	unsigned		 seed = 1;

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 400000; i++) {
		seed = seed * 1103515245u + 12345u;
		len = (seed >> 16) % 2100;
		if (n < MOST && wad_syslog_queue_put(&q, 0, number, text, len))
			want[(first + n++) % MOST] = number;
		else
			refused++;
		number++;
		if ((seed >> 8) % 100 < 49 && n > 0) {
			ck_assert_uint_eq(wad_syslog_queue_first(&q)->number,
			    want[first % MOST]);
			wad_syslog_queue_drop(&q);
			first++;
			n--;
		}
		ck_assert_uint_eq(q.n, n);
		ck_assert_uint_le(q.bytes, WAD_SYSLOG_QUEUE);
		if (i % 50000 == 0) {
			size_t at = 0, k = 0;
			const struct wad_syslog_msg *m;

			while ((m = wad_syslog_queue_walk(&q, &at)) != NULL)
				ck_assert_uint_eq(m->number,
				    want[(first + k++) % MOST]);
			ck_assert_uint_eq(k, n);
		}
	}
	ck_assert_uint_gt(refused, 1000);
	for (; n > 0; n--, first++) {
		ck_assert_uint_eq(wad_syslog_queue_first(&q)->number,
		    want[first % MOST]);
		wad_syslog_queue_drop(&q);
	}
	ck_assert_uint_eq(q.bytes, 0);
	wad_syslog_queue_free(&q);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("syslog_queue");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, order);
	tcase_add_test(t, long_use);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return suite_run(s);
}
