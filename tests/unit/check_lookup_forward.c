/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health checks of other proxies: what an answer means, and checks of a
 * "proxy" on loopback that this test runs.
 */
#include <sys/socket.h>

#include <event2/event.h>
#include <event2/util.h>

#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "lookup/lookup_forward.h"
#include "worker/forward.h"

#include "conf_text.h"
#include "suite.h"

/* ---- answers ------------------------------------------------------------- */

static const struct { const char *in; int plain, tunnel; unsigned status; }
    answers[] = {
	{ "HTTP/1.1 200 OK\r\n", 1, 1, 200 },
	{ "HTTP/1.0 204\r\n", 1, 1, 204 },
	{ "HTTP/1.1 302 \n", 1, -1, 302 },
	{ "HTTP/1.1 103 Early\r\n", 1, -1, 103 },
	{ "HTTP/1.1 404 x\r\n", -1, -1, 404 },
	{ "HTTP/1.1 407 x\r\n", -1, -1, 407 },
	{ "HTTP/1.1 503 x\r\n", -1, -1, 503 },
	{ "HTTP/1.1 000 x\r\n", -1, -1, 0 },
	{ "HTTP/1.1 099 x\r\n", -1, -1, 99 },
	{ "HTTP/1.1 2000 x\r\n", -1, -1, 0 },
	{ "HTTP/1.1 20x x\r\n", -1, -1, 0 },
	{ "HTTP/1.1  200 x\r\n", -1, -1, 0 },
	{ "HTTP/x.1 200 x\r\n", -1, -1, 0 },
	{ "HTTP/2.0 200 x\r\n", -1, -1, 0 },
	{ "SSH-2.0-x\r\n", -1, -1, 0 },
	{ "HTTQ", -1, -1, 0 },
	{ "HTTP/1.1 200", 0, 0, 0 },
	{ "HTTP/", 0, 0, 0 },
	{ "", 0, 0, 0 },
};

START_TEST(answer)
{
	char		 text[32];	/* of its own length, for the sanitizer */
	size_t		 len = strlen(answers[_i].in);
	unsigned	 status = 1;
	char		*p = len > 0 ? memcpy(text + sizeof(text) - len,
	    answers[_i].in, len) : text;

	ck_assert_int_eq(wad_lookup_forward_answer(p, len, false, &status),
	    answers[_i].plain);
	ck_assert_uint_eq(status, answers[_i].status);
	ck_assert_int_eq(wad_lookup_forward_answer(p, len, true, &status),
	    answers[_i].tunnel);
	/* piece by piece: the same in the end, and nothing before */
	for (size_t n = 0; n < len; n++) {
		int r = wad_lookup_forward_answer(p, n, false, &status);

		ck_assert(r == 0 || r == answers[_i].plain);
	}
}
END_TEST

/* ---- a proxy, and a worker that is told ---------------------------------- */

static struct event_base *base;
static struct wad_checks *checks;
static unsigned		 n_told;
static char		 heard[2048];	/* requests */

static const struct { const char *begin, *answer; } talk[] = {
	{ "GET http://ok.test/ ", "HTTP/1.1 200 OK\r\n\r\n" },
	{ "GET http://bad.test/ ", "HTTP/1.1 503 No\r\n\r\n" },
	{ "GET http://junk.test/?", "220 mail\r\n" },
	{ "GET http://end.test/ ", "" },
	{ "CONNECT tunnel.test:443 ", "HTTP/1.1 200 OK\r\n\r\n" },
};

static void
on_client(evutil_socket_t fd, short what, void *arg)
{
	char	 in[1024];
	ssize_t	 n = recv(fd, in, sizeof(in) - 1, 0);

	(void)what, (void)arg;
	if (n > 0) {
		in[n] = '\0';
		if (strlen(heard) + (size_t)n < sizeof(heard))
			strcat(heard, in);
		for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++)
			if (strncmp(in, talk[i].begin,
			    strlen(talk[i].begin)) == 0)
				(void)!send(fd, talk[i].answer,
				    strlen(talk[i].answer), MSG_NOSIGNAL);
	}
	close(fd);
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	int s = accept(fd, NULL, NULL);

	(void)what, (void)arg;
	ck_assert_int_ne(s, -1);
	event_base_once(base, s, EV_READ, on_client, NULL, NULL);
}

static unsigned
listener(int backlog)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t		len = sizeof(sin);
	int			fd = socket(AF_INET, SOCK_STREAM |
				    SOCK_NONBLOCK, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	if (backlog > 0) {
		ck_assert_int_eq(listen(fd, backlog), 0);
		event_add(event_new(base, fd, EV_READ | EV_PERSIST, on_accept,
		    NULL), NULL);
	}
	return ntohs(sin.sin_port);
}

/* What workers do with it. */
static void
told(void *arg, const struct wad_msg *m)
{
	struct wad_msg_in in = { .type = m->type, .p = m->buf,
		.left = m->len };

	(void)arg;
	n_told++;
	ck_assert_int_eq(in.type, WAD_MSG_FORWARD_STATE);
	ck_assert_int_eq(wad_forward_state_receive(&in), 0);
}

static const char *
down(const struct wad_conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_forwards; i++)
		if (strcmp(c->forwards[i].name, name) == 0)
			return wad_forward_state_down(&c->forwards[i]);
	ck_abort_msg("no %s", name);
	return NULL;
}

static void
run(unsigned ms)
{
	struct timeval tv = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

/* Until a list of the console has it. */
static void
until(const char *text)
{
	uint64_t	end = wad_clock_ms() + 20000;
	struct wad_str	s = { 0 };

	do {
		run(20);
		s.len = 0;
		wad_str_add(&s, "");
		wad_lookup_forward_list(checks, &s);
	} while (strstr(s.s, text) == NULL && wad_clock_ms() < end);
	ck_assert_msg(strstr(s.s, text) != NULL, "%s: %s", text, s.s);
	wad_str_free(&s);
}

static struct wad_conf *
conf(unsigned port, unsigned closed, const char *bad)
{
	char text[2048];

	snprintf(text, sizeof(text), "config web-proxy forward-server\n"
	    "edit ok\nset ip 127.0.0.1\nset port %u\nset healthcheck enable\n"
	    "set monitor http://ok.test\nset username u\nset password pw\n"
	    "next\n"
	    "edit bad\nset ip 127.0.0.1\nset port %u\nset healthcheck enable\n"
	    "set monitor http://%s.test/\nnext\n"
	    "edit junk\nset ip 127.0.0.1\nset port %u\nset healthcheck enable\n"
	    "set monitor http://junk.test/?secret\nnext\n"
	    "edit end\nset ip 127.0.0.1\nset port %u\nset healthcheck enable\n"
	    "set monitor http://end.test/\nnext\n"
	    "edit tunnel\nset addr-type fqdn\nset fqdn localhost\n"
	    "set port %u\nset healthcheck enable\n"
	    "set monitor https://tunnel.test/x\nnext\n"
	    "edit closed\nset ip 127.0.0.1\nset port %u\n"
	    "set healthcheck enable\nset monitor ok.test\nnext\n"
	    "edit none\nset ip 127.0.0.1\nset port %u\nnext\nend\n"
	    "config openwad settings\nset forward-check-interval 1\nend\n",
	    port, port, bad, port, port, port, closed, port);
	return conf_of_text(text);
}

START_TEST(checked)
{
	struct wad_conf	*c, *again, *other;
	struct wad_dns	*dns;
	unsigned	 port, closed;

	base = event_base_new();
	dns = wad_dns_new(base, NULL, "127.0.0.1 localhost\n");
	checks = wad_lookup_forward_open(base, dns, told, NULL);
	port = listener(16);
	closed = listener(0);
	c = conf(port, closed, "bad");
	wad_lookup_forward_commit(checks, c);
	ck_assert_uint_eq(n_told, 0);
	until("name=ok monitor=http://ok.test state=up ");
	until("name=tunnel monitor=https://tunnel.test/x state=up ");
	until("name=bad monitor=http://bad.test/ state=down ");
	until("name=junk monitor=http://junk.test/ state=down ");
	until("name=end monitor=http://end.test/ state=down ");
	until("name=closed monitor=ok.test state=down ");
	ck_assert_ptr_null(down(c, "ok"));
	ck_assert_ptr_null(down(c, "tunnel"));
	ck_assert_ptr_null(down(c, "none"));
	ck_assert_str_eq(down(c, "bad"), "answers 503");
	ck_assert_str_eq(down(c, "junk"), "does not answer as a proxy");
	ck_assert_str_eq(down(c, "end"),
	    "ends the connection without an answer");
	ck_assert_str_eq(down(c, "closed"), "Connection refused");
	ck_assert_uint_eq(n_told, 6);	/* of none nothing */
	ck_assert_ptr_nonnull(strstr(heard, "GET http://ok.test/ HTTP/1.1\r\n"
	    "Host: ok.test\r\nUser-Agent: openwad\r\nAccept: */*\r\n"
	    "Connection: close\r\nProxy-Authorization: Basic dTpwdw==\r\n"
	    "\r\n"));
	ck_assert_ptr_nonnull(strstr(heard, "CONNECT tunnel.test:443 HTTP/1.1"
	    "\r\nHost: tunnel.test:443\r\nUser-Agent: openwad\r\n\r\n"));

	/* the same again: nobody is told, what is known stays */
	again = conf(port, closed, "bad");
	wad_lookup_forward_commit(checks, again);
	wad_conf_put(c);
	ck_assert_uint_eq(n_told, 6);
	until("name=bad monitor=http://bad.test/ state=down ");
	wad_lookup_forward_greet(checks, told, NULL);
	ck_assert_uint_eq(n_told, 12);

	/* another question: it is up until the answer is known */
	other = conf(port, closed, "ok");
	wad_lookup_forward_commit(checks, other);
	wad_conf_put(again);
	ck_assert_uint_eq(n_told, 13);
	ck_assert_ptr_null(down(other, "bad"));
	until("name=bad monitor=http://ok.test/ state=up ");
	ck_assert_str_eq(down(other, "closed"), "Connection refused");
	for (size_t i = 0; i < other->n_forwards; i++)
		other->forwards[i].check = false;
	ck_assert_ptr_null(down(other, "closed"));
	wad_lookup_forward_commit(checks, other);
	for (size_t i = 0; i < other->n_forwards; i++)
		other->forwards[i].check = true;
	ck_assert_ptr_null(down(other, "closed"));	/* it was told */
	heard[0] = '\0';
	run(1200);
	ck_assert_str_eq(heard, "");
	wad_conf_put(other);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("lookup_forward");
	TCase	*t = tcase_create("lookup_forward");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, answer, 0,
	    (int)(sizeof(answers) / sizeof(answers[0])));
	tcase_add_test(t, checked);
	suite_add_tcase(s, t);
	return suite_run(s);
}
