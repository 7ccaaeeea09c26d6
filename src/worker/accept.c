/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listeners and the acceptor: lines 1, 2 and 68 of the reference.  The
 * acceptor has one port ready; a connection is learnt on it before it
 * becomes a session.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "port/sock_facts.h"
#include "worker/session.h"
#include "worker/worker.h"

enum { BURST = 32, PAUSE_MS = 100 };

/* `state=` of line 2: how the connection came to us. */
enum { F_TPROXY = 0x2, F_REDIRECT = 0x4, F_EXPLICIT = 0x8, F_MAY_DIRTY = 0x100 };

static void	on_listener(evutil_socket_t, short, void *);

struct wad_listener *
wad_listener_new(struct wad_worker *w, int kind, unsigned row,
    const char *device, const struct wad_addr *local, int fd)
{
	struct wad_listener *l = wad_xcalloc(1, sizeof(*l));

	l->w = w;
	l->kind = (enum wad_listener_kind)kind;
	l->row = row;
	l->local = *local;
	l->fd = fd;
	strncpy(l->device, device, sizeof(l->device) - 1);
	wad_list_append(&w->next_listeners, &l->all);
	return l;
}

void
wad_listener_start(struct wad_listener *l)
{
	wad_sock_facts_listen(l->fd);
	event_assign(&l->ev, l->w->base, l->fd, EV_READ | EV_PERSIST,
	    on_listener, l);
	event_add(&l->ev, NULL);
}

void
wad_listener_free(struct wad_listener *l)
{
	if (event_initialized(&l->ev))
		event_del(&l->ev);
	wad_list_remove(&l->all);
	close(l->fd);
	free(l);
}

void
wad_accept_ready(struct wad_worker *w)
{
	struct wad_dbg_current saved = wad_dbg_current;

	if (w->spare != NULL)
		return;
	wad_dbg_current.serial = 0;
	w->spare = wad_tcp_port_alloc();
	wad_dbg_current = saved;
}

/* Out of descriptors: rest for a while instead of spinning. */
static void
pause_all(struct wad_worker *w)
{
	struct timeval	 tv = { .tv_usec = PAUSE_MS * 1000 };
	struct wad_list	*l, *tmp;

	WAD_LIST_EACH(&w->listeners, l, tmp)
		event_del(&WAD_LIST_ENTRY(l, struct wad_listener, all)->ev);
	event_add(&w->reaccept, &tv);
}

/* At most one record a second; client, one of those concerned, or NULL. */
static void
limit_log(struct wad_worker *w, const char *what,
    const struct wad_addr *client)
{
	uint64_t		now = wad_clock_ms();
	struct wad_log_rec	r;
	char			ip[WAD_ADDR_STRLEN];

	WAD_COUNT(REFUSED);
	if (now - w->limit_logged < 1000)
		return;
	w->limit_logged = now;
	wad_log_begin(&r, WAD_LOG_SYS_LIMIT);
	wad_log_strf(&r, "msg", "worker %u: %s; new connections are refused%s%s",
	    wad_proc_index(w->proc), what, client != NULL ? ", now one of " :
	    "", client != NULL ? wad_addr_ip_str(client, ip) : "");
	wad_log_end(&r);
}

/* Each client gets a slot of a table by a salted hash of its address: two
 * that share one share the bound, which is only stricter. */
static unsigned
client_slot(const struct wad_worker *w, const struct wad_addr *a)
{
	unsigned long long h = wad_str_hash(w->client_salt | 1, a->ip, 16);

	return (unsigned)((h ^ (h >> 29)) % WAD_CLIENT_SLOTS);
}

static const char *
over_limit(struct wad_worker *w, unsigned slot)
{
	const struct wad_conf_settings *s = &w->wc->conf->settings;

	if (w->n_sessions >= s->sessions_max)
		return "openwad settings / sessions-max is reached";
	if (w->per_client[slot] >= s->sessions_per_client)
		return "openwad settings / sessions-per-client is reached";
	if (w->wc->conf->log.full_block && wad_dbg_log_behind("worker",
	    wad_proc_index(w->proc), &w->log_full)) {
		WAD_COUNT(LOG_FULL);
		return "logs are not written fast enough (log-full block)";
	}
	return NULL;
}

/* True for a connection that comes from this gateway or goes to the
 * listener itself: relaying it would never end. */
static bool
is_loop(const struct wad_listener *l, const struct wad_tcp_port *p)
{
	if (l->kind == WAD_LISTEN_EXPLICIT)
		return false;
	if (wad_worker_is_own(l->w, &p->peer))
		return true;
	return p->local.port == l->local.port &&
	    wad_worker_is_own(l->w, &p->local);
}

/* A connection from or to the gateway itself is no session: its record is one
 * of local traffic (log setting / local-in-deny-unicast). */
static void
local_in_log(const struct wad_worker *w, const struct wad_tcp_port *p)
{
	struct wad_log_rec r;

	if (!w->wc->conf->log.local_in_deny)
		return;
	wad_log_begin(&r, WAD_LOG_TRAFFIC_LOCAL);
	wad_log_ip(&r, "srcip", &p->peer);
	wad_log_u64(&r, "srcport", p->peer.port);
	wad_log_ip(&r, "dstip", &p->local);
	wad_log_u64(&r, "dstport", p->local.port);
	wad_log_u64(&r, "proto", IPPROTO_TCP);
	wad_log_str(&r, "action", "deny");
	wad_log_u64(&r, "policyid", 0);
	wad_log_str(&r, "policytype", "local-in-policy");
	wad_log_str(&r, "reason", "loop");
	wad_log_end(&r);
}

static void
refuse(struct wad_worker *w)
{
	wad_tcp_port_reset(w->spare);
	wad_buf_free(&w->spare->in);
	w->spare->connected = w->spare->reset = false;
}

static void
wad_accept(struct wad_listener *l, int fd, const struct wad_addr *src,
    const struct wad_addr *dst)
{
	char a[WAD_ADDR_STRLEN], b[WAD_ADDR_STRLEN];

	WAD_DBG(SESSION, WAD_I, "redirect %u accepted %s -> %s on %d", l->row,
	    wad_addr_str(src, a), wad_addr_str(dst, b), fd);
}

static void
take(struct wad_listener *l, int fd, const struct sockaddr *sa)
{
	struct wad_worker	*w = l->w;
	struct wad_tcp_port	*p;
	struct wad_session	*s;
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof(ss);
	struct wad_addr		 src, dst;
	const char		*limit;
	unsigned		 slot;

	wad_accept_ready(w);
	p = w->spare;
	if (wad_addr_from_sockaddr(&src, sa) == -1 ||
	    getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    wad_addr_from_sockaddr(&dst, (struct sockaddr *)&ss) == -1) {
		close(fd);
		return;
	}
	wad_dbg_current.muted = !wad_dbg_filter_match(&src, &dst);
	wad_accept(l, fd, &src, &dst);
	if (wad_tcp_port_learn_v4_session(p, fd,
	    l->kind == WAD_LISTEN_REDIRECT, F_MAY_DIRTY |
	    (l->kind == WAD_LISTEN_TPROXY ? F_TPROXY :
	    l->kind == WAD_LISTEN_REDIRECT ? F_REDIRECT : F_EXPLICIT)) == -1) {
		refuse(w);
		goto out;
	}
	slot = client_slot(w, &p->peer);
	limit = over_limit(w, slot);
	if (limit != NULL) {
		limit_log(w, limit, &p->peer);
		refuse(w);
		goto out;
	}
	if (is_loop(l, p)) {
		WAD_COUNT(LOOPS);
		local_in_log(w, p);
		refuse(w);
		goto out;
	}
	s = wad_session_new(w, p, l);
	if (s == NULL) {
		limit_log(w, "the session table is full", &p->peer);
		refuse(w);
		goto out;
	}
	w->spare = NULL;
	s->client_slot = slot;
	w->per_client[slot]++;
	s->muted = wad_dbg_current.muted;
	wad_session_start(s);
out:
	memset(&wad_dbg_current, 0, sizeof(wad_dbg_current));
}

static void
on_listener(evutil_socket_t lfd, short what, void *arg)
{
	struct wad_listener	*l = arg;
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	int			 fd;

	(void)what;
	for (int i = 0; i < BURST; i++) {
		len = sizeof(ss);
		fd = accept4((int)lfd, (struct sockaddr *)&ss, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1) {
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOMEM || errno == ENOBUFS) {
				limit_log(l->w, "no descriptors left", NULL);
				pause_all(l->w);
			}
			return;
		}
		take(l, fd, (struct sockaddr *)&ss);
	}
}
