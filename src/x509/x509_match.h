/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this certificate for that name?  RFC 6125 / RFC 9525: only SANs count,
 * wildcards only as the whole left-most label, addresses only as iPAddress.
 */
#ifndef WAD_X509_MATCH_H
#define WAD_X509_MATCH_H

#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>

/* name is canonical (host or IP).  matched (may be NULL) gets the SAN that
 * matched, escaped. */
bool	wad_x509_match_name(X509 *, const char *name, char *matched,
	    size_t size);

#endif
