/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCP socket, its two events, its bounded buffers and what is known of its
 * ends.  It moves bytes between kernel and buffers and tells its owner by
 * one function that something changed; it decides nothing.
 */
#ifndef WAD_PORT_TCP_PORT_H
#define WAD_PORT_TCP_PORT_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/mem.h"

enum {
	WAD_PORT_HIGH = 128 * 1024,	/* stop filling a buffer here */
	WAD_PORT_LOW = WAD_BUF_BLOCK,	/* ... or here, when memory is tight */
	WAD_PORT_READ = 64 * 1024,	/* at most this much in one turn */
};

/* The mark of a relay's buffers now. */
static inline size_t
wad_port_high(void)
{
	return wad_mem_tight() ? WAD_PORT_LOW : WAD_PORT_HIGH;
}

/* The only upward path: the port was born with it. */
typedef void wad_wake_fn(void *owner);

struct wad_tcp_port;

/* What carries the bytes of a port that has no socket of its own. */
struct wad_tcp_lower {
	void	(*read_on)(struct wad_tcp_port *, bool on);
	void	(*sync)(struct wad_tcp_port *);
	void	(*over)(struct wad_tcp_port *, bool reset);	/* once */
};

struct wad_tcp_port {
	unsigned	 magic;
	int		 fd;		/* -1: none */
	struct event	 ev_read, ev_write;
	bool		 events;	/* ev_read and ev_write are set up */
	bool		 read_on, write_on;	/* they are added */
	struct wad_buf	 in, out;
	struct wad_addr	 local, peer;
	uint64_t	 bytes_in, bytes_out;
	bool		 connecting, connected;
	bool		 eof;		/* the peer's FIN was read */
	bool		 reset;		/* the connection is gone: RST, timeout */
	bool		 shut_wanted, shut_done;	/* our FIN */
	int		 error;		/* errno of what went wrong */
	wad_wake_fn	*wake;
	void		*owner;
	const struct wad_tcp_lower *lower;	/* NULL: fd is the port's */
	void		*lower_arg;
	struct wad_tcp_port *next_free;
};
#define WAD_TCP_PORT_MAGIC	0x74637070u

/* A port from the worker's pool, without a socket; `free tcp_port` gives it
 * back, closing what it still has.  put(NULL) is nothing. */
struct wad_tcp_port *wad_tcp_port_alloc(void);
void	wad_tcp_port_put(struct wad_tcp_port *);
/* How many are in use. */
unsigned wad_tcp_port_in_use(void);

/* An accepted socket: its addresses; local is the wanted server of a
 * transparent connection.  For redirect the destination is asked of the
 * kernel.  0, or -1. */
int	wad_tcp_port_learn_v4_session(struct wad_tcp_port *, int fd,
	    bool redirect, unsigned flags);
/* Moves the socket, its addresses and what was read to a fresh port; only
 * before events are hooked in and anything is written. */
void	wad_tcp_port_move(struct wad_tcp_port *to, struct wad_tcp_port *from);

/* Binds fd to *src (port 0 or taken: any port).  shown is printed as the
 * address that policy wants; own_sess: it is the client's own address.  0 or
 * -1 with errno. */
int	wad_tcp_port_bind(struct wad_tcp_port *, int fd, struct wad_addr *src,
	    const struct wad_addr *shown, bool own_sess);
/* Starts connecting fd (taken over in every case); 0, or -1 with
 * port->error. */
int	wad_tcp_port_connect_with_fd(struct wad_tcp_port *, int fd,
	    const struct wad_addr *dst, unsigned oif);
/* After the event: 1 connected, 0 not yet, -1 failed (port->error). */
int	wad_tcp_port_on_connect(struct wad_tcp_port *);
/* A socket that is connected already (racing): takes it over. */
void	wad_tcp_port_adopt(struct wad_tcp_port *, int fd,
	    const struct wad_addr *dst);

/* Hooks the events in; from now on wake(owner) may be called. */
void	wad_tcp_port_start(struct wad_tcp_port *, struct event_base *,
	    wad_wake_fn *, void *owner);
/* Whether to read from the socket (back-pressure). */
void	wad_tcp_port_read_on(struct wad_tcp_port *, bool on);
/* Writes as much of out as the kernel takes; arms the write event for the
 * rest; sends FIN when wanted and out is empty. */
void	wad_tcp_port_out_read_sync(struct wad_tcp_port *);
/* FIN as soon as out is empty. */
void	wad_tcp_port_shut(struct wad_tcp_port *);
/* Close with RST now; what is in out is lost. */
void	wad_tcp_port_reset(struct wad_tcp_port *);

#endif
