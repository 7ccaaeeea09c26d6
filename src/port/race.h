/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connects to the first address of a list that answers: attempts start one
 * after another, a little apart, and the first that is connected wins
 * (RFC 8305 section 5).
 */
#ifndef WAD_PORT_RACE_H
#define WAD_PORT_RACE_H

#include <event2/event.h>

#include "base/addr.h"

enum { WAD_RACE_ADDRS_MAX = 16, WAD_RACE_STAGGER_MS = 250 };

struct wad_race;

/* The end of a race, called once, never from inside wad_race_start; the race
 * is gone by then.  fd is connected, non-blocking and now the callee's; or
 * it is -1, and err is the most telling errno of all attempts (ETIMEDOUT when
 * the time was up) and chosen the address that had it.  chosen is NULL only
 * when no attempt was made, and valid during the call. */
typedef void wad_race_fn(void *arg, int fd, const struct wad_addr *chosen,
    int err);
/* Makes a non-blocking stream socket for an address, bound as the caller
 * wishes; -1 with errno when it cannot. */
typedef int wad_race_socket_fn(void *arg, const struct wad_addr *);

/* At most WAD_RACE_ADDRS_MAX addresses are tried, in their order.  An attempt
 * starts stagger_ms after the one before it, or at once when that has
 * failed. */
struct wad_race *wad_race_start(struct event_base *,
	    const struct wad_addr *addrs, size_t n, unsigned stagger_ms,
	    unsigned timeout_ms, wad_race_socket_fn *, wad_race_fn *,
	    void *arg);
/* The callback will not be called; open attempts are closed. */
void	wad_race_cancel(struct wad_race *);	/* NULL is allowed */

#endif
