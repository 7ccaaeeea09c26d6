/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encrypted ClientHello (RFC 9849): the extension alone says nothing, since
 * browsers send a random one to every server (GREASE).  A real one is known
 * by its outer name: the public name of who offers ECH.
 */
#ifndef WAD_TLS_SSL_ECH_H
#define WAD_TLS_SSL_ECH_H

#include <stdbool.h>

#include "conf/conf_snap.h"

/* Is this the outer name of a real ECH?  By the profile's ech-outer-sni and
 * the public names that are known. */
bool	wad_ssl_ech_outer(const struct wad_profile *, const char *sni);

#endif
