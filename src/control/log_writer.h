/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appends log records to openwad.log.  Never waits for the disk longer than
 * one write; what does not fit is counted and said in the next good line.
 */
#ifndef WAD_CONTROL_LOG_WRITER_H
#define WAD_CONTROL_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define WAD_LOG_FILE	"openwad.log"
enum { WAD_LOG_QUEUE = 1 << 20, WAD_LOG_KEEP = 5 };

struct wad_log_writer {
	int		 dir;		/* log directory, or -1: stderr */
	int		 fd;		/* the file, or -1 */
	uint64_t	 size, limit;	/* bytes in the file; when to rotate */
	uint64_t	 dev, ino;
	struct wad_str	 queue;		/* whole lines, bounded */
	uint64_t	 lost;		/* records since the last good line */
	int		 error;		/* errno of the last failure */
	bool		 failing;	/* the last write did not succeed */
	uint64_t	 looked_ms;	/* when the name was last checked */
};

void	wad_log_writer_init(struct wad_log_writer *);
/* Takes the directory descriptor over and opens the file. */
void	wad_log_writer_open(struct wad_log_writer *, int dirfd);
/* Whether one more record finds room; while not, they wait in their rings. */
bool	wad_log_writer_room(const struct wad_log_writer *);
/* One record, without a line end. */
void	wad_log_writer_add(struct wad_log_writer *, const char *, size_t);
/* n records never reached us: the ring was overwritten. */
void	wad_log_writer_lost(struct wad_log_writer *, uint64_t n);
/* Writes what is queued. */
void	wad_log_writer_flush(struct wad_log_writer *);
/* Opens the file anew: somebody moved it. */
void	wad_log_writer_reopen(struct wad_log_writer *);
void	wad_log_writer_close(struct wad_log_writer *);
/* Why nothing can be written now; NULL when all is well. */
const char *wad_log_writer_trouble(const struct wad_log_writer *);

#endif
