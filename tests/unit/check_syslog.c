/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog.c and syslog_conn.c with servers on loopback: nobody reads while the
 * queue overflows, a process that takes over from another, a change of
 * configuration, an ICMP error, a bound on the rate.
 */
#include <check.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "export/export.h"
#include "suite.h"

static struct wad_export	 x;
static struct wad_conf		*conf;
static struct wad_ring_seg	*ring;		/* of a role that logs */
static struct wad_ring_seg	*own;		/* ours */
static int			 server = -1, taken = -1;
static struct wad_str		 got;

static int
listener(int type, uint16_t *port)
{
	struct sockaddr_in	 a = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(a);
	int			 fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, len), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* A wad-export as after its start: the segments outlive it. */
static void
begin(void)
{
	memset(&x, 0, sizeof(x));
	wad_dbg_attach(NULL, own);
	x.base = event_base_new();
	x.dns = wad_dns_new(x.base, NULL, NULL);
	x.conf = conf;
	x.syslog = wad_syslog_new(&x);
	x.n_rings = 1;
	strcpy(x.rings[0].role, "worker");
	x.rings[0].seg = ring;
	x.rings[0].mark = wad_syslog_ring(x.syslog, "worker", 0, false);
}

static void
end(void)
{
	wad_syslog_free(x.syslog);
	wad_dns_free(x.dns);
	event_base_free(x.base);
}

static void
setup(void)
{
	ring = wad_xcalloc(1, sizeof(*ring));
	own = wad_xcalloc(1, sizeof(*own));
	conf = wad_xcalloc(1, sizeof(*conf));
	conf->sys.hostname = "gw";
	for (int i = 0; i < WAD_SYSLOGS; i++) {
		conf->log.syslog[i].facility = 23;
		conf->log.syslog[i].filter.severity = 7;
		conf->log.syslog[i].filter.forward = true;
		conf->log.syslog[i].filter.local = true;
		conf->log.syslog[i].filter.other = true;
	}
	begin();
}

static void
teardown(void)
{
	end();
	wad_dbg_attach(NULL, NULL);
	free(ring);
	free(own);
	free(conf);
	wad_str_free(&got);
	memset(&got, 0, sizeof(got));
	if (taken != -1)
		close(taken);
	if (server != -1)
		close(server);
	taken = server = -1;
}

static struct wad_conf_syslog *
use(unsigned i, enum wad_syslog_mode mode, uint16_t port)
{
	struct wad_conf_syslog *c = &conf->log.syslog[i];

	c->enabled = true;
	c->server = "127.0.0.1";
	c->mode = mode;
	c->port = port;
	return c;
}

/* n records of some 400 bytes; their text holds a number. */
static void
records(unsigned n, unsigned from)
{
	struct wad_log_rec	 r;
	char			 fill[301];

	memset(fill, 'f', 300);
	fill[300] = '\0';
	wad_dbg_attach(NULL, ring);
	for (unsigned i = 0; i < n; i++) {
		wad_log_begin(&r, WAD_LOG_TRAFFIC_END);
		wad_log_strf(&r, "msg", "no%u.", from + i);
		wad_log_str(&r, "fill", fill);
		wad_log_end(&r);
	}
	wad_dbg_attach(NULL, own);
}

/* Some turns of the loop; what the server gets is put into got. */
static void
run(unsigned ms, bool reading)
{
	uint64_t	until = wad_clock_ms() + ms;
	char		buf[65536];
	ssize_t		n;

	while (wad_clock_ms() < until) {
		event_base_loop(x.base, EVLOOP_NONBLOCK);
		wad_export_pump(&x);
		if (taken == -1)
			taken = accept4(server, NULL, NULL, SOCK_NONBLOCK);
		while (reading && taken != -1 &&
		    (n = read(taken, buf, sizeof(buf))) > 0)
			wad_str_addn(&got, buf, (size_t)n);
		usleep(2000);
	}
}

/* Turns of the loop until all that is known was read; a busy machine may
 * need long. */
static void
drain(void)
{
	for (unsigned i = 0; i < 300; i++) {
		run(100, true);
		if (!wad_syslog_busy(x.syslog))
			break;
	}
	run(20, true);
}

/* Cuts octet counted messages; how many, the lost ones they tell of in
 * *lost.  Each is looked at once: there are megabytes of them. */
static unsigned
messages(unsigned *lost)
{
	static const char	 told[] = " log records were lost";
	char			*p = got.s, *rest;
	const char		*count, *end;
	unsigned		 n = 0;
	unsigned long		 len;

	*lost = 0;
	ck_assert_ptr_nonnull(p);
	end = p + got.len;
	while (p != end) {
		len = strtoul(p, &rest, 10);
		ck_assert_int_eq(*rest, ' ');
		p = rest + 1;
		ck_assert_uint_ge((size_t)(end - p), len);
		ck_assert_int_eq(*p, '<');
		if (memmem(p, len, told, sizeof(told) - 1) != NULL) {
			count = memmem(p, len, " count=", 7);
			ck_assert_ptr_nonnull(count);
			*lost += (unsigned)strtoul(count + 7, NULL, 10);
		} else
			n++;
		p += len;
	}
	return n;
}

START_TEST(nobody_reads)
{
	struct wad_str	 s = { 0 };
	unsigned	 n, lost;
	uint16_t	 port;

	server = listener(SOCK_STREAM, &port);
	use(0, WAD_SYSLOG_RELIABLE, port);
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	run(50, false);
	for (unsigned i = 0; i < 14; i++) {	/* 42,000 records: 21 MB */
		records(3000, i * 3000);
		run(5, false);
	}
	wad_syslog_status(x.syslog, &s);
	ck_assert_msg(strstr(s.s, "lost: 0") == NULL, "%s", s.s);
	ck_assert_msg(strstr(s.s, "state: up") != NULL, "%s", s.s);
	ck_assert_uint_gt(wad_stats->gauge[WAD_GAUGE_LOG_QUEUE], 1000000);
	drain();
	records(1, 99999);
	drain();
	n = messages(&lost);
	ck_assert_uint_gt(lost, 1000);
	ck_assert_uint_eq(n + lost, 42001);
	ck_assert_ptr_nonnull(strstr(got.s, "no0."));
	ck_assert_ptr_nonnull(strstr(got.s, "no99999."));
	ck_assert(!wad_syslog_busy(x.syslog));
	wad_str_free(&s);
}
END_TEST

/* More than a ring holds between two readings: counted for each server. */
START_TEST(ring_overrun)
{
	unsigned lost;
	uint16_t port;

	server = listener(SOCK_STREAM, &port);
	use(0, WAD_SYSLOG_RELIABLE, port);
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	records(WAD_RING_LOG_SLOTS + 100, 0);
	drain();
	ck_assert_uint_eq(messages(&lost), WAD_RING_LOG_SLOTS);
	ck_assert_uint_eq(lost, 100);
}
END_TEST

/* The next process sends what was not sent, and nothing twice. */
START_TEST(taken_over)
{
	unsigned lost;
	uint16_t port;

	server = listener(SOCK_STREAM, &port);
	use(0, WAD_SYSLOG_RELIABLE, port);
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	records(100, 0);
	drain();
	ck_assert_uint_eq(messages(&lost), 100);
	close(taken);			/* nobody is there for a while */
	close(server);
	taken = server = -1;
	run(50, false);
	records(50, 100);		/* queued */
	run(50, false);
	end();
	records(50, 150);		/* nobody runs */
	server = listener(SOCK_STREAM, &port);
	conf->log.syslog[0].port = port;
	begin();
	/* the port is part of who a server is: a test cannot have it back */
	snprintf((char *)own->keep + 8, 160, "127.0.0.1 port %u (reliable)",
	    port);
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	drain();
	/* and the event of the outage, which was ours */
	ck_assert_uint_eq(messages(&lost), 200);
	ck_assert_uint_eq(lost, 0);
	for (unsigned i = 0; i < 200; i++) {
		char	want[16], *first;

		snprintf(want, sizeof(want), "no%u.", i);
		first = strstr(got.s, want);
		ck_assert_ptr_nonnull(first);
		ck_assert_ptr_null(strstr(first + 1, want));
	}
}
END_TEST

/* A server that is added later gets no history; the others keep all. */
START_TEST(configuration_changes)
{
	struct wad_conf	*before = conf, *after = wad_xcalloc(1, sizeof(*conf));
	unsigned	 lost;
	uint16_t	 port, port2;
	char		 buf[4096];
	int		 udp = listener(SOCK_DGRAM, &port2);
	ssize_t		 n;

	server = listener(SOCK_STREAM, &port);
	use(0, WAD_SYSLOG_LEGACY, port);
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	records(5, 0);
	run(100, true);
	*after = *before;
	conf = after;
	x.conf = after;
	use(1, WAD_SYSLOG_UDP, port2)->format = WAD_FORM_JSON;
	after->log.syslog[0].format = WAD_FORM_CSV;
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	memset(before, 0xee, sizeof(*before));
	free(before);
	records(1, 5);
	run(100, true);
	n = recv(udp, buf, sizeof(buf) - 1, 0);
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_ptr_nonnull(strstr(buf, "\"msg\":\"no5.\""));
	ck_assert_int_eq(strncmp(buf, "<189>{\"date\"", 12), 0);
	ck_assert_int_eq(recv(udp, buf, sizeof(buf), 0), -1);
	/* line ends, on the same connection, the new form for the last */
	ck_assert_ptr_nonnull(strstr(got.s, "no4.\""));
	ck_assert_ptr_nonnull(strstr(got.s, ",msg=\"no5.\","));
	for (lost = 0, n = 0; got.s[n] != '\0'; n++)
		lost += got.s[n] == '\n';
	ck_assert_uint_eq(lost, 6);
	/* switched off: it is forgotten */
	after->log.syslog[0].enabled = false;
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	run(50, true);
	ck_assert_int_eq(read(taken, buf, sizeof(buf)), 0);
	close(udp);
}
END_TEST

START_TEST(udp_nobody_there)
{
	struct wad_str	s = { 0 };
	uint16_t	port;
	unsigned	told = 0;

	close(listener(SOCK_DGRAM, &port));
	use(0, WAD_SYSLOG_UDP, port);
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	run(20, false);
	records(20, 0);
	run(20, false);
	records(20, 20);
	run(50, false);
	wad_syslog_status(x.syslog, &s);
	ck_assert_msg(strstr(s.s, "last error: Connection refused") != NULL,
	    "%s", s.s);
	ck_assert_msg(strstr(s.s, "state: waiting") != NULL, "%s", s.s);
	ck_assert(wad_syslog_busy(x.syslog));
	/* one record of ours about it, however often it is tried */
	run(1500, false);
	for (uint64_t i = 0; i < own->log_next; i++)
		told += strstr(own->log[i].text, "log server ") != NULL;
	ck_assert_uint_eq(told, 1);
	wad_str_free(&s);
}
END_TEST

START_TEST(rate)
{
	unsigned lost, n;
	uint16_t port;

	server = listener(SOCK_STREAM, &port);
	use(0, WAD_SYSLOG_RELIABLE, port)->max_rate = 1;
	wad_syslog_configure(x.syslog, conf, NULL, 0);
	run(50, true);
	records(4000, 0);			/* 2 MB */
	run(500, true);
	ck_assert_uint_lt(got.len, 1200000);
	ck_assert_uint_gt(got.len, 100000);
	n = (unsigned)got.len;
	drain();
	ck_assert_uint_gt(got.len, n);
	ck_assert_uint_eq(messages(&lost), 4000);
}
END_TEST

START_TEST(what_cannot_be)
{
	char			 err[256] = "";
	struct wad_conf_syslog	*c = use(1, WAD_SYSLOG_RELIABLE, 6514);

	ck_assert_int_eq(wad_syslog_check(conf, err, sizeof(err)), 0);
	c->server = "not a name";
	ck_assert_int_eq(wad_syslog_check(conf, err, sizeof(err)), -1);
	ck_assert_ptr_nonnull(strstr(err, "log syslogd2 setting: server"));
	c->server = "log.example";
	c->cert_name = "mine";
	ck_assert_int_eq(wad_syslog_check(conf, err, sizeof(err)), 0);
	c->tls = WAD_SYSLOG_TLS_HIGH;
	ck_assert_int_eq(wad_syslog_check(conf, err, sizeof(err)), -1);
	ck_assert_ptr_nonnull(strstr(err, "unset certificate"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("syslog");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nobody_reads);
	tcase_add_test(t, ring_overrun);
	tcase_add_test(t, taken_over);
	tcase_add_test(t, configuration_changes);
	tcase_add_test(t, udp_nobody_there);
	tcase_add_test(t, rate);
	tcase_add_test(t, what_cannot_be);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return suite_run(s);
}
