/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of a configuration in compiled form (PCRE2 with match limits).
 */
#ifndef WAD_URL_URL_RULES_H
#define WAD_URL_URL_RULES_H

#include <stdbool.h>

#include "url/url.h"

/* The first enabled entry of a URL filter list that matches "host" or
 * "host/path"; NULL. */
const struct wad_uf_entry *wad_url_rules_filter(const struct wad_url_rules *,
	    const struct wad_urlfilter *, const char *host, const char *path);
/* True when the regex of an ssl-exempt entry matches the name. */
bool	wad_url_rules_exempt(const struct wad_url_rules *,
	    const struct wad_exempt *, const char *host);
/* Local rating of a name: number of categories, 0 when there is none. */
size_t	wad_url_rules_local(const struct wad_conf *, const char *host,
	    const char *path, uint16_t *cats, size_t max);

#endif
