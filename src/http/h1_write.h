/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of HTTP/1.1 messages from the model: "Name: value", in the order and
 * the case in which they came.
 */
#ifndef WAD_HTTP_H1_WRITE_H
#define WAD_HTTP_H1_WRITE_H

#include "http/message.h"

/* Appends a request's head.  whole: the target as a whole URI, for a proxy and
 * where it came as one. */
void	wad_h1_write_request(struct wad_str *out, const struct wad_http_head *,
	    bool whole);
void	wad_h1_write_response(struct wad_str *out,
	    const struct wad_http_head *);
/* Fields and the empty line behind them. */
void	wad_h1_write_fields(struct wad_str *out, const struct wad_http_head *);

/* Takes out of trailers what may not stand there (RFC 9110 section 6.5.1):
 * what frames, routes, changes or authenticates a message. */
void	wad_h1_write_clean_trailers(struct wad_http_head *);
/* Takes out what is for this connection only (RFC 9110 section 7.6.1), the
 * names that Connection lists among it; upgrade: but for Upgrade. */
void	wad_h1_write_clean_hops(struct wad_http_head *, bool upgrade);
/* Takes an offer of h2c out (Upgrade, HTTP2-Settings). */
void	wad_h1_write_clean_h2c(struct wad_http_head *);

#endif
