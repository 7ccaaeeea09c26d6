/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that leads browsers to the proxy (proxy.pac, wpad.dat), and which
 * port of the explicit proxy is there for what.
 */
#ifndef WAD_WORKER_PAC_H
#define WAD_WORKER_PAC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/str.h"
#include "conf/conf_snap.h"
#include "http/message.h"

struct wad_session;

/* What clients may do at a port of the explicit proxy. */
struct wad_front {
	bool	plain;		/* ask without TLS to the proxy */
	bool	tls;		/* begin with TLS */
	bool	pac;		/* fetch the file */
};
struct wad_front wad_pac_front(const struct wad_conf_webproxy *,
	    uint16_t port);

/* Appends the file for a client that reached the proxy at `at`: the
 * administrator's, or one made from the configuration. */
void	wad_pac_text(const struct wad_conf_webproxy *,
	    const struct wad_addr *at, struct wad_str *out);
/* Whether a request is for the file: its path, asked of the proxy itself. */
bool	wad_pac_asked(const struct wad_conf_webproxy *,
	    const struct wad_http_head *);
/* The answer to it: res (empty before) and body. */
void	wad_pac_answer(const struct wad_conf_webproxy *,
	    const struct wad_addr *at, struct wad_http_head *res,
	    struct wad_str *body);

#endif
