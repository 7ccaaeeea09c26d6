/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tickets for clients, see ssl_ticket.h.
 */
#include "tls/ssl_ticket.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_proxy.h"

struct key { uint8_t name[16], aes[32], hmac[32]; };
_Static_assert(sizeof(struct key) == WAD_TICKET_KEY_LEN, "as in msg.def");

static struct key	 keys[WAD_TICKET_KEYS_MAX];	/* the first encrypts */
static uint32_t		 n_keys;
static EVP_CIPHER	*cipher;

int
wad_ssl_ticket_receive(struct wad_msg_in *m)
{
	struct key	 got[WAD_TICKET_KEYS_MAX];
	const void	*p;
	size_t		 len;
	uint32_t	 n;

	if (wad_msg_get_u32(m, &n) == -1 || n == 0 ||
	    n > WAD_TICKET_KEYS_MAX)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		if (wad_msg_get_blob(m, &p, &len) == -1 ||
		    len != sizeof(got[i]))
			return -1;
		memcpy(&got[i], p, len);
	}
	if (wad_msg_end(m) == -1)
		return -1;
	wad_ssl_ticket_clear();
	memcpy(keys, got, n * sizeof(keys[0]));
	n_keys = n;
	OPENSSL_cleanse(got, sizeof(got));
	return 0;
}

void
wad_ssl_ticket_clear(void)
{
	OPENSSL_cleanse(keys, sizeof(keys));
	n_keys = 0;
}

bool
wad_ssl_ticket_derive(unsigned i, const char *use, uint8_t out[32])
{
	unsigned len = 0;

	return i < n_keys && HMAC(EVP_sha256(), keys[i].hmac,
	    sizeof(keys[i].hmac), (const uint8_t *)use, strlen(use), out,
	    &len) != NULL && len == 32;
}

/* RFC 5077 section 4: AES-256-CBC and HMAC-SHA256, name and IV in front. */
static int
set(EVP_CIPHER_CTX *c, EVP_MAC_CTX *mac, struct key *k,
    const unsigned char *iv, int enc)
{
	OSSL_PARAM p[] = {
		OSSL_PARAM_octet_string(OSSL_MAC_PARAM_KEY, k->hmac,
		    sizeof(k->hmac)),
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST,
		    (char *)(uintptr_t)"SHA256", 6),
		OSSL_PARAM_END
	};

	return EVP_CipherInit_ex(c, cipher, NULL, k->aes, iv, enc) == 1 &&
	    EVP_MAC_CTX_set_params(mac, p) == 1;
}

static int
on_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *c,
    EVP_MAC_CTX *mac, int enc)
{
	(void)ssl;
	if (enc) {
		if (n_keys == 0 || RAND_bytes(iv, 16) != 1)
			return -1;
		memcpy(name, keys[0].name, sizeof(keys[0].name));
		return set(c, mac, &keys[0], iv, 1) ? 1 : -1;
	}
	for (uint32_t i = 0; i < n_keys; i++)
		if (memcmp(name, keys[i].name, sizeof(keys[i].name)) == 0)
			return !set(c, mac, &keys[i], iv, 0) ? -1 :
			    i == 0 ? 1 : 2;	/* 2: give a new one */
	return 0;
}

/* A ticket is made: what it is bound to goes in. */
static int
on_give(SSL *ssl, void *arg)
{
	const struct wad_ssl_nego	*n = wad_ssl_port_of(ssl)->nego;
	SSL_SESSION			*s = SSL_get_session(ssl);

	(void)arg;
	SSL_SESSION_set_timeout(s, (long)n->ticket_life);
	return SSL_SESSION_set1_ticket_appdata(s, n->ticket_bind,
	    sizeof(n->ticket_bind));
}

static SSL_TICKET_RETURN
on_take(SSL *ssl, SSL_SESSION *s, const unsigned char *name, size_t len,
    SSL_TICKET_STATUS status, void *arg)
{
	struct wad_ssl_port	*sp = wad_ssl_port_of(ssl);
	struct wad_ssl_nego	*n = sp->nego;
	void			*bind = NULL;
	bool			 ours = status == SSL_TICKET_SUCCESS ||
	    status == SSL_TICKET_SUCCESS_RENEW, ok;

	(void)name;
	(void)len;
	(void)arg;
	len = 0;
	ok = ours && SSL_SESSION_get0_ticket_appdata(s, &bind, &len) == 1 &&
	    len == sizeof(n->ticket_bind) &&
	    CRYPTO_memcmp(bind, n->ticket_bind, len) == 0;
	if (ours && !ok)
		WAD_COUNT(TICKET_REFUSED);
	if (status != SSL_TICKET_EMPTY)
		wad_ssl_proxy_clt_judged(sp, ok ? s : NULL);
	if (!ok)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	/* TLS 1.3 clients use a ticket once (RFC 8446 appendix C.4) */
	return status == SSL_TICKET_SUCCESS &&
	    SSL_SESSION_get_protocol_version(s) != TLS1_3_VERSION ?
	    SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

int
wad_ssl_ticket_setup(SSL_CTX *c)
{
	static const unsigned char id[] = "openwad";

	if (cipher == NULL)
		cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	if (cipher == NULL || SSL_CTX_set_session_id_context(c, id,
	    sizeof(id) - 1) != 1)
		return -1;
	SSL_CTX_set_num_tickets(c, 0);	/* until wad_ssl_ticket_allow */
	SSL_CTX_set_tlsext_ticket_key_evp_cb(c, on_key);
	SSL_CTX_set_session_ticket_cb(c, on_give, on_take, NULL);
	return 0;
}

/* Whatever could make this connection another one than that in which a ticket
 * was given.  The leaf, which says the CA too: a client that comes back again
 * and again sees a certificate at least as often as there is another one (RFC
 * 8446 section 4.6.1: no keying material for ever). */
static bool
bind_to(struct wad_ssl_nego *n, bool page)
{
	struct {
		uint64_t generation;
		uint32_t policy;
		uint16_t clt_max;
		bool	 explicit_web, untrusted, page, legacy;
		uint8_t	 origin[32], leaf[32];
		char	 host[WAD_HOST_MAX];
	} k;
	unsigned len;

	memset(&k, 0, sizeof(k));
	k.generation = n->scope.generation;
	k.policy = n->scope.policy;
	k.explicit_web = n->scope.explicit_web;
	k.untrusted = n->untrusted;
	k.page = page;
	k.legacy = n->offer.legacy;	/* its suites are weaker */
	k.clt_max = page ? 0 : n->clt_max;
	memcpy(k.origin, n->origin.sha256, sizeof(k.origin));
	strcpy(k.host, n->host);
	if (X509_digest(n->product->leaf, EVP_sha256(), k.leaf, &len) != 1)
		return false;
	SHA256((const uint8_t *)&k, sizeof(k), n->ticket_bind);
	return true;
}

bool
wad_ssl_ticket_allow(SSL *ssl, struct wad_ssl_nego *n, bool page)
{
	int64_t left = n->product->not_after - wad_clock_wall();

	if (!n->scope.on || n_keys == 0 || left <= 0 || !bind_to(n, page))
		return false;
	n->ticket_life = left < n->scope.lifetime ? (uint32_t)left :
	    n->scope.lifetime;
	SSL_clear_options(ssl, SSL_OP_NO_TICKET);
	/* one: clients that open more connections get more */
	SSL_set_num_tickets(ssl, 1);
	n->ticket_ok = true;
	return true;
}
