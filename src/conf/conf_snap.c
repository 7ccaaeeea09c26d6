/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From tree to snapshot: entries become structs by the schema's rows, names
 * become pointers.  The parent builds one to check the file; every role
 * builds its own from the sealed text.  All memory is the snapshot's arena.
 */
#include "conf/conf_snap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/xmem.h"
#include "conf/conf_check.h"
#include "conf/conf_schema.h"

struct build {
	struct wad_conf			*c;
	struct wad_conf_tree		*tree;	/* effective */
	struct wad_conf_errs		*errs;
	wad_conf_facts_fn		*facts;
	struct wad_conf_names		*addr4, *addr6, *services, *wildcards,
	    *certs, *ocsp, *profiles, *wf_profiles, *groups, *users, *ifs;
	size_t				 max_ifs;
};

typedef void entry_fn(struct build *, const struct wad_conf_table *,
    const struct wad_conf_node *, size_t index);

static void build_certs(struct build *);
static void build_revocation(struct build *);
static void build_interfaces(struct build *);
static void build_addresses(struct build *);
static void build_services(struct build *);
static void build_profiles(struct build *);
static void build_webfilter(struct build *);
static void build_users(struct build *);
static void build_policies(struct build *);
static void build_singles(struct build *);

struct wad_conf_err {
	const char	*text;		/* while they are sorted */
	size_t		 at, len;
	size_t		 where;		/* length of the file's name */
	int		 line;
};

static const char *
file_of(const char *file, int *line)
{
	if (*line < WAD_CONF_CONSOLE_LINE)
		return file;
	*line -= WAD_CONF_CONSOLE_LINE;
	return WAD_CONF_CONSOLE;
}

void
wad_conf_errs_where(struct wad_str *s, const char *file, int line)
{
	file = file_of(file, &line);
	if (line > 0)
		wad_str_addf(s, "%s:%d: ", file, line);
	else
		wad_str_addf(s, "%s: ", file);
}

void
wad_conf_errs_add(struct wad_conf_errs *e, const char *file, int line,
    const char *fmt, ...)
{
	struct wad_conf_err	*at;
	va_list			 ap;

	e->n++;
	if (e->n > WAD_CONF_ERRS_MAX + 1)
		return;
	if (e->at == NULL)
		e->at = wad_xcalloc(WAD_CONF_ERRS_MAX + 1, sizeof(*e->at));
	at = &e->at[e->n - 1];
	at->at = e->text.len;
	wad_conf_errs_where(&e->text, file, line);
	file = file_of(file, &line);
	at->where = strlen(file);
	at->line = line;
	if (e->n > WAD_CONF_ERRS_MAX) {
		wad_str_addf(&e->text, "more errors than %d, the rest is not "
		    "shown\n", WAD_CONF_ERRS_MAX);
		return;
	}
	va_start(ap, fmt);
	wad_str_vaddf(&e->text, fmt, ap);
	va_end(ap);
	wad_str_add(&e->text, "\n");
}

static int
err_cmp(const void *va, const void *vb)
{
	const struct wad_conf_err *a = va, *b = vb;
	int c = memcmp(a->text + a->at, b->text + b->at,
	    a->where < b->where ? a->where : b->where);

	if (c != 0 || a->where != b->where)
		return c != 0 ? c : a->where < b->where ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* The checks come one after the other, but who mends the file goes through
 * it from top to bottom.  That there are more stays the last line. */
static void
errs_sort(struct wad_conf_errs *e)
{
	size_t		n = e->n < WAD_CONF_ERRS_MAX ? e->n :
			    WAD_CONF_ERRS_MAX;
	size_t		end = e->n > n ? e->at[n].at : e->text.len;
	struct wad_str	s = { 0 };

	for (size_t i = 0; i < n; i++) {
		e->at[i].text = e->text.s;
		e->at[i].len = (i + 1 < n ? e->at[i + 1].at : end) -
		    e->at[i].at;
	}
	qsort(e->at, n, sizeof(*e->at), err_cmp);
	for (size_t i = 0; i < n; i++) {
		size_t at = e->at[i].at;

		e->at[i].at = s.len;
		wad_str_addn(&s, e->text.s + at, e->at[i].len);
	}
	wad_str_addn(&s, e->text.s + end, e->text.len - end);
	wad_str_free(&e->text);
	e->text = s;
}

void
wad_conf_errs_free(struct wad_conf_errs *e)
{
	wad_str_free(&e->text);
	wad_str_free(&e->ignored);
	free(e->at);
	e->at = NULL;
	e->n = 0;
}

struct wad_conf *
wad_conf_build(const struct wad_conf_tree *tree, wad_conf_facts_fn *facts,
    struct wad_conf_errs *errs)
{
	struct wad_arena *arena = wad_arena_new();
	struct wad_conf	 *c = wad_arena_alloc(arena, sizeof(*c));
	struct build	  b = { .c = c, .errs = errs, .facts = facts };

	c->magic = WAD_CONF_MAGIC;
	c->refcount = 1;
	c->arena = arena;
	wad_conf_check_tree(tree, errs);
	b.tree = wad_conf_check_effective(tree);
	b.addr4 = wad_conf_check_names_new("firewall address");
	b.addr6 = wad_conf_check_names_new("firewall address6");
	b.services = wad_conf_check_names_new("firewall service");
	b.wildcards = wad_conf_check_names_new("firewall wildcard-fqdn");
	b.certs = wad_conf_check_names_new("certificate");
	b.ocsp = wad_conf_check_names_new("vpn certificate ocsp-server");
	b.profiles = wad_conf_check_names_new("firewall ssl-ssh-profile");
	b.wf_profiles = wad_conf_check_names_new("webfilter profile");
	b.groups = wad_conf_check_names_new("user group");
	b.users = wad_conf_check_names_new("user local");
	b.ifs = wad_conf_check_names_new("system interface");
	build_certs(&b);
	build_revocation(&b);
	build_singles(&b);
	build_interfaces(&b);
	build_addresses(&b);
	build_services(&b);
	build_users(&b);
	build_profiles(&b);
	build_webfilter(&b);
	build_policies(&b);
	wad_conf_check_names_free(b.addr4);
	wad_conf_check_names_free(b.addr6);
	wad_conf_check_names_free(b.services);
	wad_conf_check_names_free(b.wildcards);
	wad_conf_check_names_free(b.certs);
	wad_conf_check_names_free(b.ocsp);
	wad_conf_check_names_free(b.profiles);
	wad_conf_check_names_free(b.wf_profiles);
	wad_conf_check_names_free(b.groups);
	wad_conf_check_names_free(b.users);
	wad_conf_check_names_free(b.ifs);
	wad_conf_tree_free(b.tree);
	if (errs->n > 0) {	/* those of the parser count too */
		errs_sort(errs);
		wad_conf_put(c);
		return NULL;
	}
	return c;
}

struct wad_conf *
wad_conf_get(struct wad_conf *c)
{
	WAD_CHECK(c, WAD_CONF_MAGIC);
	WAD_ASSERT(c->refcount > 0);
	c->refcount++;
	return c;
}

void
wad_conf_put(struct wad_conf *c)
{
	if (c == NULL)
		return;
	WAD_CHECK(c, WAD_CONF_MAGIC);
	WAD_ASSERT(c->refcount > 0);
	if (--c->refcount > 0)
		return;
	c->magic = 0;
	wad_arena_free(c->arena);
}

const struct wad_cert *
wad_conf_cert(const struct wad_conf *c, const char *name)
{
	const char *alias = wad_conf_check_alias(name);

	for (size_t i = 0; i < c->n_certs; i++)
		if (strcmp(c->certs[i].name, name) == 0)
			return &c->certs[i];
	for (size_t i = 0; alias != name && i < c->n_certs; i++)
		if (strcmp(c->certs[i].name, alias) == 0)
			return &c->certs[i];
	return NULL;
}

const struct wad_interface *
wad_conf_if_by_device(const struct wad_conf *c, const char *device)
{
	for (size_t i = 0; i < c->n_ifs; i++)
		if (strcmp(c->ifs[i].device, device) == 0)
			return &c->ifs[i];
	return NULL;
}

const struct wad_profile *
wad_conf_profile(const struct wad_conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_profiles; i++)
		if (strcmp(c->profiles[i].name, name) == 0)
			return &c->profiles[i];
	return NULL;
}

const struct wad_policy *
wad_conf_policy(const struct wad_conf *c, uint32_t id, bool explicit_web)
{
	for (size_t i = 0; i < c->n_policies; i++)
		if (c->policies[i].id == id &&
		    c->policies[i].explicit_web == explicit_web)
			return &c->policies[i];
	return NULL;
}

/* ---- helpers ---- */

static void
warn(struct build *b, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
warn(struct build *b, int line, const char *fmt, ...)
{
	va_list ap;

	wad_str_add(&b->errs->ignored, "warning: ");
	wad_conf_errs_where(&b->errs->ignored, b->tree->file, line);
	va_start(ap, fmt);
	wad_str_vaddf(&b->errs->ignored, fmt, ap);
	va_end(ap);
	wad_str_add(&b->errs->ignored, "\n");
}

/* Fills *obj by the rows of a table: defaults, then what is set.  Values
 * that are wrong were told by wad_conf_check_tree. */
static void
fill(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, void *obj)
{
	char err[512];

	wad_conf_schema_defaults(t, b->c->arena, obj);
	if (n == NULL)
		return;
	for (const struct wad_conf_set *s = n->sets; s != NULL; s = s->next) {
		const struct wad_conf_row *r =
		    wad_conf_schema_row(t, s->name);

		if (r == NULL || (s->n_values == 0 &&
		    (r->flags & WAD_CF_EMPTY) == 0))
			continue;
		(void)wad_conf_schema_store(r,
		    (const char *const *)s->values, s->n_values, b->c->arena,
		    obj, err, sizeof(err));
	}
}

static const struct wad_conf_set *
get(const struct wad_conf_node *n, const char *name)
{
	return n != NULL ? wad_conf_node_get(n, name) : NULL;
}

static const char *
value(const struct wad_conf_node *n, const char *name)
{
	const struct wad_conf_set *s = get(n, name);

	return s != NULL && s->n_values > 0 ? s->values[0] : NULL;
}

static bool
is_value(const struct wad_conf_node *n, const char *name, const char *want)
{
	const char *v = value(n, name);

	return v != NULL && strcmp(v, want) == 0;
}

static bool
has_value(const struct wad_conf_node *n, const char *name, const char *want)
{
	const struct wad_conf_set *s = get(n, name);

	for (size_t i = 0; s != NULL && i < s->n_values; i++)
		if (strcmp(s->values[i], want) == 0)
			return true;
	return false;
}

static const struct wad_conf_node *
table(struct build *b, const char *path)
{
	return wad_conf_node_find(b->tree, path, NULL, NULL);
}

static size_t
count(const struct wad_conf_node *n)
{
	size_t k = 0;

	if (n != NULL)
		for (n = n->children; n != NULL; n = n->next)
			k += n->is_edit;
	return k;
}

static const struct wad_conf_node *
child(const struct wad_conf_node *n, const char *name)
{
	for (n = n->children; n != NULL; n = n->next)
		if (!n->is_edit && strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

/* Calls fn for every entry of a node, in order. */
static void
each(struct build *b, const char *path, const struct wad_conf_node *n,
    entry_fn *fn)
{
	const struct wad_conf_table *t = wad_conf_schema_table(path);
	size_t			     i = 0;

	WAD_ASSERT(t != NULL);
	if (n == NULL)
		return;
	for (n = n->children; n != NULL; n = n->next)
		if (n->is_edit)
			fn(b, t, n, i++);
}

static void *
array(struct build *b, size_t n, size_t size)
{
	return n > 0 ? wad_arena_alloc(b->c->arena, n * size) : NULL;
}

/* value of a choice, by its row */
static int
choice(const struct wad_conf_table *t, const struct wad_conf_node *n,
    const char *name)
{
	const struct wad_conf_row *r = wad_conf_schema_row(t, name);
	const char *list = r->choices, *v = value(n, name);
	char	    w[80];
	long	    x = 0;

	if (v == NULL)
		v = r->def;
	while (wad_conf_schema_word(&list, w, sizeof(w), &x) != NULL)
		if (strcmp(w, v) == 0)
			return (int)x;
	return 0;
}

static struct wad_conf_use
use(struct build *b, const struct wad_conf_node *n, const char *name)
{
	struct wad_conf_use u = { b->tree, get(n, name), b->errs };

	return u;
}

/* ---- certificates ---- */

static void
cert_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_cert *c = &b->c->certs[i];
	const char	*pem = value(n, "_certificate");
	char		 err[256] = "";

	(void)t;
	if (pem == NULL)
		pem = value(n, "certificate");
	c->name = wad_arena_strdup(b->c->arena, n->name);
	if (pem != NULL)
		c->pem = wad_arena_strdup(b->c->arena, pem);
	c->has_key = value(n, "_has-key") != NULL ?
	    is_value(n, "_has-key", "enable") :
	    value(n, "private-key") != NULL ||
	    value(n, "private-key-file") != NULL;
	c->builtin = is_value(n, "_builtin", "enable");
	if (b->facts != NULL && pem != NULL &&
	    b->facts(pem, &c->facts, err, sizeof(err)) == -1)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "certificate '%s': %s", n->name, err);
	wad_conf_check_names_leaf(b->certs, c->name, c);
}

static void
trust_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_trust_ca	*c = &b->c->cas[i];
	const char		*pem = value(n, "_ca");
	struct wad_cert_facts	 facts = { 0 };
	char			 err[256] = "";

	fill(b, t, n, c);
	if (pem == NULL)
		pem = value(n, "ca");
	c->name = wad_arena_strdup(b->c->arena, n->name);
	if (pem != NULL)
		c->pem = wad_arena_strdup(b->c->arena, pem);
	if (b->facts != NULL && pem != NULL &&
	    b->facts(pem, &facts, err, sizeof(err)) == -1)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "certificate '%s': %s", n->name, err);
	if (pem == NULL && value(n, "ca-file") == NULL)
		warn(b, n->line, "CA '%s' has no ca or ca-file: it is not "
		    "used", n->name);
	else if (facts.known && (int64_t)time(NULL) > facts.not_after)
		warn(b, n->line, "CA '%s' has expired: it proves nothing",
		    n->name);
	else if (facts.known && !facts.is_ca)
		warn(b, n->line, "'%s' is the certificate of a server, not of "
		    "a CA: only itself is trusted", n->name);
}

/* What is fetched proves itself by its signature; asking for it over TLS
 * would ask whether that server is revoked (RFC 5280, section 8). */
static void
check_url(struct build *b, const struct wad_conf_node *n, const char *name)
{
	const char *url = value(n, name);
	char	    esc[300];

	if (url == NULL || url[0] == '\0' || wad_conf_check_http_url(url))
		return;
	wad_str_escape(esc, sizeof(esc), url, strlen(url));
	wad_conf_errs_add(b->errs, b->tree->file, get(n, name)->line,
	    "set %s: '%s': expected http://HOST[:PORT]/PATH", name, esc);
}

static bool
crl_framed(const char *pem)
{
	const char *begin = strstr(pem, "-----BEGIN X509 CRL-----");

	return begin != NULL && strstr(begin, "-----END X509 CRL-----") !=
	    NULL;
}

static void
crl_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_crl	*c = &b->c->crls[i];
	const char	*pem = value(n, "_crl");

	fill(b, t, n, c);
	c->name = wad_arena_strdup(b->c->arena, n->name);
	if (c->http_url != NULL && c->http_url[0] == '\0')
		c->http_url = NULL;
	check_url(b, n, "http-url");
	if (pem == NULL)
		pem = value(n, "crl");
	if (pem != NULL && !crl_framed(pem))
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "crl") != NULL ? get(n, "crl")->line : n->line,
		    "set crl: expected PEM text, from '-----BEGIN X509 "
		    "CRL-----' to '-----END X509 CRL-----'");
	else if (pem != NULL)
		c->pem = wad_arena_strdup(b->c->arena, pem);
	else if (c->http_url == NULL && value(n, "crl-file") == NULL)
		warn(b, n->line, "CRL '%s' has no crl, crl-file or http-url: "
		    "it is not used", n->name);
}

static void
ocsp_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_ocsp_server *o = &b->c->ocsp_servers[i];

	fill(b, t, n, o);
	o->name = wad_arena_strdup(b->c->arena, n->name);
	if (o->url == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "ocsp-server '%s': 'set url' is missing", n->name);
	check_url(b, n, "url");
	wad_conf_check_names_leaf(b->ocsp, o->name, o);
}

/* The responder of the settings, when it is the one to ask. */
static void
revocation(struct build *b)
{
	static const char *const     verify[] = { "expiry",
		"leaf-crl-absence", "chain-crl-absence" };
	struct wad_conf_revocation  *r = &b->c->revocation;
	const struct wad_conf_node  *n = table(b, "vpn certificate setting");
	const struct wad_conf_node  *in;
	const struct wad_conf_table *t =
	    wad_conf_schema_table("vpn certificate setting");
	struct wad_conf_use	     u = use(b, n, "ocsp-default-server");
	const char		    *v = value(n, "ocsp-default-server");

	fill(b, t, n, r);
	in = n != NULL ? child(n, "crl-verification") : NULL;
	for (size_t i = 0; i < 3; i++)
		r->strict_crl |= is_value(in, verify[i], "revoke");
	if (v == NULL || v[0] == '\0') {
		r->ocsp_server_name = NULL;
		return;
	}
	r->ocsp_server = wad_conf_check_one(b->ocsp, &u);
	if (choice(t, n, "ocsp-option") == 0)
		r->ocsp_server = NULL;
}

static void
build_revocation(struct build *b)
{
	const struct wad_conf_node *n = table(b, "vpn certificate crl");

	b->c->n_crls = count(n);
	b->c->crls = array(b, b->c->n_crls, sizeof(*b->c->crls));
	each(b, "vpn certificate crl", n, crl_entry);
	n = table(b, "vpn certificate ocsp-server");
	b->c->n_ocsp_servers = count(n);
	b->c->ocsp_servers = array(b, b->c->n_ocsp_servers,
	    sizeof(*b->c->ocsp_servers));
	each(b, "vpn certificate ocsp-server", n, ocsp_entry);
	revocation(b);
}

static void
build_certs(struct build *b)
{
	const struct wad_conf_node *n = table(b, "vpn certificate local");

	b->c->n_certs = count(n);
	b->c->certs = array(b, b->c->n_certs, sizeof(*b->c->certs));
	each(b, "vpn certificate local", n, cert_entry);
	n = table(b, "vpn certificate ca");
	b->c->n_cas = count(n);
	b->c->cas = array(b, b->c->n_cas, sizeof(*b->c->cas));
	each(b, "vpn certificate ca", n, trust_entry);
}

/* Tells of a certificate that the priority list will pass over: another one
 * signs then, which clients may not trust. */
static void
warn_unfit(struct build *b, const struct wad_conf_set *s,
    const struct wad_cert *c)
{
	static const char *const signs[] = { "caname", "untrusted-caname",
		"auth-ca-cert", "ssl-ca-cert" };
	const char	*why = NULL;
	int64_t		 now = (int64_t)time(NULL);
	bool		 must_sign = false;
	char		 esc[96];

	if (s == NULL || !c->facts.known)
		return;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		must_sign = must_sign || strcmp(s->name, signs[i]) == 0;
	if (!c->has_key)
		why = "has no private key here";
	else if (now > c->facts.not_after)
		why = "has expired";
	else if (now < c->facts.not_before)
		why = "is not valid yet";
	else if (must_sign && !c->facts.is_ca)
		why = "is not a CA and cannot sign for servers";
	if (why == NULL)
		return;
	wad_str_escape(esc, sizeof(esc), c->name, strlen(c->name));
	warn(b, s->line, "set %s: '%s' %s: it is not used; "
	    "'diagnose wad explain' shows what is", s->name, esc, why);
}

/* The certificate that a setting names; "" and no setting: NULL. */
static const struct wad_cert *
cert(struct build *b, const struct wad_conf_node *n, const char *name,
    const char **stored)
{
	struct wad_conf_use	 u = use(b, n, name);
	const struct wad_cert	*c;
	const char		*v = value(n, name);

	if (v == NULL || v[0] == '\0') {
		*stored = NULL;
		return NULL;
	}
	c = wad_conf_check_leaf(b->certs, v);
	if (c == NULL)
		c = wad_conf_check_leaf(b->certs, wad_conf_check_alias(v));
	if (c == NULL)
		c = wad_conf_check_one(b->certs, &u);	/* tells */
	if (c != NULL) {
		*stored = c->name;
		warn_unfit(b, u.set, c);
	}
	return c;
}

/* ---- tables without entries ---- */

static void
single(struct build *b, const char *path, void *obj)
{
	fill(b, wad_conf_schema_table(path), table(b, path), obj);
}

/* 0.0.0.0 and :: stand for "not set". */
static void
no_any(struct wad_addr *a)
{
	for (size_t i = 0; i < sizeof(a->ip); i++)
		if (a->ip[i] != 0)
			return;
	memset(a, 0, sizeof(*a));
}

static void
build_singles(struct build *b)
{
	struct wad_conf *c = b->c;

	single(b, "system global", &c->sys);
	single(b, "system dns", &c->sys);
	no_any(&c->sys.dns[0]);
	no_any(&c->sys.dns[1]);
	c->sys.auth_cert = cert(b, table(b, "system global"), "auth-cert",
	    &c->sys.auth_cert_name);
	single(b, "user setting", &c->user);
	c->user.auth_cert = cert(b, table(b, "user setting"), "auth-cert",
	    &c->user.auth_cert_name);
	c->user.auth_ca_cert = cert(b, table(b, "user setting"),
	    "auth-ca-cert", &c->user.auth_ca_cert_name);
	single(b, "web-proxy explicit", &c->webproxy);
	single(b, "web-proxy global", &c->webproxy);
	no_any(&c->webproxy.incoming_ip);
	no_any(&c->webproxy.incoming_ip6);
	c->webproxy.ssl_ca_cert = cert(b, table(b, "web-proxy global"),
	    "ssl-ca-cert", &c->webproxy.ssl_ca_cert_name);
	if (c->webproxy.ssl_ca_cert_name == NULL)
		c->webproxy.ssl_ca_cert = wad_conf_check_leaf(b->certs,
		    WAD_CA_SSL);
	single(b, "firewall ssl setting", &c->ssl);
	single(b, "openwad settings", &c->settings);
}

/* ---- interfaces ---- */

static void
interface_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_interface *f = &b->c->ifs[i];

	f->name = wad_arena_strdup(b->c->arena, n->name);
	fill(b, t, n, f);
	if (f->device == NULL)
		f->device = f->name;
	if (strlen(f->device) > 15)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "interface '%s': 'set device' is missing, the name is "
		    "longer than Linux allows", n->name);
	f->auth_cert = cert(b, n, "auth-cert", &f->auth_cert_name);
	for (size_t k = 0; k < i; k++)
		if (strcmp(b->c->ifs[k].device, f->device) == 0)
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "interface '%s': '%s' has the device '%s' "
			    "already", n->name, b->c->ifs[k].name,
			    f->device);
	wad_conf_check_names_leaf(b->ifs, f->name, f);
}

/* Configured ones; policies add those that only Linux knows. */
static void
build_interfaces(struct build *b)
{
	const struct wad_conf_node *n = table(b, "system interface");
	size_t			    more = 0;
	static const char *const    paths[] = { "firewall policy",
		"firewall proxy-policy", "system zone" };
	static const char *const    sets[] = { "srcintf", "dstintf",
		"interface" };

	b->c->n_ifs = count(n);
	for (size_t i = 0; i < 3; i++) {
		const struct wad_conf_node *p = table(b, paths[i]);

		for (p = p != NULL ? p->children : NULL; p != NULL;
		    p = p->next)
			for (size_t k = 0; k < 3; k++)
				if (get(p, sets[k]) != NULL)
					more += get(p, sets[k])->n_values;
	}
	b->max_ifs = b->c->n_ifs + more;
	b->c->ifs = array(b, b->max_ifs, sizeof(*b->c->ifs));
	each(b, "system interface", n, interface_entry);
}

/* An interface that a policy names: configured, or a Linux one. */
static const char *
interface_name(struct build *b, const char *name,
    const struct wad_conf_set *s)
{
	struct wad_interface *f = wad_conf_check_leaf(b->ifs, name);

	if (f != NULL || strcmp(name, "any") == 0)
		return f != NULL ? f->name : "any";
	if (strlen(name) > 15 || strchr(name, '/') != NULL ||
	    strchr(name, ' ') != NULL || name[0] == '\0') {
		struct wad_conf_set  one = *s;
		char		    *v = wad_xstrdup(name);
		struct wad_conf_use  u = { b->tree, &one, b->errs };

		one.values = &v;
		one.n_values = 1;
		(void)wad_conf_check_one(b->ifs, &u);
		free(v);
		return "";
	}
	WAD_ASSERT(b->c->n_ifs < b->max_ifs);
	f = &b->c->ifs[b->c->n_ifs++];
	f->name = f->device = wad_arena_strdup(b->c->arena, name);
	wad_conf_check_names_leaf(b->ifs, f->name, f);
	return f->name;
}

/* The interfaces of srcintf or dstintf, zones replaced by their members. */
static void
interfaces(struct build *b, const struct wad_conf_node *n, const char *name,
    const char ***out, size_t *n_out)
{
	const struct wad_conf_set	*s = get(n, name), *z;
	const struct wad_conf_node	*zone;
	size_t				 max = 0;

	*out = NULL;
	*n_out = 0;
	for (size_t i = 0; s != NULL && i < s->n_values; i++) {
		zone = wad_conf_node_find(b->tree, "system zone",
		    s->values[i], NULL);
		z = get(zone, "interface");
		max += zone == NULL ? 1 : z != NULL ? z->n_values : 0;
	}
	*out = array(b, max, sizeof(**out));
	for (size_t i = 0; s != NULL && i < s->n_values; i++) {
		zone = wad_conf_node_find(b->tree, "system zone",
		    s->values[i], NULL);
		z = get(zone, "interface");
		if (zone == NULL)
			(*out)[(*n_out)++] = interface_name(b, s->values[i],
			    s);
		for (size_t k = 0; z != NULL && k < z->n_values; k++)
			(*out)[(*n_out)++] = interface_name(b, z->values[k],
			    z);
	}
}

/* ---- addresses ---- */

static bool
is_ascii(const char *s)
{
	while ((unsigned char)*s - 1u < 0x7f)
		s++;
	return *s == '\0';
}

/* A name or a pattern in lower case without a final dot: the form that names
 * on the wire get, too. */
static const char *
fqdn(struct build *b, const struct wad_conf_node *n, const char *name,
    enum wad_addr_type *type)
{
	const char	*v = value(n, name);
	char		 host[WAD_HOST_MAX];
	size_t		 len;

	if (v == NULL) {
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "'%s': 'set %s' is missing", n->name, name);
		return "";
	}
	len = strlen(v);
	if (strpbrk(v, "*?") != NULL) {
		*type = WAD_ADDR_WILDCARD_FQDN;
		if (len > 1 && v[len - 1] == '.')
			len--;
		if (len < sizeof(host) && strspn(v, "abcdefghijklmnopqrstuv"
		    "wxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*?") >= len) {
			for (size_t i = 0; i < len; i++)
				host[i] = v[i] >= 'A' && v[i] <= 'Z' ?
				    (char)(v[i] + 32) : v[i];
			return wad_arena_strndup(b->c->arena, host, len);
		}
	} else if (wad_str_host_canon(host, v, len) == 0)
		return wad_arena_strdup(b->c->arena, host);
	wad_str_escape(host, sizeof(host), v, len);
	wad_conf_errs_add(b->errs, b->tree->file, get(n, name)->line,
	    "set %s: '%s': expected a host name%s", name, host,
	    is_ascii(v) ? "" : " in its ASCII form (xn--...)");
	return "";
}

/* FortiOS kinds that cannot be matched here: an empty range. */
static void
no_address(struct build *b, const struct wad_conf_node *n,
    struct wad_addr_obj *o)
{
	o->type = WAD_ADDR_RANGE;
	memset(&o->lo, 0, sizeof(o->lo));
	memset(&o->hi, 0, sizeof(o->hi));
	warn(b, n->line, "address '%s': type %s is not there, it matches "
	    "nothing", n->name, value(n, "type"));
}

static void
address(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_addr_obj *o)
{
	int type = choice(t, n, "type");

	o->name = wad_arena_strdup(b->c->arena, n->name);
	fill(b, t, n, o);
	if (type == 100) {
		no_address(b, n, o);
		return;
	}
	o->type = (enum wad_addr_type)type;
	if (o->type == WAD_ADDR_FQDN)
		o->fqdn = fqdn(b, n, "fqdn", &o->type);
	else if (o->type == WAD_ADDR_WILDCARD_FQDN)
		o->fqdn = fqdn(b, n, "wildcard-fqdn", &o->type);
	else if (o->type == WAD_ADDR_SUBNET && o->prefix.len == 0)
		o->type = WAD_ADDR_ALL;
	else if (o->type == WAD_ADDR_RANGE && (o->lo.family == 0 ||
	    o->hi.family == 0 || wad_addr_ip_cmp(&o->lo, &o->hi) > 0))
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "address '%s': expected 'set start-ip' not above "
		    "'set end-ip'", n->name);
}

static void
addr4_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_addr_obj *o = &b->c->addrs[i];

	address(b, t, n, o);
	wad_conf_check_names_leaf(b->addr4, o->name, o);
}

static void
addr6_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_addr_obj *o = &b->c->addrs[count(table(b,
	    "firewall address")) + i];

	address(b, t, n, o);
	wad_conf_check_names_leaf(b->addr6, o->name, o);
}

/* Makes all groups known by name before any is flattened. */
static void
learn_groups(struct build *b, const char *path, struct wad_conf_names *m)
{
	const struct wad_conf_node *n = table(b, path);

	for (n = n != NULL ? n->children : NULL; n != NULL; n = n->next)
		if (n->is_edit)
			wad_conf_check_names_group(m, n);
}

static void
group_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	bool			 v6 = strcmp(t->path, "firewall addrgrp6") == 0;
	struct wad_addrgrp	*g;
	struct wad_conf_use	 u = use(b, n, "member");

	if (v6)
		i += count(table(b, "firewall addrgrp"));
	g = &b->c->addrgrps[i];
	g->name = wad_arena_strdup(b->c->arena, n->name);
	fill(b, t, n, g);
	g->members = (const struct wad_addr_obj **)wad_conf_check_all(
	    v6 ? b->addr6 : b->addr4, &u, b->c->arena, &g->n_flat);
}

static void
build_addresses(struct build *b)
{
	const struct wad_conf_node *v4 = table(b, "firewall address");
	const struct wad_conf_node *v6 = table(b, "firewall address6");
	const struct wad_conf_node *g4 = table(b, "firewall addrgrp");
	const struct wad_conf_node *g6 = table(b, "firewall addrgrp6");

	b->c->n_addrs = count(v4) + count(v6);
	b->c->addrs = array(b, b->c->n_addrs, sizeof(*b->c->addrs));
	each(b, "firewall address", v4, addr4_entry);
	each(b, "firewall address6", v6, addr6_entry);
	learn_groups(b, "firewall addrgrp", b->addr4);
	learn_groups(b, "firewall addrgrp6", b->addr6);
	b->c->n_addrgrps = count(g4) + count(g6);
	b->c->addrgrps = array(b, b->c->n_addrgrps, sizeof(*b->c->addrgrps));
	each(b, "firewall addrgrp", g4, group_entry);
	each(b, "firewall addrgrp6", g6, group_entry);
}

static void
addr_list(struct build *b, const struct wad_conf_node *n, const char *name,
    struct wad_conf_names *m, struct wad_addr_list *l)
{
	struct wad_conf_use u = use(b, n, name);

	l->set = u.set != NULL && u.set->n_values > 0;
	l->obj = (const struct wad_addr_obj **)wad_conf_check_all(m, &u,
	    b->c->arena, &l->n);
}

/* ---- services ---- */

static void
service_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_service *s = &b->c->services[i];
	int		    protocol = choice(t, n, "protocol");
	const char	   *number = value(n, "protocol-number");

	s->name = wad_arena_strdup(b->c->arena, n->name);
	fill(b, t, n, s);
	if (protocol == 2)	/* IP */
		s->all = number == NULL || strcmp(number, "0") == 0;
	if (protocol == 1 || protocol == 2)
		s->n_tcp = s->n_udp = 0;
	if (protocol == 2 && number != NULL && strcmp(number, "6") == 0) {
		s->n_tcp = 1;
		s->tcp = array(b, 1, sizeof(*s->tcp));
		s->tcp[0].hi = 65535;
	}
	wad_conf_check_names_leaf(b->services, s->name, s);
}

static void
group_members(struct build *b, const char *path, struct wad_conf_names *m)
{
	const struct wad_conf_node *n = table(b, path);

	for (n = n != NULL ? n->children : NULL; n != NULL; n = n->next) {
		struct wad_conf_use u = use(b, n, "member");
		size_t		    found;

		if (n->is_edit)
			(void)wad_conf_check_all(m, &u, b->c->arena, &found);
	}
}

static void
build_services(struct build *b)
{
	const struct wad_conf_node *n = table(b, "firewall service custom");

	b->c->n_services = count(n);
	b->c->services = array(b, b->c->n_services, sizeof(*b->c->services));
	each(b, "firewall service custom", n, service_entry);
	learn_groups(b, "firewall service group", b->services);
	group_members(b, "firewall service group", b->services);
}

/* ---- users ---- */

static void
learn_leaves(struct build *b, const char *path, struct wad_conf_names *m)
{
	const struct wad_conf_node *n = table(b, path);

	for (n = n != NULL ? n->children : NULL; n != NULL; n = n->next)
		if (n->is_edit)
			wad_conf_check_names_leaf(m, n->name, n->name);
}

static void
build_users(struct build *b)
{
	learn_leaves(b, "user group", b->groups);
	learn_leaves(b, "user local", b->users);
}

/* Names of users or groups must exist where the table is configured; an
 * excerpt or a gateway that learns its users elsewhere has none. */
static void
check_people(struct build *b, const struct wad_conf_node *n,
    const char *name, const char *path, struct wad_conf_names *m)
{
	struct wad_conf_use u = use(b, n, name);
	size_t		    found;

	if (count(table(b, path)) > 0)
		(void)wad_conf_check_all(m, &u, b->c->arena, &found);
}

/* ---- inspection profiles ---- */

/* Pattern of a wildcard-fqdn object. */
static void
wildcard_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	enum wad_addr_type  type;
	const char	   *p = fqdn(b, n, "wildcard-fqdn", &type);

	(void)t;
	(void)i;
	wad_conf_check_names_leaf(b->wildcards, n->name,
	    wad_arena_strdup(b->c->arena, p));
}

/* One ssl-exempt entry; a group of patterns becomes one entry for each. */
static void
exempt(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_profile *p)
{
	static const char *const object[] = { NULL, "address", "address6",
		"wildcard-fqdn", "regex" };
	struct wad_exempt	 e;
	int			 type = choice(t, n, "type");
	struct wad_conf_use	 u;
	void			**found;
	size_t			 k;

	memset(&e, 0, sizeof(e));
	e.id = (uint32_t)strtoul(n->name, NULL, 10);
	fill(b, t, n, &e);
	if (type == 0) {
		e.type = WAD_EXEMPT_CATEGORY;
		p->exempt[p->n_exempt++] = e;
		p->exempt_cat[p->n_exempt_cat++] = e.category;
		return;
	}
	u = use(b, n, object[type]);
	if (value(n, object[type]) == NULL) {
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "ssl-exempt %s: 'set %s' is missing", n->name,
		    object[type]);
		return;
	}
	e.object_name = wad_arena_strdup(b->c->arena,
	    value(n, object[type]));
	switch (type) {
	case 1:
	case 2:
		e.type = WAD_EXEMPT_ADDRESS;
		e.family = type == 1 ? AF_INET : AF_INET6;
		addr_list(b, n, object[type], type == 1 ? b->addr4 :
		    b->addr6, &e.addr);
		break;
	case 3:
		e.type = WAD_EXEMPT_WILDCARD;
		found = wad_conf_check_all(b->wildcards, &u, b->c->arena, &k);
		for (size_t i = 0; i < k; i++) {
			e.pattern = found[i];
			p->exempt[p->n_exempt++] = e;
		}
		return;
	default:
		e.type = WAD_EXEMPT_REGEX;
		e.pattern = e.object_name;
		break;
	}
	p->exempt[p->n_exempt++] = e;
}

/* How many struct wad_exempt the entries of a list can make. */
static size_t
exempt_max(struct build *b, const struct wad_conf_node *n)
{
	struct wad_conf_use u;
	size_t		    max = 0, k;

	for (n = n->children; n != NULL; n = n->next) {
		u = use(b, n, "wildcard-fqdn");
		u.errs = NULL;
		k = 0;
		if (is_value(n, "type", "wildcard-fqdn") && u.set != NULL) {
			u.errs = b->errs;
			(void)wad_conf_check_all(b->wildcards, &u,
			    b->c->arena, &k);
		}
		max += k > 0 ? k : 1;
	}
	return max;
}

/* The certificates of the own servers, when they are shown to clients. */
static void
server_certs(struct build *b, const struct wad_conf_node *n,
    struct wad_profile *p)
{
	struct wad_conf_use    u = use(b, n, "server-cert");
	const struct wad_cert *c;
	const char	      *lack;

	p->server_cert_names = NULL;
	p->n_server_certs = 0;
	if (!p->replace)
		return;		/* FortiOS names one in any case */
	p->server_certs = (const struct wad_cert **)wad_conf_check_all(
	    b->certs, &u, b->c->arena, &p->n_server_certs);
	if (u.set == NULL || u.set->n_values == 0)
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "server-cert-mode")->line, "profile '%s': "
		    "server-cert-mode replace needs 'set server-cert' with "
		    "the certificates of your servers", n->name);
	p->server_cert_names = array(b, p->n_server_certs,
	    sizeof(*p->server_cert_names));
	for (size_t i = 0; i < p->n_server_certs; i++) {
		c = p->server_certs[i];
		p->server_cert_names[i] = c->name;
		lack = c->facts.known && c->facts.is_ca ? "is a CA, not the "
		    "certificate of a server" : !c->has_key ? "has no "
		    "private key here" : NULL;
		if (lack != NULL)
			wad_conf_errs_add(b->errs, b->tree->file,
			    u.set->line, "set server-cert: '%s' %s", c->name,
			    lack);
	}
}

/* A name, or "*." and a name, in canonical form; NULL: neither. */
static const char *
outer_name(struct build *b, const char *v)
{
	char		name[2 + WAD_HOST_MAX] = "*.", *host = name + 2;
	struct wad_addr	a;
	bool		any = strncmp(v, "*.", 2) == 0;

	v += any ? 2 : 0;
	if (wad_str_host_canon(host, v, strlen(v)) == -1 ||
	    wad_addr_parse(&a, host) == 0)
		return NULL;
	return wad_arena_strdup(b->c->arena, any ? name : host);
}

static void
ech_outer(struct build *b, const struct wad_conf_node *list,
    struct wad_profile *p)
{
	const char *v, *name;
	char	    esc[300];

	if (list == NULL)
		return;
	p->ech_outer = array(b, count(list), sizeof(*p->ech_outer));
	for (const struct wad_conf_node *n = list->children; n != NULL;
	    n = n->next) {
		if (!n->is_edit)
			continue;
		v = value(n, "sni");
		if (v == NULL) {
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "ech-outer-sni '%s': 'set sni' is missing",
			    n->name);
			continue;
		}
		name = outer_name(b, v);
		if (name != NULL) {
			p->ech_outer[p->n_ech_outer++] = name;
			continue;
		}
		wad_str_escape(esc, sizeof(esc), v, strlen(v));
		wad_conf_errs_add(b->errs, b->tree->file, get(n, "sni")->line,
		    "set sni: '%s': expected a host name, or '*.' and one",
		    esc);
	}
}

static void
profile_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_profile	    *p = &b->c->profiles[i];
	const struct wad_conf_table *proto =
	    wad_conf_schema_table("firewall ssl-ssh-profile/https");
	const struct wad_conf_node  *in;
	size_t			     max;

	p->name = wad_arena_strdup(b->c->arena, n->name);
	p->index = (unsigned)i;
	fill(b, t, n, p);
	p->ca = cert(b, n, "caname", &p->caname);
	p->untrusted_ca = cert(b, n, "untrusted-caname",
	    &p->untrusted_caname);
	if (p->untrusted_caname == NULL)
		p->untrusted_ca = wad_conf_check_leaf(b->certs,
		    WAD_CA_UNTRUSTED);
	fill(b, proto, child(n, "https"), &p->https);
	proto = wad_conf_schema_table("firewall ssl-ssh-profile/ssl");
	in = child(n, "ssl");
	fill(b, proto, in, &p->ssl);
	if (in != NULL)
		p->inspect_all = (enum wad_inspect)choice(proto, in,
		    "inspect-all");
	p->ssl.status = p->inspect_all;
	server_certs(b, n, p);
	ech_outer(b, child(n, "ech-outer-sni"), p);
	in = child(n, "ssl-exempt");
	if (in != NULL) {
		unsigned before = b->errs->n;

		max = exempt_max(b, in);
		if (b->errs->n == before) {
			p->exempt = array(b, max, sizeof(*p->exempt));
			p->exempt_cat = array(b, max, sizeof(*p->exempt_cat));
			t = wad_conf_schema_table(
			    "firewall ssl-ssh-profile/ssl-exempt");
			for (in = in->children; in != NULL; in = in->next)
				if (in->is_edit)
					exempt(b, t, in, p);
		}
	}
	wad_conf_check_names_leaf(b->profiles, p->name, p);
}

static void
build_profiles(struct build *b)
{
	const struct wad_conf_node *n = table(b, "firewall ssl-ssh-profile");

	each(b, "firewall wildcard-fqdn custom",
	    table(b, "firewall wildcard-fqdn custom"), wildcard_entry);
	learn_groups(b, "firewall wildcard-fqdn group", b->wildcards);
	group_members(b, "firewall wildcard-fqdn group", b->wildcards);
	b->c->n_profiles = count(n);
	b->c->profiles = array(b, b->c->n_profiles, sizeof(*b->c->profiles));
	each(b, "firewall ssl-ssh-profile", n, profile_entry);
}

/* ---- web filter ---- */

static void
urlfilter_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_urlfilter	    *u = &b->c->urlfilters[i];
	const struct wad_conf_node  *e = child(n, "entries");

	u->id = (uint32_t)strtoul(n->name, NULL, 10);
	fill(b, t, n, u);
	if (e == NULL)
		return;
	u->entries = array(b, count(e), sizeof(*u->entries));
	t = wad_conf_schema_table("webfilter urlfilter/entries");
	for (e = e->children; e != NULL; e = e->next) {
		struct wad_uf_entry *f;

		if (!e->is_edit)
			continue;
		f = &u->entries[u->n_entries++];
		f->id = (uint32_t)strtoul(e->name, NULL, 10);
		fill(b, t, e, f);
		if (f->url == NULL)
			wad_conf_errs_add(b->errs, b->tree->file, e->line,
			    "entry %s of URL filter %s: 'set url' is missing",
			    e->name, n->name);
	}
}

static void
wf_filters(struct build *b, const struct wad_conf_node *list,
    struct wad_wf_profile *w)
{
	const struct wad_conf_table *t = wad_conf_schema_table(
	    "webfilter profile/ftgd-wf/filters");

	w->filters = array(b, count(list), sizeof(*w->filters));
	for (const struct wad_conf_node *n = list->children; n != NULL;
	    n = n->next) {
		struct wad_wf_filter *f;

		if (!n->is_edit)
			continue;
		f = &w->filters[w->n_filters++];
		f->id = (uint32_t)strtoul(n->name, NULL, 10);
		fill(b, t, n, f);
		check_people(b, n, "auth-usr-grp", "user group", b->groups);
	}
}

static void
wf_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_wf_profile	   *w = &b->c->wf_profiles[i];
	const struct wad_conf_node *web = child(n, "web");
	const struct wad_conf_node *ftgd = child(n, "ftgd-wf");

	w->name = wad_arena_strdup(b->c->arena, n->name);
	fill(b, t, n, w);
	fill(b, wad_conf_schema_table("webfilter profile/web"), web, w);
	for (size_t k = 0; k < b->c->n_urlfilters; k++)
		if (w->urlfilter_table != 0 &&
		    b->c->urlfilters[k].id == w->urlfilter_table)
			w->urlfilter = &b->c->urlfilters[k];
	if (w->urlfilter_table != 0 && w->urlfilter == NULL)
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(web, "urlfilter-table")->line, "set urlfilter-table: "
		    "there is no webfilter urlfilter %u", w->urlfilter_table);
	w->error_allow = has_value(ftgd, "options", "error-allow");
	if (ftgd != NULL && child(ftgd, "filters") != NULL)
		wf_filters(b, child(ftgd, "filters"), w);
	if (has_value(ftgd, "options", "ftgd-disable"))
		w->n_filters = 0;
	wad_conf_check_names_leaf(b->wf_profiles, w->name, w);
}

static void
local_cat_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_local_cat *l = &b->c->local_cats[i];

	l->name = wad_arena_strdup(b->c->arena, n->name);
	fill(b, t, n, l);
	if (value(n, "id") == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "category '%s': 'set id' is missing, expected 140-191",
		    n->name);
	for (size_t k = 0; k < i; k++)
		if (l->id != 0 && b->c->local_cats[k].id == l->id)
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "category '%s': id %u is '%s' already", n->name,
			    l->id, b->c->local_cats[k].name);
}

static void
local_rating_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_local_rating *l = &b->c->local_ratings[i];

	l->url = wad_arena_strdup(b->c->arena, n->name);
	fill(b, t, n, l);
}

static void
build_webfilter(struct build *b)
{
	struct wad_conf		   *c = b->c;
	const struct wad_conf_node *n = table(b, "webfilter urlfilter");

	c->n_urlfilters = count(n);
	c->urlfilters = array(b, c->n_urlfilters, sizeof(*c->urlfilters));
	each(b, "webfilter urlfilter", n, urlfilter_entry);
	n = table(b, "webfilter profile");
	c->n_wf_profiles = count(n);
	c->wf_profiles = array(b, c->n_wf_profiles, sizeof(*c->wf_profiles));
	each(b, "webfilter profile", n, wf_entry);
	n = table(b, "webfilter ftgd-local-cat");
	c->n_local_cats = count(n);
	c->local_cats = array(b, c->n_local_cats, sizeof(*c->local_cats));
	each(b, "webfilter ftgd-local-cat", n, local_cat_entry);
	n = table(b, "webfilter ftgd-local-rating");
	c->n_local_ratings = count(n);
	c->local_ratings = array(b, c->n_local_ratings,
	    sizeof(*c->local_ratings));
	each(b, "webfilter ftgd-local-rating", n, local_rating_entry);
}

/* ---- policies ---- */

/* What a policy lacks to match anything, or names that have no effect. */
static void
policy_warnings(struct build *b, const struct wad_conf_node *n,
    const struct wad_policy *p)
{
	const char *lack = !p->explicit_web && p->n_srcintf == 0 ? "srcintf" :
	    p->n_dstintf == 0 ? "dstintf" :
	    !p->srcaddr.set && !p->srcaddr6.set ? "srcaddr" :
	    !p->dstaddr.set && !p->dstaddr6.set ? "dstaddr" :
	    p->n_services == 0 ? "service" : NULL;
	const char *schedule = value(n, "schedule");
	const char *action = value(n, "action");

	if (p->enabled && lack != NULL)
		warn(b, n->line, "policy %u has no %s: it matches nothing",
		    p->id, lack);
	if (schedule != NULL && strcmp(schedule, "always") != 0 &&
	    strcmp(schedule, "none") != 0)
		warn(b, n->line, "policy %u: schedule '%s' is not there, the "
		    "policy holds at any time", p->id, schedule);
	if (action != NULL && strcmp(action, "accept") != 0 &&
	    strcmp(action, "deny") != 0)
		warn(b, n->line, "policy %u: action %s is not there, it "
		    "denies", p->id, action);
}

static void
policy(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_policy *p)
{
	struct wad_conf_use	u;
	const struct wad_conf_set *webfilter;

	p->id = (uint32_t)strtoul(n->name, NULL, 10);
	fill(b, t, n, p);
	if (is_value(n, "schedule", "none"))
		p->enabled = false;
	interfaces(b, n, "srcintf", &p->srcintf, &p->n_srcintf);
	interfaces(b, n, "dstintf", &p->dstintf, &p->n_dstintf);
	addr_list(b, n, "srcaddr", b->addr4, &p->srcaddr);
	addr_list(b, n, "dstaddr", b->addr4, &p->dstaddr);
	addr_list(b, n, "srcaddr6", b->addr6, &p->srcaddr6);
	addr_list(b, n, "dstaddr6", b->addr6, &p->dstaddr6);
	u = use(b, n, "service");
	p->services = (const struct wad_service **)wad_conf_check_all(
	    b->services, &u, b->c->arena, &p->n_services);
	u = use(b, n, "ssl-ssh-profile");
	if (u.set != NULL && u.set->n_values > 0)
		p->profile = wad_conf_check_one(b->profiles, &u);
	else
		p->profile = wad_conf_check_leaf(b->profiles, "no-inspection");
	webfilter = get(n, "webfilter-profile");
	u = use(b, n, "webfilter-profile");
	if (webfilter != NULL && webfilter->n_values > 0 &&
	    webfilter->values[0][0] != '\0')
		p->webfilter = wad_conf_check_one(b->wf_profiles, &u);
	p->auth_cert = cert(b, n, "auth-cert", &p->auth_cert_name);
	check_people(b, n, "groups", "user group", b->groups);
	check_people(b, n, "users", "user local", b->users);
	policy_warnings(b, n, p);
}

static void
policy_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	(void)i;
	policy(b, t, n, &b->c->policies[b->c->n_policies++]);
}

static void
proxy_policy_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_policy *p = &b->c->policies[b->c->n_policies];

	(void)i;
	if (choice(t, n, "proxy") == 0) {
		warn(b, n->line, "proxy-policy %s: proxy %s is not served, "
		    "the policy is left out", n->name, value(n, "proxy"));
		return;
	}
	b->c->n_policies++;
	p->explicit_web = true;
	p->nat = true;
	policy(b, t, n, p);
}

static void
build_policies(struct build *b)
{
	const struct wad_conf_node *f = table(b, "firewall policy");
	const struct wad_conf_node *p = table(b, "firewall proxy-policy");

	b->c->policies = array(b, count(f) + count(p),
	    sizeof(*b->c->policies));
	each(b, "firewall policy", f, policy_entry);
	each(b, "firewall proxy-policy", p, proxy_policy_entry);
}
