/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_check.c: each rule refuses what breaks it, and only that.
 */
#include <check.h>

#include <openssl/dsa.h>
#include <openssl/rsa.h>

#include "x509/x509_check.h"
#include "x509/x509_der.h"
#include "suite.h"
#include "x509_make.h"

static EVP_PKEY	*rk, *lk;
static X509	*root;

static void
setup(void)
{
	rk = make_key();
	lk = make_key();
	root = make_cert((struct make){ .cn = "Root", .key = rk, .ca = true });
}

static void
teardown(void)
{
	X509_free(root);
	EVP_PKEY_free(rk);
	EVP_PKEY_free(lk);
}

/* NULL: no fault; else a part of the text. */
static void
expect(const char *what, const char *want)
{
	if (want == NULL)
		ck_assert_msg(what == NULL, "%s", what);
	else
		ck_assert_msg(what != NULL && strstr(what, want) != NULL,
		    "'%s', wanted '%s'", what == NULL ? "no fault" : what,
		    want);
}

static GENERAL_NAMES *
names_of(X509 *x)
{
	return X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
}

static const char *
check_leaf(X509 *x, enum wad_x509_use use)
{
	GENERAL_NAMES	*names = names_of(x);
	const char	*what = wad_x509_check_leaf(x, names, use);

	GENERAL_NAMES_free(names);
	return what;
}

static const char *
check_path(STACK_OF(X509) *path, unsigned depth_max, int *depth)
{
	GENERAL_NAMES	*names = names_of(sk_X509_value(path, 0));
	const char	*what = wad_x509_check_path(path, names, true,
			    depth_max, WAD_X509_SERVER, depth);

	GENERAL_NAMES_free(names);
	return what;
}

/* Takes x. */
static void
leaf_is(X509 *x, const char *want)
{
	expect(check_leaf(x, WAD_X509_SERVER), want);
	X509_free(x);
}

static struct make
server(void)
{
	return (struct make){ .cn = "www.example.com", .key = lk,
		.issuer = root, .by = rk, .san = "DNS:www.example.com" };
}

static void
ext_is(const char *instead, const char *ext, const char *want)
{
	struct make m = server();

	m.instead = instead;
	m.ext[0] = ext;
	leaf_is(make_cert(m), want);
}

START_TEST(leaf)
{
	struct make m = server();

	leaf_is(make_cert(m), NULL);
	ext_is("extendedKeyUsage", "extendedKeyUsage=serverAuth,clientAuth",
	    NULL);
	ext_is("extendedKeyUsage",
	    "authorityInfoAccess=OCSP;URI:http://ocsp.test/", NULL);
	ext_is("extendedKeyUsage", "extendedKeyUsage=critical,serverAuth",
	    "usage is critical");
	ext_is("extendedKeyUsage",
	    "extendedKeyUsage=serverAuth,anyExtendedKeyUsage",
	    "allows everything");
	ext_is(NULL, "nameConstraints=permitted;DNS:example.com",
	    "name constraints in");
	ext_is(NULL, "authorityInfoAccess=DER:3000", "authority information");
	/* OpenSSL sees this one itself */
	ext_is(NULL, "extendedKeyUsage=serverAuth", "cannot be read");
	/* OpenSSL takes these two for serverAuth */
	ext_is("extendedKeyUsage", "extendedKeyUsage=nsSGC", "not for servers");
	ext_is("extendedKeyUsage", "extendedKeyUsage=msSGC,clientAuth",
	    "not for servers");
	ext_is("extendedKeyUsage", "extendedKeyUsage=msSGC,serverAuth", NULL);
	ext_is(NULL, "1.3.6.1.4.1.99999.1=DER:0500", NULL);
	m.ext[0] = m.ext[1] = "1.3.6.1.4.1.99999.1=DER:0500";
	leaf_is(make_cert(m), "twice");
	ext_is("authorityKeyIdentifier",
	    "authorityKeyIdentifier=DER:3003820101", "half a name");
	ext_is("authorityKeyIdentifier", "authorityKeyIdentifier=DER:3000",
	    "is empty");
	ext_is("basicConstraints", "basicConstraints=critical,CA:TRUE",
	    "must not sign");
	m = server();
	m.san = "critical,DNS:www.example.com";
	leaf_is(make_cert(m), "critical beside a subject");
	m.cn = NULL;
	leaf_is(make_cert(m), NULL);
	/* a client's may be used for everything */
	m = server();
	m.instead = "extendedKeyUsage";
	m.ext[0] = "extendedKeyUsage=anyExtendedKeyUsage";
	X509 *x = make_cert(m);
	expect(check_leaf(x, WAD_X509_CLIENT), NULL);
	X509_free(x);
}
END_TEST

/* A lenient reader takes all of these. */
START_TEST(der)
{
	static const struct { const char *p; size_t len; bool ok; } t[] = {
#define D(s, ok) { s, sizeof(s) - 1, ok }
		D("\x30\x00", true), D("\x01\x01\xff", true),
		D("\x30\x03\x01\x01\x00", true), D("\x04\x02" "ab", true),
		D("\xa0\x02\x05\x00", true), D("\x80\x01x", true),
		D("\x9f\x1f\x01x", true), D("\x9f\x81\x00\x01x", true),
		D("", false), D("\x30", false), D("\x30\x01", false),
		D("\x30\x00\x00", false), D("\x30\x81\x00", false),
		D("\x30\x80\x00\x00", false), D("\x01\x01\x01", false),
		D("\x01\x02\xff\xff", false), D("\x30\x03\x01\x01\x7f", false),
		D("\x24\x04\x04\x02" "ab", false), D("\x10\x00", false),
		D("\x9f\x1e\x01x", false), D("\x9f\x80\x1f\x01x", false),
		D("\x9f\x81", false), D("\x04\x85\1\0\0\0\0", false),
		D("\x04\x84\xff\xff\xff\xff", false),
		D("\x30\x02\x30\x01", false),
#undef D
	};
	uint8_t big[300] = { 0x04, 0x82, 0x00, 0xff }, deep[80];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_msg(wad_x509_der_ok((const uint8_t *)t[i].p,
		    t[i].len) == t[i].ok, "row %zu", i);
	ck_assert(!wad_x509_der_ok(big, 4 + 255));
	memcpy(big + 1, "\x81\xff", 2);
	ck_assert(wad_x509_der_ok(big, 3 + 255));
	memcpy(big + 1, "\x82\x01\x00", 3);
	ck_assert(wad_x509_der_ok(big, 4 + 256));
	for (int i = 0; i < 40; i++) {
		deep[2 * i] = 0x30;
		deep[2 * i + 1] = (uint8_t)(78 - 2 * i);
	}
	ck_assert(!wad_x509_der_ok(deep, sizeof(deep)));
	ck_assert(wad_x509_der_ok(deep + 40, 40));
	/* in a certificate: cA TRUE as 01, a date in the wrong type */
	ext_is("basicConstraints", "basicConstraints=critical,DER:3003010101",
	    "not in DER");
	struct make m = server();
	X509 *x = make_cert(m);
	ASN1_GENERALIZEDTIME_set(X509_getm_notAfter(x), NOW + DAY);
	leaf_is(x, "dates");
	x = make_cert(m);
	ASN1_TIME_set(X509_getm_notAfter(x), INT64_C(2524608000));	/* 2050 */
	leaf_is(x, NULL);
}
END_TEST

START_TEST(nul_in_name)
{
	struct make m = server();

	m.san = NULL;
	/* dNSName "a\0b" */
	m.ext[0] = "subjectAltName=DER:30058203610062";
	leaf_is(make_cert(m), "NUL");
	m.ext[0] = "subjectAltName=DER:0500";
	leaf_is(make_cert(m), "cannot be read");
}
END_TEST

static void
serial_is(const char *hex, const char *want)
{
	X509	*x = make_cert(server());
	BIGNUM	*bn = NULL;

	ck_assert_int_gt(BN_hex2bn(&bn, hex), 0);
	BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
	BN_free(bn);
	leaf_is(x, want);
}

START_TEST(serial)
{
	serial_is("1", NULL);
	serial_is("7fffffffffffffffffffffffffffffffffffffff", NULL);
	serial_is("80ffffffffffffffffffffffffffffffffffffff", "20 octets");
	serial_is("01ffffffffffffffffffffffffffffffffffffffff", "20 octets");
	serial_is("0", "zero");
	serial_is("-5", "negative");
}
END_TEST

START_TEST(version)
{
	X509 *x = make_cert(server());

	X509_set_version(x, X509_VERSION_1);
	leaf_is(x, "version 3");
}
END_TEST

static EVP_PKEY *
rsa(int bits, unsigned long e)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY	*key = NULL;
	BIGNUM		*bn = BN_new();

	BN_set_word(bn, e);
	ck_assert_int_gt(EVP_PKEY_keygen_init(ctx), 0);
	ck_assert_int_gt(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits), 0);
	ck_assert_int_gt(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, bn), 0);
	ck_assert_int_gt(EVP_PKEY_generate(ctx, &key), 0);
	EVP_PKEY_CTX_free(ctx);
	BN_free(bn);
	return key;
}

static EVP_PKEY *
dsa(void)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	EVP_PKEY	*params = NULL, *key = NULL;

	ck_assert_int_gt(EVP_PKEY_paramgen_init(ctx), 0);
	ck_assert_int_gt(EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, 1024), 0);
	ck_assert_int_gt(EVP_PKEY_paramgen(ctx, &params), 0);
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);
	ck_assert_int_gt(EVP_PKEY_keygen_init(ctx), 0);
	ck_assert_int_gt(EVP_PKEY_generate(ctx, &key), 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(params);
	return key;
}

/* Takes key. */
static void
key_is(EVP_PKEY *key, const char *want, const char *want_root)
{
	struct make	 m = server();
	X509		*x, *path_root;
	STACK_OF(X509)	*path = sk_X509_new_null();
	int		 depth;

	m.key = key;
	leaf_is(make_cert(m), want);
	x = make_cert(server());
	path_root = make_cert((struct make){ .cn = "R", .key = key,
	    .ca = true });
	sk_X509_push(path, x);
	sk_X509_push(path, path_root);
	expect(check_path(path, 10, &depth), want_root);
	sk_X509_pop_free(path, X509_free);
	EVP_PKEY_free(key);
}

START_TEST(keys)
{
	key_is(rsa(2048, 65537), NULL, NULL);
	key_is(rsa(2048, 3), "exponent", NULL);
	key_is(rsa(2052, 65537), "multiple of 8", "multiple of 8");
	key_is(dsa(), "DSA", "DSA");
	key_is(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, NULL);
}
END_TEST

/* leaf with these names below a CA with these extensions. */
static void
path_is(const char *san, const char *ext, const char *want)
{
	STACK_OF(X509)	*path = sk_X509_new_null();
	EVP_PKEY	*ik = make_key();
	struct make	 m = server();
	X509		*ica;
	int		 depth = -1;
	const char	*what;

	ica = make_cert((struct make){ .cn = "I", .key = ik, .issuer = root,
	    .by = rk, .ca = true, .ext = { ext } });
	m.issuer = ica;
	m.by = ik;
	m.san = san;
	sk_X509_push(path, make_cert(m));
	sk_X509_push(path, ica);
	X509_up_ref(root);
	sk_X509_push(path, root);
	expect(what = check_path(path, 10, &depth), want);
	if (what != NULL)
		ck_assert_int_eq(depth, 1);
	if (want == NULL)
		expect(check_path(path, 0, &depth),
		    "too many intermediates");
	sk_X509_pop_free(path, X509_free);
	EVP_PKEY_free(ik);
}

#define NC "nameConstraints=critical,"

START_TEST(constraints)
{
	path_is("DNS:*.example.com", NULL, NULL);
	path_is("DNS:*.example.com", NC "permitted;DNS:example.com", NULL);
	path_is("DNS:*.example.com", NC "excluded;DNS:example.org", NULL);
	path_is("DNS:*.example.com", NC "excluded;DNS:bar.example.com",
	    "wildcard");
	path_is("DNS:*.example.com", NC "excluded;DNS:BAR.Example.com",
	    "wildcard");
	path_is("DNS:*.example.com", NC "excluded;DNS:a.bar.example.com",
	    NULL);
	path_is("DNS:*.example.com", NC "excluded;DNS:barexample.com", NULL);
	path_is("DNS:www.example.com", NC "permitted;DNS:.example.com",
	    "no host name");
	path_is("DNS:www.example.com", NC "permitted;DNS:*.example.com",
	    "no host name");
	path_is("DNS:www.example.com", "nameConstraints=critical,DER:3000",
	    "are empty");
	path_is("DNS:www.example.com", "nameConstraints=critical,DER:0500",
	    "cannot be read");
	path_is("DNS:.example.com", NC "permitted;DNS:example.com", "illegal");
	path_is("DNS:.example.com", NULL, NULL);
	path_is("email:a@b@example.com", NC "permitted;DNS:example.com",
	    "illegal");
	path_is("DNS:www.example.com",
	    "policyConstraints=requireExplicitPolicy:0", "policy constraints");
	path_is("DNS:www.example.com",
	    "policyConstraints=critical,requireExplicitPolicy:0", NULL);
}
END_TEST

/* A self-signed certificate that names another issuer; one that an older key
 * of the same name signed is right. */
START_TEST(self_issued)
{
	STACK_OF(X509)	*path = sk_X509_new_null();
	EVP_PKEY	*old = make_key();
	X509		*x;
	int		 depth;

	sk_X509_push(path, make_cert(server()));
	x = make_cert((struct make){ .cn = "Root", .key = rk, .ca = true,
	    .instead = "authorityKeyIdentifier",
	    .ext = { "authorityKeyIdentifier=DER:3003800101" } });
	sk_X509_push(path, x);
	expect(check_path(path, 10, &depth), "another issuer");
	ck_assert_int_gt(X509_sign(x, old, EVP_sha256()), 0);
	expect(check_path(path, 10, &depth), NULL);
	sk_X509_pop_free(path, X509_free);
	EVP_PKEY_free(old);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("x509_check");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, leaf);
	tcase_add_test(t, der);
	tcase_add_test(t, nul_in_name);
	tcase_add_test(t, serial);
	tcase_add_test(t, version);
	tcase_add_test(t, keys);
	tcase_add_test(t, constraints);
	tcase_add_test(t, self_issued);
	suite_add_tcase(s, t);
	return suite_run(s);
}
