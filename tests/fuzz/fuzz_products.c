/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of forged certificates.  First byte even: the rest is the file in
 * use as it is on disk.  Odd: the rest is the text of a record, sealed here,
 * behind a genuine one, so that what lies behind the seal is read too.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "keys/keys_product.h"
#include "keys/keys_sealed.h"
#include "x509/x509_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { NOW = 1900000000 };

static struct wad_keys_store		*store;
static const struct wad_keys_entry	*ca;

static struct wad_ring_seg quiet;	/* where log lines go */

static void
make_ca(void)
{
	struct wad_cert	 cert = { .name = "ca", .has_key = true };
	struct wad_conf	 conf = { .generation = 1, .certs = &cert,
		.n_certs = 1 };
	BIO		*a = BIO_new(BIO_s_mem()), *b = BIO_new(BIO_s_mem());
	char		*pem, *key, err[200];
	X509		*x;
	EVP_PKEY	*k;

	wad_dbg_attach(NULL, &quiet);
	WAD_ASSERT(wad_x509_build_ca("Fuzz CA", &x, &k) == 0);
	PEM_write_bio_X509(a, x);
	PEM_write_bio_PrivateKey(b, k, NULL, NULL, 0, NULL, NULL);
	BIO_write(a, "", 1);
	BIO_write(b, "", 1);
	BIO_get_mem_data(a, &pem);
	BIO_get_mem_data(b, &key);
	store = wad_keys_store_new();
	WAD_ASSERT(wad_keys_store_add(store, 1, "ca", pem, key) == 0);
	WAD_ASSERT(wad_keys_store_prepare(store, &conf, err, sizeof(err)) ==
	    0);
	wad_keys_store_commit(store);
	ca = wad_keys_store_find(store, 1, "ca");
	WAD_ASSERT(ca != NULL);
	BIO_free(a);
	BIO_free(b);
	X509_free(x);
	EVP_PKEY_free(k);
}

/* A product of our own, into the table. */
static void
add(struct wad_keys_products *t)
{
	static const uint8_t	 id[32] = "genuine";
	struct wad_keys_product	*p = wad_keys_products_make(id, ca);

	p->leaf.p = OPENSSL_memdup("leaf", 4);
	p->key.p = OPENSSL_memdup("key", 3);
	p->leaf.len = 4;
	p->key.len = 3;
	p->not_after = NOW + 86400;
	wad_keys_products_add(t, p, NOW);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t			 rec[WAD_SEALED_REC_MAX];
	static const uint8_t		 id[32] = "genuine";
	struct wad_keys_products	*t;
	struct wad_keys_products_stats	 st;
	size_t				 n;
	int				 fd[2];

	if (ca == NULL)
		make_ca();
	if (size < 1 || size > WAD_SEALED_MAX)
		return 0;
	for (int i = 0; i < 2; i++)
		WAD_ASSERT((fd[i] = memfd_create("p", 0)) != -1);
	if (data[0] % 2 == 0)
		WAD_ASSERT(write(fd[0], data + 1, size - 1) ==
		    (ssize_t)(size - 1));
	else {
		t = wad_keys_products_new(store);
		wad_keys_products_open(t, dup(fd[0]), dup(fd[1]), NOW);
		add(t);
		wad_keys_products_free(t);
		n = wad_keys_sealed_make(ca->seal_key, ca->id, data + 1,
		    size - 1, rec);
		WAD_ASSERT(n > 0 && lseek(fd[0], 0, SEEK_END) > 0 &&
		    write(fd[0], rec, n) == (ssize_t)n);
	}
	t = wad_keys_products_new(store);
	wad_keys_products_open(t, dup(fd[0]), dup(fd[1]), NOW);
	wad_keys_products_stats(t, &st);
	/* Nobody can write a record without the key. */
	WAD_ASSERT(data[0] % 2 == 1 || st.n == 0);
	WAD_ASSERT(data[0] % 2 == 0 || st.n >= 1);
	/* Whatever it was, it goes on, and is read the next time. */
	add(t);
	wad_keys_products_free(t);
	t = wad_keys_products_new(store);
	wad_keys_products_open(t, fd[0], fd[1], NOW);
	wad_keys_products_stats(t, &st);
	WAD_ASSERT(wad_keys_products_find(t, id, NOW, INT64_MAX) != NULL);
	wad_keys_products_free(t);
	return 0;
}
