/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks: workers, and the console.  A peer that sends nonsense loses its
 * channel, and its questions with it.
 */
#include "lookup/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stats.h"
#include "base/xmem.h"

enum { PEERS_MAX = 256 };

bool
wad_lookup_asker_add(struct wad_lookup_asker *a, struct wad_lookup_peer *p,
    uint32_t id, void (*drop)(struct wad_lookup_asker *))
{
	p->lk->asked++;
	WAD_COUNT(LOOKUP_ASKED);
	if (p->n_asks >= WAD_LOOKUP_ASKS - p->lk->n_asks) {
		p->lk->refused++;
		WAD_COUNT(LOOKUP_REFUSED);
		return false;
	}
	p->lk->n_asks++;
	p->n_asks++;
	a->peer = p;
	a->id = id;
	a->drop = drop;
	wad_list_append(&p->askers, &a->of_peer);
	return true;
}

void
wad_lookup_asker_remove(struct wad_lookup_asker *a)
{
	wad_list_remove(&a->of_peer);
	a->peer->lk->n_asks--;
	a->peer->n_asks--;
}

static void
peer_free(struct wad_lookup_peer *p)
{
	while (!wad_list_empty(&p->askers)) {
		struct wad_lookup_asker *a = WAD_LIST_ENTRY(p->askers.next,
		    struct wad_lookup_asker, of_peer);

		a->drop(a);
	}
	wad_list_remove(&p->link);
	p->lk->n_peers--;
	if (p->chan != NULL)
		wad_chan_free(p->chan);
	else
		close(p->fd);
	free(p);
}

static void
peer_down(void *arg, struct wad_chan *c)
{
	(void)c;
	peer_free(arg);
}

static void
list(struct wad_lookup *lk, struct wad_str *out)
{
	wad_lookup_status_list(lk, out);
	wad_lookup_issuers_list(lk, out);
	wad_lookup_crl_list(lk->crls, wad_clock_wall(), out);
}

static void
forward_list(struct wad_lookup *lk, struct wad_str *out)
{
	wad_lookup_forward_list(lk->checks, out);
}

static void
clear(struct wad_lookup *lk, struct wad_str *out)
{
	wad_lookup_status_clear(lk);
	wad_lookup_issuers_clear(lk);
	wad_lookup_crl_clear(lk->crls);
	wad_str_add(out, "revocation answers cleared\n");
}

static void
send_peer(void *arg, const struct wad_msg *m)
{
	struct wad_lookup_peer *p = arg;

	if (p->chan != NULL)
		(void)wad_chan_send(p->chan, m);
}

static int	from_worker(void *, struct wad_chan *, struct wad_msg_in *);

static void
send_workers(void *arg, const struct wad_msg *m)
{
	struct wad_lookup	*lk = arg;
	struct wad_list		*l, *tmp;

	WAD_LIST_EACH(&lk->peers, l, tmp) {
		struct wad_lookup_peer *p = WAD_LIST_ENTRY(l,
		    struct wad_lookup_peer, link);

		if (p->fn == from_worker)
			send_peer(p, m);
	}
}

static const struct {
	const char *words;
	void (*run)(struct wad_lookup *, struct wad_str *);
} commands[] = {
	{ "forward-server", forward_list },
	{ "revocation list", list },
	{ "revocation clear", clear },
};

static int
do_command(struct wad_lookup_peer *p, struct wad_msg_in *in)
{
	const char	*words;
	struct wad_str	 out = { 0 };
	struct wad_msg	 m;
	bool		 ok = false;

	if (wad_msg_get_str(in, &words) || wad_msg_end(in))
		return -1;
	if (strncmp(words, "feed ", 5) == 0)
		ok = wad_lookup_feed_command(p->lk->feeds, words + 5, &out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].words, words) == 0) {
			commands[i].run(p->lk, &out);
			ok = true;
		}
	wad_msg_init(&m, WAD_MSG_WORKER_SAID, in->id);
	wad_msg_add_u32(&m, ok);
	wad_msg_add_str(&m, out.s);
	(void)wad_chan_send(p->chan, &m);
	wad_msg_free(&m);
	wad_str_free(&out);
	return 0;
}

static int
from_worker(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	(void)c;
	switch (m->type) {
	case WAD_MSG_STATUS_ASK:
		return wad_lookup_status_asked(arg, m);
	case WAD_MSG_ISSUER_ASK:
		return wad_lookup_issuers_asked(arg, m);
	default:
		return -1;
	}
}

static int
from_control(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	(void)c;
	return m->type == WAD_MSG_WORKER_CMD ? do_command(arg, m) : -1;
}

/* Questions wait in the channel until there is a configuration. */
static void
peer_start(struct wad_lookup_peer *p)
{
	if (p->chan != NULL)
		return;
	p->chan = wad_chan_new(p->lk->base, p->fd, p->name, p->fn, peer_down,
	    p);
	if (p->fn != from_worker)
		return;
	wad_lookup_feed_greet(p->lk->feeds, send_peer, p);
	wad_lookup_forward_greet(p->lk->checks, send_peer, p);
}

int
wad_lookup_peer_new(struct wad_lookup *lk, const char *role, unsigned index,
    int fd)
{
	wad_chan_msg_fn		*fn = strcmp(role, "worker") == 0 ?
				    from_worker : strcmp(role, "control") ==
				    0 ? from_control : NULL;
	struct wad_lookup_peer	*p;
	struct wad_list		*l, *tmp;

	if (fn == NULL) {
		close(fd);
		return -1;
	}
	p = wad_xcalloc(1, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%.30s %u", role, index);
	/* One that was started again takes its predecessor's place. */
	WAD_LIST_EACH(&lk->peers, l, tmp) {
		struct wad_lookup_peer *old = WAD_LIST_ENTRY(l,
		    struct wad_lookup_peer, link);

		if (strcmp(old->name, p->name) == 0)
			peer_free(old);
	}
	if (lk->n_peers >= PEERS_MAX) {
		close(fd);
		free(p);
		return -1;
	}
	p->lk = lk;
	p->fd = fd;
	p->fn = fn;
	wad_list_init(&p->askers);
	wad_list_append(&lk->peers, &p->link);
	lk->n_peers++;
	if (lk->conf != NULL)
		peer_start(p);
	return 0;
}

/* ---- the whole ----------------------------------------------------------- */

int
wad_lookup_peer_open(struct wad_lookup *lk, struct event_base *base,
    const char *resolv_conf, const char *hosts)
{
	lk->base = base;
	lk->dns = wad_dns_new(base, resolv_conf, hosts);
	lk->fetch = wad_lookup_fetch_open(base, lk->dns);
	if (lk->fetch == NULL)
		return -1;
	lk->crls = wad_lookup_crl_open(base, lk->fetch);
	lk->feeds = wad_lookup_feed_open(base, lk->fetch, send_workers, lk);
	lk->checks = wad_lookup_forward_open(base, lk->dns, send_workers, lk);
	wad_list_init(&lk->peers);
	wad_lookup_status_init(lk);
	wad_lookup_issuers_init(lk);
	return 0;
}

/* Answers that another configuration gave may be others now. */
void
wad_lookup_peer_conf(struct wad_lookup *lk, const struct wad_conf *conf)
{
	struct wad_list *l, *tmp;

	lk->conf = conf;
	wad_lookup_fetch_allow_private(lk->fetch,
	    conf->settings.lookup_allow_private);
	wad_lookup_crl_commit(lk->crls, conf);
	wad_lookup_feed_commit(lk->feeds, conf);
	wad_lookup_forward_commit(lk->checks, conf);
	wad_lookup_status_clear(lk);
	wad_lookup_issuers_clear(lk);
	WAD_LIST_EACH(&lk->peers, l, tmp)
		peer_start(WAD_LIST_ENTRY(l, struct wad_lookup_peer, link));
}

void
wad_lookup_peer_tell(struct wad_lookup *lk)
{
	WAD_GAUGE_SET(ASKS, lk->n_asks);
	wad_lru_tell(&lk->answers, WAD_CACHE_STATUS);
	wad_lru_tell(&lk->issuers, WAD_CACHE_ISSUERS);
	wad_lookup_crl_tell(lk->crls);
	wad_lookup_feed_tell(lk->feeds);
	wad_lookup_forward_tell(lk->checks);
}
