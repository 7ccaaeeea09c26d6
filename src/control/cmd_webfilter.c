/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnose wad warning ...: who went on behind a warning of the web filter;
 * diagnose webfilter quota ...: what clients used of their quotas today.
 */
#include "control/console.h"

#include "base/clock.h"
#include "control/grants.h"
#include "control/quotas.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* [client IP]: *client, or NULL for all; false: no address, which <addr> in
 * the table does not let through. */
static bool
client_of(const struct wad_cmd_args *a, struct wad_addr *ip,
    const struct wad_addr **client)
{
	*client = a->n_args > 0 ? ip : NULL;
	return a->n_args == 0 || wad_addr_parse(ip, a->arg[0]) == 0;
}

/* list [client IP] */
static void
warning_list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_addr	*client;
	struct wad_addr		 ip;

	if (!client_of(a, &ip, &client))
		return;
	wad_grants_list(c->ctl, client, wad_clock_wall(), &c->reply);
}

/* clear [client IP] */
static void
warning_clear_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_addr	*client;
	struct wad_addr		 ip;
	size_t			 n;

	if (!client_of(a, &ip, &client))
		return;
	n = wad_grants_clear(c->ctl, client);
	wad_console_say(c, "%zu cleared\n", n);
	if (n > 0)
		wad_log_event("notice", "warnings: %zu grants cleared by %s",
		    n, c->peer.user);
}

/* list [client IP] */
static void
quota_list_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_addr	*client;
	struct wad_addr		 ip;

	if (!client_of(a, &ip, &client))
		return;
	wad_quotas_list(c->ctl, client, wad_clock_wall(), &c->reply);
}

/* reset [client IP] */
static void
quota_reset_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct wad_addr	*client;
	struct wad_addr		 ip;
	size_t			 n;

	if (!client_of(a, &ip, &client))
		return;
	n = wad_quotas_reset(c->ctl, client);
	wad_console_say(c, "%zu reset\n", n);
	if (n > 0)
		wad_log_event("notice", "quotas: %zu sums reset by %s", n,
		    c->peer.user);
}

static const struct wad_cmd rows[] = {
	{ "diagnose webfilter", "the web filter", NULL, 0 },
	{ "diagnose webfilter quota", "what clients used of their quotas "
	    "today", NULL, 0 },
	{ "diagnose webfilter quota list", "client, user, quota, bytes or "
	    "seconds", quota_list_exec, WAD_CMD_READ },
	{ "diagnose webfilter quota list client", "of one client", NULL, 0 },
	{ "diagnose webfilter quota list client <addr>", "of this client",
	    quota_list_exec, WAD_CMD_READ },
	{ "diagnose webfilter quota reset", "begin the day anew",
	    quota_reset_exec, 0 },
	{ "diagnose webfilter quota reset client", "for one client", NULL,
	    0 },
	{ "diagnose webfilter quota reset client <addr>", "for this client",
	    quota_reset_exec, 0 },
	{ "diagnose wad warning", "who went on behind a warning of the web "
	    "filter", NULL, 0 },
	{ "diagnose wad warning list", "client, user, category or site, and "
	    "when it ends", warning_list_exec, WAD_CMD_READ },
	{ "diagnose wad warning list client", "of one client", NULL, 0 },
	{ "diagnose wad warning list client <addr>", "of this client",
	    warning_list_exec, WAD_CMD_READ },
	{ "diagnose wad warning clear", "warn everybody again",
	    warning_clear_exec, 0 },
	{ "diagnose wad warning clear client", "one client", NULL, 0 },
	{ "diagnose wad warning clear client <addr>", "warn this client "
	    "again", warning_clear_exec, 0 },
};

const struct wad_cmd_family wad_cmd_webfilter = { rows, COUNT(rows) };
