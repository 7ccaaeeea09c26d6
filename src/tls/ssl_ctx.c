/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSL_CTX objects, see ssl_ctx.h.  What is offered and accepted by default:
 * TLS 1.2 and 1.3, AEAD with ECDHE (DESIGN section 18, issue of TLS truth).
 */
#include "tls/ssl_ctx.h"

#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

#include "base/xmem.h"
#include "tls/ssl_cert.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_negotiate.h"

static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char suites[] = "TLS_AES_128_GCM_SHA256:"
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
/* the second where OpenSSL has the hybrid (3.5 and later) */
static const char groups[] = "X25519:P-256:P-384";
static const char groups_pq[] = "X25519MLKEM768:X25519:P-256:P-384";

static SSL_CTX	*clt, *srv;
static bool	 have_pq;

static int
on_hello(SSL *ssl, int *alert, void *arg)
{
	struct wad_ssl_port	*sp = wad_ssl_port_of(ssl);
	struct wad_ssl_nego	*n = sp->nego;

	(void)arg;
	if (!wad_ssl_negotiate_hello(n, ssl)) {
		*alert = SSL_AD_DECODE_ERROR;
		return SSL_CLIENT_HELLO_ERROR;
	}
	/* idempotent: fires again when the handshake is resumed */
	return sp->holding ? SSL_CLIENT_HELLO_RETRY :
	    SSL_CLIENT_HELLO_SUCCESS;
}

/* What the server chose is what the client gets; http/1.1 for now. */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
    const unsigned char *in, unsigned inlen, void *arg)
{
	static const unsigned char h1[] = "http/1.1";
	const struct wad_ssl_nego *n = wad_ssl_port_of(ssl)->nego;

	(void)in;
	(void)inlen;
	(void)arg;
	if (!n->alpn_h1 || n->alpn_none)
		return SSL_TLSEXT_ERR_NOACK;
	*out = h1;
	*outlen = 8;
	return SSL_TLSEXT_ERR_OK;
}

/* The client asked for an OCSP response: that of the forged certificate, when
 * there is one. */
static int
on_status(SSL *ssl, void *arg)
{
	const struct wad_ssl_nego	*n = wad_ssl_port_of(ssl)->nego;
	const struct wad_cert_product	*p = n->product;
	unsigned char			*copy;

	(void)arg;
	if (p == NULL || p->staple_len == 0)
		return SSL_TLSEXT_ERR_NOACK;
	copy = OPENSSL_memdup(p->staple, p->staple_len);	/* SSL frees it */
	if (copy == NULL || SSL_set_tlsext_status_ocsp_resp(ssl, copy,
	    (long)p->staple_len) != 1) {
		OPENSSL_free(copy);
		return SSL_TLSEXT_ERR_NOACK;
	}
	return SSL_TLSEXT_ERR_OK;
}

/* The server wants a client certificate: stop here, the stage decides. */
static int
on_client_cert(SSL *ssl, X509 **x, EVP_PKEY **key)
{
	struct wad_ssl_nego *n = wad_ssl_port_of(ssl)->nego;

	*x = NULL;
	*key = NULL;
	if (n->client_cert_asked)
		return 0;		/* resumed: answer without one */
	n->client_cert_asked = true;
	return -1;
}

static SSL_CTX *
common(const SSL_METHOD *m)
{
	SSL_CTX *c = SSL_CTX_new(m);

	if (c == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION |
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
	    SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_set_cipher_list(c, ciphers) != 1 ||
	    SSL_CTX_set_ciphersuites(c, suites) != 1 ||
	    SSL_CTX_set1_groups_list(c, groups) != 1) {
		SSL_CTX_free(c);
		return NULL;
	}
	have_pq = SSL_CTX_set1_groups_list(c, groups_pq) == 1;
	ERR_clear_error();
	return c;
}

int
wad_ssl_ctx_init(void)
{
	clt = common(TLS_server_method());
	srv = common(TLS_client_method());
	if (clt == NULL || srv == NULL) {
		ERR_print_errors_fp(stderr);
		return -1;
	}
	/* OpenSSL shows extensions that it knows only: this makes it know
	 * encrypted_client_hello (RFC 9849), which is read, never answered. */
	(void)SSL_CTX_add_custom_ext(clt, WAD_EXT_ECH, SSL_EXT_CLIENT_HELLO,
	    NULL, NULL, NULL, NULL, NULL);
	ERR_clear_error();
	SSL_CTX_set_num_tickets(clt, 0);
	SSL_CTX_set_client_hello_cb(clt, on_hello, NULL);
	SSL_CTX_set_alpn_select_cb(clt, on_alpn, NULL);
	SSL_CTX_set_tlsext_status_cb(clt, on_status);
	SSL_CTX_set_verify(srv, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(srv, wad_ssl_cert_verify, NULL);
	SSL_CTX_set_client_cert_cb(srv, on_client_cert);
	return 0;
}

SSL_CTX *
wad_ssl_ctx_clt(void)
{
	return clt;
}

SSL_CTX *
wad_ssl_ctx_srv(void)
{
	return srv;
}

bool
wad_ssl_ctx_has_group(uint16_t g)
{
	/* X25519, P-256, P-384; X25519MLKEM768 */
	return g == 29 || g == 23 || g == 24 || (have_pq && g == 4588);
}
