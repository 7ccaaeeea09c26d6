/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From tree to snapshot: entries become structs by the schema's rows, names
 * become pointers.  The parent builds one to check the file; every role
 * builds its own from the sealed text.  All memory is the snapshot's arena.
 * The parts are in conf_snap_*.c.
 */
#include "conf/conf_snap.h"

#include <string.h>

#include "base/arena.h"
#include "base/xmem.h"
#include "conf/conf_build.h"

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
	wad_conf_snap_cert_build(&b);
	wad_conf_snap_system_build(&b);
	wad_conf_snap_log_build(&b);
	wad_conf_snap_object_build(&b);
	wad_conf_snap_profile_build(&b);
	wad_conf_snap_webfilter_build(&b);
	wad_conf_snap_policy_build(&b);
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
		wad_conf_errs_sort(errs);
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
