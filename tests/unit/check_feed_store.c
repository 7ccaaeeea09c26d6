/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of feeds on disk: the newer one counts, a damaged or half written
 * one does not.
 */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/shm.h"
#include "lookup/feed_store.h"
#include "suite.h"

static int	files[2];

static void
setup(void)
{
	for (int i = 0; i < 2; i++) {
		files[i] = memfd_create("file", MFD_CLOEXEC);
		ck_assert_int_ne(files[i], -1);
	}
}

static void
teardown(void)
{
	close(files[0]);
	close(files[1]);
}

static void
save(uint64_t seq, const char *text, unsigned steps)
{
	struct wad_feed_kept	k = { .seq = seq, .fetched = 77,
		.entries = 5, .tags = { "\"e\"", "yesterday" } };
	int			fd = wad_shm_seal_text("x", text,
				    strlen(text));
	struct wad_feed_saving *s = wad_feed_store_save(files, fd, &k);
	int			rc = 1;

	for (unsigned i = 0; i < steps && rc == 1; i++)
		rc = wad_feed_store_step(s);
	if (steps > 100)
		ck_assert_int_eq(rc, 0);
	wad_feed_store_free(s);
	close(fd);
}

/* The text that is there; "" for none. */
static void
holds(const char *want, uint64_t seq)
{
	struct wad_feed_kept k;
	char		     err[160];
	size_t		     len;
	int		     fd = wad_feed_store_load(files, &k, err,
				 sizeof(err));
	const char	    *p;

	if (*want == '\0') {
		ck_assert_int_eq(fd, -1);
		return;
	}
	ck_assert_msg(fd != -1, "%s", err);
	p = wad_shm_map_text(fd, &len);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(len, strlen(want));
	ck_assert_mem_eq(p, want, len);
	ck_assert_uint_eq(k.seq, seq);
	ck_assert_str_eq(k.tags.etag, "\"e\"");
	wad_shm_unmap(p, len);
	close(fd);
}

START_TEST(newer)
{
	holds("", 0);
	save(1, "one", 1000);
	holds("one", 1);
	save(2, "two", 1000);
	holds("two", 2);
	save(3, "three", 1000);
	holds("three", 3);
	close(files[1]);
	files[1] = -1;
	holds("two", 2);
}
END_TEST

START_TEST(half)
{
	save(1, "one", 1000);
	save(2, "two", 1);		/* its head was not written */
	holds("one", 1);
	save(3, "three", 1);		/* nor this one: over the good one */
	holds("", 0);
}
END_TEST

/* Any byte that changes: never a wrong copy. */
START_TEST(damaged)
{
	struct stat st;

	save(1, "one", 1000);
	save(2, "two", 1000);
	ck_assert_int_eq(fstat(files[0], &st), 0);
	for (off_t at = 0; at < st.st_size; at++) {
		uint8_t c, d;

		ck_assert_int_eq(pread(files[0], &c, 1, at), 1);
		d = c ^ 0x40;
		ck_assert_int_eq(pwrite(files[0], &d, 1, at), 1);
		holds("one", 1);
		ck_assert_int_eq(pwrite(files[0], &c, 1, at), 1);
	}
	holds("two", 2);
	ck_assert_int_eq(ftruncate(files[0], st.st_size - 1), 0);
	holds("one", 1);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("feed_store");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, newer);
	tcase_add_test(t, half);
	tcase_add_test(t, damaged);
	suite_add_tcase(s, t);
	return suite_run(s);
}
