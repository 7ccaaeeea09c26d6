/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that a server forgot to send: from the "CA issuers" URL of the
 * last one that is there (RFC 5280 section 4.2.2.1), step by step upwards.
 * What comes is no more than a candidate: only one whose key verifies the
 * certificate below is taken, and the worker builds and verifies the path.
 */
#include "lookup/lookup.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"

enum {
	FOUND_MAX = 1024,	/* answers that are kept */
	CHASES_MAX = 128,	/* few: any server chooses who is asked */
	WAITS_MAX = 1024,
	STEPS = 3, URLS = 2,	/* of one certificate */
	FILE_MAX = 64 * 1024, CERTS_MAX = 16,	/* of one file */
	CERT_MAX = 32 * 1024,	/* STEPS of them fit into a message */
	KEY = SHA256_DIGEST_LENGTH, DEADLINE = 3
};
#define CHASE_MAGIC	0x63686173u

struct found {
	struct wad_lru_entry lru;
	unsigned char	 key[KEY];
	STACK_OF(X509)	*certs;
	int64_t		 at, until;
	char		 text[120];
};

struct chase {				/* one certificate, all who ask */
	unsigned	 magic;
	struct wad_list	 all, waits;
	struct wad_lookup *lk;
	uint64_t	 era;
	unsigned char	 key[KEY];
	X509		*cur;		/* whose issuer is wanted */
	STACK_OF(X509)	*certs;		/* found so far */
	char		*url[URLS];
	size_t		 n_urls, at;
	struct wad_fetch *fetch;
	uint64_t	 until;		/* monotonic ms */
	char		 text[120];
};

struct wait {
	struct wad_lookup_asker asker;	/* must be first */
	struct wad_list	 link;
};

static void	chase_step(struct chase *);

static bool
found_same(const struct wad_lru_entry *e, const void *key)
{
	return memcmp(((const struct found *)(const void *)e)->key, key,
	    KEY) == 0;
}

static void
found_drop(struct wad_lru_entry *e)
{
	struct found *f = (struct found *)(void *)e;

	sk_X509_pop_free(f->certs, X509_free);
	free(f);
}

static void
answer(struct wad_lookup_peer *p, uint32_t id, STACK_OF(X509) *certs,
    const char *text)
{
	struct wad_msg	 m;
	int		 n = sk_X509_num(certs);

	if (n < 0)
		n = 0;
	wad_msg_init(&m, WAD_MSG_ISSUERS, id);
	wad_msg_add_u32(&m, (uint32_t)n);
	for (int i = 0; i < n; i++) {
		uint8_t	*der = NULL;
		int	 len = i2d_X509(sk_X509_value(certs, i), &der);

		WAD_ASSERT(len > 0);
		wad_msg_add_blob(&m, der, (size_t)len);
		OPENSSL_free(der);
	}
	wad_msg_add_str(&m, text);
	(void)wad_chan_send(p->chan, &m);
	wad_msg_free(&m);
}

static void
wait_drop(struct wad_lookup_asker *a)
{
	struct wait *w = (struct wait *)(void *)a;

	wad_list_remove(&w->link);
	w->asker.peer->lk->n_waits--;
	wad_lookup_asker_remove(&w->asker);
	free(w);
}

static void
urls_free(struct chase *c)
{
	while (c->n_urls > 0)
		free(c->url[--c->n_urls]);
	c->at = 0;
}

/* Takes the certificates over. */
static void
keep(struct chase *c)
{
	struct wad_lookup	*lk = c->lk;
	struct found		*f = wad_xcalloc(1, sizeof(*f));
	uint64_t		 h = wad_str_hash(0, c->key, KEY);
	struct wad_lru_entry	*old = wad_lru_peek(&lk->issuers, h, c->key);

	if (old != NULL)
		wad_lru_remove(&lk->issuers, old);
	memcpy(f->key, c->key, KEY);
	memcpy(f->text, c->text, sizeof(f->text));
	f->certs = c->certs;
	c->certs = NULL;
	f->at = wad_clock_wall();
	f->until = f->at + (sk_X509_num(f->certs) > 0 ? WAD_LOOKUP_KEEP :
	    WAD_LOOKUP_RETRY);
	wad_lru_add(&lk->issuers, &f->lru, h);
}

/* Tells all, and keeps what was found. */
static void
chase_end(struct chase *c)
{
	WAD_DBG(CERT, WAD_I, "missing issuers found=%d %s",
	    sk_X509_num(c->certs), c->text);
	while (!wad_list_empty(&c->waits)) {
		struct wait *w = WAD_LIST_ENTRY(c->waits.next, struct wait,
		    link);

		answer(w->asker.peer, w->asker.id, c->certs, c->text);
		wait_drop(&w->asker);
	}
	if (c->era == c->lk->era)
		keep(c);
	wad_list_remove(&c->all);
	urls_free(c);
	sk_X509_pop_free(c->certs, X509_free);
	X509_free(c->cur);
	c->magic = 0;
	free(c);
}

/* Did this one issue that one?  Name, key and signature. */
static bool
issued(X509 *ca, X509 *x)
{
	return i2d_X509(ca, NULL) <= CERT_MAX &&
	    X509_check_issued(ca, x) == X509_V_OK &&
	    X509_verify(x, X509_get0_pubkey(ca)) == 1;
}

/* The issuer among the certificates of a file: one certificate in DER, or a
 * PKCS #7 bag (RFC 5280 section 4.2.2.1); counted, or NULL. */
static X509 *
pick(const uint8_t *body, size_t len, X509 *x)
{
	const uint8_t	*p = body;
	X509		*one = NULL, *ca = NULL;
	PKCS7		*bag;
	STACK_OF(X509)	*certs = NULL;

	if (len == 0 || len > FILE_MAX)
		return NULL;
	one = d2i_X509(NULL, &p, (long)len);
	if (one != NULL) {
		if (issued(one, x))
			return one;
		X509_free(one);
		return NULL;
	}
	p = body;
	bag = d2i_PKCS7(NULL, &p, (long)len);
	if (bag != NULL && PKCS7_type_is_signed(bag) && bag->d.sign != NULL)
		certs = bag->d.sign->cert;
	for (int i = 0; ca == NULL && i < sk_X509_num(certs) && i < CERTS_MAX;
	    i++)
		if (issued(sk_X509_value(certs, i), x))
			ca = sk_X509_value(certs, i);
	if (ca != NULL)
		X509_up_ref(ca);
	PKCS7_free(bag);
	return ca;
}

static void
on_file(void *arg, enum wad_fetch_result r, const uint8_t *body, size_t len,
    const char *why)
{
	struct chase	*c = arg;
	X509		*ca = NULL;

	WAD_CHECK(c, CHASE_MAGIC);
	c->fetch = NULL;
	if (r == WAD_FETCH_OK) {
		ERR_set_mark();
		ca = pick(body, len, c->cur);
		ERR_pop_to_mark();
		why = "what was fetched is not the issuer's certificate";
	}
	if (ca == NULL) {
		snprintf(c->text, sizeof(c->text), "%.110s", why);
		c->at++;
		chase_step(c);
		return;
	}
	WAD_ASSERT(sk_X509_push(c->certs, ca) > 0);
	X509_free(c->cur);
	X509_up_ref(ca);
	c->cur = ca;
	urls_free(c);
	c->text[0] = '\0';
	chase_step(c);
}

static void
take_urls(struct chase *c)
{
	AUTHORITY_INFO_ACCESS *aia;

	ERR_set_mark();
	aia = X509_get_ext_d2i(c->cur, NID_info_access, NULL, NULL);
	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(aia) &&
	    c->n_urls < URLS; i++) {
		const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(aia,
		    i);
		const ASN1_IA5STRING	*s;

		if (OBJ_obj2nid(d->method) != NID_ad_ca_issuers ||
		    d->location == NULL || d->location->type != GEN_URI)
			continue;
		s = d->location->d.uniformResourceIdentifier;
		/* A NUL inside ends it: not a URL then, the fetch says so. */
		c->url[c->n_urls++] = wad_xstrndup((const char *)
		    ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
	}
	AUTHORITY_INFO_ACCESS_free(aia);
	ERR_pop_to_mark();
}

/* The next URL; a certificate without one, a root or enough steps end it. */
static void
chase_step(struct chase *c)
{
	uint64_t		now = wad_clock_ms();
	struct wad_fetch_ask	a = { .limit = FILE_MAX };

	if (c->n_urls == 0 && sk_X509_num(c->certs) < STEPS &&
	    (X509_get_extension_flags(c->cur) & EXFLAG_SI) == 0)
		take_urls(c);
	if (c->at == c->n_urls || now >= c->until) {
		if (c->text[0] == '\0' && sk_X509_num(c->certs) == 0)
			snprintf(c->text, sizeof(c->text), "the certificate "
			    "does not say where its issuer's is");
		chase_end(c);
		return;
	}
	a.url = c->url[c->at];
	a.deadline_ms = (unsigned)(c->until - now);
	c->fetch = wad_lookup_fetch(c->lk->fetch, &a, on_file, c);
	if (c->fetch == NULL) {
		snprintf(c->text, sizeof(c->text), "too many fetches are "
		    "open");
		chase_end(c);
	}
}

static struct chase *
chase_find(struct wad_lookup *lk, const unsigned char key[KEY], unsigned *n)
{
	struct wad_list *l, *tmp;

	*n = 0;
	WAD_LIST_EACH(&lk->chases, l, tmp) {
		struct chase *c = WAD_LIST_ENTRY(l, struct chase, all);

		if (c->era == lk->era && memcmp(c->key, key, KEY) == 0)
			return c;
		++*n;
	}
	return NULL;
}

static struct chase *
chase_new(struct wad_lookup *lk, const unsigned char key[KEY], X509 *x)
{
	unsigned	 s = lk->conf->settings.revocation_timeout;
	struct chase	*c = wad_xcalloc(1, sizeof(*c));

	c->magic = CHASE_MAGIC;
	c->lk = lk;
	c->era = lk->era;
	wad_list_init(&c->waits);
	wad_list_append(&lk->chases, &c->all);
	memcpy(c->key, key, KEY);
	X509_up_ref(x);
	c->cur = x;
	c->certs = sk_X509_new_null();
	WAD_ASSERT(c->certs != NULL);
	c->until = wad_clock_ms() + (s != 0 ? s : DEADLINE) * 1000ULL;
	return c;
}

static void
ask_issuers(struct wad_lookup_peer *p, uint32_t id, X509 *x)
{
	struct wad_lookup *lk = p->lk;
	unsigned char	 key[KEY];
	unsigned	 n = 0;
	struct found	*f;
	struct chase	*c;
	struct wait	*w;

	if (!lk->conf->settings.aia_fetch) {
		answer(p, id, NULL, "missing issuers are not fetched "
		    "(set aia-fetch)");
		return;
	}
	if (X509_digest(x, EVP_sha256(), key, &n) != 1) {
		answer(p, id, NULL, "not a certificate");
		return;
	}
	f = (struct found *)(void *)wad_lru_find(&lk->issuers,
	    wad_str_hash(0, key, KEY), key);
	if (f != NULL && f->until > wad_clock_wall()) {
		answer(p, id, f->certs, f->text);
		return;
	}
	w = wad_xcalloc(1, sizeof(*w));
	wad_list_init(&w->link);
	c = chase_find(lk, key, &n);
	if ((c == NULL && n >= CHASES_MAX) || lk->n_waits >= WAITS_MAX ||
	    !wad_lookup_asker_add(&w->asker, p, id, wait_drop)) {
		answer(p, id, NULL, "too many questions are open");
		free(w);
		return;
	}
	lk->n_waits++;
	if (c != NULL) {
		wad_list_append(&c->waits, &w->link);
		return;
	}
	c = chase_new(lk, key, x);
	wad_list_append(&c->waits, &w->link);
	chase_step(c);
}

int
wad_lookup_issuers_asked(struct wad_lookup_peer *p, struct wad_msg_in *m)
{
	const void		*der;
	const unsigned char	*at;
	uint64_t		 gen;
	size_t			 len;
	X509			*x;

	if (wad_msg_get_u64(m, &gen) == -1 ||
	    wad_msg_get_blob(m, &der, &len) == -1 || wad_msg_end(m) == -1)
		return -1;
	at = der;
	x = d2i_X509(NULL, &at, (long)len);
	ERR_clear_error();
	if (x == NULL)
		return -1;
	ask_issuers(p, m->id, x);
	X509_free(x);
	return 0;
}

void
wad_lookup_issuers_init(struct wad_lookup *lk)
{
	wad_list_init(&lk->chases);
	wad_lru_init(&lk->issuers, FOUND_MAX, FOUND_MAX, found_same,
	    found_drop);
}

void
wad_lookup_issuers_clear(struct wad_lookup *lk)
{
	wad_lru_clear(&lk->issuers);
	lk->era++;
}

void
wad_lookup_issuers_list(struct wad_lookup *lk, struct wad_str *out)
{
	wad_str_addf(out, "issuers: entries=%zu/%d hits=%" PRIu64 " misses=%"
	    PRIu64 "\n", lk->issuers.n, FOUND_MAX, lk->issuers.hits,
	    lk->issuers.misses);
}
