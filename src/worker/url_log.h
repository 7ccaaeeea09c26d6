/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Web filter records: what a name or a request was rated as, or was found to
 * be, and what followed.
 */
#ifndef WAD_WORKER_URL_LOG_H
#define WAD_WORKER_URL_LOG_H

#include "base/log.h"
#include "worker/session.h"

/* What a record is about; only host and path must be there. */
struct wad_url_about {
	const char	*host, *path;	/* of the path all before '?' is said */
	const struct wad_url_verdict *verdict;	/* NULL: nothing was rated */
	const char	*method, *referer, *agent;
	unsigned	 status;	/* of the response; 0: none yet */
	const char	*sni, *keyword;
	const char	*msg;		/* NULL: what the kind says */
};

/* One record for s->verdict on this name, when the profile wants one. */
void	wad_url_log(struct wad_session *, const char *host, const char *path);
/* The same about a name whose connection may still show what is asked for:
 * written by wad_url_log_owed when no request said more. */
void	wad_url_log_later(struct wad_session *, const char *host);
/* Writes that record if it is still owed. */
void	wad_url_log_owed(struct wad_session *);
/* Which record the verdict is worth to the profile; WAD_LOG_N: none. */
enum wad_log_id wad_url_log_kind(const struct wad_wf_profile *,
	    const struct wad_url_verdict *);
/* Writes a record of the web filter and counts it.  A session that has many
 * has them one by one up to a rate; how many were left out says the next. */
void	wad_url_log_write(struct wad_session *, enum wad_log_id,
	    const struct wad_url_about *, bool blocked);

#endif
