/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of the whole program, see audit.h.  What is said on stderr for who
 * looks at the daemon is said here for who reads the log.
 */
#include "main/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "conf/conf_diff.h"
#include "conf/conf_parse.h"

/* Records of one change; the rest is counted.  A quarter of the ring. */
enum { CHANGES_MAX = 1000, MSG_MAX = 400 };

/* Before the ring is there, stderr has had its word already. */
static bool
ready(void)
{
	return wad_dbg_ring != NULL;
}

void
wad_audit_event(enum wad_log_id id, const char *fmt, ...)
{
	struct wad_log_rec	r;
	char			msg[MSG_MAX];
	va_list			ap;

	if (!ready())
		return;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	wad_log_begin(&r, id);
	wad_log_str(&r, "msg", msg);
	wad_log_end(&r);
}

void
wad_audit_role_died(const struct wad_role_slot *s, const char *how)
{
	const char		*name = wad_role_rows[s->role].name;
	struct wad_log_rec	 r;

	if (!ready())
		return;
	wad_log_begin(&r, WAD_LOG_SYS_ROLE_DIED);
	wad_log_str(&r, "role", name);
	wad_log_u64(&r, "index", s->index);
	wad_log_u64(&r, "pid", (uint64_t)s->pid);
	wad_log_u64(&r, "restarts", s->restarts);
	wad_log_str(&r, "reason", how);
	wad_log_strf(&r, "msg", "%s %u (pid %d) %s; it is started again",
	    name, s->index, (int)s->pid, how);
	wad_log_end(&r);
}

/* ---- changes of configuration ------------------------------------------ */

static void
put_who(struct wad_log_rec *r, const struct wad_txn *t)
{
	wad_log_str(r, "user", t->user);
	wad_log_str(r, "ui", t->ui);
}

/* Lines of a report that are no errors. */
static bool
only_told(const char *line)
{
	return strncmp(line, "warning: ", 9) == 0 ||
	    strncmp(line, "ignored: ", 9) == 0;
}

void
wad_audit_refused(const struct wad_main *m, const char *report)
{
	struct wad_log_rec	r;
	const char		*first = report;
	size_t			n;
	unsigned		lines = 0;

	if (!ready() || m->starting)
		return;
	for (const char *p = report; *p != '\0'; p += strcspn(p, "\n")) {
		p += strspn(p, "\n");
		if (*p != '\0' && !only_told(p) && lines++ == 0)
			first = p;
	}
	n = strcspn(first, "\n");
	wad_log_begin(&r, WAD_LOG_SYS_RELOAD_FAILED);
	put_who(&r, &m->txn);
	wad_log_u64(&r, "errors", lines);
	wad_log_u64(&r, "generation", m->generation);
	wad_log_strn(&r, "msg", first, n < MSG_MAX ? n : MSG_MAX);
	wad_log_end(&r);
}

struct changes {
	const struct wad_txn *txn;
	unsigned	 n;
};

static void
on_change(void *arg, const struct wad_conf_change *c)
{
	struct changes		*all = arg;
	struct wad_log_rec	 r;

	if (++all->n > CHANGES_MAX)
		return;
	wad_log_begin(&r, c->obj != NULL ? WAD_LOG_CFG_ATTR :
	    WAD_LOG_CFG_OBJECT);
	put_who(&r, all->txn);
	wad_log_str(&r, "action", c->action);
	wad_log_u64(&r, "cfgtid", all->txn->generation);
	wad_log_str(&r, "cfgpath", c->path);
	wad_log_str(&r, "cfgobj", c->obj);
	wad_log_str(&r, "cfgattr", c->attrs);
	wad_log_strf(&r, "msg", "%s %s%s%s", c->action, c->path,
	    c->obj != NULL ? " " : "", c->obj != NULL ? c->obj : "");
	wad_log_end(&r);
}

static void
more_changed(const struct wad_txn *t, unsigned n)
{
	struct wad_log_rec r;

	wad_log_begin(&r, WAD_LOG_CFG_OBJECT);
	put_who(&r, t);
	wad_log_str(&r, "action", "Edit");
	wad_log_u64(&r, "cfgtid", t->generation);
	wad_log_u64(&r, "count", n);
	wad_log_strf(&r, "msg", "%u more objects changed", n);
	wad_log_end(&r);
}

static struct wad_conf_tree *
compared(const struct wad_load *l)
{
	struct wad_conf_errs	 errs = { 0 };
	char			*text = wad_files_text(l->audit_fd);
	struct wad_conf_tree	*t = wad_conf_parse(WAD_CONF_SEALED, text,
	    strlen(text), &errs);

	free(text);
	wad_conf_errs_free(&errs);
	return t;
}

void
wad_audit_changes(const struct wad_main *m)
{
	struct changes			 all = { .txn = &m->txn };
	const struct wad_conf_log	*was, *is;
	struct wad_conf_tree		*old, *new;

	if (!ready() || m->starting || m->load == NULL)
		return;
	/* that events are turned off, or on, is told in any case */
	was = &m->conf->log;
	is = &m->txn.conf->log;
	wad_log_events(was->event || is->event,
	    was->ev_system || is->ev_system, is->ev_user, is->ev_wad);
	old = compared(m->load);
	new = compared(m->txn.load);
	(void)wad_conf_diff(old, new, on_change, &all);
	wad_conf_tree_free(old);
	wad_conf_tree_free(new);
	if (all.n > CHANGES_MAX)
		more_changed(&m->txn, all.n - CHANGES_MAX);
}
