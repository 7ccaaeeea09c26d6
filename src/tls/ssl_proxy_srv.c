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
#include "tls/ssl_session.h"

void
wad_ssl_proxy_srv_continue_client_hello(const struct wad_ssl_port *sp,
    const struct wad_ssl_nego *n, bool cic)
{
	WAD_DBG(SSL, WAD_I, "wsp=%p/%d ssl_proc=%s bypass-chk=1 sni=%d cic=%d tls1.3=%d", (const void *)sp, sp->type, n->letters, n->has_sni,
	    cic, n->tls13);
}

void
wad_ssl_proxy_find_session(struct wad_ssl_nego *n)
{
	wad_ssl_session_find(n);
	if (n->srv_session == NULL)
		WAD_DBG(SSL, WAD_V, "can't find the session!");
	else
		WAD_DBG(SSL, WAD_V, "found session=%p",
		    (void *)n->srv_session);
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
	return !same || n->alpn_h1 != n->offer.h1 ||
	    n->alpn_h2 != n->offer.h2;
}

int
wad_ssl_proxy_srv_continue_fwd_client_hello(const struct wad_ssl_port *clt,
    struct wad_ssl_port *srv, struct wad_ssl_nego *n)
{
	struct wad_addr literal;

	if (wad_ssl_offer_apply(srv->ssl, &n->offer) == -1)
		return -1;
	/* RFC 6066 section 3: no address literals in server_name */
	if (n->has_sni && n->sni[0] != '\0' &&
	    wad_addr_parse(&literal, n->sni) == -1 &&
	    SSL_set_tlsext_host_name(srv->ssl, n->sni) != 1)
		return -1;
	if (SSL_set1_verify_cert_store(srv->ssl, n->trust->store) != 1)
		return -1;
	if (n->scope.on)
		SSL_clear_options(srv->ssl, SSL_OP_NO_TICKET);
	if (n->srv_session != NULL)
		(void)SSL_set_session(srv->ssl, n->srv_session);
	if (__builtin_expect(wad_dbg_ctl->mask[WAD_I] >> WAD_DBG_SSL & 1, 0))
		WAD_DBG(SSL, WAD_I, "sp=%p/%d start handshake with server. changed_ch=%d", (const void *)clt, clt->type,
		    offer_differs(srv, n));
	wad_ssl_proxy_caps_ciphers(srv);
	return 0;
}

/* The client gets no better version than the server has, and a certificate
 * that it can use in that version. */
static void
mirror(const struct wad_ssl_port *srv, struct wad_ssl_nego *n)
{
	if (n->scope.best)
		return;
	n->clt_max = (uint16_t)SSL_version(srv->ssl);
	if (n->clt_max != WAD_TLS13 && n->tls13)
		(void)wad_ssl_negotiate_key_type(n);
}

void
wad_ssl_proxy_caps_on_srv_certs(const struct wad_ssl_port *srv,
    struct wad_ssl_nego *n)
{
	struct wad_product_key k;

	mirror(srv, n);
	wad_ssl_cert_storage_put(n->product);
	n->product = NULL;
	if (n->ca != NULL) {
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

/* No certificate was sent and no verify callback ran: the verdict is that of
 * the connection in which the session began. */
static void
resumed(const struct wad_ssl_port *srv, struct wad_ssl_nego *n)
{
	X509 *leaf = SSL_get0_peer_certificate(srv->ssl);

	WAD_COUNT(SRV_RESUMED);
	n->srv_resumed = true;
	if (leaf == NULL)
		return;			/* not verified: refused */
	memcpy(n->chain_hash, n->facts.chain_hash, sizeof(n->chain_hash));
	n->valid_from = n->facts.valid_from;
	n->valid_until = n->facts.valid_until;
	n->srv_staple = n->facts.stapled;
	if (wad_x509_read_origin(leaf, &n->origin) == -1)
		return;
	wad_ssl_proxy_caps_on_srv_certs(srv, n);
	n->verdict.good = true;
	strcpy(n->verdict.text, "good");
	n->verified = n->cic_hit = true;
}

void
wad_ssl_proxy_srv_done(const struct wad_ssl_port *srv,
    struct wad_ssl_nego *n)
{
	const unsigned char	*alpn;
	unsigned		 len;

	n->srv_done = true;
	if (SSL_session_reused(srv->ssl))
		resumed(srv, n);
	else if (n->srv_session != NULL)
		wad_ssl_session_refused(n);
	SSL_get0_alpn_selected(srv->ssl, &alpn, &len);
	/* one that was not offered is none */
	n->alpn = WAD_NEGO_NO_ALPN;
	if (n->offer.h2 && len == 2 && memcmp(alpn, "h2", 2) == 0)
		n->alpn = WAD_NEGO_H2;
	else if (n->offer.h1 && len == 8 && memcmp(alpn, "http/1.1", 8) == 0)
		n->alpn = WAD_NEGO_H1;
	wad_ssl_proxy_caps_clt_on_cert_verify(srv);
	wad_ssl_common_on_handshake_done(srv);
}
