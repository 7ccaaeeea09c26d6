/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned exemptions, what workers and wad-control say to each other: a
 * client that rejects our certificates for a name again and again, and never
 * once accepted one, pins another certificate or trusts another store.  It is
 * of no use to inspect it.
 */
#ifndef WAD_IPC_LEARN_H
#define WAD_IPC_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* LEARN: what a client did with a certificate of ours. */
enum wad_learn_outcome { WAD_LEARN_REJECTED, WAD_LEARN_ACCEPTED };
/* LEARNED: what wad-control makes of it. */
enum wad_learn_op { WAD_LEARNED_SUSPECT, WAD_LEARNED_EXEMPT,
	WAD_LEARNED_FORGET };

enum {
	WAD_LEARN_CLOSED = 256,	/* in place of an alert: it just closed */
	WAD_LEARN_NOTHING = 257,	/* that was no rejection */
	WAD_LEARN_SOON_MS = 2000,	/* "right after" the certificate */
	WAD_LEARN_MAX = 16384,	/* pairs in wad-control */
	WAD_LEARN_CLIENT_MAX = 256,	/* of them of one client */
	WAD_LEARN_COPY_MAX = 8192,	/* pairs in a worker */
};

/* The name of an alert that says "I do not take this certificate", "closed"
 * for WAD_LEARN_CLOSED; NULL for every other number. */
const char *wad_learn_evidence(uint32_t alert);
/* A pair: host is canonical and borrowed. */
struct wad_learn_key {
	struct wad_addr	 client;
	const char	*host;
};
uint64_t wad_learn_hash(const struct wad_learn_key *);
bool	wad_learn_same(const struct wad_learn_key *,
	    const struct wad_learn_key *);

#endif
