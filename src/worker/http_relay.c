/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP engine between the two legs of a session.  relay.c moves bytes and
 * passes ends on; where it would copy a chunk, the engine takes its turn.
 */
#include "worker/http_relay.h"

#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "port/ssl_sock_port.h"
#include "worker/block.h"
#include "worker/forward.h"
#include "worker/http_filter.h"
#include "worker/http_warn.h"
#include "worker/net_reason.h"
#include "worker/worker.h"

enum {
	FIELDS_MAX = 200,
	STREAMS_MAX = 128,		/* RFC 9113 section 6.5.2: 100 or more */
	LINGER_MS = 2000,
	DISCARD_MAX = 64 * 1024		/* in one turn */
};

/* ---- legs ------------------------------------------------------------- */

/* The engine knows legs by themselves; a session by the one of its client. */
static long
leg_read(void *arg, void *buf, size_t size)
{
	struct wad_leg	*leg = arg;
	int		 n;

	if (leg->port == NULL)		/* no server yet */
		return 0;
	if (leg->ssl == NULL)
		return (long)wad_buf_take(&leg->port->in, buf, size);
	n = wad_ssl_port_read(leg->ssl, buf, (int)size);
	if (n > 0)
		leg->spoke = true;
	return n > 0 ? n : leg->ssl->failed ? -1 : 0;
}

static int
leg_write(void *arg, const void *p, size_t n)
{
	struct wad_leg *leg = arg;

	if (leg->port == NULL)
		return 0;
	if (leg->ssl != NULL)
		return wad_ssl_port_write(leg->ssl, p, (int)n);
	wad_buf_add(&leg->port->out, p, n);
	return 0;
}

static size_t
leg_room(void *arg)
{
	const struct wad_leg *leg = arg;
	size_t len = leg->port != NULL ? leg->port->out.len : 0;
	size_t most = wad_port_high();

	return len < most ? most - len : 0;
}

static struct wad_http_leg
leg_of(struct wad_leg *leg)
{
	return (struct wad_http_leg){ leg, leg_read, leg_write, leg_room };
}

/* ---- birth and death -------------------------------------------------- */

static void
fill_limits(const struct wad_session *s, struct wad_http_limits *l)
{
	const struct wad_protocol_options *o = s->policy != NULL ?
	    s->policy->protocol : NULL;
	const struct wad_conf_webproxy *w = &s->wc->conf->webproxy;

	memset(l, 0, sizeof(*l));
	l->line_max = w->max_request_length * 1024;
	l->head_max = w->max_message_length * 1024;
	l->fields_max = FIELDS_MAX;
	l->streams_max = STREAMS_MAX;
	l->window_clt = w->h2_client_window;
	l->window_srv = w->h2_server_window;
	/* through a tunnel of the parent's, the server is the other end */
	l->parent = wad_forward_is_on(s) && s->clt.ssl == NULL &&
	    !s->by_connect && !s->inside;
	l->parent_auth = l->parent ? wad_forward_auth(s) : NULL;
	l->https = s->clt.ssl != NULL;
	l->port = s->flow.dst.port;
	l->host = s->nego != NULL ? s->nego->host : s->host[0] != '\0' ?
	    s->host : NULL;
	l->h2c = o != NULL && o->h2c;
	l->versions = o != NULL && o->unknown_version == WAD_UNKNOWN_TUNNEL;
}

static bool
alpn_is(const struct wad_leg *leg, const char *name)
{
	const unsigned char	*p = NULL;
	unsigned		 n = 0;

	if (leg->ssl == NULL)
		return *name == '\0';
	SSL_get0_alpn_selected(leg->ssl->ssl, &p, &n);
	return n == strlen(name) && (n == 0 || memcmp(p, name, n) == 0);
}

void
wad_http_relay_start(struct wad_session *s)
{
	struct wad_http_leg	legs[2] = { leg_of(&s->clt), leg_of(&s->srv) };
	struct wad_http_limits	l;

	if (s->policy->protocol != NULL && !s->policy->protocol->http)
		return;
	fill_limits(s, &l);
	l.sniff = alpn_is(&s->clt, "");
	if (l.sniff || alpn_is(&s->clt, "http/1.1"))
		s->http = wad_http_h1_new(legs, &wad_http_filter_ops, s, &l);
	else if (alpn_is(&s->clt, "h2"))
		s->http = wad_http_h2_new(legs, &wad_http_filter_ops, s, &l);
}

void
wad_http_relay_proxy(struct wad_session *s)
{
	struct wad_http_leg	legs[2] = { leg_of(&s->clt), leg_of(&s->srv) };
	struct wad_http_limits	l;

	fill_limits(s, &l);
	l.proxy = true;
	l.https = false;
	l.host = NULL;
	s->http = wad_http_h1_new(legs, &wad_http_filter_ops, s, &l);
}

void
wad_http_relay_server(struct wad_session *s)
{
	struct wad_http_leg leg = leg_of(&s->srv);

	wad_http_server(s->http, &leg);
}

bool
wad_http_relay_can_reuse(const struct wad_session *s)
{
	const struct wad_tcp_port *p = s->srv.port;

	return p != NULL && !p->eof && !p->reset && p->in.len == 0 &&
	    !s->http->ended[WAD_HTTP_DOWN] && !s->http->last;
}

/* A server that is not there: nothing comes from it, and what would go there
 * is gone. */
static long
no_read(void *arg, void *buf, size_t size)
{
	(void)arg;
	(void)buf;
	(void)size;
	return 0;
}

static int
no_write(void *arg, const void *p, size_t n)
{
	(void)arg;
	(void)p;
	(void)n;
	return 0;
}

static size_t
no_room(void *arg)
{
	(void)arg;
	return WAD_PORT_HIGH;
}

static void
start_pages(struct wad_session *s)
{
	struct wad_http_leg	legs[2] = {
		leg_of(&s->clt),
		{ NULL, no_read, no_write, no_room },
	};
	struct wad_http_limits	l;

	fill_limits(s, &l);
	s->http = (alpn_is(&s->clt, "h2") ? wad_http_h2_new :
	    wad_http_h1_new)(legs, &wad_block_ops, s, &l);
}

bool
wad_http_relay_pages(struct wad_session *s)
{
	const struct wad_leg	*c = &s->clt;
	bool			 stopped = false;
	int			 r;

	if (s->http == NULL)
		start_pages(s);
	while ((r = wad_http_move(s->http, WAD_HTTP_UP)) > 0 ||
	    (r == 0 && s->http->requests > 0 && s->http->n_open == 0 &&
	    s->http->state == WAD_HTTP_RUNS && !stopped)) {
		if (r > 0)
			continue;
		wad_http_stop(s->http);	/* the page was read */
		stopped = true;
	}
	if (r == 0 && s->http->state == WAD_HTTP_RUNS &&
	    !s->http->ended[WAD_HTTP_UP] && (c->port->eof || c->port->reset ||
	    c->ssl->peer_notify || c->ssl->failed))
		wad_http_ended(s->http, WAD_HTTP_UP, c->ssl->peer_notify);
	wad_ssl_sock_port_out_ops_sync(c->ssl);
	return r == -1 || s->http->state != WAD_HTTP_RUNS;
}

void
wad_http_relay_free(struct wad_session *s)
{
	if (s->http == NULL)
		return;
	if (s->srv.port == NULL || s->srv.port->reset)
		s->http->ended[WAD_HTTP_DOWN] = true;
	wad_http_free(s->http);
	s->http = NULL;
}

static void
give_back(struct wad_http *h, enum wad_http_dir dir, struct wad_buf *in)
{
	struct wad_buf	 all = { 0 };
	const uint8_t	*p;
	size_t		 n;

	wad_http_rest(h, dir, &p, &n);
	wad_buf_add(&all, p, n);
	wad_buf_add(&all, in->len > 0 ? wad_buf_bytes(in) : NULL, in->len);
	wad_buf_free(in);
	*in = all;
}

void
wad_http_relay_leave(struct wad_session *s)
{
	give_back(s->http, WAD_HTTP_UP, &s->clt.port->in);
	if (s->srv.port != NULL)
		give_back(s->http, WAD_HTTP_DOWN, &s->srv.port->in);
	wad_http_relay_free(s);
}

/* ---- the turn --------------------------------------------------------- */

static enum wad_http_dir
dir_of(const struct wad_session *s, const struct wad_leg *from)
{
	return from == &s->clt ? WAD_HTTP_UP : WAD_HTTP_DOWN;
}

/* What still comes when all is said is for nobody. */
static long
discard(struct wad_leg *leg)
{
	static char	waste[16384];
	size_t		sum = 0;
	long		n;

	while (sum < DISCARD_MAX && (n = leg_read(leg, waste,
	    sizeof(waste))) > 0)
		sum += (size_t)n;
	return 0;
}

/* No HTTP any more, or never: the bytes that were read go first. */
static long
begin_tunnel(struct wad_session *s)
{
	const struct wad_protocol_options *o = s->policy != NULL ?
	    s->policy->protocol : NULL;
	struct wad_leg	*other[2] = { &s->srv, &s->clt };
	const uint8_t	*p;
	size_t		 n;

	/* no request will come that a page could answer */
	if (s->http->current == NULL && wad_http_warn_forbids(s)) {
		s->http->state = WAD_HTTP_OVER;
		s->http->why = WR_BLOCKED;
		return 0;
	}
	if (s->http->current == NULL && o != NULL && !o->tunnel_non_http &&
	    !s->http->version) {
		s->http->state = WAD_HTTP_OVER;
		s->http->why = WR_NOT_HTTP;
		return 0;
	}
	if (s->http->current != NULL && s->http->current->req.path == 0 &&
	    s->clt.ssl == NULL) {
		s->connected = true;	/* the stages go on with it */
		return 0;
	}
	WAD_DBG(HTTP, WAD_I, "tunnel: %s", s->http->current != NULL ?
	    "the protocol was switched" : "not HTTP");
	s->tunnel = true;
	for (int dir = 0; dir < 2; dir++) {
		wad_http_rest(s->http, dir, &p, &n);
		if (n > 0 && leg_write(other[dir], p, n) == -1)
			return -1;
		wad_http_relay_count(s, dir == WAD_HTTP_UP ? &s->clt :
		    &s->srv, n);
	}
	return 1;
}

long
wad_http_relay_move(struct wad_session *s, struct wad_leg *from)
{
	bool	spoke = s->clt.spoke;
	int	r;

	if (s->http->state == WAD_HTTP_OVER)
		return discard(from);
	r = wad_http_move(s->http, dir_of(s, from));
	if (!spoke && s->clt.spoke)
		wad_learn_spoke(s);
	/* the next request is to be judged by the newer configuration */
	if (s->stale && r >= 0 && s->http->state == WAD_HTTP_RUNS &&
	    s->http->n_open > 0) {
		s->stale = false;
		wad_http_stop(s->http);
	}
	if (s->http->state == WAD_HTTP_TUNNELS && r >= 0)
		return begin_tunnel(s);
	return r;
}

/* Tells the engine.  A client that asks for nothing more may be gone
 * altogether: it is not waited for as long as one that is silent. */
static void
ended(struct wad_session *s, enum wad_http_dir dir, bool clean)
{
	if (dir == WAD_HTTP_UP && !s->http->ended[dir] && s->over_since == 0)
		wad_session_deadline(s,
		    s->wc->conf->settings.halfclose_timeout * 1000ULL);
	wad_http_ended(s->http, dir, clean);
}

bool
wad_http_relay_ended(struct wad_session *s, const struct wad_leg *from,
    bool clean)
{
	enum wad_http_dir dir = dir_of(s, from);

	if (!wad_http_relay_runs(s))
		return true;
	ended(s, dir, clean);
	if (s->http->state == WAD_HTTP_TUNNELS)
		(void)begin_tunnel(s);
	return wad_http_drained(s->http, dir);
}

bool
wad_http_relay_wants(const struct wad_session *s, const struct wad_leg *from)
{
	return !wad_http_relay_runs(s) || wad_http_relay_is_over(s) ||
	    wad_http_wants(s->http, dir_of(s, from));
}

void
wad_http_relay_count(struct wad_session *s, const struct wad_leg *from,
    size_t n)
{
	if (s->http != NULL && s->http->current != NULL)
		s->http->current->bytes[dir_of(s, from)] += n;
}

/* ---- time ------------------------------------------------------------- */

static uint64_t
head_ms(const struct wad_session *s)
{
	return s->wc->conf->settings.hello_timeout * 1000ULL;
}

void
wad_http_relay_deadline(struct wad_session *s)
{
	bool begun = wad_http_relay_runs(s) && s->http->begun;

	if (begun == (s->head_since != 0) &&
	    (!begun || s->head_of == s->http->requests))
		return;
	s->head_since = begun ? wad_clock_ms() : 0;
	s->head_of = begun ? s->http->requests : 0;
	wad_session_deadline(s, begun ? head_ms(s) :
	    s->wc->conf->settings.idle_timeout * 1000ULL);
}

bool
wad_http_relay_late(struct wad_session *s)
{
	if (s->head_since == 0 ||
	    wad_clock_ms() - s->head_since < head_ms(s))
		return false;
	s->head_since = 0;
	wad_http_late(s->http);
	return true;
}

/* ---- the end ---------------------------------------------------------- */

/* It ended without saying so in TLS. */
static bool
is_cut(const struct wad_leg *leg)
{
	return leg->ssl != NULL && leg->port->eof &&
	    !leg->ssl->peer_notify;
}

static void
end_leg(struct wad_leg *leg, bool notify)
{
	if (leg->port->reset)
		return;
	if (leg->ssl != NULL && notify)
		wad_ssl_port_notify(leg->ssl);
	wad_relay_flush(leg);
	wad_tcp_port_shut(leg->port);
}

static enum wad_reason_id
reason_of(const struct wad_session *s)
{
	if (s->http->why != WR_N)
		return s->http->why == WR_SRV_CLOSED && s->cut ?
		    WR_TRUNCATED : s->http->why;
	if (s->first_end == 1)
		return WR_CLT_CLOSED;
	return s->first_end == 2 && s->cut ? WR_TRUNCATED : WR_SRV_CLOSED;
}

enum wad_reason_id
wad_http_relay_over(struct wad_session *s)
{
	struct wad_leg	*c = &s->clt, *u = &s->srv;
	uint64_t	 now = wad_clock_ms();

	if (c->port->reset)
		return wad_net_reason_broken(c->port->error, false);
	if (u->port != NULL)
		end_leg(u, !is_cut(c));
	end_leg(c, !is_cut(u) && !s->http->torn);
	if (c->port->reset)		/* only now was it seen */
		return wad_net_reason_broken(c->port->error, false);
	if (c->port->out.len > 0)
		return WR_N;		/* a slow reader; the relay's deadline */
	if (s->http->torn) {
		wad_tcp_port_reset(c->port);
		return reason_of(s);
	}
	if ((c->in_closed && (u->port == NULL || u->in_closed ||
	    u->port->reset)) ||
	    (s->over_since != 0 && now - s->over_since >= LINGER_MS))
		return reason_of(s);
	if (s->over_since == 0)
		s->over_since = now;
	/* each time: the end of one side has set another one meanwhile */
	wad_session_deadline(s, LINGER_MS - (now - s->over_since));
	return WR_N;
}

/* ---- many servers ----------------------------------------------------- */

static void
flush(struct wad_leg *leg)
{
	if (leg->port != NULL && leg->port->out.len > 0 &&
	    !leg->port->write_on)
		wad_relay_flush(leg);
}

/* As much as one leg gives; false: it failed. */
static bool
pull(struct wad_session *s, struct wad_leg *leg, bool *moved)
{
	long n;

	while ((n = wad_http_relay_move(s, leg)) > 0)
		*moved = true;
	return n == 0;
}

/* The end of a leg that is there, once. */
static void
see_end(struct wad_session *s, struct wad_leg *leg)
{
	const struct wad_tcp_port *p = leg->port;
	bool notify = leg->ssl != NULL && leg->ssl->peer_notify;

	if (p == NULL || leg->in_closed || (!p->reset && !notify &&
	    (!p->eof || p->in.len > 0)))
		return;
	leg->in_closed = true;
	if (s->first_end == 0 && s->http->state != WAD_HTTP_WANTS_SERVER)
		s->first_end = leg == &s->clt ? 1 : 2;
	ended(s, dir_of(s, leg), !p->reset && (notify || leg->ssl == NULL));
}

static void
read_leg(const struct wad_session *s, struct wad_leg *leg)
{
	if (leg->port == NULL)
		return;
	wad_tcp_port_read_on(leg->port, leg->port->in.len < wad_port_high() &&
	    wad_http_relay_wants(s, leg));
}

enum wad_reason_id
wad_http_relay_pump(struct wad_session *s)
{
	struct wad_leg	*c = &s->clt, *u = &s->srv;
	bool		 moved, good = true;

	do {
		moved = false;
		good = pull(s, c, &moved) && pull(s, u, &moved);
		if (moved)
			s->last_io = wad_clock_ms();
		flush(c);
		flush(u);
	} while (moved && good);
	if (s->tunnel)
		return WR_N;		/* the other pump goes on */
	if (!good)
		return WR_TLS_ALERT;
	see_end(s, c);
	see_end(s, u);
	flush(c);
	flush(u);
	if (c->port->reset)
		return wad_net_reason_broken(c->port->error, false);
	if (!wad_http_relay_is_over(s))
		wad_http_relay_deadline(s);
	read_leg(s, c);
	read_leg(s, u);
	return wad_http_relay_is_over(s) ? wad_http_relay_over(s) : WR_N;
}
