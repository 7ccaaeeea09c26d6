/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy match: SPEC section 4.2.
 */
#include "policy/policy_match.h"

#include <string.h>

#include "policy/feed.h"

/* A policy's interface name matches the device itself, or the entry of
 * `system interface` whose device it is. */
static bool
if_matches(const struct wad_conf *conf, const char *name, const char *dev)
{
	if (strcmp(name, "any") == 0)
		return true;
	if (dev == NULL)
		return false;
	for (size_t i = 0; i < conf->n_ifs; i++)
		if (strcmp(conf->ifs[i].name, name) == 0)
			return strcmp(conf->ifs[i].device, dev) == 0;
	return strcmp(name, dev) == 0;
}

/* A policy of the explicit proxy needs no interfaces. */
static bool
ifs_match(const struct wad_conf *conf, const char *const *names, size_t n,
    const char *dev, bool optional)
{
	if (n == 0)
		return optional;
	for (size_t i = 0; i < n; i++)
		if (if_matches(conf, names[i], dev))
			return true;
	return false;
}

/* "example.com" is itself; "*.example.com" every name below it. */
static bool
name_matches(const struct wad_addr_obj *o, const char *host)
{
	if (host == NULL || o->fqdn == NULL)
		return false;
	if (o->type == WAD_ADDR_FQDN)
		return strcmp(o->fqdn, host) == 0;
	return wad_str_wildcard(o->fqdn, host);
}

static bool
obj_holds(const struct wad_addr_obj *o, const struct wad_addr *a,
    const char *host)
{
	switch (o->type) {
	case WAD_ADDR_ALL:
		return true;
	case WAD_ADDR_SUBNET:
		return wad_prefix_holds(&o->prefix, a);
	case WAD_ADDR_RANGE:
		return a->family == o->lo.family &&
		    wad_addr_ip_cmp(a, &o->lo) >= 0 &&
		    wad_addr_ip_cmp(a, &o->hi) <= 0;
	case WAD_ADDR_FQDN:
	case WAD_ADDR_WILDCARD_FQDN:
		return name_matches(o, host);
	case WAD_ADDR_FEED:
		return wad_feed_holds(o->feed, a) != 0;
	}
	return false;
}

bool
wad_policy_addr_holds(const struct wad_addr_list *l, const struct wad_addr *a,
    const char *host)
{
	bool in = false;

	for (size_t i = 0; i < l->n && !in; i++)
		in = obj_holds(l->obj[i], a, host);
	return in != l->negate;
}

bool
wad_policy_names_hold(const struct wad_addr_list *l, const char *host)
{
	for (size_t i = 0; i < l->n; i++)
		if ((l->obj[i]->type == WAD_ADDR_FQDN ||
		    l->obj[i]->type == WAD_ADDR_WILDCARD_FQDN) &&
		    name_matches(l->obj[i], host))
			return true;
	return false;
}

/* IPv4 flows are matched by srcaddr and dstaddr, IPv6 ones by srcaddr6 and
 * dstaddr6; a list that is not set matches nothing. */
static bool
addr_match(const struct wad_addr_list *v4, const struct wad_addr_list *v6,
    const struct wad_addr *a, const char *host)
{
	const struct wad_addr_list *l = a->family == AF_INET6 ? v6 : v4;

	return l->n > 0 && wad_policy_addr_holds(l, a, host);
}

static bool
service_holds(const struct wad_service *s, uint16_t port)
{
	if (s->all)
		return true;
	for (size_t i = 0; i < s->n_tcp; i++)
		if (port >= s->tcp[i].lo && port <= s->tcp[i].hi)
			return true;
	return false;
}

static bool
services_match(const struct wad_policy *p, uint16_t port)
{
	bool in = false;

	if (p->n_services == 0)
		return p->explicit_web;	/* optional there */
	for (size_t i = 0; i < p->n_services && !in; i++)
		in = service_holds(p->services[i], port);
	return in != p->service_negate;
}

static bool
user_match(const struct wad_policy *p, const char *user)
{
	if (p->n_groups == 0 && p->n_users == 0)
		return true;
	for (size_t i = 0; user != NULL && i < p->n_users; i++)
		if (strcmp(p->users[i], user) == 0)
			return true;
	return false;
}

const struct wad_policy *
wad_policy_match(const struct wad_conf *conf, const struct wad_flow *f)
{
	for (size_t i = 0; i < conf->n_policies; i++) {
		const struct wad_policy *p = &conf->policies[i];

		if (p->enabled && p->explicit_web == f->explicit_web &&
		    ifs_match(conf, p->srcintf, p->n_srcintf, f->in_dev,
		    p->explicit_web) &&
		    (f->any_out || ifs_match(conf, p->dstintf, p->n_dstintf,
		    f->out_dev, p->explicit_web)) &&
		    addr_match(&p->srcaddr, &p->srcaddr6, &f->src, NULL) &&
		    addr_match(&p->dstaddr, &p->dstaddr6, &f->dst, f->host) &&
		    services_match(p, f->dst.port) && user_match(p, f->user))
			return p;
	}
	return NULL;
}

bool
wad_policy_names_target(const struct wad_policy *p, const struct wad_flow *f)
{
	const struct wad_addr_list *l = f->dst.family == AF_INET6 ?
	    &p->dstaddr6 : &p->dstaddr;

	if (l->negate)
		return false;
	/* by address only: a name may be made to point anywhere, and what a
	 * feed lists is not the administrator's word */
	for (size_t i = 0; i < l->n; i++)
		if (l->obj[i]->type != WAD_ADDR_ALL &&
		    l->obj[i]->type != WAD_ADDR_FEED &&
		    obj_holds(l->obj[i], &f->dst, NULL))
			return true;
	return false;
}

enum wad_inspect
wad_policy_inspect(const struct wad_profile *pr, uint16_t port,
    const struct wad_ssl_proto **proto)
{
	*proto = &pr->https;
	if (pr->inspect_all != WAD_INSPECT_DISABLE) {
		*proto = &pr->ssl;
		return pr->inspect_all;
	}
	for (size_t i = 0; i < pr->https.n_ports; i++)
		if (pr->https.ports[i] == port)
			return pr->https.status;
	return WAD_INSPECT_DISABLE;
}
