/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of wad-keys.  The parent sends all keys of a generation before
 * its configuration; each is parsed once, here, and lives until a later
 * generation is committed.  This is the only place of the whole program
 * where a CA's private key is an object in memory.
 */
#include "keys/keys_store.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "keys/keys_sealed.h"
#include "x509/x509_build.h"
#include "x509/x509_read.h"

struct keyset {
	uint64_t		 generation;
	struct wad_keys_entry	*first;
	unsigned		 n;
	bool			 prepared;	/* its configuration came too */
};

struct wad_keys_store {
	struct keyset	*cur, *pending;		/* NULL: none yet */
};

static void
entry_free(struct wad_keys_entry *e)
{
	free(e->name);
	free(e->bad);
	X509_free(e->cert);
	EVP_PKEY_free(e->key);
	OPENSSL_free(e->der.p);
	OPENSSL_clear_free(e->key_der.p, e->key_der.len);
	OPENSSL_cleanse(e->seal_key, sizeof(e->seal_key));
	for (size_t i = 0; i < e->n_chain; i++)
		OPENSSL_free(e->chain[i].p);
	for (size_t i = 0; i < e->n_constrained; i++)
		X509_free(e->constrained[i]);
	free(e);
}

static void
keyset_free(struct keyset *s)
{
	struct wad_keys_entry *e;

	if (s == NULL)
		return;
	while ((e = s->first) != NULL) {
		s->first = e->next;
		entry_free(e);
	}
	free(s);
}

static struct keyset *
keyset_new(uint64_t generation)
{
	struct keyset *s = wad_xcalloc(1, sizeof(*s));

	s->generation = generation;
	return s;
}

struct wad_keys_store *
wad_keys_store_new(void)
{
	return wad_xcalloc(1, sizeof(struct wad_keys_store));
}

void
wad_keys_store_free(struct wad_keys_store *s)
{
	if (s == NULL)
		return;
	keyset_free(s->cur);
	keyset_free(s->pending);
	free(s);
}

static int
no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf, (void)size, (void)rwflag;
	*(bool *)arg = true;		/* it is encrypted */
	return -1;
}

static EVP_PKEY *
read_key(const char *pem, char *err, size_t errsize)
{
	BIO		*bio = BIO_new_mem_buf(pem, -1);	/* no copy */
	EVP_PKEY	*key;
	bool		 encrypted = false;

	key = bio == NULL ? NULL :
	    PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &encrypted);
	BIO_free(bio);
	if (key == NULL)
		snprintf(err, errsize, encrypted ?
		    "the private key is encrypted and no password fits" :
		    "the private key cannot be read (not PEM, or damaged)");
	ERR_clear_error();
	return key;
}

static int
to_der(X509 *x, struct wad_keys_der *d)
{
	int len = i2d_X509(x, &d->p);

	d->len = len > 0 ? (size_t)len : 0;
	return len > 0 ? 0 : -1;
}

/* The chain above the certificate, as far as each issued the one before. */
static int
read_chain(struct wad_keys_entry *e, STACK_OF(X509) *list)
{
	for (int i = e->is_ca ? 0 : 1; i < sk_X509_num(list) &&
	    e->n_chain < WAD_KEYS_CHAIN_MAX; i++) {
		X509 *x = sk_X509_value(list, i);

		if (i > 0 && X509_check_issued(x,
		    sk_X509_value(list, i - 1)) != X509_V_OK) {
			wad_log_event("warning",
			    "certificate '%s': its chain breaks at number %d",
			    e->name, i + 1);
			break;
		}
		if (X509_get_extension_flags(x) & EXFLAG_SS)
			break;		/* a client has the root or not */
		if (to_der(x, &e->chain[e->n_chain]) == -1)
			return -1;
		e->n_chain++;
		if (i > 0 && X509_get_ext_by_NID(x, NID_name_constraints,
		    -1) >= 0) {
			X509_up_ref(x);
			e->constrained[e->n_constrained++] = x;
		}
	}
	return 0;
}

/* Who it is, and the key of what it seals; 0 or -1. */
static int
identify(struct wad_keys_entry *e)
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	uint8_t		*der = NULL;
	size_t		 len;
	bool		 ok;

	ok = ctx != NULL &&
	    EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, e->der.p, e->der.len) == 1;
	for (size_t i = 0; ok && i < e->n_chain; i++)
		ok = EVP_DigestUpdate(ctx, e->chain[i].p,
		    e->chain[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, e->id, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok || !e->is_ca)
		return ok ? 0 : -1;
	len = wad_x509_build_key_der(e->key, &der);
	ok = len > 0 && wad_keys_sealed_key(der, len, e->id,
	    e->seal_key) == 0;
	OPENSSL_clear_free(der, len);
	return ok ? 0 : -1;
}

static int
entry_read(struct wad_keys_entry *e, const char *cert_pem,
    const char *key_pem, char *err, size_t errsize)
{
	STACK_OF(X509)	*list;
	int		 ret = -1;

	list = wad_x509_read_pem(cert_pem, strlen(cert_pem), err, errsize);
	if (list == NULL)
		return -1;
	e->cert = sk_X509_value(list, 0);
	X509_up_ref(e->cert);
	e->key = read_key(key_pem, err, errsize);
	if (e->key == NULL)
		goto out;
	if (X509_check_private_key(e->cert, e->key) != 1) {
		snprintf(err, errsize, "the private key does not belong to "
		    "the certificate");
		goto out;
	}
	/* Any sign of a CA, not only a proper one, keeps the key inside. */
	e->is_ca = X509_check_ca(e->cert) != 0;
	if (wad_x509_read_time(X509_get0_notAfter(e->cert),
	    &e->not_after) == -1 || to_der(e->cert, &e->der) == -1 ||
	    read_chain(e, list) == -1) {
		snprintf(err, errsize, "the certificate cannot be read");
		goto out;
	}
	if (identify(e) == -1) {
		snprintf(err, errsize, "the private key cannot be used");
		goto out;
	}
	if (!e->is_ca) {
		e->key_der.len = wad_x509_build_key_der(e->key,
		    &e->key_der.p);
		if (e->key_der.len == 0) {
			snprintf(err, errsize,
			    "the private key cannot be encoded");
			goto out;
		}
	}
	ret = 0;
out:
	ERR_clear_error();
	sk_X509_pop_free(list, X509_free);
	return ret;
}

static struct wad_keys_entry *
keyset_find(const struct keyset *s, const char *name)
{
	struct wad_keys_entry *e = s == NULL ? NULL : s->first;

	while (e != NULL && strcmp(e->name, name) != 0)
		e = e->next;
	return e;
}

int
wad_keys_store_add(struct wad_keys_store *s, uint64_t generation,
    const char *name, const char *cert_pem, const char *key_pem)
{
	struct wad_keys_entry	*e, **pp;
	char			 err[200] = "";

	if (s->pending == NULL || s->pending->generation != generation) {
		keyset_free(s->pending);
		s->pending = keyset_new(generation);
	}
	if (s->pending->n >= WAD_KEYS_MAX)
		return -1;
	/* The same name again: the later one counts. */
	for (pp = &s->pending->first; (e = *pp) != NULL; pp = &e->next)
		if (strcmp(e->name, name) == 0) {
			*pp = e->next;
			entry_free(e);
			s->pending->n--;
			break;
		}
	e = wad_xcalloc(1, sizeof(*e));
	e->name = wad_xstrdup(name);
	if (entry_read(e, cert_pem, key_pem, err, sizeof(err)) == -1)
		e->bad = wad_xstrdup(err);
	e->next = s->pending->first;
	s->pending->first = e;
	s->pending->n++;
	WAD_DBG(KEYS, WAD_V, "generation=%llu key '%s' %s",
	    (unsigned long long)generation, name, e->bad != NULL ? e->bad :
	    e->is_ca ? "of a CA" : "of a server");
	return 0;
}

int
wad_keys_store_prepare(struct wad_keys_store *s, const struct wad_conf *conf,
    char *err, size_t errsize)
{
	const struct wad_keys_entry *e;

	if (s->pending == NULL || s->pending->generation != conf->generation) {
		keyset_free(s->pending);
		s->pending = keyset_new(conf->generation);
	}
	s->pending->prepared = true;
	for (size_t i = 0; i < conf->n_certs; i++) {
		if (!conf->certs[i].has_key)
			continue;
		e = keyset_find(s->pending, conf->certs[i].name);
		if (e != NULL && e->bad == NULL)
			continue;
		snprintf(err, errsize, "certificate '%s': %s",
		    conf->certs[i].name, e == NULL ?
		    "its private key did not arrive" : e->bad);
		return -1;
	}
	return 0;
}

void
wad_keys_store_commit(struct wad_keys_store *s)
{
	if (s->pending == NULL || !s->pending->prepared)
		return;
	keyset_free(s->cur);
	s->cur = s->pending;
	s->pending = NULL;
}

void
wad_keys_store_abort(struct wad_keys_store *s)
{
	/* Keys of yet another generation may have begun to come. */
	if (s->pending == NULL || !s->pending->prepared)
		return;
	keyset_free(s->pending);
	s->pending = NULL;
}

const struct wad_keys_entry *
wad_keys_store_find(const struct wad_keys_store *s, uint64_t generation,
    const char *name)
{
	const struct wad_keys_entry	*e;
	const struct keyset		*set = s->cur;

	/* A worker may commit a moment before we do. */
	if (s->pending != NULL && s->pending->generation == generation)
		set = s->pending;
	e = keyset_find(set, name);
	return e == NULL || e->bad != NULL ? NULL : e;
}

static const struct wad_keys_entry *
keyset_by_id(const struct keyset *s, const uint8_t *id, size_t len)
{
	const struct wad_keys_entry *e = s == NULL ? NULL : s->first;

	while (e != NULL && (e->bad != NULL || !e->is_ca ||
	    memcmp(e->id, id, len) != 0))
		e = e->next;
	return e;
}

const struct wad_keys_entry *
wad_keys_store_by_id(const struct wad_keys_store *s, const uint8_t *id,
    size_t len)
{
	const struct wad_keys_entry *e = keyset_by_id(s->cur, id, len);

	return e != NULL ? e : keyset_by_id(s->pending, id, len);
}

bool
wad_keys_store_ready(const struct wad_keys_store *s)
{
	return s->cur != NULL;
}
