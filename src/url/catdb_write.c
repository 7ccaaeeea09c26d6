/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names, sorted, and the database that is made of them.
 *
 * All names are held in one buffer (about 40 bytes a name) and sorted by
 * reference; a name that stands in several lists becomes one key with
 * several categories, in the order of the lists.  An update goes through the
 * old database, which is sorted too, and through the new names side by side.
 */
#include "url/catdb.h"

#include <cdb.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmem.h"

enum { ENTRY_HEAD = 10, VALUE_ONE = 8, CDB_HEAD = 2048, CDB_RECORD = 8 + 16 };

/* The text of a record: line (4 bytes), category, list, length of the key (2
 * bytes each, native order), key.  Offsets into the buffer are 32 bits wide. */
#define BUFFER_MAX	UINT32_MAX
#define CDB_MAX		(uint64_t)UINT32_MAX

static char temp[PATH_MAX];		/* to be removed when cut short */

void
wad_catdb_write_add(struct wad_catdb *b, uint16_t category, const char *key,
    size_t klen)
{
	uint16_t head[3] = { category, b->list_id, (uint16_t)klen };

	if (b->len + ENTRY_HEAD + klen > BUFFER_MAX) {
		b->full = true;
		return;
	}
	if (b->len + ENTRY_HEAD + klen > b->cap) {
		b->cap = b->cap * 2 + (1 << 20);
		b->buf = wad_xrealloc(b->buf, b->cap, 1);
	}
	if (b->n == b->n_cap) {
		b->n_cap = b->n_cap * 2 + (1 << 16);
		b->ref = wad_xrealloc(b->ref, b->n_cap, sizeof(*b->ref));
	}
	b->ref[b->n++] = (uint32_t)b->len;
	b->list[b->list_id].read++;
	memcpy(b->buf + b->len, &b->line, sizeof(b->line));
	memcpy(b->buf + b->len + sizeof(b->line), head, sizeof(head));
	memcpy(b->buf + b->len + ENTRY_HEAD, key, klen);
	b->len += ENTRY_HEAD + klen;
}

struct record {
	uint32_t	 line;
	uint16_t	 category, list, klen;
	const char	*key;
};

static struct record
record_at(const struct wad_catdb *b, uint32_t ref)
{
	uint32_t line;
	uint16_t head[3];

	memcpy(&line, b->buf + ref, sizeof(line));
	memcpy(head, b->buf + ref + sizeof(line), sizeof(head));
	return (struct record){ line, head[0], head[1], head[2],
		b->buf + ref + ENTRY_HEAD };
}

static int
key_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	int d = memcmp(a, b, alen < blen ? alen : blen);

	return d != 0 ? d : (alen > blen) - (alen < blen);
}

/* By key, then in the order of arrival. */
static int
by_key(const void *x, const void *y, void *arg)
{
	uint32_t	 rx, ry;
	struct record	 a, b;
	int		 d;

	memcpy(&rx, x, sizeof(rx));
	memcpy(&ry, y, sizeof(ry));
	a = record_at(arg, rx);
	b = record_at(arg, ry);
	d = key_cmp(a.key, a.klen, b.key, b.klen);
	return d != 0 ? d : (rx > ry) - (rx < ry);
}

/* ---- what the old database has ---- */

int
wad_catdb_write_old(struct wad_catdb *b, const char *file,
    struct wad_url_db *db)
{
	const char *name;

	if (wad_url_db_step(db) != VALUE_ONE)
		return wad_catdb_say("%s: made by an older wad-catdb, which "
		    "kept no lines; build it again", file);
	for (size_t i = 0; (name = wad_url_db_list(db, i)) != NULL; i++) {
		b->list[i].name = wad_xstrdup(name);
		b->list[i].file = wad_xstrdup(wad_url_db_file(db, i));
		b->n_lists++;
	}
	return 0;
}

/* ---- writing ---- */

static void
on_signal(int sig)
{
	unlink(temp);
	_exit(128 + sig);
}

static int
write_failed(const char *out, const char *what)
{
	int e = errno;

	if (temp[0] != '\0')
		unlink(temp);
	return wad_catdb_say("%s: %s: %s%s; nothing is changed", out, what,
	    strerror(e), e == ENOSPC || e == EDQUOT || e == EFBIG ?
	    " (make room there or choose another folder)" : e == EBADMSG ?
	    " (the old database is damaged: build it again)" : "");
}

/* The value of a key that is being put together. */
struct value {
	uint8_t	 bytes[WAD_CATES_MAX * VALUE_ONE];
	size_t	 n;
};

/* Adds a category, of which the first list counts. */
static void
value_add(struct wad_catdb *b, struct value *v, const uint8_t *one)
{
	for (size_t j = 0; j < v->n; j++)
		if (memcmp(v->bytes + j * VALUE_ONE, one, 2) == 0)
			return;
	if (v->n == WAD_CATES_MAX) {
		b->dropped++;
		return;
	}
	memcpy(v->bytes + v->n++ * VALUE_ONE, one, VALUE_ONE);
}

static void
value_add_record(struct wad_catdb *b, struct value *v, const struct record *r)
{
	uint8_t one[VALUE_ONE] = { (uint8_t)r->category,
		(uint8_t)(r->category >> 8), (uint8_t)r->list,
		(uint8_t)(r->list >> 8), (uint8_t)r->line,
		(uint8_t)(r->line >> 8), (uint8_t)(r->line >> 16),
		(uint8_t)(r->line >> 24) };

	value_add(b, v, one);
}

/* A key of the old database and what it holds. */
struct old {
	const char	*key;		/* NULL: no more */
	size_t		 klen;
	const uint8_t	*val;
	size_t		 vlen;
	unsigned	 at;
};

/* The next key; -1 when the file is damaged. */
static int
old_next(struct wad_catdb *b, struct old *o)
{
	struct old last = *o;

	for (;;) {
		int ret = b->old != NULL ? cdb_seqnext(&o->at, b->old) : 0;

		o->key = NULL;
		if (ret <= 0)
			return ret;
		o->key = cdb_getkey(b->old);
		o->klen = cdb_keylen(b->old);
		o->val = cdb_getdata(b->old);
		o->vlen = cdb_datalen(b->old);
		if (o->key == NULL || o->val == NULL || o->klen == 0)
			return -1;
		if (o->key[0] == '\0')
			continue;
		return last.key == NULL || key_cmp(last.key, last.klen,
		    o->key, o->klen) < 0 ? 0 : -1;
	}
}

static void
value_add_old(struct wad_catdb *b, struct value *v, const struct old *o)
{
	for (size_t i = 0; i + VALUE_ONE <= o->vlen; i += VALUE_ONE) {
		unsigned list = (unsigned)o->val[i + 2] |
		    (unsigned)o->val[i + 3] << 8;

		if (list < b->n_lists && !b->list[list].stale)
			value_add(b, v, o->val + i);
	}
}

/* The next key of both and its value; 0, 1 at the end, or -1. */
static int
next_key(struct wad_catdb *b, struct old *o, size_t *i, const char **key,
    size_t *klen, struct value *v)
{
	struct record	r = { 0 };
	int		d;

	v->n = 0;
	if (o->key == NULL && *i == b->n)
		return 1;
	if (*i < b->n)
		r = record_at(b, b->ref[*i]);
	d = o->key == NULL ? 1 : *i == b->n ? -1 : key_cmp(o->key, o->klen,
	    r.key, r.klen);
	*key = d <= 0 ? o->key : r.key;
	*klen = d <= 0 ? o->klen : r.klen;
	if (d <= 0) {
		value_add_old(b, v, o);
		if (old_next(b, o) == -1) {
			errno = EBADMSG;
			return -1;
		}
	}
	while (d >= 0 && *i < b->n) {
		r = record_at(b, b->ref[*i]);
		if (key_cmp(*key, *klen, r.key, r.klen) != 0)
			break;
		value_add_record(b, v, &r);
		++*i;
	}
	return 0;
}

static int
put_meta(struct wad_catdb *b, struct cdb_make *m, uint64_t keys)
{
	struct wad_str	meta = { 0 };
	int		ret;

	wad_str_addf(&meta, WAD_URL_DB_MAGIC "%llu\n",
	    (unsigned long long)keys);
	for (size_t i = 0; i < b->n_lists; i++)
		wad_str_addf(&meta, "%s\t%s\n", b->list[i].name,
		    b->list[i].file);
	ret = cdb_make_add(m, WAD_URL_DB_META, WAD_URL_DB_META_LEN, meta.s,
	    (unsigned)meta.len);
	wad_str_free(&meta);
	return ret != 0 ? -1 : 0;
}

static int
put_all(struct wad_catdb *b, struct cdb_make *m, uint64_t *keys)
{
	struct value	v;
	struct old	o = { 0 };
	const char	*key;
	size_t		 klen, i = 0;
	uint64_t	 size = CDB_HEAD + b->n_lists * 1300 + 256;
	int		 ret;

	*keys = 0;
	if (b->old != NULL)
		cdb_seqinit(&o.at, b->old);
	if (old_next(b, &o) == -1) {
		errno = EBADMSG;
		return -1;
	}
	while ((ret = next_key(b, &o, &i, &key, &klen, &v)) == 0) {
		if (v.n == 0)
			continue;
		++*keys;
		size += CDB_RECORD + klen + v.n * VALUE_ONE;
		if (size > CDB_MAX) {
			errno = EFBIG;
			return -1;
		}
		if (cdb_make_add(m, key, (unsigned)klen, v.bytes,
		    (unsigned)(v.n * VALUE_ONE)) != 0)
			return -1;
	}
	return ret == -1 ? -1 : put_meta(b, m, *keys);
}

/* Makes a rename last over a power cut; not every file system can. */
static void
sync_folder(const char *out)
{
	const char	*slash = strrchr(out, '/');
	char		*folder = slash != NULL ? wad_xstrndup(out,
	    (size_t)(slash + 1 - out)) : wad_xstrdup(".");
	int		 fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}

/* Names that the old database has of each list. */
static void
count_old(struct wad_catdb *b, uint64_t count[WAD_URL_DB_LISTS_MAX])
{
	unsigned at;

	cdb_seqinit(&at, b->old);
	while (cdb_seqnext(&at, b->old) > 0) {
		unsigned	 len = cdb_datalen(b->old);
		const uint8_t	*v = cdb_getdata(b->old);
		const char	*k = cdb_getkey(b->old);

		if (v == NULL || k == NULL || cdb_keylen(b->old) == 0 ||
		    k[0] == '\0')
			continue;
		for (; len >= VALUE_ONE; v += VALUE_ONE, len -= VALUE_ONE) {
			unsigned list = (unsigned)v[2] | (unsigned)v[3] << 8;

			if (list < WAD_URL_DB_LISTS_MAX)
				count[list]++;
		}
	}
}

int
wad_catdb_write_check(struct wad_catdb *b)
{
	uint64_t count[WAD_URL_DB_LISTS_MAX] = { 0 };
	bool	 counted = false;

	for (size_t i = 0; i < b->n_lists; i++) {
		uint64_t now = 0;

		for (size_t k = 0; k < b->n_lists; k++)
			if (strcmp(b->list[k].file, b->list[i].file) == 0)
				now += b->list[k].read;
		if (!b->list[i].stale || b->list[i].file[0] == '\0' ||
		    now > 0)
			continue;
		if (!counted)
			count_old(b, count);
		counted = true;
		if (count[i] > 0)
			return wad_catdb_say("%s: no name in it, and the "
			    "database has %llu of it: was it downloaded "
			    "whole? To take them out: --remove %s",
			    b->list[i].file,
			    (unsigned long long)count[i], b->list[i].name);
	}
	return 0;
}

int
wad_catdb_write(struct wad_catdb *b, const char *out, uint64_t *keys,
    uint64_t *size)
{
	struct cdb_make	m;
	struct stat	st;
	int		fd;

	if (strlen(out) + 8 > sizeof(temp)) {
		errno = ENAMETOOLONG;
		return write_failed(out, "cannot be made");
	}
	snprintf(temp, sizeof(temp), "%s.XXXXXX", out);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd == -1) {
		temp[0] = '\0';
		return write_failed(out, "cannot be made");
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	if (b->n > 0)			/* else there is no ref */
		qsort_r(b->ref, b->n, sizeof(*b->ref), by_key, b);
	if (cdb_make_start(&m, fd) != 0 || put_all(b, &m, keys) == -1 ||
	    cdb_make_finish(&m) != 0 || fchmod(fd, 0644) == -1 ||
	    fstat(fd, &st) == -1 || fsync(fd) == -1)
		return write_failed(out, "cannot be written");
	if (close(fd) == -1 || rename(temp, out) == -1)
		return write_failed(out, "cannot be written");
	sync_folder(out);
	*size = (uint64_t)st.st_size;
	return 0;
}
