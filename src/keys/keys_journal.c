/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the journal.  A line is
 *
 *	time=... serial=HEX ca="..." name=... names=N key=ec origin=SHA256
 *	policy=N session=N hash=H
 *
 * where H is the first half, in hex, of SHA-256 over the H of the line above
 * and this line up to the blank before "hash=".  A line that was cut, changed
 * or taken out breaks the chain at its place.  Each start of wad-keys writes
 * a line of its own.  The file is opened by the parent; when that gives
 * another one, its first line has `after=H`, the end of the one before.
 */
#include "keys/keys_journal.h"

#include <openssl/evp.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/str.h"
#include "base/xmem.h"

struct wad_keys_journal {
	int		 fd;
	char		 hash[WAD_KEYS_HASH_LEN + 1];
	uint64_t	 lost;
	bool		 failing;	/* said; quiet until it works again */
	bool		 cut;		/* half a line stands at the end */
	EVP_MD		*sha256;
};

static void
hex(char *dst, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		dst[2 * i] = digits[p[i] >> 4];
		dst[2 * i + 1] = digits[p[i] & 15];
	}
	dst[2 * len] = '\0';
}

struct wad_keys_journal *
wad_keys_journal_new(void)
{
	struct wad_keys_journal *j = wad_xcalloc(1, sizeof(*j));

	j->fd = -1;
	memset(j->hash, '0', WAD_KEYS_HASH_LEN);
	j->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	WAD_ASSERT(j->sha256 != NULL);
	return j;
}

void
wad_keys_journal_free(struct wad_keys_journal *j)
{
	if (j == NULL)
		return;
	if (j->fd != -1)
		close(j->fd);
	EVP_MD_free(j->sha256);
	free(j);
}

uint64_t
wad_keys_journal_lost(const struct wad_keys_journal *j)
{
	return j->lost;
}

static void
lose(struct wad_keys_journal *j, const char *why)
{
	j->lost++;
	if (j->failing)
		return;
	j->failing = true;
	wad_log_event("error",
	    "issue journal cannot be written: %s; missing lines are counted",
	    why);
}

/* Ends the line with its hash and writes it in one go. */
static void
line_write(struct wad_keys_journal *j, struct wad_str *line)
{
	uint8_t		 md[32];
	char		 hash[WAD_KEYS_HASH_LEN + 1];
	EVP_MD_CTX	*ctx;
	ssize_t		 n;
	size_t		 skip = j->cut ? 1 : 0;	/* the line feed in front */

	if (j->fd == -1) {
		lose(j, "there is none");
		return;
	}
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL || EVP_DigestInit_ex2(ctx, j->sha256, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, j->hash, WAD_KEYS_HASH_LEN) != 1 ||
	    EVP_DigestUpdate(ctx, line->s + skip, line->len - skip) != 1 ||
	    EVP_DigestFinal_ex(ctx, md, NULL) != 1) {
		EVP_MD_CTX_free(ctx);
		lose(j, "no hash");
		return;
	}
	EVP_MD_CTX_free(ctx);
	hex(hash, md, WAD_KEYS_HASH_LEN / 2);
	wad_str_addf(line, " hash=%s\n", hash);
	do {
		n = write(j->fd, line->s, line->len);
	} while (n == -1 && errno == EINTR);
	if (n != (ssize_t)line->len) {
		/* The chain goes on from the last whole line. */
		if (n > 0)
			j->cut = true;
		lose(j, n == -1 ? strerror(errno) : "disk full");
		return;
	}
	j->cut = false;
	memcpy(j->hash, hash, sizeof(hash));
	if (j->failing)
		wad_log_event("information",
		    "issue journal works again, %llu lines were lost",
		    (unsigned long long)j->lost);
	j->failing = false;
}

static void
line_start(const struct wad_keys_journal *j, struct wad_str *line, int64_t now)
{
	time_t		t = (time_t)now;
	struct tm	tm;
	char		text[32];

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	wad_str_addf(line, "%stime=%s", j->cut ? "\n" : "", text);
}

/* The hash at the end of the last whole line, when there is one. */
static void
read_tail(struct wad_keys_journal *j)
{
	char		 buf[4096], *end, *p;
	off_t		 size = lseek(j->fd, 0, SEEK_END);
	ssize_t		 n;
	static const char mark[] = " hash=";

	if (size <= 0)
		return;
	n = pread(j->fd, buf, sizeof(buf) - 1, size < (off_t)sizeof(buf) - 1 ?
	    0 : size - (off_t)sizeof(buf) + 1);
	if (n <= 0)
		return;
	j->cut = buf[n - 1] != '\n';
	end = memrchr(buf, '\n', (size_t)n);
	if (end == NULL)
		return;
	p = end - WAD_KEYS_HASH_LEN;
	if (p - (sizeof(mark) - 1) < buf ||
	    memcmp(p - (sizeof(mark) - 1), mark, sizeof(mark) - 1) != 0)
		return;
	for (int i = 0; i < WAD_KEYS_HASH_LEN; i++)
		if (strchr("0123456789abcdef", p[i]) == NULL || p[i] == '\0')
			return;
	memcpy(j->hash, p, WAD_KEYS_HASH_LEN);
}

void
wad_keys_journal_open(struct wad_keys_journal *j, int fd, int64_t now)
{
	struct wad_str	line = { 0 };
	char		last[WAD_KEYS_HASH_LEN + 1] = "";

	if (j->fd != -1) {		/* a new file behind that one */
		memcpy(last, j->hash, sizeof(last));
		close(j->fd);
	}
	j->fd = fd;
	j->cut = false;
	memset(j->hash, '0', WAD_KEYS_HASH_LEN);
	read_tail(j);
	line_start(j, &line, now);
	wad_str_addf(&line, " start pid=%d", (int)getpid());
	if (last[0] != '\0' && lseek(fd, 0, SEEK_END) == 0)
		wad_str_addf(&line, " after=%s", last);
	line_write(j, &line);
	wad_str_free(&line);
}

void
wad_keys_journal_issue(struct wad_keys_journal *j,
    const struct wad_cert_desc *d, X509 *leaf, int64_t now)
{
	const ASN1_INTEGER	*serial = X509_get0_serialNumber(leaf);
	struct wad_str		 line = { 0 };
	char			 text[1200];
	size_t			 len = (size_t)ASN1_STRING_length(serial);

	line_start(j, &line, now);
	hex(text, ASN1_STRING_get0_data(serial), len > 20 ? 20 : len);
	wad_str_addf(&line, " serial=%s", text);
	wad_str_escape(text, sizeof(text), d->ca, strlen(d->ca));
	wad_str_addf(&line, " ca=\"%s\" name=%s names=%zu key=%s", text,
	    d->name, d->n_sans + 1, d->key_type == WAD_KEY_EC ? "ec" : "rsa");
	hex(text, d->origin_sha256, sizeof(d->origin_sha256));
	wad_str_addf(&line, " origin=%s policy=%u session=%u", text,
	    d->policy, d->serial);
	line_write(j, &line);
	wad_str_free(&line);
}
