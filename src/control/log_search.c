/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking for records, backwards.
 */
#include "control/log_search.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"

/* A slice: what is read of a file at once, records of the memory. */
enum { BLOCK = 256 * 1024, SLICE = 512 };

struct wad_log_search {
	struct wad_log_look look;	/* without its texts */
	struct wad_log_expr *fields, *free_style;	/* NULL: none */
	const struct wad_log_memory *mem;
	uint64_t	 at;		/* in the memory, or in the file: what
					 * lies before is still to be read */
	/* disk */
	int		 dir, fd;
	struct wad_log_files files;	/* the last one is next */
	char		*block;
	size_t		 have;		/* bytes of a line whose beginning is
					 * not read yet, at the block's start */
	bool		 long_line;	/* that line is longer than any record */
	/* results */
	uint64_t	 found, checked, other;
	bool		 stopped;
	struct wad_str	*lines; size_t n;
};

static struct wad_log_expr *
expr_new(const struct wad_str *text, const char *what, char *err,
    size_t size, bool *bad)
{
	char			 why[160];
	struct wad_log_expr	*e = NULL;

	if (text->len == 0 || *bad)
		return NULL;
	e = wad_log_expr_new(text->s, why, sizeof(why));
	if (e == NULL) {
		snprintf(err, size, "%s: %s", what, why);
		*bad = true;
	}
	return e;
}

/* The next older file; false when that was the last. */
static bool
file_next(struct wad_log_search *s)
{
	struct stat st;

	while (s->files.n > 0) {
		if (s->fd != -1)
			close(s->fd);
		s->fd = openat(s->dir, s->files.file[--s->files.n].name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (s->fd == -1 || fstat(s->fd, &st) == -1 ||
		    !S_ISREG(st.st_mode))
			continue;	/* it was deleted meanwhile */
		s->at = (uint64_t)st.st_size;
		s->have = 0;
		s->long_line = false;
		return true;
	}
	return false;
}

struct wad_log_search *
wad_log_search_new(const struct wad_log_look *look,
    const struct wad_log_memory *mem, int dir, char *err, size_t size)
{
	struct wad_log_search	*s = wad_xcalloc(1, sizeof(*s));
	bool			 bad = false;

	s->fd = s->dir = -1;
	s->look = *look;
	memset(&s->look.fields, 0, sizeof(s->look.fields));
	memset(&s->look.free_style, 0, sizeof(s->look.free_style));
	s->fields = expr_new(&look->fields, "field", err, size, &bad);
	s->free_style = expr_new(&look->free_style, "free-style", err, size,
	    &bad);
	if (bad) {
		wad_log_search_free(s);
		return NULL;
	}
	s->lines = wad_xcalloc(look->view_lines, sizeof(*s->lines));
	s->mem = mem;
	if (look->device == WAD_LOG_MEMORY) {
		s->at = mem->end;
		return s;
	}
	/* our own: the writer may get another folder meanwhile */
	s->dir = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)wad_log_files_list(s->dir, &s->files);
	s->files.file = wad_xrealloc(s->files.file, s->files.n + 1,
	    sizeof(*s->files.file));
	snprintf(s->files.file[s->files.n++].name, WAD_LOG_NAME, "%s",
	    WAD_LOG_FILE);
	s->block = wad_xmalloc(BLOCK + WAD_LOG_RECORD);
	if (!file_next(s))
		s->at = 0;
	return s;
}

void
wad_log_search_free(struct wad_log_search *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	if (s->dir != -1)
		close(s->dir);
	for (size_t i = 0; i < s->n; i++)
		wad_str_free(&s->lines[i]);
	free(s->lines);
	wad_log_files_free(&s->files);
	wad_log_expr_free(s->fields);
	wad_log_expr_free(s->free_style);
	free(s->block);
	free(s);
}

/* One record; false when enough were looked at. */
static bool
check(struct wad_log_search *s, const char *text, size_t len)
{
	struct wad_log_record	 r;

	if (len == 0)
		return true;
	if (s->look.max_check != 0 && s->checked + s->other >=
	    s->look.max_check) {
		s->stopped = true;
		return false;
	}
	if (wad_log_record_parse(&r, text, len) == -1) {
		s->other++;
		return true;
	}
	s->checked++;
	if ((unsigned)r.category != s->look.category ||
	    (s->fields != NULL && !wad_log_filter_expr(s->fields, &r)) ||
	    (s->free_style != NULL && !wad_log_filter_expr(s->free_style,
	    &r)))
		return true;
	if (++s->found >= s->look.start_line && s->n < s->look.view_lines)
		wad_str_addn(&s->lines[s->n++], text, len);
	return true;
}

static bool
memory_step(struct wad_log_search *s)
{
	char	buf[WAD_LOG_RECORD];
	size_t	n;

	for (int i = 0; i < SLICE; i++)
		if ((n = wad_log_memory_before(s->mem, &s->at, buf)) == 0 ||
		    !check(s, buf, n))
			return false;
	return true;
}

/* What is known of the line whose beginning lies before this block. */
static void
carry(struct wad_log_search *s, const char *p, size_t n)
{
	s->long_line |= n > WAD_LOG_RECORD;
	s->have = s->long_line ? 0 : n;
	memmove(s->block + BLOCK, p, s->have);
}

/* The block before the last one, and the lines that begin in it: the rest of
 * a line is kept behind the block, where it goes on. */
static bool
disk_step(struct wad_log_search *s)
{
	size_t	 want = s->at < BLOCK ? (size_t)s->at : BLOCK, len;
	char	*text, *end, *nl;
	ssize_t	 n;

	if (s->fd == -1)
		return false;
	text = s->block + BLOCK - want;
	n = want == 0 ? 0 : pread(s->fd, text, want,
	    (off_t)(s->at - want));
	if (n != (ssize_t)want)		/* cut meanwhile, or at its beginning */
		return file_next(s);
	s->at -= want;
	end = s->block + BLOCK + s->have;
	while ((nl = memrchr(text, '\n', (size_t)(s->block + BLOCK < end ?
	    s->block + BLOCK - text : end - text))) != NULL) {
		len = (size_t)(end - nl - 1);
		if (s->long_line)
			s->other++;
		else if (!check(s, nl + 1, len))
			return false;
		s->long_line = false;
		end = nl;
	}
	if (s->at > 0) {
		carry(s, text, (size_t)(end - text));
		return true;
	}
	if (s->long_line)
		s->other++;
	else if (!check(s, text, (size_t)(end - text)))
		return false;
	return file_next(s);
}

bool
wad_log_search_step(struct wad_log_search *s)
{
	return s->look.device == WAD_LOG_MEMORY ? memory_step(s) :
	    disk_step(s);
}

void
wad_log_search_result(const struct wad_log_search *s,
    struct wad_log_result *r)
{
	r->found = s->found;
	r->checked = s->checked;
	r->other = s->other;
	r->stopped = s->stopped;
	r->lines = s->lines;
	r->n = s->n;
}
