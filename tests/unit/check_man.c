/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader of the manual pages finds: every command, setting, log record,
 * reason and metric, as the pages look on a wide screen.  Skipped without mandoc or
 * without the pages.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/reason.h"
#include "base/str.h"
#include "conf/conf_schema.h"
#include "control/console.h"
#include "suite.h"

/* A page without its bold and underlined letters; "" when it is not there. */
static void
read_page(const char *name, struct wad_str *page)
{
	const char *top = getenv("top_builddir");
	char	   *cmd = NULL;
	size_t	    at = 0;
	FILE	   *f;
	int	    c;

	ck_assert_int_ne(asprintf(&cmd, "mandoc -T ascii -O width=900 "
	    "'%s/doc/man/%s'", top != NULL ? top : "..", name), -1);
	f = popen(cmd, "r");
	ck_assert_ptr_nonnull(f);
	free(cmd);
	while ((c = fgetc(f)) != EOF) {
		char one = (char)c;

		if (c == '\b' && at > 0)
			at--;
		else if (at < page->len)
			page->s[at++] = one;
		else {
			wad_str_addn(page, &one, 1);
			at++;
		}
	}
	ck_assert_int_eq(pclose(f), 0);
	ck_assert_uint_gt(page->len, 1000);
}

/* Where a line that is exactly this (but for its indent, and what follows
 * behind two blanks) begins, from here on; NULL. */
static const char *
find_line(const char *from, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = from; (p = strstr(p, line)) != NULL; p++) {
		const char *b = p;

		while (b > from && b[-1] == ' ')
			b--;
		if ((b == from || b[-1] == '\n') && (p[n] == '\n' ||
		    (p[n] == ' ' && p[n + 1] == ' ')))
			return p;
		/* a tag as long as the indent is wide has one blank */
		if ((b == from || b[-1] == '\n') && p[n] == ' ' && n < 8)
			return p;
	}
	return NULL;
}

START_TEST(commands)
{
	struct wad_str page = { 0 };

	read_page("wadctl.8", &page);
	for (size_t i = 0; i < wad_cmd_n_families; i++)
		for (size_t k = 0; k < wad_cmd_families[i]->n; k++) {
			const struct wad_cmd *c =
			    &wad_cmd_families[i]->rows[k];
			struct wad_str	      s = { 0 };
			const char	     *t;
			size_t		      n;

			if (c->exec == NULL)
				continue;
			for (size_t w = 0; (t = wad_cmd_token(c->pattern, w,
			    &n)) != NULL; w++) {
				wad_str_add(&s, w > 0 ? " " : "");
				if (strncmp(t, "<rest>", n) == 0)
					wad_str_add(&s, "[...]");
				else if (*t == '<')
					wad_str_addn(&s, t + 1, n - 2);
				else
					wad_str_addn(&s, t, n);
			}
			ck_assert_msg(find_line(page.s, s.s) != NULL,
			    "wadctl(8) lacks '%s'", s.s);
			wad_str_free(&s);
		}
	wad_str_free(&page);
}
END_TEST

START_TEST(settings)
{
	struct wad_str page = { 0 };
	const char    *tables;

	read_page("openwad.conf.5", &page);
	tables = strstr(page.s, "\nTABLES\n");	/* behind the examples */
	ck_assert_ptr_nonnull(tables);
	for (size_t i = 0; i < wad_conf_n_tables; i++) {
		const struct wad_conf_table *t = &wad_conf_tables[i];
		struct wad_str		     s = { 0 };
		char			    *end;
		const char		    *at;

		wad_str_add(&s, "config ");
		for (const char *p = t->path; *p != '\0'; p++)
			if (*p == '/')
				wad_str_add(&s, ", config ");
			else
				wad_str_addn(&s, p, 1);
		at = find_line(tables, s.s);
		ck_assert_msg(at != NULL, "openwad.conf(5) lacks '%s'", s.s);
		end = strstr(at + 7, "\n   config ");
		if (end != NULL)
			*end = '\0';
		for (size_t k = 0; k < t->n_rows; k++)
			ck_assert_msg((t->rows[k].flags & WAD_CF_HIDDEN) != 0
			    || find_line(at, t->rows[k].name) != NULL,
			    "%s lacks %s", t->path, t->rows[k].name);
		if (end != NULL)
			*end = '\n';
		wad_str_free(&s);
	}
	wad_str_free(&page);
}
END_TEST

START_TEST(metrics)
{
	static const char *const names[] = {
#define FAMILY(name, type, help) name " (" type ")",
#define COUNTER(role, id, labels)
#define GAUGE(role, id, labels)
#define HISTO(role, id, labels)
#define SPECIAL(function)
#include "export/metrics.def"
	};
	struct wad_str page = { 0 };

	read_page("openwad.8", &page);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(find_line(page.s, names[i]) != NULL,
		    "openwad(8) lacks %s", names[i]);
	wad_str_free(&page);
}
END_TEST

START_TEST(records)
{
	struct wad_str page = { 0 };

	read_page("openwad-log.5", &page);
	for (size_t i = 0; i < WAD_LOG_N; i++) {
		const struct wad_log_kind *k = &wad_log_kinds[i];
		char			   s[160];
		const char		  *at = find_line(page.s, k->logid);

		ck_assert_msg(at != NULL, "openwad-log(5) lacks %s", k->logid);
		snprintf(s, sizeof(s), "type=%s subtype=%s%s%s level=%s",
		    k->type, k->subtype, k->eventtype[0] != '\0' ?
		    " eventtype=" : "", k->eventtype,
		    wad_log_levels[k->level]);
		ck_assert_msg(strstr(at, s) != NULL, "%s: %s", k->logid, s);
	}
	for (size_t i = 0; i < WR_N; i++)
		ck_assert_msg(find_line(page.s, wad_reasons[i].name) != NULL,
		    "openwad-log(5) lacks %s", wad_reasons[i].name);
	wad_str_free(&page);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("man");
	TCase	*t = tcase_create("all");

	if (system("mandoc -T lint </dev/null >/dev/null 2>&1; "
	    "[ $? -ne 127 ]") != 0) {
		puts("mandoc is not there");
		return 77;
	}
	tcase_set_timeout(t, 60);
	tcase_add_test(t, commands);
	tcase_add_test(t, settings);
	tcase_add_test(t, metrics);
	tcase_add_test(t, records);
	suite_add_tcase(s, t);
	return suite_run(s);
}
