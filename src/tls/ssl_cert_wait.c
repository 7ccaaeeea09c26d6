/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open questions by product, see ssl_cert_wait.h.  A question lives from the
 * asking to the answer or its deadline, whoever still waits for it; the table
 * of ipc/ask.h bounds how many there are.
 */
#include "tls/ssl_cert_wait.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "tls/ssl_cert_factory.h"

enum { BUCKETS = 256 };

struct question {
	struct wad_list		 link;		/* in its bucket */
	struct wad_list		 waiters;
	struct wad_product_key	 key;		/* own strings */
	uint64_t		 generation;
	struct wad_dbg_current	 dbg;		/* whose question it is */
	uint64_t		 asked;		/* us */
};

static struct wad_list	bucket[BUCKETS];
static size_t		n_open;

static struct wad_list *
bucket_of(const struct wad_product_key *k)
{
	struct wad_list *b = &bucket[wad_ssl_cert_storage_hash(k) % BUCKETS];

	if (b->next == NULL)
		wad_list_init(b);
	return b;
}

static struct question *
find(const struct wad_product_key *k, uint64_t generation)
{
	struct wad_list *b = bucket_of(k), *l, *tmp;

	WAD_LIST_EACH(b, l, tmp) {
		struct question *q = WAD_LIST_ENTRY(l, struct question, link);

		if (q->generation == generation &&
		    wad_ssl_cert_storage_same(&q->key, k))
			return q;
	}
	return NULL;
}

/* Out of the table; waiters may remain in its list. */
static void
question_end(struct question *q)
{
	wad_list_remove(&q->link);
	n_open--;
	free(q->key.host);
	free(q->key.ca);
}

static void
on_answer(void *arg, struct wad_msg_in *m)
{
	struct question		*q = arg;
	struct wad_cert_product	*p = NULL;
	char			 err[200] = "wad-keys did not answer";

	wad_dbg_current = q->dbg;
	if (m == NULL)
		WAD_COUNT(KEYS_DOWN);
	else {
		wad_stats_since(WAD_HISTO_FORGE, &q->asked);
		p = wad_ssl_cert_factory_product_make(&q->key, m, err,
		    sizeof(err));
	}
	if (p != NULL)
		wad_ssl_cert_storage_add_product(p);
	question_end(q);
	/* A waiter may do as it likes in its turn: ask, cancel, cancel others. */
	while (!wad_list_empty(&q->waiters)) {
		struct wad_cert_wait *w = WAD_LIST_ENTRY(q->waiters.next,
		    struct wad_cert_wait, link);

		wad_ssl_cert_wait_cancel(w);
		if (p != NULL)
			p->refcount++;
		w->fn(w->arg, p, err, m == NULL);
	}
	wad_ssl_cert_storage_put(p);
	free(q);
}

int
wad_ssl_cert_wait_start(struct wad_cert_wait *w, struct wad_ask_table *asks,
    struct wad_chan *keys, const struct wad_product_key *k,
    uint64_t generation, unsigned deadline_ms, wad_cert_wait_ask_fn *ask,
    wad_cert_wait_fn *fn, void *arg)
{
	struct question	*q = find(k, generation);
	struct wad_msg	 m;
	uint32_t	 id;
	int		 ret = 2;

	if (q == NULL) {
		q = wad_xcalloc(1, sizeof(*q));
		wad_list_init(&q->waiters);
		q->key = *k;
		q->key.host = wad_xstrdup(k->host);
		q->key.ca = wad_xstrdup(k->ca);
		q->generation = generation;
		q->dbg = wad_dbg_current;
		q->asked = wad_clock_us();
		wad_list_append(bucket_of(k), &q->link);
		n_open++;
		ask(arg, &m);
		id = wad_ask_send(asks, keys, &m, deadline_ms, on_answer, q);
		wad_msg_free(&m);
		WAD_COUNT(FORGED);
		if (id == 0) {
			question_end(q);
			free(q);
			return 0;
		}
		ret = 1;
	} else
		WAD_COUNT(FORGE_SHARED);
	w->fn = fn;
	w->arg = arg;
	w->waiting = true;
	wad_list_append(&q->waiters, &w->link);
	return ret;
}

void
wad_ssl_cert_wait_cancel(struct wad_cert_wait *w)
{
	if (!w->waiting)
		return;
	w->waiting = false;
	wad_list_remove(&w->link);
}

size_t
wad_ssl_cert_wait_open(void)
{
	return n_open;
}
