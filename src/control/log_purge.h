/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the records of one category out of the closed log files, in slices.
 * A file is written anew beside the old one and takes its name when it is
 * whole; a crash leaves the old one.
 */
#ifndef WAD_CONTROL_LOG_PURGE_H
#define WAD_CONTROL_LOG_PURGE_H

#include <stdbool.h>
#include <stdint.h>

#include "log/log_record.h"

#define WAD_LOG_PURGE_FILE	"openwad.log.new"

struct wad_log_purge;

/* All files that are closed now; dir must stay. */
struct wad_log_purge *wad_log_purge_new(int dir, unsigned category);
void	wad_log_purge_free(struct wad_log_purge *);
/* One slice; false when all is done, or nothing more can be. */
bool	wad_log_purge_step(struct wad_log_purge *);
/* Records taken out; *error: errno of what stopped it, 0: nothing did. */
uint64_t wad_log_purge_result(const struct wad_log_purge *, int *error);

#endif
