/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records go where: severity, categories, and free-style expressions
 * over fields: `(srcip==10.0.0.1 and dstport==443) or not action=="close"`.
 * Operators: == != =~ (text within) < <= > >=; and, or, not, &, |, !,
 * parentheses; values bare or quoted.
 */
#ifndef WAD_LOG_LOG_FILTER_H
#define WAD_LOG_LOG_FILTER_H

#include "conf/conf_snap.h"
#include "log/log_record.h"

struct wad_log_expr;			/* a compiled expression */

/* NULL with what is wrong, and where, in err. */
struct wad_log_expr *wad_log_expr_new(const char *text, char *err,
	    size_t size);
void	wad_log_expr_free(struct wad_log_expr *);
bool	wad_log_expr_match(const struct wad_log_expr *,
	    const struct wad_log_record *);

/* A `config log ... filter` made ready. */
struct wad_log_filter;
struct wad_log_filter *wad_log_filter_new(const struct wad_conf_log_filter *);
void	wad_log_filter_free(struct wad_log_filter *);	/* NULL allowed */
/* NULL filter: everything passes. */
bool	wad_log_filter_pass(const struct wad_log_filter *,
	    const struct wad_log_record *);

#endif
