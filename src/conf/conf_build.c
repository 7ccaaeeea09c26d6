/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From nodes of the tree to structs, by the rows of the schema.
 */
#include "conf/conf_build.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/xmem.h"

void
wad_conf_build_warn(struct build *b, int line, const char *fmt, ...)
{
	va_list ap;

	wad_str_add(&b->errs->ignored, "warning: ");
	wad_conf_errs_where(&b->errs->ignored, b->tree->file, line);
	va_start(ap, fmt);
	wad_str_vaddf(&b->errs->ignored, fmt, ap);
	va_end(ap);
	wad_str_add(&b->errs->ignored, "\n");
}

/* What is asked for and does nothing here is said, so that nobody relies on
 * it. */
static void
idle(struct build *b, const struct wad_conf_row *r,
    const struct wad_conf_set *s)
{
	if ((r->flags & WAD_CF_IDLE) != 0 && s->n_values == 1 &&
	    strcmp(s->values[0], r->def) != 0)
		wad_conf_build_warn(b, s->line, "set %s %s has no effect: %s",
		    s->name, s->values[0], r->help);
}

void
wad_conf_build_fill(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, void *obj)
{
	char err[512];

	wad_conf_schema_defaults(t, b->c->arena, obj);
	if (n == NULL)
		return;
	for (const struct wad_conf_set *s = n->sets; s != NULL; s = s->next) {
		const struct wad_conf_row *r =
		    wad_conf_schema_row(t, s->name);

		if (r == NULL || (s->n_values == 0 &&
		    (r->flags & WAD_CF_EMPTY) == 0))
			continue;
		idle(b, r, s);
		(void)wad_conf_schema_store(r,
		    (const char *const *)s->values, s->n_values, b->c->arena,
		    obj, err, sizeof(err));
	}
}

void
wad_conf_build_foreign(struct build *b, const struct wad_conf_node *n,
    const char *name)
{
	const struct wad_conf_set *s = get(n, name);

	if (s != NULL && s->n_values > 1 && strcmp(s->values[0], "ENC") == 0)
		wad_conf_build_warn(b, s->line, "set %s: it is encrypted by "
		    "another device and cannot be used, set it again",
		    s->name);
}

const struct wad_conf_node *
wad_conf_build_single(struct build *b, const char *path, void *obj)
{
	const struct wad_conf_node *n = table(b, path);

	wad_conf_build_fill(b, wad_conf_schema_table(path), n, obj);
	return n;
}

void
wad_conf_build_each(struct build *b, const char *path,
    const struct wad_conf_node *n, entry_fn *fn)
{
	const struct wad_conf_table *t = wad_conf_schema_table(path);
	size_t			     i = 0;

	WAD_ASSERT(t != NULL);
	if (n == NULL)
		return;
	for (n = n->children; n != NULL; n = n->next)
		if (n->is_edit)
			fn(b, t, n, i++);
}

int
wad_conf_build_choice(const struct wad_conf_table *t,
    const struct wad_conf_node *n, const char *name)
{
	const struct wad_conf_row *r = wad_conf_schema_row(t, name);
	const char *list = r->choices, *v = value(n, name);
	char	    w[80];
	long	    x = 0;

	if (v == NULL)
		v = r->def;
	while (wad_conf_schema_word(&list, w, sizeof(w), &x) != NULL)
		if (strcmp(w, v) == 0)
			return (int)x;
	return 0;
}

void
wad_conf_build_no_any(struct wad_addr *a)
{
	for (size_t i = 0; i < sizeof(a->ip); i++)
		if (a->ip[i] != 0)
			return;
	memset(a, 0, sizeof(*a));
}
