/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server-cert-mode replace: own servers behind the gateway, presented with
 * the administrator's certificates instead of forged ones.
 */
#ifndef WAD_TLS_SSL_REPLACE_H
#define WAD_TLS_SSL_REPLACE_H

#include "conf/conf_snap.h"

struct wad_ssl_replace;

/* Reads the certificates of all such profiles once. */
struct wad_ssl_replace *wad_ssl_replace_new(const struct wad_conf *);
void	wad_ssl_replace_free(struct wad_ssl_replace *);	/* NULL allowed */
/* The profile's certificate for a name: the first that bears it, else the
 * first.  NULL when the profile has none. */
const struct wad_cert *wad_ssl_replace_pick(const struct wad_ssl_replace *,
	    const struct wad_profile *, const char *name);

#endif
