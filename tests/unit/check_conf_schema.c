/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema as data: every row is complete, its default is a value of its
 * own, names are unique; and the reading of values by type.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf_schema.h"
#include "suite.h"

START_TEST(rows_are_complete)
{
	const struct wad_conf_table *t = &wad_conf_tables[_i];
	char			     err[512];

	ck_assert_ptr_eq(wad_conf_schema_table(t->path), t);
	ck_assert(t->help != NULL && t->help[0] != '\0');
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct wad_conf_row *r = &t->rows[i];

		ck_assert_ptr_eq(wad_conf_schema_row(t, r->name), r);
		ck_assert_msg(r->help != NULL && strlen(r->help) > 5,
		    "%s / %s has no help", t->path, r->name);
		ck_assert_msg(r->def == NULL ||
		    wad_conf_schema_store(r, &r->def, 1, NULL, NULL, err,
		    sizeof(err)) == 0, "%s / %s: default", t->path, r->name);
		ck_assert_msg((r->choices != NULL) ==
		    (r->type == WAD_CT_BOOL || r->type == WAD_CT_ENUM ||
		    r->type == WAD_CT_VERSION || r->type == WAD_CT_WORD ||
		    r->type == WAD_CT_OPTIONS || r->type == WAD_CT_FLAGS),
		    "%s / %s: choices", t->path, r->name);
		ck_assert_msg((r->flags & WAD_CF_IDLE) == 0 ||
		    (r->def != NULL && r->offset == WAD_CONF_NOWHERE),
		    "%s / %s: idle", t->path, r->name);
		ck_assert_msg((r->name[0] == '_') ==
		    ((r->flags & WAD_CF_HIDDEN) != 0), "%s / %s", t->path,
		    r->name);
		ck_assert_msg(t->kept == NULL || strcmp(t->kept, "*") == 0 ||
		    !wad_conf_schema_kept(t->kept, r->name),
		    "%s / %s is kept too", t->path, r->name);
	}
}
END_TEST

static const struct {
	const char *table, *name, *value;
	int	    ok;
} values[] = {
	{ "openwad settings", "transparent-port", "65535", 1 },
	{ "openwad settings", "transparent-port", "65536", 0 },
	{ "openwad settings", "transparent-port", "0", 0 },
	{ "openwad settings", "transparent-port", "-1", 0 },
	{ "openwad settings", "transparent-port", "80x", 0 },
	{ "openwad settings", "transparent-port", "99999999999", 0 },
	{ "openwad settings", "forged-cert-lifetime", "9528", 1 },
	{ "openwad settings", "forged-cert-lifetime", "9529", 0 },
	{ "openwad settings", "transparent", "tproxy", 1 },
	{ "openwad settings", "transparent", "Tproxy", 0 },
	{ "firewall address", "subnet", "10.0.0.0/8", 1 },
	{ "firewall address", "subnet", "10.0.0.0 255.0.0.0", 1 },
	{ "firewall address", "subnet", "10.0.0.0 255.0.255.0", 0 },
	{ "firewall address", "subnet", "2001:db8::/32", 0 },
	{ "firewall address6", "ip6", "2001:db8::/32", 1 },
	{ "firewall address6", "ip6", "10.0.0.0/8", 0 },
	{ "firewall address", "start-ip", "1.2.3.4", 1 },
	{ "firewall address", "start-ip", "1.2.3.400", 0 },
	{ "firewall service custom", "tcp-portrange", "80 443-445:1-65535",
	    1 },
	{ "firewall service custom", "tcp-portrange", "90-80", 0 },
	{ "firewall service custom", "tcp-portrange", "x", 0 },
	{ "firewall service custom", "tcp-portrange", "1-", 0 },
	{ "web-proxy explicit", "http-incoming-port", "0", 0 },
	{ "firewall ssl-ssh-profile/https", "untrusted-server-cert",
	    "ignore", 1 },
	{ "firewall ssl-ssh-profile/https", "cert-probe-failure", "ignore",
	    0 },
	{ "firewall ssl-ssh-profile/https", "min-allowed-ssl-version",
	    "tls-1.1", 1 },
	{ "webfilter profile/ftgd-wf/filters", "category", "256", 0 },
	{ "webfilter ftgd-local-cat", "id", "139", 0 },
	{ "web-proxy global", "max-request-length", "65", 0 },
	{ "openwad settings", "sessions-max", "262144", 1 },
	{ "openwad settings", "sessions-max", "262145", 0 },
	{ "openwad metrics", "source", "10.0.0.0/8", 1 },
	{ "openwad metrics", "source", "2001:db8::/32", 1 },
	{ "openwad metrics", "source", "10.0.0.0/33", 0 },
	{ "log disk setting", "roll-time", "23:59", 1 },
	{ "log disk setting", "roll-time", "7:05", 1 },
	{ "log disk setting", "roll-time", "24:00", 0 },
	{ "log disk setting", "roll-time", "12:60", 0 },
	{ "log disk setting", "roll-time", "12", 0 },
	{ "log disk setting", "roll-time", "+1:00", 0 },
	{ "log disk setting", "roll-time", "1:00x", 0 },
	{ "system interface", "role", "wan", 1 },
	{ "system interface", "role", "Lan", 0 },
	{ "system global", "tcp-rst-timer", "4", 0 },
	{ "log syslogd filter", "severity", "notification", 1 },
	{ "log syslogd filter", "severity", "notice", 0 },
	{ "log syslogd2 setting", "facility", "local7", 1 },
	{ "log syslogd4 filter/free-style", "category", "ssl", 1 },
	{ "vpn certificate local", "_builtin", "enable", 1 },
};

START_TEST(value)
{
	const struct wad_conf_table *t = wad_conf_schema_table(
	    values[_i].table);
	const struct wad_conf_row   *r = wad_conf_schema_row(t,
	    values[_i].name);
	char			     err[512] = "";

	ck_assert_ptr_nonnull(r);
	ck_assert_msg((wad_conf_schema_store(r, &values[_i].value, 1, NULL,
	    NULL, err, sizeof(err)) == 0) == (values[_i].ok == 1),
	    "%s '%s': %s", values[_i].name, values[_i].value, err);
	if (!values[_i].ok)
		ck_assert_str_ne(err, "");
}
END_TEST

START_TEST(range_in_message)
{
	const struct wad_conf_table *t = wad_conf_schema_table(
	    "openwad settings");
	const char *v = "70000";
	char	    err[512];

	ck_assert_int_eq(wad_conf_schema_store(wad_conf_schema_row(t,
	    "transparent-port"), &v, 1, NULL, NULL, err, sizeof(err)), -1);
	ck_assert_str_eq(err, "'70000': expected 1-65535");
	v = "Gambling";
	t = wad_conf_schema_table("webfilter profile/ftgd-wf/filters");
	ck_assert_int_eq(wad_conf_schema_store(wad_conf_schema_row(t,
	    "category"), &v, 1, NULL, NULL, err, sizeof(err)), -1);
	ck_assert_str_eq(err, "'Gambling': expected 0-255: number of a "
	    "category, as `get webfilter categories` lists them; 0: unrated");
}
END_TEST

START_TEST(stored)
{
	const struct wad_conf_table *t = wad_conf_schema_table(
	    "openwad settings");
	struct wad_conf		     c;
	struct wad_arena	    *a = wad_arena_new();
	const char *const	     two[] = { "3128", "8000-8010,9" };
	char			     err[512];

	memset(&c, 0, sizeof(c));
	wad_conf_schema_defaults(t, a, &c);
	ck_assert_int_eq(c.settings.transparent, WAD_TRANSPARENT_DISABLE);
	ck_assert_uint_eq(c.settings.transparent_port, 8443);
	ck_assert_uint_eq(c.settings.idle_timeout, 3600);
	ck_assert(c.settings.firewall_auto);
	t = wad_conf_schema_table("web-proxy explicit");
	wad_conf_schema_defaults(t, a, &c);
	ck_assert_uint_eq(c.webproxy.n_ports, 1);
	ck_assert_int_eq(wad_conf_schema_store(wad_conf_schema_row(t,
	    "http-incoming-port"), two, 2, a, &c, err, sizeof(err)), 0);
	ck_assert_uint_eq(c.webproxy.n_ports, 3);
	ck_assert_uint_eq(c.webproxy.ports[1].lo, 8000);
	ck_assert_uint_eq(c.webproxy.ports[1].hi, 8010);
	ck_assert_uint_eq(c.webproxy.ports[2].lo, 9);
	wad_arena_free(a);
}
END_TEST

START_TEST(kept)
{
	const struct wad_conf_table *t = wad_conf_schema_table(
	    "firewall policy");
	static const char *const names[] = { "label",
		"av-profile", "ips-sensor", "application-list",
		"inspection-mode", "profile-group", "ippool",
		"fixedport", "match-vip", "auto-asic-offload",
		"session-ttl", "disclaimer" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(wad_conf_schema_kept(t->kept, names[i]), "%s",
		    names[i]);
	ck_assert(!wad_conf_schema_kept(t->kept, "ssl-shh-profile"));
	ck_assert(!wad_conf_schema_kept(t->kept, "srcaddr-negat"));
	ck_assert(!wad_conf_schema_kept(NULL, "x"));
	ck_assert(wad_conf_schema_kept("a b-*", "b-c"));
	ck_assert(!wad_conf_schema_kept("a b-*", "b"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("conf_schema");
	TCase	*t = tcase_create("all");

	tcase_add_loop_test(t, rows_are_complete, 0, (int)wad_conf_n_tables);
	tcase_add_loop_test(t, value, 0,
	    (int)(sizeof(values) / sizeof(values[0])));
	tcase_add_test(t, range_in_message);
	tcase_add_test(t, stored);
	tcase_add_test(t, kept);
	suite_add_tcase(s, t);
	return suite_run(s);
}
