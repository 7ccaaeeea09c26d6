/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants over all workers, see grants.h.
 */
#include "control/grants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "url/url.h"

enum { HEARD_MS = 500, LISTED = 2000 };

struct wad_grants {
	struct wad_control	*c;
	struct wad_grant_table	 t;
	int64_t			 cleared;	/* when something was cleared:
						 * nothing older comes back */
};

struct wad_grants *
wad_grants_new(struct wad_control *c)
{
	struct wad_grants *g = wad_xcalloc(1, sizeof(*g));

	g->c = c;
	g->cleared = -1;
	wad_grant_table_init(&g->t);
	return g;
}

void
wad_grants_free(struct wad_grants *g)
{
	if (g == NULL)
		return;
	wad_grant_table_free(&g->t);
	free(g);
}

/* ---- to the workers ------------------------------------------------------ */

static void
tell(struct wad_chan *worker, enum wad_grant_op op,
    const struct wad_grant *g)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_GRANTED, 0);
	wad_grant_put(&m, op, g);
	(void)wad_chan_send(worker, &m);
	wad_msg_free(&m);
}

static void
tell_all(struct wad_control *c, enum wad_grant_op op,
    const struct wad_grant *g)
{
	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++)
		if (c->workers[i] != NULL)
			tell(c->workers[i], op, g);
}

/* A click that is being told to all. */
struct click {
	struct wad_control	*c;
	unsigned		 worker;	/* who asked */
	uint32_t		 id;		/* and its question */
	unsigned		 open;
};

/* When all have heard of it, the one that asked may let the client go on:
 * whichever worker its next request comes to knows. */
static void
heard(void *arg, struct wad_msg_in *m)
{
	struct click	*k = arg;
	struct wad_msg	 done;

	(void)m;
	if (--k->open > 0)
		return;
	wad_msg_init(&done, WAD_MSG_GRANT_DONE, k->id);
	if (k->c->workers[k->worker] != NULL)
		(void)wad_chan_send(k->c->workers[k->worker], &done);
	wad_msg_free(&done);
	free(k);
}

static void
clicked(struct wad_control *c, unsigned worker, uint32_t id,
    const struct wad_grant *g)
{
	struct click	*k = wad_xcalloc(1, sizeof(*k));
	struct wad_msg	 m;

	*k = (struct click){ .c = c, .worker = worker, .id = id, .open = 1 };
	if (c->workers[worker] != NULL)
		tell(c->workers[worker], WAD_GRANT_NEW, g);
	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++) {
		if (c->workers[i] == NULL || i == worker)
			continue;
		wad_msg_init(&m, WAD_MSG_GRANTED, 0);
		wad_grant_put(&m, WAD_GRANT_NEW, g);
		if (wad_ask_send(c->asks, c->workers[i], &m, HEARD_MS, heard,
		    k) != 0)
			k->open++;
		wad_msg_free(&m);
	}
	heard(k, NULL);
}

/* ---- from the workers ---------------------------------------------------- */

static unsigned
index_of(const struct wad_control *c, const struct wad_chan *ch)
{
	unsigned i = 0;

	while (i < WAD_CTL_WORKERS - 1 && c->workers[i] != ch)
		i++;
	return i;
}

/* warning-duration-type session: another warn-duration from now. */
static void
used(struct wad_grants *gs, const struct wad_grant *key, int64_t now)
{
	const struct wad_grant	*old = wad_grant_table_find(&gs->t, key, now);
	struct wad_grant	 g;

	if (old == NULL || !old->session)
		return;
	g = *old;
	g.until = now + g.seconds;
	if (g.until > g.made + WAD_GRANT_SESSION_MAX)
		g.until = g.made + WAD_GRANT_SESSION_MAX;
	if (wad_grant_table_add(&gs->t, &g))
		tell_all(gs->c, WAD_GRANT_KNOWN, &g);
}

/* The entry that a grant is for; NULL: there is none. */
static const struct wad_wf_filter *
entry_of(const struct wad_conf *conf, const struct wad_grant *g)
{
	const struct wad_wf_filter *f = NULL;

	for (size_t i = 0; conf != NULL && f == NULL &&
	    i < conf->n_wf_profiles; i++)
		if (strcmp(conf->wf_profiles[i].name, g->profile) == 0)
			f = wad_grant_filter(&conf->wf_profiles[i], g->stamp);
	return f;
}

static bool
valid(const struct wad_conf *conf, const struct wad_grant *g)
{
	return entry_of(conf, g) != NULL;
}

/* What a worker says is for how long its entry says, from now at the latest:
 * one that was taken over opens no category for others for ever. */
static bool
plausible(const struct wad_conf *conf, const struct wad_grant *g, int64_t now)
{
	const struct wad_wf_filter	*f = entry_of(conf, g);
	int64_t				 most = f != NULL ?
	    f->warn_duration : 0;

	if (f != NULL && f->warn_session && most < WAD_GRANT_SESSION_MAX)
		most = WAD_GRANT_SESSION_MAX;
	return f != NULL && g->category == f->category &&
	    g->session == f->warn_session && g->seconds == f->warn_duration &&
	    (g->host[0] != '\0') == f->per_domain && g->made <= now &&
	    g->until <= now + g->seconds && g->until <= g->made + most;
}

/* It is told that all is done, and nothing holds: the worker has an entry that
 * is no more, or its clock is another. */
static int
refused(struct wad_chan *ch, uint32_t id)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_GRANT_DONE, id);
	(void)wad_chan_send(ch, &m);
	wad_msg_free(&m);
	return 0;
}

int
wad_grants_message(struct wad_control *c, struct wad_chan *ch,
    struct wad_msg_in *m)
{
	struct wad_grants	*gs = c->grants;
	int64_t			 now = wad_clock_wall();
	enum wad_grant_op	 op;
	struct wad_grant	 g;

	if (wad_grant_get(m, &op, &g) == -1)
		return -1;
	switch (op) {
	case WAD_GRANT_NEW:
		if (c->conf != NULL && !plausible(c->conf, &g, now))
			return refused(ch, m->id);
		wad_grant_table_add(&gs->t, &g);
		clicked(c, index_of(c, ch), m->id, &g);
		return 0;
	case WAD_GRANT_USED:
		used(gs, &g, now);
		return 0;
	case WAD_GRANT_KNOWN:
		if (g.until <= now)
			return 0;
		if (g.made <= gs->cleared ||
		    (c->conf != NULL && !plausible(c->conf, &g, now)))
			tell(ch, WAD_GRANT_FORGET, &g);
		else if (wad_grant_table_add(&gs->t, &g))
			tell_all(c, WAD_GRANT_KNOWN, &g);
		return 0;
	default:
		return -1;
	}
}

static void
replay_one(void *arg, const struct wad_grant *g)
{
	tell(arg, WAD_GRANT_KNOWN, g);
}

void
wad_grants_replay(struct wad_control *c, struct wad_chan *worker)
{
	wad_grant_table_each(&c->grants->t, replay_one, worker);
}

/* ---- ends ---------------------------------------------------------------- */

struct sweep {
	struct wad_grants	*gs;
	const struct wad_addr	*client;	/* NULL: of all */
	bool			 invalid;	/* those without an entry only */
	int64_t			 now;
	struct wad_str		*out;
	size_t			 n;
};

static bool
wanted(const struct sweep *s, const struct wad_grant *g)
{
	return s->client == NULL || wad_addr_ip_equal(&g->client, s->client);
}

static void
sweep_one(void *arg, const struct wad_grant *g)
{
	struct sweep		*s = arg;
	struct wad_grant	 copy = *g;

	if (!wanted(s, g) || (s->invalid && valid(s->gs->c->conf, g)))
		return;
	s->n++;
	wad_grant_table_drop(&s->gs->t, &copy);
	tell_all(s->gs->c, WAD_GRANT_FORGET, &copy);
}

size_t
wad_grants_clear(struct wad_control *c, const struct wad_addr *client)
{
	struct sweep s = { .gs = c->grants, .client = client };

	c->grants->cleared = wad_clock_wall();
	wad_grant_table_each(&c->grants->t, sweep_one, &s);
	return s.n;
}

void
wad_grants_commit(struct wad_control *c)
{
	struct sweep s = { .gs = c->grants, .invalid = true };

	wad_grant_table_each(&c->grants->t, sweep_one, &s);
}

/* ---- for people ---------------------------------------------------------- */

static void
list_one(void *arg, const struct wad_grant *g)
{
	struct sweep	*s = arg;
	char		 ip[WAD_ADDR_STRLEN], user[WAD_GRANT_USER * 4];

	if (!wanted(s, g) || g->until <= s->now || s->n++ >= LISTED)
		return;
	wad_str_addf(s->out, "%-15s %-16s %-28s %-28s %-16s %-7s %8" PRId64
	    "s\n", wad_addr_ip_str(&g->client, ip), g->user[0] != '\0' ?
	    wad_str_escape(user, sizeof(user), g->user, strlen(g->user)) :
	    "-", wad_url_cate_name(s->gs->c->conf, g->category), g->host[0] != '\0' ? g->host : "-", g->profile,
	    g->session ? "session" : "timeout", g->until - s->now);
}

void
wad_grants_list(struct wad_control *c, const struct wad_addr *client,
    int64_t now, struct wad_str *out)
{
	struct sweep s = { .gs = c->grants, .client = client, .now = now,
		.out = out };

	wad_str_addf(out, "%-15s %-16s %-28s %-28s %-16s %-7s %9s\n",
	    "client", "user", "category", "site", "profile", "type",
	    "expires");
	wad_grant_table_each(&c->grants->t, list_one, &s);
	if (s.n > LISTED)
		wad_str_addf(out, "... and %zu more\n", s.n - LISTED);
}
