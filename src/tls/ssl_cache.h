/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caches of a worker as the console sees them: one row each, one set of
 * commands for all.
 */
#ifndef WAD_TLS_SSL_CACHE_H
#define WAD_TLS_SSL_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lru.h"
#include "base/str.h"

enum { WAD_CACHE_SHOWN = 500,		/* entries that `show` prints */
	WAD_CACHE_TEXT = 120 * 1024 };	/* and bytes: a message holds 160 K */

struct wad_ssl_cache {
	const char	*name;		/* its word on the console */
	struct wad_lru	*lru;
	/* an entry's bytes, and where in it is the name that it is for, a
	 * string of its own */
	size_t		 item, host_at;
	/* what else it owns, in bytes; NULL: nothing */
	size_t		(*more)(const struct wad_lru_entry *);
	/* " key=value" facts about it, without line end */
	void		(*print)(const struct wad_lru_entry *,
			    struct wad_str *);
};

extern const struct wad_ssl_cache wad_ssl_cic_cache,
    wad_ssl_cert_storage_cache, wad_ssl_bypass_cache_cache,
    wad_ssl_session_cache, wad_ssl_learn_cache;

/* Adds a line "NAME entries bound bytes hits misses evicted" for each. */
void	wad_ssl_cache_list(struct wad_str *);
/* Adds the entries of one, youngest first, whose name holds filter ("" all)
 * and how many were left out; false when there is no such cache. */
bool	wad_ssl_cache_show(const char *name, const char *filter,
	    struct wad_str *);
/* Empties one, or "all"; without verdicts there are no sessions, either.
 * False when there is no such cache. */
bool	wad_ssl_cache_clear(const char *name);
/* Brings the statistics of this role up to date. */
void	wad_ssl_cache_tell(void);

#endif
