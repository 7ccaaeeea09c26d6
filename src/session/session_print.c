/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layouts of a session.  Lines, fields and their order are FortiOS's, so
 * that scripts that read a FortiGate read openwad.  What openwad has not is
 * printed as for a session in software that has none of it: no shaper, no
 * shaping policy, class and tunnel, no HA (ha_id), no VLAN priority (255: no
 * change), no marking (tos ff: not touched), no application control (app),
 * no VRF or SD-WAN (rpdb), no NGFW policy, no offloading (npu_state).
 */
#include "session/session_print.h"

#include <stdio.h>
#include <string.h>

#include "session/session_filter.h"

/* A text of the slot came from the network or the configuration. */
struct text { char s[256]; };

static const char *
text(struct text *t, const char *s)
{
	return wad_str_escape(t->s, sizeof(t->s), s, strlen(s));
}

const char *
wad_session_print_tcp(unsigned state)
{
	static const char *const names[] = { "NONE", "ESTABLISHED",
		"SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT", "CLOSE",
		"CLOSE_WAIT", "LAST_ACK", "LISTEN" };

	return names[state < sizeof(names) / sizeof(names[0]) ? state : 0];
}

/* ---- parts ------------------------------------------------------------- */

static uint64_t
duration(const struct wad_slot *s, uint64_t now)
{
	return now > s->born_ms ? (now - s->born_ms) / 1000 : 0;
}

static bool
redirected(const struct wad_slot *s)
{
	return (s->state & WAD_SLOT_BIT(REDIR)) != 0;
}

/* What holds the session: the table, its policy, its timer, and each leg's
 * socket. */
static unsigned
uses(const struct wad_slot *s)
{
	return 3u + (s->clt.local.family != 0) + (s->srv.local.family != 0);
}

/* The words of state=, each with a blank behind it. */
static void
states(const struct wad_slot *s, struct wad_str *out)
{
	static const char *const words[WAD_SLOT_S_N] = {
#define X(id, word) [WAD_SLOT_S_##id] = word,
		WAD_SLOT_STATES(X)
#undef X
	};

	for (int i = 0; i < WAD_SLOT_S_N; i++)
		if (s->state >> i & 1) {
			wad_str_add(out, words[i]);
			wad_str_add(out, " ");
		}
}

/* [user=NAME auth_server=NAME ]state=WORDS */
static void
state_line(const struct wad_slot *s, struct wad_str *out)
{
	struct text user, server;

	if (s->user[0] != '\0')
		wad_str_addf(out, "user=%s auth_server=%s ",
		    text(&user, s->user), text(&server, s->auth_server));
	wad_str_add(out, "state=");
	states(s, out);
	wad_str_add(out, "\n");
}

/* The three addresses of the hook lines as "10.0.0.1:80"; without an address
 * "0.0.0.0:0" or ":::0". */
struct tuple { char src[WAD_ADDR_STRLEN + 8], dst[WAD_ADDR_STRLEN + 8],
	nat[WAD_ADDR_STRLEN + 8], none[WAD_ADDR_STRLEN]; bool translated; };

static void
endpoint(const struct wad_addr *a, bool v6, char buf[WAD_ADDR_STRLEN + 8])
{
	char ip[WAD_ADDR_STRLEN];

	if (a->family == 0)
		strcpy(buf, v6 ? ":::0" : "0.0.0.0:0");
	else
		snprintf(buf, WAD_ADDR_STRLEN + 8, "%s:%u",
		    wad_addr_ip_str(a, ip), a->port);
}

static void
tuple(const struct wad_slot *s, struct tuple *t)
{
	static const struct wad_addr	nowhere;
	bool				v6 = s->src.family == AF_INET6;

	t->translated = s->nat && s->srv.local.family != 0;
	endpoint(&s->src, v6, t->src);
	endpoint(&s->dst, v6, t->dst);
	endpoint(t->translated ? &s->srv.local : &nowhere, v6, t->nat);
	strcpy(t->none, v6 ? ":::0" : "0.0.0.0:0");
}

/* One line per tuple.  gap: the blank that session6 has before "->". */
static void
hooks(const struct tuple *t, const char *gap, struct wad_str *out)
{
	if (!t->translated) {
		wad_str_addf(out, "hook=pre dir=org act=noop %s%s->%s(%s)\n"
		    "hook=post dir=reply act=noop %s%s->%s(%s)\n", t->src,
		    gap, t->dst, t->none, t->dst, gap, t->src, t->none);
		return;
	}
	wad_str_addf(out, "hook=post dir=org act=snat %s%s->%s(%s)\n"
	    "hook=pre dir=reply act=dnat %s%s->%s(%s)\n"
	    "hook=post dir=reply act=noop %s%s->%s(%s)\n", t->src, gap,
	    t->dst, t->nat, t->dst, gap, t->nat, t->src, t->dst, gap, t->src,
	    t->none);
}

static void
statistic(const struct wad_slot *s, const struct tuple *t, int allow_err,
    struct wad_str *out)
{
	wad_str_addf(out, "statistic(bytes/packets/allow_err): "
	    "org=%llu/%llu/%d reply=%llu/%llu/%d tuples=%d\n",
	    (unsigned long long)s->clt.bytes_in,
	    (unsigned long long)s->clt.pkts_in, allow_err,
	    (unsigned long long)s->clt.bytes_out,
	    (unsigned long long)s->clt.pkts_out, allow_err,
	    t->translated ? 3 : 2);
}

/* "6->3/3->6": by index, as `diagnose netlink interface list` has them. */
static void
devices(const struct wad_slot *s, struct wad_str *out)
{
	wad_str_addf(out, "orgin->sink: org pre->post, reply pre->post "
	    "dev=%u->%u/%u->%u", s->clt.ifindex, s->srv.ifindex,
	    s->srv.ifindex, s->clt.ifindex);
}

static const char *
gateway(const struct wad_addr *a, bool v6, char buf[WAD_ADDR_STRLEN])
{
	return a->family == 0 ? (v6 ? "::" : "0.0.0.0") :
	    wad_addr_ip_str(a, buf);
}

/* ---- the official form ------------------------------------------------- */

/* Seed session-table.txt; reference 5.3. */
void
wad_session_print_v4(const struct wad_slot *s, uint64_t now, unsigned worker,
    struct wad_str *out)
{
	char		a[WAD_ADDR_STRLEN], b[WAD_ADDR_STRLEN];
	struct tuple	t;

	(void)worker;
	tuple(s, &t);
	/* sockport and av_idx: where a redirected session went */
	wad_str_addf(out, "session info: proto=%u proto_state=%u%u "
	    "duration=%llu expire=%u timeout=%u refresh_dir=both "
	    "flags=00000000 socktype=0 sockport=%u av_idx=%d use=%u\n"
	    "origin-shaper=\nreply-shaper=\nper_ip_shaper=\n"
	    "class_id=0 shaping_policy_id=0 ha_id=0 policy_dir=0 tunnel=/ "
	    "vlan_cos=0/255\n", s->proto, s->srv.tcp % 10u,
	    s->clt.tcp % 10u, (unsigned long long)duration(s, now),
	    wad_slot_expire(s, now), s->timeout,
	    redirected(s) ? s->dst.port : 0u, redirected(s) ? 9 : 0,
	    uses(s));
	state_line(s, out);
	statistic(s, &t, 1, out);
	wad_str_addf(out, "tx speed(Bps/kbps): %u/%u rx speed(Bps/kbps): "
	    "%u/%u\n", s->tx_bps, s->tx_bps / 125, s->rx_bps,
	    s->rx_bps / 125);
	devices(s, out);
	wad_str_addf(out, " gwy=%s/%s\n", gateway(&s->srv.gateway, false, a),
	    gateway(&s->clt.gateway, false, b));
	hooks(&t, "", out);
	wad_str_addf(out, "pos/(before,after) 0/(0,0), 0/(0,0)\n"
	    "misc=0 policy_id=%u pol_uuid_idx=%u auth_info=%d "
	    "chk_client_info=0 vd=0\n"
	    "serial=%08x tos=ff/ff app_list=0 app=0 url_cat=%u\n"
	    "rpdb_link_id=00000000 ngfwid=n/a\n"
	    "npu_state=0x000000\n"
	    "no_ofld_reason:  %s\n\n", s->policy_id, s->pol_uuid_idx,
	    s->user[0] != '\0', s->serial, s->url_cat,
	    redirected(s) ? "redir-to-av" : "local");
}

/* Reference 5.6. */
void
wad_session_print_v6(const struct wad_slot *s, uint64_t now, unsigned worker,
    struct wad_str *out)
{
	struct tuple t;

	(void)worker;
	tuple(s, &t);
	wad_str_addf(out, "session6 info: proto=%u proto_state=%u%u "
	    "duration=%llu expire=%u timeout=%u flags=00000000 sockport=%u "
	    "sockflag=0 use=%u\n"
	    "origin-shaper=\nreply-shaper=\nper_ip_shaper=\n"
	    "ha_id=0\npolicy_dir=0 tunnel=/\n", s->proto, s->srv.tcp % 10u,
	    s->clt.tcp % 10u, (unsigned long long)duration(s, now),
	    wad_slot_expire(s, now), s->timeout,
	    redirected(s) ? s->dst.port : 0u, uses(s));
	state_line(s, out);
	statistic(s, &t, 0, out);
	devices(s, out);
	wad_str_add(out, "\n");
	hooks(&t, " ", out);
	wad_str_addf(out, "misc=0 policy_id=%u auth_info=%d "
	    "chk_client_info=0 vd=0 serial=%08x\n"
	    "npu_state=00000000\n\n", s->policy_id, s->user[0] != '\0',
	    s->serial);
}

/* ---- the study page ---------------------------------------------------- */

/* The page numbers the states of TCP in its own way and has one for a
 * session: that of the leg that is no longer established, the server's
 * first.  What its table lacks goes on behind it. */
static unsigned
study_state(const struct wad_slot *s)
{
	static const uint8_t to[10] = {
		[WAD_TCP_NONE] = 0, [WAD_TCP_SYN_SENT] = 1,
		[WAD_TCP_SYN_RECV] = 2, [WAD_TCP_ESTABLISHED] = 3,
		[WAD_TCP_FIN_WAIT] = 4, [WAD_TCP_CLOSE_WAIT] = 5,
		[WAD_TCP_TIME_WAIT] = 6, [WAD_TCP_CLOSE] = 7,
		[WAD_TCP_LAST_ACK] = 8, [WAD_TCP_LISTEN] = 9,
	};
	bool server = s->srv.tcp != WAD_TCP_NONE && (s->srv.tcp !=
	    WAD_TCP_ESTABLISHED || s->clt.tcp == WAD_TCP_ESTABLISHED);

	return to[(server ? s->srv.tcp : s->clt.tcp) % 10];
}

void
wad_session_print_study(const struct wad_slot *s, uint64_t now,
    unsigned worker, struct wad_str *out)
{
	bool		v6 = s->src.family == AF_INET6;
	char		gw[WAD_ADDR_STRLEN];
	uint32_t	bits[2];
	struct tuple	t;

	(void)worker;
	tuple(s, &t);
	wad_session_filter_state(s->state, bits);
	wad_str_addf(out, "session%s info: proto=%u proto_state=%02u "
	    "duration=%llu expire=%u timeout=%u\n"
	    "dev=%u->%u gwy=%s\n"
	    "hook=post dir=org act=%s\n", v6 ? "6" : "", s->proto,
	    study_state(s), (unsigned long long)duration(s, now),
	    wad_slot_expire(s, now), s->timeout, s->clt.ifindex,
	    s->srv.ifindex, gateway(&s->srv.gateway, v6, gw),
	    t.translated ? "snat" : "noop");
	/* behind each address what it is translated to */
	wad_str_addf(out, "orig src: %s %s\norig dst: %s %s\n"
	    "reply src: %s %s\nreply dst: %s %s\n", t.src, t.nat, t.dst,
	    t.none, t.dst, t.none, t.translated ? t.nat : t.src,
	    t.translated ? t.src : t.none);
	/* no second node, no helper; the proxy sees no MAC */
	wad_str_addf(out, "misc=0 policy_id=%u auth_info=%d "
	    "chk_client_info=0 vd=0\n"
	    "serial=%08x tos=ff/ff ips_bypass=%d\n"
	    "statistic(bytes/packets/allow_err): org=%llu/%llu/1, "
	    "reply=%llu/%llu/1\n"
	    "orgin->sink: org pre->post, reply pre->post\n"
	    "ha_id=0 orig_node=0 reply_node=0 tunnel=/ helper=none\n"
	    "dst_mac=00:00:00:00:00:00\n"
	    "misc: stateflags=%08x use=%u\n\n", s->policy_id,
	    s->user[0] != '\0', s->serial, s->decided == WAD_SLOT_D_BYPASS,
	    (unsigned long long)s->clt.bytes_in,
	    (unsigned long long)s->clt.pkts_in,
	    (unsigned long long)s->clt.bytes_out,
	    (unsigned long long)s->clt.pkts_out, bits[0], uses(s));
}

/* ---- get system session list ------------------------------------------- */

void
wad_session_print_head(struct wad_str *out)
{
	wad_str_addf(out, "%-7s %-6s %-16s %-16s %-16s %s\n", "PROTO",
	    "EXPIRE", "SOURCE", "SOURCE-NAT", "DESTINATION",
	    "DESTINATION-NAT");
}

void
wad_session_print_row(const struct wad_slot *s, uint64_t now,
    unsigned worker, struct wad_str *out)
{
	struct tuple t;

	(void)worker;
	tuple(s, &t);
	wad_str_addf(out, "%-7s %-6u %-16s %-16s %-16s -\n", "tcp",
	    wad_slot_expire(s, now), t.src, t.translated ? t.nat : "-",
	    t.dst);
}

/* ---- diagnose wad session list ----------------------------------------- */

static void
wad_leg(const char *title, const struct wad_slot_leg *l, bool tls,
    struct wad_str *out)
{
	struct text t;

	wad_str_addf(out, "  %s\n", title);
	if (tls) {
		wad_str_addf(out, "    SSL Port:\n      state=%u",
		    l->ssl_state);
		if (l->tls_version != 0)
			wad_str_addf(out, " version=%04x cipher=%s",
			    l->tls_version, text(&t, l->tls_cipher));
		wad_str_add(out, "\n");
	}
	wad_str_addf(out, "    TCP Port:\n"
	    "      state=%u r_blocks=%u w_blocks=%u read_blocked=%d\n"
	    "      bytes_in=%llu bytes_out=%llu shutdown=0x%x\n",
	    l->port_state, l->r_blocks, l->w_blocks, l->read_blocked,
	    (unsigned long long)l->bytes_in,
	    (unsigned long long)l->bytes_out, l->shut);
}

void
wad_session_print_wad(const struct wad_slot *s, uint64_t now,
    unsigned worker, struct wad_str *out)
{
	char	src[WAD_ADDR_STRLEN], out_addr[WAD_ADDR_STRLEN],
		dst[WAD_ADDR_STRLEN];

	/* no address when the server has no socket yet */
	wad_str_addf(out, "Session: %s proxy %s(%s)->%s\n",
	    s->kind == WAD_SLOT_EXPLICIT ? "explicit" : "transparent",
	    wad_addr_str(&s->src, src), s->srv.local.family != 0 ?
	    wad_addr_str(&s->srv.local, out_addr) : "0.0.0.0:0",
	    wad_addr_str(s->kind == WAD_SLOT_EXPLICIT &&
	    s->srv.peer.family != 0 ? &s->srv.peer : &s->dst, dst));
	/* WAN optimization and deduplication are not there */
	wad_str_addf(out, "  id=%u worker=%u vd=0:0 fw-policy=%u\n"
	    "  duration=%llu expire=%u session-ttl=%u\n"
	    "  state=%u app=%s sub_type=0 wan_opt_mode=0 dd_method=0\n",
	    s->serial, worker, s->policy_id,
	    (unsigned long long)duration(s, now), wad_slot_expire(s, now),
	    s->timeout, s->stage, s->decided == WAD_SLOT_D_DEEP || !s->tls ?
	    "http" : "ssl");
	if (s->tls)
		wad_str_add(out, "  SSL enabled\n");
	wad_leg("to-client", &s->clt, s->tls, out);
	if (s->srv.local.family != 0)
		wad_leg("to-server", &s->srv, s->tls, out);
	wad_str_add(out, "\n");
}
