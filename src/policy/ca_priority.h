/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificate is presented: SPEC section 5, seven rows as data.
 */
#ifndef WAD_POLICY_CA_PRIORITY_H
#define WAD_POLICY_CA_PRIORITY_H

#include "conf/conf_snap.h"

enum wad_ca_purpose { WAD_CA_RELAY, WAD_CA_PAGE };
enum { WAD_CA_ROWS = 7 };

struct wad_ca_facts {
	const struct wad_conf	*conf;
	enum wad_ca_purpose	 purpose;
	const char		*in_dev;	/* ingress, or NULL */
	const struct wad_policy	*policy;	/* or NULL */
	bool			 wf_authenticate; /* page for that action */
	int64_t			 now;		/* wall clock */
};

struct wad_ca_row {
	const char		*source;	/* "auth-ca-cert", ... */
	const char		*cert_name;	/* configured name or NULL */
	const struct wad_cert	*cert;		/* or NULL */
	const char		*skip;		/* why not; NULL: usable */
	char			 why[128];	/* room for skip */
};

struct wad_ca_choice {
	const struct wad_cert	*cert;		/* NULL: no-signing-ca */
	const char		*source;
	bool			 resign;	/* cert is a CA and signs */
	int			 row;		/* 0..6, or -1 */
	struct wad_ca_row	 rows[WAD_CA_ROWS];
};

/* Fills out; 0, or -1 when no row is usable. */
int	wad_ca_priority_choose(const struct wad_ca_facts *,
	    struct wad_ca_choice *out);

#endif
