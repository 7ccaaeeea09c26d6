/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cutting records at their fields.
 */
#include "log/log_record.h"

#include <string.h>

const struct wad_log_category_name wad_log_categories[] = {
	{ 0, "traffic", NULL }, { 1, "event", NULL },
	{ 2, "utm-virus", "virus" }, { 3, "utm-webfilter", "webfilter" },
	{ 4, "utm-ips", "ips" }, { 5, "utm-emailfilter", "emailfilter" },
	{ 7, "utm-anomaly", "anomaly" }, { 8, "utm-voip", "voip" },
	{ 9, "utm-dlp", "dlp" }, { 10, "utm-app-ctrl", "app-ctrl" },
	{ 12, "utm-waf", "waf" }, { 15, "utm-dns", "dns" },
	{ 16, "utm-ssh", "ssh" }, { 17, "utm-ssl", "ssl" },
	{ 19, "utm-file-filter", "file-filter" }, { 20, "utm-icap", "icap" },
	{ 22, "utm-sctp-filter", "sctp-filter" },
};
const size_t wad_log_n_categories = sizeof(wad_log_categories) /
    sizeof(wad_log_categories[0]);

static bool
is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static bool
printable(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f;
}

/* One field at s; behind it, or NULL. */
static const char *
field_parse(struct wad_log_field *f, const char *s, const char *end)
{
	f->key = s;
	while (s < end && is_key(*s))
		s++;
	f->key_len = (size_t)(s - f->key);
	if (f->key_len == 0 || s == end || *s++ != '=')
		return NULL;
	f->quoted = s < end && *s == '"';
	if (f->quoted)
		s++;
	f->value = s;
	while (s < end && printable(*s) && *s != '"' &&
	    (f->quoted || *s != ' '))
		s++;
	f->len = (size_t)(s - f->value);
	if (f->quoted && (s == end || *s++ != '"'))
		return NULL;
	return s == end || *s == ' ' ? s : NULL;
}

static bool
is(const struct wad_log_field *f, const char *text)
{
	return f != NULL && f->len == strlen(text) &&
	    memcmp(f->value, text, f->len) == 0;
}

/* Level, category and time, from their fields. */
static int
known_fields(struct wad_log_record *r)
{
	const struct wad_log_field *type, *sub, *when, *level;
	int l = 0;

	type = wad_log_record_get(r, "type");
	sub = wad_log_record_get(r, "subtype");
	level = wad_log_record_get(r, "level");
	while (l < WAD_LL_N && !is(level, wad_log_levels[l]))
		l++;
	if (type == NULL || l == WAD_LL_N)
		return -1;
	r->level = (enum wad_log_level)l;
	r->category = WAD_LC_OTHER;
	for (size_t i = 0; i < wad_log_n_categories; i++) {
		const struct wad_log_category_name *c =
		    &wad_log_categories[i];

		if (c->subtype == NULL ? is(type, c->name) :
		    is(type, "utm") && is(sub, c->subtype))
			r->category = (enum wad_log_category)c->number;
	}
	r->eventtime = 0;
	when = wad_log_record_get(r, "eventtime");
	if (when == NULL || when->len == 0 || when->len > 19)
		return 0;
	for (size_t i = 0; i < when->len; i++) {
		if (when->value[i] < '0' || when->value[i] > '9') {
			r->eventtime = 0;
			break;
		}
		r->eventtime = r->eventtime * 10 +
		    (uint64_t)(when->value[i] - '0');
	}
	return 0;
}

int
wad_log_record_parse(struct wad_log_record *r, const char *text, size_t len)
{
	const char *s = text, *end = text + len;

	r->text = text;
	r->len = len;
	r->n = 0;
	if (len > WAD_LOG_RECORD)
		return -1;
	while (s < end) {
		if (*s == ' ') {
			s++;
			continue;
		}
		if (r->n == WAD_LOG_FIELDS)
			return -1;
		s = field_parse(&r->field[r->n], s, end);
		if (s == NULL)
			return -1;
		r->n++;
	}
	return known_fields(r);
}

const struct wad_log_field *
wad_log_record_get(const struct wad_log_record *r, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < r->n; i++)
		if (r->field[i].key_len == n &&
		    memcmp(r->field[i].key, key, n) == 0)
			return &r->field[i];
	return NULL;
}

bool
wad_log_record_value(const void *record, const char *key, const char **value,
    size_t *len)
{
	const struct wad_log_field *f = wad_log_record_get(record, key);

	if (f == NULL)
		return false;
	*value = f->value;
	*len = f->len;
	return true;
}
