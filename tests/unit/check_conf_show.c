/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree as text: raw text parsed again is the same tree, unknown tables
 * come back as they were, secrets do not reach a console, defaults and help
 * come from the schema.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_parse.h"
#include "conf/conf_show.h"
#include "conf/conf_snap.h"
#include "suite.h"

static struct wad_conf_errs errs;
static struct wad_conf_tree *tree;
static struct wad_str out;

static const struct wad_conf_show plain, raw = { .raw = true },
    full = { .full = true };

static void
setup(void)
{
	memset(&errs, 0, sizeof(errs));
	memset(&out, 0, sizeof(out));
	tree = NULL;
}

static void
teardown(void)
{
	wad_conf_tree_free(tree);
	wad_conf_errs_free(&errs);
	wad_str_free(&out);
}

static void
parse(const char *s)
{
	tree = wad_conf_parse("f.conf", s, strlen(s), &errs);
	ck_assert_uint_eq(errs.n, 0);
}

static void
same_sets(const struct wad_conf_set *a, const struct wad_conf_set *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next) {
		ck_assert_str_eq(a->name, b->name);
		ck_assert_uint_eq(a->n_values, b->n_values);
		for (size_t i = 0; i < a->n_values; i++)
			ck_assert_str_eq(a->values[i], b->values[i]);
	}
	ck_assert(a == NULL && b == NULL);
}

static void
same(const struct wad_conf_node *a, const struct wad_conf_node *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next) {
		ck_assert_str_eq(a->name, b->name);
		ck_assert(a->is_edit == b->is_edit);
		same_sets(a->sets, b->sets);
		same(a->children, b->children);
	}
	ck_assert(a == NULL && b == NULL);
}

static const char backup[] =
"config system ntp\n"
"    set ntpsync enable\n"
"    set type custom\n"
"    config ntpserver\n"
"        edit 1\n"
"            set server \"pool.ntp.org\"\n"
"        next\n"
"    end\n"
"end\n"
"config system replacemsg http \"url-block\"\n"
"    set buffer \"<html a=\\\"b\\\">\n"
"  C:\\\\x</html>\"\n"
"    unset header\n"
"end\n"
"config system accprofile\n"
"    edit \"prof admin\"\n"
"        set secfabgrp read-write\n"
"    next\n"
"    edit 0\n"
"    next\n"
"end\n"
"config router static\n"
"end\n";

START_TEST(unknown_unchanged)
{
	parse(backup);
	ck_assert_int_eq(wad_conf_show(tree, NULL, plain, &out), 0);
	ck_assert_str_eq(out.s, backup);
}
END_TEST

static const char *const trips[] = {
	backup,
	"config t\nset a \"\" '#x' \"q\\\"\\\\\" \" lead\" \"t\ta\" \"l\nl\"\n"
	"end\n",
	"config t x\nedit 'a \"b'\nset \"odd name\" 1\nconfig in\nedit 3\n"
	"next\nend\nnext\nend\n",
	"config firewall policy\nset stray 1\nedit 1\nunset srcaddr\n"
	"config odd\nset x y\nend\nnext\nend\n",
	"config system global\nedit odd\nset x 1\nnext\nset hostname h\nend\n",
	"config \" t  x \"\nset a b\nend\nconfig \" \"\nset a b\nend\n",
	"config t\nset a \xc2\xb7x \"\xc2\xa0\" b\\ c\nend\n",
	"config vpn certificate crl\nedit c\nset crl \"-----BEGIN X509 CRL---"
	"--\nMA==\n-----END X509 CRL-----\"\nset update-interval 1\nnext\nend\n"
	"config vpn certificate ocsp-server\nedit r\nset url http://a/\nnext\n"
	"end\nconfig vpn certificate setting\nset ocsp-default-server r\n"
	"config crl-verification\nset expiry ignore\nend\nend\n"
	"config firewall ssl setting\nset ssl-dh-bits 2048\nend\n"
	"config firewall ssl-ssh-profile\nedit p\nset server-cert a b\n"
	"config ech-outer-sni\nedit o\nset sni *.x.y\nnext\nend\n"
	"set whitelist enable\nnext\nend\n",
	"config vpn certificate local\nedit x\nset private-key \"-----BEGIN\n"
	"k\n-----END\"\nset password ENC abc==\nnext\nend\n",
};

START_TEST(round_trip)
{
	struct wad_conf_tree *again;
	struct wad_str	      second = { 0 };

	parse(trips[_i]);
	ck_assert_int_eq(wad_conf_show(tree, NULL, raw, &out), 0);
	again = wad_conf_parse("g", out.s, out.len, &errs);
	ck_assert_msg(errs.n == 0, "%s\n%s", errs.text.s, out.s);
	same(tree->tables, again->tables);
	ck_assert_int_eq(wad_conf_show(again, NULL, raw, &second), 0);
	ck_assert_str_eq(out.s, second.s);
	wad_conf_tree_free(again);
	wad_str_free(&second);
}
END_TEST

START_TEST(secrets)
{
	static const char *const v[] = { "PEM" };

	parse("config vpn certificate local\nedit x\nset private-key \"K1\"\n"
	    "set certificate \"C\"\nset password p2\nnext\nend\n"
	    "config user local\nedit u\nset passwd p3\nnext\nend\n"
	    "config user radius\nedit r\nset secret p4\nnext\nend\n"
	    "config vpn ipsec phase1\nedit r\nset psksecret p5\nnext\nend\n");
	wad_conf_node_set(wad_conf_node_make(tree, "vpn certificate local",
	    "x"), "_certificate", v, 1);
	ck_assert_int_eq(wad_conf_show(tree, NULL, plain, &out), 0);
	ck_assert_ptr_null(strstr(out.s, "K1"));
	for (const char *s = out.s; (s = strchr(s, 'p')) != NULL; s++)
		ck_assert(s[1] < '2' || s[1] > '5');
	ck_assert_ptr_null(strstr(out.s, "_certificate"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "set private-key ENC ********\n"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_show(tree, NULL, raw, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "set private-key \"K1\"\n"));
	ck_assert_ptr_nonnull(strstr(out.s, "set _certificate PEM\n"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_get_text(tree,
	    "vpn certificate local x", &out), 0);
	ck_assert_ptr_null(strstr(out.s, "K1"));
}
END_TEST

START_TEST(filters)
{
	parse("config firewall policy\nedit 1\nset name a\nnext\n"
	    "edit 2\nset name b\nnext\nend\n"
	    "config firewall address\nedit \"x y\"\nnext\nend\n"
	    "config system ntp\nset a 1\nend\n");
	ck_assert_int_eq(wad_conf_show(tree, "firewall policy 2", plain,
	    &out), 0);
	ck_assert_str_eq(out.s, "config firewall policy\n    edit 2\n"
	    "        set name b\n    next\nend\n");
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_show(tree, "firewall", plain, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "config firewall address"));
	ck_assert_ptr_null(strstr(out.s, "ntp"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_show(tree, "firewall address \"x y\"",
	    plain, &out), 0);
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_show(tree, "user setting", plain, &out), 0);
	ck_assert_str_eq(out.s, "config user setting\nend\n");
	ck_assert_int_eq(wad_conf_show(tree, "user sett", plain, &out), -1);
	ck_assert_int_eq(wad_conf_show(tree, "firewall policy 3", plain,
	    &out), -1);
	ck_assert_int_eq(wad_conf_show(tree, "bogus", plain, &out), -1);
}
END_TEST

/* Everything with its defaults is itself a configuration that loads. */
START_TEST(full_loads)
{
	struct wad_conf_tree *again;
	struct wad_conf	     *conf;

	parse("config firewall ssl-ssh-profile\nedit p\nnext\nend\n"
	    "config firewall policy\nedit 1\nset srcintf any\nnext\nend\n");
	ck_assert_int_eq(wad_conf_show(tree, NULL, full, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s,
	    "            set expired-server-cert block\n"));
	ck_assert_ptr_nonnull(strstr(out.s, "    set transparent-port 8443"));
	ck_assert_ptr_nonnull(strstr(out.s, "edit \"certificate-inspection\""));
	again = wad_conf_parse("g", out.s, out.len, &errs);
	conf = wad_conf_build(again, NULL, &errs);
	ck_assert_msg(conf != NULL, "%s", errs.text.s);
	wad_conf_put(conf);
	wad_conf_tree_free(again);
}
END_TEST

/* What is in effect, with the names of today; what is written stays. */
START_TEST(older_names)
{
	parse("config firewall ssl-ssh-profile\nedit p\n"
	    "set ssl-exemptions-log enable\nconfig https\n"
	    "set unsupported-ssl block\nend\nnext\nend\n");
	ck_assert_int_eq(wad_conf_show(tree, "firewall ssl-ssh-profile p",
	    plain, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "set ssl-exemptions-log enable"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_show(tree, "firewall ssl-ssh-profile p",
	    full, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "set ssl-exemption-log enable"));
	ck_assert_ptr_null(strstr(out.s, "exemptions"));
	ck_assert_ptr_null(strstr(out.s, "set ssl-exemption-log disable"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "            set unsupported-ssl-cipher block\n"
	    "            set unsupported-ssl-negotiation block\n"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_get_text(tree,
	    "firewall ssl-ssh-profile p https", &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "unsupported-ssl-cipher      : "
	    "block\n"));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall ssl-ssh-profile/https", NULL,
	    "client-cert-request", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "client-certificate "));
}
END_TEST

/* The tables of revocation and of TLS: defaults, values and names. */
START_TEST(tls_tables)
{
	parse("config vpn certificate ocsp-server\nedit r1\n"
	    "set url http://a/\nnext\nend\n"
	    "config vpn certificate ca\nedit c\nnext\nend\n");
	ck_assert_int_eq(wad_conf_show(tree, "vpn certificate setting", full,
	    &out), 0);
	ck_assert_str_eq(out.s, "config vpn certificate setting\n"
	    "    set ocsp-status disable\n    set ocsp-option server\n"
	    "    set strict-ocsp-check disable\n"
	    "    set strict-crl-check disable\n"
	    "    config crl-verification\n        set expiry ignore\n"
	    "        set leaf-crl-absence ignore\n"
	    "        set chain-crl-absence ignore\n    end\nend\n");
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_show(tree, "vpn certificate ca c", full,
	    &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s,
	    "set ssl-inspection-trusted enable\n"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_get_text(tree, "firewall ssl setting",
	    &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s,
	    "session-cache-timeout       : 20\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "cert-cache-capacity         :\n"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_get_text(tree, "openwad settings", &out),
	    0);
	ck_assert_ptr_nonnull(strstr(out.s,
	    "learned-exempt              : monitor\n"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_show(tree,
	    "firewall ssl-ssh-profile deep-inspection", full, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "set server-cert-mode re-sign\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "set encrypted-client-hello block\n"));
	wad_str_free(&out);
	wad_conf_help(tree, "vpn certificate setting", NULL,
	    "ocsp-default-server", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "r1  "));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall ssl-ssh-profile x https", NULL,
	    "encrypted-client-hello", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "GREASE"));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall ssl", NULL, NULL, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "setting "));
	ck_assert_ptr_null(strstr(out.s, "profile"));
}
END_TEST

START_TEST(get)
{
	parse("config system global\nset hostname h\nend\n");
	ck_assert_int_eq(wad_conf_get_text(tree, "system global", &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s,
	    "hostname                    : h\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "wad-worker-count            : 0\n"));
	wad_str_free(&out);
	ck_assert_int_eq(wad_conf_get_text(tree,
	    "firewall service custom", &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "== [ HTTPS ]\n"));
	ck_assert_int_eq(wad_conf_get_text(tree, "no such", &out), -1);
}
END_TEST

START_TEST(help)
{
	parse("config firewall policy\nedit 1\nnext\nend\n");
	wad_conf_help(tree, "", NULL, NULL, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "firewall "));
	wad_str_free(&out);
	wad_conf_help(tree, "config firewall", NULL, NULL, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "ssl-ssh-profile"));
	ck_assert_ptr_null(strstr(out.s, "web-proxy"));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall policy 1", NULL, NULL, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "logtraffic "));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall policy 1", NULL, "logtraffic", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "utm  "));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall policy", NULL, "srcaddr", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "all  "));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall ssl-ssh-profile/https", NULL,
	    "ports", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "<1-65535>"));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall ssl-ssh-profile new https", NULL,
	    "status", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "deep-inspection"));
	wad_str_free(&out);
	wad_conf_help(tree, "no such", NULL, "x", &out);
	ck_assert_uint_eq(out.len, 0);
	wad_conf_help(tree, "webfilter profile new", NULL, "options", &out);
	ck_assert_ptr_nonnull(strstr(out.s, "wf-cookie"));
	ck_assert_ptr_nonnull(strstr(out.s, "  take cookies out\n"));
}
END_TEST

/* Behind the keywords of config mode, also in an entry that is new. */
START_TEST(help_keywords)
{
	parse("config webfilter profile\nedit \"my web\"\nnext\nend\n");
	wad_conf_help(tree, "webfilter profile", "edit", NULL, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "\"my web\"  "));
	ck_assert_ptr_nonnull(strstr(out.s, "<name>  "));
	ck_assert_ptr_null(strstr(out.s, "post-action"));
	wad_str_free(&out);
	wad_conf_help(tree, "webfilter profile", "set", NULL, &out);
	ck_assert_uint_eq(out.len, 0);
	wad_conf_help(tree, "webfilter profile \"new\"", "set", NULL, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "post-action"));
	ck_assert_ptr_null(strstr(out.s, "ftgd-wf"));
	wad_str_free(&out);
	wad_conf_help(tree, "webfilter profile \"my web\"", "config", NULL,
	    &out);
	ck_assert_ptr_nonnull(strstr(out.s, "ftgd-wf"));
	ck_assert_ptr_null(strstr(out.s, "post-action"));
	wad_str_free(&out);
	wad_conf_help(tree, "webfilter profile", NULL, NULL, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "my web"));
	wad_str_free(&out);
	wad_conf_help(tree, "firewall policy 1", NULL, "webfilter-profile",
	    &out);
	ck_assert_ptr_nonnull(strstr(out.s, "\"my web\""));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("conf_show");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, unknown_unchanged);
	tcase_add_loop_test(t, round_trip, 0,
	    (int)(sizeof(trips) / sizeof(trips[0])));
	tcase_add_test(t, secrets);
	tcase_add_test(t, filters);
	tcase_add_test(t, full_loads);
	tcase_add_test(t, older_names);
	tcase_add_test(t, tls_tables);
	tcase_add_test(t, get);
	tcase_add_test(t, help);
	tcase_add_test(t, help_keywords);
	suite_add_tcase(s, t);
	return suite_run(s);
}
