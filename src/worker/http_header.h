/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is changed in the heads of messages that pass: nothing, but what QUIC
 * needs, what the profiles say, and the Via of an explicit proxy.
 */
#ifndef WAD_WORKER_HTTP_HEADER_H
#define WAD_WORKER_HTTP_HEADER_H

#include "http/http.h"
#include "worker/session.h"

/* The request has been through this gateway before (Via). */
bool	wad_http_header_loops(const struct wad_session *,
	    const struct wad_http_tx *);
void	wad_http_header_request(struct wad_session *, struct wad_http_tx *);
/* Also for 1xx. */
void	wad_http_header_response(struct wad_session *, struct wad_http_tx *);

#endif
