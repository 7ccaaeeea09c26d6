/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas in a worker, see http_quota.h: what was used and not told yet, and
 * who is over.
 */
#include "worker/http_quota.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/lru.h"
#include "base/xmem.h"
#include "ipc/quota.h"
#include "worker/block.h"
#include "worker/http_filter.h"
#include "worker/http_log.h"
#include "worker/http_warn.h"
#include "worker/session.h"
#include "worker/worker.h"

enum { USES_MAX = 4, TELL_SECONDS = 1, LOG_MS = 60000 };

struct item {
	struct wad_lru_entry	 lru;
	struct wad_list		 untold;	/* in none: all is told */
	struct wad_quota_key	 key;
	uint64_t		 bytes;		/* not told yet */
	bool			 touched;	/* a request came */
	int64_t			 over_until;	/* 0: not over */
	uint64_t		 logged;	/* that it counts, ms; 0: not yet */
};

/* The entries that an exchange counts for. */
struct wad_quota_use {
	unsigned	 n;
	struct { uint64_t stamp; bool traffic; } of[USES_MAX];
	uint64_t	 counted;
};

static struct wad_list	 untold = { &untold, &untold };
static struct event	*timer;

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	return wad_quota_same(&((const struct item *)e)->key, key);
}

static void
drop(struct wad_lru_entry *e)
{
	wad_list_remove(&((struct item *)e)->untold);
	free(e);
}

static struct wad_lru table = WAD_LRU(table, 1024, WAD_QUOTA_COPY_MAX, same,
    drop);

static struct item *
item_of(const struct wad_quota_key *k)
{
	uint64_t	 h = wad_quota_hash(k);
	struct item	*it = (struct item *)wad_lru_find(&table, h, k);

	if (it != NULL)
		return it;
	it = wad_xcalloc(1, sizeof(*it));
	it->key = *k;
	wad_list_init(&it->untold);
	wad_lru_add(&table, &it->lru, h);
	return it;
}

/* ---- to wad-control ------------------------------------------------------ */

/* Kept while wad-control is away. */
static bool
tell(struct wad_worker *w, struct item *it)
{
	struct wad_msg	m;
	int		r;

	wad_msg_init(&m, WAD_MSG_QUOTA_USED, 0);
	wad_quota_key_put(&m, &it->key);
	wad_msg_add_u64(&m, it->bytes);
	wad_msg_add_u32(&m, it->touched);
	r = wad_chan_send(w->control, &m);
	wad_msg_free(&m);
	if (r == -1)
		return false;
	it->bytes = 0;
	it->touched = false;
	wad_list_remove(&it->untold);
	return true;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval	 tv = { TELL_SECONDS, 0 };
	struct wad_list			*l, *tmp;

	(void)fd;
	(void)what;
	WAD_LIST_EACH(&untold, l, tmp)
		if (!tell(arg, WAD_LIST_ENTRY(l, struct item, untold)))
			break;
	if (!wad_list_empty(&untold))
		event_add(timer, &tv);
}

static void
use(struct wad_worker *w, struct item *it, uint64_t bytes, bool touch)
{
	static const struct timeval tv = { TELL_SECONDS, 0 };

	it->bytes += bytes;
	it->touched |= touch;
	if (it->bytes >= WAD_QUOTA_SOON && tell(w, it))
		return;
	if (wad_list_empty(&it->untold))
		wad_list_append(&untold, &it->untold);
	if (timer == NULL)
		timer = event_new(w->base, -1, 0, on_timer, w);
	if (timer != NULL && !event_pending(timer, EV_TIMEOUT, NULL))
		event_add(timer, &tv);
}

int
wad_http_quota_message(struct wad_worker *w, struct wad_msg_in *m)
{
	struct wad_quota_key	k;
	uint64_t		until;

	(void)w;
	if (wad_quota_key_get(m, &k) == -1 ||
	    wad_msg_get_u64(m, &until) == -1 || wad_msg_end(m) == -1)
		return -1;
	item_of(&k)->over_until = (int64_t)until;
	return 0;
}

/* ---- an exchange --------------------------------------------------------- */

static struct wad_quota_key
key_of(const struct wad_session *s, uint64_t stamp)
{
	struct wad_quota_key	 k = { .stamp = stamp,
		.client = s->flow.src };
	const char		*user = wad_http_warn_user(s);

	k.client.port = 0;
	if (user != NULL)
		wad_str_escape(k.user, sizeof(k.user), user, strlen(user));
	return k;
}

static bool
is_over(const struct item *it, int64_t now)
{
	return it->over_until > now;
}

static enum wad_http_say
answer_over(struct wad_session *s, struct wad_http_tx *tx,
    const struct wad_wf_quota *q)
{
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);
	const struct wad_block		 b = { .page = WAD_PAGE_FTGD_QUOTA,
		.why = WR_BLOCKED, .pages = q->page_name };

	WAD_COUNT(BLOCKED);
	WAD_DBG(HTTP, WAD_I, "quota %u is used up", q->id);
	if (p->log_quota)
		wad_http_log_found(s, tx, WAD_LOG_WF_QUOTA, true, NULL);
	if (tx->req.https && !p->https_replacemsg)
		return WAD_HTTP_CUT;
	wad_block_answer_with(s, tx, &b);
	return WAD_HTTP_ANSWER;
}

static void
count_for(struct wad_session *s, struct wad_http_tx *tx, struct item *it,
    const struct wad_wf_quota *q)
{
	struct wad_http_seen	*seen = tx->seen;
	struct wad_quota_use	*u = seen->quota;

	if (u == NULL)
		u = seen->quota = wad_xcalloc(1, sizeof(*u));
	if (u->n == USES_MAX)
		return;
	u->of[u->n].stamp = it->key.stamp;
	u->of[u->n++].traffic = q->traffic;
	if (q->traffic)
		tx->watch[WAD_HTTP_UP] = tx->watch[WAD_HTTP_DOWN] = true;
	else
		use(s->w, it, 0, true);
}

enum wad_http_say
wad_http_quota_request(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_http_seen	*seen = tx->seen;
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);
	int64_t				 now;

	if (p == NULL || p->n_quotas == 0 || seen->verdict.filter == NULL ||
	    seen->verdict.action != WAD_WF_MONITOR)
		return WAD_HTTP_PASS;
	now = wad_clock_wall();
	for (size_t i = 0; i < p->n_quotas; i++) {
		const struct wad_wf_quota	*q = &p->quotas[i];
		struct wad_quota_key		 k;
		struct item			*it;

		if (!wad_quota_counts(p, q, seen->verdict.cate))
			continue;
		k = key_of(s, wad_quota_stamp(p, q));
		it = item_of(&k);
		if (is_over(it, now))
			return answer_over(s, tx, q);
		count_for(s, tx, it, q);
		if (!p->log_quota || (it->logged != 0 &&
		    wad_clock_ms() - it->logged < LOG_MS))
			continue;
		it->logged = wad_clock_ms();
		wad_http_log_found(s, tx, WAD_LOG_WF_QUOTA_COUNT, false,
		    NULL);
	}
	return WAD_HTTP_PASS;
}

/* Adds to each quota of traffic; false when one of them is used up. */
static bool
add(struct wad_session *s, struct wad_quota_use *u, uint64_t bytes)
{
	int64_t	now = wad_clock_wall();
	bool	left = true;

	for (unsigned i = 0; i < u->n; i++) {
		struct wad_quota_key	 k = key_of(s, u->of[i].stamp);
		struct item		*it;

		if (!u->of[i].traffic)
			continue;
		it = item_of(&k);
		use(s->w, it, bytes, false);
		left = left && !is_over(it, now);
	}
	u->counted += bytes;
	return left;
}

enum wad_http_say
wad_http_quota_body(struct wad_session *s, struct wad_http_tx *tx,
    size_t len)
{
	struct wad_http_seen *seen = tx->seen;

	if (seen->quota == NULL || len == 0)
		return WAD_HTTP_PASS;
	return add(s, seen->quota, len) ? WAD_HTTP_PASS : WAD_HTTP_CUT;
}

void
wad_http_quota_done(struct wad_session *s, struct wad_http_tx *tx)
{
	struct wad_http_seen	*seen = tx->seen;
	uint64_t		 all = tx->bytes[0] + tx->bytes[1];

	if (seen == NULL || seen->quota == NULL)
		return;
	if (all < seen->quota->counted)
		all = seen->quota->counted;
	(void)add(s, seen->quota, all - seen->quota->counted +
	    tx->req.text.len + tx->res.text.len);
	free(seen->quota);
	seen->quota = NULL;
}
