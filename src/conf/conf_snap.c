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

/* What settings can name. */
static const struct {
	const char	*kind;		/* in messages */
	size_t		 offset;	/* of the names in struct build */
} kinds[] = {
	{ "firewall address", offsetof(struct build, addr4) },
	{ "firewall address6", offsetof(struct build, addr6) },
	{ "firewall service", offsetof(struct build, services) },
	{ "firewall wildcard-fqdn", offsetof(struct build, wildcards) },
	{ "certificate", offsetof(struct build, certs) },
	{ "vpn certificate ocsp-server", offsetof(struct build, ocsp) },
	{ "firewall ssl-ssh-profile", offsetof(struct build, profiles) },
	{ "webfilter profile", offsetof(struct build, wf_profiles) },
	{ "user group", offsetof(struct build, groups) },
	{ "user local", offsetof(struct build, users) },
	{ "system interface", offsetof(struct build, ifs) },
	{ "firewall profile-protocol-options", offsetof(struct build, protocols) },
	{ "web-proxy profile", offsetof(struct build, webproxies) },
	{ "web-proxy forward-server", offsetof(struct build, forwards) },
	{ "web-proxy forward-server-group", offsetof(struct build, forward_groups) },
	{ "system replacemsg-group", offsetof(struct build, page_groups) },
};
enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct wad_conf_names **
names_of(struct build *b, size_t i)
{
	return (struct wad_conf_names **)(void *)((char *)b +
	    kinds[i].offset);
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
	for (size_t i = 0; i < N_KINDS; i++)
		*names_of(&b, i) = wad_conf_check_names_new(kinds[i].kind);
	wad_conf_snap_cert_build(&b);
	wad_conf_snap_system_build(&b);
	wad_conf_snap_log_build(&b);
	wad_conf_snap_http_feeds(&b);
	wad_conf_snap_object_build(&b);
	wad_conf_snap_profile_build(&b);
	wad_conf_snap_http_build(&b);
	wad_conf_snap_proxy_build(&b);
	wad_conf_snap_webfilter_build(&b);
	wad_conf_snap_policy_build(&b);
	for (size_t i = 0; i < N_KINDS; i++)
		wad_conf_check_names_free(*names_of(&b, i));
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
