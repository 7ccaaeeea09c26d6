/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher: all rows are candidates; each word of the line leaves those
 * whose token at its place accepts it.  Words beat arguments, an exact word
 * beats a beginning.
 */
#include "control/cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/xmem.h"

enum { ROWS_MAX = 512 };

/* How well a word fits a token. */
enum fit { FIT_NO, FIT_ARG, FIT_BEGIN, FIT_EXACT };

static int	 grep_take(struct wad_cmd_line *, const char *,
		    struct wad_str *);

/* The end of the command part: a '|' outside quotes, or the line's end. */
static const char *
pipe_find(const char *s)
{
	bool quoted = false;

	for (; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (*s == '|' && !quoted)
			return s;
	}
	return s;
}

/* Cuts [s, end) into words; returns 0, or -1 with a message. */
static int
split(struct wad_cmd_line *l, const char *s, const char *end,
    struct wad_str *err)
{
	const char	*start = s;
	char		*o = l->store;

	for (;;) {
		bool quoted = false;

		while (s < end && isspace((unsigned char)*s))
			s++;
		if (s == end)
			return 0;
		if (l->n == WAD_CMD_WORDS) {
			wad_str_addf(err, "more than %d words in a command\n",
			    WAD_CMD_WORDS);
			return -1;
		}
		l->word[l->n] = o;
		l->at[l->n] = (size_t)(s - start);
		for (; s < end && (quoted || !isspace((unsigned char)*s));
		    s++) {
			if (*s == '"') {
				quoted = !quoted;
				continue;
			}
			if (*s == '\\' && s + 1 < end)
				s++;
			*o++ = *s;
		}
		*o++ = '\0';
		l->len[l->n] = (size_t)(s - start) - l->at[l->n];
		l->n++;
		if (quoted) {
			wad_str_add(err, "a quoted word is not closed: a "
			    "second \" is missing\n");
			return -1;
		}
	}
}

int
wad_cmd_split(struct wad_cmd_line *l, const char *line, struct wad_str *err)
{
	const char	*bar = pipe_find(line);
	size_t		 len = strlen(line);

	memset(&l->grep, 0, sizeof(l->grep));
	l->n = 0;
	l->text[0] = '\0';
	if (len + 1 >= sizeof(l->text)) {
		wad_str_addf(err, "the line is longer than %zu bytes\n",
		    sizeof(l->text) - 2);
		return -1;
	}
	memcpy(l->text, line, len + 1);
	if (split(l, line, bar, err) == -1)
		return -1;
	if (*bar == '|')
		return grep_take(l, bar + 1, err);
	return 0;
}

/* A copy in which the quotes of printed text (U+201C, U+201D) are `"`: a
 * command copied from a document is a command. */
static char *
straight(const char *s)
{
	char *copy = wad_xstrdup(s), *o = copy;

	while (*s != '\0') {
		if (strncmp(s, "\xe2\x80\x9c", 3) == 0 ||
		    strncmp(s, "\xe2\x80\x9d", 3) == 0) {
			*o++ = '"';
			s += 3;
		} else
			*o++ = *s++;
	}
	*o = '\0';
	return copy;
}

/* Reads `grep [-i] [-v] WORD`. */
static int
grep_take(struct wad_cmd_line *l, const char *s, struct wad_str *err)
{
	struct wad_cmd_line	*g = wad_xcalloc(1, sizeof(*g));
	char			*text = straight(s);
	size_t			 i = 1;
	int			 r = -1;

	if (split(g, text, text + strlen(text), err) == -1)
		goto out;
	if (g->n == 0 || !wad_cmd_begins(g->word[0], "grep")) {
		wad_str_add(err, "only `| grep [-i] [-v] WORD` may follow a "
		    "command\n");
		goto out;
	}
	for (; i < g->n && g->word[i][0] == '-'; i++) {
		for (const char *o = g->word[i] + 1; *o != '\0'; o++) {
			if (*o == 'i')
				l->grep.nocase = true;
			else if (*o == 'v')
				l->grep.invert = true;
			else {
				wad_str_addf(err, "grep knows -i (any case) "
				    "and -v (lines without it), not -%c\n",
				    isprint((unsigned char)*o) ? *o : '?');
				goto out;
			}
		}
	}
	if (i + 1 != g->n || strlen(g->word[i]) >= sizeof(l->grep.word)) {
		wad_str_add(err, "grep wants one word of at most 255 bytes "
		    "to look for\n");
		goto out;
	}
	strcpy(l->grep.word, g->word[i]);
	l->grep.on = true;
	r = 0;
out:
	free(text);
	free(g);
	return r;
}

bool
wad_cmd_begins(const char *w, const char *full)
{
	size_t n = strlen(w);

	return n > 0 && strncasecmp(w, full, n) == 0;
}

const char *
wad_cmd_token(const char *p, size_t i, size_t *len)
{
	for (;; i--) {
		p += strspn(p, " ");
		if (*p == '\0')
			return NULL;
		*len = strcspn(p, " ");
		if (i == 0)
			return p;
		p += *len;
	}
}

static bool
number(const char *s, long long lo, long long hi)
{
	char		*end;
	long long	 v;

	if (*s == '\0' || isspace((unsigned char)*s) || *s == '+')
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	return errno == 0 && *end == '\0' && v >= lo && v <= hi;
}

static bool
is_token(const char *t, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(t, name, len) == 0;
}

/* Does the argument token accept this word? */
static bool
arg_fits(const char *t, size_t len, const char *w)
{
	struct wad_addr a;

	if (is_token(t, len, "<addr>"))
		return wad_addr_parse(&a, w) == 0;
	if (is_token(t, len, "<port>"))
		return number(w, 1, 65535);
	if (is_token(t, len, "<num>"))
		return number(w, 0, UINT32_MAX);
	if (is_token(t, len, "<int>"))
		return number(w, INT32_MIN, UINT32_MAX);
	return *w != '\0';		/* <word>, <rest> */
}

/* How w fits the token; full (may be NULL) gets the word it stands for. */
static enum fit
fits(const char *t, size_t len, const char *w, const char **full,
    size_t *full_len)
{
	enum fit	best = FIT_NO;
	size_t		wl = strlen(w);

	if (*t == '<')
		return arg_fits(t, len, w) ? FIT_ARG : FIT_NO;
	for (const char *p = t, *end = t + len; p < end && wl > 0;) {
		const char	*bar = memchr(p, '|', (size_t)(end - p));
		size_t		 n = (size_t)((bar ? bar : end) - p);
		enum fit	 f = FIT_NO;

		if (wl <= n && strncasecmp(p, w, wl) == 0)
			f = wl == n ? FIT_EXACT : FIT_BEGIN;
		if (f > best) {
			best = f;
			*full = p;
			*full_len = n;
		}
		p += n + (bar != NULL);
	}
	return best;
}

/* The candidates that are left. */
struct cands {
	const struct wad_cmd *row[ROWS_MAX];
	size_t		 n;
};

static void
cands_all(struct cands *c, const struct wad_cmd_family *const *f,
    size_t n)
{
	c->n = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < f[i]->n && c->n < ROWS_MAX; j++)
			c->row[c->n++] = &f[i]->rows[j];
}

/* Does the pattern take everything from word i on? */
static bool
takes_rest(const char *pattern, size_t i)
{
	size_t		 len;
	const char	*t;

	for (size_t k = 0; (t = wad_cmd_token(pattern, k, &len)) != NULL; k++)
		if (k <= i && is_token(t, len, "<rest>"))
			return true;
	return false;
}

/* How the word at place i fits this row. */
static enum fit
row_fit(const struct wad_cmd *row, size_t i, const char *w,
    const char **full, size_t *full_len)
{
	size_t		 len;
	const char	*t = wad_cmd_token(row->pattern, i, &len);

	if (t == NULL)
		return takes_rest(row->pattern, i) ? FIT_ARG : FIT_NO;
	return fits(t, len, w, full, full_len);
}

/* Leaves the rows that accept word w at place i.  1 when the word stands for
 * two different words, 0 otherwise. */
static int
narrow(struct cands *c, size_t i, const char *w)
{
	enum fit	 best = FIT_NO, f;
	const char	*full = NULL, *one = NULL;
	size_t		 n = 0, len = 0, one_len = 0;
	int		 twice = 0;

	for (size_t k = 0; k < c->n; k++) {
		f = row_fit(c->row[k], i, w, &full, &len);
		if (f > best)
			best = f;
	}
	for (size_t k = 0; k < c->n && best != FIT_NO; k++) {
		f = row_fit(c->row[k], i, w, &full, &len);
		/* <rest> stays, in case the words lead nowhere */
		if (f != best && (f != FIT_ARG ||
		    !takes_rest(c->row[k]->pattern, i)))
			continue;
		if (f >= FIT_BEGIN) {
			if (one != NULL && (len != one_len ||
			    memcmp(one, full, len) != 0))
				twice = 1;
			one = full;
			one_len = len;
		}
		c->row[n++] = c->row[k];
	}
	c->n = n;
	return twice;
}

void
wad_cmd_offer(struct wad_str *out, const char *w, size_t wl,
    const char *help)
{
	char	*line = wad_xasprintf("%.*s\t", (int)wl, w);
	char	*old = out->s != NULL ? out->s : NULL;
	size_t	 ll = strlen(line);

	while (old != NULL && *old != '\0') {
		char *nl = strchr(old, '\n');

		if (strncmp(old, line, ll) == 0)
			break;
		old = nl != NULL ? nl + 1 : NULL;
	}
	if (old == NULL || *old == '\0')
		wad_str_addf(out, "%s%s\n", line, help);
	free(line);
}

/* Rows whose last token is at place i come first: their help is the word's. */
static void
next_words(const struct cands *c, size_t i, const char *w,
    struct wad_str *out)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t k = 0; k < c->n; k++) {
			const char	*p = c->row[k]->pattern, *t, *nt;
			size_t		 len, nlen;

			t = wad_cmd_token(p, i, &len);
			nt = wad_cmd_token(p, i + 1, &nlen);
			if (t == NULL || (pass == 0 && nt != NULL))
				continue;
			if (*t == '<') {
				if (*w == '\0' && len > 0)
					wad_cmd_offer(out, t, len,
					    c->row[k]->help);
				continue;
			}
			for (const char *e = t + len; t < e;) {
				const char *b = memchr(t, '|',
				    (size_t)(e - t));
				size_t n = (size_t)((b ? b : e) - t);

				if (strncasecmp(t, w, strlen(w)) == 0)
					wad_cmd_offer(out, t, n,
					    c->row[k]->help);
				t += n + (b != NULL);
			}
		}
	}
}

void
wad_cmd_columns(const char *lines, struct wad_str *out)
{
	int width = 0;

	for (const char *p = lines; *p != '\0';) {
		const char *tab = strchr(p, '\t');

		if (tab == NULL)
			break;
		if (tab - p > width)
			width = (int)(tab - p);
		p = strchr(tab, '\n');
		if (p == NULL)
			break;
		p++;
	}
	if (width > 24)
		width = 24;
	for (const char *p = lines; *p != '\0';) {
		size_t		 n = strcspn(p, "\n");
		const char	*tab = memchr(p, '\t', n);
		int		 wl = (int)(tab != NULL ? tab - p : (long)n);

		wad_str_addf(out, "  %-*.*s  %.*s\n", width, wl, p,
		    tab != NULL ? (int)n - wl - 1 : 0,
		    tab != NULL ? tab + 1 : "");
		p += n + (p[n] == '\n');
	}
}

/* The line again with the wrong word underlined. */
static void
mark(const struct wad_cmd_line *l, size_t i, struct wad_str *err)
{
	size_t from = l->n > i ? l->at[i] : strlen(l->text);
	size_t n = l->n > i ? l->len[i] : 1;

	for (const char *p = l->text; *p != '\0'; p++)
		wad_str_addn(err, isprint((unsigned char)*p) ? p : "?", 1);
	wad_str_add(err, "\n");
	if (l->n <= i && from > 0 && l->text[from - 1] != ' ')
		from++;
	for (size_t k = 0; k < from; k++)
		wad_str_add(err, " ");
	for (size_t k = 0; k < (n > 0 ? n : 1); k++)
		wad_str_add(err, "^");
	wad_str_add(err, "\n");
}

/* The list of valid words at place i, and the nearest one to w. */
static void
explain(const struct cands *c, const struct wad_cmd_line *l, size_t i,
    const char *w, const char *begin, struct wad_str *err)
{
	struct wad_str	 list = { 0 };
	const char	*words[ROWS_MAX], *near;
	size_t		 n = 0;
	char		 esc[256], *copy;

	next_words(c, i, begin, &list);
	mark(l, i, err);
	if (w == NULL)
		wad_str_add(err, "the command is not complete");
	else if (*begin != '\0')
		wad_str_addf(err, "\"%s\" can be several words",
		    wad_str_escape(esc, sizeof(esc), w, strlen(w)));
	else
		wad_str_addf(err, "unknown word \"%s\"",
		    wad_str_escape(esc, sizeof(esc), w, strlen(w)));
	copy = wad_xstrdup(list.s != NULL ? list.s : "");
	for (char *p = copy, *nl; *p != '\0' && n < ROWS_MAX; p = nl + 1) {
		nl = strchr(p, '\n');
		*nl = '\0';
		p[strcspn(p, "\t")] = '\0';
		words[n++] = p;
	}
	near = w != NULL && *begin == '\0' ?
	    wad_str_nearest(w, words, n) : NULL;
	if (near != NULL && *near != '<')
		wad_str_addf(err, ", did you mean \"%s\"?", near);
	if (n > 0) {
		wad_str_add(err, "\nvalid here:\n");
		wad_cmd_columns(list.s, err);
	} else
		wad_str_add(err, ": the command ends before it\n");
	free(copy);
	wad_str_free(&list);
}

/* The line without its pipe, and without blanks at the end. */
static void
pipe_cut(struct wad_cmd_line *l)
{
	size_t n = (size_t)(pipe_find(l->text) - l->text);

	while (n > 0 && isspace((unsigned char)l->text[n - 1]))
		n--;
	l->text[n] = '\0';
}

/* Fills args from the row that matched. */
static void
args_fill(const struct wad_cmd *row, struct wad_cmd_line *l,
    struct wad_cmd_args *a)
{
	char *o = l->full;

	if ((row->flags & WAD_CMD_RAW) == 0)
		pipe_cut(l);
	memset(a, 0, sizeof(*a));
	a->rest = "";
	for (size_t i = 0; i < l->n; i++) {
		const char	*full, *t;
		size_t		 fl, len;

		t = wad_cmd_token(row->pattern, i, &len);
		if (t == NULL || is_token(t, len, "<rest>")) {
			a->rest = l->text + l->at[i];
			for (; i < l->n; i++)	/* and word by word */
				a->arg[a->n_args++] = l->word[i];
			break;
		}
		a->word[a->n_words] = l->word[i];
		if (fits(t, len, l->word[i], &full, &fl) >= FIT_BEGIN) {
			memcpy(o, full, fl);
			o[fl] = '\0';
			a->word[a->n_words] = o;
			o += fl + 1;
		}
		if (*t == '<' || memchr(t, '|', len) != NULL)
			a->arg[a->n_args++] = a->word[a->n_words];
		a->n_words++;
	}
}

/* The row that n words complete: one without <rest> first, then the one that
 * names most of them. */
static const struct wad_cmd *
ends(const struct cands *c, size_t n)
{
	const struct wad_cmd	*found = NULL;
	size_t			 most = 0;

	for (size_t k = 0; k < c->n; k++) {
		size_t		 len, words = 0;
		const char	*t;

		if (c->row[k]->exec == NULL)
			continue;
		while ((t = wad_cmd_token(c->row[k]->pattern, words,
		    &len)) != NULL && !is_token(t, len, "<rest>"))
			words++;
		if (words > n || (t == NULL && words != n))
			continue;
		if (t == NULL)
			return c->row[k];
		if (found == NULL || words > most) {
			found = c->row[k];
			most = words;
		}
	}
	return found;
}

const struct wad_cmd *
wad_cmd_find(const struct wad_cmd_family *const *f, size_t n,
    struct wad_cmd_line *l, struct wad_cmd_args *a, struct wad_str *err)
{
	struct cands		*c = wad_xmalloc(sizeof(*c)), *before;
	const struct wad_cmd	*found = NULL;

	before = wad_xmalloc(sizeof(*before));
	cands_all(c, f, n);
	for (size_t i = 0; i < l->n; i++) {
		*before = *c;
		switch (narrow(c, i, l->word[i])) {
		case 1:
			explain(c, l, i, l->word[i], l->word[i], err);
			goto out;
		default:
			if (c->n > 0)
				continue;
			explain(before, l, i, l->word[i], "", err);
			goto out;
		}
	}
	found = ends(c, l->n);
	if (found != NULL)
		args_fill(found, l, a);
	else
		explain(c, l, l->n, NULL, "", err);
out:
	free(c);
	free(before);
	return found;
}

void
wad_cmd_complete(const struct wad_cmd_family *const *f, size_t n,
    const char *line, struct wad_str *out)
{
	struct wad_cmd_line	*l = wad_xcalloc(1, sizeof(*l));
	struct cands		*c = wad_xmalloc(sizeof(*c));
	struct wad_str		 err = { 0 };
	size_t			 len = strlen(line), done;
	bool			 open;

	open = len > 0 && !isspace((unsigned char)line[len - 1]);
	if (wad_cmd_split(l, line, &err) == -1)
		goto out;
	cands_all(c, f, n);
	done = l->n - (open && l->n > 0);
	for (size_t i = 0; i < done; i++)
		if (narrow(c, i, l->word[i]) != 0 || c->n == 0)
			goto out;
	next_words(c, done, done < l->n ? l->word[done] : "", out);
	for (size_t k = 0; k < c->n && !open && done > 0; k++) {
		size_t tl;

		if (c->row[k]->exec != NULL && wad_cmd_token(
		    c->row[k]->pattern, done, &tl) == NULL)
			wad_str_addf(out, "<cr>\t%s\n", c->row[k]->help);
	}
out:
	wad_str_free(&err);
	free(c);
	free(l);
}

void
wad_cmd_grep(const struct wad_cmd_grep *g, const char *text, size_t len,
    struct wad_str *out)
{
	while (len > 0) {
		const char	*nl = memchr(text, '\n', len);
		size_t		 n = nl != NULL ? (size_t)(nl - text) + 1 :
		    len;
		char		*line = wad_xstrndup(text, n);
		bool		 hit;

		hit = (g->nocase ? strcasestr(line, g->word) :
		    strstr(line, g->word)) != NULL;
		if (hit != g->invert)
			wad_str_addn(out, text, n);
		free(line);
		text += n;
		len -= n;
	}
}
