/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of HTTP/1.1 messages from the model, see h1_write.h.
 */
#include "http/h1_write.h"

#include <string.h>
#include <strings.h>

void
wad_h1_write_fields(struct wad_str *out, const struct wad_http_head *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct wad_http_field	*f = &h->field[i];
		const char			*v = wad_http_value(h, f);

		/* what our own code put in is no second line either */
		if (memchr(v, '\r', f->vlen) != NULL ||
		    memchr(v, '\n', f->vlen) != NULL)
			continue;
		wad_str_addn(out, wad_http_name(h, f), f->nlen);
		wad_str_addn(out, ": ", 2);
		wad_str_addn(out, v, f->vlen);
		wad_str_addn(out, "\r\n", 2);
	}
	wad_str_addn(out, "\r\n", 2);
}

void
wad_h1_write_request(struct wad_str *out, const struct wad_http_head *h,
    bool whole)
{
	const char *path = wad_http_text(h, h->path);

	wad_str_add(out, h->method);
	wad_str_addn(out, " ", 1);
	if (h->path == 0)			/* CONNECT */
		wad_str_add(out, wad_http_text(h, h->authority));
	else if (whole) {
		wad_str_add(out, h->https ? "https://" : "http://");
		wad_str_add(out, wad_http_text(h, h->authority));
		wad_str_add(out, strcmp(path, "*") == 0 ? "" : path);
	} else
		wad_str_add(out, path);
	wad_str_addn(out, h->minor == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n",
	    11);
	wad_h1_write_fields(out, h);
}

void
wad_h1_write_response(struct wad_str *out, const struct wad_http_head *h)
{
	const char	*phrase = wad_http_text(h, h->phrase);
	char		 line[] = "HTTP/1.1 000 ";

	line[7] = h->minor == 0 ? '0' : '1';
	line[9] = (char)('0' + h->status / 100 % 10);
	line[10] = (char)('0' + h->status / 10 % 10);
	line[11] = (char)('0' + h->status % 10);
	wad_str_addn(out, line, sizeof(line) - 1);
	wad_str_add(out, phrase);
	wad_str_addn(out, "\r\n", 2);
	wad_h1_write_fields(out, h);
}

static bool
is_one_of(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcasecmp(name, *list) == 0)
			return true;
	return false;
}

void
wad_h1_write_clean_trailers(struct wad_http_head *h)
{
	static const char *const forbidden[] = {
		"Transfer-Encoding", "Content-Length", "Host", "Connection",
		"Trailer", "TE", "Upgrade", "Keep-Alive", "Expect",
		"Cache-Control", "Max-Forwards", "Pragma", "Range",
		"If-Match", "If-None-Match", "If-Modified-Since",
		"If-Unmodified-Since", "If-Range", "Authorization",
		"Proxy-Authorization", "Proxy-Authenticate",
		"WWW-Authenticate", "Cookie", "Set-Cookie", "Age", "Expires",
		"Date", "Location", "Retry-After", "Vary", "Warning",
		"Content-Encoding", "Content-Type", "Content-Range", "Via",
		"Alt-Svc", "Proxy-Connection", "Forwarded", "X-Forwarded-For",
		"Origin", "Referer", NULL
	};
	size_t to = 0;

	for (size_t i = 0; i < h->n; i++)
		if (!is_one_of(wad_http_name(h, &h->field[i]), forbidden))
			h->field[to++] = h->field[i];
	h->n = to;
}

void
wad_h1_write_clean_hops(struct wad_http_head *h, bool upgrade)
{
	/* Via is not for the client to remove, and what frames the message
	 * and names its server is not for anybody */
	static const char *const stay[] = { "Via", "Host", "Content-Length",
		"Transfer-Encoding", NULL };
	static const char *const go[] = { "Connection", "Keep-Alive",
		"Proxy-Connection", "Proxy-Authorization", "TE",
		"HTTP2-Settings", "Proxy", NULL };
	size_t to = 0;

	for (size_t i = 0; i < h->n; i++) {
		const char *name = wad_http_name(h, &h->field[i]);

		if (!is_one_of(name, stay) && (is_one_of(name, go) ||
		    wad_http_head_lists(h, WAD_HH_CONNECTION, name)) &&
		    h->field[i].id != WAD_HH_CONNECTION &&
		    !(upgrade && h->field[i].id == WAD_HH_UPGRADE))
			continue;
		if (!upgrade && h->field[i].id == WAD_HH_UPGRADE)
			continue;
		h->field[to++] = h->field[i];
	}
	h->n = to;
	wad_http_head_drop(h, "Connection");
	if (upgrade)
		wad_http_head_put(h, "Connection", "Upgrade");
	else
		h->upgrade = false;
}

void
wad_h1_write_clean_h2c(struct wad_http_head *h)
{
	if (!wad_http_head_lists(h, WAD_HH_UPGRADE, "h2c") &&
	    wad_http_head_get(h, WAD_HH_HTTP2_SETTINGS) == NULL)
		return;
	wad_http_head_drop(h, "Upgrade");
	wad_http_head_drop(h, "HTTP2-Settings");
	if (wad_http_head_get(h, WAD_HH_CONNECTION) != NULL)
		wad_http_head_set(h, "Connection", h->close ? "close" :
		    "keep-alive");
	h->upgrade = false;
	h->protocol = 0;
}
