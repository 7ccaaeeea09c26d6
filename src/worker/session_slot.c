/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others see of a session: its record in shared memory (session/slot.h),
 * filled from the session.  A step of the session costs a few stores; what
 * does not change within a stage is written when the stage changed, and what
 * only the kernel knows when somebody asks, in the slow sweep, and at the
 * end.
 */
#include "worker/session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "port/sock_facts.h"
#include "session/traffic_log.h"
#include "tls/ssl_common.h"
#include "worker/forward.h"
#include "worker/session_table.h"
#include "worker/worker.h"

enum { PORT_NONE, PORT_CONNECTING, PORT_OPEN, PORT_CLOSED };

static void
set_text(char *dst, size_t size, const char *src)
{
	snprintf(dst, size, "%s", src != NULL ? src : "");
}
#define SET_TEXT(field, src)	set_text(field, sizeof(field), src)

/* Until it is removed when nothing more comes: while it is set up its stage
 * has a deadline, later both sides' state says. */
static uint32_t
timeout_of(const struct wad_session *s)
{
	const struct wad_conf_settings	*set = &s->wc->conf->settings;
	uint64_t			 since = s->slot->last_ms;

	if (wad_session_phase(s) != WAD_PHASE_RELAY)
		return s->deadline > since ?
		    (uint32_t)((s->deadline - since + 999) / 1000) : 0;
	return s->clt.in_closed || s->srv.in_closed ?
	    set->halfclose_timeout : set->idle_timeout;
}

/* ---- one side ----------------------------------------------------------- */

/* The state of a connection by what we know without asking the kernel. */
static uint8_t
tcp_by_flags(const struct wad_tcp_port *p)
{
	if (p->connecting)
		return WAD_TCP_SYN_SENT;
	if (p->reset || (p->fd == -1 && p->connected))
		return WAD_TCP_CLOSE;
	if (!p->connected)
		return WAD_TCP_NONE;
	if (p->eof)
		return p->shut_done ? WAD_TCP_LAST_ACK : WAD_TCP_CLOSE_WAIT;
	return p->shut_done ? WAD_TCP_FIN_WAIT : WAD_TCP_ESTABLISHED;
}

/* By the kernel's number (enum in its tcp_states.h) and how connection
 * tracking calls it. */
static uint8_t
tcp_by_kernel(uint8_t state)
{
	static const uint8_t as[] = {
		[TCP_ESTABLISHED] = WAD_TCP_ESTABLISHED,
		[TCP_SYN_SENT] = WAD_TCP_SYN_SENT,
		[TCP_SYN_RECV] = WAD_TCP_SYN_RECV,
		[TCP_FIN_WAIT1] = WAD_TCP_FIN_WAIT,
		[TCP_FIN_WAIT2] = WAD_TCP_FIN_WAIT,
		[TCP_TIME_WAIT] = WAD_TCP_TIME_WAIT,
		[TCP_CLOSE] = WAD_TCP_CLOSE,
		[TCP_CLOSE_WAIT] = WAD_TCP_CLOSE_WAIT,
		[TCP_LAST_ACK] = WAD_TCP_LAST_ACK,
		[TCP_LISTEN] = WAD_TCP_LISTEN,
		[TCP_CLOSING] = WAD_TCP_LAST_ACK,
	};

	return state < sizeof(as) ? as[state] : WAD_TCP_NONE;
}

static bool
leg_moves(struct wad_slot_leg *to, const struct wad_leg *leg)
{
	const struct wad_tcp_port	*p = leg->port;
	bool				 moved, full;

	if (p == NULL)
		return false;
	moved = to->bytes_in != p->bytes_in || to->bytes_out != p->bytes_out;
	to->bytes_in = p->bytes_in;
	to->bytes_out = p->bytes_out;
	full = p->connected && !p->read_on && !p->eof && !p->reset;
	to->r_blocks += full && !to->read_blocked;
	to->read_blocked = full;
	to->w_blocks += p->write_on && !p->connecting && !to->write_blocked;
	to->write_blocked = p->write_on && !p->connecting;
	return moved;
}

/* The side's own states; true when one changed. */
static bool
leg_states(struct wad_slot_leg *to, const struct wad_leg *leg)
{
	const struct wad_tcp_port	*p = leg->port;
	uint8_t				 shut, open, tls;

	if (p == NULL)
		return false;
	shut = (uint8_t)((p->eof ? 1 : 0) | (p->shut_done ? 2 : 0));
	open = p->connecting ? PORT_CONNECTING : p->reset || p->fd == -1 ?
	    PORT_CLOSED : PORT_OPEN;
	tls = leg->ssl == NULL ? 0 : leg->ssl->done ? 2 : 1;
	if (shut == to->shut && open == to->port_state &&
	    tls == to->ssl_state)
		return false;
	to->shut = shut;
	to->port_state = open;
	to->ssl_state = tls;
	to->tcp = tcp_by_flags(p);
	return true;
}

static void
leg_facts(struct wad_slot_leg *to, const struct wad_leg *leg)
{
	bool tls = leg->ssl != NULL && leg->ssl->done;

	if (leg->port != NULL) {
		to->local = leg->port->local;
		to->peer = leg->port->peer;
	}
	if (!tls)
		to->tls_version = 0;
	else if (to->tls_version == 0) {
		to->tls_version = (uint16_t)SSL_version(leg->ssl->ssl);
		SET_TEXT(to->tls_cipher, wad_ssl_common_cipher(leg->ssl));
	}
}

/* The interface of a side, by its index, and what the configuration calls
 * it. */
static void
leg_device(struct wad_slot_leg *to, const struct wad_conf *conf,
    unsigned index, const char *dev)
{
	const struct wad_interface *i;

	if (to->ifindex == index && strcmp(to->dev, dev) == 0)
		return;
	to->ifindex = index;
	SET_TEXT(to->dev, dev);
	i = wad_conf_if_by_device(conf, dev);
	SET_TEXT(to->intf, i != NULL ? i->name : NULL);
	SET_TEXT(to->role, i != NULL ? i->role : NULL);
}

/* ---- policy ------------------------------------------------------------- */

static bool
holds(const struct wad_service *v, uint16_t port)
{
	for (size_t i = 0; i < v->n_tcp; i++)
		if (port >= v->tcp[i].lo && port <= v->tcp[i].hi)
			return !v->all;
	return false;
}

/* The name of the service: of the policy's own object that holds the port, of
 * any object, of the ones that everybody knows, or "tcp/8443". */
static void
service_name(const struct wad_session *s, const struct wad_policy *p,
    char *out, size_t size)
{
	static const struct { uint16_t port; const char *name; } known[] = {
		{ 443, "HTTPS" }, { 80, "HTTP" }, { 22, "SSH" }, { 21, "FTP" },
		{ 23, "TELNET" }, { 25, "SMTP" }, { 465, "SMTPS" },
		{ 110, "POP3" }, { 995, "POP3S" }, { 143, "IMAP" },
		{ 993, "IMAPS" }, { 53, "DNS" }, { 389, "LDAP" },
		{ 3389, "RDP" },
	};
	const struct wad_conf	*conf = s->wc->conf;
	uint16_t		 port = s->flow.dst.port;
	const char		*name = NULL;

	for (size_t i = 0; p != NULL && !p->service_negate && name == NULL &&
	    i < p->n_services; i++)
		if (holds(p->services[i], port))
			name = p->services[i]->name;
	for (size_t i = 0; name == NULL && i < conf->n_services; i++)
		if (holds(&conf->services[i], port))
			name = conf->services[i].name;
	for (size_t i = 0; name == NULL &&
	    i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].port == port)
			name = known[i].name;
	if (name != NULL || port == 0)	/* 0: not known yet */
		set_text(out, size, name);
	else
		snprintf(out, size, "tcp/%u", port);
}

static void
set_state(struct wad_slot *o, uint32_t bit, bool on)
{
	o->state = on ? o->state | bit : o->state & ~bit;
}

/* Between wad_slot_begin and _end.  Policy 0 is logged as the log settings
 * say (fwpolicy-implicit-log). */
static void
policy_facts(struct wad_session *s, const struct wad_policy *p)
{
	const struct wad_conf_log	*log = &s->wc->conf->log;
	struct wad_slot			*o = s->slot;
	bool				 logged;

	o->policy_id = p != NULL ? p->id : 0;
	o->pol_uuid_idx = p != NULL ? p->uuid_idx : 0;
	SET_TEXT(o->poluuid, p != NULL ? p->uuid : NULL);
	SET_TEXT(o->policy_name, p != NULL ? p->name : NULL);
	SET_TEXT(o->comment, p != NULL && log->policy_comment ?
	    p->comments : NULL);
	o->logtraffic = (uint8_t)(p != NULL ? p->logtraffic :
	    (s->explicit_web ? log->explicit_implicit : log->implicit) ?
	    WAD_LOG_ALL : WAD_LOG_DISABLE);
	logged = o->logtraffic != WAD_LOG_DISABLE;
	set_state(o, WAD_SLOT_BIT(LOG), logged);
	set_state(o, WAD_SLOT_BIT(F00), logged);
	set_state(o, WAD_SLOT_BIT(LOG_START), p != NULL &&
	    p->logtraffic_start);
	set_state(o, WAD_SLOT_BIT(AUTH), p != NULL &&
	    p->n_groups + p->n_users > 0);
	set_state(o, WAD_SLOT_BIT(MAY_DIRTY), p == NULL || !p->dirty_new);
	service_name(s, p, o->service, sizeof(o->service));
}

void
wad_session_slot_policy(struct wad_session *s, const struct wad_policy *p)
{
	wad_slot_begin(s->slot);
	policy_facts(s, p);
	wad_slot_end(s->slot);
}

/* ---- birth, steps ------------------------------------------------------- */

bool
wad_session_slot_take(struct wad_session *s, const struct wad_listener *l)
{
	static const uint8_t kinds[] = {
		[WAD_LISTEN_TPROXY] = WAD_SLOT_TPROXY,
		[WAD_LISTEN_REDIRECT] = WAD_SLOT_REDIRECT,
		[WAD_LISTEN_EXPLICIT] = WAD_SLOT_EXPLICIT,
	};
	struct wad_slot	*o = wad_slot_take(s->serial);
	char		 dev[IF_NAMESIZE];
	unsigned	 in;

	if (o == NULL)
		return false;
	s->slot = o;
	wad_slot_begin(o);
	o->kind = kinds[l->kind];
	o->proto = IPPROTO_TCP;
	o->policy_kind = s->explicit_web;
	o->reason = WR_N;
	o->state = WAD_SLOT_BIT(LOCAL) | WAD_SLOT_BIT(EPH) |
	    (s->explicit_web ? 0 : WAD_SLOT_BIT(REDIR));
	o->src = s->clt.port->peer;
	o->dst = s->clt.port->local;
	o->born_ms = o->last_ms = o->told_ms = s->born;
	in = wad_sock_facts_ingress(s->clt.port->fd);
	leg_device(&o->clt, s->w->wc->conf, in, in != 0 ?
	    wad_route_ifname(in, dev) : l->device);
	leg_facts(&o->clt, &s->clt);
	leg_states(&o->clt, &s->clt);
	wad_slot_end(o);
	wad_session_table_enter(s);
	return true;
}

static uint8_t
decided(const struct wad_session *s)
{
	if (s->nego == NULL)
		return WAD_SLOT_D_NONE;
	if (s->clt.ssl != NULL && s->clt.ssl->done)
		return WAD_SLOT_D_DEEP;
	if (wad_inspect_is_exempt(s))
		return WAD_SLOT_D_EXEMPT;
	return s->bypass ? WAD_SLOT_D_BYPASS : WAD_SLOT_D_NONE;
}

/* Of several targets of the explicit proxy the race has chosen one. */
static void
chosen_way(struct wad_session *s)
{
	struct wad_route r;

	if (!s->explicit_web || s->n_targets < 2 || s->way_chosen ||
	    s->srv.port == NULL || !s->srv.port->connected)
		return;
	s->way_chosen = true;
	if (wad_route_lookup(&s->srv.port->peer, &r) == 0)
		s->route = r;
}

/* What does not change within a stage. */
static void
facts(struct wad_session *s)
{
	struct wad_slot	*o = s->slot;

	chosen_way(s);
	s->slot_stage = s->stage;
	o->stage = (uint8_t)wad_session_stage_number(s);
	if (s->flow.dst.family != 0)
		o->dst = s->flow.dst;
	leg_facts(&o->clt, &s->clt);
	leg_facts(&o->srv, &s->srv);
	leg_device(&o->srv, s->wc->conf, s->route.oif, s->route.dev);
	o->srv.gateway = s->route.gateway;
	if (wad_session_phase(s) != WAD_PHASE_NEW &&
	    (s->slot_policy != s->policy || o->service[0] == '\0')) {
		s->slot_policy = s->policy;
		s->checked = s->wc->conf->generation;
		policy_facts(s, s->policy);
	}
	/* the client's address is not what the server sees */
	o->nat = s->srv.port != NULL && s->srv.port->local.family != 0 &&
	    !wad_addr_equal(&s->srv.port->local, &s->clt.port->peer);
	o->tls = s->tls;
	o->inspect = (uint8_t)s->inspect;
	o->decided = decided(s);
	o->url_cat = s->verdict.cate;
	set_state(o, WAD_SLOT_BIT(URL_CAT_VALID), s->policy != NULL &&
	    s->policy->webfilter != NULL && s->verdict.src != WAD_CATE_NONE);
	set_state(o, WAD_SLOT_BIT(EPH), s->srv.port == NULL ||
	    !s->srv.port->connected);
	set_state(o, WAD_SLOT_BIT(AUTHED), s->flow.user != NULL);
	SET_TEXT(o->user, s->flow.user);
	SET_TEXT(o->host, s->nego != NULL && s->nego->host[0] != '\0' ?
	    s->nego->host : s->host);
	SET_TEXT(o->fwdsrv, s->wc->conf->webproxy.log_forward ?
	    wad_forward_name(s) : NULL);
	if (s->nego != NULL && s->nego->verified)
		SET_TEXT(o->sct, s->nego->origin.has_sct ? "embedded" :
		    "none");
}

/* The record at the start of a session: its policy is known and its server is
 * there. */
static void
log_start(struct wad_session *s)
{
	if (s->slot->logged_start || s->policy == NULL ||
	    !s->policy->logtraffic_start || s->srv.port == NULL ||
	    !s->srv.port->connected)
		return;
	wad_slot_begin(s->slot);
	s->slot->logged_start = true;
	wad_slot_end(s->slot);
	wad_traffic_log(s->slot, &s->wc->conf->log, WAD_TRAFFIC_START,
	    wad_clock_ms());
}

/* Between wad_slot_begin and _end. */
static void
step(struct wad_session *s)
{
	struct wad_slot	*o = s->slot;
	bool		 moved;

	moved = leg_moves(&o->clt, &s->clt);
	moved |= leg_moves(&o->srv, &s->srv);
	moved |= leg_states(&o->clt, &s->clt);
	moved |= leg_states(&o->srv, &s->srv);
	if (s->stage != s->slot_stage) {
		facts(s);
		moved = true;
	}
	o->count_web = s->count_web;
	o->count_ssl = s->count_ssl;
	o->utm_action = (uint8_t)s->utm;
	o->crscore = s->crscore;
	o->craction = s->craction;
	if (moved) {
		o->last_ms = wad_clock_ms();
		o->timeout = timeout_of(s);
	}
}

void
wad_session_slot_kick(struct wad_session *s)
{
	if (s->done)
		return;
	wad_slot_begin(s->slot);
	step(s);
	wad_slot_end(s->slot);
	log_start(s);
}

/* ---- what only the kernel knows ----------------------------------------- */

static void
leg_kernel(struct wad_slot_leg *to, const struct wad_leg *leg)
{
	struct wad_sock_facts f;

	if (leg->port == NULL || leg->port->fd == -1 ||
	    wad_sock_facts_tcp(leg->port->fd, &f) == -1)
		return;
	to->pkts_in = f.segs_in;
	to->pkts_out = f.segs_out;
	to->tcp = tcp_by_kernel(f.state);
}

/* Bytes per second since the time before; not of moments. */
static void
speeds(struct wad_session *s, uint64_t now)
{
	struct wad_slot	*o = s->slot;
	uint64_t	 ms = now - s->fresh_ms;

	if (s->fresh_ms != 0 && ms < 500)
		return;
	if (s->fresh_ms != 0) {
		o->tx_bps = (uint32_t)((o->clt.bytes_in - s->fresh_up) * 1000 /
		    ms);
		o->rx_bps = (uint32_t)((o->clt.bytes_out - s->fresh_down) *
		    1000 / ms);
	}
	s->fresh_ms = now;
	s->fresh_up = o->clt.bytes_in;
	s->fresh_down = o->clt.bytes_out;
}

void
wad_session_slot_refresh(struct wad_session *s, uint64_t now)
{
	struct wad_slot	*o = s->slot;

	if (s->done)
		return;
	wad_slot_begin(o);
	step(s);
	leg_kernel(&o->clt, &s->clt);
	leg_kernel(&o->srv, &s->srv);
	speeds(s, now);
	set_state(o, WAD_SLOT_BIT(DIRTY), s->checked != 0 &&
	    s->checked != s->w->wc->conf->generation);
	wad_slot_end(o);
}

void
wad_session_slot_way(struct wad_session *s)
{
	struct wad_slot	*o = s->slot;

	if (s->done || s->way_known)
		return;
	s->way_known = true;
	wad_slot_begin(o);
	wad_route_gateway(&o->clt.peer, o->clt.ifindex, &o->clt.gateway);
	wad_slot_end(o);
}

/* ---- the end ------------------------------------------------------------ */

void
wad_session_slot_end(struct wad_session *s)
{
	struct wad_slot	*o = s->slot;
	uint64_t	 now = wad_clock_ms();

	log_start(s);			/* one that began and ended at once */
	wad_slot_begin(o);
	step(s);
	o->reason = (uint8_t)(s->reason - wad_reasons);
	SET_TEXT(o->msg, s->why_text[0] != '\0' ? s->why_text :
	    s->reason->text);
	o->net_error = s->dial_error != 0 || s->srv.port == NULL ?
	    s->dial_error : s->srv.port->error;
	wad_slot_end(o);
	if (strcmp(s->reason->action, "deny") == 0 && wad_slot_seg() != NULL)
		wad_slot_seg()->denied++;
	wad_traffic_log(o, &s->wc->conf->log, WAD_TRAFFIC_END, now);
	wad_slot_begin(o);
	o->logged_end = true;
	wad_slot_end(o);
}
