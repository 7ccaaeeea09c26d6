/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request is rated as: by its host and path, by the policy of its name
 * as well as that of the connection, unless a setting leaves it out.
 */
#include "worker/http_rate.h"

#include <string.h>
#include <strings.h>

#include "url/url_form.h"
#include "worker/session.h"
#include "worker/worker.h"

/* The host of an absolute reference, canonical; false when it has none. */
static bool
host_of(const char *url, char host[WAD_HOST_MAX], const char **path)
{
	const char	*at = url + strcspn(url, ":/?#");
	size_t		 len;

	/* "://" further on is of another URL, in a path or a query */
	if (at > url && *at == ':')
		at++;
	else
		at = url;
	if (strncmp(at, "//", 2) != 0)
		return false;
	at += 2;
	len = strcspn(at, "/\\?#");
	*path = at[len] == '/' ? at + len : "/";
	for (size_t i = 0; i < len; i++)
		if (at[i] == '@') {	/* userinfo */
			at += i + 1;
			len -= i + 1;
			i = (size_t)-1;
		}
	if (at[0] == '[')
		len = strcspn(at, "]") + 1;
	else
		len = strcspn(at, ":") < len ? strcspn(at, ":") : len;
	return wad_str_host_canon(host, at, len) == 0;
}

/* ---- rating ------------------------------------------------------------- */

/* Kinds of resources that a profile may leave unrated, by the end of their
 * path; a page that pretends to be one is a page without its scripts. */
static const struct kind { const char *end; unsigned rate; } kinds[] = {
	{ ".js", WAD_FTGD_JAVASCRIPT }, { ".mjs", WAD_FTGD_JAVASCRIPT },
	{ ".css", WAD_FTGD_CSS }, { ".crl", WAD_FTGD_CRL },
	{ ".gif", WAD_FTGD_IMAGE }, { ".jpg", WAD_FTGD_IMAGE },
	{ ".jpeg", WAD_FTGD_IMAGE }, { ".png", WAD_FTGD_IMAGE },
	{ ".webp", WAD_FTGD_IMAGE }, { ".avif", WAD_FTGD_IMAGE },
	{ ".svg", WAD_FTGD_IMAGE }, { ".ico", WAD_FTGD_IMAGE },
	{ ".bmp", WAD_FTGD_IMAGE },
};
enum { RATE_ALL = WAD_FTGD_JAVASCRIPT | WAD_FTGD_CSS | WAD_FTGD_CRL |
	WAD_FTGD_IMAGE };

static bool
is_rated(const struct wad_wf_profile *p, const char *path)
{
	size_t len;

	if ((p->ftgd & RATE_ALL) == RATE_ALL)
		return true;
	len = strcspn(path, "?");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i].end);

		if (len > n && strncasecmp(path + len - n, kinds[i].end,
		    n) == 0)
			return (p->ftgd & kinds[i].rate) != 0;
	}
	return true;
}

/* What a category says is undone, and what follows from an error; what the
 * URL filter says is not. */
static void
unrate(struct wad_url_verdict *v)
{
	if (v->filter == NULL && !v->err)
		return;
	v->filter = NULL;
	v->err = false;
	v->action = WAD_WF_ALLOW;
	v->why = "not rated, by a setting";
}

/* Of two verdicts the stricter one counts. */
static void
stricter(struct wad_url_verdict *v, const struct wad_url_verdict *other)
{
	if (other->action > v->action || (v->uf_exempt && !other->uf_exempt))
		*v = *other;
}

/* The path as it stands and, where they differ, as servers read it that take
 * more for a slash. */
static void
decide_path(const struct wad_url_ask *ask, struct wad_url_verdict *v)
{
	struct wad_url_ask	a = *ask;
	struct wad_url_verdict	other;
	struct wad_str		path = { 0 };

	wad_url_decide(&a, v);
	if (a.path == NULL || !wad_url_form_slashes(&path, a.path))
		return;
	a.path = path.s;
	wad_url_decide(&a, &other);
	stricter(v, &other);
	wad_str_free(&path);
}

/* A request could come under two policies: that of the connection, and that
 * of the name. */
static void
decide(struct wad_session *s, const struct wad_url_ask *ask,
    struct wad_url_verdict *v)
{
	struct wad_url_ask	 a = *ask;
	struct wad_url_verdict	 other;

	decide_path(&a, v);
	if (!s->tls || !wad_http_filter_one_server(s) ||
	    strcmp(a.host, s->nego->host) == 0)
		return;
	a.policy = wad_inspect_policy_of(s, a.host);
	if (a.policy == NULL || a.policy == s->policy)
		return;
	decide_path(&a, &other);
	stricter(v, &other);
}

enum wad_http_say
wad_http_rate_request(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_wf_profile	*p = wad_http_filter_profile(s);
	struct wad_http_seen		*seen = tx->seen;
	struct wad_url_ask		 a = wad_inspect_question(s,
	    wad_http_filter_host(s, tx), "HTTP");
	const char			*from = wad_http_head_get(&tx->req,
	    WAD_HH_REFERER), *rest;
	char				 referrer[WAD_HOST_MAX];
	struct wad_addr			 ip;

	if (from != NULL && host_of(from, referrer, &rest))
		a.referrer = referrer;
	a.https = tx->req.https;
	a.path = tx->req.path != 0 ? wad_http_text(&tx->req, tx->req.path) :
	    NULL;
	a.nego = tx;
	decide(s, &a, &seen->verdict);
	seen->rated = true;
	if (p != NULL && ((a.path != NULL && !is_rated(p, a.path)) ||
	    (!s->policy->protocol->ip_rating &&
	    wad_addr_parse(&ip, a.host) == 0)))
		unrate(&seen->verdict);
	return WAD_HTTP_PASS;
}

bool
wad_http_rate_leads_to_blocked(struct wad_session *s, const char *url)
{
	struct wad_url_verdict	v;
	struct wad_url_ask	a;
	char			host[WAD_HOST_MAX];
	const char		*path;

	if (!host_of(url, host, &path))
		return false;
	a = wad_inspect_question(s, host, "HTTP");
	a.path = path;
	decide_path(&a, &v);
	return v.action == WAD_WF_BLOCK;
}
