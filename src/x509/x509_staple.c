/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that asked for an OCSP response, of a server that gave one, gets
 * one from us too.  The CA answers for itself: no delegate, no certificate in
 * the response, the responder named by its subject (GnuTLS finds none by its
 * key).  Identifiers are hashed with SHA-1, the only hash that all clients
 * look for (RFC 5019 section 2.1.1).
 */
#include "x509/x509_staple.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <time.h>

#include "x509/x509_build.h"
#include "x509/x509_read.h"

enum { BACKDATE = 300 };		/* for clients whose clock is late */

bool
wad_x509_staple_can(X509 *ca)
{
	/* All ones when there is no keyUsage (RFC 5280 section 4.2.1.3). */
	return (X509_get_key_usage(ca) & KU_DIGITAL_SIGNATURE) != 0;
}

/* A few minutes ago, but not before the certificate: clients do not believe
 * who vouches for what does not exist yet. */
static int64_t
since(X509 *leaf, int64_t now)
{
	int64_t from = now - BACKDATE, born;

	return wad_x509_read_time(X509_get0_notBefore(leaf), &born) == 0 &&
	    born > from ? born : from;
}

/* One status, "good"; 0 or -1. */
static int
add_good(OCSP_BASICRESP *bs, X509 *leaf, X509 *ca, int64_t now, int64_t until)
{
	OCSP_CERTID	*id = OCSP_cert_to_id(EVP_sha1(), leaf, ca);
	ASN1_TIME	*from = ASN1_GENERALIZEDTIME_set(NULL,
	    (time_t)since(leaf, now));
	ASN1_TIME	*to = ASN1_GENERALIZEDTIME_set(NULL, (time_t)until);
	int		 ret = -1;

	if (id != NULL && from != NULL && to != NULL &&
	    OCSP_basic_add1_status(bs, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL,
	    from, to) != NULL)
		ret = 0;
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return ret;
}

size_t
wad_x509_staple_make(X509 *leaf, X509 *ca, EVP_PKEY *ca_key, int64_t now,
    int64_t until, uint8_t **der)
{
	OCSP_BASICRESP	*bs = OCSP_BASICRESP_new();
	OCSP_RESPONSE	*r = NULL;
	const EVP_MD	*md;
	bool		 ok;
	int		 len = 0;

	*der = NULL;
	md = wad_x509_build_digest(ca_key, &ok);
	if (ok && bs != NULL && until > now &&
	    add_good(bs, leaf, ca, now, until) == 0 &&
	    OCSP_basic_sign(bs, ca, ca_key, md, NULL,
	    OCSP_NOCERTS) == 1 &&
	    (r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL,
	    bs)) != NULL)
		len = i2d_OCSP_RESPONSE(r, der);
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(bs);
	ERR_clear_error();
	return len > 0 ? (size_t)len : 0;
}
