/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server staples, a responder answers or a CRL's address gives: the
 * bytes, judged for a certificate and an issuer that stay the same.  Seeds are
 * signed by that issuer.  What counts carries its time and its reason; what
 * does not count has no time, unless it says "unknown".
 */
#include <stddef.h>
#include <stdint.h>

#include <openssl/pem.h>

#include "base/xmem.h"
#include "x509/x509_revoke.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define NOW	((int64_t)1900000000)

static const char issuer_pem[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBQTCB6KADAgECAgEBMAoGCCqGSM49BAMCMBYxFDASBgNVBAMMC0Z1enogSXNz\n"
	"dWVyMCIYDzIwMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBYxFDASBgNV\n"
	"BAMMC0Z1enogSXNzdWVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEd4ixg1Cd\n"
	"X4ylzQsTWI6Z6TlwKEW1tzMGw6ONrMTzDH9zasdOKrTZnmluml8nzRpsJ3R+4kXP\n"
	"AbZOw1l0+6QvFKMjMCEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYw\n"
	"CgYIKoZIzj0EAwIDSAAwRQIhAP/NXOn5AGw352Wa35jPwlSsIKHH9OEOSZ2EUdPg\n"
	"41EzAiBV7y/4AQLw6ZFKhASe2YtqEBRJnoyuWVNKp84TfxcMiw==\n"
	"-----END CERTIFICATE-----\n";

static const char leaf_pem[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBYzCCAQigAwIBAgIBTTAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtGdXp6IElz\n"
	"c3VlcjAiGA8yMDIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAXMRUwEwYD\n"
	"VQQDDAxsZWFmLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATZo1sZ\n"
	"ALm9+KeLFsgap1oi/GlZZE3J8RU2y1iStXiNLwjhruWbD5nJzXUcU7DkTH/xxWgb\n"
	"sbFPrSIUiXy2zoqbo0IwQDATBgNVHSUEDDAKBggrBgEFBQcDATApBgNVHR8EIjAg\n"
	"MB6gHKAahhhodHRwOi8vY3JsLmV4YW1wbGUvNy5jcmwwCgYIKoZIzj0EAwIDSQAw\n"
	"RgIhANikNprZ/+29ACDlTVWrQ/0RNOYFHWGCZPBXjB2JDFwwAiEAhpThic/WtEvh\n"
	"2SVXua6ghJrws8FFeubuSfvE6OZjI70=\n"
	"-----END CERTIFICATE-----\n";

static X509 *
read_cert(const char *pem)
{
	BIO	*b = BIO_new_mem_buf(pem, -1);
	X509	*x = PEM_read_bio_X509(b, NULL, NULL, NULL);

	WAD_ASSERT(x != NULL);
	BIO_free(b);
	return x;
}

static void
check(const struct wad_x509_status *st)
{
	bool counts = st->status == WAD_CERT_GOOD ||
	    st->status == WAD_CERT_REVOKED;

	WAD_ASSERT(counts || st->status == WAD_CERT_NONE);
	WAD_ASSERT(st->text[0] != '\0');
	WAD_ASSERT(!counts || st->until >= NOW - 300);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static X509		*issuer, *leaf;
	struct wad_x509_status	 st;
	const uint8_t		*p = data;
	X509_CRL		*crl;

	if (issuer == NULL) {
		issuer = read_cert(issuer_pem);
		leaf = read_cert(leaf_pem);
	}
	wad_x509_revoke_ocsp(data, size, leaf, issuer, NOW, &st);
	check(&st);
	if (size > WAD_CRL_MAX)
		return 0;
	crl = d2i_X509_CRL(NULL, &p, (long)size);
	if (crl == NULL)
		return 0;
	wad_x509_revoke_crl(crl, leaf, issuer, NOW, &st);
	check(&st);
	/* whoever signed it: the reading of scope, time and entries */
	wad_x509_revoke_crl_find(crl, leaf, NOW, &st);
	check(&st);
	X509_CRL_free(crl);
	return 0;
}
