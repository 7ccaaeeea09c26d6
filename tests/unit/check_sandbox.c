/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cage: what a role may do goes on, what it may not do kills it.  Each
 * try is a child of its own.
 */
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/sandbox.h"
#include "ipc/sandbox_san.h"
#include "suite.h"

enum { FINE = 17, REFUSED = 18, NO_CAGE = 19 };
typedef int try_fn(void);

/* How a child in that cage ends: a signal, or minus its exit status. */
static int
try_in(enum wad_sandbox which, try_fn *fn)
{
	int	status;
	pid_t	pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		if (wad_sandbox_enter(which) == -1)
			_exit(NO_CAGE);
		_exit(fn());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static int
nothing(void)
{
	char b[8];

	return getpid() > 0 && syscall(SYS_getrandom, b, sizeof(b), 0) == 8 ?
	    FINE : REFUSED;
}

static int
try_open(void)
{
	return (int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY) ==
	    -1 ? REFUSED : FINE;
}

static int
try_open_old(void)
{
	return open("/etc/passwd", O_RDONLY) == -1 ? REFUSED : FINE;
}

static int
try_exec(void)
{
	char	sh[] = "/bin/true";
	char	*argv[] = { sh, NULL };

	execv(sh, argv);
	return REFUSED;
}

static int
try_fork(void)
{
	return fork() == -1 ? REFUSED : FINE;
}

static int
try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) == -1 ? REFUSED : FINE;
}

static int
try_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) == -1 ? REFUSED : FINE;
}

static int
try_inet6(void)
{
	return socket(AF_INET6, SOCK_STREAM, 0) == -1 && errno !=
	    EAFNOSUPPORT ? REFUSED : FINE;
}

static int
try_raw(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) == -1 ? REFUSED : FINE;
}

static int
try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == -1 ? REFUSED :
	    FINE;
}

static int
try_kill(void)
{
	return kill(getppid(), 0) == -1 ? REFUSED : FINE;
}

static int
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? REFUSED : FINE;
}

static int
try_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED && munmap(p, 4096) == 0 ? FINE : REFUSED;
}

static int
try_abort(void)
{
	abort();
}

static const enum wad_sandbox all[] = { WAD_SANDBOX_KEYS, WAD_SANDBOX_WORKER,
	WAD_SANDBOX_CONTROL, WAD_SANDBOX_LOOKUP, WAD_SANDBOX_EXPORT };

START_TEST(test_may)
{
	enum wad_sandbox s = all[_i];

	ck_assert_int_eq(try_in(s, nothing), -FINE);
	ck_assert_int_eq(try_in(s, try_memory), -FINE);
	ck_assert_int_eq(try_in(s, try_abort), SIGABRT);
}
END_TEST

START_TEST(test_may_not)
{
	enum wad_sandbox s = all[_i];

	ck_assert_int_eq(try_in(s, try_exec), SIGSYS);
	ck_assert_int_eq(try_in(s, try_fork), SIGSYS);
	ck_assert_int_eq(try_in(s, try_unix), SIGSYS);
	ck_assert_int_eq(try_in(s, try_raw), SIGSYS);
	ck_assert_int_eq(try_in(s, try_ptrace), SIGSYS);
	ck_assert_int_eq(try_in(s, try_kill), SIGSYS);
	if (!WAD_SANDBOX_ASAN)
		ck_assert_int_eq(try_in(s, try_code), -REFUSED);
}
END_TEST

/* Only wad-control opens files at all, and as root's child only in its log
 * folder: its root is empty. */
START_TEST(test_files)
{
	if (!WAD_SANDBOX_ASAN) {
		ck_assert_int_eq(try_in(WAD_SANDBOX_KEYS, try_open), SIGSYS);
		ck_assert_int_eq(try_in(WAD_SANDBOX_KEYS, try_open_old),
		    SIGSYS);
		ck_assert_int_eq(try_in(WAD_SANDBOX_LOOKUP, try_open),
		    SIGSYS);
		ck_assert_int_eq(try_in(WAD_SANDBOX_WORKER, try_open),
		    SIGSYS);
		ck_assert_int_eq(try_in(WAD_SANDBOX_WORKER, try_open_old),
		    SIGSYS);
		if (geteuid() == 0)
			ck_assert_int_eq(try_in(WAD_SANDBOX_CONTROL,
			    try_open), -REFUSED);
	}
}
END_TEST

START_TEST(test_sockets)
{
	ck_assert_int_eq(try_in(WAD_SANDBOX_WORKER, try_inet), -FINE);
	ck_assert_int_eq(try_in(WAD_SANDBOX_WORKER, try_inet6), -FINE);
	ck_assert_int_eq(try_in(WAD_SANDBOX_LOOKUP, try_inet), -FINE);
	ck_assert_int_eq(try_in(WAD_SANDBOX_EXPORT, try_inet), -FINE);
	ck_assert_int_eq(try_in(WAD_SANDBOX_LOOKUP, try_inet6), -FINE);
	ck_assert_int_eq(try_in(WAD_SANDBOX_KEYS, try_inet), SIGSYS);
	ck_assert_int_eq(try_in(WAD_SANDBOX_CONTROL, try_inet), SIGSYS);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("sandbox");
	TCase	*t = tcase_create("sandbox");

	unsetenv("OPENWAD_UNSAFE_NO_SANDBOX");
	tcase_add_loop_test(t, test_may, 0, 4);
	tcase_add_loop_test(t, test_may_not, 0, 4);
	tcase_add_test(t, test_files);
	tcase_add_test(t, test_sockets);
	suite_add_tcase(s, t);
	return suite_run(s);
}
