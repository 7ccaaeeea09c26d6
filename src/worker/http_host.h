/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps of requests (http_filter.h) about the host that they name.
 */
#ifndef WAD_WORKER_HTTP_HOST_H
#define WAD_WORKER_HTTP_HOST_H

#include "worker/http_filter.h"

/* The option block-invalid-url. */
wad_http_step	wad_http_host_valid;
/* domain-fronting: another host than that of the TLS connection. */
wad_http_step	wad_http_host_fronting;

#endif
