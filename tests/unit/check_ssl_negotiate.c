/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_negotiate.c: ClientHellos written by hand, good and bad lists, and the
 * choice of the leaf's key.
 */
#include <check.h>

#include "suite.h"
#include "tls_pair.h"

struct hello {
	uint16_t version;
	uint8_t	 suites[400], ext[9000];
	size_t	 n_suites, n_ext;
};

static struct end	e;
static struct hello	h;

static void
setup(void)
{
	end_open(&e, WAD_SSL_CLT);
	memset(&h, 0, sizeof(h));
	h.version = WAD_TLS12;
	memcpy(h.suites, "\x13\x01", 2);
	h.n_suites = 2;
}

static void
teardown(void)
{
	end_close(&e);
}

static void
ext(unsigned type, const void *data, size_t len)
{
	uint8_t *p = h.ext + h.n_ext;

	p[0] = (uint8_t)(type >> 8);
	p[1] = (uint8_t)type;
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	if (len > 0)
		memcpy(p + 4, data, len);
	h.n_ext += 4 + len;
}

static void
u16(uint8_t **p, size_t v)
{
	*(*p)++ = (uint8_t)(v >> 8);
	*(*p)++ = (uint8_t)v;
}

/* Feeds the hello; what the handshake says. */
static enum wad_ssl_ret
feed(void)
{
	static uint8_t	 buf[16384];
	uint8_t		*p = buf;
	size_t		 body = 2 + 32 + 1 + 2 + h.n_suites + 2 + 2 + h.n_ext;

	*p++ = 22;
	u16(&p, 0x0301);
	u16(&p, body + 4);
	*p++ = 1;
	*p++ = 0;
	u16(&p, body);
	u16(&p, h.version);
	memset(p, 7, 32);
	p += 32;
	*p++ = 0;
	u16(&p, h.n_suites);
	memcpy(p, h.suites, h.n_suites);
	p += h.n_suites;
	*p++ = 1;
	*p++ = 0;
	u16(&p, h.n_ext);
	memcpy(p, h.ext, h.n_ext);
	p += h.n_ext;
	wad_buf_add(&e.port->in, buf, (size_t)(p - buf));
	return wad_ssl_port_handshake(e.sp);
}

static const struct sni_row {
	const char *p; size_t n;
	bool	 bad;
	const char *name;
} sni_rows[] = {
	{ "\0\x0e\0\0\x0b" "example.com", 16, false, "example.com" },
	{ "\0\x0e\0\0\x0b" "EXAMPLE.Com", 16, false, "example.com" },
	{ "\0\x0f\0\0\x0c" "example.com.", 17, false, "example.com" },
	{ "\0\x0b\0\0\x08" "10.0.0.1", 13, false, "10.0.0.1" },
	{ "", 0, true, "" },
	{ "\0", 1, true, "" },
	{ "\0\0", 2, true, "" },
	{ "\0\3\0\0\0", 5, true, "" },
	{ "\0\x0f\0\0\x0b" "example.com", 16, true, "" },
	{ "\0\x0e\0\0\x0c" "example.com", 16, true, "" },
	{ "\0\x0e\0\0\x0a" "example.com", 16, true, "" },
	{ "\0\x0e\1\0\x0b" "example.com", 16, true, "" },
	{ "\0\x0e\0\0\x0b" "exam\0le.com", 16, true, "" },
	{ "\0\x0e\0\0\x0b" "exam le.com", 16, true, "" },
	{ "\0\x0e\0\0\x0b" "exam\nle.com", 16, true, "" },
	/* two names */
	{ "\0\x08\0\0\1a\0\0\1b", 10, true, "" },
	{ "\0\4\0\0\1.", 6, true, "" },
};

START_TEST(server_name)
{
	const struct sni_row *r = &sni_rows[_i];

	ext(TLSEXT_TYPE_server_name, r->p, r->n);
	ck_assert_int_eq(feed(), WAD_SSL_HELLO);
	ck_assert(e.n->has_sni);
	ck_assert(e.n->sni_bad == r->bad);
	ck_assert_str_eq(e.n->sni, r->name);
}
END_TEST

START_TEST(long_server_name)
{
	uint8_t x[1005];
	size_t	n = 1000;

	memset(x, 'a', sizeof(x));
	memcpy(x, "\x03\xeb\0\x03\xe8", 5);
	ext(TLSEXT_TYPE_server_name, x, n + 5);
	ck_assert_int_eq(feed(), WAD_SSL_HELLO);
	ck_assert(e.n->sni_bad);
	ck_assert_str_eq(e.n->sni, "");
}
END_TEST

START_TEST(nothing_offered)
{
	h.version = WAD_TLS10;
	ck_assert_int_eq(feed(), WAD_SSL_HELLO);
	ck_assert(!e.n->has_sni && !e.n->sni_bad && !e.n->has_alpn &&
	    !e.n->has_ech && !e.n->tls13);
	ck_assert_uint_eq(e.n->max_version, WAD_TLS10);
	ck_assert_uint_eq(e.n->versions.n + e.n->groups.n + e.n->shares.n +
	    e.n->sigalgs.n, 0);
	ck_assert_uint_eq(e.n->ciphers.n, 1);
	ck_assert_ptr_null(e.n->psk_id);
}
END_TEST

static const struct bad_row {
	unsigned type;
	const char *p; size_t n;
	bool	 ok;
} bad_rows[] = {
	{ TLSEXT_TYPE_supported_versions, "\2\3\4", 3, true },
	{ TLSEXT_TYPE_supported_versions, "", 0, false },
	{ TLSEXT_TYPE_supported_versions, "\3\3\4\3", 4, false },
	{ TLSEXT_TYPE_supported_versions, "\4\3\4", 3, false },
	{ TLSEXT_TYPE_supported_versions, "\2\3\4\3", 4, false },
	{ TLSEXT_TYPE_supported_groups, "\0\2\0\x1d", 4, true },
	{ TLSEXT_TYPE_supported_groups, "\0", 1, false },
	{ TLSEXT_TYPE_supported_groups, "\0\4\0\x1d", 4, false },
	{ TLSEXT_TYPE_signature_algorithms, "\0\2\4\3", 4, true },
	{ TLSEXT_TYPE_signature_algorithms, "\0\3\4\3\4", 5, false },
	{ TLSEXT_TYPE_key_share, "\0\0", 2, true },
	{ TLSEXT_TYPE_key_share, "\0\6\0\x1d\0\2xx", 8, true },
	{ TLSEXT_TYPE_key_share, "\0\6\0\x1d\0\3xx", 8, false },
	{ TLSEXT_TYPE_key_share, "\0\7\0\x1d\0\2xxx", 9, false },
	{ TLSEXT_TYPE_key_share, "\0\4\0\x1d\xff\xff", 6, false },
	{ TLSEXT_TYPE_key_share, "\0", 1, false },
	{ 16, "\0\3\2h2", 5, true },
	{ 16, "\0\3\3h2", 5, false },
	{ 16, "\0\1\0", 3, false },
	{ 16, "\0\4\2h2", 5, false },
	{ 16, "", 0, false },
};

START_TEST(lists)
{
	const struct bad_row *r = &bad_rows[_i];

	ext(r->type, r->p, r->n);
	ck_assert_int_eq(feed(), r->ok ? WAD_SSL_HELLO : WAD_SSL_FAIL);
	if (!r->ok)
		ck_assert_int_eq(e.sp->alert_sent, SSL_AD_DECODE_ERROR);
}
END_TEST

START_TEST(offer_is_read)
{
	ext(TLSEXT_TYPE_supported_versions,
	    "\x08\x1a\x1a\x03\x04\x03\x03\x7f\x1c", 9);
	ext(TLSEXT_TYPE_supported_groups, "\0\6\x2a\x2a\0\x1d\0\x17", 8);
	ext(TLSEXT_TYPE_signature_algorithms, "\0\4\4\3\x08\4", 6);
	ext(TLSEXT_TYPE_key_share, "\0\x0b\x2a\x2a\0\1x\0\x1d\0\2yy", 13);
	ext(16, "\0\x0c\2h2\x08http/1.1", 14);
	ext(TLSEXT_TYPE_psk_kex_modes, "\2\1\0", 3);
	ext(TLSEXT_TYPE_psk, "\0\1", 2);
	memcpy(h.suites, "\x0a\x0a\x13\x01\xc0\x2b", 6);
	h.n_suites = 6;
	ck_assert_int_eq(feed(), WAD_SSL_HELLO);
	ck_assert(e.n->tls13);
	ck_assert_uint_eq(e.n->max_version, WAD_TLS13);
	ck_assert_uint_eq(e.n->versions.n, 3);	/* without GREASE */
	ck_assert_uint_eq(e.n->groups.n, 2);
	ck_assert(wad_ssl_negotiate_has(&e.n->groups, 29));
	ck_assert(!wad_ssl_negotiate_has(&e.n->groups, 0x2a2a));
	ck_assert_uint_eq(e.n->shares.n, 1);
	ck_assert_uint_eq(e.n->shares.v[0], 29);
	ck_assert_uint_eq(e.n->ciphers.n, 2);
	ck_assert_uint_eq(e.n->ciphers.v[1], 0xc02b);
	ck_assert(e.n->alpn_h1 && e.n->alpn_h2 && !e.n->has_ech);
	ck_assert_ptr_nonnull(e.n->psk_id);
	ck_assert_uint_eq(e.n->psk_modes, 3);
}
END_TEST

START_TEST(ech_is_seen)
{
	ext(0xfe0d, "\0", 1);
	ck_assert_int_eq(feed(), WAD_SSL_HELLO);
	ck_assert(e.n->has_ech);
}
END_TEST

START_TEST(lists_are_cut)
{
	static uint8_t	x[4002];

	x[0] = 4000 >> 8;
	x[1] = 4000 & 0xff;
	for (size_t i = 0; i < 2000; i++) {
		x[2 + i * 2] = (uint8_t)(0x40 + (i >> 8));
		x[3 + i * 2] = (uint8_t)i;
	}
	/* what we know is found behind all that we do not */
	memcpy(x + 3998, "\x08\x04\x00\x1d", 4);
	ext(TLSEXT_TYPE_supported_groups, x, 4002);
	ext(TLSEXT_TYPE_signature_algorithms, x, 4002);
	for (size_t i = 0; i < sizeof(h.suites); i++)
		h.suites[i] = (uint8_t)i;
	h.n_suites = sizeof(h.suites);
	memcpy(h.suites + sizeof(h.suites) - 2, "\x13\x01", 2);
	ck_assert_int_eq(feed(), WAD_SSL_HELLO);
	ck_assert(wad_ssl_negotiate_has(&e.n->groups, 29));
	ck_assert(wad_ssl_negotiate_has(&e.n->sigalgs, 0x0804));
	ck_assert(wad_ssl_negotiate_has(&e.n->ciphers, 0x1301));
	ck_assert_uint_le(e.n->groups.n, WAD_NEGO_LIST_MAX);
	ck_assert_uint_le(e.n->sigalgs.n, WAD_NEGO_LIST_MAX);
	ck_assert_uint_le(e.n->ciphers.n, WAD_NEGO_LIST_MAX);
}
END_TEST

START_TEST(objects_are_used_again)
{
	struct wad_ssl_nego *a = wad_ssl_negotiate_make(), *b;

	strcpy(a->sni, "old.example");
	a->hello = true;
	wad_ssl_negotiate_free(a);
	b = wad_ssl_negotiate_make();
	ck_assert_str_eq(b->sni, "");	/* nothing of the last session */
	ck_assert(!b->hello);
	wad_ssl_negotiate_free(b);
}
END_TEST

static struct wad_nego_list
list(unsigned a, unsigned b)
{
	struct wad_nego_list l = { .n = 0 };

	if (a != 0)
		l.v[l.n++] = (uint16_t)a;
	if (b != 0)
		l.v[l.n++] = (uint16_t)b;
	return l;
}

static const struct key_row {
	unsigned sig1, sig2, group, cipher;
	bool	 tls13, ok;
	enum wad_key_type type;
	uint16_t ss;
} key_rows[] = {
	{ 0x0403, 0x0804, 23, 0xc02f, true, true, WAD_KEY_EC, 0x0403 },
	{ 0x0403, 0x0804, 23, 0xc02b, false, true, WAD_KEY_EC, 0x0403 },
	{ 0x0403, 0x0804, 23, 0xcca9, false, true, WAD_KEY_EC, 0x0403 },
	/* no ECDSA suite, no P-256, no ECDSA scheme: RSA */
	{ 0x0403, 0x0804, 23, 0xc02f, false, true, WAD_KEY_RSA, 0x0804 },
	{ 0x0403, 0x0804, 29, 0xc02b, false, true, WAD_KEY_RSA, 0x0804 },
	{ 0x0804, 0, 23, 0xc02b, false, true, WAD_KEY_RSA, 0x0804 },
	{ 0x0401, 0, 23, 0xc02f, false, true, WAD_KEY_RSA, 0x0401 },
	{ 0x0805, 0x0601, 23, 0xc02f, true, true, WAD_KEY_RSA, 0x0805 },
	{ 0x0601, 0x0806, 23, 0xc02f, false, true, WAD_KEY_RSA, 0x0806 },
	{ 0x0401, 0x0804, 23, 0xc02f, true, true, WAD_KEY_RSA, 0x0804 },
	/* TLS 1.2 without the extension */
	{ 0, 0, 23, 0xc02f, false, true, WAD_KEY_RSA, 0x0401 },
	/* only what we have no key for */
	{ 0x0807, 0x0503, 23, 0xc02b, true, false, WAD_KEY_RSA, 0 },
};

START_TEST(key_type)
{
	const struct key_row *r = &key_rows[_i];

	e.n->sigalgs = list(r->sig1, r->sig2);
	e.n->groups = list(r->group, 0);
	e.n->ciphers = list(r->cipher, 0);
	e.n->tls13 = r->tls13;
	ck_assert(wad_ssl_negotiate_key_type(e.n) == r->ok);
	if (!r->ok)
		return;
	ck_assert_int_eq(e.n->key_type, r->type);
	ck_assert_uint_eq(e.n->ss, r->ss);
}
END_TEST

#define N(a)	((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite	*s = suite_create("ssl_negotiate");
	TCase	*t = tcase_create("ssl_negotiate");
	int	 bad;

	pki_make();
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, server_name, 0, N(sni_rows));
	tcase_add_test(t, long_server_name);
	tcase_add_test(t, nothing_offered);
	tcase_add_loop_test(t, lists, 0, N(bad_rows));
	tcase_add_test(t, offer_is_read);
	tcase_add_test(t, ech_is_seen);
	tcase_add_test(t, lists_are_cut);
	tcase_add_test(t, objects_are_used_again);
	tcase_add_loop_test(t, key_type, 0, N(key_rows));
	suite_add_tcase(s, t);
	bad = suite_run(s);
	pki_free();
	return bad;
}
