/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of sessions that hold memory: it says what a count of all of them
 * says, whatever comes and goes, and nothing is left in the end.
 */
#include <check.h>

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "worker/memory.h"
#include "worker/stages.h"
#include "worker/worker.h"
#include "worker_stub.h"

enum { SESSIONS = 64, STEPS = 20000 };

static struct wad_worker	w;
static struct wad_session	s[SESSIONS];
static struct wad_tcp_port	port[SESSIONS][2];

static void
begin(int i)
{
	memset(&s[i], 0, sizeof(s[i]));
	s[i].w = &w;
	s[i].clt.port = &port[i][0];
	s[i].srv.port = &port[i][1];
}

/* What bury does. */
static void
leave(int i)
{
	wad_memory_leave(&s[i]);
	for (int k = 0; k < 2; k++) {
		wad_buf_free(&port[i][k].in);
		wad_buf_free(&port[i][k].out);
	}
	begin(i);
}

static void
compare(void)
{
	size_t		 sum = 0, all = 0;
	unsigned	 n = 0, listed = 0;
	struct wad_list	*l, *tmp;

	for (int i = 0; i < SESSIONS; i++) {
		size_t size = 0;

		for (int k = 0; k < 2; k++)
			size += port[i][k].in.cap + port[i][k].out.cap;
		ck_assert_uint_eq(s[i].mem_size, size);
		ck_assert(s[i].listed == (size >= WAD_BUF_BLOCK));
		all += size;
		sum += s[i].listed ? size : 0;
		n += s[i].listed;
	}
	WAD_LIST_EACH(&w.holders, l, tmp)
		listed++;
	ck_assert_uint_eq(w.n_holders, n);
	ck_assert_uint_eq(listed, n);
	ck_assert_uint_eq(w.holders_size, sum);
	ck_assert_uint_eq(wad_mem.held, all);
}

START_TEST(churn)
{
	static uint8_t data[100 * 1000];

	wad_list_init(&w.holders);
	for (int i = 0; i < SESSIONS; i++)
		begin(i);
	srand(7);
	for (int step = 0; step < STEPS; step++) {
		int		 i = rand() % SESSIONS;
		struct wad_tcp_port *p = &port[i][rand() % 2];
		struct wad_buf	*b = rand() % 2 ? &p->in : &p->out;

		if (rand() % 10 == 0) {
			leave(i);
		} else if (b->len < 1000 * 1000 && rand() % 2) {
			wad_buf_add(b, data, (size_t)rand() % sizeof(data));
		} else
			wad_buf_drain(b, b->len / ((size_t)rand() % 2 + 1));
		wad_memory_note(&s[i]);
		if (step % 100 == 0)
			compare();
	}
	for (int i = 0; i < SESSIONS; i++)
		leave(i);
	compare();
	ck_assert_uint_eq(w.n_holders, 0);
	ck_assert_uint_eq(w.holders_size, 0);
	ck_assert_uint_eq(w.n_stopped, 0);
	ck_assert_uint_eq(wad_mem.held, 0);
}
END_TEST

/* A file below a folder that is made for it. */
static void
group(const char *root, const char *dir, const char *max)
{
	char	path[256];
	FILE	*f;

	snprintf(path, sizeof(path), "%s%s", root, dir);
	ck_assert(mkdir(path, 0700) == 0 || *dir == '\0');
	if (max == NULL)
		return;
	snprintf(path, sizeof(path), "%s%s/memory.max", root, dir);
	ck_assert((f = fopen(path, "w")) != NULL);
	fputs(max, f);
	fclose(f);
}

START_TEST(groups)
{
	char root[] = "/tmp/openwad-check.XXXXXX", cmd[64];

	ck_assert(mkdtemp(root) != NULL);
	group(root, "", NULL);
	group(root, "/system.slice", "300000000\n");
	group(root, "/system.slice/openwad.service", "max\n");
	group(root, "/system.slice/openwad.service/small", "5000000\n");
	group(root, "/free", "max\n");
	ck_assert_uint_eq(wad_memory_groups("0::/system.slice/openwad.service"
	    "\n", root), 300000000);
	ck_assert_uint_eq(wad_memory_groups("4:memory:/free\n0::/system.slice/"
	    "openwad.service/small\n", root), 5000000);
	ck_assert_uint_eq(wad_memory_groups("0::/free\n", root), UINT64_MAX);
	ck_assert_uint_eq(wad_memory_groups("0::/\n", root), UINT64_MAX);
	ck_assert_uint_eq(wad_memory_groups("0::/gone\n", root), UINT64_MAX);
	ck_assert_uint_eq(wad_memory_groups("0::\n", root), UINT64_MAX);
	ck_assert_uint_eq(wad_memory_groups("", root), UINT64_MAX);
	snprintf(cmd, sizeof(cmd), "rm -r %s", root);
	ck_assert_int_eq(system(cmd), 0);
}
END_TEST

/* The least of what is set and what there is. */
START_TEST(limit)
{
	static struct wad_conf conf;

	conf.settings.buffer_memory = 512;
	w.memory = 1ULL << 40;
	wad_memory_limit(&w, &conf);
	ck_assert_uint_eq(wad_mem.hard, 512 << 20);
	w.memory = 100 << 20;
	wad_memory_limit(&w, &conf);
	ck_assert_uint_eq(wad_mem.hard, 100 << 20);
	ck_assert_uint_eq(wad_mem.soft, 50 << 20);
}
END_TEST

static long
head_read(void *arg, void *buf, size_t size)
{
	size_t	*left = arg;

	size = size < *left ? size : *left;
	memset(buf, 'a', size);
	*left -= size;
	return (long)size;
}

static void
head_done(void *owner, struct wad_http_tx *tx)
{
	ck_abort_msg("done %p %p", owner, (void *)tx);
}

/* Of what ends, a part goes at once and the rest after the turn: it counts
 * once, and others that move stay when it was enough. */
START_TEST(enough)
{
	static const struct wad_http_ops ops = { .done = head_done };
	static struct wad_worker_conf	 wc;
	static struct wad_conf		 conf;
	static struct wad_slot		 slot[3];
	static uint32_t			 clients[1];
	static char			 data[100];
	static const struct wad_http_limits limits = { .line_max = 1 << 20,
		.head_max = 1 << 20, .fields_max = 10 };
	size_t				 head = 200 * 1000;
	struct wad_http_leg		 leg[2] = { { .arg = &head,
		.read = head_read } };

	memset(&w, 0, sizeof(w));
	wad_list_init(&w.holders);
	wad_list_init(&w.sessions);
	wad_list_init(&w.graveyard);
	w.base = event_base_new();
	event_assign(&w.bury, w.base, -1, 0, NULL, NULL);
	w.per_client = clients;
	clients[0] = w.n_sessions = 3;
	w.conserve = true;		/* it was told */
	wc.conf = &conf;
	for (int i = 0; i < 3; i++) {
		begin(i);
		s[i].wc = &wc;
		s[i].slot = &slot[i];
		event_assign(&s[i].timer, w.base, -1, 0, NULL, NULL);
		wad_list_append(&w.sessions, &s[i].all);
		wad_session_enter(&s[i], WAD_STAGE_RELAY);
		port[i][0].fd = port[i][1].fd = -1;
		wad_buf_add(&port[i][0].out, data, sizeof(data));
	}
	s[0].http = wad_http_h1_new(leg, &ops, &s[0], &limits);
	while (wad_http_move(s[0].http, WAD_HTTP_UP) > 0)
		;
	for (int i = 0; i < 3; i++)
		wad_memory_note(&s[i]);
	ck_assert_uint_gt(s[0].mem_size, wad_mem.held * 2 / 3);
	ck_assert_uint_eq(w.n_holders, 3);
	s[0].mem_since = 0;		/* long ago */
	wad_mem_limit(wad_mem.held - 1);
	wad_memory_tick(&w);
	ck_assert(s[0].done && s[0].http == NULL);
	ck_assert(!s[1].done && !s[2].done);
	ck_assert_uint_eq(w.n_holders, 2);
	event_base_free(w.base);
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("memory");
	TCase	*tc = tcase_create("memory");

	tcase_add_test(tc, churn);
	tcase_add_test(tc, enough);
	tcase_add_test(tc, groups);
	tcase_add_test(tc, limit);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
