/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys_store.c, keys_forge.c, keys_journal.c: what wad-keys does with a
 * message, without its loop.
 */
#include <check.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmem.h"
#include "keys/keys_forge.h"
#include "x509/x509_build.h"
#include "x509/x509_msg.h"
#include "x509/x509_read.h"

static struct wad_keys_store	*store;
static struct wad_keys_journal	*journal;
static struct wad_keys_products	*products;
static struct wad_keys_forge	 forge;
static struct wad_keys_rate	 rate;
static int			 journal_fd;
static int64_t			 now;

/* A root, a signing CA below it, a server's certificate. */
static X509	*root, *sub, *srv;
static EVP_PKEY	*root_key, *sub_key, *srv_key;
static char	*root_pem, *sub_pem, *srv_pem;
static char	*root_key_pem, *sub_key_pem, *srv_key_pem;

static char *
bio_text(BIO *bio)
{
	char	*p, *out;
	long	 len = BIO_get_mem_data(bio, &p);

	out = wad_xstrndup(p, (size_t)len);
	BIO_free(bio);
	return out;
}

static char *
key_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	ck_assert_int_eq(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0,
	    NULL, NULL), 1);
	return bio_text(bio);
}

static char *
cert_pem(X509 *a, X509 *b, X509 *c)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, a);
	if (b != NULL)
		PEM_write_bio_X509(bio, b);
	if (c != NULL)
		PEM_write_bio_X509(bio, c);
	return bio_text(bio);
}

/* The same certificate, read from its bytes. */
static X509 *
again(X509 *x)
{
	uint8_t		*der = NULL;
	int		 len = i2d_X509(x, &der);
	const uint8_t	*p = der;
	X509		*y = d2i_X509(NULL, &p, len);

	X509_free(x);
	OPENSSL_free(der);
	return y;
}

static void
setup(void)
{
	struct wad_cert_desc	 d = { .ca = "x", .key_type = WAD_KEY_EC,
		.name = "portal.example.com" };
	char			 err[200];

	now = (int64_t)time(NULL);
	ck_assert_int_eq(wad_x509_build_ca("Root", &root, &root_key), 0);
	ck_assert_int_eq(wad_x509_build_ca("Sub", &sub, &sub_key), 0);
	X509_set_issuer_name(sub, X509_get_subject_name(root));
	ck_assert_int_gt(X509_sign(sub, root_key, EVP_sha256()), 0);
	sub = again(sub);
	srv_key = wad_x509_build_key(WAD_KEY_EC);
	srv = wad_x509_build_leaf(&d, sub, sub_key, srv_key, now, 86400, err,
	    sizeof(err));
	ck_assert_ptr_nonnull(srv);
	root_pem = cert_pem(root, NULL, NULL);
	sub_pem = cert_pem(sub, root, NULL);
	srv_pem = cert_pem(srv, sub, root);
	root_key_pem = key_pem(root_key);
	sub_key_pem = key_pem(sub_key);
	srv_key_pem = key_pem(srv_key);
	journal_fd = memfd_create("journal", 0);
	store = wad_keys_store_new();
	journal = wad_keys_journal_new();
	wad_keys_journal_open(journal, dup(journal_fd), now);
	products = wad_keys_products_new(store);
	ck_assert_int_eq(wad_keys_forge_init(&forge, store, journal,
	    products), 0);
	memset(&rate, 0, sizeof(rate));
}

static void
teardown(void)
{
	X509_free(root);
	X509_free(sub);
	X509_free(srv);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(sub_key);
	EVP_PKEY_free(srv_key);
	free(root_pem);
	free(sub_pem);
	free(srv_pem);
	free(root_key_pem);
	free(sub_key_pem);
	free(srv_key_pem);
	close(journal_fd);
	wad_keys_forge_clear(&forge);
	wad_keys_products_free(products);
	wad_keys_store_free(store);
	wad_keys_journal_free(journal);
	wad_x509_build_cleanup();
}

/* A configuration that wants keys for these names. */
static int
prepare(uint64_t generation, const char *a, const char *b, char *err)
{
	struct wad_cert	 certs[2] = { { .name = a, .has_key = true },
		{ .name = b, .has_key = true } };
	struct wad_conf	 conf = { .generation = generation, .certs = certs,
		.n_certs = b != NULL ? 2 : 1 };

	return wad_keys_store_prepare(store, &conf, err, 300);
}

static void
fill(uint64_t generation)
{
	char err[300];

	ck_assert_int_eq(wad_keys_store_add(store, generation, "root",
	    root_pem, root_key_pem), 0);
	ck_assert_int_eq(wad_keys_store_add(store, generation, "sub", sub_pem,
	    sub_key_pem), 0);
	ck_assert_int_eq(wad_keys_store_add(store, generation, "portal",
	    srv_pem, srv_key_pem), 0);
	ck_assert_int_eq(prepare(generation, "sub", "portal", err), 0);
	wad_keys_store_commit(store);
}

static struct wad_msg_in
view(const struct wad_msg *m)
{
	struct wad_msg_in in;

	memset(&in, 0, sizeof(in));
	in.type = m->type;
	in.id = m->id;
	in.p = m->buf;
	in.left = m->len;
	return in;
}

struct answer {
	struct wad_msg	 m;		/* holds the bytes */
	uint32_t	 ok, n;
	const char	*err;
	X509		*leaf, *chain[4];
	EVP_PKEY	*key;
	uint64_t	 not_after;
	uint8_t		*staple;
	size_t		 staple_len;
};

static void
answer_read(struct answer *a)
{
	struct wad_msg_in	 in = view(&a->m);
	const void		*p;
	const uint8_t		*q;
	size_t			 len;

	ck_assert_uint_eq(a->m.type, WAD_MSG_FORGED);
	ck_assert_uint_eq(a->m.id, 99);
	ck_assert_int_eq(wad_msg_get_u32(&in, &a->ok), 0);
	ck_assert_int_eq(wad_msg_get_str(&in, &a->err), 0);
	ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
	q = p;
	a->leaf = len > 0 ? d2i_X509(NULL, &q, (long)len) : NULL;
	ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
	q = p;
	a->key = len > 0 ? d2i_AutoPrivateKey(NULL, &q, (long)len) : NULL;
	ck_assert_int_eq(wad_msg_get_u32(&in, &a->n), 0);
	ck_assert_uint_le(a->n, 4);
	for (uint32_t i = 0; i < a->n; i++) {
		ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
		q = p;
		a->chain[i] = d2i_X509(NULL, &q, (long)len);
		ck_assert_ptr_nonnull(a->chain[i]);
	}
	ck_assert_int_eq(wad_msg_get_u64(&in, &a->not_after), 0);
	ck_assert_int_eq(wad_msg_get_blob(&in, &p, &a->staple_len), 0);
	a->staple = a->staple_len > 0 ? OPENSSL_memdup(p, a->staple_len) :
	    NULL;
	ck_assert_int_eq(wad_msg_end(&in), 0);
	if (a->ok) {
		ck_assert_ptr_nonnull(a->leaf);
		ck_assert_int_eq(X509_check_private_key(a->leaf, a->key), 1);
	} else {
		ck_assert(a->leaf == NULL && a->key == NULL && a->n == 0);
		ck_assert_str_ne(a->err, "");
	}
}

static void
answer_free(struct answer *a)
{
	X509_free(a->leaf);
	EVP_PKEY_free(a->key);
	OPENSSL_free(a->staple);
	for (uint32_t i = 0; i < a->n; i++)
		X509_free(a->chain[i]);
	wad_msg_free(&a->m);
	memset(a, 0, sizeof(*a));
}

static struct answer
ask(uint64_t generation, const char *ca, const char *name,
    enum wad_key_type type)
{
	struct wad_cert_desc	 d = { .generation = generation, .ca = ca,
		.key_type = type, .name = name, .serial = 141985,
		.policy = 11 };
	struct answer		 a = { 0 };
	struct wad_msg		 m;
	struct wad_msg_in	 in;

	wad_msg_init(&m, WAD_MSG_FORGE, 99);
	wad_x509_msg_put(&m, &d);
	in = view(&m);
	ck_assert_int_eq(wad_keys_forge_answer(&forge, &rate, &in, &a.m, now,
	    1000), 0);
	wad_msg_free(&m);
	answer_read(&a);
	return a;
}

static struct answer
ask_page(const char *name)
{
	struct answer		 a = { 0 };
	struct wad_msg		 m;
	struct wad_msg_in	 in;

	wad_msg_init(&m, WAD_MSG_PAGE_CERT, 99);
	wad_msg_add_u64(&m, 1);
	wad_msg_add_str(&m, name);
	in = view(&m);
	ck_assert_int_eq(wad_keys_forge_page(&forge, &in, &a.m), 0);
	wad_msg_free(&m);
	answer_read(&a);
	return a;
}

START_TEST(forges)
{
	struct answer a;

	fill(1);
	a = ask(1, "sub", "example.com", WAD_KEY_EC);
	ck_assert_msg(a.ok, "%s", a.err);
	ck_assert_int_eq(X509_verify(a.leaf, sub_key), 1);
	/* The signing CA goes along, its root does not. */
	ck_assert_uint_eq(a.n, 1);
	ck_assert_int_eq(X509_cmp(a.chain[0], sub), 0);
	ck_assert_uint_eq(a.not_after, (uint64_t)now + 86400);
	answer_free(&a);
	a = ask(1, "root", "example.com", WAD_KEY_EC);
	ck_assert_int_eq(X509_verify(a.leaf, root_key), 1);
	ck_assert_uint_eq(a.n, 0);
	answer_free(&a);
	forge.lifetime = 3600;
	a = ask(1, "sub", "10.0.0.1", WAD_KEY_RSA);
	ck_assert_msg(a.ok, "%s", a.err);
	ck_assert_int_eq(EVP_PKEY_get_base_id(a.key), EVP_PKEY_RSA);
	ck_assert_uint_eq(a.not_after, (uint64_t)now + 3600);
	answer_free(&a);
	/* The key of the day changes only after it was given out. */
	{
		EVP_PKEY *old = forge.rsa;

		EVP_PKEY_up_ref(old);
		wad_keys_forge_renew(&forge);
		ck_assert_ptr_ne(old, forge.rsa);
		EVP_PKEY_free(old);
		old = forge.rsa;
		wad_keys_forge_renew(&forge);
		ck_assert_ptr_eq(old, forge.rsa);
	}
}
END_TEST

START_TEST(refuses)
{
	struct answer		 a;
	struct wad_msg		 m, out;
	struct wad_msg_in	 in;

	a = ask(1, "sub", "example.com", WAD_KEY_EC);	/* no keys yet */
	ck_assert(!a.ok);
	answer_free(&a);
	fill(1);
	a = ask(1, "other", "example.com", WAD_KEY_EC);
	ck_assert(!a.ok);
	answer_free(&a);
	a = ask(1, "portal", "example.com", WAD_KEY_EC);	/* no CA */
	ck_assert(!a.ok);
	ck_assert_ptr_nonnull(strstr(a.err, "not a CA"));
	answer_free(&a);
	a = ask(1, "sub", "*.example.com", WAD_KEY_EC);
	ck_assert(!a.ok);
	answer_free(&a);
	ck_assert_uint_eq(forge.issued, 0);
	/* Not a description: the channel's end. */
	wad_msg_init(&m, WAD_MSG_FORGE, 99);
	wad_msg_add_str(&m, "nonsense");
	in = view(&m);
	ck_assert_int_eq(wad_keys_forge_answer(&forge, &rate, &in, &out, now,
	    1000), -1);
	wad_msg_free(&out);
	in = view(&m);
	ck_assert_int_eq(wad_keys_forge_page(&forge, &in, &out), -1);
	wad_msg_free(&out);
	wad_msg_free(&m);
}
END_TEST

START_TEST(pages)
{
	struct answer a;

	fill(1);
	a = ask_page("portal");
	ck_assert_msg(a.ok, "%s", a.err);
	ck_assert_int_eq(X509_cmp(a.leaf, srv), 0);
	ck_assert_int_eq(EVP_PKEY_eq(a.key, srv_key), 1);
	ck_assert_uint_eq(a.n, 1);
	answer_free(&a);
	a = ask_page("sub");
	ck_assert(!a.ok);
	answer_free(&a);
	a = ask_page("root");
	ck_assert(!a.ok);
	answer_free(&a);
	a = ask_page("nobody");
	ck_assert(!a.ok);
	answer_free(&a);
}
END_TEST

START_TEST(generations)
{
	struct answer	a;
	char		err[300];

	fill(1);
	/* Generation 2 has another key under the same name. */
	wad_keys_store_add(store, 2, "sub", root_pem, root_key_pem);
	ck_assert_int_eq(prepare(2, "sub", NULL, err), 0);
	a = ask(1, "sub", "a.com", WAD_KEY_EC);
	ck_assert_int_eq(X509_verify(a.leaf, sub_key), 1);
	answer_free(&a);
	a = ask(2, "sub", "a.com", WAD_KEY_EC);
	ck_assert_int_eq(X509_verify(a.leaf, root_key), 1);
	answer_free(&a);
	wad_keys_store_commit(store);
	/* The old one is gone: the current one answers. */
	a = ask(1, "sub", "a.com", WAD_KEY_EC);
	ck_assert_int_eq(X509_verify(a.leaf, root_key), 1);
	answer_free(&a);
	/* An aborted one leaves no trace; an abort does not take keys that
	 * came since. */
	wad_keys_store_add(store, 3, "sub", sub_pem, sub_key_pem);
	ck_assert_int_eq(prepare(3, "sub", NULL, err), 0);
	wad_keys_store_abort(store);
	wad_keys_store_add(store, 4, "new", sub_pem, sub_key_pem);
	wad_keys_store_abort(store);
	ck_assert_int_eq(prepare(4, "new", NULL, err), 0);
	a = ask(3, "sub", "a.com", WAD_KEY_EC);
	ck_assert_int_eq(X509_verify(a.leaf, root_key), 1);
	answer_free(&a);
	wad_keys_store_commit(store);
	ck_assert_ptr_null(wad_keys_store_find(store, 4, "sub"));
	ck_assert_ptr_nonnull(wad_keys_store_find(store, 4, "new"));
}
END_TEST

START_TEST(bad_keys)
{
	char	 err[300];
	BIO	*bio = BIO_new(BIO_s_mem());
	char	*locked;

	wad_keys_store_add(store, 1, "a", sub_pem, root_key_pem);
	ck_assert_int_eq(prepare(1, "a", NULL, err), -1);
	ck_assert_ptr_nonnull(strstr(err, "'a': the private key does not"));
	wad_keys_store_abort(store);
	wad_keys_store_add(store, 2, "a", sub_pem, "nonsense");
	ck_assert_int_eq(prepare(2, "a", NULL, err), -1);
	ck_assert_ptr_nonnull(strstr(err, "cannot be read"));
	wad_keys_store_add(store, 3, "a", "nonsense", sub_key_pem);
	ck_assert_int_eq(prepare(3, "a", NULL, err), -1);
	ck_assert_int_eq(prepare(4, "a", NULL, err), -1);
	ck_assert_ptr_nonnull(strstr(err, "did not arrive"));
	PEM_write_bio_PKCS8PrivateKey(bio, sub_key, EVP_aes_128_cbc(), "pw",
	    2, NULL, NULL);
	locked = bio_text(bio);
	wad_keys_store_add(store, 5, "a", sub_pem, locked);
	ck_assert_int_eq(prepare(5, "a", NULL, err), -1);
	ck_assert_ptr_nonnull(strstr(err, "encrypted"));
	free(locked);
	/* The later of two of the same name counts. */
	wad_keys_store_add(store, 6, "a", "nonsense", "nonsense");
	wad_keys_store_add(store, 6, "a", sub_pem, sub_key_pem);
	ck_assert_int_eq(prepare(6, "a", NULL, err), 0);
}
END_TEST

START_TEST(rate_bound)
{
	struct answer		 a;
	struct wad_msg_in	 in;
	struct wad_msg		 m;
	struct wad_cert_desc	 d = { .generation = 1, .ca = "sub",
		.key_type = WAD_KEY_EC, .name = "c.com" };

	fill(1);
	rate.since_ms = 500;		/* the same second */
	rate.n = WAD_KEYS_RATE - 1;
	a = ask(1, "sub", "a.com", WAD_KEY_EC);
	ck_assert(a.ok);
	answer_free(&a);
	a = ask(1, "sub", "b.com", WAD_KEY_EC);
	ck_assert(!a.ok);
	ck_assert_ptr_nonnull(strstr(a.err, "in a second"));
	answer_free(&a);
	a = ask(1, "sub", "a.com", WAD_KEY_EC);	/* costs nothing */
	ck_assert_uint_eq(a.ok, WAD_FORGED_AGAIN);
	answer_free(&a);
	memset(&a, 0, sizeof(a));
	wad_msg_init(&m, WAD_MSG_FORGE, 99);
	wad_x509_msg_put(&m, &d);
	in = view(&m);
	ck_assert_int_eq(wad_keys_forge_answer(&forge, &rate, &in, &a.m, now,
	    1500), 0);			/* the next second */
	wad_msg_free(&m);
	answer_read(&a);
	ck_assert(a.ok);
	answer_free(&a);
}
END_TEST

/* Checks the chain of hashes as an auditor would; lines, or -1. */
static int
audit(char *text)
{
	char		 prev[33] = "00000000000000000000000000000000";
	uint8_t		 md[32];
	int		 n = 0;

	for (char *line = strtok(text, "\n"); line != NULL;
	    line = strtok(NULL, "\n")) {
		char		*h = strstr(line, " hash=");
		struct wad_str	 s = { 0 };
		char		 want[33];

		if (h == NULL)
			continue;	/* cut off by a full disk */
		wad_str_add(&s, prev);
		wad_str_addn(&s, line, (size_t)(h - line));
		SHA256((const unsigned char *)s.s, s.len, md);
		for (int i = 0; i < 16; i++)
			snprintf(want + 2 * i, 3, "%02x", md[i]);
		wad_str_free(&s);
		if (strcmp(want, h + 6) != 0)
			return -1;
		memcpy(prev, want, sizeof(prev));
		n++;
	}
	return n;
}

static char *
journal_text(char *buf, size_t size)
{
	ssize_t n = pread(journal_fd, buf, size - 1, 0);

	ck_assert_int_ge(n, 0);
	buf[n] = '\0';
	return buf;
}

START_TEST(journal_lines)
{
	char		buf[8192], serial[48];
	struct answer	a;
	BIGNUM		*bn;
	char		*hex;

	fill(1);
	a = ask(1, "sub", "example.com", WAD_KEY_EC);
	bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(a.leaf), NULL);
	hex = BN_bn2hex(bn);
	snprintf(serial, sizeof(serial), "serial=%s ", hex);
	for (char *p = serial; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'F')
			*p = (char)(*p - 'A' + 'a');
	OPENSSL_free(hex);
	BN_free(bn);
	answer_free(&a);
	journal_text(buf, sizeof(buf));
	ck_assert_ptr_nonnull(strstr(buf, serial));
	ck_assert_ptr_nonnull(strstr(buf, " ca=\"sub\" name=example.com "
	    "names=1 key=ec origin=0000"));
	ck_assert_ptr_nonnull(strstr(buf, " policy=11 session=141985 hash="));
	ck_assert_int_eq(audit(buf), 2);
	/* A new start goes on with the chain, also after half a line. */
	ck_assert_int_eq(write(journal_fd, "time=half", 9), 9);
	wad_keys_journal_open(journal, dup(journal_fd), now);
	a = ask(1, "sub", "example.org", WAD_KEY_EC);
	answer_free(&a);
	ck_assert_int_eq(audit(journal_text(buf, sizeof(buf))), 4);
	/* Somebody changes a name. */
	journal_text(buf, sizeof(buf));
	*strstr(buf, "example.com") = 'E';
	ck_assert_int_eq(audit(buf), -1);
}
END_TEST

START_TEST(journal_full)
{
	struct answer a;

	fill(1);
	wad_keys_journal_open(journal, open("/dev/full", O_RDWR | O_APPEND),
	    now);
	for (int i = 0; i < 3; i++) {
		a = ask(1, "sub", i == 0 ? "a.com" : i == 1 ? "b.com" :
		    "c.com", WAD_KEY_EC);
		ck_assert(a.ok);
		answer_free(&a);
	}
	ck_assert_uint_eq(wad_keys_journal_lost(journal), 4);
}
END_TEST

/* Not asserted: machines differ. */
START_TEST(speed)
{
	enum { N = 400 };
	struct timespec	 t0, t1;
	struct answer	 a;
	const char	*sans[] = { "www.example.com", "*.example.com" };
	struct wad_cert_desc d = { .generation = 1, .ca = "sub", .key_type =
		WAD_KEY_EC, .name = "example.com", .sans = sans, .n_sans = 2 };
	struct wad_msg	 m;

	fill(1);
	memset(&a, 0, sizeof(a));
	wad_msg_init(&m, WAD_MSG_FORGE, 99);
	wad_x509_msg_put(&m, &d);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	for (int i = 0; i < N; i++) {
		struct wad_msg_in in = view(&m);

		ck_assert_int_eq(wad_keys_forge_answer(&forge, &rate, &in,
		    &a.m, now, 1000), 0);
		wad_msg_free(&a.m);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	wad_msg_free(&m);
	printf("FORGE message to FORGED message with journal: %.1f us CPU\n",
	    ((double)(t1.tv_sec - t0.tv_sec) * 1e9 +
	    (double)(t1.tv_nsec - t0.tv_nsec)) / 1e3 / N);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("keys");
	TCase	*t = tcase_create("all");
	SRunner	*r;
	int	 failed;

	tcase_set_timeout(t, 30);	/* RSA keys take as long as they take */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, forges);
	tcase_add_test(t, refuses);
	tcase_add_test(t, pages);
	tcase_add_test(t, generations);
	tcase_add_test(t, bad_keys);
	tcase_add_test(t, rate_bound);
	tcase_add_test(t, journal_lines);
	tcase_add_test(t, journal_full);
	tcase_add_test(t, speed);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
