/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet-filter rules and the policy route of transparent mode: our own
 * table and our own rule, nobody else's.
 */
#ifndef WAD_MAIN_FIREWALL_H
#define WAD_MAIN_FIREWALL_H

#include "main/sockets.h"

/* Names and numbers of one instance. */
struct wad_firewall_id {
	char		table[32];	/* nftables table, family inet */
	uint32_t	mark;
	unsigned	route_table, pref;
};
/* rundir NULL: the instance of the system. */
void	wad_firewall_id(struct wad_firewall_id *, const char *rundir);

/* The rules as text for nft; they replace what is there. */
void	wad_firewall_text(const struct wad_firewall_id *,
	    const struct wad_conf *, const struct wad_inspected_list *,
	    struct wad_str *out);
/* 0, or -1 with the reason in err. */
int	wad_firewall_install(const struct wad_firewall_id *,
	    const struct wad_conf *, char *err, size_t size);
/* Removes ours, if any; 0 or -1. */
int	wad_firewall_remove(const struct wad_firewall_id *, char *err,
	    size_t size);

#endif
