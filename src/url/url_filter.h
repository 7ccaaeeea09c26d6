/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAD_URL_URL_FILTER_H
#define WAD_URL_URL_FILTER_H

#include "url/url.h"

/* Lines 21 and 23: what the filter says so far.  where is the caller's
 * name, verdict whether the rating has just come in. */
void	wad_url_filter_dump_result(const char *where, bool fresh,
	    const struct wad_url_ask *, const struct wad_url_verdict *);

#endif
