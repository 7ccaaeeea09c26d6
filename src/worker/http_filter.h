/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is decided about each HTTP request and response of a session.
 */
#ifndef WAD_WORKER_HTTP_FILTER_H
#define WAD_WORKER_HTTP_FILTER_H

#include "http/http.h"

/* For an engine whose owner is a struct wad_session. */
extern const struct wad_http_ops wad_http_filter_ops;

#endif
