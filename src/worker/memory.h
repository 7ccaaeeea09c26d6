/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bound of what all sessions of a worker hold together (base/mem.h).
 */
#ifndef WAD_WORKER_MEMORY_H
#define WAD_WORKER_MEMORY_H

#include "worker/session.h"

/* At the start, while files can be read: how much the machine and its control
 * groups have for this worker. */
void	wad_memory_start(struct wad_worker *);
/* The hard mark: openwad settings / buffer-memory, or what the machine has for
 * each worker if that is less. */
void	wad_memory_limit(const struct wad_worker *, const struct wad_conf *);
/* The least memory.max, in bytes, of the control group that a text of
 * /proc/PID/cgroup names and of those around it (cgroups(7), version 2) in the
 * file system at root; UINT64_MAX: no bound. */
uint64_t wad_memory_groups(const char *text, const char *root);
/* After each step of a session: what it holds now. */
void	wad_memory_note(struct wad_session *);
/* It is over. */
void	wad_memory_leave(struct wad_session *);
/* Ten times a second: sessions that wait for memory go on when there is some;
 * above the hard mark those that hold most and do not move are ended. */
void	wad_memory_tick(struct wad_worker *);

#endif
