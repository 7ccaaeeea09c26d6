/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of words (`config webfilter content`): which of them are in a text.
 */
#ifndef WAD_URL_URL_WORDS_H
#define WAD_URL_URL_WORDS_H

#include <stdint.h>

#include "conf/conf_snap.h"

struct wad_url_words;

/* Compiles a list; NULL with the reason. */
struct wad_url_words *wad_url_words_new(const struct wad_content_list *,
	    char *err, size_t errsize);
void	wad_url_words_free(struct wad_url_words *);	/* NULL allowed */
/* Bytes of a set of its words. */
size_t	wad_url_words_set(const struct wad_url_words *);
/* Puts the words that are in the text (UTF-8) and not in the set yet into
 * the set, and calls hit for each.  How long expressions worked, in us:
 * who writes a text for them can make that much. */
uint64_t wad_url_words_find(struct wad_url_words *, const char *text,
	    size_t len, uint8_t *set, void (*hit)(void *,
	    const struct wad_content_word *), void *arg);
/* Whether a word of the list exempts a page. */
bool	wad_url_words_exempt(const struct wad_url_words *);

#endif
