/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wad-export role: its messages and its start.
 */
#include <sys/random.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "export/export.h"
#include "export/syslog_tls.h"
#include "ipc/shm.h"

enum { PUMP_MS = 100,
	LAST_MS = 300 };	/* for the last records, at the end */

static int
on_ring(struct wad_export *x, struct wad_msg_in *m)
{
	const char	*role;
	uint32_t	 index, pid;
	int		 fd;

	if (wad_msg_get_str(m, &role) == -1 ||
	    wad_msg_get_u32(m, &index) == -1 ||
	    wad_msg_get_u32(m, &pid) == -1 || wad_msg_end(m) == -1 ||
	    (fd = wad_msg_take_fd(m)) == -1)
		return -1;
	return wad_export_ring(x, role, index, pid, fd);
}

/* The socket for metrics of the configuration that comes next. */
static int
on_listener(struct wad_export *x, struct wad_msg_in *m)
{
	struct wad_addr	 local;
	const char	*device;
	uint64_t	 gen;
	uint32_t	 kind, row, family;

	if (wad_msg_get_u64(m, &gen) == -1 ||
	    wad_msg_get_u32(m, &kind) == -1 ||
	    wad_msg_get_u32(m, &row) == -1 ||
	    wad_msg_get_str(m, &device) == -1 ||
	    wad_msg_get_u32(m, &family) == -1 ||
	    wad_msg_get_addr(m, &local) == -1 || wad_msg_end(m) == -1)
		return -1;
	if (x->metrics_fd != -1)
		close(x->metrics_fd);
	x->metrics_gen = gen;
	x->metrics_fd = wad_msg_take_fd(m);
	return x->metrics_fd == -1 ? -1 : 0;
}

static int
on_trust(struct wad_export *x, struct wad_msg_in *m)
{
	if (x->trust_fd != -1)
		close(x->trust_fd);
	x->trust_fd = wad_msg_take_fd(m);
	return 0;
}

static int
on_message(struct wad_proc *proc, void *arg, struct wad_msg_in *m)
{
	(void)proc;
	switch (m->type) {
	case WAD_MSG_RING:
		return on_ring(arg, m);
	case WAD_MSG_TRUST:
		return on_trust(arg, m);
	case WAD_MSG_LISTENER:
		return on_listener(arg, m);
	default:
		return -1;
	}
}

/* Questions of the console. */
static int
from_control(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	struct wad_export	*x = arg;
	struct wad_str		 text = { 0 };
	struct wad_msg		 out;
	const char		*words;
	bool			 known;

	if (m->type != WAD_MSG_WORKER_CMD ||
	    wad_msg_get_str(m, &words) == -1 || wad_msg_end(m) == -1)
		return -1;
	known = strcmp(words, "syslog status") == 0;
	if (known)
		wad_syslog_status(x->syslog, &text);
	else
		wad_str_add(&text, "wad-export does not know this\n");
	wad_msg_init(&out, WAD_MSG_WORKER_SAID, m->id);
	wad_msg_add_u32(&out, known);
	wad_msg_add_str(&out, text.s);
	(void)wad_chan_send(c, &out);
	wad_msg_free(&out);
	wad_str_free(&text);
	return 0;
}

static void
control_down(void *arg, struct wad_chan *c)
{
	struct wad_export *x = arg;

	x->control = NULL;
	wad_chan_free(c);
}

static int
on_peer(struct wad_proc *proc, void *arg, const char *role, unsigned index,
    int fd)
{
	struct wad_export *x = arg;

	(void)proc;
	(void)index;
	if (strcmp(role, "control") != 0) {
		close(fd);
		return -1;
	}
	if (x->control != NULL)
		wad_chan_free(x->control);
	x->control = wad_chan_new(x->base, fd, role, from_control,
	    control_down, x);
	return 0;
}

static int
on_prepare(struct wad_proc *proc, void *arg, struct wad_conf *conf, char *err,
    size_t errsize)
{
	(void)proc;
	((struct wad_export *)arg)->prepared = conf->generation;
	return wad_syslog_check(conf, err, errsize);
}

static void
on_commit(struct wad_proc *proc, void *arg, struct wad_conf *conf)
{
	struct wad_export	*x = arg;
	const char		*roots = NULL;
	size_t			 len = 0;

	(void)proc;
	x->conf = conf;		/* proc keeps it until the next commit */
	wad_dns_set_servers(x->dns, conf);
	if (x->trust_fd != -1) {
		roots = wad_shm_map_text(x->trust_fd, &len);
		close(x->trust_fd);
		x->trust_fd = -1;
	}
	wad_syslog_configure(x->syslog, conf, roots, len);
	wad_shm_unmap(roots, len);
	wad_metrics_listen(x->metrics, x->metrics_fd);
	x->metrics_fd = -1;
}

/* What came for a generation that will not run; the socket may already be that
 * of the configuration that comes instead. */
static void
on_abort(struct wad_proc *proc, void *arg)
{
	struct wad_export *x = arg;

	(void)proc;
	if (x->trust_fd != -1)
		close(x->trust_fd);
	x->trust_fd = -1;
	if (x->metrics_fd == -1 || x->metrics_gen > x->prepared)
		return;
	close(x->metrics_fd);
	x->metrics_fd = -1;
}

static void
on_pump(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	wad_export_pump(arg);
}

static int
on_init(struct wad_proc *proc, void *arg)
{
	static const struct timeval	 tv = { .tv_usec = PUMP_MS * 1000 };
	struct wad_export		*x = arg;
	char				*resolv, *hosts;
	unsigned long long		 seed;

	x->proc = proc;
	x->base = wad_proc_base(proc);
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return -1;
	wad_str_hash_seed(seed);
	resolv = wad_proc_system_file("/etc/resolv.conf");
	hosts = wad_proc_system_file("/etc/hosts");
	x->dns = wad_dns_new(x->base, resolv, hosts);
	free(resolv);
	free(hosts);
	if (x->dns == NULL || wad_syslog_tls_init() == -1)
		return -1;
	x->syslog = wad_syslog_new(x);
	x->metrics = wad_metrics_new(x);
	x->pump = event_new(x->base, -1, EV_PERSIST, on_pump, x);
	if (x->pump == NULL)
		return -1;
	return evtimer_add(x->pump, &tv);
}

/* The program ends: what the other roles still say goes out, if that is
 * quick. */
static void
last_records(struct wad_export *x)
{
	static const struct timespec step = { .tv_nsec = 20000000 };

	for (int i = 0; i < LAST_MS / 20; i++) {
		wad_export_pump(x);
		(void)event_base_loop(x->base, EVLOOP_NONBLOCK);
		if (i > 5 && !wad_syslog_busy(x->syslog))
			return;
		nanosleep(&step, NULL);
	}
}

int
main(int argc, char **argv)
{
	static const struct wad_proc_ops ops = {
		.role = "export", .init = on_init, .peer = on_peer,
		.message = on_message, .prepare = on_prepare,
		.commit = on_commit, .abort = on_abort,
	};
	static struct wad_export x = { .trust_fd = -1, .metrics_fd = -1 };
	int	code = wad_proc_run(argc, argv, &ops, &x);

	if (x.conf != NULL)
		last_records(&x);
	wad_syslog_free(x.syslog);
	return code;
}
