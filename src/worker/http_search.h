/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Search engines: what is searched for, and that they leave out what is not
 * for everybody.
 */
#ifndef WAD_WORKER_HTTP_SEARCH_H
#define WAD_WORKER_HTTP_SEARCH_H

#include "conf/conf_snap.h"
#include "http/message.h"

/* The words of a search, decoded, when the request is one of an engine that
 * is known; false: it is none, out is empty then. */
bool	wad_http_search_words(const struct wad_http_head *,
	    struct wad_str *out);
/* The keyword of the profile that is in these words, without regard to the
 * case of ASCII letters; NULL. */
const char *wad_http_search_keyword(const struct wad_wf_profile *,
	    const char *words);
/* safe-search, youtube-restrict and vimeo-restrict: changes the request.
 * True when something was changed. */
bool	wad_http_search_safe(const struct wad_wf_profile *,
	    struct wad_http_head *);

#endif
