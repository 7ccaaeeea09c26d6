/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes that a ring may hold, in each form.  Holds: one line of printable
 * ASCII; JSON is one object that a strict reader takes to its end; CSV is one
 * row with as many cells as the record has fields; a CEF header has its eight
 * parts and no value holds a bare `=`.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/xmem.h"
#include "log/log_format.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* RFC 8259: what these objects may have of it. */
static const char *
json_string(const char *p)
{
	WAD_ASSERT(*p++ == '"');
	for (; *p != '"'; p++) {
		WAD_ASSERT(*p >= 0x20);
		if (*p == '\\')
			WAD_ASSERT(*++p == '\\');
	}
	return p + 1;
}

static const char *
json_number(const char *p)
{
	WAD_ASSERT(*p >= '0' && *p <= '9');
	if (*p == '0')
		return p + 1;
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

static size_t
json_object(const char *p)
{
	size_t n = 0;

	for (; *p != '}'; n++) {
		WAD_ASSERT(*p++ == (n == 0 ? '{' : ','));
		p = json_string(p);
		WAD_ASSERT(*p++ == ':');
		p = *p == '"' ? json_string(p) : json_number(p);
	}
	WAD_ASSERT(p[1] == '\0');
	return n;
}

/* RFC 4180: no cell begins with a quote, so that a comma ends each. */
static size_t
csv_cells(const char *p)
{
	size_t n = 1;

	WAD_ASSERT(*p != '"');
	for (; *p != '\0'; p++)
		if (*p == ',') {
			n++;
			WAD_ASSERT(p[1] != '"');
		}
	return n;
}

static void
cef_line(const char *p)
{
	size_t bars = 0, values = 0, spaces_before = 1;

	p = strstr(p, "CEF: 0|");
	WAD_ASSERT(p != NULL);
	for (; bars < 7; p++) {
		WAD_ASSERT(*p != '\0');
		bars += *p == '|';
		if (*p == '\\')
			p++;
	}
	for (; *p != '\0'; p++) {
		if (*p == '\\') {
			p++;
			WAD_ASSERT(*p == '\\' || *p == '=');
		} else if (*p == ' ')
			spaces_before = 1;
		else if (*p == '=') {
			WAD_ASSERT(spaces_before);
			spaces_before = 0;
			values++;
		}
	}
	WAD_ASSERT(values > 0);
}

static void
check(enum wad_log_form form, const struct wad_log_record *r,
    const struct wad_log_sender *by)
{
	struct wad_str	 s = { 0 };
	const char	*p;
	size_t		 more = by != NULL ? 2 : 0, when = 0;

	wad_log_format(form, r, by, &s);
	WAD_ASSERT(s.len > 0 && strlen(s.s) == s.len);
	for (size_t i = 0; i < s.len; i++)
		WAD_ASSERT(s.s[i] >= 0x20 && s.s[i] < 0x7f);
	for (size_t i = 0; i < r->n; i++)
		when += r->field[i].key_len == 4 &&
		    (memcmp(r->field[i].key, "date", 4) == 0 ||
		    memcmp(r->field[i].key, "time", 4) == 0);
	if (when == r->n)
		more = 0;	/* no place for the sender */
	p = s.s;
	if (by != NULL) {
		WAD_ASSERT(*p == '<' && strchr(p, '>') != NULL);
		p = strchr(p, '>') + 1;
	}
	if (form == WAD_FORM_JSON)
		WAD_ASSERT(json_object(p) == r->n + more);
	else if (form == WAD_FORM_CSV)
		WAD_ASSERT(csv_cells(p) == r->n + more);
	else if (form == WAD_FORM_CEF && when < r->n)
		cef_line(p);
	wad_str_free(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct wad_log_sender	by = { .devname = "a,=|\\\n",
		.devid = "b\"", .facility = 16 };
	static struct wad_log_record		r;

	if (size > WAD_LOG_RECORD || wad_log_record_parse(&r,
	    (const char *)data, size) == -1)
		return 0;
	for (int f = WAD_FORM_DEFAULT; f <= WAD_FORM_JSON; f++) {
		check((enum wad_log_form)f, &r, NULL);
		check((enum wad_log_form)f, &r, &by);
	}
	return 0;
}
