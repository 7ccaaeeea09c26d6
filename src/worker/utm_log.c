/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common part of web filter and TLS records, see utm_log.h.
 */
#include "worker/utm_log.h"

#include <stdio.h>

#include "session/slot.h"
#include "worker/worker.h"

enum { HTTPS_PORT = 443 };

/* An interface by its name in the configuration, with its role. */
static void
put_intf(struct wad_log_rec *r, const struct wad_conf *conf, const char *dev,
    const char *key, const char *role_key)
{
	const struct wad_interface *i = dev == NULL ? NULL :
	    wad_conf_if_by_device(conf, dev);

	if (dev == NULL)
		return;
	wad_log_str(r, key, i != NULL ? i->name : dev);
	wad_log_str(r, role_key, i != NULL && i->role != NULL ? i->role :
	    "undefined");
}

static void
put_end(struct wad_log_rec *r, const struct wad_addr *a, const char *ip,
    const char *port)
{
	if (a->family == 0)		/* not known yet */
		return;
	wad_log_ip(r, ip, a);
	wad_log_u64(r, port, a->port);
}

static void
put_service(struct wad_log_rec *r, const struct wad_session *s)
{
	if (s->plain_http && !s->tls)
		wad_log_str(r, "service", "HTTP");
	else if (s->tls || s->by_connect || s->flow.dst.port == HTTPS_PORT)
		wad_log_str(r, "service", "HTTPS");
	else
		wad_log_strf(r, "service", "tcp/%u", s->flow.dst.port);
}

void
wad_utm_log_begin(struct wad_log_rec *r, const struct wad_session *s,
    enum wad_log_id id)
{
	const struct wad_conf *conf = s->wc->conf;

	wad_log_begin(r, id);
	wad_log_u64(r, "policyid", s->policy != NULL ? s->policy->id : 0);
	wad_log_str(r, "poluuid", s->policy != NULL ? s->policy->uuid : NULL);
	wad_log_str(r, "policytype", s->explicit_web ? "proxy-policy" :
	    "policy");
	wad_log_u64(r, "sessionid", s->serial);
	put_end(r, &s->flow.src, "srcip", "srcport");
	put_intf(r, conf, s->flow.in_dev, "srcintf", "srcintfrole");
	put_end(r, &s->flow.dst, "dstip", "dstport");
	put_intf(r, conf, s->flow.out_dev, "dstintf", "dstintfrole");
	wad_log_u64(r, "proto", 6);
	put_service(r, s);
}

void
wad_utm_log_mark(struct wad_session *s, bool blocked)
{
	if (s->utm != WAD_UTM_BLOCK)
		s->utm = blocked ? WAD_UTM_BLOCK : WAD_UTM_ALLOW;
}

void
wad_utm_log_end(struct wad_log_rec *r, struct wad_session *s,
    uint16_t *count, bool blocked)
{
	if (*count < UINT16_MAX)
		++*count;
	wad_utm_log_mark(s, blocked);
	wad_log_end(r);
}

void
wad_utm_log_threat(struct wad_log_rec *r, struct wad_session *s,
    unsigned weight, uint32_t craction)
{
	static const char *const words[] = { "low", "medium", "high",
		"critical" };
	const struct wad_conf_log *l = &s->wc->conf->log;

	if (!l->threat || weight < 1 || weight > 4)
		return;
	s->crscore = (uint16_t)l->score[weight - 1];
	s->craction |= craction;
	wad_log_u64(r, "crscore", s->crscore);
	wad_log_u64(r, "craction", craction);
	wad_log_str(r, "crlevel", words[weight - 1]);
}
