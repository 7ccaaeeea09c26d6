/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes certificates for tests, right or wrong in one respect.
 */
#ifndef X509_MAKE_H
#define X509_MAKE_H

#include <check.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* When all tests happen, and a day. */
#define NOW	INT64_C(1800000000)
#define DAY	INT64_C(86400)

struct make {
	const char	*cn;		/* subject; NULL: none */
	EVP_PKEY	*key;
	X509		*issuer;	/* NULL: itself */
	EVP_PKEY	*by;		/* the signer's key; NULL: own */
	bool		 ca;
	bool		 no_ids;	/* no SKI, no AKI */
	int64_t		 from, to;	/* relative to NOW; 0 0: 100 days */
	const char	*san;		/* of OpenSSL's configuration form */
	const char	*ext[6];	/* more, "name=value", in order */
	const char	*instead;	/* of the usual keyUsage or so: its name
					 * is left out */
};

static inline EVP_PKEY *
make_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	ck_assert_ptr_nonnull(key);
	return key;
}

static inline void
make_ext(X509 *x, X509 *issuer, const char *text)
{
	const char	*eq = strchr(text, '=');
	X509_EXTENSION	*e;
	X509V3_CTX	 ctx;
	char		 name[64];

	ck_assert_ptr_nonnull(eq);
	snprintf(name, sizeof(name), "%.*s", (int)(eq - text), text);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf(NULL, &ctx, name, eq + 1);
	ck_assert_msg(e != NULL, "%s", text);
	ck_assert_int_eq(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline void
make_usual(X509 *x, X509 *issuer, const struct make *m, const char *text)
{
	size_t len = strcspn(text, "=");

	if (m->instead == NULL || strlen(m->instead) != len ||
	    strncmp(m->instead, text, len) != 0)
		make_ext(x, issuer, text);
}

/* Signed at last; sign again after a change: X509_sign. */
static inline X509 *
make_cert(struct make m)
{
	static long	 serial = 1000;
	X509		*x = X509_new(), *issuer;

	issuer = m.issuer == NULL ? x : m.issuer;
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	ASN1_TIME_set(X509_getm_notBefore(x), NOW + (m.from == 0 && m.to == 0 ?
	    -100 * DAY : m.from));
	ASN1_TIME_set(X509_getm_notAfter(x), NOW + (m.from == 0 && m.to == 0 ?
	    100 * DAY : m.to));
	if (m.cn != NULL)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
		    MBSTRING_UTF8, (const unsigned char *)m.cn, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	X509_set_pubkey(x, m.key);
	make_usual(x, issuer, &m, m.ca ? "basicConstraints=critical,CA:TRUE" :
	    "basicConstraints=critical,CA:FALSE");
	make_usual(x, issuer, &m, m.ca ?
	    "keyUsage=critical,keyCertSign,cRLSign" :
	    "keyUsage=critical,digitalSignature");
	if (!m.no_ids) {
		make_usual(x, issuer, &m, "subjectKeyIdentifier=hash");
		if (issuer != x && X509_get_ext_by_NID(issuer,
		    NID_subject_key_identifier, -1) >= 0)
			make_usual(x, issuer, &m,
			    "authorityKeyIdentifier=keyid");
	}
	if (!m.ca)
		make_usual(x, issuer, &m, "extendedKeyUsage=serverAuth");
	if (m.san != NULL) {
		char text[256];

		snprintf(text, sizeof(text), "subjectAltName=%s", m.san);
		make_ext(x, issuer, text);
	}
	for (size_t i = 0; i < 6 && m.ext[i] != NULL; i++)
		make_ext(x, issuer, m.ext[i]);
	ck_assert_int_gt(X509_sign(x, m.by == NULL ? m.key : m.by,
	    EVP_PKEY_get_base_id(m.by == NULL ? m.key : m.by) ==
	    EVP_PKEY_ED25519 ? NULL : EVP_sha256()), 0);
	ERR_clear_error();
	return x;
}

#endif
