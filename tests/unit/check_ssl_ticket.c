/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_ticket.c: a plain OpenSSL client that resumes, toward our side.
 */
#include <check.h>

#include "tls/ssl_ticket.h"

#include "suite.h"
#include "tls_plain.h"

static SSL_CTX		*ctx;
static SSL_SESSION	*last;
static unsigned		 n_given;
static const uint16_t	 vers[] = { WAD_TLS12, WAD_TLS13 };
static uint16_t		 ver;

/* What the proxy decides about a connection. */
static struct wad_nego_scope	scope;
static X509			*leaf;	/* shown instead of the usual */
static const char		*host;
static bool			page, untrusted, legacy;
static uint8_t			origin0;
static uint16_t			clt_max;
static long			product_life;

static int
on_session(SSL *ssl, SSL_SESSION *s)
{
	(void)ssl;
	SSL_SESSION_free(last);
	last = s;
	n_given++;
	return 1;
}

/* n keys, named by first, first + 1, ... */
static int
give_keys(unsigned n, uint8_t first, size_t len)
{
	struct wad_msg		m;
	struct wad_msg_in	in;
	uint8_t			key[WAD_TICKET_KEY_LEN + 1];
	int			rv;

	wad_msg_init(&m, WAD_MSG_TICKET_KEYS, 0);
	wad_msg_add_u32(&m, n);
	for (unsigned i = 0; i < n; i++) {
		memset(key, first + (int)i, sizeof(key));
		wad_msg_add_blob(&m, key, len);
	}
	in = (struct wad_msg_in){ .p = m.buf, .left = m.len };
	rv = wad_ssl_ticket_receive(&in);
	wad_msg_free(&m);
	return rv;
}

static void
decide_as_usual(void)
{
	memset(&scope, 0, sizeof(scope));
	scope.on = true;
	scope.generation = 5;
	scope.policy = 11;
	scope.lifetime = 1200;
	leaf = NULL;
	host = "test.example";
	page = untrusted = legacy = false;
	origin0 = 1;
	clt_max = 0;
	product_life = 86400;
}

static void
setup(void)
{
	ctx = plain_ctx();
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	ck_assert_int_eq(give_keys(2, 1, WAD_TICKET_KEY_LEN), 0);
	ver = WAD_TLS13;
	decide_as_usual();
}

static void
teardown(void)
{
	SSL_SESSION_free(last);
	last = NULL;
	n_given = 0;
	SSL_CTX_free(ctx);
	wad_ssl_ticket_clear();
}

/* One connection, with the session of the one before; resumed? */
static bool
connect_with(SSL_SESSION *s)
{
	struct end	e;
	struct plain	c;
	struct wad_ssl_port shown = { .type = WAD_SSL_SRV };
	char		buf[16];
	bool		resumed;

	end_open(&e, WAD_SSL_CLT);
	plain_open_on(&c, false, ctx);
	SSL_set_max_proto_version(c.ssl, ver);
	if (s != NULL)
		SSL_set_session(c.ssl, s);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_HELLO);
	e.n->scope = scope;
	strcpy(e.n->host, host);
	e.n->untrusted = untrusted;
	e.n->offer.legacy = legacy;
	e.n->origin.sha256[0] = origin0;
	e.n->clt_max = clt_max;
	e.n->key_type = WAD_KEY_EC;
	e.n->product = pki_product(WAD_KEY_EC);
	if (leaf != NULL) {
		X509_free(e.n->product->leaf);
		e.n->product->leaf = leaf;
		X509_up_ref(leaf);
	}
	e.n->product->not_after = time(NULL) + product_life;
	ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(e.sp,
	    page ? e.sp : &shown, e.n, WAD_TLS12), 0);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_OK);
	resumed = SSL_session_reused(e.sp->ssl);
	ck_assert_int_eq(resumed, SSL_session_reused(c.ssl));
	ck_assert_int_eq(wad_ssl_port_write(e.sp, "hello", 5), 0);
	plain_from(&c, &e);
	ck_assert_int_eq(SSL_read(c.ssl, buf, sizeof(buf)), 5);
	ck_assert_int_eq(SSL_write(c.ssl, "there", 5), 5);
	plain_to(&c, &e);
	ck_assert_int_eq(wad_ssl_port_read(e.sp, buf, sizeof(buf)), 5);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	if (resumed && ver == WAD_TLS12) {
		/* a new ticket comes without a call of on_session */
		SSL_SESSION_free(last);
		last = SSL_get1_session(c.ssl);
	}
	SSL_shutdown(c.ssl);
	plain_close(&c);
	end_close(&e);
	return resumed;
}

static bool
again(void)
{
	SSL_SESSION	*s = last;
	bool		 r;

	ck_assert_ptr_nonnull(s);
	SSL_SESSION_up_ref(s);
	r = connect_with(s);
	SSL_SESSION_free(s);
	return r;
}

START_TEST(comes_back)
{
	ver = vers[_i];
	ck_assert(!connect_with(NULL));
	ck_assert_uint_eq(n_given, 1);
	for (int i = 0; i < 4; i++)
		ck_assert(again());
	/* TLS 1.3: a new one each time */
	ck_assert_uint_eq(n_given, ver == WAD_TLS13 ? 5 : 1);
}
END_TEST

/* A ticket is worth nothing when anything was decided otherwise, or another
 * certificate would be shown: of another CA, or a younger one of the same. */
START_TEST(every_part_of_the_binding)
{
	static const struct made again_made = { .cn = "test.example",
		.san = "DNS:test.example", .from = -DAY, .until = DAY * 3 };
	X509 *other = made_cert(&again_made, pki_key[WAD_KEY_EC], pki_root,
	    pki_root_key);

	ver = vers[_i];
	ck_assert(!connect_with(NULL));
#define OTHERWISE(change) do {						\
		SSL_SESSION *mine = last;				\
		SSL_SESSION_up_ref(mine);				\
		change;							\
		ck_assert_msg(!connect_with(mine), #change);		\
		decide_as_usual();					\
		SSL_SESSION_free(last);					\
		last = mine;						\
	} while (0)
	OTHERWISE(host = "other.example");
	OTHERWISE(scope.policy++);
	OTHERWISE(scope.explicit_web = true);
	OTHERWISE(scope.generation++);
	OTHERWISE(leaf = other);
	OTHERWISE(untrusted = true);
	OTHERWISE(page = true);
	OTHERWISE(legacy = true);	/* weaker suites */
	OTHERWISE(origin0++);
	OTHERWISE(clt_max = ver);
	OTHERWISE(scope.on = false);
	ck_assert(again());
	X509_free(other);
}
END_TEST

START_TEST(no_keys_no_tickets)
{
	ver = vers[_i];
	wad_ssl_ticket_clear();
	ck_assert(!connect_with(NULL));
	ck_assert_uint_eq(n_given, 0);
	ck_assert_int_eq(give_keys(1, 1, WAD_TICKET_KEY_LEN), 0);
	scope.on = false;
	ck_assert(!connect_with(NULL));
	ck_assert_uint_eq(n_given, 0);
}
END_TEST

START_TEST(keys_change)
{
	ver = vers[_i];
	ck_assert_int_eq(give_keys(2, 8, WAD_TICKET_KEY_LEN), 0);
	ck_assert(!connect_with(NULL));
	/* 8 is the second now: still good, and a new ticket comes */
	ck_assert_int_eq(give_keys(2, 7, WAD_TICKET_KEY_LEN), 0);
	n_given = 0;
	ck_assert(again());
	ck_assert_int_eq(give_keys(1, 7, WAD_TICKET_KEY_LEN), 0);
	ck_assert(again());
	/* nobody knows it any more: a full handshake, and a new one */
	ck_assert_int_eq(give_keys(2, 20, WAD_TICKET_KEY_LEN), 0);
	ck_assert(!again());
	ck_assert(again());
}
END_TEST

START_TEST(malformed_keys)
{
	ck_assert_int_eq(give_keys(0, 1, WAD_TICKET_KEY_LEN), -1);
	ck_assert_int_eq(give_keys(WAD_TICKET_KEYS_MAX + 1, 1,
	    WAD_TICKET_KEY_LEN), -1);
	ck_assert_int_eq(give_keys(1, 1, WAD_TICKET_KEY_LEN - 1), -1);
	ck_assert_int_eq(give_keys(1, 1, WAD_TICKET_KEY_LEN + 1), -1);
	ck_assert_int_eq(give_keys(WAD_TICKET_KEYS_MAX, 1,
	    WAD_TICKET_KEY_LEN), 0);
	/* those from before stay when a message is bad */
	ck_assert(!connect_with(NULL));
	ck_assert_int_eq(give_keys(0, 1, WAD_TICKET_KEY_LEN), -1);
	ck_assert(again());
}
END_TEST

START_TEST(not_longer_than_the_certificate)
{
	ver = vers[_i];
	ck_assert(!connect_with(NULL));
	ck_assert_uint_eq(SSL_SESSION_get_ticket_lifetime_hint(last), 1200);
	product_life = 300;
	ck_assert(!connect_with(NULL));
	ck_assert_uint_le(SSL_SESSION_get_ticket_lifetime_hint(last), 300);
	ck_assert_uint_gt(SSL_SESSION_get_ticket_lifetime_hint(last), 290);
	decide_as_usual();
	scope.lifetime = 1;
	ck_assert(!connect_with(NULL));
	ck_assert(again());
}
END_TEST

/* A ticket that was tampered with. */
START_TEST(damaged)
{
	SSL_SESSION		*s;
	unsigned char		*der = NULL, *t;
	const unsigned char	*p, *ticket;
	size_t			 len;
	int			 n;

	ver = vers[_i];
	ck_assert(!connect_with(NULL));
	SSL_SESSION_get0_ticket(last, &ticket, &len);
	n = i2d_SSL_SESSION(last, &der);
	ck_assert_int_gt(n, 0);
	t = memmem(der, (size_t)n, ticket, len);
	ck_assert_ptr_nonnull(t);
	t[len / 2] ^= 1;
	p = der;
	s = d2i_SSL_SESSION(NULL, &p, n);
	ck_assert_ptr_nonnull(s);
	ck_assert(!connect_with(s));
	SSL_SESSION_free(s);
	OPENSSL_free(der);
}
END_TEST

/* A client with early data for a server that took it once (RFC 8446 section
 * 4.2.10): its bytes are passed over, the handshake is good. */
START_TEST(early_data)
{
	SSL_CTX		*sctx = plain_ctx();
	struct plain	 a, b, c;
	struct end	 e;
	size_t		 n;
	char		 buf[64];
	struct wad_ssl_port shown = { .type = WAD_SSL_SRV };

	/* a session of a server that takes early data */
	SSL_CTX_set_max_early_data(sctx, 16384);
	plain_open_on(&a, true, sctx);
	plain_open_on(&b, false, ctx);
	for (int i = 0; i < 5; i++) {
		int r;

		SSL_do_handshake(b.ssl);
		while ((r = BIO_read(b.out, buf, sizeof(buf))) > 0)
			BIO_write(a.in, buf, r);
		SSL_do_handshake(a.ssl);
		while ((r = BIO_read(a.out, buf, sizeof(buf))) > 0)
			BIO_write(b.in, buf, r);
	}
	(void)SSL_read(b.ssl, buf, sizeof(buf));
	ERR_clear_error();
	ck_assert_ptr_nonnull(last);
	ck_assert_uint_eq(SSL_SESSION_get_max_early_data(last), 16384);
	SSL_shutdown(b.ssl);		/* or OpenSSL takes it for spoilt */
	plain_close(&a);
	plain_close(&b);

	end_open(&e, WAD_SSL_CLT);
	plain_open_on(&c, false, ctx);
	SSL_set_session(c.ssl, last);
	ck_assert_int_eq(SSL_write_early_data(c.ssl, "GET /secret", 11, &n),
	    1);
	plain_to(&c, &e);
	ck_assert_int_eq(wad_ssl_port_handshake(e.sp), WAD_SSL_HELLO);
	e.n->scope = scope;
	strcpy(e.n->host, host);
	e.n->key_type = WAD_KEY_EC;
	e.n->product = pki_product(WAD_KEY_EC);
	e.n->product->not_after = time(NULL) + 1000;
	ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(e.sp, &shown,
	    e.n, WAD_TLS12), 0);
	ck_assert_int_eq(plain_run(&c, &e), WAD_SSL_OK);
	ck_assert_int_eq(SSL_get_early_data_status(c.ssl),
	    SSL_EARLY_DATA_REJECTED);
	ck_assert_int_eq(wad_ssl_port_read(e.sp, buf, sizeof(buf)), 0);
	ck_assert(!e.sp->failed);
	ck_assert_int_eq(SSL_write(c.ssl, "later", 5), 5);
	plain_to(&c, &e);
	ck_assert_int_eq(wad_ssl_port_read(e.sp, buf, sizeof(buf)), 5);
	/* and our own tickets promise none */
	ck_assert(!connect_with(NULL));
	ck_assert_uint_eq(SSL_SESSION_get_max_early_data(last), 0);
	plain_close(&c);
	end_close(&e);
	SSL_CTX_free(sctx);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_ticket");
	TCase	*t = tcase_create("ssl_ticket");
	int	 bad;

	pki_make();
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, comes_back, 0, 2);
	tcase_add_loop_test(t, every_part_of_the_binding, 0, 2);
	tcase_add_loop_test(t, no_keys_no_tickets, 0, 2);
	tcase_add_loop_test(t, keys_change, 0, 2);
	tcase_add_test(t, malformed_keys);
	tcase_add_loop_test(t, not_longer_than_the_certificate, 0, 2);
	tcase_add_loop_test(t, damaged, 0, 2);
	tcase_add_test(t, early_data);
	suite_add_tcase(s, t);
	bad = suite_run(s);
	pki_free();
	return bad;
}
