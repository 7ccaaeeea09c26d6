/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of HTTP: protocol options, headers, other proxies, threat feeds,
 * pages.  Included by conf_tables.c only.
 */
#ifndef WAD_CONF_ROWS_HTTP_H
#define WAD_CONF_ROWS_HTTP_H

#define HTTP(name, field, choices, def, help)				\
	{ name, WAD_CT_BOOL, AT(wad_protocol_options, field), 0, 0,	\
	    choices, def, help, 0 }

static const struct wad_conf_row protocol_rows[] = {
	{ "replacemsg-group", WAD_CT_STR, NO, 0, 35, NULL, NULL,
	    "kept: pages are those of the policy or the web filter", 0 },
};

static const struct wad_conf_row protocol_http_rows[] = {
	{ "ports", WAD_CT_U16LIST, AT(wad_protocol_options, ports), 1, 65535,
	    NULL, "80", "ports where plain HTTP is looked into", 0 },
	HTTP("status", http, ONOFF, "enable", "look into plain HTTP"),
	HTTP("inspect-all", inspect_all, ONOFF, "disable",
	    "look for plain HTTP on every port that openwad gets"),
	HTTP("switching-protocols", switching_block, "bypass=0 block=1",
	    "bypass", "Upgrade to another protocol: let it pass, logged, or "
	    "block it"),
	{ "unknown-http-version", WAD_CT_ENUM,
	    AT(wad_protocol_options, unknown_version), 0, 0,
	    "reject=0 tunnel=1 best-effort=2", "reject",
	    "a version that is neither 1.0 nor 1.1", 0 },
	HTTP("tunnel-non-http", tunnel_non_http, ONOFF, "enable",
	    "let pass what is no HTTP; disable: close it"),
	HTTP("h2c", h2c, ONOFF, "disable",
	    "let Upgrade: h2c pass (what follows is not looked into)"),
	HTTP("range-block", range_block, ONOFF, "disable",
	    "take Range out of requests"),
	HTTP("strip-x-forwarded-for", strip_xff, ONOFF, "disable",
	    "take X-Forwarded-For out of requests"),
	HTTP("address-ip-rating", ip_rating, ONOFF, "enable",
	    "rate hosts that are an address"),
	{ "unknown-content-encoding", WAD_CT_ENUM,
	    AT(wad_protocol_options, unknown_encoding), 0, 0,
	    "block=0 inspect=1 bypass=2", "block", "a Content-Encoding that "
	    "cannot be undone, where content rules want to look", 0 },
	{ "block-page-status-code", WAD_CT_UINT,
	    AT(wad_protocol_options, block_status), 100, 599, NULL, "403",
	    "status of pages that say no", 0 },
	{ "retry-count", WAD_CT_UINT, NO, 0, 100, NULL, "0", "kept: a server "
	    "that is not there is told to the client at once", WAD_CF_IDLE },
	{ "domain-fronting", WAD_CT_ENUM, AT(wad_protocol_options, fronting),
	    0, 0, "allow=0 monitor=1 block=2 strict=3", "block",
	    "a Host that is not the name of the TLS connection: judge it by "
	    "its own name and let it pass, log it too, or block it; strict: "
	    "also where the server's certificate has both", 0 },
};

#define HEADER(name, field, help)					\
	{ name, WAD_CT_ENUM, AT(wad_webproxy_profile, field), 0, 0,	\
	    "pass=0 add=1 remove=2", "pass", help, 0 }
static const struct wad_conf_row webproxy_rows[] = {
	HEADER("header-client-ip", client_ip,
	    "Client-IP of requests"),
	HEADER("header-via-request", via_req,
	    "Via of requests"),
	HEADER("header-via-response", via_res,
	    "Via of responses"),
	HEADER("header-x-forwarded-for", xff,
	    "X-Forwarded-For of requests"),
	HEADER("header-front-end-https", front_end_https,
	    "Front-End-Https of requests"),
	HEADER("header-x-authenticated-user", user,
	    "X-Authenticated-User of requests"),
	HEADER("header-x-authenticated-groups", groups,
	    "X-Authenticated-Groups of requests"),
	{ "strip-encoding", WAD_CT_BOOL,
	    AT(wad_webproxy_profile, strip_encoding), 0, 0, ONOFF, "disable",
	    "take Accept-Encoding out of requests", 0 },
};

static const struct wad_conf_row header_rows[] = {
	{ "name", WAD_CT_STR, AT(wad_webproxy_header, name), 1, 79, NULL,
	    NULL, "name of the header", 0 },
	{ "content", WAD_CT_STR, AT(wad_webproxy_header, content), 0, 3999,
	    NULL, NULL, "its value", 0 },
	{ "base64-encoding", WAD_CT_BOOL, NO, 0, 0, ONOFF, "disable",
	    "content is written in base64 (RFC 4648)", 0 },
	{ "action", WAD_CT_ENUM, AT(wad_webproxy_header, action), 0, 0,
	    "add-to-request=0 add-to-response=1 remove-from-request=2 "
	    "remove-from-response=3 monitor-request=4 monitor-response=5",
	    "add-to-request", "what happens to it", 0 },
	{ "add-option", WAD_CT_ENUM, AT(wad_webproxy_header, how), 0, 0,
	    "append=0 new-on-not-found=1 new=2 replace=3 "
	    "replace-when-match=4", "new",
	    "how it is added where the message may have it already", 0 },
	{ "protocol", WAD_CT_OPTIONS, NO, 0, 0, "https=1 http=2",
	    "https http", "messages that it is for", 0 },
	{ "dstaddr", WAD_CT_REFS, NO, 0, 0, NULL, NULL,
	    "IPv4 addresses and groups of servers; none: all", 0 },
	{ "dstaddr6", WAD_CT_REFS, NO, 0, 0, NULL, NULL,
	    "IPv6 addresses and groups of servers; none: all", 0 },
};

static const struct wad_conf_row forward_rows[] = {
	{ "addr-type", WAD_CT_ENUM, NO, 0, 0, "ip=0 ipv6=1 fqdn=2", "ip",
	    "which of ip, ipv6 and fqdn is used", 0 },
	{ "ip", WAD_CT_ADDR4, NO, 0, 0, NULL, "0.0.0.0",
	    "address of the proxy", 0 },
	{ "ipv6", WAD_CT_ADDR6, NO, 0, 0, NULL, "::",
	    "IPv6 address of the proxy", 0 },
	{ "fqdn", WAD_CT_TEXT, NO, 0, 255, NULL, NULL,
	    "name of the proxy", 0 },
	{ "port", WAD_CT_U16, AT(wad_forward_server, port), 1, 65535, NULL,
	    "3128", "port of the proxy", 0 },
	{ "healthcheck", WAD_CT_BOOL, AT(wad_forward_server, check), 0, 0,
	    ONOFF, "disable", "ask for monitor through the proxy, and do not "
	    "use it while that fails", 0 },
	{ "monitor", WAD_CT_STR, AT(wad_forward_server, monitor), 0, 255,
	    NULL, "http://www.google.com", "what healthcheck asks for: "
	    "http://, or https:// (a tunnel there)", 0 },
	{ "server-down-option", WAD_CT_BOOL,
	    AT(wad_forward_server, down_pass), 0, 0, "block=0 pass=1",
	    "block", "when the proxy is not there: refuse, or go to the "
	    "server itself", 0 },
	{ "masquerade", WAD_CT_BOOL, NO, 0, 0, ONOFF, "enable",
	    "kept: the gateway connects from its own address",
	    WAD_CF_IDLE },
	{ "username", WAD_CT_STR, AT(wad_forward_server, username), 0, 64,
	    NULL, NULL, "name to sign in with there", 0 },
	{ "password", WAD_CT_SECRET, AT(wad_forward_server, password), 0, 0,
	    NULL, NULL, "password to sign in with there", 0 },
};

static const struct wad_conf_row forward_group_rows[] = {
	{ "affinity", WAD_CT_BOOL, AT(wad_forward_group, affinity), 0, 0,
	    ONOFF, "enable", "a client stays with the proxy that it got", 0 },
	{ "ldb-method", WAD_CT_ENUM, AT(wad_forward_group, method), 0, 0,
	    "weighted=0 least-session=1 active-passive=2", "weighted",
	    "which proxy a client gets", 0 },
	{ "group-down-option", WAD_CT_BOOL, AT(wad_forward_group, down_pass),
	    0, 0, "block=0 pass=1", "block", "when none is there: refuse, or "
	    "go to the server itself", 0 },
};

static const struct wad_conf_row forward_member_rows[] = {
	{ "weight", WAD_CT_UINT, AT(wad_forward_member, weight), 1, 100, NULL,
	    "10", "share of the clients", 0 },
};

static const struct wad_conf_row url_match_rows[] = {
	{ "status", WAD_CT_BOOL, AT(wad_url_match, enabled), 0, 0, ONOFF,
	    "enable", "whether the entry is looked at", 0 },
	{ "url-pattern", WAD_CT_STR, AT(wad_url_match, pattern), 1, 511,
	    NULL, NULL, "host or host/path; '*' stands for anything", 0 },
	{ "forward-server", WAD_CT_REF, AT(wad_url_match, forward_name), 0, 0,
	    NULL, NULL, "proxy or group of proxies that gets what matches; "
	    "none: the server itself", 0 },
};

/* 100: kinds that are not there. */
static const struct wad_conf_row feed_rows[] = {
	{ "status", WAD_CT_BOOL, AT(wad_feed, enabled), 0, 0, ONOFF,
	    "enable", "whether the feed is fetched and used", 0 },
	{ "type", WAD_CT_ENUM, NO, 0, 0, "category=0 domain=1 address=2 "
	    "malware=100 url=100 mac-address=100 data=100 "
	    "generic-address=100", "category", "what the feed lists: "
	    "addresses of the web, names, or addresses", 0 },
	{ "category", WAD_CT_U16, AT(wad_feed, category), 192, 221, NULL,
	    NULL, "number of the category that its names get", 0 },
	{ "resource", WAD_CT_STR, AT(wad_feed, url), 1, 511, NULL, NULL,
	    "http:// or https:// address of the feed", 0 },
	{ "username", WAD_CT_STR, AT(wad_feed, username), 0, 64, NULL, NULL,
	    "name to sign in with there", 0 },
	{ "password", WAD_CT_SECRET, AT(wad_feed, password), 0, 0, NULL, NULL,
	    "password to sign in with there", 0 },
	{ "user-agent", WAD_CT_STR, AT(wad_feed, user_agent), 0, 255, NULL,
	    NULL, "User-Agent of the request", 0 },
	{ "refresh-rate", WAD_CT_UINT, AT(wad_feed, refresh), 1, 43200, NULL,
	    "5", "minutes between fetches", 0 },
	{ "server-identity-check", WAD_CT_ENUM, AT(wad_feed, identity), 0, 0,
	    "none=0 basic=1 full=2", "none", "certificate of an https:// "
	    "server: any, one that a trusted CA signed, that and the name", 0 },
	{ "source-ip", WAD_CT_ADDR, AT(wad_feed, source_ip), 0, 0, NULL,
	    "0.0.0.0", "address of this gateway that asks", 0 },
	{ "update-method", WAD_CT_BOOL, NO, 0, 0, "feed=0 push=1", "feed",
	    "kept: feeds are fetched, none is pushed", WAD_CF_IDLE },
};

static const struct wad_conf_row page_rows[] = {
	{ "buffer", WAD_CT_STR, AT(wad_page_text, text), 0, 32768, NULL, NULL,
	    "text of the page; %%NAME%% stands for what is known", 0 },
	{ "header", WAD_CT_ENUM, NO, 0, 0, "none=0 http=1 8bit=2", "http",
	    "kept: pages have the headers that HTTP needs", 0 },
	{ "format", WAD_CT_ENUM, NO, 0, 0, "none=0 text=0 html=1", "html",
	    "what the text is", 0 },
};

static const struct wad_conf_row page_group_rows[] = {
	{ "comment", WAD_CT_STR, NO, 0, 255, NULL, NULL, "a note", 0 },
	{ "group-type", WAD_CT_ENUM, NO, 0, 0, "default=0 utm=1 auth=2",
	    "default", "kept: a group may have pages of every kind", 0 },
};

#endif
