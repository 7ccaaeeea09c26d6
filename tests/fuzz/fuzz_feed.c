/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a threat feed: the first one says of which type (0 to 2), or
 * that they are a compiled segment (3), which is asked.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "lookup/feed_build.h"
#include "policy/feed_db.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
ask(const struct wad_feed_db *db)
{
	static const char *const names[] = { "a.example", "", "b.example/x",
		"1.2.3.4" };
	static const char *const addrs[] = { "0.0.0.0", "10.0.0.1",
		"255.255.255.255", "::", "2001:db8::1" };
	struct wad_addr a, hi;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)wad_feed_db_name(db, names[i], strlen(names[i]));
	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		WAD_ASSERT(wad_addr_parse(&a, addrs[i]) == 0);
		(void)wad_feed_db_addr(db, &a);
	}
	for (size_t i = 0; i < 16 && wad_feed_db_range(db, i, &a, &hi); i++)
		;
}

static void
lines(enum wad_feed_type type, const uint8_t *p, size_t len)
{
	struct wad_feed_build	*b = wad_feed_build_new(type, 1);
	const struct wad_feed_count *c = wad_feed_build_count(b);
	struct wad_feed_db	*db;
	char			 err[160];
	int			 rc = wad_feed_build_text(b, p, len / 2);

	if (rc == 0)
		rc = wad_feed_build_text(b, p + len / 2, len - len / 2);
	if (rc == 0)
		rc = wad_feed_build_end(b);
	if (rc == 0) {
		while ((rc = wad_feed_build_step(b)) == 1)
			;
		WAD_ASSERT(rc == 0 && c->good > 0 && c->entries > 0);
		db = wad_feed_db_open(wad_feed_build_take(b), err,
		    sizeof(err));
		WAD_ASSERT(db != NULL);
		ask(db);
		wad_feed_db_close(db);
	}
	WAD_ASSERT(c->good + c->bad <= c->lines);
	wad_feed_build_free(b);
}

/* A copy, so that nothing behind its end is read unseen. */
static void
segment(const uint8_t *p, size_t len)
{
	uint8_t			*copy = wad_xmalloc(len + 1);
	struct wad_feed_db	*db;
	char			 err[160];

	memcpy(copy, p, len);
	copy = wad_xrealloc(copy, len > 0 ? len : 1, 1);
	db = wad_feed_db_of(copy, len, err, sizeof(err));
	if (db != NULL)
		ask(db);
	wad_feed_db_close(db);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || data[0] > 3)
		return 0;
	if (data[0] == 3)
		segment(data + 1, size - 1);
	else
		lines((enum wad_feed_type)data[0], data + 1, size - 1);
	return 0;
}
