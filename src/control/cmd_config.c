/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config mode, show and get: the lines of a `config ... end` block are
 * collected here; the parent checks and applies the whole block.  The
 * present configuration is asked of the parent, as text.
 */
#include "control/console.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "base/xmem.h"
#include "conf/conf_show.h"
#include "ipc/shm.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Applying asks every role; the parent's own deadline is shorter. */
enum { EDIT_MS = 60000, TREE_MS = 5000 };

/* What a console wants with the tree when it comes. */
enum path_kind { PATH_SHOW, PATH_FULL, PATH_GET, PATH_TABLES, PATH_HELP };

struct keyword {
	const char	*word, *help;
};

static const struct keyword keywords[] = {
	{ "config", "open a table inside this entry" },
	{ "edit", "open or make an entry" },
	{ "set", "give a setting its value" },
	{ "append", "add values to a setting" },
	{ "unset", "give a setting its default" },
	{ "delete", "remove an entry" },
	{ "rename", "rename an entry: rename A to B" },
	{ "move", "change the order: move A before|after B" },
	{ "clone", "copy an entry: clone A to B" },
	{ "purge", "remove all entries" },
	{ "next", "leave the entry" },
	{ "show", "the settings as they are now" },
	{ "get", "the settings as they are now, with defaults" },
	{ "abort", "leave and change nothing" },
	{ "end", "leave the table; the last one applies the changes" },
};

static int	open_level(struct wad_console *, const char *name,
		    bool is_edit);
static void	config_line(struct wad_console *, const char *);
static void	tree_ask(struct wad_console *, const char *path,
		    enum path_kind);
static void	tree_came(struct wad_console *, unsigned,
		    struct wad_msg_in *);
static void	help_show(struct wad_console *, const struct wad_conf_tree *);

/* Reads on as conf_words.c does, open being the quote that is open before
 * (0: none); the one that is open at the end of the line. */
static char
quote_open(const char *s, char open)
{
	bool begins = true, nbsp;	/* a word may begin here */

	for (; *s != '\0'; s++) {
		if (open == 0 && *s == '#' && begins)
			break;
		nbsp = s[0] == '\xc2' && s[1] == '\xa0';
		s += nbsp;
		begins = open == 0 && (nbsp || *s == ' ' || *s == '\t' ||
		    *s == '\r');
		if (*s == '\\' && s[1] != '\0' && open != '\'' &&
		    strchr(open == 0 ? "\\\"' " : "\\\"'", s[1]) != NULL)
			s++;
		else if (open != 0 && *s == open)
			open = 0;
		else if (open == 0 && (*s == '"' || *s == '\''))
			open = *s;
	}
	return open;
}

bool
wad_cmd_config_goes_on(const struct wad_console *c, const char *line)
{
	return c->quote != 0 || (c->depth > 0 && quote_open(line, 0) != 0);
}

static void
script_free(struct wad_console *c)
{
	if (c->script.s != NULL)	/* keys and passwords may be in it */
		explicit_bzero(c->script.s, c->script.len);
	wad_str_free(&c->script);
}

/* A line joins the script.  One that gets too long is not applied, but its
 * lines go on to its `end`: outside of the block they would be commands. */
static void
script_add(struct wad_console *c, const char *line)
{
	if (c->spoilt)
		return;
	if (c->script.len + strlen(line) + 1 > WAD_CTL_SCRIPT_MAX) {
		wad_console_fail(c, WAD_CTL_REFUSED, "more than %d bytes in "
		    "one config block: divide it, or edit the file and "
		    "`execute reload`; nothing of it is changed\n",
		    WAD_CTL_SCRIPT_MAX);
		c->spoilt = true;
		script_free(c);
		return;
	}
	wad_str_add(&c->script, line);
	wad_str_add(&c->script, "\n");
}

void
wad_cmd_config_leave(struct wad_console *c)
{
	c->depth = 0;
	c->quote = 0;
	c->spoilt = false;
	script_free(c);
}

static void
config_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	if (*a->rest == '\0') {
		tree_ask(c, "", PATH_TABLES);
		return;
	}
	wad_cmd_config_leave(c);
	if (open_level(c, a->rest, false) == 0) {
		c->quote = quote_open(a->rest, 0);
		wad_str_add(&c->script, "config ");
		script_add(c, a->rest);
	}
}

static int
open_level(struct wad_console *c, const char *name, bool is_edit)
{
	struct wad_console_level *l;
	size_t n = 0;

	if (c->depth == WAD_CTL_DEPTH) {
		wad_console_fail(c, WAD_CTL_FAILED, "more than %d blocks "
		    "inside each other\n", WAD_CTL_DEPTH);
		return -1;
	}
	l = &c->level[c->depth++];
	l->is_edit = is_edit;
	for (; *name != '\0' && n + 1 < sizeof(l->name); name++) {
		if (*name == '"' || iscntrl((unsigned char)*name))
			continue;
		l->name[n++] = *name;
	}
	while (n > 0 && l->name[n - 1] == ' ')
		n--;
	l->name[n] = '\0';
	return 0;
}

/* The path of the open blocks for show: "firewall policy 11 https". */
static void
path_add(const struct wad_console *c, struct wad_str *out)
{
	for (unsigned i = 0; i < c->depth; i++)
		wad_str_addf(out, c->level[i].is_edit ? "%s\"%s\"" : "%s%s",
		    i > 0 ? " " : "", c->level[i].name);
}

void
wad_cmd_config_prompt(const struct wad_console *c, struct wad_str *out)
{
	const char *name, *last;

	if (c->depth == 0)
		return;
	name = c->level[c->depth - 1].name;
	last = c->level[c->depth - 1].is_edit ? NULL : strrchr(name, ' ');
	wad_str_addf(out, " (%s)", last != NULL ? last + 1 : name);
}

static void
edited(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	(void)tag;
	wad_console_answer(c, m, WAD_CTL_REFUSED, "openwad");
}

/* The last `end`: the whole block goes to the parent. */
static void
apply(struct wad_console *c)
{
	struct wad_msg	 m;
	char		*what = wad_xasprintf("config %s", c->level[0].name);

	wad_console_audit(c, what);
	free(what);
	wad_msg_init(&m, WAD_MSG_CTL_EDIT, 0);
	wad_msg_add_str(&m, c->script.s);
	wad_msg_add_str(&m, c->peer.user);
	wad_msg_add_str(&m, c->peer.ui);
	if (wad_console_ask(c, c->ctl->parent, &m, EDIT_MS, edited, 0) == -1)
		wad_console_fail(c, WAD_CTL_SILENT, "openwad cannot be "
		    "asked to change its configuration\n");
	wad_msg_free(&m);
	wad_cmd_config_leave(c);
}

/* Leaves blocks: `next` one entry, `end` an entry and its table. */
static void
leave(struct wad_console *c, bool end)
{
	bool in_edit = c->level[c->depth - 1].is_edit;

	if (!end && !in_edit) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "`next` ends an entry "
		    "that `edit` began; here only `end` leaves\n");
		return;
	}
	if (end && in_edit)
		c->depth--;
	c->depth--;
	script_add(c, end ? "end" : "next");
	if (c->depth > 0)
		return;
	if (!c->spoilt) {
		apply(c);
		return;
	}
	wad_cmd_config_leave(c);
	wad_console_fail(c, WAD_CTL_REFUSED, "the block has lines with "
	    "errors: nothing was changed\n");
}

/* Which keyword; NULL with a message. */
static const struct keyword *
keyword_find(struct wad_console *c, const char *w, size_t n)
{
	const struct keyword	*found = NULL;
	const char		*words[COUNT(keywords)], *near;
	char			*word = wad_xstrndup(w, n), esc[256];
	unsigned		 hits = 0;

	for (size_t i = 0; i < COUNT(keywords); i++) {
		words[i] = keywords[i].word;
		if (!wad_cmd_begins(word, keywords[i].word))
			continue;
		found = &keywords[i];
		if (strlen(found->word) == n) {
			hits = 1;
			break;
		}
		hits++;
	}
	if (hits == 1) {
		free(word);
		return found;
	}
	wad_str_escape(esc, sizeof(esc), w, n);
	if (hits == 0) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "unknown word \"%s\"",
		    esc);
		near = wad_str_nearest(word, words, COUNT(words));
		if (near != NULL)
			wad_console_say(c, ", did you mean \"%s\"?", near);
	} else
		wad_console_fail(c, WAD_CTL_SYNTAX, "\"%s\" can be several "
		    "words", esc);
	wad_console_say(c, "\nvalid here:\n");
	for (size_t i = 0; i < COUNT(keywords); i++)
		wad_console_say(c, "  %-8s  %s\n", keywords[i].word,
		    keywords[i].help);
	free(word);
	return NULL;
}

static bool
is(const struct keyword *k, const char *w)
{
	return strcmp(k->word, w) == 0;
}

void
wad_cmd_config_line(struct wad_console *c, const char *line)
{
	config_line(c, line);
	if (c->strict && c->depth > 0 && c->status >= WAD_CTL_SYNTAX)
		c->spoilt = true;
}

/* `show [full-configuration]` and `get` of what is open, with a pipe or
 * without. */
static void
show_here(struct wad_console *c, const char *line, bool get)
{
	struct wad_cmd_line	*l = wad_xcalloc(1, sizeof(*l));
	struct wad_str		 path = { 0 };

	if (wad_cmd_split(l, line, &c->reply) == -1) {
		c->status = WAD_CTL_SYNTAX;
		free(l);
		return;
	}
	c->grep = l->grep;
	path_add(c, &path);
	tree_ask(c, path.s, get ? PATH_GET : l->n > 1 &&
	    wad_cmd_begins(l->word[1], "full-configuration") ? PATH_FULL :
	    PATH_SHOW);
	wad_str_free(&path);
	free(l);
}

static void
config_line(struct wad_console *c, const char *line)
{
	const struct keyword	*k;
	const char		*s = line, *rest;
	char			*full;
	size_t			 n;

	if (c->quote != 0) {		/* a value over several lines */
		c->quote = quote_open(line, c->quote);
		script_add(c, line);
		return;
	}
	while (isspace((unsigned char)*s))
		s++;
	n = strcspn(s, " \t");
	rest = s + n + strspn(s + n, " \t");
	if (n == 0 || *s == '#') {	/* keeps the line numbers */
		script_add(c, "");
		return;
	}
	k = keyword_find(c, s, n);
	if (k == NULL) {
		if (c->strict)		/* of a value, nothing is a command */
			c->quote = quote_open(rest, 0);
		return;
	}
	if (is(k, "abort")) {
		wad_cmd_config_leave(c);
		return;
	}
	if (is(k, "end") || is(k, "next")) {
		leave(c, is(k, "end"));
		return;
	}
	if (is(k, "show") || is(k, "get")) {
		show_here(c, line, is(k, "get"));
		return;
	}
	if (*rest == '\0' && !is(k, "purge")) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "`%s` what?\n", k->word);
		return;
	}
	if ((is(k, "config") || is(k, "edit")) &&
	    open_level(c, rest, is(k, "edit")) == -1)
		return;
	c->quote = quote_open(rest, 0);
	full = wad_xasprintf("%s %s", k->word, rest);
	script_add(c, full);
	explicit_bzero(full, strlen(full));
	free(full);
}

/* `show [full-configuration] [PATH]` */
static void
show_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	tree_ask(c, a->rest, PATH_SHOW);
}

static void
show_full_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	tree_ask(c, a->rest, PATH_FULL);
}

static void
get_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	if (*a->rest == '\0') {
		wad_console_fail(c, WAD_CTL_SYNTAX, "get which table? e.g. "
		    "`get system global`, `get system status`\n");
		return;
	}
	tree_ask(c, a->rest, PATH_GET);
}

/* Asks the parent for the configuration; tree_came goes on with path. */
static void
tree_ask(struct wad_console *c, const char *path, enum path_kind kind)
{
	struct wad_msg m;

	free(c->path);
	c->path = wad_xstrdup(path);
	c->path_kind = kind;
	wad_msg_init(&m, WAD_MSG_CTL_TREE, 0);
	if (wad_console_ask(c, c->ctl->parent, &m, TREE_MS, tree_came, 0) ==
	    0)
		;
	else if (kind == PATH_HELP)
		help_show(c, NULL);
	else
		wad_console_fail(c, WAD_CTL_SILENT, "openwad cannot be "
		    "asked for its configuration\n");
	wad_msg_free(&m);
}

static void
path_unknown(struct wad_console *c)
{
	char esc[256];

	wad_console_fail(c, WAD_CTL_SYNTAX, "\"%s\" names no table, entry "
	    "or setting: `show` lists what is configured, `config ?` what "
	    "can be\n", wad_str_escape(esc, sizeof(esc), c->path,
	    strlen(c->path)));
}

static void
tree_show(struct wad_console *c, const char *text, size_t len)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*t;
	struct wad_conf_show	 how = { .full = c->path_kind == PATH_FULL };
	const char		*path = *c->path != '\0' ? c->path : NULL;
	int			 r = 0;

	t = wad_conf_parse(WAD_CONF_SEALED, text, len, &errs);
	switch ((enum path_kind)c->path_kind) {
	case PATH_SHOW:
	case PATH_FULL:
		r = wad_conf_show(t, path, how, &c->reply);
		break;
	case PATH_GET:
		r = wad_conf_get_text(t, c->path, &c->reply);
		break;
	case PATH_TABLES:
		wad_conf_help(t, path, NULL, NULL, &c->reply);
		break;
	case PATH_HELP:
		help_show(c, t);
		break;
	}
	if (r == -1)
		path_unknown(c);
	if (c->path_kind == PATH_TABLES) {
		c->status = WAD_CTL_SYNTAX;
		wad_console_say(c, "config which table?\n");
	}
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
}

/* CTL_ANSWER to CTL_TREE: the text in the message, or as a sealed file. */
static void
tree_came(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	uint32_t	 ok;
	const char	*text;
	size_t		 len;
	int		 fd;

	(void)tag;
	if (m == NULL || wad_msg_get_u32(m, &ok) == -1 ||
	    wad_msg_get_str(m, &text) == -1) {
		if (c->path_kind == PATH_HELP)
			help_show(c, NULL);
		else
			wad_console_fail(c, WAD_CTL_SILENT, "openwad gave no "
			    "answer\n");
		return;
	}
	if (!ok && c->path_kind == PATH_HELP) {
		help_show(c, NULL);
		return;
	}
	if (!ok) {
		wad_console_fail(c, WAD_CTL_FAILED, "%s\n", text);
		return;
	}
	fd = wad_msg_take_fd(m);
	if (fd == -1) {
		tree_show(c, text, strlen(text));
		return;
	}
	text = wad_shm_map_text(fd, &len);
	close(fd);
	if (text == NULL) {
		wad_console_fail(c, WAD_CTL_FAILED, "the configuration "
		    "cannot be read: its file is not sealed\n");
		return;
	}
	tree_show(c, text, len);
	wad_shm_unmap(text, len);
}

/* ---- `?` and completion ---- */

/* The list goes out, with what the configuration has at c->path; without a
 * tree the schema alone says it. */
static void
help_show(struct wad_console *c, const struct wad_conf_tree *t)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*none = NULL;
	struct wad_str		 help = { 0 };
	const char		*w = c->begins != NULL ? c->begins : "";

	if (t == NULL)
		t = none = wad_conf_parse("none", "", 0, &errs);
	wad_conf_help(t, c->path, c->keyword, c->setting, &help);
	for (char *p = help.s, *nl, *gap; p != NULL; p = nl + 1) {
		nl = strchr(p, '\n');
		gap = nl != NULL ? strstr(p, "  ") : NULL;
		if (gap == NULL || gap > nl)
			break;
		*nl = '\0';
		if (strncmp(p, w, strlen(w)) == 0)
			wad_cmd_offer(&c->offers, p, (size_t)(gap - p),
			    gap + strspn(gap, " "));
	}
	wad_str_free(&help);
	wad_conf_tree_free(none);
	wad_conf_errs_free(&errs);
	wad_console_offer(c);
}

static void
help_ask(struct wad_console *c, const char *path, const char *keyword,
    const char *setting, const char *begins)
{
	free(c->keyword);
	free(c->setting);
	free(c->begins);
	c->keyword = keyword != NULL ? wad_xstrdup(keyword) : NULL;
	c->setting = setting != NULL ? wad_xstrdup(setting) : NULL;
	c->begins = wad_xstrdup(begins);
	tree_ask(c, path, PATH_HELP);
}

/* Where the last word of a line begins. */
static const char *
last_word(const char *s)
{
	const char *w = s + strlen(s);

	while (w > s && !isspace((unsigned char)w[-1]))
		w--;
	return w;
}

/* The keyword that n characters stand for; NULL: none, or several. */
static const char *
keyword_meant(const char *w, size_t n)
{
	const char	*found = NULL;
	char		*word = wad_xstrndup(w, n);

	for (size_t i = 0; i < COUNT(keywords); i++) {
		if (!wad_cmd_begins(word, keywords[i].word))
			continue;
		if (found != NULL && strlen(keywords[i].word) != n) {
			found = NULL;
			break;
		}
		found = keywords[i].word;
	}
	free(word);
	return found;
}

void
wad_cmd_config_complete(struct wad_console *c, const char *line)
{
	struct wad_str	 path = { 0 };
	const char	*s = line + strspn(line, " \t"), *w, *keyword;
	char		*setting = NULL;
	size_t		 n = strcspn(s, " \t");

	if (s[n] == '\0') {
		for (size_t i = 0; i < COUNT(keywords); i++)
			if (strncmp(keywords[i].word, s, n) == 0)
				wad_str_addf(&c->offers, "%s\t%s\n",
				    keywords[i].word, keywords[i].help);
		wad_console_offer(c);
		return;
	}
	keyword = keyword_meant(s, n);
	w = s + n + strspn(s + n, " \t");
	n = strcspn(w, " \t");
	if (w[n] != '\0')
		setting = wad_xstrndup(w, n);
	path_add(c, &path);
	help_ask(c, path.s, keyword != NULL ? keyword : "", setting,
	    last_word(w));
	wad_str_free(&path);
	free(setting);
}

void
wad_cmd_config_tables(struct wad_console *c, const char *line)
{
	static const char *const words[] = { "config", "show", "get" };
	const char	*s = line + strspn(line, " \t"), *last;
	size_t		 n = strcspn(s, " \t");
	char		*w = wad_xstrndup(s, n), *path;
	bool		 ours = false;

	for (size_t i = 0; i < COUNT(words); i++)
		ours |= wad_cmd_begins(w, words[i]);
	free(w);
	if (!ours || s[n] == '\0') {
		wad_console_offer(c);
		return;
	}
	s += n + strspn(s + n, " \t");
	last = last_word(s);
	path = wad_xstrndup(s, (size_t)(last - s));
	help_ask(c, path, NULL, NULL, last);
	free(path);
}

static const struct wad_cmd rows[] = {
	{ "config <rest>", "change a table: lines up to its `end`, applied "
	    "together", config_exec, WAD_CMD_RAW },
	{ "show <rest>", "the configuration, or the tables whose path is "
	    "given", show_exec, WAD_CMD_READ },
	{ "show full-configuration <rest>", "with the defaults",
	    show_full_exec, WAD_CMD_READ },
	{ "get <rest>", "a table's settings with their defaults", get_exec,
	    WAD_CMD_READ },
};

const struct wad_cmd_family wad_cmd_config = { rows, COUNT(rows) };
