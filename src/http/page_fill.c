/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of a page, escaped, and an administrator's text with names in it:
 * %%URL%% and the others of FortiOS's replacement messages.
 *
 * Called by http/page.c and main/files.c (openwad -t).
 */
#include "http/page.h"

#include <string.h>

enum { FIELD_MAX = 600, NAME_MAX_LEN = 40 };

static const char *
entity(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
wad_page_words(struct wad_str *out, const char *s, bool html)
{
	while (*s != '\0') {
		size_t n = html ? strcspn(s, "<>&\"'") : strlen(s);

		wad_str_addn(out, s, n);
		s += n;
		if (*s != '\0')
			wad_str_add(out, entity(*s++));
	}
}

void
wad_page_field(struct wad_str *out, const char *s, size_t len, bool html)
{
	char safe[FIELD_MAX];

	wad_page_words(out, wad_str_escape(safe, sizeof(safe), s, len), html);
}

void
wad_page_address(struct wad_str *out, const struct wad_page *p, bool html)
{
	struct wad_str	s = { 0 };
	const char	*url = p->url != NULL ? p->url : "/";

	if (p->host != NULL && (*url == '/' || *url == '*'))
		wad_str_addf(&s, "%s://%s%s%s", p->https ? "https" : "http",
		    strchr(p->host, ':') != NULL ? "[" : "", p->host,
		    strchr(p->host, ':') != NULL ? "]" : "");
	wad_str_addn(&s, url, strcspn(url, "?#"));
	wad_page_field(out, s.s != NULL ? s.s : "", s.len, html);
	wad_str_free(&s);
}

/* What must come back as it is: a field that is not cut. */
static void
put_whole(struct wad_str *out, const char *s)
{
	for (size_t n; *s != '\0'; s += n) {
		n = strnlen(s, FIELD_MAX / 5);
		wad_page_field(out, s, n, true);
	}
}

void
wad_page_form(struct wad_str *out, const struct wad_page *p)
{
	if (p->action == NULL)
		return;
	wad_str_add(out, "<form method=\"post\" action=\"");
	put_whole(out, p->action);
	wad_str_add(out, "\"><input type=\"hidden\" name=\"token\" "
	    "value=\"");
	if (p->token != NULL)
		put_whole(out, p->token);
	wad_str_add(out, "\"><button type=\"submit\">");
	wad_page_words(out, wad_page_lang_word(p->lang, WAD_PW_GO_ON), true);
	wad_str_add(out, "</button></form>\n");
}

/* Not with gmtime, which opens the time zone file; the arithmetic counts
 * years from March, so that the leap day is last. */
void
wad_page_date(struct wad_str *out, int64_t now)
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

/* ---- names ------------------------------------------------------------- */

typedef void put_fn(struct wad_str *, const struct wad_page *, bool html);

#define PUT_FIELD(field)						\
static void								\
put_##field(struct wad_str *out, const struct wad_page *p, bool html)	\
{									\
	if (p->field != NULL)						\
		wad_page_field(out, p->field, strlen(p->field), html);	\
}
PUT_FIELD(host)
PUT_FIELD(reason)
PUT_FIELD(reason_name)
PUT_FIELD(user)
PUT_FIELD(group)
PUT_FIELD(client)
PUT_FIELD(server)
PUT_FIELD(gateway)
PUT_FIELD(policy_uuid)

#define PUT_WORD(what)							\
static void								\
put_##what(struct wad_str *out, const struct wad_page *p, bool html)	\
{									\
	wad_page_words(out, wad_page_lang_word(p->lang,			\
	    wad_page_rows[p->id].what), html);				\
}
PUT_WORD(title)
PUT_WORD(text)
PUT_WORD(help)

static void
put_category(struct wad_str *out, const struct wad_page *p, bool html)
{
	if (p->category != NULL)
		wad_page_words(out, p->category, html);
}

static void
put_status(struct wad_str *out, const struct wad_page *p, bool html)
{
	(void)html;
	wad_str_addf(out, "%d", p->status);
}

static void
put_policy(struct wad_str *out, const struct wad_page *p, bool html)
{
	(void)html;
	wad_str_addf(out, "%u", p->policy);
}

static void
put_session(struct wad_str *out, const struct wad_page *p, bool html)
{
	(void)html;
	wad_str_addf(out, "%u", p->session);
}

static void
put_protocol(struct wad_str *out, const struct wad_page *p, bool html)
{
	(void)html;
	wad_str_add(out, p->https ? "https" : "http");
}

static void
put_lang(struct wad_str *out, const struct wad_page *p, bool html)
{
	(void)html;
	wad_str_add(out, wad_page_lang_tag(p->lang));
}

static void
put_time(struct wad_str *out, const struct wad_page *p, bool html)
{
	(void)html;
	wad_page_date(out, p->now);
}

static void
put_form(struct wad_str *out, const struct wad_page *p, bool html)
{
	if (html)
		wad_page_form(out, p);
}

static const struct name {
	const char	*name;
	put_fn		*put;		/* NULL: nothing stands for it here */
} names[] = {
	{ "URL", wad_page_address }, { "PROTOCOL", put_protocol },
	{ "HOSTNAME", put_host }, { "CATEGORY", put_category },
	{ "SERVICE", put_category }, { "SOURCE_IP", put_client },
	{ "USER_IP", put_client }, { "DEST_IP", put_server },
	{ "USERNAME", put_user }, { "GROUPNAME", put_group },
	{ "POLICY_UUID", put_policy_uuid }, { "POLICY", put_policy },
	{ "SESSION", put_session }, { "HTTP_ERR_CODE", put_status },
	{ "HTTP_ERR_DESC", put_title }, { "FAILED_MESSAGE", put_reason },
	{ "REASON", put_reason }, { "CODE", put_reason_name },
	{ "GATEWAY", put_gateway }, { "TITLE", put_title },
	{ "TEXT", put_text }, { "HELP", put_help }, { "LANG", put_lang },
	{ "TIME", put_time }, { "OVRD_FORM", put_form },
	{ "OVERRIDE", put_form },
	/* pictures and what openwad does not do: kept quiet about */
	{ "FORTIGUARD_WF", NULL }, { "FORTINET", NULL }, { "LINK", NULL },
	{ "FILE", NULL }, { "BANNEDWORD", NULL }, { "KEEPALIVEURL", NULL },
};

/* The next %%NAME%% of a text: its name, how long that is, and what follows
 * it; NULL when there is none. */
static const char *
next_name(const char *s, size_t *len, const char **after)
{
	while ((s = strstr(s, "%%")) != NULL) {
		*len = strspn(s + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:");
		if (*len > 0 && *len <= NAME_MAX_LEN &&
		    strncmp(s + 2 + *len, "%%", 2) == 0) {
			*after = s + *len + 4;
			return s + 2;
		}
		s++;
	}
	return NULL;
}

static const struct name *
find(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, s, len) == 0)
			return &names[i];
	return NULL;
}

void
wad_page_fill(const struct wad_page *p, const char *text, bool html,
    struct wad_str *out)
{
	const size_t	 before = out->len;
	const char	*at, *after;
	size_t		 len;

	while ((at = next_name(text, &len, &after)) != NULL) {
		const struct name *n = find(at, len);

		wad_str_addn(out, text, (size_t)(at - 2 - text));
		text = after;
		if (n != NULL && n->put != NULL)
			n->put(out, p, html);
		if (out->len - before > WAD_PAGE_MAX)
			break;
	}
	wad_str_add(out, text);
	if (out->len - before > WAD_PAGE_MAX) {
		out->len = before + WAD_PAGE_MAX;
		out->s[out->len] = '\0';
	}
}

void
wad_page_check(const char *type, const char *text, bool html,
    struct wad_str *wrong)
{
	const char	*s = text, *at, *after;
	bool		 form = false;
	size_t		 len;

	while ((at = next_name(s, &len, &after)) != NULL) {
		const struct name *n = find(at, len);

		if (n == NULL)
			wad_str_addf(wrong, "%s%%%%%.*s%%%% is not known here: "
			    "nothing is shown for it", wrong->len > 0 ?
			    "; " : "", (int)len, at);
		form = form || (n != NULL && n->put == put_form);
		s = after;
		if (wrong->len > 1000)	/* enough is told */
			break;
	}
	if (strcmp(type, "ftgd-warning") == 0 && html && !form)
		wad_str_addf(wrong, "%sthere is no %%%%OVRD_FORM%%%% in it: "
		    "users cannot go on", wrong->len > 0 ? "; " : "");
}
