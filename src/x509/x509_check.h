/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for certificates that X509_verify_cert does not know or does not keep
 * (RFC 5280, CA/Browser Forum Baseline Requirements).
 */
#ifndef WAD_X509_CHECK_H
#define WAD_X509_CHECK_H

#include <openssl/x509.h>

#include "x509/x509_verify.h"

/* NULL, or what is wrong with this leaf whatever its path: a static text. */
const char *wad_x509_check_leaf(X509 *, enum wad_x509_use);
/* NULL, or what is wrong with the rest of a path (leaf .. anchor, trusted or
 * not) that X509_verify_cert likes, and at which depth: a static text. */
const char *wad_x509_check_path(STACK_OF(X509) *path, bool trusted,
	    unsigned depth_max, int *depth);

#endif
