/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to addresses with c-ares on libevent; never blocks, bounded.
 */
#ifndef WAD_PORT_DNS_H
#define WAD_PORT_DNS_H

#include <event2/event.h>

#include "base/addr.h"
#include "conf/conf_snap.h"

enum { WAD_DNS_ADDRS_MAX = 16 };

struct wad_dns;				/* resolver of a worker */
struct wad_dns_query;

/* addrs in the order to try (RFC 8305: IPv6 and IPv4 in turn); n 0 and a
 * reason when there is none.  Never called from inside wad_dns_ask; the query
 * is gone by then.  May do anything but free the resolver. */
typedef void wad_dns_fn(void *arg, const struct wad_addr *addrs, size_t n,
    const char *err);

/* Before the sandbox: resolv_conf and hosts are texts of the system's files
 * (either may be NULL).  Their servers are used until set_servers finds others
 * in the configuration; set_servers may be called at any time. */
struct wad_dns *wad_dns_new(struct event_base *, const char *resolv_conf,
	    const char *hosts);
void	wad_dns_set_servers(struct wad_dns *, const struct wad_conf *);
void	wad_dns_free(struct wad_dns *);
/* Asks for A and AAAA of a canonical name (address literals are answered at
 * once, hosts-file names too).  NULL when too many are open. */
struct wad_dns_query *wad_dns_ask(struct wad_dns *, const char *name,
	    unsigned timeout_ms, wad_dns_fn *, void *arg);
/* The callback will not be called. */
void	wad_dns_cancel(struct wad_dns_query *);

#endif
