/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that wad-export answers.
 */
#include "control/console.h"

enum { EXPORT_MS = 5000 };

static void
export_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	(void)tag;
	wad_console_answer(c, m, WAD_CTL_FAILED, "wad-export");
}

static void
ask(struct wad_console *c, const char *words)
{
	struct wad_msg m;

	if (c->ctl->export == NULL) {
		wad_console_fail(c, WAD_CTL_SILENT, "wad-export is not "
		    "running\n");
		return;
	}
	wad_msg_init(&m, WAD_MSG_WORKER_CMD, 0);
	wad_msg_add_str(&m, words);
	if (wad_console_ask(c, c->ctl->export, &m, EXPORT_MS, export_said,
	    0) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "wad-export cannot be "
		    "asked\n");
	wad_msg_free(&m);
}

static void
syslog_status_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	ask(c, "syslog status");
}

static const struct wad_cmd rows[] = {
	{ "diagnose log syslog", "log servers", NULL, 0 },
	{ "diagnose log syslog status", "state, sent, lost and waiting "
	    "records of each log server, and what went wrong last",
	    syslog_status_exec, WAD_CMD_READ },
};

const struct wad_cmd_family wad_cmd_export = { rows,
	sizeof(rows) / sizeof(rows[0]) };
