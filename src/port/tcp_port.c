/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP ports: lines 2 to 9, 62, 67 and 68 of the reference.
 */
#include "port/tcp_port.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/netfilter_ipv4.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/xmem.h"

enum {
	POOL_MAX = 256,
	LAST_MAX = 1024 * 1024,		/* read after sending failed */
};

#ifndef IP6T_SO_ORIGINAL_DST
#define IP6T_SO_ORIGINAL_DST	80
#endif

static struct wad_tcp_port	*pool;
static unsigned			 n_pool, n_used;

static void	on_read(evutil_socket_t, short, void *);
static void	on_write(evutil_socket_t, short, void *);
static void	socket_close(struct wad_tcp_port *);

struct wad_tcp_port *
wad_tcp_port_alloc(void)
{
	struct wad_tcp_port *p = pool;

	if (p != NULL) {
		pool = p->next_free;
		n_pool--;
		memset(p, 0, sizeof(*p));
	} else
		p = wad_xcalloc(1, sizeof(*p));
	p->magic = WAD_TCP_PORT_MAGIC;
	p->fd = -1;
	n_used++;
	WAD_DBG(SESSION, WAD_I, "alloc tcp_port=%p", (void *)p);
	return p;
}

void
wad_tcp_port_put(struct wad_tcp_port *p)
{
	if (p == NULL)
		return;
	WAD_CHECK(p, WAD_TCP_PORT_MAGIC);
	WAD_DBG(SESSION, WAD_I, "free tcp_port=%p", (void *)p);
	socket_close(p);
	wad_buf_free(&p->in);
	wad_buf_free(&p->out);
	p->magic = 0;
	n_used--;
	if (n_pool >= POOL_MAX) {
		free(p);
		return;
	}
	p->next_free = pool;
	pool = p;
	n_pool++;
}

unsigned
wad_tcp_port_in_use(void)
{
	return n_used;
}

/* The destination before REDIRECT changed it. */
static int
original_dst(int fd, struct wad_addr *local)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof(ss);
	int			 r;

	memset(&ss, 0, sizeof(ss));
	if (local->family == AF_INET)
		r = getsockopt(fd, SOL_IP, SO_ORIGINAL_DST, &ss, &len);
	else
		r = getsockopt(fd, SOL_IPV6, IP6T_SO_ORIGINAL_DST, &ss, &len);
	if (r == -1)
		return -1;
	return wad_addr_from_sockaddr(local, (struct sockaddr *)&ss);
}

int
wad_tcp_port_learn_v4_session(struct wad_tcp_port *p, int fd, bool redirect,
    unsigned flags)
{
	struct sockaddr_storage	ss;
	socklen_t		len = sizeof(ss);

	p->fd = fd;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    wad_addr_from_sockaddr(&p->local, (struct sockaddr *)&ss) == -1)
		return -1;
	len = sizeof(ss);
	if (getpeername(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    wad_addr_from_sockaddr(&p->peer, (struct sockaddr *)&ss) == -1)
		return -1;
	if (redirect && original_dst(fd, &p->local) == -1)
		return -1;
	p->connected = true;
	WAD_DBG(SESSION, WAD_I, "Redir session state=0x%x state2=0x0 state_ext=0x0.", flags);
	return 0;
}

void
wad_tcp_port_move(struct wad_tcp_port *to, struct wad_tcp_port *from)
{
	WAD_ASSERT(to->fd == -1 && !from->events);
	to->fd = from->fd;
	to->local = from->local;
	to->peer = from->peer;
	to->connected = from->connected;
	wad_buf_move(&to->in, &from->in);
	from->fd = -1;
}

int
wad_tcp_port_bind(struct wad_tcp_port *p, int fd, struct wad_addr *src,
    const struct wad_addr *shown, bool own_sess)
{
	struct sockaddr_storage	ss;
	socklen_t		len;
	char			ip[WAD_ADDR_STRLEN];
	int			one = 1, r;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1)
		return -1;
	len = wad_addr_to_sockaddr(src, &ss);
	r = bind(fd, (struct sockaddr *)&ss, len);
	if (r == -1 && src->port != 0 &&
	    (errno == EADDRINUSE || errno == EACCES)) {
		src->port = 0;
		len = wad_addr_to_sockaddr(src, &ss);
		r = bind(fd, (struct sockaddr *)&ss, len);
	}
	WAD_DBG(SESSION, WAD_V, "tcp_port=%p src ip:%s is bind, create sess:%d", (void *)p, wad_addr_ip_str(shown, ip),
	    own_sess);
	return r;
}

static void
set_nodelay(int fd)
{
	int one = 1;

	/* without it an origin that sends no tickets costs 40 ms */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

static void
local_addr(struct wad_tcp_port *p)
{
	struct sockaddr_storage	ss;
	socklen_t		len = sizeof(ss);

	if (getsockname(p->fd, (struct sockaddr *)&ss, &len) == 0)
		(void)wad_addr_from_sockaddr(&p->local,
		    (struct sockaddr *)&ss);
}

int
wad_tcp_port_connect_with_fd(struct wad_tcp_port *p, int fd,
    const struct wad_addr *dst, unsigned oif)
{
	struct sockaddr_storage	ss;
	socklen_t		len = wad_addr_to_sockaddr(dst, &ss);
	char			a[WAD_ADDR_STRLEN], b[WAD_ADDR_STRLEN];

	p->fd = fd;
	p->peer = *dst;
	set_nodelay(fd);
	local_addr(p);
	WAD_DBG(SESSION, WAD_V, "oif =%u, fwd_oif=0 src_addr_unkown=%d", oif,
	    wad_addr_is_loopback(&p->local) && p->local.ip[0] == 0);
	WAD_DBG(SESSION, WAD_I, "TCP port=%p sock=%d vrf=0 connecting %s->%s",
	    (void *)p, fd, wad_addr_str(&p->local, a),
	    wad_addr_str(dst, b));
	if (connect(fd, (struct sockaddr *)&ss, len) == 0 ||
	    errno == EINPROGRESS) {
		p->connecting = true;
		return 0;
	}
	p->error = errno;
	return -1;
}

int
wad_tcp_port_on_connect(struct wad_tcp_port *p)
{
	char		a[WAD_ADDR_STRLEN], b[WAD_ADDR_STRLEN];

	if (p->error != 0)
		return -1;
	if (p->connecting)
		return 0;
	local_addr(p);
	WAD_DBG(SESSION, WAD_I, "TCP connection %p fd=%d connected %s->%s",
	    (void *)p, p->fd, wad_addr_str(&p->local, a),
	    wad_addr_str(&p->peer, b));
	return 1;
}

void
wad_tcp_port_adopt(struct wad_tcp_port *p, int fd, const struct wad_addr *dst)
{
	p->fd = fd;
	p->peer = *dst;
	p->connected = true;
	set_nodelay(fd);
	local_addr(p);
}

void
wad_tcp_port_start(struct wad_tcp_port *p, struct event_base *base,
    wad_wake_fn *wake, void *owner)
{
	WAD_ASSERT(p->fd != -1 && !p->events);
	p->wake = wake;
	p->owner = owner;
	event_assign(&p->ev_read, base, p->fd, EV_READ | EV_PERSIST, on_read,
	    p);
	event_assign(&p->ev_write, base, p->fd, EV_WRITE | EV_PERSIST,
	    on_write, p);
	p->events = true;
	if (p->connecting) {
		event_add(&p->ev_write, NULL);
		p->write_on = true;
		return;
	}
	set_nodelay(p->fd);
	wad_tcp_port_read_on(p, true);
}

void
wad_tcp_port_read_on(struct wad_tcp_port *p, bool on)
{
	if (p->lower != NULL) {
		p->lower->read_on(p, on);
		return;
	}
	if (!p->events || p->fd == -1)
		return;
	on = on && !p->eof && !p->reset && !p->connecting;
	if (on == p->read_on)
		return;
	if (on)
		event_add(&p->ev_read, NULL);
	else
		event_del(&p->ev_read);
	p->read_on = on;
}

static void
gone(struct wad_tcp_port *p, int error)
{
	p->reset = true;
	p->error = error;
	wad_tcp_port_read_on(p, false);
	if (p->write_on) {
		event_del(&p->ev_write);
		p->write_on = false;
	}
}

/* Sending failed.  What the peer had sent before is still in the kernel, and
 * no event will be looked at any more: takes it now.  EPIPE with an end
 * behind it: its FIN came before the reset. */
static void
last_words(struct wad_tcp_port *p, int error)
{
	ssize_t n = 1;

	while (p->events && !p->eof && p->in.len < LAST_MAX && (n > 0 ||
	    errno == EINTR)) {
		n = recv(p->fd, wad_buf_room(&p->in, WAD_BUF_BLOCK),
		    WAD_BUF_BLOCK, 0);
		wad_buf_added(&p->in, n > 0 ? (size_t)n : 0);
		p->bytes_in += n > 0 ? (uint64_t)n : 0;
		if (n == 0) {
			p->eof = error == EPIPE;
			break;
		}
	}
	gone(p, error);
}

/* Fills `in` until the kernel has no more, a turn's share or the mark. */
static void
on_read(evutil_socket_t fd, short what, void *arg)
{
	struct wad_tcp_port	*p = arg;
	size_t			 got = 0;
	size_t			 most = wad_mem_tight() ? WAD_PORT_LOW :
	    WAD_PORT_READ;
	ssize_t			 n;

	(void)what;
	WAD_CHECK(p, WAD_TCP_PORT_MAGIC);
	while (got < most && p->in.len < WAD_PORT_HIGH) {
		size_t	 room = WAD_BUF_BLOCK;
		uint8_t	*to;

		if (p->in.cap > 0) {
			room = p->in.cap - p->in.off - p->in.len;
			if (room < 4096)
				room = WAD_BUF_BLOCK;
		}
		to = wad_buf_room(&p->in, room);
		n = recv((int)fd, to, room, 0);
		wad_buf_added(&p->in, n > 0 ? (size_t)n : 0);
		if (n > 0) {
			got += (size_t)n;
			p->bytes_in += (uint64_t)n;
			if ((size_t)n < room)
				break;
			continue;
		}
		if (n == 0)
			p->eof = true;
		else if (errno == EINTR)
			continue;
		else if (errno != EAGAIN)
			gone(p, errno);
		break;
	}
	if (p->eof || p->in.len >= WAD_PORT_HIGH)
		wad_tcp_port_read_on(p, false);
	p->wake(p->owner);
}

static void
on_write(evutil_socket_t fd, short what, void *arg)
{
	struct wad_tcp_port	*p = arg;
	int			 err = 0;
	socklen_t		 len = sizeof(err);

	(void)what;
	WAD_CHECK(p, WAD_TCP_PORT_MAGIC);
	if (p->connecting) {
		if (getsockopt((int)fd, SOL_SOCKET, SO_ERROR, &err, &len) ==
		    -1)
			err = errno;
		p->connecting = false;
		event_del(&p->ev_write);
		p->write_on = false;
		if (err != 0)
			p->error = err;
		else {
			p->connected = true;
			wad_tcp_port_read_on(p, true);
		}
	} else
		wad_tcp_port_out_read_sync(p);
	p->wake(p->owner);
}

void
wad_tcp_port_out_read_sync(struct wad_tcp_port *p)
{
	size_t	sent = 0;
	bool	again = false;

	if (p->lower != NULL) {
		p->lower->sync(p);
		return;
	}
	if (p->fd == -1 || p->reset || p->connecting)
		return;
	while (p->out.len > 0) {
		ssize_t n = send(p->fd, wad_buf_bytes(&p->out), p->out.len,
		    MSG_NOSIGNAL);

		if (n == -1) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN)
				again = true;
			else
				last_words(p, errno);
			break;
		}
		wad_buf_drain(&p->out, (size_t)n);
		sent += (size_t)n;
	}
	p->bytes_out += sent;
	if (sent > 0)
		WAD_DBG(PACKET, WAD_V, "tcp_port(%p) sync %zu", (void *)p,
		    sent);
	if (p->reset)
		return;
	if (again != p->write_on && p->events) {
		if (again)
			event_add(&p->ev_write, NULL);
		else
			event_del(&p->ev_write);
		p->write_on = again;
	}
	if (p->shut_wanted && !p->shut_done && p->out.len == 0) {
		p->shut_done = true;
		(void)shutdown(p->fd, SHUT_WR);
	}
}

void
wad_tcp_port_shut(struct wad_tcp_port *p)
{
	p->shut_wanted = true;
	wad_tcp_port_out_read_sync(p);
}

static void
lower_over(struct wad_tcp_port *p, bool reset)
{
	p->lower->over(p, reset);
	p->lower = NULL;
	p->events = p->read_on = false;
	p->fd = -1;
}

static void
socket_close(struct wad_tcp_port *p)
{
	if (p->lower != NULL) {
		lower_over(p, false);
		return;
	}
	if (p->events) {
		event_del(&p->ev_read);
		event_del(&p->ev_write);
		p->events = p->read_on = p->write_on = false;
	}
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}

void
wad_tcp_port_reset(struct wad_tcp_port *p)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	if (p->fd == -1)
		return;
	if (p->lower != NULL) {
		p->reset = true;
		lower_over(p, true);
		return;
	}
	(void)setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	p->reset = true;
	socket_close(p);
}
