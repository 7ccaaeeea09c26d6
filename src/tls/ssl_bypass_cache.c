/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bypass cache, see ssl_bypass_cache.h.
 */
#include "tls/ssl_bypass_cache.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/lru.h"
#include "base/str.h"
#include "base/xmem.h"

struct item {
	struct wad_lru_entry	 lru;
	struct wad_addr		 dst;
	char			*host;
	uint64_t		 scope, born;
};

static struct wad_lru cache;

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	const struct item *a = (const struct item *)e, *b = key;

	return a->scope == b->scope &&
	    wad_addr_equal(&a->dst, &b->dst) && strcmp(a->host, b->host) == 0;
}

static void
drop(struct wad_lru_entry *e)
{
	struct item *it = (struct item *)e;

	free(it->host);
	free(it);
}

static struct wad_lru *
get(void)
{
	if (cache.bucket == NULL)
		wad_lru_init(&cache, 1024, WAD_BYPASS_MAX, same, drop);
	return &cache;
}

static struct item *
look_up(const struct wad_addr *dst, const char *host, uint64_t scope,
    uint64_t *hash)
{
	struct item key = { .dst = *dst, .scope = scope };

	key.host = (char *)(uintptr_t)host;
	*hash = wad_str_hash(0, host, strlen(host) + 1);
	*hash = wad_str_hash(*hash, dst->ip, sizeof(dst->ip));
	return (struct item *)wad_lru_find(get(), *hash, &key);
}

bool
wad_ssl_bypass_cache_find(const struct wad_addr *dst, const char *host,
    uint64_t scope)
{
	char		 ip[WAD_ADDR_STRLEN];
	uint64_t	 hash;
	struct item	*it;

	WAD_DBG(SSL, WAD_V, "Try to find (%s, %s) in ssl-bypass cache.",
	    wad_addr_ip_str(dst, ip), host);
	it = look_up(dst, host, scope, &hash);
	if (it == NULL)
		return false;
	if (wad_clock_ms() - it->born < WAD_BYPASS_TTL * 1000ULL)
		return true;
	wad_lru_remove(get(), &it->lru);
	return false;
}

void
wad_ssl_bypass_cache_add(const struct wad_addr *dst, const char *host,
    uint64_t scope)
{
	uint64_t	 hash;
	struct item	*it = look_up(dst, host, scope, &hash);

	if (it == NULL) {
		it = wad_xcalloc(1, sizeof(*it));
		it->dst = *dst;
		it->host = wad_xstrdup(host);
		it->scope = scope;
		wad_lru_add(get(), &it->lru, hash);
	}
	it->born = wad_clock_ms();
}

void
wad_ssl_bypass_cache_clear(void)
{
	wad_lru_clear(get());
}

void
wad_ssl_bypass_cache_list(struct wad_str *out)
{
	const struct wad_lru *t = get();

	wad_str_addf(out, "bypass cache: %zu entries (at most %d), %" PRIu64
	    " hits, %" PRIu64 " misses\n", t->n, WAD_BYPASS_MAX, t->hits,
	    t->misses);
}
