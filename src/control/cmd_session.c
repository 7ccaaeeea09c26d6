/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnose sys session|session6 ..., get system session..., diagnose wad
 * session ...: the sessions of all workers, read from their segments.  A
 * worker is asked to bring its records up to date first; then the answer is
 * made piece by piece, so that other consoles and the log go on.
 */
#include "control/console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "session/session_print.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A turn prints or looks at so many: well below a millisecond.  A worker ends
 * some 10,000 sessions a second (session_table.c). */
enum { PRINTED = 64, LOOKED_AT = 1024, FRESH_MS = 2000, CLEAR_MS = 60000,
	TCP_STATES = 10 };

/* A walk through the sessions of all workers that run. */
struct walk {
	bool		 want[2];	/* IPv4, IPv6 */
	bool		 all;		/* whatever the filters say */
	wad_session_print_fn *print;	/* NULL: count only */
	void		(*over)(struct wad_console *, const struct walk *);
	unsigned	 ring;
	uint32_t	 slot;
	/* what was found */
	unsigned	 n, tcp[TCP_STATES], ephemeral;
};

static bool
study(const struct wad_console *c)
{
	return c->ctl->conf != NULL && c->ctl->conf->console.study;
}

/* Is this command about session6? */
static bool
is_v6(const struct wad_cmd_args *a)
{
	return a->n_words > 2 && strcmp(a->word[2], "session6") == 0;
}

static struct wad_session_filter *
filter(struct wad_console *c, bool v6)
{
	if (c->filter[v6] == NULL) {
		c->filter[v6] = wad_xmalloc(sizeof(*c->filter[v6]));
		wad_session_filter_init(c->filter[v6], v6 ? AF_INET6 :
		    AF_INET);
	}
	return c->filter[v6];
}

/* ---- walking ----------------------------------------------------------- */

/* The sessions of a worker; NULL when it is not there. */
static const struct wad_slot_seg *
sessions_of(const struct wad_control *ctl, const struct wad_ctl_ring *r)
{
	if (strcmp(r->role, "worker") != 0 || r->index >= WAD_CTL_WORKERS ||
	    ctl->workers[r->index] == NULL)
		return NULL;
	return r->sessions;
}

static bool
wanted(struct wad_console *c, const struct walk *w, const struct wad_slot *s,
    uint64_t now)
{
	bool v6 = s->src.family == AF_INET6;

	return w->want[v6] && (w->all || c->filter[v6] == NULL ||
	    wad_session_filter_match(c->filter[v6], s, now));
}

/* The next piece of a walk: wad_console_more_fn. */
static bool
walk_on(struct wad_console *c, void *arg)
{
	struct walk	*w = arg;
	struct wad_slot	 s;
	uint64_t	 now = wad_clock_ms();
	unsigned	 printed = 0;

	for (int looked = 0; looked < LOOKED_AT && printed < PRINTED;
	    looked++) {
		const struct wad_ctl_ring *r = &c->ctl->rings[w->ring];
		const struct wad_slot_seg *g;

		if (w->ring >= c->ctl->n_rings) {
			w->over(c, w);
			return false;
		}
		g = sessions_of(c->ctl, r);
		if (g == NULL || w->slot >= wad_slot_high(g)) {
			w->ring++;
			w->slot = 0;
			continue;
		}
		if (!wad_slot_read(g, w->slot++, false, &s) ||
		    !wanted(c, w, &s, now))
			continue;
		w->n++;
		w->tcp[s.clt.tcp % TCP_STATES]++;
		w->ephemeral += (s.state & WAD_SLOT_BIT(EPH)) != 0;
		if (w->print != NULL) {
			w->print(&s, now, r->index, &c->reply);
			printed++;
		}
	}
	return true;
}

/* A worker has (or has not) brought its records up to date. */
static void
fresh(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	uint32_t ok;

	if (m == NULL || wad_msg_get_u32(m, &ok) == -1 || !ok)
		wad_console_say(c, "worker %u did not answer: its counters "
		    "are as it last wrote them\n", tag);
}

/* Begins a walk; w is copied. */
static void
walk(struct wad_console *c, const struct walk *w)
{
	struct walk *copy = wad_xmalloc(sizeof(*copy));

	*copy = *w;
	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++) {
		struct wad_msg m;

		if (c->ctl->workers[i] == NULL)
			continue;
		wad_msg_init(&m, WAD_MSG_SESSIONS_FRESH, 0);
		if (wad_console_ask(c, c->ctl->workers[i], &m, FRESH_MS,
		    fresh, i) == -1)
			fresh(c, i, NULL);
		wad_msg_free(&m);
	}
	wad_console_stream(c, walk_on, copy, free);
}

/* ---- lists ------------------------------------------------------------- */

static void
total(struct wad_console *c, const struct walk *w)
{
	wad_console_say(c, "total session %u\n", w->n);
}

static void
nothing(struct wad_console *c, const struct walk *w)
{
	(void)c;
	(void)w;
}

static void
list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	bool		v6 = is_v6(a);
	struct walk	w = { .over = total };

	w.want[v6] = true;
	w.print = study(c) ? wad_session_print_study : v6 ?
	    wad_session_print_v6 : wad_session_print_v4;
	walk(c, &w);
}

/* Both families, each by its filter. */
static void
table_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct walk w = { .want = { true, true }, .over = nothing,
		.print = wad_session_print_row };

	(void)a;
	wad_session_print_head(&c->reply);
	walk(c, &w);
}

static void
wad_list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct walk w = { .want = { true, true }, .all = true,
		.over = nothing, .print = wad_session_print_wad };

	(void)a;
	walk(c, &w);
}

/* ---- stat -------------------------------------------------------------- */

/* What the workers counted since they started. */
struct sums { uint64_t cleared, denied; unsigned used, workers; };

static struct sums
sums(const struct wad_control *ctl)
{
	struct sums s = { 0 };

	for (unsigned i = 0; i < ctl->n_rings; i++) {
		const struct wad_slot_seg *g = sessions_of(ctl,
		    &ctl->rings[i]);

		if (g == NULL)
			continue;
		s.workers++;
		s.cleared += __atomic_load_n(&g->cleared, __ATOMIC_RELAXED);
		s.denied += __atomic_load_n(&g->denied, __ATOMIC_RELAXED);
		s.used += __atomic_load_n(&g->used, __ATOMIC_RELAXED);
	}
	return s;
}

static unsigned
fqdns(const struct wad_conf *conf)
{
	unsigned n = 0;

	for (size_t i = 0; conf != NULL && i < conf->n_addrs; i++)
		n += conf->addrs[i].type == WAD_ADDR_FQDN ||
		    conf->addrs[i].type == WAD_ADDR_WILDCARD_FQDN;
	return n;
}

static void
tcp_say(struct wad_console *c, const struct walk *w)
{
	wad_console_say(c, "TCP sessions:\n");
	for (unsigned i = 0; i < TCP_STATES; i++)
		if (w->tcp[i] > 0)
			wad_console_say(c, "%10u in %s state\n", w->tcp[i],
			    wad_session_print_tcp(i));
}

/* Errors of a firewall in the kernel: none of them can happen here. */
static void
errors_say(struct wad_console *c, bool full, const struct sums *s)
{
	wad_console_say(c, "firewall error stat:\n");
	for (int i = 1; i <= 4; i++)
		wad_console_say(c, "error%d=00000000\n", i);
	wad_console_say(c, "tt=00000000\ncont=00000000\n");
	if (full)
		wad_console_say(c, "ips_recv=00000000\npolicy_deny=%08x\n",
		    (unsigned)s->denied);
	else
		wad_console_say(c, "ids_recv=00000000\nurl_recv=00000000\n");
	wad_console_say(c, "av_recv=00000000\nfqdn_count=%08x\n"
	    "fqdn6_count=00000000\n"
	    "global: ses_limit=0 ses6_limit=0 rt_limit=0 rt6_limit=0\n",
	    fqdns(c->ctl->conf));
}

/* Reference 5.4.  setup_rate, delete and policy_deny are of both families;
 * showing flush sets it back. */
static void
stat_say(struct wad_console *c, const struct walk *w, bool full)
{
	struct sums	 s = sums(c->ctl);
	unsigned	*flush = &c->ctl->flush[w->want[1]];

	if (full)
		wad_console_say(c, "session table:           table_size=%u "
		    "max_depth=1 used=%u\n", s.workers * WAD_SLOTS_MAX,
		    s.used);
	wad_console_say(c, "misc info:       session_count=%u setup_rate=%llu "
	    "exp_count=0 clash=0\n        memory_tension_drop=0 "
	    "ephemeral=%u/%u removeable=0", w->n,
	    (unsigned long long)wad_history_rate(c->ctl),
	    w->ephemeral, s.workers * WAD_SLOTS_MAX);
	wad_console_say(c, full ? " extreme_low_mem=0\n"
	    "        npu_session_count=0\n"
	    "        nturbo_session_count=0\n" : "\n");
	wad_console_say(c, "delete=%llu, flush=%u, dev_down=0/0 %s=0\n%s",
	    (unsigned long long)s.cleared, *flush, full ? "ses_walkers" :
	    "ses_flush_filters", full ? "" : "flush_work_num=0\n");
	if (!c->read_only)
		*flush = 0;
	tcp_say(c, w);
	errors_say(c, full, &s);
}

static void
stat_over(struct wad_console *c, const struct walk *w)
{
	stat_say(c, w, false);
}

static void
full_stat_over(struct wad_console *c, const struct walk *w)
{
	stat_say(c, w, true);
}

static void
stat_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	bool		full = strcmp(a->word[3], "full-stat") == 0;
	struct walk	w = { .all = true,
			    .over = full ? full_stat_over : stat_over };

	w.want[is_v6(a)] = true;
	walk(c, &w);
}

static void
ttl_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_conf *conf = c->ctl->conf;

	(void)a;
	wad_console_say(c, "list session timeout:\nDefault timeout=%u\n",
	    conf != NULL ? conf->timers.session_ttl : 0);
}

/* ---- ending sessions --------------------------------------------------- */

/* Adds up what the workers ended. */
static void
ended(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	uint32_t	 ok;
	const char	*text;

	if (m == NULL || wad_msg_get_u32(m, &ok) == -1 ||
	    wad_msg_get_str(m, &text) == -1 || !ok)
		wad_console_fail(c, WAD_CTL_SILENT, "worker %u did not "
		    "answer: its sessions may go on\n", tag);
	else
		c->n_ended += strtoul(text, NULL, 10);
}

/* Of `delete`: the last worker's answer tells whether it was found. */
static void
deleted(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	ended(c, tag, m);
	if (c->n_asks == 1 && c->n_ended == 0 && c->status == WAD_CTL_OK)
		wad_console_fail(c, WAD_CTL_FAILED, "no session has this "
		    "serial\n");
}

static void
clear(struct wad_console *c, const struct wad_session_filter *f,
    uint32_t serial, wad_console_done_fn *done)
{
	unsigned n = 0;

	c->n_ended = 0;
	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++) {
		struct wad_msg m;

		if (c->ctl->workers[i] == NULL)
			continue;
		wad_msg_init(&m, WAD_MSG_SESSIONS_CLEAR, 0);
		wad_msg_add_blob(&m, f, sizeof(*f));
		wad_msg_add_u32(&m, serial);
		if (wad_console_ask(c, c->ctl->workers[i], &m, CLEAR_MS,
		    done, i) == -1)
			wad_console_fail(c, WAD_CTL_SILENT, "worker %u "
			    "cannot be asked: its sessions go on\n", i);
		wad_msg_free(&m);
		n++;
	}
	if (n == 0)
		wad_console_fail(c, WAD_CTL_SILENT, "no worker is "
		    "running\n");
}

static void
clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	c->ctl->flush[is_v6(a)]++;
	clear(c, filter(c, is_v6(a)), 0, ended);
}

static void
wad_clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_session_filter all;

	(void)a;
	wad_session_filter_init(&all, 0);
	clear(c, &all, 0, ended);
}

/* "000016a0" and "0x16a0" as the list has it, "5792" as the log has it:
 * eight digits are hexadecimal, whatever they are. */
static bool
serial_read(const char *s, uint32_t *serial)
{
	size_t		 n = strlen(s);
	bool		 hex = n == 8 || strncasecmp(s, "0x", 2) == 0 ||
	    strpbrk(s, "abcdefABCDEF") != NULL;
	unsigned long	 v;
	char		*end;

	errno = 0;
	v = strtoul(s, &end, hex ? 16 : 10);
	*serial = (uint32_t)v;
	return s[0] >= '0' && strchr("+-", s[0]) == NULL && *end == '\0' &&
	    errno == 0 && v > 0 && v <= UINT32_MAX;
}

static void
delete_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_session_filter	all;
	uint32_t			serial;
	char				esc[64];

	if (!serial_read(a->arg[0], &serial)) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "\"%s\" is not a serial: "
		    "give the eight hexadecimal digits of serial=, or the "
		    "decimal sessionid= of the log\n",
		    wad_str_escape(esc, sizeof(esc), a->arg[0],
		    strlen(a->arg[0])));
		return;
	}
	wad_session_filter_init(&all, 0);
	clear(c, &all, serial, deleted);
}

/* ---- filters ----------------------------------------------------------- */

static void
filter_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	wad_session_filter_print(filter(c, is_v6(a)), study(c), &c->reply);
}

/* diagnose sys session filter OPTION VALUE... */
static void
filter_set_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const char *option = a->word[4];

	if (a->n_args == 0 && strncmp(option, "session-state", 13) == 0) {
		wad_session_filter_states(option[13] == '2', &c->reply);
		return;
	}
	if (wad_session_filter_set(filter(c, is_v6(a)), c->ctl->conf, option,
	    a->arg, a->n_args, &c->reply) == -1)
		c->status = WAD_CTL_FAILED;
}

static void
filter_negate_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	if (wad_session_filter_negate(filter(c, is_v6(a)), a->n_args > 0 ?
	    a->arg[0] : NULL, &c->reply) == -1)
		c->status = WAD_CTL_FAILED;
}

static void
filter_clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	wad_session_filter_init(filter(c, is_v6(a)), is_v6(a) ? AF_INET6 :
	    AF_INET);
}

#define NEGATABLE "vd|sintf|dintf|src|nsrc|dst|proto|sport|nport|dport|" \
	"policy|policy-id|expire|duration|proto-state|session-state1|" \
	"session-state2"
#define RD	WAD_CMD_READ
#define OPTION(s, name, help)						\
	{ "diagnose sys " s " filter " name " <rest>", help,		\
	    filter_set_exec, RD }

/* The same commands for both families. */
#define FAMILY(s, ip)							\
	{ "diagnose sys " s, ip " sessions", NULL, 0 },			\
	{ "diagnose sys " s " list", "the sessions that the filter of "	\
	    "this console lets through", list_exec, RD },		\
	{ "diagnose sys " s " stat", "how many, by state; flush: how "	\
	    "often `clear` was used since this was last shown",		\
	    stat_exec, RD },						\
	{ "diagnose sys " s " full-stat", "the same with the table's "	\
	    "size and what policies denied", stat_exec, RD },		\
	{ "diagnose sys " s " ttl", "how long an idle session stays",	\
	    ttl_exec, RD },						\
	{ "diagnose sys " s " clear", "end every session that the "	\
	    "filter of this console lets through, at once and without "	\
	    "asking; without a filter: all", clear_exec, 0 },		\
	{ "diagnose sys " s " delete", "end one session", NULL, 0 },	\
	{ "diagnose sys " s " delete <word>", "its serial= as listed "	\
	    "(8 hexadecimal digits, or 0x...), or its sessionid= of "	\
	    "the log (decimal)", delete_exec, 0 },			\
	{ "diagnose sys " s " filter", "the filter of this console; it "	\
	    "ends with the connection", filter_exec, RD },		\
	OPTION(s, "vd", "number of the virtual domain: 0 (root); -1: any"), \
	OPTION(s, "vd-name", "name of the virtual domain: root; any"),	\
	OPTION(s, "sintf", "interface toward the client"),		\
	OPTION(s, "dintf", "interface toward the server"),		\
	OPTION(s, "src", "the client's address, two for a range, or a "	\
	    "prefix; `any` takes a criterion back"),			\
	OPTION(s, "nsrc", "the address that it is translated to"),	\
	OPTION(s, "dst", "the server's address, range or prefix"),	\
	OPTION(s, "proto", "number of the protocol, or a range"),	\
	OPTION(s, "sport", "the client's port, or a range"),		\
	OPTION(s, "nport", "the port that it is translated to"),	\
	OPTION(s, "dport", "the server's port, or a range"),		\
	OPTION(s, "policy", "number of the policy, or a range"),	\
	OPTION(s, "policy-id", "as policy"),				\
	OPTION(s, "expire", "seconds until it is removed, or a range"),	\
	OPTION(s, "duration", "seconds since it began, or a range"),	\
	OPTION(s, "proto-state", "state of the protocol, two digits as "	\
	    "in proto_state=: server's side, client's side"),		\
	OPTION(s, "session-state1", "bits [mask] in hexadecimal, or "	\
	    "words of state=; without a value: which there are"),	\
	OPTION(s, "session-state2", "as session-state1, second word"),	\
	OPTION(s, "ext-src", "one more address, range or prefix for the "	\
	    "list of clients"),						\
	OPTION(s, "ext-dst", "one more for the list of servers"),	\
	OPTION(s, "ext-src-negate", "one more for the list of clients "	\
	    "that are left out"),					\
	OPTION(s, "ext-dst-negate", "one more for the list of servers "	\
	    "that are left out"),					\
	{ "diagnose sys " s " filter clear", "no filter: every session again",	\
	    filter_clear_exec, RD },					\
	{ "diagnose sys " s " filter negate", "sessions that do not fit " \
	    "the whole filter; a second time: as before",		\
	    filter_negate_exec, RD },					\
	{ "diagnose sys " s " filter negate " NEGATABLE, "sessions that "	\
	    "do not fit this criterion, but all others",		\
	    filter_negate_exec, RD }

static const struct wad_cmd rows[] = {
	{ "diagnose sys", "the gateway", NULL, 0 },
	FAMILY("session", "IPv4"),
	FAMILY("session6", "IPv6"),
	{ "get system session", "sessions", NULL, 0 },
	{ "get system session list", "sessions of both families, one a "
	    "line, as the filters let them through", table_exec, RD },
	{ "get system session-info", "sessions", NULL, 0 },
	{ "get system session-info list", "as `get system session list`",
	    table_exec, RD },
	{ "get system session-info full-stat", "as `diagnose sys session "
	    "full-stat`", stat_exec, RD },
	{ "get system session-info statistics", "as `diagnose sys session "
	    "stat`", stat_exec, RD },
	{ "get system session-info ttl", "how long an idle session stays",
	    ttl_exec, RD },
	{ "diagnose wad session", "sessions as the proxy sees them", NULL,
	    0 },
	{ "diagnose wad session list", "both legs of every session",
	    wad_list_exec, RD },
	{ "diagnose wad session clear", "end all sessions",
	    wad_clear_exec, 0 },
};

const struct wad_cmd_family wad_cmd_session = { rows, COUNT(rows) };
