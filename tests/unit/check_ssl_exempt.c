/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exemption from inspection: address, wildcard, regex, category.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "url/ssl_exempt.h"
#include "url/url.h"

#include "conf_text.h"
#include "suite.h"

static struct wad_addr_obj	 net = { .name = "net",
	.type = WAD_ADDR_SUBNET };
static const struct wad_addr_obj *nets[] = { &net };
static uint16_t			 cats[] = { 31 };
static struct wad_exempt	 entries[] = {
	{ .id = 1, .type = WAD_EXEMPT_CATEGORY, .category = 31 },
	{ .id = 2, .type = WAD_EXEMPT_ADDRESS, .family = AF_INET,
	    .addr = { .obj = nets, .n = 1 } },
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

/* Every kind as it is configured: names in any case, with a final dot. */
static const char text[] =
    "config firewall address\n"
    "edit \"net\"\nset subnet 192.0.2.0 255.255.255.0\nnext\n"
    "edit \"range\"\nset type iprange\nset start-ip 203.0.113.10\n"
    "set end-ip 203.0.113.20\nnext\n"
    "edit \"name\"\nset type fqdn\nset fqdn \"Pin.Example.\"\nnext\n"
    "edit \"below\"\nset type wildcard-fqdn\n"
    "set wildcard-fqdn \"*.Pins.Example.\"\nnext\nend\n"
    "config firewall address6\n"
    "edit \"net6\"\nset ip6 2001:db8:1::/48\nnext\n"
    "edit \"all6\"\nset ip6 ::/0\nnext\nend\n"
    "config firewall addrgrp\nedit \"names\"\nset member name below\n"
    "next\nend\n"
    "config firewall wildcard-fqdn custom\n"
    "edit \"idn\"\nset wildcard-fqdn \"*.XN--Bcher-KVA.example\"\nnext\n"
    "edit \"old\"\nset wildcard-fqdn \"Update*.Vendor.Example.\"\nnext\n"
    "end\nconfig firewall ssl-ssh-profile\n"
    "edit \"kinds\"\nconfig ssl-exempt\n"
    "edit 1\nset type address\nset address net\nnext\n"
    "edit 2\nset type address\nset address range\nnext\n"
    "edit 3\nset type address\nset address names\nnext\n"
    "edit 4\nset type address6\nset address6 net6\nnext\n"
    "edit 5\nset type wildcard-fqdn\nset wildcard-fqdn idn\nnext\n"
    "edit 6\nset type wildcard-fqdn\nset wildcard-fqdn old\nnext\n"
    "edit 7\nset type regex\nset regex \"^(a+)+[.]slow[.]example$\"\nnext\n"
    "edit 8\nset fortiguard-category 31\nnext\nend\nnext\n"
    "edit \"six\"\nconfig ssl-exempt\n"
    "edit 1\nset type address6\nset address6 all6\nnext\nend\nnext\nend\n"
    "config webfilter ftgd-local-rating\n"
    "edit \"198.51.100.31\"\nset rating 31\nnext\n"
    "edit \"198.51.100.26\"\nset rating 31 26\nnext\n"
    "edit \"games.example\"\nset rating 20\nnext\nend\n";

static struct wad_conf		*kinds;
static struct wad_policy	 kinds_policy;

static void
kinds_use(const char *name)
{
	for (size_t i = 0; i < kinds->n_profiles; i++)
		if (strcmp(kinds->profiles[i].name, name) == 0)
			kinds_policy.profile = &kinds->profiles[i];
	ck_assert_str_eq(kinds_policy.profile->name, name);
}

static void
kinds_setup(void)
{
	kinds = conf_of_text(text);
	rules = wad_url_rules_new(kinds, NULL, 0);
	ck_assert_ptr_nonnull(rules);
	ask = (struct wad_url_ask){ .conf = kinds, .rules = rules,
		.policy = &kinds_policy, .url_src = "SNI", .https = true };
	wad_addr_parse(&ask.src, "10.0.0.1");
	wad_addr_parse(&ask.dst, "198.51.100.1");
	kinds_use("kinds");
}

static void
kinds_teardown(void)
{
	wad_url_rules_free(rules);
	wad_conf_put(kinds);
}

/* The entry that exempts this name at this address, 0 none. */
static uint32_t
entry(const char *host, const char *dst)
{
	ck_assert_int_eq(wad_addr_parse(&ask.dst, dst), 0);
	check(host);
	return x.entry != NULL ? x.entry->id : 0;
}

START_TEST(by_address)
{
	ck_assert_uint_eq(entry("a.example", "192.0.2.255"), 1);
	ck_assert_int_eq(x.by_ip, WAD_X_ADDRESS);
	ck_assert_int_eq(x.by_sni, WAD_X_NONE);
	ck_assert_uint_eq(entry("a.example", "192.0.3.0"), 0);
	ck_assert_uint_eq(entry("a.example", "203.0.113.10"), 2);
	ck_assert_uint_eq(entry("a.example", "203.0.113.20"), 2);
	ck_assert_uint_eq(entry("a.example", "203.0.113.21"), 0);
	ck_assert_uint_eq(entry("a.example", "203.0.113.9"), 0);
	ck_assert_uint_eq(entry("a.example", "2001:db8:1:ffff::1"), 4);
	ck_assert_uint_eq(entry("a.example", "2001:db8:2::1"), 0);
	/* the same bytes, another family */
	ck_assert_uint_eq(entry("a.example", "c000:2ff::"), 0);
	kinds_use("six");		/* all of IPv6 is no IPv4 */
	ck_assert_uint_eq(entry("a.example", "2001:db8:2::1"), 1);
	ck_assert_uint_eq(entry("a.example", "192.0.2.1"), 0);
}
END_TEST

START_TEST(by_fqdn_object)
{
	ck_assert_uint_eq(entry("pin.example", "198.51.100.1"), 3);
	ck_assert_int_eq(x.reason, WAD_X_ADDRESS);
	ck_assert_int_eq(x.by_sni, WAD_X_ADDRESS);
	ck_assert_int_eq(x.by_ip, WAD_X_NONE);
	/* a name holds in both families */
	ck_assert_uint_eq(entry("pin.example", "2001:db8:2::1"), 3);
	ck_assert_uint_eq(entry("x.pin.example", "198.51.100.1"), 0);
	ck_assert_uint_eq(entry("a.pins.example", "198.51.100.1"), 3);
	ck_assert_uint_eq(entry("a.b.pins.example", "198.51.100.1"), 3);
	ck_assert_uint_eq(entry("evilpins.example", "198.51.100.1"), 0);
	ck_assert_uint_eq(entry("pin.example.evil.example",
	    "198.51.100.1"), 0);
}
END_TEST

/* Without a name what the object's name resolves to counts; with one, not. */
START_TEST(by_resolved_address)
{
	static struct wad_fqdn f[2] = { { .name = "other.example", .n = 1 },
		{ .name = "pin.example", .n = 2 } };

	wad_addr_parse(&f[0].addr[0], "198.51.100.9");
	wad_addr_parse(&f[1].addr[0], "2001:db8:2::7");
	wad_addr_parse(&f[1].addr[1], "198.51.100.7");
	ask.fqdns = f;
	ask.n_fqdns = 2;
	ask.url_src = "IP";
	ck_assert_uint_eq(entry("198.51.100.7", "198.51.100.7"), 3);
	ck_assert_int_eq(x.by_ip, WAD_X_ADDRESS);
	ck_assert_int_eq(x.by_sni, WAD_X_NONE);
	ck_assert_uint_eq(entry("2001:db8:2::7", "2001:db8:2::7"), 3);
	ck_assert_uint_eq(entry("198.51.100.9", "198.51.100.9"), 0);
	ck_assert_uint_eq(entry("198.51.100.8", "198.51.100.8"), 0);
	ask.url_src = "SNI";
	ck_assert_uint_eq(entry("evil.example", "198.51.100.7"), 0);
}
END_TEST

START_TEST(by_wildcard)
{
	char sni[WAD_HOST_MAX];

	ck_assert_uint_eq(entry("www.xn--bcher-kva.example",
	    "198.51.100.1"), 5);
	ck_assert_int_eq(x.reason, WAD_X_WILDCARD);
	/* what comes in an SNI has this form before it is looked at */
	ck_assert_int_eq(wad_str_host_canon(sni, "WWW.Xn--BCHER-kva.Example.",
	    26), 0);
	ck_assert_uint_eq(entry(sni, "198.51.100.1"), 5);
	ck_assert_uint_eq(entry("update7.vendor.example",
	    "198.51.100.1"), 6);
	ck_assert_uint_eq(entry("update.vendor.example", "198.51.100.1"), 6);
	ck_assert_uint_eq(entry("xupdate.vendor.example",
	    "198.51.100.1"), 0);
}
END_TEST

/* A pattern that would take for ever is given up, and exempts nothing. */
START_TEST(by_regex)
{
	char slow[80];

	ck_assert_uint_eq(entry("aaa.slow.example", "198.51.100.1"), 7);
	ck_assert_int_eq(x.reason, WAD_X_REGEX);
	memset(slow, 'a', 60);
	strcpy(slow + 60, ".slow.examples");
	ck_assert_uint_eq(entry(slow, "198.51.100.1"), 0);
}
END_TEST

/* ssl-exemption-ip-rating: only for names without a rating of their own. */
static uint32_t
category_of(const char *host, const char *dst)
{
	struct wad_url_verdict v;

	ck_assert_uint_eq(entry(host, dst), 0);
	wad_url_decide(&ask, &v);
	wad_ssl_exempt_by_category(&ask, &v, &x);
	ck_assert_int_eq(x.entry != NULL, x.reason != WAD_X_NONE);
	return x.entry != NULL ? x.entry->id : 0;
}

START_TEST(ip_rating)
{
	struct wad_profile off = *kinds_policy.profile;

	ck_assert(off.exempt_ip_rating);
	ck_assert_uint_eq(category_of("a.example", "198.51.100.31"), 8);
	ck_assert_int_eq(x.reason, WAD_X_CATEGORY);
	ck_assert_int_eq(x.by_ip, WAD_X_CATEGORY);
	ck_assert_int_eq(x.by_sni, WAD_X_NONE);
	ck_assert_uint_eq(category_of("games.example", "198.51.100.31"), 0);
	/* malicious as well */
	ck_assert_uint_eq(category_of("a.example", "198.51.100.26"), 0);
	ck_assert_uint_eq(category_of("a.example", "198.51.100.1"), 0);
	ask.url_src = "IP";
	ck_assert_uint_eq(category_of("198.51.100.31", "198.51.100.31"), 8);
	off.exempt_ip_rating = false;
	kinds_policy.profile = &off;
	ck_assert_uint_eq(category_of("198.51.100.31", "198.51.100.31"), 0);
	ask.url_src = "SNI";
	ck_assert_uint_eq(category_of("a.example", "198.51.100.31"), 0);
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(wad_exempt_names[WAD_X_NONE], "x_none");
	ck_assert_str_eq(wad_exempt_names[WAD_X_REGEX], "x_regex");
	ck_assert_str_eq(wad_exempt_names[WAD_X_LEARNED], "x_learned");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_exempt");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names);
	tcase_add_test(t, address);
	tcase_add_test(t, empty_list);
	tcase_add_test(t, category);
	tcase_add_test(t, unrated);
	tcase_add_test(t, words);
	suite_add_tcase(s, t);
	t = tcase_create("kinds");
	tcase_add_checked_fixture(t, kinds_setup, kinds_teardown);
	tcase_add_test(t, by_address);
	tcase_add_test(t, by_fqdn_object);
	tcase_add_test(t, by_resolved_address);
	tcase_add_test(t, by_wildcard);
	tcase_add_test(t, by_regex);
	tcase_add_test(t, ip_rating);
	suite_add_tcase(s, t);
	return suite_run(s);
}
