/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forged certificates of this worker: one product per (name, origin
 * certificate, CA, key type, configuration), bounded.
 */
#ifndef WAD_TLS_SSL_CERT_STORAGE_H
#define WAD_TLS_SSL_CERT_STORAGE_H

#include <openssl/x509.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/lru.h"
#include "x509/x509_desc.h"

enum { WAD_STORAGE_MAX = 8192 };

struct wad_cert_product {
	struct wad_lru_entry lru;	/* first member */
	int		 refcount;
	X509		*leaf;
	EVP_PKEY	*key;
	STACK_OF(X509)	*chain;		/* without the leaf */
	uint8_t		*staple;	/* OCSP response for the leaf; NULL */
	size_t		 staple_len;
	size_t		 size;		/* bytes of DER */
	int64_t		 not_after;	/* of the leaf, or of its response */
	struct wad_product_key {
		char	*host, *ca;
		uint64_t generation;	/* of the configuration: another one
					 * may have another CA of that name */
		uint8_t	 origin[32];
		uint8_t	 key_type;
		bool	 with_names;	/* the origin's SANs are in it */
		bool	 with_staple;	/* a response was wished */
	} id;
};

bool	wad_ssl_cert_storage_same(const struct wad_product_key *,
	    const struct wad_product_key *);
uint64_t wad_ssl_cert_storage_hash(const struct wad_product_key *);
/* firewall ssl setting: how many are kept (0: WAD_STORAGE_MAX; what is above
 * goes now) and for how many minutes one is used again (0: while it is
 * valid). */
void	wad_ssl_cert_storage_limit(unsigned capacity, unsigned minutes);
/* A product that can still be used, with a reference; NULL. */
struct wad_cert_product *wad_ssl_cert_storage_find(
	    const struct wad_product_key *);
/* Takes the caller's reference into the storage and keeps one for the
 * caller: lines 49 and 50. */
void	wad_ssl_cert_storage_add_product(struct wad_cert_product *);
void	wad_ssl_cert_storage_put(struct wad_cert_product *);	/* NULL ok */

#endif
