/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of feeds on disk: a head with a digest over everything behind it,
 * then the segment.  A head is written last, so that half a copy is none.
 */
#include "lookup/feed_store.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "ipc/shm.h"

enum { PIECE = 1 << 20 };
#define MAGIC	"wadkept1"

struct head {
	char		 magic[8];
	uint8_t		 digest[WAD_FEED_DIGEST];	/* of what follows */
	uint64_t	 len;		/* of the segment */
	struct wad_feed_kept kept;
};

struct wad_feed_saving {
	int		 to, from;
	struct head	 head;
	EVP_MD_CTX	*md;
	uint64_t	 done;
	uint8_t		*buf;
};

/* The digest begins with the head's own words. */
static EVP_MD_CTX *
digest_start(const struct head *h)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	WAD_ASSERT(md != NULL &&
	    EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(md, &h->len, sizeof(h->len)) == 1 &&
	    EVP_DigestUpdate(md, &h->kept, sizeof(h->kept)) == 1);
	return md;
}

static int
read_head(int fd, struct head *h)
{
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 || pread(fd, h, sizeof(*h), 0) !=
	    (ssize_t)sizeof(*h) || memcmp(h->magic, MAGIC, 8) != 0 ||
	    h->len == 0 || h->len > WAD_FEED_KEPT_MAX ||
	    (uint64_t)st.st_size != sizeof(*h) + h->len)
		return -1;
	/* texts that go into requests */
	return h->kept.tags.etag[sizeof(h->kept.tags.etag) - 1] == '\0' &&
	    h->kept.tags.modified[sizeof(h->kept.tags.modified) - 1] == '\0' ?
	    0 : -1;
}

/* Copies the segment of a file into a sealed one; -1 when it is damaged. */
static int
load_one(int fd, const struct head *h)
{
	uint8_t		*buf = wad_xmalloc(PIECE), md[EVP_MAX_MD_SIZE];
	EVP_MD_CTX	*ctx = digest_start(h);
	int		 to = wad_shm_text_new("feed");
	uint64_t	 done = 0;

	while (to != -1 && done < h->len) {
		size_t	want = h->len - done < PIECE ? (size_t)(h->len -
		    done) : PIECE;
		ssize_t n = pread(fd, buf, want, (off_t)(sizeof(*h) + done));

		if (n <= 0 || write(to, buf, (size_t)n) != n)
			break;
		EVP_DigestUpdate(ctx, buf, (size_t)n);
		done += (uint64_t)n;
	}
	EVP_DigestFinal_ex(ctx, md, NULL);
	EVP_MD_CTX_free(ctx);
	free(buf);
	if (to == -1 || (done == h->len &&
	    memcmp(md, h->digest, sizeof(h->digest)) == 0 &&
	    wad_shm_text_seal(to) == 0))
		return to;
	close(to);
	return -1;
}

int
wad_feed_store_load(const int fd[2], struct wad_feed_kept *kept, char *err,
    size_t errsize)
{
	struct head	h[2];
	bool		there[2] = { read_head(fd[0], &h[0]) == 0,
				     read_head(fd[1], &h[1]) == 0 };
	int		first = there[1] && (!there[0] ||
			    h[1].kept.seq > h[0].kept.seq), seg;

	err[0] = '\0';
	for (int n = 0; n < 2; n++) {
		int i = n == 0 ? first : !first;

		if (!there[i])
			continue;
		seg = load_one(fd[i], &h[i]);
		if (seg != -1) {
			*kept = h[i].kept;
			return seg;
		}
		snprintf(err, errsize, "the copy that was kept is damaged");
	}
	return -1;
}

struct wad_feed_saving *
wad_feed_store_save(const int files[2], int fd,
    const struct wad_feed_kept *kept)
{
	struct wad_feed_saving	*s = wad_xcalloc(1, sizeof(*s));
	struct stat		 st;

	s->to = files[kept->seq & 1];
	s->from = fd;
	memcpy(s->head.magic, MAGIC, sizeof(s->head.magic));
	s->head.kept = *kept;
	s->head.len = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	s->md = digest_start(&s->head);
	s->buf = wad_xmalloc(PIECE);
	return s;
}

int
wad_feed_store_step(struct wad_feed_saving *s)
{
	size_t	want = s->head.len - s->done < PIECE ? (size_t)(s->head.len -
	    s->done) : PIECE;
	ssize_t n;

	if (s->done == 0 && ftruncate(s->to, 0) == -1)
		return -1;
	if (want > 0) {
		n = pread(s->from, s->buf, want, (off_t)s->done);
		if (n <= 0 || pwrite(s->to, s->buf, (size_t)n,
		    (off_t)(sizeof(s->head) + s->done)) != n)
			return -1;
		EVP_DigestUpdate(s->md, s->buf, (size_t)n);
		s->done += (uint64_t)n;
		return 1;
	}
	EVP_DigestFinal_ex(s->md, s->head.digest, NULL);
	n = pwrite(s->to, &s->head, sizeof(s->head), 0);
	return n == (ssize_t)sizeof(s->head) ? 0 : -1;
}

void
wad_feed_store_free(struct wad_feed_saving *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->md);
	free(s->buf);
	free(s);
}
