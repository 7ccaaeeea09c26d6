/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's side of wad-lookup: is a path revoked, who issued this.
 */
#ifndef WAD_WORKER_LOOKUP_H
#define WAD_WORKER_LOOKUP_H

#include <openssl/x509.h>

#include "worker/worker.h"
#include "x509/x509_revoke.h"

/* Certificates of a path that can be asked about. */
enum { WAD_LOOKUP_PATH_MAX = 10 };

/* Can this path be asked about? */
bool	wad_lookup_fits(const STACK_OF(X509) *path);
/* Asks wad-lookup about every certificate of path but the root; fn gets the
 * answer once, unless cancelled (wad_ask_cancel).  path: leaf, its issuer,
 * ... root.  The id; 0 when the table is full or the path is too long. */
uint32_t wad_lookup_status(struct wad_worker *, STACK_OF(X509) *path,
	    unsigned deadline_ms, wad_ask_fn *, void *arg);
/* Reads the answer: the worst of the path, and (unless NULL) the depth of the
 * certificate it is about.  NULL: no answer came, TIMEOUT.  0, or -1 when the
 * message is bad (FAILURE then). */
int	wad_lookup_status_get(struct wad_msg_in *, struct wad_x509_status *,
	    unsigned *depth);

/* Asks for the certificates above cert, which the server did not send.  The
 * id, or 0 when the table is full. */
uint32_t wad_lookup_issuers(struct wad_worker *, X509 *cert,
	    unsigned deadline_ms, wad_ask_fn *, void *arg);
/* Reads the answer: candidates from cert's issuer upwards, not verified, at
 * most 4; the caller frees them.  NULL: none. */
STACK_OF(X509) *wad_lookup_issuers_get(struct wad_msg_in *);

#endif
