/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format of the compiled category database: a constant database (cdb).
 *
 *  key   canonical host, or host and path prefix "example.com/a/b"
 *  value n times { category u16, list u16 }, little endian
 *  key   "\0meta": "wadcat1\n", the number of keys in decimal, "\n", then
 *        the names of the lists, one a line
 */
#ifndef WAD_URL_URL_DB_H
#define WAD_URL_URL_DB_H

#define WAD_URL_DB_META		"\0meta"
#define WAD_URL_DB_META_LEN	5
#define WAD_URL_DB_MAGIC	"wadcat1\n"

enum { WAD_URL_DB_KEY_MAX = 512, WAD_URL_DB_LISTS_MAX = 1024,
	WAD_URL_DB_SEGMENTS = 8 };

#endif
