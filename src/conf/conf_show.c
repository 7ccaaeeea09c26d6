/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree as text.  What is written raw and parsed again gives the same
 * tree: files, the sealed text and tests rely on it.
 */
#include "conf/conf_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "conf/conf_check.h"
#include "conf/conf_schema.h"

enum { PLACE_WORDS = 24, HELP_ENTRIES = 500 };

/* What a path of words means. */
struct place {
	const struct wad_conf_table *t;		/* NULL: not in the schema */
	const struct wad_conf_node  *table;	/* NULL: not in the tree */
	const struct wad_conf_node  *entry;	/* of the last word, or NULL */
	bool			     is_entry;	/* an entry was named */
};

struct words {
	char	*w[PLACE_WORDS];
	size_t	 n;
};

static void
words_split(struct words *l, const char *s)
{
	l->n = 0;
	while (s != NULL && l->n < PLACE_WORDS) {
		size_t len;

		s += strspn(s, " \t");
		if (*s == '\0')
			break;
		if (*s == '"') {
			len = strcspn(++s, "\"");
			l->w[l->n++] = wad_xstrndup(s, len);
			s += len + (s[len] == '"');
		} else {
			len = strcspn(s, " \t");
			l->w[l->n++] = wad_xstrndup(s, len);
			s += len;
		}
	}
}

static void
words_free(struct words *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->w[i]);
}

static char *
words_join(const struct words *l, size_t n)
{
	struct wad_str s = { 0 };

	for (size_t i = 0; i < n; i++)
		wad_str_addf(&s, "%s%s", i > 0 ? " " : "", l->w[i]);
	return wad_str_take(&s);
}

static const struct wad_conf_node *
find_child(const struct wad_conf_node *n, const char *name, bool is_edit)
{
	if (n == NULL)
		return NULL;
	for (n = n->children; n != NULL; n = n->next)
		if (n->is_edit == is_edit && strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

/* Goes from a top table down the words behind its name; 0 or -1, also for an
 * entry at the end that is not there, unless it may be new. */
static int
place_descend(struct place *p, const struct words *l, size_t i, bool new_ok)
{
	while (i < l->n) {
		const struct wad_conf_node *in = p->is_entry ? p->entry :
		    p->table;

		if (!p->is_entry && (p->t != NULL ? p->t->entries :
		    find_child(p->table, l->w[i], true) != NULL)) {
			p->entry = find_child(p->table, l->w[i++], true);
			p->is_entry = true;
			if (p->entry == NULL && i == l->n && !new_ok)
				return -1;
			continue;
		}
		in = find_child(in, l->w[i], false);
		if (p->t != NULL)
			p->t = wad_conf_schema_below(p->t, l->w[i]);
		if (in == NULL && p->t == NULL)
			return -1;
		p->table = in;
		p->entry = NULL;
		p->is_entry = false;
		i++;
	}
	return 0;
}

/* The place that the words name, or -1. */
static int
place_find(struct place *p, const struct wad_conf_tree *tree,
    const struct words *l, bool new_ok)
{
	for (size_t k = l->n; k > 0; k--) {
		char *name = words_join(l, k), *slash;

		memset(p, 0, sizeof(*p));
		p->t = wad_conf_schema_table(name);
		/* the slash form of nested tables has no place in a tree */
		slash = strchr(name, '/');
		p->table = slash == NULL ?
		    wad_conf_node_find(tree, name, NULL, NULL) : NULL;
		free(name);
		if (p->t != NULL || p->table != NULL)
			return place_descend(p, l, k, new_ok);
	}
	return -1;
}

/* ---- writing ---- */

static void
indent(struct wad_str *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		wad_str_add(out, "    ");
}

static bool
needs_quotes(const char *s)
{
	if (*s == '\0' || *s == '#')
		return true;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == 127 || *s == '"' ||
		    *s == '\'' || *s == '\\' || *s == '\xc2')
			return true;
	return false;
}

static void
put_value(struct wad_str *out, const char *s, bool quoted)
{
	if (!quoted && !needs_quotes(s)) {
		wad_str_add(out, s);
		return;
	}
	wad_str_add(out, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			wad_str_add(out, "\\");
		wad_str_addn(out, s, 1);
	}
	wad_str_add(out, "\"");
}

static bool
value_quoted(const struct wad_conf_set *s, size_t i)
{
	return (s->quoted >> (i < 63 ? i : 63) & 1) != 0;
}

bool
wad_conf_show_secret(const struct wad_conf_table *t,
    const struct wad_conf_set *s)
{
	static const char *const parts[] = { "passw", "passphrase", "secret",
		"private-key", "psk", "token-value", "community-key" };
	static const char *const ends[] = { "-key", "-pwd" };
	const struct wad_conf_row *r =
	    t != NULL ? wad_conf_schema_row(t, s->name) : NULL;
	size_t len = strlen(s->name);

	if (r != NULL)
		return r->type == WAD_CT_SECRET;
	if (s->n_values > 0 && strcmp(s->values[0], "ENC") == 0)
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(s->name, parts[i]) != NULL)
			return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) && strcmp(s->name + len -
		    strlen(ends[i]), ends[i]) == 0)
			return true;
	return strcmp(s->name, "key") == 0 || strcmp(s->name, "pwd") == 0;
}

static void
put_set(struct wad_str *out, const struct wad_conf_table *t,
    const struct wad_conf_set *s, struct wad_conf_show how, unsigned depth)
{
	if (s->name[0] == '_' && !how.raw)
		return;
	indent(out, depth);
	if (s->n_values == 0) {
		wad_str_add(out, "unset ");
		put_value(out, s->name, false);
		wad_str_add(out, "\n");
		return;
	}
	wad_str_add(out, "set ");
	put_value(out, s->name, false);
	if (!how.raw && wad_conf_show_secret(t, s)) {
		wad_str_add(out, " ENC ********\n");
		return;
	}
	for (size_t i = 0; i < s->n_values; i++) {
		wad_str_add(out, " ");
		put_value(out, s->values[i], value_quoted(s, i));
	}
	wad_str_add(out, "\n");
}

/* Whether values of this type are written in quotes. */
static bool
is_string(enum wad_conf_type type)
{
	return type == WAD_CT_STR || type == WAD_CT_HOST ||
	    type == WAD_CT_REF || type == WAD_CT_CERT ||
	    type == WAD_CT_REFS || type == WAD_CT_CERTS ||
	    type == WAD_CT_TEXT;
}

static void
put_defaults(struct wad_str *out, const struct wad_conf_table *t,
    const struct wad_conf_node *n, unsigned depth)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct wad_conf_row *r = &t->rows[i];

		if (r->def == NULL || (r->flags & WAD_CF_HIDDEN) != 0 ||
		    (n != NULL && wad_conf_node_get(n, r->name) != NULL))
			continue;
		indent(out, depth);
		wad_str_addf(out, "set %s ", r->name);
		if (is_string(r->type))
			put_value(out, r->def, true);
		else
			wad_str_add(out, r->def);
		wad_str_add(out, "\n");
	}
}

static void put_table(struct wad_str *, const struct wad_conf_table *,
    const struct wad_conf_node *, const char *name, struct wad_conf_show,
    unsigned depth);

/* Tables inside that are not in the tree, for their defaults. */
static void
put_missing_tables(struct wad_str *out, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_conf_show how, unsigned depth)
{
	size_t len = strlen(t->path);

	for (size_t i = 0; i < wad_conf_n_tables; i++) {
		const struct wad_conf_table *in = &wad_conf_tables[i];
		const char		    *leaf = in->path + len + 1;

		if (strncmp(in->path, t->path, len) == 0 &&
		    in->path[len] == '/' && strchr(leaf, '/') == NULL &&
		    !in->entries && find_child(n, leaf, false) == NULL)
			put_table(out, in, NULL, leaf, how, depth);
	}
}

/* Settings and tables inside a table without entries, or an entry. */
static void
put_inner(struct wad_str *out, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_conf_show how, unsigned depth)
{
	for (const struct wad_conf_set *s = n != NULL ? n->sets : NULL;
	    s != NULL; s = s->next)
		put_set(out, t, s, how, depth);
	if (how.full && t != NULL)
		put_defaults(out, t, n, depth);
	for (const struct wad_conf_node *c = n != NULL ? n->children : NULL;
	    c != NULL; c = c->next) {
		const struct wad_conf_table *in = NULL;

		if (c->is_edit) {	/* wrong here; written as it is */
			put_table(out, NULL, c, c->name, how, depth);
			continue;
		}
		if (t != NULL)
			in = wad_conf_schema_below(t, c->name);
		put_table(out, in, c, c->name, how, depth);
	}
	if (how.full && t != NULL)
		put_missing_tables(out, t, n, how, depth);
}

static void
put_entry(struct wad_str *out, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_conf_show how, unsigned depth)
{
	indent(out, depth);
	wad_str_add(out, "edit ");
	put_value(out, n->name, n->quoted || (t != NULL && !t->numbers));
	wad_str_add(out, "\n");
	put_inner(out, t, n, how, depth + 1);
	indent(out, depth);
	wad_str_add(out, "next\n");
}

/* One "config" block; n may be NULL (defaults only). */
static void
put_table(struct wad_str *out, const struct wad_conf_table *t,
    const struct wad_conf_node *n, const char *name,
    struct wad_conf_show how, unsigned depth)
{
	if (n != NULL && n->is_edit) {
		put_entry(out, t, n, how, depth);
		return;
	}
	indent(out, depth);
	wad_str_add(out, "config ");
	for (const char *s = name;; s++) {
		size_t	len = strcspn(s, " ");
		char	*word = wad_xstrndup(s, len);

		put_value(out, word, n != NULL && n->quoted &&
		    s[len] == '\0');
		free(word);
		s += len;
		if (*s == '\0')
			break;
		wad_str_add(out, " ");
	}
	wad_str_add(out, "\n");
	if (t != NULL && t->entries) {
		for (const struct wad_conf_set *s = n != NULL ? n->sets :
		    NULL; s != NULL; s = s->next)
			put_set(out, NULL, s, how, depth + 1);
		for (n = n != NULL ? n->children : NULL; n != NULL;
		    n = n->next)
			put_table(out, n->is_edit ? t : NULL, n, n->name, how,
			    depth + 1);
	} else
		put_inner(out, t, n, how, depth + 1);
	indent(out, depth);
	wad_str_add(out, "end\n");
}

/* Tables whose names begin with these words; how many. */
static size_t
put_matching(struct wad_str *out, const struct wad_conf_tree *tree,
    const char *filter, struct wad_conf_show how)
{
	size_t len = strlen(filter), n = 0;

	for (const struct wad_conf_node *t = tree->tables; t != NULL;
	    t = t->next)
		if (len == 0 || (strncmp(t->name, filter, len) == 0 &&
		    t->name[len] == ' ')) {
			put_table(out, wad_conf_schema_table(t->name), t,
			    t->name, how, 0);
			n++;
		}
	for (size_t i = 0; i < wad_conf_n_tables; i++) {
		const struct wad_conf_table *t = &wad_conf_tables[i];

		if (strchr(t->path, '/') != NULL || (len > 0 &&
		    (strncmp(t->path, filter, len) != 0 ||
		    t->path[len] != ' ')))
			continue;
		n++;
		if (how.full && wad_conf_node_find(tree, t->path, NULL,
		    NULL) == NULL)
			put_table(out, t, NULL, t->path, how, 0);
	}
	return n;
}

/* One table, or one entry inside its table. */
static void
put_place(struct wad_str *out, const struct place *p, const char *name,
    struct wad_conf_show how)
{
	if (!p->is_entry) {
		put_table(out, p->t, p->table, p->table != NULL ?
		    p->table->name : name, how, 0);
		return;
	}
	wad_str_addf(out, "config %s\n", p->table->name);
	put_entry(out, p->t, p->entry, how, 1);
	wad_str_add(out, "end\n");
}

int
wad_conf_show(const struct wad_conf_tree *tree, const char *filter,
    struct wad_conf_show how, struct wad_str *out)
{
	struct wad_conf_tree *eff = NULL;
	struct words	      l;
	struct place	      p;
	char		     *name;
	int		      r = 0;

	if (how.full && !how.raw)
		tree = eff = wad_conf_check_effective(tree);
	words_split(&l, filter);
	name = words_join(&l, l.n);
	if (strchr(name, '/') != NULL)
		r = -1;
	else if (place_find(&p, tree, &l, false) == 0)
		put_place(out, &p, name, how);
	else if (put_matching(out, tree, name, how) == 0)
		r = -1;
	free(name);
	words_free(&l);
	wad_conf_tree_free(eff);
	return r;
}

/* ---- get ---- */

static void
get_line(struct wad_str *out, const char *name, const char *const *values,
    size_t n)
{
	wad_str_addf(out, "%-28s:", name);
	for (size_t i = 0; i < n; i++)
		wad_str_addf(out, " %s", values[i]);
	wad_str_add(out, "\n");
}

/* All settings of one place, with defaults. */
static void
get_settings(struct wad_str *out, const struct wad_conf_table *t,
    const struct wad_conf_node *n)
{
	static const char *const masked[] = { "ENC", "********" };

	for (size_t i = 0; t != NULL && i < t->n_rows; i++) {
		const struct wad_conf_row *r = &t->rows[i];
		const struct wad_conf_set *s = n != NULL ?
		    wad_conf_node_get(n, r->name) : NULL;

		if ((r->flags & WAD_CF_HIDDEN) != 0)
			continue;
		if (s != NULL && s->n_values > 0 && wad_conf_show_secret(t, s))
			get_line(out, r->name, masked, 2);
		else if (s != NULL)
			get_line(out, r->name,
			    (const char *const *)s->values, s->n_values);
		else
			get_line(out, r->name, &r->def, r->def != NULL);
	}
	for (const struct wad_conf_set *s = n != NULL ? n->sets : NULL;
	    s != NULL; s = s->next) {
		if (s->name[0] == '_' ||
		    (t != NULL && wad_conf_schema_row(t, s->name) != NULL))
			continue;
		if (wad_conf_show_secret(t, s))
			get_line(out, s->name, masked, 2);
		else
			get_line(out, s->name,
			    (const char *const *)s->values, s->n_values);
	}
}

int
wad_conf_get_text(const struct wad_conf_tree *tree, const char *path,
    struct wad_str *out)
{
	struct wad_conf_tree *eff = wad_conf_check_effective(tree);
	struct words	      l;
	struct place	      p;
	int		      r = -1;

	words_split(&l, path);
	if (place_find(&p, eff, &l, false) == 0) {
		r = 0;
		if (p.is_entry)
			get_settings(out, p.t, p.entry);
		else if (p.t == NULL || !p.t->entries)
			get_settings(out, p.t, p.table);
		if (!p.is_entry && p.table != NULL)
			for (const struct wad_conf_node *n =
			    p.table->children; n != NULL; n = n->next)
				if (n->is_edit)
					wad_str_addf(out, "== [ %s ]\n",
					    n->name);
	}
	words_free(&l);
	wad_conf_tree_free(eff);
	return r;
}

/* ---- help ---- */

static void
help_line(struct wad_str *out, const char *word, const char *help)
{
	wad_str_addf(out, "%-28s  %s\n", word, help);
}

/* The next words of table names that begin with these. */
static void
help_tables(struct wad_str *out, const char *path)
{
	size_t len = strlen(path);
	char   last[80] = "";

	for (size_t i = 0; i < wad_conf_n_tables; i++) {
		const struct wad_conf_table *t = &wad_conf_tables[i];
		const char *rest = t->path + (len > 0 ? len + 1 : 0);
		char	    word[80];
		size_t	    n;

		if (strchr(t->path, '/') != NULL ||
		    strncmp(t->path, path, len) != 0 ||
		    (len > 0 && t->path[len] != ' '))
			continue;
		n = strcspn(rest, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, rest);
		if (strcmp(word, last) == 0)
			continue;
		memcpy(last, word, sizeof(last));
		help_line(out, word, rest[n] == '\0' ? t->help : "...");
	}
}

static void
help_settings(struct wad_str *out, const struct wad_conf_table *t)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if ((t->rows[i].flags & WAD_CF_HIDDEN) == 0)
			help_line(out, t->rows[i].name, t->rows[i].help);
}

static void
help_inner(struct wad_str *out, const struct wad_conf_table *t)
{
	size_t len = strlen(t->path);

	for (size_t i = 0; i < wad_conf_n_tables; i++) {
		const struct wad_conf_table *in = &wad_conf_tables[i];

		if (strncmp(in->path, t->path, len) == 0 &&
		    in->path[len] == '/' &&
		    strchr(in->path + len + 1, '/') == NULL)
			help_line(out, in->path + len + 1, in->help);
	}
}

static void
help_entries(struct wad_str *out, const struct wad_conf_node *table,
    const char *help)
{
	const struct wad_conf_node *n = table != NULL ? table->children : NULL;
	unsigned		    count = 0;
	char			    name[128];

	for (; n != NULL; n = n->next) {
		if (!n->is_edit)
			continue;
		if (++count > HELP_ENTRIES) {
			help_line(out, "<...>", "there are more");
			return;
		}
		snprintf(name, sizeof(name), strchr(n->name, ' ') != NULL ?
		    "\"%s\"" : "%s", n->name);
		help_line(out, name, help);
	}
}

/* Names that a setting may hold, by where it looks. */
static void
help_names(struct wad_str *out, const struct wad_conf_tree *tree,
    const char *name)
{
	static const struct { const char *set, *tables[2]; } where[] = {
		{ "srcaddr", { "firewall address", "firewall addrgrp" } },
		{ "dstaddr", { "firewall address", "firewall addrgrp" } },
		{ "address", { "firewall address", "firewall addrgrp" } },
		{ "srcaddr6", { "firewall address6", "firewall addrgrp6" } },
		{ "dstaddr6", { "firewall address6", "firewall addrgrp6" } },
		{ "address6", { "firewall address6", "firewall addrgrp6" } },
		{ "service", { "firewall service custom",
		    "firewall service group" } },
		{ "srcintf", { "system interface", "system zone" } },
		{ "dstintf", { "system interface", "system zone" } },
		{ "ssl-ssh-profile", { "firewall ssl-ssh-profile", NULL } },
		{ "webfilter-profile", { "webfilter profile", NULL } },
		{ "profile-protocol-options",
		    { "firewall profile-protocol-options", NULL } },
		{ "webproxy-profile", { "web-proxy profile", NULL } },
		{ "webproxy-forward-server", { "web-proxy forward-server",
		    "web-proxy forward-server-group" } },
		{ "forward-server", { "web-proxy forward-server",
		    "web-proxy forward-server-group" } },
		{ "replacemsg-override-group", { "system replacemsg-group",
		    NULL } },
		{ "replacemsg-group", { "system replacemsg-group", NULL } },
		{ "urlfilter-table", { "webfilter urlfilter", NULL } },
		{ "bword-table", { "webfilter content", NULL } },
		{ "content-header-list", { "webfilter content-header",
		    NULL } },
		{ "ssl-cert", { "vpn certificate local", NULL } },
		{ "secure-web-proxy-cert", { "vpn certificate local", NULL } },
		{ "wildcard-fqdn", { "firewall wildcard-fqdn custom",
		    "firewall wildcard-fqdn group" } },
		{ "groups", { "user group", NULL } },
		{ "auth-usr-grp", { "user group", NULL } },
		{ "users", { "user local", NULL } },
		{ "auth-cert", { "vpn certificate local", NULL } },
		{ "auth-ca-cert", { "vpn certificate local", NULL } },
		{ "caname", { "vpn certificate local", NULL } },
		{ "untrusted-caname", { "vpn certificate local", NULL } },
		{ "ssl-ca-cert", { "vpn certificate local", NULL } },
		{ "server-cert", { "vpn certificate local", NULL } },
		{ "ocsp-default-server", { "vpn certificate ocsp-server",
		    NULL } },
	};

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		for (size_t k = 0; k < 2; k++) {
			if (strcmp(where[i].set, name) != 0 ||
			    where[i].tables[k] == NULL)
				continue;
			help_entries(out, wad_conf_node_find(tree,
			    where[i].tables[k], NULL, NULL),
			    where[i].tables[k]);
		}
}

/* Of "one, two: this; three: that" what is said of a word; "": nothing. */
static void
help_clause(const char *help, const char *word, char *buf, size_t size)
{
	size_t len = strlen(word), n;

	for (buf[0] = '\0'; buf[0] == '\0' && *help != '\0';
	    help += n + strspn(help + n, "; ")) {
		const char *colon = strstr(help, ": "), *w = help;

		n = strcspn(help, ";");
		if (colon == NULL || colon > help + n)
			continue;
		while (w < colon && (strncmp(w, word, len) != 0 ||
		    strchr(",: ", w[len]) == NULL)) {
			w += strcspn(w, " :");
			w += strspn(w, " ");
			if (*w == ':')
				break;
		}
		if (w < colon)
			snprintf(buf, size, "%.*s",
			    (int)(help + n - colon - 2), colon + 2);
	}
}

static void
help_row(struct wad_str *out, const struct wad_conf_tree *tree,
    const struct wad_conf_row *r)
{
	const char *list = r->choices;
	char	    w[80], range[64], said[256];
	bool	    words = false, clauses = false;

	while (wad_conf_schema_word(&list, w, sizeof(w), NULL) != NULL) {
		help_clause(r->help, w, said, sizeof(said));
		clauses |= said[0] != '\0';
	}
	list = r->choices;
	while (wad_conf_schema_word(&list, w, sizeof(w), NULL) != NULL) {
		bool is_def = r->def != NULL && strcmp(w, r->def) == 0;

		help_clause(r->help, w, said, sizeof(said));
		wad_str_addf(out, "%-28s  %s%s\n", w, said[0] != '\0' ? said :
		    is_def ? "default" : clauses ? "-" : r->help,
		    said[0] != '\0' && is_def ? " (default)" : "");
		words = true;
	}
	if (words)
		return;
	if (r->type == WAD_CT_UINT || r->type == WAD_CT_U16 ||
	    r->type == WAD_CT_U16LIST || r->type == WAD_CT_PORTS)
		snprintf(range, sizeof(range), "<%u-%u>", r->min, r->max);
	else if (r->type == WAD_CT_ADDR || r->type == WAD_CT_ADDR4 ||
	    r->type == WAD_CT_ADDR6)
		snprintf(range, sizeof(range), "<address>");
	else if (r->type == WAD_CT_PREFIX4 || r->type == WAD_CT_PREFIX6 ||
	    r->type == WAD_CT_PREFIXES)
		snprintf(range, sizeof(range), "<network>");
	else if (r->type == WAD_CT_TIME)
		snprintf(range, sizeof(range), "<hh:mm>");
	else if (r->type == WAD_CT_DURATION)
		snprintf(range, sizeof(range), "<duration, as 1h30m>");
	else if (r->type == WAD_CT_REF || r->type == WAD_CT_REFS ||
	    r->type == WAD_CT_CERT || r->type == WAD_CT_CERTS)
		snprintf(range, sizeof(range), "<name>");
	else
		snprintf(range, sizeof(range), "<text>");
	if (r->def != NULL)
		wad_str_addf(out, "%-28s  %s (default %s)\n", range, r->help,
		    r->def);
	else
		help_line(out, range, r->help);
	help_names(out, tree, r->name);
}

static void
help_setting(struct wad_str *out, const struct wad_conf_tree *tree,
    const struct wad_conf_table *t, const char *setting)
{
	const struct wad_conf_row   *r = wad_conf_schema_row(t, setting);
	const struct wad_conf_older *older;

	if (r != NULL && (r->flags & WAD_CF_HIDDEN) == 0)
		help_row(out, tree, r);
	else if ((older = wad_conf_schema_older(t->path, setting)) != NULL)
		help_line(out, older->now, "what it is called today");
	else if (wad_conf_schema_kept(t->kept, setting))
		help_line(out, "<value>", "of FortiOS: kept, has no effect");
}

static bool
one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* What may follow the keyword of a line in config mode. */
static void
help_keyword(struct wad_str *out, const struct place *p, const char *keyword)
{
	static const char *const names[] = { "edit", "delete", "rename",
		"move", "clone" };
	static const char *const values[] = { "set", "append", "unset" };
	bool in_rows = !p->t->entries || p->is_entry;

	if (one_of(keyword, names, sizeof(names) / sizeof(names[0])) &&
	    p->t->entries && !p->is_entry) {
		help_entries(out, p->table, p->t->help);
		if (strcmp(keyword, "edit") == 0)
			help_line(out, p->t->numbers ? "<number>" : "<name>",
			    "a new one");
	} else if (one_of(keyword, values, sizeof(values) /
	    sizeof(values[0])) && in_rows)
		help_settings(out, p->t);
	else if (strcmp(keyword, "config") == 0 && in_rows)
		help_inner(out, p->t);
}

void
wad_conf_help(const struct wad_conf_tree *tree, const char *path,
    const char *keyword, const char *setting, struct wad_str *out)
{
	struct wad_conf_tree	  *eff = wad_conf_check_effective(tree);
	struct words		   l;
	struct place		   p;
	char			  *name;

	words_split(&l, path);
	if (l.n > 0 && strcmp(l.w[0], "config") == 0) {
		free(l.w[0]);
		l.n--;
		memmove(l.w, l.w + 1, l.n * sizeof(l.w[0]));
	}
	name = words_join(&l, l.n);
	if (place_find(&p, eff, &l, true) == 0 && p.t != NULL) {
		if (setting != NULL)
			help_setting(out, eff, p.t, setting);
		else if (keyword != NULL)
			help_keyword(out, &p, keyword);
		else if (p.t->entries && !p.is_entry)
			help_entries(out, p.table, p.t->help);
		else {
			help_settings(out, p.t);
			help_inner(out, p.t);
		}
	} else if (setting == NULL)
		help_tables(out, name);
	free(name);
	words_free(&l);
	wad_conf_tree_free(eff);
}
