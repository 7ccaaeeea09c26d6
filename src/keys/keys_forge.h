/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of wad-keys: a certificate forged from a description, and the
 * certificate of a page with its key.  Pure: message in, message out.
 */
#ifndef WAD_KEYS_FORGE_H
#define WAD_KEYS_FORGE_H

#include <openssl/evp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/msg.h"
#include "keys/keys_journal.h"
#include "keys/keys_product.h"
#include "keys/keys_store.h"

/* Signatures a second for one worker: ten times what a core can use. */
enum { WAD_KEYS_RATE = 500 };

struct wad_keys_forge {
	struct wad_keys_store	*store;		/* not owned */
	struct wad_keys_journal	*journal;	/* not owned */
	struct wad_keys_products *products;	/* not owned */
	int64_t			 lifetime;	/* seconds */
	EVP_PKEY		*rsa;		/* leaf key of the day */
	struct wad_keys_der	 rsa_der;
	bool			 rsa_used;
	uint64_t		 issued, again, refused;
};

/* How many signatures one asker had in this second. */
struct wad_keys_rate { uint64_t since_ms; unsigned n; };

/* Makes the first RSA key (about 100 ms).  0 or -1. */
int	wad_keys_forge_init(struct wad_keys_forge *, struct wad_keys_store *,
	    struct wad_keys_journal *, struct wad_keys_products *);
/* Another RSA key, unless the one there was never given to anybody. */
void	wad_keys_forge_renew(struct wad_keys_forge *);
void	wad_keys_forge_clear(struct wad_keys_forge *);

/* Answer WAD_MSG_FORGE and WAD_MSG_PAGE_CERT with a WAD_MSG_FORGED in *out
 * (the caller frees it, also after -1).  0, or -1 when the message itself is
 * bad.  What cannot be done is an answer with ok 0 and the reason. */
int	wad_keys_forge_answer(struct wad_keys_forge *, struct wad_keys_rate *,
	    struct wad_msg_in *, struct wad_msg *out, int64_t now,
	    uint64_t now_ms);
int	wad_keys_forge_page(struct wad_keys_forge *, struct wad_msg_in *,
	    struct wad_msg *out);

#endif
