/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_port.c, ssl_sock_port.c, ssl_ctx.c and ssl_proxy_*.c: handshakes held
 * at the ClientHello and let go, between two TLS ports and between one and a
 * plain OpenSSL client or server.  No socket anywhere.
 */
#include <check.h>

#include "port/ssl_sock_port.h"
#include "tls/ssl_common.h"

#include "suite.h"
#include "tls_plain.h"

/* The plain client's first flight, taken out. */
static size_t
plain_hello(struct plain *p, uint8_t *dst, size_t size)
{
	int n;

	ck_assert_int_eq(SSL_do_handshake(p->ssl), -1);
	n = BIO_read(p->out, dst, (int)size);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(BIO_pending(p->out), 0);
	ERR_clear_error();
	return (size_t)n;
}

/* ---- two ports */

struct pair { struct end c, s; };	/* s faces the "client" c */

static void
pair_open(struct pair *p, uint16_t max)
{
	end_open(&p->s, WAD_SSL_CLT);
	end_open(&p->c, WAD_SSL_SRV);
	end_offer(&p->c, "test.example", max);
	/* each test has its own certificates: no verdict of another */
	p->c.n->dst.port = 443;
}

static void
pair_close(struct pair *p)
{
	end_close(&p->c);
	end_close(&p->s);
}

/* Up to the hold. */
static void
pair_hello(struct pair *p, size_t cut)
{
	enum wad_ssl_ret r = WAD_SSL_WANT;

	ck_assert_int_eq(wad_ssl_port_handshake(p->c.sp), WAD_SSL_WANT);
	while (r == WAD_SSL_WANT && wire(&p->c, &p->s, cut) > 0)
		r = wad_ssl_port_handshake(p->s.sp);
	ck_assert_int_eq(r, WAD_SSL_HELLO);
	ck_assert_uint_eq(p->c.port->out.len, 0);
}

static void
pair_finish(struct pair *p, size_t cut)
{
	enum wad_ssl_ret a = WAD_SSL_WANT, b = WAD_SSL_WANT;

	for (int i = 0; i < 20000; i++) {
		if (b != WAD_SSL_OK)
			b = wad_ssl_port_handshake(p->s.sp);
		if (a != WAD_SSL_OK)
			a = wad_ssl_port_handshake(p->c.sp);
		if (wire(&p->c, &p->s, cut) + wire(&p->s, &p->c, cut) == 0)
			break;
	}
	ck_assert_int_eq(a, WAD_SSL_OK);
	ck_assert_int_eq(b, WAD_SSL_OK);
	ck_assert(p->s.sp->done && p->c.sp->done);
}

static void
pair_up(struct pair *p, uint16_t max, enum wad_key_type type)
{
	pair_open(p, max);
	pair_hello(p, SIZE_MAX);
	end_release(&p->s, type);
	pair_finish(p, SIZE_MAX);
}

/* Sends n bytes one way in pieces and looks at what comes out. */
static void
talk(struct end *from, struct end *to, size_t n)
{
	uint8_t	*msg = wad_xmalloc(n), *got = wad_xmalloc(n);
	size_t	 have = 0;

	for (size_t i = 0; i < n; i++)
		msg[i] = (uint8_t)(i * 31 >> 3);
	ck_assert_int_eq(wad_ssl_port_write(from->sp, msg, (int)n), 0);
	while (wire(from, to, 10000) > 0) {
		int r;

		while (have < n && (r = wad_ssl_port_read(to->sp, got + have,
		    (int)(n - have))) > 0)
			have += (size_t)r;
	}
	ck_assert_uint_eq(have, n);
	ck_assert(memcmp(msg, got, n) == 0);
	free(msg);
	free(got);
}

static const uint16_t		vers[] = { WAD_TLS12, WAD_TLS13 };
static const enum wad_key_type	keys[] = { WAD_KEY_RSA, WAD_KEY_EC };

START_TEST(hold_and_release)
{
	struct pair	p;
	uint16_t	v = vers[_i % 2];
	enum wad_key_type type = keys[_i / 2];
	static const uint16_t scheme[4] = { [WAD_KEY_RSA] = 0x0804,
		[WAD_KEY_EC] = 0x0403 };

	pair_open(&p, v);
	pair_hello(&p, SIZE_MAX);
	/* the offer is known, nothing was sent, the bytes are kept */
	ck_assert_uint_eq(p.s.port->out.len, 0);
	ck_assert(p.s.sp->holding && !p.s.sp->done);
	ck_assert(p.s.n->hello && p.s.n->has_sni && !p.s.n->sni_bad);
	ck_assert_str_eq(p.s.n->sni, "test.example");
	ck_assert_uint_eq(p.s.n->max_version, v);
	ck_assert(p.s.n->tls13 == (v == WAD_TLS13));
	ck_assert(p.s.n->has_alpn && p.s.n->alpn_h1 && !p.s.n->alpn_h2);
	/* asked again: still held */
	ck_assert_int_eq(wad_ssl_port_handshake(p.s.sp), WAD_SSL_HELLO);
	ck_assert_uint_eq(p.s.port->out.len, 0);

	p.s.n->alpn = WAD_NEGO_H1;
	end_release(&p.s, type);
	ck_assert_uint_eq(p.s.sp->held.len, 0);
	pair_finish(&p, SIZE_MAX);
	ck_assert_int_eq(SSL_version(p.s.sp->ssl), v);
	ck_assert_str_eq(wad_ssl_common_version(p.c.sp), v == WAD_TLS13 ?
	    "TLSv1.3" : "TLSv1.2");
	ck_assert(p.c.n->verified && p.c.n->verdict.good);
	ck_assert_uint_eq(p.c.n->clt_max, v);	/* for its client */
	ck_assert_uint_eq(p.c.sp->sigscheme, scheme[type]);
	wad_ssl_proxy_srv_done(p.c.sp, p.c.n);
	ck_assert_int_eq(p.c.n->alpn, WAD_NEGO_H1);
	ck_assert_int_eq(p.s.sp->alert_sent, -1);
	ck_assert_int_eq(p.c.sp->alert_recv, -1);

	talk(&p.c, &p.s, 1);
	talk(&p.s, &p.c, 1);
	talk(&p.c, &p.s, 200000);
	talk(&p.s, &p.c, 200000);
	pair_close(&p);
}
END_TEST

START_TEST(one_byte_at_a_time)
{
	struct pair p;

	pair_open(&p, vers[_i]);
	pair_hello(&p, 1);
	end_release(&p.s, WAD_KEY_EC);
	pair_finish(&p, 1);
	talk(&p.c, &p.s, 3000);
	pair_close(&p);
}
END_TEST

/* Splits the message of one record over records of n bytes each. */
static size_t
split(uint8_t *dst, const uint8_t *rec, size_t len, size_t n)
{
	size_t o = 0;

	for (size_t at = 5; at < len; at += n) {
		size_t l = len - at < n ? len - at : n;

		memcpy(dst + o, rec, 3);
		dst[o + 3] = (uint8_t)(l >> 8);
		dst[o + 4] = (uint8_t)l;
		memcpy(dst + o + 5, rec + at, l);
		o += 5 + l;
	}
	return o;
}

START_TEST(hello_in_many_records)
{
	static const size_t	cuts[] = { 1, 3, 4, 5, 64, 100 };
	static uint8_t		many[8192];
	struct pair		p;
	size_t			n;

	pair_open(&p, WAD_TLS13);
	ck_assert_int_eq(wad_ssl_port_handshake(p.c.sp), WAD_SSL_WANT);
	ck_assert_uint_lt(p.c.port->out.len, 1300);
	n = split(many, wad_buf_bytes(&p.c.port->out), p.c.port->out.len,
	    cuts[_i]);
	wad_buf_free(&p.c.port->out);
	wad_buf_add(&p.s.port->in, many, n);
	ck_assert_int_eq(wad_ssl_port_handshake(p.s.sp), WAD_SSL_HELLO);
	/* byte for byte what the client sent, for a bypass */
	ck_assert_uint_eq(p.s.sp->held.len, n);
	ck_assert_mem_eq(wad_buf_bytes(&p.s.sp->held), many, n);
	end_release(&p.s, WAD_KEY_EC);
	pair_finish(&p, SIZE_MAX);
	talk(&p.s, &p.c, 100);
	pair_close(&p);
}
END_TEST

START_TEST(what_follows_the_hello_is_not_lost)
{
	struct end	e;
	struct plain	c;
	uint8_t		hello[4096];
	size_t		n;

	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	n = plain_hello(&c, hello, sizeof(hello) - 9);
	memcpy(hello + n, "trailing!", 9);
	for (size_t i = 0; i < n + 9; i++) {
		enum wad_ssl_ret r;

		wad_buf_add(&e.port->in, hello + i, 1);
		r = wad_ssl_port_handshake(e.sp);
		ck_assert_int_eq(r, i < n - 1 ? WAD_SSL_WANT :
		    WAD_SSL_HELLO);
		/* held and unread together are always all of it */
		ck_assert_uint_eq(e.sp->held.len + e.port->in.len, i + 1);
	}
	ck_assert_uint_eq(e.sp->held.len, n);
	ck_assert_mem_eq(wad_buf_bytes(&e.sp->held), hello, n);
	ck_assert_mem_eq(wad_buf_bytes(&e.port->in), "trailing!", 9);
	plain_close(&c);
	end_close(&e);
}
END_TEST

START_TEST(large_hello)
{
	static uint8_t	hello[80000], protos[60000];
	struct end	e;
	struct plain	c;
	size_t		n, o = 0, want = _i == 0 ? 15500 : 60000;

	while (o + 9 <= want) {
		protos[o] = 8;
		memcpy(protos + o + 1, o == 900 ? "http/1.1" : "abcdefgh", 8);
		o += 9;
	}
	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	ck_assert_int_eq(SSL_set_alpn_protos(c.ssl, protos, (unsigned)o), 0);
	n = plain_hello(&c, hello, sizeof(hello));
	ck_assert_uint_gt(n, want);
	for (size_t at = 0; at < n; at += 1460)
		wad_buf_add(&e.port->in, hello + at, n - at < 1460 ? n - at :
		    1460);
	ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_HELLO);
	ck_assert_uint_eq(e.sp->held.len, n);
	ck_assert(memcmp(wad_buf_bytes(&e.sp->held), hello, n) == 0);
	ck_assert(e.n->alpn_h1 && !e.n->alpn_h2);
	end_release(&e, WAD_KEY_EC);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_OK);
	plain_close(&c);
	end_close(&e);
}
END_TEST

/* Where an extension's data begins in a hello; its length in *len. */
static uint8_t *
find_ext(uint8_t *h, size_t n, unsigned want, size_t *len)
{
	size_t at = 5 + 4 + 2 + 32;

	at += 1 + (size_t)h[at];
	at += 2 + ((size_t)h[at] << 8 | h[at + 1]);
	at += 1 + (size_t)h[at];
	at += 2;
	while (at + 4 <= n) {
		unsigned type = (unsigned)h[at] << 8 | h[at + 1];

		*len = (size_t)h[at + 2] << 8 | h[at + 3];
		at += 4;
		if (type == want)
			return h + at;
		at += *len;
	}
	ck_abort_msg("no extension %u", want);
	return NULL;
}

START_TEST(malformed_hello)
{
	static const unsigned	exts[] = { TLSEXT_TYPE_supported_versions,
		TLSEXT_TYPE_supported_groups, TLSEXT_TYPE_signature_algorithms,
		TLSEXT_TYPE_key_share,
		TLSEXT_TYPE_application_layer_protocol_negotiation };
	struct end	e;
	struct plain	c;
	uint8_t		hello[4096], *x, alert[16];
	size_t		n, len;

	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	SSL_set_alpn_protos(c.ssl, (const unsigned char *)"\2h2", 3);
	n = plain_hello(&c, hello, sizeof(hello));
	x = find_ext(hello, n, exts[_i], &len);
	x[_i == 0 ? 0 : 1]++;		/* the list says one byte more */
	wad_buf_add(&e.port->in, hello, n);
	ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_FAIL);
	ck_assert(e.sp->failed);
	ck_assert_int_eq(e.sp->alert_sent, SSL_AD_DECODE_ERROR);
	ck_assert_uint_eq(wad_buf_take(&e.port->out, alert, sizeof(alert)),
	    7);
	ck_assert_int_eq(alert[0], 21);
	ck_assert_int_eq(alert[5], 2);
	ck_assert_int_eq(alert[6], SSL_AD_DECODE_ERROR);
	/* it stays failed, and says nothing more */
	ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_FAIL);
	ck_assert_int_eq(wad_ssl_port_write(e.sp, "x", 1), -1);
	ck_assert_int_eq(wad_ssl_port_read(e.sp, alert, 1), 0);
	wad_ssl_port_notify(e.sp);
	ck_assert_uint_eq(e.port->out.len, 0);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	plain_close(&c);
	end_close(&e);
}
END_TEST

START_TEST(not_tls)
{
	static const char *const text[] = { "GET / HTTP/1.1\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\x60\x01xxxxxxxx",
		"\x17\x03\x03\x01\x05xxxxx",
		"\x16\x03\x01\x20\x05\x02\x20\x20\x20\x20\x20" };
	struct end e;

	end_open(&e, WAD_SSL_CLT);
	wad_buf_add(&e.port->in, text[_i], strlen(text[_i]));
	if (_i >= 3)	/* application data, a ServerHello: the whole record */
		for (int i = 0; i < 0x2005; i++)
			wad_buf_add(&e.port->in, "\0", 1);
	ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_FAIL);
	ck_assert(!e.n->hello);
	ck_assert_uint_gt(e.sp->held.len, 0);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	end_close(&e);
}
END_TEST

/* However a client dawdles, what is held has a bound. */
START_TEST(held_bytes_are_bounded)
{
	static uint8_t		mix[20 * 5 + 6];
	static const uint8_t	first[] = { 22, 3, 1, 0, 4, 1, 2, 0, 0 },
		tiny[] = { 22, 3, 1, 0, 1, 0 }, empty[] = { 22, 3, 1, 0, 0 },
		ccs[] = { 20, 3, 3, 0, 1, 1 }, warn[] = { 21, 3, 1, 0, 2, 1,
		90 };
	static const struct { const uint8_t *p; size_t n; } part[] = {
		{ tiny, sizeof(tiny) }, { empty, sizeof(empty) },
		{ ccs, sizeof(ccs) }, { warn, sizeof(warn) },
		{ mix, sizeof(mix) } };
	struct end	e;
	enum wad_ssl_ret r = WAD_SSL_WANT;

	for (size_t i = 0; i < 20; i++)
		memcpy(mix + i * 5, empty, 5);
	memcpy(mix + 100, tiny, 6);	/* a byte behind twenty times none */

	end_open(&e, WAD_SSL_CLT);
	if (_i == 0 || _i == 4)
		wad_buf_add(&e.port->in, first, sizeof(first));
	for (int i = 0; i < 400000 && r == WAD_SSL_WANT; i++) {
		wad_buf_add(&e.port->in, part[_i].p, part[_i].n);
		r = wad_ssl_port_handshake(e.sp);
	}
	ck_assert_int_eq(r, WAD_SSL_FAIL);
	ck_assert_uint_lt(e.sp->held.len, 256 * 1024);
	end_close(&e);
}
END_TEST

START_TEST(close_notify_and_fin)
{
	struct pair	p;
	char		buf[10];

	pair_up(&p, vers[_i], WAD_KEY_EC);
	/* a bare FIN: nothing to read, but not an orderly end either */
	p.s.port->eof = true;
	ck_assert_int_eq(wad_ssl_port_read(p.s.sp, buf, 10), 0);
	ck_assert(!p.s.sp->peer_notify && !p.s.sp->failed);
	p.s.port->eof = false;

	ck_assert_int_eq(wad_ssl_port_write(p.c.sp, "last", 4), 0);
	wad_ssl_port_notify(p.c.sp);
	ck_assert(p.c.sp->sent_notify);
	wad_ssl_port_notify(p.c.sp);	/* once only */
	wire(&p.c, &p.s, SIZE_MAX);
	ck_assert_int_eq(wad_ssl_port_read(p.s.sp, buf, 10), 4);
	ck_assert(!p.s.sp->peer_notify);
	ck_assert_int_eq(wad_ssl_port_read(p.s.sp, buf, 10), 0);
	ck_assert(p.s.sp->peer_notify && !p.s.sp->failed);
	ck_assert_int_eq(p.s.sp->alert_recv, -1);
	ck_assert_uint_eq(p.s.port->in.len, 0);
	/* half close: the other way goes on */
	talk(&p.s, &p.c, 5000);
	wad_ssl_port_notify(p.s.sp);
	wire(&p.s, &p.c, SIZE_MAX);
	ck_assert_int_eq(wad_ssl_port_read(p.c.sp, buf, 10), 0);
	ck_assert(p.c.sp->peer_notify && !p.c.sp->failed);
	pair_close(&p);
}
END_TEST

START_TEST(write_after_fin)
{
	struct pair	p;
	char		buf[10];

	pair_up(&p, vers[_i], WAD_KEY_EC);
	p.s.port->eof = true;		/* the client's FIN without notify */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(wad_ssl_port_read(p.s.sp, buf, 10), 0);
	talk(&p.s, &p.c, 3000);
	pair_close(&p);
}
END_TEST

START_TEST(no_notify_before_the_end_of_a_handshake)
{
	struct pair p;

	pair_open(&p, WAD_TLS13);
	pair_hello(&p, SIZE_MAX);
	wad_ssl_port_notify(p.s.sp);
	ck_assert_uint_eq(p.s.port->out.len, 0);
	ck_assert(!p.s.sp->sent_notify);
	pair_close(&p);
}
END_TEST

START_TEST(damaged_record)
{
	struct pair	p;
	char		buf[100];

	pair_up(&p, vers[_i], WAD_KEY_RSA);
	ck_assert_int_eq(wad_ssl_port_write(p.c.sp, "hello", 5), 0);
	p.c.port->out.p[p.c.port->out.off + 8] ^= 1;
	wire(&p.c, &p.s, SIZE_MAX);
	ck_assert_int_eq(wad_ssl_port_read(p.s.sp, buf, 100), 0);
	ck_assert(p.s.sp->failed);
	ck_assert_int_eq(p.s.sp->alert_sent, SSL_AD_BAD_RECORD_MAC);
	/* the alert is on its way and is understood there */
	wire(&p.s, &p.c, SIZE_MAX);
	ck_assert_int_eq(wad_ssl_port_read(p.c.sp, buf, 100), 0);
	ck_assert(p.c.sp->failed);
	ck_assert_int_eq(p.c.sp->alert_recv, SSL_AD_BAD_RECORD_MAC);
	pair_close(&p);
}
END_TEST

/* A client that does not trust our CA says so. */
START_TEST(client_refuses_certificate)
{
	struct end	e;
	struct plain	c;

	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	SSL_set_max_proto_version(c.ssl, vers[_i]);
	SSL_set_verify(c.ssl, SSL_VERIFY_PEER, NULL);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_HELLO);
	end_release(&e, WAD_KEY_EC);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_FAIL);
	ck_assert_int_eq(e.sp->alert_recv, SSL_AD_UNKNOWN_CA);
	ck_assert_int_eq(e.sp->alert_sent, -1);
	plain_close(&c);
	end_close(&e);
}
END_TEST

START_TEST(client_is_too_old)
{
	struct end	e;
	struct plain	c;

	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	SSL_set_max_proto_version(c.ssl, TLS1_1_VERSION);
	SSL_set_cipher_list(c.ssl, "ALL:@SECLEVEL=0");
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_HELLO);
	ck_assert_uint_eq(e.n->max_version, WAD_TLS11);
	end_release(&e, WAD_KEY_EC);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_FAIL);
	ck_assert_int_eq(e.sp->alert_sent, SSL_AD_PROTOCOL_VERSION);
	plain_close(&c);
	end_close(&e);
}
END_TEST

START_TEST(hello_retry_request)
{
	struct end	e;
	struct plain	c;
	const unsigned char *got;
	unsigned	len;

	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	SSL_set1_groups_list(c.ssl, "P-521:P-384");
	SSL_set_alpn_protos(c.ssl,
	    (const unsigned char *)"\2h2\10http/1.1", 12);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_HELLO);
	e.n->alpn = WAD_NEGO_H1;
	ck_assert(wad_ssl_negotiate_has(&e.n->groups, 24));
	ck_assert(!wad_ssl_negotiate_has(&e.n->shares, 24));
	end_release(&e, WAD_KEY_RSA);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_OK);
	ck_assert_uint_eq(e.sp->held.len, 0);
	SSL_get0_alpn_selected(c.ssl, &got, &len);
	ck_assert_uint_eq(len, 8);
	ck_assert_mem_eq(got, "http/1.1", 8);
	plain_close(&c);
	end_close(&e);
}
END_TEST

/* What the server chose; nothing where the client did not offer it. */
START_TEST(alpn_as_the_server_chose)
{
	static const struct { enum wad_nego_alpn chosen; const char *offer,
		*got; } t[] = {
		{ WAD_NEGO_NO_ALPN, "\2h2\10http/1.1", "" },
		{ WAD_NEGO_H1, "\2h2\10http/1.1", "http/1.1" },
		{ WAD_NEGO_H2, "\2h2\10http/1.1", "h2" },
		{ WAD_NEGO_H2, "\10http/1.1", "" },
	};
	struct end	e;
	struct plain	c;
	const unsigned char *got;
	unsigned	len;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		end_open(&e, WAD_SSL_CLT);
		plain_open(&c, false);
		SSL_set_alpn_protos(c.ssl, (const unsigned char *)t[i].offer,
		    (unsigned)strlen(t[i].offer));
		ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_HELLO);
		e.n->alpn = t[i].chosen;
		end_release(&e, WAD_KEY_EC);
		ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_OK);
		SSL_get0_alpn_selected(c.ssl, &got, &len);
		ck_assert_uint_eq(len, strlen(t[i].got));
		if (len > 0)
			ck_assert_mem_eq(got, t[i].got, len);
		plain_close(&c);
		end_close(&e);
	}
}
END_TEST

START_TEST(server_asks_for_a_certificate)
{
	struct end	e;
	struct plain	s;

	end_open(&e, WAD_SSL_SRV);
	end_offer(&e, "test.example", vers[_i]);
	plain_open(&s, true);
	SSL_set_verify(s.ssl, SSL_VERIFY_PEER, NULL);
	ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_WANT);
	for (int i = 0; i < 3 && !e.n->client_cert_asked; i++) {
		enum wad_ssl_ret r;

		plain_from(&s, &e);
		SSL_do_handshake(s.ssl);
		plain_to(&s, &e);
		r = wad_ssl_port_handshake(e.sp);
		ck_assert_int_eq(r, e.n->client_cert_asked ? WAD_SSL_CERT :
		    WAD_SSL_WANT);
	}
	ck_assert(e.n->client_cert_asked);
	ck_assert(e.n->verified);
	/* gone on with: without one */
	ck_assert_int_eq(plain_run(&s, &e), WAD_SSL_OK);
	ck_assert_int_eq(SSL_is_init_finished(s.ssl), 1);
	plain_close(&s);
	end_close(&e);
}
END_TEST

START_TEST(key_that_does_not_fit)
{
	struct pair		 p;
	struct wad_cert_product	*prod;

	pair_open(&p, WAD_TLS13);
	pair_hello(&p, SIZE_MAX);
	prod = pki_product(WAD_KEY_EC);
	EVP_PKEY_free(prod->key);
	prod->key = pki_key[WAD_KEY_RSA];
	EVP_PKEY_up_ref(prod->key);
	p.s.n->product = prod;
	ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(p.s.sp, p.s.sp,
	    p.s.n, WAD_TLS12), -1);
	ck_assert(p.s.sp->holding);
	ck_assert_uint_gt(p.s.sp->held.len, 0);
	ERR_clear_error();
	pair_close(&p);
}
END_TEST

START_TEST(plain_alert)
{
	struct wad_tcp_port	*port = wad_tcp_port_alloc();
	uint8_t			 rec[8];

	wad_ssl_port_alert_plain(port, 40);
	ck_assert_uint_eq(wad_buf_take(&port->out, rec, sizeof(rec)), 7);
	ck_assert_mem_eq(rec, "\x15\x03\x03\x00\x02\x02\x28", 7);
	wad_tcp_port_put(port);
}
END_TEST

START_TEST(groups)
{
	ck_assert(wad_ssl_offer_has_group(29));
	ck_assert(wad_ssl_offer_has_group(23));
	ck_assert(wad_ssl_offer_has_group(24));
	ck_assert(!wad_ssl_offer_has_group(25));
	ck_assert(!wad_ssl_offer_has_group(0));
}
END_TEST

START_TEST(closing_what_was_never_used)
{
	struct end e;

	wad_ssl_port_close(NULL);
	wad_ssl_negotiate_free(NULL);
	wad_tcp_port_put(NULL);
	end_open(&e, WAD_SSL_CLT);
	ck_assert_ptr_eq(wad_ssl_port_of(e.sp->ssl), e.sp);
	wad_ssl_sock_port_out_ops_sync(e.sp);
	ck_assert_str_eq(wad_ssl_common_version(e.sp), "-");
	ck_assert_str_eq(wad_ssl_common_version(NULL), "-");
	end_close(&e);
	ck_assert_uint_eq(wad_tcp_port_in_use(), 0);
}
END_TEST

/* The client's version by what the server speaks, the setting and the road;
 * OpenSSL's client would refuse a downgrade that looks like an attack. */
START_TEST(mirror)
{
	static const struct {
		uint16_t clt_max, min, got;
		bool page;
	} rows[] = {
		{ WAD_TLS12, WAD_TLS12, WAD_TLS12, false },
		{ WAD_TLS13, WAD_TLS12, WAD_TLS13, false },
		{ 0, WAD_TLS12, WAD_TLS13, false },	/* best */
		{ WAD_TLS12, WAD_TLS12, WAD_TLS13, true },
		{ WAD_TLS13, WAD_TLS13, WAD_TLS13, false },
	};
	struct wad_ssl_port	shown = { .type = WAD_SSL_SRV };
	struct end		e;
	struct plain		c;

	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_HELLO);
	e.n->clt_max = rows[_i].clt_max;
	e.n->product = pki_product(WAD_KEY_EC);
	ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(e.sp,
	    rows[_i].page ? e.sp : &shown, e.n, rows[_i].min), 0);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_OK);
	ck_assert_int_eq(SSL_version(e.sp->ssl), rows[_i].got);
	ck_assert_int_eq(SSL_is_init_finished(c.ssl), 1);
	plain_close(&c);
	end_close(&e);
}
END_TEST

/* Who offers TLS 1.2 and no better sees in the random that we know a better
 * one (RFC 8446 section 4.1.3), whatever its server has. */
START_TEST(downgrade_sign)
{
	struct wad_ssl_port	shown = { .type = WAD_SSL_SRV };
	struct end		e;
	struct plain		c;
	unsigned char		r[32];

	end_open(&e, WAD_SSL_CLT);
	plain_open(&c, false);
	SSL_set_max_proto_version(c.ssl, WAD_TLS12);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_HELLO);
	e.n->clt_max = WAD_TLS12;
	e.n->product = pki_product(WAD_KEY_EC);
	ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(e.sp, &shown,
	    e.n, WAD_TLS12), 0);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_OK);
	ck_assert_uint_eq(SSL_get_server_random(c.ssl, r, sizeof(r)), 32);
	ck_assert_mem_eq(r + 24, "DOWNGRD\001", 8);
	plain_close(&c);
	end_close(&e);
}
END_TEST

/* A client whose ECDSA is for TLS 1.3 only, and a server with TLS 1.2. */
START_TEST(mirror_changes_the_key)
{
	struct pair	p;
	bool		best = _i == 1;

	pair_open(&p, WAD_TLS12);
	p.c.n->scope.best = best;
	p.c.n->tls13 = true;		/* the client's hello */
	p.c.n->sigalgs = (struct wad_nego_list){ { 0x0403, 0x0804 }, 2 };
	p.c.n->groups = (struct wad_nego_list){ { 29, 23 }, 2 };
	p.c.n->ciphers = (struct wad_nego_list){ { 0x1301, 0xc02f }, 2 };
	ck_assert(wad_ssl_negotiate_key_type(p.c.n));
	ck_assert_int_eq(p.c.n->key_type, WAD_KEY_EC);
	pair_hello(&p, SIZE_MAX);
	end_release(&p.s, WAD_KEY_RSA);
	pair_finish(&p, SIZE_MAX);
	ck_assert_uint_eq(p.c.n->clt_max, best ? 0 : WAD_TLS12);
	ck_assert_int_eq(p.c.n->key_type, best ? WAD_KEY_EC : WAD_KEY_RSA);
	pair_close(&p);
}
END_TEST

/* Old versions on both sides, for profiles that allow them, and only then. */
START_TEST(old_versions)
{
	static const uint16_t	old[] = { WAD_TLS10, WAD_TLS11 };
	uint16_t		v = old[_i];
	struct wad_ssl_port	shown = { .type = WAD_SSL_SRV };
	struct plain		peer;
	struct end		e;

	end_open(&e, WAD_SSL_CLT);
	wad_ssl_port_close(e.sp);
	e.sp = wad_ssl_port_open(e.port, WAD_SSL_CLT,
	    wad_ssl_ctx_clt(WAD_TLS10));
	e.sp->nego = e.n;
	plain_open(&peer, false);
	SSL_set_min_proto_version(peer.ssl, v);
	SSL_set_max_proto_version(peer.ssl, v);
	SSL_set_cipher_list(peer.ssl, "ALL:@SECLEVEL=0");
	ck_assert_int_eq(plain_run(&peer, &e), WAD_SSL_HELLO);
	e.n->clt_max = v;
	ck_assert(wad_ssl_negotiate_key_type(e.n));
	e.n->product = pki_product(e.n->key_type);
	ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(e.sp, &shown,
	    e.n, WAD_TLS10), 0);
	ck_assert_int_eq(plain_run(&peer, &e), WAD_SSL_OK);
	ck_assert_int_eq(SSL_version(e.sp->ssl), v);
	plain_close(&peer);
	end_close(&e);

	end_open(&e, WAD_SSL_SRV);
	wad_ssl_port_close(e.sp);
	e.sp = wad_ssl_port_open(e.port, WAD_SSL_SRV,
	    wad_ssl_ctx_srv(WAD_TLS10));
	e.sp->nego = e.n;
	e.n->max_version = v;
	end_ciphers(e.n);
	ck_assert_int_eq(wad_ssl_offer_make(e.n, WAD_TLS12),
	    WAD_OFFER_VERSION);
	ck_assert_int_eq(wad_ssl_offer_make(e.n, WAD_TLS10), WAD_OFFER_OK);
	strcpy(e.n->host, "test.example");
	ck_assert_int_eq(wad_ssl_proxy_srv_continue_fwd_client_hello(e.sp,
	    e.sp, e.n), 0);
	plain_open(&peer, true);
	SSL_use_cert_and_key(peer.ssl, pki_leaf[WAD_KEY_RSA],
	    pki_key[WAD_KEY_RSA], NULL, 1);
	SSL_set_min_proto_version(peer.ssl, v);
	ck_assert_int_eq(plain_run(&peer, &e), WAD_SSL_OK);
	ck_assert_int_eq(SSL_version(e.sp->ssl), v);
	ck_assert_uint_eq(e.n->clt_max, v);
	plain_close(&peer);
	end_close(&e);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("tls_pair");
	TCase	*t = tcase_create("tls_pair");
	int	 bad;

	pki_make();
	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, hold_and_release, 0, 4);
	tcase_add_loop_test(t, one_byte_at_a_time, 0, 2);
	tcase_add_loop_test(t, hello_in_many_records, 0, 6);
	tcase_add_test(t, what_follows_the_hello_is_not_lost);
	tcase_add_loop_test(t, large_hello, 0, 2);
	tcase_add_loop_test(t, malformed_hello, 0, 5);
	tcase_add_loop_test(t, not_tls, 0, 5);
	tcase_add_loop_test(t, held_bytes_are_bounded, 0, 5);
	tcase_add_loop_test(t, close_notify_and_fin, 0, 2);
	tcase_add_loop_test(t, write_after_fin, 0, 2);
	tcase_add_test(t, no_notify_before_the_end_of_a_handshake);
	tcase_add_loop_test(t, damaged_record, 0, 2);
	tcase_add_loop_test(t, client_refuses_certificate, 0, 2);
	tcase_add_test(t, client_is_too_old);
	tcase_add_test(t, hello_retry_request);
	tcase_add_test(t, alpn_as_the_server_chose);
	tcase_add_loop_test(t, server_asks_for_a_certificate, 0, 2);
	tcase_add_test(t, key_that_does_not_fit);
	tcase_add_loop_test(t, mirror, 0, 5);
	tcase_add_test(t, downgrade_sign);
	tcase_add_loop_test(t, mirror_changes_the_key, 0, 2);
	tcase_add_loop_test(t, old_versions, 0, 2);
	tcase_add_test(t, plain_alert);
	tcase_add_test(t, groups);
	tcase_add_test(t, closing_what_was_never_used);
	suite_add_tcase(s, t);
	bad = suite_run(s);
	pki_free();
	return bad;
}
