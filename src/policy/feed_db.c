/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a compiled feed.  Who wrote it read a stranger's list: nothing in
 * it is believed but what has been checked.
 */
#include "policy/feed_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "ipc/shm.h"

struct wad_feed_db {
	const struct wad_feed_head *head;
	const struct wad_feed_slot *slots;
	const struct wad_feed_range *ranges;
	const uint8_t	*keys;
	size_t		 len;
	bool		 mapped;
};

/* Eight bytes at a time, each multiplied into the whole. */
uint64_t
wad_feed_db_hash(uint64_t seed, const char *key, size_t len)
{
	const uint64_t	prime = 0x9fb21c651e98df25ULL;
	uint64_t	h = seed ^ len * prime, v;

	for (; len >= sizeof(v); key += sizeof(v), len -= sizeof(v)) {
		memcpy(&v, key, sizeof(v));
		h = (h ^ v) * prime;
		h ^= h >> 35;
	}
	for (v = 0; len > 0; key++, len--)
		v = v << 8 | (uint8_t)*key;
	h = (h ^ v) * prime;
	h ^= h >> 35;
	h *= prime;
	return h ^ h >> 28;
}

size_t
wad_feed_db_size(const struct wad_feed_head *h)
{
	const uint64_t	most = (uint64_t)1 << 32;
	uint64_t	slots = (uint64_t)h->n_slots *
	    sizeof(struct wad_feed_slot);
	uint64_t	ranges = ((uint64_t)h->n_v4 + h->n_v6) *
	    sizeof(struct wad_feed_range);
	uint64_t	all;

	if (memcmp(h->magic, WAD_FEED_MAGIC, sizeof(h->magic)) != 0 ||
	    h->type > WAD_FEED_ADDRESS || h->n_slots == 0 ||
	    (h->n_slots & (h->n_slots - 1)) != 0 || h->keys_len > most)
		return 0;
	all = sizeof(*h) + slots + ranges + h->keys_len;
	return all <= most ? (size_t)all : 0;
}

struct wad_feed_db *
wad_feed_db_of(const void *p, size_t len, char *err, size_t errsize)
{
	const struct wad_feed_head	*h = p;
	struct wad_feed_db		*db;

	if (p == NULL || len < sizeof(*h) || wad_feed_db_size(h) != len) {
		snprintf(err, errsize, "not a compiled feed, or a damaged one");
		return NULL;
	}
	db = wad_xcalloc(1, sizeof(*db));
	db->head = h;
	db->slots = (const void *)(h + 1);
	db->ranges = (const void *)(db->slots + h->n_slots);
	db->keys = (const void *)(db->ranges + h->n_v4 + h->n_v6);
	db->len = len;
	return db;
}

struct wad_feed_db *
wad_feed_db_open(int fd, char *err, size_t errsize)
{
	struct wad_feed_db	*db = NULL;
	size_t			 len;
	const char		*p = wad_shm_map_text(fd, &len);

	close(fd);
	if (p == NULL) {
		snprintf(err, errsize, "the segment is not sealed, or cannot "
		    "be mapped");
		return NULL;
	}
	db = wad_feed_db_of(p, len, err, errsize);
	if (db == NULL)
		wad_shm_unmap(p, len);
	else
		db->mapped = true;
	return db;
}

void
wad_feed_db_close(struct wad_feed_db *db)
{
	if (db == NULL)
		return;
	if (db->mapped)
		wad_shm_unmap(db->head, db->len);
	free(db);
}

const struct wad_feed_head *
wad_feed_db_head(const struct wad_feed_db *db)
{
	return db->head;
}

/* The line of the key at a slot's place when it is this one. */
static uint32_t
line_of(const struct wad_feed_db *db, uint32_t at, const char *key, size_t len)
{
	size_t		pos = (size_t)(at - 1) * 2;
	uint32_t	line;
	uint16_t	klen;

	if (pos + WAD_FEED_KEY_HEAD + len > db->head->keys_len)
		return 0;
	memcpy(&line, db->keys + pos, sizeof(line));
	memcpy(&klen, db->keys + pos + sizeof(line), sizeof(klen));
	if (klen != len ||
	    memcmp(db->keys + pos + WAD_FEED_KEY_HEAD, key, len) != 0)
		return 0;
	return line != 0 ? line : 1;
}

uint32_t
wad_feed_db_name(const struct wad_feed_db *db, const char *key, size_t len)
{
	uint64_t	h = wad_feed_db_hash(db->head->seed, key, len);
	uint32_t	mask = db->head->n_slots - 1, line;
	size_t		i = (size_t)(h >> 32) & mask;

	for (unsigned n = 0; n < WAD_FEED_PROBES; n++, i = (i + 1) & mask) {
		const struct wad_feed_slot *s = &db->slots[i];

		if (s->at == 0)
			return 0;
		if (s->hash == (uint32_t)h &&
		    (line = line_of(db, s->at, key, len)) != 0)
			return line;
	}
	return 0;
}

uint32_t
wad_feed_db_addr(const struct wad_feed_db *db, const struct wad_addr *a)
{
	const struct wad_feed_range	*v = db->ranges;
	size_t				 lo = 0, hi = db->head->n_v4;

	if (a->family == AF_INET6) {
		v += db->head->n_v4;
		hi = db->head->n_v6;
	} else if (a->family != AF_INET)
		return 0;
	/* the last range that does not begin above the address */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (memcmp(v[mid].lo, a->ip, sizeof(a->ip)) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 || memcmp(v[lo - 1].hi, a->ip, sizeof(a->ip)) < 0)
		return 0;
	return v[lo - 1].line != 0 ? v[lo - 1].line : 1;
}

bool
wad_feed_db_range(const struct wad_feed_db *db, size_t i, struct wad_addr *lo,
    struct wad_addr *hi)
{
	if (i >= (size_t)db->head->n_v4 + db->head->n_v6)
		return false;
	memset(lo, 0, sizeof(*lo));
	lo->family = i < db->head->n_v4 ? AF_INET : AF_INET6;
	*hi = *lo;
	memcpy(lo->ip, db->ranges[i].lo, sizeof(lo->ip));
	memcpy(hi->ip, db->ranges[i].hi, sizeof(hi->ip));
	return true;
}
