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

struct wad_log_record {
	const char	*text; size_t len;
	struct wad_log_field field[WAD_LOG_FIELDS]; size_t n;
	/* of the fields everybody asks for */
	enum wad_log_level level;
	enum wad_log_category category;
	uint64_t	 eventtime;	/* ns since the epoch, 0: none */
};

/* 0, or -1 when it is not a record. */
int	wad_log_record_parse(struct wad_log_record *, const char *text,
	    size_t len);
/* A field by its key; NULL when it is not there. */
const struct wad_log_field *wad_log_record_get(const struct wad_log_record *,
	    const char *key);

#endif
