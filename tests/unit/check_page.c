/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/page.c and page_fill.c: the answer is whole, says what it must, and
 * nothing of a stranger becomes markup, in our layout and in an
 * administrator's.  With an argument: writes every page into that folder, for
 * html_pages.py.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/page.h"
#include "suite.h"

#define NASTY "<script>alert('1')</script>\"&\r\nX: y\x1b[2J\xff"

static const struct wad_page blocked = {
	.id = WAD_PAGE_FTGD_BLOCK, .host = "bad.example",
	.url = "/x?token=SECRET", .https = true,
	.category = "Malicious Websites", .reason = "blocked by the web filter",
	.reason_name = "blocked", .policy = 11, .session = 141985,
	.gateway = "gw1", .now = 1770000000,
};

static struct wad_http_head	res;
static struct wad_str		body;

static void
answer(const struct wad_page *p)
{
	wad_page_answer(p, &res, &body);
	if (body.s == NULL)
		wad_str_add(&body, "");
	ck_assert_uint_eq(strlen(body.s), body.len);
}

static void
over(void)
{
	wad_http_head_free(&res);
	wad_str_free(&body);
}

static void
has(const char *text)
{
	ck_assert_msg(strstr(body.s, text) != NULL, "no \"%s\" in: %s", text,
	    body.s);
}

static void
has_not(const char *text)
{
	ck_assert_msg(strstr(body.s, text) == NULL, "\"%s\" in: %s", text,
	    body.s);
}

static void
field(const char *name, const char *value)
{
	const char *v = wad_http_head_named(&res, name);

	ck_assert_msg(v != NULL, "no %s", name);
	ck_assert_str_eq(v, value);
}

START_TEST(test_blocked)
{
	answer(&blocked);
	ck_assert_uint_eq(res.status, 403);
	field("Content-Type", "text/html; charset=utf-8");
	field("Content-Language", "en");
	field("Cache-Control", "no-store");
	field("X-Content-Type-Options", "nosniff");
	field("Referrer-Policy", "no-referrer");
	field("Content-Security-Policy", "default-src 'none'; style-src "
	    "'unsafe-inline'; img-src data:; base-uri 'none'; "
	    "frame-ancestors 'none'; form-action 'none'");
	field("Date", "Mon, 02 Feb 2026 02:40:00 GMT");
	ck_assert(strncmp(body.s, "<!DOCTYPE html>", 15) == 0);
	has("<html lang=\"en\">");
	has("<h1>This site is blocked</h1>");
	has("https://bad.example/x<");
	has("Malicious Websites");
	has("blocked by the web filter");
	has(">11</td>");
	has(">141985</td>");
	has("(gw1)");
	has("Mon, 02 Feb 2026 02:40:00 GMT");
	has_not("SECRET");
	has_not("<script");	/* nothing from elsewhere, nothing runs */
	has_not("src=");
	has_not("href=");
	has_not("@import");
	has_not("url(");
	has_not("<form");
	over();
}
END_TEST

START_TEST(test_escape)
{
	/* every text that may come from outside, each alone */
	static const size_t at[] = {
#define F(f) offsetof(struct wad_page, f)
		F(host), F(url), F(reason), F(reason_name), F(user), F(group),
		F(client), F(server), F(gateway), F(policy_uuid), F(token),
		F(action), F(category),
#undef F
	};
	static const char own[] = "<p>%%HOSTNAME%% %%URL%% %%REASON%% "
	    "%%CODE%% %%USERNAME%% %%GROUPNAME%% %%SOURCE_IP%% %%DEST_IP%% "
	    "%%GATEWAY%% %%POLICY_UUID%% %%CATEGORY%% %%OVRD_FORM%%</p>";

	const char *nasty = NASTY;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		for (int with_own = 0; with_own < 2; with_own++) {
			struct wad_page p = blocked;

			p.action = "/go";
			p.own = with_own ? own : NULL;
			p.own_html = true;
			memcpy((char *)&p + at[i], &nasty, sizeof(nasty));
			answer(&p);
			has_not("<script");
			has_not("alert('1')");
			/* names of categories are an administrator's, the
			 * form's two texts are ours */
			if (at[i] != offsetof(struct wad_page, category) &&
			    at[i] != offsetof(struct wad_page, action) &&
			    at[i] != offsetof(struct wad_page, token)) {
				has_not("\x1b[");
				has_not("\nX: y");
				has_not("\xff");
			}
		}
	over();
}
END_TEST

START_TEST(test_long)
{
	struct wad_page p = blocked;
	char		url[5000];

	memset(url, '<', sizeof(url) - 1);
	url[0] = '/';
	url[sizeof(url) - 1] = '\0';
	p.url = url;
	answer(&p);
	ck_assert_uint_lt(body.len, 10000);
	/* and however often an administrator's text asks for it */
	struct wad_str own = { 0 };

	for (int i = 0; i < 4000; i++)
		wad_str_add(&own, "%%URL%%");
	p.own = own.s;
	p.own_html = true;
	answer(&p);
	ck_assert_uint_le(body.len, WAD_PAGE_MAX);
	ck_assert_uint_gt(body.len, WAD_PAGE_MAX / 2);
	wad_str_free(&own);
	over();
}
END_TEST

START_TEST(test_statuses)
{
	static const int t[] = { 400, 403, 405, 408, 411, 413, 414, 417, 421,
		431, 500, 501, 502, 503, 504, 505, 508, 511, 599 };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wad_page p = { .status = t[i],
			.id = wad_page_of_status(t[i]) };

		answer(&p);
		ck_assert_uint_eq(res.status, (unsigned)t[i]);
		has_not("(null)");
		if (t[i] == 405)
			ck_assert_ptr_nonnull(wad_http_head_named(&res,
			    "Allow"));
	}
	for (int i = 0; i < WAD_PAGE_N; i++) {
		struct wad_page p = { .id = (enum wad_page_id)i };

		answer(&p);
		ck_assert_uint_eq(res.status, (unsigned)
		    wad_page_rows[i].status);
		has_not("(null)");
		ck_assert_int_eq(wad_page_named(wad_page_rows[i].name), i);
	}
	ck_assert_int_eq(wad_page_named("nothing"), WAD_PAGE_N);
	ck_assert(wad_page_known("http", "url-block"));
	ck_assert(!wad_page_known("http", "ftgd-block"));
	over();
}
END_TEST

START_TEST(test_plain)
{
	struct wad_page p = blocked;

	p.plain = true;
	answer(&p);
	field("Content-Type", "text/plain; charset=utf-8");
	ck_assert_str_eq(body.s, "This site is blocked: bad.example "
	    "(Malicious Websites); blocked by the web filter [blocked, "
	    "policy 11, session 141985, gw1]\n");
	p.host = NASTY;
	answer(&p);
	ck_assert_ptr_eq(strchr(body.s, '\n'), body.s + body.len - 1);
	p.bare = true;
	answer(&p);
	ck_assert_uint_eq(body.len, 0);
	ck_assert(!wad_page_wants_html(NULL));
	ck_assert(!wad_page_wants_html("*/*"));
	ck_assert(!wad_page_wants_html("image/avif,image/webp,*/*;q=0.8"));
	ck_assert(wad_page_wants_html("text/html,application/xhtml+xml"));
	ck_assert(wad_page_wants_html("Text/HTML;q=0.9"));
	over();
}
END_TEST

START_TEST(test_form)
{
	struct wad_page p = blocked;

	p.id = WAD_PAGE_FTGD_WARNING;
	p.action = "/.openwad/warn?a=1&b=2";
	p.token = "abc.DEF-1_2";
	answer(&p);
	has("<form method=\"post\" action=\"/.openwad/warn?a=1&amp;b=2\">"
	    "<input type=\"hidden\" name=\"token\" value=\"abc.DEF-1_2\">"
	    "<button type=\"submit\">Open it anyway</button></form>");
	ck_assert_ptr_nonnull(strstr(wad_http_head_named(&res,
	    "Content-Security-Policy"), "form-action 'self'"));
	field("Referrer-Policy", "same-origin");
	over();
}
END_TEST

START_TEST(test_own)
{
	struct wad_page p = blocked;

	p.own_html = true;
	p.own = "<b>100%% of %%CATEGORY%% at %%HOSTNAME%%</b> %%NOTHING%%."
	    "%%URL%%|%%PROTOCOL%%|%%POLICY%%|%%SESSION%%|%%HTTP_ERR_CODE%%|"
	    "%%TITLE%%|%%URL%";
	answer(&p);
	field("Content-Type", "text/html; charset=utf-8");
	ck_assert_str_eq(body.s, "<b>100%% of Malicious Websites at "
	    "bad.example</b> .https://bad.example/x|https|11|141985|403|"
	    "This site is blocked|%%URL%");
	p.plain = true;			/* HTML is not for who reads none */
	answer(&p);
	field("Content-Type", "text/plain; charset=utf-8");
	has_not("<b>");
	p.own_html = false;
	p.own = "Blocked: %%CATEGORY%% <%%HOSTNAME%%>\n";
	for (int plain = 0; plain < 2; plain++) {
		p.plain = plain;
		answer(&p);
		field("Content-Type", "text/plain; charset=utf-8");
		ck_assert_str_eq(body.s,
		    "Blocked: Malicious Websites <bad.example>\n");
	}
	p.own = "";
	answer(&p);
	ck_assert_uint_eq(body.len, 0);
	over();
}
END_TEST

START_TEST(test_check)
{
	struct wad_str w = { 0 };

	wad_page_check("url-block", "%%URL%% %%CATEGORY%% 50%% off", true, &w);
	ck_assert_uint_eq(w.len, 0);
	wad_page_check("url-block", "a %%URI%% b %%FORTINET%%", true, &w);
	ck_assert_str_eq(w.s, "%%URI%% is not known here: nothing is shown "
	    "for it");
	w.len = 0;
	wad_page_check("ftgd-warning", "<p>no</p>", true, &w);
	ck_assert_ptr_nonnull(strstr(w.s, "users cannot go on"));
	w.len = 0;
	wad_page_check("ftgd-warning", "%%OVRD_FORM%%", true, &w);
	ck_assert_uint_eq(w.len, 0);
	wad_str_free(&w);
}
END_TEST

/* WCAG 2.1: relative luminance and contrast. */
static double
channel(unsigned v)
{
	double c = v / 255.0;

	return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double
luminance(const char *css, char name)
{
	char		 var[5] = { '-', '-', name, ':', '\0' };
	const char	*s = strstr(css, var);
	unsigned	 r, g, b;

	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(sscanf(s + 4, "#%2x%2x%2x", &r, &g, &b), 3);
	return 0.2126 * channel(r) + 0.7152 * channel(g) +
	    0.0722 * channel(b);
}

START_TEST(test_contrast)
{
	static const char pairs[][2] = { { 't', 'c' }, { 't', 'b' },
		{ 'm', 'c' }, { 'm', 'b' }, { 'w', 'k' } };
	const char *css[2];

	answer(&blocked);
	css[0] = strstr(body.s, ":root{");
	css[1] = strstr(css[0] + 1, ":root{");
	ck_assert_ptr_nonnull(css[1]);
	for (int dark = 0; dark < 2; dark++)
		for (size_t i = 0; i < 5; i++) {
			double a = luminance(css[dark], pairs[i][0]);
			double b = luminance(css[dark], pairs[i][1]);
			double c = a > b ? (a + .05) / (b + .05) :
			    (b + .05) / (a + .05);

			ck_assert_msg(c >= 4.5, "%c on %c, dark %d: %.2f",
			    pairs[i][0], pairs[i][1], dark, c);
		}
	over();
}
END_TEST

static char *
slurp(const char *path)
{
	struct wad_str	s = { 0 };
	char		buf[4096];
	size_t		n;
	FILE		*f = fopen(path, "r");

	if (f == NULL)
		return NULL;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		wad_str_addn(&s, buf, n);
	fclose(f);
	return wad_str_take(&s);
}

/* Every page, plain values and nasty ones, in each language given. */
static int
write_all(const char *dir, const char *const *files, int n_files)
{
	for (int f = -1; f < n_files; f++) {
		struct wad_page_lang *lang = NULL;
		const char	*base = f >= 0 ? strrchr(files[f], '/') : NULL;
		char		 tag[8] = "en", path[4096];

		if (f >= 0) {
			char *text = slurp(files[f]);

			if (text == NULL || base == NULL)
				return 1;
			snprintf(tag, sizeof(tag), "%.2s", base + 1);
			lang = wad_page_lang_new(tag, text, tag, NULL);
			free(text);
		}
		for (int i = 0; i < WAD_PAGE_N * 2; i++) {
			struct wad_page p = blocked;
			FILE		*out;

			p.id = (enum wad_page_id)(i / 2);
			p.lang = lang;
			if (i % 2 == 1) {
				p.host = p.reason = p.user = p.gateway = NASTY;
				p.url = "/<!--'\"&amp;" NASTY;
			}
			if (p.id == WAD_PAGE_FTGD_WARNING) {
				p.action = "/x";
				p.token = "t";
			}
			wad_page_answer(&p, &res, &body);
			snprintf(path, sizeof(path), "%s/%s-%s-%d.html", dir,
			    tag, wad_page_rows[p.id].name, i % 2);
			out = fopen(path, "w");
			if (out == NULL)
				return 1;
			fputs(body.s, out);
			fclose(out);
		}
		wad_page_lang_free(lang);
	}
	over();
	return 0;
}

int
main(int argc, char **argv)
{
	Suite	*s;
	TCase	*tc;

	if (argc > 1)
		return write_all(argv[1], (const char *const *)argv + 2,
		    argc - 2);
	s = suite_create("page");
	tc = tcase_create("page");
	tcase_add_test(tc, test_blocked);
	tcase_add_test(tc, test_escape);
	tcase_add_test(tc, test_long);
	tcase_add_test(tc, test_statuses);
	tcase_add_test(tc, test_plain);
	tcase_add_test(tc, test_form);
	tcase_add_test(tc, test_own);
	tcase_add_test(tc, test_check);
	tcase_add_test(tc, test_contrast);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
