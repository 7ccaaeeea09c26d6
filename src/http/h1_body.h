/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of HTTP/1.1 messages: where they end, and which of their bytes are
 * what.
 */
#ifndef WAD_HTTP_H1_BODY_H
#define WAD_HTTP_H1_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wad_h1_framing { WAD_H1_NONE, WAD_H1_LENGTH, WAD_H1_CHUNKED,
	WAD_H1_UNTIL_CLOSE };

enum wad_h1_piece {
	WAD_H1_DATA,		/* of the content */
	WAD_H1_FRAME,		/* sizes and line ends of chunks: goes on */
	WAD_H1_EXTENSION,	/* of a chunk: does not go on */
	WAD_H1_TRAILERS,	/* begin here and are not part of it */
	WAD_H1_BAD,		/* malformed; what is wrong says error */
};

struct wad_h1_body {
	enum wad_h1_framing framing;
	uint64_t	 left;		/* of the length, or of the chunk */
	bool		 done;
	const char	*error;
	uint8_t		 state, digits;	/* private */
	uint16_t	 extension;
};

void	wad_h1_body_begin(struct wad_h1_body *, enum wad_h1_framing,
	    uint64_t length);
/* What the next bytes are, and how many of them are that: at least one but
 * for TRAILERS and BAD.  len > 0, and not done yet.  Chunked framing has one
 * reading only: up to 15 hexadecimal digits, an extension, CRLF, data, CRLF. */
size_t	wad_h1_body_next(struct wad_h1_body *, const uint8_t *, size_t len,
	    enum wad_h1_piece *);
/* The trailers were read. */
void	wad_h1_body_trailed(struct wad_h1_body *);

#endif
