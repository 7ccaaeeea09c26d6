/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned exemptions: evidence and pairs, see learn.h.
 */
#include "ipc/learn.h"

#include <string.h>

#include "base/str.h"

/* RFC 8446 section 6.2.  Not in it: access_denied and certificate_required
 * (about the client's certificate), decrypt_error (of the handshake). */
static const struct { uint32_t alert; const char *name; } rejections[] = {
	{ 42, "bad_certificate" }, { 43, "unsupported_certificate" },
	{ 44, "certificate_revoked" }, { 45, "certificate_expired" },
	{ 46, "certificate_unknown" }, { 48, "unknown_ca" },
	{ WAD_LEARN_CLOSED, "closed" },
};

const char *
wad_learn_evidence(uint32_t alert)
{
	for (size_t i = 0; i < sizeof(rejections) / sizeof(rejections[0]); i++)
		if (rejections[i].alert == alert)
			return rejections[i].name;
	return NULL;
}

uint64_t
wad_learn_hash(const struct wad_learn_key *k)
{
	uint64_t h = wad_str_hash(0, k->host, strlen(k->host) + 1);

	return wad_str_hash(h, k->client.ip, sizeof(k->client.ip));
}

bool
wad_learn_same(const struct wad_learn_key *a, const struct wad_learn_key *b)
{
	return wad_addr_ip_equal(&a->client, &b->client) &&
	    strcmp(a->host, b->host) == 0;
}
