/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The category database: `bench_catdb names N` prints N names, `bench_catdb
 * ask FILE N` opens a database of them and tells what look-ups cost.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/xmem.h"
#include "url/url.h"

enum { ASKED = 1000000 };

static void
name_of(char dst[WAD_HOST_MAX], uint64_t i)
{
	uint64_t h = (i + 1) * 0x9e3779b97f4a7c15u;

	snprintf(dst, WAD_HOST_MAX, "%s%08" PRIx64 "%s.%s", i % 3 == 0 ?
	    "cdn." : "", (h ^ h >> 29) & 0xffffffffff, i % 5 == 0 ? "-shop" :
	    "", i % 2 ? "com" : "example");
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int
by_size(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return (a > b) - (a < b);
}

/* kind 0: names that are there, 1: below such names, 2: not there. */
static int
ask(const struct wad_url_db *db, uint64_t n, unsigned kind)
{
	static const char *const words[] = { "there", "below", "not there" };
	uint32_t	*took = wad_xcalloc(ASKED, sizeof(*took));
	uint64_t	 clock = UINT64_MAX, found = 0, seed = 1, t;
	uint16_t	 cats[WAD_CATES_MAX];
	char		 name[WAD_HOST_MAX], host[WAD_HOST_MAX];

	for (unsigned i = 0; i < 1000; i++) {	/* what reading it costs */
		t = now_ns();
		t = now_ns() - t;
		clock = t < clock ? t : clock;
	}
	for (unsigned i = 0; i < ASKED; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		name_of(name, (seed >> 20) % n + (kind == 2 ? n : 0));
		snprintf(host, sizeof(host), "%s%.200s", kind == 1 ? "www." :
		    "", name);
		t = now_ns();
		found += wad_url_db_find(db, host, NULL, cats, WAD_CATES_MAX,
		    NULL) > 0;
		t = now_ns() - t;
		took[i] = (uint32_t)(t > clock ? t - clock : 0);
	}
	qsort(took, ASKED, sizeof(*took), by_size);
	printf("%-10s p50 %4u ns  p99 %5u ns  p99.9 %5u ns  (%" PRIu64
	    " of %d found)\n", words[kind], took[ASKED / 2], took[ASKED / 100 *
	    99], took[ASKED / 1000 * 999], found, ASKED);
	free(took);
	return (kind == 2) == (found < ASKED / 100) ? 0 : 1;
}

int
main(int argc, char **argv)
{
	uint64_t		 n = argc > 1 ? strtoull(argv[argc - 1], NULL,
	    10) : 0, t;
	char			 name[WAD_HOST_MAX], err[160];
	struct wad_url_db	*db;
	int			 bad = 0;

	if (argc == 3 && strcmp(argv[1], "names") == 0) {
		for (uint64_t i = 0; i < n; i++) {
			name_of(name, i);
			puts(name);
		}
		return 0;
	}
	if (argc != 4 || strcmp(argv[1], "ask") != 0) {
		fputs("usage: bench_catdb names N | ask FILE N\n", stderr);
		return 1;
	}
	t = now_ns();
	db = wad_url_db_open(open(argv[2], O_RDONLY | O_CLOEXEC), err,
	    sizeof(err));
	t = now_ns() - t;
	if (db == NULL) {
		fprintf(stderr, "%s: %s\n", argv[2], err);
		return 1;
	}
	printf("opened in %.3f ms\n", (double)t / 1e6);
	for (unsigned round = 0; round < 2; round++)	/* first: cold */
		for (unsigned kind = 0; kind < 3; kind++)
			bad |= ask(db, n, kind);
	wad_url_db_close(db);
	return bad;
}
