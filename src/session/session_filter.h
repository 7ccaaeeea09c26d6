/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `diagnose sys session filter`: which sessions a command is about.  Belongs
 * to a console connection; travels to the workers as it is (SESSIONS_CLEAR),
 * so it holds no pointers.  Criteria combine with AND, the addresses of an
 * extended list with OR; `negate FIELD` turns one criterion round, `negate`
 * the whole.
 */
#ifndef WAD_SESSION_SESSION_FILTER_H
#define WAD_SESSION_SESSION_FILTER_H

#include "base/str.h"
#include "conf/conf_snap.h"
#include "session/slot.h"

enum { WAD_SF_EXT = 32 };	/* addresses in an extended list */

/* In the order in which `filter` without arguments prints them. */
enum wad_sf_field { WAD_SF_VD, WAD_SF_SINTF, WAD_SF_DINTF, WAD_SF_PROTO,
	WAD_SF_PROTO_STATE, WAD_SF_SRC, WAD_SF_NSRC, WAD_SF_DST,
	WAD_SF_SPORT, WAD_SF_NPORT, WAD_SF_DPORT, WAD_SF_POLICY,
	WAD_SF_EXPIRE, WAD_SF_DURATION, WAD_SF_STATE1, WAD_SF_STATE2,
	WAD_SF_N };
#define WAD_SF_WHOLE	(1u << WAD_SF_N)	/* in negate: all of it */

struct wad_sf_ext { uint32_t n; struct wad_addr lo[WAD_SF_EXT],
	hi[WAD_SF_EXT]; };

struct wad_session_filter {
	uint32_t	 magic;		/* WAD_SESSION_FILTER_MAGIC */
	uint32_t	 set, negate;	/* bit per enum wad_sf_field */
	uint32_t	 lo[WAD_SF_N], hi[WAD_SF_N];	/* numbers; STATE1, 2:
					 * bits and mask */
	struct wad_addr	 alo[WAD_SF_N], ahi[WAD_SF_N];	/* addresses */
	char		 typed[WAD_SF_N][16];	/* interfaces as typed, and */
	char		 dev[WAD_SF_N][16];	/* their Linux names */
	struct wad_sf_ext ext_src, ext_dst, ext_src_not, ext_dst_not;
	uint8_t		 family;	/* AF_INET6 for session6, else AF_INET;
					 * 0: both (get system session list) */
};
#define WAD_SESSION_FILTER_MAGIC	0x73666c74u

/* Nothing set: everything of this family matches. */
void	wad_session_filter_init(struct wad_session_filter *, int family);
/* `filter OPTION VALUE...`: 0, or -1 with a message (what, where, what to do)
 * and nothing changed.  conf (NULL allowed) knows the Linux names of
 * interfaces. */
int	wad_session_filter_set(struct wad_session_filter *,
	    const struct wad_conf *, const char *option,
	    const char *const *value, size_t n, struct wad_str *err);
/* `filter negate [FIELD]` (field NULL: the whole filter); as above. */
int	wad_session_filter_negate(struct wad_session_filter *,
	    const char *field, struct wad_str *err);
/* The words of `state=` as bits of session-state1 and 2. */
void	wad_session_filter_state(uint32_t state, uint32_t bits[2]);
/* "00000004: log" and so on, the bits of session-state1 (0) or 2 (1). */
void	wad_session_filter_states(int which, struct wad_str *out);
/* One that came in a message: false when it cannot be one. */
bool	wad_session_filter_sane(const struct wad_session_filter *);
bool	wad_session_filter_match(const struct wad_session_filter *,
	    const struct wad_slot *, uint64_t now_ms);
/* `filter` without arguments, in the official form or that of the study
 * page. */
void	wad_session_filter_print(const struct wad_session_filter *,
	    bool study, struct wad_str *out);

#endif
