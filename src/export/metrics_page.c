/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of metrics in the text format 0.0.4 of Prometheus,
 * https://prometheus.io/docs/instrumenting/exposition_formats/.  What it
 * shows is in metrics.def; the numbers come from the segments of the other
 * roles, which may hold anything: a number is printed, whatever it is.
 */
#include "export/export.h"

#include <event2/event.h>
#include <openssl/crypto.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"
#include "url/url.h"

enum { LABELS = 160, NAME = 64 };
#define MILLION	UINT64_C(1000000)

struct page {
	const struct wad_export	*x;
	struct wad_str		*out;
	const char		*family;	/* of the samples that follow */
};

enum kind { K_FAMILY, K_COUNTER, K_GAUGE, K_HISTO, K_SPECIAL };

struct row {
	enum kind	 kind;
	unsigned	 id;
	const char	*role;		/* "*": any */
	const char	*a, *b, *c;	/* name, type, help; or labels */
	void		(*special)(const struct page *);
};

/* ---- one sample ---------------------------------------------------------- */

static uint64_t
get(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* How many bytes of valid UTF-8 begin here (RFC 3629 section 4); 0: none. */
static size_t
utf8(const unsigned char *s, size_t len)
{
	static const struct { uint8_t lo, hi, lo2, hi2; uint8_t n; } rows[] = {
		{ 0x20, 0x7e, 0, 0, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = rows[i].n, k = 1;

		if (s[0] < rows[i].lo || s[0] > rows[i].hi || n > len)
			continue;
		if (n > 1 && (s[1] < rows[i].lo2 || s[1] > rows[i].hi2))
			return 0;
		for (k = 2; k < n; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return n;
	}
	return 0;
}

void
wad_metrics_label(struct wad_str *out, const char *value)
{
	size_t len = strlen(value), n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8((const unsigned char *)value + i, len - i);
		if (n == 0) {
			wad_str_add(out, "?");
			n = 1;
			continue;
		}
		if (value[i] == '"' || value[i] == '\\')
			wad_str_add(out, "\\");
		wad_str_addn(out, value + i, n);
	}
}

/* family suffix {role, worker, labels, more}, without the value. */
static void
name(const struct page *p, const char *suffix,
    const struct wad_export_ring *r, bool role, const char *labels,
    const char *more)
{
	bool	worker = r != NULL && strcmp(r->role, "worker") == 0;
	char	own[LABELS] = "";
	size_t	n = 0;

	if (r != NULL && role)
		n += (size_t)snprintf(own, sizeof(own), "role=\"%s\"",
		    r->role);
	if (worker)
		(void)snprintf(own + n, sizeof(own) - n, "%sworker=\"%u\"",
		    n > 0 ? "," : "", r->index);
	wad_str_add(p->out, p->family);
	wad_str_add(p->out, suffix);
	if (own[0] == '\0' && labels[0] == '\0' && more[0] == '\0')
		return;
	wad_str_addf(p->out, "{%s%s%s%s%s}", own, own[0] != '\0' &&
	    labels[0] != '\0' ? "," : "", labels, more[0] != '\0' &&
	    (own[0] != '\0' || labels[0] != '\0') ? "," : "", more);
}

static void
sample(const struct page *p, const struct wad_export_ring *r, bool role,
    const char *labels, uint64_t v)
{
	name(p, "", r, role, labels, "");
	wad_str_addf(p->out, " %" PRIu64 "\n", v);
}

/* Microseconds as seconds, without zeroes at the end. */
static void
seconds(char buf[NAME], uint64_t us)
{
	int n = snprintf(buf, NAME, "%" PRIu64 ".%06" PRIu64, us / MILLION,
	    us % MILLION);

	while (buf[n - 1] == '0')
		buf[--n] = '\0';
	if (buf[n - 1] == '.')
		buf[n - 1] = '\0';
}

/* Each bucket is read once, so that the sums fit together while the writer
 * goes on. */
static void
histogram(const struct page *p, const struct wad_export_ring *r, bool role,
    const char *labels, const struct wad_histo *h)
{
	uint64_t	n = 0;
	char		num[NAME], le[NAME + 8];

	for (int b = 0; b < WAD_HISTO_BUCKETS; b++) {
		uint64_t v = get(&h->bucket[b]);

		n = v > UINT64_MAX - n ? UINT64_MAX : n + v;
		snprintf(num, sizeof(num), "+Inf");
		if (b < WAD_HISTO_BUCKETS - 1)
			seconds(num, wad_histo_bounds[b]);
		snprintf(le, sizeof(le), "le=\"%s\"", num);
		name(p, "_bucket", r, role, labels, le);
		wad_str_addf(p->out, " %" PRIu64 "\n", n);
	}
	seconds(num, get(&h->sum));
	name(p, "_sum", r, role, labels, "");
	wad_str_addf(p->out, " %s\n", num);
	name(p, "_count", r, role, labels, "");
	wad_str_addf(p->out, " %" PRIu64 "\n", n);
}

/* The next ring of this role after r (NULL: the first); NULL. */
static const struct wad_export_ring *
next(const struct page *p, const struct wad_export_ring *r, const char *role)
{
	const struct wad_export_ring *end = p->x->rings + p->x->n_rings;

	for (r = r == NULL ? p->x->rings : r + 1; r < end; r++)
		if (r->seg != NULL && (*role == '*' ||
		    strcmp(r->role, role) == 0))
			return r;
	return NULL;
}

#define EACH(p, r, role)						\
	for (r = next(p, NULL, role); r != NULL; r = next(p, r, role))

/* ---- what is no plain number --------------------------------------------- */

static void
build(const struct page *p)
{
	wad_str_add(p->out, "openwad_build_info{version=\"");
	wad_metrics_label(p->out, PACKAGE_VERSION);
	wad_str_add(p->out, "\",openssl=\"");
	wad_metrics_label(p->out, OpenSSL_version(OPENSSL_VERSION_STRING));
	wad_str_add(p->out, "\",libevent=\"");
	wad_metrics_label(p->out, event_get_version());
	wad_str_add(p->out, "\"} 1\n");
}

static void
up(const struct page *p)
{
	const struct wad_export_ring *r;

	EACH(p, r, "*")
		sample(p, r, true, "", get(&r->seg->stats.gauge[
		    WAD_GAUGE_STARTED]) != 0);
}

static void
ended(const struct page *p)
{
	const struct wad_export_ring	*r;
	char				 labels[LABELS];

	EACH(p, r, "worker")
		for (int i = 0; i < WR_N; i++) {
			snprintf(labels, sizeof(labels), "reason=\"%s\","
			    "action=\"%s\"", wad_reasons[i].name,
			    wad_reasons[i].action);
			sample(p, r, false, labels,
			    get(&r->seg->stats.ended[i]));
		}
}

/* All that a certificate can be judged by are there from the start. */
static void
verdicts(const struct page *p)
{
	const struct wad_export_ring	*r;
	char				 labels[LABELS];

	EACH(p, r, "worker")
		for (int i = WR_CERT_EXPIRED; i <= WR_N; i++) {
			if (i > WR_CERT_FAILURE && i < WR_N)
				continue;
			snprintf(labels, sizeof(labels), "reason=\"%s\"",
			    i == WR_N ? "good" : wad_reasons[i].name);
			sample(p, r, false, labels,
			    get(&r->seg->stats.verdict[i]));
		}
}

static void
categories(const struct page *p)
{
	static const char *const actions[WAD_STATS_ACTIONS] = {
		[WAD_WF_ALLOW] = "allow", [WAD_WF_MONITOR] = "monitor",
		[WAD_WF_WARNING] = "warning",
		[WAD_WF_AUTHENTICATE] = "authenticate",
		[WAD_WF_BLOCK] = "block",
	};
	const struct wad_export_ring	*r;
	struct wad_str			 labels = { 0 };

	EACH(p, r, "worker")
		for (int i = 0; i < WAD_STATS_CATEGORIES *
		    WAD_STATS_ACTIONS; i++) {
			unsigned c = (unsigned)i / WAD_STATS_ACTIONS;
			unsigned a = (unsigned)i % WAD_STATS_ACTIONS;
			uint64_t v = get(&r->seg->stats.category[c][a]);

			if (v == 0)
				continue;
			labels.len = 0;
			wad_str_addf(&labels, "category=\"%u\",name=\"", c);
			wad_metrics_label(&labels, wad_url_cate_name(
			    p->x->conf, (uint16_t)c));
			wad_str_addf(&labels, "\",action=\"%s\"",
			    actions[a]);
			sample(p, r, false, labels.s, v);
		}
	wad_str_free(&labels);
}

static void
caches(const struct page *p, size_t what)
{
	const struct wad_export_ring	*r;
	char				 labels[LABELS];

	for (int i = 0; i < WAD_CACHE_N; i++)
		EACH(p, r, wad_cache_roles[i]) {
			snprintf(labels, sizeof(labels), "cache=\"%s\"",
			    wad_cache_names[i]);
			sample(p, r, true, labels, get((const uint64_t *)
			    (const void *)((const char *)
			    &r->seg->stats.cache[i] + what)));
		}
}

static void
cache_entries(const struct page *p)
{
	caches(p, offsetof(struct wad_cache_stats, entries));
}

static void
cache_hits(const struct page *p)
{
	caches(p, offsetof(struct wad_cache_stats, hits));
}

static void
cache_misses(const struct page *p)
{
	caches(p, offsetof(struct wad_cache_stats, misses));
}

static void
cache_evicted(const struct page *p)
{
	caches(p, offsetof(struct wad_cache_stats, evicted));
}

static void
log_records(const struct page *p)
{
	const struct wad_export_ring *r;

	EACH(p, r, "*")
		sample(p, r, true, "", get(&r->seg->log_next));
}

static void
syslog_up(const struct page *p)
{
	struct wad_syslog_numbers n;

	for (unsigned i = 0; i < WAD_SYSLOGS; i++)
		if (wad_syslog_numbers(p->x->syslog, i, &n))
			wad_str_addf(p->out, "%s{server=\"%u\"} %d\n",
			    p->family, i + 1, n.up);
}

static void
syslog_records(const struct page *p)
{
	struct wad_syslog_numbers n;

	for (unsigned i = 0; i < WAD_SYSLOGS; i++)
		if (wad_syslog_numbers(p->x->syslog, i, &n))
			wad_str_addf(p->out, "%s{server=\"%u\",result="
			    "\"sent\"} %" PRIu64 "\n%s{server=\"%u\","
			    "result=\"lost\"} %" PRIu64 "\n", p->family,
			    i + 1, n.sent, p->family, i + 1, n.lost);
}

/* ---- the page ------------------------------------------------------------ */

static const struct row rows[] = {
#define FAMILY(name, type, help)					\
	{ K_FAMILY, 0, NULL, name, type, help, NULL },
#define COUNTER(role, id, labels)					\
	{ K_COUNTER, WAD_CNT_##id, role, labels, NULL, NULL, NULL },
#define GAUGE(role, id, labels)						\
	{ K_GAUGE, WAD_GAUGE_##id, role, labels, NULL, NULL, NULL },
#define HISTO(role, id, labels)						\
	{ K_HISTO, WAD_HISTO_##id, role, labels, NULL, NULL, NULL },
#define SPECIAL(fn)							\
	{ K_SPECIAL, 0, NULL, NULL, NULL, NULL, fn },
#include "export/metrics.def"
#undef FAMILY
#undef COUNTER
#undef GAUGE
#undef HISTO
#undef SPECIAL
};

static void
samples(const struct page *p, const struct row *w)
{
	bool				 role = *w->role == '*';
	const struct wad_export_ring	*r;

	EACH(p, r, w->role) {
		const struct wad_stats *s = &r->seg->stats;

		if (w->kind == K_HISTO)
			histogram(p, r, role, w->a, &s->histo[w->id]);
		else
			sample(p, r, role, w->a, get(w->kind == K_COUNTER ?
			    &s->counter[w->id] : &s->gauge[w->id]));
	}
}

void
wad_metrics_print(const struct wad_export *x, struct wad_str *out)
{
	struct page p = { .x = x, .out = out };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *w = &rows[i];

		if (w->kind == K_FAMILY) {
			p.family = w->a;
			wad_str_addf(out, "# HELP %s %s\n# TYPE %s %s\n",
			    w->a, w->c, w->a, w->b);
		} else if (w->kind == K_SPECIAL)
			w->special(&p);
		else
			samples(&p, w);
	}
}
