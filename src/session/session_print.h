/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions as text for the console, each from its slot alone.
 */
#ifndef WAD_SESSION_SESSION_PRINT_H
#define WAD_SESSION_SESSION_PRINT_H

#include "session/slot.h"

/* One record; now_ms: wad_clock_ms; worker: index of its worker. */
typedef void wad_session_print_fn(const struct wad_slot *, uint64_t now_ms,
    unsigned worker, struct wad_str *out);

/* `diagnose sys session list` and `session6 list`: the record with the blank
 * line behind it. */
wad_session_print_fn	wad_session_print_v4, wad_session_print_v6;
/* The same in the form of the study page, for both families. */
wad_session_print_fn	wad_session_print_study;
/* `get system session list`: its head and one row. */
void	wad_session_print_head(struct wad_str *out);
wad_session_print_fn	wad_session_print_row;
/* `diagnose wad session list` (FortiProxy KB 281255). */
wad_session_print_fn	wad_session_print_wad;

/* "ESTABLISHED"; "NONE" for a number that is no state. */
const char *wad_session_print_tcp(unsigned state);

#endif
