/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a body as it passes: unpacked (gzip, deflate), as UTF-8, in
 * windows that overlap, so that what lies across two pieces is seen in one.
 */
#ifndef WAD_WORKER_CONTENT_TEXT_H
#define WAD_WORKER_CONTENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long a thing may be that is found for sure; bytes of text that are
 * looked at in one response. */
enum { WAD_TEXT_REACH = 1024, WAD_TEXT_MAX = 10 * 1024 * 1024 };

enum wad_text_coding { WAD_TEXT_PLAIN, WAD_TEXT_GZIP, WAD_TEXT_DEFLATE,
	WAD_TEXT_UNKNOWN };

struct wad_text;

/* The coding of a Content-Encoding; NULL or "" is plain. */
enum wad_text_coding wad_text_coding_of(const char *content_encoding);
/* latin1: all of it is ISO 8859-1 or Windows-1252 by its head; else what is
 * not UTF-8 is taken for that. */
struct wad_text *wad_text_new(enum wad_text_coding, bool latin1);
void	wad_text_free(struct wad_text *);		/* NULL allowed */
/* Takes a piece as it came (len 0: the end) and shows windows of text.  0; 1:
 * enough was seen, the rest need not be shown; -1: it cannot be unpacked, or
 * is packed so that it would be a thousand times as long. */
int	wad_text_add(struct wad_text *, const void *, size_t len,
	    void (*show)(void *, const char *text, size_t len), void *arg);

#endif
