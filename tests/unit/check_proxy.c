/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The explicit proxy's own parts: the PAC file and which port serves what;
 * which other proxy a request is given to.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/forward.h"
#include "http/h1_head.h"
#include "worker/pac.h"

#include "conf_text.h"
#include "suite.h"

static struct wad_addr
addr(const char *ip, uint16_t port)
{
	struct wad_addr a;

	ck_assert_int_eq(wad_addr_parse(&a, ip), 0);
	a.port = port;
	return a;
}

START_TEST(ports)
{
	struct wad_conf *c = conf_of_text("config web-proxy explicit\n"
	    "set status enable\nset http-incoming-port 8080-8081\n"
	    "set secure-web-proxy enable\nset https-incoming-port 8443\n"
	    "set pac-file-server-status enable\n"
	    "set pac-file-server-port 8090\nend\n");
	struct wad_front f = wad_pac_front(&c->webproxy, 8081);

	ck_assert(f.plain && !f.tls && !f.pac);
	f = wad_pac_front(&c->webproxy, 8443);
	ck_assert(!f.plain && f.tls && !f.pac);
	f = wad_pac_front(&c->webproxy, 8090);
	ck_assert(!f.plain && !f.tls && f.pac);
	wad_conf_put(c);
	c = conf_of_text("config web-proxy explicit\nset status enable\n"
	    "set secure-web-proxy secure\n"
	    "set pac-file-server-status enable\nend\n");
	f = wad_pac_front(&c->webproxy, 8080);
	ck_assert(!f.plain && f.tls && f.pac);
	f = wad_pac_front(&c->webproxy, 8081);
	ck_assert(!f.plain && !f.tls && !f.pac);
	wad_conf_put(c);
}
END_TEST

static void
read_head(struct wad_http_head *req, const char *s)
{
	static const struct wad_http_limits l = {
		.line_max = 4096, .head_max = 4096, .fields_max = 9,
		.proxy = true,
	};
	struct wad_h1_head h;

	wad_h1_head_begin(&h, WAD_H1_REQUEST, &l);
	ck_assert_int_eq(wad_h1_head_scan(&h, s, strlen(s)), 1);
	ck_assert_int_eq(wad_h1_head_parse(&h, s, req), 0);
}

START_TEST(pac)
{
	struct wad_conf *c = conf_of_text("config web-proxy explicit\n"
	    "set status enable\nset pac-file-server-status enable\n"
	    "set pac-file-name p.pac\nend\n");
	static const struct { const char *in; bool want; } asks[] = {
		{ "GET /p.pac HTTP/1.1\r\nHost: x\r\n\r\n", true },
		{ "GET /wpad.dat?q HTTP/1.0\r\n\r\n", true },
		{ "HEAD /p.pac HTTP/1.0\r\n\r\n", true },
		{ "GET /p.pacx HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET http://x/p.pac HTTP/1.0\r\n\r\n", false },
		{ "POST /p.pac HTTP/1.0\r\n\r\n", false },
		{ "OPTIONS * HTTP/1.0\r\n\r\n", false },
		{ "CONNECT x:1 HTTP/1.0\r\n\r\n", false },
	};
	struct wad_addr		at = addr("2001:db8::1", 8080);
	struct wad_str		s = { 0 };
	struct wad_http_head	h = { 0 };

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		wad_http_head_reset(&h);
		read_head(&h, asks[i].in);
		ck_assert_msg(wad_pac_asked(&c->webproxy, &h) ==
		    asks[i].want, "%s", asks[i].in);
	}
	wad_http_head_reset(&h);
	wad_pac_answer(&c->webproxy, &at, &h, &s);
	ck_assert_uint_eq(h.status, 200);
	ck_assert_str_eq(wad_http_head_named(&h, "Content-Type"),
	    "application/x-ns-proxy-autoconfig");
	ck_assert_ptr_nonnull(strstr(s.s, "FindProxyForURL"));
	wad_http_head_free(&h);
	s.len = 0;
	wad_pac_text(&c->webproxy, &at, &s);
	ck_assert_ptr_ne(strstr(s.s,
	    "return \"PROXY [2001:db8::1]:8080\";"), NULL);
	wad_str_free(&s);
	wad_conf_put(c);
}
END_TEST

static const struct {
	const char	*pattern, *host, *path;
	bool		 want;
} matches[] = {
	{ "a.test", "a.test", "", true },
	{ "A.Test", "a.test", "/x", true },
	{ "a.test", "w.a.test", "", true },
	{ "a.test", "ba.test", "", false },
	{ "a.test", "test", "", false },
	{ "*.a.test", "w.a.test", "", true },
	{ "*.a.test", "a.test", "", false },
	{ "a.test/x", "a.test", "/xy?z", true },
	{ "a.test/x", "a.test", "/y", false },
	{ "a.test/x", "a.test", "", false },
	{ "a.test/", "a.test", "", true },
};

START_TEST(match)
{
	ck_assert_int_eq(wad_forward_match(matches[_i].pattern,
	    matches[_i].host, matches[_i].path), matches[_i].want);
}
END_TEST

START_TEST(pick)
{
	struct wad_forward_member m[3] = { { .weight = 10 },
		{ .weight = 30 }, { .weight = 60 } };
	struct wad_forward_group g = { .affinity = true, .members = m,
		.n_members = 3 };
	bool	 alive[3] = { true, true, true };
	unsigned sessions[3] = { 1, 2, 7 }, got[3] = { 0 };

	for (uint64_t h = 0; h < 1000; h++)
		got[wad_forward_pick(&g, h, alive, sessions)]++;
	ck_assert(got[0] == 100 && got[1] == 300 && got[2] == 600);
	alive[1] = false;
	for (uint64_t h = 0; h < 100; h++)
		ck_assert_int_ne(wad_forward_pick(&g, h, alive, sessions), 1);
	g.method = WAD_LDB_ACTIVE_PASSIVE;
	ck_assert_int_eq(wad_forward_pick(&g, 69, alive, sessions), 0);
	alive[0] = false;
	ck_assert_int_eq(wad_forward_pick(&g, 0, alive, sessions), 2);
	g.method = WAD_LDB_LEAST_SESSION;
	g.affinity = false;
	alive[0] = alive[1] = true;
	ck_assert_int_eq(wad_forward_pick(&g, 0, alive, sessions), 1);
	sessions[1] = 4;
	ck_assert_int_eq(wad_forward_pick(&g, 0, alive, sessions), 0);
	alive[0] = alive[1] = alive[2] = false;
	ck_assert_int_eq(wad_forward_pick(&g, 0, alive, sessions), -1);
}
END_TEST

/* What is known of proxies has a bound; what says something stays. */
START_TEST(states)
{
	struct wad_forward_state *st, *used, *down, *failed;
	char			  name[16];
	unsigned		  n = 0;

	used = wad_forward_state_of("used");
	used->sessions = 1;
	down = wad_forward_state_of("down");
	strcpy(down->why, "answers 503");
	failed = wad_forward_state_of("failed");
	failed->down_until = UINT64_MAX;
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		st = wad_forward_state_of(name);
		ck_assert_ptr_nonnull(st);
		ck_assert(st != used && st != down && st != failed);
		ck_assert_str_eq(st->name, name);
		ck_assert_uint_eq(st->down_until, 0);
		st->down_until = 1;	/* long ago */
	}
	ck_assert_ptr_eq(wad_forward_state_of("used"), used);
	ck_assert_ptr_eq(wad_forward_state_of("down"), down);
	ck_assert_ptr_eq(wad_forward_state_of("failed"), failed);
	do {
		snprintf(name, sizeof(name), "q%u", n++);
		st = wad_forward_state_of(name);
		if (st != NULL)
			st->sessions = 1;
	} while (st != NULL && n < 5000);
	ck_assert_uint_eq(n, 2 * WAD_FORWARD_CHECKS - 3 + 1);
}
END_TEST

/* What wad-lookup says, and what this worker saw itself. */
START_TEST(alive)
{
	struct wad_forward_server f = { .name = "alive", .check = true };
	static const struct { uint32_t down; const char *why; bool alive; }
	    said[] = { { 1, "answers 503", false }, { 0, "", true },
	    { 1, "answers 407", false } };
	struct wad_msg		m;
	struct wad_msg_in	in;

	ck_assert(wad_forward_state_alive(&f));
	wad_forward_state_of(f.name)->down_until = UINT64_MAX;
	ck_assert(!wad_forward_state_alive(&f));
	ck_assert_ptr_null(wad_forward_state_down(&f));
	for (size_t i = 0; i < 3; i++) {
		wad_msg_init(&m, WAD_MSG_FORWARD_STATE, 0);
		wad_msg_add_str(&m, f.name);
		wad_msg_add_u32(&m, said[i].down);
		wad_msg_add_str(&m, said[i].why);
		in = (struct wad_msg_in){ .type = m.type, .p = m.buf,
			.left = m.len };
		ck_assert_int_eq(wad_forward_state_receive(&in), 0);
		ck_assert_int_eq(wad_forward_state_alive(&f), said[i].alive);
		in = (struct wad_msg_in){ .type = m.type, .p = m.buf,
			.left = m.len - 1 };
		ck_assert_int_eq(wad_forward_state_receive(&in), -1);
		wad_msg_free(&m);
	}
	ck_assert_str_eq(wad_forward_state_down(&f), "answers 407");
	f.check = false;
	ck_assert(wad_forward_state_alive(&f));
	wad_forward_state_of(f.name)->why[0] = '\0';
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("proxy");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, ports);
	tcase_add_test(t, pac);
	tcase_add_loop_test(t, match, 0,
	    (int)(sizeof(matches) / sizeof(matches[0])));
	tcase_add_test(t, pick);
	tcase_add_test(t, alive);
	tcase_add_test(t, states);	/* which takes all of them */
	suite_add_tcase(s, t);
	return suite_run(s);
}
