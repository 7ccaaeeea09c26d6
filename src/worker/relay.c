/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving bytes both ways: kernel, decrypt, encrypt, kernel, through one
 * buffer of the worker.  A side that is slow stops the other at a mark.
 */
#include "worker/session.h"

#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "port/ssl_sock_port.h"
#include "worker/http_relay.h"
#include "worker/net_reason.h"
#include "worker/worker.h"

enum { RESET_POLL_MS = 20 };

static uint8_t plain[16384];		/* one TLS record, RFC 8446 5.1 */

void
wad_relay_flush(struct wad_leg *leg)
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

	if (wad_http_relay_runs(s))
		return wad_http_relay_move(s, src);
	if (src->ssl != NULL) {
		n = wad_ssl_port_read(src->ssl, plain, sizeof(plain));
		if (n <= 0)
			return src->ssl->failed ? -1 : 0;
		if (!src->spoke && src == &s->clt)
			wad_learn_spoke(s);
		src->spoke = true;
		wad_http_relay_count(s, src, (size_t)n);
		if (dst->ssl != NULL)
			return wad_ssl_port_write(dst->ssl, plain,
			    (int)n) == 0 ? n : -1;
		wad_buf_add(&dst->port->out, plain, (size_t)n);
		return n;
	}
	n = (long)src->port->in.len;
	wad_http_relay_count(s, src, (size_t)n);
	if (n > 0)
		wad_buf_move(&dst->port->out, &src->port->in);
	return n;
}

/* An end that takes nothing may still have much to say (an answer before the
 * whole upload), so its full out does not stop what comes from it.  But TLS
 * itself puts answers there, to each KeyUpdate: not for ever. */
static bool
may_talk(const struct wad_leg *src)
{
	return src->ssl == NULL || src->port->out.len < 2 * WAD_PORT_HIGH;
}

/* Everything there is, as long as dst takes it: 1 something moved, 0 nothing,
 * -1 a side of TLS failed.  Goes on after a flush: what the kernel took made
 * room, and no event would say so.  When HTTP is over, src's end is still
 * looked for. */
static int
direction(struct wad_session *s, struct wad_leg *src, struct wad_leg *dst)
{
	bool	moved, ever = false;
	long	n = 0;

	if (src->in_closed || (dst->port->reset && !wad_http_relay_is_over(s)))
		return 0;
	do {
		moved = false;
		while ((dst->port->out.len < wad_port_high() ||
		    wad_http_relay_buffers(s)) && may_talk(src) &&
		    (n = chunk(s, src, dst)) > 0)
			moved = true;
		if (moved)
			s->last_io = wad_clock_ms();
		ever |= moved;
		/* also what earlier stages left */
		if (dst->port->out.len > 0 && !dst->port->write_on)
			wad_relay_flush(dst);
		/* TLS answers, and the next request of a pipeline */
		if ((src->ssl != NULL || s->http != NULL) &&
		    src->port->out.len > 0 && !src->port->write_on)
			wad_relay_flush(src);
	} while ((n > 0 || (moved && wad_http_relay_buffers(s))) &&
	    dst->port->out.len < wad_port_high() &&
	    may_talk(src) && !dst->port->reset);
	return n < 0 ? -1 : ever;
}

/* Both ways.  An answer that went down lets a request go up that has come
 * long ago, behind another one: no event would say so.  false: TLS failed. */
static bool
both(struct wad_session *s, struct wad_leg *c, struct wad_leg *u)
{
	int up, down;

	do {
		up = direction(s, c, u);
		down = direction(s, u, c);
	} while (up != -1 && down == 1 && wad_http_relay_runs(s) &&
	    !s->connected && (c->port->in.len > 0 || (c->ssl != NULL &&
	    SSL_has_pending(c->ssl->ssl))));
	return up != -1 && down != -1;
}

/* Passes an end on as what it is: close_notify as close_notify, a bare FIN
 * as a bare FIN, so that a cut answer never looks complete. */
static void
pass_end(struct wad_session *s, struct wad_leg *src, struct wad_leg *dst)
{
	bool notify = src->ssl != NULL && src->ssl->peer_notify;

	if (src->in_closed || dst->port->out.len >= wad_port_high())
		return;
	if (!notify && (!src->port->eof || src->port->in.len > 0))
		return;
	if (!wad_http_relay_ended(s, src, notify || src->ssl == NULL))
		return;
	src->in_closed = true;
	if (src == &s->clt)
		wad_learn_ended(s);
	else
		s->cut = src->ssl != NULL && !notify;
	if (src->ssl != NULL)
		wad_ssl_app_port_fts_in_close(src->ssl, notify ? 2 : 0,
		    dst->in_closed);
	if (notify && dst->ssl != NULL) {
		wad_ssl_port_notify(dst->ssl);
		wad_relay_flush(dst);
	}
	wad_tcp_port_shut(dst->port);
	if (!dst->in_closed && s->over_since == 0)
		wad_session_deadline(s,
		    s->wc->conf->settings.halfclose_timeout * 1000ULL);
}

static void
reading(const struct wad_session *s, struct wad_leg *src,
    const struct wad_leg *dst)
{
	/* after close_notify what still comes is not for anybody */
	if (src->in_closed && src->port->in.len > 0)
		wad_buf_drain(&src->port->in, src->port->in.len);
	wad_tcp_port_read_on(src->port,
	    (dst->port->out.len < wad_port_high() ||
	    wad_http_relay_buffers(s)) && may_talk(src) &&
	    src->port->in.len < wad_port_high() &&
	    wad_http_relay_wants(s, src));
}

static bool
flushed(const struct wad_leg *leg)
{
	return leg->port->out.len == 0 || leg->port->reset;
}

/* One side is gone by a reset.  What it sent before is delivered first; then
 * the other side sees a reset too, or, where it had ended cleanly already,
 * its end. */
static enum wad_reason_id
after_reset(struct wad_session *s, struct wad_leg *gone,
    struct wad_leg *other, enum wad_reason_id why)
{
	uint64_t	now = wad_clock_ms();
	bool		clean = gone->in_closed;
	int		unsent = 0;

	if (s->reset_since == 0)
		s->reset_since = now;
	wad_tcp_port_read_on(other->port, false);
	if (other->port->reset || now - s->reset_since >
	    s->wc->conf->settings.halfclose_timeout * 1000ULL)
		return why;
	if (other->port->out.len == 0 &&
	    ioctl(other->port->fd, TIOCOUTQ, &unsent) == 0 && unsent == 0) {
		if (!clean)
			return why;
		if (other->port->shut_done)
			return gone == &s->clt ? WR_CLT_CLOSED :
			    WR_SRV_CLOSED;
	}
	wad_session_deadline(s, RESET_POLL_MS);
	return WR_N;
}

enum wad_reason_id
wad_relay_pump(struct wad_session *s)
{
	struct wad_leg	*c = &s->clt, *u = &s->srv;
	bool		 good;

	if (wad_http_relay_runs(s) && s->http->limits.proxy) {
		enum wad_reason_id over = wad_http_relay_pump(s);

		if (!s->tunnel)
			return over;
	}
	good = both(s, c, u);
	if (s->connected)
		return WR_N;
	if (c->port->reset)	/* its last words came after its turn */
		good &= direction(s, c, u) != -1;
	if (!good) {
		wad_relay_flush(c);
		wad_relay_flush(u);
		return s->cut ? WR_TRUNCATED : WR_TLS_ALERT;
	}
	if ((c->port->reset || u->port->reset) && !wad_http_relay_is_over(s)) {
		if (c->ssl != NULL && s->reset_since == 0)
			wad_ssl_app_port_fts_in_close(c->ssl, 1,
			    c->in_closed && u->in_closed);
		/* an end that was read before the reset is still an end */
		pass_end(s, c->port->reset ? c : u, c->port->reset ? u : c);
		return c->port->reset ?
		    after_reset(s, c, u, wad_net_reason_broken(
		    c->port->error, false)) :
		    after_reset(s, u, c, wad_net_reason_broken(
		    u->port->error, true));
	}
	pass_end(s, c, u);
	pass_end(s, u, c);
	if (s->first_end == 0 && (c->in_closed || u->in_closed))
		s->first_end = c->in_closed ? 1 : 2;
	if (wad_http_relay_is_over(s)) {
		reading(s, c, u);
		reading(s, u, c);
		return wad_http_relay_over(s);
	}
	if (c->port->reset || u->port->reset)
		return wad_relay_pump(s);	/* once: no event would */
	wad_http_relay_deadline(s);
	reading(s, c, u);
	reading(s, u, c);
	if (c->in_closed && u->in_closed && flushed(c) && flushed(u))
		return s->first_end == 1 ? WR_CLT_CLOSED : s->cut ?
		    WR_TRUNCATED : WR_SRV_CLOSED;
	return WR_N;
}
