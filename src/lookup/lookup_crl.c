/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRLs are large and shared by all certificates of an issuer: each is fetched
 * once, outlives the question that wanted it, and its signature is verified
 * once.  A CRL that cannot be renewed is used as long as it is valid.
 */
#include "lookup/lookup_crl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/list.h"
#include "base/lru.h"
#include "base/xmem.h"
#include "x509/x509_read.h"

enum {
	CRLS_MAX = 256,
	BYTES_MAX = 64 * 1024 * 1024,	/* of their DER; eight times that when
					 * taken apart */
	FETCHES_MAX = 64,
	FETCH_MS = 30000,	/* longer than a question waits */
	KEEP = 4 * 3600,	/* seconds until a CRL is fetched anew */
	RETRY = 60,		/* after a fetch that failed */
	TICK = 5		/* how often the configured ones are looked at */
};

struct crl {
	struct wad_lru_entry lru;
	char		*url;		/* NULL: stands in the configuration */
	X509_CRL	*crl;		/* NULL: it could not be fetched */
	size_t		 size;
	int64_t		 fetched, until;	/* until: fetch it anew then */
	enum wad_cert_status failed;	/* TIMEOUT or FAILURE */
	char		 text[120];	/* why */
	/* the issuer's certificate that it was checked with last: its name
	 * and its key usage count, too */
	bool		 checked;
	unsigned char	 by[SHA256_DIGEST_LENGTH];
	struct wad_x509_status verdict;	/* of the check; GOOD: it is right */
};

struct wad_crl_wait {
	struct wad_list	 link;
	wad_lookup_crl_fn *fn;
	void		*arg;
};

struct fetching {
	struct wad_list	 link, waits;
	struct wad_crls	*s;
	struct wad_fetch *fetch;
	char		*url;
};

struct local {
	struct crl	*v; size_t n;
};

struct wad_crls {
	struct wad_fetcher *f;
	struct wad_lru	 lru;
	size_t		 bytes;
	struct wad_list	 fetches;
	unsigned	 n_fetches;
	struct local	 local, next;
	const struct wad_conf *conf;	/* NULL at first; the caller keeps it
					 * until the next commit */
	struct event	*tick;
};

static bool
crl_same(const struct wad_lru_entry *e, const void *url)
{
	return strcmp(((const struct crl *)(const void *)e)->url, url) == 0;
}

static void
crl_drop(struct wad_lru_entry *e)
{
	struct crl *c = (struct crl *)(void *)e;

	X509_CRL_free(c->crl);
	free(c->url);
	free(c);
}

static void
local_free(struct local *l)
{
	for (size_t i = 0; i < l->n; i++)
		X509_CRL_free(l->v[i].crl);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static struct crl *
find(struct wad_crls *s, const char *url)
{
	/* the entry is the first member */
	return (struct crl *)(void *)wad_lru_find(&s->lru,
	    wad_str_hash(0, url, strlen(url)), url);
}

static void
forget(struct wad_crls *s, struct crl *c)
{
	s->bytes -= c->size;
	wad_lru_remove(&s->lru, &c->lru);
}

/* ---- judging ------------------------------------------------------------- */

static void
judge(struct crl *c, X509 *cert, X509 *issuer, int64_t now,
    struct wad_x509_status *st)
{
	unsigned char	by[EVP_MAX_MD_SIZE];
	unsigned	n = 0;

	if (X509_digest(issuer, EVP_sha256(), by, &n) != 1 ||
	    n != sizeof(c->by)) {
		memset(st, 0, sizeof(*st));
		snprintf(st->text, sizeof(st->text), "not a certificate");
		return;
	}
	if (!c->checked || memcmp(c->by, by, sizeof(c->by)) != 0) {
		if (wad_x509_revoke_crl_check(c->crl, issuer,
		    &c->verdict) == 0)
			c->verdict.status = WAD_CERT_GOOD;
		memcpy(c->by, by, sizeof(c->by));
		c->checked = true;
	}
	if (c->verdict.status != WAD_CERT_GOOD)
		*st = c->verdict;
	else
		wad_x509_revoke_crl_find(c->crl, cert, now, st);
}

/* Of several CRLs of one issuer "revoked" counts most, then "good". */
static void
better(struct wad_x509_status *st, const struct wad_x509_status *that)
{
	if (st->status == WAD_CERT_REVOKED)
		return;
	if (that->status == WAD_CERT_REVOKED || st->status == WAD_CERT_NONE)
		*st = *that;
}

void
wad_lookup_crl_local(struct wad_crls *s, X509 *cert, X509 *issuer,
    int64_t now, struct wad_x509_status *st)
{
	struct wad_x509_status that;

	memset(st, 0, sizeof(*st));
	st->status = WAD_CERT_NONE;
	for (size_t i = 0; i < s->local.n; i++)
		if (wad_x509_revoke_crl_from(s->local.v[i].crl, issuer)) {
			judge(&s->local.v[i], cert, issuer, now, &that);
			better(st, &that);
		}
	for (size_t i = 0; s->conf != NULL && i < s->conf->n_crls; i++) {
		const char	*url = s->conf->crls[i].http_url;
		struct crl	*c = url != NULL ? find(s, url) : NULL;

		if (c == NULL || c->crl == NULL ||
		    !wad_x509_revoke_crl_from(c->crl, issuer))
			continue;
		judge(c, cert, issuer, now, &that);
		better(st, &that);
	}
}

const char *
wad_lookup_crl_awaited(struct wad_crls *s)
{
	for (size_t i = 0; s->conf != NULL && i < s->conf->n_crls; i++) {
		const char *url = s->conf->crls[i].http_url;

		if (url != NULL && find(s, url) == NULL)
			return url;
	}
	return NULL;
}

bool
wad_lookup_crl_judge(struct wad_crls *s, const char *url, X509 *cert,
    X509 *issuer, int64_t now, struct wad_x509_status *st)
{
	struct crl *c = find(s, url);

	if (c == NULL || c->until <= now)
		return false;
	if (c->crl != NULL) {
		judge(c, cert, issuer, now, st);
		return true;
	}
	memset(st, 0, sizeof(*st));
	st->status = c->failed;
	snprintf(st->text, sizeof(st->text), "%s", c->text);
	return true;
}

/* ---- fetching ------------------------------------------------------------ */

static X509_CRL *
read_crl(const uint8_t *p, size_t len)
{
	const uint8_t	*at = p;
	X509_CRL	*crl = NULL;
	BIO		*bio;

	ERR_set_mark();
	if (len > 0 && len <= WAD_CRL_MAX)
		crl = d2i_X509_CRL(NULL, &at, (long)len);
	if (crl != NULL && at != p + len) {
		X509_CRL_free(crl);
		crl = NULL;
	} else if (crl == NULL && len > 10 && len <= WAD_CRL_MAX &&
	    memcmp(p, "-----BEGIN", 10) == 0 &&
	    (bio = BIO_new_mem_buf(p, (int)len)) != NULL) {
		crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	ERR_pop_to_mark();
	return crl;
}

static const struct wad_crl *
configured(const struct wad_crls *s, const char *url)
{
	for (size_t i = 0; s->conf != NULL && i < s->conf->n_crls; i++)
		if (s->conf->crls[i].http_url != NULL &&
		    strcmp(s->conf->crls[i].http_url, url) == 0)
			return &s->conf->crls[i];
	return NULL;
}

/* When a CRL that was fetched now is fetched again. */
static int64_t
renew_at(const struct wad_crls *s, const char *url, const X509_CRL *crl,
    int64_t now)
{
	const struct wad_crl	*c = configured(s, url);
	int64_t			 keep = now + KEEP, next;

	if (c != NULL && c->update_interval != 0)
		return now + (int64_t)c->update_interval;
	if (wad_x509_read_time(X509_CRL_get0_nextUpdate(crl), &next) == 0 &&
	    next < keep)
		keep = next;
	return keep > now + RETRY ? keep : now + RETRY;
}

/* Forgets the oldest; what the administrator named stays. */
static void
make_room(struct wad_crls *s, size_t size)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&s->lru.age, l, tmp) {
		struct crl *c = (struct crl *)(void *)WAD_LIST_ENTRY(l,
		    struct wad_lru_entry, age);

		if (s->lru.n < CRLS_MAX && s->bytes + size <= BYTES_MAX)
			return;
		if (configured(s, c->url) == NULL)
			forget(s, c);
	}
}

/* Puts what was fetched in the place of what was there. */
static void
put(struct wad_crls *s, const char *url, X509_CRL *crl, size_t size,
    enum wad_cert_status failed, const char *why)
{
	int64_t		 now = wad_clock_wall();
	struct crl	*c = find(s, url);

	if (crl == NULL && c != NULL && c->crl != NULL) {
		c->until = now + RETRY;
		return;
	}
	if (c != NULL)
		forget(s, c);
	make_room(s, size);
	c = wad_xcalloc(1, sizeof(*c));
	c->url = wad_xstrdup(url);
	c->crl = crl;
	c->size = size;
	c->fetched = now;
	c->until = crl != NULL ? renew_at(s, url, crl, now) : now + RETRY;
	c->failed = failed;
	snprintf(c->text, sizeof(c->text), "CRL: %.110s", why);
	s->bytes += size;
	wad_lru_add(&s->lru, &c->lru, wad_str_hash(0, url, strlen(url)));
}

static void
fetched(void *arg, enum wad_fetch_result r, const uint8_t *body, size_t len,
    const char *why)
{
	struct fetching	*x = arg;
	struct wad_crls	*s = x->s;
	X509_CRL	*crl = r == WAD_FETCH_OK ? read_crl(body, len) : NULL;

	if (r == WAD_FETCH_OK && crl == NULL)
		why = "what was fetched is not a CRL";
	put(s, x->url, crl, crl != NULL ? len : 0, r == WAD_FETCH_TIMEOUT ?
	    WAD_CERT_TIMEOUT : WAD_CERT_FAILURE, why);
	if (crl == NULL && configured(s, x->url) != NULL)
		wad_log_event("warning", "the CRL of vpn certificate crl %.60s "
		    "cannot be fetched: %.160s", configured(s, x->url)->name,
		    why);
	wad_list_remove(&x->link);
	s->n_fetches--;
	/* A function may wait anew, for another fetch, or cancel another one
	 * of this list. */
	while (!wad_list_empty(&x->waits)) {
		struct wad_crl_wait *w = WAD_LIST_ENTRY(x->waits.next,
		    struct wad_crl_wait, link);
		wad_lookup_crl_fn *fn = w->fn;
		void *fn_arg = w->arg;

		wad_lookup_crl_cancel(w);
		fn(fn_arg);
	}
	free(x->url);
	free(x);
}

static struct fetching *
fetching_find(struct wad_crls *s, const char *url)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&s->fetches, l, tmp) {
		struct fetching *x = WAD_LIST_ENTRY(l, struct fetching, link);

		if (strcmp(x->url, url) == 0)
			return x;
	}
	return NULL;
}

static struct fetching *
fetching_new(struct wad_crls *s, const char *url)
{
	struct wad_fetch_ask	 a = { .url = url, .limit = WAD_CRL_MAX,
		.deadline_ms = FETCH_MS, .anywhere = configured(s, url) };
	struct fetching		*x;

	/* what the administrator named has its place in any case */
	if (s->n_fetches >= FETCHES_MAX && !a.anywhere)
		return NULL;
	x = wad_xcalloc(1, sizeof(*x));
	x->fetch = wad_lookup_fetch(s->f, &a, fetched, x);
	if (x->fetch == NULL) {
		free(x);
		return NULL;
	}
	x->s = s;
	x->url = wad_xstrdup(url);
	wad_list_init(&x->waits);
	wad_list_append(&s->fetches, &x->link);
	s->n_fetches++;
	return x;
}

struct wad_crl_wait *
wad_lookup_crl_fetch(struct wad_crls *s, const char *url,
    wad_lookup_crl_fn *fn, void *arg)
{
	struct fetching		*x = fetching_find(s, url);
	struct wad_crl_wait	*w;

	if (x == NULL)
		x = fetching_new(s, url);
	if (x == NULL)
		return NULL;
	w = wad_xcalloc(1, sizeof(*w));
	w->fn = fn;
	w->arg = arg;
	wad_list_append(&x->waits, &w->link);
	return w;
}

void
wad_lookup_crl_cancel(struct wad_crl_wait *w)
{
	if (w == NULL)
		return;
	wad_list_remove(&w->link);
	free(w);
}

/* ---- the configured ones ------------------------------------------------- */

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct wad_crls	*s = arg;
	int64_t		 now = wad_clock_wall();

	(void)fd, (void)what;
	for (size_t i = 0; s->conf != NULL && i < s->conf->n_crls; i++) {
		const char	*url = s->conf->crls[i].http_url;
		struct crl	*c;

		if (url == NULL)
			continue;
		c = find(s, url);	/* keeps it young, too */
		if ((c == NULL || c->until <= now) &&
		    fetching_find(s, url) == NULL)
			(void)fetching_new(s, url);
	}
}

int
wad_lookup_crl_prepare(struct wad_crls *s, const struct wad_conf *conf,
    char *err, size_t errsize)
{
	local_free(&s->next);
	s->next.v = wad_xcalloc(conf->n_crls + 1, sizeof(*s->next.v));
	for (size_t i = 0; i < conf->n_crls; i++) {
		const struct wad_crl	*c = &conf->crls[i];
		struct crl		*to = &s->next.v[s->next.n];

		if (c->pem == NULL)
			continue;
		to->size = strlen(c->pem);
		to->crl = read_crl((const uint8_t *)c->pem, to->size);
		if (to->crl == NULL) {
			snprintf(err, errsize, "vpn certificate crl \"%s\": "
			    "not a CRL in PEM form, or too large", c->name);
			local_free(&s->next);
			return -1;
		}
		s->next.n++;
	}
	return 0;
}

void
wad_lookup_crl_commit(struct wad_crls *s, const struct wad_conf *conf)
{
	local_free(&s->local);
	s->local = s->next;
	memset(&s->next, 0, sizeof(s->next));
	s->conf = conf;
	on_tick(-1, 0, s);
}

void
wad_lookup_crl_abort(struct wad_crls *s)
{
	local_free(&s->next);
}

/* ---- the whole ----------------------------------------------------------- */

struct wad_crls *
wad_lookup_crl_open(struct event_base *base, struct wad_fetcher *f)
{
	static const struct timeval every = { TICK, 0 };
	struct wad_crls *s = wad_xcalloc(1, sizeof(*s));

	s->f = f;
	wad_list_init(&s->fetches);
	wad_lru_init(&s->lru, CRLS_MAX, SIZE_MAX, crl_same, crl_drop);
	s->tick = event_new(base, -1, EV_PERSIST, on_tick, s);
	WAD_ASSERT(s->tick != NULL && event_add(s->tick, &every) == 0);
	return s;
}

void
wad_lookup_crl_list(struct wad_crls *s, int64_t now, struct wad_str *out)
{
	struct wad_list *l, *tmp;
	char		 esc[256];

	wad_str_addf(out, "crl: configured=%zu fetched=%zu bytes=%zu "
	    "fetching=%u\n", s->local.n, s->lru.n, s->bytes, s->n_fetches);
	WAD_LIST_EACH(&s->lru.age, l, tmp) {
		const struct crl *c = (const struct crl *)(const void *)
		    WAD_LIST_ENTRY(l, struct wad_lru_entry, age);

		wad_str_addf(out, "  url=%s age=%" PRId64 "s bytes=%zu "
		    "again=%" PRId64 "s%s%s\n", wad_str_escape(esc,
		    sizeof(esc), c->url, strlen(c->url)),
		    now - c->fetched, c->size,
		    c->until > now ? c->until - now : 0,
		    c->crl == NULL ? " " : "", c->crl == NULL ? c->text : "");
	}
}

void
wad_lookup_crl_tell(struct wad_crls *s)
{
	wad_lru_tell(&s->lru, WAD_CACHE_CRLS);
}

void
wad_lookup_crl_clear(struct wad_crls *s)
{
	wad_lru_clear(&s->lru);
	s->bytes = 0;
	on_tick(-1, 0, s);
}
