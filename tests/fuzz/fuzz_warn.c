/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of warnings that somebody made up: never taken, never read beyond.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/warn_token.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t		 key[WAD_WARN_KEY] = "unknown";
	static const struct wad_addr	 client = { .family = AF_INET };
	static const struct wad_warn_bind b = { .client = &client, .user = "",
		.host = "h", .port = 443, .https = true };
	struct wad_warn_token		 t;
	char				*text = malloc(size + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (wad_warn_token_read(&t, text, key, &b) == 0)
		abort();
	free(text);
	return 0;
}
