/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a log server.
 *
 *	waiting -> resolving -> connecting -> handshake -> up -> waiting ...
 *
 * UDP is up as soon as there is a socket; an ICMP error takes it down.  Over
 * TCP a message that was not given to the kernel whole is sent again, from
 * its beginning, by the next connection.
 */
#include "export/syslog_conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/xmem.h"
#include "export/syslog_tls.h"
#include "port/race.h"

enum {
	RETRY_MIN = 1000, RETRY_MAX = 30000,
	STABLE = 10000,		/* ms up: the next outage waits RETRY_MIN */
	RESOLVE = 5000, CONNECT = 10000, HANDSHAKE = 10000,
	DEAD = 60000,		/* ms without a sign of the other end */
	BATCH = 16 * 1024,	/* written at once: a TLS record */
	TURNS = 64,		/* batches, messages in one turn of the loop */
	JUNK_MAX = 1 << 20,	/* bytes a server may say on one connection */
	WHY = 160
};
#define CONN_MAGIC	0x73796c63u

struct wad_syslog_conn {
	unsigned	 magic;
	struct event_base *base;
	struct wad_dns	*dns;
	struct wad_syslog_queue *q;
	const struct wad_syslog_conn_ops *ops;
	void		*arg;
	/* where to */
	char		 host[WAD_HOST_MAX];
	uint16_t	 port;
	enum wad_syslog_mode mode;
	struct wad_addr	 source;
	unsigned	 max_rate;	/* MB/s; 0: no bound */
	SSL_CTX		*ctx;
	/* how it goes */
	enum wad_syslog_state state;
	uint64_t	 since, retry_at;
	unsigned	 wait;		/* ms, before the next try */
	struct event	*timer;		/* a try, or the end of a handshake */
	struct wad_dns_query *query;
	struct wad_race	*race;
	int		 fd;
	struct event	*ev_read, *ev_write;
	SSL		*ssl;
	char		 peer[WAD_ADDR_STRLEN];
	/* The batch on its way.  done: bytes written since the beginning of the
	 * first message of the queue. */
	struct wad_str	 batch;
	size_t		 off, done;
	size_t		 junk;		/* bytes that came back */
	/* max-log-rate */
	int64_t		 allowance;	/* bytes */
	uint64_t	 counted;	/* ms */
};

static void	on_io(evutil_socket_t, short, void *);

static void
enter(struct wad_syslog_conn *c, enum wad_syslog_state s)
{
	c->state = s;
	c->since = wad_clock_ms();
}

static void
arm(struct wad_syslog_conn *c, unsigned ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	evtimer_add(c->timer, &tv);
}

/* Everything of this connection ends; the queue stays. */
static void
hang_up(struct wad_syslog_conn *c)
{
	if (c->query != NULL)
		wad_dns_cancel(c->query);
	wad_race_cancel(c->race);
	if (c->ssl != NULL && c->state == WAD_SYSLOG_UP)
		(void)SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	if (c->ev_read != NULL)
		event_free(c->ev_read);
	if (c->ev_write != NULL)
		event_free(c->ev_write);
	if (c->fd != -1)
		close(c->fd);
	evtimer_del(c->timer);
	c->query = NULL;
	c->race = NULL;
	c->ssl = NULL;
	c->ev_read = c->ev_write = NULL;
	c->fd = -1;
	c->peer[0] = '\0';
	c->off = c->done = c->junk = 0;
	wad_str_free(&c->batch);
	memset(&c->batch, 0, sizeof(c->batch));
}

static void
fail(struct wad_syslog_conn *c, const char *why)
{
	char	text[WHY];

	snprintf(text, sizeof(text), "%s", why);
	if (c->state == WAD_SYSLOG_UP &&
	    wad_clock_ms() - c->since >= STABLE)
		c->wait = RETRY_MIN;
	hang_up(c);
	enter(c, WAD_SYSLOG_WAITING);
	c->retry_at = c->since + c->wait;
	arm(c, c->wait);
	c->wait = c->wait * 2 < RETRY_MAX ? c->wait * 2 : RETRY_MAX;
	c->ops->changed(c->arg, text);
}

static void
up(struct wad_syslog_conn *c)
{
	evtimer_del(c->timer);
	enter(c, WAD_SYSLOG_UP);
	c->ops->changed(c->arg, NULL);
	wad_syslog_conn_send(c);
}

/* ---- sending ------------------------------------------------------------- */

static void
more_later(struct wad_syslog_conn *c)
{
	if (!event_pending(c->ev_write, EV_WRITE, NULL))
		event_add(c->ev_write, NULL);
}

/* The first message of the queue is done with. */
static void
drop(struct wad_syslog_conn *c, bool sent)
{
	c->ops->done(c->arg, wad_syslog_queue_first(c->q), sent);
	wad_syslog_queue_drop(c->q);
}

/* May something go now?  max-log-rate is in megabytes a second. */
static bool
allowed(struct wad_syslog_conn *c)
{
	uint64_t now = wad_clock_ms(), ms = now - c->counted;
	int64_t	 most = (int64_t)c->max_rate * 250000;	/* at once */

	if (c->max_rate == 0)
		return true;
	c->counted = now;
	c->allowance += (int64_t)(ms < 1000 ? ms : 1000) * c->max_rate * 1000;
	if (c->allowance > most)
		c->allowance = most;
	return c->allowance > 0;
}

static void
spend(struct wad_syslog_conn *c, size_t n)
{
	if (c->max_rate != 0)
		c->allowance -= (int64_t)n;
}

static void
send_udp(struct wad_syslog_conn *c)
{
	const struct wad_syslog_msg	*m;
	int				 i;

	for (i = 0; i < TURNS && (m = wad_syslog_queue_first(c->q)) != NULL &&
	    allowed(c); i++) {
		ssize_t n = send(c->fd, m->text, m->len, 0);

		if (n == -1 && (errno == EAGAIN || errno == ENOBUFS))
			return more_later(c);
		if (n == -1 && errno != EMSGSIZE)
			return fail(c, strerror(errno));
		spend(c, m->len);
		drop(c, n != -1);
	}
	if (i == TURNS)
		more_later(c);
}

/* What surrounds a message in a stream: RFC 6587 section 3.4.1 (and RFC 5425
 * section 4.3) or a line end (3.4.2); its size. */
static size_t
frame(const struct wad_syslog_conn *c, const struct wad_syslog_msg *m,
    struct wad_str *out)
{
	char	count[16] = "";
	int	n = c->mode == WAD_SYSLOG_LEGACY ? 0 :
		    snprintf(count, sizeof(count), "%u ", (unsigned)m->len);

	if (out != NULL) {
		wad_str_addn(out, count, (size_t)n);
		wad_str_addn(out, m->text, m->len);
		if (n == 0)
			wad_str_addn(out, "\n", 1);
	}
	return m->len + (n == 0 ? 1 : (size_t)n);
}

static void
fill(struct wad_syslog_conn *c)
{
	const struct wad_syslog_msg	*m;
	size_t				 at = 0;

	c->batch.len = c->off = 0;
	while (c->batch.len < BATCH &&
	    (m = wad_syslog_queue_walk(c->q, &at)) != NULL)
		(void)frame(c, m, &c->batch);
}

/* > 0 written, 0 later, -1 failed. */
static ssize_t
put(struct wad_syslog_conn *c, const char *p, size_t len)
{
	char	why[WHY];
	ssize_t n;
	int	e;

	errno = 0;
	if (c->ssl == NULL) {
		n = write(c->fd, p, len);
		if (n == -1 && errno == EAGAIN)
			return more_later(c), 0;
		if (n == -1)
			fail(c, strerror(errno));
		return n;
	}
	ERR_clear_error();
	n = SSL_write(c->ssl, p, (int)len);
	if (n > 0)
		return n;
	e = SSL_get_error(c->ssl, (int)n);
	if (e == SSL_ERROR_WANT_WRITE)
		more_later(c);
	if (e == SSL_ERROR_WANT_WRITE || e == SSL_ERROR_WANT_READ)
		return 0;
	wad_syslog_tls_why(c->ssl, why, sizeof(why));
	fail(c, why);
	return -1;
}

static void
send_stream(struct wad_syslog_conn *c)
{
	const struct wad_syslog_msg	*m;
	ssize_t				 n;
	size_t				 len;

	for (int i = 0; i < TURNS; i++) {
		if (c->off == c->batch.len) {
			if (!allowed(c))
				return;		/* the tick comes again */
			fill(c);
		}
		if (c->batch.len == 0)
			return;
		n = put(c, c->batch.s + c->off, c->batch.len - c->off);
		if (n <= 0)
			return;
		c->off += (size_t)n;
		c->done += (size_t)n;
		spend(c, (size_t)n);
		while ((m = wad_syslog_queue_first(c->q)) != NULL &&
		    (len = frame(c, m, NULL)) <= c->done) {
			c->done -= len;
			drop(c, true);
		}
	}
	more_later(c);
}

/* ---- what comes back ----------------------------------------------------- */

static void
handshake(struct wad_syslog_conn *c)
{
	char	why[WHY];
	int	rc, e;

	errno = 0;
	ERR_clear_error();
	rc = SSL_do_handshake(c->ssl);
	if (rc == 1) {
		up(c);
		return;
	}
	e = SSL_get_error(c->ssl, rc);
	if (e == SSL_ERROR_WANT_WRITE)
		more_later(c);
	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
		return;
	wad_syslog_tls_why(c->ssl, why, sizeof(why));
	fail(c, why);
}

/* A log server has nothing to say but its end; the rest is thrown away, and
 * who does not stop is hung up on.
 * False when it failed. */
static bool
drain(struct wad_syslog_conn *c)
{
	char	junk[4096], why[WHY];
	ssize_t n;
	int	e;

	for (int i = 0; i < 16; i++) {
		errno = 0;
		ERR_clear_error();
		n = c->ssl != NULL ? SSL_read(c->ssl, junk, sizeof(junk)) :
		    recv(c->fd, junk, sizeof(junk), 0);
		c->junk += n > 0 ? (size_t)n : 0;
		if (c->junk > JUNK_MAX && c->mode != WAD_SYSLOG_UDP) {
			fail(c, "it sends data without end");
			return false;
		}
		if (n > 0 || (n == 0 && c->mode == WAD_SYSLOG_UDP))
			continue;
		if (c->ssl == NULL) {
			if (n == -1 && errno == EAGAIN)
				return true;
			fail(c, n == 0 ? "it closed the connection" :
			    strerror(errno));
			return false;
		}
		e = SSL_get_error(c->ssl, (int)n);
		if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
			return true;
		if (e == SSL_ERROR_ZERO_RETURN)
			snprintf(why, sizeof(why), "it closed the connection");
		else
			wad_syslog_tls_why(c->ssl, why, sizeof(why));
		fail(c, why);
		return false;
	}
	return true;
}

/* What the other end did is looked at first: after its end the kernel would
 * still take what nobody reads any more. */
void
wad_syslog_conn_send(struct wad_syslog_conn *c)
{
	WAD_CHECK(c, CONN_MAGIC);
	if (c->state != WAD_SYSLOG_UP || !drain(c))
		return;
	if (c->mode == WAD_SYSLOG_UDP)
		send_udp(c);
	else
		send_stream(c);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct wad_syslog_conn *c = arg;

	(void)fd;
	(void)what;
	WAD_CHECK(c, CONN_MAGIC);
	if (c->state == WAD_SYSLOG_HANDSHAKE)
		handshake(c);
	else
		wad_syslog_conn_send(c);
}

/* ---- the way there ------------------------------------------------------- */

/* A socket for this address; for stream also the answer to a race. */
static int
socket_for(void *arg, const struct wad_addr *a)
{
	struct wad_syslog_conn	*c = arg;
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	int			 type = c->mode == WAD_SYSLOG_UDP ?
				    SOCK_DGRAM : SOCK_STREAM, e;
	int			 fd = socket(a->family, type | SOCK_NONBLOCK |
				    SOCK_CLOEXEC, 0);

	if (fd == -1 || c->source.family != a->family)
		return fd;
	len = wad_addr_to_sockaddr(&c->source, &ss);
	if (bind(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

static void
set_int(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* fd is taken over. */
static void
connected(struct wad_syslog_conn *c, int fd, const struct wad_addr *a)
{
	struct wad_addr to = *a;

	c->fd = fd;
	to.port = c->port;
	wad_addr_str(&to, c->peer);
	c->ev_read = event_new(c->base, fd, EV_READ | EV_PERSIST, on_io, c);
	c->ev_write = event_new(c->base, fd, EV_WRITE, on_io, c);
	WAD_ASSERT(c->ev_read != NULL && c->ev_write != NULL);
	event_add(c->ev_read, NULL);
	if (c->mode == WAD_SYSLOG_UDP) {
		up(c);
		return;
	}
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, DEAD / 2000);
	set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, DEAD / 6000);
	set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD);
	if (c->ctx == NULL) {
		up(c);
		return;
	}
	c->ssl = wad_syslog_tls_open(c->ctx, fd, c->host);
	enter(c, WAD_SYSLOG_HANDSHAKE);
	arm(c, HANDSHAKE);
	handshake(c);
}

static void
on_race(void *arg, int fd, const struct wad_addr *chosen, int err)
{
	struct wad_syslog_conn *c = arg;

	c->race = NULL;
	if (fd == -1)
		fail(c, strerror(err));
	else
		connected(c, fd, chosen);
}

static void
open_udp(struct wad_syslog_conn *c, const struct wad_addr *a)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = wad_addr_to_sockaddr(a, &ss);
	int			 fd = socket_for(c, a);

	if (fd == -1 || connect(fd, (struct sockaddr *)&ss, len) == -1) {
		int e = errno;

		if (fd != -1)
			close(fd);
		fail(c, strerror(e));
		return;
	}
	connected(c, fd, a);
}

static void
on_resolved(void *arg, const struct wad_addr *addrs, size_t n,
    const char *err)
{
	struct wad_syslog_conn	*c = arg;
	struct wad_addr		 to[WAD_DNS_ADDRS_MAX];
	char			 why[WHY];
	size_t			 k = 0;

	c->query = NULL;
	for (size_t i = 0; i < n && k < WAD_DNS_ADDRS_MAX; i++)
		if (c->source.family == 0 ||
		    c->source.family == addrs[i].family) {
			to[k] = addrs[i];
			to[k++].port = c->port;
		}
	if (k == 0) {
		snprintf(why, sizeof(why), "no address of %.80s: %s", c->host,
		    n > 0 ? "none of the family of source-ip" : err);
		fail(c, why);
		return;
	}
	enter(c, WAD_SYSLOG_CONNECTING);
	if (c->mode == WAD_SYSLOG_UDP)
		open_udp(c, &to[0]);
	else
		c->race = wad_race_start(c->base, to, k, WAD_RACE_STAGGER_MS,
		    CONNECT, socket_for, on_race, c);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct wad_syslog_conn *c = arg;

	(void)fd;
	(void)what;
	WAD_CHECK(c, CONN_MAGIC);
	if (c->state == WAD_SYSLOG_HANDSHAKE) {
		fail(c, "the TLS handshake took too long");
		return;
	}
	enter(c, WAD_SYSLOG_RESOLVING);
	c->query = wad_dns_ask(c->dns, c->host, RESOLVE, on_resolved, c);
	if (c->query == NULL)
		fail(c, "too many names are being looked up");
}

/* ---- for the owner ------------------------------------------------------- */

struct wad_syslog_conn *
wad_syslog_conn_new(struct event_base *base, struct wad_dns *dns,
    struct wad_syslog_queue *q, const struct wad_syslog_conn_ops *ops,
    void *arg)
{
	struct wad_syslog_conn *c = wad_xcalloc(1, sizeof(*c));

	c->magic = CONN_MAGIC;
	c->base = base;
	c->dns = dns;
	c->q = q;
	c->ops = ops;
	c->arg = arg;
	c->fd = -1;
	c->wait = RETRY_MIN;
	c->timer = evtimer_new(base, on_timer, c);
	WAD_ASSERT(c->timer != NULL);
	return c;
}

void
wad_syslog_conn_free(struct wad_syslog_conn *c)
{
	if (c == NULL)
		return;
	WAD_CHECK(c, CONN_MAGIC);
	hang_up(c);
	event_free(c->timer);
	SSL_CTX_free(c->ctx);
	c->magic = 0;
	free(c);
}

void
wad_syslog_conn_configure(struct wad_syslog_conn *c,
    const struct wad_conf_syslog *s, const char *host, SSL_CTX *ctx,
    bool again)
{
	WAD_CHECK(c, CONN_MAGIC);
	if (ctx != NULL)
		SSL_CTX_up_ref(ctx);
	SSL_CTX_free(c->ctx);
	c->ctx = ctx;
	c->max_rate = s->max_rate;
	if (!again)
		return;
	hang_up(c);
	snprintf(c->host, sizeof(c->host), "%s", host);
	c->port = s->port;
	c->mode = s->mode;
	c->source = s->source_ip;
	c->source.port = 0;
	c->wait = RETRY_MIN;
	enter(c, WAD_SYSLOG_WAITING);
	c->retry_at = c->since;
	arm(c, 0);
}

enum wad_syslog_state
wad_syslog_conn_state(const struct wad_syslog_conn *c)
{
	return c->state;
}

const char *
wad_syslog_conn_peer(const struct wad_syslog_conn *c)
{
	return c->peer;
}

uint64_t
wad_syslog_conn_since(const struct wad_syslog_conn *c)
{
	return c->since;
}

uint64_t
wad_syslog_conn_retry(const struct wad_syslog_conn *c)
{
	return c->state == WAD_SYSLOG_WAITING ? c->retry_at : 0;
}
