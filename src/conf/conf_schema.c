/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads names and values by the rows of conf_tables.c.
 */
#include "conf/conf_schema.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/xmem.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGES		"system replacemsg"

static const struct wad_conf_table *
table_of(const char *path, size_t len)
{
	for (size_t i = 0; i < wad_conf_n_tables; i++)
		if (strncmp(wad_conf_tables[i].path, path, len) == 0 &&
		    wad_conf_tables[i].path[len] == '\0')
			return &wad_conf_tables[i];
	return NULL;
}

size_t
wad_conf_schema_page(const char *path)
{
	const char *type = strrchr(path, ' ');

	if (strncmp(path, PAGES " ", sizeof(PAGES)) != 0 || type == NULL ||
	    table_of(path, (size_t)(type - path)) == NULL)
		return 0;
	return (size_t)(type + 1 - path);
}

const struct wad_conf_table *
wad_conf_schema_table(const char *path)
{
	const struct wad_conf_table *t = table_of(path, strlen(path));

	if (t == NULL && wad_conf_schema_page(path) > 0)
		t = table_of(PAGES "/TYPE", sizeof(PAGES "/TYPE") - 1);
	return t;
}

const struct wad_conf_table *
wad_conf_schema_below(const struct wad_conf_table *t, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", t->path, name);
	return wad_conf_schema_table(path);
}

const struct wad_conf_row *
wad_conf_schema_row(const struct wad_conf_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if (strcmp(t->rows[i].name, name) == 0)
			return &t->rows[i];
	return NULL;
}

const struct wad_conf_older *
wad_conf_schema_older(const char *path, const char *name)
{
	for (size_t i = 0; i < wad_conf_n_olders; i++)
		if (strcmp(wad_conf_olders[i].name, name) == 0 &&
		    strcmp(wad_conf_olders[i].path, path) == 0)
			return &wad_conf_olders[i];
	return NULL;
}

const char *
wad_conf_schema_older_value(const struct wad_conf_older *o,
    const char *value, char *buf, size_t size)
{
	const char *list = o->values;
	char	    was[80];

	if (list == NULL)
		return value;
	while (wad_conf_schema_word(&list, was, sizeof(was), NULL) != NULL &&
	    wad_conf_schema_word(&list, buf, size, NULL) != NULL)
		if (strcmp(was, value) == 0)
			return buf;
	return NULL;
}

const char *
wad_conf_schema_word(const char **list, char *buf, size_t size, long *value)
{
	const char *s = *list;
	size_t	    len, name;

	if (s == NULL)
		return NULL;
	s += strspn(s, " ");
	len = strcspn(s, " ");
	if (len == 0)
		return NULL;
	name = strcspn(s, "= ");
	if (value != NULL)
		*value = s[name] == '=' ? strtol(s + name + 1, NULL, 10) : 0;
	if (name >= size)
		name = size - 1;
	memcpy(buf, s, name);
	buf[name] = '\0';
	*list = s + len;
	return buf;
}

bool
wad_conf_schema_kept(const char *kept, const char *name)
{
	char	w[80];
	size_t	len;

	while (wad_conf_schema_word(&kept, w, sizeof(w), NULL) != NULL) {
		len = strlen(w);
		if (w[len - 1] == '*' ? strncmp(w, name, len - 1) == 0 :
		    strcmp(w, name) == 0)
			return true;
	}
	return false;
}

bool
wad_conf_schema_empty_differs(const char *path, const char *name)
{
	const struct wad_conf_table *t = wad_conf_schema_table(path);
	const struct wad_conf_row   *r;

	r = t == NULL ? NULL : wad_conf_schema_row(t, name);
	return r != NULL && (r->flags & WAD_CF_EMPTY) != 0;
}

/* ---- nearest words ---- */

struct wordlist {
	char	*w[512];
	size_t	 n;
};

static void
wordlist_add(struct wordlist *l, const char *s)
{
	if (l->n < COUNT(l->w))
		l->w[l->n++] = wad_xstrdup(s);
}

static void
wordlist_split(struct wordlist *l, const char *s)
{
	char w[80];

	while (wad_conf_schema_word(&s, w, sizeof(w), NULL) != NULL)
		if (strchr(w, '*') == NULL)
			wordlist_add(l, w);
}

static const char *
wordlist_nearest(struct wordlist *l, const char *word, char *buf,
    size_t size)
{
	const char *n = wad_str_nearest(word, (const char *const *)l->w,
	    l->n);

	if (n != NULL)
		snprintf(buf, size, "%s", n);
	for (size_t i = 0; i < l->n; i++)
		free(l->w[i]);
	return n != NULL ? buf : NULL;
}

const char *
wad_conf_schema_nearest(const struct wad_conf_table *t, const char *name,
    bool table, char *buf, size_t size)
{
	struct wordlist	l = { .n = 0 };
	size_t		len = strlen(t->path);

	for (size_t i = 0; !table && i < t->n_rows; i++)
		if ((t->rows[i].flags & WAD_CF_HIDDEN) == 0)
			wordlist_add(&l, t->rows[i].name);
	for (size_t i = 0; table && i < wad_conf_n_tables; i++) {
		const char *p = wad_conf_tables[i].path;

		if (strncmp(p, t->path, len) == 0 && p[len] == '/' &&
		    strchr(p + len + 1, '/') == NULL)
			wordlist_add(&l, p + len + 1);
	}
	wordlist_split(&l, table ? t->kept_tables : t->kept);
	return wordlist_nearest(&l, name, buf, size);
}

/* ---- values ---- */

static int
bad(char *err, size_t size, const char *value, const char *want)
{
	char esc[96];

	wad_str_escape(esc, sizeof(esc), value, strlen(value));
	snprintf(err, size, "'%s': expected %s", esc, want);
	return -1;
}

/* Whether value is a word of choices, and its number: the way that most values
 * of a long table go. */
static bool
choice(const char *choices, const char *value, long *out)
{
	size_t len = strlen(value);

	for (const char *s = choices; *s != '\0';) {
		size_t n = strcspn(s, " =");

		if (n == len && memcmp(s, value, n) == 0) {
			*out = s[n] == '=' ? strtol(s + n + 1, NULL, 10) : 0;
			return true;
		}
		s += strcspn(s, " ");
		s += *s == ' ';
	}
	return false;
}

static int
one_of(const char *choices, const char *value, long *out, char *err,
    size_t size)
{
	struct wordlist	l = { .n = 0 };
	struct wad_str	all = { 0 };
	const char	*list = choices, *near;
	char		 w[80], esc[96], buf[80];

	if (choice(choices, value, out))
		return 0;
	while (wad_conf_schema_word(&list, w, sizeof(w), NULL) != NULL)
		wad_str_addf(&all, "%s%s", all.len > 0 ? ", " : "", w);
	wordlist_split(&l, choices);
	near = wordlist_nearest(&l, value, buf, sizeof(buf));
	wad_str_escape(esc, sizeof(esc), value, strlen(value));
	if (near != NULL)
		snprintf(err, size, "'%s' is not one of: %s; did you mean "
		    "'%s'?", esc, all.s, near);
	else
		snprintf(err, size, "'%s' is not one of: %s", esc, all.s);
	wad_str_free(&all);
	return -1;
}

static int
number(const struct wad_conf_row *r, const char *value, unsigned long *out,
    char *err, size_t size)
{
	char	want[256], *end;
	size_t	len = strlen(value);

	*out = 0;
	if (len > 0 && len <= 10 && strspn(value, "0123456789") == len) {
		*out = strtoul(value, &end, 10);
		if (*out >= r->min && *out <= r->max)
			return 0;
	}
	/* a word in place of a number: what the number means may help */
	if (isalpha((unsigned char)value[0]))
		snprintf(want, sizeof(want), "%u-%u: %s", r->min, r->max,
		    r->help);
	else
		snprintf(want, sizeof(want), "%u-%u", r->min, r->max);
	return bad(err, size, value, want);
}

/* Reads "443", "8000-8010" and FortiOS's ":source ports" behind it. */
static int
port_range(const struct wad_conf_row *r, const char *s, size_t len,
    struct wad_port_range *out)
{
	unsigned long	lo, hi;
	char		buf[48], *end;

	if (len == 0 || len >= sizeof(buf))
		return -1;
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (strspn(buf, "0123456789-:") != len || buf[0] < '0' ||
	    buf[0] > '9')
		return -1;
	lo = hi = strtoul(buf, &end, 10);
	if (*end == '-') {
		if (end[1] < '0' || end[1] > '9')
			return -1;
		hi = strtoul(end + 1, &end, 10);
	}
	if ((*end != '\0' && *end != ':') || lo < r->min || hi > r->max ||
	    lo > hi)
		return -1;
	out->lo = (uint16_t)lo;
	out->hi = (uint16_t)hi;
	return 0;
}

static int
ports(const struct wad_conf_row *r, const char *const *v, size_t n,
    struct wad_arena *a, void *to, char *err, size_t size)
{
	struct wad_port_range	*list = NULL, one;
	size_t			 count = 0, max = 0;
	char			 want[64];

	for (size_t i = 0; i < n; i++)
		max += strlen(v[i]) / 2 + 1;
	if (to != NULL && max > 0)
		list = wad_arena_alloc(a, max * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		for (const char *s = v[i]; *s != '\0';) {
			size_t len = strcspn(s, " ,");

			if (len > 0 && port_range(r, s, len, &one) == -1) {
				snprintf(want, sizeof(want), "ports %u-%u, "
				    "as 443 or 8000-8010", r->min, r->max);
				return bad(err, size, v[i], want);
			}
			if (len > 0 && list != NULL)
				list[count] = one;
			count += len > 0;
			s += len;
			s += strspn(s, " ,");
		}
	if (to != NULL) {
		memcpy(to, &list, sizeof(list));
		memcpy((char *)to + sizeof(list), &count, sizeof(count));
	}
	return 0;
}

/* The values as one string with spaces between them. */
static void
joined(char *buf, size_t size, const char *const *v, size_t n)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s",
		    i > 0 ? " " : "", v[i]);
}

static int
address(const struct wad_conf_row *r, const char *v, void *to, char *err,
    size_t size)
{
	struct wad_addr a;
	int		want = r->type == WAD_CT_ADDR4 ? AF_INET :
	    r->type == WAD_CT_ADDR6 ? AF_INET6 : 0;

	if (wad_addr_parse(&a, v) == -1 || (want != 0 && a.family != want))
		return bad(err, size, v, want == AF_INET ? "an IPv4 address" :
		    want == AF_INET6 ? "an IPv6 address" :
		    "an IPv4 or IPv6 address");
	if (to != NULL)
		memcpy(to, &a, sizeof(a));
	return 0;
}

static int
prefix(const struct wad_conf_row *r, const char *const *v, size_t n,
    void *to, char *err, size_t size)
{
	struct wad_prefix p;
	char		  buf[160];
	bool		  v4 = r->type == WAD_CT_PREFIX4;

	memset(&p, 0, sizeof(p));
	joined(buf, sizeof(buf), v, n);
	if (wad_prefix_parse(&p, buf) == -1 ||
	    p.addr.family != (v4 ? AF_INET : AF_INET6))
		return bad(err, size, buf, v4 ? "a network, as 10.0.0.0/8 or "
		    "10.0.0.0 255.0.0.0" : "a network, as 2001:db8::/32");
	if (to != NULL)
		memcpy(to, &p, sizeof(p));
	return 0;
}

static int
prefixes(const char *const *v, size_t n, struct wad_arena *a, void *to,
    char *err, size_t size)
{
	struct wad_prefix *list = NULL, p;

	if (to != NULL && n > 0)
		list = wad_arena_alloc(a, n * sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		memset(&p, 0, sizeof(p));
		if (wad_prefix_parse(&p, v[i]) == -1)
			return bad(err, size, v[i], "networks, as 10.0.0.0/8 "
			    "or 2001:db8::/32");
		if (list != NULL)
			list[i] = p;
	}
	if (to != NULL) {
		memcpy(to, &list, sizeof(list));
		memcpy((char *)to + sizeof(list), &n, sizeof(n));
	}
	return 0;
}

/* "7:05" or "07:05" */
static int
time_of_day(const char *v, void *to, char *err, size_t size)
{
	unsigned	t[2];
	char		c;

	if (strlen(v) > 5 || strspn(v, "0123456789:") != strlen(v) ||
	    sscanf(v, "%2u:%2u%c", &t[0], &t[1], &c) != 2 || t[0] > 23 ||
	    t[1] > 59)
		return bad(err, size, v, "a time of the day, as 23:30");
	if (to != NULL)
		memcpy(to, t, sizeof(t));
	return 0;
}

/* "90", "5m", "1h30m", "1d": each unit once, the largest first. */
static int
duration(const struct wad_conf_row *r, const char *v, void *to, char *err,
    size_t size)
{
	static const struct { char name; unsigned long seconds; } units[] = {
		{ 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 },
	};
	unsigned long	sum = 0, n;
	size_t		unit = 0;
	char		want[96], *end;

	for (const char *s = v; *s != '\0'; s = end) {
		if (*s < '0' || *s > '9' || strspn(s, "0123456789") > 9)
			goto bad;
		n = strtoul(s, &end, 10);
		while (unit < COUNT(units) && *end != units[unit].name &&
		    *end != '\0')
			unit++;
		if (unit == COUNT(units))
			goto bad;
		sum += n * (*end == '\0' ? 1 : units[unit].seconds);
		unit++;
		end += *end != '\0';
	}
	if (sum >= r->min && sum <= r->max && v[0] != '\0') {
		if (to != NULL)
			*(unsigned *)to = (unsigned)sum;
		return 0;
	}
bad:
	snprintf(want, sizeof(want), "a duration, as 5m, 1h30m or 1d, of "
	    "%u to %u seconds", r->min, r->max);
	return bad(err, size, v, want);
}

/* Any of the choices, also several in one value. */
static int
flags(const struct wad_conf_row *r, const char *const *v, size_t n,
    unsigned *to, char *err, size_t size)
{
	unsigned	all = 0;
	char		w[80];
	long		x;

	for (size_t i = 0; i < n; i++)
		for (const char *s = v[i]; *s != '\0'; s += strspn(s, " ")) {
			size_t len = strcspn(s, " ");

			snprintf(w, sizeof(w), "%.*s", (int)len, s);
			if (one_of(r->choices, w, &x, err, size) == -1)
				return -1;
			all |= (unsigned)x;
			s += len;
		}
	if (to != NULL)
		*to = all;
	return 0;
}

/* The word itself, as the row has it. */
static void
word(const char *v, struct wad_arena *a, void *to)
{
	const char *copy = wad_arena_strdup(a, v);

	memcpy(to, &copy, sizeof(copy));
}

static int
u16list(const struct wad_conf_row *r, const char *const *v, size_t n,
    struct wad_arena *a, void *to, char *err, size_t size)
{
	uint16_t	*list = NULL;
	unsigned long	 x;

	if (to != NULL && n > 0)
		list = wad_arena_alloc(a, n * sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		if (number(r, v[i], &x, err, size) == -1)
			return -1;
		if (list != NULL)
			list[i] = (uint16_t)x;
	}
	if (to != NULL) {
		memcpy(to, &list, sizeof(list));
		memcpy((char *)to + sizeof(list), &n, sizeof(n));
	}
	return 0;
}

static int
text(const struct wad_conf_row *r, const char *v, struct wad_arena *a,
    void *to, char *err, size_t size)
{
	char		host[WAD_HOST_MAX], want[64];
	const char	*copy;
	size_t		len = strlen(v);

	if (r->max != 0 && (len < r->min || len > r->max)) {
		snprintf(want, sizeof(want), "%u-%u characters", r->min,
		    r->max);
		return bad(err, size, v, want);
	}
	if (r->type == WAD_CT_HOST) {
		if (wad_str_host_canon(host, v, len) == -1)
			return bad(err, size, v, "a host name");
		v = host;
	}
	if (to != NULL) {
		copy = wad_arena_strdup(a, v);
		memcpy(to, &copy, sizeof(copy));
	}
	return 0;
}

static void
names(const char *const *v, size_t n, struct wad_arena *a, void *to)
{
	const char **list = NULL;

	if (n > 0)
		list = wad_arena_alloc(a, n * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = wad_arena_strdup(a, v[i]);
	memcpy(to, &list, sizeof(list));
	memcpy((char *)to + sizeof(list), &n, sizeof(n));
}

static bool
is_list(enum wad_conf_type t)
{
	return t == WAD_CT_U16LIST || t == WAD_CT_REFS ||
	    t == WAD_CT_CERTS || t == WAD_CT_PORTS ||
	    t == WAD_CT_PREFIXES || t == WAD_CT_OPTIONS ||
	    t == WAD_CT_FLAGS;
}

int
wad_conf_schema_store(const struct wad_conf_row *r, const char *const *v,
    size_t n, struct wad_arena *a, void *obj, char *err, size_t size)
{
	void		*to = obj == NULL || r->offset == WAD_CONF_NOWHERE ?
	    NULL : (char *)obj + r->offset;
	unsigned long	 num;
	long		 number_of = 0;
	bool		 two = r->type == WAD_CT_PREFIX4 ||
	    r->type == WAD_CT_PREFIX6 || r->type == WAD_CT_SECRET;

	if (n > 1 && !is_list(r->type) && !(two && n == 2)) {
		snprintf(err, size, "one value expected, %zu found (quote a "
		    "value that has spaces)", n);
		return -1;
	}
	if (n == 0 && !is_list(r->type))
		return 0;
	switch (r->type) {
	case WAD_CT_BOOL:
	case WAD_CT_ENUM:
	case WAD_CT_VERSION:
	case WAD_CT_WORD:
		if (one_of(r->choices, v[0], &number_of, err, size) == -1)
			return -1;
		if (to == NULL)
			return 0;
		if (r->type == WAD_CT_BOOL)
			*(bool *)to = number_of != 0;
		else if (r->type == WAD_CT_ENUM)
			*(int *)to = (int)number_of;
		else if (r->type == WAD_CT_WORD)
			word(v[0], a, to);
		else
			*(uint16_t *)to = (uint16_t)number_of;
		return 0;
	case WAD_CT_OPTIONS:
	case WAD_CT_FLAGS:
		return flags(r, v, n, to, err, size);
	case WAD_CT_DURATION:
		return duration(r, v[0], to, err, size);
	case WAD_CT_UINT:
	case WAD_CT_U16:
		if (number(r, v[0], &num, err, size) == -1)
			return -1;
		if (to != NULL && r->type == WAD_CT_UINT)
			*(unsigned *)to = (unsigned)num;
		else if (to != NULL)
			*(uint16_t *)to = (uint16_t)num;
		return 0;
	case WAD_CT_U16LIST:
		return u16list(r, v, n, a, to, err, size);
	case WAD_CT_PORTS:
		return ports(r, v, n, a, to, err, size);
	case WAD_CT_ADDR:
	case WAD_CT_ADDR4:
	case WAD_CT_ADDR6:
		return address(r, v[0], to, err, size);
	case WAD_CT_PREFIX4:
	case WAD_CT_PREFIX6:
		return prefix(r, v, n, to, err, size);
	case WAD_CT_PREFIXES:
		return prefixes(v, n, a, to, err, size);
	case WAD_CT_TIME:
		return time_of_day(v[0], to, err, size);
	case WAD_CT_REFS:
	case WAD_CT_CERTS:
		if (r->max != 0 && n > r->max) {
			snprintf(err, size, "%zu names, at most %u are "
			    "taken", n, r->max);
			return -1;
		}
		if (to != NULL)
			names(v, n, a, to);
		return 0;
	case WAD_CT_STR:
	case WAD_CT_HOST:
	case WAD_CT_TEXT:
	case WAD_CT_REF:
	case WAD_CT_CERT:
		return text(r, v[0], a, to, err, size);
	case WAD_CT_SECRET:
		if (to != NULL && n == 1 && strcmp(v[0], "ENC") != 0)
			word(v[0], a, to);
		return 0;
	case WAD_CT_PEM:
		return 0;
	}
	return 0;
}

void
wad_conf_schema_defaults(const struct wad_conf_table *t, struct wad_arena *a,
    void *obj)
{
	char err[128];

	for (size_t i = 0; i < t->n_rows; i++)
		if (t->rows[i].def != NULL)
			WAD_ASSERT(wad_conf_schema_store(&t->rows[i],
			    &t->rows[i].def, 1, a, obj, err,
			    sizeof(err)) == 0);
}
