/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Free-style expressions over the fields of a log record:
 *	(srcip==10.0.0.0/8 and dstport==443) or not action=="close"
 *	(logid 0102043008 43009) and (dstport 80 1000-2000)
 * Operators: == (or =) != =~ (text within) < <= > >=; a key with values
 * behind it, divided by blanks or commas, also in parentheses, is any of
 * them; and, or, not, &, |, !, parentheses; values bare or quoted.
 *
 * Values: text, compared without regard to case; a number or a range of
 * numbers; an address, a prefix or a range of addresses; a logid, whole or
 * its last digits; a level, ordered by gravity (level>=warning: warning and
 * worse).  A field that is not there differs from every value.
 *
 * What a record looks like is not known here, so that the configuration can
 * check expressions: the caller gives a function that finds a field.
 */
#ifndef WAD_BASE_LOG_EXPR_H
#define WAD_BASE_LOG_EXPR_H

#include <stdbool.h>
#include <stddef.h>

enum { WAD_LOG_EXPR_TERMS = 64, WAD_LOG_EXPR_VALUES = 128,
	WAD_LOG_EXPR_DEPTH = 16 };

struct wad_log_expr;

/* Finds a field's value, escaped as base/log.h does it; false: not there. */
typedef bool wad_log_expr_get(const void *record, const char *key,
    const char **value, size_t *len);

/* Compiles; NULL with what is wrong, and at which column, in err. */
struct wad_log_expr *wad_log_expr_new(const char *text, char *err,
	    size_t size);
void	wad_log_expr_free(struct wad_log_expr *);	/* NULL allowed */
bool	wad_log_expr_match(const struct wad_log_expr *, wad_log_expr_get *,
	    const void *record);

#endif
