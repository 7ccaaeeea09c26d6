/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas of the web filter: workers count what a client uses, wad-control adds
 * it up over the day and says who is over.
 */
#ifndef WAD_IPC_QUOTA_H
#define WAD_IPC_QUOTA_H

#include "conf/conf_snap.h"
#include "ipc/msg.h"

enum {
	WAD_QUOTA_USER = 64,
	WAD_QUOTA_MAX = 16384,		/* clients times quotas, wad-control */
	WAD_QUOTA_COPY_MAX = 8192,	/* ... in a worker */
	WAD_QUOTA_SOON = 256 * 1024,	/* bytes that a worker keeps to itself
					 * for at most a second */
};

/* Whose use of what.  The stamp is of profile, entry and type: what was used
 * stays when the entry allows another amount. */
struct wad_quota_key {
	uint64_t	 stamp;
	struct wad_addr	 client;
	char		 user[WAD_QUOTA_USER];	/* "": nobody signed in */
};
uint64_t wad_quota_stamp(const struct wad_wf_profile *,
	    const struct wad_wf_quota *);
uint64_t wad_quota_hash(const struct wad_quota_key *);
bool	wad_quota_same(const struct wad_quota_key *,
	    const struct wad_quota_key *);
/* Whether an entry counts this category. */
bool	wad_quota_counts(const struct wad_wf_profile *,
	    const struct wad_wf_quota *, uint16_t category);

void	wad_quota_key_put(struct wad_msg *, const struct wad_quota_key *);
int	wad_quota_key_get(struct wad_msg_in *, struct wad_quota_key *);

#endif
