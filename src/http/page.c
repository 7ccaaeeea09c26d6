/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages that openwad serves itself, see page.h: layout and answer.
 *
 * Called by worker/block.c.
 */
#include "http/page.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/xmem.h"

const struct wad_page_row wad_page_rows[WAD_PAGE_N] = {
#define PAGE(id, name, kind, type, status, help, title, text)		\
	[WAD_PAGE_##id] = { name, kind, type, status,			\
	    WAD_PW_TITLE_##id, WAD_PW_TEXT_##id, WAD_PW_##help },
#include "http/page.def"
#undef PAGE
};

/* Contrast of text is at least 4.5 to 1 in both (WCAG 2.1, 1.4.3);
 * check_page.c computes it. */
static const char style[] =
    ":root{color-scheme:light dark;--b:#f3f4f6;--c:#ffffff;--t:#1f2933;"
    "--m:#52606d;--l:#d5dae0;--a:#b42318;--k:#1d4ed8;--w:#ffffff}"
    "@media(prefers-color-scheme:dark){:root{--b:#14181d;--c:#1e242b;"
    "--t:#e6e9ed;--m:#a3adb8;--l:#3a444e;--a:#f97066;--k:#93b4ff;"
    "--w:#14181d}}"
    "*{box-sizing:border-box}body{margin:0;min-height:100vh;display:flex;"
    "flex-direction:column;align-items:center;justify-content:center;"
    "padding:1.5rem;background:var(--b);color:var(--t);"
    "font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",sans-serif}"
    "main,footer{width:100%;max-width:40rem}"
    "main{background:var(--c);border-radius:12px;"
    "border-top:6px solid var(--a);padding:2rem;"
    "box-shadow:0 8px 30px rgba(0,0,0,.12)}"
    "h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25}"
    "h2{margin:1.75rem 0 .5rem;font-size:1rem;color:var(--m)}"
    "p{margin:0 0 .75rem}table{width:100%;border-collapse:collapse}"
    "th,td{text-align:start;vertical-align:top;padding:.5rem 0;"
    "border-top:1px solid var(--l);overflow-wrap:anywhere}"
    "th{width:9rem;padding-inline-end:1rem;font-weight:500;"
    "color:var(--m)}"
    "footer{margin:1rem 0 0;font-size:.875rem;color:var(--m)}"
    "button{margin:.5rem 0 0;padding:.7rem 1.4rem;border:0;"
    "border-radius:8px;background:var(--k);color:var(--w);font:inherit;"
    "font-weight:600;cursor:pointer}"
    "button:focus-visible{outline:3px solid var(--t);outline-offset:3px}"
    "@media(max-width:30rem){main{padding:1.25rem}th,td{display:block;"
    "width:auto}td{border-top:0;padding-top:0}th{padding-bottom:0}}";

enum wad_page_id
wad_page_named(const char *name)
{
	int i;

	for (i = 0; i < WAD_PAGE_N; i++)
		if (strcmp(wad_page_rows[i].name, name) == 0)
			break;
	return (enum wad_page_id)i;
}

bool
wad_page_known(const char *kind, const char *type)
{
	for (int i = 0; i < WAD_PAGE_N; i++)
		if (strcmp(wad_page_rows[i].kind, kind) == 0 &&
		    strcmp(wad_page_rows[i].type, type) == 0)
			return true;
	return false;
}

enum wad_page_id
wad_page_of_status(int status)
{
	static const struct { int status; enum wad_page_id id; } t[] = {
		{ 400, WAD_PAGE_REQUEST_BAD }, { 403, WAD_PAGE_DENY },
		{ 405, WAD_PAGE_REQUEST_KIND }, { 407, WAD_PAGE_PROXY_AUTH },
		{ 408, WAD_PAGE_REQUEST_SLOW }, { 411, WAD_PAGE_REQUEST_KIND },
		{ 413, WAD_PAGE_REQUEST_LARGE },
		{ 414, WAD_PAGE_REQUEST_LARGE },
		{ 417, WAD_PAGE_REQUEST_KIND },
		{ 421, WAD_PAGE_HOST_MISMATCH },
		{ 431, WAD_PAGE_REQUEST_LARGE }, { 501, WAD_PAGE_REQUEST_KIND },
		{ 502, WAD_PAGE_UNREACHABLE }, { 503, WAD_PAGE_LIMIT },
		{ 504, WAD_PAGE_TIMEOUT }, { 505, WAD_PAGE_REQUEST_KIND },
		{ 508, WAD_PAGE_LOOP }, { 511, WAD_PAGE_LOGIN },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (t[i].status == status)
			return t[i].id;
	return WAD_PAGE_INTERNAL;
}

bool
wad_page_wants_html(const char *accept)
{
	return accept != NULL && (strcasestr(accept, "text/html") != NULL ||
	    strcasestr(accept, "application/xhtml+xml") != NULL);
}

static const char *
word(const struct wad_page *p, enum wad_page_word w)
{
	return wad_page_lang_word(p->lang, w);
}

/* ---- HTML -------------------------------------------------------------- */

static void
row_begin(struct wad_str *out, const struct wad_page *p,
    enum wad_page_word label)
{
	wad_str_add(out, "<tr><th scope=\"row\">");
	wad_page_words(out, word(p, label), true);
	wad_str_add(out, "</th><td dir=\"auto\">");
}

static void
add_row(struct wad_str *out, const struct wad_page *p,
    enum wad_page_word label, const char *s)
{
	if (s == NULL || *s == '\0')
		return;
	row_begin(out, p, label);
	wad_page_field(out, s, strlen(s), true);
	wad_str_add(out, "</td></tr>\n");
}

static void
add_number(struct wad_str *out, const struct wad_page *p,
    enum wad_page_word label, uint32_t n)
{
	row_begin(out, p, label);
	wad_str_addf(out, "%u</td></tr>\n", n);
}

static void
add_rows(struct wad_str *out, const struct wad_page *p)
{
	struct wad_str when = { 0 };

	if (p->url != NULL) {
		row_begin(out, p, WAD_PW_ADDRESS);
		wad_page_address(out, p, true);
		wad_str_add(out, "</td></tr>\n");
	} else
		add_row(out, p, WAD_PW_SITE, p->host);
	if (p->category != NULL) {	/* ours, or an administrator's */
		row_begin(out, p, WAD_PW_CATEGORY);
		wad_page_words(out, p->category, true);
		wad_str_add(out, "</td></tr>\n");
	}
	add_row(out, p, WAD_PW_USER, p->user);
	add_row(out, p, WAD_PW_REASON, p->reason);
	add_row(out, p, WAD_PW_CODE, p->reason_name);
	add_number(out, p, WAD_PW_POLICY, p->policy);
	add_number(out, p, WAD_PW_SESSION, p->session);
	wad_page_date(&when, p->now);
	add_row(out, p, WAD_PW_TIME, when.s);
	wad_str_free(&when);
}

static void
add_html(struct wad_str *out, const struct wad_page *p)
{
	const struct wad_page_row *row = &wad_page_rows[p->id];

	wad_str_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\"%s>\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<title>",
	    wad_page_lang_tag(p->lang), wad_page_lang_rtl(p->lang) ?
	    " dir=\"rtl\"" : "");
	wad_page_words(out, word(p, row->title), true);
	wad_str_addf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n"
	    "<main>\n<h1>", style);
	wad_page_words(out, word(p, row->title), true);
	wad_str_add(out, "</h1>\n<p>");
	wad_page_words(out, word(p, row->text), true);
	wad_str_add(out, "</p>\n<p>");
	wad_page_words(out, word(p, row->help), true);
	wad_str_add(out, "</p>\n");
	wad_page_form(out, p);
	wad_str_add(out, "<h2>");
	wad_page_words(out, word(p, WAD_PW_DETAILS), true);
	wad_str_add(out, "</h2>\n<table>\n");
	add_rows(out, p);
	wad_str_add(out, "</table>\n</main>\n<footer>");
	wad_page_words(out, word(p, WAD_PW_FROM), true);
	if (p->gateway != NULL) {
		wad_str_add(out, " (");
		wad_page_field(out, p->gateway, strlen(p->gateway), true);
		wad_str_add(out, ")");
	}
	wad_str_add(out, "</footer>\n</body>\n</html>\n");
}

/* One line for who reads no HTML. */
static void
add_line(struct wad_str *out, const struct wad_page *p)
{
	wad_page_words(out, word(p, wad_page_rows[p->id].title), false);
	if (p->host != NULL) {
		wad_str_add(out, ": ");
		wad_page_field(out, p->host, strlen(p->host), false);
	}
	if (p->category != NULL)
		wad_str_addf(out, " (%s)", p->category);
	if (p->reason != NULL) {
		wad_str_add(out, "; ");
		wad_page_field(out, p->reason, strlen(p->reason), false);
	}
	wad_str_addf(out, " [%s%spolicy %u, session %u%s", p->reason_name !=
	    NULL ? p->reason_name : "", p->reason_name != NULL ? ", " : "",
	    p->policy, p->session, p->gateway != NULL ? ", " : "");
	if (p->gateway != NULL)
		wad_page_field(out, p->gateway, strlen(p->gateway), false);
	wad_str_add(out, "]\n");
}

/* ---- the answer -------------------------------------------------------- */

#define CSP "default-src 'none'; style-src 'unsafe-inline'; img-src data:; " \
	"base-uri 'none'; frame-ancestors 'none'; form-action "

static void
add_fields(struct wad_http_head *res, const struct wad_page *p, bool html)
{
	struct wad_str	date = { 0 };

	wad_page_date(&date, p->now);
	wad_http_head_put(res, "Date", date.s);
	wad_str_free(&date);
	wad_http_head_put(res, "Content-Type", html ?
	    "text/html; charset=utf-8" : "text/plain; charset=utf-8");
	wad_http_head_put(res, "Content-Language",
	    wad_page_lang_tag(p->lang));
	wad_http_head_put(res, "Cache-Control", "no-store");
	wad_http_head_put(res, "X-Content-Type-Options", "nosniff");
	wad_http_head_put(res, "Referrer-Policy", p->action != NULL ?
	    "same-origin" : "no-referrer");
	wad_http_head_put(res, "Content-Security-Policy", p->action != NULL ?
	    CSP "'self'" : CSP "'none'");
	if (p->status == 405)
		wad_http_head_put(res, "Allow", "GET, HEAD, POST, PUT, "
		    "DELETE, CONNECT, OPTIONS, PATCH");
	if (p->status == 503)
		wad_http_head_put(res, "Retry-After", "10");
}

void
wad_page_answer(const struct wad_page *given, struct wad_http_head *res,
    struct wad_str *body)
{
	struct wad_page	p = *given;
	bool		html = !p.plain;

	WAD_ASSERT(p.id < WAD_PAGE_N);
	if (p.status == 0)
		p.status = wad_page_rows[p.id].status;
	WAD_ASSERT(p.status >= 200 && p.status <= 599);
	if (p.now == 0)
		p.now = (int64_t)time(NULL);
	if (p.now < 0)
		p.now = 0;
	if (p.own != NULL && !p.own_html)
		html = false;
	wad_http_head_reset(res);
	body->len = 0;
	wad_str_add(body, "");
	if (p.bare)
		;
	else if (p.own != NULL && html == p.own_html)
		wad_page_fill(&p, p.own, html, body);
	else if (html)
		add_html(body, &p);
	else
		add_line(body, &p);
	res->status = (unsigned)p.status;
	res->minor = 1;
	add_fields(res, &p, html);
}
