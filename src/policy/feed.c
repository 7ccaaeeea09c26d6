/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which feed holds a name or an address.
 */
#include "policy/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"

enum { KEYS_MAX = 512 };	/* of URL databases: url/url_db.h */

/* A name keeps its cell as long as the process lives, since sessions hold old
 * configurations; its copy goes when no configuration names it. */
struct wad_feed_cell {
	struct wad_feed_cell *next;
	char		*name;
	struct wad_feed_db *db;
};

static struct wad_feed_cell	*cells;
static unsigned			 n_cells;

static struct wad_feed_cell *
cell(const char *name)
{
	struct wad_feed_cell *c;

	for (c = cells; c != NULL; c = c->next)
		if (strcmp(c->name, name) == 0)
			return c;
	if (n_cells >= 8 * WAD_FEEDS_MAX)
		return NULL;
	c = wad_xcalloc(1, sizeof(*c));
	c->name = wad_xstrdup(name);
	c->next = cells;
	cells = c;
	n_cells++;
	return c;
}

void
wad_feed_bind(struct wad_conf *conf)
{
	for (size_t i = 0; i < conf->n_feeds; i++)
		conf->feeds[i].cell = cell(conf->feeds[i].name);
}

void
wad_feed_keep(const struct wad_conf *conf)
{
	for (struct wad_feed_cell *c = cells; c != NULL; c = c->next) {
		bool named = false;

		for (size_t i = 0; i < conf->n_feeds && !named; i++)
			named = conf->feeds[i].cell == c &&
			    conf->feeds[i].enabled;
		if (named)
			continue;
		wad_feed_db_close(c->db);
		c->db = NULL;
	}
}

int
wad_feed_put(const char *name, int fd, char *err, size_t errsize)
{
	struct wad_feed_cell	*c = cell(name);
	struct wad_feed_db	*db = NULL;

	if (fd != -1 && c != NULL) {
		db = wad_feed_db_open(fd, err, errsize);
		if (db == NULL)
			return -1;
	} else if (c == NULL) {
		if (fd != -1)
			close(fd);
		snprintf(err, errsize, "too many names of feeds; restart "
		    "openwad");
		return -1;
	}
	wad_feed_db_close(c->db);
	c->db = db;
	return 0;
}

const struct wad_feed_db *
wad_feed_get(const struct wad_feed *f)
{
	const struct wad_feed_db *db = f->cell != NULL && f->enabled ?
	    f->cell->db : NULL;

	return db != NULL && wad_feed_db_head(db)->type == (uint32_t)f->type ?
	    db : NULL;
}

uint32_t
wad_feed_holds(const struct wad_feed *f, const struct wad_addr *a)
{
	const struct wad_feed_db *db = wad_feed_get(f);

	return db != NULL ? wad_feed_db_addr(db, a) : 0;
}

/* The longest key of one feed: the name with its path, cut part by part, then
 * the name alone, then its parent the same. */
static bool
find_one(const struct wad_feed_db *db, const char *host, const char *path,
    size_t plen, bool is_ip, struct wad_feed_hit *hit)
{
	char	 key[WAD_HOST_MAX + KEYS_MAX];
	size_t	 hlen;

	if (wad_feed_db_head(db)->n_names == 0)
		return false;
	if (wad_feed_db_head(db)->n_paths == 0 || plen > KEYS_MAX)
		plen = 0;
	for (; *host != '\0'; host += hlen, host += *host == '.') {
		size_t n = plen;

		hlen = strlen(host);
		memcpy(key, host, hlen);
		memcpy(key + hlen, path, plen);
		for (;;) {
			hit->line = wad_feed_db_name(db, key, hlen + n);
			hit->klen = hlen + n;
			if (hit->line != 0)
				return true;
			if (n == 0)
				break;
			while (path[--n] != '/')
				;
		}
		if (is_ip)
			break;
		hlen = strcspn(host, ".");
	}
	return false;
}

size_t
wad_feed_find(const struct wad_conf *conf, const char *host, const char *path,
    size_t plen, struct wad_feed_hit *hits, size_t max)
{
	struct wad_addr	a;
	bool		is_ip;
	size_t		n = 0;

	if (conf->n_feeds == 0 || strnlen(host, WAD_HOST_MAX) >= WAD_HOST_MAX)
		return 0;
	is_ip = wad_addr_parse(&a, host) == 0;
	for (size_t i = 0; i < conf->n_feeds && n < max; i++) {
		const struct wad_feed		*f = &conf->feeds[i];
		const struct wad_feed_db	*db;
		struct wad_feed_hit		 h = { .feed = f };
		size_t				 k;

		if (f->type == WAD_FEED_ADDRESS || f->category == 0 ||
		    (db = wad_feed_get(f)) == NULL ||
		    !find_one(db, host, path, plen, is_ip, &h))
			continue;
		for (k = n++; k > 0 && hits[k - 1].klen < h.klen; k--)
			hits[k] = hits[k - 1];
		hits[k] = h;
	}
	return n;
}
