/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h1_head.c: which heads are read, as what, and which are refused.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "http/h1_head.h"
#include "suite.h"

static const struct wad_http_limits proxy = {
	.line_max = 16384, .head_max = 65536, .fields_max = 200, .port = 80,
	.proxy = true,
};
static struct wad_h1_head	scan;
static struct wad_http_head	head;

/* Reads the text whole, and byte by byte; both must say the same.  1 read,
 * 0 more is needed, -1 bad. */
static int
feed(enum wad_h1_kind kind, const struct wad_http_limits *l, const char *s,
    size_t len)
{
	struct wad_h1_head slow;
	int whole, rc = 0;

	wad_http_head_reset(&head);
	wad_h1_head_begin(&scan, kind, l);
	wad_h1_head_begin(&slow, kind, l);
	whole = wad_h1_head_scan(&scan, s, len);
	for (size_t i = 1; i <= len && rc == 0; i++)
		rc = wad_h1_head_scan(&slow, s, i);
	ck_assert_int_eq(rc, whole);
	ck_assert_uint_eq(slow.status, scan.status);
	ck_assert_str_eq(slow.error, scan.error);
	if (whole == 1) {
		ck_assert_uint_eq(slow.seen, scan.seen);
		whole = wad_h1_head_parse(&scan, s, &head) == 0 ? 1 : -1;
	}
	return whole;
}

static int
request(const char *s)
{
	return feed(WAD_H1_REQUEST, &proxy, s, strlen(s));
}

static int
response(const char *s)
{
	return feed(WAD_H1_RESPONSE, &proxy, s, strlen(s));
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
	{ 400, P H "Content_Length: 5\r\n\r\n", "underscore" },
	{ 400, P H "transfer_encoding: chunked\r\n\r\n", "underscore" },
};

START_TEST(test_refused)
{
	const struct refused *t = &refused[_i];

	ck_assert_msg(request(t->text) == -1, "accepted: %s", t->text);
	ck_assert_msg(scan.status == (unsigned)t->status,
	    "%u (%s), wanted %d: %s", scan.status, scan.error, t->status,
	    t->text);
	ck_assert_str_ne(scan.error, "");
	if (t->says != NULL)
		ck_assert_msg(strstr(scan.error, t->says) != NULL,
		    "\"%s\" does not say \"%s\"", scan.error, t->says);
	/* It stays refused. */
	ck_assert_int_eq(wad_h1_head_scan(&scan, t->text, strlen(t->text)),
	    -1);
}
END_TEST

START_TEST(test_nul)
{
	static const char a[] = U H "X: a\0b\r\n\r\n";
	static const char b[] = "GET http://a.example/\0 HTTP/1.1\r\n" H "\r\n";

	ck_assert_int_eq(feed(WAD_H1_REQUEST, &proxy, a, sizeof(a) - 1), -1);
	ck_assert_uint_eq(scan.status, 400);
	ck_assert_int_eq(feed(WAD_H1_REQUEST, &proxy, b, sizeof(b) - 1), -1);
	ck_assert_uint_eq(scan.status, 400);
}
END_TEST

static const struct accepted {
	const char *text, *method, *host; unsigned port; const char *path;
} accepted[] = {
	{ "GET http://WWW.A.example.:8080/x/../y?q=1&r=%20 HTTP/1.1\r\n" H
	    "\r\n", "GET", "www.a.example", 8080, "/x/../y?q=1&r=%20" },
	{ "GET http://a.example HTTP/1.1\r\n" H "\r\n", "GET", "a.example",
	    80, "/" },
	{ "GET HTTP://a.example?x=http://b/ HTTP/1.1\r\n" H "\r\n", "GET",
	    "a.example", 80, "/?x=http://b/" },
	{ "GET http://[2001:DB8::0:1]:81/p HTTP/1.1\r\nHost: [2001:db8::1]:81"
	    "\r\n\r\n", "GET", "2001:db8::1", 81, "/p" },
	{ "GET http://10.0.0.1/ HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n", "GET",
	    "10.0.0.1", 80, "/" },
	{ "GET http://a.example/@x:1 HTTP/1.1\r\n" H "\r\n", "GET",
	    "a.example", 80, "/@x:1" },
	{ "OPTIONS http://a.example HTTP/1.1\r\n" H "\r\n", "OPTIONS",
	    "a.example", 80, "*" },
	{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", "OPTIONS", "a.example", 80,
	    "*" },
	{ "GET http://a.example/ HTTP/1.0\r\n\r\n", "GET", "a.example", 80,
	    "/" },
	{ "\r\nHEAD http://a.example/ HTTP/1.1\r\n" H "\r\n", "HEAD",
	    "a.example", 80, "/" },
	{ "M-SEARCH http://a.example/ HTTP/1.1\r\n" H "\r\n", "M-SEARCH",
	    "a.example", 80, "/" },
	{ "GET /p HTTP/1.1\r\nHost: B.example:81\r\n\r\n", "GET",
	    "b.example", 81, "/p" },
	{ "CONNECT [::FFFF]:8443 HTTP/1.1\r\nHost: [::ffff]:8443\r\n"
	    "Content-Length: 0\r\n\r\n", "CONNECT", "::ffff", 8443, NULL },
	{ "CONNECT a:443 HTTP/1.0\r\n\r\n", "CONNECT", "a", 443, NULL },
};

START_TEST(test_accepted)
{
	const struct accepted *t = &accepted[_i];

	ck_assert_msg(request(t->text) == 1, "%u %s: %s", scan.status,
	    scan.error, t->text);
	ck_assert_uint_eq(scan.seen, strlen(t->text));
	ck_assert_str_eq(head.method, t->method);
	ck_assert_str_eq(head.host, t->host);
	ck_assert_uint_eq(head.port, t->port);
	ck_assert_int_eq(head.path == 0, t->path == NULL);
	if (t->path != NULL)
		ck_assert_str_eq(wad_http_text(&head, head.path), t->path);
}
END_TEST

/* What frames a request, and how long its connection stays. */
START_TEST(test_framing)
{
	ck_assert_int_eq(request(P H "Content-Length:\t0012 \r\n\r\n"), 1);
	ck_assert(head.has_length && head.length == 12 && !head.chunked);
	ck_assert(!head.close && !head.expect && !head.upgrade);
	ck_assert_int_eq(request(P H "transfer-encoding: Chunked\r\n"
	    "Expect: 100-Continue\r\nConnection: x, Close\r\n\r\n"), 1);
	ck_assert(head.chunked && !head.has_length && head.expect &&
	    head.close);
	ck_assert_int_eq(request(U H "Connection: Upgrade\r\n"
	    "Upgrade: websocket\r\n\r\n"), 1);
	ck_assert(head.upgrade);
	ck_assert_str_eq(wad_http_text(&head, head.protocol), "websocket");
	ck_assert_int_eq(request(U H "Upgrade: websocket\r\n\r\n"), 1);
	ck_assert(!head.upgrade);
	ck_assert_int_eq(request("GET http://a/ HTTP/1.0\r\n\r\n"), 1);
	ck_assert(head.close);
	ck_assert_int_eq(request("GET http://a/ HTTP/1.0\r\n"
	    "Connection: keep-alive\r\n\r\n"), 1);
	ck_assert(!head.close);
	ck_assert_int_eq(request(U H "X: \x80\xff\ty\r\nEmpty:\r\n\r\nrest"),
	    1);
	ck_assert_str_eq(wad_http_head_named(&head, "x"), "\x80\xff\ty");
	ck_assert_str_eq(wad_http_head_named(&head, "EMPTY"), "");
}
END_TEST

/* To a server, not to a proxy. */
START_TEST(test_server)
{
	struct wad_http_limits l = proxy;
	static const char	other[] = U "Host: b.example\r\n\r\n",
	    none[] = "GET / HTTP/1.0\r\n\r\n", tls[] =
	    "GET https://a.example/ HTTP/1.1\r\n" H "\r\n";

	l.proxy = false;
	l.host = "c.example";
	ck_assert_int_eq(feed(WAD_H1_REQUEST, &l, other, sizeof(other) - 1),
	    -1);
	ck_assert_uint_eq(scan.status, 400);
	ck_assert_int_eq(feed(WAD_H1_REQUEST, &l, none, sizeof(none) - 1), 1);
	ck_assert_str_eq(head.host, "c.example");
	ck_assert_int_eq(feed(WAD_H1_REQUEST, &l, tls, sizeof(tls) - 1), -1);
	l.https = true;
	ck_assert_int_eq(feed(WAD_H1_REQUEST, &l, tls, sizeof(tls) - 1), 1);
	ck_assert(head.https && head.port == 443);
}
END_TEST

static const struct { const char *text; unsigned status; } responses[] = {
	{ "HTTP/1.1 200 OK\r\n\r\n", 200 },
	{ "HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n", 204 },
	{ "HTTP/1.0 404 No such, \xe9\r\nHost: a b\r\n\r\n", 404 },
	{ "HTTP/1.1 100 Continue\r\n\r\n", 100 },
	/* refused */
	{ "\r\nHTTP/1.1 200 OK\r\n\r\n", 0 },
	{ "HTTP/2.0 200 OK\r\n\r\n", 0 },
	{ "HTTP/1.1 20 OK\r\n\r\n", 0 },
	{ "HTTP/1.1 2000 OK\r\n\r\n", 0 },
	{ "HTTP/1.1 099 OK\r\n\r\n", 0 },
	{ "HTTP/1.1  200 OK\r\n\r\n", 0 },
	{ "ICY 200 OK\r\n\r\n", 0 },
	{ "HTTP/1.1 204 x\r\nContent-Length: 1\r\n\r\n", 0 },
	{ "HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n", 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1"
	    "\r\n\r\n", 0 },
	{ "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", 0 },
};

START_TEST(test_response)
{
	int r = response(responses[_i].text);

	if (responses[_i].status == 0) {
		ck_assert_msg(r == -1, "accepted: %s", responses[_i].text);
		ck_assert_uint_ge(scan.status, 500);
		return;
	}
	ck_assert_msg(r == 1, "%s: %s", scan.error, responses[_i].text);
	ck_assert_uint_eq(head.status, responses[_i].status);
}
END_TEST

START_TEST(test_trailers)
{
	static const char good[] = "X: 1\r\nY: 2\r\n\r\n",
	    bad[] = "X : 1\r\n\r\n";

	ck_assert_int_eq(feed(WAD_H1_RESPONSE_TRAILERS, &proxy, good,
	    sizeof(good) - 1), 1);
	ck_assert_uint_eq(head.n, 2);
	ck_assert_int_eq(feed(WAD_H1_REQUEST_TRAILERS, &proxy, bad,
	    sizeof(bad) - 1), -1);
	ck_assert_uint_eq(scan.status, 400);
}
END_TEST

START_TEST(test_names)
{
	struct wad_http_head	out = { 0 };
	bool			port;

	ck_assert(wad_h1_head_method("GET", 3) &&
	    !wad_h1_head_method("get", 3) && !wad_h1_head_method("GETX", 4));
	ck_assert_ptr_null(wad_h1_head_authority(&out, "A.test:8", 8, &port));
	ck_assert(port && out.port == 8);
	ck_assert_str_eq(out.host, "a.test");
	ck_assert_ptr_null(wad_h1_head_authority(&out, "[::1]", 5, &port));
	ck_assert(!port);
	ck_assert_str_eq(out.host, "::1");
	ck_assert_ptr_nonnull(wad_h1_head_authority(&out, "a:x", 3, &port));
	ck_assert_ptr_nonnull(wad_h1_head_authority(&out, "", 0, &port));
}
END_TEST

static const struct { const char *text; int is, is_any_version; } firsts[] = {
	{ "", -1, -1 }, { "GET", -1, -1 }, { "GET / HTTP/1.1\r\n", 1, 1 },
	{ "GET / HTTP/2.0\r\n", 0, 1 }, { "PRI * HTTP/2.0\r\n", 0, 1 },
	{ "\r\nGET / HTTP/1.1\r\n", 1, 1 }, { "get /\n", 1, 1 },
	{ "SSH-2.0-x\r\n", 0, 0 }, { "EHLO a\r\n", 0, 0 },
	{ "\x16\x03\x01", 0, 0 },
};

START_TEST(test_sniff)
{
	const char *s = firsts[_i].text;

	ck_assert_msg(wad_h1_head_sniff(s, strlen(s), false) ==
	    firsts[_i].is, "%s", s);
	ck_assert_msg(wad_h1_head_sniff(s, strlen(s), true) ==
	    firsts[_i].is_any_version, "%s", s);
}
END_TEST

/* Repeats c n times between two texts. */
static char *
fat(const char *a, char c, size_t n, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	char *s = wad_xmalloc(la + n + lb + 1);

	memcpy(s, a, la);
	memset(s + la, c, n);
	memcpy(s + la + n, b, lb + 1);
	return s;
}

/* 1, 0, or the status that it is refused with. */
static int
status_of(char *s)
{
	int rc = request(s);

	free(s);
	return rc == -1 ? (int)scan.status : rc;
}

START_TEST(test_limits)
{
	static const char line[] = "GET http://a.example/",
	    end[] = " HTTP/1.1\r\n" H "\r\n";
	size_t room = proxy.line_max - strlen(line) - strlen(" HTTP/1.1");
	struct wad_str b = { 0 };

	ck_assert_int_eq(status_of(fat(line, 'x', room, end)), 1);
	ck_assert_int_eq(status_of(fat(line, 'x', room + 1, end)), 414);
	ck_assert_int_eq(status_of(fat(line, 'x', 20000, "")), 414);
	/* An end exactly at the limit is still inside. */
	room = proxy.head_max - strlen(U H "Cookie: \r\n\r\n");
	ck_assert_int_eq(status_of(fat(U H "Cookie: ", 'x', room,
	    "\r\n\r\n")), 1);
	ck_assert_int_eq(status_of(fat(U H "Cookie: ", 'x', room + 1,
	    "\r\n\r\n")), 431);
	for (unsigned i = proxy.fields_max - 1; i <= proxy.fields_max; i++) {
		wad_str_add(&b, U H);
		for (unsigned j = 0; j < i; j++)
			wad_str_add(&b, "a: b\r\n");
		wad_str_add(&b, "\r\n");
		ck_assert_int_eq(status_of(wad_str_take(&b)),
		    i < proxy.fields_max ? 1 : 431);
	}
}
END_TEST

static void
finish(void)
{
	wad_http_head_free(&head);
}

int
main(void)
{
	Suite	*s = suite_create("h1_head");
	TCase	*tc = tcase_create("h1_head");

#define N(a) (int)(sizeof(a) / sizeof((a)[0]))
	tcase_add_checked_fixture(tc, NULL, finish);
	tcase_add_loop_test(tc, test_refused, 0, N(refused));
	tcase_add_loop_test(tc, test_accepted, 0, N(accepted));
	tcase_add_loop_test(tc, test_response, 0, N(responses));
	tcase_add_loop_test(tc, test_sniff, 0, N(firsts));
	tcase_add_test(tc, test_nul);
	tcase_add_test(tc, test_framing);
	tcase_add_test(tc, test_server);
	tcase_add_test(tc, test_trailers);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_limits);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
