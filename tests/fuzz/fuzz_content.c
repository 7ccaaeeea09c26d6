/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a body: packed or not, in pieces.  Holds: windows and what is
 * unpacked have their bounds, words are looked for without a fault.
 *
 *  input   coding byte, length of the pieces, body
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "url/url_words.h"
#include "worker/content_text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct wad_url_words	*words;
static uint8_t			 set[8];
static size_t			 total;

static void
hit(void *arg, const struct wad_content_word *w)
{
	(void)arg;
	WAD_ASSERT(w->enabled);
}

static void
show(void *arg, const char *text, size_t len)
{
	(void)arg;
	WAD_ASSERT(len > 0 && len <= 16 * 1024);
	total += len;
	wad_url_words_find(words, text, len, set, hit, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wad_content_word	 w[] = {
		{ .pattern = "word", .enabled = true },
		{ .pattern = "\xc3\xbc*x", .enabled = true },
		{ .pattern = "(a|b)+c\\b", .regex = true, .enabled = true } };
	static struct wad_content_list	 l = { .words = w, .n_words = 3 };
	struct wad_text			*t;
	size_t				 piece;
	int				 r = 0;

	if (size < 2)
		return 0;
	if (words == NULL)
		words = wad_url_words_new(&l, NULL, 0);
	WAD_ASSERT(words != NULL);
	memset(set, 0, sizeof(set));
	total = 0;
	t = wad_text_new((enum wad_text_coding)(data[0] & 3), data[0] & 4);
	piece = data[1] + 1u;
	data += 2;
	size -= 2;
	for (size_t i = 0; i < size && r == 0; i += piece)
		r = wad_text_add(t, data + i, i + piece < size ? piece :
		    size - i, show, NULL);
	if (r == 0)
		wad_text_add(t, NULL, 0, show, NULL);
	WAD_ASSERT(total < 4u * WAD_TEXT_MAX);
	wad_text_free(t);
	return 0;
}
