/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a body as it passes.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "worker/content_text.h"
#include "suite.h"

static char	all[200000];	/* what was shown; windows overlap */
static size_t	shown, windows;
static bool	found;

static void
show(void *arg, const char *text, size_t len)
{
	windows++;
	if (arg != NULL && memmem(text, len, arg, strlen(arg)) != NULL)
		found = true;
	ck_assert_uint_le(len, 16 * 1024);
	if (shown + len < sizeof(all)) {
		memcpy(all + shown, text, len);
		shown += len;
		all[shown] = '\0';
	}
}

static void
setup(void)
{
	shown = windows = 0;
	found = false;
	all[0] = '\0';
}

/* Packs; bits as deflateInit2 has them. */
static size_t
pack(uint8_t *dst, size_t size, const void *src, size_t len, int bits)
{
	z_stream z = { 0 };

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, bits, 8,
	    Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (z_const Bytef *)(uintptr_t)src;
	z.avail_in = (uInt)len;
	z.next_out = dst;
	z.avail_out = (uInt)size;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	size = z.total_out;
	deflateEnd(&z);
	return size;
}

START_TEST(codings)
{
	ck_assert_int_eq(wad_text_coding_of(NULL), WAD_TEXT_PLAIN);
	ck_assert_int_eq(wad_text_coding_of("GZip"), WAD_TEXT_GZIP);
	ck_assert_int_eq(wad_text_coding_of("deflate"), WAD_TEXT_DEFLATE);
	ck_assert_int_eq(wad_text_coding_of("br"), WAD_TEXT_UNKNOWN);
	ck_assert_int_eq(wad_text_coding_of("gzip, gzip"), WAD_TEXT_UNKNOWN);
}
END_TEST

static const char *
text_of(const char *in, size_t len, bool latin1, size_t piece)
{
	struct wad_text *t = wad_text_new(WAD_TEXT_PLAIN, latin1);

	setup();
	for (size_t i = 0; i < len; i += piece)
		ck_assert_int_eq(wad_text_add(t, in + i, i + piece < len ?
		    piece : len - i, show, NULL), 0);
	ck_assert_int_eq(wad_text_add(t, NULL, 0, show, NULL), 0);
	wad_text_free(t);
	return all;
}

START_TEST(charsets)
{
	ck_assert_str_eq(text_of("\xc3\xbc-\xfc-\xe2\x82\xac", 8, false, 99),
	    "\xc3\xbc-\xc3\xbc-\xe2\x82\xac");
	ck_assert_str_eq(text_of("\xc3\xbc", 2, true, 99),
	    "\xc3\x83\xc2\xbc");
	ck_assert_str_eq(text_of("\xe2\x82", 2, false, 99),
	    "\xc3\xa2\xc2\x82");
	ck_assert_str_eq(text_of("\xe2\x82z", 3, false, 99),
	    "\xc3\xa2\xc2\x82z");
	ck_assert_str_eq(text_of("a\0b", 3, false, 99), "a");
	/* a character across pieces is one */
	text_of("x\xe2\x82\xacy", 5, false, 1);
	ck_assert_ptr_nonnull(strstr(all, "x\xe2\x82\xacy"));
}
END_TEST

/* A word across any two pieces is seen in one window. */
START_TEST(across)
{
	char	text[5000];
	char	*word = (char[]){ "the-word" };

	memset(text, '.', sizeof(text));
	memcpy(text + 2500, word, 8);
	for (size_t piece = 1; piece < 3000; piece = piece * 3 / 2 + 1) {
		struct wad_text *t = wad_text_new(WAD_TEXT_PLAIN, false);

		setup();
		for (size_t i = 0; i < sizeof(text); i += piece)
			wad_text_add(t, text + i, i + piece < sizeof(text) ?
			    piece : sizeof(text) - i, show, word);
		ck_assert_msg(found, "pieces of %zu", piece);
		wad_text_free(t);
	}
}
END_TEST

START_TEST(packed)
{
	static const struct { int bits; enum wad_text_coding coding; } t[] = {
		{ 31, WAD_TEXT_GZIP }, { 15, WAD_TEXT_DEFLATE },
		{ -15, WAD_TEXT_DEFLATE } };
	const char	*text = "some text, some text, and the end";
	uint8_t		 p[200];

	for (size_t k = 0; k < 3; k++)
		for (size_t piece = 1; piece < 50; piece += 7) {
			size_t		 n = pack(p, sizeof(p), text,
				strlen(text), t[k].bits);
			struct wad_text	*x = wad_text_new(t[k].coding, false);

			setup();
			for (size_t i = 0; i < n; i += piece)
				ck_assert_int_eq(wad_text_add(x, p + i,
				    i + piece < n ? piece : n - i, show,
				    (void *)(uintptr_t)"text, and the end"),
				    0);
			ck_assert(found);
			wad_text_free(x);
		}
}
END_TEST

START_TEST(members)
{
	struct wad_text	*x = wad_text_new(WAD_TEXT_GZIP, false);
	uint8_t		 p[200];
	size_t		 n = pack(p, 100, "one ", 4, 31);

	n += pack(p + n, 90, "two", 3, 31);
	memcpy(p + n, "garbage", 7);
	ck_assert_int_eq(wad_text_add(x, p, n + 7, show, NULL), 0);
	ck_assert_str_eq(all, "one two");
	ck_assert_int_eq(wad_text_add(x, "more", 4, show, NULL), 0);
	wad_text_free(x);
	x = wad_text_new(WAD_TEXT_GZIP, false);
	ck_assert_int_eq(wad_text_add(x, "no gzip", 7, show, NULL), -1);
	wad_text_free(x);
	wad_text_free(NULL);
}
END_TEST

START_TEST(bounds)
{
	struct wad_text	*x = wad_text_new(WAD_TEXT_GZIP, false);
	size_t		 len = 40u << 20, n;
	uint8_t		*zero = calloc(1, len), *p = malloc(1 << 20);
	int		 r = 0;

	n = pack(p, 1 << 20, zero, len, 31);
	ck_assert_int_eq(wad_text_add(x, p, n, show, NULL), -1);
	ck_assert_uint_lt(windows, 700);	/* it did not go on */
	wad_text_free(x);
	x = wad_text_new(WAD_TEXT_PLAIN, false);
	for (size_t i = 0; i < 40 && r == 0; i++) {
		ck_assert_uint_lt(i, 12);
		r = wad_text_add(x, zero, 1 << 20, show, NULL);
	}
	ck_assert_int_eq(r, 1);
	wad_text_free(x);
	free(zero);
	free(p);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("content_text");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, codings);
	tcase_add_test(t, charsets);
	tcase_add_test(t, across);
	tcase_add_test(t, packed);
	tcase_add_test(t, members);
	tcase_add_test(t, bounds);
	suite_add_tcase(s, t);
	return suite_run(s);
}
