/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of issued certificates: one line each, chained by hashes.
 */
#ifndef WAD_KEYS_JOURNAL_H
#define WAD_KEYS_JOURNAL_H

#include <openssl/x509.h>

#include <stdint.h>

#include "x509/x509_desc.h"

enum { WAD_KEYS_HASH_LEN = 32 };	/* hex digits at the end of a line */

struct wad_keys_journal;

struct wad_keys_journal *wad_keys_journal_new(void);
void	 wad_keys_journal_free(struct wad_keys_journal *);
/* Takes fd over: a file open for reading and appending; the chain goes on
 * from its last line. */
void	 wad_keys_journal_open(struct wad_keys_journal *, int fd, int64_t now);
/* One line.  A line that cannot be written is counted, and said once. */
void	 wad_keys_journal_issue(struct wad_keys_journal *,
	    const struct wad_cert_desc *, X509 *leaf, int64_t now);
uint64_t wad_keys_journal_lost(const struct wad_keys_journal *);

#endif
