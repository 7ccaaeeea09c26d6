/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a configuration, all of it, each with file and line and
 * the nearest valid word.
 */
#include "conf/conf_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"
#include "conf/conf_schema.h"

enum { GROUP_DEPTH = 32 };

struct check {
	const struct wad_conf_tree *tree;
	struct wad_conf_errs	   *errs;
};

/* ---- the schema ---- */

static unsigned
count_sets(const struct wad_conf_node *n)
{
	unsigned count = 0;

	for (const struct wad_conf_set *s = n->sets; s != NULL; s = s->next)
		count++;
	for (n = n->children; n != NULL; n = n->next)
		count += count_sets(n);
	return count;
}

/* "config firewall policy / edit 11" or "config x / config y" of a path. */
static const char *
shown_path(char *buf, size_t size, const struct wad_conf_table *t)
{
	const char *leaf = strrchr(t->path, '/');

	snprintf(buf, size, "config %s", leaf != NULL ? leaf + 1 : t->path);
	return buf;
}

/* Internal names: made by the parent, or in the text that it sealed. */
static bool
hidden_ok(const struct check *c, const struct wad_conf_set *s)
{
	return s->line == 0 || strcmp(c->tree->file, WAD_CONF_SEALED) == 0;
}

/* A setting with an older name: its value, as one of today. */
static void
check_older(const struct check *c, const struct wad_conf_table *t,
    const struct wad_conf_older *o, const struct wad_conf_set *s)
{
	char	    name[80], was[80], buf[80], err[512];
	const char *now = o->now, *list = o->values, *v;
	struct wad_str all = { 0 };
	const struct wad_conf_row *r;

	wad_conf_schema_word(&now, name, sizeof(name), NULL);
	r = wad_conf_schema_row(t, name);
	WAD_ASSERT(r != NULL);
	v = s->n_values != 1 ? NULL :
	    wad_conf_schema_older_value(o, s->values[0], buf, sizeof(buf));
	if (s->n_values == 0 || (v != NULL && wad_conf_schema_store(r, &v, 1,
	    NULL, NULL, err, sizeof(err)) == 0))
		return;
	if (v == NULL) {
		while (wad_conf_schema_word(&list, was, sizeof(was), NULL) !=
		    NULL && wad_conf_schema_word(&list, buf, sizeof(buf),
		    NULL) != NULL)
			wad_str_addf(&all, "%s%s", all.len > 0 ? ", " : ": ",
			    was);
		snprintf(err, sizeof(err), "one value expected%s",
		    all.s != NULL ? all.s : "");
		wad_str_free(&all);
	}
	wad_conf_errs_add(c->errs, c->tree->file, s->line, "set %s: %s; "
	    "today it is called '%s'", s->name, err, o->now);
}

static void
check_set(const struct check *c, const struct wad_conf_table *t,
    const struct wad_conf_set *s)
{
	const struct wad_conf_row   *r = wad_conf_schema_row(t, s->name);
	const struct wad_conf_older *o;
	char	    err[512], near[80], path[160], esc[96];
	const char *guess;

	if (r != NULL && ((r->flags & WAD_CF_HIDDEN) == 0 ||
	    hidden_ok(c, s))) {
		if (wad_conf_schema_store(r,
		    (const char *const *)s->values, s->n_values, NULL, NULL,
		    err, sizeof(err)) == -1)
			wad_conf_errs_add(c->errs, c->tree->file, s->line,
			    "set %s: %s", s->name, err);
		return;
	}
	if (s->name[0] != '_' && wad_conf_schema_kept(t->kept, s->name))
		return;
	o = wad_conf_schema_older(t->path, s->name);
	if (o != NULL) {
		check_older(c, t, o, s);
		return;
	}
	wad_str_escape(esc, sizeof(esc), s->name, strlen(s->name));
	guess = wad_conf_schema_nearest(t, s->name, false, near,
	    sizeof(near));
	shown_path(path, sizeof(path), t);
	if (guess != NULL)
		wad_conf_errs_add(c->errs, c->tree->file, s->line,
		    "unknown setting '%s' in '%s', did you mean '%s'?", esc,
		    path, guess);
	else
		wad_conf_errs_add(c->errs, c->tree->file, s->line,
		    "unknown setting '%s' in '%s'", esc, path);
}

static void check_inner(const struct check *, const struct wad_conf_table *,
    const struct wad_conf_node *);

static void
check_entry_name(const struct check *c, const struct wad_conf_table *t,
    const struct wad_conf_node *n)
{
	char	      path[160], esc[96];
	unsigned long id = 0;
	size_t	      len = strlen(n->name);

	wad_str_escape(esc, sizeof(esc), n->name, len);
	shown_path(path, sizeof(path), t);
	if (!t->numbers) {
		if (len > t->max)
			wad_conf_errs_add(c->errs, c->tree->file, n->line,
			    "edit '%s' in '%s': longer than %u characters",
			    esc, path, t->max);
		return;
	}
	if (len <= 10 && strspn(n->name, "0123456789") == len &&
	    (n->name[0] != '0' || len == 1))
		id = strtoul(n->name, NULL, 10);
	else
		id = ~0UL;
	if (id < t->min || id > t->max)
		wad_conf_errs_add(c->errs, c->tree->file, n->line,
		    "edit '%s' in '%s': expected a number %u-%u", esc, path,
		    t->min, t->max);
}

/* A "config" block: its entries, or itself when it has none. */
static void
check_table(const struct check *c, const struct wad_conf_table *t,
    const struct wad_conf_node *n)
{
	char path[160];

	if (!t->entries) {
		check_inner(c, t, n);
		return;
	}
	shown_path(path, sizeof(path), t);
	if (n->sets != NULL)
		wad_conf_errs_add(c->errs, c->tree->file, n->sets->line,
		    "'set %s' in '%s': 'edit' is missing", n->sets->name,
		    path);
	for (n = n->children; n != NULL; n = n->next) {
		if (!n->is_edit) {
			wad_conf_errs_add(c->errs, c->tree->file, n->line,
			    "'config %s' in '%s': 'edit' or 'end' is missing",
			    n->name, path);
			continue;
		}
		check_entry_name(c, t, n);
		check_inner(c, t, n);
	}
}

/* Settings and tables inside an entry, or inside a table without entries. */
static void
check_inner(const struct check *c, const struct wad_conf_table *t,
    const struct wad_conf_node *n)
{
	char	    near[80], path[160], esc[96];
	const char *guess;

	for (const struct wad_conf_set *s = n->sets; s != NULL; s = s->next)
		check_set(c, t, s);
	shown_path(path, sizeof(path), t);
	for (n = n->children; n != NULL; n = n->next) {
		const struct wad_conf_table *in;

		wad_str_escape(esc, sizeof(esc), n->name, strlen(n->name));
		if (n->is_edit) {
			wad_conf_errs_add(c->errs, c->tree->file, n->line,
			    "'edit %s': '%s' has no entries", esc, path);
			continue;
		}
		in = wad_conf_schema_below(t, n->name);
		if (in != NULL) {
			check_table(c, in, n);
			continue;
		}
		if (wad_conf_schema_kept(t->kept_tables, n->name))
			continue;
		guess = wad_conf_schema_nearest(t, n->name, true, near,
		    sizeof(near));
		wad_conf_errs_add(c->errs, c->tree->file, n->line,
		    "unknown table 'config %s' in '%s'%s%s%s", esc, path,
		    guess != NULL ? ", did you mean '" :
		    wad_conf_schema_table(n->name) != NULL ?
		    ": 'end' is missing before it" : "",
		    guess != NULL ? guess : "", guess != NULL ? "'?" : "");
	}
}

/* Whether the letters of both are the same: "policy6" is a table of FortiOS,
 * not a misspelt "policy". */
static bool
same_letters(const char *a, const char *b)
{
	a += strspn(a, "0123456789");
	b += strspn(b, "0123456789");
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
	}
	return *a == *b;
}

static bool
like_word(const char *word, const char *known)
{
	size_t wl = strlen(word), kl = strlen(known);

	if (strcmp(word, known) == 0)
		return true;
	/* Short words of FortiOS are near each other: dns, ddns. */
	return kl > 4 && word[0] == known[0] && wl + 3 >= kl &&
	    kl + 3 >= wl && !same_letters(word, known) &&
	    wad_str_nearest(word, &known, 1) != NULL;
}

/* Word by word: two real tables often differ in one word only. */
static bool
like_table(const char *name, const char *known)
{
	char	 a[160], b[160], *sa, *sb, *wa, *wb;

	if (strlen(name) >= sizeof(a) || strlen(known) >= sizeof(b))
		return false;
	strcpy(a, name);
	strcpy(b, known);
	wa = strtok_r(a, " ", &sa);
	wb = strtok_r(b, " ", &sb);
	while (wa != NULL && wb != NULL && like_word(wa, wb)) {
		wa = strtok_r(NULL, " ", &sa);
		wb = strtok_r(NULL, " ", &sb);
	}
	return wa == NULL && wb == NULL;
}

/* A table that is not known is kept, as most of FortiOS is; a misspelt one
 * would be lost among those. */
static void
warn_misspelt(const struct check *c, const struct wad_conf_node *n,
    const char *esc)
{
	for (size_t i = 0; i < wad_conf_n_tables; i++) {
		const char *known = wad_conf_tables[i].path;

		if (strchr(known, '/') != NULL || !like_table(n->name, known))
			continue;
		wad_str_add(&c->errs->ignored, "warning: ");
		wad_conf_errs_where(&c->errs->ignored, c->tree->file,
		    n->line);
		wad_str_addf(&c->errs->ignored, "unknown table \"%s\", did "
		    "you mean \"%s\"? It is kept but not used\n", esc,
		    known);
		return;
	}
}

void
wad_conf_check_tree(const struct wad_conf_tree *tree,
    struct wad_conf_errs *errs)
{
	struct check c = { tree, errs };
	char	     esc[160];

	for (const struct wad_conf_node *n = tree->tables; n != NULL;
	    n = n->next) {
		const struct wad_conf_table *t =
		    wad_conf_schema_table(n->name);
		unsigned count;

		if (t != NULL && strchr(n->name, '/') == NULL) {
			check_table(&c, t, n);
			continue;
		}
		count = count_sets(n);
		wad_str_escape(esc, sizeof(esc), n->name, strlen(n->name));
		wad_str_addf(&errs->ignored, "ignored: config %s (%u "
		    "setting%s)\n", esc, count, count == 1 ? "" : "s");
		warn_misspelt(&c, n, esc);
	}
}

/* ---- objects that exist without being configured ---- */

static void
zero_lines(struct wad_conf_node *n)
{
	for (; n != NULL; n = n->next) {
		n->line = 0;
		for (struct wad_conf_set *s = n->sets; s != NULL; s = s->next)
			s->line = 0;
		zero_lines(n->children);
	}
}

/* Moves the settings of from that to lacks behind those of to. */
static void
move_sets(struct wad_conf_node *to, struct wad_conf_node *from)
{
	struct wad_conf_set **at = &from->sets, **tail = &to->sets, *s;

	while (*tail != NULL)
		tail = &(*tail)->next;
	while ((s = *at) != NULL) {
		if (wad_conf_node_get(to, s->name) != NULL) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		s->next = NULL;
		*tail = s;
		tail = &s->next;
	}
}

/* Adds to an entry or table what the built-in one has more. */
static void
move_missing(struct wad_conf_node *to, struct wad_conf_node *from,
    const char *path)
{
	struct wad_conf_node **at = &from->children, **tail, *n, *same;
	char		       sub[256];

	move_sets(to, from);
	for (tail = &to->children; *tail != NULL; tail = &(*tail)->next)
		continue;
	while ((n = *at) != NULL) {
		const struct wad_conf_table *t;

		same = wad_conf_node_child(to, n->name);
		if (same == NULL) {
			*at = n->next;
			n->next = NULL;
			*tail = n;
			tail = &n->next;
			continue;
		}
		at = &n->next;
		if (n->is_edit) {
			move_missing(same, n, path);
			continue;
		}
		snprintf(sub, sizeof(sub), "%s/%s", path, n->name);
		t = wad_conf_schema_table(sub);
		if (t != NULL && !t->entries)
			move_missing(same, n, sub);
	}
}

/* What a setting with an older name says, said with the names of today;
 * those that the node has already win. */
static void
say_today(struct wad_conf_node *n, const struct wad_conf_older *o,
    const struct wad_conf_set *s)
{
	const char *list = o->now, *v;
	char	    name[80], buf[80];

	if (s->n_values == 0)
		return;
	v = wad_conf_schema_older_value(o, s->values[0], buf, sizeof(buf));
	if (v == NULL)
		v = s->values[0];	/* wrong, and told */
	while (wad_conf_schema_word(&list, name, sizeof(name), NULL) != NULL) {
		if (wad_conf_node_get(n, name) != NULL)
			continue;
		wad_conf_node_set(n, name, &v, 1);
		for (struct wad_conf_set *at = n->sets; at != NULL;
		    at = at->next)
			if (strcmp(at->name, name) == 0)
				at->line = s->line;
	}
}

static void
renew(struct wad_conf_node *n, const struct wad_conf_table *t)
{
	const struct wad_conf_older *o;
	struct wad_conf_set	    *next;

	for (struct wad_conf_set *s = n->sets; s != NULL; s = next) {
		next = s->next;
		o = wad_conf_schema_older(t->path, s->name);
		if (o == NULL)
			continue;
		say_today(n, o, s);
		wad_conf_node_set(n, o->name, NULL, 0);
	}
	for (n = n->children; n != NULL; n = n->next) {
		const struct wad_conf_table *in = n->is_edit ? t :
		    wad_conf_schema_below(t, n->name);

		if (in != NULL)
			renew(n, in);
	}
}

struct wad_conf_tree *
wad_conf_check_effective(const struct wad_conf_tree *tree)
{
	struct wad_conf_errs  none = { 0 };
	struct wad_conf_tree *eff = wad_conf_tree_dup(tree), *base;

	base = wad_conf_parse("built-in", wad_conf_builtin,
	    strlen(wad_conf_builtin), &none);
	WAD_ASSERT(none.n == 0);
	zero_lines(base->tables);
	for (struct wad_conf_node *n = eff->tables; n != NULL; n = n->next) {
		const struct wad_conf_table *t =
		    wad_conf_schema_table(n->name);

		if (t != NULL)
			renew(n, t);
	}
	for (struct wad_conf_node *n = base->tables; n != NULL; n = n->next)
		move_missing(wad_conf_node_make(eff, n->name, NULL), n,
		    n->name);
	wad_conf_tree_free(base);
	wad_conf_errs_free(&none);
	return eff;
}

/* ---- certificates ---- */

const char *
wad_conf_check_alias(const char *name)
{
	if (strcmp(name, "Fortinet_CA_SSL") == 0)
		return WAD_CA_SSL;
	if (strcmp(name, "Fortinet_CA_Untrusted") == 0)
		return WAD_CA_UNTRUSTED;
	return name;
}

struct cert_walk {
	const struct wad_conf_tree *tree;
	void	(*fn)(void *, const char *, const char *, int);
	void	*arg;
};

static void
walk_certs(const struct cert_walk *w, const struct wad_conf_node *n,
    const struct wad_conf_table *t)
{
	for (const struct wad_conf_set *s = n->sets; s != NULL; s = s->next) {
		const struct wad_conf_row *r =
		    wad_conf_schema_row(t, s->name);
		const char *name;

		if (r == NULL || (r->type != WAD_CT_CERT &&
		    r->type != WAD_CT_CERTS))
			continue;
		for (size_t i = 0; i < s->n_values; i++) {
			name = s->values[i];
			if (wad_conf_node_find(w->tree,
			    "vpn certificate local", name, NULL) == NULL)
				name = wad_conf_check_alias(name);
			if (name[0] != '\0')
				w->fn(w->arg, name, w->tree->file, s->line);
		}
	}
	for (n = n->children; n != NULL; n = n->next) {
		const struct wad_conf_table *in = n->is_edit ? t :
		    wad_conf_schema_below(t, n->name);

		if (in != NULL)
			walk_certs(w, n, in);
	}
}

void
wad_conf_cert_names(const struct wad_conf_tree *tree,
    void (*fn)(void *, const char *, const char *, int), void *arg)
{
	struct cert_walk w = { tree, fn, arg };

	for (const struct wad_conf_node *n = tree->tables; n != NULL;
	    n = n->next) {
		const struct wad_conf_table *t =
		    wad_conf_schema_table(n->name);

		if (t != NULL)
			walk_certs(&w, n, t);
	}
}

/* ---- addresses of lists and responders ---- */

/* p is behind the scheme of url. */
static bool
url_ok(const char *url, const char *p)
{
	const char	*end;
	char		 host[WAD_HOST_MAX];
	struct wad_addr	 a;
	unsigned long	 port;
	size_t		 len;

	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127)
			return false;
	end = p + strcspn(p, "/?#");
	if (*end == '?' || *end == '#')
		return false;
	if (*p == '[') {
		len = strcspn(++p, "]");
		if (p + len >= end || len >= sizeof(host))
			return false;
		snprintf(host, sizeof(host), "%.*s", (int)len, p);
		if (wad_addr_parse(&a, host) == -1 || a.family != AF_INET6)
			return false;
		p += len + 1;
	} else {
		len = strcspn(p, ":/");
		if (wad_str_host_canon(host, p, len) == -1)
			return false;
		p += len;
	}
	if (p == end)
		return true;
	len = strspn(p + 1, "0123456789");
	if (*p != ':' || len == 0 || len > 5 || p + 1 + len != end)
		return false;
	port = strtoul(p + 1, NULL, 10);
	return port >= 1 && port <= 65535;
}

bool
wad_conf_check_http_url(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 && url_ok(url, url + 7);
}

bool
wad_conf_check_web_url(const char *url)
{
	return wad_conf_check_http_url(url) ||
	    (strncasecmp(url, "https://", 8) == 0 && url_ok(url, url + 8));
}

bool
wad_conf_check_field(const char *name, const char *value)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (name != NULL && (name[0] == '\0' ||
	    name[strspn(name, token)] != '\0'))
		return false;
	for (; value != NULL && *value != '\0'; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') ||
		    *value == 127)
			return false;
	return true;
}

/* ---- names ---- */

struct name {
	const char		   *name;
	void			   *leaf;	/* or a group: */
	const struct wad_conf_node *group;
	unsigned		    seen;	/* query that added it */
};

struct wad_conf_names {
	const char	*kind;		/* "firewall address" */
	struct name	*slot;
	size_t		 cap, n;
	unsigned	 query;
};

struct leaves {
	void		**leaf;
	size_t		  n, cap;
	bool		  deep;		/* something was left out */
};

struct wad_conf_names *
wad_conf_check_names_new(const char *kind)
{
	struct wad_conf_names *m = wad_xcalloc(1, sizeof(*m));

	m->kind = kind;
	m->cap = 64;
	m->slot = wad_xcalloc(m->cap, sizeof(*m->slot));
	return m;
}

void
wad_conf_check_names_free(struct wad_conf_names *m)
{
	free(m->slot);
	free(m);
}

static struct name *
slot_of(const struct wad_conf_names *m, const char *name)
{
	size_t i = (size_t)wad_str_hash(0, name, strlen(name)) &
	    (m->cap - 1);

	while (m->slot[i].name != NULL && strcmp(m->slot[i].name, name) != 0)
		i = (i + 1) & (m->cap - 1);
	return &m->slot[i];
}

static struct name *
add_name(struct wad_conf_names *m, const char *name)
{
	struct name *old = m->slot, *s;
	size_t	     cap = m->cap;

	if (m->n * 2 >= m->cap) {
		m->cap *= 2;
		m->slot = wad_xcalloc(m->cap, sizeof(*m->slot));
		for (size_t i = 0; i < cap; i++)
			if (old[i].name != NULL)
				*slot_of(m, old[i].name) = old[i];
		free(old);
	}
	s = slot_of(m, name);
	if (s->name == NULL) {
		s->name = name;
		m->n++;
	}
	return s;
}

void
wad_conf_check_names_leaf(struct wad_conf_names *m, const char *name,
    void *leaf)
{
	struct name *s = add_name(m, name);

	if (s->leaf == NULL && s->group == NULL)
		s->leaf = leaf;
}

void
wad_conf_check_names_group(struct wad_conf_names *m,
    const struct wad_conf_node *group)
{
	struct name *s = add_name(m, group->name);

	if (s->leaf == NULL && s->group == NULL)
		s->group = group;
}

void *
wad_conf_check_leaf(const struct wad_conf_names *m, const char *name)
{
	return slot_of(m, name)->leaf;
}

static void
no_such(struct wad_conf_names *m, const struct wad_conf_use *u,
    const char *name)
{
	const char **list, *near;
	size_t	     n = 0;
	char	     esc[96];

	if (u->errs == NULL)
		return;
	list = wad_xcalloc(m->n + 1, sizeof(*list));
	for (size_t i = 0; i < m->cap; i++)
		if (m->slot[i].name != NULL)
			list[n++] = m->slot[i].name;
	near = wad_str_nearest(name, list, n);
	wad_str_escape(esc, sizeof(esc), name, strlen(name));
	if (near != NULL)
		wad_conf_errs_add(u->errs, u->tree->file, u->set->line,
		    "set %s: there is no %s '%s', did you mean '%s'?",
		    u->set->name, m->kind, esc, near);
	else
		wad_conf_errs_add(u->errs, u->tree->file, u->set->line,
		    "set %s: there is no %s '%s'", u->set->name, m->kind, esc);
	free(list);
}

void *
wad_conf_check_one(struct wad_conf_names *m, const struct wad_conf_use *u)
{
	void *leaf;

	if (u->set == NULL || u->set->n_values == 0)
		return NULL;
	leaf = wad_conf_check_leaf(m, u->set->values[0]);
	if (leaf == NULL)
		no_such(m, u, u->set->values[0]);
	return leaf;
}

static void add_values(struct wad_conf_names *, const struct wad_conf_use *,
    struct leaves *, unsigned);

static void
add_one(struct wad_conf_names *m, const struct wad_conf_use *u,
    const char *value, struct leaves *out, unsigned depth)
{
	struct name *s = slot_of(m, value);

	if (s->name == NULL) {
		no_such(m, u, value);
		return;
	}
	if (s->seen == m->query)
		return;		/* there already; also ends circles */
	s->seen = m->query;
	if (s->group != NULL) {
		/* what is wrong inside is told where the group is */
		struct wad_conf_use in = { u->tree,
		    wad_conf_node_get(s->group, "member"), NULL };

		if (depth >= GROUP_DEPTH)
			out->deep = true;
		else
			add_values(m, &in, out, depth + 1);
		return;
	}
	if (out->n == out->cap) {
		out->cap = out->cap == 0 ? 16 : out->cap * 2;
		out->leaf = wad_xrealloc(out->leaf, out->cap,
		    sizeof(*out->leaf));
	}
	out->leaf[out->n++] = s->leaf;
}

static void
add_values(struct wad_conf_names *m, const struct wad_conf_use *u,
    struct leaves *out, unsigned depth)
{
	for (size_t i = 0; u->set != NULL && i < u->set->n_values; i++)
		add_one(m, u, u->set->values[i], out, depth);
}

void **
wad_conf_check_all(struct wad_conf_names *m, const struct wad_conf_use *u,
    struct wad_arena *a, size_t *n)
{
	struct leaves out = { NULL, 0, 0, false };
	void	      **list = NULL;

	m->query++;
	add_values(m, u, &out, 0);
	if (out.deep)
		wad_conf_errs_add(u->errs, u->tree->file, u->set->line,
		    "set %s: groups nested deeper than %d", u->set->name,
		    GROUP_DEPTH);
	*n = out.n;
	if (out.n > 0) {
		list = wad_arena_alloc(a, out.n * sizeof(*list));
		memcpy(list, out.leaf, out.n * sizeof(*list));
	}
	free(out.leaf);
	return list;
}
