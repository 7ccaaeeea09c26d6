/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that openwad itself serves: errors of the proxy and blocked sites.
 * Fixed templates, fields escaped for HTML; nothing of the request is echoed
 * but host, port and path.
 */
#ifndef WAD_HTTP_PAGE_H
#define WAD_HTTP_PAGE_H

#include <stdint.h>

#include "http/message.h"

struct wad_page {
	int		 status;	/* 403, 502, ... */
	const char	*title;		/* NULL: from the status */
	const char	*host;		/* name asked for, or NULL */
	const char	*url;		/* or NULL */
	const char	*category;	/* name, or NULL */
	const char	*reason;	/* text of the reason */
	const char	*reason_name;	/* "blocked" */
	uint32_t	 policy;
	uint32_t	 session;
	const char	*gateway;	/* host name of the gateway */
};

/* The page as an answer of http.h: status and fields into res (which is
 * emptied first), the text into body. */
void	wad_page_answer(const struct wad_page *, struct wad_http_head *res,
	    struct wad_str *body);
/* Appends a whole HTTP/1.1 response with Connection: close. */
void	wad_page_write(const struct wad_page *, struct wad_str *out);
/* As above without a body, for HEAD. */
void	wad_page_write_head(const struct wad_page *, struct wad_str *out);

#endif
