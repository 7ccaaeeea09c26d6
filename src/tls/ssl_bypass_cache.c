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
#include "tls/ssl_cache.h"

struct item {
	struct wad_lru_entry	 lru;
	struct wad_addr		 dst;
	char			*host;
	uint64_t		 scope;
};

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

static struct wad_lru cache = WAD_LRU(cache, 1024, WAD_BYPASS_MAX, same, drop);

static struct item *
look_up(const struct wad_addr *dst, const char *host, uint64_t scope,
    uint64_t *hash)
{
	struct item key = { .dst = *dst, .scope = scope };

	key.host = (char *)(uintptr_t)host;
	*hash = wad_str_hash(0, host, strlen(host) + 1);
	*hash = wad_str_hash(*hash, dst->ip, sizeof(dst->ip));
	return (struct item *)wad_lru_find(&cache, *hash, &key);
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
	if (wad_clock_ms() - it->lru.born < WAD_BYPASS_TTL * 1000ULL)
		return true;
	wad_lru_remove(&cache, &it->lru);
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
		wad_lru_add(&cache, &it->lru, hash);
	}
	it->lru.born = wad_clock_ms();
}

static void
print(const struct wad_lru_entry *e, struct wad_str *out)
{
	const struct item	*it = (const struct item *)e;
	char			 a[WAD_ADDR_STRLEN];

	wad_str_addf(out, " server=%s left=%" PRId64 "s",
	    wad_addr_str(&it->dst, a), WAD_BYPASS_TTL -
	    (int64_t)(wad_clock_ms() - e->born) / 1000);
}

const struct wad_ssl_cache wad_ssl_bypass_cache_cache = {
	"bypass", &cache, sizeof(struct item), offsetof(struct item, host),
	NULL, print
};
