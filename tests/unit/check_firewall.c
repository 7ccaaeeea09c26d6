/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inspected interfaces and the text of the rules, from a configuration.
 */
#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_parse.h"
#include "main/firewall.h"
#include "main/main.h"
#include "suite.h"

/* What firewall.c wants of the program; nothing is run here. */
pid_t
wad_main_fork(void)
{
	return -1;
}

static const char text[] =
"config system interface\nedit lan\nset device eth1\nnext\nend\n"
"config firewall ssl-ssh-profile\n"
"edit own\nconfig https\nset ports 8443 443\nset status deep-inspection\nend\n"
"next\n"
"edit all\nconfig ssl\nset inspect-all deep-inspection\nend\nnext\n"
"end\n"
"config firewall policy\n"
"edit 1\nset srcintf lan\nset dstintf any\nset srcaddr all\nset dstaddr all\n"
"set service ALL\nset schedule always\nset action accept\n"
"set utm-status enable\nset ssl-ssh-profile own\nnext\n"
"edit 2\nset srcintf gone\nset dstintf any\nset srcaddr all\n"
"set dstaddr all\nset service ALL\nset schedule always\nset action accept\n"
"set utm-status enable\nset ssl-ssh-profile own\nnext\n"
"edit 3\nset srcintf eth2\nset dstintf any\nset srcaddr all\n"
"set dstaddr all\nset service ALL\nset schedule always\nset action accept\n"
"set utm-status enable\nset ssl-ssh-profile all\nnext\n"
"edit 4\nset status disable\nset srcintf eth3\nset dstintf any\n"
"set srcaddr all\nset dstaddr all\nset service ALL\nset schedule always\n"
"set action accept\nset utm-status enable\nset ssl-ssh-profile own\nnext\n"
"end\n"
"config openwad settings\nset transparent %s\nset transparent-port 9443\n"
"end\n";

static const char *const devices[] = { "eth0", "eth1", "eth2", "eth3" };

static struct wad_conf *
load(const char *mode)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*t;
	struct wad_conf		*c = NULL;
	struct wad_str		 s = { 0 };
	const char		*cut = strstr(text, "%s");

	wad_str_addn(&s, text, (size_t)(cut - text));
	wad_str_add(&s, mode);
	wad_str_add(&s, cut + 2);
	t = wad_conf_parse(WAD_CONF_SEALED, s.s, s.len, &errs);
	if (errs.n == 0)
		c = wad_conf_build(t, NULL, &errs);
	ck_assert_msg(c != NULL, "%s", errs.text.s != NULL ? errs.text.s :
	    "");
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
	wad_str_free(&s);
	return c;
}

START_TEST(test_inspected)
{
	struct wad_conf		*c = load("tproxy");
	struct wad_inspected_list l;
	struct wad_str		 notes = { 0 };

	wad_sockets_inspected(c, devices, 4, &l, &notes);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.v[0].name, "lan");
	ck_assert_str_eq(l.v[0].device, "eth1");
	ck_assert_uint_eq(l.v[0].n_ports, 2);
	ck_assert_uint_eq(l.v[0].ports[0], 443);
	ck_assert_uint_eq(l.v[0].ports[1], 8443);
	ck_assert_str_eq(l.v[1].device, "eth2");
	ck_assert(l.v[1].all_ports);
	ck_assert_ptr_nonnull(strstr(notes.s, "interface gone of policy 2"));
	wad_sockets_inspected_free(&l);
	wad_str_free(&notes);
	wad_conf_put(c);
}
END_TEST

static void
rules(const char *mode, struct wad_str *out)
{
	struct wad_conf		*c = load(mode);
	struct wad_inspected_list l;
	struct wad_firewall_id	 id;

	wad_firewall_id(&id, NULL);
	wad_sockets_inspected(c, devices, 4, &l, NULL);
	wad_firewall_text(&id, c, &l, out);
	wad_sockets_inspected_free(&l);
	wad_conf_put(c);
}

#define HAS(s, part)	ck_assert_msg(strstr((s).s, part) != NULL, "%s", (s).s)
#define HAS_NOT(s, part) ck_assert_msg(strstr((s).s, part) == NULL, "%s", (s).s)

START_TEST(test_tproxy)
{
	struct wad_str s = { 0 };

	rules("tproxy", &s);
	/* One transaction that replaces our own table only. */
	ck_assert_int_eq(strncmp(s.s, "table inet openwad\n"
	    "delete table inet openwad\n", 45), 0);
	HAS(s, "iifname \"eth1\" tcp dport { 443, 8443 } fib daddr type "
	    "unicast meta nfproto ipv4 tproxy ip to :9443 ");
	HAS(s, "iifname \"eth2\" meta l4proto tcp fib daddr type unicast "
	    "meta nfproto ipv6 tproxy ip6 to :9443 ");
	HAS(s, "socket transparent 1 socket wildcard 0");
	HAS(s, "iifname \"eth1\" udp dport 443 reject");
	HAS(s, "iifname \"eth2\" udp dport 443 reject");
	HAS_NOT(s, "eth0");
	HAS_NOT(s, "eth3");
	HAS_NOT(s, "flush");
	wad_str_free(&s);
}
END_TEST

START_TEST(test_redirect)
{
	struct wad_str s = { 0 };

	rules("redirect", &s);
	HAS(s, "type nat hook prerouting priority dstnat");
	HAS(s, "iifname \"eth1\" tcp dport { 443, 8443 } fib daddr type "
	    "unicast redirect to :9443\n");
	HAS(s, "iifname \"eth1\" udp dport 443 reject");
	HAS_NOT(s, "tproxy");
	wad_str_free(&s);
}
END_TEST

/* Instances do not meet in any name or number. */
START_TEST(test_id)
{
	struct wad_firewall_id a, b, c;

	wad_firewall_id(&a, NULL);
	wad_firewall_id(&b, "/run/one");
	wad_firewall_id(&c, "/run/two");
	ck_assert_str_eq(a.table, "openwad");
	ck_assert_uint_eq(strlen(b.table), 16);
	ck_assert_str_ne(b.table, c.table);
	ck_assert_uint_ne(a.mark, b.mark);
	ck_assert_uint_ne(b.mark, c.mark);
	ck_assert_uint_ne(a.route_table, b.route_table);
	ck_assert_uint_ne(b.route_table, c.route_table);
	ck_assert_uint_ne(a.pref, b.pref);
}
END_TEST

/* A name that could end the string in a rule makes no rule. */
START_TEST(test_strange_device)
{
	struct wad_conf		*c = load("tproxy");
	struct wad_inspected	 v = { .device = "e\" drop #", .all_ports = 1 };
	struct wad_inspected_list l = { &v, 1 };
	struct wad_firewall_id	 id;
	struct wad_str		 s = { 0 };

	wad_firewall_id(&id, NULL);
	wad_firewall_text(&id, c, &l, &s);
	HAS_NOT(s, "drop");
	wad_str_free(&s);
	wad_conf_put(c);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("firewall");
	TCase	*t = tcase_create("firewall");

	tcase_add_test(t, test_inspected);
	tcase_add_test(t, test_tproxy);
	tcase_add_test(t, test_redirect);
	tcase_add_test(t, test_id);
	tcase_add_test(t, test_strange_device);
	suite_add_tcase(s, t);
	return suite_run(s);
}
