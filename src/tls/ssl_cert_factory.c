/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making products with wad-keys, see ssl_cert_factory.h.
 */
#include "tls/ssl_cert_factory.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "x509/x509_msg.h"

enum { CHAIN_MAX = 10, STAPLE_MAX = 16384 };

void
wad_ssl_cert_factory_ask(const struct wad_ssl_nego *n, uint64_t generation,
    uint32_t serial, uint32_t policy, struct wad_msg *m)
{
	const char		*sans[WAD_DESC_SANS_MAX];
	struct wad_cert_desc	 d = {
		.generation = generation, .ca = n->ca->name,
		.key_type = n->key_type, .name = n->host, .sans = sans,
		.not_before = n->origin.not_before,
		.not_after = n->origin.not_after,
		.serial = serial, .policy = policy, .staple = n->srv_staple,
	};

	/* The origin's names only when it proved them. */
	if (n->verified && n->verdict.good)
		for (size_t i = 0; i < n->origin.n_sans &&
		    d.n_sans < WAD_DESC_SANS_MAX; i++)
			if (strcmp(n->origin.sans[i], n->host) != 0)
				sans[d.n_sans++] = n->origin.sans[i];
	memcpy(d.origin_sha256, n->origin.sha256, sizeof(d.origin_sha256));
	wad_msg_init(m, WAD_MSG_FORGE, 0);
	wad_x509_msg_put(m, &d);
}

void
wad_ssl_cert_factory_key(const struct wad_ssl_nego *n,
    struct wad_product_key *k)
{
	memset(k, 0, sizeof(*k));
	k->host = (char *)(uintptr_t)n->host;
	k->ca = (char *)(uintptr_t)n->ca->name;
	k->generation = n->scope.generation;
	memcpy(k->origin, n->origin.sha256, sizeof(k->origin));
	k->key_type = (uint8_t)n->key_type;
	k->with_names = n->verified && n->verdict.good;
	k->with_staple = n->srv_staple;
}

static X509 *
get_x509(struct wad_msg_in *m, size_t *size)
{
	const void		*p;
	const unsigned char	*at;
	size_t			 len;

	if (wad_msg_get_blob(m, &p, &len) == -1 || len > 65536)
		return NULL;
	*size += len;
	at = p;
	return d2i_X509(NULL, &at, (long)len);
}

static int
get_chain(struct wad_msg_in *m, struct wad_cert_product *p)
{
	uint32_t	 count;
	X509		*x;

	if (wad_msg_get_u32(m, &count) == -1 || count > CHAIN_MAX)
		return -1;
	while (count-- > 0) {
		x = get_x509(m, &p->size);
		if (x == NULL)
			return -1;
		sk_X509_push(p->chain, x);
	}
	return 0;
}

static int
get_staple(struct wad_msg_in *m, struct wad_cert_product *p)
{
	const void	*der;
	size_t		 len;

	if (wad_msg_get_blob(m, &der, &len) == -1 || len > STAPLE_MAX ||
	    wad_msg_end(m) == -1)
		return -1;
	if (len == 0)
		return 0;
	p->staple = wad_xmalloc(len);
	memcpy(p->staple, der, len);
	p->staple_len = len;
	p->size += len;
	return 0;
}

struct wad_cert_product *
wad_ssl_cert_factory_product_make(const struct wad_product_key *k,
    struct wad_msg_in *m, char *err, size_t errsize)
{
	struct wad_cert_product	*p;
	const char		*text;
	const void		*key;
	const unsigned char	*at;
	size_t			 klen;
	uint32_t		 how;
	uint64_t		 until;

	snprintf(err, errsize, "wad-keys sent a malformed answer");
	if (wad_msg_get_u32(m, &how) == -1 || wad_msg_get_str(m, &text) == -1)
		return NULL;
	if (how == WAD_FORGED_NOT) {
		snprintf(err, errsize, "%s", text);
		return NULL;
	}
	p = wad_xcalloc(1, sizeof(*p));
	p->refcount = 1;
	p->chain = sk_X509_new_null();
	p->leaf = get_x509(m, &p->size);
	if (p->leaf == NULL || wad_msg_get_blob(m, &key, &klen) == -1 ||
	    klen > 16384)
		goto fail;
	at = key;
	p->key = d2i_AutoPrivateKey(NULL, &at, (long)klen);
	p->size += klen;
	if (p->key == NULL || get_chain(m, p) == -1 ||
	    wad_msg_get_u64(m, &until) == -1 || get_staple(m, p) == -1)
		goto fail;
	if (how == WAD_FORGED_AGAIN)
		WAD_COUNT(FORGE_AGAIN);
	p->not_after = (int64_t)until;
	p->id = *k;
	p->id.host = wad_xstrdup(k->host);
	p->id.ca = wad_xstrdup(k->ca);
	WAD_DBG(CERT, WAD_I, "raw_cert %p, ksize = %d, key_type = %d, priv_key = %p", (void *)p->leaf, EVP_PKEY_get_bits(p->key),
	    k->key_type, (void *)p->key);
	return p;
fail:
	ERR_clear_error();
	wad_ssl_cert_storage_put(p);
	return NULL;
}
