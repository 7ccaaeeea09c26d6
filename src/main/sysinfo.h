/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the console wants to know of the machine and cannot read from its cage:
 * files of /proc, and a socket for `execute ping`.
 */
#ifndef WAD_MAIN_SYSINFO_H
#define WAD_MAIN_SYSINFO_H

#include "ipc/msg.h"

struct wad_main;

/* CTL_SYSINFO: "links" is wad_links_list; "memory" is /proc/meminfo;
 * "performance" is /proc/uptime, /proc/stat, /proc/meminfo, and for each
 * process of ours a line `process ROLE INDEX` before its /proc/PID/stat.
 * Answers itself. */
void	wad_sysinfo_answer(struct wad_main *, uint32_t id, const char *what);
/* CTL_PING: an ICMP socket that is connected to the target, so that it hears
 * nobody else.  Answers itself. */
void	wad_sysinfo_ping(struct wad_main *, uint32_t id,
	    const struct wad_addr *target, const struct wad_addr *source);

#endif
