/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a connection that is or may be inspected, and what follows
 * from it.  Nothing here moves the session: its stages ask.
 */
#include "worker/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_replace.h"
#include "tls/ssl_session.h"
#include "worker/http_warn.h"
#include "worker/url_log.h"
#include "worker/worker.h"

/* ---- before the hello ------------------------------------------------- */

void
wad_inspect_choose_ca(struct wad_session *s, enum wad_ca_purpose purpose)
{
	struct wad_ca_choice	c;
	struct wad_ca_facts	f = {
		.conf = s->wc->conf, .purpose = purpose,
		.in_dev = s->flow.in_dev, .policy = s->policy,
		.wf_authenticate = s->verdict.action == WAD_WF_AUTHENTICATE,
		.now = wad_clock_wall(),
	};

	wad_ca_priority_choose(&f, &c);
	s->nego->ca = c.cert;
	wad_ssl_port_update_cert_mode(s->nego, c.cert,
	    c.cert != NULL ? c.cert->name : "none");
}

void
wad_inspect_scope(const struct wad_session *s, struct wad_nego_scope *c)
{
	const struct wad_conf *conf = s->wc->conf;

	c->on = conf->ssl.abbreviate && conf->ssl.session_timeout > 0;
	c->explicit_web = s->explicit_web;
	c->best = conf->settings.client_tls_best;
	c->alpn = s->policy->profile->alpn;
	c->policy = s->policy->id;
	c->profile = s->policy->profile->index;
	c->generation = conf->generation;
	c->lifetime = conf->ssl.session_timeout * 60;
	if (!s->explicit_web && !s->policy->nat)
		c->client = s->flow.src;
}

/* ---- the name --------------------------------------------------------- */

void
wad_inspect_name(struct wad_session *s)
{
	struct wad_ssl_nego *n = s->nego;

	if (n->has_sni && n->sni[0] != '\0')
		strcpy(n->host, n->sni);
	else if (s->host[0] != '\0')	/* what CONNECT said */
		strcpy(n->host, s->host);
	else
		strcpy(n->host, n->dst_ip);
	s->flow.host = n->host;
}

const struct wad_policy *
wad_inspect_policy_of(const struct wad_session *s, const char *host)
{
	struct wad_flow f = s->flow;

	f.host = host;
	return wad_policy_match(s->wc->conf, &f);
}

bool
wad_inspect_name_denied(const struct wad_session *s)
{
	const struct wad_policy *p;

	if (s->explicit_web)
		return false;
	p = wad_inspect_policy_of(s, s->flow.host);
	return p == NULL || !p->accept;
}

void
wad_inspect_letters(const struct wad_session *s, char out[9])
{
	const struct wad_policy *p = s->policy;

	out[0] = s->inspect == WAD_INSPECT_DEEP ? 'd' : '-';
	out[1] = p->utm && p->webfilter != NULL ? 'u' : '-';
	out[2] = s->inspect != WAD_INSPECT_DISABLE ? 'c' : '-';
	out[3] = s->nego->has_sni ? 's' : '-';
	out[4] = 'b';
	out[5] = p->profile->n_exempt > 0 ? 'e' : '-';
	out[6] = p->profile->alpn == WAD_ALPN_ALL ||
	    p->profile->alpn == WAD_ALPN_H2 ? '2' : '-';
	out[7] = s->proto->sni_check != WAD_SNI_DISABLE ? 'n' : '-';
	out[8] = '\0';
}

/* ---- category and exemption ------------------------------------------- */

struct wad_url_ask
wad_inspect_question(const struct wad_session *s, const char *host,
    const char *url_src)
{
	struct wad_url_ask a = {
		.conf = s->wc->conf, .rules = s->wc->rules, .db = s->wc->db,
		.policy = s->policy, .host = host, .url_src = url_src,
		.src = s->flow.src, .dst = s->flow.dst, .https = true,
		.nego = s->nego,
	};

	return a;
}

static bool
stops(const struct wad_url_verdict *v)
{
	return v->action >= WAD_WF_WARNING;
}

/* What a page in place of each request can answer does not end here. */
static bool
ends(const struct wad_session *s)
{
	return stops(&s->verdict) && !wad_http_warn_later(s);
}

/* connect-request-bypass: what CONNECT asks for is not rated where what comes
 * through it will be. */
static bool
connect_passes(const struct wad_session *s)
{
	const struct wad_wf_profile *p = s->policy->utm ?
	    s->policy->webfilter : NULL;

	return p != NULL && (p->ftgd & WAD_FTGD_CONNECT_BYPASS) != 0 &&
	    s->inspect == WAD_INSPECT_DEEP;
}

bool
wad_inspect_asked_blocked(struct wad_session *s)
{
	struct wad_url_ask a = wad_inspect_question(s, s->host, "HOST");

	if (!s->explicit_web || s->bypass || connect_passes(s))
		return false;
	a.nego = s;
	wad_url_decide(&a, &s->verdict);
	/* the SNI says more, where there will be one */
	if (ends(s) || s->inspect == WAD_INSPECT_DISABLE)
		wad_url_log(s, s->host, s->host);
	return ends(s);
}

bool
wad_inspect_unnamed_blocked(struct wad_session *s)
{
	struct wad_url_ask a = wad_inspect_question(s, s->nego->host, "IP");

	if (s->nego->host[0] != '\0')
		return false;		/* rated already */
	wad_inspect_name(s);
	wad_url_decide(&a, &s->verdict);
	wad_url_log(s, s->nego->host, "/");
	return stops(&s->verdict);
}

bool
wad_inspect_cert_name_blocked(struct wad_session *s)
{
	const struct wad_x509_origin	*o = &s->nego->origin;
	struct wad_url_verdict		 v;
	struct wad_url_ask		 a = wad_inspect_question(s, o->cn, "CERT");

	if (!s->nego->verdict.wrong_name ||
	    s->proto->sni_check == WAD_SNI_DISABLE)
		return false;
	if (o->cn[0] == '\0')
		a.host = o->n_sans > 0 ? o->sans[0] : NULL;
	if (a.host == NULL)
		return false;
	if (strncmp(a.host, "*.", 2) == 0)
		a.host += 2;
	wad_url_decide(&a, &v);
	if (!stops(&v))
		return false;
	s->verdict = v;
	wad_url_log(s, a.host, "/");
	return true;
}

/* CONNECT asked for another name than the SNI: the stricter verdict counts,
 * and only what both exempt is exempt.  True when that is not the SNI's. */
static bool
rate_asked(struct wad_session *s, struct wad_url_ask *a, const int deep[3])
{
	struct wad_url_verdict		v;
	struct wad_exempt_result	x;

	a->host = s->host;
	a->url_src = "HOST";
	wad_ssl_check_urlf_and_exempt(a, s->clt.ssl, s->clt.ssl->type, deep,
	    s->nego->letters, &x);
	wad_url_decide(a, &v);
	if (x.reason == WAD_X_NONE)
		wad_ssl_exempt_by_category(a, &v, &x);
	if (x.reason == WAD_X_NONE)
		s->exempt = x;
	if (v.action <= s->verdict.action &&
	    (!s->verdict.uf_exempt || v.uf_exempt))
		return false;
	s->verdict = v;
	return true;
}

void
wad_inspect_rate(struct wad_session *s)
{
	struct wad_url_ask a = wad_inspect_question(s, s->nego->host,
	    s->nego->has_sni ? "SNI" : "IP");
	const int deep[3] = { s->inspect == WAD_INSPECT_DEEP,
		s->inspect != WAD_INSPECT_DISABLE, 0 };
	const char *name = s->nego->host;

	wad_fqdn_watch_fill(s->wc->fqdns, &a);
	wad_ssl_check_urlf_and_exempt(&a, s->clt.ssl, s->clt.ssl->type, deep,
	    s->nego->letters, &s->exempt);
	wad_url_decide(&a, &s->verdict);
	if (s->exempt.reason == WAD_X_NONE)
		wad_ssl_exempt_by_category(&a, &s->verdict, &s->exempt);
	if (s->explicit_web && strcmp(s->host, s->nego->host) != 0 &&
	    rate_asked(s, &a, deep))
		name = s->host;
	if (s->exempt.reason == WAD_X_NONE && wad_learn_applies(s))
		s->exempt.reason = s->exempt.by_sni = WAD_X_LEARNED;
	/* what is inspected shows its requests, which say more */
	if (s->inspect == WAD_INSPECT_DEEP && !ends(s) &&
	    !wad_inspect_is_exempt(s))
		wad_url_log_later(s, name);
	else
		wad_url_log(s, name, "/");
}

bool
wad_inspect_name_exempt(struct wad_session *s, const char *host)
{
	struct wad_url_ask		a = wad_inspect_question(s, host,
	    "HTTP");
	const int			deep[3] = { 1, 1, 0 };
	struct wad_url_verdict		v;
	struct wad_exempt_result	x;

	memset(&x, 0, sizeof(x));
	wad_fqdn_watch_fill(s->wc->fqdns, &a);
	wad_ssl_check_urlf_and_exempt(&a, s->clt.ssl, WAD_SSL_CLT, deep,
	    s->nego->letters, &x);
	wad_url_decide(&a, &v);
	if (x.reason == WAD_X_NONE)
		wad_ssl_exempt_by_category(&a, &v, &x);
	return x.reason != WAD_X_NONE || v.uf_exempt;
}

bool
wad_inspect_is_exempt(const struct wad_session *s)
{
	return s->exempt.reason != WAD_X_NONE || s->verdict.uf_exempt;
}

enum wad_probe
wad_inspect_probe(const struct wad_session *s)
{
	/* one that a client can bring about is always looked at */
	if (s->exempt.reason == WAD_X_LEARNED)
		return WAD_PROBE_EXEMPT;
	/* one by address needs no name */
	if (wad_inspect_is_exempt(s))
		return s->policy->profile->exempt_sni_check &&
		    s->exempt.by_ip == WAD_X_NONE ? WAD_PROBE_EXEMPT :
		    WAD_PROBE_NONE;
	return s->inspect == WAD_INSPECT_CERT ? WAD_PROBE_CERT :
	    WAD_PROBE_NONE;
}

/* ---- what cannot be inspected ----------------------------------------- */

uint64_t
wad_inspect_bypass_scope(const struct wad_session *s)
{
	const struct wad_conf	*c = s->wc->conf;
	ptrdiff_t		 row = s->policy - c->policies;
	uint64_t		 h;

	h = wad_str_hash(0, &c->generation, sizeof(c->generation));
	h = wad_str_hash(h, &row, sizeof(row));
	return wad_str_hash(h, &s->nego->offer, sizeof(s->nego->offer));
}

enum wad_act
wad_inspect_failed_act(const struct wad_session *s)
{
	switch (s->srv.ssl->alert_recv) {
	case SSL_AD_PROTOCOL_VERSION:
		return s->proto->unsupported_version;
	case SSL_AD_HANDSHAKE_FAILURE:
	case SSL_AD_INSUFFICIENT_SECURITY:
		return s->proto->unsupported_cipher;
	default:
		return WAD_ACT_BLOCK;
	}
}

/* ---- what is presented ------------------------------------------------ */

void
wad_inspect_signer(struct wad_session *s, enum wad_cert_fate fate)
{
	struct wad_ssl_nego		*n = s->nego;
	const struct wad_profile	*p = s->policy->profile;

	if (fate == WAD_FATE_UNTRUSTED) {
		n->untrusted = true;
		n->ca = p->untrusted_ca;
	} else if (p->replace)
		n->ca = wad_ssl_replace_pick(s->wc->replace, p, n->host);
	else if (n->verdict.good) {
		wad_ssl_session_allow(n);
		if (n->product == NULL ||
		    n->product->id.with_staple == n->srv_staple)
			return;
	}
	/* of a server that is not right none of its names were proved */
	wad_ssl_cert_storage_put(n->product);
	n->product = NULL;
	if (n->untrusted || p->replace)
		wad_ssl_port_update_cert_mode(n, n->ca,
		    n->ca != NULL ? n->ca->name : "none");
}
