/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which policy is a connection's: top down, first match; none is policy 0,
 * deny.
 */
#ifndef WAD_POLICY_MATCH_H
#define WAD_POLICY_MATCH_H

#include "conf/conf_snap.h"

/* What is known of a connection when the question is asked. */
struct wad_flow {
	bool		 explicit_web;	/* through the explicit proxy */
	const char	*in_dev;	/* Linux name of the ingress interface, NULL
					 * when not known */
	const char	*out_dev;	/* of the route to the server, or NULL */
	bool		 any_out;	/* explain only: the way out is not known,
					 * every dstintf matches */
	struct wad_addr	 src, dst;	/* dst.port is the service's port */
	const char	*host;		/* canonical name asked for, or NULL */
	const char	*user;		/* or NULL */
};

/* The policy, or NULL: implicit deny.  Policies that need a user (groups or
 * users) match only flows with one. */
const struct wad_policy *wad_policy_match(const struct wad_conf *,
	    const struct wad_flow *);
/* True when an address object list holds the address (or the name). */
bool	wad_policy_addr_holds(const struct wad_addr_list *,
	    const struct wad_addr *, const char *host);
/* True when one of its objects is a name, or a pattern of names, and host is
 * that; addresses say nothing here. */
bool	wad_policy_names_hold(const struct wad_addr_list *, const char *host);
/* True when a policy names the target address or host itself: an object that
 * is not `all` holds it (targets like loopback need that). */
bool	wad_policy_names_target(const struct wad_policy *,
	    const struct wad_flow *);
/* How TLS on this port is to be treated by a profile; *proto gets the
 * settings in force (never NULL). */
enum wad_inspect wad_policy_inspect(const struct wad_profile *, uint16_t port,
	    const struct wad_ssl_proto **proto);

#endif
