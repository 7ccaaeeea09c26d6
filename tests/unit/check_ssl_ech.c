/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_ech.c and ssl_replace.c: which outer name is a real ECH, and which of
 * the administrator's certificates goes with a name.
 */
#include <check.h>

#include <openssl/pem.h>

#include "tls/ssl_ech.h"
#include "tls/ssl_replace.h"

#include "suite.h"
#include "tls_pair.h"

START_TEST(outer_names)
{
	const char		*names[] = { "ech.example", "*.pub.example" };
	struct wad_profile	 p = { .ech_outer = names, .n_ech_outer = 2 };
	static const struct { const char *sni; bool is; } row[] = {
		{ "ech.example", true }, { "a.pub.example", true },
		{ "cloudflare-ech.com", true },
		{ "pub.example", false }, { "a.b.pub.example", false },
		{ "www.example", false }, { "", false },
		{ "x.ech.example", false },
	};

	ck_assert_msg(wad_ssl_ech_outer(&p, row[_i].sni) == row[_i].is,
	    "%s", row[_i].sni);
}
END_TEST

static const char *
pem_of(X509 *x)
{
	BIO	*b = BIO_new(BIO_s_mem());
	char	*data, *text;
	long	 len;

	ck_assert_int_eq(PEM_write_bio_X509(b, x), 1);
	len = BIO_get_mem_data(b, &data);
	text = strndup(data, (size_t)len);
	BIO_free(b);
	return text;
}

static struct wad_cert
cert(const char *name, const char *san)
{
	struct made	 m = { .cn = "x", .san = san, .from = -DAY,
			    .until = DAY };
	EVP_PKEY	*key = EVP_EC_gen("P-256");
	X509		*x = made_cert(&m, key, NULL, NULL);
	struct wad_cert	 c = { .name = name, .has_key = true };

	c.pem = pem_of(x);
	X509_free(x);
	EVP_PKEY_free(key);
	return c;
}

START_TEST(the_certificate_that_bears_the_name)
{
	struct wad_cert		 certs[] = { cert("one", "DNS:one.example"),
				    cert("two", "DNS:*.two.example"),
				    { .name = "none" } };
	const struct wad_cert	*list[] = { &certs[0], &certs[1] };
	const struct wad_cert	*empty[] = { &certs[2] };
	struct wad_profile	 p[] = {
		{ .replace = true, .server_certs = list,
		    .n_server_certs = 2 },
		{ .replace = false, .server_certs = list,
		    .n_server_certs = 2 },
		{ .replace = true, .server_certs = empty,
		    .n_server_certs = 1 },
	};
	struct wad_conf		 conf = { .profiles = p, .n_profiles = 3 };
	struct wad_ssl_replace	*r = wad_ssl_replace_new(&conf);

	ck_assert_ptr_eq(wad_ssl_replace_pick(r, &p[0], "one.example"),
	    &certs[0]);
	ck_assert_ptr_eq(wad_ssl_replace_pick(r, &p[0], "a.two.example"),
	    &certs[1]);
	/* nothing bears it: the first, as an origin with one default does */
	ck_assert_ptr_eq(wad_ssl_replace_pick(r, &p[0], "else.example"),
	    &certs[0]);
	ck_assert_ptr_null(wad_ssl_replace_pick(r, &p[1], "one.example"));
	ck_assert_ptr_null(wad_ssl_replace_pick(r, &p[2], "one.example"));
	wad_ssl_replace_free(r);
	wad_ssl_replace_free(NULL);
	for (int i = 0; i < 2; i++)
		free((void *)(uintptr_t)certs[i].pem);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_ech");
	TCase	*t = tcase_create("all");

	tcase_add_loop_test(t, outer_names, 0, 8);
	tcase_add_test(t, the_certificate_that_bears_the_name);
	suite_add_tcase(s, t);
	return suite_run(s);
}
