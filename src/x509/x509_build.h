/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate from a description; used by wad-keys only.  (The parent uses
 * wad_x509_build_ca for the CAs of the first start.)
 */
#ifndef WAD_X509_BUILD_H
#define WAD_X509_BUILD_H

#include <openssl/x509.h>

#include <stdbool.h>

#include "x509/x509_desc.h"

/* Checks a description: names valid and bounded, key type known.  0, or -1
 * with a reason. */
int	wad_x509_desc_check(const struct wad_cert_desc *, char *err,
	    size_t errsize);

/* Builds and signs; NULL with a reason in err.  key is the leaf's (not
 * consumed).  lifetime in seconds.  The result is for encoding: its public
 * key is kept as bytes only, so parse the DER again to verify with it. */
X509	*wad_x509_build_leaf(const struct wad_cert_desc *, X509 *ca,
	    EVP_PKEY *ca_key, EVP_PKEY *key, int64_t now, int64_t lifetime,
	    char *err, size_t errsize);
/* May this CA sign now?  0, or -1 with a reason. */
int	wad_x509_build_ca_usable(X509 *ca, int64_t now, char *err,
	    size_t errsize);
/* Do this CA's name constraints, if it has any, allow all names of the leaf?
 * (build_leaf asks for its own CA; this is for the CAs above.) */
bool	wad_x509_build_allowed(X509 *leaf, X509 *ca);
/* A self-signed CA (EC P-256, 10 years); both owned by the caller.  0/-1. */
int	wad_x509_build_ca(const char *cn, X509 **, EVP_PKEY **);
/* A fresh leaf key; NULL on failure. */
EVP_PKEY *wad_x509_build_key(enum wad_key_type);
/* The private key as PKCS #8 DER; its length, 0 on failure.  The caller
 * frees *der with OPENSSL_clear_free. */
size_t	wad_x509_build_key_der(EVP_PKEY *, uint8_t **der);
/* The digest that a CA's key signs with; NULL with *ok true when the algorithm
 * has its own, with *ok false when the key cannot sign. */
const EVP_MD *wad_x509_build_digest(EVP_PKEY *, bool *ok);
/* Frees what is kept between two certificates (at the end of a program). */
void	wad_x509_build_cleanup(void);

#endif
