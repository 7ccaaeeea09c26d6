/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of inspection and web filter profiles, and the names that older
 * releases had for some.  Included by conf_tables.c only.
 */
#ifndef WAD_CONF_ROWS_PROFILE_H
#define WAD_CONF_ROWS_PROFILE_H

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
	    "protocols of inspected connections: the server chooses among "
	    "those that are allowed here and offered by the client", 0 },
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
const struct wad_conf_older wad_conf_olders[] = {
	{ PROFILE, "whitelist", "allowlist", NULL },
	{ PROFILE, "block-blacklisted-certificates",
	    "block-blocklisted-certificates", NULL },
	{ PROFILE, "ssl-exemptions-log", "ssl-exemption-log", NULL },
	{ PROFILE, "ssl-anomalies-log", "ssl-anomaly-log", NULL },
	OLDER_PROTO(PROFILE "/https"),
	OLDER_PROTO(PROFILE "/ssl"),
};
const size_t wad_conf_n_olders = COUNT(wad_conf_olders);

#endif
