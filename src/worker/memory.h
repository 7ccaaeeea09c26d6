/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bound of what all sessions of a worker hold together (base/mem.h).
 */
#ifndef WAD_WORKER_MEMORY_H
#define WAD_WORKER_MEMORY_H

#include "worker/session.h"

/* After each step of a session: what it holds now. */
void	wad_memory_note(struct wad_session *);
/* It is over. */
void	wad_memory_leave(struct wad_session *);
/* Ten times a second: sessions that wait for memory go on when there is some;
 * above the hard mark those that hold most and do not move are ended. */
void	wad_memory_tick(struct wad_worker *);

#endif
