/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language: words, quotes, comments, nesting, wrappers, limits, and the
 * commands of the console.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_parse.h"
#include "conf/conf_show.h"
#include "conf/conf_show.h"
#include "suite.h"

static struct wad_conf_errs errs;
static struct wad_conf_tree *tree;

static void
parse(const char *text)
{
	tree = wad_conf_parse("f.conf", text, strlen(text), &errs);
}

static void
setup(void)
{
	memset(&errs, 0, sizeof(errs));
	tree = NULL;
}

static void
teardown(void)
{
	wad_conf_tree_free(tree);
	wad_conf_errs_free(&errs);
}

static const char *
text_of(const char *table, const char *entry, const char *name)
{
	const struct wad_conf_node *n = wad_conf_node_find(tree, table,
	    entry, NULL);
	const struct wad_conf_set *s = n != NULL ?
	    wad_conf_node_get(n, name) : NULL;

	return s != NULL && s->n_values == 1 ? s->values[0] : NULL;
}

START_TEST(words_and_quotes)
{
	parse("#config-version=X\n"
	    "config a b\r\n"
	    "  edit \"x y\"\n"
	    "\tset one \"a \\\"b\\\" \\\\c \\.d\" # remark\n"
	    "\tset two 'single \"x\" \\n'\n"
	    "\tset pem \"-----BEGIN\nline\n-----END\"\n"
	    "\tset many a \"b c\" ''\n"
	    "\tset hash a#b\n"
	    "\xc2\xa0set nbsp v\n"
	    "  next\n"
	    "end\n");
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_str_eq(text_of("a b", "x y", "one"), "a \"b\" \\c \\.d");
	ck_assert_str_eq(text_of("a b", "x y", "two"), "single \"x\" \\n");
	ck_assert_str_eq(text_of("a b", "x y", "pem"),
	    "-----BEGIN\nline\n-----END");
	ck_assert_str_eq(text_of("a b", "x y", "hash"), "a#b");
	ck_assert_str_eq(text_of("a b", "x y", "nbsp"), "v");
	ck_assert_uint_eq(wad_conf_node_get(wad_conf_node_find(tree, "a b",
	    "x y", NULL), "many")->n_values, 3);
}
END_TEST

START_TEST(lines_are_counted)
{
	parse("config a\n set x \"1\n2\n3\"\n bogus\nend\n");
	ck_assert_uint_eq(errs.n, 1);
	ck_assert_ptr_nonnull(strstr(errs.text.s, "f.conf:5: "));
}
END_TEST

START_TEST(entries_merge)
{
	parse("config t\nedit 1\nset a 1\nset b 1\nnext\nend\n"
	    "config t\nedit 2\nnext\nedit 1\nset b 2\nappend c x y\n"
	    "append c y z\nunselect c x\nunset a\nend\n");
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_str_eq(text_of("t", "1", "b"), "2");
	ck_assert_ptr_null(tree->tables->next);
	ck_assert_uint_eq(wad_conf_node_get(wad_conf_node_find(tree, "t",
	    "1", NULL), "c")->n_values, 2);
	ck_assert_uint_eq(wad_conf_node_get(wad_conf_node_find(tree, "t",
	    "1", NULL), "a")->n_values, 0);
}
END_TEST

START_TEST(wrappers)
{
	parse("config vdom\nedit root\nnext\nend\n"
	    "config global\nconfig system global\nset hostname a\nend\nend\n"
	    "config vdom\nedit root\nconfig t\nset x 1\nend\nend\n");
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_str_eq(text_of("system global", NULL, "hostname"), "a");
	ck_assert_str_eq(text_of("t", NULL, "x"), "1");
}
END_TEST

START_TEST(two_domains)
{
	parse("config vdom\nedit a\nconfig t\nset x 1\nend\nnext\n"
	    "edit b\nconfig t\nset x 2\nend\nconfig u\nset x 1\nend\nend\n");
	ck_assert_uint_eq(errs.n, 1);
	ck_assert_ptr_nonnull(strstr(errs.text.s, "virtual domain 'b'"));
	ck_assert_str_eq(text_of("t", NULL, "x"), "1");
}
END_TEST

/* One excerpt may lack its end; a file that was cut may not. */
START_TEST(unclosed)
{
	errs.whole = true;
	parse("config t\nedit 1\nset a 1\n");
	ck_assert_uint_eq(errs.n, 1);
	wad_conf_tree_free(tree);
	wad_conf_errs_free(&errs);
	errs.whole = false;
	parse("config t\nedit 1\nset a 1\n");
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_ptr_nonnull(strstr(errs.ignored.s, "warning: f.conf:1:"));
	wad_conf_tree_free(tree);
	parse("config s\nend\nconfig t\nedit 1\nset a 1\n");
	ck_assert_uint_eq(errs.n, 1);
	ck_assert_ptr_nonnull(strstr(errs.text.s, "'end' is missing"));
}
END_TEST

static const char *const broken[] = {
	"set a 1\n", "next\n", "end\n", "edit 1\n", "config\nend\n",
	"config t\nset a\nend\n", "config t\nedit\nnext\nend\n",
	"config t\nedit 1\nedit 2\nnext\nend\n", "config t\nset a \"x\n",
	"config t\nset a \"\x01\"\nend\n", "config t\npurge\nend\n",
	"config t\nnext\nend\n", "config t\nedit \"\"\nnext\nend\n",
	"config t\nunselect a b\nend\n", "config t\ndelete x\nend\n",
	"confg t\n", "edit 1\nend\nconfig t\nend\n",
	"config t\nedit 1\nedit 2\nend\nset a b\n",
};

START_TEST(broken_text)
{
	parse(broken[_i]);
	ck_assert_msg(errs.n > 0, "accepted: %s", broken[_i]);
	ck_assert_int_eq(strncmp(errs.text.s, "f.conf:", 7), 0);
}
END_TEST

START_TEST(zero_bytes_and_depth)
{
	static const struct wad_conf_show raw = { .raw = true };
	struct wad_conf_tree		 *again;
	struct wad_str			  s = { 0 };

	tree = wad_conf_parse("f", "config t\nset a \0x\nend\n", 22, &errs);
	ck_assert_uint_eq(errs.n, 1);
	wad_conf_tree_free(tree);
	wad_str_add(&s, "config t\n");
	for (int i = 0; i < 40; i++)
		wad_str_add(&s, "config x\n");
	parse(s.s);
	ck_assert_uint_eq(errs.n, 2);
	ck_assert_ptr_nonnull(strstr(errs.text.s, "nested deeper"));
	wad_str_free(&s);
	/* what was made can be read again */
	ck_assert_int_eq(wad_conf_show(tree, NULL, raw, &s), 0);
	again = wad_conf_parse("again", s.s, s.len, &errs);
	ck_assert_uint_eq(errs.n, 2);
	wad_conf_tree_free(again);
	wad_str_free(&s);
}
END_TEST

START_TEST(errors_end)
{
	struct wad_str s = { 0 };

	for (int i = 0; i < 1000; i++)
		wad_str_add(&s, "bogus\n");
	parse(s.s);
	ck_assert_uint_eq(errs.n, 1000);
	ck_assert_uint_lt(errs.text.len, 30000);
	ck_assert_ptr_nonnull(strstr(errs.text.s, "more errors than 200"));
	wad_str_free(&s);
}
END_TEST

static int
edit(const char *script)
{
	return wad_conf_edit(tree, "console", script, strlen(script), &errs);
}

/* Names of the entries of table t in one string. */
static const char *
entries(void)
{
	static char		    buf[256];
	const struct wad_conf_node *n = wad_conf_node_find(tree, "t", NULL,
	    NULL);

	buf[0] = '\0';
	for (n = n->children; n != NULL; n = n->next)
		snprintf(buf + strlen(buf), sizeof(buf) - strlen(buf), "%s ",
		    n->name);
	return buf;
}

START_TEST(console)
{
	parse("config t\nedit 1\nset a 1\nnext\nedit 5\nnext\nend\n");
	ck_assert_int_eq(edit("config t\nedit 0\nset a 6\nend\n"), 0);
	ck_assert_str_eq(entries(), "1 5 6 ");
	ck_assert_int_eq(edit("config t\nmove 6 before 1\nend\n"), 0);
	ck_assert_str_eq(entries(), "6 1 5 ");
	ck_assert_int_eq(edit("config t\nmove 6 after 1\nend\n"), 0);
	ck_assert_str_eq(entries(), "1 6 5 ");
	ck_assert_int_eq(edit("config t\nclone 1 to 9\nrename 5 to 7\nend\n"),
	    0);
	ck_assert_str_eq(entries(), "1 6 7 9 ");
	ck_assert_str_eq(text_of("t", "9", "a"), "1");
	ck_assert_int_eq(edit("config t\ndelete 6\nedit 1\nunset a\nend\n"),
	    0);
	ck_assert_str_eq(entries(), "1 7 9 ");
	ck_assert_ptr_null(wad_conf_node_get(wad_conf_node_find(tree, "t",
	    "1", NULL), "a"));
	ck_assert_int_eq(edit("config t\npurge\nedit 0\nend\n"), 0);
	ck_assert_str_eq(entries(), "1 ");
}
END_TEST

START_TEST(console_abort)
{
	parse("config t\nedit 1\nset a 1\nnext\nend\n");
	ck_assert_int_eq(edit("config t\nedit 1\nset a 2\nnext\ndelete 1\n"
	    "edit 3\nabort\n"), 0);
	ck_assert_str_eq(entries(), "1 ");
	ck_assert_str_eq(text_of("t", "1", "a"), "1");
}
END_TEST

static const char *const bad_scripts[] = {
	"config t\nmove 1 under 2\nend\n", "config t\nmove 1 before 9\nend\n",
	"config t\nrename 1 to 2\nend\n", "config t\nclone 1 to 2\nend\n",
	"config t\nclone 7 to 8\nend\n", "config t\nedit 1\nset a 2\n",
	"abort\n", "purge\n", "delete 1\n",
	"config t\nrename 1 to \"a\nb\"\nend\n",
	"config t\nclone 1 to \"a\nb\"\nend\n",
	"config t\nrename 1 to \"\"\nend\n",
};

START_TEST(console_errors)
{
	parse("config t\nedit 1\nnext\nedit 2\nnext\nend\n");
	ck_assert_int_eq(edit(bad_scripts[_i]), -1);
	ck_assert_uint_gt(errs.n, 0);
}
END_TEST

enum { MODEL = 600 };

/* A table of many entries against a plain list of numbers, with a table that
 * is opened again and again, and another between. */
START_TEST(many_edits)
{
	unsigned	list[MODEL], n = 0, next = 1, seed = 7;
	struct wad_str	s = { 0 }, want = { 0 };

	parse("config u\nedit 1\nnext\nend\n");
	for (unsigned i = 0; i < 5000; i++) {
		unsigned r = (seed = seed * 1103515245 + 12345) >> 8;
		unsigned a = n > 0 ? r / 16 % n : 0, b, x;

		wad_str_add(&s, i % 7 == 0 ? "config u\nedit 1\nend\n"
		    "config t\n" : "config t\n");
		if (n < 2 || (r % 16 < 8 && n < MODEL)) {
			list[n++] = next;
			wad_str_addf(&s, "edit %u\nend\n", next++);
		} else if (r % 16 < 11) {
			wad_str_addf(&s, "delete %u\nend\n", list[a]);
			memmove(list + a, list + a + 1,
			    (--n - a) * sizeof(list[0]));
		} else if (r % 16 < 12) {
			wad_str_addf(&s, "rename %u to %u\nend\n", list[a],
			    next);
			list[a] = next++;
		} else if (r % 16 < 13 && n < MODEL) {
			wad_str_addf(&s, "clone %u to %u\nend\n", list[a],
			    next);
			list[n++] = next++;
		} else {
			b = (a + 1 + r / 7 % (n - 1)) % n;
			x = list[a];
			wad_str_addf(&s, "move %u %s %u\nend\n", x, r % 2 ?
			    "after" : "before", list[b]);
			memmove(list + a, list + a + 1,
			    (n - 1 - a) * sizeof(list[0]));
			b = (b > a ? b - 1 : b) + r % 2;
			memmove(list + b + 1, list + b,
			    (n - 1 - b) * sizeof(list[0]));
			list[b] = x;
		}
	}
	ck_assert_msg(edit(s.s) == 0, "%s", errs.text.s);
	wad_str_free(&s);
	for (struct wad_conf_node *e = wad_conf_node_find(tree, "t", NULL,
	    NULL)->children; e != NULL; e = e->next)
		wad_str_addf(&s, "%s ", e->name);
	for (unsigned i = 0; i < n; i++)
		wad_str_addf(&want, "%u ", list[i]);
	ck_assert_uint_gt(n, 100);
	ck_assert_str_eq(s.s, want.s);
	wad_str_free(&s);
	wad_str_free(&want);
}
END_TEST

START_TEST(api)
{
	const char *const   v[] = { "x", "y z" };
	struct wad_conf_tree *copy;

	parse("");
	ck_assert_uint_eq(errs.n, 0);
	wad_conf_node_set(wad_conf_node_make(tree, "t", "e"), "n", v, 2);
	ck_assert_ptr_eq(wad_conf_node_make(tree, "t", "e"),
	    wad_conf_node_find(tree, "t", "e", NULL));
	copy = wad_conf_tree_dup(tree);
	wad_conf_node_set(wad_conf_node_make(tree, "t", "e"), "n", NULL, 0);
	ck_assert_ptr_null(wad_conf_node_get(wad_conf_node_find(tree, "t",
	    "e", NULL), "n"));
	ck_assert_uint_eq(wad_conf_node_get(wad_conf_node_find(copy, "t",
	    "e", NULL), "n")->n_values, 2);
	wad_conf_tree_free(copy);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("conf_parse");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, words_and_quotes);
	tcase_add_test(t, lines_are_counted);
	tcase_add_test(t, entries_merge);
	tcase_add_test(t, wrappers);
	tcase_add_test(t, two_domains);
	tcase_add_test(t, unclosed);
	tcase_add_loop_test(t, broken_text, 0,
	    (int)(sizeof(broken) / sizeof(broken[0])));
	tcase_add_test(t, zero_bytes_and_depth);
	tcase_add_test(t, errors_end);
	tcase_add_test(t, console);
	tcase_add_test(t, console_abort);
	tcase_add_loop_test(t, console_errors, 0,
	    (int)(sizeof(bad_scripts) / sizeof(bad_scripts[0])));
	tcase_add_test(t, many_edits);
	tcase_add_test(t, api);
	suite_add_tcase(s, t);
	return suite_run(s);
}
