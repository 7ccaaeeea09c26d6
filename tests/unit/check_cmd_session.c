/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_session.c with a worker that the test plays: lists, counts, filters,
 * clear and delete over a socket pair, and a table of 200,000 sessions that
 * the real wadctl fetches while another console goes on.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "control/console.h"
#include "session_slot.h"
#include "suite.h"

static struct event_base	*base;
static struct wad_control	 ctl;
static struct wad_slot_seg	*seg;
static struct wad_chan		*worker_end;
static struct wad_conf		 conf;
static bool			 worker_mute;	/* gives no answer */
static unsigned			 n_fresh, n_clear;
static struct wad_session_filter cleared_by;
static uint32_t			 cleared_serial;

/* The worker: says what it was asked and how many sessions it ended. */
static int
worker_message(void *arg, struct wad_chan *ch, struct wad_msg_in *in)
{
	struct wad_msg	 m;
	const void	*blob;
	size_t		 len;

	(void)arg;
	wad_msg_init(&m, WAD_MSG_WORKER_SAID, in->id);
	wad_msg_add_u32(&m, 1);
	if (in->type == WAD_MSG_SESSIONS_FRESH) {
		n_fresh++;
		wad_msg_add_str(&m, "");
	} else {
		ck_assert_int_eq(in->type, WAD_MSG_SESSIONS_CLEAR);
		ck_assert_int_eq(wad_msg_get_blob(in, &blob, &len), 0);
		ck_assert_uint_eq(len, sizeof(cleared_by));
		memcpy(&cleared_by, blob, len);
		ck_assert(wad_session_filter_sane(&cleared_by));
		ck_assert_int_eq(wad_msg_get_u32(in, &cleared_serial), 0);
		wad_msg_add_str(&m, cleared_serial == 0x16a0 ||
		    cleared_serial == 0 ? "1" : "0");
		n_clear++;
	}
	if (!worker_mute)
		ck_assert_int_eq(wad_chan_send(ch, &m), 0);
	wad_msg_free(&m);
	return 0;
}

static int
control_message(void *arg, struct wad_chan *ch, struct wad_msg_in *in)
{
	(void)arg;
	(void)ch;
	wad_ask_answer(ctl.asks, in);
	return 0;
}

static void
down(void *arg, struct wad_chan *ch)
{
	(void)arg;
	(void)ch;
}

static void
setup(void)
{
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	ck_assert_int_eq(wad_control_setup(&ctl, base, NULL), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	worker_end = wad_chan_new(base, fd[0], "control", worker_message,
	    down, NULL);
	ctl.workers[0] = wad_chan_new(base, fd[1], "worker 0",
	    control_message, down, NULL);
	seg = mmap(NULL, sizeof(*seg), PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(seg, MAP_FAILED);
	wad_slot_attach(seg);
	strcpy(ctl.rings[0].role, "control");
	strcpy(ctl.rings[1].role, "worker");
	ctl.rings[1].sessions = seg;
	ctl.n_rings = 2;
	memset(&conf, 0, sizeof(conf));
	conf.timers.session_ttl = 3600;
	ctl.conf = &conf;
	worker_mute = false;
	n_fresh = n_clear = 0;
}

static void
teardown(void)
{
	struct wad_chan *w = ctl.workers[0];

	ctl.rings[1].sessions = NULL;
	wad_control_clear(&ctl);
	if (w != NULL)
		wad_chan_free(w);
	wad_chan_free(worker_end);
	wad_slot_attach(NULL);
	munmap(seg, sizeof(*seg));
	event_base_free(base);
}

/* Puts a session in: slot_make's with another serial. */
static struct wad_slot *
put(uint32_t serial, const char *src, const char *dst, const char *nat)
{
	struct wad_slot	*s = wad_slot_take(serial), made;

	ck_assert_ptr_nonnull(s);
	slot_make(&made, src, dst, nat);
	made.serial = serial;
	made.seq = s->seq;
	made.born_ms = wad_clock_ms();
	made.last_ms = made.born_ms;
	*s = made;
	return s;
}

static int
open_console(void)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	ck_assert_ptr_nonnull(wad_console_new(&ctl, fd[1]));
	return fd[0];
}

static void
spin(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

static void
take(int fd, char *buf, size_t n)
{
	for (int tries = 0; n > 0 && tries < 2000; tries++) {
		ssize_t r = read(fd, buf, n);

		ck_assert_int_ne(r, 0);
		if (r > 0) {
			buf += r;
			n -= (size_t)r;
		} else
			spin(5);
	}
	ck_assert_uint_eq(n, 0);
}

/* Runs a command; all parts of its answer in buf, its status. */
static int
run(int fd, const char *line, char *buf, size_t size)
{
	unsigned	len, at = 0;
	int		status = WAD_CTL_PART;
	char		head[14];

	ck_assert_int_eq(write(fd, line, strlen(line)),
	    (ssize_t)strlen(line));
	ck_assert_int_eq(write(fd, "\n", 1), 1);
	while (status == WAD_CTL_PART) {
		take(fd, head, 13);
		head[13] = '\0';
		ck_assert_int_eq(sscanf(head, "%d %u", &status, &len), 2);
		ck_assert_uint_lt(at + len + 1, size);
		take(fd, buf + at, len + 1);
		at += len;
		buf[at] = '\0';
	}
	return status;
}

static char buf[1 << 20];

#define OK(fd, line)							\
	ck_assert_msg(run(fd, line, buf, sizeof(buf)) == WAD_CTL_OK,	\
	    "%s: %s", line, buf)
#define HAS(text)							\
	ck_assert_msg(strstr(buf, text) != NULL, "no %s in %s", text, buf)
#define HASNT(text)							\
	ck_assert_msg(strstr(buf, text) == NULL, "%s in %s", text, buf)

START_TEST(lists)
{
	int a = open_console(), b = open_console();

	OK(a, "diagnose sys session list");
	ck_assert_str_eq(buf, "total session 0");
	ck_assert_uint_eq(n_fresh, 1);
	put(1, "10.0.0.1:1000", "1.1.1.1:443", "10.9.0.1:5000");
	put(2, "10.0.0.2:1000", "2.2.2.2:80", "");
	wad_slot_release(put(3, "10.0.0.3:1000", "3.3.3.3:443", ""));
	put(4, "[fd00::4]:1000", "[fd00::1]:443", "");
	OK(a, "diagnose sys session list");
	HAS("serial=00000001");
	HAS("serial=00000002");
	HASNT("serial=00000003");
	HASNT("session6");
	HAS("\n\nsession info: ");
	HAS("\n\ntotal session 2");
	OK(a, "diagnose sys session6 list");
	HAS("session6 info: ");
	HAS("serial=00000004");
	HAS("\n\ntotal session 1");
	/* a filter belongs to its console and its family */
	OK(a, "diagnose sys session filter dport 443");
	ck_assert_str_eq(buf, "");
	OK(a, "diagnose sys session list");
	HAS("total session 1");
	OK(b, "diagnose sys session list");
	HAS("total session 2");
	OK(a, "diagnose sys session6 list");
	HAS("total session 1");
	OK(a, "diagnose sys session6 filter src fd00::5");
	OK(a, "get system session list");
	HAS("PROTO   EXPIRE SOURCE ");
	HAS("10.0.0.1:1000    10.9.0.1:5000 ");
	HASNT("10.0.0.2");
	HASNT("fd00::4");
	OK(a, "get system session-info list");
	HAS("10.0.0.1:1000    10.9.0.1:5000 ");
	OK(a, "diagnose wad session list");
	HAS("Session: transparent proxy [fd00::4]:1000");
	HAS("id=2 worker=0");
	OK(a, "diagnose sys session list | grep serial");
	ck_assert_str_eq(buf, "serial=00000001 tos=ff/ff app_list=0 app=0 "
	    "url_cat=142");
	/* the study page's layout */
	conf.console.study = true;
	OK(a, "diagnose sys session list");
	HAS("orig src: 10.0.0.1:1000 10.9.0.1:5000\n");
	OK(a, "diagnose sys session filter");
	HAS("session filter info:\nvd(any)");
	/* its worker went: so did its sessions */
	wad_chan_free(ctl.workers[0]);
	ctl.workers[0] = NULL;
	OK(b, "diagnose sys session list");
	ck_assert_str_eq(buf, "total session 0");
	close(a);
	close(b);
}
END_TEST

/* A worker that gives no answer is named; its records are shown. */
START_TEST(silent_worker)
{
	int a = open_console();

	worker_mute = true;
	put(1, "10.0.0.1:1000", "1.1.1.1:443", "");
	OK(a, "diagnose sys session list");
	HAS("worker 0 did not answer");
	HAS("total session 1");
	close(a);
}
END_TEST

START_TEST(filters)
{
	int a = open_console();

	OK(a, "diagnose sys session filter");
	HAS("session filter:\n        vd: any\n");
	OK(a, "diagnose sys session filter src 10.0.0.1 10.0.0.9");
	OK(a, "diagnose sys session filter policy-id 42");
	OK(a, "diagnose sys session filter vd-name root");
	OK(a, "diag sys session fil neg policy");
	OK(a, "diagnose sys session filter");
	HAS("        vd: 0-0\n");
	HAS("        source ip: 10.0.0.1-10.0.0.9\n");
	HAS("        policy id: not 42-42\n");
	OK(a, "diagnose sys session filter session-state1");
	HAS("00000200: may_dirty\n");
	ck_assert_int_eq(run(a, "diagnose sys session filter src", buf,
	    sizeof(buf)), WAD_CTL_FAILED);
	ck_assert_int_eq(run(a, "diagnose sys session filter src fd00::1",
	    buf, sizeof(buf)), WAD_CTL_FAILED);
	HAS("session6 filter");
	ck_assert_int_eq(run(a, "diagnose sys session filter nonsense 1",
	    buf, sizeof(buf)), WAD_CTL_SYNTAX);
	OK(a, "diagnose sys session filter clear");
	OK(a, "diagnose sys session filter");
	HASNT("10.0.0.1");
	/* unset again: turned round it would be no filter */
	ck_assert_int_eq(run(a, "diagnose sys session filter negate", buf,
	    sizeof(buf)), WAD_CTL_FAILED);
	close(a);
}
END_TEST

START_TEST(ends)
{
	int a = open_console();

	OK(a, "diagnose sys session filter dport 443");
	OK(a, "diagnose sys session clear");
	ck_assert_str_eq(buf, "");	/* silent */
	ck_assert_uint_eq(n_clear, 1);
	ck_assert_uint_eq(cleared_by.set, 1u << WAD_SF_DPORT);
	ck_assert_uint_eq(cleared_by.family, AF_INET);
	OK(a, "diagnose sys session6 clear");
	ck_assert_uint_eq(cleared_by.set, 0);
	ck_assert_uint_eq(cleared_by.family, AF_INET6);
	OK(a, "diagnose wad session clear");
	ck_assert_uint_eq(cleared_by.family, 0);
	/* one: as the list has it, as the log has it */
	OK(a, "diagnose sys session delete 000016a0");
	ck_assert_uint_eq(cleared_serial, 0x16a0);
	OK(a, "diagnose sys session delete 5792");
	ck_assert_uint_eq(cleared_serial, 0x16a0);
	OK(a, "diagnose sys session delete 0x16A0");
	OK(a, "diagnose sys session delete 16a0");
	ck_assert_uint_eq(cleared_serial, 0x16a0);
	ck_assert_int_eq(run(a, "diagnose sys session delete 00005792", buf,
	    sizeof(buf)), WAD_CTL_FAILED);
	ck_assert_uint_eq(cleared_serial, 0x5792);
	HAS("no session has this serial");
	n_clear = 0;
	static const char *const bad[] = { "x", "0", "-5", "+5", "100000000g",
		"99999999999", "0x", "123456789a", "00000000" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "diagnose sys session delete %s",
		    bad[i]);
		ck_assert_msg(run(a, line, buf, sizeof(buf)) ==
		    WAD_CTL_SYNTAX, "%s: %s", line, buf);
	}
	ck_assert_uint_eq(n_clear, 0);
	/* nobody to ask */
	wad_chan_free(ctl.workers[0]);
	ctl.workers[0] = NULL;
	ck_assert_int_eq(run(a, "diagnose sys session clear", buf,
	    sizeof(buf)), WAD_CTL_SILENT);
	close(a);
}
END_TEST

START_TEST(statistics)
{
	int a = open_console();

	put(1, "10.0.0.1:1000", "1.1.1.1:443", "");
	put(2, "10.0.0.1:1001", "1.1.1.1:443", "");
	put(3, "10.0.0.1:1002", "1.1.1.1:443", "")->clt.tcp =
	    WAD_TCP_CLOSE_WAIT;
	put(4, "[fd00::4]:1000", "[fd00::1]:443", "")->state |=
	    WAD_SLOT_BIT(EPH);
	seg->cleared = 7;
	seg->denied = 0xbae;
	OK(a, "diagnose sys session clear");
	OK(a, "diagnose sys session clear");
	OK(a, "diagnose sys session stat");
	ck_assert_str_eq(buf,
	    "misc info:       session_count=3 setup_rate=0 exp_count=0 "
	    "clash=0\n"
	    "        memory_tension_drop=0 ephemeral=0/262144 removeable=0\n"
	    "delete=7, flush=2, dev_down=0/0 ses_flush_filters=0\n"
	    "flush_work_num=0\n"
	    "TCP sessions:\n"
	    "         2 in ESTABLISHED state\n"
	    "         1 in CLOSE_WAIT state\n"
	    "firewall error stat:\n"
	    "error1=00000000\nerror2=00000000\nerror3=00000000\n"
	    "error4=00000000\ntt=00000000\ncont=00000000\n"
	    "ids_recv=00000000\nurl_recv=00000000\nav_recv=00000000\n"
	    "fqdn_count=00000000\nfqdn6_count=00000000\n"
	    "global: ses_limit=0 ses6_limit=0 rt_limit=0 rt6_limit=0");
	/* shown: back to zero */
	OK(a, "get system session-info statistics");
	HAS("flush=0,");
	OK(a, "diagnose sys session6 full-stat");
	ck_assert_str_eq(buf,
	    "session table:           table_size=262144 max_depth=1 used=4\n"
	    "misc info:       session_count=1 setup_rate=0 exp_count=0 "
	    "clash=0\n"
	    "        memory_tension_drop=0 ephemeral=1/262144 removeable=0 "
	    "extreme_low_mem=0\n"
	    "        npu_session_count=0\n"
	    "        nturbo_session_count=0\n"
	    "delete=7, flush=0, dev_down=0/0 ses_walkers=0\n"
	    "TCP sessions:\n"
	    "         1 in ESTABLISHED state\n"
	    "firewall error stat:\n"
	    "error1=00000000\nerror2=00000000\nerror3=00000000\n"
	    "error4=00000000\ntt=00000000\ncont=00000000\n"
	    "ips_recv=00000000\npolicy_deny=00000bae\nav_recv=00000000\n"
	    "fqdn_count=00000000\nfqdn6_count=00000000\n"
	    "global: ses_limit=0 ses6_limit=0 rt_limit=0 rt6_limit=0");
	OK(a, "get system session-info ttl");
	ck_assert_str_eq(buf, "list session timeout:\nDefault timeout=3600");
	close(a);
}
END_TEST

/* ---- a large table ----------------------------------------------------- */

/* What a second console waits for its answer, and the loop for its turn. */
static uint64_t	turn_ms, worst_turn;
static struct event *heart;

static void
beat(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval	tv = { 0, 1000 };
	uint64_t			now = wad_clock_ms();

	(void)fd;
	(void)what;
	(void)arg;
	if (turn_ms != 0 && now - turn_ms > worst_turn)
		worst_turn = now - turn_ms;
	turn_ms = now;
	evtimer_add(heart, &tv);
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	int s = accept(fd, NULL, NULL);

	(void)what;
	(void)arg;
	if (s != -1)
		ck_assert_ptr_nonnull(wad_console_new(&ctl, s));
}

static pid_t
wadctl(const char *sock, const char *out)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd == -1 || dup2(fd, 1) == -1)
			_exit(126);
		execl("../src/wadctl", "wadctl", "-s", sock, "diagnose",
		    "sys", "session", "list", (char *)NULL);
		_exit(127);
	}
	return pid;
}

#ifdef __SANITIZE_ADDRESS__
enum { SLOWER = 10 };
#else
enum { SLOWER = 1 };
#endif

static uint64_t
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* SESSIONS_MANY sets their number: 200,000 need 400 MB. */
START_TEST(many)
{
	const char		*env = getenv("SESSIONS_MANY");
	unsigned		 n = env != NULL ? (unsigned)atoi(env) : 20000;
	char			 dir[] = "/tmp/check_cmd_session.XXXXXX";
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	char			 out[64], tail[64] = "", want[64];
	uint64_t		 began, took, used, worst = 0, asked;
	unsigned		 answers = 0;
	int			 s, other, status = -1;
	struct stat		 st;
	struct event		*ev;
	pid_t			 pid;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/sock", dir);
	snprintf(out, sizeof(out), "%s/out", dir);
	for (unsigned i = 1; i <= n; i++)
		put(i, "10.0.0.1:1000", "1.1.1.1:443", "10.9.0.1:5000");
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(s, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(s, 5), 0);
	ev = event_new(base, s, EV_READ | EV_PERSIST, on_accept, NULL);
	event_add(ev, NULL);
	heart = evtimer_new(base, beat, NULL);
	turn_ms = worst_turn = 0;
	beat(-1, 0, NULL);
	other = open_console();
	began = wad_clock_ms();
	used = cpu_ms();
	pid = wadctl(sun.sun_path, out);
	while (waitpid(pid, &status, WNOHANG) == 0 &&
	    wad_clock_ms() - began < 60000) {
		asked = wad_clock_ms();
		OK(other, "diagnose sys session filter");
		answers++;
		if (wad_clock_ms() - asked > worst)
			worst = wad_clock_ms() - asked;
	}
	took = wad_clock_ms() - began;
	used = cpu_ms() - used;
	ck_assert_int_eq(status, 0);
	s = open(out, O_RDONLY);
	ck_assert_int_eq(fstat(s, &st), 0);
	ck_assert_int_gt(pread(s, tail, 40, st.st_size - 40), 0);
	snprintf(want, sizeof(want), "\n\ntotal session %u\n", n);
	ck_assert_msg(strstr(tail, want) != NULL, "%s", tail);
	close(s);
	printf("%u sessions: %llu ms, CPU %llu, %lld MB; longest turn %llu "
	    "ms; another console: %u answers, the slowest %llu ms\n", n,
	    (unsigned long long)took,
	    (unsigned long long)used, (long long)st.st_size >> 20,
	    (unsigned long long)worst_turn, answers,
	    (unsigned long long)worst);
	/* 200,000 in 5 s.  Of processor time: a busy machine takes its own. */
	ck_assert_uint_lt(used, (1000 + n / 20) * SLOWER);
	ck_assert_uint_lt(worst, 500 + took / 4);
	ck_assert_uint_gt(answers, 1);
	event_free(ev);
	event_free(heart);
	close(other);
	unlink(sun.sun_path);
	unlink(out);
	rmdir(dir);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("cmd_session");
	TCase	*t = tcase_create("cmd_session");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 90);
	tcase_add_test(t, lists);
	tcase_add_test(t, silent_worker);
	tcase_add_test(t, filters);
	tcase_add_test(t, ends);
	tcase_add_test(t, statistics);
	tcase_add_test(t, many);
	suite_add_tcase(s, t);
	return suite_run(s);
}
