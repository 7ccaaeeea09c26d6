/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP addresses: reading, writing, comparing.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t v4mapped[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

int
wad_addr_from_sockaddr(struct wad_addr *a, const struct sockaddr *sa)
{
	memset(a, 0, sizeof(*a));
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in sin;

		memcpy(&sin, sa, sizeof(sin));
		a->family = AF_INET;
		a->port = ntohs(sin.sin_port);
		memcpy(a->ip, &sin.sin_addr, 4);
		return 0;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 sin6;

		memcpy(&sin6, sa, sizeof(sin6));
		a->port = ntohs(sin6.sin6_port);
		if (memcmp(&sin6.sin6_addr, v4mapped, 12) == 0) {
			a->family = AF_INET;
			memcpy(a->ip, sin6.sin6_addr.s6_addr + 12, 4);
			return 0;
		}
		a->family = AF_INET6;
		a->scope = sin6.sin6_scope_id;
		memcpy(a->ip, &sin6.sin6_addr, 16);
		return 0;
	}
	return -1;
}

socklen_t
wad_addr_to_sockaddr(const struct wad_addr *a, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->family == AF_INET) {
		struct sockaddr_in *sin = (struct sockaddr_in *)ss;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(a->port);
		memcpy(&sin->sin_addr, a->ip, 4);
		return sizeof(*sin);
	} else {
		struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;

		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(a->port);
		sin6->sin6_scope_id = a->scope;
		memcpy(&sin6->sin6_addr, a->ip, 16);
		return sizeof(*sin6);
	}
}

/* Most texts that are looked at are names, and most names show it in their
 * first letter. */
static bool
may_be_address(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)s[i]) && s[i] != '.' &&
		    s[i] != ':')
			return false;
	return len > 0;
}

int
wad_addr_parse(struct wad_addr *a, const char *s)
{
	char	 buf[WAD_ADDR_STRLEN];
	size_t	 len = strlen(s);

	memset(a, 0, sizeof(*a));
	if (len >= 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (len >= sizeof(buf) || !may_be_address(s, len))
		return -1;
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (inet_pton(AF_INET, buf, a->ip) == 1) {
		a->family = AF_INET;
		return 0;
	}
	if (inet_pton(AF_INET6, buf, a->ip) != 1)
		return -1;
	a->family = AF_INET6;
	if (memcmp(a->ip, v4mapped, 12) == 0) {
		memmove(a->ip, a->ip + 12, 4);
		memset(a->ip + 4, 0, 12);
		a->family = AF_INET;
	}
	return 0;
}

int
wad_addr_parse_port(struct wad_addr *a, const char *s)
{
	char		 buf[WAD_ADDR_STRLEN], *end;
	const char	*colon = strrchr(s, ':');
	unsigned long	 port;

	if (colon == NULL || (size_t)(colon - s) >= sizeof(buf))
		return -1;
	memcpy(buf, s, (size_t)(colon - s));
	buf[colon - s] = '\0';
	if (colon[1] < '0' || colon[1] > '9')
		return -1;
	port = strtoul(colon + 1, &end, 10);
	if (*end != '\0' || port > 65535)
		return -1;
	if (strchr(buf, ':') != NULL && buf[0] != '[')
		return -1;
	if (wad_addr_parse(a, buf) == -1)
		return -1;
	a->port = (uint16_t)port;
	return 0;
}

static int
mask_to_len(const char *mask, uint8_t *len)
{
	struct in_addr	in;
	uint32_t	m;

	if (inet_pton(AF_INET, mask, &in) != 1)
		return -1;
	m = ntohl(in.s_addr);
	if (m != 0 && (~m & (~m + 1)) != 0)
		return -1;
	*len = (uint8_t)__builtin_popcount(m);
	return 0;
}

int
wad_prefix_parse(struct wad_prefix *p, const char *s)
{
	char		 buf[WAD_ADDR_STRLEN * 2], *sep, *end;
	unsigned long	 len;

	if (strlen(s) >= sizeof(buf))
		return -1;
	strcpy(buf, s);
	sep = strpbrk(buf, "/ ");
	if (sep == NULL) {
		if (wad_addr_parse(&p->addr, buf) == -1)
			return -1;
		p->len = p->addr.family == AF_INET ? 32 : 128;
		return 0;
	}
	*sep++ = '\0';
	while (*sep == ' ')
		sep++;
	if (wad_addr_parse(&p->addr, buf) == -1)
		return -1;
	if (p->addr.family == AF_INET && strchr(sep, '.') != NULL)
		return mask_to_len(sep, &p->len);
	if (*sep < '0' || *sep > '9')
		return -1;
	len = strtoul(sep, &end, 10);
	if (*end != '\0' || len > (p->addr.family == AF_INET ? 32 : 128))
		return -1;
	p->len = (uint8_t)len;
	return 0;
}

const char *
wad_addr_ip_str(const struct wad_addr *a, char *buf)
{
	if (a->family != AF_INET && a->family != AF_INET6)
		return strcpy(buf, "-");
	inet_ntop(a->family, a->ip, buf, WAD_ADDR_STRLEN);
	return buf;
}

const char *
wad_addr_str(const struct wad_addr *a, char *buf)
{
	char ip[WAD_ADDR_STRLEN];

	wad_addr_ip_str(a, ip);
	snprintf(buf, WAD_ADDR_STRLEN,
	    a->family == AF_INET6 ? "[%.46s]:%u" : "%.46s:%u", ip, a->port);
	return buf;
}

static size_t
ip_len(const struct wad_addr *a)
{
	return a->family == AF_INET ? 4 : 16;
}

bool
wad_addr_ip_equal(const struct wad_addr *a, const struct wad_addr *b)
{
	return a->family == b->family &&
	    memcmp(a->ip, b->ip, ip_len(a)) == 0;
}

bool
wad_addr_equal(const struct wad_addr *a, const struct wad_addr *b)
{
	return a->port == b->port && wad_addr_ip_equal(a, b);
}

int
wad_addr_ip_cmp(const struct wad_addr *a, const struct wad_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->ip, b->ip, ip_len(a));
}

bool
wad_prefix_holds(const struct wad_prefix *p, const struct wad_addr *a)
{
	unsigned whole = p->len / 8, rest = p->len % 8;

	if (p->addr.family != a->family)
		return false;
	if (memcmp(p->addr.ip, a->ip, whole) != 0)
		return false;
	return rest == 0 ||
	    ((p->addr.ip[whole] ^ a->ip[whole]) >> (8 - rest)) == 0;
}

bool
wad_addr_is_loopback(const struct wad_addr *a)
{
	static const uint8_t zero[15];

	if (a->family == AF_INET)
		return a->ip[0] == 127 || a->ip[0] == 0;
	return memcmp(a->ip, zero, 15) == 0 && a->ip[15] <= 1;
}

bool
wad_addr_is_linklocal(const struct wad_addr *a)
{
	if (a->family == AF_INET)
		return a->ip[0] == 169 && a->ip[1] == 254;
	return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool
wad_addr_is_multicast(const struct wad_addr *a)
{
	if (a->family == AF_INET)
		return a->ip[0] >= 224;
	return a->ip[0] == 0xff;
}

bool
wad_addr_embedded(const struct wad_addr *a, struct wad_addr *v4)
{
	static const uint8_t	nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	static const uint8_t	zero[12];
	const uint8_t		*at;

	if (a->family != AF_INET6)
		return false;
	if (memcmp(a->ip, nat64, 12) == 0 || memcmp(a->ip, zero, 12) == 0)
		at = a->ip + 12;
	else if (a->ip[0] == 0x20 && a->ip[1] == 0x02)
		at = a->ip + 2;
	else
		return false;
	memset(v4, 0, sizeof(*v4));
	v4->family = AF_INET;
	v4->port = a->port;
	memcpy(v4->ip, at, 4);
	return true;
}

bool
wad_addr_is_internal(const struct wad_addr *a)
{
	static const struct wad_prefix v4[] = {
		{ { .family = AF_INET, .ip = { 10 } }, 8 },
		{ { .family = AF_INET, .ip = { 100, 64 } }, 10 },
		{ { .family = AF_INET, .ip = { 172, 16 } }, 12 },
		{ { .family = AF_INET, .ip = { 192, 0, 0 } }, 24 },
		{ { .family = AF_INET, .ip = { 192, 0, 2 } }, 24 },
		{ { .family = AF_INET, .ip = { 192, 88, 99 } }, 24 },
		{ { .family = AF_INET, .ip = { 192, 168 } }, 16 },
		{ { .family = AF_INET, .ip = { 198, 18 } }, 15 },
		{ { .family = AF_INET, .ip = { 198, 51, 100 } }, 24 },
		{ { .family = AF_INET, .ip = { 203, 0, 113 } }, 24 },
	};
	/* Of IPv6 only 2000::/3 is given out; of that, protocols (Teredo among
	 * them) and documentation are not. */
	static const struct wad_prefix v6[] = {
		{ { .family = AF_INET6, .ip = { 0x20, 0x01 } }, 23 },
		{ { .family = AF_INET6, .ip = { 0x20, 0x01, 0x0d, 0xb8 } },
		    32 },
		{ { .family = AF_INET6, .ip = { 0x3f, 0xff } }, 20 },
	};
	const struct wad_prefix	*p = a->family == AF_INET ? v4 : v6;
	size_t			 n = a->family == AF_INET ?
				    sizeof(v4) / sizeof(v4[0]) :
				    sizeof(v6) / sizeof(v6[0]);
	struct wad_addr		 inner;

	if (a->family != AF_INET && a->family != AF_INET6)
		return true;
	if (wad_addr_is_loopback(a) || wad_addr_is_linklocal(a) ||
	    wad_addr_is_multicast(a))
		return true;
	if (wad_addr_embedded(a, &inner))
		return wad_addr_is_internal(&inner);
	if (a->family == AF_INET6 && (a->ip[0] & 0xe0) != 0x20)
		return true;
	for (size_t i = 0; i < n; i++)
		if (wad_prefix_holds(&p[i], a))
			return true;
	return false;
}
