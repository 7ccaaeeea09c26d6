/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of learned exemptions: counts, one success, age, bounds.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/learn.h"
#include "suite.h"

static struct wad_learn_table	*t;
static struct wad_learn_rule	 rule;
static struct wad_learn_event	 ev;
static struct wad_str		 said;	/* what the workers were told */

static void
setup(void)
{
	t = wad_learn_table_new();
	rule = (struct wad_learn_rule){ .count = 2, .lifetime = 3600,
		.apply = true };
	ev = (struct wad_learn_event){ .key = { .host = "pin.example" },
		.alert = 48, .policy = 11, .worker = 1, .now = 1000000 };
	ck_assert_int_eq(wad_addr_parse(&ev.key.client, "192.0.2.1"), 0);
}

static void
teardown(void)
{
	wad_learn_table_free(t);
	wad_str_free(&said);
}

static void
tell(void *arg, enum wad_learn_op op, const struct wad_learn_key *k,
    int64_t until)
{
	static const char *const names[] = { "suspect", "exempt", "forget" };
	char			 ip[WAD_ADDR_STRLEN];

	ck_assert_ptr_eq(arg, &said);
	wad_str_addf(&said, "%s %s %s %ld;", names[op],
	    wad_addr_ip_str(&k->client, ip), k->host, (long)until);
}

/* What is told after this event. */
static const char *
note(enum wad_learn_outcome o)
{
	said.len = 0;
	wad_str_add(&said, "");
	ev.outcome = o;
	wad_learn_table_note(t, &ev, &rule, tell, &said);
	return said.s;
}

static bool
listed(const char *what)
{
	struct wad_str	out = { 0 };
	bool		found;

	wad_learn_table_list(t, NULL, ev.now, &out);
	found = strstr(out.s, what) != NULL;
	wad_str_free(&out);
	return found;
}

START_TEST(twice)
{
	ck_assert_str_eq(note(WAD_LEARN_REJECTED),
	    "suspect 192.0.2.1 pin.example 1003600;");
	ck_assert(listed(" suspect "));
	ev.now += 10;
	ev.alert = WAD_LEARN_CLOSED;
	ck_assert_str_eq(note(WAD_LEARN_REJECTED),
	    "exempt 192.0.2.1 pin.example 1003610;");
	ck_assert(listed(" exempt "));
	ck_assert(listed(" 2 closed "));
	ck_assert(listed("11/1\n"));
	/* no longer than its lifetime, whatever comes */
	ev.now += 100;
	ck_assert_str_eq(note(WAD_LEARN_REJECTED), "");
	ck_assert(listed(" 3 closed "));
	ev.now = 1003610;
	ck_assert(!listed("pin.example"));
	ck_assert_str_eq(note(WAD_LEARN_REJECTED), "forget 192.0.2.1 "
	    "pin.example 0;suspect 192.0.2.1 pin.example 1007210;");
}
END_TEST

START_TEST(count_of_the_setting)
{
	rule.count = 3;
	note(WAD_LEARN_REJECTED);
	ck_assert_str_eq(note(WAD_LEARN_REJECTED), "");
	ck_assert_str_eq(note(WAD_LEARN_REJECTED),
	    "exempt 192.0.2.1 pin.example 1003600;");
	rule.count = 1;
	ev.key.host = "other.example";
	ck_assert_str_eq(note(WAD_LEARN_REJECTED),
	    "exempt 192.0.2.1 other.example 1003600;");
}
END_TEST

/* One success, and the pair is never exempt while that is remembered. */
START_TEST(success)
{
	ck_assert_str_eq(note(WAD_LEARN_ACCEPTED), "");
	ck_assert_uint_eq(wad_learn_table_count(t), 0);
	note(WAD_LEARN_REJECTED);
	ck_assert_str_eq(note(WAD_LEARN_ACCEPTED),
	    "forget 192.0.2.1 pin.example 0;");
	for (int i = 0; i < 10; i++)
		ck_assert_str_eq(note(WAD_LEARN_REJECTED), "");
	ck_assert(listed(" never "));
	ck_assert_str_eq(note(WAD_LEARN_ACCEPTED), "");
	/* also one that was exempt (monitor) */
	ev.key.host = "late.example";
	note(WAD_LEARN_REJECTED);
	note(WAD_LEARN_REJECTED);
	ck_assert_str_eq(note(WAD_LEARN_ACCEPTED),
	    "forget 192.0.2.1 late.example 0;");
	/* after its lifetime it may be suspected again */
	ev.now += 3600;
	ck_assert_str_eq(note(WAD_LEARN_REJECTED),
	    "suspect 192.0.2.1 late.example 1007200;");
}
END_TEST

/* Another client or another name is another pair. */
START_TEST(apart)
{
	note(WAD_LEARN_REJECTED);
	ev.key.client.ip[3]++;
	ck_assert_str_eq(note(WAD_LEARN_REJECTED),
	    "suspect 192.0.2.2 pin.example 1003600;");
	ev.key.host = "x.example";
	ck_assert_str_eq(note(WAD_LEARN_REJECTED),
	    "suspect 192.0.2.2 x.example 1003600;");
	ck_assert_uint_eq(wad_learn_table_count(t), 3);
}
END_TEST

/* A client that makes up names pushes out its own, not those of others. */
START_TEST(one_client)
{
	char host[32];

	note(WAD_LEARN_REJECTED);
	ev.key.client.ip[3]++;
	for (int i = 0; i < 1000; i++) {
		snprintf(host, sizeof(host), "h%d.example", i);
		ev.key.host = host;
		note(WAD_LEARN_REJECTED);
	}
	ck_assert_uint_eq(wad_learn_table_count(t), 257);
	ck_assert_ptr_nonnull(strstr(said.s,
	    "forget 192.0.2.2 h743.example 0;"));
	ck_assert(listed("pin.example"));
	ck_assert(listed("h744.example"));
	ck_assert(!listed("h743.example"));
}
END_TEST

/* A host chooses its addresses from a /64. */
START_TEST(one_net)
{
	ck_assert_int_eq(wad_addr_parse(&ev.key.client, "2001:db8::1"), 0);
	for (int i = 0; i < 1000; i++) {
		ev.key.client.ip[14] = (uint8_t)(i >> 8);
		ev.key.client.ip[15] = (uint8_t)i;
		note(WAD_LEARN_REJECTED);
	}
	ck_assert_uint_eq(wad_learn_table_count(t), 256);
	ev.key.client.ip[7] = 1;	/* the next /64 */
	note(WAD_LEARN_REJECTED);
	ck_assert_uint_eq(wad_learn_table_count(t), 257);
}
END_TEST

START_TEST(all_clients)
{
	size_t n = 0;

	for (int i = 0; i < WAD_LEARN_MAX + 5; i++) {
		ev.key.client.ip[1] = (uint8_t)(i >> 16);
		ev.key.client.ip[2] = (uint8_t)(i >> 8);
		ev.key.client.ip[3] = (uint8_t)i;
		note(WAD_LEARN_REJECTED);
	}
	ck_assert_uint_eq(wad_learn_table_count(t), WAD_LEARN_MAX);
	ck_assert_ptr_nonnull(strstr(said.s, "forget 192.0.0.4 "));
	/* a worker that comes up gets what it can keep, the youngest */
	said.len = 0;
	wad_learn_table_tell(t, ev.now, tell, &said);
	for (const char *p = said.s; (p = strchr(p, ';')) != NULL; p++)
		n++;
	ck_assert_uint_eq(n, WAD_LEARN_COPY_MAX);
	ck_assert_ptr_nonnull(strstr(said.s, "suspect 192.0.64.4 "));
	ck_assert(listed("... and 14384 more"));
}
END_TEST

START_TEST(clear)
{
	struct wad_addr a = ev.key.client;

	note(WAD_LEARN_REJECTED);
	ev.key.host = "b.example";
	note(WAD_LEARN_REJECTED);
	ev.key.client.ip[3]++;
	note(WAD_LEARN_REJECTED);
	said.len = 0;
	ck_assert_uint_eq(wad_learn_table_clear(t, &a, "b.example", tell,
	    &said), 1);
	ck_assert_str_eq(said.s, "forget 192.0.2.1 b.example 0;");
	ck_assert_uint_eq(wad_learn_table_clear(t, &a, NULL, tell, &said), 1);
	ck_assert_uint_eq(wad_learn_table_clear(t, NULL, "pin.example", tell,
	    &said), 0);
	ck_assert_uint_eq(wad_learn_table_clear(t, NULL, NULL, tell, &said),
	    1);
	ck_assert_uint_eq(wad_learn_table_count(t), 0);
	said.len = 0;
	said.s[0] = '\0';
	wad_learn_table_tell(t, ev.now, tell, &said);
	ck_assert_str_eq(said.s, "");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("learn");
	TCase	*c = tcase_create("learn");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 30);
	tcase_add_test(c, twice);
	tcase_add_test(c, count_of_the_setting);
	tcase_add_test(c, success);
	tcase_add_test(c, apart);
	tcase_add_test(c, one_client);
	tcase_add_test(c, one_net);
	tcase_add_test(c, all_clients);
	tcase_add_test(c, clear);
	suite_add_tcase(s, c);
	return suite_run(s);
}
