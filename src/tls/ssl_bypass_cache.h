/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers that a profile lets pass uninspected because they cannot be
 * inspected (they ask for a client certificate, speak no version of ours):
 * remembered so that the next connection need not fail first.
 */
#ifndef WAD_TLS_SSL_BYPASS_CACHE_H
#define WAD_TLS_SSL_BYPASS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

enum { WAD_BYPASS_TTL = 300, WAD_BYPASS_MAX = 8192 };

/* True when (server, name) is to pass: line 26.  scope is all that the
 * decision hung on besides: configuration, policy, what the client can. */
bool	wad_ssl_bypass_cache_find(const struct wad_addr *dst,
	    const char *host, uint64_t scope);
void	wad_ssl_bypass_cache_add(const struct wad_addr *dst, const char *host,
	    uint64_t scope);

#endif
