/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event lines about TLS, see tls_log.h.
 */
#include "worker/tls_log.h"

#include <openssl/err.h>

#include <stdio.h>
#include <time.h>

#include "base/dbg.h"
#include "tls/ssl_common.h"

void
wad_tls_log_verdict(const struct wad_session *s, enum wad_reason_id why,
    enum wad_cert_fate fate)
{
	static const char *const what[] = {
		[WAD_FATE_TRUSTED] = "accepted",
		[WAD_FATE_UNTRUSTED] = "signed by the untrusted CA",
		[WAD_FATE_BLOCK] = "blocked",
	};
	bool passed = fate == WAD_FATE_UNTRUSTED &&
	    (s->inspect != WAD_INSPECT_DEEP || s->probe != WAD_PROBE_NONE);

	/* what is blocked is always said */
	if (why == WR_N || (fate != WAD_FATE_BLOCK &&
	    !s->policy->profile->anomaly_log))
		return;
	wad_log_event("warning", "session %u: '%s': %s (%s): %s", s->serial,
	    s->nego->host, wad_reasons[why].text, s->nego->verdict.text,
	    passed ? "passed" : what[fate]);
}

void
wad_tls_log_why(struct wad_session *s, const struct wad_leg *leg,
    enum wad_reason_id reason)
{
	const struct wad_ssl_port	*sp = leg->ssl;
	const char			*why = NULL;

	if (sp->alert_recv >= 0)
		why = SSL_alert_desc_string_long(sp->alert_recv);
	else if (sp->error != 0)
		why = ERR_reason_error_string(sp->error);
	else if (leg->port->eof || leg->port->reset)
		why = "it ended the connection";
	if (why != NULL)
		snprintf(s->why_text, sizeof(s->why_text), "%s: %s%.90s",
		    wad_reasons[reason].text, sp->alert_recv >= 0 ?
		    "it sent the alert " : "", why);
}

void
wad_tls_log_negotiation(const struct wad_session *s)
{
	if (s->policy->profile->negotiation_log)
		wad_log_event("notice", "session %u: '%s': %s", s->serial,
		    s->nego->host, s->why_text);
}

void
wad_tls_log_exempt(const struct wad_session *s)
{
	bool url = s->exempt.reason == WAD_X_NONE;

	/* one that a client brought about is always said */
	if (s->policy->profile->exemption_log ||
	    s->exempt.reason == WAD_X_LEARNED)
		wad_log_event("notice", "session %u: '%s' is exempt from "
		    "inspection (%s)", s->serial, s->nego->host, url ?
		    "URL filter" : wad_exempt_names[s->exempt.reason]);
}

static const char *
cipher_of(const struct wad_ssl_port *sp)
{
	const SSL_CIPHER *c = SSL_get_current_cipher(sp->ssl);

	return c != NULL ? SSL_CIPHER_get_name(c) : "-";
}

static void
log_server_cert(const struct wad_session *s)
{
	static const char		 hex[] = "0123456789abcdef";
	const struct wad_x509_origin	*o = &s->nego->origin;
	char				 print[65], until[32];
	time_t				 t = (time_t)o->not_after;
	struct tm			 tm;

	for (size_t i = 0; i < 32; i++) {
		print[i * 2] = hex[o->sha256[i] >> 4];
		print[i * 2 + 1] = hex[o->sha256[i] & 15];
	}
	print[64] = '\0';
	strftime(until, sizeof(until), "%Y-%m-%d", gmtime_r(&t, &tm));
	wad_log_event("notice", "session %u: '%s': server certificate sha256 "
	    "%s, %u bits, %zu names, until %s: %s", s->serial, s->nego->host,
	    print, o->key_bits, o->n_sans, o->not_after != 0 ? until : "-",
	    s->nego->verdict.text);
}

void
wad_tls_log_handshake(const struct wad_session *s)
{
	const struct wad_profile *p = s->policy->profile;

	if (p->handshake_log)
		wad_log_event("notice", "session %u: '%s': TLS with the client "
		    "%s %s, with the server %s %s", s->serial, s->nego->host,
		    wad_ssl_common_version(s->clt.ssl), cipher_of(s->clt.ssl),
		    wad_ssl_common_version(s->srv.ssl), cipher_of(s->srv.ssl));
	if (p->server_cert_log)
		log_server_cert(s);
}
