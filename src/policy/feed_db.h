/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled threat feed, as wad-lookup hands it to the workers in a sealed
 * segment: names in a hash table, addresses as sorted ranges that do not
 * overlap.  Numbers are of the machine: a segment never leaves it.
 *
 *	head	struct wad_feed_head
 *	slots	n_slots times struct wad_feed_slot
 *	ranges	n_v4, then n_v6 times struct wad_feed_range
 *	keys	line u32, length u16, bytes: a name as url/url_db.h has it
 */
#ifndef WAD_POLICY_FEED_DB_H
#define WAD_POLICY_FEED_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define WAD_FEED_MAGIC	"wadfeed1"

enum {
	WAD_FEED_PROBES = 128,	/* slots that a look-up may touch */
	WAD_FEED_KEY_HEAD = 6	/* line and length */
};

struct wad_feed_head {
	char		 magic[8];
	uint32_t	 type;		/* enum wad_feed_type */
	uint32_t	 n_slots;	/* a power of two */
	uint32_t	 n_names, n_paths;	/* n_paths: names with a path */
	uint32_t	 n_v4, n_v6;
	uint64_t	 keys_len;
	uint64_t	 seed;		/* of the hash: whoever writes the list
					 * cannot make names collide */
};

struct wad_feed_slot {
	uint32_t	 hash;
	uint32_t	 at;		/* 1 + place in keys / 2; 0: empty */
};

struct wad_feed_range {
	uint8_t		 lo[16], hi[16];	/* as in struct wad_addr */
	uint32_t	 line;
};

struct wad_feed_db;

/* The hash of a name. */
uint64_t wad_feed_db_hash(uint64_t seed, const char *key, size_t len);
/* Length of a segment with this head; 0 when the head is nonsense. */
size_t	wad_feed_db_size(const struct wad_feed_head *);

/* Maps a sealed segment (fd is closed); NULL with a reason in err.  Every
 * look-up checks what it reads: a bad segment gives wrong answers only. */
struct wad_feed_db *wad_feed_db_open(int fd, char *err, size_t errsize);
/* The same of memory that is the caller's. */
struct wad_feed_db *wad_feed_db_of(const void *p, size_t len, char *err,
	    size_t errsize);
void	wad_feed_db_close(struct wad_feed_db *);	/* NULL allowed */
const struct wad_feed_head *wad_feed_db_head(const struct wad_feed_db *);

/* The line of the list that holds exactly this name, or this address; 0. */
uint32_t wad_feed_db_name(const struct wad_feed_db *, const char *key,
	    size_t len);
uint32_t wad_feed_db_addr(const struct wad_feed_db *,
	    const struct wad_addr *);
/* The i-th range of IPv4, then of IPv6, for who lists them; false behind the
 * last one. */
bool	wad_feed_db_range(const struct wad_feed_db *, size_t i,
	    struct wad_addr *lo, struct wad_addr *hi);

#endif
