/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxies: web-proxy explicit and global, header profiles, other proxies
 * that requests are given to.
 */
#include "conf/conf_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"

/* ---- web-proxy profile ---- */

/* Who sets one of these by hand makes two messages of one. */
static bool
framing(const char *name)
{
	static const char *const names[] = { "connection", "content-length",
		"host", "keep-alive", "proxy-connection", "te", "trailer",
		"transfer-encoding", "upgrade" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What s stands for; NULL: it is no base64 of text. */
static const char *
decoded(struct build *b, const char *s)
{
	size_t	 len = strlen(s);
	char	*out = wad_arena_alloc(b->c->arena, len + 1);
	long	 n = wad_base64_decode(out, s, len);

	if (n == -1 || memchr(out, '\0', (size_t)n) != NULL)
		return NULL;
	out[n] = '\0';
	return out;
}

static void
header(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_webproxy_header *h)
{
	const struct wad_conf_set *s = get(n, "content");

	wad_conf_build_fill(b, t, n, h);
	h->http = get(n, "protocol") == NULL ||
	    has_value(n, "protocol", "http");
	h->https = get(n, "protocol") == NULL ||
	    has_value(n, "protocol", "https");
	wad_conf_snap_object_addrs(b, n, "dstaddr", b->addr4, &h->dstaddr);
	wad_conf_snap_object_addrs(b, n, "dstaddr6", b->addr6, &h->dstaddr6);
	if (h->name == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "header %s: 'set name' is missing", n->name);
	else if (!wad_conf_check_field(h->name, NULL) || framing(h->name))
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "name")->line, "set name: '%s' is no header that "
		    "may be changed", framing(h->name) ? h->name : "...");
	if (h->content == NULL)
		h->content = "";
	if (is_value(n, "base64-encoding", "enable"))
		h->content = decoded(b, h->content);
	if (h->content == NULL || !wad_conf_check_field(NULL, h->content))
		wad_conf_errs_add(b->errs, b->tree->file,
		    s != NULL ? s->line : n->line, "set content: %s",
		    h->content == NULL ? "not base64" : "a control character");
}

static void
profile_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_webproxy_profile *p = &b->c->webproxies[i];
	const struct wad_conf_node  *list = child(n, "headers");

	p->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, p);
	p->headers = array(b, count(list), sizeof(*p->headers));
	t = wad_conf_schema_below(t, "headers");
	for (n = list != NULL ? list->children : NULL; n != NULL; n = n->next)
		if (n->is_edit)
			header(b, t, n, &p->headers[p->n_headers++]);
	wad_conf_check_names_leaf(b->webproxies, p->name, p);
}

const struct wad_webproxy_profile *
wad_conf_snap_proxy_profile(struct build *b, const struct wad_conf_node *n)
{
	struct wad_conf_use u = use(b, n, "webproxy-profile");

	return is_named(n, "webproxy-profile") ?
	    wad_conf_check_one(b->webproxies, &u) : NULL;
}

/* ---- web-proxy forward-server, forward-server-group, url-match ---- */

static void
forward_address(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_forward_server *f)
{
	static const char *const sets[] = { "ip", "ipv6", "fqdn" };
	const char *set = sets[wad_conf_build_choice(t, n, "addr-type")];
	const char *v = value(n, set);
	char	    host[WAD_HOST_MAX];

	if (v != NULL && strcmp(set, "fqdn") != 0) {
		(void)wad_addr_parse(&f->ip, v);	/* checked already */
		wad_conf_build_no_any(&f->ip);
	} else if (v != NULL && v[0] != '\0') {
		if (wad_str_host_canon(host, v, strlen(v)) == 0)
			f->fqdn = wad_arena_strdup(b->c->arena, host);
		else
			wad_conf_errs_add(b->errs, b->tree->file,
			    get(n, set)->line, "set fqdn: expected a host "
			    "name");
	}
	if (f->ip.family == 0 && (v == NULL || f->fqdn == NULL))
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "forward-server '%s': 'set %s' is missing (addr-type "
		    "says which address is used)", n->name, set);
}

/* What a health check asks the proxy for (RFC 9112 section 3.2) and names as
 * Host; NULL, or what is wrong with monitor. */
static const char *
forward_monitor(struct build *b, struct wad_forward_server *f)
{
	const char	*url = f->monitor, *end, *digits, *stop;
	char		 host[WAD_HOST_MAX];
	unsigned long	 port = 0;
	struct wad_str	 at = { 0 }, uri = { 0 };

	for (const char *p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return "a blank, or a character that is not ASCII";
	f->tunnel = strncasecmp(url, "https://", 8) == 0;
	if (f->tunnel || strncasecmp(url, "http://", 7) == 0)
		url = strchr(url, ':') + 3;
	digits = stop = end = url + strcspn(url, "/?#");
	while (digits > url && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (digits > url && digits < end && digits[-1] == ':') {
		stop = digits - 1;
		port = strtoul(digits, NULL, 10);
		if (port == 0 || port > 65535)
			return "its port is none";
	}
	if (wad_str_host_canon(host, url, (size_t)(stop - url)) == -1)
		return "expected http://HOST/ or https://HOST/";
	wad_str_addf(&at, strchr(host, ':') != NULL ? "[%s]" : "%s", host);
	if (port != 0 || f->tunnel)
		wad_str_addf(&at, ":%lu", port != 0 ? port : 443);
	wad_str_addf(&uri, "http://%s%s%.*s", at.s, *end == '/' ? "" : "/",
	    (int)strcspn(end, "#"), end);
	f->target_host = wad_arena_strdup(b->c->arena, at.s);
	f->target = f->tunnel ? f->target_host :
	    wad_arena_strdup(b->c->arena, uri.s);
	wad_str_free(&at);
	wad_str_free(&uri);
	return NULL;
}

/* RFC 7617 */
static const char *
basic(struct build *b, const char *name, const char *password)
{
	size_t	 len = strlen(name) + 1 + strlen(password);
	char	*plain = wad_arena_alloc(b->c->arena, len + 1);
	char	*auth = wad_arena_alloc(b->c->arena, 6 +
	    WAD_BASE64_SIZE(len));

	snprintf(plain, len + 1, "%s:%s", name, password);
	memcpy(auth, "Basic ", 6);
	wad_base64_encode(auth + 6, plain, len);
	return auth;
}

static void
forward_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_forward_server *f = &b->c->forwards[i];
	const char		  *wrong;

	f->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, f);
	forward_address(b, t, n, f);
	wad_conf_build_foreign(b, n, "password");
	if (f->username != NULL && f->username[0] == '\0')
		f->username = NULL;
	if (f->username != NULL && (strchr(f->username, ':') != NULL ||
	    !wad_conf_check_field(NULL, f->username)))
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "username")->line, "set username: no ':' and no "
		    "control characters (RFC 7617)");
	if (f->username != NULL)
		f->auth = basic(b, f->username, f->password != NULL ?
		    f->password : "");
	wrong = f->check ? forward_monitor(b, f) : NULL;
	if (wrong != NULL)
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "monitor") != NULL ? get(n, "monitor")->line :
		    n->line, "set monitor: %s", wrong);
	wad_conf_check_names_leaf(b->forwards, f->name, f);
}

static void
group_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_forward_group   *g = &b->c->forward_groups[i];
	const struct wad_conf_node *list = child(n, "server-list");

	g->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, g);
	g->members = array(b, count(list), sizeof(*g->members));
	t = wad_conf_schema_below(t, "server-list");
	for (n = list != NULL ? list->children : NULL; n != NULL;
	    n = n->next) {
		struct wad_forward_member *m;

		if (!n->is_edit)
			continue;
		m = &g->members[g->n_members++];
		wad_conf_build_fill(b, t, n, m);
		m->name = wad_arena_strdup(b->c->arena, n->name);
		m->server = wad_conf_check_leaf(b->forwards, n->name);
		if (m->server == NULL)
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "group '%s': there is no web-proxy "
			    "forward-server '%s'", g->name, n->name);
	}
	wad_conf_check_names_leaf(b->forward_groups, g->name, g);
}

void
wad_conf_snap_proxy_forward(struct build *b, const struct wad_conf_node *n,
    const char *name, const struct wad_forward_server **server,
    const struct wad_forward_group **group)
{
	struct wad_conf_use u = use(b, n, name);

	if (!is_named(n, name))
		return;
	*group = wad_conf_check_leaf(b->forward_groups, value(n, name));
	if (*group == NULL)
		*server = wad_conf_check_one(b->forwards, &u);
}

static void
match_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_url_match *m = &b->c->url_matches[i];

	m->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, m);
	wad_conf_snap_proxy_forward(b, n, "forward-server", &m->server,
	    &m->group);
	if (m->pattern == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "url-match '%s': 'set url-pattern' is missing", n->name);
}

/* ---- web-proxy explicit, global ---- */

/* 0 stands for "those of HTTP". */
static void
no_zero(struct wad_port_range *list, size_t *n)
{
	if (*n > 0 && list[0].lo == 0)
		*n = 0;
}

static void
singles(struct build *b)
{
	struct wad_conf_webproxy   *w = &b->c->webproxy;
	const struct wad_conf_node *e, *g;
	const char		   *name = "secure-web-proxy-cert", *lack;

	e = wad_conf_build_single(b, "web-proxy explicit", b->c);
	g = wad_conf_build_single(b, "web-proxy global", b->c);
	wad_conf_build_no_any(&w->incoming_ip);
	wad_conf_build_no_any(&w->incoming_ip6);
	w->ssl_ca_cert = wad_conf_snap_cert_of(b, g, "ssl-ca-cert",
	    &w->ssl_ca_cert_name);
	if (w->ssl_ca_cert_name == NULL)
		w->ssl_ca_cert = wad_conf_check_leaf(b->certs, WAD_CA_SSL);
	no_zero(w->tls_ports, &w->n_tls_ports);
	no_zero(w->pac_ports, &w->n_pac_ports);
	if (w->pac_data != NULL && w->pac_data[0] == '\0')
		w->pac_data = NULL;
	w->profile = wad_conf_snap_proxy_profile(b, g);
	if (!is_named(e, name)) {
		e = g;
		name = "ssl-cert";
	}
	w->ssl_cert = wad_conf_snap_cert_of(b, e, name, &w->ssl_cert_name);
	lack = w->ssl_cert == NULL || w->secure == WAD_SECURE_PROXY_DISABLE ?
	    NULL : w->ssl_cert->facts.known && w->ssl_cert->facts.is_ca ?
	    "is a CA, not the certificate of a server" :
	    !w->ssl_cert->has_key ? "has no private key here" : NULL;
	if (lack != NULL)
		wad_conf_errs_add(b->errs, b->tree->file, get(e, name)->line,
		    "set %s: '%s' %s", name, w->ssl_cert_name, lack);
}

void
wad_conf_snap_proxy_build(struct build *b)
{
	unsigned checked = 0;

	WAD_CONF_BUILD_TABLE(b, "web-proxy profile", webproxies,
	    n_webproxies, profile_entry);
	WAD_CONF_BUILD_TABLE(b, "web-proxy forward-server", forwards,
	    n_forwards, forward_entry);
	WAD_CONF_BUILD_TABLE(b, "web-proxy forward-server-group",
	    forward_groups, n_forward_groups, group_entry);
	WAD_CONF_BUILD_TABLE(b, "web-proxy url-match", url_matches,
	    n_url_matches, match_entry);
	for (size_t i = 0; i < b->c->n_forwards; i++)
		checked += b->c->forwards[i].check;
	if (checked > WAD_FORWARD_CHECKS)
		wad_conf_errs_add(b->errs, b->tree->file, 0, "web-proxy "
		    "forward-server: %u have a healthcheck, %d may have one",
		    checked, WAD_FORWARD_CHECKS);
	singles(b);
}
