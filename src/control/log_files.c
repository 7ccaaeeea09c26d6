/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names, ages and sizes of log files.
 */
#include "control/log_files.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/xmem.h"

/* openwad.log-20261121-103000 and perhaps .0001 */
static bool
is_ours(const char *name)
{
	static const char form[] = WAD_LOG_FILE "-dddddddd-dddddd.dddd";
	size_t n = strlen(name);

	if (n != sizeof(form) - 1 && n != sizeof(form) - 6)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' && i > sizeof(WAD_LOG_FILE) - 1 ?
		    name[i] < '0' || name[i] > '9' : name[i] != form[i])
			return false;
	return true;
}

/* The time in a name. */
static int64_t
closed_at(const char *name)
{
	struct tm	tm = { .tm_isdst = -1 };

	if (strptime(name + sizeof(WAD_LOG_FILE), "%Y%m%d-%H%M%S", &tm) ==
	    NULL)
		return 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct wad_log_file *)a)->name,
	    ((const struct wad_log_file *)b)->name);
}

int
wad_log_files_list(int dir, struct wad_log_files *l)
{
	struct dirent	*d;
	struct stat	 st;
	DIR		*h;
	int		 fd;

	memset(l, 0, sizeof(*l));
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	h = fdopendir(fd);
	if (h == NULL) {
		close(fd);
		return -1;
	}
	while (l->n < WAD_LOG_FILES_MAX && (d = readdir(h)) != NULL) {
		struct wad_log_file *f;

		if (!is_ours(d->d_name) || fstatat(dir, d->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode))
			continue;
		l->file = wad_xrealloc(l->file, l->n + 1, sizeof(*l->file));
		f = &l->file[l->n++];
		snprintf(f->name, sizeof(f->name), "%s", d->d_name);
		f->size = (uint64_t)st.st_size;
		f->closed = closed_at(f->name);
		l->bytes += f->size;
	}
	closedir(h);
	if (l->n > 0)
		qsort(l->file, l->n, sizeof(*l->file), by_name);
	return 0;
}

void
wad_log_files_free(struct wad_log_files *l)
{
	free(l->file);
	memset(l, 0, sizeof(*l));
}

int
wad_log_files_close(int dir, int64_t now, char name[WAD_LOG_NAME])
{
	struct wad_log_files	 l;
	time_t			 t = (time_t)now;
	struct tm		 tm;
	const char		*last = NULL;
	size_t			 stem = sizeof(WAD_LOG_FILE) + 15;

	localtime_r(&t, &tm);
	strftime(name, WAD_LOG_NAME, WAD_LOG_FILE "-%Y%m%d-%H%M%S", &tm);
	if (wad_log_files_list(dir, &l) == 0 && l.n > 0)
		last = l.file[l.n - 1].name;
	/* a second one in this second, or the clock went back */
	if (last != NULL && strcmp(name, last) <= 0)
		snprintf(name, WAD_LOG_NAME, "%.*s.%04u", (int)stem, last,
		    (last[stem] == '.' ? (unsigned)atoi(last + stem + 1) :
		    0) % 9999 + 1);
	wad_log_files_free(&l);
	if (renameat2(dir, WAD_LOG_FILE, dir, name, RENAME_NOREPLACE) == 0)
		return 0;
	/* a file system that does not know the flag */
	return errno == EINVAL ? renameat(dir, WAD_LOG_FILE, dir, name) : -1;
}

unsigned
wad_log_files_prune(int dir, uint64_t bytes, int64_t before)
{
	struct wad_log_files	l;
	unsigned		n = 0;

	if (wad_log_files_list(dir, &l) == -1)
		return 0;
	for (size_t i = 0; i < l.n; i++) {
		if (l.bytes <= bytes && l.file[i].closed >= before)
			continue;
		if (unlinkat(dir, l.file[i].name, 0) == -1)
			continue;
		l.bytes -= l.file[i].size;
		n++;
	}
	wad_log_files_free(&l);
	return n;
}

bool
wad_log_files_drop(int dir)
{
	struct wad_log_files	l;
	bool			gone = false;

	if (wad_log_files_list(dir, &l) == -1)
		return false;
	for (size_t i = 0; i < l.n && !gone; i++)
		gone = unlinkat(dir, l.file[i].name, 0) == 0;
	wad_log_files_free(&l);
	return gone;
}
