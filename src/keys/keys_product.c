/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of products and its files.  Each product that is made is one
 * sealed record (keys_sealed.c) at the end of the file in use.  When more
 * than half of that file is of no use any more, all products are written to
 * the other one, which is then in use, and the first is emptied: at every
 * moment the two together hold everything.  Who reads them reads both.
 *
 * The files are a convenience.  Whatever is wrong with them is said once and
 * costs a signature for each certificate that is asked for again.
 */
#include "keys/keys_product.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/str.h"
#include "base/xmem.h"
#include "ipc/msg.h"
#include "keys/keys_sealed.h"

enum {
	READ_CHUNK = 1 << 20,
	LOAD_MAX = 160 << 20,		/* more than we ever write */
	REFUSED_MAX = 1000,		/* then the rest is not looked at */
	WRITE_CHUNK = 256 << 10,
	SLACK = 1 << 20,		/* too little to be worth a rewriting */
	PAUSE = 60,			/* seconds, after a failed writing */
	OVERHEAD = 256,			/* of a product in memory, about */
};

struct file { int fd; size_t size; };

struct wad_keys_products {
	struct wad_keys_store	*store;		/* not owned */
	struct wad_lru		 lru;
	size_t			 mem;
	size_t			 live;		/* bytes of file 0 in use */
	struct file		 file[2];	/* in use, spare */
	bool			 loaded, failing;
	int64_t			 retry_at;
	size_t			 n_loaded, n_damaged;
	EVP_MD			*sha256;
};

static size_t
size_of(const struct wad_keys_product *p)
{
	return sizeof(*p) + OVERHEAD + p->leaf.len + p->key.len +
	    p->staple.len;
}

/* ---- the table */

static bool
same(const struct wad_lru_entry *e, const void *id)
{
	return memcmp(((const struct wad_keys_product *)e)->id, id, 32) == 0;
}

void
wad_keys_products_drop(struct wad_keys_product *p)
{
	if (p == NULL)
		return;
	OPENSSL_free(p->leaf.p);
	OPENSSL_clear_free(p->key.p, p->key.len);
	OPENSSL_free(p->staple.p);
	free(p);
}

/* One table in a process: the callback of the list has no argument. */
static struct wad_keys_products *of_drop;

static void
drop(struct wad_lru_entry *e)
{
	struct wad_keys_product *p = (struct wad_keys_product *)e;

	of_drop->mem -= size_of(p);
	of_drop->live -= p->disk;
	wad_keys_products_drop(p);
}

struct wad_keys_products *
wad_keys_products_new(struct wad_keys_store *store)
{
	struct wad_keys_products *t = wad_xcalloc(1, sizeof(*t));

	t->store = store;
	t->file[0].fd = t->file[1].fd = -1;
	wad_lru_init(&t->lru, WAD_PRODUCTS_MAX / 4, WAD_PRODUCTS_MAX, same,
	    drop);
	t->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	WAD_ASSERT(t->sha256 != NULL);
	return t;
}

static void
close_files(struct wad_keys_products *t)
{
	for (int i = 0; i < 2; i++) {
		if (t->file[i].fd != -1)
			close(t->file[i].fd);
		t->file[i] = (struct file){ .fd = -1 };
	}
}

void
wad_keys_products_free(struct wad_keys_products *t)
{
	if (t == NULL)
		return;
	of_drop = t;
	wad_lru_free(&t->lru);
	close_files(t);
	EVP_MD_free(t->sha256);
	free(t);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
wad_keys_products_id(const struct wad_keys_products *t,
    const struct wad_cert_desc *d, const struct wad_keys_entry *ca,
    bool staple, uint8_t id[32])
{
	const char	*names[WAD_DESC_SANS_MAX];
	struct wad_msg	 m;		/* as a writer of fields */

	wad_msg_init(&m, WAD_MSG_FORGE, 0);
	wad_msg_add_blob(&m, ca->id, sizeof(ca->id));
	wad_msg_add_u32(&m, (uint32_t)d->key_type);
	wad_msg_add_u32(&m, staple);
	wad_msg_add_u64(&m, (uint64_t)d->not_before);
	wad_msg_add_u64(&m, (uint64_t)d->not_after);
	wad_msg_add_blob(&m, d->origin_sha256, sizeof(d->origin_sha256));
	wad_msg_add_str(&m, d->name);
	if (d->n_sans > 0) {
		memcpy(names, d->sans, d->n_sans * sizeof(names[0]));
		qsort(names, d->n_sans, sizeof(names[0]), by_text);
	}
	for (size_t i = 0; i < d->n_sans; i++)
		if (strcmp(names[i], d->name) != 0 &&
		    (i == 0 || strcmp(names[i], names[i - 1]) != 0))
			wad_msg_add_str(&m, names[i]);
	WAD_ASSERT(EVP_Digest(m.buf, m.len, id, NULL, t->sha256, NULL) == 1);
	wad_msg_free(&m);
}

static uint64_t
hash_of(const uint8_t id[32])
{
	return wad_str_hash(0, id, 32);
}

struct wad_keys_product *
wad_keys_products_find(struct wad_keys_products *t, const uint8_t id[32],
    int64_t now, int64_t latest)
{
	struct wad_keys_product *p = (struct wad_keys_product *)
	    wad_lru_find(&t->lru, hash_of(id), id);

	if (p == NULL)
		return NULL;
	if (now <= p->not_after - WAD_PRODUCTS_MARGIN &&
	    p->not_after <= latest)
		return p;
	of_drop = t;
	wad_lru_remove(&t->lru, &p->lru);
	return NULL;
}

struct wad_keys_product *
wad_keys_products_make(const uint8_t id[32], const struct wad_keys_entry *ca)
{
	struct wad_keys_product *p = wad_xcalloc(1, sizeof(*p));

	memcpy(p->id, id, sizeof(p->id));
	memcpy(p->ca, ca->id, sizeof(p->ca));
	return p;
}

/* Into the table, in the place of one with the same id. */
static void
insert(struct wad_keys_products *t, struct wad_keys_product *p)
{
	uint64_t		 h = hash_of(p->id);
	struct wad_lru_entry	*old = wad_lru_peek(&t->lru, h, p->id);

	of_drop = t;
	if (old != NULL)
		wad_lru_remove(&t->lru, old);
	t->mem += size_of(p);
	t->live += p->disk;
	wad_lru_add(&t->lru, &p->lru, h);
	while (t->mem > WAD_PRODUCTS_MEM && t->lru.n > 1) {
		t->lru.evicted++;
		wad_lru_remove(&t->lru, WAD_LIST_ENTRY(t->lru.age.next,
		    struct wad_lru_entry, age));
	}
}

/* ---- records */

/* The record of a product, at most WAD_SEALED_REC_MAX bytes; its length, or
 * 0 when its CA is gone or it is too long. */
static size_t
to_record(const struct wad_keys_products *t, const struct wad_keys_product *p,
    uint8_t *out)
{
	const struct wad_keys_entry	*ca = wad_keys_store_by_id(t->store,
	    p->ca, sizeof(p->ca));
	struct wad_msg			 m;	/* as a writer of fields */
	size_t				 len;

	if (ca == NULL)
		return 0;
	wad_msg_init(&m, WAD_MSG_PRODUCTS, 0);
	wad_msg_add_blob(&m, p->id, sizeof(p->id));
	wad_msg_add_u64(&m, (uint64_t)p->not_after);
	wad_msg_add_u64(&m, (uint64_t)p->staple_until);
	wad_msg_add_blob(&m, p->leaf.p, p->leaf.len);
	wad_msg_add_blob(&m, p->key.p, p->key.len);
	wad_msg_add_blob(&m, p->staple.p, p->staple.len);
	len = wad_keys_sealed_make(ca->seal_key, p->ca, m.buf, m.len, out);
	wad_msg_free(&m);		/* wipes */
	return len;
}

static int
get_der(struct wad_msg_in *m, struct wad_keys_der *d)
{
	const void *p;

	if (wad_msg_get_blob(m, &p, &d->len) == -1)
		return -1;
	d->p = d->len > 0 ? OPENSSL_memdup(p, d->len) : NULL;
	return d->len == 0 || d->p != NULL ? 0 : -1;
}

/* A product of a record's text; NULL when it is not one. */
static struct wad_keys_product *
from_text(const struct wad_keys_entry *ca, const uint8_t *text, size_t len)
{
	struct wad_msg_in	 m = { .type = WAD_MSG_PRODUCTS, .p = text,
		.left = len };
	struct wad_keys_product	*p;
	const void		*id;
	size_t			 id_len;
	uint64_t		 not_after, staple_until;

	if (wad_msg_get_blob(&m, &id, &id_len) == -1 || id_len != 32)
		return NULL;
	p = wad_keys_products_make(id, ca);
	if (wad_msg_get_u64(&m, &not_after) == -1 ||
	    wad_msg_get_u64(&m, &staple_until) == -1 ||
	    get_der(&m, &p->leaf) == -1 || get_der(&m, &p->key) == -1 ||
	    get_der(&m, &p->staple) == -1 || wad_msg_end(&m) == -1 ||
	    p->leaf.len == 0 || p->key.len == 0 ||
	    not_after > INT64_MAX || staple_until > INT64_MAX) {
		wad_keys_products_drop(p);
		return NULL;
	}
	p->not_after = (int64_t)not_after;
	p->staple_until = (int64_t)staple_until;
	return p;
}

/* ---- writing */

static void
write_failed(struct wad_keys_products *t, const char *why, int64_t now)
{
	t->retry_at = now + PAUSE;
	if (t->failing)
		return;
	t->failing = true;
	wad_log_event("error", "forged certificates cannot be kept on disk: "
	    "%s; they go on without, make room in the state folder", why);
}

/* At the end of a file, all of it or nothing; 0 or -1. */
static int
append(struct wad_keys_products *t, struct file *f, const uint8_t *p,
    size_t len, int64_t now)
{
	size_t	done = 0;
	ssize_t	n = 0;
	int	e;

	while (done < len) {
		n = pwrite(f->fd, p + done, len - done,
		    (off_t)(f->size + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == len) {
		f->size += len;
		return 0;
	}
	e = n == 0 ? ENOSPC : errno;
	(void)!ftruncate(f->fd, (off_t)f->size);
	write_failed(t, strerror(e), now);
	return -1;
}

/* All products into the spare file, which changes places with the other. */
static void
rewrite(struct wad_keys_products *t, int64_t now)
{
	struct file	*spare = &t->file[1], old = t->file[0];
	struct wad_list	*l, *tmp;
	uint8_t		*buf = wad_xmalloc(WRITE_CHUNK + WAD_SEALED_REC_MAX);
	size_t		 fill = 0, n;
	int		 rc = ftruncate(spare->fd, 0);

	spare->size = 0;
	if (rc == -1)
		write_failed(t, strerror(errno), now);
	WAD_LIST_EACH(&t->lru.age, l, tmp) {
		struct wad_keys_product *p = (struct wad_keys_product *)
		    WAD_LIST_ENTRY(l, struct wad_lru_entry, age);

		if (rc == -1)
			break;
		n = to_record(t, p, buf + fill);
		t->live += n - p->disk;
		p->disk = n;
		fill += n;
		if (fill < WRITE_CHUNK)
			continue;
		rc = append(t, spare, buf, fill, now);
		fill = 0;
	}
	if (rc == 0)
		rc = append(t, spare, buf, fill, now);
	free(buf);
	if (rc == -1) {
		/* A record is as long as it was: what the products say of
		 * the first file stays right, but for those not in it. */
		(void)!ftruncate(spare->fd, 0);
		spare->size = 0;
		return;
	}
	t->file[0] = *spare;
	(void)!ftruncate(old.fd, 0);
	t->file[1] = (struct file){ .fd = old.fd };
	WAD_DBG(KEYS, WAD_I, "products rewritten: n=%zu bytes=%zu before=%zu",
	    t->lru.n, t->file[0].size, old.size);
}

/* One record more. */
static void
keep(struct wad_keys_products *t, struct wad_keys_product *p, int64_t now)
{
	static uint8_t	rec[WAD_SEALED_REC_MAX];
	size_t		n;

	if (t->file[0].fd == -1 || !t->loaded ||
	    (t->failing && now < t->retry_at))
		return;
	n = to_record(t, p, rec);
	if (n == 0 || append(t, &t->file[0], rec, n, now) == -1)
		return;
	t->live += n;
	p->disk = n;
	if (t->failing) {
		t->failing = false;
		wad_log_event("information",
		    "forged certificates are kept on disk again");
	}
	if (t->file[0].size - t->live > t->live + SLACK)
		rewrite(t, now);
}

void
wad_keys_products_add(struct wad_keys_products *t, struct wad_keys_product *p,
    int64_t now)
{
	insert(t, p);
	keep(t, p, now);
}

void
wad_keys_products_tell(struct wad_keys_products *t)
{
	wad_lru_tell(&t->lru, WAD_CACHE_PRODUCTS);
}

void
wad_keys_products_clear(struct wad_keys_products *t)
{
	of_drop = t;
	wad_lru_clear(&t->lru);
	for (int i = 0; i < 2; i++)
		if (t->file[i].fd != -1 && ftruncate(t->file[i].fd, 0) == 0)
			t->file[i].size = 0;
}

/* ---- reading */

struct load { int64_t now; size_t good, other, old, damaged, refused; };

/* True when it is a genuine record of somebody (also of no use to us). */
static bool
take(struct wad_keys_products *t, const struct wad_sealed *r, struct load *l)
{
	static uint8_t			 text[WAD_SEALED_MAX];
	const struct wad_keys_entry	*ca = wad_keys_store_by_id(t->store,
	    r->ca, WAD_SEALED_ID);
	struct wad_keys_product		*p;

	if (ca == NULL) {
		l->other++;
		return true;
	}
	if (wad_keys_sealed_open(r, ca->seal_key, text) == -1)
		return false;
	p = from_text(ca, text, r->text_len);
	OPENSSL_cleanse(text, r->text_len);
	if (p == NULL)
		return false;
	if (l->now > p->not_after - WAD_PRODUCTS_MARGIN) {
		wad_keys_products_drop(p);
		l->old++;
		return true;
	}
	p->disk = r->len;
	insert(t, p);
	l->good++;
	return true;
}

/* The records of a part of a file that begins at `base`; how far it came.
 * A length that leads beyond the end of the file was not ours. */
static size_t
scan(struct wad_keys_products *t, struct file *f, const uint8_t *buf,
    size_t len, size_t base, bool eof, struct load *l)
{
	struct wad_sealed	r;
	size_t			at = 0;

	while (l->refused < REFUSED_MAX) {
		if (wad_keys_sealed_next(buf, len, &at, &r) == 0) {
			if (!eof ||
			    len - at < WAD_SEALED_HEAD + WAD_SEALED_TAG)
				break;
			at++;
			continue;
		}
		if (!take(t, &r, l)) {
			l->refused++;
			at++;
			continue;
		}
		if (base + at != f->size)
			l->damaged++;	/* what lay before it */
		at += r.len;
		f->size = base + at;
	}
	return at;
}

/* Reads one file; f->size becomes the end of its last record. */
static void
load_file(struct wad_keys_products *t, struct file *f, struct load *l)
{
	enum { CAP = READ_CHUNK + WAD_SEALED_REC_MAX };
	uint8_t	*buf = wad_xmalloc(CAP);
	size_t	 fill = 0, at, base = 0;
	ssize_t	 n;
	bool	 eof = false;

	f->size = l->refused = 0;
	while (!eof && base < LOAD_MAX && l->refused < REFUSED_MAX) {
		n = pread(f->fd, buf + fill, CAP - fill, (off_t)(base + fill));
		if (n == -1 && errno == EINTR)
			continue;
		fill += n > 0 ? (size_t)n : 0;
		eof = n <= 0;
		at = scan(t, f, buf, fill, base, eof, l);
		memmove(buf, buf + at, fill - at);
		fill -= at;
		base += at;
	}
	if (base + fill > f->size)
		l->damaged++;		/* a torn tail */
	free(buf);
	(void)!ftruncate(f->fd, (off_t)f->size);
}

static void
load(struct wad_keys_products *t, int64_t now)
{
	struct load	l = { .now = now };
	struct file	f;

	t->loaded = true;
	/* The one in use last: where both have a product it is the younger. */
	load_file(t, &t->file[1], &l);
	load_file(t, &t->file[0], &l);
	if (t->file[1].size > t->file[0].size) {
		f = t->file[0];
		t->file[0] = t->file[1];
		t->file[1] = f;
	}
	t->n_loaded = t->lru.n;
	t->n_damaged = l.damaged;
	if (l.good + l.other + l.old + l.damaged > 0)
		wad_log_event(l.damaged > 0 ? "warning" : "information",
		    "forged certificates kept from before: %zu (%zu expired, "
		    "%zu of other CAs, %zu damaged)", t->lru.n, l.old, l.other,
		    l.damaged);
	/* Two files in use: somebody was interrupted. */
	if (t->file[1].size > 0 || l.other > 0 || l.damaged > 0 ||
	    t->file[0].size - t->live > t->live + SLACK)
		rewrite(t, now);
}

void
wad_keys_products_open(struct wad_keys_products *t, int fd, int spare,
    int64_t now)
{
	close_files(t);
	t->file[0].fd = fd;
	t->file[1].fd = spare;
	t->loaded = t->failing = false;
	t->live = 0;
	for (struct wad_list *l = t->lru.age.next; l != &t->lru.age;
	    l = l->next)
		((struct wad_keys_product *)WAD_LIST_ENTRY(l,
		    struct wad_lru_entry, age))->disk = 0;
	wad_keys_products_commit(t, now);
}

void
wad_keys_products_commit(struct wad_keys_products *t, int64_t now)
{
	struct wad_list	*l, *tmp;
	size_t		 gone = 0;

	if (!wad_keys_store_ready(t->store))
		return;
	of_drop = t;
	WAD_LIST_EACH(&t->lru.age, l, tmp) {
		struct wad_lru_entry *e = WAD_LIST_ENTRY(l,
		    struct wad_lru_entry, age);

		if (wad_keys_store_by_id(t->store,
		    ((struct wad_keys_product *)e)->ca, 32) != NULL)
			continue;
		wad_lru_remove(&t->lru, e);
		gone++;
	}
	if (t->file[0].fd == -1)
		return;
	if (!t->loaded)
		load(t, now);
	else if (gone > 0)
		rewrite(t, now);	/* their records too */
}

void
wad_keys_products_stats(const struct wad_keys_products *t,
    struct wad_keys_products_stats *s)
{
	*s = (struct wad_keys_products_stats){
		.n = t->lru.n, .mem = t->mem, .disk = t->file[0].size,
		.hits = t->lru.hits, .misses = t->lru.misses,
		.evicted = t->lru.evicted, .loaded = t->n_loaded,
		.damaged = t->n_damaged, .paused = t->failing,
	};
}
