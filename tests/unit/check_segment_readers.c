/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that reads a worker's records of sessions, with records that a
 * worker in a stranger's hands may leave there: random bytes, and good records
 * with random bytes in them.  What comes out is text, ends, and is no longer
 * than it may be.
 */
#include <check.h>

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/log.h"
#include "base/reason.h"
#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "session/session_filter.h"
#include "session/session_print.h"
#include "session/traffic_log.h"
#include "session_slot.h"
#include "suite.h"

enum { ROUNDS = 20, SLOTS = 50, RECORD_MAX = 8192 };

static struct wad_slot_seg	*seg;
static struct wad_ring_seg	*ring;
static struct wad_str		 out;

static void
setup(void)
{
	seg = mmap(NULL, sizeof(*seg), PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(seg, MAP_FAILED);
	ring = wad_xcalloc(1, sizeof(*ring));
	wad_dbg_attach(NULL, ring);
}

static void
teardown(void)
{
	wad_dbg_attach(NULL, NULL);
	free(ring);
	munmap(seg, sizeof(*seg));
	wad_str_free(&out);
}

static void
scribble(void *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)at)[i] = (uint8_t)(random() >> 8);
}

/* Random bytes; of the later rounds, in good records. */
static void
fill(unsigned round)
{
	scribble(seg, offsetof(struct wad_slot_seg, slot));
	for (unsigned i = 0; i < SLOTS; i++) {
		struct wad_slot *s = &seg->slot[i];

		if (round < ROUNDS / 4) {
			scribble(s, sizeof(*s));
			continue;
		}
		slot_make(s, i % 2 ? "10.1.0.1:1000" : "[fd00::1]:1000",
		    i % 2 ? "10.2.0.1:443" : "[fd00::2]:443", "");
		for (unsigned k = 0; k < round; k++)
			((uint8_t *)s)[(size_t)random() % sizeof(*s)] =
			    (uint8_t)(random() >> 8);
	}
	seg->high = round % 2 ? UINT32_MAX : SLOTS;
}

static void
check_text(const char *s, size_t n, const char *also)
{
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)s[i] < 0x20 || (unsigned char)s[i] >=
		    0x7f) && strchr(also, s[i]) == NULL)
			ck_abort_msg("byte %02x", (unsigned char)s[i]);
}

static void
prints(const struct wad_slot *s)
{
	static wad_session_print_fn *const forms[] = { wad_session_print_v4,
		wad_session_print_v6, wad_session_print_study,
		wad_session_print_row, wad_session_print_wad };

	for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
		wad_str_free(&out);
		forms[k](s, SLOT_NOW, 0, &out);
		ck_assert_uint_eq(strlen(out.s), out.len);
		ck_assert_uint_le(out.len, RECORD_MAX);
		check_text(out.s, out.len, "\n");
	}
	ck_assert_ptr_nonnull(wad_session_print_tcp(s->clt.tcp));
}

/* Each criterion, and its opposite: one of them fits, whatever is there. */
static void
filters(const struct wad_slot *s)
{
	static const char *const rows[][2] = {
		{ "proto", "6" }, { "proto-state", "11" },
		{ "src", "10.1.0.1" }, { "nsrc", "10.1.0.1" },
		{ "dst", "10.2.0.0/16" }, { "sport", "1000" },
		{ "nport", "1" }, { "dport", "443" }, { "policy", "9" },
		{ "expire", "1" }, { "duration", "59" }, { "sintf", "port2" },
		{ "dintf", "port1" }, { "session-state1", "2" },
		{ "session-state2", "80" },
	};
	struct wad_session_filter f;

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		bool fits;

		wad_session_filter_init(&f, 0);
		ck_assert_int_eq(wad_session_filter_set(&f, NULL, rows[k][0],
		    &rows[k][1], 1, &out), 0);
		fits = wad_session_filter_match(&f, s, SLOT_NOW);
		ck_assert_int_eq(wad_session_filter_negate(&f, rows[k][0],
		    &out), 0);
		ck_assert(fits != wad_session_filter_match(&f, s, SLOT_NOW));
	}
}

static void
logs(const struct wad_slot *s)
{
	static const enum wad_traffic whats[] = { WAD_TRAFFIC_START,
		WAD_TRAFFIC_INTERIM, WAD_TRAFFIC_END };
	struct wad_conf_log	log = { .threat = true, .long_live = true,
		.implicit = true, .explicit_implicit = true,
		.resolve_port = true, .user_upper = true, .w_failed = 1,
		.w_blocked = 3, .score = { 5, 10, 30, 50 } };
	char			buf[WAD_RING_LOG_SIZE];

	for (size_t k = 0; k < sizeof(whats) / sizeof(whats[0]); k++) {
		struct wad_ring_pos	pos = { .log = ring->log_next };
		size_t			n;

		wad_traffic_log(s, &log, whats[k], SLOT_NOW);
		n = wad_ring_next_log(ring, &pos, buf, sizeof(buf));
		ck_assert_uint_eq(n > 0, wad_traffic_log_wanted(s, &log,
		    whats[k]));
		check_text(buf, n, "");
		ck_assert_uint_eq(pos.log_lost, 0);
		if (n > 0)
			ck_assert_ptr_nonnull(strstr(buf, " sessionid="));
	}
}

START_TEST(every_reader)
{
	unsigned	found = 0;
	struct wad_slot	s;

	srandom((unsigned)_i + 1);
	fill((unsigned)_i);
	ck_assert_uint_le(wad_slot_high(seg), WAD_SLOTS_MAX);
	for (uint32_t i = 0; i < SLOTS; i++)
		for (int dead = 0; dead < 2; dead++) {
			if (!wad_slot_read(seg, i, dead, &s))
				continue;
			found++;
			ck_assert_uint_lt(strlen(s.host), sizeof(s.host));
			ck_assert_uint_lt(strlen(s.msg), sizeof(s.msg));
			prints(&s);
			filters(&s);
			logs(&s);
		}
	ck_assert_uint_gt(found, SLOTS);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("segment readers");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_reader, 0, ROUNDS);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return suite_run(s);
}
