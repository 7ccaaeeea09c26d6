/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-lookup without its process: documents by HTTP from a server on loopback
 * that this test runs, questions of a "worker" over a channel.
 */
#include <sys/socket.h>

#include <event2/util.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "lookup/lookup.h"
#include "worker/lookup.h"
#include "x509/x509_build.h"
#include "suite.h"

static struct event_base *base;
static struct wad_lookup  lk;
static struct wad_conf	  conf;

/* ---- a server ------------------------------------------------------------ */

enum { CLIENTS = 64 };

static struct event	*listener;
static unsigned		 port, hits, open_now, open_most;
static uint8_t		*body;			/* of /body */
static size_t		 body_len;
static unsigned		 delay_ms;		/* of /body */
static struct client {
	struct event	*ev, *later;
	int		 fd;
	char		 in[8192];
	size_t		 len;
} clients[CLIENTS];

static void
client_close(struct client *c)
{
	event_free(c->ev);
	if (c->later != NULL)
		event_free(c->later);
	close(c->fd);
	memset(c, 0, sizeof(*c));
	open_now--;
}

static void
send_all(struct client *c, const void *p, size_t n)
{
	/* What does not fit into the socket is of no interest. */
	(void)!send(c->fd, p, n, MSG_NOSIGNAL);
}

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
	struct client	*c = arg;
	char		 head[100];

	(void)fd, (void)what;
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: "
	    "%zu\r\nConnection: close\r\n\r\n", body_len);
	send_all(c, head, strlen(head));
	send_all(c, body, body_len);
	client_close(c);
}

static void
serve(struct client *c, const char *path)
{
	static const struct { const char *path, *answer; } pages[] = {
		{ "/ok ", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
		{ "/404 ", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n" },
		{ "/r1 ", "HTTP/1.1 302 X\r\nLocation: /ok\r\n\r\n" },
		{ "/r2 ", "HTTP/1.1 301 X\r\nLocation: /r1\r\n\r\n" },
		{ "/r3 ", "HTTP/1.1 307 X\r\nLocation: /r2\r\n\r\n" },
		{ "/r4 ", "HTTP/1.1 308 X\r\nLocation: /r3\r\n\r\n" },
		{ "/tls ", "HTTP/1.1 302 X\r\nLocation: https://a.b/\r\n\r\n" },
		{ "/mail ", "HTTP/1.1 302 X\r\nLocation: http://192.0.2.1:25/"
		    "\r\n\r\n" },
		{ "/none ", "HTTP/1.1 302 X\r\n\r\n" },
		{ "/file ", "HTTP/1.1 302 X\r\nLocation: file:///etc/passwd"
		    "\r\n\r\n" },
		{ "/claim ", "HTTP/1.1 200 OK\r\nContent-Length: 999999999"
		    "\r\n\r\nx" },
		{ "/old ", "HTTP/1.0 200 OK\r\n\r\nhello" },
		{ "/chunks ", "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
		    "chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\n\r\n" },
		{ "/raw ", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		    "Content-Length: 5\r\n\r\nhello" },
		{ "/junk ", "no HTTP at all\r\n\r\n" },
	};
	struct timeval	 tv = { delay_ms / 1000, delay_ms % 1000 * 1000 };
	char		*big;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strncmp(path, pages[i].path, strlen(pages[i].path)) == 0) {
			send_all(c, pages[i].answer, strlen(pages[i].answer));
			client_close(c);
			return;
		}
	if (strncmp(path, "/host ", 6) == 0) {
		char text[100];

		snprintf(text, sizeof(text), "HTTP/1.1 302 X\r\nLocation: "
		    "http://localhost:%u/ok\r\n\r\n", port);
		send_all(c, text, strlen(text));
	} else if (strncmp(path, "/pressed ", 9) == 0) {
		/* "hello", by gzip */
		send_all(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n"
		    "\r\n", 44);
		send_all(c, "\x1f\x8b\x08\0\0\0\0\0\2\3\xcb\x48\xcd\xc9"
		    "\xc9\7\0\x86\xa6\x10\x36\5\0\0\0", 25);
	} else if (strncmp(path, "/big ", 5) == 0 ||
	    strncmp(path, "/heads ", 7) == 0) {
		big = wad_xmalloc(90000);
		memset(big, 'a', 90000);
		for (int i = 0; path[1] == 'h' && i < 90000; i += 90)
			memcpy(big + i, "\r\nX: ", 5);
		send_all(c, "HTTP/1.1 200 OK", 15);
		send_all(c, "\r\n\r\n", path[1] == 'b' ? 4 : 0);
		send_all(c, big, 90000);
		send_all(c, "\r\n\r\n", 4);
		free(big);
	} else if (strncmp(path, "/body ", 6) == 0) {
		c->later = evtimer_new(base, on_later, c);
		evtimer_add(c->later, &tv);
		return;
	} else		/* never */
		return;
	client_close(c);
}

static void
on_client(evutil_socket_t fd, short what, void *arg)
{
	struct client	*c = arg;
	ssize_t		 n = recv(fd, c->in + c->len, sizeof(c->in) - 1 -
			    c->len, 0);
	char		*end, *cl;

	(void)what;
	if (n <= 0) {
		client_close(c);
		return;
	}
	c->len += (size_t)n;
	c->in[c->len] = '\0';
	end = memmem(c->in, c->len, "\r\n\r\n", 4);
	if (end == NULL || c->later != NULL)
		return;
	cl = strcasestr(c->in, "content-length: ");
	if (cl != NULL && c->len < (size_t)(end + 4 - c->in) +
	    strtoul(cl + 16, NULL, 10))
		return;
	hits++;
	serve(c, strchr(c->in, ' ') + 1);
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct client	*c = clients;
	int		 s = accept(fd, NULL, NULL);

	(void)what, (void)arg;
	while (c < clients + CLIENTS && c->ev != NULL)
		c++;
	ck_assert(s != -1 && c < clients + CLIENTS);
	evutil_make_socket_nonblocking(s);
	c->fd = s;
	c->ev = event_new(base, s, EV_READ | EV_PERSIST, on_client, c);
	event_add(c->ev, NULL);
	if (++open_now > open_most)
		open_most = open_now;
}

static void
server_start(void)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t		len = sizeof(sin);
	int			fd = socket(AF_INET, SOCK_STREAM |
				    SOCK_NONBLOCK, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	port = ntohs(sin.sin_port);
	listener = event_new(base, fd, EV_READ | EV_PERSIST, on_accept, NULL);
	event_add(listener, NULL);
}

/* ---- the loop ------------------------------------------------------------ */

/* Runs the loop until *done, at most that long. */
static void
run(const unsigned *done, unsigned want, unsigned ms)
{
	uint64_t until = wad_clock_ms() + ms;

	while (*done < want && wad_clock_ms() < until) {
		struct timeval tv = { .tv_usec = 10000 };

		event_base_loopexit(base, &tv);
		event_base_dispatch(base);
	}
}

static void
setup(void)
{
	memset(&lk, 0, sizeof(lk));
	memset(&conf, 0, sizeof(conf));
	hits = open_now = open_most = delay_ms = 0;
	base = event_base_new();
	ck_assert_int_eq(wad_lookup_peer_open(&lk, base, NULL, NULL), 0);
	conf.settings.revocation_timeout = 1;
	server_start();
}

/* ---- fetching ------------------------------------------------------------ */

static unsigned		n_done;
static enum wad_fetch_result result;
static char		got[256], reason[256];
static size_t		got_len;

static void
done(void *arg, enum wad_fetch_result r, const uint8_t *p, size_t len,
    const char *why)
{
	(void)arg;
	n_done++;
	result = r;
	got_len = len;
	snprintf(got, sizeof(got), "%.*s", (int)(len < 200 ? len : 200),
	    p != NULL ? (const char *)p : "");
	snprintf(reason, sizeof(reason), "%s", why);
}

static struct wad_fetch *
fetch(const char *url, bool anywhere, unsigned ms)
{
	struct wad_fetch_ask a = { .url = url, .limit = 1000,
		.deadline_ms = ms, .anywhere = anywhere };

	return wad_lookup_fetch(lk.fetch, &a, done, NULL);
}

static const char *
url(const char *path)
{
	static char text[200];

	snprintf(text, sizeof(text), "http://127.0.0.1:%u%s", port, path);
	return text;
}

static const struct {
	const char	*path;
	enum wad_fetch_result want;
	unsigned	 hits;
	const char	*why;
} fetches[] = {
	{ "/ok", WAD_FETCH_OK, 1, "" },
	{ "/r3", WAD_FETCH_OK, 4, "" },
	{ "/r4", WAD_FETCH_FAILED, 4, "redirects too often" },
	{ "/old", WAD_FETCH_OK, 1, "" },
	{ "/chunks", WAD_FETCH_OK, 1, "" },
	{ "/raw", WAD_FETCH_OK, 1, "" },
	{ "/pressed", WAD_FETCH_FAILED, 1, "encoding" },
	{ "/404", WAD_FETCH_FAILED, 1, "HTTP status 404" },
	{ "/tls", WAD_FETCH_FAILED, 1, "only http" },
	{ "/mail", WAD_FETCH_FAILED, 1, "port" },
	{ "/none", WAD_FETCH_FAILED, 1, "redirect" },
	{ "/file", WAD_FETCH_FAILED, 1, "redirect" },
	{ "/host", WAD_FETCH_FAILED, 1, "internal" },
	{ "/big", WAD_FETCH_FAILED, 1, "larger than" },
	{ "/claim", WAD_FETCH_FAILED, 1, "larger than" },
	{ "/heads", WAD_FETCH_FAILED, 1, "larger than" },
	{ "/junk", WAD_FETCH_FAILED, 1, "" },
	{ "/never", WAD_FETCH_TIMEOUT, 1, "in time" },
};

START_TEST(fetch_page)
{
	setup();
	n_done = 0;
	ck_assert_ptr_nonnull(fetch(url(fetches[_i].path), true, 500));
	ck_assert_uint_eq(n_done, 0);
	run(&n_done, 1, 3000);
	ck_assert_msg(n_done == 1 && result == fetches[_i].want &&
	    strstr(reason, fetches[_i].why) != NULL, "%s: %u, %s",
	    fetches[_i].path, n_done, reason);
	ck_assert_uint_eq(hits, fetches[_i].hits);
	if (result == WAD_FETCH_OK)
		ck_assert_str_eq(got, "hello");
	ck_assert_uint_eq(wad_lookup_fetch_count(lk.fetch), 0);
}
END_TEST

/* What is refused without a packet. */
START_TEST(fetch_refused)
{
	static const struct { const char *url; bool anywhere;
		const char *why; } bad[] = {
		{ "http://127.0.0.1:%u/ok", false, "internal" },
		{ "http://localhost:%u/ok", false, "internal" },
		{ "http://[::1]:%u/ok", false, "internal" },
		{ "http://2130706433:%u/ok", false, "internal" },
		{ "http://0x7f.1:%u/ok", false, "internal" },
		{ "http://[::ffff:127.0.0.1]:%u/ok", false, "internal" },
		{ "http://10.0.0.1/", false, "internal" },
		{ "http://169.254.169.254/latest", false, "internal" },
		{ "https://127.0.0.1:%u/ok", true, "only http" },
		{ "ftp://127.0.0.1:%u/ok", true, "only http" },
		{ "file:///etc/passwd", true, "" },
		{ "http://u:p@127.0.0.1:%u/ok", true, "not a URL" },
		{ "http://1.1.1.1:25/", false, "port" },
		{ "http://", true, "not a URL" },
		{ "", true, "not a URL" },
	};
	char text[200];

	setup();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (int allow = 0; allow < 2; allow++) {
			/* loopback is never allowed by that setting, and
			 * 10.0.0.1 would be asked */
			if (allow && strstr(bad[i].url, "10.0.0.1") != NULL)
				continue;
			wad_lookup_fetch_allow_private(lk.fetch, allow);
			n_done = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof(text), bad[i].url, port);
#pragma GCC diagnostic pop
			ck_assert_ptr_nonnull(fetch(text, bad[i].anywhere,
			    500));
			run(&n_done, 1, 2000);
			ck_assert_msg(n_done == 1 &&
			    result == WAD_FETCH_FAILED &&
			    strstr(reason, bad[i].why) != NULL, "%s: %s",
			    bad[i].url, reason);
		}
	ck_assert_uint_eq(hits, 0);
}
END_TEST

/* Eight of one host at a time; the others wait and are served. */
START_TEST(fetch_many)
{
	char text[100];

	setup();
	n_done = 0;
	delay_ms = 30;
	body = (uint8_t *)wad_xstrdup("x");
	body_len = 1;
	for (int i = 0; i < 40; i++)
		ck_assert_ptr_nonnull(fetch(url("/body"), true, 5000));
	run(&n_done, 40, 5000);
	ck_assert_uint_eq(n_done, 40);
	ck_assert_uint_eq(hits, 40);
	ck_assert_uint_le(open_most, 8);
	/* and a host has a bound, which leaves room for others */
	n_done = 0;
	for (int i = 0; i < 512; i++)
		ck_assert_ptr_nonnull(fetch(url("/never"), true, 2500));
	ck_assert_ptr_null(fetch(url("/ok"), true, 200));
	snprintf(text, sizeof(text), "http://localhost:%u/ok", port);
	ck_assert_ptr_nonnull(fetch(text, true, 2500));
	run(&n_done, 1, 2000);
	ck_assert_uint_eq(n_done, 1);
	ck_assert_str_eq(got, "hello");
	run(&n_done, 513, 9000);
	ck_assert_uint_eq(n_done, 513);
	ck_assert_int_eq(result, WAD_FETCH_TIMEOUT);
	free(body);
}
END_TEST

START_TEST(fetch_cancelled)
{
	struct wad_fetch *x;

	setup();
	n_done = 0;
	x = fetch(url("/ok"), true, 500);
	wad_lookup_fetch_cancel(x);
	x = fetch(url("/never"), true, 500);
	run(&hits, 1, 1000);
	wad_lookup_fetch_cancel(x);
	x = fetch("not a url", true, 500);
	wad_lookup_fetch_cancel(x);
	run(&n_done, 1, 100);
	ck_assert_uint_eq(n_done, 0);
	ck_assert_uint_eq(wad_lookup_fetch_count(lk.fetch), 0);
}
END_TEST

/* Our own address is for nobody, whatever else is allowed. */
START_TEST(fetch_own)
{
	struct wad_addr own;

	setup();
	ck_assert_int_eq(wad_addr_parse(&own, "192.0.2.77"), 0);
	wad_lookup_fetch_own(lk.fetch, &own, 1);
	wad_lookup_fetch_allow_private(lk.fetch, true);
	n_done = 0;
	fetch("http://192.0.2.77/", false, 500);
	run(&n_done, 1, 2000);
	ck_assert_ptr_nonnull(strstr(reason, "internal"));
}
END_TEST

/* ---- questions ----------------------------------------------------------- */

static X509		*ca, *leaf;
static EVP_PKEY		*ca_key, *leaf_key;
static struct wad_ocsp_server server;
static char		 server_url[200];
static struct wad_chan	*worker;
static unsigned		 n_said, said_depth;
static struct wad_x509_status said;

static int
on_said(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	uint32_t	 status, depth;
	uint64_t	 until;
	const char	*text;

	(void)arg, (void)c;
	if (m->type != WAD_MSG_STATUS)
		return 0;
	ck_assert_int_eq(wad_msg_get_u32(m, &status), 0);
	ck_assert_int_eq(wad_msg_get_u32(m, &depth), 0);
	ck_assert_int_eq(wad_msg_get_u64(m, &until), 0);
	ck_assert_int_eq(wad_msg_get_str(m, &text), 0);
	ck_assert_int_eq(wad_msg_end(m), 0);
	said.status = status;
	said.until = (int64_t)until;
	snprintf(said.text, sizeof(said.text), "%s", text);
	said_depth = depth;
	n_said++;
	return 0;
}

static void
on_worker_down(void *arg, struct wad_chan *c)
{
	(void)arg;
	if (c == worker)
		worker = NULL;
	wad_chan_free(c);
}

static void
connect_other(unsigned index)
{
	int fd[2];

	ck_assert_int_eq(wad_msg_pair(fd), 0);
	worker = wad_chan_new(base, fd[0], "lookup", on_said, on_worker_down,
	    NULL);
	ck_assert_int_eq(wad_lookup_peer_new(&lk, "worker", index, fd[1]), 0);
	n_said = 0;
}

static void
connect_worker(void)
{
	connect_other(0);
}

static void
commit(void)
{
	char err[200] = "";

	ck_assert_msg(wad_lookup_crl_prepare(lk.crls, &conf, err,
	    sizeof(err)) == 0, "%s", err);
	wad_lookup_peer_conf(&lk, &conf);
}

/* crl: the URL of its list, or NULL. */
static void
make_leaf(const char *crl)
{
	X509_EXTENSION	*e;

	leaf_key = EVP_EC_gen("P-256");
	leaf = X509_new();
	if (crl != NULL) {
		char text[250];

		snprintf(text, sizeof(text), "URI:%s", crl);
		e = X509V3_EXT_conf_nid(NULL, NULL,
		    NID_crl_distribution_points, text);
		ck_assert_ptr_nonnull(e);
		X509_add_ext(leaf, e, -1);
		X509_EXTENSION_free(e);
	}
	X509_set_version(leaf, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(leaf), 4711);
	X509_set_issuer_name(leaf, X509_get_subject_name(ca));
	X509_gmtime_adj(X509_getm_notBefore(leaf), -60);
	X509_gmtime_adj(X509_getm_notAfter(leaf), 86400);
	X509_set_pubkey(leaf, leaf_key);
	ck_assert_int_gt(X509_sign(leaf, ca_key, EVP_sha256()), 0);
}

/* A CA, a leaf, a responder at that path. */
static void
setup_asks(const char *path)
{
	setup();
	ck_assert_int_eq(wad_x509_build_ca("Lookup CA", &ca, &ca_key), 0);
	make_leaf(NULL);
	conf.revocation.ocsp = WAD_OCSP_ENABLE;
	if (path != NULL) {
		snprintf(server_url, sizeof(server_url), "%s", url(path));
		server.url = server_url;
		conf.revocation.ocsp_server = &server;
	}
	connect_worker();
}

static void
ask(unsigned times)
{
	struct wad_msg	 m;
	X509		*path[2] = { leaf, ca };

	wad_msg_init(&m, WAD_MSG_STATUS_ASK, 7);
	wad_msg_add_u64(&m, 1);
	wad_msg_add_u32(&m, 2);
	for (int i = 0; i < 2; i++) {
		uint8_t	*der = NULL;
		int	 len = i2d_X509(path[i], &der);

		wad_msg_add_blob(&m, der, (size_t)len);
		OPENSSL_free(der);
	}
	while (times-- > 0)
		ck_assert_int_eq(wad_chan_send(worker, &m), 0);
	wad_msg_free(&m);
}

/* What the responder says from now on. */
static void
respond(int status, const char *nonce)
{
	OCSP_BASICRESP	*b = OCSP_BASICRESP_new();
	OCSP_RESPONSE	*r;
	OCSP_CERTID	*id = OCSP_cert_to_id(EVP_sha1(), leaf, ca);
	ASN1_TIME	*t = ASN1_TIME_adj(NULL, time(NULL), 0, -60);
	ASN1_TIME	*n = ASN1_TIME_adj(NULL, time(NULL), 0, 7200);
	int		 len;

	OCSP_basic_add1_status(b, id, status, 0, t, t, n);
	if (nonce != NULL) {
		unsigned char bytes[16] = { 0 };

		memcpy(bytes, nonce, strlen(nonce));
		OCSP_basic_add1_nonce(b, bytes, sizeof(bytes));
	}
	ck_assert_int_eq(OCSP_basic_sign(b, ca, ca_key, EVP_sha256(), NULL,
	    0), 1);
	r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, b);
	body = NULL;
	len = i2d_OCSP_RESPONSE(r, &body);
	ck_assert_int_gt(len, 0);
	body_len = (size_t)len;
	OCSP_CERTID_free(id);
	ASN1_TIME_free(t);
	ASN1_TIME_free(n);
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
}

static X509_CRL *
crl_with(X509 *revoked)
{
	X509_CRL	*crl = X509_CRL_new();
	ASN1_TIME	*t = ASN1_TIME_adj(NULL, time(NULL), 0, -60);
	ASN1_TIME	*n = ASN1_TIME_adj(NULL, time(NULL), 0, 7200);
	X509_REVOKED	*r;

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca));
	X509_CRL_set1_lastUpdate(crl, t);
	X509_CRL_set1_nextUpdate(crl, n);
	if (revoked != NULL) {
		r = X509_REVOKED_new();
		X509_REVOKED_set_serialNumber(r,
		    X509_get_serialNumber(revoked));
		X509_REVOKED_set_revocationDate(r, t);
		X509_CRL_add0_revoked(crl, r);
	}
	ck_assert_int_gt(X509_CRL_sign(crl, ca_key, EVP_sha256()), 0);
	ASN1_TIME_free(t);
	ASN1_TIME_free(n);
	return crl;
}

/* Good is kept: asked twice, fetched once; and two at a time, too. */
START_TEST(good_once)
{
	setup_asks("/body");
	commit();
	respond(V_OCSP_CERTSTATUS_GOOD, NULL);
	delay_ms = 50;
	ask(3);
	run(&n_said, 3, 3000);
	ck_assert_uint_eq(n_said, 3);
	ck_assert_msg(said.status == WAD_CERT_GOOD, "%s", said.text);
	ck_assert_int_gt(said.until, time(NULL) + 7000);
	ck_assert_uint_eq(hits, 1);
	ask(1);
	run(&n_said, 4, 3000);
	ck_assert_uint_eq(n_said, 4);
	ck_assert_uint_eq(hits, 1);
	ck_assert_uint_eq(lk.n_asks, 0);
	/* another configuration, or clear: asked anew */
	commit();
	ask(1);
	run(&n_said, 5, 3000);
	ck_assert_uint_eq(hits, 2);
}
END_TEST

START_TEST(revoked)
{
	setup_asks("/body");
	commit();
	respond(V_OCSP_CERTSTATUS_REVOKED, NULL);
	ask(1);
	run(&n_said, 1, 3000);
	ck_assert_msg(said.status == WAD_CERT_REVOKED, "%s", said.text);
	ck_assert_uint_eq(said_depth, 0);
}
END_TEST

START_TEST(unknown)
{
	setup_asks("/body");
	conf.revocation.strict_ocsp = _i == 1;
	commit();
	respond(V_OCSP_CERTSTATUS_UNKNOWN, NULL);
	ask(1);
	run(&n_said, 1, 3000);
	ck_assert_msg(said.status == (_i ? WAD_CERT_FAILURE : WAD_CERT_NONE),
	    "%s", said.text);
}
END_TEST

/* An answer to somebody else's request. */
START_TEST(other_nonce)
{
	setup_asks("/body");
	commit();
	respond(V_OCSP_CERTSTATUS_GOOD, "not yours");
	ask(1);
	run(&n_said, 1, 3000);
	ck_assert_int_eq(said.status, WAD_CERT_FAILURE);
	ck_assert_ptr_nonnull(strstr(said.text, "nonce"));
}
END_TEST

static const struct { const char *path; enum wad_cert_status want; }
    useless[] = {
	{ "/junk", WAD_CERT_FAILURE }, { "/ok", WAD_CERT_FAILURE },
	{ "/404", WAD_CERT_FAILURE }, { "/big", WAD_CERT_FAILURE },
	{ "/never", WAD_CERT_TIMEOUT }, { NULL, WAD_CERT_NONE },
};

/* No answer, or one of no use; remembered for a while. */
START_TEST(no_use)
{
	unsigned before;

	setup_asks(useless[_i].path);
	commit();
	ask(1);
	run(&n_said, 1, 3000);
	ck_assert_uint_eq(n_said, 1);
	ck_assert_msg(said.status == useless[_i].want, "%s", said.text);
	before = hits;
	ask(1);
	run(&n_said, 2, 3000);
	ck_assert_uint_eq(n_said, 2);
	ck_assert_int_eq(said.status, useless[_i].want);
	ck_assert_uint_eq(hits, before);
}
END_TEST

/* A CRL of the configuration counts before any responder is asked. */
START_TEST(local_crl)
{
	struct wad_crl	 c = { .name = "lab" };
	X509_CRL	*crl;
	BIO		*bio = BIO_new(BIO_s_mem());
	char		*pem;

	setup_asks("/body");
	crl = crl_with(_i == 0 ? leaf : NULL);
	PEM_write_bio_X509_CRL(bio, crl);
	BIO_write(bio, "", 1);
	BIO_get_mem_data(bio, &pem);
	c.pem = pem;
	conf.crls = &c;
	conf.n_crls = 1;
	commit();
	respond(V_OCSP_CERTSTATUS_GOOD, NULL);
	ask(1);
	run(&n_said, 1, 3000);
	ck_assert_msg(said.status == (_i == 0 ? WAD_CERT_REVOKED :
	    WAD_CERT_GOOD), "%s", said.text);
	ck_assert_uint_eq(hits, 0);
	X509_CRL_free(crl);
	BIO_free(bio);
}
END_TEST

/* What a question with another certificate of the issuer's key found is not
 * what one with the right certificate finds: neither the answer that is kept
 * nor the verdict on the CRL. */
START_TEST(other_issuer)
{
	struct wad_crl	 c = { .name = "lab" };
	X509_CRL	*crl;
	X509		*right, *other;
	X509_EXTENSION	*e;
	BIO		*bio = BIO_new(BIO_s_mem());
	char		*pem;

	setup_asks(NULL);
	crl = crl_with(leaf);
	PEM_write_bio_X509_CRL(bio, crl);
	BIO_write(bio, "", 1);
	BIO_get_mem_data(bio, &pem);
	c.pem = pem;
	conf.crls = &c;
	conf.n_crls = 1;
	commit();
	right = ca;
	other = X509_dup(ca);
	X509_EXTENSION_free(X509_delete_ext(other, X509_get_ext_by_NID(other,
	    NID_key_usage, -1)));
	e = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, "keyCertSign");
	X509_add_ext(other, e, -1);
	X509_EXTENSION_free(e);
	ck_assert_int_gt(X509_sign(other, ca_key, EVP_sha256()), 0);
	ca = other;
	ask(1);
	run(&n_said, 1, 3000);
	ck_assert_msg(said.status == WAD_CERT_NONE, "%s", said.text);
	ca = right;
	if (_i == 1)
		wad_lookup_status_clear(&lk);
	ask(1);
	run(&n_said, 2, 3000);
	ck_assert_msg(said.status == WAD_CERT_REVOKED, "%s", said.text);
	X509_free(other);
	X509_CRL_free(crl);
	BIO_free(bio);
}
END_TEST

/* An answer that was on its way when the configuration changed is nobody's
 * who asks after that. */
START_TEST(conf_changed)
{
	setup_asks("/body");
	commit();
	respond(V_OCSP_CERTSTATUS_GOOD, NULL);
	delay_ms = 200;
	ask(1);
	run(&hits, 1, 1000);
	commit();
	OPENSSL_free(body);
	respond(V_OCSP_CERTSTATUS_REVOKED, NULL);
	if (_i == 0)		/* while the first waits, or after it */
		ask(1);
	run(&n_said, 1, 2000);
	if (_i == 1)
		ask(1);
	run(&n_said, 2, 2000);
	ck_assert_uint_eq(n_said, 2);
	ck_assert_uint_eq(hits, 2);
	ck_assert_msg(said.status == WAD_CERT_REVOKED, "%s", said.text);
}
END_TEST

START_TEST(bad_local_crl)
{
	struct wad_crl	 c = { .name = "lab", .pem = "-----BEGIN nonsense" };
	char		 err[200] = "";

	setup_asks(NULL);
	conf.crls = &c;
	conf.n_crls = 1;
	ck_assert_int_eq(wad_lookup_crl_prepare(lk.crls, &conf, err,
	    sizeof(err)), -1);
	ck_assert_ptr_nonnull(strstr(err, "\"lab\""));
}
END_TEST

/* A CRL of the configuration that is fetched: at once, and without being
 * asked for; who asks before it is there waits for it. */
START_TEST(fetched_crl)
{
	struct wad_crl	 c = { .name = "lab" };
	X509_CRL	*crl;
	int		 len;

	setup_asks(NULL);
	crl = crl_with(leaf);
	body = NULL;
	len = i2d_X509_CRL(crl, &body);
	body_len = (size_t)len;
	snprintf(server_url, sizeof(server_url), "%s", url("/body"));
	c.http_url = server_url;
	conf.crls = &c;
	conf.n_crls = 1;
	if (_i == 1)
		delay_ms = 300;
	commit();
	if (_i == 0) {
		run(&hits, 1, 1000);
		run(&n_said, 1, 100);
	}
	ask(1);
	run(&n_said, 1, 3000);
	ck_assert_msg(said.status == WAD_CERT_REVOKED, "%s", said.text);
	ck_assert_uint_eq(hits, 1);
	X509_CRL_free(crl);
}
END_TEST

/* A list that comes too late for one question is there for the next. */
START_TEST(late_crl)
{
	struct wad_crl	 c = { .name = "lab" };
	X509_CRL	*crl;

	setup_asks(NULL);
	snprintf(server_url, sizeof(server_url), "%s", url("/body"));
	X509_free(leaf);
	EVP_PKEY_free(leaf_key);
	make_leaf(server_url);
	crl = crl_with(leaf);
	body = NULL;
	body_len = (size_t)i2d_X509_CRL(crl, &body);
	delay_ms = 2500;
	c.http_url = server_url;
	conf.crls = &c;
	conf.n_crls = 1;
	commit();
	ask(1);
	run(&n_said, 1, 2400);
	ck_assert_uint_eq(n_said, 1);
	ck_assert_int_eq(said.status, WAD_CERT_TIMEOUT);
	run(&n_said, 2, 2000);
	ask(1);
	run(&n_said, 2, 2000);
	ck_assert_uint_eq(n_said, 2);
	ck_assert_msg(said.status == WAD_CERT_REVOKED, "%s", said.text);
	ck_assert_uint_eq(hits, 1);
	X509_CRL_free(crl);
}
END_TEST

/* The worker dies while it waits; what was asked is answered to nobody, and
 * kept. */
START_TEST(worker_gone)
{
	setup_asks("/body");
	commit();
	respond(V_OCSP_CERTSTATUS_GOOD, NULL);
	delay_ms = 100;
	ask(2);
	run(&hits, 1, 1000);
	ck_assert_uint_eq(lk.n_asks, 2);
	wad_chan_free(worker);
	run(&n_said, 1, 300);
	ck_assert_uint_eq(lk.n_asks, 0);
	connect_worker();
	ask(1);
	run(&n_said, 1, 1000);
	ck_assert_int_eq(said.status, WAD_CERT_GOOD);
	ck_assert_uint_eq(hits, 1);
}
END_TEST

/* More questions than there is room for are answered at once; one worker
 * leaves room for the others. */
START_TEST(too_many)
{
	const unsigned	 most = WAD_LOOKUP_ASKS / 2;
	struct wad_chan	*first;

	setup_asks("/never");
	conf.settings.revocation_timeout = 30;
	commit();
	for (unsigned i = 0; i < most; i += 256) {
		ask(256);
		run(&lk.n_asks, i + 256, 20000);
	}
	ck_assert_uint_eq(lk.n_asks, most);
	ck_assert_uint_eq(n_said, 0);
	ask(3);
	run(&n_said, 3, 10000);
	ck_assert_uint_eq(n_said, 3);
	ck_assert_int_eq(said.status, WAD_CERT_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(said.text, "too many"));
	first = worker;
	connect_other(1);
	ask(1);
	run(&lk.n_asks, most + 1, 5000);
	ck_assert_uint_eq(lk.n_asks, most + 1);
	ck_assert_uint_eq(n_said, 0);
	ck_assert_uint_le(hits, 1);
	/* whose channel ends has no question */
	wad_chan_free(first);
	wad_chan_free(worker);
	run(&n_said, 1, 200);
	ck_assert_uint_eq(lk.n_asks, 0);
}
END_TEST

/* Nonsense costs the channel, nothing else. */
START_TEST(nonsense)
{
	struct wad_msg m;

	setup_asks("/body");
	commit();
	wad_msg_init(&m, WAD_MSG_STATUS_ASK, 7);
	wad_msg_add_u64(&m, 1);
	wad_msg_add_u32(&m, _i == 0 ? 1 : _i == 1 ? 0 : 4000000000U);
	wad_msg_add_blob(&m, "junk", 4);
	ck_assert_int_eq(wad_chan_send(worker, &m), 0);
	wad_msg_free(&m);
	run(&n_said, 1, 100);
	ck_assert_ptr_null(worker);
	ck_assert_uint_eq(lk.n_peers, 0);
}
END_TEST

START_TEST(listed)
{
	struct wad_str out = { 0 };

	setup_asks("/body");
	commit();
	respond(V_OCSP_CERTSTATUS_REVOKED, NULL);
	ask(2);
	run(&n_said, 2, 3000);
	wad_lookup_status_list(&lk, &out);
	ck_assert_msg(strstr(out.s, "asked=2 ") != NULL &&
	    strstr(out.s, "entries=1/") != NULL &&
	    strstr(out.s, "issuer=Lookup CA serial=1267 status=revoked") !=
	    NULL, "%s", out.s);
	wad_str_free(&out);
	wad_lookup_status_clear(&lk);
	wad_lookup_status_list(&lk, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "entries=0/"));
	wad_str_free(&out);
}
END_TEST

/* What the worker makes of an answer: no text of a stranger's reaches its
 * logs and pages as it is, and what it does not know is not good. */
START_TEST(worker_reads)
{
	static const struct { uint32_t status; const char *text; int rc;
		enum wad_cert_status want; const char *shown; } row[] = {
		{ WAD_CERT_GOOD, "fine", 0, WAD_CERT_GOOD, "fine" },
		{ WAD_CERT_REVOKED, "a\nb\x1b[2J", 0, WAD_CERT_REVOKED, NULL },
		{ WAD_CERT_FAILURE + 1, "x", -1, WAD_CERT_FAILURE,
		    "wad-lookup sent a bad answer" },
		{ UINT32_MAX, "x", -1, WAD_CERT_FAILURE,
		    "wad-lookup sent a bad answer" },
	};
	struct wad_x509_status	 st;
	struct wad_msg_in	 in;
	struct wad_msg		 m;
	uint8_t			 packet[512] = { 0 };
	uint16_t		 type = WAD_MSG_STATUS;

	wad_msg_init(&m, WAD_MSG_STATUS, 7);
	wad_msg_add_u32(&m, row[_i].status);
	wad_msg_add_u32(&m, 1);
	wad_msg_add_u64(&m, 5);
	wad_msg_add_str(&m, row[_i].text);
	memcpy(packet, &type, sizeof(type));
	memcpy(packet + 8, m.buf, m.len);
	ck_assert_int_eq(wad_msg_parse(&in, packet, 8 + m.len), 0);
	ck_assert_int_eq(wad_lookup_status_get(&in, &st, NULL), row[_i].rc);
	ck_assert_int_eq(st.status, row[_i].want);
	for (const char *p = st.text; *p != '\0'; p++)
		ck_assert(*p >= ' ' && *p <= '~');
	if (row[_i].shown != NULL)
		ck_assert_str_eq(st.text, row[_i].shown);
	wad_msg_free(&m);
	/* nobody said anything */
	memset(&st, 0, sizeof(st));
	ck_assert_str_eq(wad_x509_revoke_names[st.status], "none");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("lookup");
	TCase	*t = tcase_create("lookup");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, fetch_page, 0,
	    (int)(sizeof(fetches) / sizeof(fetches[0])));
	tcase_add_test(t, fetch_refused);
	tcase_add_test(t, fetch_many);
	tcase_add_test(t, fetch_cancelled);
	tcase_add_test(t, fetch_own);
	tcase_add_test(t, good_once);
	tcase_add_test(t, revoked);
	tcase_add_loop_test(t, unknown, 0, 2);
	tcase_add_test(t, other_nonce);
	tcase_add_loop_test(t, no_use, 0,
	    (int)(sizeof(useless) / sizeof(useless[0])));
	tcase_add_loop_test(t, local_crl, 0, 2);
	tcase_add_loop_test(t, other_issuer, 0, 2);
	tcase_add_loop_test(t, conf_changed, 0, 2);
	tcase_add_test(t, bad_local_crl);
	tcase_add_loop_test(t, fetched_crl, 0, 2);
	tcase_add_test(t, late_crl);
	tcase_add_test(t, worker_gone);
	tcase_add_test(t, too_many);
	tcase_add_loop_test(t, nonsense, 0, 3);
	tcase_add_test(t, listed);
	tcase_add_loop_test(t, worker_reads, 0, 4);
	suite_add_tcase(s, t);
	return suite_run(s);
}
