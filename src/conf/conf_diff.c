/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two trees side by side, see conf_diff.h.  A nested table without entries
 * (`config https`) is part of its object; each entry of a nested table is an
 * object of its own.
 */
#include "conf/conf_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "conf/conf_schema.h"
#include "conf/conf_show.h"

enum { VALUE_SHOWN = 80, ATTRS_SHOWN = 700 };

struct diff {
	wad_conf_change_fn *fn;
	void		*arg;
	unsigned	 n;
};

/* Where we are. */
struct place {
	const char	*path, *obj;
	const struct wad_conf_table *table;	/* NULL: not in the schema */
};

static void	diff_children(struct diff *, const struct place *,
		    const struct wad_conf_node *old,
		    const struct wad_conf_node *new, const char *prefix,
		    struct wad_str *attrs);

/* ---- values ----------------------------------------------------------- */

static bool
holds(const struct wad_conf_set *s, const char *v)
{
	for (size_t i = 0; s != NULL && i < s->n_values; i++)
		if (strcmp(s->values[i], v) == 0)
			return true;
	return false;
}

/* The values of s that are not in `but`; def when s is not set at all. */
static void
values_add(struct wad_str *out, const struct wad_conf_set *s,
    const struct wad_conf_set *but, const char *def)
{
	size_t from = out->len;

	if (s == NULL && def != NULL)
		wad_str_add(out, def);
	for (size_t i = 0; s != NULL && i < s->n_values; i++) {
		if (holds(but, s->values[i]))
			continue;
		if (out->len > from)
			wad_str_add(out, " ");
		wad_str_add(out, s->values[i]);
		if (out->len - from > VALUE_SHOWN) {
			out->len = from + VALUE_SHOWN;
			out->s[out->len] = '\0';
			wad_str_add(out, "...");
			return;
		}
	}
}

static bool
same_values(const struct wad_conf_set *a, const struct wad_conf_set *b)
{
	if (a == NULL || b == NULL || a->n_values != b->n_values)
		return a == b;
	for (size_t i = 0; i < a->n_values; i++)
		if (strcmp(a->values[i], b->values[i]) != 0)
			return false;
	return true;
}

/* The same values in another order are told in full. */
static bool
same_words(const struct wad_conf_set *a, const struct wad_conf_set *b)
{
	for (size_t i = 0; i < a->n_values; i++)
		if (!holds(b, a->values[i]))
			return false;
	for (size_t i = 0; i < b->n_values; i++)
		if (!holds(a, b->values[i]))
			return false;
	return true;
}

/* "name[old->new]"; added: "name[new]". */
static void
attr_add(struct wad_str *out, const struct wad_conf_table *t,
    const char *prefix, const struct wad_conf_set *old,
    const struct wad_conf_set *new, bool added)
{
	const struct wad_conf_set *one = new != NULL ? new : old;
	const struct wad_conf_row *row = t == NULL ? NULL :
	    wad_conf_schema_row(t, one->name);
	const char	*def = row != NULL ? row->def : NULL;
	bool		 whole = old == NULL || new == NULL ||
			     same_words(old, new);

	if (one->name[0] == '_')
		return;
	if (old == NULL && def != NULL && new->n_values == 1 &&
	    strcmp(def, new->values[0]) == 0)
		added = true;		/* it says what was so before */
	if (out->len > ATTRS_SHOWN) {
		if (strcmp(out->s + out->len - 3, "...") != 0)
			wad_str_add(out, "...");
		return;
	}
	wad_str_addf(out, "%s%s[", prefix, one->name);
	if (wad_conf_show_secret(t, one)) {
		wad_str_add(out, added || new == NULL ? "*" : "*->*");
	} else if (added) {
		values_add(out, new, NULL, NULL);
	} else {
		values_add(out, old, whole ? NULL : new, def);
		wad_str_add(out, "->");
		values_add(out, new, whole ? NULL : old, def);
	}
	wad_str_add(out, "]");
}

static void
diff_sets(const struct wad_conf_table *t, const struct wad_conf_node *old,
    const struct wad_conf_node *new, const char *prefix, bool added,
    struct wad_str *attrs)
{
	const struct wad_conf_set *s, *o;

	for (s = new != NULL ? new->sets : NULL; s != NULL; s = s->next) {
		o = old != NULL ? wad_conf_node_get(old, s->name) : NULL;
		if (!same_values(o, s))
			attr_add(attrs, t, prefix, o, s, added);
	}
	for (s = old != NULL ? old->sets : NULL; s != NULL; s = s->next)
		if (new == NULL || wad_conf_node_get(new, s->name) == NULL)
			attr_add(attrs, t, prefix, s, NULL, added);
}

/* ---- lists of nodes, found by name ------------------------------------ */

struct entry { const struct wad_conf_node *node; size_t at; };
struct index { struct entry *v; size_t n; };

static int
by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->node->name, y->node->name);
}

static struct index
index_make(const struct wad_conf_node *list)
{
	struct index x = { NULL, 0 };

	for (const struct wad_conf_node *n = list; n != NULL; n = n->next)
		x.n++;
	x.v = wad_xcalloc(x.n + 1, sizeof(*x.v));
	x.n = 0;
	for (const struct wad_conf_node *n = list; n != NULL; n = n->next) {
		x.v[x.n] = (struct entry){ n, x.n };
		x.n++;
	}
	qsort(x.v, x.n, sizeof(*x.v), by_name);
	return x;
}

static const struct entry *
index_find(const struct index *x, const struct wad_conf_node *n)
{
	struct entry key = { n, 0 };

	return bsearch(&key, x->v, x->n, sizeof(*x->v), by_name);
}

/* Which of the places (in the new order, each the old place of an entry) kept
 * their order: the longest rising run, the rest was moved. */
static void
mark_kept(const size_t *place, size_t n, bool *kept)
{
	size_t	*tail = wad_xcalloc(n + 1, sizeof(*tail));
	size_t	*prev = wad_xcalloc(n + 1, sizeof(*prev)), len = 0;

	for (size_t i = 0; i < n; i++) {
		size_t lo = 0, hi = len;

		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (place[tail[mid]] < place[i])
				lo = mid + 1;
			else
				hi = mid;
		}
		prev[i] = lo > 0 ? tail[lo - 1] : n;
		tail[lo] = i;
		if (lo == len)
			len++;
	}
	for (size_t i = len > 0 ? tail[len - 1] : n; i < n; i = prev[i])
		kept[i] = true;
	free(tail);
	free(prev);
}

/* ---- objects ---------------------------------------------------------- */

static void
tell(struct diff *d, const struct place *p, const char *action,
    const struct wad_str *attrs)
{
	struct wad_conf_change c = { .action = action, .path = p->path,
		.obj = p->obj, .attrs = attrs != NULL && attrs->len > 0 ?
		attrs->s : NULL };

	d->n++;
	d->fn(d->arg, &c);
}

/* An entry, or a table without entries at the top; either may be NULL. */
static void
diff_object(struct diff *d, const struct place *p,
    const struct wad_conf_node *old, const struct wad_conf_node *new)
{
	struct wad_str	attrs = { 0 };
	bool		added = old == NULL && p->obj != NULL;

	if (new == NULL && p->obj != NULL) {
		tell(d, p, "Delete", NULL);
		return;
	}
	diff_sets(p->table, old, new, "", added, &attrs);
	/* its plain nested tables are attributes; said before its entries */
	diff_children(NULL, p, old, new, "", &attrs);
	if (attrs.len > 0 || added)
		tell(d, p, added ? "Add" : "Edit", &attrs);
	wad_str_free(&attrs);
	diff_children(d, p, old, new, "", NULL);
}

/* The entries of one table, old and new. */
static void
diff_entries(struct diff *d, const struct place *p,
    const struct wad_conf_node *old, const struct wad_conf_node *new)
{
	struct index	 was = index_make(old), is = index_make(new);
	size_t		*place = wad_xcalloc(is.n + 1, sizeof(*place)), n = 0;
	bool		*kept = wad_xcalloc(is.n + 1, sizeof(*kept));
	size_t		 i = 0;

	for (const struct wad_conf_node *e = new; e != NULL; e = e->next) {
		const struct entry *o = index_find(&was, e);

		if (o != NULL)
			place[n++] = o->at;
	}
	mark_kept(place, n, kept);
	for (const struct wad_conf_node *e = new; e != NULL; e = e->next) {
		const struct entry	*o = index_find(&was, e);
		char			*obj = p->obj == NULL ?
		    wad_xstrdup(e->name) : wad_xasprintf("%s:%s", p->obj,
		    e->name);
		struct place		 at = { p->path, obj, p->table };

		if (o != NULL && !kept[i++])
			tell(d, &at, "Move", NULL);
		diff_object(d, &at, o != NULL ? o->node : NULL, e);
		free(obj);
	}
	for (const struct wad_conf_node *e = old; e != NULL; e = e->next) {
		char *obj;

		if (index_find(&is, e) != NULL)
			continue;
		obj = p->obj == NULL ? wad_xstrdup(e->name) :
		    wad_xasprintf("%s:%s", p->obj, e->name);
		diff_object(d, &(struct place){ p->path, obj, p->table }, e,
		    NULL);
		free(obj);
	}
	free(was.v);
	free(is.v);
	free(place);
	free(kept);
}

static const struct wad_conf_node *
first_entry(const struct wad_conf_node *n)
{
	const struct wad_conf_node *c = n != NULL ? n->children : NULL;

	return c != NULL && c->is_edit ? c : NULL;
}

/* One nested table.  attrs: what is its own goes there; d: its entries. */
static void
diff_nested(struct diff *d, const struct place *p,
    const struct wad_conf_node *old, const struct wad_conf_node *new,
    const char *prefix, struct wad_str *attrs)
{
	const char	*name = new != NULL ? new->name : old->name;
	const struct wad_conf_table *t = p->table == NULL ? NULL :
	    wad_conf_schema_below(p->table, name);
	bool		 top = strchr(p->path, ':') == NULL;
	char		*path = wad_xasprintf("%s%s%s", p->path,
	    top ? ":" : ".", name);
	char		*inner = wad_xasprintf("%s%s:", prefix, name);
	struct place	 at = { path, p->obj, t };

	if (attrs != NULL)
		diff_sets(t, old, new, inner, false, attrs);
	if (d != NULL && (first_entry(old) != NULL ||
	    first_entry(new) != NULL))
		diff_entries(d, &at, first_entry(old), first_entry(new));
	else
		diff_children(d, &at, old, new, inner, attrs);
	free(path);
	free(inner);
}

static const struct wad_conf_node *
child(const struct wad_conf_node *n, const char *name)
{
	return n != NULL ? wad_conf_node_child(n, name) : NULL;
}

/* The tables inside an object, or inside a plain table of one. */
static void
diff_children(struct diff *d, const struct place *p,
    const struct wad_conf_node *old, const struct wad_conf_node *new,
    const char *prefix, struct wad_str *attrs)
{
	const struct wad_conf_node *c;

	for (c = new != NULL ? new->children : NULL; c != NULL; c = c->next)
		if (!c->is_edit)
			diff_nested(d, p, child(old, c->name), c, prefix,
			    attrs);
	for (c = old != NULL ? old->children : NULL; c != NULL; c = c->next)
		if (!c->is_edit && child(new, c->name) == NULL)
			diff_nested(d, p, c, NULL, prefix, attrs);
}

/* A table at the top: its entries, or itself. */
static void
diff_table(struct diff *d, const char *name, const struct wad_conf_node *old,
    const struct wad_conf_node *new)
{
	char		*path = wad_xstrdup(name);
	struct place	 p = { path, NULL, wad_conf_schema_table(name) };

	for (char *s = path; *s != '\0'; s++)
		if (*s == ' ')
			*s = '.';
	if (first_entry(old) != NULL || first_entry(new) != NULL)
		diff_entries(d, &p, first_entry(old), first_entry(new));
	else
		diff_object(d, &p, old, new);
	free(path);
}

unsigned
wad_conf_diff(const struct wad_conf_tree *old, const struct wad_conf_tree *new,
    wad_conf_change_fn *fn, void *arg)
{
	struct diff			 d = { .fn = fn, .arg = arg };
	const struct wad_conf_node	*t;

	for (t = new->tables; t != NULL; t = t->next)
		diff_table(&d, t->name, wad_conf_node_find(old, t->name,
		    NULL, NULL), t);
	for (t = old->tables; t != NULL; t = t->next)
		if (wad_conf_node_find(new, t->name, NULL, NULL) == NULL)
			diff_table(&d, t->name, t, NULL);
	return d.n;
}
