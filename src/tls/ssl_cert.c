/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a server's certificate: lines 33, 34, 37 and 43.
 */
#include "tls/ssl_cert.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "tls/ssl_cic.h"
#include "tls/ssl_negotiate.h"
#include "tls/ssl_proxy.h"
#include "x509/x509_match.h"
#include "x509/x509_read.h"

enum { CHAIN_MAX = 10, CERT_MAX = 64 * 1024 };

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
			    "the system's CA bundle cannot be read");
			goto fail;
		}
		t->n_roots += (size_t)n;
	}
	for (size_t i = 0; i < conf->n_cas; i++) {
		const struct wad_trust_ca *ca = &conf->cas[i];

		if (ca->pem == NULL)
			continue;
		n = wad_x509_read_bundle(t->store, ca->pem, strlen(ca->pem));
		if (n < 1) {
			snprintf(err, errsize,
			    "vpn certificate ca '%s': not a PEM certificate",
			    ca->name);
			goto fail;
		}
		t->n_roots += (size_t)n;
	}
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
	free(t);
}

static void
chain_digest(X509 *leaf, STACK_OF(X509) *sent, uint8_t out[32])
{
	uint8_t	 all[32 * (CHAIN_MAX + 1)];
	size_t	 n = 0;
	unsigned len;

	if (X509_digest(leaf, EVP_sha256(), all, &len))
		n = 32;
	for (int i = 0; i < sk_X509_num(sent) && i < CHAIN_MAX; i++)
		if (X509_digest(sk_X509_value(sent, i), EVP_sha256(),
		    all + n, &len))
			n += 32;
	SHA256(all, n, out);
}

static void
classify(struct wad_ssl_verdict *v, int err)
{
	v->error = err;
	switch (err) {
	case X509_V_OK:
		return;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		v->expired = true;
		return;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
		v->untrusted = true;
		return;
	default:
		v->invalid = true;
	}
}

/* Collects every kind of fault instead of stopping at the first. */
static int
collect(int ok, X509_STORE_CTX *ctx)
{
	struct wad_ssl_verdict	*v = X509_STORE_CTX_get_app_data(ctx);
	int			 err = X509_STORE_CTX_get_error(ctx), first;

	if (ok)
		return 1;
	first = v->error;
	classify(v, err);
	if (first != 0)
		v->error = first;
	else
		v->depth = X509_STORE_CTX_get_error_depth(ctx);
	/* go on after what a profile may allow; all else ends it */
	return !v->invalid;
}

static void
verify_chain(X509_STORE_CTX *ctx, struct wad_ssl_verdict *v)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT |
	    X509_V_FLAG_TRUSTED_FIRST);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_depth(param, CHAIN_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, 2);	/* RSA >= 2048, no
							 * SHA-1 (A26, A27) */
	X509_STORE_CTX_set_app_data(ctx, v);
	X509_STORE_CTX_set_verify_cb(ctx, collect);
	if (X509_verify_cert(ctx) != 1 && v->error == 0)
		classify(v, X509_STORE_CTX_get_error(ctx) != 0 ?
		    X509_STORE_CTX_get_error(ctx) : X509_V_ERR_UNSPECIFIED);
	ERR_clear_error();
}

static void
wad_ssl_cert_sni_check2(struct wad_ssl_nego *n, X509 *leaf)
{
	char matched[WAD_HOST_MAX * 4] = "";

	n->verdict.wrong_name = !wad_x509_match_name(leaf, n->host, matched,
	    sizeof(matched));
	WAD_DBG(CERT, WAD_I, "sni=%s, matched name=%s", n->host, matched);
}

/* The name is the reference's; the file is ours to say (DESIGN, 17). */
static void
__wad_ssl_cert_open_cert(struct wad_ssl_nego *n, X509 *leaf)
{
	if (wad_x509_read_origin(leaf, &n->origin) == -1)
		n->verdict.invalid = true;
	WAD_DBG(CERT, WAD_I, "https server uses key_len %u",
	    n->origin.key_bits);
}

static void
finish(struct wad_ssl_verdict *v)
{
	v->good = !v->expired && !v->untrusted && !v->wrong_name &&
	    !v->invalid;
	if (v->good)
		snprintf(v->text, sizeof(v->text), "good");
	else if (v->error != 0)
		snprintf(v->text, sizeof(v->text), "%s at depth %d",
		    X509_verify_cert_error_string(v->error), v->depth);
	else if (v->wrong_name)
		snprintf(v->text, sizeof(v->text),
		    "the certificate is for another name");
	else
		snprintf(v->text, sizeof(v->text), "malformed certificate");
}

/* The dates between which this verdict can stand. */
static void
validity(struct wad_ssl_nego *n, X509_STORE_CTX *ctx)
{
	STACK_OF(X509)	*chain = X509_STORE_CTX_get0_chain(ctx);
	int64_t		 t;

	n->valid_from = n->origin.not_before;
	n->valid_until = n->origin.not_after;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *x = sk_X509_value(chain, i);

		if (wad_x509_read_time(X509_get0_notBefore(x), &t) == 0 &&
		    t > n->valid_from)
			n->valid_from = t;
		if (wad_x509_read_time(X509_get0_notAfter(x), &t) == 0 &&
		    t < n->valid_until)
			n->valid_until = t;
	}
}

static bool
too_big(X509 *leaf, STACK_OF(X509) *sent)
{
	if (i2d_X509(leaf, NULL) > CERT_MAX)
		return true;
	for (int i = 0; i < sk_X509_num(sent); i++)
		if (i2d_X509(sk_X509_value(sent, i), NULL) > CERT_MAX)
			return true;
	return sk_X509_num(sent) > CHAIN_MAX + 1;
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

	(void)arg;
	WAD_CHECK(n, WAD_SSL_NEGO_MAGIC);
	n->verified = true;
	memset(&n->verdict, 0, sizeof(n->verdict));
	chain_digest(leaf, sent, (uint8_t *)n->chain_hash);
	wad_ssl_proxy_caps_on_srv_certs(sp, n, leaf);
	__wad_ssl_cert_open_cert(n, leaf);
	n->cic_hit = wad_ssl_cic_find(n, &n->verdict);
	if (n->cic_hit) {
		WAD_COUNT(CIC_HIT);
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	WAD_COUNT(CIC_MISS);
	wad_ssl_cert_sni_check2(n, leaf);
	if (too_big(leaf, sent))
		n->verdict.invalid = true;
	else
		verify_chain(ctx, &n->verdict);
	validity(n, ctx);
	finish(&n->verdict);
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
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
	enum wad_cert_fate	fate = WAD_FATE_TRUSTED;
	const struct { bool is; enum wad_act act; enum wad_reason_id why; }
	    rows[] = {
		{ v->invalid, WAD_ACT_BLOCK, WR_CERT_INVALID },
		{ v->expired, p->expired, WR_CERT_EXPIRED },
		{ v->untrusted, p->untrusted, WR_CERT_UNTRUSTED },
		{ v->wrong_name, name[p->sni_check], WR_CERT_NAME },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].is || rows[i].act == WAD_ACT_IGNORE)
			continue;
		*reason = rows[i].why;
		if (rows[i].act == WAD_ACT_BLOCK)
			return WAD_FATE_BLOCK;
		fate = WAD_FATE_UNTRUSTED;
	}
	return fate;
}

void
wad_ssl_cert_get_auth_status(const struct wad_ssl_verdict *v,
    const struct wad_ssl_proto *p, bool stale)
{
	/* OCSP is not asked yet: nothing says revoked, so `good` */
	WAD_DBG(CERT, WAD_I, "cert:status=fnbam result=%s stale=%d ocsp:status=good reason=unspecified cfg:expired=%d revoked=%d timeout=%d failure=%d untrusted=%d", v->good ? "good" : "bad",
	    stale, p->expired, p->revoked, p->validation_timeout,
	    p->validation_failure, p->untrusted);
}
