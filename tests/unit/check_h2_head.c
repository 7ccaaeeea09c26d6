/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h2_head.c: which heads are refused, and what the owner reads in the
 * others.
 */
#include "h2_pair.h"
#include "suite.h"

struct row {
	const char	*method, *scheme, *authority, *path;
	const char	*name, *value;		/* one more field, or NULL */
	unsigned	 status;		/* 0: a reset, PROTOCOL_ERROR */
	const char	*host;			/* for 200 */
	unsigned	 port;
};

static const struct row rows[] = {
	{ "GET", "https", "a.example", "/1", NULL, NULL, 200, "a.example",
	    443 },
	{ "GET", "https", "A.Example.:8443", "/1", NULL, NULL, 200,
	    "a.example", 8443 },
	{ "GET", "https", "[2001:DB8::1]:8443", "/1", NULL, NULL, 200,
	    "2001:db8::1", 8443 },
	{ "GET", "https", "192.0.2.1", "/1", NULL, NULL, 200, "192.0.2.1",
	    443 },
	{ "GET", "https", "a.example", "/1", "host", "a.example:443", 200,
	    "a.example", 443 },
	{ "GET", "https", NULL, "/1", "host", "b.example:444", 200,
	    "b.example", 444 },
	{ "OPTIONS", "https", "a.example", "*", NULL, NULL, 200, "a.example",
	    443 },
	/* two servers, or none */
	{ "GET", "https", "a.example", "/1", "host", "b.example", 400, "", 0 },
	{ "GET", "https", "a.example", "/1", "host", "a.example:444", 400, "",
	    0 },
	{ "GET", "https", "a.example", "/1", "host", "", 0, "", 0 },
	{ "GET", "https", NULL, "/1", NULL, NULL, 0, "", 0 },
	{ "GET", "https", "x@a.example", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "a.example:", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "a.example:0", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "a.example:99999", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "a.example:4x", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "[::1", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "[a.example]", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "a b", "/1", NULL, NULL, 0, "", 0 },
	/* the connection is TLS */
	{ "GET", "http", "a.example", "/1", NULL, NULL, 400, "", 0 },
	{ "GET", "ftp", "a.example", "/1", NULL, NULL, 400, "", 0 },
	/* what has no meaning here */
	{ "CONNECT", NULL, "a.example:443", NULL, NULL, NULL, 405, "", 0 },
	{ "Track", "https", "a.example", "/1", NULL, NULL, 501, "", 0 },
	{ "GET", "https", "a.example", "/1", "connection", "close", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "transfer-encoding", "chunked",
	    0, "", 0 },
	{ "GET", "https", "a.example", "/1", "te", "gzip", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "upgrade", "h2c", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "keep-alive", "1", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", ":path", "/2", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", ":status", "200", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", ":x", "1", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "x y", "1", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "x", "a\nb", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "x", "a\rb", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "x", " a", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "x:", "a", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "", "a", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "content-length", "x", 0, "", 0 },
	{ "GET", "https", "a.example", "/1", "content-length", "5", 0, "", 0 },
	{ "GET", "https", "a.example", "", NULL, NULL, 0, "", 0 },
	{ "GET", "https", "a.example", "x", NULL, NULL, 0, "", 0 },
	{ "GET", "https", "a.example", "/ x", NULL, NULL, 0, "", 0 },
	{ "GET", "https", "a.example", NULL, NULL, NULL, 0, "", 0 },
	{ "GET", NULL, "a.example", "/1", NULL, NULL, 0, "", 0 },
	{ NULL, "https", "a.example", "/1", NULL, NULL, 0, "", 0 },
	{ "G T", "https", "a.example", "/1", NULL, NULL, 0, "", 0 },
	{ "TRACE", "https", "a.example", "/1", NULL, NULL, 405, "", 0 },
	{ "get", "https", "a.example", "/1", NULL, NULL, 501, "", 0 },
	/* what one server cuts off, or escapes, and the next one does not */
	{ "GET", "https", "a.example", "/#/../1", NULL, NULL, 400, "", 0 },
	{ "GET", "https", "a.example", "/\xc3\xa9", NULL, NULL, 400, "", 0 },
	{ "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "https", "a.example", "/1", NULL,
	    NULL, 501, "", 0 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

START_TEST(test_row)
{
	const struct row *r = &rows[_i];
	nghttp2_nv	 h[6];
	size_t		 n = 0;
	int32_t		 id;

	pair_start(16384, 100, false);
	if (r->method != NULL)
		h[n++] = nv(":method", r->method);
	if (r->scheme != NULL)
		h[n++] = nv(":scheme", r->scheme);
	if (r->authority != NULL)
		h[n++] = nv(":authority", r->authority);
	if (r->path != NULL)
		h[n++] = nv(":path", r->path);
	if (r->name != NULL)
		h[n++] = nv(r->name, r->value);
	id = nghttp2_submit_request(w.p[CLT].ng, NULL, h, n, NULL, NULL);
	run();
	ck_assert_msg(clt(id)->status == r->status, "row %d: %u instead of "
	    "%u", _i, clt(id)->status, r->status);
	ck_assert(clt(id)->closed);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	if (r->status == 200) {
		ck_assert_str_eq(w.host, r->host);
		ck_assert_uint_eq(w.port, r->port);
	} else {
		ck_assert_uint_eq(w.asked, 0);
		ck_assert_uint_eq(w.refused, r->status != 0);
		ck_assert_uint_eq(w.ends[WAD_HTTP_BROKEN], 1);
		ck_assert_str_ne(w.error, "");
		/* values may be secrets */
		ck_assert(r->value == NULL || strlen(r->value) < 4 ||
		    strstr(w.error, r->value) == NULL);
		ck_assert_str_eq(seen(&w.p[SRV], 1)->path, "");
	}
	if (r->status == 0)
		ck_assert_uint_eq(clt(id)->code, NGHTTP2_PROTOCOL_ERROR);
	pair_end();
}
END_TEST

/* A head at the limit is refused with a page, on both sides. */
START_TEST(test_limits)
{
	static char	 big[70000];
	nghttp2_nv	 h = nv("x-big", big), many[4] = { nv("a", "b") };
	int32_t		 a, b, c;

	memset(big, 'a', sizeof(big) - 1);
	h.valuelen = 65400;
	pair_start(16384, 100, false);
	w.h->limits.fields_max = 7;
	a = ask_with("GET", "/1", -1, &h, 1);
	for (int i = 1; i < 4; i++)
		many[i] = many[0];
	b = ask_with("GET", "/1", -1, many, 4);
	c = ask_with("GET", "/1", -1, many, 3);
	run();
	ck_assert_uint_eq(clt(a)->status, 431);
	ck_assert_uint_eq(clt(b)->status, 431);
	ck_assert_uint_eq(clt(c)->status, 200);
	a = ask("/big-head");
	run();
	ck_assert_uint_eq(clt(a)->status, 502);
	ck_assert_uint_eq(w.refused, 3);
	ck_assert_int_eq(w.h->state, WAD_HTTP_RUNS);
	memset(big, '/', 8194);
	h = nv(":path", big);
	big[8194] = '\0';
	b = ask(big);
	run();
	ck_assert_uint_eq(clt(b)->status, 414);
	pair_end();
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("h2_head");
	TCase	*tc = tcase_create("h2_head");

	tcase_add_loop_test(tc, test_row, 0, ROWS);
	tcase_add_test(tc, test_limits);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
