/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a log record.  Holds: the fields lie in the text one behind
 * the other, are printable, and written together are a record again.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"
#include "log/log_record.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char		*text = (const char *)data, *at = text;
	struct wad_log_record	 r, again;
	struct wad_str		 s = { 0 };

	if (wad_log_record_parse(&r, text, size) == -1)
		return 0;
	WAD_ASSERT(r.n > 0 && r.n <= WAD_LOG_FIELDS && r.level < WAD_LL_N);
	for (size_t i = 0; i < r.n; i++) {
		const struct wad_log_field *f = &r.field[i];

		WAD_ASSERT(f->key >= at && f->key_len > 0);
		WAD_ASSERT(f->value > f->key + f->key_len);
		at = f->value + f->len;
		WAD_ASSERT(at <= text + size);
		for (size_t k = 0; k < f->len; k++)
			WAD_ASSERT(f->value[k] >= 0x20 &&
			    f->value[k] < 0x7f && f->value[k] != '"');
		wad_str_addf(&s, "%s%.*s=%s%.*s%s", i > 0 ? " " : "",
		    (int)f->key_len, f->key, f->quoted ? "\"" : "",
		    (int)f->len, f->value, f->quoted ? "\"" : "");
	}
	WAD_ASSERT(wad_log_record_parse(&again, s.s, s.len) == 0);
	WAD_ASSERT(again.n == r.n && again.level == r.level &&
	    again.category == r.category && again.eventtime == r.eventtime);
	wad_str_free(&s);
	return 0;
}
