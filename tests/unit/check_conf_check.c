/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From text to snapshot: errors with file, line and nearest word, all at
 * once; names resolved; objects that exist without being configured; the
 * excerpts in tests/conf-seeds and the sample configuration.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_check.h"
#include "conf/conf_show.h"
#include "conf_case.h"
#include "suite.h"

START_TEST(empty)
{
	ck_assert_ptr_nonnull(build(""));
	ck_assert_str_eq(conf->sys.hostname, "openwad");
	ck_assert_int_eq(conf->settings.transparent,
	    WAD_TRANSPARENT_DISABLE);
	ck_assert_uint_eq(conf->settings.forged_cert_lifetime, 24);
	ck_assert_uint_eq(conf->settings.connect_timeout, 10);
	ck_assert_uint_eq(conf->settings.sessions_max, 50000);
	ck_assert_uint_eq(conf->webproxy.ports[0].lo, 8080);
	ck_assert_uint_eq(conf->webproxy.incoming_ip.family, 0);
	ck_assert_ptr_null(conf->webproxy.ssl_ca_cert_name);
	ck_assert_ptr_eq(conf->webproxy.ssl_ca_cert,
	    wad_conf_cert(conf, "Fortinet_CA_SSL"));
	ck_assert_uint_eq(conf->n_policies, 0);
	conf = (wad_conf_put(wad_conf_get(conf)), conf);
	ck_assert_int_eq(conf->refcount, 1);
}
END_TEST

START_TEST(built_in_profiles)
{
	const struct wad_profile *p;

	ck_assert_ptr_nonnull(build(""));
	p = wad_conf_profile(conf, "no-inspection");
	ck_assert_int_eq(p->https.status, WAD_INSPECT_DISABLE);
	p = wad_conf_profile(conf, "certificate-inspection");
	ck_assert_int_eq(p->https.status, WAD_INSPECT_CERT);
	p = wad_conf_profile(conf, "deep-inspection");
	ck_assert_int_eq(p->https.status, WAD_INSPECT_DEEP);
	ck_assert_uint_eq(p->n_exempt_cat, 2);
	ck_assert_uint_eq(p->exempt_cat[0], 31);
	ck_assert_uint_eq(p->exempt_cat[1], 33);
	ck_assert_ptr_null(p->caname);
	ck_assert_ptr_null(p->ca);
	ck_assert_str_eq(p->untrusted_ca->name, WAD_CA_UNTRUSTED);
	ck_assert_int_eq(p->https.validation_timeout, WAD_ACT_ALLOW);
	ck_assert_uint_eq(p->https.min_version, WAD_TLS12);
	ck_assert_uint_eq(p->https.ports[0], 443);
}
END_TEST

/* deep-inspection refuses every bad certificate; the one that is made to be
 * changed starts from FortiOS's defaults (tls_defaults); what a file says of
 * the built-in one holds, the rest stays strict. */
START_TEST(strict_profile)
{
	const struct wad_profile   *p;
	const struct wad_ssl_proto *q;

	ck_assert_msg(build("config firewall ssl-ssh-profile\n"
	    "edit deep-inspection\nconfig ssl\nset inspect-all "
	    "deep-inspection\nset untrusted-server-cert ignore\nend\nnext\n"
	    "end\n") != NULL, "%s", text());
	p = wad_conf_profile(conf, "deep-inspection");
	for (int i = 0; i < 2; i++) {
		q = i == 0 ? &p->https : &p->ssl;
		ck_assert_int_eq(q->untrusted, i == 0 ? WAD_ACT_BLOCK :
		    WAD_ACT_IGNORE);
		ck_assert_int_eq(q->expired, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->revoked, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->validation_failure, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->sni_check, WAD_SNI_STRICT);
		ck_assert_int_eq(q->status, WAD_INSPECT_DEEP);
	}
	p = wad_conf_profile(conf, "certificate-inspection");
	ck_assert_int_eq(p->https.untrusted, WAD_ACT_ALLOW);
	ck_assert_int_eq(p->https.sni_check, WAD_SNI_ENABLE);
}
END_TEST

/* No field is what it is because memory was zero. */
START_TEST(tls_defaults)
{
	const struct wad_profile   *p;
	const struct wad_ssl_proto *q;

	ck_assert_msg(build("config vpn certificate ca\nedit r\nset ca x\n"
	    "next\nedit s\nset ssl-inspection-trusted disable\nnext\nend\n")
	    != NULL, "%s", text());
	ck_assert(conf->cas[0].trusted && !conf->cas[1].trusted);
	ck_assert_int_eq(conf->revocation.ocsp, WAD_OCSP_DISABLE);
	ck_assert(!conf->revocation.strict_ocsp &&
	    !conf->revocation.strict_crl);
	ck_assert_ptr_null(conf->revocation.ocsp_server);
	ck_assert(!conf->ssl.no_cipher_drop && conf->ssl.abbreviate);
	ck_assert_uint_eq(conf->ssl.session_timeout, 20);
	ck_assert_uint_eq(conf->ssl.session_capacity, 500);
	ck_assert_uint_eq(conf->ssl.cert_timeout, 0);
	ck_assert_uint_eq(conf->ssl.cert_capacity, 0);
	ck_assert_uint_eq(conf->ssl.connect_timeout, 0);
	ck_assert_uint_eq(conf->settings.revocation_timeout, 3);
	ck_assert(!conf->settings.aia_fetch && conf->settings.must_staple);
	ck_assert(!conf->settings.client_tls_best);
	ck_assert_int_eq(conf->settings.learned_exempt, WAD_LEARN_MONITOR);
	ck_assert_uint_eq(conf->settings.learned_exempt_count, 2);
	ck_assert_uint_eq(conf->settings.learned_exempt_lifetime, 24);
	p = wad_conf_profile(conf, "custom-deep-inspection");
	ck_assert(p->exempt_ip_rating && p->blocklist &&
	    p->negotiation_log && p->anomaly_log);
	ck_assert(!p->handshake_log && !p->server_cert_log &&
	    !p->exempt_sni_check && !p->replace && !p->exemption_log);
	ck_assert_int_eq(p->alpn, WAD_ALPN_ALL);
	ck_assert_uint_eq(p->n_server_certs, 0);
	ck_assert_uint_eq(p->n_ech_outer, 0);
	for (int i = 0; i < 2; i++) {
		q = i == 0 ? &p->https : &p->ssl;
		ck_assert_int_eq(q->ech, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->expired, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->revoked, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->untrusted, WAD_ACT_ALLOW);
		ck_assert_int_eq(q->validation_timeout, WAD_ACT_ALLOW);
		ck_assert_int_eq(q->validation_failure, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->cert_probe_failure, WAD_ACT_ALLOW);
		ck_assert_int_eq(q->unsupported_version, WAD_ACT_BLOCK);
		ck_assert_int_eq(q->unsupported_cipher, WAD_ACT_ALLOW);
		ck_assert_int_eq(q->unsupported_negotiation, WAD_ACT_ALLOW);
		ck_assert_int_eq(q->sni_check, WAD_SNI_ENABLE);
		ck_assert_int_eq(q->client_certificate, WAD_CLTCERT_BYPASS);
		ck_assert_uint_eq(q->min_version, WAD_TLS12);
	}
}
END_TEST

#define CRL	"-----BEGIN X509 CRL-----\nMA==\n-----END X509 CRL-----\n"
START_TEST(revocation_tables)
{
	ck_assert_msg(build("config vpn certificate crl\n"
	    "edit a\nset crl \"" CRL "\"\nset range global\nnext\n"
	    "edit b\nset http-url http://crl.example.com:8080/b.crl\n"
	    "set update-interval 3600\nnext\n"
	    "edit c\nset http-url ''\nset scep-url x\nnext\n"
	    "edit d\nset crl-file d.pem\nnext\nend\n"
	    "config vpn certificate ocsp-server\nedit r\n"
	    "set url \"http://ocsp.example.com\"\n"
	    "set unavail-action ignore\nnext\nend\n"
	    "config vpn certificate setting\nset ocsp-status mandatory\n"
	    "set ocsp-default-server r\nset strict-ocsp-check enable\n"
	    "set strict-crl-check enable\nset certname-rsa2048 X\n"
	    "config crl-verification\nset expiry ignore\nend\nend\n")
	    != NULL, "%s", text());
	ck_assert_uint_eq(conf->n_crls, 4);
	ck_assert_str_eq(conf->crls[0].pem, CRL);
	ck_assert_ptr_null(conf->crls[0].http_url);
	ck_assert_ptr_null(conf->crls[1].pem);
	ck_assert_str_eq(conf->crls[1].http_url,
	    "http://crl.example.com:8080/b.crl");
	ck_assert_uint_eq(conf->crls[1].update_interval, 3600);
	ck_assert_ptr_null(conf->crls[2].http_url);
	ck_assert_str_eq(ignored(), "warning: f.conf:13: CRL 'c' has no crl, "
	    "crl-file or http-url: it is not used\n");
	ck_assert_uint_eq(conf->n_ocsp_servers, 1);
	ck_assert_int_eq(conf->revocation.ocsp, WAD_OCSP_MANDATORY);
	ck_assert(conf->revocation.strict_ocsp && conf->revocation.strict_crl);
	ck_assert_ptr_eq(conf->revocation.ocsp_server,
	    &conf->ocsp_servers[0]);
	ck_assert_str_eq(conf->revocation.ocsp_server_name, "r");
}
END_TEST

/* The certificate names its responder, whatever server is set. */
START_TEST(ocsp_of_certificate)
{
	ck_assert_msg(build("config vpn certificate ocsp-server\nedit r\n"
	    "set url http://[2001:db8::1]:80/x\nnext\nend\n"
	    "config vpn certificate setting\nset ocsp-option certificate\n"
	    "set ocsp-default-server r\nconfig crl-verification\n"
	    "set leaf-crl-absence revoke\nend\nend\n") != NULL, "%s", text());
	ck_assert_str_eq(conf->revocation.ocsp_server_name, "r");
	ck_assert_ptr_null(conf->revocation.ocsp_server);
	ck_assert(conf->revocation.strict_crl);
}
END_TEST

static const struct { const char *url; bool ok; } urls[] = {
	{ "http://a", true }, { "http://a/", true },
	{ "HTTP://A.example:8080/x?y=z", true },
	{ "http://192.0.2.1/c", true }, { "http://[2001:db8::1]/c", true },
	{ "http://[2001:db8::1]:81/c", true }, { "http://a:65535/", true },
	{ "", false }, { "http://", false }, { "http:///x", false },
	{ "http://a:0/", false }, { "http://a:65536/", false },
	{ "http://a:/", false }, { "http://a:8x/", false },
	{ "http://a:000080/", false }, { "http://u@a/", false },
	{ "http://u:p@a/", false }, { "http://a b/", false },
	{ "http://a/\r\nHost: b", false }, { "http://a/\xc3\xa4", false },
	{ "http://[::1/", false }, { "http://[a]/", false },
	{ "http://[192.0.2.1]/", false }, { "http://[::1]x/", false },
	{ "http://a..b/", false }, { "http://a?x", false },
	{ "http://a#x", false }, { "https://a/", false },
	{ "ftp://a/", false }, { "//a/", false },
};

START_TEST(http_url)
{
	ck_assert_msg(wad_conf_check_http_url(urls[_i].url) == urls[_i].ok,
	    "'%s'", urls[_i].url);
}
END_TEST

START_TEST(ssl_setting)
{
	ck_assert_msg(build("config firewall ssl setting\n"
	    "set no-matching-cipher-action drop\n"
	    "set abbreviate-handshake disable\nset session-cache-timeout 5\n"
	    "set session-cache-capacity 1\nset cert-cache-timeout 7\n"
	    "set cert-cache-capacity 200\nset proxy-connect-timeout 9\n"
	    "set ssl-dh-bits 2048\nset kxp-queue-threshold 16\n"
	    "set ssl-queue-threshold 32\nset ssl-send-empty-frags enable\n"
	    "set cert-manager-cache-timeout 72\n"
	    "set resigned-short-lived-certificate enable\nend\n"
	    "config openwad settings\nset revocation-timeout 30\n"
	    "set aia-fetch enable\nset must-staple disable\n"
	    "set client-tls-version best\nset learned-exempt apply\n"
	    "set learned-exempt-count 100\nset learned-exempt-lifetime 720\n"
	    "end\n") != NULL, "%s", text());
	ck_assert(conf->ssl.no_cipher_drop && !conf->ssl.abbreviate);
	ck_assert_uint_eq(conf->ssl.session_timeout, 5);
	ck_assert_uint_eq(conf->ssl.session_capacity, 1);
	ck_assert_uint_eq(conf->ssl.cert_timeout, 7);
	ck_assert_uint_eq(conf->ssl.cert_capacity, 200);
	ck_assert_uint_eq(conf->ssl.connect_timeout, 9);
	ck_assert_uint_eq(conf->settings.revocation_timeout, 30);
	ck_assert(conf->settings.aia_fetch && !conf->settings.must_staple);
	ck_assert(conf->settings.client_tls_best);
	ck_assert_int_eq(conf->settings.learned_exempt, WAD_LEARN_APPLY);
	ck_assert_uint_eq(conf->settings.learned_exempt_count, 100);
	ck_assert_uint_eq(conf->settings.learned_exempt_lifetime, 720);
}
END_TEST

START_TEST(profile_fields)
{
	const struct wad_profile *p;

	ck_assert_msg(build("config vpn certificate local\n"
	    "edit w\nset certificate C\nset private-key K\nnext\n"
	    "edit v\nset certificate D\nset private-key-file k\nnext\nend\n"
	    "config firewall ssl-ssh-profile\nedit x\n"
	    "set server-cert-mode replace\nset server-cert w v w\n"
	    "set ssl-handshake-log enable\nset ssl-server-cert-log enable\n"
	    "set ssl-exemption-ip-rating disable\n"
	    "set block-blocklisted-certificates disable\n"
	    "set allowlist enable\nset supported-alpn http1-1\n"
	    "set exempt-sni-check enable\n"
	    "config ech-outer-sni\nedit a\nset sni Public.Example.COM.\n"
	    "next\nedit b\nset sni *.Ech.example\nnext\nend\n"
	    "config https\nset ports 443 8443 9443\n"
	    "set encrypted-client-hello allow\nset quic block\n"
	    "set udp-not-quic block\nset proxy-after-tcp-handshake enable\n"
	    "set cert-probe-failure block\nend\nnext\n"
	    "edit y\nset server-cert Fortinet_SSL\n"
	    "set supported-alpn none\nnext\nend\n") != NULL, "%s", text());
	p = wad_conf_profile(conf, "x");
	ck_assert(p->replace && p->handshake_log && p->server_cert_log &&
	    p->exempt_sni_check && !p->exempt_ip_rating && !p->blocklist);
	ck_assert_int_eq(p->alpn, WAD_ALPN_H1);
	ck_assert_uint_eq(p->n_server_certs, 2);
	ck_assert_str_eq(p->server_cert_names[0], "w");
	ck_assert_ptr_eq(p->server_certs[1], wad_conf_cert(conf, "v"));
	ck_assert_uint_eq(p->n_ech_outer, 2);
	ck_assert_str_eq(p->ech_outer[0], "public.example.com");
	ck_assert_str_eq(p->ech_outer[1], "*.ech.example");
	ck_assert_uint_eq(p->https.n_ports, 3);
	ck_assert_uint_eq(p->https.ports[2], 9443);
	ck_assert_int_eq(p->https.ech, WAD_ACT_ALLOW);
	ck_assert_int_eq(p->ssl.ech, WAD_ACT_BLOCK);
	ck_assert_int_eq(p->https.cert_probe_failure, WAD_ACT_BLOCK);
	p = wad_conf_profile(conf, "y");
	ck_assert(!p->replace && p->n_server_certs == 0);
	ck_assert_int_eq(p->alpn, WAD_ALPN_NONE);
}
END_TEST

/* Backups of earlier versions mean what they meant. */
START_TEST(older_names)
{
	const struct wad_ssl_proto *q;
	const struct wad_profile   *p;

	ck_assert_msg(build("config firewall ssl-ssh-profile\nedit x\n"
	    "set whitelist enable\nset block-blacklisted-certificates "
	    "disable\nset ssl-exemptions-log enable\n"
	    "set ssl-anomalies-log disable\n"
	    "config https\nset client-cert-request block\n"
	    "set unsupported-ssl inspect\nset untrusted-cert ignore\n"
	    "set invalid-server-cert allow\nset revoked-server-cert block\n"
	    "end\nconfig ssl\nset allow-invalid-server-cert enable\n"
	    "set unsupported-ssl bypass\nunset client-cert-request\nend\n"
	    "next\nend\n") != NULL, "%s", text());
	ck_assert_str_eq(ignored(), "");
	p = wad_conf_profile(conf, "x");
	ck_assert(!p->blocklist && p->exemption_log && !p->anomaly_log);
	q = &p->https;
	ck_assert_int_eq(q->client_certificate, WAD_CLTCERT_BLOCK);
	ck_assert_int_eq(q->unsupported_cipher, WAD_ACT_BLOCK);
	ck_assert_int_eq(q->unsupported_negotiation, WAD_ACT_BLOCK);
	ck_assert_int_eq(q->untrusted, WAD_ACT_IGNORE);
	ck_assert_int_eq(q->expired, WAD_ACT_ALLOW);
	ck_assert_int_eq(q->revoked, WAD_ACT_BLOCK);
	ck_assert_int_eq(q->validation_failure, WAD_ACT_ALLOW);
	q = &p->ssl;
	ck_assert_int_eq(q->expired, WAD_ACT_ALLOW);
	ck_assert_int_eq(q->revoked, WAD_ACT_ALLOW);
	ck_assert_int_eq(q->unsupported_cipher, WAD_ACT_ALLOW);
	ck_assert_int_eq(q->client_certificate, WAD_CLTCERT_BYPASS);
}
END_TEST

START_TEST(profile_merges)
{
	const struct wad_profile *p;

	ck_assert_msg(build("config firewall ssl-ssh-profile\n"
	    "edit custom-deep-inspection\nset caname Fortinet_CA_SSL\nnext\n"
	    "edit deep-inspection\nconfig ssl-exempt\nend\nnext\n"
	    "edit own\nconfig ssl\nset inspect-all certificate-inspection\n"
	    "set min-allowed-ssl-version tls-1.1\nend\nnext\nend\n") != NULL,
	    "%s", text());
	p = wad_conf_profile(conf, "custom-deep-inspection");
	ck_assert_str_eq(p->caname, WAD_CA_SSL);
	ck_assert_ptr_eq(p->ca, wad_conf_cert(conf, WAD_CA_SSL));
	ck_assert_uint_eq(p->n_exempt, 2);
	ck_assert_int_eq(p->https.status, WAD_INSPECT_DEEP);
	p = wad_conf_profile(conf, "deep-inspection");
	ck_assert_uint_eq(p->n_exempt, 0);
	p = wad_conf_profile(conf, "own");
	ck_assert_int_eq(p->https.status, WAD_INSPECT_DEEP);
	ck_assert_uint_eq(p->https.n_ports, 1);
	ck_assert_int_eq(p->inspect_all, WAD_INSPECT_CERT);
	ck_assert_uint_eq(p->ssl.min_version, WAD_TLS11);
	ck_assert_ptr_eq(&conf->profiles[p->index], p);
}
END_TEST

static const char policy_text[] =
"config system interface\n"
"edit lan\nset device eth1\nset security-mode captive-portal\nnext\nend\n"
"config system zone\nedit inside\nset interface lan dmz0\nnext\nend\n"
"config firewall address\n"
"edit a\nset subnet 10.0.0.0 255.0.0.0\nnext\n"
"edit r\nset type iprange\nset start-ip 1.1.1.1\nset end-ip 1.1.1.9\nnext\n"
"edit f\nset type fqdn\nset fqdn WWW.Example.com.\nnext\n"
"edit w\nset type fqdn\nset fqdn *.Example.com\nnext\n"
"edit g\nset type geography\nset country DE\nnext\nend\n"
"config firewall addrgrp\n"
"edit g1\nset member a g2\nnext\nedit g2\nset member r a g1\nnext\nend\n"
"config firewall service custom\nedit s1\nset tcp-portrange 8443\nnext\n"
"end\n"
"config firewall service group\nedit sg\nset member HTTPS s1\nnext\nend\n"
"config firewall policy\nedit 7\nset srcintf inside\nset dstintf wan9\n"
"set srcaddr g1\nset dstaddr f w\nset srcaddr6 all\nset service sg\n"
"set action accept\nset nat enable\nset uuid 1-2-3\n"
"set ssl-ssh-profile deep-inspection\nset schedule always\nnext\n"
"edit 3\nset srcintf any\nset dstintf any\nset srcaddr all\n"
"set dstaddr all\nset dstaddr-negate enable\nset service ALL\nnext\nend\n"
"config firewall proxy-policy\nedit 7\nset dstintf any\nset srcaddr all\n"
"set dstaddr all\nset service webproxy\nset action accept\nnext\n"
"edit 8\nset proxy transparent-web\nnext\nend\n";

START_TEST(policies)
{
	const struct wad_policy *p;

	ck_assert_msg(build(policy_text) != NULL, "%s", text());
	ck_assert_uint_eq(conf->n_policies, 3);
	p = wad_conf_policy(conf, 7, false);
	ck_assert(p == &conf->policies[0] && p->accept && p->nat);
	ck_assert_uint_eq(p->n_srcintf, 2);
	ck_assert_str_eq(p->srcintf[0], "lan");
	ck_assert_str_eq(p->srcintf[1], "dmz0");
	ck_assert_str_eq(wad_conf_if_by_device(conf, "eth1")->name, "lan");
	ck_assert(wad_conf_if_by_device(conf, "eth1")->captive_portal);
	ck_assert_str_eq(wad_conf_if_by_device(conf, "dmz0")->name, "dmz0");
	ck_assert_str_eq(wad_conf_if_by_device(conf, "wan9")->name, "wan9");
	ck_assert_uint_eq(p->srcaddr.n, 2);
	ck_assert_str_eq(p->srcaddr.obj[0]->name, "a");
	ck_assert_str_eq(p->srcaddr.obj[1]->name, "r");
	ck_assert_int_eq(p->dstaddr.obj[0]->type, WAD_ADDR_FQDN);
	ck_assert_str_eq(p->dstaddr.obj[0]->fqdn, "www.example.com");
	ck_assert_int_eq(p->dstaddr.obj[1]->type, WAD_ADDR_WILDCARD_FQDN);
	ck_assert_str_eq(p->dstaddr.obj[1]->fqdn, "*.example.com");
	ck_assert_int_eq(p->srcaddr6.obj[0]->type, WAD_ADDR_ALL);
	ck_assert(!p->dstaddr6.set && p->srcaddr.set);
	ck_assert_uint_eq(p->n_services, 2);
	ck_assert_uint_eq(p->services[1]->tcp[0].lo, 8443);
	ck_assert_str_eq(p->profile->name, "deep-inspection");
	p = wad_conf_policy(conf, 3, false);
	ck_assert(!p->accept && p->dstaddr.negate && p->services[0]->all);
	ck_assert_str_eq(p->profile->name, "no-inspection");
	p = wad_conf_policy(conf, 7, true);
	ck_assert(p == &conf->policies[2] && p->explicit_web);
	ck_assert_uint_eq(p->services[0]->tcp[0].hi, 65535);
	ck_assert_ptr_null(wad_conf_policy(conf, 8, true));
	ck_assert_ptr_nonnull(strstr(ignored(), "transparent-web"));
	ck_assert_ptr_nonnull(strstr(ignored(), "geography"));
}
END_TEST

START_TEST(web_filter)
{
	const struct wad_wf_profile *w;

	ck_assert_msg(build("config webfilter urlfilter\nedit 4\n"
	    "config entries\nedit 1\nset url x.com\nset action block\nnext\n"
	    "end\nnext\nend\n"
	    "config webfilter ftgd-local-cat\nedit mine\nset id 150\nnext\n"
	    "end\nconfig webfilter ftgd-local-rating\nedit a.com/b\n"
	    "set rating 150 7\nnext\nend\n"
	    "config webfilter profile\nedit w\nconfig web\n"
	    "set urlfilter-table 4\nend\nconfig ftgd-wf\nunset options\n"
	    "config filters\nedit 2\nset category 26\nset action block\n"
	    "next\nedit 1\nset category 7\nnext\nend\nend\nnext\n"
	    "edit off\nconfig ftgd-wf\nset options ftgd-disable error-allow\n"
	    "config filters\nedit 1\nnext\nend\nend\nnext\nend\n") != NULL,
	    "%s", text());
	w = &conf->wf_profiles[0];
	ck_assert_uint_eq(w->n_filters, 2);
	ck_assert_int_eq(w->filters[0].action, WAD_WF_BLOCK);
	ck_assert_int_eq(w->filters[1].action, WAD_WF_MONITOR);
	ck_assert_uint_eq(w->filters[1].category, 7);
	ck_assert_ptr_eq(w->urlfilter, &conf->urlfilters[0]);
	ck_assert_int_eq(w->urlfilter->entries[0].action, WAD_UF_BLOCK);
	ck_assert(w->https_replacemsg && !w->error_allow);
	w = &conf->wf_profiles[1];
	ck_assert(w->n_filters == 0 && w->error_allow);
	ck_assert_uint_eq(conf->local_ratings[0].n_cats, 2);
	ck_assert_uint_eq(conf->local_cats[0].id, 150);
}
END_TEST

START_TEST(exemptions)
{
	const struct wad_profile *p;

	ck_assert_msg(build("config firewall wildcard-fqdn custom\n"
	    "edit a\nset wildcard-fqdn *.a.com\nnext\n"
	    "edit b\nset wildcard-fqdn *.b.com\nnext\nend\n"
	    "config firewall wildcard-fqdn group\nedit ab\nset member a b\n"
	    "next\nend\nconfig firewall ssl-ssh-profile\nedit x\n"
	    "config ssl-exempt\nedit 1\nset type wildcard-fqdn\n"
	    "set wildcard-fqdn ab\nnext\nedit 2\nset type address\n"
	    "set address none\nnext\nedit 3\nset type regex\n"
	    "set regex \"^a\\\\.\"\nnext\nedit 4\nset fortiguard-category 87\n"
	    "next\nend\nnext\nend\n") != NULL, "%s", text());
	p = wad_conf_profile(conf, "x");
	ck_assert_uint_eq(p->n_exempt, 5);
	ck_assert_str_eq(p->exempt[0].pattern, "*.a.com");
	ck_assert_str_eq(p->exempt[1].pattern, "*.b.com");
	ck_assert_uint_eq(p->exempt[2].addr.n, 1);
	ck_assert_str_eq(p->exempt[3].pattern, "^a\\.");
	ck_assert_uint_eq(p->exempt_cat[0], 87);
}
END_TEST

/* Each text is wrong at one line, told with these words. */
static const struct { const char *text, *want; } wrong[] = {
	{ "config system global\nset hostnam x\nend\n",
	    "f.conf:2: unknown setting 'hostnam' in 'config system global', "
	    "did you mean 'hostname'?" },
	{ "config firewall policy\nedit 1\nset ssl-shh-profile x\nnext\nend\n",
	    "f.conf:3: unknown setting 'ssl-shh-profile'" },
	{ "config firewall policy\nedit 1\nset srcaddr al\nnext\nend\n",
	    "f.conf:3: set srcaddr: there is no firewall address 'al', did "
	    "you mean 'all'?" },
	{ "config firewall policy\nedit 1\nset service HTTP HTPS\nnext\nend\n",
	    "'HTPS', did you mean 'HTTPS'?" },
	{ "config firewall policy\nedit 1\nset ssl-ssh-profile "
	    "deep-inspecton\nnext\nend\n",
	    "did you mean 'deep-inspection'?" },
	{ "config firewall policy\nedit 1\nset webfilter-profile x\nnext\n"
	    "end\n", "there is no webfilter profile 'x'" },
	{ "config firewall policy\nedit x\nnext\nend\n",
	    "f.conf:2: edit 'x' in 'config firewall policy': expected" },
	{ "config firewall policy\nedit 0\nnext\nend\n", "f.conf:2: edit" },
	{ "config firewall policy\nedit 1\nset srcintf "
	    "\"a name that is long\"\nnext\nend\n", "f.conf:3: set srcintf" },
	{ "config firewall addrgrp\nedit g\nset member nn\nnext\nend\n",
	    "f.conf:3: set member: there is no firewall address 'nn'" },
	{ "config firewall addrgrp\nedit g\nset exclude enable\nnext\nend\n",
	    "f.conf:3: set exclude" },
	{ "config firewall address\nedit a\nset type iprange\n"
	    "set start-ip 2.2.2.2\nset end-ip 1.1.1.1\nnext\nend\n",
	    "f.conf:2: address 'a'" },
	{ "config firewall address\nedit a\nset type fqdn\n"
	    "set fqdn \"a b\"\nnext\nend\n", "expected a host name" },
	{ "config firewall address\nedit a\nset type fqdn\n"
	    "set fqdn \"b\303\274cher.example\"\nnext\nend\n",
	    "in its ASCII form (xn--...)" },
	{ "config firewall address\nedit a\nset type fqdn\nnext\nend\n",
	    "'set fqdn' is missing" },
	{ "config user setting\nset auth-cert nope\nend\n",
	    "f.conf:2: set auth-cert: there is no certificate 'nope'" },
	{ "config system global\nset hostname a b\nend\n",
	    "f.conf:2: set hostname: one value expected, 2 found" },
	{ "config openwad settings\nset transparent tprox\nend\n",
	    "did you mean 'tproxy'?" },
	{ "config openwad settings\nset transparent-port 0\nend\n",
	    "expected 1-65535" },
	{ "config vpn certificate local\nedit x\nset _builtin enable\nnext\n"
	    "end\n", "f.conf:3: unknown setting '_builtin'" },
	{ "config firewall ssl-ssh-profile\nedit x\nconfig htps\nend\nnext\n"
	    "end\n", "f.conf:3: unknown table 'config htps'" },
	{ "config webfilter profile\nedit x\nconfig web\n"
	    "set urlfilter-table 9\nend\nnext\nend\n",
	    "f.conf:4: set urlfilter-table: there is no" },
	{ "config firewall ssl-ssh-profile\nedit x\nconfig ssl-exempt\n"
	    "edit 1\nset type address\nnext\nend\nnext\nend\n",
	    "f.conf:4: ssl-exempt 1: 'set address' is missing" },
	{ "config user group\nedit g\nnext\nend\nconfig firewall policy\n"
	    "edit 1\nset groups h\nnext\nend\n", "there is no user group" },
	{ "config system interface\nedit a\nset device e\nnext\nedit b\n"
	    "set device e\nnext\nend\n", "has the device 'e' already" },
	{ "config system interface\nedit a-name-longer-than-15\nnext\nend\n",
	    "f.conf:2: interface 'a-name-longer-than-15'" },
	{ "config firewall policy\nset name x\nend\n", "'edit' is missing" },
	{ "config system global\nedit x\nnext\nend\n", "has no entries" },
	{ "config webfilter ftgd-local-cat\nedit x\nnext\nend\n",
	    "'set id' is missing" },
#define P	"config firewall ssl-ssh-profile\nedit x\n"
#define Q	"next\nend\n"
	{ P "set server-cert-mode replace\n" Q,
	    "f.conf:3: profile 'x': server-cert-mode replace needs 'set "
	    "server-cert'" },
	{ P "set server-cert-mode resign\n" Q,
	    "'resign' is not one of: re-sign, replace; did you mean "
	    "'re-sign'?" },
	{ P "set server-cert-mode replace\nset server-cert nope\n" Q,
	    "f.conf:4: set server-cert: there is no certificate 'nope'" },
	{ P "set server-cert-mode replace\nset server-cert "
	    "Openwad_CA_SSL\n" Q,
	    "f.conf:4: set server-cert: 'Openwad_CA_SSL' has no private" },
	{ P "set server-cert a b c d e f g h i\n" Q,
	    "f.conf:3: set server-cert: 9 names, at most 8 are taken" },
	{ P "config ech-outer-sni\nedit a\nset sni \"a b.com\"\nnext\nend\n"
	    Q, "f.conf:5: set sni: 'a b.com': expected a host name" },
	{ P "config ech-outer-sni\nedit a\nset sni a*.com\nnext\nend\n" Q,
	    "f.conf:5: set sni: 'a*.com'" },
	{ P "config ech-outer-sni\nedit a\nset sni 10.0.0.1\nnext\nend\n" Q,
	    "f.conf:5: set sni: '10.0.0.1'" },
	{ P "config ech-outer-sni\nedit a\nnext\nend\n" Q,
	    "f.conf:4: ech-outer-sni 'a': 'set sni' is missing" },
	{ P "config https\nset encrypted-client-hello ignore\nend\n" Q,
	    "f.conf:4: set encrypted-client-hello: 'ignore' is not one" },
	{ P "config https\nset client-cert-request maybe\nend\n" Q,
	    "today it is called 'client-certificate'" },
	{ P "config https\nset unsupported-ssl allow\nend\n" Q,
	    "f.conf:4: set unsupported-ssl: one value expected: bypass, "
	    "inspect, block; today it is called 'unsupported-ssl-cipher "
	    "unsupported-ssl-negotiation'" },
	{ P "set supported-alpn h2\n" Q, "is not one of: http1-1, http2" },
#undef P
#undef Q
	{ "config vpn certificate setting\nset ocsp-default-server rr\nend\n"
	    "config vpn certificate ocsp-server\nedit r1\nset url http://a/\n"
	    "next\nend\n", "f.conf:2: set ocsp-default-server: there is no "
	    "vpn certificate ocsp-server 'rr', did you mean 'r1'?" },
	{ "config vpn certificate ocsp-server\nedit r\n"
	    "set url https://ocsp.example.com/\nnext\nend\n",
	    "f.conf:3: set url: 'https://ocsp.example.com/': expected "
	    "http://HOST[:PORT]/PATH" },
	{ "config vpn certificate setting\nconfig crl-verification\n"
	    "set expiry enable\nend\nend\n", "f.conf:3: set expiry: 'enable' "
	    "is not one of: ignore, revoke" },
	{ "config vpn certificate ocsp-server\nedit r\nnext\nend\n",
	    "f.conf:2: ocsp-server 'r': 'set url' is missing" },
	{ "config vpn certificate crl\nedit c\nset http-url ldap://x/\n"
	    "next\nend\n", "f.conf:3: set http-url: 'ldap://x/': expected" },
	{ "config vpn certificate crl\nedit c\nset crl \"-----BEGIN X509 "
	    "CRL-----\n\"\nnext\nend\n", "f.conf:3: set crl: expected PEM" },
	{ "config firewall ssl setting\nset session-cache-timeout 0\nend\n",
	    "expected 1-60" },
	{ "config firewall ssl setting\nset no-matching-cipher-action "
	    "allow\nend\n", "is not one of: bypass, drop" },
	{ "config openwad settings\nset revocation-timeout 31\nend\n",
	    "expected 1-30" },
	{ "config openwad settings\nset learned-exempt-count 1\nend\n",
	    "expected 2-100" },
	{ "config openwad settings\nset learned-exempt-lifetime 721\nend\n",
	    "expected 1-720" },
	{ "config openwad settings\nset learned-exempt on\nend\n",
	    "is not one of: disable, monitor, apply" },
	{ "config openwad settings\nset client-tls-version good\nend\n",
	    "is not one of: mirror, best" },
	{ "config vpn certificate crl\nedit c\nset _crl \"-----BEGIN X509 "
	    "CRL----------END X509 CRL-----\"\nnext\nend\n",
	    "f.conf:3: unknown setting '_crl'" },
};

START_TEST(error_texts)
{
	ck_assert_ptr_null(build(wrong[_i].text));
	ck_assert_msg(strstr(text(), wrong[_i].want) != NULL,
	    "wanted: %s\ngot: %s", wrong[_i].want, text());
	ck_assert_msg(errs.n == 1, "%s", text());
}
END_TEST

START_TEST(all_at_once)
{
	ck_assert_ptr_null(build("config system global\nset x 1\nbogus\nend\n"
	    "config user setting\nset auth-cert q\nend\n"
	    "config firewall policy\nedit 1\nset srcaddr zz\n"
	    "set action maybe\nnext\nend\n"));
	ck_assert_uint_eq(errs.n, 5);
}
END_TEST

START_TEST(deep_groups)
{
	struct wad_str s = { 0 };

	wad_str_add(&s, "config firewall addrgrp\n");
	for (int i = 0; i < 60; i++)
		wad_str_addf(&s, "edit g%d\nset member g%d all\nnext\n", i,
		    i < 59 ? i + 1 : 0);
	wad_str_add(&s, "end\n");
	ck_assert_ptr_null(build(s.s));
	ck_assert_ptr_nonnull(strstr(text(), "nested deeper than 32"));
	wad_str_free(&s);
}
END_TEST

START_TEST(unknown_tables)
{
	ck_assert_ptr_nonnull(build("config system ntp\nset a 1\n"
	    "config ntpserver\nedit 1\nset server x\nnext\nend\nend\n"
	    "config system ntp\nset b 1\nend\n"));
	ck_assert_str_eq(ignored(),
	    "ignored: config system ntp (3 settings)\n");
}
END_TEST

/* A misspelt table is told; a table of FortiOS that is near one is not. */
START_TEST(misspelt_tables)
{
	ck_assert_ptr_nonnull(build("config system ddns\nend\n"
	    "config firewall polcy\nedit 1\nset a 1\nnext\nend\n"
	    "config firewall policy6\nend\n"
	    "config dnsfilter profile\nend\n"));
	ck_assert_str_eq(ignored(),
	    "ignored: config system ddns (0 settings)\n"
	    "ignored: config firewall polcy (1 setting)\n"
	    "warning: f.conf:3: unknown table \"firewall polcy\", did you "
	    "mean \"firewall policy\"? It is kept but not used\n"
	    "ignored: config firewall policy6 (0 settings)\n"
	    "ignored: config dnsfilter profile (0 settings)\n");
}
END_TEST

/* From top to bottom, whichever check found them. */
START_TEST(sorted_errors)
{
	const char *a, *b, *c;

	ck_assert_ptr_null(build("config firewall addrgrp\nedit g\n"
	    "set member nobody\nnext\nend\n"
	    "config system global\nset foo 1\nend\nbad\n"));
	a = strstr(text(), "f.conf:3: ");
	b = strstr(text(), "f.conf:7: ");
	c = strstr(text(), "f.conf:9: ");
	ck_assert(a == text() && a < b && b < c);
	ck_assert_uint_eq(errs.n, 3);
}
END_TEST

START_TEST(sorted_many)
{
	struct wad_str	s = { 0 };
	unsigned	lines = 0;
	const char	*p;

	wad_str_add(&s, "config firewall addrgrp\nedit g\nset member x\n"
	    "next\nend\nconfig system global\n");
	for (int i = 0; i < 300; i++)
		wad_str_addf(&s, "set foo%d 1\n", i);
	wad_str_add(&s, "end\n");
	ck_assert_ptr_null(build(s.s));
	for (p = text(); (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_uint_eq(lines, WAD_CONF_ERRS_MAX + 1);
	p = strstr(text(), "more errors than 200, the rest is not shown\n");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_eq(strchr(p, '\n')[1] == '\0' ? p : NULL, p);
	wad_str_free(&s);
}
END_TEST

/* What a script brought is not told as a line of the file. */
START_TEST(console_lines)
{
	static const char file[] = "config firewall address\nedit a\nnext\n"
	    "end\nconfig firewall addrgrp\nedit g\nset member a\nnext\n"
	    "end\n";
	static const char script[] = "config firewall addrgrp\nedit g\n"
	    "set member nobody\nnext\nend\n";

	tree = wad_conf_parse("f.conf", file, strlen(file), &errs);
	ck_assert_int_eq(wad_conf_edit(tree, WAD_CONF_CONSOLE, script,
	    strlen(script), &errs), 0);
	conf = wad_conf_build(tree, NULL, &errs);
	ck_assert_ptr_null(conf);
	ck_assert_ptr_nonnull(strstr(text(), "<console>:3: set member: "));
}
END_TEST

START_TEST(sealed)
{
	static const char s[] = "config vpn certificate local\nedit X\n"
	    "set private-key ENC\nset _certificate PEM\n"
	    "set _has-key enable\nset _builtin enable\nnext\nend\n";
	const struct wad_cert *c;

	tree = wad_conf_parse(WAD_CONF_SEALED, s, strlen(s), &errs);
	conf = wad_conf_build(tree, NULL, &errs);
	ck_assert_msg(conf != NULL, "%s", text());
	c = wad_conf_cert(conf, "X");
	ck_assert(c->has_key && c->builtin);
	ck_assert_str_eq(c->pem, "PEM");
	ck_assert_ptr_null(wad_conf_cert(conf, WAD_CA_SSL));
}
END_TEST

static int
no_facts(const char *pem, struct wad_cert_facts *f, char *err, size_t size)
{
	f->known = true;
	if (strcmp(pem, "good") == 0)
		return 0;
	snprintf(err, size, "not a certificate");
	return -1;
}

static int
ca_facts(const char *pem, struct wad_cert_facts *f, char *err, size_t size)
{
	(void)err;
	(void)size;
	f->known = true;
	f->is_ca = strcmp(pem, "ca") == 0;
	return 0;
}

START_TEST(server_cert_kind)
{
	static const char s[] = "config vpn certificate local\nedit a\n"
	    "set certificate ca\nset private-key K\nnext\nedit s\n"
	    "set certificate leaf\nset private-key K\nnext\nend\n"
	    "config firewall ssl-ssh-profile\nedit x\n"
	    "set server-cert-mode replace\nset server-cert s a\nnext\nend\n";

	tree = wad_conf_parse("f.conf", s, strlen(s), &errs);
	conf = wad_conf_build(tree, ca_facts, &errs);
	ck_assert_ptr_null(conf);
	ck_assert_str_eq(text(), "f.conf:14: set server-cert: 'a' is a CA, "
	    "not the certificate of a server\n");
}
END_TEST

START_TEST(facts)
{
	static const char s[] = "config vpn certificate local\nedit g\n"
	    "set certificate good\nnext\nedit b\nset certificate bad\nnext\n"
	    "end\nconfig vpn certificate ca\nedit r\nset ca bad\nnext\nend\n";

	tree = wad_conf_parse("f.conf", s, strlen(s), &errs);
	conf = wad_conf_build(tree, no_facts, &errs);
	ck_assert_ptr_null(conf);
	ck_assert_str_eq(text(),
	    "f.conf:5: certificate 'b': not a certificate\n"
	    "f.conf:10: certificate 'r': not a certificate\n");
}
END_TEST

static void
collect(void *arg, const char *name, const char *file, int line)
{
	wad_str_addf(arg, "%s:%d:%s ", file, line, name);
}

START_TEST(cert_names)
{
	struct wad_str s = { 0 };
	const char    *t = "config user setting\nset auth-cert A\nend\n"
	    "config firewall ssl-ssh-profile\nedit x\n"
	    "set caname Fortinet_CA_SSL\nset server-cert S1 S2\nnext\nend\n";

	tree = wad_conf_parse("f", t, strlen(t), &errs);
	wad_conf_cert_names(tree, collect, &s);
	ck_assert_str_eq(s.s, "f:2:A f:6:Openwad_CA_SSL "
	    "f:7:S1 f:7:S2 ");
	wad_str_free(&s);
}
END_TEST

/* ---- files ---- */

static struct wad_conf_tree *
load(const char *path)
{
	static char buf[1 << 16];
	FILE	   *f = fopen(path, "r");
	size_t	    n;

	ck_assert_msg(f != NULL, "%s", path);
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	return wad_conf_parse(path, buf, n, &errs);
}

static void
provide(void *arg, const char *name, const char *file, int line)
{
	(void)file;
	(void)line;
	wad_conf_node_make(arg, "vpn certificate local", name);
}

/* The top of the source tree, wherever the test was started. */
static const char *
top(void)
{
	static char		  buf[4096];
	static const char *const  up[] = { "", "/..", "/../..", "/../../.." };
	const char		 *from = getenv("srcdir");

	for (size_t i = 0; i < 4; i++) {
		snprintf(buf, sizeof(buf), "%s%s/conf/openwad.conf",
		    from != NULL ? from : ".", up[i]);
		if (access(buf, R_OK) == 0) {
			snprintf(buf, sizeof(buf), "%s%s",
			    from != NULL ? from : ".", up[i]);
			return buf;
		}
	}
	ck_abort_msg("no source tree");
	return NULL;
}

static void
load_and_build(const char *path)
{
	struct wad_conf_tree *dup;

	tree = load(path);
	dup = wad_conf_tree_dup(tree);
	wad_conf_cert_names(tree, provide, dup);
	conf = wad_conf_build(dup, NULL, &errs);
	wad_conf_tree_free(dup);
	ck_assert_msg(conf != NULL, "%s: %s", path, text());
}

START_TEST(sample)
{
	char path[5000];

	snprintf(path, sizeof(path), "%s/conf/openwad.conf", top());
	load_and_build(path);
	ck_assert_str_eq(ignored(), "");
	ck_assert_str_eq(wad_conf_policy(conf, 11, false)->profile->caname,
	    WAD_CA_SSL);
	ck_assert_uint_eq(conf->n_policies, 2);
}
END_TEST

/* What is shown with all defaults is a configuration that means the same:
 * it loads, and shown again it is the same text. */
static void
full_again(void)
{
	static const struct wad_conf_show full = { .full = true };
	struct wad_str			  a = { 0 }, b = { 0 };
	struct wad_conf_tree		 *again;
	struct wad_conf			 *c;

	ck_assert_int_eq(wad_conf_show(tree, NULL, full, &a), 0);
	again = wad_conf_parse("full", a.s, a.len, &errs);
	ck_assert_int_eq(wad_conf_show(again, NULL, full, &b), 0);
	ck_assert_str_eq(a.s, b.s);
	wad_conf_cert_names(again, provide, again);
	c = wad_conf_build(again, NULL, &errs);
	ck_assert_msg(c != NULL, "%s", text());
	wad_conf_put(c);
	wad_conf_tree_free(again);
	wad_str_free(&a);
	wad_str_free(&b);
}

START_TEST(excerpts)
{
	char		 dir[4200], path[5000];
	DIR		*d;
	struct dirent	*e;
	unsigned	 n = 0;

	snprintf(dir, sizeof(dir), "%s/tests/conf-seeds", top());
	d = opendir(dir);
	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".conf") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		load_and_build(path);
		full_again();
		teardown();
		setup();
		n++;
	}
	closedir(d);
	ck_assert_uint_ge(n, 14);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("conf_check");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, empty);
	tcase_add_test(t, built_in_profiles);
	tcase_add_test(t, strict_profile);
	tcase_add_test(t, tls_defaults);
	tcase_add_test(t, revocation_tables);
	tcase_add_test(t, ocsp_of_certificate);
	tcase_add_loop_test(t, http_url, 0,
	    (int)(sizeof(urls) / sizeof(urls[0])));
	tcase_add_test(t, ssl_setting);
	tcase_add_test(t, profile_fields);
	tcase_add_test(t, older_names);
	tcase_add_test(t, profile_merges);
	tcase_add_test(t, policies);
	tcase_add_test(t, web_filter);
	tcase_add_test(t, exemptions);
	tcase_add_loop_test(t, error_texts, 0,
	    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(t, all_at_once);
	tcase_add_test(t, deep_groups);
	tcase_add_test(t, unknown_tables);
	tcase_add_test(t, misspelt_tables);
	tcase_add_test(t, sorted_errors);
	tcase_add_test(t, sorted_many);
	tcase_add_test(t, console_lines);
	tcase_add_test(t, sealed);
	tcase_add_test(t, server_cert_kind);
	tcase_add_test(t, facts);
	tcase_add_test(t, cert_names);
	tcase_add_test(t, sample);
	tcase_add_test(t, excerpts);
	suite_add_tcase(s, t);
	return suite_run(s);
}
