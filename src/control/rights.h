/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may use the console, by what the kernel says of the other end of its
 * socket.  root, the user that started openwad and the group openwad may
 * change things; the group openwad-ro may look.
 */
#ifndef WAD_CONTROL_RIGHTS_H
#define WAD_CONTROL_RIGHTS_H

#include <sys/types.h>

#include <stdint.h>

enum { WAD_RIGHTS_NAMES = 64 };

enum wad_right { WAD_RIGHT_NONE, WAD_RIGHT_READ, WAD_RIGHT_FULL };

struct wad_rights {
	uid_t		 starter;
	gid_t		 full, read;	/* the groups; -1: there is none */
	struct { uid_t uid; char name[40]; } names[WAD_RIGHTS_NAMES];
	unsigned	 n_names;
	uint64_t	 denied_ms;	/* when a refusal was logged last */
	unsigned	 denied;	/* and how many were not since */
};

struct wad_peer {
	uid_t		 uid;
	pid_t		 pid;
	char		 user[48];	/* "root", "uid 1005" */
	char		 ui[32];	/* "console(4711)" */
};

/* Reads groups and names of their members: once, before the sandbox, where
 * neither /etc/group nor /etc/passwd can be read any more. */
void	wad_rights_init(struct wad_rights *);
/* What this peer may do; peer is filled in any case. */
enum wad_right wad_rights_of(const struct wad_rights *, int fd,
	    struct wad_peer *);
/* The same without a socket: primary group and the others. */
enum wad_right wad_rights_decide(const struct wad_rights *, uid_t, gid_t,
	    const gid_t *groups, size_t n);
/* Logs that somebody was refused, at most once a second: strangers can
 * knock. */
void	wad_rights_denied(struct wad_rights *, const struct wad_peer *,
	    const char *why);

#endif
