/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is decided about each HTTP request and response of a session.
 */
#ifndef WAD_WORKER_HTTP_FILTER_H
#define WAD_WORKER_HTTP_FILTER_H

#include "http/http.h"
#include "url/url.h"

/* tx->seen: what was found out about a request. */
struct wad_http_seen {
	struct wad_url_verdict	 verdict;
	struct wad_content	*content;	/* http_content.c; NULL */
	struct wad_quota_use	*quota;		/* http_quota.c; NULL */
};

/* For an engine whose owner is a struct wad_session. */
extern const struct wad_http_ops wad_http_filter_ops;

#endif
