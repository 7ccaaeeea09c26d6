/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute log ...: what is in the logs of this gateway.  The filter belongs
 * to the console connection.
 */
#include "control/console.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xmem.h"
#include "control/debug_pump.h"
#include "control/log_purge.h"
#include "control/log_search.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { FIELDS = 16, TURN_MS = 2 };

/* `field NAME VALUE...`: one per name. */
struct field { char *name, *expr; };

struct wad_cmd_log {
	struct wad_log_look look;
	struct field	 fields[FIELDS]; size_t n_fields;
};

static const char *const devices[] = { "memory", "disk" };

static void
fields_free(struct wad_cmd_log *l)
{
	for (size_t i = 0; i < l->n_fields; i++) {
		free(l->fields[i].name);
		free(l->fields[i].expr);
	}
	l->n_fields = 0;
}

static void
look_default(struct wad_cmd_log *l)
{
	fields_free(l);
	wad_str_free(&l->look.fields);
	wad_str_free(&l->look.free_style);
	memset(l, 0, sizeof(*l));
	l->look.device = WAD_LOG_DISK;
	l->look.category = WAD_LC_TRAFFIC;
	l->look.start_line = 1;
	l->look.view_lines = 10;
}

static struct wad_cmd_log *
mine(struct wad_console *c)
{
	if (c->log == NULL) {
		c->log = wad_xcalloc(1, sizeof(*c->log));
		look_default(c->log);
	}
	return c->log;
}

void
wad_cmd_log_free(struct wad_cmd_log *l)
{
	if (l == NULL)
		return;
	look_default(l);
	free(l);
}

static const char *
category_name(unsigned number)
{
	for (size_t i = 0; i < wad_log_n_categories; i++)
		if (wad_log_categories[i].number == number)
			return wad_log_categories[i].name;
	return "other";
}

/* filter */

static void
dump_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_log_look *k = &mine(c)->look;

	(void)a;
	wad_console_say(c, "category: %s\ndevice: %s\nstart-line: %u\n"
	    "view-lines: %u\nmax-checklines: %u\n",
	    category_name(k->category), devices[k->device], k->start_line,
	    k->view_lines, k->max_check);
	if (k->fields.len > 0)
		wad_console_say(c, "field: %s\n", k->fields.s);
	if (k->free_style.len > 0)
		wad_console_say(c, "free-style: %s\n", k->free_style.s);
}

static void
reset_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	look_default(mine(c));
}

static void
category_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_log_look	*k = &mine(c)->look;
	char			 number[16];

	for (size_t i = 0; a->n_args == 1 && i < wad_log_n_categories; i++) {
		const struct wad_log_category_name *n =
		    &wad_log_categories[i];

		snprintf(number, sizeof(number), "%u", n->number);
		if (strcmp(a->arg[0], n->name) != 0 &&
		    strcmp(a->arg[0], number) != 0 && (n->subtype == NULL ||
		    strcmp(a->arg[0], n->subtype) != 0))
			continue;
		k->category = n->number;
		return;
	}
	if (a->n_args > 0)
		wad_console_fail(c, WAD_CTL_SYNTAX, "there is no category "
		    "like that\n");
	wad_console_say(c, "Available categories:\n");
	for (size_t i = 0; i < wad_log_n_categories; i++)
		wad_console_say(c, "%2u: %s\n", wad_log_categories[i].number,
		    wad_log_categories[i].name);
}

static void
device_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_log_look *k = &mine(c)->look;

	for (size_t i = 0; a->n_args == 1 && i < COUNT(devices); i++) {
		if (strcmp(a->arg[0], devices[i]) != 0 &&
		    (a->arg[0][0] != (char)('0' + i) || a->arg[0][1] != '\0'))
			continue;
		k->device = (enum wad_log_device)i;
		return;
	}
	if (a->n_args > 0)
		wad_console_fail(c, WAD_CTL_SYNTAX, "there is no device "
		    "like that\n");
	wad_console_say(c, "Available devices:\n");
	for (size_t i = 0; i < COUNT(devices); i++)
		wad_console_say(c, "%2zu: %s\n", i, devices[i]);
}

/* All `field` entries as one expression. */
static void
fields_join(struct wad_cmd_log *l)
{
	wad_str_free(&l->look.fields);
	for (size_t i = 0; i < l->n_fields; i++)
		wad_str_addf(&l->look.fields, "%s%s", i > 0 ? " and " : "",
		    l->fields[i].expr);
}

static char *
field_expr(const struct wad_cmd_args *a, size_t first, bool not)
{
	struct wad_str s = { 0 };

	wad_str_addf(&s, "%s%s(", not ? "not " : "", a->arg[0]);
	for (size_t i = first; i < a->n_args; i++) {
		wad_str_add(&s, i > first ? ", \"" : "\"");
		for (const char *p = a->arg[i]; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				wad_str_add(&s, "\\");
			wad_str_addn(&s, p, 1);
		}
		wad_str_add(&s, "\"");
	}
	wad_str_add(&s, ")");
	return wad_str_take(&s);
}

static void
field_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_cmd_log	*l = mine(c);
	struct wad_log_expr	*e;
	bool			 not = a->n_args > 1 &&
				    strcmp(a->arg[1], "not") == 0;
	size_t			 first = not ? 2 : 1, at = 0;
	char			*expr, err[200];

	if (a->n_args == 0) {
		for (size_t i = 0; i < l->n_fields; i++)
			wad_console_say(c, "%s\n", l->fields[i].expr);
		return;
	}
	if (a->n_args <= first) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "a value is missing: "
		    "execute log filter field NAME [not] VALUE ...\n");
		return;
	}
	expr = field_expr(a, first, not);
	e = wad_log_expr_new(expr, err, sizeof(err));
	while (at < l->n_fields && strcmp(l->fields[at].name, a->arg[0]) != 0)
		at++;
	if (e == NULL || at == FIELDS) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "%s\n", e == NULL ? err :
		    "there are 16 fields in this filter already");
		wad_log_expr_free(e);
		free(expr);
		return;
	}
	wad_log_expr_free(e);
	if (at < l->n_fields)
		free(l->fields[at].expr);
	else
		l->fields[l->n_fields++].name = wad_xstrdup(a->arg[0]);
	l->fields[at].expr = expr;
	fields_join(l);
}

static void
free_style_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_log_look	*k = &mine(c)->look;
	struct wad_str		 text = { 0 };
	struct wad_log_expr	*e;
	char			 err[200];

	for (size_t i = 0; i < a->n_args; i++)
		wad_str_addf(&text, "%s%s", i > 0 ? " " : "", a->arg[i]);
	if (text.len > 0) {
		e = wad_log_expr_new(text.s, err, sizeof(err));
		if (e == NULL) {
			wad_console_fail(c, WAD_CTL_SYNTAX, "%s\n%s\n",
			    text.s, err);
			wad_str_free(&text);
			return;
		}
		wad_log_expr_free(e);
	}
	wad_str_free(&k->free_style);
	k->free_style = text;
}

/* start-line, view-lines, max-checklines */
static void
number_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	static const struct { const char *word; unsigned lo, hi; } t[] = {
		{ "start-line", 1, 1000000000 },
		{ "view-lines", 5, WAD_LOG_VIEW_MAX },
		{ "max-checklines", 0, 1000000000 },
	};
	struct wad_log_look	*k = &mine(c)->look;
	unsigned		*to[] = { &k->start_line, &k->view_lines,
				    &k->max_check };
	unsigned long		 v = strtoul(a->arg[0], NULL, 10);

	for (size_t i = 0; i < COUNT(t); i++) {
		if (strcmp(a->word[3], t[i].word) != 0)
			continue;
		if (v < t[i].lo || v > t[i].hi)
			wad_console_fail(c, WAD_CTL_SYNTAX, "%s is %u to "
			    "%u\n", t[i].word, t[i].lo, t[i].hi);
		else
			*to[i] = (unsigned)v;
	}
}

/* display */

static bool
display_more(struct wad_console *c, void *arg)
{
	struct wad_log_search	*s = arg;
	struct wad_log_result	 r;
	uint64_t		 until = wad_clock_ms() + TURN_MS;

	do {
		if (wad_log_search_step(s))
			continue;
		wad_log_search_result(s, &r);
		wad_console_say(c, "%" PRIu64 " logs found.\n%zu logs "
		    "returned.\n", r.found, r.n);
		for (size_t i = 0; i < r.n; i++)
			wad_console_say(c, "%zu: %s\n", i +
			    c->log->look.start_line, r.lines[i].s);
		if (r.stopped)
			wad_console_say(c, "max-checklines: only the newest "
			    "%" PRIu64 " lines were looked at\n",
			    r.checked + r.other);
		if (r.other > 0)
			wad_console_say(c, "%" PRIu64 " lines in another "
			    "format were passed over\n", r.other);
		return false;
	} while (wad_clock_ms() < until);
	return true;
}

static void
search_free(void *s)
{
	wad_log_search_free(s);
}

/* What the rings hold is part of the log. */
static bool
disk_ready(struct wad_console *c)
{
	wad_debug_pump_run(c->ctl);
	if (c->ctl->log.dir != -1)
		return true;
	wad_console_fail(c, WAD_CTL_FAILED, "there is no log folder: "
	    "openwad runs in the foreground and logs to standard error\n");
	return false;
}

static void
display_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_cmd_log	*l = mine(c);
	struct wad_log_search	*s;
	char			 err[200];

	(void)a;
	wad_debug_pump_run(c->ctl);
	if (l->look.device == WAD_LOG_DISK && !disk_ready(c))
		return;
	s = wad_log_search_new(&l->look, &c->ctl->memory, c->ctl->log.dir,
	    err, sizeof(err));
	if (s == NULL)
		wad_console_fail(c, WAD_CTL_FAILED, "%s\n", err);
	else
		wad_console_stream(c, display_more, s, search_free);
}

/* delete */

static void
deleted(struct wad_console *c, const char *what, uint64_t n)
{
	struct wad_log_rec r;

	wad_log_begin(&r, WAD_LOG_SYS_LOG_DELETED);
	wad_log_str(&r, "user", c->peer.user);
	wad_log_str(&r, "ui", c->peer.ui);
	wad_log_str(&r, "action", "delete");
	wad_log_u64(&r, "count", n);
	wad_log_strf(&r, "msg", "%s deleted by %s", what, c->peer.user);
	wad_log_end(&r);
}

/* One at a time: it writes files. */
struct purge { struct wad_console *c; struct wad_log_purge *p; };

static bool
purge_more(struct wad_console *c, void *arg)
{
	struct wad_log_purge	*p = ((struct purge *)arg)->p;
	uint64_t		 until = wad_clock_ms() + TURN_MS, n;
	int			 error;

	do {
		if (wad_log_purge_step(p))
			continue;
		n = wad_log_purge_result(p, &error);
		if (error != 0)
			wad_console_fail(c, WAD_CTL_FAILED, "stopped after "
			    "%" PRIu64 " records: %s\n", n, strerror(error));
		return false;
	} while (wad_clock_ms() < until);
	return true;
}

/* It is over, or the console is: what is gone is told in any case. */
static void
purge_free(void *arg)
{
	struct purge	*r = arg;
	char		 what[64];
	int		 error;

	snprintf(what, sizeof(what), "disk %s log",
	    category_name(r->c->log->look.category));
	deleted(r->c, what, wad_log_purge_result(r->p, &error));
	r->c->ctl->purging = false;
	wad_log_purge_free(r->p);
	free(r);
}

static void
memory_delete(struct wad_console *c, unsigned category)
{
	char		what[64];

	snprintf(what, sizeof(what), "memory %s log",
	    category_name(category));
	deleted(c, what, wad_log_memory_delete(&c->ctl->memory, category));
}

static void
delete_yes(struct wad_console *c)
{
	const struct wad_log_look	*k = &mine(c)->look;
	struct purge			*r;

	wad_debug_pump_run(c->ctl);
	if (k->device == WAD_LOG_MEMORY) {
		memory_delete(c, k->category);
		return;
	}
	if (!disk_ready(c))
		return;
	if (c->ctl->purging) {
		wad_console_fail(c, WAD_CTL_FAILED, "another console is "
		    "deleting logs\n");
		return;
	}
	if (c->ctl->log.size > 0 && wad_log_writer_roll(&c->ctl->log,
	    "delete") == -1) {
		wad_console_fail(c, WAD_CTL_FAILED, "the log file cannot be "
		    "closed: %s\n", strerror(errno));
		return;
	}
	r = wad_xcalloc(1, sizeof(*r));
	r->c = c;
	r->p = wad_log_purge_new(c->ctl->log.dir, k->category);
	c->ctl->purging = true;
	wad_console_stream(c, purge_more, r, purge_free);
}

static void
delete_all_yes(struct wad_console *c)
{
	int n;

	wad_debug_pump_run(c->ctl);
	wad_log_memory_clear(&c->ctl->memory);
	if (c->ctl->log.dir == -1)
		n = 0;
	else if ((n = wad_log_writer_delete(&c->ctl->log)) == -1) {
		wad_console_fail(c, WAD_CTL_FAILED, "the log file cannot be "
		    "emptied: %s\n", strerror(errno));
		return;
	}
	deleted(c, "all local logs", (uint64_t)n);
}

static void
delete_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_log_look *k = &mine(c)->look;

	(void)a;
	wad_console_say(c, "This will delete %s %s log\n", devices[k->device],
	    category_name(k->category));
	wad_console_confirm(c, delete_yes);
}

static void
delete_all_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	wad_console_say(c, "This will delete all local logs.\n");
	wad_console_confirm(c, delete_all_yes);
}

/* One record of each kind, as an administrator's test of what receives
 * them. */
static void
test_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_log_rec r;

	(void)a;
	for (int i = 0; i < WAD_LOG_N; i++) {
		wad_log_begin(&r, (enum wad_log_id)i);
		wad_log_strf(&r, "msg", "test by %s: %s", c->peer.user,
		    wad_log_kinds[i].help);
		wad_log_end(&r);
	}
	wad_debug_pump_run(c->ctl);	/* many of these fill a ring */
	wad_console_say(c, "%d test records were written, one of each "
	    "kind\n", (int)WAD_LOG_N);
}

static const struct wad_cmd rows[] = {
	{ "execute log", "the logs of this gateway", NULL, 0 },
	{ "execute log filter", "what `execute log display` shows; alone: "
	    "the filter as it is", dump_exec, WAD_CMD_READ },
	{ "execute log filter category <rest>", "traffic, event, "
	    "utm-webfilter ... or a number; alone: all of them",
	    category_exec, WAD_CMD_READ },
	{ "execute log filter device <rest>", "memory or disk; alone: both "
	    "with their numbers", device_exec, WAD_CMD_READ },
	{ "execute log filter field <rest>", "NAME [not] VALUE ...: a "
	    "field has one of these values (10-20 and 10.0.0.0/8 are values, "
	    "too); one entry per name", field_exec, WAD_CMD_READ },
	{ "execute log filter free-style <rest>", "an expression in quotes: "
	    "\"(srcip==10.0.0.1 and dstport==443) or not action==close\"; "
	    "alone: none", free_style_exec, WAD_CMD_READ },
	{ "execute log filter start-line <num>", "the first one to show of "
	    "those found", number_exec, WAD_CMD_READ },
	{ "execute log filter view-lines <num>", "how many are shown, 5 to "
	    "1000", number_exec, WAD_CMD_READ },
	{ "execute log filter max-checklines <num>", "how many lines are "
	    "looked at, the newest first; 0: all", number_exec,
	    WAD_CMD_READ },
	{ "execute log filter reset", "as at the beginning", reset_exec,
	    WAD_CMD_READ },
	{ "execute log filter dump", "the filter as it is", dump_exec,
	    WAD_CMD_READ },
	{ "execute log display", "records that match the filter, newest "
	    "first", display_exec, WAD_CMD_READ },
	{ "execute log delete", "the records of the filter's category on its "
	    "device; asks first: answer with a line `y`", delete_exec, 0 },
	{ "execute log delete-all", "all logs of this gateway, in memory and "
	    "on disk; asks first: answer with a line `y`", delete_all_exec,
	    0 },
	{ "diagnose log", "logging", NULL, 0 },
	{ "diagnose log test", "writes a test record of each kind, for those "
	    "who receive them", test_exec, 0 },
};

const struct wad_cmd_family wad_cmd_log = { rows, COUNT(rows) };
