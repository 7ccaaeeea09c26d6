/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles: the table, starting, wiring, and starting again.  A role that dies
 * comes back within 100 ms; one that keeps dying waits longer each time.
 */
#include "main/roles.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "ipc/shm.h"
#include "main/audit.h"
#include "main/main.h"
#include "main/sysinfo.h"
#include "session/slot.h"

#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/libexec/openwad"
#endif

enum { ROLE_FD = 3, BACKOFF_MIN = 50, BACKOFF_MAX = 5000, QUICK_MS = 10000,
	PATH_SIZE = 4096, FILES_WANTED = 262144 };

/* Rows are in the order of starting.  A channel is made when either side
 * lists the other. */
const struct wad_role_row wad_role_rows[WAD_ROLE_N] = {
	[WAD_ROLE_KEYS] = { "keys", "wad-keys", false, { 0 } },
	[WAD_ROLE_WORKER] = { "worker", "wad-worker", true,
	    { [WAD_ROLE_KEYS] = true } },
	[WAD_ROLE_CONTROL] = { "control", "wad-control", false,
	    { [WAD_ROLE_WORKER] = true } },
	[WAD_ROLE_LOOKUP] = { "lookup", "wad-lookup", false,
	    { [WAD_ROLE_WORKER] = true, [WAD_ROLE_CONTROL] = true } },
	/* it reads the rings, and nobody needs to ask it anything but
	 * wad-control */
	[WAD_ROLE_EXPORT] = { "export", "wad-export", false,
	    { [WAD_ROLE_CONTROL] = true } },
};

/* The file of a program: beside openwad, as in a build tree, or installed. */
static int
find_program(const char *program, char *path)
{
	char	self[PATH_SIZE];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0) {
		self[n] = '\0';
		if (snprintf(path, PATH_SIZE, "%s/%s", dirname(self),
		    program) < PATH_SIZE && access(path, X_OK) == 0)
			return 0;
	}
	snprintf(path, PATH_SIZE, "%s/%s", PKGLIBEXECDIR, program);
	return access(path, X_OK);
}

/* A ring for one writer: its descriptor, and one for readers in *ro; -1. */
static int
ring_make(const char *role, unsigned index, int *ro)
{
	struct wad_ring_seg	*ring;
	char			 name[48];
	int			 fd;

	snprintf(name, sizeof(name), "ring-%s-%u", role, index);
	fd = wad_shm_create(name, sizeof(*ring));
	if (fd == -1)
		return -1;
	ring = wad_shm_map(fd, sizeof(*ring), true);
	if (ring == NULL)
		return -1;
	ring->magic = WAD_RING_MAGIC;
	wad_shm_unmap(ring, sizeof(*ring));
	*ro = wad_shm_readonly(fd);
	return *ro == -1 ? -1 : fd;
}

static int
slot_init(struct wad_main *m, struct wad_role_slot *s, enum wad_role role,
    unsigned index)
{
	memset(s, 0, sizeof(*s));
	s->m = m;
	s->role = role;
	s->index = index;
	s->fd = s->sess_fd = s->sess_ro_fd = -1;
	s->ring_fd = ring_make(wad_role_rows[role].name, index,
	    &s->ring_ro_fd);
	return s->ring_fd == -1 ? -1 : 0;
}

/* What only the parent knows of a role: these two words of its segment are
 * written here alone. */
static void
slot_tell(const struct wad_role_slot *s, uint64_t started)
{
	struct wad_ring_seg *ring = wad_shm_map(s->ring_fd, sizeof(*ring),
	    true);

	if (ring == NULL)
		return;
	ring->stats.gauge[WAD_GAUGE_STARTS] = s->restarts + 1;
	ring->stats.gauge[WAD_GAUGE_STARTED] = started;
	wad_shm_unmap(ring, sizeof(*ring));
}

/* Our own log records: events of the whole program. */
static int
own_ring(struct wad_main *m)
{
	struct wad_ring_seg	*ring;
	int			 fd = ring_make("manager", 0, &m->ring_ro_fd);

	if (fd == -1)
		return -1;
	ring = wad_shm_map(fd, sizeof(*ring), true);
	close(fd);
	if (ring == NULL)
		return -1;
	wad_dbg_attach(NULL, ring);
	WAD_GAUGE_SET(STARTS, 1);
	WAD_GAUGE_SET(STARTED, wad_clock_wall());
	return 0;
}

static void
sessions_logged(struct wad_role_slot *s, pid_t pid)
{
	for (unsigned i = 0; i < s->n_left; i++)
		if (s->left[i].pid == pid) {
			close(s->left[i].fd);
			s->n_left--;
			memmove(&s->left[i], &s->left[i + 1],
			    (s->n_left - i) * sizeof(s->left[0]));
			return;
		}
}

/* What a dead worker left: kept until wad-control has logged it.  When too
 * many wait, wad-control has long been away: the oldest goes. */
static void
sessions_leave(struct wad_role_slot *s)
{
	if (s->n_left == WAD_ROLE_LEFT)
		sessions_logged(s, s->left[0].pid);
	s->left[s->n_left].fd = s->sess_ro_fd;
	s->left[s->n_left++].pid = s->sess_pid;
}

/* The sessions of a worker: a new segment for each process, so that what a
 * dead one left can still be read when the next one runs. */
static int
sessions_make(struct wad_role_slot *s)
{
	if (s->role != WAD_ROLE_WORKER)
		return 0;
	if (s->sess_fd != -1)
		close(s->sess_fd);
	if (s->sess_ro_fd != -1)
		sessions_leave(s);
	s->sess_fd = wad_shm_create("sessions", sizeof(struct wad_slot_seg));
	s->sess_ro_fd = s->sess_fd == -1 ? -1 :
	    wad_shm_readonly(s->sess_fd);
	return s->sess_ro_fd == -1 ? -1 : 0;
}

int
wad_roles_init(struct wad_main *m, unsigned n_workers)
{
	struct wad_dbg_ctl	*ctl;
	unsigned		 r, i, n;

	m->n_workers = n_workers;
	m->slots = wad_xcalloc(n_workers + WAD_ROLE_N, sizeof(*m->slots));
	m->dbg_fd = wad_shm_create("debug", sizeof(*ctl));
	ctl = m->dbg_fd == -1 ? NULL : wad_shm_map(m->dbg_fd, sizeof(*ctl),
	    true);
	if (ctl == NULL)
		return -1;
	ctl->magic = WAD_DBG_CTL_MAGIC;
	wad_shm_unmap(ctl, sizeof(*ctl));
	m->dbg_ro_fd = wad_shm_readonly(m->dbg_fd);
	if (m->dbg_ro_fd == -1 || own_ring(m) == -1)
		return -1;
	for (r = 0; r < WAD_ROLE_N; r++) {
		n = wad_role_rows[r].many ? n_workers : 1;
		for (i = 0; i < n; i++)
			if (slot_init(m, &m->slots[m->n_slots++],
			    (enum wad_role)r, i) == -1)
				return -1;
	}
	return 0;
}

struct wad_role_slot *
wad_roles_slot(struct wad_main *m, enum wad_role role, unsigned index)
{
	unsigned i;

	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].role == role && m->slots[i].index == index)
			return &m->slots[i];
	return NULL;
}

/* messages of a role to the parent */

static void
send_sockets(struct wad_role_slot *s, uint32_t family)
{
	struct wad_msg	m;
	int		fds[WAD_MSG_FDS];
	unsigned	n, i;

	n = wad_sockets_batch((int)family, fds, WAD_MSG_FDS);
	wad_msg_init(&m, WAD_MSG_SOCKETS, 0);
	wad_msg_add_u32(&m, family);
	for (i = 0; i < n; i++)
		wad_msg_add_fd(&m, fds[i]);
	(void)wad_chan_send(s->chan, &m);
	wad_msg_free(&m);
	while (n > 0)
		close(fds[--n]);
}

static void
send_status(struct wad_main *m, uint32_t id)
{
	struct wad_str	s = { 0 };
	unsigned	i;

	wad_str_addf(&s, "openwad %s pid %d uptime %lld generation %llu%s\n",
	    PACKAGE_VERSION, (int)getpid(),
	    (long long)(wad_clock_wall() - m->started),
	    (unsigned long long)m->generation,
	    m->draining ? " draining" : "");
	for (i = 0; i < m->n_slots; i++) {
		const struct wad_role_slot *p = &m->slots[i];

		wad_str_addf(&s, "%s %u pid %d restarts %u generation %llu "
		    "uptime %llu\n", wad_role_rows[p->role].name, p->index,
		    (int)p->pid, p->restarts,
		    (unsigned long long)p->generation, p->pid == 0 ? 0ULL :
		    (unsigned long long)(wad_clock_ms() - p->started_ms) /
		    1000);
	}
	wad_str_addf(&s, "log-folder %s\n", m->paths.log);
	wad_reload_answer(m, id, true, s.s);
	wad_str_free(&s);
}

static void
send_peer(struct wad_role_slot *to, const struct wad_role_slot *peer, int fd)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_CHAN, 0);
	wad_msg_add_str(&m, wad_role_rows[peer->role].name);
	wad_msg_add_u32(&m, peer->index);
	wad_msg_add_fd(&m, fd);
	(void)wad_chan_send(to->chan, &m);
	wad_msg_free(&m);
}

static bool
acquainted(const struct wad_role_slot *a, const struct wad_role_slot *b)
{
	return wad_role_rows[a->role].talks[b->role] ||
	    wad_role_rows[b->role].talks[a->role];
}

/* A new channel between two roles that run. */
static void
pair(struct wad_role_slot *s, struct wad_role_slot *o)
{
	int fd[2];

	if (s->chan == NULL || o->chan == NULL)
		return;
	if (wad_msg_pair(fd) == -1) {
		wad_main_say("no channel between %s and %s: %s",
		    wad_chan_name(s->chan), wad_chan_name(o->chan),
		    strerror(errno));
		return;
	}
	send_peer(s, o, fd[0]);
	send_peer(o, s, fd[1]);
	close(fd[0]);
	close(fd[1]);
}

/* A peer closed the channel of s: it was told nonsense, or is gone and will be
 * wired when it is started again. */
static void
pair_again(struct wad_role_slot *s, const char *role)
{
	for (unsigned i = 0; i < s->m->n_slots; i++) {
		struct wad_role_slot *o = &s->m->slots[i];

		if (acquainted(s, o) &&
		    strcmp(wad_role_rows[o->role].name, role) == 0)
			pair(s, o);
	}
}

static int
on_control(struct wad_main *m, struct wad_msg_in *in)
{
	struct wad_role_slot *w;
	const char	*script, *user, *ui;
	struct wad_addr	 a, b;
	char		*text;
	uint32_t	 index, pid;

	switch (in->type) {
	case WAD_MSG_CTL_SYSINFO:
		if (wad_msg_get_str(in, &user) == -1 || wad_msg_end(in) == -1)
			return -1;
		wad_sysinfo_answer(m, in->id, user);
		return 0;
	case WAD_MSG_CTL_PING:
		if (wad_msg_get_addr(in, &a) == -1 ||
		    wad_msg_get_addr(in, &b) == -1 || wad_msg_end(in) == -1)
			return -1;
		wad_sysinfo_ping(m, in->id, &a, &b);
		return 0;
	case WAD_MSG_CTL_EDIT:
		if (wad_msg_get_str(in, &script) == -1 ||
		    wad_msg_get_str(in, &user) == -1 ||
		    wad_msg_get_str(in, &ui) == -1 || wad_msg_end(in) == -1)
			return -1;
		wad_reload_start(m, script, user, ui, in->id);
		return 0;
	case WAD_MSG_CTL_RELOAD:
		if (wad_msg_get_str(in, &user) == -1 ||
		    wad_msg_get_str(in, &ui) == -1 || wad_msg_end(in) == -1)
			return -1;
		wad_reload_start(m, NULL, user, ui, in->id);
		return 0;
	case WAD_MSG_SESSIONS_LOGGED:
		if (wad_msg_get_u32(in, &index) == -1 ||
		    wad_msg_get_u32(in, &pid) == -1 || wad_msg_end(in) == -1)
			return -1;
		w = wad_roles_slot(m, WAD_ROLE_WORKER, index);
		if (w != NULL)
			sessions_logged(w, (pid_t)pid);
		return 0;
	case WAD_MSG_CTL_STATUS:
		send_status(m, in->id);
		return wad_msg_end(in);
	case WAD_MSG_CTL_TREE:
		text = wad_files_text(m->load != NULL ? m->load->shown_fd :
		    -1);
		wad_reload_answer(m, in->id, true, text);
		free(text);
		return wad_msg_end(in);
	default:
		return -1;
	}
}

static int
on_message(void *arg, struct wad_chan *ch, struct wad_msg_in *in)
{
	struct wad_role_slot	*s = arg;
	const char	*text;
	uint64_t	 gen;
	uint32_t	 v;

	(void)ch;
	switch (in->type) {
	case WAD_MSG_CONF_READY:
		if (wad_msg_get_u64(in, &gen) == -1 ||
		    wad_msg_get_u32(in, &v) == -1 ||
		    wad_msg_get_str(in, &text) == -1 || wad_msg_end(in) == -1)
			return -1;
		wad_reload_ready(s->m, s, gen, v != 0, text);
		return 0;
	case WAD_MSG_ROLE_LOG:
		if (wad_msg_get_str(in, &text) == -1 || wad_msg_end(in) == -1)
			return -1;
		wad_main_say("%s: %s", wad_chan_name(ch), text);
		return 0;
	case WAD_MSG_CHAN_LOST:
		if (s->role != WAD_ROLE_WORKER ||
		    wad_msg_get_str(in, &text) == -1 || wad_msg_end(in) == -1)
			return -1;
		pair_again(s, text);
		return 0;
	case WAD_MSG_SOCKETS_ASK:
		if (s->role != WAD_ROLE_WORKER ||
		    wad_msg_get_u32(in, &v) == -1 || wad_msg_end(in) == -1 ||
		    (v != AF_INET && v != AF_INET6))
			return -1;
		send_sockets(s, v);
		return 0;
	default:
		return s->role == WAD_ROLE_CONTROL ? on_control(s->m, in) : -1;
	}
}

/* The end of a channel is the end of the role: if it still runs, it sent
 * nonsense. */
static void
on_down(void *arg, struct wad_chan *ch)
{
	struct wad_role_slot *s = arg;

	wad_chan_free(ch);
	s->chan = NULL;
	s->fd = -1;
	if (s->pid > 0 && !s->m->stopping)
		kill(s->pid, SIGKILL);
}

/* starting */

static void
child(struct wad_role_slot *s, const char *path, int fd)
{
	struct rlimit	 rl;
	char		 index[16], prog[32];
	char		 opt[] = "-i";
	char		*argv[] = { prog, opt, index, NULL };

	snprintf(prog, sizeof(prog), "%s", wad_role_rows[s->role].program);
	snprintf(index, sizeof(index), "%u", s->index);
	if (fd == ROLE_FD ? fcntl(fd, F_SETFD, 0) == -1 :
	    dup2(fd, ROLE_FD) == -1)
		_exit(126);
	if (!s->m->foreground)
		wad_main_redirect(s->m);
	/* Everything else has close-on-exec; this is the second lock. */
	(void)close_range(ROLE_FD + 1, ~0U, 0);
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		if (geteuid() == 0 && rl.rlim_max < FILES_WANTED)
			rl.rlim_max = FILES_WANTED;
		rl.rlim_cur = rl.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &rl) == -1 &&
		    getrlimit(RLIMIT_NOFILE, &rl) == 0) {
			rl.rlim_cur = rl.rlim_max;
			(void)setrlimit(RLIMIT_NOFILE, &rl);
		}
	}
	/* Crashes of a role that holds keys must not leave a file of them. */
	rl.rlim_cur = rl.rlim_max = 0;
	if (s->role == WAD_ROLE_KEYS)
		(void)setrlimit(RLIMIT_CORE, &rl);
	execv(path, argv);
	_exit(127);
}

/* New channels between this role and all that it talks to. */
static void
wire(struct wad_main *m, struct wad_role_slot *s)
{
	for (unsigned i = 0; i < m->n_slots; i++) {
		struct wad_role_slot *o = &m->slots[i];

		if (o != s && acquainted(s, o))
			pair(s, o);
	}
}

/* Who reads rings. */
static const enum wad_role ring_readers[] = { WAD_ROLE_CONTROL,
	WAD_ROLE_EXPORT };

/* A ring for one reader, with the sessions of one process of that role (fd -1:
 * none). */
static void
send_segments(struct wad_role_slot *to, const char *role, unsigned index,
    pid_t pid, int ring_fd, int sess_fd)
{
	struct wad_msg msg;

	wad_msg_init(&msg, WAD_MSG_RING, 0);
	wad_msg_add_str(&msg, role);
	wad_msg_add_u32(&msg, index);
	wad_msg_add_u32(&msg, (uint32_t)pid);
	wad_msg_add_fd(&msg, ring_fd);
	if (sess_fd != -1 && to->role == WAD_ROLE_CONTROL)
		wad_msg_add_fd(&msg, sess_fd);
	(void)wad_chan_send(to->chan, &msg);
	wad_msg_free(&msg);
}

/* The ring of a role for one reader; of NULL: our own.  all: to a reader that
 * starts, with what dead processes left before it. */
static void
send_ring(struct wad_main *m, struct wad_role_slot *to,
    const struct wad_role_slot *of, bool all)
{
	const char *role;

	if (to == NULL || to->chan == NULL)
		return;
	if (of == NULL) {
		send_segments(to, "manager", 0, getpid(), m->ring_ro_fd, -1);
		return;
	}
	role = wad_role_rows[of->role].name;
	for (unsigned i = 0; all && to->role == WAD_ROLE_CONTROL &&
	    i < of->n_left; i++)
		send_segments(to, role, of->index, of->left[i].pid,
		    of->ring_ro_fd, of->left[i].fd);
	send_segments(to, role, of->index, of->sess_fd != -1 ? of->sess_pid :
	    of->pid, of->ring_ro_fd, of->sess_ro_fd);
}

/* A role that starts: its ring to who reads rings, all rings to it when it is
 * one of them. */
static void
send_rings(struct wad_main *m, struct wad_role_slot *s)
{
	for (size_t r = 0; r < sizeof(ring_readers) / sizeof(ring_readers[0]);
	    r++) {
		if (s->role != ring_readers[r]) {
			send_ring(m, wad_roles_slot(m, ring_readers[r], 0), s,
			    false);
			continue;
		}
		send_ring(m, s, NULL, true);
		for (unsigned i = 0; i < m->n_slots; i++)
			send_ring(m, s, &m->slots[i], true);
	}
}

/* Console socket, debug masks and log folder: at the start of wad-control,
 * and again when its log files shall be opened anew. */
void
wad_roles_reopen_logs(struct wad_main *m)
{
	struct wad_role_slot	*s = wad_roles_slot(m, WAD_ROLE_CONTROL, 0);
	struct wad_msg	 msg;

	if (s == NULL || s->chan == NULL)
		return;
	wad_msg_init(&msg, WAD_MSG_CTLSOCK, 0);
	wad_msg_add_fd(&msg, m->ctl_sock_fd);
	wad_msg_add_fd(&msg, m->dbg_fd);
	wad_msg_add_fd(&msg, m->log_dir_fd);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
}

void
wad_roles_journal(struct wad_main *m)
{
	struct wad_role_slot	*s = wad_roles_slot(m, WAD_ROLE_KEYS, 0);
	struct wad_msg		 msg;

	if (s == NULL || s->chan == NULL || m->journal_fd == -1)
		return;
	wad_msg_init(&msg, WAD_MSG_JOURNAL, 0);
	wad_msg_add_fd(&msg, m->journal_fd);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
}

/* Two files of what a role keeps over a restart. */
static void
send_state(struct wad_role_slot *s, enum wad_msg_type type, const int fd[2])
{
	struct wad_msg msg;

	if (fd[0] == -1 || fd[1] == -1)
		return;
	wad_msg_init(&msg, type, 0);
	wad_msg_add_fd(&msg, fd[0]);
	wad_msg_add_fd(&msg, fd[1]);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
}

static void
greet(struct wad_main *m, struct wad_role_slot *s)
{
	struct wad_msg	msg;

	wad_msg_init(&msg, WAD_MSG_HELLO, 0);
	wad_msg_add_u32(&msg, s->index);
	wad_msg_add_u32(&msg, wad_role_rows[s->role].many ? m->n_workers : 1);
	wad_msg_add_str(&msg, wad_role_rows[s->role].name);
	wad_msg_add_fd(&msg, m->dbg_ro_fd);
	wad_msg_add_fd(&msg, s->ring_fd);
	if (s->sess_fd != -1)
		wad_msg_add_fd(&msg, s->sess_fd);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
	if (s->role == WAD_ROLE_KEYS)
		wad_roles_journal(m);
	if (s->role == WAD_ROLE_KEYS)
		send_state(s, WAD_MSG_PRODUCTS, m->products_fd);
	if (s->role == WAD_ROLE_CONTROL)
		send_state(s, WAD_MSG_QUOTAS, m->quotas_fd);
	if (s->role == WAD_ROLE_CONTROL)
		wad_roles_reopen_logs(m);
	send_rings(m, s);
}

static int
slot_start(struct wad_role_slot *s)
{
	struct wad_main	*m = s->m;
	char		 path[PATH_SIZE], name[32];
	int		 fd[2];
	pid_t		 pid;

	if (find_program(wad_role_rows[s->role].program, path) == -1) {
		wad_main_say("the program %s is missing or cannot be "
		    "executed: it belongs beside openwad or in %s, mode 755",
		    wad_role_rows[s->role].program, PKGLIBEXECDIR);
		return -1;
	}
	if (sessions_make(s) == -1 || wad_msg_pair(fd) == -1) {
		wad_main_say("no segment or socket pair: %s",
		    strerror(errno));
		return -1;
	}
	slot_tell(s, (uint64_t)wad_clock_wall());
	pid = wad_main_fork();
	if (pid == 0)
		child(s, path, fd[1]);
	close(fd[1]);
	if (pid == -1) {
		close(fd[0]);
		wad_main_say("no new process: %s", strerror(errno));
		return -1;
	}
	snprintf(name, sizeof(name), "%s %u", wad_role_rows[s->role].name,
	    s->index);
	s->pid = s->sess_pid = pid;
	s->fd = fd[0];
	s->started_ms = wad_clock_ms();
	s->generation = s->asked = 0;
	s->in_txn = false;
	s->chan = wad_chan_new(m->base, fd[0], name, on_message, on_down, s);
	greet(m, s);
	wire(m, s);
	wad_reload_prepare(m, s);
	return 0;
}

int
wad_roles_start(struct wad_main *m)
{
	unsigned i;

	for (i = 0; i < m->n_slots; i++)
		if (slot_start(&m->slots[i]) == -1)
			return -1;
	return 0;
}

/* ending and starting again */

static void	schedule(struct wad_role_slot *);

static void
on_restart(evutil_socket_t fd, short what, void *arg)
{
	struct wad_role_slot *s = arg;

	(void)fd;
	(void)what;
	if (s->m->stopping)
		return;
	s->restarts++;
	if (slot_start(s) == -1)
		schedule(s);
}

/* 50, 100, 200 ... 5000 ms; a life of ten seconds starts over. */
static void
schedule(struct wad_role_slot *s)
{
	unsigned	ms;
	struct timeval	tv;

	if (wad_clock_ms() - s->started_ms > QUICK_MS)
		s->quick = 0;
	ms = s->quick < 7 ? (unsigned)BACKOFF_MIN << s->quick : BACKOFF_MAX;
	if (s->quick < 7)
		s->quick++;
	if (s->timer == NULL)
		s->timer = evtimer_new(s->m->base, on_restart, s);
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	evtimer_add(s->timer, &tv);
}

static void
describe(char *buf, size_t size, int status)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "exited with status %d%s",
		    WEXITSTATUS(status), WEXITSTATUS(status) == 127 ?
		    " (it could not be executed)" : "");
}

static void
slot_ended(struct wad_role_slot *s, int status)
{
	struct wad_main	*m = s->m;
	char		 how[96];
	bool		 expected = m->stopping ||
			     (m->draining && s->role == WAD_ROLE_WORKER);

	describe(how, sizeof(how), status);
	if (!expected || !WIFEXITED(status))
		wad_main_say("%s %u (pid %d) %s%s",
		    wad_role_rows[s->role].name, s->index, (int)s->pid, how,
		    expected || m->starting ? "" : "; it is started again");
	if (!expected && !m->starting)
		wad_audit_role_died(s, how);
	s->pid = 0;
	slot_tell(s, 0);
	if (s->feeder > 0) {
		kill(s->feeder, SIGKILL);
		s->feeder = 0;
	}
	wad_chan_free(s->chan);
	s->chan = NULL;
	s->fd = -1;
	if (expected)
		return;
	wad_reload_lost(m, s);
	if (!m->starting && !m->stopping)
		schedule(s);
}

bool
wad_roles_child(struct wad_main *m, pid_t pid, int status)
{
	unsigned i;

	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].pid == pid) {
			slot_ended(&m->slots[i], status);
			return true;
		}
	return false;
}

unsigned
wad_roles_alive(const struct wad_main *m)
{
	unsigned i, n = 0;

	for (i = 0; i < m->n_slots; i++)
		n += m->slots[i].pid > 0;
	return n;
}

/* In the order in which they leave: what reads the rings stays until nobody
 * writes into them any more. */
bool
wad_roles_close(struct wad_main *m)
{
	static const struct { bool control, export; } last[] = {
		{ false, false }, { true, false }, { true, true } };
	bool alive = false;

	for (size_t k = 0; k < sizeof(last) / sizeof(last[0]) && !alive; k++)
		for (unsigned i = 0; i < m->n_slots; i++) {
			struct wad_role_slot *s = &m->slots[i];

			if ((s->role == WAD_ROLE_CONTROL && !last[k].control) ||
			    (s->role == WAD_ROLE_EXPORT && !last[k].export))
				continue;
			if (s->timer != NULL)
				evtimer_del(s->timer);
			wad_chan_free(s->chan);
			s->chan = NULL;
			alive |= s->pid > 0;
		}
	return alive;
}

void
wad_roles_kill(struct wad_main *m)
{
	unsigned i;

	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].pid > 0)
			kill(m->slots[i].pid, SIGKILL);
}
