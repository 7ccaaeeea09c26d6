/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of warnings: for one client on one site, whole, and not for ever.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "worker/warn_token.h"
#include "suite.h"

static const uint8_t		key[WAD_WARN_KEY] = "a key";
static struct wad_addr		client;
static struct wad_warn_bind	bind_;
static char			text[WAD_WARN_TOKEN_MAX];
static struct wad_warn_token	t;

static void
setup(void)
{
	ck_assert_int_eq(wad_addr_parse(&client, "192.0.2.1"), 0);
	bind_ = (struct wad_warn_bind){ .client = &client, .user = "alice",
		.host = "www.example.com", .port = 443, .https = true };
	wad_warn_token_make(text, key, &bind_, 1000000, 77, "/a?b=c&d");
}

static bool
reads(const struct wad_warn_bind *b)
{
	return wad_warn_token_read(&t, text, key, b) == 0;
}

START_TEST(comes_back)
{
	ck_assert(reads(&bind_));
	ck_assert_str_eq(t.url, "/a?b=c&d");
	ck_assert_int_eq(t.made, 1000000);
	ck_assert_uint_eq(t.stamp, 77);
}
END_TEST

/* Every digit of it counts, and so does its length. */
START_TEST(tampered)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		text[i] = was == '0' ? '1' : '0';
		ck_assert_msg(!reads(&bind_), "digit %zu", i);
		text[i] = 'g';
		ck_assert(!reads(&bind_));
		text[i] = was;
	}
	text[n - 1] = '\0';
	ck_assert(!reads(&bind_));
	text[n - 2] = '\0';
	ck_assert(!reads(&bind_));
	text[0] = '\0';
	ck_assert(!reads(&bind_));
}
END_TEST

START_TEST(for_whom_and_where)
{
	struct wad_warn_bind	b;
	struct wad_addr		other;
	uint8_t			k[WAD_WARN_KEY] = "another key";

	ck_assert_int_eq(wad_addr_parse(&other, "192.0.2.2"), 0);
	b = bind_; b.client = &other; ck_assert(!reads(&b));
	ck_assert_int_eq(wad_addr_parse(&other, "c000:201::"), 0);
	b = bind_; b.client = &other; ck_assert(!reads(&b));
	b = bind_; b.user = "bob"; ck_assert(!reads(&b));
	b = bind_; b.user = ""; ck_assert(!reads(&b));
	b = bind_; b.host = "example.com"; ck_assert(!reads(&b));
	b = bind_; b.port = 8443; ck_assert(!reads(&b));
	b = bind_; b.https = false; ck_assert(!reads(&b));
	/* what moves from one text into the next */
	b = bind_; b.user = "alicewww"; b.host = ".example.com";
	ck_assert(!reads(&b));
	ck_assert_int_eq(wad_warn_token_read(&t, text, k, &bind_), -1);
}
END_TEST

START_TEST(age)
{
	ck_assert(reads(&bind_));
	ck_assert(wad_warn_token_fresh(&t, 1000000));
	ck_assert(wad_warn_token_fresh(&t, 1000000 + WAD_WARN_AGE));
	ck_assert(!wad_warn_token_fresh(&t, 1000001 + WAD_WARN_AGE));
	ck_assert(!wad_warn_token_fresh(&t, 999999));
}
END_TEST

/* What could lead elsewhere, split a header or is too long is "/". */
START_TEST(urls)
{
	static const char *const odd[] = { "", "*", "http://evil.example/",
		"/a b", "/a\r\nX: y", "/\x80", "/\x7f" };
	char long_[WAD_WARN_URL_MAX + 2];

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		wad_warn_token_make(text, key, &bind_, 1, 2, odd[i]);
		ck_assert(reads(&bind_));
		ck_assert_str_eq(t.url, "/");
	}
	memset(long_, 'a', sizeof(long_));
	long_[0] = '/';
	long_[sizeof(long_) - 1] = '\0';
	wad_warn_token_make(text, key, &bind_, 1, 2, long_);
	ck_assert(reads(&bind_));
	ck_assert_str_eq(t.url, "/");
	long_[WAD_WARN_URL_MAX] = '\0';
	wad_warn_token_make(text, key, &bind_, 1, 2, long_);
	ck_assert(reads(&bind_));
	ck_assert_str_eq(t.url, long_);
	ck_assert_uint_eq(strlen(text), WAD_WARN_TOKEN_MAX - 1);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("warn_token");
	TCase	*c = tcase_create("token");

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, comes_back);
	tcase_add_test(c, tampered);
	tcase_add_test(c, for_whom_and_where);
	tcase_add_test(c, age);
	tcase_add_test(c, urls);
	suite_add_tcase(s, c);
	return suite_run(s);
}
