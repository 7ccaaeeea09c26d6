/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the compiled database: mapped, shared by all workers, trusted in
 * nothing (every length is checked).
 */
#include "url/url_db.h"

#include <cdb.h>

#include <sys/mman.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "url/url.h"
#include "url/url_form.h"

struct wad_url_db {
	struct cdb	 cdb;
	char		*meta;		/* names of the lists, split */
	char		*list[WAD_URL_DB_LISTS_MAX];
	char		*file[WAD_URL_DB_LISTS_MAX];
	unsigned	 n_lists;
	size_t		 step;		/* bytes of a category in a value */
	uint64_t	 count;
	bool		 failed;	/* a look-up met damaged data */
	/* the file was cut while it was mapped: nothing is known any more */
	volatile sig_atomic_t cut;
	bool		 cut_told;
	struct wad_url_db *next;	/* in mapped */
};

static struct wad_url_db *mapped;	/* all that are open */

/* Memory whose file has become shorter is touched (somebody copied over it
 * instead of replacing it): the mapping becomes one of zeroes, in which nothing
 * is found.  Whatever else it is ends the program as ever. */
static void
on_bus(int sig, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;

	(void)context;
	for (struct wad_url_db *db = mapped; db != NULL; db = db->next) {
		void *mem = (void *)(uintptr_t)db->cdb.cdb_mem;

		if (at < (uintptr_t)mem || at - (uintptr_t)mem >=
		    db->cdb.cdb_fsize)
			continue;
		db->cut = 1;
		if (mmap(mem, db->cdb.cdb_fsize, PROT_READ, MAP_PRIVATE |
		    MAP_ANONYMOUS | MAP_FIXED, -1, 0) == mem)
			return;
	}
	(void)signal(sig, SIG_DFL);	/* and it happens again */
}

static void
watch(struct wad_url_db *db)
{
	static bool	 watching;
	struct sigaction sa = { .sa_sigaction = on_bus,
			    .sa_flags = SA_SIGINFO };

	db->next = mapped;
	mapped = db;
	if (watching)
		return;
	sigemptyset(&sa.sa_mask);
	watching = sigaction(SIGBUS, &sa, NULL) == 0;
}

static void
unwatch(struct wad_url_db *db)
{
	struct wad_url_db **at = &mapped;

	while (*at != db)
		at = &(*at)->next;
	*at = db->next;
}

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
	if (p == NULL || len < magic)
		return -1;
	if (memcmp(p, WAD_URL_DB_MAGIC, magic) == 0)
		db->step = 8;
	else if (memcmp(p, WAD_URL_DB_MAGIC_1, magic) == 0)
		db->step = 4;
	else
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
		db->list[db->n_lists] = at;
		at = strchr(at, '\t');
		if (at != NULL)
			*at++ = '\0';
		db->file[db->n_lists++] = at;
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
	watch(db);
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
	unwatch(db);
	cdb_free(&db->cdb);
	free(db->meta);
	free(db);
}

uint64_t
wad_url_db_count(const struct wad_url_db *db)
{
	return db->count;
}

/* The value of one key, or NULL. */
static const uint8_t *
get(const struct wad_url_db *db, const char *key, size_t klen, size_t *len)
{
	struct cdb	*cdb = (struct cdb *)(uintptr_t)&db->cdb;
	const uint8_t	*p;
	int		 found;

	if (klen > WAD_URL_DB_KEY_MAX)
		return NULL;
	found = cdb_find(cdb, key, (unsigned)klen);
	if (found == 0)
		return NULL;
	*len = found > 0 ? cdb_datalen(cdb) : 0;
	p = found > 0 ? cdb_get(cdb, (unsigned)*len, cdb_datapos(cdb)) : NULL;
	if (p == NULL)			/* a damaged file is not "unrated" */
		((struct wad_url_db *)(uintptr_t)db)->failed = true;
	return p != NULL && *len >= db->step ? p : NULL;
}

/* A path in its one form: the longest prefix first, whole parts only. */
static const uint8_t *
get_path(const struct wad_url_db *db, const char *host, const char *path,
    size_t plen, size_t *len)
{
	char		 key[WAD_HOST_MAX + WAD_URL_DB_KEY_MAX];
	size_t		 hlen = strlen(host);
	const uint8_t	*p;

	memcpy(key, host, hlen);
	memcpy(key + hlen, path, plen);
	while (plen > 0) {
		p = get(db, key, hlen + plen, len);
		if (p != NULL)
			return p;
		while (path[--plen] != '/')
			;
	}
	return NULL;
}

static uint32_t
u32_at(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* Where the file is read first for a host and the names above it: memory
 * answers several questions at once as fast as one.  (Format of cdb: 256
 * tables at the beginning, each its place and its number of slots.) */
static void
prefetch(const struct wad_url_db *db, const char *host)
{
	const struct cdb *cdb = &db->cdb;

	for (unsigned n = 0; n < 4 && *host != '\0'; n++) {
		unsigned	 h = cdb_hash(host, (unsigned)strlen(host));
		const unsigned char *table = cdb->cdb_mem + (h & 255) * 8;
		uint32_t	 at = u32_at(table), slots = u32_at(table + 4);

		if (slots > 0 && at < cdb->cdb_fsize && slots <=
		    (cdb->cdb_fsize - at) / 8)
			__builtin_prefetch(cdb->cdb_mem + at +
			    (size_t)((h >> 8) % slots) * 8);
		host += strcspn(host, ".");
		host += *host == '.';
	}
}

/* The value of the name that says most about host and path, or NULL. */
static const uint8_t *
value_of(const struct wad_url_db *db, const char *host, const char *path,
    size_t *len)
{
	struct wad_addr	 a;
	char		 form[WAD_URL_DB_KEY_MAX];
	bool		 is_ip = wad_addr_parse(&a, host) == 0, cut;
	size_t		 plen = 0;
	const uint8_t	*p;

	if (strnlen(host, WAD_HOST_MAX) >= WAD_HOST_MAX)
		return NULL;
	if (path != NULL)
		plen = wad_url_form_key(form, sizeof(form), path,
		    strlen(path), &cut);
	if (!is_ip)
		prefetch(db, host);
	/* a canonical name has at most 127 labels; a limit below that would
	 * let long names slip through */
	while (*host != '\0') {
		p = get_path(db, host, form, plen, len);
		if (p == NULL)
			p = get(db, host, strlen(host), len);
		if (p != NULL || is_ip)
			return p;
		host += strcspn(host, ".");
		host += *host == '.';
	}
	return NULL;
}

static struct wad_url_source
source_at(const struct wad_url_db *db, const uint8_t *p)
{
	unsigned		id = (unsigned)p[2] | (unsigned)p[3] << 8;
	const char		*file = id < db->n_lists ? db->file[id] :
	    NULL;

	return (struct wad_url_source){ (uint16_t)(p[0] | p[1] << 8),
		id < db->n_lists ? db->list[id] : "?", file != NULL ? file :
		"", db->step < 8 ? 0 : (uint32_t)p[4] | (uint32_t)p[5] << 8 |
		(uint32_t)p[6] << 16 | (uint32_t)p[7] << 24 };
}

size_t
wad_url_db_sources(const struct wad_url_db *db, const char *host,
    const char *path, struct wad_url_source *out, size_t max)
{
	size_t		 len, n = 0;
	const uint8_t	*p = value_of(db, host, path, &len);

	for (; p != NULL && len >= db->step && n < max; p += db->step,
	    len -= db->step)
		out[n++] = source_at(db, p);
	return db->cut ? 0 : n;
}

size_t
wad_url_db_find(const struct wad_url_db *db, const char *host,
    const char *path, uint16_t *cats, size_t max, const char **list)
{
	size_t		 len, n = 0;
	const uint8_t	*p = value_of(db, host, path, &len);

	if (p != NULL && list != NULL)
		*list = source_at(db, p).list;
	for (; p != NULL && len >= db->step && n < max; p += db->step,
	    len -= db->step)
		cats[n++] = source_at(db, p).category;
	return db->cut ? 0 : n;
}

const char *
wad_url_db_list(const struct wad_url_db *db, size_t i)
{
	return i < db->n_lists ? db->list[i] : NULL;
}

bool
wad_url_db_failed(struct wad_url_db *db)
{
	bool was = db->failed || db->cut;

	db->failed = false;
	if (db->cut && !db->cut_told) {
		db->cut_told = true;
		wad_log_event("error", "the category database cannot be read "
		    "any more: written over while in use (mv replaces a file, "
		    "cp does not), or its disk fails; no rating until openwad "
		    "reloads a whole one");
	}
	return was;
}

const char *
wad_url_db_file(const struct wad_url_db *db, size_t i)
{
	if (i >= db->n_lists)
		return NULL;
	return db->file[i] != NULL ? db->file[i] : "";
}

size_t
wad_url_db_step(const struct wad_url_db *db)
{
	return db->step;
}
