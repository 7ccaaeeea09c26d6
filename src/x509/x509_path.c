/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candidate paths.  An issuer is a certificate with the right name whose key
 * verifies the signature; key identifiers only say which to try first (RFC
 * 4158 section 3.5).  A path never holds the same name with the same key
 * twice, so there are no cycles.
 */
#include "x509/x509_path.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xmem.h"
#include "x509/x509_read.h"

/* self-issued certificates do not count as intermediates, hence the factor */
enum { CANDIDATES_MAX = 100, SIGNATURES_MAX = 250, CERTS_MAX = 256,
	WALK_MS = 50, LENGTH_FACTOR = 2 };
enum { OTHER_KEY = 8 };

/* A certificate of the pool: the leaf is 0, the others come as their names
 * are asked for. */
struct node {
	X509		*x;
	bool		 anchor, in_time;
	X509		*signer;	/* whose key verifies it, once found;
					 * no other key does */
};

struct walk {
	const struct wad_x509_ask *ask;
	wad_x509_path_fn	*fn;
	void			*arg;
	X509_STORE_CTX		*store;		/* for look-ups */
	struct node		 pool[CERTS_MAX];
	size_t			 n;
	bool			*not_by;	/* [child][issuer]: tried */
	STACK_OF(X509)		*path;
	int			 length_max;
	STACK_OF(X509)		*spare;		/* best path without a root */
	enum wad_path_end	 spare_end;
	unsigned		 candidates, signatures;
	uint64_t		 deadline;
	bool			 done, bounded;
};

/* The processor's time, not the wall's: a busy machine, on which this process
 * waits for its turn, must not make a good chain a bad one. */
static uint64_t
spent_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool
in_time(X509 *x, int64_t now)
{
	int64_t from, until;

	return wad_x509_read_time(X509_get0_notBefore(x), &from) == 0 &&
	    wad_x509_read_time(X509_get0_notAfter(x), &until) == 0 &&
	    from <= now && now <= until;
}

/* Compares bytes: much cheaper than EVP_PKEY_eq. */
static bool
same_key(X509 *x, X509 *y)
{
	X509_ALGOR *a, *b;

	return ASN1_STRING_cmp(X509_get0_pubkey_bitstr(x),
	    X509_get0_pubkey_bitstr(y)) == 0 &&
	    X509_PUBKEY_get0_param(NULL, NULL, NULL, &a,
	    X509_get_X509_PUBKEY(x)) == 1 &&
	    X509_PUBKEY_get0_param(NULL, NULL, NULL, &b,
	    X509_get_X509_PUBKEY(y)) == 1 && X509_ALGOR_cmp(a, b) == 0;
}

static int
pool_find(const struct walk *w, X509 *x)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->pool[i].x == x)
			return (int)i;
	for (size_t i = 0; i < w->n; i++)
		if (X509_cmp(w->pool[i].x, x) == 0)
			return (int)i;
	return -1;
}

/* Where x is in the pool, put there if it was not; -1 when it is full. */
static int
pool_add(struct walk *w, X509 *x, bool anchor)
{
	int at = pool_find(w, x);

	if (at != -1) {
		w->pool[at].anchor |= anchor;
		return at;
	}
	if (w->n == CERTS_MAX || X509_up_ref(x) != 1) {
		w->bounded = true;
		return -1;
	}
	w->pool[w->n] = (struct node){ .x = x, .anchor = anchor,
	    .in_time = in_time(x, w->ask->now) };
	return (int)w->n++;
}

/* Signature of child under issuer's key; no pair is verified twice. */
static bool
signed_by(struct walk *w, int child, int issuer)
{
	struct node	*c = &w->pool[child];
	X509		*by = w->pool[issuer].x;
	EVP_PKEY	*key = X509_get0_pubkey(by);
	bool		*not_by = &w->not_by[(size_t)child * CERTS_MAX +
			    (size_t)issuer];

	if (key == NULL || *not_by)
		return false;
	if (c->signer != NULL)
		return same_key(c->signer, by);
	w->signatures++;
	if (X509_verify(c->x, key) == 1)
		c->signer = by;
	*not_by = c->signer == NULL;
	return !*not_by;
}

/* The same authority (name and key), or the same certificate, already? */
static bool
in_path(const struct walk *w, X509 *x)
{
	for (int i = 1; i < sk_X509_num(w->path); i++) {
		X509 *y = sk_X509_value(w->path, i);

		if (x == y || (X509_NAME_cmp(X509_get_subject_name(x),
		    X509_get_subject_name(y)) == 0 && same_key(x, y)))
			return true;
	}
	return x == sk_X509_value(w->path, 0);
}

/* How promising, 0 is best: the key identifier, dates, a root.  OTHER_KEY and
 * more: the identifiers say that it is not the issuer. */
static int
rank(X509 *child, const struct node *n)
{
	const ASN1_OCTET_STRING *aki = X509_get0_authority_key_id(child),
	    *ski = X509_get0_subject_key_id(n->x);
	int r = (n->anchor ? 0 : 1) + (n->in_time ? 0 : 2);

	if (aki == NULL || ski == NULL)
		r += 4;
	else if (ASN1_OCTET_STRING_cmp(aki, ski) != 0)
		r += OTHER_KEY;
	return r;
}

struct found {
	int at[CERTS_MAX], rank[CERTS_MAX];
	int n;
};

static void
consider(struct walk *w, struct found *f, X509 *child, X509 *x, bool anchor)
{
	int at, k, r;

	if (X509_NAME_cmp(X509_get_issuer_name(child),
	    X509_get_subject_name(x)) != 0 ||
	    (at = pool_add(w, x, anchor)) == -1)
		return;
	for (k = 0; k < f->n; k++)
		if (f->at[k] == at)
			return;
	r = rank(child, &w->pool[at]);
	for (k = f->n++; k > 0 && f->rank[k - 1] > r; k--) {
		f->at[k] = f->at[k - 1];
		f->rank[k] = f->rank[k - 1];
	}
	f->at[k] = at;
	f->rank[k] = r;
}

static void
issuers(struct walk *w, X509 *child, struct found *f)
{
	STACK_OF(X509) *const	 bags[] = { w->ask->sent, w->ask->helpers };
	STACK_OF(X509)		*roots = X509_STORE_CTX_get1_certs(w->store,
				    X509_get_issuer_name(child));

	f->n = 0;
	for (int i = 0; i < sk_X509_num(roots); i++)
		consider(w, f, child, sk_X509_value(roots, i), true);
	for (size_t b = 0; b < 2; b++)
		for (int i = 0; i < sk_X509_num(bags[b]); i++)
			consider(w, f, child, sk_X509_value(bags[b], i),
			    false);
	sk_X509_pop_free(roots, X509_free);
}

static bool
out_of_bounds(struct walk *w)
{
	if (w->candidates >= CANDIDATES_MAX ||
	    w->signatures >= SIGNATURES_MAX || spent_ms() >= w->deadline)
		w->bounded = true;
	return w->bounded;
}

/* Keeps the first path without a root; one with honest signatures rather
 * than a forged one. */
static void
keep_spare(struct walk *w, enum wad_path_end end)
{
	if (w->spare != NULL && (w->spare_end != WAD_PATH_FORGED ||
	    end == WAD_PATH_FORGED))
		return;
	sk_X509_free(w->spare);
	w->spare = sk_X509_dup(w->path);
	w->spare_end = end;
}

static void step(struct walk *, int child);

/* Goes through issuer; true when it did sign child. */
static bool
try_issuer(struct walk *w, int child, int issuer)
{
	X509 *x = w->pool[issuer].x;

	if (!signed_by(w, child, issuer))
		return false;
	if (in_path(w, x) || sk_X509_push(w->path, x) <= 0)
		return true;
	if (w->pool[issuer].anchor) {
		w->candidates++;
		w->done = w->fn(w->path, WAD_PATH_ROOT, w->arg);
	} else if (sk_X509_num(w->path) < w->length_max)
		step(w, issuer);
	sk_X509_pop(w->path);
	return true;
}

/* The path ends with pool[child]; goes on to each of its issuers. */
static void
step(struct walk *w, int child)
{
	struct found	*f = wad_xmalloc(sizeof(*f));
	bool		 forged = false, known = false, alone = false;

	issuers(w, w->pool[child].x, f);
	for (int i = 0; i < f->n && !w->done && !out_of_bounds(w); i++) {
		if (f->at[i] == child && !w->pool[child].anchor) {
			alone = signed_by(w, child, child);
			forged |= !alone;
		} else if (try_issuer(w, child, f->at[i]))
			known = true;
		else if (f->rank[i] < OTHER_KEY)
			forged = true;
	}
	if (!w->done && !known)
		keep_spare(w, alone ? WAD_PATH_ALONE :
		    forged ? WAD_PATH_FORGED :
		    X509_NAME_cmp(X509_get_subject_name(w->pool[child].x),
		    X509_get_issuer_name(w->pool[child].x)) == 0 &&
		    signed_by(w, child, child) ? WAD_PATH_ALONE :
		    WAD_PATH_OPEN);
	free(f);
}

/* The leaf itself may be in the store. */
static void
try_leaf(struct walk *w)
{
	X509		*leaf = w->ask->leaf;
	STACK_OF(X509)	*same = X509_STORE_CTX_get1_certs(w->store,
			    X509_get_subject_name(leaf));

	for (int i = 0; i < sk_X509_num(same) && w->candidates == 0; i++)
		if (X509_cmp(sk_X509_value(same, i), leaf) == 0) {
			w->candidates++;
			w->done = w->fn(w->path, WAD_PATH_ROOT, w->arg);
		}
	sk_X509_pop_free(same, X509_free);
}

int
wad_x509_path_walk(const struct wad_x509_ask *ask, wad_x509_path_fn *fn,
    void *arg)
{
	struct walk	*w = wad_xcalloc(1, sizeof(*w));
	bool		 found;

	w->ask = ask;
	w->fn = fn;
	w->arg = arg;
	w->deadline = spent_ms() + WALK_MS;
	w->length_max = (int)wad_x509_verify_depth(ask) * LENGTH_FACTOR + 2;
	w->not_by = wad_xcalloc((size_t)CERTS_MAX * CERTS_MAX, sizeof(bool));
	w->store = X509_STORE_CTX_new();
	w->path = sk_X509_new_null();
	WAD_ASSERT(w->store != NULL && w->path != NULL);
	WAD_ASSERT(X509_STORE_CTX_init(w->store, ask->store, ask->leaf,
	    NULL) == 1);
	if (pool_add(w, ask->leaf, false) == 0 &&
	    sk_X509_push(w->path, ask->leaf) > 0) {
		try_leaf(w);
		if (!w->done)
			step(w, 0);
	}
	found = w->candidates > 0;
	if (!found && !w->bounded && w->spare != NULL)
		(void)fn(w->spare, w->spare_end, arg);
	sk_X509_free(w->spare);
	sk_X509_free(w->path);
	X509_STORE_CTX_free(w->store);
	for (size_t i = 0; i < w->n; i++)
		X509_free(w->pool[i].x);
	free(w->not_by);
	found = w->bounded && !w->done;
	free(w);
	ERR_clear_error();
	return found ? -1 : 0;
}
