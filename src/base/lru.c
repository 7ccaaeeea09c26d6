/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded hash table with age, see lru.h.
 */
#include "base/lru.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"

void
wad_lru_init(struct wad_lru *t, size_t buckets, size_t max,
    bool (*same)(const struct wad_lru_entry *, const void *),
    void (*drop)(struct wad_lru_entry *))
{
	memset(t, 0, sizeof(*t));
	t->n_buckets = 16;
	while (t->n_buckets < buckets)
		t->n_buckets *= 2;
	t->bucket = wad_xcalloc(t->n_buckets, sizeof(*t->bucket));
	t->max = max;
	t->same = same;
	t->drop = drop;
	wad_list_init(&t->age);
}

size_t
wad_lru_bucket(const struct wad_lru *t, uint64_t hash)
{
	return (size_t)((hash ^ (hash >> 32)) & (t->n_buckets - 1));
}

struct wad_lru_entry *
wad_lru_peek(const struct wad_lru *t, uint64_t hash, const void *key)
{
	struct wad_lru_entry *e = NULL;

	if (t->bucket != NULL)
		e = t->bucket[wad_lru_bucket(t, hash)];
	while (e != NULL && (e->hash != hash || !t->same(e, key)))
		e = e->chain;
	return e;
}

struct wad_lru_entry *
wad_lru_find(struct wad_lru *t, uint64_t hash, const void *key)
{
	struct wad_lru_entry *e = wad_lru_peek(t, hash, key);

	if (e == NULL) {
		t->misses++;
		return NULL;
	}
	wad_list_remove(&e->age);
	wad_list_append(&t->age, &e->age);
	t->hits++;
	e->hits++;
	return e;
}

void
wad_lru_remove(struct wad_lru *t, struct wad_lru_entry *e)
{
	struct wad_lru_entry **p = &t->bucket[wad_lru_bucket(t, e->hash)];

	while (*p != e)
		p = &(*p)->chain;
	*p = e->chain;
	wad_list_remove(&e->age);
	t->n--;
	t->drop(e);
}

void
wad_lru_add(struct wad_lru *t, struct wad_lru_entry *e, uint64_t hash)
{
	size_t i = wad_lru_bucket(t, hash);

	if (t->bucket == NULL)
		t->bucket = wad_xcalloc(t->n_buckets, sizeof(*t->bucket));
	if (t->n >= t->max) {
		t->evicted++;
		wad_lru_remove(t, WAD_LIST_ENTRY(t->age.next,
		    struct wad_lru_entry, age));
	}
	e->hash = hash;
	e->born = wad_clock_ms();
	e->hits = 0;
	e->chain = t->bucket[i];
	t->bucket[i] = e;
	wad_list_append(&t->age, &e->age);
	t->n++;
}

void
wad_lru_clear(struct wad_lru *t)
{
	while (t->n > 0)
		wad_lru_remove(t, WAD_LIST_ENTRY(t->age.next,
		    struct wad_lru_entry, age));
}

void
wad_lru_free(struct wad_lru *t)
{
	if (t->bucket == NULL)
		return;
	wad_lru_clear(t);
	free(t->bucket);
	memset(t, 0, sizeof(*t));
}

void
wad_lru_tell(struct wad_lru *t, enum wad_cache_id id)
{
	struct wad_cache_stats *s = &wad_stats->cache[id];

	s->entries = t->n;
	s->hits += t->hits - t->told.hits;
	s->misses += t->misses - t->told.misses;
	s->evicted += t->evicted - t->told.evicted;
	t->told.hits = t->hits;
	t->told.misses = t->misses;
	t->told.evicted = t->evicted;
}
