/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker role: its context, and what it makes of a configuration.
 */
#ifndef WAD_WORKER_WORKER_H
#define WAD_WORKER_WORKER_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/list.h"
#include "conf/conf_snap.h"
#include "ipc/ask.h"
#include "ipc/msg.h"
#include "ipc/proc.h"
#include "port/dns.h"
#include "tls/ssl_cert.h"
#include "url/url.h"

enum wad_listener_kind { WAD_LISTEN_TPROXY = 1, WAD_LISTEN_REDIRECT,
	WAD_LISTEN_EXPLICIT };

struct wad_listener {
	struct wad_list	 all;
	struct wad_worker *w;
	enum wad_listener_kind kind;
	unsigned	 row;		/* `redirect N` */
	char		 device[16];	/* "" when not bound to one */
	struct wad_addr	 local;
	int		 fd;
	struct event	 ev;
};

struct wad_fqdn_watch;

/* A configuration and what this worker made of it; counted. */
struct wad_worker_conf {
	int			 refcount;
	struct wad_conf		*conf;
	struct wad_trust	*trust;
	struct wad_ssl_replace	*replace;	/* server-cert-mode replace */
	struct wad_url_rules	*rules;
	struct wad_url_db	*db;	/* NULL: none */
	struct wad_page_lang	**langs; size_t n_langs;	/* of pages */
	struct wad_fqdn_watch	*fqdns;	/* NULL: none; of the one in force */
};

enum { WAD_CLIENT_SLOTS = 65536, WAD_SPARES = 32, WAD_OWN_MAX = 1024 };

struct wad_worker {
	struct wad_proc		*proc;
	struct event_base	*base;
	struct wad_worker_conf	*wc;	/* current */
	struct wad_worker_conf	*next;	/* prepared, not committed */
	struct wad_list		 listeners, next_listeners;
	struct wad_list		 sessions, graveyard;
	struct event		 bury, reaccept, respare, repair;
	struct wad_tcp_port	*spare;	/* of the acceptor */
	struct wad_chan		*keys, *control, *lookup;	/* NULL: down */
	struct wad_ask_table	*asks;
	struct wad_dns		*dns;
	unsigned		 n_sessions;
	uint32_t		*per_client;	/* WAD_CLIENT_SLOTS */
	uint64_t		 client_salt;
	int			 spare_fd[2][WAD_SPARES];	/* v4, v6 */
	unsigned		 n_spare[2];
	bool			 spare_asked[2];
	struct wad_addr		 own[WAD_OWN_MAX];
	size_t			 n_own;
	int			 trust_fd, db_fd;	/* with the next prepare */
	bool			 db_must;	/* a damaged one is an error */
	const char		*bundle; size_t bundle_len;
	bool			 draining;
	char			 via[32];	/* our pseudonym in Via */
	uint64_t		 limit_logged;
	/* memory.c: sessions that hold something, how much, how many of them
	 * wait for memory */
	struct wad_list		 holders;
	unsigned		 n_holders, n_stopped;
	size_t			 holders_size;
	uint64_t		 memory;	/* bytes that the machine has for us */
	bool			 busy;	/* since the last tick */
	bool			 conserve;	/* the hard mark was reached, the
						 * soft one not left */
	bool		 log_full;	/* log-full block holds */
	bool		 feeds_told, feeds_held;	/* wad-lookup has sent
					 * its feeds; listeners wait for it */
};

void	wad_worker_conf_put(struct wad_worker_conf *);
struct wad_worker_conf *wad_worker_conf_get(struct wad_worker_conf *);
bool	wad_worker_is_own(const struct wad_worker *, const struct wad_addr *);
/* An IP_TRANSPARENT socket that the parent made in advance, or -1. */
int	wad_worker_spare(struct wad_worker *, int family);

/* accept.c */
struct wad_listener *wad_listener_new(struct wad_worker *, int kind,
	    unsigned row, const char *device, const struct wad_addr *, int fd);
void	wad_listener_start(struct wad_listener *);
void	wad_listener_free(struct wad_listener *);
/* Readies the port that the next accept uses: line 68. */
void	wad_accept_ready(struct wad_worker *);

/* fqdn.c */
/* Keeps the addresses of the FQDN objects that exemptions name up to date;
 * NULL when there are none.  The configuration must stay. */
struct wad_fqdn_watch *wad_fqdn_watch_new(struct wad_worker *,
	    const struct wad_conf *);
void	wad_fqdn_watch_stop(struct wad_fqdn_watch *);	/* NULL allowed */
void	wad_fqdn_watch_free(struct wad_fqdn_watch *);	/* NULL allowed */
/* Gives a question what is known now. */
void	wad_fqdn_watch_fill(const struct wad_fqdn_watch *,
	    struct wad_url_ask *);

/* learn.c: LEARNED; 0 or -1 for a bad message. */
struct wad_msg_in;
int	wad_learn_message(struct wad_worker *, struct wad_msg_in *);

/* feed.c */
/* FEED and FEEDS of wad-lookup; 0 or -1 for a bad message. */
int	wad_worker_feed(struct wad_worker *, struct wad_msg_in *);
/* At a commit, before the new configuration runs: shall the listeners wait
 * for the feeds?  Only those of a worker that starts, and not for long. */
bool	wad_worker_feed_hold(struct wad_worker *, const struct wad_conf *);
void	wad_worker_feed_go(struct wad_worker *);

/* explain.c */
struct wad_explain_ask {		/* diagnose wad explain */
	struct wad_addr	 src;
	char		 host[WAD_HOST_MAX];	/* canonical name or address */
	uint16_t	 port;
	char		 ifname[64], user[64];	/* "" when not given */
	char		 path[1024];	/* of a request; "" when not given */
};
/* Prints every decision; addr is the target's, NULL when its name does not
 * resolve. */
void	wad_explain(struct wad_worker *, const struct wad_explain_ask *,
	    const struct wad_addr *addr, struct wad_str *out);

#endif
