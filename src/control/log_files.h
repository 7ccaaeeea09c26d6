/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log files in their folder.  openwad.log is the live one; one that was
 * closed is openwad.log-YYYYMMDD-HHMMSS (local time; .NNNN behind it when
 * there is a newer name already).  So names sort by age and never change,
 * and a search that is under way finds its files again.  Other names in the
 * folder are not touched.
 */
#ifndef WAD_CONTROL_LOG_FILES_H
#define WAD_CONTROL_LOG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAD_LOG_FILE	"openwad.log"
enum { WAD_LOG_NAME = 40, WAD_LOG_FILES_MAX = 4096 };

struct wad_log_file {
	char	 name[WAD_LOG_NAME];
	uint64_t size;
	int64_t	 closed;	/* when, by its name */
};

/* Closed files, oldest first. */
struct wad_log_files {
	struct wad_log_file *file; size_t n;
	uint64_t bytes;
};

/* Reads the folder; 0, or -1 with errno.  Free it in any case. */
int	wad_log_files_list(int dir, struct wad_log_files *);
void	wad_log_files_free(struct wad_log_files *);
/* Gives the live file its other name, which goes to name; 0, or -1 with
 * errno. */
int	wad_log_files_close(int dir, int64_t now, char name[WAD_LOG_NAME]);
/* Deletes what was closed before `before`, and the oldest until the rest has
 * at most `bytes`.  How many files went. */
unsigned wad_log_files_prune(int dir, uint64_t bytes, int64_t before);
/* Deletes the oldest; false when there is none. */
bool	wad_log_files_drop(int dir);

#endif
