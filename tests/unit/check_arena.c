/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c and xmem.c: alignment, zeroes, large pieces; what aborts.
 */
#include <check.h>

#include <signal.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/xmem.h"
#include "suite.h"

#ifdef __SANITIZE_ADDRESS__
const char	*__asan_default_options(void);

/* Failed allocations return NULL, as without the sanitizer. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}
#endif

START_TEST(pieces)
{
	struct wad_arena	*a = wad_arena_new();
	unsigned char		*p[200];
	size_t			 before;

	ck_assert_uint_eq(wad_arena_size(a), 0);
	for (size_t i = 0; i < 200; i++) {
		p[i] = wad_arena_alloc(a, i * 7);
		ck_assert_uint_eq((uintptr_t)p[i] % alignof(max_align_t), 0);
		for (size_t j = 0; j < i * 7; j++)
			ck_assert_int_eq(p[i][j], 0);
		memset(p[i], (int)i, i * 7);
	}
	for (size_t i = 0; i < 200; i++)	/* none overlaps another */
		for (size_t j = 0; j < i * 7; j++)
			ck_assert_int_eq(p[i][j], (int)(i & 0xff));
	before = wad_arena_size(a);
	p[0] = wad_arena_alloc(a, 1000000);
	memset(p[0], 1, 1000000);
	ck_assert_uint_ge(wad_arena_size(a), before + 1000000);
	wad_arena_free(a);
	wad_arena_free(NULL);
}
END_TEST

START_TEST(strings)
{
	struct wad_arena *a = wad_arena_new();

	ck_assert_str_eq(wad_arena_strdup(a, ""), "");
	ck_assert_str_eq(wad_arena_strdup(a, "word"), "word");
	ck_assert_str_eq(wad_arena_strndup(a, "word", 2), "wo");
	ck_assert_str_eq(wad_arena_strndup(a, "word", SIZE_MAX), "word");
	wad_arena_free(a);
}
END_TEST

START_TEST(xmem)
{
	char *s, *p;

	p = wad_xmalloc(0);
	ck_assert_ptr_nonnull(p);
	p = wad_xrealloc(p, 10, 10);
	memset(p, 1, 100);
	p = wad_xrealloc(p, 0, 10);
	ck_assert_ptr_nonnull(p);
	free(p);
	p = wad_xcalloc(0, 0);
	ck_assert_ptr_nonnull(p);
	free(p);
	p = wad_xcalloc(5, 2);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(p[i], 0);
	free(p);
	s = wad_xstrdup("abc");
	ck_assert_str_eq(s, "abc");
	free(s);
	s = wad_xstrndup("abc", 2);
	ck_assert_str_eq(s, "ab");
	free(s);
	s = wad_xstrndup("abc", 20);
	ck_assert_str_eq(s, "abc");
	free(s);
	s = wad_xasprintf("%d%%", 5);
	ck_assert_str_eq(s, "5%");
	free(s);
}
END_TEST

START_TEST(overflow_aborts)
{
	(void)!freopen("/dev/null", "w", stderr);
	free(wad_xrealloc(NULL, SIZE_MAX / 2, 4));
}
END_TEST

START_TEST(arena_overflow_aborts)
{
	struct wad_arena *a = wad_arena_new();

	(void)!freopen("/dev/null", "w", stderr);
	wad_arena_alloc(a, SIZE_MAX - 3);
}
END_TEST

START_TEST(wrong_magic_aborts)
{
	struct { unsigned magic; } o = { 1 }, *p = &o;

	(void)!freopen("/dev/null", "w", stderr);
	WAD_CHECK(p, 2u);
}
END_TEST

START_TEST(null_aborts)
{
	struct o { unsigned magic; } *p = NULL;

	(void)!freopen("/dev/null", "w", stderr);
	WAD_CHECK(p, 2u);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("arena");
	TCase	*t = tcase_create("arena");

	tcase_add_test(t, pieces);
	tcase_add_test(t, strings);
	tcase_add_test(t, xmem);
	tcase_add_test_raise_signal(t, overflow_aborts, SIGABRT);
	tcase_add_test_raise_signal(t, arena_overflow_aborts, SIGABRT);
	tcase_add_test_raise_signal(t, wrong_magic_aborts, SIGABRT);
	tcase_add_test_raise_signal(t, null_aborts, SIGABRT);
	suite_add_tcase(s, t);
	return suite_run(s);
}
