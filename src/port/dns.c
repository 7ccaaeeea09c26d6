/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to addresses for the explicit proxy.
 *
 * Three objects.  A query is one caller's wish, with its own deadline.  A
 * lookup is one name on its way through c-ares, A and AAAA apart, shared by
 * all queries for that name; it lives until c-ares has answered both, even
 * when nobody waits any more.  An entry is an answer kept for its time to
 * live.
 *
 * c-ares must not be entered again from its own callbacks (its history has
 * crashes there), so those only note results and wake the flush event; the
 * callers' functions run from that event, where anything is allowed but
 * wad_dns_free.
 *
 * Files are touched in wad_dns_new only, which runs before the sandbox: no
 * search domains, no host aliases, no services, no hosts file of c-ares'
 * own, and no sorting by test connections.
 */
#include "port/dns.h"

#include <sys/random.h>

#include <ares.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/list.h"
#include "base/str.h"
#include "base/xmem.h"

#define DNS_MAGIC	0x77646e73u

enum {
	QUERIES_MAX = 4096,	/* callers that wait */
	LOOKUPS_MAX = 4096,	/* names under way */
	CACHE_MAX = 4096,	/* answers kept */
	BUCKETS = 1024,
	HOSTS_MAX = 200000,	/* lines of the hosts file */
	SERVERS_MAX = 3,	/* as in resolv.conf(5) */
	TTL_MIN = 1, TTL_MAX = 300, TTL_NEGATIVE = 5,	/* seconds */
	TRY_MS = 2000, TRIES = 2,	/* per server, and doubled each round */
	FAMILY_DELAY_MS = 50	/* RFC 8305 section 3: how long the slower
				 * family is waited for */
};

enum { V4, V6, FAMILIES };

struct host {			/* a line of the hosts file */
	char		*name;
	struct wad_addr	 addr;
};

struct answer {
	struct wad_addr	 addr[WAD_DNS_ADDRS_MAX];
	size_t		 n;
	const char	*err;	/* static text, when n is 0 */
};

struct entry {			/* of the cache */
	struct wad_list	 bucket, age;	/* age: oldest first */
	char		*name;
	uint64_t	 expires;
	struct answer	 answer;
};

struct lookup {
	struct wad_list	 bucket, all;
	struct wad_list	 news;		/* in dns->news: an answer came */
	struct wad_dns	*dns;
	char		*name;
	struct wad_list	 queries;	/* that wait for it */
	struct event	*delay;		/* for the slower family */
	struct half {
		struct lookup	*lookup;
		bool		 open;	/* c-ares has not answered */
		int		 status;
		unsigned	 ttl;
		struct wad_addr	 addr[WAD_DNS_ADDRS_MAX];
		size_t		 n;
	} half[FAMILIES];
	bool		 started, told;	/* told: queries have their answer */
	bool		 again;		/* to be asked of other servers */
};

struct wad_dns_query {
	struct wad_list	 link;		/* lookup->queries or dns->ready */
	struct wad_dns	*dns;
	struct event	*deadline;
	struct answer	 answer;	/* when ready */
	wad_dns_fn	*fn;
	void		*arg;
};

struct sock {			/* a socket of c-ares */
	struct wad_list	 link;
	struct wad_dns	*dns;
	struct event	*ev;
	int		 fd;
};

struct wad_dns {
	unsigned	 magic;
	struct event_base *base;
	ares_channel	 channel;
	struct event	*timer;		/* c-ares' own time-outs */
	struct event	*flush;
	struct wad_list	 socks;
	struct wad_list	 lookups, news, ready;
	struct wad_list	 by_name[BUCKETS];	/* lookups */
	struct wad_list	 cache[BUCKETS], ages;
	size_t		 n_queries, n_lookups, n_cache;
	struct host	*hosts;
	size_t		 n_hosts;
	char		*system, *servers;	/* csv; "": there are none */
	unsigned long long seed;
	bool		 in_ares, in_flush;
};

static char	*servers_of_resolv_conf(const char *);
static void	 read_hosts(struct wad_dns *, const char *);
static void	 use_servers(struct wad_dns *, const char *);
static void	 lookup_start(struct lookup *);
static void	 lookup_free(struct lookup *);
static void	 entry_free(struct wad_dns *, struct entry *);
static void	 query_ready(struct wad_dns_query *, const struct answer *);
static void	 on_sock_state(void *, ares_socket_t, int, int);
static void	 on_timer(evutil_socket_t, short, void *);
static void	 on_flush(evutil_socket_t, short, void *);
static void	 on_deadline(evutil_socket_t, short, void *);
static void	 on_delay(evutil_socket_t, short, void *);

static struct timeval
ms_to_tv(unsigned ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
	    .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

/* --- the resolver --- */

/* Everything is given, so that c-ares finds no reason to read a file. */
static int
channel_open(struct wad_dns *d)
{
	struct ares_options	 o = { 0 };
	struct in_addr		 none = { htonl(INADDR_LOOPBACK) };
	char			 lookups[] = "b";
	int			 mask;

	o.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
	o.timeout = TRY_MS;
	o.tries = TRIES;
	o.ndots = 0;
	o.lookups = lookups;
	o.servers = &none;	/* replaced before the first question */
	o.nservers = 1;
	o.ednspsz = 1232;	/* passes every path without fragments */
	o.sock_state_cb = on_sock_state;
	o.sock_state_cb_data = d;
	mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_NDOTS | ARES_OPT_LOOKUPS | ARES_OPT_SERVERS |
	    ARES_OPT_DOMAINS | ARES_OPT_SORTLIST | ARES_OPT_EDNSPSZ |
	    ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE;
	return ares_init_options(&d->channel, &o, mask);
}

struct wad_dns *
wad_dns_new(struct event_base *base, const char *resolv_conf,
    const char *hosts)
{
	struct wad_dns	*d = wad_xcalloc(1, sizeof(*d));
	int		 rc;

	d->magic = DNS_MAGIC;
	d->base = base;
	wad_list_init(&d->socks);
	wad_list_init(&d->lookups);
	wad_list_init(&d->news);
	wad_list_init(&d->ready);
	wad_list_init(&d->ages);
	for (size_t i = 0; i < BUCKETS; i++) {
		wad_list_init(&d->by_name[i]);
		wad_list_init(&d->cache[i]);
	}
	WAD_ASSERT(getrandom(&d->seed, sizeof(d->seed), 0) ==
	    (ssize_t)sizeof(d->seed));
	d->timer = evtimer_new(base, on_timer, d);
	d->flush = evtimer_new(base, on_flush, d);
	WAD_ASSERT(d->timer != NULL && d->flush != NULL);
	rc = ares_library_init(ARES_LIB_INIT_ALL);
	if (rc == ARES_SUCCESS)
		rc = channel_open(d);
	if (rc != ARES_SUCCESS)
		wad_xmem_fail(__FILE__, __LINE__, ares_strerror(rc));
	read_hosts(d, hosts != NULL ? hosts : "");
	d->system = servers_of_resolv_conf(resolv_conf != NULL ?
	    resolv_conf : "");
	use_servers(d, d->system);
	return d;
}

void
wad_dns_set_servers(struct wad_dns *d, const struct wad_conf *conf)
{
	struct wad_str	 csv = { 0 };
	char		 text[WAD_ADDR_STRLEN];

	WAD_CHECK(d, DNS_MAGIC);
	for (size_t i = 0; i < 2; i++) {
		struct wad_addr a = conf->sys.dns[i];

		if (a.family == 0)
			continue;
		if (a.port == 0)
			a.port = 53;
		wad_str_addf(&csv, "%s%s", csv.len > 0 ? "," : "",
		    wad_addr_str(&a, text));
	}
	use_servers(d, csv.len > 0 ? csv.s : d->system);
	wad_str_free(&csv);
}

void
wad_dns_free(struct wad_dns *d)
{
	struct wad_list *l, *tmp;

	if (d == NULL)
		return;
	WAD_CHECK(d, DNS_MAGIC);
	WAD_ASSERT(!d->in_ares && !d->in_flush);
	WAD_LIST_EACH(&d->ready, l, tmp)
		wad_dns_cancel(WAD_LIST_ENTRY(l, struct wad_dns_query, link));
	/* Answers of c-ares come once more, and find nobody waiting. */
	WAD_LIST_EACH(&d->lookups, l, tmp) {
		struct lookup	*k = WAD_LIST_ENTRY(l, struct lookup, all);
		struct wad_list	*q, *qtmp;

		WAD_LIST_EACH(&k->queries, q, qtmp)
			wad_dns_cancel(WAD_LIST_ENTRY(q,
			    struct wad_dns_query, link));
	}
	ares_destroy(d->channel);
	WAD_LIST_EACH(&d->lookups, l, tmp)
		lookup_free(WAD_LIST_ENTRY(l, struct lookup, all));
	WAD_LIST_EACH(&d->ages, l, tmp)
		entry_free(d, WAD_LIST_ENTRY(l, struct entry, age));
	WAD_ASSERT(wad_list_empty(&d->socks) && d->n_queries == 0);
	for (size_t i = 0; i < d->n_hosts; i++)
		free(d->hosts[i].name);
	free(d->hosts);
	free(d->system);
	free(d->servers);
	event_free(d->timer);
	event_free(d->flush);
	ares_library_cleanup();
	d->magic = 0;
	free(d);
}

/* --- what the system says --- */

/* Cuts the next line off text; false at its end.  The rest behind '#' is
 * left out. */
static bool
next_line(const char **text, char *line, size_t size)
{
	size_t n;

	if (**text == '\0')
		return false;
	n = strcspn(*text, "\n");
	line[0] = '\0';
	/* A line that does not fit is not one that we know. */
	if (n < size) {
		memcpy(line, *text, n);
		line[n] = '\0';
		line[strcspn(line, "#")] = '\0';
	}
	*text += n + ((*text)[n] == '\n');
	return true;
}

static char *
servers_of_resolv_conf(const char *text)
{
	struct wad_str	 csv = { 0 };
	char		 line[512], *save, buf[WAD_ADDR_STRLEN];
	unsigned	 n = 0;

	while (n < SERVERS_MAX && next_line(&text, line, sizeof(line))) {
		char *word = strtok_r(line, " \t\r", &save);
		struct wad_addr a;

		if (word == NULL || strcmp(word, "nameserver") != 0)
			continue;
		word = strtok_r(NULL, " \t\r", &save);
		if (word == NULL)
			continue;
		if (wad_addr_parse(&a, word) == -1) {
			wad_log_event("warning", "DNS server %.60s of the "
			    "system's resolv.conf is not used: not an address "
			    "without zone; set another one in config system "
			    "dns", word);
			continue;
		}
		a.port = 53;
		wad_str_addf(&csv, "%s%s", n++ > 0 ? "," : "",
		    wad_addr_str(&a, buf));
	}
	return wad_str_take(&csv);
}

static int
by_host(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
read_hosts(struct wad_dns *d, const char *text)
{
	char	 line[2048], *save, *word, name[WAD_HOST_MAX];
	size_t	 cap = 0;

	while (d->n_hosts < HOSTS_MAX && next_line(&text, line, sizeof(line))) {
		struct wad_addr a;

		word = strtok_r(line, " \t\r", &save);
		if (word == NULL || strchr(word, '%') != NULL ||
		    wad_addr_parse(&a, word) == -1)
			continue;
		while ((word = strtok_r(NULL, " \t\r", &save)) != NULL) {
			if (wad_str_host_canon(name, word, strlen(word)) == -1)
				continue;
			if (d->n_hosts == HOSTS_MAX)
				break;
			if (d->n_hosts == cap) {
				cap = cap > 0 ? cap * 2 : 16;
				d->hosts = wad_xrealloc(d->hosts, cap,
				    sizeof(*d->hosts));
			}
			d->hosts[d->n_hosts].name = wad_xstrdup(name);
			d->hosts[d->n_hosts++].addr = a;
		}
	}
	if (d->n_hosts > 0)
		qsort(d->hosts, d->n_hosts, sizeof(*d->hosts), by_host);
}

/* --- answers that need no question --- */

/* Addresses of both families in turn, IPv6 first (RFC 8305 section 4). */
static void
interleave(struct answer *a, const struct wad_addr *six, size_t n6,
    const struct wad_addr *four, size_t n4)
{
	size_t i6 = 0, i4 = 0;

	a->n = 0;
	while (a->n < WAD_DNS_ADDRS_MAX && (i6 < n6 || i4 < n4)) {
		if (i6 < n6)
			a->addr[a->n++] = six[i6++];
		if (i4 < n4 && a->n < WAD_DNS_ADDRS_MAX)
			a->addr[a->n++] = four[i4++];
	}
}

static bool
answer_from_hosts(const struct wad_dns *d, const char *name,
    struct answer *a)
{
	struct wad_addr	 six[WAD_DNS_ADDRS_MAX], four[WAD_DNS_ADDRS_MAX];
	size_t		 n6 = 0, n4 = 0, lo = 0, hi = d->n_hosts;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(d->hosts[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < d->n_hosts && strcmp(d->hosts[lo].name, name) == 0; lo++) {
		const struct wad_addr *h = &d->hosts[lo].addr;

		if (h->family == AF_INET6 && n6 < WAD_DNS_ADDRS_MAX)
			six[n6++] = *h;
		else if (h->family == AF_INET && n4 < WAD_DNS_ADDRS_MAX)
			four[n4++] = *h;
	}
	interleave(a, six, n6, four, n4);
	return a->n > 0;
}

/* "localhost" and what is under it (RFC 6761 section 6.3). */
static bool
is_localhost(const char *name)
{
	size_t len = strlen(name);

	return strcmp(name, "localhost") == 0 ||
	    (len > 10 && strcmp(name + len - 10, ".localhost") == 0);
}

/* A last label of digits, or 0x and digits: some readers take such names
 * for addresses ("127.1", "2130706433"), so they are nobody's name. */
static bool
looks_numeric(const char *name)
{
	const char *last = strrchr(name, '.');

	last = last != NULL ? last + 1 : name;
	if (last[0] == '0' && last[1] == 'x')
		return strspn(last + 2, "0123456789abcdef") ==
		    strlen(last + 2);
	return strspn(last, "0123456789") == strlen(last);
}

static bool
answer_at_once(const struct wad_dns *d, const char *name, struct answer *a)
{
	static const struct wad_addr lo6 = { .family = AF_INET6,
	    .ip = { [15] = 1 } };
	static const struct wad_addr lo4 = { .family = AF_INET,
	    .ip = { 127, 0, 0, 1 } };
	char canon[WAD_HOST_MAX];

	memset(a, 0, sizeof(*a));
	if (strchr(name, '%') == NULL &&
	    wad_addr_parse(&a->addr[0], name) == 0) {
		a->n = 1;
		return true;
	}
	if (wad_str_host_canon(canon, name, strlen(name)) == -1 ||
	    strcmp(canon, name) != 0) {
		a->err = "not a host name";
		return true;
	}
	if (answer_from_hosts(d, name, a))
		return true;
	if (is_localhost(name)) {
		interleave(a, &lo6, 1, &lo4, 1);
		return true;
	}
	if (looks_numeric(name)) {
		a->err = "neither a host name nor an address";
		return true;
	}
	if (d->servers[0] == '\0') {
		a->err = "no DNS servers are configured";
		return true;
	}
	return false;
}

/* --- the cache --- */

static size_t
bucket_of(const struct wad_dns *d, const char *name)
{
	return (size_t)(wad_str_hash(d->seed | 1, name, strlen(name)) %
	    BUCKETS);
}

static void
entry_free(struct wad_dns *d, struct entry *e)
{
	wad_list_remove(&e->bucket);
	wad_list_remove(&e->age);
	d->n_cache--;
	free(e->name);
	free(e);
}

static const struct answer *
cache_find(struct wad_dns *d, const char *name)
{
	struct wad_list *head = &d->cache[bucket_of(d, name)], *l, *tmp;

	WAD_LIST_EACH(head, l, tmp) {
		struct entry *e = WAD_LIST_ENTRY(l, struct entry, bucket);

		if (strcmp(e->name, name) != 0)
			continue;
		if (e->expires > wad_clock_ms())
			return &e->answer;
		entry_free(d, e);
		return NULL;
	}
	return NULL;
}

static void
cache_add(struct wad_dns *d, const char *name, const struct answer *a,
    unsigned ttl)
{
	struct entry *e;

	/* One entry for a name. */
	struct wad_list *head = &d->cache[bucket_of(d, name)], *l, *tmp;
	WAD_LIST_EACH(head, l, tmp) {
		e = WAD_LIST_ENTRY(l, struct entry, bucket);
		if (strcmp(e->name, name) == 0)
			entry_free(d, e);
	}
	while (d->n_cache >= CACHE_MAX)
		entry_free(d, WAD_LIST_ENTRY(d->ages.next, struct entry, age));
	e = wad_xcalloc(1, sizeof(*e));
	e->name = wad_xstrdup(name);
	e->expires = wad_clock_ms() + (uint64_t)ttl * 1000;
	e->answer = *a;
	wad_list_append(head, &e->bucket);
	wad_list_append(&d->ages, &e->age);
	d->n_cache++;
}

static void
cache_clear(struct wad_dns *d)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&d->ages, l, tmp)
		entry_free(d, WAD_LIST_ENTRY(l, struct entry, age));
}

/* --- questions --- */

static struct lookup *
lookup_find(struct wad_dns *d, const char *name)
{
	struct wad_list *head = &d->by_name[bucket_of(d, name)], *l, *tmp;

	WAD_LIST_EACH(head, l, tmp) {
		struct lookup *k = WAD_LIST_ENTRY(l, struct lookup, bucket);

		/* One that has told its queries only waits for c-ares. */
		if (!k->told && strcmp(k->name, name) == 0)
			return k;
	}
	return NULL;
}

static struct lookup *
lookup_new(struct wad_dns *d, const char *name)
{
	struct lookup *k;

	if (d->n_lookups >= LOOKUPS_MAX)
		return NULL;
	k = wad_xcalloc(1, sizeof(*k));
	k->dns = d;
	k->name = wad_xstrdup(name);
	wad_list_init(&k->queries);
	wad_list_init(&k->news);
	for (int i = 0; i < FAMILIES; i++)
		k->half[i].lookup = k;
	k->delay = evtimer_new(d->base, on_delay, k);
	WAD_ASSERT(k->delay != NULL);
	wad_list_append(&d->by_name[bucket_of(d, name)], &k->bucket);
	wad_list_append(&d->lookups, &k->all);
	d->n_lookups++;
	return k;
}

static void
lookup_free(struct lookup *k)
{
	WAD_ASSERT(wad_list_empty(&k->queries));
	wad_list_remove(&k->bucket);
	wad_list_remove(&k->all);
	wad_list_remove(&k->news);
	k->dns->n_lookups--;
	event_free(k->delay);
	free(k->name);
	free(k);
}

/* Wakes the flush event. */
static void
wake(struct wad_dns *d)
{
	struct timeval now = { 0, 0 };

	if (!evtimer_pending(d->flush, NULL))
		evtimer_add(d->flush, &now);
}

/* Has the lookup looked after by the flush event. */
static void
has_news(struct lookup *k)
{
	wad_list_remove(&k->news);
	wad_list_append(&k->dns->news, &k->news);
	wake(k->dns);
}

struct wad_dns_query *
wad_dns_ask(struct wad_dns *d, const char *name, unsigned timeout_ms,
    wad_dns_fn *fn, void *arg)
{
	struct timeval		 tv = ms_to_tv(timeout_ms);
	struct wad_dns_query	*q;
	struct lookup		*k = NULL;
	struct answer		 at_once;
	const struct answer	*a = NULL;

	WAD_CHECK(d, DNS_MAGIC);
	if (d->n_queries >= QUERIES_MAX)
		return NULL;
	if (answer_at_once(d, name, &at_once))
		a = &at_once;
	else
		a = cache_find(d, name);
	if (a == NULL) {
		k = lookup_find(d, name);
		if (k == NULL)
			k = lookup_new(d, name);
		if (k == NULL)
			return NULL;
	}
	q = wad_xcalloc(1, sizeof(*q));
	q->dns = d;
	q->fn = fn;
	q->arg = arg;
	q->deadline = evtimer_new(d->base, on_deadline, q);
	WAD_ASSERT(q->deadline != NULL);
	wad_list_init(&q->link);
	d->n_queries++;
	if (a != NULL) {
		query_ready(q, a);
		return q;
	}
	evtimer_add(q->deadline, &tv);
	wad_list_append(&k->queries, &q->link);
	WAD_DBG(DNS, WAD_I, "name=%s, %s", name,
	    k->started ? "joined" : "asked");
	if (!k->started)
		lookup_start(k);
	return q;
}

void
wad_dns_cancel(struct wad_dns_query *q)
{
	if (q == NULL)
		return;
	wad_list_remove(&q->link);
	event_free(q->deadline);
	q->dns->n_queries--;
	free(q);
}

/* The answer is given from the flush event. */
static void
query_ready(struct wad_dns_query *q, const struct answer *a)
{
	q->answer = *a;
	evtimer_del(q->deadline);
	wad_list_remove(&q->link);
	wad_list_append(&q->dns->ready, &q->link);
	wake(q->dns);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct wad_dns_query	*q = arg;
	struct answer		 a = { .err = "the DNS servers did not answer "
				    "in time" };

	(void)fd;
	(void)what;
	query_ready(q, &a);
}

/* --- answers of c-ares --- */

static void
half_take(struct half *h, const struct ares_addrinfo *ai)
{
	unsigned ttl = TTL_MAX;

	for (const struct ares_addrinfo_cname *c = ai->cnames; c != NULL;
	    c = c->next)
		if (c->ttl >= 0 && (unsigned)c->ttl < ttl)
			ttl = (unsigned)c->ttl;
	for (const struct ares_addrinfo_node *n = ai->nodes; n != NULL;
	    n = n->ai_next) {
		if (h->n == WAD_DNS_ADDRS_MAX)
			break;
		if (wad_addr_from_sockaddr(&h->addr[h->n], n->ai_addr) == -1)
			continue;
		h->addr[h->n].port = 0;
		h->n++;
		if (n->ai_ttl >= 0 && (unsigned)n->ai_ttl < ttl)
			ttl = (unsigned)n->ai_ttl;
	}
	h->ttl = ttl < TTL_MIN ? TTL_MIN : ttl;
}

/* Called by c-ares: notes what came and nothing else. */
static void
on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *ai)
{
	struct half	*h = arg;
	struct lookup	*k = h->lookup;

	(void)timeouts;
	h->open = false;
	h->status = status;
	if (status == ARES_SUCCESS && ai != NULL)
		half_take(h, ai);
	if (ai != NULL)
		ares_freeaddrinfo(ai);
	if (status == ARES_ECANCELLED)
		k->again = true;
	if (status != ARES_EDESTRUCTION)
		has_news(k);
}

static bool
is_denial(int status)
{
	return status == ARES_ENOTFOUND || status == ARES_ENODATA;
}

static const char *
error_text(const struct lookup *k)
{
	int s = k->half[V4].status;

	/* The failure is worth more than the other family's "none". */
	if (is_denial(s) || s == ARES_SUCCESS)
		s = k->half[V6].status;
	switch (s) {
	case ARES_ENOTFOUND:
		return k->half[V4].status == ARES_ENOTFOUND ?
		    "there is no such name" : "the name has no address";
	case ARES_SUCCESS:
	case ARES_ENODATA:
		return "the name has no address";
	case ARES_ETIMEOUT:
		return "the DNS servers did not answer";
	case ARES_ECONNREFUSED:
		return "the DNS servers failed or could not be reached";
	case ARES_EREFUSED:
		return "the DNS servers refused the question";
	case ARES_ESERVFAIL:
		return "the DNS servers failed on this name";
	default:
		return "the answer of the DNS servers is not usable";
	}
}

/* Gives what is known to all queries that wait, and keeps it. */
static void
lookup_tell(struct lookup *k)
{
	struct half	*six = &k->half[V6], *four = &k->half[V4];
	struct answer	 a = { 0 };
	struct wad_list	*l, *tmp;
	unsigned	 ttl = TTL_NEGATIVE;
	bool		 whole = true;

	interleave(&a, six->addr, six->n, four->addr, four->n);
	for (int i = 0; i < FAMILIES; i++) {
		struct half *h = &k->half[i];

		if (h->open || (h->n == 0 && !is_denial(h->status) &&
		    h->status != ARES_SUCCESS))
			whole = false;
	}
	if (a.n == 0)
		a.err = error_text(k);
	else if (whole) {
		ttl = TTL_MAX;
		if (six->n > 0 && six->ttl < ttl)
			ttl = six->ttl;
		if (four->n > 0 && four->ttl < ttl)
			ttl = four->ttl;
	}
	/* A failure is not kept; half an answer is, for a short time. */
	if (whole || a.n > 0)
		cache_add(k->dns, k->name, &a, ttl);
	k->told = true;
	evtimer_del(k->delay);
	WAD_DBG(DNS, WAD_I, "name=%s, %zu addresses, ttl=%u%s%s", k->name,
	    a.n, ttl, a.err != NULL ? ", " : "", a.err != NULL ? a.err : "");
	WAD_LIST_EACH(&k->queries, l, tmp)
		query_ready(WAD_LIST_ENTRY(l, struct wad_dns_query, link), &a);
}

/* What follows from the answers that are there. */
static void
lookup_advance(struct lookup *k)
{
	struct timeval	 delay = ms_to_tv(FAMILY_DELAY_MS);
	bool		 open = k->half[V4].open || k->half[V6].open;

	if (!k->started)
		return;
	if (!open && k->again && !k->told && !wad_list_empty(&k->queries)) {
		/* Cancelled, for the servers are others now. */
		lookup_start(k);
		return;
	}
	if (!open && !k->told && !k->again)
		lookup_tell(k);
	if (!open) {
		lookup_free(k);
		return;
	}
	if (!k->told && k->half[V4].n + k->half[V6].n > 0 &&
	    !evtimer_pending(k->delay, NULL))
		evtimer_add(k->delay, &delay);
}

static void
on_delay(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *k = arg;

	(void)fd;
	(void)what;
	if (!k->told)
		lookup_tell(k);
}

/* Moves all links of a list to another one, which is empty. */
static void
take_all(struct wad_list *to, struct wad_list *from)
{
	wad_list_init(to);
	while (!wad_list_empty(from)) {
		struct wad_list *l = from->next;

		wad_list_remove(l);
		wad_list_append(to, l);
	}
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct wad_dns	*d = arg;
	struct wad_list	 now;

	(void)fd;
	(void)what;
	WAD_CHECK(d, DNS_MAGIC);
	d->in_flush = true;
	take_all(&now, &d->news);
	while (!wad_list_empty(&now)) {
		struct lookup *k = WAD_LIST_ENTRY(now.next, struct lookup,
		    news);

		wad_list_remove(&k->news);
		lookup_advance(k);
	}
	/* Only those that are ready now: a caller that asks again from its
	 * function waits for the next turn.  Functions may cancel any other
	 * query, also one of this list. */
	take_all(&now, &d->ready);
	while (!wad_list_empty(&now)) {
		struct wad_dns_query *q = WAD_LIST_ENTRY(now.next,
		    struct wad_dns_query, link);
		struct answer	 a = q->answer;
		wad_dns_fn	*fn = q->fn;
		void		*fn_arg = q->arg;

		wad_dns_cancel(q);
		fn(fn_arg, a.addr, a.n, a.n > 0 ? NULL : a.err);
	}
	d->in_flush = false;
}

/* --- c-ares on libevent --- */

/* Sets the timer for c-ares' next time-out. */
static void
rearm(struct wad_dns *d)
{
	struct timeval tv, *next;

	next = ares_timeout(d->channel, NULL, &tv);
	if (next != NULL)
		evtimer_add(d->timer, next);
	else
		evtimer_del(d->timer);
}

static void
process(struct wad_dns *d, ares_socket_t r, ares_socket_t w)
{
	WAD_ASSERT(!d->in_ares);
	d->in_ares = true;
	ares_process_fd(d->channel, r, w);
	d->in_ares = false;
	rearm(d);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	process(arg, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void
on_sock(evutil_socket_t fd, short what, void *arg)
{
	struct sock *s = arg;

	process(s->dns, what & EV_READ ? fd : ARES_SOCKET_BAD,
	    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
}

/* c-ares opens, wants or closes a socket. */
static void
on_sock_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct wad_dns	*d = arg;
	struct wad_list	*l, *tmp;
	struct sock	*s = NULL;

	WAD_LIST_EACH(&d->socks, l, tmp) {
		s = WAD_LIST_ENTRY(l, struct sock, link);
		if (s->fd == fd)
			break;
		s = NULL;
	}
	if (s != NULL)
		event_free(s->ev);
	if (!readable && !writable) {
		if (s != NULL) {
			wad_list_remove(&s->link);
			free(s);
		}
		return;
	}
	if (s == NULL) {
		s = wad_xcalloc(1, sizeof(*s));
		s->dns = d;
		s->fd = fd;
		wad_list_append(&d->socks, &s->link);
	}
	s->ev = event_new(d->base, fd, (short)(EV_PERSIST |
	    (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0)), on_sock, s);
	WAD_ASSERT(s->ev != NULL && event_add(s->ev, NULL) == 0);
}

static void
lookup_start(struct lookup *k)
{
	static const int families[FAMILIES] = { AF_INET, AF_INET6 };
	struct wad_dns *d = k->dns;

	WAD_ASSERT(!d->in_ares);
	k->started = true;
	k->again = false;
	if (d->servers[0] == '\0') {
		/* The last server went away under it. */
		k->half[V4].status = k->half[V6].status = ARES_ECONNREFUSED;
		has_news(k);
		return;
	}
	for (int i = 0; i < FAMILIES; i++) {
		k->half[i].open = true;
		k->half[i].status = ARES_SUCCESS;
		k->half[i].n = 0;
	}
	/* IPv6 first, so that its answer is there first when all is well. */
	for (int i = FAMILIES - 1; i >= 0; i--) {
		struct ares_addrinfo_hints hints = { 0 };

		hints.ai_family = families[i];
		hints.ai_flags = ARES_AI_NOSORT;
		d->in_ares = true;
		ares_getaddrinfo(d->channel, k->name, NULL, &hints, on_answer,
		    &k->half[i]);
		d->in_ares = false;
	}
	rearm(d);
}

/* Takes a list of servers in use.  c-ares changes them only while it asks
 * nothing, so what is under way is cancelled and asked again. */
static void
use_servers(struct wad_dns *d, const char *csv)
{
	int rc;

	WAD_ASSERT(!d->in_ares);
	if (d->servers != NULL && strcmp(d->servers, csv) == 0)
		return;
	free(d->servers);
	d->servers = wad_xstrdup(csv);
	cache_clear(d);
	d->in_ares = true;
	ares_cancel(d->channel);
	d->in_ares = false;
	if (csv[0] == '\0') {
		wad_log_event("warning", "no DNS server is known: set one in "
		    "config system dns; names cannot be resolved");
		return;
	}
	rc = ares_set_servers_ports_csv(d->channel, csv);
	if (rc != ARES_SUCCESS)
		wad_log_event("error", "DNS servers %s cannot be used: %s",
		    csv, ares_strerror(rc));
	else
		WAD_DBG(DNS, WAD_I, "servers=%s", csv);
	rearm(d);
}
