/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP responses for forged certificates, signed by the CA itself (RFC 6960).
 */
#ifndef WAD_X509_STAPLE_H
#define WAD_X509_STAPLE_H

#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May this CA's key sign responses?  (keyUsage digitalSignature, or none.) */
bool	wad_x509_staple_can(X509 *ca);
/* The response "good" for a leaf of this CA, from a few minutes ago (never
 * before the leaf begins) until the time given (seconds since the epoch).  Its length, 0 on failure; the
 * caller frees *der with OPENSSL_free. */
size_t	wad_x509_staple_make(X509 *leaf, X509 *ca, EVP_PKEY *ca_key,
	    int64_t now, int64_t until, uint8_t **der);

#endif
