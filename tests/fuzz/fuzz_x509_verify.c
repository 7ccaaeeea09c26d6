/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte of flags, then certificates, each with its length in two bytes: the
 * leaf, the others that were sent, the last one trusted.  With a flag all are
 * signed anew with one key, so that changes get past the signatures.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/xmem.h"
#include "x509/x509_match.h"
#include "x509/x509_read.h"
#include "x509/x509_verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { CERTS_MAX = 12 };
enum { SIGN = 1, CLIENT = 2, NO_NAME = 4, IP = 8, HELPERS = 16 };

static STACK_OF(X509) *
certs(const uint8_t *p, size_t size, EVP_PKEY *key)
{
	STACK_OF(X509)	*list = sk_X509_new_null();

	while (size > 2 && sk_X509_num(list) < CERTS_MAX) {
		size_t		 len = (size_t)(p[0] << 8 | p[1]);
		const uint8_t	*q = p += 2;
		X509		*x;

		size -= 2;
		if (len > size)
			len = size;
		x = d2i_X509(NULL, &q, (long)len);
		if (x != NULL && key != NULL && (X509_set_pubkey(x, key) != 1 ||
		    X509_sign(x, key, EVP_sha256()) <= 0)) {
			X509_free(x);
			x = NULL;
		}
		if (x != NULL)
			sk_X509_push(list, x);
		p += len;
		size -= len;
	}
	return list;
}

static void
sane(const struct wad_x509_ask *a, const struct wad_x509_verdict *v)
{
	WAD_ASSERT(v->good == !(v->expired || v->untrusted || v->wrong_name ||
	    v->revoked || v->crl_missing || v->denied || v->invalid));
	WAD_ASSERT(v->text[0] != '\0' && v->good == (strcmp(v->text, "good") ==
	    0));
	WAD_ASSERT(!v->incomplete || v->untrusted);
	WAD_ASSERT(!v->denied || v->invalid);
	WAD_ASSERT(v->tried <= 101);
	if (!v->good)
		return;
	WAD_ASSERT(a->name == NULL ||
	    wad_x509_match_name(a->leaf, a->name, NULL, 0));
	WAD_ASSERT(v->path != NULL && sk_X509_value(v->path, 0) == a->leaf);
	WAD_ASSERT(v->valid_from <= a->now && a->now <= v->valid_until);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static EVP_PKEY		*key;
	STACK_OF(X509)		*list;
	struct wad_x509_verdict	 v;
	struct wad_x509_ask	 a = { .name = "www.example.com" };

	if (key == NULL)
		key = EVP_EC_gen("P-256");
	if (size < 1)
		return 0;
	list = certs(data + 1, size - 1, data[0] & SIGN ? key : NULL);
	if (sk_X509_num(list) > 0) {
		a.leaf = sk_X509_value(list, 0);
		a.store = X509_STORE_new();
		WAD_ASSERT(a.store != NULL);
		X509_STORE_add_cert(a.store, sk_X509_value(list,
		    sk_X509_num(list) - 1));
		if (data[0] & HELPERS)
			a.helpers = list;
		else
			a.sent = list;
		a.use = data[0] & CLIENT ? WAD_X509_CLIENT : WAD_X509_SERVER;
		if (data[0] & IP)
			a.name = "10.0.0.1";
		if (data[0] & NO_NAME)
			a.name = NULL;
		if (wad_x509_read_time(X509_get0_notBefore(a.leaf), &a.now) ==
		    0)
			a.now++;
		wad_x509_verify(&a, &v);
		sane(&a, &v);
		wad_x509_verify_clear(&v);
		X509_STORE_free(a.store);
	}
	sk_X509_pop_free(list, X509_free);
	ERR_clear_error();
	return 0;
}
