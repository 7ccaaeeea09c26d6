/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots for tests: the example of the session table's document, and others.
 */
#ifndef WAD_TESTS_SESSION_SLOT_H
#define WAD_TESTS_SESSION_SLOT_H

#include <check.h>
#include <string.h>

#include "session/slot.h"

enum { SLOT_NOW = 100000 };	/* ms: duration 59, expire 3586 */

static inline struct wad_addr
slot_addr(const char *s)
{
	struct wad_addr a = { 0 };

	if (*s != '\0')
		ck_assert_msg(wad_addr_parse_port(&a, s) == 0, "%s", s);
	return a;
}

/* A session from src to dst, translated to nat ("": not). */
static inline void
slot_make(struct wad_slot *s, const char *src, const char *dst,
    const char *nat)
{
	memset(s, 0, sizeof(*s));
	s->serial = 0x16a0;
	s->kind = WAD_SLOT_TPROXY;
	s->proto = 6;
	s->decided = WAD_SLOT_D_DEEP;
	s->tls = true;
	s->nat = *nat != '\0';
	s->state = WAD_SLOT_BIT(REDIR) | WAD_SLOT_BIT(LOCAL) |
	    WAD_SLOT_BIT(MAY_DIRTY) | WAD_SLOT_BIT(OS) | WAD_SLOT_BIT(RS) |
	    WAD_SLOT_BIT(URL_CAT_VALID);
	s->src = s->clt.peer = slot_addr(src);
	s->dst = s->clt.local = s->srv.peer = slot_addr(dst);
	s->srv.local = slot_addr(*nat != '\0' ? nat : src);
	s->clt.tcp = s->srv.tcp = WAD_TCP_ESTABLISHED;
	s->clt.bytes_in = 10941;
	s->clt.pkts_in = 16;
	s->clt.bytes_out = 3633;
	s->clt.pkts_out = 11;
	s->clt.ifindex = 6;
	strcpy(s->clt.dev, "port2");
	s->srv.ifindex = 3;
	strcpy(s->srv.dev, "port1");
	s->clt.port_state = s->srv.port_state = 2;
	s->clt.ssl_state = s->srv.ssl_state = 3;
	s->born_ms = SLOT_NOW - 59000;
	s->last_ms = SLOT_NOW - 14000;
	s->timeout = 3600;
	s->policy_id = 9;
	s->pol_uuid_idx = 15905;
	s->url_cat = 142;
}

static inline void
slot_seed(struct wad_slot *s)
{
	slot_make(s, "192.168.2.210:49397", "54.177.212.176:443",
	    "172.19.50.87:49397");
	s->srv.gateway = slot_addr("172.19.50.1:0");
}

#endif
