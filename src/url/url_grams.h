/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of many patterns can match a text: an index over pieces of text that
 * each pattern needs.  A look-up costs what the text costs, not what the
 * patterns do.
 */
#ifndef WAD_URL_URL_GRAMS_H
#define WAD_URL_URL_GRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct wad_url_grams;

struct wad_url_grams *wad_url_grams_new(void);
void	wad_url_grams_free(struct wad_url_grams *);	/* NULL allowed */
/* Says that pattern number n (not smaller than those before) can match only
 * where this lower-case text is; one of several when it is called several
 * times for a number.  len 0: it can match anywhere. */
void	wad_url_grams_add(struct wad_url_grams *, uint32_t n, const char *text,
	    size_t len);
/* After the last one. */
void	wad_url_grams_seal(struct wad_url_grams *);
/* The lowest number below limit for which match() is true, of those that can
 * match the lower-case text; else limit. */
uint32_t wad_url_grams_find(struct wad_url_grams *, const char *text,
	    size_t len, uint32_t limit, bool (*match)(void *, uint32_t),
	    void *arg);

/* The texts, lower-case, one of which is in all that a regular expression
 * without regard to case matches: the longest piece of each alternative,
 * each ended with a NUL.  How many; 0: it is not known. */
size_t	wad_url_grams_of_regex(struct wad_str *, const char *source);
/* The same for a pattern with '*' and '?': the longest piece. */
void	wad_url_grams_of_glob(struct wad_str *, const char *pattern);

#endif
