/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work on all sessions.  A pass visits the slots one by one, some at each turn
 * of the event loop, never longer than a millisecond: whoever was there when
 * it began and is still there is visited once.  Passes: bringing the slots up
 * to date for the console, ending what a filter matches, judging by new
 * policies.  A pass that ends sessions leaves half of the time to others, and
 * is not faster than their records are written.  A slow sweep sees every
 * session about every ten seconds.
 */
#include "worker/session_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "policy/policy_match.h"
#include "session/session_filter.h"
#include "session/slot.h"
#include "session/traffic_log.h"
#include "worker/session.h"
#include "worker/worker.h"

enum {
	PASSES_MAX = 64,		/* consoles ask one at a time */
	SLICE_US = 1000,		/* of one turn */
	BATCH = 16, BATCH_FREE = 8192,	/* sessions, or free slots, between
					 * looks at the clock */
	FRESH_MS = 500,			/* younger is fresh enough */
	SWEEP_MS = 10000, SWEEP_SLICE = 256,	/* all of them in 10 s */
	PACE_MS = 10, PACE = 100,	/* sessions ended in that time: what
					 * reads the ring every 100 ms finds a
					 * quarter of it new */
	LOG_STUCK_MS = 5000,		/* nobody writes it: go on anyway */
	INTERIM_MS = 120 * 1000,
	BLOCK_S = 5,			/* tcp-rst-timer where it is not set */
};

struct blocked;
struct pass {
	struct wad_list	 all;
	/* one session; its number is added to the count */
	unsigned	 (*visit)(struct pass *, struct wad_session *,
			    uint64_t now);
	/* what is over and still listed; NULL: nothing */
	void		 (*visit_held)(struct pass *, struct blocked *,
			    uint64_t now);
	bool		 ends;		/* it ends sessions */
	uint32_t	 next, end;	/* slots */
	uint32_t	 answer;	/* id of the question, when it has one */
	bool		 asked;
	unsigned	 count;
	uint32_t	 serial;	/* `delete` */
	struct wad_session_filter filter;
};

/* A session that the policies came to deny: it is over, and stays in the list
 * for a while. */
struct blocked {
	struct wad_list	 all;
	struct wad_slot	*slot;
	uint64_t	 until;
};

static struct wad_worker	 *worker;
static struct wad_session	**table;	/* by slot */
static struct blocked		**held;		/* by slot */
static struct wad_list		  passes, blocked;
static unsigned			  n_passes;
static struct event		  turn, tick;
static uint32_t			  sweep_next;
static uint64_t			  pace_ms;	/* ended since then: */
static unsigned			  paced;
static bool			  log_late;	/* wad_dbg_log_behind */
static uint64_t			  log_late_ms;	/* since when; 0: it is not */

static void	on_turn(evutil_socket_t, short, void *);
static void	on_tick(evutil_socket_t, short, void *);

static size_t
index_of(const struct wad_slot *s)
{
	return (size_t)(s - wad_slot_seg()->slot);
}

static uint64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void
wad_session_table_start(struct wad_worker *w)
{
	static const struct timeval tv = { .tv_sec = 1 };

	worker = w;
	wad_list_init(&passes);
	wad_list_init(&blocked);
	if (wad_slot_seg() == NULL)
		return;
	table = wad_xcalloc(WAD_SLOTS_MAX, sizeof(struct wad_session *));
	held = wad_xcalloc(WAD_SLOTS_MAX, sizeof(struct blocked *));
	event_assign(&turn, w->base, -1, 0, on_turn, NULL);
	event_assign(&tick, w->base, -1, 0, on_tick, NULL);
	event_add(&tick, &tv);
}

void
wad_session_table_enter(struct wad_session *s)
{
	if (table != NULL)
		table[index_of(s->slot)] = s;
}

static uint32_t
block_seconds(void)
{
	unsigned own = worker->wc->conf->timers.rst;

	return own != 0 ? own : BLOCK_S;
}

/* The slot of what was blocked outlives its session. */
static void
keep_blocked(struct wad_session *s)
{
	struct blocked	*b = wad_xcalloc(1, sizeof(*b));
	struct wad_slot	*o = s->slot;
	uint64_t	 now = wad_clock_ms();

	wad_slot_begin(o);
	o->state |= WAD_SLOT_BIT(BLOCK);
	o->clt.tcp = o->srv.tcp = WAD_TCP_CLOSE;
	o->last_ms = now;
	o->timeout = block_seconds();
	wad_slot_end(o);
	b->slot = o;
	b->until = now + o->timeout * 1000ULL;
	wad_list_append(&blocked, &b->all);
	held[index_of(o)] = b;
}

static void
drop_blocked(struct blocked *b)
{
	wad_list_remove(&b->all);
	held[index_of(b->slot)] = NULL;
	wad_slot_release(b->slot);
	free(b);
}

void
wad_session_table_leave(struct wad_session *s)
{
	if (table != NULL)
		table[index_of(s->slot)] = NULL;
	if (table != NULL && s->reason == &wad_reasons[WR_POLICY_CHANGED])
		keep_blocked(s);
	else
		wad_slot_release(s->slot);
	s->slot = NULL;
}

/* Ends one that nothing is being done for now. */
static void
end(struct wad_session *s, enum wad_reason_id why)
{
	paced++;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	(void)wad_session_close(s, why);
	memset(&wad_dbg_current, 0, sizeof(wad_dbg_current));
}

/* ---- passes ------------------------------------------------------------- */

static void
say(struct wad_worker *w, uint32_t id, bool ok, unsigned count,
    const char *error)
{
	struct wad_msg	m;
	struct wad_str	text = { 0 };

	if (w->control == NULL)
		return;
	if (ok)
		wad_str_addf(&text, "%u", count);
	else
		wad_str_addf(&text, "%s", error);
	wad_msg_init(&m, WAD_MSG_WORKER_SAID, id);
	wad_msg_add_u32(&m, ok);
	wad_msg_add_str(&m, text.s);
	(void)wad_chan_send(w->control, &m);
	wad_msg_free(&m);
	wad_str_free(&text);
}

static struct pass *
pass_new(unsigned (*visit)(struct pass *, struct wad_session *, uint64_t))
{
	static const struct timeval at_once;
	struct pass *p = wad_xcalloc(1, sizeof(*p));

	p->visit = visit;
	p->end = wad_slot_high(wad_slot_seg());
	wad_list_append(&passes, &p->all);
	n_passes++;
	event_add(&turn, &at_once);
	return p;
}

static void
pass_end(struct pass *p)
{
	if (p->asked)
		say(worker, p->answer, true, p->count, NULL);
	wad_list_remove(&p->all);
	n_passes--;
	free(p);
}

/* Were enough ended for now, or are their records made faster than they are
 * written?  Not for ever: without a writer they are lost, and sessions end
 * nevertheless. */
static bool
must_wait(uint64_t now)
{
	if (now - pace_ms >= PACE_MS) {
		pace_ms = now;
		paced = 0;
	}
	if (paced >= PACE)
		return true;
	if (!wad_dbg_log_behind("worker", wad_proc_index(worker->proc),
	    &log_late)) {
		log_late_ms = 0;
		return false;
	}
	if (log_late_ms == 0)
		log_late_ms = now;
	return now - log_late_ms < LOG_STUCK_MS;
}

/* Visits slots until it is time for a look at the clock. */
static void
batch(struct pass *p, uint64_t now)
{
	uint32_t end = p->end - p->next > BATCH_FREE ? p->next + BATCH_FREE :
	    p->end;

	for (unsigned n = 0; n < BATCH && p->next < end; p->next++) {
		struct wad_session	*s = table[p->next];
		struct blocked		*b = held[p->next];

		if (s != NULL && !s->done)
			p->count += p->visit(p, s, now);
		else if (s == NULL && b != NULL && p->visit_held != NULL)
			p->visit_held(p, b, now);
		else
			continue;
		n++;
	}
}

/* The first pass that need not wait. */
static struct pass *
pass_ready(uint64_t now)
{
	bool		 wait = must_wait(now);
	struct wad_list	*l, *tmp;

	WAD_LIST_EACH(&passes, l, tmp) {
		struct pass *p = WAD_LIST_ENTRY(l, struct pass, all);

		if (!p->ends || !wait)
			return p;
	}
	return NULL;
}

/* One slice of one pass; the others have their turns. */
static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval at_once, later = {
		.tv_usec = PACE_MS * 1000 };
	uint64_t	 now = wad_clock_ms(), until = now_us() + SLICE_US;
	struct pass	*p;

	(void)fd;
	(void)what;
	(void)arg;
	if (wad_list_empty(&passes))
		return;
	p = pass_ready(now);
	if (p == NULL) {
		event_add(&turn, &later);
		return;
	}
	do
		batch(p, now);
	while (p->next < p->end && now_us() < until &&
	    !(p->ends && must_wait(now)));
	wad_list_remove(&p->all);
	wad_list_append(&passes, &p->all);
	if (p->next >= p->end)
		pass_end(p);
	if (!wad_list_empty(&passes))
		event_add(&turn, &at_once);
}

/* ---- what the console asks ---------------------------------------------- */

static unsigned
visit_fresh(struct pass *p, struct wad_session *s, uint64_t now)
{
	(void)p;
	if (s->fresh_ms == 0 || now - s->fresh_ms >= FRESH_MS)
		wad_session_slot_refresh(s, now);
	wad_session_slot_way(s);
	return 1;
}

static unsigned
visit_clear(struct pass *p, struct wad_session *s, uint64_t now)
{
	wad_session_slot_refresh(s, now);
	if (!wad_session_filter_match(&p->filter, s->slot, now))
		return 0;
	end(s, WR_CLEARED);
	wad_slot_seg()->cleared++;
	return 1;
}

/* What was blocked is over; now it leaves the list, too. */
static void
visit_clear_held(struct pass *p, struct blocked *b, uint64_t now)
{
	if (wad_session_filter_match(&p->filter, b->slot, now))
		drop_blocked(b);
}

/* `delete SERIAL`. */
static unsigned
visit_delete(struct pass *p, struct wad_session *s, uint64_t now)
{
	(void)now;
	if (s->serial != p->serial)
		return 0;
	end(s, WR_CLEARED);
	wad_slot_seg()->cleared++;
	return 1;
}

static void
visit_delete_held(struct pass *p, struct blocked *b, uint64_t now)
{
	(void)now;
	if (b->slot->serial == p->serial)
		drop_blocked(b);
}

static int
msg_clear(struct wad_worker *w, struct wad_msg_in *m)
{
	struct wad_session_filter f;
	const void	*blob;
	size_t		 len;
	uint32_t	 serial;
	struct pass	*p;

	if (wad_msg_get_blob(m, &blob, &len) || wad_msg_get_u32(m, &serial) ||
	    wad_msg_end(m))
		return -1;
	if (serial == 0) {
		if (len != sizeof(f))
			return -1;
		memcpy(&f, blob, sizeof(f));
		if (!wad_session_filter_sane(&f))
			return -1;
	}
	if (table == NULL || n_passes >= PASSES_MAX) {
		say(w, m->id, false, 0, "too many commands are at work");
		return 0;
	}
	p = pass_new(serial != 0 ? visit_delete : visit_clear);
	p->visit_held = serial != 0 ? visit_delete_held : visit_clear_held;
	p->ends = true;
	p->serial = serial;
	if (serial == 0)
		p->filter = f;
	p->asked = true;
	p->answer = m->id;
	return 0;
}

int
wad_session_table_message(struct wad_worker *w, struct wad_msg_in *m)
{
	struct pass *p;

	if (m->type == WAD_MSG_SESSIONS_CLEAR)
		return msg_clear(w, m);
	if (wad_msg_end(m) == -1)
		return -1;
	if (table == NULL || n_passes >= PASSES_MAX) {
		say(w, m->id, false, 0, "too many commands are at work");
		return 0;
	}
	p = pass_new(visit_fresh);
	p->asked = true;
	p->answer = m->id;
	return 0;
}

/* ---- new policies ------------------------------------------------------- */

/* The policy that the connection would have now; NULL or one that denies it:
 * denied.  A transparent client can say any name, so a name may deny, but
 * opens nothing. */
static const struct wad_policy *
policy_now(const struct wad_session *s, const struct wad_conf *conf)
{
	struct wad_flow		 f = s->flow;
	const struct wad_policy	*p, *named;

	if (s->explicit_web) {
		f.host = s->host;
		return wad_policy_match(conf, &f);
	}
	f.host = NULL;
	p = wad_policy_match(conf, &f);
	if (p == NULL || !p->accept || s->flow.host == NULL)
		return p;
	named = wad_policy_match(conf, &s->flow);
	return named != NULL && named->accept ? p : named;
}

/* firewall-session-dirty: open sessions may keep the policy they began
 * with. */
static bool
keeps(const struct wad_session *s, const struct wad_conf *conf)
{
	const struct wad_policy *p = wad_conf_policy(conf,
	    s->slot->policy_id, s->explicit_web);

	return conf->timers.dirty_new || (p != NULL ? p : s->policy)->dirty_new;
}

static unsigned
visit_dirty(struct pass *p, struct wad_session *s, uint64_t now)
{
	struct wad_worker_conf	*wc = s->w->wc;
	const struct wad_policy	*policy;

	(void)p;
	(void)now;
	if (wad_session_phase(s) == WAD_PHASE_NEW && s->wc != wc) {
		/* it will be judged by them anyway */
		wad_worker_conf_put(s->wc);
		s->wc = wad_worker_conf_get(wc);
		return 0;
	}
	if (s->checked == wc->conf->generation || s->policy == NULL ||
	    !s->policy->accept)
		return 0;
	if (keeps(s, wc->conf)) {
		s->checked = wc->conf->generation;
		return 0;
	}
	policy = policy_now(s, wc->conf);
	if (policy == NULL || !policy->accept) {
		end(s, WR_POLICY_CHANGED);
		return 1;
	}
	s->checked = wc->conf->generation;
	s->stale = s->wc != wc;
	wad_session_slot_policy(s, policy);
	return 0;
}

void
wad_session_table_dirty(void)
{
	struct wad_list *l, *tmp;

	if (table == NULL)
		return;
	/* one that is under way would be no answer */
	WAD_LIST_EACH(&passes, l, tmp) {
		struct pass *p = WAD_LIST_ENTRY(l, struct pass, all);

		if (p->visit == visit_dirty)
			pass_end(p);
	}
	pass_new(visit_dirty)->ends = true;
}

/* ---- the sweep ---------------------------------------------------------- */

/* A record every two minutes of what lives long; later when too many are to
 * be written. */
static void
interim(struct wad_session *s, uint64_t now)
{
	const struct wad_conf_log	*log = &s->wc->conf->log;
	struct wad_slot			*o = s->slot;

	if (!log->long_live || now - o->told_ms < INTERIM_MS ||
	    wad_dbg_log_behind("worker", wad_proc_index(worker->proc),
	    &log_late))
		return;
	wad_traffic_log(o, log, WAD_TRAFFIC_INTERIM, now);
	wad_slot_begin(o);
	o->told_ms = now;
	o->told_sent = o->clt.bytes_in;
	o->told_rcvd = o->clt.bytes_out;
	o->told_sent_pkts = o->clt.pkts_in;
	o->told_rcvd_pkts = o->clt.pkts_out;
	wad_slot_end(o);
}

/* The next ones, as many as time allows. */
static void
sweep(uint32_t high, uint64_t now, uint64_t until)
{
	for (uint32_t i = 0; i < SWEEP_SLICE && i < high; i++) {
		struct wad_session *s;

		if (i % BATCH == BATCH - 1 && now_us() >= until)
			break;
		if (sweep_next >= high)
			sweep_next = 0;
		s = table[sweep_next++];
		if (s == NULL || s->done)
			continue;
		wad_session_slot_refresh(s, now);
		interim(s, now);
	}
}

static void
expire_blocked(uint64_t now, uint64_t until)
{
	struct wad_list *l, *tmp;
	unsigned	 n = 0;

	WAD_LIST_EACH(&blocked, l, tmp) {
		struct blocked *b = WAD_LIST_ENTRY(l, struct blocked, all);

		if (now < b->until ||
		    (++n % SWEEP_SLICE == 0 && now_us() >= until))
			break;
		drop_blocked(b);
	}
}

/* A slice, as often as their number asks for, else once a second. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	uint32_t	 high = wad_slot_high(wad_slot_seg());
	uint32_t	 ms = high / SWEEP_SLICE > SWEEP_MS / 1000 ?
	    SWEEP_MS / (high / SWEEP_SLICE) : 1000;
	uint64_t	 now = wad_clock_ms();
	struct timeval	 tv = { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	(void)fd;
	(void)what;
	(void)arg;
	sweep(high, now, now_us() + SLICE_US);
	expire_blocked(now, now_us() + SLICE_US);
	event_add(&tick, &tv);
}
