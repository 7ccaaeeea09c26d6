/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session filter: a table of fields, read, matched and printed by kind.
 */
#include "session/session_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum kind { NUMBER, VDOM, ADDRESS, NAME, STATE };

static const struct field {
	const char	*option;	/* `filter OPTION` */
	const char	*label;		/* as `filter` prints it */
	enum kind	 kind;
	uint32_t	 max;
	const char	*study;		/* its name on the study page */
} fields[WAD_SF_N] = {
	[WAD_SF_VD] = { "vd", "vd", VDOM, 511, "vd" },
	[WAD_SF_SINTF] = { "sintf", "sintf", NAME, 0, NULL },
	[WAD_SF_DINTF] = { "dintf", "dintf", NAME, 0, NULL },
	[WAD_SF_PROTO] = { "proto", "proto", NUMBER, 255, "proto" },
	[WAD_SF_PROTO_STATE] = { "proto-state", "proto-state", NUMBER, 99,
	    "state" },
	[WAD_SF_SRC] = { "src", "source ip", ADDRESS, 0, "src" },
	[WAD_SF_NSRC] = { "nsrc", "NAT'd source ip", ADDRESS, 0, NULL },
	[WAD_SF_DST] = { "dst", "dest ip", ADDRESS, 0, "dst" },
	[WAD_SF_SPORT] = { "sport", "source port", NUMBER, 65535, "sport" },
	[WAD_SF_NPORT] = { "nport", "NAT'd source port", NUMBER, 65535,
	    NULL },
	[WAD_SF_DPORT] = { "dport", "dest port", NUMBER, 65535, "dport" },
	[WAD_SF_POLICY] = { "policy", "policy id", NUMBER, UINT32_MAX,
	    "pol" },
	[WAD_SF_EXPIRE] = { "expire", "expire", NUMBER, UINT32_MAX,
	    "timeout" },
	[WAD_SF_DURATION] = { "duration", "duration", NUMBER, UINT32_MAX,
	    NULL },
	[WAD_SF_STATE1] = { "session-state1", "state1", STATE, 0, NULL },
	[WAD_SF_STATE2] = { "session-state2", "state2", STATE, 1, NULL },
};

/* The bits that FortiOS lists for session-state1 and session-state2 (KB
 * 192647); f00 after reference 5.3; log-start, rst_tcp and eph are nowhere
 * given and have bits of state2 that nothing else uses. */
static const struct { int which; uint32_t bit; } states[WAD_SLOT_S_N] = {
	[WAD_SLOT_S_LOG] = { 0, 0x4 },
	[WAD_SLOT_S_LOG_START] = { 1, 0x2 },
	[WAD_SLOT_S_REDIR] = { 0, 0x2 },
	[WAD_SLOT_S_LOCAL] = { 0, 0x100 },
	[WAD_SLOT_S_MAY_DIRTY] = { 0, 0x200 },
	[WAD_SLOT_S_DIRTY] = { 0, 0x80 },
	[WAD_SLOT_S_AUTH] = { 0, 0x800 },
	[WAD_SLOT_S_AUTHED] = { 0, 0x01000000 },
	[WAD_SLOT_S_BLOCK] = { 0, 0x8 },
	[WAD_SLOT_S_EPH] = { 1, 0x80 },
	[WAD_SLOT_S_RST_TCP] = { 1, 0x4 },
	[WAD_SLOT_S_OS] = { 0, 0x08000000 },
	[WAD_SLOT_S_RS] = { 0, 0x10000000 },
	[WAD_SLOT_S_F00] = { 1, 0x1 },
	[WAD_SLOT_S_URL_CAT_VALID] = { 1, 0x8000 },
};
static const char *const state_words[WAD_SLOT_S_N] = {
#define X(id, word) [WAD_SLOT_S_##id] = word,
	WAD_SLOT_STATES(X)
#undef X
};

void
wad_session_filter_init(struct wad_session_filter *f, int family)
{
	memset(f, 0, sizeof(*f));
	f->magic = WAD_SESSION_FILTER_MAGIC;
	f->family = (uint8_t)family;
}

bool
wad_session_filter_sane(const struct wad_session_filter *f)
{
	for (int i = 0; i < WAD_SF_N; i++)
		if (memchr(f->typed[i], '\0', sizeof(f->typed[i])) == NULL ||
		    memchr(f->dev[i], '\0', sizeof(f->dev[i])) == NULL)
			return false;
	return f->magic == WAD_SESSION_FILTER_MAGIC &&
	    (f->family == 0 || f->family == AF_INET ||
	    f->family == AF_INET6) &&
	    f->ext_src.n <= WAD_SF_EXT && f->ext_dst.n <= WAD_SF_EXT &&
	    f->ext_src_not.n <= WAD_SF_EXT &&
	    f->ext_dst_not.n <= WAD_SF_EXT;
}

void
wad_session_filter_state(uint32_t state, uint32_t bits[2])
{
	bits[0] = bits[1] = 0;
	for (int i = 0; i < WAD_SLOT_S_N; i++)
		if (state >> i & 1)
			bits[states[i].which] |= states[i].bit;
}

void
wad_session_filter_states(int which, struct wad_str *out)
{
	wad_str_addf(out, "state%d bits:\n", which + 1);
	for (int k = 0; k < 32; k++)
		for (int i = 0; i < WAD_SLOT_S_N; i++)
			if (states[i].which == which &&
			    states[i].bit == 1u << k)
				wad_str_addf(out, "        %08x: %s\n",
				    states[i].bit, state_words[i]);
}

/* ---- matching ---------------------------------------------------------- */

static bool
in_range(const struct wad_addr *a, const struct wad_addr *lo,
    const struct wad_addr *hi)
{
	return a->family == lo->family && wad_addr_ip_cmp(a, lo) >= 0 &&
	    wad_addr_ip_cmp(a, hi) <= 0;
}

static bool
in_list(const struct wad_sf_ext *e, const struct wad_addr *a)
{
	for (uint32_t i = 0; i < e->n; i++)
		if (in_range(a, &e->lo[i], &e->hi[i]))
			return true;
	return false;
}

/* Has the session this translated source? */
static bool
natted(const struct wad_slot *s)
{
	return s->nat && s->srv.local.family != 0;
}

static uint32_t
number_of(const struct wad_slot *s, int field, uint64_t now)
{
	switch (field) {
	case WAD_SF_PROTO:
		return s->proto;
	case WAD_SF_PROTO_STATE:
		return s->srv.tcp % 10 * 10u + s->clt.tcp % 10;
	case WAD_SF_SPORT:
		return s->src.port;
	case WAD_SF_NPORT:
		return natted(s) ? s->srv.local.port : 0;
	case WAD_SF_DPORT:
		return s->dst.port;
	case WAD_SF_POLICY:
		return s->policy_id;
	case WAD_SF_EXPIRE:
		return wad_slot_expire(s, now);
	case WAD_SF_DURATION:
		return now > s->born_ms ? (uint32_t)((now - s->born_ms) /
		    1000) : 0;
	default:
		return 0;		/* the one virtual domain, root */
	}
}

static const struct wad_addr *
address_of(const struct wad_slot *s, int field)
{
	return field == WAD_SF_SRC ? &s->src : field == WAD_SF_DST ?
	    &s->dst : &s->srv.local;
}

static bool
field_fits(const struct wad_session_filter *f, const struct wad_slot *s,
    int field, uint64_t now)
{
	uint32_t v, bits[2];

	switch (fields[field].kind) {
	case ADDRESS:
		return (field != WAD_SF_NSRC || natted(s)) &&
		    in_range(address_of(s, field), &f->alo[field],
		    &f->ahi[field]);
	case NAME:
		return strcmp(f->dev[field], field == WAD_SF_SINTF ?
		    s->clt.dev : s->srv.dev) == 0;
	case STATE:
		wad_session_filter_state(s->state, bits);
		v = bits[field == WAD_SF_STATE2];
		return (v & f->hi[field]) == f->lo[field];
	default:
		v = number_of(s, field, now);
		return v >= f->lo[field] && v <= f->hi[field];
	}
}

static bool
fits_all(const struct wad_session_filter *f, const struct wad_slot *s,
    uint64_t now)
{
	for (int i = 0; i < WAD_SF_N; i++)
		if ((f->set >> i & 1) && field_fits(f, s, i, now) ==
		    (bool)(f->negate >> i & 1))
			return false;
	return (f->ext_src.n == 0 || in_list(&f->ext_src, &s->src)) &&
	    (f->ext_dst.n == 0 || in_list(&f->ext_dst, &s->dst)) &&
	    !in_list(&f->ext_src_not, &s->src) &&
	    !in_list(&f->ext_dst_not, &s->dst);
}

bool
wad_session_filter_match(const struct wad_session_filter *f,
    const struct wad_slot *s, uint64_t now)
{
	if (f->family != 0 && s->src.family != f->family)
		return false;
	return fits_all(f, s, now) != ((f->negate & WAD_SF_WHOLE) != 0);
}

/* ---- setting ----------------------------------------------------------- */

static const struct {
	const char *option; size_t at;
} lists[] = {
	{ "ext-src", offsetof(struct wad_session_filter, ext_src) },
	{ "ext-dst", offsetof(struct wad_session_filter, ext_dst) },
	{ "ext-src-negate", offsetof(struct wad_session_filter,
	    ext_src_not) },
	{ "ext-dst-negate", offsetof(struct wad_session_filter,
	    ext_dst_not) },
};

static int
field_find(const char *option)
{
	if (strcmp(option, "policy-id") == 0)
		return WAD_SF_POLICY;
	if (strcmp(option, "vd-name") == 0)
		return WAD_SF_VD;
	for (int i = 0; i < WAD_SF_N; i++)
		if (strcmp(option, fields[i].option) == 0)
			return i;
	return -1;
}

static bool
empty(const struct wad_session_filter *f)
{
	return f->set == 0 && f->ext_src.n + f->ext_dst.n +
	    f->ext_src_not.n + f->ext_dst_not.n == 0;
}

/* A criterion that is not set is not negated, nor is an empty filter: what
 * ends it must not turn `clear` on the rest of the world. */
static void
unset(struct wad_session_filter *f, int field)
{
	f->set &= ~(1u << field);
	f->negate &= ~(1u << field);
	if (empty(f))
		f->negate = 0;
}

static const char *
quoted(const char *word, char buf[static 80])
{
	return wad_str_escape(buf, 80, word, strlen(word));
}

static int
number_read(const char *s, unsigned base, uint32_t max, uint32_t *v,
    const char *option, struct wad_str *err)
{
	const char		*ok = base == 16 ? "0123456789abcdefABCDEFxX" :
	    "0123456789";
	unsigned long long	 n;
	char			*end, esc[80];

	errno = 0;
	n = strtoull(s, &end, (int)base);
	if (*s == '\0' || strspn(s, ok) != strlen(s) || *end != '\0' ||
	    errno != 0 || n > max) {
		if (base == 16)
			wad_str_addf(err, "%s: \"%s\" is not a hexadecimal "
			    "number of at most 8 digits\n", option,
			    quoted(s, esc));
		else
			wad_str_addf(err, "%s: \"%s\" is not a number from 0 "
			    "to %u\n", option, quoted(s, esc), max);
		return -1;
	}
	*v = (uint32_t)n;
	return 0;
}

static int
number_set(struct wad_session_filter *f, int field, const char *option,
    const char *const *w, size_t n, struct wad_str *err)
{
	uint32_t max = fields[field].max, lo, hi;

	if (number_read(w[0], 10, max, &lo, option, err) == -1)
		return -1;
	hi = lo;
	if (n > 1 && number_read(w[1], 10, max, &hi, option, err) == -1)
		return -1;
	if (lo > hi) {
		wad_str_addf(err, "%s: %u to %u is not a range: give the "
		    "lower number first\n", option, lo, hi);
		return -1;
	}
	f->lo[field] = lo;
	f->hi[field] = hi;
	return 0;
}

/* "10.0.0.1", "10.0.0.1 10.0.0.9", "10.0.0.0/24". */
static int
range_read(const struct wad_session_filter *f, const char *option,
    const char *const *w, size_t n, struct wad_addr *lo, struct wad_addr *hi,
    struct wad_str *err)
{
	struct wad_prefix	p;
	char			esc[80];

	if (strchr(w[0], '%') != NULL || (n > 1 ?
	    wad_addr_parse(&p.addr, w[0]) : wad_prefix_parse(&p, w[0])) == -1) {
		wad_str_addf(err, "%s: \"%s\" is not an address%s\n", option,
		    quoted(w[0], esc), n > 1 ? "" : " or a prefix such as "
		    "10.10.1.0/24");
		return -1;
	}
	*lo = *hi = p.addr;
	if (n > 1 && (strchr(w[1], '%') != NULL ||
	    wad_addr_parse(hi, w[1]) == -1)) {
		wad_str_addf(err, "%s: \"%s\" is not an address\n", option,
		    quoted(w[1], esc));
		return -1;
	}
	for (unsigned i = 0; n == 1 && i < (p.addr.family == AF_INET ? 32u :
	    128u); i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		if (i >= p.len) {
			lo->ip[i / 8] &= (uint8_t)~bit;
			hi->ip[i / 8] |= bit;
		}
	}
	if (lo->family != hi->family || wad_addr_ip_cmp(lo, hi) > 0) {
		wad_str_addf(err, "%s: %s to %s is not a range: give the "
		    "lower address first, both of one family\n", option,
		    w[0], w[1]);
		return -1;
	}
	if (f->family != 0 && lo->family != f->family) {
		wad_str_addf(err, "%s: IPv%c sessions have a filter of their "
		    "own: `diagnose sys session%s filter`\n", option,
		    f->family == AF_INET ? '6' : '4',
		    f->family == AF_INET ? "6" : "");
		return -1;
	}
	return 0;
}

static int
name_set(struct wad_session_filter *f, const struct wad_conf *conf,
    int field, const char *option, const char *w, struct wad_str *err)
{
	const char	*device = w;
	char		 esc[80];

	for (size_t i = 0; conf != NULL && i < conf->n_ifs; i++)
		if (strcmp(conf->ifs[i].name, w) == 0)
			device = conf->ifs[i].device;
	if (strlen(w) >= sizeof(f->typed[0]) ||
	    strlen(device) >= sizeof(f->dev[0])) {
		wad_str_addf(err, "%s: \"%s\" is not an interface: its name "
		    "has at most 15 characters\n", option, quoted(w, esc));
		return -1;
	}
	strcpy(f->typed[field], w);
	strcpy(f->dev[field], device);
	return 0;
}

/* BITS [MASK] in hexadecimal (without a mask: these bits, whatever else is
 * set), or words of state=. */
static int
state_set(struct wad_session_filter *f, int field, const char *option,
    const char *const *w, size_t n, struct wad_str *err)
{
	int		 which = (int)fields[field].max;
	uint32_t	 bits = 0, mask;
	struct wad_str	 say = { 0 };

	for (size_t i = 0; i < n; i++) {
		int k = 0;

		while (k < WAD_SLOT_S_N && (states[k].which != which ||
		    strcasecmp(state_words[k], w[i]) != 0))
			k++;
		if (k == WAD_SLOT_S_N && (i > 0 || n > 2))
			goto wrong;
		if (k == WAD_SLOT_S_N)
			goto hex;
		bits |= states[k].bit;
	}
	f->lo[field] = f->hi[field] = bits;
	return 0;
hex:
	if (number_read(w[0], 16, UINT32_MAX, &bits, option, &say) == -1)
		goto wrong;
	mask = bits;
	if (n > 1 && number_read(w[1], 16, UINT32_MAX, &mask, option, &say) ==
	    -1)
		goto wrong;
	wad_str_free(&say);
	f->lo[field] = bits & mask;
	f->hi[field] = mask;
	return 0;
wrong:
	wad_str_free(&say);
	wad_str_addf(err, "%s: give bits and a mask in hexadecimal, or words "
	    "of state=\n", option);
	wad_session_filter_states(which, err);
	return -1;
}

static int
vdom_set(struct wad_session_filter *f, const char *option,
    const char *const *w, size_t n, struct wad_str *err)
{
	char esc[80];

	if (n == 1 && strcmp(w[0], "root") == 0) {
		f->lo[WAD_SF_VD] = f->hi[WAD_SF_VD] = 0;
		return 0;
	}
	if (strcmp(option, "vd") == 0 && w[0][0] >= '0' && w[0][0] <= '9')
		return number_set(f, WAD_SF_VD, option, w, n, err);
	wad_str_addf(err, "%s: \"%s\" is not a virtual domain: there is one, "
	    "root (0); -1 or any matches all\n", option, quoted(w[0], esc));
	return -1;
}

static int
list_add(struct wad_session_filter *f, struct wad_sf_ext *e,
    const char *option, const char *const *w, size_t n, struct wad_str *err)
{
	if (strcmp(w[0], "any") == 0 && n == 1) {
		e->n = 0;
		if (empty(f))
			f->negate = 0;
		return 0;
	}
	if (e->n == WAD_SF_EXT) {
		wad_str_addf(err, "%s: the list is full (%d addresses): use "
		    "prefixes or ranges\n", option, WAD_SF_EXT);
		return -1;
	}
	if (range_read(f, option, w, n, &e->lo[e->n], &e->hi[e->n], err) ==
	    -1)
		return -1;
	e->n++;
	return 0;
}

int
wad_session_filter_set(struct wad_session_filter *f,
    const struct wad_conf *conf, const char *option,
    const char *const *w, size_t n, struct wad_str *err)
{
	struct wad_addr	 lo, hi;
	int		 field = field_find(option), ok = -1;

	if (n == 0 || (n > 2 && (field == -1 ||
	    fields[field].kind != STATE))) {
		wad_str_addf(err, "%s: give a value, or the lower and the "
		    "upper end of a range\n", option);
		return -1;
	}
	for (size_t i = 0; i < COUNT(lists); i++)
		if (strcmp(option, lists[i].option) == 0)
			return list_add(f, (struct wad_sf_ext *)((char *)f +
			    lists[i].at), option, w, n, err);
	if (field == -1) {
		wad_str_addf(err, "\"%s\" is not an option of the filter\n",
		    option);
		return -1;
	}
	if (n == 1 && (strcmp(w[0], "any") == 0 ||
	    (field == WAD_SF_VD && strcmp(w[0], "-1") == 0))) {
		unset(f, field);
		return 0;
	}
	switch (fields[field].kind) {
	case NUMBER:
		ok = number_set(f, field, option, w, n, err);
		break;
	case VDOM:
		ok = vdom_set(f, option, w, n, err);
		break;
	case ADDRESS:
		ok = range_read(f, option, w, n, &lo, &hi, err);
		if (ok == 0) {
			f->alo[field] = lo;
			f->ahi[field] = hi;
		}
		break;
	case NAME:
		ok = n > 1 ? -1 : name_set(f, conf, field, option, w[0], err);
		if (n > 1)
			wad_str_addf(err, "%s: give one interface\n", option);
		break;
	case STATE:
		ok = state_set(f, field, option, w, n, err);
	}
	if (ok == 0)
		f->set |= 1u << field;
	return ok;
}

int
wad_session_filter_negate(struct wad_session_filter *f, const char *name,
    struct wad_str *err)
{
	int	field = name == NULL ? WAD_SF_N : field_find(name);
	char	esc[80];

	if (field == -1) {
		wad_str_addf(err, "negate: \"%s\" is not a criterion\n",
		    quoted(name, esc));
		return -1;
	}
	if (name == NULL ? empty(f) : (f->set >> field & 1) == 0) {
		wad_str_addf(err, "negate: %s is not set: set it first, then "
		    "turn it round\n", name == NULL ? "the filter" : name);
		return -1;
	}
	f->negate ^= 1u << field;
	return 0;
}

/* ---- printing ---------------------------------------------------------- */

/* "10.0.0.1-10.0.0.9"; in the study form one address, or a prefix. */
static void
range_print(const struct wad_addr *lo, const struct wad_addr *hi,
    bool study, struct wad_str *out)
{
	char		a[WAD_ADDR_STRLEN], b[WAD_ADDR_STRLEN];
	unsigned	bits = lo->family == AF_INET ? 32 : 128, len = 0, i;

	wad_addr_ip_str(lo, a);
	wad_addr_ip_str(hi, b);
	if (study && strcmp(a, b) == 0) {
		wad_str_add(out, a);
		return;
	}
#define BIT(x, i)	((x)->ip[(i) / 8] >> (7 - (i) % 8) & 1)
	while (len < bits && BIT(lo, len) == BIT(hi, len))
		len++;
	for (i = len; i < bits && !BIT(lo, i) && BIT(hi, i); i++)
		;
#undef BIT
	if (study && i == bits)
		wad_str_addf(out, "%s/%u", a, len);
	else
		wad_str_addf(out, "%s-%s", a, b);
}

static void
number_print(int field, uint32_t v, struct wad_str *out)
{
	wad_str_addf(out, "%0*u", field == WAD_SF_PROTO_STATE ? 2 : 1, v);
}

static void
value_print(const struct wad_session_filter *f, int field, bool study,
    struct wad_str *out)
{
	uint32_t lo = f->lo[field], hi = f->hi[field];

	if ((f->set >> field & 1) == 0) {
		wad_str_add(out, study && field == WAD_SF_EXPIRE ? "no" :
		    "any");
		return;
	}
	wad_str_add(out, f->negate >> field & 1 ? "not " : "");
	switch (fields[field].kind) {
	case ADDRESS:
		range_print(&f->alo[field], &f->ahi[field], study, out);
		break;
	case NAME:
		wad_str_add(out, f->typed[field]);
		break;
	case STATE:
		wad_str_addf(out, "%08x mask %08x", lo, hi);
		break;
	default:
		number_print(field, lo, out);
		if (study && lo == hi)
			break;
		wad_str_add(out, "-");
		number_print(field, hi, out);
	}
}

static void
list_print(const char *title, const struct wad_sf_ext *e,
    struct wad_str *out)
{
	if (e->n == 0)
		return;
	wad_str_addf(out, "        %s:\n", title);
	for (uint32_t i = 0; i < e->n; i++) {
		bool one = wad_addr_ip_cmp(&e->lo[i], &e->hi[i]) == 0;

		wad_str_add(out, "                ");
		range_print(&e->lo[i], &e->hi[i], one, out);
		wad_str_add(out, "\n");
	}
}

static void
study_print(const struct wad_session_filter *f, struct wad_str *out)
{
	static const struct { int field; char after; } row[] = {
		{ WAD_SF_VD, ' ' }, { WAD_SF_PROTO, ' ' },
		{ WAD_SF_EXPIRE, '\n' }, { WAD_SF_SRC, ' ' },
		{ WAD_SF_SPORT, ' ' }, { WAD_SF_DST, ' ' },
		{ WAD_SF_DPORT, '\n' }, { WAD_SF_POLICY, ' ' },
		{ -1, ' ' },	/* direction: every session goes out */
		{ WAD_SF_PROTO_STATE, '\n' },
	};
	char sep = 0;

	wad_str_add(out, "session filter info:\n");
	for (size_t i = 0; i < COUNT(row); i++) {
		wad_str_addf(out, "%s(", row[i].field == -1 ? "dir" :
		    fields[row[i].field].study);
		if (row[i].field == -1)
			wad_str_add(out, "any");
		else
			value_print(f, row[i].field, true, out);
		wad_str_addf(out, ")%c", row[i].after);
	}
	for (int i = 0; i < WAD_SF_N; i++) {	/* what the page has not */
		if (fields[i].study != NULL || (f->set >> i & 1) == 0)
			continue;
		wad_str_addf(out, "%s%s(", sep ? " " : "",
		    fields[i].option);
		value_print(f, i, true, out);
		wad_str_add(out, ")");
		sep = 1;
	}
	wad_str_add(out, sep ? "\n" : "");
}

void
wad_session_filter_print(const struct wad_session_filter *f, bool study,
    struct wad_str *out)
{
	if (study)
		study_print(f, out);
	else {
		wad_str_add(out, "session filter:\n");
		for (int i = 0; i < WAD_SF_N; i++) {
			wad_str_addf(out, "        %s: ", fields[i].label);
			value_print(f, i, false, out);
			wad_str_add(out, "\n");
		}
	}
	if (f->negate & WAD_SF_WHOLE)
		wad_str_add(out, "negate: sessions that do not fit all of "
		    "this\n");
	if (f->ext_src.n + f->ext_dst.n + f->ext_src_not.n +
	    f->ext_dst_not.n == 0)
		return;
	wad_str_add(out, "Extended filters:\n");
	list_print("Source IP List", &f->ext_src, out);
	list_print("Destination IP List", &f->ext_dst, out);
	list_print("Negated Source IP List", &f->ext_src_not, out);
	list_print("Negated Destination IP List", &f->ext_dst_not, out);
}
