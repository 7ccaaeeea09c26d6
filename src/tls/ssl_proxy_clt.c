/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Toward the client: lines 39 to 56.
 */
#include "tls/ssl_proxy.h"

#include <openssl/err.h>

#include <string.h>

#include "base/dbg.h"
#include "tls/key_share_bucket.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_cic.h"
#include "tls/ssl_offer.h"
#include "tls/ssl_ticket.h"

void
wad_ssl_proxy_clt_add_cic_cache(const struct wad_ssl_port *srv,
    const struct wad_ssl_nego *n)
{
	uint64_t oid = wad_ssl_cic_oid_gen(n);

	wad_ssl_cic_client_add(n, oid);
	WAD_DBG(CERT, WAD_I, "wsp=%p/%d complete=1 staled=0 sni=(%d) host=%s add cert-result succ: auth result: status=fnbam cert_status=%s",
	    (const void *)srv, srv->type, n->has_sni, n->host,
	    n->verdict.good ? "good" : "bad");
}

void
wad_ssl_proxy_generate_forged_cert(const struct wad_ssl_port *srv,
    const struct wad_ssl_nego *n)
{
	const char *word = n->verdict.good ? "success" : "failure";

	/* twice, as the reference: asked for, then gone on with */
	for (int i = 0; i < 2; i++)
		WAD_DBG(CERT, WAD_I, "sp=%p/%d cert auth %s",
		    (const void *)srv, srv->type, word);
}

void
wad_ssl_proxy_cert_create_picker(const struct wad_ssl_port *srv,
    const struct wad_ssl_nego *n)
{
	WAD_DBG(CERT, WAD_I, "wsp(%p/%d) got key type(%d) with ss(%u)",
	    (const void *)srv, srv->type, n->key_type, n->ss);
}

void
wad_ssl_proxy_generate_certificate_status(const struct wad_ssl_port *srv,
    const struct wad_ssl_nego *n)
{
	WAD_DBG(CERT, WAD_I, "wsp=%p/%d ocsp %p.!", (const void *)srv,
	    srv->type, n->product == NULL ? NULL :
	    (const void *)n->product->staple);
}

/* The suite and group that OpenSSL will choose: our order of suites, the
 * client's order of key shares (RFC 8446 section 4.2.8). */
static uint16_t
choose_suite(SSL *ssl, const struct wad_ssl_nego *n)
{
	STACK_OF(SSL_CIPHER)	*ours = SSL_get_ciphers(ssl);

	for (int i = 0; i < sk_SSL_CIPHER_num(ours); i++) {
		uint16_t id = SSL_CIPHER_get_protocol_id(
		    sk_SSL_CIPHER_value(ours, i));

		if (id >> 8 == 0x13 &&
		    wad_ssl_negotiate_has(&n->ciphers, id))
			return id;
	}
	return 0;
}

static uint16_t
choose_group(const struct wad_ssl_nego *n)
{
	for (unsigned i = 0; i < n->shares.n; i++)
		if (wad_ssl_offer_has_group(n->shares.v[i]))
			return n->shares.v[i];
	for (unsigned i = 0; i < n->groups.n; i++)	/* a HelloRetryRequest */
		if (wad_ssl_offer_has_group(n->groups.v[i]))
			return n->groups.v[i];
	return 0;
}

static void
wad_ssl_proxy_set_13_cipher(const struct wad_ssl_port *shown, uint16_t suite,
    uint16_t group)
{
	WAD_DBG(SSL, WAD_I, "wsp=%p/%d cipher %x KeyShare.Group %u",
	    (const void *)shown, shown->type, suite, group);
}

static void
wad_ssl_proxy_set_13_resign_cert(const struct wad_ssl_port *shown,
    const struct wad_ssl_nego *n)
{
	WAD_DBG(SSL, WAD_I, "wsp=%p/%d signature-scheme %x",
	    (const void *)shown, shown->type, n->ss);
}

static void
wad_ssl_proxy_client_hello_accept(const struct wad_ssl_port *shown,
    const SSL_SESSION *ticket)
{
	WAD_DBG(SSL, WAD_I, "wsp(%p/%d) accepted ch! wst=%p",
	    (const void *)shown, shown->type, (const void *)ticket);
}

void
wad_ssl_proxy_clt_judged(const struct wad_ssl_port *clt,
    const SSL_SESSION *accepted)
{
	wad_ssl_port_client_hello_validate_psk(clt, accepted != NULL);
	wad_ssl_proxy_client_hello_accept(clt, accepted);
}

/* The versions that this client may get: RFC 8446 section 4.2.1 leaves the
 * choice to us as long as the hello is held.  Who asked for no better keeps
 * the sign of section 4.1.3 that we know a better one. */
static void
limit_versions(const struct wad_ssl_port *clt, const struct wad_ssl_nego *n,
    uint16_t min, bool page)
{
	if (min < WAD_TLS10)
		min = WAD_TLS10;
	if (min != WAD_TLS12)
		SSL_set_min_proto_version(clt->ssl, min);
	if (!page && n->clt_max != 0 && n->clt_max < n->max_version)
		SSL_set_max_proto_version(clt->ssl, n->clt_max);
}

int
wad_ssl_proxy_resume_c2p_handshake(struct wad_ssl_port *clt,
    const struct wad_ssl_port *shown, struct wad_ssl_nego *n,
    uint16_t min_version)
{
	uint16_t	group = choose_group(n);
	bool		page = shown == clt, judge = false;
	int		ret;

	limit_versions(clt, n, min_version, page);
	if (n->tls13 && (page || n->clt_max == 0 ||
	    n->clt_max == WAD_TLS13)) {
		wad_ssl_proxy_set_13_cipher(shown, choose_suite(clt->ssl, n),
		    group);
		wad_ssl_proxy_set_13_resign_cert(shown, n);
	}
	ERR_clear_error();
	ret = SSL_use_cert_and_key(clt->ssl, n->product->leaf,
	    n->product->key, n->product->chain, 1);
	WAD_DBG(SSL, WAD_I, "wsp(%p/%d) continue client side nego ret=%d",
	    (const void *)shown, shown->type, ret);
	if (ret != 1)
		return -1;
	/* a ticket is judged when OpenSSL has opened it */
	if (wad_ssl_ticket_allow(clt->ssl, n, page))
		judge = n->has_ticket || (n->psk_modes & 2 &&
		    n->psk_id != NULL);
	clt->holding = false;
	wad_buf_free(&clt->held);
	if (!judge) {
		if (n->has_ticket || n->psk_id != NULL)
			wad_ssl_port_client_hello_validate_psk(clt, false);
		wad_ssl_proxy_client_hello_accept(shown, NULL);
	}
	wad_key_share_bucket_get_entry(clt->ssl, group);
	return 0;
}
