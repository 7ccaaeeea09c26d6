/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments with one writer, and texts that nobody can change.
 */
#include <sys/mman.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/shm.h"
#include "suite.h"

START_TEST(test_segment)
{
	int	 fd = wad_shm_create("test", 8192), ro;
	char	*w;
	const char *r;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_ptr_null(wad_shm_map(fd, 8193, true));
	w = wad_shm_map(fd, 8192, true);
	ck_assert_ptr_nonnull(w);
	/* Its size is for good, so that no reader meets SIGBUS. */
	ck_assert_int_eq(ftruncate(fd, 4096), -1);
	ck_assert_int_eq(ftruncate(fd, 16384), -1);

	ro = wad_shm_readonly(fd);
	ck_assert_int_ne(ro, -1);
	ck_assert_ptr_null(wad_shm_map(ro, 8192, true));
	r = wad_shm_map(ro, 8192, false);
	ck_assert_ptr_nonnull(r);
	strcpy(w, "seen");
	ck_assert_str_eq(r, "seen");
	ck_assert_int_eq(write(ro, "x", 1), -1);
	{
		void *p;

		memcpy(&p, &r, sizeof(p));
		ck_assert_int_eq(mprotect(p, 8192, PROT_READ | PROT_WRITE),
		    -1);
	}
	wad_shm_unmap(w, 8192);
	wad_shm_unmap(r, 8192);
	close(ro);
	close(fd);
}
END_TEST

START_TEST(test_text)
{
	int	 fd = wad_shm_seal_text("text", "hello", 5);
	size_t	 len;
	const char *p;

	ck_assert_int_ne(fd, -1);
	p = wad_shm_map_text(fd, &len);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(len, 5);
	ck_assert_mem_eq(p, "hello", 5);
	ck_assert_int_eq(pwrite(fd, "J", 1, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(ftruncate(fd, 0), -1);
	wad_shm_unmap(p, len);
	close(fd);

	fd = wad_shm_seal_text("empty", "", 0);
	p = wad_shm_map_text(fd, &len);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(len, 0);
	wad_shm_unmap(p, len);
	close(fd);

	/* What is not sealed is refused. */
	fd = wad_shm_create("plain", 4096);
	ck_assert_ptr_null(wad_shm_map_text(fd, &len));
	close(fd);
	ck_assert_ptr_null(wad_shm_map_text(0, &len));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("shm");
	TCase	*t = tcase_create("shm");

	tcase_add_test(t, test_segment);
	tcase_add_test(t, test_text);
	suite_add_tcase(s, t);
	return suite_run(s);
}
