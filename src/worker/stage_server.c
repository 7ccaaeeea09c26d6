/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages of the handshake with the server, of the verdict on its certificate,
 * and of the certificate that the client gets.
 */
#include "worker/stages.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "port/ssl_sock_port.h"
#include "tls/cert_picker.h"
#include "tls/ssl_bypass_cache.h"
#include "tls/ssl_cert_factory.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_common.h"
#include "tls/ssl_proxy.h"
#include "tls/ssl_replace.h"
#include "tls/ssl_session.h"
#include "worker/http_relay.h"
#include "worker/http_warn.h"
#include "worker/lookup.h"
#include "worker/tls_log.h"
#include "worker/net_reason.h"

enum { KEYS_MS = 3000 };

/* ---- the server's handshake and verdict ------------------------------- */

/* The handshake with the server begins. */
enum wad_next
wad_stage_handshake_srv(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	enum wad_offer_cause	 cause = n->offer_cause;

	if (cause == WAD_OFFER_ALPN && s->probe != WAD_PROBE_NONE)
		cause = WAD_OFFER_OK;	/* nothing of it will be relayed */
	wad_ssl_proxy_find_session(n);
	if (cause != WAD_OFFER_OK || !wad_ssl_negotiate_key_type(n))
		return s->probe != WAD_PROBE_NONE ? wad_stage_probe_failed(s) :
		    wad_stage_no_offer(s, cause);
	if (wad_ssl_proxy_srv_continue_fwd_client_hello(s->clt.ssl,
	    s->srv.ssl, n) == -1)
		return s->probe != WAD_PROBE_NONE ? wad_stage_probe_failed(s) :
		    wad_session_close(s, WR_SRV_HANDSHAKE);
	s->since = wad_clock_us();
	wad_session_deadline(s, settings(s)->handshake_timeout * 1000ULL);
	return wad_session_enter(s, WAD_STAGE_SRV_TLS);
}

/* Another connection to the same server, this time without us in it. */
enum wad_next
wad_stage_dial_again(struct wad_session *s)
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
	return wad_stage_dial_server(s);
}

static enum wad_next
bypass_again(struct wad_session *s, enum wad_reason_id why)
{
	wad_ssl_bypass_cache_add(&s->nego->dst, s->nego->host,
	    wad_inspect_bypass_scope(s));
	wad_tls_log_bypass(s, why, s->why_text);
	return wad_stage_dial_again(s);
}

/* The server's certificate could not be had.  What is to be exempt by its name
 * is then not proved.  Nothing is remembered: the next connection tries
 * again. */
enum wad_next
wad_stage_probe_failed(struct wad_session *s)
{
	bool block = s->proto->cert_probe_failure == WAD_ACT_BLOCK ||
	    s->probe == WAD_PROBE_EXEMPT;

	wad_tls_log_probe_failed(s, block);
	if (block)
		return wad_session_close(s, WR_PROBE_FAILED);
	return wad_stage_dial_again(s);
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
		return wad_session_enter(s, WAD_STAGE_VET);
	switch (s->proto->client_certificate) {
	case WAD_CLTCERT_BYPASS:
		s->probe = WAD_PROBE_CLTCERT;
		return wad_session_enter(s, WAD_STAGE_VET);
	case WAD_CLTCERT_BLOCK:
		return wad_session_close(s, WR_CLIENT_CERT);
	default:			/* go on without a certificate */
		wad_tls_log_inspect(s, WR_CLIENT_CERT);
		wad_session_deadline(s,
		    settings(s)->handshake_timeout * 1000ULL);
		return wad_session_enter(s, WAD_STAGE_SRV_TLS);
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
		return wad_stage_probe_failed(s);
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

enum wad_next
wad_stage_srv_tls(struct wad_session *s)
{
	enum wad_ssl_ret r = wad_ssl_port_handshake(s->srv.ssl);

	wad_ssl_sock_port_out_ops_sync(s->srv.ssl);
	if (s->clt.port->reset)
		return wad_stage_close_client_gone(s);
	switch (r) {
	case WAD_SSL_OK:
		wad_stats_since(WAD_HISTO_SRV_TLS, &s->since);
		wad_ssl_proxy_srv_done(s->srv.ssl, s->nego);
		return wad_session_enter(s, WAD_STAGE_VET);
	case WAD_SSL_CERT:
		return client_cert_asked(s);
	case WAD_SSL_WANT:
		wad_tcp_port_read_on(s->srv.port, true);
		if (s->probe != WAD_PROBE_NONE && (s->srv.port->reset ||
		    s->srv.port->eof))
			return wad_stage_probe_failed(s);
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
		return wad_session_enter(s, WAD_STAGE_STATUS);
	}
	return wad_session_enter(s, WAD_STAGE_JUDGE);
}

enum wad_next
wad_stage_vet(struct wad_session *s)
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
		return wad_session_enter(s, WAD_STAGE_ISSUERS);
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

enum wad_next
wad_stage_issuers(struct wad_session *s)
{
	/* what else was sent has nothing to do with it */
	STACK_OF(X509)	*path = s->nego->path;
	X509		*top = path != NULL ? sk_X509_value(path,
	    sk_X509_num(path) - 1) : SSL_get0_peer_certificate(s->srv.ssl->
	    ssl);

	if (s->clt.port->reset)
		return wad_stage_close_client_gone(s);
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

enum wad_next
wad_stage_status(struct wad_session *s)
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
		return wad_stage_close_client_gone(s);
	if (!s->answered && s->ask == 0) {
		s->ask = wad_lookup_status(s->w, path, ask_ms(s), on_status,
		    s);
		if (s->ask == 0)
			wad_ssl_cert_status(s->nego, s->wc->conf,
			    wad_lookup_fits(path) ? &full : &large, 0);
	}
	return s->ask != 0 ? WAD_WAIT : wad_session_enter(s, WAD_STAGE_JUDGE);
}

/* What would be exempt is inspected: the handshake goes on from where it is,
 * or begins. */
static enum wad_next
not_exempt(struct wad_session *s)
{
	s->probe = WAD_PROBE_NONE;
	if (!s->nego->verified)
		return wad_stage_handshake_srv(s);
	if (s->nego->offer_cause != WAD_OFFER_OK)
		return wad_stage_no_offer(s, s->nego->offer_cause);
	if (!s->srv.ssl->done)
		return client_cert_asked(s);
	return wad_session_enter(s, WAD_STAGE_JUDGE);
}

/* Passed on as it is: over the connection that there is, if nothing was said
 * on it yet. */
static enum wad_next
pass(struct wad_session *s)
{
	return s->nego->verified ? wad_stage_dial_again(s) :
	    wad_session_enter(s, WAD_STAGE_SPLICE);
}

static void
count_verdict(const struct wad_session *s)
{
	wad_stats->verdict[wad_ssl_cert_worst(&s->nego->verdict)]++;
}

/* The verdict on a server whose connection is not to be inspected. */
enum wad_next
wad_stage_probed(struct wad_session *s)
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
		return wad_session_enter(s, WAD_STAGE_BLOCK);
	}
	if (wad_inspect_cert_name_blocked(s))
		return wad_session_enter(s, WAD_STAGE_BLOCK);
	if (s->probe == WAD_PROBE_CLTCERT) {
		snprintf(s->why_text, sizeof(s->why_text), "%s",
		    wad_reasons[WR_CLIENT_CERT].text);
		return bypass_again(s, WR_CLIENT_CERT);
	}
	return pass(s);
}

enum wad_next
wad_stage_judge(struct wad_session *s)
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
		return wad_stage_probed(s);
	count_verdict(s);
	WAD_COUNT_ADD(BAD_CERT, !n->verdict.good);
	fate = wad_ssl_cert_fate(&n->verdict, s->proto, &why);
	wad_tls_log_verdict(s, why, fate);
	if (why != WR_N)
		strcpy(s->why_text, n->verdict.text);
	if (fate == WAD_FATE_BLOCK) {
		s->page_reason = why;
		return wad_session_enter(s, WAD_STAGE_BLOCK);
	}
	if (wad_inspect_cert_name_blocked(s)) {
		s->why_text[0] = '\0';	/* it is the web filter that blocks */
		return wad_session_enter(s, WAD_STAGE_BLOCK);
	}
	wad_inspect_signer(s, fate);
	return wad_session_enter(s, WAD_STAGE_FORGE);
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

enum wad_next
wad_stage_forge(struct wad_session *s)
{
	struct wad_ssl_nego	*n = s->nego;
	struct wad_product_key	 k;
	bool			 page = s->page_only || wad_secure_runs(s);
	struct wad_ssl_port	*shown = page ? s->clt.ssl : s->srv.ssl;

	if (s->clt.port->reset)
		return wad_stage_close_client_gone(s);
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
	return wad_session_enter(s, WAD_STAGE_CLT_TLS);
}

enum wad_next
wad_stage_clt_tls(struct wad_session *s)
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
			return wad_session_enter(s, WAD_STAGE_REQUEST);
		}
		if (s->page_only) {
			wad_session_deadline(s,
			    settings(s)->hello_timeout * 1000ULL);
			return wad_session_enter(s, WAD_STAGE_PAGE);
		}
		WAD_COUNT(INSPECTED);
		wad_tls_log_handshake(s);
		wad_http_relay_start(s);
		if (s->http == NULL && wad_http_warn_forbids(s))
			return wad_session_close(s, WR_BLOCKED);
		wad_session_deadline(s, settings(s)->idle_timeout * 1000ULL);
		return wad_session_enter(s, WAD_STAGE_RELAY);
	case WAD_SSL_WANT:
		wad_tcp_port_read_on(s->clt.port, true);
		if (wad_stage_client_gone(s))
			return wad_stage_close_client_gone(s);
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
