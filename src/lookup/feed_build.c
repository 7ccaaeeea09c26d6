/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of feeds and what becomes of them.  A feed that is empty or is a web
 * page is refused: it is what a server with a fault sends.
 */
#include "lookup/feed_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmem.h"
#include "ipc/shm.h"
#include "policy/feed_db.h"
#include "url/catdb_parse.h"

enum {
	LINE_BYTES = WAD_CATDB_LINE_MAX + 1,
	RUN = 8192,		/* ranges that are sorted at once */
	NAMES_STEP = 32768,	/* names that a step puts in */
	WRITE_STEP = 4 << 20,
	SLOTS_MIN = 16,
	TRIES = 4		/* other seeds, then more room */
};

enum state { LINES, SORT, NAMES, WRITE, DONE, FAILED };

struct ranges {
	struct wad_feed_range *v, *other;
	size_t		 n, cap;
	size_t		 width, at;	/* of the merges: 0 before the runs */
	bool		 sorted;
};

struct wad_feed_build {
	enum wad_feed_type type;
	enum state	 state;
	char		 why[160];
	struct wad_feed_count count;
	char		 line[LINE_BYTES + 1];	/* what has no end yet */
	size_t		 len;
	bool		 text_seen;	/* the first character was */
	uint8_t		*keys; size_t keys_len, keys_cap;
	struct ranges	 ranges[2];	/* IPv4, IPv6 */
	struct wad_feed_head head;
	struct wad_feed_slot *slots;
	size_t		 next;		/* key that is put in next */
	unsigned	 tries;
	size_t		 written;
	int		 fd;
};

static int __attribute__((format(printf, 2, 3)))
refuse(struct wad_feed_build *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b->why, sizeof(b->why), fmt, ap);
	va_end(ap);
	b->state = FAILED;
	return -1;
}

struct wad_feed_build *
wad_feed_build_new(enum wad_feed_type type, uint64_t seed)
{
	struct wad_feed_build *b = wad_xcalloc(1, sizeof(*b));

	b->type = type;
	b->fd = -1;
	memcpy(b->head.magic, WAD_FEED_MAGIC, sizeof(b->head.magic));
	b->head.type = type;
	b->head.seed = seed;
	return b;
}

void
wad_feed_build_free(struct wad_feed_build *b)
{
	if (b == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		free(b->ranges[i].v);
		free(b->ranges[i].other);
	}
	if (b->fd != -1)
		close(b->fd);
	free(b->slots);
	free(b->keys);
	free(b);
}

/* ---- lines --------------------------------------------------------------- */

static void
add_name(void *arg, const char *key, size_t len, const char *category)
{
	struct wad_feed_build	*b = arg;
	size_t			 need = WAD_FEED_KEY_HEAD + len + (len & 1);
	uint16_t		 klen = (uint16_t)len;
	uint8_t			*p;

	(void)category;
	if (b->keys_cap - b->keys_len < need) {
		b->keys_cap = b->keys_cap * 2 + need + 4096;
		b->keys = wad_xrealloc(b->keys, b->keys_cap, 1);
	}
	p = b->keys + b->keys_len;
	memcpy(p, &b->count.lines, sizeof(uint32_t));
	memcpy(p + sizeof(uint32_t), &klen, sizeof(klen));
	memcpy(p + WAD_FEED_KEY_HEAD, key, len);
	if ((len & 1) != 0)
		p[need - 1] = 0;
	b->keys_len += need;
	b->head.n_names++;
	b->head.n_paths += memchr(key, '/', len) != NULL;
}

static void
add_range(struct wad_feed_build *b, const struct wad_addr *lo,
    const struct wad_addr *hi)
{
	struct ranges		*r = &b->ranges[lo->family == AF_INET6];
	struct wad_feed_range	*to;

	if (r->n == r->cap) {
		r->cap = r->cap * 2 + 64;
		r->v = wad_xrealloc(r->v, r->cap, sizeof(*r->v));
	}
	to = &r->v[r->n++];
	memcpy(to->lo, lo->ip, sizeof(to->lo));
	memcpy(to->hi, hi->ip, sizeof(to->hi));
	to->line = b->count.lines;
}

/* The first and the last address of a network. */
static void
ends_of(const struct wad_prefix *p, struct wad_addr *lo, struct wad_addr *hi)
{
	unsigned bits = p->addr.family == AF_INET6 ? 128 : 32;

	*lo = *hi = p->addr;
	for (unsigned i = p->len; i < bits; i++) {
		lo->ip[i / 8] &= (uint8_t)~(0x80 >> i % 8);
		hi->ip[i / 8] |= (uint8_t)(0x80 >> i % 8);
	}
}

/* "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", the same of IPv6. */
static int
address_line(struct wad_feed_build *b, char *s, const char **why)
{
	struct wad_prefix	 p;
	struct wad_addr		 lo, hi;
	char			*dash = strchr(s, '-');

	*why = "expected an address, a network or a range";
	if (dash != NULL) {
		char *end = dash, *from = dash + 1;

		while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		*end = '\0';
		from += strspn(from, " \t");
		if (wad_addr_parse(&lo, s) == -1 ||
		    wad_addr_parse(&hi, from) == -1)
			return -1;
		if (lo.family != hi.family || wad_addr_ip_cmp(&lo, &hi) > 0) {
			*why = "the range ends before it begins";
			return -1;
		}
	} else if (strchr(s, '/') != NULL) {
		if (wad_prefix_parse(&p, s) == -1)
			return -1;
		ends_of(&p, &lo, &hi);
	} else {
		if (wad_addr_parse(&lo, s) == -1)
			return -1;
		hi = lo;
	}
	/* a zone means nothing in a list */
	if (lo.scope != 0 || hi.scope != 0)
		return -1;
	add_range(b, &lo, &hi);
	return 1;
}

/* "0.0.0.0 example.com": a line of a hosts file. */
static bool
is_hosts(const char *s)
{
	char		word[WAD_ADDR_STRLEN];
	size_t		n = strcspn(s, " \t");
	struct wad_addr a;

	if (s[n] == '\0' || n >= sizeof(word))
		return false;
	memcpy(word, s, n);
	word[n] = '\0';
	return wad_addr_parse(&a, word) == 0;
}

static int
name_line(struct wad_feed_build *b, const char *s, const char **why)
{
	enum wad_catdb_type	type = is_hosts(s) ? WAD_CATDB_HOSTS :
	    b->type == WAD_FEED_DOMAIN ? WAD_CATDB_DOMAINS : WAD_CATDB_URLS;
	struct wad_prefix	p;

	/* it would be the page "/24" of a host */
	if (type == WAD_CATDB_URLS && strchr(s, '/') != NULL &&
	    wad_prefix_parse(&p, s) == 0) {
		*why = "a network: such a list needs type address";
		return -1;
	}
	return wad_catdb_parse_line(type, s, strlen(s), add_name, b, why);
}

/* The text of a line without its comment and the blanks around it. */
static char *
bare(char *s)
{
	size_t n;

	if (strncmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;			/* byte order mark */
	s += strspn(s, " \t\r");
	for (n = 0; s[n] != '\0'; n++)
		if ((s[n] == '#' || s[n] == ';') && (n == 0 ||
		    s[n - 1] == ' ' || s[n - 1] == '\t'))
			break;
	while (n > 0 && strchr(" \t\r", s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return s;
}

static void
bad_line(struct wad_feed_build *b, const char *s, size_t len, const char *why)
{
	struct wad_feed_count *c = &b->count;

	if (c->bad < WAD_FEED_BAD_SHOWN) {
		c->shown[c->bad].line = c->lines;
		c->shown[c->bad].why = why;
		wad_str_escape(c->shown[c->bad].text,
		    sizeof(c->shown[0].text), s, len);
	}
	c->bad++;
}

/* b->line is whole. */
static int
take_line(struct wad_feed_build *b)
{
	const char	*why = "";
	char		*s;
	size_t		 len = b->len;
	int		 n;

	b->len = 0;
	b->count.lines++;
	if (len > WAD_CATDB_LINE_MAX) {
		bad_line(b, b->line, 40, "longer than 4096 bytes");
		return 0;
	}
	b->line[len] = '\0';
	if (strlen(b->line) != len) {
		bad_line(b, b->line, len, "a zero byte");
		return 0;
	}
	s = bare(b->line);
	if (!b->text_seen && *s != '\0') {
		b->text_seen = true;
		if (*s == '<')
			return refuse(b, "a web page came instead of a list");
	}
	if (*s == '\0')
		return 0;
	n = b->type == WAD_FEED_ADDRESS ? address_line(b, s, &why) :
	    name_line(b, s, &why);
	if (n == -1)
		bad_line(b, s, strlen(s), why);
	else
		b->count.good++;
	if (b->head.n_names > WAD_FEED_ENTRIES_MAX ||
	    b->ranges[0].n + b->ranges[1].n > WAD_FEED_RANGES_MAX)
		return refuse(b, "more than %d entries",
		    b->type == WAD_FEED_ADDRESS ? WAD_FEED_RANGES_MAX :
		    WAD_FEED_ENTRIES_MAX);
	return 0;
}

int
wad_feed_build_text(struct wad_feed_build *b, const void *p, size_t len)
{
	const char *s = p, *end = s + len;

	while (s < end && b->state == LINES) {
		const char	*nl = memchr(s, '\n', (size_t)(end - s));
		size_t		 n = (size_t)((nl != NULL ? nl : end) - s);
		size_t		 room = LINE_BYTES - b->len;

		if (nl == s && b->len == 0) {	/* there may be millions */
			b->count.lines++;
			s++;
			continue;
		}
		/* of a line that is too long the beginning is kept */
		memcpy(b->line + b->len, s, n < room ? n : room);
		b->len += n < room ? n : room;
		s += n;
		if (nl == NULL)
			break;
		s++;
		if (take_line(b) == -1)
			return -1;
	}
	return b->state == LINES ? 0 : -1;
}

int
wad_feed_build_end(struct wad_feed_build *b)
{
	if (b->state != LINES || (b->len > 0 && take_line(b) == -1))
		return -1;
	if (b->count.good == 0 || b->head.n_names + b->ranges[0].n +
	    b->ranges[1].n == 0) {
		if (b->count.bad > 0)
			return refuse(b, "no good line: line %u \"%s\": %s",
			    b->count.shown[0].line, b->count.shown[0].text,
			    b->count.shown[0].why);
		return refuse(b, "it is empty");
	}
	b->state = SORT;
	return 0;
}

/* ---- ranges -------------------------------------------------------------- */

static int
range_cmp(const void *a, const void *b)
{
	const struct wad_feed_range *x = a, *y = b;
	int c = memcmp(x->lo, y->lo, sizeof(x->lo));

	return c != 0 ? c : -memcmp(x->hi, y->hi, sizeof(x->hi));
}

/* One run, or one merge of two: false when all is sorted. */
static bool
sort_step(struct ranges *r)
{
	size_t i, k, mid, end, to;

	if (r->width == 0) {
		end = r->n - r->at < RUN ? r->n : r->at + RUN;
		if (end > r->at)
			qsort(r->v + r->at, end - r->at, sizeof(*r->v),
			    range_cmp);
		r->at = end;
		if (end < r->n)
			return true;
		r->width = RUN;
		r->at = 0;
	}
	if (r->width >= r->n)
		return false;
	if (r->other == NULL)
		r->other = wad_xcalloc(r->n, sizeof(*r->other));
	to = i = r->at;
	k = mid = r->n - i < r->width ? r->n : i + r->width;
	end = r->n - mid < r->width ? r->n : mid + r->width;
	while (i < mid || k < end)
		r->other[to++] = k == end || (i < mid &&
		    range_cmp(&r->v[i], &r->v[k]) <= 0) ? r->v[i++] :
		    r->v[k++];
	r->at = end;
	if (end == r->n) {
		struct wad_feed_range *was = r->v;

		r->v = r->other;
		r->other = was;
		r->width *= 2;
		r->at = 0;
	}
	return true;
}

/* What overlaps becomes one, told by the line of its first address. */
static void
unite(struct ranges *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (n > 0 && memcmp(r->v[i].lo, r->v[n - 1].hi,
		    sizeof(r->v[i].lo)) <= 0) {
			if (memcmp(r->v[i].hi, r->v[n - 1].hi,
			    sizeof(r->v[i].hi)) > 0)
				memcpy(r->v[n - 1].hi, r->v[i].hi,
				    sizeof(r->v[i].hi));
		} else
			r->v[n++] = r->v[i];
	}
	r->n = n;
	free(r->other);
	r->other = NULL;
}

static void
do_sort(struct wad_feed_build *b)
{
	for (int i = 0; i < 2; i++) {
		struct ranges *r = &b->ranges[i];

		if (r->sorted)
			continue;
		if (sort_step(r))
			return;
		unite(r);
		r->sorted = true;
	}
	b->head.n_v4 = (uint32_t)b->ranges[0].n;
	b->head.n_v6 = (uint32_t)b->ranges[1].n;
	b->head.keys_len = b->keys_len;
	b->count.entries = b->head.n_names + b->head.n_v4 + b->head.n_v6;
	b->state = NAMES;
}

/* ---- names --------------------------------------------------------------- */

static void
start_names(struct wad_feed_build *b)
{
	uint32_t n = b->head.n_slots;

	if (n == 0)
		for (n = SLOTS_MIN; n < b->head.n_names * 2; n *= 2)
			;
	else if (b->tries % TRIES == 0)
		n *= 2;
	b->head.n_slots = n;
	free(b->slots);
	b->slots = wad_xcalloc(n, sizeof(*b->slots));
	b->next = 0;
}

/* False when the way to a free slot is too long. */
static bool
put_name(struct wad_feed_build *b, const uint8_t *p, uint16_t len)
{
	const char	*key = (const char *)p + WAD_FEED_KEY_HEAD;
	uint64_t	 h = wad_feed_db_hash(b->head.seed, key, len);
	uint32_t	 mask = b->head.n_slots - 1;
	size_t		 i = (size_t)(h >> 32) & mask;

	for (unsigned n = 0; n < WAD_FEED_PROBES; n++, i = (i + 1) & mask) {
		struct wad_feed_slot	*s = &b->slots[i];
		const uint8_t		*there;
		uint16_t		 tlen;

		if (s->at == 0) {
			s->hash = (uint32_t)h;
			s->at = (uint32_t)((size_t)(p - b->keys) / 2) + 1;
			return true;
		}
		if (s->hash != (uint32_t)h)
			continue;
		there = b->keys + (size_t)(s->at - 1) * 2;
		memcpy(&tlen, there + sizeof(uint32_t), sizeof(tlen));
		if (tlen == len && memcmp(there + WAD_FEED_KEY_HEAD, key,
		    len) == 0)
			return true;	/* the first of two counts */
	}
	return false;
}

static int
do_names(struct wad_feed_build *b)
{
	if (b->slots == NULL)
		start_names(b);
	for (unsigned n = 0; n < NAMES_STEP && b->next < b->keys_len; n++) {
		const uint8_t	*p = b->keys + b->next;
		uint16_t	 len;

		memcpy(&len, p + sizeof(uint32_t), sizeof(len));
		if (!put_name(b, p, len)) {
			if (++b->tries > 2 * TRIES)
				return refuse(b, "its names collide");
			b->head.seed = b->head.seed *
			    0x9fb21c651e98df25ULL + b->tries;
			start_names(b);
			return 1;
		}
		b->next += WAD_FEED_KEY_HEAD + (size_t)len + (len & 1);
	}
	if (b->next >= b->keys_len)
		b->state = WRITE;
	return 1;
}

/* ---- the segment --------------------------------------------------------- */

static int
do_write(struct wad_feed_build *b)
{
	const struct { const void *p; size_t len; } part[] = {
		{ &b->head, sizeof(b->head) },
		{ b->slots, b->head.n_slots * sizeof(*b->slots) },
		{ b->ranges[0].v, b->ranges[0].n * sizeof(struct
		    wad_feed_range) },
		{ b->ranges[1].v, b->ranges[1].n * sizeof(struct
		    wad_feed_range) },
		{ b->keys, b->keys_len },
	};
	size_t	from = 0, n;
	ssize_t w;

	if (b->fd == -1 && (b->fd = wad_shm_text_new("feed")) == -1)
		return refuse(b, "no segment: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (b->written >= from + part[i].len) {
			from += part[i].len;
			continue;
		}
		n = from + part[i].len - b->written;
		w = write(b->fd, (const char *)part[i].p + (b->written - from),
		    n < WRITE_STEP ? n : WRITE_STEP);
		if (w <= 0)
			return refuse(b, "no room for a segment: %s",
			    strerror(errno));
		b->written += (size_t)w;
		return 1;
	}
	if (wad_shm_text_seal(b->fd) == -1)
		return refuse(b, "the segment cannot be sealed: %s",
		    strerror(errno));
	b->state = DONE;
	return 0;
}

int
wad_feed_build_step(struct wad_feed_build *b)
{
	switch (b->state) {
	case SORT:
		do_sort(b);
		return 1;
	case NAMES:
		return do_names(b);
	case WRITE:
		return do_write(b);
	case DONE:
		return 0;
	default:
		return -1;
	}
}

int
wad_feed_build_take(struct wad_feed_build *b)
{
	int fd = b->state == DONE ? b->fd : -1;

	if (fd != -1)
		b->fd = -1;
	return fd;
}

const char *
wad_feed_build_why(const struct wad_feed_build *b)
{
	return b->why;
}

const struct wad_feed_count *
wad_feed_build_count(const struct wad_feed_build *b)
{
	return &b->count;
}
