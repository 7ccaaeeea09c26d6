/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket toward the server in transparent mode: the gateway's address
 * with the client's port (nat enable), or the client's own (nat disable):
 * lines 3 to 6.
 */
#include "worker/session.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/worker.h"

static int
plain_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* The address that policy wants upstream; false: the kernel chooses. */
static bool
source_of(const struct wad_session *s, struct wad_addr *src)
{
	if (!s->policy->nat) {
		*src = s->flow.src;
		return true;
	}
	if (!s->route.have_src)
		return false;
	*src = s->route.src;
	src->port = s->flow.src.port;
	return true;
}

/* 0 connecting (s->srv.port), or waiting for a spare socket (NULL); -1. */
int
wad_upstream_dial(struct wad_session *s)
{
	const struct wad_addr	*dst = &s->flow.dst;
	struct wad_addr		 src;
	int			 fd;

	fd = s->policy->nat ? plain_socket(dst->family) :
	    wad_worker_spare(s->w, dst->family);
	if (fd == -1 && !s->policy->nat)
		return 0;
	s->srv.port = wad_tcp_port_alloc();
	if (fd == -1) {
		s->srv.port->error = errno;
		return -1;
	}
	if (source_of(s, &src) && wad_tcp_port_bind(s->srv.port, fd, &src,
	    &s->flow.src, !s->policy->nat) == -1) {
		s->srv.port->error = errno;
		close(fd);
		return -1;
	}
	if (wad_tcp_port_connect_with_fd(s->srv.port, fd, dst,
	    s->route.oif) == -1) {
		/* the same four numbers are in use: any other port */
		if (s->srv.port->error != EADDRNOTAVAIL || !s->policy->nat)
			return -1;
		close(s->srv.port->fd);
		s->srv.port->fd = -1;
		s->srv.port->error = 0;
		fd = plain_socket(dst->family);
		if (fd == -1 || wad_tcp_port_connect_with_fd(s->srv.port, fd,
		    dst, s->route.oif) == -1)
			return -1;
	}
	wad_tcp_port_start(s->srv.port, s->w->base, wad_session_kick, s);
	return 0;
}
