/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers make a process hold: the marks, and that memory goes back to
 * the system.
 */
#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "suite.h"

START_TEST(marks)
{
	ck_assert(!wad_mem_tight() && !wad_mem_full());
	wad_mem_limit(1 << 20);
	wad_mem_add(1 << 19);
	ck_assert(!wad_mem_tight());
	wad_mem_add(1);
	ck_assert(wad_mem_tight() && !wad_mem_full());
	wad_mem_add(1 << 19);
	ck_assert(wad_mem_full());
	ck_assert_uint_eq(wad_mem_share(), WAD_MEM_LEAST);
	ck_assert(!wad_mem_over());
	wad_mem_add(1 << 18);
	ck_assert(wad_mem_over());
	wad_mem_sub((1 << 20) + (1 << 18) + 1);
	ck_assert(!wad_mem_tight());
	wad_mem_divide(0);
	ck_assert_uint_eq(wad_mem.share, 1 << 19);
	wad_mem_divide(2);
	ck_assert_uint_eq(wad_mem.share, 1 << 18);
	wad_mem_divide(1000 * 1000);
	ck_assert_uint_eq(wad_mem.share, WAD_MEM_LEAST);
}
END_TEST

/* KiB that this process has of the machine's memory. */
static size_t
resident(void)
{
	FILE	*f = fopen("/proc/self/statm", "r");
	size_t	 all, n;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%zu %zu", &all, &n), 2);
	fclose(f);
	return n * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

enum { KB = 20 * 1024, MANY = 4000, MB = 64 };

/* Pieces too small to go back by themselves, with some between them that
 * stay. */
START_TEST(gaps)
{
	static char	*piece[MANY], *stays[MANY];
	size_t		 full, free_kb;
	uint64_t	 t, took;

	wad_mem_start();
	for (int i = 0; i < MANY; i++) {
		piece[i] = wad_xmalloc(KB);
		memset(piece[i], 1, KB);
		stays[i] = wad_xmalloc(100);
	}
	full = resident();
	wad_mem_tidy(9 * 1000, (size_t)MANY * KB, true);
	for (int i = 0; i < MANY; i++)
		free(piece[i]);
	wad_mem_tidy(10 * 1000, 0, true);
	wad_mem_tidy(20 * 1000, 0, false);
	ck_assert_uint_gt(resident(), full / 2);	/* may be needed */
	t = wad_clock_us();
	wad_mem_tidy(21 * 1000, 0, true);
	took = wad_clock_us() - t;
	free_kb = full - resident();
	printf("%zu KiB given back in %llu us\n", free_kb,
	    (unsigned long long)took);
	ck_assert_uint_gt(free_kb, (size_t)MANY * KB / 1024 / 2);
	for (int i = 0; i < MANY; i++)
		free(stays[i]);
}
END_TEST

/* Blocks of buffers go back in slices when they were not needed for a
 * second. */
START_TEST(blocks)
{
	static struct wad_buf	b[MB * 8];
	static char		data[128 * 1024];
	size_t			before, full;
	uint64_t		t, took, most = 0, sum = 0;

	wad_mem_start();
	before = resident();
	for (int i = 0; i < MB * 8; i++)
		wad_buf_add(&b[i], data, sizeof(data));
	full = resident();
	ck_assert_uint_gt(full - before, MB * 1000);
	for (int i = 0; i < MB * 8; i++)
		wad_buf_free(&b[i]);
	ck_assert_uint_eq(resident(), full);	/* may be needed */
	for (int i = 0; i < 100; i++) {
		t = wad_clock_us();
		wad_buf_tidy();
		took = wad_clock_us() - t;
		most = took > most ? took : most;
		sum += took;
	}
	printf("%d MiB given back in %llu us, at most %llu at once\n", MB,
	    (unsigned long long)sum, (unsigned long long)most);
	ck_assert_uint_lt(resident() - before, (full - before) / 4);
	ck_assert_uint_eq(wad_mem.held, 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("mem");
	TCase	*tc = tcase_create("mem");

	tcase_add_test(tc, marks);
#if !defined(__SANITIZE_ADDRESS__)	/* its allocator keeps what is freed */
	tcase_add_test(tc, gaps);
	tcase_add_test(tc, blocks);
#else
	(void)gaps;
	(void)blocks;
#endif
	suite_add_tcase(s, tc);
	return suite_run(s);
}
