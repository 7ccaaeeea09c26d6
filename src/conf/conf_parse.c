/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to tree, and scripts of the console on a tree.  Called by the parent
 * on the file, by every role on the sealed text, and by the fuzzer on
 * anything.  Looks at the schema for one thing only: what `unset` means on the
 * console.
 */
#include "conf/conf_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "conf/conf_schema.h"
#include "conf/conf_words.h"

enum frame_kind { ROOT, TABLE, ENTRY, WRAP, WRAP_ENTRY };

struct frame {
	enum frame_kind	 kind;
	struct wad_conf_node *node;	/* NULL in ROOT, WRAP, WRAP_ENTRY */
	struct wad_conf_index index;
	int		 line;
};

struct parser {
	struct wad_conf_words in;
	struct wad_conf_tree *tree;
	bool		 console;	/* a script, not a file */
	struct frame	 frames[WAD_CONF_DEPTH_MAX + 1];
	size_t		 depth;		/* frames[depth - 1] is open */
	/* the top table that was open last: scripts open one again and again */
	struct wad_conf_node *last;
	struct wad_conf_index last_index;
	struct wad_conf_node *scratch;	/* entries with a bad name */
	struct wad_conf_tree *saved;	/* for abort */
	char		*vdom, *vdom_open;	/* the one that has settings,
					 * and the one that is open */
	bool		 vdom_told;
};

static void parse_text(struct parser *, size_t);
static void command(struct parser *);
static void unclosed(struct parser *);

struct wad_conf_tree *
wad_conf_parse(const char *file, const char *text, size_t len,
    struct wad_conf_errs *errs)
{
	struct parser p = { 0 };

	p.tree = wad_xcalloc(1, sizeof(*p.tree));
	p.tree->file = wad_xstrdup(file);
	wad_conf_words_begin(&p.in, file, text, len, errs);
	parse_text(&p, len);
	return p.tree;
}

int
wad_conf_edit(struct wad_conf_tree *tree, const char *file, const char *text,
    size_t len, struct wad_conf_errs *errs)
{
	struct parser	p = { .tree = tree, .console = true };
	unsigned	before = errs->n;

	wad_conf_words_begin(&p.in, file, text, len, errs);
	parse_text(&p, len);
	return errs->n == before ? 0 : -1;
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
	wad_conf_errs_add(p->in.errs, p->in.file, p->in.at, "%s", buf);
}

/* The line that what is made now gets. */
static int
at_line(const struct parser *p)
{
	return p->console ? WAD_CONF_CONSOLE_LINE + p->in.at : p->in.at;
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
	p->in.fatal = true;
	return true;
}

static void
last_forget(struct parser *p, bool unused)
{
	if (unused)
		free(p->last_index.slot);
	memset(&p->last_index, 0, sizeof(p->last_index));
	p->last = NULL;
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
	f->line = p->in.at;
	if (node != NULL && node == p->last) {
		f->index = p->last_index;
		last_forget(p, false);
	} else if (kind == ROOT || node != NULL)
		wad_conf_index_build(&f->index, *frame_list(p, f));
}

static void
pop(struct parser *p)
{
	struct frame *f = top(p);

	p->depth--;
	if (f->kind == TABLE && top(p)->node == NULL) {
		last_forget(p, true);
		p->last = f->node;
		p->last_index = f->index;
	} else
		free(f->index.slot);
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
	struct wad_conf_node *n = wad_conf_index_find(&f->index, name, is_edit);

	if (too_deep(p))
		return;		/* and no node: it could not be read again */
	if (n == NULL) {
		n = wad_conf_node_new(name, is_edit, at_line(p));
		n->quoted = quoted;
		if (f->index.tail != NULL)
			f->index.tail->next = n;
		else
			*frame_list(p, f) = n;
		f->index.tail = n;
		wad_conf_index_add(&f->index, n);
	}
	push(p, is_edit ? ENTRY : TABLE, n);
}

static void
parse_text(struct parser *p, size_t len)
{
	int r;

	if (len > WAD_CONF_TEXT_MAX) {
		fail(p, "larger than %d bytes", WAD_CONF_TEXT_MAX);
		return;
	}
	push(p, ROOT, NULL);
	while (!p->in.fatal && (r = wad_conf_words_next(&p->in)) != 0)
		if (r > 0)
			command(p);
	if (!p->in.fatal && p->depth > 1)
		unclosed(p);
	while (p->depth > 0)
		pop(p);
	last_forget(p, true);
	wad_conf_words_free(&p->in);
	wad_conf_node_free(p->scratch);
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

	if (!p->console && !p->in.errs->whole && p->tree->tables != NULL &&
	    p->tree->tables->next == NULL && f->node == p->tree->tables) {
		wad_str_addf(&p->in.errs->ignored,
		    "warning: %s:%d: 'config %s' is not closed by 'end'\n",
		    p->in.file, f->line, name);
		return;
	}
	p->in.at = p->in.line;
	fail(p, "end of text inside 'config %s' of line %d: 'end' is missing",
	    name, f->line);
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
		if (strcmp(c->name, p->in.w[0]) != 0)
			continue;
		if (p->in.n < c->min ||
		    (c->max != 0 && p->in.n > c->max)) {
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
	wad_str_escape(esc, sizeof(esc), p->in.w[0],
	    strlen(p->in.w[0]));
	near = wad_str_nearest(p->in.w[0], list, n);
	fail(p, near != NULL ? "unknown command '%s', did you mean '%s'?" :
	    "unknown command '%s', expected config, edit, set, append, "
	    "unset, next or end%s", esc, near != NULL ? near : "");
}

/* A place for what follows a bad edit or config: parsed, then dropped. */
static void
open_scratch(struct parser *p, enum frame_kind kind)
{
	struct wad_conf_node *n = wad_conf_node_new("", kind == ENTRY,
	    at_line(p));

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

	for (size_t i = 1; i < p->in.n; i++)
		wad_str_addf(&name, "%s%s", i > 1 ? " " : "", p->in.w[i]);
	if (name.len == 0 || name.len > 127) {
		fail(p, "bad table name");
		open_scratch(p, TABLE);
	} else if (f->kind == ROOT && (strcmp(name.s, "global") == 0 ||
	    strcmp(name.s, "vdom") == 0))
		push(p, WRAP, NULL);
	else {
		if (f->kind == ROOT && p->console) {
			wad_conf_tree_free(p->saved);
			p->saved = memmem(p->in.p,
			    (size_t)(p->in.end - p->in.p), "abort", 5) != NULL ?
			    wad_conf_tree_dup(p->tree) : NULL;
		}
		if (f->kind == WRAP_ENTRY && !vdom_ok(p))
			open_scratch(p, TABLE);
		else
			open_child(p, name.s, false,
			    p->in.quoted[p->in.n - 1]);
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

/* Can an entry have this name?  If not, an error. */
static bool
name_ok(struct parser *p, const char *name)
{
	if (name[0] != '\0' && strlen(name) <= 512 &&
	    strchr(name, '\n') == NULL)
		return true;
	fail(p, "'%s' needs a name of 1-512 characters in one line",
	    p->in.w[0]);
	return false;
}

static void
cmd_edit(struct parser *p)
{
	struct frame	*f = top(p);
	const char	*name = p->in.n == 2 ? p->in.w[1] : "";
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
	if (!name_ok(p, name)) {
		open_scratch(p, ENTRY);
		return;
	}
	if (p->console && strcmp(name, "0") == 0) {
		free_id(f->node, id);
		name = id;
	}
	open_child(p, name, true, p->in.quoted[1]);
}

/* The node that settings go to, or NULL with an error. */
static struct wad_conf_node *
settable(struct parser *p)
{
	struct frame *f = top(p);

	if (f->node == NULL) {
		if (f->kind == ROOT)
			fail(p, "'%s' outside of 'config'", p->in.w[0]);
		return NULL;
	}
	if (p->in.w[1][0] == '\0' || strlen(p->in.w[1]) > 64) {
		fail(p, "bad name of a setting");
		return NULL;
	}
	return f->node;
}

static uint64_t
quote_bits(const struct wad_conf_words *w, size_t from)
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
	s = wad_conf_set_make(n, p->in.w[1], &count);
	if (count >= WAD_CONF_SETS_MAX) {
		fail(p, "more than %d settings in one place",
		    WAD_CONF_SETS_MAX);
		wad_conf_set_remove(n, p->in.w[1]);
		p->in.fatal = true;
		return;
	}
	wad_conf_set_values(s, (const char *const *)p->in.w + 2, p->in.n - 2,
	    quote_bits(&p->in, 2));
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
	s = wad_conf_set_find(n, p->in.w[1]);
	if (s == NULL) {
		cmd_set(p);
		return;
	}
	s->line = at_line(p);
	for (size_t i = 2; i < p->in.n; i++) {
		size_t at = s->n_values;

		if (has_value(s, p->in.w[i]))
			continue;
		if (at >= WAD_CONF_WORDS_MAX) {
			fail(p, "more than %d values", WAD_CONF_WORDS_MAX);
			return;
		}
		s->values = wad_xrealloc(s->values, at + 1,
		    sizeof(*s->values));
		s->values[at] = wad_xstrdup(p->in.w[i]);
		s->n_values++;
		if (p->in.quoted[i])
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
	s = wad_conf_set_find(n, p->in.w[1]);
	for (size_t i = 2; i < p->in.n; i++) {
		size_t out = 0;

		if (s == NULL || !has_value(s, p->in.w[i])) {
			fail(p, "'%s' is not in '%s'", p->in.w[i],
			    p->in.w[1]);
			continue;
		}
		for (size_t k = 0; k < s->n_values; k++)
			if (strcmp(s->values[k], p->in.w[i]) == 0)
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
		    wad_conf_schema_empty_differs(path.s, p->in.w[1]);
		wad_str_free(&path);
	}
	if (!keep) {
		wad_conf_set_remove(n, p->in.w[1]);
		return;
	}
	s = wad_conf_set_make(n, p->in.w[1], NULL);
	wad_conf_set_values(s, NULL, 0, 0);
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

/* Entry NAME of the open table, or NULL and an error. */
static struct wad_conf_node *
entry_find(struct parser *p, const char *name)
{
	struct frame	     *f = top(p);
	struct wad_conf_node *n = NULL;

	if (f->kind != TABLE)
		fail(p, "'%s' outside of a table", p->in.w[0]);
	else if ((n = wad_conf_index_find(&f->index, name, true)) == NULL)
		fail(p, "'%s': no entry '%s' in '%s'", p->in.w[0], name,
		    f->node->name);
	return n;
}

/* What points at n, an entry of the open table, and what stands before it. */
static struct wad_conf_node **
entry_link(struct parser *p, const struct wad_conf_node *n,
    struct wad_conf_node **before)
{
	struct wad_conf_node **at = &top(p)->node->children;

	*before = NULL;
	for (; *at != n; at = &(*at)->next)
		*before = *at;
	return at;
}

/* Takes n out of its list; the index still has it. */
static void
entry_unlink(struct parser *p, struct wad_conf_node *n)
{
	struct wad_conf_index *ix = &top(p)->index;
	struct wad_conf_node *before, **at = entry_link(p, n, &before);

	*at = n->next;
	if (ix->tail == n)
		ix->tail = before;
	n->next = NULL;
}

static void
cmd_delete(struct parser *p)
{
	struct wad_conf_node *n = entry_find(p, p->in.w[1]);

	if (n == NULL)
		return;
	entry_unlink(p, n);
	wad_conf_index_remove(&top(p)->index, n);
	wad_conf_node_free(n);
}

static void
cmd_purge(struct parser *p)
{
	struct frame *f = top(p);

	if (f->kind != TABLE) {
		fail(p, "'purge' outside of a table");
		return;
	}
	wad_conf_node_free(f->node->children);
	f->node->children = NULL;
	wad_conf_index_build(&f->index, NULL);
}

static void
cmd_rename(struct parser *p)
{
	struct wad_conf_node *n = entry_find(p, p->in.w[1]);
	const char	     *to = p->in.w[3];

	if (n == NULL)
		return;
	if (strcmp(p->in.w[2], "to") != 0)
		fail(p, "expected 'rename NAME to NEW'");
	else if (!name_ok(p, to))
		return;
	else if (wad_conf_index_find(&top(p)->index, to, true) != NULL)
		fail(p, "'rename': there is an entry '%s' already", to);
	else {
		wad_conf_index_remove(&top(p)->index, n);
		free(n->name);
		n->name = wad_xstrdup(to);
		wad_conf_index_add(&top(p)->index, n);
	}
}

static void
cmd_move(struct parser *p)
{
	struct wad_conf_node *n = entry_find(p, p->in.w[1]), *other;
	struct wad_conf_node *before, **at;
	bool		      after = strcmp(p->in.w[2], "after") == 0;

	if (n == NULL)
		return;
	if (!after && strcmp(p->in.w[2], "before") != 0) {
		fail(p, "expected 'move NAME before|after OTHER'");
		return;
	}
	other = entry_find(p, p->in.w[3]);
	if (other == NULL || other == n)
		return;
	entry_unlink(p, n);
	at = after ? &other->next : entry_link(p, other, &before);
	n->next = *at;
	*at = n;
	if (n->next == NULL)
		top(p)->index.tail = n;
}

static void
cmd_clone(struct parser *p)
{
	struct wad_conf_node *from = entry_find(p, p->in.w[1]), *n;
	struct wad_conf_index *ix = &top(p)->index;
	const char	     *to = p->in.w[3];
	char		      id[24];

	if (from == NULL)
		return;
	if (strcmp(to, "0") == 0) {
		free_id(top(p)->node, id);
		to = id;
	}
	if (strcmp(p->in.w[2], "to") != 0) {
		fail(p, "expected 'clone NAME to NEW'");
		return;
	}
	if (!name_ok(p, to))
		return;
	if (wad_conf_index_find(ix, to, true) != NULL) {
		fail(p, "'clone': there is an entry '%s' already", to);
		return;
	}
	n = wad_conf_node_dup(from);
	free(n->name);
	n->name = wad_xstrdup(to);
	ix->tail->next = n;
	ix->tail = n;
	wad_conf_index_add(ix, n);
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
	last_forget(p, true);
	wad_conf_node_free(p->tree->tables);
	p->tree->tables = p->saved->tables;
	p->saved->tables = NULL;
	wad_conf_tree_free(p->saved);
	p->saved = NULL;
	wad_conf_index_build(&p->frames[0].index, p->tree->tables);
}
