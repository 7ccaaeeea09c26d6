/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/dns.c against a name server of a few names in the same event loop,
 * on loopback.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "port/dns.h"
#include "suite.h"

enum { T_A = 1, T_CNAME = 5, T_AAAA = 28 };

static struct event_base *base;
static struct wad_dns	*dns;
static struct event	*server_ev;
static int		 server_fd, tcp_fd, asked, asked_tcp;
static struct event	*tcp_ev;
static bool		 deaf;		/* the server answers nothing */
static struct wad_conf	 conf;

/* --- the server --- */

static size_t
put_record(unsigned char *p, unsigned type, unsigned ttl, const void *data,
    size_t len)
{
	const unsigned char head[] = { 0xc0, 12, 0, (unsigned char)type, 0, 1,
	    0, 0, (unsigned char)(ttl >> 8), (unsigned char)ttl,
	    0, (unsigned char)len };

	memcpy(p, head, sizeof(head));
	memcpy(p + sizeof(head), data, len);
	return sizeof(head) + len;
}

/* Records for a name; the rcode, or -1 for silence. */
static int
zone(const char *name, unsigned type, unsigned char *p, size_t *len,
    unsigned *count)
{
	static const unsigned char two[] = { 192, 0, 2, 1, 192, 0, 2, 2 };
	unsigned char six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	bool has4, has6;

	if (strcmp(name, "nx.example") == 0)
		return 3;
	if (strcmp(name, "fail.example") == 0)
		return 2;
	if (strcmp(name, "silent.example") == 0 || deaf)
		return -1;
	if (strcmp(name, "slow6.example") == 0 && type == T_AAAA)
		return -1;
	if (strcmp(name, "none.example") == 0)
		return 0;
	has4 = strncmp(name, "v6", 2) != 0;
	has6 = strncmp(name, "v4", 2) != 0;
	if (type == T_A && has4) {
		*len += put_record(p + *len, T_A, 60, two, 4);
		*len += put_record(p + *len, T_A, 60, two + 4, 4);
		*count = 2;
	}
	if (type == T_AAAA && has6) {
		for (int i = 0; i < 20; i++) {
			six[15] = (unsigned char)(i + 1);
			*len += put_record(p + *len, T_AAAA, 60, six, 16);
			if (strcmp(name, "many.example") != 0)
				break;
		}
		*count = strcmp(name, "many.example") == 0 ? 20 : 1;
	}
	return 0;
}

/* Turns a question of n bytes into its answer; its length, 0 for silence.
 * Names that begin with "big" are for TCP only. */
static size_t
reply(unsigned char *p, size_t n, bool tcp)
{
	char		name[256] = "";
	size_t		at = 12, len;
	unsigned	count = 0, type;
	int		rcode;

	if (n < 17)
		return 0;
	while (p[at] != 0 && at + p[at] + 1 < n) {
		snprintf(name + strlen(name), sizeof(name) - strlen(name),
		    "%s%.*s", name[0] != '\0' ? "." : "", p[at],
		    (const char *)p + at + 1);
		at += p[at] + 1u;
	}
	asked++;
	type = p[at + 2];
	len = at + 5;
	p[2] = 0x81;
	p[3] = 0x80;
	memset(p + 6, 0, 6);
	if (!tcp && strncmp(name, "big", 3) == 0) {
		p[2] |= 2;
		return len;
	}
	rcode = zone(name, type, p, &len, &count);
	if (rcode == -1)
		return 0;
	p[3] |= (unsigned char)rcode;
	p[7] = (unsigned char)count;
	return len;
}

static void
on_question(evutil_socket_t fd, short what, void *arg)
{
	unsigned char		p[2048];
	struct sockaddr_in	from;
	socklen_t		flen = sizeof(from);
	ssize_t			n;
	size_t			len;

	(void)what;
	(void)arg;
	n = recvfrom(fd, p, 512, 0, (struct sockaddr *)&from, &flen);
	len = n > 0 ? reply(p, (size_t)n, false) : 0;
	if (len > 0)
		sendto(fd, p, len, 0, (struct sockaddr *)&from, flen);
}

/* One connection at a time; c-ares sends a question in one piece, and the
 * answer goes back in two. */
static struct event *conn_ev;

static void
on_tcp_question(evutil_socket_t fd, short what, void *arg)
{
	unsigned char p[2048], head[2];
	size_t len, n;

	(void)what;
	(void)arg;
	if (recv(fd, head, 2, MSG_WAITALL) != 2) {
		event_free(conn_ev);
		conn_ev = NULL;
		close(fd);
		return;
	}
	n = (size_t)head[0] << 8 | head[1];
	ck_assert_uint_lt(n, 512);
	ck_assert_int_eq(recv(fd, p, n, MSG_WAITALL), n);
	asked_tcp++;
	len = reply(p, n, true);
	head[0] = (unsigned char)(len >> 8);
	head[1] = (unsigned char)len;
	send(fd, head, 2, MSG_NOSIGNAL);
	send(fd, p, len, MSG_NOSIGNAL);
}

static void
on_tcp(evutil_socket_t fd, short what, void *arg)
{
	int conn = accept(fd, NULL, NULL);

	(void)what;
	(void)arg;
	ck_assert_int_ge(conn, 0);
	ck_assert_ptr_null(conn_ev);
	conn_ev = event_new(base, conn, EV_READ | EV_PERSIST, on_tcp_question,
	    NULL);
	event_add(conn_ev, NULL);
}

static void
setup(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);

	base = event_base_new();
	/* A port that is free for both. */
	for (int i = 0; i < 100; i++) {
		sin.sin_port = 0;
		tcp_fd = socket(AF_INET, SOCK_STREAM, 0);
		server_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		ck_assert_int_eq(bind(tcp_fd, (struct sockaddr *)&sin, len),
		    0);
		getsockname(tcp_fd, (struct sockaddr *)&sin, &len);
		if (bind(server_fd, (struct sockaddr *)&sin, len) == 0)
			break;
		close(tcp_fd);
		close(server_fd);
	}
	ck_assert_int_eq(listen(tcp_fd, 5), 0);
	tcp_ev = event_new(base, tcp_fd, EV_READ | EV_PERSIST, on_tcp, NULL);
	event_add(tcp_ev, NULL);
	conn_ev = NULL;
	asked_tcp = 0;
	server_ev = event_new(base, server_fd, EV_READ | EV_PERSIST,
	    on_question, NULL);
	event_add(server_ev, NULL);
	memset(&conf, 0, sizeof(conf));
	wad_addr_from_sockaddr(&conf.sys.dns[0], (struct sockaddr *)&sin);
	asked = 0;
	deaf = false;
	dns = wad_dns_new(base, "search x\nnameserver 127.0.0.9\n",
	    "# hosts\n10.1.1.1 gate.example gate # remark\n"
	    "fd00::1\tgate.example\n10.1.1.2 gate.example\nbad line\n"
	    "fe80::1%eth0 zone.example\n::1 localhost\n");
	wad_dns_set_servers(dns, &conf);
}

static void
teardown(void)
{
	wad_dns_free(dns);
	event_free(server_ev);
	event_free(tcp_ev);
	if (conn_ev != NULL)
		event_free(conn_ev);
	close(server_fd);
	close(tcp_fd);
	event_base_free(base);
}

/* --- asking --- */

struct result {
	int		calls;
	struct wad_addr	addr[WAD_DNS_ADDRS_MAX];
	size_t		n;
	char		err[100];
};

static void
on_result(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct result *r = arg;

	r->calls++;
	r->n = n;
	memcpy(r->addr, addrs, n * sizeof(*addrs));
	snprintf(r->err, sizeof(r->err), "%s", err != NULL ? err : "");
	ck_assert(n > 0 ? err == NULL : err != NULL);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Runs the loop until *calls is n, or for ms when n is -1. */
static void
run(const int *calls, int n, unsigned ms)
{
	uint64_t until = wad_clock_ms() + ms;
	struct event *tick = event_new(base, -1, EV_PERSIST, on_tick, NULL);
	struct timeval tv = { 0, 5000 };

	event_add(tick, &tv);
	while ((n == -1 || *calls < n) && wad_clock_ms() < until)
		event_base_loop(base, EVLOOP_ONCE);
	event_free(tick);
	if (n != -1)
		ck_assert_int_eq(*calls, n);
}

static struct result
ask(const char *name)
{
	struct result r = { 0 };

	ck_assert_ptr_nonnull(wad_dns_ask(dns, name, 3000, on_result, &r));
	ck_assert_int_eq(r.calls, 0);
	run(&r.calls, 1, 8000);
	return r;
}

static const char *
text(const struct result *r)
{
	static char buf[2000];
	char one[WAD_ADDR_STRLEN];

	buf[0] = '\0';
	for (size_t i = 0; i < r->n; i++)
		snprintf(buf + strlen(buf), sizeof(buf) - strlen(buf), "%s%s",
		    i > 0 ? " " : "", wad_addr_ip_str(&r->addr[i], one));
	return r->n > 0 ? buf : r->err;
}

#define ck_answer(name, want)						\
	do {								\
		struct result got = ask(name);				\
		ck_assert_str_eq(text(&got), want);			\
	} while (0)

START_TEST(test_answers)
{
	ck_answer("both.example", "2001:db8::1 192.0.2.1 192.0.2.2");
	ck_assert_int_eq(asked, 2);
	ck_answer("v4.example", "192.0.2.1 192.0.2.2");
	ck_answer("v6.example", "2001:db8::1");
	ck_answer("nx.example", "there is no such name");
	ck_answer("none.example", "the name has no address");
	asked = 0;
	/* From the cache, bad news too. */
	ck_answer("both.example", "2001:db8::1 192.0.2.1 192.0.2.2");
	ck_answer("nx.example", "there is no such name");
	ck_assert_int_eq(asked, 0);
	ck_answer("many.example", "2001:db8::1 192.0.2.1 2001:db8::2 "
	    "192.0.2.2 2001:db8::3 2001:db8::4 2001:db8::5 2001:db8::6 "
	    "2001:db8::7 2001:db8::8 2001:db8::9 2001:db8::a 2001:db8::b "
	    "2001:db8::c 2001:db8::d 2001:db8::e");
	ck_answer("fail.example", "the DNS servers failed or could not be "
	    "reached");
}
END_TEST

START_TEST(test_at_once)
{
	ck_answer("10.0.0.1", "10.0.0.1");
	ck_answer("2001:db8::5", "2001:db8::5");
	ck_answer("::ffff:1.2.3.4", "1.2.3.4");
	ck_answer("gate.example", "fd00::1 10.1.1.1 10.1.1.2");
	ck_answer("gate", "10.1.1.1");
	ck_answer("localhost", "::1");
	ck_answer("x.localhost", "::1 127.0.0.1");
	ck_answer("bad..name", "not a host name");
	ck_answer("UPPER.example", "not a host name");
	ck_answer("a b", "not a host name");
	ck_answer("", "not a host name");
	ck_answer("127.1", "neither a host name nor an address");
	ck_answer("2130706433", "neither a host name nor an address");
	ck_answer("a.0x7f", "neither a host name nor an address");
	ck_assert_int_eq(asked, 0);
}
END_TEST

/* An answer that does not fit is asked for again over TCP. */
START_TEST(test_tcp)
{
	ck_answer("big.example", "2001:db8::1 192.0.2.1 192.0.2.2");
	ck_assert_int_eq(asked_tcp, 2);
}
END_TEST

START_TEST(test_shared)
{
	struct result r[10] = { 0 };

	for (int i = 0; i < 10; i++)
		ck_assert_ptr_nonnull(wad_dns_ask(dns, "both.example", 2000,
		    on_result, &r[i]));
	run(&r[9].calls, 1, 2000);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(r[i].calls, 1);
	ck_assert_int_eq(asked, 2);
}
END_TEST

/* A family without answer costs a moment, not a time-out. */
START_TEST(test_slow_family)
{
	uint64_t t = wad_clock_ms();

	ck_answer("slow6.example", "192.0.2.1 192.0.2.2");
	ck_assert_uint_lt(wad_clock_ms() - t, 1900);
	/* Asked again while c-ares still waits: the cache has it. */
	ck_answer("slow6.example", "192.0.2.1 192.0.2.2");
}
END_TEST

START_TEST(test_deadline_and_cancel)
{
	struct result r[3] = { 0 };
	struct wad_dns_query *q;

	ck_assert_ptr_nonnull(wad_dns_ask(dns, "silent.example", 100,
	    on_result, &r[0]));
	q = wad_dns_ask(dns, "silent.example", 100, on_result, &r[1]);
	wad_dns_cancel(q);
	run(&r[0].calls, 1, 2000);
	ck_assert_str_eq(r[0].err,
	    "the DNS servers did not answer in time");
	q = wad_dns_ask(dns, "10.0.0.1", 100, on_result, &r[2]);
	wad_dns_cancel(q);
	run(NULL, -1, 50);
	ck_assert_int_eq(r[1].calls, 0);
	ck_assert_int_eq(r[2].calls, 0);
	wad_dns_cancel(NULL);
}
END_TEST

static void
on_result_chain(void *arg, const struct wad_addr *addrs, size_t n,
    const char *err)
{
	int *left = arg;

	(void)addrs;
	(void)err;
	ck_assert_uint_gt(n, 0);
	if (--*left > 0) {
		char name[40];
		int before = *left;

		snprintf(name, sizeof(name), "v4-%d.example", *left);
		/* Servers may change and questions be asked from here. */
		conf.sys.dns[1] = conf.sys.dns[0];
		if (*left % 2 == 0)
			conf.sys.dns[1].family = 0;
		wad_dns_set_servers(dns, &conf);
		wad_dns_ask(dns, name, 2000, on_result_chain, left);
		ck_assert_int_eq(*left, before);
	}
}

START_TEST(test_from_callback)
{
	int left = 20;

	wad_dns_ask(dns, "v4.example", 2000, on_result_chain, &left);
	for (int i = 0; i < 400 && left > 0; i++)
		run(NULL, -1, 10);
	ck_assert_int_eq(left, 0);
}
END_TEST

/* What is under way goes on with the new servers. */
START_TEST(test_change_servers)
{
	struct result r = { 0 };
	struct wad_conf none = { 0 }, good = conf;

	deaf = true;
	wad_dns_ask(dns, "both.example", 3000, on_result, &r);
	run(NULL, -1, 50);
	ck_assert_int_eq(r.calls, 0);
	deaf = false;
	good.sys.dns[1] = good.sys.dns[0];
	wad_dns_set_servers(dns, &good);
	run(&r.calls, 1, 1000);
	ck_assert_str_eq(text(&r), "2001:db8::1 192.0.2.1 192.0.2.2");
	/* Nothing configured: those of the system. */
	wad_dns_set_servers(dns, &none);
	wad_dns_set_servers(dns, &good);
	ck_answer("v4.example", "192.0.2.1 192.0.2.2");
}
END_TEST

START_TEST(test_no_servers)
{
	struct wad_dns *d = wad_dns_new(base, NULL, NULL);
	struct result r = { 0 }, s = { 0 };
	struct wad_conf none = { 0 };

	wad_dns_ask(d, "a.example", 1000, on_result, &r);
	run(&r.calls, 1, 1000);
	ck_assert_str_eq(r.err, "no DNS servers are configured");
	/* The last one goes away under a question. */
	deaf = true;
	wad_dns_set_servers(d, &conf);
	wad_dns_ask(d, "a.example", 1000, on_result, &s);
	wad_dns_set_servers(d, &none);
	run(&s.calls, 1, 1000);
	ck_assert_str_eq(s.err,
	    "the DNS servers failed or could not be reached");
	wad_dns_free(d);
}
END_TEST

START_TEST(test_limit)
{
	static struct result r;
	char name[40];
	int n;

	deaf = true;
	for (n = 0; n < 5000; n++) {
		snprintf(name, sizeof(name), "n%d.example", n % 10);
		if (wad_dns_ask(dns, name, 60000, on_result, &r) == NULL)
			break;
	}
	ck_assert_int_eq(n, 4096);
}
END_TEST

/* More names than the cache keeps. */
START_TEST(test_cache_bound)
{
	for (int i = 0; i < 5000; i += 50) {
		struct result r = { 0 };

		for (int j = 0; j < 50; j++) {
			char name[40];

			snprintf(name, sizeof(name), "c%d.example", i + j);
			wad_dns_ask(dns, name, 3000, on_result, &r);
		}
		run(&r.calls, 50, 3000);
	}
	asked = 0;
	ck_answer("c4999.example", "2001:db8::1 192.0.2.1 192.0.2.2");
	ck_assert_int_eq(asked, 0);
	ck_answer("c0.example", "2001:db8::1 192.0.2.1 192.0.2.2");
	ck_assert_int_eq(asked, 2);
}
END_TEST

/* From here on, opening a file ends the process. */
static void
forbid_files(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1)
		_exit(77);
}

/* A worker has no files. */
START_TEST(test_no_files)
{
	pid_t	pid = fork();
	int	status;

	if (pid == 0) {
		struct wad_conf two;

		setup();
		forbid_files();
		ck_answer("both.example",
		    "2001:db8::1 192.0.2.1 192.0.2.2");
		two = conf;
		two.sys.dns[1] = two.sys.dns[0];
		wad_dns_set_servers(dns, &two);
		ck_answer("big.example", "2001:db8::1 192.0.2.1 192.0.2.2");
		ck_answer("nx.example", "there is no such name");
		ck_answer("gate", "10.1.1.1");
		teardown();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	/* Where filters cannot be set there is nothing to see. */
	ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 0 ||
	    WEXITSTATUS(status) == 77), "status %x", status);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("dns");
	TCase	*tc = tcase_create("dns"), *files = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, test_answers);
	tcase_add_test(tc, test_at_once);
	tcase_add_test(tc, test_tcp);
	tcase_add_test(tc, test_shared);
	tcase_add_test(tc, test_slow_family);
	tcase_add_test(tc, test_deadline_and_cancel);
	tcase_add_test(tc, test_from_callback);
	tcase_add_test(tc, test_change_servers);
	tcase_add_test(tc, test_no_servers);
	tcase_add_test(tc, test_limit);
	tcase_add_test(tc, test_cache_bound);
	suite_add_tcase(s, tc);
	tcase_add_test(files, test_no_files);
	suite_add_tcase(s, files);
	return suite_run(s);
}
