/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threat feeds on the console: wad-lookup answers.
 */
#include "control/console.h"

enum { FEED_MS = 5000 };

static void
feed_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	(void)tag;
	wad_console_answer(c, m, WAD_CTL_FAILED, "wad-lookup");
}

static void
ask(struct wad_console *c, const char *verb, const char *name)
{
	struct wad_str	words = { 0 };
	struct wad_msg	m;

	if (c->ctl->lookup == NULL) {
		wad_console_fail(c, WAD_CTL_SILENT, "wad-lookup is not "
		    "running\n");
		return;
	}
	wad_str_addf(&words, "feed %s%s%s", verb, *name != '\0' ? " " : "",
	    name);
	wad_msg_init(&m, WAD_MSG_WORKER_CMD, 0);
	wad_msg_add_str(&m, words.s);
	if (wad_console_ask(c, c->ctl->lookup, &m, FEED_MS, feed_said,
	    0) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "wad-lookup cannot be "
		    "asked\n");
	wad_msg_free(&m);
	wad_str_free(&words);
}

static void
list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	ask(c, "list", "");
}

/* `stats`, `stats NAME`, `refresh NAME`; the first argument is "sys" */
static void
verb_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	ask(c, a->word[3], a->n_args > 1 ? a->arg[1] : "");
}

static void
addresses_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	ask(c, "addresses", a->arg[1]);
}

static const struct wad_cmd rows[] = {
	{ "diagnose sys|system external-resource", "threat feeds", NULL, 0 },
	{ "diagnose sys|system external-resource list", "each one: state, "
	    "entries, age, when it is fetched next", list_exec,
	    WAD_CMD_READ },
	{ "diagnose sys|system external-resource stats", "lines, updates, "
	    "failures and the first bad lines of each", verb_exec,
	    WAD_CMD_READ },
	{ "diagnose sys|system external-resource stats <word>", "of one, by "
	    "its name", verb_exec, WAD_CMD_READ },
	{ "diagnose sys|system external-resource refresh", "fetch one now",
	    NULL, 0 },
	{ "diagnose sys|system external-resource refresh <word>", "by its "
	    "name", verb_exec, 0 },
	{ "diagnose sys|system external-address-resource", "threat feeds of "
	    "type address", NULL, 0 },
	{ "diagnose sys|system external-address-resource list", "their "
	    "ranges", NULL, 0 },
	{ "diagnose sys|system external-address-resource list <word>",
	    "the first 1000 ranges of one", addresses_exec, WAD_CMD_READ },
};

const struct wad_cmd_family wad_cmd_feed = { rows,
	sizeof(rows) / sizeof(rows[0]) };
