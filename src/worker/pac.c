/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that leads browsers to the proxy, see pac.h.  It is asked for in
 * origin form, as of a web server: nothing else at a proxy's port is.
 */
#include "worker/pac.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "http/page.h"

enum { HEAD_MAX = 16384, MAX_AGE = 300 };

static bool
in_ranges(const struct wad_port_range *r, size_t n, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		if (port >= r[i].lo && port <= r[i].hi)
			return true;
	return false;
}

struct wad_front
wad_pac_front(const struct wad_conf_webproxy *w, uint16_t port)
{
	bool		 http = in_ranges(w->ports, w->n_ports, port);
	struct wad_front f = {
		.plain = http && w->secure != WAD_SECURE_PROXY_ONLY,
		.tls = w->secure != WAD_SECURE_PROXY_DISABLE &&
		    (w->n_tls_ports > 0 ? in_ranges(w->tls_ports,
		    w->n_tls_ports, port) : http),
		.pac = w->pac && (w->n_pac_ports > 0 ? in_ranges(w->pac_ports,
		    w->n_pac_ports, port) : http),
	};

	return f;
}

/* ---- the file --------------------------------------------------------- */

/* The proxy's name when it has one, else the address that was reached. */
static void
put_proxy(struct wad_str *out, const struct wad_conf_webproxy *w,
    const struct wad_addr *at, const char *kind, uint16_t port)
{
	char ip[WAD_ADDR_STRLEN];

	wad_str_addf(out, "%s ", kind);
	if (w->proxy_fqdn != NULL && strcmp(w->proxy_fqdn, "default.fqdn") != 0)
		wad_str_add(out, w->proxy_fqdn);
	else
		wad_str_addf(out, at->family == AF_INET6 ? "[%s]" : "%s",
		    wad_addr_ip_str(at, ip));
	wad_str_addf(out, ":%u", port);
}

/* The port that was asked at when it serves this, else the first that does. */
static uint16_t
port_for(const struct wad_conf_webproxy *w, uint16_t at, bool tls)
{
	struct wad_front f = wad_pac_front(w, at);

	if (tls ? f.tls : f.plain)
		return at;
	return tls && w->n_tls_ports > 0 ? w->tls_ports[0].lo :
	    w->ports[0].lo;
}

/*
 * Names without a dot, the client itself and the proxy's own name are
 * reached without the proxy; nothing else is, also when the proxy is down.
 * No address is looked up: a browser waits for that at every request.
 */
void
wad_pac_text(const struct wad_conf_webproxy *w, const struct wad_addr *at,
    struct wad_str *out)
{
	if (w->pac_data != NULL) {
		wad_str_add(out, w->pac_data);
		return;
	}
	wad_str_add(out, "function FindProxyForURL(url, host)\n{\n"
	    "\tif (isPlainHostName(host) || dnsDomainIs(host, "
	    "\".localhost\") ||\n"
	    "\t    shExpMatch(host, \"127.*\") || host == \"[::1]\" || "
	    "host == \"::1\"");
	if (w->proxy_fqdn != NULL && strcmp(w->proxy_fqdn, "default.fqdn") != 0)
		wad_str_addf(out, " ||\n\t    host == \"%s\"", w->proxy_fqdn);
	wad_str_add(out, ")\n\t\treturn \"DIRECT\";\n\treturn \"");
	if (w->secure != WAD_SECURE_PROXY_DISABLE)
		put_proxy(out, w, at, "HTTPS", port_for(w, at->port, true));
	if (w->secure == WAD_SECURE_PROXY_ENABLE)
		wad_str_add(out, "; ");
	if (w->secure != WAD_SECURE_PROXY_ONLY)
		put_proxy(out, w, at, "PROXY", port_for(w, at->port, false));
	wad_str_add(out, "\";\n}\n");
}

/* ---- the request ------------------------------------------------------ */

/* "/proxy.pac" or "/wpad.dat", without what stands behind '?'. */
static bool
is_name(const struct wad_conf_webproxy *w, const char *path, size_t len)
{
	const char	*name = w->pac_name + (w->pac_name[0] == '/');
	const char	*q = memchr(path, '?', len);

	len = q != NULL ? (size_t)(q - path) : len;
	return (len == strlen(name) && memcmp(path, name, len) == 0) ||
	    (len == 8 && memcmp(path, "wpad.dat", len) == 0);
}

int
wad_pac_answer(const struct wad_conf_webproxy *w, const struct wad_addr *at,
    const char *in, size_t len, struct wad_str *out)
{
	static const char *const methods[] = { "GET /", "HEAD /" };
	const char	*path = NULL, *end;
	bool		 head = false;
	struct wad_str	 body = { 0 };

	for (size_t i = 0; i < 2 && path == NULL; i++) {
		size_t n = strlen(methods[i]);

		if (memcmp(in, methods[i], n < len ? n : len) != 0)
			continue;
		if (len <= n)
			return 0;
		path = in + n;
		head = i == 1;
	}
	if (path == NULL)
		return -1;
	end = memchr(path, ' ', (size_t)(in + len - path));
	if (end == NULL)
		return len < HEAD_MAX ? 0 : -1;
	if (!is_name(w, path, (size_t)(end - path)))
		return -1;
	if (memmem(end, (size_t)(in + len - end), "\r\n\r\n", 4) == NULL)
		return len < HEAD_MAX ? 0 : -1;
	wad_pac_text(w, at, &body);
	wad_str_add(out, "HTTP/1.1 200 OK\r\nDate: ");
	wad_page_date(out, (int64_t)time(NULL));
	wad_str_addf(out, "\r\nContent-Type: application/x-ns-proxy-autoconfig"
	    "\r\nContent-Length: %zu\r\nCache-Control: max-age=%d\r\n"
	    "Connection: close\r\n\r\n", body.len, MAX_AGE);
	if (!head)
		wad_str_addn(out, body.s, body.len);
	wad_str_free(&body);
	return 1;
}
