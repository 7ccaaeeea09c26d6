/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records cut at their fields: ours come back as they were made, what is none
 * is refused.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "log/log_record.h"
#include "suite.h"

#define HEAD "date=2026-11-21 time=10:00:00 eventtime=1795255200123456789 "	\
	"tz=\"+0100\" logid=\"0000000013\" "
#define KIND "type=\"traffic\" subtype=\"forward\" level=\"notice\" "

static struct wad_log_record r;

static int
parse(const char *s)
{
	memset(&r, 0xee, sizeof(r));
	return wad_log_record_parse(&r, s, strlen(s));
}

static void
same(const char *key, const char *want)
{
	const struct wad_log_field *f = wad_log_record_get(&r, key);

	ck_assert_msg(f != NULL, "%s", key);
	ck_assert_msg(f->len == strlen(want) &&
	    memcmp(f->value, want, f->len) == 0, "%s is %.*s", key,
	    (int)f->len, f->value);
}

START_TEST(a_record)
{
	ck_assert_int_eq(parse(HEAD KIND "vd=\"root\" srcip=10.0.0.1 "
	    "user=\"\" msg=\"a b=c \\x22d\\x22\" srcport=4711"), 0);
	ck_assert_uint_eq(r.n, 13);
	ck_assert_int_eq(r.level, WAD_LL_NOTICE);
	ck_assert_int_eq(r.category, WAD_LC_TRAFFIC);
	ck_assert(r.eventtime == 1795255200123456789u);
	same("date", "2026-11-21");
	same("srcip", "10.0.0.1");
	same("user", "");
	same("msg", "a b=c \\x22d\\x22");
	same("srcport", "4711");
	ck_assert(wad_log_record_get(&r, "srcipx") == NULL);
	ck_assert(wad_log_record_get(&r, "srci") == NULL);
	ck_assert(wad_log_record_get(&r, "msg")->quoted);
	ck_assert(!wad_log_record_get(&r, "srcport")->quoted);
}
END_TEST

START_TEST(categories)
{
	static const struct { const char *text; int category; } t[] = {
		{ "type=\"event\" subtype=\"system\" level=\"alert\"",
		    WAD_LC_EVENT },
		{ "type=\"utm\" subtype=\"webfilter\" level=\"debug\"",
		    WAD_LC_WEBFILTER },
		{ "type=\"utm\" subtype=\"ssl\" level=\"error\"",
		    WAD_LC_SSL },
		{ "type=\"utm\" subtype=\"virus\" level=\"error\"", 2 },
		{ "type=\"utm\" subtype=\"new\" level=\"error\"",
		    WAD_LC_OTHER },
		{ "type=\"utm\" level=\"error\"", WAD_LC_OTHER },
		{ "type=\"virus\" level=\"error\"", WAD_LC_OTHER },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert_int_eq(parse(t[i].text), 0);
		ck_assert_int_eq((int)r.category, t[i].category);
		ck_assert(r.eventtime == 0);
	}
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const bad[] = {
		"", " ", "hello", "=1", "type", "type=\"event\"",
		"level=\"notice\"", "type=\"event\" level=\"loud\"",
		"type=\"event\" level=\"notice", KIND "msg=\"a\"b",
		KIND "msg=\"a\nb\"", KIND "msg=a\tb", KIND "msg=\"\xc3\xa4\"",
		KIND "a b=1", KIND "ms\"g=1", KIND "msg=a\"b",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i]) == -1, "%s", bad[i]);
	ck_assert_int_eq(wad_log_record_parse(&r, KIND "m=\0", sizeof(KIND)
	    + 2), -1);
}
END_TEST

START_TEST(bounds)
{
	char	text[4096] = KIND;
	size_t	n = strlen(text);

	for (int i = 3; i < WAD_LOG_FIELDS; i++)
		strcat(text, "a=1 ");
	ck_assert_int_eq(parse(text), 0);
	ck_assert_uint_eq(r.n, WAD_LOG_FIELDS);
	strcat(text, "a=1 ");
	ck_assert_int_eq(parse(text), -1);
	memset(text + n, ' ', sizeof(text) - n);
	ck_assert_int_eq(wad_log_record_parse(&r, text, WAD_LOG_RECORD), 0);
	ck_assert_int_eq(wad_log_record_parse(&r, text, WAD_LOG_RECORD + 1),
	    -1);
	/* a time that is none is no time */
	ck_assert_int_eq(parse(KIND "eventtime=12x"), 0);
	ck_assert(r.eventtime == 0);
	ck_assert_int_eq(parse(KIND "eventtime=12345678901234567890"), 0);
	ck_assert(r.eventtime == 0);
}
END_TEST

/* Every kind of log.def, with values that want to break out. */
START_TEST(our_own)
{
	static const char evil[] = "\" level=\"debug\" \n\\\x80\x7f=";
	struct wad_ring_seg	*ring = wad_xcalloc(1, sizeof(*ring));
	struct wad_ring_pos	 pos = { 0 };
	char			 buf[WAD_RING_LOG_SIZE];

	wad_dbg_attach(NULL, ring);
	for (int i = 0; i < WAD_LOG_N; i++) {
		struct wad_log_rec rec;

		wad_log_begin(&rec, (enum wad_log_id)i);
		wad_log_str(&rec, "msg", evil);
		wad_log_u64(&rec, "n", 18446744073709551615u);
		for (int k = 0; k < 4; k++)
			wad_log_strf(&rec, "long", "%0700d", k);
		wad_log_end(&rec);
		size_t n = wad_ring_next_log(ring, &pos, buf, sizeof(buf));

		ck_assert_uint_gt(n, 0);
		ck_assert_int_eq(wad_log_record_parse(&r, buf, n), 0);
		ck_assert_int_eq(r.level, wad_log_kinds[i].level);
		ck_assert(r.eventtime > 1700000000000000000u);
		same("logid", wad_log_kinds[i].logid);
		same("msg", "\\x22 level=\\x22debug\\x22 \\x0a\\x5c\\x80\\x7f="
		    );
		same("n", "18446744073709551615");
		same("cut", "1");
		ck_assert_int_ne(r.category, WAD_LC_OTHER);
	}
	wad_dbg_attach(NULL, NULL);
	free(ring);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("log_record");
	TCase	*t = tcase_create("log_record");

	tcase_add_test(t, a_record);
	tcase_add_test(t, categories);
	tcase_add_test(t, what_is_none);
	tcase_add_test(t, bounds);
	tcase_add_test(t, our_own);
	suite_add_tcase(s, t);
	return suite_run(s);
}
