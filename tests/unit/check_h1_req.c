/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h1_req.c: what is read, what is refused, what the origin gets.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "http/h1_req.h"

#define VIA "wad-1"

/* Reads the text whole, and byte by byte; both must say the same. */
static int
feed(struct wad_h1_req *r, const char *s, size_t len)
{
	struct wad_h1_req slow = { 0 };
	int whole, rc = 0;

	memset(r, 0, sizeof(*r));
	whole = wad_h1_req_read(r, s, len, VIA);
	for (size_t i = 1; i <= len && rc == 0; i++)
		rc = wad_h1_req_read(&slow, s, i, VIA);
	ck_assert_int_eq(rc, whole);
	ck_assert_int_eq(slow.status, r->status);
	ck_assert_str_eq(slow.error, r->error);
	if (rc == 1) {
		ck_assert_uint_eq(slow.head_len, r->head_len);
		ck_assert_str_eq(slow.head.s != NULL ? slow.head.s : "",
		    r->head.s != NULL ? r->head.s : "");
	}
	wad_h1_req_free(&slow);
	return whole;
}

struct refused { int status; const char *text, *says; };

#define U "GET http://a.example/ HTTP/1.1\r\n"
#define P "POST http://a.example/ HTTP/1.1\r\n"
#define H "Host: a.example\r\n"

static const struct refused refused[] = {
	/* framing */
	{ 400, P H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	    NULL },
	{ 400, P H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
	    NULL },
	{ 400, P H "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", NULL },
	{ 400, P H "Content-Length: 5\r\ncontent-length: 6\r\n\r\n", NULL },
	{ 400, P H "Content-Length: 5, 5\r\n\r\n", NULL },
	{ 400, P H "Content-Length: +5\r\n\r\n", NULL },
	{ 400, P H "Content-Length: -5\r\n\r\n", NULL },
	{ 400, P H "Content-Length: 0x5\r\n\r\n", NULL },
	{ 400, P H "Content-Length: 5 5\r\n\r\n", NULL },
	{ 400, P H "Content-Length:\r\n\r\n", NULL },
	{ 400, P H "Content-Length: \r\n\r\n", NULL },
	{ 400, P H "Content-Length: 99999999999999999999\r\n\r\n", NULL },
	{ 400, P H "Content-Length: 18446744073709551621\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: gzip, chunked\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: chunked, identity\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: chunked, chunked\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: xchunked\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: \"chunked\"\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding:\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: identity\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", NULL },
	{ 400, P H "Transfer-Encoding: \vchunked\r\n\r\n", "control" },
	{ 400, P H "Transfer-Encoding: chunked;a=b\r\n\r\n", NULL },
	{ 400, "POST http://a.example/ HTTP/1.0\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\n", NULL },
	/* lines */
	{ 400, U H "X: a\r\n b\r\n\r\n", "folded" },
	{ 400, U H "X: a\r\n\tb\r\n\r\n", "folded" },
	{ 400, U " Host: a.example\r\n\r\n", "folded" },
	{ 400, U H "X: a\nY: b\r\n\r\n", "LF" },
	{ 400, U H "X: a\rY: b\r\n\r\n", "CR" },
	{ 400, U H "X: a\r\r\n\r\n", "CR" },
	{ 400, U H "\r\rX", "CR" },
	{ 400, U H "\n", "LF" },
	{ 400, "GET http://a.example/ HTTP/1.1\n" H "\r\n", "LF" },
	{ 400, U H "X: a\x01" "b\r\n\r\n", "control" },
	{ 400, U H "X: a\x7f" "b\r\n\r\n", "control" },
	/* names */
	{ 400, U H "Content-Length : 5\r\n\r\n", "before the colon" },
	{ 400, U H "X\t: 5\r\n\r\n", "before the colon" },
	{ 400, U H ": 5\r\n\r\n", "no name" },
	{ 400, U H "X\r\n\r\n", "no colon" },
	{ 400, U H "X Y: 5\r\n\r\n", "not allowed" },
	{ 400, U H "X\xc3\xa9: 5\r\n\r\n", "not allowed" },
	{ 400, U H "X(: 5\r\n\r\n", "not allowed" },
	/* Host */
	{ 400, U "\r\n", "missing" },
	{ 400, U H H "\r\n", "more than one" },
	{ 400, U "Host:\r\n\r\n", "Host" },
	{ 400, U "Host: a b\r\n\r\n", "Host" },
	{ 400, U "Host: u@a.example\r\n\r\n", "Host" },
	{ 400, U "Host: a.example:0\r\n\r\n", "Host" },
	{ 400, U "Host: a.example, b.example\r\n\r\n", "Host" },
	/* request line */
	{ 400, "GET /\r\n", "HTTP/0.9" },
	{ 400, "GET http://a.example/\r\n", "HTTP/0.9" },
	{ 400, "GET\r\n", "no target" },
	{ 400, "GET  HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET  http://a.example/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/  HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/ HTTP/1.1 \r\n" H "\r\n", NULL },
	{ 400, "GET\thttp://a.example/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/\tx HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/\xff HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/ http/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/ HTTP/1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/ HTTP/1.10\r\n" H "\r\n", NULL },
	{ 505, "GET http://a.example/ HTTP/1.2\r\n" H "\r\n", "1.2" },
	{ 505, "GET http://a.example/ HTTP/2.0\r\n" H "\r\n", "2.0" },
	{ 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "2.0" },
	{ 400, "\r\n\r\n" U H "\r\n", "empty" },
	{ 400, " " U H "\r\n", NULL },
	{ 400, "\x16\x03\x01", "TLS" },
	{ 400, "\"GET\" http://a.example/ HTTP/1.1\r\n", NULL },
	/* methods */
	{ 405, "TRACE http://a.example/ HTTP/1.1\r\n" H "\r\n", "TRACE" },
	{ 501, "get http://a.example/ HTTP/1.1\r\n" H "\r\n", "get" },
	{ 501, "FROB http://a.example/ HTTP/1.1\r\n" H "\r\n", "FROB" },
	{ 501, "DESCRIBE http://a.example/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 501, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ "
	    "http://a.example/ HTTP/1.1\r\n" H "\r\n", NULL },
	/* targets */
	{ 400, "GET / HTTP/1.1\r\n" H "\r\n", "proxy" },
	{ 400, "OPTIONS * HTTP/1.1\r\n" H "\r\n", "proxy" },
	{ 501, "GET https://a.example/ HTTP/1.1\r\n" H "\r\n", "CONNECT" },
	{ 501, "GET ftp://a.example/ HTTP/1.1\r\n" H "\r\n", "http://" },
	{ 501, "GET gopher://a.example/ HTTP/1.1\r\n" H "\r\n", "http://" },
	{ 400, "GET http:/a.example/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http:// HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http:///x HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://:80/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://u:p@a.example/ HTTP/1.1\r\n" H "\r\n",
	    "user name" },
	{ 400, "GET http://a.example\\@b/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example/#x HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://a.example:/ HTTP/1.1\r\n" H "\r\n", "port" },
	{ 400, "GET http://a.example:0/ HTTP/1.1\r\n" H "\r\n", "port" },
	{ 400, "GET http://a.example:65536/ HTTP/1.1\r\n" H "\r\n", "port" },
	{ 400, "GET http://a.example:8x/ HTTP/1.1\r\n" H "\r\n", "port" },
	{ 400, "GET http://a..example/ HTTP/1.1\r\n" H "\r\n", "host" },
	{ 400, "GET http://a%2eexample/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://[::1/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://[::1]x/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://[10.0.0.1]/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://[v1.x]/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://[fe80::1%25eth0]/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "GET http://::1/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT a.example HTTP/1.1\r\n" H "\r\n", "port" },
	{ 400, "CONNECT a.example: HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT a.example:0 HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT a.example:70000 HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT a.example:443/ HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT u@a.example:443 HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT http://a.example:443 HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT ::1:443 HTTP/1.1\r\n" H "\r\n", NULL },
	{ 400, "CONNECT a.example:443 HTTP/1.1\r\n" H
	    "Content-Length: 4\r\n\r\n", NULL },
	{ 400, "CONNECT a.example:443 HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\n", NULL },
	/* others */
	{ 417, U H "Expect: the-impossible\r\n\r\n", NULL },
	{ 400, U H "Connection: close, a b\r\n\r\n", "Connection" }
};

START_TEST(test_refused)
{
	const struct refused *t = &refused[_i];
	struct wad_h1_req r;

	ck_assert_msg(feed(&r, t->text, strlen(t->text)) == -1,
	    "accepted: %s", t->text);
	ck_assert_msg(r.status == t->status, "%d (%s), wanted %d: %s",
	    r.status, r.error, t->status, t->text);
	ck_assert_str_ne(r.error, "");
	if (t->says != NULL)
		ck_assert_msg(strstr(r.error, t->says) != NULL,
		    "\"%s\" does not say \"%s\"", r.error, t->says);
	ck_assert_ptr_null(r.path);
	ck_assert_ptr_null(r.head.s);
	/* It stays refused. */
	ck_assert_int_eq(wad_h1_req_read(&r, t->text, strlen(t->text), VIA),
	    -1);
}
END_TEST

START_TEST(test_nul)
{
	static const char a[] = U H "X: a\0b\r\n\r\n";
	static const char b[] = "GET http://a.example/\0 HTTP/1.1\r\n" H "\r\n";
	struct wad_h1_req r;

	ck_assert_int_eq(feed(&r, a, sizeof(a) - 1), -1);
	ck_assert_int_eq(r.status, 400);
	ck_assert_int_eq(feed(&r, b, sizeof(b) - 1), -1);
	ck_assert_int_eq(r.status, 400);
}
END_TEST

START_TEST(test_get)
{
	static const char s[] =
	    "GET http://WWW.A.example.:8080/x/../y?q=1&r=%20 HTTP/1.1\r\n"
	    "Host: other.example\r\n"
	    "User-Agent:  t/1 \t\r\n"
	    "Connection: keep-alive, X-Hop\r\n"
	    "X-Hop: gone\r\n"
	    "Keep-Alive: 5\r\n"
	    "Proxy-Connection: keep-alive\r\n"
	    "Proxy-Authorization: Basic c2VjcmV0\r\n"
	    "proxy: http://evil/\r\n"
	    "TE: trailers\r\n"
	    "Trailer: X\r\n"
	    "Upgrade: h2c\r\n"
	    "HTTP2-Settings: AAA\r\n"
	    "Via: 1.0 first\r\n"
	    "Empty:\r\n"
	    "Accept: */*\r\n\r\nrest";
	static const char want[] =
	    "GET /x/../y?q=1&r=%20 HTTP/1.1\r\n"
	    "Host: www.a.example:8080\r\n"
	    "User-Agent: t/1\r\n"
	    "Via: 1.0 first\r\n"
	    "Empty: \r\n"
	    "Accept: */*\r\n"
	    "Via: 1.1 " VIA "\r\n"
	    "Connection: close\r\n\r\n";
	struct wad_h1_req r;

	ck_assert_int_eq(feed(&r, s, sizeof(s) - 1), 1);
	ck_assert_str_eq(r.head.s, want);
	ck_assert_str_eq(r.method, "GET");
	ck_assert_str_eq(r.host, "www.a.example");
	ck_assert_uint_eq(r.port, 8080);
	ck_assert_str_eq(r.path, "/x/../y?q=1&r=%20");
	ck_assert_uint_eq(r.head_len, sizeof(s) - 1 - 4);
	ck_assert(!r.is_connect && !r.has_via_us && !r.has_length &&
	    !r.chunked);
	wad_h1_req_free(&r);
	wad_h1_req_free(&r);
}
END_TEST

struct accepted { const char *text, *host; unsigned port; const char *line; };

static const struct accepted accepted[] = {
	{ "GET http://a.example HTTP/1.1\r\n" H "\r\n", "a.example", 80,
	    "GET / HTTP/1.1\r\nHost: a.example\r\n" },
	{ "GET HTTP://a.example?x=http://b/ HTTP/1.1\r\n" H "\r\n",
	    "a.example", 80, "GET /?x=http://b/ HTTP/1.1\r\n" },
	{ "GET http://a.example:80/ HTTP/1.1\r\n" H "\r\n", "a.example", 80,
	    "GET / HTTP/1.1\r\nHost: a.example\r\n" },
	{ "GET http://[2001:DB8::0:1]:81/p HTTP/1.1\r\nHost: [2001:db8::1]:81"
	    "\r\n\r\n", "2001:db8::1", 81,
	    "GET /p HTTP/1.1\r\nHost: [2001:db8::1]:81\r\n" },
	{ "GET http://10.0.0.1/ HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n",
	    "10.0.0.1", 80, "GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n" },
	{ "GET http://a.example/@x:1 HTTP/1.1\r\n" H "\r\n", "a.example", 80,
	    "GET /@x:1 HTTP/1.1\r\n" },
	{ "OPTIONS http://a.example HTTP/1.1\r\n" H "\r\n", "a.example", 80,
	    "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n" },
	{ "GET http://a.example/ HTTP/1.0\r\n\r\n", "a.example", 80,
	    "GET / HTTP/1.0\r\nHost: a.example\r\nVia: 1.0 " VIA "\r\n" },
	{ "\r\nHEAD http://a.example/ HTTP/1.1\r\n" H "\r\n", "a.example", 80,
	    "HEAD / HTTP/1.1\r\n" },
	{ P H "Content-Length:\t0012 \r\n\r\n", "a.example", 80,
	    "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 12\r\n" },
	{ P H "transfer-encoding: Chunked\r\n\r\n", "a.example", 80,
	    "POST / HTTP/1.1\r\nHost: a.example\r\n"
	    "Transfer-Encoding: chunked\r\n" },
	/* Framing is ours even when Connection names it. */
	{ P H "Connection: content-length, host, via\r\n"
	    "Content-Length: 3\r\nVia: 1.1 x\r\n\r\n", "a.example", 80,
	    "POST / HTTP/1.1\r\nHost: a.example\r\nVia: 1.1 x\r\n"
	    "Content-Length: 3\r\n" },
	{ "M-SEARCH http://a.example/ HTTP/1.1\r\n" H "\r\n", "a.example", 80,
	    "M-SEARCH / HTTP/1.1\r\n" },
	{ P H "Expect: 100-Continue\r\n\r\n", "a.example", 80,
	    "POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-Continue\r\n" },
	{ U H "X: \x80\xff\ty\r\n\r\n", "a.example", 80,
	    "GET / HTTP/1.1\r\nHost: a.example\r\nX: \x80\xff\ty\r\n" }
};

START_TEST(test_accepted)
{
	const struct accepted *t = &accepted[_i];
	struct wad_h1_req r;

	ck_assert_msg(feed(&r, t->text, strlen(t->text)) == 1,
	    "%d %s: %s", r.status, r.error, t->text);
	ck_assert_str_eq(r.host, t->host);
	ck_assert_uint_eq(r.port, t->port);
	ck_assert_msg(strncmp(r.head.s, t->line, strlen(t->line)) == 0,
	    "head is: %s", r.head.s);
	wad_h1_req_free(&r);
}
END_TEST

START_TEST(test_connect)
{
	static const char s[] = "CONNECT [::FFFF]:8443 HTTP/1.1\r\n"
	    "Host: [::ffff]:8443\r\nContent-Length: 0\r\n\r\n\x16\x03";
	struct wad_h1_req r;

	ck_assert_int_eq(feed(&r, s, sizeof(s) - 1), 1);
	ck_assert(r.is_connect);
	ck_assert_str_eq(r.host, "::ffff");
	ck_assert_uint_eq(r.port, 8443);
	ck_assert_uint_eq(r.head_len, sizeof(s) - 3);
	ck_assert_ptr_null(r.path);
	wad_h1_req_free(&r);
	/* HTTP/1.0 clients need no Host. */
	ck_assert_int_eq(feed(&r, "CONNECT a:443 HTTP/1.0\r\n\r\n", 26), 1);
	wad_h1_req_free(&r);
}
END_TEST

START_TEST(test_loop)
{
	static const struct { const char *via; bool us; } t[] = {
		{ "1.1 " VIA, true }, { "1.0 x, 1.1 WAD-1 (c)", true },
		{ "HTTP/1.1  \t" VIA, true }, { "1.1 x,,1.1 " VIA, true },
		{ "1.1 " VIA "x", false }, { "1.1 x (" VIA ")", false },
		{ VIA " x", false }, { "", false }
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wad_h1_req r;
		char *s = wad_xasprintf(U H "Via: %s\r\n\r\n", t[i].via);

		ck_assert_int_eq(feed(&r, s, strlen(s)), 1);
		ck_assert_msg(r.has_via_us == t[i].us, "%s", t[i].via);
		wad_h1_req_free(&r);
		free(s);
	}
}
END_TEST

/* Repeats c n times between two texts. */
static char *
fat(const char *a, char c, size_t n, const char *b, size_t *len)
{
	size_t la = strlen(a), lb = strlen(b);
	char *s = wad_xmalloc(la + n + lb + 1);

	memcpy(s, a, la);
	memset(s + la, c, n);
	memcpy(s + la + n, b, lb + 1);
	*len = la + n + lb;
	return s;
}

static int
status_of(char *s, size_t len)
{
	struct wad_h1_req r = { 0 };
	int rc = wad_h1_req_read(&r, s, len, VIA);

	wad_h1_req_free(&r);
	free(s);
	return rc == -1 ? r.status : rc;
}

START_TEST(test_limits)
{
	struct wad_str	 b = { 0 };
	size_t		 n;
	char		*s;

	s = fat("GET http://a.example/", 'x', 16384 - 17,
	    " HTTP/1.1\r\n" H "\r\n", &n);
	ck_assert_int_eq(status_of(s, n), 1);
	s = fat("GET http://a.example/", 'x', 16384 - 16,
	    " HTTP/1.1\r\n" H "\r\n", &n);
	ck_assert_int_eq(status_of(s, n), 414);
	s = fat("GET http://a.example/", 'x', 20000, "", &n);
	ck_assert_int_eq(status_of(s, n), 414);
	s = fat(U H "Cookie: ", 'x', 60000, "\r\n\r\n", &n);
	ck_assert_int_eq(status_of(s, n), 1);
	s = fat(U H "Cookie: ", 'x', 70000, "\r\n\r\n", &n);
	ck_assert_int_eq(status_of(s, n), 431);
	/* An end exactly at the limit is still inside. */
	n = strlen(U H "Cookie: \r\n\r\n");
	s = fat(U H "Cookie: ", 'x', WAD_H1_HEAD_MAX - n, "\r\n\r\n", &n);
	ck_assert_uint_eq(n, WAD_H1_HEAD_MAX);
	ck_assert_int_eq(status_of(s, n), 1);
	n = strlen(U H "Cookie: \r\n\r\n");
	s = fat(U H "Cookie: ", 'x', WAD_H1_HEAD_MAX - n + 1, "\r\n\r\n", &n);
	ck_assert_int_eq(status_of(s, n), 431);

	for (int i = 199; i <= 200; i++) {
		wad_str_add(&b, U H);
		for (int j = 0; j < i; j++)
			wad_str_add(&b, "a: b\r\n");
		wad_str_add(&b, "\r\n");
		n = b.len;
		ck_assert_int_eq(status_of(wad_str_take(&b), n),
		    i == 199 ? 1 : 431);
	}
	wad_str_add(&b, U H "Connection: ");
	for (int j = 0; j < 65; j++)
		wad_str_add(&b, "a,");
	wad_str_add(&b, "\r\n\r\n");
	n = b.len;
	ck_assert_int_eq(status_of(wad_str_take(&b), n), 431);
}
END_TEST

/* --- bodies --- */

static void
body_begin(struct wad_h1_body *b, const char *framing)
{
	struct wad_h1_req r;
	char *s = wad_xasprintf(P H "%s\r\n", framing);

	ck_assert_int_eq(feed(&r, s, strlen(s)), 1);
	wad_h1_body_init(b, &r);
	wad_h1_req_free(&r);
	free(s);
}

START_TEST(test_body_length)
{
	struct wad_h1_body b;

	body_begin(&b, "Content-Length: 5\r\n");
	ck_assert(!b.done);
	ck_assert_int_eq(wad_h1_body_feed(&b, "abc", 3), 3);
	ck_assert(!b.done);
	ck_assert_int_eq(wad_h1_body_feed(&b, "deGET", 5), 2);
	ck_assert(b.done);
	ck_assert_int_eq(wad_h1_body_feed(&b, "GET", 3), 0);
	wad_h1_body_free(&b);
	body_begin(&b, "Content-Length: 0\r\n");
	ck_assert(b.done);
	body_begin(&b, "");
	ck_assert(b.done);
	ck_assert_int_eq(wad_h1_body_feed(&b, "GET", 3), 0);
}
END_TEST

/* Bytes that belong to the body, -1 malformed, -2 not finished; the same for
 * every cut in two. */
static long
chunks(const char *s)
{
	size_t	len = strlen(s);
	long	first = 0;

	for (size_t cut = 0; cut <= len; cut++) {
		struct wad_h1_body b;
		long n, m = 0, got;

		body_begin(&b, "Transfer-Encoding: chunked\r\n");
		n = wad_h1_body_feed(&b, s, cut);
		if (n >= 0)
			m = wad_h1_body_feed(&b, s + cut, len - cut);
		got = n < 0 || m < 0 ? -1 : b.done ? n + m : -2;
		if (cut == 0)
			first = got;
		ck_assert_int_eq(got, first);
		if (got == -1)
			ck_assert_int_eq(wad_h1_body_feed(&b, "0", 1), -1);
		wad_h1_body_free(&b);
	}
	return first;
}

START_TEST(test_body_chunked)
{
	ck_assert_int_eq(chunks("0\r\n\r\n"), 5);
	ck_assert_int_eq(chunks("5\r\nhello\r\n0\r\n\r\nGET /"), 15);
	ck_assert_int_eq(chunks("1\r\na\r\nA\r\n0123456789\r\n00\r\n\r\n"), 27);
	ck_assert_int_eq(chunks("5\r\nhel"), -2);
	ck_assert_int_eq(chunks("fffffffffffffff\r\nx"), -2);
	ck_assert_int_eq(chunks("ffffffffffffffff\r\n"), -1);
	ck_assert_int_eq(chunks("0000000000000005\r\n"), -1);
	ck_assert_int_eq(chunks("10000000000000000\r\n"), -1);
	ck_assert_int_eq(chunks("\r\n"), -1);
	ck_assert_int_eq(chunks("5\nhello"), -1);
	ck_assert_int_eq(chunks("5\r\nhello\n"), -1);
	ck_assert_int_eq(chunks("5\r\nhelloX"), -1);
	ck_assert_int_eq(chunks("5;a=b\r\nhello\r\n"), -1);
	ck_assert_int_eq(chunks("5 \r\nhello\r\n"), -1);
	ck_assert_int_eq(chunks(" 5\r\nhello\r\n"), -1);
	ck_assert_int_eq(chunks("0x5\r\nhello\r\n"), -1);
	ck_assert_int_eq(chunks("-5\r\n"), -1);
	ck_assert_int_eq(chunks("+5\r\n"), -1);
	ck_assert_int_eq(chunks("5\r\rhello"), -1);
	ck_assert_int_eq(chunks("0\r\nX: y\r\n\r\n"), -1);
	ck_assert_int_eq(chunks("0\r\n\rX"), -1);
	ck_assert_int_eq(chunks("0\r\n\n"), -1);
}
END_TEST

/* Every state of the decoder against every byte: exactly these are taken. */
START_TEST(test_body_table)
{
	static const struct { const char *before, *next; } t[] = {
		{ "", "0123456789abcdefABCDEF" },
		{ "5", "0123456789abcdefABCDEF\r" },
		{ "000000000000005", "\r" },
		{ "5\r", "\n" }, { "1\r\na", "\r" }, { "1\r\na\r", "\n" },
		{ "1\r\na\r\n", "0123456789abcdefABCDEF" },
		{ "0\r\n", "\r" }, { "0\r\n\r", "\n" }
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (int c = 0; c < 256; c++) {
			struct wad_h1_req r = { .chunked = true };
			struct wad_h1_body b;
			char byte = (char)c;
			long got;

			wad_h1_body_init(&b, &r);
			ck_assert_int_eq(wad_h1_body_feed(&b, t[i].before,
			    strlen(t[i].before)), strlen(t[i].before));
			got = wad_h1_body_feed(&b, &byte, 1);
			ck_assert_int_eq(got, c != 0 &&
			    strchr(t[i].next, c) != NULL ? 1 : -1);
		}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("h1");
	TCase	*tc = tcase_create("h1");
	SRunner	*r;
	int	 failed;

	tcase_add_loop_test(tc, test_refused, 0,
	    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_loop_test(tc, test_accepted, 0,
	    (int)(sizeof(accepted) / sizeof(accepted[0])));
	tcase_add_test(tc, test_nul);
	tcase_add_test(tc, test_get);
	tcase_add_test(tc, test_connect);
	tcase_add_test(tc, test_loop);
	tcase_add_test(tc, test_limits);
	tcase_add_test(tc, test_body_length);
	tcase_add_test(tc, test_body_chunked);
	tcase_add_test(tc, test_body_table);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
