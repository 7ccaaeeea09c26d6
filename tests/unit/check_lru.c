/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lru.c: finding, the bound, who goes first, and collisions.
 */
#include <check.h>

#include <stdlib.h>

#include "base/lru.h"
#include "suite.h"

struct item {
	struct wad_lru_entry	lru;
	int			key;
};

static int dropped, last_dropped;

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	return ((const struct item *)e)->key == *(const int *)key;
}

static void
drop(struct wad_lru_entry *e)
{
	dropped++;
	last_dropped = ((struct item *)e)->key;
	free(e);
}

static struct item *
put(struct wad_lru *t, int key, uint64_t hash)
{
	struct item *it = calloc(1, sizeof(*it));

	ck_assert_ptr_nonnull(it);
	it->key = key;
	wad_lru_add(t, &it->lru, hash);
	return it;
}

START_TEST(oldest_goes_first)
{
	struct wad_lru t;

	dropped = 0;
	wad_lru_init(&t, 16, 3, same, drop);
	for (int k = 1; k <= 3; k++)
		put(&t, k, (uint64_t)k * 0x9e3779b97f4a7c15ULL);
	ck_assert_ptr_nonnull(wad_lru_find(&t, 0x9e3779b97f4a7c15ULL,
	    &(int){ 1 }));
	put(&t, 4, 4);			/* 2 is the oldest now */
	ck_assert_int_eq(dropped, 1);
	ck_assert_int_eq(last_dropped, 2);
	ck_assert_uint_eq(t.n, 3);
	ck_assert_uint_eq(t.evicted, 1);
	ck_assert_uint_eq(t.hits, 1);
	ck_assert_ptr_null(wad_lru_find(&t, 2 * 0x9e3779b97f4a7c15ULL,
	    &(int){ 2 }));
	ck_assert_uint_eq(t.misses, 1);
	wad_lru_free(&t);
	ck_assert_int_eq(dropped, 4);
	wad_lru_free(&t);		/* again: nothing */
}
END_TEST

START_TEST(one_bucket)
{
	struct wad_lru	t;
	struct item	*mid = NULL;

	dropped = 0;
	wad_lru_init(&t, 1, 100, same, drop);
	for (int k = 0; k < 50; k++) {
		struct item *it = put(&t, k, 7);

		if (k == 25)
			mid = it;
	}
	wad_lru_remove(&t, &mid->lru);
	ck_assert_int_eq(last_dropped, 25);
	for (int k = 0; k < 50; k++)
		ck_assert((wad_lru_find(&t, 7, &k) != NULL) == (k != 25));
	/* the same key under another hash is another entry */
	ck_assert_ptr_null(wad_lru_find(&t, 8, &(int){ 3 }));
	wad_lru_clear(&t);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_int_eq(dropped, 50);
	put(&t, 1, 1);
	wad_lru_free(&t);
	ck_assert_int_eq(dropped, 51);
}
END_TEST

START_TEST(churn)
{
	struct wad_lru t;

	dropped = 0;
	wad_lru_init(&t, 100, 1, same, drop);
	ck_assert_uint_eq(t.n_buckets, 128);
	for (int k = 0; k < 1000; k++) {
		put(&t, k, (uint64_t)k << 32);
		ck_assert_uint_eq(t.n, 1);
		ck_assert_uint_lt(wad_lru_bucket(&t, (uint64_t)k << 32), 128);
	}
	ck_assert_int_eq(dropped, 999);
	wad_lru_free(&t);
}
END_TEST

/* Without wad_lru_init: asked, cleared and used. */
START_TEST(at_rest)
{
	static struct wad_lru t = WAD_LRU(t, 4, 2, same, drop);

	dropped = 0;
	ck_assert_ptr_null(wad_lru_peek(&t, 1, &(int){ 1 }));
	ck_assert_ptr_null(wad_lru_find(&t, 1, &(int){ 1 }));
	ck_assert_uint_eq(t.misses, 1);
	wad_lru_clear(&t);
	for (int k = 1; k <= 3; k++)
		put(&t, k, (uint64_t)k);
	ck_assert_int_eq(last_dropped, 1);
	ck_assert_ptr_nonnull(wad_lru_find(&t, 2, &(int){ 2 }));
	wad_lru_clear(&t);
	ck_assert_int_eq(dropped, 3);
	ck_assert_ptr_null(wad_lru_find(&t, 2, &(int){ 2 }));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("lru");
	TCase	*t = tcase_create("lru");

	tcase_add_test(t, oldest_goes_first);
	tcase_add_test(t, one_bucket);
	tcase_add_test(t, churn);
	tcase_add_test(t, at_rest);
	suite_add_tcase(s, t);
	return suite_run(s);
}
