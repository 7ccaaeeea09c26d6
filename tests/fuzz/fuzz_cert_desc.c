/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a FORGE message, taken apart, checked and built, as in
 * wad-keys.  Whatever passes the check must give a certificate that reads
 * back as a server's and nothing more.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "base/xmem.h"
#include "x509/x509_build.h"
#include "x509/x509_match.h"
#include "x509/x509_msg.h"
#include "x509/x509_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try(const struct wad_cert_desc *d, X509 *ca, EVP_PKEY *ca_key, EVP_PKEY *ec,
    EVP_PKEY *rsa)
{
	char		 err[300];
	X509		*x, *y;
	uint8_t		*der = NULL;
	const uint8_t	*p;
	int		 len;

	if (wad_x509_desc_check(d, err, sizeof(err)) == -1)
		return;
	x = wad_x509_build_leaf(d, ca, ca_key, d->key_type == WAD_KEY_EC ? ec :
	    rsa, (int64_t)1900000000, 86400, err, sizeof(err));
	if (x == NULL)
		return;
	len = i2d_X509(x, &der);
	WAD_ASSERT(len > 0);
	p = der;
	y = d2i_X509(NULL, &p, len);
	WAD_ASSERT(y != NULL && p == der + len);
	WAD_ASSERT(X509_check_ca(y) == 0);
	WAD_ASSERT(X509_get_extended_key_usage(y) == XKU_SSL_SERVER);
	/* we judge servers' names with an underscore harder than browsers do */
	WAD_ASSERT(strchr(d->name, '_') != NULL ||
	    wad_x509_match_name(y, d->name, NULL, 0));
	WAD_ASSERT(X509_verify(y, ca_key) == 1);
	X509_free(x);
	X509_free(y);
	OPENSSL_free(der);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static X509		*ca;
	static EVP_PKEY		*ca_key, *ec, *rsa;
	const char		*sans[WAD_DESC_SANS_MAX];
	struct wad_msg_in	 in = { .type = WAD_MSG_FORGE, .p = data,
		.left = size };
	struct wad_cert_desc	 d;

	if (ca == NULL) {
		WAD_ASSERT(wad_x509_build_ca("Fuzz CA", &ca, &ca_key) == 0);
		ec = wad_x509_build_key(WAD_KEY_EC);
		rsa = wad_x509_build_key(WAD_KEY_RSA);
		WAD_ASSERT(ec != NULL && rsa != NULL);
	}
	if (wad_x509_msg_get(&in, &d, sans) == 0)
		try(&d, ca, ca_key, ec, rsa);
	return 0;
}
