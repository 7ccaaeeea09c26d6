/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h1_write.c: heads from the model, and what is taken out of them.
 */
#include <check.h>
#include <string.h>

#include "http/h1_head.h"
#include "http/h1_write.h"
#include "suite.h"

static const struct wad_http_limits limits = {
	.line_max = 4096, .head_max = 4096, .fields_max = 50, .proxy = true,
};
static struct wad_http_head	head;
static struct wad_str		out;

static void
reads(enum wad_h1_kind kind, const char *s)
{
	struct wad_h1_head h;

	wad_http_head_reset(&head);
	wad_h1_head_begin(&h, kind, &limits);
	ck_assert_int_eq(wad_h1_head_scan(&h, s, strlen(s)), 1);
	ck_assert_msg(wad_h1_head_parse(&h, s, &head) == 0, "%s", h.error);
}

static void
wrote(const char *want)
{
	ck_assert_str_eq(out.s, want);
	wad_str_free(&out);
}

START_TEST(test_request)
{
	reads(WAD_H1_REQUEST, "GET http://A.example:81/x?y HTTP/1.1\r\n"
	    "host: A.example:81\r\nX-y:  1 \r\nEmpty:\r\n\r\n");
	wad_h1_write_request(&out, &head, false);
	wrote("GET /x?y HTTP/1.1\r\nhost: A.example:81\r\nX-y: 1\r\n"
	    "Empty: \r\n\r\n");
	wad_h1_write_request(&out, &head, true);
	wrote("GET http://A.example:81/x?y HTTP/1.1\r\nhost: A.example:81"
	    "\r\nX-y: 1\r\nEmpty: \r\n\r\n");
	reads(WAD_H1_REQUEST, "OPTIONS http://a HTTP/1.0\r\n\r\n");
	wad_h1_write_request(&out, &head, false);
	wrote("OPTIONS * HTTP/1.0\r\n\r\n");
	wad_h1_write_request(&out, &head, true);
	wrote("OPTIONS http://a HTTP/1.0\r\n\r\n");
	reads(WAD_H1_REQUEST, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
	wad_h1_write_request(&out, &head, false);
	wrote("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
}
END_TEST

START_TEST(test_response)
{
	reads(WAD_H1_RESPONSE, "HTTP/1.0 404 Not  here\r\nA: b\r\n\r\n");
	wad_h1_write_response(&out, &head);
	wrote("HTTP/1.0 404 Not  here\r\nA: b\r\n\r\n");
	reads(WAD_H1_RESPONSE, "HTTP/1.1 200\r\n\r\n");
	wad_h1_write_response(&out, &head);
	wrote("HTTP/1.1 200 \r\n\r\n");
}
END_TEST

/* A field that would be two lines is none. */
START_TEST(test_fields)
{
	wad_http_head_reset(&head);
	wad_http_head_put(&head, "A", "1");
	wad_http_head_put(&head, "B", "2\r\nC: 3");
	wad_http_head_put(&head, "D", "4");
	wad_h1_write_fields(&out, &head);
	wrote("A: 1\r\nD: 4\r\n\r\n");
}
END_TEST

#define HOPS "GET http://a/ HTTP/1.1\r\nHost: a\r\n" \
	"Connection: keep-alive, X-Hop, host, via, content-length, Upgrade\r\n" \
	"X-Hop: gone\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\n" \
	"Proxy-Authorization: Basic c2VjcmV0\r\nproxy: http://evil/\r\n" \
	"TE: trailers\r\nUpgrade: websocket\r\nHTTP2-Settings: AAA\r\n" \
	"Via: 1.0 first\r\nContent-Length: 3\r\nAccept: */*\r\n\r\n"
#define STAY "Via: 1.0 first\r\nContent-Length: 3\r\nAccept: */*\r\n"

START_TEST(test_hops)
{
	reads(WAD_H1_REQUEST, HOPS);
	wad_h1_write_clean_hops(&head, false);
	ck_assert(!head.upgrade);
	wad_h1_write_fields(&out, &head);
	wrote("Host: a\r\n" STAY "\r\n");
	reads(WAD_H1_REQUEST, HOPS);
	wad_h1_write_clean_hops(&head, true);
	ck_assert(head.upgrade);
	wad_h1_write_fields(&out, &head);
	wrote("Host: a\r\nUpgrade: websocket\r\n" STAY
	    "Connection: Upgrade\r\n\r\n");
}
END_TEST

START_TEST(test_h2c)
{
	reads(WAD_H1_REQUEST, "GET http://a/ HTTP/1.1\r\nHost: a\r\n"
	    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
	    "HTTP2-Settings: AAA\r\n\r\n");
	wad_h1_write_clean_h2c(&head);
	ck_assert(!head.upgrade && head.protocol == 0);
	wad_h1_write_fields(&out, &head);
	wrote("Host: a\r\nConnection: keep-alive\r\n\r\n");
	reads(WAD_H1_REQUEST, "GET http://a/ HTTP/1.1\r\nHost: a\r\n"
	    "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
	wad_h1_write_clean_h2c(&head);
	ck_assert(head.upgrade);
}
END_TEST

START_TEST(test_trailers)
{
	reads(WAD_H1_RESPONSE_TRAILERS, "X-Sum: 1\r\nContent-Length: 5\r\n"
	    "set-cookie: a=b\r\nTE: trailers\r\n"
	    "grpc-status: 0\r\n\r\n");
	wad_h1_write_clean_trailers(&head);
	wad_h1_write_fields(&out, &head);
	wrote("X-Sum: 1\r\ngrpc-status: 0\r\n\r\n");
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
	Suite	*s = suite_create("h1_write");
	TCase	*tc = tcase_create("h1_write");

	tcase_add_checked_fixture(tc, NULL, finish);
	tcase_add_test(tc, test_request);
	tcase_add_test(tc, test_response);
	tcase_add_test(tc, test_fields);
	tcase_add_test(tc, test_hops);
	tcase_add_test(tc, test_h2c);
	tcase_add_test(tc, test_trailers);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
