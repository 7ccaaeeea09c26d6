/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openwad: the parent.  Starts the roles, gives them what they need, keeps
 * them alive, and reads nothing from the network.
 */
#include "main/main.h"

#include <openssl/crypto.h>

#include <ares_version.h>
#include <seccomp.h>

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <ifaddrs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "main/audit.h"
#include "main/firewall.h"
#include "main/journal.h"

#define CONF_DEFAULT	"/etc/openwad/openwad.conf"
#define GROUP		"openwad"
#define GROUP_READ	"openwad-ro"

enum { STOP_SECONDS = 3, DRAIN_SECONDS = 300, OWN_SECONDS = 10,
	PATH_SIZE = 4096 };

static const int handled[] = { SIGHUP, SIGUSR1, SIGTERM, SIGINT, SIGQUIT,
	SIGCHLD };

void
wad_main_say(const char *fmt, ...)
{
	char		when[32] = "";
	time_t		now = time(NULL);
	struct tm	tm;
	struct wad_str	s = { 0 };
	va_list		ap;

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S ", &tm);
	va_start(ap, fmt);
	wad_str_vaddf(&s, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%sopenwad: %s\n", when, s.s != NULL ? s.s : "");
	wad_str_free(&s);
}

pid_t
wad_main_fork(void)
{
	sigset_t	all, old;
	pid_t		pid;
	size_t		i;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
			signal(handled[i], SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

/* addresses of this machine */

bool
wad_main_own_addrs(struct wad_main *m)
{
	struct wad_addr	 v[WAD_OWN_ADDRS_MAX], a;
	struct ifaddrs	*all, *i;
	unsigned	 n = 0, k;

	if (getifaddrs(&all) == -1)
		return false;
	memset(v, 0, sizeof(v));
	for (i = all; i != NULL && n < WAD_OWN_ADDRS_MAX; i = i->ifa_next) {
		if (i->ifa_addr == NULL ||
		    wad_addr_from_sockaddr(&a, i->ifa_addr) == -1)
			continue;
		a.scope = 0;
		for (k = 0; k < n && !wad_addr_ip_equal(&v[k], &a); k++)
			;
		if (k == n)
			v[n++] = a;
	}
	freeifaddrs(all);
	if (n == m->n_own && memcmp(v, m->own, n * sizeof(v[0])) == 0)
		return false;
	memcpy(m->own, v, n * sizeof(v[0]));
	m->n_own = n;
	return true;
}

/* Is the journal of certificates long, or gone? */
static void
turn_journal(struct wad_main *m)
{
	char *path = wad_xasprintf("%s/issued.log", m->paths.state);

	if (wad_journal_turn(path, &m->journal_fd, WAD_JOURNAL_BYTES))
		wad_roles_journal(m);
	free(path);
}

/* The folder that has the name now; how: O_NOFOLLOW or 0. */
static int
open_log_folder(struct wad_main *m, int how)
{
	int fd = open(m->paths.log, O_RDONLY | O_DIRECTORY | O_CLOEXEC | how);

	if (fd == -1)
		return -1;
	if (m->log_dir_fd != -1)
		close(m->log_dir_fd);
	m->log_dir_fd = fd;
	/* wad-control writes there under its own uid.  In a user namespace
	 * that id may not exist; then it keeps ours. */
	if (geteuid() == 0)
		(void)!fchown(fd, WAD_ROLE_UID + WAD_ROLE_CONTROL,
		    WAD_ROLE_UID + WAD_ROLE_CONTROL);
	return 0;
}

/* Somebody may have removed the folder, or mounted something there: what is
 * written to the one that was opened would be seen by nobody. */
static void
follow_log_folder(struct wad_main *m)
{
	struct stat is, was, name;

	if (stat(m->paths.log, &is) == -1 && (errno != ENOENT ||
	    mkdir(m->paths.log, 0750) == -1 || stat(m->paths.log, &is) == -1))
		return;
	/* The folder is given to wad-control: who may write beside it (syslog,
	 * in some systems) cannot have another one given away by a link. */
	if (lstat(m->paths.log, &name) == -1 || (S_ISLNK(name.st_mode) &&
	    name.st_uid != geteuid()))
		return;
	if (fstat(m->log_dir_fd, &was) == 0 && was.st_dev == is.st_dev &&
	    was.st_ino == is.st_ino)
		return;
	if (open_log_folder(m, S_ISLNK(name.st_mode) ? 0 : O_NOFOLLOW) == -1)
		return;
	wad_main_say("the log folder %s is another one: logs go there",
	    m->paths.log);
	if (!m->foreground)
		wad_main_redirect(m);
	wad_roles_reopen_logs(m);
}

static void
on_own(evutil_socket_t fd, short what, void *arg)
{
	struct wad_main *m = arg;
	unsigned	 i;

	(void)fd;
	(void)what;
	turn_journal(m);
	follow_log_folder(m);
	if (!wad_main_own_addrs(m))
		return;
	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].role == WAD_ROLE_WORKER ||
		    m->slots[i].role == WAD_ROLE_LOOKUP)
			wad_reload_send_own(m, &m->slots[i]);
}

/* start */

static int
complain(const char *what)
{
	fprintf(stderr, "openwad: %s: %s\n", what, strerror(errno));
	return -1;
}

/* A folder that is there, with this mode when it is new. */
static int
folder(const char *path, mode_t mode)
{
	char	up[PATH_SIZE], *p;

	snprintf(up, sizeof(up), "%s", path);
	for (p = strchr(up + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(up, 0755) == -1 && errno != EEXIST)
			return complain(up);
		*p = '/';
	}
	if (mkdir(path, mode) == -1 && errno != EEXIST)
		return complain(path);
	return 0;
}

static void
set_paths(struct wad_paths *p, const char *conf, const char *run)
{
	char real[PATH_SIZE];

	p->conf = realpath(conf, real) != NULL ? wad_xstrdup(real) :
	    wad_xstrdup(conf);
	if (run == NULL) {
		p->run = wad_xstrdup("/run/openwad");
		p->state = wad_xstrdup("/var/lib/openwad");
		p->log = wad_xstrdup("/var/log/openwad");
		p->certs = wad_xstrdup("/etc/openwad/certs");
	} else {
		p->private_instance = true;
		p->run = realpath(run, real) != NULL ? wad_xstrdup(real) :
		    wad_xstrdup(run);
		p->state = wad_xasprintf("%s/state", p->run);
		p->log = wad_xasprintf("%s/log", p->run);
		p->certs = wad_xasprintf("%s/certs", p->run);
	}
	p->sock = wad_xasprintf("%s/control.sock", p->run);
	p->pid = wad_xasprintf("%s/openwad.pid", p->run);
}

static int
make_folders(struct wad_main *m)
{
	const struct wad_paths	*p = &m->paths;
	struct stat		 st;

	if (folder(p->run, 0755) == -1 || folder(p->state, 0700) == -1 ||
	    folder(p->log, 0750) == -1)
		return -1;
	if (p->private_instance && folder(p->certs, 0700) == -1)
		return -1;
	if (stat(p->state, &st) == -1)
		return complain(p->state);
	if ((st.st_mode & 077) != 0 && chmod(p->state, 0700) == -1)
		return complain(p->state);
	return open_log_folder(m, 0) == -1 ? complain(p->log) : 0;
}

/* The pid file is the lock of an instance. */
static int
lock_instance(struct wad_main *m)
{
	char	buf[32] = "";
	ssize_t n;

	m->pid_fd = open(m->paths.pid, O_RDWR | O_CREAT | O_CLOEXEC |
	    O_NOFOLLOW, 0644);
	if (m->pid_fd == -1)
		return complain(m->paths.pid);
	if (flock(m->pid_fd, LOCK_EX | LOCK_NB) == -1) {
		n = read(m->pid_fd, buf, sizeof(buf) - 1);
		buf[n > 0 ? n : 0] = '\0';
		fprintf(stderr, "openwad: already running (pid %.*s, %s); "
		    "another instance needs its own -r RUNDIR\n",
		    (int)strcspn(buf, "\n"), buf, m->paths.pid);
		return -1;
	}
	return 0;
}

static int
write_pid(struct wad_main *m)
{
	char		buf[32];
	int		n = snprintf(buf, sizeof(buf), "%d\n", (int)getpid());
	struct stat	st;

	/* A pid that was left behind: the last one crashed, and its rules
	 * are still there. */
	if (fstat(m->pid_fd, &st) == 0 && st.st_size > 0 && geteuid() == 0)
		m->rules_installed = true;
	if (ftruncate(m->pid_fd, 0) == -1 ||
	    pwrite(m->pid_fd, buf, (size_t)n, 0) != n)
		return complain(m->paths.pid);
	return 0;
}

/* The console's socket belongs to the group openwad.  A file has one group
 * only: where there is openwad-ro as well, everybody may knock, and wad-control
 * opens to whom the kernel vouches for (SO_PEERCRED), as it does in any
 * case. */
static mode_t
console_mode(void)
{
	return geteuid() == 0 && getgrnam(GROUP_READ) != NULL ? 0666 : 0660;
}

static int
open_console(struct wad_main *m)
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	struct group		*gr;
	int			 fd;

	if (strlen(m->paths.sock) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return complain(m->paths.sock);
	}
	strcpy(sun.sun_path, m->paths.sock);
	/* The lock is ours: what is there is left over. */
	(void)unlink(m->paths.sock);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    chmod(m->paths.sock, console_mode()) == -1 || listen(fd, 64) == -1) {
		complain(m->paths.sock);
		if (fd != -1)
			close(fd);
		return -1;
	}
	gr = geteuid() == 0 ? getgrnam(GROUP) : NULL;
	if (gr != NULL)
		(void)!chown(m->paths.sock, (uid_t)-1, gr->gr_gid);
	m->ctl_sock_fd = fd;
	return 0;
}

static int
open_journal(struct wad_main *m)
{
	char *path = wad_xasprintf("%s/issued.log", m->paths.state);

	m->journal_fd = wad_journal_open(path);
	if (m->journal_fd == -1)
		fputs("openwad: nothing is started without a journal\n",
		    stderr);
	free(path);
	return m->journal_fd == -1 ? -1 : 0;
}

/* What outlives a restart; two files, so that one can be written anew while
 * the other is whole.  Without them all goes on. */
static void
open_state(struct wad_main *m, const char *const names[2], int fd[2],
    const char *what)
{
	for (int i = 0; i < 2; i++) {
		char *path = wad_xasprintf("%s/%s", m->paths.state, names[i]);

		fd[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0600);
		if (fd[i] == -1)
			fprintf(stderr, "openwad: %s cannot be opened: %s; "
			    "%s do not outlive a restart\n", path,
			    strerror(errno), what);
		free(path);
	}
}

/* Becomes a child; the starter waits here for the first commit. */
static int
into_background(struct wad_main *m)
{
	int	fd[2], status = 0;
	char	c = 1;
	pid_t	pid;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return complain("pipe");
	pid = fork();
	if (pid == -1)
		return complain("fork");
	if (pid > 0) {
		close(fd[1]);
		while (read(fd[0], &c, 1) == -1 && errno == EINTR)
			;
		if (c != 0)
			(void)waitpid(pid, &status, 0);
		_exit(c == 0 ? 0 : 1);
	}
	close(fd[0]);
	setsid();
	m->ready_fd = fd[1];
	return 0;
}

/* stdin, stdout and stderr of a daemon: nothing, and a file of its own.  The
 * roles have it from the start, so that nobody waits for their end of the
 * starter's output; the parent until it runs tells the starter. */
void
wad_main_redirect(const struct wad_main *m)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log = openat(m->log_dir_fd, "parent.log", O_WRONLY | O_APPEND |
	    O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (null != -1) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(log != -1 ? log : null, 2);
	}
	if (null > 2)
		close(null);
	if (log > 2)
		close(log);
}

void
wad_main_running(struct wad_main *m)
{
	struct timeval	every = { .tv_sec = OWN_SECONDS };
	char		ok = 0;

	m->starting = false;
	wad_audit_event(WAD_LOG_SYS_START, "openwad %s started: %u workers, "
	    "generation %llu", PACKAGE_VERSION, m->n_workers,
	    (unsigned long long)m->generation);
	m->own_timer = event_new(m->base, -1, EV_PERSIST, on_own, m);
	event_add(m->own_timer, &every);
	if (m->ready_fd == -1)
		return;
	wad_main_redirect(m);
	(void)!write(m->ready_fd, &ok, 1);
	close(m->ready_fd);
	m->ready_fd = -1;
}

/* end */

static void
rules_off(struct wad_main *m)
{
	struct wad_firewall_id	id;
	char			err[1024];

	if (!m->rules_installed)
		return;
	m->rules_installed = false;
	wad_firewall_id(&id, m->paths.private_instance ? m->paths.run : NULL);
	if (wad_firewall_remove(&id, err, sizeof(err)) == -1)
		wad_main_say("%s", err);
}

static void
maybe_leave(struct wad_main *m)
{
	if (m->stopping && !wad_roles_close(m))
		event_base_loopbreak(m->base);
}

static void
on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
	struct wad_main *m = arg;

	(void)fd;
	(void)what;
	if (m->stopping)
		wad_roles_kill(m);
	else
		wad_main_stop(m, 0);
}

static void
stop_in(struct wad_main *m, int seconds)
{
	struct timeval tv = { .tv_sec = seconds };

	if (m->stop_timer == NULL)
		m->stop_timer = evtimer_new(m->base, on_stop_timer, m);
	evtimer_add(m->stop_timer, &tv);
}

void
wad_main_stop(struct wad_main *m, int code)
{
	if (m->stopping)
		return;
	m->stopping = true;
	m->exit_code = code;
	rules_off(m);
	stop_in(m, STOP_SECONDS);
	maybe_leave(m);
}

static void
drain(struct wad_main *m)
{
	struct wad_msg	msg;
	unsigned	i;

	if (m->draining || m->stopping || m->starting)
		return;
	m->draining = true;
	wad_audit_event(WAD_LOG_SYS_STOP, "openwad drains and stops: open "
	    "sessions may go on for %d seconds", DRAIN_SECONDS);
	wad_main_say("draining: open sessions may go on for %d seconds",
	    DRAIN_SECONDS);
	rules_off(m);
	wad_sockets_listeners_free(m->listeners);
	m->listeners = wad_xcalloc(1, sizeof(*m->listeners));
	wad_msg_init(&msg, WAD_MSG_DRAIN, 0);
	wad_msg_add_u32(&msg, DRAIN_SECONDS);
	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].role == WAD_ROLE_WORKER)
			(void)wad_chan_send(m->slots[i].chan, &msg);
	wad_msg_free(&msg);
	stop_in(m, DRAIN_SECONDS);
}

static bool
workers_left(const struct wad_main *m)
{
	unsigned i;

	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].role == WAD_ROLE_WORKER &&
		    m->slots[i].pid > 0)
			return true;
	return false;
}

static void
on_child(struct wad_main *m)
{
	int	status;
	pid_t	pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!wad_roles_child(m, pid, status))
			(void)wad_reload_child(m, pid, status);
	if (m->draining && !m->stopping && !workers_left(m))
		wad_main_stop(m, 0);
	maybe_leave(m);
}

static void
on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct wad_main *m = arg;

	(void)what;
	switch (sig) {
	case SIGCHLD:
		on_child(m);
		break;
	case SIGHUP:
		wad_reload_start(m, NULL, WAD_RELOAD_SIGNAL, 0);
		break;
	case SIGUSR1:
		follow_log_folder(m);
		if (!m->foreground && !m->starting)
			wad_main_redirect(m);
		wad_roles_reopen_logs(m);
		turn_journal(m);
		break;
	case SIGQUIT:
		drain(m);
		break;
	default:
		wad_main_say("stopping on signal %d", (int)sig);
		wad_audit_event(WAD_LOG_SYS_STOP, "openwad stops on signal "
		    "%d (%s)", (int)sig, strsignal((int)sig));
		wad_main_stop(m, m->starting ? 1 : 0);
	}
}

static int
daemon_run(struct wad_main *m)
{
	struct rlimit	rl;
	size_t		i;

	m->started = wad_clock_wall();
	m->txn.loader_fd = m->ready_fd = -1;
	if (make_folders(m) == -1 || lock_instance(m) == -1)
		return 1;
	if (!m->foreground && into_background(m) == -1)
		return 1;
	if (write_pid(m) == -1 || open_console(m) == -1 ||
	    open_journal(m) == -1)
		return 1;
	open_state(m, (const char *const[]){ "products.db", "products.db.2" },
	    m->products_fd, "forged certificates");
	open_state(m, (const char *const[]){ "quotas.db", "quotas.db.2" },
	    m->quotas_fd, "the sums of quotas");
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
	signal(SIGPIPE, SIG_IGN);
	m->base = event_base_new();
	WAD_ASSERT(m->base != NULL);
	WAD_ASSERT(wad_files_init() == 0);
	for (i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		event_add(evsignal_new(m->base, handled[i], on_signal, m),
		    NULL);
	m->starting = true;
	wad_reload_start(m, NULL, "system", "start", 0);
	while (!m->stopping || wad_roles_alive(m) > 0)
		if (event_base_loop(m->base, EVLOOP_ONCE) != 0)
			break;
	rules_off(m);
	(void)unlink(m->paths.sock);
	(void)unlink(m->paths.pid);
	return m->exit_code;
}

/* other uses of the program */

static int
check(const struct wad_paths *paths, bool show)
{
	struct wad_load	*l = wad_files_load(paths, NULL, WAD_FILES_CHECK);
	char		*report = wad_files_text(l->report_fd), *text;
	int		 rc = l->ok ? 0 : 1;

	if (!l->ok) {
		fputs(report, stderr);
	} else if (show) {
		text = wad_files_text(l->full_fd);
		fputs(text, stdout);
		free(text);
	} else {
		fputs(report, stdout);
		puts("configuration OK");
	}
	free(report);
	wad_files_load_free(l);
	return rc;
}

static int
versions(void)
{
	printf("openwad %s\n%s\nlibevent %s\nc-ares %s\nlibseccomp "
	    "%d.%d.%d\n", PACKAGE_VERSION, OpenSSL_version(OPENSSL_VERSION),
	    event_get_version(), ARES_VERSION_STR, SCMP_VER_MAJOR,
	    SCMP_VER_MINOR, SCMP_VER_MICRO);
	puts("features: tproxy redirect explicit ipv6 category-db sandbox");
	return 0;
}

static int
remove_rules(const struct wad_paths *paths)
{
	struct wad_firewall_id	id;
	char			err[1024];

	wad_firewall_id(&id, paths->private_instance ? paths->run : NULL);
	if (wad_firewall_remove(&id, err, sizeof(err)) == 0)
		return 0;
	fprintf(stderr, "openwad: %s\n", err);
	return 1;
}

static void
usage(FILE *f)
{
	fputs("usage: openwad [-f] [-t] [-T] [-V] [-c FILE] [-r RUNDIR] "
	    "[--remove-rules]\n"
	    "  -f  stay in the foreground, log to stderr\n"
	    "  -t  check the configuration and exit\n"
	    "  -T  print the configuration with all defaults and exit\n"
	    "  -V  print versions and exit\n"
	    "  -c  configuration file (" CONF_DEFAULT ")\n"
	    "  -r  folder of a private instance: socket, pid, state, logs\n"
	    "  --remove-rules  remove the packet-filter rules that a crash "
	    "left\n", f);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "remove-rules", no_argument, NULL, 'R' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	static struct wad_main m = { .pid_fd = -1, .log_dir_fd = -1,
		.ctl_sock_fd = -1, .journal_fd = -1,
		.products_fd = { -1, -1 },
		.quotas_fd = { -1, -1 }, .dbg_fd = -1,
		.dbg_ro_fd = -1 };
	const char	*conf = CONF_DEFAULT, *run = NULL;
	int		 c, mode = 0;

	while ((c = getopt_long(argc, argv, "ftTVhc:r:", longs, NULL)) != -1)
		switch (c) {
		case 'f': m.foreground = true; break;
		case 't': case 'T': case 'V': case 'R': mode = c; break;
		case 'c': conf = optarg; break;
		case 'r': run = optarg; break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	if (optind < argc) {
		fprintf(stderr, "openwad: unknown word '%s'\n", argv[optind]);
		usage(stderr);
		return 2;
	}
	umask(022);
	if (mode == 'V')
		return versions();
	if (run != NULL && mode == 0 && folder(run, 0755) == -1)
		return 1;
	set_paths(&m.paths, conf, run);
	if (mode == 'R')
		return remove_rules(&m.paths);
	if (mode != 0)
		return check(&m.paths, mode == 'T');
	return daemon_run(&m);
}
