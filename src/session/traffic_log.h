/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The traffic log: one record at the end of a session, and where it is asked
 * for one at its start and one every two minutes.  Made of the session's slot
 * alone, so that wad-control writes the same record for what a dead worker
 * left open.
 */
#ifndef WAD_SESSION_TRAFFIC_LOG_H
#define WAD_SESSION_TRAFFIC_LOG_H

#include "conf/conf_snap.h"
#include "session/slot.h"

enum wad_traffic { WAD_TRAFFIC_START, WAD_TRAFFIC_INTERIM, WAD_TRAFFIC_END };

/* Writes the record when policy and settings want it.  now_ms: wad_clock_ms.
 * For INTERIM the caller then moves the told_ fields on.  A worker
 * sets logged_end, or releases the slot, after an END: so wad-control writes
 * what a dead worker did not, and nothing twice. */
void	wad_traffic_log(const struct wad_slot *, const struct wad_conf_log *,
	    enum wad_traffic, uint64_t now_ms);
/* Whether they want it. */
bool	wad_traffic_log_wanted(const struct wad_slot *,
	    const struct wad_conf_log *, enum wad_traffic);

#endif
