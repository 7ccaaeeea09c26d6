/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of messages, see message.h.
 */
#include "http/message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"

const char *const wad_http_header_names[WAD_HH_N] = {
	[WAD_HH_OTHER] = "",
#define HEADER(id, name) [WAD_HH_##id] = name,
#include "http/header.def"
#undef HEADER
};

static const uint8_t lengths[WAD_HH_N] = {
#define HEADER(id, name) [WAD_HH_##id] = sizeof(name) - 1,
#include "http/header.def"
#undef HEADER
};

/* Where the names begin that have this first letter (header.def is sorted),
 * and behind the last one. */
static const uint8_t *
letters(void)
{
	static uint8_t	from[27];
	unsigned	id = WAD_HH_OTHER + 1;

	for (int c = 0; from[26] == 0 && c < 27; c++) {
		while (id < WAD_HH_N && (wad_http_header_names[id][0] |
		    0x20) < 'a' + c)
			id++;
		from[c] = (uint8_t)id;
	}
	return from;
}

enum wad_http_header
wad_http_header_id(const char *name, size_t len)
{
	unsigned	 c = len > 0 ? (name[0] | 0x20U) - 'a' : 26;
	const uint8_t	*from = letters();

	for (unsigned id = c < 26 ? from[c] : WAD_HH_N; id < WAD_HH_N &&
	    id < from[c + 1]; id++)
		if (lengths[id] == len && strncasecmp(name,
		    wad_http_header_names[id], len) == 0)
			return (enum wad_http_header)id;
	return WAD_HH_OTHER;
}

void
wad_http_head_reset(struct wad_http_head *h)
{
	struct wad_str		 text = h->text;
	struct wad_http_field	*field = h->field;
	size_t			 cap = h->cap;

	memset(h, 0, sizeof(*h));
	text.len = 0;
	h->text = text;
	h->field = field;
	h->cap = cap;
}

void
wad_http_head_free(struct wad_http_head *h)
{
	wad_str_free(&h->text);
	free(h->field);
	memset(h, 0, sizeof(*h));
}

uint32_t
wad_http_head_keep(struct wad_http_head *h, const char *s, size_t len)
{
	uint32_t place;

	if (h->text.len == 0)		/* 0 is no place */
		wad_str_addz(&h->text, "", 0);
	place = (uint32_t)h->text.len;
	wad_str_addz(&h->text, s, len);
	return place;
}

struct wad_http_field *
wad_http_head_add(struct wad_http_head *h, const char *name, size_t nlen,
    const char *value, size_t vlen)
{
	struct wad_http_field *f;

	if (h->n == h->cap) {
		h->cap = h->cap * 2 + 16;
		h->field = wad_xrealloc(h->field, h->cap, sizeof(*h->field));
	}
	f = &h->field[h->n++];
	f->name = wad_http_head_keep(h, name, nlen);
	f->nlen = (uint32_t)nlen;
	f->value = wad_http_head_keep(h, value, vlen);
	f->vlen = (uint32_t)vlen;
	f->id = (uint8_t)wad_http_header_id(name, nlen);
	f->secret = false;
	return f;
}

void
wad_http_head_put(struct wad_http_head *h, const char *name,
    const char *value)
{
	wad_http_head_add(h, name, strlen(name), value, strlen(value));
}

const char *
wad_http_head_get(const struct wad_http_head *h, enum wad_http_header id)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->field[i].id == id)
			return wad_http_value(h, &h->field[i]);
	return NULL;
}

static bool
is_named(const struct wad_http_head *h, const struct wad_http_field *f,
    const char *name)
{
	return strcasecmp(wad_http_name(h, f), name) == 0;
}

const char *
wad_http_head_named(const struct wad_http_head *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (is_named(h, &h->field[i], name))
			return wad_http_value(h, &h->field[i]);
	return NULL;
}

/* From field i on. */
static size_t
drop_from(struct wad_http_head *h, size_t i, const char *name)
{
	size_t to = i, was = h->n;

	for (; i < h->n; i++)
		if (!is_named(h, &h->field[i], name))
			h->field[to++] = h->field[i];
	h->n = to;
	return was - to;
}

size_t
wad_http_head_drop(struct wad_http_head *h, const char *name)
{
	return drop_from(h, 0, name);
}

/* The only field of that name; value: a place. */
static void
set(struct wad_http_head *h, const char *name, uint32_t value)
{
	size_t	i = 0;

	while (i < h->n && !is_named(h, &h->field[i], name))
		i++;
	if (i == h->n)
		wad_http_head_put(h, name, "");
	h->field[i].value = value;
	h->field[i].vlen = (uint32_t)strlen(wad_http_text(h, value));
	drop_from(h, i + 1, name);
}

void
wad_http_head_set(struct wad_http_head *h, const char *name,
    const char *value)
{
	set(h, name, wad_http_head_keep(h, value, strlen(value)));
}

void
wad_http_head_set_host(struct wad_http_head *h)
{
	set(h, "Host", h->authority);
}

void
wad_http_head_path(struct wad_http_head *h, const char *path)
{
	h->path = wad_http_head_keep(h, path, strlen(path));
}

static bool
list_has(const char *s, const char *token)
{
	size_t want = strlen(token);

	while (*s != '\0') {
		size_t n = strcspn(s, ","), skip = strspn(s, " \t");
		size_t end = n;

		while (end > skip && (s[end - 1] == ' ' || s[end - 1] == '\t'))
			end--;
		if (skip < n && end - skip == want &&
		    strncasecmp(s + skip, token, want) == 0)
			return true;
		s += n + (s[n] == ',');
	}
	return false;
}

bool
wad_http_head_lists(const struct wad_http_head *h, enum wad_http_header id,
    const char *token)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->field[i].id == id &&
		    list_has(wad_http_value(h, &h->field[i]), token))
			return true;
	return false;
}

const char *
wad_http_phrase(unsigned status)
{
	static const struct { unsigned status; const char *phrase; } t[] = {
		{ 100, "Continue" }, { 101, "Switching Protocols" },
		{ 103, "Early Hints" }, { 200, "OK" }, { 201, "Created" },
		{ 204, "No Content" }, { 206, "Partial Content" },
		{ 301, "Moved Permanently" }, { 302, "Found" },
		{ 303, "See Other" }, { 304, "Not Modified" },
		{ 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 407, "Proxy Authentication Required" },
		{ 408, "Request Timeout" }, { 411, "Length Required" },
		{ 413, "Content Too Large" }, { 414, "URI Too Long" },
		{ 417, "Expectation Failed" }, { 421, "Misdirected Request" },
		{ 426, "Upgrade Required" }, { 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
		{ 508, "Loop Detected" },
		{ 511, "Network Authentication Required" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (t[i].status == status)
			return t[i].phrase;
	return "";
}
