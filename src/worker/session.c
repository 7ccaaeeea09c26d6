/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Birth and death of a session, its deadline, its line in the log.
 */
#include "worker/forward.h"
#include "worker/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "tls/ssl_common.h"
#include "worker/http_relay.h"
#include "worker/memory.h"
#include "worker/session_table.h"
#include "worker/url_log.h"
#include "worker/worker.h"

enum { FREE_MAX = 64 };
static struct wad_session	*free_list[FREE_MAX];
static unsigned			 n_free;

static void	on_timer(evutil_socket_t, short, void *);

/* Worker i of N numbers n x N + i + 1; n lives in shared memory and survives
 * a crash, so numbers never repeat (DESIGN section 5). */
static uint32_t
next_serial(struct wad_worker *w)
{
	static uint64_t	 own;
	uint64_t	*n = wad_dbg_ring != NULL ? &wad_dbg_ring->serial_n :
	    &own;
	uint32_t	 s;

	do
		s = (uint32_t)((*n)++ * wad_proc_count(w->proc) +
		    wad_proc_index(w->proc) + 1);
	while (s == 0);
	return s;
}

static void
put(struct wad_session *s)
{
	s->magic = 0;
	if (n_free < FREE_MAX)
		free_list[n_free++] = s;
	else
		free(s);
}

struct wad_session *
wad_session_new(struct wad_worker *w, struct wad_tcp_port *accepted,
    const struct wad_listener *l)
{
	struct wad_session *s;

	if (n_free > 0) {
		s = free_list[--n_free];
		memset(s, 0, sizeof(*s));
	} else
		s = wad_xcalloc(1, sizeof(*s));
	s->magic = WAD_SESSION_MAGIC;
	s->w = w;
	s->clt.port = accepted;
	s->serial = next_serial(w);
	s->born = s->last_io = wad_clock_ms();
	s->explicit_web = l->kind == WAD_LISTEN_EXPLICIT;
	s->flow.explicit_web = s->explicit_web;
	strcpy(s->in_dev, l->device);
	s->flow.in_dev = s->in_dev[0] != '\0' ? s->in_dev : NULL;
	s->flow.src = accepted->peer;
	if (!s->explicit_web)		/* else the request will say */
		s->flow.dst = accepted->local;
	if (!wad_session_slot_take(s, l)) {
		put(s);
		return NULL;
	}
	s->wc = wad_worker_conf_get(w->wc);
	event_assign(&s->timer, w->base, -1, 0, on_timer, s);
	wad_list_append(&w->sessions, &s->all);
	w->n_sessions++;
	WAD_COUNT(SESSIONS);
	WAD_GAUGE_ADD(SESSIONS, 1);
	return s;
}

void
wad_session_kick(void *arg)
{
	struct wad_session *s = arg;

	WAD_CHECK(s, WAD_SESSION_MAGIC);
	if (s->done)
		return;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	wad_session_run(s);
	wad_session_slot_kick(s);
	wad_memory_note(s);
	memset(&wad_dbg_current, 0, sizeof(wad_dbg_current));
}

void
wad_session_deadline(struct wad_session *s, uint64_t ms)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	s->deadline = ms == 0 ? 0 : wad_clock_ms() + ms;
	if (ms == 0)
		event_del(&s->timer);
	else
		event_add(&s->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct wad_session *s = arg;

	(void)fd;
	(void)what;
	if (s->done)
		return;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	wad_session_timeout(s);
	wad_session_slot_kick(s);
	wad_memory_note(s);
	memset(&wad_dbg_current, 0, sizeof(wad_dbg_current));
}

static void
leg_close(struct wad_leg *leg)
{
	wad_ssl_port_close(leg->ssl);
	leg->ssl = NULL;
}

/* The whole of a session in numbers. */
static void
count_end(const struct wad_session *s)
{
	const struct wad_url_verdict *v = &s->verdict;

	wad_stats->ended[s->reason - wad_reasons]++;
	if (v->id != 0 && s->policy->utm && s->policy->webfilter != NULL &&
	    v->cate < WAD_STATS_CATEGORIES)
		wad_stats->category[v->cate][v->action]++;
	if (s->clt.port == NULL)
		return;
	WAD_COUNT_ADD(BYTES_UP, s->clt.port->bytes_in);
	WAD_COUNT_ADD(BYTES_DOWN, s->clt.port->bytes_out);
}

void
wad_session_bury(struct wad_session *s, const struct wad_reason *reason)
{
	struct wad_worker *w = s->w;

	if (s->done)
		return;
	s->done = true;
	s->reason = reason;
	event_del(&s->timer);
	wad_memory_leave(s);
	wad_http_relay_free(s);
	if (s->query != NULL)
		wad_dns_cancel(s->query);
	wad_race_cancel(s->race);
	s->query = NULL;
	s->race = NULL;
	wad_ssl_cert_wait_cancel(&s->wait);
	if (s->ask != 0)
		wad_ask_cancel(w->asks, s->ask);
	count_end(s);
	wad_url_log_owed(s);
	wad_session_slot_end(s);
	if (s->clt.port != NULL)
		wad_tcp_port_read_on(s->clt.port, false);
	if (s->srv.port != NULL)
		wad_tcp_port_read_on(s->srv.port, false);
	wad_list_remove(&s->all);
	wad_list_append(&w->graveyard, &s->all);
	w->n_sessions--;
	w->per_client[s->client_slot]--;
	WAD_GAUGE_ADD(SESSIONS, -1);
	event_active(&w->bury, EV_TIMEOUT, 0);
}

/* Empties the graveyard after the loop turn; called by w->bury. */
void
wad_session_free(struct wad_session *s)
{
	struct wad_worker	*w = s->w;
	struct wad_dbg_current	 saved = wad_dbg_current;

	WAD_CHECK(s, WAD_SESSION_MAGIC);
	wad_list_remove(&s->all);
	wad_dbg_current.muted = s->muted;
	leg_close(&s->clt);
	leg_close(&s->srv);
	wad_ssl_negotiate_free(s->nego);
	wad_tcp_port_put(s->srv.port);
	wad_tcp_port_put(s->clt.port);
	wad_accept_ready(w);
	wad_dbg_current = saved;
	wad_forward_free(s);
	wad_worker_conf_put(s->wc);
	wad_session_table_leave(s);
	put(s);
}
