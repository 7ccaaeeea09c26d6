/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's bytes on the explicit proxy's port, and on that of the metrics:
 * head, then body.  However they are cut, the verdict is one; and what the
 * origin would get is a head that is read as the same request when it comes in
 * again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "http/h1_req.h"

#define VIA "wad-fuzz"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
same(const struct wad_h1_req *a, const struct wad_h1_req *b)
{
	WAD_ASSERT(a->status == b->status);
	WAD_ASSERT(strcmp(a->error, b->error) == 0);
	if (a->status != 0)
		return;
	WAD_ASSERT(a->head_len == b->head_len && a->port == b->port);
	WAD_ASSERT(strcmp(a->host, b->host) == 0);
	WAD_ASSERT(a->chunked == b->chunked &&
	    a->has_length == b->has_length &&
	    a->content_length == b->content_length &&
	    a->has_via_us == b->has_via_us &&
	    a->is_connect == b->is_connect);
	WAD_ASSERT(a->head.len == b->head.len && (a->head.len == 0 ||
	    memcmp(a->head.s, b->head.s, a->head.len) == 0));
}

/* The head for the origin as a request to a proxy again: one request, the
 * same host and framing, and our name in it. */
static void
again(const struct wad_h1_req *r)
{
	struct wad_h1_req b = { 0 };
	struct wad_str	 s = { 0 };
	const char	*rest;
	bool		 v6 = strchr(r->host, ':') != NULL;

	if (r->is_connect)
		return;
	rest = strchr(r->head.s, ' ') + 1;
	WAD_ASSERT(strlen(r->head.s) == r->head.len);
	WAD_ASSERT(*rest == '/' || *rest == '*');
	wad_str_addf(&s, "%s http://%s%s%s:%u%s", r->method, v6 ? "[" : "",
	    r->host, v6 ? "]" : "", r->port, rest + (*rest == '*'));
	/* Ours may be the field too many, or the byte too many. */
	if (wad_h1_req_read(&b, s.s, s.len, VIA) == -1)
		WAD_ASSERT(b.status == 431 || b.status == 414);
	else {
		WAD_ASSERT(b.head_len == s.len && b.has_via_us);
		WAD_ASSERT(strcmp(b.host, r->host) == 0);
		WAD_ASSERT(b.port == r->port && b.chunked == r->chunked &&
		    b.has_length == r->has_length &&
		    b.content_length == r->content_length);
	}
	wad_h1_req_free(&b);
	wad_str_free(&s);
}

/* How much of the rest is body, fed in pieces of step; -1 malformed. */
static long
body(const struct wad_h1_req *r, const char *s, size_t len, size_t step,
    bool *done)
{
	struct wad_h1_body b;
	size_t		 at = 0;
	long		 n = 0;

	wad_h1_body_init(&b, r);
	while (at < len && !b.done) {
		size_t piece = len - at < step ? len - at : step;

		n = wad_h1_body_feed(&b, s + at, piece);
		if (n == -1)
			break;
		WAD_ASSERT((size_t)n <= piece);
		WAD_ASSERT((size_t)n == piece || b.done);
		at += (size_t)n;
	}
	*done = b.done;
	wad_h1_body_free(&b);
	return n == -1 ? -1 : (long)at;
}

static void
one(const uint8_t *data, size_t size, bool server)
{
	struct wad_h1_req a = { .server = server }, b = { .server = server };
	const char	*s = (const char *)data;
	size_t		 step = size > 0 ? data[size - 1] % 7 + 1 : 1;
	int		 whole, rc = 0;
	bool		 d1, d2;

	whole = wad_h1_req_read(&a, s, size, VIA);
	for (size_t n = step; rc == 0; n += step) {
		rc = wad_h1_req_read(&b, s, n < size ? n : size, VIA);
		if (n >= size)
			break;
	}
	WAD_ASSERT(rc == whole);
	same(&a, &b);
	if (whole == 1 && server)	/* what our own server looks at */
		WAD_ASSERT(a.path[0] == '/' && a.method[0] != '\0' &&
		    a.head.len == 0);
	else if (whole == 1) {
		s += a.head_len;
		size -= a.head_len;
		again(&a);
		WAD_ASSERT(body(&a, s, size, size + 1, &d1) ==
		    body(&a, s, size, step, &d2) && d1 == d2);
	}
	wad_h1_req_free(&a);
	wad_h1_req_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	one(data, size, false);
	one(data, size, true);
	return 0;
}
