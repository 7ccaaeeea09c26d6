/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker's copy of the learned exemptions: wad-control keeps the table and
 * says what changes.
 */
#ifndef WAD_TLS_SSL_LEARN_H
#define WAD_TLS_SSL_LEARN_H

#include "ipc/learn.h"
#include "port/ssl_port.h"

/* Takes over what wad-control says of a pair; until is in seconds since the
 * epoch. */
void	wad_ssl_learn_put(enum wad_learn_op, const struct wad_learn_key *,
	    int64_t until);
/* What is known of a pair: suspect, exempt, or FORGET: nothing.  Where
 * something is, wad-control wants to hear of a success. */
enum wad_learn_op wad_ssl_learn_state(const struct wad_learn_key *,
	    int64_t now);
/* Remembers that the pair accepted a certificate, and tells whether it did
 * less than `age` seconds ago.  Bounded: newer pairs take the place of older
 * ones. */
void	wad_ssl_learn_good(const struct wad_learn_key *, int64_t now);
bool	wad_ssl_learn_was_good(const struct wad_learn_key *, int64_t now,
	    int64_t age);
/* True when the pair is exempt; counts as a use of the entry. */
bool	wad_ssl_learn_exempt(const struct wad_learn_key *, int64_t now);
/* How the client side of a connection that is over (or half over) answered
 * our certificate: an alert, WAD_LEARN_CLOSED or WAD_LEARN_NOTHING.  spoke:
 * application data went either way; now in monotonic ms. */
uint32_t wad_ssl_learn_outcome(const struct wad_ssl_port *clt, bool spoke,
	    uint64_t now);
/* Forgets the copy: wad-control sends it anew when it comes up. */
void	wad_ssl_learn_clear(void);

#endif
