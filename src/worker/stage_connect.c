/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages before anything is said inside: who comes, what it wants, by which
 * policy, and the TCP connection to the server or the proxy before it.
 */
#include "worker/stages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "worker/forward.h"
#include "worker/http_relay.h"
#include "worker/net_reason.h"

/* ---- arrival ---------------------------------------------------------- */

enum wad_next
wad_stage_accept(struct wad_session *s)
{
	return wad_session_enter(s, WAD_STAGE_LEARN);
}

enum wad_next
wad_stage_learn(struct wad_session *s)
{
	if (!s->explicit_web)
		return wad_session_enter(s, WAD_STAGE_ROUTE);
	wad_session_deadline(s, settings(s)->hello_timeout * 1000ULL);
	return wad_session_enter(s, WAD_STAGE_REQUEST);
}

/* The session takes its socket over from the acceptor's port, which is then
 * free for the next connection: lines 7 and 8. */
static void
own_client_port(struct wad_session *s)
{
	struct wad_tcp_port	*from = s->clt.port;
	struct wad_dbg_current	 saved = wad_dbg_current;

	if (from->events)
		return;
	s->clt.port = wad_tcp_port_alloc();
	wad_tcp_port_move(s->clt.port, from);
	wad_dbg_current.serial = 0;
	wad_tcp_port_put(from);
	wad_dbg_current = saved;
	wad_tcp_port_start(s->clt.port, s->w->base, wad_session_kick, s);
}

/* The client went away before anything was relayed. */
bool
wad_stage_client_gone(const struct wad_session *s)
{
	const uint8_t	*p;
	size_t		 unread = 0;

	if (s->http != NULL)
		wad_http_rest(s->http, WAD_HTTP_UP, &p, &unread);
	return s->clt.port->reset || (s->clt.port->eof &&
	    s->clt.port->in.len + unread == 0);
}

enum wad_next
wad_stage_close_client_gone(struct wad_session *s)
{
	return wad_session_close(s, s->clt.port->reset ?
	    wad_net_reason_broken(s->clt.port->error, false) : WR_CLT_CLOSED);
}

/* Back to a client whose requests each have their own server. */
static enum wad_next
relay_again(struct wad_session *s)
{
	wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
	return wad_session_enter(s, WAD_STAGE_RELAY);
}

/* The first byte of a client, which may be one of TLS. */
enum wad_next
wad_stage_request(struct wad_session *s)
{
	own_client_port(s);
	if (wad_secure_begins(s))
		return wad_session_enter(s, WAD_STAGE_SECURE);
	if (wad_stage_client_gone(s))
		return wad_stage_close_client_gone(s);
	if (s->clt.port->in.len == 0)
		return WAD_WAIT;
	s->plain_http = true;
	wad_http_relay_proxy(s);
	return relay_again(s);
}

/* The ClientHello of a client that speaks TLS to the proxy; its certificate
 * comes as that of a page does. */
enum wad_next
wad_stage_secure(struct wad_session *s)
{
	if (s->clt.ssl == NULL && wad_secure_open(s) == -1)
		return wad_session_close(s, WR_MEMORY);
	switch (wad_ssl_port_handshake(s->clt.ssl)) {
	case WAD_SSL_HELLO:
		break;
	case WAD_SSL_WANT:
		wad_tcp_port_read_on(s->clt.port, true);
		return wad_stage_client_gone(s) ?
		    wad_stage_close_client_gone(s) : WAD_WAIT;
	default:
		return wad_session_close(s, WR_HELLO_BAD);
	}
	if (!wad_secure_name(s))
		return wad_session_close(s, WR_CLT_HANDSHAKE);
	return wad_session_enter(s, WAD_STAGE_FORGE);
}

enum wad_next
wad_stage_resolve(struct wad_session *s)
{
	int r = wad_explicit_resolve(s);

	if (r < 0)
		return relay_again(s);
	if (r > 0)
		return wad_session_enter(s, WAD_STAGE_ROUTE);
	if (wad_stage_client_gone(s))
		return wad_stage_close_client_gone(s);
	return WAD_WAIT;
}

enum wad_next
wad_stage_dial_server(struct wad_session *s)
{
	unsigned own = s->wc->conf->ssl.connect_timeout;

	s->since = wad_clock_us();
	wad_session_deadline(s, 1000ULL * (own != 0 ? own :
	    settings(s)->connect_timeout));
	return wad_session_enter(s, WAD_STAGE_DIAL);
}

/* Refused before the client got an answer: a page where one can be shown. */
enum wad_next
wad_stage_deny(struct wad_session *s, enum wad_reason_id why, int status)
{
	if (!s->explicit_web || s->http == NULL)
		return wad_session_close(s, why);
	wad_block_page(s, status, why);
	return relay_again(s);
}

/* A request of the explicit proxy's client that goes to its server as such. */
static bool
asks_plain(const struct wad_session *s)
{
	return s->explicit_web && !s->by_connect;
}

enum wad_next
wad_stage_route(struct wad_session *s)
{
	if (s->explicit_web)
		wad_explicit_policy(s);
	else {
		if (wad_route_lookup(&s->flow.dst, &s->route) == 0)
			s->flow.out_dev = s->route.dev;
		s->policy = wad_policy_match(s->wc->conf, &s->flow);
	}
	WAD_DBG(POLICY, WAD_I, "policy-id=%u action=%s in=%s out=%s",
	    s->policy != NULL ? s->policy->id : 0,
	    s->policy != NULL && s->policy->accept ? "accept" : "deny",
	    s->flow.in_dev != NULL ? s->flow.in_dev : "-",
	    s->flow.out_dev != NULL ? s->flow.out_dev : "-");
	if (s->policy == NULL || !s->policy->accept) {
		WAD_COUNT(DENIED);
		if (s->policy == NULL)
			snprintf(s->why_text, sizeof(s->why_text),
			    "no policy matches this connection%s",
			    s->explicit_web || s->flow.out_dev != NULL ? "" :
			    ": there is no route to the server");
		return wad_stage_deny(s, WR_POLICY_DENY, 403);
	}
	if (s->explicit_web && wad_explicit_filter_targets(s) == 0)
		return wad_stage_deny(s, WR_TARGET_FORBIDDEN, 403);
	wad_forward_free(s);		/* of a request before */
	s->inspect = wad_policy_inspect(s->policy->profile, s->flow.dst.port,
	    &s->proto);
	if (asks_plain(s)) {
		s->inspect = WAD_INSPECT_DISABLE;
		return wad_stage_dial_server(s);
	}
	s->plain_http = wad_protocol_has_port(s->policy->protocol,
	    s->flow.dst.port) && (wad_policy_filters_http(s->policy) ||
	    s->policy->forward != NULL || s->policy->forward_group != NULL);
	return wad_stage_dial_server(s);
}

/* ---- the server's TCP connection -------------------------------------- */

enum wad_next
wad_stage_forward_failed(struct wad_session *s)
{
	WAD_COUNT(SRV_FAIL);
	if (s->bypass)
		return wad_session_close(s, WR_FORWARD_FAILED);
	return wad_stage_deny(s, WR_FORWARD_FAILED, 502);
}

static enum wad_next
dial_failed(struct wad_session *s, int err)
{
	const struct wad_addr	*to;
	size_t			 n;
	enum wad_reason_id why = wad_net_reason_connect(err);

	if (wad_forward_targets(s, &to, &n)) {
		wad_tcp_port_put(s->srv.port);
		s->srv.port = NULL;
		s->dial_error = 0;
		return wad_forward_failed(s) ? wad_stage_dial_server(s) : wad_stage_forward_failed(s);
	}
	WAD_COUNT(SRV_FAIL);
	snprintf(s->why_text, sizeof(s->why_text), "%s: %s",
	    wad_reasons[why].text, strerror(err));
	if (s->bypass)			/* too late for a page */
		return wad_session_close(s, why);
	return wad_stage_deny(s, why, why == WR_SRV_TIMEOUT ? 504 :
	    why == WR_LIMIT || why == WR_MEMORY ? 503 : 502);
}

/* HTTP without TLS, or what turns out to be none. */
enum wad_next
wad_stage_relay_http(struct wad_session *s)
{
	wad_http_relay_start(s);
	wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
	return wad_session_enter(s, WAD_STAGE_RELAY);
}

/* After the connection: which road. */
enum wad_next
wad_stage_dialled(struct wad_session *s)
{
	wad_stats_since(WAD_HISTO_CONNECT, &s->since);
	if (s->bypass)
		return wad_session_enter(s, WAD_STAGE_SPLICE);
	if (asks_plain(s)) {
		wad_http_relay_server(s);
		return relay_again(s);
	}
	if (s->http != NULL) {
		wad_http_relay_leave(s);
		wad_explicit_connected(s);
	}
	if (s->plain_http && s->inspect == WAD_INSPECT_DISABLE)
		return wad_stage_relay_http(s);
	if (s->inspect == WAD_INSPECT_DISABLE) {
		wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
		return wad_session_enter(s, WAD_STAGE_RELAY);
	}
	wad_session_deadline(s, settings(s)->hello_timeout * 1000ULL);
	return wad_session_enter(s, s->plain_http ?
	    WAD_STAGE_PLAIN : WAD_STAGE_OPEN);
}

/* Requests without TLS follow, not bytes for a tunnel. */
bool
wad_stage_is_plain(const struct wad_session *s)
{
	return s->explicit_web ? !s->by_connect : s->plain_http;
}

enum wad_next
wad_stage_dial(struct wad_session *s)
{
	int r;

	if (s->dial_error != 0)
		return dial_failed(s, s->dial_error);
	if (s->srv.port == NULL && s->race == NULL) {
		r = asks_plain(s) ? wad_http_ask(s->http) : 1;
		if (r == 0)
			return wad_stage_client_gone(s) ? wad_stage_close_client_gone(s) :
			    WAD_WAIT;
		if (r == -1)		/* it is answered */
			return relay_again(s);
		if (s->by_connect && wad_inspect_asked_blocked(s)) {
			WAD_COUNT(BLOCKED);
			return wad_stage_deny(s, WR_BLOCKED, 403);
		}
		r = wad_forward_ready(s);
		if (r == 0)
			return s->clt.port->reset ? wad_stage_close_client_gone(s) :
			    WAD_WAIT;
		if (r == -1)
			return wad_stage_forward_failed(s);
		r = s->explicit_web || wad_forward_is_on(s) ?
		    wad_explicit_dial(s) : wad_upstream_dial(s);
		if (r == -1)
			return dial_failed(s, s->srv.port != NULL ?
			    s->srv.port->error : EHOSTUNREACH);
		own_client_port(s);
	}
	if (s->clt.port->reset)
		return wad_stage_close_client_gone(s);
	if (s->srv.port == NULL)
		return WAD_WAIT;
	r = wad_tcp_port_on_connect(s->srv.port);
	if (r == 0)
		return WAD_WAIT;
	if (r < 0)
		return dial_failed(s, s->srv.port->error);
	if (!wad_forward_is_on(s))
		s->flow.dst = s->srv.port->peer;
	wad_forward_reached(s);
	if (!wad_forward_is_on(s) || wad_stage_is_plain(s))
		return wad_stage_dialled(s);
	return wad_session_enter(s, WAD_STAGE_FORWARD);
}

enum wad_next
wad_stage_forward(struct wad_session *s)
{
	int r = wad_forward_tunnel(s);

	if (r < 0)
		return wad_stage_forward_failed(s);
	if (r > 0)
		return wad_stage_dialled(s);
	wad_tcp_port_read_on(s->srv.port, true);
	return s->clt.port->reset ? wad_stage_close_client_gone(s) : WAD_WAIT;
}
