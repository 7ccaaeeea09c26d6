/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches with a bound, see url_regex.h.
 *
 * Nearly all are over after the first look, in which no place gets much
 * attention.  Else the text is gone through in pieces, and between two of them
 * the clock is asked.
 */
#include "url/url_regex.h"

#include <stdbool.h>

#include "base/clock.h"

enum {
	LOOK = 32,			/* steps at a place, in the first look */
	MATCH_LIMIT = 20000,		/* then */
	PLACES = 32,			/* of a piece */
	SEARCH_US = 2000,
};

static bool
is_utf(const pcre2_code *code)
{
	uint32_t all = 0;

	(void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &all);
	return (all & PCRE2_UTF) != 0;
}

static int
in_pieces(const pcre2_code *code, const char *s, size_t len,
    pcre2_match_data *data, pcre2_match_context *limits, uint64_t begin)
{
	bool	utf = is_utf(code);

	pcre2_set_match_limit(limits, MATCH_LIMIT);
	for (size_t at = 0; at <= len; at += PLACES) {
		int n;

		while (utf && at < len && ((uint8_t)s[at] & 0xc0) == 0x80)
			at++;		/* in a character */
		pcre2_set_offset_limit(limits, at + PLACES - 1);
		n = pcre2_match(code, (PCRE2_SPTR)s, len, at, 0, data, limits);
		if (n != PCRE2_ERROR_NOMATCH)
			return n;
		if (wad_clock_work_us() - begin > SEARCH_US)
			return PCRE2_ERROR_MATCHLIMIT;
	}
	return PCRE2_ERROR_NOMATCH;
}

int
wad_url_regex_find(const pcre2_code *code, const char *s, size_t len,
    pcre2_match_data *data, pcre2_match_context *limits, uint64_t *work_us)
{
	uint64_t	begin;
	int		n;

	pcre2_set_match_limit(limits, LOOK);
	pcre2_set_offset_limit(limits, PCRE2_UNSET);
	n = pcre2_match(code, (PCRE2_SPTR)s, len, 0, 0, data, limits);
	if (n != PCRE2_ERROR_MATCHLIMIT)
		return n;
	begin = wad_clock_work_us();
	n = in_pieces(code, s, len, data, limits, begin);
	*work_us += wad_clock_work_us() - begin;
	return n;
}
