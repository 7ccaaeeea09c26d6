/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grants of all workers: what a user clicked in one holds in every one.
 */
#ifndef WAD_CONTROL_GRANTS_H
#define WAD_CONTROL_GRANTS_H

#include "control/control.h"
#include "ipc/grant.h"

struct wad_grants;

struct wad_grants *wad_grants_new(struct wad_control *);
void	wad_grants_free(struct wad_grants *);	/* NULL allowed */
/* GRANT of a worker; 0 or -1.  A new one is told to all workers, and when each
 * has said that it has it (or half a second is over), to the one that
 * asked. */
int	wad_grants_message(struct wad_control *, struct wad_chan *,
	    struct wad_msg_in *);
/* A worker is there: it gets what is known. */
void	wad_grants_replay(struct wad_control *, struct wad_chan *);
/* Another configuration: grants whose filter entry is gone or another one
 * end. */
void	wad_grants_commit(struct wad_control *);
/* Ends those of a client (NULL: of all); returns how many. */
size_t	wad_grants_clear(struct wad_control *, const struct wad_addr *client);
/* Adds a line for each that holds. */
void	wad_grants_list(struct wad_control *, const struct wad_addr *client,
	    int64_t now, struct wad_str *);

#endif
