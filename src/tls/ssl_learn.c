/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned exemptions in a worker, see ssl_learn.h.
 */
#include "tls/ssl_learn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/lru.h"
#include "base/xmem.h"
#include "tls/ssl_cache.h"

struct item {
	struct wad_lru_entry	 lru;
	struct wad_learn_key	 key;
	char			*host;		/* what key.host points to */
	enum wad_learn_op	 op;
	int64_t			 until;
};

/* Pairs that accepted a certificate, by their hash: one place each. */
enum { GOOD_SLOTS = 16384 };
static struct {
	uint64_t hash;
	int64_t	 when;		/* 0: empty */
} good[GOOD_SLOTS];

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	return wad_learn_same(&((const struct item *)e)->key, key);
}

static void
drop(struct wad_lru_entry *e)
{
	struct item *it = (struct item *)e;

	free(it->host);
	free(it);
}

static struct wad_lru cache = WAD_LRU(cache, 1024, WAD_LEARN_COPY_MAX, same,
    drop);

void
wad_ssl_learn_put(enum wad_learn_op op, const struct wad_learn_key *k,
    int64_t until)
{
	uint64_t	 h = wad_learn_hash(k);
	struct item	*it = (struct item *)wad_lru_peek(&cache, h, k);

	if (op == WAD_LEARNED_FORGET) {
		if (it != NULL)
			wad_lru_remove(&cache, &it->lru);
		return;
	}
	if (it == NULL) {
		it = wad_xcalloc(1, sizeof(*it));
		it->key.client = k->client;
		it->key.host = it->host = wad_xstrdup(k->host);
		wad_lru_add(&cache, &it->lru, h);
	}
	it->op = op;
	it->until = until;
}

/* Most connections are of no pair at all: no look at an empty table. */
static struct item *
look_up(const struct wad_learn_key *k, int64_t now)
{
	uint64_t	 h;
	struct item	*it;

	if (cache.n == 0)
		return NULL;
	h = wad_learn_hash(k);
	it = (struct item *)wad_lru_peek(&cache, h, k);
	if (it == NULL || it->until > now)
		return it;
	wad_lru_remove(&cache, &it->lru);
	return NULL;
}

enum wad_learn_op
wad_ssl_learn_state(const struct wad_learn_key *k, int64_t now)
{
	const struct item *it = look_up(k, now);

	return it != NULL ? it->op : WAD_LEARNED_FORGET;
}

bool
wad_ssl_learn_exempt(const struct wad_learn_key *k, int64_t now)
{
	return wad_ssl_learn_state(k, now) == WAD_LEARNED_EXEMPT &&
	    wad_lru_find(&cache, wad_learn_hash(k), k) != NULL;
}

void
wad_ssl_learn_good(const struct wad_learn_key *k, int64_t now)
{
	uint64_t h = wad_learn_hash(k);

	good[h % GOOD_SLOTS].hash = h;
	good[h % GOOD_SLOTS].when = now;
}

bool
wad_ssl_learn_was_good(const struct wad_learn_key *k, int64_t now,
    int64_t age)
{
	uint64_t h = wad_learn_hash(k);

	return good[h % GOOD_SLOTS].hash == h &&
	    good[h % GOOD_SLOTS].when != 0 &&
	    now - good[h % GOOD_SLOTS].when < age;
}

static bool
ended(const struct wad_ssl_port *sp)
{
	return sp->port->reset || sp->port->eof || sp->peer_notify ||
	    (SSL_get_shutdown(sp->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

uint32_t
wad_ssl_learn_outcome(const struct wad_ssl_port *sp, bool spoke, uint64_t now)
{
	uint64_t since = sp->done ? sp->done_ms : sp->cert_ms;

	/* no certificate was sent: resumed, or not that far */
	if (sp->cert_ms == 0 || spoke)
		return WAD_LEARN_NOTHING;
	if (sp->alert_recv >= 0)
		return wad_learn_evidence((uint32_t)sp->alert_recv) != NULL ?
		    (uint32_t)sp->alert_recv : WAD_LEARN_NOTHING;
	/* our complaint, or too late to be about the certificate */
	if (sp->alert_sent >= 0 || !ended(sp) ||
	    now - since > WAD_LEARN_SOON_MS)
		return WAD_LEARN_NOTHING;
	return WAD_LEARN_CLOSED;
}

void
wad_ssl_learn_clear(void)
{
	wad_lru_clear(&cache);
}

static void
print(const struct wad_lru_entry *e, struct wad_str *out)
{
	const struct item	*it = (const struct item *)e;
	char			 ip[WAD_ADDR_STRLEN];

	wad_str_addf(out, " client=%s state=%s left=%" PRId64 "s",
	    wad_addr_ip_str(&it->key.client, ip),
	    it->op == WAD_LEARNED_EXEMPT ? "exempt" : "suspect",
	    it->until - wad_clock_wall());
}

const struct wad_ssl_cache wad_ssl_learn_cache = {
	"learned", &cache, sizeof(struct item), offsetof(struct item, host),
	NULL, print
};
