/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a category list of each type.  Holds: a key is a canonical
 * host and a path in its one form, so reading it again gives the same key.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"
#include "url/catdb_parse.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
on_name(void *arg, const char *key, size_t klen, const char *category)
{
	char		 host[WAD_HOST_MAX], again[WAD_URL_DB_KEY_MAX];
	const char	*slash, *why = NULL;
	size_t		 hlen;

	++*(int *)arg;
	WAD_ASSERT(klen > 0 && klen <= WAD_URL_DB_KEY_MAX);
	WAD_ASSERT(memchr(key, '\0', klen) == NULL);
	WAD_ASSERT(category == NULL || (category[0] != '\0' &&
	    strlen(category) < WAD_CATDB_CATEGORY_MAX));
	slash = memchr(key, '/', klen);
	hlen = slash != NULL ? (size_t)(slash - key) : klen;
	WAD_ASSERT(wad_str_host_canon(host, key, hlen) == 0);
	WAD_ASSERT(strlen(host) == hlen && memcmp(host, key, hlen) == 0);
	WAD_ASSERT(wad_catdb_parse_url(key, klen, again, &why) == klen);
	WAD_ASSERT(memcmp(key, again, klen) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;

	while (p < end) {
		const char	*nl = memchr(p, '\n', (size_t)(end - p));
		size_t		 len = (size_t)((nl != NULL ? nl : end) - p);

		for (int t = WAD_CATDB_DOMAINS; t <= WAD_CATDB_CSV; t++) {
			const char	*why = NULL;
			int		 n = 0, ret;

			ret = wad_catdb_parse_line((enum wad_catdb_type)t, p,
			    len, on_name, &n, &why);
			WAD_ASSERT(ret == -1 ? n == 0 && why != NULL :
			    n == ret);
		}
		p += len + 1;
	}
	return 0;
}
