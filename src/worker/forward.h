/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that are given to another proxy: web-proxy forward-server, groups
 * of them, url-match.  Tunnels begin with a CONNECT there, plain requests
 * have whole URIs.
 */
#ifndef WAD_WORKER_FORWARD_H
#define WAD_WORKER_FORWARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/str.h"
#include "conf/conf_snap.h"
#include "ipc/msg.h"

enum { WAD_FORWARD_MEMBERS = 64 };	/* of a group, that are looked at */

struct wad_session;
struct wad_forward;			/* of a session */

/* Before a server is dialled: 1 go on (wad_forward_targets says where to),
 * 0 wait, -1 no proxy can be had and the configuration says block. */
int	wad_forward_ready(struct wad_session *);
/* The addresses of the proxy, in place of the server's; false: none is
 * used. */
bool	wad_forward_targets(const struct wad_session *,
	    const struct wad_addr **, size_t *n);
/* Does the request that is asked now go where the one before went? */
bool	wad_forward_stays(const struct wad_session *);
bool	wad_forward_is_on(const struct wad_session *);
/* Its name; NULL: none is used. */
const char *wad_forward_name(const struct wad_session *);
/* The proxy could not be reached: true when another way is left to try. */
bool	wad_forward_failed(struct wad_session *);
/* It, or the server, is reached: what the HTTP engine must know. */
void	wad_forward_reached(struct wad_session *);
/* Asks it for a tunnel: 1 there, 0 wait, -1 refused (s->why_text). */
int	wad_forward_tunnel(struct wad_session *);
/* Value of Proxy-Authorization for it; NULL: none. */
const char *wad_forward_auth(const struct wad_session *);
void	wad_forward_free(struct wad_session *);

/* The proxy, or group of proxies, that requests for host and path (""; not
 * known) go to; both NULL: none. */
void	wad_forward_choose(const struct wad_conf *, const struct wad_policy *,
	    const char *host, const char *path,
	    const struct wad_forward_server **,
	    const struct wad_forward_group **);

/* forward_state.c */
struct wad_forward_state {
	char		name[64];
	unsigned	sessions;	/* that are given to it */
	uint64_t	down_until;	/* ms; 0: it is there */
	char		why[128];	/* its health check fails; "": no */
};
/* NULL: there are too many.  It stays while it says something. */
struct wad_forward_state *wad_forward_state_of(const char *name);
/* FORWARD_STATE of wad-lookup; 0 or -1 for a bad message. */
int	wad_forward_state_receive(struct wad_msg_in *);
/* Why it is not used, by its health check; NULL: it is. */
const char *wad_forward_state_down(const struct wad_forward_server *);
bool	wad_forward_state_alive(const struct wad_forward_server *);
/* Of each proxy: sessions, whether it is down and for how long it is left
 * alone. */
void	wad_forward_state_list(const struct wad_conf *, unsigned worker,
	    struct wad_str *);

/* forward_pick.c */
/* Does a pattern of url-match mean this; path "": not known. */
bool	wad_forward_match(const char *pattern, const char *host,
	    const char *path);
/* The member of a group that a client gets: h a hash of its address, alive
 * and sessions per member.  -1: none is alive. */
int	wad_forward_pick(const struct wad_forward_group *, uint64_t h,
	    const bool *alive, const unsigned *sessions);

#endif
