/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format of the compiled category database: a constant database (cdb).
 *
 *  key   canonical host, or host and path prefix "example.com/a/b", the
 *        path in the form that wad_url_db_path gives
 *  value n times { category u16, list u16 }, little endian
 *  key   "\0meta": "wadcat1\n", the number of keys in decimal, "\n", then
 *        the names of the lists, one a line
 */
#ifndef WAD_URL_URL_DB_H
#define WAD_URL_URL_DB_H

#include <stdbool.h>
#include <stddef.h>

#define WAD_URL_DB_META		"\0meta"
#define WAD_URL_DB_META_LEN	5
#define WAD_URL_DB_MAGIC	"wadcat1\n"

enum { WAD_URL_DB_KEY_MAX = 512, WAD_URL_DB_LISTS_MAX = 1024,
	WAD_URL_DB_SEGMENTS = 8 };

/* The one form of a path, for keys and for look-ups: "/a/./b//%63/?x" is
 * "/a/b/c", "/" is "".  Letters that need no escape are not escaped, all
 * others are; "." and ".." are resolved.  Holds as many whole parts as fit,
 * at most WAD_URL_DB_SEGMENTS; *cut: there were more.  Returns the length. */
size_t	wad_url_db_path(char *dst, size_t size, const char *src, size_t len,
	    bool *cut);

#endif
