/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The offer to servers, see ssl_offer.h.  Nothing weak is in the tables: AEAD
 * with ephemeral ECDH, no SHA-1.  Rows marked `old` serve only a profile whose
 * min-allowed-ssl-version is below TLS 1.2.
 */
#include "tls/ssl_offer.h"

#include <openssl/err.h>

#include <string.h>

#include "base/str.h"
#include "tls/ssl_negotiate.h"

struct row {
	uint16_t	 id;
	bool		 old;
	const char	*name;		/* OpenSSL's */
	unsigned	 auth;		/* key of the certificate it goes with */
};

/* RSA with PKCS #1 is for TLS 1.2 only (RFC 8446 section 4.2.3). */
enum { FOR_EC = 1, FOR_RSA = 2, IN13 = 4 };
enum { X25519MLKEM768 = 4588 };

/* RFC 8446 appendix B.4 */
static const struct row suites13[] = {
	{ 0x1301, false, "TLS_AES_128_GCM_SHA256", 0 },
	{ 0x1302, false, "TLS_AES_256_GCM_SHA384", 0 },
	{ 0x1303, false, "TLS_CHACHA20_POLY1305_SHA256", 0 },
};
/* RFC 5289, RFC 7905; RFC 8422 for the old ones.  No finite-field DHE: its
 * group is the server's choice and may be a weak one. */
static const struct row suites12[] = {
	{ 0xc02b, false, "ECDHE-ECDSA-AES128-GCM-SHA256", FOR_EC },
	{ 0xc02f, false, "ECDHE-RSA-AES128-GCM-SHA256", FOR_RSA },
	{ 0xc02c, false, "ECDHE-ECDSA-AES256-GCM-SHA384", FOR_EC },
	{ 0xc030, false, "ECDHE-RSA-AES256-GCM-SHA384", FOR_RSA },
	{ 0xcca9, false, "ECDHE-ECDSA-CHACHA20-POLY1305", FOR_EC },
	{ 0xcca8, false, "ECDHE-RSA-CHACHA20-POLY1305", FOR_RSA },
	{ 0xc009, true, "ECDHE-ECDSA-AES128-SHA", FOR_EC },
	{ 0xc013, true, "ECDHE-RSA-AES128-SHA", FOR_RSA },
	{ 0xc00a, true, "ECDHE-ECDSA-AES256-SHA", FOR_EC },
	{ 0xc014, true, "ECDHE-RSA-AES256-SHA", FOR_RSA },
};
/* RFC 8446 section 4.2.7; the hybrid where OpenSSL has it (3.5 and later) */
static const struct row groups[] = {
	{ X25519MLKEM768, false, "X25519MLKEM768", 0 },
	{ 29, false, "X25519", 0 },
	{ 23, false, "P-256", 0 },
	{ 24, false, "P-384", 0 },
};
/* RFC 8446 section 4.2.3 */
static const struct row sigalgs[] = {
	{ 0x0403, false, "ecdsa_secp256r1_sha256", FOR_EC | IN13 },
	{ 0x0804, false, "rsa_pss_rsae_sha256", FOR_RSA | IN13 },
	{ 0x0401, false, "rsa_pkcs1_sha256", FOR_RSA },
	{ 0x0503, false, "ecdsa_secp384r1_sha384", FOR_EC | IN13 },
	{ 0x0805, false, "rsa_pss_rsae_sha384", FOR_RSA | IN13 },
	{ 0x0501, false, "rsa_pkcs1_sha384", FOR_RSA },
	{ 0x0806, false, "rsa_pss_rsae_sha512", FOR_RSA | IN13 },
	{ 0x0601, false, "rsa_pkcs1_sha512", FOR_RSA },
	{ 0x0603, false, "ecdsa_secp521r1_sha512", FOR_EC | IN13 },
	{ 0x0807, false, "ed25519", FOR_EC | IN13 },
	{ 0x0809, false, "rsa_pss_pss_sha256", FOR_RSA | IN13 },
	{ 0x080a, false, "rsa_pss_pss_sha384", FOR_RSA | IN13 },
	{ 0x080b, false, "rsa_pss_pss_sha512", FOR_RSA | IN13 },
	{ 0x0201, true, "rsa_pkcs1_sha1", FOR_RSA },
	{ 0x0203, true, "ECDSA+SHA1", FOR_EC },
};

#define TABLE(t, is_ext) { t, sizeof(t) / sizeof(t[0]), is_ext }
static const struct {
	const struct row	*rows;
	uint8_t			 n;
	bool			 ext;	/* an extension: without it the client
					 * did not limit us (RFC 8422 section
					 * 4; we check signatures ourselves) */
} tables[WAD_OFFER_KINDS] = {
	[WAD_OFFER_SUITES13] = TABLE(suites13, false),
	[WAD_OFFER_SUITES12] = TABLE(suites12, false),
	[WAD_OFFER_GROUPS] = TABLE(groups, true),
	[WAD_OFFER_SIGALGS] = TABLE(sigalgs, true),
};

static bool have_hybrid;

/* Whether this row is allowed here. */
static bool
ours(enum wad_offer_kind kind, unsigned i, bool legacy)
{
	const struct row *r = &tables[kind].rows[i];

	if (kind == WAD_OFFER_GROUPS && r->id == X25519MLKEM768)
		return have_hybrid;
	return legacy || !r->old;
}

bool
wad_ssl_offer_has_group(uint16_t g)
{
	for (unsigned i = 0; i < tables[WAD_OFFER_GROUPS].n; i++)
		if (groups[i].id == g)
			return ours(WAD_OFFER_GROUPS, i, false);
	return false;
}

bool
wad_ssl_offer_knows(uint16_t v)
{
	for (unsigned k = 0; k < WAD_OFFER_KINDS; k++)
		for (unsigned i = 0; i < tables[k].n; i++)
			if (tables[k].rows[i].id == v)
				return true;
	return v >= WAD_TLS10 && v <= WAD_TLS13;
}

bool
wad_ssl_offer_is_legacy(uint16_t min_version)
{
	return min_version < WAD_TLS12;
}

/* "a:b:c" for OpenSSL's setters. */
static void
names(struct wad_str *s, enum wad_offer_kind kind, const uint8_t *row,
    unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			wad_str_add(s, ":");
		wad_str_add(s, tables[kind].rows[row[i]].name);
	}
}

static int
set_ctx(SSL_CTX *c, enum wad_offer_kind kind, const char *s)
{
	switch (kind) {
	case WAD_OFFER_SUITES13:
		return SSL_CTX_set_ciphersuites(c, s);
	case WAD_OFFER_SUITES12:
		return SSL_CTX_set_cipher_list(c, s);
	case WAD_OFFER_GROUPS:
		return (int)SSL_CTX_set1_groups_list(c, s);
	default:
		return (int)SSL_CTX_set1_sigalgs_list(c, s);
	}
}

static int
set_ssl(SSL *ssl, enum wad_offer_kind kind, const char *s)
{
	switch (kind) {
	case WAD_OFFER_SUITES13:
		return SSL_set_ciphersuites(ssl, s);
	case WAD_OFFER_SUITES12:
		return SSL_set_cipher_list(ssl, s);
	case WAD_OFFER_GROUPS:
		return (int)SSL_set1_groups_list(ssl, s);
	default:
		return (int)SSL_set1_sigalgs_list(ssl, s);
	}
}

int
wad_ssl_offer_setup(SSL_CTX *c, bool legacy)
{
	have_hybrid = SSL_CTX_set1_groups_list(c, "X25519MLKEM768") == 1;
	ERR_clear_error();
	SSL_CTX_set_min_proto_version(c, legacy ? WAD_TLS10 : WAD_TLS12);
	if (legacy)		/* TLS 1.0 and 1.1 sign with MD5 and SHA-1 */
		SSL_CTX_set_security_level(c, 0);
	for (unsigned k = 0; k < WAD_OFFER_KINDS; k++) {
		struct wad_str	s = { 0 };
		uint8_t		row[WAD_OFFER_ROWS], n = 0;
		int		ok;

		for (uint8_t i = 0; i < tables[k].n; i++)
			if (ours(k, i, legacy))
				row[n++] = i;
		names(&s, k, row, n);
		ok = set_ctx(c, k, s.s);
		wad_str_free(&s);
		if (ok != 1)
			return -1;
	}
	return 0;
}

/* What both have: in our order when it is all of ours, else in the client's.
 */
static void
pick(struct wad_ssl_offer *o, enum wad_offer_kind kind,
    const struct wad_nego_list *client)
{
	uint8_t n = 0;

	o->list[kind].all = true;
	for (uint8_t i = 0; i < tables[kind].n; i++) {
		if (!ours(kind, i, o->legacy))
			continue;
		if ((client->n == 0 && tables[kind].ext) ||
		    wad_ssl_negotiate_has(client, tables[kind].rows[i].id))
			o->list[kind].row[n++] = i;
		else
			o->list[kind].all = false;
	}
	o->list[kind].n = n;
	if (o->list[kind].all)
		return;
	n = 0;
	for (unsigned c = 0; c < client->n; c++)
		for (uint8_t i = 0; i < tables[kind].n; i++)
			if (tables[kind].rows[i].id == client->v[c] &&
			    ours(kind, i, o->legacy) &&
			    memchr(o->list[kind].row, i, n) == NULL)
				o->list[kind].row[n++] = i;
	memset(o->list[kind].row + n, 0, WAD_OFFER_ROWS - n);
}

/* There are a suite and a signature for this version that go together. */
static bool
usable(const struct wad_ssl_offer *o, uint16_t v)
{
	unsigned sign = 0, suite = 0;

	for (unsigned i = 0; i < o->list[WAD_OFFER_SIGALGS].n; i++)
		sign |= sigalgs[o->list[WAD_OFFER_SIGALGS].row[i]].auth;
	if (v == WAD_TLS13)
		return o->list[WAD_OFFER_SUITES13].n > 0 && sign & IN13;
	for (unsigned i = 0; i < o->list[WAD_OFFER_SUITES12].n; i++)
		suite |= suites12[o->list[WAD_OFFER_SUITES12].row[i]].auth;
	return v < WAD_TLS12 ? suite != 0 : suite & sign;
}

/* The client offers this version and we can speak it with him. */
static bool
version_ok(const struct wad_ssl_nego *n, uint16_t v)
{
	if (!usable(&n->offer, v))
		return false;
	/* RFC 8446 section 4.2.1: the extension, else one number that means
	 * everything up to it */
	if (n->versions.n > 0)
		return wad_ssl_negotiate_has(&n->versions, v);
	return v <= n->max_version;
}

/* The newest common version, and what follows below it without a gap. */
static enum wad_offer_cause
versions(struct wad_ssl_nego *n, uint16_t min)
{
	struct wad_ssl_offer *o = &n->offer;

	if (n->max_version < min)
		return WAD_OFFER_VERSION;
	for (uint16_t v = WAD_TLS13; v >= min; v--) {
		if (version_ok(n, v)) {
			if (o->max == 0)
				o->max = v;
			o->min = v;
		} else if (o->max != 0)
			break;
	}
	return o->max != 0 ? WAD_OFFER_OK : WAD_OFFER_CIPHER;
}

/* What the client offers and supported-alpn allows.  HTTP/2 needs TLS 1.2
 * (RFC 9113 section 9.2). */
static void
alpn(struct wad_ssl_nego *n)
{
	struct wad_ssl_offer	*o = &n->offer;
	enum wad_alpn		 may = n->scope.alpn;

	o->h1 = n->alpn_h1 && (may == WAD_ALPN_ALL || may == WAD_ALPN_H1);
	o->h2 = n->alpn_h2 && (may == WAD_ALPN_ALL || may == WAD_ALPN_H2) &&
	    o->max >= WAD_TLS12;
	o->h2_first = o->h1 && o->h2 && n->h2_first;
}

enum wad_offer_cause
wad_ssl_offer_make(struct wad_ssl_nego *n, uint16_t min_version)
{
	struct wad_ssl_offer	*o = &n->offer;
	enum wad_offer_cause	 cause;

	memset(o, 0, sizeof(*o));
	o->legacy = wad_ssl_offer_is_legacy(min_version);
	if (min_version < WAD_TLS10)
		min_version = WAD_TLS10;
	pick(o, WAD_OFFER_SUITES13, &n->ciphers);
	pick(o, WAD_OFFER_SUITES12, &n->ciphers);
	pick(o, WAD_OFFER_GROUPS, &n->groups);
	pick(o, WAD_OFFER_SIGALGS, &n->sigalgs);
	if (o->list[WAD_OFFER_GROUPS].n == 0 ||
	    o->list[WAD_OFFER_SIGALGS].n == 0)
		return WAD_OFFER_CIPHER;
	cause = versions(n, min_version);
	alpn(n);
	/* without ALPN the server begins with what the port is for */
	return cause == WAD_OFFER_OK && n->has_alpn && !n->alpn_h1 &&
	    !o->h2 && n->scope.alpn != WAD_ALPN_NONE ? WAD_OFFER_ALPN : cause;
}

int
wad_ssl_offer_apply(SSL *ssl, const struct wad_ssl_offer *o)
{
	/* in the client's order; each with its length first */
	static const char *const lists[2][2][2] = {
		{ { "", "" }, { "\x02h2", "\x02h2" } },
		{ { "\x08http/1.1", "\x08http/1.1" },
		    { "\x08http/1.1\x02h2", "\x02h2\x08http/1.1" } },
	};
	const char	*protos = lists[o->h1][o->h2][o->h2_first];

	if (SSL_set_min_proto_version(ssl, o->min) != 1 ||
	    SSL_set_max_proto_version(ssl, o->max) != 1)
		return -1;
	for (unsigned k = 0; k < WAD_OFFER_KINDS; k++) {
		struct wad_str	s = { 0 };
		int		ok;

		if (o->list[k].all || o->list[k].n == 0)
			continue;
		names(&s, k, o->list[k].row, o->list[k].n);
		ok = set_ssl(ssl, k, s.s);
		wad_str_free(&s);
		if (ok != 1)
			return -1;
	}
	return protos[0] == '\0' || SSL_set_alpn_protos(ssl,
	    (const unsigned char *)protos, (unsigned)strlen(protos)) == 0 ?
	    0 : -1;
}
