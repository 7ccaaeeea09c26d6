/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-keys: holds the private keys of all certificates and signs.  It reads
 * nothing from the network; its peers are the parent, which brings keys and
 * configuration, and the workers, which ask.  A peer that sends nonsense
 * loses its channel; this role lives on.
 *
 * Order in a life: KEY_ADD for each key of a generation, the configuration
 * in two phases (proc.c), then FORGE and PAGE_CERT from the workers.
 */
#include <openssl/crypto.h>

#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/list.h"
#include "base/xmem.h"
#include "ipc/proc.h"
#include "keys/keys_forge.h"
#include "keys/keys_journal.h"
#include "keys/keys_store.h"
#include "x509/x509_build.h"
#include "x509/x509_read.h"

enum { PEERS_MAX = 1024, RSA_AGE = 24 * 3600 };

struct peer {				/* one asker */
	struct wad_list		 link;
	struct wad_chan		*chan;
	struct keys		*keys;
	char			 name[48];	/* "worker 3" */
	struct wad_keys_rate	 rate;
};

struct keys {
	struct wad_keys_store	*store;
	struct wad_keys_journal	*journal;
	struct wad_keys_forge	 forge;
	struct wad_list		 peers;
	unsigned		 n_peers;
	struct event		*renew;
};

static void
on_renew(evutil_socket_t fd, short what, void *arg)
{
	struct keys *k = arg;

	(void)fd, (void)what;
	wad_keys_forge_renew(&k->forge);
}

static int
keys_init(struct wad_proc *p, void *arg)
{
	static const struct timeval	 day = { RSA_AGE, 0 };
	struct keys			*k = arg;

	wad_list_init(&k->peers);
	k->store = wad_keys_store_new();
	k->journal = wad_keys_journal_new();
	if (wad_keys_forge_init(&k->forge, k->store, k->journal) == -1)
		return -1;
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
	WAD_DBG(KEYS, WAD_I, "%s is gone", w->name);
	peer_free(w);
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
	default:
		return -1;	/* the channel says so and closes */
	}
	if (ret == 0)
		ret = wad_chan_send(chan, &out);
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
	int		 fd;

	(void)p;
	switch (m->type) {
	case WAD_MSG_KEY_ADD:
		return key_add(k, m);
	case WAD_MSG_JOURNAL:
		if ((fd = wad_msg_take_fd(m)) == -1)
			return -1;
		wad_keys_journal_open(k->journal, fd, wad_clock_wall());
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
	};
	static struct keys k;

	/* Keys are not wiped at the end: the kernel clears the pages of a
	 * process that is not dumpable before anybody else has them. */
	return wad_proc_run(argc, argv, &ops, &k);
}
