/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every table and setting that openwad knows.  To add one: a field in
 * conf_snap.h and a row in conf_rows_*.h.  The names are FortiOS's; what
 * openwad does with each is in its row's help.
 */
#include "conf/conf_schema.h"

#include "base/xmem.h"

#define AT(s, f)	offsetof(struct s, f)
#define NO		WAD_CONF_NOWHERE
#define ONOFF		"disable=0 enable=1"
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum {
	SERVER_CERTS_MAX = 8,
	/* of session/slot.h, which is above conf; check_conf_log
	 * compares */
	WAD_SESSIONS_MAX = 262144
};

#include "conf/conf_kept.h"
#include "conf/conf_rows_firewall.h"
#include "conf/conf_rows_http.h"
#include "conf/conf_rows_log.h"
#include "conf/conf_rows_profile.h"
#include "conf/conf_rows_system.h"
#include "conf/conf_rows_webfilter.h"

#define T(path, entries, numbers, lo, hi, rows, kept, tables, help)	\
	{ path, entries, numbers, lo, hi, rows, COUNT(rows), kept, tables, help }
#define SINGLE(path, rows, kept, tables, help)				\
	T(path, false, false, 0, 0, rows, kept, tables, help)
#define NAMED(path, max, rows, kept, tables, help)			\
	T(path, true, false, 0, max, rows, kept, tables, help)
#define NUMBERED(path, lo, hi, rows, kept, tables, help)		\
	T(path, true, true, lo, hi, rows, kept, tables, help)
#define FILTER(path, help)						\
	SINGLE(path, log_filter_rows, KEPT_LOG_FILTER, NULL, help),	\
	NUMBERED(path "/free-style", 0, 4294967295U, free_style_rows,	\
	    NULL, NULL, "expressions over the fields of records")
#define SYSLOG(path, help)						\
	SINGLE(path " setting", syslog_rows, KEPT_SYSLOG, NULL, help),	\
	NUMBERED(path " setting/custom-field-name", 0, 255,		\
	    field_name_rows, NULL, NULL, "fields that get another name"), \
	FILTER(path " filter", "which records go to this server")
/* The kinds of pages that openwad shows. */
#define PAGES(path)							\
	NAMED(path "http", 28, page_rows, NULL, NULL,			\
	    "pages of the URL filter, of content and of certificates"),	\
	NAMED(path "fortiguard-wf", 28, page_rows, NULL, NULL,		\
	    "pages of the category filter"),				\
	NAMED(path "webproxy", 28, page_rows, NULL, NULL,		\
	    "pages of the explicit proxy"),				\
	NAMED(path "auth", 28, page_rows, NULL, NULL,			\
	    "pages of signing in")

const struct wad_conf_table wad_conf_tables[] = {
	SINGLE("system global", global_rows, KEPT_GLOBAL, NULL,
	    "the gateway itself"),
	NAMED("system interface", 35, interface_rows, KEPT_INTERFACE,
	    KEPT_INTERFACE_TABLES, "network interfaces"),
	NAMED("system zone", 35, zone_rows, KEPT_ZONE, "tagging",
	    "interfaces under one name"),
	SINGLE("system dns", dns_rows, KEPT_DNS, NULL, "name servers"),
	SINGLE("system console", console_rows, KEPT_CONSOLE, NULL,
	    "the console"),
	SINGLE("system settings", system_settings_rows, KEPT_SETTINGS, "*",
	    "how a change meets open sessions"),
	SINGLE("system session-ttl", session_ttl_rows, NULL,
	    KEPT_SESSION_TTL_TABLES, "how long idle sessions live"),
	NAMED("vpn certificate local", 63, local_cert_rows, KEPT_CERT_LOCAL,
	    NULL, "certificates with private keys"),
	NAMED("vpn certificate ca", 79, ca_cert_rows, KEPT_CERT_CA, NULL,
	    "roots that openwad trusts"),
	NAMED("vpn certificate crl", 35, crl_rows, KEPT_CERT_CRL, NULL,
	    "lists of revoked certificates"),
	NAMED("vpn certificate ocsp-server", 35, ocsp_rows, KEPT_CERT_OCSP,
	    NULL, "OCSP responders"),
	SINGLE("vpn certificate setting", revocation_rows,
	    KEPT_CERT_SETTING, NULL, "how revocation is looked up"),
	SINGLE("vpn certificate setting/crl-verification",
	    crl_verification_rows, NULL, NULL,
	    "strict-crl-check in the words of FortiOS 7.4"),
	NAMED("firewall address", 79, address_rows, KEPT_ADDRESS,
	    KEPT_ADDRESS_TABLES, "IPv4 addresses and host names"),
	NAMED("firewall address6", 79, address6_rows, KEPT_ADDRESS,
	    KEPT_ADDRESS_TABLES, "IPv6 addresses and host names"),
	NAMED("firewall addrgrp", 79, addrgrp_rows, KEPT_ADDRGRP, "tagging",
	    "groups of addresses"),
	NAMED("firewall addrgrp6", 79, addrgrp_rows, KEPT_ADDRGRP, "tagging",
	    "groups of IPv6 addresses"),
	NAMED("firewall wildcard-fqdn custom", 79, wildcard_rows,
	    KEPT_OBJECT, NULL, "host names with '*' for exemptions"),
	NAMED("firewall wildcard-fqdn group", 79, group_rows, KEPT_OBJECT,
	    NULL, "groups of them"),
	NAMED("firewall service custom", 79, service_rows, KEPT_SERVICE,
	    NULL, "services: protocols and ports"),
	NAMED("firewall service group", 79, group_rows, KEPT_OBJECT, NULL,
	    "groups of services"),
	NUMBERED("firewall policy", 1, 4294967294U, policy_rows, KEPT_POLICY,
	    NULL, "what may pass, and how it is inspected"),
	NUMBERED("firewall proxy-policy", 1, 4294967294U, proxy_policy_rows,
	    KEPT_PROXY_POLICY, NULL, "the same for the explicit proxy"),
	SINGLE("firewall ssl setting", ssl_setting_rows, KEPT_SSL_SETTING,
	    NULL, "caches and sessions of TLS inspection"),
	NAMED("firewall ssl-ssh-profile", 47, profile_rows, KEPT_PROFILE,
	    KEPT_PROFILE_TABLES, "how TLS is inspected"),
	SINGLE("firewall ssl-ssh-profile/https", https_rows, KEPT_PROTO,
	    NULL, "HTTPS"),
	SINGLE("firewall ssl-ssh-profile/ssl", ssl_rows, KEPT_PROTO, NULL,
	    "TLS on any port"),
	NAMED("firewall ssl-ssh-profile/ech-outer-sni", 79, ech_outer_rows,
	    NULL, NULL, "outer names of encrypted ClientHellos"),
	NUMBERED("firewall ssl-ssh-profile/ssl-exempt", 0, 65535,
	    exempt_rows, NULL, NULL, "what is not inspected"),
	NAMED("webfilter profile", 47, wf_rows, KEPT_WF, KEPT_WF_TABLES,
	    "web filter profiles"),
	SINGLE("webfilter profile/web", wf_web_rows, KEPT_WF_WEB,
	    "keyword-match", "filter by URL"),
	SINGLE("webfilter profile/ftgd-wf", wf_ftgd_rows, KEPT_WF_FTGD,
	    "risk", "filter by category"),
	NUMBERED("webfilter profile/ftgd-wf/filters", 0, 4294967295U,
	    wf_filter_rows, NULL, NULL, "actions by category"),
	NUMBERED("webfilter profile/ftgd-wf/quota", 0, 4294967295U,
	    wf_quota_rows, NULL, NULL, "quotas of categories, a day"),
	SINGLE("webfilter fortiguard", wf_fortiguard_rows, KEPT_FORTIGUARD,
	    NULL, "warnings and sign-ins of the web filter"),
	NUMBERED("webfilter urlfilter", 0, 4294967295U, urlfilter_rows,
	    KEPT_URLFILTER, NULL, "URL filter lists"),
	NUMBERED("webfilter urlfilter/entries", 0, 4294967295U,
	    uf_entry_rows, KEPT_URLFILTER_ENTRY, NULL, "URLs, in order"),
	NUMBERED("webfilter content", 0, 4294967295U, list_rows, "comment",
	    NULL, "lists of banned words"),
	NAMED("webfilter content/entries", 127, word_rows, NULL, NULL,
	    "patterns that are looked for in pages"),
	NUMBERED("webfilter content-header", 0, 4294967295U,
	    content_headers_rows, "comment", NULL, "lists of Content-Types"),
	NAMED("webfilter content-header/entries", 31, content_header_rows,
	    NULL, NULL, "regular expressions for the Content-Type"),
	NAMED("webfilter ftgd-local-cat", 79, local_cat_rows, "desc", NULL,
	    "local categories"),
	NAMED("webfilter ftgd-local-rating", 511, local_rating_rows,
	    "comment", NULL, "local ratings of names"),
	NAMED("firewall profile-protocol-options", 47, protocol_rows,
	    KEPT_PROTOCOL, KEPT_PROTOCOL_TABLES, "how HTTP is treated"),
	SINGLE("firewall profile-protocol-options/http", protocol_http_rows,
	    KEPT_PROTOCOL_HTTP, NULL, "HTTP"),
	SINGLE("user setting", user_setting_rows, KEPT_USER_SETTING,
	    "auth-ports", "signing in"),
	NAMED("user local", 64, user_local_rows, KEPT_USER_LOCAL, NULL,
	    "users"),
	NAMED("user group", 63, user_group_rows, KEPT_USER_GROUP,
	    "match guest", "groups of users"),
	SINGLE("web-proxy explicit", explicit_rows, KEPT_EXPLICIT,
	    "pac-policy secure-web-proxy-cert", "the explicit proxy"),
	SINGLE("web-proxy global", proxy_global_rows, KEPT_PROXY_GLOBAL,
	    "learn-client-ip-srcaddr", "all proxies"),
	NAMED("web-proxy profile", 63, webproxy_rows, KEPT_WEBPROXY, NULL,
	    "headers that are added or removed"),
	NUMBERED("web-proxy profile/headers", 0, 4294967295U, header_rows,
	    NULL, NULL, "any other header"),
	NAMED("web-proxy forward-server", 63, forward_rows, KEPT_FORWARD,
	    NULL, "proxies that requests can be given to"),
	NAMED("web-proxy forward-server-group", 63, forward_group_rows, NULL,
	    NULL, "groups of them"),
	NAMED("web-proxy forward-server-group/server-list", 63,
	    forward_member_rows, NULL, NULL, "forward-servers of the group"),
	NAMED("web-proxy url-match", 63, url_match_rows, KEPT_URL_MATCH,
	    NULL, "which requests are given to which proxy"),
	NAMED("system external-resource", 35, feed_rows, KEPT_FEED,
	    "header*", "threat feeds"),
	PAGES("system replacemsg "),
	SINGLE("system replacemsg/TYPE", page_rows, NULL, NULL,
	    "config system replacemsg KIND TYPE: one page"),
	NAMED("system replacemsg-group", 35, page_group_rows, NULL,
	    KEPT_PAGE_TABLES, "pages for some policies"),
	PAGES("system replacemsg-group/"),
	SINGLE("openwad settings", settings_rows, NULL, NULL,
	    "what FortiOS has no words for"),
	SINGLE("openwad metrics", metrics_rows, NULL, NULL,
	    "figures for Prometheus"),
	SYSLOG("log syslogd", "a syslog server"),
	SYSLOG("log syslogd2", "a second syslog server"),
	SYSLOG("log syslogd3", "a third syslog server"),
	SYSLOG("log syslogd4", "a fourth syslog server"),
	SINGLE("log memory setting", log_memory_rows, KEPT_LOG_MEMORY, NULL,
	    "records in memory, for execute log display"),
	SINGLE("log memory global-setting", log_memory_global_rows,
	    KEPT_LOG_MEMORY, NULL, "how many of them"),
	FILTER("log memory filter", "which records are kept in memory"),
	SINGLE("log disk setting", log_disk_rows, KEPT_LOG_DISK, NULL,
	    "records in files"),
	FILTER("log disk filter", "which records are written to files"),
	SINGLE("log setting", log_setting_rows, KEPT_LOG_SETTING, NULL,
	    "what is logged, and how"),
	SINGLE("log eventfilter", log_event_rows, KEPT_LOG_EVENTS, NULL,
	    "which events are logged"),
	SINGLE("log threat-weight", threat_rows, KEPT_THREAT,
	    KEPT_THREAT_TABLES, "crlevel and crscore of log records"),
	SINGLE("log threat-weight/level", threat_level_rows, NULL, NULL,
	    "crscore of each level"),
	NUMBERED("log threat-weight/web", 0, 255, threat_web_rows, NULL,
	    NULL, "levels of web categories"),
};
const size_t wad_conf_n_tables = COUNT(wad_conf_tables);
