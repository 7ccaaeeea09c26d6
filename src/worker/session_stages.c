/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a connection: a table of stages, an engine, and one function
 * per stage.  This is the only file that moves a session.
 *
 *  stage    what happens                                   then
 *  accept   the acceptor learnt a connection               learn
 *  learn    transparent: the wanted server is known        route, request
 *  secure   explicit proxy: TLS between client and proxy   forge, request
 *  request  explicit proxy: the first byte                 secure, relay
 *  resolve  explicit proxy: name to addresses              route
 *  route    policy; inspect, pass or deny                  dial
 *  dial     connect to the server                          open, plain, relay
 *  plain    TLS, or HTTP without it, on a port of HTTP      open, relay
 *  forward  another proxy: CONNECT there                   as after dial
 *  open     both TLS ports, negotiation, CA by priority    hello
 *  hello    hold the whole ClientHello                     rate, splice
 *  rate     exemptions, category, action                   decide
 *  decide   block, exempt, inspect                         srv_tls, splice,
 *                                                          block
 *  srv_tls  handshake with the server                      vet
 *  vet      its chain, its staple                          judge
 *  judge    what the profile makes of the verdict          forge, splice
 *  forge    a product from the storage, or of wad-keys     clt_tls
 *  clt_tls  release the hello, present the product         relay, page
 *  relay    both ways until either side ends               close
 *           explicit proxy: requests, each to its server   resolve
 *  close    log, graveyard
 *  side roads: issuers and status (ask wad-lookup between vet and judge),
 *  splice (raw relay), block and page (over TLS, instead of the site)
 */
#include "worker/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "http/h1_head.h"
#include "port/ssl_sock_port.h"
#include "tls/cert_picker.h"
#include "tls/ssl_bypass_cache.h"
#include "tls/ssl_cert_factory.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_cic.h"
#include "tls/ssl_common.h"
#include "tls/ssl_ctx.h"
#include "tls/ssl_ech.h"
#include "tls/ssl_proxy.h"
#include "tls/ssl_replace.h"
#include "tls/ssl_session.h"
#include "worker/forward.h"
#include "worker/http_relay.h"
#include "worker/http_warn.h"
#include "worker/lookup.h"
#include "worker/tls_log.h"
#include "worker/net_reason.h"
#include "worker/worker.h"

enum { KEYS_MS = 3000, LINGER_MS = 2000 };

struct wad_stage {
	const char	*name;
	enum wad_next	(*run)(struct wad_session *);
	enum wad_reason_id late;	/* reason when its deadline passes */
};

static enum wad_next	stage_accept(struct wad_session *);
static enum wad_next	stage_learn(struct wad_session *);
static enum wad_next	stage_secure(struct wad_session *);
static enum wad_next	stage_request(struct wad_session *);
static enum wad_next	stage_resolve(struct wad_session *);
static enum wad_next	stage_route(struct wad_session *);
static enum wad_next	stage_dial(struct wad_session *);
static enum wad_next	stage_plain(struct wad_session *);
static enum wad_next	stage_forward(struct wad_session *);
static enum wad_next	stage_open(struct wad_session *);
static enum wad_next	stage_hello(struct wad_session *);
static enum wad_next	stage_rate(struct wad_session *);
static enum wad_next	stage_decide(struct wad_session *);
static enum wad_next	stage_srv_tls(struct wad_session *);
static enum wad_next	stage_vet(struct wad_session *);
static enum wad_next	stage_issuers(struct wad_session *);
static enum wad_next	stage_status(struct wad_session *);
static enum wad_next	stage_judge(struct wad_session *);
static enum wad_next	stage_forge(struct wad_session *);
static enum wad_next	stage_clt_tls(struct wad_session *);
static enum wad_next	stage_relay(struct wad_session *);
static enum wad_next	stage_splice(struct wad_session *);
static enum wad_next	stage_block(struct wad_session *);
static enum wad_next	stage_page(struct wad_session *);
static enum wad_next	stage_close(struct wad_session *);

static enum wad_next	handshake_srv(struct wad_session *);
static enum wad_next	dial_again(struct wad_session *);
static enum wad_next	probed(struct wad_session *);
static enum wad_next	probe_failed(struct wad_session *);

enum stage_id { ACCEPT, LEARN, SECURE, REQUEST, RESOLVE, ROUTE, DIAL, FORWARD,
	PLAIN, OPEN, HELLO, RATE, DECIDE, SRV_TLS, VET, ISSUERS, STATUS,
	JUDGE, FORGE, CLT_TLS, RELAY, SPLICE, BLOCK, PAGE, CLOSE };

static const struct wad_stage stages[] = {
	[ACCEPT]  = { "accept",  stage_accept,	WR_LIMIT },
	[LEARN]	  = { "learn",	 stage_learn,	WR_LIMIT },
	[SECURE]  = { "secure",	 stage_secure,	WR_HELLO_TIMEOUT },
	[REQUEST] = { "request", stage_request,	WR_REQUEST_TIMEOUT },
	[RESOLVE] = { "resolve", stage_resolve,	WR_DNS_FAILED },
	[ROUTE]	  = { "route",	 stage_route,	WR_LIMIT },
	[DIAL]	  = { "dial",	 stage_dial,	WR_SRV_TIMEOUT },
	[PLAIN]	  = { "plain",	 stage_plain,	WR_HELLO_TIMEOUT },
	[FORWARD] = { "forward", stage_forward,	WR_FORWARD_FAILED },
	[OPEN]	  = { "open",	 stage_open,	WR_LIMIT },
	[HELLO]	  = { "hello",	 stage_hello,	WR_HELLO_TIMEOUT },
	[RATE]	  = { "rate",	 stage_rate,	WR_LIMIT },
	[DECIDE]  = { "decide",	 stage_decide,	WR_LIMIT },
	[SRV_TLS] = { "srv_tls", stage_srv_tls,	WR_HANDSHAKE_TIMEOUT },
	[VET]	  = { "vet",	 stage_vet,	WR_LIMIT },
	[ISSUERS] = { "issuers", stage_issuers,	WR_PEER_DOWN },
	[STATUS]  = { "status",	 stage_status,	WR_PEER_DOWN },
	[JUDGE]	  = { "judge",	 stage_judge,	WR_LIMIT },
	[FORGE]	  = { "forge",	 stage_forge,	WR_PEER_DOWN },
	[CLT_TLS] = { "clt_tls", stage_clt_tls,	WR_HANDSHAKE_TIMEOUT },
	[RELAY]	  = { "relay",	 stage_relay,	WR_IDLE_TIMEOUT },
	[SPLICE]  = { "splice",	 stage_splice,	WR_IDLE_TIMEOUT },
	[BLOCK]	  = { "block",	 stage_block,	WR_PEER_DOWN },
	[PAGE]	  = { "page",	 stage_page,	WR_PAGE_SENT },
	[CLOSE]	  = { "close",	 stage_close,	WR_LIMIT },
};

void
wad_session_run(struct wad_session *s)
{
	enum wad_next next;

	do {
		WAD_CHECK(s, WAD_SESSION_MAGIC);
		next = s->stage->run(s);
	} while (next == WAD_NEXT);
}

static enum wad_next
wad_session_enter(struct wad_session *s, enum stage_id id)
{
	/* lines 1 and 2 are printed before the session has its number */
	if (s->stage != NULL && wad_dbg_current.serial != 0)
		WAD_DBG(SESSION, WAD_V, "%s -> %s", s->stage->name,
		    stages[id].name);
	s->stage = &stages[id];
	return WAD_NEXT;
}

void
wad_session_start(struct wad_session *s)
{
	wad_session_enter(s, ACCEPT);
	wad_session_kick(s);
}

const char *
wad_session_stage_name(const struct wad_session *s)
{
	return s->stage->name;
}

static const struct wad_conf_settings *
settings(const struct wad_session *s)
{
	return &s->wc->conf->settings;
}

enum wad_phase
wad_session_phase(const struct wad_session *s)
{
	unsigned n = wad_session_stage_number(s);

	return n <= ROUTE ? WAD_PHASE_NEW : n == RELAY ? WAD_PHASE_RELAY :
	    n == CLOSE ? WAD_PHASE_OVER : WAD_PHASE_SETUP;
}

unsigned
wad_session_stage_number(const struct wad_session *s)
{
	return s->stage != NULL ? (unsigned)(s->stage - stages) : 0;
}

/* ---- arrival ---------------------------------------------------------- */

static enum wad_next
stage_accept(struct wad_session *s)
{
	return wad_session_enter(s, LEARN);
}

static enum wad_next
stage_learn(struct wad_session *s)
{
	if (!s->explicit_web)
		return wad_session_enter(s, ROUTE);
	wad_session_deadline(s, settings(s)->hello_timeout * 1000ULL);
	return wad_session_enter(s, REQUEST);
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
static bool
client_gone(const struct wad_session *s)
{
	const uint8_t	*p;
	size_t		 unread = 0;

	if (s->http != NULL)
		wad_http_rest(s->http, WAD_HTTP_UP, &p, &unread);
	return s->clt.port->reset || (s->clt.port->eof &&
	    s->clt.port->in.len + unread == 0);
}

static enum wad_next
close_client_gone(struct wad_session *s)
{
	return wad_session_close(s, s->clt.port->reset ?
	    wad_net_reason_broken(s->clt.port->error, false) : WR_CLT_CLOSED);
}

/* Back to a client whose requests each have their own server. */
static enum wad_next
relay_again(struct wad_session *s)
{
	wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
	return wad_session_enter(s, RELAY);
}

/* The first byte of a client, which may be one of TLS. */
static enum wad_next
stage_request(struct wad_session *s)
{
	own_client_port(s);
	if (wad_secure_begins(s))
		return wad_session_enter(s, SECURE);
	if (client_gone(s))
		return close_client_gone(s);
	if (s->clt.port->in.len == 0)
		return WAD_WAIT;
	s->plain_http = true;
	wad_http_relay_proxy(s);
	return relay_again(s);
}

/* The ClientHello of a client that speaks TLS to the proxy; its certificate
 * comes as that of a page does. */
static enum wad_next
stage_secure(struct wad_session *s)
{
	if (s->clt.ssl == NULL && wad_secure_open(s) == -1)
		return wad_session_close(s, WR_MEMORY);
	switch (wad_ssl_port_handshake(s->clt.ssl)) {
	case WAD_SSL_HELLO:
		break;
	case WAD_SSL_WANT:
		wad_tcp_port_read_on(s->clt.port, true);
		return client_gone(s) ? close_client_gone(s) : WAD_WAIT;
	default:
		return wad_session_close(s, WR_HELLO_BAD);
	}
	if (!wad_secure_name(s))
		return wad_session_close(s, WR_CLT_HANDSHAKE);
	return wad_session_enter(s, FORGE);
}

static enum wad_next
stage_resolve(struct wad_session *s)
{
	int r = wad_explicit_resolve(s);

	if (r < 0)
		return relay_again(s);
	if (r > 0)
		return wad_session_enter(s, ROUTE);
	if (client_gone(s))
		return close_client_gone(s);
	return WAD_WAIT;
}

static enum wad_next
dial(struct wad_session *s)
{
	unsigned own = s->wc->conf->ssl.connect_timeout;

	s->since = wad_clock_us();
	wad_session_deadline(s, 1000ULL * (own != 0 ? own :
	    settings(s)->connect_timeout));
	return wad_session_enter(s, DIAL);
}

/* Refused before the client got an answer: a page where one can be shown. */
static enum wad_next
deny(struct wad_session *s, enum wad_reason_id why, int status)
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

static enum wad_next
stage_route(struct wad_session *s)
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
		return deny(s, WR_POLICY_DENY, 403);
	}
	if (s->explicit_web && wad_explicit_filter_targets(s) == 0)
		return deny(s, WR_TARGET_FORBIDDEN, 403);
	wad_forward_free(s);		/* of a request before */
	s->inspect = wad_policy_inspect(s->policy->profile, s->flow.dst.port,
	    &s->proto);
	if (asks_plain(s)) {
		s->inspect = WAD_INSPECT_DISABLE;
		return dial(s);
	}
	s->plain_http = wad_protocol_has_port(s->policy->protocol,
	    s->flow.dst.port) && (wad_policy_filters_http(s->policy) ||
	    s->policy->forward != NULL || s->policy->forward_group != NULL);
	return dial(s);
}

/* ---- the server's TCP connection -------------------------------------- */

static enum wad_next
forward_failed(struct wad_session *s)
{
	WAD_COUNT(SRV_FAIL);
	if (s->bypass)
		return wad_session_close(s, WR_FORWARD_FAILED);
	return deny(s, WR_FORWARD_FAILED, 502);
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
		return wad_forward_failed(s) ? dial(s) : forward_failed(s);
	}
	WAD_COUNT(SRV_FAIL);
	snprintf(s->why_text, sizeof(s->why_text), "%s: %s",
	    wad_reasons[why].text, strerror(err));
	if (s->bypass)			/* too late for a page */
		return wad_session_close(s, why);
	return deny(s, why, why == WR_SRV_TIMEOUT ? 504 :
	    why == WR_LIMIT || why == WR_MEMORY ? 503 : 502);
}

/* HTTP without TLS, or what turns out to be none. */
static enum wad_next
relay_http(struct wad_session *s)
{
	wad_http_relay_start(s);
	wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
	return wad_session_enter(s, RELAY);
}

/* After the connection: which road. */
static enum wad_next
dialled(struct wad_session *s)
{
	wad_stats_since(WAD_HISTO_CONNECT, &s->since);
	if (s->bypass)
		return wad_session_enter(s, SPLICE);
	if (asks_plain(s)) {
		wad_http_relay_server(s);
		return relay_again(s);
	}
	if (s->http != NULL) {
		wad_http_relay_leave(s);
		wad_explicit_connected(s);
	}
	if (s->plain_http && s->inspect == WAD_INSPECT_DISABLE)
		return relay_http(s);
	if (s->inspect == WAD_INSPECT_DISABLE) {
		wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
		return wad_session_enter(s, RELAY);
	}
	wad_session_deadline(s, settings(s)->hello_timeout * 1000ULL);
	return wad_session_enter(s, s->plain_http ? PLAIN : OPEN);
}

/* Requests without TLS follow, not bytes for a tunnel. */
static bool
is_plain(const struct wad_session *s)
{
	return s->explicit_web ? !s->by_connect : s->plain_http;
}

static enum wad_next
stage_dial(struct wad_session *s)
{
	int r;

	if (s->dial_error != 0)
		return dial_failed(s, s->dial_error);
	if (s->srv.port == NULL && s->race == NULL) {
		r = asks_plain(s) ? wad_http_ask(s->http) : 1;
		if (r == 0)
			return client_gone(s) ? close_client_gone(s) :
			    WAD_WAIT;
		if (r == -1)		/* it is answered */
			return relay_again(s);
		if (s->by_connect && wad_inspect_asked_blocked(s)) {
			WAD_COUNT(BLOCKED);
			return deny(s, WR_BLOCKED, 403);
		}
		r = wad_forward_ready(s);
		if (r == 0)
			return s->clt.port->reset ? close_client_gone(s) :
			    WAD_WAIT;
		if (r == -1)
			return forward_failed(s);
		r = s->explicit_web || wad_forward_is_on(s) ?
		    wad_explicit_dial(s) : wad_upstream_dial(s);
		if (r == -1)
			return dial_failed(s, s->srv.port != NULL ?
			    s->srv.port->error : EHOSTUNREACH);
		own_client_port(s);
	}
	if (s->clt.port->reset)
		return close_client_gone(s);
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
	if (!wad_forward_is_on(s) || is_plain(s))
		return dialled(s);
	return wad_session_enter(s, FORWARD);
}

static enum wad_next
stage_forward(struct wad_session *s)
{
	int r = wad_forward_tunnel(s);

	if (r < 0)
		return forward_failed(s);
	if (r > 0)
		return dialled(s);
	wad_tcp_port_read_on(s->srv.port, true);
	return s->clt.port->reset ? close_client_gone(s) : WAD_WAIT;
}

/* ---- TLS: the client's hello ------------------------------------------ */

static enum wad_next
stage_open(struct wad_session *s)
{
	s->srv.ssl = wad_ssl_port_open(s->srv.port, WAD_SSL_SRV,
	    wad_ssl_ctx_srv(s->proto->min_version));
	s->nego = wad_ssl_negotiate_make();
	s->nego->trust = s->wc->trust;
	s->nego->src = s->srv.port->local;
	s->nego->dst = wad_forward_is_on(s) ? s->flow.dst :
	    s->srv.port->peer;
	wad_addr_ip_str(&s->nego->dst, s->nego->dst_ip);
	wad_inspect_scope(s, &s->nego->scope);
	if (s->srv.ssl == NULL)
		return wad_session_close(s, WR_MEMORY);
	s->srv.ssl->nego = s->nego;
	wad_inspect_choose_ca(s, WAD_CA_RELAY);
	wad_ssl_port_opened(s->srv.ssl, &s->srv.port->peer);
	s->clt.ssl = wad_ssl_port_open(s->clt.port, WAD_SSL_CLT,
	    wad_ssl_ctx_clt(s->proto->min_version));
	if (s->clt.ssl == NULL)
		return wad_session_close(s, WR_MEMORY);
	s->clt.ssl->nego = s->nego;
	return wad_session_enter(s, HELLO);
}

/* What cannot be inspected: by the profile's setting. */
static enum wad_next
uninspectable(struct wad_session *s, enum wad_act act,
    enum wad_reason_id why)
{
	if (act == WAD_ACT_BLOCK)
		return wad_session_close(s, why);
	if (wad_inspect_unnamed_blocked(s)) {
		WAD_COUNT(BLOCKED);
		return wad_session_close(s, WR_BLOCKED);
	}
	wad_tls_log_bypass(s, why, wad_reasons[why].text);
	if (s->nego->verified)		/* by a handshake of our own */
		return dial_again(s);
	s->bypass = true;
	return wad_session_enter(s, SPLICE);
}

enum first { FIRST_NONE, FIRST_HELLO, FIRST_BAD, FIRST_SSL2, FIRST_OTHER };

/* A ClientHello in the frame of SSL 2.0 (RFC 5246 appendix E.2): servers of
 * today still take it, and begin TLS. */
static enum first
first_ssl2(const uint8_t *p, size_t len)
{
	enum { CLIENT_HELLO = 1 };

	if (len > 2 && p[2] != CLIENT_HELLO)
		return FIRST_OTHER;
	if (len < 5)
		return FIRST_NONE;
	return p[3] == SSL3_VERSION_MAJOR || (p[3] == 0 && p[4] == 2) ?
	    FIRST_SSL2 : FIRST_OTHER;
}

/* What a connection begins with: a record of TLS (RFC 8446 section 5.1) with a
 * handshake, another record of TLS, or something else.  Another record is
 * never let through: a server in league with the client might look behind
 * it. */
static enum first
first_bytes(const struct wad_buf *in)
{
	uint8_t type;

	if (in->len == 0)
		return FIRST_NONE;
	type = wad_buf_bytes(in)[0];
	if (type == SSL3_RT_HANDSHAKE)
		return FIRST_HELLO;
	if (type >= 0x80)
		return first_ssl2(wad_buf_bytes(in), in->len);
	if (type < SSL3_RT_CHANGE_CIPHER_SPEC ||
	    type > SSL3_RT_APPLICATION_DATA)
		return FIRST_OTHER;
	if (in->len == 1)
		return FIRST_NONE;
	return wad_buf_bytes(in)[1] == SSL3_VERSION_MAJOR ? FIRST_BAD :
	    FIRST_OTHER;
}

static enum wad_next
wait_for_hello(struct wad_session *s)
{
	wad_tcp_port_read_on(s->clt.port, true);
	if (client_gone(s))
		return close_client_gone(s);
	if (s->srv.port->eof)
		return wad_session_close(s, WR_SRV_CLOSED);
	return WAD_WAIT;
}

/* A port of HTTP where TLS is inspected, too. */
static enum wad_next
stage_plain(struct wad_session *s)
{
	if (s->srv.port->reset)
		return wad_session_close(s, wad_net_reason_broken(
		    s->srv.port->error, true));
	switch (first_bytes(&s->clt.port->in)) {
	case FIRST_OTHER:
		return relay_http(s);
	case FIRST_NONE:
		if (s->srv.port->in.len > 0)
			return relay_http(s);
		return wait_for_hello(s);
	default:
		if (wad_forward_is_on(s) && is_plain(s))	/* no tunnel */
			return forward_failed(s);
		return wad_session_enter(s, OPEN);
	}
}

/* Before the hello: TLS was expected, and HTTP may be filtered on any port
 * (inspect-all). */
static bool
is_http_here(const struct wad_session *s)
{
	const struct wad_buf *in = &s->clt.port->in;

	return wad_policy_filters_http(s->policy) &&
	    s->policy->protocol->inspect_all && wad_h1_head_sniff(
	    (const char *)wad_buf_bytes(in), in->len, true) != 0;
}

/* TLS was made ready, and is not needed. */
static void
undo_open(struct wad_session *s)
{
	wad_ssl_port_close(s->clt.ssl);
	wad_ssl_port_close(s->srv.ssl);
	s->clt.ssl = s->srv.ssl = NULL;
}

static enum wad_next
stage_hello(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	char			 sni[WAD_HOST_MAX * 4];

	if (s->srv.port->reset)
		return wad_session_close(s, wad_net_reason_broken(
		    s->srv.port->error, true));
	if (!s->tls) {
		switch (first_bytes(&s->clt.port->in)) {
		case FIRST_OTHER:
			if (is_http_here(s)) {
				undo_open(s);
				return relay_http(s);
			}
			return uninspectable(s, s->proto->
			    unsupported_negotiation, WR_NOT_TLS);
		case FIRST_SSL2:
			s->tls = true;
			return uninspectable(s, s->proto->
			    unsupported_version, WR_CLT_VERSION);
		case FIRST_BAD:
			s->tls = true;	/* it understands an alert */
			return wad_session_close(s, WR_HELLO_BAD);
		case FIRST_HELLO:
			s->tls = true;
			break;
		case FIRST_NONE:	/* or the server speaks first */
			if (s->srv.port->in.len > 0)
				return uninspectable(s, s->proto->
				    unsupported_negotiation, WR_NOT_TLS);
			return wait_for_hello(s);
		}
	}
	switch (wad_ssl_port_handshake(s->clt.ssl)) {
	case WAD_SSL_HELLO:
		break;
	case WAD_SSL_WANT:
		return wait_for_hello(s);
	default:
		return wad_session_close(s, WR_HELLO_BAD);
	}
	if (n->sni_bad)
		return wad_session_close(s, WR_SNI_BAD);
	wad_inspect_name(s);
	if (wad_inspect_name_denied(s))
		return wad_session_close(s, WR_POLICY_DENY);
	if (n->has_ech && s->proto->ech == WAD_ACT_BLOCK &&
	    wad_ssl_ech_outer(s->policy->profile, n->sni))
		return wad_session_close(s, WR_ECH);
	wad_inspect_letters(s, n->letters);
	wad_ssl_port_get_client_hello_sni(s->clt.ssl,
	    wad_str_escape(sni, sizeof(sni), n->sni, strlen(n->sni)),
	    n->has_sni);
	return wad_session_enter(s, RATE);
}

/* ---- what is it, and what follows ------------------------------------- */

static enum wad_next
stage_rate(struct wad_session *s)
{
	wad_inspect_rate(s);
	return wad_session_enter(s, DECIDE);
}

/* Splice with the reason in the log. */
static enum wad_next
exempted(struct wad_session *s)
{
	WAD_COUNT(EXEMPT);
	wad_tls_log_exempt(s);
	return wad_session_enter(s, SPLICE);
}

/* Nothing of what the client offers can be inspected. */
static enum wad_next
no_offer(struct wad_session *s, enum wad_offer_cause cause)
{
	switch (cause) {
	case WAD_OFFER_VERSION:
		return uninspectable(s, s->proto->unsupported_version,
		    WR_CLT_VERSION);
	case WAD_OFFER_ALPN:
		return uninspectable(s, s->proto->unsupported_negotiation,
		    WR_CLT_ALPN);
	default:
		return uninspectable(s, s->wc->conf->ssl.no_cipher_drop ?
		    WAD_ACT_BLOCK : s->proto->unsupported_cipher,
		    WR_CLT_CIPHER);
	}
}

static enum wad_next
stage_decide(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	bool			 known;

	n->offer_cause = wad_ssl_offer_make(n, s->proto->min_version);
	wad_ssl_proxy_srv_continue_client_hello(s->clt.ssl, n,
	    wad_ssl_cic_known(n));
	known = wad_ssl_bypass_cache_find(&n->dst, n->host,
	    wad_inspect_bypass_scope(s));
	wad_ssl_port_c2p_validate_psk(s->clt.ssl, n->psk_id, n->psk_modes);
	if (n->psk_id == NULL && !n->has_ticket)
		wad_ssl_port_client_hello_validate_psk(s->clt.ssl, false);
	if (s->verdict.action >= WAD_WF_WARNING &&
	    (known || !wad_http_warn_later(s)))
		return wad_session_enter(s, BLOCK);
	if (known) {
		wad_tls_log_bypass(s, WR_SRV_HANDSHAKE, "as before");
		s->bypass = true;
		return wad_session_enter(s, SPLICE);
	}
	s->probe = wad_inspect_probe(s);
	/* another name in the certificate is rated each time */
	if (s->probe != WAD_PROBE_NONE &&
	    wad_ssl_cic_recent(n, &n->verdict) && !n->verdict.wrong_name)
		return probed(s);
	if (s->probe == WAD_PROBE_NONE && wad_inspect_is_exempt(s))
		return exempted(s);
	return handshake_srv(s);
}

/* The handshake with the server begins. */
static enum wad_next
handshake_srv(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	enum wad_offer_cause	 cause = n->offer_cause;

	if (cause == WAD_OFFER_ALPN && s->probe != WAD_PROBE_NONE)
		cause = WAD_OFFER_OK;	/* nothing of it will be relayed */
	wad_ssl_proxy_find_session(n);
	if (cause != WAD_OFFER_OK || !wad_ssl_negotiate_key_type(n))
		return s->probe != WAD_PROBE_NONE ? probe_failed(s) :
		    no_offer(s, cause);
	if (wad_ssl_proxy_srv_continue_fwd_client_hello(s->clt.ssl,
	    s->srv.ssl, n) == -1)
		return s->probe != WAD_PROBE_NONE ? probe_failed(s) :
		    wad_session_close(s, WR_SRV_HANDSHAKE);
	s->since = wad_clock_us();
	wad_session_deadline(s, settings(s)->handshake_timeout * 1000ULL);
	return wad_session_enter(s, SRV_TLS);
}

/* ---- the server's handshake and verdict ------------------------------- */

/* Another connection to the same server, this time without us in it. */
static enum wad_next
dial_again(struct wad_session *s)
{
	if (s->inside)			/* another CONNECT is not ours to ask */
		return wad_session_close(s, WR_PROBE_FAILED);
	wad_ssl_port_close(s->srv.ssl);
	s->srv.ssl = NULL;
	wad_tcp_port_put(s->srv.port);
	s->srv.port = NULL;
	s->bypass = true;
	s->why_text[0] = '\0';		/* of the connection before */
	/* the server that was looked at, no other one of that name */
	s->targets[0] = s->flow.dst;
	s->n_targets = 1;
	return dial(s);
}

static enum wad_next
bypass_again(struct wad_session *s, enum wad_reason_id why)
{
	wad_ssl_bypass_cache_add(&s->nego->dst, s->nego->host,
	    wad_inspect_bypass_scope(s));
	wad_tls_log_bypass(s, why, s->why_text);
	return dial_again(s);
}

/* The server's certificate could not be had.  What is to be exempt by its name
 * is then not proved.  Nothing is remembered: the next connection tries
 * again. */
static enum wad_next
probe_failed(struct wad_session *s)
{
	bool block = s->proto->cert_probe_failure == WAD_ACT_BLOCK ||
	    s->probe == WAD_PROBE_EXEMPT;

	wad_tls_log_probe_failed(s, block);
	if (block)
		return wad_session_close(s, WR_PROBE_FAILED);
	return dial_again(s);
}

/* How long wad-lookup may take, and a little more: its own word on what was
 * late says more than silence. */
static unsigned
ask_ms(const struct wad_session *s)
{
	return settings(s)->revocation_timeout * 1000 + 200;
}

/* The server has shown its own certificate, and that it has the key.  Who is
 * not to be inspected is judged by that, without an answer of ours which may
 * end the handshake. */
static enum wad_next
client_cert_asked(struct wad_session *s)
{
	if (s->probe != WAD_PROBE_NONE)
		return wad_session_enter(s, VET);
	switch (s->proto->client_certificate) {
	case WAD_CLTCERT_BYPASS:
		s->probe = WAD_PROBE_CLTCERT;
		return wad_session_enter(s, VET);
	case WAD_CLTCERT_BLOCK:
		return wad_session_close(s, WR_CLIENT_CERT);
	default:			/* go on without a certificate */
		wad_tls_log_inspect(s, WR_CLIENT_CERT);
		wad_session_deadline(s,
		    settings(s)->handshake_timeout * 1000ULL);
		return wad_session_enter(s, SRV_TLS);
	}
}

static enum wad_next
srv_tls_failed(struct wad_session *s)
{
	struct wad_ssl_port *srv = s->srv.ssl;

	WAD_COUNT(SRV_TLS_FAIL);
	s->nego->srv_failed = true;
	wad_ssl_sock_port_out_ops_sync(srv);
	wad_tls_log_why(s, &s->srv, WR_SRV_HANDSHAKE);
	if (s->probe != WAD_PROBE_NONE)
		return probe_failed(s);
	if (wad_inspect_failed_act(s) == WAD_ACT_ALLOW)
		return bypass_again(s, WR_SRV_HANDSHAKE);
	wad_tls_log_negotiation(s);
	/* the client sees the alert that the server sent */
	if (srv->alert_recv >= 0) {
		wad_ssl_port_alert_plain(s->clt.port,
		    (uint8_t)srv->alert_recv);
		wad_tls_log_alert_sent(s, &s->clt, srv->alert_recv);
		s->clt.ssl->failed = true;
	}
	return wad_session_close(s, WR_SRV_HANDSHAKE);
}

static enum wad_next
stage_srv_tls(struct wad_session *s)
{
	enum wad_ssl_ret r = wad_ssl_port_handshake(s->srv.ssl);

	wad_ssl_sock_port_out_ops_sync(s->srv.ssl);
	if (s->clt.port->reset)
		return close_client_gone(s);
	switch (r) {
	case WAD_SSL_OK:
		wad_stats_since(WAD_HISTO_SRV_TLS, &s->since);
		wad_ssl_proxy_srv_done(s->srv.ssl, s->nego);
		return wad_session_enter(s, VET);
	case WAD_SSL_CERT:
		return client_cert_asked(s);
	case WAD_SSL_WANT:
		wad_tcp_port_read_on(s->srv.port, true);
		if (s->probe != WAD_PROBE_NONE && (s->srv.port->reset ||
		    s->srv.port->eof))
			return probe_failed(s);
		if (s->srv.port->reset) {
			s->nego->srv_failed = true;
			return wad_session_close(s, wad_net_reason_broken(
			    s->srv.port->error, true));
		}
		if (s->srv.port->eof)
			return srv_tls_failed(s);
		return WAD_WAIT;
	default:
		return srv_tls_failed(s);
	}
}

static void
staple(struct wad_session *s)
{
	if (!s->nego->srv_resumed)	/* judged when it began */
		wad_ssl_cert_staple(s->nego, s->srv.ssl->ssl, s->wc->conf);
}

/* Whether more must be asked. */
static enum wad_next
look_closer(struct wad_session *s)
{
	struct wad_ssl_nego *n = s->nego;

	s->answered = false;
	if (!n->cic_hit && wad_ssl_cert_ask_status(n, s->wc->conf)) {
		wad_session_deadline(s, ask_ms(s) + 1000);
		return wad_session_enter(s, STATUS);
	}
	return wad_session_enter(s, JUDGE);
}

static enum wad_next
stage_vet(struct wad_session *s)
{
	struct wad_ssl_nego *n = s->nego;

	/* an odd handshake without a certificate proves nothing */
	if (!n->verified) {
		wad_tls_log_verdict(s, WR_CERT_INVALID, WAD_FATE_BLOCK);
		return wad_session_close(s, WR_CERT_INVALID);
	}
	s->answered = false;
	staple(s);			/* a new one undoes a hit */
	if (!n->cic_hit && n->verdict.incomplete && settings(s)->aia_fetch) {
		wad_session_deadline(s, ask_ms(s) + 1000);
		return wad_session_enter(s, ISSUERS);
	}
	return look_closer(s);
}

/* An answer of wad-lookup is there, or will not come. */
static void
answered(struct wad_session *s)
{
	s->ask = 0;
	s->answered = true;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
}

static void
on_issuers(void *arg, struct wad_msg_in *m)
{
	struct wad_session	*s = arg;
	STACK_OF(X509)		*got = wad_lookup_issuers_get(m);

	answered(s);
	WAD_DBG(CERT, WAD_I, "%d missing issuers fetched", got != NULL ?
	    sk_X509_num(got) : 0);
	if (got != NULL)
		wad_ssl_cert_again(s->nego, s->srv.ssl->ssl, got);
	sk_X509_pop_free(got, X509_free);
	wad_session_kick(s);
}

static enum wad_next
stage_issuers(struct wad_session *s)
{
	/* what else was sent has nothing to do with it */
	STACK_OF(X509)	*path = s->nego->path;
	X509		*top = path != NULL ? sk_X509_value(path,
	    sk_X509_num(path) - 1) : SSL_get0_peer_certificate(s->srv.ssl->
	    ssl);

	if (s->clt.port->reset)
		return close_client_gone(s);
	if (!s->answered && s->ask == 0)
		s->ask = wad_lookup_issuers(s->w, top, ask_ms(s), on_issuers,
		    s);
	if (s->ask != 0)
		return WAD_WAIT;
	staple(s);
	return look_closer(s);
}

static void
on_status(void *arg, struct wad_msg_in *m)
{
	struct wad_session	*s = arg;
	struct wad_x509_status	 st;
	unsigned		 depth;

	answered(s);
	(void)wad_lookup_status_get(m, &st, &depth);
	WAD_DBG(CERT, WAD_I, "wad-lookup: %s at depth %u (%s)",
	    wad_x509_revoke_names[st.status], depth, st.text);
	wad_ssl_cert_status(s->nego, s->wc->conf, &st, depth);
	wad_session_kick(s);
}

static enum wad_next
stage_status(struct wad_session *s)
{
	static const struct wad_x509_status full = {
		.status = WAD_CERT_TIMEOUT,
		.text = "too many questions are open",
	}, large = {
		.status = WAD_CERT_FAILURE,
		.text = "the chain is too long to be asked about",
	};
	STACK_OF(X509) *path = s->nego->path;

	if (s->clt.port->reset)
		return close_client_gone(s);
	if (!s->answered && s->ask == 0) {
		s->ask = wad_lookup_status(s->w, path, ask_ms(s), on_status,
		    s);
		if (s->ask == 0)
			wad_ssl_cert_status(s->nego, s->wc->conf,
			    wad_lookup_fits(path) ? &full : &large, 0);
	}
	return s->ask != 0 ? WAD_WAIT : wad_session_enter(s, JUDGE);
}

/* What would be exempt is inspected: the handshake goes on from where it is,
 * or begins. */
static enum wad_next
not_exempt(struct wad_session *s)
{
	s->probe = WAD_PROBE_NONE;
	if (!s->nego->verified)
		return handshake_srv(s);
	if (s->nego->offer_cause != WAD_OFFER_OK)
		return no_offer(s, s->nego->offer_cause);
	if (!s->srv.ssl->done)
		return client_cert_asked(s);
	return wad_session_enter(s, JUDGE);
}

/* Passed on as it is: over the connection that there is, if nothing was said
 * on it yet. */
static enum wad_next
pass(struct wad_session *s)
{
	return s->nego->verified ? dial_again(s) :
	    wad_session_enter(s, SPLICE);
}

static void
count_verdict(const struct wad_session *s)
{
	wad_stats->verdict[wad_ssl_cert_worst(&s->nego->verdict)]++;
}

/* The verdict on a server whose connection is not to be inspected. */
static enum wad_next
probed(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	enum wad_reason_id	 why = WR_N;
	enum wad_cert_fate	 fate;

	if (s->probe == WAD_PROBE_EXEMPT) {
		if (n->verdict.good) {
			WAD_COUNT(EXEMPT);
			count_verdict(s);
			wad_tls_log_exempt(s);
			return pass(s);
		}
		/* the name is not proved, so it opens nothing */
		wad_tls_log_unproved(s);
		memset(&s->exempt, 0, sizeof(s->exempt));
		s->verdict.uf_exempt = false;
		if (s->inspect == WAD_INSPECT_DEEP)
			return not_exempt(s);
		s->probe = WAD_PROBE_CERT;
	}
	count_verdict(s);
	fate = wad_ssl_cert_fate(&n->verdict, s->proto, &why);
	wad_tls_log_verdict(s, why, fate);
	if (fate == WAD_FATE_BLOCK) {
		strcpy(s->why_text, n->verdict.text);
		s->page_reason = why;
		return wad_session_enter(s, BLOCK);
	}
	if (wad_inspect_cert_name_blocked(s))
		return wad_session_enter(s, BLOCK);
	if (s->probe == WAD_PROBE_CLTCERT) {
		snprintf(s->why_text, sizeof(s->why_text), "%s",
		    wad_reasons[WR_CLIENT_CERT].text);
		return bypass_again(s, WR_CLIENT_CERT);
	}
	return pass(s);
}

static enum wad_next
stage_judge(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	enum wad_reason_id	 why = WR_N;
	enum wad_cert_fate	 fate;

	wad_ssl_cert_get_auth_status(&n->verdict, s->proto, false);
	wad_ssl_port_on_cert_notify(s->srv.ssl, n->verdict.good);
	if (!n->cic_hit)
		wad_ssl_proxy_clt_add_cic_cache(s->srv.ssl, n);
	n->cic_hit = true;		/* once is enough */
	if (s->probe != WAD_PROBE_NONE)
		return probed(s);
	count_verdict(s);
	WAD_COUNT_ADD(BAD_CERT, !n->verdict.good);
	fate = wad_ssl_cert_fate(&n->verdict, s->proto, &why);
	wad_tls_log_verdict(s, why, fate);
	if (why != WR_N)
		strcpy(s->why_text, n->verdict.text);
	if (fate == WAD_FATE_BLOCK) {
		s->page_reason = why;
		return wad_session_enter(s, BLOCK);
	}
	if (wad_inspect_cert_name_blocked(s)) {
		s->why_text[0] = '\0';	/* it is the web filter that blocks */
		return wad_session_enter(s, BLOCK);
	}
	wad_inspect_signer(s, fate);
	return wad_session_enter(s, FORGE);
}

/* ---- the forged certificate ------------------------------------------- */

static void
on_forged(void *arg, struct wad_cert_product *p, const char *err, bool silent)
{
	struct wad_session	*s = arg;

	s->ask_done = true;
	s->keys_silent = silent;
	s->nego->product = p;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	if (p == NULL) {
		wad_log_event("error", "session %u: no certificate for '%s': "
		    "%s", s->serial, s->nego->host, err);
		snprintf(s->why_text, sizeof(s->why_text), "%s: %.100s",
		    wad_reasons[WR_FORGE_FAILED].text, err);
	}
	wad_session_kick(s);
}

static void
write_question(void *arg, struct wad_msg *m)
{
	const struct wad_session *s = arg;

	if (s->nego->ca->facts.is_ca) {
		wad_ssl_cert_factory_ask(s->nego, s->wc->conf->generation,
		    s->serial, s->policy != NULL ? s->policy->id : 0, m);
		return;
	}
	/* a page's own certificate */
	wad_msg_init(m, WAD_MSG_PAGE_CERT, 0);
	wad_msg_add_u64(m, s->wc->conf->generation);
	wad_msg_add_str(m, s->nego->ca->name);
}

/* Asks wad-keys, or waits for who does; a question meanwhile unanswered is
 * asked again when the role is back (ask.h). */
static enum wad_next
ask_keys(struct wad_session *s, const struct wad_product_key *k)
{
	s->ask_done = false;
	if (wad_ssl_cert_wait_start(&s->wait, s->w->asks, s->w->keys, k,
	    s->wc->conf->generation, KEYS_MS, write_question, on_forged,
	    s) == 0)
		return wad_session_close(s, WR_LIMIT);
	wad_session_deadline(s, KEYS_MS + 1000);
	return WAD_WAIT;
}

static enum wad_next
stage_forge(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	struct wad_product_key	 k;
	bool			 page = s->page_only || wad_secure_runs(s);
	struct wad_ssl_port	*shown = page ? s->clt.ssl : s->srv.ssl;

	if (s->clt.port->reset)
		return close_client_gone(s);
	if (s->wait.waiting)
		return WAD_WAIT;
	if (n->product == NULL && s->ask_done)
		return wad_session_close(s, s->keys_silent ? WR_PEER_DOWN :
		    WR_FORGE_FAILED);
	if (!s->ask_done) {
		if (!page) {
			wad_ssl_cert_get_auth_status(&n->verdict, s->proto,
			    false);
			wad_ssl_proxy_generate_forged_cert(s->srv.ssl, n);
		}
		if (n->ca == NULL)
			return wad_session_close(s, WR_NO_SIGNING_CA);
		if (!page)
			wad_ssl_proxy_cert_create_picker(s->srv.ssl, n);
		wad_ssl_cert_factory_key(n, &k);
		if (n->product == NULL)
			n->product = wad_ssl_cert_storage_find(&k);
		if (n->product == NULL) {
			wad_cert_picker_get_subject(n);
			return ask_keys(s, &k);
		}
		WAD_COUNT(FORGE_HIT);
	}
	wad_ssl_proxy_generate_certificate_status(shown, n);
	if (wad_ssl_proxy_resume_c2p_handshake(s->clt.ssl, shown, n,
	    s->proto != NULL ? s->proto->min_version : WAD_TLS12) == -1)
		return wad_session_close(s, WR_FORGE_FAILED);
	s->since = wad_clock_us();
	wad_session_deadline(s, settings(s)->handshake_timeout * 1000ULL);
	return wad_session_enter(s, CLT_TLS);
}

static enum wad_next
stage_clt_tls(struct wad_session *s)
{
	enum wad_ssl_ret r = wad_ssl_port_handshake(s->clt.ssl);

	wad_ssl_sock_port_out_ops_sync(s->clt.ssl);
	switch (r) {
	case WAD_SSL_OK:
		wad_stats_since(WAD_HISTO_CLT_TLS, &s->since);
		wad_ssl_common_on_handshake_done(s->clt.ssl);
		if (wad_secure_runs(s)) {
			wad_secure_done(s);
			wad_session_deadline(s,
			    settings(s)->hello_timeout * 1000ULL);
			return wad_session_enter(s, REQUEST);
		}
		if (s->page_only) {
			wad_session_deadline(s,
			    settings(s)->hello_timeout * 1000ULL);
			return wad_session_enter(s, PAGE);
		}
		WAD_COUNT(INSPECTED);
		wad_tls_log_handshake(s);
		wad_http_relay_start(s);
		if (s->http == NULL && wad_http_warn_forbids(s))
			return wad_session_close(s, WR_BLOCKED);
		wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
		return wad_session_enter(s, RELAY);
	case WAD_SSL_WANT:
		wad_tcp_port_read_on(s->clt.port, true);
		if (client_gone(s))
			return close_client_gone(s);
		return WAD_WAIT;
	default:
		WAD_COUNT(CLT_TLS_FAIL);
		if (wad_secure_runs(s))
			return wad_session_close(s, WR_CLT_HANDSHAKE);
		wad_tls_log_why(s, &s->clt, WR_CLT_HANDSHAKE);
		wad_tls_log_negotiation(s);
		return wad_session_close(s, WR_CLT_HANDSHAKE);
	}
}

/* ---- relay ------------------------------------------------------------ */

/* A server that is a proxy granted a CONNECT: what comes now is looked at as
 * if it had been asked of us. */
static enum wad_next
inside_connect(struct wad_session *s)
{
	uint16_t port = s->http->current->req.port;

	strcpy(s->host, s->http->current->req.host);
	wad_http_relay_leave(s);
	s->connected = false;
	s->inside = true;
	s->inspect = wad_policy_inspect(s->policy->profile, port, &s->proto);
	s->plain_http = wad_policy_filters_http(s->policy) &&
	    wad_protocol_has_port(s->policy->protocol, port);
	return dialled(s);
}

/* The explicit proxy has a request: the server of the one before, or another
 * one. */
static enum wad_next
next_server(struct wad_session *s)
{
	const struct wad_http_head *req = &s->http->current->req;
	bool same = strcmp(req->host, s->host) == 0 &&
	    req->port == s->flow.dst.port;

	if (!wad_explicit_request(s))
		return WAD_NEXT;
	if (s->by_connect || !same || !wad_http_relay_can_reuse(s) ||
	    !wad_forward_stays(s)) {
		wad_explicit_asked(s, req->port);
		return wad_session_enter(s, RESOLVE);
	}
	switch (wad_http_ask(s->http)) {
	case 0:
		return WAD_WAIT;
	case 1:
		wad_http_server(s->http, NULL);
		return WAD_NEXT;
	default:
		return WAD_NEXT;
	}
}

static enum wad_next
stage_relay(struct wad_session *s)
{
	enum wad_reason_id over = wad_relay_pump(s);

	if (s->connected)
		return inside_connect(s);
	if (over == WR_N && s->http != NULL &&
	    s->http->state == WAD_HTTP_WANTS_SERVER)
		return next_server(s);
	if (over == WR_N)
		return WAD_WAIT;
	if (over == WR_TLS_ALERT)
		wad_tls_log_why(s, s->clt.ssl != NULL && s->clt.ssl->failed ?
		    &s->clt : &s->srv, over);
	return wad_session_close(s, over);
}

/* From here on nothing is looked at: the bytes that were held go first. */
static enum wad_next
stage_splice(struct wad_session *s)
{
	if (wad_http_warn_forbids(s)) {
		WAD_COUNT(BLOCKED);
		return wad_session_close(s, WR_BLOCKED);
	}
	if (s->clt.ssl != NULL) {
		wad_buf_move(&s->srv.port->out, &s->clt.ssl->held);
		wad_ssl_port_close(s->clt.ssl);
		s->clt.ssl = NULL;
		wad_ssl_port_close(s->srv.ssl);
		s->srv.ssl = NULL;
		WAD_COUNT(BYPASSED);
	}
	wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
	return wad_session_enter(s, RELAY);
}

/* ---- pages ------------------------------------------------------------ */

/* A page instead of the site: over TLS with a certificate of the priority
 * list; without inspection names are ended by an alert. */
static enum wad_next
stage_block(struct wad_session *s)
{
	enum wad_reason_id	 why = s->page_reason != 0 ? s->page_reason :
	    WR_BLOCKED;
	const struct wad_wf_profile *wf = s->policy->webfilter;

	if (why == WR_BLOCKED)
		WAD_COUNT(BLOCKED);
	if (s->inspect != WAD_INSPECT_DEEP ||
	    (wf != NULL && !wf->https_replacemsg) ||
	    (s->explicit_web && !s->wc->conf->webproxy.https_replacemsg) ||
	    !wad_ssl_negotiate_key_type(s->nego))
		return wad_session_close(s, why);
	s->page_reason = why;
	s->page_status = 403;
	s->page_only = true;
	/* nothing of the server's goes into a page's certificate */
	wad_x509_read_origin_free(&s->nego->origin);
	memset(&s->nego->origin, 0, sizeof(s->nego->origin));
	s->nego->verified = s->nego->srv_staple = false;
	wad_ssl_cert_storage_put(s->nego->product);
	s->nego->product = NULL;
	s->nego->alpn = s->nego->alpn_h1 ? WAD_NEGO_H1 :
	    s->nego->alpn_h2 ? WAD_NEGO_H2 : WAD_NEGO_NO_ALPN;
	wad_inspect_choose_ca(s, WAD_CA_PAGE);
	return wad_session_enter(s, FORGE);
}

/* Says what there is to say, then reads until the client is done, so that no
 * RST of ours overtakes it.  Over TLS an HTTP engine waits for the request:
 * its head says how the page is wanted, and browsers take an answer before
 * their question for a broken server. */
static enum wad_next
stage_page(struct wad_session *s)
{
	struct wad_tcp_port *p;

	p = s->clt.port;
	if (s->over_since == 0) {
		if (!wad_http_relay_pages(s)) {
			wad_tcp_port_read_on(p, true);
			return WAD_WAIT;
		}
		s->over_since = wad_clock_ms();
		wad_session_deadline(s, LINGER_MS);
		wad_ssl_port_notify(s->clt.ssl);
		wad_ssl_sock_port_out_ops_sync(s->clt.ssl);
		wad_tcp_port_shut(p);
	}
	wad_buf_drain(&p->in, p->in.len);
	wad_tcp_port_read_on(p, true);
	if (p->reset || (p->eof && p->out.len == 0))
		return wad_session_close(s, s->page_reason);
	return WAD_WAIT;
}

/* ---- the end ---------------------------------------------------------- */

/* The alert that the client sees when TLS has not begun with it. */
static void
say_goodbye(struct wad_session *s, const struct wad_reason *r)
{
	struct wad_ssl_port *clt = s->clt.ssl;

	if (clt == NULL)
		return;
	if (clt->holding && s->tls && !clt->failed && r->alert != 0 &&
	    !s->clt.port->reset) {
		wad_ssl_port_alert_plain(s->clt.port, r->alert);
		wad_tls_log_alert_sent(s, &s->clt, r->alert);
	} else
		wad_ssl_sock_port_out_ops_sync(clt);
	wad_ssl_app_port_fts_in_close(clt, s->clt.port->reset ? 1 :
	    clt->peer_notify ? 2 : s->clt.port->eof ? 0 : 3,
	    s->srv.port == NULL || s->srv.port->eof);
}

/* As the table of reasons says.  After the handshake OpenSSL sends no alert for
 * us: a reset says as clearly that a side failed. */
static void
pass_resets(struct wad_session *s, const struct wad_reason *r)
{
	enum wad_resets who = r->resets;

	if (who == WAD_RESETS_OTHER)
		who = s->srv.ssl != NULL && s->srv.ssl->failed ?
		    WAD_RESETS_CLT : WAD_RESETS_SRV;
	if (s->clt.port != NULL && (who == WAD_RESETS_BOTH ||
	    (who == WAD_RESETS_CLT && s->page_reason == 0)))
		wad_tcp_port_reset(s->clt.port);
	if (s->srv.port != NULL && (who == WAD_RESETS_BOTH ||
	    who == WAD_RESETS_SRV))
		wad_tcp_port_reset(s->srv.port);
}

enum wad_next
wad_session_close(struct wad_session *s, enum wad_reason_id why)
{
	const struct wad_reason *r = &wad_reasons[why];

	if (s->done)
		return WAD_DONE;
	WAD_DBG(SESSION, r->is_error ? WAD_W : WAD_I, "reason=%s stage=%s: %s",
	    r->name, s->stage->name, r->text);
	wad_learn_ended(s);
	wad_tls_log_refused(s, why);
	wad_session_slot_refresh(s, wad_clock_ms());
	wad_session_enter(s, CLOSE);
	s->reason = r;
	say_goodbye(s, r);
	pass_resets(s, r);
	wad_session_bury(s, r);
	return WAD_DONE;
}

static enum wad_next
stage_close(struct wad_session *s)
{
	(void)s;
	return WAD_DONE;
}

void
wad_session_timeout(struct wad_session *s)
{
	uint64_t now = wad_clock_ms(), idle;

	if (now < s->deadline) {	/* libevent's clock stands in a turn */
		wad_session_deadline(s, s->deadline - now);
		return;
	}
	if (s->stage == &stages[RELAY] && (s->reset_since != 0 ||
	    s->over_since != 0 || wad_http_relay_late(s))) {
		wad_session_run(s);
		return;
	}
	if (s->stage == &stages[RELAY]) {
		uint64_t out = s->clt.port->bytes_out + (s->srv.port != NULL ?
		    s->srv.port->bytes_out : 0);

		if (out != s->io_seen)	/* a slow reader is not idle */
			s->last_io = now;
		s->io_seen = out;
		idle = (s->clt.in_closed || s->srv.in_closed ||
		    (s->http != NULL && s->http->ended[WAD_HTTP_UP]) ?
		    settings(s)->halfclose_timeout :
		    settings(s)->idle_timeout) * 1000ULL;
		if (now - s->last_io < idle) {
			wad_session_deadline(s, idle - (now - s->last_io));
			return;
		}
	}
	WAD_COUNT(TIMEOUTS);
	if (s->stage == &stages[SRV_TLS])
		s->nego->srv_failed = true;
	if (s->stage == &stages[SRV_TLS] && s->probe != WAD_PROBE_NONE) {
		if (probe_failed(s) == WAD_NEXT)
			wad_session_run(s);
		return;
	}
	if (s->stage == &stages[PAGE]) {
		wad_session_close(s, s->page_reason);
		return;
	}
	if (s->explicit_web && (s->stage == &stages[RESOLVE] ||
	    s->stage == &stages[DIAL] || s->stage == &stages[FORWARD]) &&
	    !s->bypass) {
		if (deny(s, s->stage->late, 504) == WAD_NEXT)
			wad_session_run(s);
		return;
	}
	wad_session_close(s, s->stage->late);
}
