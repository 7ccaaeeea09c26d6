/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings: growing buffers, escaping of what came from the network, and the
 * one canonical form of a host name.
 */
#ifndef WAD_BASE_STR_H
#define WAD_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* RFC 1035 section 2.3.4: 253 characters of text, and the end. */
#define WAD_HOST_MAX	254

/* A string that grows; starts as all zeroes.  s is always ended, or NULL. */
struct wad_str {
	char	*s;
	size_t	 len, cap;
};

void	 wad_str_add(struct wad_str *, const char *);
void	 wad_str_addn(struct wad_str *, const char *, size_t);
/* The same and a NUL that counts, for texts that lie one behind another. */
void	 wad_str_addz(struct wad_str *, const char *s, size_t);
void	 wad_str_addf(struct wad_str *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	 wad_str_vaddf(struct wad_str *, const char *, va_list)
	    __attribute__((format(printf, 2, 0)));
void	 wad_str_free(struct wad_str *);
/* Moves the text out; the caller frees it.  Never NULL. */
char	*wad_str_take(struct wad_str *);

/* Makes network text printable: control characters, quotes, backslash and
 * bytes above 126 become \xHH.  Cuts to size-1; returns dst. */
const char *wad_str_escape(char *dst, size_t size, const char *src,
	    size_t len);

/* Puts a host name into canonical form: lower case, no final dot; letters,
 * digits, '-', '_' only; labels of 1..63; at most 253 characters.  An
 * address literal keeps its shortest text form (IPv6 without brackets).
 * Returns 0, or -1 when src is not a host name (dst is then empty). */
int	 wad_str_host_canon(char dst[WAD_HOST_MAX], const char *src, size_t len);

/* The value of a hexadecimal digit, -1: it is none. */
int	 wad_str_hex(char);
/* "*.example.com", "exam?le*" against a canonical name; '*' crosses dots. */
bool	 wad_str_wildcard(const char *pattern, const char *name);

/* The entry of list nearest to word (at most 3 edits), or NULL. */
const char *wad_str_nearest(const char *word, const char *const *list,
	    size_t n);

/* 64-bit FNV-1a; pass 0 to start, or an earlier result to go on.  A process
 * that keeps tables of what strangers name sets a random seed first, so that
 * they cannot choose names that share a bucket. */
void	 wad_str_hash_seed(unsigned long long);
unsigned long long wad_str_hash(unsigned long long seed, const void *,
	    size_t);

#endif
