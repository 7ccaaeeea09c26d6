/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every role's main does: take the parent's channel (descriptor 3),
 * receive HELLO, attach debug, receive peers and configuration, confine
 * itself, run the loop.
 */
#ifndef WAD_IPC_PROC_H
#define WAD_IPC_PROC_H

#include "conf/conf_snap.h"
#include "ipc/msg.h"

struct wad_proc;

/* What a role does.  Functions may be NULL.  All return 0 or -1. */
struct wad_proc_ops {
	const char	*role;		/* "worker" */
	wad_conf_facts_fn *facts;	/* for wad_conf_build */
	/* Before the sandbox: open what must be open, load libraries. */
	int	(*init)(struct wad_proc *, void *arg);
	/* A peer channel: fd is handed over; make a wad_chan of it. */
	int	(*peer)(struct wad_proc *, void *arg, const char *role,
		    unsigned index, int fd);
	/* Messages of the parent that proc does not handle itself. */
	int	(*message)(struct wad_proc *, void *arg, struct wad_msg_in *);
	/* Two phases: prepare makes everything new ready beside the old and
	 * may fail with a text; commit swaps; abort forgets. */
	int	(*prepare)(struct wad_proc *, void *arg, struct wad_conf *new_conf,
		    char *err, size_t errsize);
	void	(*commit)(struct wad_proc *, void *arg, struct wad_conf *);
	void	(*abort)(struct wad_proc *, void *arg);
	/* Ten times a second: what wad_stats holds of sizes. */
	void	(*tick)(struct wad_proc *, void *arg);
};

/* Runs a role to its end; the exit code.  argv[0] names it in messages. */
int	wad_proc_run(int argc, char **argv, const struct wad_proc_ops *,
	    void *arg);

struct event_base *wad_proc_base(struct wad_proc *);
struct wad_chan	*wad_proc_parent(struct wad_proc *);
unsigned	 wad_proc_index(const struct wad_proc *);
unsigned	 wad_proc_count(const struct wad_proc *);
void		 wad_proc_exit(struct wad_proc *, int code);	/* leave the loop */
/* The descriptor of the segment that this process alone writes (of workers:
 * their sessions), once; the caller closes it.  -1: there is none. */
int		 wad_proc_take_segment(struct wad_proc *);
/* A small text file of the system (cut at 256 KiB), for ops->init: nothing can
 * be opened after it.  NULL when it cannot be read; the caller frees. */
char	*wad_proc_system_file(const char *path);

#endif
