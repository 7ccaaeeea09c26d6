/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving bytes both ways: kernel, decrypt, encrypt, kernel, through one
 * buffer of the worker.  A side that is slow stops the other at a mark.
 */
#include "worker/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "port/ssl_sock_port.h"
#include "worker/worker.h"

static uint8_t plain[16384];		/* one TLS record, RFC 8446 5.1 */

static void
flush(struct wad_leg *leg)
{
	if (leg->ssl != NULL)
		wad_ssl_sock_port_out_ops_sync(leg->ssl);
	else
		wad_tcp_port_out_read_sync(leg->port);
}

/* One chunk from src to dst; 0 when there is none now, -1 failed. */
static long
chunk(struct wad_session *s, struct wad_leg *src, struct wad_leg *dst)
{
	long n;

	if (src->ssl != NULL) {
		n = wad_ssl_port_read(src->ssl, plain, sizeof(plain));
		if (n <= 0)
			return src->ssl->failed ? -1 : 0;
		if (dst->ssl != NULL)
			return wad_ssl_port_write(dst->ssl, plain,
			    (int)n) == 0 ? n : -1;
		wad_buf_add(&dst->port->out, plain, (size_t)n);
		return n;
	}
	if (s->body != NULL && src == &s->clt)
		return wad_explicit_body(s);
	n = (long)src->port->in.len;
	if (n > 0)
		wad_buf_move(&dst->port->out, &src->port->in);
	return n;
}

/* Everything that fits; -1 when a side of TLS failed. */
static int
direction(struct wad_session *s, struct wad_leg *src, struct wad_leg *dst)
{
	bool	moved = false;
	long	n = 0;

	if (src->in_closed)
		return 0;
	while (dst->port->out.len < WAD_PORT_HIGH &&
	    (n = chunk(s, src, dst)) > 0)
		moved = true;
	if (moved)
		s->last_io = wad_clock_ms();
	/* also what earlier stages left; a full socket says so by its event */
	if (dst->port->out.len > 0 && !dst->port->write_on)
		flush(dst);
	return n < 0 ? -1 : 0;
}

/* Passes an end on as what it is: close_notify as close_notify, a bare FIN
 * as a bare FIN, so that a cut answer never looks complete. */
static void
pass_end(struct wad_session *s, struct wad_leg *src, struct wad_leg *dst)
{
	bool notify = src->ssl != NULL && src->ssl->peer_notify;

	if (src->in_closed || dst->port->out.len >= WAD_PORT_HIGH)
		return;
	if (!notify && (!src->port->eof || src->port->in.len > 0))
		return;
	src->in_closed = true;
	if (src->ssl != NULL)
		wad_ssl_app_port_fts_in_close(src->ssl, notify ? 2 : 0,
		    dst->in_closed);
	if (notify && dst->ssl != NULL) {
		wad_ssl_port_notify(dst->ssl);
		flush(dst);
	}
	wad_tcp_port_shut(dst->port);
	dst->out_closed = true;
	if (!dst->in_closed)
		wad_session_deadline(s,
		    s->wc->conf->settings.halfclose_timeout * 1000ULL);
}

static void
reading(struct wad_leg *src, const struct wad_leg *dst)
{
	wad_tcp_port_read_on(src->port,
	    dst->port->out.len < WAD_PORT_HIGH &&
	    src->port->in.len < WAD_PORT_HIGH);
	/* after close_notify what still comes is not for anybody */
	if (src->in_closed && src->port->in.len > 0)
		wad_buf_drain(&src->port->in, src->port->in.len);
}

static bool
flushed(const struct wad_leg *leg)
{
	return leg->port->out.len == 0 || leg->port->reset;
}

enum wad_reason_id
wad_relay_pump(struct wad_session *s)
{
	struct wad_leg	*c = &s->clt, *u = &s->srv;
	int		 bad;

	bad = direction(s, c, u) == -1;
	bad |= direction(s, u, c) == -1;
	if (bad) {
		flush(c);
		flush(u);
		return s->body != NULL && c->ssl == NULL ? WR_REQUEST_BAD :
		    WR_TLS_ALERT;
	}
	if (c->port->reset || u->port->reset) {
		if (c->ssl != NULL)
			wad_ssl_app_port_fts_in_close(c->ssl, 1,
			    c->in_closed && u->in_closed);
		return c->port->reset ? WR_CLT_RST : WR_SRV_RST;
	}
	pass_end(s, c, u);
	pass_end(s, u, c);
	reading(c, u);
	reading(u, c);
	if (s->first_end == 0 && (c->in_closed || u->in_closed))
		s->first_end = c->in_closed ? 1 : 2;
	if (c->in_closed && u->in_closed && flushed(c) && flushed(u))
		return s->first_end == 1 ? WR_CLT_CLOSED : WR_SRV_CLOSED;
	return WR_N;
}
