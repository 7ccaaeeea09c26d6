/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of warnings, see warn_token.h: time, stamp, HMAC-SHA256 (RFC 2104)
 * and URL, in hexadecimal digits, which no browser writes in another way.
 */
#include "worker/warn_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

#include "base/str.h"

enum { MAC = 32, AT_STAMP = 8, AT_MAC = 16, AT_URL = AT_MAC + MAC };

static void
put64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

/* Each text ends with a NUL, so none can pass for the end of another and the
 * beginning of the next. */
static bool
sign(uint8_t mac[MAC], const uint8_t key[WAD_WARN_KEY],
    const struct wad_warn_bind *b, const uint8_t *head, const char *url)
{
	static const char	 what[] = "openwad warning";
	struct wad_str		 t = { 0 };
	unsigned		 len = 0;
	bool			 ok;

	wad_str_addn(&t, what, sizeof(what));
	wad_str_addn(&t, (const char *)head, AT_MAC);
	wad_str_addf(&t, "%u %u %u ", b->client->family, b->port, b->https);
	wad_str_addn(&t, (const char *)b->client->ip, sizeof(b->client->ip));
	wad_str_addn(&t, b->user, strlen(b->user) + 1);
	wad_str_addn(&t, b->host, strlen(b->host) + 1);
	wad_str_addn(&t, url, strlen(url) + 1);
	ok = HMAC(EVP_sha256(), key, WAD_WARN_KEY, (const uint8_t *)t.s,
	    t.len, mac, &len) != NULL && len == MAC;
	wad_str_free(&t);
	return ok;
}

static bool
url_ok(const char *url, size_t len)
{
	if (len == 0 || len > WAD_WARN_URL_MAX || url[0] != '/')
		return false;
	for (size_t i = 0; i < len; i++)
		if (url[i] <= ' ' || url[i] > '~')
			return false;
	return true;
}

void
wad_warn_token_make(char out[WAD_WARN_TOKEN_MAX],
    const uint8_t key[WAD_WARN_KEY], const struct wad_warn_bind *b,
    int64_t made, uint64_t stamp, const char *url)
{
	static const char	digits[] = "0123456789abcdef";
	uint8_t			raw[AT_URL + WAD_WARN_URL_MAX];
	size_t			n = strlen(url);

	out[0] = '\0';
	if (!url_ok(url, n)) {
		url = "/";
		n = 1;
	}
	put64(raw, (uint64_t)made);
	put64(raw + AT_STAMP, stamp);
	if (!sign(raw + AT_MAC, key, b, raw, url))
		return;
	memcpy(raw + AT_URL, url, n);
	for (size_t i = 0; i < AT_URL + n; i++) {
		*out++ = digits[raw[i] >> 4];
		*out++ = digits[raw[i] & 15];
	}
	*out = '\0';
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
wad_warn_token_read(struct wad_warn_token *t, const char *text,
    const uint8_t key[WAD_WARN_KEY], const struct wad_warn_bind *b)
{
	uint8_t	raw[AT_URL + WAD_WARN_URL_MAX], mac[MAC];
	size_t	n = 0;

	for (; text[0] != '\0'; text += 2, n++) {
		int hi = digit(text[0]), lo = digit(text[1]);

		if (hi < 0 || lo < 0 || n == sizeof(raw))
			return -1;
		raw[n] = (uint8_t)(hi << 4 | lo);
	}
	if (n < AT_URL || !url_ok((const char *)raw + AT_URL, n - AT_URL))
		return -1;
	memcpy(t->url, raw + AT_URL, n - AT_URL);
	t->url[n - AT_URL] = '\0';
	t->made = (int64_t)get64(raw);
	t->stamp = get64(raw + AT_STAMP);
	return sign(mac, key, b, raw, t->url) &&
	    CRYPTO_memcmp(mac, raw + AT_MAC, MAC) == 0 ? 0 : -1;
}

bool
wad_warn_token_fresh(const struct wad_warn_token *t, int64_t now)
{
	/* signed, so these are times: no overflow */
	return t->made <= now && now - t->made <= WAD_WARN_AGE;
}
