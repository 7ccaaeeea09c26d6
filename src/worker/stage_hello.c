/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages of the client's hello: what a connection begins with, its name, and
 * whether it is inspected.
 */
#include "worker/stages.h"

#include <errno.h>
#include <string.h>

#include "http/h1_head.h"
#include "tls/ssl_bypass_cache.h"
#include "tls/ssl_cic.h"
#include "tls/ssl_ctx.h"
#include "tls/ssl_ech.h"
#include "tls/ssl_proxy.h"
#include "worker/forward.h"
#include "worker/http_warn.h"
#include "worker/tls_log.h"
#include "worker/net_reason.h"

/* ---- TLS: the client's hello ------------------------------------------ */

enum wad_next
wad_stage_open(struct wad_session *s)
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
	return wad_session_enter(s, WAD_STAGE_HELLO);
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
		return wad_stage_dial_again(s);
	s->bypass = true;
	return wad_session_enter(s, WAD_STAGE_SPLICE);
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
	if (wad_stage_client_gone(s))
		return wad_stage_close_client_gone(s);
	if (s->srv.port->eof)
		return wad_session_close(s, WR_SRV_CLOSED);
	return WAD_WAIT;
}

/* A port of HTTP where TLS is inspected, too. */
enum wad_next
wad_stage_plain(struct wad_session *s)
{
	if (s->srv.port->reset)
		return wad_session_close(s, wad_net_reason_broken(
		    s->srv.port->error, true));
	switch (first_bytes(&s->clt.port->in)) {
	case FIRST_OTHER:
		return wad_stage_relay_http(s);
	case FIRST_NONE:
		if (s->srv.port->in.len > 0)
			return wad_stage_relay_http(s);
		return wait_for_hello(s);
	default:
		if (wad_forward_is_on(s) && wad_stage_is_plain(s))	/* no tunnel */
			return wad_stage_forward_failed(s);
		return wad_session_enter(s, WAD_STAGE_OPEN);
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

enum wad_next
wad_stage_hello(struct wad_session *s)
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
				return wad_stage_relay_http(s);
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
	return wad_session_enter(s, WAD_STAGE_RATE);
}

/* ---- what is it, and what follows ------------------------------------- */

enum wad_next
wad_stage_rate(struct wad_session *s)
{
	wad_inspect_rate(s);
	return wad_session_enter(s, WAD_STAGE_DECIDE);
}

/* Splice with the reason in the log. */
static enum wad_next
exempted(struct wad_session *s)
{
	WAD_COUNT(EXEMPT);
	wad_tls_log_exempt(s);
	return wad_session_enter(s, WAD_STAGE_SPLICE);
}

/* Nothing of what the client offers can be inspected. */
enum wad_next
wad_stage_no_offer(struct wad_session *s, enum wad_offer_cause cause)
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

enum wad_next
wad_stage_decide(struct wad_session *s)
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
		return wad_session_enter(s, WAD_STAGE_BLOCK);
	if (known) {
		wad_tls_log_bypass(s, WR_SRV_HANDSHAKE, "as before");
		s->bypass = true;
		return wad_session_enter(s, WAD_STAGE_SPLICE);
	}
	s->probe = wad_inspect_probe(s);
	/* another name in the certificate is rated each time */
	if (s->probe != WAD_PROBE_NONE &&
	    wad_ssl_cic_recent(n, &n->verdict) && !n->verdict.wrong_name)
		return wad_stage_probed(s);
	if (s->probe == WAD_PROBE_NONE && wad_inspect_is_exempt(s))
		return exempted(s);
	return wad_stage_handshake_srv(s);
}
