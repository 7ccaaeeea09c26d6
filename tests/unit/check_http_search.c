/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_search.c: words of searches, and safe search.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "worker/http_search.h"
#include "suite.h"

static struct wad_http_head	h;
static struct wad_wf_profile	profile;

static void
setup(void)
{
	memset(&h, 0, sizeof(h));
	profile = (struct wad_wf_profile) { .safe_search = true };
}

static void
teardown(void)
{
	wad_http_head_free(&h);
}

static void
request(const char *host, const char *path)
{
	wad_http_head_reset(&h);
	h.minor = 1;
	strcpy(h.host, host);
	wad_http_head_path(&h, path);
}

static const struct { const char *host, *path, *becomes; } t[] = {
	{ "www.google.com", "/search?q=cat", "/search?q=cat&safe=active" },
	{ "www.google.co.uk", "/search?q=cat&safe=off&x",
	  "/search?q=cat&x&safe=active" },
	{ "google.de", "/search?safe=off&q=a", "/search?q=a&safe=active" },
	{ "www.google.de", "/search?%73afe=off&q=a&SAFE=off",
	  "/search?q=a&safe=active" },
	{ "images.google.com.au", "/?q=a", "/?q=a&safe=active" },
	{ "www.google.com", "/search?q=a&safe=active",
	  "/search?q=a&safe=active" },
	{ "www.google.com", "/maps", "/maps" },
	{ "www.notgoogle.com", "/search?q=a", "/search?q=a" },
	{ "google.evil.example", "/search?q=a", "/search?q=a" },
	{ "www.bing.com", "/images/search?q=a",
	  "/images/search?q=a&adlt=strict" },
	{ "de.search.yahoo.com", "/search;_x?p=a&vm=p",
	  "/search;_x?p=a&vm=r" },
	{ "yandex.ru", "/search/?text=a", "/search/?text=a&family=yes" },
	{ "yandex.com.tr", "/search/?text=a", "/search/?text=a&family=yes" },
	{ "duckduckgo.com", "/?q=a&kp=-2", "/?q=a&kp=1" },
	{ "www.youtube.com", "/results?search_query=a",
	  "/results?search_query=a" },
	{ "www.example.com", "/search?q=a", "/search?q=a" },
};

START_TEST(parameters)
{
	request(t[_i].host, t[_i].path);
	wad_http_search_safe(&profile, &h);
	ck_assert_str_eq(wad_http_text(&h, h.path), t[_i].becomes);
	ck_assert_uint_eq(h.n, 0);
	profile.safe_search = false;
	request(t[_i].host, t[_i].path);
	ck_assert(!wad_http_search_safe(&profile, &h));
	ck_assert_str_eq(wad_http_text(&h, h.path), t[_i].path);
}
END_TEST

START_TEST(headers)
{
	profile.safe_header = true;
	profile.youtube = WAD_YOUTUBE_STRICT;
	profile.vimeo = "134";
	request("www.bing.com", "/");
	ck_assert(wad_http_search_safe(&profile, &h));
	ck_assert_str_eq(wad_http_head_named(&h, "Prefer"), "safe");
	request("m.youtube.com", "/watch?v=1");
	wad_http_head_put(&h, "youtube-restrict", "none");
	ck_assert(wad_http_search_safe(&profile, &h));
	ck_assert_str_eq(wad_http_head_named(&h, "YouTube-Restrict"),
	    "Strict");
	profile.youtube = WAD_YOUTUBE_MODERATE;
	request("youtubei.googleapis.com", "/");
	h.minor = 2;
	wad_http_search_safe(&profile, &h);
	ck_assert_str_eq(wad_http_name(&h, &h.field[0]), "youtube-restrict");
	ck_assert_str_eq(wad_http_value(&h, &h.field[0]), "Moderate");
	request("player.vimeo.com", "/video/1");
	wad_http_head_put(&h, "Cookie", "a=1; content_rating=255; b=2");
	wad_http_head_put(&h, "Cookie", "c=3");
	wad_http_search_safe(&profile, &h);
	ck_assert_uint_eq(h.n, 1);
	ck_assert_str_eq(wad_http_head_named(&h, "Cookie"),
	    "a=1; b=2; c=3; content_rating=134");
	request("vimeo.com", "/");
	wad_http_search_safe(&profile, &h);
	ck_assert_str_eq(wad_http_head_named(&h, "Cookie"),
	    "content_rating=134");
	request("notvimeo.com", "/");
	ck_assert(!wad_http_search_safe(&profile, &h));
}
END_TEST

START_TEST(words)
{
	const char	*keys[] = { "", "Tiger cat" };
	struct wad_str	 w = { 0 };

	profile.keywords = keys;
	profile.n_keywords = 2;
	request("www.google.com", "/search?a=b&q=big+tiger%20cat%zz%2");
	ck_assert(wad_http_search_words(&h, &w));
	ck_assert_str_eq(w.s, "big tiger cat%zz%2");
	ck_assert_str_eq(wad_http_search_keyword(&profile, w.s),
	    "Tiger cat");
	ck_assert_ptr_null(wad_http_search_keyword(&profile, "big cat"));
	request("www.youtube.com", "/results?search_query=a%00b");
	ck_assert(wad_http_search_words(&h, &w));
	ck_assert_str_eq(w.s, "a");
	request("www.google.com", "/search?q=");
	ck_assert(!wad_http_search_words(&h, &w));
	request("www.example.com", "/search?q=a");
	ck_assert(!wad_http_search_words(&h, &w));
	wad_str_free(&w);
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("http_search");
	TCase	*tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, parameters, 0, (int)(sizeof(t) /
	    sizeof(t[0])));
	tcase_add_test(tc, headers);
	tcase_add_test(tc, words);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
