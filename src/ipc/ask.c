/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of open questions: found by id in a hash, kept in order of age
 * in a list, looked through ten times a second while there is any.
 */
#include "ipc/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/xmem.h"

enum { TICK_MS = 100, BUCKETS = 1024 };
#define TABLE_MAGIC	0x61736b74u

struct ask {
	struct wad_list	 link;
	struct ask	*chain;
	uint32_t	 id;
	uint64_t	 deadline;
	struct wad_msg	 msg;		/* own copy, for a role that comes
					 * back; no descriptors */
	wad_ask_fn	*fn;
	void		*arg;
};

struct wad_ask_table {
	unsigned	 magic;
	struct event	*tick, *now;
	struct wad_list	 open, late;	/* late: their callbacks run next */
	struct ask	*bucket[BUCKETS];
	size_t		 n, max;
	uint32_t	 next;
	bool		 ticking;
};

static struct ask **
ask_place(struct wad_ask_table *t, uint32_t id)
{
	struct ask **p = &t->bucket[id % BUCKETS];

	while (*p != NULL && (*p)->id != id)
		p = &(*p)->chain;
	return p;
}

/* Out of the table; the caller frees it. */
static struct ask *
ask_unlink(struct wad_ask_table *t, uint32_t id)
{
	struct ask **p = ask_place(t, id), *a = *p;

	if (a == NULL)
		return NULL;
	*p = a->chain;
	wad_list_remove(&a->link);
	t->n--;
	return a;
}

static void
ask_free(struct ask *a)
{
	wad_msg_free(&a->msg);
	free(a);
}

/* Answers everything on the late list with NULL.  A callback may ask and
 * cancel as it likes: each turn takes the first entry anew. */
static void
table_expire(struct wad_ask_table *t)
{
	while (!wad_list_empty(&t->late)) {
		struct ask *a = WAD_LIST_ENTRY(t->late.next, struct ask, link);

		ask_unlink(t, a->id);
		a->fn(a->arg, NULL);
		ask_free(a);
	}
	if (t->n == 0 && t->ticking) {
		event_del(t->tick);
		t->ticking = false;
	}
}

static void
table_tick(evutil_socket_t fd, short what, void *arg)
{
	struct wad_ask_table	*t = arg;
	struct wad_list		*l, *tmp;
	uint64_t		 now = wad_clock_ms();

	(void)fd;
	(void)what;
	WAD_CHECK(t, TABLE_MAGIC);
	WAD_LIST_EACH(&t->open, l, tmp) {
		struct ask *a = WAD_LIST_ENTRY(l, struct ask, link);

		if (a->deadline > now)
			continue;
		wad_list_remove(&a->link);
		wad_list_append(&t->late, &a->link);
	}
	table_expire(t);
}

static void
table_now(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	table_expire(arg);
}

struct wad_ask_table *
wad_ask_table_new(struct event_base *base, size_t max)
{
	struct wad_ask_table *t = wad_xcalloc(1, sizeof(*t));

	t->magic = TABLE_MAGIC;
	t->max = max;
	wad_list_init(&t->open);
	wad_list_init(&t->late);
	t->tick = event_new(base, -1, EV_PERSIST, table_tick, t);
	t->now = event_new(base, -1, 0, table_now, t);
	WAD_ASSERT(t->tick != NULL && t->now != NULL);
	return t;
}

void
wad_ask_table_free(struct wad_ask_table *t)
{
	struct wad_list *heads[2], *l, *tmp;
	int		 i;

	if (t == NULL)
		return;
	WAD_CHECK(t, TABLE_MAGIC);
	heads[0] = &t->open;
	heads[1] = &t->late;
	for (i = 0; i < 2; i++)
		WAD_LIST_EACH(heads[i], l, tmp)
			ask_free(WAD_LIST_ENTRY(l, struct ask, link));
	event_free(t->tick);
	event_free(t->now);
	t->magic = 0;
	free(t);
}

/* The answer "nobody" in the next turn of the loop. */
static void
ask_fail_soon(struct wad_ask_table *t, struct ask *a)
{
	static const struct timeval zero;

	wad_list_remove(&a->link);
	wad_list_append(&t->late, &a->link);
	evtimer_add(t->now, &zero);
}

uint32_t
wad_ask_send(struct wad_ask_table *t, struct wad_chan *chan, struct wad_msg *m,
    unsigned deadline_ms, wad_ask_fn *fn, void *arg)
{
	static const struct timeval every = { 0, TICK_MS * 1000 };
	struct ask	*a;

	WAD_CHECK(t, TABLE_MAGIC);
	WAD_ASSERT(m->n_fds == 0);
	if (t->n >= t->max)
		return 0;
	do
		t->next++;
	while (t->next == 0 || *ask_place(t, t->next) != NULL);

	a = wad_xcalloc(1, sizeof(*a));
	a->id = m->id = t->next;
	a->deadline = wad_clock_ms() + deadline_ms;
	a->fn = fn;
	a->arg = arg;
	a->msg = *m;
	a->msg.buf = wad_xmalloc(m->len);
	a->msg.cap = m->len;
	if (m->len > 0)
		memcpy(a->msg.buf, m->buf, m->len);
	a->chain = t->bucket[a->id % BUCKETS];
	t->bucket[a->id % BUCKETS] = a;
	wad_list_append(&t->open, &a->link);
	t->n++;
	if (!t->ticking) {
		event_add(t->tick, &every);
		t->ticking = true;
	}
	if (chan != NULL && wad_chan_send(chan, m) == -1)
		ask_fail_soon(t, a);
	return a->id;
}

void
wad_ask_cancel(struct wad_ask_table *t, uint32_t id)
{
	struct ask *a;

	WAD_CHECK(t, TABLE_MAGIC);
	a = ask_unlink(t, id);
	if (a != NULL)
		ask_free(a);
}

int
wad_ask_answer(struct wad_ask_table *t, struct wad_msg_in *m)
{
	struct ask *a;

	WAD_CHECK(t, TABLE_MAGIC);
	a = ask_unlink(t, m->id);
	if (a == NULL)
		return -1;
	a->fn(a->arg, m);
	ask_free(a);
	return 0;
}

void
wad_ask_resend(struct wad_ask_table *t, struct wad_chan *chan,
    const char *role)
{
	struct wad_list *l, *tmp;

	WAD_CHECK(t, TABLE_MAGIC);
	WAD_LIST_EACH(&t->open, l, tmp) {
		struct ask *a = WAD_LIST_ENTRY(l, struct ask, link);

		if (strcmp(wad_msg_to[a->msg.type], role) == 0 &&
		    wad_chan_send(chan, &a->msg) == -1)
			ask_fail_soon(t, a);
	}
}

size_t
wad_ask_open(const struct wad_ask_table *t)
{
	return t->n;
}
