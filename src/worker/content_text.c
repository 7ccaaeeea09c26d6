/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a body as it passes.
 */
#include "worker/content_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/xmem.h"

enum { WINDOW = 16 * 1024, UNPACKED = 8 * 1024, BOMB_FROM = 1 << 20,
	BOMB_RATIO = 256 };

struct wad_text {
	enum wad_text_coding coding;
	bool		 latin1, begun, over;
	bool		 between;	/* gzip: a member has ended */
	z_stream	 z;		/* gzip, deflate; when begun */
	uint64_t	 packed, unpacked;
	uint8_t		 part[4];	/* of a character that is not whole */
	size_t		 n_part;
	size_t		 len, old;	/* of the window; old: seen before */
	char		 window[WINDOW];
};

enum wad_text_coding
wad_text_coding_of(const char *s)
{
	static const struct { const char *name; enum wad_text_coding coding; }
	    t[] = { { "", WAD_TEXT_PLAIN }, { "identity", WAD_TEXT_PLAIN },
		{ "gzip", WAD_TEXT_GZIP }, { "x-gzip", WAD_TEXT_GZIP },
		{ "deflate", WAD_TEXT_DEFLATE } };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (strcasecmp(s != NULL ? s : "", t[i].name) == 0)
			return t[i].coding;
	return WAD_TEXT_UNKNOWN;
}

struct wad_text *
wad_text_new(enum wad_text_coding coding, bool latin1)
{
	struct wad_text *t = wad_xcalloc(1, sizeof(*t));

	t->coding = coding;
	t->latin1 = latin1;
	return t;
}

void
wad_text_free(struct wad_text *t)
{
	if (t == NULL)
		return;
	if (t->begun)
		inflateEnd(&t->z);
	free(t);
}

/* ---- characters ---- */

/* How long the character is that begins with b; 0: none does. */
static size_t
utf8_len(uint8_t b)
{
	if (b < 0x80)
		return 1;
	if (b >= 0xc2 && b <= 0xdf)
		return 2;
	if (b >= 0xe0 && b <= 0xef)
		return 3;
	return b >= 0xf0 && b <= 0xf4 ? 4 : 0;
}

struct sink {
	void	(*show)(void *, const char *, size_t);
	void	*arg;
};

/* Shows the window and keeps its end for the next one. */
static void
flush(struct wad_text *t, const struct sink *to)
{
	size_t keep = t->len < WAD_TEXT_REACH ? t->len : WAD_TEXT_REACH;

	if (t->len == t->old)
		return;
	to->show(to->arg, t->window, t->len);
	while (keep > 0 && ((uint8_t)t->window[t->len - keep] & 0xc0) == 0x80)
		keep--;			/* whole characters */
	memmove(t->window, t->window + t->len - keep, keep);
	t->len = t->old = keep;
}

static void
put(struct wad_text *t, const struct sink *to, const uint8_t *p, size_t n)
{
	if (t->len + n > WINDOW)
		flush(t, to);
	memcpy(t->window + t->len, p, n);
	t->len += n;
}

/* A byte of ISO 8859-1 is the character of that number. */
static void
put_latin1(struct wad_text *t, const struct sink *to, uint8_t b)
{
	uint8_t two[2] = { (uint8_t)(0xc0 | b >> 6), (uint8_t)(0x80 |
	    (b & 0x3f)) };

	if (b < 0x80)
		put(t, to, &b, 1);
	else
		put(t, to, two, 2);
}

/* The character that is not whole will not be: its bytes stand alone. */
static void
put_part(struct wad_text *t, const struct sink *to)
{
	for (size_t i = 0; i < t->n_part; i++)
		put_latin1(t, to, t->part[i]);
	t->n_part = 0;
}

static void
put_byte(struct wad_text *t, const struct sink *to, uint8_t b)
{
	if (t->n_part > 0 && (b & 0xc0) != 0x80)
		put_part(t, to);
	if (t->n_part == 0 && (t->latin1 || utf8_len(b) < 2)) {
		put_latin1(t, to, b);
		return;
	}
	t->part[t->n_part++] = b;
	if (t->n_part == utf8_len(t->part[0])) {
		put(t, to, t->part, t->n_part);
		t->n_part = 0;
	}
}

static void
put_text(struct wad_text *t, const struct sink *to, const uint8_t *p,
    size_t n)
{
	t->unpacked += n;
	for (size_t i = 0; i < n; i++)
		put_byte(t, to, p[i]);
}

/* ---- unpacking ---- */

/* "deflate" means zlib, and some send it bare (RFC 9110 section 8.4.1.2). */
static int
begin(struct wad_text *t, uint8_t first)
{
	int bits = t->coding == WAD_TEXT_GZIP ? 15 + 16 :
	    (first & 0x0f) == 8 && first >> 4 <= 7 ? 15 : -15;

	t->begun = inflateInit2(&t->z, bits) == Z_OK;
	return t->begun ? 0 : -1;
}

/* Behind a part of gzip another one may follow (RFC 1952 section 2.2); what
 * is none is left out, as browsers do. */
static int
next_member(struct wad_text *t)
{
	t->between = t->coding == WAD_TEXT_GZIP;
	t->over = !t->between;
	return t->over || inflateReset(&t->z) == Z_OK ? 0 : -1;
}

static int
unpack(struct wad_text *t, const struct sink *to, const void *data,
    size_t len)
{
	uint8_t	out[UNPACKED];
	int	r = Z_OK;

	if (t->over)
		return 0;
	if (!t->begun && begin(t, *(const uint8_t *)data) == -1)
		return -1;
	t->packed += len;
	t->z.next_in = (z_const Bytef *)(uintptr_t)data;
	t->z.avail_in = (uInt)len;
	do {
		if (t->between && t->z.avail_in > 0 &&
		    t->z.next_in[0] != 0x1f) {
			t->over = true;
			break;
		}
		t->between = false;
		t->z.next_out = out;
		t->z.avail_out = sizeof(out);
		r = inflate(&t->z, Z_SYNC_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return -1;
		put_text(t, to, out, sizeof(out) - t->z.avail_out);
		if (t->unpacked > BOMB_FROM && t->unpacked / BOMB_RATIO >
		    t->packed)
			return -1;
		if (t->unpacked > WAD_TEXT_MAX)
			return 0;
		if (r == Z_STREAM_END && next_member(t) == -1)
			return -1;
	} while (!t->over && r != Z_BUF_ERROR && (t->z.avail_in > 0 ||
	    t->z.avail_out == 0));
	return 0;
}

int
wad_text_add(struct wad_text *t, const void *data, size_t len,
    void (*show)(void *, const char *, size_t), void *arg)
{
	struct sink to = { show, arg };

	if (t->unpacked > WAD_TEXT_MAX)
		return 1;
	if (len == 0)
		put_part(t, &to);
	else if (t->coding == WAD_TEXT_GZIP || t->coding == WAD_TEXT_DEFLATE) {
		if (unpack(t, &to, data, len) == -1)
			return -1;
	} else
		put_text(t, &to, data, len);
	flush(t, &to);
	return t->unpacked > WAD_TEXT_MAX;
}
