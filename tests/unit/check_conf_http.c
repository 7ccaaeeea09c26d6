/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of HTTP: web filter, protocol options, header profiles, other
 * proxies, feeds, pages: what is built of them, and what is wrong.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/base64.h"
#include "conf/conf_secret.h"
#include "conf/conf_show.h"
#include "conf_text.h"
#include "suite.h"

static const char web[] =
"config webfilter urlfilter\n"
"edit 5\nset ip-addr-block enable\nset ip4-mapped-ip6 enable\n"
"config entries\n"
"edit 1\nset url a.test\nset exempt fortiguard pass\nnext\n"
"edit 2\nset url b.test\nset referrer-host WWW.C.Test\nnext\n"
"end\nnext\n"
"edit 6\nset include-subdomains disable\nnext\n"
"end\n"
"config webfilter content\nedit 3\nset name w\nconfig entries\n"
"edit \"bad word\"\nset status enable\nset score 7\nnext\n"
"edit \"^x+\"\nset pattern-type regexp\nset action exempt\n"
"set lang french\nnext\nend\nnext\nend\n"
"config webfilter content-header\nedit 4\nconfig entries\n"
"edit \"video/.*\"\nset action block\nset category 24 25\nnext\n"
"edit \"image/.*\"\nnext\nend\nnext\nend\n"
"config webfilter fortiguard\nset close-ports enable\n"
"set ovrd-auth-port-http 8008\nend\n"
"config system replacemsg-group\nedit g\nset group-type utm\n"
"config http\nedit url-block\nset buffer \"<p>\\\"no\\\"\"\n"
"set format text\nnext\nend\n"
"config spam\nedit x\nset buffer y\nnext\nend\nnext\nend\n"
"config webfilter profile\nedit p\n"
"set options block-invalid-url wf-referer js\nset post-action block\n"
"set web-url-log disable\nset extended-log enable\n"
"set replacemsg-group g\n"
"config web\nset urlfilter-table 5\nset bword-table 3\n"
"set bword-threshold 20\nset content-header-list 4\n"
"set safe-search header\nset youtube-restrict moderate\n"
"set vimeo-restrict 134\nset log-search enable\n"
"set keyword-match \"a b\" c\nend\n"
"config ftgd-wf\nset options error-allow rate-server-ip\n"
"set exempt-quota 17 18\nset max-quota-timeout 60\n"
"set rate-css-urls disable\n"
"config filters\n"
"edit 1\nset category 26\nset action warning\nset warn-duration 1h30m\n"
"set warning-prompt per-domain\nset warning-duration-type session\n"
"set override-replacemsg mine\nnext\n"
"edit 2\nset category 27\nset warn-duration 1d\nnext\n"
"edit 3\nset category 28\nnext\n"
"end\n"
"config quota\nedit 1\nset category 20 25\nset type traffic\n"
"set unit KB\nset value 2\nnext\n"
"edit 2\nset category 24\nset duration 2h\nnext\n"
"end\nend\nnext\nend\n";

START_TEST(webfilter)
{
	struct wad_conf		    *c = conf_of_text(web);
	const struct wad_wf_profile *w = &c->wf_profiles[0];
	const struct wad_urlfilter  *u = w->urlfilter;

	ck_assert(u == &c->urlfilters[0] && u->ip_block &&
	    u->subdomains && !c->urlfilters[1].subdomains);
	ck_assert(u->entries[0].exempt_ftgd && u->entries[0].exempt_content);
	ck_assert(u->entries[1].exempt_ftgd && u->entries[1].exempt_content);
	ck_assert_str_eq(u->entries[1].referrer_host, "www.c.test");
	ck_assert_uint_eq(w->options, WAD_WFO_BLOCK_INVALID_URL |
	    WAD_WFO_REFERER);
	ck_assert(w->post_block && !w->log_url && w->log_content &&
	    w->log_extended && w->log_quota && w->log_err);
	ck_assert(w->safe_search && w->safe_header && w->log_search &&
	    w->youtube == WAD_YOUTUBE_MODERATE);
	ck_assert_str_eq(w->vimeo, "134");
	ck_assert_uint_eq(w->n_keywords, 2);
	ck_assert_str_eq(w->keywords[0], "a b");
	ck_assert_uint_eq(w->bword_threshold, 20);
	ck_assert(w->bword == &c->contents[0] && w->bword->n_words == 2);
	ck_assert_str_eq(w->bword->words[0].pattern, "bad word");
	ck_assert(w->bword->words[0].enabled && !w->bword->words[0].regex &&
	    w->bword->words[0].score == 7 && !w->bword->words[0].exempt);
	ck_assert(!w->bword->words[1].enabled && w->bword->words[1].regex &&
	    w->bword->words[1].score == 10 && w->bword->words[1].exempt);
	ck_assert_str_eq(w->bword->words[1].lang, "french");
	ck_assert(w->content_headers->n_entries == 2 &&
	    w->content_headers->entries[0].action == WAD_CH_BLOCK &&
	    w->content_headers->entries[0].n_cats == 2 &&
	    w->content_headers->entries[1].action == WAD_CH_ALLOW &&
	    w->content_headers->entries[1].n_cats == 0);
	ck_assert(w->error_allow && c->wf_close_ports);
	ck_assert_uint_eq(w->ftgd, WAD_FTGD_RATE_IP | WAD_FTGD_JAVASCRIPT |
	    WAD_FTGD_CRL | WAD_FTGD_IMAGE);
	ck_assert(w->n_exempt_quota == 2 && w->max_quota_timeout == 60);
	ck_assert(w->filters[0].warn_duration == 5400 &&
	    w->filters[0].warn_session && w->filters[0].per_domain);
	ck_assert_str_eq(w->filters[0].page_name, "mine");
	ck_assert(w->filters[1].warn_duration == 86400 &&
	    !w->filters[1].warn_session && w->filters[2].warn_duration == 300);
	ck_assert(w->n_quotas == 2 && w->quotas[0].traffic &&
	    w->quotas[0].bytes == 2048 && w->quotas[0].n_cats == 2);
	ck_assert(!w->quotas[1].traffic && w->quotas[1].seconds == 7200 &&
	    w->quotas[1].bytes == 1024ULL << 20);
	ck_assert_str_eq(w->pages->name, "g");
	ck_assert_uint_eq(w->pages->n_texts, 1);
	ck_assert_str_eq(w->pages->texts[0].text, "<p>\"no\"");
	ck_assert(!w->pages->texts[0].html);
	wad_conf_put(c);
}
END_TEST

START_TEST(defaults)
{
	struct wad_conf *c = conf_of_text("config webfilter profile\nedit p\n"
	    "next\nend\nconfig firewall policy\nedit 1\nset srcintf any\n"
	    "set dstintf any\nset srcaddr all\nset dstaddr all\n"
	    "set service ALL\nnext\nend\n");
	const struct wad_wf_profile	  *w = &c->wf_profiles[0];
	const struct wad_protocol_options *o = c->policies[0].protocol;

	ck_assert(w->options == 0 && !w->post_block && w->https_replacemsg &&
	    w->n_exempt_quota == 1 && w->exempt_quota[0] == 17 &&
	    w->max_quota_timeout == 300 && w->bword_threshold == 10 &&
	    !w->safe_search && w->urlfilter == NULL && w->bword == NULL &&
	    w->pages == NULL && !c->wf_close_ports);
	ck_assert_uint_eq(w->ftgd, WAD_FTGD_JAVASCRIPT | WAD_FTGD_CSS |
	    WAD_FTGD_CRL | WAD_FTGD_IMAGE);
	ck_assert_str_eq(o->name, "default");
	ck_assert(o->n_ports == 1 && o->ports[0] == 80 && o->http &&
	    !o->inspect_all && !o->switching_block && o->tunnel_non_http &&
	    !o->h2c && !o->range_block && !o->strip_xff && o->ip_rating &&
	    o->unknown_version == WAD_UNKNOWN_REJECT &&
	    o->unknown_encoding == WAD_ENC_BLOCK && o->block_status == 403 &&
	    o->fronting == WAD_FRONT_BLOCK);
	ck_assert(c->webproxy.secure == WAD_SECURE_PROXY_DISABLE &&
	    c->webproxy.n_tls_ports == 0 && !c->webproxy.pac &&
	    c->webproxy.pac_data == NULL && c->webproxy.error_page &&
	    c->webproxy.https_replacemsg &&
	    c->webproxy.h2_client_window == 1048576);
	ck_assert_str_eq(c->webproxy.pac_name, "proxy.pac");
	ck_assert(c->settings.quic_block && c->settings.page_dir == NULL);
	ck_assert(c->policies[0].webproxy == NULL &&
	    c->policies[0].forward == NULL && c->policies[0].pages == NULL);
	wad_conf_put(c);
}
END_TEST

static const char proxies[] =
"config firewall profile-protocol-options\n"
"edit \"mine\"\nset comment x\n"
"config http\nset ports 80 8080\nset inspect-all enable\n"
"unset options\nset unknown-http-version tunnel\n"
"set domain-fronting strict\nset block-page-status-code 451\nend\n"
"config ftp\nset ports 21\nset status disable\nend\n"
"config mail-signature\nset status disable\nend\nnext\nend\n"
"config web-proxy profile\nedit \"h\"\nset header-via-request add\n"
"set header-x-forwarded-for remove\nset strip-encoding enable\n"
"config headers\nedit 1\nset name X-A\nset content \"b c\"\n"
"set protocol https\nset dstaddr all\nnext\n"
"edit 2\nset name X-B\nset base64-encoding enable\nset content aGk=\n"
"set action remove-from-response\nset add-option replace\nnext\n"
"end\nnext\nend\n"
"config web-proxy forward-server\n"
"edit \"up\"\nset ip 192.0.2.1\nset port 8888\nset username u\n"
"set password s3cret\nset healthcheck enable\n"
"set monitor http://m.test/x\nset server-down-option pass\nnext\n"
"edit \"six\"\nset addr-type ipv6\nset ipv6 2001:db8::1\n"
"set masquerade disable\nnext\n"
"edit \"named\"\nset addr-type fqdn\nset fqdn Proxy.Test\nnext\nend\n"
"config web-proxy forward-server-group\nedit \"both\"\n"
"set ldb-method active-passive\nset affinity disable\n"
"set group-down-option pass\nconfig server-list\n"
"edit \"up\"\nset weight 90\nnext\nedit \"six\"\nnext\nend\nnext\nend\n"
"config web-proxy url-match\nedit \"m\"\nset url-pattern a.test/x\n"
"set forward-server both\nnext\n"
"edit \"d\"\nset url-pattern *.b.test\nset status disable\nnext\nend\n"
"config web-proxy explicit\nset status enable\nset secure-web-proxy secure\n"
"set https-incoming-port 8443\nset pac-file-server-status enable\n"
"set pac-file-server-port 8081\nset pac-file-name p.pac\n"
"set pac-file-data \"function FindProxyForURL(u, h)\n{ return 'DIRECT'; }\"\n"
"set pac-file-through-https enable\nset pref-dns-result ipv6-strict\nend\n"
"config web-proxy global\nset webproxy-profile h\n"
"set forward-proxy-auth enable\nset log-forward-server enable\n"
"set http2-server-window-size 65535\n"
"set forward-server-affinity-timeout 6\nend\n"
"config openwad settings\nset quic-block disable\nset page-dir /p\nend\n"
"config firewall proxy-policy\nedit 3\nset dstintf any\nset srcaddr all\n"
"set dstaddr all\nset service webproxy\nset action accept\n"
"set profile-protocol-options mine\nset webproxy-profile h\n"
"set webproxy-forward-server up\nset replacemsg-override-group ''\nnext\n"
"edit 4\nset dstintf any\nset srcaddr all\nset dstaddr all\n"
"set service webproxy\nset webproxy-forward-server both\nnext\nend\n";

START_TEST(proxy)
{
	struct wad_conf			   *c = conf_of_text(proxies);
	const struct wad_policy		   *p = wad_conf_policy(c, 3, true);
	const struct wad_protocol_options  *o = p->protocol;
	const struct wad_webproxy_profile  *h = p->webproxy;
	const struct wad_forward_group	   *g;

	ck_assert_str_eq(o->name, "mine");
	ck_assert(o->n_ports == 2 && o->ports[1] == 8080 && o->inspect_all &&
	    o->unknown_version == WAD_UNKNOWN_TUNNEL &&
	    o->fronting == WAD_FRONT_STRICT && o->block_status == 451);
	ck_assert(h->via_req == WAD_HDR_ADD && h->via_res == WAD_HDR_PASS &&
	    h->xff == WAD_HDR_REMOVE && h->strip_encoding &&
	    h->n_headers == 2);
	ck_assert_str_eq(h->headers[0].content, "b c");
	ck_assert(h->headers[0].https && !h->headers[0].http &&
	    h->headers[0].dstaddr.n == 1 && !h->headers[0].dstaddr6.set &&
	    h->headers[0].how == WAD_HDR_NEW);
	ck_assert_str_eq(h->headers[1].content, "hi");
	ck_assert(h->headers[1].https && h->headers[1].http &&
	    h->headers[1].action == WAD_HDR_RES_REMOVE &&
	    h->headers[1].how == WAD_HDR_REPLACE);
	ck_assert(c->webproxy.log_forward);
	ck_assert_ptr_eq(p->forward, &c->forwards[0]);
	ck_assert(p->forward_group == NULL && p->pages == NULL);
	ck_assert(p->forward->port == 8888 && p->forward->down_pass &&
	    p->forward->ip.family == AF_INET);
	ck_assert_str_eq(p->forward->username, "u");
	ck_assert_str_eq(p->forward->auth, "Basic dTpzM2NyZXQ=");
	ck_assert(p->forward->check && !p->forward->tunnel);
	ck_assert_str_eq(p->forward->target, "http://m.test/x");
	ck_assert(!c->forwards[1].check && c->forwards[1].auth == NULL);
	ck_assert(c->forwards[1].ip.family == AF_INET6 &&
	    c->forwards[1].port == 3128);
	ck_assert_str_eq(c->forwards[2].fqdn, "proxy.test");
	g = wad_conf_policy(c, 4, true)->forward_group;
	ck_assert(g == &c->forward_groups[0] && !g->affinity &&
	    g->method == WAD_LDB_ACTIVE_PASSIVE && g->down_pass &&
	    g->n_members == 2 && g->members[0].weight == 90 &&
	    g->members[1].weight == 10 &&
	    g->members[1].server == &c->forwards[1]);
	ck_assert(c->n_url_matches == 2 && c->url_matches[0].group == g &&
	    c->url_matches[0].enabled && !c->url_matches[1].enabled &&
	    c->url_matches[1].server == NULL);
	ck_assert(c->webproxy.secure == WAD_SECURE_PROXY_ONLY &&
	    c->webproxy.n_tls_ports == 1 && c->webproxy.tls_ports[0].lo == 8443
	    && c->webproxy.pac && c->webproxy.pac_ports[0].lo == 8081 &&
	    c->webproxy.pac_https && c->webproxy.ssl_cert == NULL &&
	    c->webproxy.profile == h &&
	    c->webproxy.h2_server_window == 65535);
	ck_assert_ptr_ne(strstr(c->webproxy.pac_data, "h)\n{"), NULL);
	ck_assert(!c->settings.quic_block);
	ck_assert_str_eq(c->settings.page_dir, "/p");
	wad_conf_put(c);
}
END_TEST

START_TEST(feeds_and_pages)
{
	struct wad_conf *c = conf_of_text(
	    "config system external-resource\n"
	    "edit \"f\"\nset category 192\nset username u\nset password p\n"
	    "set resource https://h.test/list?x=1\nset refresh-rate 30\n"
	    "set server-identity-check full\nset user-agent \"\"\n"
	    "set source-ip 192.0.2.9\nnext\n"
	    "edit \"m\"\nset type malware\nset resource http://h.test/\nnext\n"
	    "edit \"a\"\nset type address\nset status disable\nnext\n"
	    "end\n"
	    "config system replacemsg http \"url-block\"\n"
	    "set buffer \"one\"\nset header http\nset format html\nend\n"
	    "config system replacemsg fortiguard-wf\nedit \"ftgd-block\"\n"
	    "set buffer two\nset format text\nnext\nend\n"
	    "config system replacemsg http\nedit \"url-block\"\n"
	    "set buffer \"three\"\nnext\nend\n"
	    "config system replacemsg mail \"email-block\"\n"
	    "set buffer \"four\"\nend\n");

	ck_assert_uint_eq(c->n_feeds, 2);
	ck_assert(c->feeds[0].enabled && c->feeds[0].category == 192 &&
	    c->feeds[0].type == WAD_FEED_CATEGORY &&
	    c->feeds[0].refresh == 30 && c->feeds[0].user_agent == NULL &&
	    c->feeds[0].identity == WAD_FEED_ID_FULL &&
	    c->feeds[0].source_ip.family == AF_INET);
	ck_assert_str_eq(c->feeds[0].url, "https://h.test/list?x=1");
	ck_assert_str_eq(c->feeds[0].username, "u");
	ck_assert(c->feeds[1].type == WAD_FEED_ADDRESS &&
	    !c->feeds[1].enabled && c->feeds[1].source_ip.family == 0);
	ck_assert_uint_eq(c->pages.n_texts, 2);
	ck_assert_str_eq(c->pages.texts[0].kind, "http");
	ck_assert_str_eq(c->pages.texts[0].type, "url-block");
	ck_assert_str_eq(c->pages.texts[0].text, "three");
	ck_assert(c->pages.texts[0].html && !c->pages.texts[1].html);
	ck_assert_str_eq(c->pages.texts[1].kind, "fortiguard-wf");
	ck_assert_str_eq(c->pages.texts[1].text, "two");
	wad_conf_put(c);
}
END_TEST

/* What a health check asks the proxy for. */
START_TEST(monitor)
{
	static const struct { const char *url, *target, *host; } urls[] = {
		{ "http://Www.Test", "http://www.test/", "www.test" },
		{ "HTTP://a.test/b?c#d", "http://a.test/b?c", "a.test" },
		{ "http://a.test:81?c", "http://a.test:81/?c", "a.test:81" },
		{ "a.test/x", "http://a.test/x", "a.test" },
		{ "http://[2001:DB8::1]/", "http://[2001:db8::1]/",
		    "[2001:db8::1]" },
		{ "http://[::1]:8080", "http://[::1]:8080/", "[::1]:8080" },
		{ "http://192.0.2.7", "http://192.0.2.7/", "192.0.2.7" },
		{ "https://a.test/b", "a.test:443", "a.test:443" },
		{ "https://[::1]:8443/b", "[::1]:8443", "[::1]:8443" },
	};
	char text[300];

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct wad_conf *c;

		snprintf(text, sizeof(text), "config web-proxy forward-server"
		    "\nedit a\nset ip 192.0.2.1\nset healthcheck enable\n"
		    "set monitor \"%s\"\nnext\nend\n", urls[i].url);
		c = conf_of_text(text);
		ck_assert_str_eq(c->forwards[0].target, urls[i].target);
		ck_assert_str_eq(c->forwards[0].target_host, urls[i].host);
		ck_assert_int_eq(c->forwards[0].tunnel,
		    urls[i].target[0] != 'h');
		wad_conf_put(c);
	}
}
END_TEST

/* Checks that run at the same time have a bound. */
START_TEST(monitors)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*t;
	struct wad_str		 s = { 0 };

	wad_str_add(&s, "config web-proxy forward-server\n");
	for (int i = 0; i <= WAD_FORWARD_CHECKS; i++)
		wad_str_addf(&s, "edit p%d\nset ip 192.0.2.1\n"
		    "set healthcheck enable\nnext\n", i);
	wad_str_add(&s, "end\n");
	t = wad_conf_parse("f", s.s, s.len, &errs);
	wad_conf_node_make(t, "vpn certificate local", WAD_CA_SSL);
	wad_conf_node_make(t, "vpn certificate local", WAD_CA_UNTRUSTED);
	ck_assert_ptr_null(wad_conf_build(t, NULL, &errs));
	ck_assert_str_eq(errs.text.s, "f: web-proxy forward-server: 257 have a "
	    "healthcheck, 256 may have one\n");
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
	wad_str_free(&s);
}
END_TEST

/* What is wrong, and that it is told where it stands. */
static const struct { const char *text, *want; } wrong[] = {
	{ "config webfilter profile\nedit p\nconfig web\nset bword-table 9\n"
	    "end\nnext\nend\n",
	    "f:4: set bword-table: there is no webfilter content 9\n" },
	{ "config webfilter profile\nedit p\nconfig web\n"
	    "set content-header-list 9\nend\nnext\nend\n", "f:4: set "
	    "content-header-list: there is no webfilter content-header 9\n" },
	{ "config webfilter profile\nedit p\nconfig ftgd-wf\nconfig filters\n"
	    "edit 1\nset warn-duration 5x\nnext\nend\nend\nnext\nend\n",
	    "f:6: set warn-duration: '5x': expected a duration, as 5m, 1h30m "
	    "or 1d, of 1 to 31536000 seconds\n" },
	{ "config webfilter profile\nedit p\nconfig ftgd-wf\nconfig quota\n"
	    "edit 1\nnext\nend\nend\nnext\nend\n",
	    "f:5: quota 1: 'set category' is missing\n" },
	{ "config webfilter profile\nedit p\nset replacemsg-group x\nnext\n"
	    "end\n", "f:3: set replacemsg-group: there is no system "
	    "replacemsg-group 'x'\n" },
	{ "config web-proxy forward-server\nedit a\nset port 1\nnext\nend\n",
	    "f:2: forward-server 'a': 'set ip' is missing (addr-type says "
	    "which address is used)\n" },
	{ "config web-proxy forward-server\nedit a\nset ip 192.0.2.1\n"
	    "set username a:b\nnext\nend\n", "f:4: set username: no ':' and "
	    "no control characters (RFC 7617)\n" },
#define CHECKED "config web-proxy forward-server\nedit a\n"		\
	    "set ip 192.0.2.1\nset healthcheck enable\nset monitor "
	{ CHECKED "ftp://a.test/\nnext\nend\n", "f:5: set monitor: expected "
	    "http://HOST/ or https://HOST/\n" },
	{ CHECKED "http://u:p@a.test/\nnext\nend\n", "f:5: set monitor: "
	    "expected http://HOST/ or https://HOST/\n" },
	{ CHECKED "http://a.test:0/\nnext\nend\n",
	    "f:5: set monitor: its port is none\n" },
	{ CHECKED "http://a.test:65536/\nnext\nend\n",
	    "f:5: set monitor: its port is none\n" },
	{ CHECKED "\"http://a.test/x y\"\nnext\nend\n", "f:5: set monitor: a "
	    "blank, or a character that is not ASCII\n" },
	{ CHECKED "http:///x\nnext\nend\n", "f:5: set monitor: expected "
	    "http://HOST/ or https://HOST/\n" },
#undef CHECKED
	{ "config web-proxy forward-server-group\nedit g\n"
	    "config server-list\nedit a\nnext\nend\nnext\nend\n",
	    "f:4: group 'g': there is no web-proxy forward-server 'a'\n" },
	{ "config web-proxy url-match\nedit g\nset forward-server a\nnext\n"
	    "end\n", "f:2: url-match 'g': 'set url-pattern' is missing\n"
	    "f:3: set forward-server: there is no web-proxy forward-server "
	    "'a'\n" },
	{ "config web-proxy profile\nedit p\nconfig headers\nedit 1\n"
	    "set name Content-Length\nnext\nedit 2\nset name \"a b\"\nnext\n"
	    "edit 3\nset name a\nset content \"b\r\nc\"\nnext\n"
	    "edit 4\nset name a\nset base64-encoding enable\n"
	    "set content \"%\"\nnext\nend\nnext\nend\n",
	    "f:5: set name: 'Content-Length' is no header that may be "
	    "changed\nf:8: set name: '...' is no header that may be changed\n"
	    "f:12: set content: a control character\n"
	    "f:18: set content: not base64\n" },
	{ "config system external-resource\nedit f\nset category 192\nnext\n"
	    "edit g\nset category 192\nset resource ftp://x/\nnext\n"
	    "edit h\nset resource http://x/\nnext\n"
	    "edit i\nset category 191\nnext\nend\n",
	    "f:2: feed 'f': 'set resource' is missing, expected an http:// "
	    "or https:// address\n"
	    "f:5: feed 'g': category 192 is 'f' already\n"
	    "f:7: set resource: 'ftp://x/': expected http://HOST/PATH or "
	    "https://HOST/PATH, without a user\n"
	    "f:9: feed 'h': 'set category' is missing, expected 192-221\n"
	    "f:12: feed 'i': 'set resource' is missing, expected an http:// "
	    "or https:// address\n"
	    "f:12: feed 'i': 'set category' is missing, expected 192-221\n"
	    "f:13: set category: '191': expected 192-221\n" },
	{ "config firewall profile-protocol-options\nedit p\nconfig http\n"
	    "set domain-fronting maybe\nend\nconfig htp\nend\nnext\nend\n",
	    "f:4: set domain-fronting: 'maybe' is not one of: allow, "
	    "monitor, block, strict\n"
	    "f:6: unknown table 'config htp' in 'config firewall "
	    "profile-protocol-options', did you mean 'http'?\n" },
	{ "config system replacemsg http \"url-block\"\nset bufer x\nend\n",
	    "f:2: unknown setting 'bufer' in 'config TYPE', did you mean "
	    "'buffer'?\n" },
};

START_TEST(wrong_text)
{
	struct wad_conf_errs	 errs = { 0 };
	const char		*text = wrong[_i].text;
	struct wad_conf_tree	*t = wad_conf_parse("f", text, strlen(text),
	    &errs);

	wad_conf_node_make(t, "vpn certificate local", WAD_CA_SSL);
	wad_conf_node_make(t, "vpn certificate local", WAD_CA_UNTRUSTED);
	ck_assert_ptr_eq(wad_conf_build(t, NULL, &errs), NULL);
	ck_assert_str_eq(errs.text.s, wrong[_i].want);
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
}
END_TEST

/* What is taken, but does not do what it says. */
START_TEST(warned)
{
	static const char text[] =
	    "config webfilter profile\nedit p\nconfig ftgd-wf\n"
	    "config filters\nedit 1\nset category 11\nset action block\nnext\n"
	    "edit 2\nset category 11\nset override-replacemsg none\nnext\n"
	    "edit 3\nset category 12\nset override-replacemsg g\nnext\nend\n"
	    "config quota\nedit 1\nset category 11 12\nnext\nend\n"
	    "end\nnext\nend\n"
	    "config system replacemsg-group\nedit g\nnext\nend\n"
	    "config firewall profile-protocol-options\nedit o\n"
	    "config http\nset block-page-status-code 204\nend\nnext\nend\n";
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*t = wad_conf_parse("f", text, strlen(text),
	    &errs);
	struct wad_conf		*c;

	wad_conf_node_make(t, "vpn certificate local", WAD_CA_SSL);
	wad_conf_node_make(t, "vpn certificate local", WAD_CA_UNTRUSTED);
	c = wad_conf_build(t, NULL, &errs);
	ck_assert_msg(c != NULL, "%s", errs.text.s);
	for (size_t i = 0; i < c->n_protocols; i++)
		ck_assert_uint_eq(c->protocols[i].block_status, 403);
	ck_assert_str_eq(errs.ignored.s,
	    "warning: f:33: block-page-status-code 204 cannot have a page: it "
	    "is 403\n"
	    "warning: f:11: there is no system replacemsg-group 'none': the "
	    "usual page is shown\n"
	    "warning: f:9: filter 2 of category 11 has no effect: filter 1 "
	    "comes first\n"
	    "warning: f:19: quota 1 does not count category 11: that needs a "
	    "filter with action monitor or warning\n");
	wad_conf_put(c);
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
}
END_TEST

/* Secrets are masked, one page is shown in the form it was written in, and
 * what is shown is read as the same. */
START_TEST(shown)
{
	static const char text[] =
	    "config system replacemsg http \"url-block\"\n"
	    "    set buffer \"a\nb\"\n"
	    "    set header http\n"
	    "end\n"
	    "config web-proxy forward-server\n"
	    "    edit \"up\"\n"
	    "        set ip 192.0.2.1\n"
	    "        set password ENC ********\n"
	    "    next\n"
	    "end\n";
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*t = wad_conf_parse("f", text, strlen(text),
	    &errs);
	struct wad_conf_show	 how = { 0 };
	struct wad_str		 s = { 0 };

	wad_conf_node_set(wad_conf_node_find(t, "web-proxy forward-server",
	    "up", NULL), "password", (const char *const []){ "s3cret" }, 1);
	ck_assert_int_eq(wad_conf_show(t, "", how, &s), 0);
	ck_assert_str_eq(s.s, text);
	s.len = 0;
	ck_assert_int_eq(wad_conf_show(t, "system replacemsg http url-block",
	    how, &s), 0);
	ck_assert_ptr_ne(strstr(s.s, "set buffer \"a\nb\""), NULL);
	s.len = 0;
	how.full = true;
	ck_assert_int_eq(wad_conf_show(t, "web-proxy forward-server up", how,
	    &s), 0);
	ck_assert_ptr_ne(strstr(s.s, "set port 3128\n"), NULL);
	ck_assert_ptr_eq(strstr(s.s, "s3cret"), NULL);
	wad_str_free(&s);
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
}
END_TEST

/* Each role gets the secrets of its table, and nothing else does. */
START_TEST(secrets)
{
	static const char text[] = "config web-proxy forward-server\n"
	    "edit a\nset ip 192.0.2.1\nset password \"p \\\"1\"\nnext\n"
	    "edit b\nset ip 192.0.2.2\nset password ENC xyz=\nnext\n"
	    "edit h\nset ip 192.0.2.3\nset password p4\n"
	    "set healthcheck enable\nnext\nend\n"
	    "config system external-resource\nedit f\nset category 192\n"
	    "set resource http://h/\nset password p2\nnext\nend\n"
	    "config user local\nedit u\nset passwd p3\nnext\nend\n";
	static const char sealed[] = "config web-proxy forward-server\n"
	    "edit a\nset ip 192.0.2.1\nset password ENC\nnext\n"
	    "edit c\nset ip 192.0.2.2\nset password ENC\nnext\nend\n";
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_show	 how = { .raw = true };
	struct wad_str		 s = { 0 };
	struct wad_conf_tree	*t = wad_conf_parse("f", text, strlen(text),
	    &errs), *some, *to = wad_conf_parse(WAD_CONF_SEALED, sealed,
	    strlen(sealed), &errs);
	struct wad_conf		*c;

	some = wad_conf_secret_take(t, WAD_SECRET_LOOKUP);
	ck_assert_int_eq(wad_conf_show(some, NULL, how, &s), 0);
	ck_assert_str_eq(s.s, "config web-proxy forward-server\n"
	    "    edit \"h\"\n        set password p4\n    next\nend\n"
	    "config system external-resource\n"
	    "    edit \"f\"\n        set password p2\n    next\nend\n");
	wad_conf_tree_free(some);
	some = wad_conf_secret_take(t, WAD_SECRET_WORKER);
	s.len = 0;
	ck_assert_int_eq(wad_conf_show(some, NULL, how, &s), 0);
	ck_assert_str_eq(s.s, "config web-proxy forward-server\n"
	    "    edit \"a\"\n        set password \"p \\\"1\"\n    next\n"
	    "    edit \"h\"\n        set password p4\n    next\nend\n");
	wad_conf_secret_put(to, some);
	wad_conf_node_make(to, "vpn certificate local", WAD_CA_SSL);
	wad_conf_node_make(to, "vpn certificate local", WAD_CA_UNTRUSTED);
	c = wad_conf_build(to, NULL, &errs);
	ck_assert_ptr_ne(c, NULL);
	ck_assert_uint_eq(c->n_forwards, 2);
	ck_assert_str_eq(c->forwards[0].password, "p \"1");
	ck_assert_ptr_eq(c->forwards[1].password, NULL);
	wad_conf_put(c);
	wad_conf_tree_free(some);
	wad_conf_tree_free(to);
	wad_conf_tree_free(t);
	wad_str_free(&s);
	wad_conf_errs_free(&errs);
}
END_TEST

START_TEST(base64)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "Z", "Zg=", "Zg==Zg==", "Zg=x",
		"Z===", "Zm8*", "====" };
	char	b[32];
	long	n;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ck_assert_uint_eq(wad_base64_encode(b, pairs[i][0],
		    strlen(pairs[i][0])), strlen(pairs[i][1]));
		ck_assert_str_eq(b, pairs[i][1]);
		n = wad_base64_decode(b, pairs[i][1], strlen(pairs[i][1]));
		ck_assert_int_eq(n, (long)strlen(pairs[i][0]));
		ck_assert_mem_eq(b, pairs[i][0], (size_t)n);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(wad_base64_decode(b, bad[i], strlen(bad[i])) ==
		    -1, "%s", bad[i]);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("conf_http");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, webfilter);
	tcase_add_test(t, defaults);
	tcase_add_test(t, proxy);
	tcase_add_test(t, monitor);
	tcase_add_test(t, monitors);
	tcase_add_test(t, feeds_and_pages);
	tcase_add_loop_test(t, wrong_text, 0,
	    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(t, warned);
	tcase_add_test(t, shown);
	tcase_add_test(t, secrets);
	tcase_add_test(t, base64);
	suite_add_tcase(s, t);
	return suite_run(s);
}
