/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of public lists: plain names, UT1 and squidGuard files, hosts files
 * and CSV.  Every name leaves here in the form in which a connection's name
 * is looked up.
 */
#include "url/catdb_parse.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/str.h"

enum { NAMES_OF_LINE = 64, IDN_MAX = 1024 };

struct span {
	const char	*s;
	size_t		 len;
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span
trim(struct span s)
{
	while (s.len > 0 && blank(s.s[0])) {
		s.s++;
		s.len--;
	}
	while (s.len > 0 && blank(s.s[s.len - 1]))
		s.len--;
	return s;
}

/* Cuts a comment: '#' at the beginning or after a blank. */
static struct span
uncomment(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] == '#' && (i == 0 || blank(s.s[i - 1])))
			s.len = i;
	return trim(s);
}

static bool
has(struct span s, char c)
{
	return s.len > 0 && memchr(s.s, c, s.len) != NULL;
}

static bool
starts(struct span s, const char *with)
{
	size_t n = strlen(with);

	return s.len >= n && strncasecmp(s.s, with, n) == 0;
}

static struct span
skip(struct span s, size_t n)
{
	return (struct span){ s.s + n, s.len - n };
}

/* ".example.com" and "*.example.com" are ways to say example.com. */
static int
host_canon(char dst[WAD_HOST_MAX], struct span s, const char **why)
{
	if (starts(s, "*."))
		s = skip(s, 2);
	else if (s.len > 1 && s.s[0] == '.')
		s = skip(s, 1);
	if (wad_url_form_host(dst, s.s, s.len) == 0)
		return 0;
	*why = "not a host name";
	return -1;
}

/* Cuts the port off the host part; the rating is the same for all ports. */
static int
cut_port(struct span *host, const char **why)
{
	const char	*colon;
	struct span	 port;
	size_t		 end;

	if (host->len > 0 && host->s[0] == '[') {
		const char *close = memchr(host->s, ']', host->len);

		end = close != NULL ? (size_t)(close - host->s) + 1 :
		    host->len;
	} else {
		colon = host->len > 0 ? memchr(host->s, ':', host->len) : NULL;
		if (colon == NULL || has(skip(*host, (size_t)(colon -
		    host->s) + 1), ':'))
			return 0;	/* none, or an IPv6 address */
		end = (size_t)(colon - host->s);
	}
	port = skip(*host, end);
	host->len = end;
	if (port.len == 0)
		return 0;
	port = skip(port, 1);
	if (port.s[-1] != ':' || port.len > 5)
		goto bad;
	for (size_t i = 0; i < port.len; i++)
		if (port.s[i] < '0' || port.s[i] > '9')
			goto bad;
	return 0;
bad:
	*why = "not a port number";
	return -1;
}

size_t
wad_catdb_parse_url(const char *line, size_t len,
    char key[WAD_URL_DB_KEY_MAX], const char **why)
{
	struct span	s = trim((struct span){ line, len }), host;
	char		name[WAD_HOST_MAX], path[WAD_URL_DB_KEY_MAX];
	size_t		hlen, plen;
	bool		cut;

	if (starts(s, "http://"))
		s = skip(s, 7);
	else if (starts(s, "https://"))
		s = skip(s, 8);
	for (host = s, host.len = 0; host.len < s.len &&
	    memchr("/?#", s.s[host.len], 3) == NULL; host.len++)
		;
	s = skip(s, host.len);
	if (has(host, '@')) {
		*why = "a user name before the host";
		return 0;
	}
	if (cut_port(&host, why) == -1 || host_canon(name, host, why) == -1)
		return 0;
	hlen = strlen(name);
	memcpy(key, name, hlen);
	if (has(s, '\0')) {
		*why = "a zero byte";
		return 0;
	}
	/* the whole path must fit: a shorter key would rate more */
	plen = wad_url_form_key(path, sizeof(path), s.s, s.len, &cut);
	if (cut || hlen + plen > WAD_URL_DB_KEY_MAX) {
		*why = "longer than 512 bytes or 8 parts of the path";
		return 0;
	}
	memcpy(key + hlen, path, plen);
	return hlen + plen;
}

static int
domains_line(struct span s, wad_catdb_fn *fn, void *arg, const char **why)
{
	char host[WAD_HOST_MAX];

	if (s.len > 1 && s.s[s.len - 1] == '/')
		s.len--;
	if (has(s, '/')) {
		*why = "a path: such a list needs --type urls";
		return -1;
	}
	if (host_canon(host, s, why) == -1)
		return -1;
	fn(arg, host, strlen(host), NULL);
	return 1;
}

static int
urls_line(struct span s, wad_catdb_fn *fn, void *arg, const char **why)
{
	char	key[WAD_URL_DB_KEY_MAX];
	size_t	len = wad_catdb_parse_url(s.s, s.len, key, why);

	if (len == 0)
		return -1;
	fn(arg, key, len, NULL);
	return 1;
}

/* The first word; s goes behind it. */
static struct span
word(struct span *s)
{
	struct span w;

	*s = trim(*s);
	for (w = *s, w.len = 0; w.len < s->len && !blank(s->s[w.len]);
	    w.len++)
		;
	*s = skip(*s, w.len);
	return w;
}

/* Names of the machine itself stand in every hosts file. */
static bool
own_name(const char *name)
{
	struct wad_addr a;

	return strchr(name, '.') == NULL ||
	    strcmp(name, "localhost.localdomain") == 0 ||
	    wad_addr_parse(&a, name) == 0;
}

static int
hosts_line(struct span s, wad_catdb_fn *fn, void *arg, const char **why)
{
	char		name[NAMES_OF_LINE][WAD_HOST_MAX];
	struct wad_addr	a;
	struct span	w = word(&s);
	int		n = 0;

	s = trim(s);
	for (size_t i = 0; i < w.len; i++)
		if (w.s[i] == '%')
			w.len = i;	/* the zone of "fe80::1%lo0" */
	if (s.len == 0 || wad_str_host_canon(name[0], w.s, w.len) == -1 ||
	    wad_addr_parse(&a, name[0]) == -1) {
		*why = "expected an address and names";
		return -1;
	}
	for (w = word(&s); w.len > 0; w = word(&s)) {
		if (n == NAMES_OF_LINE) {
			*why = "more than 64 names";
			return -1;
		}
		if (host_canon(name[n], w, why) == -1)
			return -1;
		n += !own_name(name[n]);
	}
	for (int i = 0; i < n; i++)
		fn(arg, name[i], strlen(name[i]), NULL);
	return n;
}

/* A CSV field, quoted or not, into dst; s goes behind its comma.  -1 when it
 * is too long or its quotes do not end. */
static int
field(struct span *s, char *dst, size_t size, bool *more)
{
	size_t	n = 0, i = 0, end;
	bool	quoted;

	*s = trim(*s);
	quoted = s->len > 0 && s->s[0] == '"';
	for (i = quoted; i < s->len; i++) {
		if (quoted && s->s[i] == '"') {
			if (i + 1 >= s->len || s->s[i + 1] != '"')
				break;
			i++;
		} else if (!quoted && s->s[i] == ',')
			break;
		if (n + 1 >= size || s->s[i] == '\0')
			return -1;
		dst[n++] = s->s[i];
	}
	while (!quoted && n > 0 && blank(dst[n - 1]))
		n--;
	dst[n] = '\0';
	if (quoted && i++ >= s->len)
		return -1;
	*s = trim(skip(*s, i));
	end = s->len > 0 && s->s[0] == ',';
	*more = end;
	*s = skip(*s, end);
	return s->len > 0 && !end ? -1 : 0;
}

static bool
table_head(const char *name, const char *category)
{
	static const char *const heads[] = { "name", "domain", "host",
		"hostname", "url", "site" };

	if (strcasecmp(category, "category") != 0)
		return false;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strcasecmp(name, heads[i]) == 0)
			return true;
	return false;
}

static int
csv_line(struct span s, wad_catdb_fn *fn, void *arg, const char **why)
{
	char	name[IDN_MAX + 1], category[WAD_CATDB_CATEGORY_MAX];
	char	key[WAD_URL_DB_KEY_MAX];
	bool	more;
	size_t	len;

	if (field(&s, name, sizeof(name), &more) == -1 || !more ||
	    field(&s, category, sizeof(category), &more) == -1 || more ||
	    category[0] == '\0') {
		*why = "expected name,category";
		return -1;
	}
	if (table_head(name, category))
		return 0;
	len = wad_catdb_parse_url(name, strlen(name), key, why);
	if (len == 0)
		return -1;
	fn(arg, key, len, category);
	return 1;
}

int
wad_catdb_parse_line(enum wad_catdb_type type, const char *line, size_t len,
    wad_catdb_fn *fn, void *arg, const char **why)
{
	struct span s = { line, len };

	if (len > WAD_CATDB_LINE_MAX) {
		*why = "longer than 4096 bytes";
		return -1;
	}
	if (starts(s, "\xef\xbb\xbf"))
		s = skip(s, 3);		/* byte order mark */
	s = trim(s);
	/* in a URL '#' ends nothing but the path */
	if (type != WAD_CATDB_CSV && type != WAD_CATDB_URLS)
		s = uncomment(s);
	if (s.len == 0 || s.s[0] == '#' || s.s[0] == ';')
		return 0;
	switch (type) {
	case WAD_CATDB_DOMAINS:
		return domains_line(s, fn, arg, why);
	case WAD_CATDB_URLS:
		return urls_line(s, fn, arg, why);
	case WAD_CATDB_HOSTS:
		return hosts_line(s, fn, arg, why);
	case WAD_CATDB_CSV:
		return csv_line(s, fn, arg, why);
	}
	*why = "unknown type of list";
	return -1;
}

int
wad_catdb_parse_type(const char *s)
{
	static const char *const types[] = {
		[WAD_CATDB_DOMAINS] = "domains", [WAD_CATDB_URLS] = "urls",
		[WAD_CATDB_HOSTS] = "hosts", [WAD_CATDB_CSV] = "csv",
	};

	for (int i = 0; i < (int)(sizeof(types) / sizeof(types[0])); i++)
		if (strcmp(types[i], s) == 0)
			return i;
	return -1;
}
