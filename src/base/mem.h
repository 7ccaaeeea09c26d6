/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers make a process hold: buffers, and heads of HTTP that are not
 * over.  A plain sum over all connections, kept where the memory is taken
 * and given back: by block, never by byte.  Above a soft mark nothing grows that
 * can do without; what is done above the hard one is the business of who set
 * it (worker/memory.c).
 */
#ifndef WAD_BASE_MEM_H
#define WAD_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/xmem.h"

struct wad_mem {
	size_t	held;
	size_t	soft, hard, over;	/* SIZE_MAX: no marks */
	size_t	share;			/* of one connection in the soft mark;
					 * see wad_mem_share */
};
enum { WAD_MEM_LEAST = 64 * 1024 };	/* that a connection may always have */
extern struct wad_mem wad_mem;

static inline void
wad_mem_add(size_t n)
{
	wad_mem.held += n;
}

static inline void
wad_mem_sub(size_t n)
{
	WAD_ASSERT(n <= wad_mem.held);
	wad_mem.held -= n;
}

/* Above the soft mark, and above the hard one. */
static inline bool
wad_mem_tight(void)
{
	return wad_mem.held > wad_mem.soft;
}

static inline bool
wad_mem_full(void)
{
	return wad_mem.held > wad_mem.hard;
}

/* A quarter beyond that. */
static inline bool
wad_mem_over(void)
{
	return wad_mem.held > wad_mem.over;
}

/* What a connection may have now. */
static inline size_t
wad_mem_share(void)
{
	return wad_mem_full() ? WAD_MEM_LEAST : wad_mem.share;
}

/* Sets the marks: soft is half of hard. */
void	wad_mem_limit(size_t hard);
/* Divides the soft mark among that many connections. */
void	wad_mem_divide(size_t connections);

/* At the start: what is large goes back to the system when it is freed. */
void	wad_mem_start(void);
/* Gives back what many small pieces left, once it was not needed for a while;
 * to be called now and then with the time in ms and, roughly, the bytes in use
 * (to ask malloc how much is free would take as long as giving it back).  That
 * may take 0.5 ms for each MiB: when there is something else to do (not idle)
 * it is put off for a minute. */
void	wad_mem_tidy(uint64_t now, size_t in_use, bool idle);

#endif
