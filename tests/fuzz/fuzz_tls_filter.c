/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a stranger into the TLS port that faces the client: in cuts that
 * the input itself chooses, to the hold at the ClientHello, then on with a
 * certificate.  The first byte of the input makes the cuts.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <openssl/err.h>

#include "base/xmem.h"
#include "port/ssl_sock_port.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_ctx.h"
#include "tls/ssl_negotiate.h"
#include "tls/ssl_proxy.h"
#include "x509/x509_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static X509	*leaf;
static EVP_PKEY	*key;

static void
release(struct wad_ssl_port *sp, struct wad_ssl_nego *n)
{
	struct wad_cert_product *p = wad_xcalloc(1, sizeof(*p));

	(void)wad_ssl_negotiate_key_type(n);
	p->refcount = 1;
	p->leaf = leaf;
	p->key = key;
	X509_up_ref(leaf);
	EVP_PKEY_up_ref(key);
	p->chain = sk_X509_new_null();
	n->product = p;
	WAD_ASSERT(wad_ssl_proxy_resume_c2p_handshake(sp, sp, n,
	    WAD_TLS12) == 0);
	WAD_ASSERT(!sp->holding && sp->held.len == 0);
}

static void
step(struct wad_ssl_port *sp, struct wad_ssl_nego *n, const uint8_t *data,
    size_t fed)
{
	enum wad_ssl_ret r;
	char		 buf[64];

	if (sp->done) {
		(void)wad_ssl_port_read(sp, buf, sizeof(buf));
		return;
	}
	r = wad_ssl_port_handshake(sp);
	WAD_ASSERT(r != WAD_SSL_CERT);
	WAD_ASSERT((r == WAD_SSL_FAIL) == sp->failed);
	WAD_ASSERT(ERR_peek_error() == 0);
	if (sp->holding) {
		/* a bypass must send exactly what came */
		WAD_ASSERT(sp->held.len + sp->port->in.len == fed);
		WAD_ASSERT(sp->held.len == 0 || memcmp(wad_buf_bytes(
		    &sp->held), data, sp->held.len) == 0);
		WAD_ASSERT(sp->failed || sp->port->out.len == 0);
	}
	if (r != WAD_SSL_HELLO)
		return;
	WAD_ASSERT(n->hello && sp->holding);
	release(sp, n);
	(void)wad_ssl_port_handshake(sp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wad_tcp_port	*port;
	struct wad_ssl_port	*sp;
	struct wad_ssl_nego	*n;
	uint32_t		 rnd;
	size_t			 at = 0;

	if (leaf == NULL) {
		WAD_ASSERT(wad_ssl_ctx_init() == 0);
		WAD_ASSERT(wad_x509_build_ca("Fuzz", &leaf, &key) == 0);
	}
	if (size < 1)
		return 0;
	rnd = *data++ * 2654435761u + 1;
	size--;
	port = wad_tcp_port_alloc();
	n = wad_ssl_negotiate_make();
	sp = wad_ssl_port_open(port, WAD_SSL_CLT, wad_ssl_ctx_clt(WAD_TLS12));
	WAD_ASSERT(sp != NULL);
	sp->nego = n;
	while (at < size && !sp->failed) {
		size_t cut;

		rnd = rnd * 1664525u + 1013904223u;
		cut = (rnd >> 24) % 3 == 0 ? 1 + (rnd >> 16) % 7 :
		    1 + (rnd >> 16) % 2000;
		if (cut > size - at)
			cut = size - at;
		wad_buf_add(&port->in, data + at, cut);
		at += cut;
		step(sp, n, data, at);
	}
	wad_ssl_port_notify(sp);
	wad_ssl_sock_port_out_ops_sync(sp);
	wad_ssl_port_close(sp);
	wad_ssl_negotiate_free(n);
	wad_tcp_port_put(port);
	return 0;
}
