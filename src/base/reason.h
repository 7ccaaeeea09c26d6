/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a session ended.  One row of reason.def each: name in the log, whether
 * it is an error, the log's action=, the TLS alert for the client (0: none),
 * who sees a reset, and the text for logs and pages.
 */
#ifndef WAD_BASE_REASON_H
#define WAD_BASE_REASON_H

#include <stdbool.h>
#include <stdint.h>

/* CLT: the client, unless a page was sent to it.  OTHER: the side that did not
 * fail. */
enum wad_resets { WAD_RESETS_NONE, WAD_RESETS_CLT, WAD_RESETS_SRV,
	WAD_RESETS_BOTH, WAD_RESETS_OTHER };

struct wad_reason {
	const char	*name;		/* "srv-unreachable" */
	bool		 is_error;
	const char	*action;	/* log action= */
	uint8_t		 alert;		/* TLS alert description or 0 */
	enum wad_resets	 resets;	/* who sees one */
	const char	*text;
};

enum wad_reason_id {
#define REASON(id, name, error, action, alert, resets, text) WR_##id,
#include "base/reason.def"
#undef REASON
	WR_N
};

extern const struct wad_reason wad_reasons[WR_N];

#endif
