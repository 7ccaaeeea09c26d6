/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS between a client and the explicit proxy (secure-web-proxy).  The proxy
 * shows its own certificate, or one that the CA of web-proxy global signs;
 * inside, everything is as at a port without TLS.
 */
#include "worker/session.h"

#include <string.h>

#include "base/dbg.h"
#include "port/ssl_nest.h"
#include "tls/ssl_ctx.h"
#include "worker/pac.h"
#include "worker/worker.h"

enum { HANDSHAKE = 22 };		/* RFC 8446, section 5.1 */

static const struct wad_conf_webproxy *
settings(const struct wad_session *s)
{
	return &s->wc->conf->webproxy;
}

bool
wad_secure_begins(const struct wad_session *s)
{
	const struct wad_buf	*in = &s->clt.port->in;
	struct wad_front	 f;

	if (s->secure || in->len == 0 || wad_buf_bytes(in)[0] != HANDSHAKE)
		return false;
	f = wad_pac_front(settings(s), s->clt.port->local.port);
	return f.tls || (f.pac && settings(s)->pac_https);
}

bool
wad_secure_runs(const struct wad_session *s)
{
	return s->clt.ssl != NULL && s->explicit_web && s->policy == NULL &&
	    !s->page_only && !s->secure;
}

int
wad_secure_open(struct wad_session *s)
{
	s->nego = wad_ssl_negotiate_make();
	s->nego->scope.generation = s->wc->conf->generation;
	s->nego->src = s->nego->dst = s->clt.port->local;
	wad_addr_ip_str(&s->nego->dst, s->nego->dst_ip);
	s->clt.ssl = wad_ssl_port_open(s->clt.port, WAD_SSL_CLT,
	    wad_ssl_ctx_clt(WAD_TLS12));
	if (s->clt.ssl == NULL)
		return -1;
	s->clt.ssl->nego = s->nego;
	s->tls = true;
	return 0;
}

bool
wad_secure_name(struct wad_session *s)
{
	const struct wad_conf_webproxy	*w = settings(s);
	struct wad_ssl_nego		*n = s->nego;

	if (n->sni_bad || !wad_ssl_negotiate_key_type(n))
		return false;
	/* the name that the client knows us by, else where it reached us */
	memcpy(n->host, n->has_sni ? n->sni : n->dst_ip, n->has_sni ?
	    sizeof(n->sni) : sizeof(n->dst_ip));
	n->ca = w->ssl_cert != NULL ? w->ssl_cert : w->ssl_ca_cert;
	return true;
}

static void
nego_free(void *nego)
{
	wad_ssl_negotiate_free(nego);
}

void
wad_secure_done(struct wad_session *s)
{
	WAD_DBG(SSL, WAD_I, "TLS to the proxy, what is inside comes next");
	s->clt.port = wad_ssl_nest_over(s->clt.ssl, nego_free);
	s->clt.ssl = NULL;
	s->nego = NULL;
	s->secure = true;
	s->tls = s->ask_done = false;
	s->keys_silent = false;
}
