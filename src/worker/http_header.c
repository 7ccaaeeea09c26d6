/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header policy, see http_header.h.
 */
#include "worker/http_header.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/dbg.h"
#include "worker/http_filter.h"
#include "worker/worker.h"

enum { NAME_LEN = 80 };

/* ---- fields ------------------------------------------------------------- */

/* HTTP/2 has no capitals in names (RFC 9113 section 8.2.1). */
static const char *
cased(const struct wad_http_head *h, const char *name, char buf[NAME_LEN])
{
	size_t n;

	if (h->minor != 2)
		return name;
	for (n = 0; name[n] != '\0' && n + 1 < NAME_LEN; n++)
		buf[n] = (char)tolower((unsigned char)name[n]);
	buf[n] = '\0';
	return buf;
}

static void
put(struct wad_http_head *h, const char *name, const char *value)
{
	char buf[NAME_LEN];

	wad_http_head_put(h, cased(h, name, buf), value);
}

static void
set(struct wad_http_head *h, const char *name, const char *value)
{
	char buf[NAME_LEN];

	wad_http_head_set(h, cased(h, name, buf), value);
}

/* One more element in the list of a field: in the last line of that name, so
 * that who reads one line reads all of it. */
static void
append(struct wad_http_head *h, const char *name, const char *value)
{
	struct wad_http_field	*last = NULL;
	struct wad_str		 all = { 0 };

	for (size_t i = 0; i < h->n; i++)
		if (strcasecmp(wad_http_name(h, &h->field[i]), name) == 0)
			last = &h->field[i];
	if (last == NULL) {
		put(h, name, value);
		return;
	}
	if (last->vlen > 0)
		wad_str_addf(&all, "%s, ", wad_http_value(h, last));
	wad_str_add(&all, value);
	last->value = wad_http_head_keep(h, all.s, all.len);
	last->vlen = (uint32_t)all.len;
	wad_str_free(&all);
}

/* add replaces what the client may have said of itself. */
static void
apply(struct wad_http_head *h, enum wad_header_act act, const char *name,
    const char *value)
{
	if (act == WAD_HDR_REMOVE || (act == WAD_HDR_ADD && value == NULL))
		wad_http_head_drop(h, name);
	else if (act == WAD_HDR_ADD)
		set(h, name, value);
}

static void
apply_list(struct wad_http_head *h, enum wad_header_act act,
    const char *name, const char *value)
{
	if (act == WAD_HDR_REMOVE)
		wad_http_head_drop(h, name);
	else if (act == WAD_HDR_ADD)
		append(h, name, value);
}

/* ---- Via ---------------------------------------------------------------- */

/* RFC 9110 section 7.6.3: the version in which it came, and who we are. */
static void
apply_via(const struct wad_session *s, struct wad_http_head *h,
    enum wad_header_act act)
{
	char us[64];

	if (act == WAD_HDR_PASS)
		return;
	snprintf(us, sizeof(us), "%s %s", h->minor == 2 ? "2" :
	    h->minor == 0 ? "1.0" : "1.1", s->w->via);
	apply_list(h, act, "Via", us);
}

bool
wad_http_header_loops(const struct wad_session *s,
    const struct wad_http_tx *tx)
{
	const struct wad_http_head *h = &tx->req;

	if (s->w->via[0] == '\0')
		return false;
	for (size_t i = 0; i < h->n; i++)
		if (h->field[i].id == WAD_HH_VIA && strcasestr(wad_http_value(h,
		    &h->field[i]), s->w->via) != NULL)
			return true;
	return false;
}

/* ---- the profile's own fields ------------------------------------------- */

static bool
applies(const struct wad_webproxy_header *w, const struct wad_session *s,
    const struct wad_http_tx *tx)
{
	const struct wad_addr_list *l = s->flow.dst.family == AF_INET6 ?
	    &w->dstaddr6 : &w->dstaddr;

	if (!(tx->req.https ? w->https : w->http))
		return false;
	if (w->dstaddr.n == 0 && w->dstaddr6.n == 0)
		return true;
	return l->n > 0 && wad_policy_addr_holds(l, &s->flow.dst,
	    wad_http_filter_host(s, tx));
}

static void
add_own(struct wad_http_head *h, const struct wad_webproxy_header *w)
{
	const char *there = wad_http_head_named(h, w->name);

	switch (w->how) {
	case WAD_HDR_APPEND:
		append(h, w->name, w->content);
		return;
	case WAD_HDR_NEW_ON_NOT_FOUND:
		if (there == NULL)
			put(h, w->name, w->content);
		return;
	case WAD_HDR_NEW:
		put(h, w->name, w->content);
		return;
	case WAD_HDR_REPLACE:
		set(h, w->name, w->content);
		return;
	case WAD_HDR_REPLACE_WHEN_MATCH:
		if (there != NULL)
			set(h, w->name, w->content);
		return;
	}
}

static void
monitor(const struct wad_http_head *h, const struct wad_webproxy_header *w)
{
	WAD_DBG(HTTP, WAD_I, "header=%s found=%d", w->name,
	    wad_http_head_named(h, w->name) != NULL);
}

static void
own_fields(struct wad_http_head *h, const struct wad_webproxy_profile *p,
    const struct wad_session *s, const struct wad_http_tx *tx, bool response)
{
	for (size_t i = 0; i < p->n_headers; i++) {
		const struct wad_webproxy_header *w = &p->headers[i];

		if (w->name == NULL || !applies(w, s, tx))
			continue;
		if (w->action == (response ? WAD_HDR_RES_ADD :
		    WAD_HDR_REQ_ADD))
			add_own(h, w);
		else if (w->action == (response ? WAD_HDR_RES_REMOVE :
		    WAD_HDR_REQ_REMOVE))
			wad_http_head_drop(h, w->name);
		else if (w->action == (response ? WAD_HDR_RES_MONITOR :
		    WAD_HDR_REQ_MONITOR))
			monitor(h, w);
	}
}

static const struct wad_webproxy_profile *
profile_of(const struct wad_session *s)
{
	if (s->policy->webproxy != NULL)
		return s->policy->webproxy;
	return s->explicit_web ? s->wc->conf->webproxy.profile : NULL;
}

/* ---- both ways ---------------------------------------------------------- */

void
wad_http_header_request(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_webproxy_profile *p = profile_of(s);
	struct wad_http_head	*h = &tx->req;
	enum wad_header_act	 via_act = p != NULL ? p->via_req :
	    WAD_HDR_PASS;
	char			 ip[WAD_ADDR_STRLEN];

	/* who speaks to a proxy is told by it (RFC 9110 section 7.6.3) */
	if (s->explicit_web && !s->tls && via_act == WAD_HDR_PASS)
		via_act = WAD_HDR_ADD;
	if (s->policy->protocol->strip_xff)
		wad_http_head_drop(h, "X-Forwarded-For");
	apply_via(s, h, via_act);
	if (p == NULL)
		return;
	wad_addr_ip_str(&s->flow.src, ip);
	apply(h, p->client_ip, "Client-IP", ip);
	apply_list(h, p->xff, "X-Forwarded-For", ip);
	apply(h, p->front_end_https, "Front-End-Https", h->https ? "On" :
	    NULL);
	apply(h, p->user, "X-Authenticated-User", s->flow.user);
	apply(h, p->groups, "X-Authenticated-Groups", NULL);
	if (p->strip_encoding)
		wad_http_head_drop(h, "Accept-Encoding");
	own_fields(h, p, s, tx, false);
}

/* Alt-Svc leads past us: to QUIC, or to a port that is not inspected.
 * "clear" (RFC 7838 section 3) undoes what was learnt elsewhere. */
static void
drop_alt_svc(struct wad_http_head *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->field[i].id == WAD_HH_ALT_SVC &&
		    strcmp(wad_http_value(h, &h->field[i]), "clear") != 0) {
			wad_http_head_drop(h, "Alt-Svc");
			break;
		}
	wad_http_head_drop(h, "Alternate-Protocol");
}

void
wad_http_header_response(struct wad_session *s, struct wad_http_tx *tx)
{
	const struct wad_webproxy_profile *p = profile_of(s);
	struct wad_http_head	*h = &tx->res;

	if (s->wc->conf->settings.quic_block)
		drop_alt_svc(h);
	if (p == NULL)
		return;
	apply_via(s, h, p->via_res);
	own_fields(h, p, s, tx, true);
}
