/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records about TLS, see tls_log.h.
 */
#include "worker/tls_log.h"

#include <openssl/err.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tls/ssl_common.h"
#include "worker/utm_log.h"
#include "worker/worker.h"

/* eventsubtype= of what cannot be inspected; NULL: another reason. */
static const char *const subtypes[WR_N] = {
	[WR_NOT_TLS] = "unexpected-protocol",
	[WR_HELLO_BAD] = "malformed-input",
	[WR_SNI_BAD] = "malformed-input",
	[WR_CLT_VERSION] = "unsupported-ssl-version",
	[WR_CLT_CIPHER] = "unsupported-cipher",
	[WR_CLT_ALPN] = "unsupported-alpn",
	[WR_ECH] = "encrypted-client-hello",
	[WR_CLIENT_CERT] = "client-certificate-requested",
};

/* ---- fields ----------------------------------------------------------- */

/* Everything up to msg=; the text follows. */
static void
begin(struct wad_log_rec *r, const struct wad_session *s, enum wad_log_id id,
    const char *action, const char *subtype)
{
	wad_utm_log_begin(r, s, id);
	wad_log_str(r, "profile", s->policy->profile->name);
	wad_log_str(r, "action", action);
	wad_log_str(r, "eventsubtype", subtype);
}

/* Who it is about, and what was agreed on with the server as far as that
 * came. */
static void
put_names(struct wad_log_rec *r, const struct wad_session *s)
{
	const struct wad_ssl_nego *n = s->nego;

	wad_log_str(r, "sni", n->sni);
	wad_log_str(r, "hostname", n->host);
}

static const char *
auth_of(const SSL_CIPHER *c, const struct wad_ssl_nego *n)
{
	switch (SSL_CIPHER_get_auth_nid(c)) {
	case NID_auth_rsa:
		return "rsa";
	case NID_auth_ecdsa:
		return "ecdsa";
	default:		/* TLS 1.3: of the certificate's key */
		return n->origin.key_type == 3 ? "ecdsa" :
		    n->origin.key_type == 1 ? "rsa" : NULL;
	}
}

static const char *
kx_of(const SSL_CIPHER *c)
{
	switch (SSL_CIPHER_get_kx_nid(c)) {
	case NID_kx_rsa:
		return "rsa";
	case NID_kx_dhe:
		return "dhe";
	default:
		return "ecdhe";
	}
}

static void
put_tls(struct wad_log_rec *r, const struct wad_session *s)
{
	const struct wad_ssl_port	*sp = s->srv.ssl;
	const SSL_CIPHER		*c;
	const char			*v;

	if (sp == NULL || (c = SSL_get_current_cipher(sp->ssl)) == NULL)
		return;
	v = SSL_get_version(sp->ssl);		/* "TLSv1.3" */
	wad_log_strf(r, "tlsver", "tls%s", strncmp(v, "TLSv", 4) == 0 ?
	    v + 4 : v);
	wad_log_strf(r, "cipher", "0x%04x", SSL_CIPHER_get_protocol_id(c));
	wad_log_str(r, "authalgo", auth_of(c, s->nego));
	wad_log_str(r, "kxproto", kx_of(c));
	wad_log_str(r, "kxcurve", SSL_group_to_name(sp->ssl,
	    SSL_get_negotiated_group(sp->ssl)));
}

static void
put_time(struct wad_log_rec *r, const char *key, int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;
	char		buf[32];

	if (at == 0 || gmtime_r(&t, &tm) == NULL)
		return;
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	wad_log_str(r, key, buf);
}

/* "C = DE, O = x, CN = y"; what is not printable is escaped by the record. */
static void
put_name(struct wad_log_rec *r, const char *key, const X509_NAME *name)
{
	BIO	*b = BIO_new(BIO_s_mem());
	char	*p;
	long	 n;

	if (b == NULL)
		return;
	if (X509_NAME_print_ex(b, name, 0, XN_FLAG_ONELINE &
	    ~ASN1_STRFLGS_ESC_MSB) >= 0 && (n = BIO_get_mem_data(b, &p)) > 0)
		wad_log_strn(r, key, p, n > 200 ? 200 : (size_t)n);
	BIO_free(b);
}

static void
put_serial(struct wad_log_rec *r, X509 *x)
{
	static const char	 hex[] = "0123456789abcdef";
	const ASN1_INTEGER	*a = X509_get0_serialNumber(x);
	char			 out[81];
	int			 n = 0;

	for (int i = 0; i < a->length && i < 40; i++) {
		out[n++] = hex[a->data[i] >> 4];
		out[n++] = hex[a->data[i] & 15];
	}
	out[n] = '\0';
	wad_log_str(r, "sn", out);
}

static void
put_cert(struct wad_log_rec *r, const struct wad_session *s)
{
	static const char *const keys[] = { NULL, "rsa", "dsa", "ecdsa",
		"ed25519" };
	static const char		 hex[] = "0123456789abcdef";
	const struct wad_x509_origin	*o = &s->nego->origin;
	X509				*x = s->srv.ssl != NULL ?
	    SSL_get0_peer_certificate(s->srv.ssl->ssl) : NULL;
	char				 print[65];

	if (o->key_bits == 0)		/* none was seen */
		return;
	for (size_t i = 0; i < 32; i++) {
		print[i * 2] = hex[o->sha256[i] >> 4];
		print[i * 2 + 1] = hex[o->sha256[i] & 15];
	}
	print[64] = '\0';
	wad_log_str(r, "certhash", print);
	if (x != NULL)
		put_name(r, "issuer", X509_get_issuer_name(x));
	wad_log_str(r, "cn", o->cn);
	wad_log_str(r, "san", o->n_sans > 0 ? o->sans[0] : NULL);
	if (x != NULL)
		put_serial(r, x);
	put_time(r, "notbefore", o->not_before);
	put_time(r, "notafter", o->not_after);
	wad_log_str(r, "keyalgo", o->key_type < 5 ? keys[o->key_type] : NULL);
	wad_log_u64(r, "keysize", o->key_bits);
}

/* The rest of a record that is not about a certificate. */
static void
end(struct wad_log_rec *r, struct wad_session *s, bool blocked)
{
	put_names(r, s);
	put_tls(r, s);
	wad_utm_log_end(r, s, &s->count_ssl, blocked);
}

/* ---- certificates ----------------------------------------------------- */

struct outcome {
	enum wad_log_id	 id;
	const char	*action, *text;
};

static struct outcome
outcome(const struct wad_session *s, enum wad_reason_id why,
    enum wad_cert_fate fate)
{
	static const struct outcome
	    trusted = { WAD_LOG_SSL_RESIGN_TRUSTED, "resign-as-trusted",
		"signed by the trusted CA, the profile ignores it" },
	    untrusted = { WAD_LOG_SSL_RESIGN_UNTRUSTED, "resign-as-untrusted",
		"signed by the untrusted CA" },
	    name_passed = { WAD_LOG_SSL_SNI_INFO, "info", "passed" },
	    passed = { WAD_LOG_SSL_CERT_INVALID, "passthrough", "passed" },
	    name = { WAD_LOG_SSL_SNI_MISMATCH, "blocked", "blocked" },
	    listed = { WAD_LOG_SSL_CERT_BLOCKLISTED, "blocked", "blocked" },
	    blocked = { WAD_LOG_SSL_CERT_BLOCKED, "blocked", "blocked" };

	if (fate == WAD_FATE_BLOCK)
		return why == WR_CERT_NAME ? name : why == WR_CERT_DENIED ?
		    listed : blocked;
	if (s->inspect != WAD_INSPECT_DEEP || s->probe != WAD_PROBE_NONE)
		return why == WR_CERT_NAME ? name_passed : passed;
	return fate == WAD_FATE_UNTRUSTED ? untrusted : trusted;
}

void
wad_tls_log_verdict(struct wad_session *s, enum wad_reason_id why,
    enum wad_cert_fate fate)
{
	struct outcome		o = outcome(s, why, fate);
	struct wad_log_rec	r;

	if (fate != WAD_FATE_BLOCK && (!s->policy->profile->anomaly_log ||
	    (why == WR_N && s->nego->verdict.good)))
		return;
	begin(&r, s, o.id, o.action, "certificate-anomaly");
	wad_log_strf(&r, "msg", "'%s': %s (%s): %s", s->nego->host,
	    why != WR_N ? wad_reasons[why].text :
	    "the server's certificate is not right", s->nego->verdict.text,
	    o.text);
	wad_log_str(&r, "reason", why != WR_N ? wad_reasons[why].name : NULL);
	put_names(&r, s);
	put_tls(&r, s);
	put_cert(&r, s);
	wad_utm_log_end(&r, s, &s->count_ssl, fate == WAD_FATE_BLOCK);
}

void
wad_tls_log_probe_failed(struct wad_session *s, bool block)
{
	struct wad_log_rec r;

	begin(&r, s, block ? WAD_LOG_SSL_PROBE_BLOCK : WAD_LOG_SSL_PROBE_PASS,
	    block ? "blocked" : "passthrough", "certificate-probe-failed");
	wad_log_strf(&r, "msg", "'%s': %s%s%s%s", s->nego->host,
	    wad_reasons[WR_PROBE_FAILED].text, s->why_text[0] != '\0' ?
	    ": " : "", s->why_text, block ? "" :
	    ": passed by the profile (cert-probe-failure)");
	wad_log_str(&r, "reason", wad_reasons[WR_PROBE_FAILED].name);
	end(&r, s, block);
}

void
wad_tls_log_unproved(struct wad_session *s)
{
	struct wad_log_rec r;

	begin(&r, s, WAD_LOG_SSL_CERT_INVALID, "info", "certificate-anomaly");
	wad_log_strf(&r, "msg", "'%s' would be exempt, but its certificate "
	    "is not right (%s)", s->nego->host, s->nego->verdict.text);
	put_names(&r, s);
	put_tls(&r, s);
	put_cert(&r, s);
	wad_utm_log_end(&r, s, &s->count_ssl, false);
}

/* ---- alerts ----------------------------------------------------------- */

static void
log_alert(const struct wad_session *s, const struct wad_leg *leg, bool sent,
    int alert)
{
	bool			clt = leg == &s->clt;
	struct wad_log_rec	r;

	wad_log_begin(&r, sent ? WAD_LOG_WAD_ALERT_SENT :
	    WAD_LOG_WAD_ALERT_RECEIVED);
	wad_log_u64(&r, "sessionid", s->serial);
	wad_log_u64(&r, "policyid", s->policy != NULL ? s->policy->id : 0);
	wad_log_ip(&r, "srcip", &s->flow.src);
	wad_log_u64(&r, "srcport", s->flow.src.port);
	wad_log_ip(&r, "dstip", &s->flow.dst);
	wad_log_u64(&r, "dstport", s->flow.dst.port);
	wad_log_str(&r, "hostname", s->nego != NULL ? s->nego->host :
	    s->host);
	wad_log_str(&r, "action", sent ? "send" : "receive");
	wad_log_strf(&r, "alert", "%d", alert);
	wad_log_str(&r, "desc", SSL_alert_desc_string_long(alert));
	wad_log_strf(&r, "msg", "SSL Alert %s the %s", sent ? "sent to" :
	    "received from", clt ? "client" : "server");
	wad_log_end(&r);
}

void
wad_tls_log_alert_sent(const struct wad_session *s, const struct wad_leg *leg,
    int alert)
{
	log_alert(s, leg, true, alert);
}

void
wad_tls_log_why(struct wad_session *s, const struct wad_leg *leg,
    enum wad_reason_id reason)
{
	const struct wad_ssl_port	*sp = leg->ssl;
	const char			*why = NULL;

	if (sp->alert_recv >= 0)
		log_alert(s, leg, false, sp->alert_recv);
	if (sp->alert_sent >= 0)
		log_alert(s, leg, true, sp->alert_sent);
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

/* ---- negotiation ------------------------------------------------------ */

void
wad_tls_log_negotiation(struct wad_session *s)
{
	struct wad_log_rec r;

	if (!s->policy->profile->negotiation_log)
		return;
	begin(&r, s, WAD_LOG_SSL_HANDSHAKE_FAIL, "blocked",
	    "handshake-failure");
	wad_log_strf(&r, "msg", "'%s': %s", s->nego->host, s->why_text);
	end(&r, s, true);
}

void
wad_tls_log_inspect(struct wad_session *s, enum wad_reason_id why)
{
	struct wad_log_rec r;

	if (!s->policy->profile->negotiation_log)
		return;
	begin(&r, s, WAD_LOG_SSL_NEG_INSPECT, "inspect", subtypes[why]);
	wad_log_strf(&r, "msg", "'%s': %s: inspected nevertheless",
	    s->nego->host, wad_reasons[why].text);
	wad_log_str(&r, "reason", wad_reasons[why].name);
	end(&r, s, false);
}

void
wad_tls_log_bypass(struct wad_session *s, enum wad_reason_id why,
    const char *text)
{
	struct wad_log_rec r;

	begin(&r, s, WAD_LOG_SSL_NEG_BYPASS, "bypass",
	    subtypes[why] != NULL ? subtypes[why] : "handshake-failure");
	wad_log_strf(&r, "msg", "'%s' cannot be inspected%s%s: passed "
	    "uninspected by the profile '%s'", s->nego->host,
	    text[0] != '\0' ? ": " : "", text, s->policy->profile->name);
	wad_log_str(&r, "reason", wad_reasons[why].name);
	end(&r, s, false);
}

void
wad_tls_log_refused(struct wad_session *s, enum wad_reason_id why)
{
	struct wad_log_rec r;

	if (subtypes[why] == NULL || s->nego == NULL || s->policy == NULL)
		return;
	begin(&r, s, WAD_LOG_SSL_NEG_BLOCK, "blocked", subtypes[why]);
	wad_log_strf(&r, "msg", "SSL connection is blocked: %s",
	    wad_reasons[why].text);
	wad_log_str(&r, "reason", wad_reasons[why].name);
	end(&r, s, true);
}

/* ---- exemption, and what was agreed on -------------------------------- */

void
wad_tls_log_exempt(struct wad_session *s)
{
	static const struct { enum wad_log_id id; const char *reason; } of[] = {
		[WAD_X_NONE] = { WAD_LOG_SSL_EXEMPT_ALLOWLIST,
		    "exempt-urlfilter" },
		[WAD_X_CATEGORY] = { WAD_LOG_SSL_EXEMPT_FTGD,
		    "exempt-ftgd-cat" },
		[WAD_X_ADDRESS] = { WAD_LOG_SSL_EXEMPT_ADDR, "exempt-addr" },
		[WAD_X_WILDCARD] = { WAD_LOG_SSL_EXEMPT_ALLOWLIST,
		    "exempt-wildcard" },
		[WAD_X_REGEX] = { WAD_LOG_SSL_EXEMPT_ALLOWLIST,
		    "exempt-regex" },
		[WAD_X_LEARNED] = { WAD_LOG_SSL_EXEMPT_ALLOWLIST,
		    "exempt-learned" },
	};
	enum wad_exempt_reason	x = s->exempt.reason;
	bool			local = x == WAD_X_CATEGORY &&
				    s->verdict.src == WAD_CATE_LOCAL;
	struct wad_log_rec	r;

	/* one that a client brought about is always said */
	if (!s->policy->profile->exemption_log && x != WAD_X_LEARNED)
		return;
	begin(&r, s, local ? WAD_LOG_SSL_EXEMPT_LOCAL : of[x].id, "exempt",
	    "ssl-exempted");
	wad_log_strf(&r, "msg", "'%s' is exempt from inspection (%s)",
	    s->nego->host, x == WAD_X_NONE ? "URL filter" :
	    wad_exempt_names[x]);
	wad_log_str(&r, "reason", local ? "exempt-local-cat" : of[x].reason);
	if (x == WAD_X_CATEGORY) {
		wad_log_u64(&r, "cat", s->verdict.cate);
		wad_log_str(&r, "catdesc", wad_url_cate_name(s->wc->conf,
		    s->verdict.cate));
	}
	end(&r, s, false);
}

static const char *
cipher_of(const struct wad_ssl_port *sp)
{
	const SSL_CIPHER *c = SSL_get_current_cipher(sp->ssl);

	return c != NULL ? SSL_CIPHER_get_name(c) : "-";
}

void
wad_tls_log_handshake(struct wad_session *s)
{
	const struct wad_profile	*p = s->policy->profile;
	struct wad_log_rec		 r;

	if (p->handshake_log) {
		begin(&r, s, WAD_LOG_SSL_HANDSHAKE_INFO, "info",
		    "handshake-done");
		wad_log_strf(&r, "msg", "TLS with the client %s %s, with the "
		    "server %s %s", wad_ssl_common_version(s->clt.ssl),
		    cipher_of(s->clt.ssl), wad_ssl_common_version(s->srv.ssl),
		    cipher_of(s->srv.ssl));
		put_names(&r, s);
		put_tls(&r, s);
		wad_log_str(&r, "handshake", s->nego->srv_resumed ?
		    "resumed" : "full");
		wad_log_str(&r, "mitm", "yes");
		wad_utm_log_end(&r, s, &s->count_ssl, false);
	}
	if (!p->server_cert_log)
		return;
	begin(&r, s, WAD_LOG_SSL_CERT_INFO, "info", "server-cert-info");
	wad_log_strf(&r, "msg", "server certificate: %s",
	    s->nego->verdict.text);
	put_names(&r, s);
	put_cert(&r, s);
	wad_utm_log_end(&r, s, &s->count_ssl, false);
}
