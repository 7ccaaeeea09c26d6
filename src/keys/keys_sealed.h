/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that only the holder of a CA's key can read: AES-256-GCM under a
 * key derived from the CA's.  Bytes in, bytes out; files are keys_product.c.
 */
#ifndef WAD_KEYS_SEALED_H
#define WAD_KEYS_SEALED_H

#include <openssl/evp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WAD_SEALED_ID = 16,		/* of the CA, in the record's head */
	WAD_SEALED_KEY = 32,
	WAD_SEALED_HEAD = 4 + 4 + WAD_SEALED_ID + 12,
	WAD_SEALED_TAG = 16,
	WAD_SEALED_MAX = 128 << 10,	/* bytes of text in a record */
	WAD_SEALED_REC_MAX = WAD_SEALED_HEAD + WAD_SEALED_MAX + WAD_SEALED_TAG,
};

/* One record found in a buffer. */
struct wad_sealed {
	const uint8_t	*head;		/* WAD_SEALED_HEAD bytes */
	const uint8_t	*ca;		/* WAD_SEALED_ID bytes of it */
	size_t		 text_len;
	size_t		 len;		/* of the whole record */
};

/* The key for records of a CA: HKDF-SHA256 (RFC 5869) of its private key in
 * DER, salted by the CA's identity (32 bytes).  0 or -1. */
int	wad_keys_sealed_key(const uint8_t *key_der, size_t len,
	    const uint8_t ca[32], uint8_t out[WAD_SEALED_KEY]);
/* Writes a record of text (at most WAD_SEALED_MAX) to out, which has room for
 * WAD_SEALED_HEAD + len + WAD_SEALED_TAG; its length, or 0. */
size_t	wad_keys_sealed_make(const uint8_t key[WAD_SEALED_KEY],
	    const uint8_t ca[32], const void *text, size_t len, uint8_t *out);
/* The next record at or behind *at, which is moved to it.  1 found; 0 none is
 * whole: *at is then the first byte that may belong to one. */
int	wad_keys_sealed_next(const uint8_t *buf, size_t len, size_t *at,
	    struct wad_sealed *);
/* Decrypts it into out (text_len bytes); 0, or -1 when it is not genuine. */
int	wad_keys_sealed_open(const struct wad_sealed *,
	    const uint8_t key[WAD_SEALED_KEY], uint8_t *out);

#endif
