/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log file.  Called by the pump with records of all roles' rings; the
 * rings are the long queue, ours holds what a full disk refused.
 */
#include "control/log_writer.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/log.h"
#include "base/stats.h"
#include "log/log_format.h"

enum { LOOK_MS = 5000, PRUNE_S = 3600, TRIES = 8, DAY = 86400 };
/* A live file smaller than this is not given up for room on the disk: what
 * fills it is not ours. */
enum { SMALL = 256 * 1024 };
enum { DEFAULT_FILE_MB = 20, DEFAULT_QUOTA_MB = 500, DEFAULT_DAYS = 7 };

static void	file_open(struct wad_log_writer *);
static void	look(struct wad_log_writer *);
static void	say_lost(struct wad_log_writer *);
static void	prune(struct wad_log_writer *);

void
wad_log_writer_init(struct wad_log_writer *w)
{
	memset(w, 0, sizeof(*w));
	w->dir = w->fd = -1;
	w->limit = (uint64_t)DEFAULT_FILE_MB << 20;
	w->quota = (uint64_t)DEFAULT_QUOTA_MB << 20;
	w->max_age_days = DEFAULT_DAYS;
}

int64_t
wad_log_writer_next_roll(int64_t from, unsigned daily, unsigned day,
    unsigned hour, unsigned minute)
{
	time_t		t = (time_t)from;
	struct tm	tm;

	if (daily == 0)
		return 0;
	localtime_r(&t, &tm);
	if (daily == 2)
		tm.tm_mday += ((int)day + 7 - tm.tm_wday) % 7;
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)minute;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	t = mktime(&tm);
	if ((int64_t)t > from)
		return (int64_t)t;
	tm.tm_mday += daily == 2 ? 7 : 1;	/* mktime made it a date */
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)minute;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

void
wad_log_writer_set(struct wad_log_writer *w, const struct wad_conf_log_disk *c)
{
	bool known = c->max_file_mb != 0;	/* else a conf without it */

	w->known = true;
	wad_log_filter_free(w->filter);
	w->filter = known ? wad_log_filter_new(&c->filter) : NULL;
	w->off = known && !c->enabled;
	w->limit = (uint64_t)(known ? c->max_file_mb : DEFAULT_FILE_MB) << 20;
	w->quota = (uint64_t)(c->quota_mb != 0 ? c->quota_mb :
	    DEFAULT_QUOTA_MB) << 20;
	w->max_age_days = known ? c->max_age_days : DEFAULT_DAYS;
	w->nolog = c->nolog;
	w->form = c->format;
	w->roll_daily = c->roll_daily;
	w->roll_day = c->roll_day;
	w->roll_hour = c->roll_hour;
	w->roll_minute = c->roll_minute;
	if (w->dir != -1)
		wad_log_writer_reopen(w);	/* roll_at; a first prune */
}

/* As much as one writer before us may have written without noting it. */
static void
tail_read(struct wad_log_writer *w)
{
	uint64_t	from = w->size > WAD_LOG_QUEUE ?
			    w->size - WAD_LOG_QUEUE : 0;
	char		buf[16384];
	ssize_t		n;

	while (w->fd != -1 && w->tail.len < WAD_LOG_QUEUE &&
	    (n = pread(w->fd, buf, sizeof(buf), (off_t)from)) > 0) {
		wad_str_addn(&w->tail, buf, (size_t)n);
		from += (uint64_t)n;
	}
}

void
wad_log_writer_open(struct wad_log_writer *w, int dirfd)
{
	bool first = w->dir == -1;

	if (w->dir != -1)
		close(w->dir);
	w->dir = dirfd;
	wad_log_writer_reopen(w);
	if (first)
		tail_read(w);
}

bool
wad_log_writer_room(const struct wad_log_writer *w)
{
	return (w->known || w->dir == -1) &&
	    w->queue.len + WAD_RING_LOG_SIZE < WAD_LOG_QUEUE;
}

/* base/log.h makes nothing else; who was taken over writes what it likes into
 * its ring. */
static bool
printable(const char *s, size_t len)
{
	unsigned bad = 0;

	for (size_t i = 0; i < len; i++)
		bad |= (unsigned char)s[i] < 0x20 ||
		    (unsigned char)s[i] > 0x7e;
	return bad == 0;
}

/* r is NULL when the text is no record. */
static void
queue_line(struct wad_log_writer *w, const char *s, size_t len,
    const struct wad_log_record *r)
{
	if (w->form != WAD_FORM_DEFAULT && r != NULL)
		wad_log_format(w->form, r, NULL, &w->queue);
	else
		wad_str_addn(&w->queue, s, len);
	wad_str_addn(&w->queue, "\n", 1);
}

void
wad_log_writer_add(struct wad_log_writer *w, const char *s, size_t len)
{
	struct wad_log_record	 r, *known = NULL;
	char			 esc[4 * WAD_RING_LOG_SIZE];

	if (w->off)
		return;
	if (!printable(s, len)) {	/* one line stays one line */
		s = wad_str_escape(esc, sizeof(esc), s, len);
		len = strlen(esc);
	}
	if ((w->filter != NULL || w->form != WAD_FORM_DEFAULT) &&
	    wad_log_record_parse(&r, s, len) == 0)
		known = &r;
	if (known != NULL && !wad_log_filter_pass(w->filter, known))
		return;
	if (w->queue.len + len + 1 > WAD_LOG_QUEUE) {
		wad_log_writer_lost(w, 1);
		return;
	}
	queue_line(w, s, len, known);
}

bool
wad_log_writer_has(struct wad_log_writer *w, const char *s, size_t len)
{
	size_t	was = w->queue.len;
	bool	has;

	if (w->tail.len == 0 || !wad_log_writer_room(w))
		return false;
	wad_log_writer_add(w, s, len);
	has = w->queue.len == was || memmem(w->tail.s, w->tail.len,
	    w->queue.s + was, w->queue.len - was) != NULL;
	w->queue.len = was;
	return has;
}

void
wad_log_writer_lost(struct wad_log_writer *w, uint64_t n)
{
	if (w->off)
		return;
	WAD_COUNT_ADD(LOG_LOST, n);
	w->lost += n;
	w->lost_ever += n;
	if (w->error != 0)
		w->lost_error = w->error;
}

/* Something must go: the oldest closed file; when there is none, what is
 * live.  False: there is nothing. */
static bool
make_room(struct wad_log_writer *w)
{
	char name[WAD_LOG_NAME];

	if (w->nolog)
		return false;
	if (wad_log_files_drop(w->dir))
		return true;
	if (w->size < SMALL || wad_log_files_close(w->dir, wad_clock_wall(),
	    name) == -1)
		return false;
	close(w->fd);
	w->fd = -1;
	(void)wad_log_files_drop(w->dir);
	file_open(w);
	return w->fd != -1;
}

/* Writes the queue or some whole lines of it; false with errno set when none
 * could be. */
static bool
lines_write(struct wad_log_writer *w)
{
	const char	*end;
	ssize_t		 n;
	size_t		 whole;

	if (w->nolog && w->closed + w->size + w->queue.len > w->quota) {
		errno = EDQUOT;
		return false;
	}
	do {
		n = write(w->fd, w->queue.s, w->queue.len);
	} while (n == -1 && errno == EINTR);
	if (n <= 0)
		return false;
	whole = (size_t)n;
	if (whole < w->queue.len) {	/* no half lines at the end */
		end = memrchr(w->queue.s, '\n', whole);
		whole = end != NULL ? (size_t)(end - w->queue.s) + 1 : 0;
		if (ftruncate(w->fd, (off_t)(w->size + whole)) == -1)
			whole = (size_t)n;
	}
	w->size += whole;
	w->queue.len -= whole;
	memmove(w->queue.s, w->queue.s + whole, w->queue.len);
	w->queue.s[w->queue.len] = '\0';
	errno = ENOSPC;
	return w->queue.len == 0;
}

static void
queue_write(struct wad_log_writer *w)
{
	for (int i = 0; i < TRIES; i++) {
		if (lines_write(w)) {
			if (w->failing)
				fprintf(stderr, "wad-control: the log file "
				    "%s is written again\n", WAD_LOG_FILE);
			w->failing = false;
			w->error = 0;
			return;
		}
		w->error = errno;
		if ((errno != ENOSPC && errno != EDQUOT) || !make_room(w))
			break;
	}
	if (!w->failing)
		fprintf(stderr, "wad-control: cannot write the log file %s: "
		    "%s; records wait for a while, then they are lost\n",
		    WAD_LOG_FILE, strerror(w->error));
	w->failing = true;
}

void
wad_log_writer_flush(struct wad_log_writer *w)
{
	if (w->dir == -1) {
		if (w->queue.len > 0)
			fwrite(w->queue.s, 1, w->queue.len, stderr);
		w->queue.len = 0;
		w->lost = 0;
		return;
	}
	if (!w->known)
		return;
	look(w);
	if (w->queue.len == 0 && w->lost == 0)
		return;
	if (w->fd == -1)
		return;			/* kept until the queue is full */
	if (w->lost > 0)
		say_lost(w);
	if (!w->failing && w->size > 0 &&
	    w->size + w->queue.len > w->limit)
		(void)wad_log_writer_roll(w, "size");
	if (w->fd != -1 && w->queue.len > 0)
		queue_write(w);
}

const char *
wad_log_writer_trouble(const struct wad_log_writer *w)
{
	return w->dir != -1 && !w->off && (w->failing || w->fd == -1) ?
	    strerror(w->error) : NULL;
}

/* Queues a line that says what is missing, as soon as there is room. */
static void
say_lost(struct wad_log_writer *w)
{
	struct wad_log_record	 known;
	struct wad_log_rec	 r;

	wad_log_begin(&r, WAD_LOG_SYS_LOGS_LOST);
	wad_log_u64(&r, "lost", w->lost);
	wad_log_strf(&r, "msg", "%" PRIu64 " log records lost: %s", w->lost,
	    w->lost_error == 0 ? "too many at once" :
	    strerror(w->lost_error));
	if (w->queue.len + r.len + 1 > WAD_LOG_QUEUE)
		return;
	queue_line(w, r.text, r.len, wad_log_record_parse(&known, r.text,
	    r.len) == 0 ? &known : NULL);
	w->lost = 0;
	w->lost_error = 0;
}

void
wad_log_writer_reopen(struct wad_log_writer *w)
{
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
	w->looked_ms = 0;
	w->pruned_at = 0;
	if (w->dir != -1)
		file_open(w);
}

void
wad_log_writer_close(struct wad_log_writer *w)
{
	wad_log_writer_flush(w);
	if (w->fd != -1)
		close(w->fd);
	if (w->dir != -1)
		close(w->dir);
	wad_str_free(&w->queue);
	wad_str_free(&w->tail);
	wad_log_filter_free(w->filter);
	w->filter = NULL;
	w->fd = w->dir = -1;
}

/* Half a line at the end, of a crash: it gets its end. */
static void
end_line(struct wad_log_writer *w)
{
	char c;

	if (w->size > 0 && pread(w->fd, &c, 1, (off_t)w->size - 1) == 1 &&
	    c != '\n' && write(w->fd, "\n", 1) == 1)
		w->size++;
}

static void
file_open(struct wad_log_writer *w)
{
	struct stat st;

	w->fd = openat(w->dir, WAD_LOG_FILE, O_RDWR | O_APPEND | O_CREAT |
	    O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (w->fd == -1 || fstat(w->fd, &st) == -1) {
		if (w->error != errno)
			fprintf(stderr, "wad-control: cannot open the log "
			    "file %s: %s\n", WAD_LOG_FILE, strerror(errno));
		w->error = errno;
		if (w->fd != -1)
			close(w->fd);
		w->fd = -1;
		return;
	}
	w->size = (uint64_t)st.st_size;
	w->dev = st.st_dev;
	w->ino = st.st_ino;
	end_line(w);
	/* what was written before the last roll time is rolled now */
	w->roll_at = wad_log_writer_next_roll(w->size > 0 ? st.st_mtime :
	    wad_clock_wall(), w->roll_daily, w->roll_day, w->roll_hour,
	    w->roll_minute);
}

/* Every five seconds: is the name still our file (somebody may have moved it
 * without telling us)?  Is it time for a new one? */
static void
look(struct wad_log_writer *w)
{
	struct stat	st;
	uint64_t	now = wad_clock_ms();
	int64_t		wall = wad_clock_wall();

	if (w->looked_ms != 0 && now - w->looked_ms < LOOK_MS)
		return;
	w->looked_ms = now;
	if (w->fd == -1 || fstatat(w->dir, WAD_LOG_FILE, &st,
	    AT_SYMLINK_NOFOLLOW) == -1 || st.st_dev != w->dev ||
	    st.st_ino != w->ino) {
		if (w->fd != -1)
			close(w->fd);
		file_open(w);
	}
	if (w->fd != -1 && w->roll_at != 0 && wall >= w->roll_at) {
		if (w->size > 0)
			(void)wad_log_writer_roll(w, "time");
		w->roll_at = wad_log_writer_next_roll(wall, w->roll_daily,
		    w->roll_day, w->roll_hour, w->roll_minute);
	}
	if (w->pruned_at == 0 || wall - w->pruned_at >= PRUNE_S ||
	    wall < w->pruned_at || w->failing)
		prune(w);
}

/* Total and age. */
static void
prune(struct wad_log_writer *w)
{
	struct wad_log_files	l;
	uint64_t		live = w->size > w->limit ? w->size : w->limit;
	int64_t			now = wad_clock_wall();

	w->pruned_at = now;
	(void)wad_log_files_prune(w->dir, w->nolog ? UINT64_MAX :
	    w->quota > live ? w->quota - live : 0, w->max_age_days != 0 ?
	    now - (int64_t)w->max_age_days * DAY : INT64_MIN);
	w->closed = wad_log_files_list(w->dir, &l) == 0 ? l.bytes : 0;
	wad_log_files_free(&l);
}

int
wad_log_writer_roll(struct wad_log_writer *w, const char *why)
{
	struct wad_log_rec	r;
	char			name[WAD_LOG_NAME];
	uint64_t		size = w->size;

	if (w->dir == -1 || w->fd == -1) {
		errno = EBADF;
		return -1;
	}
	if (wad_log_files_close(w->dir, wad_clock_wall(), name) == -1) {
		w->error = errno;	/* goes on in the old file */
		w->looked_ms = 0;
		return -1;
	}
	close(w->fd);
	file_open(w);
	prune(w);
	wad_log_begin(&r, WAD_LOG_SYS_LOG_ROTATED);
	wad_log_str(&r, "file", name);
	wad_log_u64(&r, "filesize", size);
	wad_log_str(&r, "reason", why);
	wad_log_strf(&r, "msg", "%s is now %s", WAD_LOG_FILE, name);
	wad_log_end(&r);
	return 0;
}

int
wad_log_writer_delete(struct wad_log_writer *w)
{
	int n = 1;

	if (w->fd == -1 || ftruncate(w->fd, 0) == -1)
		return -1;
	w->size = 0;
	while (wad_log_files_drop(w->dir))
		n++;
	w->closed = 0;
	return n;
}
