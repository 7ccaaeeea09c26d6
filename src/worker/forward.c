/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other proxies, see forward.h.
 */
#include "worker/forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/log.h"
#include "base/xmem.h"
#include "http/h1_head.h"
#include "worker/session.h"
#include "worker/worker.h"

enum { ADDRS_MAX = 8, DOWN_MS = 10000 };

/* of an answer to CONNECT */
static const struct wad_http_limits limits = {
	.line_max = 4096, .head_max = 16384, .fields_max = 100,
};

struct wad_forward {
	const struct wad_forward_server	*first;	/* by url-match, or policy */
	const struct wad_forward_group	*group;
	const struct wad_forward_server	*server;	/* NULL: direct */
	struct wad_forward_state *st;	/* counted in sessions */
	struct wad_dns_query *query;
	struct wad_addr	 addrs[ADDRS_MAX];
	size_t		 n;
	bool		 unknown;	/* its name has no address */
	bool		 asked;		/* CONNECT is sent */
	struct wad_h1_head scan;	/* its answer */
};

/* ---- which one -------------------------------------------------------- */

/* A client keeps its proxy while that is there; without affinity each
 * connection gets the next. */
static const struct wad_forward_server *
member(const struct wad_session *s, const struct wad_forward_group *g)
{
	static uint64_t	turn;
	bool		alive[WAD_FORWARD_MEMBERS];
	unsigned	sessions[WAD_FORWARD_MEMBERS];
	uint64_t	h = g->affinity ? wad_str_hash(0,
	    (const char *)s->flow.src.ip, sizeof(s->flow.src.ip)) : turn++;
	int		i;

	for (size_t k = 0; k < g->n_members && k < WAD_FORWARD_MEMBERS; k++) {
		const struct wad_forward_state *st =
		    wad_forward_state_of(g->members[k].name);

		alive[k] = wad_forward_state_alive(g->members[k].server);
		sessions[k] = st != NULL ? st->sessions : 0;
	}
	i = wad_forward_pick(g, h, alive, sessions);
	return i >= 0 ? g->members[i].server : NULL;
}

/* url-match comes before the policy; one without a proxy means direct. */
void
wad_forward_choose(const struct wad_conf *c, const struct wad_policy *p,
    const char *host, const char *path,
    const struct wad_forward_server **server,
    const struct wad_forward_group **group)
{
	for (size_t i = 0; *host != '\0' && i < c->n_url_matches; i++) {
		const struct wad_url_match *m = &c->url_matches[i];

		if (!m->enabled || !wad_forward_match(m->pattern, host, path))
			continue;
		*server = m->server;
		*group = m->group;
		return;
	}
	*server = p->forward;
	*group = p->forward_group;
}

/* Of a request of TLS no path is known. */
static void
choose(const struct wad_session *s, const struct wad_forward_server **server,
    const struct wad_forward_group **group)
{
	const char *path = "";

	if (s->http != NULL && s->http->current != NULL &&
	    s->http->current->req.path != 0)
		path = wad_http_text(&s->http->current->req,
		    s->http->current->req.path);
	wad_forward_choose(s->wc->conf, s->policy, s->host, path, server,
	    group);
}

static void
take(struct wad_forward *f, const struct wad_forward_server *server)
{
	f->server = server;
	f->n = 0;
	f->asked = f->unknown = false;
	if (f->st != NULL)
		f->st->sessions--;
	f->st = server != NULL ? wad_forward_state_of(server->name) : NULL;
	if (f->st != NULL)
		f->st->sessions++;
}

/* ---- where it is ------------------------------------------------------ */

static void
on_dns(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct wad_session *s = arg;
	struct wad_forward *f = s->forward;

	(void)err;
	f->query = NULL;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	for (; f->n < n && f->n < ADDRS_MAX; f->n++) {
		f->addrs[f->n] = addrs[f->n];
		f->addrs[f->n].port = f->server->port;
	}
	f->unknown = n == 0;
	wad_session_kick(s);
}

/* There is no proxy to take: straight to the server, or not at all. */
static int
none_left(struct wad_session *s)
{
	const struct wad_forward *f = s->forward;

	if (f->group != NULL ? f->group->down_pass : f->first->down_pass)
		return 1;
	if (f->group != NULL)
		snprintf(s->why_text, sizeof(s->why_text), "no proxy of the "
		    "group %s is there", f->group->name);
	else
		snprintf(s->why_text, sizeof(s->why_text), "the proxy %s is "
		    "down: %s", f->first->name,
		    wad_forward_state_down(f->first));
	return -1;
}

int
wad_forward_ready(struct wad_session *s)
{
	const struct wad_forward_server	*server = NULL;
	const struct wad_forward_group	*group = NULL;
	struct wad_forward		*f = s->forward;
	unsigned			 ms;

	if (f == NULL) {
		choose(s, &server, &group);
		if (server == NULL && group == NULL)
			return 1;
		f = s->forward = wad_xcalloc(1, sizeof(*f));
		f->first = server;
		f->group = group;
		if (group != NULL)
			server = member(s, group);
		else if (wad_forward_state_down(server) != NULL)
			server = NULL;
		take(f, server);
		if (server == NULL)
			return none_left(s);
		WAD_DBG(HTTP, WAD_I, "forward-server=%s", server->name);
	}
	if (f->server == NULL || f->n > 0)
		return 1;
	if (f->query != NULL)
		return 0;
	if (f->unknown)
		return wad_forward_failed(s) ? wad_forward_ready(s) : -1;
	if (f->server->ip.family != 0) {
		f->addrs[0] = f->server->ip;
		f->addrs[0].port = f->server->port;
		f->n = 1;
		return 1;
	}
	ms = s->wc->conf->settings.connect_timeout * 1000U;
	f->query = wad_dns_ask(s->w->dns, f->server->fqdn, ms, on_dns, s);
	return f->query != NULL ? 0 : -1;
}

bool
wad_forward_stays(const struct wad_session *s)
{
	const struct wad_forward_server	*server = NULL;
	const struct wad_forward_group	*group = NULL;

	choose(s, &server, &group);
	if (s->forward == NULL)
		return server == NULL && group == NULL;
	return server == s->forward->first && group == s->forward->group;
}

bool
wad_forward_targets(const struct wad_session *s,
    const struct wad_addr **addrs, size_t *n)
{
	const struct wad_forward *f = s->forward;

	if (f == NULL || f->server == NULL)
		return false;
	*addrs = f->addrs;
	*n = f->n;
	return true;
}

bool
wad_forward_is_on(const struct wad_session *s)
{
	return s->forward != NULL && s->forward->server != NULL;
}

const char *
wad_forward_name(const struct wad_session *s)
{
	return wad_forward_is_on(s) ? s->forward->server->name : NULL;
}

bool
wad_forward_failed(struct wad_session *s)
{
	struct wad_forward		*f = s->forward;
	const struct wad_forward_server	*next = NULL, *was = f->server;

	if (was == NULL)
		return false;
	if (f->st != NULL)
		f->st->down_until = wad_clock_ms() + DOWN_MS;
	wad_log_event("warning", "forward-server %s cannot be reached",
	    was->name);
	if (f->group != NULL && wad_forward_state_alive(was))
		return false;		/* too many to be remembered */
	if (f->group != NULL)
		next = member(s, f->group);
	take(f, next);
	return next != NULL || (f->group != NULL ? f->group->down_pass :
	    was->down_pass);
}

/* ---- what it is told -------------------------------------------------- */

const char *
wad_forward_auth(const struct wad_session *s)
{
	return wad_forward_is_on(s) ? s->forward->server->auth : NULL;
}

/* "name:443"; of a transparent connection only the address is known. */
static void
put_target(const struct wad_session *s, struct wad_str *out)
{
	char a[WAD_ADDR_STRLEN];

	if (s->host[0] == '\0')
		wad_str_add(out, wad_addr_str(&s->flow.dst, a));
	else
		wad_str_addf(out, strchr(s->host, ':') != NULL ? "[%s]:%u" :
		    "%s:%u", s->host, s->flow.dst.port);
}

static void
put_auth(const struct wad_session *s, struct wad_str *out)
{
	if (wad_forward_auth(s) != NULL)
		wad_str_addf(out, "Proxy-Authorization: %s\r\n",
		    wad_forward_auth(s));
}

void
wad_forward_reached(struct wad_session *s)
{
	const struct wad_forward *f = s->forward;
	bool			  on = f != NULL && f->server != NULL;

	if (on)
		s->forward->asked = false;
	if (on && f->st != NULL)
		f->st->down_until = 0;
	if (s->http != NULL) {
		s->http->limits.parent = on;
		s->http->limits.parent_auth = wad_forward_auth(s);
	}
}

static int
refused(struct wad_session *s, const char *why)
{
	snprintf(s->why_text, sizeof(s->why_text), "the proxy %s %s",
	    s->forward->server->name, why);
	return -1;
}

static void
ask(struct wad_session *s)
{
	struct wad_str out = { 0 };

	s->forward->asked = true;
	wad_h1_head_begin(&s->forward->scan, WAD_H1_RESPONSE, &limits);
	wad_str_add(&out, "CONNECT ");
	put_target(s, &out);
	wad_str_add(&out, " HTTP/1.1\r\nHost: ");
	put_target(s, &out);
	wad_str_add(&out, "\r\n");
	put_auth(s, &out);
	wad_str_add(&out, "\r\n");
	wad_buf_add(&s->srv.port->out, out.s, out.len);
	wad_str_free(&out);
	wad_tcp_port_out_read_sync(s->srv.port);
}

int
wad_forward_tunnel(struct wad_session *s)
{
	struct wad_tcp_port	*p = s->srv.port;
	struct wad_forward	*f = s->forward;
	struct wad_http_head	 res = { 0 };
	const char		*in;
	char			 text[64];
	unsigned		 status;
	int			 r;

	if (!f->asked)
		ask(s);
	in = p->in.len > 0 ? (const char *)wad_buf_bytes(&p->in) : "";
	r = wad_h1_head_scan(&f->scan, in, p->in.len);
	if (r == 0)
		return p->eof || p->reset ? refused(s, "ends the connection") :
		    0;
	if (r == 1)
		r = wad_h1_head_parse(&f->scan, in, &res);
	status = res.status;
	wad_http_head_free(&res);
	if (r == -1)
		return refused(s, "does not answer as a proxy");
	if (status / 100 != 2) {
		snprintf(text, sizeof(text), "answers %u", status);
		return refused(s, text);
	}
	wad_buf_drain(&p->in, f->scan.seen);
	return 1;
}

void
wad_forward_free(struct wad_session *s)
{
	struct wad_forward *f = s->forward;

	if (f == NULL)
		return;
	if (f->query != NULL)
		wad_dns_cancel(f->query);
	take(f, NULL);
	if (s->http != NULL) {
		s->http->limits.parent = false;
		s->http->limits.parent_auth = NULL;
	}
	free(f);
	s->forward = NULL;
}
