/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tickets for clients (RFC 5077, RFC 8446 section 4.6.1): nothing is kept
 * here; what we need is in the ticket, sealed with keys that all workers get
 * from wad-keys.
 *
 * A ticket saves a client the certificate, never a decision: policy, rating
 * and the server's handshake came before it is looked at, and it counts only
 * when it was given under the very same ones.
 */
#ifndef WAD_TLS_SSL_TICKET_H
#define WAD_TLS_SSL_TICKET_H

#include <openssl/ssl.h>

#include <stdbool.h>

#include "ipc/msg.h"
#include "tls/ssl_negotiate.h"

enum { WAD_TICKET_KEYS_MAX = 8, WAD_TICKET_KEY_LEN = 80 };

/* The callbacks, once per context of the client's side; 0 or -1. */
int	wad_ssl_ticket_setup(SSL_CTX *);
/* TICKET_KEYS of wad-keys: they replace the old ones.  0, or -1 when the
 * message is malformed. */
int	wad_ssl_ticket_receive(struct wad_msg_in *);
/* Switches tickets on for this client, bound to what n decided (page: no
 * server behind it).  False without keys or when resumption is off. */
bool	wad_ssl_ticket_allow(SSL *, struct wad_ssl_nego *n, bool page);
/* A key of 32 bytes for another use, made of the i-th ticket key (0: the one
 * that signs now; those before are still good): all workers have the same, and
 * none is kept.  False: there is no such one. */
bool	wad_ssl_ticket_derive(unsigned i, const char *use, uint8_t out[32]);
/* Wipes the keys; no tickets from now on. */
void	wad_ssl_ticket_clear(void);

#endif
