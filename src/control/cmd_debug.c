/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnose debug ...: whether and how this console sees debug lines, and the
 * levels of the other daemons' debug output.
 */
#include "control/console.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/debug_pump.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

const char *const wad_control_apps[WAD_CTL_APPS] = {
	"authd", "fnbamd", "foauthd", "https", "ike", "samld", "sslvpn",
	"wad"
};

static const char *
on_off(bool on)
{
	return on ? "enable" : "disable";
}

static void
enable_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	bool on = strcmp(a->arg[0], "enable") == 0;

	wad_console_watch(c, on);
	if (on && c->ctl->debug.cats == 0)
		wad_console_say(c, "no category is chosen yet: see "
		    "`diagnose wad debug enable`\n");
}

/* Settings are everybody's; another console that watches goes on watching,
 * with nothing chosen. */
static void
reset_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_ctl_debug *d = &c->ctl->debug;

	(void)a;
	memset(d, 0, sizeof(*d));
	d->level = WAD_I;
	d->timestamp = true;
	d->minutes = 30;
	wad_console_watch(c, false);
	wad_debug_pump_filter(c->ctl);
	wad_debug_pump_apply(c->ctl);
}

static void
duration_say(struct wad_console *c)
{
	uint64_t now = wad_clock_ms();

	if (c->ctl->debug.minutes == 0)
		wad_console_say(c, "no end");
	else
		wad_console_say(c, "%u minutes", c->ctl->debug.minutes);
	if (c->watching && c->until_ms > now)
		wad_console_say(c, ", %u seconds left",
		    (unsigned)((c->until_ms - now) / 1000));
	wad_console_say(c, "\n");
}

static void
info_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_ctl_debug *d = &c->ctl->debug;

	(void)a;
	wad_console_say(c, "debug output:           %s\n",
	    on_off(c->watching));
	wad_console_say(c, "consoles that watch:    %u of %u\n",
	    c->ctl->n_watching, c->ctl->n_consoles);
	wad_console_say(c, "console timestamp:      %s\n",
	    on_off(d->timestamp));
	wad_console_say(c, "duration:               ");
	duration_say(c);
	wad_console_say(c, "wad categories:        ");
	for (int i = 0; i < WAD_DBG_NCAT; i++)
		if (d->cats >> i & 1)
			wad_console_say(c, " %s", wad_dbg_cat_names[i]);
	wad_console_say(c, "%s\n", d->cats == 0 ? " not set" : "");
	wad_console_say(c, "wad level:              %s\n",
	    wad_dbg_level_names[d->level]);
	for (int i = 0; i < WAD_CTL_APPS; i++)
		if (d->app_level[i] != 0)
			wad_console_say(c, "%s debug level: %d (0x%x)\n",
			    wad_control_apps[i], d->app_level[i],
			    (unsigned)d->app_level[i] & 0xff);
}

static void
duration_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	unsigned long n = strtoul(a->arg[0], NULL, 10);

	if (n > 10080) {
		wad_console_fail(c, WAD_CTL_FAILED, "%lu minutes are more "
		    "than a week (10080); 0 means no end\n", n);
		return;
	}
	c->ctl->debug.minutes = (unsigned)n;
	wad_console_duration(c);
}

static void
timestamp_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	c->ctl->debug.timestamp = strcmp(a->arg[0], "enable") == 0;
	wad_debug_pump_apply(c->ctl);
}

static void
application_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	for (int i = 0; i < WAD_CTL_APPS; i++) {
		if (strcmp(a->arg[0], wad_control_apps[i]) != 0)
			continue;
		c->ctl->debug.app_level[i] = a->n_args < 2 ? 0 :
		    (int)strtol(a->arg[1], NULL, 10);
		wad_console_say(c, "%s debug level: %d\n",
		    wad_control_apps[i], c->ctl->debug.app_level[i]);
	}
}

/* What the documents have and openwad has not: said, with what helps instead. */
static void
absent_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	bool sniffer = strcmp(a->word[1], "sniffer") == 0;

	wad_console_fail(c, WAD_CTL_FAILED, sniffer ?
	    "openwad has no packet sniffer: use `tcpdump -n -i any 'FILTER'` "
	    "in a shell of this machine; the filters are the same\n" :
	    "openwad has no flow trace: `diagnose wad explain` says which "
	    "policy a connection gets and what follows, `diagnose wad debug "
	    "enable all` and `diagnose debug enable` show each step\n");
}

#define APPS "authd|fnbamd|foauthd|https|ike|samld|sslvpn|wad"

static const struct wad_cmd rows[] = {
	{ "diagnose", "look inside the running proxy", NULL, 0 },
	{ "diagnose debug", "debug lines on this console", NULL, 0 },
	{ "diagnose debug enable|disable",
	    "start or stop the stream of debug lines", enable_exec,
	    WAD_CMD_READ },
	{ "diagnose debug reset",
	    "all debug settings and filters back to their defaults",
	    reset_exec, 0 },
	{ "diagnose debug info", "the debug settings", info_exec,
	    WAD_CMD_READ },
	{ "diagnose debug duration", "how long the stream lasts", NULL, 0 },
	{ "diagnose debug duration <num>",
	    "minutes until the stream ends, 0 for no end", duration_exec,
	    0 },
	{ "diagnose debug console", "form of the lines", NULL, 0 },
	{ "diagnose debug console timestamp", "time in each line", NULL, 0 },
	{ "diagnose debug console timestamp enable|disable",
	    "with or without the time", timestamp_exec, 0 },
	{ "diagnose debug flow <rest>", "not in openwad: see `diagnose wad "
	    "explain`, `diagnose wad debug`", absent_exec, WAD_CMD_READ },
	{ "diagnose sniffer <rest>", "not in openwad: see tcpdump(8)",
	    absent_exec, WAD_CMD_READ },
	{ "diagnose debug application", "level of a daemon's debug output",
	    NULL, 0 },
	{ "diagnose debug application " APPS,
	    "debug level back to 0, or give a level", application_exec, 0 },
	{ "diagnose debug application " APPS " <int>",
	    "debug level, a bit mask; -1 for everything", application_exec,
	    0 },
};

const struct wad_cmd_family wad_cmd_debug = { rows, COUNT(rows) };
