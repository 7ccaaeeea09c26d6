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

enum { MAX_AGE = 300 };			/* seconds */

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

bool
wad_pac_asked(const struct wad_conf_webproxy *w,
    const struct wad_http_head *req)
{
	const char	*path = wad_http_text(req, req->path);
	const char	*name = w->pac_name + (w->pac_name[0] == '/');
	size_t		 len;

	if (req->absolute || path[0] != '/' ||
	    (strcmp(req->method, "GET") != 0 &&
	    strcmp(req->method, "HEAD") != 0))
		return false;
	len = strcspn(++path, "?");
	return (len == strlen(name) && memcmp(path, name, len) == 0) ||
	    (len == 8 && memcmp(path, "wpad.dat", len) == 0);
}

void
wad_pac_answer(const struct wad_conf_webproxy *w, const struct wad_addr *at,
    struct wad_http_head *res, struct wad_str *body)
{
	struct wad_str	date = { 0 };
	char		age[32];

	wad_page_date(&date, (int64_t)time(NULL));
	snprintf(age, sizeof(age), "max-age=%d", MAX_AGE);
	res->status = 200;
	wad_http_head_put(res, "Date", date.s);
	wad_http_head_put(res, "Content-Type",
	    "application/x-ns-proxy-autoconfig");
	wad_http_head_put(res, "Cache-Control", age);
	wad_pac_text(w, at, body);
	wad_str_free(&date);
}
