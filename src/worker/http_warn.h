/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Categories with the action warning or authenticate: the page in place of the
 * site, its button, and what holds after it was pressed.
 */
#ifndef WAD_WORKER_HTTP_WARN_H
#define WAD_WORKER_HTTP_WARN_H

#include "http/http.h"
#include "ipc/msg.h"

struct wad_session;
struct wad_worker;

/* Where the button posts to, on the site's own host: there it is under its
 * certificate, whatever that site's HSTS says. */
#define WAD_WARN_PATH	"/.openwad/warning"

/* A request for the path above, where the policy's web filter has warnings:
 * *say is what becomes of it (never PASS).  False: not one of ours. */
bool	wad_http_warn_own(struct wad_session *, struct wad_http_tx *,
	    enum wad_http_say *say);
/* A request whose verdict (of tx->seen) is warning or authenticate: PASS with a
 * grant, and then the verdict's action is monitor; else ANSWER.  For any other
 * verdict PASS. */
enum wad_http_say wad_http_warn_request(struct wad_session *,
	    struct wad_http_tx *);
/* The exchange is over; from ops->done, before tx->seen is freed. */
void	wad_http_warn_done(struct wad_http_tx *);

/* True when the connection's verdict is one that each request will be
 * answered for, so that it need not end with the name. */
bool	wad_http_warn_later(const struct wad_session *);
/* True when such a connection turns out to hold no requests that could be
 * answered: it must not go on. */
bool	wad_http_warn_forbids(const struct wad_session *);

/* Who sits at the client, for grants of his own and for entries with groups;
 * NULL: not known.  Nobody can sign in yet. */
const char *wad_http_warn_user(const struct wad_session *);

/* GRANTED of wad-control; 0 or -1. */
int	wad_http_warn_message(struct wad_worker *, struct wad_chan *,
	    struct wad_msg_in *);
/* wad-control is there (again): it is told what is known here. */
void	wad_http_warn_known(struct wad_worker *);

#endif
