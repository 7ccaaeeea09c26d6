/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAD_URL_URL_REQUEST_H
#define WAD_URL_URL_REQUEST_H

#include "url/url.h"

/* Rates a name: local ratings first, then the database.  Fills categories,
 * source and list of the verdict: line 20. */
void	wad_send_url_request_new(const struct wad_url_ask *,
	    struct wad_url_verdict *);
/* The database alone, where the local rating decides nothing. */
void	wad_url_request_db(const struct wad_url_ask *,
	    struct wad_url_verdict *);

#endif
