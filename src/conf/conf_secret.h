/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets that roles other than wad-keys need: they are not in the sealed
 * text; each role gets those of its tables beside it, in the same language.
 */
#ifndef WAD_CONF_SECRET_H
#define WAD_CONF_SECRET_H

#include "conf/conf_parse.h"

/* Whose secrets: the tables are in conf_secret.c. */
enum wad_conf_secret { WAD_SECRET_WORKER, WAD_SECRET_LOOKUP, WAD_SECRETS };

/* A new tree with nothing but the secrets of one kind; those that another
 * device encrypted are left out. */
struct wad_conf_tree *wad_conf_secret_take(const struct wad_conf_tree *,
	    enum wad_conf_secret);
/* Puts them back into the entries that are there. */
void	wad_conf_secret_put(struct wad_conf_tree *,
	    const struct wad_conf_tree *secrets);

#endif
