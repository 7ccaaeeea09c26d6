/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions that a worker had when it ended unexpectedly: each gets its traffic
 * record from here, once.
 *
 * What says whether a session has it already: its slot (logged_end); for the
 * one that the worker was about to log, the segment's `ending` and the
 * worker's ring; and what a wad-control before this one has written, the mark
 * in the segment of the debug settings and our own ring.  The parent keeps the
 * segment until it hears SESSIONS_LOGGED, so it does not matter who dies when.
 */
#ifndef WAD_CONTROL_DEAD_SESSIONS_H
#define WAD_CONTROL_DEAD_SESSIONS_H

#include "control/control.h"

/* The process that wrote r->sessions is gone: takes the segment over, and
 * r->sessions is NULL. */
void	wad_dead_sessions_add(struct wad_control *, struct wad_ctl_ring *r);
/* Writes some of the records into our ring; for each turn of the pump. */
void	wad_dead_sessions_run(struct wad_control *);
/* Our end: what workers left that are gone now, all of it. */
void	wad_dead_sessions_finish(struct wad_control *);
void	wad_dead_sessions_free(struct wad_control *);

#endif
