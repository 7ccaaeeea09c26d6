/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threat feeds of this process: what it has of each, by name.  A
 * configuration points at them (struct wad_feed's cell); a new copy is seen by
 * all of them at once.
 */
#ifndef WAD_POLICY_FEED_H
#define WAD_POLICY_FEED_H

#include "conf/conf_snap.h"
#include "policy/feed_db.h"

enum { WAD_FEEDS_MAX = 512 };

/* A configuration that is prepared: its feeds find their copies. */
void	wad_feed_bind(struct wad_conf *);
/* One that runs now: copies of other feeds are given back. */
void	wad_feed_keep(const struct wad_conf *);
/* A new copy in a sealed segment (fd is closed); fd -1: there is none any
 * more.  0, or -1 with a reason, and the copy that was there stays. */
int	wad_feed_put(const char *name, int fd, char *err, size_t errsize);

/* The copy of a feed; NULL: there is none, or it was made when the feed had
 * another type. */
const struct wad_feed_db *wad_feed_get(const struct wad_feed *);
/* The line of an address feed that holds the address; 0. */
uint32_t wad_feed_holds(const struct wad_feed *, const struct wad_addr *);

struct wad_feed_hit {
	const struct wad_feed *feed;	/* of the configuration */
	uint32_t	 line;
	size_t		 klen;		/* of the key: the longest is the best */
};
/* The feeds with a category that hold a canonical name, or one of its
 * parents, with a path in its one form (wad_url_form_key; plen 0: none).
 * Returns how many, at most max: the longest key first, then as they stand in
 * the configuration.  An address in text has no parents. */
size_t	wad_feed_find(const struct wad_conf *, const char *host,
	    const char *path, size_t plen, struct wad_feed_hit *, size_t max);

#endif
