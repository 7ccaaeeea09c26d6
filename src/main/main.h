/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the parent share.  The parent holds no key: key files
 * and the configuration file are read by short-lived children (files.c), and
 * what is secret in them travels in a sealed memfd that the parent never
 * maps.
 */
#ifndef WAD_MAIN_H
#define WAD_MAIN_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "base/str.h"
#include "conf/conf_snap.h"
#include "ipc/msg.h"
#include "main/files.h"
#include "main/roles.h"
#include "main/sockets.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1"
#endif

enum { WAD_OWN_ADDRS_MAX = 1024 };

/* A change of configuration on its way (reload.c). */
struct wad_txn {
	bool		 active;
	pid_t		 loader;	/* reads the file; 0: done */
	int		 loader_fd;
	struct event	*loader_ev;
	struct event	*timer;
	uint64_t	 generation;
	struct wad_load	*load;
	struct wad_conf	*conf;
	struct wad_listeners *listeners;
	uint32_t	 ask_id;	/* of the console; 0: a signal */
	char		 user[64], ui[64];	/* who wants it, and from where */
	struct wad_str	 notes;		/* warnings for who asked */
	char		*said;		/* a console's change: what was told of the
					 * configuration that runs */
};

struct wad_main {
	struct wad_paths paths;
	bool		 foreground, starting, stopping, draining;
	bool		 reload_again;
	int		 exit_code;
	struct event_base *base;
	int		 pid_fd, log_dir_fd, ctl_sock_fd, journal_fd;
	int		 products_fd[2];	/* -1: not kept */
	int		 quotas_fd[2];		/* -1: not kept */
	int		 dbg_fd, dbg_ro_fd;
	int		 ring_ro_fd;	/* our own log records, "manager" */
	int		 ready_fd;	/* to the starter; -1 */
	struct wad_role_slot	*slots; unsigned n_slots, n_workers;
	/* What runs. */
	uint64_t	 generation, last_generation;
	struct wad_load	*load;
	struct wad_conf	*conf;
	struct wad_listeners *listeners;
	bool		 rules_installed;
	int64_t		 started;
	struct wad_txn	 txn;
	struct wad_addr	 own[WAD_OWN_ADDRS_MAX]; unsigned n_own;
	struct event	*own_timer, *stop_timer;
};

/* main.c */
void	wad_main_say(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));
void	wad_main_stop(struct wad_main *, int code);
void	wad_main_running(struct wad_main *);	/* first commit is done */
void	wad_main_redirect(const struct wad_main *);
/* A child with default signals: as fork. */
pid_t	wad_main_fork(void);
/* The addresses of this machine; true when they changed. */
bool	wad_main_own_addrs(struct wad_main *);

/* reload.c */
/* user and ui of a reload that a signal asked for */
#define WAD_RELOAD_SIGNAL	"system", "file"
/* Starts a change: script NULL reads the file again.  ask_id 0: nobody
 * waits for an answer but the log. */
void	wad_reload_start(struct wad_main *, const char *script,
	    const char *user, const char *ui, uint32_t ask_id);
void	wad_reload_ready(struct wad_main *, struct wad_role_slot *, uint64_t gen,
	    bool ok, const char *err);
/* A role that had to answer has gone. */
void	wad_reload_lost(struct wad_main *, struct wad_role_slot *);
/* Tells a role what runs (or what is prepared). */
void	wad_reload_prepare(struct wad_main *, struct wad_role_slot *);
/* A child has ended: true when it was ours. */
bool	wad_reload_child(struct wad_main *, pid_t, int status);
void	wad_reload_answer(struct wad_main *, uint32_t id, bool ok,
	    const char *text);
void	wad_reload_send_own(struct wad_main *, struct wad_role_slot *);

#endif
