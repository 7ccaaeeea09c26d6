/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-keys: holds the private keys of all certificates and signs.  It reads
 * nothing from the network; its peers are the parent, which brings keys and
 * configuration, and the workers, which ask.  A peer that sends nonsense
 * loses its channel; this role lives on.
 *
 * Order in a life: the files that it writes (JOURNAL, PRODUCTS), KEY_ADD for
 * each key of a generation, the configuration in two phases (proc.c), then
 * FORGE and PAGE_CERT from the workers.  Workers have no channels among them:
 * ticket keys come from here, and what one learnt of an upstream session is
 * passed on to the others.
 */
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <event2/event.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/list.h"
#include "base/str.h"
#include "base/xmem.h"
#include "ipc/proc.h"
#include "keys/keys_forge.h"
#include "keys/keys_journal.h"
#include "keys/keys_product.h"
#include "keys/keys_store.h"
#include "keys/keys_ticket.h"
#include "x509/x509_build.h"
#include "x509/x509_read.h"

enum { PEERS_MAX = 1024, RSA_AGE = 24 * 3600,
	SESSION_MAX = 16 << 10,		/* bytes of a TLS_SESSION */
	SESSION_RATE = 2000 };		/* a second, of one worker */

struct peer {				/* one asker */
	struct wad_list		 link;
	struct wad_chan		*chan;
	struct keys		*keys;
	char			 name[48];	/* "worker 3" */
	struct wad_keys_rate	 rate, sessions;
	uint64_t		 dropped;	/* sessions over the bound */
};

struct keys {
	struct wad_keys_store	*store;
	struct wad_keys_journal	*journal;
	struct wad_keys_products *products;
	struct wad_keys_forge	 forge;
	struct wad_keys_tickets	 tickets;
	unsigned		 ticket_period;	/* seconds */
	uint64_t		 told;		/* sum when last said */
	struct wad_list		 peers;
	unsigned		 n_peers;
	struct event		*renew, *rotate;
};

static void
on_renew(evutil_socket_t fd, short what, void *arg)
{
	struct keys *k = arg;

	(void)fd, (void)what;
	wad_keys_forge_renew(&k->forge);
}

static void
send_tickets(struct keys *k, struct wad_chan *chan)
{
	struct wad_msg m;

	if (k->tickets.n == 0)
		return;
	wad_keys_ticket_put(&k->tickets, &m);
	(void)wad_chan_send(chan, &m);
	wad_msg_free(&m);
}

/* The use of the table, once in a while, when there was any. */
static void
tell_use(struct keys *k)
{
	struct wad_keys_products_stats	st;
	const struct wad_keys_forge	*f = &k->forge;

	if (f->issued + f->again + f->refused == k->told)
		return;
	k->told = f->issued + f->again + f->refused;
	wad_keys_products_stats(k->products, &st);
	wad_log_event("information", "forged certificates so far: %llu made, "
	    "%llu given out again, %llu refused; %zu kept, %zu bytes on disk",
	    (unsigned long long)f->issued, (unsigned long long)f->again,
	    (unsigned long long)f->refused, st.n, st.disk);
}

static void
on_rotate(evutil_socket_t fd, short what, void *arg)
{
	struct keys	*k = arg;
	struct timeval	 next = { (time_t)k->ticket_period, 0 };
	struct wad_list	*l, *tmp;

	(void)fd, (void)what;
	event_add(k->rotate, &next);
	tell_use(k);
	if (wad_keys_ticket_rotate(&k->tickets) == -1) {
		wad_log_event("error", "no new ticket key: no randomness");
		return;
	}
	WAD_LIST_EACH(&k->peers, l, tmp)
		send_tickets(k, WAD_LIST_ENTRY(l, struct peer, link)->chan);
}

/* Names in the table of products are chosen by strangers. */
static int
seed_hash(void)
{
	unsigned long long seed;

	if (RAND_bytes((unsigned char *)&seed, sizeof(seed)) != 1)
		return -1;
	wad_str_hash_seed(seed);
	return 0;
}

static int
keys_init(struct wad_proc *p, void *arg)
{
	static const struct timeval	 day = { RSA_AGE, 0 };
	struct keys			*k = arg;

	/* A limit on file sizes is an error to report, not the end. */
	signal(SIGXFSZ, SIG_IGN);
	wad_list_init(&k->peers);
	if (seed_hash() == -1)
		return -1;
	k->store = wad_keys_store_new();
	k->journal = wad_keys_journal_new();
	k->products = wad_keys_products_new(k->store);
	if (wad_keys_forge_init(&k->forge, k->store, k->journal,
	    k->products) == -1)
		return -1;
	k->rotate = evtimer_new(wad_proc_base(p), on_rotate, k);
	if (k->rotate == NULL)
		return -1;
	k->ticket_period = wad_keys_ticket_period(0);
	on_rotate(-1, 0, k);
	k->renew = event_new(wad_proc_base(p), -1, EV_PERSIST, on_renew, k);
	return k->renew != NULL && event_add(k->renew, &day) == 0 ? 0 : -1;
}

static void
peer_free(struct peer *w)
{
	wad_list_remove(&w->link);
	w->keys->n_peers--;
	if (w->chan != NULL)
		wad_chan_free(w->chan);
	free(w);
}

static void
peer_down(void *arg, struct wad_chan *chan)
{
	struct peer *w = arg;

	(void)chan;
	WAD_DBG(KEYS, WAD_I, "%s is gone, %llu sessions too many", w->name,
	    (unsigned long long)w->dropped);
	peer_free(w);
}

/* Passed on as it is; who has not read what came before just misses it, so
 * that no worker's sessions stand in the way of another's answers.  What is
 * too long or too much is dropped, not punished: it is only a cache. */
static int
session_pass(struct peer *from, struct wad_msg_in *m)
{
	struct wad_msg	 out = { .type = WAD_MSG_TLS_SESSION,
		.buf = (uint8_t *)(uintptr_t)m->p, .len = m->left };
	struct wad_list	*l, *tmp;
	const void	*p;
	size_t		 key, len;
	uint64_t	 until, now = wad_clock_ms();

	if (wad_msg_get_blob(m, &p, &key) == -1 || key != 32 ||
	    wad_msg_get_u64(m, &until) == -1 ||
	    wad_msg_get_blob(m, &p, &len) == -1 ||
	    wad_msg_get_blob(m, &p, &len) == -1 || wad_msg_end(m) == -1)
		return -1;
	if (now - from->sessions.since_ms >= 1000)
		from->sessions = (struct wad_keys_rate){ .since_ms = now };
	if (out.len > SESSION_MAX || from->sessions.n++ >= SESSION_RATE) {
		from->dropped++;
		return 0;
	}
	WAD_LIST_EACH(&from->keys->peers, l, tmp) {
		struct peer *w = WAD_LIST_ENTRY(l, struct peer, link);

		if (w != from && !wad_chan_waits(w->chan))
			(void)wad_chan_send(w->chan, &out);
	}
	return 0;
}

static int
peer_message(void *arg, struct wad_chan *chan, struct wad_msg_in *m)
{
	struct peer	*w = arg;
	struct keys	*k = w->keys;
	struct wad_msg	 out;
	int		 ret;

	switch (m->type) {
	case WAD_MSG_FORGE:
		ret = wad_keys_forge_answer(&k->forge, &w->rate, m, &out,
		    wad_clock_wall(), wad_clock_ms());
		break;
	case WAD_MSG_PAGE_CERT:
		ret = wad_keys_forge_page(&k->forge, m, &out);
		break;
	case WAD_MSG_TLS_SESSION:
		return session_pass(w, m);
	case WAD_MSG_KEYS_CLEAR:
		if (wad_msg_end(m) == -1)
			return -1;
		wad_keys_products_clear(k->products);
		return 0;
	default:
		return -1;	/* the channel says so and closes */
	}
	/* one that asks without reading waits in vain; it sent no nonsense */
	if (ret == 0)
		(void)wad_chan_send(chan, &out);
	wad_msg_free(&out);
	return ret;
}

static int
keys_peer(struct wad_proc *p, void *arg, const char *role, unsigned index,
    int fd)
{
	struct keys	*k = arg;
	struct peer	*w;
	struct wad_list	*l, *tmp;

	/* Only the worker asks so far. */
	if (strcmp(role, "worker") != 0) {
		close(fd);
		return -1;
	}
	w = wad_xcalloc(1, sizeof(*w));
	snprintf(w->name, sizeof(w->name), "%.30s %u", role, index);
	w->keys = k;
	/* A worker that was started again takes its predecessor's place. */
	WAD_LIST_EACH(&k->peers, l, tmp) {
		struct peer *old = WAD_LIST_ENTRY(l, struct peer, link);

		if (strcmp(old->name, w->name) == 0)
			peer_free(old);
	}
	if (k->n_peers >= PEERS_MAX) {
		close(fd);
		free(w);
		return -1;
	}
	wad_list_append(&k->peers, &w->link);
	k->n_peers++;
	w->chan = wad_chan_new(wad_proc_base(p), fd, w->name, peer_message,
	    peer_down, w);
	if (w->chan == NULL) {
		peer_free(w);
		return -1;
	}
	send_tickets(k, w->chan);
	return 0;
}

/* KEY_ADD; the key's text does not outlive this call. */
static int
key_add(struct keys *k, struct wad_msg_in *m)
{
	const char	*name, *cert, *key = NULL;
	uint64_t	 generation;
	int		 ret = -1;

	if (wad_msg_get_u64(m, &generation) == 0 &&
	    wad_msg_get_str(m, &name) == 0 &&
	    wad_msg_get_str(m, &cert) == 0 &&
	    wad_msg_get_str(m, &key) == 0 && wad_msg_end(m) == 0)
		ret = wad_keys_store_add(k->store, generation, name, cert,
		    key);
	if (key != NULL)	/* the packet is ours, only its view is const */
		OPENSSL_cleanse((void *)(uintptr_t)key, strlen(key));
	return ret;
}

static int
keys_message(struct wad_proc *p, void *arg, struct wad_msg_in *m)
{
	struct keys	*k = arg;
	int		 fd, spare;

	(void)p;
	switch (m->type) {
	case WAD_MSG_KEY_ADD:
		return key_add(k, m);
	case WAD_MSG_JOURNAL:
		if ((fd = wad_msg_take_fd(m)) == -1)
			return -1;
		wad_keys_journal_open(k->journal, fd, wad_clock_wall());
		return 0;
	case WAD_MSG_PRODUCTS:
		if ((fd = wad_msg_take_fd(m)) == -1)
			return -1;
		if ((spare = wad_msg_take_fd(m)) == -1) {
			close(fd);
			return -1;
		}
		wad_keys_products_open(k->products, fd, spare,
		    wad_clock_wall());
		return 0;
	default:
		return -1;
	}
}

static int
keys_prepare(struct wad_proc *p, void *arg, struct wad_conf *conf, char *err,
    size_t errsize)
{
	struct keys *k = arg;

	(void)p;
	return wad_keys_store_prepare(k->store, conf, err, errsize);
}

static void
keys_commit(struct wad_proc *p, void *arg, struct wad_conf *conf)
{
	struct keys *k = arg;

	(void)p;
	wad_keys_store_commit(k->store);
	wad_keys_products_commit(k->products, wad_clock_wall());
	k->ticket_period = wad_keys_ticket_period(conf->ssl.session_timeout);
	if (conf->settings.forged_cert_lifetime != 0)
		k->forge.lifetime =
		    (int64_t)conf->settings.forged_cert_lifetime * 3600;
}

static void
keys_abort(struct wad_proc *p, void *arg)
{
	struct keys *k = arg;

	(void)p;
	wad_keys_store_abort(k->store);
}

static void
keys_tick(struct wad_proc *p, void *arg)
{
	(void)p;
	wad_keys_products_tell(((struct keys *)arg)->products);
}

int
main(int argc, char **argv)
{
	static const struct wad_proc_ops ops = {
		.role = "keys",
		.facts = wad_x509_read_facts,
		.init = keys_init,
		.peer = keys_peer,
		.message = keys_message,
		.prepare = keys_prepare,
		.commit = keys_commit,
		.abort = keys_abort,
		.tick = keys_tick,
	};
	static struct keys k;

	/* Keys are not wiped at the end: the kernel clears the pages of a
	 * process that is not dumpable before anybody else has them. */
	return wad_proc_run(argc, argv, &ops, &k);
}
