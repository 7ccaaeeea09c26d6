/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics_page.c and metrics.c: a page from segments with known numbers,
 * from a segment full of nonsense, that every counter is somewhere on it, and
 * the HTTP server with clients good and bad.
 */
#include <check.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/reason.h"
#include "base/xmem.h"
#include "export/export.h"
#include "suite.h"

static struct wad_export	*x;
static struct wad_conf		*conf;
static struct wad_ring_seg	*seg[3];
static struct wad_str		 page;
static struct wad_str		 got;

static void
setup(void)
{
	static const struct { const char *role; unsigned index; } roles[] = {
		{ "worker", 0 }, { "worker", 1 }, { "keys", 0 },
	};

	x = wad_xcalloc(1, sizeof(*x));
	conf = wad_xcalloc(1, sizeof(*conf));
	x->conf = conf;
	for (unsigned i = 0; i < 3; i++) {
		seg[i] = wad_xcalloc(1, sizeof(*seg[i]));
		snprintf(x->rings[i].role, sizeof(x->rings[i].role), "%s",
		    roles[i].role);
		x->rings[i].index = roles[i].index;
		x->rings[i].seg = seg[i];
	}
	x->n_rings = 3;
}

static void
teardown(void)
{
	for (unsigned i = 0; i < 3; i++)
		free(seg[i]);
	wad_str_free(&page);
	wad_str_free(&got);
	free(conf);
	free(x);
}

static void
print(void)
{
	wad_str_free(&page);
	wad_metrics_print(x, &page);
	ck_assert_uint_eq(strlen(page.s), page.len);
}

/* The page holds these lines, one after the other. */
static void
lines(const char *text)
{
	char *at = strstr(page.s, text);

	if (at == NULL || (at != page.s && at[-1] != '\n'))
		ck_abort_msg("not on the page:\n%s\nbut:\n%.4000s", text,
		    page.s);
}

START_TEST(known_numbers)
{
	struct wad_stats *a = &seg[0]->stats, *b = &seg[1]->stats;

	a->counter[WAD_CNT_SESSIONS] = 5;
	b->counter[WAD_CNT_SESSIONS] = 7;
	a->gauge[WAD_GAUGE_SESSIONS] = 2;
	a->gauge[WAD_GAUGE_STARTS] = 3;
	a->gauge[WAD_GAUGE_STARTED] = 1700000000;
	a->counter[WAD_CNT_BYTES_UP] = UINT64_MAX;
	a->ended[WR_BLOCKED] = 4;
	a->verdict[WR_N] = 11;
	a->verdict[WR_CERT_EXPIRED] = 1;
	a->category[52][WAD_WF_BLOCK] = 6;
	a->cache[WAD_CACHE_CERTS].entries = 8;
	a->cache[WAD_CACHE_CERTS].hits = 9;
	seg[2]->stats.cache[WAD_CACHE_PRODUCTS].misses = 10;
	seg[2]->log_next = 12;
	seg[2]->stats.counter[WAD_CNT_KEYS_FORGED] = 13;
	print();

	lines("# HELP openwad_sessions_total Sessions accepted.\n"
	    "# TYPE openwad_sessions_total counter\n"
	    "openwad_sessions_total{worker=\"0\"} 5\n"
	    "openwad_sessions_total{worker=\"1\"} 7\n"
	    "# HELP openwad_sessions_active Sessions open now.\n"
	    "# TYPE openwad_sessions_active gauge\n"
	    "openwad_sessions_active{worker=\"0\"} 2\n"
	    "openwad_sessions_active{worker=\"1\"} 0\n");
	lines("openwad_role_up{role=\"worker\",worker=\"0\"} 1\n"
	    "openwad_role_up{role=\"worker\",worker=\"1\"} 0\n"
	    "openwad_role_up{role=\"keys\"} 0\n");
	lines("openwad_role_starts_total{role=\"worker\",worker=\"0\"} 3\n");
	lines("openwad_role_start_time_seconds{role=\"worker\",worker=\"0\"}"
	    " 1700000000\n");
	lines("openwad_traffic_bytes_total{worker=\"0\",direction=\"up\"} "
	    "18446744073709551615\n");
	lines("openwad_sessions_ended_total{worker=\"0\",reason=\"blocked\","
	    "action=\"close\"} 4\n");
	lines("openwad_verdicts_total{worker=\"0\",reason=\"cert-expired\"} "
	    "1\n");
	lines("openwad_verdicts_total{worker=\"0\",reason=\"good\"} 11\n");
	lines("openwad_category_sessions_total{worker=\"0\",category=\"52\","
	    "name=\"Information Technology\",action=\"block\"} 6\n");
	lines("openwad_cache_entries{role=\"worker\",worker=\"0\",cache="
	    "\"certificate\"} 8\n");
	lines("openwad_cache_hits_total{role=\"worker\",worker=\"0\",cache="
	    "\"certificate\"} 9\n");
	lines("openwad_cache_misses_total{role=\"keys\",cache=\"products\"} "
	    "10\n");
	lines("openwad_log_records_total{role=\"keys\"} 12\n");
	lines("openwad_keys_answers_total{result=\"forged\"} 13\n");
	/* what did not occur is there, unless there are too many kinds */
	lines("openwad_sessions_ended_total{worker=\"1\",reason=\"loop\","
	    "action=\"close\"} 0\n");
	ck_assert_ptr_null(strstr(page.s, "category=\"53\""));
}
END_TEST

START_TEST(histogram)
{
	wad_stats_attach(&seg[0]->stats);
	wad_stats_time(WAD_HISTO_SRV_TLS, 250);		/* the bound itself */
	wad_stats_time(WAD_HISTO_SRV_TLS, 251);
	wad_stats_time(WAD_HISTO_SRV_TLS, 1500000);
	wad_stats_time(WAD_HISTO_SRV_TLS, 60000000);
	wad_stats_attach(NULL);
	print();
#define B "openwad_handshake_duration_seconds_bucket{worker=\"0\"," \
    "leg=\"server\",le="
	lines("# TYPE openwad_handshake_duration_seconds histogram\n"
	    B "\"0.00025\"} 1\n" B "\"0.0005\"} 2\n" B "\"0.001\"} 2\n"
	    B "\"0.0025\"} 2\n" B "\"0.005\"} 2\n" B "\"0.01\"} 2\n"
	    B "\"0.025\"} 2\n" B "\"0.05\"} 2\n" B "\"0.1\"} 2\n"
	    B "\"0.25\"} 2\n" B "\"0.5\"} 2\n" B "\"1\"} 2\n"
	    B "\"2.5\"} 3\n" B "\"5\"} 3\n" B "\"10\"} 3\n"
	    B "\"+Inf\"} 4\n"
	    "openwad_handshake_duration_seconds_sum{worker=\"0\","
	    "leg=\"server\"} 61.500501\n"
	    "openwad_handshake_duration_seconds_count{worker=\"0\","
	    "leg=\"server\"} 4\n");
#undef B
}
END_TEST

START_TEST(since)
{
	uint64_t t = 0;

	wad_stats_attach(&seg[0]->stats);
	wad_stats_since(WAD_HISTO_CONNECT, &t);		/* it never began */
	ck_assert_uint_eq(seg[0]->stats.histo[WAD_HISTO_CONNECT].sum, 0);
	t = 1;
	wad_stats_since(WAD_HISTO_CONNECT, &t);
	ck_assert_uint_eq(t, 0);
	ck_assert_uint_gt(seg[0]->stats.histo[WAD_HISTO_CONNECT].sum, 0);
	wad_stats_attach(NULL);
}
END_TEST

/* Every line is a comment or a sample: letters, then labels with quotes that
 * are closed, a blank, a number. */
static void
check_syntax(void)
{
	char *save = NULL, *copy = wad_xstrdup(page.s);

	for (char *l = strtok_r(copy, "\n", &save); l != NULL;
	    l = strtok_r(NULL, "\n", &save)) {
		size_t	n = strspn(l, "abcdefghijklmnopqrstuvwxyz_");
		bool	quoted = false;

		if (strncmp(l, "# HELP openwad_", 15) == 0 ||
		    strncmp(l, "# TYPE openwad_", 15) == 0)
			continue;
		ck_assert_msg(n > 8 && strncmp(l, "openwad_", 8) == 0, "%s",
		    l);
		if (l[n] == '{') {
			for (n++; l[n] != '\0' && (quoted || l[n] != '}');
			    n++) {
				if (quoted && l[n] == '\\')
					n++;
				else if (l[n] == '"')
					quoted = !quoted;
			}
			ck_assert_msg(l[n++] == '}', "%s", l);
		}
		ck_assert_msg(l[n] == ' ' && l[n + 1] != '\0' &&
		    strspn(l + n + 1, "0123456789.") == strlen(l + n + 1),
		    "%s", l);
	}
	free(copy);
}

START_TEST(nonsense)
{
	for (unsigned i = 0; i < 3; i++)
		memset(seg[i], 0xff, sizeof(*seg[i]));
	print();
	check_syntax();
	for (unsigned i = 0; i < 3; i++)
		for (size_t k = 0; k < sizeof(*seg[i]); k++)
			((uint8_t *)seg[i])[k] = (uint8_t)(k * 7 + i);
	print();
	check_syntax();
	/* no ring at all */
	x->n_rings = 0;
	print();
	check_syntax();
	lines("# TYPE openwad_sessions_total counter\n");
}
END_TEST

START_TEST(label)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "plain", "plain" },
		{ "a\"b\\c", "a\\\"b\\\\c" },
		{ "line\nend", "line?end" },
		{ "Stra\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x98\x80",
		    "Stra\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xc3", "?" }, { "\xff\xfe", "??" },
		{ "\xc0\xaf", "??" },			/* overlong */
		{ "\xed\xa0\x80", "???" },		/* surrogate */
		{ "\xf4\x90\x80\x80", "????" },		/* above U+10FFFF */
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wad_str_free(&page);
		wad_metrics_label(&page, rows[i].in);
		ck_assert_str_eq(page.s != NULL ? page.s : "", rows[i].out);
	}
}
END_TEST

/* A name from the configuration. */
START_TEST(local_category)
{
	struct wad_local_cat cat = { "my \"own\"", 140, true };

	conf->local_cats = &cat;
	conf->n_local_cats = 1;
	seg[0]->stats.category[140][WAD_WF_ALLOW] = 1;
	print();
	lines("openwad_category_sessions_total{worker=\"0\",category=\"140\","
	    "name=\"my \\\"own\\\"\",action=\"allow\"} 1\n");
	check_syntax();
}
END_TEST

/* Whatever a role counts is on the page: a number that occurs only once is
 * found there. */
START_TEST(all_of_them)
{
	static const char *const others[] = { "control", "lookup", "export" };
	struct wad_ring_seg	*more[3];
	char			 want[64];

	for (unsigned i = 0; i < 3; i++) {
		more[i] = wad_xcalloc(1, sizeof(*more[i]));
		strcpy(x->rings[3 + i].role, others[i]);
		x->rings[3 + i].seg = more[i];
	}
	x->n_rings = 6;
	for (unsigned i = 0; i < 6; i++) {
		struct wad_stats *s = &((struct wad_ring_seg *)(uintptr_t)
		    x->rings[i].seg)->stats;

		for (unsigned k = 0; k < WAD_CNT_N; k++)
			s->counter[k] = 710000 + k;
		for (unsigned k = 0; k < WAD_GAUGE_N; k++)
			s->gauge[k] = 720000 + k;
		for (unsigned k = 0; k < WAD_HISTO_N; k++)
			s->histo[k].bucket[0] = 730000 + k;
		for (unsigned k = 0; k < WAD_CACHE_N; k++)
			s->cache[k].hits = 740000 + k;
	}
	print();
	for (unsigned k = 0; k < WAD_CNT_N; k++) {
		snprintf(want, sizeof(want), " %u\n", 710000 + k);
		ck_assert_msg(strstr(page.s, want) != NULL, "counter %s",
		    wad_counter_names[k]);
	}
	for (unsigned k = 0; k < WAD_GAUGE_N; k++) {
		snprintf(want, sizeof(want), " %u\n", 720000 + k);
		ck_assert_msg(strstr(page.s, want) != NULL, "gauge %s",
		    wad_gauge_names[k]);
	}
	for (unsigned k = 0; k < WAD_HISTO_N; k++) {
		snprintf(want, sizeof(want), " %u\n", 730000 + k);
		ck_assert_msg(strstr(page.s, want) != NULL, "histogram %s",
		    wad_histo_names[k]);
	}
	for (unsigned k = 0; k < WAD_CACHE_N; k++) {
		snprintf(want, sizeof(want), " %u\n", 740000 + k);
		ck_assert_msg(strstr(page.s, want) != NULL, "cache %s",
		    wad_cache_names[k]);
	}
	for (unsigned i = 0; i < 3; i++)
		free(more[i]);
}
END_TEST

/* A text file of the source, words parted by one blank. */
static char *
words_of(const char *path)
{
	FILE	*f = fopen(path, "r");
	char	*s = wad_xcalloc(1, 1 << 20);
	size_t	 n = 0;
	int	 c;

	ck_assert_msg(f != NULL, "%s", path);
	while ((c = getc(f)) != EOF && n + 2 < 1 << 20) {
		if (c == '\n' || c == ' ') {
			if (n > 0 && s[n - 1] != ' ')
				s[n++] = ' ';
		} else
			s[n++] = (char)c;
	}
	fclose(f);
	return s;
}

/* doc/metrics has each of them with its type and help, and no other. */
START_TEST(documented)
{
	char		*doc = words_of(TESTDIR "/../doc/metrics");
	char		*save = NULL, *end = strstr(doc, "All of them");
	char		 want[128];
	unsigned	 n = 0, in_doc = 0;

	ck_assert_ptr_nonnull(end);
	print();
	for (char *l = strtok_r(page.s, "\n", &save); l != NULL;
	    l = strtok_r(NULL, "\n", &save)) {
		char name[100], type[16], *help = l;

		if (strncmp(l, "# HELP ", 7) != 0)
			continue;
		ck_assert_int_eq(sscanf(l, "# HELP %99s", name), 1);
		help = l + 7 + strlen(name) + 1;
		l = strtok_r(NULL, "\n", &save);
		ck_assert_int_eq(sscanf(l, "# TYPE %*s %15s", type), 1);
		snprintf(want, sizeof(want), " %s %s", name, type);
		ck_assert_msg(strstr(end, want) != NULL, "doc/metrics:%s",
		    want);
		ck_assert_msg(strstr(end, help) != NULL,
		    "doc/metrics, %s: %s", name, help);
		n++;
	}
	for (char *at = end; (at = strstr(at, " openwad_")) != NULL; at++)
		in_doc++;
	ck_assert_uint_eq(in_doc, n);
	free(doc);
}
END_TEST

/* ---- the server ---------------------------------------------------------- */

static struct sockaddr_in	 where;

static void
server_up(void)
{
	socklen_t	len = sizeof(where);
	int		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memset(&where, 0, sizeof(where));
	where.sin_family = AF_INET;
	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&where, len), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&where, &len), 0);
	x->base = event_base_new();
	x->metrics = wad_metrics_new(x);
	wad_metrics_listen(x->metrics, fd);
	wad_stats_attach(&seg[0]->stats);
}

static void
server_down(void)
{
	wad_stats_attach(NULL);
	wad_metrics_free(x->metrics);
	event_base_free(x->base);
}

static int
client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&where,
	    sizeof(where)), 0);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
turns(int n)
{
	while (n-- > 0) {
		event_base_loop(x->base, EVLOOP_NONBLOCK);
		usleep(1000);
	}
}

/* Sends it in pieces and reads until the end; got is the whole answer. */
static void
ask(const char *request, size_t len, size_t piece)
{
	char	buf[65536];
	ssize_t n;
	int	fd = client();

	wad_str_free(&got);
	for (size_t at = 0; at < len; at += piece) {
		(void)!send(fd, request + at, len - at < piece ? len - at :
		    piece, MSG_NOSIGNAL);
		turns(1);
	}
	for (int i = 0; i < 2000; i++) {
		turns(1);
		n = recv(fd, buf, sizeof(buf), 0);
		if (n == 0 || (n == -1 && errno != EAGAIN))
			break;
		if (n > 0)
			wad_str_addn(&got, buf, (size_t)n);
	}
	close(fd);
	turns(2);
}

static void
ask_s(const char *request)
{
	ask(request, strlen(request), 4096);
}

static void
begins(const char *head)
{
	if (got.s == NULL || strncmp(got.s, head, strlen(head)) != 0)
		ck_abort_msg("wanted %s, got %.200s", head, got.s != NULL ?
		    got.s : "nothing");
}

#define HOST "Host: here:9142\r\n"

START_TEST(requests)
{
	static const char whole[] = "GET /metrics HTTP/1.1\r\n" HOST
	    "Accept: */*\r\n\r\n";
	char	*body, want[64];

	server_up();
	seg[0]->stats.counter[WAD_CNT_SESSIONS] = 4711;
	ask_s(whole);
	begins("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; "
	    "charset=utf-8\r\n");
	body = strstr(got.s, "\r\n\r\n") + 4;
	snprintf(want, sizeof(want), "Content-Length: %zu\r\n", strlen(body));
	ck_assert_ptr_nonnull(strstr(got.s, want));
	ck_assert_ptr_nonnull(strstr(body, "{worker=\"0\"} 4711\n"));
	ask(whole, sizeof(whole) - 1, 1);	/* byte by byte */
	begins("HTTP/1.1 200 OK\r\n");
	ask_s("GET /metrics?a=b HTTP/1.0\r\n\r\n");
	begins("HTTP/1.1 200 OK\r\n");
	ask_s("HEAD /metrics HTTP/1.1\r\n" HOST "\r\n");
	begins("HTTP/1.1 200 OK\r\n");
	body = strstr(got.s, "\r\n\r\n") + 4;
	ck_assert_str_eq(body, "");
	ck_assert_uint_eq(seg[0]->stats.counter[WAD_CNT_SCRAPES], 4);
	ck_assert_uint_eq(seg[0]->stats.counter[WAD_CNT_SCRAPES_BAD], 0);

	ask_s("GET / HTTP/1.1\r\n" HOST "\r\n");
	begins("HTTP/1.1 404 Not Found\r\n");
	ask_s("GET /metricsx HTTP/1.1\r\n" HOST "\r\n");
	begins("HTTP/1.1 404 ");
	ask_s("POST /metrics HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx");
	begins("HTTP/1.1 405 Method Not Allowed\r\n");
	ck_assert_ptr_nonnull(strstr(got.s, "\r\nAllow: GET, HEAD\r\n"));
	ask_s("GET http://a/metrics HTTP/1.1\r\n" HOST "\r\n");
	begins("HTTP/1.1 400 Bad Request\r\n");
	ask_s("CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n");
	begins("HTTP/1.1 405 ");
	ask_s("GET /metrics HTTP/1.1\r\n\r\n");		/* no Host */
	begins("HTTP/1.1 400 ");
	ask_s("GET /metrics HTTP/2.0\r\n\r\n");
	begins("HTTP/1.1 505 ");
	ask_s("\x16\x03\x01\x02\x01\x01\x01\xfc");
	begins("HTTP/1.1 400 ");
	ck_assert_uint_eq(seg[0]->stats.counter[WAD_CNT_SCRAPES], 4);
	ck_assert_uint_eq(seg[0]->stats.counter[WAD_CNT_SCRAPES_BAD], 8);
	server_down();
}
END_TEST

START_TEST(long_head)
{
	struct wad_str s = { 0 };

	server_up();
	wad_str_add(&s, "GET /metrics HTTP/1.1\r\n" HOST);
	while (s.len < 12000)
		wad_str_add(&s, "X-Long: 0123456789012345678901234567890\r\n");
	ask(s.s, s.len, 4096);
	begins("HTTP/1.1 431 ");
	wad_str_free(&s);
	server_down();
}
END_TEST

START_TEST(sources)
{
	struct wad_prefix p[2];

	ck_assert_int_eq(wad_prefix_parse(&p[0], "192.0.2.0/24"), 0);
	ck_assert_int_eq(wad_prefix_parse(&p[1], "127.0.0.0/8"), 0);
	server_up();
	conf->metrics.sources = p;
	conf->metrics.n_sources = 1;
	ask_s("GET /metrics HTTP/1.1\r\n" HOST "\r\n");
	ck_assert_uint_eq(got.len, 0);
	ck_assert_uint_eq(seg[0]->stats.counter[WAD_CNT_SCRAPES_BAD], 1);
	conf->metrics.n_sources = 2;
	ask_s("GET /metrics HTTP/1.1\r\n" HOST "\r\n");
	begins("HTTP/1.1 200 ");
	server_down();
}
END_TEST

/* Who holds a place and says nothing keeps nobody out, and goes in time. */
START_TEST(slow_clients)
{
	int fds[40];
	char c;

	server_up();
	for (int i = 0; i < 40; i++) {
		fds[i] = client();
		(void)!send(fds[i], "GET /met", 8, MSG_NOSIGNAL);
		turns(1);
	}
	turns(5);
	ask_s("GET /metrics HTTP/1.1\r\n" HOST "\r\n");
	begins("HTTP/1.1 200 ");
	ck_assert_int_eq(recv(fds[0], &c, 1, 0), 0);	/* put out */
	ck_assert_int_eq(recv(fds[39], &c, 1, 0), -1);
	ck_assert_int_eq(errno, EAGAIN);
	for (int i = 0; i < 6000 && recv(fds[39], &c, 1, 0) == -1 &&
	    errno == EAGAIN; i++)
		turns(1);
	ck_assert_int_eq(recv(fds[39], &c, 1, 0), 0);
	ck_assert_uint_eq(seg[0]->stats.counter[WAD_CNT_SCRAPES_BAD], 40);
	for (int i = 0; i < 40; i++)
		close(fds[i]);
	server_down();
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("metrics");
	TCase	*t = tcase_create("page");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, known_numbers);
	tcase_add_test(t, histogram);
	tcase_add_test(t, since);
	tcase_add_test(t, nonsense);
	tcase_add_test(t, label);
	tcase_add_test(t, local_category);
	tcase_add_test(t, all_of_them);
	tcase_add_test(t, documented);
	tcase_add_test(t, requests);
	tcase_add_test(t, long_head);
	tcase_add_test(t, sources);
	tcase_add_test(t, slow_clients);
	suite_add_tcase(s, t);
	return suite_run(s);
}
