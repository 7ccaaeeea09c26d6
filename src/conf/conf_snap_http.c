/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protocol options, pages, threat feeds.
 */
#include "conf/conf_build.h"

#include <stdlib.h>

#include "base/xmem.h"

#define PAGES	"system replacemsg "

/* ---- firewall profile-protocol-options ---- */

/* RFC 9110 section 6.4.1: a page needs a status that has content. */
static void
page_status(struct build *b, const struct wad_conf_node *http,
    struct wad_protocol_options *o)
{
	unsigned status = o->block_status;

	if (status >= 200 && status != 204 && status != 205 && status != 304)
		return;
	wad_conf_build_warn(b, get(http, "block-page-status-code")->line,
	    "block-page-status-code %u cannot have a page: it is 403", status);
	o->block_status = 403;
}

static void
protocol_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_protocol_options *o = &b->c->protocols[i];

	o->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, o);
	wad_conf_build_fill(b, wad_conf_schema_below(t, "http"),
	    child(n, "http"), o);
	page_status(b, child(n, "http"), o);
	wad_conf_check_names_leaf(b->protocols, o->name, o);
}

/* ---- system replacemsg, replacemsg-group ---- */

/* One page; what comes later wins. */
static void
page(struct build *b, struct wad_pages *p, const char *kind, const char *type,
    const struct wad_conf_node *n)
{
	const struct wad_conf_table *t =
	    wad_conf_schema_table(PAGES "http");
	struct wad_page_text	    *x = p->texts;

	while (x < p->texts + p->n_texts && (strcmp(x->kind, kind) != 0 ||
	    strcmp(x->type, type) != 0))
		x++;
	p->n_texts += x == p->texts + p->n_texts;
	x->kind = wad_arena_strdup(b->c->arena, kind);
	x->type = wad_arena_strdup(b->c->arena, type);
	wad_conf_build_fill(b, t, n, x);
	x->html = wad_conf_build_choice(t, n, "format") == 1;
}

static void
pages(struct build *b, struct wad_pages *p, const char *kind,
    const struct wad_conf_node *list)
{
	for (const struct wad_conf_node *n = list->children; n != NULL;
	    n = n->next)
		if (n->is_edit)
			page(b, p, kind, n->name, n);
}

static void
global_pages(struct build *b)
{
	struct wad_pages *p = &b->c->pages;
	size_t		  max = 0, type;
	char		 *kind;

	for (const struct wad_conf_node *n = b->tree->tables; n != NULL;
	    n = n->next)
		if (wad_conf_schema_page(n->name) > 0)
			max++;
		else if (strncmp(n->name, PAGES, sizeof(PAGES) - 1) == 0)
			max += count(n);
	p->name = "";
	p->texts = array(b, max, sizeof(*p->texts));
	for (const struct wad_conf_node *n = b->tree->tables; n != NULL;
	    n = n->next) {
		type = wad_conf_schema_page(n->name);
		if (type > 0) {
			kind = wad_xstrndup(n->name + sizeof(PAGES) - 1,
			    type - sizeof(PAGES));
			page(b, p, kind, n->name + type, n);
			free(kind);
		} else if (strncmp(n->name, PAGES, sizeof(PAGES) - 1) == 0 &&
		    wad_conf_schema_table(n->name) != NULL)
			pages(b, p, n->name + sizeof(PAGES) - 1, n);
	}
}

static void
page_group_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_pages *p = &b->c->page_groups[i];
	size_t		  max = 0;

	p->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, p);
	for (const struct wad_conf_node *k = n->children; k != NULL;
	    k = k->next)
		max += count(k);
	p->texts = array(b, max, sizeof(*p->texts));
	for (const struct wad_conf_node *k = n->children; k != NULL;
	    k = k->next)
		if (wad_conf_schema_below(t, k->name) != NULL)
			pages(b, p, k->name, k);
	wad_conf_check_names_leaf(b->page_groups, p->name, p);
}

const struct wad_pages *
wad_conf_snap_http_pages(struct build *b, const struct wad_conf_node *n,
    const char *name)
{
	struct wad_conf_use u = use(b, n, name);

	return is_named(n, name) ? wad_conf_check_one(b->page_groups, &u) :
	    NULL;
}

/* ---- system external-resource ---- */

/* Its name is that of an address, too, of both families. */
static void
feed_object(struct build *b, const struct wad_conf_node *n,
    const struct wad_feed *f)
{
	struct wad_addr_obj *o = array(b, 1, sizeof(*o));

	if (wad_conf_node_find(b->tree, "firewall address", f->name, NULL) !=
	    NULL || wad_conf_node_find(b->tree, "firewall address6", f->name,
	    NULL) != NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line, "feed "
		    "'%s': an address has this name already", n->name);
	o->name = f->name;
	o->type = WAD_ADDR_FEED;
	o->feed = f;
	wad_conf_check_names_leaf(b->addr4, f->name, o);
	wad_conf_check_names_leaf(b->addr6, f->name, o);
}

static void
feed_check(struct build *b, const struct wad_conf_node *n,
    const struct wad_feed *f)
{
	const struct wad_conf_set *s = get(n, "resource");
	const struct wad_feed	  *o = b->c->feeds;
	char			   esc[300];

	if (f->enabled && f->url == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line, "feed "
		    "'%s': 'set resource' is missing, expected an http:// or "
		    "https:// address", n->name);
	if (f->url != NULL && !wad_conf_check_web_url(f->url)) {
		wad_str_escape(esc, sizeof(esc), f->url, strlen(f->url));
		wad_conf_errs_add(b->errs, b->tree->file, s->line,
		    "set resource: '%s': expected http://HOST/PATH or "
		    "https://HOST/PATH, without a user", esc);
	}
	if (f->type == WAD_FEED_ADDRESS) {
		feed_object(b, n, f);
		return;
	}
	if (f->category == 0)
		wad_conf_errs_add(b->errs, b->tree->file, n->line, "feed "
		    "'%s': 'set category' is missing, expected 192-221",
		    n->name);
	for (; o < f; o++)
		if (o->type != WAD_FEED_ADDRESS && f->category != 0 &&
		    o->category == f->category)
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "feed '%s': category %u is '%s' already",
			    n->name, f->category, o->name);
}

static void
feed_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_feed *f = &b->c->feeds[b->c->n_feeds];
	int		 type = wad_conf_build_choice(t, n, "type");

	(void)i;
	if (type > WAD_FEED_ADDRESS) {
		wad_conf_build_warn(b, n->line, "feed '%s': type %s is not "
		    "there, the feed is left out", n->name, value(n, "type"));
		return;
	}
	b->c->n_feeds++;
	f->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, f);
	f->type = (enum wad_feed_type)type;
	wad_conf_build_foreign(b, n, "password");
	if (f->username != NULL && f->username[0] == '\0')
		f->username = NULL;
	if (f->user_agent != NULL && f->user_agent[0] == '\0')
		f->user_agent = NULL;
	if (f->user_agent != NULL &&
	    !wad_conf_check_field(NULL, f->user_agent))
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "user-agent")->line, "set user-agent: a control "
		    "character");
	wad_conf_build_no_any(&f->source_ip);
	feed_check(b, n, f);
}

void
wad_conf_snap_http_build(struct build *b)
{
	struct wad_conf		   *c = b->c;
	const struct wad_conf_node *n;

	n = table(b, "firewall profile-protocol-options");
	c->n_protocols = count(n);
	c->protocols = array(b, c->n_protocols, sizeof(*c->protocols));
	wad_conf_build_each(b, "firewall profile-protocol-options", n,
	    protocol_entry);
	global_pages(b);
	n = table(b, "system replacemsg-group");
	c->n_page_groups = count(n);
	c->page_groups = array(b, c->n_page_groups, sizeof(*c->page_groups));
	wad_conf_build_each(b, "system replacemsg-group", n,
	    page_group_entry);
}

void
wad_conf_snap_http_feeds(struct build *b)
{
	const struct wad_conf_node *n = table(b, "system external-resource");

	b->c->feeds = array(b, count(n), sizeof(*b->c->feeds));
	wad_conf_build_each(b, "system external-resource", n, feed_entry);
}
