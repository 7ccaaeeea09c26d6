/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a configuration and as a script of the console.  Holds: what
 * parsed is written raw, and parses again without an error to the same text.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/xmem.h"
#include "conf/conf_parse.h"
#include "conf/conf_show.h"
#include "conf/conf_snap.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Raw text of a tree must lead to the same raw text. */
static void
round_trip(const struct wad_conf_tree *t)
{
	struct wad_conf_errs  errs = { 0 };
	struct wad_conf_tree *again;
	struct wad_conf_show  raw = { .raw = true };
	struct wad_str	      a = { 0 }, b = { 0 };

	(void)wad_conf_show(t, NULL, raw, &a);
	again = wad_conf_parse("again", a.s != NULL ? a.s : "", a.len, &errs);
	WAD_ASSERT(errs.n == 0);
	(void)wad_conf_show(again, NULL, raw, &b);
	WAD_ASSERT(a.len == b.len &&
	    (a.len == 0 || memcmp(a.s, b.s, a.len) == 0));
	wad_conf_tree_free(again);
	wad_conf_errs_free(&errs);
	wad_str_free(&a);
	wad_str_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wad_conf_errs  errs = { 0 };
	struct wad_conf_tree *t;
	struct wad_conf	     *c;
	struct wad_conf_show  full = { .full = true };
	struct wad_str	      s = { 0 };

	t = wad_conf_parse("fuzz", (const char *)data, size, &errs);
	round_trip(t);
	c = wad_conf_build(t, NULL, &errs);
	WAD_ASSERT((c == NULL) == (errs.n > 0));
	wad_conf_put(c);
	(void)wad_conf_show(t, NULL, full, &s);
	if (wad_conf_edit(t, "fuzz", (const char *)data, size, &errs) == 0)
		round_trip(t);
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
	wad_str_free(&s);
	return 0;
}
