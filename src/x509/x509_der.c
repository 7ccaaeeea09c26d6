/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks over tags and lengths.  Two readers that differ in what they make of
 * a signed certificate are a way around the stricter one, and OpenSSL is
 * lenient.
 */
#include "x509/x509_der.h"

enum { DEPTH_MAX = 32 };
enum { CLASS = 0xc0, CONSTRUCTED = 0x20, NUMBER = 0x1f };
enum { BOOLEAN = 1, SEQUENCE = 16, SET = 17 };

struct in {
	const uint8_t	*p;
	size_t		 left;
};

/* A tag number above 30: no leading zeros, and not smaller. */
static bool
long_tag(struct in *in)
{
	size_t n = 0;

	if (in->left == 0 || in->p[0] == 0x80)
		return false;
	while (n < in->left && n < 4 && (in->p[n] & 0x80) != 0)
		n++;
	if (n == in->left || n == 4 || (n == 0 && in->p[0] < NUMBER))
		return false;
	in->p += n + 1;
	in->left -= n + 1;
	return true;
}

/* A definite length in as few bytes as it takes. */
static bool
length(struct in *in, size_t *len)
{
	size_t n;

	if (in->left == 0)
		return false;
	*len = *in->p++;
	in->left--;
	if (*len < 0x80)
		return *len <= in->left;
	n = *len & 0x7f;
	if (n == 0 || n > 4 || n > in->left || in->p[0] == 0)
		return false;
	/* no leading zero byte, so only one byte can be one too many */
	*len = 0;
	for (; n > 0; n--, in->left--)
		*len = *len << 8 | *in->p++;
	return *len >= 0x80 && *len <= in->left;
}

static bool
value(struct in *in, int depth)
{
	struct in	inner;
	uint8_t		tag;
	size_t		len;

	if (in->left == 0 || depth > DEPTH_MAX)
		return false;
	tag = *in->p++;
	in->left--;
	if (((tag & NUMBER) == NUMBER && !long_tag(in)) || !length(in, &len))
		return false;
	inner = (struct in){ in->p, len };
	in->p += len;
	in->left -= len;
	if ((tag & CLASS) == 0) {
		bool parts = (tag & NUMBER) == SEQUENCE ||
		    (tag & NUMBER) == SET;

		if (parts != ((tag & CONSTRUCTED) != 0))
			return false;
		if (tag == BOOLEAN && (len != 1 || (inner.p[0] != 0 &&
		    inner.p[0] != 0xff)))
			return false;
	}
	if ((tag & CONSTRUCTED) != 0)
		while (inner.left > 0)
			if (!value(&inner, depth + 1))
				return false;
	return true;
}

bool
wad_x509_der_ok(const uint8_t *p, size_t len)
{
	struct in in = { p, len };

	return value(&in, 0) && in.left == 0;
}
