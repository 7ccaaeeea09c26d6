/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index over pieces of text.
 *
 * Of each pattern's text the rarest 8, 4 or 2 bytes (a gram) become its key.
 * A look-up takes the grams at all places of a text; a bitmap that fits into
 * the cache tells for nearly all that no pattern has them.
 */
#include "url/url_grams.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

enum { SIZES = 3, COUNTERS = 1 << 19, ALTERNATIVES_MAX = 16 };

static const uint8_t sizes[SIZES] = { 8, 4, 2 };

struct item {
	uint32_t	n, next;	/* next: number of an item + 1 */
};

struct bucket {
	uint64_t	gram;
	uint32_t	first;		/* number of an item + 1; 0: empty */
	uint32_t	look;		/* the look-up that was here last */
};

struct table {
	struct bucket	*bucket;
	size_t		 mask;
	uint64_t	*bit;
	size_t		 bits, n;
};

struct text {
	uint32_t	n, place;
	uint16_t	len;
};

struct wad_url_grams {
	struct text	*text;		/* until it is sealed */
	size_t		 n_text, cap_text;
	struct wad_str	 bytes;
	struct table	 table[SIZES];
	struct item	*item;
	size_t		 n_item;
	uint32_t	*any;		/* those that can match anywhere */
	size_t		 n_any, cap_any;
	uint32_t	 look;
};

static inline uint64_t
gram_at(const char *s, size_t size)
{
	uint64_t g = 0;

	memcpy(&g, s, size);
	return g;
}

static inline uint64_t
mix(uint64_t g)
{
	g *= 0x9e3779b97f4a7c15u;
	g ^= g >> 32;
	return g * 0xd6e8feb86659fd93u;
}

struct wad_url_grams *
wad_url_grams_new(void)
{
	return wad_xcalloc(1, sizeof(struct wad_url_grams));
}

void
wad_url_grams_free(struct wad_url_grams *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < SIZES; i++) {
		free(x->table[i].bucket);
		free(x->table[i].bit);
	}
	free(x->text);
	wad_str_free(&x->bytes);
	free(x->item);
	free(x->any);
	free(x);
}

void
wad_url_grams_add(struct wad_url_grams *x, uint32_t n, const char *text,
    size_t len)
{
	if (len < sizes[SIZES - 1]) {
		if (x->n_any == x->cap_any) {
			x->cap_any = x->cap_any * 2 + 16;
			x->any = wad_xrealloc(x->any, x->cap_any,
			    sizeof(*x->any));
		}
		x->any[x->n_any++] = n;
		return;
	}
	if (x->n_text == x->cap_text) {
		x->cap_text = x->cap_text * 2 + 64;
		x->text = wad_xrealloc(x->text, x->cap_text,
		    sizeof(*x->text));
	}
	if (len > UINT16_MAX)
		len = UINT16_MAX;	/* its beginning is needed, too */
	x->text[x->n_text++] = (struct text){ n, (uint32_t)x->bytes.len,
		(uint16_t)len };
	wad_str_addn(&x->bytes, text, len);
}

/* ---- sealing ---- */

static size_t
table_of(size_t len)
{
	size_t i = 0;

	while (sizes[i] > len)
		i++;
	return i;
}

static void
table_init(struct table *t)
{
	size_t slots = 16;

	if (t->n == 0)
		return;
	while (slots < t->n * 2)
		slots *= 2;
	t->mask = slots - 1;
	t->bucket = wad_xcalloc(slots, sizeof(*t->bucket));
	t->bits = slots * 8 < 1024 ? 1024 : slots * 8;
	t->bit = wad_xcalloc(t->bits / 64, sizeof(*t->bit));
}

static inline bool
maybe(const struct table *t, uint64_t h)
{
	size_t bit = h & (t->bits - 1);

	return (t->bit[bit / 64] >> bit % 64 & 1) != 0;
}

static struct bucket *
bucket_of(const struct table *t, uint64_t gram, uint64_t h)
{
	size_t i = h >> 24 & t->mask;

	while (t->bucket[i].first != 0 && t->bucket[i].gram != gram)
		i = (i + 1) & t->mask;
	return &t->bucket[i];
}

/* Of a text's grams the one that the fewest texts have. */
static uint64_t
rarest(const char *s, size_t len, size_t size, const uint16_t *count)
{
	uint64_t	best = 0;
	unsigned	least = UINT32_MAX;

	for (size_t i = 0; i + size <= len; i++) {
		uint64_t	g = gram_at(s + i, size);
		unsigned	c = count[mix(g) >> 32 & (COUNTERS - 1)];

		if (c < least) {
			least = c;
			best = g;
		}
	}
	return best;
}

static void
count_grams(const struct wad_url_grams *x, uint16_t *count)
{
	for (size_t k = 0; k < x->n_text; k++) {
		const struct text	*t = &x->text[k];
		const char		*s = x->bytes.s + t->place;
		size_t			 size = sizes[table_of(t->len)];

		for (size_t i = 0; i + size <= t->len; i++) {
			uint16_t *c = &count[mix(gram_at(s + i, size)) >> 32 &
			    (COUNTERS - 1)];

			*c = (uint16_t)(*c + (*c < UINT16_MAX));
		}
	}
}

void
wad_url_grams_seal(struct wad_url_grams *x)
{
	uint16_t *count = wad_xcalloc(COUNTERS, sizeof(*count));

	count_grams(x, count);
	for (size_t k = 0; k < x->n_text; k++)
		x->table[table_of(x->text[k].len)].n++;
	for (size_t i = 0; i < SIZES; i++)
		table_init(&x->table[i]);
	x->item = wad_xcalloc(x->n_text + 1, sizeof(*x->item));
	/* the last first: each is put before those that are there */
	for (size_t k = x->n_text; k-- > 0;) {
		const struct text	*t = &x->text[k];
		size_t			 i = table_of(t->len), bit;
		struct table		*to = &x->table[i];
		uint64_t		 g = rarest(x->bytes.s + t->place,
			t->len, sizes[i], count), h = mix(g);
		struct bucket		*b = bucket_of(to, g, h);

		bit = h & (to->bits - 1);
		to->bit[bit / 64] |= UINT64_C(1) << bit % 64;
		x->item[x->n_item] = (struct item){ t->n, b->first };
		b->gram = g;
		b->first = (uint32_t)++x->n_item;
	}
	free(count);
	free(x->text);
	x->text = NULL;
	x->n_text = x->cap_text = 0;
	wad_str_free(&x->bytes);
}

/* ---- look-up ---- */

static inline uint32_t
look_in(struct wad_url_grams *x, const struct table *t, size_t size,
    const char *s, size_t len, uint32_t limit, bool (*match)(void *, uint32_t),
    void *arg)
{
	for (size_t i = 0; i + size <= len; i++) {
		uint64_t	 g = gram_at(s + i, size), h = mix(g);
		struct bucket	*b;

		if (!maybe(t, h))
			continue;
		b = bucket_of(t, g, h);
		if (b->first == 0 || b->look == x->look)
			continue;
		b->look = x->look;	/* a text may repeat itself */
		for (uint32_t k = b->first; k != 0 && x->item[k - 1].n <
		    limit; k = x->item[k - 1].next)
			if (match(arg, x->item[k - 1].n))
				limit = x->item[k - 1].n;
	}
	return limit;
}

static void
next_look(struct wad_url_grams *x)
{
	if (++x->look != 0)
		return;
	for (size_t i = 0; i < SIZES; i++)	/* once in four billion */
		for (size_t k = 0; x->table[i].n > 0 && k <=
		    x->table[i].mask; k++)
			x->table[i].bucket[k].look = 0;
	x->look = 1;
}

uint32_t
wad_url_grams_find(struct wad_url_grams *x, const char *s, size_t len,
    uint32_t limit, bool (*match)(void *, uint32_t), void *arg)
{
	next_look(x);
	if (x->table[0].n > 0)
		limit = look_in(x, &x->table[0], 8, s, len, limit, match,
		    arg);
	if (x->table[1].n > 0)
		limit = look_in(x, &x->table[1], 4, s, len, limit, match,
		    arg);
	if (x->table[2].n > 0)
		limit = look_in(x, &x->table[2], 2, s, len, limit, match,
		    arg);
	for (size_t i = 0; i < x->n_any && x->any[i] < limit; i++)
		if (match(arg, x->any[i]))
			return x->any[i];
	return limit;
}

/* ---- what patterns need ---- */

/* Pieces of text as they are met; the longest one is kept. */
struct pieces {
	struct wad_str	 now, best;
};

static void
piece_end(struct pieces *p)
{
	if (p->now.len > p->best.len) {
		struct wad_str t = p->best;

		p->best = p->now;
		p->now = t;
	}
	p->now.len = 0;
}

static void
piece_add(struct pieces *p, char c)
{
	c = (char)tolower((unsigned char)c);
	wad_str_addn(&p->now, &c, 1);
}

static void
pieces_free(struct pieces *p)
{
	wad_str_free(&p->now);
	wad_str_free(&p->best);
}

void
wad_url_grams_of_glob(struct wad_str *out, const char *s)
{
	struct pieces p = { 0 };

	for (; *s != '\0'; s++)
		if (*s == '*' || *s == '?')
			piece_end(&p);
		else
			piece_add(&p, *s);
	piece_end(&p);
	out->len = 0;
	wad_str_addn(out, p.best.s != NULL ? p.best.s : "", p.best.len);
	pieces_free(&p);
}

/* Behind "[...]", or NULL when it has no end. */
static const char *
skip_class(const char *s)
{
	s += s[1] == '^' ? 2 : 1;
	if (*s == ']')
		s++;
	for (; *s != '\0' && *s != ']'; s++) {
		if (*s == '[' && (s[1] == ':' || s[1] == '.' || s[1] == '='))
			return NULL;	/* [[:alpha:]] */
		if (*s == '\\' && (s[1] == 'Q' || s[1] == 'E' ||
		    *++s == '\0'))
			return NULL;
	}
	return *s == ']' ? s + 1 : NULL;
}

/* Behind "(...)": what is in it is not looked at, it may be optional.  NULL
 * when it has no end or is more than a group. */
static const char *
skip_group(const char *s)
{
	unsigned depth = 0;

	while (*s != '\0')
		switch (*s) {
		case '\\':
			if (s[1] == '\0' || s[1] == 'Q' || s[1] == 'E')
				return NULL;
			s += 2;
			break;
		case '[':
			s = skip_class(s);
			if (s == NULL)
				return NULL;
			break;
		case '(':
			if (s[1] == '*' || (s[1] == '?' && s[2] != ':'))
				return NULL;
			depth++;
			s++;
			break;
		case ')':
			s++;
			if (--depth == 0)
				return s;
			break;
		default:
			s++;
		}
	return NULL;
}

/* "\.": a character; "\d" and its like: none that is known; others may mean
 * more than one character.  False: give up. */
static bool
escape(struct pieces *p, char c)
{
	if (c == '\0')
		return false;
	if (!isalnum((unsigned char)c)) {
		if ((unsigned char)c > 0x7f)
			piece_end(p);
		else
			piece_add(p, c);
		return true;
	}
	piece_end(p);
	return strchr("dDsSwWbBhHvVAzZ", c) != NULL;
}

/* '?', '*' and '{' leave it open whether what stood before is there; after
 * '+' something else may follow. */
static const char *
quantifier(struct pieces *p, const char *s)
{
	if (*s != '+' && p->now.len > 0)
		p->now.len--;
	piece_end(p);
	if (*s == '{' && s[1 + strspn(s + 1, "0123456789, ")] == '}')
		s += 1 + strspn(s + 1, "0123456789, ");
	return s + 1;
}

/* One alternative; where it ends, or NULL: give up. */
static const char *
alternative(struct pieces *p, const char *s)
{
	while (s != NULL && *s != '\0' && *s != '|')
		switch (*s) {
		case '\\':
			if (!escape(p, s[1]))
				return NULL;
			s += 2;
			break;
		case '[':
			piece_end(p);
			s = skip_class(s);
			break;
		case '(':
			piece_end(p);
			s = skip_group(s);
			break;
		case ')':
			return NULL;
		case '?': case '*': case '+': case '{':
			s = quantifier(p, s);
			break;
		case '.': case '^': case '$':
			piece_end(p);
			s++;
			break;
		default:
			if ((unsigned char)*s > 0x7f)
				piece_end(p);
			else
				piece_add(p, *s);
			s++;
		}
	piece_end(p);
	return s;
}

size_t
wad_url_grams_of_regex(struct wad_str *out, const char *s)
{
	struct pieces	p = { 0 };
	size_t		n = 0;

	out->len = 0;
	for (;; s++) {
		p.best.len = 0;
		s = alternative(&p, s);
		if (s == NULL || p.best.len < sizes[SIZES - 1] ||
		    n++ == ALTERNATIVES_MAX) {
			n = 0;
			break;
		}
		wad_str_addn(out, p.best.s, p.best.len);
		wad_str_addn(out, "", 1);
		if (*s == '\0')
			break;
	}
	pieces_free(&p);
	return n;
}
