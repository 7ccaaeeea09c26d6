/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candidate paths from a leaf to trusted roots: depth first, with
 * backtracking, bounded (RFC 4158; OpenSSL takes the first issuer only).
 */
#ifndef WAD_X509_PATH_H
#define WAD_X509_PATH_H

#include <openssl/x509.h>

#include "x509/x509_verify.h"

enum wad_path_end {
	WAD_PATH_ROOT,		/* the last one is trusted */
	WAD_PATH_ALONE,		/* the last one is self-signed, not trusted */
	WAD_PATH_OPEN,		/* nothing at hand has its issuer's name */
	WAD_PATH_FORGED		/* issuers of that name did not sign it */
};
/* Looks at one candidate; true ends the search.  The path is the walk's. */
typedef bool wad_x509_path_fn(STACK_OF(X509) *path, enum wad_path_end,
	    void *arg);

/* Calls fn for each path that ends at a trusted root, best hopes first; when
 * there is none, once for the best of the others.  Every signature in a path
 * was checked.  0, or -1 when a bound ended the walk. */
int	wad_x509_path_walk(const struct wad_x509_ask *, wad_x509_path_fn *,
	    void *arg);

#endif
