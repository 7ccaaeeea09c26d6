/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What zlint asks of a server certificate, asked of the forged ones.  A rule
 * bears the name that zlint gives it (own_: ours, of the STIP module or RFC
 * 5280); what only public CAs must have (policies, AIA, CRL, CT) is left out.
 * Each rule holds for every certificate that is made here, and is broken by
 * one that is made wrong on purpose: a rule that nothing can break says
 * nothing.
 */
#include <check.h>

#include <idn2.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xmem.h"
#include "x509/x509_build.h"
#include "x509/x509_read.h"
#include "suite.h"

#define DAY	86400L
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static X509	*ca;			/* that signs now */
static EVP_PKEY	*ca_key;

/* ---- looking at a certificate */

static int64_t
when(const ASN1_TIME *t)
{
	int64_t s = 0;

	return wad_x509_read_time(t, &s) == 0 ? s : -1;
}

static X509_EXTENSION *
ext(const X509 *x, int nid)
{
	int at = X509_get_ext_by_NID(x, nid, -1);

	return at < 0 ? NULL : X509_get_ext(x, at);
}

static bool
critical(const X509 *x, int nid)
{
	return ext(x, nid) != NULL && X509_EXTENSION_get_critical(ext(x, nid));
}

static bool
no_subject(const X509 *x)
{
	return X509_NAME_entry_count(X509_get_subject_name(x)) == 0;
}

/* Does f hold for every alternative name? */
static bool
each_name(X509 *x, bool (*f)(const GENERAL_NAME *))
{
	GENERAL_NAMES	*names = X509_get_ext_d2i(x, NID_subject_alt_name,
	    NULL, NULL);
	bool		 ok = names != NULL;

	for (int i = 0; ok && i < sk_GENERAL_NAME_num(names); i++)
		ok = f(sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	return ok;
}

/* For every dNSName, as text that may hold anything but its end. */
static bool	(*dns_rule)(const char *, size_t);

static bool
dns_of(const GENERAL_NAME *g)
{
	return g->type != GEN_DNS || dns_rule(
	    (const char *)ASN1_STRING_get0_data(g->d.dNSName),
	    (size_t)ASN1_STRING_length(g->d.dNSName));
}

static bool
each_dns(X509 *x, bool (*f)(const char *, size_t))
{
	dns_rule = f;
	return each_name(x, dns_of);
}

/* For every label of a name; a wildcard label is left out. */
static bool
each_label(const char *s, size_t len, bool (*f)(const char *, size_t))
{
	const char *end = s + len, *dot;

	for (;; s = dot + 1) {
		dot = memchr(s, '.', (size_t)(end - s));
		if (!(dot - s == 1 && *s == '*') &&
		    !f(s, (size_t)((dot != NULL ? dot : end) - s)))
			return false;
		if (dot == NULL)
			return true;
	}
}

static int
common_name(X509 *x, char *dst, int size)
{
	return X509_NAME_get_text_by_NID(X509_get_subject_name(x),
	    NID_commonName, dst, size);
}

static EVP_PKEY *
rsa_of(X509 *x)
{
	EVP_PKEY *k = X509_get0_pubkey(x);

	return k != NULL && EVP_PKEY_get_base_id(k) == EVP_PKEY_RSA ? k : NULL;
}

/* ---- the rules */

static bool
version_3(X509 *x)
{
	return X509_get_version(x) == X509_VERSION_3;
}

static bool
no_uids(X509 *x)
{
	const ASN1_BIT_STRING *a, *b;

	X509_get0_uids(x, &a, &b);
	return a == NULL && b == NULL;
}

static bool
serial_length(X509 *x)
{
	return i2d_ASN1_INTEGER(X509_get_serialNumber(x), NULL) - 2 <= 20;
}

static bool
serial_positive(X509 *x)
{
	BIGNUM	*n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	bool	 ok = n != NULL && !BN_is_negative(n) && !BN_is_zero(n);

	BN_free(n);
	return ok;
}

static bool
serial_entropy(X509 *x)
{
	return ASN1_STRING_length(X509_get0_serialNumber(x)) >= 8;
}

static bool
issuer_present(X509 *x)
{
	return X509_NAME_entry_count(X509_get_issuer_name(x)) > 0;
}

static bool
issuer_is_ca(X509 *x)
{
	return X509_NAME_cmp(X509_get_issuer_name(x),
	    X509_get_subject_name(ca)) == 0;
}

static bool
same_algorithms(X509 *x)
{
	const X509_ALGOR *alg;

	X509_get0_signature(NULL, &alg, x);
	return X509_ALGOR_cmp(alg, X509_get0_tbs_sigalg(x)) == 0;
}

static bool
no_sha1(X509 *x)
{
	int md = NID_undef;

	return OBJ_find_sigid_algs(X509_get_signature_nid(x), &md, NULL) == 1 &&
	    md != NID_sha1 && md != NID_md5;
}

static bool
signed_by_ca(X509 *x)
{
	bool ok = X509_verify(x, X509_get0_pubkey(ca)) == 1;

	ERR_clear_error();
	return ok;
}

static bool
zulu(const ASN1_TIME *t)
{
	return ASN1_STRING_length(t) > 0 && ASN1_STRING_get0_data(t)[
	    ASN1_STRING_length(t) - 1] == 'Z';
}

static bool
times_zulu(X509 *x)
{
	return zulu(X509_get0_notBefore(x)) && zulu(X509_get0_notAfter(x));
}

static bool
has_seconds(const ASN1_TIME *t)
{
	return ASN1_STRING_length(t) ==
	    (ASN1_STRING_type(t) == V_ASN1_UTCTIME ? 13 : 15);
}

static bool
times_with_seconds(X509 *x)
{
	return has_seconds(X509_get0_notBefore(x)) &&
	    has_seconds(X509_get0_notAfter(x));
}

/* RFC 5280 section 4.1.2.5: UTCTime through 2049. */
static bool
right_form(const ASN1_TIME *t)
{
	return (ASN1_STRING_type(t) == V_ASN1_UTCTIME) ==
	    (when(t) < 2524608000);
}

static bool
times_form(X509 *x)
{
	return right_form(X509_get0_notBefore(x)) &&
	    right_form(X509_get0_notAfter(x));
}

static bool
validity_positive(X509 *x)
{
	return when(X509_get0_notBefore(x)) < when(X509_get0_notAfter(x));
}

static bool
validity_398(X509 *x)
{
	return when(X509_get0_notAfter(x)) - when(X509_get0_notBefore(x)) <=
	    398 * DAY;
}

static bool
validity_inside_ca(X509 *x)
{
	return when(X509_get0_notBefore(x)) >= when(X509_get0_notBefore(ca)) &&
	    when(X509_get0_notAfter(x)) <= when(X509_get0_notAfter(ca));
}

static bool
aki_present(X509 *x)
{
	return ext(x, NID_authority_key_identifier) != NULL;
}

static bool
aki_keyid(X509 *x)
{
	return X509_get0_authority_key_id(x) != NULL;
}

static bool
aki_is_ski_of_ca(X509 *x)
{
	const ASN1_OCTET_STRING *a = X509_get0_authority_key_id(x),
	    *b = X509_get0_subject_key_id(ca);

	return b == NULL || (a != NULL && ASN1_STRING_cmp(a, b) == 0);
}

static bool
aki_not_critical(X509 *x)
{
	return !critical(x, NID_authority_key_identifier);
}

static bool
ski_present(X509 *x)
{
	return X509_get0_subject_key_id(x) != NULL;
}

static bool
ski_not_critical(X509 *x)
{
	return !critical(x, NID_subject_key_identifier);
}

static bool
ku_present_critical(X509 *x)
{
	return critical(x, NID_key_usage);
}

static bool
ku_has_bits(X509 *x)
{
	return ext(x, NID_key_usage) == NULL || X509_get_key_usage(x) != 0;
}

static bool
ku_no_cert_sign(X509 *x)
{
	return (X509_get_key_usage(x) & KU_KEY_CERT_SIGN) == 0;
}

static bool
ku_no_crl_sign(X509 *x)
{
	return (X509_get_key_usage(x) & KU_CRL_SIGN) == 0;
}

/* The last octet has a bit set, and says how many it does not use. */
static bool
ku_encoding(X509 *x)
{
	const ASN1_OCTET_STRING	*v = ext(x, NID_key_usage) == NULL ? NULL :
	    X509_EXTENSION_get_data(ext(x, NID_key_usage));
	const uint8_t		*p = v == NULL ? NULL :
	    ASN1_STRING_get0_data(v);
	int			 n = v == NULL ? 0 : ASN1_STRING_length(v);

	return n >= 4 && n <= 5 && p[0] == V_ASN1_BIT_STRING &&
	    p[1] == n - 2 && p[2] < 8 && p[n - 1] != 0 &&
	    (p[n - 1] & ((1 << p[2]) - 1)) == 0 &&
	    (p[n - 1] >> p[2] & 1) == 1;
}

static bool
ku_of_ec(X509 *x)
{
	return rsa_of(x) != NULL || (X509_get_key_usage(x) &
	    ~(uint32_t)(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION |
	    KU_KEY_AGREEMENT)) == 0;
}

static bool
ku_of_rsa(X509 *x)
{
	return rsa_of(x) == NULL || (X509_get_key_usage(x) &
	    ~(uint32_t)(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION |
	    KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT)) == 0;
}

/* Signing only: we offer no suite that encrypts with the key. */
static bool
ku_exact(X509 *x)
{
	return X509_get_key_usage(x) == KU_DIGITAL_SIGNATURE;
}

static bool
eku_present(X509 *x)
{
	return ext(x, NID_ext_key_usage) != NULL;
}

static bool
eku_server(X509 *x)
{
	return ext(x, NID_ext_key_usage) != NULL &&
	    (X509_get_extended_key_usage(x) & XKU_SSL_SERVER) != 0;
}

static bool
eku_no_more(X509 *x)
{
	return ext(x, NID_ext_key_usage) == NULL ||
	    (X509_get_extended_key_usage(x) & ~(uint32_t)(XKU_SSL_SERVER |
	    XKU_SSL_CLIENT)) == 0;
}

static bool
eku_no_any(X509 *x)
{
	return ext(x, NID_ext_key_usage) == NULL ||
	    (X509_get_extended_key_usage(x) & XKU_ANYEKU) == 0;
}

static bool
eku_not_critical(X509 *x)
{
	return !critical(x, NID_ext_key_usage);
}

static bool
is_no_ca(X509 *x)
{
	return X509_check_ca(x) == 0 &&
	    (X509_get_extension_flags(x) & EXFLAG_CA) == 0;
}

static bool
bc_critical(X509 *x)
{
	return ext(x, NID_basic_constraints) == NULL ||
	    critical(x, NID_basic_constraints);
}

static bool
no_path_length(X509 *x)
{
	BASIC_CONSTRAINTS	*bc = X509_get_ext_d2i(x,
	    NID_basic_constraints, NULL, NULL);
	bool			 ok = bc == NULL || bc->pathlen == NULL;

	BASIC_CONSTRAINTS_free(bc);
	return ok;
}

static bool
no_name_constraints(X509 *x)
{
	return ext(x, NID_name_constraints) == NULL;
}

static bool
san_present(X509 *x)
{
	return ext(x, NID_subject_alt_name) != NULL;
}

static bool
san_entries(X509 *x)
{
	GENERAL_NAMES	*names = X509_get_ext_d2i(x, NID_subject_alt_name,
	    NULL, NULL);
	bool		 ok = sk_GENERAL_NAME_num(names) > 0;

	GENERAL_NAMES_free(names);
	return ok;
}

static bool
san_critical_alone(X509 *x)
{
	return !no_subject(x) || critical(x, NID_subject_alt_name);
}

static bool
san_not_critical_beside(X509 *x)
{
	return no_subject(x) || !critical(x, NID_subject_alt_name);
}

static bool
kind_ok(const GENERAL_NAME *g)
{
	return g->type == GEN_DNS || g->type == GEN_IPADD;
}

static bool
san_kinds(X509 *x)
{
	return each_name(x, kind_ok);
}

static bool
ip_ok(const GENERAL_NAME *g)
{
	int n = g->type == GEN_IPADD ? ASN1_STRING_length(g->d.iPAddress) : 4;

	return n == 4 || n == 16;
}

static bool
san_ip_length(X509 *x)
{
	return each_name(x, ip_ok);
}

static bool
ia5(const char *s, size_t n)
{
	while (n-- > 0)
		if ((unsigned char)*s++ > 127)
			return false;
	return true;
}

static bool
san_ia5(X509 *x)
{
	return each_dns(x, ia5);
}

static bool
no_nul(const char *s, size_t n)
{
	return memchr(s, '\0', n) == NULL;
}

static bool
san_no_nul(X509 *x)
{
	return each_dns(x, no_nul);
}

static bool
not_empty(const char *s, size_t n)
{
	(void)s;
	return n > 0;
}

static bool
san_not_empty(X509 *x)
{
	return each_dns(x, not_empty);
}

static bool
not_space(const char *s, size_t n)
{
	return !(n == 1 && *s == ' ');
}

static bool
san_not_space(X509 *x)
{
	return each_dns(x, not_space);
}

static bool
no_first_dot(const char *s, size_t n)
{
	return n == 0 || *s != '.';
}

static bool
san_no_first_dot(X509 *x)
{
	return each_dns(x, no_first_dot);
}

static bool
star_first(const char *s, size_t n)
{
	return n < 2 || memchr(s + 1, '*', n - 1) == NULL;
}

static bool
san_star_first(X509 *x)
{
	return each_dns(x, star_first);
}

static bool
not_bare_star(const char *s, size_t n)
{
	return n == 0 || n > 1 || *s != '*';
}

static bool
san_not_bare_star(X509 *x)
{
	return each_dns(x, not_bare_star);
}

static bool
star_whole_label(const char *s, size_t n)
{
	return memchr(s, '*', n) == NULL || (n > 2 && s[0] == '*' &&
	    s[1] == '.');
}

static bool
san_star_whole_label(X509 *x)
{
	return each_dns(x, star_whole_label);
}

/* Without the list of public suffixes: at least not a top-level domain. */
static bool
star_below(const char *s, size_t n)
{
	return n < 2 || s[0] != '*' || memchr(s + 2, '.', n - 2) != NULL;
}

static bool
san_star_below(X509 *x)
{
	return each_dns(x, star_below);
}

static bool
label_short(const char *s, size_t n)
{
	(void)s;
	return n <= 63;
}

static bool
labels_short(const char *s, size_t n)
{
	return each_label(s, n, label_short);
}

static bool
san_labels_short(X509 *x)
{
	return each_dns(x, labels_short);
}

static bool
labels_not_empty(const char *s, size_t n)
{
	return n == 0 || each_label(s, n, not_empty);
}

static bool
san_labels_not_empty(X509 *x)
{
	return each_dns(x, labels_not_empty);
}

static bool
label_chars(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' &&
		    s[i] != '_')
			return false;
	return true;
}

static bool
labels_chars(const char *s, size_t n)
{
	return each_label(s, n, label_chars);
}

static bool
san_chars(X509 *x)
{
	return each_dns(x, labels_chars);
}

static bool
short_name(const char *s, size_t n)
{
	(void)s;
	return n <= 253;
}

static bool
san_short(X509 *x)
{
	return each_dns(x, short_name);
}

static bool
lower(const char *s, size_t n)
{
	while (n-- > 0)
		if (isupper((unsigned char)*s++))
			return false;
	return true;
}

static bool
san_lower(X509 *x)
{
	return each_dns(x, lower);
}

/* An address has a form of its own (RFC 5280 section 4.2.1.6). */
static bool
no_address(const char *s, size_t n)
{
	char		 text[64];
	struct wad_addr	 a;

	if (n >= sizeof(text))
		return true;
	memcpy(text, s, n);
	text[n] = '\0';
	return wad_addr_parse(&a, text) == -1;
}

static bool
san_no_address(X509 *x)
{
	return each_dns(x, no_address);
}

/* An A-label is Punycode of something, and of that only. */
static bool
label_unicode(const char *s, size_t n)
{
	char	 text[64], *wide = NULL, *back = NULL;
	bool	 ok;

	if (n < 4 || n >= sizeof(text) || strncasecmp(s, "xn--", 4) != 0)
		return true;
	memcpy(text, s, n);
	text[n] = '\0';
	ok = idn2_to_unicode_8z8z(text, &wide, 0) == IDN2_OK &&
	    idn2_lookup_u8((const uint8_t *)wide, (uint8_t **)&back,
	    IDN2_NFC_INPUT) == IDN2_OK && strcmp(back, text) == 0;
	idn2_free(wide);
	idn2_free(back);
	return ok;
}

static bool
labels_unicode(const char *s, size_t n)
{
	return each_label(s, n, label_unicode);
}

static bool
san_unicode(X509 *x)
{
	return each_dns(x, labels_unicode);
}

static bool
san_no_repeats(X509 *x)
{
	GENERAL_NAMES	*names = X509_get_ext_d2i(x, NID_subject_alt_name,
	    NULL, NULL);
	bool		 ok = names != NULL;

	for (int i = 0; ok && i < sk_GENERAL_NAME_num(names); i++)
		for (int j = 0; ok && j < i; j++)
			ok = GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i),
			    sk_GENERAL_NAME_value(names, j)) != 0;
	GENERAL_NAMES_free(names);
	return ok;
}

/* The common name is one of the alternative names, to the letter. */
static bool
cn_from_san(X509 *x)
{
	char		 cn[300], text[300];
	GENERAL_NAMES	*names;
	bool		 found = false;

	if (common_name(x, cn, sizeof(cn)) < 0)
		return true;
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (wad_x509_read_san(sk_GENERAL_NAME_value(names, i),
		    text) == 0 && strcmp(text, cn) == 0)
			found = true;
	GENERAL_NAMES_free(names);
	return found;
}

static bool
cn_short(X509 *x)
{
	char cn[1000];

	return common_name(x, cn, sizeof(cn)) <= 64;
}

static bool
cn_single(X509 *x)
{
	const X509_NAME	*n = X509_get_subject_name(x);
	int		 at = X509_NAME_get_index_by_NID(n, NID_commonName, -1);

	return at < 0 ||
	    X509_NAME_get_index_by_NID(n, NID_commonName, at) < 0;
}

/* Nothing in the subject that nobody has checked. */
static bool
subject_cn_only(X509 *x)
{
	const X509_NAME *n = X509_get_subject_name(x);

	for (int i = 0; i < X509_NAME_entry_count(n); i++)
		if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(
		    X509_NAME_get_entry(n, i))) != NID_commonName)
			return false;
	return true;
}

static bool
no_duplicate_ext(X509 *x)
{
	for (int i = 0; i < X509_get_ext_count(x); i++)
		if (X509_get_ext_by_OBJ(x, X509_EXTENSION_get_object(
		    X509_get_ext(x, i)), i) >= 0)
			return false;
	return true;
}

static bool
no_unknown_critical(X509 *x)
{
	return (X509_get_extension_flags(x) & EXFLAG_CRITICAL) == 0;
}

/* A forged certificate says nothing of logs, and never asks for a staple. */
static bool
no_promises(X509 *x)
{
	return ext(x, NID_ct_precert_scts) == NULL &&
	    ext(x, NID_ct_precert_poison) == NULL &&
	    ext(x, NID_tlsfeature) == NULL;
}

static bool
rsa_2048(X509 *x)
{
	return rsa_of(x) == NULL || EVP_PKEY_get_bits(rsa_of(x)) >= 2048;
}

static bool
rsa_multiple_of_8(X509 *x)
{
	return rsa_of(x) == NULL || EVP_PKEY_get_bits(rsa_of(x)) % 8 == 0;
}

static bool
rsa_number(X509 *x, const char *which, bool (*f)(const BIGNUM *))
{
	BIGNUM	*n = NULL;
	bool	 ok = true;

	if (rsa_of(x) != NULL)
		ok = EVP_PKEY_get_bn_param(rsa_of(x), which, &n) == 1 && f(n);
	BN_free(n);
	return ok;
}

static bool
odd(const BIGNUM *n)
{
	return BN_is_odd(n);
}

static bool
large(const BIGNUM *n)
{
	return BN_num_bits(n) >= 17;	/* 65537 and more */
}

static bool
rsa_odd(X509 *x)
{
	return rsa_number(x, OSSL_PKEY_PARAM_RSA_N, odd);
}

static bool
rsa_exponent_odd(X509 *x)
{
	return rsa_number(x, OSSL_PKEY_PARAM_RSA_E, odd);
}

static bool
rsa_exponent_large(X509 *x)
{
	return rsa_number(x, OSSL_PKEY_PARAM_RSA_E, large);
}

static bool
ec_curve(X509 *x)
{
	EVP_PKEY	*k = X509_get0_pubkey(x);
	char		 name[64];
	size_t		 n;

	if (k == NULL || rsa_of(x) != NULL)
		return k != NULL;
	return EVP_PKEY_get_group_name(k, name, sizeof(name), &n) == 1 &&
	    (strcmp(name, "prime256v1") == 0 ||
	    strcmp(name, "secp384r1") == 0 || strcmp(name, "secp521r1") == 0);
}

/* The algorithm of the key, byte for byte (RFC 3279, RFC 5480). */
static bool
key_algorithm(X509 *x)
{
	static const uint8_t rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
		0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 },
	    p256[] = { 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
		0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
		0x01, 0x07 };
	uint8_t		*der = NULL;
	X509_ALGOR	*alg;
	int		 n;
	bool		 ok;

	X509_PUBKEY_get0_param(NULL, NULL, NULL, &alg,
	    X509_get_X509_PUBKEY(x));
	n = i2d_X509_ALGOR(alg, &der);
	ok = (n == (int)sizeof(rsa) && memcmp(der, rsa, sizeof(rsa)) == 0) ||
	    (n == (int)sizeof(p256) && memcmp(der, p256, sizeof(p256)) == 0);
	OPENSSL_free(der);
	return ok;
}

/* ---- making it wrong */

static void
put(X509 *x, int nid, const char *value)
{
	X509V3_CTX	 ctx;
	int		 at = X509_get_ext_by_NID(x, nid, -1);
	X509_EXTENSION	*e;

	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(x, at));
	if (value == NULL)
		return;
	X509V3_set_ctx(&ctx, ca, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_msg(e != NULL, "%s", value);
	ck_assert_int_eq(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* Another criticality for what is there. */
static void
flip(X509 *x, int nid)
{
	X509_EXTENSION *e = ext(x, nid);

	ck_assert_ptr_nonnull(e);
	X509_EXTENSION_set_critical(e, !X509_EXTENSION_get_critical(e));
}

static void
put_raw(X509 *x, int nid, bool crit, const void *p, int len)
{
	ASN1_OCTET_STRING	*v = ASN1_OCTET_STRING_new();
	X509_EXTENSION		*e;

	put(x, nid, NULL);
	ASN1_OCTET_STRING_set(v, p, len);
	e = X509_EXTENSION_create_by_NID(NULL, nid, crit, v);
	ck_assert_int_eq(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(v);
}

/* One more alternative name of any kind, written with no check. */
static void
more_san(X509 *x, int type, const char *p, int len)
{
	GENERAL_NAMES	*names = X509_get_ext_d2i(x, NID_subject_alt_name,
	    NULL, NULL);
	GENERAL_NAME	*g = GENERAL_NAME_new();
	ASN1_STRING	*s = ASN1_STRING_type_new(type == GEN_IPADD ?
	    V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
	X509_EXTENSION	*e;

	ASN1_STRING_set(s, p, len);
	GENERAL_NAME_set0_value(g, type, s);
	sk_GENERAL_NAME_push(names, g);
	put(x, NID_subject_alt_name, NULL);
	e = X509V3_EXT_i2d(NID_subject_alt_name, no_subject(x), names);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	GENERAL_NAMES_free(names);
}

static void
dns(X509 *x, const char *name)
{
	more_san(x, GEN_DNS, name, (int)strlen(name));
}

static void
serial_bytes(X509 *x, const char *p, int len)
{
	ASN1_STRING_set(X509_get_serialNumber(x), p, len);
}

static void
set_key(X509 *x, EVP_PKEY *k)
{
	ck_assert_ptr_nonnull(k);
	ck_assert_int_eq(X509_set_pubkey(x, k), 1);
	EVP_PKEY_free(k);
}

static void
set_after(X509 *x, int64_t t)
{
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)t);
}

static void
subject_entry(X509 *x, int nid, const char *value)
{
	/* straight into the field: add_entry knows the bounds */
	X509_NAME	*n = X509_get_subject_name(x);
	ASN1_STRING	*s = ASN1_STRING_type_new(V_ASN1_UTF8STRING);
	X509_NAME_ENTRY	*e = X509_NAME_ENTRY_create_by_NID(NULL, nid,
	    V_ASN1_UTF8STRING, (const unsigned char *)"x", 1);

	ASN1_STRING_set(X509_NAME_ENTRY_get_data(e), value, -1);
	ck_assert_int_eq(X509_NAME_add_entry(n, e, -1, 0), 1);
	X509_NAME_ENTRY_free(e);
	ASN1_STRING_free(s);
}

/* An RSA key with these numbers; it needs not work. */
static EVP_PKEY *
rsa_numbers(bool even_n, bool even_e)
{
	EVP_PKEY	*real = EVP_RSA_gen(2048u), *k = NULL;
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM		*n = NULL, *e = NULL;
	uint8_t		 nb[256], eb[3];
	OSSL_PARAM	 p[3];

	EVP_PKEY_get_bn_param(real, OSSL_PKEY_PARAM_RSA_N, &n);
	EVP_PKEY_get_bn_param(real, OSSL_PKEY_PARAM_RSA_E, &e);
	if (even_n)
		BN_clear_bit(n, 0);
	if (even_e)
		BN_clear_bit(e, 0);
	BN_bn2nativepad(n, nb, sizeof(nb));
	BN_bn2nativepad(e, eb, sizeof(eb));
	p[0] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, nb, sizeof(nb));
	p[1] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, eb, sizeof(eb));
	p[2] = OSSL_PARAM_construct_end();
	EVP_PKEY_fromdata_init(ctx);
	ck_assert_int_eq(EVP_PKEY_fromdata(ctx, &k, EVP_PKEY_PUBLIC_KEY, p),
	    1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(real);
	BN_free(n);
	BN_free(e);
	return k;
}

#define SPOIL(name, code) static void spoil_##name(X509 *x) { code; }

SPOIL(version, X509_set_version(x, X509_VERSION_1))
SPOIL(serial_long, serial_bytes(x, "\x7f" "aaaaaaaaaaaaaaaaaaaa", 21))
SPOIL(serial_negative, X509_get_serialNumber(x)->type = V_ASN1_NEG_INTEGER)
SPOIL(serial_small, serial_bytes(x, "\x01\x02\x03", 3))
SPOIL(no_issuer, X509_NAME *n = X509_NAME_new();
    X509_set_issuer_name(x, n); X509_NAME_free(n))
SPOIL(other_issuer, subject_entry(x, NID_organizationName, "Other");
    X509_set_issuer_name(x, X509_get_subject_name(x)))
SPOIL(not_zulu, ASN1_STRING_set(X509_getm_notAfter(x), "491231235959+",
    13))
SPOIL(no_seconds, ASN1_STRING_set(X509_getm_notAfter(x), "4912312359Z", 11))
SPOIL(generalized, X509_getm_notAfter(x)->type = V_ASN1_GENERALIZEDTIME;
    ASN1_STRING_set(X509_getm_notAfter(x), "20491231235959Z", 15))
SPOIL(backwards, set_after(x, when(X509_get0_notBefore(x)) - 1))
SPOIL(years, set_after(x, when(X509_get0_notBefore(x)) + 400 * DAY))
SPOIL(beyond_ca, set_after(x, when(X509_get0_notAfter(ca)) + 1))
SPOIL(no_aki, put(x, NID_authority_key_identifier, NULL))
SPOIL(aki_empty, put_raw(x, NID_authority_key_identifier, false,
    "\x30\x00", 2))
SPOIL(aki_other, put_raw(x, NID_authority_key_identifier, false,
    "\x30\x05\x80\x03" "abc", 7))
SPOIL(aki_critical, flip(x, NID_authority_key_identifier))
SPOIL(no_ski, put(x, NID_subject_key_identifier, NULL))
SPOIL(ski_critical, flip(x, NID_subject_key_identifier))
SPOIL(ku_not_critical, flip(x, NID_key_usage))
SPOIL(ku_zero, put_raw(x, NID_key_usage, true, "\x03\x02\x07\x00", 4))
SPOIL(ku_padded, put_raw(x, NID_key_usage, true, "\x03\x02\x00\x80", 4))
SPOIL(ku_cert_sign, put(x, NID_key_usage,
    "critical,digitalSignature,keyCertSign"))
SPOIL(ku_crl_sign, put(x, NID_key_usage, "critical,digitalSignature,cRLSign"))
SPOIL(ku_encipher, put(x, NID_key_usage,
    "critical,digitalSignature,keyEncipherment"))
SPOIL(ku_agree, put(x, NID_key_usage,
    "critical,digitalSignature,keyAgreement"))
SPOIL(no_eku, put(x, NID_ext_key_usage, NULL))
SPOIL(eku_client, put(x, NID_ext_key_usage, "clientAuth"))
SPOIL(eku_code, put(x, NID_ext_key_usage, "serverAuth,codeSigning"))
SPOIL(eku_any, put(x, NID_ext_key_usage, "serverAuth,anyExtendedKeyUsage"))
SPOIL(eku_critical, flip(x, NID_ext_key_usage))
SPOIL(a_ca, put(x, NID_basic_constraints, "critical,CA:TRUE"))
SPOIL(bc_not_critical, flip(x, NID_basic_constraints))
SPOIL(path_length, put_raw(x, NID_basic_constraints, true,
    "\x30\x03\x02\x01\x00", 5))
SPOIL(constraints, put(x, NID_name_constraints,
    "critical,permitted;DNS:example.com"))
SPOIL(no_san, put(x, NID_subject_alt_name, NULL))
SPOIL(san_none, put_raw(x, NID_subject_alt_name, false, "\x30\x00", 2))
SPOIL(san_flip, flip(x, NID_subject_alt_name))
SPOIL(san_mail, more_san(x, GEN_EMAIL, "a@example.com", 13))
SPOIL(san_ip5, more_san(x, GEN_IPADD, "12345", 5))
SPOIL(san_umlaut, dns(x, "\xc3\xa4.example.com"))
SPOIL(san_nul, more_san(x, GEN_DNS, "a.example.com\0.evil.com", 22))
SPOIL(san_empty, dns(x, ""))
SPOIL(san_space, dns(x, " "))
SPOIL(san_dot, dns(x, ".example.com"))
SPOIL(san_star_inside, dns(x, "a.*.example.com"))
SPOIL(san_star, dns(x, "*"))
SPOIL(san_star_part, dns(x, "f*.example.com"))
SPOIL(san_star_tld, dns(x, "*.com"))
SPOIL(san_label, dns(x, "a123456789b123456789c123456789d123456789"
    "e123456789f123456789abcd.com"))
SPOIL(san_gap, dns(x, "a..example.com"))
SPOIL(san_char, dns(x, "a/b.example.com"))
SPOIL(san_upper, dns(x, "A.example.com"))
SPOIL(san_address, dns(x, "10.0.0.1"))
SPOIL(san_puny, dns(x, "xn--999999999.example.com"))
SPOIL(cn_other, subject_entry(x, NID_commonName, "other.example.com");
    X509_NAME_ENTRY_free(X509_NAME_delete_entry(X509_get_subject_name(x),
    0)))
SPOIL(cn_long, subject_entry(x, NID_commonName, "a123456789b123456789"
    "c123456789d123456789e123456789f123456789.example.com");
    X509_NAME_ENTRY_free(X509_NAME_delete_entry(X509_get_subject_name(x),
    0)))
SPOIL(cn_twice, subject_entry(x, NID_commonName, "www.example.com"))
SPOIL(subject_more, subject_entry(x, NID_organizationName, "The Bank"))
SPOIL(ext_twice, X509_add_ext(x, ext(x, NID_key_usage), -1))
SPOIL(unknown_critical, put_raw(x, NID_netscape_comment, true,
    "\x16\x01" "a", 3); flip(x, NID_netscape_comment);
    flip(x, NID_netscape_comment))
SPOIL(must_staple, put(x, NID_tlsfeature, "status_request"))
SPOIL(rsa_1024, set_key(x, EVP_RSA_gen(1024u)))
SPOIL(rsa_2050, set_key(x, EVP_RSA_gen(2050u)))
SPOIL(rsa_even, set_key(x, rsa_numbers(true, false)))
SPOIL(rsa_e_even, set_key(x, rsa_numbers(false, true)))
SPOIL(k256, set_key(x, EVP_EC_gen("secp256k1")))

static void
spoil_san_long(X509 *x)
{
	char name[300];

	for (int i = 0; i < 254; i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	name[254] = '\0';
	dns(x, name);
}

static void
spoil_san_twice(X509 *x)
{
	char cn[100];

	ck_assert_int_gt(common_name(x, cn, sizeof(cn)), 0);
	dns(x, cn);
}

static void
spoil_rsa_e3(X509 *x)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM		*e = BN_new();
	EVP_PKEY	*k = NULL;

	BN_set_word(e, 3);
	EVP_PKEY_keygen_init(ctx);
	EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048);
	EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e);
	EVP_PKEY_generate(ctx, &k);
	EVP_PKEY_CTX_free(ctx);
	BN_free(e);
	set_key(x, k);
}

/* An RSA key whose algorithm lacks its NULL. */
static void
spoil_key_algorithm(X509 *x)
{
	const uint8_t	*pub;
	uint8_t		*copy;
	int		 len;

	X509_PUBKEY_get0_param(NULL, &pub, &len, NULL,
	    X509_get_X509_PUBKEY(x));
	copy = OPENSSL_memdup(pub, (size_t)len);
	X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(x),
	    OBJ_nid2obj(NID_rsaEncryption), V_ASN1_UNDEF, NULL, copy, len);
}

/* Changes that OpenSSL has no function for, in the bytes; the signature does
 * not fit then. */
static void
patch_signature(uint8_t *der, size_t *len)
{
	der[*len - 1] ^= 1;
}

/* The first of the two algorithms: ECDSA with SHA-384 for SHA-256. */
static void
patch_algorithm(uint8_t *der, size_t *len)
{
	static const uint8_t	 oid[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
		0x3d, 0x04, 0x03, 0x02 };
	uint8_t			*p = memmem(der, *len, oid, sizeof(oid));

	ck_assert_ptr_nonnull(p);
	p[sizeof(oid) - 1] = 3;
}

/* issuerUniqueID before the extensions; both outer lengths have two octets. */
static void
patch_uid(uint8_t *der, size_t *len)
{
	static const uint8_t	 uid[] = { 0x81, 0x02, 0x00, 0x01 };
	uint8_t			*p = der + 8;

	ck_assert(der[1] == 0x82 && der[5] == 0x82);
	while (*p != 0xa3) {		/* over the fields before them */
		const unsigned char	*q = p;
		long			 n;
		int			 tag, class;

		ck_assert_int_eq(ASN1_get_object(&q, &n, &tag, &class,
		    (long)(der + *len - p)) & 0x80, 0);
		p = (uint8_t *)(uintptr_t)q + n;
	}
	memmove(p + sizeof(uid), p, (size_t)(der + *len - p));
	memcpy(p, uid, sizeof(uid));
	*len += sizeof(uid);
	for (int at = 2; at <= 6; at += 4) {
		unsigned n = (unsigned)(der[at] << 8 | der[at + 1]) +
		    sizeof(uid);

		der[at] = (uint8_t)(n >> 8);
		der[at + 1] = (uint8_t)n;
	}
}

enum base { ON_EC, ON_RSA, ON_LONG };		/* what is made wrong */

static const struct rule {
	const char	*name;
	bool		 (*holds)(X509 *);
	enum base	 base;
	void		 (*spoil)(X509 *);	/* before it is signed, or */
	void		 (*patch)(uint8_t *, size_t *);	/* after */
	const EVP_MD	*(*md)(void);		/* NULL: SHA-256 */
} rules[] = {
	{ "e_invalid_certificate_version", version_3, ON_EC, .spoil = spoil_version },
	{ "e_cert_contains_unique_identifier", no_uids, ON_EC, .patch = patch_uid },
	{ "e_serial_number_longer_than_20_octets", serial_length, ON_EC,
	    .spoil = spoil_serial_long },
	{ "e_serial_number_not_positive", serial_positive, ON_EC,
	    .spoil = spoil_serial_negative },
	{ "w_serial_number_low_entropy", serial_entropy, ON_EC,
	    .spoil = spoil_serial_small },
	{ "e_issuer_field_empty", issuer_present, ON_EC, .spoil = spoil_no_issuer },
	{ "own_issuer_is_ca", issuer_is_ca, ON_EC, .spoil = spoil_other_issuer },
	{ "e_cert_sig_alg_not_match_tbs_sig_alg", same_algorithms, ON_EC, .patch =
	    patch_algorithm },
	{ "e_sub_cert_or_sub_ca_using_sha1", no_sha1, ON_EC, .md =
	    EVP_sha1 },
	{ "own_signed_by_ca", signed_by_ca, ON_EC, .patch = patch_signature },
	{ "e_utc_time_not_in_zulu", times_zulu, ON_EC, .spoil = spoil_not_zulu },
	{ "e_utc_time_does_not_include_seconds", times_with_seconds, ON_EC,
	    .spoil = spoil_no_seconds },
	{ "e_wrong_time_format_pre2050", times_form, ON_EC, .spoil = spoil_generalized },
	{ "e_validity_time_not_positive", validity_positive, ON_EC,
	    .spoil = spoil_backwards },
	{ "e_tls_server_cert_valid_time_longer_than_398_days", validity_398,
	    ON_EC, .spoil = spoil_years },
	{ "own_validity_inside_ca", validity_inside_ca, ON_EC, .spoil = spoil_beyond_ca },
	{ "e_ext_authority_key_identifier_missing", aki_present, ON_EC,
	    .spoil = spoil_no_aki },
	{ "e_ext_authority_key_identifier_no_key_identifier", aki_keyid, ON_EC,
	    .spoil = spoil_aki_empty },
	{ "e_ext_authority_key_identifier_critical", aki_not_critical, ON_EC,
	    .spoil = spoil_aki_critical },
	{ "own_aki_is_ski_of_ca", aki_is_ski_of_ca, ON_EC, .spoil = spoil_aki_other },
	{ "w_ext_subject_key_identifier_missing_sub_cert", ski_present, ON_EC,
	    .spoil = spoil_no_ski },
	{ "e_ext_subject_key_identifier_critical", ski_not_critical, ON_EC,
	    .spoil = spoil_ski_critical },
	{ "w_ext_key_usage_not_critical", ku_present_critical, ON_EC,
	    .spoil = spoil_ku_not_critical },
	{ "e_ext_key_usage_without_bits", ku_has_bits, ON_EC, .spoil = spoil_ku_zero },
	{ "e_incorrect_ku_encoding", ku_encoding, ON_EC, .spoil = spoil_ku_padded },
	{ "e_sub_cert_key_usage_cert_sign_bit_set", ku_no_cert_sign, ON_EC,
	    .spoil = spoil_ku_cert_sign },
	{ "e_sub_cert_key_usage_crl_sign_bit_set", ku_no_crl_sign, ON_EC,
	    .spoil = spoil_ku_crl_sign },
	{ "n_ecdsa_ee_invalid_ku", ku_of_ec, ON_EC, .spoil = spoil_ku_encipher },
	{ "e_rsa_allowed_ku_ee", ku_of_rsa, ON_RSA, .spoil = spoil_ku_agree },
	{ "own_ku_signs_only", ku_exact, ON_RSA, .spoil = spoil_ku_encipher },
	{ "e_sub_cert_eku_missing", eku_present, ON_EC, .spoil = spoil_no_eku },
	{ "e_sub_cert_eku_server_auth_client_auth_missing", eku_server, ON_EC,
	    .spoil = spoil_eku_client },
	{ "w_sub_cert_eku_extra_values", eku_no_more, ON_EC, .spoil = spoil_eku_code },
	{ "own_eku_any", eku_no_any, ON_EC, .spoil = spoil_eku_any },
	{ "own_eku_not_critical", eku_not_critical, ON_EC, .spoil = spoil_eku_critical },
	{ "e_sub_cert_not_is_ca", is_no_ca, ON_EC, .spoil = spoil_a_ca },
	{ "own_basic_constraints_critical", bc_critical, ON_EC,
	    .spoil = spoil_bc_not_critical },
	{ "e_path_len_constraint_improperly_included", no_path_length, ON_EC,
	    .spoil = spoil_path_length },
	{ "e_name_constraint_not_ca", no_name_constraints, ON_EC,
	    .spoil = spoil_constraints },
	{ "e_ext_san_missing", san_present, ON_EC, .spoil = spoil_no_san },
	{ "e_ext_san_no_entries", san_entries, ON_EC, .spoil = spoil_san_none },
	{ "e_ext_san_not_critical_without_subject", san_critical_alone, ON_LONG,
	    .spoil = spoil_san_flip },
	{ "w_ext_san_critical_with_subject_dn", san_not_critical_beside, ON_EC,
	    .spoil = spoil_san_flip },
	{ "e_ext_san_rfc822_name_present", san_kinds, ON_EC, .spoil = spoil_san_mail },
	{ "own_san_ip_length", san_ip_length, ON_EC, .spoil = spoil_san_ip5 },
	{ "e_ext_san_dns_not_ia5_string", san_ia5, ON_EC, .spoil = spoil_san_umlaut },
	{ "e_san_dns_name_includes_null_char", san_no_nul, ON_EC, .spoil = spoil_san_nul },
	{ "e_ext_san_empty_name", san_not_empty, ON_EC, .spoil = spoil_san_empty },
	{ "e_ext_san_space_dns_name", san_not_space, ON_EC, .spoil = spoil_san_space },
	{ "e_san_dns_name_starts_with_period", san_no_first_dot, ON_EC,
	    .spoil = spoil_san_dot },
	{ "e_san_wildcard_not_first", san_star_first, ON_EC,
	    .spoil = spoil_san_star_inside },
	{ "e_san_bare_wildcard", san_not_bare_star, ON_EC, .spoil = spoil_san_star },
	{ "e_dnsname_left_label_wildcard_correct", san_star_whole_label, ON_EC,
	    .spoil = spoil_san_star_part },
	{ "w_dnsname_wildcard_left_of_public_suffix", san_star_below, ON_EC,
	    .spoil = spoil_san_star_tld },
	{ "e_dnsname_label_too_long", san_labels_short, ON_EC, .spoil = spoil_san_label },
	{ "e_dnsname_empty_label", san_labels_not_empty, ON_EC, .spoil = spoil_san_gap },
	{ "e_dnsname_bad_character_in_label", san_chars, ON_EC, .spoil = spoil_san_char },
	{ "e_ext_san_dns_name_too_long", san_short, ON_EC, .spoil = spoil_san_long },
	{ "e_international_dns_name_not_unicode", san_unicode, ON_EC,
	    .spoil = spoil_san_puny },
	{ "own_san_lower_case", san_lower, ON_EC, .spoil = spoil_san_upper },
	{ "own_san_address_as_dns_name", san_no_address, ON_EC,
	    .spoil = spoil_san_address },
	{ "own_san_repeated", san_no_repeats, ON_EC, .spoil = spoil_san_twice },
	{ "e_subject_common_name_not_exactly_from_san", cn_from_san, ON_EC,
	    .spoil = spoil_cn_other },
	{ "e_subject_common_name_max_length", cn_short, ON_EC, .spoil = spoil_cn_long },
	{ "n_multiple_subject_cn", cn_single, ON_EC, .spoil = spoil_cn_twice },
	{ "own_subject_cn_only", subject_cn_only, ON_EC, .spoil = spoil_subject_more },
	{ "e_ext_duplicate_extension", no_duplicate_ext, ON_EC, .spoil = spoil_ext_twice },
	{ "own_unknown_critical_extension", no_unknown_critical, ON_EC,
	    .spoil = spoil_unknown_critical },
	{ "own_no_promises", no_promises, ON_EC, .spoil = spoil_must_staple },
	{ "e_rsa_mod_less_than_2048_bits", rsa_2048, ON_RSA, .spoil = spoil_rsa_1024 },
	{ "w_rsa_mod_not_multiple_of_8", rsa_multiple_of_8, ON_RSA,
	    .spoil = spoil_rsa_2050 },
	{ "w_rsa_mod_not_odd", rsa_odd, ON_RSA, .spoil = spoil_rsa_even },
	{ "e_rsa_public_exponent_not_odd", rsa_exponent_odd, ON_RSA,
	    .spoil = spoil_rsa_e_even },
	{ "w_rsa_public_exponent_not_in_range", rsa_exponent_large, ON_RSA,
	    .spoil = spoil_rsa_e3 },
	{ "e_ec_improper_curves", ec_curve, ON_EC, .spoil = spoil_k256 },
	{ "e_mp_rsa_key_algorithm_encoding", key_algorithm, ON_RSA,
	    .spoil = spoil_key_algorithm },
};

/* ---- what is made */

static EVP_PKEY	*ec_key, *rsa_key;
static int64_t	 now;

static X509 *
read_again(const uint8_t *der, size_t len)
{
	const uint8_t	*p = der;
	X509		*x = d2i_X509(NULL, &p, (long)len);

	ck_assert_ptr_nonnull(x);
	ck_assert_ptr_eq(p, der + len);
	return x;
}

static X509 *
reread(X509 *x)
{
	uint8_t	*der = NULL;
	int	 len = i2d_X509(x, &der);
	X509	*y;

	ck_assert_int_gt(len, 0);
	y = read_again(der, (size_t)len);
	X509_free(x);
	OPENSSL_free(der);
	return y;
}

static X509 *
forge(struct wad_cert_desc *d, int64_t lifetime)
{
	char	 err[300] = "";
	X509	*x;

	d->ca = "CA";
	ck_assert_msg(wad_x509_desc_check(d, err, sizeof(err)) == 0, "%s",
	    err);
	x = wad_x509_build_leaf(d, ca, ca_key, d->key_type == WAD_KEY_EC ?
	    ec_key : rsa_key, now, lifetime, err, sizeof(err));
	ck_assert_msg(x != NULL, "%s: %s", d->name, err);
	return reread(x);
}

static X509 *
forge_base(enum base b)
{
	static char		 name[100];
	static const char	*sans[] = { "www.example.com",
		"*.example.com", "192.0.2.1" };
	struct wad_cert_desc	 d = { .key_type = b == ON_RSA ? WAD_KEY_RSA :
		WAD_KEY_EC, .name = "example.com", .sans = sans,
		.n_sans = 3 };

	memset(name, 'a', 60);
	strcpy(name + 60, ".example.com");
	if (b == ON_LONG)
		d.name = name;
	return forge(&d, DAY);
}

/* An intermediate CA of another kind of key, below the one there is. */
static void
below(EVP_PKEY *key, const char *cn)
{
	X509	*x;
	EVP_PKEY *unused;

	ck_assert_int_eq(wad_x509_build_ca(cn, &x, &unused), 0);
	EVP_PKEY_free(unused);
	X509_set_pubkey(x, key);
	X509_set_issuer_name(x, X509_get_subject_name(ca));
	ck_assert_int_gt(X509_sign(x, ca_key, EVP_sha256()), 0);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	ca = reread(x);
	ca_key = key;
}

static void
setup(void)
{
	now = (int64_t)time(NULL);
	ck_assert_int_eq(wad_x509_build_ca("Root", &ca, &ca_key), 0);
	ec_key = wad_x509_build_key(WAD_KEY_EC);
	rsa_key = wad_x509_build_key(WAD_KEY_RSA);
}

static void
teardown(void)
{
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(ec_key);
	EVP_PKEY_free(rsa_key);
	wad_x509_build_cleanup();
}

static unsigned	linted;

static void
lint(X509 *x, const char *what)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		ck_assert_msg(rules[i].holds(x), "%s: %s", what,
		    rules[i].name);
	linted++;
	X509_free(x);
}

static void
lint_names(void)
{
	static const char *const names[] = { "example.com", "a.b.c.d.example",
		"localhost", "10.0.0.1", "2001:db8::1", "::1",
		"xn--mnchen-3ya.example", "xn--bcher-kva.xn--p1ai",
		"host-1.example.com", "1.example", "a_b.example.com" };
	static const char *const more[] = { "*.example.com", "www.example.com",
		"192.0.2.7", "2001:db8:0:0:1::", "xn--mnchen-3ya.example",
		"example.com", "*.example.com" };
	const char	*sans[WAD_DESC_SANS_MAX];
	char		 lists[WAD_DESC_SANS_MAX][WAD_HOST_MAX], name[300];
	struct wad_cert_desc d;

	for (int k = 0; k < 2; k++) {
		memset(&d, 0, sizeof(d));
		d.key_type = k == 0 ? WAD_KEY_EC : WAD_KEY_RSA;
		d.sans = sans;
		for (size_t i = 0; i < COUNT(names); i++) {
			d.name = names[i];
			d.n_sans = 0;
			lint(forge(&d, DAY), d.name);
			for (size_t j = 0; j < 4; j++)
				sans[d.n_sans++] = more[j];
			for (size_t j = 4; j < COUNT(more); j++)
				sans[d.n_sans++] = more[j];
			lint(forge(&d, DAY), d.name);
		}
		/* names of every length around the bound of the CN */
		d.n_sans = 0;
		for (size_t len = 60; len <= 253; len += len == 66 ? 20 : 1) {
			if (len > 247)
				len = 253;
			for (size_t i = 0; i < len; i++)
				name[i] = i % 50 == 49 && i + 1 < len ? '.' :
				    'a';
			name[len] = '\0';
			d.name = name;
			lint(forge(&d, DAY), name);
		}
		/* as many as there may be, as long as they may be */
		d.name = "example.com";
		for (size_t i = 0; i < WAD_DESC_SANS_MAX; i++) {
			for (size_t j = 0; j < 253; j++)
				lists[i][j] = j % 60 == 59 ? '.' : 'b';
			lists[i][0] = (char)('a' + i % 26);
			lists[i][1] = (char)('a' + i / 26);
			lists[i][253] = '\0';
			sans[i] = lists[i];
		}
		d.n_sans = WAD_DESC_SANS_MAX;
		lint(forge(&d, DAY), "200 names");
	}
}

static void
lint_dates(void)
{
	static const struct { long from, to, life; } t[] = {
		{ 0, 0, DAY }, { -60, DAY, DAY }, { -400 * DAY, 60, 397 * DAY },
		{ -DAY, -60, DAY }, { 60, DAY, DAY }, { -1, 1, DAY },
		{ -DAY, 9999 * DAY, 397 * DAY },
	};
	struct wad_cert_desc d = { .key_type = WAD_KEY_EC,
		.name = "example.com" };

	for (size_t i = 0; i < COUNT(t); i++) {
		X509 *x;

		d.not_before = t[i].from == 0 ? 0 : now + t[i].from;
		d.not_after = t[i].to == 0 ? 0 : now + t[i].to;
		x = forge(&d, t[i].life);
		/* FDP_CER_EXT.1: never longer than the origin's */
		if (t[i].from < 0 && t[i].to > 0) {
			ck_assert_int_ge(when(X509_get0_notBefore(x)),
			    d.not_before);
			ck_assert_int_le(when(X509_get0_notAfter(x)),
			    d.not_after);
		}
		ck_assert_int_le(when(X509_get0_notAfter(x)), now +
		    t[i].life);
		ck_assert_int_ge(when(X509_get0_notBefore(x)), now - 300);
		ck_assert_int_le(when(X509_get0_notBefore(x)), now + 1);
		lint(x, "dates");
	}
}

START_TEST(all_hold)
{
	linted = 0;
	lint_names();
	lint_dates();
	below(EVP_EC_gen("P-384"), "Intermediate P-384");
	lint_names();
	below(EVP_RSA_gen(2048u), "Intermediate RSA");
	lint_names();
	lint_dates();
	printf("%u certificates, %zu rules\n", linted, COUNT(rules));
}
END_TEST

/* Makes one wrong and shows that its rule sees it. */
START_TEST(each_can_break)
{
	const struct rule	*r = &rules[_i];
	X509			*x = forge_base(r->base);
	uint8_t			*der = NULL, *wide;
	int			 n;
	size_t			 len;

	ck_assert_msg(r->holds(x), "%s does not hold at all", r->name);
	if (r->spoil != NULL)
		r->spoil(x);
	ck_assert_int_gt(X509_sign(x, ca_key, r->md != NULL ? r->md() :
	    EVP_sha256()), 0);
	n = i2d_X509(x, &der);
	ck_assert_int_gt(n, 0);
	len = (size_t)n;
	wide = wad_xmalloc(len + 16);
	memcpy(wide, der, len);
	if (r->patch != NULL)
		r->patch(wide, &len);
	X509_free(x);
	x = read_again(wide, len);
	ck_assert_msg(!r->holds(x), "%s is not broken", r->name);
	X509_free(x);
	OPENSSL_free(der);
	free(wide);
	ERR_clear_error();
}
END_TEST

/* Serial numbers: unique, and no bit of them is always the same. */
START_TEST(serials)
{
	enum { N = 300 };
	static uint8_t	seen[N][16];
	uint8_t		ones[16] = { 0 }, zeros[16] = { 0 };

	for (int i = 0; i < N; i++) {
		X509			*x = forge_base(ON_EC);
		const ASN1_INTEGER	*s = X509_get0_serialNumber(x);

		ck_assert_int_eq(ASN1_STRING_length(s), 16);
		memcpy(seen[i], ASN1_STRING_get0_data(s), 16);
		for (int j = 0; j < i; j++)
			ck_assert_mem_ne(seen[i], seen[j], 16);
		for (int j = 0; j < 16; j++) {
			ones[j] |= seen[i][j];
			zeros[j] |= (uint8_t)~seen[i][j];
		}
		X509_free(x);
	}
	for (int j = 0; j < 16; j++) {
		ck_assert_uint_eq(ones[j], 0xff);
		ck_assert_uint_eq(zeros[j], 0xff);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("forged_lint");
	TCase	*t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_hold);
	tcase_add_loop_test(t, each_can_break, 0, (int)COUNT(rules));
	tcase_add_test(t, serials);
	suite_add_tcase(s, t);
	return suite_run(s);
}
