/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with servers, to be resumed (RFC 8446 section 2.2, RFC 5077): a
 * bounded cache of this worker, told to the other workers by way of wad-keys.
 *
 * A session is offered only for the same server, name, configuration, profile
 * and offer, and, when the server sees the client's own address, to the same
 * client.  It lives no longer than the verdict on the chain that it began
 * with.
 *
 * What this costs: a worker that was taken over can tell the others a session
 * whose secret somebody else knows.  Where he sits on their way to that server
 * he can then be it for their clients, too, for WAD_CIC_TTL seconds at most;
 * the certificate in it must be for that name.  `set abbreviate-handshake
 * disable` ends the sharing.
 */
#ifndef WAD_TLS_SSL_SESSION_H
#define WAD_TLS_SSL_SESSION_H

#include "ipc/msg.h"
#include "tls/ssl_negotiate.h"

enum { WAD_SESSION_MAX = 16384, WAD_SESSION_DER_MAX = 16 * 1024,
	WAD_SESSION_MEM = 48 << 20 };	/* bytes, of all */

/* At most n names (bounded by WAD_SESSION_MAX); what is above goes now. */
void	wad_ssl_session_limit(unsigned n);
/* Where new sessions are told (wad-keys); NULL: nowhere. */
void	wad_ssl_session_share(struct wad_chan *);
/* A TLS_SESSION of another worker; 0, or -1 when it is malformed: nothing is
 * kept of it then. */
int	wad_ssl_session_receive(struct wad_msg_in *);

/* Looks for a session that may be offered: into n->srv_session and n->facts.
 * n->offer, host, dst and scope must be there. */
void	wad_ssl_session_find(struct wad_ssl_nego *n);
/* OpenSSL's callback for new sessions of the server's side. */
int	wad_ssl_session_new(SSL *, SSL_SESSION *);
/* The verdict stands and is good: sessions of this connection are kept, those
 * that came already and those to come. */
void	wad_ssl_session_allow(struct wad_ssl_nego *n);
/* The server did not take what was offered. */
void	wad_ssl_session_refused(struct wad_ssl_nego *n);
/* The negotiation ends: frees what it holds; after a handshake that the server
 * ended with a session offered (n->srv_failed), what is kept under its key
 * goes too. */
void	wad_ssl_session_abandon(struct wad_ssl_nego *n);

#endif
