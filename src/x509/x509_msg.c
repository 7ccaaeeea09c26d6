/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WAD_MSG_FORGE, written by a worker and read by wad-keys.  The reader only
 * takes it apart; whether the description may be signed is decided by
 * wad_x509_desc_check.
 *
 * Fields: u64 generation, str ca, u32 key type, str name, u32 n, n times str,
 * u64 not before, u64 not after, blob SHA-256 of the origin's certificate,
 * u32 session serial, u32 policy, u32 staple.
 */
#include "x509/x509_msg.h"

#include <string.h>

void
wad_x509_msg_put(struct wad_msg *m, const struct wad_cert_desc *d)
{
	size_t n = d->n_sans;

	if (n > WAD_DESC_SANS_MAX)
		n = WAD_DESC_SANS_MAX;
	wad_msg_add_u64(m, d->generation);
	wad_msg_add_str(m, d->ca);
	wad_msg_add_u32(m, (uint32_t)d->key_type);
	wad_msg_add_str(m, d->name);
	wad_msg_add_u32(m, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		wad_msg_add_str(m, d->sans[i]);
	wad_msg_add_u64(m, (uint64_t)d->not_before);
	wad_msg_add_u64(m, (uint64_t)d->not_after);
	wad_msg_add_blob(m, d->origin_sha256, sizeof(d->origin_sha256));
	wad_msg_add_u32(m, d->serial);
	wad_msg_add_u32(m, d->policy);
	wad_msg_add_u32(m, d->staple);
}

int
wad_x509_msg_get(struct wad_msg_in *m, struct wad_cert_desc *d,
    const char **sans)
{
	uint32_t	 type, n, staple;
	uint64_t	 before, after;
	const void	*sha;
	size_t		 len;

	memset(d, 0, sizeof(*d));
	if (wad_msg_get_u64(m, &d->generation) == -1 ||
	    wad_msg_get_str(m, &d->ca) == -1 ||
	    wad_msg_get_u32(m, &type) == -1 ||
	    wad_msg_get_str(m, &d->name) == -1 ||
	    wad_msg_get_u32(m, &n) == -1 || n > WAD_DESC_SANS_MAX)
		return -1;
	/* Anything else stays as it is for desc_check to refuse. */
	d->key_type = type == WAD_KEY_RSA || type == WAD_KEY_EC ?
	    (enum wad_key_type)type : (enum wad_key_type)0;
	for (uint32_t i = 0; i < n; i++)
		if (wad_msg_get_str(m, &sans[i]) == -1)
			return -1;
	d->sans = sans;
	d->n_sans = n;
	if (wad_msg_get_u64(m, &before) == -1 ||
	    wad_msg_get_u64(m, &after) == -1 ||
	    wad_msg_get_blob(m, &sha, &len) == -1 ||
	    len != sizeof(d->origin_sha256) ||
	    wad_msg_get_u32(m, &d->serial) == -1 ||
	    wad_msg_get_u32(m, &d->policy) == -1 ||
	    wad_msg_get_u32(m, &staple) == -1)
		return -1;
	d->staple = staple != 0;
	d->not_before = (int64_t)before;
	d->not_after = (int64_t)after;
	memcpy(d->origin_sha256, sha, len);
	return wad_msg_end(m);
}
