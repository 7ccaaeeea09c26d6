/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables about logs, metrics, the console and timers: defaults where nothing
 * is configured, every setting, what cannot be.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_schema.h"
#include "conf/conf_show.h"
#include "session/slot.h"
#include "conf_case.h"
#include "suite.h"

static void
must_build(const char *s)
{
	ck_assert_msg(build(s) != NULL, "%s", text());
}

static void
default_filter(const struct wad_conf_log_filter *f)
{
	ck_assert_uint_eq(f->severity, 6);
	ck_assert(f->forward && f->local && f->other);
	ck_assert_uint_eq(f->n_frees, 0);
}

START_TEST(defaults)
{
	const struct wad_conf_log *l;

	must_build("");
	l = &conf->log;
	for (int i = 0; i < WAD_SYSLOGS; i++) {
		const struct wad_conf_syslog *s = &l->syslog[i];

		ck_assert(!s->enabled);
		ck_assert_ptr_null(s->server);
		ck_assert_int_eq(s->mode, WAD_SYSLOG_UDP);
		ck_assert_uint_eq(s->port, 514);
		ck_assert_uint_eq(s->facility, 23);
		ck_assert_uint_eq(s->source_ip.family, 0);
		ck_assert_int_eq(s->format, WAD_FORM_DEFAULT);
		ck_assert_uint_eq(s->max_rate, 0);
		ck_assert_int_eq(s->tls, WAD_SYSLOG_TLS_OFF);
		ck_assert_uint_eq(s->min_version, WAD_TLS12);
		ck_assert_ptr_null(s->cert_name);
		ck_assert_ptr_null(s->cert);
		ck_assert_uint_eq(s->n_names, 0);
		default_filter(&s->filter);
	}
	ck_assert(l->disk.enabled && !l->disk.nolog);
	ck_assert_uint_eq(l->disk.max_file_mb, 20);
	ck_assert_uint_eq(l->disk.roll_daily, 1);
	ck_assert_uint_eq(l->disk.roll_day, 0);
	ck_assert_uint_eq(l->disk.roll_hour, 0);
	ck_assert_uint_eq(l->disk.roll_minute, 0);
	ck_assert_uint_eq(l->disk.max_age_days, 7);
	ck_assert_uint_eq(l->disk.quota_mb, 500);
	ck_assert_int_eq(l->disk.format, WAD_FORM_DEFAULT);
	default_filter(&l->disk.filter);
	ck_assert(l->memory.enabled);
	ck_assert_uint_eq(l->memory.max_bytes, 10 << 20);
	default_filter(&l->memory.filter);
	ck_assert(l->resolve_port && l->long_live);
	ck_assert(!l->user_upper && !l->implicit && !l->explicit_implicit &&
	    !l->local_in_deny && !l->brief &&
	    !l->policy_comment && !l->full_block);
	ck_assert(l->event && l->ev_system && l->ev_user && l->ev_wad);
	ck_assert(l->threat);
	ck_assert_uint_eq(l->score[0], 5);
	ck_assert_uint_eq(l->score[1], 10);
	ck_assert_uint_eq(l->score[2], 30);
	ck_assert_uint_eq(l->score[3], 50);
	ck_assert_uint_eq(l->w_blocked, 3);
	ck_assert_uint_eq(l->w_failed, 1);
	ck_assert_uint_eq(l->w_url, 3);
	ck_assert(l->w_web[0] == 1 && l->w_web[255] == 1);
	ck_assert(!conf->metrics.enabled);
	ck_assert_uint_eq(conf->metrics.listen_ip.ip[0], 127);
	ck_assert_uint_eq(conf->metrics.port, 9142);
	ck_assert_uint_eq(conf->metrics.n_sources, 0);
	ck_assert(!conf->console.study && !conf->console.more);
	ck_assert_uint_eq(conf->timers.session_ttl, 3600);
	ck_assert_uint_eq(conf->timers.halfopen, 10);
	ck_assert_uint_eq(conf->timers.halfclose, 120);
	ck_assert_uint_eq(conf->timers.rst, 5);
	ck_assert(!conf->timers.dirty_new);
	ck_assert_str_eq(ignored(), "");
}
END_TEST

START_TEST(syslog_servers)
{
	const struct wad_conf_syslog *s;

	must_build("config vpn certificate local\nedit c\n"
	    "set certificate P\nset private-key K\nnext\nend\n"
	    "config log syslogd setting\nset status enable\n"
	    "set server logs.example.com\nset mode reliable\nset port 6514\n"
	    "set facility local0\nset source-ip 192.0.2.1\n"
	    "set format rfc5424\nset max-log-rate 3\n"
	    "set enc-algorithm high\nset ssl-min-proto-version TLSv1-3\n"
	    "set certificate c\nset source-ip-interface x\n"
	    "config custom-field-name\n"
	    "edit 1\nset name srcip\nset custom src\nnext\n"
	    "edit 7\nset name dstip\nset custom dst\nnext\nend\nend\n"
	    "config log syslogd4 setting\nset status enable\n"
	    "set server 2001:db8::1\nset mode legacy-reliable\n"
	    "set source-ip ::\nset format cef\nend\n"
	    "config log syslogd2 setting\nset format json\nend\n");
	s = &conf->log.syslog[0];
	ck_assert(s->enabled);
	ck_assert_str_eq(s->server, "logs.example.com");
	ck_assert_int_eq(s->mode, WAD_SYSLOG_RELIABLE);
	ck_assert_uint_eq(s->port, 6514);
	ck_assert_uint_eq(s->facility, 16);
	ck_assert_uint_eq(s->source_ip.ip[3], 1);
	ck_assert_int_eq(s->format, WAD_FORM_RFC5424);
	ck_assert_uint_eq(s->max_rate, 3);
	ck_assert_int_eq(s->tls, WAD_SYSLOG_TLS_HIGH);
	ck_assert_uint_eq(s->min_version, WAD_TLS13);
	ck_assert_str_eq(s->cert_name, "c");
	ck_assert_ptr_eq(s->cert, wad_conf_cert(conf, "c"));
	ck_assert_uint_eq(s->n_names, 2);
	ck_assert_str_eq(s->names[1].name, "dstip");
	ck_assert_str_eq(s->names[1].custom, "dst");
	s = &conf->log.syslog[3];
	ck_assert(s->enabled);
	ck_assert_str_eq(s->server, "2001:db8::1");
	ck_assert_int_eq(s->mode, WAD_SYSLOG_LEGACY);
	ck_assert_int_eq(s->format, WAD_FORM_CEF);
	ck_assert_uint_eq(s->source_ip.family, 0);
	ck_assert_uint_eq(s->port, 514);
	ck_assert_int_eq(conf->log.syslog[1].format, WAD_FORM_JSON);
	ck_assert(!conf->log.syslog[1].enabled && !conf->log.syslog[2].enabled);
	ck_assert_str_eq(ignored(), "");
}
END_TEST

#define FILTER_TEXT							\
	" filter\nset severity warning\nset forward-traffic disable\n"	\
	"config free-style\n"						\
	"edit 3\nset category ssl\nset filter \"srcip==10.0.0.1\"\n"	\
	"set filter-type exclude\nnext\n"				\
	"edit 1\nset filter \"dstport==443 and srcip==10.0.0.2\"\nnext\n" \
	"end\nend\n"
static const char *const filters[] = { "log syslogd", "log syslogd2",
	"log syslogd3", "log syslogd4", "log disk", "log memory" };

START_TEST(filter)
{
	struct wad_str			  s = { 0 };
	const struct wad_conf_log_filter *f;

	wad_str_addf(&s, "config %s%s", filters[_i], FILTER_TEXT);
	must_build(s.s);
	wad_str_free(&s);
	for (int i = 0; i < 6; i++) {
		f = i < 4 ? &conf->log.syslog[i].filter : i == 4 ?
		    &conf->log.disk.filter : &conf->log.memory.filter;
		if (i != _i) {
			default_filter(f);
			continue;
		}
		ck_assert_uint_eq(f->severity, 4);
		ck_assert(!f->forward && f->local && f->other);
		ck_assert_uint_eq(f->n_frees, 2);
		ck_assert_uint_eq(f->frees[0].id, 3);
		ck_assert_uint_eq(f->frees[0].category, 17);
		ck_assert_str_eq(f->frees[0].filter, "srcip==10.0.0.1");
		ck_assert(f->frees[0].exclude);
		ck_assert_uint_eq(f->frees[1].id, 1);
		ck_assert_uint_eq(f->frees[1].category, 0);
		ck_assert(!f->frees[1].exclude);
	}
}
END_TEST

START_TEST(disk_and_memory)
{
	const struct wad_conf_log_disk *d;

	must_build("config log disk setting\nset status disable\n"
	    "set max-log-file-size 100\nset roll-schedule weekly\n"
	    "set roll-day friday\nset roll-time 23:05\nset diskfull nolog\n"
	    "set maximum-log-age 0\nset quota 10\nset format json\n"
	    "set log-quota 7\nset upload enable\nend\n"
	    "config log memory setting\nset status disable\nend\n"
	    "config log memory global-setting\nset max-size 65536\n"
	    "set full-first-warning-threshold 75\nend\n");
	d = &conf->log.disk;
	ck_assert(!d->enabled && d->nolog);
	ck_assert_uint_eq(d->max_file_mb, 100);
	ck_assert_uint_eq(d->roll_daily, 2);
	ck_assert_uint_eq(d->roll_day, 5);
	ck_assert_uint_eq(d->roll_hour, 23);
	ck_assert_uint_eq(d->roll_minute, 5);
	ck_assert_uint_eq(d->max_age_days, 0);
	ck_assert_uint_eq(d->quota_mb, 10);
	ck_assert_int_eq(d->format, WAD_FORM_JSON);
	ck_assert(!conf->log.memory.enabled);
	ck_assert_uint_eq(conf->log.memory.max_bytes, 65536);
}
END_TEST

START_TEST(what_is_logged)
{
	const struct wad_conf_log *l;

	must_build("config log setting\nset resolve-port disable\n"
	    "set log-user-in-upper enable\nset fwpolicy-implicit-log enable\n"
	    "set expolicy-implicit-log enable\n"
	    "set local-in-deny-unicast enable\n"
	    "set brief-traffic-format enable\nset log-policy-comment enable\n"
	    "set long-live-session-stat disable\n"
	    "set log-invalid-packet enable\nset rest-api-set enable\nend\n"
	    "config log eventfilter\nset event disable\nset system disable\n"
	    "set user disable\nset webproxy disable\nset vpn disable\nend\n"
	    "config log threat-weight\nset status disable\n"
	    "set blocked-connection low\nset failed-connection disable\n"
	    "set url-block-detected critical\n"
	    "set botnet-connection-detected high\n"
	    "config level\nset low 1\nset medium 2\nset high 3\n"
	    "set critical 100\nend\n"
	    "config web\nedit 1\nset category 26\nset level critical\nnext\n"
	    "edit 2\nset category 61\nset level disable\nnext\nend\n"
	    "config ips\nset info-severity low\nend\nend\n"
	    "config openwad settings\nset log-full block\nend\n");
	l = &conf->log;
	ck_assert(!l->resolve_port && !l->long_live);
	ck_assert(l->user_upper && l->implicit && l->explicit_implicit &&
	    l->local_in_deny && l->brief &&
	    l->policy_comment && l->full_block);
	ck_assert(!l->event && !l->ev_system && !l->ev_user && !l->ev_wad);
	ck_assert(!l->threat);
	ck_assert_uint_eq(l->w_blocked, 1);
	ck_assert_uint_eq(l->w_failed, 0);
	ck_assert_uint_eq(l->w_url, 4);
	ck_assert_uint_eq(l->score[0], 1);
	ck_assert_uint_eq(l->score[1], 2);
	ck_assert_uint_eq(l->score[2], 3);
	ck_assert_uint_eq(l->score[3], 100);
	ck_assert_uint_eq(l->w_web[26], 4);
	ck_assert_uint_eq(l->w_web[61], 0);
	ck_assert_uint_eq(l->w_web[62], 1);
	ck_assert_str_eq(ignored(), "");
}
END_TEST

START_TEST(metrics_and_console)
{
	must_build("config openwad metrics\nset status enable\n"
	    "set listen-ip ::\nset port 9999\n"
	    "set source 10.0.0.0/8 2001:db8::/32 192.0.2.7\nend\n"
	    "config system console\nset output more\n"
	    "set diagnose-format study\nend\n");
	ck_assert(conf->metrics.enabled);
	ck_assert_int_ne(conf->metrics.listen_ip.family, 0);
	ck_assert_uint_eq(conf->metrics.port, 9999);
	ck_assert_uint_eq(conf->metrics.n_sources, 3);
	ck_assert_uint_eq(conf->metrics.sources[0].len, 8);
	ck_assert_uint_eq(conf->metrics.sources[1].len, 32);
	ck_assert_uint_eq(conf->metrics.sources[2].len, 32);
	ck_assert(conf->console.study && conf->console.more);
}
END_TEST

/* FortiOS's words, openwad's words, both. */
static const struct {
	const char *text;
	unsigned    ttl, halfclose;
	const char *said;
} timers[] = {
	{ "config system session-ttl\nset default 900\nend\n"
	    "config system global\nset tcp-halfclose-timer 60\nend\n", 900,
	    60, "" },
	{ "config openwad settings\nset idle-timeout 700\n"
	    "set halfclose-timeout 30\nend\n", 700, 30, "" },
	{ "config openwad settings\nset idle-timeout 700\n"
	    "set halfclose-timeout 30\nend\n"
	    "config system session-ttl\nset default 900\n"
	    "config port\nedit 1\nset timeout 5\nnext\nend\nend\n"
	    "config system global\nset tcp-halfclose-timer 60\nend\n", 900,
	    60, "warning: f.conf:2: set idle-timeout: default of system "
	    "session-ttl wins, 900 seconds\n"
	    "warning: f.conf:3: set halfclose-timeout: tcp-halfclose-timer "
	    "of system global wins, 60 seconds\n" },
	{ "config openwad settings\nset idle-timeout 900\nend\n"
	    "config system session-ttl\nset default 900\nend\n", 900, 120,
	    "" },
	{ "config openwad settings\nset idle-timeout 700\nend\n"
	    "config system session-ttl\nunset default\nend\n", 700, 120,
	    "" },
};

START_TEST(one_truth)
{
	must_build(timers[_i].text);
	ck_assert_uint_eq(conf->timers.session_ttl, timers[_i].ttl);
	ck_assert_uint_eq(conf->settings.idle_timeout, timers[_i].ttl);
	ck_assert_uint_eq(conf->timers.halfclose, timers[_i].halfclose);
	ck_assert_uint_eq(conf->settings.halfclose_timeout,
	    timers[_i].halfclose);
	ck_assert_str_eq(ignored(), timers[_i].said);
}
END_TEST

START_TEST(session_timers)
{
	must_build("config system global\nset tcp-halfopen-timer 20\n"
	    "set tcp-timewait-timer 1\nset tcp-rst-timer 300\n"
	    "set udp-idle-timer 180\nend\n");
	ck_assert_uint_eq(conf->timers.halfopen, 20);
	ck_assert_uint_eq(conf->settings.connect_timeout, 20);
	ck_assert_uint_eq(conf->timers.rst, 300);
	ck_assert_str_eq(ignored(), "");
}
END_TEST

#define POLICY(id, more)						\
	"edit " id "\nset srcintf any\nset dstintf any\n"		\
	"set srcaddr all\nset dstaddr all\nset service ALL\n" more "next\n"
#define DIRTY(how)							\
	"config system settings\nset opmode nat\n"			\
	"set firewall-session-dirty " how "\n"				\
	"config anything\nedit 1\nnext\nend\nend\n"			\
	"config firewall policy\n" POLICY("1", "")			\
	POLICY("2", "set firewall-session-dirty check-new\n") "end\n"
static const struct {
	const char *text;
	bool	    global, one, two;
} dirty[] = {
	{ DIRTY("check-all"), false, false, false },
	{ DIRTY("check-new"), true, true, true },
	{ DIRTY("check-policy-option"), false, false, true },
};

START_TEST(session_dirty)
{
	must_build(dirty[_i].text);
	ck_assert(conf->timers.dirty_new == dirty[_i].global);
	ck_assert(conf->policies[0].dirty_new == dirty[_i].one);
	ck_assert(conf->policies[1].dirty_new == dirty[_i].two);
}
END_TEST

static void
well_formed(const char *uuid)
{
	ck_assert_uint_eq(strlen(uuid), 36);
	for (int i = 0; i < 36; i++)
		ck_assert_msg(i == 8 || i == 13 || i == 18 || i == 23 ?
		    uuid[i] == '-' : strchr("0123456789abcdef", uuid[i]) !=
		    NULL, "%s", uuid);
	ck_assert_msg(uuid[14] == '8', "%s", uuid);
	ck_assert_msg(strchr("89ab", uuid[19]) != NULL, "%s", uuid);
}

#define UUID	"9A1b2c3d-0000-51ee-8000-0123456789ab"
START_TEST(policy_uuid)
{
	static const char t[] = "config firewall policy\n"
	    POLICY("7", "")
	    POLICY("8", "set uuid " UUID "\nset comments \"a b\"\n")
	    POLICY("9", "set uuid 0d9ad2a4\n")
	    POLICY("10", "set uuid 00000000-0000-0000-0000-000000000000\n")
	    "end\nconfig firewall proxy-policy\n"
	    POLICY("7", "set proxy transparent-web\n")
	    POLICY("8", "set proxy explicit-web\n") "end\n";
	char	first[37];

	must_build(t);
	ck_assert_uint_eq(conf->n_policies, 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(conf->policies[i].uuid_idx, i + 1);
		if (i != 1)
			well_formed(conf->policies[i].uuid);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(conf->policies[i].uuid,
			    conf->policies[k].uuid);
	}
	ck_assert_str_eq(conf->policies[1].uuid, UUID);
	ck_assert_str_eq(conf->policies[1].comments, "a b");
	ck_assert_ptr_null(conf->policies[0].comments);
	strcpy(first, conf->policies[0].uuid);
	teardown();
	setup();
	wad_str_hash_seed(12345);	/* of another process */
	must_build(t);
	ck_assert_str_eq(conf->policies[0].uuid, first);
}
END_TEST

START_TEST(roles)
{
	must_build("config system interface\nedit a\nset role lan\nnext\n"
	    "edit b\nset role undefined\nnext\nedit c\nnext\nend\n"
	    "config firewall policy\nedit 1\nset srcintf linux0\n"
	    "set dstintf any\nset srcaddr all\nset dstaddr all\n"
	    "set service ALL\nnext\nend\n");
	ck_assert_str_eq(conf->ifs[0].role, "lan");
	ck_assert_str_eq(conf->ifs[1].role, "undefined");
	ck_assert_str_eq(conf->ifs[2].role, "undefined");
	ck_assert_str_eq(conf->ifs[3].role, "undefined");
}
END_TEST

/* conf is below session, so the bound is written twice. */
START_TEST(sessions_bound)
{
	const struct wad_conf_row *r = wad_conf_schema_row(
	    wad_conf_schema_table("openwad settings"), "sessions-max");

	ck_assert_uint_eq(r->max, WAD_SLOTS_MAX);
}
END_TEST

/* Said once each, and only when somebody asked for it. */
START_TEST(idle_settings)
{
	must_build("config system global\nset udp-idle-timer 60\nend\n"
	    "config log syslogd setting\nset priority low\n"
	    "set interface-select-method auto\nend\n"
	    "config log memory filter\nset voip disable\n"
	    "set anomaly enable\nend\n");
	ck_assert_str_eq(ignored(),
	    "warning: f.conf:2: set udp-idle-timer 60 has no effect: kept: "
	    "no UDP passes through openwad\n"
	    "warning: f.conf:5: set priority low has no effect: kept: "
	    "records never wait behind traffic\n"
	    "warning: f.conf:9: set voip disable has no effect: kept: there "
	    "is no such traffic here\n");
}
END_TEST

static const struct { const char *text, *says; } wrong[] = {
	{ "config log syslogd3 setting\nset status enable\nend\n",
	    "f.conf:2: 'config log syslogd3 setting': 'set server' is "
	    "missing\n" },
	{ "config log syslogd setting\nset status enable\nset server \"\"\n"
	    "end\n", "f.conf:2: 'config log syslogd setting': 'set server' "
	    "is missing\n" },
	{ "config log syslogd setting\nset server \"a b\"\nend\n",
	    "f.conf:2: set server: 'a b': expected a host name or an "
	    "address\n" },
	{ "config log syslogd setting\nset status enable\nset server h\n"
	    "set enc-algorithm high\nend\n", "f.conf:4: set enc-algorithm: "
	    "TLS needs 'set mode reliable'\n" },
	{ "config log syslogd setting\nset certificate nobody\nend\n",
	    "f.conf:2: set certificate: there is no certificate 'nobody'\n" },
	{ "config log syslogd setting\nset fomrat cef\nend\n",
	    "f.conf:2: unknown setting 'fomrat' in 'config log syslogd "
	    "setting', did you mean 'format'?\n" },
	{ "config log syslogd setting\nset format ceff\nend\n",
	    "f.conf:2: set format: 'ceff' is not one of: default, csv, cef, "
	    "rfc5424, json; did you mean 'cef'?\n" },
	{ "config log syslogd setting\nconfig custom-field-name\nedit 1\n"
	    "set custom x\nnext\nedit 2\nset name x\nnext\nend\nend\n",
	    "f.conf:3: custom-field-name 1: 'set name' is missing\n"
	    "f.conf:6: custom-field-name 2: 'set custom' is missing\n" },
	{ "config log disk filter\nconfig free-style\nedit 1\n"
	    "set category event\nnext\nend\nend\n",
	    "f.conf:3: free-style 1: 'set filter' is missing\n" },
	{ "config log syslogd filter\nconfig free-style\nedit 7\n"
	    "set filter \"(srcip==10.0.0.1 and\"\nnext\nend\nend\n",
	    "f.conf:3: free-style 7: filter: column 21: a field's name is "
	    "expected, not the end\n" },
	{ "config log disk setting\nset roll-time 25:00\nend\n",
	    "f.conf:2: set roll-time: '25:00': expected a time of the day, "
	    "as 23:30\n" },
	{ "config openwad metrics\nset source 10.0.0.0/8 nobody\nend\n",
	    "f.conf:2: set source: 'nobody': expected networks, as "
	    "10.0.0.0/8 or 2001:db8::/32\n" },
	{ "config openwad settings\nset sessions-max 300000\nend\n",
	    "f.conf:2: set sessions-max: '300000': expected 1-262144\n" },
	{ "config log threat-weight\nconfig web\nedit 1\nset category 256\n"
	    "next\nend\nend\n",
	    "f.conf:4: set category: '256': expected 0-255\n" },
};

START_TEST(errors)
{
	ck_assert_ptr_null(build(wrong[_i].text));
	ck_assert_str_eq(text(), wrong[_i].says);
}
END_TEST

/* `get` and `show` know the tables by their rows. */
START_TEST(shown)
{
	static const struct wad_conf_show full = { .full = true };
	struct wad_str			  s = { 0 };

	must_build("config log syslogd setting\nset server h\nend\n");
	ck_assert_int_eq(wad_conf_show(tree, "log syslogd setting", full,
	    &s), 0);
	ck_assert_ptr_nonnull(strstr(s.s, "    set server h\n"));
	ck_assert_ptr_nonnull(strstr(s.s, "    set facility local7\n"));
	ck_assert_ptr_nonnull(strstr(s.s, "    set status disable\n"));
	wad_str_free(&s);
	ck_assert_int_eq(wad_conf_show(tree, "log threat-weight", full, &s),
	    0);
	ck_assert_ptr_nonnull(strstr(s.s, "    config level\n"
	    "        set low 5\n"));
	wad_str_free(&s);
	ck_assert_int_eq(wad_conf_get_text(tree, "openwad metrics", &s), 0);
	ck_assert_ptr_nonnull(strstr(s.s, "listen-ip"));
	ck_assert_ptr_nonnull(strstr(s.s, "127.0.0.1"));
	wad_str_free(&s);
}
END_TEST

#define LOOP(fn, list)							\
	tcase_add_loop_test(t, fn, 0, (int)(sizeof(list) / sizeof((list)[0])))

int
main(void)
{
	Suite	*s = suite_create("conf_log");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, defaults);
	tcase_add_test(t, syslog_servers);
	LOOP(filter, filters);
	tcase_add_test(t, disk_and_memory);
	tcase_add_test(t, what_is_logged);
	tcase_add_test(t, metrics_and_console);
	LOOP(one_truth, timers);
	tcase_add_test(t, session_timers);
	LOOP(session_dirty, dirty);
	tcase_add_test(t, policy_uuid);
	tcase_add_test(t, roles);
	tcase_add_test(t, sessions_bound);
	tcase_add_test(t, idle_settings);
	LOOP(errors, wrong);
	tcase_add_test(t, shown);
	suite_add_tcase(s, t);
	return suite_run(s);
}
