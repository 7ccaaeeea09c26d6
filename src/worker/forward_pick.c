/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which proxy a request is given to: without a session.
 */
#include <string.h>

#include "worker/forward.h"

bool
wad_forward_match(const char *pattern, const char *host, const char *path)
{
	char		 name[WAD_HOST_MAX];
	const char	*slash = strchr(pattern, '/');
	size_t		 len = slash != NULL ? (size_t)(slash - pattern) :
	    strlen(pattern), hlen = strlen(host);

	if (len >= sizeof(name))
		return false;
	memcpy(name, pattern, len);
	name[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] += 'a' - 'A';
	if (strchr(name, '*') != NULL ? !wad_str_wildcard(name, host) :
	    strcmp(name, host) != 0 && (hlen <= len ||
	    host[hlen - len - 1] != '.' ||
	    strcmp(host + hlen - len, name) != 0))
		return false;
	return slash == NULL || slash[1] == '\0' ||
	    strncmp(slash, path, strlen(slash)) == 0;
}

int
wad_forward_pick(const struct wad_forward_group *g, uint64_t h,
    const bool *alive, const unsigned *sessions)
{
	uint64_t	sum = 0;
	int		best = -1;

	for (size_t i = 0; i < g->n_members && i < WAD_FORWARD_MEMBERS; i++) {
		if (!alive[i])
			continue;
		sum += g->members[i].weight;
		if (best == -1 || (g->method == WAD_LDB_LEAST_SESSION &&
		    (uint64_t)sessions[i] * g->members[best].weight <
		    (uint64_t)sessions[best] * g->members[i].weight))
			best = (int)i;
	}
	if (best == -1 || g->method == WAD_LDB_ACTIVE_PASSIVE ||
	    (g->method == WAD_LDB_LEAST_SESSION && !g->affinity))
		return best;
	h %= sum;
	for (size_t i = 0; i < g->n_members && i < WAD_FORWARD_MEMBERS; i++) {
		if (!alive[i])
			continue;
		if (h < g->members[i].weight)
			return (int)i;
		h -= g->members[i].weight;
	}
	return best;
}
