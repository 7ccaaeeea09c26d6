/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a peer's certificate: the one door.  Finds a path to a
 * trusted root among everything at hand, checks it with OpenSSL and with the
 * rules that OpenSSL leaves out, and says in plain words what is wrong.
 */
#ifndef WAD_X509_VERIFY_H
#define WAD_X509_VERIFY_H

#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wad_x509_use { WAD_X509_SERVER, WAD_X509_CLIENT };

/* Intermediates at most, and certificates that a peer may send. */
enum { WAD_X509_DEPTH = 10, WAD_X509_SENT_MAX = 100 };
#define WAD_X509_DEPTH_NONE	(~0u)		/* no intermediate at all */

/* Everything here is borrowed for the call. */
struct wad_x509_ask {
	X509			*leaf;
	STACK_OF(X509)		*sent;	/* as received, any order, may hold
					 * the leaf, may be NULL */
	X509_STORE		*store;	/* trusted roots */
	STACK_OF(X509)		*helpers; /* local intermediates, or NULL */
	STACK_OF(X509_CRL)	*crls;	/* local ones, or NULL */
	bool			 crl_strict; /* crl_missing is set when an
					 * issuer has CRLs, none usable */
	const uint8_t		(*deny)[32]; /* SHA-256 of public keys (SPKI)
					 * that are never trusted, besides the
					 * built-in list of leaked CAs */
	size_t			 n_deny;
	const char		*name;	/* canonical host name or address;
					 * NULL: names are not checked */
	enum wad_x509_use	 use;
	int64_t			 now;	/* seconds since the epoch */
	unsigned		 depth_max; /* intermediates that are not
					 * self-issued; 0: WAD_X509_DEPTH;
					 * or WAD_X509_DEPTH_NONE */
};

struct wad_x509_verdict {
	bool		 good;		/* nothing below is set */
	bool		 expired;	/* or not yet valid, anywhere */
	bool		 untrusted;	/* no path to a trusted root */
	bool		 incomplete;	/* (with untrusted) an issuer is
					 * missing: "chain-incomplete" */
	bool		 wrong_name;
	bool		 revoked;	/* by a local CRL */
	bool		 crl_missing;	/* see crl_strict */
	bool		 denied;	/* (with invalid) a denied key */
	bool		 invalid;	/* everything else */
	int		 error;		/* X509_V_ERR_* of the first fault,
					 * 0 when it is one of our rules */
	int		 depth;		/* of the first fault, 0 is the leaf */
	unsigned	 tried;		/* candidate paths looked at */
	int64_t		 valid_from;	/* intersection of the dates in the */
	int64_t		 valid_until;	/* path, else of the leaf */
	char		 text[120];	/* what is wrong, "good" when good */
	STACK_OF(X509)	*path;		/* leaf .. root, with references;
					 * NULL when there is none */
};

/* Fills *v whatever comes; never blocks; at most 100 candidate paths and
 * about 50 ms.  Give it to the other afterwards. */
void	wad_x509_verify(const struct wad_x509_ask *,
	    struct wad_x509_verdict *v);
/* How many intermediates this question allows. */
unsigned wad_x509_verify_depth(const struct wad_x509_ask *);
/* Frees the path and clears the rest. */
void	wad_x509_verify_clear(struct wad_x509_verdict *);

#endif
