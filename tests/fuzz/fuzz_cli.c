/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A console line through the splitter, the matcher and completion.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "control/console.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

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
