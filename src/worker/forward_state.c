/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker knows of other proxies, by name, over changes of the
 * configuration: what it saw itself, and what wad-lookup's health checks say.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "worker/forward.h"

enum { STATES_MAX = 2 * WAD_FORWARD_CHECKS };

static struct wad_forward_state	states[STATES_MAX];
static size_t			n_states;

struct wad_forward_state *
wad_forward_state_of(const char *name)
{
	struct wad_forward_state *st = NULL;

	for (size_t i = 0; i < n_states; i++)
		if (strcmp(states[i].name, name) == 0)
			return &states[i];
	if (n_states < STATES_MAX)
		st = &states[n_states++];
	for (size_t i = 0; st == NULL && i < n_states; i++)
		if (states[i].sessions == 0 && states[i].why[0] == '\0' &&
		    states[i].down_until <= wad_clock_ms())
			st = &states[i];	/* says nothing */
	if (st != NULL) {
		memset(st, 0, sizeof(*st));
		snprintf(st->name, sizeof(st->name), "%s", name);
	}
	return st;
}

const char *
wad_forward_state_down(const struct wad_forward_server *f)
{
	const struct wad_forward_state *st = wad_forward_state_of(f->name);

	return f->check && st != NULL && st->why[0] != '\0' ? st->why : NULL;
}

bool
wad_forward_state_alive(const struct wad_forward_server *f)
{
	const struct wad_forward_state *st = wad_forward_state_of(f->name);

	return (st == NULL || st->down_until <= wad_clock_ms()) &&
	    wad_forward_state_down(f) == NULL;
}

int
wad_forward_state_receive(struct wad_msg_in *m)
{
	struct wad_forward_state *st;
	const char		 *name, *why;
	uint32_t		  down;

	if (wad_msg_get_str(m, &name) || wad_msg_get_u32(m, &down) ||
	    wad_msg_get_str(m, &why) || wad_msg_end(m))
		return -1;
	st = wad_forward_state_of(name);
	if (st == NULL)
		return 0;
	snprintf(st->why, sizeof(st->why), "%s", down ? why : "");
	if (!down)			/* it has just answered */
		st->down_until = 0;
	return 0;
}

void
wad_forward_state_list(const struct wad_conf *c, unsigned worker,
    struct wad_str *out)
{
	uint64_t now = wad_clock_ms();

	for (size_t i = 0; i < c->n_forwards; i++) {
		const struct wad_forward_server	*f = &c->forwards[i];
		const struct wad_forward_state	*st =
		    wad_forward_state_of(f->name);
		char				 ip[WAD_ADDR_STRLEN];

		wad_str_addf(out, "worker %u: name=%s addr=%s:%u sessions=%u ",
		    worker, f->name, f->ip.family != 0 ?
		    wad_addr_ip_str(&f->ip, ip) : f->fqdn, f->port,
		    st != NULL ? st->sessions : 0);
		if (wad_forward_state_down(f) != NULL)
			wad_str_add(out, "state=down cause=health-check\n");
		else if (st == NULL || st->down_until <= now)
			wad_str_add(out, "state=up\n");
		else
			wad_str_addf(out, "state=down again=%us\n",
			    (unsigned)((st->down_until - now + 999) / 1000));
	}
}
