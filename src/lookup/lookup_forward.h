/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health checks of other proxies (web-proxy forward-server, healthcheck): one
 * for all workers, which are told what came out.
 */
#ifndef WAD_LOOKUP_LOOKUP_FORWARD_H
#define WAD_LOOKUP_LOOKUP_FORWARD_H

#include <event2/event.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "conf/conf_snap.h"
#include "ipc/msg.h"
#include "port/dns.h"

struct wad_checks;
/* Sends a message to a worker, or to all of them. */
typedef void wad_checks_send_fn(void *arg, const struct wad_msg *);

/* Both are borrowed. */
struct wad_checks *wad_lookup_forward_open(struct event_base *,
	    struct wad_dns *, wad_checks_send_fn *to_all, void *arg);
/* Another configuration counts.  What is known of a proxy stays while it is
 * asked for the same at the same place. */
void	wad_lookup_forward_commit(struct wad_checks *,
	    const struct wad_conf *);
/* What is known, to a worker that is new: FORWARD_STATE of each. */
void	wad_lookup_forward_greet(struct wad_checks *, wad_checks_send_fn *,
	    void *arg);
/* For the console. */
void	wad_lookup_forward_list(struct wad_checks *, struct wad_str *);
/* The statistics of this role. */
void	wad_lookup_forward_tell(struct wad_checks *);

/* What the beginning of a proxy's answer says: 1 it and the server behind it
 * work, 0 more must come, -1 they do not (*status 0: that is no HTTP). */
int	wad_lookup_forward_answer(const char *, size_t len, bool tunnel,
	    unsigned *status);

#endif
