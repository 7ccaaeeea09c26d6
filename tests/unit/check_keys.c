/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys_store.c, keys_forge.c, keys_journal.c: what wad-keys does with a
 * message, without its loop.
 */
#include <check.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
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
#include "keys/keys_ticket.h"
#include "x509/x509_build.h"
#include "x509/x509_msg.h"
#include "x509/x509_read.h"
#include "bio_text.h"
#include "suite.h"

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
wish(const struct wad_cert_desc *d)
{
	struct answer		 a = { 0 };
	struct wad_msg		 m;
	struct wad_msg_in	 in;

	wad_msg_init(&m, WAD_MSG_FORGE, 99);
	wad_x509_msg_put(&m, d);
	in = view(&m);
	ck_assert_int_eq(wad_keys_forge_answer(&forge, &rate, &in, &a.m, now,
	    1000), 0);
	wad_msg_free(&m);
	answer_read(&a);
	return a;
}

static struct answer
ask(uint64_t generation, const char *ca, const char *name,
    enum wad_key_type type)
{
	struct wad_cert_desc	 d = { .generation = generation, .ca = ca,
		.key_type = type, .name = name, .serial = 141985,
		.policy = 11 };

	return wish(&d);
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
	/* Another file: it says behind which line it stands. */
	journal_text(buf, sizeof(buf));
	{
		char	*end = strrchr(buf, '='), want[64];

		ck_assert_int_eq(snprintf(want, sizeof(want), " after=%.32s "
		    "hash=", end + 1), 45);
		ck_assert_int_ne(close(journal_fd), -1);
		journal_fd = memfd_create("journal.2", 0);
		wad_keys_journal_open(journal, dup(journal_fd), now);
		a = ask(1, "sub", "example.net", WAD_KEY_EC);
		answer_free(&a);
		journal_text(buf, sizeof(buf));
		ck_assert_ptr_nonnull(strstr(buf, want));
		ck_assert_int_eq(audit(buf), 2);
	}
	/* Somebody changes a name. */
	journal_text(buf, sizeof(buf));
	*strstr(buf, "example.net") = 'E';
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

/* Serial number of the answer to a wish, and how it came. */
static uint32_t
serial(const struct wad_cert_desc *d, char hex[48])
{
	struct answer	 a = wish(d);
	BIGNUM		*bn;
	char		*s;
	uint32_t	 how = a.ok;

	ck_assert_msg(a.ok, "%s", a.err);
	bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(a.leaf), NULL);
	s = BN_bn2hex(bn);
	snprintf(hex, 48, "%s", s);
	OPENSSL_free(s);
	BN_free(bn);
	answer_free(&a);
	return how;
}

#define NEW(d)	do {							\
		char h_[48];						\
		ck_assert_uint_eq(serial(d, h_), WAD_FORGED_NEW);	\
		ck_assert_str_ne(h_, first);				\
	} while (0)
#define AGAIN(d) do {							\
		char h_[48];						\
		ck_assert_uint_eq(serial(d, h_), WAD_FORGED_AGAIN);	\
		ck_assert_str_eq(h_, first);				\
	} while (0)

START_TEST(given_out_again)
{
	const char		*ab[] = { "a.example.com", "b.example.com" },
	    *ba[] = { "b.example.com", "a.example.com", "b.example.com",
		"example.com" };
	struct wad_cert_desc	 d = { .generation = 1, .ca = "sub",
		.key_type = WAD_KEY_EC, .name = "example.com", .sans = ab,
		.n_sans = 2, .not_before = now - 1000,
		.not_after = now + 999999 }, e = d;
	char			 first[48], buf[8192];

	fill(1);
	ck_assert_uint_eq(serial(&d, first), WAD_FORGED_NEW);
	AGAIN(&d);
	/* Who asks, and in what order he names the names, is the same. */
	e.serial = 7;
	e.policy = 8;
	e.sans = ba;
	e.n_sans = 4;
	AGAIN(&e);
	e = d;
	e.n_sans = 1;
	NEW(&e);
	e = d;
	e.ca = "root";
	NEW(&e);
	e = d;
	e.origin_sha256[31] = 1;
	NEW(&e);
	e = d;
	e.not_after--;
	NEW(&e);
	e = d;
	e.key_type = WAD_KEY_RSA;
	NEW(&e);
	e = d;
	e.staple = true;
	NEW(&e);
	e = d;
	e.name = "example.org";
	NEW(&e);
	AGAIN(&d);
	ck_assert_uint_eq(forge.issued, 8);
	ck_assert_uint_eq(forge.again, 3);
	/* One line for each that was made, and one of the start. */
	ck_assert_int_eq(audit(journal_text(buf, sizeof(buf))), 9);
	/* A refusal is as it was before: it is not remembered. */
	e = d;
	e.name = "*.example.org";
	for (int i = 0; i < 2; i++) {
		struct answer a = wish(&e);

		ck_assert_uint_eq(a.ok, WAD_FORGED_NOT);
		answer_free(&a);
	}
	/* A reload with the same CA keeps it, a shorter life does not. */
	fill(2);
	wad_keys_products_commit(products, now);
	d.generation = 2;
	AGAIN(&d);
	now += 3600;
	AGAIN(&d);
	forge.lifetime = 3600;
	NEW(&d);
}
END_TEST

START_TEST(ends_soon)
{
	struct wad_cert_desc	 d = { .generation = 1, .ca = "sub",
		.key_type = WAD_KEY_EC, .name = "example.com" };
	char			 first[48];

	fill(1);
	serial(&d, first);
	now += 86400 - WAD_PRODUCTS_MARGIN;
	AGAIN(&d);
	now++;
	NEW(&d);
	serial(&d, first);
	wad_keys_products_clear(products);
	NEW(&d);
}
END_TEST

/* The files of the products, as the parent holds them. */
static int	disk[2] = { -1, -1 };

/* wad-keys ends and comes back. */
static void
restart(bool keep)
{
	int64_t life = forge.lifetime;

	if (disk[0] == -1)
		for (int i = 0; i < 2; i++)
			disk[i] = memfd_create("products", 0);
	if (keep) {
		wad_keys_forge_clear(&forge);
		wad_keys_products_free(products);
		wad_keys_store_free(store);
		store = wad_keys_store_new();
		products = wad_keys_products_new(store);
		ck_assert_int_eq(wad_keys_forge_init(&forge, store, journal,
		    products), 0);
		forge.lifetime = life;
	}
	wad_keys_products_open(products, dup(disk[0]), dup(disk[1]), now);
}

START_TEST(outlives_a_restart)
{
	struct wad_cert_desc	 d = { .generation = 1, .ca = "sub",
		.key_type = WAD_KEY_EC, .name = "example.com",
		.staple = true }, e = d;
	struct wad_keys_products_stats st;
	struct answer		 a, b;
	char			 first[48];

	disk[0] = disk[1] = -1;
	restart(false);
	fill(1);
	wad_keys_products_commit(products, now);
	serial(&d, first);
	e.key_type = WAD_KEY_RSA;
	a = wish(&e);
	restart(true);
	fill(1);
	wad_keys_products_commit(products, now);
	AGAIN(&d);
	b = wish(&e);
	ck_assert_uint_eq(b.ok, WAD_FORGED_AGAIN);
	ck_assert_int_eq(X509_cmp(a.leaf, b.leaf), 0);
	ck_assert_uint_eq(b.n, 1);
	ck_assert_uint_eq(a.staple_len, b.staple_len);
	ck_assert_mem_eq(a.staple, b.staple, a.staple_len);
	answer_free(&a);
	answer_free(&b);
	/* The CA under that name is another one now: no record is read, and
	 * none is left. */
	restart(true);
	ck_assert_int_eq(wad_keys_store_add(store, 1, "sub", root_pem,
	    root_key_pem), 0);
	{
		char err[300];

		ck_assert_int_eq(prepare(1, "sub", NULL, err), 0);
	}
	wad_keys_store_commit(store);
	wad_keys_products_commit(products, now);
	wad_keys_products_stats(products, &st);
	ck_assert_uint_eq(st.n, 0);
	ck_assert_uint_eq(st.disk, 0);
	ck_assert_int_eq(lseek(disk[0], 0, SEEK_END), 0);
	NEW(&d);
	close(disk[0]);
	close(disk[1]);
}
END_TEST

/* A reload takes the CA away. */
START_TEST(goes_with_its_ca)
{
	struct wad_cert_desc	 d = { .generation = 1, .ca = "sub",
		.key_type = WAD_KEY_EC, .name = "example.com" };
	struct wad_keys_products_stats st;
	char			 first[48], err[300];

	fill(1);
	serial(&d, first);
	wad_keys_store_add(store, 2, "root", root_pem, root_key_pem);
	ck_assert_int_eq(prepare(2, "root", NULL, err), 0);
	wad_keys_store_commit(store);
	wad_keys_products_commit(products, now);
	wad_keys_products_stats(products, &st);
	ck_assert_uint_eq(st.n, 0);
	fill(3);
	wad_keys_products_commit(products, now);
	d.generation = 3;
	NEW(&d);
}
END_TEST

/* What a client makes of a response: its end, or -1. */
static int64_t
good_until(const struct answer *a, X509 *ca)
{
	const uint8_t		*p = a->staple;
	OCSP_RESPONSE		*r = d2i_OCSP_RESPONSE(NULL, &p,
	    (long)a->staple_len);
	OCSP_BASICRESP		*bs = r == NULL ? NULL :
	    OCSP_response_get1_basic(r);
	OCSP_CERTID		*id = OCSP_cert_to_id(NULL, a->leaf, ca);
	X509_STORE		*trust = X509_STORE_new();
	STACK_OF(X509)		*issuers = sk_X509_new_null();
	ASN1_GENERALIZEDTIME	*from, *to;
	int			 status = -1, reason;
	int64_t			 until = -1;

	ck_assert_ptr_nonnull(bs);
	X509_STORE_add_cert(trust, ca);
	X509_STORE_set_flags(trust, X509_V_FLAG_PARTIAL_CHAIN);
	sk_X509_push(issuers, ca);
	ck_assert_int_eq(OCSP_basic_verify(bs, issuers, trust, 0), 1);
	ck_assert_int_eq(OCSP_resp_count(bs), 1);
	ck_assert_int_eq(sk_X509_num(OCSP_resp_get0_certs(bs)) > 0, 0);
	ck_assert_int_eq(OCSP_resp_find_status(bs, id, &status, &reason, NULL,
	    &from, &to), 1);
	ck_assert_int_eq(status, V_OCSP_CERTSTATUS_GOOD);
	ck_assert_int_eq(wad_x509_read_time(to, &until), 0);
	ck_assert_int_lt(ASN1_TIME_cmp_time_t(from, (time_t)now), 1);
	ck_assert_int_ge(ASN1_TIME_compare(from,
	    X509_get0_notBefore(a->leaf)), 0);
	sk_X509_free(issuers);
	X509_STORE_free(trust);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(bs);
	OCSP_RESPONSE_free(r);
	return until;
}

START_TEST(staples)
{
	struct wad_cert_desc	 d = { .generation = 1, .ca = "sub",
		.key_type = WAD_KEY_EC, .name = "example.com" };
	struct answer		 a, b;

	fill(1);
	a = wish(&d);
	ck_assert_uint_eq(a.staple_len, 0);
	answer_free(&a);
	d.staple = true;
	a = wish(&d);
	ck_assert_int_eq(good_until(&a, sub), now + 86400);
	ck_assert_uint_eq(a.not_after, (uint64_t)now + 86400);
	answer_free(&a);
	/* never from before the certificate */
	d.not_before = now - 60;
	d.not_after = now + 999999;
	a = wish(&d);
	ck_assert_int_eq(good_until(&a, sub), now + 86400);
	answer_free(&a);
	d.not_before = d.not_after = 0;
	/* A long life: the response is renewed, the certificate is not. */
	forge.lifetime = 30 * 86400;
	d.name = "long.example.com";
	a = wish(&d);
	ck_assert_int_eq(good_until(&a, sub), now + 7 * 86400);
	ck_assert_uint_eq(a.not_after, (uint64_t)now + 7 * 86400);
	now += 7 * 86400 - WAD_PRODUCTS_MARGIN + 1;
	b = wish(&d);
	ck_assert_uint_eq(b.ok, WAD_FORGED_AGAIN);
	ck_assert_int_eq(X509_cmp(a.leaf, b.leaf), 0);
	ck_assert_int_eq(good_until(&b, sub), now + 7 * 86400);
	answer_free(&a);
	answer_free(&b);
}
END_TEST

/* keyUsage without digitalSignature: such a CA signs no responses. */
START_TEST(staple_not_allowed)
{
	struct wad_cert_desc	 d = { .generation = 1, .ca = "ca",
		.key_type = WAD_KEY_EC, .name = "example.com",
		.staple = true };
	X509_EXTENSION		*ext;
	struct answer		 a;
	char			*pem, err[300];

	ext = X509_delete_ext(root, X509_get_ext_by_NID(root, NID_key_usage,
	    -1));
	X509_EXTENSION_free(ext);
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage,
	    "critical,keyCertSign,cRLSign");
	X509_add_ext(root, ext, -1);
	X509_EXTENSION_free(ext);
	ck_assert_int_gt(X509_sign(root, root_key, EVP_sha256()), 0);
	pem = cert_pem(root, NULL, NULL);
	wad_keys_store_add(store, 1, "ca", pem, root_key_pem);
	ck_assert_int_eq(prepare(1, "ca", NULL, err), 0);
	wad_keys_store_commit(store);
	a = wish(&d);
	ck_assert_uint_eq(a.ok, WAD_FORGED_NEW);
	ck_assert_uint_eq(a.staple_len, 0);
	answer_free(&a);
	free(pem);
}
END_TEST

START_TEST(ticket_keys)
{
	struct wad_keys_tickets	 t = { .n = 0 };
	uint8_t			 old[3][WAD_TICKET_KEY];
	struct wad_msg		 m;
	struct wad_msg_in	 in;
	uint32_t		 n;
	const void		*p;
	size_t			 len;

	for (unsigned i = 0; i < 5; i++) {
		ck_assert_int_eq(wad_keys_ticket_rotate(&t), 0);
		ck_assert_uint_eq(t.n, i < 3 ? i + 1 : 3);
		if (i > 0)
			ck_assert_mem_eq(t.key[1], old[0], WAD_TICKET_KEY);
		if (i > 1)
			ck_assert_mem_eq(t.key[2], old[1], WAD_TICKET_KEY);
		ck_assert_mem_ne(t.key[0], t.key[1], WAD_TICKET_KEY);
		memcpy(old, t.key, sizeof(old));
	}
	wad_keys_ticket_put(&t, &m);
	in = view(&m);
	ck_assert_uint_eq(m.type, WAD_MSG_TICKET_KEYS);
	ck_assert_int_eq(wad_msg_get_u32(&in, &n), 0);
	ck_assert_uint_eq(n, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(wad_msg_get_blob(&in, &p, &len), 0);
		ck_assert_uint_eq(len, WAD_TICKET_KEY);
		ck_assert_mem_eq(p, old[i], WAD_TICKET_KEY);
	}
	ck_assert_int_eq(wad_msg_end(&in), 0);
	wad_msg_free(&m);
	wad_keys_ticket_wipe(&t);
	ck_assert_uint_eq(t.n, 0);
	/* A ticket made just before a rotation lives its minutes. */
	for (unsigned min = 0; min < 2000; min += 7)
		ck_assert_uint_ge(2 * wad_keys_ticket_period(min), min * 60);
	ck_assert_uint_eq(wad_keys_ticket_period(0), 3600);
	ck_assert_uint_eq(wad_keys_ticket_period(20), 3600);
}
END_TEST

/* Not asserted: machines differ. */
START_TEST(speed)
{
	enum { N = 400 };
	static const char *const what[] = { "with journal", "given out again",
		"with an OCSP response" };
	struct timespec	 t0, t1;
	struct answer	 a;
	const char	*sans[] = { "www.example.com", "*.example.com" };
	struct wad_cert_desc d = { .generation = 1, .ca = "sub", .key_type =
		WAD_KEY_EC, .name = "example.com", .sans = sans, .n_sans = 2 };

	fill(1);
	for (int turn = 0; turn < 3; turn++) {
		rate.n = 0;
		d.staple = turn == 2;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
		for (int i = 0; i < N; i++) {
			struct wad_msg		m;
			struct wad_msg_in	in;

			d.not_after = now + 999999 + i;
			wad_msg_init(&m, WAD_MSG_FORGE, 99);
			wad_x509_msg_put(&m, &d);
			in = view(&m);
			ck_assert_int_eq(wad_keys_forge_answer(&forge, &rate,
			    &in, &a.m, now, 1000), 0);
			wad_msg_free(&m);
			wad_msg_free(&a.m);
		}
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
		printf("FORGE message to FORGED message, %s: %.1f us CPU\n",
		    what[turn], ((double)(t1.tv_sec - t0.tv_sec) * 1e9 +
		    (double)(t1.tv_nsec - t0.tv_nsec)) / 1e3 / N);
	}
	ck_assert_uint_eq(forge.issued, 2 * N);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("keys");
	TCase	*t = tcase_create("all");

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
	tcase_add_test(t, given_out_again);
	tcase_add_test(t, ends_soon);
	tcase_add_test(t, outlives_a_restart);
	tcase_add_test(t, goes_with_its_ca);
	tcase_add_test(t, staples);
	tcase_add_test(t, staple_not_allowed);
	tcase_add_test(t, ticket_keys);
	tcase_add_test(t, speed);
	suite_add_tcase(s, t);
	return suite_run(s);
}
