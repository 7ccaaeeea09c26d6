/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA of the test's own, as text.
 */
#ifndef CA_PEM_H
#define CA_PEM_H

#include <check.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "bio_text.h"
#include "x509/x509_build.h"

static char	*ca_pem, *key_pem;

static void
make_ca(void)
{
	BIO		*a = BIO_new(BIO_s_mem()), *b = BIO_new(BIO_s_mem());
	X509		*x;
	EVP_PKEY	*k;

	free(ca_pem);
	free(key_pem);
	ck_assert_int_eq(wad_x509_build_ca("CA", &x, &k), 0);
	PEM_write_bio_X509(a, x);
	PEM_write_bio_PrivateKey(b, k, NULL, NULL, 0, NULL, NULL);
	ca_pem = bio_text(a);
	key_pem = bio_text(b);
	X509_free(x);
	EVP_PKEY_free(k);
}

#endif
