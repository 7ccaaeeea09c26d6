/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnose wad ..., diagnose test application wad: debug categories, the
 * debug filter, explain, counters, processes.
 */
#include "control/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/debug_pump.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { EXPLAIN_MS = 5000, WORKER_MS = 5000, ALL_CATS = (1 << WAD_DBG_NCAT) -
	1 };

/* Index of a word in a list; -1 when it is not there. */
static int
index_of(const char *w, const char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(w, list[i]) == 0)
			return i;
	return -1;
}

static void
enable_all_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_ctl_debug *d = &c->ctl->debug;

	if (strcmp(a->word[3], "enable") == 0) {
		d->cats = ALL_CATS;
		d->level = WAD_V;
		d->show_pid = true;
	} else
		d->cats = 0;
	wad_debug_pump_apply(c->ctl);
}

static void
category_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	uint32_t bits = ALL_CATS;

	if (strcmp(a->arg[0], "all") != 0)
		bits = 1u << index_of(a->arg[0], wad_dbg_cat_names,
		    WAD_DBG_NCAT);
	if (strcmp(a->word[3], "enable") == 0)
		c->ctl->debug.cats |= bits;
	else
		c->ctl->debug.cats &= ~bits;
	wad_debug_pump_apply(c->ctl);
}

/* Disabling a level leaves those that are more severe. */
static void
level_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	int level = index_of(a->arg[0], wad_dbg_level_names, WAD_DBG_NLEVEL);

	if (strcmp(a->word[3], "disable") == 0 && level > 0)
		level--;
	c->ctl->debug.level = (enum wad_dbg_level)level;
	wad_debug_pump_apply(c->ctl);
}

static void
pid_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	c->ctl->debug.show_pid = strcmp(a->arg[0], "enable") == 0;
	wad_debug_pump_apply(c->ctl);
}

static void
show_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_ctl_debug *d = &c->ctl->debug;

	(void)a;
	wad_console_say(c, "Category:");
	if (d->cats == 0)
		wad_console_say(c, " not set");
	for (int i = 0; i < WAD_DBG_NCAT; i++)
		if (d->cats >> i & 1)
			wad_console_say(c, " %s", wad_dbg_cat_names[i]);
	wad_console_say(c, "\nLevel: %s\nDisplay: pid %s\n",
	    wad_dbg_level_names[d->level],
	    d->show_pid ? "enabled" : "disabled");
}

static void
clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	c->ctl->debug.cats = 0;
	c->ctl->debug.level = WAD_I;
	c->ctl->debug.show_pid = false;
	wad_debug_pump_apply(c->ctl);
}

/* filter src|dst LO [HI] */
static void
filter_addr_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_dbg_filter	*f = &c->ctl->debug.filter;
	struct wad_addr		 lo, hi;

	if (wad_addr_parse(&lo, a->arg[1]) == -1)
		return;
	hi = lo;
	if (a->n_args > 2 && wad_addr_parse(&hi, a->arg[2]) == -1)
		return;
	if (lo.family != hi.family || wad_addr_ip_cmp(&lo, &hi) > 0) {
		wad_console_fail(c, WAD_CTL_FAILED, "%s to %s is not a "
		    "range: give the lower address first, both of one "
		    "family\n", a->arg[1], a->arg[2]);
		return;
	}
	if (strcmp(a->arg[0], "src") == 0) {
		f->src_lo = lo;
		f->src_hi = hi;
	} else {
		f->dst_lo = lo;
		f->dst_hi = hi;
	}
	wad_debug_pump_filter(c->ctl);
}

/* filter sport|dport LO [HI] */
static void
filter_port_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_dbg_filter	*f = &c->ctl->debug.filter;
	unsigned long		 lo = strtoul(a->arg[1], NULL, 10), hi = lo;

	if (a->n_args > 2)
		hi = strtoul(a->arg[2], NULL, 10);
	if (lo > hi) {
		wad_console_fail(c, WAD_CTL_FAILED, "%lu to %lu is not a "
		    "range: give the lower port first\n", lo, hi);
		return;
	}
	if (strcmp(a->arg[0], "sport") == 0) {
		f->sport_lo = (uint16_t)lo;
		f->sport_hi = (uint16_t)hi;
	} else {
		f->dport_lo = (uint16_t)lo;
		f->dport_hi = (uint16_t)hi;
	}
	wad_debug_pump_filter(c->ctl);
}

/* In the order of the bits WAD_DBG_F_*. */
static const char *const criteria[] = { "src", "dst", "sport", "dport" };

static void
filter_negate_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	c->ctl->debug.filter.negate ^= 1u << index_of(a->arg[0], criteria,
	    COUNT(criteria));
	wad_debug_pump_filter(c->ctl);
}

static void
filter_clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	memset(&c->ctl->debug.filter, 0, sizeof(c->ctl->debug.filter));
	wad_debug_pump_filter(c->ctl);
}

static void
range_say(struct wad_console *c, int i, const char *lo, const char *hi)
{
	bool neg = c->ctl->debug.filter.negate >> i & 1;

	wad_console_say(c, "%s: %s%s%s%s\n", criteria[i], neg ? "not " : "",
	    lo, strcmp(lo, hi) != 0 ? "-" : "",
	    strcmp(lo, hi) != 0 ? hi : "");
}

static void
filter_list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_dbg_filter *f = &c->ctl->debug.filter;
	const struct wad_addr	*ad[2][2] = { { &f->src_lo, &f->src_hi },
				    { &f->dst_lo, &f->dst_hi } };
	const uint16_t		 po[2][2] = {
				    { f->sport_lo, f->sport_hi },
				    { f->dport_lo, f->dport_hi } };
	char			 lo[WAD_ADDR_STRLEN], hi[WAD_ADDR_STRLEN];

	(void)a;
	for (int i = 0; i < 2; i++) {
		if (ad[i][0]->family == 0) {
			range_say(c, i, "any", "any");
			continue;
		}
		range_say(c, i, wad_addr_ip_str(ad[i][0], lo),
		    wad_addr_ip_str(ad[i][1], hi));
	}
	for (int i = 0; i < 2; i++) {
		snprintf(lo, sizeof(lo), "%u", po[i][0]);
		snprintf(hi, sizeof(hi), "%u", po[i][1]);
		if (po[i][1] == 0)
			range_say(c, i + 2, "any", "any");
		else
			range_say(c, i + 2, lo, hi);
	}
}

struct target { char host[WAD_HOST_MAX]; uint32_t port; const char *path; };

/* "host", "host:port", "[v6]", "[v6]:port", "v6", each with a path behind it
 * or not, and "https://" or "http://" before it or not; 0 or -1. */
static int
target_parse(const char *s, struct target *t)
{
	const char	*colon = NULL;
	bool		 plain = strncasecmp(s, "http://", 7) == 0;
	size_t		 len, end;

	s += plain ? 7 : strncasecmp(s, "https://", 8) == 0 ? 8 : 0;
	end = len = strcspn(s, "/?");
	t->path = s + len;
	t->port = plain ? 80 : 443;
	for (size_t i = 0; i < end; i++)
		if (s[i] == ':' && (*s != '[' || s[i - 1] == ']'))
			colon = colon == NULL ? s + i : s;	/* s: two */
	if (*s == '[' && memchr(s, ']', end) == NULL)
		return -1;
	if (colon > s) {
		char		*stop;
		unsigned long	 v = strtoul(colon + 1, &stop, 10);

		if (colon[1] < '0' || colon[1] > '9' || stop != s + end ||
		    v == 0 || v > 65535)
			return -1;
		t->port = (uint32_t)v;
		len = (size_t)(colon - s);
	}
	return wad_str_host_canon(t->host, s, len);
}

static void
explained(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	(void)tag;
	wad_console_answer(c, m, WAD_CTL_FAILED, "the worker");
}

/* Reads `interface NAME` and `user NAME`, in any order; 0 or -1. */
static int
options_take(const struct wad_cmd_args *a, size_t i, const char **ifname,
    const char **user)
{
	for (; i < a->n_args; i += 2) {
		const char **to = wad_cmd_begins(a->arg[i], "interface") ?
		    ifname : wad_cmd_begins(a->arg[i], "user") ? user : NULL;

		if (to == NULL || i + 1 >= a->n_args || **to != '\0')
			return -1;
		*to = a->arg[i + 1];
	}
	return 0;
}

static void
explain_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const char	*ifname = "", *user = "";
	struct target	 t;
	struct wad_addr	 src;
	struct wad_msg	 m;
	unsigned	 i = 0;

	if (wad_addr_parse(&src, a->arg[0]) == -1 ||
	    target_parse(a->arg[1], &t) == -1) {
		char esc[256];

		wad_console_fail(c, WAD_CTL_SYNTAX, "\"%s\" is not a host "
		    "name or address, with or without :port and /path\n",
		    wad_str_escape(esc, sizeof(esc), a->arg[1],
		    strlen(a->arg[1])));
		return;
	}
	if (options_take(a, 2, &ifname, &user) == -1) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "after source and host "
		    "only `interface NAME` and `user NAME` may follow, each "
		    "once\n");
		return;
	}
	while (i < WAD_CTL_WORKERS && c->ctl->workers[i] == NULL)
		i++;
	if (i == WAD_CTL_WORKERS) {
		wad_console_fail(c, WAD_CTL_SILENT, "no worker is "
		    "running\n");
		return;
	}
	wad_msg_init(&m, WAD_MSG_EXPLAIN, 0);
	wad_msg_add_addr(&m, &src);
	wad_msg_add_str(&m, t.host);
	wad_msg_add_u32(&m, t.port);
	wad_msg_add_str(&m, ifname);
	wad_msg_add_str(&m, user);
	wad_msg_add_str(&m, t.path);
	if (wad_console_ask(c, c->ctl->workers[i], &m, EXPLAIN_MS, explained,
	    i) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "too many questions are "
		    "open, try again\n");
	wad_msg_free(&m);
}

/* One line: the sum, each worker's share, and that of every other role that
 * has one.  How many workers there are. */
static unsigned
stat_say(struct wad_console *c, const char *name, bool gauge, int k)
{
	uint64_t	sum = 0;
	struct wad_str	each = { 0 };
	unsigned	workers = 0;

	for (unsigned i = 0; i < c->ctl->n_rings; i++) {
		const struct wad_ctl_ring *r = &c->ctl->rings[i];
		bool	 worker = strcmp(r->role, "worker") == 0;
		uint64_t v;

		if (r->seg == NULL)
			continue;
		v = __atomic_load_n(gauge ? &r->seg->stats.gauge[k] :
		    &r->seg->stats.counter[k], __ATOMIC_RELAXED);
		if (!worker && v == 0)
			continue;
		sum += v;
		workers += worker;
		wad_str_add(&each, each.len > 0 ? ", " : "");
		if (worker)
			wad_str_addf(&each, "%u: %" PRIu64, r->index, v);
		else
			wad_str_addf(&each, "%s: %" PRIu64, r->role, v);
	}
	if (workers > 0)
		wad_console_say(c, "%s = %" PRIu64 " (%s)\n", name, sum,
		    each.s);
	wad_str_free(&each);
	return workers;
}

static void
stats_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	unsigned workers = 0;

	(void)a;
	for (int k = 0; k < WAD_CNT_N; k++)
		workers = stat_say(c, wad_counter_names[k], false, k);
	for (int k = 0; k < WAD_GAUGE_N; k++)	/* times have no sum */
		if (k != WAD_GAUGE_STARTED)
			(void)stat_say(c, wad_gauge_names[k], true, k);
	if (workers == 0)
		wad_console_fail(c, WAD_CTL_FAILED, "no worker is "
		    "running\n");
}

static void
worker_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	char role[32];

	snprintf(role, sizeof(role), "worker %u", tag);
	wad_console_answer(c, m, WAD_CTL_FAILED, role);
}

void
wad_console_ask_workers(struct wad_console *c, const char *words,
    wad_console_done_fn *done)
{
	unsigned n = 0;

	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++) {
		struct wad_msg m;

		if (c->ctl->workers[i] == NULL)
			continue;
		wad_msg_init(&m, WAD_MSG_WORKER_CMD, 0);
		wad_msg_add_str(&m, words);
		if (wad_console_ask(c, c->ctl->workers[i], &m, WORKER_MS,
		    done, i) == -1)
			wad_console_fail(c, WAD_CTL_SILENT, "worker %u "
			    "cannot be asked\n", i);
		wad_msg_free(&m);
		n++;
	}
	if (n == 0)
		wad_console_fail(c, WAD_CTL_SILENT, "no worker is "
		    "running\n");
}

static void
worker_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	if (*a->rest == '\0') {
		wad_console_fail(c, WAD_CTL_SYNTAX, "which command for the "
		    "workers?\n");
		return;
	}
	wad_console_ask_workers(c, a->rest, worker_said);
}

/* `page list` and `page show NAME [LANGUAGE [GROUP]]`: one worker is enough,
 * for all have the same configuration. */
static void
page_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	unsigned	i = 0;
	char		words[160];
	struct wad_msg	m;

	while (i < WAD_CTL_WORKERS && c->ctl->workers[i] == NULL)
		i++;
	if (i == WAD_CTL_WORKERS) {
		wad_console_fail(c, WAD_CTL_SILENT, "no worker is "
		    "running\n");
		return;
	}
	if (strcmp(a->word[3], "show") == 0 && a->rest[0] == '\0') {
		wad_console_fail(c, WAD_CTL_SYNTAX, "which page? `diagnose "
		    "wad page list` has their names\n");
		return;
	}
	snprintf(words, sizeof(words), "page %s", a->rest);
	wad_msg_init(&m, WAD_MSG_WORKER_CMD, 0);
	wad_msg_add_str(&m, words);
	if (wad_console_ask(c, c->ctl->workers[i], &m, WORKER_MS, worker_said,
	    i) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "too many questions are "
		    "open, try again\n");
	wad_msg_free(&m);
}

static void
lookup_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	(void)tag;
	wad_console_answer(c, m, WAD_CTL_FAILED, "wad-lookup");
}

static void
ask_lookup(struct wad_console *c, const char *words)
{
	struct wad_msg m;

	if (c->ctl->lookup == NULL) {
		wad_console_fail(c, WAD_CTL_SILENT, "wad-lookup is not "
		    "running\n");
		return;
	}
	wad_msg_init(&m, WAD_MSG_WORKER_CMD, 0);
	wad_msg_add_str(&m, words);
	if (wad_console_ask(c, c->ctl->lookup, &m, WORKER_MS, lookup_said,
	    0) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "wad-lookup cannot be "
		    "asked\n");
	wad_msg_free(&m);
}

/* `revocation list` and `revocation clear` for wad-lookup. */
static void
revocation_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	char words[32];

	snprintf(words, sizeof(words), "revocation %s", a->word[3]);
	ask_lookup(c, words);
}

/* Health checks are one for all, sessions are each worker's. */
static void
forward_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	if (c->ctl->lookup != NULL)
		ask_lookup(c, "forward-server");
	else
		wad_console_say(c, "wad-lookup is not running: there are no "
		    "health checks\n");
	wad_console_ask_workers(c, "forward-server", worker_said);
}

static void
test_usage_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	wad_console_say(c, "WAD process %d test usage:\n"
	    "    1000: list all processes\n"
	    "    1001: names of the debug levels\n",
	    (int)c->ctl->parent_pid);
}

/* Numbers of the process types; ours begin at 32. */
static int
type_number(const char *role)
{
	static const struct { const char *role; int type; } types[] = {
		{ "manager", 0 }, { "worker", 2 }, { "keys", 32 },
		{ "control", 33 }, { "lookup", 34 }, { "export", 35 }
	};

	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(role, types[i].role) == 0)
			return types[i].type;
	return 63;
}

static void
test_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const char *debug = c->ctl->n_watching > 0 ? "enable" : "disable";

	if (strcmp(a->arg[0], "1001") == 0) {
		for (int i = 0; i < WAD_DBG_NLEVEL; i++)
			wad_console_say(c, "%d: %s\n", i,
			    wad_dbg_level_names[i]);
		return;
	}
	wad_console_say(c, "Process [0]: WAD manager type=manager(0) "
	    "pid=%d diagnosis=yes.\n", (int)c->ctl->parent_pid);
	for (unsigned i = 0; i < c->ctl->n_rings; i++) {
		const struct wad_ctl_ring *r = &c->ctl->rings[i];
		bool up = strcmp(r->role, "worker") != 0 ||
		    (r->index < WAD_CTL_WORKERS &&
		    c->ctl->workers[r->index] != NULL);

		wad_console_say(c, "Process [%u]: type=%s(%d) index=%u "
		    "pid=%u state=%s\n              diagnosis=no debug=%s "
		    "valgrind=unsupported/disabled\n", i + 1, r->role,
		    type_number(r->role), r->index, r->pid,
		    up ? "running" : "down", debug);
	}
}

/* The words of base/dbg.h; check_cmd compares them with its tables. */
#define CATS	"session|packet|dispatcher|http|ssl|cert|policy|auth|url|" \
		"dns|keys|conf|ipc|all"
#define LEVELS	"error|warn|info|verbose"

static const struct wad_cmd rows[] = {
	{ "diagnose wad", "the proxy's workers", NULL, 0 },
	{ "diagnose wad debug", "which debug lines are made", NULL, 0 },
	{ "diagnose wad debug enable", "choose lines", NULL, 0 },
	{ "diagnose wad debug enable all",
	    "every category, level verbose, with the pid", enable_all_exec,
	    0 },
	{ "diagnose wad debug enable category", "choose a category", NULL,
	    0 },
	{ "diagnose wad debug enable category " CATS,
	    "lines of this category", category_exec, 0 },
	{ "diagnose wad debug enable level", "choose a level", NULL, 0 },
	{ "diagnose wad debug enable level " LEVELS,
	    "this level and what is more severe", level_exec, 0 },
	{ "diagnose wad debug disable", "choose fewer lines", NULL, 0 },
	{ "diagnose wad debug disable all", "no lines at all",
	    enable_all_exec, 0 },
	{ "diagnose wad debug disable category", "leave a category out",
	    NULL, 0 },
	{ "diagnose wad debug disable category " CATS,
	    "no lines of this category", category_exec, 0 },
	{ "diagnose wad debug disable level", "leave a level out", NULL,
	    0 },
	{ "diagnose wad debug disable level " LEVELS,
	    "only what is more severe than this level", level_exec, 0 },
	{ "diagnose wad debug display", "parts of a line", NULL, 0 },
	{ "diagnose wad debug display pid", "the process id in each line",
	    NULL, 0 },
	{ "diagnose wad debug display pid enable|disable",
	    "with or without [p:PID]", pid_exec, 0 },
	{ "diagnose wad debug show", "categories, level and display",
	    show_exec, WAD_CMD_READ },
	{ "diagnose wad debug clear", "categories, level and display back "
	    "to their defaults", clear_exec, 0 },
	{ "diagnose wad filter", "sessions whose debug lines are made",
	    NULL, 0 },
	{ "diagnose wad filter src|dst <addr>",
	    "address of the client or the server", filter_addr_exec, 0 },
	{ "diagnose wad filter src|dst <addr> <addr>",
	    "range of addresses", filter_addr_exec, 0 },
	{ "diagnose wad filter sport|dport <port>",
	    "port of the client or the server", filter_port_exec, 0 },
	{ "diagnose wad filter sport|dport <port> <port>",
	    "range of ports", filter_port_exec, 0 },
	{ "diagnose wad filter negate", "turn a criterion round", NULL, 0 },
	{ "diagnose wad filter negate src|dst|sport|dport",
	    "sessions that do not fit this criterion", filter_negate_exec,
	    0 },
	{ "diagnose wad filter clear", "no filter: every session",
	    filter_clear_exec, 0 },
	{ "diagnose wad filter list", "the filter", filter_list_exec,
	    WAD_CMD_READ },
	{ "diagnose wad explain", "what would happen to a connection", NULL,
	    0 },
	{ "diagnose wad explain <addr> <word> <rest>",
	    "<source-ip> <host or ip>[:port][/path] [interface NAME] "
	    "[user NAME] (NAME explicit-web: a client of the explicit proxy): "
	    "policy, category and certificate of such a "
	    "connection, and what becomes of the request",
	    explain_exec, WAD_CMD_READ },
	{ "diagnose wad page", "pages that users get instead of a site", NULL,
	    0 },
	{ "diagnose wad page list", "their names, whose words they have, and "
	    "the languages that there are", page_exec, WAD_CMD_READ },
	{ "diagnose wad page show <rest>", "<page> [language "
	    "[replacemsg-group]]: the page with examples for what it says",
	    page_exec, WAD_CMD_READ },
	{ "diagnose wad stats", "counters of all workers", stats_exec,
	    WAD_CMD_READ },
	{ "diagnose wad revocation", "what is known of revoked "
	    "certificates", NULL, 0 },
	{ "diagnose wad revocation list", "OCSP answers and CRLs that are "
	    "kept", revocation_exec, WAD_CMD_READ },
	{ "diagnose wad revocation clear", "forget what "
	    "responders and lists said and the issuers that were fetched",
	    revocation_exec, 0 },
	{ "diagnose wad webproxy", "the explicit proxy", NULL, 0 },
	{ "diagnose wad webproxy forward-server", "proxies that requests are "
	    "given to: health checks, sessions of each worker, up or down",
	    forward_exec, WAD_CMD_READ },
	{ "diagnose wad worker <rest>",
	    "a command for every worker, e.g. `stats`", worker_exec, 0 },
	{ "diagnose test", "test commands", NULL, 0 },
	{ "diagnose test application", "test commands of a daemon", NULL,
	    0 },
	{ "diagnose test application wad", "what can be tested",
	    test_usage_exec, WAD_CMD_READ },
	{ "diagnose test application wad 1000|1001",
	    "1000: processes; 1001: debug levels", test_exec, WAD_CMD_READ },
};

const struct wad_cmd_family wad_cmd_wad = { rows, COUNT(rows) };
