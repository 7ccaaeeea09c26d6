/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded hash table whose least recently used entry goes first.
 * Intrusive: the entry is embedded in the caller's object as first member.
 */
#ifndef WAD_BASE_LRU_H
#define WAD_BASE_LRU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/stats.h"

struct wad_lru_entry {
	struct wad_lru_entry	*chain;
	struct wad_list		 age;
	uint64_t		 hash;
	uint64_t		 born;	/* wad_clock_ms when it was added */
	unsigned		 hits;	/* since then */
};

struct wad_lru {
	struct wad_lru_entry	**bucket;
	size_t			 n_buckets, n, max;
	struct wad_list		 age;	/* oldest first */
	uint64_t		 hits, misses, evicted;
	struct wad_cache_stats	 told;	/* wad_lru_tell, of these */
	bool	(*same)(const struct wad_lru_entry *, const void *key);
	void	(*drop)(struct wad_lru_entry *);	/* frees the object */
};

/* A static table t, ready for use and never freed; buckets is a power of
 * two. */
#define WAD_LRU(t, buckets, most, is_same, drops) {			\
	.n_buckets = (buckets), .max = (most), .same = (is_same),	\
	.drop = (drops), .age = { &(t).age, &(t).age } }

/* buckets is rounded up to a power of two. */
void	wad_lru_init(struct wad_lru *, size_t buckets, size_t max,
	    bool (*same)(const struct wad_lru_entry *, const void *),
	    void (*drop)(struct wad_lru_entry *));
/* The entry with this key, now the youngest; NULL. */
struct wad_lru_entry *wad_lru_find(struct wad_lru *, uint64_t hash,
	    const void *key);
/* The same without counting it as a use: for who only wants to know. */
struct wad_lru_entry *wad_lru_peek(const struct wad_lru *, uint64_t hash,
	    const void *key);
/* Puts it in; the oldest is dropped when there are too many. */
void	wad_lru_add(struct wad_lru *, struct wad_lru_entry *, uint64_t hash);
void	wad_lru_remove(struct wad_lru *, struct wad_lru_entry *); /* and drop */
void	wad_lru_clear(struct wad_lru *);
void	wad_lru_free(struct wad_lru *);
/* Brings the statistics of this role up to date: what they count goes on
 * rising when a process starts anew. */
void	wad_lru_tell(struct wad_lru *, enum wad_cache_id);
size_t	wad_lru_bucket(const struct wad_lru *, uint64_t hash);

#endif
