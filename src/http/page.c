/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages that openwad serves itself: one template, no outside resources,
 * no script.  What came from the network is made printable first and escaped
 * for HTML then; of a URL, only what stands before the query is shown, for
 * queries carry secrets.
 *
 * Called by worker/block.c and worker/explicit.c.
 */
#include "http/page.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "base/xmem.h"

enum { FIELD_MAX = 600 };

struct status_text {
	int		 status;
	const char	*phrase;	/* of the status line */
	const char	*title;
	const char	*advice;
};

static const struct status_text texts[] = {
	{ 400, "Bad Request", "The request was not understood",
	    "The browser or program sent a request that the gateway refuses "
	    "to pass on, because it could be read in more than one way." },
	{ 403, "Forbidden", "Access to this site is blocked",
	    "The rules of this network do not allow this page. If you think "
	    "that this is a mistake, give the details below to the help "
	    "desk." },
	{ 405, "Method Not Allowed", "This kind of request is not allowed",
	    "The gateway does not pass on requests of this kind." },
	{ 408, "Request Timeout", "The request took too long",
	    "The request was not complete in time. Try again." },
	{ 411, "Length Required", "The request has no length",
	    "The program must say how long its request is." },
	{ 413, "Content Too Large", "The request is too large",
	    "The gateway does not pass on requests of this size." },
	{ 414, "URI Too Long", "The address is too long",
	    "The gateway does not pass on addresses of this length." },
	{ 417, "Expectation Failed", "The request was not understood",
	    "The program expects something that the gateway cannot do." },
	{ 421, "Misdirected Request", "The request went to the wrong place",
	    "The request is for another host than the connection." },
	{ 431, "Request Header Fields Too Large", "The request is too large",
	    "The head of the request is larger than the gateway allows. "
	    "Deleting the cookies of this site may help." },
	{ 500, "Internal Server Error", "Something went wrong in the gateway",
	    "Try again; if it happens again, give the details below to the "
	    "help desk." },
	{ 501, "Not Implemented", "The gateway cannot do this",
	    "The request asks for something that the gateway does not "
	    "know." },
	{ 502, "Bad Gateway", "The site could not be reached",
	    "The gateway tried to reach the site and had no success. The "
	    "site may be down, or its name may be misspelt." },
	{ 503, "Service Unavailable", "The gateway is busy",
	    "Try again in a moment." },
	{ 504, "Gateway Timeout", "The site does not answer",
	    "The gateway waited for the site in vain. Try again later." },
	{ 505, "HTTP Version Not Supported", "The request was not understood",
	    "The program speaks a version of HTTP that the gateway does not "
	    "speak on this port." },
	{ 508, "Loop Detected", "The request runs in a circle",
	    "The request came back to the gateway that sent it. The proxy "
	    "settings of this network need a look." },
	{ 511, "Network Authentication Required", "Sign in first",
	    "This network wants to know who you are." }
};

static const struct status_text other = {
	0, "Error", "The request failed",
	"Give the details below to the help desk."
};

static const char style[] =
    ":root{color-scheme:light dark;--b:#f3f4f6;--c:#fff;--t:#1f2933;"
    "--m:#5f6b7a;--l:#e1e5ea;--a:#b42318}"
    "@media(prefers-color-scheme:dark){:root{--b:#14181d;--c:#1e242b;"
    "--t:#e6e9ed;--m:#9aa5b1;--l:#323b45;--a:#f97066}}"
    "*{box-sizing:border-box}body{margin:0;min-height:100vh;display:flex;"
    "align-items:center;justify-content:center;padding:1.5rem;"
    "background:var(--b);color:var(--t);"
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",sans-serif}"
    "main{width:100%;max-width:40rem;background:var(--c);border-radius:12px;"
    "border-top:6px solid var(--a);padding:2rem;"
    "box-shadow:0 8px 30px rgba(0,0,0,.12)}"
    "h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25}"
    "p{margin:0 0 1.25rem}table{width:100%;border-collapse:collapse}"
    "th,td{text-align:left;vertical-align:top;padding:.5rem 0;"
    "border-top:1px solid var(--l);overflow-wrap:anywhere}"
    "th{width:9rem;padding-right:1rem;font-weight:500;color:var(--m)}"
    "footer{margin-top:1.25rem;font-size:.85rem;color:var(--m)}"
    "code{font-size:.9em}";

static const struct status_text *
text_of(int status)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return &texts[i];
	return &other;
}

/* Printable, cut to a length that fits on a page, escaped for HTML. */
static void
add_html(struct wad_str *out, const char *s, size_t len)
{
	char safe[FIELD_MAX];

	wad_str_escape(safe, sizeof(safe), s, len);
	for (const char *p = safe; *p != '\0'; p++) {
		switch (*p) {
		case '<':
			wad_str_add(out, "&lt;");
			break;
		case '>':
			wad_str_add(out, "&gt;");
			break;
		case '&':
			wad_str_add(out, "&amp;");
			break;
		case '"':
			wad_str_add(out, "&quot;");
			break;
		case '\'':
			wad_str_add(out, "&#39;");
			break;
		default:
			wad_str_addn(out, p, 1);
		}
	}
}

static void
add_row(struct wad_str *out, const char *name, const char *s, size_t len)
{
	wad_str_addf(out, "<tr><th scope=\"row\">%s</th><td>", name);
	add_html(out, s, len);
	wad_str_add(out, "</td></tr>\n");
}

static void
add_rows(struct wad_str *out, const struct wad_page *p)
{
	if (p->host != NULL)
		add_row(out, "Site", p->host, strlen(p->host));
	if (p->url != NULL)
		add_row(out, "Address", p->url, strcspn(p->url, "?#"));
	if (p->category != NULL)
		add_row(out, "Category", p->category, strlen(p->category));
	if (p->reason != NULL)
		add_row(out, "Reason", p->reason, strlen(p->reason));
	wad_str_addf(out, "<tr><th scope=\"row\">Policy</th><td>%u</td></tr>\n"
	    "<tr><th scope=\"row\">Session</th><td>%u</td></tr>\n",
	    p->policy, p->session);
}

static void
add_body(struct wad_str *out, const struct wad_page *p)
{
	const struct status_text *t = text_of(p->status);
	const char *title = p->title != NULL ? p->title : t->title;

	wad_str_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<title>");
	add_html(out, title, strlen(title));
	wad_str_addf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n"
	    "<main>\n<h1>", style);
	add_html(out, title, strlen(title));
	wad_str_addf(out, "</h1>\n<p>%s</p>\n<table>\n", t->advice);
	add_rows(out, p);
	wad_str_add(out, "</table>\n<footer>This page comes from the gateway");
	if (p->gateway != NULL) {
		wad_str_add(out, " <code>");
		add_html(out, p->gateway, strlen(p->gateway));
		wad_str_add(out, "</code>");
	}
	wad_str_add(out, ", not from the site");
	if (p->reason_name != NULL) {
		wad_str_add(out, ". Code: <code>");
		add_html(out, p->reason_name, strlen(p->reason_name));
		wad_str_add(out, "</code>");
	}
	wad_str_add(out, ".</footer>\n</main>\n</body>\n</html>\n");
}

/* RFC 9110 section 5.6.7.  Not with gmtime, which opens the time zone file;
 * the arithmetic counts years from March, so that the leap day is last. */
static void
add_date(struct wad_str *out, int64_t now)
{
	static const char *const wday[] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" };
	static const char *const mon[] = { "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb" };
	int64_t	days = now / 86400, sec = now % 86400;
	int64_t	z = days + 719468;		/* since 1 March of year 0 */
	int64_t	era = z / 146097, doe = z % 146097;
	int64_t	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t	m = (5 * doy + 2) / 153;

	wad_str_addf(out, "%s, %02d %s %04d %02d:%02d:%02d GMT",
	    wday[days % 7], (int)(doy - (153 * m + 2) / 5 + 1), mon[m],
	    (int)(era * 400 + yoe + (m >= 10)), (int)(sec / 3600),
	    (int)(sec / 60 % 60), (int)(sec % 60));
}

/* In the order of the answer; never cached, no resource from elsewhere. */
static const struct { const char *name, *value; } fields[] = {
	{ "Content-Type", "text/html; charset=utf-8" },
	{ "Cache-Control", "no-store" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Content-Security-Policy", "default-src 'none'; style-src "
	    "'unsafe-inline'; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'" },
};

void
wad_page_answer(const struct wad_page *p, struct wad_http_head *res,
    struct wad_str *body)
{
	int64_t		now = (int64_t)time(NULL);
	struct wad_str	date = { 0 };

	WAD_ASSERT(p->status >= 200 && p->status <= 599);
	wad_http_head_reset(res);
	body->len = 0;
	add_body(body, p);
	res->status = (unsigned)p->status;
	res->minor = 1;
	add_date(&date, now > 0 ? now : 0);
	wad_http_head_put(res, "Date", date.s);
	wad_str_free(&date);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		wad_http_head_put(res, fields[i].name, fields[i].value);
	if (p->status == 405)
		wad_http_head_put(res, "Allow", "GET, HEAD, POST, PUT, "
		    "DELETE, CONNECT, OPTIONS, PATCH");
}

static void
add_head(struct wad_str *out, const struct wad_page *p,
    struct wad_str *body)
{
	struct wad_http_head h = { 0 };

	wad_page_answer(p, &h, body);
	wad_str_addf(out, "HTTP/1.1 %d %s\r\n", p->status,
	    text_of(p->status)->phrase);
	for (size_t i = 0; i < h.n; i++)
		wad_str_addf(out, "%s: %s\r\n", wad_http_name(&h,
		    &h.field[i]), wad_http_value(&h, &h.field[i]));
	wad_str_addf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n",
	    body->len);
	wad_http_head_free(&h);
}

void
wad_page_write(const struct wad_page *p, struct wad_str *out)
{
	struct wad_str body = { 0 };

	add_head(out, p, &body);
	wad_str_addn(out, body.s, body.len);
	wad_str_free(&body);
}

void
wad_page_write_head(const struct wad_page *p, struct wad_str *out)
{
	struct wad_str body = { 0 };

	add_head(out, p, &body);
	wad_str_free(&body);
}
