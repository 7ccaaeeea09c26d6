/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h2_recv.c: what a server may not send.  The client gets an error that
 * is one, never half an answer that looks whole, and other streams go on where
 * the connection does.
 */
#include "h2_pair.h"
#include "suite.h"

enum want { GATEWAY, RESET, OVER, PASSED };

static const struct row {
	const char	*what;
	int		 type, flags;
	int32_t		 id;		/* 1: the request's stream */
	const char	*data;
	size_t		 len;
	bool		 begun;		/* after a head with :status 200 */
	enum want	 want;
} rows[] = {
#define D(s) s, sizeof(s) - 1
	{ "an answer", 1, 5, 1, D("\x88"), false, PASSED },
	{ "no :status", 1, 5, 1, D("\x00\x01x\x01y"), false, GATEWAY },
	{ "a :status of letters", 1, 5, 1, D("\x08\x03" "20x"), false,
	    GATEWAY },
	{ "a :status below 100", 1, 5, 1, D("\x08\x03" "051"), false,
	    GATEWAY },
	{ "101", 1, 4, 1, D("\x08\x03" "101"), false, GATEWAY },
	{ "two :status", 1, 5, 1, D("\x88\x88"), false, GATEWAY },
	{ ":path", 1, 5, 1, D("\x88\x84"), false, GATEWAY },
	{ ":status after a field", 1, 5, 1, D("\x00\x01x\x01y\x88"), false,
	    GATEWAY },
	{ "an upper case name", 1, 5, 1, D("\x88\x00\x01X\x01y"), false,
	    GATEWAY },
	{ "connection", 1, 5, 1, D("\x88\x00\x0a" "connection\x05" "close"),
	    false, GATEWAY },
	{ "transfer-encoding", 1, 5, 1, D("\x88\x00\x11"
	    "transfer-encoding\x07" "chunked"), false, GATEWAY },
	{ "LF in a value", 1, 5, 1, D("\x88\x00\x01x\x03" "a\nb"), false,
	    GATEWAY },
	{ "NUL in a value", 1, 5, 1, D("\x88\x00\x01x\x03" "a\0b"), false,
	    GATEWAY },
	{ "content-length of nothing", 1, 5, 1, D("\x88\x0f\x0d\x01" "5"),
	    false, GATEWAY },
	{ "1xx at the end", 1, 5, 1, D("\x08\x03" "103"), false, GATEWAY },
	{ "DATA before a head", 0, 1, 1, D("x"), false, OVER },
	{ "a second head", 1, 4, 1, D("\x88"), true, RESET },
	{ "a pseudo-header field in trailers", 1, 5, 1, D("\x88"), true,
	    RESET },
	{ "a reset", 3, 0, 1, D("\0\0\0\x0b"), true, RESET },
	{ "a push", 5, 4, 1, D("\0\0\0\x02\x82\x87\x84"), false, OVER },
	{ "DATA, stream 0", 0, 0, 0, D("x"), false, OVER },
	{ "DATA, idle stream", 0, 0, 99, D("x"), false, OVER },
	{ "HEADERS, a stream of its own", 1, 5, 2, D("\x88"), false, OVER },
	{ "HEADERS, idle stream", 1, 5, 99, D("\x88"), false, OVER },
	{ "HPACK, index beyond", 1, 5, 1, D("\xc6"), false, OVER },
	{ "SETTINGS, 3 bytes", 4, 0, 0, D("\0\0\0"), false, OVER },
	{ "SETTINGS, MAX_FRAME_SIZE 1", 4, 0, 0, D("\0\5\0\0\0\1"), false,
	    OVER },
	{ "SETTINGS, ENABLE_PUSH 1", 4, 0, 0, D("\0\2\0\0\0\1"), false,
	    OVER },
	{ "WINDOW_UPDATE of 0", 8, 0, 0, D("\0\0\0\0"), false, OVER },
	{ "PING, 7 bytes", 6, 0, 0, D("\0\0\0\0\0\0\0"), false, OVER },
	{ "CONTINUATION alone", 9, 4, 1, D(""), false, OVER },
	{ "an unknown frame", 0xee, 0, 1, D("x"), false, PASSED },
	{ "ALTSVC", 0xa, 0, 1, D("\0\0h3=\":443\""), false, PASSED },
#undef D
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

START_TEST(test_hostile)
{
	const struct row *r = &rows[_i];
	int32_t		 a, b;

	pair_start(16384, 100, false);
	a = ask("/hold");
	b = ask("/hold");
	raw_begin(&w.p[SRV]);
	if (r->begun)
		raw(&w.p[SRV], NGHTTP2_HEADERS, 4, 1, "\x88", 1);
	raw(&w.p[SRV], r->type, r->flags, r->id, r->data, r->len);
	if (r->want == PASSED && r->type > 9)
		raw(&w.p[SRV], NGHTTP2_HEADERS, 5, 1, "\x88", 1);
	/* the other stream */
	raw(&w.p[SRV], NGHTTP2_HEADERS, 4, 3, "\x88", 1);
	raw(&w.p[SRV], NGHTTP2_DATA, 1, 3, "good", 4);
	run();
	switch (r->want) {
	case GATEWAY:
		ck_assert_msg(clt(a)->status == 502, "%s: %u, code %u",
		    r->what, clt(a)->status, clt(a)->code);
		ck_assert(clt(a)->eof);
		ck_assert_uint_eq(w.refused, 1);
		break;
	case RESET:
		ck_assert_msg(clt(a)->closed && !clt(a)->eof &&
		    clt(a)->code != 0, "%s", r->what);
		break;
	case OVER:
		ck_assert_msg(w.h->state == WAD_HTTP_OVER, "%s", r->what);
		ck_assert_int_eq(w.h->why, WR_HTTP_PROTOCOL);
		ck_assert(!clt(a)->eof && w.p[CLT].goaway);
		ck_assert_uint_eq(w.p[CLT].goaway_code,
		    NGHTTP2_INTERNAL_ERROR);
		ck_assert(w.p[SRV].goaway && w.p[SRV].goaway_code != 0);
		break;
	case PASSED:
		ck_assert_msg(clt(a)->status == 200 && clt(a)->eof, "%s",
		    r->what);
		break;
	}
	if (r->want != OVER) {
		ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
		ck_assert_uint_eq(clt(b)->bytes, 4);
		ck_assert(clt(b)->eof && clt(b)->code == 0);
	}
	pair_end();
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("h2_recv");
	TCase	*tc = tcase_create("h2_recv");

	tcase_add_loop_test(tc, test_hostile, 0, ROWS);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
