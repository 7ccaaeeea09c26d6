/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches with a bound: the same results, and never long.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "url/url_regex.h"
#include "suite.h"

static pcre2_match_context	*limits;
static pcre2_match_data		*data;
static uint64_t			 work;

static int
find(const char *re, uint32_t options, const char *s, size_t len)
{
	int		 num, n;
	PCRE2_SIZE	 at;
	pcre2_code	*code = pcre2_compile((PCRE2_SPTR)re,
	    PCRE2_ZERO_TERMINATED, WAD_URL_REGEX_OPTIONS | options, &num, &at,
	    NULL);

	ck_assert_ptr_nonnull(code);
	n = wad_url_regex_find(code, s, len, data, limits, &work);
	pcre2_code_free(code);
	return n < 0 ? n : 0;
}

static void
setup(void)
{
	limits = pcre2_match_context_create(NULL);
	data = pcre2_match_data_create(1, NULL);
	ck_assert(limits != NULL && data != NULL);
}

static void
teardown(void)
{
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
}

#define UTF (PCRE2_UTF | PCRE2_MATCH_INVALID_UTF)

/* Where the first look is not enough, too. */
START_TEST(results)
{
	static const struct { const char *re, *s; int want; } t[] = {
		{ "b", "abc", 0 }, { "^b", "abc", PCRE2_ERROR_NOMATCH },
		{ "C$", "abc", 0 }, { "^$", "", 0 },
		{ "a.{0,64}b.{0,64}x", "aaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-a-b-x", 0 },
		{ "a.{0,64}b.{0,64}x", "aaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-a-b-y",
		    PCRE2_ERROR_NOMATCH },
		{ "\xc3\xbc.{0,64}b.{0,64}b$", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3"
		    "\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3"
		    "\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3"
		    "\xbc\xc3\xbc\xc3\xbc-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		    "bbbbbbbbbbbbbbbbbbbb\xc3\xbc-b-b", 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (uint32_t k = 0; k < 2; k++)
			ck_assert_msg(find(t[i].re, k * UTF, t[i].s,
			    strlen(t[i].s)) == t[i].want, "%s %u", t[i].re, k);
}
END_TEST

/* Texts that were made for an expression: seconds and minutes without a
 * bound of all attempts. */
START_TEST(bounded)
{
	static const struct { const char *re, *piece; } t[] = {
		{ "a.{0,64}b.{0,64}a.{0,64}quux", "ab" },
		{ "foo.{0,64}bar.{0,64}baz.{0,64}quux", "foobarbaz" },
		{ "(x+x+)+y", "x" }, { ".*,.*,.*!$", "a,b" },
		{ "\xc3\xbc.{0,64}b.{0,64}b.{0,64}z", "\xc3\xbc" "b" },
	};
	static char	s[32 * 1024];
	uint64_t	begin;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (uint32_t k = 0; k < 2; k++) {
			size_t	n = 0, len = strlen(t[i].piece);
			int	r;

			for (; n + len < sizeof(s) - 100; n += len)
				memcpy(s + n, t[i].piece, len);
			n += (size_t)sprintf(s + n, "%80s;quux;yz;", "");
			begin = wad_clock_work_us();
			r = find(t[i].re, k * UTF, s, n);
			ck_assert_int_lt(r, 0);
			begin = wad_clock_work_us() - begin;
			ck_assert_msg(begin < 1000 * 1000, "%s: %u us",
			    t[i].re, (unsigned)begin);
			ck_assert_uint_le(work, begin);
			work = 0;
		}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_regex");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, results);
	tcase_add_test(t, bounded);
	suite_add_tcase(s, t);
	return suite_run(s);
}
