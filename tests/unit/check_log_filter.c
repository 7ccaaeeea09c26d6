/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters of `config log ... filter`.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_filter.h"
#include "suite.h"
#include "log_line.h"

static bool
pass(const struct wad_conf_log_filter *c, const char *text)
{
	struct wad_log_filter	*f = wad_log_filter_new(c);
	struct wad_log_record	 x;
	bool			 yes;

	ck_assert_int_eq(wad_log_record_parse(&x, text, strlen(text)), 0);
	yes = wad_log_filter_pass(f, &x);
	wad_log_filter_free(f);
	return yes;
}

START_TEST(switches)
{
	static const char local[] = "type=\"traffic\" subtype=\"local\" "
	    "level=\"notice\"";
	static const char sniffer[] = "type=\"traffic\" subtype=\"sniffer\" "
	    "level=\"notice\"";
	static const char debug[] = "type=\"event\" subtype=\"system\" "
	    "level=\"debug\"";
	static const char strange[] = "type=\"new\" level=\"notice\"";
	struct wad_conf_log_filter c = { .severity = 6, .forward = true,
		.local = true, .other = true };

	ck_assert(wad_log_filter_pass(NULL, &r));
	ck_assert(pass(&c, line));
	ck_assert(pass(&c, local));
	ck_assert(pass(&c, sniffer));
	ck_assert(pass(&c, strange));
	ck_assert(!pass(&c, debug));
	c.severity = 7;
	ck_assert(pass(&c, debug));
	c.severity = 4;
	ck_assert(pass(&c, line));
	ck_assert(!pass(&c, local));
	c.severity = 3;
	ck_assert(!pass(&c, line));
	c.severity = 6;
	c.forward = false;
	ck_assert(!pass(&c, line));
	ck_assert(pass(&c, local));
	c.local = false;
	ck_assert(!pass(&c, local));
	ck_assert(pass(&c, sniffer));
	c.other = false;
	ck_assert(!pass(&c, sniffer));
	ck_assert(!pass(&c, strange));
	c.severity = 7;
	ck_assert(pass(&c, debug));
}
END_TEST

START_TEST(free_style)
{
	static const char dns[] = TRAFFIC "dstport=53";
	static const char web[] = TRAFFIC "dstport=443";
	static const char event[] = "type=\"event\" level=\"notice\"";
	struct wad_conf_log_free frees[3] = {
		{ .category = WAD_LC_TRAFFIC, .filter = "dstport 443 80" },
		{ .category = WAD_LC_TRAFFIC, .filter = "dstport 53" },
		{ .category = WAD_LC_TRAFFIC, .filter = "dstport==443",
		    .exclude = true },
	};
	struct wad_conf_log_filter c = { .severity = 6, .forward = true,
		.local = true, .other = true, .frees = frees, .n_frees = 1 };

	ck_assert(pass(&c, web));
	ck_assert(!pass(&c, dns));
	ck_assert(pass(&c, event));		/* of another category */
	c.n_frees = 2;
	ck_assert(pass(&c, dns));
	c.n_frees = 3;
	ck_assert(!pass(&c, web));
	ck_assert(pass(&c, dns));
	c.frees = frees + 2;
	c.n_frees = 1;				/* exclude alone */
	ck_assert(!pass(&c, web));
	ck_assert(pass(&c, dns));
	frees[2].filter = "dstport==";		/* none, and NULL: left out */
	ck_assert(pass(&c, web));
	frees[2].filter = NULL;
	ck_assert(pass(&c, web));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("log_filter");
	TCase	*t = tcase_create("log_filter");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, switches);
	tcase_add_test(t, free_style);
	suite_add_tcase(s, t);
	return suite_run(s);
}
