/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates whose private keys wad-keys holds, by generation of the
 * configuration: the current one and, during a reload, the one to come.
 */
#ifndef WAD_KEYS_STORE_H
#define WAD_KEYS_STORE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf_snap.h"

enum { WAD_KEYS_CHAIN_MAX = 10, WAD_KEYS_MAX = 4096 };

struct wad_keys_der { uint8_t *p; size_t len; };

struct wad_keys_entry {
	struct wad_keys_entry *next;
	char		*name;
	char		*bad;		/* why it is of no use; NULL: good */
	X509		*cert;
	EVP_PKEY	*key;
	bool		 is_ca;
	int64_t		 not_after;
	uint8_t		 id[32];	/* SHA-256 of it and its chain */
	uint8_t		 seal_key[32];	/* of a CA: keys_sealed.h */
	struct wad_keys_der der;	/* the certificate */
	struct wad_keys_der key_der;	/* PKCS #8; empty for every CA */
	/* What a client needs above what this signs (CA: itself first) or
	 * above itself (no CA).  Never a self-signed root. */
	struct wad_keys_der chain[WAD_KEYS_CHAIN_MAX];
	/* Of the chain, those with name constraints; without the CA itself. */
	X509		*constrained[WAD_KEYS_CHAIN_MAX];
	size_t		 n_chain, n_constrained;
};

struct wad_keys_store;

struct wad_keys_store *wad_keys_store_new(void);
void	 wad_keys_store_free(struct wad_keys_store *);
/* Takes a certificate (with its chain) and key of a generation to come; one
 * that does not fit is kept with the reason, for prepare to tell.  0, or -1
 * when there are too many. */
int	 wad_keys_store_add(struct wad_keys_store *, uint64_t generation,
	    const char *name, const char *cert_pem, const char *key_pem);
/* Is every certificate that has_key in conf here and good?  0, or -1 with
 * the reason in err; the generation to come is then still pending. */
int	 wad_keys_store_prepare(struct wad_keys_store *,
	    const struct wad_conf *, char *err, size_t errsize);
void	 wad_keys_store_commit(struct wad_keys_store *);
void	 wad_keys_store_abort(struct wad_keys_store *);
/* By name in that generation; when it is gone, in the current one.  NULL
 * when there is none or it is bad. */
const struct wad_keys_entry *wad_keys_store_find(
	    const struct wad_keys_store *, uint64_t generation,
	    const char *name);

/* A CA of the current generation or of the one to come, by the first bytes
 * of its id; NULL. */
const struct wad_keys_entry *wad_keys_store_by_id(
	    const struct wad_keys_store *, const uint8_t *id, size_t len);
/* Is there a current generation? */
bool	 wad_keys_store_ready(const struct wad_keys_store *);

#endif
