/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A test that builds one configuration and looks at it, or at what is said
 * against it.
 */
#ifndef CONF_CASE_H
#define CONF_CASE_H

#include <string.h>

#include "conf/conf_parse.h"
#include "conf/conf_snap.h"

static struct wad_conf_errs errs;
static struct wad_conf_tree *tree;
static struct wad_conf *conf;

static void
setup(void)
{
	memset(&errs, 0, sizeof(errs));
	tree = NULL;
	conf = NULL;
}

static void
teardown(void)
{
	wad_conf_put(conf);
	wad_conf_tree_free(tree);
	wad_conf_errs_free(&errs);
}

static const char *
text(void)
{
	return errs.text.s != NULL ? errs.text.s : "";
}

static const char *
ignored(void)
{
	return errs.ignored.s != NULL ? errs.ignored.s : "";
}

/* Parses and builds; all certificates named are there. */
static struct wad_conf *
build(const char *s)
{
	tree = wad_conf_parse("f.conf", s, strlen(s), &errs);
	wad_conf_node_make(tree, "vpn certificate local", WAD_CA_SSL);
	wad_conf_node_make(tree, "vpn certificate local", WAD_CA_UNTRUSTED);
	conf = wad_conf_build(tree, NULL, &errs);
	return conf;
}

#endif
