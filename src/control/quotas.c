/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas over all workers, see quotas.h.
 */
#include "control/quotas.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lru.h"
#include "base/xmem.h"

enum { LISTED = 2000, SAVE_SECONDS = 5, FILE_MAX = 4 << 20 };
#define HEAD	"openwad quotas 1"

struct item {
	struct wad_lru_entry	lru;
	struct wad_quota_sum	sum;
};

struct wad_quotas {
	struct wad_control	*c;
	struct wad_lru		 t;
	int64_t			 day_end;	/* 0: no day yet */
	int			 fd[2];
	uint64_t		 serial;	/* of the file written last */
	bool			 dirty, failed;
	int64_t			 saved;
};

static bool
same(const struct wad_lru_entry *e, const void *key)
{
	return wad_quota_same(&((const struct item *)e)->sum.key, key);
}

static void
drop(struct wad_lru_entry *e)
{
	free(e);
}

struct wad_quotas *
wad_quotas_new(struct wad_control *c)
{
	struct wad_quotas *q = wad_xcalloc(1, sizeof(*q));

	q->c = c;
	q->fd[0] = q->fd[1] = -1;
	wad_lru_init(&q->t, 1024, WAD_QUOTA_MAX, same, drop);
	return q;
}

void
wad_quotas_free(struct wad_quotas *q)
{
	if (q == NULL)
		return;
	for (int i = 0; i < 2; i++)
		if (q->fd[i] != -1)
			close(q->fd[i]);
	wad_lru_free(&q->t);
	free(q);
}

static struct item *
item_of(struct wad_list *l)
{
	return (struct item *)WAD_LIST_ENTRY(l, struct wad_lru_entry, age);
}

/* ---- arithmetic ---------------------------------------------------------- */

static uint64_t
view(const struct wad_quota_sum *s, unsigned view_max, int64_t now)
{
	if (s->last == 0 || now <= s->last)
		return 0;
	return now - s->last < view_max ? (uint64_t)(now - s->last) :
	    view_max;
}

uint64_t
wad_quotas_seconds(const struct wad_quota_sum *s, unsigned view_max,
    int64_t now)
{
	return s->seconds + view(s, view_max, now);
}

int64_t
wad_quotas_midnight(int64_t now)
{
	time_t		t = (time_t)now;
	struct tm	tm;

	localtime_r(&t, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday++;
	tm.tm_isdst = -1;
	t = mktime(&tm);
	return t > (time_t)now ? (int64_t)t : now + 86400;
}

/* ---- the configuration --------------------------------------------------- */

static const struct wad_wf_quota *
entry_of(const struct wad_conf *conf, uint64_t stamp,
    const struct wad_wf_profile **profile)
{
	for (size_t i = 0; conf != NULL && i < conf->n_wf_profiles; i++) {
		const struct wad_wf_profile *p = &conf->wf_profiles[i];

		for (size_t k = 0; k < p->n_quotas; k++)
			if (wad_quota_stamp(p, &p->quotas[k]) == stamp) {
				*profile = p;
				return &p->quotas[k];
			}
	}
	return NULL;
}

/* ---- to the workers ------------------------------------------------------ */

static void
tell(struct wad_chan *worker, const struct wad_quota_sum *s, int64_t until)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_QUOTA_STATE, 0);
	wad_quota_key_put(&m, &s->key);
	wad_msg_add_u64(&m, (uint64_t)until);
	(void)wad_chan_send(worker, &m);
	wad_msg_free(&m);
}

static void
tell_all(const struct wad_quotas *q, const struct wad_quota_sum *s,
    int64_t until)
{
	for (unsigned i = 0; i < WAD_CTL_WORKERS; i++)
		if (q->c->workers[i] != NULL)
			tell(q->c->workers[i], s, until);
}

/* Looks at a sum again; the workers hear when it went over, or when an
 * administrator gave more. */
static void
judge(struct wad_quotas *q, struct wad_quota_sum *s, int64_t now)
{
	const struct wad_wf_profile	*p = NULL;
	const struct wad_wf_quota	*e = entry_of(q->c->conf,
	    s->key.stamp, &p);
	bool				 over;

	if (e == NULL)
		return;
	over = e->traffic ? s->bytes >= e->bytes :
	    wad_quotas_seconds(s, p->max_quota_timeout, now) >= e->seconds;
	if (over == s->over)
		return;
	s->over = over;
	q->dirty = true;
	tell_all(q, s, over ? q->day_end : 0);
}

void
wad_quotas_replay(struct wad_control *c, struct wad_chan *worker)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&c->quotas->t.age, l, tmp)
		if (item_of(l)->sum.over)
			tell(worker, &item_of(l)->sum, c->quotas->day_end);
}

/* ---- the day ------------------------------------------------------------- */

static size_t
forget(struct wad_quotas *q, const struct wad_addr *client)
{
	struct wad_list	*l, *tmp;
	size_t		 n = 0;

	WAD_LIST_EACH(&q->t.age, l, tmp) {
		struct item *it = item_of(l);

		if (client != NULL &&
		    !wad_addr_ip_equal(&it->sum.key.client, client))
			continue;
		if (it->sum.over)
			tell_all(q, &it->sum, 0);
		wad_lru_remove(&q->t, &it->lru);
		n++;
	}
	if (n > 0)
		q->dirty = true;
	return n;
}

static void
new_day(struct wad_quotas *q, int64_t now)
{
	/* a clock set back by more than a day begins one, too */
	if (now < q->day_end && q->day_end - now < 2 * 86400)
		return;
	(void)forget(q, NULL);
	q->day_end = wad_quotas_midnight(now);
}

static struct wad_quota_sum *
sum_of(struct wad_quotas *q, const struct wad_quota_key *k)
{
	uint64_t	 h = wad_quota_hash(k);
	struct item	*it = (struct item *)wad_lru_find(&q->t, h, k);

	if (it == NULL) {
		it = wad_xcalloc(1, sizeof(*it));
		it->sum.key = *k;
		wad_lru_add(&q->t, &it->lru, h);
	}
	return &it->sum;
}

int
wad_quotas_message(struct wad_control *c, struct wad_msg_in *m)
{
	struct wad_quotas		*q = c->quotas;
	const struct wad_wf_profile	*p = NULL;
	int64_t				 now = wad_clock_wall();
	struct wad_quota_key		 k;
	struct wad_quota_sum		*s;
	uint64_t			 bytes;
	uint32_t			 touched;

	if (wad_quota_key_get(m, &k) || wad_msg_get_u64(m, &bytes) ||
	    wad_msg_get_u32(m, &touched) || wad_msg_end(m))
		return -1;
	new_day(q, now);
	/* of a configuration that is no more */
	if (entry_of(c->conf, k.stamp, &p) == NULL)
		return 0;
	s = sum_of(q, &k);
	s->bytes = bytes > UINT64_MAX - s->bytes ? UINT64_MAX :
	    s->bytes + bytes;
	if (touched != 0) {
		s->seconds = wad_quotas_seconds(s, p->max_quota_timeout, now);
		s->last = now;
	}
	q->dirty = true;
	/* a worker that goes on has forgotten it, for others */
	if (s->over)
		tell_all(q, s, q->day_end);
	judge(q, s, now);
	return 0;
}

void
wad_quotas_commit(struct wad_control *c)
{
	struct wad_quotas		*q = c->quotas;
	const struct wad_wf_profile	*p;
	int64_t				 now = wad_clock_wall();
	struct wad_list			*l, *tmp;

	WAD_LIST_EACH(&q->t.age, l, tmp) {
		struct item *it = item_of(l);

		if (entry_of(c->conf, it->sum.key.stamp, &p) != NULL) {
			judge(q, &it->sum, now);
			continue;
		}
		wad_lru_remove(&q->t, &it->lru);
		q->dirty = true;
	}
}

size_t
wad_quotas_reset(struct wad_control *c, const struct wad_addr *client)
{
	return forget(c->quotas, client);
}

/* ---- the files ----------------------------------------------------------- */

static void
add_sum(struct wad_str *out, const struct wad_quota_sum *s)
{
	char ip[WAD_ADDR_STRLEN];

	wad_str_addf(out, "%016" PRIx64 " %s %" PRIu64 " %" PRIu64 " %" PRId64
	    " -%s\n", s->key.stamp, wad_addr_ip_str(&s->key.client, ip),
	    s->bytes, s->seconds, s->last, s->key.user);
}

static uint64_t
check_of(const char *text, size_t len)
{
	return wad_str_hash(1, text, len);
}

void
wad_quotas_save(struct wad_control *c)
{
	struct wad_quotas	*q = c->quotas;
	int			 fd = q->fd[(q->serial + 1) % 2];
	struct wad_str		 t = { 0 };
	bool			 good;

	if (!q->dirty || fd == -1)
		return;
	wad_str_addf(&t, HEAD " %" PRIu64 " %" PRId64 "\n", q->serial + 1,
	    q->day_end);
	for (struct wad_list *l = q->t.age.next; l != &q->t.age; l = l->next)
		add_sum(&t, &item_of(l)->sum);
	wad_str_addf(&t, "end %016" PRIx64 "\n", check_of(t.s, t.len));
	good = pwrite(fd, t.s, t.len, 0) == (ssize_t)t.len &&
	    ftruncate(fd, (off_t)t.len) == 0;
	if (good) {
		q->serial++;
		q->dirty = false;
	} else if (!q->failed)	/* again into this file: the other is whole */
		wad_log_event("error", "the sums of quotas cannot be written, "
		    "make room in the state folder: what is used now counts "
		    "only as long as this process");
	q->failed = !good;
	q->saved = wad_clock_wall();
	wad_str_free(&t);
}

/* The text of a file and its serial; NULL when it is not whole. */
static char *
read_file(int fd, uint64_t *serial, int64_t *day_end)
{
	struct wad_str	 t = { 0 };
	char		 buf[65536], *end = NULL;
	uint64_t	 check;
	ssize_t		 n;

	while (t.len < FILE_MAX && (n = pread(fd, buf, sizeof(buf),
	    (off_t)t.len)) > 0)
		wad_str_addn(&t, buf, (size_t)n);
	if (t.len > 22 && strlen(t.s) == t.len)
		end = t.s + t.len - 21;	/* "end", blank, 16 digits, newline */
	if (end == NULL || sscanf(end, "end %16" SCNx64, &check) != 1 ||
	    check != check_of(t.s, (size_t)(end - t.s)) ||
	    sscanf(t.s, HEAD " %" SCNu64 " %" SCNd64, serial, day_end) != 2) {
		wad_str_free(&t);
		return NULL;
	}
	*end = '\0';
	return wad_str_take(&t);
}

static void
take_line(struct wad_quotas *q, const char *line)
{
	struct wad_quota_sum	*s, got = { .over = false };
	char			 ip[WAD_ADDR_STRLEN];

	if (sscanf(line, "%16" SCNx64 " %71s %" SCNu64 " %" SCNu64 " %" SCNd64
	    " -%63[^\n]", &got.key.stamp, ip, &got.bytes, &got.seconds,
	    &got.last, got.key.user) < 5 ||
	    wad_addr_parse(&got.key.client, ip) == -1)
		return;
	s = sum_of(q, &got.key);
	/* what workers told before the files were there */
	got.bytes += s->bytes;
	got.seconds += s->seconds;
	if (s->last > got.last)
		got.last = s->last;
	*s = got;
}

int
wad_quotas_files(struct wad_control *c, struct wad_msg_in *m)
{
	struct wad_quotas	*q = c->quotas;
	char			*text[2] = { NULL, NULL };
	uint64_t		 serial[2] = { 0, 0 };
	int64_t			 day_end[2], now = wad_clock_wall();
	int			 i;

	for (i = 0; i < 2; i++) {
		if (q->fd[i] != -1)
			close(q->fd[i]);
		q->fd[i] = wad_msg_take_fd(m);
		if (q->fd[i] == -1)
			return -1;
		text[i] = read_file(q->fd[i], &serial[i], &day_end[i]);
	}
	new_day(q, now);
	i = text[1] != NULL && (text[0] == NULL || serial[1] > serial[0]);
	q->serial = serial[i];
	/* of today, however the clock went */
	if (text[i] != NULL && day_end[i] == q->day_end)
		for (char *l = strchr(text[i], '\n'); l != NULL && l[1] != '\0';
		    l = strchr(l + 1, '\n'))
			take_line(q, l + 1);
	free(text[0]);
	free(text[1]);
	/* file i holds serial i modulo 2 from now on */
	if ((int)(q->serial % 2) != i)
		q->serial++;
	if (c->conf != NULL)
		wad_quotas_commit(c);
	return 0;
}

/* ---- each second --------------------------------------------------------- */

void
wad_quotas_tick(struct wad_control *c)
{
	struct wad_quotas	*q = c->quotas;
	int64_t			 now = wad_clock_wall();
	struct wad_list		*l, *tmp;

	if (q->t.n > 0)
		new_day(q, now);
	WAD_LIST_EACH(&q->t.age, l, tmp)
		if (item_of(l)->sum.last != 0 && !item_of(l)->sum.over)
			judge(q, &item_of(l)->sum, now);
	if (q->dirty && (now - q->saved >= SAVE_SECONDS || now < q->saved))
		wad_quotas_save(c);
}

/* ---- for people ---------------------------------------------------------- */

static void
list_sum(const struct wad_quotas *q, const struct wad_quota_sum *s,
    int64_t now, struct wad_str *out)
{
	const struct wad_wf_profile	*p = NULL;
	const struct wad_wf_quota	*e = entry_of(q->c->conf,
	    s->key.stamp, &p);
	char				 ip[WAD_ADDR_STRLEN];

	if (e == NULL)
		return;
	wad_str_addf(out, "%-15s %-16s %-16s %5u %-8s %14" PRIu64 " %14" PRIu64
	    "  %s\n", wad_addr_ip_str(&s->key.client, ip),
	    s->key.user[0] != '\0' ? s->key.user : "-", p->name, e->id,
	    e->traffic ? "traffic" : "time", e->traffic ? s->bytes :
	    wad_quotas_seconds(s, p->max_quota_timeout, now),
	    e->traffic ? e->bytes : (uint64_t)e->seconds,
	    s->over ? "used up" : "open");
}

void
wad_quotas_list(struct wad_control *c, const struct wad_addr *client,
    int64_t now, struct wad_str *out)
{
	struct wad_quotas	*q = c->quotas;
	size_t			 n = 0;

	wad_str_addf(out, "%-15s %-16s %-16s %5s %-8s %14s %14s  %s\n",
	    "client", "user", "profile", "quota", "type", "used", "of",
	    "state");
	for (struct wad_list *l = q->t.age.prev; l != &q->t.age; l = l->prev) {
		const struct wad_quota_sum *s = &item_of(l)->sum;

		if ((client == NULL ||
		    wad_addr_ip_equal(&s->key.client, client)) &&
		    n++ < LISTED)
			list_sum(q, s, now, out);
	}
	if (n > LISTED)
		wad_str_addf(out, "... and %zu more\n", n - LISTED);
}
