/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Toward the server: lines 25, 29 to 32, 35 and 36.
 */
#include "tls/ssl_proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/dbg.h"
#include "tls/ssl_cert_factory.h"
#include "tls/ssl_common.h"

void
wad_ssl_proxy_srv_continue_client_hello(const struct wad_ssl_port *sp,
    const struct wad_ssl_nego *n, bool cic)
{
	WAD_DBG(SSL, WAD_I, "wsp=%p/%d ssl_proc=%s bypass-chk=1 sni=%d cic=%d tls1.3=%d", (const void *)sp, sp->type, n->letters, n->has_sni,
	    cic, n->tls13);
}

SSL_SESSION *
wad_ssl_proxy_find_session(const struct wad_ssl_nego *n)
{
	(void)n;
	WAD_DBG(SSL, WAD_V, "can't find the session!");
	return NULL;
}

static void
wad_ssl_proxy_caps_ciphers(const struct wad_ssl_port *sp)
{
	WAD_DBG(SSL, WAD_V, "sp=%p/%d", (const void *)sp, sp->type);
}

/* The offer upstream is made anew by OpenSSL, from our lists: it differs
 * from the client's whenever one of the lists does. */
static bool
offer_differs(const struct wad_ssl_port *srv, const struct wad_ssl_nego *n)
{
	STACK_OF(SSL_CIPHER)	*ours = SSL_get1_supported_ciphers(srv->ssl);
	bool			 same;

	same = ours != NULL && sk_SSL_CIPHER_num(ours) == (int)n->ciphers.n;
	for (int i = 0; same && i < sk_SSL_CIPHER_num(ours); i++)
		same = SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(ours,
		    i)) == n->ciphers.v[i];
	sk_SSL_CIPHER_free(ours);
	return !same || n->alpn_h2;
}

int
wad_ssl_proxy_srv_continue_fwd_client_hello(const struct wad_ssl_port *clt,
    struct wad_ssl_port *srv, struct wad_ssl_nego *n, uint16_t min_version)
{
	static const unsigned char	h1[] = "\x08http/1.1";
	uint16_t			max = n->max_version;
	struct wad_addr			literal;

	if (min_version < WAD_TLS12)
		min_version = WAD_TLS12;
	if (max < min_version)
		return -1;
	SSL_set_min_proto_version(srv->ssl, min_version);
	SSL_set_max_proto_version(srv->ssl, max);
	/* RFC 6066 section 3: no address literals in server_name */
	if (n->has_sni && n->sni[0] != '\0' &&
	    wad_addr_parse(&literal, n->sni) == -1 &&
	    SSL_set_tlsext_host_name(srv->ssl, n->sni) != 1)
		return -1;
	if (n->alpn_h1 && SSL_set_alpn_protos(srv->ssl, h1,
	    sizeof(h1) - 1) != 0)
		return -1;
	if (SSL_set1_verify_cert_store(srv->ssl, n->trust->store) != 1)
		return -1;
	if (__builtin_expect(wad_dbg_ctl->mask[WAD_I] >> WAD_DBG_SSL & 1, 0))
		WAD_DBG(SSL, WAD_I, "sp=%p/%d start handshake with server. changed_ch=%d", (const void *)clt, clt->type,
		    offer_differs(srv, n));
	wad_ssl_proxy_caps_ciphers(srv);
	return 0;
}

void
wad_ssl_proxy_caps_on_srv_certs(const struct wad_ssl_port *srv,
    struct wad_ssl_nego *n, const X509 *leaf)
{
	struct wad_product_key	 k;
	unsigned		 len;

	wad_ssl_cert_storage_put(n->product);
	n->product = NULL;
	if (n->ca != NULL &&
	    X509_digest(leaf, EVP_sha256(), n->origin.sha256, &len) == 1) {
		/* the verdict is not known yet: what a good one would use */
		wad_ssl_cert_factory_key(n, &k);
		k.with_names = true;
		n->product = wad_ssl_cert_storage_find(&k);
	}
	WAD_DBG(SSL, WAD_I, "sp=%p/%d find cert=%p", (const void *)srv,
	    srv->type, (void *)n->product);
}

static void
wad_ssl_proxy_caps_clt_on_cert_verify(const struct wad_ssl_port *sp)
{
	WAD_DBG(SSL, WAD_V, "wsp(%p/%d) CertificateVerify scheme %04x",
	    (const void *)sp, sp->type, sp->sigscheme);
}

void
wad_ssl_proxy_srv_done(const struct wad_ssl_port *srv,
    struct wad_ssl_nego *n)
{
	const unsigned char	*alpn;
	unsigned		 len;

	SSL_get0_alpn_selected(srv->ssl, &alpn, &len);
	n->alpn_none = len == 0;
	wad_ssl_proxy_caps_clt_on_cert_verify(srv);
	wad_ssl_common_on_handshake_done(srv);
}
