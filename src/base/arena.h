/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: many allocations, one destructor.  A configuration snapshot
 * lives in one.
 */
#ifndef WAD_BASE_ARENA_H
#define WAD_BASE_ARENA_H

#include <stddef.h>

struct wad_arena;

struct wad_arena *wad_arena_new(void);
void	 wad_arena_free(struct wad_arena *);	/* NULL is allowed */
/* Zeroed memory, aligned for any type; never NULL. */
void	*wad_arena_alloc(struct wad_arena *, size_t)
	    __attribute__((returns_nonnull));
char	*wad_arena_strdup(struct wad_arena *, const char *)
	    __attribute__((returns_nonnull));
char	*wad_arena_strndup(struct wad_arena *, const char *, size_t)
	    __attribute__((returns_nonnull));
size_t	 wad_arena_size(const struct wad_arena *);

#endif
