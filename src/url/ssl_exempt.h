/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAD_URL_SSL_EXEMPT_H
#define WAD_URL_SSL_EXEMPT_H

#include "url/url.h"

/* Line 18. */
void	wad_ssl_url_filter_check_local(const struct wad_url_ask *,
	    const struct wad_wf_profile *);
/* Lines 16 and 19. */
void	wad_url_fetch_cate2(const struct wad_url_ask *);
/* Lines 22 and 24: kind and name of the list, and its categories. */
void	wad_url_choose_cate(const struct wad_url_verdict *, const char *kind,
	    const char *name, const uint16_t *conf, size_t n_conf);

#endif
