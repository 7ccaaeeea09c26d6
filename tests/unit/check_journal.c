/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's files: nine old ones at most, found anew when moved.
 */
#include <sys/stat.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "main/journal.h"
#include "suite.h"

static char dir[64], path[96];

static void
setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_journal.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/issued.log", dir);
}

static void
teardown(void)
{
	char name[128];

	(void)unlink(path);
	for (int i = 1; i <= WAD_JOURNAL_KEEP + 1; i++) {
		snprintf(name, sizeof(name), "%s.%d", path, i);
		(void)unlink(name);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}

/* The first byte of PATH.i; 0 when there is no such file. */
static int
first(int i)
{
	char	 name[128];
	FILE	*f;
	int	 c = 0;

	if (i > 0)
		snprintf(name, sizeof(name), "%s.%d", path, i);
	else
		snprintf(name, sizeof(name), "%s", path);
	f = fopen(name, "r");
	if (f == NULL)
		return 0;
	c = fgetc(f);
	fclose(f);
	return c;
}

START_TEST(turns)
{
	int	fd = wad_journal_open(path);
	char	line[] = "A........\n";

	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < 12; i++) {
		line[0] = (char)('A' + i);
		ck_assert_int_eq(write(fd, line, 10), 10);
		ck_assert(!wad_journal_turn(path, &fd, 11));
		ck_assert(wad_journal_turn(path, &fd, 10));
	}
	for (int i = 1; i <= WAD_JOURNAL_KEEP; i++)
		ck_assert_int_eq(first(i), 'L' - (i - 1));
	ck_assert_int_eq(first(WAD_JOURNAL_KEEP + 1), 0);
	ck_assert_int_eq(first(0), EOF);
	close(fd);
}
END_TEST

START_TEST(moved)
{
	int		fd = wad_journal_open(path), none = -1;
	struct stat	st;

	ck_assert_int_eq(unlink(path), 0);
	ck_assert(wad_journal_turn(path, &fd, 100));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert(!wad_journal_turn(path, &fd, 100));
	ck_assert(!wad_journal_turn(path, &none, 100));
	close(fd);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("journal");
	TCase	*t = tcase_create("journal");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, turns);
	tcase_add_test(t, moved);
	suite_add_tcase(s, t);
	return suite_run(s);
}
