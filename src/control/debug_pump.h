/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the rings of all roles: debug lines go to the consoles that watch,
 * log records to the log writer.
 */
#ifndef WAD_CONTROL_DEBUG_PUMP_H
#define WAD_CONTROL_DEBUG_PUMP_H

#include "control/control.h"

/* Starts the timer; 0 or -1. */
int	wad_debug_pump_start(struct wad_control *);
void	wad_debug_pump_stop(struct wad_control *);
/* A role's ring arrived: fd is taken over.  0 or -1. */
int	wad_debug_pump_ring(struct wad_control *, const char *role,
	    unsigned index, uint32_t pid, int fd);
/* The same of a worker's sessions: fd is taken over; what was there before is
 * that of a dead process.  0 or -1. */
int	wad_debug_pump_sessions(struct wad_control *, const char *role,
	    unsigned index, uint32_t pid, int fd);
/* Our own ring, written by this process. */
void	wad_debug_pump_own(struct wad_control *, const struct wad_ring_seg *);
/* Writes the settings to the segment that all roles read. */
void	wad_debug_pump_apply(struct wad_control *);
/* The filter as one change: readers never see half of it. */
void	wad_debug_pump_filter(struct wad_control *);
/* The segment of the settings arrived: what it says was written to the log
 * before is not written again. */
void	wad_debug_pump_marks(struct wad_control *);
/* Reads everything that is there now. */
void	wad_debug_pump_run(struct wad_control *);

#endif
