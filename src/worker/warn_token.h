/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token of a warning's button: it says which warning a client saw, when,
 * and where it wanted to go, and that we made it for this client on this site.
 * Nothing is kept for it.
 */
#ifndef WAD_WORKER_WARN_TOKEN_H
#define WAD_WORKER_WARN_TOKEN_H

#include "base/addr.h"

enum {
	WAD_WARN_KEY = 32,
	WAD_WARN_URL_MAX = 1500,	/* a longer one is forgotten: "/" */
	WAD_WARN_TOKEN_MAX = 2 * (8 + 8 + 32 + WAD_WARN_URL_MAX) + 1,
	WAD_WARN_AGE = 600,		/* seconds that a button is good */
};

/* For whom and where: not in the token, but signed. */
struct wad_warn_bind {
	const struct wad_addr	*client;
	const char		*user;		/* "": not known */
	const char		*host;		/* canonical */
	uint16_t		 port;
	bool			 https;
};

struct wad_warn_token {
	int64_t		 made;		/* seconds since the epoch */
	uint64_t	 stamp;		/* of the filter entry, grant.h */
	char		 url[WAD_WARN_URL_MAX + 1];	/* path and query */
};

/* Writes the token for a URL ("/..."; what has other than printable ASCII
 * becomes "/"). */
void	wad_warn_token_make(char out[WAD_WARN_TOKEN_MAX],
	    const uint8_t key[WAD_WARN_KEY], const struct wad_warn_bind *,
	    int64_t made, uint64_t stamp, const char *url);
/* 0, or -1: not one of this key for them. */
int	wad_warn_token_read(struct wad_warn_token *, const char *text,
	    const uint8_t key[WAD_WARN_KEY], const struct wad_warn_bind *);
/* Whether it is young enough at this time. */
bool	wad_warn_token_fresh(const struct wad_warn_token *, int64_t now);

#endif
