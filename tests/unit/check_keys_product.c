/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys_product.c and keys_sealed.c: files that were cut, changed, filled up
 * or belong to somebody else.  Prints how long a full file takes to read.
 */
#include <check.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "keys/keys_product.h"
#include "keys/keys_sealed.h"
#include "x509/x509_build.h"
#include "ca_pem.h"
#include "suite.h"

enum { NOW = 1900000000, DAY = 86400 };

static struct wad_keys_store	*store;
static struct wad_keys_products	*t;
static const struct wad_keys_entry *ca;
static int	 disk[2];
static struct wad_ring_seg quiet;	/* where log lines go */

static void
use_ca(uint64_t generation)
{
	struct wad_cert	 cert = { .name = "ca", .has_key = true };
	struct wad_conf	 conf = { .generation = generation, .certs = &cert,
		.n_certs = 1 };
	char		 err[200];

	ck_assert_int_eq(wad_keys_store_add(store, generation, "ca", ca_pem,
	    key_pem), 0);
	ck_assert_int_eq(wad_keys_store_prepare(store, &conf, err,
	    sizeof(err)), 0);
	wad_keys_store_commit(store);
	ca = wad_keys_store_find(store, generation, "ca");
	ck_assert_ptr_nonnull(ca);
}

static void
start(void)
{
	store = wad_keys_store_new();
	use_ca(1);
	t = wad_keys_products_new(store);
}

static void
stop(void)
{
	wad_keys_products_free(t);
	wad_keys_store_free(store);
}

static void
setup(void)
{
	for (int i = 0; i < 2; i++)
		disk[i] = memfd_create("products", 0);
	make_ca();
	start();
	wad_keys_products_open(t, dup(disk[0]), dup(disk[1]), NOW);
}

static void
teardown(void)
{
	stop();
	close(disk[0]);
	close(disk[1]);
	free(ca_pem);
	free(key_pem);
	ca_pem = key_pem = NULL;
	wad_x509_build_cleanup();
}

static struct wad_keys_products_stats
restart(int64_t now)
{
	struct wad_keys_products_stats st;

	stop();
	start();
	wad_keys_products_open(t, dup(disk[0]), dup(disk[1]), now);
	wad_keys_products_stats(t, &st);
	return st;
}

static void
id_of(unsigned i, uint8_t id[32])
{
	memset(id, 0, 32);
	memcpy(id, &i, sizeof(i));
}

static struct wad_keys_der
bytes(unsigned seed, size_t len)
{
	struct wad_keys_der d = { .p = OPENSSL_malloc(len), .len = len };

	for (size_t i = 0; i < len; i++)
		d.p[i] = (uint8_t)(seed * 31 + i);
	return d;
}

static void
add(unsigned i, size_t leaf, int64_t now)
{
	uint8_t			 id[32];
	struct wad_keys_product	*p;

	id_of(i, id);
	p = wad_keys_products_make(id, ca);
	p->leaf = bytes(i, leaf);
	p->key = bytes(i + 1, 20);
	p->staple = bytes(i + 2, i % 2 == 0 ? 10 : 1);
	p->staple_until = now + DAY / 2;
	p->not_after = now + DAY;
	wad_keys_products_add(t, p, now);
}

/* Is it there, and is it what was put in? */
static bool
there(unsigned i, int64_t now)
{
	uint8_t				 id[32];
	const struct wad_keys_product	*p;

	id_of(i, id);
	p = wad_keys_products_find(t, id, now, INT64_MAX);
	if (p == NULL)
		return false;
	for (size_t k = 0; k < p->leaf.len; k++)
		if (p->leaf.p[k] != (uint8_t)(i * 31 + k))
			return false;
	for (size_t k = 0; k < p->key.len; k++)
		if (p->key.p[k] != (uint8_t)(i * 31 + 31 + k))
			return false;
	return p->key.len == 20 && p->not_after > now &&
	    p->staple.len == (i % 2 == 0 ? 10 : 1);
}

static size_t
size_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return (size_t)st.st_size;
}

static uint8_t *
contents(int fd, size_t *len)
{
	uint8_t *p;

	*len = size_of(fd);
	p = wad_xmalloc(*len + 1);
	ck_assert_int_eq(pread(fd, p, *len, 0), (ssize_t)*len);
	return p;
}

static void
set_contents(int fd, const uint8_t *p, size_t len)
{
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, p, len, 0), (ssize_t)len);
}

/* ---- one record */

START_TEST(sealed)
{
	uint8_t			 key[32], other[32], id[32] = "me",
	    id2[32] = "you", text[100] = "text", back[100], rec[200];
	struct wad_sealed	 r;
	size_t			 len, at = 0;

	ck_assert_int_eq(wad_keys_sealed_key(text, 100, id, key), 0);
	ck_assert_int_eq(wad_keys_sealed_key(text, 99, id, other), 0);
	ck_assert_mem_ne(key, other, 32);
	ck_assert_int_eq(wad_keys_sealed_key(text, 100, id2, other), 0);
	ck_assert_mem_ne(key, other, 32);
	len = wad_keys_sealed_make(key, id, text, sizeof(text), rec);
	ck_assert_uint_eq(len, 100 + WAD_SEALED_HEAD + WAD_SEALED_TAG);
	ck_assert_ptr_null(memmem(rec, len, "text", 4));
	ck_assert_int_eq(wad_keys_sealed_next(rec, len, &at, &r), 1);
	ck_assert_uint_eq(at, 0);
	ck_assert_uint_eq(r.len, len);
	ck_assert_mem_eq(r.ca, id, WAD_SEALED_ID);
	ck_assert_int_eq(wad_keys_sealed_open(&r, other, back), -1);
	ck_assert_int_eq(wad_keys_sealed_open(&r, key, back), 0);
	ck_assert_mem_eq(back, text, sizeof(text));
	/* Every bit counts. */
	for (size_t bit = 0; bit < len * 8; bit++) {
		rec[bit / 8] ^= (uint8_t)(1 << bit % 8);
		at = 0;
		if (wad_keys_sealed_next(rec, len, &at, &r) == 1)
			ck_assert_int_eq(wad_keys_sealed_open(&r, key, back),
			    -1);
		rec[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* The same twice looks different. */
	{
		uint8_t rec2[200];

		wad_keys_sealed_make(key, id, text, sizeof(text), rec2);
		ck_assert_mem_ne(rec + WAD_SEALED_HEAD, rec2 +
		    WAD_SEALED_HEAD, 100);
	}
	ck_assert_uint_eq(wad_keys_sealed_make(key, id, text,
	    WAD_SEALED_MAX + 1, rec), 0);
}
END_TEST

/* ---- the file */

START_TEST(cut_anywhere)
{
	size_t	 len, one, end[3];
	uint8_t	*all;

	for (unsigned i = 0; i < 3; i++) {
		add(i, 30 + i, NOW);
		end[i] = size_of(disk[0]);
	}
	one = end[0];
	ck_assert_uint_gt(one, 60);
	all = contents(disk[0], &len);
	for (size_t cut = 0; cut <= len; cut++) {
		unsigned whole = cut >= end[2] ? 3 : cut >= end[1] ? 2 :
		    cut >= end[0] ? 1 : 0;
		struct wad_keys_products_stats st;

		set_contents(disk[0], all, cut);
		ck_assert_int_eq(ftruncate(disk[1], 0), 0);
		st = restart(NOW);
		ck_assert_uint_eq(st.n, whole);
		for (unsigned i = 0; i < 3; i++)
			ck_assert(there(i, NOW) == (i < whole));
		ck_assert_uint_eq(st.damaged, whole == 0 ? cut > 0 :
		    cut != end[whole - 1]);
		/* What comes next is read again. */
		add(9, 5, NOW);
		st = restart(NOW);
		ck_assert_uint_eq(st.n, whole + 1);
		ck_assert_uint_eq(st.damaged, 0);
		ck_assert(there(9, NOW));
	}
	free(all);
}
END_TEST

/* One byte wrong: one record lost, whatever byte it is. */
START_TEST(damaged_anywhere)
{
	size_t	 len;
	uint8_t	*all;

	for (unsigned i = 0; i < 4; i++)
		add(i, 40, NOW);
	all = contents(disk[0], &len);
	for (size_t at = 0; at < len; at++)
		for (int how = 0; how < 2; how++) {
			struct wad_keys_products_stats st;
			uint8_t	was = all[at];

			all[at] ^= how == 0 ? 1 : 0x80;
			set_contents(disk[0], all, len);
			ck_assert_int_eq(ftruncate(disk[1], 0), 0);
			st = restart(NOW);
			ck_assert_msg(st.n == 3, "byte %zu: %zu left", at,
			    st.n);
			for (unsigned i = 0; i < 4; i++)
				(void)there(i, NOW);	/* never wrong ones */
			all[at] = was;
		}
	free(all);
}
END_TEST

START_TEST(junk_between)
{
	struct wad_keys_products_stats	 st;
	size_t				 a, len;
	uint8_t				*all, *with;

	add(0, 40, NOW);
	a = size_of(disk[0]);
	add(1, 40, NOW);
	all = contents(disk[0], &len);
	with = wad_xcalloc(1, len + 3000);
	memset(with, 'o', 1000);
	memcpy(with + 1000, all, a);
	/* a head that claims more than there is, and one that claims less */
	memcpy(with + 1000 + a, "owP1\xff\xff\x01\x00", 8);
	memcpy(with + 1500 + a, "owP1\x10\x00\x00\x00", 8);
	memcpy(with + 2000 + a, all + a, len - a);
	memset(with + 2000 + len, 0xff, 1000);
	set_contents(disk[0], with, len + 3000);
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 2);
	/* in front, behind, between; and once behind what looks like a
	 * record of another CA */
	ck_assert_uint_eq(st.damaged, 4);
	ck_assert(there(0, NOW) && there(1, NOW));
	/* It was cleaned up: into the other file. */
	ck_assert_uint_eq(size_of(disk[0]) + size_of(disk[1]), len);
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 2);
	ck_assert_uint_eq(st.damaged, 0);
	free(all);
	free(with);
}
END_TEST

/* A file full of heads costs bounded time. */
START_TEST(hostile_heads)
{
	size_t		 len = 8 << 20;
	uint8_t		*p = wad_xcalloc(1, len);
	struct timespec	 t0, t1;
	double		 s;

	for (size_t i = 0; i + 24 < len; i += 24) {
		memcpy(p + i, "owP1\x00\xf0\x01\x00", 8);
		memcpy(p + i + 8, ca->id, WAD_SEALED_ID);
	}
	set_contents(disk[0], p, len);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	ck_assert_uint_eq(restart(NOW).n, 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	s = (double)(t1.tv_sec - t0.tv_sec) +
	    (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
	ck_assert_msg(s < 5, "%f s", s);
	add(0, 40, NOW);
	ck_assert_uint_eq(restart(NOW).n, 1);
	free(p);
}
END_TEST

START_TEST(another_ca)
{
	struct wad_keys_products_stats st;

	add(0, 40, NOW);
	make_ca();
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 0);
	ck_assert_uint_eq(st.damaged, 0);
	ck_assert_uint_eq(size_of(disk[0]) + size_of(disk[1]), 0);
	add(1, 40, NOW);
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 1);
}
END_TEST

/* Read only when a configuration is there: the CAs come with it. */
START_TEST(before_the_keys)
{
	struct wad_keys_products_stats st;

	add(0, 40, NOW);
	stop();
	store = wad_keys_store_new();
	t = wad_keys_products_new(store);
	wad_keys_products_open(t, dup(disk[0]), dup(disk[1]), NOW);
	wad_keys_products_stats(t, &st);
	ck_assert_uint_eq(st.n, 0);
	ck_assert_uint_gt(size_of(disk[0]), 0);
	use_ca(1);
	wad_keys_products_commit(t, NOW);
	ck_assert(there(0, NOW));
}
END_TEST

START_TEST(expired)
{
	struct wad_keys_products_stats st;

	add(0, 40, NOW);
	add(1, 40, NOW + 2000);
	st = restart(NOW + DAY);
	ck_assert_uint_eq(st.n, 1);
	ck_assert(!there(0, NOW + DAY));
	ck_assert(there(1, NOW + DAY));
	ck_assert(!there(1, NOW + 2000 + DAY - WAD_PRODUCTS_MARGIN + 1));
}
END_TEST

/* The same id again and again: the file stays within its bound, and its
 * contents are there at every moment. */
START_TEST(rewritten)
{
	struct wad_keys_products_stats st;
	size_t	most = 0;

	for (unsigned i = 0; i < 2000; i++) {
		add(i % 10, 3000, NOW + (int64_t)i);
		if (size_of(disk[0]) + size_of(disk[1]) > most)
			most = size_of(disk[0]) + size_of(disk[1]);
	}
	ck_assert_uint_lt(most, 1200 << 10);
	ck_assert_uint_gt(most, 900 << 10);
	st = restart(NOW + 2000);
	ck_assert_uint_eq(st.n, 10);
	for (unsigned i = 0; i < 10; i++)
		ck_assert(there(i, NOW + 2000));
}
END_TEST

/* Killed while the other file was written: both hold some. */
START_TEST(interrupted)
{
	struct wad_keys_products_stats	 st;
	size_t				 len, half = 0;
	uint8_t				*all;

	for (unsigned i = 0; i < 6; i++) {
		add(i, 100, NOW);
		if (i == 2)
			half = size_of(disk[0]) + 17;
	}
	all = contents(disk[0], &len);
	set_contents(disk[1], all, half);
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 6);
	ck_assert_uint_eq(size_of(disk[0]) + size_of(disk[1]), len);
	/* The spare is the longer one: it was in use. */
	set_contents(disk[0], all, half);
	set_contents(disk[1], all, len);
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 6);
	add(6, 100, NOW);
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 7);
	free(all);
}
END_TEST

START_TEST(disk_full)
{
	struct rlimit			 rl;
	struct wad_keys_products_stats	 st;
	char				 name[] = "/tmp/products-XXXXXX";
	int				 fd = mkstemp(name);
	unsigned			 kept = 0;
	size_t				 full;

	ck_assert_int_ne(fd, -1);
	unlink(name);
	signal(SIGXFSZ, SIG_IGN);
	wad_keys_products_open(t, fd, dup(disk[1]), NOW);
	add(0, 100, NOW);
	getrlimit(RLIMIT_FSIZE, &rl);
	full = size_of(fd);
	rl.rlim_cur = full + 100;		/* room for half a record */
	/* The limit holds for the file of check's own messages, too: nothing
	 * is asserted below it. */
	if (setrlimit(RLIMIT_FSIZE, &rl) == 0)
		for (unsigned i = 1; i < 50; i++) {
			add(i, 100, NOW + (int64_t)i);
			kept += there(i, NOW + (int64_t)i);
		}
	rl.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &rl), 0);
	ck_assert_uint_eq(kept, 49);
	wad_keys_products_stats(t, &st);
	ck_assert(st.paused);
	ck_assert_uint_eq(st.n, 50);
	ck_assert_uint_eq(size_of(fd), full);	/* no half */
	/* tried again a minute later */
	add(50, 100, NOW + 50);
	ck_assert_uint_lt(size_of(fd), 500);
	add(51, 100, NOW + 70);
	wad_keys_products_stats(t, &st);
	ck_assert(!st.paused);
	ck_assert_uint_gt(size_of(fd), 400);
	close(disk[0]);
	disk[0] = dup(fd);
	st = restart(NOW + 70);
	ck_assert(there(0, NOW + 70) && there(51, NOW + 70));
	ck_assert_uint_eq(st.damaged, 0);
}
END_TEST

/* No files at all, and files that cannot be written. */
START_TEST(no_disk)
{
	struct wad_keys_products_stats st;

	stop();
	start();
	add(0, 40, NOW);
	ck_assert(there(0, NOW));
	wad_keys_products_commit(t, NOW);
	wad_keys_products_clear(t);
	ck_assert(!there(0, NOW));
	for (int i = 0; i < 2; i++) {
		close(disk[i]);
		disk[i] = memfd_create("sealed", MFD_ALLOW_SEALING);
		ck_assert_int_eq(fcntl(disk[i], F_ADD_SEALS, F_SEAL_WRITE |
		    F_SEAL_GROW | F_SEAL_SHRINK), 0);
	}
	wad_keys_products_open(t, dup(disk[0]), dup(disk[1]), NOW);
	add(1, 40, NOW);
	ck_assert(there(1, NOW));
	wad_keys_products_stats(t, &st);
	ck_assert(st.paused);
}
END_TEST

START_TEST(cleared)
{
	struct wad_keys_products_stats st;

	add(0, 40, NOW);
	wad_keys_products_clear(t);
	ck_assert(!there(0, NOW));
	ck_assert_uint_eq(size_of(disk[0]), 0);
	add(1, 40, NOW);
	st = restart(NOW);
	ck_assert_uint_eq(st.n, 1);
}
END_TEST

START_TEST(bounded)
{
	struct wad_keys_products_stats	 st;
	struct timespec			 t0, t1;

	for (unsigned i = 0; i < WAD_PRODUCTS_MAX + 100; i++) {
		add(i, 1500, NOW);
		if (i > 100 && i % 64 == 0)
			ck_assert(there(7, NOW));	/* in use: stays */
	}
	wad_keys_products_stats(t, &st);
	ck_assert_uint_eq(st.n, WAD_PRODUCTS_MAX);
	ck_assert_uint_eq(st.evicted, 100);
	ck_assert(!there(8, NOW));
	clock_gettime(CLOCK_MONOTONIC, &t0);
	st = restart(NOW);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	ck_assert_uint_eq(st.n, WAD_PRODUCTS_MAX);
	printf("%zu products, %zu bytes of file, read in %.0f ms\n", st.n,
	    st.disk, (double)(t1.tv_sec - t0.tv_sec) * 1e3 +
	    (double)(t1.tv_nsec - t0.tv_nsec) / 1e6);
	/* Large ones: the bytes are the bound. */
	wad_keys_products_clear(t);
	for (unsigned i = 0; i < 700; i++)
		add(i, 100000, NOW);
	wad_keys_products_stats(t, &st);
	ck_assert_uint_le(st.mem, WAD_PRODUCTS_MEM);
	ck_assert_uint_gt(st.mem, WAD_PRODUCTS_MEM - 200000);
	ck_assert_uint_eq(st.n + st.evicted - 100, 700);
	ck_assert_uint_lt(size_of(disk[0]) + size_of(disk[1]),
	    (size_t)160 << 20);
	st = restart(NOW);
	ck_assert(there(699, NOW));
}
END_TEST

/* Killed at any moment by SIGKILL: what was written before is there. */
START_TEST(killed)
{
	struct wad_keys_products_stats	 st;
	int				 pipefd[2];
	unsigned			 done = 0, n;

	for (int round = 0; round < 10; round++) {
		pid_t pid;

		ck_assert_int_eq(pipe(pipefd), 0);
		pid = fork();
		ck_assert_int_ne(pid, -1);
		if (pid == 0) {
			for (n = done; ; n++) {
				add(n % 100, 9000, NOW + (int64_t)n);
				if (write(pipefd[1], &n, sizeof(n)) !=
				    sizeof(n))
					_exit(1);
			}
		}
		close(pipefd[1]);
		for (int i = 0; i < 137 + round * 29; i++)
			ck_assert_int_eq(read(pipefd[0], &done, sizeof(done)),
			    sizeof(done));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (read(pipefd[0], &n, sizeof(n)) == sizeof(n))
			done = n;
		close(pipefd[0]);
		st = restart(NOW + (int64_t)done);
		/* all but the one that was being written */
		ck_assert_uint_ge(st.n, 99);
		ck_assert(there(done % 100, NOW + (int64_t)done));
		ck_assert_uint_le(st.damaged, 2);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("keys_product");
	TCase	*c = tcase_create("all");

	wad_dbg_attach(NULL, &quiet);
	tcase_set_timeout(c, 200);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, sealed);
	tcase_add_test(c, cut_anywhere);
	tcase_add_test(c, damaged_anywhere);
	tcase_add_test(c, junk_between);
	tcase_add_test(c, hostile_heads);
	tcase_add_test(c, another_ca);
	tcase_add_test(c, before_the_keys);
	tcase_add_test(c, expired);
	tcase_add_test(c, rewritten);
	tcase_add_test(c, interrupted);
	tcase_add_test(c, disk_full);
	tcase_add_test(c, no_disk);
	tcase_add_test(c, cleared);
	tcase_add_test(c, bounded);
	tcase_add_test(c, killed);
	suite_add_tcase(s, c);
	return suite_run(s);
}
