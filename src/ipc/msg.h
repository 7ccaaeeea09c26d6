/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed messages between roles, over SOCK_SEQPACKET socket pairs: one packet
 * is one message, with at most one descriptor (WAD_MSG_FDS with up to 32).
 * Fields carry their type; a reader that meets another one stops.
 */
#ifndef WAD_IPC_MSG_H
#define WAD_IPC_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "base/addr.h"

enum { WAD_MSG_MAX = 160 * 1024, WAD_MSG_FDS = 32 };

enum wad_msg_type {
#define MSG(id, from, to, fields) WAD_MSG_##id,
#include "ipc/msg.def"
#undef MSG
	WAD_MSG_NTYPES
};
extern const char *const wad_msg_names[WAD_MSG_NTYPES];
extern const char *const wad_msg_to[WAD_MSG_NTYPES];	/* role */

/* A message being written.  Memory is kept by wad_msg_free. */
struct wad_msg {
	uint16_t	 type;
	uint32_t	 id;		/* of the ask, or 0 */
	uint8_t		*buf;
	size_t		 len, cap;
	int		 fds[WAD_MSG_FDS];	/* not owned; duplicated by the
						 * kernel when sent */
	unsigned	 n_fds;
};
void	wad_msg_init(struct wad_msg *, enum wad_msg_type, uint32_t id);
void	wad_msg_add_u32(struct wad_msg *, uint32_t);
void	wad_msg_add_u64(struct wad_msg *, uint64_t);
void	wad_msg_add_str(struct wad_msg *, const char *);	/* NULL is "" */
void	wad_msg_add_blob(struct wad_msg *, const void *, size_t);
void	wad_msg_add_addr(struct wad_msg *, const struct wad_addr *);
void	wad_msg_add_fd(struct wad_msg *, int fd);
void	wad_msg_free(struct wad_msg *);		/* wipes the bytes */

/* A message being read.  Getters return 0, or -1 for good after the first
 * field that is missing or of another type.  Strings point into the packet,
 * hold no NUL inside and live until the handler returns. */
struct wad_msg_in {
	uint16_t	 type;
	uint32_t	 id;
	const uint8_t	*p;
	size_t		 left;
	bool		 bad;
	int		 fds[WAD_MSG_FDS];
	unsigned	 n_fds;
};
int	wad_msg_parse(struct wad_msg_in *, const void *, size_t);
int	wad_msg_get_u32(struct wad_msg_in *, uint32_t *);
int	wad_msg_get_u64(struct wad_msg_in *, uint64_t *);
int	wad_msg_get_str(struct wad_msg_in *, const char **);
int	wad_msg_get_blob(struct wad_msg_in *, const void **, size_t *);
int	wad_msg_get_addr(struct wad_msg_in *, struct wad_addr *);
/* Takes the next descriptor out (the caller closes it), or -1. */
int	wad_msg_take_fd(struct wad_msg_in *);
/* 0 when all was read and nothing was wrong. */
int	wad_msg_end(const struct wad_msg_in *);

/* A socket pair for two channels: close-on-exec, non-blocking.  0 or -1. */
int	wad_msg_pair(int fd[2]);
/* For helpers without an event loop: sends or receives one packet, waiting
 * as long as it takes.  wad_msg_recv fills *m from a buffer of WAD_MSG_MAX
 * bytes; 0, or -1 at the end of the stream or on a bad packet. */
int	wad_msg_send_wait(int fd, const struct wad_msg *);
int	wad_msg_recv_wait(int fd, struct wad_msg_in *m, uint8_t *buf);
/* Closes the descriptors that were not taken. */
void	wad_msg_close_fds(struct wad_msg_in *);

/* A channel: one end of a socket pair in a libevent base. */
struct wad_chan;
/* The handler returns 0, or -1 when the message was bad: the channel is then
 * closed and `down` is called.  Descriptors not taken are closed. */
typedef int wad_chan_msg_fn(void *arg, struct wad_chan *,
    struct wad_msg_in *);
typedef void wad_chan_down_fn(void *arg, struct wad_chan *);

/* Takes fd over (non-blocking).  name is for messages ("keys"). */
struct wad_chan *wad_chan_new(struct event_base *, int fd, const char *name,
	    wad_chan_msg_fn *, wad_chan_down_fn *, void *arg);
void	wad_chan_free(struct wad_chan *);	/* closes fd; safe in handlers */
/* Sends now or queues (at most 8 MiB); 0, or -1 when the channel is gone or
 * the queue is full.  The message stays the caller's. */
int	wad_chan_send(struct wad_chan *, const struct wad_msg *);
/* True while something is queued: what can be done without is then not worth
 * the room that an answer needs. */
bool	wad_chan_waits(const struct wad_chan *);
const char *wad_chan_name(const struct wad_chan *);
/* Blocks until everything queued is sent (start-up and parent only). */
int	wad_chan_flush(struct wad_chan *);

#endif
