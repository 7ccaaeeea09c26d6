/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the kernel which way an address lies: egress interface and preferred
 * source.  One netlink socket, opened before the sandbox.
 */
#ifndef WAD_PORT_ROUTE_H
#define WAD_PORT_ROUTE_H

#include <net/if.h>

#include <stdbool.h>

#include "base/addr.h"

struct wad_route {
	unsigned	 oif;		/* index of the egress interface */
	struct wad_addr	 src;		/* what the kernel would bind */
	bool		 have_src;
	struct wad_addr	 gateway;	/* family 0: it is a neighbour */
	char		 dev[IF_NAMESIZE];	/* its name, else "if7" */
};

/* Before the sandbox; 0, or -1 with errno.  A second call does nothing. */
int	wad_route_open(void);
void	wad_route_close(void);
/* 0, or -1 with errno when there is no way (ENETUNREACH, EHOSTUNREACH,
 * EACCES...) or the kernel did not answer. */
int	wad_route_lookup(const struct wad_addr *dst, struct wad_route *);
/* The router on the way to dst by this interface (0: by any); family 0: a
 * neighbour, or not known.  Kept for a few seconds. */
void	wad_route_gateway(const struct wad_addr *dst, unsigned oif,
	    struct wad_addr *gateway);
/* Name of an interface, "if7" when there is none with this index. */
const char *wad_route_ifname(unsigned index, char buf[IF_NAMESIZE]);

#endif
