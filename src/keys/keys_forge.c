/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forges.  What a worker asks for is only a wish: the description is checked
 * again here, the certificate is built here, and whatever the worker says it
 * gets a short-lived server certificate at most, with a line in the journal
 * when it is made.  One that was made before is given out again, to whoever
 * wishes the same.
 */
#include "keys/keys_forge.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

#include "base/dbg.h"
#include "base/str.h"
#include "x509/x509_build.h"
#include "x509/x509_msg.h"
#include "x509/x509_read.h"
#include "x509/x509_staple.h"

enum { STAPLE_AGE = 7 * 86400 };	/* seconds, when the leaf lives longer */

int
wad_keys_forge_init(struct wad_keys_forge *f, struct wad_keys_store *store,
    struct wad_keys_journal *journal, struct wad_keys_products *products)
{
	memset(f, 0, sizeof(*f));
	f->store = store;
	f->journal = journal;
	f->products = products;
	f->lifetime = 24 * 3600;
	wad_keys_forge_renew(f);
	return f->rsa != NULL ? 0 : -1;
}

/*
 * RSA leaf keys are shared by the certificates of a day: making one takes
 * about 100 ms (an EC key 20 us), which no connection should wait for.
 */
void
wad_keys_forge_renew(struct wad_keys_forge *f)
{
	EVP_PKEY		*key;
	struct wad_keys_der	 der;

	if (f->rsa != NULL && !f->rsa_used)
		return;
	key = wad_x509_build_key(WAD_KEY_RSA);
	der.len = key == NULL ? 0 : wad_x509_build_key_der(key, &der.p);
	if (der.len == 0) {
		EVP_PKEY_free(key);
		wad_log_event("error", "no RSA key could be made%s",
		    f->rsa != NULL ? ", the old one stays in use" : "");
		return;
	}
	EVP_PKEY_free(f->rsa);
	OPENSSL_clear_free(f->rsa_der.p, f->rsa_der.len);
	f->rsa = key;
	f->rsa_der = der;
	f->rsa_used = false;
}

void
wad_keys_forge_clear(struct wad_keys_forge *f)
{
	EVP_PKEY_free(f->rsa);
	OPENSSL_clear_free(f->rsa_der.p, f->rsa_der.len);
	memset(f, 0, sizeof(*f));
}

static void
refuse(struct wad_keys_forge *f, struct wad_msg *out, const char *why)
{
	f->refused++;
	WAD_COUNT(KEYS_REFUSED);
	wad_msg_add_u32(out, WAD_FORGED_NOT);
	wad_msg_add_str(out, why);
	wad_msg_add_blob(out, "", 0);
	wad_msg_add_blob(out, "", 0);
	wad_msg_add_u32(out, 0);
	wad_msg_add_u64(out, 0);
	wad_msg_add_blob(out, "", 0);
	WAD_DBG(KEYS, WAD_I, "refused: %s", why);
}

static void
accept_with(struct wad_msg *out, enum wad_forged how,
    const struct wad_keys_der *leaf, const struct wad_keys_der *key,
    const struct wad_keys_entry *e, const struct wad_keys_der *staple,
    int64_t until)
{
	wad_msg_add_u32(out, how);
	wad_msg_add_str(out, "");
	wad_msg_add_blob(out, leaf->p, leaf->len);
	wad_msg_add_blob(out, key->p, key->len);
	wad_msg_add_u32(out, (uint32_t)e->n_chain);
	for (size_t i = 0; i < e->n_chain; i++)
		wad_msg_add_blob(out, e->chain[i].p, e->chain[i].len);
	wad_msg_add_u64(out, (uint64_t)until);
	wad_msg_add_blob(out, staple->p, staple->len);
}

/* With its staple a product is good no longer than that. */
static void
accept_product(struct wad_msg *out, enum wad_forged how,
    const struct wad_keys_product *p, const struct wad_keys_entry *ca)
{
	accept_with(out, how, &p->leaf, &p->key, ca, &p->staple,
	    p->staple_until != 0 && p->staple_until < p->not_after ?
	    p->staple_until : p->not_after);
}

/* True while the asker stays under the bound. */
static bool
rate_ok(struct wad_keys_rate *r, uint64_t now_ms)
{
	if (now_ms - r->since_ms >= 1000) {
		r->since_ms = now_ms;
		r->n = 0;
	}
	return r->n++ < WAD_KEYS_RATE;
}

/* The constraints of the CAs above ours bind the leaf too. */
static bool
chain_allows(const struct wad_keys_entry *ca, X509 *leaf)
{
	for (size_t i = 0; i < ca->n_constrained; i++)
		if (!wad_x509_build_allowed(leaf, ca->constrained[i]))
			return false;
	return true;
}

/* Without a response the certificate is good too. */
static void
add_staple(struct wad_keys_product *p, X509 *leaf,
    const struct wad_keys_entry *ca, int64_t now)
{
	int64_t until = p->not_after;

	if (until > now + STAPLE_AGE)
		until = now + STAPLE_AGE;
	p->staple.len = wad_x509_staple_make(leaf, ca->cert, ca->key, now,
	    until, &p->staple.p);
	p->staple_until = p->staple.len > 0 ? until : 0;
}

/* The leaf and its key as bytes; 0 or -1. */
static int
fill(struct wad_keys_product *p, X509 *leaf, const struct wad_keys_der *key)
{
	int len = i2d_X509(leaf, &p->leaf.p);

	p->leaf.len = len > 0 ? (size_t)len : 0;
	p->key.p = OPENSSL_memdup(key->p, key->len);
	p->key.len = p->key.p != NULL ? key->len : 0;
	return p->leaf.len > 0 && p->key.len > 0 &&
	    wad_x509_read_time(X509_get0_notAfter(leaf), &p->not_after) == 0 ?
	    0 : -1;
}

/* Builds and notes; the product is in the table.  NULL: err says why. */
static struct wad_keys_product *
forge(struct wad_keys_forge *f, const struct wad_cert_desc *d,
    const struct wad_keys_entry *ca, const uint8_t id[32], bool staple,
    int64_t now, char *err, size_t errsize)
{
	bool			 ec = d->key_type == WAD_KEY_EC;
	EVP_PKEY		*key = ec ? wad_x509_build_key(WAD_KEY_EC) :
	    f->rsa;
	struct wad_keys_der	 made = { 0 };
	struct wad_keys_product	*p = wad_keys_products_make(id, ca), *ret = NULL;
	X509			*x = NULL;

	if (ec && key != NULL)
		made.len = wad_x509_build_key_der(key, &made.p);
	if (key == NULL || (ec && made.len == 0)) {
		snprintf(err, errsize, "no key could be made");
		goto out;
	}
	x = wad_x509_build_leaf(d, ca->cert, ca->key, key, now, f->lifetime,
	    err, errsize);
	if (x == NULL)
		goto out;
	if (!chain_allows(ca, x)) {
		snprintf(err, errsize, "the name constraints of a CA above "
		    "'%s' forbid a name", ca->name);
		goto out;
	}
	if (fill(p, x, ec ? &made : &f->rsa_der) == -1) {
		snprintf(err, errsize, "the certificate cannot be encoded");
		goto out;
	}
	if (staple)
		add_staple(p, x, ca, now);
	wad_keys_journal_issue(f->journal, d, x, now);
	f->issued++;
	WAD_COUNT(KEYS_FORGED);
	if (!ec)
		f->rsa_used = true;
	WAD_DBG(KEYS, WAD_I,
	    "session=%u name=%s names=%zu ca='%s' key=%s bytes=%zu staple=%zu",
	    d->serial, d->name, d->n_sans + 1, ca->name, ec ? "ec" : "rsa",
	    p->leaf.len, p->staple.len);
	ret = p;
	wad_keys_products_add(f->products, p, now);
	p = NULL;
out:
	ERR_clear_error();
	OPENSSL_clear_free(made.p, made.len);
	wad_keys_products_drop(p);
	X509_free(x);
	if (ec)
		EVP_PKEY_free(key);
	return ret;
}

/* The same certificate with a response that is young again.  When none can
 * be made it goes on without. */
static struct wad_keys_product *
staple_again(struct wad_keys_forge *f, const struct wad_keys_product *old,
    const struct wad_keys_entry *ca, int64_t now)
{
	struct wad_keys_product	*p = wad_keys_products_make(old->id, ca);
	const uint8_t		*at = old->leaf.p;
	X509			*x = d2i_X509(NULL, &at, (long)old->leaf.len);

	if (x == NULL || fill(p, x, &old->key) == -1) {
		wad_keys_products_drop(p);
		X509_free(x);
		return NULL;
	}
	add_staple(p, x, ca, now);
	X509_free(x);
	wad_keys_products_add(f->products, p, now);	/* old ends here */
	return p;
}

/* One that was made before; NULL. */
static const struct wad_keys_product *
find(struct wad_keys_forge *f, const struct wad_cert_desc *d,
    const struct wad_keys_entry *ca, const uint8_t id[32], int64_t now)
{
	struct wad_keys_product	*p;

	p = wad_keys_products_find(f->products, id, now, now + f->lifetime);
	if (p != NULL && p->staple_until != 0 &&
	    now > p->staple_until - WAD_PRODUCTS_MARGIN &&
	    p->staple_until < p->not_after)
		p = staple_again(f, p, ca, now);
	if (p == NULL)
		return NULL;
	f->again++;
	WAD_COUNT(KEYS_AGAIN);
	WAD_DBG(KEYS, WAD_I, "session=%u name=%s ca='%s' given out again",
	    d->serial, d->name, ca->name);
	return p;
}

int
wad_keys_forge_answer(struct wad_keys_forge *f, struct wad_keys_rate *rate,
    struct wad_msg_in *m, struct wad_msg *out, int64_t now, uint64_t now_ms)
{
	const char			*sans[WAD_DESC_SANS_MAX];
	struct wad_cert_desc		 d;
	const struct wad_keys_entry	*ca;
	const struct wad_keys_product	*p;
	uint8_t				 id[32];
	bool				 staple;
	char				 err[300] = "", shown[100];

	wad_msg_init(out, WAD_MSG_FORGED, m->id);
	if (wad_x509_msg_get(m, &d, sans) == -1)
		return -1;
	if (wad_x509_desc_check(&d, err, sizeof(err)) == -1) {
		refuse(f, out, err);
		return 0;
	}
	ca = wad_keys_store_find(f->store, d.generation, d.ca);
	if (ca == NULL) {
		wad_str_escape(shown, sizeof(shown), d.ca, strlen(d.ca));
		snprintf(err, sizeof(err), "there is no key of a CA '%s'",
		    shown);
		refuse(f, out, err);
		return 0;
	}
	staple = d.staple && wad_x509_staple_can(ca->cert);
	wad_keys_products_id(f->products, &d, ca, staple, id);
	p = find(f, &d, ca, id, now);
	if (p != NULL) {
		accept_product(out, WAD_FORGED_AGAIN, p, ca);
		return 0;
	}
	if (!rate_ok(rate, now_ms)) {
		snprintf(err, sizeof(err), "more than %d certificates asked "
		    "for in a second", WAD_KEYS_RATE);
		refuse(f, out, err);
		return 0;
	}
	p = forge(f, &d, ca, id, staple, now, err, sizeof(err));
	if (p == NULL)
		refuse(f, out, err);
	else
		accept_product(out, WAD_FORGED_NEW, p, ca);
	return 0;
}

int
wad_keys_forge_page(struct wad_keys_forge *f, struct wad_msg_in *m,
    struct wad_msg *out)
{
	static const struct wad_keys_der none;
	const struct wad_keys_entry	*e;
	const char			*name;
	uint64_t			 generation;

	wad_msg_init(out, WAD_MSG_FORGED, m->id);
	if (wad_msg_get_u64(m, &generation) == -1 ||
	    wad_msg_get_str(m, &name) == -1 || wad_msg_end(m) == -1)
		return -1;
	e = wad_keys_store_find(f->store, generation, name);
	if (e == NULL)
		refuse(f, out, "there is no key of such a certificate");
	else if (e->is_ca)
		refuse(f, out, "the key of a CA is never given out");
	else
		accept_with(out, WAD_FORGED_NEW, &e->der, &e->key_der, e,
		    &none, e->not_after);
	return 0;
}
