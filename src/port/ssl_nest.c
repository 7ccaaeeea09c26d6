/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port on top of TLS, see ssl_nest.h.
 */
#include "port/ssl_nest.h"

#include <errno.h>
#include <stdlib.h>

#include "base/xmem.h"
#include "port/ssl_sock_port.h"

enum { PIECE = 16384, LAST_MS = 10000 };

struct nest {
	struct wad_tcp_port	*up;	/* NULL: closed, the rest goes out */
	struct wad_ssl_port	*ssl;
	struct wad_tcp_port	*raw;
	void			(*nego_free)(void *);
	struct event		 late;	/* closed: no longer than that */
};

static void
nest_free(struct nest *n)
{
	void *nego = n->ssl->nego;

	if (event_initialized(&n->late))
		event_del(&n->late);
	wad_ssl_port_close(n->ssl);
	wad_tcp_port_put(n->raw);
	n->nego_free(nego);
	free(n);
}

/* From below into `in`. */
static void
fill(struct nest *n)
{
	struct wad_tcp_port	*up = n->up;
	int			 got;

	while (up->in.len < WAD_PORT_HIGH) {
		got = wad_ssl_port_read(n->ssl, wad_buf_room(&up->in, PIECE),
		    PIECE);
		if (got <= 0)
			break;
		wad_buf_added(&up->in, (size_t)got);
		up->bytes_in += (uint64_t)got;
	}
	if (n->ssl->failed || n->raw->reset) {
		up->reset = true;
		up->error = n->raw->error != 0 ? n->raw->error : ECONNRESET;
	} else if (n->ssl->peer_notify || (n->raw->eof &&
	    up->in.len < WAD_PORT_HIGH))
		up->eof = true;
}

/* From `out` down; only what the socket takes, so that what is left in `out`
 * is what the client has not got. */
static void
sync(struct wad_tcp_port *up)
{
	struct nest *n = up->lower_arg;

	if (up->reset)
		return;
	wad_ssl_sock_port_out_ops_sync(n->ssl);
	while (up->out.len > 0 && n->raw->out.len == 0) {
		size_t len = up->out.len < PIECE ? up->out.len : PIECE;

		if (wad_ssl_port_write(n->ssl, wad_buf_bytes(&up->out),
		    (int)len) == -1 || n->raw->reset) {
			up->reset = true;
			up->error = ECONNRESET;
			return;
		}
		wad_buf_drain(&up->out, len);
		up->bytes_out += len;
		wad_ssl_sock_port_out_ops_sync(n->ssl);
	}
	if (up->shut_wanted && !up->shut_done && up->out.len == 0) {
		up->shut_done = true;
		wad_ssl_port_notify(n->ssl);
		wad_ssl_sock_port_out_ops_sync(n->ssl);
		wad_tcp_port_shut(n->raw);
	}
}

static void
on_raw(void *arg)
{
	struct nest *n = arg;

	if (n->up == NULL) {
		if (n->raw->out.len == 0 || n->raw->reset)
			nest_free(n);
		return;
	}
	fill(n);
	sync(n->up);
	n->up->wake(n->up->owner);
}

static void
read_on(struct wad_tcp_port *up, bool on)
{
	struct nest *n = up->lower_arg;

	wad_tcp_port_read_on(n->raw, on && !up->eof && !up->reset);
	/* what TLS holds already makes no event */
	if (on && !up->read_on && (n->raw->in.len > 0 ||
	    SSL_pending(n->ssl->ssl) > 0))
		event_active(&n->raw->ev_read, EV_READ, 1);
	up->read_on = on;
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
	struct nest *n = arg;

	(void)fd;
	(void)what;
	wad_tcp_port_reset(n->raw);
	nest_free(n);
}

/* The end: what TLS has made of `out` still goes to the client, for a while;
 * who reads it byte by byte is not waited for, since nobody counts it any
 * more. */
static void
over(struct wad_tcp_port *up, bool reset)
{
	static const struct timeval	 tv = { LAST_MS / 1000, 0 };
	struct nest			*n = up->lower_arg;

	n->up = NULL;
	if (reset)
		wad_tcp_port_reset(n->raw);
	if (n->raw->out.len == 0 || n->raw->reset) {
		nest_free(n);
		return;
	}
	wad_tcp_port_read_on(n->raw, false);
	evtimer_assign(&n->late, event_get_base(&n->raw->ev_read), on_late, n);
	evtimer_add(&n->late, &tv);
}

static const struct wad_tcp_lower lower = { read_on, sync, over };

struct wad_tcp_port *
wad_ssl_nest_over(struct wad_ssl_port *ssl, void (*nego_free)(void *))
{
	struct wad_tcp_port	*up = wad_tcp_port_alloc(), *raw = ssl->port;
	struct nest		*n = wad_xcalloc(1, sizeof(*n));

	n->up = up;
	n->ssl = ssl;
	n->raw = raw;
	n->nego_free = nego_free;
	up->fd = raw->fd;	/* for those who ask the kernel about it */
	up->local = raw->local;
	up->peer = raw->peer;
	up->connected = up->events = true;
	up->wake = raw->wake;
	up->owner = raw->owner;
	up->lower = &lower;
	up->lower_arg = n;
	raw->wake = on_raw;
	raw->owner = n;
	fill(n);
	wad_tcp_port_read_on(up, true);
	return up;
}
