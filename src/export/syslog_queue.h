/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that wait for one log server: first in, first out, in a place of
 * fixed size.  When it is full the newest are refused, so that what is kept
 * begins before the trouble and the gap has one place.
 */
#ifndef WAD_EXPORT_SYSLOG_QUEUE_H
#define WAD_EXPORT_SYSLOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WAD_SYSLOG_QUEUE = 8 * 1024 * 1024 };	/* bytes for a server */

/* A message: which record it is, so that its sending can be noted. */
struct wad_syslog_msg {
	uint32_t	 len;
	uint32_t	 ring;		/* WAD_SYSLOG_GAP: tells of lost ones */
	uint64_t	 number;	/* of the record, or how many were lost */
	char		 text[];
};
#define WAD_SYSLOG_GAP	UINT32_MAX

struct wad_syslog_queue {
	uint8_t		*p;		/* NULL until something is put */
	size_t		 head, tail, wrap;
	size_t		 n, bytes;	/* messages; their texts */
};

/* Copies it in; false when it does not fit. */
bool	wad_syslog_queue_put(struct wad_syslog_queue *, uint32_t ring,
	    uint64_t number, const char *text, size_t len);
/* Walks from the oldest on: *at is 0 at first; NULL behind the newest. */
const struct wad_syslog_msg *wad_syslog_queue_walk(
	    const struct wad_syslog_queue *, size_t *at);
/* The oldest, NULL when there is none; the second drops it. */
const struct wad_syslog_msg *wad_syslog_queue_first(
	    const struct wad_syslog_queue *);
void	wad_syslog_queue_drop(struct wad_syslog_queue *);
void	wad_syslog_queue_free(struct wad_syslog_queue *);

#endif
