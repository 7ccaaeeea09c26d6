/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config / edit / set / next / end: text to tree and back.  Pure: no files,
 * no globals; fuzzed.  The tree keeps what it does not know.
 */
#ifndef WAD_CONF_PARSE_H
#define WAD_CONF_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf_snap.h"
#include "conf/conf_tree.h"

/* Name of a tree made from the sealed text: settings whose names begin with
 * '_' are accepted there (and where wad_conf_node_set made them). */
#define WAD_CONF_SEALED	"<sealed>"

/* Limits of what a file may hold. */
enum {
	WAD_CONF_TEXT_MAX = 64 << 20, WAD_CONF_VALUE_MAX = 1 << 20,
	WAD_CONF_WORDS_MAX = 8192, WAD_CONF_DEPTH_MAX = 16,
	WAD_CONF_SETS_MAX = 2048, WAD_CONF_ERRS_MAX = 200
};

/* Parses text (len bytes, any content) into a new tree; errors are added and
 * parsing goes on at the next line.  Never NULL; free it in every case. */
struct wad_conf_tree *wad_conf_parse(const char *file, const char *text,
	    size_t len, struct wad_conf_errs *);

/* Runs a script (config.. edit.. set/append/unset/delete/rename/move/clone/
 * purge.. end) of the console on a tree.  0, or -1 with errors; on -1 the
 * tree may be half edited: work on a dup. */
int	wad_conf_edit(struct wad_conf_tree *, const char *file,
	    const char *text, size_t len, struct wad_conf_errs *);

#endif
