/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log record cut at its fields.  Records are made by base/log.h; they come
 * from a ring that another role writes, or from a file that somebody may have
 * edited, so nothing about them is taken for granted.
 */
#ifndef WAD_LOG_LOG_RECORD_H
#define WAD_LOG_LOG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

enum { WAD_LOG_FIELDS = 96 };

/* Points into the text that was parsed; not ended by NUL. */
struct wad_log_field {
	const char	*key; size_t key_len;
	const char	*value; size_t len;	/* without quotes, still escaped */
	bool		 quoted;
};

/* Categories of `execute log filter category` and of free-style filters. */
enum wad_log_category { WAD_LC_TRAFFIC = 0, WAD_LC_EVENT = 1,
	WAD_LC_WEBFILTER = 3, WAD_LC_SSL = 17, WAD_LC_OTHER = 255 };
/* All that FortiOS lists, ours among them, by number. */
extern const struct wad_log_category_name {
	unsigned	 number;
	const char	*name;		/* "utm-webfilter" */
	const char	*subtype;	/* of type="utm"; NULL: name is the type */
} wad_log_categories[];
extern const size_t wad_log_n_categories;

struct wad_log_record {
	const char	*text; size_t len;
	struct wad_log_field field[WAD_LOG_FIELDS]; size_t n;
	/* of the fields everybody asks for */
	enum wad_log_level level;
	enum wad_log_category category;
	uint64_t	 eventtime;	/* ns since the epoch, 0: none */
};

/* 0, or -1 when it is not a record: fields "key=value" divided by blanks,
 * printable ASCII, at most WAD_LOG_RECORD bytes and WAD_LOG_FIELDS fields,
 * with a type and a level that exist.  The text is not copied. */
int	wad_log_record_parse(struct wad_log_record *, const char *text,
	    size_t len);
/* A field by its key; NULL when it is not there. */
const struct wad_log_field *wad_log_record_get(const struct wad_log_record *,
	    const char *key);
/* The same for base/log_expr.h. */
bool	wad_log_record_value(const void *record, const char *key,
	    const char **value, size_t *len);

#endif
