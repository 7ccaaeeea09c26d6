/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threat feeds (system external-resource): fetched on a schedule, compiled,
 * kept, and handed to the workers.
 */
#ifndef WAD_LOOKUP_LOOKUP_FEED_H
#define WAD_LOOKUP_LOOKUP_FEED_H

#include <event2/event.h>

#include "base/list.h"
#include "base/str.h"
#include "conf/conf_snap.h"
#include "ipc/msg.h"
#include "lookup/feed_build.h"
#include "lookup/feed_store.h"
#include "lookup/lookup_fetch.h"

enum {
	WAD_FEED_BYTES = 128 * 1024 * 1024,	/* of text, unpacked */
	WAD_FEED_MS = 5 * 60 * 1000,	/* for all of it */
	WAD_FEED_RETRY = 10		/* seconds after the first failure */
};

struct wad_feeds;
/* Sends a message to a worker, or to all of them. */
typedef void wad_feeds_send_fn(void *arg, const struct wad_msg *);

struct wad_feeds *wad_lookup_feed_open(struct event_base *,
	    struct wad_fetcher *, wad_feeds_send_fn *to_all, void *arg);
/* FEED_FILES of the parent, for the next configuration; 0 or -1. */
int	wad_lookup_feed_files(struct wad_feeds *, struct wad_msg_in *);
/* Another configuration counts; the caller keeps it until the next one. */
void	wad_lookup_feed_commit(struct wad_feeds *, const struct wad_conf *);
/* Everything to a worker that is new: FEED of each, then FEEDS. */
void	wad_lookup_feed_greet(struct wad_feeds *, wad_feeds_send_fn *,
	    void *arg);
/* The commands "list", "stats [NAME]", "refresh NAME", "addresses NAME". */
bool	wad_lookup_feed_command(struct wad_feeds *, const char *words,
	    struct wad_str *out);
/* The statistics of this role. */
void	wad_lookup_feed_tell(struct wad_feeds *);

/* When a feed is fetched next, in milliseconds: after `failures` in a row,
 * refresh in seconds; r is random. */
uint64_t wad_lookup_feed_next(unsigned refresh, unsigned failures,
	    uint32_t r);

/* ---- for lookup_feed*.c --------------------------------------------------- */

enum wad_feed_state { WAD_FEED_IDLE, WAD_FEED_DUE, WAD_FEED_FETCHING,
	WAD_FEED_BUILDING, WAD_FEED_SAVING };

/* One feed. */
struct wad_feed_job {
	struct wad_list	 link;
	struct wad_feeds *s;
	char		*name;
	const struct wad_feed *conf;	/* NULL: not in the configuration */
	char		*key;		/* its settings that change its text */
	enum wad_feed_state state;
	int		 files[2];	/* -1: none */
	int		 fd;		/* the segment; -1: none */
	struct wad_feed_kept kept;	/* of it */
	struct wad_feed_count count;	/* of the last one that was built */
	struct wad_feed_kept fresh;	/* of what is being fetched */
	struct wad_fetch *fetch;
	struct wad_feed_build *build;
	struct wad_feed_saving *saving;
	void		*md;		/* digest of what comes */
	struct event	*timer;
	uint64_t	 due;		/* monotonic ms */
	bool		 again;		/* at once when this one is done: asked
					 * for while it was under way */
	unsigned	 failures;	/* in a row */
	uint64_t	 n_updates, n_same, n_failed;
	int64_t		 tried;		/* seconds since the epoch; 0: never */
	char		 why[200];	/* of the last failure */
};

struct wad_feeds {
	struct event_base *base;
	struct wad_fetcher *f;
	wad_feeds_send_fn *to_all;
	void		*arg;
	struct wad_list	 jobs;
	unsigned	 running;
	const struct wad_conf *conf;
};

void	wad_feed_job_refresh(struct wad_feed_job *);	/* now */

#endif
