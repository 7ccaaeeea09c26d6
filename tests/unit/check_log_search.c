/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches and purges: what is found in memory and in files is what is there,
 * newest first, whatever the blocks cut.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "control/log_purge.h"
#include "control/log_search.h"
#include "suite.h"

static struct wad_log_memory	 m;
static struct wad_log_look	 look;
static struct wad_log_search	*s;
static struct wad_log_result	 res;
static char			 path[64];
static int			 dir;

static void
setup(void)
{
	snprintf(path, sizeof(path), "/tmp/check_search.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	wad_log_memory_init(&m);
	look = (struct wad_log_look){ .device = WAD_LOG_DISK, .category =
	    WAD_LC_TRAFFIC, .start_line = 1, .view_lines = 10 };
}

static void
teardown(void)
{
	DIR		*d = fdopendir(dir);
	struct dirent	*e;

	while ((e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	(void)rmdir(path);
	wad_log_memory_free(&m);
	wad_log_search_free(s);
	wad_str_free(&look.fields);
	wad_str_free(&look.free_style);
}

/* Records n..to-1 of changing length, every third an event. */
static void
file_make(const char *name, int n, int to)
{
	struct wad_str	text = { 0 };
	int		fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);

	for (; n < to; n++)
		wad_str_addf(&text, "type=\"%s\" level=\"notice\" n=%d "
		    "pad=\"%0*d\"\n", n % 3 == 0 ? "event" : "traffic", n,
		    1 + n % 701, 0);
	ck_assert_int_eq(write(fd, text.s, text.len), (ssize_t)text.len);
	close(fd);
	wad_str_free(&text);
}

static void
search(void)
{
	char	err[200];
	int	turns = 0;

	wad_log_search_free(s);
	s = wad_log_search_new(&look, &m, dir, err, sizeof(err));
	ck_assert_msg(s != NULL, "%s", err);
	while (wad_log_search_step(s))
		ck_assert_int_lt(turns++, 10000);
	wad_log_search_result(s, &res);
}

static int
shown(size_t i)
{
	ck_assert_uint_lt(i, res.n);
	return atoi(strstr(res.lines[i].s, " n=") + 3);
}

START_TEST(files)
{
	size_t have;

	search();				/* there is none */
	ck_assert_uint_eq(res.found, 0);
	file_make("openwad.log-20260101-000000", 0, 3000);
	file_make("openwad.log-20260102-000000", 3000, 3001);
	file_make("openwad.log-20260103-000000", 0, 0);
	file_make("openwad.log", 3001, 6000);
	file_make("openwad.log.1", 9000, 9100);
	search();
	ck_assert_uint_eq(res.found, 4000);
	ck_assert_uint_eq(res.checked, 6000);
	ck_assert_uint_eq(res.other, 0);
	ck_assert_uint_eq(res.n, 10);
	ck_assert_int_eq(shown(0), 5999);
	ck_assert_int_eq(shown(1), 5998);
	ck_assert_int_eq(shown(2), 5996);
	look.category = WAD_LC_EVENT;
	look.view_lines = WAD_LOG_VIEW_MAX;
	look.start_line = 1001;
	search();
	ck_assert_uint_eq(res.found, 2000);
	ck_assert_uint_eq(res.n, 1000);
	for (have = 0; have < res.n; have++)
		ck_assert_int_eq(shown(have), 2997 - 3 * (int)have);
	look.start_line = 1996;
	search();
	ck_assert_uint_eq(res.n, 5);
	ck_assert_int_eq(shown(4), 0);
	look.start_line = 5000;
	search();
	ck_assert_uint_eq(res.found, 2000);
	ck_assert_uint_eq(res.n, 0);
}
END_TEST

START_TEST(filters)
{
	char err[200];

	file_make("openwad.log", 0, 6000);
	wad_str_add(&look.fields, "n(\"100-199\")");
	search();
	ck_assert_uint_eq(res.found, 67);
	wad_str_add(&look.free_style, "n<150 or n==199");
	search();
	ck_assert_uint_eq(res.found, 35);
	ck_assert_int_eq(shown(0), 199);
	look.max_check = 500;
	search();
	ck_assert_uint_eq(res.found, 0);
	ck_assert_uint_eq(res.checked, 500);
	ck_assert(res.stopped);
	wad_str_add(&look.free_style, " and");
	ck_assert_ptr_null(wad_log_search_new(&look, &m, dir, err,
	    sizeof(err)));
	ck_assert_str_eq(err, "free-style: column 20: a field's name is "
	    "expected, not the end");
}
END_TEST

/* Lines that are none of ours, longer than a block, and no end of line. */
START_TEST(strange_files)
{
	static const char rec[] = "type=\"traffic\" level=\"notice\" n=1";
	char	*big = wad_xmalloc(700000);
	int	 fd = openat(dir, "openwad.log", O_WRONLY | O_CREAT, 0600);

	memset(big, 'x', 700000);
	ck_assert_int_eq(write(fd, big, 700000), 700000);
	dprintf(fd, "\n%s\n\n\nnot a record\n", rec);
	ck_assert_int_eq(write(fd, big, 3000), 3000);
	dprintf(fd, "\n{\"type\":\"traffic\"}\n\n%s", rec);
	close(fd);
	search();
	ck_assert_uint_eq(res.found, 2);
	ck_assert_uint_eq(res.checked, 2);
	ck_assert_uint_eq(res.other, 4);
	free(big);
}
END_TEST

/* The log folder may become another one while a search or a purge is under
 * way: both stay in theirs. */
START_TEST(folder_changes)
{
	struct wad_log_purge	*p;
	char			 err[200];
	int			 fd, error;

	file_make(WAD_LOG_FILE "-20260101-000000", 0, 300);
	file_make(WAD_LOG_FILE, 300, 600);
	s = wad_log_search_new(&look, &m, dir, err, sizeof(err));
	p = wad_log_purge_new(dir, WAD_LC_TRAFFIC);
	fd = dup(dir);
	close(dir);
	while (wad_log_search_step(s))
		;
	while (wad_log_purge_step(p))
		;
	dir = dup(fd);
	close(fd);
	wad_log_search_result(s, &res);
	ck_assert_uint_eq(res.found, 400);
	ck_assert_uint_eq(wad_log_purge_result(p, &error), 200);
	ck_assert_int_eq(error, 0);
	wad_log_purge_free(p);
}
END_TEST

START_TEST(memory)
{
	char text[100];

	look.device = WAD_LOG_MEMORY;
	for (int i = 0; i < 5000; i++) {
		int n = snprintf(text, sizeof(text), "type=\"%s\" "
		    "level=\"notice\" n=%d", i % 2 ? "event" : "traffic", i);

		wad_log_memory_add(&m, text, (size_t)n);
	}
	search();
	ck_assert_uint_eq(res.found, 2500);
	ck_assert_int_eq(shown(0), 4998);
	ck_assert_int_eq(shown(9), 4980);
}
END_TEST

/* Every byte that is not of the category stays. */
START_TEST(purge)
{
	struct wad_log_purge	*p;
	int			 error;

	file_make("openwad.log-20260101-000000", 0, 3000);
	file_make("openwad.log-20260102-000000", 3, 4);	/* an event only */
	file_make("openwad.log-20260103-000000", 4, 6);	/* none */
	file_make("openwad.log", 3000, 3003);
	p = wad_log_purge_new(dir, WAD_LC_EVENT);
	while (wad_log_purge_step(p))
		;
	ck_assert_uint_eq(wad_log_purge_result(p, &error), 1001);
	ck_assert_int_eq(error, 0);
	wad_log_purge_free(p);
	ck_assert_int_eq(faccessat(dir, "openwad.log-20260102-000000", F_OK,
	    0), -1);
	ck_assert_int_eq(faccessat(dir, WAD_LOG_PURGE_FILE, F_OK, 0), -1);
	search();
	ck_assert_uint_eq(res.found, 2004);	/* 2000, 2, and 2 live */
	look.category = WAD_LC_EVENT;
	search();
	ck_assert_uint_eq(res.found, 1);	/* the live file's */
	ck_assert_uint_eq(res.other, 0);
}
END_TEST

int
main(void)
{
	Suite	*su = suite_create("log_search");
	TCase	*t = tcase_create("log_search");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, files);
	tcase_add_test(t, filters);
	tcase_add_test(t, strange_files);
	tcase_add_test(t, folder_changes);
	tcase_add_test(t, memory);
	tcase_add_test(t, purge);
	suite_add_tcase(su, t);
	return suite_run(su);
}
