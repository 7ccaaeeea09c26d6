/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last good copy of a feed, kept over restarts in two files that the
 * parent opened: one is written while the other stays whole, and what is read
 * is believed only when its digest is right.
 */
#ifndef WAD_LOOKUP_FEED_STORE_H
#define WAD_LOOKUP_FEED_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lookup/lookup_fetch.h"

enum { WAD_FEED_DIGEST = 32, WAD_FEED_KEPT_MAX = 512 * 1024 * 1024 };

/* What is known of a copy. */
struct wad_feed_kept {
	uint64_t	 seq;		/* the higher one is the newer one */
	int64_t		 fetched;	/* seconds since the epoch */
	uint32_t	 lines, good, bad, entries;
	uint8_t		 source[WAD_FEED_DIGEST];	/* of its URL */
	uint8_t		 text[WAD_FEED_DIGEST];	/* of what was fetched */
	struct wad_fetch_tags tags;
};

/* The newer good copy as a sealed segment, with what is known of it; -1 with
 * a reason in err ("" when there is none).  The digest says that it is what
 * was written, not that it makes sense. */
int	wad_feed_store_load(const int fd[2], struct wad_feed_kept *, char *err,
	    size_t errsize);

/* Writing one, in steps; fd is the segment, both stay the caller's. */
struct wad_feed_saving;
struct wad_feed_saving *wad_feed_store_save(const int files[2], int fd,
	    const struct wad_feed_kept *);
/* 1 to go on, 0 when it is written, -1 with errno. */
int	wad_feed_store_step(struct wad_feed_saving *);
void	wad_feed_store_free(struct wad_feed_saving *);	/* NULL allowed */

#endif
