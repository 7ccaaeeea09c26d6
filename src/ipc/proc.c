/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of every role: parent's channel, HELLO, sandbox, configuration
 * in two phases.  The role lives exactly as long as the parent's channel.
 */
#include "ipc/proc.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/log.h"
#include "base/xmem.h"
#include "conf/conf_parse.h"
#include "conf/conf_secret.h"
#include "ipc/sandbox.h"
#include "ipc/shm.h"

enum { TICK_MS = 100, PARENT_FD = 3, ERR_SIZE = 4096, SYSTEM_FILE_MAX = 256 * 1024 };
#define PROC_MAGIC	0x70726f63u

struct wad_proc {
	unsigned		 magic;
	const struct wad_proc_ops *ops;
	void			*arg;
	const char		*argv0;
	struct event_base	*base;
	struct wad_chan		*parent;
	uint32_t		 index, count;
	bool			 hello, leaving;
	int			 code;
	int			 segment_fd;	/* of HELLO; -1 */
	struct event		*tick;
	uint64_t		 tick_due;	/* us; 0: it never came */
	struct wad_conf		*conf;		/* what runs */
	struct wad_conf		*next;		/* prepared, not committed */
};

static const struct {
	const char	*role;
	enum wad_sandbox sandbox;
} sandboxes[] = {
	{ "keys", WAD_SANDBOX_KEYS },
	{ "worker", WAD_SANDBOX_WORKER },
	{ "control", WAD_SANDBOX_CONTROL },
	{ "lookup", WAD_SANDBOX_LOOKUP },
	{ "export", WAD_SANDBOX_EXPORT },
};

static void
complain(const struct wad_proc *p, const char *what, const char *why)
{
	fprintf(stderr, "%s: %s%s%s\n", p->argv0, what, why != NULL ? ": " : "",
	    why != NULL ? why : "");
}

/* Debug and log segments.  A role without them still runs, so that a test
 * may start one alone. */
static int
attach(struct wad_proc *p, int ctl_fd, int ring_fd)
{
	struct wad_dbg_ctl	*ctl = NULL;
	struct wad_ring_seg	*ring = NULL;

	if (ctl_fd != -1) {
		ctl = wad_shm_map(ctl_fd, sizeof(*ctl), false);
		if (ctl == NULL || ctl->magic != WAD_DBG_CTL_MAGIC) {
			complain(p, "debug segment cannot be mapped", NULL);
			return -1;
		}
	}
	if (ring_fd != -1) {
		ring = wad_shm_map(ring_fd, sizeof(*ring), true);
		if (ring == NULL || ring->magic != WAD_RING_MAGIC) {
			complain(p, "ring segment cannot be mapped", NULL);
			return -1;
		}
		ring->pid = (uint32_t)getpid();
	}
	wad_dbg_attach(ctl, ring);
	return 0;
}

static int
confine(struct wad_proc *p)
{
	size_t i;

	for (i = 0; i < sizeof(sandboxes) / sizeof(sandboxes[0]); i++)
		if (strcmp(sandboxes[i].role, p->ops->role) == 0)
			break;
	WAD_ASSERT(i < sizeof(sandboxes) / sizeof(sandboxes[0]));
	if (wad_sandbox_enter(sandboxes[i].sandbox) == 0)
		return 0;
	complain(p, "cannot confine itself and will not run unconfined", NULL);
	return -1;
}

/* How late it comes is how long everything else of this role waits.  epoll
 * itself may be late by a millisecond. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval tv = { .tv_usec = TICK_MS * 1000 };
	struct wad_proc	*p = arg;
	uint64_t	 now = wad_clock_us();

	(void)fd;
	(void)what;
	if (p->tick_due != 0)
		wad_stats_time(WAD_HISTO_LOOP, now > p->tick_due ?
		    now - p->tick_due : 0);
	if (p->ops->tick != NULL)
		p->ops->tick(p, p->arg);
	p->tick_due = now + TICK_MS * 1000;
	evtimer_add(p->tick, &tv);
}

static int
on_hello(struct wad_proc *p, struct wad_msg_in *m)
{
	const char	*role;
	int		 ctl, ring, rc;

	if (wad_msg_get_u32(m, &p->index) == -1 ||
	    wad_msg_get_u32(m, &p->count) == -1 ||
	    wad_msg_get_str(m, &role) == -1 || wad_msg_end(m) == -1)
		return -1;
	if (strcmp(role, p->ops->role) != 0) {
		complain(p, "the parent expects another role", role);
		return -1;
	}
	ctl = wad_msg_take_fd(m);
	ring = wad_msg_take_fd(m);
	p->segment_fd = wad_msg_take_fd(m);
	rc = attach(p, ctl, ring);
	if (ctl != -1)
		close(ctl);
	if (ring != -1)
		close(ring);
	if (rc == -1)
		return -1;
	if (p->ops->init != NULL && p->ops->init(p, p->arg) == -1) {
		complain(p, "cannot start", NULL);
		return -1;
	}
	if (confine(p) == -1)
		return -1;
	p->hello = true;
	p->tick = evtimer_new(p->base, on_tick, p);
	if (p->tick == NULL)
		return -1;
	on_tick(-1, 0, p);
	return 0;
}

static void
answer_prepare(struct wad_proc *p, uint64_t gen, bool ok, const char *err)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_CONF_READY, 0);
	wad_msg_add_u64(&m, gen);
	wad_msg_add_u32(&m, ok);
	wad_msg_add_str(&m, err);
	if (wad_chan_send(p->parent, &m) == -1)
		wad_proc_exit(p, 1);
	wad_msg_free(&m);
}

/* NULL: it is not sealed. */
static struct wad_conf_tree *
parse_sealed(int fd, struct wad_conf_errs *errs)
{
	struct wad_conf_tree	*tree;
	const char		*text;
	size_t			 len;

	text = wad_shm_map_text(fd, &len);
	if (text == NULL)
		return NULL;
	tree = wad_conf_parse(WAD_CONF_SEALED, text, len, errs);
	wad_shm_unmap(text, len);
	return tree;
}

/* Sealed text and secrets (-1: none) to snapshot; NULL with a reason in
 * err. */
static struct wad_conf *
build(struct wad_proc *p, int fd, int secret_fd, uint64_t gen, char *err,
    size_t size)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*tree = parse_sealed(fd, &errs), *secrets;
	struct wad_conf		*conf = NULL;

	if (tree == NULL) {
		snprintf(err, size, "the text is not sealed");
		return NULL;
	}
	secrets = secret_fd != -1 ? parse_sealed(secret_fd, &errs) : NULL;
	if (secrets != NULL)
		wad_conf_secret_put(tree, secrets);
	wad_conf_tree_free(secrets);
	if (errs.n == 0)
		conf = wad_conf_build(tree, p->ops->facts, &errs);
	wad_conf_tree_free(tree);
	if (conf != NULL)
		conf->generation = gen;
	else
		snprintf(err, size, "%s", errs.text.s != NULL ? errs.text.s :
		    "cannot be built");
	wad_conf_errs_free(&errs);
	return conf;
}

static void
forget_next(struct wad_proc *p)
{
	if (p->next == NULL)
		return;
	if (p->ops->abort != NULL)
		p->ops->abort(p, p->arg);
	wad_conf_put(p->next);
	p->next = NULL;
}

static int
on_prepare(struct wad_proc *p, struct wad_msg_in *m)
{
	char		 err[ERR_SIZE] = "";
	uint64_t	 gen;
	int		 fd, secret_fd;

	if (wad_msg_get_u64(m, &gen) == -1 || wad_msg_end(m) == -1)
		return -1;
	fd = wad_msg_take_fd(m);
	secret_fd = wad_msg_take_fd(m);
	if (fd == -1)
		return -1;
	forget_next(p);
	p->next = build(p, fd, secret_fd, gen, err, sizeof(err));
	close(fd);
	if (secret_fd != -1)
		close(secret_fd);
	if (p->next != NULL && p->ops->prepare != NULL &&
	    p->ops->prepare(p, p->arg, p->next, err, sizeof(err)) == -1) {
		wad_conf_put(p->next);
		p->next = NULL;
		if (err[0] == '\0')
			snprintf(err, sizeof(err), "not accepted");
	}
	answer_prepare(p, gen, p->next != NULL, p->next != NULL ? "" : err);
	return 0;
}

static int
on_commit(struct wad_proc *p, struct wad_msg_in *m)
{
	struct wad_conf *old = p->conf;
	uint64_t	 gen;

	if (wad_msg_get_u64(m, &gen) == -1 || wad_msg_end(m) == -1 ||
	    p->next == NULL || p->next->generation != gen)
		return -1;
	p->conf = p->next;
	p->next = NULL;
	wad_log_events(p->conf->log.event, p->conf->log.ev_system,
	    p->conf->log.ev_user, p->conf->log.ev_wad);
	if (p->ops->commit != NULL)
		p->ops->commit(p, p->arg, p->conf);
	wad_conf_put(old);
	WAD_DBG(CONF, WAD_I, "generation %llu runs", (unsigned long long)gen);
	return 0;
}

/* An abort may come for a preparation that failed here: nothing to do. */
static int
on_abort(struct wad_proc *p, struct wad_msg_in *m)
{
	uint64_t gen;

	if (wad_msg_get_u64(m, &gen) == -1 || wad_msg_end(m) == -1)
		return -1;
	if (p->next != NULL && p->next->generation != gen)
		return 0;
	if (p->next != NULL)
		forget_next(p);
	else if (p->ops->abort != NULL)
		p->ops->abort(p, p->arg);
	return 0;
}

static int
on_peer(struct wad_proc *p, struct wad_msg_in *m)
{
	const char	*role;
	uint32_t	 index;
	int		 fd;

	if (wad_msg_get_str(m, &role) == -1 ||
	    wad_msg_get_u32(m, &index) == -1 || wad_msg_end(m) == -1 ||
	    p->ops->peer == NULL)
		return -1;
	fd = wad_msg_take_fd(m);
	if (fd == -1)
		return -1;
	return p->ops->peer(p, p->arg, role, index, fd);
}

static int
on_message(void *arg, struct wad_chan *ch, struct wad_msg_in *m)
{
	struct wad_proc *p = arg;

	(void)ch;
	WAD_CHECK(p, PROC_MAGIC);
	if (!p->hello)
		return m->type == WAD_MSG_HELLO ? on_hello(p, m) : -1;
	switch (m->type) {
	case WAD_MSG_CHAN:
		return on_peer(p, m);
	case WAD_MSG_CONF_PREPARE:
		return on_prepare(p, m);
	case WAD_MSG_CONF_COMMIT:
		return on_commit(p, m);
	case WAD_MSG_CONF_ABORT:
		return on_abort(p, m);
	case WAD_MSG_HELLO:
		return -1;
	default:
		if (p->ops->message == NULL)
			return -1;
		return p->ops->message(p, p->arg, m);
	}
}

/* The parent is gone or sent nonsense: there is no life without it. */
static void
on_down(void *arg, struct wad_chan *ch)
{
	struct wad_proc *p = arg;

	(void)ch;
	wad_proc_exit(p, p->hello ? 0 : 1);
}

static int
setup(struct wad_proc *p, int argc, char **argv)
{
	static const int ignored[] = { SIGPIPE, SIGTERM, SIGINT, SIGHUP,
		SIGUSR1, SIGUSR2, SIGQUIT };
	struct stat	 st;
	size_t		 i;
	unsigned	 warm;
	time_t		 now = time(NULL);
	struct tm	 tm;

	if (argc != 3 || strcmp(argv[1], "-i") != 0 ||
	    fstat(PARENT_FD, &st) == -1 || !S_ISSOCK(st.st_mode)) {
		fprintf(stderr, "%s: this is a role of openwad; it is started "
		    "by openwad, not by hand\n", argv[0]);
		return -1;
	}
	(void)fcntl(PARENT_FD, F_SETFD, FD_CLOEXEC);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	/* With TZ set the C library reads the zone once, here, and never
	 * looks for the file again. */
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
	localtime_r(&now, &tm);
	if (getrandom(&warm, sizeof(warm), 0) != sizeof(warm))
		return -1;
	p->base = event_base_new();
	if (p->base == NULL) {
		complain(p, "no event loop", strerror(errno));
		return -1;
	}
	p->parent = wad_chan_new(p->base, PARENT_FD, "parent", on_message,
	    on_down, p);
	return 0;
}

int
wad_proc_run(int argc, char **argv, const struct wad_proc_ops *ops, void *arg)
{
	/* as long as the process: who runs the loop once more at the end still
	 * meets its timer and its channel */
	static struct wad_proc p;

	p = (struct wad_proc){ .magic = PROC_MAGIC, .ops = ops, .arg = arg,
		.segment_fd = -1 };
	p.argv0 = argc > 0 ? argv[0] : ops->role;
	if (setup(&p, argc, argv) == -1)
		return 1;
	while (!p.leaving && event_base_loop(p.base, EVLOOP_ONCE) == 0)
		;
	/* Snapshots and channels end with the process: what holds pointers
	 * into them (sessions) is not told to let go. */
	return p.code;
}

struct event_base *
wad_proc_base(struct wad_proc *p)
{
	WAD_CHECK(p, PROC_MAGIC);
	return p->base;
}

struct wad_chan *
wad_proc_parent(struct wad_proc *p)
{
	WAD_CHECK(p, PROC_MAGIC);
	return p->parent;
}

unsigned
wad_proc_index(const struct wad_proc *p)
{
	WAD_CHECK(p, PROC_MAGIC);
	return p->index;
}

unsigned
wad_proc_count(const struct wad_proc *p)
{
	WAD_CHECK(p, PROC_MAGIC);
	return p->count;
}

void
wad_proc_exit(struct wad_proc *p, int code)
{
	WAD_CHECK(p, PROC_MAGIC);
	if (p->leaving)
		return;
	p->leaving = true;
	p->code = code;
	event_base_loopbreak(p->base);
}

int
wad_proc_take_segment(struct wad_proc *p)
{
	int fd = p->segment_fd;

	WAD_CHECK(p, PROC_MAGIC);
	p->segment_fd = -1;
	return fd;
}

char *
wad_proc_system_file(const char *path)
{
	FILE	*f = fopen(path, "re");
	char	*s;
	size_t	 n;

	if (f == NULL)
		return NULL;
	s = wad_xmalloc(SYSTEM_FILE_MAX);
	n = fread(s, 1, SYSTEM_FILE_MAX - 1, f);
	s[n] = '\0';
	fclose(f);
	return s;
}
