/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the configuration file, certificates and keys.  Runs in a child:
 * its memory held keys and ends with it.
 */
#ifndef WAD_MAIN_FILES_H
#define WAD_MAIN_FILES_H

#include <stdbool.h>

#include "base/str.h"
#include "conf/conf_secret.h"

struct wad_paths {
	char	*conf;			/* configuration file */
	char	*run, *state, *log, *certs;	/* folders */
	char	*sock, *pid;
	bool	 private_instance;	/* -r */
};

/* What came out of reading.  Descriptors are sealed memfds. */
struct wad_load {
	bool	 ok;
	int	 report_fd;		/* `ignored:` lines, warnings, errors */
	int	 sealed_fd;		/* canonical text without secrets */
	int	 shown_fd;		/* the file's tree, secrets hidden */
	int	 full_fd;		/* the same with defaults */
	int	 vault_fd;		/* KEY_ADD fields; not to be mapped by
					 * the parent */
	int	 secret_fd[WAD_SECRETS];	/* of roles other than
					 * wad-keys; the same */
	int	 audit_fd;		/* the file's tree with prints of the
					 * secrets, so that a change of one is
					 * seen */
	int	 trust_fd;		/* the system's roots; -1: none found */
	bool	 edited;		/* paths.conf + ".new" is written */
};

/* Said at the start and by `openwad -t`: the path and the reason. */
#define WAD_FILES_NO_CATDB						\
	"warning: category-db %s cannot be opened: %s; make it with "	\
	"wad-catdb, until then web filters without 'set options "	\
	"error-allow' block every name"

/* Before the first child that reads; 0 or -1. */
int	wad_files_init(void);

enum wad_files_mode { WAD_FILES_CHECK,	/* write nothing */
	WAD_FILES_RUN };		/* make the built-in CAs if need be */

/* Reads everything; script is applied to the file's tree first (NULL:
 * none).  Never NULL. */
struct wad_load *wad_files_load(const struct wad_paths *, const char *script,
	    enum wad_files_mode);
struct wad_load *wad_files_load_new(void);	/* all descriptors -1 */
void	wad_files_load_free(struct wad_load *);	/* NULL allowed */
/* Copies a sealed text into a string; "" when there is none. */
char	*wad_files_text(int fd);

/* Sends the keys of a vault on a role's channel, waiting; for a child.
 * 0 or -1. */
int	wad_files_feed(int vault_fd, int chan_fd, unsigned long long gen);

/* Puts FILE.new in the place of FILE and keeps FILE.bak; 0, or -1 with the
 * reason in err. */
int	wad_files_replace(const char *file, char *err, size_t size);

#endif
