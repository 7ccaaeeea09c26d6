/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-catdb: makes the category database out of public lists, and asks it.
 *
 * All names are held in one buffer (about 35 bytes a name) and sorted by
 * reference; a name that stands in several lists becomes one key with
 * several categories, in the order of the lists.
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

enum { BAD_SHOWN = 10, CATE_LAST = 254, ENTRY_HEAD = 6, VALUE_ONE = 4,
	CDB_HEAD = 2048, CDB_RECORD = 8 + 16 };

/* The text of a record: category, list, length of the key (2 bytes each,
 * native order), key.  Offsets into the buffer are 32 bits wide. */
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
	char		*list[WAD_URL_DB_LISTS_MAX];
	size_t		 n_lists;
	uint64_t	 lines, bad, dropped;
	bool		 full;
	/* the list that is being read */
	uint16_t	 list_id, category;	/* category 0: CSV */
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
	memcpy(b->buf + b->len, head, ENTRY_HEAD);
	memcpy(b->buf + b->len + ENTRY_HEAD, key, klen);
	b->len += ENTRY_HEAD + klen;
}

struct record {
	uint16_t	 category, list, klen;
	const char	*key;
};

static struct record
record_at(const struct build *b, uint32_t ref)
{
	uint16_t head[3];

	memcpy(head, b->buf + ref, ENTRY_HEAD);
	return (struct record){ head[0], head[1], head[2],
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

/* The number of a list's name in the database. */
static int
list_id(struct build *b, const char *name)
{
	char esc[256];

	wad_str_escape(esc, sizeof(esc), name, strlen(name));
	for (size_t i = 0; i < b->n_lists; i++)
		if (strcmp(b->list[i], esc) == 0)
			return (int)i;
	if (b->n_lists == WAD_URL_DB_LISTS_MAX)
		return complain("more than %d lists", WAD_URL_DB_LISTS_MAX);
	b->list[b->n_lists] = wad_xstrdup(esc);
	return (int)b->n_lists++;
}

static int
read_list(struct build *b, const char *path, const char *list,
    enum wad_catdb_type type, int category)
{
	FILE		*f;
	int		 id = list_id(b, list), ret;
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
	    " (make room there or choose another folder)" : "");
}

/* The value of the key that begins at ref[i]; i goes behind it. */
static size_t
value_of(struct build *b, size_t *i, uint8_t val[WAD_CATES_MAX * VALUE_ONE])
{
	struct record	first = record_at(b, b->ref[*i]), r = first;
	size_t		n = 0;

	do {
		size_t j = 0;

		while (j < n && (val[j * 4] | val[j * 4 + 1] << 8) !=
		    r.category)
			j++;
		if (j == n && n == WAD_CATES_MAX)
			b->dropped++;
		else if (j == n) {
			val[n * 4] = (uint8_t)r.category;
			val[n * 4 + 1] = (uint8_t)(r.category >> 8);
			val[n * 4 + 2] = (uint8_t)r.list;
			val[n * 4 + 3] = (uint8_t)(r.list >> 8);
			n++;
		}
		if (++*i == b->n)
			break;
		r = record_at(b, b->ref[*i]);
	} while (r.klen == first.klen && memcmp(r.key, first.key, r.klen) ==
	    0);
	return n * VALUE_ONE;
}

static int
put_all(struct build *b, struct cdb_make *m, uint64_t *keys)
{
	uint8_t		val[WAD_CATES_MAX * VALUE_ONE];
	uint64_t	size = CDB_HEAD + b->n_lists * 256 + 256;
	struct wad_str	meta = { 0 };
	int		ret;

	*keys = 0;
	for (size_t i = 0; i < b->n; ++*keys) {
		struct record	r = record_at(b, b->ref[i]);
		size_t		vlen = value_of(b, &i, val);

		size += CDB_RECORD + r.klen + vlen;
		if (size > CDB_MAX) {
			errno = EFBIG;
			return -1;
		}
		if (cdb_make_add(m, r.key, r.klen, val, (unsigned)vlen) != 0)
			return -1;
	}
	wad_str_addf(&meta, WAD_URL_DB_MAGIC "%llu\n",
	    (unsigned long long)*keys);
	for (size_t i = 0; i < b->n_lists; i++)
		wad_str_addf(&meta, "%s\n", b->list[i]);
	ret = cdb_make_add(m, WAD_URL_DB_META, WAD_URL_DB_META_LEN, meta.s,
	    (unsigned)meta.len);
	wad_str_free(&meta);
	return ret != 0 ? -1 : 0;
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

	if (b->n == 0)
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

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "category", required_argument, NULL, 'c' },
	{ "type", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

/* Options before and between sources; 0, -1, or 1 for --help. */
static int
build_args(struct build *b, int argc, char **argv, struct source *src,
    size_t *n, const char **out)
{
	int c, type = -1;

	while ((c = getopt_long(argc, argv, "-o:c:t:h", options, NULL)) != -1)
		switch (c) {
		case 1:
			src[(*n)++] = (struct source){ optarg, type };
			break;
		case 'o':
			*out = optarg;
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
		case 'h':
			return 1;
		default:
			return -1;
		}
	while (optind < argc)		/* behind "--" */
		src[(*n)++] = (struct source){ argv[optind++], type };
	if (*out == NULL)
		return complain("build: where to? use -o FILE");
	if (*n == 0)
		return complain("build: no list is named");
	return 0;
}

static int
cmd_build(int argc, char **argv)
{
	struct build	*b = wad_xcalloc(1, sizeof(*b));
	struct source	*src = wad_xcalloc((size_t)argc, sizeof(*src));
	const char	*out = NULL;
	uint64_t	 start = wad_clock_ms();
	size_t		 n = 0;
	int		 ret = build_args(b, argc, argv, src, &n, &out);

	if (ret == 1)
		ret = usage(stdout);
	else if (ret == 0) {
		for (size_t i = 0; i < n && ret == 0; i++)
			ret = read_source(b, src[i].name, src[i].type);
		if (ret == 0)
			ret = finish_build(b, out, start);
		else
			complain("nothing is written");
	}
	for (size_t i = 0; i < b->n_lists; i++)
		free(b->list[i]);
	free(b->buf);
	free(b->ref);
	free(b->map);
	free(b);
	free(src);
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
	uint16_t	 cats[WAD_CATES_MAX];
	const char	*why = NULL, *list = NULL;
	size_t		 len = wad_catdb_parse_url(name, strlen(name), key,
	    &why), hlen, n;

	if (len == 0)
		return complain("'%s': %s", name, why);
	for (hlen = 0; hlen < len && key[hlen] != '/'; hlen++)
		;
	memcpy(host, key, hlen);
	host[hlen] = '\0';
	path = wad_xstrndup(key + hlen, len - hlen);
	n = wad_url_db_find(db, host, path, cats, WAD_CATES_MAX, &list);
	printf("%s%s:", host, path);
	free(path);
	if (n == 0) {
		printf(" %d %s, not in the database\n", WAD_CATE_UNRATED,
		    wad_url_cate_name(NULL, WAD_CATE_UNRATED));
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		printf("%s %u %s", i > 0 ? "," : "", cats[i],
		    wad_url_cate_name(NULL, cats[i]));
	printf(", list %s\n", list);
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
count_names(int fd, uint64_t count[CATE_LAST + 2])
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
		for (; len >= VALUE_ONE; v += VALUE_ONE, len -= VALUE_ONE) {
			unsigned c = (unsigned)(v[0] | v[1] << 8);

			count[c <= CATE_LAST ? c : CATE_LAST + 1]++;
		}
	}
	cdb_free(&cdb);
	return ret;
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
	if (fstat(fd, &st) == -1 || count_names(fd, count) == -1)
		ret = complain("%s: damaged; build it again", argv[1]);
	else {
		printf("names: %llu\nbytes: %llu\nlists:",
		    (unsigned long long)wad_url_db_count(db),
		    (unsigned long long)st.st_size);
		for (size_t i = 0; (list = wad_url_db_list(db, i)) != NULL;
		    i++)
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

/* ---- main ---- */

static int
usage(FILE *f)
{
	fputs("usage: wad-catdb build -o FILE [OPTION]... SOURCE...\n"
	    "       wad-catdb query FILE NAME[/PATH]...\n"
	    "       wad-catdb info FILE\n"
	    "\n"
	    "build  makes a category database of lists and puts it in the\n"
	    "       place of FILE at once; a running openwad takes it over\n"
	    "       at its next reload\n"
	    "query  prints the categories of names\n"
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
	} commands[] = { { "build", cmd_build }, { "query", cmd_query },
		{ "info", cmd_info } };
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
