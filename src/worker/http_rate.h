/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rating of requests.
 */
#ifndef WAD_WORKER_HTTP_RATE_H
#define WAD_WORKER_HTTP_RATE_H

#include "worker/http_filter.h"

/* The step that fills tx->seen: verdict and rated. */
wad_http_step	wad_http_rate_request;
/* Would what this reference names be blocked?  Not when it names no host. */
bool	wad_http_rate_leads_to_blocked(struct wad_session *, const char *url);

#endif
