/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_filter.c, http_header.c, http_log.c: requests and responses of a
 * session that was made by hand, their answers, records and lines.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "conf_text.h"
#include "worker/http_filter.h"
#include "worker/session.h"
#include "worker/worker.h"
#include "suite.h"
#include "worker_stub.h"

static const char text[] =
    "config firewall wildcard-fqdn custom\nedit banks\n"
    "set wildcard-fqdn *.bank.example\nnext\nend\n"
    "config firewall address\nedit secret\nset type fqdn\n"
    "set fqdn secret.example\nnext\nend\n"
    "config firewall ssl-ssh-profile\nedit deep\nconfig https\n"
    "set ports 443\nset status deep-inspection\nend\n"
    "config ssl-exempt\nedit 1\nset type wildcard-fqdn\n"
    "set wildcard-fqdn banks\nnext\nend\nnext\nend\n"
    "config webfilter urlfilter\nedit 1\nset name list\nconfig entries\n"
    "edit 1\nset url site.example/bad\nset action block\nnext\n"
    "edit 2\nset url site.example/free\nset action exempt\nnext\n"
    "edit 3\nset url site.example/seen\nset action monitor\nnext\n"
    "edit 4\nset url 192.0.2.66\nset action block\nnext\n"
    "end\nnext\nend\n"
    "config webfilter ftgd-local-rating\n"
    "edit bet.example\nset rating 11\nnext\n"
    "edit site.example/warn\nset rating 12\nnext\nend\n"
    "config webfilter profile\nedit wf\nset log-all-url enable\n"
    "config web\nset urlfilter-table 1\nend\n"
    "config ftgd-wf\nset options error-allow\nconfig filters\n"
    "edit 1\nset category 11\nset action block\nnext\n"
    "edit 2\nset category 12\nset action warning\nnext\n"
    "end\nend\nnext\nend\n"
    "config firewall policy\n"
    "edit 1\nset srcintf any\nset dstintf any\nset srcaddr all\n"
    "set dstaddr secret\nset service ALL\nset schedule always\n"
    "set action deny\nnext\n"
    "edit 2\nset srcintf any\nset dstintf any\nset srcaddr all\n"
    "set dstaddr all\nset service ALL\nset schedule always\n"
    "set action accept\nset utm-status enable\nset webfilter-profile wf\n"
    "set ssl-ssh-profile deep\nnext\nend\n";

static struct wad_conf			*conf;
static struct wad_worker		 worker;
static struct wad_worker_conf		 wc;
static struct wad_session		 s;
static struct wad_policy		 policy;
static struct wad_wf_profile		 profile;
static struct wad_protocol_options	 proto;
static struct wad_webproxy_profile	 webproxy;
static struct wad_tcp_port		 port;
static struct wad_ssl_nego		*nego;
static struct wad_http			 http;
static struct wad_http_tx		*tx;
static struct wad_ring_seg		*ring;
static struct wad_dbg_ctl		*ctl;
static struct wad_ring_pos		 pos;
static char				 line[WAD_RING_LOG_SIZE];
static char	names[][24] = { "site.example", "*.site.example",
	"bet.example", "www.bank.example", "secret.example" };
static char	*sans[] = { names[0], names[1], names[2], names[3], names[4] };

static void
setup(void)
{
	conf = conf_of_text(text);
	ring = calloc(1, sizeof(*ring));
	ctl = calloc(1, sizeof(*ctl));
	ck_assert(ring != NULL && ctl != NULL);
	ctl->magic = WAD_DBG_CTL_MAGIC;
	wad_dbg_attach(ctl, ring);
	memset(&pos, 0, sizeof(pos));
	memset(&s, 0, sizeof(s));
	memset(&port, 0, sizeof(port));
	memset(&webproxy, 0, sizeof(webproxy));
	policy = conf->policies[1];
	profile = *policy.webfilter;
	profile.https_replacemsg = true;
	profile.log_cookie = true;
	profile.ftgd |= WAD_FTGD_JAVASCRIPT | WAD_FTGD_CSS | WAD_FTGD_CRL |
	    WAD_FTGD_IMAGE;
	proto = (struct wad_protocol_options) { .fronting = WAD_FRONT_BLOCK,
		.block_status = 403 };
	policy.webfilter = &profile;
	policy.protocol = &proto;
	conf->settings.quic_block = true;
	wc = (struct wad_worker_conf) { .conf = conf,
		.rules = wad_url_rules_new(conf, NULL, 0) };
	strcpy(worker.via, "openwad-0123abcd");
	nego = wad_ssl_negotiate_make();
	strcpy(nego->host, "site.example");
	strcpy(nego->sni, "site.example");
	nego->has_sni = true;
	nego->verdict.good = true;
	nego->origin.sans = sans;
	nego->origin.n_sans = sizeof(sans) / sizeof(sans[0]);
	s.w = &worker;
	s.wc = &wc;
	s.policy = &policy;
	s.tls = true;
	s.nego = nego;
	s.clt.port = &port;
	wad_addr_parse_port(&s.flow.src, "10.0.0.2:40000");
	wad_addr_parse_port(&s.flow.dst, "192.0.2.1:443");
	http = (struct wad_http) { .ops = &wad_http_filter_ops,
		.owner = &s };
	wad_list_init(&http.open);
}

static void
teardown(void)
{
	if (tx != NULL)
		wad_http_tx_done(tx, WAD_HTTP_DONE);
	tx = NULL;
	nego->origin.sans = NULL;
	nego->origin.n_sans = 0;
	wad_ssl_negotiate_free(nego);
	wad_url_rules_free(wc.rules);
	wad_dbg_attach(NULL, NULL);
	wad_conf_put(conf);
	free(ring);
	free(ctl);
}

/* A request; before it the one before ends. */
static void
prepare(const char *method, const char *host, const char *path)
{
	if (tx != NULL)
		wad_http_tx_done(tx, WAD_HTTP_DONE);
	tx = wad_http_tx_new(&http);
	tx->req.minor = 1;
	tx->req.https = s.tls;
	strcpy(tx->req.method, method);
	strcpy(tx->req.host, host);
	tx->req.port = 443;
	if (path != NULL)
		wad_http_head_path(&tx->req, path);
	wad_http_head_put(&tx->req, "Host", host);
}

static enum wad_http_say
ask(const char *host, const char *path)
{
	prepare("GET", host, path);
	return wad_http_say_request(tx);
}

static enum wad_http_say
answer(unsigned status)
{
	tx->res.minor = 1;
	tx->res.status = status;
	return wad_http_say_response(tx);
}

static unsigned
status(const char *host, const char *path)
{
	enum wad_http_say say = ask(host, path);

	ck_assert(say == WAD_HTTP_PASS || say == WAD_HTTP_ANSWER);
	return say == WAD_HTTP_PASS ? 0 : tx->res.status;
}

/* The next record from its logid on; "": none. */
static const char *
record(void)
{
	const char *p;

	if (wad_ring_next_log(ring, &pos, line, sizeof(line)) == 0)
		return "";
	p = strstr(line, "logid=");
	ck_assert_ptr_nonnull(p);
	return p;
}

static void
no_records(void)
{
	if (tx != NULL)
		wad_http_tx_done(tx, WAD_HTTP_DONE);
	tx = NULL;
	while (*record() != '\0')
		;
}

static void
has(const char *where, const char *what)
{
	ck_assert_msg(strstr(where, what) != NULL, "no %s in: %s", what,
	    where);
}

static void
hasnt(const char *where, const char *what)
{
	ck_assert_msg(strstr(where, what) == NULL, "%s in: %s", what, where);
}

/* HTTP/1.0 needs no Host: the server's address is what is asked for. */
START_TEST(no_host)
{
	s.tls = false;
	s.nego = NULL;
	wad_addr_parse_port(&s.flow.dst, "192.0.2.66:80");
	ck_assert_uint_eq(status("", "/"), 403);
	has(record(), " hostname=\"192.0.2.66\"");
	wad_addr_parse_port(&s.flow.dst, "192.0.2.1:80");
	ck_assert_uint_eq(status("", "/"), 0);
}
END_TEST

/* Each request is judged by its own path. */
START_TEST(paths)
{
	ck_assert_uint_eq(status("site.example", "/"), 0);
	ck_assert_uint_eq(status("site.example", "/bad/x"), 403);
	ck_assert(tx->body.len > 0);
	ck_assert_uint_eq(status("site.example", "/fine"), 0);
	ck_assert_uint_eq(status("site.example", "/free"), 0);
	ck_assert_uint_eq(status("site.example", "/warn"), 403);
	ck_assert_uint_eq(s.utm, WAD_UTM_BLOCK);
	ck_assert_uint_eq(http.requests, 5);
}
END_TEST

START_TEST(records)
{
	const char *r;

	profile.log_extended = true;
	prepare("PUT", "site.example", "/bad/x?key=tiger");
	wad_http_head_put(&tx->req, "Referer",
	    "https://from.example/a?word=lion");
	wad_http_head_put(&tx->req, "User-Agent", "cat/1");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_ANSWER);
	r = record();
	has(r, "logid=\"0315012544\"");
	has(r, "hostname=\"site.example\" profile=\"wf\" action=\"blocked\" "
	    "reqtype=\"referral\" url=\"/bad/x\" "
	    "referralurl=\"https://from.example/a\" agent=\"cat/1\" "
	    "httpmethod=\"PUT\" statuscode=403 sentbyte=0 rcvdbyte=0 "
	    "direction=\"outgoing\" msg=\"URL was blocked because it is in "
	    "the URL filter list\" method=\"domain\"");
	has(r, "urlfilteridx=1 urlfilterlist=\"list\" "
	    "urlsource=\"Local URLfilter Block\"");
	hasnt(r, "tiger");
	hasnt(r, "lion");
	ck_assert_str_eq(record(), "");
	/* what passes is said with the response's status, once */
	ask("site.example", "/seen");
	ck_assert_str_eq(record(), "");
	ck_assert_int_eq(answer(204), WAD_HTTP_PASS);
	r = record();
	has(r, "logid=\"0315012546\"");
	has(r, "action=\"passthrough\"");
	has(r, "statuscode=204");
	/* ... and without one when there was none */
	ask("site.example", "/other");
	wad_http_tx_done(tx, WAD_HTTP_CLT_GONE);
	tx = NULL;
	r = record();
	has(r, "logid=\"0317013317\"");
	hasnt(r, "statuscode");
	hasnt(r, "referralurl");
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(s.count_web, 3);
}
END_TEST

START_TEST(owed)
{
	s.log_owed = nego->host;
	ask("site.example", "/");
	ck_assert_ptr_null(s.log_owed);
}
END_TEST

/* A session cannot fill the log. */
START_TEST(many_records)
{
	unsigned n = 0;

	for (int i = 0; i < 2000; i++)
		ask("site.example", "/bad");
	while (*record() != '\0')
		n++;
	ck_assert_uint_ge(n, 500);
	ck_assert_uint_le(n, 700);
	s.log_room = 1;
	ask("site.example", "/bad");
	has(record(), "records of this session before it were left out)");
}
END_TEST

/* row: setting, host, what it gets, whether that is said */
static const struct { enum wad_fronting how; const char *host;
    unsigned status; bool logged; } fronts[] = {
	{ WAD_FRONT_ALLOW,   "other.example",	  0, false },
	{ WAD_FRONT_MONITOR, "other.example",	  0, true },
	{ WAD_FRONT_BLOCK,   "other.example",	403, true },
	{ WAD_FRONT_STRICT,  "other.example",	403, true },
	{ WAD_FRONT_ALLOW,   "www.site.example",  0, false },
	{ WAD_FRONT_MONITOR, "www.site.example",  0, false },
	{ WAD_FRONT_BLOCK,   "www.site.example",  0, false },
	{ WAD_FRONT_STRICT,  "www.site.example", 421, true },
	{ WAD_FRONT_BLOCK,   "a.www.site.example", 403, true },
	{ WAD_FRONT_STRICT,  "site.example",	  0, false },
	/* rated by its own name, whatever the setting */
	{ WAD_FRONT_ALLOW,   "bet.example",	403, false },
	{ WAD_FRONT_BLOCK,   "bet.example",	403, false },
	/* a policy denies it; it would not be inspected */
	{ WAD_FRONT_BLOCK,   "secret.example",	403, false },
	{ WAD_FRONT_BLOCK,   "www.bank.example", 421, false },
	{ WAD_FRONT_ALLOW,   "web.bank.example", 421, false },
};

START_TEST(fronting)
{
	const char	*r;
	bool		 said = false;

	proto.fronting = fronts[_i].how;
	ck_assert_uint_eq(status(fronts[_i].host, "/"), fronts[_i].status);
	while (*(r = record()) != '\0')
		if (strstr(r, "0317013318") != NULL) {
			said = true;
			has(r, fronts[_i].status != 0 ? "action=\"blocked\"" :
			    "action=\"passthrough\"");
			has(r, "sni=\"site.example\"");
		}
	ck_assert_int_eq(said, fronts[_i].logged);
}
END_TEST

/* Who said no name has claimed none; who asked a proxy for one has. */
START_TEST(no_sni)
{
	nego->sni[0] = '\0';
	strcpy(nego->host, "192.0.2.1");
	ck_assert_uint_eq(status("other.example", "/"), 0);
	ck_assert_uint_eq(status("bet.example", "/"), 403);
	ck_assert_uint_eq(status("secret.example", "/"), 403);
	s.explicit_web = true;
	strcpy(nego->host, "other.example");
	ck_assert_uint_eq(status("third.example", "/"), 403);
}
END_TEST

/* A server that proved nothing covers nothing. */
START_TEST(unproved_names)
{
	nego->verdict.good = false;
	ck_assert_uint_eq(status("www.site.example", "/"), 403);
	has(record(), "0317013318");
}
END_TEST

/* The policy of a name counts for plain requests, too. */
START_TEST(plain)
{
	s.tls = false;
	s.nego = NULL;
	s.flow.dst.port = 80;
	ck_assert_uint_eq(status("other.example", "/"), 0);
	ck_assert_uint_eq(status("secret.example", "/"), 403);
	ck_assert_uint_eq(status("bet.example", "/"), 403);
	ck_assert_uint_eq(status("", "/"), 0);
}
END_TEST

START_TEST(invalid_hosts)
{
	static const char *const bad[] = { "", "a_b.example", "127.1", "9",
		"1.0x7f" };

	s.tls = false;
	s.nego = NULL;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_uint_eq(status(bad[i], "/"), 0);
	no_records();
	profile.options = WAD_WFO_BLOCK_INVALID_URL;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(status(bad[i], "/") == 403, "%s", bad[i]);
		has(record(), "0315012550");
		ck_assert_str_eq(record(), "");
	}
	ck_assert_uint_eq(status("192.0.2.7", "/"), 0);
	ck_assert_uint_eq(status("2001:db8::1", "/"), 0);
	ck_assert_uint_eq(status("x-1.example", "/"), 0);
}
END_TEST

START_TEST(addresses)
{
	s.tls = false;
	s.nego = NULL;
	ck_assert_uint_eq(status("192.0.2.7", "/"), 0);
	no_records();
	conf->urlfilters[0].ip_block = true;
	ck_assert_uint_eq(status("192.0.2.7", "/"), 403);
	has(record(), "method=\"ip\"");
	ck_assert_uint_eq(status("site.example", "/"), 0);
}
END_TEST

START_TEST(rules)
{
	prepare("POST", "site.example", "/");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_PASS);
	profile.post_block = true;
	prepare("POST", "site.example", "/");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_ANSWER);
	prepare("POST", "site.example", "/free");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_PASS);
	profile.options = WAD_WFO_REFERER;
	prepare("GET", "site.example", "/");
	wad_http_head_put(&tx->req, "Referer", "https://bet.example:8443/x");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_ANSWER);
	prepare("GET", "site.example", "/");
	wad_http_head_put(&tx->req, "Referer", "https://bet.example@ok.example/");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_PASS);
	profile.https_replacemsg = false;
	ck_assert_int_eq(ask("site.example", "/bad"), WAD_HTTP_CUT);
}
END_TEST

START_TEST(redirects)
{
	ask("site.example", "/");
	wad_http_head_put(&tx->res, "Location", "https://bet.example/");
	ck_assert_int_eq(answer(302), WAD_HTTP_PASS);
	profile.ftgd |= WAD_FTGD_REDIR_BLOCK;
	ask("site.example", "/");
	wad_http_head_put(&tx->res, "Location", "https://bet.example/");
	ck_assert_int_eq(answer(302), WAD_HTTP_ANSWER);
	ck_assert_uint_eq(tx->res.status, 403);
	ask("site.example", "/");
	wad_http_head_put(&tx->res, "Location", "/bad");
	ck_assert_int_eq(answer(302), WAD_HTTP_PASS);
	/* which of two hosts it leads to */
	ask("site.example", "/");
	wad_http_head_put(&tx->res, "Location",
	    "/login?next=https://bet.example/");
	ck_assert_int_eq(answer(302), WAD_HTTP_PASS);
	ask("site.example", "/");
	wad_http_head_put(&tx->res, "Location",
	    "//bet.example/?by=https://www.site.example/");
	ck_assert_int_eq(answer(302), WAD_HTTP_ANSWER);
}
END_TEST

START_TEST(unrated_kinds)
{
	strcpy(nego->host, "bet.example");
	ck_assert_uint_eq(status("bet.example", "/x.js?v=1"), 403);
	profile.ftgd &= ~(unsigned)WAD_FTGD_JAVASCRIPT;
	ck_assert_uint_eq(status("bet.example", "/x.js?v=1"), 0);
	ck_assert_uint_eq(status("bet.example", "/x.css"), 403);
	ck_assert_uint_eq(status("bet.example", "/x?a.js"), 403);
	/* the URL filter is asked about all of them */
	strcpy(nego->host, "site.example");
	ck_assert_uint_eq(status("site.example", "/bad/x.js"), 403);
}
END_TEST

START_TEST(cookies_and_ranges)
{
	prepare("GET", "site.example", "/");
	wad_http_head_put(&tx->req, "Cookie", "a=b");
	wad_http_head_put(&tx->req, "Range", "bytes=5-");
	wad_http_say_request(tx);
	ck_assert_ptr_nonnull(wad_http_head_named(&tx->req, "Cookie"));
	ck_assert_ptr_nonnull(wad_http_head_named(&tx->req, "Range"));
	no_records();
	profile.options = WAD_WFO_COOKIE;
	proto.range_block = true;
	prepare("GET", "site.example", "/");
	wad_http_head_put(&tx->req, "Cookie", "a=b");
	wad_http_head_put(&tx->req, "Range", "bytes=5-");
	wad_http_say_request(tx);
	wad_http_head_put(&tx->res, "Set-Cookie", "c=d");
	answer(200);
	ck_assert_ptr_null(wad_http_head_named(&tx->req, "Cookie"));
	ck_assert_ptr_null(wad_http_head_named(&tx->req, "Range"));
	ck_assert_ptr_null(wad_http_head_named(&tx->res, "Set-Cookie"));
}
END_TEST

START_TEST(switching)
{
	prepare("GET", "site.example", "/");
	tx->req.upgrade = true;
	tx->req.protocol = wad_http_head_keep(&tx->req, "websocket", 9);
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_PASS);
	proto.switching_block = true;
	prepare("GET", "site.example", "/");
	tx->req.upgrade = true;
	tx->req.protocol = wad_http_head_keep(&tx->req, "websocket", 9);
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_ANSWER);
	prepare("CONNECT", "site.example", NULL);
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_ANSWER);
}
END_TEST

START_TEST(alt_svc)
{
	ask("site.example", "/");
	wad_http_head_put(&tx->res, "Alt-Svc", "h3=\":443\"; ma=86400");
	wad_http_head_put(&tx->res, "Server", "x");
	answer(103);
	ck_assert_uint_eq(tx->res.n, 1);
	wad_http_head_put(&tx->res, "alt-svc", "clear");
	answer(200);
	ck_assert_uint_eq(tx->res.n, 2);
	wad_http_head_put(&tx->res, "alt-svc", "h3=\":443\"");
	answer(200);
	ck_assert_uint_eq(tx->res.n, 1);
	conf->settings.quic_block = false;
	wad_http_head_put(&tx->res, "alt-svc", "h3=\":443\"");
	answer(200);
	ck_assert_uint_eq(tx->res.n, 2);
}
END_TEST

/* Without settings nothing is added, changed or put elsewhere. */
START_TEST(untouched)
{
	prepare("GET", "site.example", "/x?y=%7a&&");
	wad_http_head_put(&tx->req, "x-forwarded-FOR", "1.2.3.4");
	wad_http_head_put(&tx->req, "Via", "1.1 other");
	wad_http_say_request(tx);
	ck_assert_uint_eq(tx->req.n, 3);
	ck_assert_str_eq(wad_http_text(&tx->req, tx->req.path),
	    "/x?y=%7a&&");
	ck_assert_str_eq(wad_http_name(&tx->req, &tx->req.field[1]),
	    "x-forwarded-FOR");
	ck_assert_str_eq(wad_http_value(&tx->req, &tx->req.field[2]),
	    "1.1 other");
}
END_TEST

START_TEST(proxy_fields)
{
	static struct wad_webproxy_header own[] = {
		{ .name = "X-Add", .content = "1", .https = true,
		  .how = WAD_HDR_APPEND, .action = WAD_HDR_REQ_ADD },
		{ .name = "X-Plain", .content = "1", .http = true,
		  .how = WAD_HDR_NEW, .action = WAD_HDR_REQ_ADD },
		{ .name = "X-Once", .content = "2", .https = true,
		  .how = WAD_HDR_NEW_ON_NOT_FOUND,
		  .action = WAD_HDR_REQ_ADD },
		{ .name = "X-When", .content = "3", .https = true,
		  .how = WAD_HDR_REPLACE_WHEN_MATCH,
		  .action = WAD_HDR_REQ_ADD },
		{ .name = "Server", .https = true,
		  .action = WAD_HDR_RES_REMOVE },
	};

	policy.webproxy = &webproxy;
	webproxy = (struct wad_webproxy_profile) { .client_ip = WAD_HDR_ADD,
		.via_req = WAD_HDR_ADD, .via_res = WAD_HDR_ADD,
		.xff = WAD_HDR_ADD, .front_end_https = WAD_HDR_ADD,
		.user = WAD_HDR_ADD, .strip_encoding = true, .headers = own,
		.n_headers = sizeof(own) / sizeof(own[0]) };
	s.flow.user = "ada";
	prepare("GET", "site.example", "/");
	wad_http_head_put(&tx->req, "X-Forwarded-For", "1.2.3.4");
	wad_http_head_put(&tx->req, "Client-IP", "9.9.9.9");
	wad_http_head_put(&tx->req, "X-Once", "mine");
	wad_http_head_put(&tx->req, "X-Add", "0");
	wad_http_head_put(&tx->req, "Accept-Encoding", "br");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_PASS);
#define IS(name, value) ck_assert_pstr_eq(wad_http_head_named(&tx->req, name), \
	    value)
	IS("X-Forwarded-For", "1.2.3.4, 10.0.0.2");
	IS("Client-IP", "10.0.0.2");
	IS("Via", "1.1 openwad-0123abcd");
	IS("Front-End-Https", "On");
	IS("X-Authenticated-User", "ada");
	IS("Accept-Encoding", NULL);
	IS("X-Add", "0, 1");
	IS("X-Plain", NULL);
	IS("X-Once", "mine");
	IS("X-When", NULL);
	wad_http_head_put(&tx->res, "Server", "x");
	answer(200);
	ck_assert_uint_eq(tx->res.n, 1);
	ck_assert_str_eq(wad_http_head_named(&tx->res, "Via"),
	    "1.1 openwad-0123abcd");
	webproxy.xff = WAD_HDR_REMOVE;
	prepare("GET", "site.example", "/");
	tx->req.minor = 2;
	wad_http_head_put(&tx->req, "x-forwarded-for", "1.2.3.4");
	wad_http_say_request(tx);
	IS("X-Forwarded-For", NULL);
	IS("via", "2 openwad-0123abcd");
	for (size_t i = 0; i < tx->req.n; i++)	/* but Host */
		ck_assert(i == 0 || strpbrk(wad_http_name(&tx->req,
		    &tx->req.field[i]), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
		    NULL);
	proto.strip_xff = true;
	webproxy.xff = WAD_HDR_ADD;
	prepare("GET", "site.example", "/");
	wad_http_head_put(&tx->req, "X-Forwarded-For", "1.2.3.4");
	wad_http_say_request(tx);
	IS("X-Forwarded-For", "10.0.0.2");
}
END_TEST

/* A proxy tells of itself, and does not ask itself. */
START_TEST(loops)
{
	s.explicit_web = true;
	s.tls = false;
	s.nego = NULL;
	ck_assert_uint_eq(status("site.example", "/"), 0);
	IS("Via", "1.1 openwad-0123abcd");
	prepare("GET", "site.example", "/");
	wad_http_head_put(&tx->req, "Via", "1.0 x, 1.1 openwad-0123abcd");
	ck_assert_int_eq(wad_http_say_request(tx), WAD_HTTP_ANSWER);
	ck_assert_uint_eq(tx->res.status, 508);
}
END_TEST

static char	lines[8192];

static const char *
debug_lines(void)
{
	char	buf[WAD_RING_DBG_SIZE];
	size_t	len = 0;

	lines[0] = '\0';
	while (wad_ring_next_dbg(ring, &pos, buf, sizeof(buf)) > 0) {
		ck_assert_uint_lt(len + strlen(buf) + 2, sizeof(lines));
		len += (size_t)snprintf(lines + len, sizeof(lines) - len,
		    "%s\n", buf);
	}
	return lines;
}

START_TEST(console)
{
	const char *d;

	ctl->mask[WAD_E] = ctl->mask[WAD_I] = 1u << WAD_DBG_HTTP |
	    1u << WAD_DBG_URL;
	wad_dbg_current.serial = 4711;
	prepare("GET", "site.example", "/bad/p?password=tiger");
	wad_http_head_put(&tx->req, "Cookie", "id=lion");
	wad_http_head_put(&tx->req, "Authorization", "Basic bGlvbg==");
	wad_http_head_put(&tx->req, "X-Api-Key", "puma");
	wad_http_head_put(&tx->req, "Referer", "https://r.example/?q=lynx");
	wad_http_head_put(&tx->req, "User-Agent", "cat\r\n\x01");
	wad_http_say_request(tx);
	d = debug_lines();
	has(d, "wad_dump_http_request");
	has(d, "Received request from client: 10.0.0.2:40000");
	has(d, "GET /bad/p?*** HTTP/1.1");
	has(d, "Cookie: ***");
	has(d, "X-Api-Key: ***");
	has(d, "Referer: https://r.example/\n");
	has(d, "User-Agent: cat\\x0d\\x0a\\x01");
	has(d, "url='site.example'[192.0.2.1] from=10.0.0.2 url-src=HTTP");
	has(d, "Generating replacement message. 403 error repmsg_id");
	for (size_t i = 0; i < 5; i++)
		hasnt(d, (const char *const []) { "tiger", "lion", "bGlv",
		    "puma", "lynx" }[i]);
	status("secret.example", "/");
	d = debug_lines();
	has(d, "start match policy vd=0 host=secret.example "
	    "(10.0.0.2:40000@0 -> 192.0.2.1:443@0)");
	has(d, "wad_http_req_proc_policy");
	has(d, "POLICY DENIED");
	ask("site.example", "/");
	wad_http_head_put(&tx->res, "Set-Cookie", "id=lion");
	wad_http_head_put(&tx->res, "Location", "/x?t=tiger");
	debug_lines();
	answer(200);
	d = debug_lines();
	has(d, "wad_dump_http_resp");
	has(d, "HTTP/1.1 200 ");
	has(d, "Set-Cookie: ***");
	has(d, "Location: /x\n");
	ck_assert_uint_eq(wad_dbg_current.request, 0);
	wad_dbg_current.serial = 0;
}
END_TEST

/* What an engine cannot serve gets a page, too. */
START_TEST(refused)
{
	prepare("GET", "", NULL);
	strcpy(tx->error, "two Host fields");
	wad_http_say_refuse(tx, 400, WR_REQUEST_BAD);
	ck_assert_uint_eq(tx->res.status, 400);
	ck_assert(memmem(tx->body.s, tx->body.len, "two Host fields", 15) !=
	    NULL);
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("http_filter");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, paths);
	tcase_add_test(t, no_host);
	tcase_add_test(t, records);
	tcase_add_test(t, owed);
	tcase_add_test(t, many_records);
	tcase_add_loop_test(t, fronting, 0, (int)(sizeof(fronts) /
	    sizeof(fronts[0])));
	tcase_add_test(t, no_sni);
	tcase_add_test(t, unproved_names);
	tcase_add_test(t, plain);
	tcase_add_test(t, invalid_hosts);
	tcase_add_test(t, addresses);
	tcase_add_test(t, rules);
	tcase_add_test(t, redirects);
	tcase_add_test(t, unrated_kinds);
	tcase_add_test(t, cookies_and_ranges);
	tcase_add_test(t, switching);
	tcase_add_test(t, alt_svc);
	tcase_add_test(t, untouched);
	tcase_add_test(t, proxy_fields);
	tcase_add_test(t, loops);
	tcase_add_test(t, console);
	tcase_add_test(t, refused);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
