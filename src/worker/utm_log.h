/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the records of the security profiles have in common: whose connection
 * it was, and what they leave for the traffic log.
 */
#ifndef WAD_WORKER_UTM_LOG_H
#define WAD_WORKER_UTM_LOG_H

#include "base/log.h"
#include "worker/session.h"

/* Begins a record: policy, session, both ends, service. */
void	wad_utm_log_begin(struct wad_log_rec *, const struct wad_session *,
	    enum wad_log_id);
/* Writes it and counts it in one of the session's counts. */
void	wad_utm_log_end(struct wad_log_rec *, struct wad_session *,
	    uint16_t *count, bool blocked);
/* utmaction= of the traffic log; block stays. */
void	wad_utm_log_mark(struct wad_session *, bool blocked);
/* crscore=, craction= and crlevel= of a weight of `log threat-weight` (0: it
 * counts for nothing). */
void	wad_utm_log_threat(struct wad_log_rec *, struct wad_session *,
	    unsigned weight, uint32_t craction);

#endif
