/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay.c over socket pairs: bytes, ends, resets, marks, and what of TLS
 * must not change on its way.
 */
#include <check.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/ssl_sock_port.h"
#include "loop_wait.h"
#include "suite.h"
#include "tls_pair.h"
#include "worker/http_relay.h"
#include "worker/session.h"
#include "worker/worker.h"
#include "worker_stub.h"

enum { BIG = 1024 * 1024, BOUND = 300 * 1024 };

static struct wad_session	 s;
static struct wad_worker	 w;
static struct wad_worker_conf	 wc;
static struct wad_conf		 conf;
static enum wad_reason_id	 over;
static SSL_CTX			*as_client, *as_server;
static EVP_PKEY			*key;
static X509			*cert;

/* The far end of a leg: the program that the proxy talks to. */
struct far {
	int	 fd;
	SSL	*ssl;
	size_t	 sent, got;
	bool	 eof, reset, notify;
};
static struct far	clt, srv;

/* What the byte at this place of a stream is. */
static uint8_t
mark(size_t at)
{
	return (uint8_t)(at * 31 + (at >> 8) * 7 + (at >> 16));
}

static bool
ready(struct wad_leg *leg)
{
	if (leg->ssl == NULL || leg->ssl->done)
		return true;
	ck_assert_int_ne(wad_ssl_port_handshake(leg->ssl), WAD_SSL_FAIL);
	wad_ssl_sock_port_out_ops_sync(leg->ssl);
	return leg->ssl->done;
}

static void
pump(void *owner)
{
	bool up = ready(&s.clt);

	ck_assert_ptr_eq(owner, &s);
	if (ready(&s.srv) && up && over == WR_N)
		over = wad_relay_pump(&s);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pump(arg);
}

static void
leg_make(struct wad_leg *leg, struct far *f, int sndbuf)
{
	struct wad_addr	a;
	int		fd[2];

	memset(&a, 0, sizeof(a));
	a.family = AF_INET;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	for (int i = 0; i < 2 && sndbuf > 0; i++)
		ck_assert_int_eq(setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF,
		    &sndbuf, sizeof(sndbuf)), 0);
	leg->port = wad_tcp_port_alloc();
	wad_tcp_port_adopt(leg->port, fd[0], &a);
	memset(f, 0, sizeof(*f));
	f->fd = fd[1];
}

static void
leg_tls(struct wad_leg *leg, struct far *f, int type)
{
	bool is_clt = type == WAD_SSL_CLT;

	leg->ssl = wad_ssl_port_open(leg->port, type, is_clt ? as_server :
	    as_client);
	ck_assert_ptr_nonnull(leg->ssl);
	leg->ssl->holding = false;
	f->ssl = SSL_new(is_clt ? as_client : as_server);
	ck_assert_ptr_nonnull(f->ssl);
	ck_assert_int_eq(SSL_set_fd(f->ssl, f->fd), 1);
	if (is_clt)
		SSL_set_connect_state(f->ssl);
	else
		SSL_set_accept_state(f->ssl);
}

static void
begin(bool clt_tls, bool srv_tls, int sndbuf)
{
	memset(&s, 0, sizeof(s));
	over = WR_N;
	base = event_base_new();
	s.magic = WAD_SESSION_MAGIC;
	s.w = &w;
	w.base = base;
	s.wc = &wc;
	wc.refcount = 1;
	wc.conf = &conf;
	conf.settings.halfclose_timeout = 120;
	conf.settings.idle_timeout = 3600;
	event_assign(&s.timer, base, -1, 0, on_timer, &s);
	leg_make(&s.clt, &clt, sndbuf);
	leg_make(&s.srv, &srv, sndbuf);
	if (clt_tls)
		leg_tls(&s.clt, &clt, WAD_SSL_CLT);
	if (srv_tls)
		leg_tls(&s.srv, &srv, WAD_SSL_SRV);
	wad_tcp_port_start(s.clt.port, base, pump, &s);
	wad_tcp_port_start(s.srv.port, base, pump, &s);
	pump(&s);
	for (int i = 0; i < 20 && (clt_tls || srv_tls); i++) {
		if (clt_tls)
			(void)SSL_do_handshake(clt.ssl);
		if (srv_tls)
			(void)SSL_do_handshake(srv.ssl);
		ERR_clear_error();
		turn();
	}
	ck_assert(ready(&s.clt) && ready(&s.srv));
	ck_assert_int_eq(over, WR_N);
}

static void
far_close(struct far *f)
{
	SSL_free(f->ssl);
	f->ssl = NULL;
	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
}

static void
end(void)
{
	event_del(&s.timer);
	wad_ssl_port_close(s.clt.ssl);
	wad_ssl_port_close(s.srv.ssl);
	wad_tcp_port_put(s.clt.port);
	wad_tcp_port_put(s.srv.port);
	far_close(&clt);
	far_close(&srv);
	event_base_free(base);
	ck_assert_uint_eq(wad_tcp_port_in_use(), 0);
}

/* Sends up to n more bytes of the stream; how many the kernel took. */
static size_t
far_send(struct far *f, size_t n)
{
	static uint8_t	buf[16384];
	size_t		all = 0;

	while (all < n) {
		size_t	k = n - all < sizeof(buf) ? n - all : sizeof(buf);
		long	r;

		for (size_t i = 0; i < k; i++)
			buf[i] = mark(f->sent + i);
		if (f->ssl != NULL)
			r = SSL_write(f->ssl, buf, (int)k);
		else
			r = send(f->fd, buf, k, MSG_NOSIGNAL);
		if (r <= 0)
			break;
		all += (size_t)r;
		f->sent += (size_t)r;
	}
	ERR_clear_error();
	return all;
}

/* Takes what is there, at most max bytes, and compares it. */
static size_t
far_recv(struct far *f, size_t max)
{
	static uint8_t	buf[16384];
	size_t		all = 0;
	int		e = 0;

	while (all < max) {
		size_t	k = max - all < sizeof(buf) ? max - all : sizeof(buf);
		long	n;

		errno = 0;
		if (f->ssl != NULL) {
			n = SSL_read(f->ssl, buf, (int)k);
			e = SSL_get_error(f->ssl, (int)n);
			f->notify |= e == SSL_ERROR_ZERO_RETURN;
			f->eof |= n <= 0 && e != SSL_ERROR_WANT_READ &&
			    e != SSL_ERROR_ZERO_RETURN && errno == 0;
			ERR_clear_error();
		} else {
			n = recv(f->fd, buf, k, 0);
			f->eof |= n == 0;
			f->reset |= n == -1 && errno != EAGAIN;
		}
		if (n <= 0)
			break;
		for (long i = 0; i < n; i++)
			if (buf[i] != mark(f->got + (size_t)i))
				ck_abort_msg("not byte %zu",
				    f->got + (size_t)i);
		all += (size_t)n;
		f->got += (size_t)n;
	}
	return all;
}

/* The end of the stream below TLS, once close_notify was read. */
static bool
far_fin(const struct far *f)
{
	char c;

	return recv(f->fd, &c, 1, MSG_PEEK) == 0;
}

static size_t
held(const struct wad_leg *from, const struct wad_leg *to)
{
	return from->port->in.len + to->port->out.len;
}

/* Both ends send all they are asked to, and read. */
static void
exchange(size_t up, size_t down)
{
	for (int i = 0; i < 2000 && (srv.got < up || clt.got < down); i++) {
		far_send(&clt, up - clt.sent);
		far_send(&srv, down - srv.sent);
		turn();
		ck_assert_uint_le(held(&s.clt, &s.srv), BOUND);
		ck_assert_uint_le(held(&s.srv, &s.clt), BOUND);
		far_recv(&clt, BIG);
		far_recv(&srv, BIG);
	}
	ck_assert_uint_eq(srv.got, up);
	ck_assert_uint_eq(clt.got, down);
	ck_assert_int_eq(over, WR_N);
}

START_TEST(both_ways)
{
	begin(_i & 1, _i & 1, 0);
	exchange(5, 7);
	exchange(BIG, 3000);
	exchange(BIG + 100, BIG * 2);
	ck_assert_uint_ge(s.srv.port->bytes_out, BIG + 100);
	end();
}
END_TEST

/* More than the mark came at once, and the kernel takes all of it: no event
 * would say that there is more to do. */
START_TEST(all_in_one_turn)
{
	size_t		total = 116 * 1024 + (size_t)_i * 4096;
	uint8_t		buf[16384];
	ssize_t		n;

	begin(true, true, 208 * 1024);
	wad_tcp_port_read_on(s.srv.port, false);
	ck_assert_uint_eq(far_send(&srv, total), total);
	while ((n = recv(s.srv.port->fd, buf, sizeof(buf), 0)) > 0)
		wad_buf_add(&s.srv.port->in, buf, (size_t)n);
	ck_assert_uint_gt(s.srv.port->in.len, total);
	pump(&s);
	ck_assert_int_eq(over, WR_N);
	ck_assert_uint_eq(s.srv.port->in.len, 0);
	ck_assert_uint_eq(s.clt.port->out.len, 0);
	ck_assert_uint_eq(far_recv(&clt, BIG), total);
	ck_assert(s.srv.port->read_on);
	end();
}
END_TEST

/* A FIN is passed on; the other way goes on; who ended first is told. */
START_TEST(half_close)
{
	bool		clt_first = _i == 0;
	struct far	*a = clt_first ? &clt : &srv;
	struct far	*b = clt_first ? &srv : &clt;

	begin(false, false, 0);
	far_send(a, 1000);
	shutdown(a->fd, SHUT_WR);
	WAIT_FOR((far_recv(b, BIG), b->eof));
	ck_assert_uint_eq(b->got, 1000);
	ck_assert_int_eq(over, WR_N);
	ck_assert(evtimer_pending(&s.timer, NULL));
	ck_assert_int_eq((int)s.first_end, clt_first ? 1 : 2);

	far_send(b, 90000);
	WAIT_FOR((far_recv(a, BIG), a->got == 90000));
	ck_assert(!a->eof);
	ck_assert_int_eq(over, WR_N);
	far_send(b, 10);
	shutdown(b->fd, SHUT_WR);
	WAIT_FOR(over != WR_N);
	ck_assert_int_eq(over, clt_first ? WR_CLT_CLOSED : WR_SRV_CLOSED);
	far_recv(a, BIG);
	ck_assert_uint_eq(a->got, 90010);
	ck_assert(a->eof || far_fin(a));
	end();
}
END_TEST

/* The end waits behind what a slow reader has not taken. */
START_TEST(fin_behind_backlog)
{
	size_t	i;

	begin(false, false, 0);
	for (i = 0; i < 20; i++) {
		far_send(&srv, BIG);
		turn();
	}
	ck_assert_uint_ge(s.clt.port->out.len, WAD_PORT_HIGH);
	shutdown(srv.fd, SHUT_WR);
	shutdown(clt.fd, SHUT_WR);
	for (i = 0; i < 20; i++)
		turn();
	ck_assert_int_eq(over, WR_N);
	ck_assert(!s.clt.port->shut_done);
	WAIT_FOR((far_recv(&clt, 60000), clt.eof));
	ck_assert_uint_eq(clt.got, srv.sent);
	WAIT_FOR(over != WR_N);
	ck_assert_int_eq(over, WR_CLT_CLOSED);
	end();
}
END_TEST

/* What the server sent before its reset arrives; then the client is told of
 * a reset, not of an end. */
START_TEST(reset_after_data)
{
	begin(false, false, 0);
	far_send(&clt, 10);
	WAIT_FOR(s.srv.port->bytes_out == 10);
	far_send(&srv, 150000);
	far_close(&srv);		/* with 10 bytes unread */
	for (int i = 0; i < 50; i++)
		turn();
	ck_assert(s.srv.port->reset);
	ck_assert_int_eq(over, WR_N);	/* the client has not read it */
	WAIT_FOR((far_recv(&clt, BIG), clt.got == 150000));
	WAIT_FOR(over != WR_N);
	ck_assert_int_eq(over, WR_SRV_RST);
	ck_assert(!s.clt.port->shut_done);
	far_recv(&clt, BIG);
	ck_assert(!clt.eof);
	end();
}
END_TEST

START_TEST(reset_by_client)
{
	begin(false, false, 0);
	far_send(&srv, 10);
	WAIT_FOR(s.clt.port->bytes_out == 10);
	far_send(&clt, 500);
	far_close(&clt);
	WAIT_FOR(s.clt.port->reset);
	WAIT_FOR((far_recv(&srv, BIG), over != WR_N));
	ck_assert_uint_eq(srv.got, 500);
	ck_assert_int_eq(over, WR_CLT_RST);
	ck_assert(!s.srv.port->shut_done);
	end();
}
END_TEST

/* A server that takes nothing more cannot hold the session for ever. */
START_TEST(reset_but_nobody_reads)
{
	begin(false, false, 0);
	conf.settings.halfclose_timeout = 0;
	far_send(&clt, 10);
	WAIT_FOR(s.srv.port->bytes_out == 10);
	far_send(&srv, 150000);
	far_close(&srv);
	WAIT_FOR(over != WR_N);
	ck_assert_int_eq(over, WR_SRV_RST);
	end();
}
END_TEST

/* Ended cleanly, then a reset: the client has its end and keeps it. */
START_TEST(reset_after_end)
{
	begin(false, false, 0);
	far_send(&srv, 500);
	shutdown(srv.fd, SHUT_WR);
	WAIT_FOR(s.clt.port->shut_done);
	far_send(&clt, 10);
	WAIT_FOR(s.srv.port->bytes_out == 10);
	far_close(&srv);
	far_send(&clt, 10);
	WAIT_FOR(s.srv.port->reset);
	WAIT_FOR((far_recv(&clt, BIG), over != WR_N));
	ck_assert_int_eq(over, WR_SRV_CLOSED);
	far_recv(&clt, BIG);
	ck_assert_uint_eq(clt.got, 500);
	ck_assert(clt.eof && !clt.reset);
	end();
}
END_TEST

/* The same where sending to the server fails before its last bytes and its
 * end were read. */
START_TEST(end_seen_by_sending)
{
	static const uint8_t x[10];

	begin(false, false, 0);
	far_send(&srv, 400);
	far_close(&srv);		/* nothing unread: a clean end */
	wad_buf_add(&s.clt.port->in, x, sizeof(x));
	pump(&s);
	ck_assert(s.srv.port->reset);
	WAIT_FOR((far_recv(&clt, BIG), over != WR_N));
	far_recv(&clt, BIG);
	ck_assert_uint_eq(clt.got, 400);
	ck_assert_int_eq(over, WR_SRV_CLOSED);
	ck_assert(clt.eof || far_fin(&clt));
	end();
}
END_TEST

/* The same toward the server. */
START_TEST(client_end_seen_by_sending)
{
	static const uint8_t x[10];

	begin(false, false, 0);
	far_send(&clt, 400);
	far_close(&clt);
	wad_buf_add(&s.srv.port->in, x, sizeof(x));
	pump(&s);
	ck_assert(s.clt.port->reset);
	WAIT_FOR((far_recv(&srv, BIG), over != WR_N));
	far_recv(&srv, BIG);
	ck_assert_uint_eq(srv.got, 400);
	ck_assert_int_eq(over, WR_CLT_CLOSED);
	end();
}
END_TEST

/* The client is gone when the server's close_notify is passed on: seen at
 * once, not at a deadline. */
START_TEST(reset_seen_by_notify)
{
	uint8_t	buf[1024];
	ssize_t	n;

	begin(true, true, 0);
	wad_tcp_port_read_on(s.srv.port, false);
	ck_assert_int_eq(SSL_shutdown(srv.ssl), 0);
	while ((n = recv(s.srv.port->fd, buf, sizeof(buf), 0)) > 0)
		wad_buf_add(&s.srv.port->in, buf, (size_t)n);
	far_close(&clt);
	pump(&s);
	ck_assert(s.clt.port->reset);
	WAIT_FOR((far_recv(&srv, BIG), over != WR_N));
	end();
}
END_TEST

/* A reader that does not read: its writer is stopped, memory stays small,
 * and nothing is lost. */
START_TEST(slow_reader)
{
	bool		 tls = _i & 1, up = _i & 2;
	struct far	*from = up ? &clt : &srv, *to = up ? &srv : &clt;
	struct wad_leg	*src = up ? &s.clt : &s.srv;
	struct wad_leg	*dst = up ? &s.srv : &s.clt;

	begin(tls, tls, 0);
	for (int i = 0; i < 100; i++) {
		far_send(from, 300000);
		turn();
		ck_assert_uint_le(held(src, dst), BOUND);
	}
	ck_assert(!src->port->read_on);
	ck_assert(dst->port->write_on);
	ck_assert_uint_ge(dst->port->out.len, WAD_PORT_HIGH);
	ck_assert_uint_eq(far_send(from, 1), 0);
	ck_assert_int_eq(over, WR_N);
	WAIT_FOR((far_recv(to, 30000), to->got == from->sent));
	turn();
	ck_assert(src->port->read_on);
	ck_assert_uint_eq(held(src, dst), 0);
	end();
}
END_TEST

/* The client has sent until it was stopped; the server answers before it
 * reads on.  A client that reads gets the answer. */
START_TEST(answer_during_upload)
{
	bool tls = _i & 1;

	begin(tls, tls, 0);
	for (int i = 0; i < 20; i++) {
		far_send(&clt, BIG);
		turn();
	}
	ck_assert_uint_ge(s.srv.port->out.len, WAD_PORT_HIGH);
	for (int i = 0; i < 200 && clt.got < BIG; i++) {
		far_send(&srv, BIG - srv.sent);
		turn();
		far_recv(&clt, BIG);
	}
	ck_assert_uint_eq(clt.got, BIG);
	WAIT_FOR((far_recv(&srv, BIG), srv.got == clt.sent));
	ck_assert_int_eq(over, WR_N);
	end();
}
END_TEST

/* The server answers, and resets because it does not want the rest of the
 * upload: the answer still arrives. */
START_TEST(answer_and_reset_during_upload)
{
	size_t fill = _i == 0 ? BIG : 100;

	begin(false, false, 0);
	for (int i = 0; i < 20; i++) {
		far_send(&clt, fill - clt.sent);
		turn();
	}
	far_send(&srv, 400);
	far_close(&srv);
	if (_i == 1) {			/* sending is what fails first */
		static const uint8_t x[10];

		wad_buf_add(&s.clt.port->in, x, sizeof(x));
		pump(&s);
		ck_assert(s.srv.port->reset);
	}
	WAIT_FOR((far_recv(&clt, BIG), over != WR_N));
	far_recv(&clt, BIG);
	ck_assert_uint_eq(clt.got, 400);
	ck_assert_int_eq(over, WR_SRV_RST);
	end();
}
END_TEST

/* close_notify stays close_notify. */
START_TEST(notify_passed)
{
	struct far	*a = _i == 0 ? &clt : &srv;
	struct far	*b = _i == 0 ? &srv : &clt;

	begin(true, true, 0);
	far_send(a, 20000);
	ck_assert_int_eq(SSL_shutdown(a->ssl), 0);
	WAIT_FOR((far_recv(b, BIG), b->notify));
	ck_assert_uint_eq(b->got, 20000);
	WAIT_FOR(far_fin(b));
	ck_assert_int_eq(over, WR_N);
	far_send(b, 3000);		/* the other way is still open */
	WAIT_FOR((far_recv(a, BIG), a->got == 3000));
	ck_assert(!a->notify && !a->eof);
	ck_assert_int_eq(SSL_shutdown(b->ssl), 1);
	WAIT_FOR(over != WR_N);
	ck_assert_int_eq(over, _i == 0 ? WR_CLT_CLOSED : WR_SRV_CLOSED);
	far_recv(a, BIG);
	ck_assert(a->notify);
	end();
}
END_TEST

/* TLS answers each KeyUpdate; a peer that asks and never reads is stopped. */
START_TEST(key_updates)
{
	int i;

	begin(true, true, 0);
	for (i = 0; i < 40000 && s.srv.port->read_on; i++) {
		ck_assert_int_eq(SSL_key_update(srv.ssl,
		    SSL_KEY_UPDATE_REQUESTED), 1);
		if (SSL_do_handshake(srv.ssl) != 1)
			break;
		turn();
		ck_assert_uint_le(s.srv.port->out.len, BOUND);
	}
	ck_assert_int_gt(i, 1000);
	ck_assert(!s.srv.port->read_on);
	ck_assert_int_eq(over, WR_N);
	end();
}
END_TEST

/* An answer that was cut must not look complete: no record after it. */
START_TEST(bare_fin_passed)
{
	struct far	*a = _i == 0 ? &clt : &srv;
	struct far	*b = _i == 0 ? &srv : &clt;

	begin(true, true, 0);
	far_send(a, 20000);
	shutdown(a->fd, SHUT_WR);
	WAIT_FOR((far_recv(b, 20000 - b->got), b->got == 20000));
	/* not read by OpenSSL, which would answer with an alert */
	WAIT_FOR(far_fin(b));
	ck_assert_int_eq(over, WR_N);
	shutdown(b->fd, SHUT_WR);
	WAIT_FOR(over != WR_N);
	/* of a server it may mean that something is missing */
	ck_assert_int_eq(over, _i == 0 ? WR_CLT_CLOSED : WR_TRUNCATED);
	ck_assert(far_fin(a));
	end();
}
END_TEST

/* Nor one that was cut inside a record. */
START_TEST(cut_record)
{
	uint8_t half[9] = { 23, 3, 3, 1, 0, 1, 2, 3, 4 };

	begin(true, true, 0);
	far_send(&srv, 300);
	ck_assert_int_eq(send(srv.fd, half, sizeof(half), 0), sizeof(half));
	shutdown(srv.fd, SHUT_WR);
	WAIT_FOR((far_recv(&clt, BIG), clt.eof || clt.notify));
	ck_assert_uint_eq(clt.got, 300);
	ck_assert(!clt.notify);
	end();
}
END_TEST

START_TEST(bad_record)
{
	uint8_t junk[32] = { 23, 3, 3, 0, 27 };

	begin(true, true, 0);
	far_send(&srv, 300);
	ck_assert_int_eq(send(srv.fd, junk, sizeof(junk), 0), sizeof(junk));
	WAIT_FOR(over != WR_N);
	ck_assert_int_eq(over, WR_TLS_ALERT);
	far_recv(&clt, BIG);
	ck_assert_uint_eq(clt.got, 300);
	ck_assert(!clt.notify);
	end();
}
END_TEST

/* HTTP is over and its last bytes are to go, but nobody is there: no event
 * would say so again. */
START_TEST(http_over_and_gone)
{
	struct wad_http h = { .state = WAD_HTTP_OVER, .why = WR_N };

	begin(false, false, 0);
	s.http = &h;
	wad_buf_add(&s.clt.port->out, "page", 4);
	far_close(&clt);
	ck_assert_int_eq(wad_http_relay_over(&s), WR_CLT_RST);
	s.http = NULL;
	end();
}
END_TEST

int
main(void)
{
	static const struct made m = { .cn = "test.example",
		.san = "DNS:test.example", .from = -DAY, .until = DAY };
	Suite	*suite = suite_create("relay");
	TCase	*t = tcase_create("relay");
	int	 bad;

	key = made_key(WAD_KEY_EC);
	cert = made_cert(&m, key, NULL, NULL);
	as_client = SSL_CTX_new(TLS_client_method());
	as_server = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(as_server, cert);
	SSL_CTX_use_PrivateKey(as_server, key);
	SSL_CTX_set_num_tickets(as_server, 0);
	SSL_CTX_set_mode(as_client, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_mode(as_server, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, both_ways, 0, 2);
	tcase_add_loop_test(t, all_in_one_turn, 0, 8);
	tcase_add_loop_test(t, half_close, 0, 2);
	tcase_add_test(t, fin_behind_backlog);
	tcase_add_test(t, reset_after_data);
	tcase_add_test(t, reset_by_client);
	tcase_add_test(t, reset_but_nobody_reads);
	tcase_add_test(t, reset_after_end);
	tcase_add_test(t, end_seen_by_sending);
	tcase_add_test(t, client_end_seen_by_sending);
	tcase_add_test(t, reset_seen_by_notify);
	tcase_add_loop_test(t, slow_reader, 0, 4);
	tcase_add_loop_test(t, answer_during_upload, 0, 2);
	tcase_add_loop_test(t, answer_and_reset_during_upload, 0, 2);
	tcase_add_loop_test(t, notify_passed, 0, 2);
	tcase_add_test(t, key_updates);
	tcase_add_loop_test(t, bare_fin_passed, 0, 2);
	tcase_add_test(t, cut_record);
	tcase_add_test(t, http_over_and_gone);
	tcase_add_test(t, bad_record);
	suite_add_tcase(suite, t);
	bad = suite_run(suite);
	SSL_CTX_free(as_client);
	SSL_CTX_free(as_server);
	X509_free(cert);
	EVP_PKEY_free(key);
	return bad;
}
