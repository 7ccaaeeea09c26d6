/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants: what they are bound to, their messages, their table and its bounds.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/grant.h"
#include "suite.h"

static struct wad_wf_filter	f;
static struct wad_wf_profile	p;
static struct wad_addr		client;
static struct wad_grant_table	t;
static struct wad_grant		g;

static void
setup(void)
{
	f = (struct wad_wf_filter){ .id = 1, .category = 52,
		.action = WAD_WF_WARNING, .warn_duration = 300 };
	p = (struct wad_wf_profile){ .name = "office", .filters = &f,
		.n_filters = 1 };
	ck_assert_int_eq(wad_addr_parse(&client, "192.0.2.1"), 0);
	wad_grant_table_init(&t);
	wad_grant_make(&g, &p, &f, &client, NULL, "www.example.com", 1000);
}

static void
teardown(void)
{
	wad_grant_table_free(&t);
}

/* Whatever of the entry changes ends its grants. */
START_TEST(stamps)
{
	static const char	*groups[] = { "staff" };
	uint64_t		 was = wad_grant_stamp(&p, &f);
	struct wad_wf_filter	 o = f;

	ck_assert_ptr_eq(wad_grant_filter(&p, was), &f);
	ck_assert_ptr_null(wad_grant_filter(&p, was + 1));
	ck_assert_ptr_null(wad_grant_filter(NULL, was));
	o = f; o.id = 2; ck_assert(wad_grant_stamp(&p, &o) != was);
	o = f; o.category = 53; ck_assert(wad_grant_stamp(&p, &o) != was);
	o = f; o.warn_duration = 301; ck_assert(wad_grant_stamp(&p, &o) != was);
	o = f; o.warn_session = true; ck_assert(wad_grant_stamp(&p, &o) != was);
	o = f; o.per_domain = true; ck_assert(wad_grant_stamp(&p, &o) != was);
	o = f; o.auth_groups = groups; o.n_auth_groups = 1;
	ck_assert(wad_grant_stamp(&p, &o) != was);
	p.name = "home";
	ck_assert(wad_grant_stamp(&p, &f) != was);
	p.name = "office";
	f.action = WAD_WF_BLOCK;	/* no button for that */
	ck_assert_ptr_null(wad_grant_filter(&p, wad_grant_stamp(&p, &f)));
}
END_TEST

START_TEST(scope)
{
	struct wad_grant k;

	ck_assert_str_eq(g.host, "");
	ck_assert(wad_grant_table_add(&t, &g));
	wad_grant_make(&k, &p, &f, &client, NULL, "other.example", 1000);
	ck_assert_ptr_nonnull(wad_grant_table_find(&t, &k, 1000));
	wad_grant_make(&k, &p, &f, &client, "alice", "other.example", 1000);
	ck_assert_ptr_null(wad_grant_table_find(&t, &k, 1000));
	client.ip[3]++;
	wad_grant_make(&k, &p, &f, &client, NULL, "other.example", 1000);
	ck_assert_ptr_null(wad_grant_table_find(&t, &k, 1000));
	f.per_domain = true;
	wad_grant_make(&g, &p, &f, &client, NULL, "a.example", 1000);
	ck_assert(wad_grant_table_add(&t, &g));
	wad_grant_make(&k, &p, &f, &client, NULL, "b.example", 1000);
	ck_assert_ptr_null(wad_grant_table_find(&t, &k, 1000));
	ck_assert_ptr_nonnull(wad_grant_table_find(&t, &g, 1000));
}
END_TEST

START_TEST(time_)
{
	struct wad_grant later = g;

	ck_assert(wad_grant_table_add(&t, &g));
	ck_assert(!wad_grant_table_add(&t, &g));	/* nothing new */
	ck_assert_ptr_nonnull(wad_grant_table_find(&t, &g, 1299));
	later.until++;
	ck_assert(wad_grant_table_add(&t, &later));
	ck_assert_ptr_nonnull(wad_grant_table_find(&t, &g, 1300));
	ck_assert_ptr_nonnull(wad_grant_table_find(&t, &g, g.made - 60));
	ck_assert_ptr_null(wad_grant_table_find(&t, &g, 1301));
	/* the clock was set back: it does not hold until then */
	ck_assert(wad_grant_table_add(&t, &g));
	ck_assert_ptr_null(wad_grant_table_find(&t, &g, g.made - 61));
	ck_assert_uint_eq(t.lru.n, 0);
	ck_assert(wad_grant_table_add(&t, &g));
	wad_grant_table_drop(&t, &g);
	wad_grant_table_drop(&t, &g);
	ck_assert_uint_eq(t.lru.n, 0);
}
END_TEST

/* A client has no more than its share, the whole no more than its bound. */
START_TEST(bounds)
{
	struct wad_grant first = g;

	snprintf(first.host, sizeof(first.host), "first.example");
	wad_grant_table_add(&t, &first);
	for (unsigned i = 0; i < WAD_GRANT_CLIENT_MAX; i++) {
		snprintf(g.host, sizeof(g.host), "h%u.example", i);
		wad_grant_table_add(&t, &g);
	}
	ck_assert_uint_eq(t.lru.n, WAD_GRANT_CLIENT_MAX);
	ck_assert_ptr_null(wad_grant_table_find(&t, &first, 1000));
	ck_assert_ptr_nonnull(wad_grant_table_find(&t, &g, 1000));
	/* another client takes nothing from this one */
	first.client.ip[3] = 200;
	wad_grant_table_add(&t, &first);
	ck_assert_uint_eq(t.lru.n, WAD_GRANT_CLIENT_MAX + 1);
	/* all addresses of a /64 are one */
	ck_assert_int_eq(wad_addr_parse(&g.client, "2001:db8::1"), 0);
	for (unsigned i = 0; i < 2 * WAD_GRANT_CLIENT_MAX; i++) {
		g.client.ip[15] = (uint8_t)i;
		g.client.ip[14] = (uint8_t)(i >> 8);
		wad_grant_table_add(&t, &g);
	}
	ck_assert_uint_eq(t.lru.n, 2 * WAD_GRANT_CLIENT_MAX + 1);
	ck_assert_int_eq(wad_addr_parse(&g.client, "10.0.0.0"), 0);
	for (unsigned i = 0; i < WAD_GRANT_MAX; i++) {
		g.client.ip[2] = (uint8_t)(i >> 8);
		g.client.ip[3] = (uint8_t)i;
		wad_grant_table_add(&t, &g);
	}
	ck_assert_uint_eq(t.lru.n, WAD_GRANT_MAX);
}
END_TEST

static int
back(struct wad_msg *m, enum wad_grant_op *op, struct wad_grant *out)
{
	struct wad_msg_in in = { .type = m->type, .p = m->buf,
		.left = m->len };

	return wad_grant_get(&in, op, out);
}

START_TEST(messages)
{
	enum wad_grant_op	op;
	struct wad_grant	out;
	struct wad_msg		m;

	f.per_domain = f.warn_session = true;
	wad_grant_make(&g, &p, &f, &client, "alice", "www.example.com", 1000);
	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, WAD_GRANT_USED, &g);
	ck_assert_int_eq(back(&m, &op, &out), 0);
	ck_assert_int_eq(op, WAD_GRANT_USED);
	ck_assert_uint_eq(out.stamp, g.stamp);
	ck_assert_str_eq(out.user, "alice");
	ck_assert_str_eq(out.host, "www.example.com");
	ck_assert_str_eq(out.profile, "office");
	ck_assert(out.session);
	ck_assert_int_eq(out.until, 1300);
	ck_assert(wad_addr_ip_equal(&out.client, &client));
	wad_msg_free(&m);
	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, WAD_GRANT_OPS, &g);
	ck_assert_int_eq(back(&m, &op, &out), -1);
	wad_msg_free(&m);
	snprintf(g.user, sizeof(g.user), "a\x1b[2J");
	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, WAD_GRANT_NEW, &g);
	ck_assert_int_eq(back(&m, &op, &out), -1);
	wad_msg_free(&m);
	g.user[0] = '\0';
	snprintf(g.host, sizeof(g.host), "a\nb");
	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, WAD_GRANT_NEW, &g);
	ck_assert_int_eq(back(&m, &op, &out), -1);
	wad_msg_free(&m);
	g.host[0] = '\0';
	g.until = INT64_MAX;
	wad_msg_init(&m, WAD_MSG_GRANT, 0);
	wad_grant_put(&m, WAD_GRANT_NEW, &g);
	ck_assert_int_eq(back(&m, &op, &out), -1);
	wad_msg_free(&m);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("grant");
	TCase	*c = tcase_create("grant");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, stamps);
	tcase_add_test(c, scope);
	tcase_add_test(c, time_);
	tcase_add_test(c, bounds);
	tcase_add_test(c, messages);
	suite_add_tcase(s, c);
	return suite_run(s);
}
