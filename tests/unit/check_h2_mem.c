/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator that nghttp2 gets: pieces do not overlap, keep what is in
 * them, and count.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "http/h2.h"
#include "suite.h"

enum { PIECES = 200, STEPS = 20 * 1000 };

static struct wad_h2		h2;
static struct wad_h2_side	side = { .h2 = &h2 };
static uint8_t			*piece[PIECES];
static size_t			 size[PIECES];

/* All of it is as it was filled; false: not. */
static bool
is_whole(int i, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (piece[i][k] != (uint8_t)i)
			return false;
	return true;
}

static bool
is_zero(const uint8_t *p, size_t n)
{
	while (n > 0)
		if (p[--n] != 0)
			return false;
	return true;
}

START_TEST(churn)
{
	nghttp2_mem	m = wad_h2_mem(&side);
	size_t		sum = 0;

	srand(3);
	for (int step = 0; step < STEPS; step++) {
		int	i = rand() % PIECES;
		size_t	n = (size_t)rand() % (rand() % 8 ? 1100 : 5000);
		uint8_t *p = piece[i];

		if (p != NULL && !is_whole(i, size[i]))
			ck_abort_msg("step %d", step);
		sum -= p != NULL ? size[i] : 0;
		if (p != NULL && rand() % 2) {
			piece[i] = m.realloc(p, n, m.mem_user_data);
			if (!is_whole(i, n < size[i] ? n : size[i]))
				ck_abort_msg("realloc, step %d", step);
		} else {
			m.free(p, m.mem_user_data);
			piece[i] = rand() % 2 ?
			    m.malloc(n, m.mem_user_data) :
			    m.calloc(n, 1, m.mem_user_data);
			if (rand() % 2 == 0 && step % 100 == 0) {
				m.free(piece[i], m.mem_user_data);
				piece[i] = m.calloc(1, n, m.mem_user_data);
				ck_assert(is_zero(piece[i], n));
			}
		}
		size[i] = n;
		sum += n;
		memset(piece[i], i, n);
		if (step % 1000 != 0)
			continue;
		ck_assert_uint_eq((uintptr_t)piece[i] % 16, 0);
		ck_assert_uint_eq(h2.http.mem_other, wad_mem.held);
		ck_assert_uint_ge(wad_mem.held, sum);
	}
	for (int i = 0; i < PIECES; i++)
		m.free(piece[i], m.mem_user_data);
	ck_assert_uint_eq(wad_mem.held, 0);
	ck_assert_uint_eq(h2.http.mem_other, 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("h2_mem");
	TCase	*tc = tcase_create("h2_mem");

	tcase_add_test(tc, churn);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
