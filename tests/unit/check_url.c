/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From name to action: URL filter list, local rating, category, errors.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "url/url.h"
#include "suite.h"
#include "url_text.h"

static struct wad_conf		*conf;
static struct wad_url_rules	*rules;
static struct wad_policy	 policy;
static struct wad_url_ask	 ask;
static struct wad_url_verdict	 v;
static const char text[] = URL_TEXT
    "config webfilter profile\nedit wf\nconfig web\n"
    "set urlfilter-table 1\nend\nconfig ftgd-wf\nconfig filters\n"
    "edit 1\nset category 52\nset action warning\nnext\n"
    "edit 2\nset category 140\nset action block\nnext\n"
    "edit 3\nset category 31\nset action monitor\nnext\n"
    "edit 4\nset category 0\nset action authenticate\nnext\n"
    "end\nend\nnext\nend\n"
    "config firewall policy\nedit 1\nset srcintf any\nset dstintf any\n"
    "set srcaddr all\nset dstaddr all\nset service ALL\n"
    "set schedule always\nset action accept\nset utm-status enable\n"
    "set webfilter-profile wf\n"
    "set ssl-ssh-profile certificate-inspection\nnext\nend\n";

static void
setup(void)
{
	conf = conf_of_text(text);
	rules = wad_url_rules_new(conf, NULL, 0);
	policy = conf->policies[0];
	ask = (struct wad_url_ask){ .conf = conf, .rules = rules,
		.policy = &policy, .url_src = "SNI", .https = true };
	wad_addr_parse(&ask.src, "10.0.0.1");
	wad_addr_parse(&ask.dst, "192.0.2.1");
}

static void
teardown(void)
{
	wad_url_rules_free(rules);
	wad_conf_put(conf);
}

static enum wad_wf_action
decide(const char *host, const char *path)
{
	ask.host = host;
	ask.path = path;
	memset(&v, 0xff, sizeof(v));
	ck_assert_int_eq(wad_url_decide(&ask, &v), 0);
	ck_assert_ptr_nonnull(v.why);
	return v.action;
}

/* Of several categories the severest action counts. */
START_TEST(categories)
{
	ck_assert_int_eq(decide("rated.example", NULL), WAD_WF_BLOCK);
	ck_assert_uint_eq(v.cate, 140);
	ck_assert_uint_eq(v.n_cates, 2);
	ck_assert_int_eq(v.src, WAD_CATE_LOCAL);
	ck_assert_uint_eq(v.filter->id, 2);
	ck_assert_int_eq(decide("www.rated.example", "/deep"),
	    WAD_WF_MONITOR);
	ck_assert_uint_eq(v.cate, 31);
}
END_TEST

START_TEST(unrated)
{
	ck_assert_int_eq(decide("other.example", NULL), WAD_WF_AUTHENTICATE);
	ck_assert_uint_eq(v.cate, WAD_CATE_UNRATED);
	ck_assert_int_eq(v.src, WAD_CATE_NONE);
	ck_assert(!v.err);
}
END_TEST

START_TEST(list_before_category)
{
	ck_assert_int_eq(decide("bad.example", NULL), WAD_WF_BLOCK);
	ck_assert_uint_eq(v.uf->id, 3);
	ck_assert(!v.uf_exempt);
	ck_assert_ptr_null(v.filter);
	ck_assert_int_eq(decide("good.bad.example", NULL), WAD_WF_ALLOW);
	ck_assert(v.uf_exempt);
	/* allow and monitor go on to the category */
	ck_assert_int_eq(decide("allowed.example", NULL),
	    WAD_WF_AUTHENTICATE);
	ck_assert_uint_eq(v.uf->id, 8);
	ck_assert_int_eq(decide("a.wild.example", "/x"),
	    WAD_WF_AUTHENTICATE);
}
END_TEST

START_TEST(no_filter)
{
	policy.utm = false;
	ck_assert_int_eq(decide("rated.example", NULL), WAD_WF_ALLOW);
	ck_assert_uint_eq(v.cate, 140);		/* rated all the same */
	policy.utm = true;
	policy.webfilter = NULL;
	ck_assert_int_eq(decide("bad.example", NULL), WAD_WF_ALLOW);
}
END_TEST

/* A database is configured and not there. */
START_TEST(rating_failed)
{
	struct wad_wf_profile wf = *policy.webfilter;

	conf->settings.category_db = "/x";
	ck_assert_int_eq(decide("other.example", NULL), WAD_WF_BLOCK);
	ck_assert(v.err);
	ck_assert_int_eq(decide("www.rated.example", "/deep"),
	    WAD_WF_MONITOR);			/* local: no question */
	ck_assert(!v.err);
	ck_assert_int_eq(decide("good.bad.example", NULL), WAD_WF_ALLOW);
	wf.error_allow = true;
	policy.webfilter = &wf;
	ck_assert_int_eq(decide("other.example", NULL), WAD_WF_ALLOW);
	ck_assert_int_eq(decide("bad.example", NULL), WAD_WF_BLOCK);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, categories);
	tcase_add_test(t, unrated);
	tcase_add_test(t, list_before_category);
	tcase_add_test(t, no_filter);
	tcase_add_test(t, rating_failed);
	suite_add_tcase(s, t);
	return suite_run(s);
}
