/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte queue, see buf.h.
 */
#include "base/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/xmem.h"

enum {
	SLICE = 1024 * 1024,	/* goes back in one tick */
	TICKS = 10			/* in which a block was not needed */
};

/* A block that nobody has. */
struct block {
	struct block	*next;
};

static struct pool {
	struct block	*first;
	unsigned	 n;
	unsigned	 least, surplus;	/* n in these ticks, at least; blocks
					 * that were not needed in those before */
} pools[WAD_BUF_SIZES];
static size_t	pooled;			/* bytes of all */

/* Whose blocks are of that size; NULL: nobody's. */
static struct pool *
pool_of(size_t cap)
{
	for (unsigned i = 0; i < WAD_BUF_SIZES; i++)
		if (cap == (size_t)WAD_BUF_BLOCK << i)
			return &pools[i];
	return NULL;
}

static struct block *
pool_take(struct pool *pool, size_t cap)
{
	struct block *b = pool->first;

	pool->first = b->next;
	if (--pool->n < pool->least)
		pool->least = pool->n;
	pooled -= cap;
	return b;
}

static uint8_t *
block_get(size_t cap)
{
	struct pool *pool = pool_of(cap);

	wad_mem_add(cap);
	if (pool != NULL && pool->n > 0)
		return (uint8_t *)pool_take(pool, cap);
	return wad_xmalloc(cap);
}

/* outgrown: a larger one is in its place, so there will be no need for many of
 * these. */
static void
block_put(uint8_t *p, size_t cap, bool outgrown)
{
	struct pool	*pool = pool_of(cap);
	struct block	*b = (struct block *)(void *)p;

	wad_mem_sub(cap);
	if (pool == NULL || wad_mem.held + pooled + cap > wad_mem.hard ||
	    (outgrown && pool->n >= WAD_BUF_POOL)) {
		free(p);
		return;
	}
	b->next = pool->first;
	pool->first = b;
	pool->n++;
	pooled += cap;
}

void
wad_buf_tidy(void)
{
	static unsigned	 ticks;
	size_t		 cap = WAD_BUF_BLOCK, freed = 0;
	bool		 look = ++ticks % TICKS == 0;

	for (unsigned i = 0; i < WAD_BUF_SIZES; i++, cap *= 2) {
		struct pool	*pool = &pools[i];
		unsigned	 stay = WAD_BUF_POOL >> i;

		if (look) {
			pool->surplus = pool->least > stay ?
			    pool->least - stay : 0;
			pool->least = pool->n;
		}
		for (; pool->surplus > 0 && pool->n > stay &&
		    freed < SLICE; pool->surplus--) {
			free(pool_take(pool, cap));
			freed += cap;
		}
	}
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
		block_put(b->p, b->cap, true);
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
	block_put(b->p, b->cap, false);
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
	block_put(b->p, b->cap, false);
	memset(b, 0, sizeof(*b));
}
