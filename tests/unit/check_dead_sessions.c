/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dead_sessions.c: what a dead worker left is logged once, whoever wrote what
 * before it died.
 */
#include <check.h>

#include <sys/mman.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/log.h"
#include "base/reason.h"
#include "conf/conf_snap.h"
#include "control/console.h"
#include "control/dead_sessions.h"
#include "control/debug_pump.h"
#include "ipc/shm.h"
#include "suite.h"

static struct wad_control	 c;
static struct wad_conf		 conf;
static struct wad_ring_seg	*own, *workers;
static struct wad_slot_seg	*seg;
static int			 ring_fd, seg_fd;

static void *
shared(const char *name, size_t size, int *fd)
{
	void *p;

	*fd = wad_shm_create(name, size);
	ck_assert_int_ne(*fd, -1);
	p = wad_shm_map(*fd, size, true);
	ck_assert_ptr_nonnull(p);
	return p;
}

static void
setup(void)
{
	int fd;

	own = shared("own", sizeof(*own), &fd);
	close(fd);
	wad_dbg_attach(NULL, own);
	memset(&conf, 0, sizeof(conf));
	memset(&c, 0, sizeof(c));
	ck_assert_int_eq(wad_control_setup(&c, event_base_new(), NULL), 0);
	c.conf = &conf;
	workers = shared("ring", sizeof(*workers), &ring_fd);
	workers->magic = WAD_RING_MAGIC;
	seg = shared("sessions", sizeof(*seg), &seg_fd);
}

static void
teardown(void)
{
	wad_control_clear(&c);
	wad_dbg_attach(NULL, NULL);
	wad_shm_unmap(own, sizeof(*own));
	wad_shm_unmap(workers, sizeof(*workers));
	wad_shm_unmap(seg, sizeof(*seg));
	close(ring_fd);
	close(seg_fd);
}

/* The worker's side: n sessions of policy 7. */
static void
sessions(uint32_t n)
{
	wad_slot_attach(seg);
	for (uint32_t i = 1; i <= n; i++) {
		struct wad_slot *s = wad_slot_take(i);

		ck_assert_ptr_nonnull(s);
		ck_assert_int_eq(s->reason, WR_N);
		s->policy_id = 7;
		s->logtraffic = WAD_LOG_ALL;
	}
	wad_slot_attach(NULL);
	seg->high = n;
}

/* What the worker puts into its ring while `seg` says it is ending. */
static void
worker_writes(uint32_t serial, bool published)
{
	struct wad_log_rec	r;

	seg->ending = serial;
	seg->ending_log = workers->log_next;
	if (!published)
		return;
	wad_dbg_attach(NULL, workers);
	wad_log_begin(&r, WAD_LOG_TRAFFIC_END);
	wad_log_u64(&r, "sessionid", serial);
	wad_log_u64(&r, "proto", 6);
	wad_log_end(&r);
	wad_dbg_attach(NULL, own);
}

/* The parent's messages: this process, then the next one. */
static void
arrive(void)
{
	ck_assert_int_eq(wad_debug_pump_ring(&c, "worker", 0, 100,
	    dup(ring_fd)), 0);
	ck_assert_int_eq(wad_debug_pump_sessions(&c, "worker", 0, 100,
	    dup(seg_fd)), 0);
}

static void
dies(void)
{
	arrive();
	ck_assert(wad_list_empty(&c.dead));
	for (unsigned i = 0; i < c.n_rings; i++)
		wad_dead_sessions_add(&c, &c.rings[i]);
}

static void
run(void)
{
	for (int i = 0; i < 100 && !wad_list_empty(&c.dead); i++)
		wad_dead_sessions_run(&c);
	ck_assert(wad_list_empty(&c.dead));
}

/* Records of a session in our ring. */
static unsigned
logged(uint32_t serial)
{
	struct wad_ring_pos	pos = { 0 };
	char			buf[WAD_RING_LOG_SIZE], want[32];
	unsigned		n = 0;

	snprintf(want, sizeof(want), " sessionid=%u ", serial);
	while (wad_ring_next_log(own, &pos, buf, sizeof(buf)) > 0)
		if (strstr(buf, want) != NULL) {
			ck_assert_ptr_nonnull(strstr(buf,
			    "reason=\"worker-died\""));
			n++;
		}
	return n;
}

START_TEST(once)
{
	sessions(5);
	seg->slot[1].logged_end = true;		/* session 2 */
	seg->slot[3].serial = 0;		/* 4: released */
	worker_writes(5, true);			/* written, not yet marked */
	dies();
	run();
	ck_assert_uint_eq(logged(1), 1);
	ck_assert_uint_eq(logged(2), 0);
	ck_assert_uint_eq(logged(3), 1);
	ck_assert_uint_eq(logged(4), 0);
	ck_assert_uint_eq(logged(5), 0);
}
END_TEST

/* It died between its announcement and the record, and the next process of the
 * worker has written another one in its place. */
START_TEST(not_written)
{
	sessions(2);
	worker_writes(7, true);
	worker_writes(2, false);
	dies();
	run();
	ck_assert_uint_eq(logged(1), 1);
	ck_assert_uint_eq(logged(2), 1);
}
END_TEST

START_TEST(place_taken)
{
	uint64_t number;

	sessions(2);
	worker_writes(2, false);
	number = seg->ending_log;
	worker_writes(9, true);
	seg->ending = 2;
	seg->ending_log = number;
	dies();
	run();
	ck_assert_uint_eq(logged(2), 1);
}
END_TEST

/* A wad-control died on the way: behind its last record, or before it. */
START_TEST(taken_up)
{
	struct wad_dead_mark *m = &c.ctl->dead[0], before;

	sessions(3);
	dies();
	wad_dead_sessions_run(&c);
	ck_assert_uint_eq(logged(1) + logged(2) + logged(3), 3);
	ck_assert_uint_eq(m->next, 3);
	before = *m;
	/* as if it had died after the record of session 2 */
	m->next = 1;
	m->serial = 2;
	m->log = 1;
	dies();
	run();
	ck_assert_uint_eq(logged(2), 1);
	ck_assert_uint_eq(logged(3), 2);	/* that one is new again */
	/* all done, and the parent did not hear it */
	*m = before;
	dies();
	run();
	ck_assert_uint_eq(logged(1), 1);
	ck_assert_uint_eq(logged(3), 2);
}
END_TEST

/* More than a turn writes. */
START_TEST(many)
{
	sessions(1500);
	dies();
	wad_dead_sessions_run(&c);
	ck_assert(!wad_list_empty(&c.dead));
	ck_assert_uint_lt(own->log_next, 1000);
	/* and not more than the log writer has taken */
	wad_debug_pump_own(&c, own);
	for (int i = 0; i < 10; i++)
		wad_dead_sessions_run(&c);
	ck_assert_uint_lt(own->log_next, 1500);
	for (int i = 0; i < 10; i++) {
		for (unsigned k = 0; k < c.n_rings; k++)
			if (c.rings[k].seg == own)
				c.rings[k].pos.log = own->log_next;
		wad_dead_sessions_run(&c);
	}
	ck_assert(wad_list_empty(&c.dead));
	ck_assert_uint_eq(own->log_next, 1501);		/* and the event */
}
END_TEST

/* Nonsense in the segment neither kills nor goes on for ever. */
START_TEST(hostile)
{
	memset(seg, 0xff, offsetof(struct wad_slot_seg, slot) +
	    100 * sizeof(seg->slot[0]));
	seg->high = UINT32_MAX;
	dies();
	run();
	seg->high = 100;
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("dead_sessions");
	TCase	*t = tcase_create("dead_sessions");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, once);
	tcase_add_test(t, not_written);
	tcase_add_test(t, place_taken);
	tcase_add_test(t, taken_up);
	tcase_add_test(t, many);
	tcase_add_test(t, hostile);
	suite_add_tcase(s, t);
	return suite_run(s);
}
