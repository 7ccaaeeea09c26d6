/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wad-export role: its messages and its start.
 */
#include <sys/random.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/export.h"
#include "ipc/shm.h"

enum { PUMP_MS = 100 };

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

static int
on_message(struct wad_proc *proc, void *arg, struct wad_msg_in *m)
{
	(void)proc;
	switch (m->type) {
	case WAD_MSG_RING:
		return on_ring(arg, m);
	default:
		return -1;
	}
}

static int
from_control(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	(void)arg;
	(void)c;
	(void)m;
	return -1;
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

static void
on_commit(struct wad_proc *proc, void *arg, struct wad_conf *conf)
{
	struct wad_export *x = arg;

	(void)proc;
	x->conf = conf;		/* proc keeps it until the next commit */
	wad_dns_set_servers(x->dns, conf);
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
	x->pump = event_new(x->base, -1, EV_PERSIST, on_pump, x);
	if (x->dns == NULL || x->pump == NULL)
		return -1;
	return evtimer_add(x->pump, &tv);
}

int
main(int argc, char **argv)
{
	static const struct wad_proc_ops ops = {
		.role = "export", .init = on_init, .peer = on_peer,
		.message = on_message, .commit = on_commit,
	};
	static struct wad_export x = { .trust_fd = -1 };

	return wad_proc_run(argc, argv, &ops, &x);
}
