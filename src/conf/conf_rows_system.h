/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of the gateway, its certificates, its users, the proxies and
 * openwad itself.  Included by conf_tables.c only.
 */
#ifndef WAD_CONF_ROWS_SYSTEM_H
#define WAD_CONF_ROWS_SYSTEM_H

static const struct wad_conf_row global_rows[] = {
	{ "hostname", WAD_CT_STR, AT(wad_conf, sys.hostname), 1, 63, NULL,
	    "openwad", "name of this gateway in prompts and logs", 0 },
	{ "auth-cert", WAD_CT_CERT, AT(wad_conf, sys.auth_cert_name), 0, 0,
	    NULL, NULL, "certificate of last resort but one for pages", 0 },
	{ "wad-worker-count", WAD_CT_UINT,
	    AT(wad_conf, sys.wad_worker_count), 0, 64, NULL, "0",
	    "number of worker processes, 0: one per core", 0 },
	{ "tcp-halfopen-timer", WAD_CT_UINT, AT(wad_conf, timers.halfopen),
	    1, 300, NULL, "10", "seconds to wait for a server to answer", 0 },
	{ "tcp-halfclose-timer", WAD_CT_UINT, AT(wad_conf, timers.halfclose),
	    1, 86400, NULL, "120", "seconds that a half-closed session may "
	    "last", 0 },
	{ "tcp-timewait-timer", WAD_CT_UINT, NO, 0, 300, NULL, "1",
	    "kept: a closed session leaves the list at once", WAD_CF_IDLE },
	{ "tcp-rst-timer", WAD_CT_UINT, AT(wad_conf, timers.rst), 5, 300,
	    NULL, "5", "seconds that a reset session is still listed", 0 },
	{ "udp-idle-timer", WAD_CT_UINT, NO, 1, 86400, NULL, "180",
	    "kept: no UDP passes through openwad", WAD_CF_IDLE },
};

static const struct wad_conf_row session_ttl_rows[] = {
	{ "default", WAD_CT_UINT, AT(wad_conf, timers.session_ttl), 1,
	    2764800, NULL, "3600", "seconds without data until a session "
	    "ends", 0 },
};

static const struct wad_conf_row system_settings_rows[] = {
	{ "firewall-session-dirty", WAD_CT_ENUM, NO, 0, 0,
	    "check-all=0 check-new=1 check-policy-option=2", "check-all",
	    "open sessions after a change of the configuration: judge them "
	    "again, leave them alone, or do what their policy's "
	    "firewall-session-dirty says", 0 },
};

static const struct wad_conf_row interface_rows[] = {
	{ "role", WAD_CT_WORD, AT(wad_interface, role), 0, 0,
	    "lan=0 wan=1 dmz=2 undefined=3", "undefined",
	    "what is behind the interface, for logs", 0 },
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
	{ "primary", WAD_CT_ADDR, AT(wad_conf, sys.dns[0]), 0, 0, NULL,
	    NULL, "first name server; the system's when unset", 0 },
	{ "secondary", WAD_CT_ADDR, AT(wad_conf, sys.dns[1]), 0, 0, NULL,
	    NULL, "second name server", 0 },
};

static const struct wad_conf_row console_rows[] = {
	{ "diagnose-format", WAD_CT_BOOL, AT(wad_conf, console.study), 0, 0,
	    "official=0 study=1", "official",
	    "layout of what diagnose commands print", 0 },
	{ "output", WAD_CT_BOOL, AT(wad_conf, console.more), 0, 0,
	    "standard=0 more=1", "standard",
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
	{ "ocsp-status", WAD_CT_ENUM, AT(wad_conf, revocation.ocsp), 0, 0,
	    "disable=0 enable=1 mandatory=2", "disable",
	    "ask OCSP responders; mandatory: no answer is a failure; what "
	    "servers staple is looked at in any case", 0 },
	{ "ocsp-option", WAD_CT_BOOL, NO, 0, 0, "certificate=0 server=1",
	    "server", "which responder is asked: the one that the "
	    "certificate names, or ocsp-default-server where it is set", 0 },
	{ "ocsp-default-server", WAD_CT_REF,
	    AT(wad_conf, revocation.ocsp_server_name), 0, 0, NULL, NULL,
	    "an entry of vpn certificate ocsp-server", 0 },
	{ "strict-ocsp-check", WAD_CT_BOOL,
	    AT(wad_conf, revocation.strict_ocsp), 0, 0, ONOFF, "disable",
	    "the OCSP answer 'unknown' counts as a failure", 0 },
	{ "strict-crl-check", WAD_CT_BOOL,
	    AT(wad_conf, revocation.strict_crl), 0, 0, ONOFF, "disable",
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
	    AT(wad_conf, ssl.no_cipher_drop), 0, 0, "bypass=0 drop=1",
	    "bypass", "when client and server share no cipher that can be "
	    "inspected", 0 },
	{ "abbreviate-handshake", WAD_CT_BOOL, AT(wad_conf, ssl.abbreviate),
	    0, 0, ONOFF, "enable", "resume TLS sessions, on both legs", 0 },
	{ "session-cache-timeout", WAD_CT_UINT,
	    AT(wad_conf, ssl.session_timeout), 1, 60, NULL, "20",
	    "minutes that a TLS session can be resumed", 0 },
	{ "session-cache-capacity", WAD_CT_UINT,
	    AT(wad_conf, ssl.session_capacity), 1, 1000, NULL, "500",
	    "sessions kept for resumption, each worker keeps 16 times as "
	    "many", 0 },
	{ "cert-cache-timeout", WAD_CT_UINT, AT(wad_conf, ssl.cert_timeout),
	    1, 120, NULL, NULL, "minutes that a forged certificate is used "
	    "again; unset: as long as it is valid", 0 },
	{ "cert-cache-capacity", WAD_CT_UINT,
	    AT(wad_conf, ssl.cert_capacity), 0, 500, NULL, NULL,
	    "forged certificates kept; 0 or unset: openwad's own bound", 0 },
	{ "proxy-connect-timeout", WAD_CT_UINT,
	    AT(wad_conf, ssl.connect_timeout), 1, 60, NULL, NULL,
	    "seconds to wait for a server; unset: connect-timeout of openwad "
	    "settings", 0 },
};

static const struct wad_conf_row user_setting_rows[] = {
	{ "auth-cert", WAD_CT_CERT, AT(wad_conf, user.auth_cert_name), 0, 0,
	    NULL, NULL, "certificate of sign-in pages", 0 },
	{ "auth-ca-cert", WAD_CT_CERT, AT(wad_conf, user.auth_ca_cert_name),
	    0, 0, NULL, NULL, "CA that signs before all others", 0 },
	{ "auth-secure-http", WAD_CT_BOOL,
	    AT(wad_conf, user.auth_secure_http), 0, 0, ONOFF, "disable",
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
	{ "status", WAD_CT_BOOL, AT(wad_conf, webproxy.explicit_enabled),
	    0, 0, ONOFF, "disable", "serve as an explicit proxy", 0 },
	{ "http-incoming-port", WAD_CT_PORTS, AT(wad_conf, webproxy.ports),
	    1, 65535, NULL, "8080", "ports where clients ask", 0 },
	{ "incoming-ip", WAD_CT_ADDR4, AT(wad_conf, webproxy.incoming_ip),
	    0, 0, NULL, "0.0.0.0", "address where clients ask", 0 },
	{ "incoming-ip6", WAD_CT_ADDR6, AT(wad_conf, webproxy.incoming_ip6),
	    0, 0, NULL, "::", "IPv6 address where clients ask", 0 },
	{ "ipv6-status", WAD_CT_BOOL, AT(wad_conf, webproxy.ipv6), 0, 0,
	    ONOFF, "disable", "serve and reach IPv6", 0 },
	{ "sec-default-action", WAD_CT_BOOL,
	    NO, 0, 0,
	    "deny=0 accept=1", "deny", "kept: what no proxy-policy accepts "
	    "is denied", WAD_CF_IDLE },
	{ "realm", WAD_CT_STR, AT(wad_conf, webproxy.realm), 1, 63, NULL,
	    "default", "realm that clients see when they sign in", 0 },
	{ "secure-web-proxy", WAD_CT_ENUM, AT(wad_conf, webproxy.secure), 0,
	    0, "disable=0 enable=1 secure=2", "disable", "TLS between client "
	    "and proxy: none, when the client begins it, always", 0 },
	{ "secure-web-proxy-cert", WAD_CT_CERTS, NO, 0, 1, NULL, NULL,
	    "certificate of the proxy for it; unset: ssl-cert of web-proxy "
	    "global", 0 },
	{ "https-incoming-port", WAD_CT_PORTS,
	    AT(wad_conf, webproxy.tls_ports), 0, 65535, NULL, "0",
	    "ports where clients ask over TLS; 0: those of HTTP", 0 },
	{ "pac-file-server-status", WAD_CT_BOOL, AT(wad_conf, webproxy.pac),
	    0, 0, ONOFF, "disable", "give clients a file that leads them to "
	    "the proxy, also as wpad.dat", 0 },
	{ "pac-file-server-port", WAD_CT_PORTS,
	    AT(wad_conf, webproxy.pac_ports), 0, 65535, NULL, "0",
	    "ports where they ask for it; 0: those of HTTP", 0 },
	{ "pac-file-name", WAD_CT_STR, AT(wad_conf, webproxy.pac_name), 1,
	    63, NULL, "proxy.pac", "its name", 0 },
	{ "pac-file-data", WAD_CT_STR, AT(wad_conf, webproxy.pac_data), 0,
	    262144, NULL, NULL, "its text; unset: made from this "
	    "configuration", 0 },
	{ "pac-file-through-https", WAD_CT_BOOL,
	    AT(wad_conf, webproxy.pac_https), 0, 0, ONOFF, "disable",
	    "give it over TLS too", 0 },
	{ "https-replacement-message", WAD_CT_BOOL,
	    AT(wad_conf, webproxy.https_replacemsg), 0, 0, ONOFF, "enable",
	    "show a page where CONNECT is refused", 0 },
	{ "message-upon-server-error", WAD_CT_BOOL,
	    AT(wad_conf, webproxy.error_page), 0, 0, ONOFF, "enable",
	    "show a page when a server cannot be reached", 0 },
	{ "unknown-http-version", WAD_CT_ENUM,
	    AT(wad_conf, webproxy.unknown_version), 0, 0,
	    "reject=0 best-effort=2 tunnel=0", "reject",
	    "a version that is neither 1.0 nor 1.1", 0 },
	{ "pref-dns-result", WAD_CT_ENUM, NO, 0, 0,
	    "ipv4=0 ipv6=1 ipv4-strict=2 ipv6-strict=3", "ipv4",
	    "kept: a server's addresses of both families are tried, the "
	    "fastest is used (RFC 8305)", WAD_CF_IDLE },
};

static const struct wad_conf_row proxy_global_rows[] = {
	{ "ssl-ca-cert", WAD_CT_CERT,
	    AT(wad_conf, webproxy.ssl_ca_cert_name), 0, 0, NULL, NULL,
	    "CA that signs when nothing else applies", 0 },
	{ "proxy-fqdn", WAD_CT_STR, AT(wad_conf, webproxy.proxy_fqdn), 1, 255,
	    NULL, "default.fqdn", "name of the proxy itself", 0 },
	{ "max-request-length", WAD_CT_UINT,
	    AT(wad_conf, webproxy.max_request_length), 2, 64, NULL, "8",
	    "longest request line, kB", 0 },
	{ "max-message-length", WAD_CT_UINT,
	    AT(wad_conf, webproxy.max_message_length), 16, 256, NULL, "32",
	    "largest header of a message, kB", 0 },
	{ "ssl-cert", WAD_CT_CERT, AT(wad_conf, webproxy.ssl_cert_name), 0, 0,
	    NULL, NULL, "certificate of the proxy itself", 0 },
	{ "http2-client-window-size", WAD_CT_UINT,
	    AT(wad_conf, webproxy.h2_client_window), 65535, 2147483647, NULL,
	    "1048576", "bytes that a client may send on a stream before they "
	    "are taken; four times that on a connection", 0 },
	{ "http2-server-window-size", WAD_CT_UINT,
	    AT(wad_conf, webproxy.h2_server_window), 65535, 2147483647, NULL,
	    "1048576", "the same for servers", 0 },
	{ "forward-proxy-auth", WAD_CT_BOOL, NO, 0, 0, ONOFF, "disable",
	    "kept: a client's Proxy-Authorization goes no further",
	    WAD_CF_IDLE },
	{ "forward-server-affinity-timeout", WAD_CT_UINT, NO, 6, 60, NULL,
	    "30", "kept: a client stays with its forward-server while that "
	    "is there", WAD_CF_IDLE },
	{ "strict-web-check", WAD_CT_BOOL, NO, 0, 0, ONOFF, "disable",
	    "kept: responses that break the rules are always refused",
	    WAD_CF_IDLE },
	{ "log-forward-server", WAD_CT_BOOL,
	    AT(wad_conf, webproxy.log_forward), 0, 0, ONOFF, "disable",
	    "name the forward-server in the traffic log", 0 },
	{ "request-obs-fold", WAD_CT_ENUM, NO, 0, 0,
	    "keep=0 replace-with-sp=1 block=2", "keep",
	    "kept: headers that go over several lines are refused "
	    "(RFC 9112, section 5.2)", WAD_CF_IDLE },
	{ "webproxy-profile", WAD_CT_REF, AT(wad_conf, webproxy.profile_name),
	    0, 0, NULL, NULL, "web-proxy profile where no policy names "
	    "one", 0 },
};

#define SET(name, type, field, lo, hi, choices, def, help)		\
	{ name, type, AT(wad_conf, settings.field), lo, hi, choices,	\
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
	    "seconds to wait for a whole ClientHello, or the rest of a "
	    "request's head"),
	SET("handshake-timeout", WAD_CT_UINT, handshake_timeout, 1, 300, NULL,
	    "20", "seconds that a handshake may last"),
	SET("idle-timeout", WAD_CT_UINT, idle_timeout, 1, 2764800, NULL,
	    "3600", "seconds without data until a session ends; default of "
	    "system session-ttl wins where it is set"),
	SET("halfclose-timeout", WAD_CT_UINT, halfclose_timeout, 1, 86400,
	    NULL, "120", "seconds that a half-closed session may last; "
	    "tcp-halfclose-timer of system global wins where it is set"),
	SET("sessions-max", WAD_CT_UINT, sessions_max, 1, WAD_SESSIONS_MAX,
	    NULL, "50000", "sessions of one worker at a time"),
	{ "log-full", WAD_CT_BOOL, AT(wad_conf, log.full_block), 0, 0,
	    "lose=0 block=1", "lose", "when log records come faster than "
	    "they can be written: lose them and count them, or block: take no "
	    "new sessions until there is room", 0 },
	SET("lookup-allow-private", WAD_CT_BOOL, lookup_allow_private, 0, 0,
	    ONOFF, "disable", "enable: responders and CRLs that a "
	    "certificate names may have private addresses"),
	SET("forward-check-interval", WAD_CT_UINT, forward_check, 1, 3600,
	    NULL, "10", "seconds between the health checks of a "
	    "forward-server"),
	SET("sessions-per-client", WAD_CT_UINT, sessions_per_client, 1,
	    1000000, NULL, "5000", "of one client, in one worker"),
	SET("buffer-memory", WAD_CT_UINT, buffer_memory, 16, 16384, NULL,
	    "512", "MiB of buffers in one worker, at most its share of half of "
	    "the machine's or the control group's memory: from half of it on "
	    "connections get no more than they need; above it those that "
	    "hold most and do not move are ended"),
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
	SET("quic-block", WAD_CT_BOOL, quic_block, 0, 0, ONOFF, "enable",
	    "reject QUIC of inspected networks, and take Alt-Svc out of "
	    "responses, so that browsers do not look for it"),
	SET("page-dir", WAD_CT_STR, page_dir, 1, 4095, NULL, NULL,
	    "folder with translations of pages; unset: those that came with "
	    "openwad"),
	{ "_page-texts", WAD_CT_REFS, AT(wad_conf, settings.page_texts), 0, 0,
	    NULL, NULL, "internal: what was in it", WAD_CF_HIDDEN },
};

#endif
