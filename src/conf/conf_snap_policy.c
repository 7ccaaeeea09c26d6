/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of both kinds.
 */
#include "conf/conf_build.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

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
		wad_conf_build_warn(b, n->line, "policy %u has no %s: it "
		    "matches nothing", p->id, lack);
	if (schedule != NULL && strcmp(schedule, "always") != 0 &&
	    strcmp(schedule, "none") != 0)
		wad_conf_build_warn(b, n->line, "policy %u: schedule '%s' is "
		    "not there, the policy holds at any time", p->id,
		    schedule);
	if (action != NULL && strcmp(action, "accept") != 0 &&
	    strcmp(action, "deny") != 0)
		wad_conf_build_warn(b, n->line, "policy %u: action %s is not "
		    "there, it denies", p->id, action);
}

static bool
is_uuid(const char *v)
{
	static const char shape[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

	if (strlen(v) != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'h' ? strchr("0123456789abcdefABCDEF", v[i])
		    == NULL : v[i] != '-')
			return false;
	return strspn(v, "0-") != strlen(v);	/* all zeroes: unset */
}

/* The one that is set, else one of RFC 9562, section 5.8 (version 8: made in
 * our own way) that the same policy gets every time and on every gateway. */
static void
uuid(struct build *b, const struct wad_conf_node *n, struct wad_policy *p)
{
	static const unsigned char variant[] = "89ab";
	const char	   *v = value(n, "uuid");
	char		    what[80];
	unsigned long long  h[2] = { 0x6f70656e77616400ULL,
		0x706f6c6963790000ULL };	/* not the seed of a process */
	size_t		    len;

	p->uuid_idx = (uint32_t)(p - b->c->policies) + 1;
	if (v != NULL && is_uuid(v)) {
		memcpy(p->uuid, v, sizeof(p->uuid));
		return;
	}
	len = (size_t)snprintf(what, sizeof(what), "%s/%u",
	    p->explicit_web ? "proxy-policy" : "policy", p->id);
	for (size_t i = 0; i < 2; i++)
		h[i] = wad_str_hash(h[i], what, len);
	snprintf(p->uuid, sizeof(p->uuid), "%08llx-%04llx-8%03llx-%c%03llx-"
	    "%012llx", h[0] >> 32, h[0] >> 16 & 0xffff, h[0] & 0xfff,
	    variant[h[1] >> 62], h[1] >> 48 & 0xfff, h[1] & 0xffffffffffff);
}

static void
policy(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_policy *p)
{
	struct wad_conf_use	u;

	p->id = (uint32_t)strtoul(n->name, NULL, 10);
	wad_conf_build_fill(b, t, n, p);
	uuid(b, n, p);
	if (b->dirty != DIRTY_POLICY)
		p->dirty_new = b->dirty == DIRTY_NEW;
	if (is_value(n, "schedule", "none"))
		p->enabled = false;
	wad_conf_snap_system_interfaces(b, n, "srcintf", &p->srcintf,
	    &p->n_srcintf);
	wad_conf_snap_system_interfaces(b, n, "dstintf", &p->dstintf,
	    &p->n_dstintf);
	wad_conf_snap_object_addrs(b, n, "srcaddr", b->addr4, &p->srcaddr);
	wad_conf_snap_object_addrs(b, n, "dstaddr", b->addr4, &p->dstaddr);
	wad_conf_snap_object_addrs(b, n, "srcaddr6", b->addr6, &p->srcaddr6);
	wad_conf_snap_object_addrs(b, n, "dstaddr6", b->addr6, &p->dstaddr6);
	u = use(b, n, "service");
	p->services = (const struct wad_service **)wad_conf_check_all(
	    b->services, &u, b->c->arena, &p->n_services);
	u = use(b, n, "ssl-ssh-profile");
	if (u.set != NULL && u.set->n_values > 0)
		p->profile = wad_conf_check_one(b->profiles, &u);
	else
		p->profile = wad_conf_check_leaf(b->profiles, "no-inspection");
	u = use(b, n, "webfilter-profile");
	if (is_named(n, "webfilter-profile"))
		p->webfilter = wad_conf_check_one(b->wf_profiles, &u);
	u = use(b, n, "profile-protocol-options");
	p->protocol = is_named(n, "profile-protocol-options") ?
	    wad_conf_check_one(b->protocols, &u) :
	    wad_conf_check_leaf(b->protocols, "default");
	p->webproxy = wad_conf_snap_proxy_profile(b, n);
	wad_conf_snap_proxy_forward(b, n, "webproxy-forward-server",
	    &p->forward, &p->forward_group);
	p->pages = wad_conf_snap_http_pages(b, n,
	    "replacemsg-override-group");
	p->auth_cert = wad_conf_snap_cert_of(b, n, "auth-cert",
	    &p->auth_cert_name);
	wad_conf_snap_object_people(b, n, "groups", "user group", b->groups);
	wad_conf_snap_object_people(b, n, "users", "user local", b->users);
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
	if (wad_conf_build_choice(t, n, "proxy") == 0) {
		wad_conf_build_warn(b, n->line, "proxy-policy %s: proxy %s "
		    "is not served, the policy is left out", n->name,
		    value(n, "proxy"));
		return;
	}
	b->c->n_policies++;
	p->explicit_web = true;
	p->nat = true;
	policy(b, t, n, p);
}

void
wad_conf_snap_policy_build(struct build *b)
{
	const struct wad_conf_node *f = table(b, "firewall policy");
	const struct wad_conf_node *p = table(b, "firewall proxy-policy");

	b->c->policies = array(b, count(f) + count(p),
	    sizeof(*b->c->policies));
	wad_conf_build_each(b, "firewall policy", f, policy_entry);
	wad_conf_build_each(b, "firewall proxy-policy", p, proxy_policy_entry);
}
