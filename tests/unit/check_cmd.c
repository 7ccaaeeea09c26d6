/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command table: every row can be typed, in full and abbreviated, has a
 * help text, and nothing else is accepted.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "control/console.h"
#include "suite.h"

static struct wad_cmd_line	line;
static struct wad_cmd_args	args;
static struct wad_str		err;

static const struct wad_cmd *
find(const char *s)
{
	wad_str_free(&err);
	if (wad_cmd_split(&line, s, &err) == -1)
		return NULL;
	return wad_cmd_find(wad_cmd_families, wad_cmd_n_families, &line,
	    &args, &err);
}

/* A line that fits the pattern: the first choice, a sample argument. */
static void
sample(const char *pattern, char *out, size_t size)
{
	static const char *const args_of[][2] = {
		{ "<addr>", "192.0.2.1" }, { "<port>", "443" },
		{ "<num>", "5" }, { "<int>", "-1" },
		{ "<word>", "some.example" }, { "<rest>", "some words" },
	};
	const char	*t;
	size_t		 len, n = 0;

	for (size_t i = 0; (t = wad_cmd_token(pattern, i, &len)) != NULL;
	    i++) {
		const char *bar = memchr(t, '|', len), *w = t;
		size_t wl = bar != NULL ? (size_t)(bar - t) : len;

		for (size_t k = 0; k < sizeof(args_of) / sizeof(args_of[0]);
		    k++) {
			if (strlen(args_of[k][0]) == len &&
			    memcmp(args_of[k][0], t, len) == 0) {
				w = args_of[k][1];
				wl = strlen(w);
			}
		}
		n += (size_t)snprintf(out + n, size - n, "%s%.*s",
		    i > 0 ? " " : "", (int)wl, w);
	}
}

START_TEST(every_row)
{
	char s[1024];

	for (size_t i = 0; i < wad_cmd_n_families; i++) {
		for (size_t k = 0; k < wad_cmd_families[i]->n; k++) {
			const struct wad_cmd *r =
			    &wad_cmd_families[i]->rows[k];

			ck_assert_ptr_nonnull(r->help);
			ck_assert_uint_gt(strlen(r->help), 3);
			sample(r->pattern, s, sizeof(s));
			if (r->exec != NULL)
				ck_assert_msg(find(s) == r, "%s: %s", s,
				    err.s != NULL ? err.s : "another row");
			else if (find(s) == NULL)
				ck_assert_ptr_nonnull(strstr(err.s,
				    "not complete"));
		}
	}
}
END_TEST

/* Whoever may only look gets rows with WAD_CMD_READ.  A row without it begins
 * with words from this list: somebody has thought about it. */
START_TEST(rights)
{
	static const char *const change[] = { "config ", "execute ",
		"diagnose debug reset", "diagnose debug duration ",
		"diagnose debug console timestamp ",
		"diagnose debug application ", "diagnose wad debug ",
		"diagnose wad filter ", "diagnose wad cache clear",
		"diagnose wad learned-exempt clear",
		"diagnose wad warning clear", "diagnose webfilter quota reset",
		"diagnose wad revocation clear", "diagnose wad worker ",
		"diagnose log test", "diagnose webfilter ",
		"diagnose wad warning clear", "diagnose wad session clear", "diagnose wad session delete",
		"diagnose sys session clear", "diagnose sys session6 clear",
		"diagnose sys|system external-resource refresh",
		"diagnose sys session delete", "diagnose sys session6 delete",
		"delete " };

	for (size_t i = 0; i < wad_cmd_n_families; i++) {
		for (size_t k = 0; k < wad_cmd_families[i]->n; k++) {
			const struct wad_cmd *r =
			    &wad_cmd_families[i]->rows[k];
			bool listed = false;

			if (r->exec == NULL || (r->flags & WAD_CMD_READ) != 0)
				continue;
			for (size_t c = 0; c < sizeof(change) /
			    sizeof(change[0]); c++)
				listed |= strncmp(r->pattern, change[c],
				    strlen(change[c])) == 0;
			ck_assert_msg(listed, "%s: read-only or not?",
			    r->pattern);
		}
	}
	ck_assert_uint_eq(find("config firewall policy")->flags &
	    WAD_CMD_READ, 0);
	ck_assert_uint_eq(find("execute reload")->flags & WAD_CMD_READ, 0);
	ck_assert_uint_ne(find("show")->flags & WAD_CMD_READ, 0);
	ck_assert_uint_ne(find("get system status")->flags & WAD_CMD_READ, 0);
}
END_TEST

/* Words without a row of their own would have another row's help. */
START_TEST(every_word_has_help)
{
	for (size_t i = 0; i < wad_cmd_n_families; i++) {
		for (size_t k = 0; k < wad_cmd_families[i]->n; k++) {
			const char *p = wad_cmd_families[i]->rows[k].pattern;
			struct wad_str out = { 0 };
			char	s[512];

			for (size_t n = 0; n < strlen(p); n++) {
				if (p[n] != ' ' || memchr(p, '<', n) ||
				    memchr(p, '|', n))
					continue;
				snprintf(s, sizeof(s), "%.*s ", (int)n, p);
				wad_cmd_complete(wad_cmd_families,
				    wad_cmd_n_families, s, &out);
				ck_assert_msg(out.len > 0, "%s", s);
			}
			wad_str_free(&out);
		}
	}
}
END_TEST

START_TEST(abbreviations)
{
	ck_assert_ptr_nonnull(find("diag deb en"));
	ck_assert_str_eq(args.word[2], "enable");
	ck_assert_str_eq(args.arg[0], "enable");
	ck_assert_ptr_nonnull(find("diag wad deb en cat poli"));
	ck_assert_str_eq(args.arg[0], "policy");
	ck_assert_ptr_nonnull(find("diagnose debug app fnbamd -1"));
	ck_assert_str_eq(args.arg[0], "fnbamd");
	ck_assert_str_eq(args.arg[1], "-1");
	ck_assert_ptr_nonnull(find("DIAGNOSE Debug Info"));
	ck_assert_ptr_null(find("diagnose d"));
	ck_assert_ptr_nonnull(strstr(err.s, "not complete"));
	ck_assert_ptr_null(find("diagnose debug d 5"));
	ck_assert_ptr_nonnull(strstr(err.s, "can be several words"));
	ck_assert_ptr_nonnull(strstr(err.s, "disable"));
	ck_assert_ptr_nonnull(strstr(err.s, "duration"));
}
END_TEST

START_TEST(mistakes)
{
	ck_assert_ptr_null(find("diagnoze debug enable"));
	ck_assert_ptr_nonnull(strstr(err.s, "did you mean \"diagnose\""));
	ck_assert_ptr_nonnull(strstr(err.s,
	    "diagnoze debug enable\n^^^^^^^^\n"));
	ck_assert_ptr_null(find("diagnose wad filter src 10.0.0.300"));
	ck_assert_ptr_nonnull(strstr(err.s, "<addr>"));
	ck_assert_ptr_null(find("diagnose wad filter dport 70000"));
	ck_assert_ptr_null(find("diagnose debug enable now"));
	ck_assert_ptr_nonnull(strstr(err.s, "the command ends before it"));
	ck_assert_ptr_null(find("diagnose debug \"enable"));
	ck_assert_ptr_null(find("diagnose debug info | sort"));
	ck_assert_ptr_null(find("diagnose debug info | grep"));
	ck_assert_ptr_null(find("diagnose debug info | grep -x y"));
	ck_assert_ptr_null(find("\x1b[2J"));
	ck_assert_ptr_null(strchr(err.s, 0x1b));
}
END_TEST

START_TEST(pipes)
{
	struct wad_str out = { 0 };

	ck_assert_ptr_nonnull(find("diagnose debug info | grep -iv \"a b\""));
	ck_assert(line.grep.on && line.grep.nocase && line.grep.invert);
	ck_assert_str_eq(line.grep.word, "a b");
	/* the quotes of print, as documents have them */
	ck_assert_ptr_nonnull(find("diagnose debug info | grep "
	    "\u201cindex=6 \u201c"));
	ck_assert_str_eq(line.grep.word, "index=6 ");
	ck_assert_ptr_nonnull(find("diagnose debug info | grep "
	    "\u201ca b\u201d"));
	ck_assert_str_eq(line.grep.word, "a b");
	ck_assert_ptr_null(find("diagnose debug info | grep \u201ca b"));
	ck_assert_ptr_nonnull(find("diagnose debug info | grep -iv \"a b\""));
	wad_cmd_grep(&line.grep, "x A b\ny\nlast", 12, &out);
	ck_assert_str_eq(out.s, "y\nlast");
	wad_str_free(&out);
}
END_TEST

START_TEST(completion)
{
	struct wad_str out = { 0 };

	wad_cmd_complete(wad_cmd_families, wad_cmd_n_families, "diag wad d",
	    &out);
	ck_assert_str_eq(out.s, "debug\twhich debug lines are made\n");
	wad_str_free(&out);
	wad_cmd_complete(wad_cmd_families, wad_cmd_n_families,
	    "diagnose wad debug show ", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "<cr>"));
	wad_str_free(&out);
	wad_cmd_complete(wad_cmd_families, wad_cmd_n_families, "zzz ", &out);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* The table's words and those of the debug macros are the same. */
START_TEST(names)
{
	char s[128];

	for (int i = 0; i < WAD_DBG_NCAT; i++) {
		snprintf(s, sizeof(s), "diagnose wad debug enable category "
		    "%s", wad_dbg_cat_names[i]);
		ck_assert_ptr_nonnull(find(s));
		ck_assert_str_eq(args.arg[0], wad_dbg_cat_names[i]);
	}
	for (int i = 0; i < WAD_DBG_NLEVEL; i++) {
		snprintf(s, sizeof(s), "diagnose wad debug enable level %s",
		    wad_dbg_level_names[i]);
		ck_assert_ptr_nonnull(find(s));
	}
	for (int i = 0; i < WAD_CTL_APPS; i++) {
		snprintf(s, sizeof(s), "diagnose debug application %s 7",
		    wad_control_apps[i]);
		ck_assert_ptr_nonnull(find(s));
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("cmd");
	TCase	*t = tcase_create("cmd");

	tcase_add_test(t, every_row);
	tcase_add_test(t, rights);
	tcase_add_test(t, every_word_has_help);
	tcase_add_test(t, abbreviations);
	tcase_add_test(t, mistakes);
	tcase_add_test(t, pipes);
	tcase_add_test(t, completion);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return suite_run(s);
}
