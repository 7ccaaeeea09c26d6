/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Web filter profiles, URL lists, local categories.
 */
#include "conf/conf_build.h"

#include <stdlib.h>

static void
urlfilter_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_urlfilter	    *u = &b->c->urlfilters[i];
	const struct wad_conf_node  *e = child(n, "entries");

	u->id = (uint32_t)strtoul(n->name, NULL, 10);
	wad_conf_build_fill(b, t, n, u);
	if (e == NULL)
		return;
	u->entries = array(b, count(e), sizeof(*u->entries));
	t = wad_conf_schema_table("webfilter urlfilter/entries");
	for (e = e->children; e != NULL; e = e->next) {
		struct wad_uf_entry *f;

		if (!e->is_edit)
			continue;
		f = &u->entries[u->n_entries++];
		f->id = (uint32_t)strtoul(e->name, NULL, 10);
		wad_conf_build_fill(b, t, e, f);
		if (f->url == NULL)
			wad_conf_errs_add(b->errs, b->tree->file, e->line,
			    "entry %s of URL filter %s: 'set url' is missing",
			    e->name, n->name);
	}
}

static void
wf_filters(struct build *b, const struct wad_conf_node *list,
    struct wad_wf_profile *w)
{
	const struct wad_conf_table *t = wad_conf_schema_table(
	    "webfilter profile/ftgd-wf/filters");

	w->filters = array(b, count(list), sizeof(*w->filters));
	for (const struct wad_conf_node *n = list->children; n != NULL;
	    n = n->next) {
		struct wad_wf_filter *f;

		if (!n->is_edit)
			continue;
		f = &w->filters[w->n_filters++];
		f->id = (uint32_t)strtoul(n->name, NULL, 10);
		wad_conf_build_fill(b, t, n, f);
		wad_conf_snap_object_people(b, n, "auth-usr-grp",
		    "user group", b->groups);
	}
}

static void
wf_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_wf_profile	   *w = &b->c->wf_profiles[i];
	const struct wad_conf_node *web = child(n, "web");
	const struct wad_conf_node *ftgd = child(n, "ftgd-wf");

	w->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, w);
	wad_conf_build_fill(b,
	    wad_conf_schema_table("webfilter profile/web"), web, w);
	for (size_t k = 0; k < b->c->n_urlfilters; k++)
		if (w->urlfilter_table != 0 &&
		    b->c->urlfilters[k].id == w->urlfilter_table)
			w->urlfilter = &b->c->urlfilters[k];
	if (w->urlfilter_table != 0 && w->urlfilter == NULL)
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(web, "urlfilter-table")->line, "set urlfilter-table: "
		    "there is no webfilter urlfilter %u", w->urlfilter_table);
	w->error_allow = has_value(ftgd, "options", "error-allow");
	if (ftgd != NULL && child(ftgd, "filters") != NULL)
		wf_filters(b, child(ftgd, "filters"), w);
	if (has_value(ftgd, "options", "ftgd-disable"))
		w->n_filters = 0;
	wad_conf_check_names_leaf(b->wf_profiles, w->name, w);
}

static void
local_cat_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_local_cat *l = &b->c->local_cats[i];

	l->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, l);
	if (value(n, "id") == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "category '%s': 'set id' is missing, expected 140-191",
		    n->name);
	for (size_t k = 0; k < i; k++)
		if (l->id != 0 && b->c->local_cats[k].id == l->id)
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "category '%s': id %u is '%s' already", n->name,
			    l->id, b->c->local_cats[k].name);
}

static void
local_rating_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_local_rating *l = &b->c->local_ratings[i];

	l->url = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, l);
}

void
wad_conf_snap_webfilter_build(struct build *b)
{
	struct wad_conf		   *c = b->c;
	const struct wad_conf_node *n = table(b, "webfilter urlfilter");

	c->n_urlfilters = count(n);
	c->urlfilters = array(b, c->n_urlfilters, sizeof(*c->urlfilters));
	wad_conf_build_each(b, "webfilter urlfilter", n, urlfilter_entry);
	n = table(b, "webfilter profile");
	c->n_wf_profiles = count(n);
	c->wf_profiles = array(b, c->n_wf_profiles, sizeof(*c->wf_profiles));
	wad_conf_build_each(b, "webfilter profile", n, wf_entry);
	n = table(b, "webfilter ftgd-local-cat");
	c->n_local_cats = count(n);
	c->local_cats = array(b, c->n_local_cats, sizeof(*c->local_cats));
	wad_conf_build_each(b, "webfilter ftgd-local-cat", n, local_cat_entry);
	n = table(b, "webfilter ftgd-local-rating");
	c->n_local_ratings = count(n);
	c->local_ratings = array(b, c->n_local_ratings,
	    sizeof(*c->local_ratings));
	wad_conf_build_each(b, "webfilter ftgd-local-rating", n,
	    local_rating_entry);
}
