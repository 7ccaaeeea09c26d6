/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exemption from inspection: address, wildcard, regex, category.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "url/ssl_exempt.h"
#include "url/url.h"

static struct wad_addr_obj	 net = { .name = "net",
	.type = WAD_ADDR_SUBNET };
static const struct wad_addr_obj *nets[] = { &net };
static uint16_t			 cats[] = { 31 };
static struct wad_exempt	 entries[] = {
	{ .id = 1, .type = WAD_EXEMPT_CATEGORY, .category = 31 },
	{ .id = 2, .type = WAD_EXEMPT_ADDRESS, .addr = { .obj = nets,
	    .n = 1 } },
	{ .id = 3, .type = WAD_EXEMPT_WILDCARD, .pattern = "*.bank.example" },
	{ .id = 4, .type = WAD_EXEMPT_REGEX,
	    .pattern = "^pay[0-9]+\\.example$" },
};
static struct wad_profile	 profile = { .name = "deep",
	.exempt = entries, .n_exempt = 4, .exempt_cat = cats,
	.n_exempt_cat = 1 };
static struct wad_policy	 policy = { .profile = &profile };
static struct wad_conf		 conf = { .profiles = &profile,
	.n_profiles = 1 };
static struct wad_url_rules	*rules;
static struct wad_url_ask	 ask;
static struct wad_exempt_result	 x;

static void
setup(void)
{
	wad_prefix_parse(&net.prefix, "192.0.2.0/24");
	rules = wad_url_rules_new(&conf, NULL, 0);
	ck_assert_ptr_nonnull(rules);
	ask = (struct wad_url_ask){ .conf = &conf, .rules = rules,
		.policy = &policy, .url_src = "SNI", .https = true };
	wad_addr_parse(&ask.src, "10.0.0.1");
	wad_addr_parse(&ask.dst, "198.51.100.1");
}

static void
teardown(void)
{
	wad_url_rules_free(rules);
}

static enum wad_exempt_reason
check(const char *host)
{
	static const int deep[3] = { 1, 0, 0 };

	ask.host = host;
	wad_ssl_check_urlf_and_exempt(&ask, NULL, 0, deep, "p", &x);
	ck_assert_int_eq(x.entry != NULL, x.reason != WAD_X_NONE);
	return x.reason;
}

START_TEST(names)
{
	ck_assert_int_eq(check("www.bank.example"), WAD_X_WILDCARD);
	ck_assert_uint_eq(x.entry->id, 3);
	ck_assert_int_eq(x.by_sni, WAD_X_WILDCARD);
	ck_assert_int_eq(x.by_ip, WAD_X_NONE);
	ck_assert_int_eq(check("bank.example"), WAD_X_WILDCARD);
	ck_assert_int_eq(check("xbank.example"), WAD_X_NONE);
	ck_assert_int_eq(check("bank.example.evil.example"), WAD_X_NONE);
	ck_assert_int_eq(check("pay12.example"), WAD_X_REGEX);
	ck_assert_int_eq(check("pay.example"), WAD_X_NONE);
	ck_assert_int_eq(check("pay12.example.com"), WAD_X_NONE);
}
END_TEST

START_TEST(address)
{
	wad_addr_parse(&ask.dst, "192.0.2.77");
	ck_assert_int_eq(check("any.example"), WAD_X_ADDRESS);
	ck_assert_int_eq(x.by_ip, WAD_X_ADDRESS);
	ck_assert_int_eq(x.by_sni, WAD_X_NONE);
	ck_assert_uint_eq(x.entry->id, 2);
	/* the first entry counts */
	ck_assert_int_eq(check("www.bank.example"), WAD_X_ADDRESS);
}
END_TEST

/* Nothing is exempt by an address list that is empty. */
START_TEST(empty_list)
{
	entries[1].addr.n = 0;
	entries[1].addr.negate = true;
	wad_addr_parse(&ask.dst, "192.0.2.77");
	ck_assert_int_eq(check("any.example"), WAD_X_NONE);
}
END_TEST

START_TEST(category)
{
	struct wad_url_verdict v = { .cates = { 52, 31 }, .n_cates = 2 };

	ck_assert_int_eq(check("any.example"), WAD_X_NONE);
	wad_ssl_exempt_by_category(&ask, &v, &x);
	ck_assert_int_eq(x.reason, WAD_X_CATEGORY);
	ck_assert_uint_eq(x.entry->id, 1);
	check("any.example");
	v.n_cates = 1;
	wad_ssl_exempt_by_category(&ask, &v, &x);
	ck_assert_int_eq(x.reason, WAD_X_NONE);
}
END_TEST

/* Unrated names are a category too, but not when the rating failed. */
START_TEST(unrated)
{
	struct wad_url_verdict v = { 0 };

	entries[0].category = WAD_CATE_UNRATED;
	check("any.example");
	v.err = true;
	wad_ssl_exempt_by_category(&ask, &v, &x);
	ck_assert_int_eq(x.reason, WAD_X_NONE);
	v.err = false;
	wad_ssl_exempt_by_category(&ask, &v, &x);
	ck_assert_int_eq(x.reason, WAD_X_CATEGORY);
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(wad_exempt_names[WAD_X_NONE], "x_none");
	ck_assert_str_eq(wad_exempt_names[WAD_X_REGEX], "x_regex");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_exempt");
	TCase	*t = tcase_create("all");
	SRunner	*r = srunner_create(s);
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names);
	tcase_add_test(t, address);
	tcase_add_test(t, empty_list);
	tcase_add_test(t, category);
	tcase_add_test(t, unrated);
	tcase_add_test(t, words);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
