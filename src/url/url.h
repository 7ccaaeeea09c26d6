/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The category of a name and what follows from it.  Function names and debug
 * lines of the reference (lines 16 to 24).
 */
#ifndef WAD_URL_H
#define WAD_URL_H

#include "conf/conf_snap.h"
#include "policy/policy_match.h"

enum { WAD_CATE_UNRATED = 0, WAD_CATE_UNKNOWN = 255, WAD_CATES_MAX = 16 };

struct wad_url_db;			/* mapped category database */

/* Maps a database from a descriptor (closed afterwards); NULL with reason. */
struct wad_url_db *wad_url_db_open(int fd, char *err, size_t errsize);
void	wad_url_db_close(struct wad_url_db *);	/* NULL allowed */
uint64_t wad_url_db_count(const struct wad_url_db *);
/* Longest match for a canonical host and a path ("/a/b" or NULL).  Fills
 * cats (at most max), returns how many; 0: not in the database.  list (may be
 * NULL) gets the name of the source list. */
/* After finding nothing: true when that is because the file is damaged
 * (says so once per look-up). */
bool	wad_url_db_failed(struct wad_url_db *);
size_t	wad_url_db_find(const struct wad_url_db *, const char *host,
	    const char *path, uint16_t *cats, size_t max, const char **list);

/* The same, with where each category comes from. */
struct wad_url_source {
	uint16_t	 category;
	const char	*list, *file;	/* file: "" when it is not known */
	uint32_t	 line;		/* 0: not known */
};
size_t	wad_url_db_sources(const struct wad_url_db *, const char *host,
	    const char *path, struct wad_url_source *, size_t max);

/* Name of its list number i and its file, or NULL: there are no more.  Both
 * are "" for a list that was taken out. */
const char *wad_url_db_list(const struct wad_url_db *, size_t i);
const char *wad_url_db_file(const struct wad_url_db *, size_t i);
/* Bytes of one category in a value. */
size_t	wad_url_db_step(const struct wad_url_db *);

/* Compiled forms of a configuration's patterns (PCRE2); one per snapshot. */
struct wad_url_rules;
struct wad_url_rules *wad_url_rules_new(const struct wad_conf *, char *err,
	    size_t errsize);
void	wad_url_rules_free(struct wad_url_rules *);

/* Where a category came from. */
enum wad_cate_src { WAD_CATE_NONE, WAD_CATE_LOCAL, WAD_CATE_DB,
	WAD_CATE_REMOTE };	/* a threat feed; the database may add more */

/* The verdict on a name, filled step by step. */
struct wad_url_verdict {
	uint32_t	 id;		/* request number of this worker */
	uint16_t	 cates[WAD_CATES_MAX]; size_t n_cates;
	size_t		 n_remote;	/* the first ones, of threat feeds */
	const struct wad_feed *feed;	/* the first of those, or NULL */
	uint32_t	 feed_line;
	uint16_t	 cate;		/* the one that counts */
	uint16_t	 cate_url, cate_ip;	/* by name, by address */
	enum wad_cate_src src;
	const char	*list;		/* list of the database, or NULL */
	enum wad_wf_action action;
	const struct wad_wf_filter *filter;	/* or NULL */
	const struct wad_uf_entry *uf;	/* URL filter entry that decided, NULL */
	bool		 uf_exempt;	/* URL filter says exempt: no category
					 * action, no inspection of content */
	bool		 err;		/* the database is missing or failed */
	const char	*why;		/* static text for explain */
};

enum { WAD_FQDN_ADDRS = 16 };
/* What the name of an FQDN object resolves to now. */
struct wad_fqdn {
	const char	*name;
	struct wad_addr	 addr[WAD_FQDN_ADDRS]; size_t n;
};

/* What the decision needs; nothing of it is kept. */
struct wad_url_ask {
	const struct wad_conf	*conf;
	struct wad_url_rules	*rules;
	struct wad_url_db	*db;	/* NULL: no database */
	const struct wad_policy	*policy;
	const char		*host;	/* canonical name (or IP text) */
	const char		*path;	/* NULL at SNI time */
	const char		*referrer;	/* host of Referer, canonical; NULL */
	const char		*url_src;	/* "SNI", "HOST", "IP" */
	struct wad_addr		 src, dst;
	bool			 https;
	const void		*nego;	/* for the debug line */
	const struct wad_fqdn	*fqdns; size_t n_fqdns;	/* of exemptions */
};

/* Rates and decides: lines 18 to 23.  With policy->webfilter NULL (or utm
 * off) the category is still rated and the action is allow.  0; never
 * fails. */
int	wad_url_decide(const struct wad_url_ask *, struct wad_url_verdict *);

enum wad_exempt_reason { WAD_X_NONE, WAD_X_CATEGORY, WAD_X_ADDRESS,
	WAD_X_WILDCARD, WAD_X_REGEX, WAD_X_LEARNED };
extern const char *const wad_exempt_names[];	/* "x_none", "x_cate", ... */

struct wad_exempt_result {
	enum wad_exempt_reason	 reason;	/* the one that counts */
	enum wad_exempt_reason	 by_sni, by_ip;
	const struct wad_exempt	*entry;	/* or NULL */
};

/* ssl-exempt entries by address, wildcard and regex: lines 16 and 17
 * (wsp, deep_scan and letters are printed as given). */
void	wad_ssl_check_urlf_and_exempt(const struct wad_url_ask *,
	    const void *wsp, int type, const int deep_scan[3],
	    const char *ssl_proc, struct wad_exempt_result *);
/* ssl-exempt by category, after the rating: line 24. */
void	wad_ssl_exempt_by_category(const struct wad_url_ask *,
	    const struct wad_url_verdict *, struct wad_exempt_result *);

/* Name of a category number ("Information Technology"), local ones from
 * conf; "Unknown" when there is none. */
const char *wad_url_cate_name(const struct wad_conf *, uint16_t);
/* Number of a category name or number text; -1 when unknown. */
int	wad_url_cate_number(const char *);

#endif
