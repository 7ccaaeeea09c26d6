/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host that a request names: whether it is one, and whether the TLS
 * connection was made for it.
 */
#include "worker/http_host.h"

#include <string.h>

#include "base/dbg.h"
#include "worker/http_log.h"
#include "worker/session.h"
#include "worker/worker.h"

/* A name as names of the web are: no underscore, and no number at its end
 * that some would read as an address ("127.1"). */
static bool
name_valid(const char *host)
{
	const char	*last = strrchr(host, '.');
	struct wad_addr	 ip;

	if (wad_addr_parse(&ip, host) == 0)
		return true;
	last = last != NULL ? last + 1 : host;
	return host[0] != '\0' && strchr(host, '_') == NULL &&
	    last[strspn(last, "0123456789")] != '\0' &&
	    strncmp(last, "0x", 2) != 0;
}

enum wad_http_say
wad_http_host_valid(struct wad_session *s, struct wad_http_tx *tx)
{
	if (!wad_http_filter_option(s, WAD_WFO_BLOCK_INVALID_URL) ||
	    name_valid(tx->req.host))
		return WAD_HTTP_PASS;
	return wad_http_filter_found(s, tx, WAD_LOG_WF_INVALID, 403, WR_BLOCKED,
	    "the host name of the request is not valid");
}

/* ---- domain fronting ---------------------------------------------------- */

enum claim {
	CLAIM_SAME,			/* the TLS connection was for this host,
					 * or for none */
	CLAIM_COVERED,			/* the server proved this name, too: a
					 * browser may reuse its connection
					 * (RFC 9113 section 9.1.1) */
	CLAIM_OTHER,
};

/* RFC 9525 section 6.3: "*" is one whole label. */
static bool
san_covers(const char *san, const char *host)
{
	const char *rest;

	if (strcmp(san, host) == 0)
		return true;
	rest = strchr(host, '.');
	return san[0] == '*' && rest != NULL && strcmp(san + 1, rest) == 0;
}

static bool
covered(const struct wad_ssl_nego *n, const char *host)
{
	if (!n->verdict.good || n->verdict.wrong_name)
		return false;
	for (size_t i = 0; i < n->origin.n_sans; i++)
		if (san_covers(n->origin.sans[i], host))
			return true;
	return false;
}

static enum claim
claim_of(const struct wad_session *s, const struct wad_http_tx *tx)
{
	const struct wad_ssl_nego	*n = s->nego;
	const char			*host = tx->req.host;

	if (!s->tls || n == NULL || host[0] == '\0' ||
	    strcmp(host, n->host) == 0)
		return CLAIM_SAME;
	/* CONNECT in it is for a proxy; its target is no claim of TLS's */
	if (tx->req.path == 0 && tx->req.protocol == 0)
		return CLAIM_SAME;
	if (covered(n, host))
		return CLAIM_COVERED;
	/* without a name nothing was claimed that could be false */
	return n->sni[0] == '\0' && !s->explicit_web ? CLAIM_SAME :
	    CLAIM_OTHER;
}

enum wad_http_say
wad_http_host_fronting(struct wad_session *s, struct wad_http_tx *tx)
{
	enum wad_fronting	how = s->policy->protocol->fronting;
	enum claim		claim = claim_of(s, tx);
	bool			refused = how >= WAD_FRONT_BLOCK;

	if (claim == CLAIM_SAME || (claim == CLAIM_COVERED &&
	    how != WAD_FRONT_STRICT))
		return WAD_HTTP_PASS;
	WAD_COUNT(FRONTINGS);
	WAD_DBG(HTTP, WAD_I, "host=%s differs from sni=%s action=%s", tx->req.host,
	    s->nego->host, refused ? "block" : "pass");
	/* 421 sends a browser to a connection of its own */
	if (refused)
		return wad_http_filter_found(s, tx, WAD_LOG_WF_FRONTING,
		    claim == CLAIM_COVERED ? 421 : 403, WR_FRONTING, NULL);
	if (how != WAD_FRONT_ALLOW)
		wad_http_log_found(s, tx, WAD_LOG_WF_FRONTING, false, NULL);
	return WAD_HTTP_PASS;
}
