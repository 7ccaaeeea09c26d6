/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that become pages: a translation, an Accept-Language, an
 * administrator's text and what strangers send.  Up to the first four NULs
 * they are divided.  Whatever they are: an answer comes out, bounded; with the
 * built-in layout nothing of it is markup, and no control character is left.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "http/page.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static size_t
count(const char *s, char c)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == c;
	return n;
}

/* As many tags as with plain fields. */
static void
same_markup(const char *a, const char *b)
{
	WAD_ASSERT(count(a, '<') == count(b, '<'));
	WAD_ASSERT(count(a, '>') == count(b, '>'));
	WAD_ASSERT(count(a, '"') == count(b, '"'));
	for (; *a != '\0'; a++)
		WAD_ASSERT((unsigned char)*a >= 0x20 || *a == '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char		*all = wad_xcalloc(1, size + 1);
	const char	*part[4] = { "", "", "", "" };
	struct wad_str	 wrong = { 0 }, body = { 0 }, plain = { 0 };
	struct wad_http_head res = { 0 };
	struct wad_page_lang *lang;
	struct wad_page	 p = { .host = "h", .url = "/", .reason = "r",
		.user = "u", .gateway = "g", .token = "t", .action = "/a",
		.now = 1 };

	if (size > 0)
		memcpy(all, data, size);
	for (size_t i = 0, at = 0; i < 4 && at < size; i++) {
		part[i] = all + at;
		at += strlen(all + at) + 1;
	}
	lang = wad_page_lang_new("de", part[0], "de.txt", &wrong);
	p.lang = wad_page_lang_choose(&lang, 1, part[1]);
	p.id = (enum wad_page_id)(size % WAD_PAGE_N);
	wad_page_answer(&p, &res, &plain);
	p.host = p.url = p.reason = p.user = p.gateway = p.token = part[3];
	wad_page_answer(&p, &res, &body);
	WAD_ASSERT(body.len < 64 * 1024 && strlen(body.s) == body.len);
	if (part[3][0] == '/')		/* else rows may be left out */
		same_markup(body.s, plain.s);
	p.plain = true;
	wad_page_answer(&p, &res, &body);
	WAD_ASSERT(count(body.s, '\n') == 1);
	p.plain = false;
	p.own = part[2];
	for (int html = 0; html < 2; html++) {
		p.own_html = html;
		wad_page_answer(&p, &res, &body);
		WAD_ASSERT(body.len <= WAD_PAGE_MAX);
		wrong.len = 0;
		wad_page_check("ftgd-warning", part[2], html, &wrong);
	}
	wad_page_lang_free(lang);
	wad_http_head_free(&res);
	wad_str_free(&wrong);
	wad_str_free(&body);
	wad_str_free(&plain);
	free(all);
	return 0;
}
