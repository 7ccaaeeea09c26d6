/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/h1_body.c: where bodies end, and what their bytes are.
 */
#include <check.h>
#include <string.h>

#include "http/h1_body.h"
#include "suite.h"

enum { BAD = -1, MORE = -2 };

/* How many of these bytes belong to the body, up to its trailers; of them
 * *data are content. */
static long
feed(struct wad_h1_body *b, const char *s, size_t len, size_t *data)
{
	const uint8_t		*p = (const uint8_t *)s;
	enum wad_h1_piece	 what;
	size_t			 at = 0, n;

	while (at < len && !b->done) {
		n = wad_h1_body_next(b, p + at, len - at, &what);
		if (what == WAD_H1_BAD) {
			ck_assert_ptr_nonnull(b->error);
			return BAD;
		}
		if (what == WAD_H1_TRAILERS) {
			wad_h1_body_trailed(b);
			break;
		}
		ck_assert(n > 0 && n <= len - at);
		if (what == WAD_H1_DATA)
			*data += n;
		at += n;
	}
	return (long)at;
}

START_TEST(test_length)
{
	struct wad_h1_body	b;
	size_t			data = 0;

	wad_h1_body_begin(&b, WAD_H1_LENGTH, 5);
	ck_assert(!b.done);
	ck_assert_int_eq(feed(&b, "abc", 3, &data), 3);
	ck_assert(!b.done);
	ck_assert_int_eq(feed(&b, "deGET", 5, &data), 2);
	ck_assert(b.done);
	ck_assert_uint_eq(data, 5);
	wad_h1_body_begin(&b, WAD_H1_LENGTH, 0);
	ck_assert(b.done);
	wad_h1_body_begin(&b, WAD_H1_NONE, 7);
	ck_assert(b.done);
	wad_h1_body_begin(&b, WAD_H1_UNTIL_CLOSE, 0);
	ck_assert_int_eq(feed(&b, "0\r\n\r\n", 5, &data), 5);
	ck_assert(!b.done);
	ck_assert_uint_eq(data, 10);
}
END_TEST

/* ends: bytes up to where the trailers begin, also when there are none; BAD;
 * or MORE. */
static const struct { const char *text; long ends; size_t data; } chunks[] = {
	{ "0\r\n\r\n", 3, 0 },
	{ "5\r\nhello\r\n0\r\n\r\nGET /", 13, 5 },
	{ "1\r\na\r\nA\r\n0123456789\r\n00\r\n\r\n", 25, 11 },
	{ "5;a=b\r\nhello\r\n0;x\r\n\r\n", 19, 5 },
	{ "0\r\nX: y\r\n\r\n", 3, 0 },
	{ "5\r\nhel", MORE, 3 },
	{ "fffffffffffffff\r\nx", MORE, 1 },
	{ "ffffffffffffffff\r\n", BAD, 0 },
	{ "0000000000000005\r\n", BAD, 0 },
	{ "10000000000000000\r\n", BAD, 0 },
	{ "\r\n", BAD, 0 }, { "5\nhello", BAD, 0 },
	{ "5\r\nhello\n", BAD, 5 }, { "5\r\nhelloX", BAD, 5 },
	{ "5 \r\nhello\r\n", BAD, 0 }, { " 5\r\nhello\r\n", BAD, 0 },
	{ "5;a\nb\r\n", BAD, 0 }, { "5;a\x7f\r\n", BAD, 0 },
	{ "0x5\r\nhello\r\n", BAD, 0 }, { "-5\r\n", BAD, 0 },
	{ "+5\r\n", BAD, 0 }, { "5\r\rhello", BAD, 0 },
};

/* The same for every cut in two. */
START_TEST(test_chunked)
{
	const char	*s = chunks[_i].text;
	size_t		 len = strlen(s);

	for (size_t cut = 0; cut <= len; cut++) {
		struct wad_h1_body	b;
		size_t			data = 0;
		long			n, m = 0;

		wad_h1_body_begin(&b, WAD_H1_CHUNKED, 0);
		n = feed(&b, s, cut, &data);
		if (n >= 0)
			m = feed(&b, s + n, len - (size_t)n, &data);
		n = n < 0 || m < 0 ? BAD : b.done ? n + m : MORE;
		ck_assert_msg(n == chunks[_i].ends, "%ld at cut %zu: %s", n,
		    cut, s);
		ck_assert_uint_eq(data, chunks[_i].data);
		if (n == BAD)
			ck_assert_int_eq(feed(&b, "0", 1, &data), BAD);
	}
}
END_TEST

/* Every state of the decoder against every byte: exactly these are taken. */
START_TEST(test_table)
{
	static const struct { const char *before, *next; } t[] = {
		{ "", "0123456789abcdefABCDEF" },
		{ "5", "0123456789abcdefABCDEF\r;" },
		{ "000000000000005", "\r;" },
		{ "5\r", "\n" }, { "1\r\na", "\r" }, { "1\r\na\r", "\n" },
		{ "1\r\na\r\n", "0123456789abcdefABCDEF" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (int c = 0; c < 256; c++) {
			struct wad_h1_body	b;
			char			byte = (char)c;
			size_t			data = 0;

			wad_h1_body_begin(&b, WAD_H1_CHUNKED, 0);
			ck_assert_int_eq(feed(&b, t[i].before,
			    strlen(t[i].before), &data),
			    strlen(t[i].before));
			ck_assert_int_eq(feed(&b, &byte, 1, &data), c != 0 &&
			    strchr(t[i].next, c) != NULL ? 1 : BAD);
		}
}
END_TEST

START_TEST(test_long_extension)
{
	struct wad_h1_body	b;
	size_t			data = 0;
	char			s[2000];

	memset(s, 'x', sizeof(s));
	memcpy(s, "5;", 2);
	wad_h1_body_begin(&b, WAD_H1_CHUNKED, 0);
	ck_assert_int_eq(feed(&b, s, sizeof(s), &data), BAD);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("h1_body");
	TCase	*tc = tcase_create("h1_body");

	tcase_add_loop_test(tc, test_chunked, 0,
	    (int)(sizeof(chunks) / sizeof(chunks[0])));
	tcase_add_test(tc, test_length);
	tcase_add_test(tc, test_table);
	tcase_add_test(tc, test_long_extension);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
