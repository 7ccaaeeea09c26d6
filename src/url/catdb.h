/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside wad-catdb, which makes the category database out of public lists:
 *
 *	catdb_main.c	its commands
 *	catdb_read.c	the lists
 *	catdb_parse.c	a line of a list
 *	catdb_write.c	the names, sorted, and the database
 */
#ifndef WAD_URL_CATDB_H
#define WAD_URL_CATDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "url/catdb_parse.h"
#include "url/url.h"

enum { WAD_CATDB_LAST = 254 };	/* the last category */

struct wad_catdb_map {
	const char	*name;
	uint16_t	 number;
};

struct wad_catdb {
	char		*buf;
	size_t		 len, cap;
	uint32_t	*ref;
	size_t		 n, n_cap;
	struct wad_catdb_map	*map;
	size_t		 n_map;
	struct {
		char	*name, *file;	/* both "": taken out */
		bool	 stale;		/* what the old database has of it
					 * does not count any more */
		uint64_t read;		/* names that came from it now */
	}		 list[WAD_URL_DB_LISTS_MAX];
	size_t		 n_lists;
	struct cdb	*old;		/* update: the old database */
	uint64_t	 lines, bad, dropped;
	bool		 full;
	/* the list that is being read */
	uint16_t	 list_id, category;	/* category 0: CSV */
	uint32_t	 line;
	uint16_t	 last_number;
	char		 last_name[WAD_CATDB_CATEGORY_MAX];
	const char	*why;		/* of an emitted CSV line */
};

/* Says it on standard error; -1. */
int	wad_catdb_say(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

/* ---- catdb_read.c: 0, or -1 with a complaint -------------------------- */

/* NAME=NUMBER of --category; arg must outlive it. */
int	wad_catdb_read_map(struct wad_catdb *, char *arg);
/* A file, FILE=CATEGORY or a folder; type -1: the name tells. */
int	wad_catdb_read_source(struct wad_catdb *, const char *, int type);
/* Takes a list out by its name or its file. */
int	wad_catdb_read_remove(struct wad_catdb *, const char *);

/* ---- catdb_write.c ----------------------------------------------------- */

/* A name of the list that is being read; b->full: there is no room. */
void	wad_catdb_write_add(struct wad_catdb *b, uint16_t category,
	    const char *key, size_t klen);
/* Takes over the lists of the database that is to be updated; 0, or -1 with a
 * complaint. */
int	wad_catdb_write_old(struct wad_catdb *, const char *file,
	    struct wad_url_db *);
/* A list that had names in the old database and has none now was hardly
 * downloaded whole: -1 with a complaint. */
int	wad_catdb_write_check(struct wad_catdb *);
/* Puts the database in the place of out at once; 0, or -1 with a complaint and
 * nothing changed. */
int	wad_catdb_write(struct wad_catdb *, const char *out, uint64_t *keys,
	    uint64_t *size);

#endif
