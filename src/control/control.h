/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What wad-control knows: its consoles, the rings of all roles, the debug
 * settings that it alone writes, the log file.
 */
#ifndef WAD_CONTROL_H
#define WAD_CONTROL_H

#include <sys/types.h>

#include "base/dbg.h"
#include "base/list.h"
#include "control/history.h"
#include "control/log_memory.h"
#include "control/log_writer.h"
#include "control/rights.h"
#include "ipc/ask.h"
#include "ipc/msg.h"
#include "session/slot.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1"
#endif

/* READERS: consoles of who may only look; the others are for who may act. */
enum { WAD_CTL_CONSOLES = 32, WAD_CTL_READERS = 24, WAD_CTL_WORKERS = 128,
	WAD_CTL_APPS = 8 };

/* A role's ring, mapped for reading. */
struct wad_ctl_ring {
	char		 role[16];
	unsigned	 index;
	uint32_t	 pid;
	uint64_t	 dev, ino;	/* which segment it is */
	const struct wad_ring_seg *seg;
	struct wad_ring_pos pos;
	bool		 pending;	/* what comes may be in the file: the
					 * wad-control before us was killed */
	/* workers: the sessions of the process that runs (or ran last);
	 * NULL: none came yet */
	const struct wad_slot_seg *sessions;
	uint64_t	 sessions_ino;
	uint32_t	 sessions_pid;
	struct wad_ring_pos mem;	/* of the memory log */
};

/* Settings of `diagnose debug` and `diagnose wad debug`; the masks that the
 * roles see are made of them and of the consoles that watch. */
struct wad_ctl_debug {
	uint32_t	 cats;		/* bit per category */
	enum wad_dbg_level level;
	bool		 show_pid, timestamp;
	unsigned	 minutes;	/* duration; 0 until reset */
	int		 app_level[WAD_CTL_APPS];
	struct wad_dbg_filter filter;
};

struct wad_conf;
struct wad_learn_table;
struct wad_grants;
struct wad_quotas;

struct wad_control {
	unsigned	 magic;
	struct event_base *base;
	struct wad_chan	*parent;	/* NULL in tests */
	struct wad_ask_table *asks;
	struct wad_chan	*workers[WAD_CTL_WORKERS];	/* NULL: down */
	struct wad_chan	*lookup, *export;	/* NULL: down */

	struct wad_list	 consoles;
	unsigned	 n_consoles, n_watching;
	unsigned	 n_readers;	/* consoles that are read-only */
	struct wad_list	 graveyard;	/* consoles to free */
	struct event	*reaper;

	struct event	*listener;	/* NULL until CTLSOCK */
	int		 listen_fd;
	struct wad_rights rights;
	pid_t		 parent_pid;
	const struct wad_conf *conf;	/* what runs; NULL at first */
	char		 hostname[64];	/* for prompts */

	struct wad_dbg_ctl *ctl;	/* writable segment, never NULL */
	struct wad_dbg_ctl ctl_none;	/* until it arrives */
	struct wad_ctl_debug debug;

	struct wad_ctl_ring rings[WAD_RINGS_MAX];
	unsigned	 n_rings;
	struct wad_list	 dead;		/* dead_sessions.c */
	struct event	*pump;
	struct wad_history history;
	struct wad_log_writer log;
	struct wad_log_memory memory;
	bool		 purging;	/* a console deletes logs */
	struct wad_learn_table *learn;
	struct wad_grants *grants;
	struct wad_quotas *quotas;
	/* `diagnose sys session stat` */
	unsigned	 flush[2];	/* `clear` of IPv4, IPv6 */
};
#define WAD_CONTROL_MAGIC	0x6374726cu

extern const char *const wad_control_apps[WAD_CTL_APPS];

/* Makes an empty one ready; 0 or -1. */
int	wad_control_setup(struct wad_control *, struct event_base *,
	    struct wad_chan *parent);
void	wad_control_clear(struct wad_control *);

#endif
