/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A race of connections for the explicit proxy: the names of the internet
 * have IPv6 and IPv4 addresses, and one family is often broken where the
 * other works.
 *
 * A race owns its attempts and their sockets until one of them wins; then
 * the winner's socket goes to the callback and all else is closed.
 */
#include "port/race.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/xmem.h"

#define RACE_MAGIC	0x72616365u

struct attempt {
	struct wad_race	*race;
	struct event	*ev;		/* writable: connected or failed */
	int		 fd;		/* -1: not open */
};

struct wad_race {
	unsigned	 magic;
	struct event_base *base;
	struct wad_addr	 addr[WAD_RACE_ADDRS_MAX];
	struct attempt	 attempt[WAD_RACE_ADDRS_MAX];
	size_t		 n, next, open;
	struct timeval	 stagger;
	struct event	*next_ev, *deadline_ev;
	int		 err;		/* the most telling so far */
	size_t		 err_at;
	wad_race_socket_fn *socket_for;
	wad_race_fn	*fn;
	void		*arg;
};

static void	on_next(evutil_socket_t, short, void *);
static void	on_deadline(evutil_socket_t, short, void *);
static void	on_writable(evutil_socket_t, short, void *);

static struct timeval
ms_to_tv(unsigned ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
	    .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

struct wad_race *
wad_race_start(struct event_base *base, const struct wad_addr *addrs,
    size_t n, unsigned stagger_ms, unsigned timeout_ms,
    wad_race_socket_fn *socket_for, wad_race_fn *fn, void *arg)
{
	struct wad_race	*r = wad_xcalloc(1, sizeof(*r));
	struct timeval	 now = { 0, 0 }, deadline = ms_to_tv(timeout_ms);

	r->magic = RACE_MAGIC;
	r->base = base;
	r->n = n < WAD_RACE_ADDRS_MAX ? n : WAD_RACE_ADDRS_MAX;
	if (r->n > 0)
		memcpy(r->addr, addrs, r->n * sizeof(r->addr[0]));
	for (size_t i = 0; i < WAD_RACE_ADDRS_MAX; i++) {
		r->attempt[i].race = r;
		r->attempt[i].fd = -1;
	}
	r->stagger = ms_to_tv(stagger_ms);
	r->socket_for = socket_for;
	r->fn = fn;
	r->arg = arg;
	r->next_ev = evtimer_new(base, on_next, r);
	r->deadline_ev = evtimer_new(base, on_deadline, r);
	WAD_ASSERT(r->next_ev != NULL && r->deadline_ev != NULL);
	evtimer_add(r->next_ev, &now);
	evtimer_add(r->deadline_ev, &deadline);
	return r;
}

static void
attempt_close(struct attempt *a)
{
	if (a->ev != NULL)
		event_free(a->ev);
	a->ev = NULL;
	if (a->fd != -1) {
		close(a->fd);
		a->race->open--;
	}
	a->fd = -1;
}

void
wad_race_cancel(struct wad_race *r)
{
	if (r == NULL)
		return;
	WAD_CHECK(r, RACE_MAGIC);
	for (size_t i = 0; i < r->n; i++)
		attempt_close(&r->attempt[i]);
	event_free(r->next_ev);
	event_free(r->deadline_ev);
	r->magic = 0;
	free(r);
}

/* The last thing that is done with a race. */
static void
finish(struct wad_race *r, int fd, size_t at, int err)
{
	wad_race_fn	*fn = r->fn;
	void		*arg = r->arg;
	struct wad_addr	 chosen = r->addr[at];
	bool		 any = r->next > 0;

	wad_race_cancel(r);
	fn(arg, fd, any ? &chosen : NULL, err);
}

/* An answer of the server says more than silence, silence more than a way
 * that we do not have. */
static int
telling(int err)
{
	switch (err) {
	case 0:
		return 0;
	case ECONNREFUSED:
	case ECONNRESET:
		return 5;
	case ETIMEDOUT:
		return 4;
	case EHOSTUNREACH:
		return 3;
	case ENETUNREACH:
	case EAFNOSUPPORT:
	case EADDRNOTAVAIL:
		return 1;
	default:
		return 2;
	}
}

static void
wad_race_failed(struct wad_race *r, size_t at, int err)
{
	char text[WAD_ADDR_STRLEN];

	WAD_DBG(SESSION, WAD_I, "%s failed: %s",
	    wad_addr_str(&r->addr[at], text), strerror(err));
	if (telling(err) > telling(r->err)) {
		r->err = err;
		r->err_at = at;
	}
}

/* Starts the attempt; 1 connected already, 0 under way, -1 failed. */
static int
wad_race_attempt(struct wad_race *r, size_t at)
{
	struct attempt		*a = &r->attempt[at];
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	char			 text[WAD_ADDR_STRLEN];

	WAD_DBG(SESSION, WAD_I, "try %zu of %zu: %s", at + 1, r->n,
	    wad_addr_str(&r->addr[at], text));
	a->fd = r->socket_for(r->arg, &r->addr[at]);
	if (a->fd == -1) {
		wad_race_failed(r, at, errno);
		return -1;
	}
	r->open++;
	len = wad_addr_to_sockaddr(&r->addr[at], &ss);
	if (connect(a->fd, (struct sockaddr *)&ss, len) == 0)
		return 1;
	/* EINTR: the kernel goes on connecting. */
	if (errno != EINPROGRESS && errno != EINTR) {
		wad_race_failed(r, at, errno);
		attempt_close(a);
		return -1;
	}
	a->ev = event_new(r->base, a->fd, EV_WRITE, on_writable, a);
	if (a->ev == NULL || event_add(a->ev, NULL) == -1) {
		wad_race_failed(r, at, ENOMEM);
		attempt_close(a);
		return -1;
	}
	return 0;
}

static void
win(struct attempt *a)
{
	struct wad_race	*r = a->race;
	int		 fd = a->fd;

	/* Out of the race before the rest is closed. */
	event_del(r->next_ev);
	if (a->ev != NULL)
		event_free(a->ev);
	a->ev = NULL;
	a->fd = -1;
	r->open--;
	finish(r, fd, (size_t)(a - r->attempt), 0);
}

/* Starts the next attempt, those after it while they fail at once. */
static void
advance(struct wad_race *r)
{
	while (r->next < r->n) {
		size_t at = r->next++;

		switch (wad_race_attempt(r, at)) {
		case 1:
			win(&r->attempt[at]);
			return;
		case 0:
			if (r->next < r->n)
				evtimer_add(r->next_ev, &r->stagger);
			return;
		default:
			break;
		}
	}
	if (r->open == 0)
		finish(r, -1, r->err_at, r->err != 0 ? r->err : EHOSTUNREACH);
}

static void
on_next(evutil_socket_t fd, short what, void *arg)
{
	struct wad_race *r = arg;

	(void)fd;
	(void)what;
	WAD_CHECK(r, RACE_MAGIC);
	advance(r);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct wad_race	*r = arg;
	size_t		 at = 0;

	(void)fd;
	(void)what;
	WAD_CHECK(r, RACE_MAGIC);
	/* The first that still hangs is the one to name. */
	while (at < r->n && r->attempt[at].fd == -1)
		at++;
	finish(r, -1, at < r->n ? at : 0, ETIMEDOUT);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct attempt	*a = arg;
	struct wad_race	*r = a->race;
	socklen_t	 len;
	int		 err = 0;

	(void)what;
	WAD_CHECK(r, RACE_MAGIC);
	len = sizeof(err);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == -1)
		err = errno;
	if (err == 0) {
		win(a);
		return;
	}
	wad_race_failed(r, (size_t)(a - r->attempt), err);
	attempt_close(a);
	event_del(r->next_ev);
	advance(r);
}
