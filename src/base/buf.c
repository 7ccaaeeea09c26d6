/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte queue, see buf.h.
 */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

static uint8_t	*pool[WAD_BUF_POOL];
static unsigned	 n_pool;

static uint8_t *
block_get(size_t cap)
{
	if (cap == WAD_BUF_BLOCK && n_pool > 0)
		return pool[--n_pool];
	return wad_xmalloc(cap);
}

static void
block_put(uint8_t *p, size_t cap)
{
	if (cap == WAD_BUF_BLOCK && n_pool < WAD_BUF_POOL)
		pool[n_pool++] = p;
	else
		free(p);
}

uint8_t *
wad_buf_room(struct wad_buf *b, size_t n)
{
	size_t	 cap;
	uint8_t	*p;

	if (b->cap - b->off - b->len >= n && b->p != NULL)
		return b->p + b->off + b->len;
	if (b->p != NULL && b->cap - b->len >= n && b->off >= b->cap / 2) {
		memmove(b->p, b->p + b->off, b->len);
		b->off = 0;
		return b->p + b->len;
	}
	WAD_ASSERT(b->len + n < (size_t)1 << 30);
	cap = WAD_BUF_BLOCK;
	while (cap < b->len + n)
		cap *= 2;
	p = block_get(cap);
	if (b->len > 0)
		memcpy(p, b->p + b->off, b->len);
	if (b->p != NULL)
		block_put(b->p, b->cap);
	b->p = p;
	b->cap = cap;
	b->off = 0;
	return p + b->len;
}

void
wad_buf_added(struct wad_buf *b, size_t n)
{
	WAD_ASSERT(b->cap - b->off - b->len >= n);
	b->len += n;
	if (b->len == 0)
		wad_buf_drain(b, 0);
}

void
wad_buf_add(struct wad_buf *b, const void *data, size_t n)
{
	if (n == 0)
		return;
	memcpy(wad_buf_room(b, n), data, n);
	b->len += n;
}

void
wad_buf_drain(struct wad_buf *b, size_t n)
{
	WAD_ASSERT(n <= b->len);
	b->off += n;
	b->len -= n;
	if (b->len > 0 || b->p == NULL)
		return;
	block_put(b->p, b->cap);
	memset(b, 0, sizeof(*b));
}

size_t
wad_buf_take(struct wad_buf *b, void *dst, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return 0;
	memcpy(dst, b->p + b->off, n);
	wad_buf_drain(b, n);
	return n;
}

void
wad_buf_move(struct wad_buf *to, struct wad_buf *from)
{
	if (to->len == 0) {
		wad_buf_free(to);
		*to = *from;
		memset(from, 0, sizeof(*from));
		return;
	}
	wad_buf_add(to, wad_buf_bytes(from), from->len);
	wad_buf_free(from);
}

void
wad_buf_free(struct wad_buf *b)
{
	if (b->p == NULL)
		return;
	block_put(b->p, b->cap);
	memset(b, 0, sizeof(*b));
}
