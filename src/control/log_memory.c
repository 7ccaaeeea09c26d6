/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log records in a ring of bytes.
 */
#include "control/log_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

enum { DEFAULT_BYTES = 10 << 20, AROUND = 2 * sizeof(uint16_t) };

void
wad_log_memory_init(struct wad_log_memory *m)
{
	memset(m, 0, sizeof(*m));
	m->size = DEFAULT_BYTES;
}

static void
put(struct wad_log_memory *m, const void *p, size_t n)
{
	size_t at = m->end % m->size;
	size_t left = m->size - at < n ? m->size - at : n;

	memcpy(m->buf + at, p, left);
	memcpy(m->buf, (const char *)p + left, n - left);
	m->end += n;
}

static void
get(const struct wad_log_memory *m, uint64_t from, void *p, size_t n)
{
	size_t at = from % m->size;
	size_t left = m->size - at < n ? m->size - at : n;

	memcpy(p, m->buf + at, left);
	memcpy((char *)p + left, m->buf, n - left);
}

static void
keep(struct wad_log_memory *m, const char *s, uint16_t len)
{
	uint16_t n;

	if (m->buf == NULL)
		m->buf = wad_xmalloc(m->size);
	while (m->end - m->first + len + AROUND > m->size) {
		get(m, m->first, &n, sizeof(n));
		m->first += n + AROUND;
		m->records--;
	}
	put(m, &len, sizeof(len));
	put(m, s, len);
	put(m, &len, sizeof(len));
	m->records++;
}

void
wad_log_memory_add(struct wad_log_memory *m, const char *s, size_t len)
{
	struct wad_log_record r;

	if (m->off || len == 0 || len > WAD_LOG_RECORD)
		return;
	if (m->filter != NULL && wad_log_record_parse(&r, s, len) == 0 &&
	    !wad_log_filter_pass(m->filter, &r))
		return;
	keep(m, s, (uint16_t)len);
}

size_t
wad_log_memory_before(const struct wad_log_memory *m, uint64_t *at,
    char *buf)
{
	uint16_t n;

	if (*at <= m->first || *at > m->end)
		return 0;		/* it went meanwhile */
	get(m, *at - sizeof(n), &n, sizeof(n));
	*at -= n + AROUND;
	get(m, *at + sizeof(n), buf, n);
	return n;
}

/* The same records in a buffer of another size, the newest that fit; but
 * none of a category (-1: all).  How many were of it. */
static uint64_t
copy(struct wad_log_memory *m, size_t size, int category)
{
	struct wad_log_memory	old = *m;
	struct wad_log_record	r;
	char			text[WAD_LOG_RECORD];
	uint16_t		n;
	uint64_t		gone = 0;

	m->size = size;
	m->buf = NULL;
	m->records = 0;
	m->first = m->end = old.end;	/* readers see that theirs went */
	while (old.buf != NULL && old.first < old.end) {
		get(&old, old.first, &n, sizeof(n));
		get(&old, old.first + sizeof(n), text, n);
		old.first += n + AROUND;
		if (category != -1 && wad_log_record_parse(&r, text, n) ==
		    0 && (int)r.category == category)
			gone++;
		else
			keep(m, text, n);
	}
	free(old.buf);
	return gone;
}

uint64_t
wad_log_memory_delete(struct wad_log_memory *m, unsigned category)
{
	return copy(m, m->size, (int)category);
}

void
wad_log_memory_set(struct wad_log_memory *m,
    const struct wad_conf_log_memory *c)
{
	bool	known = c->max_bytes != 0;	/* else a conf without it */
	size_t	size = known ? c->max_bytes : DEFAULT_BYTES;

	if (size < WAD_LOG_MEMORY_MIN)
		size = WAD_LOG_MEMORY_MIN;
	wad_log_filter_free(m->filter);
	m->filter = known ? wad_log_filter_new(&c->filter) : NULL;
	m->off = known && !c->enabled;
	if (size != m->size)
		(void)copy(m, size, -1);
}

void
wad_log_memory_clear(struct wad_log_memory *m)
{
	m->first = m->end;
	m->records = 0;
}

void
wad_log_memory_free(struct wad_log_memory *m)
{
	free(m->buf);
	wad_log_filter_free(m->filter);
	memset(m, 0, sizeof(*m));
}
