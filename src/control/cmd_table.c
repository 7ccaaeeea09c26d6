/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every command of the console: one row per file of commands.  The order is
 * the order of `?`.
 */
#include "control/console.h"

const struct wad_cmd_family *const wad_cmd_families[] = {
	&wad_cmd_config,
	&wad_cmd_system,
	&wad_cmd_debug,
	&wad_cmd_session,
	&wad_cmd_wad,
	&wad_cmd_cache,
	&wad_cmd_webfilter,
	&wad_cmd_export,
	&wad_cmd_feed,
	&wad_cmd_performance,
	&wad_cmd_ping,
	&wad_cmd_log,
};
const size_t wad_cmd_n_families = sizeof(wad_cmd_families) /
    sizeof(wad_cmd_families[0]);
