/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to another role with a deadline.  The asker holds an id, never a
 * pointer to the answerer; a cancelled ask's answer finds nobody.
 */
#ifndef WAD_IPC_ASK_H
#define WAD_IPC_ASK_H

#include "ipc/msg.h"

struct wad_ask_table;
/* m is NULL when no answer came: deadline passed or the role is down.  Called
 * exactly once unless cancelled; never from inside wad_ask_send. */
typedef void wad_ask_fn(void *arg, struct wad_msg_in *m);

struct wad_ask_table *wad_ask_table_new(struct event_base *, size_t max);
void	 wad_ask_table_free(struct wad_ask_table *);
/* Gives m an id, sends it on chan (NULL: role is down), remembers fn.  The
 * id (not 0), or 0 when the table is full.  A send that fails is answered
 * with NULL in the next loop turn; with chan NULL the question waits up to
 * its deadline for wad_ask_resend.  Timer resolution 100 ms. */
uint32_t wad_ask_send(struct wad_ask_table *, struct wad_chan *chan,
	    struct wad_msg *m, unsigned deadline_ms, wad_ask_fn *, void *arg);
void	 wad_ask_cancel(struct wad_ask_table *, uint32_t id);
/* An answer arrived: finds the ask by m->id.  0, or -1 when nobody asked. */
int	 wad_ask_answer(struct wad_ask_table *, struct wad_msg_in *m);
/* The role came back: sends all open questions to it again on chan.  The type
 * of a question says whom it is for (msg.def). */
void	 wad_ask_resend(struct wad_ask_table *, struct wad_chan *chan,
	    const char *role);
size_t	 wad_ask_open(const struct wad_ask_table *);

#endif
