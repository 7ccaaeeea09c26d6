/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ticket keys live here and in the workers only, never on disk: after a
 * restart of wad-keys clients make a full handshake once.
 */
#include "keys/keys_ticket.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <string.h>

int
wad_keys_ticket_rotate(struct wad_keys_tickets *t)
{
	uint8_t key[WAD_TICKET_KEY];

	if (RAND_priv_bytes(key, sizeof(key)) != 1)
		return -1;
	memmove(t->key[1], t->key[0], sizeof(t->key) - sizeof(t->key[0]));
	memcpy(t->key[0], key, sizeof(key));
	OPENSSL_cleanse(key, sizeof(key));
	if (t->n < WAD_TICKET_KEYS)
		t->n++;
	return 0;
}

unsigned
wad_keys_ticket_period(unsigned minutes)
{
	unsigned old = WAD_TICKET_KEYS - 1, life;

	life = (minutes == 0 ? WAD_TICKET_MINUTES : minutes) * 60;
	return life > old * WAD_TICKET_PERIOD ? (life + old - 1) / old :
	    WAD_TICKET_PERIOD;
}

void
wad_keys_ticket_put(const struct wad_keys_tickets *t, struct wad_msg *m)
{
	wad_msg_init(m, WAD_MSG_TICKET_KEYS, 0);
	wad_msg_add_u32(m, t->n);
	for (unsigned i = 0; i < t->n; i++)
		wad_msg_add_blob(m, t->key[i], sizeof(t->key[i]));
}

void
wad_keys_ticket_wipe(struct wad_keys_tickets *t)
{
	OPENSSL_cleanse(t, sizeof(*t));
}
