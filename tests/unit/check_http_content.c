/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Banned words and kinds of files in the responses of a session that was made
 * by hand.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "conf_text.h"
#include "worker/http_content.h"
#include "worker/session.h"
#include "worker/worker.h"
#include "suite.h"
#include "worker_stub.h"

#define WORD(name, more) "edit " name "\nset status enable\n" more "next\n"
static const char text[] =
    "config webfilter urlfilter\nedit 1\nconfig entries\n"
    "edit 1\nset url site.example/free\nset action exempt\nnext\n"
    "end\nnext\nend\n"
    "config webfilter content\nedit 1\nconfig entries\n"
    WORD("first", "set score 6\n") WORD("second", "set score 4\n")
    WORD("a*b*a*quux", "set score 1\n")
    "end\nnext\nedit 2\nconfig entries\n"
    WORD("first", "") WORD("lesson", "set action exempt\n")
    "end\nnext\nend\n"
    "config webfilter content-header\nedit 1\nconfig entries\n"
    "edit ^video/\nset action block\nnext\n"
    "edit ^text/x-free\nset action exempt\nnext\nend\nnext\nend\n"
    "config webfilter profile\nedit wf\nconfig web\n"
    "set urlfilter-table 1\nset bword-table 1\n"
    "set content-header-list 1\nend\nnext\nend\n"
    "config firewall policy\nedit 1\nset srcintf any\nset dstintf any\n"
    "set srcaddr all\nset dstaddr all\nset service ALL\n"
    "set schedule always\nset action accept\nset utm-status enable\n"
    "set webfilter-profile wf\nnext\nend\n";

static struct wad_conf			*conf;
static struct wad_worker		 worker;
static struct wad_worker_conf		 wc;
static struct wad_session		 s;
static struct wad_policy		 policy;
static struct wad_wf_profile		 profile;
static struct wad_protocol_options	 proto;
static struct wad_tcp_port		 port;
static struct wad_http			 http;
static struct wad_http_tx		*tx;

static void
setup(void)
{
	conf = conf_of_text(text);
	memset(&s, 0, sizeof(s));
	policy = conf->policies[0];
	profile = *policy.webfilter;
	profile.https_replacemsg = true;
	proto = (struct wad_protocol_options) { .block_status = 403 };
	policy.webfilter = &profile;
	policy.protocol = &proto;
	wc = (struct wad_worker_conf) { .conf = conf,
		.rules = wad_url_rules_new(conf, NULL, 0) };
	ck_assert_ptr_nonnull(wc.rules);
	s.w = &worker;
	s.wc = &wc;
	s.policy = &policy;
	s.clt.port = &port;
	wad_addr_parse_port(&s.flow.src, "10.0.0.2:40000");
	wad_addr_parse_port(&s.flow.dst, "192.0.2.1:80");
	http = (struct wad_http) { .ops = &wad_http_filter_ops,
		.owner = &s };
	wad_list_init(&http.open);
	tx = NULL;
}

static void
finish(void)
{
	if (tx != NULL)
		wad_http_tx_done(tx, WAD_HTTP_DONE);
	tx = NULL;
}

static void
teardown(void)
{
	finish();
	wad_url_rules_free(wc.rules);
	wad_conf_put(conf);
}

static void
request(const char *path, const char *encodings)
{
	finish();
	tx = wad_http_tx_new(&http);
	tx->req.minor = 1;
	strcpy(tx->req.method, "GET");
	strcpy(tx->req.host, "site.example");
	tx->req.port = 80;
	wad_http_head_path(&tx->req, path);
	if (encodings != NULL)
		wad_http_head_put(&tx->req, "Accept-Encoding", encodings);
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_PASS);
}

/* A response of this type; what is said of its head. */
static enum wad_http_say
response(const char *type, const char *encoding)
{
	request("/", NULL);
	tx->res.minor = 1;
	tx->res.status = 200;
	if (type != NULL)
		wad_http_head_put(&tx->res, "Content-Type", type);
	if (encoding != NULL)
		wad_http_head_put(&tx->res, "Content-Encoding", encoding);
	return wad_http_say_response(tx);
}

static enum wad_http_say
body(const char *piece)
{
	return wad_http_say_body(tx, WAD_HTTP_DOWN, piece, strlen(piece));
}

static const char *
asks_for(const char *encodings)
{
	request("/", encodings);
	return wad_http_head_named(&tx->req, "Accept-Encoding");
}

START_TEST(encodings)
{
	ck_assert_ptr_null(asks_for(NULL));
	ck_assert_str_eq(asks_for("gzip, deflate"), "gzip, deflate");
	ck_assert_str_eq(asks_for("br"), "identity");
	ck_assert_str_eq(asks_for("*"), "identity");
	ck_assert_str_eq(asks_for(" br;q=1, gzip;q=0.5 ,zstd,,identity"),
	    "gzip;q=0.5 , identity");
	profile.bword = NULL;
	ck_assert_str_eq(asks_for("br"), "br");
}
END_TEST

START_TEST(page)
{
	ck_assert_int_eq(response("text/html; charset=utf-8", NULL),
	    WAD_HTTP_HOLD);
	ck_assert_int_eq(body("the first, FIR"), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("ST, the sec"), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("ond"), WAD_HTTP_ANSWER);
	ck_assert_uint_eq(tx->res.status, 403);
	ck_assert_uint_gt(tx->body.len, 0);
	/* below the threshold: out at the end */
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("the first and the first"), WAD_HTTP_HOLD);
	ck_assert_int_eq(body(""), WAD_HTTP_PASS);
	/* no pages for HTTPS */
	profile.https_replacemsg = false;
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
	tx->req.https = true;
	ck_assert_int_eq(body("first second"), WAD_HTTP_CUT);
}
END_TEST

/* No more than WAD_HTTP_KEEP_MAX is kept back; what comes later is cut. */
START_TEST(long_page)
{
	char	piece[1001];
	size_t	kept = 0;

	memset(piece, 'x', 1000);
	piece[1000] = '\0';
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
	while (body(piece) == WAD_HTTP_HOLD) {
		kept += 1000;
		ck_assert_uint_le(kept, WAD_HTTP_KEEP_MAX);
	}
	ck_assert_int_eq(body("first"), WAD_HTTP_PASS);
	ck_assert_int_eq(body("second"), WAD_HTTP_CUT);
}
END_TEST

/* What comes as it happens is not kept back, but looked at. */
START_TEST(streams)
{
	ck_assert_int_eq(response("text/event-stream", NULL),
	    WAD_HTTP_PASS);
	ck_assert(tx->watch[WAD_HTTP_DOWN]);
	ck_assert_int_eq(body("data: first\n\n"), WAD_HTTP_PASS);
	ck_assert_int_eq(body("data: second\n\n"), WAD_HTTP_CUT);
}
END_TEST

START_TEST(not_looked_at)
{
	ck_assert_int_eq(response("image/png", NULL), WAD_HTTP_PASS);
	ck_assert(!tx->watch[WAD_HTTP_DOWN]);
	ck_assert_int_eq(response("text/x-free", NULL), WAD_HTTP_PASS);
	ck_assert(!tx->watch[WAD_HTTP_DOWN]);
	request("/free", NULL);
	tx->res.status = 200;
	wad_http_head_put(&tx->res, "Content-Type", "video/mp4");
	ck_assert_int_eq(wad_http_say_response(tx), WAD_HTTP_PASS);
	request("/", NULL);
	tx->res.status = 304;
	ck_assert_int_eq(wad_http_say_response(tx), WAD_HTTP_PASS);
	ck_assert(!tx->watch[WAD_HTTP_DOWN]);
}
END_TEST

/* A tunnel of HTTP/2 (RFC 8441) is no page. */
START_TEST(tunnel)
{
	request("/", NULL);
	tx->req.minor = tx->res.minor = 2;
	tx->req.upgrade = true;
	tx->req.protocol = wad_http_head_keep(&tx->req, "websocket", 9);
	tx->res.status = 200;
	ck_assert_int_eq(wad_http_say_response(tx), WAD_HTTP_PASS);
	ck_assert(!tx->watch[WAD_HTTP_DOWN]);
}
END_TEST

/* More pages at once than can be looked into: also where what cannot be read
 * may pass, the next one does not. */
START_TEST(crowd)
{
	enum { MOST = 4096 };
	static struct wad_http_tx	*all[MOST];

	proto.unknown_encoding = WAD_ENC_BYPASS;
	for (size_t i = 0; i < MOST; i++) {
		ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
		all[i] = tx;
		tx = NULL;
	}
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_ANSWER);
	ck_assert_uint_eq(tx->res.status, 503);
	wad_http_tx_done(all[0], WAD_HTTP_DONE);
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
	for (size_t i = 1; i < MOST; i++)
		wad_http_tx_done(all[i], WAD_HTTP_DONE);
}
END_TEST

START_TEST(kinds)
{
	ck_assert_int_eq(response("Video/mp4", NULL), WAD_HTTP_ANSWER);
	ck_assert_uint_eq(tx->res.status, 403);
}
END_TEST

START_TEST(exempt)
{
	profile.bword = &conf->contents[1];
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("the first"), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("a lesson"), WAD_HTTP_PASS);
	ck_assert_int_eq(body("first"), WAD_HTTP_PASS);
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("the first"), WAD_HTTP_HOLD);
	ck_assert_int_eq(body(""), WAD_HTTP_ANSWER);
}
END_TEST

START_TEST(unreadable)
{
	proto.unknown_encoding = WAD_ENC_BLOCK;
	ck_assert_int_eq(response("text/html", "br"), WAD_HTTP_ANSWER);
	ck_assert_int_eq(response("text/html", "gzip"), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("no gzip"), WAD_HTTP_ANSWER);
	request("/", NULL);
	tx->res.status = 200;
	wad_http_head_put(&tx->res, "content-type", "image/png");
	wad_http_head_put(&tx->res, "Content-Type", "text/html");
	wad_http_head_put(&tx->res, "Content-Encoding", "identity");
	wad_http_head_put(&tx->res, "Content-Encoding", "br");
	ck_assert_int_eq(wad_http_say_response(tx), WAD_HTTP_ANSWER);
	proto.unknown_encoding = WAD_ENC_BYPASS;
	ck_assert_int_eq(response("text/html", "br"), WAD_HTTP_PASS);
	ck_assert(!tx->watch[WAD_HTTP_DOWN]);
	proto.unknown_encoding = WAD_ENC_INSPECT;
	ck_assert_int_eq(response("text/html", "br"), WAD_HTTP_HOLD);
	ck_assert_int_eq(body("first second"), WAD_HTTP_ANSWER);
}
END_TEST

/* A page that was written to keep the expressions busy. */
START_TEST(laborious)
{
	char			evil[1000];
	enum wad_http_say	say = WAD_HTTP_HOLD;

	for (size_t i = 0; i < sizeof(evil) - 1; i++)
		evil[i] = "ab"[i % 2];
	memset(evil + 700, ' ', 200);
	memcpy(evil + 780, "quux", 4);
	evil[sizeof(evil) - 1] = '\0';
	proto.unknown_encoding = WAD_ENC_BLOCK;
	ck_assert_int_eq(response("text/html", NULL), WAD_HTTP_HOLD);
	for (int i = 0; i < 20000 && (say == WAD_HTTP_HOLD ||
	    say == WAD_HTTP_PASS); i++)
		say = body(evil);
	ck_assert(say == WAD_HTTP_ANSWER || say == WAD_HTTP_CUT);
	ck_assert_str_eq(tx->error, "to look for words in the page takes too "
	    "long");
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("http_content");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, encodings);
	tcase_add_test(t, page);
	tcase_add_test(t, long_page);
	tcase_add_test(t, streams);
	tcase_add_test(t, not_looked_at);
	tcase_add_test(t, tunnel);
	tcase_add_test(t, crowd);
	tcase_add_test(t, kinds);
	tcase_add_test(t, exempt);
	tcase_add_test(t, unreadable);
	tcase_add_test(t, laborious);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
