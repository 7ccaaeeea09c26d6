/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules that X509_verify_cert leaves out.  Format rules are for what a
 * peer sent; a trusted root is its administrator's choice, of which only the
 * key and what makes it ambiguous are looked at: roots without key usage, key
 * identifier or with serial 0 are in every system's bundle.
 */
#include "x509/x509_check.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <string.h>
#include <strings.h>

#include "x509/x509_der.h"
#include "x509/x509_read.h"

/* RFC 5280 section 4.1.2.2: up to 20 octets. */
/* A million takes about 10 ms; X509_verify_cert's own bound is for each pair
 * of certificates, and a path of ten has 45. */
enum { COMPARISONS_MAX = 1 << 20 };
enum { RSA_BITS_MAX = 8192, RSA_E_BITS_MAX = 64, EC_BITS_MAX = 521,
	DSA_BITS_MAX = 3072 };
enum { SERIAL_OCTETS_MAX = 20, EXTENSIONS_MAX = 64, RSA_E_MIN = 65537 };

static bool
has(X509 *x, int nid)
{
	return X509_get_ext_by_NID(x, nid, -1) >= 0;
}

static bool
critical(X509 *x, int nid)
{
	int at = X509_get_ext_by_NID(x, nid, -1);

	return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x, at));
}

/* What is signed, and the extensions that every reader decodes (2.5.29.*).
 * The outermost frame is not signed and not kept by OpenSSL. */
static const char *
der_fault(X509 *x)
{
	unsigned char	*der = NULL;
	int		 len = i2d_X509(x, &der);
	bool		 ok = len > 0 && wad_x509_der_ok(der, (size_t)len);

	OPENSSL_free(der);
	for (int i = 0; i < X509_get_ext_count(x) && ok; i++) {
		X509_EXTENSION		*e = X509_get_ext(x, i);
		const ASN1_OBJECT	*id = X509_EXTENSION_get_object(e);
		const ASN1_OCTET_STRING	*v = X509_EXTENSION_get_data(e);

		if (OBJ_length(id) == 3 && memcmp(OBJ_get0_data(id),
		    "\x55\x1d", 2) == 0)
			ok = wad_x509_der_ok(ASN1_STRING_get0_data(v),
			    (size_t)ASN1_STRING_length(v));
	}
	return ok ? NULL : "the certificate is not in DER";
}

/* RFC 5280 section 4.1.2.5: UTCTime until 2049, seconds and Z in both. */
static bool
time_ok(const ASN1_TIME *t)
{
	const char	*s = (const char *)ASN1_STRING_get0_data(t);
	size_t		 len = (size_t)ASN1_STRING_length(t);
	bool		 utc = ASN1_STRING_type(t) == V_ASN1_UTCTIME;

	return len == (utc ? 13u : 15u) && s[len - 1] == 'Z' &&
	    (utc || memcmp(s, "2050", 4) >= 0);
}

/* BR section 6.1.6: odd and at least 2^16 + 1. */
static const char *
rsa_fault(EVP_PKEY *key, bool anchor)
{
	BIGNUM	*e = NULL;
	bool	 small;

	if (EVP_PKEY_get_bits(key) % 8 != 0)
		return "the RSA key's length is not a multiple of 8 bits";
	if (anchor)	/* Mozilla's list has exponents 3 and 43147 */
		return NULL;
	small = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1 ||
	    !BN_is_odd(e) ||
	    (BN_num_bits(e) < 32 && BN_get_word(e) < RSA_E_MIN);
	BN_free(e);
	return small ? "the RSA key's exponent is smaller than 65537" : NULL;
}

/* Sizes of keys are X509_verify_cert's (security level 2). */
static const char *
key_fault(X509 *x, bool anchor)
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	switch (key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		return rsa_fault(key, anchor);
	case EVP_PKEY_EC:
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		return NULL;
	case EVP_PKEY_NONE:
		return "the public key cannot be read";
	case EVP_PKEY_DSA:
		return "a DSA key is not allowed";
	default:
		return "a key of this type is not allowed";
	}
}

static const char *
serial_fault(X509 *x)
{
	const ASN1_INTEGER	*s = X509_get0_serialNumber(x);
	const unsigned char	*p = ASN1_STRING_get0_data(s);
	int			 len = ASN1_STRING_length(s);

	if ((ASN1_STRING_type(s) & V_ASN1_NEG) != 0)
		return "the serial number is negative";
	if (len == 0 || (len == 1 && p[0] == 0))
		return "the serial number is zero";
	/* a first bit of 1 takes one more octet in DER */
	if (len + (p[0] >> 7) > SERIAL_OCTETS_MAX)
		return "the serial number is longer than 20 octets";
	return NULL;
}

/* RFC 5280 section 4.2: no extension twice. */
static const char *
twice_fault(X509 *x)
{
	int n = X509_get_ext_count(x);

	if (n > EXTENSIONS_MAX)
		return "more than 64 extensions";
	for (int i = 1; i < n; i++)
		for (int k = 0; k < i; k++)
			if (OBJ_cmp(X509_EXTENSION_get_object(X509_get_ext(x,
			    i)), X509_EXTENSION_get_object(X509_get_ext(x,
			    k))) == 0)
				return "an extension is there twice";
	return NULL;
}

/* RFC 5280 section 4.2.1.1, and what names itself names itself rightly. */
static const char *
aki_fault(X509 *x)
{
	const ASN1_OCTET_STRING	*keyid = X509_get0_authority_key_id(x);
	const ASN1_INTEGER	*serial = X509_get0_authority_serial(x);
	const GENERAL_NAMES	*issuer = X509_get0_authority_issuer(x);

	if (!has(x, NID_authority_key_identifier))
		return NULL;
	if ((serial == NULL) != (issuer == NULL))
		return "the authority key identifier is half a name";
	if (keyid == NULL && serial == NULL)
		return "the authority key identifier is empty";
	if ((X509_get_extension_flags(x) & EXFLAG_SI) == 0)
		return NULL;
	switch (X509_check_issued(x, x)) {
	case X509_V_ERR_AKID_SKID_MISMATCH:
	case X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH:
		/* right when an old key of the same name did sign it */
		return X509_verify(x, X509_get0_pubkey(x)) == 1 ?
		    "a self-signed certificate names another issuer" : NULL;
	default:
		return NULL;
	}
}

/* A certificate in its own right, at any place. */
static const char *
common_fault(X509 *x, bool anchor)
{
	const ASN1_BIT_STRING	*issuer_uid, *subject_uid;
	const char		*fault;

	if (X509_check_purpose(x, -1, 0) != 1)	/* decodes the extensions */
		return "an extension cannot be read";
	if ((fault = key_fault(x, anchor)) != NULL ||
	    (fault = twice_fault(x)) != NULL ||
	    (fault = aki_fault(x)) != NULL)
		return fault;
	if (anchor)
		return NULL;
	if (X509_get_version(x) != X509_VERSION_3)
		return "the certificate is not of version 3";
	if (!time_ok(X509_get0_notBefore(x)) ||
	    !time_ok(X509_get0_notAfter(x)))
		return "the dates are not in the form of RFC 5280";
	X509_get0_uids(x, &issuer_uid, &subject_uid);
	if (issuer_uid != NULL || subject_uid != NULL)
		return "the certificate has unique identifiers";
	if (has(x, NID_policy_constraints) && !critical(x,
	    NID_policy_constraints))
		return "the policy constraints are not critical";
	if ((fault = serial_fault(x)) != NULL)
		return fault;
	return der_fault(x);
}

/* BR section 7.1.2.7.6; RFC 5280 section 4.2.1.12. */
static const char *
eku_fault(X509 *x)
{
	uint32_t usage = X509_get_extended_key_usage(x);

	if (!has(x, NID_ext_key_usage))
		return NULL;
	if ((usage & XKU_ANYEKU) != 0)
		return "the extended key usage allows everything";
	if (critical(x, NID_ext_key_usage))
		return "the extended key usage is critical";
	return NULL;
}

/* The "server gated crypto" usages of the 1990s, which X509_verify_cert takes
 * for serverAuth. */
static bool
gated_only(X509 *x)
{
	return has(x, NID_ext_key_usage) && (X509_get_extended_key_usage(x) &
	    (XKU_SGC | XKU_SSL_SERVER | XKU_ANYEKU)) == XKU_SGC;
}

/* What no name may hold, whether it matches or not. */
static const char *
san_fault(X509 *x, const GENERAL_NAMES *names)
{
	if (names == NULL)
		return has(x, NID_subject_alt_name) ?
		    "the alternative names cannot be read" : NULL;
	if (critical(x, NID_subject_alt_name) &&
	    X509_NAME_entry_count(X509_get_subject_name(x)) > 0)
		return "the alternative names are critical beside a subject";
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if ((g->type == GEN_DNS || g->type == GEN_URI ||
		    g->type == GEN_EMAIL) && memchr(ASN1_STRING_get0_data(
		    g->d.ia5), '\0', (size_t)ASN1_STRING_length(g->d.ia5)) !=
		    NULL)
			return "an alternative name has a NUL in it";
	}
	return NULL;
}

/* RFC 5280 section 4.2.2.1: one description or more. */
static const char *
aia_fault(X509 *x)
{
	AUTHORITY_INFO_ACCESS	*aia;
	int			 crit, n;

	aia = X509_get_ext_d2i(x, NID_info_access, &crit, NULL);
	n = sk_ACCESS_DESCRIPTION_num(aia);
	AUTHORITY_INFO_ACCESS_free(aia);
	return crit != -1 && n <= 0 ?
	    "the authority information access cannot be read" : NULL;
}

const char *
wad_x509_check_leaf(X509 *x, const GENERAL_NAMES *names, enum wad_x509_use use)
{
	uint32_t	 flags;
	const char	*fault;

	if ((fault = common_fault(x, false)) == NULL &&
	    (fault = san_fault(x, names)) == NULL &&
	    (fault = aia_fault(x)) == NULL && use == WAD_X509_SERVER)
		fault = eku_fault(x);
	if (fault == NULL && use == WAD_X509_SERVER && gated_only(x))
		fault = "the extended key usage is not for servers";
	flags = X509_get_extension_flags(x);
	if (fault == NULL && has(x, NID_name_constraints))
		fault = "name constraints in a certificate that is no CA's";
	if (fault == NULL && (flags & EXFLAG_CA) != 0 &&
	    (X509_get_key_usage(x) & KU_KEY_CERT_SIGN) == 0)
		fault = "a CA certificate whose key must not sign any";
	ERR_clear_error();
	return fault;
}

/* "*.d" in a certificate stands for each x.d, so for every excluded one. */
static bool
wildcard_hits(const char *san, const ASN1_STRING *base)
{
	const char	*b = (const char *)ASN1_STRING_get0_data(base);
	size_t		 len = (size_t)ASN1_STRING_length(base),
			 rest = strlen(san) - 1;

	return len > rest && strncasecmp(b + len - rest, san + 1, rest) == 0 &&
	    memchr(b, '.', len - rest) == NULL;
}

static const char *
excluded_fault(const NAME_CONSTRAINTS *nc, const char *san)
{
	for (int i = 0; i < sk_GENERAL_SUBTREE_num(nc->excludedSubtrees);
	    i++) {
		const GENERAL_NAME *g = sk_GENERAL_SUBTREE_value(
		    nc->excludedSubtrees, i)->base;

		if (g->type == GEN_DNS && wildcard_hits(san, g->d.dNSName))
			return "a wildcard name covers one that name "
			    "constraints exclude";
	}
	return NULL;
}

/* A host name, or nothing: RFC 5280 section 4.2.1.10 knows no final and no
 * leading dot, no wildcard. */
static const char *
base_fault(const GENERAL_NAME *g)
{
	char	canon[WAD_HOST_MAX];
	int	len;

	if (g->type != GEN_DNS || (len = ASN1_STRING_length(g->d.dNSName)) ==
	    0)
		return NULL;
	return wad_str_host_canon(canon, (const char *)ASN1_STRING_get0_data(
	    g->d.dNSName), (size_t)len) == -1 ?
	    "a name constraint is no host name" : NULL;
}

static const char *
bases_fault(STACK_OF(GENERAL_SUBTREE) *list)
{
	const char *fault = NULL;

	for (int i = 0; i < sk_GENERAL_SUBTREE_num(list) && fault == NULL; i++)
		fault = base_fault(sk_GENERAL_SUBTREE_value(list, i)->base);
	return fault;
}

/* The leaf's names under one CA's constraints: what cannot be judged is not
 * allowed.  X509_verify_cert has compared the plain names. */
static bool
legal_email(const ASN1_STRING *s)
{
	const char	*p = (const char *)ASN1_STRING_get0_data(s), *at;
	size_t		 len = (size_t)ASN1_STRING_length(s);

	at = memchr(p, '@', len);
	return at != NULL && at > p && at + 1 < p + len &&
	    memchr(at + 1, '@', len - (size_t)(at + 1 - p)) == NULL;
}

static const char *
names_fault(const NAME_CONSTRAINTS *nc, const GENERAL_NAMES *names)
{
	const char	*fault = NULL;
	char		 san[WAD_HOST_MAX];

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && fault == NULL;
	    i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if (g->type == GEN_EMAIL ? !legal_email(g->d.rfc822Name) :
		    (g->type == GEN_DNS || g->type == GEN_IPADD) &&
		    wad_x509_read_san(g, san) == -1)
			fault = "an illegal name below a CA with name "
			    "constraints";
		else if (g->type == GEN_DNS && strncmp(san, "*.", 2) == 0)
			fault = excluded_fault(nc, san);
	}
	return fault;
}

static const char *
constraints_fault(X509 *ca, const GENERAL_NAMES *names)
{
	NAME_CONSTRAINTS	*nc;
	const char		*fault;

	if (!has(ca, NID_name_constraints))
		return NULL;
	nc = X509_get_ext_d2i(ca, NID_name_constraints, NULL, NULL);
	if (nc == NULL)
		return "the name constraints cannot be read";
	if (sk_GENERAL_SUBTREE_num(nc->permittedSubtrees) <= 0 &&
	    sk_GENERAL_SUBTREE_num(nc->excludedSubtrees) <= 0)
		fault = "the name constraints are empty";
	else if ((fault = bases_fault(nc->permittedSubtrees)) == NULL &&
	    (fault = bases_fault(nc->excludedSubtrees)) == NULL)
		fault = names_fault(nc, names);
	NAME_CONSTRAINTS_free(nc);
	return fault;
}

static int
constraints_count(X509 *x)
{
	NAME_CONSTRAINTS	*nc;
	int			 n = 0;

	if (!has(x, NID_name_constraints))
		return 0;
	nc = X509_get_ext_d2i(x, NID_name_constraints, NULL, NULL);
	if (nc != NULL) {
		/* no list is -1 long */
		n = sk_GENERAL_SUBTREE_num(nc->permittedSubtrees) +
		    sk_GENERAL_SUBTREE_num(nc->excludedSubtrees) + 2;
		NAME_CONSTRAINTS_free(nc);
	}
	return n;
}

/* Far more than any CA uses, so that it is only there to keep us busy. */
static bool
costly(X509 *x)
{
	EVP_PKEY	*key = X509_get0_pubkey(x);
	int		 bits = key == NULL ? 0 : EVP_PKEY_get_bits(key);
	BIGNUM		*e = NULL;
	bool		 long_e;

	switch (key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_NONE:
		return false;
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		long_e = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E,
		    &e) == 1 && BN_num_bits(e) > RSA_E_BITS_MAX;
		BN_free(e);
		return bits > RSA_BITS_MAX || long_e;
	case EVP_PKEY_EC:
		return bits > EC_BITS_MAX;
	default:
		return bits > DSA_BITS_MAX;
	}
}

static int
names_count(X509 *x)
{
	GENERAL_NAMES	*names = X509_get_ext_d2i(x, NID_subject_alt_name,
			    NULL, NULL);
	int		 n = sk_GENERAL_NAME_num(names) + 1 +
			    X509_NAME_entry_count(X509_get_subject_name(x));

	GENERAL_NAMES_free(names);
	return n;
}

const char *
wad_x509_check_effort(const struct wad_x509_ask *ask,
    const GENERAL_NAMES *leaf_names)
{
	STACK_OF(X509) *const bags[] = { ask->sent, ask->helpers };
	int64_t	constraints = 0, names = sk_GENERAL_NAME_num(leaf_names) + 1 +
		    X509_NAME_entry_count(X509_get_subject_name(ask->leaf));

	for (size_t b = 0; b < 2; b++)
		for (int i = 0; i < sk_X509_num(bags[b]); i++) {
			X509 *x = sk_X509_value(bags[b], i);

			if (costly(x))
				return "a CA key is larger than any that is in "
				    "use";
			constraints += constraints_count(x);
		}
	for (size_t b = 0; b < 2 && constraints > 0; b++)
		for (int i = 0; i < sk_X509_num(bags[b]); i++)
			names += names_count(sk_X509_value(bags[b], i));
	ERR_clear_error();
	return names * constraints > COMPARISONS_MAX ?
	    "too many names under too many name constraints" : NULL;
}

const char *
wad_x509_check_path(STACK_OF(X509) *path, const GENERAL_NAMES *names,
    bool trusted, unsigned depth_max, enum wad_x509_use use, int *depth)
{
	int		 last = sk_X509_num(path) - 1;
	unsigned	 intermediates = 0;
	const char	*fault = NULL;

	for (int i = 1; i <= last && fault == NULL; i++) {
		X509	*x = sk_X509_value(path, i);
		bool	 anchor = trusted && i == last;

		*depth = i;
		if (i < last && (X509_get_extension_flags(x) & EXFLAG_SI) == 0)
			intermediates++;
		if ((fault = common_fault(x, anchor)) == NULL &&
		    intermediates > depth_max)
			fault = "the chain has too many intermediates";
		if (fault == NULL && use == WAD_X509_SERVER && gated_only(x))
			fault = "the extended key usage is not for servers";
		if (fault == NULL)
			fault = constraints_fault(x, names);
	}
	ERR_clear_error();
	return fault;
}
