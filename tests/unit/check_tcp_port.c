/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp_port.c over loopback TCP and socket pairs: bytes, marks, FIN, RST,
 * half close, connecting, moving, the pool.
 */
#include <check.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/tcp_port.h"
#include "loop_wait.h"
#include "suite.h"

static struct wad_tcp_port	*port;
static int			 peer, wakes;

static void
on_wake(void *owner)
{
	ck_assert_ptr_eq(owner, &wakes);
	wakes++;
}

static int
listener(struct wad_addr *a)
{
	struct sockaddr_storage	ss;
	socklen_t		len;
	int			fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(wad_addr_parse(a, "127.0.0.1"), 0);
	len = wad_addr_to_sockaddr(a, &ss);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	len = sizeof(ss);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	ck_assert_int_eq(wad_addr_from_sockaddr(a, (struct sockaddr *)&ss),
	    0);
	return fd;
}

static int
client(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

/* port and peer: a connected pair over loopback, port accepted. */
static void
setup(void)
{
	struct sockaddr_storage	ss;
	struct wad_addr		a;
	int			l = listener(&a), fd;
	socklen_t		len = wad_addr_to_sockaddr(&a, &ss);

	base = event_base_new();
	peer = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(peer, (struct sockaddr *)&ss, len), 0);
	fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	close(l);
	port = wad_tcp_port_alloc();
	ck_assert_int_eq(wad_tcp_port_learn_v4_session(port, fd, false, 0),
	    0);
	wad_tcp_port_start(port, base, on_wake, &wakes);
	wakes = 0;
}

static void
teardown(void)
{
	wad_tcp_port_put(port);
	if (peer != -1)
		close(peer);
	event_base_free(base);
	ck_assert_uint_eq(wad_tcp_port_in_use(), 0);
}

START_TEST(addresses)
{
	struct sockaddr_storage	ss;
	socklen_t		len = sizeof(ss);
	struct wad_addr		a;

	ck_assert(port->connected);
	ck_assert_int_eq(getsockname(peer, (struct sockaddr *)&ss, &len), 0);
	ck_assert_int_eq(wad_addr_from_sockaddr(&a, (struct sockaddr *)&ss),
	    0);
	ck_assert(wad_addr_equal(&a, &port->peer));
	len = sizeof(ss);
	ck_assert_int_eq(getpeername(peer, (struct sockaddr *)&ss, &len), 0);
	ck_assert_int_eq(wad_addr_from_sockaddr(&a, (struct sockaddr *)&ss),
	    0);
	ck_assert(wad_addr_equal(&a, &port->local));
}
END_TEST

START_TEST(not_ip)
{
	struct wad_tcp_port	*p = wad_tcp_port_alloc();
	int			 sv[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	ck_assert_int_eq(wad_tcp_port_learn_v4_session(p, sv[0], false, 0),
	    -1);
	wad_tcp_port_put(p);		/* closes it all the same */
	ck_assert_int_eq(fcntl(sv[0], F_GETFD), -1);
	close(sv[1]);
}
END_TEST

START_TEST(both_ways)
{
	char buf[8];

	ck_assert_int_eq(write(peer, "hello", 5), 5);
	WAIT_FOR(port->in.len == 5);
	ck_assert_mem_eq(wad_buf_bytes(&port->in), "hello", 5);
	ck_assert_int_eq(wakes, 1);
	ck_assert_uint_eq(port->bytes_in, 5);
	wad_buf_add(&port->out, "world", 5);
	wad_tcp_port_out_read_sync(port);
	ck_assert_uint_eq(port->out.len, 0);
	ck_assert_uint_eq(port->bytes_out, 5);
	ck_assert_int_eq(read(peer, buf, 8), 5);
	ck_assert_mem_eq(buf, "world", 5);
	/* an idle connection holds no memory */
	wad_buf_drain(&port->in, 5);
	turn();
	ck_assert_ptr_null(port->in.p);
	ck_assert_ptr_null(port->out.p);
}
END_TEST

START_TEST(reading_stops_at_the_mark)
{
	static char	big[8 * 1024 * 1024];
	size_t		seen;
	ssize_t		n;

	fcntl(peer, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 200; i++) {
		while ((n = write(peer, big, sizeof(big))) > 0)
			;
		turn();
	}
	ck_assert_uint_ge(port->in.len, WAD_PORT_HIGH);
	ck_assert_uint_lt(port->in.len, WAD_PORT_HIGH + WAD_PORT_READ);
	ck_assert(!port->read_on);
	seen = port->in.len;
	turn();
	ck_assert_uint_eq(port->in.len, seen);
	/* drained and told to go on: it does */
	wad_buf_drain(&port->in, port->in.len);
	wad_tcp_port_read_on(port, true);
	WAIT_FOR(port->in.len > 0);
	/* told to stop */
	wad_tcp_port_read_on(port, false);
	seen = port->in.len;
	turn();
	ck_assert_uint_eq(port->in.len, seen);
}
END_TEST

START_TEST(one_turn_has_a_share)
{
	static char	big[WAD_PORT_HIGH];
	ssize_t		n = write(peer, big, sizeof(big));

	ck_assert_int_eq(n, (ssize_t)sizeof(big));
	usleep(20000);
	event_base_loop(base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
	ck_assert_uint_gt(port->in.len, 0);
	ck_assert_uint_lt(port->in.len, WAD_PORT_READ + WAD_BUF_BLOCK);
}
END_TEST

START_TEST(slow_reader)
{
	static char	chunk[65536], got[65536];
	size_t		n_in = 0, n_out = 0;
	ssize_t		n;

	fcntl(peer, F_SETFL, O_NONBLOCK);
	while (n_in < 16 * 1024 * 1024) {
		for (size_t i = 0; i < sizeof(chunk); i++)
			chunk[i] = (char)((n_in + i) * 31 >> 3);
		wad_buf_add(&port->out, chunk, sizeof(chunk));
		n_in += sizeof(chunk);
		wad_tcp_port_out_read_sync(port);
	}
	ck_assert_uint_gt(port->out.len, 0);
	ck_assert(port->write_on);
	wad_tcp_port_shut(port);
	ck_assert(port->shut_wanted && !port->shut_done);
	for (;;) {
		n = read(peer, got, sizeof(got));
		if (n == 0)
			break;
		if (n < 0) {
			ck_assert_int_eq(errno, EAGAIN);
			turn();
			continue;
		}
		for (ssize_t i = 0; i < n; i++, n_out++)
			if (got[i] != (char)(n_out * 31 >> 3))
				ck_abort_msg("byte %zu", n_out);
	}
	/* all of it, then FIN */
	ck_assert_uint_eq(n_out, n_in);
	ck_assert(port->shut_done);
	ck_assert(!port->write_on);
	ck_assert_uint_eq(port->bytes_out, n_in);
}
END_TEST

START_TEST(fin_then_half_close)
{
	char buf[8];

	ck_assert_int_eq(write(peer, "bye", 3), 3);
	shutdown(peer, SHUT_WR);
	WAIT_FOR(port->eof);
	ck_assert_uint_eq(port->in.len, 3);
	ck_assert(!port->reset && !port->read_on);
	ck_assert_int_eq(port->error, 0);
	/* no storm of wakes after the FIN */
	wakes = 0;
	for (int i = 0; i < 5; i++)
		turn();
	ck_assert_int_eq(wakes, 0);
	wad_tcp_port_read_on(port, true);
	ck_assert(!port->read_on);
	wad_buf_add(&port->out, "later", 5);
	wad_tcp_port_out_read_sync(port);
	ck_assert_int_eq(read(peer, buf, 8), 5);
	wad_tcp_port_shut(port);
	ck_assert(port->shut_done);
	ck_assert_int_eq(read(peer, buf, 8), 0);
	wad_tcp_port_shut(port);	/* again: nothing */
}
END_TEST

static void
peer_rst(void)
{
	struct linger l = { 1, 0 };

	setsockopt(peer, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(peer);
	peer = -1;
}

START_TEST(rst_while_reading)
{
	peer_rst();
	WAIT_FOR(port->reset);
	ck_assert_int_eq(port->error, ECONNRESET);
	ck_assert(!port->eof && !port->read_on && !port->write_on);
	wakes = 0;
	turn();
	ck_assert_int_eq(wakes, 0);
	wad_buf_add(&port->out, "x", 1);
	wad_tcp_port_out_read_sync(port);	/* nothing, no signal */
	wad_tcp_port_shut(port);
	ck_assert(!port->shut_done);
}
END_TEST

START_TEST(rst_while_writing)
{
	wad_tcp_port_read_on(port, false);
	peer_rst();
	usleep(20000);
	for (int i = 0; i < 3 && !port->reset; i++) {
		wad_buf_add(&port->out, "x", 1);
		wad_tcp_port_out_read_sync(port);
	}
	ck_assert(port->reset);
	ck_assert(port->error == ECONNRESET || port->error == EPIPE);
}
END_TEST

START_TEST(our_rst)
{
	char buf[8];

	wad_buf_add(&port->out, "lost", 4);
	wad_tcp_port_reset(port);
	ck_assert(port->reset);
	ck_assert_int_eq(port->fd, -1);
	ck_assert_int_eq(read(peer, buf, 8), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	wad_tcp_port_reset(port);
	wad_tcp_port_read_on(port, true);
	wad_tcp_port_out_read_sync(port);
	turn();
}
END_TEST

START_TEST(connecting)
{
	struct wad_tcp_port	*p = wad_tcp_port_alloc();
	struct wad_addr		 a;
	int			 l = listener(&a);

	ck_assert_int_eq(wad_tcp_port_connect_with_fd(p, client(), &a, 0), 0);
	ck_assert(p->connecting && !p->connected);
	ck_assert_int_eq(wad_tcp_port_on_connect(p), 0);
	wad_tcp_port_start(p, base, on_wake, &wakes);
	wad_buf_add(&p->out, "early", 5);
	wad_tcp_port_out_read_sync(p);	/* waits for the connection */
	WAIT_FOR(!p->connecting);
	ck_assert_int_eq(wakes, 1);
	ck_assert_int_eq(wad_tcp_port_on_connect(p), 1);
	ck_assert(p->connected && p->read_on);
	ck_assert(wad_addr_equal(&p->peer, &a));
	ck_assert_uint_ne(p->local.port, 0);
	wad_tcp_port_out_read_sync(p);
	ck_assert_uint_eq(p->out.len, 0);
	wad_tcp_port_put(p);
	close(l);
}
END_TEST

START_TEST(refused)
{
	struct wad_tcp_port	*p = wad_tcp_port_alloc();
	struct wad_addr		 a;
	int			 l = listener(&a), r;

	close(l);
	r = wad_tcp_port_connect_with_fd(p, client(), &a, 0);
	if (r == 0) {
		wad_tcp_port_start(p, base, on_wake, &wakes);
		WAIT_FOR(!p->connecting);
	}
	ck_assert_int_eq(wad_tcp_port_on_connect(p), -1);
	ck_assert_int_eq(p->error, ECONNREFUSED);
	ck_assert(!p->connected);
	wakes = 0;
	turn();
	ck_assert_int_eq(wakes, 0);
	wad_tcp_port_put(p);
}
END_TEST

START_TEST(cannot_connect_at_once)
{
	struct wad_tcp_port	*p = wad_tcp_port_alloc();
	struct wad_addr		 a;

	ck_assert_int_eq(wad_addr_parse_port(&a, "[::1]:1"), 0);
	/* an IPv4 socket to an IPv6 address */
	ck_assert_int_eq(wad_tcp_port_connect_with_fd(p, client(), &a, 0),
	    -1);
	ck_assert_int_ne(p->error, 0);
	ck_assert_int_eq(wad_tcp_port_on_connect(p), -1);
	wad_tcp_port_put(p);
}
END_TEST

START_TEST(binding)
{
	struct wad_tcp_port	*p = wad_tcp_port_alloc();
	struct wad_addr		 a, src;
	int			 l = listener(&a), fd = client();

	ck_assert_int_eq(wad_addr_parse(&src, "127.0.0.7"), 0);
	ck_assert_int_eq(wad_tcp_port_bind(p, fd, &src, &src, true), 0);
	ck_assert_int_eq(wad_tcp_port_connect_with_fd(p, fd, &a, 0), 0);
	wad_tcp_port_start(p, base, on_wake, &wakes);
	WAIT_FOR(p->connected);
	ck_assert_int_eq(wad_tcp_port_on_connect(p), 1);
	ck_assert(wad_addr_ip_equal(&p->local, &src));
	wad_tcp_port_put(p);

	/* a port that is taken: any other */
	p = wad_tcp_port_alloc();
	fd = client();
	src = a;
	ck_assert_int_eq(wad_tcp_port_bind(p, fd, &src, &src, false), 0);
	ck_assert_uint_eq(src.port, 0);
	close(fd);
	/* an address that is not ours */
	fd = client();
	ck_assert_int_eq(wad_addr_parse(&src, "192.0.2.1"), 0);
	ck_assert_int_eq(wad_tcp_port_bind(p, fd, &src, &src, false), -1);
	close(fd);
	wad_tcp_port_put(p);
	close(l);
}
END_TEST

START_TEST(adopting)
{
	struct wad_tcp_port	*p = wad_tcp_port_alloc();
	struct sockaddr_storage	 ss;
	struct wad_addr		 a;
	int			 l = listener(&a), fd = socket(AF_INET,
				    SOCK_STREAM, 0);
	socklen_t		 len = wad_addr_to_sockaddr(&a, &ss);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	wad_tcp_port_adopt(p, fd, &a);
	ck_assert(p->connected && !p->connecting);
	ck_assert(wad_addr_equal(&p->peer, &a));
	ck_assert_int_eq(wad_tcp_port_on_connect(p), 1);
	wad_tcp_port_start(p, base, on_wake, &wakes);
	ck_assert(p->read_on);
	wad_tcp_port_put(p);
	close(l);
}
END_TEST

START_TEST(moving)
{
	struct wad_tcp_port	*from = wad_tcp_port_alloc(),
				*to = wad_tcp_port_alloc();
	struct wad_addr		 a;
	int			 sv[2];
	char			 buf[4];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    sv), 0);
	ck_assert_int_eq(wad_addr_parse_port(&a, "192.0.2.9:9"), 0);
	from->fd = sv[0];
	from->peer = from->local = a;
	from->connected = true;
	wad_buf_add(&from->in, "read", 4);
	wad_tcp_port_move(to, from);
	ck_assert_int_eq(from->fd, -1);
	wad_tcp_port_put(from);
	ck_assert_int_eq(to->fd, sv[0]);
	ck_assert(to->connected && wad_addr_equal(&to->peer, &a));
	ck_assert_mem_eq(wad_buf_bytes(&to->in), "read", 4);
	wad_tcp_port_start(to, base, on_wake, &wakes);
	ck_assert_int_eq(write(sv[1], "more", 4), 4);
	WAIT_FOR(to->in.len == 8);
	wad_buf_add(&to->out, "out", 3);
	wad_tcp_port_out_read_sync(to);
	ck_assert_int_eq(read(sv[1], buf, 4), 3);
	wad_tcp_port_put(to);
	ck_assert_int_eq(read(sv[1], buf, 4), 0);	/* closed with it */
	close(sv[1]);
}
END_TEST

START_TEST(pool)
{
	struct wad_tcp_port	*p[300];
	unsigned		 before = wad_tcp_port_in_use();

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 300; i++) {
			p[i] = wad_tcp_port_alloc();
			ck_assert_int_eq(p[i]->fd, -1);
			ck_assert(!p[i]->eof && !p[i]->reset &&
			    p[i]->in.len == 0 && p[i]->bytes_in == 0);
			p[i]->eof = p[i]->reset = true;
			p[i]->bytes_in = 5;
			wad_buf_add(&p[i]->in, "x", 1);
		}
		ck_assert_uint_eq(wad_tcp_port_in_use(), before + 300);
		for (int i = 0; i < 300; i++)
			wad_tcp_port_put(p[i]);
		ck_assert_uint_eq(wad_tcp_port_in_use(), before);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("tcp_port");
	TCase	*t = tcase_create("tcp_port");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 20);
	tcase_add_test(t, addresses);
	tcase_add_test(t, not_ip);
	tcase_add_test(t, both_ways);
	tcase_add_test(t, reading_stops_at_the_mark);
	tcase_add_test(t, one_turn_has_a_share);
	tcase_add_test(t, slow_reader);
	tcase_add_test(t, fin_then_half_close);
	tcase_add_test(t, rst_while_reading);
	tcase_add_test(t, rst_while_writing);
	tcase_add_test(t, our_rst);
	tcase_add_test(t, connecting);
	tcase_add_test(t, refused);
	tcase_add_test(t, cannot_connect_at_once);
	tcase_add_test(t, binding);
	tcase_add_test(t, adopting);
	tcase_add_test(t, moving);
	tcase_add_test(t, pool);
	suite_add_tcase(s, t);
	return suite_run(s);
}
