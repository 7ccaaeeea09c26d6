/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of the rings.  Polling: 20 ms while a console watches, 100 ms
 * for the log alone; a ring holds 8192 lines, so at 20 ms a role may write
 * 400,000 lines a second before one is lost.
 */
#include "control/debug_pump.h"

#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "control/console.h"
#include "control/dead_sessions.h"
#include "ipc/shm.h"

/* PIECE: records of a ring in one turn of the loop; the consoles wait for as
 * long as those of all rings take. */
enum { WATCH_MS = 20, IDLE_MS = 100, PIECE = 256 };

static void	tick(evutil_socket_t, short, void *);
static bool	pump_ring(struct wad_control *, struct wad_ctl_ring *, int);
static bool	pump(struct wad_control *, int);
static void	unmap(struct wad_ctl_ring *);

int
wad_debug_pump_start(struct wad_control *c)
{
	struct timeval tv = { 0, IDLE_MS * 1000 };

	c->pump = evtimer_new(c->base, tick, c);
	return c->pump == NULL ? -1 : evtimer_add(c->pump, &tv);
}

void
wad_debug_pump_stop(struct wad_control *c)
{
	if (c->pump != NULL)
		event_free(c->pump);
	c->pump = NULL;
	wad_dead_sessions_free(c);
	for (unsigned i = 0; i < c->n_rings; i++) {
		unmap(&c->rings[i]);
		if (c->rings[i].sessions != NULL)
			wad_shm_unmap(c->rings[i].sessions,
			    sizeof(*c->rings[i].sessions));
	}
	c->n_rings = 0;
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct wad_control	*c = arg;
	struct timeval		 tv = { 0, IDLE_MS * 1000 };

	(void)fd;
	(void)what;
	WAD_CHECK(c, WAD_CONTROL_MAGIC);
	wad_dead_sessions_run(c);
	if (pump(c, PIECE))
		tv.tv_usec = 0;
	else if (c->n_watching > 0 || !wad_list_empty(&c->dead))
		tv.tv_usec = WATCH_MS * 1000;
	wad_history_tick(c);
	evtimer_add(c->pump, &tv);
}

/* The place of a ring's mark; NULL when there is no more. */
static struct wad_log_mark *
mark_of(struct wad_control *c, const struct wad_ctl_ring *r)
{
	for (unsigned i = 0; i < WAD_RINGS_MAX; i++) {
		struct wad_log_mark *m = &c->ctl->mark[i];

		if (m->role[0] == '\0') {
			memcpy(m->role, r->role, sizeof(m->role));
			m->index = r->index;
		}
		if (m->index == r->index && strcmp(m->role, r->role) == 0)
			return m;
	}
	return NULL;
}

/* A mark beyond the end is that of another ring. */
static void
mark_read(struct wad_control *c, struct wad_ctl_ring *r)
{
	const struct wad_log_mark *m = mark_of(c, r);

	if (m != NULL && m->log > r->pos.log && m->log <=
	    __atomic_load_n(&r->seg->log_next, __ATOMIC_ACQUIRE))
		r->pos.log = m->log;
}

void
wad_debug_pump_marks(struct wad_control *c)
{
	for (unsigned i = 0; i < c->n_rings; i++)
		if (c->rings[i].seg != NULL)
			mark_read(c, &c->rings[i]);
}

/* Nothing waits: what was read is written. */
static void
marks_write(struct wad_control *c)
{
	for (unsigned i = 0; i < c->n_rings; i++) {
		struct wad_log_mark *m = c->rings[i].seg == NULL ? NULL :
		    mark_of(c, &c->rings[i]);

		if (m != NULL)
			__atomic_store_n(&m->log, c->rings[i].pos.log,
			    __ATOMIC_RELAXED);
	}
}

/* At most so many records of each ring; true: some has more. */
static bool
pump(struct wad_control *c, int records)
{
	struct wad_list *l, *tmp;
	bool		 more = false;

	for (unsigned i = 0; i < c->n_rings; i++)
		if (c->rings[i].seg != NULL)
			more |= pump_ring(c, &c->rings[i], records);
	WAD_LIST_EACH(&c->consoles, l, tmp)
		wad_console_debug_flush(WAD_LIST_ENTRY(l, struct wad_console,
		    link));
	wad_log_writer_flush(&c->log);
	if (c->log.queue.len == 0)
		marks_write(c);
	return more;
}

void
wad_debug_pump_run(struct wad_control *c)
{
	(void)pump(c, WAD_RING_LOG_SLOTS);
}

/* One line to everybody who watches. */
static void
give(struct wad_control *c, const char *s, size_t n)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&c->consoles, l, tmp) {
		struct wad_console *con = WAD_LIST_ENTRY(l,
		    struct wad_console, link);

		if (con->watching)
			wad_console_debug(con, s, n);
	}
}

/* Room in the writer's queue, also by writing it. */
static bool
room(struct wad_control *c)
{
	if (!wad_log_writer_room(&c->log) && !c->log.failing)
		wad_log_writer_flush(&c->log);
	return wad_log_writer_room(&c->log);
}

/* True when there are more than so many records and they can be written. */
static bool
pump_ring(struct wad_control *c, struct wad_ctl_ring *r, int records)
{
	char		 buf[WAD_RING_LOG_SIZE];
	uint64_t	 lost = r->pos.dbg_lost;
	size_t		 n;
	int		 left = WAD_RING_DBG_SLOTS;

	if (c->n_watching == 0)		/* old lines are nobody's business */
		r->pos.dbg = __atomic_load_n(&r->seg->dbg_next,
		    __ATOMIC_ACQUIRE);
	while (left-- > 0 && (n = wad_ring_next_dbg(r->seg, &r->pos, buf,
	    sizeof(buf))) > 0)
		give(c, buf, n);
	if (r->pos.dbg_lost > lost) {
		n = (size_t)snprintf(buf, sizeof(buf), "%" PRIu64
		    " debug lines lost (%s %u writes faster than it is read)",
		    r->pos.dbg_lost - lost, r->role, r->index);
		give(c, buf, n);
	}
	lost = r->pos.log_lost;
	left = records;
	while (left > 0 && room(c) && (n = wad_ring_next_log(r->seg,
	    &r->pos, buf, sizeof(buf))) > 0) {
		r->pending = r->pending && wad_log_writer_has(&c->log, buf,
		    n);
		if (!r->pending)
			wad_log_writer_add(&c->log, buf, n);
		left--;
	}
	wad_ring_skip_log(r->seg, &r->pos);	/* also while there is no room */
	if (r->pos.log_lost > lost)
		wad_log_writer_lost(&c->log, r->pos.log_lost - lost);
	/* the memory log goes on when the disk does not */
	for (int k = 0; k < records && (n = wad_ring_next_log(r->seg,
	    &r->mem, buf, sizeof(buf))) > 0; k++)
		wad_log_memory_add(&c->memory, buf, n);
	return left == 0;
}

static void
unmap(struct wad_ctl_ring *r)
{
	if (r->seg != NULL && r->ino != 0)
		wad_shm_unmap(r->seg, sizeof(*r->seg));
	r->seg = NULL;
}

static struct wad_ctl_ring *
find(struct wad_control *c, const char *role, unsigned index)
{
	for (unsigned i = 0; i < c->n_rings; i++)
		if (c->rings[i].index == index &&
		    strcmp(c->rings[i].role, role) == 0)
			return &c->rings[i];
	if (c->n_rings == WAD_RINGS_MAX)
		return NULL;
	memset(&c->rings[c->n_rings], 0, sizeof(c->rings[0]));
	return &c->rings[c->n_rings++];
}

int
wad_debug_pump_ring(struct wad_control *c, const char *role, unsigned index,
    uint32_t pid, int fd)
{
	struct wad_ctl_ring	*r = find(c, role, index);
	const struct wad_ring_seg *seg;
	struct stat		 st;
	bool			 first = r != NULL && r->seg == NULL;

	if (r == NULL || fstat(fd, &st) == -1) {
		close(fd);
		return -1;
	}
	if (r->seg != NULL && r->ino == 0) {	/* our own: already read */
		close(fd);
		return 0;
	}
	if (r->seg != NULL && r->ino == st.st_ino && r->dev == st.st_dev) {
		r->pid = pid;		/* the same ring, a new process */
		close(fd);
		return 0;
	}
	seg = wad_shm_map(fd, sizeof(*seg), false);
	close(fd);
	if (seg == NULL)
		return -1;
	if (r->seg != NULL) {		/* what the dead process left */
		(void)pump_ring(c, r, WAD_RING_LOG_SLOTS);
		unmap(r);
	}
	snprintf(r->role, sizeof(r->role), "%s", role);
	r->index = index;
	r->pid = pid;
	r->dev = st.st_dev;
	r->ino = st.st_ino;
	r->seg = seg;
	memset(&r->pos, 0, sizeof(r->pos));
	memset(&r->mem, 0, sizeof(r->mem));
	if (first)
		mark_read(c, r);
	r->pending = first;
	return 0;
}

int
wad_debug_pump_sessions(struct wad_control *c, const char *role,
    unsigned index, uint32_t pid, int fd)
{
	struct wad_ctl_ring		*r = find(c, role, index);
	const struct wad_slot_seg	*seg = NULL;
	struct stat			 st;

	if (r != NULL && fstat(fd, &st) == 0)
		seg = wad_shm_map(fd, sizeof(*seg), false);
	close(fd);
	if (seg == NULL)
		return -1;
	wad_dead_sessions_add(c, r);
	r->sessions = seg;
	r->sessions_ino = st.st_ino;
	r->sessions_pid = pid;
	return 0;
}

void
wad_debug_pump_own(struct wad_control *c, const struct wad_ring_seg *seg)
{
	struct wad_ctl_ring *r = find(c, "control", 0);

	if (r == NULL || r->seg != NULL)
		return;
	snprintf(r->role, sizeof(r->role), "control");
	r->pid = (uint32_t)getpid();
	r->seg = seg;
	r->pending = true;
}

void
wad_debug_pump_apply(struct wad_control *c)
{
	bool on = c->n_watching > 0;

	for (int l = 0; l < WAD_DBG_NLEVEL; l++)
		__atomic_store_n(&c->ctl->mask[l],
		    on && l <= (int)c->debug.level ? c->debug.cats : 0,
		    __ATOMIC_RELAXED);
	__atomic_store_n(&c->ctl->show_pid, c->debug.show_pid,
	    __ATOMIC_RELAXED);
	__atomic_store_n(&c->ctl->show_time, c->debug.timestamp,
	    __ATOMIC_RELAXED);
	if (on && c->pump != NULL) {	/* the slow timer may be running */
		struct timeval tv = { 0, WATCH_MS * 1000 };

		evtimer_add(c->pump, &tv);
	}
}

void
wad_debug_pump_filter(struct wad_control *c)
{
	struct wad_dbg_filter	f = c->debug.filter;
	uint32_t		gen, set = 0;

	set |= f.src_lo.family != 0 ? WAD_DBG_F_SRC : 0;
	set |= f.dst_lo.family != 0 ? WAD_DBG_F_DST : 0;
	set |= f.sport_hi != 0 ? WAD_DBG_F_SPORT : 0;
	set |= f.dport_hi != 0 ? WAD_DBG_F_DPORT : 0;
	f.active = set != 0;
	f.negate &= set;	/* a criterion that is not set cannot fail */
	gen = c->ctl->gen & ~1u;
	__atomic_store_n(&c->ctl->gen, gen + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memcpy(&c->ctl->filter, &f, sizeof(f));
	__atomic_store_n(&c->ctl->gen, gen + 2, __ATOMIC_RELEASE);
}
