/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URL filter lists (simple, wildcard, regex) and local ratings.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <check.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "conf_text.h"
#include "url/url_form.h"
#include "url/url_rules.h"
#include "suite.h"
#include "url_text.h"

static struct wad_conf		*conf;
static struct wad_url_rules	*rules;
static const char text[] = URL_TEXT;

static void
setup(void)
{
	conf = conf_of_text(text);
	rules = wad_url_rules_new(conf, NULL, 0);
	ck_assert_ptr_nonnull(rules);
}

static void
teardown(void)
{
	wad_url_rules_free(rules);
	wad_conf_put(conf);
}

/* The number of the entry that matches, 0 for none. */
static unsigned
entry(const char *host, const char *path)
{
	const struct wad_uf_entry *e = wad_url_rules_filter(rules,
	    &conf->urlfilters[0], host, path, NULL);

	return e != NULL ? e->id : 0;
}

START_TEST(simple)
{
	ck_assert_uint_eq(entry("off.example", NULL), 0);
	ck_assert_uint_eq(entry("bad.example", NULL), 3);
	ck_assert_uint_eq(entry("www.bad.example", "/x"), 3);
	ck_assert_uint_eq(entry("xbad.example", NULL), 0);
	ck_assert_uint_eq(entry("example", NULL), 0);
	ck_assert_uint_eq(entry("a.good.bad.example", NULL), 2);
}
END_TEST

START_TEST(below_path)
{
	ck_assert_uint_eq(entry("path.example", NULL), 0);
	ck_assert_uint_eq(entry("path.example", "/"), 0);
	ck_assert_uint_eq(entry("path.example", "/secret"), 6);
	ck_assert_uint_eq(entry("path.example", "/secret/x"), 6);
	ck_assert_uint_eq(entry("path.example", "/secret?x"), 6);
	ck_assert_uint_eq(entry("path.example", "/secrets"), 0);
	ck_assert_uint_eq(entry("path.example", "//a/../%73ecret"), 6);
}
END_TEST

START_TEST(wildcard)
{
	ck_assert_uint_eq(entry("a.wild.example", "/xyz"), 4);
	ck_assert_uint_eq(entry("a.wild.example", "/y"), 0);
	ck_assert_uint_eq(entry("a.wild.example", NULL), 0);
	ck_assert_uint_eq(entry("wild.example", "/x"), 0);
}
END_TEST

START_TEST(regex)
{
	ck_assert_uint_eq(entry("re12.example", "/a"), 5);
	ck_assert_uint_eq(entry("RE12.example", "/B"), 5);
	ck_assert_uint_eq(entry("re12.example", "/c"), 0);
	ck_assert_uint_eq(entry("re.example", "/a"), 0);
}
END_TEST

/* A match that takes too long counts as a match of a block entry. */
START_TEST(regex_limit)
{
	ck_assert_uint_eq(entry("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaab", NULL), 7);
}
END_TEST

START_TEST(local_rating)
{
	uint16_t c[4];

	ck_assert_uint_eq(wad_url_rules_local(rules, "a.rated.example", NULL,
	    c, 4), 2);
	ck_assert_uint_eq(c[0], 140);
	ck_assert_uint_eq(c[1], 52);
	ck_assert_uint_eq(wad_url_rules_local(rules, "rated.example", NULL, c,
	    1), 1);
	ck_assert_uint_eq(wad_url_rules_local(rules, "www.rated.example",
	    "/deep/x", c, 4), 1);
	ck_assert_uint_eq(c[0], 31);
	ck_assert_uint_eq(wad_url_rules_local(rules, "off.rated.example", NULL,
	    c, 4), 2);
	ck_assert_uint_eq(wad_url_rules_local(rules, "other.example", NULL, c,
	    4), 0);
}
END_TEST

/* A list of entries, and which one is found in it. */
struct made {
	struct wad_urlfilter	 f;
	struct wad_conf		 c;
	struct wad_url_rules	*r;
};

static void
make(struct made *m, struct wad_uf_entry *e, size_t n, bool below)
{
	char err[200] = "";

	*m = (struct made){ .f = { .id = 1, .entries = e, .n_entries = n,
		.subdomains = below } };
	m->c.urlfilters = &m->f;
	m->c.n_urlfilters = 1;
	m->r = wad_url_rules_new(&m->c, err, sizeof(err));
	ck_assert_msg(m->r != NULL, "%s", err);
}

static unsigned
hit(struct made *m, const char *host, const char *path)
{
	const struct wad_uf_entry *e = wad_url_rules_filter(m->r, &m->f,
	    host, path, NULL);

	return e != NULL ? (unsigned)(e - m->f.entries) + 1 : 0;
}

#define ENTRY(u, t, a) { .url = (u), .type = WAD_UF_##t, \
	.action = WAD_UF_##a, .enabled = true }

/* A domain is no suffix of an address; a scheme says nothing. */
START_TEST(odd_patterns)
{
	struct wad_uf_entry	e[] = {
		ENTRY("0.2.1", SIMPLE, BLOCK),
		ENTRY("https://s.example/p", SIMPLE, BLOCK),
		ENTRY("q.example/p?a=1", SIMPLE, BLOCK),
		ENTRY("", SIMPLE, BLOCK), ENTRY("/x", SIMPLE, BLOCK),
		ENTRY("B\xc3\xbc" "cher.example", SIMPLE, BLOCK),
		ENTRY("*.m\xc3\xbcller.example", WILDCARD, BLOCK),
		ENTRY("[::ffff:192.0.2.7]", SIMPLE, BLOCK),
		ENTRY("2001:DB8::1", SIMPLE, BLOCK) };
	struct made		m;

	make(&m, e, sizeof(e) / sizeof(e[0]), true);
	ck_assert_uint_eq(hit(&m, "192.0.2.1", NULL), 0);
	ck_assert_uint_eq(hit(&m, "s.example", "/p/"), 2);
	ck_assert_uint_eq(hit(&m, "q.example", "/p?a=1"), 3);
	ck_assert_uint_eq(hit(&m, "q.example", "/p?%61=1&b=2"), 3);
	ck_assert_uint_eq(hit(&m, "q.example", "/p?a=12"), 0);
	ck_assert_uint_eq(hit(&m, "q.example", "/p"), 0);
	ck_assert_uint_eq(hit(&m, "www.xn--bcher-kva.example", NULL), 6);
	ck_assert_uint_eq(hit(&m, "a.xn--mller-kva.example", NULL), 7);
	ck_assert_uint_eq(hit(&m, "192.0.2.7", "/"), 8);
	ck_assert_uint_eq(hit(&m, "2001:db8::1", "/"), 9);
	wad_url_rules_free(m.r);
}
END_TEST

/* A path in other words is the same path. */
START_TEST(forms)
{
	struct wad_uf_entry	e[] = {
		ENTRY("*/bad*", WILDCARD, BLOCK),
		ENTRY("^r\\.example/(x/)?worse$", REGEX, BLOCK),
		ENTRY("h.example/dir/*", WILDCARD, BLOCK),
		ENTRY("*evil*", WILDCARD, BLOCK),
		ENTRY("*kind*", WILDCARD, EXEMPT),
		ENTRY("all.example/*", WILDCARD, BLOCK),
		ENTRY("q.example/*?id=*", WILDCARD, BLOCK) };
	struct made		m;
	char			longer[9000];

	make(&m, e, sizeof(e) / sizeof(e[0]), true);
	ck_assert_uint_eq(hit(&m, "a.example", "/%62ad"), 1);
	ck_assert_uint_eq(hit(&m, "a.example", "/x/./y/..//%42AD?q"), 1);
	ck_assert_uint_eq(hit(&m, "a.example", "/x?u=/bad"), 1);
	ck_assert_uint_eq(hit(&m, "r.example", "//x/%77orse"), 2);
	ck_assert_uint_eq(hit(&m, "r.example", "/x/../worse"), 2);
	ck_assert_uint_eq(hit(&m, "r.example", "/y/worse"), 0);
	ck_assert_uint_eq(hit(&m, "h.example", "/dir/"), 3);
	ck_assert_uint_eq(hit(&m, "h.example", "/dir"), 0);
	ck_assert_uint_eq(hit(&m, "a.evil.example", NULL), 4);
	ck_assert_uint_eq(hit(&m, "a.example", "/very/EVI%6c"), 4);
	ck_assert_uint_eq(hit(&m, "a.kind.example", "/"), 5);
	ck_assert_uint_eq(hit(&m, "a.example", "/kind"), 0);
	ck_assert_uint_eq(hit(&m, "all.example", NULL), 6);
	ck_assert_uint_eq(hit(&m, "q.example", "/p?id=1"), 7);
	/* no path is so long that its end is not looked at */
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	memcpy(longer + sizeof(longer) - 6, "/b%61d", 6);
	longer[sizeof(longer) - 1] = '\0';
	memcpy(longer + sizeof(longer) - 7, "/b%61d", 7);
	ck_assert_uint_eq(hit(&m, "a.example", longer), 1);
	wad_url_rules_free(m.r);
}
END_TEST

START_TEST(no_subdomains)
{
	struct wad_uf_entry	e[] = { ENTRY("a.example", SIMPLE, BLOCK) };
	struct made		m;

	make(&m, e, 1, false);
	ck_assert_uint_eq(hit(&m, "a.example", "/x"), 1);
	ck_assert_uint_eq(hit(&m, "www.a.example", "/x"), 0);
	wad_url_rules_free(m.r);
}
END_TEST

START_TEST(referrers)
{
	struct wad_uf_entry	e[] = { ENTRY("a.example", SIMPLE, BLOCK),
		ENTRY("*.b.example", WILDCARD, BLOCK),
		ENTRY("a.example", SIMPLE, ALLOW) };
	struct made		m;

	e[0].referrer_host = e[1].referrer_host = "From.example";
	make(&m, e, 3, true);
	ck_assert_uint_eq(hit(&m, "a.example", "/"), 3);
	ck_assert_uint_eq(hit(&m, "x.b.example", "/"), 0);
	ck_assert_ptr_eq(wad_url_rules_filter(m.r, &m.f, "a.example", "/",
	    "from.example"), &e[0]);
	ck_assert_ptr_eq(wad_url_rules_filter(m.r, &m.f, "a.example", "/",
	    "other.example"), &e[2]);
	ck_assert_ptr_eq(wad_url_rules_filter(m.r, &m.f, "x.b.example", "/",
	    "from.example"), &e[1]);
	wad_url_rules_free(m.r);
}
END_TEST

/* ---- against a search from the first entry to the last ---- */

static bool
border_prefix(const char *name, const char *path)
{
	size_t n = strlen(name);

	return strncmp(name, path, n) == 0 && (path[n] == '\0' ||
	    (strchr(name, '?') != NULL ? path[n] == '&' : path[n] == '/' ||
	    path[n] == '?'));
}

static bool
linear_simple(const char *url, const char *host, const char *path, bool below)
{
	size_t		plen = strcspn(url, "/?"), hlen = strlen(host);
	struct wad_str	form = { 0 };
	bool		match;

	if (hlen < plen || plen == 0 ||
	    strncasecmp(host + hlen - plen, url, plen) != 0 ||
	    (hlen > plen && (!below || host[hlen - plen - 1] != '.')))
		return false;
	wad_url_form_path(&form, url + plen, strlen(url + plen));
	if (form.s[form.len - 1] == '/')
		form.s[--form.len] = '\0';
	match = form.len == 0 || (path != NULL &&
	    border_prefix(form.s, path));
	wad_str_free(&form);
	return match;
}

static bool
linear_wildcard(const struct wad_uf_entry *e, const char *host,
    const char *path, const char *whole)
{
	char		name[600], form[700];
	size_t		plen = strcspn(e->url, "/");
	const char	*rest = e->url + plen;
	struct wad_str	glob = { 0 };

	if (*rest == '\0' && plen > 0 && e->url[0] == '*' &&
	    e->url[plen - 1] == '*' && (e->action == WAD_UF_BLOCK ||
	    e->action == WAD_UF_MONITOR))
		return wad_str_wildcard(e->url, whole);
	snprintf(name, sizeof(name), "%.*s", (int)plen, e->url);
	if (!wad_str_wildcard(name, host))
		return false;
	if (strlen(rest) <= 1 || strcmp(rest, "/*") == 0)
		return true;
	wad_url_form_glob(&glob, rest, strlen(rest));
	snprintf(form, sizeof(form), "%s%s", plen > 0 && e->url[plen - 1] ==
	    '*' ? "*" : "", glob.s);
	wad_str_free(&glob);
	return path != NULL && wad_str_wildcard(form, path);
}

static bool
linear_regex(const char *source, const char *whole)
{
	int			 num;
	PCRE2_SIZE		 at;
	pcre2_code		*code = pcre2_compile((PCRE2_SPTR)source,
	    PCRE2_ZERO_TERMINATED, PCRE2_CASELESS, &num, &at, NULL);
	pcre2_match_data	*data = pcre2_match_data_create(1, NULL);

	num = pcre2_match(code, (PCRE2_SPTR)whole, PCRE2_ZERO_TERMINATED, 0,
	    0, data, NULL);
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return num >= 0;
}

static unsigned
linear(const struct wad_urlfilter *f, const char *host, const char *path)
{
	struct wad_str	whole = { 0 };
	const char	*form = NULL;
	unsigned	found = 0;

	wad_str_add(&whole, host);
	if (path != NULL) {
		wad_url_form_path(&whole, path, strlen(path));
		form = whole.s + strlen(host);
	}
	for (size_t i = 0; i < f->n_entries && found == 0; i++) {
		const struct wad_uf_entry *e = &f->entries[i];

		if (e->enabled && (e->type == WAD_UF_SIMPLE ?
		    linear_simple(e->url, host, form, f->subdomains) :
		    e->type == WAD_UF_WILDCARD ? linear_wildcard(e, host,
		    form, whole.s) : linear_regex(e->url, whole.s)))
			found = (unsigned)i + 1;
	}
	wad_str_free(&whole);
	return found;
}

static unsigned long long seed = 20261121;

static unsigned
rnd(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static const char *
pick(const char *const *words, size_t n)
{
	return words[rnd((unsigned)n)];
}
#define PICK(w) pick((w), sizeof(w) / sizeof((w)[0]))

static const char *const labels[] = { "a", "bb", "Ads", "www", "example",
	"xn--p", "a-b", "12" };
static const char *const tops[] = { "example", "test", "co.example" };
static const char *const parts[] = { "a", "Bad", "%62ad", "..", ".", "",
	"b%2Fc", "long-part-of-a-path", "~x", "%7Ex", "%zz" };
static const char *const globs[] = { "*", "?", "*a", "*.", "a*", "**" };
static const char *const exprs[] = { "a+", "(bad|ads)", "\\.", "[ab]", "x?",
	"^", "$", "example", "/", ".*", "www", "b{1,2}", "\\d", "|", "-",
	"(?:a(b)?)*", "(?=a)", "[]a]", "\\w+", "%62", "\\x61", "long-part" };

static void
some_host(struct wad_str *s)
{
	for (unsigned n = rnd(3); n > 0; n--)
		wad_str_addf(s, "%s.", PICK(labels));
	wad_str_add(s, PICK(tops));
}

static void
some_path(struct wad_str *s)
{
	for (unsigned n = rnd(4); n > 0; n--)
		wad_str_addf(s, "/%s", PICK(parts));
	for (unsigned n = rnd(8) == 0 ? 1 + rnd(3) : 0, i = 0; i < n; i++)
		wad_str_addf(s, "%s%s=%s", i > 0 ? "&" : s->len > 0 ? "?" :
		    "/?", PICK(labels), PICK(parts));
}

static void
some_entry(struct wad_uf_entry *e)
{
	struct wad_str	s = { 0 };
	unsigned	n;

	*e = (struct wad_uf_entry){ .type = (enum wad_uf_type)rnd(3),
		.action = (enum wad_uf_action)rnd(4), .enabled = rnd(9) > 0 };
	wad_str_add(&s, "");
	switch (e->type) {
	case WAD_UF_SIMPLE:
		some_host(&s);
		some_path(&s);
		break;
	case WAD_UF_WILDCARD:
		for (n = 1 + rnd(3); n > 0; n--)
			wad_str_add(&s, rnd(2) ? PICK(globs) : PICK(labels));
		if (rnd(2))
			wad_str_addf(&s, ".%s", PICK(tops));
		for (n = rnd(3); n > 0; n--)
			wad_str_addf(&s, "/%s%s", PICK(parts), rnd(2) ?
			    PICK(globs) : "");
		break;
	case WAD_UF_REGEX:
		for (n = 1 + rnd(6); n > 0; n--)
			wad_str_add(&s, PICK(exprs));
		break;
	}
	e->url = wad_str_take(&s);
}

static void
random_list(unsigned n, unsigned *found)
{
	struct wad_uf_entry	*e = calloc(n, sizeof(*e));
	struct made		 m;

	for (unsigned i = 0; i < n; i++)
		some_entry(&e[i]);
	make(&m, e, n, rnd(4) > 0);
	for (unsigned i = 0; i < 60; i++) {
		struct wad_str	url = { 0 }, path = { 0 };
		char		host[WAD_HOST_MAX];
		unsigned	want, got;

		some_host(&url);
		ck_assert_int_eq(wad_url_form_host(host, url.s, url.len), 0);
		wad_str_add(&path, "");
		some_path(&path);
		want = linear(&m.f, host, i % 7 == 0 ? NULL : path.s);
		got = hit(&m, host, i % 7 == 0 ? NULL : path.s);
		ck_assert_msg(got == want, "%s %s: entry %u '%s', not %u '%s'",
		    host, path.s, got, got > 0 ? e[got - 1].url : "", want,
		    want > 0 ? e[want - 1].url : "");
		*found += want > 0;
		wad_str_free(&url);
		wad_str_free(&path);
	}
	wad_url_rules_free(m.r);
	for (unsigned i = 0; i < n; i++)
		free((char *)(uintptr_t)e[i].url);
	free(e);
}

START_TEST(as_linear)
{
	unsigned found = 0;

	for (unsigned i = 0; i < 400; i++)
		random_list(1 + rnd(12), &found);
	for (unsigned i = 0; i < 10; i++)
		random_list(300, &found);
	ck_assert_uint_gt(found, 3000);		/* of 24,600 */
	ck_assert_uint_lt(found, 23000);
}
END_TEST

/* ---- what a look-up costs ---- */

static void
big_entry(struct wad_uf_entry *e, unsigned i)
{
	struct wad_str s = { 0 };

	*e = (struct wad_uf_entry){ .type = (enum wad_uf_type)(i % 3),
		.action = WAD_UF_BLOCK, .enabled = true };
	if (e->type == WAD_UF_SIMPLE)
		wad_str_addf(&s, "site%u.example%s", i, i % 2 ? "" :
		    "/some/path");
	else if (e->type == WAD_UF_WILDCARD)
		wad_str_addf(&s, i % 2 ? "*.wild%u.example/*" :
		    "*/banner%u/*", i);
	else
		wad_str_addf(&s, i % 2 ? "^(.*\\.)?re%u\\.example/" :
		    "/track(er)?/[0-9]+/id%u(&|$)", i);
	e->url = wad_str_take(&s);
}

/* Microseconds of this process on a processor, or on the wall. */
static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Time of a look-up in us, in the middle of five runs; of each by itself,
 * what half and 99 of 100 take at most (with the clock's own time). */
static double
cost(struct made *m, double *p50, double *p99)
{
	static const char *const hosts[] = { "www.kernel.org.example",
		"cdn.assets.shop.example", "site3.other.example",
		"wild7.example", "192.0.2.77", "a.b.c.d.e.example" };
	static const char *const paths[] = { "/", "/index.html?x=1&y=2",
		"/static/js/app.0123456789abcdef.js", "/some/path/and/more",
		"/track/77/none", "/banner/x" };
	enum { TIMES = 20000 };
	static double	each[TIMES];
	double		run[5];
	unsigned	found = 0;

	for (size_t k = 0; k < 5; k++) {
		double a = now(CLOCK_PROCESS_CPUTIME_ID);

		for (unsigned i = 0; i < TIMES; i++)
			found += hit(m, hosts[i % 6], paths[i / 6 % 6]);
		run[k] = (now(CLOCK_PROCESS_CPUTIME_ID) - a) / TIMES;
	}
	for (unsigned i = 0; i < TIMES; i++) {
		double a = now(CLOCK_MONOTONIC);

		(void)hit(m, hosts[i % 6], paths[i / 6 % 6]);
		each[i] = now(CLOCK_MONOTONIC) - a;
	}
	ck_assert_uint_eq(found, 0);
	qsort(run, 5, sizeof(*run), by_number);
	qsort(each, TIMES, sizeof(*each), by_number);
	*p50 = each[TIMES / 2];
	*p99 = each[TIMES / 100 * 99];
	return run[2];
}

START_TEST(large)
{
	static const unsigned	 n[3] = { 10, 1000, 100000 };
	double			 us[3];

	for (size_t k = 0; k < 3; k++) {
		struct wad_uf_entry	*e = calloc(n[k], sizeof(*e));
		struct made		 m;
		double			 made, p50, p99;

		for (unsigned i = 0; i < n[k]; i++)
			big_entry(&e[i], i);
		made = now(CLOCK_PROCESS_CPUTIME_ID);
		make(&m, e, n[k], true);
		made = now(CLOCK_PROCESS_CPUTIME_ID) - made;
		us[k] = cost(&m, &p50, &p99);
		printf("%u entries: %.2f us a look-up (p50 %.2f p99 %.2f), "
		    "made in %.0f ms\n", n[k], us[k], p50, p99, made / 1e3);
		ck_assert_uint_eq(hit(&m, "site3.example", NULL), 4);
		ck_assert_uint_eq(hit(&m, "x.wild7.example", "/"), 8);
		if (n[k] > 10)
			ck_assert_uint_eq(hit(&m, "a.re995.example", "/"),
			    996);
		wad_url_rules_free(m.r);
		for (unsigned i = 0; i < n[k]; i++)
			free((char *)(uintptr_t)e[i].url);
		free(e);
	}
	/* a linear search would cost 10,000 times as much */
	ck_assert_msg(us[2] < us[0] * 100, "%.2f us, %.2f us", us[0], us[2]);
}
END_TEST

START_TEST(bad_regex)
{
	struct wad_uf_entry	e = { .id = 3, .url = "a(", .type =
	    WAD_UF_REGEX, .enabled = true };
	struct wad_urlfilter	f = { .id = 9, .entries = &e,
		.n_entries = 1 };
	struct wad_conf		c = { .urlfilters = &f, .n_urlfilters = 1 };
	char			err[200] = "";

	ck_assert_ptr_null(wad_url_rules_new(&c, err, sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "webfilter urlfilter 9, entry 3"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("url_rules");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, simple);
	tcase_add_test(t, below_path);
	tcase_add_test(t, wildcard);
	tcase_add_test(t, regex);
	tcase_add_test(t, regex_limit);
	tcase_add_test(t, local_rating);
	tcase_add_test(t, odd_patterns);
	tcase_add_test(t, forms);
	tcase_add_test(t, no_subdomains);
	tcase_add_test(t, referrers);
	tcase_add_test(t, as_linear);
	tcase_add_test(t, large);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, bad_regex);
	suite_add_tcase(s, t);
	return suite_run(s);
}
