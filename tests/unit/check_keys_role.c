/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program wad-keys as it is, in its cage, with this test as its parent
 * and as its workers: what one worker gets another gets too, what one knows
 * of sessions the others hear, and no worker can end it.
 */
#include <check.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xmem.h"
#include "ipc/msg.h"
#include "ipc/shm.h"
#include "x509/x509_build.h"
#include "x509/x509_msg.h"
#include "ca_pem.h"
#include "suite.h"

enum { PARENT_FD = 3, WORKERS = 3, WAIT_MS = 20000, SLOW_ASKS = 100,
	MANY = 20000 };

static pid_t	 keys;
static int	 parent = -1, worker[WORKERS], disk[2];
static uint8_t	 packet[WAD_MSG_MAX];

static void
send_on(int fd, struct wad_msg *m)
{
	ck_assert_int_eq(wad_msg_send_wait(fd, m), 0);
	wad_msg_free(m);
}

static bool
readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* The next message of that kind; others are passed over. */
static struct wad_msg_in
next(int fd, enum wad_msg_type type)
{
	struct wad_msg_in m;

	do {
		ck_assert_msg(readable(fd, WAIT_MS), "no %s came",
		    wad_msg_names[type]);
		ck_assert_int_eq(wad_msg_recv_wait(fd, &m, packet), 0);
	} while (m.type != type);
	return m;
}

static void
connect_worker(unsigned i)
{
	struct wad_msg	m;
	int		fd[2];

	if (worker[i] != -1)
		close(worker[i]);
	ck_assert_int_eq(wad_msg_pair(fd), 0);
	wad_msg_init(&m, WAD_MSG_CHAN, 0);
	wad_msg_add_str(&m, "worker");
	wad_msg_add_u32(&m, i);
	wad_msg_add_fd(&m, fd[1]);
	send_on(parent, &m);
	close(fd[1]);
	worker[i] = fd[0];
}

static void
start(void)
{
	const char	*build = getenv("top_builddir");
	char		 path[4096], prog[] = "wad-keys", opt[] = "-i",
	    index[] = "0";
	char		*argv[] = { prog, opt, index, NULL };
	struct wad_msg	 m;
	struct wad_msg_in in;
	uint64_t	 gen;
	uint32_t	 ok;
	const char	*err;
	int		 fd[2], text;

	snprintf(path, sizeof(path), "%s/src/wad-keys", build != NULL ? build :
	    "..");
	ck_assert_int_eq(wad_msg_pair(fd), 0);
	keys = fork();
	ck_assert_int_ne(keys, -1);
	if (keys == 0) {
		if (fd[1] == PARENT_FD ? fcntl(fd[1], F_SETFD, 0) == -1 :
		    dup2(fd[1], PARENT_FD) == -1)
			_exit(126);
		(void)close_range(PARENT_FD + 1, ~0U, 0);
		execv(path, argv);
		_exit(127);
	}
	close(fd[1]);
	parent = fd[0];
	wad_msg_init(&m, WAD_MSG_HELLO, 0);
	wad_msg_add_u32(&m, 0);
	wad_msg_add_u32(&m, 1);
	wad_msg_add_str(&m, "keys");
	send_on(parent, &m);
	wad_msg_init(&m, WAD_MSG_PRODUCTS, 0);
	wad_msg_add_fd(&m, disk[0]);
	wad_msg_add_fd(&m, disk[1]);
	send_on(parent, &m);
	wad_msg_init(&m, WAD_MSG_KEY_ADD, 0);
	wad_msg_add_u64(&m, 1);
	wad_msg_add_str(&m, "ca");
	wad_msg_add_str(&m, ca_pem);
	wad_msg_add_str(&m, key_pem);
	send_on(parent, &m);
	text = wad_shm_seal_text("conf", "", 0);
	wad_msg_init(&m, WAD_MSG_CONF_PREPARE, 0);
	wad_msg_add_u64(&m, 1);
	wad_msg_add_fd(&m, text);
	send_on(parent, &m);
	close(text);
	in = next(parent, WAD_MSG_CONF_READY);
	ck_assert_int_eq(wad_msg_get_u64(&in, &gen), 0);
	ck_assert_int_eq(wad_msg_get_u32(&in, &ok), 0);
	ck_assert_int_eq(wad_msg_get_str(&in, &err), 0);
	ck_assert_msg(ok == 1, "%s", err);
	wad_msg_init(&m, WAD_MSG_CONF_COMMIT, 0);
	wad_msg_add_u64(&m, 1);
	send_on(parent, &m);
	for (unsigned i = 0; i < WORKERS; i++)
		connect_worker(i);
}

static void
stop(int sig)
{
	int status;

	if (sig != 0)
		kill(keys, sig);
	close(parent);			/* without a parent it ends */
	ck_assert_int_eq(waitpid(keys, &status, 0), keys);
	if (sig == 0)
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "status %x", (unsigned)status);
	for (int i = 0; i < WORKERS; i++) {
		close(worker[i]);
		worker[i] = -1;
	}
}

static void
setup(void)
{
	for (int i = 0; i < WORKERS; i++)
		worker[i] = -1;
	for (int i = 0; i < 2; i++)
		disk[i] = memfd_create("products", 0);
	make_ca();
	start();
}

static void
teardown(void)
{
	stop(0);
	free(ca_pem);
	free(key_pem);
	close(disk[0]);
	close(disk[1]);
	wad_x509_build_cleanup();
}

static void
alive(void)
{
	int status;

	ck_assert_int_eq(waitpid(keys, &status, WNOHANG), 0);
}

/* Asks for a certificate; how it came, and its bytes. */
static uint32_t
ask(unsigned who, const char *name, uint8_t *leaf, size_t *len)
{
	struct wad_cert_desc	 d = { .generation = 1, .ca = "ca",
		.key_type = WAD_KEY_EC, .name = name };
	struct wad_msg		 m;
	struct wad_msg_in	 in;
	uint32_t		 how;
	const char		*err;
	const void		*p;

	wad_msg_init(&m, WAD_MSG_FORGE, 7);
	wad_x509_msg_put(&m, &d);
	send_on(worker[who], &m);
	in = next(worker[who], WAD_MSG_FORGED);
	ck_assert_uint_eq(in.id, 7);
	ck_assert_int_eq(wad_msg_get_u32(&in, &how), 0);
	ck_assert_int_eq(wad_msg_get_str(&in, &err), 0);
	ck_assert_int_eq(wad_msg_get_blob(&in, &p, len), 0);
	ck_assert_uint_lt(*len, 4096);
	memcpy(leaf, p, *len);
	ck_assert_msg(how != WAD_FORGED_NOT, "%s", err);
	return how;
}

START_TEST(shared_by_workers)
{
	uint8_t	a[4096], b[4096];
	size_t	na, nb;

	ck_assert_uint_eq(ask(0, "example.com", a, &na), WAD_FORGED_NEW);
	for (unsigned i = 0; i < WORKERS; i++) {
		ck_assert_uint_eq(ask(i, "example.com", b, &nb),
		    WAD_FORGED_AGAIN);
		ck_assert_uint_eq(na, nb);
		ck_assert_mem_eq(a, b, na);
	}
	/* killed, and started again with the same files */
	for (int round = 0; round < 3; round++) {
		stop(SIGKILL);
		start();
		ck_assert_uint_eq(ask(1, "example.com", b, &nb),
		    WAD_FORGED_AGAIN);
		ck_assert_mem_eq(a, b, na);
	}
	/* cleared by one worker: gone for all, on disk too */
	{
		struct wad_msg m;

		wad_msg_init(&m, WAD_MSG_KEYS_CLEAR, 0);
		send_on(worker[2], &m);
	}
	ck_assert_uint_eq(ask(2, "example.com", b, &nb), WAD_FORGED_NEW);
	ck_assert(na != nb || memcmp(a, b, na) != 0);
	ck_assert_uint_eq(ask(0, "example.com", a, &na), WAD_FORGED_AGAIN);
	ck_assert_mem_eq(a, b, na);
}
END_TEST

START_TEST(ticket_keys)
{
	uint8_t	first[80];

	for (unsigned i = 0; i < WORKERS + 1; i++) {
		struct wad_msg_in	 in;
		uint32_t		 n;
		const void		*p;
		size_t			 len;

		if (i == WORKERS)
			connect_worker(0);	/* started again */
		in = next(worker[i % WORKERS], WAD_MSG_TICKET_KEYS);
		ck_assert_int_eq(wad_msg_get_u32(&in, &n), 0);
		ck_assert_uint_eq(n, 1);
		ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
		ck_assert_uint_eq(len, sizeof(first));
		ck_assert_int_eq(wad_msg_end(&in), 0);
		if (i == 0)
			memcpy(first, p, len);
		ck_assert_mem_eq(first, p, len);
	}
}
END_TEST

/* A session of so many bytes, with a number in it. */
static void
send_session(unsigned who, uint32_t number, size_t bytes)
{
	static uint8_t	 der[64 << 10];
	uint8_t		 key[32] = { 0 };
	struct wad_msg	 m;

	memcpy(key, &number, sizeof(number));
	wad_msg_init(&m, WAD_MSG_TLS_SESSION, 0);
	wad_msg_add_blob(&m, key, sizeof(key));
	wad_msg_add_u64(&m, 12345);
	wad_msg_add_blob(&m, "facts", 5);
	wad_msg_add_blob(&m, der, bytes);
	send_on(worker[who], &m);
}

static uint32_t
next_session(unsigned who)
{
	struct wad_msg_in	 in = next(worker[who], WAD_MSG_TLS_SESSION);
	const void		*p;
	size_t			 len;
	uint32_t		 number;
	uint64_t		 until;

	ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
	ck_assert_uint_eq(len, 32);
	memcpy(&number, p, sizeof(number));
	ck_assert_int_eq(wad_msg_get_u64(&in, &until), 0);
	ck_assert_uint_eq(until, 12345);
	ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
	ck_assert_uint_eq(len, 5);
	ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
	ck_assert_int_eq(wad_msg_end(&in), 0);
	return number;
}

START_TEST(sessions_are_passed_on)
{
	uint8_t	leaf[4096];
	size_t	n;

	send_session(0, 77, 1000);
	send_session(0, 78, 17 << 10);		/* too long: dropped */
	send_session(0, 79, 10);
	for (unsigned i = 1; i < WORKERS; i++) {
		ck_assert_uint_eq(next_session(i), 77);
		ck_assert_uint_eq(next_session(i), 79);
	}
	/* its own do not come back, and it is still served */
	(void)next(worker[0], WAD_MSG_TICKET_KEYS);
	ck_assert_uint_eq(ask(0, "a.example", leaf, &n), WAD_FORGED_NEW);
	ck_assert(!readable(worker[0], 50));
}
END_TEST

/* More than a worker may send, to workers of whom one does not read. */
START_TEST(flood)
{
	uint8_t	 leaf[4096];
	size_t	 n;
	unsigned got = 0;

	for (uint32_t i = 0; i < 3000; i++) {
		send_session(0, i, 15 << 10);
		while (readable(worker[1], 0)) {
			struct wad_msg_in m;

			ck_assert_int_eq(wad_msg_recv_wait(worker[1], &m,
			    packet), 0);
			got += m.type == WAD_MSG_TLS_SESSION;
		}
	}
	ck_assert_uint_eq(ask(1, "a.example", leaf, &n), WAD_FORGED_NEW);
	ck_assert_uint_gt(got, 500);
	alive();
	/* the other one wakes up: what fitted is there, and it goes on */
	for (got = 0; readable(worker[2], 200); got++) {
		struct wad_msg_in m;

		ck_assert_int_eq(wad_msg_recv_wait(worker[2], &m, packet), 0);
	}
	ck_assert_uint_gt(got, 5);
	ck_assert_uint_lt(got, 2900);
	ck_assert_uint_eq(ask(2, "a.example", leaf, &n), WAD_FORGED_AGAIN);
}
END_TEST

/* One that is slow to read what others learnt: its questions are answered, and
 * new ticket keys reach it. */
START_TEST(flood_leaves_room)
{
	uint8_t			 leaf[4096];
	size_t			 n;
	struct wad_cert_desc	 d = { .generation = 1, .ca = "ca",
		.key_type = WAD_KEY_EC, .name = "slow.example" };
	struct wad_msg		 m;

	for (uint32_t i = 0; i < 2000; i++)
		send_session(0, i, 15 << 10);
	/* all of it was read when this is answered */
	ck_assert_uint_eq(ask(0, "a.example", leaf, &n), WAD_FORGED_NEW);
	for (uint32_t i = 1; i <= SLOW_ASKS; i++) {
		wad_msg_init(&m, WAD_MSG_FORGE, i);
		wad_x509_msg_put(&m, &d);
		send_on(worker[2], &m);
	}
	for (unsigned i = 0; i < SLOW_ASKS; i++)	/* turns of its loop */
		(void)ask(0, "a.example", leaf, &n);
	for (uint32_t i = 1; i <= SLOW_ASKS; i++)
		ck_assert_uint_eq(next(worker[2], WAD_MSG_FORGED).id, i);
}
END_TEST

/* Nor does it lose its channel for being slow: what has no room is not
 * answered. */
START_TEST(many_questions)
{
	uint8_t			 leaf[4096];
	size_t			 n;
	unsigned		 got = 0;
	struct wad_cert_desc	 d = { .generation = 1, .ca = "ca",
		.key_type = WAD_KEY_RSA, .name = "slow.example" };

	for (uint32_t i = 1; i <= MANY; i++) {
		struct wad_msg m;

		wad_msg_init(&m, WAD_MSG_FORGE, 1000 + i);
		wad_x509_msg_put(&m, &d);
		send_on(worker[2], &m);
	}
	(void)ask(0, "a.example", leaf, &n);
	while (readable(worker[2], 200)) {
		struct wad_msg_in m;

		ck_assert_int_eq(wad_msg_recv_wait(worker[2], &m, packet), 0);
		got++;
	}
	ck_assert_uint_lt(got, MANY);
	ck_assert_uint_eq(ask(2, "a.example", leaf, &n), WAD_FORGED_AGAIN);
}
END_TEST

/* Whatever a worker sends, the others do not notice. */
START_TEST(lies)
{
	uint8_t	leaf[4096], junk[600];
	size_t	n;

	for (unsigned round = 0; round < 400; round++) {
		struct wad_msg m;
		size_t	len;

		ck_assert_int_eq(getrandom(junk, sizeof(junk), 0),
		    sizeof(junk));
		wad_msg_init(&m, (enum wad_msg_type)(round % WAD_MSG_NTYPES),
		    round);
		len = junk[0] * 2U + junk[1] % 4U;
		switch (round % 3) {
		case 0:			/* no field at all */
			break;
		case 1:
			wad_msg_add_blob(&m, junk, len);
			break;
		default:		/* fields of the right kind */
			wad_msg_add_u64(&m, 1);
			wad_msg_add_str(&m, "ca");
			wad_msg_add_u32(&m, junk[2] % 5);
			wad_msg_add_str(&m, "example.com");
			wad_msg_add_u32(&m, 0xffffffff);
			wad_msg_add_blob(&m, junk, len);
		}
		(void)wad_msg_send_wait(worker[0], &m);
		wad_msg_free(&m);
		connect_worker(0);
		ck_assert_uint_ne(ask(1, "b.example", leaf, &n),
		    WAD_FORGED_NOT);
		alive();
	}
	ck_assert_uint_ne(ask(0, "b.example", leaf, &n), WAD_FORGED_NOT);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("keys_role");
	TCase	*t = tcase_create("all");

	signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, shared_by_workers);
	tcase_add_test(t, ticket_keys);
	tcase_add_test(t, sessions_are_passed_on);
	tcase_add_test(t, flood);
	tcase_add_test(t, flood_leaves_room);
	tcase_add_test(t, many_questions);
	tcase_add_test(t, lies);
	suite_add_tcase(s, t);
	return suite_run(s);
}
