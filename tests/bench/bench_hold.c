/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds many TCP connections.
 *
 *	bench_hold serve ADDRESS PORT PROCS
 *	bench_hold open [-n COUNT] [-p PROCS] [-i USEC] SOURCE+K TARGET+M PORT
 *
 * serve takes connections (0.0.0.0: those for which no other process listens
 * at the address itself) and sends back what it gets.  open
 * makes COUNT of them, from K addresses beginning at SOURCE to M beginning at
 * TARGET, sends a byte on each and waits until it is back, and keeps them.
 * "ready" is printed first; then SIGUSR1 prints "opened=N failed=N reset=N eof=N"; with -i (one process)
 * a byte goes out and back every USEC microseconds, on one after the other,
 * and the line goes on with "pings=N p50=US p99=US max=US" of the time since
 * the line before.  Both end with SIGTERM.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, IN_FLIGHT = 32, SAMPLES = 1 << 20, FDS = 1 << 20 };

struct counts { long opened, failed, reset, eof; };
struct range { uint32_t first, n; };

static struct counts	*shared;	/* one for each process */
static struct range	 sources, targets;
static uint16_t		 port;
static int		 procs = 1, ep, timer = -1;
static long		 wanted = 100, every;
static volatile sig_atomic_t asked;

/* Of the connection at each descriptor. */
static unsigned char	 state[FDS];
enum { NONE, CONNECTING, SENT, OPEN };
static uint64_t		 sent_at[FDS];
static int		*conns;		/* those that are open, for -i */
static long		 n_conns, next_conn;
static uint32_t		 sample[SAMPLES];
static size_t		 n_samples;

static void
on_usr1(int sig)
{
	(void)sig;
	asked = 1;
}

static uint64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
watch(int fd, uint32_t events, int op)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	if (fd >= FDS || epoll_ctl(ep, op, fd, &e) == -1)
		die("epoll_ctl");
}

/* ---- serve --------------------------------------------------------------- */

static void
echo(int fd)
{
	char	buf[4096];
	ssize_t	n = read(fd, buf, sizeof(buf));

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0 || write(fd, buf, (size_t)n) != n)
		close(fd);
}

static void
serve(void)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET,
				    .sin_port = htons(port) };
	struct epoll_event	 ev[EVENTS];
	int			 one = 1, fd, n;
	int			 l = socket(AF_INET, SOCK_STREAM |
				    SOCK_NONBLOCK, 0);

	sin.sin_addr.s_addr = htonl(targets.first);
	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(l, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(l, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(l, 4096) == -1)
		die("listen");
	watch(l, EPOLLIN, EPOLL_CTL_ADD);
	for (;;) {
		n = epoll_wait(ep, ev, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd != l) {
				echo(ev[i].data.fd);
				continue;
			}
			fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
			if (fd == -1)
				continue;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
			    sizeof(one));
			watch(fd, EPOLLIN, EPOLL_CTL_ADD);
		}
	}
}

/* ---- open ---------------------------------------------------------------- */

/* The i-th connection: all pairs of addresses come in turn. */
static int
dial(long i)
{
	struct sockaddr_in	 from = { .sin_family = AF_INET };
	struct sockaddr_in	 to = { .sin_family = AF_INET,
				    .sin_port = htons(port) };
	int			 one = 1;
	int			 fd = socket(AF_INET, SOCK_STREAM |
				    SOCK_NONBLOCK, 0);

	if (fd == -1)
		die("socket");
	from.sin_addr.s_addr = htonl(sources.first +
	    (uint32_t)i % sources.n);
	to.sin_addr.s_addr = htonl(targets.first +
	    (uint32_t)(i / sources.n) % targets.n);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
	    sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		die("bind");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1 &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	state[fd] = CONNECTING;
	watch(fd, EPOLLOUT, EPOLL_CTL_ADD);
	return fd;
}

static void
over(int fd, struct counts *c, int error)
{
	if (state[fd] != OPEN)
		c->failed++;
	else if (error != 0)
		c->reset++;
	else
		c->eof++;
	state[fd] = NONE;
	close(fd);
}

static void
ping(int fd, struct counts *c)
{
	if (write(fd, "x", 1) == 1)
		sent_at[fd] = now_us();
	else
		over(fd, c, errno);
}

/* 1 when the connection is no longer being made. */
static int
event(int fd, struct counts *c)
{
	char	buf[64];
	ssize_t	n;
	int	was = state[fd];

	if (was == CONNECTING) {
		state[fd] = SENT;
		watch(fd, EPOLLIN, EPOLL_CTL_MOD);
		ping(fd, c);
		return state[fd] == NONE;
	}
	n = read(fd, buf, sizeof(buf));
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		over(fd, c, n == -1 ? errno : 0);
		return was == SENT;
	}
	if (was == OPEN && sent_at[fd] != 0 && n_samples < SAMPLES)
		sample[n_samples++] = (uint32_t)(now_us() - sent_at[fd]);
	sent_at[fd] = 0;
	state[fd] = OPEN;
	if (was == SENT) {
		c->opened++;
		if (conns != NULL)
			conns[n_conns++] = fd;
	}
	return was == SENT;
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
report(void)
{
	struct counts sum = { 0 };

	for (int i = 0; i < procs; i++) {
		sum.opened += shared[i].opened;
		sum.failed += shared[i].failed;
		sum.reset += shared[i].reset;
		sum.eof += shared[i].eof;
	}
	printf("opened=%ld failed=%ld reset=%ld eof=%ld", sum.opened,
	    sum.failed, sum.reset, sum.eof);
	if (n_samples > 0) {
		qsort(sample, n_samples, sizeof(sample[0]), by_size);
		printf(" pings=%zu p50=%u p99=%u max=%u", n_samples,
		    sample[n_samples / 2], sample[n_samples * 99 / 100],
		    sample[n_samples - 1]);
	}
	printf("\n");
	fflush(stdout);
	n_samples = 0;
}

/* The next one that waits for nothing. */
static void
ping_next(struct counts *c)
{
	for (long k = 0; k < n_conns; k++) {
		int fd = conns[next_conn++ % n_conns];

		if (state[fd] == OPEN && sent_at[fd] == 0) {
			ping(fd, c);
			return;
		}
	}
}

static void
timer_start(void)
{
	struct itimerspec ts = { .it_interval = { every / 1000000,
		every % 1000000 * 1000 } };

	ts.it_value = ts.it_interval;
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	if (timer == -1 || timerfd_settime(timer, 0, &ts, NULL) == -1)
		die("timerfd");
	watch(timer, EPOLLIN, EPOLL_CTL_ADD);
	conns = calloc((size_t)wanted, sizeof(*conns));
}

static void
hold(int index)
{
	struct counts		*c = &shared[index];
	struct epoll_event	 ev[EVENTS];
	uint64_t		 ticks;
	long			 i = index;
	int			 pending = 0, n;

	if (every > 0)
		timer_start();
	for (;;) {
		for (; i < wanted && pending < IN_FLIGHT; i += procs)
			if (dial(i) == -1)
				c->failed++;
			else
				pending++;
		n = epoll_wait(ep, ev, EVENTS, -1);
		for (int k = 0; k < n; k++) {
			if (ev[k].data.fd != timer)
				pending -= event(ev[k].data.fd, c);
			else if (read(timer, &ticks, sizeof(ticks)) > 0)
				ping_next(c);
		}
		if (asked) {
			asked = 0;
			report();
		}
	}
}

/* ---- both ---------------------------------------------------------------- */

static struct range
range(char *s)
{
	struct range	 r = { .n = 1 };
	struct in_addr	 in;
	char		*plus = strchr(s, '+');

	if (plus != NULL) {
		*plus = '\0';
		r.n = (uint32_t)strtoul(plus + 1, NULL, 10);
	}
	if (inet_pton(AF_INET, s, &in) != 1 || r.n == 0)
		exit(2);
	r.first = ntohl(in.s_addr);
	return r;
}

/* In each of the processes; the first one waits and reports. */
static void
run(void (*serving)(void))
{
	for (int i = 0; i < procs; i++) {
		if (procs > 1 && fork() != 0)
			continue;
		if (procs > 1) {
			signal(SIGUSR1, SIG_IGN);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
		}
		ep = epoll_create1(0);
		if (serving != NULL)
			serving();
		hold(i);
	}
	for (;;) {
		sigset_t none;

		sigemptyset(&none);
		sigsuspend(&none);
		if (asked)
			report();
		asked = 0;
	}
}

int
main(int argc, char **argv)
{
	struct rlimit	r;
	int		c;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, on_usr1);
	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (argc == 5 && strcmp(argv[1], "serve") == 0) {
		targets = range(argv[2]);
		port = (uint16_t)atoi(argv[3]);
		procs = atoi(argv[4]);
		run(serve);
	}
	if (argc < 2 || strcmp(argv[1], "open") != 0)
		return 2;
	argc--, argv++;
	while ((c = getopt(argc, argv, "n:p:i:")) != -1)
		switch (c) {
		case 'n': wanted = atol(optarg); break;
		case 'p': procs = atoi(optarg); break;
		case 'i': every = atol(optarg); break;
		default: return 2;
		}
	if (argc - optind != 3 || procs < 1 || wanted < 1 ||
	    (every > 0 && procs != 1))
		return 2;
	sources = range(argv[optind]);
	targets = range(argv[optind + 1]);
	port = (uint16_t)atoi(argv[optind + 2]);
	printf("ready\n");
	fflush(stdout);
	shared = mmap(NULL, (size_t)procs * sizeof(*shared), PROT_READ |
	    PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	run(NULL);
}
