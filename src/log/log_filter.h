/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records go where: severity, kinds, and the free-style expressions
 * (base/log_expr.h) of a `config log ... filter`.
 */
#ifndef WAD_LOG_LOG_FILTER_H
#define WAD_LOG_LOG_FILTER_H

#include "base/log_expr.h"
#include "conf/conf_snap.h"
#include "log/log_record.h"

/* Does the record match? */
bool	wad_log_filter_expr(const struct wad_log_expr *,
	    const struct wad_log_record *);

/* A filter made ready; keeps nothing of the configuration.  An entry whose
 * expression cannot be read (the configuration's check refuses those) is
 * left out. */
struct wad_log_filter;
struct wad_log_filter *wad_log_filter_new(const struct wad_conf_log_filter *);
void	wad_log_filter_free(struct wad_log_filter *);	/* NULL allowed */
/* NULL filter: everything passes. */
bool	wad_log_filter_pass(const struct wad_log_filter *,
	    const struct wad_log_record *);

#endif
