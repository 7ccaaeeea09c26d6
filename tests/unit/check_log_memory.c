/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log in memory: bounded, the oldest go, read backwards in slices while
 * more come.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/log_memory.h"
#include "suite.h"

static struct wad_log_memory m;
static char buf[WAD_LOG_RECORD];

static void
setup(void)
{
	struct wad_conf_log_memory c = { .enabled = true,
		.max_bytes = WAD_LOG_MEMORY_MIN, .filter = { .severity = 6,
		.forward = true, .local = true, .other = true } };

	wad_log_memory_init(&m);
	wad_log_memory_set(&m, &c);
}

static void
teardown(void)
{
	wad_log_memory_free(&m);
}

static void
add(const char *type, const char *level, int n)
{
	char text[300];
	int  len = snprintf(text, sizeof(text), "type=\"%s\" level=\"%s\" "
	    "n=%d pad=\"%0*d\"", type, level, n, 1 + n % 200, 0);

	wad_log_memory_add(&m, text, (size_t)len);
}

/* The number in the record before *at; -1 when there is none. */
static int
before(uint64_t *at)
{
	size_t		 len = wad_log_memory_before(&m, at, buf);
	const char	*p;

	if (len == 0)
		return -1;
	ck_assert(buf[len - 1] == '"');
	p = memmem(buf, len, " n=", 3);
	ck_assert_ptr_nonnull(p);
	return atoi(p + 3);
}

START_TEST(newest_first)
{
	uint64_t at = m.end;

	ck_assert_int_eq(before(&at), -1);
	for (int i = 0; i < 10; i++)
		add("event", "notice", i);
	at = m.end;
	for (int i = 9; i >= 0; i--)
		ck_assert_int_eq(before(&at), i);
	ck_assert_int_eq(before(&at), -1);
	ck_assert_uint_eq(m.records, 10);
}
END_TEST

START_TEST(bounded)
{
	uint64_t at, n = 0;

	for (int i = 0; i < 100000; i++)
		add("event", "notice", i);
	ck_assert_uint_le(m.end - m.first, WAD_LOG_MEMORY_MIN);
	ck_assert_uint_ge(m.end - m.first, WAD_LOG_MEMORY_MIN - 400);
	at = m.end;
	for (int want = 99999; ; want--, n++) {
		int got = before(&at);

		if (got == -1)
			break;
		ck_assert_int_eq(got, want);
	}
	ck_assert_uint_eq(n, m.records);
	ck_assert_uint_gt(n, 300);
	wad_log_memory_add(&m, "", 0);
	wad_log_memory_add(&m, buf, WAD_LOG_RECORD + 1);
	ck_assert_uint_eq(n, m.records);
}
END_TEST

/* A reader whose records go meanwhile comes to an end. */
START_TEST(overtaken)
{
	uint64_t at;

	for (int i = 0; i < 50; i++)
		add("event", "notice", i);
	at = m.end;
	ck_assert_int_eq(before(&at), 49);
	for (int i = 0; i < 10; i++)
		add("event", "notice", 1000 + i);
	ck_assert_int_eq(before(&at), 48);
	for (int i = 0; i < 1000; i++)
		add("event", "notice", 2000 + i);
	ck_assert_int_eq(before(&at), -1);
	at = m.end;
	ck_assert_int_eq(before(&at), 2999);
	wad_log_memory_clear(&m);
	ck_assert_int_eq(before(&at), -1);
	add("event", "notice", 5);
	at = m.end;
	ck_assert_int_eq(before(&at), 5);
	ck_assert_int_eq(before(&at), -1);
}
END_TEST

START_TEST(another_size)
{
	struct wad_conf_log_memory c = { .enabled = true,
		.max_bytes = 1 << 20, .filter = { .severity = 6,
		.other = true } };
	uint64_t at;

	for (int i = 0; i < 1000; i++)
		add("event", "notice", i);
	at = m.records;
	wad_log_memory_set(&m, &c);
	ck_assert_uint_eq(m.records, at);
	at = m.end;
	ck_assert_int_eq(before(&at), 999);
	for (int i = 1000; i < 3000; i++)
		add("event", "notice", i);
	c.max_bytes = 1;			/* the least there is */
	wad_log_memory_set(&m, &c);
	ck_assert_uint_le(m.end - m.first, WAD_LOG_MEMORY_MIN);
	at = m.end;
	ck_assert_int_eq(before(&at), 2999);
	c.enabled = false;
	wad_log_memory_set(&m, &c);
	add("event", "notice", 1);
	at = m.end;
	ck_assert_int_eq(before(&at), 2999);
	wad_log_memory_set(&m, &(struct wad_conf_log_memory){ 0 });
	ck_assert_uint_eq(m.size, 10u << 20);	/* a conf without it */
	add("event", "debug", 7);
	at = m.end;
	ck_assert_int_eq(before(&at), 7);
}
END_TEST

START_TEST(filter_and_delete)
{
	uint64_t at;

	for (int i = 0; i < 100; i++)
		add(i % 2 ? "event" : "traffic", i % 10 ? "notice" : "debug",
		    i);
	ck_assert_uint_eq(m.records, 90);	/* severity information */
	ck_assert_uint_eq(wad_log_memory_delete(&m, WAD_LC_EVENT), 50);
	ck_assert_uint_eq(m.records, 40);
	at = m.end;
	ck_assert_int_eq(before(&at), 98);
	ck_assert_int_eq(before(&at), 96);
	ck_assert_uint_eq(wad_log_memory_delete(&m, WAD_LC_TRAFFIC), 40);
	ck_assert_uint_eq(m.records, 0);
	at = m.end;
	ck_assert_int_eq(before(&at), -1);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("log_memory");
	TCase	*t = tcase_create("log_memory");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, newest_first);
	tcase_add_test(t, bounded);
	tcase_add_test(t, overtaken);
	tcase_add_test(t, another_size);
	tcase_add_test(t, filter_and_delete);
	suite_add_tcase(s, t);
	return suite_run(s);
}
