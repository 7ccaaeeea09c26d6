/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists that a category database is made of: files, folders of them, what
 * category each has, and what is read out of them.
 */
#include "url/catdb.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmem.h"
#include "url/category.h"

enum { BAD_SHOWN = 10 };

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int
usable_number(int n)
{
	return n >= 1 && n <= WAD_CATDB_LAST ? n : -1;
}

/* A category by --category, by the folder names of public lists, by name or
 * by number; -1. */
static int
category_of(const struct wad_catdb *b, const char *name)
{
	for (size_t i = 0; i < b->n_map; i++)
		if (strcasecmp(b->map[i].name, name) == 0)
			return b->map[i].number;
	return usable_number(wad_category_of_folder(name));
}

int
wad_catdb_read_map(struct wad_catdb *b, char *arg)
{
	char	*eq = strrchr(arg, '=');
	int	 n;

	if (eq == NULL || eq == arg)
		return wad_catdb_say("--category %s: expected NAME=NUMBER",
		    arg);
	*eq = '\0';
	n = usable_number(wad_url_cate_number(eq + 1));
	if (n == -1)
		return wad_catdb_say("--category %s=%s: expected a number "
		    "1-254 or a category's name", arg, eq + 1);
	b->map = wad_xrealloc(b->map, b->n_map + 1, sizeof(*b->map));
	b->map[b->n_map++] = (struct wad_catdb_map){ arg, (uint16_t)n };
	return 0;
}

/* ---- reading lists ---- */

static void
on_name(void *arg, const char *key, size_t klen, const char *category)
{
	struct wad_catdb	*b = arg;
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
		wad_catdb_write_add(b, (uint16_t)n, key, klen);
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
bad_line(struct wad_catdb *b, const char *path, uint64_t line, uint64_t bad,
    const char *why)
{
	b->bad++;
	if (bad <= BAD_SHOWN)
		wad_catdb_say("%s:%llu: %s", path, (unsigned long long)line,
		    why);
}

static int
read_lines(struct wad_catdb *b, FILE *f, const char *path,
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
			return wad_catdb_say("%s:%llu: more names than a "
			    "database can hold (4 GB); use fewer lists", path,
			    (unsigned long long)line);
	}
	b->lines += line;
	if (ferror(f))
		return wad_catdb_say("%s: %s", path, strerror(errno));
	if (bad > 0)
		wad_catdb_say("%s: %llu bad lines skipped%s", path,
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
list_id(struct wad_catdb *b, const char *name, const char *path)
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
		return wad_catdb_say("more than %d lists",
		    WAD_URL_DB_LISTS_MAX);
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
read_list(struct wad_catdb *b, const char *path, const char *list,
    enum wad_catdb_type type, int category)
{
	FILE		*f;
	int		 id = list_id(b, list, path), ret;
	struct stat	 st;

	if (id == -1)
		return -1;
	f = fopen(path, "re");
	if (f == NULL)
		return wad_catdb_say("%s: %s", path, strerror(errno));
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		return wad_catdb_say("%s: a folder where a file should be",
		    path);
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
read_pair(struct wad_catdb *b, const char *folder, const char *list,
    int category)
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
read_sub(struct wad_catdb *b, const char *path, const char *name)
{
	int category = category_of(b, name), n;

	n = read_pair(b, path, name, category);
	if (n > 0 && category == -1)
		wad_catdb_say("%s: no category for this folder, skipped; use "
		    "--category %s=NUMBER", path, name);
	return n;
}

/* A UT1 folder.  Its links are second names of folders beside them: those
 * come last, and only when they lead elsewhere. */
static int
read_folder(struct wad_catdb *b, const char *folder)
{
	struct dirent	**e;
	struct seen	*seen;
	size_t		 n_seen = 0;
	int		 n = scandir(folder, &e, NULL, alphasort), ret = 0;
	int		 found = 0;

	if (n == -1)
		return wad_catdb_say("%s: %s", folder, strerror(errno));
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
	return found > 0 ? 0 : wad_catdb_say("%s: no folder with a file "
	    "'domains' or 'urls' in it", folder);
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
read_file(struct wad_catdb *b, const char *path, const char *category, int type)
{
	enum wad_catdb_type	 t = type != -1 ? (enum wad_catdb_type)type :
	    guess_type(base_name(path));
	char			*name;
	int			 number = 0, ret;

	if (t == WAD_CATDB_CSV && category == NULL)
		return read_list(b, path, base_name(path), t, 0);
	if (t == WAD_CATDB_CSV)
		return wad_catdb_say("%s: a CSV list has its own categories",
		    path);
	name = category != NULL ? wad_xstrdup(category) : implied_name(path);
	number = category_of(b, name);
	if (number == -1)
		ret = wad_catdb_say("%s: unknown category '%s'; say "
		    "%s=CATEGORY (a number 1-254 or a name of the table) or "
		    "--category %s=NUMBER", path, name, path, name);
	else
		ret = read_list(b, path, category != NULL ? base_name(path) :
		    name, t, number);
	free(name);
	return ret;
}

int
wad_catdb_read_source(struct wad_catdb *b, const char *source, int type)
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

int
wad_catdb_read_remove(struct wad_catdb *b, const char *what)
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
	return found > 0 ? 0 : wad_catdb_say("--remove %s: no such list in "
	    "the database; `wad-catdb info` names them", what);
}
