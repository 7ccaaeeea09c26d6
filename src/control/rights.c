/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may use the console, see rights.h.
 */
#include "control/rights.h"

#include <sys/socket.h>

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define GROUP_FULL	"openwad"
#define GROUP_READ	"openwad-ro"

enum { GROUPS_MAX = 1024, DENIED_MS = 1000 };

static void
name_add(struct wad_rights *r, const struct passwd *pw)
{
	if (pw == NULL || r->n_names == WAD_RIGHTS_NAMES)
		return;
	r->names[r->n_names].uid = pw->pw_uid;
	snprintf(r->names[r->n_names].name, sizeof(r->names[0].name), "%s",
	    pw->pw_name);
	r->n_names++;
}

static gid_t
group_read(struct wad_rights *r, const char *name)
{
	const struct group	*gr = getgrnam(name);
	gid_t			 gid = gr != NULL ? gr->gr_gid : (gid_t)-1;

	for (char **m = gr != NULL ? gr->gr_mem : NULL; m != NULL &&
	    *m != NULL && r->n_names < WAD_RIGHTS_NAMES; m++)
		name_add(r, getpwnam(*m));
	return gid;
}

void
wad_rights_init(struct wad_rights *r)
{
	memset(r, 0, sizeof(*r));
	r->starter = getuid();
	name_add(r, getpwuid(0));
	if (r->starter != 0)
		name_add(r, getpwuid(r->starter));
	r->full = group_read(r, GROUP_FULL);
	r->read = group_read(r, GROUP_READ);
}

static bool
member(gid_t wanted, gid_t primary, const gid_t *groups, size_t n)
{
	if (wanted == (gid_t)-1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (groups[i] == wanted)
			return true;
	return primary == wanted;
}

enum wad_right
wad_rights_decide(const struct wad_rights *r, uid_t uid, gid_t primary,
    const gid_t *groups, size_t n)
{
	if (uid == 0 || uid == r->starter ||
	    member(r->full, primary, groups, n))
		return WAD_RIGHT_FULL;
	return member(r->read, primary, groups, n) ? WAD_RIGHT_READ :
	    WAD_RIGHT_NONE;
}

static void
peer_name(const struct wad_rights *r, struct wad_peer *p)
{
	snprintf(p->user, sizeof(p->user), "uid %u", (unsigned)p->uid);
	for (unsigned i = 0; i < r->n_names; i++)
		if (r->names[i].uid == p->uid)
			snprintf(p->user, sizeof(p->user), "%s",
			    r->names[i].name);
	snprintf(p->ui, sizeof(p->ui), "console(%d)", (int)p->pid);
}

enum wad_right
wad_rights_of(const struct wad_rights *r, int fd, struct wad_peer *p)
{
	gid_t		groups[GROUPS_MAX];
	struct ucred	u;
	socklen_t	len = sizeof(u), glen = sizeof(groups);

	memset(p, 0, sizeof(*p));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &len) == -1 ||
	    len != sizeof(u)) {
		snprintf(p->user, sizeof(p->user), "unknown");
		snprintf(p->ui, sizeof(p->ui), "console");
		return WAD_RIGHT_NONE;
	}
	p->uid = u.uid;
	p->pid = u.pid;
	peer_name(r, p);
	/* more groups than fit: the primary one has to do */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &glen) == -1)
		glen = 0;
	return wad_rights_decide(r, u.uid, u.gid, groups,
	    glen / sizeof(gid_t));
}

void
wad_rights_denied(struct wad_rights *r, const struct wad_peer *p,
    const char *why)
{
	uint64_t		now = wad_clock_ms();
	struct wad_log_rec	rec;

	if (r->denied_ms != 0 && now - r->denied_ms < DENIED_MS) {
		r->denied++;
		return;
	}
	wad_log_begin(&rec, WAD_LOG_SYS_CONSOLE_DENIED);
	wad_log_str(&rec, "user", p->user);
	wad_log_u64(&rec, "uid", p->uid);
	wad_log_str(&rec, "ui", p->ui);
	wad_log_str(&rec, "status", "failure");
	if (r->denied > 0)
		wad_log_u64(&rec, "more", r->denied);
	wad_log_strf(&rec, "msg", "console refused: %s", why);
	wad_log_end(&rec);
	r->denied_ms = now;
	r->denied = 0;
}
