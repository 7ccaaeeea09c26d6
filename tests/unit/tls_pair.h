/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of TLS without sockets: certificates made on the spot, and two
 * TLS ports whose buffers are wired to each other.
 */
#ifndef WAD_TESTS_TLS_PAIR_H
#define WAD_TESTS_TLS_PAIR_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xmem.h"
#include "port/ssl_port.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_ctx.h"
#include "tls/ssl_negotiate.h"
#include "tls/ssl_proxy.h"

#define DAY	86400L

/* What a made certificate is to be. */
struct made {
	const char	*cn, *san;	/* san: "DNS:a,IP:10.0.0.1" or NULL */
	long		 from, until;	/* seconds from now */
	bool		 ca;
	const EVP_MD	*md;		/* NULL: SHA-256 */
	const char	*eku;		/* NULL: serverAuth */
};

static inline void
made_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX	 ctx;
	X509_EXTENSION	*e;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	WAD_ASSERT(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

/* Signed by issuer, or by itself when that is NULL. */
static inline X509 *
made_cert(const struct made *m, EVP_PKEY *key, X509 *issuer,
    EVP_PKEY *issuer_key)
{
	static long	 serial = 1000;
	X509		*x = X509_new();
	X509_NAME	*n;

	WAD_ASSERT(x != NULL);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	n = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
	    (const unsigned char *)m->cn, -1, -1, 0);
	X509_set_issuer_name(x, issuer != NULL ?
	    X509_get_subject_name(issuer) : n);
	X509_gmtime_adj(X509_getm_notBefore(x), m->from);
	X509_gmtime_adj(X509_getm_notAfter(x), m->until);
	X509_set_pubkey(x, key);
	made_ext(x, issuer != NULL ? issuer : x, NID_subject_key_identifier,
	    "hash");
	if (issuer != NULL)
		made_ext(x, issuer, NID_authority_key_identifier, "keyid");
	made_ext(x, x, NID_basic_constraints, m->ca ? "critical,CA:TRUE" :
	    "critical,CA:FALSE");
	made_ext(x, x, NID_key_usage, m->ca ? "critical,keyCertSign" :
	    "critical,digitalSignature");
	if (!m->ca)
		made_ext(x, x, NID_ext_key_usage, m->eku != NULL ? m->eku :
		    "serverAuth");
	if (m->san != NULL)
		made_ext(x, x, NID_subject_alt_name, m->san);
	WAD_ASSERT(X509_sign(x, issuer_key != NULL ? issuer_key : key,
	    m->md != NULL ? m->md : EVP_sha256()) > 0);
	return x;
}

static inline EVP_PKEY *
made_key(enum wad_key_type type)
{
	return type == WAD_KEY_EC ? EVP_EC_gen("P-256") :
	    EVP_RSA_gen(2048u);
}

static X509	*pki_root, *pki_leaf[4];	/* by enum wad_key_type */
static EVP_PKEY	*pki_root_key, *pki_key[4];
static struct wad_trust pki_trust;

/* A root, and a leaf of each type for test.example and 192.0.2.1. */
static inline void
pki_make(void)
{
	static const struct made root = { .cn = "Root", .from = -DAY,
		.until = DAY * 30, .ca = true };
	static const struct made leaf = { .cn = "test.example",
		.san = "DNS:test.example,IP:192.0.2.1", .from = -DAY,
		.until = DAY * 3 };
	static const enum wad_key_type types[] = { WAD_KEY_RSA, WAD_KEY_EC };

	pki_root_key = made_key(WAD_KEY_EC);
	pki_root = made_cert(&root, pki_root_key, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		pki_key[types[i]] = made_key(types[i]);
		pki_leaf[types[i]] = made_cert(&leaf, pki_key[types[i]],
		    pki_root, pki_root_key);
	}
	pki_trust.refcount = 1;
	pki_trust.generation = 1000;
	pki_trust.store = X509_STORE_new();
	WAD_ASSERT(X509_STORE_add_cert(pki_trust.store, pki_root) == 1);
	WAD_ASSERT(wad_ssl_ctx_init() == 0);
}

static inline void
pki_free(void)
{
	X509_free(pki_root);
	EVP_PKEY_free(pki_root_key);
	for (int i = 0; i < 4; i++) {
		X509_free(pki_leaf[i]);
		EVP_PKEY_free(pki_key[i]);
	}
	X509_STORE_free(pki_trust.store);
	wad_ssl_ctx_free();
}

static inline struct wad_cert_product *
pki_product(enum wad_key_type type)
{
	struct wad_cert_product *p = wad_xcalloc(1, sizeof(*p));

	p->refcount = 1;
	p->leaf = pki_leaf[type];
	p->key = pki_key[type];
	X509_up_ref(p->leaf);
	EVP_PKEY_up_ref(p->key);
	p->chain = sk_X509_new_null();
	return p;
}

/* One end: 6 is the proxy toward a client, 7 the proxy toward a server. */
struct end {
	struct wad_tcp_port	*port;
	struct wad_ssl_port	*sp;
	struct wad_ssl_nego	*n;
};

static inline void
end_open(struct end *e, int type)
{
	e->port = wad_tcp_port_alloc();
	e->n = wad_ssl_negotiate_make();
	e->sp = wad_ssl_port_open(e->port, type, type == WAD_SSL_CLT ?
	    wad_ssl_ctx_clt(WAD_TLS12) : wad_ssl_ctx_srv(WAD_TLS12));
	WAD_ASSERT(e->sp != NULL);
	e->sp->nego = e->n;
	e->n->trust = &pki_trust;
}

/* The suites of a browser; its other lists are not limited. */
static inline void
end_ciphers(struct wad_ssl_nego *n)
{
	static const uint16_t ids[] = { 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f,
		0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c };

	memcpy(n->ciphers.v, ids, sizeof(ids));
	n->ciphers.n = sizeof(ids) / sizeof(ids[0]);
	n->versions.n = 0;
	if (n->max_version == WAD_TLS13) {
		n->versions.v[n->versions.n++] = WAD_TLS13;
		n->versions.v[n->versions.n++] = WAD_TLS12;
	}
}

/* Everything of the proxy toward a server, as after a client's hello with
 * this name and the newest version max. */
static inline void
end_offer(struct end *e, const char *name, uint16_t max)
{
	e->n->has_sni = true;
	strcpy(e->n->sni, name);
	strcpy(e->n->host, name);
	e->n->alpn_h1 = true;
	e->n->max_version = max;
	end_ciphers(e->n);
	WAD_ASSERT(wad_ssl_offer_make(e->n, WAD_TLS12) == WAD_OFFER_OK);
	wad_ssl_proxy_find_session(e->n);
	WAD_ASSERT(wad_ssl_proxy_srv_continue_fwd_client_hello(e->sp, e->sp,
	    e->n) == 0);
}

static inline void
end_close(struct end *e)
{
	wad_ssl_port_close(e->sp);
	wad_ssl_negotiate_free(e->n);
	wad_tcp_port_put(e->port);
}

/* What the stage of the same name does after the hold. */
static inline void
end_release(struct end *e, enum wad_key_type type)
{
	e->n->key_type = type;
	e->n->product = pki_product(type);
	WAD_ASSERT(wad_ssl_proxy_resume_c2p_handshake(e->sp, e->sp, e->n,
	    WAD_TLS12) == 0);
}

/* At most n bytes from one's out to the other's in; how many. */
static inline size_t
wire(struct end *from, struct end *to, size_t n)
{
	if (n > from->port->out.len)
		n = from->port->out.len;
	if (n > 0) {
		wad_buf_add(&to->port->in, wad_buf_bytes(&from->port->out),
		    n);
		wad_buf_drain(&from->port->out, n);
	}
	return n;
}

#endif
