/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of logs and metrics.  Included by conf_tables.c only.
 */
#ifndef WAD_CONF_ROWS_LOG_H
#define WAD_CONF_ROWS_LOG_H

#define FORMATS	"default=0 csv=1 cef=2 rfc5424=3 json=4"
#define WEIGHTS	"disable=0 low=1 medium=2 high=3 critical=4"
#define OTHERS	"kept: there is no such traffic here"
#define BOOL(name, field, def, help)					\
	{ name, WAD_CT_BOOL, AT(wad_conf, field), 0, 0, ONOFF, def, help, 0 }
#define IDLE(name, def, help)						\
	{ name, WAD_CT_BOOL, NO, 0, 0, ONOFF, def, help, WAD_CF_IDLE }

static const struct wad_conf_row syslog_rows[] = {
	{ "status", WAD_CT_BOOL, AT(wad_conf_syslog, enabled), 0, 0, ONOFF,
	    "disable", "send log records to this server", 0 },
	{ "server", WAD_CT_STR, AT(wad_conf_syslog, server), 0, 127, NULL,
	    NULL, "name or address of the server", 0 },
	{ "mode", WAD_CT_ENUM, AT(wad_conf_syslog, mode), 0, 0,
	    "udp=0 legacy-reliable=1 reliable=2", "udp", "udp: one datagram "
	    "each; reliable: TCP, each record behind its length (RFC 6587); "
	    "legacy-reliable: TCP, one record a line", 0 },
	{ "port", WAD_CT_U16, AT(wad_conf_syslog, port), 1, 65535, NULL,
	    "514", "port of the server", 0 },
	{ "facility", WAD_CT_ENUM, AT(wad_conf_syslog, facility), 0, 0,
	    "kernel=0 user=1 mail=2 daemon=3 auth=4 syslog=5 lpr=6 news=7 "
	    "uucp=8 cron=9 authpriv=10 ftp=11 ntp=12 audit=13 alert=14 "
	    "clock=15 local0=16 local1=17 local2=18 local3=19 local4=20 "
	    "local5=21 local6=22 local7=23", "local7",
	    "facility that records carry (RFC 5424, section 6.2.1)", 0 },
	{ "source-ip", WAD_CT_ADDR, AT(wad_conf_syslog, source_ip), 0, 0,
	    NULL, NULL, "address of this gateway that records come from", 0 },
	{ "format", WAD_CT_ENUM, AT(wad_conf_syslog, format), 0, 0, FORMATS,
	    "default", "form of the records", 0 },
	{ "priority", WAD_CT_BOOL, NO, 0, 0, "default=0 low=1", "default",
	    "kept: records never wait behind traffic", WAD_CF_IDLE },
	{ "max-log-rate", WAD_CT_UINT, AT(wad_conf_syslog, max_rate), 0,
	    100000, NULL, "0", "megabytes a second, 0: no bound", 0 },
	{ "enc-algorithm", WAD_CT_ENUM, AT(wad_conf_syslog, tls), 0, 0,
	    "disable=0 low=1 high-medium=2 high=3", "disable", "TLS to the "
	    "server, with these ciphers; needs mode reliable", 0 },
	{ "ssl-min-proto-version", WAD_CT_VERSION,
	    AT(wad_conf_syslog, min_version), 0, 0, "default=771 SSLv3=768 "
	    "TLSv1=769 TLSv1-1=770 TLSv1-2=771 TLSv1-3=772", "default",
	    "oldest TLS version towards the server; default: TLSv1-2", 0 },
	{ "certificate", WAD_CT_CERT, AT(wad_conf_syslog, cert_name), 0, 0,
	    NULL, NULL, "certificate that is shown to the server", 0 },
	{ "interface-select-method", WAD_CT_ENUM, NO, 0, 0,
	    "auto=0 sdwan=1 specify=2", "auto",
	    "kept: the system's routes lead to the server", WAD_CF_IDLE },
};

static const struct wad_conf_row field_name_rows[] = {
	{ "name", WAD_CT_STR, AT(wad_conf_log_name, name), 1, 35, NULL, NULL,
	    "field of a log record", 0 },
	{ "custom", WAD_CT_STR, AT(wad_conf_log_name, custom), 1, 35, NULL,
	    NULL, "what it is called in records for this server", 0 },
};

static const struct wad_conf_row log_filter_rows[] = {
	{ "severity", WAD_CT_ENUM, AT(wad_conf_log_filter, severity), 0, 0,
	    "emergency=0 alert=1 critical=2 error=3 warning=4 notification=5 "
	    "information=6 debug=7", "information",
	    "lowest level that passes", 0 },
	{ "forward-traffic", WAD_CT_BOOL, AT(wad_conf_log_filter, forward),
	    0, 0, ONOFF, "enable", "traffic through the gateway", 0 },
	{ "local-traffic", WAD_CT_BOOL, AT(wad_conf_log_filter, local), 0, 0,
	    ONOFF, "enable", "traffic to the gateway itself", 0 },
	IDLE("multicast-traffic", "enable", OTHERS),
	IDLE("sniffer-traffic", "enable", OTHERS),
	IDLE("ztna-traffic", "enable", OTHERS),
	IDLE("http-transaction", "enable", OTHERS),
	IDLE("anomaly", "enable", OTHERS),
	IDLE("voip", "enable", OTHERS),
	IDLE("gtp", "enable", OTHERS),
};

/* Numbers of `execute log filter category`; 255 is none that openwad has. */
static const struct wad_conf_row free_style_rows[] = {
	{ "category", WAD_CT_ENUM, AT(wad_conf_log_free, category), 0, 0,
	    "traffic=0 event=1 virus=2 webfilter=3 attack=4 spam=5 anomaly=7 "
	    "voip=8 dlp=9 app-ctrl=10 waf=12 gtp=255 dns=15 ssh=16 ssl=17 "
	    "file-filter=19 icap=20 virtual-patch=255 debug=255", "traffic",
	    "records that the expression is for", 0 },
	{ "filter", WAD_CT_STR, AT(wad_conf_log_free, filter), 1, 1023, NULL,
	    NULL, "expression, as (srcip==10.0.0.1 and dstport==443)", 0 },
	{ "filter-type", WAD_CT_BOOL, AT(wad_conf_log_free, exclude), 0, 0,
	    "include=0 exclude=1", "include",
	    "whether what matches passes, or does not", 0 },
};

static const struct wad_conf_row log_memory_rows[] = {
	BOOL("status", log.memory.enabled, "enable",
	    "keep records in memory, for execute log display"),
};

static const struct wad_conf_row log_memory_global_rows[] = {
	{ "max-size", WAD_CT_UINT, AT(wad_conf, log.memory.max_bytes), 65536,
	    268435456, NULL, "10485760",
	    "bytes of the records in memory, the oldest go first", 0 },
};

static const struct wad_conf_row log_disk_rows[] = {
	BOOL("status", log.disk.enabled, "enable",
	    "write records to openwad.log in the log folder"),
	{ "max-log-file-size", WAD_CT_UINT, AT(wad_conf, log.disk.max_file_mb),
	    1, 100, NULL, "20",
	    "megabytes after which a new file is begun", 0 },
	{ "roll-schedule", WAD_CT_ENUM, AT(wad_conf, log.disk.roll_daily), 0,
	    0, "none=0 daily=1 weekly=2", "daily",
	    "when a new file is begun, whatever its size", 0 },
	{ "roll-day", WAD_CT_ENUM, AT(wad_conf, log.disk.roll_day), 0, 0,
	    "sunday=0 monday=1 tuesday=2 wednesday=3 thursday=4 friday=5 "
	    "saturday=6", "sunday", "day of roll-schedule weekly", 0 },
	{ "roll-time", WAD_CT_TIME, AT(wad_conf, log.disk.roll_hour), 0, 0,
	    NULL, "00:00", "time of roll-schedule, hh:mm", 0 },
	{ "diskfull", WAD_CT_BOOL, AT(wad_conf, log.disk.nolog), 0, 0,
	    "overwrite=0 nolog=1", "overwrite", "when quota is used up: "
	    "delete the oldest file, or write no more", 0 },
	{ "maximum-log-age", WAD_CT_UINT, AT(wad_conf, log.disk.max_age_days),
	    0, 3650, NULL, "7", "days that files are kept, 0: no bound", 0 },
	{ "quota", WAD_CT_UINT, AT(wad_conf, log.disk.quota_mb), 1, 1048576,
	    NULL, "500", "megabytes of all log files together", 0 },
	{ "format", WAD_CT_ENUM, AT(wad_conf, log.disk.format), 0, 0, FORMATS,
	    "default", "form of the records; execute log display reads "
	    "default", 0 },
};

static const struct wad_conf_row log_setting_rows[] = {
	IDLE("resolve-ip", "disable", "kept: no names are looked up for logs"),
	BOOL("resolve-port", log.resolve_port, "enable",
	    "write service=HTTPS rather than service=tcp/443"),
	BOOL("log-user-in-upper", log.user_upper, "disable",
	    "write names of users in capitals"),
	BOOL("fwpolicy-implicit-log", log.implicit, "disable",
	    "log connections that no policy matched"),
	BOOL("expolicy-implicit-log", log.explicit_implicit, "disable",
	    "log requests that no proxy-policy matched"),
	IDLE("local-in-allow", "disable", "kept: what openwad serves itself "
	    "has records of its own"),
	BOOL("local-in-deny-unicast", log.local_in_deny, "disable",
	    "log refused connections to openwad itself"),
	IDLE("local-in-deny-broadcast", "disable", OTHERS),
	IDLE("local-out", "enable", "kept: openwad's own look-ups have "
	    "events, no traffic records"),
	BOOL("brief-traffic-format", log.brief, "disable",
	    "leave the less used fields out of traffic records"),
	BOOL("log-policy-comment", log.policy_comment, "disable",
	    "write the policy's comments into traffic records"),
	BOOL("long-live-session-stat", log.long_live, "enable",
	    "interim records of long sessions"),
	IDLE("extended-log", "disable", "kept: records have all fields"),
	IDLE("zone-name", "disable", "kept: interfaces are named, not zones"),
};

static const struct wad_conf_row log_event_rows[] = {
	BOOL("event", log.event, "enable", "log events at all"),
	BOOL("system", log.ev_system, "enable",
	    "start, stop, changes of the configuration"),
	BOOL("user", log.ev_user, "enable", "users who sign in or fail to"),
	BOOL("webproxy", log.ev_wad, "enable",
	    "events of the proxy: TLS alerts (subtype wad)"),
};

static const struct wad_conf_row threat_rows[] = {
	BOOL("status", log.threat, "enable",
	    "write crlevel, crscore and craction into records"),
	{ "blocked-connection", WAD_CT_ENUM, AT(wad_conf, log.w_blocked), 0,
	    0, WEIGHTS, "high", "level of a refused connection", 0 },
	{ "failed-connection", WAD_CT_ENUM, AT(wad_conf, log.w_failed), 0, 0,
	    WEIGHTS, "low", "level of a connection that nobody answers", 0 },
	{ "url-block-detected", WAD_CT_ENUM, AT(wad_conf, log.w_url), 0, 0,
	    WEIGHTS, "high", "level of an address that the URL filter "
	    "blocks", 0 },
};

#define SCORE(name, n, def)						\
	{ name, WAD_CT_UINT, AT(wad_conf, log.score[n]), 1, 100, NULL, def, \
	    "crscore of this level", 0 }
static const struct wad_conf_row threat_level_rows[] = {
	SCORE("low", 0, "5"),
	SCORE("medium", 1, "10"),
	SCORE("high", 2, "30"),
	SCORE("critical", 3, "50"),
};

static const struct wad_conf_row threat_web_rows[] = {
	{ "category", WAD_CT_U16, NO, 0, 255, NULL, "0",
	    "number of a category", 0 },
	{ "level", WAD_CT_ENUM, NO, 0, 0, WEIGHTS, "low",
	    "level of what the category filter blocks there", 0 },
};

static const struct wad_conf_row metrics_rows[] = {
	BOOL("status", metrics.enabled, "disable",
	    "answer GET /metrics in Prometheus's text form"),
	{ "listen-ip", WAD_CT_ADDR, AT(wad_conf, metrics.listen_ip), 0, 0,
	    NULL, "127.0.0.1", "address where it is asked for", 0 },
	{ "port", WAD_CT_U16, AT(wad_conf, metrics.port), 1, 65535, NULL,
	    "9142", "port where it is asked for", 0 },
	{ "source", WAD_CT_PREFIXES, AT(wad_conf, metrics.sources), 0, 0,
	    NULL, NULL, "networks that may ask, as 10.0.0.0/8 2001:db8::/32; "
	    "unset: all", 0 },
};

#undef BOOL
#undef IDLE

#endif
