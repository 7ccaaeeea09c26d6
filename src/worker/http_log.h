/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of requests and responses is written down: records of the web filter,
 * and lines on the console.  Of both the secrets stay out: cookies,
 * credentials, what comes after a '?', and the value of each field that is not
 * known to hold none.
 */
#ifndef WAD_WORKER_HTTP_LOG_H
#define WAD_WORKER_HTTP_LOG_H

#include "base/log.h"
#include "worker/http_filter.h"
#include "worker/session.h"

/* The record of the request's verdict, when the profile wants one; once. */
void	wad_http_log_verdict(struct wad_session *, struct wad_http_tx *);
/* A record of something else about the request; keyword may be NULL. */
void	wad_http_log_found(struct wad_session *, const struct wad_http_tx *,
	    enum wad_log_id, bool blocked, const char *keyword);

/* Lines of the reference. */
void	wad_dump_http_request(const struct wad_session *,
	    const struct wad_http_tx *);
void	wad_dump_http_resp(const struct wad_session *,
	    const struct wad_http_tx *);

#endif
