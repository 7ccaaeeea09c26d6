/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients used of their quotas today, over all workers.  The day ends at
 * midnight, local time.  Sums are kept in two files that the parent hands
 * over, written in turn, so that one is whole whenever this process ends.
 */
#ifndef WAD_CONTROL_QUOTAS_H
#define WAD_CONTROL_QUOTAS_H

#include "control/control.h"
#include "ipc/quota.h"

/* What one client used of one quota. */
struct wad_quota_sum {
	struct wad_quota_key	 key;
	uint64_t		 bytes;
	uint64_t		 seconds;	/* of views that are over */
	int64_t			 last;		/* the last view began; 0 */
	bool			 over;
};

struct wad_quotas *wad_quotas_new(struct wad_control *);
void	wad_quotas_free(struct wad_quotas *);	/* NULL allowed */
/* Seconds of a time quota that are used now: each view lasts until the next
 * one, at most view_max seconds. */
uint64_t wad_quotas_seconds(const struct wad_quota_sum *, unsigned view_max,
	    int64_t now);
/* The next midnight, local time. */
int64_t	wad_quotas_midnight(int64_t now);

/* QUOTA_USED of a worker, QUOTAS of the parent; 0 or -1. */
int	wad_quotas_message(struct wad_control *, struct wad_msg_in *);
int	wad_quotas_files(struct wad_control *, struct wad_msg_in *);
/* A worker is there: it hears who is over. */
void	wad_quotas_replay(struct wad_control *, struct wad_chan *);
/* Another configuration: sums without an entry are forgotten, limits are
 * looked at again. */
void	wad_quotas_commit(struct wad_control *);
/* Once a second: midnight, time that ran out, the files. */
void	wad_quotas_tick(struct wad_control *);
/* Writes what is not written yet: at the end. */
void	wad_quotas_save(struct wad_control *);
/* Begins the day anew for a client (NULL: for all); returns how many sums were
 * there. */
size_t	wad_quotas_reset(struct wad_control *, const struct wad_addr *client);
/* Adds a line for each sum. */
void	wad_quotas_list(struct wad_control *, const struct wad_addr *client,
	    int64_t now, struct wad_str *);

#endif
