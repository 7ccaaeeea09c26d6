/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Half an hour of the counters of all workers, a sample each ten seconds:
 * averages for `get system performance status`.
 */
#ifndef WAD_CONTROL_HISTORY_H
#define WAD_CONTROL_HISTORY_H

#include <stdint.h>

struct wad_control;

struct wad_history_sample {
	uint64_t	 ms;		/* wad_clock_ms; 0: none */
	uint64_t	 sessions, setups, bytes;	/* open now; so far */
};

enum { WAD_HISTORY = 181, WAD_HISTORY_MS = 10000 };

struct wad_history {
	struct wad_history_sample s[WAD_HISTORY];
	unsigned	 next;
};

/* Takes a sample when one is due. */
void	wad_history_tick(struct wad_control *);
/* What is now. */
void	wad_history_now(const struct wad_control *,
	    struct wad_history_sample *);
/* New sessions per second, of the last one to ten seconds. */
uint64_t wad_history_rate(const struct wad_control *);
/* Over the last minutes, or as far back as there are samples: sessions open on
 * average, new ones per second, kilobits per second. */
struct wad_history_average { uint64_t sessions, setup_rate, kbps; };
void	wad_history_average(const struct wad_control *, unsigned minutes,
	    struct wad_history_average *);

#endif
