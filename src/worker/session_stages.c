/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a connection: the table of its stages and what moves it through
 * them.  One function per stage: the last ones here, others in stage_*.c.
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
#include "worker/stages.h"

#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "port/ssl_sock_port.h"
#include "tls/ssl_cert_storage.h"
#include "worker/forward.h"
#include "worker/http_relay.h"
#include "worker/http_warn.h"
#include "worker/tls_log.h"

enum { LINGER_MS = 2000 };

struct wad_stage {
	const char	*name;
	enum wad_next	(*run)(struct wad_session *);
	enum wad_reason_id late;	/* reason when its deadline passes */
};

static enum wad_next	stage_relay(struct wad_session *);
static enum wad_next	stage_splice(struct wad_session *);
static enum wad_next	stage_block(struct wad_session *);
static enum wad_next	stage_page(struct wad_session *);
static enum wad_next	stage_close(struct wad_session *);

static const struct wad_stage stages[] = {
	[WAD_STAGE_ACCEPT] = { "accept", wad_stage_accept, WR_LIMIT },
	[WAD_STAGE_LEARN] = { "learn", wad_stage_learn, WR_LIMIT },
	[WAD_STAGE_SECURE] = { "secure", wad_stage_secure, WR_HELLO_TIMEOUT },
	[WAD_STAGE_REQUEST] = { "request", wad_stage_request,
	    WR_REQUEST_TIMEOUT },
	[WAD_STAGE_RESOLVE] = { "resolve", wad_stage_resolve, WR_DNS_FAILED },
	[WAD_STAGE_ROUTE] = { "route", wad_stage_route, WR_LIMIT },
	[WAD_STAGE_DIAL] = { "dial", wad_stage_dial, WR_SRV_TIMEOUT },
	[WAD_STAGE_PLAIN] = { "plain", wad_stage_plain, WR_HELLO_TIMEOUT },
	[WAD_STAGE_FORWARD] = { "forward", wad_stage_forward,
	    WR_FORWARD_FAILED },
	[WAD_STAGE_OPEN] = { "open", wad_stage_open, WR_LIMIT },
	[WAD_STAGE_HELLO] = { "hello", wad_stage_hello, WR_HELLO_TIMEOUT },
	[WAD_STAGE_RATE] = { "rate", wad_stage_rate, WR_LIMIT },
	[WAD_STAGE_DECIDE] = { "decide", wad_stage_decide, WR_LIMIT },
	[WAD_STAGE_SRV_TLS] = { "srv_tls", wad_stage_srv_tls,
	    WR_HANDSHAKE_TIMEOUT },
	[WAD_STAGE_VET] = { "vet", wad_stage_vet, WR_LIMIT },
	[WAD_STAGE_ISSUERS] = { "issuers", wad_stage_issuers, WR_PEER_DOWN },
	[WAD_STAGE_STATUS] = { "status", wad_stage_status, WR_PEER_DOWN },
	[WAD_STAGE_JUDGE] = { "judge", wad_stage_judge, WR_LIMIT },
	[WAD_STAGE_FORGE] = { "forge", wad_stage_forge, WR_PEER_DOWN },
	[WAD_STAGE_CLT_TLS] = { "clt_tls", wad_stage_clt_tls,
	    WR_HANDSHAKE_TIMEOUT },
	[WAD_STAGE_RELAY] = { "relay", stage_relay, WR_IDLE_TIMEOUT },
	[WAD_STAGE_SPLICE] = { "splice", stage_splice, WR_IDLE_TIMEOUT },
	[WAD_STAGE_BLOCK] = { "block", stage_block, WR_PEER_DOWN },
	[WAD_STAGE_PAGE] = { "page", stage_page, WR_PAGE_SENT },
	[WAD_STAGE_CLOSE] = { "close", stage_close, WR_LIMIT },
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

enum wad_next
wad_session_enter(struct wad_session *s, enum wad_stage_id id)
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
	wad_session_enter(s, WAD_STAGE_ACCEPT);
	wad_session_kick(s);
}

enum wad_phase
wad_session_phase(const struct wad_session *s)
{
	unsigned n = wad_session_stage_number(s);

	return n <= WAD_STAGE_ROUTE ? WAD_PHASE_NEW :
	    n == WAD_STAGE_RELAY ? WAD_PHASE_RELAY :
	    n == WAD_STAGE_CLOSE ? WAD_PHASE_OVER : WAD_PHASE_SETUP;
}

unsigned
wad_session_stage_number(const struct wad_session *s)
{
	return s->stage != NULL ? (unsigned)(s->stage - stages) : 0;
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
	return wad_stage_dialled(s);
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
		return wad_session_enter(s, WAD_STAGE_RESOLVE);
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
	return wad_session_enter(s, WAD_STAGE_RELAY);
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
	return wad_session_enter(s, WAD_STAGE_FORGE);
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
	wad_session_enter(s, WAD_STAGE_CLOSE);
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
	if (s->stage == &stages[WAD_STAGE_RELAY] && (s->reset_since != 0 ||
	    s->over_since != 0 || wad_http_relay_late(s))) {
		wad_session_run(s);
		return;
	}
	if (s->stage == &stages[WAD_STAGE_RELAY]) {
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
	if (s->stage == &stages[WAD_STAGE_SRV_TLS])
		s->nego->srv_failed = true;
	if (s->stage == &stages[WAD_STAGE_SRV_TLS] && s->probe != WAD_PROBE_NONE) {
		if (wad_stage_probe_failed(s) == WAD_NEXT)
			wad_session_run(s);
		return;
	}
	if (s->stage == &stages[WAD_STAGE_PAGE]) {
		wad_session_close(s, s->page_reason);
		return;
	}
	if (s->explicit_web && (s->stage == &stages[WAD_STAGE_RESOLVE] ||
	    s->stage == &stages[WAD_STAGE_DIAL] ||
	    s->stage == &stages[WAD_STAGE_FORWARD]) &&
	    !s->bypass) {
		if (wad_stage_deny(s, s->stage->late, 504) == WAD_NEXT)
			wad_session_run(s);
		return;
	}
	wad_session_close(s, s->stage->late);
}
