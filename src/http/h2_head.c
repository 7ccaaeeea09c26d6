/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of HTTP/2: from the fields that nghttp2 decodes into the one model of
 * message.h, and back.  nghttp2 has refused before what RFC 9113 section 8.2
 * and 8.3 call malformed (case, connection fields, order and number of
 * pseudo-header fields); here is what it does not look at.
 */
#include "http/h2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"
#include "http/h1_head.h"

/* Pseudo-header fields of a request, RFC 9113 section 8.3.1. */
enum pseudo { METHOD, SCHEME, AUTHORITY, PATH, PROTOCOL, PSEUDO };

static const char *const names[PSEUDO] = {
	[METHOD] = ":method", [SCHEME] = ":scheme",
	[AUTHORITY] = ":authority", [PATH] = ":path",
	[PROTOCOL] = ":protocol",
};

enum { BOMB = 4 };	/* times the limit: not a mistake any more */

/* ---- coming ------------------------------------------------------------ */

static bool
is_text(const char *s, size_t len, const char *what)
{
	return len == strlen(what) && memcmp(s, what, len) == 0;
}

static void
pseudo(struct wad_h2_stream *st, struct wad_http_head *h, const char *name,
    size_t nlen, const char *v, size_t vlen)
{
	int k = 0;

	if (is_text(name, nlen, ":status")) {
		for (size_t i = 0; i < vlen && i < 3; i++)
			h->status = h->status * 10 + (unsigned)(v[i] - '0');
		return;
	}
	while (k < PSEUDO && !is_text(name, nlen, names[k]))
		k++;
	if (k == PSEUDO || st->n_pseudo == PSEUDO)
		return;			/* nghttp2 lets none through */
	st->pseudo[st->n_pseudo++] = (uint8_t)k;
	switch ((enum pseudo)k) {
	case METHOD:
		if (vlen < sizeof(h->method))
			memcpy(h->method, v, vlen);	/* zeroes follow */
		break;
	case SCHEME:
		h->https = is_text(v, vlen, "https");
		/* another one is as wrong as the other one of the two */
		if (!h->https && !is_text(v, vlen, "http"))
			h->https = !st->h2->http.limits.https;
		break;
	case AUTHORITY:
		h->authority = wad_http_head_keep(h, v, vlen);
		break;
	case PATH:
		h->path = wad_http_head_keep(h, v, vlen);
		break;
	case PROTOCOL:
		h->protocol = wad_http_head_keep(h, v, vlen);
		h->upgrade = true;
		break;
	case PSEUDO:
		break;
	}
}

static void
known(struct wad_http_head *h, const struct wad_http_field *f)
{
	const char *v = wad_http_value(h, f);

	if (f->id == WAD_HH_CONTENT_LENGTH) {
		h->has_length = true;	/* nghttp2: digits, in range, one */
		h->length = strtoull(v, NULL, 10);
	} else if (f->id == WAD_HH_EXPECT)
		h->expect = strcasecmp(v, "100-continue") == 0;
}

void
wad_h2_head_field(struct wad_h2_side *s, struct wad_h2_stream *st,
    struct wad_http_head *h, nghttp2_rcbuf *name, nghttp2_rcbuf *value,
    uint8_t flags)
{
	const struct wad_http_limits	*l = &s->h2->http.limits;
	nghttp2_vec			 n = nghttp2_rcbuf_get_buf(name);
	nghttp2_vec			 v = nghttp2_rcbuf_get_buf(value);
	struct wad_http_field		*f;

	/* RFC 9113 section 6.5.2: SETTINGS_MAX_HEADER_LIST_SIZE */
	s->list += n.len + v.len + 32;
	s->fields++;
	if (s->list > BOMB * l->head_max) {
		wad_h2_fail(s, WR_HTTP_FLOOD, NGHTTP2_ENHANCE_YOUR_CALM);
		return;
	}
	if (st == NULL || st->tx == NULL || h == NULL)
		return;			/* decoded for the table's sake */
	if (s->list > l->head_max || s->fields > l->fields_max)
		st->too_big = true;
	if (st->too_big)
		return;
	h->minor = 2;
	if (n.len > 0 && n.base[0] == ':') {
		pseudo(st, h, (const char *)n.base, n.len,
		    (const char *)v.base, v.len);
		return;
	}
	f = wad_http_head_add(h, (const char *)n.base, n.len,
	    (const char *)v.base, v.len);
	f->secret = flags & NGHTTP2_NV_FLAG_NO_INDEX;
	known(h, f);
}

/* ---- a request as a whole ---------------------------------------------- */

/* host, host:port, [v6], [v6]:port (RFC 3986 section 3.2, no userinfo); 0 or
 * -1.  *port stays when there is none. */
static int
authority(const char *s, char host[WAD_HOST_MAX], uint16_t *port)
{
	const char	*end = s + strcspn(s, ":"), *digits;
	unsigned	 n = 0;

	if (*s == '[') {
		end = strchr(s, ']');
		if (end == NULL || memchr(s, ':', (size_t)(end - s)) == NULL)
			return -1;
		end++;
	}
	if (wad_str_host_canon(host, *s == '[' ? s + 1 : s,
	    (size_t)(end - s) - (*s == '[' ? 2 : 0)) == -1)
		return -1;
	if (*end == '\0')
		return 0;
	if (*end != ':')
		return -1;
	digits = end + 1;
	for (end = digits; *end >= '0' && *end <= '9' && n <= 65535; end++)
		n = n * 10 + (unsigned)(*end - '0');
	if (end == digits || *end != '\0' || n == 0 || n > 65535)
		return -1;
	*port = (uint16_t)n;
	return 0;
}

static unsigned
bad(struct wad_http_tx *tx, unsigned status, const char *why)
{
	snprintf(tx->error, sizeof(tx->error), "%s", why);
	return status;
}

/* :authority and each Host name one server (RFC 9113 section 8.3.1). */
static unsigned
check_host(struct wad_h2_stream *st)
{
	struct wad_http_tx	*tx = st->tx;
	struct wad_http_head	*h = &tx->req;
	uint16_t		 own = h->https ? 443 : 80, port;
	char			 host[WAD_HOST_MAX];

	h->port = own;
	if (h->authority != 0 && authority(wad_http_text(h, h->authority),
	    h->host, &h->port) == -1)
		return bad(tx, 400, "its :authority is not host or host:port");
	for (size_t i = 0; i < h->n; i++) {
		if (h->field[i].id != WAD_HH_HOST)
			continue;
		port = own;
		if (authority(wad_http_value(h, &h->field[i]), host,
		    &port) == -1)
			return bad(tx, 400, "its Host is not host or "
			    "host:port");
		if (h->host[0] == '\0') {
			strcpy(h->host, host);
			h->port = port;
		} else if (strcmp(h->host, host) != 0 || h->port != port)
			return bad(tx, 400, "it names two servers");
	}
	return h->host[0] != '\0' ? 0 : bad(tx, 400, "it names no server");
}

/* The same methods as in HTTP/1 (h1_head.c). */
static unsigned
check_method(struct wad_http_tx *tx)
{
	const struct wad_http_head *h = &tx->req;

	if (h->method[0] == '\0')
		return bad(tx, 501, "its method is too long");
	if (strcmp(h->method, "CONNECT") == 0 && h->protocol == 0)
		return bad(tx, 405, "CONNECT inside an inspected connection");
	if (strcmp(h->method, "TRACE") == 0 ||
	    strcmp(h->method, "TRACK") == 0)
		return bad(tx, 405, "its method is not allowed");
	return wad_h1_head_method(h->method, strlen(h->method)) ? 0 :
	    bad(tx, 501, "its method is not known here");
}

/* A server that cuts a fragment off reads another path than one that does
 * not. */
static unsigned
check_path(struct wad_http_tx *tx, size_t max)
{
	const char *path = wad_http_text(&tx->req, tx->req.path);

	if (strlen(path) > max)
		return bad(tx, 414, "its path is too long");
	for (; *path != '\0'; path++)
		if (*path == '#')
			return bad(tx, 400, "its path holds a fragment");
		else if (*path <= 0x20 || *path == 0x7f)
			return bad(tx, 400, "its path holds a byte that must "
			    "be written with %");
	return 0;
}

unsigned
wad_h2_head_check(struct wad_h2_stream *st)
{
	const struct wad_http_limits	*l = &st->h2->http.limits;
	struct wad_http_tx		*tx = st->tx;
	struct wad_http_head		*h = &tx->req;
	unsigned			 status;

	if (st->too_big)
		return bad(tx, 431, "its head is too large");
	if ((status = check_method(tx)) != 0)
		return status;
	if (h->https != l->https)
		return bad(tx, 400, "its :scheme is not the connection's");
	if ((status = check_path(tx, l->line_max)) != 0 ||
	    (status = check_host(st)) != 0)
		return status;
	/* said already: a second time is more than some servers take */
	if (h->authority != 0)
		wad_http_head_drop(h, "Host");
	return 0;
}

/* ---- going ------------------------------------------------------------- */

static nghttp2_nv	*nva;
static size_t		 n_nva, cap_nva;

static void
add(const char *name, size_t nlen, const char *value, size_t vlen,
    bool secret)
{
	if (n_nva == cap_nva) {
		cap_nva = cap_nva * 2 + 32;
		nva = wad_xrealloc(nva, cap_nva, sizeof(*nva));
	}
	nva[n_nva++] = (nghttp2_nv) {
		.name = (uint8_t *)(uintptr_t)name, .namelen = nlen,
		.value = (uint8_t *)(uintptr_t)value, .valuelen = vlen,
		.flags = secret ? NGHTTP2_NV_FLAG_NO_INDEX :
		    NGHTTP2_NV_FLAG_NONE,
	};
}

static void
request_line(const struct wad_http_head *h, const struct wad_h2_stream *st)
{
	for (unsigned i = 0; i < st->n_pseudo; i++) {
		const char *v[PSEUDO] = {
			[METHOD] = h->method,
			[SCHEME] = h->https ? "https" : "http",
			[AUTHORITY] = wad_http_text(h, h->authority),
			[PATH] = wad_http_text(h, h->path),
			[PROTOCOL] = wad_http_text(h, h->protocol),
		};
		unsigned k = st->pseudo[i];

		add(names[k], strlen(names[k]), v[k], strlen(v[k]), false);
	}
}

/* Fields of one connection of HTTP/1 have no place here (RFC 9113 section
 * 8.2.2); the owner's answers may have some. */
static bool
is_hop(const struct wad_http_head *h, const struct wad_http_field *f)
{
	switch ((enum wad_http_header)f->id) {
	case WAD_HH_CONNECTION:
	case WAD_HH_KEEP_ALIVE:
	case WAD_HH_PROXY_CONNECTION:
	case WAD_HH_TRANSFER_ENCODING:
	case WAD_HH_UPGRADE:
		return true;
	case WAD_HH_TE:
		return strcmp(wad_http_value(h, f), "trailers") != 0;
	default:
		return false;
	}
}

size_t
wad_h2_head_fields(const struct wad_http_head *h,
    const struct wad_h2_stream *st, const nghttp2_nv **out)
{
	static char status[4];

	n_nva = 0;
	if (st != NULL)
		request_line(h, st);
	else if (h->status != 0) {
		snprintf(status, sizeof(status), "%03u", h->status % 1000);
		add(":status", 7, status, 3, false);
	}
	for (size_t i = 0; i < h->n; i++) {
		const struct wad_http_field *f = &h->field[i];

		if (!is_hop(h, f))
			add(wad_http_name(h, f), f->nlen, wad_http_value(h, f),
			    f->vlen, f->secret);
	}
	*out = nva;
	return n_nva;
}
