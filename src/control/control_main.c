/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-control: the console, the log file, the debug settings.  It reads what
 * the administrator types and what the roles write into their rings, and
 * holds no secret.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "control/console.h"
#include "control/dead_sessions.h"
#include "control/debug_pump.h"
#include "control/grants.h"
#include "control/learn.h"
#include "control/quotas.h"
#include "ipc/proc.h"
#include "ipc/shm.h"

struct role {
	struct wad_control control;
	struct event	*usr1;
};

/* A console connects.  At the descriptor limit the listener keeps waiting. */
static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct wad_control	*c = arg;
	int			 s;

	(void)what;
	s = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (s != -1)
		wad_console_new(c, s);
}

static void
on_usr1(evutil_socket_t sig, short what, void *arg)
{
	struct wad_control *c = arg;

	(void)sig;
	(void)what;
	wad_log_writer_reopen(&c->log);
}

static int
init(struct wad_proc *p, void *arg)
{
	struct role		*r = arg;
	struct wad_control	*c = &r->control;

	if (wad_control_setup(c, wad_proc_base(p), wad_proc_parent(p)) == -1)
		return -1;
	wad_rights_init(&c->rights);
	if (wad_dbg_ring != NULL)
		wad_debug_pump_own(c, wad_dbg_ring);
	r->usr1 = evsignal_new(c->base, SIGUSR1, on_usr1, c);
	if (r->usr1 == NULL || evsignal_add(r->usr1, NULL) == -1)
		return -1;
	return wad_debug_pump_start(c);
}

/* Console socket, debug segment, log directory. */
static int
on_ctlsock(struct wad_control *c, struct wad_msg_in *m)
{
	int		 sock = wad_msg_take_fd(m);
	int		 seg = wad_msg_take_fd(m);
	int		 dir = wad_msg_take_fd(m);
	struct wad_dbg_ctl *ctl;

	if (seg != -1) {
		ctl = wad_shm_map(seg, sizeof(*ctl), true);
		close(seg);
		if (ctl == NULL)
			goto fail;
		ctl->magic = WAD_DBG_CTL_MAGIC;
		if (c->ctl != &c->ctl_none)
			wad_shm_unmap(c->ctl, sizeof(*c->ctl));
		c->ctl = ctl;
		wad_debug_pump_marks(c);
		wad_debug_pump_filter(c);
		wad_debug_pump_apply(c);
	}
	if (dir != -1)
		wad_log_writer_open(&c->log, dir);
	if (sock == -1)
		return 0;
	if (c->listener != NULL)
		event_free(c->listener);
	if (c->listen_fd != -1)
		close(c->listen_fd);
	evutil_make_socket_nonblocking(sock);
	c->listen_fd = sock;
	c->listener = event_new(c->base, sock, EV_READ | EV_PERSIST,
	    on_accept, c);
	if (c->listener == NULL)
		return -1;
	return c->conf != NULL ? event_add(c->listener, NULL) : 0;
fail:
	if (sock != -1)
		close(sock);
	if (dir != -1)
		close(dir);
	return -1;
}

static int
on_ring(struct wad_control *c, struct wad_msg_in *m)
{
	const char	*role;
	uint32_t	 index, pid;
	int		 fd, sessions;

	if (wad_msg_get_str(m, &role) == -1 ||
	    wad_msg_get_u32(m, &index) == -1 ||
	    wad_msg_get_u32(m, &pid) == -1 || wad_msg_end(m) == -1)
		return -1;
	fd = wad_msg_take_fd(m);
	sessions = wad_msg_take_fd(m);
	if (fd == -1)
		return -1;
	if (wad_debug_pump_ring(c, role, index, pid, fd) == -1)
		wad_log_event("error", "the ring of %s %u cannot be read: "
		    "its debug lines and logs are lost", role, index);
	if (sessions != -1 && wad_debug_pump_sessions(c, role, index,
	    pid, sessions) == -1)
		wad_log_event("error", "the sessions of %s %u cannot be read",
		    role, index);
	return 0;
}

static int
message(struct wad_proc *p, void *arg, struct wad_msg_in *m)
{
	struct wad_control *c = &((struct role *)arg)->control;

	(void)p;
	switch (m->type) {
	case WAD_MSG_RING:
		return on_ring(c, m);
	case WAD_MSG_CTLSOCK:
		return on_ctlsock(c, m);
	case WAD_MSG_QUOTAS:
		return wad_quotas_files(c, m);
	case WAD_MSG_CTL_ANSWER:
		wad_ask_answer(c->asks, m);	/* or the console is gone */
		return 0;
	default:
		return -1;
	}
}

static int
worker_message(void *arg, struct wad_chan *ch, struct wad_msg_in *m)
{
	struct wad_control *c = arg;

	if (m->type == WAD_MSG_LEARN)
		return wad_learn_message(c, ch, m);
	if (m->type == WAD_MSG_GRANT)
		return wad_grants_message(c, ch, m);
	if (m->type == WAD_MSG_QUOTA_USED)
		return wad_quotas_message(c, m);
	if (m->type != WAD_MSG_EXPLAINED && m->type != WAD_MSG_RESOLVED &&
	    m->type != WAD_MSG_WORKER_SAID &&
	    m->type != WAD_MSG_GRANT_HEARD)
		return -1;
	wad_ask_answer(c->asks, m);
	return 0;
}

static void
worker_down(void *arg, struct wad_chan *ch)
{
	struct wad_control *c = arg;

	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++)
		if (c->workers[i] == ch)
			c->workers[i] = NULL;
	if (c->lookup == ch)
		c->lookup = NULL;
	if (c->export == ch)
		c->export = NULL;
	wad_chan_free(ch);
}

static int
peer(struct wad_proc *p, void *arg, const char *role, unsigned index, int fd)
{
	struct wad_control	 *c = &((struct role *)arg)->control;
	struct wad_chan		**slot = NULL;
	char			  name[32];

	(void)p;
	if (strcmp(role, "lookup") == 0)
		slot = &c->lookup;
	else if (strcmp(role, "export") == 0)
		slot = &c->export;
	else if (strcmp(role, "worker") == 0 && index < WAD_CTL_WORKERS)
		slot = &c->workers[index];
	if (slot == NULL) {
		close(fd);
		return strcmp(role, "worker") != 0 ? -1 : 0;
	}
	if (*slot != NULL)
		wad_chan_free(*slot);
	snprintf(name, sizeof(name), "%.20s %u", role, index);
	*slot = wad_chan_new(c->base, fd, name, worker_message, worker_down,
	    c);
	if (slot != &c->lookup && slot != &c->export) {
		wad_learn_replay(c, *slot);
		wad_grants_replay(c, *slot);
		wad_quotas_replay(c, *slot);
	}
	return 0;
}

static void
commit(struct wad_proc *p, void *arg, struct wad_conf *conf)
{
	struct wad_control *c = &((struct role *)arg)->control;

	(void)p;
	c->conf = conf;		/* proc keeps it until the next commit */
	wad_log_writer_set(&c->log, &conf->log.disk);
	wad_log_memory_set(&c->memory, &conf->log.memory);
	if (conf->settings.learned_exempt == WAD_LEARN_DISABLE)
		(void)wad_learn_clear(c, NULL, NULL);
	wad_grants_commit(c);
	wad_quotas_commit(c);
	if (conf->sys.hostname != NULL && *conf->sys.hostname != '\0')
		snprintf(c->hostname, sizeof(c->hostname), "%s",
		    conf->sys.hostname);
	/* Who reaches the console finds the whole program running: traffic
	 * is intercepted and every role has its configuration. */
	if (c->listener != NULL)
		event_add(c->listener, NULL);
}

static void
tick(struct wad_proc *p, void *arg)
{
	(void)p;
	WAD_GAUGE_SET(LOG_QUEUE, ((struct role *)arg)->control.log.queue.len);
	wad_quotas_tick(&((struct role *)arg)->control);
}

int
main(int argc, char **argv)
{
	static const struct wad_proc_ops ops = {
		.role = "control",
		.init = init,
		.peer = peer,
		.message = message,
		.commit = commit,
		.tick = tick,
	};
	static const struct wad_conf_log_disk all_stays = {
		.enabled = true, .max_file_mb = UINT16_MAX,
		.quota_mb = UINT16_MAX, .nolog = true,
		.filter = { .severity = 7, .forward = true,
		    .local = true, .other = true },
	};
	struct role	*r = wad_xcalloc(1, sizeof(*r));
	int		 code;

	code = wad_proc_run(argc, argv, &ops, r);
	if (r->control.magic == WAD_CONTROL_MAGIC) {
		wad_quotas_save(&r->control);
		wad_dead_sessions_finish(&r->control);
		if (!r->control.log.known)	/* no start: the log says why */
			wad_log_writer_set(&r->control.log, &all_stays);
		wad_debug_pump_run(&r->control);	/* the last records */
	}
	return code;
}
