/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas: what counts, sums, time of views, midnight, what a wad-control that
 * is new finds in the files.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/quotas.h"
#include "suite.h"

static uint16_t			cats[] = { 25, 52 }, exempt[] = { 17 };
static struct wad_wf_quota	q[2];
static struct wad_wf_profile	p;
static struct wad_conf		conf;
static struct wad_control	c;
static struct wad_quota_key	key;
static char			path[2][32];

static void
setup(void)
{
	q[0] = (struct wad_wf_quota){ .id = 1, .cats = cats, .n_cats = 2,
		.traffic = true, .bytes = 1000 };
	q[1] = (struct wad_wf_quota){ .id = 2, .cats = cats, .n_cats = 1,
		.seconds = 60 };
	p = (struct wad_wf_profile){ .name = "office", .quotas = q,
		.n_quotas = 2, .exempt_quota = exempt, .n_exempt_quota = 1,
		.max_quota_timeout = 20 };
	conf.wf_profiles = &p;
	conf.n_wf_profiles = 1;
	c.conf = &conf;
	c.quotas = wad_quotas_new(&c);
	memset(&key, 0, sizeof(key));
	key.stamp = wad_quota_stamp(&p, &q[0]);
	ck_assert_int_eq(wad_addr_parse(&key.client, "192.0.2.1"), 0);
}

static void
teardown(void)
{
	wad_quotas_free(c.quotas);
}

static void
use(uint64_t bytes, bool touched)
{
	struct wad_msg		m;
	struct wad_msg_in	in;

	wad_msg_init(&m, WAD_MSG_QUOTA_USED, 0);
	wad_quota_key_put(&m, &key);
	wad_msg_add_u64(&m, bytes);
	wad_msg_add_u32(&m, touched);
	in = (struct wad_msg_in){ .type = m.type, .p = m.buf, .left = m.len };
	ck_assert_int_eq(wad_quotas_message(&c, &in), 0);
	wad_msg_free(&m);
}

static bool
listed(const char *what)
{
	struct wad_str	out = { 0 };
	bool		there;

	wad_quotas_list(&c, NULL, wad_clock_wall(), &out);
	there = strstr(out.s, what) != NULL;
	if (!there)
		fprintf(stderr, "no \"%s\" in:\n%s", what, out.s);
	wad_str_free(&out);
	return there;
}

START_TEST(counts)
{
	uint64_t was = wad_quota_stamp(&p, &q[0]);

	ck_assert(wad_quota_counts(&p, &q[0], 52));
	ck_assert(!wad_quota_counts(&p, &q[0], 53));
	exempt[0] = 52;
	ck_assert(!wad_quota_counts(&p, &q[0], 52));
	exempt[0] = 17;
	q[0].bytes++;		/* what was used stays used */
	ck_assert_uint_eq(wad_quota_stamp(&p, &q[0]), was);
	q[0].traffic = false;
	ck_assert(wad_quota_stamp(&p, &q[0]) != was);
}
END_TEST

START_TEST(traffic)
{
	use(600, false);
	ck_assert(listed("600           1000  open"));
	use(400, false);
	ck_assert(listed("1000           1000  used up"));
	/* an administrator gives more */
	q[0].bytes = 2000;
	wad_quotas_commit(&c);
	ck_assert(listed("1000           2000  open"));
	/* the entry is gone */
	p.n_quotas = 0;
	wad_quotas_commit(&c);
	use(5, false);
	p.n_quotas = 2;
	ck_assert_uint_eq(wad_quotas_reset(&c, NULL), 0);
}
END_TEST

START_TEST(views)
{
	struct wad_quota_sum s = { .seconds = 10 };

	ck_assert_uint_eq(wad_quotas_seconds(&s, 20, 1000), 10);
	s.last = 1000;
	ck_assert_uint_eq(wad_quotas_seconds(&s, 20, 999), 10);
	ck_assert_uint_eq(wad_quotas_seconds(&s, 20, 1000), 10);
	ck_assert_uint_eq(wad_quotas_seconds(&s, 20, 1019), 29);
	ck_assert_uint_eq(wad_quotas_seconds(&s, 20, 1020), 30);
	ck_assert_uint_eq(wad_quotas_seconds(&s, 20, 9000), 30);
}
END_TEST

START_TEST(midnight)
{
	int64_t		at = 1700000000, m;
	time_t		t;
	struct tm	tm;

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	for (int day = 0; day < 400; day++, at += 86400) {
		m = wad_quotas_midnight(at);
		t = (time_t)m;
		localtime_r(&t, &tm);
		ck_assert_int_eq(tm.tm_hour, 0);
		ck_assert_int_eq(tm.tm_min, 0);
		ck_assert(m > at && m <= at + 90000);
		/* the moment itself is the next day's */
		ck_assert(wad_quotas_midnight(m) > m);
		ck_assert_int_eq(wad_quotas_midnight(m - 1), m);
	}
}
END_TEST

static void
give_files(void)
{
	struct wad_msg_in m = { .n_fds = 2 };

	for (int i = 0; i < 2; i++) {
		m.fds[i] = open(path[i], O_RDWR | O_CREAT, 0600);
		ck_assert_int_ne(m.fds[i], -1);
	}
	ck_assert_int_eq(wad_quotas_files(&c, &m), 0);
}

static void
born_again(void)
{
	wad_quotas_save(&c);
	wad_quotas_free(c.quotas);
	c.quotas = wad_quotas_new(&c);
	give_files();
}

START_TEST(files)
{
	FILE *f;

	for (int i = 0; i < 2; i++) {
		snprintf(path[i], sizeof(path[i]), "check_quotas.%d.%d",
		    (int)getpid(), i);
		unlink(path[i]);
	}
	give_files();
	strcpy(key.user, "alice smith");
	use(600, false);
	born_again();
	ck_assert(listed("alice smith"));
	ck_assert(listed("600           1000  open"));
	use(500, false);
	born_again();
	ck_assert(listed("1100           1000  used up"));
	use(1, false);
	born_again();
	ck_assert(listed("1101           1000  used up"));
	/* the file written last is cut off: the one before counts */
	wad_quotas_free(c.quotas);
	f = fopen(path[1], "r+");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(ftruncate(fileno(f), 60), 0);
	fclose(f);
	c.quotas = wad_quotas_new(&c);
	give_files();
	ck_assert(listed("1100           1000  used up"));
	/* and one in which a digit was changed is none */
	wad_quotas_free(c.quotas);
	for (int i = 0; i < 2; i++) {
		f = fopen(path[i], "r+");
		ck_assert_ptr_nonnull(f);
		fputs("openwad quotas 1 9", f);
		fclose(f);
	}
	c.quotas = wad_quotas_new(&c);
	give_files();
	ck_assert_uint_eq(wad_quotas_reset(&c, NULL), 0);
	for (int i = 0; i < 2; i++)
		unlink(path[i]);
}
END_TEST

static void
disk(rlim_t room)
{
	struct rlimit l;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = room;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &l), 0);
}

/* While nothing can be written the last whole file stays whole; when there is
 * room again all is written. */
START_TEST(full_disk)
{
	for (int i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), "check_quotas.%d.%d",
		    (int)getpid(), i);
	signal(SIGXFSZ, SIG_IGN);
	give_files();
	use(600, false);
	wad_quotas_save(&c);
	disk(40);
	for (int i = 0; i < 3; i++) {
		use(100, false);
		wad_quotas_save(&c);
	}
	wad_quotas_free(c.quotas);
	c.quotas = wad_quotas_new(&c);
	give_files();
	ck_assert(listed("600           1000  open"));
	use(7, false);
	wad_quotas_save(&c);
	disk(RLIM_INFINITY);
	born_again();
	ck_assert(listed("607           1000  open"));
	for (int i = 0; i < 2; i++)
		unlink(path[i]);
}
END_TEST

START_TEST(reset)
{
	struct wad_addr other;

	ck_assert_int_eq(wad_addr_parse(&other, "192.0.2.2"), 0);
	use(1000, false);
	ck_assert_uint_eq(wad_quotas_reset(&c, &other), 0);
	ck_assert_uint_eq(wad_quotas_reset(&c, &key.client), 1);
	use(1, false);
	ck_assert(listed("1           1000  open"));
}
END_TEST

/* However many clients there are. */
START_TEST(bound)
{
	for (unsigned i = 0; i < WAD_QUOTA_MAX + 100; i++) {
		key.client.ip[2] = (uint8_t)(i >> 8);
		key.client.ip[3] = (uint8_t)i;
		key.client.ip[1] = (uint8_t)(i >> 16);
		use(1, false);
	}
	ck_assert_uint_eq(wad_quotas_reset(&c, NULL), WAD_QUOTA_MAX);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("quotas");
	TCase	*t = tcase_create("quotas");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, counts);
	tcase_add_test(t, traffic);
	tcase_add_test(t, views);
	tcase_add_test(t, midnight);
	tcase_add_test(t, files);
	tcase_add_test(t, full_disk);
	tcase_add_test(t, reset);
	tcase_add_test(t, bound);
	suite_add_tcase(s, t);
	return suite_run(s);
}
