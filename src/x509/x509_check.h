/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for certificates that X509_verify_cert does not know or does not keep
 * (RFC 5280, CA/Browser Forum Baseline Requirements).
 */
#ifndef WAD_X509_CHECK_H
#define WAD_X509_CHECK_H

#include <openssl/x509v3.h>

#include "x509/x509_verify.h"

/* NULL, or what is wrong with this leaf whatever its path: a static text.
 * names are its alternative names, NULL when there are none (decoding 1,000
 * of them costs more than a signature, so it is done once). */
const char *wad_x509_check_leaf(X509 *, const GENERAL_NAMES *names,
	    enum wad_x509_use);
/* NULL, or why these certificates must not even be verified, whoever signed
 * them: it would take too long. */
const char *wad_x509_check_effort(const struct wad_x509_ask *,
	    const GENERAL_NAMES *leaf_names);
/* NULL, or what is wrong with the rest of a path (leaf .. anchor, trusted or
 * not) that X509_verify_cert likes, and at which depth: a static text. */
const char *wad_x509_check_path(STACK_OF(X509) *path,
	    const GENERAL_NAMES *names, bool trusted, unsigned depth_max,
	    enum wad_x509_use, int *depth);

#endif
