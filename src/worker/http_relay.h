/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP engine between the two legs of a session: what relay.c asks.  All of
 * it is nothing for a session without an engine (s->http NULL).
 */
#ifndef WAD_WORKER_HTTP_RELAY_H
#define WAD_WORKER_HTTP_RELAY_H

#include "worker/session.h"

/* Puts an engine between the legs of an inspected connection, by its ALPN and
 * protocol options; none where nothing is to be looked at. */
void	wad_http_relay_start(struct wad_session *);
/* The same for an explicit proxy's client that asks for http:// URIs; nothing
 * is known of a server yet. */
void	wad_http_relay_proxy(struct wad_session *);
/* Its server is there: s->srv. */
void	wad_http_relay_server(struct wad_session *);
/* May a request go to the server that there is? */
bool	wad_http_relay_can_reuse(const struct wad_session *);
/* What wad_relay_pump does, for such a client. */
enum wad_reason_id wad_http_relay_pump(struct wad_session *);
/* After a CONNECT was granted: gives the bytes that the engine read back to
 * the ports, and frees it. */
void	wad_http_relay_leave(struct wad_session *);
/* Ends what is open and frees the engine. */
void	wad_http_relay_free(struct wad_session *);

/* The engine moves the bytes: there is one, and it made no tunnel yet. */
static inline bool
wad_http_relay_runs(const struct wad_session *s)
{
	return s->http != NULL && !s->tunnel;
}

static inline bool
wad_http_relay_is_over(const struct wad_session *s)
{
	return s->http != NULL && s->http->state == WAD_HTTP_OVER;
}

/* It takes what comes from one side also while the other one takes nothing:
 * streams of HTTP/2 must not wait for each other. */
static inline bool
wad_http_relay_buffers(const struct wad_session *s)
{
	return wad_http_relay_runs(s) && (s->http->engine->buffers ||
	    s->http->state == WAD_HTTP_OVER);
}

/* A connection over TLS that gets pages only: a turn.  True when nothing more
 * is to be said on it. */
bool	wad_http_relay_pages(struct wad_session *);

/* A turn of what comes from a leg: > 0 something moved, 0, or -1 failed. */
long	wad_http_relay_move(struct wad_session *, struct wad_leg *from);
/* Nothing more comes from that leg.  Whether its end may be passed on. */
bool	wad_http_relay_ended(struct wad_session *, const struct wad_leg *,
	    bool clean);
bool	wad_http_relay_wants(const struct wad_session *,
	    const struct wad_leg *);
/* Bytes of a tunnel passed. */
void	wad_http_relay_count(struct wad_session *, const struct wad_leg *from,
	    size_t);
/* A request's head that came in part has less time than a connection that
 * rests. */
void	wad_http_relay_deadline(struct wad_session *);
/* The time is up: 408; false: it was not about that. */
bool	wad_http_relay_late(struct wad_session *);
/* The engine is done: flushes and ends both legs; the reason when that is
 * over, else WR_N. */
enum wad_reason_id wad_http_relay_over(struct wad_session *);

#endif
