/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a server's certificate: lines 33, 34, 37 and 43.  Chains are
 * judged in x509/x509_verify.c, revocation in x509/x509_revoke.c; here the
 * findings come together, and the profile says what follows.
 */
#include "tls/ssl_cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/str.h"
#include "base/xmem.h"
#include "tls/ssl_cic.h"
#include "tls/ssl_negotiate.h"
#include "tls/ssl_proxy.h"
#include "x509/x509_match.h"
#include "x509/x509_read.h"
#include "x509/x509_verify.h"

enum { CERT_MAX = 64 * 1024, SENT_MAX = 24,
	ASK_AGAIN = 60 };	/* seconds after an answer of no use */

/* ---- what is trusted -------------------------------------------------- */

static int
add_cas(struct wad_trust *t, const struct wad_conf *conf, char *err,
    size_t errsize)
{
	int n;

	for (size_t i = 0; i < conf->n_cas; i++) {
		const struct wad_trust_ca *ca = &conf->cas[i];

		if (ca->pem == NULL || !ca->trusted)
			continue;
		n = wad_x509_read_bundle(t->store, ca->pem, strlen(ca->pem));
		if (n < 1) {
			snprintf(err, errsize,
			    "vpn certificate ca '%s': not a PEM certificate",
			    ca->name);
			return -1;
		}
		t->n_roots += (size_t)n;
	}
	return 0;
}

static int
add_crls(struct wad_trust *t, const struct wad_conf *conf, char *err,
    size_t errsize)
{
	BIO		*bio;
	X509_CRL	*crl;
	int		 n;

	t->crl_strict = conf->revocation.strict_crl;
	for (size_t i = 0; i < conf->n_crls; i++) {
		if (conf->crls[i].pem == NULL)
			continue;
		if (t->crls == NULL)
			t->crls = sk_X509_CRL_new_null();
		bio = BIO_new_mem_buf(conf->crls[i].pem, -1);
		for (n = 0; bio != NULL && (crl = PEM_read_bio_X509_CRL(bio,
		    NULL, NULL, NULL)) != NULL; n++)
			sk_X509_CRL_push(t->crls, crl);
		BIO_free(bio);
		ERR_clear_error();
		if (n == 0) {
			snprintf(err, errsize,
			    "vpn certificate crl '%s': not a PEM CRL",
			    conf->crls[i].name);
			return -1;
		}
	}
	return 0;
}

/* Every CA of ours is known by its public key: what one of them signed is no
 * proof of a server, even where an administrator trusts it (A28). */
static void
deny_own(struct wad_trust *t, const struct wad_conf *conf)
{
	t->deny = wad_xcalloc(conf->n_certs + 1, sizeof(*t->deny));
	for (size_t i = 0; i < conf->n_certs; i++) {
		const struct wad_cert	*c = &conf->certs[i];
		char			 err[160];
		STACK_OF(X509)		*list;
		unsigned char		*der = NULL;
		int			 len;

		if (!c->facts.is_ca || !c->has_key || c->pem == NULL)
			continue;
		list = wad_x509_read_pem(c->pem, strlen(c->pem), err,
		    sizeof(err));
		if (list == NULL)
			continue;
		len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(
		    sk_X509_value(list, 0)), &der);
		if (len > 0)
			SHA256(der, (size_t)len, t->deny[t->n_deny++]);
		OPENSSL_free(der);
		sk_X509_pop_free(list, X509_free);
	}
}

struct wad_trust *
wad_trust_new(const struct wad_conf *conf, const char *bundle, size_t len,
    char *err, size_t errsize)
{
	static uint64_t		 generation;
	struct wad_trust	*t = wad_xcalloc(1, sizeof(*t));
	int			 n;

	t->refcount = 1;
	t->generation = ++generation;
	t->store = X509_STORE_new();
	if (t->store == NULL)
		wad_xmem_fail(__FILE__, __LINE__, "X509_STORE_new");
	if (bundle != NULL) {
		n = wad_x509_read_bundle(t->store, bundle, len);
		if (n < 0) {
			snprintf(err, errsize,
			    "no certificate in the system's CA bundle; run "
			    "update-ca-certificates");
			goto fail;
		}
		t->n_roots += (size_t)n;
	}
	if (add_cas(t, conf, err, errsize) == -1 ||
	    add_crls(t, conf, err, errsize) == -1)
		goto fail;
	deny_own(t, conf);
	return t;
fail:
	wad_trust_put(t);
	return NULL;
}

struct wad_trust *
wad_trust_get(struct wad_trust *t)
{
	t->refcount++;
	return t;
}

void
wad_trust_put(struct wad_trust *t)
{
	if (t == NULL || --t->refcount > 0)
		return;
	X509_STORE_free(t->store);
	sk_X509_CRL_pop_free(t->crls, X509_CRL_free);
	free(t->deny);
	free(t);
}

/* ---- the chain -------------------------------------------------------- */

static void
chain_digest(const uint8_t leaf[32], STACK_OF(X509) *sent, uint8_t out[32])
{
	uint8_t	 all[32 * (SENT_MAX + 1)];
	size_t	 n = 32;
	unsigned len;

	memcpy(all, leaf, n);
	for (int i = 0; i < sk_X509_num(sent) && i < SENT_MAX; i++)
		if (X509_digest(sk_X509_value(sent, i), EVP_sha256(),
		    all + n, &len))
			n += 32;
	SHA256(all, n, out);
}

static void
wad_ssl_cert_sni_check2(const struct wad_ssl_nego *n, X509 *leaf)
{
	char matched[WAD_HOST_MAX * 4] = "";

	if (!(wad_dbg_ctl->mask[WAD_I] >> WAD_DBG_CERT & 1))
		return;
	(void)wad_x509_match_name(leaf, n->host, matched, sizeof(matched));
	WAD_DBG(CERT, WAD_I, "sni=%s, matched name=%s", n->host, matched);
}

/* The name is the reference's; the file is ours to say (DESIGN, 17). */
static void
__wad_ssl_cert_open_cert(const struct wad_ssl_nego *n)
{
	WAD_DBG(CERT, WAD_I, "https server uses key_len %u",
	    n->origin.key_bits);
}

static bool
too_big(X509 *leaf, STACK_OF(X509) *sent)
{
	if (i2d_X509(leaf, NULL) > CERT_MAX)
		return true;
	for (int i = 0; i < sk_X509_num(sent); i++)
		if (i2d_X509(sk_X509_value(sent, i), NULL) > CERT_MAX)
			return true;
	return sk_X509_num(sent) > SENT_MAX;
}

/* Is nothing wrong?  A status that is not known is the profile's to judge. */
static void
settle(struct wad_ssl_verdict *v)
{
	v->good = !v->expired && !v->untrusted && !v->incomplete &&
	    !v->wrong_name && !v->revoked && !v->denied && !v->invalid;
}

static void
judge_chain(struct wad_ssl_nego *n, X509 *leaf, STACK_OF(X509) *sent,
    STACK_OF(X509) *helpers)
{
	struct wad_ssl_verdict	*v = &n->verdict;
	struct wad_x509_verdict	 x;
	struct wad_x509_ask	 a = {
		.leaf = leaf, .sent = sent, .store = n->trust->store,
		.helpers = helpers, .crls = n->trust->crls,
		.crl_strict = n->trust->crl_strict,
		.deny = (const uint8_t (*)[32])n->trust->deny,
		.n_deny = n->trust->n_deny, .name = n->host,
		.use = WAD_X509_SERVER, .now = wad_clock_wall(),
	};

	wad_x509_verify(&a, &x);
	memset(v, 0, sizeof(*v));
	v->expired = x.expired;
	v->untrusted = x.untrusted;
	v->incomplete = x.incomplete;
	v->wrong_name = x.wrong_name;
	v->revoked = x.revoked;
	v->denied = x.denied;
	v->invalid = x.invalid && !x.denied;
	v->status = x.revoked ? WAD_CERT_REVOKED : x.crl_missing ?
	    WAD_CERT_FAILURE : WAD_CERT_NONE;
	snprintf(v->text, sizeof(v->text), "%s", x.text);
	settle(v);
	n->valid_from = x.valid_from;
	n->valid_until = x.valid_until;
	sk_X509_pop_free(n->path, X509_free);
	n->path = x.path;
	n->leaf_vouched = false;
	x.path = NULL;
	wad_x509_verify_clear(&x);
}

static void
judge(struct wad_ssl_nego *n, X509 *leaf, STACK_OF(X509) *sent,
    const char *fault)
{
	if (fault == NULL && too_big(leaf, sent))
		fault = "the certificates are larger than any that are in use";
	if (fault == NULL) {
		judge_chain(n, leaf, sent, NULL);
		return;
	}
	memset(&n->verdict, 0, sizeof(n->verdict));
	n->verdict.status = WAD_CERT_NONE;
	n->verdict.invalid = true;
	snprintf(n->verdict.text, sizeof(n->verdict.text), "%s", fault);
	n->valid_from = n->origin.not_before;
	n->valid_until = n->origin.not_after;
}

int
wad_ssl_cert_verify(X509_STORE_CTX *ctx, void *arg)
{
	SSL			*ssl = X509_STORE_CTX_get_ex_data(ctx,
				    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct wad_ssl_port	*sp = wad_ssl_port_of(ssl);
	struct wad_ssl_nego	*n = sp->nego;
	X509			*leaf = X509_STORE_CTX_get0_cert(ctx);
	STACK_OF(X509)		*sent = X509_STORE_CTX_get0_untrusted(ctx);
	const unsigned char	*der;
	const char		*fault = NULL;

	(void)arg;
	WAD_CHECK(n, WAD_SSL_NEGO_MAGIC);
	n->verified = true;
	/* in TLS 1.3 it is here already, in TLS 1.2 it comes after this */
	n->srv_staple = SSL_get_tlsext_status_ocsp_resp(ssl, &der) > 0;
	if (wad_x509_read_origin(leaf, &n->origin) == -1)
		fault = "the certificate's key or dates cannot be read";
	chain_digest(n->origin.sha256, sent, (uint8_t *)n->chain_hash);
	wad_ssl_proxy_caps_on_srv_certs(sp, n);
	__wad_ssl_cert_open_cert(n);
	if (sp->bad_frame)
		fault = "a certificate is not in DER";
	n->cic_hit = fault == NULL && wad_ssl_cic_find(n, &n->verdict);
	if (n->cic_hit)
		WAD_COUNT(CIC_HIT);
	else {
		WAD_COUNT(CIC_MISS);
		wad_ssl_cert_sni_check2(n, leaf);
		judge(n, leaf, sent, fault);
	}
	ERR_clear_error();
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

void
wad_ssl_cert_again(struct wad_ssl_nego *n, SSL *ssl,
    STACK_OF(X509) *issuers)
{
	X509 *leaf = SSL_get0_peer_certificate(ssl);

	if (leaf != NULL)
		judge_chain(n, leaf, SSL_get_peer_cert_chain(ssl), issuers);
}

/* ---- revocation ------------------------------------------------------- */

static X509 *
issuer_of(const struct wad_ssl_nego *n)
{
	return n->path != NULL && sk_X509_num(n->path) > 1 ?
	    sk_X509_value(n->path, 1) : NULL;
}

static void
take(struct wad_ssl_verdict *v, enum wad_cert_status status, int64_t until,
    const char *text)
{
	v->status = status;
	v->status_until = until;
	if (status == WAD_CERT_GOOD || status == WAD_CERT_NONE)
		return;
	v->revoked = status == WAD_CERT_REVOKED;
	/* what was wrong already stays the first thing that is said */
	if (v->good)
		snprintf(v->text, sizeof(v->text), "%s", text);
	settle(v);
}

/* A promise of a staple that was not kept (RFC 7633).  It is this handshake's
 * fault, so it is not remembered. */
static void
no_staple(struct wad_ssl_nego *n)
{
	take(&n->verdict, WAD_CERT_FAILURE, wad_clock_wall(), n->srv_staple ?
	    "the certificate requires a stapled OCSP response, and the one "
	    "that came is of no use" :
	    "the certificate requires a stapled OCSP response, and none came");
}

void
wad_ssl_cert_staple(struct wad_ssl_nego *n, SSL *ssl,
    const struct wad_conf *conf)
{
	struct wad_ssl_verdict	*v = &n->verdict;
	X509			*leaf = SSL_get0_peer_certificate(ssl);
	struct wad_x509_status	 st = { .status = WAD_CERT_NONE };
	const unsigned char	*der;
	long			 len;
	uint64_t		 hash = 0;

	len = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
	n->srv_staple = len > 0;
	if (len > 0)
		hash = wad_str_hash(1, der, (size_t)len) | 1;
	/* known to be revoked: no older response undoes that */
	if (n->cic_hit && (len <= 0 || hash == v->staple || v->revoked))
		return;
	if (n->cic_hit) {
		n->cic_hit = false;
		wad_ssl_cert_again(n, ssl, NULL);
	}
	if (leaf == NULL || issuer_of(n) == NULL || v->revoked)
		return;
	v->staple = hash;
	if (n->srv_staple) {
		wad_x509_revoke_ocsp(der, (size_t)len, leaf, issuer_of(n),
		    wad_clock_wall(), &st);
		WAD_DBG(CERT, WAD_I, "stapled OCSP response: %s (%s)",
		    wad_x509_revoke_names[st.status], st.text);
	}
	/* a list that is required (strict-crl-check) no response replaces */
	if (st.status == WAD_CERT_GOOD && v->status == WAD_CERT_FAILURE)
		return;
	if (st.status != WAD_CERT_NONE)
		take(v, st.status, st.until, st.text);
	if (st.status == WAD_CERT_GOOD) {
		n->leaf_vouched = true;
		X509_free(sk_X509_shift(n->path));
	} else if (st.status == WAD_CERT_NONE &&
	    conf->settings.must_staple && wad_x509_revoke_must_staple(leaf))
		no_staple(n);
}

bool
wad_ssl_cert_ask_status(const struct wad_ssl_nego *n,
    const struct wad_conf *conf)
{
	const struct wad_ssl_verdict	*v = &n->verdict;
	bool				 fetched = false;

	for (size_t i = 0; i < conf->n_crls; i++)
		fetched |= conf->crls[i].http_url != NULL;
	return (conf->revocation.ocsp != WAD_OCSP_DISABLE || fetched) &&
	    issuer_of(n) != NULL && !v->untrusted && !v->invalid &&
	    !v->denied && !v->revoked && (v->status == WAD_CERT_NONE ||
	    n->leaf_vouched);
}

void
wad_ssl_cert_status(struct wad_ssl_nego *n, const struct wad_conf *conf,
    const struct wad_x509_status *st, unsigned depth)
{
	enum wad_cert_status	 status = st->status;
	int64_t			 until = st->until;
	char			 text[sizeof(n->verdict.text)];

	if (status == WAD_CERT_NONE && (conf->revocation.strict_ocsp ||
	    conf->revocation.ocsp == WAD_OCSP_MANDATORY))
		status = WAD_CERT_FAILURE;
	if (status == WAD_CERT_TIMEOUT || status == WAD_CERT_FAILURE)
		until = wad_clock_wall() + ASK_AGAIN;
	/* the staple stands, but no longer than what is above it */
	if (n->leaf_vouched && status == WAD_CERT_NONE)
		return;
	if (n->leaf_vouched && status == WAD_CERT_GOOD &&
	    until > n->verdict.status_until)
		until = n->verdict.status_until;
	snprintf(text, sizeof(text), "%s%.80s", depth > 0 || n->leaf_vouched ?
	    "an issuer of the certificate: " : "", st->text);
	take(&n->verdict, status, until, text);
}

/* ---- what follows ----------------------------------------------------- */

/* What can be wrong, the worst first. */
enum { FAULTS = 9 };
static const enum wad_reason_id fault_reasons[FAULTS] = {
	WR_CERT_DENIED, WR_CERT_INVALID, WR_CERT_REVOKED, WR_CERT_EXPIRED,
	WR_CERT_CHAIN, WR_CERT_UNTRUSTED, WR_CERT_NAME, WR_CERT_TIMEOUT,
	WR_CERT_FAILURE
};

static void
find_faults(const struct wad_ssl_verdict *v, bool has[FAULTS])
{
	const bool is[FAULTS] = { v->denied, v->invalid, v->revoked,
		v->expired, v->incomplete, v->untrusted, v->wrong_name,
		v->status == WAD_CERT_TIMEOUT, v->status == WAD_CERT_FAILURE };

	memcpy(has, is, sizeof(is));
}

enum wad_reason_id
wad_ssl_cert_worst(const struct wad_ssl_verdict *v)
{
	bool	has[FAULTS];
	size_t	i = 0;

	find_faults(v, has);
	while (i < FAULTS && !has[i])
		i++;
	return i < FAULTS ? fault_reasons[i] : WR_N;
}

enum wad_cert_fate
wad_ssl_cert_fate(const struct wad_ssl_verdict *v,
    const struct wad_ssl_proto *p, enum wad_reason_id *reason)
{
	static const enum wad_act name[] = {
		[WAD_SNI_ENABLE] = WAD_ACT_ALLOW,
		[WAD_SNI_STRICT] = WAD_ACT_BLOCK,
		[WAD_SNI_DISABLE] = WAD_ACT_IGNORE,
	};
	const enum wad_act act[FAULTS] = { WAD_ACT_BLOCK, WAD_ACT_BLOCK,
		p->revoked, p->expired, p->untrusted, p->untrusted,
		name[p->sni_check], p->validation_timeout,
		p->validation_failure };
	enum wad_cert_fate	fate = WAD_FATE_TRUSTED;
	bool			has[FAULTS];

	find_faults(v, has);
	for (size_t i = 0; i < FAULTS; i++) {
		if (!has[i] || act[i] == WAD_ACT_IGNORE)
			continue;
		if (act[i] == WAD_ACT_BLOCK) {
			*reason = fault_reasons[i];
			return WAD_FATE_BLOCK;
		}
		if (fate == WAD_FATE_TRUSTED)
			*reason = fault_reasons[i];
		fate = WAD_FATE_UNTRUSTED;
	}
	return fate;
}

void
wad_ssl_cert_get_auth_status(const struct wad_ssl_verdict *v,
    const struct wad_ssl_proto *p, bool stale)
{
	const char *result = !v->good ? "bad" : v->status == WAD_CERT_TIMEOUT ?
	    "unstable timeout" : v->status == WAD_CERT_FAILURE ?
	    "unstable failure" : "good";

	WAD_DBG(CERT, WAD_I, "cert:status=fnbam result=%s stale=%d ocsp:status=%s reason=%s cfg:expired=%d revoked=%d timeout=%d failure=%d untrusted=%d", result,
	    stale, wad_x509_revoke_names[v->status],
	    v->revoked ? "revoked" : "unspecified", p->expired, p->revoked,
	    p->validation_timeout, p->validation_failure, p->untrusted);
}
