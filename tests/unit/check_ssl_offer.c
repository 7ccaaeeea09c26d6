/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_offer.c: the hello that goes to a server is made, read back by our own
 * reader, and compared with what the client had offered.
 */
#include <check.h>

#include "suite.h"
#include "tls_pair.h"

static struct end	to;		/* toward the server */
static struct end	seen;		/* reads what was sent there */

static void
setup(void)
{
	end_open(&to, WAD_SSL_SRV);
	end_open(&seen, WAD_SSL_CLT);
	to.n->has_sni = true;
	strcpy(to.n->sni, "test.example");
	strcpy(to.n->host, "test.example");
	to.n->alpn_h1 = to.n->has_alpn = true;
}

static void
teardown(void)
{
	end_close(&to);
	end_close(&seen);
}

static void
again(void)
{
	teardown();
	setup();
}

static void
list(struct wad_nego_list *l, const char *hex)
{
	l->n = 0;
	for (; *hex != '\0'; hex += hex[4] == ' ' ? 5 : 4)
		l->v[l->n++] = (uint16_t)strtoul((char[]){ hex[0], hex[1],
		    hex[2], hex[3], '\0' }, NULL, 16);
}

static void
client(const char *versions, const char *ciphers, const char *groups,
    const char *sigalgs)
{
	struct wad_ssl_nego *n = to.n;

	list(&n->versions, versions);
	list(&n->ciphers, ciphers);
	list(&n->groups, groups);
	list(&n->sigalgs, sigalgs);
	n->max_version = WAD_TLS12;
	for (unsigned i = 0; i < n->versions.n; i++)
		if (i == 0 || n->versions.v[i] > n->max_version)
			n->max_version = n->versions.v[i];
	n->tls13 = n->max_version == WAD_TLS13;
}

/* Sends the offer and reads it. */
static void
send_offer(void)
{
	ck_assert_int_eq(wad_ssl_proxy_srv_continue_fwd_client_hello(to.sp,
	    to.sp, to.n), 0);
	ck_assert_int_eq(wad_ssl_port_handshake(to.sp), WAD_SSL_WANT);
	wire(&to, &seen, SIZE_MAX);
	ck_assert_int_eq(wad_ssl_port_handshake(seen.sp), WAD_SSL_HELLO);
}

static void
same_list(const struct wad_nego_list *l, const char *hex)
{
	struct wad_nego_list want;

	list(&want, hex);
	ck_assert_uint_eq(l->n, want.n);
	for (unsigned i = 0; i < l->n; i++)
		ck_assert_uint_eq(l->v[i], want.v[i]);
}

/* TLS_EMPTY_RENEGOTIATION_INFO_SCSV is no suite. */
static void
drop_scsv(struct wad_nego_list *l)
{
	if (l->n > 0 && l->v[l->n - 1] == 0x00ff)
		l->n--;
}

#define CHROME_CIPHERS "1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 " \
	"c014 009c 009d 002f 0035"
#define CHROME_SIGALGS "0403 0804 0401 0503 0805 0501 0806 0601"

START_TEST(browser)
{
	client("0304 0303", CHROME_CIPHERS, "11ec 001d 0017 0018",
	    CHROME_SIGALGS);
	ck_assert_int_eq(wad_ssl_offer_make(to.n, WAD_TLS12), WAD_OFFER_OK);
	/* nothing is set but the signature algorithms, which are fewer */
	ck_assert(to.n->offer.list[WAD_OFFER_SUITES13].all);
	ck_assert(to.n->offer.list[WAD_OFFER_SUITES12].all);
	ck_assert(to.n->offer.list[WAD_OFFER_GROUPS].all);
	ck_assert(!to.n->offer.list[WAD_OFFER_SIGALGS].all);
	send_offer();
	drop_scsv(&seen.n->ciphers);
	same_list(&seen.n->ciphers,
	    "1301 1302 1303 c02b c02f c02c c030 cca9 cca8");
	same_list(&seen.n->sigalgs, CHROME_SIGALGS);
	same_list(&seen.n->versions, "0304 0303");
	ck_assert(seen.n->alpn_h1 && !seen.n->alpn_h2);
	ck_assert_str_eq(seen.n->sni, "test.example");
}
END_TEST

START_TEST(in_the_clients_order)
{
	client("0304 0303", "1303 1301 c030 cca8 009f", "0018 0017 0100",
	    "0805 0804 0201");
	ck_assert_int_eq(wad_ssl_offer_make(to.n, WAD_TLS12), WAD_OFFER_OK);
	send_offer();
	drop_scsv(&seen.n->ciphers);
	same_list(&seen.n->ciphers, "1303 1301 c030 cca8");
	same_list(&seen.n->groups, "0018 0017");
	same_list(&seen.n->shares, "0018");
	same_list(&seen.n->sigalgs, "0805 0804");
}
END_TEST

static const struct {
	const char	*versions, *ciphers, *groups, *sigalgs;
	uint16_t	 min;
	enum wad_offer_cause cause;
	const char	*sent;		/* supported_versions; "": none */
	uint16_t	 max;
} rows[] = {
	/* versions: {1.2, 1.3} of the client, and a minimum of each */
	{ "0304", "1301 c02b", "001d", "0403", WAD_TLS12, WAD_OFFER_OK,
	    "0304", WAD_TLS13 },
	{ "0303", "1301 c02b", "001d", "0403", WAD_TLS12, WAD_OFFER_OK, "",
	    WAD_TLS12 },
	{ "", "1301 c02b", "001d", "0403", WAD_TLS12, WAD_OFFER_OK, "",
	    WAD_TLS12 },
	{ "0304 0303", "1301 c02b", "001d", "0403", WAD_TLS13, WAD_OFFER_OK,
	    "0304", WAD_TLS13 },
	{ "0303", "1301 c02b", "001d", "0403", WAD_TLS13, WAD_OFFER_VERSION,
	    NULL, 0 },
	{ "0302 0301", "c02b", "001d", "0403", WAD_TLS12, WAD_OFFER_VERSION,
	    NULL, 0 },
	/* a version without a suite is none */
	{ "0304 0303", "1301 002f", "001d", "0403", WAD_TLS12, WAD_OFFER_OK,
	    "0304", WAD_TLS13 },
	{ "0304 0303", "c02b", "001d", "0403", WAD_TLS12, WAD_OFFER_OK, "",
	    WAD_TLS12 },
	/* nothing in common */
	{ "0303", "002f 0035 c013", "001d", "0403", WAD_TLS12,
	    WAD_OFFER_CIPHER, NULL, 0 },
	{ "0303", "0005 000a 0000 0003", "001d", "0403", WAD_TLS10,
	    WAD_OFFER_CIPHER, NULL, 0 },
	{ "0304", "1304 1305", "001d", "0403", WAD_TLS12, WAD_OFFER_CIPHER,
	    NULL, 0 },
	{ "0304 0303", "1301 c02b", "0100 0019", "0403", WAD_TLS12,
	    WAD_OFFER_CIPHER, NULL, 0 },
	{ "0304 0303", "1301 c02b", "001d", "0201 0203 0101", WAD_TLS12,
	    WAD_OFFER_CIPHER, NULL, 0 },
	/* a profile that allows old versions */
	{ "0302 0301", "c013 002f", "001d", "", WAD_TLS10, WAD_OFFER_OK, "",
	    WAD_TLS11 },
	{ "0304 0302", "1301 c013", "001d", "0403", WAD_TLS10, WAD_OFFER_OK,
	    "0304", WAD_TLS13 },
	{ "0301", "c009 c014", "0017", "", WAD_SSL30, WAD_OFFER_OK, "",
	    WAD_TLS10 },
	{ "0302", "c013", "001d", "", WAD_TLS12, WAD_OFFER_VERSION, NULL, 0 },
};

/* Toward the server on the context of this minimum. */
static void
reopen(uint16_t min)
{
	wad_ssl_port_close(to.sp);
	to.sp = wad_ssl_port_open(to.port, WAD_SSL_SRV, wad_ssl_ctx_srv(min));
	to.sp->nego = to.n;
}

START_TEST(versions_and_causes)
{
	client(rows[_i].versions, rows[_i].ciphers, rows[_i].groups,
	    rows[_i].sigalgs);
	ck_assert_int_eq(wad_ssl_offer_make(to.n, rows[_i].min),
	    rows[_i].cause);
	if (rows[_i].cause != WAD_OFFER_OK)
		return;
	reopen(rows[_i].min);
	send_offer();
	same_list(&seen.n->versions, rows[_i].sent);
	ck_assert_uint_eq(seen.n->max_version, rows[_i].max);
	drop_scsv(&seen.n->ciphers);
	for (unsigned i = 0; i < seen.n->ciphers.n; i++)
		ck_assert(wad_ssl_negotiate_has(&to.n->ciphers,
		    seen.n->ciphers.v[i]));
}
END_TEST

START_TEST(alpn_that_we_do_not_speak)
{
	client("0304 0303", CHROME_CIPHERS, "001d", CHROME_SIGALGS);
	to.n->alpn_h1 = false;
	ck_assert_int_eq(wad_ssl_offer_make(to.n, WAD_TLS12),
	    WAD_OFFER_ALPN);
	to.n->has_alpn = false;
	ck_assert_int_eq(wad_ssl_offer_make(to.n, WAD_TLS12), WAD_OFFER_OK);
	send_offer();
	ck_assert(!seen.n->has_alpn);
}
END_TEST

/* What both have, in the client's order. */
START_TEST(alpn_by_profile)
{
	static const struct {
		enum wad_alpn	 may;
		bool		 h1, h2, first;	/* of the client */
		bool		 o1, o2, offirst;
		enum wad_offer_cause cause;
	} t[] = {
		{ WAD_ALPN_ALL, 1, 1, 1, 1, 1, 1, WAD_OFFER_OK },
		{ WAD_ALPN_ALL, 1, 1, 0, 1, 1, 0, WAD_OFFER_OK },
		{ WAD_ALPN_ALL, 0, 1, 1, 0, 1, 0, WAD_OFFER_OK },
		{ WAD_ALPN_H1, 1, 1, 1, 1, 0, 0, WAD_OFFER_OK },
		{ WAD_ALPN_H1, 0, 1, 1, 0, 0, 0, WAD_OFFER_ALPN },
		{ WAD_ALPN_H2, 1, 1, 1, 0, 1, 0, WAD_OFFER_OK },
		{ WAD_ALPN_H2, 1, 0, 0, 0, 0, 0, WAD_OFFER_OK },
		{ WAD_ALPN_NONE, 1, 1, 1, 0, 0, 0, WAD_OFFER_OK },
		{ WAD_ALPN_NONE, 0, 1, 1, 0, 0, 0, WAD_OFFER_OK },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		again();
		client("0304 0303", CHROME_CIPHERS, "001d", CHROME_SIGALGS);
		to.n->scope.alpn = t[i].may;
		to.n->alpn_h1 = t[i].h1;
		to.n->alpn_h2 = t[i].h2;
		to.n->h2_first = t[i].first;
		ck_assert_int_eq(wad_ssl_offer_make(to.n, WAD_TLS12),
		    t[i].cause);
		if (t[i].cause != WAD_OFFER_OK)
			continue;
		send_offer();
		ck_assert(seen.n->has_alpn == (t[i].o1 || t[i].o2));
		ck_assert(seen.n->alpn_h1 == t[i].o1);
		ck_assert(seen.n->alpn_h2 == t[i].o2);
		ck_assert(!(t[i].o1 && t[i].o2) ||
		    seen.n->h2_first == t[i].offirst);
	}
}
END_TEST

/* Random clients: never is anything sent that they did not offer. */
START_TEST(never_more_than_the_client)
{
	static const uint16_t ids[] = { 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f,
		0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0x009c, 0x002f },
	    gids[] = { 4588, 29, 23, 24, 25, 30, 256 },
	    sids[] = { 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806,
		0x0601, 0x0603, 0x0807, 0x0809, 0x0201, 0x0203 };
	unsigned sent = 0;

#define SOME(l, from) do {						\
	(l)->n = 0;							\
	for (size_t k = 0; k < sizeof(from) / sizeof(from[0]); k++)	\
		if (random() % 3 == 0)					\
			(l)->v[(l)->n++] = from[k];			\
	} while (0)
	srandom(7);
	for (int i = 0; i < 500; i++) {
		struct wad_ssl_nego *n;

		again();
		n = to.n;
		client(i % 3 == 0 ? "0304" : i % 3 == 1 ? "0304 0303" :
		    "0303", "", "", "");
		SOME(&n->ciphers, ids);
		SOME(&n->groups, gids);
		SOME(&n->sigalgs, sids);
		if (n->groups.n == 0 || n->sigalgs.n == 0 ||
		    wad_ssl_offer_make(n, WAD_TLS12) != WAD_OFFER_OK)
			continue;
		sent++;
		send_offer();
		drop_scsv(&seen.n->ciphers);
		ck_assert_uint_gt(seen.n->ciphers.n, 0);
		ck_assert_uint_gt(seen.n->groups.n, 0);
		for (unsigned k = 0; k < seen.n->ciphers.n; k++)
			ck_assert(wad_ssl_negotiate_has(&n->ciphers,
			    seen.n->ciphers.v[k]));
		for (unsigned k = 0; k < seen.n->groups.n; k++)
			ck_assert(wad_ssl_negotiate_has(&n->groups,
			    seen.n->groups.v[k]));
		for (unsigned k = 0; k < seen.n->sigalgs.n; k++)
			ck_assert(wad_ssl_negotiate_has(&n->sigalgs,
			    seen.n->sigalgs.v[k]));
		for (unsigned k = 0; k < seen.n->versions.n; k++)
			ck_assert(wad_ssl_negotiate_has(&n->versions,
			    seen.n->versions.v[k]));
	}
	ck_assert_uint_gt(sent, 150);
}
END_TEST

/* Whatever a profile says: no null, export, anonymous, RC4, 3DES or static
 * RSA, and before TLS 1.2 is asked for no CBC either. */
START_TEST(nothing_weak)
{
	static const uint16_t mins[] = { WAD_TLS12, WAD_TLS10 };
	uint16_t	 min = mins[_i % 2];
	SSL_CTX		*c = _i / 2 == 0 ? wad_ssl_ctx_clt(min) :
	    wad_ssl_ctx_srv(min);
	STACK_OF(SSL_CIPHER) *all = SSL_CTX_get_ciphers(c);

	ck_assert_int_eq(SSL_CTX_get_min_proto_version(c), min);
	ck_assert_int_eq(sk_SSL_CIPHER_num(all), min == WAD_TLS12 ? 9 : 13);
	for (int i = 0; i < sk_SSL_CIPHER_num(all); i++) {
		const SSL_CIPHER *s = sk_SSL_CIPHER_value(all, i);
		int		  kx = SSL_CIPHER_get_kx_nid(s);

		ck_assert(kx == NID_kx_ecdhe || kx == NID_kx_any);
		ck_assert_int_ge(SSL_CIPHER_get_bits(s, NULL), 128);
		ck_assert(SSL_CIPHER_get_auth_nid(s) != NID_auth_null);
		ck_assert(SSL_CIPHER_is_aead(s) || min < WAD_TLS12);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_offer");
	TCase	*t = tcase_create("ssl_offer");
	int	 bad;

	pki_make();
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, browser);
	tcase_add_test(t, in_the_clients_order);
	tcase_add_loop_test(t, versions_and_causes, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(t, alpn_that_we_do_not_speak);
	tcase_add_test(t, alpn_by_profile);
	tcase_add_test(t, never_more_than_the_client);
	tcase_add_loop_test(t, nothing_weak, 0, 4);
	suite_add_tcase(s, t);
	bad = suite_run(s);
	pki_free();
	return bad;
}
