/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pages say, in the client's language.  English is built in; the others
 * are texts of lines "key = words" that the parent read.
 */
#ifndef WAD_HTTP_PAGE_LANG_H
#define WAD_HTTP_PAGE_LANG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum wad_page_id {
#define PAGE(id, name, kind, type, status, help, title, text) WAD_PAGE_##id,
#include "http/page.def"
#undef PAGE
	WAD_PAGE_N
};

enum wad_page_word {
#define PAGE(id, name, kind, type, status, help, title, text)		\
	WAD_PW_TITLE_##id, WAD_PW_TEXT_##id,
#include "http/page.def"
#undef PAGE
#define WORD(id, key, text) WAD_PW_##id,
#include "http/page_word.def"
#undef WORD
	WAD_PW_N
};

enum { WAD_PAGE_LANGS = 64, WAD_PAGE_TAG = 36, WAD_PAGE_FILE = 65536,
	WAD_PAGE_WORD = 600 };

struct wad_page_lang;

/* Reads the text of a language; words that it lacks are English.  What is
 * wrong with it is appended to `wrong` (NULL allowed), one line each that
 * begins with the name of the file; such lines of the text count for nothing.
 * Never NULL. */
struct wad_page_lang *wad_page_lang_new(const char *tag, const char *text,
	    const char *file, struct wad_str *wrong);
void	wad_page_lang_free(struct wad_page_lang *);	/* NULL allowed */
/* Whether it is a tag of a language (RFC 5646 section 2.1, the short forms
 * of it): the name that a file may have. */
bool	wad_page_lang_tag_ok(const char *tag);

/* "en" and English words for NULL. */
const char *wad_page_lang_tag(const struct wad_page_lang *);
bool	wad_page_lang_rtl(const struct wad_page_lang *);
const char *wad_page_lang_word(const struct wad_page_lang *,
	    enum wad_page_word);

/* The language that an Accept-Language wants most (RFC 9110 section 12.5.4;
 * look-up of RFC 4647 section 3.4); NULL: English, also when the field is
 * NULL. */
const struct wad_page_lang *wad_page_lang_choose(
	    struct wad_page_lang *const *, size_t n, const char *accept);

#endif
