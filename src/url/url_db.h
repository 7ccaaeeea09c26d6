/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format of the compiled category database: a constant database (cdb).
 *
 *  key   canonical host, or host and path prefix "example.com/a/b", the
 *        path in the form that wad_url_form_key gives
 *  value n times { category u16, list u16, line u32 }, little endian
 *  key   "\0meta": "wadcat2\n", the number of keys in decimal, "\n", then
 *        of each list its name, a tab, its file, "\n"
 *
 * "wadcat1" had no lines and no files; it is still read.
 */
#ifndef WAD_URL_URL_DB_H
#define WAD_URL_URL_DB_H

#include <stdbool.h>
#include <stddef.h>

#include "url/url_form.h"

#define WAD_URL_DB_META		"\0meta"
#define WAD_URL_DB_META_LEN	5
#define WAD_URL_DB_MAGIC	"wadcat2\n"
#define WAD_URL_DB_MAGIC_1	"wadcat1\n"

enum { WAD_URL_DB_KEY_MAX = WAD_URL_KEY_MAX, WAD_URL_DB_LISTS_MAX = 1024 };

#endif
