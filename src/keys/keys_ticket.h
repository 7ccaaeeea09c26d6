/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of TLS session tickets, the same for all workers, so that a client can
 * come back to any of them.  The first encrypts, the others only decrypt.
 */
#ifndef WAD_KEYS_TICKET_H
#define WAD_KEYS_TICKET_H

#include <stdint.h>

#include "ipc/msg.h"

enum {
	WAD_TICKET_KEY = 80,		/* name 16, AES-256 32, HMAC 32 */
	WAD_TICKET_KEYS = 3,
	WAD_TICKET_PERIOD = 3600,	/* seconds between two new keys */
	WAD_TICKET_MINUTES = 20,	/* how long a ticket is good */
};

struct wad_keys_tickets {
	uint8_t		 key[WAD_TICKET_KEYS][WAD_TICKET_KEY];
	unsigned	 n;
};

/* A new first key; the oldest is wiped when there are too many.  0, or -1 when
 * there is no randomness: nothing has changed then. */
int	wad_keys_ticket_rotate(struct wad_keys_tickets *);
/* Seconds between two rotations, so that a ticket made a moment before one is
 * still read that many minutes (0: WAD_TICKET_MINUTES) later. */
unsigned wad_keys_ticket_period(unsigned minutes);
/* WAD_MSG_TICKET_KEYS; wad_msg_free wipes it. */
void	wad_keys_ticket_put(const struct wad_keys_tickets *, struct wad_msg *);
void	wad_keys_ticket_wipe(struct wad_keys_tickets *);

#endif
