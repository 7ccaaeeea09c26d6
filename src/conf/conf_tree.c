/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of a configuration's text, which owns all its strings: making,
 * copying, finding, changing.
 */
#include "conf/conf_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"

static void
set_free(struct wad_conf_set *s)
{
	for (size_t i = 0; i < s->n_values; i++)
		free(s->values[i]);
	free(s->values);
	free(s->name);
	free(s);
}

static void
sets_free(struct wad_conf_set *s)
{
	struct wad_conf_set *next;

	for (; s != NULL; s = next) {
		next = s->next;
		set_free(s);
	}
}

/* The depth is bounded by WAD_CONF_DEPTH_MAX. */
void
wad_conf_node_free(struct wad_conf_node *n)
{
	struct wad_conf_node *next;

	for (; n != NULL; n = next) {
		next = n->next;
		sets_free(n->sets);
		wad_conf_node_free(n->children);
		free(n->name);
		free(n);
	}
}

struct wad_conf_node *
wad_conf_node_new(const char *name, bool is_edit, int line)
{
	struct wad_conf_node *n = wad_xcalloc(1, sizeof(*n));

	n->name = wad_xstrdup(name);
	n->is_edit = is_edit;
	n->line = line;
	return n;
}

void
wad_conf_tree_free(struct wad_conf_tree *t)
{
	if (t == NULL)
		return;
	wad_conf_node_free(t->tables);
	free(t->file);
	free(t);
}

static struct wad_conf_set *
set_dup(const struct wad_conf_set *s)
{
	struct wad_conf_set *d = wad_xcalloc(1, sizeof(*d));

	d->name = wad_xstrdup(s->name);
	d->line = s->line;
	d->quoted = s->quoted;
	d->n_values = s->n_values;
	if (s->n_values > 0)
		d->values = wad_xcalloc(s->n_values, sizeof(*d->values));
	for (size_t i = 0; i < s->n_values; i++)
		d->values[i] = wad_xstrdup(s->values[i]);
	return d;
}

struct wad_conf_node *
wad_conf_node_dup(const struct wad_conf_node *n)
{
	struct wad_conf_node	*d = wad_conf_node_new(n->name, n->is_edit,
	    n->line);
	struct wad_conf_node	**child = &d->children;
	struct wad_conf_set	**set = &d->sets;

	d->quoted = n->quoted;
	for (const struct wad_conf_set *s = n->sets; s != NULL; s = s->next) {
		*set = set_dup(s);
		set = &(*set)->next;
	}
	for (const struct wad_conf_node *c = n->children; c != NULL;
	    c = c->next) {
		*child = wad_conf_node_dup(c);
		child = &(*child)->next;
	}
	return d;
}

struct wad_conf_tree *
wad_conf_tree_dup(const struct wad_conf_tree *t)
{
	struct wad_conf_tree *d = wad_xcalloc(1, sizeof(*d));
	struct wad_conf_node **tail = &d->tables;

	d->file = wad_xstrdup(t->file);
	for (const struct wad_conf_node *n = t->tables; n != NULL;
	    n = n->next) {
		*tail = wad_conf_node_dup(n);
		tail = &(*tail)->next;
	}
	return d;
}

static struct wad_conf_node *
list_find(struct wad_conf_node *n, const char *name)
{
	for (; n != NULL; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

struct wad_conf_node *
wad_conf_node_find(const struct wad_conf_tree *t, const char *table,
    const char *entry, const char *nested)
{
	struct wad_conf_node *n = list_find(t->tables, table);

	if (n != NULL && entry != NULL)
		n = list_find(n->children, entry);
	if (n != NULL && nested != NULL)
		n = list_find(n->children, nested);
	return n;
}

struct wad_conf_node *
wad_conf_node_child(const struct wad_conf_node *n, const char *name)
{
	return list_find(n->children, name);
}

struct wad_conf_set *
wad_conf_set_find(const struct wad_conf_node *n, const char *name)
{
	for (struct wad_conf_set *s = n->sets; s != NULL; s = s->next)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

const struct wad_conf_set *
wad_conf_node_get(const struct wad_conf_node *n, const char *name)
{
	return wad_conf_set_find(n, name);
}

void
wad_conf_set_remove(struct wad_conf_node *n, const char *name)
{
	struct wad_conf_set **at = &n->sets, *s;

	for (; (s = *at) != NULL; at = &s->next)
		if (strcmp(s->name, name) == 0) {
			*at = s->next;
			set_free(s);
			return;
		}
}

void
wad_conf_set_values(struct wad_conf_set *s, const char *const *values, size_t n,
    uint64_t quoted)
{
	char **copy = n > 0 ? wad_xcalloc(n, sizeof(*copy)) : NULL;

	for (size_t i = 0; i < n; i++)
		copy[i] = wad_xstrdup(values[i]);
	for (size_t i = 0; i < s->n_values; i++)
		free(s->values[i]);
	free(s->values);
	s->values = copy;
	s->n_values = n;
	s->quoted = quoted;
}

struct wad_conf_set *
wad_conf_set_make(struct wad_conf_node *n, const char *name, size_t *before)
{
	struct wad_conf_set **at = &n->sets;
	size_t		      c = 0;

	for (; *at != NULL; at = &(*at)->next, c++)
		if (strcmp((*at)->name, name) == 0)
			break;
	if (*at == NULL) {
		*at = wad_xcalloc(1, sizeof(**at));
		(*at)->name = wad_xstrdup(name);
	}
	if (before != NULL)
		*before = c;
	return *at;
}

void
wad_conf_node_set(struct wad_conf_node *n, const char *name,
    const char *const *values, size_t nv)
{
	struct wad_conf_set *s;

	if (nv == 0) {
		wad_conf_set_remove(n, name);
		return;
	}
	s = wad_conf_set_make(n, name, NULL);
	wad_conf_set_values(s, values, nv, 0);
	s->line = 0;
}

struct wad_conf_node *
wad_conf_node_make(struct wad_conf_tree *t, const char *table,
    const char *entry)
{
	struct wad_conf_node **at = &t->tables, *n;

	while (*at != NULL && strcmp((*at)->name, table) != 0)
		at = &(*at)->next;
	if (*at == NULL)
		*at = wad_conf_node_new(table, false, 0);
	n = *at;
	if (entry == NULL)
		return n;
	at = &n->children;
	while (*at != NULL && (!(*at)->is_edit ||
	    strcmp((*at)->name, entry) != 0))
		at = &(*at)->next;
	if (*at == NULL)
		*at = wad_conf_node_new(entry, true, 0);
	return *at;
}

/* ---- index of children ---- */

static size_t
index_hash(const char *name, bool is_edit)
{
	return (size_t)wad_str_hash(is_edit ? 1 : 2, name, strlen(name));
}

static void
index_grow(struct wad_conf_index *ix)
{
	struct wad_conf_node **old = ix->slot;
	size_t		       cap = ix->cap;

	ix->cap = cap == 0 ? 16 : cap * 2;
	ix->slot = wad_xcalloc(ix->cap, sizeof(*ix->slot));
	ix->n = 0;
	for (size_t i = 0; i < cap; i++)
		if (old[i] != NULL)
			wad_conf_index_add(ix, old[i]);
	free(old);
}

void
wad_conf_index_add(struct wad_conf_index *ix, struct wad_conf_node *n)
{
	size_t i;

	if (ix->n * 2 >= ix->cap)
		index_grow(ix);
	i = index_hash(n->name, n->is_edit) & (ix->cap - 1);
	while (ix->slot[i] != NULL)
		i = (i + 1) & (ix->cap - 1);
	ix->slot[i] = n;
	ix->n++;
}

/* Takes n out and closes the gap: what stands behind it may have its place
 * before. */
void
wad_conf_index_remove(struct wad_conf_index *ix, const struct wad_conf_node *n)
{
	size_t mask = ix->cap - 1, i, j, home;

	i = index_hash(n->name, n->is_edit) & mask;
	while (ix->slot[i] != n)
		i = (i + 1) & mask;
	for (j = (i + 1) & mask; ix->slot[j] != NULL; j = (j + 1) & mask) {
		home = index_hash(ix->slot[j]->name, ix->slot[j]->is_edit) &
		    mask;
		if (((j - home) & mask) < ((j - i) & mask))
			continue;
		ix->slot[i] = ix->slot[j];
		i = j;
	}
	ix->slot[i] = NULL;
	ix->n--;
}

struct wad_conf_node *
wad_conf_index_find(const struct wad_conf_index *ix, const char *name,
    bool is_edit)
{
	size_t i;

	if (ix->cap == 0)
		return NULL;
	i = index_hash(name, is_edit) & (ix->cap - 1);
	for (; ix->slot[i] != NULL; i = (i + 1) & (ix->cap - 1))
		if (ix->slot[i]->is_edit == is_edit &&
		    strcmp(ix->slot[i]->name, name) == 0)
			return ix->slot[i];
	return NULL;
}

void
wad_conf_index_build(struct wad_conf_index *ix, struct wad_conf_node *list)
{
	free(ix->slot);
	memset(ix, 0, sizeof(*ix));
	for (; list != NULL; list = list->next) {
		wad_conf_index_add(ix, list);
		ix->tail = list;
	}
}
