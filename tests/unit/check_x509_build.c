/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_build.c: what is built verifies in OpenSSL's strict mode and has the
 * fields that browsers ask for; what must not be built is refused.  Prints
 * the CPU time of one forged certificate.
 */
#include <check.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "x509/x509_build.h"
#include "x509/x509_match.h"
#include "x509/x509_read.h"
#include "suite.h"

#define DAY 86400

static X509	*ca;
static EVP_PKEY	*ca_key;
static int64_t	 now;
static char	 err[300];

static void
setup(void)
{
	now = (int64_t)time(NULL);
	ck_assert_int_eq(wad_x509_build_ca("Test CA", &ca, &ca_key), 0);
}

static void
teardown(void)
{
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	wad_x509_build_cleanup();
}

static struct wad_cert_desc
desc(const char *name)
{
	struct wad_cert_desc d;

	memset(&d, 0, sizeof(d));
	d.ca = "Test CA";
	d.key_type = WAD_KEY_EC;
	d.name = name;
	return d;
}

/* Builds, and reads the DER as a client would. */
static X509 *
build_with(const struct wad_cert_desc *d, X509 *with, EVP_PKEY *with_key,
    EVP_PKEY *key)
{
	X509		*x, *y;
	uint8_t		*der = NULL;
	const uint8_t	*p;
	int		 len;

	err[0] = '\0';
	ck_assert_int_eq(wad_x509_desc_check(d, err, sizeof(err)), 0);
	x = wad_x509_build_leaf(d, with, with_key, key, now, DAY, err,
	    sizeof(err));
	if (x == NULL)
		return NULL;
	len = i2d_X509(x, &der);
	ck_assert_int_gt(len, 0);
	X509_free(x);
	p = der;
	y = d2i_X509(NULL, &p, len);
	ck_assert_ptr_nonnull(y);
	ck_assert_ptr_eq(p, der + len);
	OPENSSL_free(der);
	return y;
}

static X509 *
build(const struct wad_cert_desc *d, EVP_PKEY *key)
{
	return build_with(d, ca, ca_key, key);
}

static int
verify(X509 *x, X509 *root, const char *name)
{
	X509_STORE		*store = X509_STORE_new();
	X509_STORE_CTX		*ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM	*param;
	int			 ret;

	ck_assert_int_eq(X509_STORE_add_cert(store, root), 1);
	ck_assert_int_eq(X509_STORE_CTX_init(ctx, store, x, NULL), 1);
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT |
	    X509_V_FLAG_CHECK_SS_SIGNATURE);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (strchr(name, ':') != NULL || strspn(name, "0123456789.") ==
	    strlen(name))
		ck_assert_int_eq(X509_VERIFY_PARAM_set1_ip_asc(param, name),
		    1);
	else
		ck_assert_int_eq(X509_VERIFY_PARAM_set1_host(param, name, 0),
		    1);
	X509_verify_cert(ctx);
	ret = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return ret;
}

/* What linters of public certificates ask for. */
static void
lint(X509 *x, bool cn)
{
	const ASN1_INTEGER	*sn = X509_get0_serialNumber(x);
	const ASN1_STRING	*s;
	int			 crit, n = X509_get_ext_count(x);
	int64_t			 t;

	ck_assert_int_eq(X509_get_version(x), X509_VERSION_3);
	ck_assert_int_eq(ASN1_STRING_type(sn), V_ASN1_INTEGER);
	ck_assert_int_ge(ASN1_STRING_length(sn), 16);
	ck_assert_int_le(ASN1_STRING_length(sn), 19);
	ck_assert_int_eq(X509_get0_notBefore(x)->type, V_ASN1_UTCTIME);
	ck_assert_int_eq(X509_get0_notAfter(x)->type, V_ASN1_UTCTIME);
	ck_assert_int_eq(X509_get0_notAfter(x)->length, 13);
	ck_assert_int_eq(wad_x509_read_time(X509_get0_notAfter(x), &t), 0);
	for (int i = 0; i < n; i++) {
		const ASN1_OBJECT *o = X509_EXTENSION_get_object(
		    X509_get_ext(x, i));

		ck_assert_int_eq(X509_get_ext_by_OBJ(x, o, i), -1);
	}
	ck_assert_int_eq(n, 6);
	ck_assert_uint_eq(X509_get_extension_flags(x) &
	    (EXFLAG_INVALID | EXFLAG_CA | EXFLAG_SS | EXFLAG_CRITICAL), 0);
	ck_assert_uint_ne(X509_get_extension_flags(x) & EXFLAG_BCONS, 0);
	ck_assert_int_eq(X509_check_ca(x), 0);
	ck_assert_uint_eq(X509_get_key_usage(x), X509v3_KU_DIGITAL_SIGNATURE);
	ck_assert_uint_eq(X509_get_extended_key_usage(x), XKU_SSL_SERVER);
	for (size_t i = 0; i < 2; i++) {
		int at = X509_get_ext_by_NID(x, i == 0 ? NID_key_usage :
		    NID_basic_constraints, -1);

		crit = X509_EXTENSION_get_critical(X509_get_ext(x, at));
		ck_assert_int_eq(crit, 1);
	}
	crit = X509_EXTENSION_get_critical(X509_get_ext(x,
	    X509_get_ext_by_NID(x, NID_subject_alt_name, -1)));
	ck_assert_int_eq(crit, !cn);
	ck_assert_int_eq(X509_NAME_entry_count(X509_get_subject_name(x)), cn);
	s = X509_get0_authority_key_id(x);
	ck_assert_ptr_nonnull(s);
	if (X509_get0_subject_key_id(ca) != NULL)
		ck_assert_int_eq(ASN1_STRING_cmp(s,
		    X509_get0_subject_key_id(ca)), 0);
	ck_assert_int_eq(ASN1_STRING_length(X509_get0_subject_key_id(x)), 20);
	/* No unique identifiers, and both signature algorithms agree. */
	{
		const ASN1_BIT_STRING	*a, *b;
		const X509_ALGOR	*alg;

		X509_get0_uids(x, &a, &b);
		ck_assert(a == NULL && b == NULL);
		X509_get0_signature(NULL, &alg, x);
		ck_assert_int_eq(X509_ALGOR_cmp(alg,
		    X509_get0_tbs_sigalg(x)), 0);
	}
}

static int64_t
when(const ASN1_TIME *t)
{
	int64_t out;

	ck_assert_int_eq(wad_x509_read_time(t, &out), 0);
	return out;
}

START_TEST(ec_leaf)
{
	const char		*sans[] = { "www.example.com",
		"*.example.com", "10.1.2.3", "2001:db8::1", "example.com",
		"*.example.com" };
	struct wad_cert_desc	 d = desc("example.com");
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_EC);
	GENERAL_NAMES		*names;
	X509			*x, *y;
	char			 cn[80];

	d.sans = sans;
	d.n_sans = 6;
	x = build(&d, key);
	ck_assert_msg(x != NULL, "%s", err);
	lint(x, true);
	ck_assert_int_eq(X509_check_private_key(x, key), 1);
	ck_assert_int_eq(verify(x, ca, "example.com"), X509_V_OK);
	ck_assert_int_eq(verify(x, ca, "a.example.com"), X509_V_OK);
	ck_assert_int_eq(verify(x, ca, "10.1.2.3"), X509_V_OK);
	ck_assert_int_eq(verify(x, ca, "2001:db8::1"), X509_V_OK);
	ck_assert_int_eq(verify(x, ca, "a.b.example.com"),
	    X509_V_ERR_HOSTNAME_MISMATCH);
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	ck_assert_int_eq(sk_GENERAL_NAME_num(names), 5);
	GENERAL_NAMES_free(names);
	X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName,
	    cn, sizeof(cn));
	ck_assert_str_eq(cn, "example.com");
	ck_assert_int_eq(when(X509_get0_notBefore(x)),
	    when(X509_get0_notBefore(ca)));
	ck_assert_int_eq(when(X509_get0_notAfter(x)), now + DAY);
	/* Another one has another serial. */
	y = build(&d, key);
	ck_assert_int_ne(ASN1_INTEGER_cmp(X509_get0_serialNumber(x),
	    X509_get0_serialNumber(y)), 0);
	X509_free(x);
	X509_free(y);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(rsa_leaf)
{
	struct wad_cert_desc	 d = desc("192.0.2.7");
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_RSA);
	X509			*x;

	d.key_type = WAD_KEY_RSA;
	ck_assert_int_eq(EVP_PKEY_get_bits(key), 2048);
	for (int i = 0; i < 2; i++) {	/* second time from what is kept */
		x = build(&d, key);
		ck_assert_msg(x != NULL, "%s", err);
		lint(x, true);
		ck_assert_int_eq(X509_check_private_key(x, key), 1);
		ck_assert_int_eq(verify(x, ca, "192.0.2.7"), X509_V_OK);
		X509_free(x);
	}
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(long_name)
{
	char			 name[100];
	struct wad_cert_desc	 d;
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_EC);
	X509			*x;

	memset(name, 'a', sizeof(name));
	strcpy(name + 60, ".example.com");	/* 72 characters */
	d = desc(name);
	x = build(&d, key);
	ck_assert_msg(x != NULL, "%s", err);
	lint(x, false);
	ck_assert_int_eq(verify(x, ca, name), X509_V_OK);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(dates)
{
	struct wad_cert_desc	 d = desc("example.com");
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_EC);
	static const struct { int64_t from, to, want_from, want_to; } t[] = {
		/* origin's bounds    ->  ours, all relative to now */
		{ -400 * DAY, 90 * DAY,	-300, DAY },
		{ -60, 3600,		-60, 3600 },	/* closer than ours */
		{ -9 * DAY, -DAY,	-300, DAY },	/* expired, allowed */
		{ DAY, 9 * DAY,		-300, DAY },	/* not yet, allowed */
	};
	X509			*x;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		d.not_before = now + t[i].from;
		d.not_after = now + t[i].to;
		x = build(&d, key);
		ck_assert_msg(x != NULL, "%s", err);
		/* The CA's own notBefore may be a second later. */
		ck_assert_int_ge(when(X509_get0_notBefore(x)),
		    now + t[i].want_from);
		ck_assert_int_le(when(X509_get0_notBefore(x)),
		    now + t[i].want_from + 2);
		ck_assert_int_eq(when(X509_get0_notAfter(x)),
		    now + t[i].want_to);
		X509_free(x);
	}
	/* The CA's end bounds the leaf's; a CA that ended signs nothing. */
	d.not_before = d.not_after = 0;
	ck_assert_ptr_nonnull(ASN1_TIME_set(X509_getm_notAfter(ca),
	    (time_t)(now + 500)));
	ck_assert_int_gt(X509_sign(ca, ca_key, EVP_sha256()), 0);
	x = build(&d, key);
	ck_assert_int_eq(when(X509_get0_notAfter(x)), now + 500);
	ck_assert_int_eq(verify(x, ca, "example.com"), X509_V_OK);
	X509_free(x);
	now += 500;
	ck_assert_ptr_null(build(&d, key));
	ck_assert_ptr_nonnull(strstr(err, "expired"));
	now -= 9999;
	ck_assert_ptr_null(build(&d, key));
	ck_assert_ptr_nonnull(strstr(err, "not valid yet"));
	EVP_PKEY_free(key);
}
END_TEST

/* Adds one extension in configuration notation and signs again. */
static void
edit_ca(int nid, const char *value)
{
	X509V3_CTX	 v3;
	X509_EXTENSION	*ext;
	int		 at = X509_get_ext_by_NID(ca, nid, -1);

	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(ca, at));
	if (value != NULL) {
		X509V3_set_ctx(&v3, ca, ca, NULL, NULL, 0);
		ext = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
		ck_assert_ptr_nonnull(ext);
		ck_assert_int_eq(X509_add_ext(ca, ext, -1), 1);
		X509_EXTENSION_free(ext);
	}
	ck_assert_int_gt(X509_sign(ca, ca_key, EVP_sha256()), 0);
	/* Read it again: OpenSSL keeps what it read of extensions. */
	{
		uint8_t		*der = NULL;
		const uint8_t	*p;
		int		 len = i2d_X509(ca, &der);

		X509_free(ca);
		p = der;
		ca = d2i_X509(NULL, &p, len);
		OPENSSL_free(der);
	}
}

START_TEST(name_constraints)
{
	const char		*more[] = { "other.org" };
	struct wad_cert_desc	 d = desc("www.example.com");
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_EC);
	X509			*x;

	edit_ca(NID_name_constraints, "critical,permitted;DNS:example.com,"
	    "excluded;DNS:bad.example.com,"
	    "excluded;IP:0.0.0.0/0.0.0.0");
	x = build(&d, key);
	ck_assert_msg(x != NULL, "%s", err);
	ck_assert_int_eq(verify(x, ca, "www.example.com"), X509_V_OK);
	X509_free(x);
	d.sans = more;
	d.n_sans = 1;
	ck_assert_ptr_null(build(&d, key));
	ck_assert_ptr_nonnull(strstr(err, "name constraints"));
	d = desc("x.bad.example.com");
	ck_assert_ptr_null(build(&d, key));
	d = desc("10.0.0.1");
	ck_assert_ptr_null(build(&d, key));
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(ca_refused)
{
	struct wad_cert_desc	 d = desc("example.com");
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_EC);
	X509			*leaf = build(&d, key);

	/* A leaf signs nothing. */
	ck_assert_ptr_null(build_with(&d, leaf, key, key));
	ck_assert_ptr_nonnull(strstr(err, "not a CA"));
	edit_ca(NID_ext_key_usage, "clientAuth");
	ck_assert_ptr_null(build(&d, key));
	edit_ca(NID_ext_key_usage, "serverAuth");
	X509_free(leaf);
	leaf = build(&d, key);
	ck_assert_ptr_nonnull(leaf);
	edit_ca(NID_key_usage, "critical,cRLSign");
	ck_assert_ptr_null(build(&d, key));
	X509_free(leaf);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(ca_without_ski)
{
	struct wad_cert_desc	 d = desc("example.com");
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_EC);
	X509			*x;

	edit_ca(NID_subject_key_identifier, NULL);
	x = build(&d, key);
	ck_assert_msg(x != NULL, "%s", err);
	ck_assert_int_eq(ASN1_STRING_length(X509_get0_authority_key_id(x)),
	    20);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

/* The digest follows the CA's key. */
START_TEST(ca_key_kinds)
{
	static const struct { const char *alg, *arg; int sig; } t[] = {
		{ "EC", "P-256", NID_ecdsa_with_SHA256 },
		{ "EC", "P-384", NID_ecdsa_with_SHA384 },
		{ "EC", "P-521", NID_ecdsa_with_SHA512 },
		{ "RSA", NULL, NID_sha256WithRSAEncryption },
		{ "ED25519", NULL, NID_ED25519 },
	};
	struct wad_cert_desc	 d = desc("example.com");
	EVP_PKEY		*key = wad_x509_build_key(WAD_KEY_EC);

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		X509 *x;

		EVP_PKEY_free(ca_key);
		ca_key = t[i].alg[0] == 'R' ?
		    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) :
		    t[i].arg != NULL ? EVP_EC_gen(t[i].arg) :
		    EVP_PKEY_Q_keygen(NULL, NULL, t[i].alg);
		ck_assert_ptr_nonnull(ca_key);
		ck_assert_int_eq(X509_set_pubkey(ca, ca_key), 1);
		ck_assert_int_gt(X509_sign(ca, ca_key, t[i].alg[0] == 'E' &&
		    t[i].alg[1] == 'D' ? NULL : EVP_sha256()), 0);
		x = build(&d, key);
		ck_assert_msg(x != NULL, "%s: %s", t[i].alg, err);
		ck_assert_int_eq(X509_get_signature_nid(x), t[i].sig);
		ck_assert_int_eq(X509_verify(x, ca_key), 1);
		X509_free(x);
	}
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(desc_refused)
{
	static const char *const bad[] = { "", "*.example.com", "a..b",
		"Example.com", "example.com.", "exa mple.com", "a\nb.com",
		"DNS:evil.com", "a,b.com", "[::1]", "010.0.0.1x/",
		"2001:DB8::1",
		"ex\xc3\xa4mple.com", "a.com\x01" };
	static const char *const bad_san[] = { "*.com", "*", "a.*.com",
		"*.*.com", "f*.a.com", "*.10.0.0.1", "*.Example.com", "*..com",
		"" };
	struct wad_cert_desc	 d;
	const char		*sans[WAD_DESC_SANS_MAX + 1];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		d = desc(bad[i]);
		ck_assert_msg(wad_x509_desc_check(&d, err, sizeof(err)) == -1,
		    "'%s'", bad[i]);
	}
	for (size_t i = 0; i < sizeof(bad_san) / sizeof(bad_san[0]); i++) {
		d = desc("example.com");
		d.sans = sans;
		d.n_sans = 1;
		sans[0] = bad_san[i];
		ck_assert_msg(wad_x509_desc_check(&d, err, sizeof(err)) == -1,
		    "'%s'", bad_san[i]);
	}
	for (size_t i = 0; i <= WAD_DESC_SANS_MAX; i++)
		sans[i] = "a.example.com";
	d.n_sans = WAD_DESC_SANS_MAX;
	ck_assert_int_eq(wad_x509_desc_check(&d, err, sizeof(err)), 0);
	d.n_sans++;
	ck_assert_int_eq(wad_x509_desc_check(&d, err, sizeof(err)), -1);
	d = desc("example.com");
	d.key_type = (enum wad_key_type)2;
	ck_assert_int_eq(wad_x509_desc_check(&d, err, sizeof(err)), -1);
	d = desc("example.com");
	d.ca = "";
	ck_assert_int_eq(wad_x509_desc_check(&d, err, sizeof(err)), -1);
	d = desc("example.com");
	d.not_after = INT64_MAX;
	ck_assert_int_eq(wad_x509_desc_check(&d, err, sizeof(err)), -1);
}
END_TEST

START_TEST(own_ca)
{
	ck_assert_int_eq(verify(ca, ca, "x") == X509_V_OK, 0);	/* no name */
	ck_assert_int_eq(X509_check_ca(ca), 1);
	ck_assert_int_eq(X509_verify(ca, ca_key), 1);
	ck_assert_int_eq(X509_check_private_key(ca, ca_key), 1);
	ck_assert_int_gt(when(X509_get0_notAfter(ca)), now + 3650LL * DAY);
}
END_TEST

START_TEST(key_der)
{
	static const char *const groups[] = { "P-256", "secp256k1", "P-384" };

	for (size_t i = 0; i < 4; i++) {
		EVP_PKEY	*key = i < 3 ? EVP_EC_gen(groups[i]) :
		    wad_x509_build_key(WAD_KEY_RSA), *back;
		uint8_t		*der, *theirs = NULL;
		const uint8_t	*p;
		size_t		 len = wad_x509_build_key_der(key, &der);
		PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
		int		 n = i2d_PKCS8_PRIV_KEY_INFO(p8, &theirs);

		/* Byte for byte what OpenSSL writes. */
		ck_assert_uint_eq(len, (size_t)n);
		ck_assert_mem_eq(der, theirs, len);
		p = der;
		back = d2i_AutoPrivateKey(NULL, &p, (long)len);
		ck_assert_ptr_nonnull(back);
		ck_assert_int_eq(EVP_PKEY_eq(key, back), 1);
		EVP_PKEY_free(key);
		EVP_PKEY_free(back);
		PKCS8_PRIV_KEY_INFO_free(p8);
		OPENSSL_free(der);
		OPENSSL_free(theirs);
	}
}
END_TEST

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Not asserted: machines differ. */
START_TEST(speed)
{
	enum { N = 1000 };
	const char		*sans[] = { "www.example.com",
		"*.example.com", "example.net" };
	struct wad_cert_desc	 d = desc("example.com");
	double			 key_us = 0, leaf_us = 0, der_us = 0, t;

	d.sans = sans;
	d.n_sans = 3;
	for (int i = 0; i < N; i++) {
		uint8_t		*key_out, *out = NULL;
		EVP_PKEY	*key;
		size_t		 len;
		X509		*x;

		t = cpu_us();
		key = wad_x509_build_key(WAD_KEY_EC);
		len = wad_x509_build_key_der(key, &key_out);
		key_us += cpu_us() - t;
		t = cpu_us();
		x = wad_x509_build_leaf(&d, ca, ca_key, key, now, DAY, err,
		    sizeof(err));
		leaf_us += cpu_us() - t;
		t = cpu_us();
		ck_assert_int_gt(i2d_X509(x, &out), 0);
		der_us += cpu_us() - t;
		X509_free(x);
		EVP_PKEY_free(key);
		OPENSSL_free(out);
		OPENSSL_clear_free(key_out, len);
	}
	printf("EC forge: %.1f us CPU (key %.1f, build and sign %.1f, "
	    "encode %.1f)\n", (key_us + leaf_us + der_us) / N, key_us / N,
	    leaf_us / N, der_us / N);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("x509_build");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, ec_leaf);
	tcase_add_test(t, rsa_leaf);
	tcase_add_test(t, long_name);
	tcase_add_test(t, dates);
	tcase_add_test(t, name_constraints);
	tcase_add_test(t, ca_refused);
	tcase_add_test(t, ca_without_ski);
	tcase_add_test(t, ca_key_kinds);
	tcase_add_test(t, desc_refused);
	tcase_add_test(t, own_ca);
	tcase_add_test(t, key_der);
	tcase_add_test(t, speed);
	suite_add_tcase(s, t);
	return suite_run(s);
}
