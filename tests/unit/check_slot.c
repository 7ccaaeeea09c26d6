/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session/slot.c: a record that another process reads while it is written,
 * reuse, a writer that died in the middle, a segment full of lies.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/slot.h"
#include "suite.h"

static struct wad_slot_seg	*seg;
static struct wad_slot		 copy;

static void
setup(void)
{
	seg = mmap(NULL, sizeof(*seg), PROT_READ | PROT_WRITE, MAP_SHARED |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert(seg != MAP_FAILED);
	wad_slot_attach(seg);
}

static void
teardown(void)
{
	wad_slot_attach(NULL);
	munmap(seg, sizeof(*seg));
}

START_TEST(test_reuse)
{
	struct wad_slot *s[10];

	ck_assert_ptr_eq(wad_slot_seg(), seg);
	for (unsigned i = 0; i < 10; i++) {
		s[i] = wad_slot_take(100 + i);
		ck_assert_ptr_eq(s[i], &seg->slot[i]);
		ck_assert_uint_eq(s[i]->seq & 1, 0);
	}
	ck_assert_uint_eq(wad_slot_high(seg), 10);
	ck_assert_uint_eq(seg->used, 10);
	snprintf(s[3]->host, sizeof(s[3]->host), "old.example");
	s[3]->logged_end = true;
	wad_slot_release(s[3]);
	wad_slot_release(s[7]);
	wad_slot_release(NULL);
	ck_assert(!wad_slot_read(seg, 3, false, &copy));
	ck_assert(!wad_slot_read(seg, 3, true, &copy));
	/* the holes are filled before the table grows, with nothing of what
	 * was there */
	ck_assert_ptr_eq(wad_slot_take(200), s[7]);
	ck_assert_ptr_eq(wad_slot_take(201), s[3]);
	ck_assert_uint_eq(wad_slot_high(seg), 10);
	ck_assert(wad_slot_read(seg, 3, false, &copy));
	ck_assert_uint_eq(copy.serial, 201);
	ck_assert_str_eq(copy.host, "");
	ck_assert(!copy.logged_end);
	ck_assert_ptr_eq(wad_slot_take(202), &seg->slot[10]);
	ck_assert_uint_eq(seg->used, 11);
	ck_assert_uint_eq(seg->setups, 13);
}
END_TEST

START_TEST(test_full)
{
	struct wad_slot *s = wad_slot_take(1);

	seg->high = WAD_SLOTS_MAX;
	ck_assert_ptr_null(wad_slot_take(2));
	wad_slot_release(s);
	ck_assert_ptr_eq(wad_slot_take(3), s);
	ck_assert_ptr_null(wad_slot_take(4));
}
END_TEST

/* Writes n into many places, again and again, with a moment between. */
static void
writer(struct wad_slot *s)
{
	for (uint64_t n = 1;; n++) {
		wad_slot_begin(s);
		s->clt.bytes_in = s->clt.pkts_in = n;
		snprintf(s->host, sizeof(s->host), "%llu",
		    (unsigned long long)n);
		snprintf(s->msg, sizeof(s->msg), "%llu",
		    (unsigned long long)n);
		s->told_rcvd = n;
		wad_slot_end(s);
		for (volatile unsigned i = 0; i < 2000; i++)
			continue;
	}
}

START_TEST(test_torn)
{
	struct wad_slot	*s = wad_slot_take(7);
	unsigned	 good = 0;
	uint64_t	 first = 0, last = 0;
	pid_t		 pid;
	int		 status;

	wad_slot_begin(s);
	strcpy(s->host, "0");
	strcpy(s->msg, "0");
	wad_slot_end(s);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		writer(s);
	for (unsigned i = 0; i < 200000; i++) {
		char text[32];

		if (!wad_slot_read(seg, 0, false, &copy))
			continue;
		snprintf(text, sizeof(text), "%llu",
		    (unsigned long long)copy.clt.bytes_in);
		ck_assert_uint_eq(copy.clt.bytes_in, copy.clt.pkts_in);
		ck_assert_uint_eq(copy.clt.bytes_in, copy.told_rcvd);
		ck_assert_str_eq(copy.host, text);
		ck_assert_str_eq(copy.msg, text);
		ck_assert_uint_ge(copy.clt.bytes_in, last);
		last = copy.clt.bytes_in;
		if (good++ == 0)
			first = last;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ck_assert_uint_gt(good, 1000);
	ck_assert_uint_gt(last, first);	/* it wrote meanwhile */
}
END_TEST

START_TEST(test_dead_writer)
{
	struct wad_slot *s = wad_slot_take(9);

	wad_slot_begin(s);
	s->policy_id = 4;		/* and there it died */
	ck_assert(!wad_slot_read(seg, 0, false, &copy));
	ck_assert(wad_slot_read(seg, 0, true, &copy));
	ck_assert_uint_eq(copy.serial, 9);
	ck_assert_uint_eq(copy.policy_id, 4);
}
END_TEST

START_TEST(test_hostile)
{
	struct wad_slot *s = wad_slot_take(5);

	memset((char *)s + sizeof(s->seq), 'A', sizeof(*s) - sizeof(s->seq));
	s->seq = 2;
	ck_assert(wad_slot_read(seg, 0, false, &copy));
#define ENDED(f) ck_assert_uint_lt(strnlen(copy.f, sizeof(copy.f)),	\
    sizeof(copy.f))
	ENDED(clt.dev);
	ENDED(srv.dev);
	ENDED(clt.tls_cipher);
	ENDED(srv.tls_cipher);
	ENDED(poluuid);
	ENDED(policy_name);
	ENDED(service);
	ENDED(user);
	ENDED(group);
	ENDED(auth_server);
	ENDED(host);
	ENDED(msg);
	ENDED(sct);
#undef ENDED
	seg->high = UINT32_MAX;
	ck_assert_uint_eq(wad_slot_high(seg), WAD_SLOTS_MAX);
	ck_assert(!wad_slot_read(seg, WAD_SLOTS_MAX, true, &copy));
	ck_assert(!wad_slot_read(seg, UINT32_MAX, true, &copy));
	seg->high = 0;
	ck_assert(!wad_slot_read(seg, 0, true, &copy));
}
END_TEST

START_TEST(test_expire)
{
	memset(&copy, 0, sizeof(copy));
	copy.last_ms = 10000;
	copy.timeout = 60;
	ck_assert_uint_eq(wad_slot_expire(&copy, 10000), 60);
	ck_assert_uint_eq(wad_slot_expire(&copy, 9000), 60);	/* clocks */
	ck_assert_uint_eq(wad_slot_expire(&copy, 12500), 58);
	ck_assert_uint_eq(wad_slot_expire(&copy, 70000), 0);
	ck_assert_uint_eq(wad_slot_expire(&copy, 900000), 0);
}
END_TEST

/* Without a segment (tests of the worker) slots come from the heap. */
START_TEST(test_heap)
{
	struct wad_slot *s;

	wad_slot_attach(NULL);
	s = wad_slot_take(3);
	ck_assert_uint_eq(s->serial, 3);
	wad_slot_release(s);
	wad_slot_attach(seg);
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("slot");
	TCase	*tc = tcase_create("slot");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_reuse);
	tcase_add_test(tc, test_full);
	tcase_add_test(tc, test_torn);
	tcase_add_test(tc, test_dead_writer);
	tcase_add_test(tc, test_hostile);
	tcase_add_test(tc, test_expire);
	tcase_add_test(tc, test_heap);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
