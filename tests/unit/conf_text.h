/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration from its text, for unit tests: the two CAs that the parent
 * adds are there.
 */
#ifndef CONF_TEXT_H
#define CONF_TEXT_H

#include <check.h>
#include <string.h>

#include "conf/conf_parse.h"

static inline struct wad_conf *
conf_of_text(const char *text)
{
	struct wad_conf_errs	 errs = { 0 };
	struct wad_conf_tree	*t = wad_conf_parse("f", text, strlen(text),
	    &errs);
	struct wad_conf		*conf;

	wad_conf_node_make(t, "vpn certificate local", WAD_CA_SSL);
	wad_conf_node_make(t, "vpn certificate local", WAD_CA_UNTRUSTED);
	conf = wad_conf_build(t, NULL, &errs);
	ck_assert_msg(conf != NULL, "%s", errs.text.s);
	wad_conf_tree_free(t);
	wad_conf_errs_free(&errs);
	return conf;
}

#endif
