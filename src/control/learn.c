/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned exemptions: the table and its workers, see learn.h.
 */
#include "control/learn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/lru.h"
#include "base/xmem.h"
#include "conf/conf_snap.h"

enum { LISTED = 2000 };

/* NEVER: it accepted once, so it can be inspected. */
enum state { SUSPECT, EXEMPT, NEVER };
static const char *const state_names[] = { "suspect", "exempt", "never" };

struct pair {
	struct wad_lru_entry	 lru;
	struct wad_learn_table	*t;
	struct owner		*owner;
	struct wad_list		 of_owner;	/* oldest first */
	struct wad_learn_key	 key;
	char			*host;		/* what key.host points to */
	enum state		 state;
	unsigned		 rejections;
	uint32_t		 alert;		/* of the last one */
	uint32_t		 policy;
	unsigned		 worker;
	int64_t			 first, last, until;
};

/* Who fills the table: a client, or the /64 that a host may choose all its
 * IPv6 addresses from. */
struct owner {
	struct wad_lru_entry	 lru;
	struct wad_addr		 addr;
	struct wad_list		 pairs;
	unsigned		 n;
};

struct wad_learn_table {
	struct wad_lru	 pairs, owners;
};

static bool
same_pair(const struct wad_lru_entry *e, const void *key)
{
	return wad_learn_same(&((const struct pair *)e)->key, key);
}

static bool
same_owner(const struct wad_lru_entry *e, const void *addr)
{
	return wad_addr_ip_equal(&((const struct owner *)e)->addr, addr);
}

static void
drop_owner(struct wad_lru_entry *e)
{
	free(e);
}

static void
drop_pair(struct wad_lru_entry *e)
{
	struct pair *p = (struct pair *)e;

	wad_list_remove(&p->of_owner);
	if (--p->owner->n == 0)
		wad_lru_remove(&p->t->owners, &p->owner->lru);
	free(p->host);
	free(p);
}

struct wad_learn_table *
wad_learn_table_new(void)
{
	struct wad_learn_table *t = wad_xcalloc(1, sizeof(*t));

	wad_lru_init(&t->pairs, 4096, WAD_LEARN_MAX, same_pair, drop_pair);
	/* never full: an owner has a pair, one more is being made */
	wad_lru_init(&t->owners, 4096, WAD_LEARN_MAX + 1, same_owner,
	    drop_owner);
	return t;
}

void
wad_learn_table_free(struct wad_learn_table *t)
{
	if (t == NULL)
		return;
	wad_lru_free(&t->pairs);
	wad_lru_free(&t->owners);
	free(t);
}

size_t
wad_learn_table_count(const struct wad_learn_table *t)
{
	return t->pairs.n;
}

static void
forget(struct pair *p, wad_learn_tell_fn *tell, void *arg)
{
	if (p->state != NEVER)
		tell(arg, WAD_LEARNED_FORGET, &p->key, 0);
	wad_lru_remove(&p->t->pairs, &p->lru);
}

static struct owner *
owner_of(struct wad_learn_table *t, const struct wad_addr *client)
{
	struct wad_addr	 a = { .family = client->family };
	struct owner	*o;
	uint64_t	 h;

	memcpy(a.ip, client->ip, a.family == AF_INET6 ? 8 : sizeof(a.ip));
	h = wad_str_hash(0, a.ip, sizeof(a.ip));
	o = (struct owner *)wad_lru_find(&t->owners, h, &a);
	if (o != NULL)
		return o;
	o = wad_xcalloc(1, sizeof(*o));
	o->addr = a;
	wad_list_init(&o->pairs);
	wad_lru_add(&t->owners, &o->lru, h);
	return o;
}

/* Makes room first: for the owner from its own, then from all. */
static struct pair *
pair_new(struct wad_learn_table *t, const struct wad_learn_event *ev,
    wad_learn_tell_fn *tell, void *arg)
{
	struct owner	*o = owner_of(t, &ev->key.client);
	struct pair	*p = wad_xcalloc(1, sizeof(*p));

	p->t = t;
	p->owner = o;
	p->key.client = ev->key.client;
	p->key.host = p->host = wad_xstrdup(ev->key.host);
	p->first = ev->now;
	wad_list_append(&o->pairs, &p->of_owner);
	if (++o->n > WAD_LEARN_CLIENT_MAX)
		forget(WAD_LIST_ENTRY(o->pairs.next, struct pair, of_owner),
		    tell, arg);
	if (t->pairs.n >= t->pairs.max)
		forget((struct pair *)WAD_LIST_ENTRY(t->pairs.age.next,
		    struct wad_lru_entry, age), tell, arg);
	wad_lru_add(&t->pairs, &p->lru, wad_learn_hash(&ev->key));
	return p;
}

static void
log_exempt(const struct pair *p, const struct wad_learn_rule *r)
{
	char ip[WAD_ADDR_STRLEN], host[WAD_HOST_MAX * 4];

	wad_log_event("notice", "learned exemption: client %s rejected the "
	    "certificate for '%s' %u times (last: %s, policy %u) and never "
	    "accepted one: %s for %" PRId64 " hours",
	    wad_addr_ip_str(&p->key.client, ip),
	    wad_str_escape(host, sizeof(host), p->host, strlen(p->host)),
	    p->rejections, wad_learn_evidence(p->alert), p->policy,
	    r->apply ? "not inspected" :
	    "would not be inspected (learned-exempt is monitor)",
	    r->lifetime / 3600);
}

static void
rejected(struct pair *p, const struct wad_learn_event *ev,
    const struct wad_learn_rule *r, wad_learn_tell_fn *tell, void *arg)
{
	p->rejections++;
	p->last = ev->now;
	p->alert = ev->alert;
	p->policy = ev->policy;
	p->worker = ev->worker;
	if (p->state != SUSPECT)
		return;
	p->until = ev->now + r->lifetime;
	if (p->rejections >= r->count) {
		p->state = EXEMPT;
		tell(arg, WAD_LEARNED_EXEMPT, &p->key, p->until);
		log_exempt(p, r);
	} else if (p->rejections == 1)
		tell(arg, WAD_LEARNED_SUSPECT, &p->key, p->until);
}

void
wad_learn_table_note(struct wad_learn_table *t,
    const struct wad_learn_event *ev, const struct wad_learn_rule *r,
    wad_learn_tell_fn *tell, void *arg)
{
	struct pair *p = (struct pair *)wad_lru_find(&t->pairs,
	    wad_learn_hash(&ev->key), &ev->key);

	if (p != NULL && p->until <= ev->now) {
		forget(p, tell, arg);
		p = NULL;
	}
	if (ev->outcome == WAD_LEARN_ACCEPTED) {
		if (p == NULL || p->state == NEVER)
			return;
		p->state = NEVER;
		p->until = ev->now + r->lifetime;
		tell(arg, WAD_LEARNED_FORGET, &p->key, 0);
		return;
	}
	if (p == NULL)
		p = pair_new(t, ev, tell, arg);
	else {
		wad_list_remove(&p->of_owner);
		wad_list_append(&p->owner->pairs, &p->of_owner);
	}
	rejected(p, ev, r, tell, arg);
}

void
wad_learn_table_tell(const struct wad_learn_table *t, int64_t now,
    wad_learn_tell_fn *tell, void *arg)
{
	struct wad_list	*l, *tmp;
	size_t		 skip = t->pairs.n > WAD_LEARN_COPY_MAX ?
	    t->pairs.n - WAD_LEARN_COPY_MAX : 0;

	WAD_LIST_EACH(&t->pairs.age, l, tmp) {
		const struct pair *p = (void *)WAD_LIST_ENTRY(l,
		    struct wad_lru_entry, age);

		if (skip > 0)
			skip--;
		else if (p->state != NEVER && p->until > now)
			tell(arg, p->state == EXEMPT ? WAD_LEARNED_EXEMPT :
			    WAD_LEARNED_SUSPECT, &p->key, p->until);
	}
}

static bool
wanted(const struct pair *p, const struct wad_addr *client, const char *host)
{
	return (client == NULL || wad_addr_ip_equal(&p->key.client, client)) &&
	    (host == NULL || strcmp(p->host, host) == 0);
}

size_t
wad_learn_table_clear(struct wad_learn_table *t,
    const struct wad_addr *client, const char *host, wad_learn_tell_fn *tell,
    void *arg)
{
	struct wad_list	*l, *tmp;
	size_t		 n = 0;

	WAD_LIST_EACH(&t->pairs.age, l, tmp) {
		struct pair *p = (void *)WAD_LIST_ENTRY(l,
		    struct wad_lru_entry, age);

		if (!wanted(p, client, host))
			continue;
		forget(p, tell, arg);
		n++;
	}
	return n;
}

static const char *
when(int64_t at, char buf[32])
{
	time_t		t = (time_t)at;
	struct tm	tm;

	strftime(buf, 32, "%Y-%m-%d %H:%M:%S", localtime_r(&t, &tm));
	return buf;
}

static void
list_pair(const struct pair *p, struct wad_str *out)
{
	char	ip[WAD_ADDR_STRLEN], host[WAD_HOST_MAX * 4], a[32], b[32],
		c[32];

	wad_str_addf(out, "%-15s %-28s %10u %-23s %s  %s  %-7s  %s  %u/%u\n",
	    wad_addr_ip_str(&p->key.client, ip),
	    wad_str_escape(host, sizeof(host), p->host, strlen(p->host)),
	    p->rejections, wad_learn_evidence(p->alert), when(p->first, a),
	    when(p->last, b), state_names[p->state], when(p->until, c),
	    p->policy, p->worker);
}

void
wad_learn_table_list(const struct wad_learn_table *t,
    const struct wad_addr *client, int64_t now, struct wad_str *out)
{
	size_t shown = 0, more = 0;

	wad_str_addf(out, "%-15s %-28s %10s %-23s %-19s  %-19s  %-7s  %-19s  "
	    "%s\n", "client", "name", "rejections", "evidence", "first",
	    "last", "state", "expires", "policy/worker");
	for (struct wad_list *l = t->pairs.age.prev; l != &t->pairs.age;
	    l = l->prev) {
		const struct pair *p = (void *)WAD_LIST_ENTRY(l,
		    struct wad_lru_entry, age);

		if (!wanted(p, client, NULL) || p->until <= now)
			continue;
		if (shown == LISTED) {
			more++;
			continue;
		}
		shown++;
		list_pair(p, out);
	}
	if (more > 0)
		wad_str_addf(out, "... and %zu more\n", more);
}

/* ---- the workers ------------------------------------------------------ */

static void
tell_one(void *arg, enum wad_learn_op op, const struct wad_learn_key *k,
    int64_t until)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_LEARNED, 0);
	wad_msg_add_u32(&m, op);
	wad_msg_add_addr(&m, &k->client);
	wad_msg_add_str(&m, k->host);
	wad_msg_add_u64(&m, (uint64_t)until);
	(void)wad_chan_send(arg, &m);
	wad_msg_free(&m);
}

static void
tell_all(void *arg, enum wad_learn_op op, const struct wad_learn_key *k,
    int64_t until)
{
	struct wad_control *c = arg;

	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++)
		if (c->workers[i] != NULL)
			tell_one(c->workers[i], op, k, until);
}

int
wad_learn_message(struct wad_control *c, struct wad_chan *ch,
    struct wad_msg_in *m)
{
	struct wad_learn_event	ev = { .now = wad_clock_wall() };
	struct wad_learn_rule	r;
	uint32_t		outcome;
	char			host[WAD_HOST_MAX];

	if (wad_msg_get_addr(m, &ev.key.client) ||
	    wad_msg_get_str(m, &ev.key.host) ||
	    wad_msg_get_u32(m, &outcome) || wad_msg_get_u32(m, &ev.alert) ||
	    wad_msg_get_u32(m, &ev.policy) || wad_msg_end(m) ||
	    outcome > WAD_LEARN_ACCEPTED || (outcome == WAD_LEARN_REJECTED &&
	    wad_learn_evidence(ev.alert) == NULL) ||
	    wad_str_host_canon(host, ev.key.host, strlen(ev.key.host)) == -1)
		return -1;
	ev.key.host = host;
	ev.outcome = (enum wad_learn_outcome)outcome;
	if (c->conf == NULL || c->conf->settings.learned_exempt ==
	    WAD_LEARN_DISABLE)
		return 0;
	while (ev.worker < WAD_CTL_WORKERS - 1 && c->workers[ev.worker] != ch)
		ev.worker++;
	r.count = c->conf->settings.learned_exempt_count;
	r.lifetime = c->conf->settings.learned_exempt_lifetime * INT64_C(3600);
	r.apply = c->conf->settings.learned_exempt == WAD_LEARN_APPLY;
	wad_learn_table_note(c->learn, &ev, &r, tell_all, c);
	return 0;
}

void
wad_learn_replay(struct wad_control *c, struct wad_chan *worker)
{
	wad_learn_table_tell(c->learn, wad_clock_wall(), tell_one, worker);
}

size_t
wad_learn_clear(struct wad_control *c, const struct wad_addr *client,
    const char *host)
{
	return wad_learn_table_clear(c->learn, client, host, tell_all, c);
}
