/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is decided about each HTTP request and response of a session.
 */
#ifndef WAD_WORKER_HTTP_FILTER_H
#define WAD_WORKER_HTTP_FILTER_H

#include "base/log.h"
#include "http/http.h"
#include "url/url.h"

struct wad_session;

/* tx->seen: what was found out about a request. */
struct wad_http_seen {
	struct wad_url_verdict	 verdict;	/* valid when rated */
	bool			 rated, logged;
	unsigned		 step;	/* where a held request goes on */
	struct wad_content	*content;	/* http_content.c; NULL */
	struct wad_quota_use	*quota;		/* http_quota.c; NULL */
	struct wad_warn_wait	*warn;		/* http_warn.c; NULL */
};

/* For an engine whose owner is a struct wad_session. */
extern const struct wad_http_ops wad_http_filter_ops;

/* What a step says of a request: PASS, the next one is asked; HOLD, it calls
 * wad_http_filter_resume later. */
typedef enum wad_http_say wad_http_step(struct wad_session *,
	    struct wad_http_tx *);
/* A step that had said HOLD has made up its mind: after PASS the steps behind
 * it are asked, then the engine is told. */
void	wad_http_filter_resume(struct wad_session *, struct wad_http_tx *,
	    enum wad_http_say);

/* A page instead of what was asked for: ANSWER, or CUT where the profile has
 * no pages for HTTPS.  text (NULL: the reason's) is shown and kept in
 * tx->error. */
enum wad_http_say wad_http_filter_refuse(struct wad_session *,
	    struct wad_http_tx *, unsigned status, enum wad_reason_id,
	    const char *text);
/* The same with a record, which says what the client got. */
enum wad_http_say wad_http_filter_found(struct wad_session *,
	    struct wad_http_tx *, enum wad_log_id, unsigned status,
	    enum wad_reason_id, const char *text);
/* The host asked for; that of the connection when the request names none, or
 * the server's address, valid until the next call. */
const char *wad_http_filter_host(const struct wad_session *,
	    const struct wad_http_tx *);
/* The web filter in force, or NULL. */
const struct wad_wf_profile *wad_http_filter_profile(
	    const struct wad_session *);
/* Does it have this of WAD_WFO_*? */
bool	wad_http_filter_option(const struct wad_session *, unsigned option);
/* The connection has a policy for each of its requests: not that of a plain
 * proxy, whose requests go to many servers and are routed one by one. */
bool	wad_http_filter_one_server(const struct wad_session *);

#endif
