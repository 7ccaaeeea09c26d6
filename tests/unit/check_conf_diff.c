/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of configuration is told as: one line per object, settings as
 * what they were and are, lists as what left and came, no secret.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"
#include "conf/conf_diff.h"
#include "suite.h"

static struct wad_str out;

static void
teardown(void)
{
	wad_str_free(&out);
}

static void
say(void *arg, const struct wad_conf_change *c)
{
	(void)arg;
	wad_str_addf(&out, "%s %s %s %s\n", c->action, c->path,
	    c->obj != NULL ? c->obj : "-", c->attrs != NULL ? c->attrs : "-");
}

static struct wad_conf_tree *
tree(const char *text)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*t = wad_conf_parse("t", text, strlen(text),
	    &errs);

	ck_assert_msg(errs.n == 0, "%s", errs.text.s);
	wad_conf_errs_free(&errs);
	return t;
}

static void
is(const char *old, const char *new, const char *want)
{
	struct wad_conf_tree	*a = tree(old), *b = tree(new);
	unsigned		 n, lines = 0;

	wad_str_free(&out);
	n = wad_conf_diff(a, b, say, NULL);
	ck_assert_str_eq(out.s != NULL ? out.s : "", want);
	for (const char *p = want; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_uint_eq(n, lines);
	wad_conf_tree_free(a);
	wad_conf_tree_free(b);
}

#define POLICY(id, rest) "edit " #id "\n" rest "next\n"
#define TABLE(name, rest) "config " name "\n" rest "end\n"

START_TEST(nothing)
{
	is("", "", "");
	is(TABLE("firewall policy", POLICY(2, "set action accept\n")),
	    TABLE("firewall policy", POLICY(2, "set action accept\n")), "");
}
END_TEST

/* The form of the reference. */
START_TEST(edit)
{
	is(TABLE("firewall policy", POLICY(2, "set action accept\n")),
	    TABLE("firewall policy", POLICY(2, "set action accept\n"
	    "set groups \"vpn\"\n")),
	    "Edit firewall.policy 2 groups[->vpn]\n");
	/* what was not set has its default */
	is(TABLE("firewall policy", POLICY(2, "")),
	    TABLE("firewall policy", POLICY(2, "set status disable\n")),
	    "Edit firewall.policy 2 status[enable->disable]\n");
	is(TABLE("firewall policy", POLICY(2, "set status disable\n")),
	    TABLE("firewall policy", POLICY(2, "")),
	    "Edit firewall.policy 2 status[disable->enable]\n");
	is(TABLE("firewall policy", POLICY(2, "")),
	    TABLE("firewall policy", POLICY(2, "set status enable\n")),
	    "Edit firewall.policy 2 status[enable]\n");
	/* two settings, in the order of the new one */
	is(TABLE("firewall policy", POLICY(2, "set name a\nset nat enable\n")),
	    TABLE("firewall policy", POLICY(2, "set nat disable\n"
	    "set name b\n")),
	    "Edit firewall.policy 2 nat[enable->disable]name[a->b]\n");
}
END_TEST

START_TEST(lists)
{
	is(TABLE("firewall addrgrp", POLICY(g, "set member a b c\n")),
	    TABLE("firewall addrgrp", POLICY(g, "set member a c d\n")),
	    "Edit firewall.addrgrp g member[b->d]\n");
	is(TABLE("firewall addrgrp", POLICY(g, "set member a b\n")),
	    TABLE("firewall addrgrp", POLICY(g, "set member b a\n")),
	    "Edit firewall.addrgrp g member[a b->b a]\n");
}
END_TEST

START_TEST(objects)
{
	is("", TABLE("firewall policy", POLICY(5, "set name x\n")),
	    "Add firewall.policy 5 name[x]\n");
	is(TABLE("firewall policy", POLICY(5, "set name x\n")), "",
	    "Delete firewall.policy 5 -\n");
	is("", TABLE("firewall policy", POLICY(5, "")),
	    "Add firewall.policy 5 -\n");
	/* a table without entries is no object that comes or goes */
	is("", TABLE("system global", "set hostname gw\n"),
	    "Edit system.global - hostname[openwad->gw]\n");
	is(TABLE("system global", "set hostname gw\n"), "",
	    "Edit system.global - hostname[gw->openwad]\n");
}
END_TEST

START_TEST(moves)
{
	static const char abc[] = TABLE("firewall policy", POLICY(1, "")
	    POLICY(2, "") POLICY(3, ""));

	is(abc, TABLE("firewall policy", POLICY(3, "") POLICY(1, "")
	    POLICY(2, "")), "Move firewall.policy 3 -\n");
	is(abc, TABLE("firewall policy", POLICY(2, "") POLICY(3, "")
	    POLICY(1, "")), "Move firewall.policy 1 -\n");
	/* one that is gone moves nobody */
	is(abc, TABLE("firewall policy", POLICY(1, "") POLICY(3, "")),
	    "Delete firewall.policy 2 -\n");
	is(abc, TABLE("firewall policy", POLICY(1, "") POLICY(9, "")
	    POLICY(2, "") POLICY(3, "")), "Add firewall.policy 9 -\n");
	is(abc, TABLE("firewall policy", POLICY(1, "") POLICY(3, "")
	    POLICY(2, "set name x\n")),
	    "Move firewall.policy 3 -\nEdit firewall.policy 2 name[->x]\n");
}
END_TEST

#define PROFILE(rest) TABLE("firewall ssl-ssh-profile",			\
	"edit p\n" rest "next\n")

START_TEST(nested)
{
	is(PROFILE("config https\nset ports 443\nend\n"),
	    PROFILE("config https\nset ports 443 8443\nend\n"),
	    "Edit firewall.ssl-ssh-profile p https:ports[->8443]\n");
	is(PROFILE("config ssl-exempt\nedit 1\nset fortiguard-category 31\n"
	    "next\nend\n"),
	    PROFILE("config ssl-exempt\nedit 1\nset fortiguard-category 33\n"
	    "next\nedit 2\nset fortiguard-category 31\nnext\nend\n"),
	    "Edit firewall.ssl-ssh-profile:ssl-exempt p:1 "
	    "fortiguard-category[31->33]\n"
	    "Add firewall.ssl-ssh-profile:ssl-exempt p:2 "
	    "fortiguard-category[31]\n");
	is(TABLE("webfilter profile", "edit w\nnext\n"),
	    TABLE("webfilter profile", "edit w\nconfig ftgd-wf\n"
	    "config filters\nedit 1\nset category 11\nnext\nend\nend\n"
	    "next\n"),
	    "Add webfilter.profile:ftgd-wf.filters w:1 category[11]\n");
}
END_TEST

START_TEST(secrets)
{
	is(TABLE("vpn certificate local", "edit c\nset password one\nnext\n"),
	    TABLE("vpn certificate local", "edit c\nset password two\n"
	    "next\n"), "Edit vpn.certificate.local c password[*->*]\n");
	is("", TABLE("vpn certificate local", "edit c\nset password two\n"
	    "next\n"), "Add vpn.certificate.local c password[*]\n");
	is("", TABLE("system snmp user", "edit c\nset auth-pwd ENC abcdef\n"
	    "next\n"), "Add system.snmp.user c auth-pwd[*]\n");
	ck_assert_ptr_null(strstr(out.s, "abcdef"));
}
END_TEST

/* Long values and long lists of settings are cut; what is not in the schema is
 * told all the same. */
START_TEST(bounds)
{
	struct wad_str	long_value = { 0 }, sets = { 0 };

	wad_str_add(&long_value, "config system ntp\nset server ");
	for (int i = 0; i < 500; i++)
		wad_str_add(&long_value, "x");
	wad_str_add(&long_value, "\nend\n");
	is("", TABLE("system ntp", "set server y\n"),
	    "Edit system.ntp - server[->y]\n");
	{
		struct wad_conf_tree *a = tree(""), *b = tree(long_value.s);

		wad_str_free(&out);
		ck_assert_uint_eq(wad_conf_diff(a, b, say, NULL), 1);
		ck_assert_uint_lt(out.len, 140);
		ck_assert_ptr_nonnull(strstr(out.s, "xxx...]"));
		wad_conf_tree_free(a);
		wad_conf_tree_free(b);
	}
	wad_str_add(&sets, "config system ntp\n");
	for (int i = 0; i < 1000; i++)
		wad_str_addf(&sets, "set option-%d some-value\n", i);
	wad_str_add(&sets, "end\n");
	{
		struct wad_conf_tree *a = tree(""), *b = tree(sets.s);

		wad_str_free(&out);
		ck_assert_uint_eq(wad_conf_diff(a, b, say, NULL), 1);
		ck_assert_uint_lt(out.len, 900);
		ck_assert_ptr_nonnull(strstr(out.s, "]...\n"));
		wad_conf_tree_free(a);
		wad_conf_tree_free(b);
	}
	wad_str_free(&long_value);
	wad_str_free(&sets);
}
END_TEST

/* Twenty thousand entries turned round: not a square of them. */
START_TEST(many)
{
	struct wad_str		 up = { 0 }, down = { 0 };
	struct wad_conf_tree	*a, *b;

	wad_str_add(&up, "config firewall address\n");
	wad_str_add(&down, "config firewall address\n");
	for (int i = 0; i < 20000; i++) {
		wad_str_addf(&up, "edit a%d\nnext\n", i);
		wad_str_addf(&down, "edit a%d\nnext\n", 19999 - i);
	}
	wad_str_add(&up, "end\n");
	wad_str_add(&down, "end\n");
	a = tree(up.s);
	b = tree(down.s);
	ck_assert_uint_eq(wad_conf_diff(a, b, say, NULL), 19999);
	wad_conf_tree_free(a);
	wad_conf_tree_free(b);
	wad_str_free(&up);
	wad_str_free(&down);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("conf_diff");
	TCase	*t = tcase_create("diff");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, nothing);
	tcase_add_test(t, edit);
	tcase_add_test(t, lists);
	tcase_add_test(t, objects);
	tcase_add_test(t, moves);
	tcase_add_test(t, nested);
	tcase_add_test(t, secrets);
	tcase_add_test(t, bounds);
	tcase_add_test(t, many);
	suite_add_tcase(s, t);
	return suite_run(s);
}
