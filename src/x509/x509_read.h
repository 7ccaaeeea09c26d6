/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of certificates: of our own (for the priority list) and of a peer's
 * (for the description of a forged one).
 */
#ifndef WAD_X509_READ_H
#define WAD_X509_READ_H

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "conf/conf_snap.h"
#include "x509/x509_desc.h"

/* A wad_conf_facts_fn. */
int	wad_x509_read_facts(const char *pem, struct wad_cert_facts *, char *err,
	    size_t errsize);

/* What a forged certificate is modelled on. */
struct wad_x509_origin {
	char		 cn[WAD_HOST_MAX];	/* canonical, "" when none */
	char		**sans; size_t n_sans;	/* dNSName and iPAddress that are
					 * valid and canonical, bounded */
	int64_t		 not_before, not_after;
	unsigned	 key_bits;
	unsigned	 key_type;	/* 1 RSA, 2 DSA, 3 EC, 4 Ed25519, 0 other */
	uint8_t		 sha256[32];
	bool		 has_sct;	/* signed certificate timestamps are in it
					 * (RFC 6962) */
};
/* 0, or -1 when dates or key cannot be read.  Free with the other. */
int	wad_x509_read_origin(X509 *, struct wad_x509_origin *);
void	wad_x509_read_origin_free(struct wad_x509_origin *);

/* The canonical text of a dNSName ("*.x" allowed) or iPAddress; 0, or -1 for
 * every other kind of name and for names that are not valid. */
int	wad_x509_read_san(const GENERAL_NAME *, char dst[WAD_HOST_MAX]);
/* True for "a.b", "10.0.0.1", "*.a.b": what may stand in a certificate.  A
 * wildcard is one whole label with two or more behind it. */
bool	wad_x509_read_name_ok(const char *, bool wildcard);
/* Seconds since the epoch; 0 or -1. */
int	wad_x509_read_time(const ASN1_TIME *, int64_t *);

/* Certificates of PEM text, in order; NULL on error (reason in err). */
STACK_OF(X509) *wad_x509_read_pem(const char *pem, size_t len, char *err,
	    size_t errsize);
/* Adds every certificate of a PEM bundle to a store; how many, or -1.
 * Unreadable ones among readable ones are passed over. */
int	wad_x509_read_bundle(X509_STORE *, const char *pem, size_t len);

#endif
