/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server of the page of metrics: HTTP/1.1, one request per connection.
 * Who may ask is in the configuration; how many at once, how much and how
 * long is bounded here, because who reaches the port need not be Prometheus.
 */
#include "export/export.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/stats.h"
#include "base/xmem.h"
#include "http/h1_head.h"

enum { SCRAPES_MAX = 16, REQUEST_MS = 5000, ANSWER_MS = 30000,
	LINGER_MS = 2000, PAUSE_MS = 100, BURST = 16 };

static const struct wad_http_limits limits = {
	.line_max = 4096, .head_max = 8192, .fields_max = 100,
};

struct scrape;

struct wad_metrics {
	struct wad_export *x;
	int		 fd;		/* -1: nobody listens */
	struct event	*accept, *again;
	struct wad_list	 scrapes;	/* oldest first */
	unsigned	 n;
};

/* One connection. */
struct scrape {
	struct wad_list	 all;
	struct wad_metrics *m;
	int		 fd;
	struct event	*ev;
	short		 waits;		/* for EV_READ or EV_WRITE; 0: new */
	uint64_t	 until;		/* ms */
	struct wad_h1_head scan;
	struct wad_http_head req;
	struct wad_str	 in, out;
	size_t		 sent;
	bool		 lingers;	/* all is sent; until the client ends */
};

static void	on_scrape(evutil_socket_t, short, void *);

static void
scrape_free(struct scrape *s)
{
	event_free(s->ev);
	close(s->fd);
	wad_http_head_free(&s->req);
	wad_str_free(&s->in);
	wad_str_free(&s->out);
	wad_list_remove(&s->all);
	s->m->n--;
	free(s);
}

/* Waits for this until the deadline of the step. */
static void
wait_for(struct scrape *s, short what)
{
	uint64_t	now = wad_clock_ms();
	uint64_t	left = s->until > now ? s->until - now : 0;
	struct timeval	tv = { .tv_sec = (time_t)(left / 1000),
			    .tv_usec = (suseconds_t)(left % 1000) * 1000 };

	if (s->waits != what) {
		event_del(s->ev);
		event_assign(s->ev, s->m->x->base, s->fd, what, on_scrape, s);
		s->waits = what;
	}
	event_add(s->ev, &tv);
}

/* ---- the answer ---------------------------------------------------------- */

/* RFC 9110 section 15; more is a header line or "". */
static void
answer(struct scrape *s, unsigned status, const char *more, const char *type,
    const struct wad_str *body)
{
	wad_str_addf(&s->out, "HTTP/1.1 %u %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n%sCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
	    status, wad_http_phrase(status), type, body->len, more);
	if (strcmp(s->req.method, "HEAD") != 0)
		wad_str_addn(&s->out, body->s, body->len);
	s->until = wad_clock_ms() + ANSWER_MS;
}

static void
refuse(struct scrape *s, unsigned status, const char *more, const char *why)
{
	struct wad_str body = { 0 };

	WAD_COUNT(SCRAPES_BAD);
	wad_str_addf(&body, "%s\n", why);
	answer(s, status, more, "text/plain; charset=utf-8", &body);
	wad_str_free(&body);
}

static void
answer_request(struct scrape *s)
{
	static const char	 path[] = "/metrics";
	const char		*asked = wad_http_text(&s->req, s->req.path);
	size_t			 len = strcspn(asked, "?");
	struct wad_str		 body = { 0 };

	if (strcmp(s->req.method, "GET") != 0 &&
	    strcmp(s->req.method, "HEAD") != 0) {
		refuse(s, 405, "Allow: GET, HEAD\r\n",
		    "only GET and HEAD are served here");
		return;
	}
	if (len != sizeof(path) - 1 || memcmp(asked, path, len) != 0) {
		refuse(s, 404, "", "there is only /metrics here");
		return;
	}
	WAD_COUNT(SCRAPES);
	wad_metrics_print(s->m->x, &body);
	answer(s, 200, "", "text/plain; version=0.0.4; charset=utf-8", &body);
	wad_str_free(&body);
}

/* ---- a connection -------------------------------------------------------- */

/* Sends what there is; false when the connection is over. */
static bool
push(struct scrape *s)
{
	ssize_t n;

	while (s->sent < s->out.len) {
		n = send(s->fd, s->out.s + s->sent, s->out.len - s->sent,
		    MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			return false;
		if (n == -1) {
			wait_for(s, EV_WRITE);
			return true;
		}
		s->sent += (size_t)n;
	}
	/* what still comes is read, so that no RST overtakes the answer */
	(void)shutdown(s->fd, SHUT_WR);
	wad_str_free(&s->out);
	s->sent = 0;
	s->lingers = true;
	s->until = wad_clock_ms() + LINGER_MS;
	wait_for(s, EV_READ);
	return true;
}

/* Reads on; false when the connection is over. */
static bool
pull(struct scrape *s)
{
	char	buf[4096];
	ssize_t n = recv(s->fd, buf, sizeof(buf), 0);
	int	rc;

	if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
		wait_for(s, EV_READ);
		return true;
	}
	if (n <= 0)
		return false;
	if (s->lingers) {
		wait_for(s, EV_READ);
		return true;
	}
	wad_str_addn(&s->in, buf, (size_t)n);
	rc = wad_h1_head_scan(&s->scan, s->in.s, s->in.len);
	if (rc == 0) {
		wait_for(s, EV_READ);
		return true;
	}
	if (rc == 1)
		rc = wad_h1_head_parse(&s->scan, s->in.s, &s->req);
	if (rc == -1)
		refuse(s, s->scan.status, "", s->scan.error);
	else
		answer_request(s);
	return push(s);
}

static void
on_scrape(evutil_socket_t fd, short what, void *arg)
{
	struct scrape	*s = arg;
	bool		 goes_on = false;

	(void)fd;
	if (what & EV_TIMEOUT) {
		if (!s->lingers)
			WAD_COUNT(SCRAPES_BAD);
	} else
		goes_on = s->waits == EV_WRITE ? push(s) : pull(s);
	if (!goes_on)
		scrape_free(s);
}

static bool
may_ask(const struct wad_conf *conf, const struct wad_addr *src)
{
	const struct wad_conf_metrics *c = &conf->metrics;

	for (size_t i = 0; i < c->n_sources; i++)
		if (wad_prefix_holds(&c->sources[i], src))
			return true;
	return c->n_sources == 0;
}

/* When all places are taken, who has held one longest goes: a client that is
 * slow on purpose keeps nobody out. */
static void
scrape_new(struct wad_metrics *m, int fd)
{
	struct scrape *s;

	if (m->n == SCRAPES_MAX) {
		WAD_COUNT(SCRAPES_BAD);
		scrape_free(WAD_LIST_ENTRY(m->scrapes.next, struct scrape,
		    all));
	}
	s = wad_xcalloc(1, sizeof(*s));
	s->m = m;
	s->fd = fd;
	wad_h1_head_begin(&s->scan, WAD_H1_REQUEST, &limits);
	s->until = wad_clock_ms() + REQUEST_MS;
	s->ev = event_new(m->x->base, fd, EV_READ, on_scrape, s);
	WAD_ASSERT(s->ev != NULL);
	wad_list_append(&m->scrapes, &s->all);
	m->n++;
	wait_for(s, EV_READ);
}

/* ---- the listener -------------------------------------------------------- */

static void
on_accept(evutil_socket_t lfd, short what, void *arg)
{
	static const struct timeval	 pause = { .tv_usec = PAUSE_MS * 1000 };
	struct wad_metrics		*m = arg;

	(void)what;
	for (int i = 0; i < BURST; i++) {
		struct sockaddr_storage	 ss;
		socklen_t		 len = sizeof(ss);
		struct wad_addr		 src;
		int			 fd;

		fd = accept4((int)lfd, (struct sockaddr *)&ss, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1 && (errno == EMFILE || errno == ENFILE ||
		    errno == ENOMEM || errno == ENOBUFS)) {
			event_del(m->accept);
			event_add(m->again, &pause);
		}
		if (fd == -1)
			return;
		if (m->x->conf == NULL || wad_addr_from_sockaddr(&src,
		    (struct sockaddr *)&ss) == -1 ||
		    !may_ask(m->x->conf, &src)) {
			WAD_COUNT(SCRAPES_BAD);
			close(fd);
			continue;
		}
		scrape_new(m, fd);
	}
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct wad_metrics *m = arg;

	(void)fd;
	(void)what;
	if (m->accept != NULL)
		event_add(m->accept, NULL);
}

struct wad_metrics *
wad_metrics_new(struct wad_export *x)
{
	struct wad_metrics *m = wad_xcalloc(1, sizeof(*m));

	m->x = x;
	m->fd = -1;
	m->again = evtimer_new(x->base, on_again, m);
	WAD_ASSERT(m->again != NULL);
	wad_list_init(&m->scrapes);
	return m;
}

void
wad_metrics_listen(struct wad_metrics *m, int fd)
{
	if (m->accept != NULL)
		event_free(m->accept);
	m->accept = NULL;
	event_del(m->again);
	if (m->fd != -1)
		close(m->fd);
	m->fd = fd;
	if (fd == -1)
		return;
	m->accept = event_new(m->x->base, fd, EV_READ | EV_PERSIST, on_accept,
	    m);
	WAD_ASSERT(m->accept != NULL);
	event_add(m->accept, NULL);
}

void
wad_metrics_free(struct wad_metrics *m)
{
	if (m == NULL)
		return;
	while (!wad_list_empty(&m->scrapes))
		scrape_free(WAD_LIST_ENTRY(m->scrapes.next, struct scrape,
		    all));
	wad_metrics_listen(m, -1);
	event_free(m->again);
	free(m);
}
