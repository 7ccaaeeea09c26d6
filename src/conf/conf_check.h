/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of a configuration: every setting against the schema, and every
 * name against the entries that must exist.  Used by conf_snap.c, which
 * builds the snapshot.
 */
#ifndef WAD_CONF_CHECK_H
#define WAD_CONF_CHECK_H

#include "base/arena.h"
#include "conf/conf_parse.h"

/* Compares every table that the schema knows with it; adds errors, and a
 * line to errs->ignored for each table that it does not know. */
void	wad_conf_check_tree(const struct wad_conf_tree *,
	    struct wad_conf_errs *);
/* A copy with the objects that exist without being configured ("all",
 * "HTTPS", "deep-inspection") added behind; what the tree says of them
 * wins, setting by setting (an exempt list as a whole).  Settings with an
 * older name have become those of today. */
struct wad_conf_tree *wad_conf_check_effective(const struct wad_conf_tree *);

/* The checks come one after the other, but who mends the file goes through
 * it from top to bottom: puts the messages into that order.  That there are
 * more stays the last line. */
void	wad_conf_errs_sort(struct wad_conf_errs *);

/* Calls fn for every certificate that a setting names; aliases are given as
 * what they stand for.  The same name may come more than once. */
void	wad_conf_cert_names(const struct wad_conf_tree *,
	    void (*fn)(void *arg, const char *name, const char *file,
	    int line), void *arg);
/* "Fortinet_CA_SSL" -> "Openwad_CA_SSL"; other names as they are. */
const char *wad_conf_check_alias(const char *name);

/* Whether URL is "http://HOST[:PORT][/PATH]" without a user, as lists of
 * revoked certificates and OCSP responders have it. */
bool	wad_conf_check_http_url(const char *url);
/* The same with http:// or https://. */
bool	wad_conf_check_web_url(const char *url);
/* Whether name is a field name (RFC 9110, section 5.6.2) and value a field
 * value without control characters (5.5); either may be NULL. */
bool	wad_conf_check_field(const char *name, const char *value);

/* Names of one kind of entries: leaves (objects) and groups of names. */
struct wad_conf_names;
struct wad_conf_names *wad_conf_check_names_new(const char *kind);
void	wad_conf_check_names_free(struct wad_conf_names *);
void	wad_conf_check_names_leaf(struct wad_conf_names *, const char *name,
	    void *leaf);
void	wad_conf_check_names_group(struct wad_conf_names *,
	    const struct wad_conf_node *group);
void	*wad_conf_check_leaf(const struct wad_conf_names *, const char *name);

/* Where a name is used, for messages. */
struct wad_conf_use {
	const struct wad_conf_tree *tree;
	const struct wad_conf_set *set;
	struct wad_conf_errs *errs;	/* NULL: silent */
};
/* The leaf that value 0 of use names; NULL with an error. */
void	*wad_conf_check_one(struct wad_conf_names *,
	    const struct wad_conf_use *);
/* The leaves that all values name, groups flattened, each once; in the
 * arena.  Names that do not exist are errors and left out. */
void	**wad_conf_check_all(struct wad_conf_names *,
	    const struct wad_conf_use *, struct wad_arena *, size_t *n);

/* Objects that exist without being configured, as text. */
extern const char wad_conf_builtin[];

#endif
