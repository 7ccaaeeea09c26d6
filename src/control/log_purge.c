/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log files without the records of a category.
 */
#include "control/log_purge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmem.h"
#include "control/log_files.h"

enum { BLOCK = 256 * 1024 };

struct wad_log_purge {
	int		 dir, in, out;
	unsigned	 category;
	struct wad_log_files files; size_t next;
	char		 block[BLOCK];
	struct wad_str	 rest;		/* a line that goes on */
	struct wad_str	 keep;		/* of this slice */
	uint64_t	 kept, gone;	/* bytes, records of this file */
	uint64_t	 total;
	int		 error;
};

struct wad_log_purge *
wad_log_purge_new(int dir, unsigned category)
{
	struct wad_log_purge *p = wad_xcalloc(1, sizeof(*p));

	/* our own: the writer may get another folder meanwhile */
	p->dir = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->in = p->out = -1;
	p->category = category;
	if (wad_log_files_list(p->dir, &p->files) == -1)
		p->error = errno;
	return p;
}

static void
file_close(struct wad_log_purge *p)
{
	if (p->in != -1)
		close(p->in);
	if (p->out != -1) {
		close(p->out);
		(void)unlinkat(p->dir, WAD_LOG_PURGE_FILE, 0);
	}
	p->in = p->out = -1;
	p->rest.len = 0;
	p->kept = p->gone = 0;
}

void
wad_log_purge_free(struct wad_log_purge *p)
{
	file_close(p);
	if (p->dir != -1)
		close(p->dir);
	wad_log_files_free(&p->files);
	wad_str_free(&p->rest);
	wad_str_free(&p->keep);
	free(p);
}

uint64_t
wad_log_purge_result(const struct wad_log_purge *p, int *error)
{
	*error = p->error;
	return p->total;
}

/* The next file; false at the end. */
static bool
file_open(struct wad_log_purge *p)
{
	while (p->next < p->files.n && p->error == 0) {
		p->in = openat(p->dir, p->files.file[p->next++].name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (p->in == -1)
			continue;		/* it went meanwhile */
		p->out = openat(p->dir, WAD_LOG_PURGE_FILE, O_WRONLY |
		    O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (p->out != -1)
			return true;
		p->error = errno;
	}
	return false;
}

/* The file is read: what is left of it takes its place. */
static void
file_done(struct wad_log_purge *p)
{
	const char *name = p->files.file[p->next - 1].name;

	if (p->gone > 0 && p->kept == 0) {
		if (unlinkat(p->dir, name, 0) == -1)
			p->error = errno;
	} else if (p->gone > 0) {
		if (renameat(p->dir, WAD_LOG_PURGE_FILE, p->dir, name) == -1)
			p->error = errno;
		else {
			close(p->out);
			p->out = -1;
		}
	}
	if (p->error == 0)
		p->total += p->gone;
	file_close(p);
}

static void
line_take(struct wad_log_purge *p, const char *s, size_t n)
{
	struct wad_log_record r;

	if (wad_log_record_parse(&r, s, n) == 0 &&
	    (unsigned)r.category == p->category) {
		p->gone++;
		return;
	}
	wad_str_addn(&p->keep, s, n);
	wad_str_addn(&p->keep, "\n", 1);
}

static bool
keep_write(struct wad_log_purge *p)
{
	size_t off = 0;

	while (off < p->keep.len) {
		ssize_t n = write(p->out, p->keep.s + off, p->keep.len - off);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			p->error = n == -1 ? errno : ENOSPC;
			return false;
		}
		off += (size_t)n;
	}
	p->kept += p->keep.len;
	p->keep.len = 0;
	return true;
}

bool
wad_log_purge_step(struct wad_log_purge *p)
{
	const char	*s, *nl;
	ssize_t		 n;

	if (p->in == -1 && !file_open(p))
		return false;
	n = read(p->in, p->block, sizeof(p->block));
	if (n == -1) {
		p->error = errno;
		return false;
	}
	p->keep.len = 0;
	for (s = p->block; n > 0 && (nl = memchr(s, '\n', (size_t)(p->block +
	    n - s))) != NULL; s = nl + 1) {
		if (p->rest.len == 0) {
			line_take(p, s, (size_t)(nl - s));
			continue;
		}
		wad_str_addn(&p->rest, s, (size_t)(nl - s));
		line_take(p, p->rest.s, p->rest.len);
		p->rest.len = 0;
	}
	if (n > 0)
		wad_str_addn(&p->rest, s, (size_t)(p->block + n - s));
	else if (p->rest.len > 0)
		line_take(p, p->rest.s, p->rest.len);
	/* no record is that long: it goes out as it is */
	if (p->rest.len > sizeof(p->block)) {
		wad_str_addn(&p->keep, p->rest.s, p->rest.len);
		p->rest.len = 0;
	}
	if (!keep_write(p))
		return false;
	if (n == 0)
		file_done(p);
	return p->error == 0;
}
