/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forged certificates that wad-keys has made and may give out again: to the
 * other workers, to a worker that was started anew, and after a restart of
 * everything.  Bounded; the least recently asked for goes first.
 */
#ifndef WAD_KEYS_PRODUCT_H
#define WAD_KEYS_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lru.h"
#include "keys/keys_store.h"
#include "x509/x509_desc.h"

enum {
	WAD_PRODUCTS_MAX = 16384,
	WAD_PRODUCTS_MEM = 64 << 20,	/* bytes of DER and overhead */
	WAD_PRODUCTS_MARGIN = 300,	/* seconds of validity that must be
					 * left, as in a worker's storage */
};

struct wad_keys_product {
	struct wad_lru_entry lru;	/* first member */
	uint8_t		 id[32];	/* of the description */
	uint8_t		 ca[32];	/* of the CA, wad_keys_entry.id */
	int64_t		 not_after;
	int64_t		 staple_until;	/* 0: there is no staple */
	struct wad_keys_der leaf, key, staple;
	size_t		 disk;		/* bytes in the file, 0: not there */
};

struct wad_keys_products;

/* The store tells which CAs there are and how their records are sealed. */
struct wad_keys_products *wad_keys_products_new(struct wad_keys_store *);
void	wad_keys_products_free(struct wad_keys_products *);
/* What makes two wishes the same: CA, names in any order, origin, dates, key
 * type, staple.  Not who asks. */
void	wad_keys_products_id(const struct wad_keys_products *,
	    const struct wad_cert_desc *, const struct wad_keys_entry *ca,
	    bool staple, uint8_t id[32]);
/* One that is still good for a while and does not end after `latest`; NULL.
 * It is valid until the table is used again. */
struct wad_keys_product *wad_keys_products_find(struct wad_keys_products *,
	    const uint8_t id[32], int64_t now, int64_t latest);
/* An empty product for the caller to fill in; add takes it over, drop frees
 * it instead. */
struct wad_keys_product *wad_keys_products_make(const uint8_t id[32],
	    const struct wad_keys_entry *ca);
void	wad_keys_products_drop(struct wad_keys_product *);
void	wad_keys_products_add(struct wad_keys_products *,
	    struct wad_keys_product *, int64_t now);
/* The statistics of this role. */
void	wad_keys_products_tell(struct wad_keys_products *);
/* Forgets all, in the files too. */
void	wad_keys_products_clear(struct wad_keys_products *);

/* Takes two files over, open for reading and writing; what they hold is read
 * when the CAs are there (now or at commit). */
void	wad_keys_products_open(struct wad_keys_products *, int fd, int spare,
	    int64_t now);
/* Another configuration is in force: products of CAs that are gone go. */
void	wad_keys_products_commit(struct wad_keys_products *, int64_t now);

struct wad_keys_products_stats {
	size_t		 n, mem, disk;	/* disk: of the file in use */
	uint64_t	 hits, misses, evicted;
	size_t		 loaded, damaged;	/* when the files were read */
	bool		 paused;	/* writing failed */
};
void	wad_keys_products_stats(const struct wad_keys_products *,
	    struct wad_keys_products_stats *);

#endif
