/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The explicit proxy: the request's head, names to addresses, targets that
 * strangers must not reach, and racing IPv6 and IPv4.
 */
#include "worker/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "worker/forward.h"
#include "worker/http_header.h"
#include "worker/http_log.h"
#include "worker/pac.h"
#include "worker/worker.h"

enum { STAGGER_MS = 250 };	/* RFC 8305 section 8 */

static int
page(struct wad_session *s, int status, enum wad_reason_id why)
{
	wad_block_page(s, status, why);
	return -1;
}

/* The file for browsers, once per connection. */
static bool
pac(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_conf_webproxy *w = &s->wc->conf->webproxy;

	if (!wad_pac_asked(w, &tx->req))
		return false;
	wad_pac_answer(w, &s->clt.port->local, &tx->res, &tx->body);
	tx->req.close = true;
	s->http->why = WR_PAGE_SENT;
	wad_http_resume(s->http, tx, WAD_HTTP_ANSWER);
	return true;
}

static bool
refuse(struct wad_session *s, int status, enum wad_reason_id why,
    const char *text)
{
	snprintf(s->why_text, sizeof(s->why_text), "%s", text);
	wad_block_page(s, status, why);
	return false;
}

bool
wad_explicit_request(struct wad_session *s)
{
	const struct wad_conf_webproxy	*w = &s->wc->conf->webproxy;
	struct wad_http_tx		*tx = s->http->current;
	const struct wad_http_head	*req = &tx->req;
	struct wad_front		 f = wad_pac_front(w,
	    s->clt.port->local.port);

	s->by_connect = req->path == 0;
	s->plain_http = !s->by_connect;
	strcpy(s->host, req->host);
	if (s->by_connect)		/* others are shown when they are judged */
		wad_dump_http_request(s, tx);
	if (f.pac && (!s->secure || w->pac_https) && pac(s, tx))
		return false;
	if (!s->secure && !f.plain)
		return refuse(s, 403, WR_POLICY_DENY, f.tls ?
		    "this proxy is reached over TLS" :
		    "no proxy is served at this port");
	if (!s->by_connect && !req->absolute)
		return refuse(s, 400, WR_REQUEST_BAD, "this is a proxy: the "
		    "target must be a whole URI, http://host/path");
	if (!wad_http_header_loops(s, tx))
		return true;
	WAD_COUNT(LOOPS);
	return refuse(s, 508, WR_LOOP, "");
}

void
wad_explicit_asked(struct wad_session *s, uint16_t port)
{
	if (s->srv.port != NULL)
		wad_tcp_port_put(s->srv.port);
	memset(&s->srv, 0, sizeof(s->srv));
	s->n_targets = 0;
	s->dial_error = 0;
	s->why_text[0] = '\0';
	memset(&s->flow.dst, 0, sizeof(s->flow.dst));
	s->flow.dst.port = port;
}

static void
on_dns(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct wad_session *s = arg;

	s->query = NULL;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	if (n > WAD_DNS_ADDRS_MAX)
		n = WAD_DNS_ADDRS_MAX;
	for (size_t i = 0; i < n; i++) {
		s->targets[i] = addrs[i];
		s->targets[i].port = s->flow.dst.port;
	}
	s->n_targets = n;
	WAD_DBG(DNS, WAD_I, "name=%s addresses=%zu%s%s", s->host, n,
	    err != NULL ? " error=" : "", err != NULL ? err : "");
	s->dial_error = n == 0 ? EHOSTUNREACH : 0;
	wad_session_kick(s);
}

int
wad_explicit_resolve(struct wad_session *s)
{
	if (s->n_targets > 0) {
		s->flow.dst = s->targets[0];
		return 1;
	}
	if (s->dial_error != 0)
		return page(s, 502, WR_DNS_FAILED);
	if (s->query != NULL)
		return 0;
	wad_session_deadline(s,
	    s->wc->conf->settings.connect_timeout * 1000ULL);
	s->query = wad_dns_ask(s->w->dns, s->host,
	    s->wc->conf->settings.connect_timeout * 1000U, on_dns, s);
	if (s->query == NULL)
		return page(s, 503, WR_LIMIT);
	return 0;
}

/* Our own addresses, loopback, link-local and multicast are for nobody,
 * unless a policy names them. */
static bool
forbidden(const struct wad_session *s, const struct wad_addr *a)
{
	struct wad_flow	f = s->flow;
	struct wad_addr	inner;

	if (wad_addr_embedded(a, &inner) && forbidden(s, &inner))
		return true;
	if (!wad_addr_is_loopback(a) && !wad_addr_is_linklocal(a) &&
	    !wad_addr_is_multicast(a) && !wad_worker_is_own(s->w, a))
		return false;
	f.dst = *a;
	return !wad_policy_names_target(s->policy, &f);
}

static const struct wad_policy *
policy_of(struct wad_session *s, const struct wad_addr *a,
    struct wad_route *r)
{
	struct wad_flow f = s->flow;

	f.dst = *a;
	f.host = s->host;
	f.out_dev = wad_route_lookup(a, r) == 0 ? r->dev : NULL;
	return wad_policy_match(s->wc->conf, &f);
}

void
wad_explicit_policy(struct wad_session *s)
{
	size_t i = 0;

	while (i < s->n_targets) {
		s->policy = policy_of(s, &s->targets[i], &s->route);
		if (s->policy != NULL && s->policy->accept)
			break;
		i++;
	}
	if (i == s->n_targets)
		s->policy = policy_of(s, &s->targets[i = 0], &s->route);
	s->flow.dst = s->targets[i];
	s->flow.host = s->host;
	s->flow.out_dev = s->route.dev;
}

size_t
wad_explicit_filter_targets(struct wad_session *s)
{
	struct wad_route	r;
	size_t			kept = 0;

	for (size_t i = 0; i < s->n_targets; i++)
		if (!forbidden(s, &s->targets[i]) &&
		    policy_of(s, &s->targets[i], &r) == s->policy)
			s->targets[kept++] = s->targets[i];
	s->n_targets = kept;
	if (kept > 0)
		s->flow.dst = s->targets[0];
	return kept;
}

static int
socket_for(void *arg, const struct wad_addr *dst)
{
	char a[WAD_ADDR_STRLEN];

	(void)arg;
	WAD_DBG(SESSION, WAD_V, "racing to %s", wad_addr_str(dst, a));
	return socket(dst->family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
}

static void
on_race(void *arg, int fd, const struct wad_addr *chosen, int err)
{
	struct wad_session *s = arg;

	s->race = NULL;
	wad_dbg_current.serial = s->serial;
	wad_dbg_current.muted = s->muted;
	if (fd == -1)
		s->dial_error = err != 0 ? err : EHOSTUNREACH;
	else {
		s->srv.port = wad_tcp_port_alloc();
		wad_tcp_port_adopt(s->srv.port, fd, chosen);
		wad_tcp_port_start(s->srv.port, s->w->base, wad_session_kick,
		    s);
	}
	wad_session_kick(s);
}

int
wad_explicit_dial(struct wad_session *s)
{
	const struct wad_addr	*to = s->targets;
	size_t			 n = s->n_targets;

	(void)wad_forward_targets(s, &to, &n);
	s->race = wad_race_start(s->w->base, to, n,
	    STAGGER_MS, s->wc->conf->settings.connect_timeout * 1000U,
	    socket_for, on_race, s);
	return s->race != NULL ? 0 : -1;
}

void
wad_explicit_connected(struct wad_session *s)
{
	static const char established[] =
	    "HTTP/1.1 200 Connection established\r\n\r\n";

	wad_buf_add(&s->clt.port->out, established,
	    sizeof(established) - 1);
	wad_tcp_port_out_read_sync(s->clt.port);
}
