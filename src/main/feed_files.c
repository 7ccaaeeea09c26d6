/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of feeds are the administrator's: in the name of a file every byte
 * that is not a letter, a digit, '-' or '_' becomes %HH.
 */
#include "main/feed_files.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 256 };

/* -1 when it is too long to be the name of a file. */
static int
file_name(char dst[NAME_SIZE], const char *name, int i)
{
	size_t n = 0;

	for (; *name != '\0'; name++) {
		unsigned char	c = (unsigned char)*name;
		bool		plain = (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '_';

		if (n + 8 > NAME_SIZE)
			return -1;
		n += (size_t)snprintf(dst + n, NAME_SIZE - n, plain ? "%c" :
		    "%%%02X", c);
	}
	snprintf(dst + n, NAME_SIZE - n, ".%d", i);
	return 0;
}

static int
folder(const struct wad_main *m, bool make)
{
	char *path = NULL;
	int   fd;

	if (asprintf(&path, "%s/feeds", m->paths.state) == -1)
		return -1;
	if (make)
		(void)mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1 && make)
		wad_main_say("%s cannot be opened: %s; threat feeds do not "
		    "outlive a restart", path, strerror(errno));
	free(path);
	return fd;
}

void
wad_feed_files_send(struct wad_main *m, struct wad_role_slot *s,
    const struct wad_conf *conf)
{
	int dir = -1;

	for (size_t i = 0; i < conf->n_feeds; i++) {
		const struct wad_feed	*f = &conf->feeds[i];
		struct wad_msg		 msg;
		char			 name[NAME_SIZE];
		int			 fd[2] = { -1, -1 };

		if (!f->enabled)
			continue;
		if (dir == -1)
			dir = folder(m, true);
		for (int k = 0; dir != -1 && k < 2; k++)
			if (file_name(name, f->name, k) == 0)
				fd[k] = openat(dir, name, O_RDWR | O_CREAT |
				    O_CLOEXEC | O_NOFOLLOW, 0600);
		wad_msg_init(&msg, WAD_MSG_FEED_FILES, 0);
		wad_msg_add_str(&msg, f->name);
		for (int k = 0; k < 2 && fd[0] != -1 && fd[1] != -1; k++)
			wad_msg_add_fd(&msg, fd[k]);
		(void)wad_chan_send(s->chan, &msg);
		if (msg.n_fds != 2)
			wad_main_say("the files of threat feed %s cannot be "
			    "opened: %s; it does not outlive a restart",
			    f->name, strerror(errno));
		wad_msg_free(&msg);
		for (int k = 0; k < 2; k++)
			if (fd[k] != -1)
				close(fd[k]);
	}
	if (dir != -1)
		close(dir);
}

static bool
named(const struct wad_conf *conf, const char *file)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < conf->n_feeds; i++)
		for (int k = 0; k < 2; k++)
			if (file_name(name, conf->feeds[i].name, k) == 0 &&
			    strcmp(name, file) == 0)
				return true;
	return false;
}

void
wad_feed_files_clean(struct wad_main *m)
{
	int		 fd = folder(m, false);
	DIR		*d = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent	*e;

	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && !named(m->conf, e->d_name))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}
