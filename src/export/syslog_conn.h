/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to one log server: finds its address anew each time, connects,
 * sends what its queue holds, and comes back after a while when that failed.
 * Nothing here waits.
 */
#ifndef WAD_EXPORT_SYSLOG_CONN_H
#define WAD_EXPORT_SYSLOG_CONN_H

#include <event2/event.h>
#include <openssl/ssl.h>

#include "conf/conf_snap.h"
#include "export/syslog_queue.h"
#include "port/dns.h"

enum wad_syslog_state { WAD_SYSLOG_WAITING, WAD_SYSLOG_RESOLVING,
	WAD_SYSLOG_CONNECTING, WAD_SYSLOG_HANDSHAKE, WAD_SYSLOG_UP };

struct wad_syslog_conn;

struct wad_syslog_conn_ops {
	/* The first message of the queue is with the kernel (true) or cannot
	 * be sent at all; it is dropped behind this call. */
	void	(*done)(void *arg, const struct wad_syslog_msg *, bool sent);
	/* It is connected (why NULL), or it was lost or not reached. */
	void	(*changed)(void *arg, const char *why);
};

/* The queue stays the caller's.  It starts in the next turn of the loop. */
struct wad_syslog_conn *wad_syslog_conn_new(struct event_base *,
	    struct wad_dns *, struct wad_syslog_queue *,
	    const struct wad_syslog_conn_ops *, void *arg);
void	wad_syslog_conn_free(struct wad_syslog_conn *);	/* NULL allowed */
/* Where to and how; host is canonical, ctx NULL: no TLS (a reference is
 * taken).  A connection is kept when `again` is false. */
void	wad_syslog_conn_configure(struct wad_syslog_conn *,
	    const struct wad_conf_syslog *, const char *host, SSL_CTX *,
	    bool again);
/* Sends what can be sent now. */
void	wad_syslog_conn_send(struct wad_syslog_conn *);
enum wad_syslog_state wad_syslog_conn_state(const struct wad_syslog_conn *);
/* The address in use ("" none), since when the state is what it is, and when
 * it tries again (ms of the monotonic clock; 0: it does not wait). */
const char *wad_syslog_conn_peer(const struct wad_syslog_conn *);
uint64_t wad_syslog_conn_since(const struct wad_syslog_conn *);
uint64_t wad_syslog_conn_retry(const struct wad_syslog_conn *);

#endif
