/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local revocation lists (RFC 5280 section 6.3).
 */
#ifndef WAD_X509_CHECK_CRL_H
#define WAD_X509_CHECK_CRL_H

#include <openssl/x509.h>

#include <stdint.h>

enum wad_crl_says {
	WAD_CRL_NOTHING,	/* no list is by this issuer */
	WAD_CRL_GOOD,
	WAD_CRL_UNUSABLE,	/* there are lists, none that counts */
	WAD_CRL_REVOKED
};
/* What the lists say of x, issued by issuer, at now (seconds). */
enum wad_crl_says wad_x509_check_crl(STACK_OF(X509_CRL) *, X509 *x,
	    X509 *issuer, int64_t now);

#endif
