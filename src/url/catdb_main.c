/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-catdb: makes the category database out of public lists, and asks it.
 */
#include "url/catdb.h"

#include <cdb.h>

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"

int
wad_catdb_say(const char *fmt, ...)
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

/* ---- build ---- */

static int
finish_build(struct wad_catdb *b, const char *out, uint64_t start)
{
	char		 real[PATH_MAX];
	uint64_t	 keys = 0, size = 0;

	if (b->n == 0 && b->old == NULL)
		return wad_catdb_say("no name in %llu lines: nothing is "
		    "written%s", (unsigned long long)b->lines,
		    access(out, F_OK) == 0 ? ", the old database stays" : "");
	/* write through a link, not over it */
	if (wad_catdb_write(b, realpath(out, real) != NULL ? real : out, &keys,
	    &size) == -1)
		return -1;
	if (b->dropped > 0)
		wad_catdb_say("%llu categories left out: a name has at most %d",
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
build_free(struct wad_catdb *b)
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
build_args(struct wad_catdb *b, int argc, char **argv, struct args *a)
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
			if (wad_catdb_read_map(b, optarg) == -1)
				return -1;
			break;
		case 't':
			type = wad_catdb_parse_type(optarg);
			if (type == -1)
				return wad_catdb_say("--type %s: expected "
				    "domains, urls, hosts or csv", optarg);
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
	struct wad_catdb	*b = wad_xcalloc(1, sizeof(*b));
	struct args	 a;
	uint64_t	 start = wad_clock_ms();
	int		 ret;

	args_init(&a, argc);
	ret = build_args(b, argc, argv, &a);
	if (ret == 1)
		ret = usage(stdout);
	else if (ret == 0 && a.out == NULL)
		ret = wad_catdb_say("build: where to? use -o FILE");
	else if (ret == 0 && a.n_removed > 0)
		ret = wad_catdb_say("build: --remove is for update");
	else if (ret == 0 && a.n == 0)
		ret = wad_catdb_say("build: no list is named");
	else if (ret == 0) {
		for (size_t i = 0; i < a.n && ret == 0; i++)
			ret = wad_catdb_read_source(b, a.src[i].name,
			    a.src[i].type);
		if (ret == 0)
			ret = finish_build(b, a.out, start);
		else
			wad_catdb_say("nothing is written");
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
		wad_catdb_say("%s: %s", file, strerror(errno));
		return NULL;
	}
	db = wad_url_db_open(dup(*fd), err, sizeof(err));
	if (db == NULL) {
		wad_catdb_say("%s: %s", file, err);
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
		return wad_catdb_say("'%s': %s", name, why);
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
		return wad_catdb_say("query: expected FILE NAME[/path]...");
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
count_names(int fd, size_t step, uint64_t count[WAD_CATDB_LAST + 2])
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

			count[c <= WAD_CATDB_LAST ? c : WAD_CATDB_LAST + 1]++;
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
	uint64_t		 count[WAD_CATDB_LAST + 2] = { 0 };
	struct stat		 st;
	const char		*list;
	int			 fd, ret = 0;

	if (argc != 2)
		return wad_catdb_say("info: expected FILE");
	db = open_db(argv[1], &fd);
	if (db == NULL)
		return -1;
	if (fstat(fd, &st) == -1 || count_names(fd,
	    wad_url_db_step(db), count) == -1)
		ret = wad_catdb_say("%s: damaged; build it again", argv[1]);
	else {
		printf("names: %llu\nbytes: %llu\nlists:",
		    (unsigned long long)wad_url_db_count(db),
		    (unsigned long long)st.st_size);
		for (size_t i = 0; (list = wad_url_db_list(db, i)) != NULL;
		    i++)
			if (list[0] != '\0' && !listed(db, i))
				printf(" %s", list);
		putchar('\n');
		for (unsigned c = 0; c <= WAD_CATDB_LAST; c++)
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

/* Any user who may read the file can lock it: who waits is told. */
static int
lock(const char *file, int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -1;
	wad_catdb_say("%s: waiting for another update (`fuser %s` shows who "
	    "has it open)", file, file);
	return flock(fd, LOCK_EX);
}

/* Opens the database for this update alone: another one that is under way
 * replaces the file, and what it added would be lost. */
static struct wad_url_db *
open_alone(const char *file, int *fd)
{
	struct wad_url_db	*db;
	struct stat		 is, was;

	while ((db = open_db(file, fd)) != NULL) {
		if (lock(file, *fd) == -1 || fstat(*fd, &was) == -1 ||
		    stat(file, &is) == -1) {
			wad_catdb_say("%s: %s", file, strerror(errno));
			wad_url_db_close(db);
			close(*fd);
			return NULL;
		}
		if (was.st_dev == is.st_dev && was.st_ino == is.st_ino)
			break;
		wad_url_db_close(db);	/* it was replaced meanwhile */
		close(*fd);
	}
	return db;
}

static int
update_from(struct wad_catdb *b, const char *file, struct args *a)
{
	struct wad_url_db	*db;
	struct cdb		 cdb;
	int			 fd, ret;
	uint64_t		 start = wad_clock_ms();

	db = open_alone(file, &fd);
	if (db == NULL)
		return -1;
	ret = wad_catdb_write_old(b, file, db);
	wad_url_db_close(db);
	for (size_t i = 0; i < a->n_removed && ret == 0; i++)
		ret = wad_catdb_read_remove(b, a->removed[i]);
	for (size_t i = 0; i < a->n && ret == 0; i++)
		ret = wad_catdb_read_source(b, a->src[i].name, a->src[i].type);
	if (ret == 0 && cdb_init(&cdb, fd) == 0) {
		b->old = &cdb;
		ret = wad_catdb_write_check(b);
		if (ret == 0)
			ret = finish_build(b, file, start);
		else
			wad_catdb_say("%s: nothing is changed", file);
		cdb_free(&cdb);
	} else
		ret = wad_catdb_say("%s: nothing is changed", file);
	close(fd);
	return ret;
}

static int
cmd_update(int argc, char **argv)
{
	struct wad_catdb	*b = wad_xcalloc(1, sizeof(*b));
	struct args	 a;
	int		 ret;

	args_init(&a, argc);
	ret = build_args(b, argc, argv, &a);
	if (ret == 1)
		ret = usage(stdout);
	else if (ret == 0 && a.out != NULL)
		ret = wad_catdb_say("update: -o is for build");
	else if (ret == 0 && (a.n == 0 || a.n + a.n_removed < 2))
		ret = wad_catdb_say("update: expected FILE and lists, or "
		    "--remove");
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
	    "       stays; lists that are new come last; one that had names\n"
	    "       and has none now is refused\n"
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
				ret = wad_catdb_say("standard output: %s",
				    strerror(errno));
			return ret == 0 ? 0 : 1;
		}
	wad_catdb_say("'%s' is not a command", argv[1]);
	usage(stderr);
	return 1;
}
