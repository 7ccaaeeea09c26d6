/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of a configuration in compiled form (PCRE2 with match limits).
 */
#ifndef WAD_URL_URL_RULES_H
#define WAD_URL_URL_RULES_H

#include <stdbool.h>

#include "url/url.h"

/* The first enabled entry of a URL filter list of the configuration that
 * matches the host or host and path (as sent, with its query; NULL: not
 * known); NULL.  referrer: canonical host that refers there, or NULL. */
const struct wad_uf_entry *wad_url_rules_filter(struct wad_url_rules *,
	    const struct wad_urlfilter *, const char *host, const char *path,
	    const char *referrer);
/* True when the regex of an ssl-exempt entry matches the name. */
bool	wad_url_rules_exempt(struct wad_url_rules *,
	    const struct wad_exempt *, const char *host);
/* Local rating of a name: number of categories, 0 when there is none. */
size_t	wad_url_rules_local(struct wad_url_rules *, const char *host,
	    const char *path, uint16_t *cats, size_t max);
/* The compiled words of a list of the configuration. */
struct wad_url_words *wad_url_rules_words(struct wad_url_rules *,
	    const struct wad_content_list *);
/* The first entry of a list that matches a Content-Type, for pages of this
 * category; NULL. */
const struct wad_content_header *wad_url_rules_type(struct wad_url_rules *,
	    const struct wad_content_headers *, const char *type,
	    uint16_t cat);

#endif
