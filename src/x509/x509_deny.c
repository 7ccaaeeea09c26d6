/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in list of leaked authorities.  Each row is the SHA-256 of a
 * SubjectPublicKeyInfo; the numbers were computed from, or compared with, the
 * certificates in the public collections that the comments name.
 */
#include "x509/x509_deny.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string.h>

static const char *const leaked[] = {
	/* Chromium, net/cert/cert_verify_proc_blocklist.inc and its
	 * net/data/ssl/blocklist/README.md, "Private Key Leakages" */
	/* Superfish; also badssl.com certs/foreign/superfish.crt */
	"4bb8f35ba1e126f8dde1b0c420625ed86dce61a7bddadbdea9aba578ff13145e",
	/* Dell eDellRoot; also badssl.com certs/src/crt/ca-edellroot.crt */
	"cdee9f3305572a677e1a6c82dc1e02a35b11cae6a684338c9f37fe1ac8daec23",
	/* Dell DSDTestProvider; also badssl.com certs/foreign */
	"130ad4e0633521290531b6651f5759b0bc7bc656709ff8f365c2143b0389b6f6",
	/* Cyberoam, one key in all devices (CVE-2012-3372) */
	"1af56c98ff043ef92bebff54cebb4dd67a25ba956c817f3e6dd3c1e52eb584c1",
	/* Mitel, security advisory 17-0001: four of them */
	"707d364e72ae521431dd953897f9c4846d5b8c324298fe53fbd4ada1f2d1157f",
	"6adb8e3e055460922d1501cb97f94c6a02e39c8f2774ca408825b7b58379dc14",
	"490b6ec6beb2d6034720b5149b6b29cd35515988cc16af854148b07b9b1f8a11",
	"ef551284715232de92e246c323329362b132493bb16b589e4775520beb871a56",
	/* Sennheiser HeadSetup: two of them */
	"0c43ea8bcde9fc3bca165664ac8215567e3489d5393a0c81e1a79141992e1953",
	"8f591f7aa4dc3efe9490c38a4692c9011ed128f1de595569406d77b6fa1f6b4c",
	/* badssl.com, certs/src/crt: webpack-dev-server's shared key */
	"2bd1e667ec9ebbe02b9a7da264210c99b3eac1cc9141a0e30e3f623eaccec4e1",
	/* preact-cli's shared development key: src/resources/cert.pem of its
	 * repository, commit 222e7018dd36 */
	"680971cb44b0fd56592102a256e85c58e87109ad8044c2b90d8f3c6e9eeab897",
	/* badssl.com, certs/src/crt: "BadSSL MITM Software Test" */
	"9d40513f43991af39fe413aff7608fc56463827137166547de0a1828d524ae98",
};

static void
to_hex(const uint8_t md[32], char hex[65])
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		hex[2 * i] = digit[md[i] >> 4];
		hex[2 * i + 1] = digit[md[i] & 15];
	}
	hex[64] = '\0';
}

static bool
spki_digest(X509 *x, uint8_t md[32])
{
	static EVP_MD	*sha256;	/* fetched once */
	unsigned char	*der = NULL;
	int		 len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	bool		 ok;

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	ok = len > 0 && sha256 != NULL &&
	    EVP_Digest(der, (size_t)len, md, NULL, sha256, NULL) == 1;
	OPENSSL_free(der);
	return ok;
}

bool
wad_x509_deny_has(X509 *x, const uint8_t (*more)[32], size_t n)
{
	uint8_t	md[32];
	char	hex[65];

	if (!spki_digest(x, md))
		return true;
	for (size_t i = 0; i < n; i++)
		if (memcmp(md, more[i], sizeof(md)) == 0)
			return true;
	to_hex(md, hex);
	for (size_t i = 0; i < sizeof(leaked) / sizeof(leaked[0]); i++)
		if (strcmp(hex, leaked[i]) == 0)
			return true;
	return false;
}
