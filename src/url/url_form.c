/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one form of hosts and paths.
 */
#include "url/url_form.h"

#include <idn2.h>

#include <stdint.h>
#include <string.h>

#include "base/xmem.h"

enum { IDN_MAX = 1024 };

/* ---- hosts ---- */

static bool
ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] > 0x7f)
			return false;
	return true;
}

int
wad_url_form_host(char dst[WAD_HOST_MAX], const char *s, size_t len)
{
	char	 name[IDN_MAX + 1];
	uint8_t	*a = NULL;
	int	 ret = -1;

	if (ascii(s, len))
		return wad_str_host_canon(dst, s, len);
	if (len > IDN_MAX || memchr(s, '\0', len) != NULL)
		return -1;
	memcpy(name, s, len);
	name[len] = '\0';
	if (idn2_lookup_u8((const uint8_t *)name, &a,
	    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
		ret = wad_str_host_canon(dst, (const char *)a,
		    strlen((const char *)a));
	idn2_free(a);
	return ret;
}

/* ---- bytes ---- */

struct part {
	const char	*s;
	size_t		 len;
};

static bool
is_escape(const struct part *p)
{
	return p->s[0] == '%' && p->len >= 3 && wad_str_hex(p->s[1]) >= 0 &&
	    wad_str_hex(p->s[2]) >= 0;
}

/* The next byte of a part: as it is or from %HH. */
static unsigned char
next_byte(struct part *p)
{
	unsigned char	b = (unsigned char)p->s[0];
	size_t		n = 1;

	if (is_escape(p)) {
		b = (unsigned char)(wad_str_hex(p->s[1]) << 4 | wad_str_hex(p->s[2]));
		n = 3;
	}
	p->s += n;
	p->len -= n;
	return b;
}

/* What may stand in a path: as it is and for its escape (PLAIN), only as it is
 * (OWN), there and in a query (QUERY).  RFC 3986 sections 2.3 and 3.3. */
enum { PLAIN = 1, OWN, QUERY };
#define P4(c) [c] = PLAIN, [(c) + 1] = PLAIN, [(c) + 2] = PLAIN, \
	[(c) + 3] = PLAIN
#define P26(c) P4(c), P4((c) + 4), P4((c) + 8), P4((c) + 12), \
	P4((c) + 16), P4((c) + 20), [(c) + 24] = PLAIN, [(c) + 25] = PLAIN
static const uint8_t kind[256] = {
	P26('a'), P26('A'), P4('0'), P4('4'), ['8'] = PLAIN, ['9'] = PLAIN,
	['-'] = PLAIN, ['.'] = PLAIN, ['_'] = PLAIN, ['~'] = PLAIN,
	['!'] = OWN, ['$'] = OWN, ['&'] = OWN, ['\''] = OWN, ['('] = OWN,
	[')'] = OWN, ['*'] = OWN, ['+'] = OWN, [','] = OWN, [';'] = OWN,
	['='] = OWN, [':'] = OWN, ['@'] = OWN, ['/'] = QUERY, ['?'] = QUERY,
};

/* Writes the next byte of a part in its form, up to 3 characters; how many.
 * An escaped ';' or '/' is not the character itself.  most: OWN or QUERY. */
static size_t
put_next(char *dst, struct part *p, uint8_t most)
{
	static const char	digits[] = "0123456789ABCDEF";
	bool			escaped = is_escape(p);
	unsigned char		b = next_byte(p);

	if (kind[b] != 0 && kind[b] <= (escaped ? PLAIN : most)) {
		dst[0] = (char)b;
		return 1;
	}
	dst[0] = '%';
	dst[1] = digits[b >> 4];
	dst[2] = digits[b & 15];
	return 3;
}

/* How many dots the part is: 1 or 2; 0 when it is something else. */
static unsigned
dots(struct part p)
{
	unsigned n = 0;

	while (p.len > 0)
		if (next_byte(&p) != '.' || ++n > 2)
			return 0;
	return n;
}

/* Cuts the next part off a path; *slash: a '/' stood before it. */
static struct part
next_part(struct part *rest, bool *slash)
{
	struct part p;

	*slash = rest->s[0] == '/';
	rest->s += *slash;
	rest->len -= *slash;
	for (p = (struct part){ rest->s, 0 }; p.len < rest->len &&
	    memchr("/?#", p.s[p.len], 3) == NULL; p.len++)
		;
	rest->s += p.len;
	rest->len -= p.len;
	return p;
}

static bool
at_end(const struct part *rest)
{
	return rest->len == 0 || rest->s[0] == '?' || rest->s[0] == '#';
}

/* ---- paths ---- */

/* Room for n more bytes as escapes, and the end. */
static char *
reserve(struct wad_str *d, size_t n)
{
	size_t need = d->len + n * 3 + 3;

	if (need > d->cap) {
		d->cap = need * 2;
		d->s = wad_xrealloc(d->s, d->cap, 1);
	}
	return d->s + d->len;
}

void
wad_url_form_path(struct wad_str *d, const char *src, size_t len)
{
	struct part	 rest = { src, len };
	char		*begin = reserve(d, len), *at = begin;
	bool		 open = true, slash;	/* open: ends with '/' */

	while (!at_end(&rest)) {
		struct part	p = next_part(&rest, &slash);
		unsigned	n = dots(p);

		open = p.len == 0 || n > 0;
		if (n == 2)
			while (at > begin && *--at != '/')
				;
		if (open)
			continue;
		for (*at++ = '/'; p.len > 0;)
			at += put_next(at, &p, OWN);
	}
	if (open || at == begin)
		*at++ = '/';
	if (rest.len > 0 && rest.s[0] == '?') {
		for (*at++ = '?', rest.s++, rest.len--; rest.len > 0 &&
		    rest.s[0] != '#';)
			at += put_next(at, &rest, QUERY);
	}
	*at = '\0';
	d->len = (size_t)(at - d->s);
}

/* How many bytes at s stand for a slash, with which some servers part a path;
 * 0: none do. */
static size_t
odd_slash(const char *s)
{
	if (*s == '\\')
		return 1;
	return s[0] == '%' && ((s[1] == '2' && (s[2] | 0x20) == 'f') ||
	    (s[1] == '5' && (s[2] | 0x20) == 'c')) ? 3 : 0;
}

bool
wad_url_form_slashes(struct wad_str *d, const char *path)
{
	const char	*end = path + strcspn(path, "?"), *p = path;
	size_t		 n;

	while (p < end && odd_slash(p) == 0)
		p++;
	if (p == end)
		return false;
	for (p = path; p < end; p += n > 0 ? n : 1) {
		n = odd_slash(p);
		wad_str_addn(d, n > 0 ? "/" : p, 1);
	}
	wad_str_add(d, end);
	return true;
}

void
wad_url_form_glob(struct wad_str *d, const char *src, size_t len)
{
	struct part	 rest = { src, len };
	char		*at = reserve(d, len);

	while (rest.len > 0)
		if (rest.s[0] == '%' && !is_escape(&rest)) {
			*at++ = '%';	/* "%*": any escape */
			rest.s++;
			rest.len--;
		} else
			at += put_next(at, &rest, QUERY);
	*at = '\0';
	d->len = (size_t)(at - d->s);
}

/* Adds "/part" when it fits; the new length, or 0. */
static size_t
add_part(char *dst, size_t at, size_t size, struct part p)
{
	char	one[3];
	size_t	n;

	if (at + 1 >= size)
		return 0;
	for (dst[at++] = '/'; p.len > 0; at += n) {
		n = put_next(one, &p, OWN);
		if (at + n >= size)
			return 0;
		memcpy(dst + at, one, n);
	}
	return at;
}

size_t
wad_url_form_key(char *dst, size_t size, const char *src, size_t len,
    bool *cut)
{
	struct part	part[WAD_URL_SEGMENTS], rest = { src, len };
	size_t		depth = 0, at = 0, n;
	bool		slash;

	while (!at_end(&rest)) {
		struct part p = next_part(&rest, &slash);

		if (p.len == 0 || dots(p) == 1)
			continue;
		if (dots(p) == 2) {
			depth -= depth > 0;
			continue;
		}
		if (depth < WAD_URL_SEGMENTS)
			part[depth] = p;
		depth++;
	}
	for (n = 0; n < depth && n < WAD_URL_SEGMENTS; n++) {
		size_t to = add_part(dst, at, size, part[n]);

		if (to == 0)
			break;
		at = to;
	}
	dst[at] = '\0';
	*cut = n < depth;
	return at;
}
