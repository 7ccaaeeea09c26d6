/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSL_CTX objects, see ssl_ctx.h.  What is offered and accepted is said
 * in ssl_offer.c.
 */
#include "tls/ssl_ctx.h"

#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

#include "base/xmem.h"
#include "tls/ssl_cert.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_negotiate.h"
#include "tls/ssl_offer.h"
#include "tls/ssl_session.h"
#include "tls/ssl_ticket.h"

/* [legacy]: the second of each only for profiles that allow less than TLS
 * 1.2. */
static SSL_CTX	*clt[2], *srv[2];

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

/* What the server chose is what the client gets. */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
    const unsigned char *in, unsigned inlen, void *arg)
{
	static const char *const names[] = { [WAD_NEGO_NO_ALPN] = "",
		[WAD_NEGO_H1] = "http/1.1", [WAD_NEGO_H2] = "h2" };
	const struct wad_ssl_nego *n = wad_ssl_port_of(ssl)->nego;

	(void)in;
	(void)inlen;
	(void)arg;
	if (n->alpn == WAD_NEGO_NO_ALPN ||
	    !(n->alpn == WAD_NEGO_H1 ? n->alpn_h1 : n->alpn_h2))
		return SSL_TLSEXT_ERR_NOACK;
	*out = (const unsigned char *)names[n->alpn];
	*outlen = (unsigned char)strlen(names[n->alpn]);
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
common(const SSL_METHOD *m, bool legacy)
{
	SSL_CTX *c = SSL_CTX_new(m);

	if (c == NULL)
		return NULL;
	SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION |
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
	    SSL_OP_NO_TICKET);		/* cleared where resumption is on */
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_early_data(c, 0);
	if (wad_ssl_offer_setup(c, legacy) == -1) {
		SSL_CTX_free(c);
		return NULL;
	}
	return c;
}

static SSL_CTX *
client_side(bool legacy)
{
	SSL_CTX *c = common(TLS_server_method(), legacy);

	if (c == NULL)
		return NULL;
	/* OpenSSL shows extensions that it knows only: this makes it know
	 * encrypted_client_hello (RFC 9849), which is read, never answered. */
	(void)SSL_CTX_add_custom_ext(c, WAD_EXT_ECH, SSL_EXT_CLIENT_HELLO,
	    NULL, NULL, NULL, NULL, NULL);
	ERR_clear_error();
	SSL_CTX_set_client_hello_cb(c, on_hello, NULL);
	SSL_CTX_set_alpn_select_cb(c, on_alpn, NULL);
	SSL_CTX_set_tlsext_status_cb(c, on_status);
	if (wad_ssl_ticket_setup(c) == -1) {
		SSL_CTX_free(c);
		return NULL;
	}
	return c;
}

static SSL_CTX *
server_side(bool legacy)
{
	SSL_CTX *c = common(TLS_client_method(), legacy);

	if (c == NULL)
		return NULL;
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(c, wad_ssl_cert_verify, NULL);
	SSL_CTX_set_client_cert_cb(c, on_client_cert);
	/* RFC 6066 section 8: we want to know, whatever the client wants */
	SSL_CTX_set_tlsext_status_type(c, TLSEXT_STATUSTYPE_ocsp);
	/* the callback alone: OpenSSL's own cache has no idea of verdicts */
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(c, wad_ssl_session_new);
	return c;
}

int
wad_ssl_ctx_init(void)
{
	for (int i = 0; i < 2; i++) {
		clt[i] = client_side(i);
		srv[i] = server_side(i);
		if (clt[i] == NULL || srv[i] == NULL) {
			ERR_print_errors_fp(stderr);
			return -1;
		}
	}
	return 0;
}

void
wad_ssl_ctx_free(void)
{
	for (int i = 0; i < 2; i++) {
		SSL_CTX_free(clt[i]);
		SSL_CTX_free(srv[i]);
		clt[i] = srv[i] = NULL;
	}
}

SSL_CTX *
wad_ssl_ctx_clt(uint16_t min_version)
{
	return clt[wad_ssl_offer_is_legacy(min_version)];
}

SSL_CTX *
wad_ssl_ctx_srv(uint16_t min_version)
{
	return srv[wad_ssl_offer_is_legacy(min_version)];
}
