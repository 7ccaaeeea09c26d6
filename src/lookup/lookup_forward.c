/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health checks of other proxies, see lookup_forward.h.  Every
 * forward-check-interval seconds a proxy is asked for its monitor, on a
 * connection of its own: a whole URI, or a tunnel (https).  What the server
 * answers counts, not what it sends: a status below 400 is good.  Down is who
 * failed twice, a second apart; one good answer brings it back.
 */
#include "lookup/lookup_forward.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/list.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/xmem.h"
#include "port/race.h"

enum {
	LIMIT_MS = 3000,	/* of a check, from its name to the answer */
	AGAIN_MS = 1000,	/* after the first failure */
	FAILURES = 2,		/* in a row */
	STATUS_LEN = 12		/* of "HTTP/1.1 200" */
};

enum health { UNKNOWN, UP, DOWN };

static const char *const healths[] = { [UNKNOWN] = "unknown", [UP] = "up",
	[DOWN] = "down" };

/* One proxy; its strings are its own. */
struct check {
	struct wad_list	 link;
	struct wad_checks *s;
	char		*name, *monitor, *fqdn;
	char		*request;	/* with the password */
	struct wad_addr	 ip;		/* family 0: fqdn; port is set */
	bool		 tunnel;
	enum health	 health;
	int64_t		 since, last;	/* seconds since the epoch; 0: never */
	uint64_t	 n, n_failed, ms;	/* ms: that the last one took */
	unsigned	 failures;	/* in a row */
	char		 why[128];	/* of the last one; never from the net */
	struct event	*timer;		/* the next one, or the end of this */
	uint64_t	 due;		/* monotonic ms; of the next one */
	/* while it runs */
	bool		 running;
	uint64_t	 began;		/* monotonic ms */
	struct wad_dns_query *query;
	struct wad_race	*race;
	int		 fd;		/* -1: none */
	struct event	*io;
	char		 in[64];
	size_t		 in_len;
};

struct wad_checks {
	struct event_base *base;
	struct wad_dns	*dns;
	wad_checks_send_fn *to_all;
	void		*arg;
	struct wad_list	 all;
	uint64_t	 interval;	/* ms */
};

/* ---- what came out ------------------------------------------------------- */

static void
send_state(const struct check *c, wad_checks_send_fn *to, void *arg)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_FORWARD_STATE, 0);
	wad_msg_add_str(&m, c->name);
	wad_msg_add_u32(&m, c->health == DOWN);
	wad_msg_add_str(&m, c->health == DOWN ? c->why : "");
	to(arg, &m);
	wad_msg_free(&m);
}

/* Fields as in FortiOS's own record of it. */
static void
log_change(const struct check *c)
{
	struct wad_log_rec r;

	wad_log_begin(&r, c->health == DOWN ? WAD_LOG_FORWARD_DOWN :
	    WAD_LOG_FORWARD_BACK);
	wad_log_str(&r, "fwserver_name", c->name);
	wad_log_str(&r, "addr_type", c->fqdn != NULL ? "fqdn" :
	    c->ip.family == AF_INET6 ? "ipv6" : "ip");
	if (c->fqdn == NULL)
		wad_log_ip(&r, "ip", &c->ip);
	wad_log_str(&r, "fqdn", c->fqdn);
	wad_log_u64(&r, "port", c->ip.port);
	wad_log_strf(&r, "msg", "forward-server %s is %s: %s", c->name,
	    c->health == DOWN ? "down" : "back", c->why);
	wad_log_end(&r);
}

static void
turn(struct check *c, enum health to)
{
	enum health from = c->health;

	if (from == to)
		return;
	c->health = to;
	c->since = wad_clock_wall();
	if (to == DOWN || from == DOWN)
		log_change(c);
	send_state(c, c->s->to_all, c->s->arg);
}

/* ---- one check ----------------------------------------------------------- */

static void
wait_ms(struct check *c, uint64_t ms)
{
	struct timeval tv = { (time_t)(ms / 1000),
		(suseconds_t)(ms % 1000) * 1000 };

	c->due = wad_clock_ms() + ms;
	evtimer_add(c->timer, &tv);
}

static void
hang_up(struct check *c)
{
	if (c->query != NULL)
		wad_dns_cancel(c->query);
	wad_race_cancel(c->race);
	if (c->io != NULL)
		event_free(c->io);
	if (c->fd != -1)
		close(c->fd);
	c->query = NULL;
	c->race = NULL;
	c->io = NULL;
	c->fd = -1;
}

static void
finish(struct check *c, bool ok)
{
	hang_up(c);
	c->running = false;
	c->last = wad_clock_wall();
	c->ms = wad_clock_ms() - c->began;
	c->n++;
	WAD_DBG(HTTP, WAD_I, "forward-server=%s health-check: %s", c->name,
	    c->why);
	if (ok) {
		WAD_COUNT(FORWARD_CHECK_OK);
		c->failures = 0;
		turn(c, UP);
	} else {
		WAD_COUNT(FORWARD_CHECK_FAILED);
		c->n_failed++;
		c->failures++;
		if (c->failures >= FAILURES)
			turn(c, DOWN);
	}
	wait_ms(c, ok || c->health == DOWN ? c->s->interval : AGAIN_MS);
}

static void __attribute__((format(printf, 2, 3)))
failed(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
	finish(c, false);
}

/* "HTTP/1.1 200 " (RFC 9112 section 4) */
int
wad_lookup_forward_answer(const char *in, size_t len, bool tunnel,
    unsigned *status)
{
	static const char form[] = "HTTP/1.0 000";	/* 0: any digit */
	size_t		  i;

	*status = 0;
	for (i = 0; i < len && i < STATUS_LEN; i++)
		if (form[i] == '0' ? in[i] < '0' || in[i] > '9' :
		    in[i] != form[i])
			return -1;
	if (len <= STATUS_LEN)
		return 0;
	if (in[i] != ' ' && in[i] != '\r' && in[i] != '\n')
		return -1;
	*status = (unsigned)((in[i - 3] - '0') * 100 +
	    (in[i - 2] - '0') * 10 + (in[i - 1] - '0'));
	if (tunnel)
		return *status / 100 == 2 ? 1 : -1;
	return *status >= 100 && *status < 400 ? 1 : -1;
}

static void
on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct check	*c = arg;
	ssize_t		 n = recv(fd, c->in + c->in_len,
	    sizeof(c->in) - c->in_len, 0);
	unsigned	 status;
	int		 r;

	(void)what;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		failed(c, "%s", strerror(errno));
		return;
	}
	if (n == 0) {
		failed(c, "ends the connection without an answer");
		return;
	}
	c->in_len += (size_t)n;
	r = wad_lookup_forward_answer(c->in, c->in_len, c->tunnel, &status);
	if (r == 0)
		return;
	if (status == 0) {
		failed(c, "does not answer as a proxy");
		return;
	}
	snprintf(c->why, sizeof(c->why), "answers %u", status);
	finish(c, r == 1);
}

static int
socket_for(void *arg, const struct wad_addr *a)
{
	(void)arg;
	return socket(a->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
}

static void
on_race(void *arg, int fd, const struct wad_addr *chosen, int err)
{
	struct check	*c = arg;
	ssize_t		 n, len = (ssize_t)strlen(c->request);

	(void)chosen;
	c->race = NULL;
	c->fd = fd;
	if (fd != -1) {			/* a new socket has room for it */
		n = send(fd, c->request, (size_t)len, MSG_NOSIGNAL);
		err = n == -1 ? errno : n < len ? ENOBUFS : 0;
	}
	if (err != 0) {
		failed(c, "%s", strerror(err));
		return;
	}
	c->in_len = 0;
	c->io = event_new(c->s->base, fd, EV_READ | EV_PERSIST, on_answer, c);
	WAD_ASSERT(c->io != NULL && event_add(c->io, NULL) == 0);
}

/* The limit is that of the whole check: the race has none before it. */
static void
dial(struct check *c, const struct wad_addr *to, size_t n)
{
	c->race = wad_race_start(c->s->base, to, n, WAD_RACE_STAGGER_MS,
	    2 * LIMIT_MS, socket_for, on_race, c);
}

static void
on_dns(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct check	*c = arg;
	struct wad_addr	 to[WAD_DNS_ADDRS_MAX];
	size_t		 i;

	c->query = NULL;
	if (n == 0) {
		failed(c, "%s: %s", c->fqdn, err != NULL ? err :
		    "no address");
		return;
	}
	for (i = 0; i < n && i < WAD_DNS_ADDRS_MAX; i++) {
		to[i] = addrs[i];
		to[i].port = c->ip.port;
	}
	dial(c, to, i);
}

static void
start(struct check *c)
{
	c->running = true;
	c->began = wad_clock_ms();
	wait_ms(c, LIMIT_MS);
	if (c->fqdn == NULL) {
		dial(c, &c->ip, 1);
		return;
	}
	c->query = wad_dns_ask(c->s->dns, c->fqdn, LIMIT_MS + 1000, on_dns,
	    c);
	if (c->query == NULL)
		failed(c, "too many names are being resolved");
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct check *c = arg;

	(void)fd, (void)what;
	if (c->running)
		failed(c, "no answer within %d seconds", LIMIT_MS / 1000);
	else
		start(c);
}

/* ---- all of them --------------------------------------------------------- */

static void
check_free(struct check *c)
{
	hang_up(c);
	event_free(c->timer);
	wad_list_remove(&c->link);
	explicit_bzero(c->request, strlen(c->request));
	free(c->request);
	free(c->name);
	free(c->monitor);
	free(c->fqdn);
	free(c);
}

static char *
request_of(const struct wad_forward_server *f)
{
	return wad_xasprintf("%s %s HTTP/1.1\r\nHost: %s\r\n"
	    "User-Agent: openwad\r\n%s%s%s%s\r\n", f->tunnel ? "CONNECT" :
	    "GET", f->target, f->target_host, f->tunnel ? "" :
	    "Accept: */*\r\nConnection: close\r\n", f->auth != NULL ?
	    "Proxy-Authorization: " : "", f->auth != NULL ? f->auth : "",
	    f->auth != NULL ? "\r\n" : "");
}

static struct check *
check_new(struct wad_checks *s, const struct wad_forward_server *f)
{
	struct check *c = wad_xcalloc(1, sizeof(*c));

	c->s = s;
	c->name = wad_xstrdup(f->name);
	c->monitor = wad_xstrdup(f->monitor);
	c->fqdn = f->ip.family == 0 ? wad_xstrdup(f->fqdn) : NULL;
	c->ip = f->ip;
	c->ip.port = f->port;
	c->tunnel = f->tunnel;
	c->request = request_of(f);
	c->fd = -1;
	c->timer = evtimer_new(s->base, on_timer, c);
	WAD_ASSERT(c->timer != NULL);
	return c;
}

static bool
is_same(const struct check *a, const struct check *b)
{
	return strcmp(a->name, b->name) == 0 &&
	    strcmp(a->request, b->request) == 0 &&
	    wad_addr_equal(&a->ip, &b->ip) && (a->fqdn == NULL) ==
	    (b->fqdn == NULL) && (a->fqdn == NULL ||
	    strcmp(a->fqdn, b->fqdn) == 0);
}

/* Moves what is the same as before to the new list. */
static bool
keep(struct wad_checks *s, struct wad_list *all, const struct check *fresh)
{
	struct wad_list	*l, *tmp;
	uint64_t	 now = wad_clock_ms();

	WAD_LIST_EACH(&s->all, l, tmp) {
		struct check *c = WAD_LIST_ENTRY(l, struct check, link);

		if (!is_same(c, fresh))
			continue;
		wad_list_remove(l);
		wad_list_append(all, l);
		if (!c->running && c->due > now + s->interval)
			wait_ms(c, s->interval);
		return true;
	}
	return false;
}

void
wad_lookup_forward_commit(struct wad_checks *s, const struct wad_conf *conf)
{
	struct wad_list all;

	wad_list_init(&all);
	s->interval = conf->settings.forward_check * 1000ULL;
	for (size_t i = 0; i < conf->n_forwards; i++) {
		struct check *c;

		if (!conf->forwards[i].check)
			continue;
		c = check_new(s, &conf->forwards[i]);
		wad_list_append(&all, &c->link);
		if (keep(s, &all, c))
			check_free(c);
		else
			wait_ms(c, 0);
	}
	while (!wad_list_empty(&s->all)) {
		struct check *c = WAD_LIST_ENTRY(s->all.next, struct check,
		    link);

		if (c->health == DOWN) {
			c->health = UNKNOWN;
			send_state(c, s->to_all, s->arg);
		}
		check_free(c);
	}
	while (!wad_list_empty(&all)) {
		struct wad_list *l = all.next;

		wad_list_remove(l);
		wad_list_append(&s->all, l);
	}
}

void
wad_lookup_forward_greet(struct wad_checks *s, wad_checks_send_fn *to,
    void *arg)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&s->all, l, tmp) {
		const struct check *c = WAD_LIST_ENTRY(l, struct check, link);

		if (c->health != UNKNOWN)
			send_state(c, to, arg);
	}
}

static void
add_ago(struct wad_str *out, const char *key, int64_t when)
{
	int64_t age = wad_clock_wall() - when;

	if (when != 0)
		wad_str_addf(out, " %s=%" PRId64 "s", key, age > 0 ? age : 0);
}

void
wad_lookup_forward_list(struct wad_checks *s, struct wad_str *out)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&s->all, l, tmp) {
		const struct check *c = WAD_LIST_ENTRY(l, struct check, link);

		/* a query may hold a secret */
		wad_str_addf(out, "health check: name=%s monitor=%.*s "
		    "state=%s", c->name, (int)strcspn(c->monitor, "?"),
		    c->monitor, healths[c->health]);
		add_ago(out, "since", c->since);
		add_ago(out, "last", c->last);
		wad_str_addf(out, " took=%" PRIu64 "ms checks=%" PRIu64
		    " failed=%" PRIu64 "%s%s\n", c->ms, c->n, c->n_failed,
		    c->why[0] != '\0' ? " result=" : "", c->why);
	}
}

void
wad_lookup_forward_tell(struct wad_checks *s)
{
	struct wad_list	*l, *tmp;
	unsigned	 n[] = { [UNKNOWN] = 0, [UP] = 0, [DOWN] = 0 };

	WAD_LIST_EACH(&s->all, l, tmp)
		n[WAD_LIST_ENTRY(l, struct check, link)->health]++;
	WAD_GAUGE_SET(FORWARDS_UP, n[UP]);
	WAD_GAUGE_SET(FORWARDS_DOWN, n[DOWN]);
	WAD_GAUGE_SET(FORWARDS_UNKNOWN, n[UNKNOWN]);
}

struct wad_checks *
wad_lookup_forward_open(struct event_base *base, struct wad_dns *dns,
    wad_checks_send_fn *to_all, void *arg)
{
	struct wad_checks *s = wad_xcalloc(1, sizeof(*s));

	s->base = base;
	s->dns = dns;
	s->to_all = to_all;
	s->arg = arg;
	wad_list_init(&s->all);
	return s;
}
