/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges OCSP responses and CRLs.  OpenSSL reads them; what makes one count
 * is written here, since its own verification trusts more than we do (any
 * root of a store may sign OCSP responses there, and times are left to the
 * caller).
 */
#include "x509/x509_revoke.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "x509/x509_read.h"

enum {
	SKEW = 300,		/* seconds that clocks may differ */
	NO_NEXT = 24 * 3600,	/* life of a response without nextUpdate */
	SINGLES_MAX = 256,	/* entries of a response that are looked at */
	CERTS_MAX = 16,		/* certificates that come along */
	NAMES_MAX = 64		/* names of a distribution point */
};

const char *const wad_x509_revoke_names[] = {
	[WAD_CERT_NONE] = "none", [WAD_CERT_GOOD] = "good",
	[WAD_CERT_REVOKED] = "revoked", [WAD_CERT_TIMEOUT] = "timeout",
	[WAD_CERT_FAILURE] = "failure",
};

/* Sets the status and why; always -1. */
static int __attribute__((format(printf, 3, 4)))
say(struct wad_x509_status *s, enum wad_cert_status status, const char *fmt,
    ...)
{
	va_list ap;

	s->status = status;
	va_start(ap, fmt);
	vsnprintf(s->text, sizeof(s->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* The digest that RSA-PSS names in its parameters; SHA-1 when it names none
 * (RFC 4055 section 3.1). */
static int
pss_digest(const X509_ALGOR *alg)
{
	const ASN1_OBJECT	*o;
	const void		*v;
	RSA_PSS_PARAMS		*pss = NULL;
	int			 type, md = NID_sha1;

	X509_ALGOR_get0(NULL, &type, &v, alg);
	if (type == V_ASN1_SEQUENCE)
		pss = ASN1_item_unpack(v, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
	if (pss != NULL && pss->hashAlgorithm != NULL) {
		X509_ALGOR_get0(&o, NULL, NULL, pss->hashAlgorithm);
		md = OBJ_obj2nid(o);
	}
	RSA_PSS_PARAMS_free(pss);
	return md;
}

/* MD5 and SHA-1 signatures can be forged.  Ed25519 and its like have no
 * digest of their own. */
static bool
weak(const X509_ALGOR *alg)
{
	const ASN1_OBJECT	*o;
	int			 md = NID_undef, key;

	X509_ALGOR_get0(&o, NULL, NULL, alg);
	if (!OBJ_find_sigid_algs(OBJ_obj2nid(o), &md, &key))
		return true;
	if (OBJ_obj2nid(o) == NID_rsassaPss)
		md = pss_digest(alg);
	switch (md) {
	case NID_md2: case NID_md4: case NID_md5: case NID_md5_sha1:
	case NID_mdc2: case NID_ripemd160: case NID_sha1:
		return true;
	default:
		return false;
	}
}

static const char *
reason_text(int reason)
{
	return reason >= 0 ? OCSP_crl_reason_str(reason) : "no reason given";
}

/* ---- OCSP ---------------------------------------------------------------- */

/* A signer that the issuer delegated: RFC 6960 section 4.2.2.2. */
static int
delegated(X509 *signer, X509 *issuer, int64_t now, struct wad_x509_status *s)
{
	int64_t from, to;

	if (weak(X509_get0_tbs_sigalg(signer)))
		return say(s, WAD_CERT_NONE, "the signer's certificate is "
		    "signed with a weak or unknown algorithm");
	if (X509_check_issued(issuer, signer) != X509_V_OK ||
	    X509_verify(signer, X509_get0_pubkey(issuer)) != 1)
		return say(s, WAD_CERT_NONE, "the response is signed by "
		    "somebody whom the issuer does not know");
	if ((X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) == 0 ||
	    (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) == 0)
		return say(s, WAD_CERT_NONE, "the signer's certificate is not "
		    "for OCSP signing");
	if ((X509_get_key_usage(signer) & (KU_DIGITAL_SIGNATURE |
	    KU_NON_REPUDIATION)) == 0)
		return say(s, WAD_CERT_NONE, "the signer's key is not for "
		    "signatures");
	if (X509_get_extension_flags(signer) & (EXFLAG_CRITICAL |
	    EXFLAG_INVALID))
		return say(s, WAD_CERT_NONE, "the signer's certificate has "
		    "extensions that are wrong or unknown");
	if (wad_x509_read_time(X509_get0_notBefore(signer), &from) == -1 ||
	    wad_x509_read_time(X509_get0_notAfter(signer), &to) == -1 ||
	    now + SKEW < from || now - SKEW > to)
		return say(s, WAD_CERT_NONE, "the signer's certificate is out "
		    "of date");
	return 0;
}

/* Does the responder's id name this certificate? */
static bool
is_responder(const OCSP_BASICRESP *b, X509 *x)
{
	const ASN1_OCTET_STRING	*hash;
	const X509_NAME		*name;
	unsigned char		 md[EVP_MAX_MD_SIZE];
	unsigned		 n;

	if (!OCSP_resp_get0_id(b, &hash, &name))
		return false;
	if (name != NULL)
		return X509_NAME_cmp(name, X509_get_subject_name(x)) == 0;
	return X509_pubkey_digest(x, EVP_sha1(), md, &n) == 1 &&
	    ASN1_STRING_length(hash) == (int)n &&
	    memcmp(ASN1_STRING_get0_data(hash), md, n) == 0;
}

static bool
signed_by(const OCSP_BASICRESP *b, X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	return key != NULL && ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA),
	    OCSP_resp_get0_tbs_sigalg(b), OCSP_resp_get0_signature(b),
	    OCSP_resp_get0_respdata(b), key) == 1;
}

static int
check_signer(const OCSP_BASICRESP *b, X509 *issuer, int64_t now,
    struct wad_x509_status *s)
{
	const STACK_OF(X509)	*certs = OCSP_resp_get0_certs(b);
	int			 n = sk_X509_num(certs);

	if (weak(OCSP_resp_get0_tbs_sigalg(b)))
		return say(s, WAD_CERT_NONE, "the response is signed with a "
		    "weak or unknown algorithm");
	/* An issuer that signs itself may well send its own certificate. */
	if (is_responder(b, issuer) && signed_by(b, issuer))
		return 0;
	say(s, WAD_CERT_NONE, "the response is not signed by the issuer, and "
	    "its signer did not come along");
	for (int i = 0; i < n && i < CERTS_MAX; i++) {
		X509 *x = sk_X509_value(certs, i);

		if (!is_responder(b, x))
			continue;
		if (!signed_by(b, x))
			say(s, WAD_CERT_NONE, "the signature of the response "
			    "is wrong");
		else if (delegated(x, issuer, now, s) == 0)
			return 0;
	}
	if (is_responder(b, issuer))
		say(s, WAD_CERT_NONE, "the signature of the response is "
		    "wrong");
	return -1;
}

/* Is this entry about the leaf?  The responder chooses the hash. */
static bool
entry_is_for(const OCSP_SINGLERESP *one, X509 *leaf, X509 *issuer)
{
	const OCSP_CERTID	*id = OCSP_SINGLERESP_get0_id(one);
	OCSP_CERTID		*copy, *own = NULL;
	ASN1_OBJECT		*alg;
	const EVP_MD		*md = NULL;
	bool			 same = false;

	copy = OCSP_CERTID_dup(id);
	if (copy != NULL && OCSP_id_get0_info(NULL, &alg, NULL, NULL, copy))
		switch (OBJ_obj2nid(alg)) {
		case NID_sha1: md = EVP_sha1(); break;
		case NID_sha256: md = EVP_sha256(); break;
		case NID_sha384: md = EVP_sha384(); break;
		case NID_sha512: md = EVP_sha512(); break;
		}
	if (md != NULL)
		own = OCSP_cert_to_id(md, leaf, issuer);
	if (own != NULL)
		same = OCSP_id_cmp(own, copy) == 0;
	OCSP_CERTID_free(own);
	OCSP_CERTID_free(copy);
	return same;
}

/* What one entry says about the certificate it is for. */
static void
judge_entry(OCSP_SINGLERESP *one, int64_t now, struct wad_x509_status *s)
{
	ASN1_GENERALIZEDTIME	*at, *this, *next;
	int			 reason = -1, status;
	int64_t			 t, until;

	status = OCSP_single_get0_status(one, &reason, &at, &this, &next);
	if (OCSP_SINGLERESP_get_ext_by_critical(one, 1, -1) >= 0) {
		say(s, WAD_CERT_NONE, "the response has an unknown critical "
		    "extension");
		return;
	}
	if (wad_x509_read_time(this, &t) == -1 ||
	    (next != NULL && wad_x509_read_time(next, &until) == -1)) {
		say(s, WAD_CERT_NONE, "the response has no readable time");
		return;
	}
	if (next == NULL)
		until = t + NO_NEXT;
	if (t > now + SKEW || until < t) {
		say(s, WAD_CERT_NONE, "the response is from the future");
		return;
	}
	if (until < now - SKEW) {
		say(s, WAD_CERT_NONE, "the response has expired");
		return;
	}
	s->until = until;
	if (status == V_OCSP_CERTSTATUS_GOOD)
		say(s, WAD_CERT_GOOD, "the responder says good");
	else if (status == V_OCSP_CERTSTATUS_REVOKED)
		say(s, WAD_CERT_REVOKED, "revoked, says the responder: %s",
		    reason_text(reason));
	else
		say(s, WAD_CERT_NONE, "the responder does not know the "
		    "certificate");
}

/* How bad: of two entries about one certificate the worse one counts. */
static int
rank(const struct wad_x509_status *s)
{
	return s->status == WAD_CERT_REVOKED ? 3 :
	    s->status == WAD_CERT_NONE && s->until != 0 ? 2 :
	    s->status == WAD_CERT_GOOD ? 1 : 0;
}

static void
judge_entries(OCSP_BASICRESP *b, X509 *leaf, X509 *issuer, int64_t now,
    struct wad_x509_status *s)
{
	bool	found = false;
	int	n = OCSP_resp_count(b);

	say(s, WAD_CERT_NONE, "the response is about another certificate");
	for (int i = 0; i < n && i < SINGLES_MAX; i++) {
		OCSP_SINGLERESP		*one = OCSP_resp_get0(b, i);
		struct wad_x509_status	 that = { .until = 0 };

		if (!entry_is_for(one, leaf, issuer))
			continue;
		judge_entry(one, now, &that);
		if (!found || rank(&that) > rank(s))
			*s = that;
		found = true;
	}
}

void
wad_x509_revoke_ocsp(const uint8_t *der, size_t len, X509 *leaf, X509 *issuer,
    int64_t now, struct wad_x509_status *s)
{
	const uint8_t	*p = der;
	OCSP_RESPONSE	*r = NULL;
	OCSP_BASICRESP	*b = NULL;
	int		 status;

	memset(s, 0, sizeof(*s));
	ERR_set_mark();
	if (len == 0 || len > WAD_STAPLE_MAX ||
	    (r = d2i_OCSP_RESPONSE(NULL, &p, (long)len)) == NULL ||
	    p != der + len) {
		say(s, WAD_CERT_NONE, "not an OCSP response");
		goto out;
	}
	status = OCSP_response_status(r);
	if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
		say(s, WAD_CERT_NONE, "the responder refused: %s",
		    OCSP_response_status_str(status));
		goto out;
	}
	b = OCSP_response_get1_basic(r);
	if (b == NULL) {
		say(s, WAD_CERT_NONE, "not a basic OCSP response");
		goto out;
	}
	if (X509_NAME_cmp(X509_get_issuer_name(leaf),
	    X509_get_subject_name(issuer)) != 0)
		say(s, WAD_CERT_NONE, "not the issuer of the certificate");
	else if (OCSP_BASICRESP_get_ext_by_critical(b, 1, -1) >= 0)
		say(s, WAD_CERT_NONE, "the response has an unknown critical "
		    "extension");
	else if (check_signer(b, issuer, now, s) == 0)
		judge_entries(b, leaf, issuer, now, s);
out:
	ERR_pop_to_mark();
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
}

/* ---- CRL ----------------------------------------------------------------- */

/* Critical extensions of a CRL and of its entries that we understand. */
static bool
known_critical(const X509_EXTENSION *e, bool entry)
{
	/* X509_EXTENSION_get_object does not change it. */
	union { const X509_EXTENSION *c; X509_EXTENSION *v; } u = { .c = e };

	switch (OBJ_obj2nid(X509_EXTENSION_get_object(u.v))) {
	case NID_crl_reason:
	case NID_invalidity_date:
		return entry;
	case NID_issuing_distribution_point:
	case NID_authority_key_identifier:
	case NID_crl_number:
		return !entry;
	default:
		return false;
	}
}

static bool
all_known(const STACK_OF(X509_EXTENSION) *list, bool entry)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(list); i++) {
		const X509_EXTENSION *e = sk_X509_EXTENSION_value(list, i);

		if (X509_EXTENSION_get_critical(e) && !known_critical(e, entry))
			return false;
	}
	return true;
}

bool
wad_x509_revoke_crl_from(X509_CRL *crl, X509 *issuer)
{
	return X509_NAME_cmp(X509_CRL_get_issuer(crl),
	    X509_get_subject_name(issuer)) == 0;
}

static int
crl_check(X509_CRL *crl, X509 *issuer, struct wad_x509_status *s)
{
	STACK_OF(X509_REVOKED)	*list = X509_CRL_get_REVOKED(crl);
	const X509_ALGOR	*alg;
	EVP_PKEY		*key = X509_get0_pubkey(issuer);

	X509_CRL_get0_signature(crl, NULL, &alg);
	if (!wad_x509_revoke_crl_from(crl, issuer))
		return say(s, WAD_CERT_NONE, "the CRL is of another issuer");
	/* ~0 without the extension: RFC 5280 section 6.3.3 (f). */
	if ((X509_get_key_usage(issuer) & KU_CRL_SIGN) == 0)
		return say(s, WAD_CERT_NONE, "the issuer's key is not for "
		    "signing CRLs");
	if (weak(alg))
		return say(s, WAD_CERT_NONE, "the CRL is signed with a weak or "
		    "unknown algorithm");
	if (!all_known(X509_CRL_get0_extensions(crl), false) ||
	    X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0)
		return say(s, WAD_CERT_NONE, "the CRL is a delta or has an "
		    "unknown critical extension");
	if (key == NULL || X509_CRL_verify(crl, key) != 1)
		return say(s, WAD_CERT_NONE, "the signature of the CRL is "
		    "wrong");
	for (int i = 0; i < sk_X509_REVOKED_num(list); i++)
		if (!all_known(X509_REVOKED_get0_extensions(
		    sk_X509_REVOKED_value(list, i)), true))
			return say(s, WAD_CERT_NONE, "the CRL has an entry "
			    "with an unknown critical extension");
	return 0;
}

int
wad_x509_revoke_crl_check(X509_CRL *crl, X509 *issuer,
    struct wad_x509_status *s)
{
	int rc;

	memset(s, 0, sizeof(*s));
	ERR_set_mark();
	rc = crl_check(crl, issuer, s);
	ERR_pop_to_mark();
	return rc;
}

/* Is one of the CRL's names the name of one of the certificate's points? */
static bool
same_name(const GENERAL_NAMES *ours, const GENERAL_NAMES *theirs)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(ours) && i < NAMES_MAX; i++)
		for (int k = 0; k < sk_GENERAL_NAME_num(theirs) &&
		    k < NAMES_MAX; k++)
			if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(ours, i),
			    sk_GENERAL_NAME_value(theirs, k)) == 0)
				return true;
	return false;
}

/* RFC 5280 section 6.3.3 (b) (2) (i): a CRL that is one part of several must
 * be the part that the certificate points at. */
static bool
points_at(X509 *cert, const DIST_POINT_NAME *part)
{
	CRL_DIST_POINTS	*points;
	bool		 found = false;

	if (part->type != 0)		/* relative names: nobody uses them */
		return false;
	points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL,
	    NULL);
	for (int i = 0; i < sk_DIST_POINT_num(points) && i < NAMES_MAX; i++) {
		const DIST_POINT *p = sk_DIST_POINT_value(points, i);

		if (p->CRLissuer == NULL && p->reasons == NULL &&
		    p->distpoint != NULL && p->distpoint->type == 0 &&
		    same_name(p->distpoint->name.fullname,
		    part->name.fullname))
			found = true;
	}
	CRL_DIST_POINTS_free(points);
	return found;
}

/* Does the CRL speak about this certificate, for all reasons?  0 or -1. */
static int
check_scope(X509_CRL *crl, X509 *cert, struct wad_x509_status *s)
{
	ISSUING_DIST_POINT	*idp;
	int			 crit;
	bool			 is_ca = X509_check_ca(cert) == 1, in;

	idp = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &crit,
	    NULL);
	if (idp == NULL)
		return crit == -1 ? 0 : say(s, WAD_CERT_NONE,
		    "the CRL's scope cannot be read");
	/* BOOLEANs are 0 when absent (DEFAULT FALSE). */
	in = idp->indirectCRL <= 0 && idp->onlyattr <= 0 &&
	    idp->onlysomereasons == NULL &&
	    (idp->onlyuser <= 0 || !is_ca) && (idp->onlyCA <= 0 || is_ca) &&
	    (idp->distpoint == NULL || points_at(cert, idp->distpoint));
	ISSUING_DIST_POINT_free(idp);
	return in ? 0 : say(s, WAD_CERT_NONE, "the CRL does not cover this "
	    "certificate");
}

static void
crl_find(X509_CRL *crl, X509 *cert, int64_t now, struct wad_x509_status *s)
{
	ASN1_ENUMERATED	*e;
	X509_REVOKED	*entry = NULL;
	int64_t		 from, until;
	int		 reason = -1;

	if (check_scope(crl, cert, s) == -1)
		return;
	if (wad_x509_read_time(X509_CRL_get0_lastUpdate(crl), &from) == -1 ||
	    wad_x509_read_time(X509_CRL_get0_nextUpdate(crl), &until) == -1) {
		say(s, WAD_CERT_NONE, "the CRL does not say until when it "
		    "counts");
		return;
	}
	if (from > now + SKEW || until < from) {
		say(s, WAD_CERT_NONE, "the CRL is from the future");
		return;
	}
	if (until < now - SKEW) {
		say(s, WAD_CERT_NONE, "the CRL has expired");
		return;
	}
	s->until = until;
	if (X509_CRL_get0_by_serial(crl, &entry,
	    X509_get0_serialNumber(cert)) == 0 || entry == NULL) {
		say(s, WAD_CERT_GOOD, "not in the issuer's CRL");
		return;
	}
	e = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
	if (e != NULL)
		reason = (int)ASN1_ENUMERATED_get(e);
	ASN1_ENUMERATED_free(e);
	say(s, WAD_CERT_REVOKED, "revoked, says the issuer's CRL: %s",
	    reason_text(reason));
}

void
wad_x509_revoke_crl_find(X509_CRL *crl, X509 *cert, int64_t now,
    struct wad_x509_status *s)
{
	memset(s, 0, sizeof(*s));
	ERR_set_mark();
	crl_find(crl, cert, now, s);
	ERR_pop_to_mark();
}

void
wad_x509_revoke_crl(X509_CRL *crl, X509 *cert, X509 *issuer, int64_t now,
    struct wad_x509_status *s)
{
	if (wad_x509_revoke_crl_check(crl, issuer, s) == -1)
		return;
	if (X509_NAME_cmp(X509_get_issuer_name(cert),
	    X509_get_subject_name(issuer)) != 0)
		say(s, WAD_CERT_NONE, "not the issuer of the certificate");
	else
		wad_x509_revoke_crl_find(crl, cert, now, s);
}

/* ---- must-staple --------------------------------------------------------- */

bool
wad_x509_revoke_must_staple(X509 *x)
{
	TLS_FEATURE	*list;
	bool		 must = false;

	ERR_set_mark();
	list = X509_get_ext_d2i(x, NID_tlsfeature, NULL, NULL);
	for (int i = 0; i < sk_ASN1_INTEGER_num(list); i++)
		if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(list, i)) ==
		    5 /* status_request */)
			must = true;
	TLS_FEATURE_free(list);
	ERR_pop_to_mark();
	return must;
}
