/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of one TLS port: a plain OpenSSL client or server on memory as
 * its peer.
 */
#ifndef WAD_TESTS_TLS_PLAIN_H
#define WAD_TESTS_TLS_PLAIN_H

#include "tls_pair.h"

struct plain {
	SSL_CTX	*ctx;
	SSL	*ssl;
	BIO	*in, *out;		/* its own view */
};

static inline SSL_CTX *
plain_ctx(void)
{
	SSL_CTX *c = SSL_CTX_new(TLS_method());

	SSL_CTX_set_security_level(c, 0);
	return c;
}

/* On a context that several peers share; it is the peer's by a reference. */
static inline void
plain_open_on(struct plain *p, bool server, SSL_CTX *ctx)
{
	SSL_CTX_up_ref(ctx);
	p->ctx = ctx;
	p->ssl = SSL_new(p->ctx);
	p->in = BIO_new(BIO_s_mem());
	p->out = BIO_new(BIO_s_mem());
	SSL_set_bio(p->ssl, p->in, p->out);
	if (server) {
		SSL_use_cert_and_key(p->ssl, pki_leaf[WAD_KEY_EC],
		    pki_key[WAD_KEY_EC], NULL, 1);
		SSL_set_accept_state(p->ssl);
	} else {
		SSL_set_tlsext_host_name(p->ssl, "test.example");
		SSL_set_connect_state(p->ssl);
	}
}

static inline void
plain_open(struct plain *p, bool server)
{
	SSL_CTX *c = plain_ctx();

	plain_open_on(p, server, c);
	SSL_CTX_free(c);
}

static inline void
plain_close(struct plain *p)
{
	SSL_free(p->ssl);
	SSL_CTX_free(p->ctx);
}

static inline void
plain_to(struct plain *p, struct end *e)
{
	char	buf[4096];
	int	n;

	while ((n = BIO_read(p->out, buf, sizeof(buf))) > 0)
		wad_buf_add(&e->port->in, buf, (size_t)n);
}

static inline void
plain_from(struct plain *p, struct end *e)
{
	char	buf[4096];
	size_t	n;

	while ((n = wad_buf_take(&e->port->out, buf, sizeof(buf))) > 0)
		WAD_ASSERT(BIO_write(p->in, buf, (int)n) == (int)n);
}

/* Runs both until neither has a byte for the other; what e said last. */
static inline enum wad_ssl_ret
plain_run(struct plain *p, struct end *e)
{
	enum wad_ssl_ret r = WAD_SSL_WANT;

	for (int i = 0; i < 20; i++) {
		SSL_do_handshake(p->ssl);
		ERR_clear_error();
		plain_to(p, e);
		if (!e->sp->done)
			r = wad_ssl_port_handshake(e->sp);
		if (r == WAD_SSL_HELLO)
			return r;
		plain_from(p, e);
	}
	return r;
}

#endif
