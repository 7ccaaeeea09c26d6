/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway itself, its interfaces, and the tables without entries.
 */
#include "conf/conf_build.h"

#include <stdlib.h>

#include "base/xmem.h"

static void
interface_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, size_t i)
{
	struct wad_interface *f = &b->c->ifs[i];

	f->name = wad_arena_strdup(b->c->arena, n->name);
	wad_conf_build_fill(b, t, n, f);
	if (f->device == NULL)
		f->device = f->name;
	if (strlen(f->device) > 15)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "interface '%s': 'set device' is missing, the name is "
		    "longer than Linux allows", n->name);
	f->auth_cert = wad_conf_snap_cert_of(b, n, "auth-cert",
	    &f->auth_cert_name);
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
	wad_conf_build_each(b, "system interface", n, interface_entry);
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
	f->role = "undefined";
	wad_conf_check_names_leaf(b->ifs, f->name, f);
	return f->name;
}

void
wad_conf_snap_system_interfaces(struct build *b,
    const struct wad_conf_node *n, const char *name, const char ***out,
    size_t *n_out)
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

/* Seconds of a timer that FortiOS and openwad both have a word for.  Those of
 * FortiOS win where they are set. */
static void
one_timer(struct build *b, const char *path, const char *name,
    unsigned *fortios, const char *own_name, unsigned *own)
{
	const struct wad_conf_set *s = get(table(b, path), name);
	const struct wad_conf_set *o = get(table(b, "openwad settings"),
	    own_name);
	bool			   set = s != NULL && s->n_values > 0;

	if (set && o != NULL && o->n_values > 0 && *fortios != *own)
		wad_conf_build_warn(b, o->line, "set %s: %s of %s wins, "
		    "%u seconds", own_name, name, path, *fortios);
	*(set ? own : fortios) = *(set ? fortios : own);
}

static void
timers(struct build *b)
{
	struct wad_conf_timers	 *t = &b->c->timers;
	struct wad_conf_settings *s = &b->c->settings;

	(void)wad_conf_build_single(b, "system session-ttl", b->c);
	one_timer(b, "system session-ttl", "default", &t->session_ttl,
	    "idle-timeout", &s->idle_timeout);
	one_timer(b, "system global", "tcp-halfopen-timer", &t->halfopen,
	    "connect-timeout", &s->connect_timeout);
	one_timer(b, "system global", "tcp-halfclose-timer", &t->halfclose,
	    "halfclose-timeout", &s->halfclose_timeout);
	b->dirty = wad_conf_build_choice(
	    wad_conf_schema_table("system settings"),
	    table(b, "system settings"), "firewall-session-dirty");
	t->dirty_new = b->dirty == DIRTY_NEW;
}

static void
build_singles(struct build *b)
{
	struct wad_conf		   *c = b->c;
	const struct wad_conf_node *n;

	n = wad_conf_build_single(b, "system global", c);
	c->sys.auth_cert = wad_conf_snap_cert_of(b, n, "auth-cert",
	    &c->sys.auth_cert_name);
	(void)wad_conf_build_single(b, "system dns", c);
	wad_conf_build_no_any(&c->sys.dns[0]);
	wad_conf_build_no_any(&c->sys.dns[1]);
	(void)wad_conf_build_single(b, "system console", c);
	n = wad_conf_build_single(b, "user setting", c);
	c->user.auth_cert = wad_conf_snap_cert_of(b, n, "auth-cert",
	    &c->user.auth_cert_name);
	c->user.auth_ca_cert = wad_conf_snap_cert_of(b, n, "auth-ca-cert",
	    &c->user.auth_ca_cert_name);
	(void)wad_conf_build_single(b, "firewall ssl setting", c);
	(void)wad_conf_build_single(b, "openwad settings", c);
	timers(b);
}

void
wad_conf_snap_system_build(struct build *b)
{
	build_singles(b);
	build_interfaces(b);
}
