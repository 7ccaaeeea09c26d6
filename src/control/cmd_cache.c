/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnose wad cache ..., diagnose wad learned-exempt ...: what the workers
 * remember, and how to make them forget it.
 */
#include "control/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "control/learn.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { SUM_CACHES = 16 };

/* `cache list` while the workers' answers come in. */
struct wad_cache_sums {
	size_t	n;
	struct cache_sum {
		char		 name[32];
		uint64_t	 v[6];	/* entries bound bytes hits misses
					 * evicted */
		struct wad_str	 each;	/* lines of the workers */
	} cache[SUM_CACHES];
};

static void
add_figures(struct wad_str *out, const char *name, const char *who,
    const uint64_t v[6])
{
	wad_str_addf(out, "%-16s %-6s %8" PRIu64 " %8" PRIu64 " %10" PRIu64
	    " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n", name, who, v[0],
	    v[1], v[2], v[3], v[4], v[5]);
}

static void
sum_line(struct wad_cache_sums *s, unsigned worker, const char *line)
{
	struct cache_sum	*k = s->cache;
	char			 name[32], who[16];
	uint64_t		 v[6];

	if (sscanf(line, "%31s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
	    " %" SCNu64 " %" SCNu64, name, &v[0], &v[1], &v[2], &v[3], &v[4],
	    &v[5]) != 7)
		return;
	while (k < s->cache + s->n && strcmp(k->name, name) != 0)
		k++;
	if (k == s->cache + SUM_CACHES)
		return;
	if (k == s->cache + s->n) {
		s->n++;
		strcpy(k->name, name);
	}
	for (int i = 0; i < 6; i++)
		k->v[i] += v[i];
	snprintf(who, sizeof(who), "%u", worker);
	add_figures(&k->each, "", who, v);
}

/* The last answer is here: one line per cache, then those of the workers. */
static void
sums_say(struct wad_console *c)
{
	struct wad_cache_sums *s = c->sums;

	wad_console_say(c, "%-16s %-6s %8s %8s %10s %10s %10s %10s\n",
	    "cache", "worker", "entries", "bound", "bytes", "hits", "misses",
	    "evicted");
	for (size_t i = 0; i < s->n; i++) {
		add_figures(&c->reply, s->cache[i].name, "all",
		    s->cache[i].v);
		wad_str_add(&c->reply, s->cache[i].each.s);
		wad_str_free(&s->cache[i].each);
	}
	s->n = 0;
	memset(s->cache, 0, sizeof(s->cache));
}

static void
listed(struct wad_console *c, unsigned worker, struct wad_msg_in *m)
{
	uint32_t	 ok;
	const char	*text;

	if (m == NULL || wad_msg_get_u32(m, &ok) || wad_msg_get_str(m, &text))
		wad_console_fail(c, WAD_CTL_SILENT, "worker %u gave no "
		    "answer\n", worker);
	else
		for (; *text != '\0'; text += strcspn(text, "\n"),
		    text += *text == '\n')
			sum_line(c->sums, worker, text);
	if (c->n_asks == 1)
		sums_say(c);
}

static void
cache_list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	(void)a;
	if (c->sums == NULL)
		c->sums = wad_xcalloc(1, sizeof(*c->sums));
	wad_console_ask_workers(c, "cache list", listed);
}

void
wad_cmd_cache_free(struct wad_cache_sums *s)
{
	for (size_t i = 0; s != NULL && i < s->n; i++)
		wad_str_free(&s->cache[i].each);
	free(s);
}

static void
worker_said(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	char role[32];

	snprintf(role, sizeof(role), "worker %u", tag);
	wad_console_answer(c, m, WAD_CTL_FAILED, role);
}

/* show WHICH [FILTER] */
static void
cache_show_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	char words[WAD_HOST_MAX + 64];

	snprintf(words, sizeof(words), "cache show %s %s", a->arg[0],
	    a->n_args > 1 ? a->arg[1] : "");
	/* names in caches are in lower case */
	for (char *p = words; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	wad_console_ask_workers(c, words, worker_said);
}

/* clear [WHICH]; what is learnt is kept here, too */
static void
cache_clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const char	*which = a->n_args > 0 ? a->arg[0] : "all";
	char		 words[64];

	if (strcmp(which, "all") == 0 || strcmp(which, "learned") == 0)
		(void)wad_learn_clear(c->ctl, NULL, NULL);
	snprintf(words, sizeof(words), "cache clear %s", which);
	wad_console_ask_workers(c, words, worker_said);
	wad_log_event("notice", "caches of the workers cleared (%s) by %s",
	    which, c->peer.user);
}

/* ---- learned exemptions ----------------------------------------------- */

static void
learned_list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	static const char *const modes[] = { "disable (nothing is recorded)",
		"monitor (recorded and shown, not applied)", "apply" };
	const struct wad_conf	*conf = c->ctl->conf;
	struct wad_addr		 client;

	if (a->n_args > 0 && wad_addr_parse(&client, a->arg[0]) == -1)
		return;			/* <addr>: cannot be */
	if (conf != NULL)
		wad_console_say(c, "learned-exempt: %s; %u rejections, "
		    "lifetime %u hours, kept until wad-control ends\n",
		    modes[conf->settings.learned_exempt],
		    conf->settings.learned_exempt_count,
		    conf->settings.learned_exempt_lifetime);
	wad_learn_table_list(c->ctl->learn, a->n_args > 0 ? &client : NULL,
	    wad_clock_wall(), &c->reply);
}

/* clear [client IP | name NAME] */
static void
learned_clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	bool		by_name = a->n_words > 4 && strcmp(a->word[4],
	    "name") == 0;
	struct wad_addr	client;
	char		host[WAD_HOST_MAX];
	size_t		n;

	if (a->n_args > 0 && !by_name &&
	    wad_addr_parse(&client, a->arg[0]) == -1)
		return;			/* <addr>: cannot be */
	if (by_name && wad_str_host_canon(host, a->arg[0],
	    strlen(a->arg[0])) == -1) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "that is not a host "
		    "name\n");
		return;
	}
	n = wad_learn_clear(c->ctl, a->n_args > 0 && !by_name ? &client :
	    NULL, by_name ? host : NULL);
	wad_console_say(c, "%zu forgotten\n", n);
	if (n > 0)
		wad_log_event("notice", "learned exemptions: %zu cleared by "
		    "%s", n, c->peer.user);
}

#define CACHES	"cert-inspection|certificate|bypass|session|learned"

static const struct wad_cmd rows[] = {
	{ "diagnose wad cache", "what the workers remember", NULL, 0 },
	{ "diagnose wad cache list", "each cache: entries, bound, bytes, "
	    "hits, misses, evicted; all workers and each", cache_list_exec,
	    WAD_CMD_READ },
	{ "diagnose wad cache show", "entries of a cache", NULL, 0 },
	{ "diagnose wad cache show " CACHES, "entries of this cache, at most "
	    "500 of each worker", cache_show_exec, WAD_CMD_READ },
	{ "diagnose wad cache show " CACHES " <word>",
	    "only entries whose name holds this text", cache_show_exec,
	    WAD_CMD_READ },
	{ "diagnose wad cache clear", "empty every cache", cache_clear_exec,
	    0 },
	{ "diagnose wad cache clear all|" CACHES, "empty this cache in every "
	    "worker", cache_clear_exec, 0 },
	{ "diagnose wad learned-exempt", "clients that reject our "
	    "certificates", NULL, 0 },
	{ "diagnose wad learned-exempt list", "client, name, evidence, state "
	    "(suspect; exempt; never: it accepted once)", learned_list_exec,
	    WAD_CMD_READ },
	{ "diagnose wad learned-exempt list client", "of one client", NULL,
	    0 },
	{ "diagnose wad learned-exempt list client <addr>", "of this client",
	    learned_list_exec, WAD_CMD_READ },
	{ "diagnose wad learned-exempt clear", "forget all of it",
	    learned_clear_exec, 0 },
	{ "diagnose wad learned-exempt clear client", "of one client", NULL,
	    0 },
	{ "diagnose wad learned-exempt clear client <addr>",
	    "forget what is known of this client", learned_clear_exec, 0 },
	{ "diagnose wad learned-exempt clear name", "for one name", NULL, 0 },
	{ "diagnose wad learned-exempt clear name <word>",
	    "forget what is known of this name", learned_clear_exec, 0 },
};

const struct wad_cmd_family wad_cmd_cache = { rows, COUNT(rows) };
