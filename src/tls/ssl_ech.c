/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outer names of Encrypted ClientHello, see ssl_ech.h.
 */
#include "tls/ssl_ech.h"

#include <string.h>

/* Public names in use by large operators. */
static const char *const known[] = { "cloudflare-ech.com" };

static bool
is(const char *pattern, const char *sni)
{
	const char *dot;

	if (strncmp(pattern, "*.", 2) != 0)
		return strcmp(pattern, sni) == 0;
	dot = strchr(sni, '.');
	return dot != NULL && dot != sni && strcmp(pattern + 1, dot) == 0;
}

bool
wad_ssl_ech_outer(const struct wad_profile *p, const char *sni)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is(known[i], sni))
			return true;
	for (size_t i = 0; i < p->n_ech_outer; i++)
		if (is(p->ech_outer[i], sni))
			return true;
	return false;
}
