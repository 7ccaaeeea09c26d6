/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What policies and profiles name: addresses, services, users, host names.
 */
#include "conf/conf_build.h"

#include <sys/socket.h>

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
	wad_conf_build_warn(b, n->line, "address '%s': type %s is not there, "
	    "it matches nothing", n->name, value(n, "type"));
}

static void
address(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_addr_obj *o)
{
	int type = wad_conf_build_choice(t, n, "type");

	o->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, o);
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
	wad_conf_build_fill(b, t, n, g);
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
	wad_conf_build_each(b, "firewall address", v4, addr4_entry);
	wad_conf_build_each(b, "firewall address6", v6, addr6_entry);
	learn_groups(b, "firewall addrgrp", b->addr4);
	learn_groups(b, "firewall addrgrp6", b->addr6);
	b->c->n_addrgrps = count(g4) + count(g6);
	b->c->addrgrps = array(b, b->c->n_addrgrps, sizeof(*b->c->addrgrps));
	wad_conf_build_each(b, "firewall addrgrp", g4, group_entry);
	wad_conf_build_each(b, "firewall addrgrp6", g6, group_entry);
}

void
wad_conf_snap_object_addrs(struct build *b, const struct wad_conf_node *n,
    const char *name, struct wad_conf_names *m, struct wad_addr_list *l)
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
	int		    protocol = wad_conf_build_choice(t, n, "protocol");
	const char	   *number = value(n, "protocol-number");

	s->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, s);
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
	wad_conf_build_each(b, "firewall service custom", n, service_entry);
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

void
wad_conf_snap_object_people(struct build *b, const struct wad_conf_node *n,
    const char *name, const char *path, struct wad_conf_names *m)
{
	struct wad_conf_use u = use(b, n, name);
	size_t		    found;

	if (count(table(b, path)) > 0)
		(void)wad_conf_check_all(m, &u, b->c->arena, &found);
}

/* ---- host names for exemptions ---- */

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

static void
build_wildcards(struct build *b)
{
	wad_conf_build_each(b, "firewall wildcard-fqdn custom",
	    table(b, "firewall wildcard-fqdn custom"), wildcard_entry);
	learn_groups(b, "firewall wildcard-fqdn group", b->wildcards);
	group_members(b, "firewall wildcard-fqdn group", b->wildcards);
}

void
wad_conf_snap_object_build(struct build *b)
{
	build_addresses(b);
	build_services(b);
	build_users(b);
	build_wildcards(b);
}
