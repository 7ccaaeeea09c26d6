/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a compiled category database, and look-ups in it; the first
 * line of the input is the name and path that is asked.
 */
#include <sys/mman.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmem.h"
#include "url/url.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
ask(const struct wad_url_db *db, const char *text, size_t len)
{
	char		 host[WAD_HOST_MAX];
	char		*s = wad_xstrndup(text, len), *path = strchr(s, '/');
	uint16_t	 cats[WAD_CATES_MAX];
	const char	*list;
	size_t		 n;

	if (wad_str_host_canon(host, s, strcspn(s, "/")) == 0) {
		n = wad_url_db_find(db, host, path, cats, WAD_CATES_MAX,
		    &list);
		WAD_ASSERT(n <= WAD_CATES_MAX);
	}
	free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t		*nl = size > 0 ? memchr(data, '\n', size) :
	    NULL;
	struct wad_url_db	*db;
	char			 err[160];
	size_t			 len;
	int			 fd;

	if (nl == NULL)
		return 0;
	len = (size_t)(nl - data) + 1;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	WAD_ASSERT(fd >= 0);
	WAD_ASSERT(write(fd, data + len, size - len) ==
	    (ssize_t)(size - len));
	db = wad_url_db_open(fd, err, sizeof(err));
	if (db == NULL)
		return 0;
	ask(db, (const char *)data, len - 1);
	ask(db, "www.example.com/a/b/c", 21);
	for (size_t i = 0; wad_url_db_list(db, i) != NULL; i++)
		WAD_ASSERT(i < size);
	wad_url_db_close(db);
	return 0;
}
