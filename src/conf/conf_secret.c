/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets beside the sealed text, see conf_secret.h.
 */
#include "conf/conf_secret.h"

#include <string.h>

#include "base/xmem.h"
#include "conf/conf_schema.h"

/* Entries of a table; only those in which a setting is enabled. */
static const struct {
	enum wad_conf_secret	 kind;
	const char		*table, *enabled;
} rows[] = {
	{ WAD_SECRET_WORKER, "web-proxy forward-server", NULL },
	{ WAD_SECRET_LOOKUP, "web-proxy forward-server", "healthcheck" },
	{ WAD_SECRET_LOOKUP, "system external-resource", NULL },
};

static bool
is_wanted(const struct wad_conf_node *n, const char *enabled)
{
	const struct wad_conf_set *s = enabled != NULL ?
	    wad_conf_node_get(n, enabled) : NULL;

	return n->is_edit && (enabled == NULL || (s != NULL &&
	    s->n_values == 1 && strcmp(s->values[0], "enable") == 0));
}

static void
take(const struct wad_conf_tree *tree, struct wad_conf_tree *out,
    const char *table, const char *enabled)
{
	const struct wad_conf_table *t = wad_conf_schema_table(table);
	const struct wad_conf_node  *n = wad_conf_node_find(tree, table,
	    NULL, NULL);

	for (n = n != NULL ? n->children : NULL; n != NULL; n = n->next)
		for (const struct wad_conf_set *s = is_wanted(n, enabled) ?
		    n->sets : NULL; s != NULL; s = s->next) {
			const struct wad_conf_row *r =
			    wad_conf_schema_row(t, s->name);

			if (r != NULL && s->n_values == 1 &&
			    r->type == WAD_CT_SECRET)
				wad_conf_node_set(wad_conf_node_make(out,
				    table, n->name), s->name,
				    (const char *const *)s->values, 1);
		}
}

struct wad_conf_tree *
wad_conf_secret_take(const struct wad_conf_tree *tree,
    enum wad_conf_secret kind)
{
	struct wad_conf_tree *out = wad_xcalloc(1, sizeof(*out));

	out->file = wad_xstrdup(WAD_CONF_SEALED);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].kind == kind)
			take(tree, out, rows[i].table, rows[i].enabled);
	return out;
}

void
wad_conf_secret_put(struct wad_conf_tree *tree,
    const struct wad_conf_tree *secrets)
{
	struct wad_conf_node *to;

	for (const struct wad_conf_node *t = secrets->tables; t != NULL;
	    t = t->next)
		for (const struct wad_conf_node *e = t->children; e != NULL;
		    e = e->next) {
			to = wad_conf_node_find(tree, t->name, e->name, NULL);
			for (const struct wad_conf_set *s = e->sets;
			    to != NULL && s != NULL; s = s->next)
				wad_conf_node_set(to, s->name,
				    (const char *const *)s->values,
				    s->n_values);
		}
}
