/* SPDX-License-Identifier: Apache-2.0 */
/*
 * traffic_log.c: the record field by field, which sessions are logged, and
 * slots that a broken worker left.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/reason.h"
#include "session/traffic_log.h"
#include "suite.h"

static struct wad_ring_seg	*ring;
static struct wad_ring_pos	 pos;
static struct wad_conf_log	 conf;
static struct wad_slot		 slot;
static char			 line[WAD_RING_LOG_SIZE];

static void
setup(void)
{
	struct wad_slot *s = &slot;

	ring = calloc(1, sizeof(*ring));
	ck_assert_ptr_nonnull(ring);
	wad_dbg_attach(NULL, ring);
	memset(&pos, 0, sizeof(pos));
	conf = (struct wad_conf_log) { .resolve_port = true,
		.long_live = true, .threat = true,
		.score = { 5, 10, 30, 50 }, .w_blocked = 3, .w_failed = 1,
		.w_url = 3 };
	memset(s, 0, sizeof(*s));
	s->serial = 4711;
	s->kind = WAD_SLOT_TPROXY;
	s->proto = 6;
	s->reason = WR_CLT_CLOSED;
	s->decided = WAD_SLOT_D_DEEP;
	s->policy_id = 7;
	s->logtraffic = WAD_LOG_ALL;
	ck_assert_int_eq(wad_addr_parse_port(&s->src, "10.0.0.2:40000"), 0);
	ck_assert_int_eq(wad_addr_parse_port(&s->dst, "192.0.2.1:443"), 0);
	s->clt.peer = s->src;
	s->clt.local = s->srv.peer = s->dst;
	ck_assert_int_eq(wad_addr_parse_port(&s->srv.local,
	    "198.51.100.9:50000"), 0);
	strcpy(s->clt.dev, "eth1");
	strcpy(s->srv.dev, "eth0");
	strcpy(s->srv.intf, "wan1");
	strcpy(s->srv.role, "wan");
	strcpy(s->poluuid, "8d8548fd-400a-40f0-49bf-52906fe8aef4");
	strcpy(s->policy_name, "Web");
	strcpy(s->service, "HTTPS");
	strcpy(s->host, "www.example.com");
	s->clt.bytes_in = 1000;
	s->clt.bytes_out = 2000;
	s->srv.bytes_in = 1900;
	s->srv.bytes_out = 900;
	s->clt.pkts_in = 10;
	s->clt.pkts_out = 12;
	s->born_ms = s->told_ms = 5000;
	s->clt.tls_version = 0x0304;
	strcpy(s->clt.tls_cipher, "TLS_AES_128_GCM_SHA256");
	s->srv.tls_version = 0x0303;
	strcpy(s->srv.tls_cipher, "ECDHE-RSA-AES128-GCM-SHA256");
}

static void
teardown(void)
{
	wad_dbg_attach(NULL, NULL);
	free(ring);
}

/* The record from its logid on, without tz and the like; "": none. */
static const char *
record(enum wad_traffic what)
{
	const char *p;

	wad_traffic_log(&slot, &conf, what, 9500);
	if (wad_ring_next_log(ring, &pos, line, sizeof(line)) == 0)
		return "";
	p = strstr(line, "logid=");
	ck_assert_ptr_nonnull(p);
	return p;
}

static void
has(const char *want)
{
	if (strstr(line, want) == NULL)
		ck_abort_msg("%s is not in %s", want, line);
}

static void
lacks(const char *want)
{
	if (strstr(line, want) != NULL)
		ck_abort_msg("%s is in %s", want, line);
}

#define HEAD(id) "logid=\"" id "\" type=\"traffic\" subtype=\"forward\" "
#define FROM "vd=\"root\" srcip=10.0.0.2 srcport=40000 srcintf=\"eth1\" "	\
	"srcintfrole=\"undefined\" dstip=192.0.2.1 dstport=443 "		\
	"dstintf=\"wan1\" dstintfrole=\"wan\" sessionid=4711 proto=6 "
#define POLICY "policyid=7 policytype=\"policy\" "				\
	"poluuid=\"8d8548fd-400a-40f0-49bf-52906fe8aef4\" "			\
	"policyname=\"Web\" "
#define MOVED "service=\"HTTPS\" trandisp=\"snat\" transip=198.51.100.9 "	\
	"transport=50000 duration=4 sentbyte=1000 rcvdbyte=2000 sentpkt=10 "	\
	"rcvdpkt=12 appcat=\"unscanned\" wanin=1900 wanout=900 lanin=1000 "	\
	"lanout=2000 "
#define OWN "hostname=\"www.example.com\" tlsver=\"TLSv1.3\" "			\
	"tlscipher=\"TLS_AES_128_GCM_SHA256\" srvtlsver=\"TLSv1.2\" "		\
	"srvtlscipher=\"ECDHE-RSA-AES128-GCM-SHA256\" "

START_TEST(order)
{
	ck_assert_str_eq(record(WAD_TRAFFIC_END), HEAD("0000000013")
	    "level=\"notice\" " FROM "action=\"close\" " POLICY MOVED OWN
	    "inspect=\"deep\" reason=\"client-closed\" "
	    "msg=\"the client ended the connection\"");
	slot.policy_kind = 1;
	slot.utm_action = WAD_UTM_BLOCK;
	slot.count_web = 1;
	slot.count_ssl = 2;
	slot.craction = 8;
	slot.crscore = 30;
	slot.url_cat = 26;
	strcpy(slot.user, "alice");
	strcpy(slot.group, "staff");
	strcpy(slot.auth_server, "ldap1");
	strcpy(slot.sct, "none");
	strcpy(slot.msg, "URL belongs to a denied category");
	slot.reason = WR_BLOCKED;
	slot.decided = WAD_SLOT_D_EXEMPT;
	conf.user_upper = true;
	ck_assert_str_eq(record(WAD_TRAFFIC_END), HEAD("0000000013")
	    "level=\"notice\" " FROM "action=\"close\" "
	    "policyid=7 policytype=\"proxy-policy\" "
	    "poluuid=\"8d8548fd-400a-40f0-49bf-52906fe8aef4\" "
	    "policyname=\"Web\" user=\"ALICE\" group=\"staff\" "
	    "authserver=\"ldap1\" " MOVED "utmaction=\"block\" countweb=1 "
	    "countssl=2 crscore=30 craction=8 crlevel=\"high\" "
	    "hostname=\"www.example.com\" cat=26 " "tlsver=\"TLSv1.3\" "
	    "tlscipher=\"TLS_AES_128_GCM_SHA256\" srvtlsver=\"TLSv1.2\" "
	    "srvtlscipher=\"ECDHE-RSA-AES128-GCM-SHA256\" sct=\"none\" "
	    "inspect=\"exempt\" reason=\"blocked\" "
	    "msg=\"URL belongs to a denied category\"");
	conf.brief = true;
	(void)record(WAD_TRAFFIC_END);
	lacks("hostname=");
	lacks("reason=");
}
END_TEST

START_TEST(kinds)
{
	ck_assert_str_eq(record(WAD_TRAFFIC_START), "");	/* not asked */
	slot.state = WAD_SLOT_BIT(LOG_START);
	ck_assert_str_eq(record(WAD_TRAFFIC_START), HEAD("0000000015")
	    "level=\"notice\" " FROM "action=\"start\" " POLICY MOVED OWN
	    "inspect=\"deep\"");
	slot.told_ms = 7000;
	slot.told_sent = 400;
	slot.told_rcvd = 500;
	slot.told_sent_pkts = 3;
	slot.told_rcvd_pkts = 4;
	ck_assert_str_eq(record(WAD_TRAFFIC_INTERIM), HEAD("0000000020")
	    "level=\"notice\" " FROM "action=\"accept\" " POLICY MOVED
	    "sentdelta=600 rcvddelta=1500 durationdelta=2 sentpktdelta=7 "
	    "rcvdpktdelta=8 " OWN "inspect=\"deep\"");
	conf.long_live = false;
	ck_assert_str_eq(record(WAD_TRAFFIC_INTERIM), "");
	strcpy(slot.fwdsrv, "up");
	(void)record(WAD_TRAFFIC_END);		/* and the rest at the end */
	has(" sentdelta=600 ");
	has(" rcvdpktdelta=8 fwdsrv=\"up\" ");
}
END_TEST

/* Every action with its number, level and score. */
START_TEST(actions)
{
	static const struct { uint8_t reason; const char *want; } rows[] = {
		{ WR_CLT_CLOSED, "action=\"close\" policyid=7 " },
		{ WR_SRV_CLOSED, "action=\"close\" policyid=7 " },
		{ WR_CLT_RST, "action=\"client-rst\" policyid=7 " },
		{ WR_SRV_RST, "action=\"server-rst\" policyid=7 " },
		{ WR_IDLE_TIMEOUT, "action=\"timeout\" policyid=7 " },
		{ WR_POLICY_DENY, "action=\"deny\" policyid=7 " },
		{ WR_SRV_UNREACHABLE, "action=\"ip-conn\" policyid=7 " },
		{ WR_SRV_REFUSED, "action=\"ip-conn\" policyid=7 " },
		{ WR_SRV_TIMEOUT, "action=\"ip-conn\" policyid=7 " },
		{ WR_WORKER_DIED, "action=\"close\" policyid=7 " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool failed = strstr(rows[i].want, "ip-conn") != NULL;

		slot.reason = rows[i].reason;
		(void)record(WAD_TRAFFIC_END);
		has(rows[i].want);
		has(failed ? "logid=\"0000000011\"" : "logid=\"0000000013\"");
		has(failed ? "level=\"warning\"" : "level=\"notice\"");
		if (failed || rows[i].reason == WR_SRV_RST)
			has(" crscore=5 craction=262144 crlevel=\"low\" ");
		else if (rows[i].reason == WR_POLICY_DENY)
			has(" crscore=30 craction=131072 crlevel=\"high\" ");
		else
			lacks("craction=");
	}
	slot.reason = WR_SRV_REFUSED;
	conf.w_failed = 4;
	(void)record(WAD_TRAFFIC_END);
	has(" crscore=50 craction=262144 crlevel=\"critical\" ");
	conf.w_failed = 0;
	(void)record(WAD_TRAFFIC_END);
	lacks("craction=");
	conf.w_failed = 1;
	conf.threat = false;
	(void)record(WAD_TRAFFIC_END);
	lacks("craction=");
}
END_TEST

START_TEST(wanted)
{
	slot.state = WAD_SLOT_BIT(LOG_START);
	slot.logtraffic = WAD_LOG_DISABLE;
	ck_assert_str_eq(record(WAD_TRAFFIC_START), "");
	ck_assert_str_eq(record(WAD_TRAFFIC_INTERIM), "");
	ck_assert_str_eq(record(WAD_TRAFFIC_END), "");
	slot.logtraffic = WAD_LOG_UTM;
	ck_assert_str_eq(record(WAD_TRAFFIC_END), "");
	slot.count_ssl = 1;
	ck_assert_str_ne(record(WAD_TRAFFIC_END), "");
	slot.count_ssl = 0;
	slot.utm_action = WAD_UTM_BLOCK;
	ck_assert_str_ne(record(WAD_TRAFFIC_END), "");
	/* the implicit policies */
	slot.policy_id = 0;
	slot.reason = WR_POLICY_DENY;
	ck_assert_str_eq(record(WAD_TRAFFIC_END), "");
	conf.implicit = true;
	ck_assert_str_ne(record(WAD_TRAFFIC_END), "");
	has(" policyid=0 ");
	slot.kind = WAD_SLOT_EXPLICIT;
	ck_assert_str_eq(record(WAD_TRAFFIC_END), "");
	conf.explicit_implicit = true;
	ck_assert_str_ne(record(WAD_TRAFFIC_END), "");
	/* what never got as far as a policy is no denial */
	conf.explicit_implicit = false;
	slot.reason = WR_REQUEST_TIMEOUT;
	ck_assert_str_ne(record(WAD_TRAFFIC_END), "");
}
END_TEST

START_TEST(nat)
{
	slot.srv.local = slot.src;
	(void)record(WAD_TRAFFIC_END);
	has(" trandisp=\"noop\" duration=");
	slot.srv.peer.port = 8443;
	(void)record(WAD_TRAFFIC_END);
	has(" trandisp=\"dnat\" tranip=192.0.2.1 tranport=8443 duration=");
	slot.srv.local.port++;
	(void)record(WAD_TRAFFIC_END);
	has(" trandisp=\"snat+dnat\" tranip=192.0.2.1 tranport=8443 "
	    "transip=10.0.0.2 transport=40001 duration=");
	memset(&slot.srv, 0, sizeof(slot.srv));		/* never dialled */
	(void)record(WAD_TRAFFIC_END);
	has(" trandisp=\"noop\" duration=");
	has(" dstport=443 dstintfrole=\"undefined\" sessionid=");
	slot.service[0] = '\0';
	(void)record(WAD_TRAFFIC_END);
	has(" service=\"tcp/443\" ");
}
END_TEST

/* A slot full of one byte: nothing is read beyond a field, nothing raw comes
 * out, the record ends as records do. */
START_TEST(hostile)
{
	static const unsigned char bytes[] = { 0xff, '"', '\n', '\\', 'a',
		'=', ' ', 1 };
	struct wad_addr src = slot.src, dst = slot.dst;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		memset(&slot, bytes[i], sizeof(slot));
		slot.logtraffic = WAD_LOG_ALL;
		slot.src = slot.srv.local = src;
		slot.dst = slot.srv.peer = dst;
		for (int what = 0; what <= WAD_TRAFFIC_END; what++) {
			const struct wad_ring_log *l = &ring->log[pos.log];
			size_t quotes = 0;

			if (*record((enum wad_traffic)what) == '\0')
				continue;
			ck_assert_uint_gt(l->len, 0);
			for (size_t k = 0; k < l->len; k++) {
				ck_assert_int_ge(l->text[k], 0x20);
				ck_assert_int_lt(l->text[k], 0x7f);
				quotes += l->text[k] == '"';
			}
			ck_assert_uint_eq(quotes % 2, 0);
		}
	}
	slot.reason = WR_N;
	slot.utm_action = slot.decided = 200;
	slot.clt.tls_version = 0xffff;
	(void)record(WAD_TRAFFIC_END);
	has("action=\"close\"");
	lacks("utmaction=");
}
END_TEST

/* Before the last record of a session is there, the segment says which it
 * will be. */
START_TEST(ending)
{
	struct wad_slot_seg *seg = calloc(1, sizeof(*seg));

	ck_assert_ptr_nonnull(seg);
	wad_slot_attach(seg);
	slot.state = WAD_SLOT_BIT(LOG_START);
	(void)record(WAD_TRAFFIC_START);
	ck_assert_uint_eq(seg->ending, 0);
	(void)record(WAD_TRAFFIC_END);
	ck_assert_uint_eq(seg->ending, 4711);
	ck_assert_uint_eq(seg->ending_log, 1);
	ck_assert_uint_eq(ring->log_next, 2);
	wad_slot_attach(NULL);
	free(seg);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("traffic_log");
	TCase	*t = tcase_create("traffic_log");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, order);
	tcase_add_test(t, kinds);
	tcase_add_test(t, actions);
	tcase_add_test(t, wanted);
	tcase_add_test(t, nat);
	tcase_add_test(t, hostile);
	tcase_add_test(t, ending);
	suite_add_tcase(s, t);
	return suite_run(s);
}
