/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roles: one row each, and the running processes.
 */
#ifndef WAD_MAIN_ROLES_H
#define WAD_MAIN_ROLES_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "ipc/msg.h"

struct wad_main;

enum wad_role { WAD_ROLE_KEYS, WAD_ROLE_WORKER, WAD_ROLE_CONTROL,
	WAD_ROLE_LOOKUP, WAD_ROLE_EXPORT, WAD_ROLE_N };

struct wad_role_row {
	const char	*name;		/* in messages: "worker" */
	const char	*program;	/* "wad-worker" */
	bool		 many;		/* one per core, else one */
	bool		 talks[WAD_ROLE_N];	/* gets a channel to these */
};
extern const struct wad_role_row wad_role_rows[WAD_ROLE_N];

/* Uid and gid of a role when the parent is root: base + row. */
enum { WAD_ROLE_UID = 64100 };

enum { WAD_ROLE_LEFT = 8 };

/* One process of a role; the slot outlives it. */
struct wad_role_slot {
	enum wad_role	 role;
	unsigned	 index;
	pid_t		 pid;		/* 0: not running */
	struct wad_chan	*chan;		/* NULL: not running */
	int		 fd;		/* chan's */
	int		 ring_fd, ring_ro_fd;
	int		 sess_fd, sess_ro_fd;	/* of this process of a worker:
					 * its sessions; -1 */
	pid_t		 sess_pid;	/* whose they are */
	struct { int fd; pid_t pid; } left[WAD_ROLE_LEFT];
	unsigned	 n_left;	/* sessions of dead processes that
					 * wad-control has not logged yet */
	unsigned	 restarts, quick;	/* quick: in a row */
	uint64_t	 started_ms;
	uint64_t	 generation;	/* committed there; 0 none */
	uint64_t	 asked;		/* prepared, no answer yet; 0 none */
	bool		 in_txn;	/* takes part in the change under way */
	pid_t		 feeder;	/* brings keys; 0 none */
	uint64_t	 feeding;	/* generation that it brings */
	struct event	*timer;		/* restart */
	struct wad_main	*m;
};

/* Makes the slots and their segments; 0 or -1. */
int	wad_roles_init(struct wad_main *, unsigned n_workers);
/* Starts every role; 0, or -1 when a program is missing. */
int	wad_roles_start(struct wad_main *);
/* A child has ended: true when it was a role. */
bool	wad_roles_child(struct wad_main *, pid_t, int status);
struct wad_role_slot *wad_roles_slot(struct wad_main *, enum wad_role, unsigned);
void	wad_roles_reopen_logs(struct wad_main *);
/* The journal of certificates is another file now. */
void	wad_roles_journal(struct wad_main *);
unsigned wad_roles_alive(const struct wad_main *);
/* Closes the channels of those whose turn it is: they leave by themselves.
 * To be called again after each end; false: all are gone. */
bool	wad_roles_close(struct wad_main *);
void	wad_roles_kill(struct wad_main *);

#endif
