/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the FQDN address objects of exemptions resolve to: asked again and
 * again, one name at a time, so that a connection never waits for it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "worker/worker.h"

enum { NAMES_MAX = 256, AGAIN_S = 60, ANSWER_MS = 5000 };

struct wad_fqdn_watch {
	struct wad_dns		*dns;
	struct wad_dns_query	*query;
	struct event		 again;
	size_t			 at, n;
	struct wad_fqdn		 v[NAMES_MAX];
};

static bool
has(const struct wad_fqdn_watch *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].name, name) == 0)
			return true;
	return false;
}

static void
names_of(struct wad_fqdn_watch *f, const struct wad_addr_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct wad_addr_obj *o = l->obj[i];

		if (o->type != WAD_ADDR_FQDN || has(f, o->fqdn))
			continue;
		if (f->n == NAMES_MAX) {
			wad_log_event("warning", "more than %d FQDN objects "
			    "in exemptions: '%s' is matched by name only",
			    NAMES_MAX, o->name);
			return;
		}
		f->v[f->n++].name = o->fqdn;
	}
}

static void	ask(struct wad_fqdn_watch *);

/* A name that does not resolve has no address: nothing is exempt by it. */
static void
answered(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct wad_fqdn_watch	*f = arg;
	struct wad_fqdn		*name = &f->v[f->at];

	(void)err;
	f->query = NULL;
	name->n = n < WAD_FQDN_ADDRS ? n : WAD_FQDN_ADDRS;
	if (name->n > 0)
		memcpy(name->addr, addrs, name->n * sizeof(*addrs));
	f->at++;
	ask(f);
}

static void
ask(struct wad_fqdn_watch *f)
{
	struct timeval tv = { .tv_sec = AGAIN_S };

	if (f->at < f->n)
		f->query = wad_dns_ask(f->dns, f->v[f->at].name, ANSWER_MS,
		    answered, f);
	if (f->query == NULL)		/* all of them, or too many are open */
		event_add(&f->again, &tv);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct wad_fqdn_watch *f = arg;

	(void)fd;
	(void)what;
	if (f->at == f->n)
		f->at = 0;
	ask(f);
}

struct wad_fqdn_watch *
wad_fqdn_watch_new(struct wad_worker *w, const struct wad_conf *c)
{
	struct wad_fqdn_watch *f = wad_xcalloc(1, sizeof(*f));

	for (size_t i = 0; i < c->n_profiles; i++)
		for (size_t k = 0; k < c->profiles[i].n_exempt; k++)
			names_of(f, &c->profiles[i].exempt[k].addr);
	if (f->n == 0) {
		free(f);
		return NULL;
	}
	f->dns = w->dns;
	event_assign(&f->again, w->base, -1, 0, on_again, f);
	ask(f);
	return f;
}

void
wad_fqdn_watch_stop(struct wad_fqdn_watch *f)
{
	if (f == NULL)
		return;
	event_del(&f->again);
	if (f->query != NULL)
		wad_dns_cancel(f->query);
	f->query = NULL;
}

void
wad_fqdn_watch_free(struct wad_fqdn_watch *f)
{
	wad_fqdn_watch_stop(f);
	free(f);
}

void
wad_fqdn_watch_fill(const struct wad_fqdn_watch *f, struct wad_url_ask *a)
{
	if (f == NULL)
		return;
	a->fqdns = f->v;
	a->n_fqdns = f->n;
}
