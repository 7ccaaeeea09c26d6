/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_revoke.c: OCSP responses and CRLs, right and wrong in every way that
 * one can be.  Certificates, responses and CRLs are made here with OpenSSL.
 */
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "x509/x509_revoke.h"
#include "suite.h"

#define NOW	((int64_t)1900000000)
#define DAY	86400L

enum who { CA, LEAF, OTHER, SUBCA, DELEGATE, NO_EKU, NO_KU, OLD, FOREIGN,
	STRANGER, TWIN, CRITICAL, NO_CRLSIGN, POINTED, CERTS };

static X509	*cert[CERTS];
static EVP_PKEY	*key[CERTS];

static void
extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION	*e;
	X509V3_CTX	 ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* from and to: days around NOW. */
static void
make(enum who me, const char *cn, enum who by, long serial, long from, long to,
    const char *bc, const char *ku, const char *eku)
{
	X509	*x = X509_new(), *issuer = by == me ? x : cert[by];
	time_t	 now = NOW;

	if (key[me] == NULL)
		key[me] = EVP_EC_gen("P-256");
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
	    MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	X509_time_adj_ex(X509_getm_notBefore(x), (int)from, 0, &now);
	X509_time_adj_ex(X509_getm_notAfter(x), (int)to, 0, &now);
	X509_set_pubkey(x, key[me]);
	if (bc != NULL)
		extend(x, issuer, NID_basic_constraints, bc);
	if (ku != NULL)
		extend(x, issuer, NID_key_usage, ku);
	if (eku != NULL)
		extend(x, issuer, NID_ext_key_usage, eku);
	if (me == CRITICAL)
		extend(x, issuer, NID_netscape_comment, "critical,hello");
	if (me == POINTED)
		extend(x, issuer, NID_crl_distribution_points,
		    "URI:http://crl.example/7.crl");
	ck_assert_int_gt(X509_sign(x, key[by], EVP_sha256()), 0);
	cert[me] = x;
}

static void
setup(void)
{
	static const char ca[] = "critical,CA:TRUE";
	static const char sign[] = "critical,keyCertSign,cRLSign";
	static const char ds[] = "critical,digitalSignature";

	make(CA, "Issuer", CA, 1, -100, 100, ca, sign, NULL);
	make(LEAF, "leaf.example", CA, 77, -1, 90, NULL, ds, "serverAuth");
	make(OTHER, "other.example", CA, 78, -1, 90, NULL, ds, "serverAuth");
	make(SUBCA, "Sub CA", CA, 79, -1, 90, ca, sign, NULL);
	make(DELEGATE, "OCSP", CA, 80, -1, 9, NULL, ds, "OCSPSigning");
	make(NO_EKU, "OCSP", CA, 81, -1, 9, NULL, ds, "serverAuth");
	make(NO_KU, "OCSP", CA, 82, -1, 9, NULL, "keyEncipherment",
	    "OCSPSigning");
	make(OLD, "OCSP", CA, 83, -9, -1, NULL, ds, "OCSPSigning");
	make(STRANGER, "Stranger", STRANGER, 1, -100, 100, ca, sign, NULL);
	make(FOREIGN, "OCSP", STRANGER, 84, -1, 9, NULL, ds, "OCSPSigning");
	make(TWIN, "Issuer", TWIN, 1, -100, 100, ca, sign, NULL);
	make(CRITICAL, "OCSP", CA, 85, -1, 9, NULL, ds, "OCSPSigning");
	make(POINTED, "part.example", CA, 86, -1, 90, NULL, ds, NULL);
	/* the same key and name as the issuer's, without cRLSign */
	key[NO_CRLSIGN] = key[CA];
	EVP_PKEY_up_ref(key[CA]);
	make(NO_CRLSIGN, "Issuer", NO_CRLSIGN, 1, -100, 100, ca,
	    "critical,keyCertSign", NULL);
}

static void
teardown(void)
{
	for (int i = 0; i < CERTS; i++) {
		X509_free(cert[i]);
		EVP_PKEY_free(key[i]);
		cert[i] = NULL;
		key[i] = NULL;
	}
}

/* ---- OCSP ---------------------------------------------------------------- */

enum { ALONE = 1, BY_KEY = 2, BY_SHA256 = 4, BROKEN = 8, WEAK = 16,
	TRAILING = 32, UNKNOWN_CRIT = 64 };

static const struct ocsp {
	const char	*what;
	enum who	 about, signer;
	int		 status;
	long		 this, next;	/* seconds from NOW; next 0: none */
	int		 how;
	enum wad_cert_status want;
	const char	*text;		/* part of it */
} ocsp[] = {
#define G V_OCSP_CERTSTATUS_GOOD
#define R V_OCSP_CERTSTATUS_REVOKED
#define U V_OCSP_CERTSTATUS_UNKNOWN
	{ "good", LEAF, CA, G, -60, DAY, 0, WAD_CERT_GOOD, "good" },
	{ "no certificate along", LEAF, CA, G, -60, DAY, ALONE, WAD_CERT_GOOD,
	    "good" },
	{ "responder named by key", LEAF, CA, G, -60, DAY, BY_KEY,
	    WAD_CERT_GOOD, "good" },
	{ "SHA-256 CertID", LEAF, CA, G, -60, DAY, BY_SHA256, WAD_CERT_GOOD,
	    "good" },
	{ "delegated", LEAF, DELEGATE, G, -60, DAY, 0, WAD_CERT_GOOD, "good" },
	{ "delegated, by key", LEAF, DELEGATE, G, -60, DAY, BY_KEY | BY_SHA256,
	    WAD_CERT_GOOD, "good" },
	{ "revoked", LEAF, CA, R, -60, DAY, 0, WAD_CERT_REVOKED,
	    "keyCompromise" },
	{ "revoked, delegated", LEAF, DELEGATE, R, -60, DAY, BY_SHA256,
	    WAD_CERT_REVOKED, "keyCompromise" },
	{ "clocks differ", LEAF, CA, G, 240, DAY, 0, WAD_CERT_GOOD, "good" },
	{ "just over", LEAF, CA, G, -DAY, -240, 0, WAD_CERT_GOOD, "good" },
	{ "no nextUpdate, fresh", LEAF, CA, G, -3600, 0, 0, WAD_CERT_GOOD,
	    "good" },
	{ "no nextUpdate, old", LEAF, CA, G, -2 * DAY, 0, 0, WAD_CERT_NONE,
	    "expired" },
	{ "unknown", LEAF, CA, U, -60, DAY, 0, WAD_CERT_NONE,
	    "does not know" },
	{ "expired", LEAF, CA, G, -9 * DAY, -DAY, 0, WAD_CERT_NONE,
	    "expired" },
	{ "expired, revoked", LEAF, CA, R, -9 * DAY, -DAY, 0, WAD_CERT_NONE,
	    "expired" },
	{ "from the future", LEAF, CA, G, DAY, 2 * DAY, 0, WAD_CERT_NONE,
	    "future" },
	{ "ends before it begins", LEAF, CA, G, -60, -120, 0, WAD_CERT_NONE,
	    "future" },
	{ "other certificate", OTHER, CA, G, -60, DAY, 0, WAD_CERT_NONE,
	    "another certificate" },
	{ "wrong signature", LEAF, CA, G, -60, DAY, BROKEN, WAD_CERT_NONE,
	    "signature" },
	{ "wrong signature, delegated", LEAF, DELEGATE, G, -60, DAY, BROKEN,
	    WAD_CERT_NONE, "signature" },
	{ "delegated without OCSPSigning", LEAF, NO_EKU, G, -60, DAY, 0,
	    WAD_CERT_NONE, "OCSP signing" },
	{ "delegated without a key for signatures", LEAF, NO_KU, G, -60, DAY,
	    0, WAD_CERT_NONE, "signatures" },
	{ "delegated, out of date", LEAF, OLD, G, -60, DAY, 0, WAD_CERT_NONE,
	    "out of date" },
	{ "delegated, unknown critical extension", LEAF, CRITICAL, G, -60,
	    DAY, 0, WAD_CERT_NONE, "extensions" },
	{ "delegated, alone", LEAF, DELEGATE, G, -60, DAY, ALONE,
	    WAD_CERT_NONE, "did not come along" },
	{ "another CA's delegate", LEAF, FOREIGN, G, -60, DAY, 0,
	    WAD_CERT_NONE, "does not know" },
	{ "another CA", LEAF, STRANGER, G, -60, DAY, 0, WAD_CERT_NONE,
	    "does not know" },
	{ "the issuer's name, another key", LEAF, TWIN, G, -60, DAY, 0,
	    WAD_CERT_NONE, "" },
	{ "the leaf signs for itself", LEAF, LEAF, G, -60, DAY, 0,
	    WAD_CERT_NONE, "OCSP signing" },
	{ "SHA-1 signature", LEAF, CA, G, -60, DAY, WEAK, WAD_CERT_NONE,
	    "weak" },
	{ "bytes behind it", LEAF, CA, G, -60, DAY, TRAILING, WAD_CERT_NONE,
	    "not an OCSP response" },
	{ "unknown critical extension", LEAF, CA, G, -60, DAY, UNKNOWN_CRIT,
	    WAD_CERT_NONE, "critical" },
};

static void
add_entry(OCSP_BASICRESP *b, enum who about, const EVP_MD *md, int status,
    long this, long next)
{
	ASN1_TIME	*t = ASN1_TIME_adj(NULL, NOW, 0, this);
	ASN1_TIME	*n = next != 0 ? ASN1_TIME_adj(NULL, NOW, 0, next) :
			    NULL;
	ASN1_TIME	*at = ASN1_TIME_adj(NULL, NOW, -3, 0);
	OCSP_CERTID	*id = OCSP_cert_to_id(md, cert[about], cert[CA]);

	ck_assert_ptr_nonnull(OCSP_basic_add1_status(b, id, status, status ==
	    R ? OCSP_REVOKED_STATUS_KEYCOMPROMISE : 0, at, t, n));
	ASN1_TIME_free(t);
	ASN1_TIME_free(n);
	ASN1_TIME_free(at);
	OCSP_CERTID_free(id);
}

static int
finish(OCSP_BASICRESP *b, enum who signer, int how, uint8_t **der)
{
	OCSP_RESPONSE	*r;
	int		 len;

	if (how & UNKNOWN_CRIT) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL,
		    NID_netscape_comment, "critical,hello");
		ck_assert_int_eq(OCSP_BASICRESP_add_ext(b, e, -1), 1);
		X509_EXTENSION_free(e);
	}
	ck_assert_int_eq(OCSP_basic_sign(b, cert[signer], key[signer],
	    how & WEAK ? EVP_sha1() : EVP_sha256(), NULL,
	    (how & ALONE ? OCSP_NOCERTS : 0) |
	    (how & BY_KEY ? OCSP_RESPID_KEY : 0)), 1);
	r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, b);
	*der = NULL;
	len = i2d_OCSP_RESPONSE(r, der);
	ck_assert_int_gt(len, 0);
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(b);
	return len;
}

/* Changes a byte of what is signed: a year of producedAt. */
static void
break_it(uint8_t *der, int len)
{
	for (int i = 0; i + 17 < len; i++)
		if (der[i] == V_ASN1_GENERALIZEDTIME && der[i + 1] == 15) {
			der[i + 15] ^= 1;	/* seconds */
			return;
		}
	ck_abort_msg("no time in it");
}

START_TEST(ocsp_response)
{
	const struct ocsp	*o = &ocsp[_i];
	struct wad_x509_status	 st;
	OCSP_BASICRESP		*b = OCSP_BASICRESP_new();
	uint8_t			*der;
	int			 len;

	add_entry(b, o->about, o->how & BY_SHA256 ? EVP_sha256() : EVP_sha1(),
	    o->status, o->this, o->next);
	len = finish(b, o->signer, o->how, &der);
	if (o->how & BROKEN)
		break_it(der, len);
	if (o->how & TRAILING) {
		der = OPENSSL_realloc(der, (size_t)len + 1);
		der[len++] = 0;
	}
	wad_x509_revoke_ocsp(der, (size_t)len, cert[LEAF], cert[CA], NOW, &st);
	ck_assert_msg(st.status == o->want && strstr(st.text, o->text) != NULL,
	    "%s: %s, %s", o->what, wad_x509_revoke_names[st.status], st.text);
	/* a time stands with what counts, and with a right "unknown" */
	ck_assert_msg((st.until != 0) == (o->want != WAD_CERT_NONE ||
	    o->status == U), "%s", o->what);
	if (o->want != WAD_CERT_NONE)
		ck_assert_int_eq(st.until, NOW + (o->next != 0 ? o->next :
		    o->this + DAY));
	OPENSSL_free(der);
}
END_TEST

/* Several entries: the right one is found, and the worse of two counts. */
START_TEST(ocsp_entries)
{
	struct wad_x509_status	 st;
	OCSP_BASICRESP		*b = OCSP_BASICRESP_new();
	uint8_t			*der;
	int			 len;

	add_entry(b, OTHER, EVP_sha1(), R, -60, DAY);
	add_entry(b, LEAF, EVP_sha1(), G, -60, DAY);
	add_entry(b, SUBCA, EVP_sha1(), R, -60, DAY);
	len = finish(b, CA, 0, &der);
	wad_x509_revoke_ocsp(der, (size_t)len, cert[LEAF], cert[CA], NOW, &st);
	ck_assert_int_eq(st.status, WAD_CERT_GOOD);
	wad_x509_revoke_ocsp(der, (size_t)len, cert[SUBCA], cert[CA], NOW,
	    &st);
	ck_assert_int_eq(st.status, WAD_CERT_REVOKED);
	/* not the issuer of that certificate */
	wad_x509_revoke_ocsp(der, (size_t)len, cert[LEAF], cert[STRANGER],
	    NOW, &st);
	ck_assert_int_eq(st.status, WAD_CERT_NONE);
	OPENSSL_free(der);

	b = OCSP_BASICRESP_new();
	add_entry(b, LEAF, EVP_sha1(), G, -60, DAY);
	add_entry(b, LEAF, EVP_sha256(), R, -60, DAY);
	len = finish(b, CA, 0, &der);
	wad_x509_revoke_ocsp(der, (size_t)len, cert[LEAF], cert[CA], NOW, &st);
	ck_assert_int_eq(st.status, WAD_CERT_REVOKED);
	OPENSSL_free(der);
}
END_TEST

START_TEST(ocsp_no_answer)
{
	static const uint8_t	 later[] = { 0x30, 3, 0x0a, 1, 3 };
	static const uint8_t	 junk[] = "<html>";
	struct wad_x509_status	 st;

	wad_x509_revoke_ocsp(later, sizeof(later), cert[LEAF], cert[CA], NOW,
	    &st);
	ck_assert_int_eq(st.status, WAD_CERT_NONE);
	ck_assert_ptr_nonnull(strstr(st.text, "trylater"));
	wad_x509_revoke_ocsp(junk, sizeof(junk), cert[LEAF], cert[CA], NOW,
	    &st);
	ck_assert_int_eq(st.status, WAD_CERT_NONE);
	wad_x509_revoke_ocsp(junk, 0, cert[LEAF], cert[CA], NOW, &st);
	ck_assert_int_eq(st.status, WAD_CERT_NONE);
}
END_TEST

/* ---- CRL ----------------------------------------------------------------- */

enum { DELTA = 1, CRIT_ENTRY = 2, C_BROKEN = 4, C_WEAK = 8, NO_NEXT = 16,
	CRIT_LIST = 32 };

static const struct crl {
	const char	*what;
	enum who	 about, issuer, signer;	/* issuer: as the caller says */
	enum who	 lists;		/* whom it revokes, CERTS: nobody */
	long		 this, next;
	const char	*idp;		/* issuingDistributionPoint */
	int		 how;
	enum wad_cert_status want;
	const char	*text;
} crls[] = {
	{ "not in it", LEAF, CA, CA, OTHER, -60, DAY, NULL, 0, WAD_CERT_GOOD,
	    "not in" },
	{ "an empty one", LEAF, CA, CA, CERTS, -60, DAY, NULL, 0,
	    WAD_CERT_GOOD, "not in" },
	{ "revoked", LEAF, CA, CA, LEAF, -60, DAY, NULL, 0, WAD_CERT_REVOKED,
	    "keyCompromise" },
	{ "a CA revoked", SUBCA, CA, CA, SUBCA, -60, DAY, NULL, 0,
	    WAD_CERT_REVOKED, "keyCompromise" },
	{ "expired", LEAF, CA, CA, LEAF, -9 * DAY, -DAY, NULL, 0,
	    WAD_CERT_NONE, "expired" },
	{ "just over", LEAF, CA, CA, LEAF, -DAY, -240, NULL, 0,
	    WAD_CERT_REVOKED, "" },
	{ "from the future", LEAF, CA, CA, OTHER, DAY, 2 * DAY, NULL, 0,
	    WAD_CERT_NONE, "future" },
	{ "no nextUpdate", LEAF, CA, CA, OTHER, -60, DAY, NULL, NO_NEXT,
	    WAD_CERT_NONE, "until when" },
	{ "another issuer's", LEAF, CA, STRANGER, LEAF, -60, DAY, NULL, 0,
	    WAD_CERT_NONE, "another issuer" },
	{ "the same name, another key", LEAF, CA, TWIN, LEAF, -60, DAY, NULL,
	    0, WAD_CERT_NONE, "signature" },
	{ "wrong signature", LEAF, CA, CA, LEAF, -60, DAY, NULL, C_BROKEN,
	    WAD_CERT_NONE, "signature" },
	{ "SHA-1", LEAF, CA, CA, LEAF, -60, DAY, NULL, C_WEAK, WAD_CERT_NONE,
	    "weak" },
	{ "the issuer may not sign CRLs", LEAF, NO_CRLSIGN, NO_CRLSIGN, LEAF,
	    -60, DAY, NULL, 0, WAD_CERT_NONE, "not for signing CRLs" },
	{ "delta", LEAF, CA, CA, OTHER, -60, DAY, NULL, DELTA, WAD_CERT_NONE,
	    "delta" },
	{ "unknown critical extension", LEAF, CA, CA, LEAF, -60, DAY, NULL,
	    CRIT_LIST, WAD_CERT_NONE, "critical" },
	{ "unknown critical extension of an entry", LEAF, CA, CA, OTHER, -60,
	    DAY, NULL, CRIT_ENTRY, WAD_CERT_NONE, "critical" },
	{ "indirect", LEAF, CA, CA, OTHER, -60, DAY,
	    "critical,indirectCRL:TRUE", 0, WAD_CERT_NONE, "cover" },
	{ "some reasons only", LEAF, CA, CA, OTHER, -60, DAY,
	    "critical,onlysomereasons:keyCompromise", 0, WAD_CERT_NONE,
	    "cover" },
	{ "attribute certificates only", LEAF, CA, CA, OTHER, -60, DAY,
	    "critical,onlyAA:TRUE", 0, WAD_CERT_NONE, "cover" },
	{ "CAs only, a leaf", LEAF, CA, CA, OTHER, -60, DAY,
	    "critical,onlyCA:TRUE", 0, WAD_CERT_NONE, "cover" },
	{ "CAs only, a CA", SUBCA, CA, CA, SUBCA, -60, DAY,
	    "critical,onlyCA:TRUE", 0, WAD_CERT_REVOKED, "" },
	{ "users only, a CA", SUBCA, CA, CA, OTHER, -60, DAY,
	    "critical,onlyuser:TRUE", 0, WAD_CERT_NONE, "cover" },
	{ "a part, a certificate that points nowhere", LEAF, CA, CA, LEAF,
	    -60, DAY, "critical,fullname:URI:http://crl.example/7.crl", 0,
	    WAD_CERT_NONE, "cover" },
	{ "another part", POINTED, CA, CA, POINTED, -60, DAY,
	    "critical,fullname:URI:http://crl.example/8.crl", 0,
	    WAD_CERT_NONE, "cover" },
	{ "the part that it points at", POINTED, CA, CA, POINTED, -60, DAY,
	    "critical,fullname:URI:http://crl.example/7.crl", 0,
	    WAD_CERT_REVOKED, "" },
	{ "the part, not in it", POINTED, CA, CA, LEAF, -60, DAY,
	    "critical,fullname:URI:http://crl.example/7.crl", 0,
	    WAD_CERT_GOOD, "" },
	{ "not the issuer of the certificate", LEAF, STRANGER, STRANGER, LEAF,
	    -60, DAY, NULL, 0, WAD_CERT_NONE, "not the issuer" },
};

/* A comment that nobody can process. */
static X509_EXTENSION *
strange(void)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL,
	    NID_netscape_comment, "critical,hello");

	ck_assert_ptr_nonnull(e);
	return e;
}

static void
list_one(X509_CRL *crl, enum who w, bool odd)
{
	X509_REVOKED	*r = X509_REVOKED_new();
	ASN1_TIME	*t = ASN1_TIME_adj(NULL, NOW, -3, 0);
	ASN1_ENUMERATED	*e = ASN1_ENUMERATED_new();
	X509_EXTENSION	*x;

	X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(cert[w]));
	X509_REVOKED_set_revocationDate(r, t);
	ASN1_ENUMERATED_set(e, CRL_REASON_KEY_COMPROMISE);
	X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, e, 0, 0);
	if (odd) {
		x = strange();
		X509_REVOKED_add_ext(r, x, -1);
		X509_EXTENSION_free(x);
	}
	X509_CRL_add0_revoked(crl, r);
	ASN1_TIME_free(t);
	ASN1_ENUMERATED_free(e);
}

static void
crl_ext(X509_CRL *crl, X509_EXTENSION *e)
{
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_CRL_add_ext(crl, e, -1), 1);
	X509_EXTENSION_free(e);
}

static X509_CRL *
crl_of(const struct crl *c)
{
	X509_CRL	*crl = X509_CRL_new(), *read;
	ASN1_TIME	*t = ASN1_TIME_adj(NULL, NOW, 0, c->this);
	ASN1_TIME	*n = ASN1_TIME_adj(NULL, NOW, 0, c->next);
	ASN1_INTEGER	*one = ASN1_INTEGER_new();
	CONF		*conf = NCONF_new(NULL);
	X509V3_CTX	 ctx;
	uint8_t		*der = NULL;
	const uint8_t	*p;
	int		 len;

	ck_assert_int_eq(X509_CRL_set_version(crl, 1), 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(cert[c->signer]));
	X509_CRL_set1_lastUpdate(crl, t);
	if ((c->how & NO_NEXT) == 0)
		X509_CRL_set1_nextUpdate(crl, n);
	if (c->lists != CERTS)
		list_one(crl, c->lists, c->how & CRIT_ENTRY);
	if (c->idp != NULL) {
		X509V3_set_ctx(&ctx, cert[c->signer], NULL, NULL, crl, 0);
		X509V3_set_nconf(&ctx, conf);
		crl_ext(crl, X509V3_EXT_conf_nid(NULL, &ctx,
		    NID_issuing_distribution_point, c->idp));
	}
	ASN1_INTEGER_set(one, 1);
	if (c->how & DELTA)
		X509_CRL_add1_ext_i2d(crl, NID_delta_crl, one, 1, 0);
	if (c->how & CRIT_LIST)
		crl_ext(crl, strange());
	X509_CRL_sort(crl);
	ck_assert_int_gt(X509_CRL_sign(crl, key[c->signer], c->how & C_WEAK ?
	    EVP_sha1() : EVP_sha256()), 0);
	len = i2d_X509_CRL(crl, &der);
	ck_assert_int_gt(len, 0);
	if (c->how & C_BROKEN)
		for (int i = 0; i + 14 < len; i++)
			if (der[i] == V_ASN1_UTCTIME && der[i + 1] == 13) {
				der[i + 13] ^= 1;
				break;
			}
	p = der;
	read = d2i_X509_CRL(NULL, &p, len);
	ck_assert_ptr_nonnull(read);
	OPENSSL_free(der);
	X509_CRL_free(crl);
	ASN1_TIME_free(t);
	ASN1_TIME_free(n);
	ASN1_INTEGER_free(one);
	NCONF_free(conf);
	return read;
}

START_TEST(crl_judged)
{
	const struct crl	*c = &crls[_i];
	struct wad_x509_status	 st;
	X509_CRL		*crl = crl_of(c);

	wad_x509_revoke_crl(crl, cert[c->about], cert[c->issuer], NOW, &st);
	ck_assert_msg(st.status == c->want && strstr(st.text, c->text) != NULL,
	    "%s: %s, %s", c->what, wad_x509_revoke_names[st.status], st.text);
	ck_assert_msg((st.until != 0) == (c->want != WAD_CERT_NONE), "%s",
	    c->what);
	X509_CRL_free(crl);
}
END_TEST

START_TEST(must_staple)
{
	X509 *x = X509_dup(cert[LEAF]);

	ck_assert(!wad_x509_revoke_must_staple(cert[LEAF]));
	extend(x, cert[CA], NID_tlsfeature, "status_request");
	ck_assert(wad_x509_revoke_must_staple(x));
	X509_free(x);
	x = X509_dup(cert[LEAF]);
	extend(x, cert[CA], NID_tlsfeature, "17");
	ck_assert(!wad_x509_revoke_must_staple(x));
	X509_free(x);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("x509_revoke");
	TCase	*t = tcase_create("revoke");

	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, ocsp_response, 0,
	    (int)(sizeof(ocsp) / sizeof(ocsp[0])));
	tcase_add_test(t, ocsp_entries);
	tcase_add_test(t, ocsp_no_answer);
	tcase_add_loop_test(t, crl_judged, 0,
	    (int)(sizeof(crls) / sizeof(crls[0])));
	tcase_add_test(t, must_staple);
	suite_add_tcase(s, t);
	return suite_run(s);
}
