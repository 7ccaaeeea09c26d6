/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares a certificate's alternative names with the one asked for.  The
 * subject's common name is never looked at (RFC 9525 section 6.4.4), so a
 * certificate without alternative names is for nobody.
 */
#include "x509/x509_match.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <libpsl.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/str.h"
#include "x509/x509_read.h"

/* Common names in one subject; public CAs put in one at most. */
enum { CNS_MAX = 8 };

/* "co.uk": a wildcard there would be for everybody.  Suffixes of the private
 * section ("s3.amazonaws.com") have one owner, who does use wildcards. */
static bool
registry(const char *suffix)
{
	static const psl_ctx_t *list;	/* in the library; no file is read */

	if (list == NULL)
		list = psl_builtin();
	return list != NULL && psl_is_public_suffix2(list, suffix,
	    PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

/* san is canonical text of its kind: '*' stands for exactly one label. */
static bool
dns_match(const char *san, const char *name)
{
	const char *dot;

	if (strncmp(san, "*.", 2) != 0)
		return strcmp(san, name) == 0;
	dot = strchr(name, '.');
	return dot != NULL && dot != name && strcmp(san + 1, dot) == 0 &&
	    !registry(san + 2);
}

/* Only letters, digits and hyphens (RFC 5280 section 4.2.1.6). */
static bool
preferred_syntax(const char *san)
{
	return strchr(san, '_') == NULL;
}

bool
wad_x509_match_names(const GENERAL_NAMES *names, const char *name,
    char *matched, size_t size)
{
	struct wad_addr	a;
	char		san[WAD_HOST_MAX];
	bool		found = false;
	int		want;

	if (matched != NULL && size > 0)
		matched[0] = '\0';
	if (!wad_x509_read_name_ok(name, false))
		return false;
	want = wad_addr_parse(&a, name) == 0 ? GEN_IPADD : GEN_DNS;
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if (g->type != want || wad_x509_read_san(g, san) == -1)
			continue;
		found = want == GEN_IPADD ? strcmp(san, name) == 0 :
		    preferred_syntax(san) && dns_match(san, name);
	}
	if (found && matched != NULL && size > 0)
		wad_str_escape(matched, size, san, strlen(san));
	return found;
}

bool
wad_x509_match_name(X509 *x, const char *name, char *matched, size_t size)
{
	GENERAL_NAMES	*names = X509_get_ext_d2i(x, NID_subject_alt_name,
			    NULL, NULL);
	bool		 found = wad_x509_match_names(names, name, matched,
			    size);

	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return found;
}

/* "10.0.0.1", "010.000.000.001", "2001:DB8::1", "0x0a000001"; not a serial
 * number, not a MAC address. */
static bool
looks_like_address(const char *s)
{
	struct wad_addr a;

	return wad_addr_parse(&a, s) == 0 || (strchr(s, '.') != NULL &&
	    s[strspn(s, "0123456789.")] == '\0') ||
	    (strncasecmp(s, "0x", 2) == 0 && strlen(s) == 10 &&
	    strspn(s + 2, "0123456789abcdefABCDEF") == 8);
}

/* "a.b", not "Lab server", "router", "system:node:a.b" or "me@a.b": what has
 * a character that no host name has is about something else. */
static bool
looks_like_host(const char *s)
{
	if (strchr(s, '.') == NULL)
		return false;
	for (; *s != '\0'; s++)
		if (isascii((unsigned char)*s) && !isalnum((unsigned char)*s)
		    && strchr("-_.*", *s) == NULL)
			return false;
	return true;
}

/* The same host, a parent domain of the name, or one of a wildcard's. */
static bool
related(const char *san, const char *host)
{
	size_t	a = strlen(san), b = strlen(host);

	return dns_match(san, host) || (a > b && san[a - b - 1] == '.' &&
	    strcmp(san + a - b, host) == 0);
}

/* How a common name (a text without NUL) stands to the names. */
static bool
cn_agrees(const GENERAL_NAMES *names, const char *cn)
{
	bool	is_address = looks_like_address(cn), none = true,
		is_related = false;
	char	canon[WAD_HOST_MAX + 2], san[WAD_HOST_MAX];
	size_t	wild;

	if (!is_address && !looks_like_host(cn))
		return true;
	wild = strncmp(cn, "*.", 2) == 0 ? 2 : 0;
	if (wad_str_host_canon(canon + wild, cn + wild, strlen(cn + wild)) ==
	    -1 || strlen(canon + wild) + wild >= WAD_HOST_MAX)
		return false;
	memcpy(canon, cn, wild);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if (wad_x509_read_san(g, san) == -1)
			continue;
		if (strcmp(san, canon) == 0)
			/* letter case says nothing in a host name */
			return g->type == GEN_DNS || strcmp(san, cn) == 0;
		none &= g->type != GEN_DNS;
		is_related |= g->type == GEN_DNS && related(san, canon);
	}
	return !is_address && (none || is_related);
}

bool
wad_x509_match_cn(X509 *x, const GENERAL_NAMES *names)
{
	X509_NAME	*subject = X509_get_subject_name(x);
	bool		 ok = true;
	int		 at = -1, n = 0;

	while (ok && (at = X509_NAME_get_index_by_NID(subject, NID_commonName,
	    at)) >= 0) {
		unsigned char	*cn = NULL;
		int		 len = ASN1_STRING_to_UTF8(&cn,
				    X509_NAME_ENTRY_get_data(
				    X509_NAME_get_entry(subject, at)));

		/* each may be compared with thousands of names */
		ok = ++n <= CNS_MAX && (len <= 0 ||
		    (strlen((char *)cn) == (size_t)len &&
		    cn_agrees(names, (char *)cn)));
		OPENSSL_free(cn);
	}
	ERR_clear_error();
	return ok;
}
