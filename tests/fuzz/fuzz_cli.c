/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A console line through the splitter, the matcher and completion; what
 * follows `diagnose sys session filter` through the filter.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "control/console.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* An option that is taken prints and matches; one that is not says why. */
static void
filter(const struct wad_cmd_args *a, int family)
{
	struct wad_session_filter	f;
	struct wad_str			say = { 0 };
	struct wad_slot			s = { .proto = 6 };

	wad_session_filter_init(&f, family);
	if (wad_session_filter_set(&f, NULL, a->word[4], a->arg, a->n_args,
	    &say) == -1)
		WAD_ASSERT(f.set == 0 && say.len > 0);
	else
		(void)wad_session_filter_negate(&f, NULL, &say);
	WAD_ASSERT(wad_session_filter_sane(&f));
	s.src.family = s.dst.family = (uint8_t)family;
	(void)wad_session_filter_match(&f, &s, 1000);
	wad_session_filter_print(&f, false, &say);
	wad_session_filter_print(&f, true, &say);
	wad_str_free(&say);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wad_cmd_line	*l = wad_xcalloc(1, sizeof(*l));
	struct wad_cmd_args	 a;
	struct wad_str		 err = { 0 }, out = { 0 };
	char			*s = wad_xmalloc(size + 1);

	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	if (wad_cmd_split(l, s, &err) == 0) {
		const struct wad_cmd *cmd = wad_cmd_find(wad_cmd_families,
		    wad_cmd_n_families, l, &a, &err);

		WAD_ASSERT((cmd == NULL) == (err.len > 0));
		WAD_ASSERT(cmd == NULL || cmd->exec != NULL);
		if (cmd != NULL && a.n_words == 5 &&
		    strcmp(a.word[1], "sys") == 0 &&
		    strcmp(a.word[3], "filter") == 0)
			filter(&a, strcmp(a.word[2], "session6") == 0 ?
			    AF_INET6 : AF_INET);
		if (l->grep.on)
			wad_cmd_grep(&l->grep, s, strlen(s), &out);
	} else
		WAD_ASSERT(err.len > 0);
	wad_cmd_complete(wad_cmd_families, wad_cmd_n_families, s, &out);
	wad_cmd_columns(out.s != NULL ? out.s : "", &err);
	wad_str_free(&err);
	wad_str_free(&out);
	free(s);
	free(l);
	return 0;
}
