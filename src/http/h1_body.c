/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of HTTP/1.1 messages, RFC 9112 sections 6 and 7.
 */
#include "http/h1_body.h"

#include <string.h>

#include "base/str.h"

enum { DIGITS_MAX = 15,			/* cannot overflow 64 bits */
	EXTENSION_MAX = 1024 };		/* of one chunk, bytes */

/* Where a chunked body stands; the comment is what comes next. */
enum {
	B_SIZE,			/* a digit of the size, ";" or CR */
	B_EXTENSION,		/* its text, or CR */
	B_SIZE_LF,		/* LF after the size */
	B_DATA,			/* left bytes of data */
	B_DATA_CR, B_DATA_LF,	/* CR, LF after the data */
	B_END,			/* after the last chunk: trailers, or none */
	B_BAD			/* nothing */
};

void
wad_h1_body_begin(struct wad_h1_body *b, enum wad_h1_framing framing,
    uint64_t length)
{
	memset(b, 0, sizeof(*b));
	b->framing = framing;
	b->state = B_SIZE;
	if (framing == WAD_H1_LENGTH)
		b->left = length;
	b->done = framing == WAD_H1_NONE ||
	    (framing == WAD_H1_LENGTH && length == 0);
}

static enum wad_h1_piece
bad(struct wad_h1_body *b, const char *why)
{
	b->state = B_BAD;
	b->error = why;
	return WAD_H1_BAD;
}

static enum wad_h1_piece
in_size(struct wad_h1_body *b, uint8_t c)
{
	int d = wad_str_hex((char)c);

	if (d >= 0) {
		if (++b->digits > DIGITS_MAX)
			return bad(b, "the size of a chunk has too many "
			    "digits");
		b->left = b->left << 4 | (unsigned)d;
		return WAD_H1_FRAME;
	}
	if (b->digits == 0)
		return bad(b, "a chunk does not begin with its size");
	if (c == '\r') {
		b->state = B_SIZE_LF;
		return WAD_H1_FRAME;
	}
	if (c != ';')
		return bad(b, "the size of a chunk is not a hexadecimal "
		    "number");
	b->state = B_EXTENSION;
	b->extension = 0;
	return WAD_H1_EXTENSION;
}

static enum wad_h1_piece
in_extension(struct wad_h1_body *b, uint8_t c)
{
	if (c == '\r') {
		b->state = B_SIZE_LF;
		return WAD_H1_FRAME;
	}
	if ((c < 0x20 && c != '\t') || c >= 0x7f)
		return bad(b, "the extension of a chunk holds a byte that is "
		    "not allowed");
	if (++b->extension > EXTENSION_MAX)
		return bad(b, "the extension of a chunk is too long");
	return WAD_H1_EXTENSION;
}

/* This byte and no other, and what comes then. */
static enum wad_h1_piece
expect(struct wad_h1_body *b, uint8_t c, char want, uint8_t next)
{
	if (c != (uint8_t)want)
		return bad(b, "a line of the chunked framing does not end "
		    "in CR LF");
	b->state = next;
	return WAD_H1_FRAME;
}

/* A byte of the framing. */
static enum wad_h1_piece
frame_byte(struct wad_h1_body *b, uint8_t c)
{
	switch (b->state) {
	case B_SIZE:
		return in_size(b, c);
	case B_EXTENSION:
		return in_extension(b, c);
	case B_SIZE_LF:
		return expect(b, c, '\n', b->left > 0 ? B_DATA : B_END);
	case B_DATA_CR:
		return expect(b, c, '\r', B_DATA_LF);
	case B_DATA_LF:
		b->digits = 0;
		return expect(b, c, '\n', B_SIZE);
	case B_END:
		return WAD_H1_TRAILERS;
	default:
		return WAD_H1_BAD;
	}
}

static size_t
data(struct wad_h1_body *b, size_t len)
{
	if (b->framing == WAD_H1_UNTIL_CLOSE)
		return len;
	if (len > b->left)
		len = (size_t)b->left;
	b->left -= len;
	if (b->left == 0) {
		b->done = b->framing == WAD_H1_LENGTH;
		b->state = B_DATA_CR;
	}
	return len;
}

size_t
wad_h1_body_next(struct wad_h1_body *b, const uint8_t *p, size_t len,
    enum wad_h1_piece *what)
{
	size_t n = 0;

	if (b->framing != WAD_H1_CHUNKED || b->state == B_DATA) {
		*what = WAD_H1_DATA;
		return data(b, len);
	}
	*what = frame_byte(b, p[n++]);
	if (*what == WAD_H1_BAD || *what == WAD_H1_TRAILERS)
		return 0;
	/* a run of the same kind */
	while (n < len && !b->done && b->state != B_DATA) {
		struct wad_h1_body	before = *b;
		enum wad_h1_piece	next = frame_byte(b, p[n]);

		if (next != *what) {
			*b = before;
			break;
		}
		n++;
	}
	return n;
}

void
wad_h1_body_trailed(struct wad_h1_body *b)
{
	b->done = true;
}
