/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_print.c: every layout, letter by letter.
 */
#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session_print.h"
#include "session_slot.h"
#include "suite.h"

static void
is(wad_session_print_fn *print, const struct wad_slot *s, const char *text)
{
	struct wad_str out = { 0 };

	print(s, SLOT_NOW, 1, &out);
	ck_assert_str_eq(out.s, text);
	wad_str_free(&out);
}

/* The document's record.  What openwad has no notion of stands in the second
 * column as a session without it has it. */
START_TEST(seed)
{
	static const char *const lines[][2] = {
	{ "session info: proto=6 proto_state=11 duration=59 expire=3586 "
	    "timeout=3600 refresh_dir=both flags=00000000 socktype=0 "
	    "sockport=443 av_idx=9 use=5", NULL },
	{ "origin-shaper=low-priority prio=4 guarantee 0Bps max 131072000Bps "
	    "traffic 1826Bps drops 0B", "origin-shaper=" },
	{ "reply-shaper=low-priority prio=4 guarantee 0Bps max 131072000Bps "
	    "traffic 1826Bps drops 0B", "reply-shaper=" },
	{ "per_ip_shaper=", NULL },
	{ "class_id=0 shaping_policy_id=2 ha_id=0 policy_dir=0 tunnel=/ "
	    "vlan_cos=0/255", "class_id=0 shaping_policy_id=0 ha_id=0 "
	    "policy_dir=0 tunnel=/ vlan_cos=0/255" },
	{ "state=redir local may_dirty os rs url_cat_valid ", NULL },
	{ "statistic(bytes/packets/allow_err): org=10941/16/1 "
	    "reply=3633/11/1 tuples=3", NULL },
	{ "tx speed(Bps/kbps): 0/0 rx speed(Bps/kbps): 0/0", NULL },
	{ "orgin->sink: org pre->post, reply pre->post dev=6->3/3->6 "
	    "gwy=172.19.50.1/0.0.0.0", NULL },
	{ "hook=post dir=org act=snat 192.168.2.210:49397->54.177.212.176:443"
	    "(172.19.50.87:49397)", NULL },
	{ "hook=pre dir=reply act=dnat 54.177.212.176:443->172.19.50.87:49397"
	    "(192.168.2.210:49397)", NULL },
	{ "hook=post dir=reply act=noop "
	    "54.177.212.176:443->192.168.2.210:49397(0.0.0.0:0)", NULL },
	{ "pos/(before,after) 0/(0,0), 0/(0,0)", NULL },
	{ "misc=0 policy_id=9 pol_uuid_idx=15905 auth_info=0 "
	    "chk_client_info=0 vd=0", NULL },
	{ "serial=000016a0 tos=40/40 app_list=0 app=0 url_cat=142",
	    "serial=000016a0 tos=ff/ff app_list=0 app=0 url_cat=142" },
	{ "rpdb_link_id=00000000 ngfwid=n/a", NULL },
	{ "npu_state=0x000100", "npu_state=0x000000" },
	{ "no_ofld_reason:  redir-to-av", NULL },
	};
	struct wad_str	want = { 0 };
	struct wad_slot	s;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		wad_str_addf(&want, "%s\n", lines[i][1] != NULL ?
		    lines[i][1] : lines[i][0]);
	wad_str_add(&want, "\n");
	slot_seed(&s);
	is(wad_session_print_v4, &s, want.s);
	wad_str_free(&want);
}
END_TEST

/* No translation: two hook lines.  A user, a session that is not redirected,
 * speeds. */
START_TEST(v4_plain)
{
	struct wad_slot s;

	slot_make(&s, "10.0.0.1:1024", "10.9.0.2:22", "");
	strcpy(s.user, "al\nice");
	strcpy(s.auth_server, "ldap 1");
	s.state = WAD_SLOT_BIT(LOG) | WAD_SLOT_BIT(LOCAL) |
	    WAD_SLOT_BIT(BLOCK);
	s.srv.tcp = WAD_TCP_NONE;
	s.clt.tcp = WAD_TCP_CLOSE_WAIT;
	s.srv.local.family = 0;
	s.tx_bps = 12345;
	s.rx_bps = 250;
	s.srv.ifindex = 0;
	is(wad_session_print_v4, &s,
	    "session info: proto=6 proto_state=07 duration=59 expire=3586 "
	    "timeout=3600 refresh_dir=both flags=00000000 socktype=0 "
	    "sockport=0 av_idx=0 use=4\n"
	    "origin-shaper=\nreply-shaper=\nper_ip_shaper=\n"
	    "class_id=0 shaping_policy_id=0 ha_id=0 policy_dir=0 tunnel=/ "
	    "vlan_cos=0/255\n"
	    "user=al\\x0aice auth_server=ldap 1 state=log local block \n"
	    "statistic(bytes/packets/allow_err): org=10941/16/1 "
	    "reply=3633/11/1 tuples=2\n"
	    "tx speed(Bps/kbps): 12345/98 rx speed(Bps/kbps): 250/2\n"
	    "orgin->sink: org pre->post, reply pre->post dev=6->0/0->6 "
	    "gwy=0.0.0.0/0.0.0.0\n"
	    "hook=pre dir=org act=noop 10.0.0.1:1024->10.9.0.2:22"
	    "(0.0.0.0:0)\n"
	    "hook=post dir=reply act=noop 10.9.0.2:22->10.0.0.1:1024"
	    "(0.0.0.0:0)\n"
	    "pos/(before,after) 0/(0,0), 0/(0,0)\n"
	    "misc=0 policy_id=9 pol_uuid_idx=15905 auth_info=1 "
	    "chk_client_info=0 vd=0\n"
	    "serial=000016a0 tos=ff/ff app_list=0 app=0 url_cat=142\n"
	    "rpdb_link_id=00000000 ngfwid=n/a\nnpu_state=0x000000\n"
	    "no_ofld_reason:  local\n\n");
	/* beyond its time, and a clock that is behind its start */
	s.last_ms = 0;
	s.timeout = 1;
	s.born_ms = SLOT_NOW + 5;
	struct wad_str out = { 0 };
	wad_session_print_v4(&s, SLOT_NOW, 0, &out);
	ck_assert_ptr_nonnull(strstr(out.s, " duration=0 expire=0 timeout=1 "));
	wad_str_free(&out);
}
END_TEST

START_TEST(v6)
{
	struct wad_slot s;

	slot_make(&s, "[2001:bb:1::10]:57194", "[2001:aa:1::10]:53", "");
	is(wad_session_print_v6, &s,
	    "session6 info: proto=6 proto_state=11 duration=59 expire=3586 "
	    "timeout=3600 flags=00000000 sockport=53 sockflag=0 use=5\n"
	    "origin-shaper=\nreply-shaper=\nper_ip_shaper=\n"
	    "ha_id=0\npolicy_dir=0 tunnel=/\n"
	    "state=redir local may_dirty os rs url_cat_valid \n"
	    "statistic(bytes/packets/allow_err): org=10941/16/0 "
	    "reply=3633/11/0 tuples=2\n"
	    "orgin->sink: org pre->post, reply pre->post dev=6->3/3->6\n"
	    "hook=pre dir=org act=noop 2001:bb:1::10:57194 "
	    "->2001:aa:1::10:53(:::0)\n"
	    "hook=post dir=reply act=noop 2001:aa:1::10:53 "
	    "->2001:bb:1::10:57194(:::0)\n"
	    "misc=0 policy_id=9 auth_info=0 chk_client_info=0 vd=0 "
	    "serial=000016a0\n"
	    "npu_state=00000000\n\n");
	slot_make(&s, "[2001:bb:1::10]:57194", "[2001:aa:1::10]:53",
	    "[fd09::1]:1000");
	struct wad_str out = { 0 };
	wad_session_print_v6(&s, SLOT_NOW, 0, &out);
	ck_assert_ptr_nonnull(strstr(out.s, " tuples=3\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "hook=post dir=org act=snat 2001:bb:1::10:57194 "
	    "->2001:aa:1::10:53(fd09::1:1000)\n"
	    "hook=pre dir=reply act=dnat 2001:aa:1::10:53 "
	    "->fd09::1:1000(2001:bb:1::10:57194)\n"
	    "hook=post dir=reply act=noop 2001:aa:1::10:53 "
	    "->2001:bb:1::10:57194(:::0)\n"));
	wad_str_free(&out);
}
END_TEST

START_TEST(study)
{
	static const char head[] =
	    "session info: proto=6 proto_state=05 duration=59 expire=3586 "
	    "timeout=3600\n";
	struct wad_slot s;
	struct wad_str	out = { 0 };

	slot_make(&s, "10.10.1.55:52341", "10.10.50.100:8443", "");
	s.srv.tcp = WAD_TCP_CLOSE_WAIT;
	s.srv.gateway = slot_addr("10.10.50.1:0");
	is(wad_session_print_study, &s,
	    "session info: proto=6 proto_state=05 duration=59 expire=3586 "
	    "timeout=3600\n"
	    "dev=6->3 gwy=10.10.50.1\n"
	    "hook=post dir=org act=noop\n"
	    "orig src: 10.10.1.55:52341 0.0.0.0:0\n"
	    "orig dst: 10.10.50.100:8443 0.0.0.0:0\n"
	    "reply src: 10.10.50.100:8443 0.0.0.0:0\n"
	    "reply dst: 10.10.1.55:52341 0.0.0.0:0\n"
	    "misc=0 policy_id=9 auth_info=0 chk_client_info=0 vd=0\n"
	    "serial=000016a0 tos=ff/ff ips_bypass=0\n"
	    "statistic(bytes/packets/allow_err): org=10941/16/1, "
	    "reply=3633/11/1\n"
	    "orgin->sink: org pre->post, reply pre->post\n"
	    "ha_id=0 orig_node=0 reply_node=0 tunnel=/ helper=none\n"
	    "dst_mac=00:00:00:00:00:00\n"
	    "misc: stateflags=18000302 use=5\n\n");
	/* the client's end closes first */
	s.clt.tcp = WAD_TCP_CLOSE_WAIT;
	s.srv.tcp = WAD_TCP_ESTABLISHED;
	s.decided = WAD_SLOT_D_BYPASS;
	wad_session_print_study(&s, SLOT_NOW, 0, &out);
	ck_assert_int_eq(strncmp(out.s, head, strlen(head)), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "ips_bypass=1\n"));
	wad_str_free(&out);
	slot_seed(&s);
	wad_session_print_study(&s, SLOT_NOW, 0, &out);
	ck_assert_ptr_nonnull(strstr(out.s, " proto_state=03 "));
	ck_assert_ptr_nonnull(strstr(out.s, "hook=post dir=org act=snat\n"
	    "orig src: 192.168.2.210:49397 172.19.50.87:49397\n"
	    "orig dst: 54.177.212.176:443 0.0.0.0:0\n"
	    "reply src: 54.177.212.176:443 0.0.0.0:0\n"
	    "reply dst: 172.19.50.87:49397 192.168.2.210:49397\n"));
	wad_str_free(&out);
}
END_TEST

START_TEST(table)
{
	struct wad_str	out = { 0 };
	struct wad_slot	s;

	wad_session_print_head(&out);
	ck_assert_str_eq(out.s, "PROTO   EXPIRE SOURCE           SOURCE-NAT  "
	    "     DESTINATION      DESTINATION-NAT\n");
	wad_str_free(&out);
	slot_make(&s, "172.20.120.16:3548", "172.20.120.133:22", "");
	s.timeout = 117;
	is(wad_session_print_row, &s, "tcp     103    172.20.120.16:3548 -  "
	    "              172.20.120.133:22 -\n");
	slot_make(&s, "10.1.1.1:2", "1.2.3.4:443", "10.9.1.1:40000");
	is(wad_session_print_row, &s, "tcp     3586   10.1.1.1:2       "
	    "10.9.1.1:40000   1.2.3.4:443      -\n");
}
END_TEST

START_TEST(proxy)
{
	struct wad_slot s;

	slot_make(&s, "192.168.13.100:52712", "192.168.13.1:8080",
	    "192.168.170.13:26366");
	s.kind = WAD_SLOT_EXPLICIT;
	s.srv.peer = slot_addr("69.162.81.253:443");
	s.stage = 3;
	s.clt.r_blocks = 1;
	s.clt.read_blocked = true;
	s.clt.tls_version = 0x0304;
	strcpy(s.clt.tls_cipher, "TLS_AES_128_GCM_SHA256");
	s.srv.bytes_in = 853;
	s.srv.bytes_out = 1981;
	s.srv.shut = 3;
	is(wad_session_print_wad, &s,
	    "Session: explicit proxy 192.168.13.100:52712"
	    "(192.168.170.13:26366)->69.162.81.253:443\n"
	    "  id=5792 worker=1 vd=0:0 fw-policy=9\n"
	    "  duration=59 expire=3586 session-ttl=3600\n"
	    "  state=3 app=http sub_type=0 wan_opt_mode=0 dd_method=0\n"
	    "  SSL enabled\n"
	    "  to-client\n    SSL Port:\n"
	    "      state=3 version=0304 cipher=TLS_AES_128_GCM_SHA256\n"
	    "    TCP Port:\n"
	    "      state=2 r_blocks=1 w_blocks=0 read_blocked=1\n"
	    "      bytes_in=10941 bytes_out=3633 shutdown=0x0\n"
	    "  to-server\n    SSL Port:\n      state=3\n"
	    "    TCP Port:\n"
	    "      state=2 r_blocks=0 w_blocks=0 read_blocked=0\n"
	    "      bytes_in=853 bytes_out=1981 shutdown=0x3\n\n");
	slot_make(&s, "[fd00::1]:1", "[fd00::2]:80", "");
	s.tls = false;
	s.srv.local.family = 0;
	is(wad_session_print_wad, &s,
	    "Session: transparent proxy [fd00::1]:1(0.0.0.0:0)->[fd00::2]:80"
	    "\n  id=5792 worker=1 vd=0:0 fw-policy=9\n"
	    "  duration=59 expire=3586 session-ttl=3600\n"
	    "  state=0 app=http sub_type=0 wan_opt_mode=0 dd_method=0\n"
	    "  to-client\n    TCP Port:\n"
	    "      state=2 r_blocks=0 w_blocks=0 read_blocked=0\n"
	    "      bytes_in=10941 bytes_out=3633 shutdown=0x0\n\n");
}
END_TEST

START_TEST(tcp_names)
{
	ck_assert_str_eq(wad_session_print_tcp(WAD_TCP_ESTABLISHED),
	    "ESTABLISHED");
	ck_assert_str_eq(wad_session_print_tcp(WAD_TCP_LISTEN), "LISTEN");
	ck_assert_str_eq(wad_session_print_tcp(10), "NONE");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("session_print");
	TCase	*t = tcase_create("session_print");

	tcase_add_test(t, seed);
	tcase_add_test(t, v4_plain);
	tcase_add_test(t, v6);
	tcase_add_test(t, study);
	tcase_add_test(t, table);
	tcase_add_test(t, proxy);
	tcase_add_test(t, tcp_names);
	suite_add_tcase(s, t);
	return suite_run(s);
}
