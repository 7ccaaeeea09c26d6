/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h2_flood.c: who sends too many frames of a kind is ended with the
 * reason, from either side; who sends as many as people do is not.
 */
#include "h2_pair.h"

#include "base/stats.h"
#include "suite.h"

/* The frames that a request needs: literal fields without index, RFC 7541
 * section 6.2.2 and the static table. */
static const uint8_t get[] = { 0x82, 0x87, 0x84,	/* GET https / */
	0x01, 9, 'a', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e' };
static const uint8_t ok[] = { 0x88 };			/* :status 200 */

static void
request(int32_t id, int flags)
{
	raw(&w.p[CLT], NGHTTP2_HEADERS, flags, id, get, sizeof(get));
}

/* One frame, or a few, of a flood; i counts from 0. */
static void
f_reset(struct peer *p, int i)
{
	static const uint8_t cancel[4] = { 0, 0, 0, 8 };

	if (p->side == SRV) {	/* the client asked for that many */
		raw(p, NGHTTP2_RST_STREAM, 0, i * 2 + 1, cancel, 4);
		return;
	}
	request(i * 2 + 1, 5);
	raw(p, NGHTTP2_RST_STREAM, 0, i * 2 + 1, cancel, 4);
}

/* MadeYouReset, CVE-2025-8671: an error makes us send the reset. */
static void
f_made_reset(struct peer *p, int i)
{
	static const uint8_t most[4] = { 0x7f, 0xff, 0xff, 0xff };

	request(i * 2 + 1, 5);
	raw(p, NGHTTP2_WINDOW_UPDATE, 0, i * 2 + 1, most, 4);
}

static void
f_ping(struct peer *p, int i)
{
	static const uint8_t data[8];

	(void)i;
	raw(p, NGHTTP2_PING, 0, 0, data, 8);
}

static void
f_settings(struct peer *p, int i)
{
	(void)i;
	raw(p, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static void
f_empty(struct peer *p, int i)
{
	if (i == 0 && p->side == CLT)
		request(1, 4);
	if (i == 0 && p->side == SRV)
		raw(p, NGHTTP2_HEADERS, 4, 1, ok, sizeof(ok));
	raw(p, NGHTTP2_DATA, 0, 1, NULL, 0);
}

static void
f_padded(struct peer *p, int i)
{
	static const uint8_t pad[101] = { 100 };

	if (i == 0)
		request(1, 4);
	raw(p, NGHTTP2_DATA, 8, 1, pad, sizeof(pad));
}

static void
f_window(struct peer *p, int i)
{
	static const uint8_t one[4] = { 0, 0, 0, 1 };

	(void)i;
	raw(p, NGHTTP2_WINDOW_UPDATE, 0, 0, one, 4);
}

static void
f_priority(struct peer *p, int i)
{
	static const uint8_t data[5] = { 0, 0, 0, 0, 16 };

	raw(p, NGHTTP2_PRIORITY, 0, i * 2 + 1, data, 5);
}

static void
f_continuation(struct peer *p, int i)
{
	if (i == 0)
		raw(p, NGHTTP2_HEADERS, 0, 1, p->side == SRV ? ok : get, 1);
	raw(p, NGHTTP2_CONTINUATION, 0, 1, NULL, 0);
}

/* Each says that something is wrong: the other side hears of it once. */
static void
f_goaway(struct peer *p, int i)
{
	static const uint8_t said[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };

	(void)i;
	if (i == 0 && p->side == CLT)
		request(1, 4);
	raw(p, NGHTTP2_GOAWAY, 0, 0, said, sizeof(said));
}

/* Small frames: nghttp2 counts them. */
static void
f_continuation_full(struct peer *p, int i)
{
	static const uint8_t field[] = { 0x00, 1, 'a', 1, 'b' };

	if (i == 0)
		raw(p, NGHTTP2_HEADERS, 0, 1, p->side == SRV ? ok : get, 1);
	raw(p, NGHTTP2_CONTINUATION, 0, 1, field, sizeof(field));
}

/* An entry of the table of 4000 bytes, named by one byte each. */
static void
f_bomb(struct peer *p, int i)
{
	uint8_t b[9000];
	size_t	n = 0;

	(void)i;
	if (p->side == SRV)
		b[n++] = 0x88;
	else {
		memcpy(b, get, sizeof(get));
		n = sizeof(get);
	}
	b[n++] = 0x40;
	b[n++] = 1;
	b[n++] = 'x';
	b[n++] = 0x7f;
	b[n++] = (3900 - 127) % 128 + 128;
	b[n++] = (3900 - 127) / 128;
	memset(b + n, 'v', 3900);
	n += 3900;
	memset(b + n, 0xbe, 4000);	/* index 62 */
	n += 4000;
	raw(p, NGHTTP2_HEADERS, 4, 1, b, n);
}

static const struct {
	const char	*name;
	void		(*send)(struct peer *, int);
	int		 many, few;
	int		 sides;		/* bits */
} floods[] = {
	{ "reset", f_reset, 700, 300, 3 },
	{ "made reset", f_made_reset, 700, 300, 1 },
	{ "ping", f_ping, 300, 150, 3 },
	{ "settings", f_settings, 80, 30, 3 },
	{ "empty", f_empty, 400, 100, 3 },
	{ "padded", f_padded, 400, 100, 1 },
	{ "window", f_window, 6000, 3000, 3 },
	{ "priority", f_priority, 1500, 500, 3 },
	{ "goaway", f_goaway, 400, 100, 1 },
	{ "continuation", f_continuation, 300, 5, 3 },
	{ "continuation with fields", f_continuation_full, 300, 5, 3 },
	{ "bomb", f_bomb, 1, 0, 3 },
};
enum { FLOODS = sizeof(floods) / sizeof(floods[0]) };

static void
flood(int which, int side, int n)
{
	struct peer *p = &w.p[side];

	pair_start(16384, 2000, false);
	w.h->limits.streams_max = 2000;
	if (side == SRV) {
		run();
		for (int i = 0; i < (floods[which].send == f_reset ? n : 1);
		    i++)
			ask("/hold");
		run();
	}
	raw_begin(p);
	for (int i = 0; i < n; i++) {
		floods[which].send(p, i);
		if (i % 50 == 0)
			run();
	}
	run();
}

START_TEST(test_floods)
{
	for (int side = 0; side < 2; side++) {
		uint64_t before = wad_stats->counter[WAD_CNT_HTTP_FLOODS];

		if ((floods[_i].sides >> side & 1) == 0)
			continue;
		flood(_i, side, floods[_i].many);
		ck_assert_msg(w.h->state == WAD_HTTP_OVER, "%s",
		    floods[_i].name);
		ck_assert_int_eq(w.h->why, WR_HTTP_FLOOD);
		ck_assert(w.p[side].goaway);
		ck_assert_uint_eq(w.p[side].goaway_code,
		    NGHTTP2_ENHANCE_YOUR_CALM);
		ck_assert(w.p[!side].goaway);
		ck_assert_uint_eq(wad_stats->counter[WAD_CNT_HTTP_FLOODS],
		    before + 1);
		ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 0);
		pair_end();
		if (floods[_i].few == 0)
			continue;
		flood(_i, side, floods[_i].few);
		ck_assert_msg(w.h->state == WAD_HTTP_RUNS, "%s",
		    floods[_i].name);
		pair_end();
	}
}
END_TEST

/* Who moves data may send as many window updates as it takes: one of each
 * kind for each kilobyte. */
START_TEST(test_earned)
{
	int32_t id;

	pair_start(16384, 100, false);
	id = ask("/50000000");
	clt(id)->slow = true;
	run();
	while (!clt(id)->eof) {
		nghttp2_submit_window_update(w.p[CLT].ng, 0, id, 1024);
		nghttp2_submit_ping(w.p[CLT].ng, 0, NULL);
		run();
		ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	}
	pair_end();
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("h2_flood");
	TCase	*tc = tcase_create("h2_flood");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_floods, 0, FLOODS);
	tcase_add_test(tc, test_earned);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
