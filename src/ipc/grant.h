/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants: who was warned of a category, or of one site in it, and wants to go
 * on.  wad-control keeps them; every worker has a copy, made of the same
 * table.  A grant holds for the filter entry as it was: its stamp changes with
 * whatever of it the administrator changes.
 */
#ifndef WAD_IPC_GRANT_H
#define WAD_IPC_GRANT_H

#include "base/lru.h"
#include "base/str.h"
#include "conf/conf_snap.h"
#include "ipc/msg.h"

enum {
	WAD_GRANT_MAX = 8192,		/* of all clients */
	WAD_GRANT_CLIENT_MAX = 128,	/* of one, IPv6: of a /64 */
	WAD_GRANT_USER = 64,
	WAD_GRANT_SESSION_MAX = 86400,	/* seconds: warning-duration-type
					 * session, however busy */
};

/* GRANT: a worker says that a user goes on; that a grant with
 * warning-duration-type session was used; what it knows, to a wad-control
 * that is new.  GRANTED: wad-control says what holds, and what no longer
 * does. */
enum wad_grant_op { WAD_GRANT_NEW, WAD_GRANT_USED, WAD_GRANT_KNOWN,
	WAD_GRANT_FORGET, WAD_GRANT_OPS };

struct wad_grant {
	/* the key */
	uint64_t	 stamp;
	struct wad_addr	 client;
	uint16_t	 category;
	char		 user[WAD_GRANT_USER];	/* "": nobody signed in */
	char		 host[WAD_HOST_MAX];	/* "": per category */
	/* what holds */
	char		 profile[48];		/* for people */
	bool		 session;	/* each use makes it last longer */
	uint32_t	 seconds;	/* warn-duration */
	int64_t		 made, until;	/* seconds since the epoch */
};

/* What of a filter entry a grant is bound to; never 0, the same in every
 * process. */
uint64_t wad_grant_stamp(const struct wad_wf_profile *,
	    const struct wad_wf_filter *);
/* The entry of a profile with that stamp, whose action asks for a grant;
 * NULL. */
const struct wad_wf_filter *wad_grant_filter(const struct wad_wf_profile *,
	    uint64_t stamp);
/* Fills key, profile and time of a grant that begins now.  user may be
 * NULL. */
void	wad_grant_make(struct wad_grant *, const struct wad_wf_profile *,
	    const struct wad_wf_filter *, const struct wad_addr *client,
	    const char *user, const char *host, int64_t now);

/* GRANT and GRANTED have the same fields. */
void	wad_grant_put(struct wad_msg *, enum wad_grant_op,
	    const struct wad_grant *);
int	wad_grant_get(struct wad_msg_in *, enum wad_grant_op *,
	    struct wad_grant *);	/* 0, or -1: bad message */

struct wad_grant_table { struct wad_lru lru; };
void	wad_grant_table_init(struct wad_grant_table *);
void	wad_grant_table_free(struct wad_grant_table *);
/* The grant with the key of this one that holds now; NULL. */
const struct wad_grant *wad_grant_table_find(struct wad_grant_table *,
	    const struct wad_grant *key, int64_t now);
/* Puts it in or makes it last as long; a client's own oldest makes room when it
 * has too many, then the oldest of all.  False when nothing changed. */
bool	wad_grant_table_add(struct wad_grant_table *,
	    const struct wad_grant *);
/* Takes out the one with this key. */
void	wad_grant_table_drop(struct wad_grant_table *,
	    const struct wad_grant *key);
/* Every grant, oldest first; the function may drop the one it is given. */
void	wad_grant_table_each(struct wad_grant_table *,
	    void (*)(void *arg, const struct wad_grant *), void *arg);

#endif
