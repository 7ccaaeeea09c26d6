/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threat feeds that wad-lookup hands over: checked, then in use with the next
 * look-up.  A worker that starts takes no connection before it has them: what
 * they block shall not slip through in its first milliseconds.
 */
#include <event2/event.h>

#include <string.h>

#include "base/log.h"
#include "base/stats.h"
#include "base/xmem.h"
#include "policy/feed.h"
#include "worker/session_table.h"
#include "worker/worker.h"

enum { HOLD_MS = 3000 };	/* for a wad-lookup that does not come */

static void
refused(const char *name, const char *why)
{
	struct wad_log_rec r;

	WAD_COUNT(FEED_REFUSED);
	wad_log_begin(&r, WAD_LOG_FEED_FAILED);
	wad_log_str(&r, "name", name);
	wad_log_strf(&r, "msg", "threat feed %s: a worker refuses the copy "
	    "that wad-lookup sent: %s; the one before stays in use", name,
	    why);
	wad_log_end(&r);
}

static bool
is_address_feed(const struct wad_conf *conf, const char *name)
{
	for (size_t i = 0; conf != NULL && i < conf->n_feeds; i++)
		if (conf->feeds[i].type == WAD_FEED_ADDRESS &&
		    strcmp(conf->feeds[i].name, name) == 0)
			return true;
	return false;
}

int
wad_worker_feed(struct wad_worker *w, struct wad_msg_in *m)
{
	const char	*name;
	char		 err[160];
	int		 fd;

	if (m->type == WAD_MSG_FEEDS) {
		w->feeds_told = true;
		wad_worker_feed_go(w);
		return wad_msg_end(m);
	}
	if (wad_msg_get_str(m, &name) == -1 || wad_msg_end(m) == -1 ||
	    (fd = wad_msg_take_fd(m)) == -1)
		return -1;
	if (wad_feed_put(name, fd, err, sizeof(err)) == -1)
		refused(name, err);
	/* other policies may be those of open sessions now */
	else if (w->wc != NULL && is_address_feed(w->wc->conf, name))
		wad_session_table_dirty();
	return 0;
}

static void
on_hold(evutil_socket_t fd, short what, void *arg)
{
	struct wad_worker *w = arg;

	(void)fd, (void)what;
	if (!w->feeds_held)
		return;
	wad_log_event("warning", "wad-lookup has not sent the threat feeds: "
	    "connections are taken without them");
	wad_worker_feed_go(w);
}

bool
wad_worker_feed_hold(struct wad_worker *w, const struct wad_conf *conf)
{
	static const struct timeval tv = { HOLD_MS / 1000, 0 };
	bool			    any = false;

	for (size_t i = 0; i < conf->n_feeds; i++)
		any |= conf->feeds[i].enabled;
	/* only who starts has nothing yet */
	if (!any || w->feeds_told || w->wc != NULL)
		return w->feeds_held;
	w->feeds_held = true;
	WAD_ASSERT(event_base_once(w->base, -1, EV_TIMEOUT, on_hold, w,
	    &tv) == 0);
	return true;
}

void
wad_worker_feed_go(struct wad_worker *w)
{
	struct wad_list *l, *tmp;

	if (!w->feeds_held)
		return;
	w->feeds_held = false;
	if (w->draining)
		return;
	WAD_LIST_EACH(&w->listeners, l, tmp)
		wad_listener_start(WAD_LIST_ENTRY(l, struct wad_listener,
		    all));
}
