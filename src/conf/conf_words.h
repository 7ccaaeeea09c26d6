/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a configuration's text, command by command.
 */
#ifndef WAD_CONF_WORDS_H
#define WAD_CONF_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct wad_conf_errs;

struct wad_conf_words {
	struct wad_conf_errs *errs;
	const char	*file;		/* for errors */
	const char	*p, *end;	/* what is left */
	int		 line;		/* where p is */
	int		 at;		/* first line of the command */
	bool		 fatal;		/* nothing behind this can be read */
	char		**w;		/* the command's words */
	bool		*quoted;	/* which stood in quotes */
	size_t		 n, cap;
};

/* The text must outlive it. */
void	wad_conf_words_begin(struct wad_conf_words *, const char *file,
	    const char *text, size_t len, struct wad_conf_errs *);
/* Reads the next command: 1; 0: there is none; -1: a bad line, and an error
 * was added. */
int	wad_conf_words_next(struct wad_conf_words *);
void	wad_conf_words_free(struct wad_conf_words *);

#endif
