/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feeds of a process: swapped by name, asked by configurations, garbage
 * refused; when a feed is fetched next.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "ipc/shm.h"
#include "lookup/feed_build.h"
#include "lookup/lookup_feed.h"
#include "policy/feed.h"
#include "policy/policy_match.h"
#include "suite.h"

static struct wad_feed	feeds[3] = {
	{ .name = "bad", .enabled = true, .type = WAD_FEED_CATEGORY,
	    .category = 192 },
	{ .name = "names", .enabled = true, .type = WAD_FEED_DOMAIN,
	    .category = 200 },
	{ .name = "nets", .enabled = true, .type = WAD_FEED_ADDRESS },
};
static struct wad_conf	conf = { .feeds = feeds, .n_feeds = 3 };

static int
segment(enum wad_feed_type type, const char *text)
{
	struct wad_feed_build	*b = wad_feed_build_new(type, 99);
	int			 fd;

	ck_assert_int_eq(wad_feed_build_text(b, text, strlen(text)), 0);
	ck_assert_int_eq(wad_feed_build_end(b), 0);
	while (wad_feed_build_step(b) == 1)
		;
	fd = wad_feed_build_take(b);
	ck_assert_int_ne(fd, -1);
	wad_feed_build_free(b);
	return fd;
}

static void
put(const char *name, enum wad_feed_type type, const char *text)
{
	char err[160];

	ck_assert_int_eq(wad_feed_put(name, segment(type, text), err,
	    sizeof(err)), 0);
}

static size_t
find(const char *host, const char *path, struct wad_feed_hit *h)
{
	return wad_feed_find(&conf, host, path, strlen(path), h, 4);
}

START_TEST(names)
{
	struct wad_feed_hit h[4];

	wad_feed_bind(&conf);
	ck_assert_uint_eq(find("a.example", "", h), 0);
	put("bad", WAD_FEED_CATEGORY, "a.example\nb.example/x/y\n10.0.0.1\n");
	put("names", WAD_FEED_DOMAIN, "www.a.example\n");
	ck_assert_uint_eq(find("a.example", "", h), 1);
	ck_assert_ptr_eq(h[0].feed, &feeds[0]);
	ck_assert_uint_eq(h[0].line, 1);
	/* a parent, and a longer key of another feed comes first */
	ck_assert_uint_eq(find("x.www.a.example", "/p", h), 2);
	ck_assert_ptr_eq(h[0].feed, &feeds[1]);
	ck_assert_ptr_eq(h[1].feed, &feeds[0]);
	ck_assert_uint_eq(find("aa.example", "", h), 0);
	ck_assert_uint_eq(find("b.example", "", h), 0);
	ck_assert_uint_eq(find("b.example", "/x", h), 0);
	ck_assert_uint_eq(find("b.example", "/x/yy", h), 0);
	ck_assert_uint_eq(find("b.example", "/x/y", h), 1);
	ck_assert_uint_eq(find("sub.b.example", "/x/y/z", h), 1);
	ck_assert_uint_eq(h[0].line, 2);
	ck_assert_uint_eq(find("10.0.0.1", "", h), 1);
	ck_assert_uint_eq(find("9.10.0.0", "", h), 0);
	/* another copy is seen at once; a feed that is off is not asked */
	put("bad", WAD_FEED_CATEGORY, "c.example\n");
	ck_assert_uint_eq(find("a.example", "", h), 0);
	ck_assert_uint_eq(find("c.example", "", h), 1);
	feeds[0].enabled = false;
	ck_assert_uint_eq(find("c.example", "", h), 0);
	wad_feed_keep(&conf);
	feeds[0].enabled = true;
	ck_assert_uint_eq(find("c.example", "", h), 0);
	/* of another type than the feed has now: nothing */
	put("bad", WAD_FEED_DOMAIN, "c.example\n");
	ck_assert_uint_eq(find("c.example", "", h), 0);
}
END_TEST

START_TEST(addresses)
{
	struct wad_addr a;

	wad_feed_bind(&conf);
	ck_assert_int_eq(wad_addr_parse(&a, "10.1.2.3"), 0);
	ck_assert_uint_eq(wad_feed_holds(&feeds[2], &a), 0);
	put("nets", WAD_FEED_ADDRESS, "# x\n10.0.0.0/8\n");
	ck_assert_uint_eq(wad_feed_holds(&feeds[2], &a), 2);
	a.ip[0] = 11;
	ck_assert_uint_eq(wad_feed_holds(&feeds[2], &a), 0);
}
END_TEST

/* An address feed is an address object; but that it lists a target does not
 * mean that the administrator named it: it would open loopback. */
START_TEST(policies)
{
	const struct wad_addr_obj	 o = { .name = "nets",
		.type = WAD_ADDR_FEED, .feed = &feeds[2] };
	const struct wad_addr_obj	*list[] = { &o };
	struct wad_policy		 p = { .dstaddr = { .obj = list,
		.n = 1, .set = true } };
	struct wad_flow			 f = { 0 };

	wad_feed_bind(&conf);
	put("nets", WAD_FEED_ADDRESS, "127.0.0.0/8\n");
	ck_assert_int_eq(wad_addr_parse(&f.dst, "127.0.0.1"), 0);
	ck_assert(wad_policy_addr_holds(&p.dstaddr, &f.dst, NULL));
	ck_assert(!wad_policy_names_target(&p, &f));
	p.dstaddr.negate = true;
	ck_assert(!wad_policy_addr_holds(&p.dstaddr, &f.dst, NULL));
}
END_TEST

START_TEST(garbage)
{
	static const char	text[] = "this is no feed, whatever its "
	    "length may be, and nobody shall believe that it is one at all";
	struct wad_feed_hit	h[4];
	char			err[160];

	wad_feed_bind(&conf);
	put("bad", WAD_FEED_CATEGORY, "a.example\n");
	ck_assert_int_eq(wad_feed_put("bad", wad_shm_seal_text("x", text,
	    sizeof(text)), err, sizeof(err)), -1);
	ck_assert_str_eq(err, "not a compiled feed, or a damaged one");
	/* not sealed: who sent it could change it later */
	ck_assert_int_eq(wad_feed_put("bad", wad_shm_text_new("x"), err,
	    sizeof(err)), -1);
	ck_assert_ptr_nonnull(strstr(err, "not sealed"));
	/* what was there stays */
	ck_assert_uint_eq(find("a.example", "", h), 1);
	ck_assert_int_eq(wad_feed_put("bad", -1, err, sizeof(err)), 0);
	ck_assert_uint_eq(find("a.example", "", h), 0);
}
END_TEST

START_TEST(next)
{
	/* in the middle of the spread */
	static const struct { unsigned refresh, failures; uint64_t ms; } t[] = {
		{ 300, 0, 300000 }, { 300, 1, 10000 }, { 300, 2, 20000 },
		{ 300, 5, 160000 }, { 300, 6, 300000 }, { 300, 1000, 300000 },
		{ 60, 9, 60000 }, { 86400, 12, 20480000 },
		{ 2592000, 40, 2592000000 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint64_t lo = wad_lookup_feed_next(t[i].refresh,
		    t[i].failures, 0);
		uint64_t hi = wad_lookup_feed_next(t[i].refresh,
		    t[i].failures, UINT32_MAX);

		ck_assert_uint_eq(lo, t[i].ms - t[i].ms / 10);
		ck_assert_uint_eq(hi, t[i].ms - t[i].ms / 10 + t[i].ms / 5);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("feed");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, names);
	tcase_add_test(t, addresses);
	tcase_add_test(t, policies);
	tcase_add_test(t, garbage);
	tcase_add_test(t, next);
	suite_add_tcase(s, t);
	return suite_run(s);
}
