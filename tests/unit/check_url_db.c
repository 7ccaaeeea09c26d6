/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-ups in a compiled database, also in a damaged one.
 */
#include <sys/mman.h>

#include <cdb.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "url/url.h"
#include "url/url_db.h"
#include "suite.h"

static struct wad_url_db	*db;
static uint16_t			 cats[WAD_CATES_MAX];
static const char		*list;
static char			 err[200];

static void
put(struct cdb_make *m, const char *key, uint8_t cate, uint8_t from)
{
	uint8_t val[] = { cate, 0, from, 0, 7, 1, 0, 0, (uint8_t)(cate + 1),
		0, 1, 0, 0, 0, 0, 0 };

	ck_assert_int_eq(cdb_make_add(m, key, (unsigned)strlen(key), val,
	    sizeof(val)), 0);
}

/* A database in memory; meta NULL: without one. */
static int
make(const char *meta, size_t len)
{
	struct cdb_make	m;
	int		fd = memfd_create("db", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(cdb_make_start(&m, fd), 0);
	put(&m, "example.com", 10, 0);
	put(&m, "www.example.com", 20, 1);
	put(&m, "example.com/a/b", 30, 0);
	put(&m, "example.com/bad", 40, 0);
	put(&m, "192.0.2.1", 50, 9);
	put(&m, "2.1", 60, 0);
	if (meta != NULL)
		ck_assert_int_eq(cdb_make_add(&m, WAD_URL_DB_META,
		    WAD_URL_DB_META_LEN, meta, (unsigned)len), 0);
	ck_assert_int_eq(cdb_make_finish(&m), 0);
	return fd;
}

static const char meta_text[] = WAD_URL_DB_MAGIC "6\none\t/l/one\ntwo\n";

static void
setup(void)
{
	db = wad_url_db_open(make(meta_text, strlen(meta_text)), err,
	    sizeof(err));
	ck_assert_msg(db != NULL, "%s", err);
}

static void
teardown(void)
{
	wad_url_db_close(db);
}

static unsigned
find(const char *host, const char *path)
{
	list = NULL;
	return wad_url_db_find(db, host, path, cats, WAD_CATES_MAX, &list) >
	    0 ? cats[0] : 0;
}

START_TEST(longest_match)
{
	ck_assert_uint_eq(wad_url_db_count(db), 6);
	ck_assert_str_eq(wad_url_db_list(db, 1), "two");
	ck_assert_ptr_null(wad_url_db_list(db, 2));
	ck_assert_uint_eq(find("example.com", NULL), 10);
	ck_assert_str_eq(list, "one");
	ck_assert_uint_eq(find("a.b.example.com", NULL), 10);
	ck_assert_uint_eq(find("x.www.example.com", NULL), 20);
	ck_assert_str_eq(list, "two");
	ck_assert_uint_eq(find("xexample.com", NULL), 0);
	ck_assert_uint_eq(find("com", NULL), 0);
	ck_assert_uint_eq(find("", NULL), 0);
	ck_assert_uint_eq(wad_url_db_find(db, "example.com", NULL, cats, 1,
	    NULL), 1);
	ck_assert_uint_eq(wad_url_db_find(db, "example.com", NULL, cats,
	    WAD_CATES_MAX, NULL), 2);
	ck_assert_uint_eq(cats[1], 11);
}
END_TEST

START_TEST(paths)
{
	char path[3000];

	ck_assert_uint_eq(find("example.com", "/a/b"), 30);
	ck_assert_uint_eq(find("example.com", "/a/b/"), 30);
	ck_assert_uint_eq(find("example.com", "/a/b/c?x"), 30);
	ck_assert_uint_eq(find("example.com", "/a/b?x"), 30);
	ck_assert_uint_eq(find("example.com", "/a/bc"), 10);
	ck_assert_uint_eq(find("example.com", "/a"), 10);
	ck_assert_uint_eq(find("example.com", "/"), 10);
	ck_assert_uint_eq(find("example.com", ""), 10);
	ck_assert_uint_eq(find("sub.example.com", "/a/b"), 30);
	/* the path of a shorter name does not beat a longer name */
	ck_assert_uint_eq(find("www.example.com", "/a/b"), 20);
	/* other ways to write it */
	ck_assert_uint_eq(find("example.com", "//%62ad"), 40);
	ck_assert_uint_eq(find("example.com", "/x/../bad"), 40);
	ck_assert_uint_eq(find("example.com", "/./bad/%2e%2E/bad"), 40);
	ck_assert_uint_eq(find("example.com", "/../../bad"), 40);
	ck_assert_uint_eq(find("example.com", "/bad%2F"), 10);
	/* long paths do not slip through */
	memset(path, 'x', sizeof(path));
	memcpy(path, "/bad/", 5);
	path[sizeof(path) - 1] = '\0';
	ck_assert_uint_eq(find("example.com", path), 40);
	memcpy(path, "/xxx/", 5);
	memcpy(path + sizeof(path) - 9, "/../bad", 8);
	path[4] = 'x';
	ck_assert_uint_eq(find("example.com", path), 40);
	for (size_t i = 0; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "/y", 3);
	memcpy(path, "/bad", 4);
	ck_assert_uint_eq(find("example.com", path), 40);
}
END_TEST

START_TEST(sources)
{
	struct wad_url_source s[4];

	ck_assert_uint_eq(wad_url_db_sources(db, "a.example.com", "/x", s, 4),
	    2);
	ck_assert_uint_eq(s[0].category, 10);
	ck_assert_str_eq(s[0].list, "one");
	ck_assert_str_eq(s[0].file, "/l/one");
	ck_assert_uint_eq(s[0].line, 263);
	ck_assert_uint_eq(s[1].category, 11);
	ck_assert_str_eq(s[1].list, "two");
	ck_assert_str_eq(s[1].file, "");
	ck_assert_uint_eq(wad_url_db_sources(db, "none.test", NULL, s, 4), 0);
	ck_assert_str_eq(wad_url_db_file(db, 0), "/l/one");
	ck_assert_ptr_null(wad_url_db_file(db, 2));
}
END_TEST

/* Databases of the first format are read: no lines in them. */
START_TEST(first_format)
{
	static const char	 text[] = WAD_URL_DB_MAGIC_1 "1\nlist\n";
	const uint8_t		 val[] = { 5, 0, 0, 0, 6, 0, 0, 0 };
	struct wad_url_source	 s[4];
	struct wad_url_db	*old;
	struct cdb_make		 m;
	int			 fd = memfd_create("db", MFD_CLOEXEC);

	ck_assert_int_eq(cdb_make_start(&m, fd), 0);
	ck_assert_int_eq(cdb_make_add(&m, "a.example", 9, val, sizeof(val)),
	    0);
	ck_assert_int_eq(cdb_make_add(&m, WAD_URL_DB_META,
	    WAD_URL_DB_META_LEN, text, (unsigned)strlen(text)), 0);
	ck_assert_int_eq(cdb_make_finish(&m), 0);
	old = wad_url_db_open(fd, err, sizeof(err));
	ck_assert_msg(old != NULL, "%s", err);
	ck_assert_uint_eq(wad_url_db_sources(old, "a.example", NULL, s, 4),
	    2);
	ck_assert_uint_eq(s[1].category, 6);
	ck_assert_uint_eq(s[1].line, 0);
	ck_assert_str_eq(s[1].list, "list");
	wad_url_db_close(old);
}
END_TEST

START_TEST(addresses)
{
	ck_assert_uint_eq(find("192.0.2.1", NULL), 50);
	ck_assert_str_eq(list, "?");	/* a list that is not there */
	ck_assert_uint_eq(find("10.0.2.1", NULL), 0);
}
END_TEST

START_TEST(deep_names)
{
	char	name[WAD_HOST_MAX + 20] = "";
	size_t	n = 0;

	for (int i = 0; i < 120; i++, n += 2)
		memcpy(name + n, "a.", 3);
	strcpy(name + n, "example.com");
	ck_assert_uint_eq(find(name, NULL), 10);
	ck_assert_uint_eq(find(name, "/a/b"), 30);
	memset(name, 'a', sizeof(name) - 1);	/* longer than names are */
	ck_assert_uint_eq(find(name, "/a/b"), 0);
}
END_TEST

START_TEST(not_a_database)
{
	static const char *const metas[] = { NULL, "", "wadcat3\n1\n",
		WAD_URL_DB_MAGIC "x\n", WAD_URL_DB_MAGIC "1",
		WAD_URL_DB_MAGIC "1\nlist" };
	int	fd = memfd_create("e", MFD_CLOEXEC);

	ck_assert_ptr_null(wad_url_db_open(fd, err, sizeof(err)));
	ck_assert_ptr_null(wad_url_db_open(-1, err, sizeof(err)));
	for (size_t i = 0; i < sizeof(metas) / sizeof(metas[0]); i++) {
		const char *m = metas[i];

		err[0] = '\0';
		ck_assert_ptr_null(wad_url_db_open(make(m, m != NULL ?
		    strlen(m) : 0), err, sizeof(err)));
		ck_assert_str_ne(err, "");
	}
}
END_TEST

/* Any byte may be wrong, the file may end anywhere: no crash. */
START_TEST(damaged)
{
	struct wad_url_db	*keep = db;
	static uint8_t		 all[65536];
	int			 fd = make(meta_text, strlen(meta_text));
	ssize_t			 n = pread(fd, all, sizeof(all), 0);

	close(fd);
	ck_assert_int_gt(n, 2048);
	srandom(1);
	for (int i = 0; i < 3000; i++) {
		size_t	at = (size_t)random() % (size_t)n, end = (size_t)n;
		uint8_t	old = all[at];

		all[at] = (uint8_t)random();
		if (i % 3 == 0)
			end = (size_t)random() % (size_t)n;
		fd = memfd_create("d", MFD_CLOEXEC);
		ck_assert_int_eq(write(fd, all, end), (ssize_t)end);
		db = wad_url_db_open(fd, err, sizeof(err));
		if (db != NULL) {
			find("www.example.com", "/a/b/c");
			find("192.0.2.1", NULL);
		}
		wad_url_db_close(db);
		all[at] = old;
	}
	db = keep;
}
END_TEST

/* The file becomes shorter while it is mapped, as under `cp`: nothing is found
 * any more, which is an error and no crash; another one goes on. */
START_TEST(cut)
{
	struct wad_url_db	*keep = db;
	int			 fd = make(meta_text, strlen(meta_text));

	db = wad_url_db_open(dup(fd), err, sizeof(err));
	ck_assert_ptr_nonnull(db);
	ck_assert_uint_eq(find("www.example.com", NULL), 20);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(find("www.example.com", NULL), 0);
		ck_assert(wad_url_db_failed(db));
	}
	ck_assert_str_eq(wad_url_db_list(db, 1), "two");
	wad_url_db_close(db);
	close(fd);
	db = keep;
	ck_assert_uint_eq(find("www.example.com", NULL), 20);
	ck_assert(!wad_url_db_failed(db));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_db");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, longest_match);
	tcase_add_test(t, paths);
	tcase_add_test(t, addresses);
	tcase_add_test(t, sources);
	tcase_add_test(t, first_format);
	tcase_add_test(t, deep_names);
	tcase_add_test(t, not_a_database);
	tcase_add_test(t, damaged);
	tcase_add_test(t, cut);
	suite_add_tcase(s, t);
	return suite_run(s);
}
