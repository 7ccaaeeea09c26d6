/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_msg.c: a description survives the way, and cut or wrong messages are
 * refused at every length.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "x509/x509_msg.h"
#include "suite.h"

/* A view of what was written, without the packet's header. */
static struct wad_msg_in
view(const struct wad_msg *m, size_t len)
{
	struct wad_msg_in in;

	memset(&in, 0, sizeof(in));
	in.type = m->type;
	in.id = m->id;
	in.p = m->buf;
	in.left = len;
	return in;
}

static struct wad_cert_desc
example(const char **sans)
{
	struct wad_cert_desc d;

	memset(&d, 0, sizeof(d));
	d.generation = 1ULL << 40;
	d.ca = "acmeCAcert";
	d.key_type = WAD_KEY_EC;
	d.name = "example.com";
	sans[0] = "*.example.com";
	sans[1] = "10.0.0.1";
	d.sans = sans;
	d.n_sans = 2;
	d.not_before = 1700000000;
	d.not_after = 4000000000;
	memset(d.origin_sha256, 0xa5, sizeof(d.origin_sha256));
	d.serial = 141985;
	d.policy = 11;
	d.staple = true;
	return d;
}

START_TEST(round_trip)
{
	const char		*s1[2], *s2[WAD_DESC_SANS_MAX];
	struct wad_cert_desc	 d = example(s1), e;
	struct wad_msg		 m;
	struct wad_msg_in	 in;

	wad_msg_init(&m, WAD_MSG_FORGE, 7);
	wad_x509_msg_put(&m, &d);
	in = view(&m, m.len);
	ck_assert_int_eq(wad_x509_msg_get(&in, &e, s2), 0);
	ck_assert_uint_eq(e.generation, d.generation);
	ck_assert_str_eq(e.ca, d.ca);
	ck_assert_int_eq(e.key_type, d.key_type);
	ck_assert_str_eq(e.name, d.name);
	ck_assert_uint_eq(e.n_sans, 2);
	ck_assert_str_eq(e.sans[0], s1[0]);
	ck_assert_str_eq(e.sans[1], s1[1]);
	ck_assert_int_eq(e.not_before, d.not_before);
	ck_assert_int_eq(e.not_after, d.not_after);
	ck_assert_mem_eq(e.origin_sha256, d.origin_sha256, 32);
	ck_assert_uint_eq(e.serial, d.serial);
	ck_assert_uint_eq(e.policy, d.policy);
	ck_assert(e.staple);
	/* Every shorter one is refused, and one with more behind it too. */
	for (size_t len = 0; len < m.len; len++) {
		uint8_t *exact = wad_xmalloc(len);

		memcpy(exact, m.buf, len);
		in = view(&m, len);
		in.p = exact;
		ck_assert_int_eq(wad_x509_msg_get(&in, &e, s2), -1);
		free(exact);
	}
	wad_msg_add_u32(&m, 1);
	in = view(&m, m.len);
	ck_assert_int_eq(wad_x509_msg_get(&in, &e, s2), -1);
	wad_msg_free(&m);
}
END_TEST

START_TEST(too_many)
{
	const char		*s1[WAD_DESC_SANS_MAX + 5];
	const char		*s2[WAD_DESC_SANS_MAX];
	struct wad_cert_desc	 d = example(s1), e;
	struct wad_msg		 m;
	struct wad_msg_in	 in;

	for (size_t i = 0; i < WAD_DESC_SANS_MAX + 5; i++)
		s1[i] = "a.example.com";
	d.n_sans = WAD_DESC_SANS_MAX + 5;	/* the writer cuts */
	wad_msg_init(&m, WAD_MSG_FORGE, 1);
	wad_x509_msg_put(&m, &d);
	in = view(&m, m.len);
	ck_assert_int_eq(wad_x509_msg_get(&in, &e, s2), 0);
	ck_assert_uint_eq(e.n_sans, WAD_DESC_SANS_MAX);
	wad_msg_free(&m);
	/* A liar's count stops the reader. */
	wad_msg_init(&m, WAD_MSG_FORGE, 1);
	wad_msg_add_u64(&m, 1);
	wad_msg_add_str(&m, "ca");
	wad_msg_add_u32(&m, WAD_KEY_EC);
	wad_msg_add_str(&m, "example.com");
	wad_msg_add_u32(&m, WAD_DESC_SANS_MAX + 1);
	for (size_t i = 0; i <= WAD_DESC_SANS_MAX; i++)
		wad_msg_add_str(&m, "x");
	in = view(&m, m.len);
	ck_assert_int_eq(wad_x509_msg_get(&in, &e, s2), -1);
	wad_msg_free(&m);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("x509_msg");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, round_trip);
	tcase_add_test(t, too_many);
	suite_add_tcase(s, t);
	return suite_run(s);
}
