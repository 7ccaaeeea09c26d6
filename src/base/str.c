/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings.  Everything that came from the network passes wad_str_escape on
 * its way to a console or a log, and wad_str_host_canon before it is
 * compared with a name.
 */
#include "base/str.h"

#include <arpa/inet.h>

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/xmem.h"

static void
room(struct wad_str *b, size_t more)
{
	size_t need = b->len + more + 1;

	WAD_ASSERT(need > b->len);
	if (need <= b->cap)
		return;
	if (need < b->cap * 2)
		need = b->cap * 2;
	if (need < 64)
		need = 64;
	b->s = wad_xrealloc(b->s, need, 1);
	b->cap = need;
}

void
wad_str_addn(struct wad_str *b, const char *s, size_t len)
{
	room(b, len);
	if (len > 0)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void
wad_str_addz(struct wad_str *b, const char *s, size_t len)
{
	room(b, len + 1);
	if (len > 0)
		memcpy(b->s + b->len, s, len);
	b->len += len + 1;
	b->s[b->len - 1] = b->s[b->len] = '\0';
}

void
wad_str_add(struct wad_str *b, const char *s)
{
	wad_str_addn(b, s, strlen(s));
}

void
wad_str_vaddf(struct wad_str *b, const char *fmt, va_list ap)
{
	va_list	 again;
	int	 len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	WAD_ASSERT(len >= 0);
	room(b, (size_t)len);
	vsnprintf(b->s + b->len, (size_t)len + 1, fmt, ap);
	b->len += (size_t)len;
}

void
wad_str_addf(struct wad_str *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	wad_str_vaddf(b, fmt, ap);
	va_end(ap);
}

void
wad_str_free(struct wad_str *b)
{
	free(b->s);
	memset(b, 0, sizeof(*b));
}

char *
wad_str_take(struct wad_str *b)
{
	char *s = b->s != NULL ? b->s : wad_xstrdup("");

	memset(b, 0, sizeof(*b));
	return s;
}

const char *
wad_str_escape(char *dst, size_t size, const char *src, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t o = 0;

	WAD_ASSERT(size > 0);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)src[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			if (o + 1 >= size)
				break;
			dst[o++] = (char)c;
			continue;
		}
		if (o + 4 >= size)
			break;
		dst[o++] = '\\';
		dst[o++] = 'x';
		dst[o++] = hex[c >> 4];
		dst[o++] = hex[c & 15];
	}
	dst[o] = '\0';
	return dst;
}

/* The text form of an address literal, or -1 when it is none. */
static int
literal_canon(char dst[WAD_HOST_MAX], const char *src, size_t len)
{
	char		buf[64], ip[WAD_ADDR_STRLEN];
	struct wad_addr	a;

	if (len == 0 || len >= sizeof(buf))
		return -1;
	memcpy(buf, src, len);
	buf[len] = '\0';
	if (strchr(buf, '%') != NULL || strlen(buf) != len ||
	    wad_addr_parse(&a, buf) == -1)
		return -1;
	strcpy(dst, wad_addr_ip_str(&a, ip));
	return 0;
}

int
wad_str_host_canon(char dst[WAD_HOST_MAX], const char *src, size_t len)
{
	size_t label = 0;

	dst[0] = '\0';
	if (literal_canon(dst, src, len) == 0)
		return 0;
	if (len > 0 && src[len - 1] == '.') {
		len--;
		if (literal_canon(dst, src, len) == 0)
			return 0;	/* "10.0.0.1." reaches 10.0.0.1 too */
	}
	if (len == 0 || len >= WAD_HOST_MAX)
		return -1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)src[i];

		if (c == '.') {
			if (label == 0)
				goto bad;
			label = 0;
		} else if (isascii(c) &&
		    (isalnum(c) || c == '-' || c == '_')) {
			if (++label > 63)
				goto bad;
		} else
			goto bad;
		dst[i] = (char)tolower(c);
	}
	if (label == 0)
		goto bad;
	dst[len] = '\0';
	return 0;
bad:
	dst[0] = '\0';
	return -1;
}

int
wad_str_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
wad_str_wildcard(const char *p, const char *s)
{
	const char *star = NULL, *back = NULL;

	/* Go on after the last star only: linear in practice, never deep. */
	while (*s != '\0') {
		if (*p == '*') {
			star = p++;
			back = s;
		} else if (*p == '?' || tolower((unsigned char)*p) ==
		    tolower((unsigned char)*s)) {
			p++;
			s++;
		} else if (star != NULL) {
			p = star + 1;
			s = ++back;
		} else
			return false;
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

/* Levenshtein distance, cut off at 64 characters. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[65];
	size_t	 la = strnlen(a, 64), lb = strnlen(b, 64);

	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diag = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned up = row[j], v;

			v = diag + (a[i - 1] != b[j - 1]);
			if (up + 1 < v)
				v = up + 1;
			if (row[j - 1] + 1 < v)
				v = row[j - 1] + 1;
			diag = up;
			row[j] = v;
		}
	}
	return row[lb];
}

const char *
wad_str_nearest(const char *word, const char *const *list, size_t n)
{
	const char	*best = NULL;
	unsigned	 least = 4;
	size_t		 wl = strlen(word);

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, list[i]);

		/* a short word has near neighbours by accident */
		if (d < least && d * 2 <= wl) {
			least = d;
			best = list[i];
		}
	}
	if (best != NULL || wl < 2)
		return best;
	for (size_t i = 0; i < n; i++)	/* a beginning is a good guess too */
		if (strncasecmp(word, list[i], wl) == 0)
			return list[i];
	return NULL;
}

static unsigned long long hash_seed;

void
wad_str_hash_seed(unsigned long long seed)
{
	hash_seed = seed;
}

unsigned long long
wad_str_hash(unsigned long long h, const void *p, size_t len)
{
	const unsigned char *b = p;

	if (h == 0)
		h = 14695981039346656037ULL ^ hash_seed;
	while (len-- > 0)
		h = (h ^ *b++) * 1099511628211ULL;
	return h;
}
