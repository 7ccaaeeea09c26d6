/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers make a process hold, see mem.h.
 */
#include "base/mem.h"

#include <malloc.h>

enum {
	LARGE = 32 * 1024,		/* goes back at once */
	TOP = 4 * 1024 * 1024,		/* free at the end of the heap: more
					 * goes back at once */
	GAPS = 16 * 1024 * 1024,	/* less in use than before: what is free
					 * within the heap goes back when that
					 * lasts for: */
	IDLE_MS = 2000, BUSY_MS = 60000
};

struct wad_mem wad_mem = { .soft = SIZE_MAX, .hard = SIZE_MAX,
	.over = SIZE_MAX, .share = SIZE_MAX };

void
wad_mem_limit(size_t hard)
{
	wad_mem.hard = hard;
	wad_mem.soft = hard / 2;
	wad_mem.over = hard + hard / 4;
}

void
wad_mem_divide(size_t connections)
{
	wad_mem.share = connections > 0 ? wad_mem.soft / connections :
	    wad_mem.soft;
	if (wad_mem.share < WAD_MEM_LEAST)
		wad_mem.share = WAD_MEM_LEAST;
}

void
wad_mem_start(void)
{
	/* glibc would raise the first with each piece that is freed, up to
	 * 32 MiB, and keep all that is smaller */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	(void)mallopt(M_TRIM_THRESHOLD, TOP);
}

void
wad_mem_tidy(uint64_t now, size_t in_use, bool idle)
{
	static size_t	 peak;
	static uint64_t	 since;		/* it is much less; 0: it is not */

	if (in_use > peak)
		peak = in_use;
	if (peak - in_use < GAPS) {
		since = 0;
		return;
	}
	if (since == 0)
		since = now;
	if (now - since < (idle ? IDLE_MS : BUSY_MS))
		return;
	(void)malloc_trim(TOP);
	peak = in_use;
	since = 0;
}
