/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The traffic record of a session, field by field in the order of FortiOS;
 * what it does not have comes last.  Numbers and texts may be those of a
 * segment that a broken worker left: what indexes something is checked, and
 * texts end where their field does.
 */
#include "session/traffic_log.h"

#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "base/reason.h"

/* Bits of craction=. */
enum { CR_FAILED = 262144, CR_BLOCKED = 131072 };

/* A text of the slot, ended or not. */
#define TEXT(r, key, field)						\
	wad_log_strn(r, key, field, strnlen(field, sizeof(field)))

static const struct wad_reason *
reason_of(const struct wad_slot *s)
{
	return &wad_reasons[s->reason < WR_N ? s->reason : WR_WORKER_DIED];
}

static const char *
action_of(const struct wad_slot *s, enum wad_traffic what)
{
	if (what == WAD_TRAFFIC_START)
		return "start";
	return what == WAD_TRAFFIC_INTERIM ? "accept" : reason_of(s)->action;
}

static bool
ended_as(const struct wad_slot *s, enum wad_traffic what, const char *action)
{
	return strcmp(action_of(s, what), action) == 0;
}

static bool
has_utm(const struct wad_slot *s)
{
	return s->utm_action != WAD_UTM_NONE || s->count_web > 0 ||
	    s->count_ssl > 0;
}

bool
wad_traffic_log_wanted(const struct wad_slot *s,
    const struct wad_conf_log *conf, enum wad_traffic what)
{
	/* No policy: the implicit one denied it, or it never got so far. */
	if (s->policy_id == 0) {
		if (what != WAD_TRAFFIC_END)
			return false;
		if (s->reason != WR_POLICY_DENY)
			return true;
		return s->kind == WAD_SLOT_EXPLICIT ?
		    conf->explicit_implicit : conf->implicit;
	}
	if (s->logtraffic == WAD_LOG_DISABLE ||
	    (s->logtraffic == WAD_LOG_UTM && !has_utm(s)))
		return false;
	switch (what) {
	case WAD_TRAFFIC_START:
		return (s->state & WAD_SLOT_BIT(LOG_START)) != 0;
	case WAD_TRAFFIC_INTERIM:
		return conf->long_live;
	default:
		return true;
	}
}

/* ---- parts of the record ------------------------------------------------ */

static void
put_side(struct wad_log_rec *r, const struct wad_addr *a,
    const struct wad_slot_leg *leg, const char *const key[4])
{
	if (a->family != 0) {
		wad_log_ip(r, key[0], a);
		wad_log_u64(r, key[1], a->port);
	}
	if (leg->intf[0] != '\0')
		TEXT(r, key[2], leg->intf);
	else
		TEXT(r, key[2], leg->dev);
	if (leg->role[0] != '\0')
		TEXT(r, key[3], leg->role);
	else
		wad_log_str(r, key[3], "undefined");
}

static void
put_user(struct wad_log_rec *r, const struct wad_slot *s, bool upper)
{
	char name[sizeof(s->user)];

	memcpy(name, s->user, sizeof(name));
	for (size_t i = 0; upper && i < sizeof(name); i++)
		name[i] = (char)toupper((unsigned char)name[i]);
	TEXT(r, "user", name);
	TEXT(r, "group", s->group);
	TEXT(r, "authserver", s->auth_server);
}

static void
put_service(struct wad_log_rec *r, const struct wad_slot *s, bool resolve)
{
	if (resolve && s->service[0] != '\0')
		TEXT(r, "service", s->service);
	else
		wad_log_strf(r, "service", "tcp/%u", s->dst.port);
}

/* What the server sees instead of what the client sent. */
static void
put_nat(struct wad_log_rec *r, const struct wad_slot *s)
{
	bool dnat = s->srv.peer.family != 0 && s->dst.family != 0 &&
	    !wad_addr_equal(&s->srv.peer, &s->dst);
	bool snat = s->srv.local.family != 0 &&
	    !wad_addr_equal(&s->srv.local, &s->src);

	wad_log_str(r, "trandisp", snat && dnat ? "snat+dnat" :
	    snat ? "snat" : dnat ? "dnat" : "noop");
	if (dnat) {
		wad_log_ip(r, "tranip", &s->srv.peer);
		wad_log_u64(r, "tranport", s->srv.peer.port);
	}
	if (snat) {
		wad_log_ip(r, "transip", &s->srv.local);
		wad_log_u64(r, "transport", s->srv.local.port);
	}
}

/* The client's side is the LAN, the server's the WAN, wherever they are. */
static void
put_traffic(struct wad_log_rec *r, const struct wad_slot *s, uint64_t now_ms)
{
	wad_log_u64(r, "duration", now_ms > s->born_ms ?
	    (now_ms - s->born_ms) / 1000 : 0);
	wad_log_u64(r, "sentbyte", s->clt.bytes_in);
	wad_log_u64(r, "rcvdbyte", s->clt.bytes_out);
	wad_log_u64(r, "sentpkt", s->clt.pkts_in);
	wad_log_u64(r, "rcvdpkt", s->clt.pkts_out);
	wad_log_str(r, "appcat", "unscanned");
	wad_log_u64(r, "wanin", s->srv.bytes_in);
	wad_log_u64(r, "wanout", s->srv.bytes_out);
	wad_log_u64(r, "lanin", s->clt.bytes_in);
	wad_log_u64(r, "lanout", s->clt.bytes_out);
}

static void
put_utm(struct wad_log_rec *r, const struct wad_slot *s)
{
	static const char *const words[] = {
		[WAD_UTM_NONE] = NULL, [WAD_UTM_ALLOW] = "allow",
		[WAD_UTM_BLOCK] = "block", [WAD_UTM_RESET] = "reset",
		[WAD_UTM_PASSTHROUGH] = "passthrough"
	};

	if (s->utm_action <= WAD_UTM_PASSTHROUGH)
		wad_log_str(r, "utmaction", words[s->utm_action]);
	if (s->count_web > 0)
		wad_log_u64(r, "countweb", s->count_web);
	if (s->count_ssl > 0)
		wad_log_u64(r, "countssl", s->count_ssl);
}

/* `log threat-weight`: what the profiles found, or that the connection failed
 * or was denied.  Of several the worst counts. */
static void
put_threat(struct wad_log_rec *r, const struct wad_slot *s,
    const struct wad_conf_log *conf, enum wad_traffic what)
{
	static const char *const words[] = { "low", "medium", "high",
		"critical" };
	bool		 stopped = s->utm_action == WAD_UTM_BLOCK ||
			     s->utm_action == WAD_UTM_RESET;
	bool		 failed = ended_as(s, what, "ip-conn") ||
			     (ended_as(s, what, "server-rst") && !stopped);
	bool		 denied = ended_as(s, what, "deny");
	unsigned	 weight = failed ? conf->w_failed : denied ?
			     conf->w_blocked : 0;
	unsigned	 score = s->crscore, level = 0;
	uint32_t	 action = s->craction;

	if (!conf->threat)
		return;
	if (weight >= 1 && weight <= 4) {
		action |= failed ? CR_FAILED : CR_BLOCKED;
		if (conf->score[weight - 1] > score)
			score = conf->score[weight - 1];
	}
	if (action == 0)
		return;
	while (level < 3 && conf->score[level + 1] <= score)
		level++;
	wad_log_u64(r, "crscore", score);
	wad_log_u64(r, "craction", action);
	wad_log_str(r, "crlevel", words[level]);
}

static uint64_t
since(uint64_t now, uint64_t told)
{
	return now > told ? now - told : 0;
}

/* What came since the last interim record; after one, also at the end. */
static void
put_delta(struct wad_log_rec *r, const struct wad_slot *s, uint64_t now_ms)
{
	wad_log_u64(r, "sentdelta", since(s->clt.bytes_in, s->told_sent));
	wad_log_u64(r, "rcvddelta", since(s->clt.bytes_out, s->told_rcvd));
	wad_log_u64(r, "durationdelta", since(now_ms,
	    s->told_ms > s->born_ms ? s->told_ms : s->born_ms) / 1000);
	wad_log_u64(r, "sentpktdelta", since(s->clt.pkts_in,
	    s->told_sent_pkts));
	wad_log_u64(r, "rcvdpktdelta", since(s->clt.pkts_out,
	    s->told_rcvd_pkts));
}

static void
put_tls(struct wad_log_rec *r, const struct wad_slot_leg *leg,
    const char *version_key, const char *cipher_key)
{
	static const char *const versions[] = { "SSLv3", "TLSv1", "TLSv1.1",
		"TLSv1.2", "TLSv1.3" };

	if (leg->tls_version < WAD_SSL30 || leg->tls_version > WAD_TLS13)
		return;
	wad_log_str(r, version_key, versions[leg->tls_version - WAD_SSL30]);
	TEXT(r, cipher_key, leg->tls_cipher);
}

/* What FortiOS has no field for. */
static void
put_own(struct wad_log_rec *r, const struct wad_slot *s, enum wad_traffic what)
{
	static const char *const inspect[] = {
		[WAD_SLOT_D_NONE] = "none", [WAD_SLOT_D_DEEP] = "deep",
		[WAD_SLOT_D_EXEMPT] = "exempt", [WAD_SLOT_D_BYPASS] = "exempt"
	};

	TEXT(r, "hostname", s->host);
	if (s->url_cat != 0 || (s->state & WAD_SLOT_BIT(URL_CAT_VALID)) != 0)
		wad_log_u64(r, "cat", s->url_cat);
	put_tls(r, &s->clt, "tlsver", "tlscipher");
	put_tls(r, &s->srv, "srvtlsver", "srvtlscipher");
	TEXT(r, "sct", s->sct);
	wad_log_str(r, "inspect", inspect[s->decided <= WAD_SLOT_D_BYPASS ?
	    s->decided : WAD_SLOT_D_NONE]);
	if (what != WAD_TRAFFIC_END)
		return;
	wad_log_str(r, "reason", reason_of(s)->name);
	if (s->msg[0] != '\0')
		TEXT(r, "msg", s->msg);
	else
		wad_log_str(r, "msg", reason_of(s)->text);
}

/* ---- the record --------------------------------------------------------- */

static enum wad_log_id
kind_of(const struct wad_slot *s, enum wad_traffic what)
{
	switch (what) {
	case WAD_TRAFFIC_START:
		return WAD_LOG_TRAFFIC_START;
	case WAD_TRAFFIC_INTERIM:
		return WAD_LOG_TRAFFIC_INTERIM;
	default:
		return ended_as(s, what, "ip-conn") ? WAD_LOG_TRAFFIC_FAILED :
		    WAD_LOG_TRAFFIC_END;
	}
}

void
wad_traffic_log(const struct wad_slot *s, const struct wad_conf_log *conf,
    enum wad_traffic what, uint64_t now_ms)
{
	static const char *const src[] = { "srcip", "srcport", "srcintf",
		"srcintfrole" };
	static const char *const dst[] = { "dstip", "dstport", "dstintf",
		"dstintfrole" };
	struct wad_log_rec r;

	if (!wad_traffic_log_wanted(s, conf, what))
		return;
	wad_log_begin(&r, kind_of(s, what));
	put_side(&r, &s->src, &s->clt, src);
	put_side(&r, &s->dst, &s->srv, dst);
	wad_log_u64(&r, "sessionid", s->serial);
	wad_log_u64(&r, "proto", s->proto);
	wad_log_str(&r, "action", action_of(s, what));
	wad_log_u64(&r, "policyid", s->policy_id);
	wad_log_str(&r, "policytype", s->policy_kind == 1 ? "proxy-policy" :
	    "policy");
	TEXT(&r, "poluuid", s->poluuid);
	TEXT(&r, "policyname", s->policy_name);
	TEXT(&r, "comment", s->comment);
	put_user(&r, s, conf->user_upper);
	put_service(&r, s, conf->resolve_port);
	put_nat(&r, s);
	put_traffic(&r, s, now_ms);
	put_utm(&r, s);
	put_threat(&r, s, conf, what);
	if (what == WAD_TRAFFIC_INTERIM || s->told_ms > s->born_ms)
		put_delta(&r, s, now_ms);
	TEXT(&r, "fwdsrv", s->fwdsrv);
	if (!conf->brief)
		put_own(&r, s, what);
	if (what == WAD_TRAFFIC_END)
		wad_slot_ending(s->serial);
	wad_log_end(&r);
}
