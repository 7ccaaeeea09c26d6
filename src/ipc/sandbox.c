/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cage: an empty root that has no name any more, a uid of its own, no
 * capabilities, no new privileges, and a list of system calls; anything else
 * kills.  Code pages can neither be made nor changed.
 */
#include "ipc/sandbox.h"

#include <linux/capability.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/sandbox_san.h"

WAD_SANDBOX_NO_LEAK_CHECK

enum { UID_BASE = 64100 };		/* main/roles.h: WAD_ROLE_UID */

static int
complain(const char *what, int e)
{
	fprintf(stderr, "sandbox: %s: %s\n", what, strerror(e));
	return -1;
}

/* system calls */

static const int calls_all[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64),
	SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fsync),
	SCMP_SYS(fdatasync), SCMP_SYS(fstat), SCMP_SYS(fcntl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_ctl), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(munlock),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
	SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(getrandom),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
	SCMP_SYS(membarrier), SCMP_SYS(rseq),
};

/* socket() is allowed by family, below. */
static const int calls_worker[] = {
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect),
	SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(recvmmsg), SCMP_SYS(sendmmsg),
	SCMP_SYS(splice), SCMP_SYS(pipe2), SCMP_SYS(dup),
};

/* It has no name to open, only the files that the parent handed over. */
static const int calls_keys[] = { SCMP_SYS(ftruncate) };

/* It calls out and is never called; it makes the segments of threat feeds and
 * writes the files that the parent handed over. */
static const int calls_lookup[] = {
	SCMP_SYS(memfd_create), SCMP_SYS(fchmod), SCMP_SYS(ftruncate),
	SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
};

/* It calls log servers and is asked for metrics. */
static const int calls_export[] = {
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect),
	SCMP_SYS(bind), SCMP_SYS(shutdown), SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
};

/* Its root is empty: only what lies below the log directory can be opened. */
static const int calls_control[] = {
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt), SCMP_SYS(getsockname),
	SCMP_SYS(openat), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(unlinkat), SCMP_SYS(ftruncate),
	SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(getdents64),
};

/* For the run-time library of a sanitizer: it reads its own maps. */
static const int calls_asan[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(newfstatat), SCMP_SYS(stat),
	SCMP_SYS(access), SCMP_SYS(getcwd), SCMP_SYS(prctl),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64), SCMP_SYS(mprotect),
	SCMP_SYS(mmap), SCMP_SYS(set_robust_list), SCMP_SYS(personality),
	SCMP_SYS(process_vm_readv),
};

static int
allow(scmp_filter_ctx f, const int *calls, size_t n)
{
	size_t	i;
	int	rc;

	for (i = 0; i < n; i++) {
		if (calls[i] == __NR_SCMP_ERROR)
			continue;
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);
		/* -EDOM: this architecture has no such call. */
		if (rc != 0 && rc != -EDOM && rc != -EEXIST)
			return rc;
	}
	return 0;
}

#define ALLOW(f, list)	allow(f, list, sizeof(list) / sizeof((list)[0]))

/* Memory may be mapped, but never as code: asking for that is refused
 * without dying, since a regular-expression compiler asks and can do
 * without. */
static int
allow_memory(scmp_filter_ctx f)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
	size_t	i;
	int	rc;

	for (i = 0; i < 2; i++) {
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		if (rc == 0)
			rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM),
			    calls[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ,
			    PROT_EXEC, PROT_EXEC));
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* A call with one argument fixed. */
static int
allow_with(scmp_filter_ctx f, int call, unsigned arg, unsigned long value)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 1,
	    SCMP_CMP(arg, SCMP_CMP_EQ, value));
}

static int
add_rules(scmp_filter_ctx f, enum wad_sandbox which)
{
	int rc = ALLOW(f, calls_all);

	if (rc == 0 && WAD_SANDBOX_ASAN)
		rc = ALLOW(f, calls_asan);
	/* its report asks whether it goes to a terminal */
	if (rc == 0 && WAD_SANDBOX_ASAN)
		rc = allow_with(f, SCMP_SYS(ioctl), 1, TCGETS);
	if (rc == 0 && !WAD_SANDBOX_ASAN)
		rc = allow_memory(f);
	/* abort() and raise() of this process only. */
	if (rc == 0)
		rc = allow_with(f, SCMP_SYS(tgkill), 0,
		    (unsigned long)getpid());
	/* fstat() of newer C libraries: a descriptor, no name. */
	if (rc == 0 && which != WAD_SANDBOX_CONTROL && !WAD_SANDBOX_ASAN)
		rc = allow_with(f, SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH);
	if (rc == 0)
		rc = allow_with(f, SCMP_SYS(ioctl), 1, FIONREAD);
	if (rc == 0)
		rc = allow_with(f, SCMP_SYS(ioctl), 1, FIONBIO);
	if (which == WAD_SANDBOX_WORKER || which == WAD_SANDBOX_LOOKUP ||
	    which == WAD_SANDBOX_EXPORT) {
		if (rc == 0)
			rc = allow_with(f, SCMP_SYS(socket), 0, AF_INET);
		if (rc == 0)
			rc = allow_with(f, SCMP_SYS(socket), 0, AF_INET6);
	}
	switch (which) {
	case WAD_SANDBOX_WORKER:
		if (rc == 0)
			rc = ALLOW(f, calls_worker);
		/* how much a socket has not sent yet */
		return rc == 0 ? allow_with(f, SCMP_SYS(ioctl), 1, TIOCOUTQ) :
		    rc;
	case WAD_SANDBOX_KEYS:
		return rc == 0 ? ALLOW(f, calls_keys) : rc;
	case WAD_SANDBOX_LOOKUP:
		return rc == 0 ? ALLOW(f, calls_lookup) : rc;
	case WAD_SANDBOX_EXPORT:
		return rc == 0 ? ALLOW(f, calls_export) : rc;
	case WAD_SANDBOX_CONTROL:
		return rc == 0 ? ALLOW(f, calls_control) : rc;
	default:
		return rc;
	}
}

static int
enter_seccomp(enum wad_sandbox which)
{
	scmp_filter_ctx	f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int		rc;

	if (f == NULL)
		return complain("seccomp_init", ENOMEM);
	rc = add_rules(f, which);
	if (rc == 0)
		rc = seccomp_load(f);
	seccomp_release(f);
	return rc == 0 ? 0 : complain("seccomp", -rc);
}

/* uid and root */

/* Does this user namespace know the id? */
static int
id_exists(const char *map, unsigned id)
{
	unsigned	 first, outer, n;
	FILE		*f = fopen(map, "re");
	int		 found = 0;

	if (f == NULL)
		return 1;
	while (fscanf(f, "%u %u %u", &first, &outer, &n) == 3)
		found |= id >= first && id - first < n;
	fclose(f);
	return found;
}

/* A folder that is deleted while we stand in it: nothing can ever be made
 * there, by anybody. */
static int
enter_empty_root(void)
{
	static const char *const places[] = { "/run", "/tmp", "/var/tmp" };
	char	path[64];
	size_t	i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/.wad-XXXXXX", places[i]);
		if (mkdtemp(path) == NULL)
			continue;
		if (chdir(path) == -1 || rmdir(path) == -1) {
			(void)rmdir(path);
			return complain(path, errno);
		}
		if (chroot(".") == -1)
			return complain("chroot", errno);
		return 0;
	}
	return complain("no place for an empty folder", errno);
}

static int
drop_capabilities(void)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct	d[2];

	memset(d, 0, sizeof(d));
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &h, d) == -1 ?
	    complain("capset", errno) : 0;
}

static int
leave_root(enum wad_sandbox which)
{
	unsigned	id = UID_BASE + (unsigned)which;
	int		known = id_exists("/proc/self/uid_map", id) &&
			    id_exists("/proc/self/gid_map", id);

	if (!WAD_SANDBOX_ASAN && enter_empty_root() == -1)
		return -1;
	/* A user namespace with a single id (unshare -r) has no other one to
	 * become; the rest of the cage holds there too. */
	if (known && (setgroups(0, NULL) == -1 ||
	    setresgid(id, id, id) == -1 || setresuid(id, id, id) == -1))
		return complain("own uid", errno);
	return 0;
}

int
wad_sandbox_enter(enum wad_sandbox which)
{
	const char *unsafe = getenv("OPENWAD_UNSAFE_NO_SANDBOX");

	if (unsafe != NULL && strcmp(unsafe, "1") == 0) {
		fprintf(stderr, "sandbox: switched off by "
		    "OPENWAD_UNSAFE_NO_SANDBOX\n");
		return 0;
	}
	if (geteuid() == 0 && leave_root(which) == -1)
		return -1;
	if (drop_capabilities() == -1)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return complain("prctl", errno);
	return enter_seccomp(which);
}
