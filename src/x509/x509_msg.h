/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A description as a message (WAD_MSG_FORGE) and back.
 */
#ifndef WAD_X509_MSG_H
#define WAD_X509_MSG_H

#include "ipc/msg.h"
#include "x509/x509_desc.h"

/* The first field of WAD_MSG_FORGED: not done (the second says why), made
 * now, or the one that was made before. */
enum wad_forged { WAD_FORGED_NOT, WAD_FORGED_NEW, WAD_FORGED_AGAIN };

void	wad_x509_msg_put(struct wad_msg *, const struct wad_cert_desc *);
/* Reads it; strings point into the message.  sans must hold
 * WAD_DESC_SANS_MAX pointers.  0 or -1. */
int	wad_x509_msg_get(struct wad_msg_in *, struct wad_cert_desc *,
	    const char **sans);

#endif
