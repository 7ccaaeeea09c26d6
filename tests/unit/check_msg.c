/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages: writing and reading, damaged packets, channels that queue, hand
 * descriptors over and go down.
 */
#include <sys/socket.h>

#include <check.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/msg.h"
#include "suite.h"

/* The packet that a message becomes, by a real socket. */
static size_t
packet(const struct wad_msg *m, uint8_t *buf)
{
	int	fd[2];
	ssize_t n;

	ck_assert_int_eq(wad_msg_pair(fd), 0);
	ck_assert_int_eq(wad_msg_send_wait(fd[0], m), 0);
	n = recv(fd[1], buf, WAD_MSG_MAX, 0);
	ck_assert_int_gt(n, 0);
	close(fd[0]);
	close(fd[1]);
	return (size_t)n;
}

static void
sample(struct wad_msg *m)
{
	struct wad_addr a;

	ck_assert_int_eq(wad_addr_parse_port(&a, "[2001:db8::1]:443"), 0);
	wad_msg_init(m, WAD_MSG_EXPLAIN, 77);
	wad_msg_add_u32(m, 0xfedcba98);
	wad_msg_add_u64(m, UINT64_MAX - 1);
	wad_msg_add_str(m, "name");
	wad_msg_add_str(m, NULL);
	wad_msg_add_blob(m, "a\0b", 3);
	wad_msg_add_blob(m, NULL, 0);
	wad_msg_add_addr(m, &a);
}

START_TEST(test_fields)
{
	static uint8_t	 buf[WAD_MSG_MAX];
	struct wad_msg	 m;
	struct wad_msg_in in;
	struct wad_addr	 a;
	uint32_t	 u32;
	uint64_t	 u64;
	const char	*s;
	const void	*b;
	size_t		 n;
	char		 text[WAD_ADDR_STRLEN];

	sample(&m);
	n = packet(&m, buf);
	wad_msg_free(&m);
	ck_assert_int_eq(wad_msg_parse(&in, buf, n), 0);
	ck_assert_int_eq(in.type, WAD_MSG_EXPLAIN);
	ck_assert_uint_eq(in.id, 77);
	ck_assert_int_eq(wad_msg_end(&in), -1);	/* not read yet */
	ck_assert_int_eq(wad_msg_get_u32(&in, &u32), 0);
	ck_assert_uint_eq(u32, 0xfedcba98);
	ck_assert_int_eq(wad_msg_get_u64(&in, &u64), 0);
	ck_assert(u64 == UINT64_MAX - 1);
	ck_assert_int_eq(wad_msg_get_str(&in, &s), 0);
	ck_assert_str_eq(s, "name");
	ck_assert_int_eq(wad_msg_get_str(&in, &s), 0);
	ck_assert_str_eq(s, "");
	ck_assert_int_eq(wad_msg_get_blob(&in, &b, &n), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_mem_eq(b, "a\0b", 3);
	ck_assert_int_eq(wad_msg_get_blob(&in, &b, &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(wad_msg_get_addr(&in, &a), 0);
	ck_assert_str_eq(wad_addr_str(&a, text), "[2001:db8::1]:443");
	ck_assert_int_eq(wad_msg_end(&in), 0);
	ck_assert_int_eq(wad_msg_get_u32(&in, &u32), -1);
	ck_assert_int_eq(wad_msg_end(&in), -1);	/* for good */
}
END_TEST

/* Cut anywhere: an error, never a read beyond the end. */
START_TEST(test_cut)
{
	static uint8_t	 buf[WAD_MSG_MAX];
	struct wad_msg	 m;
	struct wad_msg_in in;
	struct wad_addr	 a;
	uint32_t	 u32;
	uint64_t	 u64;
	const char	*s;
	const void	*b;
	size_t		 n, len, cut;

	sample(&m);
	len = packet(&m, buf);
	wad_msg_free(&m);
	for (cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut + 1);

		memcpy(copy, buf, cut);
		if (wad_msg_parse(&in, copy, cut) == 0) {
			wad_msg_get_u32(&in, &u32);
			wad_msg_get_u64(&in, &u64);
			wad_msg_get_str(&in, &s);
			wad_msg_get_str(&in, &s);
			wad_msg_get_blob(&in, &b, &n);
			wad_msg_get_blob(&in, &b, &n);
			wad_msg_get_addr(&in, &a);
			ck_assert_int_eq(wad_msg_end(&in), -1);
		}
		free(copy);
	}
}
END_TEST

START_TEST(test_wrong)
{
	static uint8_t	 buf[WAD_MSG_MAX];
	struct wad_msg	 m;
	struct wad_msg_in in;
	uint32_t	 u32;
	const char	*s;
	size_t		 n;

	/* Another type than what is there. */
	wad_msg_init(&m, WAD_MSG_HELLO, 0);
	wad_msg_add_str(&m, "x");
	n = packet(&m, buf);
	wad_msg_free(&m);
	ck_assert_int_eq(wad_msg_parse(&in, buf, n), 0);
	ck_assert_int_eq(wad_msg_get_u32(&in, &u32), -1);
	ck_assert_int_eq(wad_msg_get_str(&in, &s), -1);

	/* A NUL inside a string; the text starts behind header, tag, length. */
	wad_msg_init(&m, WAD_MSG_HELLO, 0);
	wad_msg_add_str(&m, "abc");
	n = packet(&m, buf);
	wad_msg_free(&m);
	buf[8 + 1 + 4 + 1] = '\0';
	ck_assert_int_eq(wad_msg_parse(&in, buf, n), 0);
	ck_assert_int_eq(wad_msg_get_str(&in, &s), -1);

	/* A length beyond the end; an unknown type of message. */
	buf[8 + 1] = 0xff;
	ck_assert_int_eq(wad_msg_parse(&in, buf, n), 0);
	ck_assert_int_eq(wad_msg_get_str(&in, &s), -1);
	buf[0] = buf[1] = 0xff;
	ck_assert_int_eq(wad_msg_parse(&in, buf, n), -1);
}
END_TEST

struct end {
	struct event_base *base;
	struct wad_chan	*chan;
	unsigned	 got, downs, fds;
	uint32_t	 next;
	int		 answer;
	bool		 free_self;
};

static int
on_msg(void *arg, struct wad_chan *ch, struct wad_msg_in *m)
{
	struct end	*e = arg;
	uint32_t	 v;
	int		 fd;

	ck_assert_int_eq(wad_msg_get_u32(m, &v), 0);
	ck_assert_uint_eq(v, e->next++);
	e->got++;
	if ((fd = wad_msg_take_fd(m)) != -1) {
		e->fds++;
		ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		close(fd);
	}
	if (e->free_self) {
		wad_chan_free(ch);
		e->chan = NULL;
	}
	return e->answer;
}

static void
on_down(void *arg, struct wad_chan *ch)
{
	struct end *e = arg;

	ck_assert_ptr_eq(ch, e->chan);
	e->downs++;
	wad_chan_free(ch);
	e->chan = NULL;
}

static void
setup_pair(struct event_base *base, struct end *a, struct end *b)
{
	int fd[2];

	memset(a, 0, sizeof(*a));
	memset(b, 0, sizeof(*b));
	ck_assert_int_eq(wad_msg_pair(fd), 0);
	a->chan = wad_chan_new(base, fd[0], "a", on_msg, on_down, a);
	b->chan = wad_chan_new(base, fd[1], "b", on_msg, on_down, b);
}

static void
turn(struct event_base *base)
{
	int i;

	for (i = 0; i < 40; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static int
open_fds(void)
{
	int i, n = 0;

	for (i = 0; i < 256; i++)
		n += fcntl(i, F_GETFD) != -1;
	return n;
}

/* More than the socket holds: queued, in order, with descriptors. */
START_TEST(test_queue)
{
	struct event_base *base = event_base_new();
	static char	 big[100000];
	struct end	 a, b;
	struct wad_msg	 m;
	uint32_t	 i;
	int		 before = open_fds();

	setup_pair(base, &a, &b);
	for (i = 0; i < 60; i++) {
		wad_msg_init(&m, WAD_MSG_CTL_STATUS, 0);
		wad_msg_add_u32(&m, i);
		wad_msg_add_blob(&m, big, sizeof(big));
		if (i % 3 == 0)
			wad_msg_add_fd(&m, 0);
		ck_assert_int_eq(wad_chan_send(a.chan, &m), 0);
		wad_msg_free(&m);
	}
	turn(base);
	ck_assert_uint_eq(b.got, 60);
	ck_assert_uint_eq(b.fds, 20);
	/* A full queue says so. */
	wad_msg_init(&m, WAD_MSG_CTL_STATUS, 0);
	wad_msg_add_u32(&m, 0);
	wad_msg_add_blob(&m, big, sizeof(big));
	for (i = 0; i < 200; i++)
		if (wad_chan_send(a.chan, &m) == -1)
			break;
	ck_assert_uint_gt(i, 60);
	ck_assert_uint_lt(i, 200);
	wad_msg_free(&m);
	wad_chan_free(a.chan);
	wad_chan_free(b.chan);
	ck_assert_int_eq(open_fds(), before);
	event_base_free(base);
}
END_TEST

START_TEST(test_down)
{
	struct event_base *base = event_base_new();
	struct end	 a, b;
	struct wad_msg	 m;

	/* The other end closes: down once, sending fails. */
	setup_pair(base, &a, &b);
	wad_chan_free(b.chan);
	turn(base);
	ck_assert_uint_eq(a.downs, 1);
	ck_assert_ptr_null(a.chan);

	/* A handler that says the message is bad. */
	setup_pair(base, &a, &b);
	b.answer = -1;
	wad_msg_init(&m, WAD_MSG_CTL_STATUS, 0);
	wad_msg_add_u32(&m, 0);
	ck_assert_int_eq(wad_chan_send(a.chan, &m), 0);
	turn(base);
	ck_assert_uint_eq(b.downs, 1);
	ck_assert_uint_eq(a.downs, 1);

	/* A handler that frees its own channel. */
	setup_pair(base, &a, &b);
	b.free_self = true;
	ck_assert_int_eq(wad_chan_send(a.chan, &m), 0);
	turn(base);
	ck_assert_uint_eq(b.got, 1);
	ck_assert_uint_eq(b.downs, 0);
	ck_assert_uint_eq(a.downs, 1);
	wad_msg_free(&m);

	/* Not a packet of ours. */
	{
		int fd[2];

		memset(&a, 0, sizeof(a));
		ck_assert_int_eq(wad_msg_pair(fd), 0);
		a.chan = wad_chan_new(base, fd[0], "a", on_msg, on_down, &a);
		ck_assert_int_eq(send(fd[1], "xyz", 3, 0), 3);
		turn(base);
		ck_assert_uint_eq(a.downs, 1);
		close(fd[1]);
	}
	event_base_free(base);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("msg");
	TCase	*t = tcase_create("msg");

	tcase_add_test(t, test_fields);
	tcase_add_test(t, test_cut);
	tcase_add_test(t, test_wrong);
	tcase_add_test(t, test_queue);
	tcase_add_test(t, test_down);
	suite_add_tcase(s, t);
	return suite_run(s);
}
