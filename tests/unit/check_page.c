/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/page.c: the response is whole, says what it must, and nothing of a
 * stranger becomes markup.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "http/page.h"

static const struct wad_page blocked = {
	.status = 403, .host = "bad.example",
	.url = "http://bad.example/x?token=SECRET",
	.category = "Malicious Websites", .reason = "blocked by the web filter",
	.reason_name = "blocked", .policy = 11, .session = 141985,
	.gateway = "gw1"
};

static void
has(const struct wad_str *s, const char *text)
{
	ck_assert_msg(strstr(s->s, text) != NULL, "no \"%s\" in: %s", text,
	    s->s);
}

static void
has_not(const struct wad_str *s, const char *text)
{
	ck_assert_msg(strstr(s->s, text) == NULL, "\"%s\" in: %s", text, s->s);
}

/* The length in the head is that of the body. */
static const char *
body(const struct wad_str *s)
{
	const char *len = strstr(s->s, "\r\nContent-Length: ");
	const char *b = strstr(s->s, "\r\n\r\n");

	ck_assert_ptr_nonnull(len);
	ck_assert_ptr_nonnull(b);
	b += 4;
	ck_assert_uint_eq(strtoul(len + 18, NULL, 10), strlen(b));
	ck_assert_uint_eq(strlen(s->s), s->len);
	return b;
}

START_TEST(test_blocked)
{
	struct wad_str s = { 0 };

	wad_page_write(&blocked, &s);
	ck_assert(strncmp(s.s, "HTTP/1.1 403 Forbidden\r\n", 24) == 0);
	ck_assert(strncmp(body(&s), "<!DOCTYPE html>", 15) == 0);
	has(&s, "\r\nContent-Type: text/html; charset=utf-8\r\n");
	has(&s, "\r\nCache-Control: no-store\r\n");
	has(&s, "\r\nConnection: close\r\n");
	has(&s, "\r\nX-Content-Type-Options: nosniff\r\n");
	has(&s, "\r\nContent-Security-Policy: default-src 'none'; "
	    "style-src 'unsafe-inline';");
	has(&s, "\r\nDate: ");
	has(&s, " GMT\r\n");
	has(&s, "Access to this site is blocked");
	has(&s, "bad.example");
	has(&s, "Malicious Websites");
	has(&s, "blocked by the web filter");
	has(&s, "<code>blocked</code>");
	has(&s, "<td>11</td>");
	has(&s, "<td>141985</td>");
	has(&s, "gw1");
	has(&s, "http://bad.example/x<");
	has_not(&s, "SECRET");
	/* Nothing from elsewhere, nothing that runs. */
	has_not(&s, "<script");
	has_not(&s, "src=");
	has_not(&s, "href=");
	has_not(&s, "@import");
	wad_str_free(&s);
}
END_TEST

START_TEST(test_escape)
{
	struct wad_page p = blocked;
	struct wad_str	s = { 0 };
	char		url[5000];

	memset(url, '<', sizeof(url) - 1);
	url[sizeof(url) - 1] = '\0';
	p.url = url;
	p.host = "<script>alert('1')</script>";
	p.title = "a & \"b\"";
	p.category = "x\r\nSet-Cookie: a=b\x1b[2J\xff";
	p.gateway = "</code><img>";
	wad_page_write(&p, &s);
	body(&s);
	has_not(&s, "<script");
	has_not(&s, "<img>");
	has(&s, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
	has(&s, "a &amp; ");
	has_not(&s, "\nSet-Cookie");
	has_not(&s, "\x1b");
	has_not(&s, "\xff");
	has(&s, "&lt;/code&gt;&lt;img&gt;");
	ck_assert_uint_lt(s.len, 8000);
	wad_str_free(&s);
}
END_TEST

START_TEST(test_statuses)
{
	static const int t[] = { 400, 403, 405, 408, 411, 413, 414, 417, 421,
		431, 500, 501, 502, 503, 504, 505, 508, 511, 599 };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wad_page p = { .status = t[i] };
		struct wad_str	s = { 0 };

		wad_page_write(&p, &s);
		ck_assert_int_eq(atoi(s.s + 9), t[i]);
		body(&s);
		has_not(&s, "(null)");
		if (t[i] == 405)
			has(&s, "\r\nAllow: ");
		wad_str_free(&s);
	}
}
END_TEST

START_TEST(test_head)
{
	struct wad_str a = { 0 }, b = { 0 };

	wad_str_add(&a, "before");
	wad_page_write_head(&blocked, &a);
	wad_page_write(&blocked, &b);
	ck_assert(strncmp(a.s, "beforeHTTP/1.1 403", 18) == 0);
	ck_assert_str_eq(a.s + a.len - 4, "\r\n\r\n");
	ck_assert_uint_eq(strtoul(strstr(a.s, "Content-Length: ") + 16, NULL,
	    10), strlen(body(&b)));
	wad_str_free(&a);
	wad_str_free(&b);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("page");
	TCase	*tc = tcase_create("page");
	SRunner	*r;
	int	 failed;

	tcase_add_test(tc, test_blocked);
	tcase_add_test(tc, test_escape);
	tcase_add_test(tc, test_statuses);
	tcase_add_test(tc, test_head);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
