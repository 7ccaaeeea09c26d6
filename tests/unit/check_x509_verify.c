/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_verify.c and x509_path.c: a valid path is found whatever lies beside
 * it, what is wrong is called by its name, and the search has an end.
 */
#include <check.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <sys/time.h>

#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "x509/x509_deny.h"
#include "x509/x509_verify.h"
#include "suite.h"
#include "x509_make.h"

enum { MAX = 128 };

/* A root, an intermediate and a leaf; what a test adds goes into bag. */
static EVP_PKEY		*rk, *ik, *lk, *xk;
static X509		*root, *ica, *leaf;
static X509		*bag[MAX];
static size_t		 n_bag;
static X509_STORE	*store;
static STACK_OF(X509)	*sent, *helpers;
static STACK_OF(X509_CRL) *crls;
static struct wad_x509_ask	ask;
static struct wad_x509_verdict	v;

static X509 *
made(struct make m)
{
	ck_assert_uint_lt(n_bag, MAX);
	return bag[n_bag++] = make_cert(m);
}

static void
send_cert(X509 *x)
{
	ck_assert_int_gt(sk_X509_push(sent, x), 0);
}

static void
trust(X509 *x)
{
	ck_assert_int_eq(X509_STORE_add_cert(store, x), 1);
}

static X509 *
ca(const char *cn, EVP_PKEY *key, X509 *issuer, EVP_PKEY *by)
{
	return made((struct make){ .cn = cn, .key = key, .issuer = issuer,
	    .by = by, .ca = true });
}

static X509 *
server(X509 *issuer, EVP_PKEY *by)
{
	return made((struct make){ .cn = "www.example.com", .key = lk,
	    .issuer = issuer, .by = by, .san = "DNS:www.example.com" });
}

static void
setup(void)
{
	n_bag = 0;
	store = X509_STORE_new();
	sent = sk_X509_new_null();
	helpers = sk_X509_new_null();
	crls = sk_X509_CRL_new_null();
	rk = make_key();
	ik = make_key();
	lk = make_key();
	xk = make_key();
	root = ca("Root", rk, NULL, NULL);
	ica = ca("Intermediate", ik, root, rk);
	leaf = server(ica, ik);
	ask = (struct wad_x509_ask){ .leaf = leaf, .sent = sent,
		.store = store, .name = "www.example.com", .now = NOW };
	memset(&v, 0, sizeof(v));
}

static void
teardown(void)
{
	wad_x509_verify_clear(&v);
	X509_STORE_free(store);
	sk_X509_free(sent);
	sk_X509_free(helpers);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	for (size_t i = 0; i < n_bag; i++)
		X509_free(bag[i]);
	EVP_PKEY_free(rk);
	EVP_PKEY_free(ik);
	EVP_PKEY_free(lk);
	EVP_PKEY_free(xk);
}

/* The flags as letters: e(xpired) u(ntrusted) i(ncomplete) n(ame) r(evoked)
 * m(issing list) d(enied) x (invalid); "good". */
static const char *
judge(void)
{
	static char	text[16];
	char		*p = text;

	wad_x509_verify_clear(&v);
	wad_x509_verify(&ask, &v);
	if (v.good) {
		ck_assert_str_eq(v.text, "good");
		ck_assert(!v.expired && !v.untrusted && !v.incomplete &&
		    !v.wrong_name && !v.revoked && !v.crl_missing &&
		    !v.denied && !v.invalid);
		return "good";
	}
	ck_assert_str_ne(v.text, "");
	ck_assert_str_ne(v.text, "good");
	if (v.expired)
		*p++ = 'e';
	if (v.untrusted)
		*p++ = 'u';
	if (v.incomplete)
		*p++ = 'i';
	if (v.wrong_name)
		*p++ = 'n';
	if (v.revoked)
		*p++ = 'r';
	if (v.crl_missing)
		*p++ = 'm';
	if (v.denied)
		*p++ = 'd';
	if (v.invalid)
		*p++ = 'x';
	*p = '\0';
	return text;
}

#define is(want) ck_assert_msg(strcmp(judge(), want) == 0,		\
	"%s, wanted %s: %s", judge(), want, v.text)

START_TEST(good)
{
	trust(root);
	send_cert(ica);
	is("good");
	ck_assert_uint_eq(v.tried, 1);
	ck_assert_int_eq(sk_X509_num(v.path), 3);
	ck_assert_ptr_eq(sk_X509_value(v.path, 0), leaf);
	ck_assert_int_eq(X509_cmp(sk_X509_value(v.path, 2), root), 0);
	ck_assert_int_eq(v.valid_from, NOW - 100 * DAY);
	ck_assert_int_eq(v.valid_until, NOW + 100 * DAY);
	ask.name = NULL;
	is("good");
	ask.name = "www.example.org";
	is("n");
	/* the leaf again, the root, a stranger, wrong order */
	ask.name = "www.example.com";
	sk_X509_zero(sent);
	send_cert(root);
	send_cert(made((struct make){ .cn = "Alien", .key = xk, .ca = true }));
	send_cert(ica);
	send_cert(leaf);
	is("good");
	/* an IPv4 address and a server's certificate of a client */
	ask.use = WAD_X509_CLIENT;
	ask.name = NULL;
	is("x");
}
END_TEST

START_TEST(self_signed)
{
	ask.leaf = made((struct make){ .cn = "www.example.com", .key = lk,
	    .san = "DNS:www.example.com" });
	is("u");
	ck_assert_int_eq(v.error, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
	/* the administrator's own choice */
	trust(ask.leaf);
	is("good");
	ask.now = NOW + 101 * DAY;
	is("e");
}
END_TEST

START_TEST(untrusted)
{
	X509 *other = ca("Other", xk, NULL, NULL);

	trust(other);
	is("ui");
	ck_assert_int_eq(v.error,
	    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	ck_assert_int_eq(v.depth, 0);
	send_cert(ica);
	is("ui");
	ck_assert_int_eq(v.depth, 1);
	send_cert(root);
	is("u");
	ck_assert_int_eq(v.error, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
	/* both are told */
	ask.now = NOW + 101 * DAY;
	is("eu");
	/* a root of the trusted one's name, without identifiers */
	ask.now = NOW;
	sk_X509_zero(sent);
	send_cert(ask.leaf = server(made((struct make){ .cn = "Other",
	    .key = rk, .ca = true, .no_ids = true }), rk));
	send_cert(bag[n_bag - 2]);
	is("u");
	/* ... which did not come along: signed by nobody we know */
	sk_X509_zero(sent);
	is("ux");
	ck_assert_int_eq(v.error, X509_V_ERR_CERT_SIGNATURE_FAILURE);
}
END_TEST

START_TEST(altered)
{
	trust(root);
	send_cert(ica);
	ask.leaf = server(ica, xk);
	is("ux");
	ck_assert_int_eq(v.error, X509_V_ERR_CERT_SIGNATURE_FAILURE);
	/* not hidden behind another fault */
	ask.leaf = made((struct make){ .cn = "www.example.com", .key = lk,
	    .issuer = ica, .by = xk, .from = -9 * DAY, .to = -DAY,
	    .san = "DNS:www.example.com" });
	judge();
	ck_assert(v.invalid && !v.good);
}
END_TEST

START_TEST(dates)
{
	trust(root);
	send_cert(ica);
	ask.now = NOW + 100 * DAY;
	is("good");			/* the last valid second */
	ask.now++;
	is("e");
	ask.now = NOW - 100 * DAY;
	is("good");
	ask.now--;
	is("e");
	/* an intermediate's date counts */
	ask.now = NOW;
	sk_X509_zero(sent);
	send_cert(made((struct make){ .cn = "Intermediate", .key = ik,
	    .issuer = root, .by = rk, .ca = true, .from = -9 * DAY,
	    .to = -DAY }));
	is("e");
	ck_assert_int_eq(v.depth, 1);
	ck_assert_int_eq(v.valid_until, NOW - DAY);
	/* ... unless another one has no fault, in any order */
	send_cert(ica);
	is("good");
	sk_X509_zero(sent);
	send_cert(ica);
	send_cert(bag[n_bag - 1]);
	is("good");
}
END_TEST

START_TEST(no_identifiers)
{
	trust(root);
	ask.leaf = made((struct make){ .cn = "www.example.com", .key = lk,
	    .issuer = root, .by = rk, .san = "DNS:www.example.com",
	    .instead = "authorityKeyIdentifier" });
	is("good");
}
END_TEST

/* The intermediate has two issuers; only one path ends well. */
START_TEST(cross_signs)
{
	X509 *r2 = ca("Root 2", xk, NULL, NULL);
	X509 *i2 = ca("Intermediate", ik, r2, xk);

	trust(root);
	for (int swap = 0; swap < 2; swap++) {
		sk_X509_zero(sent);
		send_cert(swap ? ica : i2);
		send_cert(r2);
		send_cert(swap ? i2 : ica);
		is("good");
		ck_assert_int_eq(X509_cmp(sk_X509_value(v.path, 2), root), 0);
	}
}
END_TEST

START_TEST(loop)
{
	EVP_PKEY *ak = make_key();
	X509	 *a = ca("A", ak, NULL, NULL), *b = ca("B", xk, a, ak);
	X509	 *ab = ca("A", ak, b, xk);

	send_cert(ab);
	send_cert(b);
	ask.leaf = server(ab, ak);
	judge();
	ck_assert(v.untrusted && !v.good);
	ck_assert_uint_le(v.tried, 3);
	trust(a);
	is("good");
	EVP_PKEY_free(ak);
}
END_TEST

/* Same name, other key, no identifiers to tell them apart. */
START_TEST(same_name)
{
	X509 *wrong = made((struct make){ .cn = "Twin", .key = xk,
	    .issuer = root, .by = rk, .ca = true, .instead =
	    "subjectKeyIdentifier", .ext = { "subjectKeyIdentifier=01" } });
	X509 *right = made((struct make){ .cn = "Twin", .key = ik,
	    .issuer = root, .by = rk, .ca = true, .instead =
	    "subjectKeyIdentifier", .ext = { "subjectKeyIdentifier=02" } });

	trust(root);
	ask.leaf = made((struct make){ .cn = "www.example.com", .key = lk,
	    .issuer = right, .by = ik, .san = "DNS:www.example.com",
	    .instead = "authorityKeyIdentifier" });
	for (int swap = 0; swap < 2; swap++) {
		sk_X509_zero(sent);
		send_cert(swap ? wrong : right);
		send_cert(swap ? right : wrong);
		is("good");
	}
	/* two roots of one name */
	trust(made((struct make){ .cn = "Root", .key = xk, .ca = true }));
	is("good");
}
END_TEST

static double
ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1000 + (double)ts.tv_nsec / 1e6;
}

static double
cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1000 + (double)ts.tv_nsec / 1e6;
}

START_TEST(hundred_twins)
{
	double start;

	trust(root);
	for (int i = 0; i < WAD_X509_SENT_MAX - 1; i++) {
		EVP_PKEY *key = make_key();

		send_cert(made((struct make){ .cn = "Intermediate",
		    .key = key, .issuer = root, .by = rk, .ca = true }));
		EVP_PKEY_free(key);
	}
	send_cert(ica);
	start = ms();
	is("good");
	ask.leaf = made((struct make){ .cn = "www.example.com", .key = lk,
	    .issuer = ica, .by = ik, .san = "DNS:www.example.com",
	    .instead = "authorityKeyIdentifier" });
	judge();
	ck_assert(v.good || strstr(v.text, "50 ms") != NULL);
	ck_assert_msg(ms() - start < 1000, "%f ms", ms() - start);
	send_cert(root);
	is("x");
	ck_assert_ptr_nonnull(strstr(v.text, "more than 100"));
}
END_TEST

/* n names of one letter, allowed nowhere. */
static void
many_names(X509 *x, int n, bool constraints)
{
	GENERAL_NAMES		*names = sk_GENERAL_NAME_new_null();
	NAME_CONSTRAINTS	*nc = NAME_CONSTRAINTS_new();

	nc->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
	for (int i = 0; i < n; i++) {
		GENERAL_SUBTREE	*tree = GENERAL_SUBTREE_new();
		GENERAL_NAME	*g = GENERAL_NAME_new();
		ASN1_IA5STRING	*a = ASN1_IA5STRING_new(),
				*b = ASN1_IA5STRING_new();

		ASN1_STRING_set(a, "a", 1);
		ASN1_STRING_set(b, "b", 1);
		GENERAL_NAME_set0_value(g, GEN_DNS, a);
		GENERAL_NAME_set0_value(tree->base, GEN_DNS, b);
		sk_GENERAL_NAME_push(names, g);
		sk_GENERAL_SUBTREE_push(nc->excludedSubtrees, tree);
	}
	ck_assert_int_eq(X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0,
	    0), 1);
	if (constraints)
		ck_assert_int_eq(X509_add1_ext_i2d(x, NID_name_constraints, nc,
		    1, 0), 1);
	GENERAL_NAMES_free(names);
	NAME_CONSTRAINTS_free(nc);
}

/* The names of each under the constraints of all above, whoever signed the
 * uppermost: 90 kB sent were 0.7 s of work. */
START_TEST(many_constraints)
{
	X509	 *up = ca("Unknown", xk, NULL, NULL), *x;
	EVP_PKEY *key[8], *by = xk;
	char	  name[16];
	double	  start;

	trust(root);
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "CA %d", i);
		key[i] = make_key();
		x = ca(name, key[i], up, by);
		many_names(x, 1000, true);
		ck_assert_int_gt(X509_sign(x, by, EVP_sha256()), 0);
		send_cert(x);
		up = x;
		by = key[i];
	}
	ask.leaf = made((struct make){ .cn = "x", .key = lk, .issuer = up,
	    .by = by });
	many_names(ask.leaf, 1000, false);
	ck_assert_int_gt(X509_sign(ask.leaf, by, EVP_sha256()), 0);
	start = cpu_ms();
	is("x");
	ck_assert_ptr_nonnull(strstr(v.text, "too many names"));
	ck_assert_msg(cpu_ms() - start < 200, "%f ms", cpu_ms() - start);
	for (int i = 0; i < 8; i++)
		EVP_PKEY_free(key[i]);
}
END_TEST

/* B-571: 72 ms for ten signatures. */
START_TEST(costly_key)
{
	EVP_PKEY *big = EVP_EC_gen("B-571");

	trust(root);
	send_cert(ica);
	is("good");
	send_cert(ca("Big", big, NULL, NULL));
	is("x");
	ck_assert_ptr_nonnull(strstr(v.text, "larger than any"));
	EVP_PKEY_free(big);
}
END_TEST

static void
hold_up(int sig)
{
	(void)sig;
	nanosleep(&(struct timespec){ .tv_nsec = 120000000 }, NULL);
}

/* A machine that has no time for us makes no good path a bad one. */
START_TEST(busy)
{
	struct itimerval once = { .it_value.tv_usec = 2000 };

	trust(root);
	for (int i = 0; i < 40; i++) {
		EVP_PKEY *key = make_key();

		send_cert(made((struct make){ .cn = "Intermediate",
		    .key = key, .issuer = root, .by = rk, .ca = true }));
		EVP_PKEY_free(key);
	}
	send_cert(ica);
	ask.leaf = made((struct make){ .cn = "www.example.com", .key = lk,
	    .issuer = ica, .by = ik, .san = "DNS:www.example.com",
	    .instead = "authorityKeyIdentifier" });
	signal(SIGALRM, hold_up);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &once, NULL), 0);
	is("good");
	signal(SIGALRM, SIG_DFL);
}
END_TEST

/* 4 certificates in each of 5 layers, 1024 paths, each wrong at its end. */
START_TEST(many_paths)
{
	X509	 *up;
	EVP_PKEY *key[5], *by = rk;
	char	 name[16];
	double	 start;

	up = made((struct make){ .cn = "Limited", .key = rk, .ca = true,
	    .ext = { "nameConstraints=critical,excluded;DNS:example.com" } });
	trust(up);
	for (int layer = 0; layer < 5; layer++) {
		X509 *last = NULL;

		snprintf(name, sizeof(name), "Layer %d", layer);
		key[layer] = make_key();
		for (int i = 0; i < 4; i++)
			send_cert(last = ca(name, key[layer], up, by));
		up = last;
		by = key[layer];
	}
	ask.leaf = server(up, by);
	start = ms();
	is("x");
	ck_assert_msg(ms() - start < 1000, "%f ms", ms() - start);
	ck_assert_uint_gt(v.tried, 1);
	ck_assert_uint_le(v.tried, 101);
	ck_assert_ptr_nonnull(strstr(v.text, "too many possible paths"));
	for (int layer = 0; layer < 5; layer++)
		EVP_PKEY_free(key[layer]);
}
END_TEST

/* A better path beside one that breaks a rule. */
START_TEST(constrained)
{
	X509 *bad = made((struct make){ .cn = "Intermediate", .key = ik,
	    .issuer = root, .by = rk, .ca = true, .ext = {
	    "nameConstraints=critical,excluded;DNS:example.com" } });

	trust(root);
	send_cert(bad);
	is("x");
	ck_assert_int_eq(v.error, X509_V_ERR_EXCLUDED_VIOLATION);
	send_cert(ica);
	is("good");
	sk_X509_zero(sent);
	send_cert(ica);
	send_cert(bad);
	is("good");
}
END_TEST

/* Each of these alone is refused, and beside a good one does no harm. */
START_TEST(bad_twins)
{
	const struct make bad[] = {
		{ .instead = "basicConstraints",
		    .ext = { "basicConstraints=critical,CA:FALSE" } },
		{ .instead = "keyUsage",
		    .ext = { "keyUsage=critical,digitalSignature" } },
		{ .ext = { "extendedKeyUsage=codeSigning" } },
		{ .ext = { "1.3.6.1.4.1.99999.1=critical,DER:0500" } },
		{ .instead = "subjectKeyIdentifier" },
		{ .instead = "authorityKeyIdentifier" },
		{ .ext = { "policyConstraints=inhibitPolicyMapping:0" } },
		{ .ext = { "nameConstraints=permitted;DNS:example.org" } },
		{ .no_ids = false },		/* signed with SHA-1 */
	};
	size_t	 n = sizeof(bad) / sizeof(bad[0]);
	X509	*x;

	trust(root);
	for (size_t i = 0; i < n; i++) {
		struct make m = bad[i];

		m.cn = "Intermediate";
		m.key = ik;
		m.issuer = root;
		m.by = rk;
		m.ca = true;
		x = made(m);
		if (i == n - 1)
			ck_assert_int_gt(X509_sign(x, rk, EVP_sha1()), 0);
		sk_X509_zero(sent);
		send_cert(x);
		judge();
		ck_assert_msg(v.invalid, "%zu: %s", i, v.text);
		send_cert(ica);
		is("good");
		sk_X509_zero(sent);
		send_cert(ica);
		send_cert(x);
		is("good");
	}
}
END_TEST

/* What roots and private CAs look like. */
START_TEST(plain_roots)
{
	X509 *x = made((struct make){ .cn = "Old Root", .key = xk, .ca = true,
	    .no_ids = true, .instead = "basicConstraints",
	    .ext = { "basicConstraints=CA:TRUE" } });
	int   at = X509_get_ext_by_NID(x, NID_key_usage, -1);

	X509_EXTENSION_free(X509_delete_ext(x, at));
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0);
	ck_assert_int_gt(X509_sign(x, xk, EVP_sha1()), 0);
	trust(x);
	ask.leaf = server(x, xk);
	is("good");
	ask.leaf = made((struct make){ .cn = "www.example.com", .key = lk,
	    .issuer = x, .by = xk, .san = "DNS:www.example.com",
	    .instead = "extendedKeyUsage" });
	is("good");
	/* an intermediate for any purpose */
	ask.leaf = leaf;
	send_cert(made((struct make){ .cn = "Intermediate", .key = ik,
	    .issuer = x, .by = xk, .ca = true, .ext = {
	    "extendedKeyUsage=anyExtendedKeyUsage",
	    "authorityKeyIdentifier=DER:3003800101" } }));
	is("good");
}
END_TEST

/* "openssl x509 -req -signkey": no version 3, no extension. */
START_TEST(version1_root)
{
	X509 *x = made((struct make){ .cn = "V1", .key = xk, .ca = true,
	    .no_ids = true });

	while (X509_get_ext_count(x) > 0)
		X509_EXTENSION_free(X509_delete_ext(x, 0));
	X509_set_version(x, X509_VERSION_1);
	ck_assert_int_gt(X509_sign(x, xk, EVP_sha256()), 0);
	ask.leaf = server(x, xk);
	trust(root);
	send_cert(x);
	judge();
	ck_assert(v.untrusted);
	trust(x);
	is("good");
	/* one of the same form that another CA signed is no CA's */
	X509_set_issuer_name(x, X509_get_subject_name(root));
	ck_assert_int_gt(X509_sign(x, rk, EVP_sha256()), 0);
	sk_X509_zero(sent);
	send_cert(bag[n_bag++] = X509_dup(x));
	X509_STORE_free(store);
	ask.store = store = X509_STORE_new();
	trust(root);
	is("x");
	trust(bag[n_bag - 1]);
	is("x");
}
END_TEST

/* RFC 5280 section 6.1: a CA may require a policy. */
#define P4	"DER:3007300506032a0304"	/* 1.2.3.4 */
#define P5	"DER:3007300506032a0305"
#define ANY	"DER:300830060604551d2000"	/* anyPolicy */
START_TEST(policies)
{
	static const struct { const char *ca[2], *leaf, *want; } t[] = {
		{ { "certificatePolicies=" P4 },
		    "certificatePolicies=" P5, "good" },
		{ { "policyConstraints=critical,requireExplicitPolicy:0" },
		    NULL, "x" },
		{ { "policyConstraints=critical,requireExplicitPolicy:0" },
		    "certificatePolicies=" P4, "x" },
		{ { "policyConstraints=critical,requireExplicitPolicy:0",
		    "certificatePolicies=" P4 },
		    "certificatePolicies=" P5, "x" },
		{ { "policyConstraints=critical,requireExplicitPolicy:0",
		    "certificatePolicies=" P4 },
		    "certificatePolicies=" P4, "good" },
		{ { "policyConstraints=critical,requireExplicitPolicy:0",
		    "certificatePolicies=" ANY },
		    "certificatePolicies=" P4, "good" },
	};

	trust(root);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		X509 *x = made((struct make){ .cn = "Intermediate",
		    .key = ik, .issuer = root, .by = rk, .ca = true,
		    .ext = { t[i].ca[0], t[i].ca[1] } });

		ask.leaf = made((struct make){ .cn = "www.example.com",
		    .key = lk, .issuer = x, .by = ik,
		    .san = "DNS:www.example.com", .ext = { t[i].leaf } });
		sk_X509_zero(sent);
		send_cert(x);
		ck_assert_msg(strcmp(judge(), t[i].want) == 0, "%zu: %s", i,
		    v.text);
	}
}
END_TEST

/* Only for "server gated crypto", in a CA's certificate. */
START_TEST(gated)
{
	trust(root);
	send_cert(made((struct make){ .cn = "Intermediate", .key = ik,
	    .issuer = root, .by = rk, .ca = true,
	    .ext = { "extendedKeyUsage=nsSGC" } }));
	is("x");
	ck_assert_int_eq(v.depth, 1);
	send_cert(ica);
	is("good");
}
END_TEST

START_TEST(depth)
{
	EVP_PKEY *keys[12];
	X509	 *up = root;
	EVP_PKEY *by = rk;
	char	  name[16];

	trust(root);
	for (int i = 0; i < 11; i++) {
		snprintf(name, sizeof(name), "CA %d", i);
		keys[i] = make_key();
		send_cert(up = ca(name, keys[i], up, by));
		by = keys[i];
		if (i == 9) {
			ask.leaf = server(up, by);
			is("good");
			ask.depth_max = 9;
			is("x");
			ask.depth_max = 0;
		}
	}
	ask.leaf = server(up, by);
	is("x");
	ask.depth_max = 11;
	is("good");
	ask.leaf = server(root, rk);
	ask.depth_max = WAD_X509_DEPTH_NONE;
	is("good");
	ask.leaf = leaf;
	send_cert(ica);
	is("x");
	for (int i = 0; i < 11; i++)
		EVP_PKEY_free(keys[i]);
}
END_TEST

/* Every certificate of the store is an anchor; helpers fill gaps. */
START_TEST(stores)
{
	trust(root);
	is("ui");
	sk_X509_push(helpers, ica);
	ask.helpers = helpers;
	is("good");
	ask.helpers = NULL;
	ask.sent = NULL;
	is("ui");
	trust(ica);
	is("good");
}
END_TEST

static void
spki(X509 *x, uint8_t md[32])
{
	unsigned char *der = NULL;
	int	       len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

	ck_assert_int_gt(len, 0);
	EVP_Digest(der, (size_t)len, md, NULL, EVP_sha256(), NULL);
	OPENSSL_free(der);
}

START_TEST(denied)
{
	uint8_t	 list[1][32];
	X509	*r2 = ca("Root 2", xk, NULL, NULL);

	trust(root);
	send_cert(ica);
	spki(root, list[0]);
	ask.deny = list;
	ask.n_deny = 1;
	is("dx");
	ck_assert_int_eq(v.depth, 2);
	/* another path without that key */
	trust(r2);
	send_cert(ca("Intermediate", ik, r2, xk));
	is("good");
	spki(ica, list[0]);
	is("dx");
}
END_TEST

/* Superfish's key: from the certificate in badssl.com, certs/foreign. */
START_TEST(leaked)
{
	static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
	    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDo80oYdl8ZP7HPWOl/QwcJlYA1\n"
	    "xQ/+cTEngZkSJiCl349q/EJVOe4JOInZ4DbErAGCW9U55vmPB4jf/u72oRTOqXRF\n"
	    "2P3wF1cqguF6LhKTWqyK1xVj0bebVYAPWLwcSe0gYt22TKU66xw9oP96cabTEHgz\n"
	    "rkvCHP2SSqHD50GkLQIDAQAB\n-----END PUBLIC KEY-----\n";
	BIO	 *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	X509	 *x = X509_new();

	ck_assert_ptr_nonnull(key);
	X509_set_pubkey(x, key);
	ck_assert(wad_x509_deny_has(x, NULL, 0));
	ck_assert(!wad_x509_deny_has(root, NULL, 0));
	X509_free(x);
	EVP_PKEY_free(key);
	BIO_free(bio);
}
END_TEST

/* A list by issuer of one certificate (or none), days from now. */
static void
add_crl(X509 *issuer, EVP_PKEY *by, X509 *revoked, int from, int to)
{
	X509_CRL	*crl = X509_CRL_new();
	ASN1_TIME	*t = ASN1_TIME_new();
	ASN1_INTEGER	*number = ASN1_INTEGER_new();
	X509_REVOKED	*r;

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
	X509_CRL_set1_lastUpdate(crl, ASN1_TIME_set(t, NOW + from * DAY));
	X509_CRL_set1_nextUpdate(crl, ASN1_TIME_set(t, NOW + to * DAY));
	if (revoked != NULL) {
		r = X509_REVOKED_new();
		X509_REVOKED_set_serialNumber(r,
		    X509_get_serialNumber(revoked));
		X509_REVOKED_set_revocationDate(r, t);
		X509_CRL_add0_revoked(crl, r);
	}
	ASN1_INTEGER_set(number, 7);
	X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
	ck_assert_int_gt(X509_CRL_sign(crl, by, EVP_sha256()), 0);
	sk_X509_CRL_push(crls, crl);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(t);
	ask.crls = crls;
}

static void
no_crls(void)
{
	while (sk_X509_CRL_num(crls) > 0)
		X509_CRL_free(sk_X509_CRL_pop(crls));
}

START_TEST(revoked)
{
	X509 *other = server(ica, ik);

	trust(root);
	send_cert(ica);
	ask.crl_strict = true;
	add_crl(ica, ik, other, -1, 1);
	is("good");
	add_crl(ica, ik, leaf, -1, 1);
	is("r");
	ck_assert_int_eq(v.depth, 0);
	no_crls();
	add_crl(root, rk, ica, -1, 1);
	is("r");
	ck_assert_int_eq(v.depth, 1);
	/* too old, too new, of another key: none usable */
	for (int i = 0; i < 3; i++) {
		no_crls();
		add_crl(ica, i == 2 ? xk : ik, i == 2 ? leaf : NULL,
		    i == 0 ? -9 : i == 1 ? 1 : -1, i == 0 ? -1 : 9);
		ask.crl_strict = true;
		is("m");
		ask.crl_strict = false;
		is("good");
	}
	/* revoked stays revoked */
	no_crls();
	add_crl(ica, ik, leaf, -9, -1);
	is("r");
	/* of somebody else: not asked */
	no_crls();
	ask.crl_strict = true;
	add_crl(made((struct make){ .cn = "Else", .key = xk, .ca = true }), xk,
	    leaf, -1, 1);
	is("good");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("x509_verify");
	TCase	*t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, good);
	tcase_add_test(t, self_signed);
	tcase_add_test(t, untrusted);
	tcase_add_test(t, altered);
	tcase_add_test(t, dates);
	tcase_add_test(t, no_identifiers);
	tcase_add_test(t, cross_signs);
	tcase_add_test(t, loop);
	tcase_add_test(t, same_name);
	tcase_add_test(t, hundred_twins);
	tcase_add_test(t, many_constraints);
	tcase_add_test(t, costly_key);
	tcase_add_test(t, busy);
	tcase_add_test(t, many_paths);
	tcase_add_test(t, constrained);
	tcase_add_test(t, bad_twins);
	tcase_add_test(t, plain_roots);
	tcase_add_test(t, version1_root);
	tcase_add_test(t, policies);
	tcase_add_test(t, gated);
	tcase_add_test(t, depth);
	tcase_add_test(t, stores);
	tcase_add_test(t, denied);
	tcase_add_test(t, leaked);
	tcase_add_test(t, revoked);
	suite_add_tcase(s, t);
	return suite_run(s);
}
