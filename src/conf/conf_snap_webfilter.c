/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Web filter profiles, lists of URLs, words and Content-Types, local
 * categories.
 */
#include "conf/conf_build.h"

#include <stdlib.h>
#include <string.h>

/* What action exempt skips; unset: everything. */
static void
exempt(const struct wad_conf_node *n, struct wad_uf_entry *f)
{
	bool all = get(n, "exempt") == NULL ||
	    has_value(n, "exempt", "all") || has_value(n, "exempt", "pass");

	f->exempt_content = all || has_value(n, "exempt", "web-content");
	f->exempt_ftgd = all || has_value(n, "exempt", "fortiguard");
}

static void
urlfilter_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_urlfilter	    *u = &b->c->urlfilters[i];
	const struct wad_conf_node  *e = child(n, "entries");

	u->id = (uint32_t)strtoul(n->name, NULL, 10);
	u->subdomains = true;
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
		exempt(e, f);
		if (f->url == NULL)
			wad_conf_errs_add(b->errs, b->tree->file, e->line,
			    "entry %s of URL filter %s: 'set url' is missing",
			    e->name, n->name);
	}
}

/* The page of an entry is in a group. */
static void
page_group(struct build *b, const struct wad_conf_node *n)
{
	const char		   *name = value(n, "override-replacemsg");
	const struct wad_conf_node *g = table(b, "system replacemsg-group");

	if (name == NULL || name[0] == '\0')
		return;
	for (g = g != NULL ? g->children : NULL; g != NULL; g = g->next)
		if (g->is_edit && strcmp(g->name, name) == 0)
			return;
	wad_conf_build_warn(b, get(n, "override-replacemsg")->line,
	    "there is no system replacemsg-group '%s': the usual page is "
	    "shown", name);
}

/* The first filter of a category is the one that counts. */
static const struct wad_wf_filter *
filter_of(const struct wad_wf_profile *w, uint16_t category)
{
	for (size_t i = 0; i < w->n_filters; i++)
		if (w->filters[i].category == category)
			return &w->filters[i];
	return NULL;
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
		const struct wad_wf_filter *first;
		struct wad_wf_filter	   *f;

		if (!n->is_edit)
			continue;
		f = &w->filters[w->n_filters++];
		f->id = (uint32_t)strtoul(n->name, NULL, 10);
		wad_conf_build_fill(b, t, n, f);
		wad_conf_snap_object_people(b, n, "auth-usr-grp",
		    "user group", b->groups);
		page_group(b, n);
		first = filter_of(w, f->category);
		if (first != f)
			wad_conf_build_warn(b, n->line, "filter %u of "
			    "category %u has no effect: filter %u comes first",
			    f->id, f->category, first->id);
	}
}

static void
quota_counts(struct build *b, const struct wad_conf_node *n,
    const struct wad_wf_profile *w, const struct wad_wf_quota *q)
{
	for (size_t i = 0; i < q->n_cats; i++) {
		const struct wad_wf_filter *f = filter_of(w, q->cats[i]);

		if (f == NULL || (f->action != WAD_WF_MONITOR &&
		    f->action != WAD_WF_WARNING))
			wad_conf_build_warn(b, n->line, "quota %u does not "
			    "count category %u: that needs a filter with "
			    "action monitor or warning", q->id, q->cats[i]);
	}
}

static void
wf_quotas(struct build *b, const struct wad_conf_node *list,
    struct wad_wf_profile *w)
{
	const struct wad_conf_table *t = wad_conf_schema_table(
	    "webfilter profile/ftgd-wf/quota");
	unsigned value_set;

	w->quotas = array(b, count(list), sizeof(*w->quotas));
	for (const struct wad_conf_node *n = list->children; n != NULL;
	    n = n->next) {
		struct wad_wf_quota *q;

		if (!n->is_edit)
			continue;
		q = &w->quotas[w->n_quotas++];
		q->id = (uint32_t)strtoul(n->name, NULL, 10);
		wad_conf_build_fill(b, t, n, q);
		value_set = value(n, "value") != NULL ?
		    (unsigned)strtoul(value(n, "value"), NULL, 10) : 1024;
		q->bytes = (uint64_t)value_set << 10 *
		    wad_conf_build_choice(t, n, "unit");
		if (q->n_cats == 0)
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "quota %s: 'set category' is missing", n->name);
		quota_counts(b, n, w, q);
		page_group(b, n);
	}
}

/* The rate-* switches and the options of ftgd-wf as one number. */
static unsigned
ftgd_options(const struct wad_conf_node *ftgd)
{
	static const struct { const char *name; unsigned bit; } options[] = {
		{ "rate-server-ip", WAD_FTGD_RATE_IP },
		{ "connect-request-bypass", WAD_FTGD_CONNECT_BYPASS },
		{ "redir-block", WAD_FTGD_REDIR_BLOCK },
	}, switches[] = {
		{ "rate-javascript-urls", WAD_FTGD_JAVASCRIPT },
		{ "rate-css-urls", WAD_FTGD_CSS },
		{ "rate-crl-urls", WAD_FTGD_CRL },
		{ "rate-image-urls", WAD_FTGD_IMAGE },
	};
	unsigned all = 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (has_value(ftgd, "options", options[i].name))
			all |= options[i].bit;
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (!is_value(ftgd, switches[i].name, "disable"))
			all |= switches[i].bit;
	return all;
}

static void
wf_ftgd(struct build *b, const struct wad_conf_node *ftgd,
    struct wad_wf_profile *w)
{
	wad_conf_build_fill(b,
	    wad_conf_schema_table("webfilter profile/ftgd-wf"), ftgd, w);
	w->ftgd = ftgd_options(ftgd);
	w->error_allow = has_value(ftgd, "options", "error-allow");
	if (ftgd != NULL && child(ftgd, "filters") != NULL)
		wf_filters(b, child(ftgd, "filters"), w);
	if (ftgd != NULL && child(ftgd, "quota") != NULL)
		wf_quotas(b, child(ftgd, "quota"), w);
	if (has_value(ftgd, "options", "ftgd-disable"))
		w->n_filters = w->n_quotas = 0;
}

/* The list with this number, as a profile names it. */
#define FIND(list, n, number, out) do {					\
	for (size_t k_ = 0; k_ < (n) && (number) != 0; k_++)		\
		if ((list)[k_].id == (number))				\
			(out) = &(list)[k_];				\
} while (0)

static void
lists(struct build *b, const struct wad_conf_node *web,
    struct wad_wf_profile *w)
{
	struct wad_conf *c = b->c;

	FIND(c->urlfilters, c->n_urlfilters, w->urlfilter_table,
	    w->urlfilter);
	FIND(c->contents, c->n_contents, w->bword_table, w->bword);
	FIND(c->content_headers, c->n_content_headers,
	    w->content_header_list, w->content_headers);
	{
		const struct {
			const char	*set, *kind;
			uint32_t	 id;
			const void	*found;
		} what[] = {
			{ "urlfilter-table", "urlfilter", w->urlfilter_table,
			    w->urlfilter },
			{ "bword-table", "content", w->bword_table,
			    w->bword },
			{ "content-header-list", "content-header",
			    w->content_header_list, w->content_headers },
		};

		for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
			if (what[i].id != 0 && what[i].found == NULL)
				wad_conf_errs_add(b->errs, b->tree->file,
				    get(web, what[i].set)->line, "set %s: "
				    "there is no webfilter %s %u",
				    what[i].set, what[i].kind, what[i].id);
	}
}

static void
wf_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	static const char *const    scripts[] = { "activexfilter",
		"javafilter", "jscript", "js", "vbs", "unknown",
		"intrinsic" };
	struct wad_wf_profile	   *w = &b->c->wf_profiles[i];
	const struct wad_conf_node *web = child(n, "web");

	w->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, w);
	for (size_t k = 0; k < sizeof(scripts) / sizeof(scripts[0]); k++)
		if (has_value(n, "options", scripts[k]))
			wad_conf_build_warn(b, get(n, "options")->line,
			    "options %s has no effect: pages are not changed",
			    scripts[k]);
	wad_conf_build_fill(b,
	    wad_conf_schema_table("webfilter profile/web"), web, w);
	w->safe_header = has_value(web, "safe-search", "header");
	w->safe_search = w->safe_header ||
	    has_value(web, "safe-search", "url");
	if (w->vimeo != NULL && (w->vimeo[0] == '\0' ||
	    !wad_conf_check_field(NULL, w->vimeo)))
		w->vimeo = NULL;
	lists(b, web, w);
	w->pages = wad_conf_snap_http_pages(b, n, "replacemsg-group");
	wf_ftgd(b, child(n, "ftgd-wf"), w);
	wad_conf_check_names_leaf(b->wf_profiles, w->name, w);
}

static void
content_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_content_list	   *l = &b->c->contents[i];
	const struct wad_conf_node *list = child(n, "entries");

	l->id = (uint32_t)strtoul(n->name, NULL, 10);
	wad_conf_build_fill(b, t, n, l);
	l->words = array(b, count(list), sizeof(*l->words));
	t = wad_conf_schema_below(t, "entries");
	for (n = list != NULL ? list->children : NULL; n != NULL; n = n->next)
		if (n->is_edit) {
			struct wad_content_word *x = &l->words[l->n_words++];

			wad_conf_build_fill(b, t, n, x);
			x->pattern = wad_arena_strdup(b->c->arena, n->name);
		}
}

static void
content_header_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_content_headers *l = &b->c->content_headers[i];
	const struct wad_conf_node *list = child(n, "entries");

	l->id = (uint32_t)strtoul(n->name, NULL, 10);
	wad_conf_build_fill(b, t, n, l);
	l->entries = array(b, count(list), sizeof(*l->entries));
	t = wad_conf_schema_below(t, "entries");
	for (n = list != NULL ? list->children : NULL; n != NULL; n = n->next)
		if (n->is_edit) {
			struct wad_content_header *x =
			    &l->entries[l->n_entries++];

			wad_conf_build_fill(b, t, n, x);
			x->pattern = wad_arena_strdup(b->c->arena, n->name);
		}
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
	WAD_CONF_BUILD_TABLE(b, "webfilter urlfilter", urlfilters,
	    n_urlfilters, urlfilter_entry);
	WAD_CONF_BUILD_TABLE(b, "webfilter content", contents, n_contents,
	    content_entry);
	WAD_CONF_BUILD_TABLE(b, "webfilter content-header", content_headers,
	    n_content_headers, content_header_entry);
	(void)wad_conf_build_single(b, "webfilter fortiguard", b->c);
	WAD_CONF_BUILD_TABLE(b, "webfilter profile", wf_profiles,
	    n_wf_profiles, wf_entry);
	WAD_CONF_BUILD_TABLE(b, "webfilter ftgd-local-cat", local_cats,
	    n_local_cats, local_cat_entry);
	WAD_CONF_BUILD_TABLE(b, "webfilter ftgd-local-rating", local_ratings,
	    n_local_ratings, local_rating_entry);
}
