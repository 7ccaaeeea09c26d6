/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The negotiation object, and reading the client's offer.  OpenSSL has
 * parsed the framing; here only fixed lists are read, each with its bound.
 */
#include "tls/ssl_negotiate.h"

#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_session.h"

enum { ECDSA_P256_SHA256 = 0x0403, GROUP_P256 = 23 };
/* Of RSA keys (RFC 8446 section 4.2.3), in the order of ssl_offer.c. */
static const uint16_t rsa[] = { 0x0804, 0x0401, 0x0805, 0x0501, 0x0806,
	0x0601 };

enum { FREE_MAX = 64 };
static struct wad_ssl_nego	*free_list[FREE_MAX];
static unsigned			 n_free;

struct wad_ssl_nego *
wad_ssl_negotiate_make(void)
{
	struct wad_ssl_nego *n;

	if (n_free > 0) {
		n = free_list[--n_free];
		memset(n, 0, sizeof(*n));
	} else
		n = wad_xcalloc(1, sizeof(*n));
	n->magic = WAD_SSL_NEGO_MAGIC;
	WAD_DBG(SSL, WAD_V, "nego=%p", (void *)n);
	return n;
}

void
wad_ssl_negotiate_free(struct wad_ssl_nego *n)
{
	if (n == NULL)
		return;
	WAD_CHECK(n, WAD_SSL_NEGO_MAGIC);
	wad_x509_read_origin_free(&n->origin);
	sk_X509_pop_free(n->path, X509_free);
	wad_ssl_cert_storage_put(n->product);
	wad_ssl_session_abandon(n);
	n->magic = 0;
	if (n_free < FREE_MAX)
		free_list[n_free++] = n;
	else
		free(n);
}

bool
wad_ssl_negotiate_has(const struct wad_nego_list *l, uint16_t v)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->v[i] == v)
			return true;
	return false;
}

/* GREASE values (RFC 8701) say nothing. */
static bool
is_grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

/* Numbers that no table of ours has take a quarter of the room at most: what
 * counts is found wherever a client puts it. */
static void
add(struct wad_nego_list *l, const uint8_t *p)
{
	uint16_t v = (uint16_t)(p[0] << 8 | p[1]);

	if (is_grease(v) || wad_ssl_negotiate_has(l, v) ||
	    (l->n >= WAD_NEGO_LIST_MAX / 4 && !wad_ssl_offer_knows(v)))
		return;
	if (l->n < WAD_NEGO_LIST_MAX)
		l->v[l->n++] = v;
}

/* A list of 16-bit numbers behind a length of `head` bytes. */
static bool
read_list(struct wad_nego_list *l, const uint8_t *p, size_t len, size_t head)
{
	size_t n;

	if (len < head)
		return false;
	n = head == 1 ? p[0] : (size_t)p[0] << 8 | p[1];
	if (n != len - head || n % 2 != 0)
		return false;
	for (size_t i = 0; i < n; i += 2)
		add(l, p + head + i);
	return true;
}

/* RFC 8446 section 4.2.8: group and key exchange, each with a length. */
static bool
read_shares(struct wad_nego_list *l, const uint8_t *p, size_t len)
{
	size_t n, at = 2;

	if (len < 2)
		return false;
	n = (size_t)p[0] << 8 | p[1];
	if (n != len - 2)
		return false;
	while (at + 4 <= len) {
		size_t klen = (size_t)p[at + 2] << 8 | p[at + 3];

		if (klen > len - at - 4)
			return false;
		add(l, p + at);
		at += 4 + klen;
	}
	return at == len;
}

/* RFC 6066 section 3: one host_name. */
static void
read_sni(struct wad_ssl_nego *n, const uint8_t *p, size_t len)
{
	size_t list, name;

	n->has_sni = true;
	n->sni_bad = true;
	if (len < 5)
		return;
	list = (size_t)p[0] << 8 | p[1];
	name = (size_t)p[3] << 8 | p[4];
	if (list != len - 2 || p[2] != 0 || name != len - 5)
		return;
	n->sni_bad = wad_str_host_canon(n->sni, (const char *)p + 5,
	    name) == -1;
}

/* RFC 7301 section 3.1. */
static bool
read_alpn(struct wad_ssl_nego *n, const uint8_t *p, size_t len)
{
	size_t at = 2;

	if (len < 2 || ((size_t)p[0] << 8 | p[1]) != len - 2)
		return false;
	n->has_alpn = true;	/* the hello is read once or twice */
	n->alpn_h1 = n->alpn_h2 = n->h2_first = false;
	while (at < len) {
		size_t l = p[at++];

		if (l == 0 || l > len - at)
			return false;
		if (l == 8 && memcmp(p + at, "http/1.1", 8) == 0)
			n->alpn_h1 = true;
		if (l == 2 && memcmp(p + at, "h2", 2) == 0) {
			n->alpn_h2 = true;
			n->h2_first = !n->alpn_h1;
		}
		at += l;
	}
	return true;
}

static void
read_psk(struct wad_ssl_nego *n, SSL *ssl)
{
	const unsigned char	*p;
	size_t			 len;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &p, &len) && len)
		n->psk_id = p;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk_kex_modes, &p,
	    &len) && len > 1)
		for (size_t i = 1; i < len; i++)
			if (p[i] < 2)
				n->psk_modes |= 1u << p[i];
	/* RFC 5077 section 3.2: empty when there is none yet */
	n->has_ticket = SSL_client_hello_get0_ext(ssl,
	    TLSEXT_TYPE_session_ticket, &p, &len) && len > 0;
}

static void
read_versions(struct wad_ssl_nego *n, SSL *ssl)
{
	uint16_t legacy = (uint16_t)SSL_client_hello_get0_legacy_version(ssl);

	/* RFC 8446 section 4.2.1: with the extension, the old field says
	 * nothing */
	n->max_version = legacy > WAD_TLS12 ? WAD_TLS12 : legacy;
	if (n->versions.n > 0)
		n->max_version = 0;
	for (unsigned i = 0; i < n->versions.n; i++) {
		if (n->versions.v[i] == WAD_TLS13)
			n->tls13 = true;
		if (n->versions.v[i] <= WAD_TLS13 &&
		    n->versions.v[i] > n->max_version)
			n->max_version = n->versions.v[i];
	}
}

bool
wad_ssl_negotiate_hello(struct wad_ssl_nego *n, SSL *ssl)
{
	const unsigned char	*p;
	size_t			 len;
	bool			 ok = true;

	if (n->hello)
		return true;		/* the callback fires again */
	n->hello = true;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &p, &len))
		read_sni(n, p, len);
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &p,
	    &len))
		ok &= read_list(&n->versions, p, len, 1);
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_groups, &p,
	    &len))
		ok &= read_list(&n->groups, p, len, 2);
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_signature_algorithms,
	    &p, &len))
		ok &= read_list(&n->sigalgs, p, len, 2);
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_key_share, &p, &len))
		ok &= read_shares(&n->shares, p, len);
	if (SSL_client_hello_get0_ext(ssl,
	    TLSEXT_TYPE_application_layer_protocol_negotiation, &p, &len))
		ok &= read_alpn(n, p, len);
	n->has_ech = SSL_client_hello_get0_ext(ssl, WAD_EXT_ECH, &p, &len);
	read_psk(n, ssl);
	len = SSL_client_hello_get0_ciphers(ssl, &p);
	for (size_t i = 0; i + 2 <= len; i += 2)
		add(&n->ciphers, p + i);
	read_versions(n, ssl);
	return ok;
}

/* ECDHE with ECDSA for TLS 1.2 (RFC 5289, RFC 7905). */
static bool
has_ecdsa_cipher(const struct wad_ssl_nego *n)
{
	static const uint16_t suites[] = { 0xc02b, 0xc02c, 0xcca9 };

	if (n->tls13 && (n->clt_max == 0 || n->clt_max == WAD_TLS13))
		return true;
	if (n->clt_max != 0 && n->clt_max < WAD_TLS12)
		return false;		/* old clients know RSA */
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (wad_ssl_negotiate_has(&n->ciphers, suites[i]))
			return true;
	return false;
}

bool
wad_ssl_negotiate_key_type(struct wad_ssl_nego *n)
{
	/* EC whenever the client can: a P-256 signature costs a tenth of an
	 * RSA one, and clients that know it prefer it. */
	if (wad_ssl_negotiate_has(&n->sigalgs, ECDSA_P256_SHA256) &&
	    wad_ssl_negotiate_has(&n->groups, GROUP_P256) &&
	    has_ecdsa_cipher(n)) {
		n->key_type = WAD_KEY_EC;
		n->ss = ECDSA_P256_SHA256;
		return true;
	}
	n->key_type = WAD_KEY_RSA;
	n->ss = rsa[1];			/* who names none knows this */
	for (size_t i = 0; i < sizeof(rsa) / sizeof(rsa[0]); i++)
		if (wad_ssl_negotiate_has(&n->sigalgs, rsa[i])) {
			n->ss = rsa[i];
			return true;
		}
	return n->sigalgs.n == 0;
}
