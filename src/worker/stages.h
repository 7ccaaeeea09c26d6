/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a connection, for the files that they are in: stage_*.c, by
 * the order in which a session goes through them, and session_stages.c, which
 * has their table.  Private to these.
 */
#ifndef WAD_WORKER_STAGES_H
#define WAD_WORKER_STAGES_H

#include "worker/session.h"
#include "worker/worker.h"

enum wad_stage_id { WAD_STAGE_ACCEPT, WAD_STAGE_LEARN, WAD_STAGE_SECURE,
	WAD_STAGE_REQUEST, WAD_STAGE_RESOLVE, WAD_STAGE_ROUTE,
	WAD_STAGE_DIAL, WAD_STAGE_FORWARD, WAD_STAGE_PLAIN, WAD_STAGE_OPEN,
	WAD_STAGE_HELLO, WAD_STAGE_RATE, WAD_STAGE_DECIDE,
	WAD_STAGE_SRV_TLS, WAD_STAGE_VET, WAD_STAGE_ISSUERS,
	WAD_STAGE_STATUS, WAD_STAGE_JUDGE, WAD_STAGE_FORGE,
	WAD_STAGE_CLT_TLS, WAD_STAGE_RELAY, WAD_STAGE_SPLICE,
	WAD_STAGE_BLOCK, WAD_STAGE_PAGE, WAD_STAGE_CLOSE };

/* The next stage; always WAD_NEXT. */
enum wad_next wad_session_enter(struct wad_session *, enum wad_stage_id);

static inline const struct wad_conf_settings *
settings(const struct wad_session *s)
{
	return &s->wc->conf->settings;
}

/* stage_connect.c */
enum wad_next wad_stage_accept(struct wad_session *);
enum wad_next wad_stage_learn(struct wad_session *);
enum wad_next wad_stage_request(struct wad_session *);
enum wad_next wad_stage_secure(struct wad_session *);
enum wad_next wad_stage_resolve(struct wad_session *);
enum wad_next wad_stage_route(struct wad_session *);
enum wad_next wad_stage_dial(struct wad_session *);
enum wad_next wad_stage_forward(struct wad_session *);
/* The client went away before anything was relayed. */
bool	wad_stage_client_gone(const struct wad_session *);
enum wad_next wad_stage_close_client_gone(struct wad_session *);
/* Begins to connect, with its deadline. */
enum wad_next wad_stage_dial_server(struct wad_session *);
/* It is connected: which road. */
enum wad_next wad_stage_dialled(struct wad_session *);
/* Refused before the client got an answer: a page where one can be shown. */
enum wad_next wad_stage_deny(struct wad_session *, enum wad_reason_id,
	    int status);
/* No proxy before the server can be had. */
enum wad_next wad_stage_forward_failed(struct wad_session *);
/* Requests without TLS follow, not bytes for a tunnel. */
bool	wad_stage_is_plain(const struct wad_session *);
/* HTTP without TLS, or what turns out to be none. */
enum wad_next wad_stage_relay_http(struct wad_session *);

/* stage_hello.c */
enum wad_next wad_stage_open(struct wad_session *);
enum wad_next wad_stage_plain(struct wad_session *);
enum wad_next wad_stage_hello(struct wad_session *);
enum wad_next wad_stage_rate(struct wad_session *);
enum wad_next wad_stage_decide(struct wad_session *);
/* Nothing of what the client offers can be inspected. */
enum wad_next wad_stage_no_offer(struct wad_session *,
	    enum wad_offer_cause);

/* stage_server.c */
enum wad_next wad_stage_srv_tls(struct wad_session *);
enum wad_next wad_stage_vet(struct wad_session *);
enum wad_next wad_stage_issuers(struct wad_session *);
enum wad_next wad_stage_status(struct wad_session *);
enum wad_next wad_stage_judge(struct wad_session *);
enum wad_next wad_stage_forge(struct wad_session *);
enum wad_next wad_stage_clt_tls(struct wad_session *);
/* The handshake with the server begins. */
enum wad_next wad_stage_handshake_srv(struct wad_session *);
/* Another connection to the same server, this time without us in it. */
enum wad_next wad_stage_dial_again(struct wad_session *);
/* The verdict on a server whose connection is not to be inspected; and what
 * follows when its certificate could not be had. */
enum wad_next wad_stage_probed(struct wad_session *);
enum wad_next wad_stage_probe_failed(struct wad_session *);

#endif
