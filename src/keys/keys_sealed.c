/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record is
 *
 *	"owP1", u32 length of what follows the head (little endian),
 *	16 bytes of the CA's identity, 12 bytes nonce,
 *	text encrypted by AES-256-GCM, 16 bytes tag
 *
 * with the whole head as additional data.  A head that was changed, a text
 * that was cut or taken from elsewhere: the tag does not fit.  After damage
 * the reader goes on at the next "owP1".
 */
#include "keys/keys_sealed.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <string.h>

#include "base/xmem.h"

static const uint8_t magic[4] = { 'o', 'w', 'P', '1' };
enum { AT_LEN = 4, AT_CA = 8, AT_NONCE = AT_CA + WAD_SEALED_ID,
	NONCE = 12 };

static const EVP_CIPHER *
cipher(void)
{
	static EVP_CIPHER *c;		/* of the whole life */

	if (c == NULL)
		c = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	WAD_ASSERT(c != NULL);
	return c;
}

int
wad_keys_sealed_key(const uint8_t *key_der, size_t len, const uint8_t ca[32],
    uint8_t out[WAD_SEALED_KEY])
{
	static char	 sha256[] = "SHA256", info[] = "openwad products 1";
	EVP_KDF		*kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX	*ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	OSSL_PARAM	 p[5];
	int		 ret = -1;

	p[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256,
	    0);
	p[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
	    (void *)(uintptr_t)key_der, len);
	p[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
	    (void *)(uintptr_t)ca, 32);
	p[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info,
	    sizeof(info) - 1);
	p[4] = OSSL_PARAM_construct_end();
	if (ctx != NULL && EVP_KDF_derive(ctx, out, WAD_SEALED_KEY, p) == 1)
		ret = 0;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	ERR_clear_error();
	return ret;
}

static void
put32(uint8_t *p, size_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static size_t
get32(const uint8_t *p)
{
	return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 |
	    (size_t)p[3] << 24;
}

/* Both ways; 0 or -1. */
static int
crypt_text(bool seal, const uint8_t *key, const uint8_t *head,
    const uint8_t *in, size_t len, uint8_t *out, uint8_t *tag)
{
	EVP_CIPHER_CTX	*c = EVP_CIPHER_CTX_new();
	int		 n, ret = -1;

	if (c != NULL &&
	    EVP_CipherInit_ex2(c, cipher(), key, head + AT_NONCE, seal,
	    NULL) == 1 &&
	    EVP_CipherUpdate(c, NULL, &n, head, WAD_SEALED_HEAD) == 1 &&
	    EVP_CipherUpdate(c, out, &n, in, (int)len) == 1 &&
	    (seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG,
	    WAD_SEALED_TAG, tag) == 1) &&
	    EVP_CipherFinal_ex(c, out + len, &n) == 1 &&
	    (!seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG,
	    WAD_SEALED_TAG, tag) == 1))
		ret = 0;
	EVP_CIPHER_CTX_free(c);
	ERR_clear_error();
	return ret;
}

size_t
wad_keys_sealed_make(const uint8_t key[WAD_SEALED_KEY], const uint8_t ca[32],
    const void *text, size_t len, uint8_t *out)
{
	if (len > WAD_SEALED_MAX)
		return 0;
	memcpy(out, magic, sizeof(magic));
	put32(out + AT_LEN, len + WAD_SEALED_TAG);
	memcpy(out + AT_CA, ca, WAD_SEALED_ID);
	if (RAND_bytes(out + AT_NONCE, NONCE) != 1 ||
	    crypt_text(true, key, out, text, len, out + WAD_SEALED_HEAD,
	    out + WAD_SEALED_HEAD + len) == -1)
		return 0;
	return WAD_SEALED_HEAD + len + WAD_SEALED_TAG;
}

int
wad_keys_sealed_next(const uint8_t *buf, size_t len, size_t *at,
    struct wad_sealed *r)
{
	const uint8_t	*p;
	size_t		 body;

	while (len - *at >= WAD_SEALED_HEAD + WAD_SEALED_TAG) {
		p = memmem(buf + *at, len - *at, magic, sizeof(magic));
		if (p == NULL) {
			*at = len - (sizeof(magic) - 1);
			return 0;
		}
		*at = (size_t)(p - buf);
		if (len - *at < WAD_SEALED_HEAD)
			return 0;
		body = get32(p + AT_LEN);
		if (body < WAD_SEALED_TAG ||
		    body > WAD_SEALED_MAX + WAD_SEALED_TAG) {
			(*at)++;	/* no head: look behind it */
			continue;
		}
		if (len - *at - WAD_SEALED_HEAD < body)
			return 0;
		r->head = p;
		r->ca = p + AT_CA;
		r->text_len = body - WAD_SEALED_TAG;
		r->len = WAD_SEALED_HEAD + body;
		return 1;
	}
	return 0;
}

int
wad_keys_sealed_open(const struct wad_sealed *r,
    const uint8_t key[WAD_SEALED_KEY], uint8_t *out)
{
	uint8_t tag[WAD_SEALED_TAG];

	memcpy(tag, r->head + r->len - WAD_SEALED_TAG, sizeof(tag));
	return crypt_text(false, key, r->head, r->head + WAD_SEALED_HEAD,
	    r->text_len, out, tag);
}
