/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes certificates.  Called by wad-keys for every forged one, so whatever
 * is the same each time (extensions, algorithms, key generator) is made once
 * and kept in `made`; and keys go into and out of DER by fixed prefixes,
 * because OpenSSL's general encoders cost more than the signature.
 *
 * Nothing of a stranger's certificate comes in here: names are text that
 * passed wad_x509_desc_check and end up in GENERAL_NAMEs built directly,
 * never in a configuration string.
 */
#include "x509/x509_build.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/xmem.h"
#include "x509/x509_read.h"

enum {
	CN_MAX = 64,			/* ub-common-name of RFC 5280 */
	BACKDATE = 300,			/* for clients whose clock is late */
	CA_LIFETIME = 3652 * 86400,	/* 10 years */
	CA_NAME_MAX = 256,
	P256_LEN = 32,
};
/* 9999-12-31 23:59:59: the last date that a certificate can hold. */
#define TIME_MAX 253402300799LL

/* PKCS #8 around an RFC 5915 ECPrivateKey of P-256, up to the private value
 * and from there to the public point. */
static const uint8_t p256_head[] = {
	0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a,
	0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
	0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01,
	0x01, 0x04, 0x20
};
static const uint8_t p256_mid[] = { 0xa1, 0x44, 0x03, 0x42, 0x00 };
enum { P256_POINT = 1 + 2 * P256_LEN };

/* Kept between certificates; one thread, so no locks. */
static struct {
	X509_EXTENSION	*not_ca, *ku, *eku;
	EVP_PKEY_CTX	*ec_gen, *rsa_gen;
	EVP_MD		*sha256, *sha384, *sha512, *sha1;
	/* The RSA leaf key is the same for a day: its encoding too. */
	EVP_PKEY	*rsa_key;
	uint8_t		*rsa_pub;
	int		 rsa_pub_len;
	/* The last signing key with its signature context, ready to copy. */
	EVP_PKEY	*sign_key;
	EVP_MD_CTX	*sign_ctx, *work_ctx;
} made;

static void
fail(char *err, size_t errsize, const char *what)
{
	unsigned long	 e = ERR_peek_error();
	const char	*why = e == 0 ? NULL : ERR_reason_error_string(e);

	snprintf(err, errsize, "%s%s%s", what, why == NULL ? "" : ": ",
	    why == NULL ? "" : why);
	ERR_clear_error();
}

/* keyUsage with these bits, critical. */
static X509_EXTENSION *
make_ku(const int *bits, size_t n)
{
	ASN1_BIT_STRING	*b = ASN1_BIT_STRING_new();
	X509_EXTENSION	*ext = NULL;

	if (b != NULL) {
		for (size_t i = 0; i < n; i++)
			if (ASN1_BIT_STRING_set_bit(b, bits[i], 1) != 1)
				goto out;
		ext = X509V3_EXT_i2d(NID_key_usage, 1, b);
	}
out:
	ASN1_BIT_STRING_free(b);
	return ext;
}

static X509_EXTENSION *
make_bc(bool ca)
{
	BASIC_CONSTRAINTS *bc = BASIC_CONSTRAINTS_new();
	X509_EXTENSION	  *ext = NULL;

	if (bc != NULL) {
		bc->ca = ca ? 0xff : 0;
		ext = X509V3_EXT_i2d(NID_basic_constraints, 1, bc);
	}
	BASIC_CONSTRAINTS_free(bc);
	return ext;
}

static X509_EXTENSION *
make_eku(void)
{
	EXTENDED_KEY_USAGE *eku = sk_ASN1_OBJECT_new_null();
	X509_EXTENSION	   *ext = NULL;

	if (eku != NULL && sk_ASN1_OBJECT_push(eku,
	    OBJ_nid2obj(NID_server_auth)) > 0)
		ext = X509V3_EXT_i2d(NID_ext_key_usage, 0, eku);
	sk_ASN1_OBJECT_free(eku);	/* the object is static */
	return ext;
}

static EVP_PKEY_CTX *
make_gen(enum wad_key_type type)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL,
	    type == WAD_KEY_EC ? "EC" : "RSA", NULL);

	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    (type == WAD_KEY_EC ?
	    EVP_PKEY_CTX_set_group_name(ctx, "P-256") :
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048)) != 1) {
		EVP_PKEY_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

/* Makes all that is kept; 0, or -1 when OpenSSL cannot. */
static int
make_all(void)
{
	/* RSA too: no suite that encrypts with it is offered. */
	static const int	sign_only[] = { 0 };

	if (made.work_ctx != NULL)
		return 0;
	wad_x509_build_cleanup();
	made.not_ca = make_bc(false);
	made.ku = make_ku(sign_only, 1);	/* digitalSignature */
	made.eku = make_eku();
	made.ec_gen = make_gen(WAD_KEY_EC);
	made.rsa_gen = make_gen(WAD_KEY_RSA);
	made.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	made.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	made.sha384 = EVP_MD_fetch(NULL, "SHA384", NULL);
	made.sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	if (made.not_ca == NULL || made.ku == NULL || made.eku == NULL ||
	    made.ec_gen == NULL || made.rsa_gen == NULL ||
	    made.sha1 == NULL || made.sha256 == NULL || made.sha384 == NULL ||
	    made.sha512 == NULL)
		return -1;
	made.work_ctx = EVP_MD_CTX_new();
	return made.work_ctx == NULL ? -1 : 0;
}

void
wad_x509_build_cleanup(void)
{
	X509_EXTENSION_free(made.not_ca);
	X509_EXTENSION_free(made.ku);
	X509_EXTENSION_free(made.eku);
	EVP_PKEY_CTX_free(made.ec_gen);
	EVP_PKEY_CTX_free(made.rsa_gen);
	EVP_MD_free(made.sha1);
	EVP_MD_free(made.sha256);
	EVP_MD_free(made.sha384);
	EVP_MD_free(made.sha512);
	EVP_PKEY_free(made.rsa_key);
	OPENSSL_free(made.rsa_pub);
	EVP_PKEY_free(made.sign_key);
	EVP_MD_CTX_free(made.sign_ctx);
	EVP_MD_CTX_free(made.work_ctx);
	memset(&made, 0, sizeof(made));
}

/* The digest that goes with a signing key; *ok false when the key cannot
 * sign certificates.  NULL: the algorithm has its own. */
static const EVP_MD *
sign_digest(EVP_PKEY *key, bool *ok)
{
	int bits = EVP_PKEY_get_bits(key);

	*ok = true;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return bits > 384 ? made.sha512 : bits > 256 ? made.sha384 :
		    made.sha256;
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		return made.sha256;
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		return NULL;
	default:
		*ok = false;
		return NULL;
	}
}

const EVP_MD *
wad_x509_build_digest(EVP_PKEY *key, bool *ok)
{
	*ok = false;
	return make_all() == -1 ? NULL : sign_digest(key, ok);
}

static bool
time_ok(int64_t t)
{
	return t >= 0 && t <= TIME_MAX;
}

int
wad_x509_desc_check(const struct wad_cert_desc *d, char *err, size_t errsize)
{
	char shown[80];

	if (d->ca == NULL || d->ca[0] == '\0' ||
	    strlen(d->ca) >= CA_NAME_MAX) {
		snprintf(err, errsize, "no CA named");
		return -1;
	}
	if (d->key_type != WAD_KEY_EC && d->key_type != WAD_KEY_RSA) {
		snprintf(err, errsize, "unknown key type");
		return -1;
	}
	if (d->n_sans > WAD_DESC_SANS_MAX) {
		snprintf(err, errsize, "more than %d names",
		    (int)WAD_DESC_SANS_MAX);
		return -1;
	}
	if (d->name == NULL || !wad_x509_read_name_ok(d->name, false)) {
		wad_str_escape(shown, sizeof(shown), d->name == NULL ? "" :
		    d->name, d->name == NULL ? 0 : strlen(d->name));
		snprintf(err, errsize, "'%s' is not a host name or address",
		    shown);
		return -1;
	}
	for (size_t i = 0; i < d->n_sans; i++)
		if (d->sans[i] == NULL ||
		    !wad_x509_read_name_ok(d->sans[i], true)) {
			snprintf(err, errsize,
			    "alternative name %zu is not valid", i + 1);
			return -1;
		}
	if (!time_ok(d->not_before) || !time_ok(d->not_after)) {
		snprintf(err, errsize, "dates out of range");
		return -1;
	}
	return 0;
}

int
wad_x509_build_ca_usable(X509 *ca, int64_t now, char *err, size_t errsize)
{
	int64_t		from, to;
	uint32_t	eku;

	/* 1: v3, basicConstraints CA, keyCertSign when keyUsage is there. */
	if (X509_check_ca(ca) != 1) {
		snprintf(err, errsize, "the certificate is not a CA's");
		return -1;
	}
	eku = X509_get_extended_key_usage(ca);	/* all ones: absent */
	if ((eku & (XKU_SSL_SERVER | XKU_ANYEKU)) == 0) {
		snprintf(err, errsize, "the CA's extended key usage forbids "
		    "server certificates");
		return -1;
	}
	if (wad_x509_read_time(X509_get0_notBefore(ca), &from) == -1 ||
	    wad_x509_read_time(X509_get0_notAfter(ca), &to) == -1) {
		snprintf(err, errsize, "the CA's dates cannot be read");
		return -1;
	}
	if (now < from || now >= to) {
		snprintf(err, errsize, now < from ?
		    "the CA is not valid yet" : "the CA has expired");
		return -1;
	}
	return 0;
}

/* The leaf's dates; an origin whose own dates do not hold now (the profile
 * allowed that) bounds nothing. */
static int
set_dates(X509 *x, const struct wad_cert_desc *d, X509 *ca, int64_t now,
    int64_t lifetime)
{
	int64_t from = now - BACKDATE, to = now + lifetime, ca_from, ca_to;

	if (wad_x509_read_time(X509_get0_notBefore(ca), &ca_from) == -1 ||
	    wad_x509_read_time(X509_get0_notAfter(ca), &ca_to) == -1)
		return -1;
	if (d->not_after == 0 || now <= d->not_after) {
		if (d->not_after != 0 && d->not_after < to)
			to = d->not_after;
		if (d->not_before > from && d->not_before <= now)
			from = d->not_before;
	}
	if (ca_from > from)
		from = ca_from;
	if (ca_to < to)
		to = ca_to;
	if (from > to || to > TIME_MAX)
		return -1;
	return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to) != NULL ? 0 : -1;
}

/* 128 random bits, positive, in the fewest octets. */
static int
set_serial(X509 *x)
{
	uint8_t r[16];

	do {
		if (RAND_bytes(r, sizeof(r)) != 1)
			return -1;
	} while (r[0] == 0);
	return ASN1_STRING_set(X509_get_serialNumber(x), r, sizeof(r)) == 1 ?
	    0 : -1;
}

static int
set_cn(X509_NAME *name, const char *cn)
{
	/* PrintableString has no '_'; UTF8String holds every name. */
	return X509_NAME_add_entry_by_NID(name, NID_commonName,
	    V_ASN1_UTF8STRING, (const unsigned char *)cn, -1, -1, 0) == 1 ?
	    0 : -1;
}

static GENERAL_NAME *
general_name(const char *text)
{
	GENERAL_NAME	*g = GENERAL_NAME_new();
	ASN1_STRING	*s;
	struct wad_addr	 a;
	bool		 ip = wad_addr_parse(&a, text) == 0;

	s = g == NULL ? NULL : ASN1_STRING_type_new(ip ? V_ASN1_OCTET_STRING :
	    V_ASN1_IA5STRING);
	if (s == NULL || (ip ?
	    ASN1_STRING_set(s, a.ip, a.family == AF_INET ? 4 : 16) :
	    ASN1_STRING_set(s, text, -1)) != 1) {
		ASN1_STRING_free(s);
		GENERAL_NAME_free(g);
		return NULL;
	}
	GENERAL_NAME_set0_value(g, ip ? GEN_IPADD : GEN_DNS, s);
	return g;
}

static bool
repeated(const struct wad_cert_desc *d, size_t i)
{
	if (strcmp(d->sans[i], d->name) == 0)
		return true;
	for (size_t j = 0; j < i; j++)
		if (strcmp(d->sans[i], d->sans[j]) == 0)
			return true;
	return false;
}

static int
add_san(X509 *x, const struct wad_cert_desc *d, bool critical)
{
	GENERAL_NAMES	*names = sk_GENERAL_NAME_new_null();
	X509_EXTENSION	*ext = NULL;
	GENERAL_NAME	*g;
	int		 ret = -1;

	for (size_t i = 0; i <= d->n_sans; i++) {
		if (i > 0 && repeated(d, i - 1))
			continue;
		g = general_name(i == 0 ? d->name : d->sans[i - 1]);
		if (g == NULL || sk_GENERAL_NAME_push(names, g) <= 0) {
			GENERAL_NAME_free(g);
			goto out;
		}
	}
	ext = X509V3_EXT_i2d(NID_subject_alt_name, critical, names);
	if (ext != NULL && X509_add_ext(x, ext, -1) == 1)
		ret = 0;
out:
	X509_EXTENSION_free(ext);
	GENERAL_NAMES_free(names);
	return ret;
}

/* An EC P-256 key's public point; 0 or -1. */
static int
p256_point(EVP_PKEY *key, uint8_t point[P256_POINT])
{
	size_t len;

	return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
	    point, P256_POINT, &len) == 1 && len == P256_POINT &&
	    point[0] == 4 ? 0 : -1;
}

/* Puts the leaf's public key in as bytes; *pub is what its identifier is
 * computed from and stays ours. */
static int
set_key(X509 *x, EVP_PKEY *key, bool ec, const uint8_t **pub, int *pub_len)
{
	static uint8_t	 point[P256_POINT];
	uint8_t		*copy;
	int		 ok;

	if (ec) {
		if (p256_point(key, point) == -1)
			return -1;
		*pub = point;
		*pub_len = P256_POINT;
	} else {
		if (made.rsa_key != key) {
			uint8_t	*der = NULL;
			int	 len = i2d_PublicKey(key, &der);

			if (len <= 0)
				return -1;
			EVP_PKEY_free(made.rsa_key);
			OPENSSL_free(made.rsa_pub);
			EVP_PKEY_up_ref(key);
			made.rsa_key = key;
			made.rsa_pub = der;
			made.rsa_pub_len = len;
		}
		*pub = made.rsa_pub;
		*pub_len = made.rsa_pub_len;
	}
	copy = OPENSSL_memdup(*pub, (size_t)*pub_len);
	if (copy == NULL)
		return -1;
	ok = X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(x),
	    OBJ_nid2obj(ec ? NID_X9_62_id_ecPublicKey : NID_rsaEncryption),
	    ec ? V_ASN1_OBJECT : V_ASN1_NULL,
	    ec ? OBJ_nid2obj(NID_X9_62_prime256v1) : NULL, copy, *pub_len);
	if (ok != 1)
		OPENSSL_free(copy);
	return ok == 1 ? 0 : -1;
}

/* subjectKeyIdentifier: the first 160 bits of SHA-256 of the key (RFC 7093
 * section 2, method 1). */
static int
add_ski(X509 *x, const uint8_t *pub, int len)
{
	uint8_t			 md[32];
	ASN1_OCTET_STRING	*id = ASN1_OCTET_STRING_new();
	X509_EXTENSION		*ext = NULL;
	int			 ret = -1;

	if (id != NULL && EVP_Digest(pub, (size_t)len, md, NULL, made.sha256,
	    NULL) == 1 && ASN1_OCTET_STRING_set(id, md, 20) == 1 &&
	    (ext = X509V3_EXT_i2d(NID_subject_key_identifier, 0, id)) !=
	    NULL && X509_add_ext(x, ext, -1) == 1)
		ret = 0;
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(id);
	return ret;
}

/* authorityKeyIdentifier: the CA's own identifier, or when it bears none the
 * usual hash of its key. */
static int
add_aki(X509 *x, X509 *ca)
{
	AUTHORITY_KEYID			*akid = AUTHORITY_KEYID_new();
	const ASN1_OCTET_STRING		*ski = X509_get0_subject_key_id(ca);
	X509_EXTENSION			*ext = NULL;
	uint8_t				 md[EVP_MAX_MD_SIZE];
	unsigned			 len = 0;
	int				 ret = -1;

	if (akid == NULL)
		return -1;
	if (ski != NULL)
		akid->keyid = ASN1_OCTET_STRING_dup(ski);
	else if (X509_pubkey_digest(ca, made.sha1, md, &len) == 1 &&
	    (akid->keyid = ASN1_OCTET_STRING_new()) != NULL &&
	    ASN1_OCTET_STRING_set(akid->keyid, md, (int)len) != 1)
		goto out;
	if (akid->keyid != NULL &&
	    (ext = X509V3_EXT_i2d(NID_authority_key_identifier, 0, akid)) !=
	    NULL && X509_add_ext(x, ext, -1) == 1)
		ret = 0;
out:
	X509_EXTENSION_free(ext);
	AUTHORITY_KEYID_free(akid);
	return ret;
}

/* The check wants a leaf that was read, not one that was put together. */
static bool
constraints_hold(X509 *leaf, NAME_CONSTRAINTS *nc)
{
	uint8_t		*der = NULL;
	int		 len = i2d_X509(leaf, &der);
	const uint8_t	*p = der;
	X509		*x = len > 0 ? d2i_X509(NULL, &p, len) : NULL;
	bool		 ok;

	ok = x != NULL && X509_check_purpose(x, -1, 0) == 1 &&
	    NAME_CONSTRAINTS_check(x, nc) == X509_V_OK;
	X509_free(x);
	OPENSSL_free(der);
	return ok;
}

bool
wad_x509_build_allowed(X509 *leaf, X509 *ca)
{
	NAME_CONSTRAINTS	*nc;
	bool			 ok;

	if (X509_get_ext_by_NID(ca, NID_name_constraints, -1) < 0)
		return true;
	nc = X509_get_ext_d2i(ca, NID_name_constraints, NULL, NULL);
	ok = nc != NULL && constraints_hold(leaf, nc);
	NAME_CONSTRAINTS_free(nc);
	ERR_clear_error();
	return ok;
}

/* Signs with a copy of a context that is set up once per signing key; the
 * reference kept on the key makes the comparison of pointers safe. */
static int
sign(X509 *x, EVP_PKEY *key)
{
	const EVP_MD	*md;
	bool		 ok;

	if (made.sign_key != key) {
		EVP_PKEY_free(made.sign_key);
		EVP_MD_CTX_free(made.sign_ctx);
		made.sign_key = NULL;
		made.sign_ctx = NULL;
		md = sign_digest(key, &ok);
		if (!ok)
			return -1;
		if (md == NULL)		/* one shot: nothing to prepare */
			return X509_sign(x, key, NULL) > 0 ? 0 : -1;
		made.sign_ctx = EVP_MD_CTX_new();
		if (made.sign_ctx == NULL || EVP_DigestSignInit(made.sign_ctx,
		    NULL, md, NULL, key) != 1) {
			EVP_MD_CTX_free(made.sign_ctx);
			made.sign_ctx = NULL;
			return -1;
		}
		EVP_PKEY_up_ref(key);
		made.sign_key = key;
	}
	if (EVP_MD_CTX_copy_ex(made.work_ctx, made.sign_ctx) != 1)
		return -1;
	return X509_sign_ctx(x, made.work_ctx) > 0 ? 0 : -1;
}

X509 *
wad_x509_build_leaf(const struct wad_cert_desc *d, X509 *ca, EVP_PKEY *ca_key,
    EVP_PKEY *key, int64_t now, int64_t lifetime, char *err, size_t errsize)
{
	bool		 ec = d->key_type == WAD_KEY_EC;
	bool		 has_cn = strlen(d->name) <= CN_MAX;
	const uint8_t	*pub;
	int		 pub_len;
	X509		*x;

	ERR_clear_error();
	if (wad_x509_build_ca_usable(ca, now, err, errsize) == -1)
		return NULL;
	if (make_all() == -1 || (x = X509_new()) == NULL) {
		fail(err, errsize, "OpenSSL cannot be set up");
		return NULL;
	}
	if (set_dates(x, d, ca, now, lifetime) == -1) {
		fail(err, errsize, "no validity left between the origin's, "
		    "the CA's and our own bounds");
		goto fail;
	}
	if (X509_set_version(x, X509_VERSION_3) != 1 ||
	    set_serial(x) == -1 ||
	    X509_set_issuer_name(x, X509_get_subject_name(ca)) != 1 ||
	    (has_cn && set_cn(X509_get_subject_name(x), d->name) == -1) ||
	    set_key(x, key, ec, &pub, &pub_len) == -1 ||
	    X509_add_ext(x, made.not_ca, -1) != 1 ||
	    X509_add_ext(x, made.ku, -1) != 1 ||
	    X509_add_ext(x, made.eku, -1) != 1 ||
	    add_san(x, d, !has_cn) == -1 ||
	    add_ski(x, pub, pub_len) == -1 ||
	    add_aki(x, ca) == -1) {
		fail(err, errsize, "the certificate cannot be put together");
		goto fail;
	}
	if (sign(x, ca_key) == -1) {
		fail(err, errsize, "the CA's key cannot sign");
		goto fail;
	}
	if (!wad_x509_build_allowed(x, ca)) {
		snprintf(err, errsize,
		    "the CA's name constraints forbid a name");
		goto fail;
	}
	return x;
fail:
	X509_free(x);
	return NULL;
}

EVP_PKEY *
wad_x509_build_key(enum wad_key_type type)
{
	EVP_PKEY *key = NULL;

	if (make_all() == -1 ||
	    (type != WAD_KEY_EC && type != WAD_KEY_RSA))
		return NULL;
	if (EVP_PKEY_generate(type == WAD_KEY_EC ? made.ec_gen :
	    made.rsa_gen, &key) != 1) {
		ERR_clear_error();
		return NULL;
	}
	return key;
}

/* A P-256 key by the fixed prefix; its length or 0. */
static size_t
p256_der(EVP_PKEY *key, uint8_t **der)
{
	size_t	 len = sizeof(p256_head) + P256_LEN + sizeof(p256_mid) +
	    P256_POINT;
	BIGNUM	*d = NULL;
	uint8_t	*p;
	bool	 ok;

	p = OPENSSL_malloc(len);
	if (p == NULL)
		return 0;
	memcpy(p, p256_head, sizeof(p256_head));
	memcpy(p + sizeof(p256_head) + P256_LEN, p256_mid, sizeof(p256_mid));
	ok = p256_point(key, p + len - P256_POINT) == 0 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
	    BN_bn2binpad(d, p + sizeof(p256_head), P256_LEN) == P256_LEN;
	BN_clear_free(d);
	if (!ok) {
		OPENSSL_clear_free(p, len);
		return 0;
	}
	*der = p;
	return len;
}

/* Is it the curve of the prefix?  (Other curves have 256 bits too.) */
static bool
is_p256(EVP_PKEY *key)
{
	char	group[32];
	size_t	len;

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
	    strcmp(group, SN_X9_62_prime256v1) == 0;
}

size_t
wad_x509_build_key_der(EVP_PKEY *key, uint8_t **der)
{
	PKCS8_PRIV_KEY_INFO	*p8;
	size_t			 ret;
	int			 len;

	*der = NULL;
	if (is_p256(key) && (ret = p256_der(key, der)) > 0)
		return ret;
	p8 = EVP_PKEY2PKCS8(key);
	len = p8 == NULL ? 0 : i2d_PKCS8_PRIV_KEY_INFO(p8, der);
	PKCS8_PRIV_KEY_INFO_free(p8);
	ERR_clear_error();
	return len > 0 ? (size_t)len : 0;
}

static int
add_own(X509 *x, X509_EXTENSION *ext)
{
	int ret = ext != NULL && X509_add_ext(x, ext, -1) == 1 ? 0 : -1;

	X509_EXTENSION_free(ext);
	return ret;
}

int
wad_x509_build_ca(const char *cn, X509 **cert, EVP_PKEY **key)
{
	/* digitalSignature (OCSP responses), keyCertSign, cRLSign */
	static const int	 bits[] = { 0, 5, 6 };
	int64_t			 now = wad_clock_wall();
	const uint8_t		*pub;
	int			 pub_len;
	X509			*x = X509_new();
	EVP_PKEY		*k = wad_x509_build_key(WAD_KEY_EC);

	if (x == NULL || k == NULL || strlen(cn) > CN_MAX ||
	    X509_set_version(x, X509_VERSION_3) != 1 ||
	    set_serial(x) == -1 ||
	    set_cn(X509_get_subject_name(x), cn) == -1 ||
	    X509_set_issuer_name(x, X509_get_subject_name(x)) != 1 ||
	    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(now - BACKDATE)) ==
	    NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(now + CA_LIFETIME)) ==
	    NULL ||
	    /* Bytes for the identifier, then the key itself, so that the
	     * object can be used without being parsed again. */
	    set_key(x, k, true, &pub, &pub_len) == -1 ||
	    X509_set_pubkey(x, k) != 1 ||
	    add_own(x, make_bc(true)) == -1 ||
	    add_own(x, make_ku(bits, 3)) == -1 ||
	    add_ski(x, pub, pub_len) == -1 || sign(x, k) == -1) {
		ERR_clear_error();
		X509_free(x);
		EVP_PKEY_free(k);
		return -1;
	}
	*cert = x;
	*key = k;
	return 0;
}
