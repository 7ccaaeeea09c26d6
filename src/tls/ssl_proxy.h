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
/* Looks for a session to resume with the server: line 29.  Sessions are not
 * kept yet: NULL. */
SSL_SESSION *wad_ssl_proxy_find_session(const struct wad_ssl_nego *);
/* Sets name, versions and ALPN of the offer upstream: lines 30 and 31.
 * min_version of the profile; 0, or -1 when nothing can be offered. */
int	wad_ssl_proxy_srv_continue_fwd_client_hello(
	    const struct wad_ssl_port *clt, struct wad_ssl_port *srv,
	    struct wad_ssl_nego *, uint16_t min_version);
/* Line 32: the product that this worker has already for the server's
 * certificate goes into the negotiation; NULL there when it has none. */
void	wad_ssl_proxy_caps_on_srv_certs(const struct wad_ssl_port *srv,
	    struct wad_ssl_nego *, const X509 *leaf);
/* After the handshake: facts for the client's side, lines 35 and 36. */
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
/* Line 51: the staple for the client; none yet. */
void	wad_ssl_proxy_generate_certificate_status(
	    const struct wad_ssl_port *srv, const struct wad_ssl_nego *);
/* Puts the product on the client's SSL and lets the handshake go on: lines
 * 52 to 56.  0, or -1. */
int	wad_ssl_proxy_resume_c2p_handshake(struct wad_ssl_port *clt,
	    const struct wad_ssl_port *shown, struct wad_ssl_nego *,
	    uint16_t min_version);

#endif
