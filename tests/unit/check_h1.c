/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h1.c: the engine between two legs of memory, whole and byte by byte.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "http/http.h"
#include "suite.h"

/* One end: what it sends, and what it gets. */
struct end {
	const char	*says;
	size_t		 left, step;
	struct wad_str	 got;
	size_t		 room;
};

/* What the owner does, and saw. */
struct own {
	enum wad_http_say request, response, body;
	unsigned	 requests, responses, dones, refused, watch;
	struct wad_str	 seen;		/* of the bodies */
	enum wad_http_end last;
	unsigned	 status;
	uint64_t	 bytes[2];
	char		 error[160], host[WAD_HOST_MAX];
};

static struct own	 own;
static struct end	 clt, srv;
static struct wad_http	*h;

static long
leg_read(void *arg, void *buf, size_t size)
{
	struct end *e = arg;
	size_t n = e->left;

	n = n > size ? size : n;
	n = n > e->step ? e->step : n;
	if (n == 0)
		return 0;
	memcpy(buf, e->says, n);
	e->says += n;
	e->left -= n;
	return (long)n;
}

static int
leg_write(void *arg, const void *p, size_t n)
{
	struct end *e = arg;

	wad_str_addn(&e->got, p, n);
	return 0;
}

static size_t
leg_room(void *arg)
{
	struct end *e = arg;

	return e->room;
}

static enum wad_http_say
on_request(void *o, struct wad_http_tx *tx)
{
	ck_assert_ptr_eq(o, &own);
	own.requests++;
	strcpy(own.host, tx->req.host);
	tx->watch[0] = tx->watch[1] = own.watch;
	if (own.request == WAD_HTTP_ANSWER) {
		tx->res.status = 403;
		wad_http_head_put(&tx->res, "X-Page", "yes");
		wad_str_add(&tx->body, "blocked");
	}
	return own.request;
}

static enum wad_http_say
on_response(void *o, struct wad_http_tx *tx)
{
	(void)o;
	own.responses++;
	own.status = tx->res.status;
	if (own.response == WAD_HTTP_ANSWER) {
		wad_http_head_reset(&tx->res);
		tx->res.status = 403;
		wad_str_add(&tx->body, "instead");
	}
	return own.response;
}

static enum wad_http_say
on_body(void *o, struct wad_http_tx *tx, enum wad_http_dir dir,
    const void *p, size_t n)
{
	(void)o;
	(void)tx;
	(void)dir;
	wad_str_addn(&own.seen, p, n);
	return own.body;
}

static void
on_refuse(void *o, struct wad_http_tx *tx, unsigned status,
    enum wad_reason_id why)
{
	(void)o;
	(void)why;
	own.refused = status;
	strcpy(own.error, tx->error);
	wad_http_head_reset(&tx->res);
	tx->res.status = status;
	wad_str_add(&tx->body, "refused");
}

static void
on_done(void *o, struct wad_http_tx *tx)
{
	(void)o;
	own.dones++;
	own.last = tx->end;
	own.bytes[0] = tx->bytes[0];
	own.bytes[1] = tx->bytes[1];
}

static const struct wad_http_ops ops = { on_request, on_response, on_body,
	on_refuse, on_done };

static struct wad_http_limits limits;

static void
begin(size_t step)
{
	struct wad_http_leg leg[2] = {
		{ &clt, leg_read, leg_write, leg_room },
		{ &srv, leg_read, leg_write, leg_room },
	};

	clt.step = srv.step = step;
	clt.room = srv.room = 65536;
	h = wad_http_h1_new(leg, &ops, &own, &limits);
}

static void
setup(void)
{
	memset(&own, 0, sizeof(own));
	memset(&clt, 0, sizeof(clt));
	memset(&srv, 0, sizeof(srv));
	memset(&limits, 0, sizeof(limits));
	limits.line_max = 8192;
	limits.head_max = 32768;
	limits.fields_max = 100;
	limits.port = 80;
	limits.host = "192.0.2.1";
	h = NULL;
}

static void
finish(void)
{
	if (h != NULL)
		wad_http_free(h);
	h = NULL;
	ck_assert_uint_eq(wad_mem.held, 0);
	wad_str_free(&clt.got);
	wad_str_free(&srv.got);
	wad_str_free(&own.seen);
}

static void
says(struct end *e, const char *s)
{
	ck_assert_uint_eq(e->left, 0);
	e->says = s;
	e->left = strlen(s);
}

static void
turn(void)
{
	int n = 0, a, b;

	do {
		a = wad_http_move(h, WAD_HTTP_UP);
		b = wad_http_move(h, WAD_HTTP_DOWN);
		ck_assert_int_ge(a, 0);
		ck_assert_int_ge(b, 0);
		ck_assert_int_lt(++n, 100000);
	} while (a > 0 || b > 0);
}

static void
got(struct end *e, const char *want)
{
	ck_assert_str_eq(e->got.s != NULL ? e->got.s : "", want);
	wad_str_free(&e->got);
}

#define GET "GET /a?b HTTP/1.1\r\nhOST: www.Example\r\nX-a:  b \r\n\r\n"
#define GET_OUT "GET /a?b HTTP/1.1\r\nhOST: www.Example\r\nX-a: b\r\n\r\n"
#define OK5 "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n\r\nhello"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

/* request -> what the server gets; response -> what the client gets */
struct pair { const char *req, *up, *res, *down; };
static const struct pair pairs[] = {
	{ GET, GET_OUT, OK5, OK5 },
	{ "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", NULL,
	    "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", NULL },
	{ GET, GET_OUT, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n"
	    "\r\n", NULL },
	{ GET, GET_OUT, "HTTP/1.1 204 No Content\r\n\r\n", NULL },
	{ "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", NULL,
	    OK5, NULL },
	{ "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n", NULL, OK5, NULL },
	/* extensions go, trailers stay but for those that frame */
	{ GET, GET_OUT, CHUNKED "5;x=\"y\"\r\nhello\r\n0;z\r\nX-Sum: 7\r\n"
	    "Content-Length: 3\r\n\r\n", CHUNKED "5\r\nhello\r\n0\r\n"
	    "X-Sum: 7\r\n\r\n" },
	{ GET, GET_OUT, CHUNKED "0\r\nSet-Cookie: a\r\n\r\n", CHUNKED
	    "0\r\n\r\n" },
	/* 1xx */
	{ "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	    "Content-Length: 2\r\n\r\nab", NULL,
	    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
	    "Link: </a>\r\n\r\n" OK5, NULL },
	{ "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", NULL, OK5, NULL },
	{ "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n", NULL, OK5, NULL },
	{ "\r\n" GET, GET_OUT, OK5, OK5 },
};

START_TEST(test_pairs)
{
	const struct pair *p = &pairs[_i / 2];

	begin(_i % 2 ? 1 : 65536);
	for (int again = 0; again < 3; again++) {
		says(&clt, p->req);
		turn();
		got(&srv, p->up != NULL ? p->up : p->req);
		says(&srv, p->res);
		turn();
		got(&clt, p->down != NULL ? p->down : p->res);
		ck_assert_int_eq(h->state, WAD_HTTP_RUNS);
		ck_assert_uint_eq(own.dones, (unsigned)again + 1);
		ck_assert_int_eq(own.last, WAD_HTTP_DONE);
		ck_assert(!h->begun && h->current == NULL);
		ck_assert(wad_http_drained(h, WAD_HTTP_UP));
	}
	ck_assert_uint_eq(own.refused, 0);
	wad_http_ended(h, WAD_HTTP_UP, true);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

START_TEST(test_pipelined)
{
	begin(_i ? 1 : 65536);
	says(&clt, GET GET GET);
	turn();
	got(&srv, GET_OUT);	/* one at a time */
	ck_assert(!wad_http_drained(h, WAD_HTTP_UP));
	for (int i = 0; i < 3; i++) {
		says(&srv, OK5);
		turn();
		got(&clt, OK5);
		got(&srv, i < 2 ? GET_OUT : "");
	}
	ck_assert_uint_eq(own.dones, 3);
}
END_TEST

/* A client that ends after its requests gets its answers. */
START_TEST(test_half_close)
{
	begin(65536);
	says(&clt, GET GET);
	turn();
	wad_http_ended(h, WAD_HTTP_UP, true);
	says(&srv, OK5);
	turn();
	got(&srv, GET_OUT GET_OUT);
	ck_assert_int_eq(h->state, WAD_HTTP_RUNS);
	says(&srv, OK5);
	turn();
	got(&clt, OK5 OK5);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(h->why, WR_N);
}
END_TEST

START_TEST(test_until_close)
{
	begin(65536);
	says(&clt, GET);
	turn();
	says(&srv, "HTTP/1.0 200 OK\r\n\r\nsome text");
	turn();
	ck_assert_uint_eq(own.dones, 0);
	wad_http_ended(h, WAD_HTTP_DOWN, _i == 0);
	ck_assert_int_eq(own.last, _i == 0 ? WAD_HTTP_DONE :
	    WAD_HTTP_SRV_GONE);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	got(&clt, "HTTP/1.0 200 OK\r\n\r\nsome text");
	ck_assert_uint_eq(own.bytes[WAD_HTTP_DOWN], 9);
}
END_TEST

START_TEST(test_cut_short)
{
	static const char *const res[] = { "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 9\r\n\r\nhel", CHUNKED "5\r\nhello\r\n",
	    "HTTP/1.1 20", "" };

	begin(65536);
	says(&clt, GET);
	turn();
	says(&srv, res[_i]);
	turn();
	wad_http_ended(h, WAD_HTTP_DOWN, true);
	ck_assert_int_eq(own.last, WAD_HTTP_SRV_GONE);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	got(&clt, _i < 2 ? res[_i] : "");
}
END_TEST

START_TEST(test_client_cut)
{
	begin(65536);
	says(&clt, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab");
	turn();
	wad_http_ended(h, WAD_HTTP_UP, true);
	ck_assert_int_eq(own.last, WAD_HTTP_CLT_GONE);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

/* ---- tunnels ---------------------------------------------------------- */

#define UPGRADE "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" \
	"Connection: keep-alive, Upgrade\r\n\r\n"
#define SWITCH "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" \
	"Connection: Upgrade\r\n\r\n"

static void
rest_is(enum wad_http_dir dir, const char *want)
{
	const uint8_t	*p;
	size_t		 n;

	wad_http_rest(h, dir, &p, &n);
	ck_assert_uint_eq(n, strlen(want));
	ck_assert(n == 0 || memcmp(p, want, n) == 0);
}

START_TEST(test_upgrade)
{
	begin(65536);
	says(&clt, UPGRADE "early");
	turn();
	got(&srv, UPGRADE);
	says(&srv, SWITCH "frames");
	turn();
	got(&clt, SWITCH);
	ck_assert_int_eq(h->state, WAD_HTTP_TUNNELS);
	ck_assert_uint_eq(own.status, 101);
	rest_is(WAD_HTTP_UP, "early");
	rest_is(WAD_HTTP_DOWN, "frames");
	ck_assert_uint_eq(own.dones, 0);
}
END_TEST

START_TEST(test_upgrade_refused_by_server)
{
	begin(65536);
	says(&clt, UPGRADE GET);
	turn();
	says(&srv, OK5 );
	turn();
	got(&srv, UPGRADE GET_OUT);	/* the second one is a request */
	ck_assert_uint_eq(own.requests, 2);
}
END_TEST

START_TEST(test_connect)
{
	begin(65536);
	says(&clt, "CONNECT b.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n");
	turn();
	got(&srv, "CONNECT b.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n");
	says(&srv, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
	turn();
	got(&clt, "HTTP/1.1 200 OK\r\n\r\n");
	ck_assert_int_eq(h->state, WAD_HTTP_TUNNELS);
	rest_is(WAD_HTTP_DOWN, "abc");
}
END_TEST

START_TEST(test_connect_in_tls)
{
	limits.https = true;
	begin(65536);
	says(&clt, "CONNECT b.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n");
	turn();
	got(&srv, "");
	ck_assert_uint_eq(own.refused, 501);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

START_TEST(test_h2c)
{
	limits.h2c = _i;
	begin(65536);
	says(&clt, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, "
	    "HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n");
	turn();
	got(&srv, _i ? "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, "
	    "HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n" :
	    "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
	says(&srv, "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n");
	turn();
	ck_assert_int_eq(h->state, _i ? WAD_HTTP_TUNNELS : WAD_HTTP_OVER);
}
END_TEST

/* What is no HTTP, and what a lenient server could take for it. */
static const struct { const char *first; int tunnel; } firsts[] = {
	{ "SSH-2.0-x y\r\n", 1 }, { "\x16\x03\x01\x02", 1 },
	{ "hello\n", 1 }, { "hello world\n", 1 }, { "a b\x01", 1 },
	{ "GET / HTTP/1.1\r\n", 0 }, { "FOO / HTTP/1.1\r\n", 0 },
	{ "get / HTTP/1.1\r\n", 0 }, { "GET\t/ HTTP/1.1\r\n", 0 },
	{ "\r\n\r\n\nGET / HTTP/1.1\r\n", 0 }, { "GET /\r\n", 0 },
	{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0 },
	{ "GET\x1c/ HTTP/1.1\r\n", 0 }, { "GET\xa0/ HTTP/1.1\r\n", 0 },
	/* Python takes these for blanks */
	{ "\vGET / HTTP/1.1\r\n", 0 }, { "\f\x1f get / HTTP/1.1\r\n", 0 },
	{ "\x85GET / HTTP/1.1\r\n", 0 }, { "\xa0GET / HTTP/1.1\r\n", 0 },
	{ "GET\xa0/\xa0HTTP/1.1\r\n", 0 },
	{ "GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG / HTTP/1.1\r\n", 0 },
};

/* The same when the line comes at once, for it does not wait. */
static const char *const at_once[] = { "\"GET\" / HTTP/1.1\r\n",
	"\xffGET / HTTP/1.1\r\n", "\x01GET / HTTP/1.1\r\n",
	"GET/ HTTP/1.1\r\n", "GET,POST / HTTP/1.1\r\n",
	"FOO / \x02 HTTP/1.1\r\n" };

START_TEST(test_sniff_at_once)
{
	limits.sniff = true;
	begin(65536);
	says(&clt, at_once[_i]);
	turn();
	got(&srv, "");
	ck_assert_uint_eq(own.refused, 400);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

START_TEST(test_sniff)
{
	limits.sniff = true;
	begin(_i % 2 ? 1 : 65536);
	says(&clt, firsts[_i / 2].first);
	turn();
	ck_assert_int_eq(h->state == WAD_HTTP_TUNNELS, firsts[_i / 2].tunnel);
	got(&srv, "");
	if (firsts[_i / 2].tunnel && _i % 2 == 0)
		rest_is(WAD_HTTP_UP, firsts[_i / 2].first);
}
END_TEST

START_TEST(test_sniff_server_first)
{
	limits.sniff = true;
	begin(65536);
	says(&srv, "220 mail\r\n");
	turn();
	ck_assert_int_eq(h->state, WAD_HTTP_TUNNELS);
	rest_is(WAD_HTTP_DOWN, "220 mail\r\n");
}
END_TEST

/* It says that it has waited long enough: that makes no tunnel. */
START_TEST(test_sniff_server_goes)
{
	limits.sniff = true;
	begin(65536);
	says(&srv, "HTTP/1.1 408 Request Timeout\r\n\r\n");
	turn();
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	got(&clt, "");
}
END_TEST

START_TEST(test_other_version)
{
	limits.sniff = limits.versions = true;
	begin(65536);
	says(&clt, _i == 0 ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" :
	    "SSH-2.0-x\r\n");
	turn();
	ck_assert_int_eq(h->state, WAD_HTTP_TUNNELS);
	ck_assert_int_eq(h->version, _i == 0);
}
END_TEST

/* ---- the owner -------------------------------------------------------- */

#define BLOCKED "HTTP/1.1 403 Forbidden\r\nX-Page: yes\r\n" \
	"Content-Length: 7\r\n"

START_TEST(test_answer)
{
	own.request = WAD_HTTP_ANSWER;
	begin(65536);
	says(&clt, GET "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
	turn();
	got(&clt, BLOCKED "\r\nblocked" BLOCKED "\r\n");
	got(&srv, "");
	own.request = WAD_HTTP_PASS;
	says(&clt, GET);
	turn();
	got(&srv, GET_OUT);
	says(&srv, OK5);
	turn();
	got(&clt, OK5);
	own.request = WAD_HTTP_ANSWER;
	says(&clt, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
	turn();
	got(&clt, BLOCKED "Connection: close\r\n\r\nblocked");
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

START_TEST(test_hold)
{
	own.request = WAD_HTTP_HOLD;
	begin(65536);
	says(&clt, GET GET);
	turn();
	got(&srv, "");
	ck_assert(h->current->held);
	own.request = WAD_HTTP_PASS;
	wad_http_resume(h, h->current, WAD_HTTP_PASS);
	got(&srv, GET_OUT);
	says(&srv, OK5);
	turn();
	got(&srv, GET_OUT);
	own.request = WAD_HTTP_PASS;
	wad_http_stop(h);
	says(&srv, OK5);
	turn();
	got(&clt, OK5 "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n"
	    "Connection: close\r\n\r\nhello");
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

START_TEST(test_instead)
{
	own.response = WAD_HTTP_ANSWER;
	begin(65536);
	says(&clt, GET);
	turn();
	says(&srv, OK5);
	turn();
	got(&clt, "HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n"
	    "Connection: close\r\n\r\ninstead");
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

START_TEST(test_watch)
{
	own.watch = 1;
	own.body = _i ? WAD_HTTP_CUT : WAD_HTTP_PASS;
	begin(65536);
	says(&clt, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
	turn();
	ck_assert_str_eq(own.seen.s, _i ? "abc" : "abcde");
	ck_assert_int_eq(h->state, _i ? WAD_HTTP_OVER : WAD_HTTP_RUNS);
	ck_assert(!_i || own.last == WAD_HTTP_STOPPED);
}
END_TEST

/* Kept back until the owner has seen enough. */
START_TEST(test_keep)
{
	own.watch = 1;
	own.response = own.body = WAD_HTTP_HOLD;
	begin(65536);
	says(&clt, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	own.body = WAD_HTTP_PASS;
	turn();
	own.body = WAD_HTTP_HOLD;
	says(&srv, CHUNKED "3\r\nabc\r\n");
	turn();
	got(&clt, "");
	own.body = _i == 0 ? WAD_HTTP_PASS : _i == 1 ? WAD_HTTP_ANSWER :
	    WAD_HTTP_CUT;
	if (_i < 3) {
		says(&srv, "2\r\nde\r\n0\r\n\r\n");
		turn();
	} else
		wad_http_ended(h, WAD_HTTP_DOWN, true);
	ck_assert_ptr_nonnull(strstr(own.seen.s, _i < 3 ? "abcde" : "abc"));
	if (_i == 0)
		got(&clt, CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
	else if (_i == 3)
		ck_assert_ptr_nonnull(strstr(clt.got.s, "refused"));
	else
		ck_assert_ptr_null(clt.got.s != NULL ?
		    strstr(clt.got.s, "abc") : NULL);
	ck_assert_uint_eq(own.dones, 1);
	ck_assert_int_eq(h->state, _i == 0 ? WAD_HTTP_RUNS : WAD_HTTP_OVER);
}
END_TEST

/* ---- what is refused -------------------------------------------------- */

static const char *const bad_requests[] = {
	"GET / HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
	"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
	"GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 1\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
	    "Content-Length: 1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n",
	"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
	"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
	"\x16\x03\x01",
};

START_TEST(test_bad_request)
{
	begin(_i % 2 ? 1 : 65536);
	says(&clt, bad_requests[_i / 2]);
	turn();
	got(&srv, "");
	ck_assert_uint_ge(own.refused, 400);
	ck_assert_str_ne(own.error, "");
	ck_assert_ptr_nonnull(strstr(clt.got.s, "Connection: close"));
	ck_assert_int_eq(own.last, WAD_HTTP_BROKEN);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(h->why, WR_REQUEST_BAD);
}
END_TEST

static const char *const bad_responses[] = {
	"garbage\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n",
	"HTTP/1.1 200 OK\nContent-Length: 5\n\n",
	"HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
	"HTTP/1.1 2000 OK\r\n\r\n",
	"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.1 101 No\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
	"HTTP/2 200\r\n\r\n",
};

START_TEST(test_bad_response)
{
	begin(_i % 2 ? 1 : 65536);
	says(&clt, GET);
	turn();
	says(&srv, bad_responses[_i / 2]);
	turn();
	ck_assert_uint_eq(own.refused, 502);
	ck_assert_ptr_nonnull(strstr(clt.got.s, "502"));
	ck_assert_int_eq(h->why, WR_RESPONSE_BAD);
}
END_TEST

static const char *const bad_chunks[] = {
	"5 \r\nhello\r\n", "5\nhello\r\n", "\r\n", "0x5\r\nhello\r\n",
	"5;\x01\r\n", "5\r\nhelloX\r\n", "0000000000000005\r\n",
	"0\r\nX\r\n\r\n", "0\r\n X: a\r\n\r\n", "-1\r\n",
};

/* Both ways: a page before a response began, a cut after. */
START_TEST(test_bad_chunk)
{
	begin(_i % 2 ? 1 : 65536);
	says(&clt, "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
	turn();
	says(&clt, bad_chunks[_i / 2]);
	turn();
	ck_assert_uint_eq(own.refused, 400);
	ck_assert_ptr_nonnull(strstr(clt.got.s, "400"));
	wad_http_free(h);
	own.refused = 0;
	wad_str_free(&clt.got);
	clt.left = 0;
	begin(_i % 2 ? 1 : 65536);
	says(&clt, GET);
	turn();
	says(&srv, CHUNKED);
	turn();
	says(&srv, bad_chunks[_i / 2]);
	turn();
	ck_assert_uint_eq(own.refused, 502);
	ck_assert_ptr_null(strstr(clt.got.s, "502"));
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(own.last, WAD_HTTP_BROKEN);
}
END_TEST

/* Bytes before a request are no answer to it, whenever they came. */
START_TEST(test_answer_too_early)
{
	begin(65536);
	says(&clt, GET);
	turn();
	says(&srv, OK5 OK5);
	turn();
	got(&clt, OK5);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(own.last, WAD_HTTP_BROKEN);
}
END_TEST

/* ... but who says 408 only goes. */
START_TEST(test_goodbye)
{
	begin(65536);
	says(&clt, GET);
	turn();
	says(&srv, OK5 "HTTP/1.1 408 Request Timeout\r\n\r\n");
	turn();
	got(&clt, OK5);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(own.last, WAD_HTTP_DONE);
}
END_TEST

/* The end of a chunked body goes on when it is there as a whole. */
START_TEST(test_end_of_chunks)
{
	begin(65536);
	says(&clt, "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r");
	turn();
	got(&srv, "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n");
	says(&clt, _i ? "\n" : "x");
	turn();
	got(&srv, _i ? "\r\n" : "");
	ck_assert_uint_eq(own.refused, _i ? 0 : 400);
}
END_TEST

/* It has no body, whatever it says; some readers wait for one. */
START_TEST(test_chunked_304)
{
	begin(65536);
	says(&clt, GET);
	turn();
	says(&srv, "HTTP/1.1 304 Not Modified\r\n"
	    "Transfer-Encoding: chunked\r\nX: y\r\n\r\n");
	turn();
	got(&clt, "HTTP/1.1 304 Not Modified\r\nX: y\r\n\r\n");
	ck_assert_int_eq(own.last, WAD_HTTP_DONE);
}
END_TEST

START_TEST(test_answer_during_upload)
{
	begin(65536);
	says(&clt, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
	turn();
	says(&srv, OK5 OK5);
	turn();
	got(&clt, OK5);
	ck_assert_int_eq(h->state, WAD_HTTP_RUNS);
	says(&clt, "cd" GET);
	turn();
	got(&clt, "");
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(own.last, WAD_HTTP_BROKEN);
}
END_TEST

START_TEST(test_many_1xx)
{
	begin(65536);
	says(&clt, GET);
	turn();
	for (int i = 0; i < 9; i++) {
		says(&srv, "HTTP/1.1 103 Early Hints\r\n\r\n");
		turn();
	}
	ck_assert_uint_eq(own.refused, 502);
}
END_TEST

START_TEST(test_late)
{
	begin(65536);
	wad_http_late(h);
	ck_assert_int_eq(h->state, WAD_HTTP_RUNS);
	says(&clt, "GET / HT");
	turn();
	ck_assert(h->begun);
	wad_http_late(h);
	ck_assert_uint_eq(own.refused, 408);
	ck_assert_ptr_nonnull(strstr(clt.got.s, "HTTP/1.1 408"));
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

/* A reader that is slow stops the other side. */
START_TEST(test_room)
{
	static char big[40000];

	memset(big, 'x', sizeof(big) - 1);
	begin(65536);
	says(&clt, GET);
	turn();
	says(&srv, "HTTP/1.1 200 OK\r\nContent-Length: 39999\r\n\r\n");
	turn();
	wad_str_free(&clt.got);
	says(&srv, big);
	clt.room = 0;
	turn();
	ck_assert_uint_eq(srv.left, sizeof(big) - 1);
	ck_assert(!wad_http_wants(h, WAD_HTTP_DOWN));
	clt.room = 1;
	turn();
	got(&clt, big);
	ck_assert_uint_eq(own.dones, 1);
	/* pages to who does not read them */
	clt.room = 0;
	says(&clt, GET GET);
	own.request = WAD_HTTP_ANSWER;
	turn();
	got(&clt, "");
	clt.room = 1;
	turn();
	ck_assert_uint_eq(own.dones, 3);
}
END_TEST

/* ---- an explicit proxy ------------------------------------------------ */

#define PGET(h, more) "GET http://" h "/a HTTP/1.1\r\nHost: x\r\n" more \
	"\r\n"
#define PGET_OUT(h) "GET /a HTTP/1.1\r\nHost: " h "\r\n\r\n"

static void
serve(void)
{
	struct wad_http_leg leg = { &srv, leg_read, leg_write, leg_room };

	ck_assert_int_eq(h->state, WAD_HTTP_WANTS_SERVER);
	ck_assert_int_eq(wad_http_ask(h), 1);
	wad_http_server(h, &leg);
}

START_TEST(test_proxy)
{
	limits.proxy = true;
	begin(_i ? 1 : 65536);
	says(&clt, PGET("a.example", "Connection: X-M\r\nX-M: 1\r\n"
	    "Keep-Alive: 5\r\n") PGET("b.example", ""));
	turn();
	got(&srv, "");
	ck_assert_uint_eq(own.requests, 0);
	ck_assert_str_eq(h->current->req.host, "a.example");
	serve();
	ck_assert_uint_eq(own.requests, 1);
	got(&srv, PGET_OUT("a.example"));
	says(&srv, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
	    "Connection: close\r\n\r\nx");
	turn();
	got(&clt, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
	ck_assert(h->last);
	wad_http_ended(h, WAD_HTTP_DOWN, true);
	ck_assert_str_eq(h->current->req.host, "b.example");
	serve();
	ck_assert(!h->last && !h->ended[WAD_HTTP_DOWN]);
	got(&srv, PGET_OUT("b.example"));
	says(&srv, OK5);
	turn();
	got(&clt, OK5);
	ck_assert_int_eq(h->state, WAD_HTTP_RUNS);
}
END_TEST

/* The owner answers before any server is dialled; so does a failure. */
START_TEST(test_proxy_answer)
{
	limits.proxy = true;
	own.request = WAD_HTTP_ANSWER;
	begin(65536);
	says(&clt, PGET("a.example", "") PGET("b.example", ""));
	turn();
	ck_assert_int_eq(wad_http_ask(h), -1);
	got(&clt, BLOCKED "\r\nblocked");
	ck_assert_int_eq(h->state, WAD_HTTP_WANTS_SERVER);
	ck_assert_str_eq(h->current->req.host, "b.example");
	wad_http_fail(h, 502, WR_DNS_FAILED, "no such name");
	ck_assert_str_eq(own.error, "no such name");
	ck_assert_ptr_nonnull(strstr(clt.got.s, "HTTP/1.1 502"));
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

START_TEST(test_proxy_hold)
{
	limits.proxy = true;
	own.request = WAD_HTTP_HOLD;
	begin(65536);
	says(&clt, PGET("a.example", ""));
	turn();
	ck_assert_int_eq(wad_http_ask(h), 0);
	ck_assert_int_eq(wad_http_ask(h), 0);
	wad_http_resume(h, h->current, WAD_HTTP_PASS);
	serve();
	ck_assert_uint_eq(own.requests, 1);
	got(&srv, PGET_OUT("a.example"));
}
END_TEST

/* What comes behind a request that waited for its owner may be for another
 * server: the owner must see that this one is over first. */
START_TEST(test_proxy_hold_pipelined)
{
	limits.proxy = true;
	own.request = WAD_HTTP_HOLD;
	begin(65536);
	says(&clt, PGET("a.example", "") PGET("b.example", ""));
	turn();
	ck_assert_int_eq(wad_http_ask(h), 0);
	h->current->res.status = 403;
	wad_http_resume(h, h->current, WAD_HTTP_ANSWER);
	ck_assert_int_eq(wad_http_ask(h), -1);
	ck_assert_uint_eq(own.requests, 1);
	turn();
	ck_assert_int_eq(h->state, WAD_HTTP_WANTS_SERVER);
	ck_assert_str_eq(h->current->req.host, "b.example");
}
END_TEST

/* The client goes while its server is looked for. */
START_TEST(test_proxy_client_gone)
{
	limits.proxy = true;
	begin(65536);
	says(&clt, "POST http://a.example/ HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 4\r\n\r\n");
	turn();
	wad_http_ended(h, WAD_HTTP_UP, true);
	serve();
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
	ck_assert_int_eq(own.last, WAD_HTTP_CLT_GONE);
}
END_TEST

/* The second attempt goes to another proxy, or to the server itself: the
 * password of the first one is not for them. */
START_TEST(test_proxy_retry_auth)
{
	limits.proxy = limits.parent = true;
	limits.parent_auth = "Basic Zmlyc3Q=";
	begin(65536);
	says(&clt, PGET("a.example", ""));
	turn();
	serve();
	says(&srv, OK5);
	turn();
	wad_str_free(&srv.got);
	says(&clt, PGET("a.example", ""));
	turn();
	ck_assert_int_eq(wad_http_ask(h), 1);
	wad_http_server(h, NULL);
	turn();
	ck_assert_ptr_nonnull(strstr(srv.got.s, "Basic Zmlyc3Q="));
	wad_str_free(&srv.got);
	wad_http_ended(h, WAD_HTTP_DOWN, true);
	h->limits.parent = _i == 0;
	h->limits.parent_auth = _i == 0 ? "Basic c2Vjb25k" : NULL;
	serve();
	got(&srv, _i == 0 ? "GET http://a.example/a HTTP/1.1\r\n"
	    "Host: a.example\r\nProxy-Authorization: Basic c2Vjb25k\r\n"
	    "\r\n" : PGET_OUT("a.example"));
}
END_TEST

/* A kept connection that goes is replaced once, where the method allows it,
 * and the owner is not asked twice. */
START_TEST(test_proxy_retry)
{
	limits.proxy = true;
	begin(65536);
	says(&clt, PGET("a.example", ""));
	turn();
	serve();
	says(&srv, OK5);
	turn();
	got(&srv, PGET_OUT("a.example"));
	says(&clt, _i == 0 ? PGET("a.example", "") :
	    "POST http://a.example/a HTTP/1.1\r\nHost: a.example\r\n"
	    "Content-Length: 0\r\n\r\n");
	turn();
	ck_assert_int_eq(wad_http_ask(h), 1);
	wad_http_server(h, NULL);
	turn();
	wad_str_free(&clt.got);
	wad_http_ended(h, WAD_HTTP_DOWN, true);
	if (_i != 0) {
		ck_assert_ptr_nonnull(strstr(clt.got.s, "HTTP/1.1 502"));
		return;
	}
	serve();
	ck_assert_uint_eq(own.requests, 2);
	got(&srv, PGET_OUT("a.example") PGET_OUT("a.example"));
	wad_http_ended(h, WAD_HTTP_DOWN, true);	/* not again */
	ck_assert_ptr_nonnull(strstr(clt.got.s, "HTTP/1.1 502"));
}
END_TEST

/* A path alone is the proxy's own: what it is for, the owner says. */
START_TEST(test_proxy_own)
{
	struct wad_http_tx *tx;

	limits.proxy = true;
	begin(65536);
	says(&clt, GET);
	turn();
	ck_assert_int_eq(h->state, WAD_HTTP_WANTS_SERVER);
	tx = h->current;
	ck_assert(tx->req.path != 0 && !tx->req.absolute);
	tx->res.status = 204;
	wad_http_resume(h, tx, WAD_HTTP_ANSWER);
	got(&clt, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
	got(&srv, "");
	ck_assert_int_eq(h->state, WAD_HTTP_RUNS);
}
END_TEST

START_TEST(test_proxy_refuses)
{
	static const char *const bad[] = {
		"GET https://a.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET ftp://a.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET http://u@a.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
	};

	limits.proxy = true;
	begin(65536);
	says(&clt, bad[_i]);
	turn();
	ck_assert_uint_ge(own.refused, 400);
	ck_assert_int_eq(h->state, WAD_HTTP_OVER);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("h1");
	TCase *t = tcase_create("h1");

#define N(a) (int)(sizeof(a) / sizeof((a)[0]))
	tcase_add_checked_fixture(t, setup, finish);
	tcase_add_loop_test(t, test_pairs, 0, 2 * N(pairs));
	tcase_add_loop_test(t, test_pipelined, 0, 2);
	tcase_add_test(t, test_half_close);
	tcase_add_loop_test(t, test_until_close, 0, 2);
	tcase_add_loop_test(t, test_cut_short, 0, 4);
	tcase_add_test(t, test_client_cut);
	tcase_add_test(t, test_upgrade);
	tcase_add_test(t, test_upgrade_refused_by_server);
	tcase_add_test(t, test_connect);
	tcase_add_test(t, test_connect_in_tls);
	tcase_add_loop_test(t, test_h2c, 0, 2);
	tcase_add_loop_test(t, test_sniff, 0, 2 * N(firsts));
	tcase_add_loop_test(t, test_sniff_at_once, 0, N(at_once));
	tcase_add_test(t, test_sniff_server_first);
	tcase_add_test(t, test_sniff_server_goes);
	tcase_add_loop_test(t, test_other_version, 0, 2);
	tcase_add_test(t, test_answer);
	tcase_add_test(t, test_hold);
	tcase_add_test(t, test_instead);
	tcase_add_loop_test(t, test_watch, 0, 2);
	tcase_add_loop_test(t, test_keep, 0, 4);
	tcase_add_loop_test(t, test_bad_request, 0, 2 * N(bad_requests));
	tcase_add_loop_test(t, test_bad_response, 0, 2 * N(bad_responses));
	tcase_add_loop_test(t, test_bad_chunk, 0, 2 * N(bad_chunks));
	tcase_add_test(t, test_goodbye);
	tcase_add_loop_test(t, test_end_of_chunks, 0, 2);
	tcase_add_test(t, test_chunked_304);
	tcase_add_test(t, test_answer_too_early);
	tcase_add_test(t, test_answer_during_upload);
	tcase_add_test(t, test_many_1xx);
	tcase_add_test(t, test_late);
	tcase_add_test(t, test_room);
	tcase_add_loop_test(t, test_proxy, 0, 2);
	tcase_add_test(t, test_proxy_answer);
	tcase_add_test(t, test_proxy_hold);
	tcase_add_test(t, test_proxy_hold_pipelined);
	tcase_add_test(t, test_proxy_client_gone);
	tcase_add_loop_test(t, test_proxy_retry_auth, 0, 2);
	tcase_add_loop_test(t, test_proxy_retry, 0, 2);
	tcase_add_test(t, test_proxy_own);
	tcase_add_loop_test(t, test_proxy_refuses, 0, 3);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
