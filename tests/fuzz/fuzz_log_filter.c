/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a free-style expression, and the lines behind it as records.
 * Holds: an error says where; `not (...)` is the opposite.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "log/log_filter.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char			*text = wad_xstrndup((const char *)data, size);
	char			*rest = strchr(text, '\n'), *not;
	struct wad_log_expr	*e, *n;
	struct wad_log_record	 r;
	char			 err[256] = "";

	if (rest != NULL)
		*rest++ = '\0';
	e = wad_log_expr_new(text, err, sizeof(err));
	WAD_ASSERT((e == NULL) == (strncmp(err, "column ", 7) == 0));
	not = wad_xasprintf("not (%s)", text);
	n = wad_log_expr_new(not, err, sizeof(err));
	if (e != NULL && n != NULL && rest != NULL &&
	    wad_log_record_parse(&r, rest, strlen(rest)) == 0)
		WAD_ASSERT(wad_log_filter_expr(e, &r) !=
		    wad_log_filter_expr(n, &r));
	wad_log_expr_free(e);
	wad_log_expr_free(n);
	free(not);
	free(text);
	return 0;
}
