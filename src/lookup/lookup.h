/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-lookup: asks others on behalf of the workers.  Its context, who asks,
 * and the kinds of questions.
 */
#ifndef WAD_LOOKUP_LOOKUP_H
#define WAD_LOOKUP_LOOKUP_H

#include <event2/event.h>

#include "base/list.h"
#include "base/lru.h"
#include "base/str.h"
#include "conf/conf_snap.h"
#include "ipc/msg.h"
#include "lookup/lookup_crl.h"
#include "lookup/lookup_feed.h"
#include "lookup/lookup_fetch.h"
#include "lookup/lookup_forward.h"
#include "port/dns.h"

enum {
	WAD_LOOKUP_ASKS = 4096,		/* questions of all workers */
	WAD_LOOKUP_PATH = 10,		/* certificates of one */
	WAD_LOOKUP_RETRY = 60,		/* seconds that "no answer" is kept */
	WAD_LOOKUP_KEEP = 3600		/* and an answer, at most */
};

struct wad_lookup;

struct wad_lookup_peer {
	struct wad_list	 link, askers;
	unsigned	 n_asks;
	struct wad_chan	*chan;		/* NULL before the configuration */
	wad_chan_msg_fn	*fn;
	int		 fd;		/* chan's */
	struct wad_lookup *lk;
	char		 name[48];	/* "worker 3" */
};

/* A question that is open; first member of the object of its kind. */
struct wad_lookup_asker {
	struct wad_list	 of_peer;
	struct wad_lookup_peer *peer;
	uint32_t	 id;
	void	(*drop)(struct wad_lookup_asker *);	/* the peer is gone */
};

struct wad_lookup {
	struct event_base *base;
	struct wad_dns	*dns;
	struct wad_fetcher *fetch;
	struct wad_crls	*crls;
	struct wad_feeds *feeds;
	struct wad_checks *checks;
	int		 trust_fd;	/* with the next prepare; -1 */
	char		*bundle; size_t bundle_len;
	const struct wad_conf *conf;	/* NULL at first */
	struct wad_list	 peers;
	unsigned	 n_peers, n_asks;
	uint64_t	 asked, refused;	/* refused: too many were open */
	uint64_t	 era;		/* of the answers: one that was asked
					 * for before the last "clear", or for
					 * another configuration, is not kept */
	/* lookup_status.c */
	struct wad_lru	 answers;
	struct wad_list	 inquiries;
	/* lookup_issuers.c */
	struct wad_lru	 issuers;
	struct wad_list	 chases;
	unsigned	 n_waits;	/* who wait for them */
};

/* lookup_peer.c: makes an empty one ready (before the sandbox; the texts are
 * those of the system's files); 0 or -1. */
int	wad_lookup_peer_open(struct wad_lookup *, struct event_base *,
	    const char *resolv_conf, const char *hosts);
/* Another configuration counts (its CRLs were prepared); the caller keeps it
 * until the next one. */
void	wad_lookup_peer_conf(struct wad_lookup *, const struct wad_conf *);
/* The statistics of this role. */
void	wad_lookup_peer_tell(struct wad_lookup *);
/* A peer's channel: takes fd over.  0 or -1. */
int	wad_lookup_peer_new(struct wad_lookup *, const char *role,
	    unsigned index, int fd);
/* Registers a question; false when too many are open: a peer may hold as many
 * as are free, so that others find room whatever one does. */
bool	wad_lookup_asker_add(struct wad_lookup_asker *,
	    struct wad_lookup_peer *, uint32_t id,
	    void (*drop)(struct wad_lookup_asker *));
void	wad_lookup_asker_remove(struct wad_lookup_asker *);

/* lookup_status.c: STATUS_ASK.  0, or -1 when the message is nonsense. */
void	wad_lookup_status_init(struct wad_lookup *);
int	wad_lookup_status_asked(struct wad_lookup_peer *,
	    struct wad_msg_in *);
void	wad_lookup_status_list(struct wad_lookup *, struct wad_str *);
void	wad_lookup_status_clear(struct wad_lookup *);

/* lookup_issuers.c: ISSUER_ASK. */
void	wad_lookup_issuers_init(struct wad_lookup *);
int	wad_lookup_issuers_asked(struct wad_lookup_peer *,
	    struct wad_msg_in *);
void	wad_lookup_issuers_list(struct wad_lookup *, struct wad_str *);
void	wad_lookup_issuers_clear(struct wad_lookup *);

#endif
