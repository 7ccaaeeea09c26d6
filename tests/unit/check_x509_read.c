/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_read.c: facts of our certificates, and what is taken over from a
 * server's: valid names only.
 */
#include <check.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/xmem.h"
#include "x509/x509_build.h"
#include "x509/x509_read.h"
#include "suite.h"

static char err[300];

static char *
to_pem(X509 *x)
{
	BIO	*bio = BIO_new(BIO_s_mem());
	char	*p, *out;
	long	 len;

	ck_assert_int_eq(PEM_write_bio_X509(bio, x), 1);
	len = BIO_get_mem_data(bio, &p);
	out = wad_xstrndup(p, (size_t)len);
	BIO_free(bio);
	return out;
}

static void
add_dns(GENERAL_NAMES *names, int type, const char *p, int len)
{
	GENERAL_NAME	*g = GENERAL_NAME_new();
	ASN1_STRING	*s = ASN1_STRING_type_new(type == GEN_IPADD ?
	    V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);

	ASN1_STRING_set(s, p, len);
	GENERAL_NAME_set0_value(g, type, s);
	sk_GENERAL_NAME_push(names, g);
}

/* A server's certificate, signed by its own key, with these names. */
static X509 *
server(const char *cn, int cn_len, GENERAL_NAMES *names)
{
	X509		*x = X509_new();
	EVP_PKEY	*key = wad_x509_build_key(WAD_KEY_EC);

	ck_assert_int_eq(X509_NAME_add_entry_by_NID(X509_get_subject_name(x),
	    NID_commonName, V_ASN1_UTF8STRING, (const unsigned char *)cn,
	    cn_len, -1, 0), 1);
	X509_set_version(x, X509_VERSION_3);
	ASN1_TIME_set(X509_getm_notBefore(x), 1700000000);
	ASN1_TIME_set(X509_getm_notAfter(x), 2600000000);	/* after 2050 */
	X509_set_pubkey(x, key);
	if (names != NULL)
		ck_assert_int_eq(X509_add1_ext_i2d(x, NID_subject_alt_name,
		    names, 0, 0), 1);
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	EVP_PKEY_free(key);
	GENERAL_NAMES_free(names);
	return x;
}

START_TEST(facts)
{
	struct wad_cert_facts	 f;
	X509			*ca, *leaf;
	EVP_PKEY		*key;
	char			*pem;

	ck_assert_int_eq(wad_x509_build_ca("Lab \"CA\"", &ca, &key), 0);
	pem = to_pem(ca);
	ck_assert_int_eq(wad_x509_read_facts(pem, &f, err, sizeof(err)), 0);
	ck_assert(f.known && f.is_ca);
	ck_assert_int_eq(f.key_type, 3);
	ck_assert_str_eq(f.subject, "CN=Lab \\x22CA\\x22");
	ck_assert_int_le(f.not_before, time(NULL));
	ck_assert_int_gt(f.not_after, time(NULL) + 3000 * 86400LL);
	free(pem);

	leaf = server("www.example.com", -1, NULL);
	pem = to_pem(leaf);
	ck_assert_int_eq(wad_x509_read_facts(pem, &f, err, sizeof(err)), 0);
	ck_assert(f.known && !f.is_ca);
	ck_assert_int_eq(f.not_before, 1700000000);
	ck_assert_int_eq(f.not_after, 2600000000);
	free(pem);
	X509_free(ca);
	X509_free(leaf);
	EVP_PKEY_free(key);
}
END_TEST

/* A CA whose keyUsage lacks keyCertSign is none. */
START_TEST(facts_key_usage)
{
	struct wad_cert_facts	 f;
	ASN1_BIT_STRING		*ku = ASN1_BIT_STRING_new();
	X509			*ca;
	EVP_PKEY		*key;
	char			*pem;

	ck_assert_int_eq(wad_x509_build_ca("x", &ca, &key), 0);
	ASN1_BIT_STRING_set_bit(ku, 0, 1);
	ck_assert_int_eq(X509_add1_ext_i2d(ca, NID_key_usage, ku, 1,
	    X509V3_ADD_REPLACE), 1);
	ck_assert_int_gt(X509_sign(ca, key, EVP_sha256()), 0);
	pem = to_pem(ca);
	ck_assert_int_eq(wad_x509_read_facts(pem, &f, err, sizeof(err)), 0);
	ck_assert(f.known && !f.is_ca);
	free(pem);
	ASN1_BIT_STRING_free(ku);
	X509_free(ca);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(pem_errors)
{
	static const char *const bad[] = { "", "nonsense",
		"-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nAAAA\n"
		"-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n!!!!\n"
		"-----END CERTIFICATE-----\n",
		"-----BEGIN PRIVATE KEY-----\nMAA=\n"
		"-----END PRIVATE KEY-----\n" };
	struct wad_cert_facts	f;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err[0] = '\0';
		ck_assert_int_eq(wad_x509_read_facts(bad[i], &f, err,
		    sizeof(err)), -1);
		ck_assert(!f.known);
		ck_assert_str_ne(err, "");
	}
}
END_TEST

START_TEST(pem_chain)
{
	STACK_OF(X509)	*list;
	struct wad_str	 text = { 0 };
	X509		*a = server("a", -1, NULL), *b = server("b", -1, NULL);
	char		*pa = to_pem(a), *pb = to_pem(b);

	wad_str_addf(&text, "a comment\n%s\nanother\n%s", pa, pb);
	list = wad_x509_read_pem(text.s, text.len, err, sizeof(err));
	ck_assert_ptr_nonnull(list);
	ck_assert_int_eq(sk_X509_num(list), 2);
	ck_assert_int_eq(X509_cmp(sk_X509_value(list, 0), a), 0);
	ck_assert_int_eq(X509_cmp(sk_X509_value(list, 1), b), 0);
	sk_X509_pop_free(list, X509_free);
	/* The second one damaged: refused as a whole. */
	memset(text.s + text.len - 60, '!', 8);
	ck_assert_ptr_null(wad_x509_read_pem(text.s, text.len, err,
	    sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "certificate 2"));
	wad_str_free(&text);
	/* A bound. */
	for (int i = 0; i < 40; i++)
		wad_str_add(&text, pa);
	ck_assert_ptr_null(wad_x509_read_pem(text.s, text.len, err,
	    sizeof(err)));
	wad_str_free(&text);
	free(pa);
	free(pb);
	X509_free(a);
	X509_free(b);
}
END_TEST

START_TEST(bundle)
{
	X509_STORE	*store = X509_STORE_new();
	struct wad_str	 text = { 0 };
	char		*pem;
	X509		*x;
	char		 name[16];

	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "ca%d", i);
		x = server(name, -1, NULL);
		pem = to_pem(x);
		wad_str_addf(&text, "# %s\n%s", name, pem);
		if (i == 2)
			wad_str_add(&text, "-----BEGIN CERTIFICATE-----\n"
			    "AAAA\n-----END CERTIFICATE-----\n");
		free(pem);
		X509_free(x);
	}
	wad_str_add(&text, "trailing text without a line end");
	ck_assert_int_eq(wad_x509_read_bundle(store, text.s, text.len), 5);
	ck_assert_int_eq(wad_x509_read_bundle(store, "", 0), -1);
	ck_assert_int_eq(wad_x509_read_bundle(store, "junk\n", 5), -1);
	wad_str_free(&text);
	X509_STORE_free(store);
}
END_TEST

START_TEST(origin)
{
	static const struct { int type; const char *p; int len;
		const char *want; } t[] = {
		{ GEN_DNS, "Example.COM", 11, "example.com" },
		{ GEN_DNS, "*.example.com", 13, "*.example.com" },
		{ GEN_DNS, "EXAMPLE.com", 11, NULL },		/* again */
		{ GEN_DNS, "a\0b.com", 7, NULL },
		{ GEN_DNS, "*.com", 5, NULL },
		{ GEN_DNS, "10.0.0.9", 8, NULL },
		{ GEN_DNS, "a,DNS:evil.com", 14, NULL },
		{ GEN_DNS, "b\xfc" "cher.de", 9, NULL },
		{ GEN_DNS, "x.y.", 4, NULL },
		{ GEN_EMAIL, "me@example.com", 14, NULL },
		{ GEN_IPADD, "\x0a\0\0\x01", 4, "10.0.0.1" },
		{ GEN_IPADD, "\x0a\0\0", 3, NULL },
		{ GEN_DNS, "last.example.com", 16, "last.example.com" },
	};
	GENERAL_NAMES		*names = sk_GENERAL_NAME_new_null();
	struct wad_x509_origin	 o;
	X509			*x;
	size_t			 at = 0;
	uint8_t			 md[32];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		add_dns(names, t[i].type, t[i].p, t[i].len);
	x = server("WWW.example.com", -1, names);
	ck_assert_int_eq(wad_x509_read_origin(x, &o), 0);
	ck_assert_str_eq(o.cn, "www.example.com");
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (t[i].want == NULL)
			continue;
		ck_assert_uint_lt(at, o.n_sans);
		ck_assert_str_eq(o.sans[at++], t[i].want);
	}
	ck_assert_uint_eq(at, o.n_sans);
	ck_assert_uint_eq(o.key_bits, 256);
	ck_assert_uint_eq(o.key_type, 3);
	ck_assert_int_eq(o.not_before, 1700000000);
	ck_assert_int_eq(o.not_after, 2600000000);
	ck_assert_int_eq(X509_digest(x, EVP_sha256(), md, NULL), 1);
	ck_assert_mem_eq(md, o.sha256, 32);
	wad_x509_read_origin_free(&o);
	X509_free(x);
}
END_TEST

START_TEST(origin_bounds)
{
	GENERAL_NAMES		*names = sk_GENERAL_NAME_new_null();
	struct wad_x509_origin	 o;
	char			 name[32];
	X509			*x;

	for (int i = 0; i < 1000; i++)
		add_dns(names, GEN_DNS, name, snprintf(name, sizeof(name),
		    "h%d.example.com", i));
	x = server("a\0b.com", 7, names);
	ck_assert_int_eq(wad_x509_read_origin(x, &o), 0);
	ck_assert_uint_eq(o.n_sans, WAD_DESC_SANS_MAX);
	ck_assert_str_eq(o.cn, "");		/* a NUL inside is no name */
	wad_x509_read_origin_free(&o);
	X509_free(x);
	x = server("Some Company", -1, NULL);
	ck_assert_int_eq(wad_x509_read_origin(x, &o), 0);
	ck_assert_str_eq(o.cn, "");
	ck_assert_uint_eq(o.n_sans, 0);
	wad_x509_read_origin_free(&o);
	X509_free(x);
	/* Nothing in it at all. */
	x = X509_new();
	ck_assert_int_eq(wad_x509_read_origin(x, &o), -1);
	X509_free(x);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("x509_read");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, facts);
	tcase_add_test(t, facts_key_usage);
	tcase_add_test(t, pem_errors);
	tcase_add_test(t, pem_chain);
	tcase_add_test(t, bundle);
	tcase_add_test(t, origin);
	tcase_add_test(t, origin_bounds);
	suite_add_tcase(s, t);
	return suite_run(s);
}
