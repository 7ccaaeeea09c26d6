/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of addresses, services and policies.  Included by conf_tables.c
 * only.
 */
#ifndef WAD_CONF_ROWS_FIREWALL_H
#define WAD_CONF_ROWS_FIREWALL_H

/* 100 and more: kinds of FortiOS that match nothing here. */
static const struct wad_conf_row address_rows[] = {
	{ "type", WAD_CT_ENUM, NO, 0, 0, "ipmask=0 iprange=1 fqdn=2 "
	    "wildcard-fqdn=3 interface-subnet=0 geography=100 wildcard=100 "
	    "dynamic=100 mac=100 route-tag=100", "ipmask",
	    "what the address is made of", 0 },
	{ "subnet", WAD_CT_PREFIX4, AT(wad_addr_obj, prefix), 0, 0, NULL,
	    "0.0.0.0 0.0.0.0", "network and mask", 0 },
	{ "start-ip", WAD_CT_ADDR4, AT(wad_addr_obj, lo), 0, 0, NULL,
	    NULL, "first address of the range", 0 },
	{ "end-ip", WAD_CT_ADDR4, AT(wad_addr_obj, hi), 0, 0, NULL,
	    NULL, "last address of the range", 0 },
	{ "fqdn", WAD_CT_TEXT, NO, 1, 255, NULL, NULL,
	    "host name; '*' stands for anything", 0 },
	{ "wildcard-fqdn", WAD_CT_TEXT, NO, 1, 255, NULL, NULL,
	    "host name with '*'", 0 },
};

static const struct wad_conf_row address6_rows[] = {
	{ "type", WAD_CT_ENUM, NO, 0, 0, "ipprefix=0 iprange=1 fqdn=2 "
	    "geography=100 dynamic=100 template=100 mac=100 route-tag=100 "
	    "wildcard=100", "ipprefix", "what the address is made of", 0 },
	{ "ip6", WAD_CT_PREFIX6, AT(wad_addr_obj, prefix), 0, 0, NULL,
	    "::/0", "network and prefix length", 0 },
	{ "start-ip", WAD_CT_ADDR6, AT(wad_addr_obj, lo), 0, 0, NULL,
	    NULL, "first address of the range", 0 },
	{ "end-ip", WAD_CT_ADDR6, AT(wad_addr_obj, hi), 0, 0, NULL,
	    NULL, "last address of the range", 0 },
	{ "fqdn", WAD_CT_TEXT, NO, 1, 255, NULL, NULL,
	    "host name; '*' stands for anything", 0 },
};

static const struct wad_conf_row addrgrp_rows[] = {
	{ "member", WAD_CT_REFS, AT(wad_addrgrp, member_names), 0, 0, NULL,
	    NULL, "addresses and groups in this group", 0 },
	{ "exclude", WAD_CT_BOOL, NO, 0, 0, "disable=0", "disable",
	    "exclusion from a group is not there: use negation", 0 },
};

static const struct wad_conf_row wildcard_rows[] = {
	{ "wildcard-fqdn", WAD_CT_TEXT, NO, 1, 255, NULL, NULL,
	    "host name with '*'", 0 },
};

static const struct wad_conf_row group_rows[] = {
	{ "member", WAD_CT_REFS, NO, 0, 0, NULL, NULL,
	    "what is in this group", 0 },
};

static const struct wad_conf_row service_rows[] = {
	{ "protocol", WAD_CT_ENUM, NO, 0, 0, "TCP/UDP/SCTP=0 "
	    "TCP/UDP/UDP-Lite/SCTP=0 ICMP=1 ICMP6=1 IP=2 HTTP=3 FTP=3 "
	    "CONNECT=3 SOCKS-TCP=3 SOCKS-UDP=3 ALL=3",
	    "TCP/UDP/UDP-Lite/SCTP", "kind of the service", 0 },
	{ "protocol-number", WAD_CT_UINT, NO, 0, 254, NULL, "0",
	    "IP protocol; 0: any", 0 },
	{ "tcp-portrange", WAD_CT_PORTS, AT(wad_service, tcp), 0, 65535, NULL,
	    NULL, "TCP ports, as 443 or 8000-8010", 0 },
	{ "udp-portrange", WAD_CT_PORTS, AT(wad_service, udp), 0, 65535, NULL,
	    NULL, "UDP ports", 0 },
};

#define POLICY_ROWS							\
	{ "status", WAD_CT_BOOL, AT(wad_policy, enabled), 0, 0, ONOFF,	\
	    "enable", "whether the policy is looked at", 0 },		\
	{ "name", WAD_CT_STR, AT(wad_policy, name), 0, 63, NULL, NULL,	\
	    "name in logs and explanations", 0 },			\
	{ "srcintf", WAD_CT_REFS, AT(wad_policy, srcintf), 0, 0, NULL,	\
	    NULL, "interfaces where connections enter; any", 0 },	\
	{ "dstintf", WAD_CT_REFS, AT(wad_policy, dstintf), 0, 0, NULL,	\
	    NULL, "interfaces where connections leave; any", 0 },	\
	{ "srcaddr", WAD_CT_REFS, NO, 0, 0, NULL, NULL,			\
	    "IPv4 addresses and groups of clients", 0 },		\
	{ "dstaddr", WAD_CT_REFS, NO, 0, 0, NULL, NULL,			\
	    "IPv4 addresses and groups of servers", 0 },		\
	{ "srcaddr6", WAD_CT_REFS, NO, 0, 0, NULL, NULL,		\
	    "IPv6 addresses and groups of clients", 0 },		\
	{ "dstaddr6", WAD_CT_REFS, NO, 0, 0, NULL, NULL,		\
	    "IPv6 addresses and groups of servers", 0 },		\
	{ "srcaddr-negate", WAD_CT_BOOL, AT(wad_policy, srcaddr.negate), \
	    0, 0, ONOFF, "disable", "match all but srcaddr", 0 },	\
	{ "dstaddr-negate", WAD_CT_BOOL, AT(wad_policy, dstaddr.negate), \
	    0, 0, ONOFF, "disable", "match all but dstaddr", 0 },	\
	{ "srcaddr6-negate", WAD_CT_BOOL,				\
	    AT(wad_policy, srcaddr6.negate),				\
	    0, 0, ONOFF, "disable", "match all but srcaddr6", 0 },	\
	{ "dstaddr6-negate", WAD_CT_BOOL,				\
	    AT(wad_policy, dstaddr6.negate),				\
	    0, 0, ONOFF, "disable", "match all but dstaddr6", 0 },	\
	{ "service", WAD_CT_REFS, NO, 0, 0, NULL, NULL,			\
	    "services and groups of services", 0 },			\
	{ "service-negate", WAD_CT_BOOL,				\
	    AT(wad_policy, service_negate), 0, 0, ONOFF, "disable",	\
	    "match all but service", 0 },				\
	{ "schedule", WAD_CT_REF, NO, 0, 0, NULL, NULL,			\
	    "kept; only always and none have an effect", 0 },		\
	{ "utm-status", WAD_CT_BOOL, AT(wad_policy, utm), 0, 0, ONOFF,	\
	    "disable", "whether profiles are applied", 0 },		\
	{ "ssl-ssh-profile", WAD_CT_REF, AT(wad_policy, profile_name),	\
	    0, 0, NULL, "no-inspection", "inspection profile", 0 },	\
	{ "webfilter-profile", WAD_CT_REF,				\
	    AT(wad_policy, webfilter_name), 0, 0, NULL, NULL,		\
	    "web filter profile", 0 },					\
	{ "profile-protocol-options", WAD_CT_REF,			\
	    AT(wad_policy, protocol_name), 0, 0, NULL, "default",	\
	    "how HTTP is treated", 0 },					\
	{ "webproxy-profile", WAD_CT_REF,				\
	    AT(wad_policy, webproxy_name), 0, 0, NULL, NULL,		\
	    "web-proxy profile: headers that are added or removed", 0 }, \
	{ "webproxy-forward-server", WAD_CT_REF,			\
	    AT(wad_policy, forward_name), 0, 0, NULL, NULL,		\
	    "proxy, or group of proxies, that gets the requests", 0 },	\
	{ "replacemsg-override-group", WAD_CT_REF,			\
	    AT(wad_policy, pages_name), 0, 0, NULL, NULL,		\
	    "an entry of system replacemsg-group, whose pages are shown", \
	    0 },							\
	{ "logtraffic", WAD_CT_ENUM, AT(wad_policy, logtraffic), 0, 0,	\
	    "disable=0 utm=1 all=2", "utm",				\
	    "which sessions are logged", 0 },				\
	{ "logtraffic-start", WAD_CT_BOOL,				\
	    AT(wad_policy, logtraffic_start), 0, 0, ONOFF, "disable",	\
	    "log the start of sessions too", 0 },			\
	{ "groups", WAD_CT_REFS, AT(wad_policy, groups), 0, 0, NULL,	\
	    NULL, "user groups that the policy is for", 0 },		\
	{ "users", WAD_CT_REFS, AT(wad_policy, users), 0, 0, NULL, NULL, \
	    "users that the policy is for", 0 },			\
	{ "uuid", WAD_CT_TEXT, NO, 0, 36, NULL, NULL,			\
	    "the policy's name in logs; unset: made of its number", 0 },	\
	{ "comments", WAD_CT_STR, AT(wad_policy, comments), 0, 1023,	\
	    NULL, NULL, "a note; in logs with log-policy-comment", 0 }

static const struct wad_conf_row policy_rows[] = {
	POLICY_ROWS,
	{ "firewall-session-dirty", WAD_CT_BOOL,
	    AT(wad_policy, dirty_new), 0, 0, "check-all=0 check-new=1",
	    "check-all", "with firewall-session-dirty check-policy-option of "
	    "system settings: what a change of the configuration does to "
	    "open sessions", 0 },
	{ "action", WAD_CT_BOOL, AT(wad_policy, accept), 0, 0,
	    "deny=0 accept=1 ipsec=0", "deny",
	    "what happens to connections that match", 0 },
	{ "nat", WAD_CT_BOOL, AT(wad_policy, nat), 0, 0, ONOFF, "disable",
	    "connect from the gateway's address, not the client's", 0 },
	{ "auth-cert", WAD_CT_CERT, AT(wad_policy, auth_cert_name), 0, 0,
	    NULL, NULL, "certificate of the sign-in page", 0 },
};

static const struct wad_conf_row proxy_policy_rows[] = {
	POLICY_ROWS,
	{ "proxy", WAD_CT_BOOL, AT(wad_policy, explicit_web), 0, 0,
	    "explicit-web=1 transparent-web=0 ftp=0 ssh=0 ssh-tunnel=0 "
	    "access-proxy=0 ztna-proxy=0 wanopt=0", "explicit-web",
	    "kind of proxy; only explicit-web is served", 0 },
	{ "action", WAD_CT_BOOL, AT(wad_policy, accept), 0, 0,
	    "deny=0 accept=1 redirect=0 isolate=0", "deny",
	    "what happens to requests that match", 0 },
};

#endif
