/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas of the web filter: time and traffic of a category and a day.
 *
 * How exact: a worker reports each second, and at once when it holds
 * WAD_QUOTA_SOON bytes of a client; wad-control tells all workers in the same
 * moment.  So a client may have up to two seconds of traffic, and 256 KiB for
 * each worker, more than its quota.
 */
#ifndef WAD_WORKER_HTTP_QUOTA_H
#define WAD_WORKER_HTTP_QUOTA_H

#include "http/http.h"
#include "ipc/msg.h"

struct wad_session;
struct wad_worker;

/* A request whose category is monitored (or that got past its warning): counts
 * it, and sets tx->watch where its bytes count.  PASS, or ANSWER: the quota is
 * used up. */
enum wad_http_say wad_http_quota_request(struct wad_session *,
	    struct wad_http_tx *);
/* A piece of a body of len bytes: PASS, or CUT. */
enum wad_http_say wad_http_quota_body(struct wad_session *,
	    struct wad_http_tx *, size_t len);
/* The exchange is over; from ops->done, before tx->seen is freed. */
void	wad_http_quota_done(struct wad_session *, struct wad_http_tx *);

/* QUOTA_STATE of wad-control; 0 or -1. */
int	wad_http_quota_message(struct wad_worker *, struct wad_msg_in *);

#endif
