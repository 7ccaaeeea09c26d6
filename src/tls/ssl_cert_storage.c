/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Storage of forged certificates, see ssl_cert_storage.h.
 */
#include "tls/ssl_cert_storage.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/str.h"
#include "base/xmem.h"
#include "tls/ssl_cache.h"

enum { MARGIN = 300 };		/* seconds of validity that must be left */

static size_t		mem;
static uint64_t		keep_ms;	/* 0: while it is valid */

bool
wad_ssl_cert_storage_same(const struct wad_product_key *a,
    const struct wad_product_key *b)
{
	return a->key_type == b->key_type && a->with_names == b->with_names &&
	    a->with_staple == b->with_staple &&
	    a->generation == b->generation &&
	    memcmp(a->origin, b->origin, sizeof(a->origin)) == 0 &&
	    strcmp(a->host, b->host) == 0 && strcmp(a->ca, b->ca) == 0;
}

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	return wad_ssl_cert_storage_same(
	    &((const struct wad_cert_product *)e)->id, key);
}

static void
drop(struct wad_lru_entry *e)
{
	struct wad_cert_product *p = (struct wad_cert_product *)e;

	mem -= p->size;
	wad_ssl_cert_storage_put(p);
}

static struct wad_lru storage = WAD_LRU(storage, 1024, WAD_STORAGE_MAX, same,
    drop);

uint64_t
wad_ssl_cert_storage_hash(const struct wad_product_key *k)
{
	uint64_t h = wad_str_hash(0, k->host, strlen(k->host) + 1);

	h = wad_str_hash(h, k->ca, strlen(k->ca) + 1);
	h = wad_str_hash(h, k->origin, sizeof(k->origin));
	return wad_str_hash(h, &k->key_type, 1);
}

void
wad_ssl_cert_storage_limit(unsigned capacity, unsigned minutes)
{
	struct wad_lru *t = &storage;

	keep_ms = minutes * 60000ULL;
	t->max = capacity == 0 || capacity > WAD_STORAGE_MAX ?
	    WAD_STORAGE_MAX : capacity;
	while (t->n > t->max)
		wad_lru_remove(t, WAD_LIST_ENTRY(t->age.next,
		    struct wad_lru_entry, age));
}

struct wad_cert_product *
wad_ssl_cert_storage_find(const struct wad_product_key *k)
{
	struct wad_cert_product *p;

	p = (struct wad_cert_product *)wad_lru_find(&storage,
	    wad_ssl_cert_storage_hash(k), k);
	if (p == NULL)
		return NULL;
	if (wad_clock_wall() > p->not_after - MARGIN || (keep_ms != 0 &&
	    wad_clock_ms() - p->lru.born >= keep_ms)) {
		wad_lru_remove(&storage, &p->lru);
		return NULL;
	}
	p->refcount++;
	return p;
}

void
wad_ssl_cert_storage_add_product(struct wad_cert_product *p)
{
	struct wad_lru		*t = &storage;
	uint64_t		 h = wad_ssl_cert_storage_hash(&p->id);
	struct wad_lru_entry	*old = wad_lru_peek(t, h, &p->id);

	if (old != NULL)		/* two asked at the same time */
		wad_lru_remove(t, old);
	p->refcount++;
	mem += p->size;
	wad_lru_add(t, &p->lru, h);
	WAD_DBG(CERT, WAD_I, "n_certs=%zu mem_certs=%zu subject=/CN=%s", t->n,
	    mem, p->id.host);
	WAD_DBG(CERT, WAD_V, "add cert product=%p to hash table index=%zu",
	    (void *)p, wad_lru_bucket(t, h));
}

void
wad_ssl_cert_storage_put(struct wad_cert_product *p)
{
	if (p == NULL || --p->refcount > 0)
		return;
	X509_free(p->leaf);
	EVP_PKEY_free(p->key);
	sk_X509_pop_free(p->chain, X509_free);
	free(p->staple);
	free(p->id.host);
	free(p->id.ca);
	free(p);
}

static size_t
product_size(const struct wad_lru_entry *e)
{
	const struct wad_cert_product *p = (const void *)e;

	return p->size + strlen(p->id.ca) + 1;
}

static void
print(const struct wad_lru_entry *e, struct wad_str *out)
{
	const struct wad_cert_product *p = (const void *)e;
	char		 subject[256], esc[sizeof(subject) * 4], when[32];
	time_t		 until = (time_t)p->not_after;
	struct tm	 tm;

	X509_NAME_oneline(X509_get_subject_name(p->leaf), subject,
	    sizeof(subject));
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&until,
	    &tm));
	wad_str_addf(out, " subject=\"%s\" ca=%s key=%s until=%s",
	    wad_str_escape(esc, sizeof(esc), subject, strlen(subject)),
	    p->id.ca, p->id.key_type == WAD_KEY_RSA ? "RSA" : "EC", when);
}

const struct wad_ssl_cache wad_ssl_cert_storage_cache = {
	"certificate", &storage, sizeof(struct wad_cert_product),
	offsetof(struct wad_cert_product, id.host), product_size, print
};
