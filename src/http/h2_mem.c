/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of nghttp2: it counts as its connection's.  A peer that does not
 * read can make it hold as many heads as a connection has streams.
 *
 * Each piece has its size in front of it.  Small ones, of which each request
 * takes some, are kept for the next one.
 */
#include "http/h2.h"

#include <stdlib.h>

#include "base/xmem.h"

enum {
	FRONT = 16,			/* what it points to stays aligned */
	STEP = 64, STEPS = 16,		/* sizes of small pieces */
	KEPT = 32			/* of each */
};

/* A small piece that nobody has. */
struct spare {
	struct spare	*next;
};

static struct spare	*spares[STEPS];
static unsigned		 n_spares[STEPS];

/* With its front, and as large as others of its kind. */
static size_t
size_of(size_t n)
{
	n += FRONT;
	return n <= STEP * STEPS ? (n + STEP - 1) / STEP * STEP : n;
}

/* Of small pieces; STEPS: of none. */
static size_t
kind_of(size_t size)
{
	return size <= STEP * STEPS ? size / STEP - 1 : STEPS;
}

static void *
give(const struct wad_h2_side *s, void *p, size_t size)
{
	*(size_t *)p = size;
	wad_http_mem_add(&s->h2->http, size);
	return (char *)p + FRONT;
}

static void *
take(const struct wad_h2_side *s, void *p)
{
	p = (char *)p - FRONT;
	wad_http_mem_sub(&s->h2->http, *(size_t *)p);
	return p;
}

static void *
on_malloc(size_t n, void *s)
{
	size_t		 size = size_of(n), kind = kind_of(size);
	struct spare	*p;

	if (kind == STEPS || (p = spares[kind]) == NULL)
		return give(s, wad_xmalloc(size), size);
	spares[kind] = p->next;
	n_spares[kind]--;
	return give(s, p, size);
}

static void
on_free(void *p, void *s)
{
	struct spare	*spare;
	size_t		 kind;

	if (p == NULL)
		return;
	p = take(s, p);
	kind = kind_of(*(size_t *)p);
	if (kind == STEPS || n_spares[kind] >= KEPT) {
		free(p);
		return;
	}
	spare = p;
	spare->next = spares[kind];
	spares[kind] = spare;
	n_spares[kind]++;
}

static void *
on_calloc(size_t n, size_t each, void *s)
{
	size_t size = size_of(n * each);

	return give(s, wad_xcalloc(1, size), size);
}

static void *
on_realloc(void *p, size_t n, void *s)
{
	size_t size = size_of(n);

	return give(s, wad_xrealloc(p != NULL ? take(s, p) : NULL, size, 1),
	    size);
}

nghttp2_mem
wad_h2_mem(struct wad_h2_side *s)
{
	return (nghttp2_mem){ s, on_malloc, on_free, on_calloc, on_realloc };
}
