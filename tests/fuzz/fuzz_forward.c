/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to health checks: read as far as they came, and what is said of a
 * part is said of the whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "lookup/lookup_forward.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned status;

	for (int tunnel = 0; tunnel < 2; tunnel++) {
		int said = 0;

		for (size_t n = 0; n <= size && n < 64; n++) {
			char	*part = wad_xmalloc(n > 0 ? n : 1);
			int	 r;

			if (n > 0)
				memcpy(part, data, n);
			r = wad_lookup_forward_answer(part, n, tunnel,
			    &status);
			free(part);
			WAD_ASSERT(said == 0 || r == said);
			WAD_ASSERT(r != 1 || (status >= 100 && status < 400));
			WAD_ASSERT(n < 13 || r != 0);
			said = r;
		}
	}
	return 0;
}
