/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which policy a connection gets: interfaces, addresses of both families,
 * names, services, users, order.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "policy/policy_match.h"
#include "suite.h"

static struct wad_conf		*conf;
static struct wad_flow		 flow;
static const char		 text[] =
    "config system interface\nedit lan\nset device eth0\nnext\n"
    "edit wan\nset device eth1\nnext\nend\n"
    "config firewall address\n"
    "edit net10\nset subnet 10.0.0.0 255.0.0.0\nnext\n"
    "edit range\nset type iprange\nset start-ip 192.0.2.10\n"
    "set end-ip 192.0.2.20\nnext\n"
    "edit web\nset type fqdn\nset fqdn www.example.com\nnext\n"
    "edit wild\nset type wildcard-fqdn\n"
    "set wildcard-fqdn *.example.net\nnext\n"
    "edit lo\nset subnet 127.0.0.0 255.0.0.0\nnext\nend\n"
    "config firewall address6\nedit six\nset ip6 2001:db8::/32\nnext\nend\n"
    "config firewall service custom\nedit alt\n"
    "set tcp-portrange 8440-8449\nnext\nend\n"
    "config firewall policy\n"
    "edit 1\nset status disable\nset srcintf any\nset dstintf any\n"
    "set srcaddr all\nset dstaddr all\nset service ALL\n"
    "set schedule always\nset action accept\nnext\n"
    "edit 2\nset srcintf lan\nset dstintf wan\nset srcaddr net10\n"
    "set dstaddr range web wild\nset service HTTPS\nset schedule always\n"
    "set action accept\nnext\n"
    "edit 3\nset srcintf lan\nset dstintf any\nset srcaddr net10\n"
    "set dstaddr range\nset dstaddr-negate enable\nset service alt\n"
    "set schedule always\nset action accept\nnext\n"
    "edit 4\nset srcintf eth2\nset dstintf any\nset srcaddr6 all\n"
    "set dstaddr6 six\nset service ALL\nset schedule always\n"
    "set action accept\nnext\n"
    "edit 5\nset srcintf lan\nset dstintf any\nset srcaddr all\n"
    "set dstaddr lo\nset service HTTPS\nset service-negate enable\n"
    "set schedule always\nset action deny\nnext\nend\n"
    "config firewall proxy-policy\nedit 7\nset proxy explicit-web\n"
    "set dstintf any\nset srcaddr all\nset dstaddr web\n"
    "set service webproxy\nset schedule always\nset action accept\nnext\n"
    "edit 8\nset proxy explicit-web\nset dstintf any\nset srcaddr all\n"
    "set dstaddr all\nset service webproxy\nset schedule always\n"
    "set action accept\nnext\nend\n";

static void
setup(void)
{
	conf = conf_of_text(text);
	memset(&flow, 0, sizeof(flow));
	flow.in_dev = "eth0";
	flow.out_dev = "eth1";
	wad_addr_parse(&flow.src, "10.1.2.3");
	wad_addr_parse(&flow.dst, "192.0.2.15");
	flow.dst.port = 443;
}

static void
teardown(void)
{
	wad_conf_put(conf);
}

static void
dst(const char *ip, uint16_t port)
{
	wad_addr_parse(&flow.dst, ip);
	flow.dst.port = port;
}

/* The number of the policy, 0 for the implicit deny. */
static unsigned
id(void)
{
	const struct wad_policy *p = wad_policy_match(conf, &flow);

	return p != NULL ? p->id : 0;
}

START_TEST(first_match)
{
	ck_assert_uint_eq(id(), 2);
	dst("192.0.2.9", 443);
	ck_assert_uint_eq(id(), 0);
	dst("192.0.2.10", 443);
	ck_assert_uint_eq(id(), 2);
	dst("192.0.2.20", 443);
	ck_assert_uint_eq(id(), 2);
	dst("192.0.2.21", 443);
	ck_assert_uint_eq(id(), 0);
	wad_addr_parse(&flow.src, "11.0.0.1");
	dst("192.0.2.15", 443);
	ck_assert_uint_eq(id(), 0);
}
END_TEST

START_TEST(interfaces)
{
	flow.in_dev = "eth1";
	ck_assert_uint_eq(id(), 0);
	flow.in_dev = NULL;
	ck_assert_uint_eq(id(), 0);
	flow.in_dev = "lan";		/* the name is not the device */
	ck_assert_uint_eq(id(), 0);
	flow.in_dev = "eth0";
	flow.out_dev = NULL;
	ck_assert_uint_eq(id(), 0);
	dst("192.0.2.30", 8443);	/* any */
	ck_assert_uint_eq(id(), 3);
}
END_TEST

START_TEST(names)
{
	dst("198.51.100.1", 443);
	ck_assert_uint_eq(id(), 0);
	flow.host = "www.example.com";
	ck_assert_uint_eq(id(), 2);
	flow.host = "example.com";
	ck_assert_uint_eq(id(), 0);
	flow.host = "a.b.example.net";
	ck_assert_uint_eq(id(), 2);
	flow.host = "example.net";
	ck_assert_uint_eq(id(), 0);
	flow.host = "badexample.net";
	ck_assert_uint_eq(id(), 0);
}
END_TEST

START_TEST(services)
{
	dst("192.0.2.15", 444);
	ck_assert_uint_eq(id(), 0);
	dst("192.0.2.15", 8440);	/* negated list holds it */
	ck_assert_uint_eq(id(), 0);
	dst("192.0.2.99", 8440);
	ck_assert_uint_eq(id(), 3);
	dst("192.0.2.99", 8449);
	ck_assert_uint_eq(id(), 3);
	dst("192.0.2.99", 8450);
	ck_assert_uint_eq(id(), 0);
	dst("127.0.0.1", 443);		/* negated service */
	ck_assert_uint_eq(id(), 0);
	dst("127.0.0.1", 80);
	ck_assert_uint_eq(id(), 5);
	ck_assert(!wad_policy_match(conf, &flow)->accept);
}
END_TEST

START_TEST(six)
{
	flow.in_dev = "eth2";
	wad_addr_parse(&flow.src, "fd00::1");
	dst("2001:db8::1", 25);
	ck_assert_uint_eq(id(), 4);
	dst("2001:db9::1", 25);
	ck_assert_uint_eq(id(), 0);
	/* lists of one family say nothing of the other */
	wad_addr_parse(&flow.src, "10.0.0.1");
	dst("192.0.2.1", 25);
	ck_assert_uint_eq(id(), 0);
	flow.in_dev = "eth0";
	wad_addr_parse(&flow.src, "fd00::1");
	dst("2001:db8::1", 443);
	ck_assert_uint_eq(id(), 0);
}
END_TEST

START_TEST(explicit_web)
{
	flow.explicit_web = true;
	flow.in_dev = NULL;
	ck_assert_uint_eq(id(), 8);
	flow.host = "www.example.com";
	ck_assert_uint_eq(id(), 7);
	flow.out_dev = NULL;
	ck_assert_uint_eq(id(), 7);
}
END_TEST

START_TEST(user_names)
{
	static const char	*users[] = { "ann", "bob" };
	static const char	*groups[] = { "staff" };
	struct wad_policy	*p = &conf->policies[1];

	ck_assert_uint_eq(p->id, 2);
	p->users = users;
	p->n_users = 2;
	ck_assert_uint_eq(id(), 0);
	flow.user = "bob";
	ck_assert_uint_eq(id(), 2);
	flow.user = "bobby";
	ck_assert_uint_eq(id(), 0);
	p->n_users = 0;
	p->groups = groups;
	p->n_groups = 1;
	flow.user = NULL;
	ck_assert_uint_eq(id(), 0);
}
END_TEST

START_TEST(names_target)
{
	const struct wad_policy *p3 = &conf->policies[2];
	const struct wad_policy *p5 = &conf->policies[4];
	const struct wad_policy *p8 = wad_conf_policy(conf, 8, true);

	dst("127.0.0.1", 80);
	ck_assert(wad_policy_names_target(p5, &flow));
	ck_assert(!wad_policy_names_target(p3, &flow));	/* negated */
	ck_assert(!wad_policy_names_target(p8, &flow));	/* all */
	dst("128.0.0.1", 80);
	ck_assert(!wad_policy_names_target(p5, &flow));
	/* a name may lead anywhere */
	flow.host = "www.example.com";
	ck_assert(!wad_policy_names_target(wad_conf_policy(conf, 7, true),
	    &flow));
}
END_TEST

START_TEST(inspect)
{
	static uint16_t		 ports[] = { 443, 8443 };
	struct wad_profile	 p = { .https = { .status =
	    WAD_INSPECT_DEEP, .ports = ports, .n_ports = 2 } };
	const struct wad_ssl_proto *proto = NULL;

	ck_assert_int_eq(wad_policy_inspect(&p, 443, &proto),
	    WAD_INSPECT_DEEP);
	ck_assert_ptr_eq(proto, &p.https);
	ck_assert_int_eq(wad_policy_inspect(&p, 8443, &proto),
	    WAD_INSPECT_DEEP);
	ck_assert_int_eq(wad_policy_inspect(&p, 444, &proto),
	    WAD_INSPECT_DISABLE);
	ck_assert_ptr_nonnull(proto);
	p.inspect_all = WAD_INSPECT_CERT;
	ck_assert_int_eq(wad_policy_inspect(&p, 444, &proto),
	    WAD_INSPECT_CERT);
	ck_assert_ptr_eq(proto, &p.ssl);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("policy_match");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, first_match);
	tcase_add_test(t, interfaces);
	tcase_add_test(t, names);
	tcase_add_test(t, services);
	tcase_add_test(t, six);
	tcase_add_test(t, explicit_web);
	tcase_add_test(t, user_names);
	tcase_add_test(t, names_target);
	tcase_add_test(t, inspect);
	suite_add_tcase(s, t);
	return suite_run(s);
}
