/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/race.c on loopback: who wins, what is told when all lose, and that
 * nothing stays open.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "port/race.h"
#include "suite.h"

static struct event_base *base;
static int		 listen_fd, n_sockets, fds_before;
static struct wad_addr	 good, closed, hangs, no_family;

struct result {
	int		calls, fd, err;
	bool		any;
	struct wad_addr	chosen;
	uint64_t	at;
};

static int
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int
listener(struct wad_addr *a)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	getsockname(fd, (struct sockaddr *)&sin, &len);
	wad_addr_from_sockaddr(a, (struct sockaddr *)&sin);
	return fd;
}

static int	full_fd, fill[8];

static void
setup(void)
{
	base = event_base_new();
	n_sockets = 0;
	listen_fd = listener(&good);
	close(listener(&closed));
	/* A queue that is full: the kernel drops the SYN, so it hangs. */
	full_fd = listener(&hangs);
	for (int i = 0; i < 8; i++) {
		struct sockaddr_storage ss;
		socklen_t len = wad_addr_to_sockaddr(&hangs, &ss);

		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (struct sockaddr *)&ss, len);
	}
	no_family = good;
	no_family.port = 1;
	fds_before = count_fds();
}

static void
teardown(void)
{
	ck_assert_int_eq(count_fds(), fds_before);
	for (int i = 0; i < 8; i++)
		close(fill[i]);
	close(full_fd);
	close(listen_fd);
	event_base_free(base);
}

static int
socket_for(void *arg, const struct wad_addr *a)
{
	(void)arg;
	n_sockets++;
	if (a->port == 1) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return socket(a->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
}

static void
on_end(void *arg, int fd, const struct wad_addr *chosen, int err)
{
	struct result *r = arg;

	r->calls++;
	r->fd = fd;
	r->err = err;
	r->at = wad_clock_ms();
	r->any = chosen != NULL;
	if (chosen != NULL)
		r->chosen = *chosen;
}

static struct result
race(const struct wad_addr *a, size_t n, unsigned stagger, unsigned timeout)
{
	struct result r = { .fd = -1 };
	uint64_t t = wad_clock_ms();

	ck_assert_ptr_nonnull(wad_race_start(base, a, n, stagger, timeout,
	    socket_for, on_end, &r));
	ck_assert_int_eq(r.calls, 0);
	ck_assert_int_eq(n_sockets, 0);
	/* Ends when the race has no event left. */
	event_base_dispatch(base);
	ck_assert_int_eq(r.calls, 1);
	r.at -= t;
	if (r.fd != -1) {
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);
		struct wad_addr peer;

		ck_assert_int_eq(getpeername(r.fd, (struct sockaddr *)&ss,
		    &len), 0);
		wad_addr_from_sockaddr(&peer, (struct sockaddr *)&ss);
		ck_assert(r.any && wad_addr_equal(&peer, &r.chosen));
		close(r.fd);
	}
	return r;
}

START_TEST(test_first)
{
	struct wad_addr a[] = { good, hangs };
	struct result r = race(a, 2, 250, 2000);

	ck_assert_int_eq(r.err, 0);
	ck_assert_int_ge(r.fd, 0);
	ck_assert_int_eq(n_sockets, 1);
}
END_TEST

START_TEST(test_failure_goes_on_at_once)
{
	struct wad_addr a[] = { no_family, closed, good };
	struct result r = race(a, 3, 3000, 9000);

	ck_assert_int_ge(r.fd, 0);
	ck_assert(wad_addr_equal(&r.chosen, &good));
	ck_assert_uint_lt(r.at, 2500);
}
END_TEST

START_TEST(test_stagger)
{
	struct wad_addr a[] = { hangs, good };
	struct result r = race(a, 2, 100, 5000);

	ck_assert_int_ge(r.fd, 0);
	ck_assert(wad_addr_equal(&r.chosen, &good));
	ck_assert_uint_ge(r.at, 99);
	ck_assert_uint_lt(r.at, 4000);
}
END_TEST

START_TEST(test_all_fail)
{
	struct wad_addr a[] = { no_family, closed, no_family };
	struct result r = race(a, 3, 50, 2000);

	ck_assert_int_eq(r.fd, -1);
	ck_assert_int_eq(r.err, ECONNREFUSED);
	ck_assert(r.any && wad_addr_equal(&r.chosen, &closed));
}
END_TEST

START_TEST(test_deadline)
{
	struct wad_addr a[] = { closed, hangs };
	struct result r = race(a, 2, 20, 150);

	ck_assert_int_eq(r.fd, -1);
	ck_assert_int_eq(r.err, ETIMEDOUT);
	ck_assert(r.any && wad_addr_equal(&r.chosen, &hangs));
	ck_assert_uint_ge(r.at, 149);
}
END_TEST

START_TEST(test_no_address)
{
	struct result r = race(NULL, 0, 250, 1000);

	ck_assert_int_eq(r.fd, -1);
	ck_assert_int_eq(r.err, EHOSTUNREACH);
	ck_assert(!r.any);
}
END_TEST

START_TEST(test_cancel)
{
	struct wad_addr a[] = { hangs, hangs };
	struct result r = { 0 };
	struct wad_race *w = wad_race_start(base, a, 2, 10, 1000, socket_for,
	    on_end, &r);

	for (int i = 0; i < 2; i++)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_gt(n_sockets, 0);
	wad_race_cancel(w);
	event_base_dispatch(base);
	ck_assert_int_eq(r.calls, 0);
	wad_race_cancel(NULL);
	/* Before it has begun. */
	wad_race_cancel(wad_race_start(base, a, 2, 10, 1000, socket_for,
	    on_end, &r));
	event_base_dispatch(base);
	ck_assert_int_eq(r.calls, 0);
}
END_TEST

START_TEST(test_many)
{
	struct wad_addr a[40];
	struct result r;

	for (int i = 0; i < 40; i++)
		a[i] = closed;
	r = race(a, 40, 5, 3000);
	ck_assert_int_eq(r.err, ECONNREFUSED);
	ck_assert_int_eq(n_sockets, WAD_RACE_ADDRS_MAX);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("race");
	TCase	*tc = tcase_create("race");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, test_first);
	tcase_add_test(tc, test_failure_goes_on_at_once);
	tcase_add_test(tc, test_stagger);
	tcase_add_test(tc, test_all_fail);
	tcase_add_test(tc, test_deadline);
	tcase_add_test(tc, test_no_address);
	tcase_add_test(tc, test_cancel);
	tcase_add_test(tc, test_many);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
