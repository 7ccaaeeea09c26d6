/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of HTTP/1.1 messages, and trailers: text to struct wad_http_head, so
 * strictly that no second parser can read them differently.
 */
#ifndef WAD_HTTP_H1_HEAD_H
#define WAD_HTTP_H1_HEAD_H

#include "http/http.h"

enum wad_h1_kind { WAD_H1_REQUEST, WAD_H1_RESPONSE,
	WAD_H1_REQUEST_TRAILERS, WAD_H1_RESPONSE_TRAILERS };

/* How far a head was looked at. */
struct wad_h1_head {
	enum wad_h1_kind kind;
	const struct wad_http_limits *limits;
	size_t		 seen, line;	/* bytes; where the line begins */
	unsigned	 lines;
	unsigned	 status;	/* on error: 400, 414, 431, 502... */
	char		 error[160];	/* what is wrong */
};

/* The next head; limits must outlive it. */
void	wad_h1_head_begin(struct wad_h1_head *, enum wad_h1_kind,
	    const struct wad_http_limits *);
/* Looks at the bytes received so far (the same each time, with more behind
 * them).  1: the head is complete and takes h->seen bytes; 0: need more; -1:
 * bad, h->status and h->error say why. */
int	wad_h1_head_scan(struct wad_h1_head *, const char *buf, size_t len);
/* After scan said 1: reads the head into out, which is empty.  0, or -1 with
 * status and error; out holds then what was read until there. */
int	wad_h1_head_parse(struct wad_h1_head *, const char *buf,
	    struct wad_http_head *out);

/* Is it a method that is served? */
bool	wad_h1_head_method(const char *, size_t len);
/* Do the first bytes of a connection look like a request?  1 yes; 0 no; -1
 * more are needed.  versions: so does HTTP/2 or another that is not served. */
int	wad_h1_head_sniff(const char *, size_t len, bool versions);
/* Reads host[:port] into the head: host, and port when there is one.  NULL,
 * or what is wrong with it. */
const char *wad_h1_head_authority(struct wad_http_head *, const char *,
	    size_t len, bool *has_port);

#endif
