/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate inspection cache: verdicts by (SNI, addresses), valid while
 * the very same chain is sent, the same roots are trusted, and not for
 * longer than 1800 seconds.
 * Judging a chain runs to its end at once, so no two sessions ever judge the
 * same chain at the same time: there is nothing to wait for.
 */
#ifndef WAD_TLS_SSL_CIC_H
#define WAD_TLS_SSL_CIC_H

#include "tls/ssl_negotiate.h"

enum { WAD_CIC_TTL = 1800, WAD_CIC_MAX = 16384 };

/* The entry's number: hash of (vfid, SNI, addresses), line 39 when told. */
uint64_t wad_ssl_cic_oid_gen(const struct wad_ssl_nego *);
/* A verdict that still holds: copies it, and to the negotiation how long its
 * chain is valid; returns true. */
bool	wad_ssl_cic_find(struct wad_ssl_nego *,
	    struct wad_ssl_verdict *);
/* The last verdict on this name at this server, whatever chain it sends now:
 * for connections whose certificate is not seen. */
bool	wad_ssl_cic_recent(const struct wad_ssl_nego *,
	    struct wad_ssl_verdict *);
/* True when there is one for this name at all (debug line 25). */
bool	wad_ssl_cic_known(const struct wad_ssl_nego *);
/* The age in seconds of the verdict for this name, and whether it was good
 * (NULL: not asked); -1 when there is none that still counts. */
int64_t	wad_ssl_cic_age(const struct wad_ssl_nego *, bool *good);
/* Remembers the negotiation's verdict: lines 40 and 41. */
void	wad_ssl_cic_client_add(const struct wad_ssl_nego *, uint64_t oid);

#endif
