/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to tree, and scripts of the console on a tree.  Called by the parent
 * on the file, by every role on the sealed text, and by the fuzzer on
 * anything.  The tree owns all its strings.  Looks at the schema for one
 * thing only: what `unset` means on the console.
 */
#include "conf/conf_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "conf/conf_schema.h"

enum frame_kind { ROOT, TABLE, ENTRY, WRAP, WRAP_ENTRY };

/* Children of one node by name, so that a long table is not quadratic. */
struct index {
	struct wad_conf_node **slot;
	size_t		 cap, n;
	struct wad_conf_node *tail;
};

struct frame {
	enum frame_kind	 kind;
	struct wad_conf_node *node;	/* NULL in ROOT, WRAP, WRAP_ENTRY */
	struct index	 index;
	int		 line;
	size_t		 n_sets;
	struct wad_conf_set *last;
};

struct words {
	char		**w;
	bool		*quoted;
	size_t		 n, cap;
};

struct parser {
	struct wad_conf_tree *tree;
	struct wad_conf_errs *errs;
	const char	*file;
	const char	*p, *end;
	int		 line;		/* where p is */
	int		 at;		/* first line of the command */
	bool		 console;	/* a script, not a file */
	bool		 fatal;
	struct words	 words;
	struct frame	 frames[WAD_CONF_DEPTH_MAX + 1];
	size_t		 depth;		/* frames[depth - 1] is open */
	struct wad_conf_node *scratch;	/* entries with a bad name */
	struct wad_conf_tree *saved;	/* for abort */
	char		*vdom, *vdom_open;	/* the one that has settings,
					 * and the one that is open */
	bool		 vdom_told;
};

static void parse_text(struct parser *, const char *, size_t);
static int next_command(struct parser *);
static void command(struct parser *);
static void unclosed(struct parser *);

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

/* Frees a list of nodes; depth is bounded by WAD_CONF_DEPTH_MAX. */
static void
nodes_free(struct wad_conf_node *n)
{
	struct wad_conf_node *next;

	for (; n != NULL; n = next) {
		next = n->next;
		sets_free(n->sets);
		nodes_free(n->children);
		free(n->name);
		free(n);
	}
}

static struct wad_conf_node *
node_new(const char *name, bool is_edit, int line)
{
	struct wad_conf_node *n = wad_xcalloc(1, sizeof(*n));

	n->name = wad_xstrdup(name);
	n->is_edit = is_edit;
	n->line = line;
	return n;
}

struct wad_conf_tree *
wad_conf_parse(const char *file, const char *text, size_t len,
    struct wad_conf_errs *errs)
{
	struct parser p = { .errs = errs };

	p.tree = wad_xcalloc(1, sizeof(*p.tree));
	p.tree->file = wad_xstrdup(file);
	p.file = file;
	parse_text(&p, text, len);
	return p.tree;
}

int
wad_conf_edit(struct wad_conf_tree *tree, const char *file, const char *text,
    size_t len, struct wad_conf_errs *errs)
{
	struct parser	p = { .errs = errs, .tree = tree, .console = true };
	unsigned	before = errs->n;

	p.file = file;
	parse_text(&p, text, len);
	return errs->n == before ? 0 : -1;
}

void
wad_conf_tree_free(struct wad_conf_tree *t)
{
	if (t == NULL)
		return;
	nodes_free(t->tables);
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

/* Copies one node with all below it. */
static struct wad_conf_node *
node_dup(const struct wad_conf_node *n)
{
	struct wad_conf_node	*d = node_new(n->name, n->is_edit, n->line);
	struct wad_conf_node	**child = &d->children;
	struct wad_conf_set	**set = &d->sets;

	d->quoted = n->quoted;
	for (const struct wad_conf_set *s = n->sets; s != NULL; s = s->next) {
		*set = set_dup(s);
		set = &(*set)->next;
	}
	for (const struct wad_conf_node *c = n->children; c != NULL;
	    c = c->next) {
		*child = node_dup(c);
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
		*tail = node_dup(n);
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

static struct wad_conf_set *
find_set(const struct wad_conf_node *n, const char *name)
{
	for (struct wad_conf_set *s = n->sets; s != NULL; s = s->next)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

const struct wad_conf_set *
wad_conf_node_get(const struct wad_conf_node *n, const char *name)
{
	return find_set(n, name);
}

static void
remove_set(struct wad_conf_node *n, const char *name)
{
	struct wad_conf_set **at = &n->sets, *s;

	for (; (s = *at) != NULL; at = &s->next)
		if (strcmp(s->name, name) == 0) {
			*at = s->next;
			set_free(s);
			return;
		}
}

static void
set_values(struct wad_conf_set *s, const char *const *values, size_t n,
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

/* The setting called name; made at the end when it is not there. */
static struct wad_conf_set *
make_set(struct wad_conf_node *n, const char *name, size_t *count)
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
	if (count != NULL)
		*count = c;
	return *at;
}

void
wad_conf_node_set(struct wad_conf_node *n, const char *name,
    const char *const *values, size_t nv)
{
	struct wad_conf_set *s;

	if (nv == 0) {
		remove_set(n, name);
		return;
	}
	s = make_set(n, name, NULL);
	set_values(s, values, nv, 0);
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
		*at = node_new(table, false, 0);
	n = *at;
	if (entry == NULL)
		return n;
	at = &n->children;
	while (*at != NULL && (!(*at)->is_edit ||
	    strcmp((*at)->name, entry) != 0))
		at = &(*at)->next;
	if (*at == NULL)
		*at = node_new(entry, true, 0);
	return *at;
}

/* ---- index of children ---- */

static size_t
index_hash(const char *name, bool is_edit)
{
	return (size_t)wad_str_hash(is_edit ? 1 : 2, name, strlen(name));
}

static void index_add(struct index *, struct wad_conf_node *);

static void
index_grow(struct index *ix)
{
	struct wad_conf_node **old = ix->slot;
	size_t		       cap = ix->cap;

	ix->cap = cap == 0 ? 16 : cap * 2;
	ix->slot = wad_xcalloc(ix->cap, sizeof(*ix->slot));
	ix->n = 0;
	for (size_t i = 0; i < cap; i++)
		if (old[i] != NULL)
			index_add(ix, old[i]);
	free(old);
}

static void
index_add(struct index *ix, struct wad_conf_node *n)
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

static struct wad_conf_node *
index_find(const struct index *ix, const char *name, bool is_edit)
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

static void
index_build(struct index *ix, struct wad_conf_node *list)
{
	free(ix->slot);
	memset(ix, 0, sizeof(*ix));
	for (; list != NULL; list = list->next) {
		index_add(ix, list);
		ix->tail = list;
	}
}

/* ---- frames ---- */

static struct frame *
top(struct parser *p)
{
	return &p->frames[p->depth - 1];
}

static void
fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
fail(struct parser *p, const char *fmt, ...)
{
	char	buf[512];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	wad_conf_errs_add(p->errs, p->file, p->at, "%s", buf);
}

/* The line that what is made now gets. */
static int
at_line(const struct parser *p)
{
	return p->console ? WAD_CONF_CONSOLE_LINE + p->at : p->at;
}

static struct wad_conf_node **
frame_list(struct parser *p, struct frame *f)
{
	return f->node != NULL ? &f->node->children : &p->tree->tables;
}

static bool
too_deep(struct parser *p)
{
	if (p->depth <= WAD_CONF_DEPTH_MAX)
		return false;
	fail(p, "nested deeper than %d levels", WAD_CONF_DEPTH_MAX);
	p->fatal = true;
	return true;
}

static void
push(struct parser *p, enum frame_kind kind, struct wad_conf_node *node)
{
	struct frame *f;

	if (too_deep(p))
		return;
	f = &p->frames[p->depth++];
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->node = node;
	f->line = p->at;
	if (kind == ROOT || node != NULL)
		index_build(&f->index, *frame_list(p, f));
}

static void
pop(struct parser *p)
{
	free(top(p)->index.slot);
	p->depth--;
}

/* The frame whose list gets a new table: ROOT when only wrappers are open. */
static struct frame *
list_frame(struct parser *p)
{
	struct frame *f = top(p);

	return f->node == NULL ? &p->frames[0] : f;
}

/* Finds or makes a child of the open frame and opens it. */
static void
open_child(struct parser *p, const char *name, bool is_edit, bool quoted)
{
	struct frame	     *f = list_frame(p);
	struct wad_conf_node *n = index_find(&f->index, name, is_edit);

	if (too_deep(p))
		return;		/* and no node: it could not be read again */
	if (n == NULL) {
		n = node_new(name, is_edit, at_line(p));
		n->quoted = quoted;
		if (f->index.tail != NULL)
			f->index.tail->next = n;
		else
			*frame_list(p, f) = n;
		f->index.tail = n;
		index_add(&f->index, n);
	}
	push(p, is_edit ? ENTRY : TABLE, n);
}

static void
parse_text(struct parser *p, const char *text, size_t len)
{
	int r;

	p->p = text;
	p->end = text + len;
	p->line = p->at = 1;
	if (len > WAD_CONF_TEXT_MAX) {
		fail(p, "larger than %d bytes", WAD_CONF_TEXT_MAX);
		return;
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		p->p += 3;
	push(p, ROOT, NULL);
	while (!p->fatal && (r = next_command(p)) != 0)
		if (r > 0)
			command(p);
	if (!p->fatal && p->depth > 1)
		unclosed(p);
	while (p->depth > 0)
		pop(p);
	for (size_t i = 0; i < p->words.cap; i++)
		free(p->words.w[i]);
	free(p->words.w);
	free(p->words.quoted);
	nodes_free(p->scratch);
	wad_conf_tree_free(p->saved);
	free(p->vdom);
	free(p->vdom_open);
}

/*
 * The text ended inside a block.  One table alone is an excerpt, as manuals
 * print them: closed with a warning.  More than that, or what is known to be
 * a whole file, was cut.
 */
static void
unclosed(struct parser *p)
{
	const struct frame *f = &p->frames[1];
	const char	   *name = f->node != NULL ? f->node->name : "vdom";

	if (!p->console && !p->errs->whole && p->tree->tables != NULL &&
	    p->tree->tables->next == NULL && f->node == p->tree->tables) {
		wad_str_addf(&p->errs->ignored,
		    "warning: %s:%d: 'config %s' is not closed by 'end'\n",
		    p->file, f->line, name);
		return;
	}
	p->at = p->line;
	fail(p, "end of text inside 'config %s' of line %d: 'end' is missing",
	    name, f->line);
}

/* ---- words ---- */

static void
word_add(struct parser *p, struct wad_str *s, bool quoted)
{
	struct words *w = &p->words;

	if (w->n == w->cap) {
		size_t cap = w->cap == 0 ? 16 : w->cap * 2;

		w->w = wad_xrealloc(w->w, cap, sizeof(*w->w));
		w->quoted = wad_xrealloc(w->quoted, cap, sizeof(*w->quoted));
		for (size_t i = w->cap; i < cap; i++)
			w->w[i] = NULL;
		w->cap = cap;
	}
	free(w->w[w->n]);
	w->w[w->n] = wad_str_take(s);
	w->quoted[w->n++] = quoted;
}

static void
skip_line(struct parser *p)
{
	while (p->p < p->end && *p->p != '\n')
		p->p++;
}

/* Reads what stands in quotes; p is behind the opening one. */
static int
quoted_part(struct parser *p, char quote, struct wad_str *s)
{
	int start = p->line;

	while (p->p < p->end && *p->p != quote) {
		unsigned char	c = (unsigned char)*p->p;
		const char	*from;

		if (c == '\n')
			p->line++;
		else if ((c < ' ' && c != '\t' && c != '\r') || c == 127) {
			fail(p, "control character 0x%02x in a value", c);
			p->fatal = true;
			return -1;
		}
		if (c == '\\' && quote == '"' && p->p + 1 < p->end &&
		    (p->p[1] == '"' || p->p[1] == '\\' || p->p[1] == '\''))
			p->p++;
		from = p->p++;
		while (p->p < p->end && (unsigned char)*p->p >= ' ' &&
		    *p->p != '"' && *p->p != '\'' && *p->p != '\\' &&
		    *p->p != 127)
			p->p++;
		wad_str_addn(s, from, (size_t)(p->p - from));
		if (s->len > WAD_CONF_VALUE_MAX) {
			fail(p, "value longer than %d bytes",
			    WAD_CONF_VALUE_MAX);
			p->fatal = true;
			return -1;
		}
	}
	if (p->p == p->end) {
		p->at = start;
		fail(p, "quote is not closed");
		p->fatal = true;
		return -1;
	}
	p->p++;
	return 0;
}

/* Length of the blank at p, 0 when there is none.  The no-break space comes
 * with what is copied from web pages. */
static size_t
blank(const struct parser *p)
{
	if (p->p == p->end)
		return 0;
	if (*p->p == ' ' || *p->p == '\t' || *p->p == '\r')
		return 1;
	return p->end - p->p >= 2 && memcmp(p->p, "\xc2\xa0", 2) == 0 ?
	    2 : 0;
}

/* Reads one word; p is at its first character. */
static int
word(struct parser *p)
{
	struct wad_str	s = { 0 };
	bool		quoted = false;

	while (p->p < p->end && *p->p != '\n' && blank(p) == 0) {
		char c = *p->p++;

		if (c == '"' || c == '\'') {
			quoted = true;
			if (quoted_part(p, c, &s) == -1)
				goto bad;
			continue;
		}
		if ((unsigned char)c < ' ' || c == 127) {
			fail(p, "control character 0x%02x",
			    (unsigned char)c);
			goto bad;
		}
		if (c == '\\' && p->p < p->end && *p->p != '\0' &&
		    strchr("\\\"' ", *p->p) != NULL)
			c = *p->p++;
		wad_str_addn(&s, &c, 1);
		if (s.len > WAD_CONF_VALUE_MAX) {
			fail(p, "value longer than %d bytes",
			    WAD_CONF_VALUE_MAX);
			goto bad;
		}
	}
	word_add(p, &s, quoted);
	return 0;
bad:
	wad_str_free(&s);
	return -1;
}

/* Splits the next command into words: 1, 0 at the end, -1 bad line. */
static int
next_command(struct parser *p)
{
	p->words.n = 0;
	for (;;) {
		for (size_t n; (n = blank(p)) > 0;)
			p->p += n;
		if (p->p < p->end && *p->p == '#')
			skip_line(p);
		if (p->p == p->end)
			return p->words.n > 0;
		if (*p->p == '\n') {
			p->p++;
			p->line++;
			if (p->words.n > 0)
				return 1;
			continue;
		}
		if (p->words.n == 0)
			p->at = p->line;
		if (p->words.n == WAD_CONF_WORDS_MAX) {
			fail(p, "more than %d words", WAD_CONF_WORDS_MAX);
			skip_line(p);
			return -1;
		}
		if (word(p) == -1) {
			skip_line(p);
			return -1;
		}
	}
}

/* ---- commands ---- */

typedef void cmd_fn(struct parser *);

static void open_scratch(struct parser *, enum frame_kind);

static cmd_fn cmd_config, cmd_edit, cmd_set, cmd_append, cmd_unselect,
    cmd_unset, cmd_next, cmd_end, cmd_delete, cmd_purge, cmd_rename,
    cmd_move, cmd_clone, cmd_abort;

static const struct cmd {
	const char	*name;
	cmd_fn		*fn;
	size_t		 min, max;	/* words, the command counted */
	const char	*usage;
	bool		 console;	/* not in files */
} cmds[] = {
	{ "config", cmd_config, 2, 0, "config TABLE", false },
	{ "edit", cmd_edit, 2, 2, "edit NAME", false },
	{ "set", cmd_set, 3, 0, "set NAME VALUE...", false },
	{ "append", cmd_append, 3, 0, "append NAME VALUE...", false },
	{ "select", cmd_set, 3, 0, "select NAME VALUE...", false },
	{ "unselect", cmd_unselect, 3, 0, "unselect NAME VALUE...", false },
	{ "unset", cmd_unset, 2, 2, "unset NAME", false },
	{ "next", cmd_next, 1, 1, "next", false },
	{ "end", cmd_end, 1, 1, "end", false },
	{ "delete", cmd_delete, 2, 2, "delete NAME", false },
	{ "purge", cmd_purge, 1, 1, "purge", true },
	{ "rename", cmd_rename, 4, 4, "rename NAME to NEW", true },
	{ "move", cmd_move, 4, 4, "move NAME before|after OTHER", true },
	{ "clone", cmd_clone, 4, 4, "clone NAME to NEW", true },
	{ "abort", cmd_abort, 1, 1, "abort", true },
};
enum { N_CMDS = sizeof(cmds) / sizeof(cmds[0]) };

static void
command(struct parser *p)
{
	const char *list[N_CMDS], *near;
	size_t	    n = 0;
	char	    esc[128];

	for (size_t i = 0; i < N_CMDS; i++) {
		const struct cmd *c = &cmds[i];

		if (c->console && !p->console)
			continue;
		list[n++] = c->name;
		if (strcmp(c->name, p->words.w[0]) != 0)
			continue;
		if (p->words.n < c->min ||
		    (c->max != 0 && p->words.n > c->max)) {
			fail(p, "wrong number of words, expected '%s'",
			    c->usage);
			/* keep the nesting right for what follows */
			if (c->fn == cmd_config || c->fn == cmd_edit)
				open_scratch(p, c->fn == cmd_config ?
				    TABLE : ENTRY);
			else if (c->fn == cmd_next || c->fn == cmd_end)
				c->fn(p);
			return;
		}
		c->fn(p);
		return;
	}
	wad_str_escape(esc, sizeof(esc), p->words.w[0],
	    strlen(p->words.w[0]));
	near = wad_str_nearest(p->words.w[0], list, n);
	fail(p, near != NULL ? "unknown command '%s', did you mean '%s'?" :
	    "unknown command '%s', expected config, edit, set, append, "
	    "unset, next or end%s", esc, near != NULL ? near : "");
}

/* A place for what follows a bad edit or config: parsed, then dropped. */
static void
open_scratch(struct parser *p, enum frame_kind kind)
{
	struct wad_conf_node *n = node_new("", kind == ENTRY, at_line(p));

	n->next = p->scratch;
	p->scratch = n;
	push(p, kind, n);
}

/* Several virtual domains would be mixed: only one may have settings. */
static bool
vdom_ok(struct parser *p)
{
	if (p->vdom == NULL)
		p->vdom = wad_xstrdup(p->vdom_open);
	if (strcmp(p->vdom, p->vdom_open) == 0)
		return true;
	if (!p->vdom_told)
		fail(p, "virtual domain '%s' has settings after '%s': "
		    "openwad has one domain, keep one of them",
		    p->vdom_open, p->vdom);
	p->vdom_told = true;
	return false;
}

static void
cmd_config(struct parser *p)
{
	struct wad_str	name = { 0 };
	struct frame	*f = top(p);

	for (size_t i = 1; i < p->words.n; i++)
		wad_str_addf(&name, "%s%s", i > 1 ? " " : "", p->words.w[i]);
	if (name.len == 0 || name.len > 127) {
		fail(p, "bad table name");
		open_scratch(p, TABLE);
	} else if (f->kind == ROOT && (strcmp(name.s, "global") == 0 ||
	    strcmp(name.s, "vdom") == 0))
		push(p, WRAP, NULL);
	else {
		if (f->kind == ROOT && p->console) {
			wad_conf_tree_free(p->saved);
			p->saved = memmem(p->p, (size_t)(p->end - p->p),
			    "abort", 5) != NULL ?
			    wad_conf_tree_dup(p->tree) : NULL;
		}
		if (f->kind == WRAP_ENTRY && !vdom_ok(p))
			open_scratch(p, TABLE);
		else
			open_child(p, name.s, false,
			    p->words.quoted[p->words.n - 1]);
	}
	wad_str_free(&name);
}

/* The next free number of a table. */
static void
free_id(const struct wad_conf_node *table, char buf[24])
{
	unsigned long max = 0, id;
	char	     *end;

	for (const struct wad_conf_node *n = table->children; n != NULL;
	    n = n->next) {
		id = strtoul(n->name, &end, 10);
		if (*end == '\0' && id > max && id < 0xffffffff)
			max = id;
	}
	snprintf(buf, 24, "%lu", max + 1);
}

static void
cmd_edit(struct parser *p)
{
	struct frame	*f = top(p);
	const char	*name = p->words.n == 2 ? p->words.w[1] : "";
	char		 id[24];

	if (f->kind == WRAP) {
		free(p->vdom_open);
		p->vdom_open = wad_xstrdup(name);
		push(p, WRAP_ENTRY, NULL);
		return;
	}
	if (f->kind != TABLE) {
		fail(p, f->kind == ENTRY ? "'edit' inside an entry: 'next' "
		    "is missing" : "'edit' outside of 'config'");
		open_scratch(p, ENTRY);
		return;
	}
	if (name[0] == '\0' || strlen(name) > 512 ||
	    strchr(name, '\n') != NULL) {
		fail(p, "'edit' needs a name of 1-512 characters");
		open_scratch(p, ENTRY);
		return;
	}
	if (p->console && strcmp(name, "0") == 0) {
		free_id(f->node, id);
		name = id;
	}
	open_child(p, name, true, p->words.quoted[1]);
}

/* The node that settings go to, or NULL with an error. */
static struct wad_conf_node *
settable(struct parser *p)
{
	struct frame *f = top(p);

	if (f->node == NULL) {
		if (f->kind == ROOT)
			fail(p, "'%s' outside of 'config'", p->words.w[0]);
		return NULL;
	}
	if (p->words.w[1][0] == '\0' || strlen(p->words.w[1]) > 64) {
		fail(p, "bad name of a setting");
		return NULL;
	}
	return f->node;
}

static uint64_t
quote_bits(const struct words *w, size_t from)
{
	uint64_t bits = 0;

	for (size_t i = from; i < w->n; i++)
		if (w->quoted[i])
			bits |= 1ULL << (i - from < 63 ? i - from : 63);
	return bits;
}

static void
cmd_set(struct parser *p)
{
	struct wad_conf_node *n = settable(p);
	struct wad_conf_set  *s;
	size_t		      count;

	if (n == NULL)
		return;
	s = make_set(n, p->words.w[1], &count);
	if (count >= WAD_CONF_SETS_MAX) {
		fail(p, "more than %d settings in one place",
		    WAD_CONF_SETS_MAX);
		remove_set(n, p->words.w[1]);
		p->fatal = true;
		return;
	}
	set_values(s, (const char *const *)p->words.w + 2, p->words.n - 2,
	    quote_bits(&p->words, 2));
	s->line = at_line(p);
}

static bool
has_value(const struct wad_conf_set *s, const char *v)
{
	for (size_t i = 0; i < s->n_values; i++)
		if (strcmp(s->values[i], v) == 0)
			return true;
	return false;
}

static void
cmd_append(struct parser *p)
{
	struct wad_conf_node *n = settable(p);
	struct wad_conf_set  *s;

	if (n == NULL)
		return;
	s = find_set(n, p->words.w[1]);
	if (s == NULL) {
		cmd_set(p);
		return;
	}
	s->line = at_line(p);
	for (size_t i = 2; i < p->words.n; i++) {
		size_t at = s->n_values;

		if (has_value(s, p->words.w[i]))
			continue;
		if (at >= WAD_CONF_WORDS_MAX) {
			fail(p, "more than %d values", WAD_CONF_WORDS_MAX);
			return;
		}
		s->values = wad_xrealloc(s->values, at + 1,
		    sizeof(*s->values));
		s->values[at] = wad_xstrdup(p->words.w[i]);
		s->n_values++;
		if (p->words.quoted[i])
			s->quoted |= 1ULL << (at < 63 ? at : 63);
	}
}

static void
cmd_unselect(struct parser *p)
{
	struct wad_conf_node *n = settable(p);
	struct wad_conf_set  *s;

	if (n == NULL)
		return;
	s = find_set(n, p->words.w[1]);
	for (size_t i = 2; i < p->words.n; i++) {
		size_t out = 0;

		if (s == NULL || !has_value(s, p->words.w[i])) {
			fail(p, "'%s' is not in '%s'", p->words.w[i],
			    p->words.w[1]);
			continue;
		}
		for (size_t k = 0; k < s->n_values; k++)
			if (strcmp(s->values[k], p->words.w[i]) == 0)
				free(s->values[k]);
			else
				s->values[out++] = s->values[k];
		s->n_values = out;
		s->quoted = s->quoted != 0 ? UINT64_MAX : 0;
	}
}

/*
 * In a file `unset` is kept as it stands (a setting without values).  On the
 * console it means the default, unless the schema says that empty differs.
 */
static void
cmd_unset(struct parser *p)
{
	struct wad_conf_node *n = settable(p);
	struct wad_conf_set  *s;
	struct wad_str	      path = { 0 };
	bool		      keep = !p->console;

	if (n == NULL)
		return;
	if (p->console) {
		for (size_t i = 1; i < p->depth; i++)
			if (p->frames[i].kind == TABLE)
				wad_str_addf(&path, "%s%s", path.len > 0 ?
				    "/" : "", p->frames[i].node->name);
		keep = path.s != NULL &&
		    wad_conf_schema_empty_differs(path.s, p->words.w[1]);
		wad_str_free(&path);
	}
	if (!keep) {
		remove_set(n, p->words.w[1]);
		return;
	}
	s = make_set(n, p->words.w[1], NULL);
	set_values(s, NULL, 0, 0);
	s->line = at_line(p);
}

static void
cmd_next(struct parser *p)
{
	struct frame *f = top(p);

	if (f->kind != ENTRY && f->kind != WRAP_ENTRY) {
		fail(p, "'next' without 'edit'");
		return;
	}
	pop(p);
}

static void
cmd_end(struct parser *p)
{
	struct frame *f = top(p);

	if (f->kind == ROOT) {
		fail(p, "'end' without 'config'");
		return;
	}
	/* end closes entry and table */
	while (top(p)->kind == ENTRY || top(p)->kind == WRAP_ENTRY)
		pop(p);
	if (top(p)->kind != ROOT)	/* `edit` may have had no table */
		pop(p);
}

/* The link that points at entry NAME of the open table, or NULL and error. */
static struct wad_conf_node **
entry_link(struct parser *p, const char *name)
{
	struct frame	      *f = top(p);
	struct wad_conf_node **at;

	if (f->kind != TABLE) {
		fail(p, "'%s' outside of a table", p->words.w[0]);
		return NULL;
	}
	for (at = &f->node->children; *at != NULL; at = &(*at)->next)
		if ((*at)->is_edit && strcmp((*at)->name, name) == 0)
			return at;
	fail(p, "'%s': no entry '%s' in '%s'", p->words.w[0], name,
	    f->node->name);
	return NULL;
}

static void
reindex(struct parser *p)
{
	index_build(&top(p)->index, top(p)->node->children);
}

static void
cmd_delete(struct parser *p)
{
	struct wad_conf_node **at = entry_link(p, p->words.w[1]), *n;

	if (at == NULL)
		return;
	n = *at;
	*at = n->next;
	n->next = NULL;
	nodes_free(n);
	reindex(p);
}

static void
cmd_purge(struct parser *p)
{
	struct frame *f = top(p);

	if (f->kind != TABLE) {
		fail(p, "'purge' outside of a table");
		return;
	}
	nodes_free(f->node->children);
	f->node->children = NULL;
	reindex(p);
}

static void
cmd_rename(struct parser *p)
{
	struct wad_conf_node **at = entry_link(p, p->words.w[1]);
	const char	      *to = p->words.w[3];

	if (at == NULL)
		return;
	if (strcmp(p->words.w[2], "to") != 0 || to[0] == '\0')
		fail(p, "expected 'rename NAME to NEW'");
	else if (index_find(&top(p)->index, to, true) != NULL)
		fail(p, "'rename': there is an entry '%s' already", to);
	else {
		free((*at)->name);
		(*at)->name = wad_xstrdup(to);
		reindex(p);
	}
}

static void
cmd_move(struct parser *p)
{
	struct wad_conf_node **from = entry_link(p, p->words.w[1]), **to, *n;
	bool		       after = strcmp(p->words.w[2], "after") == 0;

	if (from == NULL)
		return;
	if (!after && strcmp(p->words.w[2], "before") != 0) {
		fail(p, "expected 'move NAME before|after OTHER'");
		return;
	}
	if (strcmp(p->words.w[1], p->words.w[3]) == 0 ||
	    entry_link(p, p->words.w[3]) == NULL)
		return;
	n = *from;
	*from = n->next;
	to = entry_link(p, p->words.w[3]);
	WAD_ASSERT(to != NULL);		/* seen above */
	if (after)
		to = &(*to)->next;
	n->next = *to;
	*to = n;
	reindex(p);
}

static void
cmd_clone(struct parser *p)
{
	struct wad_conf_node **at = entry_link(p, p->words.w[1]), *n;
	const char	      *to = p->words.w[3];
	char		       id[24];

	if (at == NULL)
		return;
	if (strcmp(to, "0") == 0) {
		free_id(top(p)->node, id);
		to = id;
	}
	if (strcmp(p->words.w[2], "to") != 0 || to[0] == '\0') {
		fail(p, "expected 'clone NAME to NEW'");
		return;
	}
	if (index_find(&top(p)->index, to, true) != NULL) {
		fail(p, "'clone': there is an entry '%s' already", to);
		return;
	}
	n = node_dup(*at);
	free(n->name);
	n->name = wad_xstrdup(to);
	top(p)->index.tail->next = n;
	reindex(p);
}

/* Leaves the open table; what was changed since its `config` is undone. */
static void
cmd_abort(struct parser *p)
{
	if (p->depth == 1 || p->saved == NULL) {
		fail(p, "'abort' outside of 'config'");
		return;
	}
	while (p->depth > 1)
		pop(p);
	nodes_free(p->tree->tables);
	p->tree->tables = p->saved->tables;
	p->saved->tables = NULL;
	wad_conf_tree_free(p->saved);
	p->saved = NULL;
	index_build(&p->frames[0].index, p->tree->tables);
}
