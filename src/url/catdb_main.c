/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-catdb: makes the category database out of public lists, and asks it.
 *
 * All names are held in one buffer (about 40 bytes a name) and sorted by
 * reference; a name that stands in several lists becomes one key with
 * several categories, in the order of the lists.  An update goes through the
 * old database, which is sorted too, and through the new names side by side.
 */
#include <cdb.h>

#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/xmem.h"
#include "url/catdb_parse.h"
#include "url/category.h"
#include "url/url.h"

enum { BAD_SHOWN = 10, CATE_LAST = 254, ENTRY_HEAD = 10, VALUE_ONE = 8,
	CDB_HEAD = 2048, CDB_RECORD = 8 + 16 };

/* The text of a record: line (4 bytes), category, list, length of the key (2
 * bytes each, native order), key.  Offsets into the buffer are 32 bits wide. */
#define BUFFER_MAX	UINT32_MAX
#define CDB_MAX		(uint64_t)UINT32_MAX

struct mapping {
	const char	*name;
	uint16_t	 number;
};

struct build {
	char		*buf;
	size_t		 len, cap;
	uint32_t	*ref;
	size_t		 n, n_cap;
	struct mapping	*map;
	size_t		 n_map;
	struct {
		char	*name, *file;	/* both "": taken out */
		bool	 stale;		/* what the old database has of it
					 * does not count any more */
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

static char temp[PATH_MAX];		/* to be removed when cut short */

static int
complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int
complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("wad-catdb: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int
usable_number(int n)
{
	return n >= 1 && n <= CATE_LAST ? n : -1;
}

/* A category by --category, by the folder names of public lists, by name or
 * by number; -1. */
static int
category_of(const struct build *b, const char *name)
{
	for (size_t i = 0; i < b->n_map; i++)
		if (strcasecmp(b->map[i].name, name) == 0)
			return b->map[i].number;
	return usable_number(wad_category_of_folder(name));
}

/* ---- records ---- */

static void
store(struct build *b, uint16_t category, const char *key, size_t klen)
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
record_at(const struct build *b, uint32_t ref)
{
	uint32_t line;
	uint16_t head[3];

	memcpy(&line, b->buf + ref, sizeof(line));
	memcpy(head, b->buf + ref + sizeof(line), sizeof(head));
	return (struct record){ line, head[0], head[1], head[2],
		b->buf + ref + ENTRY_HEAD };
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
	d = memcmp(a.key, b.key, a.klen < b.klen ? a.klen : b.klen);
	if (d == 0)
		d = (a.klen > b.klen) - (a.klen < b.klen);
	return d != 0 ? d : (rx > ry) - (rx < ry);
}

/* ---- reading lists ---- */

static void
on_name(void *arg, const char *key, size_t klen, const char *category)
{
	struct build	*b = arg;
	int		 n = b->category;

	if (category != NULL) {
		if (b->last_number == 0 || strcmp(b->last_name, category)) {
			n = category_of(b, category);
			b->last_number = n > 0 ? (uint16_t)n : 0;
			snprintf(b->last_name, sizeof(b->last_name), "%s",
			    category);
		}
		n = b->last_number;
	}
	if (n <= 0)
		b->why = "unknown category: use --category NAME=NUMBER";
	else
		store(b, (uint16_t)n, key, klen);
}

/* The next line without its end; cut (and read to its end) when it is longer
 * than any line may be.  -1 at the end of the file. */
static ssize_t
next_line(FILE *f, char buf[WAD_CATDB_LINE_MAX + 2])
{
	size_t	n = 0;
	int	c = getc_unlocked(f);

	if (c == EOF)
		return -1;
	for (; c != EOF && c != '\n'; c = getc_unlocked(f))
		if (n < WAD_CATDB_LINE_MAX + 1)
			buf[n++] = (char)c;
	return (ssize_t)n;
}

/* The line numbers of bad lines, ten of them by name. */
static void
bad_line(struct build *b, const char *path, uint64_t line, uint64_t bad,
    const char *why)
{
	b->bad++;
	if (bad <= BAD_SHOWN)
		complain("%s:%llu: %s", path, (unsigned long long)line, why);
}

static int
read_lines(struct build *b, FILE *f, const char *path,
    enum wad_catdb_type type)
{
	char		 buf[WAD_CATDB_LINE_MAX + 2];
	ssize_t		 len;
	uint64_t	 line = 0, bad = 0;

	while ((len = next_line(f, buf)) != -1) {
		const char *why = NULL;

		line++;
		b->line = line < UINT32_MAX ? (uint32_t)line : 0;
		b->why = NULL;
		if (wad_catdb_parse_line(type, buf, (size_t)len, on_name, b,
		    &why) != -1)
			why = b->why;
		if (why != NULL)
			bad_line(b, path, line, ++bad, why);
		if (b->full)
			return complain("%s:%llu: more names than a database "
			    "can hold (4 GB); use fewer lists", path,
			    (unsigned long long)line);
	}
	b->lines += line;
	if (ferror(f))
		return complain("%s: %s", path, strerror(errno));
	if (bad > 0)
		complain("%s: %llu bad lines skipped%s", path,
		    (unsigned long long)bad, bad > BAD_SHOWN ?
		    "; the first 10 are shown" : "");
	return 0;
}

/* A file as the database tells it: where it is, printable. */
static void
full_name(char *dst, size_t size, const char *path)
{
	char real[PATH_MAX];

	if (realpath(path, real) == NULL)
		snprintf(real, sizeof(real), "%s", path);
	wad_str_escape(dst, size, real, strlen(real));
}

/* The number of a list and its file in the database; what the old one has of
 * that file does not count any more. */
static int
list_id(struct build *b, const char *name, const char *path)
{
	char	esc[256], file[1024];
	size_t	at = b->n_lists;

	wad_str_escape(esc, sizeof(esc), name, strlen(name));
	full_name(file, sizeof(file), path);
	for (size_t i = b->n_lists; i-- > 0;) {
		bool same = strcmp(b->list[i].file, file) == 0;

		b->list[i].stale = b->list[i].stale || same;
		if ((same && strcmp(b->list[i].name, esc) == 0) ||
		    (at == b->n_lists && b->list[i].name[0] == '\0'))
			at = i;
	}
	if (at == WAD_URL_DB_LISTS_MAX)
		return complain("more than %d lists", WAD_URL_DB_LISTS_MAX);
	if (at < b->n_lists) {
		free(b->list[at].name);
		free(b->list[at].file);
	} else
		b->n_lists++;
	b->list[at].name = wad_xstrdup(esc);
	b->list[at].file = wad_xstrdup(file);
	return (int)at;
}

static int
read_list(struct build *b, const char *path, const char *list,
    enum wad_catdb_type type, int category)
{
	FILE		*f;
	int		 id = list_id(b, list, path), ret;
	struct stat	 st;

	if (id == -1)
		return -1;
	f = fopen(path, "re");
	if (f == NULL)
		return complain("%s: %s", path, strerror(errno));
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		return complain("%s: a folder where a file should be", path);
	}
	b->list_id = (uint16_t)id;
	b->category = (uint16_t)category;
	b->last_number = 0;
	ret = read_lines(b, f, path, type);
	fclose(f);
	return ret;
}

/* "domains" and "urls" of a folder; how many there were, or -1. */
static int
read_pair(struct build *b, const char *folder, const char *list, int category)
{
	static const struct { const char *name; enum wad_catdb_type type; }
	    files[] = { { "domains", WAD_CATDB_DOMAINS },
		{ "urls", WAD_CATDB_URLS } };
	char	path[PATH_MAX];
	int	n = 0;

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%.4000s/%s", folder,
		    files[i].name);
		if (access(path, F_OK) == -1 && errno == ENOENT)
			continue;
		n++;
		if (category > 0 && read_list(b, path, list, files[i].type,
		    category) == -1)
			return -1;
	}
	return n;
}

struct seen { dev_t dev; ino_t ino; };

static bool
seen_before(struct seen *seen, size_t *n, const struct stat *st)
{
	for (size_t i = 0; i < *n; i++)
		if (seen[i].dev == st->st_dev && seen[i].ino == st->st_ino)
			return true;
	seen[(*n)++] = (struct seen){ st->st_dev, st->st_ino };
	return false;
}

static int
read_sub(struct build *b, const char *path, const char *name)
{
	int category = category_of(b, name), n;

	n = read_pair(b, path, name, category);
	if (n > 0 && category == -1)
		complain("%s: no category for this folder, skipped; use "
		    "--category %s=NUMBER", path, name);
	return n;
}

/* A UT1 folder.  Its links are second names of folders beside them: those
 * come last, and only when they lead elsewhere. */
static int
read_folder(struct build *b, const char *folder)
{
	struct dirent	**e;
	struct seen	*seen;
	size_t		 n_seen = 0;
	int		 n = scandir(folder, &e, NULL, alphasort), ret = 0;
	int		 found = 0;

	if (n == -1)
		return complain("%s: %s", folder, strerror(errno));
	seen = wad_xcalloc((size_t)n, sizeof(*seen));
	for (int i = 0; i < 2 * n && ret != -1; i++) {
		const char	*name = e[i % n]->d_name;
		char		 path[PATH_MAX];
		struct stat	 link, st;

		snprintf(path, sizeof(path), "%.3000s/%s", folder, name);
		if (name[0] == '.' || lstat(path, &link) == -1 ||
		    S_ISLNK(link.st_mode) != (i >= n) ||
		    stat(path, &st) == -1 || !S_ISDIR(st.st_mode) ||
		    seen_before(seen, &n_seen, &st))
			continue;
		ret = read_sub(b, path, name);
		found += ret > 0;
	}
	for (int i = 0; i < n; i++)
		free(e[i]);
	free(e);
	free(seen);
	if (ret == -1)
		return -1;
	return found > 0 ? 0 : complain("%s: no folder with a file 'domains' "
	    "or 'urls' in it", folder);
}

/* ---- sources as they are named ---- */

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcasecmp(s + n - m, end) == 0;
}

static enum wad_catdb_type
guess_type(const char *file)
{
	int t = wad_catdb_parse_type(file);

	if (t != -1)
		return (enum wad_catdb_type)t;
	return ends_with(file, ".csv") ? WAD_CATDB_CSV : WAD_CATDB_DOMAINS;
}

/* The name of the category that a file's own name gives: "adult.txt", or the
 * folder of ".../adult/domains". */
static char *
implied_name(const char *path)
{
	const char	*base = base_name(path);
	const char	*end = path + strlen(path);
	int		 t = wad_catdb_parse_type(base);

	if ((t == WAD_CATDB_DOMAINS || t == WAD_CATDB_URLS) && base > path) {
		for (end = base - 1; end > path && end[-1] == '/'; end--)
			;
		for (base = end; base > path && base[-1] != '/'; base--)
			;
	} else if (strchr(base, '.') != NULL)
		end = strchr(base, '.');
	return wad_xstrndup(base, (size_t)(end - base));
}

static int
read_file(struct build *b, const char *path, const char *category, int type)
{
	enum wad_catdb_type	 t = type != -1 ? (enum wad_catdb_type)type :
	    guess_type(base_name(path));
	char			*name;
	int			 number = 0, ret;

	if (t == WAD_CATDB_CSV && category == NULL)
		return read_list(b, path, base_name(path), t, 0);
	if (t == WAD_CATDB_CSV)
		return complain("%s: a CSV list has its own categories", path);
	name = category != NULL ? wad_xstrdup(category) : implied_name(path);
	number = category_of(b, name);
	if (number == -1)
		ret = complain("%s: unknown category '%s'; say %s=CATEGORY (a "
		    "number 1-254 or a name of the table) or --category "
		    "%s=NUMBER", path, name, path, name);
	else
		ret = read_list(b, path, category != NULL ? base_name(path) :
		    name, t, number);
	free(name);
	return ret;
}

static int
read_source(struct build *b, const char *source, int type)
{
	struct stat	 st;
	char		*copy, *eq;
	int		 ret, n;

	if (stat(source, &st) == 0 && S_ISDIR(st.st_mode)) {
		copy = wad_xstrdup(source);
		for (size_t i = strlen(copy); i > 1 && copy[i - 1] == '/';)
			copy[--i] = '\0';
		n = read_pair(b, copy, base_name(copy), 0);
		ret = n > 0 ? read_sub(b, copy, base_name(copy)) :
		    read_folder(b, copy);
		free(copy);
		return ret < 0 ? -1 : 0;
	}
	if (access(source, F_OK) == 0 || strchr(source, '=') == NULL)
		return read_file(b, source, NULL, type);
	copy = wad_xstrdup(source);
	eq = strrchr(copy, '=');
	*eq = '\0';
	ret = read_file(b, copy, eq + 1, type);
	free(copy);
	return ret;
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
	return complain("%s: %s: %s%s; nothing is changed", out, what,
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
value_add(struct build *b, struct value *v, const uint8_t *one)
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
value_add_record(struct build *b, struct value *v, const struct record *r)
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

static int
key_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	int d = memcmp(a, b, alen < blen ? alen : blen);

	return d != 0 ? d : (alen > blen) - (alen < blen);
}

/* The next key; -1 when the file is damaged. */
static int
old_next(struct build *b, struct old *o)
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
value_add_old(struct build *b, struct value *v, const struct old *o)
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
next_key(struct build *b, struct old *o, size_t *i, const char **key,
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
put_meta(struct build *b, struct cdb_make *m, uint64_t keys)
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
put_all(struct build *b, struct cdb_make *m, uint64_t *keys)
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
	char	*folder = wad_xstrndup(out, (size_t)(base_name(out) - out));
	int	 fd = open(folder[0] != '\0' ? folder : ".", O_RDONLY |
	    O_DIRECTORY | O_CLOEXEC);

	if (fd != -1) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}

static int
write_to(struct build *b, const char *out, uint64_t *keys, uint64_t *size)
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

/* ---- build ---- */

static int
add_mapping(struct build *b, char *arg)
{
	char	*eq = strrchr(arg, '=');
	int	 n;

	if (eq == NULL || eq == arg)
		return complain("--category %s: expected NAME=NUMBER", arg);
	*eq = '\0';
	n = usable_number(wad_url_cate_number(eq + 1));
	if (n == -1)
		return complain("--category %s=%s: expected a number 1-254 or "
		    "a category's name", arg, eq + 1);
	b->map = wad_xrealloc(b->map, b->n_map + 1, sizeof(*b->map));
	b->map[b->n_map++] = (struct mapping){ arg, (uint16_t)n };
	return 0;
}

static int
finish_build(struct build *b, const char *out, uint64_t start)
{
	char		 real[PATH_MAX];
	uint64_t	 keys = 0, size = 0;

	if (b->n == 0 && b->old == NULL)
		return complain("no name in %llu lines: nothing is written%s",
		    (unsigned long long)b->lines, access(out, F_OK) == 0 ?
		    ", the old database stays" : "");
	/* write through a link, not over it */
	if (write_to(b, realpath(out, real) != NULL ? real : out, &keys,
	    &size) == -1)
		return -1;
	if (b->dropped > 0)
		complain("%llu categories left out: a name has at most %d",
		    (unsigned long long)b->dropped, WAD_CATES_MAX);
	printf("%s: %llu names of %zu lists (%llu lines, %llu bad), "
	    "%llu bytes, %.1f s\n", out, (unsigned long long)keys,
	    b->n_lists, (unsigned long long)b->lines,
	    (unsigned long long)b->bad, (unsigned long long)size,
	    (double)(wad_clock_ms() - start) / 1000);
	return 0;
}

static int usage(FILE *);

struct source { const char *name; int type; };

/* What the words of a command are. */
struct args {
	struct source	*src;		/* in order */
	const char	**removed;	/* --remove */
	size_t		 n, n_removed;
	const char	*out;		/* NULL: not said */
};

static void
args_init(struct args *a, int argc)
{
	*a = (struct args){ 0 };
	a->src = wad_xcalloc((size_t)argc, sizeof(*a->src));
	a->removed = wad_xcalloc((size_t)argc, sizeof(*a->removed));
}

static void
args_free(struct args *a)
{
	free(a->src);
	free(a->removed);
}

static void
build_free(struct build *b)
{
	for (size_t i = 0; i < b->n_lists; i++) {
		free(b->list[i].name);
		free(b->list[i].file);
	}
	free(b->buf);
	free(b->ref);
	free(b->map);
	free(b);
}

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "category", required_argument, NULL, 'c' },
	{ "type", required_argument, NULL, 't' },
	{ "remove", required_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

/* Options before and between sources; 0, -1, or 1 for --help. */
static int
build_args(struct build *b, int argc, char **argv, struct args *a)
{
	int c, type = -1;

	while ((c = getopt_long(argc, argv, "-o:c:t:r:h", options, NULL)) != -1)
		switch (c) {
		case 1:
			a->src[a->n++] = (struct source){ optarg, type };
			break;
		case 'o':
			a->out = optarg;
			break;
		case 'c':
			if (add_mapping(b, optarg) == -1)
				return -1;
			break;
		case 't':
			type = wad_catdb_parse_type(optarg);
			if (type == -1)
				return complain("--type %s: expected domains, "
				    "urls, hosts or csv", optarg);
			break;
		case 'r':
			a->removed[a->n_removed++] = optarg;
			break;
		case 'h':
			return 1;
		default:
			return -1;
		}
	while (optind < argc)		/* behind "--" */
		a->src[a->n++] = (struct source){ argv[optind++], type };
	return 0;
}

static int
cmd_build(int argc, char **argv)
{
	struct build	*b = wad_xcalloc(1, sizeof(*b));
	struct args	 a;
	uint64_t	 start = wad_clock_ms();
	int		 ret;

	args_init(&a, argc);
	ret = build_args(b, argc, argv, &a);
	if (ret == 1)
		ret = usage(stdout);
	else if (ret == 0 && a.out == NULL)
		ret = complain("build: where to? use -o FILE");
	else if (ret == 0 && a.n_removed > 0)
		ret = complain("build: --remove is for update");
	else if (ret == 0 && a.n == 0)
		ret = complain("build: no list is named");
	else if (ret == 0) {
		for (size_t i = 0; i < a.n && ret == 0; i++)
			ret = read_source(b, a.src[i].name, a.src[i].type);
		if (ret == 0)
			ret = finish_build(b, a.out, start);
		else
			complain("nothing is written");
	}
	args_free(&a);
	build_free(b);
	return ret;
}

/* ---- query and info ---- */

static struct wad_url_db *
open_db(const char *file, int *fd)
{
	struct wad_url_db	*db;
	char			 err[160];

	*fd = open(file, O_RDONLY | O_CLOEXEC);
	if (*fd == -1) {
		complain("%s: %s", file, strerror(errno));
		return NULL;
	}
	db = wad_url_db_open(dup(*fd), err, sizeof(err));
	if (db == NULL) {
		complain("%s: %s", file, err);
		close(*fd);
	}
	return db;
}

static int
query_one(const struct wad_url_db *db, const char *name)
{
	char		 key[WAD_URL_DB_KEY_MAX], host[WAD_HOST_MAX];
	char		*path;
	const char	*why = NULL;
	struct wad_url_source of[WAD_CATES_MAX];
	size_t		 len = wad_catdb_parse_url(name, strlen(name), key,
	    &why), hlen, n;

	if (len == 0)
		return complain("'%s': %s", name, why);
	for (hlen = 0; hlen < len && key[hlen] != '/'; hlen++)
		;
	memcpy(host, key, hlen);
	host[hlen] = '\0';
	path = wad_xstrndup(key + hlen, len - hlen);
	n = wad_url_db_sources(db, host, path, of, WAD_CATES_MAX);
	printf("%s%s:", host, path);
	free(path);
	if (n == 0) {
		printf(" %d %s, not in the database\n", WAD_CATE_UNRATED,
		    wad_url_cate_name(NULL, WAD_CATE_UNRATED));
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		printf("%s %u %s", i > 0 ? "," : "", of[i].category,
		    wad_url_cate_name(NULL, of[i].category));
	printf(", list %s\n", of[0].list);
	for (size_t i = 0; i < n && of[i].line > 0; i++)
		printf("  %u: %s:%u\n", of[i].category, of[i].file,
		    of[i].line);
	return 0;
}

static int
cmd_query(int argc, char **argv)
{
	struct wad_url_db	*db;
	int			 fd, ret = 0;

	if (argc < 3)
		return complain("query: expected FILE NAME[/path]...");
	db = open_db(argv[1], &fd);
	if (db == NULL)
		return -1;
	for (int i = 2; i < argc; i++)
		if (query_one(db, argv[i]) == -1)
			ret = -1;
	wad_url_db_close(db);
	close(fd);
	return ret;
}

/* How many names each category has. */
static int
count_names(int fd, size_t step, uint64_t count[CATE_LAST + 2])
{
	struct cdb	cdb;
	unsigned	at;
	int		ret;

	if (cdb_init(&cdb, fd) != 0)
		return -1;
	cdb_seqinit(&at, &cdb);
	while ((ret = cdb_seqnext(&at, &cdb)) > 0) {
		unsigned	 len = cdb_datalen(&cdb);
		const uint8_t	*v = cdb_getdata(&cdb);
		const char	*k = cdb_getkey(&cdb);

		if (v == NULL || k == NULL || cdb_keylen(&cdb) == 0 ||
		    k[0] == '\0')
			continue;
		for (; len >= step; v += step, len -= (unsigned)step) {
			unsigned c = (unsigned)(v[0] | v[1] << 8);

			count[c <= CATE_LAST ? c : CATE_LAST + 1]++;
		}
	}
	cdb_free(&cdb);
	return ret;
}

/* Whether the list's name was there before (of another file). */
static bool
listed(const struct wad_url_db *db, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(wad_url_db_list(db, k), wad_url_db_list(db, i)) ==
		    0)
			return true;
	return false;
}

static int
cmd_info(int argc, char **argv)
{
	struct wad_url_db	*db;
	uint64_t		 count[CATE_LAST + 2] = { 0 };
	struct stat		 st;
	const char		*list;
	int			 fd, ret = 0;

	if (argc != 2)
		return complain("info: expected FILE");
	db = open_db(argv[1], &fd);
	if (db == NULL)
		return -1;
	if (fstat(fd, &st) == -1 || count_names(fd,
	    wad_url_db_step(db), count) == -1)
		ret = complain("%s: damaged; build it again", argv[1]);
	else {
		printf("names: %llu\nbytes: %llu\nlists:",
		    (unsigned long long)wad_url_db_count(db),
		    (unsigned long long)st.st_size);
		for (size_t i = 0; (list = wad_url_db_list(db, i)) != NULL;
		    i++)
			if (list[0] != '\0' && !listed(db, i))
				printf(" %s", list);
		putchar('\n');
		for (unsigned c = 0; c <= CATE_LAST; c++)
			if (count[c] > 0)
				printf("%4u %-40s %llu\n", c,
				    wad_url_cate_name(NULL, (uint16_t)c),
				    (unsigned long long)count[c]);
	}
	wad_url_db_close(db);
	close(fd);
	return ret;
}

/* ---- update ---- */

/* Takes over the lists of the database that is to be updated. */
static int
old_lists(struct build *b, const char *file, struct wad_url_db *db)
{
	const char *name;

	if (wad_url_db_step(db) != VALUE_ONE)
		return complain("%s: made by an older wad-catdb, which kept "
		    "no lines; build it again", file);
	for (size_t i = 0; (name = wad_url_db_list(db, i)) != NULL; i++) {
		b->list[i].name = wad_xstrdup(name);
		b->list[i].file = wad_xstrdup(wad_url_db_file(db, i));
		b->n_lists++;
	}
	return 0;
}

/* Takes a list out by its name or its file. */
static int
remove_list(struct build *b, const char *what)
{
	char	file[1024];
	size_t	found = 0;

	full_name(file, sizeof(file), what);
	for (size_t i = 0; i < b->n_lists; i++) {
		if (strcmp(b->list[i].name, what) != 0 &&
		    strcmp(b->list[i].file, file) != 0 &&
		    strcmp(b->list[i].file, what) != 0)
			continue;
		b->list[i].stale = true;
		b->list[i].name[0] = b->list[i].file[0] = '\0';
		found++;
	}
	return found > 0 ? 0 : complain("--remove %s: no such list in the "
	    "database; `wad-catdb info` names them", what);
}

static int
update_from(struct build *b, const char *file, struct args *a)
{
	struct wad_url_db	*db;
	struct cdb		 cdb;
	int			 fd, ret;
	uint64_t		 start = wad_clock_ms();

	db = open_db(file, &fd);
	if (db == NULL)
		return -1;
	ret = old_lists(b, file, db);
	wad_url_db_close(db);
	for (size_t i = 0; i < a->n_removed && ret == 0; i++)
		ret = remove_list(b, a->removed[i]);
	for (size_t i = 0; i < a->n && ret == 0; i++)
		ret = read_source(b, a->src[i].name, a->src[i].type);
	if (ret == 0 && cdb_init(&cdb, fd) == 0) {
		b->old = &cdb;
		ret = finish_build(b, file, start);
		cdb_free(&cdb);
	} else
		ret = complain("%s: nothing is changed", file);
	close(fd);
	return ret;
}

static int
cmd_update(int argc, char **argv)
{
	struct build	*b = wad_xcalloc(1, sizeof(*b));
	struct args	 a;
	int		 ret;

	args_init(&a, argc);
	ret = build_args(b, argc, argv, &a);
	if (ret == 1)
		ret = usage(stdout);
	else if (ret == 0 && a.out != NULL)
		ret = complain("update: -o is for build");
	else if (ret == 0 && (a.n == 0 || a.n + a.n_removed < 2))
		ret = complain("update: expected FILE and lists, or --remove");
	else if (ret == 0) {
		const char *file = a.src[0].name;

		a.n--;
		memmove(a.src, a.src + 1, a.n * sizeof(*a.src));
		ret = update_from(b, file, &a);
	}
	args_free(&a);
	build_free(b);
	return ret;
}

/* ---- main ---- */

static int
usage(FILE *f)
{
	fputs("usage: wad-catdb build -o FILE [OPTION]... SOURCE...\n"
	    "       wad-catdb update FILE [OPTION]... [-r LIST]... [SOURCE]...\n"
	    "       wad-catdb query FILE NAME[/PATH]...\n"
	    "       wad-catdb info FILE\n"
	    "\n"
	    "build  makes a category database of lists and puts it in the\n"
	    "       place of FILE at once; a running openwad takes it over\n"
	    "       at its next reload\n"
	    "update reads only the sources that it names: what came from\n"
	    "       them before gives way to what is in them now, the rest\n"
	    "       stays; lists that are new come last\n"
	    "query  prints the categories of names, and the list, its file\n"
	    "       and the line of each\n"
	    "info   prints what a database holds\n"
	    "\n"
	    "A SOURCE is\n"
	    "  a folder of lists as UT1 and squidGuard have them: each\n"
	    "  sub-folder is a category and holds 'domains' or 'urls';\n"
	    "  a file, its category given as FILE=CATEGORY (number or name)\n"
	    "  or by its own name (adult.txt); a CSV file name,category.\n"
	    "\n"
	    "  -o, --output FILE           the database\n"
	    "  -c, --category NAME=NUMBER  number of a folder or of a\n"
	    "                              category's name (own ones are\n"
	    "                              140-191)\n"
	    "  -t, --type TYPE             what the files that follow are:\n"
	    "                              domains, urls, hosts or csv;\n"
	    "                              otherwise their names tell\n"
	    "  -r, --remove LIST           update: takes out what came from a\n"
	    "                              list, named as info and query do\n"
	    "                              (its name or its file)\n"
	    "  -h, --help                  this text\n"
	    "\n"
	    "Bad lines are counted, shown and left out.  A name of several\n"
	    "lists has the categories of all, those of the first list first.\n",
	    f);
	return f == stderr ? -1 : 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char	*name;
		int		(*fn)(int, char **);
	} commands[] = { { "build", cmd_build }, { "update", cmd_update },
		{ "query", cmd_query }, { "info", cmd_info } };
	int ret = -1;

	signal(SIGXFSZ, SIG_IGN);	/* a full disk is an error like any */
	if (argc < 2) {
		usage(stderr);
		return 1;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return usage(stdout);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, argv[1]) == 0) {
			ret = commands[i].fn(argc - 1, argv + 1);
			if (fflush(stdout) == EOF || ferror(stdout))
				ret = complain("standard output: %s",
				    strerror(errno));
			return ret == 0 ? 0 : 1;
		}
	complain("'%s' is not a command", argv[1]);
	usage(stderr);
	return 1;
}
