/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches with regular expressions in what strangers send.  PCRE2 limits the
 * work of one attempt, and makes an attempt at each place of a text: an
 * unlucky expression and a text made for it take minutes.  Here all attempts
 * together have a bound.
 */
#ifndef WAD_URL_URL_REGEX_H
#define WAD_URL_URL_REGEX_H

#ifndef PCRE2_CODE_UNIT_WIDTH
#define PCRE2_CODE_UNIT_WIDTH 8
#endif
#include <pcre2.h>

#include <stddef.h>
#include <stdint.h>

/* For pcre2_compile. */
#define WAD_URL_REGEX_OPTIONS (PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | \
	PCRE2_USE_OFFSET_LIMIT)

/* 0 or more: it matches; PCRE2_ERROR_NOMATCH; another error: given up, mostly
 * after some milliseconds.  Adds to *work_us what a search took that was not
 * over at once.  The context's match limit is overwritten. */
int	wad_url_regex_find(const pcre2_code *, const char *, size_t len,
	    pcre2_match_data *, pcre2_match_context *, uint64_t *work_us);

#endif
