/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory and assertions.  Small allocations abort when there is no memory
 * (what strangers can make grow is bounded first, DESIGN section 10).
 */
#ifndef WAD_BASE_XMEM_H
#define WAD_BASE_XMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void	*wad_xmalloc(size_t) __attribute__((malloc, returns_nonnull));
void	*wad_xcalloc(size_t n, size_t size)
	    __attribute__((malloc, returns_nonnull));
void	*wad_xrealloc(void *, size_t n, size_t size)
	    __attribute__((returns_nonnull));
char	*wad_xstrdup(const char *) __attribute__((malloc, returns_nonnull));
char	*wad_xstrndup(const char *, size_t)
	    __attribute__((malloc, returns_nonnull));
char	*wad_xasprintf(const char *, ...)
	    __attribute__((format(printf, 1, 2), returns_nonnull));

/* Says where and what on stderr and aborts this role. */
void	 wad_xmem_fail(const char *file, int line, const char *what)
	    __attribute__((noreturn, cold));

#define WAD_ASSERT(e)							\
	((e) ? (void)0 : wad_xmem_fail(__FILE__, __LINE__, #e))

/* Every long-lived object starts with `unsigned magic`. */
#define WAD_CHECK(obj, value)						\
	WAD_ASSERT((obj) != NULL && (obj)->magic == (value))

#endif
