/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the compiled database: mapped, shared by all workers, trusted in
 * nothing (every length is checked).
 */
#include "url/url_db.h"

#include <cdb.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmem.h"
#include "url/url.h"
#include "url/url_form.h"

struct wad_url_db {
	struct cdb	 cdb;
	char		*meta;		/* names of the lists, split */
	char		*list[WAD_URL_DB_LISTS_MAX];
	unsigned	 n_lists;
	uint64_t	 count;
	bool		 failed;	/* a look-up met damaged data */
};

static int
read_meta(struct wad_url_db *db)
{
	const char	*p;
	char		*at, *nl;
	unsigned	 len;
	size_t		 magic = strlen(WAD_URL_DB_MAGIC);

	if (cdb_find(&db->cdb, WAD_URL_DB_META, WAD_URL_DB_META_LEN) <= 0)
		return -1;
	len = cdb_datalen(&db->cdb);
	p = cdb_get(&db->cdb, len, cdb_datapos(&db->cdb));
	if (p == NULL || len < magic || memcmp(p, WAD_URL_DB_MAGIC, magic))
		return -1;
	db->meta = wad_xstrndup(p + magic, len - magic);
	at = db->meta;
	db->count = strtoull(at, &at, 10);
	if (*at != '\n')
		return -1;
	for (at++; *at != '\0' && db->n_lists < WAD_URL_DB_LISTS_MAX; at = nl) {
		nl = strchr(at, '\n');
		if (nl == NULL)
			return -1;
		*nl++ = '\0';
		db->list[db->n_lists++] = at;
	}
	return 0;
}

struct wad_url_db *
wad_url_db_open(int fd, char *err, size_t errsize)
{
	struct wad_url_db *db = wad_xcalloc(1, sizeof(*db));

	if (cdb_init(&db->cdb, fd) != 0) {
		/* EPROTO: smaller than any database */
		if (errno == EPROTO)
			snprintf(err, errsize, "not a category database of "
			    "wad-catdb");
		else
			snprintf(err, errsize, "the category database cannot "
			    "be mapped: %s", strerror(errno));
		close(fd);
		free(db);
		return NULL;
	}
	close(fd);
	if (read_meta(db) == -1) {
		snprintf(err, errsize, "not a category database of wad-catdb");
		wad_url_db_close(db);
		return NULL;
	}
	return db;
}

void
wad_url_db_close(struct wad_url_db *db)
{
	if (db == NULL)
		return;
	cdb_free(&db->cdb);
	free(db->meta);
	free(db);
}

uint64_t
wad_url_db_count(const struct wad_url_db *db)
{
	return db->count;
}

/* The categories of one key; how many. */
static size_t
get(const struct wad_url_db *db, const char *key, size_t klen, uint16_t *cats,
    size_t max, const char **list)
{
	struct cdb	*cdb = (struct cdb *)(uintptr_t)&db->cdb;
	const uint8_t	*p;
	unsigned	 len;
	size_t		 n = 0;
	int		 found;

	if (klen > WAD_URL_DB_KEY_MAX)
		return 0;
	found = cdb_find(cdb, key, (unsigned)klen);
	if (found == 0)
		return 0;
	len = found > 0 ? cdb_datalen(cdb) : 0;
	p = found > 0 ? cdb_get(cdb, len, cdb_datapos(cdb)) : NULL;
	if (p == NULL) {		/* a damaged file is not "unrated" */
		((struct wad_url_db *)(uintptr_t)db)->failed = true;
		return 0;
	}
	for (; len >= 4 && n < max; p += 4, len -= 4) {
		unsigned id = (unsigned)p[2] | (unsigned)p[3] << 8;

		cats[n] = (uint16_t)(p[0] | p[1] << 8);
		if (n++ == 0 && list != NULL)
			*list = id < db->n_lists ? db->list[id] : "?";
	}
	return n;
}

/* ---- look-up ---- */

/* A path in its one form: the longest prefix first, whole parts only. */
static size_t
get_path(const struct wad_url_db *db, const char *host, const char *path,
    size_t plen, uint16_t *cats, size_t max, const char **list)
{
	char	 key[WAD_HOST_MAX + WAD_URL_DB_KEY_MAX];
	size_t	 hlen = strlen(host), n;

	memcpy(key, host, hlen);
	memcpy(key + hlen, path, plen);
	while (plen > 0) {
		n = get(db, key, hlen + plen, cats, max, list);
		if (n > 0)
			return n;
		while (path[--plen] != '/')
			;
	}
	return 0;
}

size_t
wad_url_db_find(const struct wad_url_db *db, const char *host,
    const char *path, uint16_t *cats, size_t max, const char **list)
{
	struct wad_addr	 a;
	char		 form[WAD_URL_DB_KEY_MAX];
	bool		 is_ip = wad_addr_parse(&a, host) == 0, cut;
	size_t		 plen = 0, n;

	if (strnlen(host, WAD_HOST_MAX) >= WAD_HOST_MAX)
		return 0;
	if (path != NULL)
		plen = wad_url_form_key(form, sizeof(form), path, strlen(path),
		    &cut);
	/* a canonical name has at most 127 labels; a limit below that would
	 * let long names slip through */
	while (*host != '\0') {
		n = get_path(db, host, form, plen, cats, max, list);
		if (n == 0)
			n = get(db, host, strlen(host), cats, max, list);
		if (n > 0 || is_ip)
			return n;
		host += strcspn(host, ".");
		host += *host == '.';
	}
	return 0;
}

const char *
wad_url_db_list(const struct wad_url_db *db, size_t i)
{
	return i < db->n_lists ? db->list[i] : NULL;
}

bool
wad_url_db_failed(struct wad_url_db *db)
{
	bool was = db->failed;

	db->failed = false;
	return was;
}
