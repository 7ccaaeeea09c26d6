/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this certificate for that name?  RFC 6125 / RFC 9525: only SANs count,
 * wildcards only as the whole left-most label and not for everybody below a
 * registry's suffix, addresses only as iPAddress.
 */
#ifndef WAD_X509_MATCH_H
#define WAD_X509_MATCH_H

#include <openssl/x509v3.h>

#include <stdbool.h>
#include <stddef.h>

/* name is canonical (host or IP).  matched (may be NULL) gets the SAN that
 * matched, escaped. */
bool	wad_x509_match_name(X509 *, const char *name, char *matched,
	    size_t size);
/* The same for names that were decoded already; NULL: none. */
bool	wad_x509_match_names(const GENERAL_NAMES *, const char *name,
	    char *matched, size_t size);
/* False when the common name tells another story than the alternative names
 * (BR section 7.1.4.3): an address that is not one of them or is spelled in
 * another way, or a host unrelated to all of them.  Other texts ("Lab server")
 * are right. */
bool	wad_x509_match_cn(X509 *, const GENERAL_NAMES *names);

#endif
