/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of web filter profiles, lists and local categories.  Included by
 * conf_tables.c only.
 */
#ifndef WAD_CONF_ROWS_WEBFILTER_H
#define WAD_CONF_ROWS_WEBFILTER_H

#define WF(name, field, def, help)					\
	{ name, WAD_CT_BOOL, AT(wad_wf_profile, field), 0, 0, ONOFF,	\
	    def, help, 0 }

static const struct wad_conf_row wf_rows[] = {
	WF("https-replacemsg", https_replacemsg, "enable",
	    "show a page on HTTPS too, not a closed connection"),
	WF("log-all-url", log_all_url, "disable", "log every address visited"),
	{ "options", WAD_CT_FLAGS, AT(wad_wf_profile, options), 0, 0,
	    "activexfilter=0 cookiefilter=2 javafilter=0 block-invalid-url=1 "
	    "jscript=0 js=0 vbs=0 unknown=0 intrinsic=0 wf-referer=4 "
	    "wf-cookie=2 per-user-bal=8 per-user-bwl=8", NULL,
	    "block-invalid-url: refuse requests whose host name is not valid; "
	    "wf-referer: refuse requests that come from a blocked page; "
	    "cookiefilter, wf-cookie: take cookies out; activexfilter, "
	    "javafilter, jscript, js, vbs, unknown, intrinsic: no effect, "
	    "pages are not changed; per-user-bal, per-user-bwl: kept, no "
	    "effect", WAD_CF_EMPTY },
	{ "post-action", WAD_CT_BOOL, AT(wad_wf_profile, post_block), 0, 0,
	    "normal=0 block=1", "normal", "block: no POST requests", 0 },
	{ "replacemsg-group", WAD_CT_REF, AT(wad_wf_profile, pages_name), 0,
	    0, NULL, NULL, "an entry of system replacemsg-group, whose pages "
	    "are shown", 0 },
	WF("web-content-log", log_content, "enable",
	    "log what the content rules block"),
	WF("web-url-log", log_url, "enable", "log what the URL filter does"),
	WF("web-invalid-domain-log", log_invalid, "enable",
	    "log addresses that are none"),
	WF("web-ftgd-err-log", log_err, "enable",
	    "log names whose category could not be found"),
	WF("web-ftgd-quota-usage", log_quota, "enable", "log used quotas"),
	WF("web-filter-referer-log", log_referer, "enable",
	    "log what wf-referer does"),
	WF("web-filter-cookie-log", log_cookie, "enable",
	    "log what wf-cookie does"),
	WF("extended-log", log_extended, "disable",
	    "log the browser and the referring page too"),
};

static const struct wad_conf_row wf_web_rows[] = {
	{ "urlfilter-table", WAD_CT_UINT,
	    AT(wad_wf_profile, urlfilter_table), 0, 0xffffffff, NULL, "0",
	    "number of a URL filter list", 0 },
	{ "bword-threshold", WAD_CT_UINT,
	    AT(wad_wf_profile, bword_threshold), 0, 2147483647, NULL, "10",
	    "score of banned words at which a page is blocked", 0 },
	{ "bword-table", WAD_CT_UINT, AT(wad_wf_profile, bword_table), 0,
	    0xffffffff, NULL, "0", "number of a webfilter content list", 0 },
	{ "content-header-list", WAD_CT_UINT,
	    AT(wad_wf_profile, content_header_list), 0, 0xffffffff, NULL, "0",
	    "number of a webfilter content-header list", 0 },
	{ "safe-search", WAD_CT_OPTIONS, NO, 0, 0, "url=1 header=2", NULL,
	    "enforce safe search: by the address, by a header of the request",
	    WAD_CF_EMPTY },
	{ "youtube-restrict", WAD_CT_ENUM, AT(wad_wf_profile, youtube), 0, 0,
	    "none=0 strict=1 moderate=2", "none",
	    "restricted mode of YouTube", 0 },
	{ "vimeo-restrict", WAD_CT_STR, AT(wad_wf_profile, vimeo), 0, 63,
	    NULL, NULL, "what Vimeo does not show: 7 mature, 134 mature and "
	    "unrated", 0 },
	WF("log-search", log_search, "disable",
	    "log what search engines are asked"),
	{ "keyword-match", WAD_CT_REFS, AT(wad_wf_profile, keywords), 0, 0,
	    NULL, NULL, "log searches with these words only", 0 },
};

static const struct wad_conf_row wf_ftgd_rows[] = {
	{ "options", WAD_CT_OPTIONS, NO, 0, 0, "error-allow=1 "
	    "rate-server-ip=2 connect-request-bypass=4 ftgd-disable=8 "
	    "http-err-detail=16 rate-image-urls=32 redir-block=64", NULL,
	    "error-allow: pass when no rating is there; rate-server-ip: the "
	    "address counts too; connect-request-bypass: CONNECT is not "
	    "rated; redir-block: no redirects to what is blocked; "
	    "ftgd-disable: no category filter", WAD_CF_EMPTY },
	{ "exempt-quota", WAD_CT_U16LIST, AT(wad_wf_profile, exempt_quota),
	    0, 255, NULL, "17", "numbers of categories that are not counted "
	    "by a quota", 0 },
	{ "max-quota-timeout", WAD_CT_UINT,
	    AT(wad_wf_profile, max_quota_timeout), 1, 86400, NULL, "300",
	    "seconds of a time quota that one page uses at most", 0 },
	{ "rate-javascript-urls", WAD_CT_BOOL, NO, 0, 0, ONOFF, "enable",
	    "rate scripts by their address", 0 },
	{ "rate-css-urls", WAD_CT_BOOL, NO, 0, 0, ONOFF, "enable",
	    "rate style sheets by their address", 0 },
	{ "rate-crl-urls", WAD_CT_BOOL, NO, 0, 0, ONOFF, "enable",
	    "rate lists of revoked certificates by their address", 0 },
	{ "rate-image-urls", WAD_CT_BOOL, NO, 0, 0, ONOFF, "enable",
	    "rate images by their address", 0 },
};

static const struct wad_conf_row wf_filter_rows[] = {
	{ "category", WAD_CT_U16, AT(wad_wf_filter, category), 0, 255, NULL,
	    "0", "number of a category, as `get webfilter categories` lists "
	    "them; 0: unrated", 0 },
	{ "action", WAD_CT_ENUM, AT(wad_wf_filter, action), 0, 0,
	    "allow=0 monitor=1 warning=2 authenticate=3 block=4", "monitor",
	    "allow: pass; monitor: pass, and log; warning: a page that can "
	    "be clicked away; authenticate: sign in first; block: a page", 0 },
	{ "log", WAD_CT_BOOL, AT(wad_wf_filter, log), 0, 0, ONOFF, "enable",
	    "log what the filter does", 0 },
	{ "auth-usr-grp", WAD_CT_REFS, AT(wad_wf_filter, auth_groups), 0, 0,
	    NULL, NULL, "groups that may sign in for this category", 0 },
	{ "warn-duration", WAD_CT_DURATION, AT(wad_wf_filter, warn_duration),
	    1, 31536000, NULL, "5m", "how long a warning that was clicked "
	    "away stays away", 0 },
	{ "warning-prompt", WAD_CT_BOOL, AT(wad_wf_filter, per_domain), 0, 0,
	    "per-category=0 per-domain=1", "per-category",
	    "what one click is for", 0 },
	{ "warning-duration-type", WAD_CT_BOOL,
	    AT(wad_wf_filter, warn_session), 0, 0, "timeout=0 session=1",
	    "timeout", "session: until the client is gone for a while", 0 },
	{ "override-replacemsg", WAD_CT_STR, AT(wad_wf_filter, page_name), 0,
	    28, NULL, NULL, "page that is shown in place of the usual one", 0 },
};

static const struct wad_conf_row wf_quota_rows[] = {
	{ "category", WAD_CT_U16LIST, AT(wad_wf_quota, cats), 0, 255, NULL,
	    NULL, "numbers of categories that share the quota; their action "
	    "must be monitor or warning", 0 },
	{ "type", WAD_CT_BOOL, AT(wad_wf_quota, traffic), 0, 0,
	    "time=0 traffic=1", "time", "what is counted", 0 },
	{ "unit", WAD_CT_ENUM, NO, 0, 0, "B=0 KB=1 MB=2 GB=3", "MB",
	    "unit of value", 0 },
	{ "value", WAD_CT_UINT, NO, 1, 0xffffffff, NULL, "1024",
	    "traffic of one user in a day", 0 },
	{ "duration", WAD_CT_DURATION, AT(wad_wf_quota, seconds), 1, 86400,
	    NULL, "5m", "time of one user in a day", 0 },
	{ "override-replacemsg", WAD_CT_STR, AT(wad_wf_quota, page_name), 0,
	    28, NULL, NULL, "page that is shown in place of the usual one", 0 },
};

static const struct wad_conf_row wf_fortiguard_rows[] = {
	{ "close-ports", WAD_CT_BOOL, AT(wad_conf, wf_close_ports), 0, 0,
	    ONOFF, "disable", "enable: warnings cannot be clicked away and "
	    "nobody signs in: both block", 0 },
};

static const struct wad_conf_row urlfilter_rows[] = {
	{ "name", WAD_CT_STR, AT(wad_urlfilter, name), 0, 63, NULL, NULL,
	    "name of the list", 0 },
	{ "ip-addr-block", WAD_CT_BOOL, AT(wad_urlfilter, ip_block), 0, 0,
	    ONOFF, "disable", "block hosts that are an address", 0 },
	{ "ip4-mapped-ip6", WAD_CT_BOOL, NO, 0, 0, ONOFF, "disable",
	    "kept: an entry means the address as it is written",
	    WAD_CF_IDLE },
	{ "include-subdomains", WAD_CT_BOOL, AT(wad_urlfilter, subdomains),
	    0, 0, ONOFF, "enable", "simple entries also mean the names below "
	    "theirs", 0 },
};

static const struct wad_conf_row uf_entry_rows[] = {
	{ "url", WAD_CT_STR, AT(wad_uf_entry, url), 1, 511, NULL, NULL,
	    "host, host/path, or a pattern, without a scheme", 0 },
	{ "type", WAD_CT_ENUM, AT(wad_uf_entry, type), 0, 0,
	    "simple=0 wildcard=1 regex=2", "simple", "how url is read", 0 },
	{ "action", WAD_CT_ENUM, AT(wad_uf_entry, action), 0, 0,
	    "exempt=0 block=1 allow=2 monitor=3 pass=2", "exempt",
	    "exempt: pass, and skip what exempt says; block: a page; allow, "
	    "pass: go on to the category; monitor: the same, and log", 0 },
	{ "status", WAD_CT_BOOL, AT(wad_uf_entry, enabled), 0, 0, ONOFF,
	    "enable", "whether the entry is looked at", 0 },
	{ "exempt", WAD_CT_OPTIONS, NO, 0, 0, "av=0 web-content=1 "
	    "activex-java-cookie=0 dlp=0 fortiguard=2 range-block=0 pass=4 "
	    "antiphish=0 all=3", "av web-content activex-java-cookie dlp "
	    "fortiguard range-block antiphish all", "what action exempt "
	    "skips: the content rules, the category, or (all, pass) both", 0 },
	{ "referrer-host", WAD_CT_HOST, AT(wad_uf_entry, referrer_host), 1,
	    255, NULL, NULL, "the entry is for requests that come from pages "
	    "of this host", 0 },
};

static const struct wad_conf_row list_rows[] = {
	{ "name", WAD_CT_STR, AT(wad_content_list, name), 0, 63, NULL, NULL,
	    "name of the list", 0 },
};

static const struct wad_conf_row word_rows[] = {
	{ "pattern-type", WAD_CT_BOOL, AT(wad_content_word, regex), 0, 0,
	    "wildcard=0 regexp=1", "wildcard", "how the pattern is read", 0 },
	{ "status", WAD_CT_BOOL, AT(wad_content_word, enabled), 0, 0, ONOFF,
	    "disable", "whether the pattern is looked for", 0 },
	{ "lang", WAD_CT_WORD, AT(wad_content_word, lang), 0, 0,
	    "western=0 simch=1 trach=2 japanese=3 korean=4 french=5 thai=6 "
	    "spanish=7 cyrillic=8", "western",
	    "language of the pattern", 0 },
	{ "score", WAD_CT_UINT, AT(wad_content_word, score), 0, 0xffffffff,
	    NULL, "10", "what a page that has it is scored", 0 },
	{ "action", WAD_CT_BOOL, AT(wad_content_word, exempt), 0, 0,
	    "block=0 exempt=1", "block", "exempt: a page that has it is not "
	    "blocked", 0 },
};

static const struct wad_conf_row content_headers_rows[] = {
	{ "name", WAD_CT_STR, AT(wad_content_headers, name), 0, 63, NULL,
	    NULL, "name of the list", 0 },
};

static const struct wad_conf_row content_header_rows[] = {
	{ "action", WAD_CT_ENUM, AT(wad_content_header, action), 0, 0,
	    "block=0 allow=1 exempt=2", "allow",
	    "what happens to responses of this Content-Type", 0 },
	{ "category", WAD_CT_U16LIST, AT(wad_content_header, cats), 0, 255,
	    NULL, NULL, "categories that the entry is for; none: all",
	    WAD_CF_EMPTY },
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

#endif
