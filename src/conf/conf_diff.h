/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of configuration changed, object by object, in the words of
 * FortiOS's audit records.  Pure.
 */
#ifndef WAD_CONF_CONF_DIFF_H
#define WAD_CONF_CONF_DIFF_H

#include "conf/conf_parse.h"

struct wad_conf_change {
	const char	*action;	/* "Add", "Edit", "Delete", "Move" */
	const char	*path;		/* "firewall.policy", of a nested entry
					 * "webfilter.profile:ftgd-wf.filters" */
	const char	*obj;		/* "2", "NAME:2"; NULL: a table without
					 * entries */
	const char	*attrs;		/* "groups[->vpn]status[enable->disable]";
					 * of a new object "groups[vpn]"; NULL:
					 * none.  Lists as what left and what
					 * came, secrets as `*`, long values
					 * cut. */
};
typedef void wad_conf_change_fn(void *arg, const struct wad_conf_change *);

/* Calls fn for each object that differs, in the order of the new tree, then
 * what is gone; how many there were.  The strings live as long as the call. */
unsigned wad_conf_diff(const struct wad_conf_tree *old,
	    const struct wad_conf_tree *new, wad_conf_change_fn *fn,
	    void *arg);

#endif
