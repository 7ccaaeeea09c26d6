/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Free-style expressions: or-terms of and-terms of factors, compiled into
 * nodes that are walked once per record.
 */
#include "base/log_expr.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"

enum { KEY_MAX = 32, VALUE_MAX = 256, NODES = 2 * WAD_LOG_EXPR_TERMS };

enum op { EQ, NE, WITHIN, LT, LE, GT, GE };

struct value {
	enum { TEXT, NUMBERS, ADDRS, PREFIX } kind;
	char		*text; size_t len;	/* escaped; always there */
	uint64_t	 lo, hi;
	struct wad_addr	 alo, ahi;
	struct wad_prefix prefix;
};

struct node {
	enum { OR, AND, NOT, TERM } kind;
	unsigned short	 a, b;		/* nodes, the second of OR, AND */
	/* of a TERM */
	char		 key[KEY_MAX];
	enum { PLAIN, LOGID, LEVEL } of;
	enum op		 op;
	struct value	*values; size_t n_values;
};

struct wad_log_expr {
	struct node	 nodes[NODES];
	unsigned short	 n, root;
	size_t		 n_terms, n_values;
};

struct parser {
	const char	*text, *p;
	struct wad_log_expr *e;
	unsigned	 depth;
	char		*err; size_t size;
};

static int	or_parse(struct parser *);

/* Says what is wrong at s; always -1. */
static int __attribute__((format(printf, 3, 4)))
wrong(struct parser *ps, const char *s, const char *fmt, ...)
{
	int	n;
	va_list	ap;

	if (ps->size == 0)
		return -1;
	n = snprintf(ps->err, ps->size, "column %zu: ",
	    (size_t)(s - ps->text) + 1);
	if (n < 0 || (size_t)n >= ps->size)
		return -1;
	va_start(ap, fmt);
	vsnprintf(ps->err + n, ps->size - (size_t)n, fmt, ap);
	va_end(ap);
	return -1;
}

static void
blanks(struct parser *ps)
{
	ps->p += strspn(ps->p, " \t\r\n");
}

/* The next character, printable, for a message. */
static const char *
shown(const char *p, char buf[8])
{
	char c[5];

	if (*p == '\0')
		return "the end";
	snprintf(buf, 8, "'%s'", wad_str_escape(c, sizeof(c), p, 1));
	return buf;
}

static size_t
key_len(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
}

/* Takes the word, in any case, when it is the next one. */
static bool
word(struct parser *ps, const char *w)
{
	size_t n = strlen(w);

	blanks(ps);
	if (strncasecmp(ps->p, w, n) != 0 || key_len(ps->p) != n)
		return false;
	ps->p += n;
	return true;
}

/* Takes & or && (| and ||). */
static bool
sign(struct parser *ps, char c)
{
	blanks(ps);
	if (*ps->p != c)
		return false;
	ps->p += ps->p[1] == c ? 2 : 1;
	return true;
}

static bool
number(const char *s, size_t len, uint64_t *v)
{
	*v = 0;
	if (len == 0 || len > 19)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*v = *v * 10 + (uint64_t)(s[i] - '0');
	}
	return true;
}

static bool
address(const char *s, size_t len, struct wad_addr *a)
{
	char buf[WAD_ADDR_STRLEN];

	if (len == 0 || len >= sizeof(buf) || (memchr(s, '.', len) == NULL &&
	    memchr(s, ':', len) == NULL))
		return false;
	memcpy(buf, s, len);
	buf[len] = '\0';
	return wad_addr_parse(a, buf) == 0;
}

/* Severity words: 7 for emergency .. 0 for debug; -1 when it is none. */
static int
gravity(const char *s, size_t len)
{
	if (len == 12 && strncasecmp(s, "notification", len) == 0)
		s = "notice", len = 6;
	for (int i = 0; i < WAD_LL_N; i++)
		if (strlen(wad_log_levels[i]) == len &&
		    strncasecmp(s, wad_log_levels[i], len) == 0)
			return WAD_LL_N - 1 - i;
	return -1;
}

/* What a bare value may be besides text. */
static void
value_kind(struct value *v, const char *s, size_t len)
{
	const char	*dash = memchr(s, '-', len);
	size_t		 left = dash != NULL ? (size_t)(dash - s) : len;
	char		 buf[WAD_ADDR_STRLEN];

	if (number(s, len, &v->lo)) {
		v->hi = v->lo;
		v->kind = NUMBERS;
	} else if (address(s, len, &v->alo)) {
		v->ahi = v->alo;
		v->kind = ADDRS;
	} else if (dash != NULL && number(s, left, &v->lo) &&
	    number(dash + 1, len - left - 1, &v->hi))
		v->kind = NUMBERS;
	else if (dash != NULL && address(s, left, &v->alo) &&
	    address(dash + 1, len - left - 1, &v->ahi) &&
	    v->alo.family == v->ahi.family)
		v->kind = ADDRS;
	else if (len < sizeof(buf) && memchr(s, '/', len) != NULL) {
		memcpy(buf, s, len);
		buf[len] = '\0';
		if (wad_prefix_parse(&v->prefix, buf) == 0)
			v->kind = PREFIX;
	}
}

/* A value, bare or quoted, for the term. */
static int
value_parse(struct parser *ps, struct node *t)
{
	char		 buf[VALUE_MAX], esc[4 * VALUE_MAX + 1];
	const char	*at = ps->p;
	size_t		 n = 0;
	bool		 quoted = *at == '"' || *at == '\'';
	struct value	*v;

	if (quoted) {
		for (ps->p++; *ps->p != *at; ps->p++) {
			if (*ps->p == '\\' && ps->p[1] != '\0')
				ps->p++;
			if (*ps->p == '\0')
				return wrong(ps, at, "the quote is not "
				    "closed");
			if (n == sizeof(buf))
				break;
			buf[n++] = *ps->p;
		}
	} else {
		for (; *ps->p != '\0' && strchr(" \t\r\n,()&|!<>=\"'",
		    *ps->p) == NULL && n < sizeof(buf); ps->p++)
			buf[n++] = *ps->p;
	}
	if (n == sizeof(buf))
		return wrong(ps, at, "a value longer than %d characters",
		    VALUE_MAX - 1);
	ps->p += quoted ? 1 : 0;
	if (n == 0 && !quoted)
		return wrong(ps, at, "a value is missing behind %s", t->key);
	if (t->of == LEVEL && gravity(buf, n) == -1)
		return wrong(ps, at, "not a level; they are emergency, "
		    "alert, critical, error, warning, notice, information, "
		    "debug");
	if (ps->e->n_values == WAD_LOG_EXPR_VALUES)
		return wrong(ps, at, "more than %d values",
		    WAD_LOG_EXPR_VALUES);
	ps->e->n_values++;
	t->values = wad_xrealloc(t->values, t->n_values + 1,
	    sizeof(*t->values));
	v = &t->values[t->n_values++];
	memset(v, 0, sizeof(*v));
	wad_str_escape(esc, sizeof(esc), buf, n);
	v->text = wad_xstrdup(esc);
	v->len = strlen(esc);
	if (t->of == LEVEL)
		v->lo = v->hi = (uint64_t)gravity(buf, n);
	else
		value_kind(v, buf, n);
	if (t->of != LEVEL && t->op >= LT && (v->kind == TEXT ||
	    v->kind == PREFIX))
		return wrong(ps, at, "< and > need a number or an address");
	if (v->kind == NUMBERS && v->lo > v->hi)
		return wrong(ps, at, "the range ends before it begins");
	return 0;
}

/* `key value value`, `key(value, value)`: until something else comes. */
static int
list_parse(struct parser *ps, struct node *t)
{
	bool inside = *ps->p == '(';

	t->op = EQ;
	ps->p += inside ? 1 : 0;
	for (;;) {
		const char *before;

		blanks(ps);
		if (value_parse(ps, t) == -1)
			return -1;
		blanks(ps);
		while (*ps->p == ',') {
			ps->p++;
			blanks(ps);
		}
		if (inside && *ps->p == ')') {
			ps->p++;
			return 0;
		}
		if (inside && *ps->p != '\0')
			continue;
		before = ps->p;
		if (*ps->p == '\0' || strchr("()&|!<>=", *ps->p) != NULL ||
		    word(ps, "and") || word(ps, "or")) {
			ps->p = before;
			return inside ? wrong(ps, ps->p, "a ')' is missing") :
			    0;
		}
	}
}

/* The index of a new node, or -1. */
static int
node_new(struct parser *ps, int kind, int a, int b)
{
	struct node *n;

	if (ps->e->n == NODES)
		return wrong(ps, ps->p, "the expression is too long");
	n = &ps->e->nodes[ps->e->n];
	n->kind = (unsigned)kind;
	n->a = (unsigned short)a;
	n->b = (unsigned short)b;
	return ps->e->n++;
}

static int
term_parse(struct parser *ps)
{
	static const struct { const char *text; enum op op; } ops[] = {
		{ "==", EQ }, { "!=", NE }, { "=~", WITHIN }, { "<=", LE },
		{ ">=", GE }, { "<", LT }, { ">", GT }, { "=", EQ },
	};
	size_t		 n = key_len(ps->p), i;
	char		 buf[8];
	struct node	*t;
	int		 at;

	if (n == 0 || (n == 3 && strncasecmp(ps->p, "and", n) == 0) ||
	    (n == 2 && strncasecmp(ps->p, "or", n) == 0))
		return wrong(ps, ps->p, "a field's name is expected, not %s",
		    shown(ps->p, buf));
	if (n >= KEY_MAX)
		return wrong(ps, ps->p, "no field has a name that long");
	if (ps->e->n_terms++ == WAD_LOG_EXPR_TERMS)
		return wrong(ps, ps->p, "more than %d comparisons",
		    WAD_LOG_EXPR_TERMS);
	if ((at = node_new(ps, TERM, 0, 0)) == -1)
		return -1;
	t = &ps->e->nodes[at];
	memcpy(t->key, ps->p, n);
	t->key[n] = '\0';
	t->of = strcmp(t->key, "logid") == 0 ? LOGID :
	    strcmp(t->key, "level") == 0 ? LEVEL : PLAIN;
	ps->p += n;
	blanks(ps);
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strncmp(ps->p, ops[i].text, strlen(ops[i].text)) == 0)
			break;
	if (i == sizeof(ops) / sizeof(ops[0]))
		return list_parse(ps, t) == -1 ? -1 : at;
	t->op = ops[i].op;
	ps->p += strlen(ops[i].text);
	blanks(ps);
	return value_parse(ps, t) == -1 ? -1 : at;
}

static int
factor_parse(struct parser *ps)
{
	const char	*at;
	char		 buf[8];
	int		 n;

	blanks(ps);
	at = ps->p;
	if (ps->depth == WAD_LOG_EXPR_DEPTH)
		return wrong(ps, at, "nested deeper than %d",
		    WAD_LOG_EXPR_DEPTH);
	if (sign(ps, '!') || word(ps, "not")) {
		ps->depth++;
		n = factor_parse(ps);
		ps->depth--;
		return n == -1 ? -1 : node_new(ps, NOT, n, 0);
	}
	if (*at != '(')
		return term_parse(ps);
	ps->p++;
	ps->depth++;
	n = or_parse(ps);
	ps->depth--;
	if (n == -1)
		return -1;
	blanks(ps);
	if (*ps->p != ')')
		return wrong(ps, ps->p, "the '(' of column %zu is not "
		    "closed: ')', \"and\" or \"or\" is expected, not %s",
		    (size_t)(at - ps->text) + 1, shown(ps->p, buf));
	ps->p++;
	return n;
}

static int
and_parse(struct parser *ps)
{
	int a = factor_parse(ps), b;

	while (a != -1 && (sign(ps, '&') || word(ps, "and"))) {
		if ((b = factor_parse(ps)) == -1)
			return -1;
		a = node_new(ps, AND, a, b);
	}
	return a;
}

static int
or_parse(struct parser *ps)
{
	int a = and_parse(ps), b;

	while (a != -1 && (sign(ps, '|') || word(ps, "or"))) {
		if ((b = and_parse(ps)) == -1)
			return -1;
		a = node_new(ps, OR, a, b);
	}
	return a;
}

struct wad_log_expr *
wad_log_expr_new(const char *text, char *err, size_t size)
{
	struct parser	ps = { .text = text, .p = text, .err = err,
		.size = size };
	char		buf[8];
	int		root;

	ps.e = wad_xcalloc(1, sizeof(*ps.e));
	root = or_parse(&ps);
	if (root != -1) {
		blanks(&ps);
		if (*ps.p != '\0')
			root = wrong(&ps, ps.p, "\"and\", \"or\" or the end is "
			    "expected, not %s", shown(ps.p, buf));
	}
	if (root == -1) {
		wad_log_expr_free(ps.e);
		return NULL;
	}
	ps.e->root = (unsigned short)root;
	return ps.e;
}

void
wad_log_expr_free(struct wad_log_expr *e)
{
	if (e == NULL)
		return;
	for (unsigned i = 0; i < e->n; i++) {
		for (size_t k = 0; k < e->nodes[i].n_values; k++)
			free(e->nodes[i].values[k].text);
		free(e->nodes[i].values);
	}
	free(e);
}

static bool
within(const char *s, size_t len, const struct value *v)
{
	for (size_t i = 0; i + v->len <= len; i++)
		if (strncasecmp(s + i, v->text, v->len) == 0)
			return true;
	return false;
}

/* Where n lies: -1 below the range, 0 in it, 1 above. */
static int
place(uint64_t n, const struct value *v)
{
	return n < v->lo ? -1 : n > v->hi ? 1 : 0;
}

/* -1, 0, 1 as above; 2: the field and the value cannot be compared. */
static int
compare(const struct node *t, const struct value *v, const char *s,
    size_t len)
{
	struct wad_addr	a;
	uint64_t	n;

	if (t->of == LEVEL)
		return gravity(s, len) == -1 ? 2 :
		    place((uint64_t)gravity(s, len), v);
	if (t->of == LOGID && v->kind == NUMBERS && number(s, len, &n))
		return place(v->len < len && v->hi < 1000000 ? n % 1000000 :
		    n, v);
	if (v->kind == NUMBERS && number(s, len, &n))
		return place(n, v);
	if (v->kind == ADDRS && address(s, len, &a))
		return a.family != v->alo.family ? 2 :
		    wad_addr_ip_cmp(&a, &v->alo) < 0 ? -1 :
		    wad_addr_ip_cmp(&a, &v->ahi) > 0 ? 1 : 0;
	if (v->kind == PREFIX && address(s, len, &a))
		return wad_prefix_holds(&v->prefix, &a) ? 0 : 2;
	return len == v->len && strncasecmp(s, v->text, len) == 0 ? 0 : 2;
}

static bool
term_match(const struct node *t, wad_log_expr_get *get, const void *record)
{
	const char	*s;
	size_t		 len;
	int		 c = 2;

	if (!get(record, t->key, &s, &len))
		return t->op == NE;
	if (t->op == WITHIN)
		return within(s, len, &t->values[0]);
	for (size_t i = 0; i < t->n_values && c != 0; i++)
		c = compare(t, &t->values[i], s, len);
	switch (t->op) {
	case EQ:
		return c == 0;
	case NE:
		return c != 0;
	case LT:
		return c == -1;
	case LE:
		return c == -1 || c == 0;
	case GT:
		return c == 1;
	case GE:
		return c == 1 || c == 0;
	default:
		return false;
	}
}

/* The depth is that of the text, which is bounded; chains of one operator
 * hang to the left. */
static bool
node_match(const struct wad_log_expr *e, unsigned at, wad_log_expr_get *get,
    const void *record)
{
	const struct node *n = &e->nodes[at];

	if (n->kind == TERM)
		return term_match(n, get, record);
	if (n->kind == NOT)
		return !node_match(e, n->a, get, record);
	if (node_match(e, n->a, get, record) != (n->kind == AND))
		return n->kind == OR;
	return node_match(e, n->b, get, record);
}

bool
wad_log_expr_match(const struct wad_log_expr *e, wad_log_expr_get *get,
    const void *record)
{
	return node_match(e, e->root, get, record);
}
