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

static void	file_open(struct wad_log_writer *);
static void	rotate(struct wad_log_writer *);
static void	look(struct wad_log_writer *);
static void	say_lost(struct wad_log_writer *);

void
wad_log_writer_init(struct wad_log_writer *w)
{
	memset(w, 0, sizeof(*w));
	w->dir = w->fd = -1;
	w->limit = 100u << 20;
}

void
wad_log_writer_open(struct wad_log_writer *w, int dirfd)
{
	if (w->dir != -1)
		close(w->dir);
	w->dir = dirfd;
	wad_log_writer_reopen(w);
}

bool
wad_log_writer_room(const struct wad_log_writer *w)
{
	return w->queue.len + WAD_RING_LOG_SIZE < WAD_LOG_QUEUE;
}

void
wad_log_writer_add(struct wad_log_writer *w, const char *s, size_t len)
{
	if (w->queue.len + len + 1 > WAD_LOG_QUEUE) {
		w->lost++;
		return;
	}
	wad_str_addn(&w->queue, s, len);
	wad_str_addn(&w->queue, "\n", 1);
}

void
wad_log_writer_lost(struct wad_log_writer *w, uint64_t n)
{
	w->lost += n;
}

void
wad_log_writer_flush(struct wad_log_writer *w)
{
	ssize_t n;

	if (w->queue.len == 0 && w->lost == 0)
		return;
	if (w->dir == -1) {
		if (w->queue.len > 0)
			fwrite(w->queue.s, 1, w->queue.len, stderr);
		w->queue.len = 0;
		w->lost = 0;
		return;
	}
	look(w);
	if (w->fd == -1)
		return;			/* kept until the queue is full */
	if (w->lost > 0)
		say_lost(w);
	if (w->size + w->queue.len > w->limit && w->size > 0)
		rotate(w);
	if (w->fd == -1 || w->queue.len == 0)
		return;
	do {
		n = write(w->fd, w->queue.s, w->queue.len);
	} while (n == -1 && errno == EINTR);
	if (n == -1) {
		w->error = errno;
		if (!w->failing)
			fprintf(stderr, "wad-control: cannot write the log "
			    "file %s: %s; records wait for a while, then "
			    "they are lost\n", WAD_LOG_FILE, strerror(errno));
		w->failing = true;
		return;
	}
	if (w->failing)
		fprintf(stderr, "wad-control: the log file %s is written "
		    "again\n", WAD_LOG_FILE);
	w->failing = false;
	w->size += (uint64_t)n;
	w->queue.len -= (size_t)n;
	memmove(w->queue.s, w->queue.s + n, w->queue.len);
	w->queue.s[w->queue.len] = '\0';
	if (w->queue.len > 0)
		w->error = ENOSPC;	/* the rest waits */
}

const char *
wad_log_writer_trouble(const struct wad_log_writer *w)
{
	return w->dir != -1 && (w->failing || w->fd == -1) ?
	    strerror(w->error) : NULL;
}

/* Queues a line that says what is missing, as soon as there is room. */
static void
say_lost(struct wad_log_writer *w)
{
	char		 line[256], date[64];
	struct tm	 tm;
	time_t		 now = time(NULL);
	int		 n;

	localtime_r(&now, &tm);
	strftime(date, sizeof(date), "date=%Y-%m-%d time=%H:%M:%S", &tm);
	n = snprintf(line, sizeof(line), "%s type=\"event\" "
	    "subtype=\"system\" level=\"warning\" vd=\"root\" "
	    "msg=\"%" PRIu64 " log records lost: %s\"\n", date, w->lost,
	    w->error == 0 ? "too many at once" : strerror(w->error));
	if (n < 0 || w->queue.len + (size_t)n > WAD_LOG_QUEUE)
		return;
	wad_str_addn(&w->queue, line, (size_t)n);
	w->lost = 0;
	if (!w->failing)
		w->error = 0;
}

void
wad_log_writer_reopen(struct wad_log_writer *w)
{
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
	w->looked_ms = 0;
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
	w->fd = w->dir = -1;
}

static void
file_open(struct wad_log_writer *w)
{
	struct stat st;

	w->fd = openat(w->dir, WAD_LOG_FILE, O_WRONLY | O_APPEND | O_CREAT |
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
}

/* Every five seconds: is the name still our file?  Somebody may have moved
 * it (logrotate) without telling us. */
static void
look(struct wad_log_writer *w)
{
	struct stat	st;
	uint64_t	now = wad_clock_ms();

	if (w->looked_ms != 0 && now - w->looked_ms < 5000)
		return;
	w->looked_ms = now;
	if (w->fd != -1 && fstatat(w->dir, WAD_LOG_FILE, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == w->dev &&
	    st.st_ino == w->ino)
		return;
	if (w->fd != -1)
		close(w->fd);
	file_open(w);
}

/* openwad.log becomes openwad.log.1, and so on; the oldest goes. */
static void
rotate(struct wad_log_writer *w)
{
	char from[64], to[64];

	for (int i = WAD_LOG_KEEP - 1; i >= 0; i--) {
		snprintf(to, sizeof(to), "%s.%d", WAD_LOG_FILE, i + 1);
		if (i == 0)
			snprintf(from, sizeof(from), "%s", WAD_LOG_FILE);
		else
			snprintf(from, sizeof(from), "%s.%d", WAD_LOG_FILE,
			    i);
		if (renameat(w->dir, from, w->dir, to) == -1 && i == 0) {
			w->error = errno;
			return;		/* goes on in the old file */
		}
	}
	close(w->fd);
	file_open(w);
}
