/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dbg.c: the ring from its writing to its reading end, a reader that is
 * late, a segment that lies, and the session filter.
 */
#include <check.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/log.h"
#include "base/reason.h"
#include "suite.h"

static struct wad_ring_seg	*seg;
static struct wad_dbg_ctl	 ctl;
static struct wad_ring_pos	 pos;
static char			 buf[WAD_RING_LOG_SIZE];

static void
setup(void)
{
	seg = calloc(1, sizeof(*seg));
	memset(&ctl, 0, sizeof(ctl));
	ctl.magic = WAD_DBG_CTL_MAGIC;
	for (int i = 0; i < WAD_DBG_NLEVEL; i++)
		ctl.mask[i] = ~0u;
	memset(&pos, 0, sizeof(pos));
	memset(&wad_dbg_current, 0, sizeof(wad_dbg_current));
	wad_dbg_attach(&ctl, seg);
}

static void
teardown(void)
{
	wad_dbg_attach(NULL, NULL);
	free(seg);
}

static size_t
next_dbg(void)
{
	return wad_ring_next_dbg(seg, &pos, buf, sizeof(buf));
}

/* A record as it comes, without the fields of base/log.h. */
static void
log_put(const char *fmt, ...)
{
	char	text[WAD_RING_LOG_SIZE * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wad_dbg_log_put(text, strlen(text));
}

START_TEST(names_are_there)
{
	for (int i = 0; i < WAD_DBG_NCAT; i++)
		ck_assert_ptr_nonnull(wad_dbg_cat_names[i]);
	for (int i = 0; i < WAD_CNT_N; i++)
		ck_assert_ptr_nonnull(wad_counter_names[i]);
	for (int i = 0; i < WR_N; i++) {
		ck_assert_ptr_nonnull(wad_reasons[i].name);
		ck_assert_ptr_nonnull(wad_reasons[i].action);
		ck_assert_ptr_nonnull(wad_reasons[i].text);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(wad_reasons[i].name,
			    wad_reasons[j].name);
	}
}
END_TEST

START_TEST(one_line)
{
	char want[64];

	ck_assert_uint_eq(seg->magic, WAD_RING_MAGIC);
	ck_assert_uint_eq(seg->pid, (uint32_t)getpid());
	ck_assert_uint_eq(next_dbg(), 0);
	WAD_DBG(SSL, WAD_I, "hello %d", 5);
	ck_assert_uint_gt(next_dbg(), 0);
	snprintf(want, sizeof(want), "[I] %-34s:%d hello 5", __func__,
	    __LINE__ - 3);
	ck_assert_str_eq(buf, want);
	ck_assert_uint_eq(next_dbg(), 0);
	ck_assert_uint_eq(pos.dbg_lost, 0);

	ctl.show_pid = ctl.show_time = 1;
	wad_dbg_current.serial = 77;
	WAD_DBG(CERT, WAD_E, "x");
	ck_assert_uint_gt(next_dbg(), 0);
	ck_assert_str_eq(strstr(buf, "[p:") != NULL ? "yes" : buf, "yes");
	snprintf(want, sizeof(want), "[p:%d][s:77] ", (int)getpid());
	ck_assert_ptr_nonnull(strstr(buf, want));
	ck_assert_int_eq(strncmp(buf, "[E]", 3), 0);
	ck_assert_int_eq(buf[5], ':');
	ck_assert_int_eq(buf[11], '.');
}
END_TEST

START_TEST(masks_and_mute)
{
	ctl.mask[WAD_V] = 1u << WAD_DBG_HTTP;
	WAD_DBG(SSL, WAD_V, "not wanted");
	ck_assert_uint_eq(next_dbg(), 0);
	WAD_DBG(HTTP, WAD_V, "wanted");
	ck_assert_uint_gt(next_dbg(), 0);
	wad_dbg_current.muted = true;
	WAD_DBG(HTTP, WAD_V, "of a session that the filter left out");
	ck_assert_uint_eq(next_dbg(), 0);
}
END_TEST

START_TEST(long_line_is_cut)
{
	char big[3000];

	memset(big, 'z', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	WAD_DBG(SSL, WAD_I, "%s", big);
	ck_assert_uint_eq(next_dbg(), sizeof(seg->dbg[0].text));
	log_put("%s", big);
	ck_assert_uint_eq(wad_ring_next_log(seg, &pos, buf, sizeof(buf)),
	    sizeof(seg->log[0].text));
	WAD_DBG(SSL, WAD_I, "%s", big);
	ck_assert_uint_eq(wad_ring_next_dbg(seg, &pos, buf, 10), 9);
	ck_assert_uint_eq(strlen(buf), 9);
}
END_TEST

/* A reader that comes late loses the oldest, and knows how many. */
START_TEST(overrun)
{
	const uint64_t	n = WAD_RING_DBG_SLOTS + 100;
	uint64_t	got = 0;

	for (uint64_t i = 0; i < n; i++)
		WAD_DBG(SSL, WAD_I, "line %d.", (int)i);
	while (next_dbg() > 0) {
		char want[32];

		snprintf(want, sizeof(want), "line %d.", (int)(got + 100));
		if (strstr(buf, want) == NULL)
			ck_abort_msg("%s is not %s", buf, want);
		got++;
	}
	ck_assert_uint_eq(got, WAD_RING_DBG_SLOTS);
	ck_assert_uint_eq(pos.dbg_lost, 100);
	/* goes on from here */
	WAD_DBG(SSL, WAD_I, "after");
	ck_assert_uint_gt(next_dbg(), 0);
	ck_assert_uint_eq(pos.dbg_lost, 100);
}
END_TEST

START_TEST(log_ring)
{
	uint64_t got = 0;

	log_put("a=%d", 1);
	ck_assert_uint_gt(wad_ring_next_log(seg, &pos, buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "a=1");
	for (int i = 0; i < WAD_RING_LOG_SLOTS + 7; i++)
		log_put("n=%d", i);
	while (wad_ring_next_log(seg, &pos, buf, sizeof(buf)) > 0)
		got++;
	ck_assert_uint_eq(got, WAD_RING_LOG_SLOTS);
	ck_assert_uint_eq(pos.log_lost, 7);
	ck_assert_uint_eq(pos.dbg_lost, 0);
}
END_TEST

/* Who is late: by the mark that wad-control writes, with some distance
 * between stopping and going on; what was overwritten is counted unread. */
START_TEST(log_behind)
{
	bool behind = false;
	int  n = 0;

	snprintf(ctl.mark[0].role, sizeof(ctl.mark[0].role), "keys");
	snprintf(ctl.mark[1].role, sizeof(ctl.mark[1].role), "worker");
	ctl.mark[1].index = 3;
	while (!wad_dbg_log_behind("worker", 3, &behind) && n < 100000) {
		log_put("n=%d", n);
		n++;
	}
	ck_assert_int_eq(n, WAD_RING_LOG_SLOTS / 4 * 3);
	ck_assert(behind);
	ctl.mark[0].log = (uint64_t)n;		/* another role's */
	ck_assert(wad_dbg_log_behind("worker", 3, &behind));
	ctl.mark[1].log = 100;
	ck_assert(wad_dbg_log_behind("worker", 3, &behind));
	ctl.mark[1].log = (uint64_t)n - WAD_RING_LOG_SLOTS / 2 + 1;
	ck_assert(!wad_dbg_log_behind("worker", 3, &behind));
	ctl.mark[1].log = 100;
	ck_assert(!wad_dbg_log_behind("worker", 3, &behind));
	ctl.mark[1].log = UINT64_MAX;		/* of a ring that was longer */
	ck_assert(!wad_dbg_log_behind("worker", 3, &behind));
	wad_ring_skip_log(seg, &pos);
	ck_assert_uint_eq(pos.log_lost, 0);
	for (int i = 0; i < WAD_RING_LOG_SLOTS; i++)
		log_put("n=%d", i);
	wad_ring_skip_log(seg, &pos);
	ck_assert_uint_eq(pos.log_lost, (uint64_t)n);
	ck_assert_uint_eq(pos.log, (uint64_t)n);
}
END_TEST

START_TEST(event_log_escapes)
{
	wad_log_event("warning", "name \"x\"\n%s", "tail");
	ck_assert_uint_gt(wad_ring_next_log(seg, &pos, buf, sizeof(buf)), 0);
	ck_assert_int_eq(strncmp(buf, "date=", 5), 0);
	ck_assert_ptr_nonnull(strstr(buf, "type=\"event\" subtype=\"system\" "
	    "level=\"warning\""));
	ck_assert_ptr_nonnull(strstr(buf,
	    "msg=\"name \\x22x\\x22\\x0atail\""));
}
END_TEST

/* log eventfilter: what is off takes no slot; records that are no events
 * always do. */
START_TEST(events_switched)
{
	struct wad_log_rec	r;
	uint64_t		n;

	wad_log_events(true, false, true, true);
	n = seg->log_next;
	wad_log_event("notice", "system");
	ck_assert_uint_eq(seg->log_next, n);
	wad_log_begin(&r, WAD_LOG_WAD_ALERT_SENT);
	wad_log_end(&r);
	ck_assert_uint_eq(seg->log_next, n + 1);
	wad_log_events(false, true, true, true);
	wad_log_begin(&r, WAD_LOG_WAD_ALERT_SENT);
	wad_log_end(&r);
	wad_log_event("notice", "system");
	ck_assert_uint_eq(seg->log_next, n + 1);
	wad_log_begin(&r, WAD_LOG_SSL_NEG_BYPASS);
	wad_log_end(&r);
	ck_assert_uint_eq(seg->log_next, n + 2);
	wad_log_events(true, true, true, true);
	wad_log_event("notice", "system");
	ck_assert_uint_eq(seg->log_next, n + 3);
}
END_TEST

/* Everything in the segment is another process's word. */
START_TEST(hostile_segment)
{
	WAD_DBG(SSL, WAD_I, "first");
	seg->dbg[0].len = 65535;
	ck_assert_uint_eq(next_dbg(), sizeof(seg->dbg[0].text));

	/* a count that is far ahead: no endless loop, nothing read */
	seg->dbg_next = UINT64_MAX;
	ck_assert_uint_eq(next_dbg(), 0);
	ck_assert_uint_gt(pos.dbg_lost, 0);
	/* a count that went back: the writer is another one now */
	seg->dbg_next = 0;
	ck_assert_uint_eq(next_dbg(), 0);
	WAD_DBG(SSL, WAD_I, "anew");
	ck_assert_uint_gt(next_dbg(), 0);
	ck_assert_ptr_nonnull(strstr(buf, "anew"));

	/* a slot that says another number is skipped and counted */
	pos.dbg_lost = 0;
	WAD_DBG(SSL, WAD_I, "wrong");
	WAD_DBG(SSL, WAD_I, "right");
	seg->dbg[(seg->dbg_next - 2) % WAD_RING_DBG_SLOTS].seq = 999;
	ck_assert_uint_gt(next_dbg(), 0);
	ck_assert_ptr_nonnull(strstr(buf, "right"));
	ck_assert_uint_eq(pos.dbg_lost, 1);

	/* control characters never reach a terminal or the log */
	WAD_DBG(SSL, WAD_I, "a\x1b[2Jb\nc");
	ck_assert_uint_gt(next_dbg(), 0);
	ck_assert_ptr_nonnull(strstr(buf, "a?[2Jb?c"));

	seg->log_next = UINT64_MAX - 1;
	pos.log = 3;
	ck_assert_uint_eq(wad_ring_next_log(seg, &pos, buf, sizeof(buf)), 0);
}
END_TEST

static bool
match(const char *src, const char *dst)
{
	struct wad_addr a, b;

	ck_assert_int_eq(wad_addr_parse_port(&a, src), 0);
	ck_assert_int_eq(wad_addr_parse_port(&b, dst), 0);
	return wad_dbg_filter_match(&a, &b);
}

START_TEST(filter)
{
	struct wad_dbg_filter *f = &ctl.filter;

	ck_assert(match("10.0.0.1:1000", "192.0.2.1:443"));
	f->active = 1;
	ck_assert(match("10.0.0.1:1000", "192.0.2.1:443"));
	wad_addr_parse(&f->src_lo, "10.0.0.1");
	wad_addr_parse(&f->src_hi, "10.0.0.9");
	ck_assert(match("10.0.0.1:1000", "192.0.2.1:443"));
	ck_assert(match("10.0.0.9:1000", "192.0.2.1:443"));
	ck_assert(!match("10.0.0.10:1000", "192.0.2.1:443"));
	ck_assert(!match("[::1]:1000", "192.0.2.1:443"));
	f->dport_lo = f->dport_hi = 443;
	ck_assert(match("10.0.0.5:1000", "192.0.2.1:443"));
	ck_assert(!match("10.0.0.5:1000", "192.0.2.1:80"));
	f->negate = WAD_DBG_F_DPORT;
	ck_assert(!match("10.0.0.5:1000", "192.0.2.1:443"));
	ck_assert(match("10.0.0.5:1000", "192.0.2.1:80"));
	ck_assert(!match("10.0.0.99:1000", "192.0.2.1:80"));
	f->negate = WAD_DBG_F_SRC | WAD_DBG_F_DPORT;
	ck_assert(match("10.0.0.99:1000", "192.0.2.1:80"));
	f->negate = 0;
	f->dport_lo = f->dport_hi = 0;
	f->sport_lo = 1000;
	f->sport_hi = 2000;
	wad_addr_parse(&f->dst_lo, "2001:db8::");
	wad_addr_parse(&f->dst_hi, "2001:db8::ffff");
	ck_assert(match("10.0.0.2:2000", "[2001:db8::7]:1"));
	ck_assert(!match("10.0.0.2:2001", "[2001:db8::7]:1"));
	ck_assert(!match("10.0.0.2:2000", "[2001:db9::7]:1"));
}
END_TEST

START_TEST(filter_half_written)
{
	/* a generation that stays odd does not hang a worker */
	ctl.gen = 1;
	ctl.filter.active = 1;
	ck_assert(match("10.0.0.1:1000", "192.0.2.1:443"));
}
END_TEST

START_TEST(counters)
{
	WAD_COUNT(SESSIONS);
	WAD_COUNT_ADD(BYTES_UP, 500);
	ck_assert_uint_eq(seg->stats.counter[WAD_CNT_SESSIONS], 1);
	ck_assert_uint_eq(seg->stats.counter[WAD_CNT_BYTES_UP], 500);
	wad_dbg_attach(&ctl, NULL);
	WAD_COUNT(SESSIONS);		/* nowhere: nothing */
	ck_assert_uint_eq(seg->stats.counter[WAD_CNT_SESSIONS], 1);
}
END_TEST

START_TEST(wrong_ctl_is_not_used)
{
	unsetenv("WAD_DEBUG");
	ctl.magic = 1;
	wad_dbg_attach(&ctl, seg);
	ck_assert_ptr_nonnull(wad_dbg_ctl);
	ck_assert_ptr_ne(wad_dbg_ctl, &ctl);
	WAD_DBG(SSL, WAD_E, "nothing");
	ck_assert_uint_eq(next_dbg(), 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("dbg");
	TCase	*t = tcase_create("dbg");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names_are_there);
	tcase_add_test(t, one_line);
	tcase_add_test(t, masks_and_mute);
	tcase_add_test(t, long_line_is_cut);
	tcase_add_test(t, overrun);
	tcase_add_test(t, log_ring);
	tcase_add_test(t, log_behind);
	tcase_add_test(t, event_log_escapes);
	tcase_add_test(t, events_switched);
	tcase_add_test(t, hostile_segment);
	tcase_add_test(t, filter);
	tcase_add_test(t, filter_half_written);
	tcase_add_test(t, counters);
	tcase_add_test(t, wrong_ctl_is_not_used);
	suite_add_tcase(s, t);
	return suite_run(s);
}
