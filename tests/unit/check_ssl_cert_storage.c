/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_cert_storage.c, ssl_cert_factory.c, ssl_bypass_cache.c: the question
 * to wad-keys, its answer, where products stay, and who passes uninspected.
 */
#include <check.h>

#include "base/clock.h"
#include "tls/ssl_bypass_cache.h"
#include "tls/ssl_cache.h"
#include "tls/ssl_cert_factory.h"
#include "x509/x509_msg.h"

#include "suite.h"
#include "tls_pair.h"

static struct wad_cert		 ca = { .name = "CA one",
	.facts = { .not_after = 5000000000 } };
static struct wad_ssl_nego	*n;
static char			 err[200];

static void
setup(void)
{
	n = wad_ssl_negotiate_make();
	strcpy(n->host, "test.example");
	n->ca = &ca;
	n->key_type = WAD_KEY_EC;
	n->origin.not_before = 1000;
	n->origin.not_after = 4000000000;
	memset(n->origin.sha256, 0xab, 32);
}

static void
teardown(void)
{
	wad_lru_clear(wad_ssl_cert_storage_cache.lru);
	wad_lru_clear(wad_ssl_bypass_cache_cache.lru);
	wad_ssl_negotiate_free(n);
}

/* What the other end reads: the fields, behind the header of the packet. */
static struct wad_msg_in
sent(const struct wad_msg *m)
{
	return (struct wad_msg_in){ .type = m->type, .id = m->id,
		.p = m->buf, .left = m->len };
}

/* ---- the question */

static void
sans(const char *a, const char *b)
{
	n->origin.sans = wad_xcalloc(2, sizeof(char *));
	n->origin.sans[0] = wad_xstrdup(a);
	n->origin.sans[1] = wad_xstrdup(b);
	n->origin.n_sans = 2;
}

static void
ask(struct wad_msg *m, struct wad_cert_desc *d, const char **names)
{
	struct wad_msg_in in;

	wad_ssl_cert_factory_ask(n, 7, 8, 9, m);
	ck_assert_int_eq(m->type, WAD_MSG_FORGE);
	in = sent(m);
	ck_assert_int_eq(wad_x509_msg_get(&in, d, names), 0);
	ck_assert_int_eq(wad_msg_end(&in), 0);
}

START_TEST(question)
{
	struct wad_msg		 m;
	struct wad_cert_desc	 d;
	const char		*names[WAD_DESC_SANS_MAX];

	sans("test.example", "www.test.example");
	n->verified = n->verdict.good = true;
	ask(&m, &d, names);
	ck_assert_uint_eq(d.generation, 7);
	ck_assert_uint_eq(d.serial, 8);
	ck_assert_uint_eq(d.policy, 9);
	ck_assert_str_eq(d.ca, "CA one");
	ck_assert_str_eq(d.name, "test.example");
	ck_assert_int_eq(d.key_type, WAD_KEY_EC);
	ck_assert_int_eq(d.not_before, 1000);
	ck_assert_int_eq(d.not_after, 4000000000);
	ck_assert_mem_eq(d.origin_sha256, n->origin.sha256, 32);
	/* the name itself is not told twice */
	ck_assert_uint_eq(d.n_sans, 1);
	ck_assert_str_eq(d.sans[0], "www.test.example");
	ck_assert(!d.staple);
	wad_msg_free(&m);
	n->srv_staple = true;
	ask(&m, &d, names);
	ck_assert(d.staple);
	wad_msg_free(&m);
}
END_TEST

START_TEST(no_names_of_a_bad_certificate)
{
	struct wad_msg		 m;
	struct wad_cert_desc	 d;
	const char		*names[WAD_DESC_SANS_MAX];

	sans("bank.example", "*.bank.example");
	n->verified = true;
	ask(&m, &d, names);
	ck_assert_uint_eq(d.n_sans, 0);
	wad_msg_free(&m);
	n->verified = false;
	n->verdict.good = true;
	ask(&m, &d, names);
	ck_assert_uint_eq(d.n_sans, 0);
	wad_msg_free(&m);
}
END_TEST

START_TEST(many_names)
{
	struct wad_msg		 m;
	struct wad_cert_desc	 d;
	const char		*names[WAD_DESC_SANS_MAX];

	n->origin.sans = wad_xcalloc(500, sizeof(char *));
	for (int i = 0; i < 500; i++)
		n->origin.sans[i] = wad_xasprintf("h%d.example", i);
	n->origin.n_sans = 500;
	n->verified = n->verdict.good = true;
	ask(&m, &d, names);
	ck_assert_uint_eq(d.n_sans, WAD_DESC_SANS_MAX);
	wad_msg_free(&m);
}
END_TEST

/* ---- the answer */

enum { GOOD, NO_LEAF, JUNK_LEAF, JUNK_KEY, CHAIN_HUGE, JUNK_CHAIN, NO_DATE,
	NO_STAPLE, NOTHING, N_ANSWERS };

static void
add_der(struct wad_msg *m, X509 *x)
{
	uint8_t	*der = NULL;
	int	 len = i2d_X509(x, &der);

	wad_msg_add_blob(m, der, (size_t)len);
	OPENSSL_free(der);
}

static void
answer(struct wad_msg *m, int how)
{
	uint8_t	*der = NULL;
	int	 len;

	wad_msg_init(m, WAD_MSG_FORGED, 3);
	if (how == NOTHING)
		return;
	wad_msg_add_u32(m, 1);
	wad_msg_add_str(m, "");
	if (how == NO_LEAF)
		return;
	if (how == JUNK_LEAF)
		wad_msg_add_blob(m, "junk", 4);
	else
		add_der(m, pki_leaf[WAD_KEY_EC]);
	len = i2d_PrivateKey(pki_key[WAD_KEY_EC], &der);
	wad_msg_add_blob(m, der, how == JUNK_KEY ? 5 : (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	wad_msg_add_u32(m, how == CHAIN_HUGE ? 4000000000u : 1);
	if (how == JUNK_CHAIN)
		wad_msg_add_blob(m, "", 0);
	else
		add_der(m, pki_root);
	if (how == NO_DATE)
		return;
	wad_msg_add_u64(m, (uint64_t)time(NULL) + 86400);
	if (how != NO_STAPLE)
		wad_msg_add_blob(m, "response", 8);
}

static struct wad_cert_product *
make(int how)
{
	struct wad_msg		 m;
	struct wad_msg_in	 in;
	struct wad_cert_product	*p;
	struct wad_product_key	 k;

	wad_ssl_cert_factory_key(n, &k);
	answer(&m, how);
	in = sent(&m);
	p = wad_ssl_cert_factory_product_make(&k, &in, err, sizeof(err));
	wad_msg_free(&m);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	return p;
}

START_TEST(product)
{
	struct wad_cert_product *p = make(GOOD);

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->refcount, 1);
	ck_assert_int_eq(X509_cmp(p->leaf, pki_leaf[WAD_KEY_EC]), 0);
	ck_assert_int_eq(X509_check_private_key(p->leaf, p->key), 1);
	ck_assert_int_eq(sk_X509_num(p->chain), 1);
	ck_assert_str_eq(p->id.host, "test.example");
	ck_assert_str_eq(p->id.ca, "CA one");
	ck_assert_int_eq(p->id.key_type, WAD_KEY_EC);
	ck_assert_uint_eq(p->staple_len, 8);
	ck_assert_mem_eq(p->staple, "response", 8);
	ck_assert_uint_gt(p->size, 500);
	wad_ssl_cert_storage_put(p);
	wad_ssl_cert_storage_put(NULL);
}
END_TEST

START_TEST(bad_answer)
{
	ck_assert_ptr_null(make(_i));
	ck_assert_ptr_nonnull(strstr(err, "malformed"));
}
END_TEST

START_TEST(refusal)
{
	struct wad_msg		m;
	struct wad_msg_in	in;
	struct wad_product_key	k;

	wad_ssl_cert_factory_key(n, &k);
	wad_msg_init(&m, WAD_MSG_FORGED, 3);
	wad_msg_add_u32(&m, 0);
	wad_msg_add_str(&m, "the CA has expired");
	in = sent(&m);
	ck_assert_ptr_null(wad_ssl_cert_factory_product_make(&k, &in, err,
	    sizeof(err)));
	ck_assert_str_eq(err, "the CA has expired");
	wad_msg_free(&m);
}
END_TEST

/* ---- the storage */

static struct wad_cert_product *
find(void)
{
	struct wad_product_key	 k;
	struct wad_cert_product	*p;

	wad_ssl_cert_factory_key(n, &k);
	p = wad_ssl_cert_storage_find(&k);
	if (p != NULL)
		wad_ssl_cert_storage_put(p);
	return p;
}

START_TEST(stored)
{
	struct wad_cert_product *p = make(GOOD), *q;
	struct wad_cert		 two = ca;
	struct wad_str		 text = { 0 };

	ck_assert_ptr_null(find());
	wad_ssl_cert_storage_add_product(p);
	ck_assert_int_eq(p->refcount, 2);
	ck_assert_ptr_eq(find(), p);
	/* every part of the key counts */
	n->key_type = WAD_KEY_RSA;
	ck_assert_ptr_null(find());
	n->key_type = WAD_KEY_EC;
	n->srv_staple = true;
	ck_assert_ptr_null(find());
	n->srv_staple = false;
	n->origin.sha256[31] ^= 1;
	ck_assert_ptr_null(find());
	n->origin.sha256[31] ^= 1;
	strcpy(n->host, "test.exampl");
	ck_assert_ptr_null(find());
	strcpy(n->host, "test.example");
	two.name = "CA two";
	n->ca = &two;
	ck_assert_ptr_null(find());
	n->ca = &ca;
	/* another CA under the same name, it may end at the same second */
	n->scope.generation++;
	ck_assert_ptr_null(find());
	n->scope.generation--;
	/* two sessions asked at the same time */
	q = make(GOOD);
	wad_ssl_cert_storage_add_product(q);
	ck_assert_ptr_eq(find(), q);
	ck_assert_int_eq(p->refcount, 1);	/* its session still uses it */
	wad_ssl_cert_storage_put(p);
	wad_ssl_cert_storage_put(q);
	wad_ssl_cache_list(&text);
	ck_assert_ptr_nonnull(strstr(text.s, "certificate 1 8192 "));
	wad_str_free(&text);
	wad_lru_clear(wad_ssl_cert_storage_cache.lru);
	ck_assert_ptr_null(find());
	wad_ssl_cache_list(&text);
	ck_assert_ptr_nonnull(strstr(text.s, "certificate 0 8192 0 "));
	wad_str_free(&text);
}
END_TEST

START_TEST(in_use_outlives_the_storage)
{
	struct wad_cert_product *p = make(GOOD);

	wad_ssl_cert_storage_add_product(p);
	wad_lru_clear(wad_ssl_cert_storage_cache.lru);
	ck_assert_int_eq(p->refcount, 1);
	ck_assert_int_eq(X509_check_private_key(p->leaf, p->key), 1);
	wad_ssl_cert_storage_put(p);
}
END_TEST

START_TEST(nearly_expired)
{
	struct wad_cert_product *p = make(GOOD);

	p->not_after = (int64_t)time(NULL) + 60;
	wad_ssl_cert_storage_add_product(p);
	ck_assert_ptr_null(find());
	ck_assert_int_eq(p->refcount, 1);
	wad_ssl_cert_storage_put(p);
}
END_TEST

START_TEST(storage_is_bounded)
{
	struct wad_str text = { 0 };
	char	want[64];

	for (int i = 0; i < WAD_STORAGE_MAX + 50; i++) {
		struct wad_cert_product *p = pki_product(WAD_KEY_EC);

		p->size = 10;
		p->not_after = INT64_MAX;
		p->id.host = wad_xasprintf("h%d.example", i);
		p->id.ca = wad_xstrdup("ca");
		wad_ssl_cert_storage_add_product(p);
		wad_ssl_cert_storage_put(p);
	}
	wad_ssl_cache_list(&text);
	snprintf(want, sizeof(want), "certificate %d %d ", WAD_STORAGE_MAX,
	    WAD_STORAGE_MAX);
	ck_assert_msg(strstr(text.s, want) != NULL, "%s", text.s);
	wad_str_free(&text);
	/* cert-cache-capacity */
	wad_ssl_cert_storage_limit(3, 0);
	ck_assert_uint_eq(wad_ssl_cert_storage_cache.lru->n, 3);
	wad_ssl_cert_storage_limit(0, 0);
	ck_assert_uint_eq(wad_ssl_cert_storage_cache.lru->max,
	    WAD_STORAGE_MAX);
}
END_TEST

/* cert-cache-timeout */
START_TEST(used_for_a_while)
{
	struct wad_cert_product *p = make(GOOD);

	wad_ssl_cert_storage_limit(0, 1);
	wad_ssl_cert_storage_add_product(p);
	p->lru.born = wad_clock_ms() - 59 * 1000;
	ck_assert_ptr_eq(find(), p);
	p->lru.born = wad_clock_ms() - 60 * 1000;
	ck_assert_ptr_null(find());
	ck_assert_int_eq(p->refcount, 1);
	wad_ssl_cert_storage_put(p);
	wad_ssl_cert_storage_limit(0, 0);
}
END_TEST

/* ---- the bypass cache */

START_TEST(bypass)
{
	struct wad_addr	a, b;
	struct wad_str	text = { 0 };

	ck_assert_int_eq(wad_addr_parse_port(&a, "192.0.2.1:443"), 0);
	b = a;
	ck_assert(!wad_ssl_bypass_cache_find(&a, "x.example", 1));
	wad_ssl_bypass_cache_add(&a, "x.example", 1);
	wad_ssl_bypass_cache_add(&a, "x.example", 1);
	ck_assert(wad_ssl_bypass_cache_find(&a, "x.example", 1));
	ck_assert(!wad_ssl_bypass_cache_find(&a, "y.example", 1));
	ck_assert(!wad_ssl_bypass_cache_find(&a, "x.example", 2));
	b.port = 444;
	ck_assert(!wad_ssl_bypass_cache_find(&b, "x.example", 1));
	b = a;
	b.ip[0]++;
	ck_assert(!wad_ssl_bypass_cache_find(&b, "x.example", 1));
	for (int i = 0; i < WAD_BYPASS_MAX + 10; i++) {
		char host[32];

		snprintf(host, sizeof(host), "h%d.example", i);
		wad_ssl_bypass_cache_add(&a, host, 1);
	}
	ck_assert(!wad_ssl_bypass_cache_find(&a, "x.example", 1));
	ck_assert(wad_ssl_bypass_cache_find(&a, "h100.example", 1));
	wad_ssl_cache_list(&text);
	ck_assert_ptr_nonnull(strstr(text.s, "bypass 8192 8192 "));
	wad_str_free(&text);
	/* the reference wants them forgotten after five minutes */
	ck_assert_int_le(WAD_BYPASS_TTL, 300);
	ck_assert(wad_ssl_cache_show("bypass", "h8200.", &text));
	ck_assert_ptr_nonnull(strstr(text.s, "h8200.example "
	    "server=192.0.2.1:443 left="));
	ck_assert_ptr_null(strstr(text.s, "h8199"));
	ck_assert_ptr_null(strstr(text.s, "more"));
	wad_str_free(&text);
	ck_assert(wad_ssl_cache_show("bypass", "", &text));
	ck_assert_ptr_nonnull(strstr(text.s, "\n... and 7692 more\n"));
	wad_str_free(&text);
	ck_assert(!wad_ssl_cache_show("nothing", "", &text));
	ck_assert(!wad_ssl_cache_clear("nothing"));
	ck_assert(wad_ssl_cache_clear("certificate"));
	ck_assert(wad_ssl_bypass_cache_find(&a, "h100.example", 1));
	ck_assert(wad_ssl_cache_clear("bypass"));
	ck_assert(!wad_ssl_bypass_cache_find(&a, "h100.example", 1));
	wad_ssl_bypass_cache_add(&a, "x.example", 1);
	ck_assert(wad_ssl_cache_clear("all"));
	ck_assert(!wad_ssl_bypass_cache_find(&a, "x.example", 1));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_cert_storage");
	TCase	*t = tcase_create("ssl_cert_storage");
	int	 bad;

	pki_make();
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 20);
	tcase_add_test(t, question);
	tcase_add_test(t, no_names_of_a_bad_certificate);
	tcase_add_test(t, many_names);
	tcase_add_test(t, product);
	tcase_add_loop_test(t, bad_answer, NO_LEAF, N_ANSWERS);
	tcase_add_test(t, refusal);
	tcase_add_test(t, stored);
	tcase_add_test(t, in_use_outlives_the_storage);
	tcase_add_test(t, nearly_expired);
	tcase_add_test(t, storage_is_bounded);
	tcase_add_test(t, used_for_a_while);
	tcase_add_test(t, bypass);
	suite_add_tcase(s, t);
	bad = suite_run(s);
	pki_free();
	return bad;
}
