/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What local revocation lists say.  A list counts when the issuer of the
 * certificate signed it, may sign lists, and its dates and extensions are
 * right (RFC 5280 sections 5 and 6.3.3).  A serial number in a list that the
 * issuer did sign is revoked even when the list is too old to prove the rest.
 */
#include "x509/x509_check_crl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdbool.h>

#include "x509/x509_read.h"

static bool
by(const X509_CRL *crl, X509 *issuer)
{
	return X509_NAME_cmp(X509_CRL_get_issuer(crl),
	    X509_get_subject_name(issuer)) == 0;
}

/* Section 6.3.3 (f): no keyUsage is every usage. */
static bool
signed_by(X509_CRL *crl, X509 *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);

	return key != NULL &&
	    (X509_get_key_usage(issuer) & KU_CRL_SIGN) != 0 &&
	    X509_CRL_verify(crl, key) == 1;
}

static bool
in_time(const X509_CRL *crl, int64_t now)
{
	int64_t from, until;

	return wad_x509_read_time(X509_CRL_get0_lastUpdate(crl), &from) == 0 &&
	    wad_x509_read_time(X509_CRL_get0_nextUpdate(crl), &until) == 0 &&
	    from <= now && now <= until;
}

/* Section 5.2.3: a number, not critical. */
static bool
numbered(X509_CRL *crl)
{
	int at = X509_CRL_get_ext_by_NID(crl, NID_crl_number, -1);

	return at >= 0 &&
	    !X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, at));
}

/* Is x in the list's scope, all reasons, nothing critical unknown?  Lists for
 * one distribution point are taken as out of scope: they prove nothing. */
static bool
covers(X509_CRL *crl, X509 *x)
{
	ISSUING_DIST_POINT	*idp;
	bool			 ca = X509_check_ca(x) != 0, ok;
	int			 at = -1;

	while ((at = X509_CRL_get_ext_by_critical(crl, 1, at)) >= 0)
		if (OBJ_obj2nid(X509_EXTENSION_get_object(
		    X509_CRL_get_ext(crl, at))) !=
		    NID_issuing_distribution_point)
			return false;
	if (X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) <
	    0)
		return true;
	idp = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL,
	    NULL);
	ok = idp != NULL && idp->distpoint == NULL &&
	    idp->onlysomereasons == NULL && idp->indirectCRL <= 0 &&
	    idp->onlyattr <= 0 && !(idp->onlyuser > 0 && ca) &&
	    !(idp->onlyCA > 0 && !ca);
	ISSUING_DIST_POINT_free(idp);
	return ok;
}

enum wad_crl_says
wad_x509_check_crl(STACK_OF(X509_CRL) *crls, X509 *x, X509 *issuer,
    int64_t now)
{
	enum wad_crl_says	 says = WAD_CRL_NOTHING;
	X509_REVOKED		*entry;

	for (int i = 0; i < sk_X509_CRL_num(crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(crls, i);

		if (!by(crl, issuer))
			continue;
		if (says == WAD_CRL_NOTHING)
			says = WAD_CRL_UNUSABLE;
		if (!signed_by(crl, issuer))
			continue;
		/* 2: in a delta list, taken off (removeFromCRL) */
		if (X509_CRL_get0_by_cert(crl, &entry, x) == 1) {
			says = WAD_CRL_REVOKED;
			break;
		}
		if (in_time(crl, now) && numbered(crl) && covers(crl, x))
			says = WAD_CRL_GOOD;
	}
	ERR_clear_error();
	return says;
}
