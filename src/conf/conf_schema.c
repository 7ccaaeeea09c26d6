/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every table and setting that openwad knows.  To add one: a field in
 * conf_snap.h and a row here.  The names are FortiOS's; what openwad does
 * with each is in its row's help.  Below the tables: the code that reads a
 * value by its row.
 */
#include "conf/conf_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/xmem.h"

#define AT(s, f)	offsetof(struct s, f)
#define NO		WAD_CONF_NOWHERE
#define ONOFF		"disable=0 enable=1"
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { SERVER_CERTS_MAX = 8 };

static const struct wad_conf_row global_rows[] = {
	{ "hostname", WAD_CT_STR, AT(wad_conf_system, hostname), 1, 63, NULL,
	    "openwad", "name of this gateway in prompts and logs", 0 },
	{ "auth-cert", WAD_CT_CERT, AT(wad_conf_system, auth_cert_name), 0, 0,
	    NULL, NULL, "certificate of last resort but one for pages", 0 },
	{ "wad-worker-count", WAD_CT_UINT,
	    AT(wad_conf_system, wad_worker_count), 0, 64, NULL, "0",
	    "number of worker processes, 0: one per core", 0 },
};

static const struct wad_conf_row interface_rows[] = {
	{ "device", WAD_CT_STR, AT(wad_interface, device), 1, 15, NULL, NULL,
	    "Linux name of the interface when it differs", 0 },
	{ "security-mode", WAD_CT_BOOL, AT(wad_interface, captive_portal),
	    0, 0, "none=0 captive-portal=1 802.1X=0", "none",
	    "ask users who enter here to sign in", 0 },
	{ "auth-cert", WAD_CT_CERT, AT(wad_interface, auth_cert_name), 0, 0,
	    NULL, NULL, "certificate of the captive portal", 0 },
	{ "auth-portal-addr", WAD_CT_STR,
	    AT(wad_interface, auth_portal_addr), 1, 63, NULL, NULL,
	    "name or address of the captive portal", 0 },
};

static const struct wad_conf_row zone_rows[] = {
	{ "interface", WAD_CT_REFS, NO, 0, 0, NULL, NULL,
	    "interfaces that policies mean by this zone", 0 },
};

static const struct wad_conf_row dns_rows[] = {
	{ "primary", WAD_CT_ADDR, AT(wad_conf_system, dns[0]), 0, 0, NULL,
	    NULL, "first name server; the system's when unset", 0 },
	{ "secondary", WAD_CT_ADDR, AT(wad_conf_system, dns[1]), 0, 0, NULL,
	    NULL, "second name server", 0 },
};

static const struct wad_conf_row console_rows[] = {
	{ "diagnose-format", WAD_CT_ENUM, NO, 0, 0, "official=0 study=1",
	    "official", "layout of what diagnose commands print", 0 },
	{ "output", WAD_CT_ENUM, NO, 0, 0, "standard=0 more=1", "standard",
	    "whether long output stops at each page", 0 },
};

static const struct wad_conf_row local_cert_rows[] = {
	{ "certificate", WAD_CT_PEM, NO, 0, 0, NULL, NULL,
	    "the certificate and its chain, PEM text", 0 },
	{ "private-key", WAD_CT_SECRET, NO, 0, 0, NULL, NULL,
	    "its private key, PEM text", 0 },
	{ "password", WAD_CT_SECRET, NO, 0, 0, NULL, NULL,
	    "password of the private key", 0 },
	{ "certificate-file", WAD_CT_TEXT, NO, 1, 4095, NULL, NULL,
	    "file with the certificate and its chain", 0 },
	{ "private-key-file", WAD_CT_TEXT, NO, 1, 4095, NULL, NULL,
	    "file with the private key", 0 },
	{ "_certificate", WAD_CT_PEM, NO, 0, 0, NULL, NULL,
	    "internal: the certificate that was found", WAD_CF_HIDDEN },
	{ "_has-key", WAD_CT_BOOL, NO, 0, 0, ONOFF, "disable",
	    "internal: its private key is there", WAD_CF_HIDDEN },
	{ "_builtin", WAD_CT_BOOL, NO, 0, 0, ONOFF, "disable",
	    "internal: not from the configuration", WAD_CF_HIDDEN },
};

static const struct wad_conf_row ca_cert_rows[] = {
	{ "ca", WAD_CT_PEM, NO, 0, 0, NULL, NULL,
	    "a root that openwad trusts, PEM text", 0 },
	{ "ca-file", WAD_CT_TEXT, NO, 1, 4095, NULL, NULL,
	    "file with a root that openwad trusts", 0 },
	{ "ssl-inspection-trusted", WAD_CT_BOOL, AT(wad_trust_ca, trusted),
	    0, 0, ONOFF, "enable", "whether servers may be proved by it", 0 },
	{ "_ca", WAD_CT_PEM, NO, 0, 0, NULL, NULL,
	    "internal: the root that was found", WAD_CF_HIDDEN },
};

static const struct wad_conf_row crl_rows[] = {
	{ "crl", WAD_CT_PEM, NO, 0, 0, NULL, NULL,
	    "a list of revoked certificates, PEM text", 0 },
	{ "crl-file", WAD_CT_TEXT, NO, 1, 4095, NULL, NULL,
	    "file with a list of revoked certificates, PEM", 0 },
	{ "http-url", WAD_CT_STR, AT(wad_crl, http_url), 0, 255, NULL, NULL,
	    "http:// address where a newer list is fetched", 0 },
	{ "update-interval", WAD_CT_UINT, AT(wad_crl, update_interval), 0,
	    4294967295U, NULL, "0",
	    "seconds between fetches, 0: when the list is out of date", 0 },
	{ "_crl", WAD_CT_PEM, NO, 0, 0, NULL, NULL,
	    "internal: the list that was found", WAD_CF_HIDDEN },
};

static const struct wad_conf_row ocsp_rows[] = {
	{ "url", WAD_CT_STR, AT(wad_ocsp_server, url), 1, 127, NULL, NULL,
	    "http:// address of an OCSP responder", 0 },
};

static const struct wad_conf_row revocation_rows[] = {
	{ "ocsp-status", WAD_CT_ENUM, AT(wad_conf_revocation, ocsp), 0, 0,
	    "disable=0 enable=1 mandatory=2", "disable",
	    "ask OCSP responders; mandatory: no answer is a failure; what "
	    "servers staple is looked at in any case", 0 },
	{ "ocsp-option", WAD_CT_BOOL, NO, 0, 0, "certificate=0 server=1",
	    "server", "which responder is asked: the one that the "
	    "certificate names, or ocsp-default-server where it is set", 0 },
	{ "ocsp-default-server", WAD_CT_REF,
	    AT(wad_conf_revocation, ocsp_server_name), 0, 0, NULL, NULL,
	    "an entry of vpn certificate ocsp-server", 0 },
	{ "strict-ocsp-check", WAD_CT_BOOL,
	    AT(wad_conf_revocation, strict_ocsp), 0, 0, ONOFF, "disable",
	    "the OCSP answer 'unknown' counts as a failure", 0 },
	{ "strict-crl-check", WAD_CT_BOOL,
	    AT(wad_conf_revocation, strict_crl), 0, 0, ONOFF, "disable",
	    "a list that is missing or out of date counts as a failure", 0 },
};

static const struct wad_conf_row crl_verification_rows[] = {
	{ "expiry", WAD_CT_BOOL, NO, 0, 0, "ignore=0 revoke=1", "ignore",
	    "revoke: as strict-crl-check", 0 },
	{ "leaf-crl-absence", WAD_CT_BOOL, NO, 0, 0, "ignore=0 revoke=1",
	    "ignore", "revoke: as strict-crl-check", 0 },
	{ "chain-crl-absence", WAD_CT_BOOL, NO, 0, 0, "ignore=0 revoke=1",
	    "ignore", "revoke: as strict-crl-check", 0 },
};

static const struct wad_conf_row ssl_setting_rows[] = {
	{ "no-matching-cipher-action", WAD_CT_BOOL,
	    AT(wad_conf_ssl, no_cipher_drop), 0, 0, "bypass=0 drop=1",
	    "bypass", "when client and server share no cipher that can be "
	    "inspected", 0 },
	{ "abbreviate-handshake", WAD_CT_BOOL, AT(wad_conf_ssl, abbreviate),
	    0, 0, ONOFF, "enable", "resume TLS sessions, on both legs", 0 },
	{ "session-cache-timeout", WAD_CT_UINT,
	    AT(wad_conf_ssl, session_timeout), 1, 60, NULL, "20",
	    "minutes that a TLS session can be resumed", 0 },
	{ "session-cache-capacity", WAD_CT_UINT,
	    AT(wad_conf_ssl, session_capacity), 1, 1000, NULL, "500",
	    "sessions kept for resumption, each worker keeps 16 times as "
	    "many", 0 },
	{ "cert-cache-timeout", WAD_CT_UINT, AT(wad_conf_ssl, cert_timeout),
	    1, 120, NULL, NULL, "minutes that a forged certificate is used "
	    "again; unset: as long as it is valid", 0 },
	{ "cert-cache-capacity", WAD_CT_UINT,
	    AT(wad_conf_ssl, cert_capacity), 0, 500, NULL, NULL,
	    "forged certificates kept; 0 or unset: openwad's own bound", 0 },
	{ "proxy-connect-timeout", WAD_CT_UINT,
	    AT(wad_conf_ssl, connect_timeout), 1, 60, NULL, NULL,
	    "seconds to wait for a server; unset: connect-timeout of openwad "
	    "settings", 0 },
};

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
	{ "logtraffic", WAD_CT_ENUM, AT(wad_policy, logtraffic), 0, 0,	\
	    "disable=0 utm=1 all=2", "utm",				\
	    "which sessions are logged", 0 },				\
	{ "logtraffic-start", WAD_CT_BOOL,				\
	    AT(wad_policy, logtraffic_start), 0, 0, ONOFF, "disable",	\
	    "log the start of sessions too", 0 },			\
	{ "groups", WAD_CT_REFS, AT(wad_policy, groups), 0, 0, NULL,	\
	    NULL, "user groups that the policy is for", 0 },		\
	{ "users", WAD_CT_REFS, AT(wad_policy, users), 0, 0, NULL, NULL, \
	    "users that the policy is for", 0 }

static const struct wad_conf_row policy_rows[] = {
	POLICY_ROWS,
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

static const struct wad_conf_row profile_rows[] = {
	{ "caname", WAD_CT_CERT, AT(wad_profile, caname), 0, 0, NULL, NULL,
	    "CA that signs for inspected servers", 0 },
	{ "untrusted-caname", WAD_CT_CERT,
	    AT(wad_profile, untrusted_caname), 0, 0, NULL, NULL,
	    "CA that signs for servers with a bad certificate", 0 },
	{ "ssl-exemption-log", WAD_CT_BOOL, AT(wad_profile, exemption_log),
	    0, 0, ONOFF, "disable", "log connections that are exempt", 0 },
	{ "ssl-anomaly-log", WAD_CT_BOOL, AT(wad_profile, anomaly_log),
	    0, 0, ONOFF, "enable", "log bad certificates", 0 },
	{ "ssl-negotiation-log", WAD_CT_BOOL,
	    AT(wad_profile, negotiation_log), 0, 0, ONOFF, "enable",
	    "log handshakes that fail", 0 },
	{ "ssl-handshake-log", WAD_CT_BOOL, AT(wad_profile, handshake_log),
	    0, 0, ONOFF, "disable", "log every TLS handshake", 0 },
	{ "ssl-server-cert-log", WAD_CT_BOOL,
	    AT(wad_profile, server_cert_log), 0, 0, ONOFF, "disable",
	    "log the certificates of servers", 0 },
	{ "ssl-exemption-ip-rating", WAD_CT_BOOL,
	    AT(wad_profile, exempt_ip_rating), 0, 0, ONOFF, "enable",
	    "exempt by the category of an address too", 0 },
	{ "block-blocklisted-certificates", WAD_CT_BOOL,
	    AT(wad_profile, blocklist), 0, 0, ONOFF, "enable",
	    "kept: CAs whose keys are known to have leaked are always refused",
	    0 },
	{ "allowlist", WAD_CT_BOOL, NO, 0, 0, ONOFF, "disable",
	    "kept: FortiGuard's list of good servers is not there, nothing "
	    "is exempt by it", 0 },
	{ "supported-alpn", WAD_CT_ENUM, AT(wad_profile, alpn), 0, 0,
	    "http1-1=1 http2=2 all=0 none=3", "all",
	    "protocols of inspected connections: http/1.1 where it is "
	    "allowed, else no ALPN (HTTP/2 is not inspected yet)", 0 },
	{ "exempt-sni-check", WAD_CT_BOOL, AT(wad_profile, exempt_sni_check),
	    0, 0, ONOFF, "disable", "an exempt name counts only when the "
	    "server's certificate proves it", 0 },
	{ "server-cert-mode", WAD_CT_BOOL, AT(wad_profile, replace), 0, 0,
	    "re-sign=0 replace=1", "re-sign", "re-sign: clients see a forged "
	    "certificate; replace: they see one of server-cert", 0 },
	{ "server-cert", WAD_CT_CERTS, AT(wad_profile, server_cert_names),
	    0, SERVER_CERTS_MAX, NULL, NULL,
	    "certificates of the own servers, for server-cert-mode replace",
	    0 },
};

static const struct wad_conf_row ech_outer_rows[] = {
	{ "sni", WAD_CT_TEXT, NO, 1, 255, NULL, NULL, "outer name that ECH "
	    "shows, or '*.' and a domain: encrypted-client-hello holds for "
	    "it", 0 },
};

#define INSPECT	"disable=0 certificate-inspection=1 deep-inspection=2"
#define ABI	"allow=1 block=2 ignore=3"
#define AB	"allow=1 block=2"
#define PROTO(name, field, choices, def, help)				\
	{ name, WAD_CT_ENUM, AT(wad_ssl_proto, field), 0, 0, choices,	\
	    def, help, 0 }
#define BAD	"; allow: show it under untrusted-caname, block: refuse, "	\
	"ignore: take it for good and log nothing"
#define UNABLE	"; allow: pass it uninspected, block: refuse"
#define PROTO_ROWS							\
	PROTO("client-certificate", client_certificate,			\
	    "bypass=0 inspect=1 block=2", "bypass",			\
	    "the server asks for a client certificate; bypass: pass it "	\
	    "uninspected, inspect: answer with none, block: refuse"),	\
	PROTO("unsupported-ssl-version", unsupported_version, AB,	\
	    "block", "a TLS version that cannot be inspected" UNABLE),	\
	PROTO("unsupported-ssl-cipher", unsupported_cipher, AB,		\
	    "allow", "ciphers that cannot be inspected" UNABLE),	\
	PROTO("unsupported-ssl-negotiation", unsupported_negotiation, AB, \
	    "allow", "a handshake that cannot be inspected" UNABLE),	\
	PROTO("expired-server-cert", expired, ABI, "block",		\
	    "the server's certificate is out of date" BAD),		\
	PROTO("revoked-server-cert", revoked, ABI, "block",		\
	    "the server's certificate is revoked" BAD),			\
	PROTO("untrusted-server-cert", untrusted, ABI, "allow",		\
	    "no trusted CA signed the server's certificate" BAD),	\
	PROTO("cert-validation-timeout", validation_timeout, ABI,	\
	    "allow", "revocation is not known in time" BAD),		\
	PROTO("cert-validation-failure", validation_failure, ABI,	\
	    "block", "the certificate cannot be judged" BAD),		\
	PROTO("cert-probe-failure", cert_probe_failure, AB, "allow",	\
	    "the server's certificate cannot be fetched" UNABLE),	\
	PROTO("sni-server-cert-check", sni_check,			\
	    "enable=0 strict=1 disable=2", "enable",			\
	    "the name asked for is not in the certificate; enable: go on "	\
	    "with the certificate's name, strict: close, disable: go on"), \
	PROTO("encrypted-client-hello", ech, AB, "block",		\
	    "block refuses real ECH only, whose outer name is in "	\
	    "ech-outer-sni or a known public name; GREASE always passes"), \
	{ "min-allowed-ssl-version", WAD_CT_VERSION,			\
	    AT(wad_ssl_proto, min_version), 0, 0, "ssl-3.0=768 "	\
	    "tls-1.0=769 tls-1.1=770 tls-1.2=771 tls-1.3=772",		\
	    "tls-1.2", "oldest TLS version of clients and servers that is "	\
	    "accepted", 0 }

static const struct wad_conf_row https_rows[] = {
	{ "ports", WAD_CT_U16LIST, AT(wad_ssl_proto, ports), 1, 65535, NULL,
	    "443", "ports that are inspected", WAD_CF_EMPTY },
	PROTO("status", status, INSPECT, "deep-inspection",
	    "how deep connections are inspected"),
	PROTO_ROWS,
};

static const struct wad_conf_row ssl_rows[] = {
	{ "inspect-all", WAD_CT_ENUM, NO, 0, 0, INSPECT, "disable",
	    "inspect TLS on every port; these settings hold then, those of "
	    "https do not", 0 },
	PROTO_ROWS,
};

static const struct wad_conf_row exempt_rows[] = {
	{ "type", WAD_CT_ENUM, NO, 0, 0, "fortiguard-category=0 address=1 "
	    "address6=2 wildcard-fqdn=3 regex=4", "fortiguard-category",
	    "what the exemption is made of", 0 },
	{ "fortiguard-category", WAD_CT_U16, AT(wad_exempt, category),
	    0, 255, NULL, "0", "number of a category", 0 },
	{ "address", WAD_CT_REF, NO, 0, 0, NULL, NULL,
	    "an IPv4 address or group", 0 },
	{ "address6", WAD_CT_REF, NO, 0, 0, NULL, NULL,
	    "an IPv6 address or group", 0 },
	{ "wildcard-fqdn", WAD_CT_REF, NO, 0, 0, NULL, NULL,
	    "a wildcard-fqdn object or group", 0 },
	{ "regex", WAD_CT_TEXT, NO, 1, 255, NULL, NULL,
	    "regular expression for the host name", 0 },
};

static const struct wad_conf_row wf_rows[] = {
	{ "https-replacemsg", WAD_CT_BOOL,
	    AT(wad_wf_profile, https_replacemsg), 0, 0, ONOFF, "enable",
	    "show a page on HTTPS too, not a closed connection", 0 },
	{ "log-all-url", WAD_CT_BOOL, AT(wad_wf_profile, log_all_url), 0, 0,
	    ONOFF, "disable", "log every address visited", 0 },
};

static const struct wad_conf_row wf_web_rows[] = {
	{ "urlfilter-table", WAD_CT_UINT,
	    AT(wad_wf_profile, urlfilter_table), 0, 0xffffffff, NULL, "0",
	    "number of a URL filter list", 0 },
};

static const struct wad_conf_row wf_ftgd_rows[] = {
	{ "options", WAD_CT_OPTIONS, NO, 0, 0, "error-allow=1 "
	    "rate-server-ip=2 connect-request-bypass=4 ftgd-disable=8 "
	    "http-err-detail=16 rate-image-urls=32 redir-block=64", NULL,
	    "error-allow: pass when no rating is there; ftgd-disable: no "
	    "category filter", WAD_CF_EMPTY },
};

static const struct wad_conf_row wf_filter_rows[] = {
	{ "category", WAD_CT_U16, AT(wad_wf_filter, category), 0, 255, NULL,
	    "0", "number of a category; 0: unrated", 0 },
	{ "action", WAD_CT_ENUM, AT(wad_wf_filter, action), 0, 0,
	    "allow=0 monitor=1 warning=2 authenticate=3 block=4", "monitor",
	    "what happens to names of this category", 0 },
	{ "log", WAD_CT_BOOL, AT(wad_wf_filter, log), 0, 0, ONOFF, "enable",
	    "log what the filter does", 0 },
	{ "auth-usr-grp", WAD_CT_REFS, AT(wad_wf_filter, auth_groups), 0, 0,
	    NULL, NULL, "groups that may sign in for this category", 0 },
};

static const struct wad_conf_row urlfilter_rows[] = {
	{ "name", WAD_CT_STR, AT(wad_urlfilter, name), 0, 63, NULL, NULL,
	    "name of the list", 0 },
};

static const struct wad_conf_row uf_entry_rows[] = {
	{ "url", WAD_CT_STR, AT(wad_uf_entry, url), 1, 511, NULL, NULL,
	    "host, host/path, or a pattern, without a scheme", 0 },
	{ "type", WAD_CT_ENUM, AT(wad_uf_entry, type), 0, 0,
	    "simple=0 wildcard=1 regex=2", "simple", "how url is read", 0 },
	{ "action", WAD_CT_ENUM, AT(wad_uf_entry, action), 0, 0,
	    "exempt=0 block=1 allow=2 monitor=3 pass=2", "exempt",
	    "what happens on a match", 0 },
	{ "status", WAD_CT_BOOL, AT(wad_uf_entry, enabled), 0, 0, ONOFF,
	    "enable", "whether the entry is looked at", 0 },
};

static const struct wad_conf_row local_cat_rows[] = {
	{ "id", WAD_CT_U16, AT(wad_local_cat, id), 140, 191, NULL, NULL,
	    "number of the category", 0 },
	{ "status", WAD_CT_BOOL, AT(wad_local_cat, enabled), 0, 0, ONOFF,
	    "enable", "whether the category is in use", 0 },
};

static const struct wad_conf_row local_rating_rows[] = {
	{ "rating", WAD_CT_U16LIST, AT(wad_local_rating, cats), 0, 255, NULL,
	    NULL, "numbers of categories", 0 },
	{ "status", WAD_CT_BOOL, AT(wad_local_rating, enabled), 0, 0, ONOFF,
	    "enable", "whether the rating is in use", 0 },
};

static const struct wad_conf_row user_setting_rows[] = {
	{ "auth-cert", WAD_CT_CERT, AT(wad_conf_user, auth_cert_name), 0, 0,
	    NULL, NULL, "certificate of sign-in pages", 0 },
	{ "auth-ca-cert", WAD_CT_CERT, AT(wad_conf_user, auth_ca_cert_name),
	    0, 0, NULL, NULL, "CA that signs before all others", 0 },
	{ "auth-secure-http", WAD_CT_BOOL,
	    AT(wad_conf_user, auth_secure_http), 0, 0, ONOFF, "disable",
	    "send sign-ins over HTTP to HTTPS", 0 },
};

static const struct wad_conf_row user_local_rows[] = {
	{ "status", WAD_CT_BOOL, NO, 0, 0, ONOFF, "enable",
	    "whether the user may sign in", 0 },
	{ "type", WAD_CT_ENUM, NO, 0, 0,
	    "password=0 radius=1 tacacs+=2 ldap=3 saml=4", "password",
	    "who knows the password", 0 },
	{ "passwd", WAD_CT_SECRET, NO, 0, 0, NULL, NULL,
	    "password of the user", 0 },
};

static const struct wad_conf_row user_group_rows[] = {
	{ "member", WAD_CT_REFS, NO, 0, 0, NULL, NULL,
	    "users and servers in this group", 0 },
};

static const struct wad_conf_row explicit_rows[] = {
	{ "status", WAD_CT_BOOL, AT(wad_conf_webproxy, explicit_enabled),
	    0, 0, ONOFF, "disable", "serve as an explicit proxy", 0 },
	{ "http-incoming-port", WAD_CT_PORTS, AT(wad_conf_webproxy, ports),
	    1, 65535, NULL, "8080", "ports where clients ask", 0 },
	{ "incoming-ip", WAD_CT_ADDR4, AT(wad_conf_webproxy, incoming_ip),
	    0, 0, NULL, "0.0.0.0", "address where clients ask", 0 },
	{ "incoming-ip6", WAD_CT_ADDR6, AT(wad_conf_webproxy, incoming_ip6),
	    0, 0, NULL, "::", "IPv6 address where clients ask", 0 },
	{ "ipv6-status", WAD_CT_BOOL, AT(wad_conf_webproxy, ipv6), 0, 0,
	    ONOFF, "disable", "serve and reach IPv6", 0 },
	{ "sec-default-action", WAD_CT_BOOL,
	    AT(wad_conf_webproxy, sec_default_accept), 0, 0,
	    "deny=0 accept=1", "deny", "when no proxy-policy exists", 0 },
	{ "realm", WAD_CT_STR, AT(wad_conf_webproxy, realm), 1, 63, NULL,
	    "default", "realm that clients see when they sign in", 0 },
};

static const struct wad_conf_row proxy_global_rows[] = {
	{ "ssl-ca-cert", WAD_CT_CERT,
	    AT(wad_conf_webproxy, ssl_ca_cert_name), 0, 0, NULL, NULL,
	    "CA that signs when nothing else applies", 0 },
	{ "proxy-fqdn", WAD_CT_STR, AT(wad_conf_webproxy, proxy_fqdn), 1, 255,
	    NULL, "default.fqdn", "name of the proxy itself", 0 },
	{ "max-request-length", WAD_CT_UINT,
	    AT(wad_conf_webproxy, max_request_length), 2, 64, NULL, "8",
	    "longest request line, kB", 0 },
	{ "max-message-length", WAD_CT_UINT,
	    AT(wad_conf_webproxy, max_message_length), 16, 256, NULL, "32",
	    "largest header of a message, kB", 0 },
};

#define SET(name, type, field, lo, hi, choices, def, help)		\
	{ name, type, AT(wad_conf_settings, field), lo, hi, choices,	\
	    def, help, 0 }
static const struct wad_conf_row settings_rows[] = {
	SET("transparent", WAD_CT_ENUM, transparent, 0, 0,
	    "disable=0 tproxy=1 redirect=2", "disable",
	    "how forwarded connections reach openwad"),
	SET("transparent-port", WAD_CT_U16, transparent_port, 1, 65535, NULL,
	    "8443", "local port that they are turned to"),
	SET("firewall-rules", WAD_CT_BOOL, firewall_auto, 0, 0,
	    "manual=0 auto=1", "auto",
	    "auto: openwad makes and removes its own packet filter rules"),
	SET("worker-count", WAD_CT_UINT, worker_count, 0, 64, NULL, "0",
	    "number of worker processes, 0: one per core"),
	SET("forged-cert-lifetime", WAD_CT_UINT, forged_cert_lifetime, 1,
	    9528, NULL, "24", "hours that a forged certificate is valid"),
	SET("category-db", WAD_CT_STR, category_db, 1, 4095, NULL, NULL,
	    "file that wad-catdb made"),
	SET("connect-timeout", WAD_CT_UINT, connect_timeout, 1, 300, NULL,
	    "10", "seconds to wait for a server to answer"),
	SET("hello-timeout", WAD_CT_UINT, hello_timeout, 1, 300, NULL, "10",
	    "seconds to wait for a whole ClientHello"),
	SET("handshake-timeout", WAD_CT_UINT, handshake_timeout, 1, 300, NULL,
	    "20", "seconds that a handshake may last"),
	SET("idle-timeout", WAD_CT_UINT, idle_timeout, 1, 2764800, NULL,
	    "3600", "seconds without data until a session ends"),
	SET("halfclose-timeout", WAD_CT_UINT, halfclose_timeout, 1, 86400,
	    NULL, "120", "seconds that a half-closed session may last"),
	SET("sessions-max", WAD_CT_UINT, sessions_max, 1, 1000000, NULL,
	    "50000", "sessions of one worker at a time"),
	SET("lookup-allow-private", WAD_CT_BOOL, lookup_allow_private, 0, 0,
	    ONOFF, "disable", "enable: responders and CRLs that a "
	    "certificate names may have private addresses"),
	SET("sessions-per-client", WAD_CT_UINT, sessions_per_client, 1,
	    1000000, NULL, "5000", "of one client, in one worker"),
	SET("revocation-timeout", WAD_CT_UINT, revocation_timeout, 1, 30,
	    NULL, "3", "seconds to wait for OCSP and CRL; then "
	    "cert-validation-timeout of the profile holds"),
	SET("aia-fetch", WAD_CT_BOOL, aia_fetch, 0, 0, ONOFF, "disable",
	    "fetch CA certificates that a server forgot to send"),
	SET("must-staple", WAD_CT_BOOL, must_staple, 0, 0, ONOFF, "enable",
	    "a certificate that demands a stapled answer is bad without one"),
	SET("client-tls-version", WAD_CT_BOOL, client_tls_best, 0, 0,
	    "mirror=0 best=1", "mirror", "version towards clients: mirror: "
	    "never better than the server's, best: the best both know"),
	SET("learned-exempt", WAD_CT_ENUM, learned_exempt, 0, 0,
	    "disable=0 monitor=1 apply=2", "monitor", "clients that reject "
	    "our certificate for a name and never took one: monitor: note "
	    "them, apply: do not inspect that name for them any more (a "
	    "client can bring that about on purpose)"),
	SET("learned-exempt-count", WAD_CT_UINT, learned_exempt_count, 2,
	    100, NULL, "2", "rejections in a row until a name is learned"),
	SET("learned-exempt-lifetime", WAD_CT_UINT, learned_exempt_lifetime,
	    1, 720, NULL, "24", "hours that a learned exemption lasts"),
};

/* Names up to FortiOS 6.4 (some up to 7.0).  What "inspect" meant for TLS
 * that cannot be inspected is not there: it does not pass. */
#define PROFILE	"firewall ssl-ssh-profile"
#define OLDER_PROTO(path)						\
	{ path, "client-cert-request", "client-certificate", NULL },	\
	{ path, "untrusted-cert", "untrusted-server-cert", NULL },	\
	{ path, "invalid-server-cert", INVALID, NULL },			\
	{ path, "allow-invalid-server-cert", INVALID,			\
	    "enable allow disable block" },				\
	{ path, "unsupported-ssl", "unsupported-ssl-cipher "		\
	    "unsupported-ssl-negotiation",				\
	    "bypass allow inspect block block block" }
#define INVALID	"expired-server-cert revoked-server-cert "		\
	"cert-validation-failure"
static const struct wad_conf_older older[] = {
	{ PROFILE, "whitelist", "allowlist", NULL },
	{ PROFILE, "block-blacklisted-certificates",
	    "block-blocklisted-certificates", NULL },
	{ PROFILE, "ssl-exemptions-log", "ssl-exemption-log", NULL },
	{ PROFILE, "ssl-anomalies-log", "ssl-anomaly-log", NULL },
	OLDER_PROTO(PROFILE "/https"),
	OLDER_PROTO(PROFILE "/ssl"),
};

#include "conf/conf_kept.h"

#define T(path, entries, numbers, lo, hi, rows, kept, tables, help)	\
	{ path, entries, numbers, lo, hi, rows, COUNT(rows), kept, tables, help }
#define SINGLE(path, rows, kept, tables, help)				\
	T(path, false, false, 0, 0, rows, kept, tables, help)
#define NAMED(path, max, rows, kept, tables, help)			\
	T(path, true, false, 0, max, rows, kept, tables, help)
#define NUMBERED(path, lo, hi, rows, kept, tables, help)		\
	T(path, true, true, lo, hi, rows, kept, tables, help)

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
	{ "system settings", false, false, 0, 0, NULL, 0, KEPT_SETTINGS, NULL,
	    "settings of FortiOS that are kept" },
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
	    "quota risk", "filter by category"),
	NUMBERED("webfilter profile/ftgd-wf/filters", 0, 4294967295U,
	    wf_filter_rows, KEPT_WF_FILTER, NULL, "actions by category"),
	NUMBERED("webfilter urlfilter", 0, 4294967295U, urlfilter_rows,
	    KEPT_URLFILTER, NULL, "URL filter lists"),
	NUMBERED("webfilter urlfilter/entries", 0, 4294967295U,
	    uf_entry_rows, KEPT_URLFILTER_ENTRY, NULL, "URLs, in order"),
	NAMED("webfilter ftgd-local-cat", 79, local_cat_rows, "desc", NULL,
	    "local categories"),
	NAMED("webfilter ftgd-local-rating", 511, local_rating_rows,
	    "comment", NULL, "local ratings of names"),
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
	SINGLE("openwad settings", settings_rows, NULL, NULL,
	    "what FortiOS has no words for"),
};
const size_t wad_conf_n_tables = COUNT(wad_conf_tables);

const struct wad_conf_table *
wad_conf_schema_table(const char *path)
{
	for (size_t i = 0; i < wad_conf_n_tables; i++)
		if (strcmp(wad_conf_tables[i].path, path) == 0)
			return &wad_conf_tables[i];
	return NULL;
}

const struct wad_conf_table *
wad_conf_schema_below(const struct wad_conf_table *t, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", t->path, name);
	return wad_conf_schema_table(path);
}

const struct wad_conf_row *
wad_conf_schema_row(const struct wad_conf_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if (strcmp(t->rows[i].name, name) == 0)
			return &t->rows[i];
	return NULL;
}

const struct wad_conf_older *
wad_conf_schema_older(const char *path, const char *name)
{
	for (size_t i = 0; i < COUNT(older); i++)
		if (strcmp(older[i].name, name) == 0 &&
		    strcmp(older[i].path, path) == 0)
			return &older[i];
	return NULL;
}

const char *
wad_conf_schema_older_value(const struct wad_conf_older *o,
    const char *value, char *buf, size_t size)
{
	const char *list = o->values;
	char	    was[80];

	if (list == NULL)
		return value;
	while (wad_conf_schema_word(&list, was, sizeof(was), NULL) != NULL &&
	    wad_conf_schema_word(&list, buf, size, NULL) != NULL)
		if (strcmp(was, value) == 0)
			return buf;
	return NULL;
}

const char *
wad_conf_schema_word(const char **list, char *buf, size_t size, long *value)
{
	const char *s = *list;
	size_t	    len, name;

	if (s == NULL)
		return NULL;
	s += strspn(s, " ");
	len = strcspn(s, " ");
	if (len == 0)
		return NULL;
	name = strcspn(s, "= ");
	if (value != NULL)
		*value = s[name] == '=' ? strtol(s + name + 1, NULL, 10) : 0;
	snprintf(buf, size, "%.*s", (int)name, s);
	*list = s + len;
	return buf;
}

bool
wad_conf_schema_kept(const char *kept, const char *name)
{
	char	w[80];
	size_t	len;

	while (wad_conf_schema_word(&kept, w, sizeof(w), NULL) != NULL) {
		len = strlen(w);
		if (w[len - 1] == '*' ? strncmp(w, name, len - 1) == 0 :
		    strcmp(w, name) == 0)
			return true;
	}
	return false;
}

bool
wad_conf_schema_empty_differs(const char *path, const char *name)
{
	const struct wad_conf_table *t = wad_conf_schema_table(path);
	const struct wad_conf_row   *r;

	r = t == NULL ? NULL : wad_conf_schema_row(t, name);
	return r != NULL && (r->flags & WAD_CF_EMPTY) != 0;
}

/* ---- nearest words ---- */

struct wordlist {
	char	*w[512];
	size_t	 n;
};

static void
wordlist_add(struct wordlist *l, const char *s)
{
	if (l->n < COUNT(l->w))
		l->w[l->n++] = wad_xstrdup(s);
}

static void
wordlist_split(struct wordlist *l, const char *s)
{
	char w[80];

	while (wad_conf_schema_word(&s, w, sizeof(w), NULL) != NULL)
		if (strchr(w, '*') == NULL)
			wordlist_add(l, w);
}

static const char *
wordlist_nearest(struct wordlist *l, const char *word, char *buf,
    size_t size)
{
	const char *n = wad_str_nearest(word, (const char *const *)l->w,
	    l->n);

	if (n != NULL)
		snprintf(buf, size, "%s", n);
	for (size_t i = 0; i < l->n; i++)
		free(l->w[i]);
	return n != NULL ? buf : NULL;
}

const char *
wad_conf_schema_nearest(const struct wad_conf_table *t, const char *name,
    bool table, char *buf, size_t size)
{
	struct wordlist	l = { .n = 0 };
	size_t		len = strlen(t->path);

	for (size_t i = 0; !table && i < t->n_rows; i++)
		if ((t->rows[i].flags & WAD_CF_HIDDEN) == 0)
			wordlist_add(&l, t->rows[i].name);
	for (size_t i = 0; table && i < wad_conf_n_tables; i++) {
		const char *p = wad_conf_tables[i].path;

		if (strncmp(p, t->path, len) == 0 && p[len] == '/' &&
		    strchr(p + len + 1, '/') == NULL)
			wordlist_add(&l, p + len + 1);
	}
	wordlist_split(&l, table ? t->kept_tables : t->kept);
	return wordlist_nearest(&l, name, buf, size);
}

/* ---- values ---- */

static int
bad(char *err, size_t size, const char *value, const char *want)
{
	char esc[96];

	wad_str_escape(esc, sizeof(esc), value, strlen(value));
	snprintf(err, size, "'%s': expected %s", esc, want);
	return -1;
}

static int
one_of(const char *choices, const char *value, long *out, char *err,
    size_t size)
{
	struct wordlist	l = { .n = 0 };
	struct wad_str	all = { 0 };
	const char	*list = choices, *near;
	char		 w[80], esc[96], buf[80];

	while (wad_conf_schema_word(&list, w, sizeof(w), out) != NULL)
		if (strcmp(w, value) == 0)
			return 0;
	list = choices;
	while (wad_conf_schema_word(&list, w, sizeof(w), NULL) != NULL)
		wad_str_addf(&all, "%s%s", all.len > 0 ? ", " : "", w);
	wordlist_split(&l, choices);
	near = wordlist_nearest(&l, value, buf, sizeof(buf));
	wad_str_escape(esc, sizeof(esc), value, strlen(value));
	if (near != NULL)
		snprintf(err, size, "'%s' is not one of: %s; did you mean "
		    "'%s'?", esc, all.s, near);
	else
		snprintf(err, size, "'%s' is not one of: %s", esc, all.s);
	wad_str_free(&all);
	return -1;
}

static int
number(const struct wad_conf_row *r, const char *value, unsigned long *out,
    char *err, size_t size)
{
	char	want[64], *end;
	size_t	len = strlen(value);

	*out = 0;
	if (len > 0 && len <= 10 && strspn(value, "0123456789") == len) {
		*out = strtoul(value, &end, 10);
		if (*out >= r->min && *out <= r->max)
			return 0;
	}
	snprintf(want, sizeof(want), "%u-%u", r->min, r->max);
	return bad(err, size, value, want);
}

/* Reads "443", "8000-8010" and FortiOS's ":source ports" behind it. */
static int
port_range(const struct wad_conf_row *r, const char *s, size_t len,
    struct wad_port_range *out)
{
	unsigned long	lo, hi;
	char		buf[48], *end;

	if (len == 0 || len >= sizeof(buf))
		return -1;
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (strspn(buf, "0123456789-:") != len || buf[0] < '0' ||
	    buf[0] > '9')
		return -1;
	lo = hi = strtoul(buf, &end, 10);
	if (*end == '-') {
		if (end[1] < '0' || end[1] > '9')
			return -1;
		hi = strtoul(end + 1, &end, 10);
	}
	if ((*end != '\0' && *end != ':') || lo < r->min || hi > r->max ||
	    lo > hi)
		return -1;
	out->lo = (uint16_t)lo;
	out->hi = (uint16_t)hi;
	return 0;
}

static int
ports(const struct wad_conf_row *r, const char *const *v, size_t n,
    struct wad_arena *a, void *to, char *err, size_t size)
{
	struct wad_port_range	*list = NULL, one;
	size_t			 count = 0, max = 0;
	char			 want[64];

	for (size_t i = 0; i < n; i++)
		max += strlen(v[i]) / 2 + 1;
	if (to != NULL && max > 0)
		list = wad_arena_alloc(a, max * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		for (const char *s = v[i]; *s != '\0';) {
			size_t len = strcspn(s, " ,");

			if (len > 0 && port_range(r, s, len, &one) == -1) {
				snprintf(want, sizeof(want), "ports %u-%u, "
				    "as 443 or 8000-8010", r->min, r->max);
				return bad(err, size, v[i], want);
			}
			if (len > 0 && list != NULL)
				list[count] = one;
			count += len > 0;
			s += len;
			s += strspn(s, " ,");
		}
	if (to != NULL) {
		memcpy(to, &list, sizeof(list));
		memcpy((char *)to + sizeof(list), &count, sizeof(count));
	}
	return 0;
}

/* The values as one string with spaces between them. */
static void
joined(char *buf, size_t size, const char *const *v, size_t n)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s",
		    i > 0 ? " " : "", v[i]);
}

static int
address(const struct wad_conf_row *r, const char *v, void *to, char *err,
    size_t size)
{
	struct wad_addr a;
	int		want = r->type == WAD_CT_ADDR4 ? AF_INET :
	    r->type == WAD_CT_ADDR6 ? AF_INET6 : 0;

	if (wad_addr_parse(&a, v) == -1 || (want != 0 && a.family != want))
		return bad(err, size, v, want == AF_INET ? "an IPv4 address" :
		    want == AF_INET6 ? "an IPv6 address" :
		    "an IPv4 or IPv6 address");
	if (to != NULL)
		memcpy(to, &a, sizeof(a));
	return 0;
}

static int
prefix(const struct wad_conf_row *r, const char *const *v, size_t n,
    void *to, char *err, size_t size)
{
	struct wad_prefix p;
	char		  buf[160];
	bool		  v4 = r->type == WAD_CT_PREFIX4;

	memset(&p, 0, sizeof(p));
	joined(buf, sizeof(buf), v, n);
	if (wad_prefix_parse(&p, buf) == -1 ||
	    p.addr.family != (v4 ? AF_INET : AF_INET6))
		return bad(err, size, buf, v4 ? "a network, as 10.0.0.0/8 or "
		    "10.0.0.0 255.0.0.0" : "a network, as 2001:db8::/32");
	if (to != NULL)
		memcpy(to, &p, sizeof(p));
	return 0;
}

static int
u16list(const struct wad_conf_row *r, const char *const *v, size_t n,
    struct wad_arena *a, void *to, char *err, size_t size)
{
	uint16_t	*list = NULL;
	unsigned long	 x;

	if (to != NULL && n > 0)
		list = wad_arena_alloc(a, n * sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		if (number(r, v[i], &x, err, size) == -1)
			return -1;
		if (list != NULL)
			list[i] = (uint16_t)x;
	}
	if (to != NULL) {
		memcpy(to, &list, sizeof(list));
		memcpy((char *)to + sizeof(list), &n, sizeof(n));
	}
	return 0;
}

static int
text(const struct wad_conf_row *r, const char *v, struct wad_arena *a,
    void *to, char *err, size_t size)
{
	char		host[WAD_HOST_MAX], want[64];
	const char	*copy;
	size_t		len = strlen(v);

	if (r->max != 0 && (len < r->min || len > r->max)) {
		snprintf(want, sizeof(want), "%u-%u characters", r->min,
		    r->max);
		return bad(err, size, v, want);
	}
	if (r->type == WAD_CT_HOST) {
		if (wad_str_host_canon(host, v, len) == -1)
			return bad(err, size, v, "a host name");
		v = host;
	}
	if (to != NULL) {
		copy = wad_arena_strdup(a, v);
		memcpy(to, &copy, sizeof(copy));
	}
	return 0;
}

static void
names(const char *const *v, size_t n, struct wad_arena *a, void *to)
{
	const char **list = NULL;

	if (n > 0)
		list = wad_arena_alloc(a, n * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = wad_arena_strdup(a, v[i]);
	memcpy(to, &list, sizeof(list));
	memcpy((char *)to + sizeof(list), &n, sizeof(n));
}

static bool
is_list(enum wad_conf_type t)
{
	return t == WAD_CT_U16LIST || t == WAD_CT_REFS ||
	    t == WAD_CT_CERTS || t == WAD_CT_PORTS || t == WAD_CT_OPTIONS;
}

int
wad_conf_schema_store(const struct wad_conf_row *r, const char *const *v,
    size_t n, struct wad_arena *a, void *obj, char *err, size_t size)
{
	void		*to = obj == NULL || r->offset == WAD_CONF_NOWHERE ?
	    NULL : (char *)obj + r->offset;
	unsigned long	 num;
	long		 choice = 0;
	bool		 two = r->type == WAD_CT_PREFIX4 ||
	    r->type == WAD_CT_PREFIX6 || r->type == WAD_CT_SECRET;

	if (n > 1 && !is_list(r->type) && !(two && n == 2)) {
		snprintf(err, size, "one value expected, %zu found (quote a "
		    "value that has spaces)", n);
		return -1;
	}
	if (n == 0 && !is_list(r->type))
		return 0;
	switch (r->type) {
	case WAD_CT_BOOL:
	case WAD_CT_ENUM:
	case WAD_CT_VERSION:
		if (one_of(r->choices, v[0], &choice, err, size) == -1)
			return -1;
		if (to == NULL)
			return 0;
		if (r->type == WAD_CT_BOOL)
			*(bool *)to = choice != 0;
		else if (r->type == WAD_CT_ENUM)
			*(int *)to = (int)choice;
		else
			*(uint16_t *)to = (uint16_t)choice;
		return 0;
	case WAD_CT_OPTIONS:
		for (size_t i = 0; i < n; i++)
			if (one_of(r->choices, v[i], &choice, err, size)
			    == -1)
				return -1;
		return 0;
	case WAD_CT_UINT:
	case WAD_CT_U16:
		if (number(r, v[0], &num, err, size) == -1)
			return -1;
		if (to != NULL && r->type == WAD_CT_UINT)
			*(unsigned *)to = (unsigned)num;
		else if (to != NULL)
			*(uint16_t *)to = (uint16_t)num;
		return 0;
	case WAD_CT_U16LIST:
		return u16list(r, v, n, a, to, err, size);
	case WAD_CT_PORTS:
		return ports(r, v, n, a, to, err, size);
	case WAD_CT_ADDR:
	case WAD_CT_ADDR4:
	case WAD_CT_ADDR6:
		return address(r, v[0], to, err, size);
	case WAD_CT_PREFIX4:
	case WAD_CT_PREFIX6:
		return prefix(r, v, n, to, err, size);
	case WAD_CT_REFS:
	case WAD_CT_CERTS:
		if (r->max != 0 && n > r->max) {
			snprintf(err, size, "%zu names, at most %u are "
			    "taken", n, r->max);
			return -1;
		}
		if (to != NULL)
			names(v, n, a, to);
		return 0;
	case WAD_CT_STR:
	case WAD_CT_HOST:
	case WAD_CT_TEXT:
	case WAD_CT_REF:
	case WAD_CT_CERT:
		return text(r, v[0], a, to, err, size);
	case WAD_CT_PEM:
	case WAD_CT_SECRET:
		return 0;
	}
	return 0;
}

void
wad_conf_schema_defaults(const struct wad_conf_table *t, struct wad_arena *a,
    void *obj)
{
	char err[128];

	for (size_t i = 0; i < t->n_rows; i++)
		if (t->rows[i].def != NULL)
			WAD_ASSERT(wad_conf_schema_store(&t->rows[i],
			    &t->rows[i].def, 1, a, obj, err,
			    sizeof(err)) == 0);
}
