/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feed goes round: due, fetched, compiled, kept, handed out, idle until it
 * is due again.  Whatever goes wrong, the copy that is in use stays in use.
 */
#include "lookup/lookup_feed.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/xmem.h"
#include "policy/feed.h"

enum { RUNNING_MAX = 2, BUSY_MS = 500, STEP_US = 5000 };

static void	on_timer(evutil_socket_t, short, void *);

static uint32_t
random32(void)
{
	uint32_t r = 0;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
		r = (uint32_t)wad_clock_us();
	return r;
}

uint64_t
wad_lookup_feed_next(unsigned refresh, unsigned failures, uint32_t r)
{
	uint64_t all = (uint64_t)refresh * 1000, ms = all;

	if (failures > 0) {
		ms = (uint64_t)WAD_FEED_RETRY * 1000 << (failures - 1 < 20 ?
		    failures - 1 : 20);
		if (ms > all)
			ms = all;
	}
	/* a tenth more or less: not all gateways at the same second */
	return ms - ms / 10 + (uint64_t)((double)(ms / 5) * r / UINT32_MAX);
}

static void
arm(struct wad_feed_job *j, uint64_t ms)
{
	struct timeval tv = { (time_t)(ms / 1000),
		(suseconds_t)(ms % 1000 * 1000) };

	j->due = wad_clock_ms() + ms;
	evtimer_add(j->timer, &tv);
}

/* ---- one feed ------------------------------------------------------------ */

static struct wad_feed_job *
find(struct wad_feeds *s, const char *name)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&s->jobs, l, tmp) {
		struct wad_feed_job *j = WAD_LIST_ENTRY(l,
		    struct wad_feed_job, link);

		if (strcmp(j->name, name) == 0)
			return j;
	}
	return NULL;
}

static struct wad_feed_job *
job_get(struct wad_feeds *s, const char *name)
{
	struct wad_feed_job *j = find(s, name);

	if (j != NULL)
		return j;
	j = wad_xcalloc(1, sizeof(*j));
	j->s = s;
	j->name = wad_xstrdup(name);
	j->files[0] = j->files[1] = j->fd = -1;
	j->timer = evtimer_new(s->base, on_timer, j);
	WAD_ASSERT(j->timer != NULL);
	wad_list_append(&s->jobs, &j->link);
	return j;
}

/* Gives up what is under way. */
static void
stop(struct wad_feed_job *j)
{
	wad_lookup_fetch_cancel(j->fetch);
	wad_feed_build_free(j->build);
	wad_feed_store_free(j->saving);
	EVP_MD_CTX_free(j->md);
	j->fetch = NULL;
	j->build = NULL;
	j->saving = NULL;
	j->md = NULL;
	if (j->state > WAD_FEED_DUE)
		j->s->running--;
	j->state = WAD_FEED_IDLE;
}

static void
wipe(char **word)
{
	if (*word != NULL)
		OPENSSL_cleanse(*word, strlen(*word));
	free(*word);
	*word = NULL;
}

static void
job_free(struct wad_feed_job *j)
{
	stop(j);
	wad_list_remove(&j->link);
	event_free(j->timer);
	for (int i = 0; i < 2; i++)
		if (j->files[i] != -1)
			close(j->files[i]);
	if (j->fd != -1)
		close(j->fd);
	wipe(&j->key);
	free(j->name);
	free(j);
}

static void
send_one(const struct wad_feed_job *j, wad_feeds_send_fn *send, void *arg)
{
	struct wad_msg m;

	if (j->fd == -1)
		return;
	wad_msg_init(&m, WAD_MSG_FEED, 0);
	wad_msg_add_str(&m, j->name);
	wad_msg_add_fd(&m, j->fd);
	send(arg, &m);
	wad_msg_free(&m);
}

static void __attribute__((format(printf, 3, 4)))
event(enum wad_log_id id, const struct wad_feed_job *j, const char *fmt, ...)
{
	struct wad_log_rec	r;
	char			text[320];
	va_list			ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wad_log_begin(&r, id);
	wad_log_str(&r, "name", j->name);
	wad_log_str(&r, "msg", text);
	wad_log_end(&r);
}

static void
next_time(struct wad_feed_job *j)
{
	stop(j);
	if (j->conf != NULL)
		arm(j, j->again ? 0 : wad_lookup_feed_next(
		    j->conf->refresh * 60, j->failures, random32()));
	j->again = false;
}

/* The first failure is told, then each time that the number doubles. */
static void
failed(struct wad_feed_job *j, const char *why)
{
	snprintf(j->why, sizeof(j->why), "%s", why);
	j->failures++;
	j->n_failed++;
	WAD_COUNT(FEED_FAILED);
	if ((j->failures & (j->failures - 1)) == 0)
		event(WAD_LOG_FEED_FAILED, j, "threat feed %s cannot be "
		    "updated (%u in a row): %s; %s", j->name, j->failures,
		    j->why, j->fd != -1 ? "the last good copy stays in use" :
		    "there is no copy of it");
	next_time(j);
}

static void
recovered(struct wad_feed_job *j)
{
	if (j->failures > 0)
		event(WAD_LOG_FEED_RECOVERED, j, "threat feed %s can be "
		    "updated again after %u failures", j->name, j->failures);
	j->failures = 0;
	j->why[0] = '\0';
	j->kept.fetched = wad_clock_wall();
}

/* ---- from text to a copy ------------------------------------------------- */

static void
source_of(const struct wad_feed *f, uint8_t *digest)
{
	SHA256((const uint8_t *)f->url, strlen(f->url), digest);
}

/* The new copy is whole: it is in use from here on. */
static void
take(struct wad_feed_job *j)
{
	const struct wad_feed_count *c = wad_feed_build_count(j->build);

	if (j->fd != -1)
		close(j->fd);
	j->fd = wad_feed_build_take(j->build);
	j->count = *c;
	j->fresh.seq = j->kept.seq + 1;
	j->fresh.fetched = wad_clock_wall();
	j->fresh.lines = c->lines;
	j->fresh.good = c->good;
	j->fresh.bad = c->bad;
	j->fresh.entries = c->entries;
	recovered(j);
	j->kept = j->fresh;
	j->n_updates++;
	WAD_COUNT(FEED_UPDATED);
	event(WAD_LOG_FEED_UPDATED, j, "threat feed %s: %u lines, %u good, "
	    "%u bad, %u entries", j->name, c->lines, c->good, c->bad,
	    c->entries);
	for (unsigned i = 0; i < c->bad && i < WAD_FEED_BAD_SHOWN; i++)
		event(WAD_LOG_FEED_LINE, j, "threat feed %s: line %u \"%s\": "
		    "%s", j->name, c->shown[i].line, c->shown[i].text,
		    c->shown[i].why);
	send_one(j, j->s->to_all, j->s->arg);
	if (j->files[0] == -1 || j->files[1] == -1) {
		next_time(j);
		return;
	}
	wad_feed_build_free(j->build);
	j->build = NULL;
	j->saving = wad_feed_store_save(j->files, j->fd, &j->kept);
	j->state = WAD_FEED_SAVING;
}

/* Some milliseconds of work, then others have their turn. */
static void
work(struct wad_feed_job *j)
{
	uint64_t	until = wad_clock_us() + STEP_US;
	char		why[160];
	int		rc = 1;

	while (rc == 1 && wad_clock_us() < until)
		rc = j->state == WAD_FEED_BUILDING ?
		    wad_feed_build_step(j->build) :
		    wad_feed_store_step(j->saving);
	if (rc == 1) {
		arm(j, 1);
		return;
	}
	if (j->state == WAD_FEED_SAVING) {
		if (rc == -1)
			event(WAD_LOG_FEED_FAILED, j, "threat feed %s: the "
			    "copy cannot be kept over a restart: %s",
			    j->name, strerror(errno));
		next_time(j);
	} else if (rc == -1) {
		snprintf(why, sizeof(why), "%s",
		    wad_feed_build_why(j->build));
		failed(j, why);
	} else {
		take(j);
		if (j->state == WAD_FEED_SAVING)
			arm(j, 1);
	}
}

/* ---- fetching ------------------------------------------------------------ */

static int
on_data(void *arg, const void *p, size_t len, const char **why)
{
	struct wad_feed_job *j = arg;

	EVP_DigestUpdate(j->md, p, len);
	if (wad_feed_build_text(j->build, p, len) == 0)
		return 0;
	*why = wad_feed_build_why(j->build);
	return -1;
}

static void
on_fetched(void *arg, enum wad_fetch_result r, const uint8_t *body, size_t len,
    const char *why)
{
	struct wad_feed_job	*j = arg;
	char			 text[160];

	(void)body, (void)len;
	j->fetch = NULL;
	if (r == WAD_FETCH_OK) {
		EVP_DigestFinal_ex(j->md, j->fresh.text, NULL);
		if (wad_feed_build_end(j->build) == -1) {
			snprintf(text, sizeof(text), "%s",
			    wad_feed_build_why(j->build));
			failed(j, text);
			return;
		}
	} else if (r != WAD_FETCH_SAME || j->fd == -1) {
		failed(j, why);
		return;
	}
	if (j->fd != -1 && (r == WAD_FETCH_SAME || memcmp(j->fresh.text,
	    j->kept.text, sizeof(j->kept.text)) == 0)) {
		if (r == WAD_FETCH_OK)
			j->kept.tags = j->fresh.tags;
		j->n_same++;
		recovered(j);
		next_time(j);
		return;
	}
	j->state = WAD_FEED_BUILDING;
	arm(j, 0);
}

static void
start(struct wad_feed_job *j)
{
	const struct wad_feed	*f = j->conf;
	struct wad_fetch_feed	 d = { .data = on_data,
		.tags = &j->fresh.tags, .username = f->username,
		.password = f->password, .agent = f->user_agent,
		.source = f->source_ip, .identity = f->identity };
	struct wad_fetch_ask	 a = { .url = f->url, .anywhere = true,
		.limit = WAD_FEED_BYTES, .deadline_ms = WAD_FEED_MS,
		.feed = &d };
	uint64_t		 seed = (uint64_t)random32() << 32 |
	    random32();

	memset(&j->fresh, 0, sizeof(j->fresh));
	source_of(f, j->fresh.source);
	/* tags are of a server and of this URL */
	if (j->fd != -1 && memcmp(j->fresh.source, j->kept.source,
	    sizeof(j->kept.source)) == 0)
		j->fresh.tags = j->kept.tags;
	else
		memset(j->kept.text, 0, sizeof(j->kept.text));
	j->state = WAD_FEED_FETCHING;
	j->s->running++;
	j->tried = wad_clock_wall();
	j->build = wad_feed_build_new(f->type, seed);
	j->md = EVP_MD_CTX_new();
	WAD_ASSERT(j->md != NULL &&
	    EVP_DigestInit_ex(j->md, EVP_sha256(), NULL) == 1);
	j->fetch = wad_lookup_fetch(j->s->f, &a, on_fetched, j);
	if (j->fetch == NULL)
		failed(j, "too much is being fetched");
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct wad_feed_job *j = arg;

	(void)fd, (void)what;
	switch (j->state) {
	case WAD_FEED_IDLE:
	case WAD_FEED_DUE:
		if (j->conf == NULL)
			return;
		j->state = WAD_FEED_DUE;
		if (j->s->running < RUNNING_MAX)
			start(j);
		else
			arm(j, BUSY_MS);
		return;
	case WAD_FEED_BUILDING:
	case WAD_FEED_SAVING:
		work(j);
		return;
	default:
		return;
	}
}

void
wad_feed_job_refresh(struct wad_feed_job *j)
{
	if (j->state == WAD_FEED_IDLE)
		arm(j, 0);
	else
		j->again = j->state != WAD_FEED_DUE;
}

/* ---- configuration ------------------------------------------------------- */

/* What is another text when it is another. */
static char *
key_of(const struct wad_feed *f)
{
	char source[WAD_ADDR_STRLEN];

	return wad_xasprintf("%d %d %s\n%s\n%s\n%s\n%s", (int)f->type,
	    (int)f->identity, f->source_ip.family != 0 ?
	    wad_addr_ip_str(&f->source_ip, source) : "", f->url,
	    f->username != NULL ? f->username : "",
	    f->password != NULL ? f->password : "",
	    f->user_agent != NULL ? f->user_agent : "");
}

/* The copy of the last run, once. */
static void
load(struct wad_feed_job *j)
{
	char			 err[160];
	struct wad_feed_db	*db = NULL;
	int			 fd = wad_feed_store_load(j->files, &j->kept,
				     err, sizeof(err)), dup_fd;

	if (fd != -1 && (dup_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) != -1)
		db = wad_feed_db_open(dup_fd, err, sizeof(err));
	if (db != NULL && wad_feed_db_head(db)->type ==
	    (uint32_t)j->conf->type) {
		j->fd = fd;
		j->count = (struct wad_feed_count){ .lines = j->kept.lines,
			.good = j->kept.good, .bad = j->kept.bad,
			.entries = j->kept.entries };
	} else {
		if (fd != -1)
			close(fd);
		memset(&j->kept, 0, sizeof(j->kept));
		if (err[0] != '\0')
			event(WAD_LOG_FEED_FAILED, j, "threat feed %s: %s",
			    j->name, err);
	}
	wad_feed_db_close(db);
}

/* Now, or when the copy that is there is old enough. */
static void
first_time(struct wad_feed_job *j)
{
	int64_t age = wad_clock_wall() - j->kept.fetched;
	int64_t refresh = (int64_t)j->conf->refresh * 60;

	if (j->fd == -1 || age < 0 || age >= refresh)
		arm(j, random32() % 1000);
	else
		arm(j, (uint64_t)(refresh - age) * 1000);
}

static void
configure(struct wad_feed_job *j, const struct wad_feed *f)
{
	char	*key = key_of(f);
	bool	 fresh = j->conf == NULL, other = !fresh &&
	    strcmp(key, j->key) != 0;
	bool	 retyped = !fresh && j->conf->type != f->type;
	unsigned was = fresh ? 0 : j->conf->refresh;

	wipe(&j->key);
	j->key = key;
	j->conf = f;
	if (fresh)
		load(j);
	if (retyped && j->fd != -1) {
		close(j->fd);
		j->fd = -1;
	}
	if (other) {
		stop(j);
		j->failures = 0;
		memset(&j->kept.tags, 0, sizeof(j->kept.tags));
		arm(j, 0);
	} else if (fresh)
		first_time(j);
	else if (was != f->refresh && j->state == WAD_FEED_IDLE)
		next_time(j);
	if (fresh)
		send_one(j, j->s->to_all, j->s->arg);
}

void
wad_lookup_feed_commit(struct wad_feeds *s, const struct wad_conf *conf)
{
	struct wad_list *l, *tmp;

	s->conf = conf;
	for (size_t i = 0; i < conf->n_feeds; i++)
		if (conf->feeds[i].enabled && conf->feeds[i].url != NULL)
			configure(job_get(s, conf->feeds[i].name),
			    &conf->feeds[i]);
	WAD_LIST_EACH(&s->jobs, l, tmp) {
		struct wad_feed_job	*j = WAD_LIST_ENTRY(l,
		    struct wad_feed_job, link);
		bool			 named = false;

		for (size_t i = 0; i < conf->n_feeds && !named; i++)
			named = j->conf == &conf->feeds[i];
		if (!named)
			job_free(j);
	}
}

int
wad_lookup_feed_files(struct wad_feeds *s, struct wad_msg_in *m)
{
	struct wad_feed_job	*j;
	const char		*name;
	int			 fd[2];

	if (wad_msg_get_str(m, &name) == -1 || wad_msg_end(m) == -1)
		return -1;
	fd[0] = wad_msg_take_fd(m);
	fd[1] = wad_msg_take_fd(m);
	j = job_get(s, name);
	for (int i = 0; i < 2; i++) {
		if (j->files[i] == -1)
			j->files[i] = fd[i];
		else if (fd[i] != -1)
			close(fd[i]);
	}
	return 0;
}

void
wad_lookup_feed_greet(struct wad_feeds *s, wad_feeds_send_fn *send, void *arg)
{
	struct wad_list	*l, *tmp;
	struct wad_msg	 m;

	WAD_LIST_EACH(&s->jobs, l, tmp)
		send_one(WAD_LIST_ENTRY(l, struct wad_feed_job, link), send,
		    arg);
	wad_msg_init(&m, WAD_MSG_FEEDS, 0);
	send(arg, &m);
	wad_msg_free(&m);
}

struct wad_feeds *
wad_lookup_feed_open(struct event_base *base, struct wad_fetcher *f,
    wad_feeds_send_fn *to_all, void *arg)
{
	struct wad_feeds *s = wad_xcalloc(1, sizeof(*s));

	wad_list_init(&s->jobs);
	s->base = base;
	s->f = f;
	s->to_all = to_all;
	s->arg = arg;
	return s;
}
