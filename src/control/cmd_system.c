/* SPDX-License-Identifier: Apache-2.0 */
/*
 * get system status, diagnose netlink, execute ..., exit, help.
 */
#include "control/console.h"

#include <inttypes.h>
#include <string.h>

#include "conf/conf_snap.h"
#include "url/category.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A reload asks every role; the parent's own deadline is shorter. */
enum { STATUS_MS = 5000, RELOAD_MS = 60000 };

static void
parent_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	wad_console_answer(c, m, (enum wad_ctl_status)tag, "openwad");
}

/* Where logs go, how much there is, what was lost since the start. */
static void
log_state(struct wad_console *c)
{
	const struct wad_log_writer	*w = &c->ctl->log;
	struct wad_log_files		 files = { 0 };

	if (w->dir != -1)
		(void)wad_log_files_list(w->dir, &files);
	wad_console_say(c, "log %s size %" PRIu64 " closed %zu closed-size "
	    "%" PRIu64 " lost %" PRIu64 " memory %" PRIu64 "\n",
	    w->dir == -1 ? "stderr" : WAD_LOG_FILE, w->size, files.n,
	    files.bytes, w->lost_ever, c->ctl->memory.records);
	wad_log_files_free(&files);
}

static void
status_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	parent_said(c, tag, m);
	log_state(c);
}

/* A question to the parent; peer: who asks (NULL: that is not asked for). */
static void
parent_ask(struct wad_console *c, enum wad_msg_type type,
    const struct wad_peer *peer, unsigned ms, enum wad_ctl_status on_fail)
{
	struct wad_msg m;

	wad_msg_init(&m, type, 0);
	if (peer != NULL) {
		wad_msg_add_str(&m, peer->user);
		wad_msg_add_str(&m, peer->ui);
	}
	if (wad_console_ask(c, c->ctl->parent, &m, ms, type ==
	    WAD_MSG_CTL_STATUS ? status_said : parent_said, on_fail) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "openwad cannot be "
		    "asked\n");
	wad_msg_free(&m);
}

static void
status_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const char *trouble = wad_log_writer_trouble(&c->ctl->log);

	(void)a;
	if (trouble != NULL)
		wad_console_say(c, "warning: the log file cannot be written: "
		    "%s\n", trouble);
	parent_ask(c, WAD_MSG_CTL_STATUS, NULL, STATUS_MS, WAD_CTL_FAILED);
}

static void
reload_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	parent_ask(c, WAD_MSG_CTL_RELOAD, &c->peer, RELOAD_MS,
	    WAD_CTL_REFUSED);
}

static void
links_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_msg m;

	(void)a;
	wad_msg_init(&m, WAD_MSG_CTL_SYSINFO, 0);
	wad_msg_add_str(&m, "links");
	if (wad_console_ask(c, c->ctl->parent, &m, STATUS_MS, parent_said,
	    WAD_CTL_FAILED) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "openwad cannot be "
		    "asked\n");
	wad_msg_free(&m);
}

/* Numbers and names for `set category`, group by group. */
static void
categories_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_conf		*conf = c->ctl->conf;
	const struct wad_category	*t;
	size_t				 n;
	int				 group = -1;
	bool				 feeds = false;

	(void)a;
	t = wad_category_table(&n);
	for (size_t i = 0; i < n; i++) {
		if ((int)t[i].group != group && t[i].group != 0)
			wad_console_say(c, "g%02u %s:\n", t[i].group,
			    wad_category_group(t[i].group));
		group = (int)t[i].group;
		wad_console_say(c, "%4u %s\n", t[i].number, t[i].name);
	}
	if (conf == NULL)
		return;
	if (conf->n_local_cats > 0)
		wad_console_say(c, "local:\n");
	for (size_t i = 0; i < conf->n_local_cats; i++)
		wad_console_say(c, "%4u %s\n", conf->local_cats[i].id,
		    conf->local_cats[i].name);
	for (size_t i = 0; i < conf->n_feeds; i++) {
		const struct wad_feed *f = &conf->feeds[i];

		if (f->category == 0)
			continue;
		if (!feeds)
			wad_console_say(c, "threat feeds:\n");
		feeds = true;
		wad_console_say(c, "%4u %s\n", f->category, f->name);
	}
}

static void
exit_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	c->status = WAD_CTL_BYE;
}

/* Every command with what it does; only those that begin with the words
 * given. */
static void
help_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	for (size_t i = 0; i < wad_cmd_n_families; i++) {
		for (size_t k = 0; k < wad_cmd_families[i]->n; k++) {
			const struct wad_cmd *r =
			    &wad_cmd_families[i]->rows[k];

			if (r->exec != NULL && strncmp(r->pattern, a->rest,
			    strlen(a->rest)) == 0)
				wad_console_say(c, "%s\n    %s\n",
				    r->pattern, r->help);
		}
	}
	if (c->reply.len == 0)
		wad_console_fail(c, WAD_CTL_FAILED, "no command begins with "
		    "these words; `help` lists all\n");
}

static const struct wad_cmd rows[] = {
	{ "get system", "state of the whole program, system tables", NULL,
	    0 },
	{ "get system status",
	    "version, time since start, processes, log files", status_exec,
	    WAD_CMD_READ },
	{ "get webfilter", "the web filter", NULL, 0 },
	{ "get webfilter categories", "numbers and names of all categories",
	    categories_exec, WAD_CMD_READ },
	{ "diagnose netlink", "what the kernel says", NULL, 0 },
	{ "diagnose netlink interface", "network interfaces", NULL, 0 },
	{ "diagnose netlink interface list", "index, type and MTU of every "
	    "interface; dev= is its Linux name where the configuration has "
	    "another", links_exec, WAD_CMD_READ },
	{ "execute", "do something once", NULL, 0 },
	{ "execute reload", "read the configuration file again", reload_exec,
	    0 },
	{ "help <rest>", "all commands, or those that begin with these "
	    "words", help_exec, WAD_CMD_READ },
	{ "exit|quit", "leave the console", exit_exec, WAD_CMD_READ },
};

const struct wad_cmd_family wad_cmd_system = { rows, COUNT(rows) };
