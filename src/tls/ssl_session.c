/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with servers, see ssl_session.h.  Kept as DER, a few kilobytes
 * instead of a parsed chain; the ones in use are parsed once, since that costs
 * as much as a tenth of a connection.
 */
#include "tls/ssl_session.h"

#include <openssl/err.h>
#include <openssl/sha.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/lru.h"
#include "base/xmem.h"
#include "tls/ssl_cache.h"
#include "tls/ssl_cic.h"
#include "x509/x509_match.h"

enum {
	/* Of one key.  A session is used again and again until a fresher one
	 * is wanted (RFC 8446 appendix C.4 asks for once): else the
	 * connections that a page opens at the same time would not be
	 * resumed.  What reuse shows to an observer, that they come from the
	 * same host, he sees in the address already.  For a server that takes
	 * each one only once, several are kept, and each is used once but the
	 * last. */
	SLOTS = 4,
	FRESH_MS = 60 * 1000,
	PARSED = 256,
	FACTS_LEN = 1 + 32 + 3 * 8 + 1, FACTS_VERSION = 1,
};

struct slot {
	uint8_t	*der;
	size_t	 len;
	bool	 tls13;
	int64_t	 until;
	struct wad_session_facts facts;
};

struct item {
	struct wad_lru_entry lru;	/* first member */
	uint8_t		 key[32];
	char		*host;		/* for the console */
	uint64_t	 newest;	/* ms */
	bool		 once;		/* the server refused one used before */
	unsigned	 n;
	struct slot	 slot[SLOTS];	/* newest first */
};

static size_t		 mem;		/* bytes of DER in it */
static struct wad_chan	*share;
/* Parsed ones by a hash of their key; der says of which slot. */
static struct { const uint8_t *der; SSL_SESSION *sess; } parsed[PARSED];

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	return memcmp(((const struct item *)e)->key, key, 32) == 0;
}

static uint64_t
hash_of(const uint8_t key[32])
{
	uint64_t h;

	memcpy(&h, key, sizeof(h));	/* of a SHA-256 */
	return h;
}

static void
parsed_drop(uint64_t hash)
{
	SSL_SESSION_free(parsed[hash % PARSED].sess);
	parsed[hash % PARSED].sess = NULL;
	parsed[hash % PARSED].der = NULL;
}

static void
slot_drop(struct item *it, unsigned i)
{
	if (parsed[it->lru.hash % PARSED].der == it->slot[i].der)
		parsed_drop(it->lru.hash);
	mem -= it->slot[i].len;
	OPENSSL_clear_free(it->slot[i].der, it->slot[i].len);
	it->n--;
	memmove(&it->slot[i], &it->slot[i + 1],
	    (it->n - i) * sizeof(it->slot[0]));
}

static void
drop(struct wad_lru_entry *e)
{
	struct item *it = (struct item *)e;

	while (it->n > 0)
		slot_drop(it, it->n - 1);
	free(it->host);
	free(it);
}

static struct wad_lru cache = WAD_LRU(cache, 4096, WAD_SESSION_MAX, same,
    drop);

static struct item *
peek(const uint8_t key[32])
{
	return (struct item *)wad_lru_peek(&cache, hash_of(key), key);
}

static void
drop_oldest(struct wad_lru *t)
{
	wad_lru_remove(t, WAD_LIST_ENTRY(t->age.next, struct wad_lru_entry,
	    age));
}

void
wad_ssl_session_limit(unsigned n)
{
	struct wad_lru *t = &cache;

	t->max = n > WAD_SESSION_MAX ? WAD_SESSION_MAX : n;
	while (t->n > t->max)
		drop_oldest(t);
}

void
wad_ssl_session_share(struct wad_chan *c)
{
	share = c;
}

/* ---- to and from the other workers ------------------------------------ */

static uint8_t *
put_u64(uint8_t *p, uint64_t v)
{
	for (int i = 56; i >= 0; i -= 8)
		*p++ = (uint8_t)(v >> i);
	return p;
}

static int64_t
get_i64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

static void
tell(const uint8_t key[32], const struct slot *s, const char *host)
{
	uint8_t		 facts[FACTS_LEN + WAD_HOST_MAX], *p = facts;
	size_t		 hlen = strlen(host);
	struct wad_msg	 m;

	if (share == NULL || wad_chan_waits(share))
		return;			/* they do without */
	*p++ = FACTS_VERSION;
	memcpy(p, s->facts.chain_hash, 32);
	p = put_u64(p + 32, (uint64_t)s->facts.born);
	p = put_u64(p, (uint64_t)s->facts.valid_from);
	p = put_u64(p, (uint64_t)s->facts.valid_until);
	*p++ = (uint8_t)(s->tls13 << 1 | s->facts.stapled);
	memcpy(p, host, hlen);
	wad_msg_init(&m, WAD_MSG_TLS_SESSION, 0);
	wad_msg_add_blob(&m, key, 32);
	wad_msg_add_u64(&m, (uint64_t)s->until);
	wad_msg_add_blob(&m, facts, FACTS_LEN + hlen);
	wad_msg_add_blob(&m, s->der, s->len);
	(void)wad_chan_send(share, &m);
	wad_msg_free(&m);
}

static unsigned
wanted(const struct item *it)
{
	return it->once ? SLOTS : 1;
}

/* Takes the slot's bytes over.  True when others should know. */
static bool
add(const uint8_t key[32], const struct slot *s, const char *host,
    size_t hlen)
{
	struct item	*it = peek(key);
	bool		 news;

	if (it == NULL) {
		it = wad_xcalloc(1, sizeof(*it));
		memcpy(it->key, key, 32);
		it->host = wad_xstrndup(host, hlen);
		wad_lru_add(&cache, &it->lru, hash_of(key));
	} else {			/* in use: the last to go */
		wad_list_remove(&it->lru.age);
		wad_list_append(&cache.age, &it->lru.age);
	}
	news = it->n == 0 || wad_clock_ms() - it->newest > FRESH_MS;
	while (it->n >= wanted(it))
		slot_drop(it, it->n - 1);
	memmove(&it->slot[1], &it->slot[0], it->n * sizeof(it->slot[0]));
	it->slot[0] = *s;
	it->n++;
	it->newest = wad_clock_ms();
	/* servers say how long tickets are, and their certificates are in it */
	mem += s->len;
	while (mem > WAD_SESSION_MEM && cache.n > 1) {
		cache.evicted++;
		drop_oldest(&cache);
	}
	return news;
}

int
wad_ssl_session_receive(struct wad_msg_in *m)
{
	const void	*key, *facts, *der;
	const uint8_t	*p;
	size_t		 klen, flen, dlen;
	uint64_t	 until;
	int64_t		 now = wad_clock_wall();
	struct slot	 s = { 0 };

	if (wad_msg_get_blob(m, &key, &klen) || wad_msg_get_u64(m, &until) ||
	    wad_msg_get_blob(m, &facts, &flen) ||
	    wad_msg_get_blob(m, &der, &dlen) || wad_msg_end(m) ||
	    klen != 32 || flen < FACTS_LEN ||
	    flen >= FACTS_LEN + WAD_HOST_MAX || dlen == 0 ||
	    dlen > WAD_SESSION_DER_MAX || *(p = facts) != FACTS_VERSION)
		return -1;
	memcpy(s.facts.chain_hash, p + 1, 32);
	s.facts.born = get_i64(p + 33);
	s.facts.valid_from = get_i64(p + 41);
	s.facts.valid_until = get_i64(p + 49);
	s.facts.stapled = p[57] & 1;
	s.tls13 = p[57] >> 1 & 1;
	s.until = (int64_t)until;
	if (cache.max == 0 || s.facts.born > now || s.until <= now ||
	    s.until > s.facts.born + WAD_CIC_TTL)
		return 0;		/* late, or another clock */
	s.der = OPENSSL_memdup(der, dlen);
	s.len = dlen;
	if (s.der != NULL)
		(void)add(key, &s, (const char *)p + FACTS_LEN,
		    flen - FACTS_LEN);
	return 0;
}

/* ---- looking for one -------------------------------------------------- */

/* Everything that must be the same. */
static void
key_of(struct wad_ssl_nego *n)
{
	struct {
		struct wad_addr		 dst, client;
		struct wad_ssl_offer	 offer;
		uint64_t		 generation;
		uint32_t		 profile;
		bool			 sni;
		char			 host[WAD_HOST_MAX];
	} k;

	memset(&k, 0, sizeof(k));	/* padding and addresses, too */
	k.dst.family = n->dst.family;
	k.dst.port = n->dst.port;
	k.dst.scope = n->dst.scope;
	memcpy(k.dst.ip, n->dst.ip, sizeof(k.dst.ip));
	k.client.family = n->scope.client.family;
	memcpy(k.client.ip, n->scope.client.ip, sizeof(k.client.ip));
	memcpy(&k.offer, &n->offer, sizeof(k.offer));
	k.generation = n->scope.generation;
	k.profile = n->scope.profile;
	k.sni = n->has_sni;
	strcpy(k.host, n->host);
	SHA256((const uint8_t *)&k, sizeof(k), n->srv_key);
}

/* Parsed, and with a certificate for that name: another worker may have told
 * it, and nothing is read off it that can be checked and is wrong. */
static SSL_SESSION *
read_slot(const struct slot *s, const char *host)
{
	const unsigned char	*p = s->der;
	SSL_SESSION		*sess = d2i_SSL_SESSION(NULL, &p,
	    (long)s->len);
	X509			*leaf = sess != NULL ?
	    SSL_SESSION_get0_peer(sess) : NULL;

	if (leaf != NULL && wad_x509_match_name(leaf, host, NULL, 0))
		return sess;
	SSL_SESSION_free(sess);
	ERR_clear_error();
	return NULL;
}

/* A copy that shares the certificates: OpenSSL marks a session of TLS 1.3 that
 * was used, so that it is not used again. */
static SSL_SESSION *
parse(const struct item *it, const struct slot *s, const char *host)
{
	uint64_t h = it->lru.hash;

	if (parsed[h % PARSED].der != s->der) {
		parsed_drop(h);
		parsed[h % PARSED].sess = read_slot(s, host);
		if (parsed[h % PARSED].sess == NULL)
			return NULL;
		parsed[h % PARSED].der = s->der;
	}
	return SSL_SESSION_dup(parsed[h % PARSED].sess);
}

/* The newest that can be used now, parsed; NULL. */
static SSL_SESSION *
take(struct item *it, const char *host, struct wad_session_facts *facts)
{
	int64_t now = wad_clock_wall();

	while (it->n > 0) {
		struct slot	*s = &it->slot[0];
		SSL_SESSION	*sess = NULL;

		/* a clock that was set back makes nothing younger */
		if (now < s->until && now >= s->facts.valid_from &&
		    now >= s->facts.born)
			sess = parse(it, s, host);
		*facts = s->facts;
		if (sess == NULL || (it->once && s->tls13 && it->n > 1))
			slot_drop(it, 0);
		if (sess != NULL)
			return sess;
	}
	return NULL;
}

void
wad_ssl_session_find(struct wad_ssl_nego *n)
{
	struct wad_lru	*t = &cache;
	struct item	*it;
	bool		 good;

	if (!n->scope.on)
		return;
	key_of(n);
	/* a verdict that was reached meanwhile says otherwise */
	if (wad_ssl_cic_age(n, &good) >= 0 && !good)
		return;
	it = (struct item *)wad_lru_find(t, hash_of(n->srv_key), n->srv_key);
	if (it == NULL)
		return;
	n->srv_session = take(it, n->host, &n->facts);
	if (it->n == 0 && !it->once)
		wad_lru_remove(t, &it->lru);
}

/* ---- keeping one ------------------------------------------------------ */

static void
keep(struct wad_ssl_nego *n, SSL_SESSION *sess)
{
	const struct item	*it = peek(n->srv_key);
	struct slot		 s = { .facts = n->facts };
	int64_t			 now = wad_clock_wall(), end;
	unsigned long		 hint =
	    SSL_SESSION_get_ticket_lifetime_hint(sess);
	unsigned char		*p;
	int			 len;

	/* RFC 8446 section 4.6.1: zero says that it is not to be used; TLS 1.2
	 * says nothing with it (RFC 5077 section 3.3) */
	s.tls13 = SSL_SESSION_get_protocol_version(sess) == TLS1_3_VERSION;
	if (s.tls13 && hint == 0)
		return;
	if (cache.max == 0 || (it != NULL && it->n >= wanted(it) &&
	    wad_clock_ms() - it->newest < FRESH_MS))
		return;			/* enough */
	s.until = now + (int64_t)n->scope.lifetime;
	end = s.facts.born + WAD_CIC_TTL;
	if (s.until > end)
		s.until = end;
	if (s.until > s.facts.valid_until)
		s.until = s.facts.valid_until;
	if (hint != 0 && s.until > now + (int64_t)hint)
		s.until = now + (int64_t)hint;
	len = i2d_SSL_SESSION(sess, NULL);
	if (s.until <= now || len <= 0 || len > WAD_SESSION_DER_MAX)
		return;
	s.der = p = OPENSSL_malloc((size_t)len);
	if (p == NULL)
		return;
	s.len = (size_t)i2d_SSL_SESSION(sess, &p);
	if (add(n->srv_key, &s, n->host, strlen(n->host)))
		tell(n->srv_key, &s, n->host);
}

int
wad_ssl_session_new(SSL *ssl, SSL_SESSION *sess)
{
	struct wad_ssl_nego *n = wad_ssl_port_of(ssl)->nego;

	if (!n->scope.on || n->client_cert_asked ||
	    !SSL_SESSION_is_resumable(sess))
		return 0;
	if (n->srv_keep) {
		keep(n, sess);
		return 0;
	}
	/* in TLS 1.2 it comes before we have judged */
	if (n->n_pending == WAD_NEGO_PENDING)
		return 0;
	n->pending[n->n_pending++] = sess;
	return 1;
}

static void
pending_free(struct wad_ssl_nego *n)
{
	while (n->n_pending > 0)
		SSL_SESSION_free(n->pending[--n->n_pending]);
}

void
wad_ssl_session_allow(struct wad_ssl_nego *n)
{
	/* nor what could not be asked about: the next one asks again */
	if (!n->scope.on || n->client_cert_asked || !n->verdict.good ||
	    n->verdict.status == WAD_CERT_TIMEOUT ||
	    n->verdict.status == WAD_CERT_FAILURE)
		return;
	if (!n->srv_resumed) {
		int64_t age = n->cic_hit ? wad_ssl_cic_age(n, NULL) : 0;

		n->facts.born = wad_clock_wall() - (age > 0 ? age : 0);
		memcpy(n->facts.chain_hash, n->chain_hash,
		    sizeof(n->chain_hash));
		n->facts.valid_from = n->valid_from;
		n->facts.valid_until = n->valid_until;
		if (n->verdict.status_until != 0 &&
		    n->verdict.status_until < n->valid_until)
			n->facts.valid_until = n->verdict.status_until;
		n->facts.stapled = n->srv_staple;
	}
	n->srv_keep = true;
	for (unsigned i = 0; i < n->n_pending; i++)
		keep(n, n->pending[i]);
	pending_free(n);
}

/* Everything under the key of n. */
static void
forget(const struct wad_ssl_nego *n)
{
	struct item *it = peek(n->srv_key);

	if (it != NULL)
		wad_lru_remove(&cache, &it->lru);
}

void
wad_ssl_session_refused(struct wad_ssl_nego *n)
{
	struct item *it = peek(n->srv_key);

	/* of several, fresher ones may have come meanwhile */
	if (it == NULL || it->n > 1)
		return;
	it->once = true;
	while (it->n > 0)
		slot_drop(it, it->n - 1);
}

void
wad_ssl_session_abandon(struct wad_ssl_nego *n)
{
	if (n->srv_session != NULL && n->srv_failed)
		forget(n);
	SSL_SESSION_free(n->srv_session);
	n->srv_session = NULL;
	pending_free(n);
}

static size_t
slots_size(const struct wad_lru_entry *e)
{
	const struct item	*it = (const struct item *)e;
	size_t			 n = 0;

	for (unsigned i = 0; i < it->n; i++)
		n += it->slot[i].len;
	return n;
}

static void
print(const struct wad_lru_entry *e, struct wad_str *out)
{
	const struct item *it = (const struct item *)e;

	/* one without a session is removed at once */
	wad_str_addf(out, " sessions=%u %s left=%" PRId64 "s", it->n,
	    it->slot[0].tls13 ? "TLSv1.3" : "TLSv1.2",
	    it->slot[0].until - wad_clock_wall());
}

const struct wad_ssl_cache wad_ssl_session_cache = {
	"session", &cache, sizeof(struct item), offsetof(struct item, host),
	slots_size, print
};
