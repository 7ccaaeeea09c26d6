/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of a category list: what names it holds.  Pure: no files, no
 * globals; fuzzed.
 */
#ifndef WAD_URL_CATDB_PARSE_H
#define WAD_URL_CATDB_PARSE_H

#include <stddef.h>

#include "url/url_db.h"

enum wad_catdb_type {
	WAD_CATDB_DOMAINS,	/* a name a line */
	WAD_CATDB_URLS,		/* host and path, with or without a scheme */
	WAD_CATDB_HOSTS,	/* address name... */
	WAD_CATDB_CSV		/* name,category */
};

/* What a line may hold before it is bad. */
enum { WAD_CATDB_LINE_MAX = 4096, WAD_CATDB_CATEGORY_MAX = 80 };

/* Called for each name of a line.  key is a key of the database (not ended
 * with NUL), category the text of a CSV line, else NULL. */
typedef void wad_catdb_fn(void *arg, const char *key, size_t klen,
	    const char *category);

/* How many names the line (without its line break) holds; 0 for a comment,
 * an empty line or a table head; -1 with a static reason for a bad line,
 * of which nothing is passed on. */
int	wad_catdb_parse_line(enum wad_catdb_type, const char *line, size_t len,
	    wad_catdb_fn *fn, void *arg, const char **why);

/* The key of a host or of host and path, "https://Example.com:443/a/" ->
 * "example.com/a"; its length, or 0 with a static reason. */
size_t	wad_catdb_parse_url(const char *s, size_t len,
	    char key[WAD_URL_DB_KEY_MAX], const char **why);

/* The type that a name of a list or of a file stands for; -1: unknown. */
int	wad_catdb_parse_type(const char *);

#endif
