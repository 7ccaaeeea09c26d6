/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of certificates, row by row, for relaying and for pages.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ca_priority.h"
#include "suite.h"

enum { NOW = 1000000, PAST = 500000, FUTURE = 2000000 };

#define CERT(n, ca, key)						\
	{ .name = n, .pem = "PEM", .has_key = key, .facts = {		\
	    .known = true, .is_ca = ca, .key_type = 3,			\
	    .not_before = PAST, .not_after = FUTURE } }

/* Which certificates there are; each test changes its own copy. */
enum { C_AUTHCA, C_PORTAL, C_POLICY, C_PROFILE, C_USER, C_GLOBAL, C_PROXY,
	C_BUILTIN, C_SERVER, C_COUNT };
static const struct wad_cert all_certs[C_COUNT] = {
	CERT("auth-ca", true, true), CERT("portal", true, true),
	CERT("policy", true, true), CERT("profile", true, true),
	CERT("user", true, true), CERT("global", true, true),
	CERT("proxy", true, true), CERT(WAD_CA_SSL, true, true),
	CERT("server", false, true),
};

static struct wad_cert		certs[C_COUNT];
static struct wad_interface	ifs[2];
static struct wad_profile	profile;
static struct wad_policy	policy;
static struct wad_conf		conf;
static struct wad_ca_facts	facts;
static struct wad_ca_choice	choice;

/* Only what is there without being configured. */
static void
setup(void)
{
	memcpy(certs, all_certs, sizeof(certs));
	memset(ifs, 0, sizeof(ifs));
	memset(&profile, 0, sizeof(profile));
	memset(&policy, 0, sizeof(policy));
	memset(&conf, 0, sizeof(conf));
	ifs[0].name = "lan";
	ifs[0].device = "eth0";
	ifs[1].name = "guest";
	ifs[1].device = "eth1";
	ifs[1].captive_portal = true;
	profile.name = "deep";
	policy.profile = &profile;
	conf.magic = WAD_CONF_MAGIC;
	conf.ifs = ifs;
	conf.n_ifs = 2;
	conf.certs = certs;
	conf.n_certs = C_COUNT;
	conf.webproxy.ssl_ca_cert = &certs[C_BUILTIN];
	facts = (struct wad_ca_facts){ &conf, WAD_CA_RELAY, "eth1", &policy,
		false, NOW };
}

static void
set(const char **name, const struct wad_cert **cert, int i)
{
	*name = certs[i].name;
	*cert = &certs[i];
}

/* Configures row i. */
static void
configure(int row)
{
	switch (row) {
	case 0:
		set(&conf.user.auth_ca_cert_name, &conf.user.auth_ca_cert,
		    C_AUTHCA);
		break;
	case 1:
		set(&ifs[1].auth_cert_name, &ifs[1].auth_cert, C_PORTAL);
		break;
	case 2:
		set(&profile.caname, &profile.ca, C_PROFILE);
		break;
	case 4:
		set(&conf.user.auth_cert_name, &conf.user.auth_cert, C_USER);
		break;
	case 5:
		set(&conf.sys.auth_cert_name, &conf.sys.auth_cert, C_GLOBAL);
		break;
	case 6:
		set(&conf.webproxy.ssl_ca_cert_name,
		    &conf.webproxy.ssl_ca_cert, C_PROXY);
		break;
	}
}

static void
configure_from(int row)
{
	for (; row < WAD_CA_ROWS; row++)
		configure(row);
}

static void
chosen(int row, int cert, bool resign)
{
	int ret = wad_ca_priority_choose(&facts, &choice);

	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(choice.row, row);
	ck_assert_ptr_eq(choice.cert, &certs[cert]);
	ck_assert_int_eq(choice.resign, resign);
	ck_assert_str_eq(choice.source, choice.rows[row].source);
	ck_assert_ptr_null(choice.rows[row].skip);
}

static void
skipped(int row, const char *why)
{
	ck_assert_ptr_nonnull(choice.rows[row].skip);
	ck_assert_msg(strstr(choice.rows[row].skip, why) != NULL,
	    "row %d: '%s', expected '%s'", row, choice.rows[row].skip, why);
}

START_TEST(sources)
{
	static const char *const names[] = { "auth-ca-cert",
		"captive-portal", "policy", "webfilter", "user-setting",
		"system-global", "web-proxy" };

	wad_ca_priority_choose(&facts, &choice);
	for (int i = 0; i < WAD_CA_ROWS; i++)
		ck_assert_str_eq(choice.rows[i].source, names[i]);
}
END_TEST

/* Nothing configured: the built-in CA, in the last row. */
START_TEST(nothing_configured)
{
	chosen(6, C_BUILTIN, true);
	for (int i = 0; i < 6; i++)
		ck_assert_ptr_nonnull(choice.rows[i].skip);
	skipped(0, "not configured");
	facts.purpose = WAD_CA_PAGE;
	chosen(6, C_BUILTIN, true);
}
END_TEST

/* Rows 1, 2, 3, 5, 6, 7: with it and all below it configured it wins. */
START_TEST(order_relay)
{
	static const int want[] = { C_AUTHCA, C_PORTAL, C_PROFILE, -1, C_USER,
		C_GLOBAL, C_PROXY };

	if (want[_i] == -1)
		return;
	configure_from(_i);
	chosen(_i, want[_i], true);
}
END_TEST

START_TEST(order_page)
{
	static const int want[] = { C_AUTHCA, C_PORTAL, C_PROFILE, -1, C_USER,
		C_GLOBAL, C_PROXY };

	if (want[_i] == -1)
		return;
	facts.purpose = WAD_CA_PAGE;
	configure_from(_i);
	chosen(_i, want[_i], true);
}
END_TEST

/* A server certificate: pages only, presented as it is. */
START_TEST(server_cert)
{
	const struct wad_cert **slot[] = { NULL, &ifs[1].auth_cert,
		&profile.ca, NULL, &conf.user.auth_cert, &conf.sys.auth_cert,
		&conf.webproxy.ssl_ca_cert };

	if (slot[_i] == NULL)
		return;
	configure(_i);
	*slot[_i] = &certs[C_SERVER];
	if (_i < 6) {
		chosen(6, C_BUILTIN, true);
		skipped(_i, "not a CA");
	} else
		chosen(6, C_BUILTIN, true);	/* falls back */
	facts.purpose = WAD_CA_PAGE;
	chosen(_i, C_SERVER, false);
}
END_TEST

/* Row 1 always re-signs: a server certificate is of no use, also for pages. */
START_TEST(auth_ca_cert_signs)
{
	configure(0);
	conf.user.auth_ca_cert = &certs[C_SERVER];
	chosen(6, C_BUILTIN, true);
	skipped(0, "not a CA");
	facts.purpose = WAD_CA_PAGE;
	chosen(6, C_BUILTIN, true);
	skipped(0, "not a CA");
}
END_TEST

START_TEST(auth_ca_cert_without_policy)
{
	configure(0);
	facts.policy = NULL;
	facts.in_dev = NULL;
	chosen(0, C_AUTHCA, true);
}
END_TEST

/* Row 2 is for the interface by which the connection came in. */
START_TEST(captive_portal)
{
	configure(1);
	facts.in_dev = "eth0";
	chosen(6, C_BUILTIN, true);
	skipped(1, "does not apply");
	facts.in_dev = NULL;
	chosen(6, C_BUILTIN, true);
	facts.in_dev = "eth9";
	chosen(6, C_BUILTIN, true);
	facts.in_dev = "eth1";
	chosen(1, C_PORTAL, true);
	ifs[1].captive_portal = false;
	chosen(6, C_BUILTIN, true);
	skipped(1, "does not apply");
	ifs[1].captive_portal = true;
	ifs[1].auth_cert_name = NULL;
	ifs[1].auth_cert = NULL;
	chosen(6, C_BUILTIN, true);
	skipped(1, "not configured");
}
END_TEST

/* Row 3: auth-cert is for pages, caname for relaying and for pages of
 * policies without auth-cert. */
START_TEST(policy_row)
{
	set(&policy.auth_cert_name, &policy.auth_cert, C_POLICY);
	chosen(6, C_BUILTIN, true);
	skipped(2, "not configured");
	facts.purpose = WAD_CA_PAGE;
	chosen(2, C_POLICY, true);
	policy.auth_cert = &certs[C_SERVER];
	chosen(2, C_SERVER, false);
	configure(2);
	chosen(2, C_SERVER, false);
	facts.purpose = WAD_CA_RELAY;
	chosen(2, C_PROFILE, true);
	facts.policy = NULL;
	chosen(6, C_BUILTIN, true);
	skipped(2, "does not apply");
}
END_TEST

/* Row 4: for pages of action authenticate. */
START_TEST(webfilter_row)
{
	facts.wf_authenticate = true;
	configure(2);
	configure(6);
	chosen(2, C_PROFILE, true);
	skipped(3, "does not apply");	/* relay */
	facts.purpose = WAD_CA_PAGE;
	set(&policy.auth_cert_name, &policy.auth_cert, C_POLICY);
	certs[C_POLICY].has_key = false;	/* row 3 has nothing usable */
	chosen(3, C_PROFILE, true);
	skipped(2, "no private key");
	facts.wf_authenticate = false;
	chosen(6, C_PROXY, true);
	skipped(3, "does not apply");
	facts.wf_authenticate = true;
	profile.ca = NULL;
	profile.caname = NULL;
	chosen(3, C_PROXY, true);
	facts.policy = NULL;
	chosen(3, C_PROXY, true);
	configure(4);
	chosen(3, C_PROXY, true);
}
END_TEST

START_TEST(webfilter_not_configured)
{
	facts.wf_authenticate = true;
	facts.purpose = WAD_CA_PAGE;
	chosen(6, C_BUILTIN, true);
	skipped(3, "not configured");
}
END_TEST

/* Each reason why a certificate cannot be used moves on to the next row. */
START_TEST(unusable)
{
	configure_from(0);
	certs[C_AUTHCA].facts.not_after = NOW - 1;
	certs[C_PORTAL].facts.not_before = NOW + 1;
	certs[C_PROFILE].has_key = false;
	certs[C_USER].pem = NULL;
	certs[C_GLOBAL].facts.is_ca = false;
	chosen(6, C_PROXY, true);
	skipped(0, "expired on 1970-01-12");
	skipped(1, "not valid before 1970-01-12");
	skipped(2, "no private key");
	skipped(4, "missing");
	skipped(5, "not a CA");
}
END_TEST

START_TEST(validity_borders)
{
	configure(0);
	certs[C_AUTHCA].facts.not_after = NOW;
	chosen(0, C_AUTHCA, true);
	certs[C_AUTHCA].facts.not_before = NOW;
	chosen(0, C_AUTHCA, true);
}
END_TEST

START_TEST(named_but_missing)
{
	configure(4);
	conf.user.auth_cert = NULL;
	chosen(6, C_BUILTIN, true);
	skipped(4, "missing");
}
END_TEST

/* Row 7 falls back on the built-in CA when nothing else is usable. */
START_TEST(fall_back)
{
	configure(6);
	chosen(6, C_PROXY, true);
	certs[C_PROXY].facts.not_after = NOW - 1;
	chosen(6, C_BUILTIN, true);
	ck_assert_str_eq(choice.rows[6].cert_name, WAD_CA_SSL);
}
END_TEST

START_TEST(no_signing_ca)
{
	certs[C_BUILTIN].has_key = false;
	ck_assert_int_eq(wad_ca_priority_choose(&facts, &choice), -1);
	ck_assert_ptr_null(choice.cert);
	ck_assert_int_eq(choice.row, -1);
	skipped(6, "no private key");
	configure(6);
	certs[C_PROXY].facts.not_after = NOW - 1;
	ck_assert_int_eq(wad_ca_priority_choose(&facts, &choice), -1);
	skipped(6, "expired");
	certs[C_PROXY].facts.not_after = FUTURE;
	chosen(6, C_PROXY, true);
	conf.n_certs = 0;		/* no built-in one at all */
	conf.webproxy.ssl_ca_cert = NULL;
	conf.webproxy.ssl_ca_cert_name = NULL;
	ck_assert_int_eq(wad_ca_priority_choose(&facts, &choice), -1);
	skipped(6, "missing");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ca_priority");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, sources);
	tcase_add_test(t, nothing_configured);
	tcase_add_loop_test(t, order_relay, 0, WAD_CA_ROWS);
	tcase_add_loop_test(t, order_page, 0, WAD_CA_ROWS);
	tcase_add_loop_test(t, server_cert, 0, WAD_CA_ROWS);
	tcase_add_test(t, auth_ca_cert_signs);
	tcase_add_test(t, auth_ca_cert_without_policy);
	tcase_add_test(t, captive_portal);
	tcase_add_test(t, policy_row);
	tcase_add_test(t, webfilter_row);
	tcase_add_test(t, webfilter_not_configured);
	tcase_add_test(t, unusable);
	tcase_add_test(t, validity_borders);
	tcase_add_test(t, named_but_missing);
	tcase_add_test(t, fall_back);
	tcase_add_test(t, no_signing_ca);
	suite_add_tcase(s, t);
	return suite_run(s);
}
