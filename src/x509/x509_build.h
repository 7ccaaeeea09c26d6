/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate from a description; used by wad-keys only.
 */
#ifndef WAD_X509_BUILD_H
#define WAD_X509_BUILD_H

#include <openssl/x509.h>

#include "x509/x509_desc.h"

/* Checks a description: names valid and bounded, key type known.  0, or -1
 * with a reason. */
int	wad_x509_desc_check(const struct wad_cert_desc *, char *err,
	    size_t errsize);

/* Builds and signs; NULL with a reason in err.  key is the leaf's (not
 * consumed).  lifetime in seconds. */
X509	*wad_x509_build_leaf(const struct wad_cert_desc *, X509 *ca,
	    EVP_PKEY *ca_key, EVP_PKEY *key, int64_t now, int64_t lifetime,
	    char *err, size_t errsize);
/* A self-signed CA (EC P-256, 10 years); both owned by the caller.  0/-1. */
int	wad_x509_build_ca(const char *cn, X509 **, EVP_PKEY **);
/* A fresh leaf key; NULL on failure. */
EVP_PKEY *wad_x509_build_key(enum wad_key_type);

#endif
