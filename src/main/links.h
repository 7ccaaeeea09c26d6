/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network interfaces as the console shows them.
 */
#ifndef WAD_MAIN_LINKS_H
#define WAD_MAIN_LINKS_H

#include "base/str.h"
#include "conf/conf_snap.h"

/* `diagnose netlink interface list`: a line per interface, under its name in
 * the configuration (NULL allowed) where it has one.  0, or -1 with the
 * reason in out. */
int	wad_links_list(const struct wad_conf *, struct wad_str *out);

#endif
