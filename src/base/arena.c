/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena allocator: a list of blocks, the newest first.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

enum { BLOCK = 16384 };

struct block {
	struct block	*next;
	size_t		 used, size;
	alignas(max_align_t) unsigned char data[];
};

struct wad_arena {
	struct block	*blocks;
	size_t		 total;
};

struct wad_arena *
wad_arena_new(void)
{
	return wad_xcalloc(1, sizeof(struct wad_arena));
}

void
wad_arena_free(struct wad_arena *a)
{
	struct block *b, *next;

	if (a == NULL)
		return;
	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void *
wad_arena_alloc(struct wad_arena *a, size_t size)
{
	struct block	*b = a->blocks;
	size_t		 align = alignof(max_align_t), room;
	void		*p;

	WAD_ASSERT(size < SIZE_MAX / 2);
	size = (size + align - 1) / align * align;
	if (b == NULL || b->size - b->used < size) {
		room = size > BLOCK ? size : BLOCK;
		b = wad_xmalloc(sizeof(*b) + room);
		b->used = 0;
		b->size = room;
		b->next = a->blocks;
		a->blocks = b;
		a->total += sizeof(*b) + room;
	}
	p = b->data + b->used;
	b->used += size;
	memset(p, 0, size);
	return p;
}

char *
wad_arena_strndup(struct wad_arena *a, const char *s, size_t len)
{
	char *p;

	len = strnlen(s, len);
	p = wad_arena_alloc(a, len + 1);
	memcpy(p, s, len);
	return p;
}

char *
wad_arena_strdup(struct wad_arena *a, const char *s)
{
	return wad_arena_strndup(a, s, strlen(s));
}

size_t
wad_arena_size(const struct wad_arena *a)
{
	return a->total;
}
