/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The newest log records, kept in memory: a bounded number of bytes, the
 * oldest go.
 */
#ifndef WAD_CONTROL_LOG_MEMORY_H
#define WAD_CONTROL_LOG_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf_snap.h"
#include "log/log_filter.h"

enum { WAD_LOG_MEMORY_MIN = 64 * 1024 };

/* Places are counted from the first byte ever kept, so that one who reads in
 * slices finds his own again.  A record is its length, its text, and its
 * length again (in 2 bytes): it can be read in both directions. */
struct wad_log_memory {
	char		*buf; size_t size;	/* NULL until the first record */
	uint64_t	 first, end;		/* what is kept */
	uint64_t	 records;		/* kept now */
	bool		 off;
	struct wad_log_filter *filter;		/* NULL: everything */
};

void	wad_log_memory_init(struct wad_log_memory *);
/* Settings; those that are 0 get their defaults.  The newest records that
 * fit are kept. */
void	wad_log_memory_set(struct wad_log_memory *,
	    const struct wad_conf_log_memory *);
/* One record, if the filter wants it. */
void	wad_log_memory_add(struct wad_log_memory *, const char *, size_t);
/* The record that ends at *at goes into buf (at least WAD_LOG_RECORD bytes)
 * and *at to its beginning; its length, 0 when there is none before.  Begin
 * with *at = end: newest first. */
size_t	wad_log_memory_before(const struct wad_log_memory *, uint64_t *at,
	    char *buf);
/* Takes the records of a category out; how many. */
uint64_t wad_log_memory_delete(struct wad_log_memory *, unsigned category);
void	wad_log_memory_clear(struct wad_log_memory *);
void	wad_log_memory_free(struct wad_log_memory *);

#endif
