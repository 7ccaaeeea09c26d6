/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants, see grant.h.
 */
#include "ipc/grant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

/* ---- what a grant is bound to ------------------------------------------ */

static uint64_t
add_text(uint64_t h, const char *s)
{
	return wad_str_hash(h, s, strlen(s) + 1);
}

uint64_t
wad_grant_stamp(const struct wad_wf_profile *p, const struct wad_wf_filter *f)
{
	const uint64_t	n[] = { f->id, f->category, f->action,
		f->warn_duration, f->warn_session, f->per_domain };
	uint64_t	h = 1;	/* not the seed of this process's tables */

	h = wad_str_hash(add_text(h, p->name), n, sizeof(n));
	for (size_t i = 0; i < f->n_auth_groups; i++)
		h = add_text(h, f->auth_groups[i]);
	return h != 0 ? h : 1;
}

const struct wad_wf_filter *
wad_grant_filter(const struct wad_wf_profile *p, uint64_t stamp)
{
	for (size_t i = 0; p != NULL && i < p->n_filters; i++)
		if ((p->filters[i].action == WAD_WF_WARNING ||
		    p->filters[i].action == WAD_WF_AUTHENTICATE) &&
		    wad_grant_stamp(p, &p->filters[i]) == stamp)
			return &p->filters[i];
	return NULL;
}

void
wad_grant_make(struct wad_grant *g, const struct wad_wf_profile *p,
    const struct wad_wf_filter *f, const struct wad_addr *client,
    const char *user, const char *host, int64_t now)
{
	memset(g, 0, sizeof(*g));
	g->stamp = wad_grant_stamp(p, f);
	g->client = *client;
	g->client.port = 0;
	g->category = f->category;
	snprintf(g->user, sizeof(g->user), "%s", user != NULL ? user : "");
	if (f->per_domain)
		snprintf(g->host, sizeof(g->host), "%s", host);
	snprintf(g->profile, sizeof(g->profile), "%s", p->name);
	g->session = f->warn_session;
	g->seconds = f->warn_duration;
	g->made = now;
	g->until = now + f->warn_duration;
}

/* ---- messages ----------------------------------------------------------- */

void
wad_grant_put(struct wad_msg *m, enum wad_grant_op op,
    const struct wad_grant *g)
{
	wad_msg_add_u32(m, op);
	wad_msg_add_u64(m, g->stamp);
	wad_msg_add_addr(m, &g->client);
	wad_msg_add_u32(m, g->category);
	wad_msg_add_str(m, g->user);
	wad_msg_add_str(m, g->host);
	wad_msg_add_str(m, g->profile);
	wad_msg_add_u32(m, g->session);
	wad_msg_add_u32(m, g->seconds);
	wad_msg_add_u64(m, (uint64_t)g->made);
	wad_msg_add_u64(m, (uint64_t)g->until);
}

/* Texts that people will see: no control characters. */
static int
take(char *dst, size_t size, const char *src)
{
	for (const char *s = src; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return -1;
	return (size_t)snprintf(dst, size, "%s", src) < size ? 0 : -1;
}

/* "", or a host in its one form. */
static int
take_host(char dst[WAD_HOST_MAX], const char *src)
{
	if (*src == '\0')
		return 0;
	return wad_str_host_canon(dst, src, strlen(src)) == 0 &&
	    strcmp(dst, src) == 0 ? 0 : -1;
}

int
wad_grant_get(struct wad_msg_in *m, enum wad_grant_op *op,
    struct wad_grant *g)
{
	const char	*user, *host, *profile;
	uint32_t	 o, category, session;
	uint64_t	 made, until;

	memset(g, 0, sizeof(*g));
	if (wad_msg_get_u32(m, &o) || wad_msg_get_u64(m, &g->stamp) ||
	    wad_msg_get_addr(m, &g->client) ||
	    wad_msg_get_u32(m, &category) || wad_msg_get_str(m, &user) ||
	    wad_msg_get_str(m, &host) || wad_msg_get_str(m, &profile) ||
	    wad_msg_get_u32(m, &session) ||
	    wad_msg_get_u32(m, &g->seconds) || wad_msg_get_u64(m, &made) ||
	    wad_msg_get_u64(m, &until) || wad_msg_end(m))
		return -1;
	if (o >= WAD_GRANT_OPS || category > UINT16_MAX || session > 1 ||
	    made > INT64_MAX / 2 || until > INT64_MAX / 2 ||
	    take(g->user, sizeof(g->user), user) == -1 ||
	    take_host(g->host, host) == -1 ||
	    take(g->profile, sizeof(g->profile), profile) == -1)
		return -1;
	*op = (enum wad_grant_op)o;
	g->category = (uint16_t)category;
	g->session = session != 0;
	g->made = (int64_t)made;
	g->until = (int64_t)until;
	return 0;
}

enum { BACK_MAX = 60 };		/* seconds that a clock may be set back */

/* ---- the table ---------------------------------------------------------- */

struct item {
	struct wad_lru_entry	lru;
	struct wad_grant	g;
};

static uint64_t
hash(const struct wad_grant *g)
{
	uint64_t h = wad_str_hash(0, &g->stamp, sizeof(g->stamp));

	h = wad_str_hash(h, g->client.ip, sizeof(g->client.ip));
	return add_text(add_text(h, g->user), g->host);
}

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	const struct wad_grant *a = &((const struct item *)e)->g, *b = key;

	return a->stamp == b->stamp && a->category == b->category &&
	    wad_addr_ip_equal(&a->client, &b->client) &&
	    strcmp(a->user, b->user) == 0 && strcmp(a->host, b->host) == 0;
}

static void
drop(struct wad_lru_entry *e)
{
	free(e);
}

void
wad_grant_table_init(struct wad_grant_table *t)
{
	wad_lru_init(&t->lru, 1024, WAD_GRANT_MAX, same, drop);
}

void
wad_grant_table_free(struct wad_grant_table *t)
{
	wad_lru_free(&t->lru);
}

const struct wad_grant *
wad_grant_table_find(struct wad_grant_table *t, const struct wad_grant *key,
    int64_t now)
{
	struct item *it;

	if (t->lru.n == 0)
		return NULL;
	it = (struct item *)wad_lru_find(&t->lru, hash(key), key);
	if (it == NULL)
		return NULL;
	/* made when the clock was far ahead: it would hold until then */
	if (it->g.until > now && it->g.made - now <= BACK_MAX)
		return &it->g;
	wad_lru_remove(&t->lru, &it->lru);
	return NULL;
}

static struct item *
item_of(struct wad_list *l)
{
	return (struct item *)WAD_LIST_ENTRY(l, struct wad_lru_entry, age);
}

/* One host may choose all its addresses from a /64. */
static bool
same_owner(const struct wad_addr *a, const struct wad_addr *b)
{
	return a->family == b->family &&
	    memcmp(a->ip, b->ip, a->family == AF_INET6 ? 8 : 4) == 0;
}

static void
make_room(struct wad_grant_table *t, const struct wad_addr *client)
{
	struct wad_list	*l, *tmp;
	struct item	*oldest = NULL;
	size_t		 n = 0;

	WAD_LIST_EACH(&t->lru.age, l, tmp) {
		if (!same_owner(&item_of(l)->g.client, client))
			continue;
		if (oldest == NULL)
			oldest = item_of(l);
		n++;
	}
	if (n >= WAD_GRANT_CLIENT_MAX)
		wad_lru_remove(&t->lru, &oldest->lru);
}

bool
wad_grant_table_add(struct wad_grant_table *t, const struct wad_grant *g)
{
	uint64_t	 h = hash(g);
	struct item	*it = (struct item *)wad_lru_peek(&t->lru, h, g);

	if (it != NULL) {
		if (g->until <= it->g.until)
			return false;
		it->g = *g;
		return true;
	}
	make_room(t, &g->client);
	it = wad_xcalloc(1, sizeof(*it));
	it->g = *g;
	wad_lru_add(&t->lru, &it->lru, h);
	return true;
}

void
wad_grant_table_drop(struct wad_grant_table *t, const struct wad_grant *key)
{
	struct wad_lru_entry *e = wad_lru_peek(&t->lru, hash(key), key);

	if (e != NULL)
		wad_lru_remove(&t->lru, e);
}

void
wad_grant_table_each(struct wad_grant_table *t,
    void (*fn)(void *, const struct wad_grant *), void *arg)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&t->lru.age, l, tmp)
		fn(arg, &item_of(l)->g);
}
