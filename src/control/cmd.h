/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command table and its matcher.  A command is one row; a row's pattern
 * is words that must be typed (any unambiguous beginning will do), choices
 * "enable|disable", and arguments:
 *	<addr> <port> <num> <int> <word>	one word each
 *	<rest>					what is left, may be empty
 * A row without exec names a group of commands: it exists for its help text.
 * Errors, `?` and completion come from the same rows.  Pure: no I/O.
 */
#ifndef WAD_CONTROL_CMD_H
#define WAD_CONTROL_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { WAD_CMD_WORDS = 32, WAD_CMD_LINE = 8192 };

struct wad_console;

/* What a command gets: its words written out in full, and apart from them
 * the arguments and the choices taken, in order. */
struct wad_cmd_args {
	const char	*word[WAD_CMD_WORDS]; size_t n_words;
	const char	*arg[WAD_CMD_WORDS]; size_t n_args;
	const char	*rest;		/* of <rest>, as typed, without the
					 * pipe; never NULL */
};

struct wad_cmd {
	const char	*pattern;
	const char	*help;
	void		(*exec)(struct wad_console *,
			    const struct wad_cmd_args *);
	unsigned	 flags;
};
enum {
	WAD_CMD_RAW = 1,	/* a '|' in the line is part of the text */
	WAD_CMD_READ = 2,	/* changes nothing but this console: also for
				 * who may only look */
};

/* A family is an array of rows; its file exports it. */
struct wad_cmd_family {
	const struct wad_cmd *rows; size_t n;
};

/* `| grep [-i] [-v] WORD` behind a command. */
struct wad_cmd_grep {
	bool	on, nocase, invert;
	char	word[256];
};

/* A line cut into words. */
struct wad_cmd_line {
	char		 text[WAD_CMD_LINE];	/* as typed */
	char		 store[WAD_CMD_LINE];	/* the words, unquoted */
	const char	*word[WAD_CMD_WORDS];
	size_t		 at[WAD_CMD_WORDS];	/* column in text */
	size_t		 len[WAD_CMD_WORDS];	/* width in text */
	size_t		 n;
	struct wad_cmd_grep grep;
	/* choices found in patterns, written out */
	char		 full[WAD_CMD_LINE];
};

/* Cuts a line; 0, or -1 with a message.  Words are divided by blanks; "..."
 * keeps them, \ takes the next character as it is. */
int	wad_cmd_split(struct wad_cmd_line *, const char *line,
	    struct wad_str *err);

/* Finds the row of a line and fills args; NULL with a message that marks the
 * wrong word and lists the valid ones. */
const struct wad_cmd *wad_cmd_find(const struct wad_cmd_family *const *,
	    size_t n, struct wad_cmd_line *, struct wad_cmd_args *,
	    struct wad_str *err);

/* What may follow: lines "word<TAB>help".  The last word counts as unfinished
 * unless the line ends in a blank.  "<cr>" when the line is a command. */
void	wad_cmd_complete(const struct wad_cmd_family *const *, size_t n,
	    const char *line, struct wad_str *out);

/* Adds such a line, unless the word is there already. */
void	wad_cmd_offer(struct wad_str *out, const char *word, size_t len,
	    const char *help);

/* Turns such lines into columns for people. */
void	wad_cmd_columns(const char *lines, struct wad_str *out);

/* Keeps the lines of text that grep wants. */
void	wad_cmd_grep(const struct wad_cmd_grep *, const char *text, size_t len,
	    struct wad_str *out);

/* Is w a non-empty beginning of the word full? */
bool	wad_cmd_begins(const char *w, const char *full);

/* The i-th token of a pattern, its length in *len; NULL behind the last. */
const char *wad_cmd_token(const char *pattern, size_t i, size_t *len);

#endif
