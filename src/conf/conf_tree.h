/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree that a configuration's text becomes: tables, entries and their
 * settings, as they were written.  It keeps what it does not know.
 */
#ifndef WAD_CONF_TREE_H
#define WAD_CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

struct wad_conf_tree {
	char		*file;		/* name for messages */
	struct wad_conf_node *tables;	/* top-level config blocks */
};

void	wad_conf_tree_free(struct wad_conf_tree *);	/* NULL allowed */
struct wad_conf_tree *wad_conf_tree_dup(const struct wad_conf_tree *);

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

/* ---- for who builds one ---- */

struct wad_conf_node *wad_conf_node_new(const char *name, bool is_edit,
	    int line);
/* A copy of one node with all below it. */
struct wad_conf_node *wad_conf_node_dup(const struct wad_conf_node *);
/* Frees a node, all below it and all its next ones. */
void	wad_conf_node_free(struct wad_conf_node *);

struct wad_conf_set *wad_conf_set_find(const struct wad_conf_node *,
	    const char *name);
/* The setting called name; made at the end when it is not there.  *before (NULL
 * allowed): how many stand before it. */
struct wad_conf_set *wad_conf_set_make(struct wad_conf_node *,
	    const char *name, size_t *before);
void	wad_conf_set_values(struct wad_conf_set *, const char *const *values,
	    size_t n, uint64_t quoted);
void	wad_conf_set_remove(struct wad_conf_node *, const char *name);

/* Children of one node by name, so that a long table is not quadratic. */
struct wad_conf_index {
	struct wad_conf_node **slot;
	size_t		 cap, n;
	struct wad_conf_node *tail;
};

/* Anew, of these. */
void	wad_conf_index_build(struct wad_conf_index *, struct wad_conf_node *);
void	wad_conf_index_add(struct wad_conf_index *, struct wad_conf_node *);
void	wad_conf_index_remove(struct wad_conf_index *,
	    const struct wad_conf_node *);
struct wad_conf_node *wad_conf_index_find(const struct wad_conf_index *,
	    const char *name, bool is_edit);

#endif
