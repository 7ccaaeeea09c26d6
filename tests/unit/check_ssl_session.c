/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_session.c: our side toward a plain OpenSSL server that gives tickets.
 * Each test sets out with an empty cache.
 */
#include <check.h>

#include <sys/socket.h>
#include <unistd.h>

#include "ipc/msg.h"
#include "tls/ssl_cache.h"
#include "tls/ssl_cic.h"
#include "tls/ssl_session.h"

#include "suite.h"
#include "tls_plain.h"

static long		 clock_step;	/* seconds */

/* The wall clock of the whole program. */
time_t
time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += clock_step;
	if (out != NULL)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

static SSL_CTX		*server;
static const uint16_t	 vers[] = { WAD_TLS12, WAD_TLS13 };
static uint16_t		 ver;
static const char	*host = "test.example";
static struct wad_nego_scope scope;
static struct wad_addr	 dst;

static SSL_CTX *
server_new(unsigned tickets)
{
	SSL_CTX *c = plain_ctx();

	SSL_CTX_set_session_id_context(c, (const unsigned char *)"s", 1);
	SSL_CTX_set_num_tickets(c, tickets);
	return c;
}

static void
setup(void)
{
	server = server_new(2);
	wad_ssl_cache_clear("session");
	wad_ssl_session_limit(WAD_SESSION_MAX);
	wad_lru_clear(wad_ssl_cic_cache.lru);
	memset(&scope, 0, sizeof(scope));
	scope.on = true;
	scope.generation = 1;
	scope.lifetime = 1200;
	wad_addr_parse(&dst, "192.0.2.1");
	dst.port = 443;
	ver = WAD_TLS13;
}

static void
teardown(void)
{
	wad_ssl_session_share(NULL);
	wad_ssl_cache_clear("session");
	SSL_CTX_free(server);
}

/* One connection: what came of it. */
struct got {
	bool	offered, resumed, verified, good;
	struct wad_session_facts facts;
	uint8_t	sha256[32];
	char	cn[WAD_HOST_MAX];
	size_t	n_sans;
};

enum { ALLOW = 1, ASK_CERT = 2, BREAK = 4 };

static struct got
connect_to(SSL_CTX *ctx, unsigned flags)
{
	struct end	e;
	struct plain	s;
	struct got	g = { 0 };
	char		buf[16];

	end_open(&e, WAD_SSL_SRV);
	e.n->scope = scope;
	e.n->dst = dst;
	end_offer(&e, host, ver);
	SSL_clear_options(e.sp->ssl, SSL_OP_NO_TICKET);
	g.offered = e.n->srv_session != NULL;
	plain_open_on(&s, true, ctx);
	if (flags & ASK_CERT)
		SSL_set_verify(s.ssl, SSL_VERIFY_PEER, NULL);
	if (flags & BREAK) {		/* the server says no */
		e.n->srv_failed = true;
		ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_WANT);
		wad_buf_drain(&e.port->out, e.port->out.len);
		wad_ssl_port_alert_plain(e.port, 40);
		wad_buf_move(&e.port->in, &e.port->out);
		ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_FAIL);
		goto out;
	}
	for (int i = 0; i < 20 && !e.sp->done; i++)
		(void)plain_run(&s, &e);
	ck_assert(e.sp->done);
	wad_ssl_proxy_srv_done(e.sp, e.n);
	g.resumed = e.n->srv_resumed;
	g.verified = e.n->verified;
	g.good = e.n->verdict.good;
	if (flags & ALLOW)
		wad_ssl_session_allow(e.n);
	/* tickets of TLS 1.3 come with the first bytes */
	ck_assert_int_eq(SSL_write(s.ssl, "hello", 5), 5);
	plain_to(&s, &e);
	ck_assert_int_eq(wad_ssl_port_read(e.sp, buf, sizeof(buf)), 5);
	memcpy(g.facts.chain_hash, e.n->chain_hash,
	    sizeof(g.facts.chain_hash));
	g.facts.valid_from = e.n->valid_from;
	g.facts.valid_until = e.n->valid_until;
	g.facts.born = e.n->facts.born;
	memcpy(g.sha256, e.n->origin.sha256, 32);
	strcpy(g.cn, e.n->origin.cn);
	g.n_sans = e.n->origin.n_sans;
	ck_assert_uint_eq(ERR_peek_error(), 0);
out:
	plain_close(&s);
	end_close(&e);
	return g;
}

static unsigned
kept(void)
{
	struct wad_str	out = { 0 };
	unsigned	n = 0;

	ck_assert(wad_ssl_cache_show("session", "", &out));
	for (const char *p = out.s; p != NULL && (p = strstr(p,
	    " sessions=")) != NULL; p++)
		n += (unsigned)strtoul(p + 10, NULL, 10);
	wad_str_free(&out);
	return n;
}

START_TEST(second_connection)
{
	struct got a, b;

	ver = vers[_i];
	a = connect_to(server, ALLOW);
	ck_assert(!a.offered && !a.resumed && a.good);
	ck_assert_uint_eq(kept(), 1);
	for (int i = 0; i < 5; i++) {
		b = connect_to(server, ALLOW);
		ck_assert(b.offered && b.resumed);
		/* it knows what the first one learnt */
		ck_assert(b.verified && b.good);
		ck_assert_mem_eq(a.facts.chain_hash, b.facts.chain_hash, 32);
		ck_assert_mem_eq(a.sha256, b.sha256, 32);
		ck_assert_int_eq(a.facts.valid_from, b.facts.valid_from);
		ck_assert_int_eq(a.facts.valid_until, b.facts.valid_until);
		/* the verdict does not become younger */
		ck_assert_int_eq(a.facts.born, b.facts.born);
		ck_assert_str_eq(b.cn, "test.example");
		ck_assert_uint_eq(a.n_sans, b.n_sans);
	}
}
END_TEST

START_TEST(only_what_was_allowed)
{
	ver = vers[_i];
	(void)connect_to(server, 0);
	ck_assert_uint_eq(kept(), 0);
	(void)connect_to(server, ALLOW | ASK_CERT);
	ck_assert_uint_eq(kept(), 0);
	scope.on = false;
	(void)connect_to(server, ALLOW);
	ck_assert_uint_eq(kept(), 0);
	scope.on = true;
	(void)connect_to(server, ALLOW);
	ck_assert_uint_gt(kept(), 0);
	scope.on = false;
	ck_assert(!connect_to(server, ALLOW).offered);
}
END_TEST

/* A name that the certificate is not for: whatever the caller says. */
START_TEST(bad_verdict)
{
	ver = vers[_i];
	host = "other.example";
	ck_assert(!connect_to(server, ALLOW).good);
	ck_assert_uint_eq(kept(), 0);
	host = "test.example";
}
END_TEST

START_TEST(every_part_of_the_key)
{
	struct wad_nego_scope	was;
	struct wad_addr		there;

	ver = vers[_i];
	(void)connect_to(server, ALLOW);
	was = scope;
	there = dst;
	scope.generation++;
	ck_assert(!connect_to(server, 0).offered);
	scope = was;
	scope.profile++;
	ck_assert(!connect_to(server, 0).offered);
	scope = was;
	wad_addr_parse(&scope.client, "10.0.0.1");
	ck_assert(!connect_to(server, ALLOW).offered);
	wad_addr_parse(&scope.client, "10.0.0.2");
	ck_assert(!connect_to(server, 0).offered);
	wad_addr_parse(&scope.client, "10.0.0.1");
	scope.client.port = 4000;	/* a client's port says nothing */
	ck_assert(connect_to(server, 0).offered);
	scope = was;
	dst.port++;
	ck_assert(!connect_to(server, 0).offered);
	dst = there;
	dst.ip[3]++;
	ck_assert(!connect_to(server, 0).offered);
	dst = there;
	host = "192.0.2.1";		/* also in the certificate */
	ck_assert(!connect_to(server, 0).offered);
	host = "test.example";
	ver = vers[1 - _i];		/* another offer */
	ck_assert(!connect_to(server, 0).offered);
	ver = vers[_i];
	ck_assert(connect_to(server, 0).resumed);
}
END_TEST

/* Used again and again; but a server that forgot what it gave (or takes each
 * one only once) gets several, each used once but the last. */
START_TEST(used_again)
{
	SSL_CTX *many = server_new(6), *other = server_new(6);

	(void)connect_to(many, ALLOW);
	ck_assert_uint_eq(kept(), 1);
	for (int i = 0; i < 3; i++) {
		ck_assert(connect_to(many, ALLOW).resumed);
		ck_assert_uint_eq(kept(), 1);
	}
	ck_assert(connect_to(other, 0).offered);
	ck_assert_uint_eq(kept(), 0);
	(void)connect_to(many, ALLOW);
	ck_assert_uint_eq(kept(), 4);
	SSL_CTX_free(other);
	for (unsigned left = 3; left >= 1; left--) {
		ck_assert(connect_to(many, 0).resumed);
		ck_assert_uint_eq(kept(), left);
	}
	for (int i = 0; i < 3; i++) {
		ck_assert(connect_to(many, 0).resumed);
		ck_assert_uint_eq(kept(), 1);
	}
	SSL_CTX_free(many);
}
END_TEST

START_TEST(server_that_forgot)
{
	SSL_CTX		*other = server_new(2);
	struct got	 g;

	ver = vers[_i];
	(void)connect_to(server, ALLOW);
	g = connect_to(other, ALLOW);
	ck_assert(g.offered && !g.resumed && g.verified && g.good);
	g = connect_to(other, ALLOW);
	ck_assert(g.offered && g.resumed);
	SSL_CTX_free(other);
}
END_TEST

/* Only by the server's doing: a client that goes away takes nothing along. */
START_TEST(handshake_that_failed)
{
	ver = vers[_i];
	(void)connect_to(server, ALLOW);
	ck_assert(connect_to(server, BREAK).offered);
	ck_assert_uint_eq(kept(), 0);
	ck_assert(!connect_to(server, ALLOW).offered);
}
END_TEST

START_TEST(a_worse_verdict_meanwhile)
{
	struct end	e;

	(void)connect_to(server, ALLOW);
	end_open(&e, WAD_SSL_SRV);
	strcpy(e.n->host, "test.example");
	e.n->dst = dst;
	wad_ssl_cic_client_add(e.n, wad_ssl_cic_oid_gen(e.n));
	end_close(&e);
	ck_assert(!connect_to(server, 0).offered);
	wad_lru_clear(wad_ssl_cic_cache.lru);
	ck_assert(connect_to(server, 0).offered);
}
END_TEST

START_TEST(bounded)
{
	wad_ssl_session_limit(2);
	for (int i = 0; i < 5; i++) {
		dst.port = (uint16_t)(1000 + i);
		(void)connect_to(server, ALLOW);
	}
	ck_assert_uint_eq(kept(), 2);	/* two servers */
	wad_ssl_session_limit(1);
	ck_assert_uint_eq(kept(), 1);
	wad_ssl_session_limit(0);
	ck_assert_uint_eq(kept(), 0);
	(void)connect_to(server, ALLOW);
	ck_assert_uint_eq(kept(), 0);
	wad_ssl_cache_clear("session");
}
END_TEST

/* Its verdict is then of a time to come: nobody knows how old it is. */
START_TEST(clock_set_back)
{
	ver = vers[_i];
	(void)connect_to(server, ALLOW);
	clock_step = -600;
	ck_assert(!connect_to(server, 0).offered);
	clock_step = 0;
}
END_TEST

/* Cleared verdicts are not used again by way of a session. */
START_TEST(cleared_with_the_verdicts)
{
	ver = vers[_i];
	(void)connect_to(server, ALLOW);
	ck_assert_uint_gt(kept(), 0);
	ck_assert(wad_ssl_cache_clear("certificate"));
	ck_assert(connect_to(server, ALLOW).offered);
	ck_assert(wad_ssl_cache_clear("cert-inspection"));
	ck_assert(!connect_to(server, 0).offered);
}
END_TEST

/* ---- other workers */

static int
no_message(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	(void)arg;
	(void)c;
	(void)m;
	return -1;
}

static void
no_down(void *arg, struct wad_chan *c)
{
	(void)arg;
	(void)c;
}

/* Runs a connection and returns what was told about it. */
static struct wad_msg_in
told(uint8_t *buf, unsigned flags, bool want)
{
	struct wad_msg_in	 m = { 0 };
	struct event_base	*base;
	struct wad_chan		*c;
	int			 fd[2];
	char			 one;

	base = event_base_new();
	ck_assert_int_eq(wad_msg_pair(fd), 0);
	c = wad_chan_new(base, fd[0], "keys", no_message, no_down, NULL);
	wad_ssl_session_share(c);
	(void)connect_to(server, flags);
	wad_ssl_session_share(NULL);
	if (want)
		ck_assert_int_eq(wad_msg_recv_wait(fd[1], &m, buf), 0);
	/* once only */
	ck_assert_int_eq(recv(fd[1], &one, 1, MSG_DONTWAIT), -1);
	wad_chan_free(c);
	event_base_free(base);
	close(fd[1]);
	return m;
}

START_TEST(another_worker)
{
	static uint8_t		buf[WAD_MSG_MAX];
	struct wad_msg_in	m, again;

	ver = vers[_i];
	m = told(buf, ALLOW, true);
	ck_assert_int_eq(m.type, WAD_MSG_TLS_SESSION);
	(void)told(buf + WAD_MSG_MAX / 2, ALLOW, false);  /* known and fresh */
	again = m;
	wad_ssl_cache_clear("session");
	ck_assert_int_eq(wad_ssl_session_receive(&m), 0);
	ck_assert_uint_eq(kept(), 1);
	ck_assert(connect_to(server, 0).resumed);
	/* every cut of it is refused, none is read beyond its end */
	for (size_t n = 0; n < again.left; n++) {
		struct wad_msg_in cut = again;

		cut.left = n;
		ck_assert_int_eq(wad_ssl_session_receive(&cut), -1);
	}
	wad_ssl_cache_clear("session");
}
END_TEST

/* A worker that was taken over tells a session with a server as one with
 * another: no verdict follows from it. */
START_TEST(another_workers_lie)
{
	static uint8_t		 buf[WAD_MSG_MAX];
	struct wad_msg_in	 m;
	struct wad_msg		 lie;
	struct end		 e;
	const void		*key, *facts, *der;
	size_t			 klen, flen, dlen;
	uint64_t		 until;
	struct got		 g;

	ver = vers[_i];
	m = told(buf, ALLOW, true);
	ck_assert_int_eq(wad_msg_get_blob(&m, &key, &klen), 0);
	ck_assert_int_eq(wad_msg_get_u64(&m, &until), 0);
	ck_assert_int_eq(wad_msg_get_blob(&m, &facts, &flen), 0);
	ck_assert_int_eq(wad_msg_get_blob(&m, &der, &dlen), 0);
	wad_ssl_cache_clear("session");
	end_open(&e, WAD_SSL_SRV);
	e.n->scope = scope;
	e.n->dst = dst;
	end_offer(&e, "other.example", ver);
	wad_msg_init(&lie, WAD_MSG_TLS_SESSION, 0);
	wad_msg_add_blob(&lie, e.n->srv_key, sizeof(e.n->srv_key));
	wad_msg_add_u64(&lie, until);
	wad_msg_add_blob(&lie, facts, flen);
	wad_msg_add_blob(&lie, der, dlen);
	end_close(&e);
	m = (struct wad_msg_in){ .p = lie.buf, .left = lie.len };
	ck_assert_int_eq(wad_ssl_session_receive(&m), 0);
	wad_msg_free(&lie);
	ck_assert_uint_eq(kept(), 1);
	host = "other.example";
	g = connect_to(server, 0);
	host = "test.example";
	ck_assert(!g.offered && !g.good);
	ck_assert_uint_eq(kept(), 0);
}
END_TEST

static void
put(struct wad_msg *m, const void *key, size_t klen, int64_t until,
    int64_t born, int version, size_t dlen)
{
	static uint8_t	zero[WAD_SESSION_DER_MAX + 1];
	uint8_t		facts[58] = { 0 };

	facts[0] = (uint8_t)version;
	for (int i = 0; i < 8; i++)
		facts[33 + i] = (uint8_t)((uint64_t)born >> (56 - i * 8));
	wad_msg_init(m, WAD_MSG_TLS_SESSION, 0);
	wad_msg_add_blob(m, key, klen);
	wad_msg_add_u64(m, (uint64_t)until);
	wad_msg_add_blob(m, facts, sizeof(facts));
	wad_msg_add_blob(m, zero, dlen);
}

/* Long tickets of many names: few of them are kept, and what has just come
 * is among them. */
START_TEST(bounded_in_bytes)
{
	const struct wad_lru	*t = wad_ssl_session_cache.lru;
	int64_t			 now = time(NULL);
	uint8_t			 key[32] = { 0 };
	uint64_t		 hash;

	for (uint32_t i = 0; i < 3 * 6000; i++) {
		struct wad_msg		m;
		struct wad_msg_in	in;
		uint32_t		name = i % 6000;

		memcpy(key, &name, sizeof(name));
		put(&m, key, sizeof(key), now + 100, now - 5, 1,
		    WAD_SESSION_DER_MAX);
		in = (struct wad_msg_in){ .p = m.buf, .left = m.len };
		ck_assert_int_eq(wad_ssl_session_receive(&in), 0);
		wad_msg_free(&m);
		ck_assert_uint_le(t->n * WAD_SESSION_DER_MAX,
		    WAD_SESSION_MEM);
		memcpy(&hash, key, sizeof(hash));
		ck_assert_ptr_nonnull(wad_lru_peek(t, hash, key));
	}
	ck_assert_uint_ge(t->n, WAD_SESSION_MEM / WAD_SESSION_DER_MAX - 1);
	/* a fresher one of the same name takes the place of the older */
	for (uint32_t i = 0; i < 8; i++) {
		struct wad_msg		m;
		struct wad_msg_in	in;
		size_t			n = t->n;

		put(&m, key, sizeof(key), now + 100, now - 5, 1,
		    WAD_SESSION_DER_MAX);
		in = (struct wad_msg_in){ .p = m.buf, .left = m.len };
		ck_assert_int_eq(wad_ssl_session_receive(&in), 0);
		wad_msg_free(&m);
		ck_assert_uint_eq(t->n, n);
	}
}
END_TEST

START_TEST(what_others_tell)
{
	const struct {
		size_t	 klen;
		int64_t	 until, born;	/* from now */
		int	 version;
		size_t	 dlen;
		int	 ret;
		unsigned n;
	} r[] = {
		{ 32, 100, -5, 1, 100, 0, 1 },
		{ 32, 100, -1699, 1, 100, 0, 1 },
		{ 32, 100, -1701, 1, 100, 0, 0 },  /* beyond its verdict */
		{ 32, 3000, -5, 1, 100, 0, 0 },
		{ 32, -1, -5, 1, 100, 0, 0 },	/* over */
		{ 32, 100, 50, 1, 100, 0, 0 },	/* not born yet */
		{ 31, 100, -5, 1, 100, -1, 0 },
		{ 32, 100, -5, 2, 100, -1, 0 },
		{ 32, 100, -5, 1, 0, -1, 0 },
		{ 32, 100, -5, 1, WAD_SESSION_DER_MAX, 0, 1 },
		{ 32, 100, -5, 1, WAD_SESSION_DER_MAX + 1, -1, 0 },
	};

	static const uint8_t key[32];

	for (size_t i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		struct wad_msg		m;
		struct wad_msg_in	in;
		int64_t			now = (int64_t)time(NULL);

		put(&m, key, r[i].klen, now + r[i].until, now + r[i].born,
		    r[i].version, r[i].dlen);
		in = (struct wad_msg_in){ .p = m.buf, .left = m.len };
		ck_assert_int_eq(wad_ssl_session_receive(&in), r[i].ret);
		ck_assert_uint_eq(kept(), r[i].n);
		wad_msg_free(&m);
		wad_ssl_cache_clear("session");
	}
}
END_TEST

/* What is no session at all is found out when it is to be used. */
START_TEST(nonsense_is_dropped)
{
	static uint8_t		buf[WAD_MSG_MAX];
	struct wad_msg_in	m = told(buf, ALLOW, true);
	const void		*key;
	size_t			 len;
	struct wad_msg		 out;
	struct wad_msg_in	 in;
	int64_t			 now = (int64_t)time(NULL);

	ck_assert_int_eq(wad_msg_get_blob(&m, &key, &len), 0);
	wad_ssl_cache_clear("session");
	put(&out, key, 32, now + 100, now - 5, 1, 100);
	in = (struct wad_msg_in){ .p = out.buf, .left = out.len };
	ck_assert_int_eq(wad_ssl_session_receive(&in), 0);
	wad_msg_free(&out);
	ck_assert_uint_eq(kept(), 1);
	ck_assert(!connect_to(server, 0).offered);
	ck_assert_uint_eq(kept(), 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_session");
	TCase	*t = tcase_create("ssl_session");
	int	 bad;

	pki_make();
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, second_connection, 0, 2);
	tcase_add_loop_test(t, only_what_was_allowed, 0, 2);
	tcase_add_loop_test(t, bad_verdict, 0, 2);
	tcase_add_loop_test(t, every_part_of_the_key, 0, 2);
	tcase_add_test(t, used_again);
	tcase_add_loop_test(t, server_that_forgot, 0, 2);
	tcase_add_loop_test(t, handshake_that_failed, 0, 2);
	tcase_add_test(t, a_worse_verdict_meanwhile);
	tcase_add_test(t, bounded);
	tcase_add_loop_test(t, cleared_with_the_verdicts, 0, 2);
	tcase_add_loop_test(t, clock_set_back, 0, 2);
	tcase_add_test(t, bounded_in_bytes);
	tcase_add_loop_test(t, another_worker, 0, 2);
	tcase_add_loop_test(t, another_workers_lie, 0, 2);
	tcase_add_test(t, what_others_tell);
	tcase_add_test(t, nonsense_is_dropped);
	suite_add_tcase(s, t);
	bad = suite_run(s);
	pki_free();
	return bad;
}
