/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A search in the logs, newest record first: the memory log, or openwad.log
 * and the closed files behind it.  It goes on in slices of a few
 * milliseconds, so that nobody waits for hundreds of megabytes.
 */
#ifndef WAD_CONTROL_LOG_SEARCH_H
#define WAD_CONTROL_LOG_SEARCH_H

#include "base/str.h"
#include "control/log_files.h"
#include "control/log_memory.h"
#include "log/log_filter.h"

enum wad_log_device { WAD_LOG_MEMORY, WAD_LOG_DISK };
enum { WAD_LOG_VIEW_MAX = 1000 };

/* `execute log filter`: what a console looks for. */
struct wad_log_look {
	enum wad_log_device device;
	unsigned	 category;	/* enum wad_log_category */
	unsigned	 start_line;	/* from 1 */
	unsigned	 view_lines;	/* 5 .. WAD_LOG_VIEW_MAX */
	unsigned	 max_check;	/* lines to look at; 0: all */
	struct wad_str	 fields;	/* `field` entries as an expression */
	struct wad_str	 free_style;	/* as typed */
};

struct wad_log_search;

/* Starts; keeps nothing of look.  NULL, with a message in err, when an
 * expression cannot be read.  The live file is what has the name now; mem
 * and dir must stay. */
struct wad_log_search *wad_log_search_new(const struct wad_log_look *,
	    const struct wad_log_memory *mem, int dir, char *err,
	    size_t size);
void	wad_log_search_free(struct wad_log_search *);	/* NULL allowed */
/* One slice; false when all is done. */
bool	wad_log_search_step(struct wad_log_search *);

struct wad_log_result {
	uint64_t	 found;		/* records that match */
	uint64_t	 checked;	/* of the category or not */
	uint64_t	 other;		/* lines that are no records */
	bool		 stopped;	/* max_check was reached */
	const struct wad_str *lines; size_t n;	/* those to show, whole */
};
void	wad_log_search_result(const struct wad_log_search *,
	    struct wad_log_result *);

#endif
