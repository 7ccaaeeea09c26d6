/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show, show full-configuration, get: the tree as text, and the help texts
 * of the schema.
 */
#ifndef WAD_CONF_SHOW_H
#define WAD_CONF_SHOW_H

#include "base/str.h"
#include "conf/conf_parse.h"

/* Names that begin with '_' are internal (sealed text only): shown never.
 * Secrets (private-key, password, passwd) are shown as ENC ******** unless
 * raw is true (raw writes everything: file saving and the sealed text). */
struct wad_conf_show {
	bool full;			/* also the defaults of known settings */
	bool raw;
};

/* Appends the whole tree, or only the tables whose path begins with filter
 * ("firewall policy", "firewall policy 11"); NULL: all.  -1 when filter names
 * nothing that exists in tree or schema. */
int	wad_conf_show(const struct wad_conf_tree *, const char *filter,
	    struct wad_conf_show, struct wad_str *out);
/* `get PATH`: "name : value" lines with defaults.  -1 as above. */
int	wad_conf_get_text(const struct wad_conf_tree *, const char *path,
	    struct wad_str *out);
/* `?` and completion: what may come at a place ("firewall policy 11", also of
 * an entry that is not there yet), lines "word  help\n"; empty when nothing.
 * keyword (set, edit, config ...): behind that word; setting: its values; NULL:
 * tables, entries, or settings and the tables inside. */
void	wad_conf_help(const struct wad_conf_tree *, const char *path,
	    const char *keyword, const char *setting, struct wad_str *out);

struct wad_conf_table;
/* A setting whose value nobody should see; the table may be NULL. */
bool	wad_conf_show_secret(const struct wad_conf_table *,
	    const struct wad_conf_set *);

#endif
