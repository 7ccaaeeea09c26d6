/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's files.
 */
#include "main/journal.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
wad_journal_open(const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOFOLLOW, 0600);

	if (fd == -1)
		fprintf(stderr, "openwad: %s, the journal of certificates, "
		    "cannot be written: %s\n", path, strerror(errno));
	return fd;
}

/* PATH.8 becomes PATH.9 ... PATH becomes PATH.1. */
static bool
shift(const char *path)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (int i = WAD_JOURNAL_KEEP - 1; i >= 0; i--) {
		if (snprintf(to, sizeof(to), "%s.%d", path, i + 1) >=
		    (int)sizeof(to))
			return false;
		if (i > 0)
			snprintf(from, sizeof(from), "%s.%d", path, i);
		else
			snprintf(from, sizeof(from), "%s", path);
		if (rename(from, to) == -1 && (i == 0 || errno != ENOENT)) {
			fprintf(stderr, "openwad: %s: %s; it grows on\n",
			    from, strerror(errno));
			return false;
		}
	}
	return true;
}

bool
wad_journal_turn(const char *path, int *fd, uint64_t limit)
{
	struct stat	ours, there;
	bool		moved;
	int		fresh;

	if (*fd == -1 || fstat(*fd, &ours) == -1)
		return false;
	moved = lstat(path, &there) == -1 || there.st_ino != ours.st_ino ||
	    there.st_dev != ours.st_dev;
	if (!moved && ((uint64_t)ours.st_size < limit || !shift(path)))
		return false;
	fresh = wad_journal_open(path);
	if (fresh == -1)
		return false;		/* the old one is written on */
	close(*fd);
	*fd = fresh;
	return true;
}
