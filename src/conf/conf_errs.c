/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a configuration: messages with file and line, in the
 * order of the file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "conf/conf_check.h"

struct wad_conf_err {
	const char	*text;		/* while they are sorted */
	size_t		 at, len;
	size_t		 where;		/* length of the file's name */
	int		 line;
};

static const char *
file_of(const char *file, int *line)
{
	if (*line < WAD_CONF_CONSOLE_LINE)
		return file;
	*line -= WAD_CONF_CONSOLE_LINE;
	return WAD_CONF_CONSOLE;
}

void
wad_conf_errs_where(struct wad_str *s, const char *file, int line)
{
	file = file_of(file, &line);
	if (line > 0)
		wad_str_addf(s, "%s:%d: ", file, line);
	else
		wad_str_addf(s, "%s: ", file);
}

void
wad_conf_errs_add(struct wad_conf_errs *e, const char *file, int line,
    const char *fmt, ...)
{
	struct wad_conf_err	*at;
	va_list			 ap;

	e->n++;
	if (e->n > WAD_CONF_ERRS_MAX + 1)
		return;
	if (e->at == NULL)
		e->at = wad_xcalloc(WAD_CONF_ERRS_MAX + 1, sizeof(*e->at));
	at = &e->at[e->n - 1];
	at->at = e->text.len;
	wad_conf_errs_where(&e->text, file, line);
	file = file_of(file, &line);
	at->where = strlen(file);
	at->line = line;
	if (e->n > WAD_CONF_ERRS_MAX) {
		wad_str_addf(&e->text, "more errors than %d, the rest is not "
		    "shown\n", WAD_CONF_ERRS_MAX);
		return;
	}
	va_start(ap, fmt);
	wad_str_vaddf(&e->text, fmt, ap);
	va_end(ap);
	wad_str_add(&e->text, "\n");
}

static int
err_cmp(const void *va, const void *vb)
{
	const struct wad_conf_err *a = va, *b = vb;
	int c = memcmp(a->text + a->at, b->text + b->at,
	    a->where < b->where ? a->where : b->where);

	if (c != 0 || a->where != b->where)
		return c != 0 ? c : a->where < b->where ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

void
wad_conf_errs_sort(struct wad_conf_errs *e)
{
	size_t		n = e->n < WAD_CONF_ERRS_MAX ? e->n :
			    WAD_CONF_ERRS_MAX;
	size_t		end = e->n > n ? e->at[n].at : e->text.len;
	struct wad_str	s = { 0 };

	for (size_t i = 0; i < n; i++) {
		e->at[i].text = e->text.s;
		e->at[i].len = (i + 1 < n ? e->at[i + 1].at : end) -
		    e->at[i].at;
	}
	qsort(e->at, n, sizeof(*e->at), err_cmp);
	for (size_t i = 0; i < n; i++) {
		size_t at = e->at[i].at;

		e->at[i].at = s.len;
		wad_str_addn(&s, e->text.s + at, e->at[i].len);
	}
	wad_str_addn(&s, e->text.s + end, e->text.len - end);
	wad_str_free(&e->text);
	e->text = s;
}

void
wad_conf_errs_free(struct wad_conf_errs *e)
{
	wad_str_free(&e->text);
	wad_str_free(&e->ignored);
	free(e->at);
	e->at = NULL;
	e->n = 0;
}
