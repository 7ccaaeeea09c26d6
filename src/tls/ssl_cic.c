/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate inspection cache, see ssl_cic.h: lines 39 to 41.
 */
#include "tls/ssl_cic.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/lru.h"
#include "base/xmem.h"
#include "tls/ssl_cache.h"

struct item {
	struct wad_lru_entry	 lru;
	char			*host;
	struct wad_addr		 dst;
	uint64_t		 chain_hash[4];
	uint64_t		 trust;		/* generation */
	int64_t			 not_before, not_after;
	struct wad_ssl_verdict	 verdict;
};

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	return strcmp(((const struct item *)e)->host, key) == 0;
}

static void
drop(struct wad_lru_entry *e)
{
	struct item *it = (struct item *)e;

	free(it->host);
	free(it);
}

static struct wad_lru cache = WAD_LRU(cache, 4096, WAD_CIC_MAX, same, drop);

static uint64_t
oid_of(const struct wad_ssl_nego *n)
{
	uint64_t h;

	/* The client's side is left out: one verdict serves all clients. */
	h = wad_str_hash(0, n->host, strlen(n->host) + 1);
	h = wad_str_hash(h, n->dst.ip, sizeof(n->dst.ip));
	return wad_str_hash(h, &n->dst.port, sizeof(n->dst.port));
}

uint64_t
wad_ssl_cic_oid_gen(const struct wad_ssl_nego *n)
{
	char a[WAD_ADDR_STRLEN], b[WAD_ADDR_STRLEN];

	WAD_DBG(CERT, WAD_V, "vfid=0 sni=%s %s->%s", n->host,
	    wad_addr_ip_str(&n->src, a), wad_addr_ip_str(&n->dst, b));
	return oid_of(n);
}

static bool
fresh(const struct item *it)
{
	return wad_clock_ms() - it->lru.born < WAD_CIC_TTL * 1000ULL &&
	    (it->verdict.status_until == 0 ||
	    wad_clock_wall() < it->verdict.status_until);
}

/* Judged with these roots, and no date was crossed since. */
static bool
holds(const struct item *it, const struct wad_ssl_nego *n)
{
	int64_t now = wad_clock_wall();

	return fresh(it) && it->trust == n->trust->generation &&
	    (now > it->not_after || now < it->not_before) ==
	    it->verdict.expired;
}

bool
wad_ssl_cic_known(const struct wad_ssl_nego *n)
{
	struct item *it = (struct item *)wad_lru_peek(&cache, oid_of(n),
	    n->host);

	return it != NULL && fresh(it);
}

bool
wad_ssl_cic_find(struct wad_ssl_nego *n, struct wad_ssl_verdict *v)
{
	struct item *it;

	it = (struct item *)wad_lru_find(&cache, oid_of(n), n->host);
	if (it == NULL || !holds(it, n) ||
	    memcmp(it->chain_hash, n->chain_hash, sizeof(it->chain_hash)) != 0)
		return false;
	*v = it->verdict;
	n->valid_from = it->not_before;
	n->valid_until = it->not_after;
	return true;
}

bool
wad_ssl_cic_recent(const struct wad_ssl_nego *n, struct wad_ssl_verdict *v)
{
	struct item *it;

	it = (struct item *)wad_lru_find(&cache, oid_of(n), n->host);
	if (it == NULL || !holds(it, n))
		return false;
	*v = it->verdict;
	return true;
}

int64_t
wad_ssl_cic_age(const struct wad_ssl_nego *n, bool *good)
{
	struct item *it = (struct item *)wad_lru_peek(&cache, oid_of(n),
	    n->host);

	if (it == NULL || !fresh(it))
		return -1;
	if (good != NULL)
		*good = it->verdict.good;
	return (int64_t)((wad_clock_ms() - it->lru.born) / 1000);
}

static void
wad_ssl_cic_core_dump_item(const struct item *it, uint64_t oid)
{
	WAD_DBG(CERT, WAD_I, "cic-core add new item host='%s' age=%d-%" PRIu64
	    " oid=%" PRIu64 " sni-mismatch=%d auth result: status=fnbam cert_status=%s", it->host, WAD_CIC_TTL,
	    (wad_clock_ms() - it->lru.born) / 1000, oid, it->verdict.wrong_name,
	    it->verdict.good ? "good" : "bad");
}

void
wad_ssl_cic_client_add(const struct wad_ssl_nego *n, uint64_t oid)
{
	struct wad_lru	*t = &cache;
	struct item	*it;

	WAD_DBG(CERT, WAD_V, "oid=%" PRIu64, oid);
	it = (struct item *)wad_lru_peek(t, oid, n->host);
	if (it != NULL)
		wad_lru_remove(t, &it->lru);
	it = wad_xcalloc(1, sizeof(*it));
	it->host = wad_xstrdup(n->host);
	it->dst = n->dst;
	memcpy(it->chain_hash, n->chain_hash, sizeof(it->chain_hash));
	it->trust = n->trust->generation;
	it->not_before = n->valid_from;
	it->not_after = n->valid_until;
	it->verdict = n->verdict;
	wad_lru_add(t, &it->lru, oid);
	wad_ssl_cic_core_dump_item(it, oid);
}

static void
print(const struct wad_lru_entry *e, struct wad_str *out)
{
	const struct item	*it = (const struct item *)e;
	const char		*t = it->verdict.text;
	char			 a[WAD_ADDR_STRLEN];
	char			 why[sizeof(it->verdict.text) * 4];

	wad_str_addf(out, " server=%s verdict=%s", wad_addr_str(&it->dst, a),
	    it->verdict.good ? "good" : "bad");
	if (!it->verdict.good)
		wad_str_addf(out, " why=\"%s\"", wad_str_escape(why,
		    sizeof(why), t, strlen(t)));
}

const struct wad_ssl_cache wad_ssl_cic_cache = {
	"cert-inspection", &cache, sizeof(struct item),
	offsetof(struct item, host), NULL, print
};
