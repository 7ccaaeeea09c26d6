/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bound of what all sessions of a worker hold together.
 *
 *  below the soft mark      nothing: each has its own bounds
 *  above it                 relays stop at a lower mark, streams get no larger
 *                           windows, and of a connection of HTTP/2 that holds
 *                           more than its share the side that sends is not
 *                           read until its reader has read (but for a little,
 *                           each two seconds, should both wait for it)
 *  above the hard mark      who holds at least as much as the others on
 *                           average, and got rid of little of it in two
 *                           seconds, is ended
 *  a quarter above that     ... whoever moves, too
 *
 * Sessions that hold nothing between two steps, as most do, are not in the
 * list; so the work is bounded by what is held.
 */
#include "worker/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/log.h"
#include "port/ssl_port.h"
#include "worker/worker.h"

enum {
	LISTED = WAD_BUF_BLOCK / 2,	/* who holds more is in the list */
	SESSION = 32 * 1024,		/* roughly, beside what counts: TLS */
	VISITS = 1000,			/* in one tick */
	MOVES = 8,			/* an eighth of what is held went out... */
	PATIENCE_MS = 2000		/* ... in this time: it moves */
};

/* ---- how much there is -------------------------------------------------- */

uint64_t
wad_memory_groups(const char *text, const char *root)
{
	const char	*own = strncmp(text, "0::", 3) == 0 ? text :
			    strstr(text, "\n0::");
	char		 dir[PATH_MAX], file[PATH_MAX + 32], *up, *max;
	uint64_t	 least = UINT64_MAX, n;

	if (own == NULL)
		return least;
	own = strchr(own, '/');
	snprintf(dir, sizeof(dir), "%.*s", own != NULL ? (int)strcspn(own,
	    "\n") : 0, own != NULL ? own : "");
	do {
		up = strrchr(dir, '/');
		snprintf(file, sizeof(file), "%s%s/memory.max", root, dir);
		max = wad_proc_system_file(file);
		if (max != NULL && *max >= '0' && *max <= '9' &&
		    (n = strtoull(max, NULL, 10)) < least)
			least = n;
		free(max);
		if (up != NULL)
			*up = '\0';
	} while (up != NULL);
	return least;
}

void
wad_memory_start(struct wad_worker *w)
{
	uint64_t	 all = (uint64_t)sysconf(_SC_PHYS_PAGES) *
			    (uint64_t)sysconf(_SC_PAGESIZE), groups;
	char		*text = wad_proc_system_file("/proc/self/cgroup");

	groups = wad_memory_groups(text != NULL ? text : "",
	    "/sys/fs/cgroup");
	free(text);
	/* the other half: everything else */
	w->memory = (groups < all ? groups : all) / 2 /
	    wad_proc_count(w->proc);
}

void
wad_memory_limit(const struct wad_worker *w, const struct wad_conf *conf)
{
	uint64_t most = (uint64_t)conf->settings.buffer_memory << 20;

	wad_mem_limit((size_t)(w->memory < most ? w->memory : most));
}

/* ---- what a session holds ---------------------------------------------- */

static size_t
leg_size(const struct wad_leg *leg)
{
	return (leg->port != NULL ? leg->port->in.cap + leg->port->out.cap :
	    0) + (leg->ssl != NULL ? leg->ssl->held.cap : 0);
}

/* Its engine stops reading a side. */
static bool
is_stopped(const struct wad_session *s)
{
	return s->http != NULL &&
	    (wad_http_mem_stops(s->http, WAD_HTTP_UP) ||
	    wad_http_mem_stops(s->http, WAD_HTTP_DOWN));
}

static uint64_t
sent(const struct wad_session *s)
{
	return (s->clt.port != NULL ? s->clt.port->bytes_out : 0) +
	    (s->srv.port != NULL ? s->srv.port->bytes_out : 0);
}

static void
enlist(struct wad_session *s, bool on)
{
	struct wad_worker *w = s->w;

	if (on) {
		wad_list_append(&w->holders, &s->holder);
		w->n_holders++;
		s->mem_since = wad_clock_ms();
		s->mem_sent = sent(s);
	} else {
		wad_list_remove(&s->holder);
		w->n_holders--;
	}
	s->listed = on;
}

static void
set(struct wad_session *s, size_t size, bool stopped)
{
	struct wad_worker *w = s->w;

	if (s->listed != (size > LISTED)) {
		if (s->listed)
			w->holders_size -= s->mem_size;
		enlist(s, !s->listed);
		if (s->listed)
			w->holders_size += size;
	} else if (s->listed)
		w->holders_size += size - s->mem_size;
	s->mem_size = size;
	w->n_stopped += stopped;
	w->n_stopped -= s->mem_stopped;
	s->mem_stopped = stopped;
}

void
wad_memory_note(struct wad_session *s)
{
	size_t size;

	s->w->busy = true;
	if (s->done)
		return;
	size = leg_size(&s->clt) + leg_size(&s->srv) +
	    (s->http != NULL ? wad_http_size(s->http) : 0);
	if (size != s->mem_size || s->mem_stopped || wad_mem_tight())
		set(s, size, is_stopped(s));
}

void
wad_memory_leave(struct wad_session *s)
{
	set(s, 0, false);
}

/* ---- ends -------------------------------------------------------------- */

/* What it got rid of since it was looked at. */
static bool
is_stuck(struct wad_session *s, uint64_t now)
{
	uint64_t out = sent(s);

	if (out - s->mem_sent >= s->mem_size / MOVES) {
		s->mem_sent = out;
		s->mem_since = now;
	}
	return now - s->mem_since >= PATIENCE_MS;
}

/* How much of it goes only when the turn is over: buffers of its ports. */
static size_t
end(struct wad_session *s)
{
	size_t size = s->mem_size, before = wad_mem.held;

	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	WAD_DBG(SESSION, WAD_W, "memory: holds %zu of %zu of %zu",
	    s->mem_size, wad_mem.held, wad_mem.hard);
	snprintf(s->why_text, sizeof(s->why_text),
	    "it held %zu of the %zu bytes of openwad settings / buffer-memory",
	    s->mem_size, wad_mem.hard);
	(void)wad_session_close(s, WR_BUFFERS);
	memset(&wad_dbg_current, 0, sizeof(wad_dbg_current));
	before -= wad_mem.held;
	return size > before ? size - before : 0;
}

/* There is memory again; or nothing moved, which may be because what would let
 * it move is not read. */
static void
go_on(struct wad_session *s, uint64_t now)
{
	s->mem_since = now;
	s->http->let = true;
	wad_session_kick(s);
	if (s->http != NULL)
		s->http->let = false;
}

/* One of the list.  gone: what those ended in this tick will give back when
 * it is over. */
static void
visit(struct wad_session *s, uint64_t now, size_t *gone)
{
	const struct wad_worker	*w = s->w;
	size_t			 left = wad_mem.held > *gone ?
				    wad_mem.held - *gone : 0;
	bool			 stuck = is_stuck(s, now);

	if (left > wad_mem.hard && s->mem_size >= w->holders_size /
	    w->n_holders && (stuck || left > wad_mem.over))
		*gone += end(s);
	else if (s->mem_stopped && (stuck || !is_stopped(s)))
		go_on(s, now);
}

/* ---- each tick ----------------------------------------------------------- */

static void
tell(const struct wad_worker *w, enum wad_log_id id, const char *state)
{
	struct wad_log_rec r;

	wad_log_begin(&r, id);
	wad_log_str(&r, "conserve", state);
	wad_log_u64(&r, "total", wad_mem.hard);
	wad_log_u64(&r, "used", wad_mem.held);
	wad_log_u64(&r, "red", wad_mem.hard);
	wad_log_u64(&r, "green", wad_mem.soft);
	wad_log_strf(&r, "msg", "worker %u: openwad settings / buffer-memory",
	    wad_proc_index(w->proc));
	wad_log_end(&r);
}

/* One record when the hard mark is reached, one when the soft one is left. */
static void
tell_mode(struct wad_worker *w)
{
	if (!w->conserve && wad_mem_full())
		tell(w, WAD_LOG_SYS_CONSERVE, "on");
	else if (w->conserve && !wad_mem_tight())
		tell(w, WAD_LOG_SYS_CONSERVE_END, "exit");
	else
		return;
	w->conserve = !w->conserve;
}

void
wad_memory_tick(struct wad_worker *w)
{
	uint64_t	 now = wad_clock_ms();
	size_t		 gone = 0;
	struct wad_list	*l;

	WAD_GAUGE_SET(BUFFERS, wad_mem.held);
	wad_mem_divide(w->n_sessions);
	tell_mode(w);
	if (wad_mem_tight() || w->n_stopped > 0)
		for (unsigned i = w->n_holders < VISITS ? w->n_holders :
		    VISITS; i > 0 && !wad_list_empty(&w->holders); i--) {
			l = w->holders.next;
			wad_list_remove(l);
			wad_list_append(&w->holders, l);
			visit(WAD_LIST_ENTRY(l, struct wad_session, holder),
			    now, &gone);
		}
	wad_buf_tidy();
	wad_mem_tidy(now, wad_mem.held + (size_t)w->n_sessions * SESSION,
	    !w->busy);
	w->busy = false;
}
