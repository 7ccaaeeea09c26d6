/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares a certificate's alternative names with the one asked for.  The
 * subject's common name is never looked at (RFC 9525 section 6.4.4), so a
 * certificate without alternative names is for nobody.
 */
#include "x509/x509_match.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "x509/x509_read.h"

/* san is canonical text of its kind: '*' stands for exactly one label. */
static bool
dns_match(const char *san, const char *name)
{
	const char *dot;

	if (strncmp(san, "*.", 2) != 0)
		return strcmp(san, name) == 0;
	dot = strchr(name, '.');
	return dot != NULL && dot != name && strcmp(san + 1, dot) == 0;
}

bool
wad_x509_match_name(X509 *x, const char *name, char *matched, size_t size)
{
	GENERAL_NAMES	*names;
	struct wad_addr	 a;
	char		 san[WAD_HOST_MAX];
	bool		 found = false;
	int		 want;

	if (matched != NULL && size > 0)
		matched[0] = '\0';
	if (!wad_x509_read_name_ok(name, false))
		return false;
	want = wad_addr_parse(&a, name) == 0 ? GEN_IPADD : GEN_DNS;
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if (g->type != want || wad_x509_read_san(g, san) == -1)
			continue;
		found = want == GEN_IPADD ? strcmp(san, name) == 0 :
		    dns_match(san, name);
	}
	if (found && matched != NULL && size > 0)
		wad_str_escape(matched, size, san, strlen(san));
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return found;
}
