/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All sessions of a worker: work that visits each of them, in slices, so that
 * no turn of the loop waits for it.  Private to worker/.
 */
#ifndef WAD_WORKER_SESSION_TABLE_H
#define WAD_WORKER_SESSION_TABLE_H

#include "ipc/msg.h"

struct wad_session;
struct wad_worker;

/* Once, when the segment is attached. */
void	wad_session_table_start(struct wad_worker *);
/* Called by session_slot.c and session.c: a session has its slot; it is
 * freed, and gives it back. */
void	wad_session_table_enter(struct wad_session *);
void	wad_session_table_leave(struct wad_session *);
/* SESSIONS_FRESH and SESSIONS_CLEAR of wad-control: 0, or -1 for a bad
 * message. */
int	wad_session_table_message(struct wad_worker *, struct wad_msg_in *);
/* The policies have changed: open sessions are judged by the new ones. */
void	wad_session_table_dirty(void);

#endif
