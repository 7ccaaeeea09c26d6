/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_cert.c and ssl_cic.c: verdicts on certificates sent in real
 * handshakes, what a profile makes of each, and how long a verdict is kept.
 */
#include <check.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include "tls/ssl_cache.h"
#include "tls/ssl_cic.h"

#include "suite.h"
#include "tls_pair.h"

static EVP_PKEY *other_key;

/* A server's chain for one handshake. */
struct sent {
	X509		*leaf;
	EVP_PKEY	*key;
	X509		*more;		/* an intermediate, or NULL */
};

/* The handshake of leg 7 with such a server; ends in c's negotiation. */
static void
shake(struct end *c, struct end *s, const struct sent *sent,
    const char *host)
{
	enum wad_ssl_ret	 a = WAD_SSL_WANT, b = WAD_SSL_WANT;
	struct wad_cert_product	*p = wad_xcalloc(1, sizeof(*p));

	end_open(s, WAD_SSL_CLT);
	end_open(c, WAD_SSL_SRV);
	end_offer(c, "test.example", WAD_TLS13);
	strcpy(c->n->host, host);
	SSL_set_security_level(s->sp->ssl, 0);
	SSL_set_security_level(c->sp->ssl, 0);
	p->refcount = 1;
	p->leaf = sent->leaf;
	p->key = sent->key;
	X509_up_ref(p->leaf);
	EVP_PKEY_up_ref(p->key);
	p->chain = sk_X509_new_null();
	if (sent->more != NULL) {
		X509_up_ref(sent->more);
		sk_X509_push(p->chain, sent->more);
	}
	for (int i = 0; i < 10; i++) {
		if (a != WAD_SSL_OK)
			a = wad_ssl_port_handshake(c->sp);
		wire(c, s, SIZE_MAX);
		if (b != WAD_SSL_OK)
			b = wad_ssl_port_handshake(s->sp);
		if (b == WAD_SSL_HELLO) {
			s->n->product = p;
			ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(
			    s->sp, s->sp, s->n, WAD_TLS12), 0);
		}
		wire(s, c, SIZE_MAX);
	}
	/* whatever the verdict, it is not OpenSSL that ends it */
	ck_assert_int_eq(a, WAD_SSL_OK);
	ck_assert_int_eq(b, WAD_SSL_OK);
	ck_assert(c->n->verified);
}

static struct wad_ssl_verdict
verdict(const struct sent *sent, const char *host)
{
	struct end		c, s;
	struct wad_ssl_verdict	v;

	shake(&c, &s, sent, host);
	v = c.n->verdict;
	end_close(&c);
	end_close(&s);
	return v;
}

enum { EXPIRED = 1, UNTRUSTED = 2, NAME = 4, INVALID = 8 };

static void
expect(const struct made *m, X509 *issuer, EVP_PKEY *issuer_key, X509 *more,
    const char *host, int want)
{
	struct sent		sent = { .key = other_key, .more = more };
	struct wad_ssl_verdict	v;

	sent.leaf = made_cert(m, other_key, issuer, issuer_key);
	v = verdict(&sent, host);
	ck_assert_msg((v.expired * EXPIRED | v.untrusted * UNTRUSTED |
	    v.wrong_name * NAME | v.invalid * INVALID) == want,
	    "wanted %d, is %d%d%d%d (%s)", want, v.expired, v.untrusted,
	    v.wrong_name, v.invalid, v.text);
	ck_assert(v.good == (want == 0));
	ck_assert_str_ne(v.text, "");
	ck_assert((strcmp(v.text, "good") == 0) == v.good);
	X509_free(sent.leaf);
}

static const struct made fine = { .cn = "x", .san = "DNS:test.example,"
    "DNS:*.wild.example,IP:192.0.2.1,IP:2001:db8::1", .from = -DAY,
    .until = DAY };

START_TEST(names)
{
	static const struct { const char *host; int want; } row[] = {
		{ "test.example", 0 }, { "a.wild.example", 0 },
		{ "192.0.2.1", 0 }, { "2001:db8::1", 0 },
		{ "wild.example", NAME }, { "a.b.wild.example", NAME },
		{ "test.example.evil", NAME }, { "192.0.2.2", NAME },
		{ "x", NAME },		/* the CN does not count */
	};

	expect(&fine, pki_root, pki_root_key, NULL, row[_i].host,
	    row[_i].want);
}
END_TEST

START_TEST(dates)
{
	struct made m = fine;

	m.from = -DAY * 10;
	m.until = -1;
	expect(&m, pki_root, pki_root_key, NULL, "test.example", EXPIRED);
	m.from = 3600;
	m.until = DAY;
	expect(&m, pki_root, pki_root_key, NULL, "test.example", EXPIRED);
}
END_TEST

START_TEST(self_signed)
{
	expect(&fine, NULL, NULL, NULL, "test.example", UNTRUSTED);
}
END_TEST

START_TEST(all_faults_are_found)
{
	struct made m = fine;

	m.until = -1;
	expect(&m, NULL, NULL, NULL, "else.example", EXPIRED | UNTRUSTED |
	    NAME);
}
END_TEST

START_TEST(unknown_and_lookalike_root)
{
	static const struct made root = { .cn = "Other", .from = -DAY,
		.until = DAY, .ca = true };
	static const struct made same_name = { .cn = "Root", .from = -DAY,
		.until = DAY, .ca = true };
	EVP_PKEY	*k = made_key(WAD_KEY_EC);
	X509		*x = made_cert(&root, k, NULL, NULL);
	X509		*y = made_cert(&same_name, k, NULL, NULL);

	expect(&fine, x, k, NULL, "test.example", UNTRUSTED);
	expect(&fine, x, k, x, "test.example", UNTRUSTED);
	/* the name of a root that is trusted, another key */
	{
		struct sent		sent = { .key = other_key };
		struct wad_ssl_verdict	v;

		sent.leaf = made_cert(&fine, other_key, y, k);
		sent.more = y;
		v = verdict(&sent, "test.example");
		ck_assert(!v.good && (v.untrusted || v.invalid));
		X509_free(sent.leaf);
	}
	X509_free(x);
	X509_free(y);
	EVP_PKEY_free(k);
}
END_TEST

START_TEST(intermediate)
{
	struct made	 mid = { .cn = "Mid", .from = -DAY, .until = DAY,
			    .ca = true };
	EVP_PKEY	*k = made_key(WAD_KEY_EC);
	X509		*x = made_cert(&mid, k, pki_root, pki_root_key);

	expect(&fine, x, k, x, "test.example", 0);
	expect(&fine, x, k, NULL, "test.example", UNTRUSTED);
	X509_free(x);
	mid.until = -1;
	x = made_cert(&mid, k, pki_root, pki_root_key);
	expect(&fine, x, k, x, "test.example", EXPIRED);
	X509_free(x);
	/* a leaf that plays the CA */
	mid.until = DAY;
	mid.ca = false;
	x = made_cert(&mid, k, pki_root, pki_root_key);
	expect(&fine, x, k, x, "test.example", INVALID);
	X509_free(x);
	EVP_PKEY_free(k);
}
END_TEST

START_TEST(weak_or_for_another_use)
{
	struct made	m = fine;
	struct sent	sent = { .more = NULL };
	struct wad_ssl_verdict v;

	m.md = EVP_sha1();
	expect(&m, pki_root, pki_root_key, NULL, "test.example", INVALID);
	m = fine;
	m.eku = "clientAuth";
	expect(&m, pki_root, pki_root_key, NULL, "test.example", INVALID);
	sent.key = EVP_RSA_gen(1024u);
	sent.leaf = made_cert(&fine, sent.key, pki_root, pki_root_key);
	v = verdict(&sent, "test.example");
	ck_assert(v.invalid && !v.good);
	X509_free(sent.leaf);
	EVP_PKEY_free(sent.key);
}
END_TEST

/* ---- what a profile makes of it */

static const struct fate_row {
	int	 faults;
	enum wad_act expired, untrusted;
	enum wad_sni_check sni;
	enum wad_cert_fate fate;
	enum wad_reason_id why;
} fates[] = {
#define A WAD_ACT_ALLOW
#define B WAD_ACT_BLOCK
#define I WAD_ACT_IGNORE
#define SE WAD_SNI_ENABLE
#define SS WAD_SNI_STRICT
#define SD WAD_SNI_DISABLE
	{ 0, B, B, SS, WAD_FATE_TRUSTED, WR_N },
	{ INVALID, I, I, SD, WAD_FATE_BLOCK, WR_CERT_INVALID },
	{ INVALID | EXPIRED, A, A, SE, WAD_FATE_BLOCK, WR_CERT_INVALID },
	{ EXPIRED, B, A, SE, WAD_FATE_BLOCK, WR_CERT_EXPIRED },
	{ EXPIRED, A, B, SS, WAD_FATE_UNTRUSTED, WR_CERT_EXPIRED },
	{ EXPIRED, I, B, SS, WAD_FATE_TRUSTED, WR_N },
	{ UNTRUSTED, B, B, SE, WAD_FATE_BLOCK, WR_CERT_UNTRUSTED },
	{ UNTRUSTED, B, A, SS, WAD_FATE_UNTRUSTED, WR_CERT_UNTRUSTED },
	{ UNTRUSTED, B, I, SS, WAD_FATE_TRUSTED, WR_N },
	{ NAME, B, B, SS, WAD_FATE_BLOCK, WR_CERT_NAME },
	{ NAME, B, B, SE, WAD_FATE_UNTRUSTED, WR_CERT_NAME },
	{ NAME, B, B, SD, WAD_FATE_TRUSTED, WR_N },
	/* the hardest one wins, wherever it stands */
	{ EXPIRED | UNTRUSTED, A, B, SE, WAD_FATE_BLOCK, WR_CERT_UNTRUSTED },
	{ EXPIRED | UNTRUSTED, I, A, SE, WAD_FATE_UNTRUSTED,
	    WR_CERT_UNTRUSTED },
	{ EXPIRED | UNTRUSTED, I, I, SS, WAD_FATE_TRUSTED, WR_N },
	{ EXPIRED | UNTRUSTED | NAME, A, A, SS, WAD_FATE_BLOCK,
	    WR_CERT_NAME },
};

START_TEST(fate)
{
	const struct fate_row	*r = &fates[_i];
	struct wad_ssl_verdict	 v;
	struct wad_ssl_proto	 p;
	enum wad_reason_id	 why = WR_N;

	memset(&v, 0, sizeof(v));
	memset(&p, 0, sizeof(p));
	v.expired = r->faults & EXPIRED;
	v.untrusted = r->faults & UNTRUSTED;
	v.wrong_name = r->faults & NAME;
	v.invalid = r->faults & INVALID;
	p.expired = r->expired;
	p.untrusted = r->untrusted;
	p.sni_check = r->sni;
	ck_assert_int_eq(wad_ssl_cert_fate(&v, &p, &why), r->fate);
	if (r->fate != WAD_FATE_TRUSTED)
		ck_assert_int_eq(why, r->why);
}
END_TEST

/* ---- roots of a configuration */

static char *
pem_of(X509 *x)
{
	BIO	*b = BIO_new(BIO_s_mem());
	char	*p, *s;
	long	 n;

	PEM_write_bio_X509(b, x);
	n = BIO_get_mem_data(b, &p);
	s = wad_xstrndup(p, (size_t)n);
	BIO_free(b);
	return s;
}

START_TEST(trust)
{
	struct wad_trust_ca	 cas[2] = { { .name = "none" },
				    { .name = "mine", .trusted = true } };
	struct wad_conf		 conf;
	struct wad_trust	*a, *b;
	char			 err[200] = "", *pem = pem_of(pki_root);

	memset(&conf, 0, sizeof(conf));
	a = wad_trust_new(&conf, NULL, 0, err, sizeof(err));
	ck_assert_ptr_nonnull(a);
	ck_assert_uint_eq(a->n_roots, 0);
	conf.cas = cas;
	conf.n_cas = 2;
	cas[1].pem = pem;
	b = wad_trust_new(&conf, pem, strlen(pem), err, sizeof(err));
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq(b->n_roots, 2);
	cas[1].trusted = false;		/* ssl-inspection-trusted disable */
	wad_trust_put(a);
	a = wad_trust_new(&conf, NULL, 0, err, sizeof(err));
	ck_assert_uint_eq(a->n_roots, 0);
	cas[1].trusted = true;
	ck_assert(a->generation != b->generation);
	ck_assert_ptr_eq(wad_trust_get(b), b);
	wad_trust_put(b);
	wad_trust_put(b);
	wad_trust_put(a);
	wad_trust_put(NULL);
	cas[1].pem = "no certificate";
	ck_assert_ptr_null(wad_trust_new(&conf, NULL, 0, err, sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "'mine'"));
	free(pem);
}
END_TEST

/* ---- the inspection cache */

static void
keep(const struct sent *sent, const char *host, bool hit)
{
	struct end	c, s;
	uint64_t	oid;

	shake(&c, &s, sent, host);
	ck_assert(c.n->cic_hit == hit);
	oid = wad_ssl_cic_oid_gen(c.n);
	if (!hit)
		wad_ssl_cic_client_add(c.n, oid);
	ck_assert(wad_ssl_cic_known(c.n));
	end_close(&c);
	end_close(&s);
}

START_TEST(cic_keeps_what_was_found)
{
	struct made	m = fine;
	struct sent	good = { .key = other_key }, bad = good;
	struct wad_str	text = { 0 };

	good.leaf = made_cert(&fine, other_key, pki_root, pki_root_key);
	m.until = -1;
	bad.leaf = made_cert(&m, other_key, pki_root, pki_root_key);
	keep(&good, "test.example", false);
	keep(&good, "test.example", true);
	ck_assert(verdict(&good, "test.example").good);
	/* another name, another chain: looked at anew */
	keep(&good, "else.example", false);
	ck_assert(verdict(&good, "else.example").wrong_name);
	keep(&bad, "test.example", false);
	keep(&bad, "test.example", true);
	ck_assert(verdict(&bad, "test.example").expired);
	keep(&good, "test.example", false);
	/* other roots: every verdict is stale */
	pki_trust.generation++;
	keep(&good, "test.example", false);
	keep(&good, "test.example", true);
	wad_ssl_cache_list(&text);
	ck_assert_ptr_nonnull(strstr(text.s,
	    "cert-inspection 2 16384 "));
	wad_str_free(&text);
	wad_lru_clear(wad_ssl_cic_cache.lru);
	keep(&good, "test.example", false);
	wad_lru_clear(wad_ssl_cic_cache.lru);
	X509_free(good.leaf);
	X509_free(bad.leaf);
}
END_TEST

START_TEST(cic_is_by_server)
{
	struct wad_ssl_nego	*n = wad_ssl_negotiate_make();
	struct wad_ssl_verdict	 v;

	n->trust = &pki_trust;
	strcpy(n->host, "test.example");
	ck_assert_int_eq(wad_addr_parse_port(&n->dst, "192.0.2.1:443"), 0);
	n->valid_from = 7;
	n->valid_until = INT64_MAX;
	n->verdict.good = true;
	wad_ssl_cic_client_add(n, wad_ssl_cic_oid_gen(n));
	n->valid_from = n->valid_until = 0;
	ck_assert(wad_ssl_cic_find(n, &v) && v.good);
	ck_assert_int_eq(n->valid_from, 7);
	ck_assert_int_eq(n->valid_until, INT64_MAX);
	/* the client's side does not matter, the server's does */
	ck_assert_int_eq(wad_addr_parse_port(&n->src, "10.0.0.1:5"), 0);
	ck_assert(wad_ssl_cic_find(n, &v));
	n->dst.port = 444;
	ck_assert(!wad_ssl_cic_find(n, &v) && !wad_ssl_cic_known(n));
	n->dst.port = 443;
	n->dst.ip[3]++;
	ck_assert(!wad_ssl_cic_find(n, &v));
	n->dst.ip[3]--;
	n->chain_hash[3]++;
	ck_assert(!wad_ssl_cic_find(n, &v) && wad_ssl_cic_known(n));
	wad_lru_clear(wad_ssl_cic_cache.lru);
	/* a date was crossed since */
	n->valid_until = 1;
	wad_ssl_cic_client_add(n, wad_ssl_cic_oid_gen(n));
	ck_assert(!wad_ssl_cic_find(n, &v));
	wad_lru_clear(wad_ssl_cic_cache.lru);
	wad_ssl_negotiate_free(n);
}
END_TEST

/* ---- staples */

/* Puts a response about leaf where that of a server would be. */
static void
staple(struct end *c, X509 *leaf, X509 *ca, EVP_PKEY *key, int status)
{
	OCSP_BASICRESP	*b = OCSP_BASICRESP_new();
	OCSP_RESPONSE	*r;
	OCSP_CERTID	*id = OCSP_cert_to_id(EVP_sha1(), leaf, ca);
	ASN1_TIME	*t = ASN1_TIME_adj(NULL, time(NULL), 0, -60);
	ASN1_TIME	*n = ASN1_TIME_adj(NULL, time(NULL), 0, 7200);
	unsigned char	*der = NULL;
	int		 len;

	OCSP_basic_add1_status(b, id, status, 0, t, t, n);
	ck_assert_int_eq(OCSP_basic_sign(b, ca, key, EVP_sha256(), NULL, 0),
	    1);
	r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, b);
	len = i2d_OCSP_RESPONSE(r, &der);
	SSL_set_tlsext_status_ocsp_resp(c->sp->ssl, der, len);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(t);
	ASN1_TIME_free(n);
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
}

/* A staple vouches for the leaf: whoever has the key of a revoked
 * intermediate can make one, so the others are asked about all the same. */
START_TEST(staple_of_leaf)
{
	struct made	 mid = { .cn = "Mid", .from = -DAY, .until = DAY,
			    .ca = true };
	struct wad_conf	 conf = { .revocation.ocsp = WAD_OCSP_ENABLE };
	struct wad_x509_status st = { .status = _i == 0 ? WAD_CERT_REVOKED :
			    _i == 1 ? WAD_CERT_GOOD : _i == 2 ?
			    WAD_CERT_NONE : WAD_CERT_TIMEOUT,
			    .until = time(NULL) + 100, .text = "because" };
	EVP_PKEY	*k = made_key(WAD_KEY_EC);
	X509		*x = made_cert(&mid, k, pki_root, pki_root_key);
	struct sent	 sent = { .key = other_key, .more = x,
			    .leaf = made_cert(&fine, other_key, x, k) };
	struct end	 c, s;

	shake(&c, &s, &sent, "test.example");
	ck_assert(c.n->verdict.good && c.n->verdict.status == WAD_CERT_NONE);
	staple(&c, sent.leaf, x, k, V_OCSP_CERTSTATUS_GOOD);
	wad_ssl_cert_staple(c.n, c.sp->ssl, &conf);
	ck_assert_int_eq(c.n->verdict.status, WAD_CERT_GOOD);
	/* all but the leaf */
	ck_assert(wad_ssl_cert_ask_status(c.n, &conf));
	ck_assert_int_eq(sk_X509_num(c.n->path), 2);
	ck_assert_int_eq(X509_cmp(sk_X509_value(c.n->path, 0), x), 0);
	wad_ssl_cert_status(c.n, &conf, &st, 0);
	ck_assert(c.n->verdict.revoked == (_i == 0));
	ck_assert(c.n->verdict.good == (_i != 0));
	ck_assert_int_eq(c.n->verdict.status, _i == 2 ? WAD_CERT_GOOD :
	    st.status);
	if (_i == 0)
		ck_assert_str_eq(c.n->verdict.text, "an issuer of the "
		    "certificate: because");
	else if (_i == 1)
		ck_assert_int_eq(c.n->verdict.status_until, st.until);
	end_close(&c);
	end_close(&s);
	X509_free(sent.leaf);
	/* nobody but the leaf and the root */
	sent.more = NULL;
	sent.leaf = made_cert(&fine, other_key, pki_root, pki_root_key);
	shake(&c, &s, &sent, "test.example");
	ck_assert(wad_ssl_cert_ask_status(c.n, &conf));
	staple(&c, sent.leaf, pki_root, pki_root_key, V_OCSP_CERTSTATUS_GOOD);
	wad_ssl_cert_staple(c.n, c.sp->ssl, &conf);
	ck_assert(!wad_ssl_cert_ask_status(c.n, &conf));
	end_close(&c);
	end_close(&s);
	X509_free(sent.leaf);
	X509_free(x);
	EVP_PKEY_free(k);
}
END_TEST

/* What is known to be revoked does not become good by an older response that
 * its server kept. */
START_TEST(staple_after_revoked)
{
	struct wad_conf	 conf = { .revocation.ocsp = WAD_OCSP_ENABLE };
	struct wad_x509_status st = { .status = WAD_CERT_REVOKED,
			    .until = time(NULL) + 100, .text = "because" };
	struct sent	 sent = { .key = other_key, .leaf = made_cert(&fine,
			    other_key, pki_root, pki_root_key) };
	struct end	 c, s;

	wad_lru_clear(wad_ssl_cic_cache.lru);
	shake(&c, &s, &sent, "test.example");
	wad_ssl_cert_status(c.n, &conf, &st, 0);
	wad_ssl_cic_client_add(c.n, wad_ssl_cic_oid_gen(c.n));
	end_close(&c);
	end_close(&s);
	shake(&c, &s, &sent, "test.example");
	ck_assert(c.n->cic_hit && c.n->verdict.revoked);
	staple(&c, sent.leaf, pki_root, pki_root_key, V_OCSP_CERTSTATUS_GOOD);
	wad_ssl_cert_staple(c.n, c.sp->ssl, &conf);
	ck_assert(c.n->verdict.revoked && !c.n->verdict.good);
	end_close(&c);
	end_close(&s);
	wad_lru_clear(wad_ssl_cic_cache.lru);
	X509_free(sent.leaf);
}
END_TEST

#define N(a)	((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite	*s = suite_create("ssl_cert");
	TCase	*t = tcase_create("ssl_cert");
	int	 bad;

	pki_make();
	other_key = made_key(WAD_KEY_EC);
	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, names, 0, 9);
	tcase_add_test(t, dates);
	tcase_add_test(t, self_signed);
	tcase_add_test(t, all_faults_are_found);
	tcase_add_test(t, unknown_and_lookalike_root);
	tcase_add_test(t, intermediate);
	tcase_add_test(t, weak_or_for_another_use);
	tcase_add_loop_test(t, fate, 0, N(fates));
	tcase_add_test(t, trust);
	tcase_add_test(t, cic_keeps_what_was_found);
	tcase_add_test(t, cic_is_by_server);
	tcase_add_loop_test(t, staple_of_leaf, 0, 4);
	tcase_add_test(t, staple_after_revoked);
	suite_add_tcase(s, t);
	bad = suite_run(s);
	EVP_PKEY_free(other_key);
	pki_free();
	return bad;
}
