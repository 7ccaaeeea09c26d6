/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change of configuration, all or nothing.
 *
 *	load	a child reads the file (and applies a console's script)
 *	prepare	every role builds the new beside the old and answers
 *	commit	packet filter, file, COMMIT to all; or ABORT to all
 *
 * The same road is used for the first start.  A role that starts later gets
 * what runs; one that was busy with an older text gets the newest next.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xmem.h"
#include "conf/conf_parse.h"
#include "ipc/shm.h"
#include "main/audit.h"
#include "main/feed_files.h"
#include "main/firewall.h"
#include "main/main.h"

enum { LOAD_SECONDS = 60, ANSWER_SECONDS = 20, ERR_SIZE = 8192,
	ANSWER_MAX = 120 * 1024, WORKERS_MAX = 128 };

static void	txn_commit(struct wad_main *);

void
wad_reload_answer(struct wad_main *m, uint32_t id, bool ok, const char *text)
{
	struct wad_role_slot	*s = wad_roles_slot(m, WAD_ROLE_CONTROL, 0);
	struct wad_msg	 msg;
	size_t		 len = strlen(text);
	int		 fd = -1;

	if (s == NULL || s->chan == NULL)
		return;
	if (len > ANSWER_MAX)
		fd = wad_shm_seal_text("answer", text, len);
	wad_msg_init(&msg, WAD_MSG_CTL_ANSWER, id);
	wad_msg_add_u32(&msg, ok);
	wad_msg_add_str(&msg, fd == -1 ? text : "");
	if (fd != -1)
		wad_msg_add_fd(&msg, fd);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
	if (fd != -1)
		close(fd);
}

/* Every line of a text to the log; at the start as it is, for people and
 * editors that look for FILE:LINE. */
static void
say_lines(const struct wad_main *m, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		if (m->starting)
			fprintf(stderr, "%.*s\n", (int)n, text);
		else
			wad_main_say("%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

/* What a line says, without FILE:LINE. */
static const char *
line_text(const char *line, size_t n)
{
	for (const char *p = line; p + 2 < line + n; p++) {
		size_t digits = p[0] == ':' ? strspn(p + 1, "0123456789") : 0;

		if (digits > 0 && p[1 + digits] == ':')
			return p + 1 + digits + 1;
	}
	return line;
}

/* A line of a report: what it says, of which report, and its number there. */
struct told {
	const char	*what;
	size_t		 len;
	bool		 now;		/* else of what runs */
	size_t		 at;
};

static int
told_cmp(const void *va, const void *vb)
{
	const struct told *a = va, *b = vb;
	int c = memcmp(a->what, b->what, a->len < b->len ? a->len : b->len);

	if (c != 0 || a->len != b->len)
		return c != 0 ? c : a->len < b->len ? -1 : 1;
	if (a->now != b->now)
		return a->now ? 1 : -1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* Adds the lines of a report to t (NULL: only counts them); how many. */
static size_t
told_add(struct told *t, const char *text, bool now)
{
	size_t at = 0;

	for (size_t n; *text != '\0'; text += n + (text[n] == '\n'), at++) {
		n = strcspn(text, "\n");
		if (t == NULL)
			continue;
		t[at].what = line_text(text, n);
		t[at].len = (size_t)(text + n - t[at].what);
		t[at].now = now;
		t[at].at = at;
	}
	return at;
}

/* Which lines of text say what said does not, or more often: fresh[i] for the
 * i-th.  Sorted, for a configuration can have very many warnings. */
static bool *
told_fresh(const char *said, const char *text)
{
	size_t		 was = told_add(NULL, said, false);
	size_t		 n = was + told_add(NULL, text, true), same = 0;
	struct told	*t = wad_xcalloc(n + 1, sizeof(*t));
	bool		*fresh = wad_xcalloc(n + 1, sizeof(*fresh));

	(void)told_add(t, said, false);
	(void)told_add(t + was, text, true);
	qsort(t, n, sizeof(*t), told_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (t[i].len != t[i - 1].len ||
		    memcmp(t[i].what, t[i - 1].what, t[i].len) != 0))
			same = 0;
		if (!t[i].now)
			same++;
		else if (same > 0)
			same--;
		else
			fresh[t[i].at] = true;
	}
	free(t);
	return fresh;
}

/* A console hears what its change brought, not what the configuration that
 * runs has been told of before. */
static void
answer_change(struct wad_main *m, bool ok, const char *text)
{
	struct wad_txn	*t = &m->txn;
	bool		*fresh = told_fresh(t->said != NULL ? t->said : "",
			    text);
	struct wad_str	 s = { 0 };
	size_t		 i = 0;

	for (size_t n; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (fresh[i++])
			wad_str_addf(&s, "%.*s\n", (int)n, text);
	}
	wad_reload_answer(m, t->ask_id, ok, s.s != NULL ? s.s : "");
	wad_str_free(&s);
	free(fresh);
}

/* preparing one role */

static struct wad_load *
load_of(struct wad_main *m, uint64_t gen)
{
	if (gen != 0 && gen == m->generation)
		return m->load;
	if (m->txn.active && gen == m->txn.generation)
		return m->txn.load;
	return NULL;
}

/* Either descriptor may be -1; the second only with the first. */
static void
send_fds(struct wad_role_slot *s, enum wad_msg_type type, uint64_t gen,
    int fd, int second)
{
	struct wad_msg m;

	wad_msg_init(&m, type, 0);
	wad_msg_add_u64(&m, gen);
	if (fd != -1)
		wad_msg_add_fd(&m, fd);
	if (second != -1)
		wad_msg_add_fd(&m, second);
	(void)wad_chan_send(s->chan, &m);
	wad_msg_free(&m);
}

static void
send_gen(struct wad_role_slot *s, enum wad_msg_type type, uint64_t gen, int fd)
{
	send_fds(s, type, gen, fd, -1);
}

void
wad_reload_send_own(struct wad_main *m, struct wad_role_slot *s)
{
	struct wad_msg	msg;
	unsigned	i;

	if (s->chan == NULL)
		return;
	wad_msg_init(&msg, WAD_MSG_OWN_ADDRS, 0);
	wad_msg_add_u32(&msg, m->n_own);
	for (i = 0; i < m->n_own; i++)
		wad_msg_add_addr(&msg, &m->own[i]);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
}

static void
send_catdb(struct wad_role_slot *s, const char *path)
{
	struct wad_msg	m;
	int		fd = -1;

	if (path != NULL && path[0] != '\0') {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd == -1 && s->index == 0 && !s->in_txn)
			wad_main_say(WAD_FILES_NO_CATDB, path,
			    strerror(errno));
	}
	wad_msg_init(&m, WAD_MSG_CATDB, 0);
	wad_msg_add_str(&m, path);
	/* what runs already goes on without one that was spoilt meanwhile */
	wad_msg_add_u32(&m, s->in_txn);
	if (fd != -1)
		wad_msg_add_fd(&m, fd);
	(void)wad_chan_send(s->chan, &m);
	wad_msg_free(&m);
	if (fd != -1)
		close(fd);
}

/* The system's roots. */
static void
send_trust(struct wad_main *m, struct wad_role_slot *s, uint64_t gen)
{
	struct wad_load	*load = load_of(m, gen);
	struct wad_msg	 msg;

	if (load->trust_fd == -1)
		return;
	wad_msg_init(&msg, WAD_MSG_TRUST, 0);
	wad_msg_add_fd(&msg, load->trust_fd);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
}

static void
send_listener(struct wad_role_slot *s, const struct wad_listen *w,
    uint64_t gen)
{
	struct wad_msg msg;

	wad_msg_init(&msg, WAD_MSG_LISTENER, 0);
	wad_msg_add_u64(&msg, gen);
	wad_msg_add_u32(&msg, w->kind);
	wad_msg_add_u32(&msg, w->row);
	wad_msg_add_str(&msg, w->device);
	wad_msg_add_u32(&msg, w->local.family);
	wad_msg_add_addr(&msg, &w->local);
	wad_msg_add_fd(&msg, w->fd);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
}

/* Those of this process: of a worker its own, of wad-export that of the
 * metrics. */
static void
send_listeners(struct wad_main *m, struct wad_role_slot *s, uint64_t gen)
{
	const struct wad_listeners *l = gen != m->generation ?
	    m->txn.listeners : m->listeners;

	for (size_t i = 0; i < l->n; i++)
		if ((l->v[i].kind == WAD_KIND_METRICS) ==
		    (s->role == WAD_ROLE_EXPORT) &&
		    l->v[i].worker == s->index)
			send_listener(s, &l->v[i], gen);
}

/* All that a worker needs beside the text. */
static void
send_worker(struct wad_main *m, struct wad_role_slot *s, uint64_t gen)
{
	const struct wad_conf	*conf = gen != m->generation ? m->txn.conf :
	    m->conf;

	wad_reload_send_own(m, s);
	send_trust(m, s, gen);
	send_catdb(s, conf->settings.category_db);
	send_listeners(m, s, gen);
}

/* Keys are carried by a child, so that they are never in our memory. */
static void
start_feeder(struct wad_main *m, struct wad_role_slot *s, uint64_t gen)
{
	struct wad_load	*load = load_of(m, gen);

	if (s->feeder > 0)
		kill(s->feeder, SIGKILL);
	(void)wad_chan_flush(s->chan);
	s->feeding = gen;
	s->feeder = wad_main_fork();
	if (s->feeder == 0)
		_exit(wad_files_feed(load->vault_fd, s->fd, gen) == 0 ? 0 : 1);
	if (s->feeder == -1)
		wad_main_say("no process to carry keys: %s", strerror(errno));
}

static void
slot_prepare(struct wad_main *m, struct wad_role_slot *s, uint64_t gen)
{
	const struct wad_load	*load = load_of(m, gen);
	int			 secret = -1;

	s->asked = gen;
	s->in_txn = m->txn.active && gen == m->txn.generation;
	switch (s->role) {
	case WAD_ROLE_KEYS:
		start_feeder(m, s, gen);
		return;
	case WAD_ROLE_WORKER:
		send_worker(m, s, gen);
		secret = load->secret_fd[WAD_SECRET_WORKER];
		break;
	case WAD_ROLE_LOOKUP:
		wad_reload_send_own(m, s);
		send_trust(m, s, gen);
		wad_feed_files_send(m, s, gen != m->generation ?
		    m->txn.conf : m->conf);
		secret = load->secret_fd[WAD_SECRET_LOOKUP];
		break;
	case WAD_ROLE_EXPORT:
		send_trust(m, s, gen);
		send_listeners(m, s, gen);
		break;
	default:
		break;
	}
	send_fds(s, WAD_MSG_CONF_PREPARE, gen, load->sealed_fd, secret);
}

void
wad_reload_prepare(struct wad_main *m, struct wad_role_slot *s)
{
	if (m->generation != 0)
		slot_prepare(m, s, m->generation);
	else if (m->txn.active && m->txn.conf != NULL)
		slot_prepare(m, s, m->txn.generation);
}

/* the end of a change */

static void
txn_clear(struct wad_main *m)
{
	struct wad_txn	*t = &m->txn;
	unsigned	 i;

	for (i = 0; i < m->n_slots; i++)
		m->slots[i].in_txn = false;
	if (t->loader_ev != NULL)
		event_free(t->loader_ev);
	if (t->loader_fd != -1)
		close(t->loader_fd);
	if (t->loader > 0)
		kill(t->loader, SIGKILL);
	if (t->timer != NULL)
		event_free(t->timer);
	wad_files_load_free(t->load);
	wad_conf_put(t->conf);
	wad_sockets_listeners_free(t->listeners);
	wad_str_free(&t->notes);
	free(t->said);
	memset(t, 0, sizeof(*t));
	t->loader_fd = -1;
}

static void
run_again(struct wad_main *m)
{
	if (!m->reload_again)
		return;
	m->reload_again = false;
	wad_reload_start(m, NULL, WAD_RELOAD_SIGNAL, 0);
}

static void
txn_fail(struct wad_main *m, const char *text)
{
	struct wad_txn	*t = &m->txn;
	char		 path[4096];
	unsigned	 i;

	for (i = 0; i < m->n_slots; i++) {
		struct wad_role_slot *s = &m->slots[i];

		if (!s->in_txn)
			continue;
		if (s->asked == t->generation)
			s->asked = 0;
		if (s->feeder > 0 && s->feeding == t->generation) {
			kill(s->feeder, SIGKILL);
			s->feeder = 0;
		}
		if (s->chan != NULL)
			send_gen(s, WAD_MSG_CONF_ABORT, t->generation, -1);
	}
	if (t->load != NULL && t->load->edited) {
		snprintf(path, sizeof(path), "%s.new", m->paths.conf);
		(void)unlink(path);
	}
	say_lines(m, text);
	wad_audit_refused(m, text);
	if (t->ask_id != 0)
		answer_change(m, false, text);
	if (!m->starting)
		wad_main_say("the change by %s (%s) is refused; generation "
		    "%llu goes on", t->user, t->ui,
		    (unsigned long long)m->generation);
	txn_clear(m);
	if (m->starting)
		wad_main_stop(m, 1);
	else
		run_again(m);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct wad_main *m = arg;
	struct wad_str	 s = { 0 };
	unsigned	 i;

	(void)fd;
	(void)what;
	wad_str_add(&s, "no answer in time from");
	if (m->txn.conf == NULL)
		wad_str_add(&s, " the reader of the configuration file");
	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].in_txn &&
		    m->slots[i].asked == m->txn.generation)
			wad_str_addf(&s, " %s %u",
			    wad_role_rows[m->slots[i].role].name,
			    m->slots[i].index);
	wad_str_add(&s, "; nothing is changed\n");
	txn_fail(m, s.s);
	wad_str_free(&s);
}

static void
arm(struct wad_main *m, int seconds)
{
	struct timeval tv = { .tv_sec = seconds };

	if (m->txn.timer == NULL)
		m->txn.timer = evtimer_new(m->base, on_timer, m);
	evtimer_add(m->txn.timer, &tv);
}

static bool
wants_rules(const struct wad_conf *conf)
{
	return conf != NULL && conf->settings.firewall_auto &&
	    conf->settings.transparent != WAD_TRANSPARENT_DISABLE;
}

static int
rules_set(struct wad_main *m, const struct wad_conf *conf, char *err,
    size_t size)
{
	struct wad_firewall_id id;

	wad_firewall_id(&id, m->paths.private_instance ? m->paths.run : NULL);
	if (wants_rules(conf)) {
		m->rules_installed = true;
		return wad_firewall_install(&id, conf, err, size);
	}
	if (!m->rules_installed)
		return 0;
	m->rules_installed = false;
	if (wad_firewall_remove(&id, err, size) == -1)
		wad_main_say("warning: rules that are not wanted any more "
		    "stay: %s", err);
	return 0;
}

/* Everybody is ready.  What can fail comes first. */
static void
txn_commit(struct wad_main *m)
{
	struct wad_txn	*t = &m->txn;
	char		 err[ERR_SIZE] = "", again[ERR_SIZE];
	char		*report;
	unsigned	 i;

	if (rules_set(m, t->conf, err, sizeof(err)) == -1 ||
	    (t->load->edited &&
	    wad_files_replace(m->paths.conf, err, sizeof(err)) == -1)) {
		if (rules_set(m, m->conf, again, sizeof(again)) == -1)
			say_lines(m, again);
		txn_fail(m, err);
		return;
	}
	for (i = 0; i < m->n_slots; i++) {
		struct wad_role_slot *s = &m->slots[i];

		if (!s->in_txn || s->chan == NULL)
			continue;
		send_gen(s, WAD_MSG_CONF_COMMIT, t->generation, -1);
		s->generation = t->generation;
	}
	wad_audit_changes(m);
	wad_files_load_free(m->load);
	wad_conf_put(m->conf);
	wad_sockets_listeners_free(m->listeners);
	m->load = t->load;
	m->conf = t->conf;
	wad_feed_files_clean(m);
	m->listeners = t->listeners;
	m->generation = t->generation;
	t->load = NULL;
	t->conf = NULL;
	t->listeners = NULL;

	report = wad_files_text(m->load->report_fd);
	wad_log_events(m->conf->log.event, m->conf->log.ev_system,
	    m->conf->log.ev_user, m->conf->log.ev_wad);
	wad_str_add(&t->notes, report);
	free(report);
	if (t->notes.s != NULL)
		say_lines(m, t->notes.s);
	wad_main_say("generation %llu runs (%s, %s)",
	    (unsigned long long)m->generation, t->user, t->ui);
	if (!m->starting)
		wad_audit_event(WAD_LOG_SYS_RELOAD, "generation %llu runs, "
		    "changed by %s (%s)", (unsigned long long)m->generation,
		    t->user, t->ui);
	if (t->ask_id != 0)
		answer_change(m, true, t->notes.s != NULL ? t->notes.s : "");
	txn_clear(m);
	/* Who was not part of this (just started again) gets it now. */
	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].chan != NULL && m->slots[i].asked == 0 &&
		    m->slots[i].generation != m->generation)
			slot_prepare(m, &m->slots[i], m->generation);
	if (m->starting)
		wad_main_running(m);
	run_again(m);
}

static bool
txn_waits(const struct wad_main *m)
{
	unsigned i;

	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].in_txn &&
		    m->slots[i].asked == m->txn.generation)
			return true;
	return false;
}

void
wad_reload_ready(struct wad_main *m, struct wad_role_slot *s, uint64_t gen,
    bool ok, const char *err)
{
	char text[ERR_SIZE];

	if (gen == 0 || gen != s->asked)
		return;
	s->asked = 0;
	snprintf(text, sizeof(text), "%s %u: %s\n",
	    wad_role_rows[s->role].name, s->index, err);
	if (m->txn.active && s->in_txn && gen == m->txn.generation) {
		if (!ok)
			txn_fail(m, text);
		else if (!txn_waits(m))
			txn_commit(m);
		return;
	}
	if (gen != m->generation) {
		slot_prepare(m, s, m->generation);
		return;
	}
	if (!ok) {
		say_lines(m, text);
		kill(s->pid, SIGKILL);
		return;
	}
	send_gen(s, WAD_MSG_CONF_COMMIT, gen, -1);
	s->generation = gen;
}

void
wad_reload_lost(struct wad_main *m, struct wad_role_slot *s)
{
	char text[128];

	if (s->role == WAD_ROLE_CONTROL)
		m->txn.ask_id = 0;
	s->asked = 0;
	if (!m->txn.active || !s->in_txn)
		return;
	snprintf(text, sizeof(text), "%s %u ended while it prepared the "
	    "configuration\n", wad_role_rows[s->role].name, s->index);
	txn_fail(m, text);
}

/* loading */

/* The child's half. */
static void
loader_child(struct wad_main *m, int fd, const char *script)
{
	struct wad_load	*l = wad_files_load(&m->paths, script, WAD_FILES_RUN);
	struct wad_msg	 msg;

	wad_msg_init(&msg, WAD_MSG_CONF_READY, 0);
	wad_msg_add_u32(&msg, l->ok);
	wad_msg_add_u32(&msg, l->edited);
	if (l->report_fd != -1)
		wad_msg_add_fd(&msg, l->report_fd);
	if (l->ok) {
		wad_msg_add_fd(&msg, l->sealed_fd);
		wad_msg_add_fd(&msg, l->shown_fd);
		wad_msg_add_fd(&msg, l->full_fd);
		wad_msg_add_fd(&msg, l->vault_fd);
		wad_msg_add_fd(&msg, l->audit_fd);
		for (int i = 0; i < WAD_SECRETS; i++)
			wad_msg_add_fd(&msg, l->secret_fd[i]);
		if (l->trust_fd != -1)
			wad_msg_add_fd(&msg, l->trust_fd);
	}
	_exit(wad_msg_send_wait(fd, &msg) == 0 ? 0 : 1);
}

static struct wad_load *
loader_result(int fd)
{
	uint8_t		*buf = wad_xmalloc(WAD_MSG_MAX);
	struct wad_load	*l = wad_files_load_new();
	struct wad_msg_in in;
	uint32_t	 ok = 0, edited = 0;

	if (wad_msg_recv_wait(fd, &in, buf) == 0) {
		if (wad_msg_get_u32(&in, &ok) == 0 &&
		    wad_msg_get_u32(&in, &edited) == 0) {
			l->report_fd = wad_msg_take_fd(&in);
			l->sealed_fd = wad_msg_take_fd(&in);
			l->shown_fd = wad_msg_take_fd(&in);
			l->full_fd = wad_msg_take_fd(&in);
			l->vault_fd = wad_msg_take_fd(&in);
			l->audit_fd = wad_msg_take_fd(&in);
			for (int i = 0; i < WAD_SECRETS; i++)
				l->secret_fd[i] = wad_msg_take_fd(&in);
			l->trust_fd = wad_msg_take_fd(&in);
			l->ok = ok != 0 && l->vault_fd != -1;
			l->edited = edited != 0;
		}
		wad_msg_close_fds(&in);
	}
	free(buf);
	return l;
}

static struct wad_conf *
build(int sealed_fd, uint64_t gen, char *err, size_t size)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*tree;
	struct wad_conf		*conf = NULL;
	char			*text = wad_files_text(sealed_fd);

	tree = wad_conf_parse(WAD_CONF_SEALED, text, strlen(text), &errs);
	free(text);
	if (errs.n == 0)
		conf = wad_conf_build(tree, NULL, &errs);
	if (conf != NULL)
		conf->generation = gen;
	else
		snprintf(err, size, "%s", errs.text.s != NULL ? errs.text.s :
		    "the configuration cannot be built\n");
	wad_conf_tree_free(tree);
	wad_conf_errs_free(&errs);
	return conf;
}

static unsigned
worker_count(const struct wad_conf *conf)
{
	long n = conf->settings.worker_count;

	if (n == 0)
		n = conf->sys.wad_worker_count;
	if (n == 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > WORKERS_MAX ? WORKERS_MAX : (unsigned)n;
}

static void
txn_loaded(struct wad_main *m)
{
	struct wad_txn	*t = &m->txn;
	char		 err[ERR_SIZE] = "", *text;
	unsigned	 i, n;

	if (!t->load->ok) {
		text = wad_files_text(t->load->report_fd);
		txn_fail(m, text[0] != '\0' ? text : "the reader of the "
		    "configuration file failed\n");
		free(text);
		return;
	}
	t->generation = ++m->last_generation;
	t->conf = build(t->load->sealed_fd, t->generation, err, sizeof(err));
	if (t->conf == NULL) {
		txn_fail(m, err);
		return;
	}
	n = m->n_workers != 0 ? m->n_workers : worker_count(t->conf);
	if (n != worker_count(t->conf))
		wad_str_addf(&t->notes, "warning: %u workers go on; the new "
		    "number %u counts from the next start\n", n,
		    worker_count(t->conf));
	t->listeners = wad_sockets_listen(t->conf, n, m->listeners, &t->notes,
	    err, sizeof(err));
	if (t->listeners == NULL) {
		txn_fail(m, err);
		return;
	}
	arm(m, ANSWER_SECONDS);
	(void)wad_main_own_addrs(m);
	if (m->starting) {
		if (wad_roles_init(m, n) == -1)
			txn_fail(m, "no memory for the segments of roles\n");
		else if (wad_roles_start(m) == -1)
			txn_fail(m, "nothing was started\n");
		return;
	}
	for (i = 0; i < m->n_slots; i++)
		if (m->slots[i].chan != NULL && m->slots[i].asked == 0)
			slot_prepare(m, &m->slots[i], t->generation);
	if (!txn_waits(m))
		txn_commit(m);
}

static void
on_loader(evutil_socket_t fd, short what, void *arg)
{
	struct wad_main *m = arg;
	struct wad_txn	*t = &m->txn;

	(void)what;
	t->load = loader_result(fd);
	event_free(t->loader_ev);
	t->loader_ev = NULL;
	close(t->loader_fd);
	t->loader_fd = -1;
	t->loader = 0;
	txn_loaded(m);
}

void
wad_reload_start(struct wad_main *m, const char *script, const char *user,
    const char *ui, uint32_t ask_id)
{
	struct wad_txn	*t = &m->txn;
	int		 fd[2];

	if (m->stopping || m->draining || t->active) {
		if (ask_id != 0)
			wad_reload_answer(m, ask_id, false, t->active ?
			    "another change is being applied; try again\n" :
			    "openwad is stopping\n");
		else
			m->reload_again = t->active;
		return;
	}
	memset(t, 0, sizeof(*t));
	t->loader_fd = -1;
	t->active = true;
	t->ask_id = ask_id;
	if (script != NULL && m->load != NULL)
		t->said = wad_files_text(m->load->report_fd);
	wad_str_escape(t->user, sizeof(t->user), user, strlen(user));
	wad_str_escape(t->ui, sizeof(t->ui), ui, strlen(ui));
	if (wad_msg_pair(fd) == -1) {
		txn_fail(m, "no socket pair for the reader\n");
		return;
	}
	t->loader = wad_main_fork();
	if (t->loader == 0) {
		close(fd[0]);
		loader_child(m, fd[1], script);
	}
	close(fd[1]);
	t->loader_fd = fd[0];
	if (t->loader == -1) {
		t->loader = 0;
		txn_fail(m, "no process for the reader\n");
		return;
	}
	t->loader_ev = event_new(m->base, fd[0], EV_READ, on_loader, m);
	WAD_ASSERT(t->loader_ev != NULL);
	event_add(t->loader_ev, NULL);
	arm(m, LOAD_SECONDS);
}

bool
wad_reload_child(struct wad_main *m, pid_t pid, int status)
{
	struct wad_load	*load;
	unsigned	 i;

	for (i = 0; i < m->n_slots; i++) {
		struct wad_role_slot *s = &m->slots[i];

		if (s->feeder != pid)
			continue;
		s->feeder = 0;
		load = load_of(m, s->feeding);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			wad_main_say("keys could not be handed over");
			if (s->pid > 0)
				kill(s->pid, SIGKILL);
		} else if (load != NULL && s->chan != NULL) {
			send_gen(s, WAD_MSG_CONF_PREPARE, s->feeding,
			    load->sealed_fd);
		} else if (s->chan != NULL && m->generation != 0) {
			slot_prepare(m, s, m->generation);
		}
		return true;
	}
	return false;
}
