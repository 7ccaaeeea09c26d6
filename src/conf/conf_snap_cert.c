/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, trusted roots and how revocation is looked up.
 */
#include <time.h>

#include "conf/conf_build.h"

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

	wad_conf_build_fill(b, t, n, c);
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
		wad_conf_build_warn(b, n->line, "CA '%s' has no ca or "
		    "ca-file: it is not used", n->name);
	else if (facts.known && (int64_t)time(NULL) > facts.not_after)
		wad_conf_build_warn(b, n->line, "CA '%s' has expired: it "
		    "proves nothing", n->name);
	else if (facts.known && !facts.is_ca)
		wad_conf_build_warn(b, n->line, "'%s' is the certificate of "
		    "a server, not of a CA: only itself is trusted", n->name);
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

	wad_conf_build_fill(b, t, n, c);
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
		wad_conf_build_warn(b, n->line, "CRL '%s' has no crl, "
		    "crl-file or http-url: it is not used", n->name);
}

static void
ocsp_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_ocsp_server *o = &b->c->ocsp_servers[i];

	wad_conf_build_fill(b, t, n, o);
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

	wad_conf_build_fill(b, t, n, b->c);
	in = n != NULL ? child(n, "crl-verification") : NULL;
	for (size_t i = 0; i < 3; i++)
		r->strict_crl |= is_value(in, verify[i], "revoke");
	if (v == NULL || v[0] == '\0') {
		r->ocsp_server_name = NULL;
		return;
	}
	r->ocsp_server = wad_conf_check_one(b->ocsp, &u);
	if (wad_conf_build_choice(t, n, "ocsp-option") == 0)
		r->ocsp_server = NULL;
}

static void
revocation_build(struct build *b)
{
	const struct wad_conf_node *n = table(b, "vpn certificate crl");

	b->c->n_crls = count(n);
	b->c->crls = array(b, b->c->n_crls, sizeof(*b->c->crls));
	wad_conf_build_each(b, "vpn certificate crl", n, crl_entry);
	n = table(b, "vpn certificate ocsp-server");
	b->c->n_ocsp_servers = count(n);
	b->c->ocsp_servers = array(b, b->c->n_ocsp_servers,
	    sizeof(*b->c->ocsp_servers));
	wad_conf_build_each(b, "vpn certificate ocsp-server", n, ocsp_entry);
	revocation(b);
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
	wad_conf_build_warn(b, s->line, "set %s: '%s' %s: it is not used; "
	    "'diagnose wad explain' shows what is", s->name, esc, why);
}

const struct wad_cert *
wad_conf_snap_cert_of(struct build *b, const struct wad_conf_node *n,
    const char *name, const char **stored)
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

void
wad_conf_snap_cert_build(struct build *b)
{
	const struct wad_conf_node *n = table(b, "vpn certificate local");

	b->c->n_certs = count(n);
	b->c->certs = array(b, b->c->n_certs, sizeof(*b->c->certs));
	wad_conf_build_each(b, "vpn certificate local", n, cert_entry);
	n = table(b, "vpn certificate ca");
	b->c->n_cas = count(n);
	b->c->cas = array(b, b->c->n_cas, sizeof(*b->c->cas));
	wad_conf_build_each(b, "vpn certificate ca", n, trust_entry);
	revocation_build(b);
}
