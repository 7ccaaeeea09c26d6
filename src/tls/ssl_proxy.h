/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two handshakes of the proxy: ssl_proxy_srv.c faces the server,
 * ssl_proxy_clt.c the client.
 */
#ifndef WAD_TLS_SSL_PROXY_H
#define WAD_TLS_SSL_PROXY_H

#include "tls/ssl_negotiate.h"

/* Line 25. */
void	wad_ssl_proxy_srv_continue_client_hello(const struct wad_ssl_port *,
	    const struct wad_ssl_nego *, bool cic);
/* Looks for a session to resume with the server, for n->offer: line 29. */
void	wad_ssl_proxy_find_session(struct wad_ssl_nego *);
/* Makes the offer upstream, with name and session: lines 30 and 31.  0, or
 * -1 when OpenSSL refuses it. */
int	wad_ssl_proxy_srv_continue_fwd_client_hello(
	    const struct wad_ssl_port *clt, struct wad_ssl_port *srv,
	    struct wad_ssl_nego *);
/* Line 32: the product that this worker has already for the server's
 * certificate (n->origin) goes into the negotiation; NULL there when it has
 * none. */
void	wad_ssl_proxy_caps_on_srv_certs(const struct wad_ssl_port *srv,
	    struct wad_ssl_nego *);
/* After the handshake: facts for the client's side, lines 35 and 36; of a
 * resumed one the verdict, too. */
void	wad_ssl_proxy_srv_done(const struct wad_ssl_port *srv,
	    struct wad_ssl_nego *);

/* Remembers the verdict: lines 39 to 42. */
void	wad_ssl_proxy_clt_add_cic_cache(const struct wad_ssl_port *srv,
	    const struct wad_ssl_nego *);
/* What comes of the verdict for forging: lines 44 (and 45). */
void	wad_ssl_proxy_generate_forged_cert(const struct wad_ssl_port *srv,
	    const struct wad_ssl_nego *);
/* Line 46. */
void	wad_ssl_proxy_cert_create_picker(const struct wad_ssl_port *srv,
	    const struct wad_ssl_nego *);
/* What the ticket of a client was worth: lines 28 and 55. */
void	wad_ssl_proxy_clt_judged(const struct wad_ssl_port *clt,
	    const SSL_SESSION *accepted);
/* Line 51: the staple for the client; none yet. */
void	wad_ssl_proxy_generate_certificate_status(
	    const struct wad_ssl_port *srv, const struct wad_ssl_nego *);
/* Puts the product on the client's SSL and lets the handshake go on: lines
 * 52 to 56.  0, or -1. */
int	wad_ssl_proxy_resume_c2p_handshake(struct wad_ssl_port *clt,
	    const struct wad_ssl_port *shown, struct wad_ssl_nego *,
	    uint16_t min_version);

#endif
