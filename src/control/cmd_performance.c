/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine does: diagnose hardware sysinfo memory, get system
 * performance status|top, diagnose sys top (seed action-ip-conn).  The facts
 * are files of /proc, which the parent reads; what is a rate comes from two
 * readings half a second apart.
 */
#include "control/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { ASK_MS = 5000, APART_MS = 500, CPUS = 256, PROCS = 160, MODES = 8 };

/* Columns of /proc/stat, proc(5). */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL };

struct proc {
	char		 name[24];
	unsigned	 index;
	int		 pid;
	char		 state;
	uint64_t	 ticks;		/* user and system */
	uint64_t	 pages;		/* resident */
};

struct reading {
	uint64_t	 cpu[CPUS + 1][MODES];	/* 0: all together */
	unsigned	 n_cpus;		/* with that one */
	struct proc	 proc[PROCS];
	unsigned	 n_procs;
	uint64_t	 up;			/* seconds */
	uint64_t	 total, free, available, cached;	/* kB */
};

struct look {
	struct wad_console *c;
	struct reading	 r[2];
	unsigned	 have;			/* readings */
	bool		 paused;		/* half a second between them */
	struct event	*timer;
	void		(*print)(struct wad_console *, const struct look *);
	unsigned	 lines;			/* of top */
};

/* ---- reading ----------------------------------------------------------- */

/* The two words after a name in brackets, which may hold anything:
 * proc(5), /proc/PID/stat. */
static void
read_process(struct proc *p, const char *line)
{
	const char	*end = strrchr(line, ')');
	uint64_t	 user, sys, pages;

	p->pid = atoi(line);
	if (end != NULL && sscanf(end + 1, " %c %*s %*s %*s %*s %*s %*s %*s "
	    "%*s %*s %*s %" SCNu64 " %" SCNu64 " %*s %*s %*s %*s %*s %*s "
	    "%*s %*s %" SCNu64, &p->state, &user, &sys, &pages) == 4) {
		p->ticks = user + sys;
		p->pages = pages;
	}
}

static void
read_cpu(struct reading *r, const char *line)
{
	uint64_t *v;

	if (r->n_cpus > CPUS)
		return;
	v = r->cpu[r->n_cpus];
	if (sscanf(line, "%*s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
	    " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &v[USER],
	    &v[NICE], &v[SYSTEM], &v[IDLE], &v[IOWAIT], &v[IRQ], &v[SOFTIRQ],
	    &v[STEAL]) >= 4)
		r->n_cpus++;
}

static void
read_all(struct reading *r, char *text)
{
	const struct { const char *key; uint64_t *to; } rows[] = {
		{ "uptime ", &r->up },
		{ "MemTotal: ", &r->total },
		{ "MemFree: ", &r->free },
		{ "MemAvailable: ", &r->available },
		{ "Cached: ", &r->cached },
	};
	struct proc	*next = NULL;
	char		*save = NULL;

	for (char *l = strtok_r(text, "\n", &save); l != NULL;
	    l = strtok_r(NULL, "\n", &save)) {
		if (next != NULL) {
			read_process(next, l);
			next = NULL;
		} else if (strncmp(l, "process ", 8) == 0) {
			if (r->n_procs == PROCS)
				continue;
			next = &r->proc[r->n_procs++];
			if (sscanf(l, "process %23s %u", next->name,
			    &next->index) != 2)
				r->n_procs--, next = NULL;
		} else if (strncmp(l, "cpu", 3) == 0)
			read_cpu(r, l);
		else
			for (size_t i = 0; i < COUNT(rows); i++)
				if (strncmp(l, rows[i].key,
				    strlen(rows[i].key)) == 0)
					*rows[i].to = strtoull(l +
					    strlen(rows[i].key), NULL, 10);
	}
}

static void
said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	struct look	*k = c->more_arg;
	uint32_t	 ok;
	const char	*text;
	char		*copy;

	(void)tag;
	if (m == NULL || wad_msg_get_u32(m, &ok) == -1 ||
	    wad_msg_get_str(m, &text) == -1 || !ok) {
		wad_console_fail(c, WAD_CTL_SILENT, "openwad gave no "
		    "answer\n");
		k->have = 2;
		k->print = NULL;
		return;
	}
	copy = wad_xstrdup(text);
	read_all(&k->r[k->have++], copy);
	free(copy);
}

static void
on_apart(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	wad_console_unpark(((struct look *)arg)->c);
}

/* Ask, wait, ask again, print. */
static bool
look_more(struct wad_console *c, void *arg)
{
	static const struct timeval	 apart = { .tv_usec = APART_MS * 1000 };
	struct look	*k = arg;
	struct wad_msg	 m;

	if (k->have == 2) {
		if (k->print != NULL)
			k->print(c, k);
		return false;
	}
	if (c->stopping)
		return false;
	if (k->have == 1 && !k->paused) {
		k->paused = true;
		evtimer_add(k->timer, &apart);
		wad_console_park(c);
		return true;
	}
	wad_msg_init(&m, WAD_MSG_CTL_SYSINFO, 0);
	wad_msg_add_str(&m, "performance");
	if (wad_console_ask(c, c->ctl->parent, &m, ASK_MS, said, 0) == -1) {
		wad_console_fail(c, WAD_CTL_SILENT, "openwad cannot be "
		    "asked\n");
		k->have = 2;
		k->print = NULL;
	}
	wad_msg_free(&m);
	return true;
}

static void
look_free(void *arg)
{
	struct look *k = arg;

	event_free(k->timer);
	free(k);
}

static void
look_start(struct wad_console *c, void (*print)(struct wad_console *,
    const struct look *), unsigned lines)
{
	struct look *k = wad_xcalloc(1, sizeof(*k));

	k->c = c;
	k->print = print;
	k->lines = lines;
	k->timer = evtimer_new(c->ctl->base, on_apart, k);
	wad_console_stream(c, look_more, k, look_free);
}

/* ---- printing ---------------------------------------------------------- */

/* Percent of each mode between the two readings. */
static void
percents(const struct look *k, unsigned cpu, unsigned out[MODES])
{
	uint64_t sum = 0, d[MODES];

	for (int i = 0; i < MODES; i++) {
		d[i] = k->r[1].cpu[cpu][i] - k->r[0].cpu[cpu][i];
		sum += d[i];
	}
	for (int i = 0; i < MODES; i++)
		out[i] = sum == 0 ? 0 : (unsigned)((d[i] * 100 + sum / 2) /
		    sum);
	if (sum == 0)
		out[IDLE] = 100;
}

static void
say_averages(struct wad_console *c, const char *fmt, size_t field)
{
	static const unsigned	 minutes[] = { 1, 10, 30 };

	for (size_t i = 0; i < COUNT(minutes); i++) {
		struct wad_history_average a;
		char		 text[64];
		uint64_t	 v;

		wad_history_average(c->ctl, minutes[i], &a);
		memcpy(&v, (char *)&a + field, sizeof(v));
		snprintf(text, sizeof(text), "%" PRIu64, v);
		wad_console_say(c, "%s%s %s%u minute%s", i > 0 ? ", " : "",
		    text, fmt, minutes[i], minutes[i] > 1 ? "s" : "");
	}
	wad_console_say(c, "\n");
}

static void
status_print(struct wad_console *c, const struct look *k)
{
	const struct reading	*r = &k->r[1];
	uint64_t		 used = r->total - r->available;
	double			 all = r->total > 0 ? (double)r->total : 1;
	unsigned		 p[MODES];

	for (unsigned i = 0; i < r->n_cpus && i < k->r[0].n_cpus; i++) {
		percents(k, i, p);
		if (i == 0)
			wad_console_say(c, "CPU states:");
		else
			wad_console_say(c, "CPU%u states:", i - 1);
		wad_console_say(c, " %u%% user %u%% system %u%% nice %u%% "
		    "idle %u%% iowait %u%% irq %u%% softirq\n", p[USER],
		    p[SYSTEM], p[NICE], p[IDLE], p[IOWAIT], p[IRQ],
		    p[SOFTIRQ]);
	}
	wad_console_say(c, "Memory: %" PRIu64 "k total, %" PRIu64 "k used "
	    "(%.1f%%), %" PRIu64 "k free (%.1f%%), %" PRIu64 "k freeable "
	    "(%.1f%%)\n", r->total, used, (double)used * 100 / all, r->free,
	    (double)r->free * 100 / all, r->cached, (double)r->cached * 100 /
	    all);
	wad_console_say(c, "Average network usage: ");
	say_averages(c, "kbps in ", offsetof(struct wad_history_average,
	    kbps));
	wad_console_say(c, "Average sessions: ");
	say_averages(c, "sessions in ", offsetof(struct wad_history_average,
	    sessions));
	wad_console_say(c, "Average session setup rate: ");
	say_averages(c, "sessions per second in last ",
	    offsetof(struct wad_history_average, setup_rate));
	wad_console_say(c, "Uptime: %" PRIu64 " days,  %" PRIu64 " hours,  %"
	    PRIu64 " minutes\n", r->up / 86400, r->up / 3600 % 24,
	    r->up / 60 % 60);
}

struct usage { const struct proc *p; double cpu, mem; };

static int
by_cpu(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? 1 : -1;
	return x->mem < y->mem ? 1 : x->mem > y->mem ? -1 : 0;
}

static void
top_print(struct wad_console *c, const struct look *k)
{
	const struct reading	*r = &k->r[1];
	struct usage		 u[PROCS];
	unsigned		 p[MODES], n = 0;
	double			 all = 0;
	long			 page = sysconf(_SC_PAGESIZE);

	percents(k, 0, p);
	for (int i = 0; i < MODES; i++)
		all += (double)(r->cpu[0][i] - k->r[0].cpu[0][i]);
	/* of one processor, as top(1) has it */
	all /= r->n_cpus > 1 ? r->n_cpus - 1 : 1;
	for (unsigned i = 0; i < r->n_procs; i++) {
		uint64_t before = 0;

		for (unsigned j = 0; j < k->r[0].n_procs; j++)
			if (k->r[0].proc[j].pid == r->proc[i].pid)
				before = k->r[0].proc[j].ticks;
		u[n].p = &r->proc[i];
		u[n].cpu = all > 0 ? (double)(r->proc[i].ticks - before) *
		    100 / all : 0;
		u[n++].mem = r->total > 0 ? (double)r->proc[i].pages *
		    (double)page / 1024 * 100 / (double)r->total : 0;
	}
	qsort(u, n, sizeof(u[0]), by_cpu);
	wad_console_say(c, "Run Time:  %" PRIu64 " days, %" PRIu64
	    " hours and %" PRIu64 " minutes\n%uU, %uN, %uS, %uI, %uWA, %uHI, "
	    "%uSI, %uST; %" PRIu64 "T, %" PRIu64 "F\n", r->up / 86400,
	    r->up / 3600 % 24, r->up / 60 % 60, p[USER], p[NICE], p[SYSTEM],
	    p[IDLE], p[IOWAIT], p[IRQ], p[SOFTIRQ], p[STEAL], r->total / 1024,
	    r->free / 1024);
	for (unsigned i = 0; i < n && i < k->lines; i++)
		wad_console_say(c, "%20s %8d %6c %9.1f %7.1f %5u\n",
		    u[i].p->name, u[i].p->pid, u[i].p->state, u[i].cpu,
		    u[i].mem, u[i].p->index);
}

/* ---- commands ---------------------------------------------------------- */

static void
status_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	look_start(c, status_print, 0);
}

/* top [DELAY] [LINES]: one picture; the delay is taken for what people type,
 * but a console that repeats would not be of use in a pipe. */
static void
top_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	unsigned long lines = 20;

	for (size_t i = 0, n = 0; i < a->n_args; i++)
		if (*a->arg[i] >= '0' && *a->arg[i] <= '9' && n++ == 1)
			lines = strtoul(a->arg[i], NULL, 10);
	look_start(c, top_print, lines > PROCS ? PROCS : (unsigned)lines);
}

static void
memory_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	(void)tag;
	wad_console_answer(c, m, WAD_CTL_FAILED, "openwad");
}

static void
memory_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	struct wad_msg m;

	(void)a;
	wad_msg_init(&m, WAD_MSG_CTL_SYSINFO, 0);
	wad_msg_add_str(&m, "memory");
	if (wad_console_ask(c, c->ctl->parent, &m, ASK_MS, memory_said, 0) ==
	    -1)
		wad_console_fail(c, WAD_CTL_SILENT, "openwad cannot be "
		    "asked\n");
	wad_msg_free(&m);
}

static const struct wad_cmd rows[] = {
	{ "get system performance", "what the machine does", NULL, 0 },
	{ "get system performance status",
	    "processors, memory, network, sessions", status_exec,
	    WAD_CMD_READ },
	{ "get system performance top",
	    "openwad's processes by processor time", top_exec, WAD_CMD_READ },
	{ "get system performance top <num>", "a delay: not used, one look",
	    top_exec, WAD_CMD_READ },
	{ "get system performance top <num> <num>",
	    "delay, number of lines", top_exec, WAD_CMD_READ },
	{ "diagnose sys|system", "sessions, processes", NULL, 0 },
	{ "diagnose sys|system top",
	    "openwad's processes by processor time", top_exec, WAD_CMD_READ },
	{ "diagnose sys|system top <num>", "a delay: not used, one look",
	    top_exec, WAD_CMD_READ },
	{ "diagnose sys|system top <num> <num>", "delay, number of lines",
	    top_exec, WAD_CMD_READ },
	{ "diagnose hardware", "the machine", NULL, 0 },
	{ "diagnose hardware sysinfo", "facts of the kernel", NULL, 0 },
	{ "diagnose hardware sysinfo memory", "/proc/meminfo", memory_exec,
	    WAD_CMD_READ },
};

const struct wad_cmd_family wad_cmd_performance = { rows, COUNT(rows) };
