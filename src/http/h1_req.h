/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1 requests to the explicit proxy, or to a server of our own, read with
 * llhttp and checked so strictly that no second parser can read them
 * differently.
 */
#ifndef WAD_HTTP_H1_REQ_H
#define WAD_HTTP_H1_REQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { WAD_H1_HEAD_MAX = 64 * 1024, WAD_H1_HEADERS_MAX = 200 };

struct wad_h1_req {
	bool		 server;	/* set by the caller before the first
					 * call: the target is a path of ours;
					 * host, port and head stay empty */
	bool		 is_connect;
	char		 method[24];
	char		 host[WAD_HOST_MAX];	/* canonical */
	uint16_t	 port;
	char		*path;		/* origin form, "/...", or "*" for
					 * OPTIONS without a path; NULL for
					 * CONNECT */
	struct wad_str	 head;		/* re-serialised head for the origin:
					 * origin form, hop-by-hop headers and
					 * Proxy-* removed, Via added,
					 * Connection: close */
	bool		 has_via_us;	/* our pseudonym was in Via: a loop */
	bool		 chunked;
	uint64_t	 content_length;	/* valid when has_length */
	bool		 has_length;
	size_t		 head_len;	/* input bytes that the head took */
	int		 status;	/* on error: 400, 414, 501... */
	char		 error[160];	/* what was wrong */
	/* private: how far the head was looked at */
	size_t		 seen, line;
	unsigned	 lines;
};

/* Looks at the bytes received so far (the same buffer each time, with more in
 * it).  1: head complete (req filled, free it later); 0: need more; -1: bad,
 * req->status and error say why.  via is our pseudonym.  req must be all
 * zeroes (but for server) before the first call. */
int	wad_h1_req_read(struct wad_h1_req *, const char *buf, size_t len,
	    const char *via);
void	wad_h1_req_free(struct wad_h1_req *);

/* Follows the body of a request (length or chunked) so that not one byte of
 * a second request is forwarded.  The bytes go to the origin as they are, so
 * chunked framing has one reading only: hexadecimal digits, CRLF, data, CRLF;
 * chunk extensions and trailers are malformed here. */
struct wad_h1_body {
	bool		 chunked;
	uint64_t	 left;
	uint8_t		 state, digits;	/* private */
	bool		 done;
};
void	wad_h1_body_init(struct wad_h1_body *, const struct wad_h1_req *);
/* How many of len bytes belong to the body (may be 0), or -1 when it is
 * malformed.  done becomes true at its end. */
long	wad_h1_body_feed(struct wad_h1_body *, const char *, size_t len);
void	wad_h1_body_free(struct wad_h1_body *);

#endif
