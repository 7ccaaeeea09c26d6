/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the last good copies of threat feeds, in STATE/feeds.  Opened
 * here, read and written by wad-lookup alone.
 */
#ifndef WAD_MAIN_FEED_FILES_H
#define WAD_MAIN_FEED_FILES_H

#include "main/main.h"

/* Gives wad-lookup two files of each feed of a configuration.  What cannot be
 * opened is said, and the feed goes without. */
void	wad_feed_files_send(struct wad_main *, struct wad_role_slot *,
	    const struct wad_conf *);
/* Removes the files of feeds that the running configuration does not name. */
void	wad_feed_files_clean(struct wad_main *);

#endif
