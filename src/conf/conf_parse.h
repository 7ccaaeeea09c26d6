/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config / edit / set / next / end: text to tree and back.  Pure: no files,
 * no globals; fuzzed.  The tree keeps what it does not know.
 */
#ifndef WAD_CONF_PARSE_H
#define WAD_CONF_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf_snap.h"

struct wad_conf_set {			/* one setting: set NAME VALUE... */
	struct wad_conf_set *next;
	char		*name;
	char		**values; size_t n_values;	/* none: unset NAME */
	int		 line;		/* 0: made by wad_conf_node_set */
	uint64_t	 quoted;	/* bit i: value i stood in quotes; the
					 * last bit for all that follow */
};

/* A table or an entry: "config PATH" at the top, "edit ID" or a nested
 * "config X" below.  Settings and children keep their order. */
struct wad_conf_node {
	struct wad_conf_node *next;	/* sibling */
	char		*name;		/* "firewall policy", "11", "https" */
	bool		 is_edit;	/* an entry made by edit */
	struct wad_conf_set *sets;
	struct wad_conf_node *children;
	int		 line;
	bool		 quoted;	/* the name (of a table: its last
					 * word) stood in quotes */
};

/* Name of a tree made from the sealed text: settings whose names begin with
 * '_' are accepted there (and where wad_conf_node_set made them). */
#define WAD_CONF_SEALED	"<sealed>"

/* Limits of what a file may hold. */
enum {
	WAD_CONF_TEXT_MAX = 64 << 20, WAD_CONF_VALUE_MAX = 1 << 20,
	WAD_CONF_WORDS_MAX = 8192, WAD_CONF_DEPTH_MAX = 16,
	WAD_CONF_SETS_MAX = 2048, WAD_CONF_ERRS_MAX = 200
};

struct wad_conf_tree {
	char		*file;		/* name for messages */
	struct wad_conf_node *tables;	/* top-level config blocks */
};

/* Parses text (len bytes, any content) into a new tree; errors are added and
 * parsing goes on at the next line.  Never NULL; free it in every case. */
struct wad_conf_tree *wad_conf_parse(const char *file, const char *text,
	    size_t len, struct wad_conf_errs *);
void	wad_conf_tree_free(struct wad_conf_tree *);	/* NULL allowed */
struct wad_conf_tree *wad_conf_tree_dup(const struct wad_conf_tree *);

/* Runs a script (config.. edit.. set/append/unset/delete/rename/move/clone/
 * purge.. end) of the console on a tree.  0, or -1 with errors; on -1 the
 * tree may be half edited: work on a dup. */
int	wad_conf_edit(struct wad_conf_tree *, const char *file,
	    const char *text, size_t len, struct wad_conf_errs *);

/* Finds "firewall policy" (and entry "11", and nested "https"); NULL if not
 * there.  entry and nested may be NULL. */
struct wad_conf_node *wad_conf_node_find(const struct wad_conf_tree *,
	    const char *table, const char *entry, const char *nested);
struct wad_conf_node *wad_conf_node_child(const struct wad_conf_node *,
	    const char *name);
const struct wad_conf_set *wad_conf_node_get(const struct wad_conf_node *,
	    const char *name);
/* Sets NAME to these values (n == 0 removes it). */
void	wad_conf_node_set(struct wad_conf_node *, const char *name,
	    const char *const *values, size_t n);
/* Finds or makes a top table / an entry below it. */
struct wad_conf_node *wad_conf_node_make(struct wad_conf_tree *,
	    const char *table, const char *entry);

#endif
