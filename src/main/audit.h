/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of the whole program, in the ring of the parent.
 */
#ifndef WAD_MAIN_AUDIT_H
#define WAD_MAIN_AUDIT_H

#include "base/log.h"
#include "main/main.h"

/* One event with msg=. */
void	wad_audit_event(enum wad_log_id, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* The change under way is committed: what ran before and what runs now, one
 * record for each object that differs. */
void	wad_audit_changes(const struct wad_main *);
/* It was refused: the report has one error a line, warnings among them. */
void	wad_audit_refused(const struct wad_main *, const char *report);
/* A role ended unexpectedly. */
void	wad_audit_role_died(const struct wad_role_slot *, const char *how);

#endif
