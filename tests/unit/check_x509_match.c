/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_match.c: only alternative names count, wildcards as one whole label.
 */
#include <check.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <string.h>

#include "x509/x509_match.h"
#include "suite.h"

/* An unsigned certificate with these raw names; type GEN_DNS or GEN_IPADD. */
static X509 *
cert(const char *cn, int type, const char *san, int len)
{
	X509		*x = X509_new();
	GENERAL_NAMES	*names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME	*g = GENERAL_NAME_new();
	ASN1_STRING	*s = ASN1_STRING_type_new(type == GEN_DNS ?
	    V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);

	X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName,
	    MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	if (san != NULL) {
		ASN1_STRING_set(s, san, len);
		GENERAL_NAME_set0_value(g, type, s);
		sk_GENERAL_NAME_push(names, g);
		ck_assert_int_eq(X509_add1_ext_i2d(x, NID_subject_alt_name,
		    names, 0, 0), 1);
	} else {
		ASN1_STRING_free(s);
		GENERAL_NAME_free(g);
	}
	GENERAL_NAMES_free(names);
	return x;
}

static bool
match(int type, const char *san, int len, const char *name)
{
	X509	*x = cert("www.example.com", type, san, len);
	bool	 ret = wad_x509_match_name(x, name, NULL, 0);

	X509_free(x);
	return ret;
}

#define DNS(san, name) match(GEN_DNS, san, (int)sizeof(san) - 1, name)
#define IP(san, name) match(GEN_IPADD, san, (int)sizeof(san) - 1, name)

START_TEST(dns)
{
	ck_assert(DNS("www.example.com", "www.example.com"));
	ck_assert(DNS("WWW.Example.COM", "www.example.com"));
	ck_assert(DNS("localhost", "localhost"));
	ck_assert(!DNS("www.example.com", "example.com"));
	ck_assert(!DNS("example.com", "www.example.com"));
	ck_assert(!DNS("www.example.com.", "www.example.com"));
	ck_assert(!DNS("www.example.com\0.evil.org", "www.example.com"));
	ck_assert(!DNS("\0www.example.com", "www.example.com"));
	ck_assert(!DNS("", "www.example.com"));
	/* The name asked for must be canonical itself. */
	ck_assert(!DNS("www.example.com", "WWW.example.com"));
	ck_assert(!DNS("www.example.com", ""));
	ck_assert(!DNS("*.example.com", "*.example.com"));
}
END_TEST

START_TEST(wildcard)
{
	ck_assert(DNS("*.example.com", "www.example.com"));
	ck_assert(DNS("*.Example.com", "www.example.com"));
	ck_assert(DNS("*.example.com", "xn--bcher-kva.example.com"));
	ck_assert(!DNS("*.example.com", "example.com"));
	ck_assert(!DNS("*.example.com", "a.b.example.com"));
	ck_assert(!DNS("*.example.com", "wwwexample.com"));
	ck_assert(!DNS("*.com", "example.com"));
	ck_assert(!DNS("*", "localhost"));
	ck_assert(!DNS("*.", "localhost"));
	ck_assert(!DNS("w*.example.com", "www.example.com"));
	ck_assert(!DNS("*w.example.com", "www.example.com"));
	ck_assert(!DNS("www.*.com", "www.example.com"));
	ck_assert(!DNS("*.*.com", "www.example.com"));
	ck_assert(!DNS("**.example.com", "www.example.com"));
	/* not for everybody below a registry; an owner's platform is right */
	ck_assert(!DNS("*.co.uk", "example.co.uk"));
	ck_assert(!DNS("*.com.au", "example.com.au"));
	ck_assert(DNS("*.example.co.uk", "www.example.co.uk"));
	ck_assert(DNS("*.s3.amazonaws.com", "bucket.s3.amazonaws.com"));
	ck_assert(DNS("*.w.test", "a.w.test"));
	ck_assert(!DNS("*.test", "w.test"));
	/* no underscores in a certificate (RFC 5280 section 4.2.1.6) */
	ck_assert(!DNS("foo_bar.example.com", "foo_bar.example.com"));
	ck_assert(DNS("*.example.com", "foo_bar.example.com"));
}
END_TEST

START_TEST(ip)
{
	ck_assert(IP("\x0a\x00\x00\x01", "10.0.0.1"));
	ck_assert(!IP("\x0a\x00\x00\x02", "10.0.0.1"));
	ck_assert(!IP("\x0a\x00\x00", "10.0.0.1"));
	ck_assert(IP("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01",
	    "2001:db8::1"));
	/* IPv4-mapped is neither. */
	ck_assert(!IP("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x00\x00\x01",
	    "10.0.0.1"));
	/* An address in a dNSName, or a pattern over addresses. */
	ck_assert(!DNS("10.0.0.1", "10.0.0.1"));
	ck_assert(!DNS("*.0.0.1", "10.0.0.1"));
	ck_assert(!IP("example.com", "example.com"));
}
END_TEST

START_TEST(no_common_name)
{
	X509 *x = cert("www.example.com", GEN_DNS, NULL, 0);

	ck_assert(!wad_x509_match_name(x, "www.example.com", NULL, 0));
	X509_free(x);
}
END_TEST

START_TEST(common_name)
{
	static const struct { const char *cn; int type; const char *san;
		int len; bool ok; } t[] = {
		{ "www.example.com", GEN_DNS, "www.example.com", -1, true },
		{ "WWW.example.com", GEN_DNS, "www.example.com", -1, true },
		{ "example.com", GEN_DNS, "www.example.com", -1, true },
		{ "example.com", GEN_DNS, "*.example.com", -1, true },
		{ "*.example.com", GEN_DNS, "*.example.com", -1, true },
		{ "a.example.com", GEN_DNS, "*.example.com", -1, true },
		{ "www.example.com", GEN_IPADD, "\x0a\0\0\1", 4, true },
		{ "Lab server 3.1", GEN_DNS, "www.example.com", -1, true },
		{ "1234567890", GEN_DNS, "www.example.com", -1, true },
		{ "00:11:22:33:44:55", GEN_DNS, "www.example.com", -1, true },
		{ "router", GEN_DNS, "www.example.com", -1, true },
		/* as in Kubernetes, and other things that are no host */
		{ "system:node:n1.example.org", GEN_DNS, "n1", -1, true },
		{ "https://a.example.com", GEN_DNS, "b.example.com", -1, true },
		{ "admin@example.org", GEN_DNS, "www.example.com", -1, true },
		{ "fe80::1%lo", GEN_DNS, "www.example.com", -1, true },
		{ "Acme,Inc.", GEN_DNS, "www.example.com", -1, true },
		{ "10.0.0.1", GEN_IPADD, "\x0a\0\0\1", 4, true },
		{ "a.example.com", GEN_DNS, "b.example.com", -1, false },
		{ "ample.com", GEN_DNS, "www.example.com", -1, false },
		{ "www.evil.org", GEN_DNS, "www.example.com", -1, false },
		{ "t\xc3\xabst.com", GEN_DNS, "xn--tst-jma.com", -1, false },
		{ "10.0.0.2", GEN_IPADD, "\x0a\0\0\1", 4, false },
		{ "10.0.0.2", GEN_DNS, "www.example.com", -1, false },
		{ "010.0.0.1", GEN_IPADD, "\x0a\0\0\1", 4, false },
		{ "0x0a000001", GEN_IPADD, "\x0a\0\0\1", 4, false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		X509 *x = cert(t[i].cn, t[i].type, t[i].san, t[i].len);

		GENERAL_NAMES *names = X509_get_ext_d2i(x,
		    NID_subject_alt_name, NULL, NULL);

		ck_assert_msg(wad_x509_match_cn(x, names) == t[i].ok, "%s",
		    t[i].cn);
		GENERAL_NAMES_free(names);
		X509_free(x);
	}
}
END_TEST

/* Thousands of common names with thousands of names were 0.6 s of work. */
START_TEST(many_common_names)
{
	X509	*x = cert("www.example.com", GEN_DNS, "www.example.com", -1);

	for (int n = 1; n <= 9; n++) {
		GENERAL_NAMES *names = X509_get_ext_d2i(x,
		    NID_subject_alt_name, NULL, NULL);

		ck_assert_msg(wad_x509_match_cn(x, names) == (n <= 8), "%d",
		    n);
		GENERAL_NAMES_free(names);
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
		    MBSTRING_UTF8, (const unsigned char *)"example.com", -1,
		    -1, 0);
	}
	X509_free(x);
}
END_TEST

START_TEST(says_which)
{
	X509	*x = cert("x", GEN_DNS, "*.example.com", -1);
	char	 buf[64];

	ck_assert(wad_x509_match_name(x, "a.example.com", buf, sizeof(buf)));
	ck_assert_str_eq(buf, "*.example.com");
	ck_assert(!wad_x509_match_name(x, "a.example.org", buf, sizeof(buf)));
	ck_assert_str_eq(buf, "");
	ck_assert(wad_x509_match_name(x, "a.example.com", buf, 5));
	ck_assert_str_eq(buf, "*.ex");
	X509_free(x);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("x509_match");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, dns);
	tcase_add_test(t, wildcard);
	tcase_add_test(t, ip);
	tcase_add_test(t, no_common_name);
	tcase_add_test(t, common_name);
	tcase_add_test(t, many_common_names);
	tcase_add_test(t, says_which);
	suite_add_tcase(s, t);
	return suite_run(s);
}
