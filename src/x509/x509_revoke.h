/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this certificate revoked: OCSP responses (RFC 6960) and CRLs (RFC 5280
 * section 6.3), judged by the same code whoever brought them.
 */
#ifndef WAD_X509_REVOKE_H
#define WAD_X509_REVOKE_H

#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero vouches for nothing: what nobody set is not good. */
enum wad_cert_status {
	WAD_CERT_NONE,		/* nothing usable says anything */
	WAD_CERT_GOOD,
	WAD_CERT_REVOKED,
	WAD_CERT_TIMEOUT,	/* asked, no answer in time */
	WAD_CERT_FAILURE	/* asked, the answer was of no use */
};
extern const char *const wad_x509_revoke_names[];	/* "none", ... */

struct wad_x509_status {
	enum wad_cert_status status;
	int64_t	 until;		/* seconds since the epoch, 0: unknown */
	char	 text[120];	/* why, in words */
};

enum { WAD_STAPLE_MAX = 64 * 1024, WAD_CRL_MAX = 16 * 1024 * 1024 };

/* Judges an OCSP response for leaf, issued by issuer: signature by the issuer
 * or by a signer that the issuer delegated (OCSPSigning), the certificate's
 * own entry, thisUpdate and nextUpdate against now.  GOOD or REVOKED only
 * when all of that holds, else NONE with the reason in text.  A right answer
 * that says "unknown" is NONE too, with until set. */
void	wad_x509_revoke_ocsp(const uint8_t *der, size_t len, X509 *leaf,
	    X509 *issuer, int64_t now, struct wad_x509_status *);

/* Judges by a CRL: signed by issuer, complete for this certificate, current.
 * GOOD or REVOKED, else NONE with the reason.  Both steps below at once. */
void	wad_x509_revoke_crl(X509_CRL *, X509 *cert, X509 *issuer, int64_t now,
	    struct wad_x509_status *);
/* Is this CRL that issuer's, whoever it lists?  For a CRL that is asked often:
 * this looks at every entry.  0, or -1 with NONE and the reason. */
int	wad_x509_revoke_crl_check(X509_CRL *, X509 *issuer,
	    struct wad_x509_status *);
/* The rest, for a CRL that was checked: its scope, its time, the entry. */
void	wad_x509_revoke_crl_find(X509_CRL *, X509 *cert, int64_t now,
	    struct wad_x509_status *);
/* Does the name of the CRL's issuer fit (nothing else is looked at)? */
bool	wad_x509_revoke_crl_from(X509_CRL *, X509 *issuer);

/* RFC 7633: the certificate promises a staple. */
bool	wad_x509_revoke_must_staple(X509 *);

#endif
