/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_filter.c: each option sets, matches and prints; ranges, prefixes,
 * lists, negation; wrong values change nothing.
 */
#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session_filter.h"
#include "session_slot.h"
#include "suite.h"

static struct wad_session_filter	f;
static struct wad_slot			s;

static void
setup(void)
{
	wad_session_filter_init(&f, AF_INET);
	slot_seed(&s);
}

/* `filter LINE`; the message in err. */
static int
set(const char *line, struct wad_str *err)
{
	static const struct wad_interface	ifs[] = {
		{ .name = "lan1", .device = "port2" },
	};
	struct wad_conf	 conf = { .ifs = (struct wad_interface *)(size_t)ifs,
			    .n_ifs = 1 };
	char		*copy = strdup(line), *w[64], *save;
	size_t		 n = 0;
	int		 rc;

	for (w[0] = strtok_r(copy, " ", &save); n < 63 && w[n] != NULL;)
		w[++n] = strtok_r(NULL, " ", &save);
	if (strcmp(w[0], "negate") == 0)
		rc = wad_session_filter_negate(&f, w[1], err);
	else
		rc = wad_session_filter_set(&f, &conf, w[0],
		    (const char *const *)w + 1, n - 1, err);
	free(copy);
	return rc;
}

static void
ok(const char *line)
{
	struct wad_str err = { 0 };

	ck_assert_msg(set(line, &err) == 0, "%s: %s", line, err.s);
	ck_assert_uint_eq(err.len, 0);
	ck_assert(wad_session_filter_sane(&f));
}

static bool
match(void)
{
	return wad_session_filter_match(&f, &s, SLOT_NOW);
}

/* What each option lets through, of the document's session. */
START_TEST(criteria)
{
	static const struct { const char *line; bool fits; } rows[] = {
		{ "vd 0", true }, { "vd 3", false }, { "vd -1", true },
		{ "vd any", true }, { "vd root", true }, { "vd 0 9", true },
		{ "vd-name root", true }, { "vd-name any", true },
		{ "vd-name -1", true },
		{ "sintf port2", true }, { "sintf lan1", true },
		{ "sintf port1", false }, { "dintf port1", true },
		{ "dintf lan1", false },
		{ "src 192.168.2.210", true }, { "src 192.168.2.211", false },
		{ "src 192.168.2.0/24", true }, { "src 192.168.2.5/24", true },
		{ "src 192.168.3.0/24", false }, { "src 0.0.0.0/0", true },
		{ "src 192.168.2.209 192.168.2.210", true },
		{ "src 192.168.2.211 192.168.2.219", false },
		{ "nsrc 172.19.50.87", true }, { "nsrc 192.168.2.210", false },
		{ "dst 54.177.212.176", true }, { "dst 54.177.212.177", false },
		{ "proto 6", true }, { "proto 17", false },
		{ "proto 1 6", true },
		{ "sport 49397", true }, { "sport 49396", false },
		{ "nport 49397", true }, { "nport 1 1024", false },
		{ "dport 443", true }, { "dport 80 443", true },
		{ "dport 444 65535", false },
		{ "policy 9", true }, { "policy-id 9", true },
		{ "policy 10", false },
		{ "expire 3586", true }, { "expire 0 100", false },
		{ "duration 59", true }, { "duration 60 600", false },
		{ "proto-state 11", true }, { "proto-state 01", false },
		{ "session-state1 200", true },
		{ "session-state1 00000200 00000200", true },
		{ "session-state1 200 ffffffff", false },
		{ "session-state1 18000302 ffffffff", true },
		{ "session-state1 0 8", true },
		{ "session-state1 redir local", true },
		{ "session-state1 redir LOCAL may_dirty os", true },
		{ "session-state1 block", false },
		{ "session-state2 url_cat_valid", true },
		{ "session-state2 0x8000", true },
		{ "session-state2 log-start", false },
		{ "ext-src 192.168.2.210", true }, { "ext-src 1.1.1.1", false },
		{ "ext-dst 54.0.0.0/8", true }, { "ext-dst 8.8.8.8", false },
		{ "ext-src-negate 1.1.1.1", true },
		{ "ext-src-negate 192.168.0.0/16", false },
		{ "ext-dst-negate 8.8.8.8", true },
		{ "ext-dst-negate 54.177.212.0 54.177.212.255", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup();
		ok(rows[i].line);
		ck_assert_msg(match() == rows[i].fits, "%s", rows[i].line);
		/* the whole turned round */
		if (f.set != 0 || strncmp(rows[i].line, "ext", 3) == 0) {
			ok("negate");
			ck_assert_msg(match() != rows[i].fits, "negate %s",
			    rows[i].line);
		}
	}
}
END_TEST

START_TEST(together)
{
	ck_assert(match());
	ok("dport 443");
	ok("policy 9");
	ck_assert(match());
	ok("src 10.0.0.1");
	ck_assert(!match());
	ok("negate src");		/* not this client, but the others */
	ck_assert(match());
	ok("negate dport");
	ck_assert(!match());
	ok("negate dport");
	ok("src any");			/* and its negation is gone */
	ok("src 192.168.2.210");
	ck_assert(match());
	/* lists: any of them */
	ok("ext-dst 8.8.8.8");
	ck_assert(!match());
	ok("ext-dst 54.177.212.176");
	ck_assert(match());
	/* the family is no criterion that can be turned round */
	wad_session_filter_init(&f, AF_INET6);
	ck_assert(!match());
	ok("dst 2001:db8::/32");
	ok("negate");
	ck_assert(!match());
	slot_make(&s, "[2001:db8::1]:1", "[2001:db9::1]:443", "");
	ck_assert(match());
	wad_session_filter_init(&f, 0);
	ck_assert(match());
	ok("dst 10.0.0.0/8");
	ck_assert(!match());
	/* not translated: no translated source fits */
	setup();
	s.nat = false;
	ok("nsrc 0.0.0.0/0");
	ck_assert(!match());
}
END_TEST

/* Turning round what is empty would let `clear` end everything or nothing by
 * surprise. */
START_TEST(negation_of_nothing)
{
	struct wad_str err = { 0 };

	ck_assert_int_eq(set("negate", &err), -1);
	ck_assert_int_eq(set("negate src", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.s, "src is not set"));
	wad_str_free(&err);
	ok("src 1.1.1.1");
	ok("negate");
	ck_assert(match());
	ok("src any");
	ck_assert(match());
	ck_assert_uint_eq(f.negate, 0);
	ok("ext-src 1.1.1.1");
	ok("negate");
	ok("ext-src any");
	ck_assert_uint_eq(f.negate, 0);
}
END_TEST

START_TEST(wrong)
{
	static const struct { const char *line, *say; } rows[] = {
		{ "src", "give a value" }, { "src 10.0.0.256", "10.0.0.256" },
		{ "src 10.0.0.9 10.0.0.1", "lower address first" },
		{ "src 10.0.0.1 10.0.0.2 10.0.0.3", "range" },
		{ "src 10.0.0.0/33", "not an address" },
		{ "src 2001:db8::1", "diagnose sys session6 filter" },
		{ "src fe80::1%lo", "not an address" },
		{ "src 10.0.0.1 ::1", "one family" },
		{ "src 10.0.0.0/8 10.1.1.1", "not an address" },
		{ "dport 65536", "0 to 65535" }, { "dport -1", "not a number" },
		{ "dport 443 80", "lower number first" },
		{ "dport 0x10", "not a number" }, { "dport +1", "number" },
		{ "proto 256", "0 to 255" }, { "policy 4294967296", "number" },
		{ "proto-state 100", "0 to 99" },
		{ "vd 512", "0 to 511" }, { "vd dmz", "root" },
		{ "vd-name 0", "root" }, { "vd-name dmz", "root" },
		{ "sintf a b", "one interface" },
		{ "sintf 1234567890123456", "15 characters" },
		{ "session-state1 nlb", "00000004: log" },
		{ "session-state1 123456789", "may_dirty" },
		{ "session-state1 200 log", "hexadecimal" },
		{ "session-state2 log", "url_cat_valid" },
		{ "ext-src x\x1b[1m", "x\\x1b[1m" },
		{ "negate nobody", "not a criterion" },
		{ "nonsense 1", "not an option" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wad_session_filter	before;
		struct wad_str			err = { 0 };

		setup();
		before = f;
		ck_assert_msg(set(rows[i].line, &err) == -1, "%s",
		    rows[i].line);
		ck_assert_msg(err.s != NULL && strstr(err.s, rows[i].say) !=
		    NULL, "%s: %s", rows[i].line, err.s);
		ck_assert_int_eq(err.s[err.len - 1], '\n');
		ck_assert_uint_eq(f.set, before.set);
		ck_assert_uint_eq(f.ext_src.n, 0);
		wad_str_free(&err);
	}
	setup();
	for (int i = 0; i < WAD_SF_EXT; i++)
		ok("ext-src 10.0.0.1");
	struct wad_str err = { 0 };
	ck_assert_int_eq(set("ext-src 10.0.0.1", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.s, "full"));
	wad_str_free(&err);
}
END_TEST

static void
prints(bool study, const char *text)
{
	struct wad_str out = { 0 };

	wad_session_filter_print(&f, study, &out);
	ck_assert_str_eq(out.s, text);
	wad_str_free(&out);
}

START_TEST(official)
{
	prints(false, "session filter:\n"
	    "        vd: any\n        sintf: any\n        dintf: any\n"
	    "        proto: any\n        proto-state: any\n"
	    "        source ip: any\n        NAT'd source ip: any\n"
	    "        dest ip: any\n        source port: any\n"
	    "        NAT'd source port: any\n        dest port: any\n"
	    "        policy id: any\n        expire: any\n"
	    "        duration: any\n        state1: any\n"
	    "        state2: any\n");
	ok("vd root");
	ok("sintf lan1");
	ok("proto 1");
	ok("proto-state 1 11");
	ok("src 192.168.1.10");
	ok("dst 10.10.1.0/24");
	ok("dport 80 443");
	ok("negate dport");
	ok("session-state1 log");
	ok("negate");
	ok("ext-dst 1.1.1.1");
	ok("ext-dst 8.8.8.0/30");
	ok("ext-src-negate 9.9.9.9");
	prints(false, "session filter:\n"
	    "        vd: 0-0\n        sintf: lan1\n        dintf: any\n"
	    "        proto: 1-1\n        proto-state: 01-11\n"
	    "        source ip: 192.168.1.10-192.168.1.10\n"
	    "        NAT'd source ip: any\n"
	    "        dest ip: 10.10.1.0-10.10.1.255\n"
	    "        source port: any\n        NAT'd source port: any\n"
	    "        dest port: not 80-443\n        policy id: any\n"
	    "        expire: any\n        duration: any\n"
	    "        state1: 00000004 mask 00000004\n"
	    "        state2: any\n"
	    "negate: sessions that do not fit all of this\n"
	    "Extended filters:\n"
	    "        Destination IP List:\n"
	    "                1.1.1.1\n"
	    "                8.8.8.0-8.8.8.3\n"
	    "        Negated Source IP List:\n"
	    "                9.9.9.9\n");
}
END_TEST

/* The study page, to the letter. */
START_TEST(study)
{
	ok("dst 10.10.50.100");
	ok("dport 8443");
	prints(true, "session filter info:\n"
	    "vd(any) proto(any) timeout(no)\n"
	    "src(any) sport(any) dst(10.10.50.100) dport(8443)\n"
	    "pol(any) dir(any) state(any)\n");
	setup();
	ok("src 10.10.1.0/24");
	ok("policy-id 42");
	prints(true, "session filter info:\n"
	    "vd(any) proto(any) timeout(no)\n"
	    "src(10.10.1.0/24) sport(any) dst(any) dport(any)\n"
	    "pol(42) dir(any) state(any)\n");
	setup();
	ok("expire 1 9");
	ok("src 10.0.0.1 10.0.0.9");
	ok("dst 10.0.0.0 10.0.0.127");
	ok("dintf wan1");
	ok("nport 7");
	prints(true, "session filter info:\n"
	    "vd(any) proto(any) timeout(1-9)\n"
	    "src(10.0.0.1-10.0.0.9) sport(any) dst(10.0.0.0/25) dport(any)\n"
	    "pol(any) dir(any) state(any)\n"
	    "dintf(wan1) nport(7)\n");
	wad_session_filter_init(&f, AF_INET6);
	ok("src 2001:db8::/33");
	prints(true, "session filter info:\n"
	    "vd(any) proto(any) timeout(no)\n"
	    "src(2001:db8::/33) sport(any) dst(any) dport(any)\n"
	    "pol(any) dir(any) state(any)\n");
}
END_TEST

/* What comes in a message. */
START_TEST(sane)
{
	struct wad_session_filter bad;

	ck_assert(wad_session_filter_sane(&f));
	bad = f;
	bad.magic = 0;
	ck_assert(!wad_session_filter_sane(&bad));
	bad = f;
	bad.ext_dst_not.n = WAD_SF_EXT + 1;
	ck_assert(!wad_session_filter_sane(&bad));
	bad = f;
	memset(bad.dev[WAD_SF_SINTF], 'x', sizeof(bad.dev[0]));
	ck_assert(!wad_session_filter_sane(&bad));
	bad = f;
	bad.family = 99;
	ck_assert(!wad_session_filter_sane(&bad));
}
END_TEST

START_TEST(states)
{
	uint32_t	bits[2], seen[2] = { 0, 0 };
	struct wad_str	out = { 0 };

	for (int i = 0; i < WAD_SLOT_S_N; i++) {	/* each its own bit */
		wad_session_filter_state(1u << i, bits);
		ck_assert_int_eq(__builtin_popcount(bits[0]) +
		    __builtin_popcount(bits[1]), 1);
		ck_assert_uint_eq(bits[0] & seen[0], 0);
		ck_assert_uint_eq(bits[1] & seen[1], 0);
		seen[0] |= bits[0];
		seen[1] |= bits[1];
	}
	/* reference 5.3: `log may_dirty` is 0x204, f00 bit 0 of state2 */
	wad_session_filter_state(WAD_SLOT_BIT(LOG) | WAD_SLOT_BIT(MAY_DIRTY) |
	    WAD_SLOT_BIT(F00), bits);
	ck_assert_uint_eq(bits[0], 0x204);
	ck_assert_uint_eq(bits[1], 1);
	wad_session_filter_states(1, &out);
	ck_assert_str_eq(out.s, "state2 bits:\n        00000001: f00\n"
	    "        00000002: log-start\n        00000004: rst_tcp\n"
	    "        00000080: eph\n        00008000: url_cat_valid\n");
	wad_str_free(&out);
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("session_filter");
	TCase	*t = tcase_create("session_filter");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, criteria);
	tcase_add_test(t, together);
	tcase_add_test(t, negation_of_nothing);
	tcase_add_test(t, wrong);
	tcase_add_test(t, official);
	tcase_add_test(t, study);
	tcase_add_test(t, sane);
	tcase_add_test(t, states);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
