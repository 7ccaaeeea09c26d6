/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the server genuine: chain, name, dates; the trust that is asked.
 */
#ifndef WAD_TLS_SSL_CERT_H
#define WAD_TLS_SSL_CERT_H

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "conf/conf_snap.h"

/* The roots of a configuration; counted, one per trust generation. */
struct wad_trust {
	int		 refcount;
	uint64_t	 generation;	/* a new one makes old verdicts stale */
	X509_STORE	*store;
	size_t		 n_roots;
};

/* What was found; the profile says what follows. */
struct wad_ssl_verdict {
	bool	 good;
	bool	 expired;		/* or not valid yet */
	bool	 untrusted;		/* no path to a root that is trusted */
	bool	 wrong_name;
	bool	 invalid;		/* anything else: signature, constraints,
					 * weak key, ... */
	int	 error;			/* X509_V_ERR_ of the chain, 0 */
	int	 depth;
	char	 text[96];		/* in words, static text and numbers */
};

enum wad_cert_fate { WAD_FATE_TRUSTED, WAD_FATE_UNTRUSTED, WAD_FATE_BLOCK };

/* A store with the system's bundle and `vpn certificate ca`.  NULL with a
 * reason. */
struct wad_trust *wad_trust_new(const struct wad_conf *, const char *bundle,
	    size_t len, char *err, size_t errsize);
struct wad_trust *wad_trust_get(struct wad_trust *);
void	wad_trust_put(struct wad_trust *);	/* NULL allowed */

/* OpenSSL's cert_verify_callback of leg 7: records the verdict in the
 * negotiation and always lets the handshake go on; `vet` decides. */
int	wad_ssl_cert_verify(X509_STORE_CTX *, void *);

/* What the profile makes of a verdict.  *reason: why blocked. */
enum wad_cert_fate wad_ssl_cert_fate(const struct wad_ssl_verdict *,
	    const struct wad_ssl_proto *, enum wad_reason_id *reason);

/* Lines 37 and 43. */
void	wad_ssl_cert_get_auth_status(const struct wad_ssl_verdict *,
	    const struct wad_ssl_proto *, bool stale);

#endif
