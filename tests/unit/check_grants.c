/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control/grants.c: what wad-control takes from a worker.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/grants.h"
#include "suite.h"

static struct wad_wf_filter	f;
static struct wad_wf_profile	p;
static struct wad_conf		conf;
static struct wad_control	c;
static struct wad_grant		g;

static void
setup(void)
{
	struct wad_addr client;

	f = (struct wad_wf_filter){ .id = 1, .category = 52,
		.action = WAD_WF_WARNING, .warn_duration = 300 };
	p = (struct wad_wf_profile){ .name = "office", .filters = &f,
		.n_filters = 1 };
	conf.wf_profiles = &p;
	conf.n_wf_profiles = 1;
	c.conf = &conf;
	c.grants = wad_grants_new(&c);
	ck_assert_int_eq(wad_addr_parse(&client, "192.0.2.1"), 0);
	wad_grant_make(&g, &p, &f, &client, NULL, "a.example",
	    wad_clock_wall());
}

static void
teardown(void)
{
	wad_grants_free(c.grants);
}

/* Sends it as a worker does; whether it holds then. */
static bool
holds(enum wad_grant_op op)
{
	struct wad_msg		m;
	struct wad_msg_in	in;
	struct wad_str		out = { 0 };
	bool			there;

	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, op, &g);
	in = (struct wad_msg_in){ .type = m.type, .p = m.buf, .left = m.len };
	ck_assert_int_eq(wad_grants_message(&c, NULL, &in), 0);
	wad_msg_free(&m);
	wad_grants_list(&c, NULL, wad_clock_wall(), &out);
	there = strstr(out.s, "192.0.2.1") != NULL;
	wad_str_free(&out);
	return there;
}

START_TEST(taken)
{
	ck_assert(holds(_i ? WAD_GRANT_KNOWN : WAD_GRANT_NEW));
}
END_TEST

/* A worker that was taken over says what it likes: no longer, no wider and no
 * other thing than the entry allows. */
START_TEST(made_up)
{
	switch (_i / 2) {
	case 0: g.until += 86400; break;
	case 1: g.seconds = 86400; break;
	case 2: g.made += 1000; g.until += 1000; break;
	case 3: g.category = 11; break;
	case 4: g.session = true; break;
	case 5: strcpy(g.host, "a.example"); break;
	case 6: strcpy(g.profile, "other"); break;
	case 7: g.stamp++; break;
	case 8: f.action = WAD_WF_BLOCK; break;
	default: g.until = g.made + 301; break;
	}
	ck_assert(!holds(_i % 2 ? WAD_GRANT_KNOWN : WAD_GRANT_NEW));
}
END_TEST

/* The longest one that there can be. */
START_TEST(longest)
{
	struct wad_addr client = g.client;

	f.warn_session = true;
	wad_grant_make(&g, &p, &f, &client, NULL, "a.example",
	    wad_clock_wall() - 86000);
	g.made -= 200;
	g.until = g.made + 86401;
	ck_assert(!holds(WAD_GRANT_KNOWN));
	g.until = g.made + 86400;
	ck_assert(holds(WAD_GRANT_KNOWN));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("grants");
	TCase	*t = tcase_create("grants");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, taken, 0, 2);
	tcase_add_loop_test(t, made_up, 0, 20);
	tcase_add_test(t, longest);
	suite_add_tcase(s, t);
	return suite_run(s);
}
