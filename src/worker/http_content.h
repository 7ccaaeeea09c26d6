/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pages hold: kinds of files (`config webfilter content-header`) and
 * banned words (`config webfilter content`).  Of a page the beginning is kept
 * back until it is judged; behind it words are found as they pass, and end the
 * exchange.
 */
#ifndef WAD_WORKER_HTTP_CONTENT_H
#define WAD_WORKER_HTTP_CONTENT_H

#include "worker/http_filter.h"

/* A request whose answer is to be looked into: only encodings that can be
 * read are asked for. */
enum wad_http_say wad_http_content_request(struct wad_session *,
	    struct wad_http_tx *);
/* A response's head: PASS, HOLD, ANSWER or CUT. */
enum wad_http_say wad_http_content_response(struct wad_session *,
	    struct wad_http_tx *);
/* A piece of its body, len 0: the end.  The same. */
enum wad_http_say wad_http_content_body(struct wad_session *,
	    struct wad_http_tx *, const void *, size_t len);
void	wad_http_content_free(struct wad_content *);	/* NULL allowed */

#endif
