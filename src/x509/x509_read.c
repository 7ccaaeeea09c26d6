/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads certificates.  Called for our own when a configuration is built, and
 * for a server's when a forged one is described: from there only names that
 * are valid and canonical come out, never bytes of the certificate.
 */
#include "x509/x509_read.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "base/xmem.h"

/* Certificates in one PEM text of ours (a certificate with its chain). */
enum { PEM_CERTS_MAX = 32 };
/* RFC 5280 allows long lists; what lies behind these is not looked at. */
enum { SANS_LOOK_MAX = 2000 };

static int
no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf, (void)size, (void)rwflag, (void)arg;
	return -1;		/* never ask on a terminal */
}

int
wad_x509_read_time(const ASN1_TIME *t, int64_t *out)
{
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return -1;
	*out = (int64_t)timegm(&tm);
	return 0;
}

static unsigned
key_type_number(EVP_PKEY *key)
{
	switch (key == NULL ? 0 : EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		return 1;
	case EVP_PKEY_DSA:
		return 2;
	case EVP_PKEY_EC:
		return 3;
	case EVP_PKEY_ED25519:
		return 4;
	default:
		return 0;
	}
}

/* "CN=x, O=y" with everything unprintable escaped. */
static void
subject_text(X509 *x, char *dst, size_t size)
{
	BIO	*bio = BIO_new(BIO_s_mem());
	char	*text = NULL;
	long	 len;

	dst[0] = '\0';
	if (bio == NULL)
		return;
	if (X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
	    XN_FLAG_SEP_CPLUS_SPC | ASN1_STRFLGS_UTF8_CONVERT) >= 0 &&
	    (len = BIO_get_mem_data(bio, &text)) > 0)
		wad_str_escape(dst, size, text, (size_t)len);
	BIO_free(bio);
}

STACK_OF(X509) *
wad_x509_read_pem(const char *pem, size_t len, char *err, size_t errsize)
{
	STACK_OF(X509)	*list = sk_X509_new_null();
	BIO		*bio = len > INT_MAX ? NULL :
	    BIO_new_mem_buf(pem, (int)len);
	X509		*x;
	unsigned long	 e;

	ERR_clear_error();
	if (bio == NULL || list == NULL)
		goto fail;
	while ((x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) !=
	    NULL) {
		if (sk_X509_num(list) >= PEM_CERTS_MAX) {
			X509_free(x);
			snprintf(err, errsize, "more than %d certificates",
			    PEM_CERTS_MAX);
			goto fail_said;
		}
		if (sk_X509_push(list, x) <= 0) {
			X509_free(x);
			goto fail;
		}
	}
	e = ERR_peek_last_error();
	if (ERR_GET_LIB(e) != ERR_LIB_PEM ||
	    ERR_GET_REASON(e) != PEM_R_NO_START_LINE)
		goto fail;
	if (sk_X509_num(list) == 0) {
		snprintf(err, errsize, "no PEM certificate in it "
		    "(-----BEGIN CERTIFICATE----- is missing)");
		goto fail_said;
	}
	ERR_clear_error();
	BIO_free(bio);
	return list;
fail:
	snprintf(err, errsize, "certificate %d cannot be read: %s",
	    list == NULL ? 1 : sk_X509_num(list) + 1,
	    ERR_peek_error() == 0 ? "too large" :
	    ERR_reason_error_string(ERR_peek_error()) != NULL ?
	    ERR_reason_error_string(ERR_peek_error()) : "bad encoding");
fail_said:
	ERR_clear_error();
	BIO_free(bio);
	sk_X509_pop_free(list, X509_free);
	return NULL;
}

int
wad_x509_read_facts(const char *pem, struct wad_cert_facts *f, char *err,
    size_t errsize)
{
	STACK_OF(X509)	*list;
	X509		*x;
	EVP_PKEY	*key;
	unsigned	 type;
	int		 ret = -1;

	memset(f, 0, sizeof(*f));
	list = wad_x509_read_pem(pem, strlen(pem), err, errsize);
	if (list == NULL)
		return -1;
	x = sk_X509_value(list, 0);
	if (wad_x509_read_time(X509_get0_notBefore(x), &f->not_before) == -1 ||
	    wad_x509_read_time(X509_get0_notAfter(x), &f->not_after) == -1) {
		snprintf(err, errsize,
		    "the certificate's dates cannot be read");
		goto out;
	}
	if ((key = X509_get0_pubkey(x)) == NULL) {
		snprintf(err, errsize,
		    "the certificate's public key cannot be read");
		goto out;
	}
	type = key_type_number(key);
	f->key_type = type == 1 || type == 3 ? (uint8_t)type : 0;
	/* 1: v3, basicConstraints says CA, keyUsage (if any) keyCertSign. */
	f->is_ca = X509_check_ca(x) == 1;
	subject_text(x, f->subject, sizeof(f->subject));
	f->known = true;
	ret = 0;
out:
	ERR_clear_error();
	sk_X509_pop_free(list, X509_free);
	return ret;
}

bool
wad_x509_read_name_ok(const char *name, bool wildcard)
{
	char		canon[WAD_HOST_MAX];
	struct wad_addr	a;

	if (strncmp(name, "*.", 2) == 0) {
		if (!wildcard || strlen(name) >= WAD_HOST_MAX)
			return false;
		name += 2;
		/* "*.com" would stand for everybody below it. */
		if (strchr(name, '.') == NULL)
			return false;
		return wad_str_host_canon(canon, name, strlen(name)) == 0 &&
		    strcmp(canon, name) == 0 &&
		    wad_addr_parse(&a, name) == -1;
	}
	return wad_str_host_canon(canon, name, strlen(name)) == 0 &&
	    strcmp(canon, name) == 0;
}

/* A dNSName: no address in it, no final dot, wildcard in front only. */
static int
dns_san(const ASN1_STRING *s, char dst[WAD_HOST_MAX])
{
	const char	*p = (const char *)ASN1_STRING_get0_data(s);
	size_t		 len = (size_t)ASN1_STRING_length(s), star = 0;
	char		 canon[WAD_HOST_MAX];
	struct wad_addr	 a;

	if (len == 0 || len >= WAD_HOST_MAX || p[len - 1] == '.' ||
	    memchr(p, '\0', len) != NULL)
		return -1;
	if (len > 2 && p[0] == '*' && p[1] == '.')
		star = 2;
	if (wad_str_host_canon(canon, p + star, len - star) == -1 ||
	    wad_addr_parse(&a, canon) == 0)
		return -1;
	memcpy(dst, "*.", star);
	strcpy(dst + star, canon);
	if (star > 0 && !wad_x509_read_name_ok(dst, true)) {
		dst[0] = '\0';
		return -1;
	}
	return 0;
}

static int
ip_san(const ASN1_OCTET_STRING *s, char dst[WAD_HOST_MAX])
{
	struct wad_addr	a;
	char		text[WAD_ADDR_STRLEN];
	int		len = ASN1_STRING_length(s);

	memset(&a, 0, sizeof(a));
	if (len == 4)
		a.family = AF_INET;
	else if (len == 16)
		a.family = AF_INET6;
	else
		return -1;
	memcpy(a.ip, ASN1_STRING_get0_data(s), (size_t)len);
	wad_addr_ip_str(&a, text);
	/* An IPv4-mapped address in 16 bytes is no IPv4 address (RFC 5280). */
	if (wad_str_host_canon(dst, text, strlen(text)) == -1 ||
	    (len == 16 && strchr(dst, ':') == NULL)) {
		dst[0] = '\0';
		return -1;
	}
	return 0;
}

int
wad_x509_read_san(const GENERAL_NAME *g, char dst[WAD_HOST_MAX])
{
	dst[0] = '\0';
	if (g->type == GEN_DNS)
		return dns_san(g->d.dNSName, dst);
	if (g->type == GEN_IPADD)
		return ip_san(g->d.iPAddress, dst);
	return -1;
}

/* The last (most specific) commonName, when it is a host name or address. */
static void
read_cn(X509 *x, char dst[WAD_HOST_MAX])
{
	X509_NAME	*name = X509_get_subject_name(x);
	int		 i = -1, last = -1;
	unsigned char	*utf8 = NULL;
	int		 len;

	dst[0] = '\0';
	while ((i = X509_NAME_get_index_by_NID(name, NID_commonName, i)) >= 0)
		last = i;
	if (last < 0)
		return;
	len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(
	    X509_NAME_get_entry(name, last)));
	if (len > 0)
		(void)wad_str_host_canon(dst, (const char *)utf8, (size_t)len);
	OPENSSL_free(utf8);
}

static bool
known(const struct wad_x509_origin *o, const char *name)
{
	for (size_t i = 0; i < o->n_sans; i++)
		if (strcmp(o->sans[i], name) == 0)
			return true;
	return false;
}

static void
read_sans(X509 *x, struct wad_x509_origin *o)
{
	GENERAL_NAMES	*names;
	char		 text[WAD_HOST_MAX];
	int		 n;

	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	if (names == NULL)
		return;
	n = sk_GENERAL_NAME_num(names);
	if (n > SANS_LOOK_MAX)
		n = SANS_LOOK_MAX;
	o->sans = wad_xcalloc(n < WAD_DESC_SANS_MAX ? (size_t)n :
	    WAD_DESC_SANS_MAX, sizeof(*o->sans));
	for (int i = 0; i < n && o->n_sans < WAD_DESC_SANS_MAX; i++)
		if (wad_x509_read_san(sk_GENERAL_NAME_value(names, i),
		    text) == 0 && !known(o, text))
			o->sans[o->n_sans++] = wad_xstrdup(text);
	GENERAL_NAMES_free(names);
}

int
wad_x509_read_origin(X509 *x, struct wad_x509_origin *o)
{
	static EVP_MD	*sha256;	/* fetched once, not per connection */
	EVP_PKEY	*key = X509_get0_pubkey(x);
	unsigned	 len = sizeof(o->sha256);

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	memset(o, 0, sizeof(*o));
	if (key == NULL || sha256 == NULL ||
	    wad_x509_read_time(X509_get0_notBefore(x), &o->not_before) == -1 ||
	    wad_x509_read_time(X509_get0_notAfter(x), &o->not_after) == -1 ||
	    X509_digest(x, sha256, o->sha256, &len) != 1) {
		ERR_clear_error();
		memset(o, 0, sizeof(*o));
		return -1;
	}
	o->key_bits = (unsigned)EVP_PKEY_get_bits(key);
	o->key_type = key_type_number(key);
	o->has_sct = X509_get_ext_by_NID(x, NID_ct_precert_scts, -1) >= 0;
	read_cn(x, o->cn);
	read_sans(x, o);
	ERR_clear_error();
	return 0;
}

void
wad_x509_read_origin_free(struct wad_x509_origin *o)
{
	for (size_t i = 0; i < o->n_sans; i++)
		free(o->sans[i]);
	free(o->sans);
	memset(o, 0, sizeof(*o));
}

int
wad_x509_read_bundle(X509_STORE *store, const char *pem, size_t len)
{
	BIO	*bio = len > INT_MAX ? NULL : BIO_new_mem_buf(pem, (int)len);
	X509	*x;
	int	 n = 0;

	if (bio == NULL)
		return -1;
	/* Each round eats at least a line, also when it fails. */
	while (!BIO_eof(bio)) {
		x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
		if (x == NULL)
			continue;
		/* Decode the extensions now, not in the first handshake. */
		X509_check_purpose(x, -1, 0);
		n += X509_STORE_add_cert(store, x) == 1;
		X509_free(x);
	}
	ERR_clear_error();
	BIO_free(bio);
	return n == 0 ? -1 : n;
}
