/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets beside the sealed text, see conf_secret.h.
 */
#include "conf/conf_secret.h"

#include <string.h>

#include "base/xmem.h"
#include "conf/conf_schema.h"

static const char *const tables[WAD_SECRETS] = {
	[WAD_SECRET_WORKER] = "web-proxy forward-server",
	[WAD_SECRET_LOOKUP] = "system external-resource",
};

struct wad_conf_tree *
wad_conf_secret_take(const struct wad_conf_tree *tree,
    enum wad_conf_secret kind)
{
	const struct wad_conf_table *t = wad_conf_schema_table(tables[kind]);
	const struct wad_conf_node  *n = wad_conf_node_find(tree,
	    tables[kind], NULL, NULL);
	struct wad_conf_tree	    *out = wad_xcalloc(1, sizeof(*out));

	out->file = wad_xstrdup(WAD_CONF_SEALED);
	for (n = n != NULL ? n->children : NULL; n != NULL; n = n->next)
		for (const struct wad_conf_set *s = n->sets; s != NULL;
		    s = s->next) {
			const struct wad_conf_row *r =
			    wad_conf_schema_row(t, s->name);

			if (n->is_edit && r != NULL && s->n_values == 1 &&
			    r->type == WAD_CT_SECRET)
				wad_conf_node_set(wad_conf_node_make(out,
				    tables[kind], n->name), s->name,
				    (const char *const *)s->values, 1);
		}
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
