/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One proxied connection.  Private to worker/.
 */
#ifndef WAD_WORKER_SESSION_H
#define WAD_WORKER_SESSION_H

#include <event2/event_struct.h>

#include "base/list.h"
#include "base/reason.h"
#include "http/http.h"
#include "ipc/ask.h"
#include "policy/ca_priority.h"
#include "policy/policy_match.h"
#include "port/dns.h"
#include "port/race.h"
#include "port/route.h"
#include "port/ssl_port.h"
#include "session/slot.h"
#include "tls/ssl_cert_wait.h"
#include "tls/ssl_negotiate.h"
#include "url/url.h"

struct wad_worker;
struct wad_listener;
struct wad_stage;

/* One side of the connection; its twin is the other. */
struct wad_leg {
	struct wad_tcp_port	*port;
	struct wad_ssl_port	*ssl;	/* NULL: raw */
	bool			 in_closed;	/* nothing more comes from it */
	bool			 spoke;	/* application data came from it */
};

/* A handshake of our own, to see the certificate of what is not inspected. */
enum wad_probe {
	WAD_PROBE_NONE,
	WAD_PROBE_CERT,			/* certificate-inspection */
	WAD_PROBE_EXEMPT,		/* exempt-sni-check */
	WAD_PROBE_CLTCERT,		/* client-certificate bypass: what was
					 * shown before it was asked for */
};

struct wad_session {
	unsigned		 magic;
	uint32_t		 serial;
	bool			 muted;	/* the debug filter does not want it */
	struct wad_worker	*w;
	const struct wad_stage	*stage;	/* wad_session_enter changes it */
	const struct wad_reason	*reason;	/* set once */
	struct wad_worker_conf	*wc;	/* counted: configuration and what was
					 * made of it */
	const struct wad_policy	*policy;	/* NULL: policy 0 */
	const struct wad_ssl_proto *proto;	/* TLS settings in force */
	enum wad_inspect	 inspect;
	struct wad_leg		 clt, srv;
	struct wad_ssl_nego	*nego;	/* NULL for plain TCP */
	struct wad_flow		 flow;
	char			 in_dev[16];	/* what flow.in_dev points to: the
						 * listener may go at a reload */
	struct wad_route	 route;
	struct wad_url_verdict	 verdict;
	struct wad_exempt_result exempt;
	struct wad_cert_wait	 wait;	/* for wad-keys */
	uint32_t		 ask;	/* of wad-lookup, or 0 */
	bool			 answered;	/* and what it said is in nego */
	bool			 ask_done;
	bool			 keys_silent;	/* no answer came in time */
	bool			 bypass;	/* dial again, then splice */
	enum wad_probe		 probe;
	bool			 cut;	/* the server ended without
					 * close_notify */
	uint8_t			 first_end;	/* 1 client, 2 server ended first */
	bool			 explicit_web;
	bool			 secure;	/* TLS between client and proxy */
	bool			 tls;	/* the client speaks TLS */
	bool			 learnt;	/* learn.c has had its say */
	bool			 done;	/* in the graveyard */
	struct wad_http		*http;	/* looks at requests; NULL: nobody */
	bool			 stale;	/* there is a newer configuration: one
						 * more request */
	bool			 tunnel;	/* http does not move bytes any more */
	bool			 plain_http;	/* HTTP is expected, without TLS */
	bool			 connected;	/* a CONNECT that came on the way to a
						 * server was granted by it */
	bool			 inside;	/* ... and this is what came then */
	uint64_t		 head_since, over_since;	/* ms, 0: not; a part of
					 * a request's head came; http is over */
	uint64_t		 head_of;	/* requests before that one */
	/* explicit proxy */
	bool			 by_connect;	/* host was asked for by CONNECT */
	struct wad_dns_query	*query;
	struct wad_race		*race;
	struct wad_forward	*forward;	/* another proxy gets it; NULL */
	int			 dial_error;	/* errno of a lost race */
	struct wad_addr		 targets[WAD_DNS_ADDRS_MAX];
	size_t			 n_targets;
	char			 host[WAD_HOST_MAX];	/* asked for */
	/* the page sent instead: why */
	enum wad_reason_id	 page_reason;
	unsigned		 page_status;
	bool			 page_only;	/* each request over TLS gets
						 * it; there is no server */
	/* records of the security profiles, for the traffic log */
	uint16_t		 count_web, count_ssl;
	enum wad_slot_utm	 utm;	/* the severest of them */
	uint16_t		 crscore;
	uint32_t		 craction;	/* threat; 0: none */
	const char		*log_owed;	/* name whose rating is logged at the
						 * end, unless a request says
						 * more; NULL */
	uint64_t		 log_since;	/* ms: their bound, url_log.c */
	unsigned		 log_room, log_left_out;
	/* HTTP: the latest other name that passed, and by which policy */
	const struct wad_policy	*passed_by;	/* NULL: none yet */
	char			 passed[WAD_HOST_MAX];
	/* times */
	struct event		 timer;
	uint64_t		 born, last_io, deadline;	/* ms */
	uint64_t		 io_seen;	/* bytes out when last looked */
	uint64_t		 reset_since;	/* one side is gone, ms; 0 */
	uint64_t		 since;		/* us: the connection or handshake
						 * that is being made; 0 */
	char			 why_text[160];	/* what exactly is wrong, for log
						 * and page; "" */
	/* what others see of it: session_slot.c */
	struct wad_slot		*slot;	/* never NULL until it is freed */
	const struct wad_stage	*slot_stage;	/* when facts were filled */
	const struct wad_policy	*slot_policy;	/* whose facts they are */
	uint64_t		 checked;	/* generation of the policies that
					 * it was judged by last; 0 none */
	uint64_t		 fresh_ms;	/* when it was refreshed */
	uint64_t		 fresh_up, fresh_down;	/* and bytes then */
	bool			 way_known;	/* the client's router is there */
	bool			 way_chosen;	/* route is that of the race */
	struct wad_list		 all;	/* in w->sessions or the graveyard */
	/* memory.c */
	struct wad_list		 holder;	/* in w->holders, when listed */
	bool			 listed, mem_stopped;
	size_t			 mem_size;	/* after its last step */
	uint64_t		 mem_since, mem_sent;	/* ms, and bytes that went
						 * out until then */
	unsigned		 client_slot;
};
#define WAD_SESSION_MAGIC	0x73657373u

/* session.c */
/* NULL when the table of sessions is full; the port stays the caller's. */
struct wad_session *wad_session_new(struct wad_worker *,
	    struct wad_tcp_port *accepted, const struct wad_listener *);
/* Runs the stages as far as they go; the ports' wake function. */
void	wad_session_kick(void *session);
/* The stage's deadline: `ms` from now (0: none). */
void	wad_session_deadline(struct wad_session *, uint64_t ms);
/* The one door: unhooks everything, logs, and puts the session into the
 * graveyard.  Nothing is freed before the loop turn is over. */
void	wad_session_bury(struct wad_session *, const struct wad_reason *);
void	wad_session_free(struct wad_session *);	/* from the graveyard only */

/* session_stages.c */
enum wad_next { WAD_NEXT, WAD_WAIT, WAD_DONE };
void	wad_session_start(struct wad_session *);
void	wad_session_run(struct wad_session *);
enum wad_next wad_session_close(struct wad_session *, enum wad_reason_id);
/* What happens when the deadline of the stage has passed. */
void	wad_session_timeout(struct wad_session *);

/* Where it stands: no policy yet; on the way; relayed; ended. */
enum wad_phase { WAD_PHASE_NEW, WAD_PHASE_SETUP, WAD_PHASE_RELAY,
	WAD_PHASE_OVER };
enum wad_phase wad_session_phase(const struct wad_session *);
unsigned wad_session_stage_number(const struct wad_session *);

/* session_slot.c: the session's record in shared memory */
/* A record at its birth; false when there is none. */
bool	wad_session_slot_take(struct wad_session *,
	    const struct wad_listener *);
/* After each step: what moved, and the facts when its stage changed. */
void	wad_session_slot_kick(struct wad_session *);
/* What only the kernel knows: TCP states, segments, gateways, speeds. */
void	wad_session_slot_refresh(struct wad_session *, uint64_t now);
/* The router towards the client, which nothing but the list asks for. */
void	wad_session_slot_way(struct wad_session *);
/* The facts of a policy, which may be of another configuration. */
void	wad_session_slot_policy(struct wad_session *,
	    const struct wad_policy *);
/* s->reason is set: the record's last words. */
void	wad_session_slot_end(struct wad_session *);

/* inspect.c: facts and decisions; nothing of it moves the session */
/* Line 12: the CA that the priority list gives now. */
void	wad_inspect_choose_ca(struct wad_session *, enum wad_ca_purpose);
/* What resumption is bound to. */
void	wad_inspect_scope(const struct wad_session *,
	    struct wad_nego_scope *);
/* The name of the connection: SNI, else what CONNECT said, else address. */
void	wad_inspect_name(struct wad_session *);
/* Policies may name servers: now that the name is known, one that denies it
 * counts.  One that accepts does not: a client can say any name. */
bool	wad_inspect_name_denied(const struct wad_session *);
/* The policy of this connection, were it made for that name; NULL: the
 * implicit one, which denies. */
const struct wad_policy *wad_inspect_policy_of(const struct wad_session *,
	    const char *host);
/* Would a connection for that name be exempt from inspection? */
bool	wad_inspect_name_exempt(struct wad_session *, const char *host);
/* A question about a name in this connection; url_src as the debug lines say
 * it. */
struct wad_url_ask wad_inspect_question(const struct wad_session *,
	    const char *host, const char *url_src);
/* ssl_proc= of the debug lines. */
void	wad_inspect_letters(const struct wad_session *, char out[9]);
/* Does the web filter stop it, so that s->verdict says why: what the explicit
 * proxy was asked for (by CONNECT or a URL; the SNI is rated later, too); what
 * has no SNI (rated by what was asked for, or by address); another name that
 * is in the certificate (sni-server-cert-check enable). */
bool	wad_inspect_asked_blocked(struct wad_session *);
bool	wad_inspect_unnamed_blocked(struct wad_session *);
bool	wad_inspect_cert_name_blocked(struct wad_session *);
/* s->verdict and s->exempt by the connection's name. */
void	wad_inspect_rate(struct wad_session *);
bool	wad_inspect_is_exempt(const struct wad_session *);
/* What is not inspected shows its certificate only to a handshake of our
 * own. */
enum wad_probe wad_inspect_probe(const struct wad_session *);
/* Another policy may block what this one lets pass, and a server that refuses
 * one client's offer may take another's: who offers little opens no way
 * around inspection for the rest. */
uint64_t wad_inspect_bypass_scope(const struct wad_session *);
/* Which `unsupported-*` setting a failed handshake with the server falls
 * under. */
enum wad_act wad_inspect_failed_act(const struct wad_session *);
/* Presents one of the administrator's certificates, or forges: n->ca, and
 * n->product when it is there already. */
void	wad_inspect_signer(struct wad_session *, enum wad_cert_fate);

/* relay.c: one turn of both directions; the reason when it is over, else
 * WR_N.  May set a deadline to be called again. */
enum wad_reason_id wad_relay_pump(struct wad_session *);
/* What waits for that leg goes out, as far as the kernel takes it. */
void	wad_relay_flush(struct wad_leg *);

/* secure.c: TLS between a client and the explicit proxy */
/* Whether the client begins it, where it may. */
bool	wad_secure_begins(const struct wad_session *);
/* Between begins and done. */
bool	wad_secure_runs(const struct wad_session *);
/* Makes the TLS port; 0 or -1. */
int	wad_secure_open(struct wad_session *);
/* The hello is there: which certificate; false: the client takes none. */
bool	wad_secure_name(struct wad_session *);
/* The handshake is done: from now on the client's leg is what is inside. */
void	wad_secure_done(struct wad_session *);

/* explicit.c */
/* The engine has a request's head (http->current), whose host is now s->host:
 * true when it is for a server, false when it was answered. */
bool	wad_explicit_request(struct wad_session *);
/* A request for another server: what was known of the one before goes. */
void	wad_explicit_asked(struct wad_session *, uint16_t port);
/* Resolves: 1 targets are there, 0 waiting, -1 a page was made. */
int	wad_explicit_resolve(struct wad_session *);
/* The policy of the first target that one accepts; else of the first. */
void	wad_explicit_policy(struct wad_session *);
/* Drops the targets that strangers must not reach; how many are left. */
size_t	wad_explicit_filter_targets(struct wad_session *);
/* Starts racing to the targets; 0 or -1. */
int	wad_explicit_dial(struct wad_session *);
/* The server is there: answers CONNECT. */
void	wad_explicit_connected(struct wad_session *);

/* learn.c: what the client makes of our certificate */
/* True when a learned exemption applies to this connection. */
bool	wad_learn_applies(const struct wad_session *);
/* The client sent its first application data over TLS. */
void	wad_learn_spoke(struct wad_session *);
/* The client's side is over, or the session: tells wad-control when that was
 * a rejection.  Once; later calls do nothing. */
void	wad_learn_ended(struct wad_session *);

/* block.c */
/* The explicit proxy's client gets the page for this reason instead of what it
 * asked for (http->current), with s->why_text in it. */
void	wad_block_page(struct wad_session *, int status, enum wad_reason_id);

/* The same as the answer to one request: tx->res and tx->body; the text is
 * tx->error where that says something. */
struct wad_http_tx;
void	wad_block_answer(struct wad_session *, struct wad_http_tx *,
	    unsigned status, enum wad_reason_id);

/* upstream.c: sockets toward servers */
int	wad_upstream_dial(struct wad_session *);

#endif
