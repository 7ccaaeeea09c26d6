/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648, section 4).
 */
#include "base/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
wad_base64_encode(char *out, const void *p, size_t len)
{
	const unsigned char *in = p;
	char		    *to = out;

	for (; len > 0; in += 3) {
		size_t	 n = len < 3 ? len : 3;
		unsigned x = (unsigned)in[0] << 16 |
		    (n > 1 ? (unsigned)in[1] << 8 : 0) | (n > 2 ? in[2] : 0);

		*to++ = digits[x >> 18];
		*to++ = digits[x >> 12 & 63];
		*to++ = n > 1 ? digits[x >> 6 & 63] : '=';
		*to++ = n > 2 ? digits[x & 63] : '=';
		len -= n;
	}
	*to = '\0';
	return (size_t)(to - out);
}

long
wad_base64_decode(void *out, const char *s, size_t len)
{
	unsigned char	*to = out;
	size_t		 pad = 0;

	if (len % 4 != 0)
		return -1;
	while (pad < 2 && pad < len && s[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		unsigned x = 0;

		for (size_t k = i; k < i + 4; k++) {
			const char *d = k < len - pad && s[k] != '\0' ?
			    strchr(digits, s[k]) : digits;

			if (d == NULL || (k < len - pad && s[k] == '\0'))
				return -1;
			x = x << 6 | (unsigned)(d - digits);
		}
		*to++ = (unsigned char)(x >> 16);
		*to++ = (unsigned char)(x >> 8);
		*to++ = (unsigned char)x;
	}
	return (long)(len / 4 * 3 - pad);
}
