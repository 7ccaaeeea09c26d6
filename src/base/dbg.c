/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug lines, log records and counters: the writing end lives in every
 * role, the reading end in wad-control.
 */
#include "base/dbg.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/reason.h"
#include "base/str.h"

const char *const wad_dbg_cat_names[WAD_DBG_NCAT] = {
#define X(id, name) name,
	WAD_DBG_CATEGORIES(X)
#undef X
};

const char *const wad_dbg_level_names[WAD_DBG_NLEVEL] = {
	"error", "warn", "info", "verbose"
};

const struct wad_reason wad_reasons[WR_N] = {
#define REASON(id, n, e, act, al, r, t)					\
	[WR_##id] = { .name = n, .is_error = e, .action = act,		\
	    .alert = al, .resets = WAD_RESETS_##r, .text = t },
#include "base/reason.def"
#undef REASON
};

_Static_assert((int)WAD_LOG_RECORD == (int)WAD_RING_LOG_SIZE - 10,
    "a record fills a slot");
_Static_assert((int)WAD_DBG_NCAT <= 32, "masks have 32 bits");

static const struct wad_dbg_ctl	 ctl_off = { .magic = WAD_DBG_CTL_MAGIC };
static const struct wad_dbg_ctl	 ctl_all = {
	.magic = WAD_DBG_CTL_MAGIC,
	.mask = { ~0u, ~0u, ~0u, ~0u },
	.show_pid = 1, .show_time = 1,
};

struct wad_dbg_current		 wad_dbg_current;
const struct wad_dbg_ctl	*wad_dbg_ctl = &ctl_off;
struct wad_ring_seg		*wad_dbg_ring;

void
wad_dbg_attach(const struct wad_dbg_ctl *ctl, struct wad_ring_seg *ring)
{
	const char *env = getenv("WAD_DEBUG");

	if (ctl != NULL && ctl->magic == WAD_DBG_CTL_MAGIC)
		wad_dbg_ctl = ctl;
	else
		wad_dbg_ctl = env != NULL && *env == '1' ? &ctl_all : &ctl_off;
	wad_dbg_ring = ring;
	wad_stats_attach(ring != NULL ? &ring->stats : NULL);
	if (ring == NULL)
		return;
	ring->magic = WAD_RING_MAGIC;
	ring->pid = (uint32_t)getpid();
}

/* Local time; localtime_r reads /etc/localtime once, before the sandbox. */
static unsigned
now_local(struct tm *tm)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, tm);
	return (unsigned)tv.tv_usec;
}

/* Begins a slot: readers see seq 0 until ring_commit. */
static void
ring_put(uint64_t *seq, uint16_t *lenp, char *dst, size_t room,
    uint64_t *next, const char *text, size_t len)
{
	if (len > room)
		len = room;
	__atomic_store_n(seq, 0, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memcpy(dst, text, len);
	*lenp = (uint16_t)len;
	__atomic_store_n(seq, *next + 1, __ATOMIC_RELEASE);
	__atomic_store_n(next, *next + 1, __ATOMIC_RELEASE);
}

void
wad_dbg_emit(enum wad_dbg_level lvl, const char *func, int line,
    const char *fmt, ...)
{
	static const char letter[] = "EWIV";
	char		 buf[WAD_RING_DBG_SIZE];
	struct tm	 tm;
	unsigned	 usec;
	size_t		 n = 0;
	int		 r;
	va_list		 ap;

	if (wad_dbg_current.muted)
		return;
	n += (size_t)snprintf(buf, sizeof(buf), "[%c]", letter[lvl]);
	if (wad_dbg_ctl->show_time) {
		usec = now_local(&tm);
		n += (size_t)snprintf(buf + n, sizeof(buf) - n,
		    "%02d:%02d:%02d.%06u ", tm.tm_hour, tm.tm_min,
		    tm.tm_sec, usec);
	}
	if (wad_dbg_ctl->show_pid)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "[p:%d]",
		    (int)getpid());
	if (wad_dbg_current.serial != 0)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "[s:%" PRIu32
		    "]", wad_dbg_current.serial);
	if (wad_dbg_current.request != 0)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "[r:%" PRIu32
		    "]", wad_dbg_current.request);
	n += (size_t)snprintf(buf + n, sizeof(buf) - n, " %-34s:%d ", func,
	    line);
	if (n >= sizeof(buf))
		n = sizeof(buf) - 1;
	va_start(ap, fmt);
	r = vsnprintf(buf + n, sizeof(buf) - n, fmt, ap);
	va_end(ap);
	if (r > 0)
		n += (size_t)r;
	if (n >= sizeof(buf))
		n = sizeof(buf) - 1;
	if (wad_dbg_ring == NULL) {
		fprintf(stderr, "%.*s\n", (int)n, buf);
		return;
	}
	struct wad_ring_seg *seg = wad_dbg_ring;
	struct wad_ring_dbg *s = &seg->dbg[seg->dbg_next % WAD_RING_DBG_SLOTS];

	ring_put(&s->seq, &s->len, s->text, sizeof(s->text), &seg->dbg_next,
	    buf, n);
}

void
wad_dbg_log_put(const char *text, size_t len)
{
	struct wad_ring_seg	*seg = wad_dbg_ring;
	struct wad_ring_log	*s;

	if (seg == NULL) {
		fprintf(stderr, "%.*s\n", (int)len, text);
		return;
	}
	s = &seg->log[seg->log_next % WAD_RING_LOG_SLOTS];
	ring_put(&s->seq, &s->len, s->text, sizeof(s->text), &seg->log_next,
	    text, len);
}

/* A place is taken once and for all, in the order in which roles appear. */
static uint64_t
log_mark(const char *role, unsigned index)
{
	for (unsigned i = 0; i < WAD_RINGS_MAX; i++) {
		const struct wad_log_mark *m = &wad_dbg_ctl->mark[i];

		if (m->role[0] == '\0')
			break;
		if (m->index == index && strncmp(m->role, role,
		    sizeof(m->role)) == 0)
			return __atomic_load_n(&m->log, __ATOMIC_RELAXED);
	}
	return 0;
}

bool
wad_dbg_log_behind(const char *role, unsigned index, bool *state)
{
	uint64_t next, mark;

	if (wad_dbg_ring == NULL)
		return false;
	next = wad_dbg_ring->log_next;
	if (next < WAD_RING_LOG_SLOTS / 2)	/* mostly: nothing to look for */
		return *state = false;
	mark = log_mark(role, index);
	mark = mark < next ? next - mark : 0;
	*state = mark >= (*state ? WAD_RING_LOG_SLOTS / 2 :
	    WAD_RING_LOG_SLOTS / 4 * 3);
	return *state;
}

static bool
in_range(const struct wad_addr *a, const struct wad_addr *lo,
    const struct wad_addr *hi)
{
	return a->family == lo->family && wad_addr_ip_cmp(a, lo) >= 0 &&
	    wad_addr_ip_cmp(a, hi) <= 0;
}

bool
wad_dbg_filter_match(const struct wad_addr *src, const struct wad_addr *dst)
{
	struct wad_dbg_filter	f;
	uint32_t		gen;
	uint32_t		wrong = 0, set = 0;

	for (int tries = 0; tries < 100; tries++) {
		gen = __atomic_load_n(&wad_dbg_ctl->gen, __ATOMIC_ACQUIRE);
		memcpy(&f, &wad_dbg_ctl->filter, sizeof(f));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if ((gen & 1) == 0 && gen == __atomic_load_n(
		    &wad_dbg_ctl->gen, __ATOMIC_RELAXED))
			break;
	}
	if (!f.active)
		return true;
	set |= f.src_lo.family != 0 ? WAD_DBG_F_SRC : 0;
	set |= f.dst_lo.family != 0 ? WAD_DBG_F_DST : 0;
	set |= f.sport_hi != 0 ? WAD_DBG_F_SPORT : 0;
	set |= f.dport_hi != 0 ? WAD_DBG_F_DPORT : 0;
	if (f.src_lo.family != 0 && !in_range(src, &f.src_lo, &f.src_hi))
		wrong |= WAD_DBG_F_SRC;
	if (f.dst_lo.family != 0 && !in_range(dst, &f.dst_lo, &f.dst_hi))
		wrong |= WAD_DBG_F_DST;
	if (f.sport_hi != 0 &&
	    (src->port < f.sport_lo || src->port > f.sport_hi))
		wrong |= WAD_DBG_F_SPORT;
	if (f.dport_hi != 0 &&
	    (dst->port < f.dport_lo || dst->port > f.dport_hi))
		wrong |= WAD_DBG_F_DPORT;
	return (wrong ^ (f.negate & set)) == 0;
}

/* Copies one slot; 0 when it is being written or was overwritten. */
static size_t
slot_read(const uint64_t *seqp, const uint16_t *lenp, const char *text,
    size_t room, uint64_t want, char *buf, size_t size)
{
	uint64_t seq = __atomic_load_n(seqp, __ATOMIC_ACQUIRE);
	size_t	 len;

	if (seq != want + 1)
		return 0;
	len = *(const volatile uint16_t *)lenp;
	if (len > room)
		len = room;
	if (len >= size)
		len = size - 1;
	memcpy(buf, text, len);
	buf[len] = '\0';
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(seqp, __ATOMIC_RELAXED) != seq)
		return 0;
	for (size_t i = 0; i < len; i++)	/* the writer may be hostile */
		if ((unsigned char)buf[i] < 0x20 ||
		    (unsigned char)buf[i] >= 0x7f)
			buf[i] = '?';
	return len;
}

/* Brings pos into the window that the ring still holds. */
static void
catch_up(uint64_t next, uint64_t slots, uint64_t *pos, uint64_t *lost)
{
	if (*pos > next)
		*pos = next;		/* the writer started anew */
	if (next - *pos > slots) {
		*lost += next - slots - *pos;
		*pos = next - slots;
	}
}

size_t
wad_ring_next_dbg(const struct wad_ring_seg *seg, struct wad_ring_pos *pos,
    char *buf, size_t size)
{
	uint64_t next = __atomic_load_n(&seg->dbg_next, __ATOMIC_ACQUIRE);

	for (;;) {
		const struct wad_ring_dbg *s;
		size_t n;

		catch_up(next, WAD_RING_DBG_SLOTS, &pos->dbg, &pos->dbg_lost);
		if (pos->dbg >= next)
			return 0;
		s = &seg->dbg[pos->dbg % WAD_RING_DBG_SLOTS];
		n = slot_read(&s->seq, &s->len, s->text, sizeof(s->text),
		    pos->dbg, buf, size);
		pos->dbg++;
		if (n > 0)
			return n;
		pos->dbg_lost++;
	}
}

size_t
wad_ring_next_log(const struct wad_ring_seg *seg, struct wad_ring_pos *pos,
    char *buf, size_t size)
{
	uint64_t next = __atomic_load_n(&seg->log_next, __ATOMIC_ACQUIRE);

	for (;;) {
		const struct wad_ring_log *s;
		size_t n;

		catch_up(next, WAD_RING_LOG_SLOTS, &pos->log, &pos->log_lost);
		if (pos->log >= next)
			return 0;
		s = &seg->log[pos->log % WAD_RING_LOG_SLOTS];
		n = slot_read(&s->seq, &s->len, s->text, sizeof(s->text),
		    pos->log, buf, size);
		pos->log++;
		if (n > 0)
			return n;
		pos->log_lost++;
	}
}

void
wad_ring_skip_log(const struct wad_ring_seg *seg, struct wad_ring_pos *pos)
{
	catch_up(__atomic_load_n(&seg->log_next, __ATOMIC_ACQUIRE),
	    WAD_RING_LOG_SLOTS, &pos->log, &pos->log_lost);
}
