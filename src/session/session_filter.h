/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `diagnose sys session filter`: which sessions a command is about.  Belongs
 * to a console connection; travels to the workers as it is (SESSIONS_CLEAR),
 * so it holds no pointers.  Criteria combine with AND.
 */
#ifndef WAD_SESSION_SESSION_FILTER_H
#define WAD_SESSION_SESSION_FILTER_H

#include "base/str.h"
#include "session/slot.h"

enum { WAD_SF_EXT = 32 };	/* addresses in an extended list */

/* In the order in which `filter` without arguments prints them. */
enum wad_sf_field { WAD_SF_VD, WAD_SF_SINTF, WAD_SF_DINTF, WAD_SF_PROTO,
	WAD_SF_PROTO_STATE, WAD_SF_SRC, WAD_SF_NSRC, WAD_SF_DST,
	WAD_SF_SPORT, WAD_SF_NPORT, WAD_SF_DPORT, WAD_SF_POLICY,
	WAD_SF_EXPIRE, WAD_SF_DURATION, WAD_SF_STATE1, WAD_SF_STATE2,
	WAD_SF_N };

struct wad_sf_ext { uint32_t n; struct wad_addr lo[WAD_SF_EXT],
	hi[WAD_SF_EXT]; };

struct wad_session_filter {
	uint32_t	 magic;		/* WAD_SESSION_FILTER_MAGIC */
	uint32_t	 set, negate;	/* bit per enum wad_sf_field */
	uint32_t	 lo[WAD_SF_N], hi[WAD_SF_N];	/* numbers */
	struct wad_addr	 src_lo, src_hi, nsrc_lo, nsrc_hi, dst_lo, dst_hi;
	char		 sintf[16], dintf[16];	/* as typed, for printing */
	struct wad_sf_ext ext_src, ext_dst, ext_src_not, ext_dst_not;
	uint8_t		 family;	/* AF_INET6 for session6, else AF_INET;
					 * 0: both (get system session list) */
};
#define WAD_SESSION_FILTER_MAGIC	0x73666c74u

/* Nothing set: everything of this family matches. */
void	wad_session_filter_init(struct wad_session_filter *, int family);
/* One that came in a message: false when it cannot be one. */
bool	wad_session_filter_sane(const struct wad_session_filter *);
bool	wad_session_filter_match(const struct wad_session_filter *,
	    const struct wad_slot *, uint64_t now_ms);
/* `filter` without arguments, in the official form or that of the study
 * page. */
void	wad_session_filter_print(const struct wad_session_filter *,
	    bool study, struct wad_str *out);

#endif
