/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records and lines about requests, see http_log.h.
 */
#include "worker/http_log.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/dbg.h"
#include "worker/url_log.h"
#include "worker/worker.h"

enum { FIELDS_SHOWN = 64, VALUE_SHOWN = 200 };

/* ---- records ------------------------------------------------------------ */

static struct wad_url_about
about(const struct wad_session *s, const struct wad_http_tx *tx)
{
	struct wad_url_about a = {
		.host = wad_http_filter_host(s, tx),
		.path = tx->req.path != 0 ? wad_http_text(&tx->req,
		    tx->req.path) : "/",
		.method = tx->req.method, .status = tx->res.status,
		.referer = wad_http_head_get(&tx->req, WAD_HH_REFERER),
		.agent = wad_http_head_get(&tx->req, WAD_HH_USER_AGENT),
	};

	return a;
}

void
wad_http_log_verdict(struct wad_session *s, struct wad_http_tx *tx)
{
	struct wad_http_seen		*seen = tx->seen;
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);
	struct wad_url_about		 a;
	enum wad_log_id			 id;

	if (p == NULL || seen == NULL || !seen->rated || seen->logged)
		return;
	seen->logged = true;
	id = wad_url_log_kind(p, &seen->verdict);
	if (id == WAD_LOG_N)
		return;
	a = about(s, tx);
	a.verdict = &seen->verdict;
	wad_url_log_write(s, id, &a, seen->verdict.action >= WAD_WF_WARNING);
}

void
wad_http_log_found(struct wad_session *s, const struct wad_http_tx *tx,
    enum wad_log_id id, bool blocked, const char *keyword)
{
	struct wad_url_about a = about(s, tx);

	a.keyword = keyword;
	if (blocked && tx->error[0] != '\0')
		a.msg = tx->error;
	if (id == WAD_LOG_WF_FRONTING)
		a.sni = s->nego->host;
	wad_url_log_write(s, id, &a, blocked);
}

/* ---- lines -------------------------------------------------------------- */

/* Fields whose values hold no secret, by name without regard to case, sorted.
 * Of the last group only what comes before a '?'. */
static const char *const shown[] = {
	"accept", "accept-charset", "accept-encoding", "accept-language",
	"accept-ranges", "access-control-request-headers",
	"access-control-request-method", "age", "allow", "alt-svc", "alt-used",
	"cache-control", "connection", "content-encoding", "content-language",
	"content-length", "content-range", "content-type", "date", "dnt",
	"etag", "expect", "expires", "front-end-https", "host",
	"if-modified-since", "if-none-match", "if-range",
	"if-unmodified-since", "keep-alive", "last-modified", "max-forwards",
	"origin", "pragma", "prefer", "priority", "proxy-connection", "range",
	"retry-after", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform",
	"sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user",
	"sec-websocket-extensions", "sec-websocket-protocol",
	"sec-websocket-version", "server", "strict-transport-security", "te",
	"trailer", "transfer-encoding", "upgrade",
	"upgrade-insecure-requests", "user-agent", "vary", "via",
	"x-content-type-options", "x-forwarded-for", "x-frame-options",
	"youtube-restrict",
};
static const char *const shown_before_query[] = { "content-location",
	"location", "referer" };

static int
by_name(const void *key, const void *row)
{
	return strcasecmp(key, *(const char *const *)row);
}

static bool
listed(const char *name, const char *const *list, size_t n)
{
	return bsearch(name, list, n, sizeof(*list), by_name) != NULL;
}

static void
dump_field(const struct wad_http_head *h, const struct wad_http_field *f)
{
	const char	*name = wad_http_name(h, f), *value = "***";
	char		 n[VALUE_SHOWN], v[VALUE_SHOWN];
	size_t		 len = 3;

	if (!f->secret && listed(name, shown, sizeof(shown) /
	    sizeof(shown[0]))) {
		value = wad_http_value(h, f);
		len = f->vlen;
	} else if (!f->secret && listed(name, shown_before_query,
	    sizeof(shown_before_query) / sizeof(shown_before_query[0]))) {
		value = wad_http_value(h, f);
		len = strcspn(value, "?#");
	}
	WAD_DBG(HTTP, WAD_I, "%s: %s", wad_str_escape(n, sizeof(n), name,
	    f->nlen), wad_str_escape(v, sizeof(v), value, len));
}

static void
dump_fields(const struct wad_http_head *h)
{
	for (size_t i = 0; i < h->n && i < FIELDS_SHOWN; i++)
		dump_field(h, &h->field[i]);
	if (h->n > FIELDS_SHOWN)
		WAD_DBG(HTTP, WAD_I, "(%zu more)", h->n - FIELDS_SHOWN);
}

static const char *
version(const struct wad_http_head *h)
{
	return h->minor == 2 ? "2" : h->minor == 1 ? "1.1" : "1.0";
}

static bool
dumping(void)
{
	return __builtin_expect((wad_dbg_ctl->mask[WAD_I] >> WAD_DBG_HTTP &
	    1) != 0, 0);
}

void
wad_dump_http_request(const struct wad_session *s,
    const struct wad_http_tx *tx)
{
	const struct wad_http_head	*h = &tx->req;
	const char			*path = wad_http_text(h, h->path);
	char				 a[WAD_ADDR_STRLEN];
	char				 p[VALUE_SHOWN], host[VALUE_SHOWN];
	size_t				 len = strcspn(path, "?");

	if (!dumping())
		return;
	WAD_DBG(HTTP, WAD_I, "hreq=%p Received request from client: %s", (const void *)tx,
	    wad_addr_str(&s->flow.src, a));
	wad_str_escape(p, sizeof(p), path, len);
	wad_str_escape(host, sizeof(host), h->host, strlen(h->host));
	if (h->path == 0)
		WAD_DBG(HTTP, WAD_I, "%s %s:%u HTTP/%s", h->method, host,
		    h->port, version(h));
	else
		WAD_DBG(HTTP, WAD_I, "%s %s%s%s HTTP/%s", h->method,
		    h->absolute ? host : "", p, path[len] == '?' ? "?***" :
		    "", version(h));
	dump_fields(h);
}

void
wad_dump_http_resp(const struct wad_session *s, const struct wad_http_tx *tx)
{
	const struct wad_http_head	*h = &tx->res;
	char				 a[WAD_ADDR_STRLEN], p[VALUE_SHOWN];
	const char			*phrase = wad_http_text(h, h->phrase);

	if (!dumping())
		return;
	WAD_DBG(HTTP, WAD_I, "hreq=%p Received response from server: %s", (const void *)tx,
	    wad_addr_str(&s->flow.dst, a));
	WAD_DBG(HTTP, WAD_I, "HTTP/%s %u %s", version(h), h->status,
	    wad_str_escape(p, sizeof(p), phrase, strlen(phrase)));
	dump_fields(h);
}
