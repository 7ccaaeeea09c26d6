/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The traffic log of dead workers, see dead_sessions.h.
 */
#include "control/dead_sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/reason.h"
#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "control/debug_pump.h"
#include "ipc/shm.h"
#include "session/traffic_log.h"

/* Of one turn: records, and slots looked at.  FINISH_MS: how long we wait at
 * our end for workers to reach theirs. */
enum { RECORDS = 512, SLOTS = 16384, FINISH_MS = 1000, STEP_MS = 10 };

struct dead {
	struct wad_list	 link;
	unsigned	 index;
	uint32_t	 pid;
	uint64_t	 ino;
	uint32_t	 next, logged;
	bool		 begun;
	uint32_t		 ended;	/* whose record was just written; 0 */
	const struct wad_slot_seg *seg;
};

/* Whether record `number` of this ring is there and is about this session;
 * one that was overwritten since was somebody's, so it was written. */
static bool
in_ring(const struct wad_ring_seg *ring, uint64_t number, uint32_t serial)
{
	struct wad_ring_pos	pos = { .log = number };
	char			buf[WAD_RING_LOG_SIZE], want[32];
	uint64_t		next;

	if (ring == NULL)
		return false;
	next = __atomic_load_n(&ring->log_next, __ATOMIC_ACQUIRE);
	if (next <= number)
		return false;
	if (next - number > WAD_RING_LOG_SLOTS)
		return true;
	if (wad_ring_next_log(ring, &pos, buf, sizeof(buf)) == 0)
		return false;
	snprintf(want, sizeof(want), " sessionid=%" PRIu32 " ", serial);
	return pos.log == number + 1 && strstr(buf, want) != NULL;
}

void
wad_dead_sessions_add(struct wad_control *c, struct wad_ctl_ring *r)
{
	struct dead *d;

	if (r->sessions == NULL)
		return;
	d = wad_xcalloc(1, sizeof(*d));
	d->index = r->index;
	d->pid = r->sessions_pid;
	d->ino = r->sessions_ino;
	d->seg = r->sessions;
	d->ended = d->seg->ending;
	if (!in_ring(r->seg, d->seg->ending_log, d->ended))
		d->ended = 0;
	r->sessions = NULL;
	wad_list_append(&c->dead, &d->link);
}

static void
drop(struct dead *d)
{
	wad_list_remove(&d->link);
	wad_shm_unmap(d->seg, sizeof(*d->seg));
	free(d);
}

void
wad_dead_sessions_free(struct wad_control *c)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&c->dead, l, tmp)
		drop(WAD_LIST_ENTRY(l, struct dead, link));
}

/* Where a wad-control before this one stopped. */
static void
resume(struct dead *d, const struct wad_dead_mark *m)
{
	d->begun = true;
	if (m->ino != d->ino)
		return;
	d->next = m->next;
	if (m->serial != 0 && in_ring(wad_dbg_ring, m->log, m->serial))
		d->next++;
}

/* One session of the dead worker; true when a record was written. */
static bool
log_one(struct wad_control *c, struct dead *d, struct wad_dead_mark *m)
{
	struct wad_slot	s;
	uint64_t	before = wad_dbg_ring != NULL ?
			    wad_dbg_ring->log_next : 0;

	if (!wad_slot_read(d->seg, d->next, true, &s) || s.logged_end ||
	    s.serial == d->ended)
		return false;
	if (s.reason >= WR_N) {		/* it was open */
		s.reason = WR_WORKER_DIED;
		s.msg[0] = '\0';
	}
	if (!wad_traffic_log_wanted(&s, &c->conf->log, WAD_TRAFFIC_END))
		return false;
	/* whenever we die, the mark is of one session */
	__atomic_store_n(&m->serial, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	m->ino = d->ino;
	m->next = d->next;
	m->log = before;
	__atomic_store_n(&m->serial, s.serial, __ATOMIC_RELEASE);
	wad_traffic_log(&s, &c->conf->log, WAD_TRAFFIC_END, wad_clock_ms());
	return true;
}

static void
tell_parent(struct wad_control *c, const struct dead *d)
{
	struct wad_msg msg;

	if (d->logged > 0)
		wad_log_event("warning", "worker %u (pid %" PRIu32 ") ended "
		    "with %" PRIu32 " open sessions: they are logged with "
		    "reason=%s", d->index, d->pid, d->logged,
		    wad_reasons[WR_WORKER_DIED].name);
	if (c->parent == NULL)
		return;
	wad_msg_init(&msg, WAD_MSG_SESSIONS_LOGGED, 0);
	wad_msg_add_u32(&msg, d->index);
	wad_msg_add_u32(&msg, d->pid);
	(void)wad_chan_send(c->parent, &msg);
	wad_msg_free(&msg);
}

/* Records of ours that the log writer had no room for yet. */
static bool
behind(const struct wad_control *c)
{
	for (unsigned i = 0; i < c->n_rings; i++)
		if (c->rings[i].seg == wad_dbg_ring && wad_dbg_ring != NULL)
			return wad_dbg_ring->log_next - c->rings[i].pos.log >
			    RECORDS;
	return false;
}

void
wad_dead_sessions_run(struct wad_control *c)
{
	struct wad_dead_mark	*m;
	struct dead		*d;
	uint32_t		 high;

	if (wad_list_empty(&c->dead) || c->conf == NULL || behind(c))
		return;
	d = WAD_LIST_ENTRY(c->dead.next, struct dead, link);
	m = &c->ctl->dead[d->index % WAD_DEAD_MARKS];
	if (!d->begun)
		resume(d, m);
	high = wad_slot_high(d->seg);
	for (unsigned looked = 0, written = 0; d->next < high &&
	    looked < SLOTS && written < RECORDS; looked++, d->next++)
		if (log_one(c, d, m)) {
			written++;
			d->logged++;
		}
	if (d->next < high)
		return;
	m->ino = d->ino;
	m->serial = 0;
	m->next = high;
	tell_parent(c, d);
	drop(d);
}

static bool
workers_there(const struct wad_control *c)
{
	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++)
		if (c->workers[i] != NULL)
			return true;
	return false;
}

void
wad_dead_sessions_finish(struct wad_control *c)
{
	struct timeval	 tv = { 0, STEP_MS * 1000 };
	uint64_t	 until = wad_clock_ms() + FINISH_MS;

	while (workers_there(c) && wad_clock_ms() < until) {
		event_base_loopexit(c->base, &tv);
		if (event_base_loop(c->base, 0) == -1)
			break;
	}
	for (unsigned i = 0; i < c->n_rings; i++)
		if (c->rings[i].index >= WAD_CTL_WORKERS ||
		    c->workers[c->rings[i].index] == NULL)
			wad_dead_sessions_add(c, &c->rings[i]);
	c->parent = NULL;		/* nobody listens */
	while (!wad_list_empty(&c->dead) && c->conf != NULL &&
	    wad_clock_ms() < until + FINISH_MS) {
		wad_dead_sessions_run(c);
		wad_debug_pump_run(c);
	}
}
