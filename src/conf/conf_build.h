/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that build a snapshot share: the tree on its way to become
 * one, and short words for what every table needs.  Included by conf_build.c
 * and conf_snap*.c only.
 */
#ifndef WAD_CONF_BUILD_H
#define WAD_CONF_BUILD_H

#include <string.h>

#include "base/arena.h"
#include "conf/conf_check.h"
#include "conf/conf_schema.h"

struct build {
	struct wad_conf			*c;
	struct wad_conf_tree		*tree;	/* effective */
	struct wad_conf_errs		*errs;
	wad_conf_facts_fn		*facts;
	struct wad_conf_names		*addr4, *addr6, *services, *wildcards,
	    *certs, *ocsp, *profiles, *wf_profiles, *groups, *users, *ifs,
	    *protocols, *webproxies, *forwards, *forward_groups,
	    *page_groups;
	size_t				 max_ifs;
	enum { DIRTY_ALL, DIRTY_NEW, DIRTY_POLICY }
					 dirty;	/* firewall-session-dirty */
};

typedef void entry_fn(struct build *, const struct wad_conf_table *,
    const struct wad_conf_node *, size_t index);

/* A line for errs->ignored: what is accepted and does not do what it says. */
void	wad_conf_build_warn(struct build *, int line, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* Fills *obj by the rows of a table: defaults, then what is set.  Values that
 * are wrong were told by wad_conf_check_tree. */
void	wad_conf_build_fill(struct build *, const struct wad_conf_table *,
	    const struct wad_conf_node *, void *obj);
/* The same for a table without entries, whose rows are about obj; returns
 * its node or NULL. */
const struct wad_conf_node *wad_conf_build_single(struct build *,
	    const char *path, void *obj);
/* Says so when a password was encrypted by another device. */
void	wad_conf_build_foreign(struct build *, const struct wad_conf_node *,
	    const char *name);
/* Calls fn for every entry of a node of this path, in order. */
void	wad_conf_build_each(struct build *, const char *path,
	    const struct wad_conf_node *, entry_fn *);
/* A table of the configuration as an array in the snapshot: list and n_list
 * are its fields there. */
#define WAD_CONF_BUILD_TABLE(b, path, list, n_list, fn) do {		\
	const struct wad_conf_node *n_ = table(b, path);		\
									\
	(b)->c->n_list = count(n_);					\
	(b)->c->list = array(b, (b)->c->n_list, sizeof(*(b)->c->list));	\
	wad_conf_build_each(b, path, n_, fn);				\
} while (0)
/* Value of a choice of a setting that has no place in a struct. */
int	wad_conf_build_choice(const struct wad_conf_table *,
	    const struct wad_conf_node *, const char *name);
/* 0.0.0.0 and :: stand for "not set". */
void	wad_conf_build_no_any(struct wad_addr *);

/* ---- conf_snap_*.c, in the order in which they are called ---- */

void	wad_conf_snap_cert_build(struct build *);
void	wad_conf_snap_system_build(struct build *);
void	wad_conf_snap_log_build(struct build *);
void	wad_conf_snap_object_build(struct build *);
void	wad_conf_snap_profile_build(struct build *);
void	wad_conf_snap_http_feeds(struct build *);	/* before objects */
void	wad_conf_snap_http_build(struct build *);
void	wad_conf_snap_proxy_build(struct build *);
void	wad_conf_snap_webfilter_build(struct build *);
void	wad_conf_snap_policy_build(struct build *);

/* The certificate that a setting names; "" and no setting: NULL. */
const struct wad_cert *wad_conf_snap_cert_of(struct build *,
	    const struct wad_conf_node *, const char *name,
	    const char **stored);
/* The interfaces of srcintf or dstintf, zones replaced by their members. */
void	wad_conf_snap_system_interfaces(struct build *,
	    const struct wad_conf_node *, const char *name,
	    const char ***out, size_t *n_out);
/* The address objects that a setting names, groups flattened. */
void	wad_conf_snap_object_addrs(struct build *,
	    const struct wad_conf_node *, const char *name,
	    struct wad_conf_names *, struct wad_addr_list *);
/* Names of users or groups must exist where the table is configured; an
 * excerpt or a gateway that learns its users elsewhere has none. */
void	wad_conf_snap_object_people(struct build *,
	    const struct wad_conf_node *, const char *name,
	    const char *path, struct wad_conf_names *);

/* The pages that a setting names, the web-proxy profile, the proxy or the
 * group of proxies; NULL when it is not set, or "". */
const struct wad_pages *wad_conf_snap_http_pages(struct build *,
	    const struct wad_conf_node *, const char *name);
const struct wad_webproxy_profile *wad_conf_snap_proxy_profile(
	    struct build *, const struct wad_conf_node *);
void	wad_conf_snap_proxy_forward(struct build *,
	    const struct wad_conf_node *, const char *name,
	    const struct wad_forward_server **,
	    const struct wad_forward_group **);

/* ---- settings and entries of a node; the node may be NULL where there may
 * be none ---- */

static inline const struct wad_conf_set *
get(const struct wad_conf_node *n, const char *name)
{
	return n != NULL ? wad_conf_node_get(n, name) : NULL;
}

static inline const char *
value(const struct wad_conf_node *n, const char *name)
{
	const struct wad_conf_set *s = get(n, name);

	return s != NULL && s->n_values > 0 ? s->values[0] : NULL;
}

static inline bool
is_value(const struct wad_conf_node *n, const char *name, const char *want)
{
	const char *v = value(n, name);

	return v != NULL && strcmp(v, want) == 0;
}

/* Whether it names something: `set x ""` does not. */
static inline bool
is_named(const struct wad_conf_node *n, const char *name)
{
	const char *v = value(n, name);

	return v != NULL && v[0] != '\0';
}

static inline bool
has_value(const struct wad_conf_node *n, const char *name, const char *want)
{
	const struct wad_conf_set *s = get(n, name);

	for (size_t i = 0; s != NULL && i < s->n_values; i++)
		if (strcmp(s->values[i], want) == 0)
			return true;
	return false;
}

static inline const struct wad_conf_node *
child(const struct wad_conf_node *n, const char *name)
{
	for (n = n->children; n != NULL; n = n->next)
		if (!n->is_edit && strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

static inline size_t
count(const struct wad_conf_node *n)
{
	size_t k = 0;

	if (n != NULL)
		for (n = n->children; n != NULL; n = n->next)
			k += n->is_edit;
	return k;
}

static inline const struct wad_conf_node *
table(struct build *b, const char *path)
{
	return wad_conf_node_find(b->tree, path, NULL, NULL);
}

static inline void *
array(struct build *b, size_t n, size_t size)
{
	return n > 0 ? wad_arena_alloc(b->c->arena, n * size) : NULL;
}

static inline struct wad_conf_use
use(struct build *b, const struct wad_conf_node *n, const char *name)
{
	struct wad_conf_use u = { b->tree, get(n, name), b->errs };

	return u;
}

#endif
