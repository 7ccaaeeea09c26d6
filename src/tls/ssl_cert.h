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
#include "x509/x509_revoke.h"

/* What a configuration trusts; counted, one per trust generation. */
struct wad_trust {
	int		 refcount;
	uint64_t	 generation;	/* a new one makes old verdicts stale */
	X509_STORE	*store;
	size_t		 n_roots;
	STACK_OF(X509_CRL) *crls;	/* local ones; NULL: none */
	bool		 crl_strict;
	uint8_t		(*deny)[32];	/* SHA-256 of the public keys of our own
					 * CAs: they vouch for no server */
	size_t		 n_deny;
};

/* What was found; the profile says what follows. */
struct wad_ssl_verdict {
	bool	 good;			/* none of the next seven */
	bool	 expired;		/* or not valid yet */
	bool	 untrusted;		/* no path to a root that is trusted */
	bool	 incomplete;		/* untrusted because an issuer is missing */
	bool	 wrong_name;
	bool	 revoked;
	bool	 denied;		/* our own CA or one whose key leaked */
	bool	 invalid;		/* anything else: signature, constraints,
					 * weak key, ... */
	enum wad_cert_status status;	/* of revocation */
	int64_t	 status_until;		/* seconds since the epoch, 0: no end */
	uint64_t staple;		/* hash of the staple looked at; 0 none */
	char	 text[120];		/* in words: our texts, numbers, escaped
					 * names */
};

enum wad_cert_fate { WAD_FATE_TRUSTED, WAD_FATE_UNTRUSTED, WAD_FATE_BLOCK };

/* A store with the system's bundle and `vpn certificate ca`, the local CRLs,
 * and what is never trusted.  NULL with a reason. */
struct wad_trust *wad_trust_new(const struct wad_conf *, const char *bundle,
	    size_t len, char *err, size_t errsize);
struct wad_trust *wad_trust_get(struct wad_trust *);
void	wad_trust_put(struct wad_trust *);	/* NULL allowed */

struct wad_ssl_nego;

/* OpenSSL's cert_verify_callback of leg 7: records the verdict in the
 * negotiation and always lets the handshake go on; `judge` decides. */
int	wad_ssl_cert_verify(X509_STORE_CTX *, void *);
/* The verdict once more, with issuers that the server did not send. */
void	wad_ssl_cert_again(struct wad_ssl_nego *, SSL *,
	    STACK_OF(X509) *issuers);
/* After the handshake: what the staple says (RFC 6066 section 8, RFC 7633).
 * A verdict that was kept is made anew when the staple is another one. */
void	wad_ssl_cert_staple(struct wad_ssl_nego *, SSL *,
	    const struct wad_conf *);
/* Should wad-lookup be asked about the path?  A staple spares only the leaf:
 * who has the key of a revoked issuer can make one. */
bool	wad_ssl_cert_ask_status(const struct wad_ssl_nego *,
	    const struct wad_conf *);
/* Takes its answer into the verdict. */
void	wad_ssl_cert_status(struct wad_ssl_nego *, const struct wad_conf *,
	    const struct wad_x509_status *, unsigned depth);

/* What the profile makes of a verdict.  *reason: why it is not simply good;
 * left alone when it is, or when all that is wrong is ignored. */
enum wad_cert_fate wad_ssl_cert_fate(const struct wad_ssl_verdict *,
	    const struct wad_ssl_proto *, enum wad_reason_id *reason);

/* The worst of what is wrong, whatever the profile makes of it; WR_N. */
enum wad_reason_id wad_ssl_cert_worst(const struct wad_ssl_verdict *);

/* Lines 37 and 43. */
void	wad_ssl_cert_get_auth_status(const struct wad_ssl_verdict *,
	    const struct wad_ssl_proto *, bool stale);

#endif
