/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes log records to openwad.log, and begins a new file by size and by
 * time (log_files.h).  Never waits for the disk longer than one write; what
 * does not fit waits in the rings, then it is lost, counted, and told in the
 * next good line.  Before the first settings nothing is written to files, and
 * nothing of them is deleted: what may go is said by the settings.
 */
#ifndef WAD_CONTROL_LOG_WRITER_H
#define WAD_CONTROL_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "conf/conf_snap.h"
#include "control/log_files.h"
#include "log/log_filter.h"

enum { WAD_LOG_QUEUE = 1 << 20 };

struct wad_log_writer {
	int		 dir;		/* log directory, or -1: stderr */
	int		 fd;		/* the file, or -1 */
	uint64_t	 size;		/* bytes in the file */
	uint64_t	 dev, ino;
	struct wad_str	 queue;		/* whole lines, bounded */
	uint64_t	 lost;		/* records since the last good line */
	uint64_t	 lost_ever;
	int		 lost_error;	/* why; 0: too many at once */
	int		 error;		/* errno of the last failure */
	bool		 failing;	/* the last write did not succeed */
	uint64_t	 looked_ms;	/* when the name was last checked */
	int64_t		 roll_at;	/* wall clock; 0: never */
	int64_t		 pruned_at;
	uint64_t	 closed;	/* bytes of the closed files then */
	/* settings */
	bool		 known;		/* they came */
	bool		 off;		/* nothing is written */
	uint64_t	 limit, quota;	/* bytes of a file, of all */
	unsigned	 roll_daily, roll_day, roll_hour, roll_minute;
	unsigned	 max_age_days;
	bool		 nolog;
	enum wad_log_form form;
	struct wad_log_filter *filter;	/* NULL: everything */
	struct wad_str	 tail;		/* the file's end when we came */
};

void	wad_log_writer_init(struct wad_log_writer *);
/* Settings; those that are 0 get their defaults. */
void	wad_log_writer_set(struct wad_log_writer *,
	    const struct wad_conf_log_disk *);
/* Takes the directory descriptor over and opens the file. */
void	wad_log_writer_open(struct wad_log_writer *, int dirfd);
/* Whether one more record finds room; while not, they wait in their rings. */
bool	wad_log_writer_room(const struct wad_log_writer *);
/* One record, without a line end, if the filter wants it. */
void	wad_log_writer_add(struct wad_log_writer *, const char *, size_t);
/* Whether nothing is left to do for this record: the file's end had it when
 * the first directory was opened, or the filter does not want it. */
bool	wad_log_writer_has(struct wad_log_writer *, const char *, size_t);
/* n records never reached us: the ring was overwritten. */
void	wad_log_writer_lost(struct wad_log_writer *, uint64_t n);
/* Writes what is queued, and does what is due. */
void	wad_log_writer_flush(struct wad_log_writer *);
/* Closes the file under another name and begins a new one; why goes to the
 * log.  0, or -1 with errno. */
int	wad_log_writer_roll(struct wad_log_writer *, const char *why);
/* Empties openwad.log and deletes the closed files.  How many files were
 * concerned, or -1 with errno. */
int	wad_log_writer_delete(struct wad_log_writer *);
/* Opens the file anew: somebody moved it. */
void	wad_log_writer_reopen(struct wad_log_writer *);
void	wad_log_writer_close(struct wad_log_writer *);
/* Why nothing can be written now; NULL when all is well. */
const char *wad_log_writer_trouble(const struct wad_log_writer *);

/* The first time after `from` at which files are closed by the clock (daily:
 * 0 never, 1 daily, 2 weekly on that day, 0 is Sunday); 0: never. */
int64_t	wad_log_writer_next_roll(int64_t from, unsigned daily, unsigned day,
	    unsigned hour, unsigned minute);

#endif
