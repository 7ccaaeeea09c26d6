/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inspection profiles.
 */
#include "conf/conf_build.h"

#include <stdlib.h>
#include <sys/socket.h>

/* One ssl-exempt entry; a group of patterns becomes one entry for each. */
static void
exempt(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_profile *p)
{
	static const char *const object[] = { NULL, "address", "address6",
		"wildcard-fqdn", "regex" };
	struct wad_exempt	 e;
	int			 type = wad_conf_build_choice(t, n, "type");
	struct wad_conf_use	 u;
	void			**found;
	size_t			 k;

	memset(&e, 0, sizeof(e));
	e.id = (uint32_t)strtoul(n->name, NULL, 10);
	wad_conf_build_fill(b, t, n, &e);
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
		wad_conf_snap_object_addrs(b, n, object[type], type == 1 ?
		    b->addr4 : b->addr6, &e.addr);
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
	wad_conf_build_fill(b, t, n, p);
	p->ca = wad_conf_snap_cert_of(b, n, "caname", &p->caname);
	p->untrusted_ca = wad_conf_snap_cert_of(b, n, "untrusted-caname",
	    &p->untrusted_caname);
	if (p->untrusted_caname == NULL)
		p->untrusted_ca = wad_conf_check_leaf(b->certs,
		    WAD_CA_UNTRUSTED);
	wad_conf_build_fill(b, proto, child(n, "https"), &p->https);
	proto = wad_conf_schema_table("firewall ssl-ssh-profile/ssl");
	in = child(n, "ssl");
	wad_conf_build_fill(b, proto, in, &p->ssl);
	if (in != NULL)
		p->inspect_all = (enum wad_inspect)wad_conf_build_choice(
		    proto, in, "inspect-all");
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

void
wad_conf_snap_profile_build(struct build *b)
{
	const struct wad_conf_node *n = table(b, "firewall ssl-ssh-profile");

	b->c->n_profiles = count(n);
	b->c->profiles = array(b, b->c->n_profiles, sizeof(*b->c->profiles));
	wad_conf_build_each(b, "firewall ssl-ssh-profile", n, profile_entry);
}
