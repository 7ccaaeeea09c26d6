/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forges.  What a worker asks for is only a wish: the description is checked
 * again here, the certificate is built here, and whatever the worker says it
 * gets a short-lived server certificate at most, with a line in the journal.
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

int
wad_keys_forge_init(struct wad_keys_forge *f, struct wad_keys_store *store,
    struct wad_keys_journal *journal)
{
	memset(f, 0, sizeof(*f));
	f->store = store;
	f->journal = journal;
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
	wad_msg_add_u32(out, 0);
	wad_msg_add_str(out, why);
	wad_msg_add_blob(out, "", 0);
	wad_msg_add_blob(out, "", 0);
	wad_msg_add_u32(out, 0);
	wad_msg_add_u64(out, 0);
	WAD_DBG(KEYS, WAD_I, "refused: %s", why);
}

static void
accept_with(struct wad_msg *out, const struct wad_keys_der *leaf,
    const struct wad_keys_der *key, const struct wad_keys_entry *e,
    int64_t not_after)
{
	wad_msg_add_u32(out, 1);
	wad_msg_add_str(out, "");
	wad_msg_add_blob(out, leaf->p, leaf->len);
	wad_msg_add_blob(out, key->p, key->len);
	wad_msg_add_u32(out, (uint32_t)e->n_chain);
	for (size_t i = 0; i < e->n_chain; i++)
		wad_msg_add_blob(out, e->chain[i].p, e->chain[i].len);
	wad_msg_add_u64(out, (uint64_t)not_after);
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

/* Builds, notes and answers; err says why not. */
static int
forge(struct wad_keys_forge *f, const struct wad_cert_desc *d,
    const struct wad_keys_entry *ca, struct wad_msg *out, int64_t now,
    char *err, size_t errsize)
{
	bool			 ec = d->key_type == WAD_KEY_EC;
	EVP_PKEY		*key = ec ? wad_x509_build_key(WAD_KEY_EC) :
	    f->rsa;
	struct wad_keys_der	 leaf = { 0 }, made = { 0 };
	X509			*x = NULL;
	int64_t			 not_after;
	int			 len, ret = -1;

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
	len = i2d_X509(x, &leaf.p);
	if (len <= 0 || wad_x509_read_time(X509_get0_notAfter(x),
	    &not_after) == -1) {
		snprintf(err, errsize, "the certificate cannot be encoded");
		goto out;
	}
	leaf.len = (size_t)len;
	wad_keys_journal_issue(f->journal, d, x, now);
	f->issued++;
	if (!ec)
		f->rsa_used = true;
	accept_with(out, &leaf, ec ? &made : &f->rsa_der, ca, not_after);
	WAD_DBG(KEYS, WAD_I,
	    "session=%u name=%s names=%zu ca='%s' key=%s bytes=%zu",
	    d->serial, d->name, d->n_sans + 1, ca->name, ec ? "ec" : "rsa",
	    leaf.len);
	ret = 0;
out:
	ERR_clear_error();
	OPENSSL_free(leaf.p);
	OPENSSL_clear_free(made.p, made.len);
	X509_free(x);
	if (ec)
		EVP_PKEY_free(key);
	return ret;
}

int
wad_keys_forge_answer(struct wad_keys_forge *f, struct wad_keys_rate *rate,
    struct wad_msg_in *m, struct wad_msg *out, int64_t now, uint64_t now_ms)
{
	const char			*sans[WAD_DESC_SANS_MAX];
	struct wad_cert_desc		 d;
	const struct wad_keys_entry	*ca;
	char				 err[300] = "", shown[100];

	wad_msg_init(out, WAD_MSG_FORGED, m->id);
	if (wad_x509_msg_get(m, &d, sans) == -1)
		return -1;
	if (!rate_ok(rate, now_ms)) {
		snprintf(err, sizeof(err), "more than %d certificates asked "
		    "for in a second", WAD_KEYS_RATE);
		refuse(f, out, err);
		return 0;
	}
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
	if (forge(f, &d, ca, out, now, err, sizeof(err)) == -1)
		refuse(f, out, err);
	return 0;
}

int
wad_keys_forge_page(struct wad_keys_forge *f, struct wad_msg_in *m,
    struct wad_msg *out)
{
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
		accept_with(out, &e->der, &e->key_der, e, e->not_after);
	return 0;
}
