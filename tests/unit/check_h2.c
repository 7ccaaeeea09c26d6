/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h2.c and h2_stream.c: exchanges between two peers of HTTP/2, however
 * the bytes are cut; what the owner says; ends.
 */
#include "h2_pair.h"
#include "suite.h"

static const size_t steps[] = { 1, 7, 16384 };
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

START_TEST(test_get)
{
	int32_t a, b, c, d;

	pair_start(steps[_i], 100, false);
	a = ask("/10");
	b = ask("/t/70000");
	c = ask("/0");
	d = ask("/early/5");
	run();
	ck_assert_uint_eq(clt(a)->status, 200);
	ck_assert_uint_eq(clt(a)->bytes, 10);
	ck_assert(clt(a)->eof && clt(a)->closed && clt(a)->code == 0);
	ck_assert_str_eq(clt(a)->fields, ":status: 200\nx-origin: yes\n"
	    "set-cookie: a=b\n");
	ck_assert_uint_eq(clt(b)->bytes, 70000);
	ck_assert(clt(b)->has_trailer && clt(b)->eof);
	ck_assert(clt(c)->eof && clt(c)->bytes == 0);
	ck_assert_uint_eq(clt(d)->interim, 1);
	ck_assert_uint_eq(clt(d)->bytes, 5);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 4);
	ck_assert_str_eq(w.host, "a.example");
	ck_assert_uint_eq(w.port, 443);
	ck_assert_uint_eq(w.h->held, 0);
	ck_assert(wad_list_empty(&w.h->open));
	pair_end();
}
END_TEST

/* What would lead a client past us is not passed on: ALTSVC (RFC 7838 section
 * 4) and ORIGIN (RFC 8336); what comes behind it is. */
START_TEST(test_no_way_around)
{
	static const char alt[] = "\0\011a.example" "h3=\":443\"",
	    on_stream[] = "\0\0h3=\":443\"",
	    origin[] = "\0\021https://b.example";
	int32_t id;

	pair_start(steps[_i], 100, false);
	run();
	id = ask("/10");
	(void)peer_run(&w.p[CLT]);
	w.p[CLT].raw = true;
	raw(&w.p[SRV], NGHTTP2_ALTSVC, 0, 0, alt, sizeof(alt) - 1);
	raw(&w.p[SRV], NGHTTP2_ORIGIN, 0, 0, origin, sizeof(origin) - 1);
	run();
	raw(&w.p[SRV], NGHTTP2_ALTSVC, 0, id, on_stream,
	    sizeof(on_stream) - 1);
	run();
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	ck_assert_uint_eq(w.p[CLT].heads, 1);
	ck_assert_uint_eq(w.p[CLT].aside, 0);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 1);
	pair_end();
}
END_TEST

/* What the server gets is what the client sent, in its order. */
START_TEST(test_head_as_sent)
{
	nghttp2_nv more[] = { nv("cookie", "a=1"), nv("x-b", "2"),
		nv("cookie", "c=3"), nv("authorization", "Basic eDp5"),
		nv("te", "trailers"), nv("host", "A.example:443") };
	int32_t id;

	pair_start(16384, 100, false);
	more[1].flags = NGHTTP2_NV_FLAG_NO_INDEX;
	id = ask_with("GET", "/1?q=%20", -1, more, 6);
	run();
	ck_assert_uint_eq(clt(id)->status, 200);
	ck_assert_str_eq(seen(&w.p[SRV], 1)->fields, ":method: GET\n"
	    ":authority: a.example\n:scheme: https\n:path: /1?q=%20\n"
	    "cookie: a=1 !\nx-b: 2 !\ncookie: c=3 !\n"
	    "authorization: Basic eDp5 !\nte: trailers\n");
	/* a host that says the same once more is left out */
	pair_end();
}
END_TEST

/* Responses 1xx are no way to fill a connection whose client does not read:
 * a few for each request. */
START_TEST(test_many_interim)
{
	static const uint8_t	early[] = { 0x08, 3, '1', '0', '3' };
	int32_t			id;

	pair_start(16384, 100, false);
	id = ask("/hold");
	raw_begin(&w.p[SRV]);
	w.p[CLT].deaf = true;
	for (int i = 0; i < 1000; i++)
		raw(&w.p[SRV], NGHTTP2_HEADERS, 4, id, early, sizeof(early));
	run();
	w.p[CLT].deaf = false;
	run();
	ck_assert_uint_le(clt(id)->interim, 8);
	ck_assert_uint_eq(clt(id)->status, 502);
	ck_assert_uint_eq(w.ends[WAD_HTTP_BROKEN], 1);
	pair_end();
}
END_TEST

START_TEST(test_upload)
{
	int32_t a, b;

	pair_start(steps[_i], 100, false);
	a = ask_with("POST", "/echo", 300000, NULL, 0);
	b = ask_with("POST", "/3", 200000, NULL, 0);
	clt(b)->trailer = true;
	run();
	ck_assert_uint_eq(clt(a)->bytes, 300000);
	ck_assert(clt(a)->eof && clt(b)->eof);
	ck_assert(seen(&w.p[SRV], b)->has_trailer);
	ck_assert_uint_eq(seen(&w.p[SRV], b)->bytes, 200000);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 2);
	pair_end();
}
END_TEST

/* Both sides talk by turns (gRPC), and the client ends first. */
START_TEST(test_bidirectional)
{
	struct seen	*s;
	int32_t		 id;

	pair_start(steps[_i], 100, false);
	id = ask_with("POST", "/echo", 5, NULL, 0);
	s = clt(id);
	s->open = true;
	for (size_t i = 1; i <= 10; i++) {
		run();
		ck_assert_uint_eq(s->bytes, 5 * i);
		ck_assert(!s->eof);
		s->to_send = 5;
		s->open = i < 10;
		nghttp2_session_resume_data(w.p[CLT].ng, id);
	}
	run();
	ck_assert(s->eof && s->bytes == 55);
	pair_end();
}
END_TEST

/* A reader that does not read stops its own stream only. */
START_TEST(test_slow)
{
	int32_t slow[50], fast;

	pair_start(16384, 100, false);
	for (int i = 0; i < 50; i++) {
		slow[i] = ask("/5000000");
		clt(slow[i])->slow = true;
	}
	fast = ask("/5000000");
	run();
	ck_assert_uint_eq(clt(fast)->bytes, 5000000);
	ck_assert(clt(fast)->eof);
	for (int i = 0; i < 50; i++) {
		ck_assert_uint_eq(clt(slow[i])->bytes, 65535);
		ck_assert(!clt(slow[i])->eof);
	}
	/* of each no more than its window, and all grants */
	ck_assert_uint_le(w.held_max, 51 * 65535 + 4 * 1024 * 1024);
	for (int i = 0; i < 50; i++) {	/* they wake up */
		clt(slow[i])->slow = false;
		nghttp2_session_consume_stream(w.p[CLT].ng, slow[i], 65535);
	}
	run();
	for (int i = 0; i < 50; i++)
		ck_assert_uint_eq(clt(slow[i])->bytes, 5000000);
	ck_assert_uint_eq(w.h->held, 0);
	pair_end();
}
END_TEST

START_TEST(test_slow_server)
{
	int32_t a, b;

	pair_start(16384, 100, false);
	a = ask_with("POST", "/1", 5000000, NULL, 0);
	seen(&w.p[SRV], a)->slow = true;
	b = ask_with("POST", "/1", 5000000, NULL, 0);
	run();
	ck_assert_uint_eq(seen(&w.p[SRV], b)->bytes, 5000000);
	ck_assert_uint_eq(seen(&w.p[SRV], a)->bytes, 65535);
	ck_assert_uint_le(w.h->held, 65535 + 4 * 1024 * 1024);
	ck_assert(clt(a)->eof);		/* answered meanwhile */
	nghttp2_session_consume_stream(w.p[SRV].ng, a, 65535);
	seen(&w.p[SRV], a)->slow = false;
	run();
	ck_assert_uint_eq(seen(&w.p[SRV], a)->bytes, 5000000);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 2);
	pair_end();
}
END_TEST

/* What was read is given back before half of the window is used up. */
START_TEST(test_window)
{
	int32_t id;

	pair_start(16384, 100, false);
	id = ask_with("POST", "/echo", 30000, NULL, 0);
	clt(id)->open = true;
	run();
	ck_assert_uint_eq(clt(id)->bytes, 30000);
	for (int i = 0; i < 2; i++)
		ck_assert_int_gt(
		    nghttp2_session_get_stream_remote_window_size(w.p[i].ng,
		    id), 65535 * 3 / 4);
	clt(id)->open = false;
	nghttp2_session_resume_data(w.p[CLT].ng, id);
	run();
	ck_assert(clt(id)->eof);
	pair_end();
}
END_TEST

/* A client that reads nothing at all: bounded, and it can go on. */
START_TEST(test_deaf)
{
	int32_t id[20];

	pair_start(16384, 100, false);
	run();
	w.p[CLT].deaf = true;
	for (int i = 0; i < 20; i++)
		id[i] = ask("/1000000");
	run();
	ck_assert_uint_le(w.h->held, 20 * 65535);
	w.p[CLT].deaf = false;
	run();
	for (int i = 0; i < 20; i++)
		ck_assert_uint_eq(clt(id[i])->bytes, 1000000);
	pair_end();
}
END_TEST

START_TEST(test_answer)
{
	int32_t get, head, post;

	pair_start(steps[_i], 100, false);
	w.request = WAD_HTTP_ANSWER;
	get = ask("/10");
	head = ask_with("HEAD", "/10", -1, NULL, 0);
	post = ask_with("POST", "/10", 5000000, NULL, 0);
	run();
	ck_assert_uint_eq(clt(get)->status, 403);
	ck_assert_str_eq(clt(get)->fields, ":status: 403\n"
	    "content-type: text/html\n");
	ck_assert_uint_eq(clt(get)->bytes, 14);
	ck_assert(clt(get)->eof && clt(get)->code == 0);
	ck_assert(clt(head)->eof && clt(head)->bytes == 0);
	ck_assert_uint_eq(clt(post)->status, 403);
	ck_assert(clt(post)->closed && clt(post)->code == NGHTTP2_NO_ERROR);
	ck_assert_uint_eq(seen(&w.p[SRV], 1)->status +
	    strlen(seen(&w.p[SRV], 1)->path), 0);
	pair_end();
}
END_TEST

/* What is left of a small request may come behind our answer; of a large one
 * it is not wanted. */
START_TEST(test_answer_early)
{
	static const char	 post[] = "\x83\x87\x01\x01" "a\x04\x02/1";
	static const uint8_t	 body[16384];
	struct peer		*c = &w.p[CLT];

	pair_start(16384, 100, false);
	w.request = WAD_HTTP_ANSWER;
	raw_begin(c);
	raw(c, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, post,
	    sizeof(post) - 1);
	raw(c, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 3, post,
	    sizeof(post) - 1);
	run();
	ck_assert_uint_eq(c->heads, 2);
	ck_assert_uint_eq(c->resets, 0);
	raw(c, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, body, 6);
	run();
	ck_assert_uint_eq(c->resets, 0);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 1);
	for (int i = 0; i < 3; i++)
		raw(c, NGHTTP2_DATA, 0, 3, body, sizeof(body));
	run();
	ck_assert_uint_eq(c->resets, 1);
	ck_assert_uint_eq(c->reset_code, NGHTTP2_NO_ERROR);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 2);
	pair_end();
}
END_TEST

START_TEST(test_answer_response)
{
	int32_t a;

	pair_start(steps[_i], 100, false);
	w.response = WAD_HTTP_ANSWER;
	a = ask("/5000000");
	run();
	ck_assert_uint_eq(clt(a)->status, 403);
	ck_assert(clt(a)->eof && clt(a)->bytes == 14);
	ck_assert_uint_eq(seen(&w.p[SRV], 1)->code, NGHTTP2_CANCEL);
	ck_assert_uint_eq(w.h->held, 0);
	pair_end();
}
END_TEST

START_TEST(test_hold)
{
	static const enum wad_http_say says[] = { WAD_HTTP_PASS,
		WAD_HTTP_ANSWER, WAD_HTTP_CUT };
	int32_t a;

	for (int i = 0; i < 3; i++) {
		pair_start(16384, 100, false);
		w.request = WAD_HTTP_HOLD;
		a = ask_with("POST", "/1000", 200000, NULL, 0);
		run();
		ck_assert_ptr_nonnull(w.held);
		ck_assert(w.held->held);
		ck_assert_uint_eq(w.h->held, 65535);
		if (says[i] == WAD_HTTP_ANSWER)
			page(w.held, 403);
		wad_http_resume(w.h, w.held, says[i]);
		run();
		ck_assert(clt(a)->closed);
		ck_assert_uint_eq(clt(a)->status, i == 0 ? 200 : i == 1 ?
		    403 : 0);
		ck_assert_uint_eq(clt(a)->code, i == 2 ? NGHTTP2_CANCEL : 0);
		pair_end();
	}
	/* the client gives up */
	pair_start(16384, 100, false);
	w.request = WAD_HTTP_HOLD;
	a = ask("/1");
	run();
	nghttp2_submit_rst_stream(w.p[CLT].ng, 0, a, NGHTTP2_CANCEL);
	run();
	ck_assert_ptr_null(w.held);
	ck_assert_uint_eq(w.ends[WAD_HTTP_CLT_GONE], 1);
	pair_end();
}
END_TEST

/* A response is kept back until the owner has seen enough of it. */
START_TEST(test_keep)
{
	static const struct { const char *path; enum wad_http_say then;
		size_t max; unsigned status; size_t bytes; } t[] = {
		{ "/50000", WAD_HTTP_PASS, 65536, 200, 50000 },
		{ "/500000", WAD_HTTP_PASS, 65536, 200, 500000 },
		{ "/500000", WAD_HTTP_PASS, 100, 200, 500000 },
		{ "/t/50000", WAD_HTTP_ANSWER, 65536, 403, 14 },
		{ "/t/500000", WAD_HTTP_ANSWER, 65536, 403, 14 },
		{ "/0", WAD_HTTP_PASS, 65536, 200, 0 },
		{ "/0", WAD_HTTP_ANSWER, 65536, 403, 14 },
		{ "/900", WAD_HTTP_CUT, 65536, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		int32_t a;

		pair_start(steps[_i], 100, false);
		w.watch = true;
		w.response = w.body = WAD_HTTP_HOLD;
		w.then = t[i].then;
		w.hold_max = t[i].max;
		a = ask(t[i].path);
		run();
		if (t[i].then == WAD_HTTP_PASS) {
			w.body = WAD_HTTP_PASS;
			run();
			ck_assert_uint_eq(w.ends_shown, 2);
		}
		ck_assert_uint_eq(clt(a)->status, t[i].status);
		ck_assert_uint_eq(clt(a)->bytes, t[i].bytes);
		ck_assert(clt(a)->closed);
		ck_assert_uint_eq(w.h->held, 0);
		pair_end();
	}
}
END_TEST

/* The owner cuts inside of each of its functions. */
START_TEST(test_cut)
{
	int32_t a, b;

	for (int i = 0; i < 3; i++) {
		pair_start(steps[_i], 100, false);
		w.watch = true;
		*(i == 0 ? &w.request : i == 1 ? &w.response : &w.body) =
		    WAD_HTTP_CUT;
		a = ask_with("POST", "/early/100000", 100000, NULL, 0);
		b = ask("/t/100");
		run();
		ck_assert(clt(a)->closed && clt(a)->code == NGHTTP2_CANCEL);
		ck_assert(clt(b)->closed && clt(b)->code == NGHTTP2_CANCEL);
		ck_assert_uint_eq(w.ends[WAD_HTTP_STOPPED], 2);
		ck_assert_uint_eq(w.h->held, 0);
		ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
		pair_end();
	}
}
END_TEST

START_TEST(test_watch)
{
	pair_start(steps[_i], 100, false);
	w.watch = true;
	ask_with("POST", "/echo", 30000, NULL, 0);
	run();
	ck_assert_uint_eq(w.seen, 60000);
	pair_end();
}
END_TEST

START_TEST(test_resets)
{
	int32_t a, b, c;

	pair_start(steps[_i], 100, false);
	a = ask("/reset/11");
	b = ask("/hold");
	c = ask("/reset/7");
	run();
	ck_assert_uint_eq(clt(a)->code, 11);
	ck_assert_uint_eq(clt(c)->code, NGHTTP2_REFUSED_STREAM);
	ck_assert_uint_eq(w.ends[WAD_HTTP_SRV_GONE], 2);
	nghttp2_submit_rst_stream(w.p[CLT].ng, 0, b, 0x55);
	run();
	ck_assert_uint_eq(seen(&w.p[SRV], b)->code, 0x55);
	ck_assert_uint_eq(w.ends[WAD_HTTP_CLT_GONE], 1);
	pair_end();
}
END_TEST

/* One frame that no peer may send ends the connection; the exchanges that were
 * open are not malformed for that. */
START_TEST(test_broken_near)
{
	static const uint8_t odd[5] = { 0 };

	pair_start(16384, 100, false);
	ask("/hold");
	ask("/hold");
	run();
	raw_begin(&w.p[_i == 0 ? SRV : CLT]);
	raw(&w.p[_i == 0 ? SRV : CLT], NGHTTP2_SETTINGS, 0, 0, odd,
	    sizeof(odd));
	run();
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(w.h->why, WR_HTTP_PROTOCOL);
	ck_assert_uint_eq(w.ends[_i == 0 ? WAD_HTTP_SRV_GONE :
	    WAD_HTTP_CLT_GONE], 2);
	ck_assert_uint_eq(w.ends[WAD_HTTP_BROKEN], 0);
	pair_end();
}
END_TEST

/* A head that does not end: nothing else can come on the connection. */
START_TEST(test_late)
{
	static const uint8_t get[] = { 0x82, 0x87 };	/* RFC 7541 app. A */

	pair_start(steps[_i], 100, false);
	ask("/hold");
	run();
	ck_assert(!w.h->begun);
	wad_http_late(w.h);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	raw_begin(&w.p[CLT]);
	raw(&w.p[CLT], NGHTTP2_HEADERS, 0, 3, get, sizeof(get));
	run();
	ck_assert(w.h->begun);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	wad_http_late(w.h);
	run();
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(w.h->why, WR_REQUEST_TIMEOUT);
	ck_assert_uint_eq(w.ends[WAD_HTTP_CLT_GONE], 2);
	pair_end();
}
END_TEST

/* A head that is refused is over, too: the connection goes on. */
START_TEST(test_late_refused)
{
	/* :method GET, :scheme https, then a field with a capital letter */
	static const uint8_t get[] = { 0x82, 0x87, 0x00, 0x01, 'X', 0x01,
		'y' };

	pair_start(16384, 100, false);
	ask("/hold");
	run();
	raw_begin(&w.p[CLT]);
	raw(&w.p[CLT], NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS |
	    NGHTTP2_FLAG_END_STREAM, 3, get, sizeof(get));
	run();
	ck_assert_uint_eq(w.ends[WAD_HTTP_BROKEN], 1);
	ck_assert(!w.h->begun);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	pair_end();
}
END_TEST

/* A server that answers and does not want the rest. */
START_TEST(test_upload_stopped)
{
	int32_t a;

	pair_start(16384, 100, false);
	a = ask_with("POST", "/10", 5000000, NULL, 0);
	seen(&w.p[SRV], a)->slow = true;
	run();
	ck_assert(clt(a)->eof && !clt(a)->closed);
	nghttp2_submit_rst_stream(w.p[SRV].ng, 0, a, NGHTTP2_NO_ERROR);
	run();
	ck_assert(clt(a)->closed && clt(a)->code == NGHTTP2_NO_ERROR);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 1);
	ck_assert_uint_eq(w.h->held, 0);
	pair_end();
}
END_TEST

/* ... and says why, with the end of its answer or after it. */
START_TEST(test_upload_reset)
{
	uint8_t	code[4] = { 0, 0, 0, (uint8_t)(_i / 2) };
	int32_t a;

	pair_start(16384, 100, false);
	a = ask_with("POST", "/echo", 10, NULL, 0);
	clt(a)->open = true;
	run();
	ck_assert_uint_eq(clt(a)->bytes, 10);
	raw_begin(&w.p[SRV]);
	raw(&w.p[SRV], NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, a, NULL, 0);
	if (_i % 2 == 0)
		run();
	raw(&w.p[SRV], NGHTTP2_RST_STREAM, 0, a, code, sizeof(code));
	run();
	ck_assert(clt(a)->eof && clt(a)->closed);
	ck_assert_uint_eq(clt(a)->code, code[3]);
	pair_end();
}
END_TEST

START_TEST(test_goaway)
{
	int32_t a, b;

	pair_start(steps[_i], 100, false);
	a = ask("/1000");
	clt(a)->slow = true;
	b = ask("/hold");
	run();
	nghttp2_submit_goaway(w.p[SRV].ng, 0, a, 0, NULL, 0);
	run();
	ck_assert(w.p[CLT].goaway && w.p[CLT].goaway_code == 0);
	ck_assert_uint_eq(clt(b)->code, NGHTTP2_REFUSED_STREAM);
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(w.h->why, WR_N);
	pair_end();

	pair_start(steps[_i], 100, false);
	a = ask("/hold");
	run();
	nghttp2_submit_goaway(w.p[SRV].ng, 0, a, 11, NULL, 0);
	run();
	ck_assert_uint_eq(w.p[CLT].goaway_code, 11);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	wad_http_ended(w.h, WAD_HTTP_DOWN, true);
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	ck_assert_uint_eq(w.ends[WAD_HTTP_SRV_GONE], 1);
	pair_end();

	pair_start(steps[_i], 100, false);
	ask("/hold");
	run();
	nghttp2_submit_goaway(w.p[CLT].ng, 0, 0, 11, NULL, 0);
	run();
	ck_assert_uint_eq(w.p[SRV].goaway_code, 11);
	pair_end();
}
END_TEST

START_TEST(test_stop)
{
	int32_t a, b;

	pair_start(16384, 100, false);
	a = ask("/500000");
	clt(a)->slow = true;
	run();
	wad_http_stop(w.h);
	b = ask("/1");			/* crosses our GOAWAY */
	run();
	ck_assert(w.p[CLT].goaway);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	ck_assert_uint_eq(clt(b)->status, 0);
	clt(a)->slow = false;
	nghttp2_session_consume_stream(w.p[CLT].ng, a, 65535);
	run();
	ck_assert_uint_eq(clt(a)->bytes, 500000);
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(w.h->why, WR_N);
	pair_end();
}
END_TEST

START_TEST(test_ended)
{
	int32_t a, b;

	/* the client */
	pair_start(16384, 100, false);
	a = ask("/hold");
	ask_with("POST", "/echo", 100000, NULL, 0);
	run();
	wad_http_ended(w.h, WAD_HTTP_UP, true);
	run();
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	ck_assert_uint_eq(seen(&w.p[SRV], a)->code, NGHTTP2_CANCEL);
	ck_assert(w.p[SRV].goaway);
	ck_assert_uint_eq(w.ends[WAD_HTTP_CLT_GONE], 1);
	ck_assert_uint_eq(w.ends[WAD_HTTP_DONE], 1);
	pair_end();
	/* the server: what is whole is delivered before the end */
	pair_start(16384, 100, false);
	a = ask("/100000");
	clt(a)->slow = true;
	b = ask("/hold");
	run();
	wad_http_ended(w.h, WAD_HTTP_DOWN, true);
	run();
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	ck_assert(!wad_http_drained(w.h, WAD_HTTP_DOWN));
	ck_assert_uint_eq(clt(b)->status, 0);
	nghttp2_session_consume_stream(w.p[CLT].ng, a, 65535);
	run();
	ck_assert_uint_eq(clt(a)->bytes, 100000);
	ck_assert(clt(a)->eof);
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	ck_assert_uint_eq(w.ends[WAD_HTTP_SRV_GONE], 1);
	pair_end();
	/* in the middle of an answer: what came, and a reset */
	pair_start(16384, 100, false);
	a = ask("/1000000");
	clt(a)->slow = true;
	run();
	wad_http_ended(w.h, WAD_HTTP_DOWN, false);
	clt(a)->slow = false;
	nghttp2_session_consume_stream(w.p[CLT].ng, a, 65535);
	run();
	ck_assert(!clt(a)->eof && clt(a)->bytes > 65535);
	ck_assert_uint_eq(clt(a)->code, NGHTTP2_INTERNAL_ERROR);
	ck_assert_int_eq(w.h->state, WAD_HTTP_OVER);
	pair_end();
	/* the answer is whole and the upload is not: nothing went wrong */
	pair_start(16384, 100, false);
	a = ask_with("POST", "/10", 10, NULL, 0);
	clt(a)->open = true;
	run();
	ck_assert(clt(a)->eof && !clt(a)->closed);
	wad_http_ended(w.h, WAD_HTTP_DOWN, true);
	run();
	ck_assert(clt(a)->closed);
	ck_assert_uint_eq(clt(a)->code, NGHTTP2_NO_ERROR);
	pair_end();
}
END_TEST

/* The client gets the smaller limit, and requests beyond wait. */
/* Memory is tight: who holds much gets no new stream, and its sender is not
 * read until the reader has read; then all of it arrives. */
START_TEST(test_tight)
{
	int32_t	id[12], late, again;

	pair_start(16384, 100, false);
	for (int i = 0; i < 12; i++) {
		id[i] = ask("/300000");
		clt(id[i])->slow = true;
	}
	run();
	ck_assert(wad_http_wants(w.h, WAD_HTTP_DOWN));
	ck_assert_uint_gt(w.h->mem_bodies[WAD_HTTP_DOWN], 12 * 65535);
	wad_mem_limit(wad_mem.held * 3 / 2);
	wad_mem_divide(2);
	ck_assert(wad_mem_tight() && !wad_mem_full());
	ck_assert(!wad_http_wants(w.h, WAD_HTTP_DOWN));
	ck_assert(wad_http_wants(w.h, WAD_HTTP_UP));
	late = ask("/1000");
	run();
	ck_assert(clt(late)->closed);
	ck_assert_uint_eq(clt(late)->code, NGHTTP2_REFUSED_STREAM);
	ck_assert_uint_eq(seen(&w.p[SRV], late)->status, 0);
	for (int i = 0; i < 12; i++) {
		clt(id[i])->slow = false;
		nghttp2_session_consume_stream(w.p[CLT].ng, id[i],
		    clt(id[i])->bytes);
	}
	run();
	for (int i = 0; i < 12; i++) {
		ck_assert_uint_eq(clt(id[i])->bytes, 300000);
		ck_assert(clt(id[i])->eof);
	}
	ck_assert(!wad_mem_tight());
	again = ask("/1000");
	run();
	ck_assert_uint_eq(clt(again)->bytes, 1000);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	pair_end();
}
END_TEST

/* Others have all the memory: one that asks for a page and what is in it is
 * served as ever. */
START_TEST(test_tight_others)
{
	enum { OTHERS = 700 * 1024, N = 40 };

	pair_start(16384, 100, false);
	wad_mem_limit(1 << 20);
	wad_mem_divide(100 * 1000);
	wad_mem_add(OTHERS);
	run();
	for (int i = 0; i < N; i++)
		ask("/hold");
	run();
	for (int i = 0; i < N; i++)
		ck_assert_msg(!clt(2 * i + 1)->closed, "stream %d", i);
	wad_mem_sub(OTHERS);
	pair_end();
}
END_TEST

/* Who is refused for memory may ask again (RFC 9113 section 8.7): no flood. */
START_TEST(test_tight_again)
{
	int32_t id = 0;

	pair_start(16384, 100, false);
	for (int i = 0; i < 4; i++)
		clt(ask("/300000"))->slow = true;
	run();
	wad_mem_limit(wad_mem.held * 3 / 2);
	wad_mem_divide(100);
	for (int i = 0; i < 700; i++) {
		id = ask("/1000");
		if (i % 50 == 0)
			run();
	}
	run();
	ck_assert_uint_eq(clt(id)->code, NGHTTP2_REFUSED_STREAM);
	ck_assert(w.h->state == WAD_HTTP_RUNS && !w.p[CLT].goaway);
	pair_end();
}
END_TEST

/* Both sides send and nobody reads: one of them is still read. */
START_TEST(test_tight_both)
{
	pair_start(16384, 100, false);
	for (int i = 0; i < 8; i++) {
		int32_t up = ask_with("POST", "/hold", 100000, NULL, 0);

		seen(&w.p[SRV], up)->slow = true;
		clt(ask("/300000"))->slow = true;
	}
	run();
	wad_mem_limit(wad_mem.held * 3 / 2);
	wad_mem_divide(8);
	for (int d = 0; d < 2; d++)
		ck_assert_uint_gt(w.h->mem_bodies[d], wad_mem.share);
	ck_assert(wad_http_wants(w.h, WAD_HTTP_UP) !=
	    wad_http_wants(w.h, WAD_HTTP_DOWN));
	w.h->let = true;
	ck_assert(wad_http_wants(w.h, WAD_HTTP_UP) &&
	    wad_http_wants(w.h, WAD_HTTP_DOWN));
	pair_end();
}
END_TEST

/* Far above the hard mark a head that cannot be refused ends a connection that
 * has more than its share; another one goes on. */
START_TEST(test_over)
{
	enum { OTHERS = 1 << 20 };
	bool	big = _i == 1;
	int32_t	id;

	pair_start(16384, 100, false);
	for (int i = 0; i < (big ? 4 : 0); i++)
		clt(ask("/300000"))->slow = true;
	id = ask_with("POST", "/t/10", 10, NULL, 0);
	clt(id)->open = true;
	run();
	wad_mem_limit(OTHERS / 2);
	wad_mem_divide(100);
	wad_mem_add(OTHERS);
	clt(id)->trailer = true;
	clt(id)->open = false;
	nghttp2_session_resume_data(w.p[CLT].ng, id);
	run();
	ck_assert_int_eq(w.h->state, big ? WAD_HTTP_OVER : WAD_HTTP_RUNS);
	ck_assert_int_eq(w.h->why, big ? WR_BUFFERS : WR_N);
	ck_assert(big || seen(&w.p[SRV], id)->has_trailer);
	wad_mem_sub(OTHERS);
	pair_end();
}
END_TEST

/* What a peer makes the engine keep counts whether it is a request or not: heads
 * that are malformed or refused while the answer waits, and trailers. */
START_TEST(test_heads_count)
{
	enum { N = 90, LEN = 30000 };
	static uint8_t	 big[LEN];
	nghttp2_nv	 bad[2] = { { (uint8_t *)(uintptr_t)"x-big", big, 5,
		LEN, 0 }, nv("x bad", "1") }, *trailer = bad;
	int32_t		 id[N];

	memset(big, 'a', LEN);
	pair_start(16384, 100, false);
	run();
	if (_i < 2)
		w.p[CLT].deaf = true;
	if (_i == 1)			/* a status for a refusal */
		bad[1] = nv("host", "b.example");
	for (int i = 0; i < N; i++)
		if (_i < 2)
			ask_with("GET", "/10", -1, bad, 2);
		else
			clt(id[i] = ask_with("POST", "/hold", 0, NULL,
			    0))->open = true;
	run();
	for (int i = 0; i < N && _i == 2; i++)
		ck_assert_int_eq(nghttp2_submit_trailer(w.p[CLT].ng, id[i],
		    trailer, 1), 0);
	run();
	ck_assert_uint_gt(w.h->mem_other, N * LEN);
	w.p[CLT].deaf = false;
	wad_http_ended(w.h, WAD_HTTP_DOWN, true);
	run();
	pair_end();
}
END_TEST

START_TEST(test_streams)
{
	int32_t id[60];

	pair_start(16384, 10, false);
	run();
	ck_assert_uint_eq(nghttp2_session_get_remote_settings(w.p[CLT].ng,
	    NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 10);
	for (int i = 0; i < 60; i++)
		id[i] = ask("/1000");
	run();
	for (int i = 0; i < 60; i++)
		ck_assert_uint_eq(clt(id[i])->bytes, 1000);
	pair_end();
	pair_start(16384, 10, false);
	for (int i = 0; i < 60; i++)	/* before anybody was told */
		id[i] = ask("/1000");
	run();
	for (int i = 0; i < 60; i++)
		ck_assert(clt(id[i])->bytes == 1000 ||
		    clt(id[i])->code == NGHTTP2_REFUSED_STREAM);
	pair_end();
}
END_TEST

/* RFC 8441. */
START_TEST(test_websocket)
{
	nghttp2_nv h[] = { nv(":method", "CONNECT"),
		nv(":protocol", "websocket"), nv(":scheme", "https"),
		nv(":path", "/echo"), nv(":authority", "a.example"),
		nv("sec-websocket-version", "13") };
	nghttp2_data_provider d = { .read_callback = source };
	int32_t id;

	pair_start(steps[_i], 100, true);
	run();
	ck_assert_uint_eq(nghttp2_session_get_remote_settings(w.p[CLT].ng,
	    NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL), 1);
	id = nghttp2_submit_request(w.p[CLT].ng, NULL, h, 6, &d, NULL);
	clt(id)->to_send = 1000;
	clt(id)->open = true;
	run();
	ck_assert_uint_eq(clt(id)->status, 200);
	ck_assert_uint_eq(clt(id)->bytes, 1000);
	ck_assert_uint_eq(w.h->n_open, 1);
	ck_assert(WAD_LIST_ENTRY(w.h->open.next, struct wad_http_tx,
	    all)->tunnel);
	clt(id)->open = false;
	nghttp2_session_resume_data(w.p[CLT].ng, id);
	run();
	ck_assert(clt(id)->eof);
	pair_end();
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("h2");
	TCase	*tc = tcase_create("h2");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_get, 0, STEPS);
	tcase_add_loop_test(tc, test_no_way_around, 0, STEPS);
	tcase_add_test(tc, test_head_as_sent);
	tcase_add_test(tc, test_many_interim);
	tcase_add_loop_test(tc, test_upload, 0, STEPS);
	tcase_add_loop_test(tc, test_bidirectional, 0, STEPS);
	tcase_add_test(tc, test_slow);
	tcase_add_test(tc, test_slow_server);
	tcase_add_test(tc, test_window);
	tcase_add_test(tc, test_deaf);
	tcase_add_loop_test(tc, test_answer, 0, STEPS);
	tcase_add_test(tc, test_answer_early);
	tcase_add_loop_test(tc, test_answer_response, 0, STEPS);
	tcase_add_test(tc, test_hold);
	tcase_add_loop_test(tc, test_keep, 0, STEPS);
	tcase_add_loop_test(tc, test_cut, 0, STEPS);
	tcase_add_loop_test(tc, test_watch, 0, STEPS);
	tcase_add_loop_test(tc, test_resets, 0, STEPS);
	tcase_add_loop_test(tc, test_broken_near, 0, 2);
	tcase_add_loop_test(tc, test_late, 0, STEPS);
	tcase_add_test(tc, test_late_refused);
	tcase_add_test(tc, test_upload_stopped);
	tcase_add_loop_test(tc, test_upload_reset, 0, 6);
	tcase_add_loop_test(tc, test_goaway, 0, STEPS);
	tcase_add_test(tc, test_stop);
	tcase_add_test(tc, test_ended);
	tcase_add_test(tc, test_tight);
	tcase_add_test(tc, test_tight_others);
	tcase_add_test(tc, test_tight_again);
	tcase_add_test(tc, test_tight_both);
	tcase_add_loop_test(tc, test_over, 0, 2);
	tcase_add_loop_test(tc, test_heads_count, 0, 3);
	tcase_add_test(tc, test_streams);
	tcase_add_loop_test(tc, test_websocket, 0, STEPS);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
