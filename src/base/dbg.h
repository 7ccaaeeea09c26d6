/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug lines in the form of the reference transcript, and log records.
 *
 * A role owns one ring segment (struct wad_ring_seg): it writes, wad-control
 * reads.  The writer never waits; a reader that is late finds a gap in the
 * sequence numbers and reports how many records it lost.  The masks live in
 * another segment that only wad-control writes (struct wad_dbg_ctl), so a
 * console command reaches every role at once, without a message.
 */
#ifndef WAD_BASE_DBG_H
#define WAD_BASE_DBG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/log.h"
#include "base/stats.h"

/* Categories: name on the console.  The order is the order of `?`. */
#define WAD_DBG_CATEGORIES(X)						\
	X(SESSION, "session") X(PACKET, "packet")			\
	X(DISPATCHER, "dispatcher") X(HTTP, "http")			\
	X(SSL, "ssl") X(CERT, "cert") X(POLICY, "policy")		\
	X(AUTH, "auth") X(URL, "url") X(DNS, "dns") X(KEYS, "keys")	\
	X(CONF, "conf") X(IPC, "ipc")

enum wad_dbg_cat {
#define X(id, name) WAD_DBG_##id,
	WAD_DBG_CATEGORIES(X)
#undef X
	WAD_DBG_NCAT
};

/* Levels: a line is printed when its level is not above the chosen one. */
enum wad_dbg_level { WAD_E, WAD_W, WAD_I, WAD_V, WAD_DBG_NLEVEL };

extern const char *const wad_dbg_cat_names[WAD_DBG_NCAT];
extern const char *const wad_dbg_level_names[WAD_DBG_NLEVEL];

/* `diagnose wad filter`: evaluated once per session, at accept. */
struct wad_dbg_filter {
	uint32_t	active;		/* 0: every session passes */
	uint32_t	negate;		/* bit per criterion, same order */
	struct wad_addr	src_lo, src_hi, dst_lo, dst_hi;	/* family 0: any */
	uint16_t	sport_lo, sport_hi, dport_lo, dport_hi; /* hi 0: any */
};
enum { WAD_DBG_F_SRC = 1, WAD_DBG_F_DST = 2, WAD_DBG_F_SPORT = 4,
	WAD_DBG_F_DPORT = 8 };

enum { WAD_RINGS_MAX = 160, WAD_DEAD_MARKS = 128 };

/* Written by wad-control only; read-only everywhere else. */
struct wad_dbg_ctl {
	uint32_t	 magic;		/* WAD_DBG_CTL_MAGIC */
	uint32_t	 gen;		/* odd while the filter is rewritten */
	uint32_t	 mask[WAD_DBG_NLEVEL];	/* bit per category */
	uint32_t	 show_pid;
	uint32_t	 show_time;
	struct wad_dbg_filter filter;
	/* How far the log records of a ring are written: for a wad-control
	 * that is started again. */
	struct wad_log_mark {
		char	 role[16];
		uint32_t index;
		uint64_t log;
	} mark[WAD_RINGS_MAX];
	/* The same for the sessions of dead workers, by worker: of this
	 * segment the slots before `next` are done; the record of that one,
	 * if it has one, is number `log` of wad-control's ring. */
	struct wad_dead_mark {
		uint64_t ino, log;
		uint32_t next, serial;
	} dead[WAD_DEAD_MARKS];
};
#define WAD_DBG_CTL_MAGIC	0x77646263u

enum { WAD_RING_DBG_SLOTS = 8192, WAD_RING_DBG_SIZE = 512,
	WAD_RING_LOG_SLOTS = 4096, WAD_RING_LOG_SIZE = 2048,
	WAD_RING_KEEP = 12288 };

/* seq is 0 while the slot is written, else number of the record + 1. */
struct wad_ring_dbg { uint64_t seq; uint16_t len;
	char text[WAD_RING_DBG_SIZE - 10]; };
struct wad_ring_log { uint64_t seq; uint16_t len;
	char text[WAD_RING_LOG_SIZE - 10]; };

struct wad_ring_seg {
	uint32_t	magic;		/* WAD_RING_MAGIC */
	uint32_t	pid;
	uint64_t	dbg_next, log_next;	/* records written so far */
	uint64_t	serial_n;	/* workers: sessions numbered, survives
					 * a crash */
	struct wad_stats stats;
	uint64_t	keep[WAD_RING_KEEP / 8];  /* the role's own notes for
					 * the one that is started after it
					 * (wad-export: what is sent) */
	struct wad_ring_dbg dbg[WAD_RING_DBG_SLOTS];
	struct wad_ring_log log[WAD_RING_LOG_SLOTS];
};
#define WAD_RING_MAGIC	0x7761726eu

/* Reader's own place; zero it to start at the oldest record kept. */
struct wad_ring_pos { uint64_t dbg, log, dbg_lost, log_lost; };

/* The current session: set around everything done for a session, cleared
 * on the way out.  serial 0: no session. */
struct wad_dbg_current {
	uint32_t serial;
	uint32_t request;		/* [r:]; 0: none */
	bool	 muted;			/* the filter does not want it */
};
extern struct wad_dbg_current	 wad_dbg_current;
extern const struct wad_dbg_ctl	*wad_dbg_ctl;	/* never NULL */
extern struct wad_ring_seg	*wad_dbg_ring;	/* NULL: text to stderr */

#define WAD_DBG(cat, lvl, ...)						\
	do {								\
		if (__builtin_expect((__atomic_load_n(			\
		    &wad_dbg_ctl->mask[lvl], __ATOMIC_RELAXED) >>	\
		    WAD_DBG_##cat) & 1, 0))				\
			wad_dbg_emit(lvl, __func__, __LINE__,		\
			    __VA_ARGS__);				\
	} while (0)

void	wad_dbg_emit(enum wad_dbg_level, const char *func, int line,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5), cold));

/* True when the debug filter wants a session between these two. */
bool	wad_dbg_filter_match(const struct wad_addr *src,
	    const struct wad_addr *dst);

/* Attach the segments (both may be NULL: lines go to stderr when
 * WAD_DEBUG=1 is in the environment, logs always do). */
void	wad_dbg_attach(const struct wad_dbg_ctl *, struct wad_ring_seg *);

/* Puts a record of base/log.h into the ring; len at most WAD_LOG_RECORD. */
void	wad_dbg_log_put(const char *text, size_t len);

/* Are this role's log records written (to disk, by wad-control) so much later
 * than they are made that some may be lost soon?  *state is the caller's,
 * false at first: there is a distance between the answers yes and no. */
bool	wad_dbg_log_behind(const char *role, unsigned index, bool *state);

/* Copies the next record into buf (at least the slot size); its length, 0
 * when there is none.  Treats the segment as hostile. */
size_t	wad_ring_next_dbg(const struct wad_ring_seg *, struct wad_ring_pos *,
	    char *buf, size_t size);
/* Counts the records that were overwritten so far, without reading any. */
void	wad_ring_skip_log(const struct wad_ring_seg *, struct wad_ring_pos *);
size_t	wad_ring_next_log(const struct wad_ring_seg *, struct wad_ring_pos *,
	    char *buf, size_t size);

#endif
