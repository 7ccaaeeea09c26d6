/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte queue that owns memory only while it holds bytes.  Blocks count while
 * somebody has them (mem.h); those of the common sizes go to a pool of the
 * process then, from which wad_buf_tidy gives back what is not needed.
 */
#ifndef WAD_BASE_BUF_H
#define WAD_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

enum {
	WAD_BUF_BLOCK = 32 * 1024,	/* the common size */
	WAD_BUF_POOL = 64,		/* of them always stay in the pool, half
					 * as many of twice that size... */
	WAD_BUF_SIZES = 4		/* ... up to 256 KiB */
};

struct wad_buf {
	uint8_t	*p;
	size_t	 off, len, cap;		/* bytes are p[off .. off + len) */
};

/* Room for n more bytes in one piece; returns where they go.  After writing
 * call wad_buf_added. */
uint8_t	*wad_buf_room(struct wad_buf *, size_t n);
void	 wad_buf_added(struct wad_buf *, size_t n);
void	 wad_buf_add(struct wad_buf *, const void *, size_t n);
/* The bytes, b->len of them. */
static inline const uint8_t *
wad_buf_bytes(const struct wad_buf *b)
{
	return b->p + b->off;
}
/* Drops n bytes from the front; gives the memory back when none is left. */
void	 wad_buf_drain(struct wad_buf *, size_t n);
/* Copies at most n bytes out and drains them; how many. */
size_t	 wad_buf_take(struct wad_buf *, void *, size_t n);
/* Moves everything to the end of another; cheap when that one is empty. */
void	 wad_buf_move(struct wad_buf *to, struct wad_buf *from);
/* Empties it.  What is in it came from or goes to a socket: of an inspected
 * connection, ciphertext. */
void	 wad_buf_free(struct wad_buf *);
/* Ten times a second: gives some memory back to the system. */
void	 wad_buf_tidy(void);

#endif
