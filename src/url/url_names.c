/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index over names: one hash table.
 *
 * The hash of a name runs over the host from its end to its beginning and
 * then over the path, so that one pass over a host gives the hashes of all
 * names above it, and one over a path those of all its beginnings.
 */
#include "url/url_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"

enum { NONE = UINT32_MAX, BITS_PER_NAME = 16 };

struct name {
	uint64_t	hash;
	uint32_t	text;		/* place of host, path, condition */
	uint32_t	value;		/* NONE: only names with a path */
	uint16_t	hlen, plen, clen;
	uint16_t	depth;		/* of the paths of this host */
};

struct wad_url_names {
	struct name	*name;
	size_t		 n, cap;
	uint32_t	*slot;		/* number of a name + 1; 0: empty */
	size_t		 mask;
	uint64_t	*bit;		/* of hashes that are there */
	size_t		 bits;
	struct wad_str	 text;
	bool		 conditions;
};

static uint64_t
step(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * 0x100000001b3u;
}

static uint64_t
steps(uint64_t h, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = step(h, s[i]);
	return h;
}

static uint64_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t
hash_host(const char *host, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (n > 0)
		h = step(h, host[--n]);
	return h;
}

struct wad_url_names *
wad_url_names_new(size_t n)
{
	struct wad_url_names	*x = wad_xcalloc(1, sizeof(*x));
	size_t			 slots = 16;

	while (slots < n * 4)		/* a host and a path: two names */
		slots *= 2;
	x->mask = slots - 1;
	x->slot = wad_xcalloc(slots, sizeof(*x->slot));
	x->bits = slots * BITS_PER_NAME / 4;
	x->bit = wad_xcalloc(x->bits / 64, sizeof(*x->bit));
	return x;
}

void
wad_url_names_free(struct wad_url_names *x)
{
	if (x == NULL)
		return;
	free(x->name);
	free(x->slot);
	free(x->bit);
	wad_str_free(&x->text);
	free(x);
}

struct key {
	const char	*host, *path, *condition;
	size_t		 hlen, plen, clen;
};

static bool
equal(const struct wad_url_names *x, const struct name *a,
    const struct key *k)
{
	const char *t = x->text.s + a->text;

	return a->hlen == k->hlen && a->plen == k->plen &&
	    a->clen == k->clen && memcmp(t, k->host, k->hlen) == 0 &&
	    memcmp(t + k->hlen, k->path, k->plen) == 0 &&
	    memcmp(t + k->hlen + k->plen, k->condition, k->clen) == 0;
}

/* h: of host and path. */
static uint64_t
with_condition(uint64_t h, const struct key *k)
{
	return mix(k->clen > 0 ? steps(step(h, '\n'), k->condition, k->clen) :
	    h);
}

static struct name *
look(const struct wad_url_names *x, uint64_t h, const struct key *k)
{
	size_t bit = h & (x->bits - 1);

	if ((x->bit[bit / 64] >> bit % 64 & 1) == 0)
		return NULL;
	for (size_t i = h >> 20 & x->mask; x->slot[i] != 0;
	    i = (i + 1) & x->mask) {
		struct name *a = &x->name[x->slot[i] - 1];

		if (a->hash == h && equal(x, a, k))
			return a;
	}
	return NULL;
}

static struct name *
make(struct wad_url_names *x, uint64_t h, const struct key *k)
{
	struct name	*a;
	size_t		 i, bit = h & (x->bits - 1);

	WAD_ASSERT(x->n < x->mask);
	if (x->n == x->cap) {
		x->cap = x->cap * 2 + 16;
		x->name = wad_xrealloc(x->name, x->cap, sizeof(*x->name));
	}
	a = &x->name[x->n];
	*a = (struct name){ .hash = h, .text = (uint32_t)x->text.len,
		.value = NONE, .hlen = (uint16_t)k->hlen,
		.plen = (uint16_t)k->plen, .clen = (uint16_t)k->clen };
	wad_str_addn(&x->text, k->host, k->hlen);
	wad_str_addn(&x->text, k->path, k->plen);
	wad_str_addn(&x->text, k->condition, k->clen);
	for (i = h >> 20 & x->mask; x->slot[i] != 0; i = (i + 1) & x->mask)
		;
	x->slot[i] = (uint32_t)++x->n;
	x->bit[bit / 64] |= UINT64_C(1) << bit % 64;
	return a;
}

/* Whether a path may be cut behind s[at]; *query: a '?' was passed. */
static bool
border(const char *s, size_t at, bool *query)
{
	char next = s[at + 1];

	*query = *query || s[at] == '?';
	return next == '\0' || (*query ? next == '&' : next == '/' ||
	    next == '?');
}

static unsigned
borders(const char *path)
{
	unsigned	n = 0;
	bool		query = false;

	for (size_t i = 0; path[i] != '\0'; i++)
		n += border(path, i, &query);
	return n;
}

void
wad_url_names_add(struct wad_url_names *x, const char *host, const char *path,
    const char *condition, uint32_t value)
{
	struct key	 k = { host, path, condition, strlen(host),
		strlen(path), strlen(condition) }, top = { host, "", "",
		k.hlen, 0, 0 };
	uint64_t	 h = hash_host(host, k.hlen);
	struct name	*a;

	if (k.hlen > UINT16_MAX || k.plen > UINT16_MAX || k.clen > UINT16_MAX)
		return;
	x->conditions = x->conditions || k.clen > 0;
	if (k.plen > 0) {
		a = look(x, mix(h), &top);
		if (a == NULL)
			a = make(x, mix(h), &top);
		if (a->depth < borders(path))
			a->depth = (uint16_t)borders(path);
		h = steps(h, path, k.plen);
	}
	h = with_condition(h, &k);
	a = look(x, h, &k);
	if (a == NULL)
		a = make(x, h, &k);
	if (a->value == NONE)
		a->value = value;
}

struct search {
	const struct wad_url_names *x;
	wad_url_names_fn	*fn;
	void			*arg;
};

/* The name k alone, with and without its condition.  h: before mixing. */
static const struct name *
ask(const struct search *s, uint64_t h, const struct key *k)
{
	struct key		 plain = *k;
	const struct name	*a, *b;

	plain.clen = 0;
	a = look(s->x, mix(h), &plain);
	if (a != NULL && a->value != NONE)
		s->fn(s->arg, a->value, k->hlen + k->plen);
	if (k->clen == 0 || !s->x->conditions)
		return a;
	b = look(s->x, with_condition(h, k), k);
	if (b != NULL && b->value != NONE)
		s->fn(s->arg, b->value, k->hlen + k->plen);
	return a;
}

void
wad_url_names_find(const struct wad_url_names *x, const char *host,
    bool below, const char *path, const char *condition,
    wad_url_names_fn *fn, void *arg)
{
	struct search	s = { x, fn, arg };
	size_t		hlen = strlen(host), clen = strlen(condition);
	uint64_t	h = hash_host(host, 0);

	if (path == NULL)
		path = "";
	for (size_t i = hlen; i-- > 0;) {
		struct key		 k = { host + i, path, condition,
			hlen - i, 0, clen };
		const struct name	*a;
		uint64_t		 hp;
		unsigned		 n = 0;
		bool			 query = false;

		h = step(h, host[i]);
		if (i > 0 && (!below || host[i - 1] != '.'))
			continue;
		a = ask(&s, h, &k);
		if (a == NULL || a->depth == 0)
			continue;
		hp = h;
		for (size_t j = 0; path[j] != '\0' && n < a->depth; j++) {
			hp = step(hp, path[j]);
			if (!border(path, j, &query))
				continue;
			n++;
			k.plen = j + 1;
			ask(&s, hp, &k);
		}
	}
}
