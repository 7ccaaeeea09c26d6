/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict.  First OpenSSL's own path from what was sent: right nearly
 * always, and one X509_verify_cert.  Only when that is not good, every path
 * of x509_path.c, each verified alone, until one is; else the least bad.
 *
 * Expired and untrusted may be allowed by a profile, so they are recorded and
 * the check goes on: what hides behind them is found.
 */
#include "x509/x509_verify.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"
#include "x509/x509_check.h"
#include "x509/x509_check_crl.h"
#include "x509/x509_deny.h"
#include "x509/x509_match.h"
#include "x509/x509_path.h"
#include "x509/x509_read.h"

/* Room for self-issued certificates, which do not count. */
enum { DEPTH_SLACK = 10 };

/* One X509_verify_cert in progress. */
struct look {
	const struct wad_x509_ask	*ask;
	const GENERAL_NAMES		*names;	/* the leaf's */
	struct wad_x509_verdict		*v;
	STACK_OF(X509)			*path;	/* the only one, or NULL */
};

/* Everything that one kind of fault sets, and how bad it is. */
static int
badness(const struct wad_x509_verdict *v)
{
	return v->invalid * 32 + v->revoked * 16 + v->untrusted * 8 +
	    v->crl_missing * 4 + v->wrong_name * 2 + v->expired;
}

/* The first fault gives the text. */
static void
say(struct wad_x509_verdict *v, int error, int depth, const char *what)
{
	if (v->text[0] != '\0')
		return;
	v->error = error;
	v->depth = depth;
	if (depth > 0)
		snprintf(v->text, sizeof(v->text), "%s (CA certificate %d of "
		    "the path)", what, depth);
	else
		snprintf(v->text, sizeof(v->text), "%s", what);
}

static void
fault(struct wad_x509_verdict *v, bool *flag, int depth, const char *what)
{
	*flag = true;
	say(v, 0, depth, what);
}

/* Self-signed, of version 1, so that it could not say that it is a CA's
 * ("openssl x509 -req -signkey" makes such ones).  As an anchor it is a name
 * and a key (RFC 5280 section 6.1.1); anywhere else it is refused. */
static bool
plain_v1_root(X509 *x)
{
	return X509_get_version(x) == X509_VERSION_1 &&
	    X509_get_ext_count(x) == 0 && X509_check_ca(x) == 3;
}

/* What OpenSSL calls a fault but is none: RFC 5280's notAfter is the last
 * valid second; the rest is the form of certificates in use. */
static bool
tolerable(X509_STORE_CTX *ctx, const struct wad_x509_ask *ask, int err)
{
	X509	*x = X509_STORE_CTX_get_current_cert(ctx);
	int	 depth = X509_STORE_CTX_get_error_depth(ctx);
	bool	 last = depth == sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) -
		    1;
	int64_t	 t;

	switch (err) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return wad_x509_read_time(X509_get0_notAfter(x), &t) == 0 &&
		    t == ask->now;
	case X509_V_ERR_INVALID_CA:
		return last && plain_v1_root(x);
	case X509_V_ERR_INVALID_PURPOSE:
		if (last && depth > 0 && plain_v1_root(x))
			return true;
		/* "any" is any (RFC 5280 section 4.2.1.12), for a CA */
		return depth > 0 && X509_check_ca(x) == 1 &&
		    (X509_get_extended_key_usage(x) & XKU_ANYEKU) != 0;
	case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER:
		return depth == 0;
	case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER:
		return last;
	case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
	case X509_V_ERR_CA_CERT_MISSING_KEY_USAGE:
		return true;
	default:
		return false;
	}
}

static void
classify(struct wad_x509_verdict *v, int err, int depth)
{
	switch (err) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		v->expired = true;
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		v->incomplete = true;
		v->untrusted = true;
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
		v->untrusted = true;
		break;
	default:
		v->invalid = true;
	}
	say(v, err, depth, X509_verify_cert_error_string(err));
}

/* Collects every kind of fault instead of stopping at the first. */
static int
collect(int ok, X509_STORE_CTX *ctx)
{
	const struct look	*l = X509_STORE_CTX_get_app_data(ctx);
	int			 err = X509_STORE_CTX_get_error(ctx);

	if (ok || tolerable(ctx, l->ask, err))
		return 1;
	classify(l->v, err, X509_STORE_CTX_get_error_depth(ctx));
	/* go on after what a profile may allow; all else ends it */
	return !l->v->invalid;
}

/* With a fixed path: its next certificate and no other. */
static int
fixed_issuer(X509_STORE_CTX *ctx, X509 *x, X509 *issuer)
{
	const struct look *l = X509_STORE_CTX_get_app_data(ctx);

	for (int i = 0; i + 1 < sk_X509_num(l->path); i++)
		if (sk_X509_value(l->path, i) == x)
			return sk_X509_value(l->path, i + 1) == issuer;
	return 0;
}

/* A store without certificates whose look-ups are fixed_issuer's. */
static X509_STORE *
fixed_store(void)
{
	static X509_STORE *store;

	if (store == NULL && (store = X509_STORE_new()) != NULL)
		X509_STORE_set_check_issued(store, fixed_issuer);
	return store;
}

unsigned
wad_x509_verify_depth(const struct wad_x509_ask *ask)
{
	return ask->depth_max == WAD_X509_DEPTH_NONE ? 0 :
	    ask->depth_max == 0 ? WAD_X509_DEPTH :
	    ask->depth_max < WAD_X509_SENT_MAX ? ask->depth_max :
	    WAD_X509_SENT_MAX;
}

static void
parameters(X509_STORE_CTX *ctx, const struct wad_x509_ask *ask)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

	/* any policy will do, but where a CA requires one, there must be one
	 * (RFC 5280 section 6.1.1) */
	if (X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy))
	    != 1)
		wad_xmem_fail(__FILE__, __LINE__,
		    "X509_VERIFY_PARAM_add0_policy");
	/* every certificate of the store is an anchor (RFC 5280, 6.1.1) */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT |
	    X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN |
	    X509_V_FLAG_POLICY_CHECK);
	X509_VERIFY_PARAM_set_purpose(param, ask->use == WAD_X509_CLIENT ?
	    X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
	/* a common name is no name: constraints are for the others */
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	X509_VERIFY_PARAM_set_depth(param, (int)wad_x509_verify_depth(ask) +
	    DEPTH_SLACK);
	X509_VERIFY_PARAM_set_auth_level(param, 2);	/* RSA >= 2048, EC >=
							 * 224, no SHA-1 */
	X509_VERIFY_PARAM_set_time(param, (time_t)ask->now);
}

/* Our own rules for a path that OpenSSL has been through. */
static void
post_check(const struct look *l)
{
	const struct wad_x509_ask	*ask = l->ask;
	struct wad_x509_verdict		*v = l->v;
	int				 n = sk_X509_num(v->path), depth = 0;
	const char			*what;

	if (!v->invalid && (what = wad_x509_check_path(v->path, l->names,
	    !v->untrusted, wad_x509_verify_depth(ask), ask->use, &depth)) !=
	    NULL)
		fault(v, &v->invalid, depth, what);
	for (int i = 0; i < n && !v->denied; i++)
		if (wad_x509_deny_has(sk_X509_value(v->path, i), ask->deny,
		    ask->n_deny)) {
			v->invalid = true;
			fault(v, &v->denied, i, "this key is denied: the "
			    "proxy's own, or known to be public");
		}
	for (int i = 0; i + 1 < n && ask->crls != NULL; i++) {
		enum wad_crl_says says = wad_x509_check_crl(ask->crls,
		    sk_X509_value(v->path, i), sk_X509_value(v->path, i + 1),
		    ask->now);

		if (says == WAD_CRL_REVOKED)
			fault(v, &v->revoked, i, "revoked by a local list");
		else if (says == WAD_CRL_UNUSABLE && ask->crl_strict)
			fault(v, &v->crl_missing, i,
			    "no local revocation list of its issuer is usable");
	}
}

/* One X509_verify_cert and the rules after it. */
static void
look_at(struct look *l, X509_STORE *store, STACK_OF(X509) *untrusted,
    STACK_OF(X509) *trusted)
{
	X509_STORE_CTX	*ctx = X509_STORE_CTX_new();
	int		 err;

	if (ctx == NULL || X509_STORE_CTX_init(ctx, store, l->ask->leaf,
	    untrusted) != 1)
		wad_xmem_fail(__FILE__, __LINE__, "X509_STORE_CTX_init");
	if (trusted != NULL)
		X509_STORE_CTX_set0_trusted_stack(ctx, trusted);
	parameters(ctx, l->ask);
	X509_STORE_CTX_set_app_data(ctx, l);
	X509_STORE_CTX_set_verify_cb(ctx, collect);
	if (X509_verify_cert(ctx) != 1 && !l->v->invalid) {
		err = X509_STORE_CTX_get_error(ctx);
		l->v->invalid = true;
		say(l->v, err != X509_V_OK ? err : X509_V_ERR_UNSPECIFIED, 0,
		    X509_verify_cert_error_string(err != X509_V_OK ? err :
		    X509_V_ERR_UNSPECIFIED));
	}
	l->v->path = X509_STORE_CTX_get1_chain(ctx);
	X509_STORE_CTX_free(ctx);
	post_check(l);
}

/* The search over candidate paths; best is the least bad so far. */
struct search {
	const struct wad_x509_ask	*ask;
	const GENERAL_NAMES		*names;
	struct wad_x509_verdict		 best;
	unsigned			 tried;
};

/* A wad_x509_path_fn. */
static bool
candidate(STACK_OF(X509) *path, enum wad_path_end end, void *arg)
{
	struct search		*s = arg;
	struct wad_x509_verdict	 v = { 0 };
	struct look		 l = { s->ask, s->names, &v, path };
	STACK_OF(X509)		*untrusted = sk_X509_new_null(),
				*trusted = sk_X509_new_null();
	int			 n = sk_X509_num(path);
	bool			 better;

	for (int i = 0; i < n; i++)
		if (sk_X509_push(end == WAD_PATH_ROOT && i == n - 1 ?
		    trusted : untrusted, sk_X509_value(path, i)) <= 0)
			wad_xmem_fail(__FILE__, __LINE__, "sk_X509_push");
	look_at(&l, fixed_store(), untrusted, trusted);
	if (end == WAD_PATH_FORGED) {
		v.text[0] = '\0';
		v.invalid = true;
		v.incomplete = false;
		say(&v, X509_V_ERR_CERT_SIGNATURE_FAILURE, n - 1,
		    X509_verify_cert_error_string(
		    X509_V_ERR_CERT_SIGNATURE_FAILURE));
	}
	sk_X509_free(untrusted);
	sk_X509_free(trusted);
	better = s->tried++ == 0 || badness(&v) < badness(&s->best);
	if (better) {
		wad_x509_verify_clear(&s->best);
		s->best = v;
	} else
		wad_x509_verify_clear(&v);
	return badness(&s->best) == 0;
}

/* Every path at hand, after OpenSSL's own was not good. */
static void
search(const struct wad_x509_ask *ask, const GENERAL_NAMES *names,
    struct wad_x509_verdict *v)
{
	struct search	s = { .ask = ask, .names = names };
	int		ret = wad_x509_path_walk(ask, candidate, &s);

	if (s.tried > 0) {
		wad_x509_verify_clear(v);
		*v = s.best;
	}
	v->tried = s.tried + 1;
	if (ret == -1 && badness(v) != 0) {
		v->text[0] = '\0';
		fault(v, &v->invalid, 0, "too many possible paths to a root "
		    "(bounds: 100 paths, 250 signatures, 50 ms)");
	}
}

static void
narrow(struct wad_x509_verdict *v, X509 *x)
{
	int64_t t;

	if (wad_x509_read_time(X509_get0_notBefore(x), &t) == 0 &&
	    t > v->valid_from)
		v->valid_from = t;
	if (wad_x509_read_time(X509_get0_notAfter(x), &t) == 0 &&
	    t < v->valid_until)
		v->valid_until = t;
}

/* The dates between which this verdict can stand. */
static void
validity(const struct wad_x509_ask *ask, struct wad_x509_verdict *v)
{
	v->valid_from = INT64_MIN;
	v->valid_until = INT64_MAX;
	narrow(v, ask->leaf);
	for (int i = 1; i < sk_X509_num(v->path); i++)
		narrow(v, sk_X509_value(v->path, i));
}

static void
check_name(const struct wad_x509_ask *ask, const GENERAL_NAMES *names,
    struct wad_x509_verdict *v)
{
	if (ask->name == NULL)
		return;
	if (!wad_x509_match_names(names, ask->name, NULL, 0))
		fault(v, &v->wrong_name, 0,
		    "the certificate is for another name");
	else if (!wad_x509_match_cn(ask->leaf, names))
		fault(v, &v->wrong_name, 0, "the certificate's common name "
		    "contradicts its alternative names");
}

void
wad_x509_verify(const struct wad_x509_ask *ask, struct wad_x509_verdict *v)
{
	GENERAL_NAMES	*names = X509_get_ext_d2i(ask->leaf,
			    NID_subject_alt_name, NULL, NULL);
	struct look	 l = { ask, names, v, NULL };
	const char	*what;

	memset(v, 0, sizeof(*v));
	if (sk_X509_num(ask->sent) > WAD_X509_SENT_MAX)
		fault(v, &v->invalid, 0, "more than 100 certificates sent");
	else if ((what = wad_x509_check_leaf(ask->leaf, names,
	    ask->use)) != NULL ||
	    (what = wad_x509_check_effort(ask, names)) != NULL)
		fault(v, &v->invalid, 0, what);
	else {
		v->tried = 1;
		look_at(&l, ask->store, ask->sent, NULL);
		if (badness(v) != 0)
			search(ask, names, v);
		check_name(ask, names, v);
	}
	validity(ask, v);
	v->good = badness(v) == 0;
	if (v->good)
		snprintf(v->text, sizeof(v->text), "good");
	GENERAL_NAMES_free(names);
	ERR_clear_error();
}

void
wad_x509_verify_clear(struct wad_x509_verdict *v)
{
	sk_X509_pop_free(v->path, X509_free);
	memset(v, 0, sizeof(*v));
}
