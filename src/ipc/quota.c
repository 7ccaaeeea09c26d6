/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas: who and what, see quota.h.
 */
#include "ipc/quota.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

uint64_t
wad_quota_stamp(const struct wad_wf_profile *p, const struct wad_wf_quota *q)
{
	const uint32_t	what[] = { q->id, q->traffic };
	uint64_t	h = 1;	/* the same in every process */

	h = wad_str_hash(h, p->name, strlen(p->name) + 1);
	h = wad_str_hash(h, what, sizeof(what));
	return h != 0 ? h : 1;
}

uint64_t
wad_quota_hash(const struct wad_quota_key *k)
{
	uint64_t h = wad_str_hash(0, &k->stamp, sizeof(k->stamp));

	h = wad_str_hash(h, k->client.ip, sizeof(k->client.ip));
	return wad_str_hash(h, k->user, strlen(k->user));
}

bool
wad_quota_same(const struct wad_quota_key *a, const struct wad_quota_key *b)
{
	return a->stamp == b->stamp &&
	    wad_addr_ip_equal(&a->client, &b->client) &&
	    strcmp(a->user, b->user) == 0;
}

static bool
holds(const uint16_t *list, size_t n, uint16_t category)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == category)
			return true;
	return false;
}

bool
wad_quota_counts(const struct wad_wf_profile *p, const struct wad_wf_quota *q,
    uint16_t category)
{
	return holds(q->cats, q->n_cats, category) &&
	    !holds(p->exempt_quota, p->n_exempt_quota, category);
}

void
wad_quota_key_put(struct wad_msg *m, const struct wad_quota_key *k)
{
	wad_msg_add_u64(m, k->stamp);
	wad_msg_add_addr(m, &k->client);
	wad_msg_add_str(m, k->user);
}

int
wad_quota_key_get(struct wad_msg_in *m, struct wad_quota_key *k)
{
	const char *user;

	memset(k, 0, sizeof(*k));
	if (wad_msg_get_u64(m, &k->stamp) || wad_msg_get_addr(m, &k->client) ||
	    wad_msg_get_str(m, &user) || strlen(user) >= sizeof(k->user))
		return -1;
	/* it is escaped, and stands in lines of a file and on the console */
	for (const char *s = user; *s != '\0'; s++)
		if (*s < 0x20 || *s == 0x7f)
			return -1;
	strcpy(k->user, user);
	return 0;
}
