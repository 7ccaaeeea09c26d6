/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a threat feed to a sealed segment (policy/feed_db.h): lines
 * as they come from the network, then in steps of some milliseconds, so that
 * who builds can answer others in between.  No files, no network.
 */
#ifndef WAD_LOOKUP_FEED_BUILD_H
#define WAD_LOOKUP_FEED_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf_snap.h"

enum {
	WAD_FEED_BAD_SHOWN = 10,
	WAD_FEED_ENTRIES_MAX = 4 * 1024 * 1024,
	WAD_FEED_RANGES_MAX = 1024 * 1024
};

/* What the lines were. */
struct wad_feed_count {
	uint32_t	 lines, good, bad;	/* good and bad ones; others
						 * are comments */
	uint32_t	 entries;	/* names or ranges */
	struct {
		uint32_t	 line;
		const char	*why;	/* static */
		char		 text[64];	/* escaped */
	}		 shown[WAD_FEED_BAD_SHOWN];	/* the first bad ones */
};

struct wad_feed_build;

/* seed: random, for the hash. */
struct wad_feed_build *wad_feed_build_new(enum wad_feed_type, uint64_t seed);
void	wad_feed_build_free(struct wad_feed_build *);	/* NULL allowed */
/* Some more of the text; 0, or -1 when it is refused (wad_feed_build_why). */
int	wad_feed_build_text(struct wad_feed_build *, const void *, size_t);
/* The text is whole; 0, or -1: it is refused. */
int	wad_feed_build_end(struct wad_feed_build *);
/* Then one piece of the work: 1 to go on, 0 when it is done, -1. */
int	wad_feed_build_step(struct wad_feed_build *);
/* The sealed segment, the caller's from now on; -1 before it is done. */
int	wad_feed_build_take(struct wad_feed_build *);
const char *wad_feed_build_why(const struct wad_feed_build *);
const struct wad_feed_count *wad_feed_build_count(
	    const struct wad_feed_build *);

#endif
