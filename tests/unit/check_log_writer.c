/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log files: begun anew by size and time, bounded in total and age, found
 * again when moved; a full disk (a small tmpfs; root only) with both
 * settings; the clock of the schedule.
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "control/log_writer.h"
#include "suite.h"

static struct wad_log_writer	 w;
static struct wad_ring_seg	*ring;
static char			 dir[64];
static const struct wad_conf_log_disk normal = { .enabled = true,
	.max_file_mb = 1, .quota_mb = 4, .max_age_days = 7,
	.filter = { .severity = 6, .forward = true, .local = true,
	    .other = true } };

static int
dir_open(void)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static void
setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_log.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ring = wad_xcalloc(1, sizeof(*ring));
	wad_dbg_attach(NULL, ring);
	wad_log_writer_init(&w);
	wad_log_writer_set(&w, &normal);
	wad_log_writer_open(&w, dir_open());
}

static void
teardown(void)
{
	DIR		*d = opendir(dir);
	struct dirent	*e;

	wad_log_writer_close(&w);
	wad_dbg_attach(NULL, NULL);
	free(ring);
	while (d != NULL && (e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	(void)umount2(dir, MNT_DETACH);
	(void)rmdir(dir);
}

static void
add(int n, const char *level)
{
	char	line[600];
	int	len = snprintf(line, sizeof(line), "type=\"traffic\" "
	    "subtype=\"forward\" level=\"%s\" n=%d pad=\"%0500d\"", level, n,
	    0);

	wad_log_writer_add(&w, line, (size_t)len);
}

/* The whole text of a file; the caller frees it. */
static char *
text(const char *name)
{
	struct wad_str	s = { 0 };
	char		buf[65536];
	ssize_t		n;
	int		fd = openat(w.dir, name, O_RDONLY);

	ck_assert_msg(fd != -1, "%s", name);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		wad_str_addn(&s, buf, (size_t)n);
	close(fd);
	return wad_str_take(&s);
}

static void
holds(const char *name, const char *want, bool yes)
{
	char *t = text(name);

	ck_assert_msg((strstr(t, want) != NULL) == yes, "%s: %s", name, want);
	free(t);
}

/* What our ring got: the records that say what happened. */
static void
ring_has(const char *want)
{
	struct wad_ring_pos	pos = { 0 };
	char			buf[WAD_RING_LOG_SIZE];

	while (wad_ring_next_log(ring, &pos, buf, sizeof(buf)) > 0)
		if (strstr(buf, want) != NULL)
			return;
	ck_abort_msg("no record with %s", want);
}

static bool
has(const char *line)
{
	return wad_log_writer_has(&w, line, strlen(line));
}

/* What a writer before us wrote, in its form; and what the filter drops. */
START_TEST(written_before)
{
	static const char	 one[] = "type=\"traffic\" subtype=\"forward\" "
		    "level=\"notice\" sessionid=1";
	char			*t;

	wad_log_writer_add(&w, one, strlen(one));
	wad_log_writer_flush(&w);
	ck_assert(!has(one));		/* that was us */
	wad_log_writer_close(&w);
	wad_log_writer_init(&w);
	wad_log_writer_set(&w, &normal);
	wad_log_writer_open(&w, dir_open());
	ck_assert(has(one));
	ck_assert(!has("type=\"traffic\" subtype=\"forward\" "
	    "level=\"notice\" sessionid=12"));
	ck_assert(!has("type=\"traffic\" subtype=\"forward\" "
	    "level=\"notice\" sessionid="));
	wad_log_writer_flush(&w);	/* asking leaves nothing */
	t = text(WAD_LOG_FILE);
	ck_assert_uint_eq(strlen(t), strlen(one) + 1);
	free(t);
}
END_TEST

START_TEST(by_size)
{
	struct wad_log_files l;

	for (int i = 0; i < 5000; i++) {
		add(i, "notice");
		if (i % 500 == 0)
			wad_log_writer_flush(&w);
	}
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_files_list(w.dir, &l), 0);
	ck_assert_uint_ge(l.n, 2);
	for (size_t i = 0; i < l.n; i++) {
		ck_assert_uint_le(l.file[i].size, 1 << 20);
		if (i > 0)
			ck_assert_int_lt(strcmp(l.file[i - 1].name,
			    l.file[i].name), 0);
		ck_assert(llabs((long long)(l.file[i].closed -
		    wad_clock_wall())) < 30);
	}
	holds(l.file[0].name, " n=0 ", true);
	holds(WAD_LOG_FILE, " n=4999 ", true);
	ring_has("logid=\"0100090007\"");
	ring_has("reason=\"size\"");
	wad_log_files_free(&l);
}
END_TEST

/* Never more than the quota in all, the newest are there. */
START_TEST(total)
{
	struct wad_log_files l;

	for (int i = 0; i < 20000; i++) {
		add(i, "notice");
		if (i % 100 == 0)
			wad_log_writer_flush(&w);
	}
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_files_list(w.dir, &l), 0);
	ck_assert_uint_le(l.bytes + w.size, 4u << 20);
	ck_assert_uint_ge(l.bytes, 2u << 20);
	holds(WAD_LOG_FILE, " n=19999 ", true);
	wad_log_files_free(&l);
	ck_assert_uint_eq(w.lost_ever, 0);
}
END_TEST

static void
put_file(const char *name)
{
	int fd = openat(w.dir, name, O_WRONLY | O_CREAT, 0640);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "x\n", 2), 2);
	close(fd);
}

START_TEST(age_and_strangers)
{
	struct wad_log_files l;

	put_file("openwad.log-20200101-000000");
	put_file("openwad.log-20200101-000000.0001");
	put_file("openwad.log-20991231-000000");
	put_file("openwad.log.1");
	put_file("openwad.log-20200101");
	put_file("openwad.log-2020010x-000000");
	put_file("other");
	ck_assert_int_eq(symlinkat("other", w.dir,
	    "openwad.log-20200101-000001"), 0);
	wad_log_writer_reopen(&w);
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_files_list(w.dir, &l), 0);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_str_eq(l.file[0].name, "openwad.log-20991231-000000");
	wad_log_files_free(&l);
	holds("openwad.log.1", "x", true);
	holds("openwad.log-20200101", "x", true);
	holds("openwad.log-2020010x-000000", "x", true);
	holds("other", "x", true);
	/* a name from the future: the next one is newer all the same */
	add(1, "notice");
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_writer_roll(&w, "test"), 0);
	holds("openwad.log-20991231-000000.0001", " n=1 ", true);
	add(2, "notice");
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_writer_roll(&w, "test"), 0);
	holds("openwad.log-20991231-000000.0002", " n=2 ", true);
}
END_TEST

/* Until the settings are there records wait where they are, and no file goes
 * that they let stay. */
START_TEST(before_settings)
{
	struct wad_conf_log_disk c = normal;

	c.max_age_days = 0;
	wad_log_writer_close(&w);
	wad_log_writer_init(&w);
	wad_log_writer_open(&w, dir_open());
	put_file("openwad.log-20200101-000000");
	ck_assert(!wad_log_writer_room(&w));
	add(1, "notice");
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, " n=1 ", false);
	wad_log_writer_set(&w, &c);
	ck_assert(wad_log_writer_room(&w));
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, " n=1 ", true);
	holds("openwad.log-20200101-000000", "x", true);
}
END_TEST

START_TEST(moved)
{
	add(1, "notice");
	wad_log_writer_flush(&w);
	ck_assert_int_eq(renameat(w.dir, WAD_LOG_FILE, w.dir, "away"), 0);
	wad_log_writer_reopen(&w);		/* USR1 */
	add(2, "notice");
	wad_log_writer_flush(&w);
	holds("away", " n=2 ", false);
	holds(WAD_LOG_FILE, " n=2 ", true);
	/* nobody says a word: seen within five seconds */
	ck_assert_int_eq(unlinkat(w.dir, WAD_LOG_FILE, 0), 0);
	w.looked_ms = 0;
	add(3, "notice");
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, " n=3 ", true);
}
END_TEST

START_TEST(half_a_line)
{
	ck_assert_int_eq(write(w.fd, "half", 4), 4);
	wad_log_writer_reopen(&w);
	add(1, "notice");
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, "half\ntype=", true);
}
END_TEST

/* A ring that somebody else wrote into. */
START_TEST(not_ours)
{
	static const char evil[] = "type=\"traffic\"\n\x1b[2Jdate=1";

	wad_log_writer_add(&w, evil, sizeof(evil) - 1);
	add(1, "notice");
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, "type=\\x22traffic\\x22\\x0a\\x1b[2Jdate=1\n"
	    "type=\"traffic\" subtype", true);
}
END_TEST

START_TEST(filtered)
{
	struct wad_conf_log_disk c = normal;

	c.filter.severity = 4;
	wad_log_writer_set(&w, &c);
	add(1, "notice");
	add(2, "warning");
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, " n=1 ", false);
	holds(WAD_LOG_FILE, " n=2 ", true);
	c.enabled = false;
	wad_log_writer_set(&w, &c);
	add(3, "warning");
	wad_log_writer_lost(&w, 5);
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, " n=3 ", false);
	ck_assert_uint_eq(w.lost_ever, 0);
}
END_TEST

START_TEST(another_form)
{
	struct wad_conf_log_disk c = normal;

	c.format = WAD_FORM_JSON;
	wad_log_writer_set(&w, &c);
	add(1, "notice");
	wad_log_writer_add(&w, "no record", 9);
	wad_log_writer_lost(&w, 7);
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, "{", true);
	holds(WAD_LOG_FILE, "\"subtype\":\"forward\"", true);
	holds(WAD_LOG_FILE, "\nno record\n{", true);
	holds(WAD_LOG_FILE, "7 log records lost", true);
}
END_TEST

START_TEST(lost)
{
	wad_log_writer_lost(&w, 7);
	add(1, "notice");
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, "logid=\"0100090006\"", true);
	holds(WAD_LOG_FILE, " lost=7 msg=\"7 log records lost: too many at "
	    "once\"", true);
	ck_assert_uint_eq(w.lost, 0);
	ck_assert_uint_eq(w.lost_ever, 7);
}
END_TEST

START_TEST(deleted)
{
	struct wad_log_files l;

	add(1, "notice");
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_writer_roll(&w, "test"), 0);
	add(2, "notice");
	wad_log_writer_flush(&w);
	put_file("other");
	ck_assert_int_eq(wad_log_writer_delete(&w), 2);
	ck_assert_int_eq(wad_log_files_list(w.dir, &l), 0);
	ck_assert_uint_eq(l.n, 0);
	wad_log_files_free(&l);
	add(3, "notice");
	wad_log_writer_flush(&w);
	holds(WAD_LOG_FILE, " n=2 ", false);
	holds(WAD_LOG_FILE, " n=3 ", true);
	holds("other", "x", true);
}
END_TEST

/* A tmpfs of 1 MB in place of the folder; false when that is not allowed. */
static bool
small_disk(void)
{
	(void)unlinkat(w.dir, WAD_LOG_FILE, 0);
	if (geteuid() != 0 || unshare(CLONE_NEWNS) == -1 || mount("none",
	    "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 || mount("none", dir,
	    "tmpfs", 0, "size=1m") == -1)
		return false;
	wad_log_writer_open(&w, dir_open());
	return true;
}

/* The other half of the disk is somebody else's. */
static void
fill(size_t n)
{
	char	*zero = wad_xcalloc(1, n);
	int	 fd = openat(w.dir, "filler", O_WRONLY | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, zero, n), (ssize_t)n);
	close(fd);
	free(zero);
}

START_TEST(full_overwrite)
{
	char *t, *line;

	if (!small_disk())
		return;
	for (int i = 0; i < 10000; i++) {
		add(i, "notice");
		if (i % 50 == 0)
			wad_log_writer_flush(&w);
	}
	wad_log_writer_flush(&w);
	ck_assert_ptr_null(wad_log_writer_trouble(&w));
	ck_assert_uint_eq(w.lost_ever, 0);
	holds(WAD_LOG_FILE, " n=9999 ", true);
	/* whole lines only */
	t = text(WAD_LOG_FILE);
	for (line = strtok(t, "\n"); line != NULL; line = strtok(NULL, "\n"))
		ck_assert_msg(strncmp(line, "type=\"traffic\" ", 15) == 0 &&
		    line[strlen(line) - 1] == '"', "%s", line);
	free(t);
}
END_TEST

/* What fills the disk is not ours: a small file is not given up. */
START_TEST(full_of_others)
{
	if (!small_disk())
		return;
	fill((1u << 20) - 65536);
	for (int i = 0; i < 1000; i++)
		add(i, "notice");
	for (int i = 0; i < 20; i++)
		wad_log_writer_flush(&w);
	ck_assert_ptr_nonnull(wad_log_writer_trouble(&w));
	holds(WAD_LOG_FILE, " n=0 ", true);
	ck_assert_int_eq(unlinkat(w.dir, "filler", 0), 0);
	wad_log_writer_flush(&w);
	ck_assert_ptr_null(wad_log_writer_trouble(&w));
	ck_assert_uint_eq(w.lost_ever, 0);
	holds(WAD_LOG_FILE, " n=999 ", true);
}
END_TEST

START_TEST(full_nolog)
{
	struct wad_conf_log_disk c = normal;

	if (!small_disk())
		return;
	c.nolog = true;
	wad_log_writer_set(&w, &c);
	fill(700000);
	add(-1, "notice");
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_writer_roll(&w, "test"), 0);
	for (int i = 0; i < 10000; i++) {
		add(i, "notice");
		if (i % 50 == 0)
			wad_log_writer_flush(&w);
	}
	ck_assert_str_eq(wad_log_writer_trouble(&w), strerror(ENOSPC));
	ck_assert(!wad_log_writer_room(&w));
	ck_assert_uint_gt(w.lost, 0);
	ck_assert_uint_le(w.queue.len, WAD_LOG_QUEUE);
	holds(WAD_LOG_FILE, " n=0 ", true);
	ck_assert_int_eq(unlinkat(w.dir, "filler", 0), 0);
	/* about 700 KB of room: some of what waited, and the line that says
	 * how much was lost, when there is room for it, too */
	for (int i = 0; i < 20; i++)
		wad_log_writer_flush(&w);
	ck_assert_int_eq(ftruncate(w.fd, 0), 0);
	wad_log_writer_reopen(&w);
	for (int i = 0; i < 3; i++)
		wad_log_writer_flush(&w);
	ck_assert_ptr_null(wad_log_writer_trouble(&w));
	holds(WAD_LOG_FILE, "log records lost: ", true);
	ck_assert_uint_eq(w.lost, 0);
}
END_TEST

/* nolog: nothing goes for the new ones, the total holds. */
START_TEST(total_nolog)
{
	struct wad_conf_log_disk c = normal;
	struct wad_log_files	 l;

	c.nolog = true;
	wad_log_writer_set(&w, &c);
	for (int i = 0; i < 20000; i++) {
		add(i, "notice");
		if (i % 100 == 0)
			wad_log_writer_flush(&w);
	}
	wad_log_writer_flush(&w);
	ck_assert_str_eq(wad_log_writer_trouble(&w), strerror(EDQUOT));
	ck_assert_uint_gt(w.lost, 0);
	ck_assert_int_eq(wad_log_files_list(w.dir, &l), 0);
	ck_assert_uint_le(l.bytes + w.size, 4u << 20);
	ck_assert_uint_ge(l.bytes + w.size, 3u << 20);
	holds(l.file[0].name, " n=0 ", true);
	wad_log_files_free(&l);
	/* room again: seen within five seconds, lost ones are told */
	ck_assert_int_ge(wad_log_writer_delete(&w), 3);
	w.looked_ms = 0;
	wad_log_writer_flush(&w);
	wad_log_writer_flush(&w);
	ck_assert_ptr_null(wad_log_writer_trouble(&w));
	holds(WAD_LOG_FILE, "log records lost: Disk quota exceeded", true);
}
END_TEST

static void
next(const char *from, unsigned daily, unsigned day, unsigned h, unsigned m,
    const char *want)
{
	struct tm	tm = { .tm_isdst = -1 };
	char		buf[32];
	time_t		t;

	ck_assert_ptr_nonnull(strptime(from, "%Y-%m-%d %H:%M:%S", &tm));
	tm.tm_isdst = -1;
	t = (time_t)wad_log_writer_next_roll((int64_t)mktime(&tm), daily, day,
	    h, m);
	localtime_r(&t, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S", &tm);
	ck_assert_str_eq(buf, want);
}

START_TEST(schedule)
{
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	ck_assert_int_eq(wad_log_writer_next_roll(1, 0, 0, 0, 0), 0);
	next("2026-11-21 10:00:00", 1, 0, 0, 0, "2026-11-22 00:00:00");
	next("2026-11-21 10:00:00", 1, 0, 10, 1, "2026-11-21 10:01:00");
	next("2026-11-21 10:01:00", 1, 0, 10, 1, "2026-11-22 10:01:00");
	next("2026-12-31 23:59:59", 1, 0, 0, 0, "2027-01-01 00:00:00");
	/* 2026-11-21 is a Saturday */
	next("2026-11-21 10:00:00", 2, 0, 3, 30, "2026-11-22 03:30:00");
	next("2026-11-22 03:30:00", 2, 0, 3, 30, "2026-11-29 03:30:00");
	next("2026-11-22 03:00:00", 2, 0, 3, 30, "2026-11-22 03:30:00");
	next("2026-11-21 10:00:00", 2, 6, 3, 30, "2026-11-28 03:30:00");
	next("2026-11-21 10:00:00", 2, 6, 13, 30, "2026-11-21 13:30:00");
	next("2026-11-21 10:00:00", 2, 1, 3, 30, "2026-11-23 03:30:00");
	/* the day that has 25 hours, and the one that has 23 */
	next("2026-10-24 12:00:00", 1, 0, 12, 0, "2026-10-25 12:00:00");
	next("2026-03-28 12:00:00", 1, 0, 12, 0, "2026-03-29 12:00:00");
}
END_TEST

/* Written before the last roll time, by one who is gone: closed at once. */
START_TEST(by_time)
{
	struct wad_conf_log_disk c = normal;
	struct timespec		 old[2] = { { 0, 0 }, { 0, 0 } };
	struct wad_log_files	 l;

	add(1, "notice");
	wad_log_writer_flush(&w);
	old[0].tv_sec = old[1].tv_sec = wad_clock_wall() - 2 * 86400;
	ck_assert_int_eq(futimens(w.fd, old), 0);
	c.roll_daily = 1;
	wad_log_writer_set(&w, &c);
	add(2, "notice");
	wad_log_writer_flush(&w);
	ck_assert_int_eq(wad_log_files_list(w.dir, &l), 0);
	ck_assert_uint_eq(l.n, 1);
	holds(l.file[0].name, " n=1 ", true);
	holds(WAD_LOG_FILE, " n=1 ", false);
	holds(WAD_LOG_FILE, " n=2 ", true);
	ring_has("reason=\"time\"");
	wad_log_files_free(&l);
	ck_assert_int_gt(w.roll_at, wad_clock_wall());
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("log_writer");
	TCase	*t = tcase_create("log_writer");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, written_before);
	tcase_add_test(t, by_size);
	tcase_add_test(t, total);
	tcase_add_test(t, total_nolog);
	tcase_add_test(t, age_and_strangers);
	tcase_add_test(t, before_settings);
	tcase_add_test(t, moved);
	tcase_add_test(t, not_ours);
	tcase_add_test(t, half_a_line);
	tcase_add_test(t, filtered);
	tcase_add_test(t, another_form);
	tcase_add_test(t, lost);
	tcase_add_test(t, deleted);
	tcase_add_test(t, full_overwrite);
	tcase_add_test(t, full_of_others);
	tcase_add_test(t, full_nolog);
	tcase_add_test(t, schedule);
	tcase_add_test(t, by_time);
	suite_add_tcase(s, t);
	return suite_run(s);
}
