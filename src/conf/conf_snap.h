/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as an immutable, counted object.  Built from the sealed
 * text by the same code in every role; everything in it lives in one arena.
 * Names that refer to other entries are resolved to pointers by conf_check.
 */
#ifndef WAD_CONF_SNAP_H
#define WAD_CONF_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/str.h"

/* Numbers of the reference's `cfg:expired=2 ...`: allow 1, block 2, ignore 3. */
enum wad_act { WAD_ACT_ALLOW = 1, WAD_ACT_BLOCK = 2, WAD_ACT_IGNORE = 3 };
enum wad_inspect { WAD_INSPECT_DISABLE, WAD_INSPECT_CERT, WAD_INSPECT_DEEP };
enum wad_sni_check { WAD_SNI_ENABLE, WAD_SNI_STRICT, WAD_SNI_DISABLE };
enum wad_client_cert { WAD_CLTCERT_BYPASS, WAD_CLTCERT_INSPECT,
	WAD_CLTCERT_BLOCK };
enum wad_ocsp_mode { WAD_OCSP_DISABLE, WAD_OCSP_ENABLE, WAD_OCSP_MANDATORY };
enum wad_learn { WAD_LEARN_DISABLE, WAD_LEARN_MONITOR, WAD_LEARN_APPLY };
enum wad_alpn { WAD_ALPN_ALL, WAD_ALPN_H1, WAD_ALPN_H2, WAD_ALPN_NONE };
enum wad_logtraffic { WAD_LOG_DISABLE, WAD_LOG_UTM, WAD_LOG_ALL };
enum wad_transparent { WAD_TRANSPARENT_DISABLE, WAD_TRANSPARENT_TPROXY,
	WAD_TRANSPARENT_REDIRECT };
/* As in `set min-allowed-ssl-version`, in protocol numbers. */
enum { WAD_SSL30 = 0x0300, WAD_TLS10, WAD_TLS11, WAD_TLS12, WAD_TLS13 };
/* Web filter actions in order of severity. */
enum wad_wf_action { WAD_WF_ALLOW, WAD_WF_MONITOR, WAD_WF_WARNING,
	WAD_WF_AUTHENTICATE, WAD_WF_BLOCK };

/* Facts of a certificate, filled in by the function given to
 * wad_conf_build (x509 is above conf). */
struct wad_cert_facts {
	bool	known, is_ca;
	uint8_t	key_type;		/* 1 RSA, 3 EC, 0 other */
	int64_t	not_before, not_after;
	char	subject[128];		/* escaped "CN=..." */
};

/* config vpn certificate local */
struct wad_cert {
	const char	*name;
	const char	*pem;		/* certificate, then its chain; NULL when
					 * missing */
	bool		 has_key;	/* wad-keys holds the private key */
	bool		 builtin;	/* not configured: found in the folder or
					 * made on first start */
	struct wad_cert_facts facts;
};

/* config vpn certificate ca: a trusted root */
struct wad_trust_ca {
	const char	*name, *pem;
	bool		 trusted;	/* ssl-inspection-trusted */
};

struct wad_crl {			/* vpn certificate crl */
	const char	*name;
	const char	*pem;		/* NULL: only fetched */
	const char	*http_url;	/* NULL: never fetched */
	unsigned	 update_interval;	/* seconds */
};

struct wad_ocsp_server {		/* vpn certificate ocsp-server */
	const char	*name, *url;	/* "http://host[:port]/path" */
};

struct wad_conf_revocation {		/* vpn certificate setting */
	enum wad_ocsp_mode ocsp;	/* ocsp-status: ask responders; staples
					 * are always looked at */
	bool		 strict_ocsp;	/* strict-ocsp-check: unknown is bad */
	bool		 strict_crl;	/* strict-crl-check: a stale or missing
					 * CRL is a failure */
	const char	*ocsp_server_name;	/* ocsp-default-server */
	const struct wad_ocsp_server *ocsp_server;	/* NULL: of the
					 * certificate */
};

struct wad_conf_ssl {			/* firewall ssl setting */
	bool		 no_cipher_drop;	/* no-matching-cipher-action */
	bool		 abbreviate;	/* abbreviate-handshake: resumption */
	unsigned	 session_timeout;	/* minutes, 20 */
	unsigned	 session_capacity;	/* 500; of each worker, x 16 */
	unsigned	 cert_timeout;	/* minutes, 0: as long as valid */
	unsigned	 cert_capacity;	/* 0: our own bound */
	unsigned	 connect_timeout;	/* seconds; 0: of openwad
					 * settings */
};

struct wad_interface {			/* system interface */
	const char	*name;		/* name in the configuration */
	const char	*role;		/* "lan", "wan", "dmz", "undefined" */
	const char	*device;	/* Linux name; the same unless set */
	bool		 captive_portal; /* security-mode captive-portal */
	const char	*auth_cert_name, *auth_portal_addr;
	const struct wad_cert *auth_cert;
};

enum wad_addr_type { WAD_ADDR_SUBNET, WAD_ADDR_RANGE, WAD_ADDR_FQDN,
	WAD_ADDR_WILDCARD_FQDN, WAD_ADDR_ALL, WAD_ADDR_FEED };

struct wad_addr_obj {			/* firewall address, address6 */
	const char	*name;
	enum wad_addr_type type;
	struct wad_prefix prefix;	/* SUBNET */
	struct wad_addr	lo, hi;		/* RANGE */
	const char	*fqdn;		/* canonical, or pattern "*.x" */
	const struct wad_feed *feed;	/* FEED: made of an external-resource */
};

struct wad_addrgrp {			/* firewall addrgrp, addrgrp6 */
	const char	*name;
	const char	**member_names; size_t n_members;
	const struct wad_addr_obj **members;	/* flattened, resolved */
	size_t		 n_flat;
};

/* A list of address objects of a policy, groups flattened.  Empty: matches
 * nothing; "all" is an object of type WAD_ADDR_ALL. */
struct wad_addr_list {
	const struct wad_addr_obj **obj;
	size_t		 n;
	bool		 negate, set;	/* set: the setting is there */
};

struct wad_port_range { uint16_t lo, hi; };

struct wad_service {			/* firewall service custom */
	const char	*name;
	bool		 all;		/* service ALL */
	struct wad_port_range *tcp; size_t n_tcp;	/* destination ports */
	struct wad_port_range *udp; size_t n_udp;
};

struct wad_exempt {			/* ssl-exempt */
	uint32_t	 id;
	enum { WAD_EXEMPT_CATEGORY, WAD_EXEMPT_ADDRESS, WAD_EXEMPT_WILDCARD,
		WAD_EXEMPT_REGEX } type;
	uint16_t	 category;
	const char	*object_name;	/* address or wildcard-fqdn object */
	struct wad_addr_list addr;	/* ADDRESS, resolved */
	uint8_t		 family;	/* ADDRESS: AF_INET, AF_INET6 */
	const char	*pattern;	/* WILDCARD: pattern; REGEX: source */
};

struct wad_ssl_proto {			/* config https (or ssl with inspect-all) */
	enum wad_inspect status;
	uint16_t	*ports; size_t n_ports;
	enum wad_client_cert client_certificate;
	enum wad_act	 unsupported_version, unsupported_cipher,
			 unsupported_negotiation;	/* allow or block */
	enum wad_act	 expired, revoked, untrusted, validation_timeout,
			 validation_failure, cert_probe_failure;
	enum wad_sni_check sni_check;
	enum wad_act	 ech;		/* encrypted-client-hello */
	uint16_t	 min_version;	/* WAD_TLS12 ... */
};

struct wad_profile {			/* firewall ssl-ssh-profile */
	const char	*name;
	const char	*caname, *untrusted_caname;	/* NULL: not set */
	const struct wad_cert *ca, *untrusted_ca;	/* untrusted_ca: also the
					 * built-in Openwad_CA_Untrusted */
	struct wad_ssl_proto https;
	enum wad_inspect inspect_all;	/* config ssl / inspect-all */
	struct wad_ssl_proto ssl;	/* settings when inspect_all is on */
	struct wad_exempt *exempt; size_t n_exempt;
	uint16_t	*exempt_cat; size_t n_exempt_cat;	/* in order */
	bool		 exemption_log, anomaly_log, negotiation_log;
	bool		 handshake_log, server_cert_log;
	bool		 exempt_ip_rating;	/* ssl-exemption-ip-rating */
	bool		 blocklist;	/* block-blocklisted-certificates */
	bool		 exempt_sni_check;	/* own: an exempt name is proved by
					 * the server's certificate first */
	enum wad_alpn	 alpn;		/* supported-alpn */
	bool		 replace;	/* server-cert-mode replace */
	const char	**server_cert_names; size_t n_server_certs;
	const struct wad_cert **server_certs;
	const char	**ech_outer; size_t n_ech_outer;  /* ech-outer-sni:
					 * canonical names, "*.x" allowed */
	unsigned	 index;		/* place in wad_conf.profiles */
};

struct wad_wf_filter {			/* ftgd-wf / filters entry */
	uint32_t	 id;
	uint16_t	 category;
	enum wad_wf_action action;
	bool		 log;
	const char	**auth_groups; size_t n_auth_groups;
	unsigned	 warn_duration;	/* seconds, 300 */
	bool		 warn_session;	/* warning-duration-type session: as
					 * long as the client is seen */
	bool		 per_domain;	/* warning-prompt per-domain */
	const char	*page_name;	/* override-replacemsg; NULL */
};

struct wad_wf_quota {			/* ftgd-wf / quota entry */
	uint32_t	 id;
	uint16_t	*cats; size_t n_cats;
	bool		 traffic;	/* type traffic; false: time */
	uint64_t	 bytes;		/* value in its unit */
	unsigned	 seconds;	/* duration, 300; of a day */
	const char	*page_name;	/* override-replacemsg; NULL */
};

/* webfilter profile / options; the script filters of FortiOS are kept and
 * have no effect. */
enum { WAD_WFO_BLOCK_INVALID_URL = 1, WAD_WFO_COOKIE = 2, WAD_WFO_REFERER = 4,
	WAD_WFO_PER_USER = 8 };
/* ftgd-wf / options and its rate-* switches */
enum { WAD_FTGD_RATE_IP = 1, WAD_FTGD_CONNECT_BYPASS = 2,
	WAD_FTGD_REDIR_BLOCK = 4, WAD_FTGD_JAVASCRIPT = 8, WAD_FTGD_CSS = 16,
	WAD_FTGD_CRL = 32, WAD_FTGD_IMAGE = 64 };
enum wad_youtube { WAD_YOUTUBE_NONE, WAD_YOUTUBE_STRICT,
	WAD_YOUTUBE_MODERATE };

struct wad_wf_profile {			/* webfilter profile */
	const char	*name;
	bool		 error_allow;	/* ftgd-wf options error-allow */
	bool		 https_replacemsg;
	bool		 log_all_url;
	struct wad_wf_filter *filters; size_t n_filters;	/* in order */
	uint32_t	 urlfilter_table;	/* 0: none */
	const struct wad_urlfilter *urlfilter;
	unsigned	 options;	/* WAD_WFO_* */
	bool		 post_block;	/* post-action block */
	bool		 log_content, log_url, log_invalid, log_err, log_quota,
			 log_referer, log_cookie;	/* web-*-log; true */
	bool		 log_extended;	/* extended-log: agent, referer */
	uint32_t	 bword_table, content_header_list;	/* 0: none */
	unsigned	 bword_threshold;	/* 10 */
	const struct wad_content_list *bword;	/* NULL: none */
	const struct wad_content_headers *content_headers;
	bool		 safe_search;	/* safe-search url or header */
	bool		 safe_header;	/* ... header */
	enum wad_youtube youtube;	/* youtube-restrict */
	const char	*vimeo;		/* vimeo-restrict; NULL */
	bool		 log_search;
	const char	**keywords; size_t n_keywords;	/* keyword-match */
	unsigned	 ftgd;		/* WAD_FTGD_* */
	uint16_t	*exempt_quota; size_t n_exempt_quota;
	unsigned	 max_quota_timeout;	/* seconds, 300 */
	struct wad_wf_quota *quotas; size_t n_quotas;
	const char	*pages_name;	/* replacemsg-group */
	const struct wad_pages *pages;	/* NULL: the global ones */
};

enum wad_uf_type { WAD_UF_SIMPLE, WAD_UF_WILDCARD, WAD_UF_REGEX };
enum wad_uf_action { WAD_UF_EXEMPT, WAD_UF_BLOCK, WAD_UF_ALLOW,
	WAD_UF_MONITOR };
struct wad_uf_entry {
	uint32_t	 id;
	const char	*url;
	enum wad_uf_type type;
	enum wad_uf_action action;
	bool		 enabled;
	bool		 exempt_content, exempt_ftgd;	/* exempt: web-content,
					 * fortiguard */
	const char	*referrer_host;	/* NULL: any */
};
struct wad_urlfilter {			/* webfilter urlfilter */
	uint32_t	 id;
	const char	*name;
	struct wad_uf_entry *entries; size_t n_entries;
	bool		 ip_block;	/* ip-addr-block */
	bool		 subdomains;	/* include-subdomains; true */
};

struct wad_content_word {		/* webfilter content / entries */
	const char	*pattern;
	bool		 regex, exempt, enabled;
	unsigned	 score;		/* 10 */
	const char	*lang;		/* "western"... */
};
struct wad_content_list {
	uint32_t	 id;
	const char	*name;
	struct wad_content_word *words; size_t n_words;
};

struct wad_content_header {		/* webfilter content-header / entries */
	const char	*pattern;	/* of the Content-Type: regex */
	enum { WAD_CH_BLOCK, WAD_CH_ALLOW, WAD_CH_EXEMPT } action;
	uint16_t	*cats; size_t n_cats;	/* none: all */
};
struct wad_content_headers {
	uint32_t	 id;
	const char	*name;
	struct wad_content_header *entries; size_t n_entries;
};

/* ---- HTTP ----------------------------------------------------------------- */

enum wad_fronting { WAD_FRONT_ALLOW, WAD_FRONT_MONITOR, WAD_FRONT_BLOCK,
	WAD_FRONT_STRICT };
enum wad_http_unknown { WAD_UNKNOWN_REJECT, WAD_UNKNOWN_TUNNEL,
	WAD_UNKNOWN_BEST_EFFORT };
enum wad_encoding_act { WAD_ENC_BLOCK, WAD_ENC_INSPECT, WAD_ENC_BYPASS };

struct wad_protocol_options {		/* firewall profile-protocol-options,
					 * config http */
	const char	*name;
	uint16_t	*ports; size_t n_ports;	/* 80 */
	bool		 http;		/* status enable */
	bool		 inspect_all;	/* HTTP on any port that is intercepted */
	bool		 switching_block;	/* switching-protocols block */
	enum wad_http_unknown unknown_version;
	bool		 tunnel_non_http;	/* true: what is no HTTP passes */
	bool		 h2c;		/* Upgrade: h2c passes (uninspected) */
	bool		 range_block, strip_xff;
	bool		 ip_rating;	/* address-ip-rating; true */
	enum wad_encoding_act unknown_encoding;
	unsigned	 block_status;	/* block-page-status-code, 403 */
	enum wad_fronting fronting;	/* domain-fronting; block */
};

enum wad_header_act { WAD_HDR_PASS, WAD_HDR_ADD, WAD_HDR_REMOVE };
struct wad_webproxy_header {		/* web-proxy profile / headers */
	const char	*name;		/* of the field */
	const char	*content;	/* decoded when base64-encoding */
	enum { WAD_HDR_REQ_ADD, WAD_HDR_RES_ADD, WAD_HDR_REQ_REMOVE,
		WAD_HDR_RES_REMOVE, WAD_HDR_REQ_MONITOR, WAD_HDR_RES_MONITOR }
			 action;
	enum { WAD_HDR_APPEND, WAD_HDR_NEW_ON_NOT_FOUND, WAD_HDR_NEW,
		WAD_HDR_REPLACE, WAD_HDR_REPLACE_WHEN_MATCH } how;
	bool		 http, https;	/* protocol */
	struct wad_addr_list dstaddr, dstaddr6;	/* none: all */
};
struct wad_webproxy_profile {		/* web-proxy profile */
	const char	*name;
	enum wad_header_act client_ip, via_req, via_res, xff, front_end_https,
			 user, groups;
	bool		 strip_encoding;
	struct wad_webproxy_header *headers; size_t n_headers;
};

enum { WAD_FORWARD_CHECKS = 256 };	/* of forward-servers */
struct wad_forward_server {		/* web-proxy forward-server */
	const char	*name;
	struct wad_addr	 ip;		/* family 0: fqdn */
	const char	*fqdn;
	uint16_t	 port;		/* 3128 */
	bool		 down_pass;	/* server-down-option pass; block */
	const char	*username;	/* NULL: none */
	const char	*password;	/* NULL: none; in workers, and for a
					 * health check in wad-lookup, only */
	const char	*auth;		/* Proxy-Authorization; NULL: none */
	bool		 check;		/* healthcheck */
	const char	*monitor;
	const char	*target;	/* of check's request: a whole URI, or */
	bool		 tunnel;	/* host:port, of CONNECT */
	const char	*target_host;	/* its Host */
};
enum wad_ldb { WAD_LDB_WEIGHTED, WAD_LDB_LEAST_SESSION,
	WAD_LDB_ACTIVE_PASSIVE };
struct wad_forward_group {		/* web-proxy forward-server-group */
	const char	*name;
	bool		 affinity;	/* true */
	enum wad_ldb	 method;
	bool		 down_pass;	/* group-down-option */
	struct wad_forward_member { const char *name;
		const struct wad_forward_server *server; unsigned weight; }
			*members; size_t n_members;
};
struct wad_url_match {			/* web-proxy url-match */
	const char	*name, *pattern;	/* "host/path", simple */
	bool		 enabled;
	const char	*forward_name;
	const struct wad_forward_server *server;	/* one of both or none */
	const struct wad_forward_group *group;
};

enum wad_feed_type { WAD_FEED_CATEGORY, WAD_FEED_DOMAIN, WAD_FEED_ADDRESS };
enum wad_feed_identity { WAD_FEED_ID_NONE, WAD_FEED_ID_BASIC,
	WAD_FEED_ID_FULL };
struct wad_feed {			/* system external-resource */
	const char	*name;
	bool		 enabled;
	enum wad_feed_type type;
	uint16_t	 category;	/* 192-221; of type category and domain */
	const char	*url;		/* resource */
	const char	*username;	/* NULL: none */
	const char	*password;	/* NULL: none; in wad-lookup only */
	const char	*user_agent;	/* NULL: ours */
	unsigned	 refresh;	/* minutes, 5 */
	enum wad_feed_identity identity;	/* server-identity-check */
	struct wad_addr	 source_ip;	/* family 0: any */
	struct wad_feed_cell *cell;	/* what this process has of it now
					 * (policy/feed.c); NULL: nothing */
};

/* Pages that an administrator wrote: system replacemsg KIND / edit TYPE, and
 * the same in system replacemsg-group. */
struct wad_page_text {
	const char	*kind, *type;	/* "http" "url-block" */
	const char	*text;		/* buffer; NULL: the built-in one */
	bool		 html;		/* format html; text */
};
struct wad_pages {
	const char	*name;		/* "" : the global ones */
	struct wad_page_text *texts; size_t n_texts;
};

struct wad_local_cat { const char *name; uint16_t id; bool enabled; };
struct wad_local_rating { const char *url; uint16_t *cats; size_t n_cats;
	bool enabled; };

struct wad_policy {			/* firewall policy or proxy-policy */
	uint32_t	 id;
	const char	*name;
	bool		 enabled, accept, explicit_web;
	const char	**srcintf; size_t n_srcintf;	/* names; "any" matches
							 * every interface */
	const char	**dstintf; size_t n_dstintf;
	struct wad_addr_list srcaddr, dstaddr, srcaddr6, dstaddr6;
	const struct wad_service **services; size_t n_services;
	bool		 service_negate;
	bool		 nat;
	bool		 utm;		/* utm-status enable */
	enum wad_logtraffic logtraffic;
	bool		 logtraffic_start;
	bool		 dirty_new;	/* open sessions keep this policy after
					 * a change (firewall-session-dirty of
					 * system settings and of the policy) */
	char		 uuid[37];	/* `set uuid`, else made of kind and id:
					 * never empty */
	uint32_t	 uuid_idx;	/* 1 + place in wad_conf.policies */
	const char	*comments;	/* NULL: none */
	const char	*profile_name;	/* "no-inspection" when unset */
	const struct wad_profile *profile;	/* never NULL */
	const char	*webfilter_name;
	const struct wad_wf_profile *webfilter;	/* NULL: none */
	const char	*protocol_name;	/* "default" when unset */
	const struct wad_protocol_options *protocol;	/* never NULL */
	const char	*webproxy_name;	/* webproxy-profile */
	const struct wad_webproxy_profile *webproxy;	/* NULL: none */
	const char	*forward_name;	/* webproxy-forward-server */
	const struct wad_forward_server *forward;	/* one of both or none */
	const struct wad_forward_group *forward_group;
	const char	*pages_name;	/* replacemsg-override-group */
	const struct wad_pages *pages;	/* NULL: none */
	const char	*auth_cert_name;
	const struct wad_cert *auth_cert;
	const char	**groups; size_t n_groups;
	const char	**users; size_t n_users;
};

struct wad_conf_system {		/* system global, settings, dns */
	const char	*hostname;	/* "openwad" when unset */
	const char	*auth_cert_name;
	const struct wad_cert *auth_cert;
	unsigned	 wad_worker_count;	/* 0 = cores */
	struct wad_addr	 dns[2];	/* family 0: the system's resolvers */
};

struct wad_conf_user {			/* user setting */
	const char	*auth_cert_name, *auth_ca_cert_name;
	const struct wad_cert *auth_cert, *auth_ca_cert;
	bool		 auth_secure_http;
};

/* Is plain HTTP looked at where this policy applies? */
static inline bool
wad_policy_filters_http(const struct wad_policy *p)
{
	return p->utm && (p->webfilter != NULL || p->webproxy != NULL) &&
	    p->protocol != NULL && p->protocol->http;
}

/* Whether HTTP without TLS is spoken there. */
static inline bool
wad_protocol_has_port(const struct wad_protocol_options *o, uint16_t port)
{
	for (size_t i = 0; i < o->n_ports; i++)
		if (o->ports[i] == port)
			return true;
	return false;
}

struct wad_conf_webproxy {		/* web-proxy explicit and global */
	bool		 explicit_enabled;
	struct wad_port_range *ports; size_t n_ports;	/* default 8080 */
	struct wad_addr	 incoming_ip, incoming_ip6;	/* family 0: any */
	bool		 ipv6;		/* ipv6-status */
	const char	*realm;
	const char	*proxy_fqdn;	/* "default.fqdn" */
	const char	*ssl_ca_cert_name;	/* NULL: not set */
	const struct wad_cert *ssl_ca_cert;	/* row 7; when unset the
						 * built-in Openwad_CA_SSL */
	uint32_t	 max_request_length, max_message_length;	/* kB */
	bool		 log_forward;	/* log-forward-server; false */
	uint32_t	 h2_client_window, h2_server_window;	/* bytes, 1 MB */
	enum { WAD_SECURE_PROXY_DISABLE, WAD_SECURE_PROXY_ENABLE,
		WAD_SECURE_PROXY_ONLY } secure;	/* secure-web-proxy */
	const char	*ssl_cert_name;	/* ssl-cert: of the proxy itself; NULL */
	const struct wad_cert *ssl_cert;
	struct wad_port_range *tls_ports; size_t n_tls_ports;	/* https-
					 * incoming-port; none: those of http */
	bool		 pac;		/* pac-file-server-status */
	struct wad_port_range *pac_ports; size_t n_pac_ports;	/* none: those
					 * of http */
	const char	*pac_name;	/* proxy.pac */
	const char	*pac_data;	/* NULL: made from the configuration */
	bool		 pac_https;	/* pac-file-through-https */
	bool		 https_replacemsg;	/* https-replacement-message; true */
	bool		 error_page;	/* message-upon-server-error; true */
	enum wad_http_unknown unknown_version;	/* reject or best effort */
	const char	*profile_name;	/* webproxy-profile of global */
	const struct wad_webproxy_profile *profile;
};

struct wad_conf_settings {		/* openwad settings */
	enum wad_transparent transparent;	/* default disable */
	uint16_t	 transparent_port;	/* 8443 */
	bool		 firewall_auto;		/* firewall-rules auto */
	unsigned	 worker_count;		/* 0 */
	unsigned	 forged_cert_lifetime;	/* hours, 24 */
	const char	*category_db;	/* path of the compiled database or NULL */
	unsigned	 connect_timeout, hello_timeout, handshake_timeout,
			 idle_timeout, halfclose_timeout;	/* seconds: 10,
					 * 10, 20, 3600, 120 */
	unsigned	 sessions_max;		/* per worker, 50000 */
	unsigned	 sessions_per_client;	/* per worker, 5000 */
	unsigned	 buffer_memory;		/* MiB, per worker, 512 */
	unsigned	 revocation_timeout;	/* seconds, 3 */
	bool		 aia_fetch;		/* false */
	bool		 lookup_allow_private;	/* false: URLs of certificates
						 * lead to public addresses only */
	unsigned	 forward_check;		/* seconds, 10 */
	bool		 must_staple;		/* true: enforced */
	bool		 client_tls_best;	/* client-tls-version best: the
						 * client may get a better version
						 * than the server has; false:
						 * mirror */
	enum wad_learn	 learned_exempt;	/* monitor */
	unsigned	 learned_exempt_count;	/* 2 */
	unsigned	 learned_exempt_lifetime;	/* hours, 24 */
	bool		 quic_block;	/* true: QUIC of inspected networks is
					 * rejected and nobody is told of it:
					 * Alt-Svc goes out of responses */
	const char	*page_dir;	/* translations of pages; NULL */
	const char	**page_texts; size_t n_page_texts;	/* what was in
					 * it: language, text, language... */
};

/* ---- logs, metrics, console ---------------------------------------------- */

enum wad_log_form { WAD_FORM_DEFAULT, WAD_FORM_CSV, WAD_FORM_CEF,
	WAD_FORM_RFC5424, WAD_FORM_JSON };
enum wad_syslog_mode { WAD_SYSLOG_UDP, WAD_SYSLOG_LEGACY, WAD_SYSLOG_RELIABLE };
enum wad_syslog_tls { WAD_SYSLOG_TLS_OFF, WAD_SYSLOG_TLS_LOW,
	WAD_SYSLOG_TLS_HIGH_MEDIUM, WAD_SYSLOG_TLS_HIGH };
enum { WAD_SYSLOGS = 4 };

struct wad_conf_log_free {		/* free-style entry */
	uint32_t	 id;
	unsigned	 category;	/* enum wad_log_category (log/) */
	const char	*filter;	/* as typed; conf_check has parsed it */
	bool		 exclude;	/* filter-type exclude */
};
struct wad_conf_log_filter {		/* log syslogd|memory|disk filter */
	unsigned	 severity;	/* 0 emergency .. 7 debug; 6 */
	bool		 forward, local, other;	/* traffic; other: always true,
						 * no switch is about it */
	struct wad_conf_log_free *frees; size_t n_frees;
};
struct wad_conf_log_name { const char *name, *custom; };
struct wad_conf_syslog {		/* log syslogd[2-4] setting */
	bool		 enabled;
	const char	*server;	/* host name or address; NULL */
	enum wad_syslog_mode mode;
	uint16_t	 port;		/* 514 */
	unsigned	 facility;	/* 23: local7 */
	struct wad_addr	 source_ip;	/* family 0: any */
	enum wad_log_form format;
	unsigned	 max_rate;	/* MB/s, 0: no bound */
	enum wad_syslog_tls tls;	/* enc-algorithm */
	uint16_t	 min_version;	/* ssl-min-proto-version: WAD_TLS12 */
	const char	*cert_name;	/* client certificate; NULL */
	const struct wad_cert *cert;
	struct wad_conf_log_name *names; size_t n_names;  /* custom-field-name */
	struct wad_conf_log_filter filter;
};
struct wad_conf_log_disk {		/* log disk setting */
	bool		 enabled;	/* true: openwad.log is always there */
	unsigned	 max_file_mb;	/* max-log-file-size, 20 */
	unsigned	 roll_daily;	/* roll-schedule: 0 size only, 1 daily,
					 * 2 weekly */
	unsigned	 roll_day;	/* of weekly: 0 sunday */
	unsigned	 roll_hour, roll_minute;	/* roll-time */
	bool		 nolog;		/* diskfull nolog: stop; false: overwrite
					 * the oldest file */
	unsigned	 max_age_days;	/* maximum-log-age, 7; 0: no bound */
	unsigned	 quota_mb;	/* own: all files together, 500 */
	enum wad_log_form format;	/* own: default */
	struct wad_conf_log_filter filter;
};
struct wad_conf_log_memory {		/* log memory setting, global-setting */
	bool		 enabled;	/* true */
	unsigned	 max_bytes;	/* max-size, 10 MB */
	struct wad_conf_log_filter filter;
};
struct wad_conf_log {
	struct wad_conf_log_disk disk;
	struct wad_conf_log_memory memory;
	struct wad_conf_syslog syslog[WAD_SYSLOGS];
	/* log setting */
	bool		 resolve_port;		/* true: service= by name */
	bool		 user_upper;		/* log-user-in-upper */
	bool		 implicit;		/* fwpolicy-implicit-log: false */
	bool		 explicit_implicit;	/* expolicy-implicit-log: false */
	bool		 local_in_deny;
	bool		 brief;			/* brief-traffic-format */
	bool		 policy_comment;	/* log-policy-comment */
	bool		 long_live;		/* long-live-session-stat: true */
	/* log eventfilter */
	bool		 event, ev_system, ev_user, ev_wad;
	/* log threat-weight */
	bool		 threat;		/* status enable */
	unsigned	 score[4];		/* low 5 medium 10 high 30
						 * critical 50 */
	unsigned	 w_blocked, w_failed, w_url;	/* 0 disable, 1 low .. 4
						 * critical: high, low, high */
	uint8_t		 w_web[256];		/* by category, all set */
	/* openwad settings / log-full block: no new sessions while records
	 * would be lost */
	bool		 full_block;
};

struct wad_conf_metrics {		/* openwad metrics */
	bool		 enabled;
	struct wad_addr	 listen_ip;	/* 127.0.0.1 */
	uint16_t	 port;		/* 9142 */
	struct wad_prefix *sources; size_t n_sources;	/* who may ask; none:
						 * everybody who reaches it */
};

struct wad_conf_console {		/* system console */
	bool		 study;		/* diagnose-format study */
	bool		 more;		/* output more: pages; standard */
};

/* system global, session-ttl.  session_ttl and halfclose are those of
 * openwad settings where FortiOS's words are not set; the fields there are
 * the same as these. */
struct wad_conf_timers {
	unsigned	 session_ttl;	/* 3600: TCP established */
	unsigned	 halfopen;	/* tcp-halfopen-timer 10 */
	unsigned	 halfclose;	/* tcp-halfclose-timer 120 */
	unsigned	 rst;		/* tcp-rst-timer 5 */
	bool		 dirty_new;	/* system settings / firewall-session-
					 * dirty check-new: open sessions keep
					 * their policy; each policy has its
					 * own answer in dirty_new */
};

struct wad_conf {
	unsigned	 magic;
	int		 refcount;
	uint64_t	 generation;
	struct wad_arena *arena;
	struct wad_conf_system	 sys;
	struct wad_conf_user	 user;
	struct wad_conf_webproxy webproxy;
	struct wad_conf_settings settings;
	struct wad_conf_revocation revocation;
	struct wad_conf_ssl	 ssl;
	struct wad_conf_log	 log;
	struct wad_conf_metrics	 metrics;
	struct wad_conf_console	 console;
	struct wad_conf_timers	 timers;
	struct wad_crl		*crls;		size_t n_crls;
	struct wad_ocsp_server	*ocsp_servers;	size_t n_ocsp_servers;
	struct wad_interface	*ifs;		size_t n_ifs;
	struct wad_cert		*certs;		size_t n_certs;
	struct wad_trust_ca	*cas;		size_t n_cas;
	struct wad_addr_obj	*addrs;		size_t n_addrs;
	struct wad_addrgrp	*addrgrps;	size_t n_addrgrps;
	struct wad_service	*services;	size_t n_services;
	struct wad_profile	*profiles;	size_t n_profiles;
	struct wad_wf_profile	*wf_profiles;	size_t n_wf_profiles;
	struct wad_urlfilter	*urlfilters;	size_t n_urlfilters;
	struct wad_content_list	*contents;	size_t n_contents;
	struct wad_content_headers *content_headers; size_t n_content_headers;
	struct wad_protocol_options *protocols;	size_t n_protocols;
	struct wad_webproxy_profile *webproxies; size_t n_webproxies;
	struct wad_forward_server *forwards;	size_t n_forwards;
	struct wad_forward_group *forward_groups; size_t n_forward_groups;
	struct wad_url_match	*url_matches;	size_t n_url_matches;
	struct wad_feed		*feeds;		size_t n_feeds;
	struct wad_pages	 pages;		/* global */
	struct wad_pages	*page_groups;	size_t n_page_groups;
	bool			 wf_close_ports; /* webfilter fortiguard / close-
						 * ports: no warnings to click
						 * through */
	struct wad_local_cat	*local_cats;	size_t n_local_cats;
	struct wad_local_rating	*local_ratings;	size_t n_local_ratings;
	struct wad_policy	*policies;	size_t n_policies;  /* both kinds,
					 * each in its order */
};
#define WAD_CONF_MAGIC	0x636f6e66u

/* Errors of a configuration, all of them.  Starts as zeroes. */
struct wad_conf_errs {
	struct wad_str	text;		/* "FILE:LINE: message\n" each */
	unsigned	n;
	struct wad_str	ignored;	/* "ignored: config x y (3 settings)\n" */
	struct wad_conf_err *at;	/* where each error is in text */
	bool		whole;		/* not an excerpt: a missing `end` is
					 * an error */
};
/* Lines of a script of the console count from here, so that what the check
 * of the whole tree finds in them is not told as a line of the file. */
#define WAD_CONF_CONSOLE	"<console>"
#define WAD_CONF_CONSOLE_LINE	(1 << 28)
void	wad_conf_errs_add(struct wad_conf_errs *, const char *file, int line,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* "FILE:LINE: ", or "FILE: " when the line is 0. */
void	wad_conf_errs_where(struct wad_str *, const char *file, int line);
void	wad_conf_errs_free(struct wad_conf_errs *);

/* Fills *facts from PEM text; 0, or -1 with a reason in err. */
typedef int wad_conf_facts_fn(const char *pem, struct wad_cert_facts *facts,
    char *err, size_t errsize);

struct wad_conf_tree;			/* conf_parse.h */

/* Builds a snapshot (refcount 1) from a tree; NULL when errs holds an error
 * in the end, also one that was there before (of wad_conf_parse).  facts may
 * be NULL (tests): every certificate's facts are unknown.  The tree is not
 * kept.  Warnings and tables that are not used go to errs->ignored. */
struct wad_conf *wad_conf_build(const struct wad_conf_tree *,
	    wad_conf_facts_fn *facts, struct wad_conf_errs *);
struct wad_conf *wad_conf_get(struct wad_conf *);	/* one more reference */
void	wad_conf_put(struct wad_conf *);		/* one less; NULL allowed */

/* Look-ups by name; NULL when there is none.  The aliases Fortinet_CA_SSL
 * and Fortinet_CA_Untrusted find the Openwad_ ones. */
const struct wad_cert *wad_conf_cert(const struct wad_conf *, const char *);
const struct wad_interface *wad_conf_if_by_device(const struct wad_conf *,
	    const char *device);
const struct wad_profile *wad_conf_profile(const struct wad_conf *,
	    const char *);
const struct wad_policy *wad_conf_policy(const struct wad_conf *,
	    uint32_t id, bool explicit_web);

#define WAD_CA_SSL		"Openwad_CA_SSL"
#define WAD_CA_UNTRUSTED	"Openwad_CA_Untrusted"

#endif
