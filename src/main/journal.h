/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of the journal of certificates (state/issued.log): opened here,
 * written by wad-keys, begun anew here when it is long.
 */
#ifndef WAD_MAIN_JOURNAL_H
#define WAD_MAIN_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

/* A file holds about 100,000 certificates, all of them a million. */
enum { WAD_JOURNAL_BYTES = 32 << 20, WAD_JOURNAL_KEEP = 9 };

/* A descriptor to read and to append, or -1 with a message. */
int	wad_journal_open(const char *path);
/* When the file has grown to `limit`, it becomes PATH.1 (that one PATH.2, and
 * so on; the ninth goes).  When it is not at PATH any more, somebody else
 * moved it.  In both cases *fd becomes a new file: true. */
bool	wad_journal_turn(const char *path, int *fd, uint64_t limit);

#endif
