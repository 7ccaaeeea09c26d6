/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine for HTTP/1.1 between a client and a server that say anything.
 * The input is cut at its first "\0\0": requests, then responses.  However the
 * bytes are cut, both ends get the same; what goes to the server is one
 * request for each that the owner saw, and is read again as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "http/h1_head.h"
#include "http/h1_write.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct end {
	const uint8_t	*says;
	size_t		 left, step;
	struct wad_str	 got;
};

struct world {
	struct end	 end[2];
	unsigned	 requests, dones, refused;
	struct wad_str	 heads;		/* as they should reach the server */
};

static long
leg_read(void *arg, void *buf, size_t size)
{
	struct end *e = arg;
	size_t n = e->left < e->step ? e->left : e->step;

	n = n < size ? n : size;
	if (n > 0)
		memcpy(buf, e->says, n);
	e->says += n;
	e->left -= n;
	return (long)n;
}

static int
leg_write(void *arg, const void *p, size_t n)
{
	struct end *e = arg;

	wad_str_addn(&e->got, p, n);
	return 0;
}

static size_t
leg_room(void *arg)
{
	(void)arg;
	return 65536;
}

static enum wad_http_say
on_request(void *o, struct wad_http_tx *tx)
{
	struct world *w = o;
	const struct wad_http_head *r = &tx->req;

	w->requests++;
	WAD_ASSERT(r->host[0] != '\0' || r->minor == 0);
	WAD_ASSERT(!(r->chunked && r->has_length));
	WAD_ASSERT(r->path == 0 || wad_http_text(r, r->path)[0] == '/' ||
	    strcmp(wad_http_text(r, r->path), "*") == 0);
	tx->watch[0] = tx->watch[1] = w->requests % 2;
	return WAD_HTTP_PASS;
}

static enum wad_http_say
on_response(void *o, struct wad_http_tx *tx)
{
	(void)o;
	WAD_ASSERT(tx->res.status >= 100 && tx->res.status <= 999);
	WAD_ASSERT(!(tx->res.chunked && tx->res.has_length));
	return WAD_HTTP_PASS;
}

static enum wad_http_say
on_body(void *o, struct wad_http_tx *tx, enum wad_http_dir dir,
    const void *p, size_t n)
{
	(void)o;
	(void)tx;
	(void)dir;
	WAD_ASSERT(n == 0 || p != NULL);
	return WAD_HTTP_PASS;
}

static void
on_refuse(void *o, struct wad_http_tx *tx, unsigned status,
    enum wad_reason_id why)
{
	struct world *w = o;

	(void)why;
	WAD_ASSERT(status >= 400 && status < 600);
	w->refused++;
	wad_http_head_reset(&tx->res);
	tx->res.status = status;
}

static void
on_done(void *o, struct wad_http_tx *tx)
{
	struct world *w = o;

	(void)tx;
	w->dones++;
}

static const struct wad_http_ops ops = { on_request, on_response, on_body,
	on_refuse, on_done };
static const struct wad_http_limits base = { .line_max = 1024,
	.head_max = 4096, .fields_max = 20, .port = 80, .host = "192.0.2.1" };

/* A path without a host is asked of the proxy itself. */
static void
serve(struct wad_http *h, const struct wad_http_leg *leg)
{
	const struct wad_http_head *req = &h->current->req;

	if (req->path != 0 && !req->absolute)
		wad_http_fail(h, 400, WR_REQUEST_BAD, "");
	else if (wad_http_ask(h) == 1)
		wad_http_server(h, leg);
}

/* Requests first, answers when the client has no more to say now. */
static enum wad_http_state
play(struct world *w, const struct wad_http_limits *l, const uint8_t *up,
    size_t ulen, const uint8_t *down, size_t dlen, size_t step)
{
	struct wad_http_leg	 leg[2] = {
		{ &w->end[0], leg_read, leg_write, leg_room },
		{ &w->end[1], leg_read, leg_write, leg_room } };
	struct wad_http		*h;
	enum wad_http_state	 state;
	int			 a, b;

	memset(w, 0, sizeof(*w));
	w->end[0] = (struct end){ .says = up, .left = ulen, .step = step };
	w->end[1] = (struct end){ .says = down, .left = 0, .step = step };
	h = wad_http_h1_new(leg, &ops, w, l);
	do {
		do
			a = wad_http_move(h, WAD_HTTP_UP);
		while (a > 0);
		if (h->state == WAD_HTTP_WANTS_SERVER)
			serve(h, &leg[1]);
		if (w->end[1].left == 0 && dlen > 0 && w->requests > 0) {
			w->end[1].left = dlen;
			dlen = 0;
		}
		b = wad_http_move(h, WAD_HTTP_DOWN);
	} while (a > 0 || b > 0);
	wad_http_ended(h, WAD_HTTP_DOWN, true);
	wad_http_ended(h, WAD_HTTP_UP, true);
	state = h->state;
	wad_http_free(h);
	WAD_ASSERT(w->dones >= w->requests);
	return state;
}

/* The first head that went to the server is read again as a request. */
static void
again(const struct world *w, const struct wad_http_limits *l)
{
	struct wad_h1_head	s;
	struct wad_http_head	h = { 0 };
	struct wad_http_limits	wide = *l;
	struct wad_str		b = { 0 };

	if (w->end[1].got.len == 0)
		return;
	wide.line_max = wide.head_max = 65536;
	wide.fields_max = 100;
	wide.proxy = false;
	wad_h1_head_begin(&s, WAD_H1_REQUEST, &wide);
	WAD_ASSERT(wad_h1_head_scan(&s, w->end[1].got.s,
	    w->end[1].got.len) == 1);
	WAD_ASSERT(wad_h1_head_parse(&s, w->end[1].got.s, &h) == 0);
	wad_h1_write_request(&b, &h, h.absolute);
	WAD_ASSERT(b.len == s.seen &&
	    memcmp(b.s, w->end[1].got.s, b.len) == 0);
	wad_str_free(&b);
	wad_http_head_free(&h);
}

static bool
same(const struct wad_str *a, const struct wad_str *b)
{
	return a->len == b->len && (a->len == 0 ||
	    memcmp(a->s, b->s, a->len) == 0);
}

static void
one(const struct wad_http_limits *l, const uint8_t *up, size_t ulen,
    const uint8_t *down, size_t dlen)
{
	struct world a, b;

	play(&a, l, up, ulen, down, dlen, 65536);
	play(&b, l, up, ulen, down, dlen, 1);
	WAD_ASSERT(a.requests == 0 || same(&a.end[1].got, &b.end[1].got) ||
	    a.refused > 0 || b.refused > 0 || dlen > 0);
	if (dlen == 0)
		WAD_ASSERT(a.requests == b.requests &&
		    a.refused == b.refused);
	again(&a, l);
	again(&b, l);
	for (int i = 0; i < 2; i++) {
		wad_str_free(&a.end[i].got);
		wad_str_free(&b.end[i].got);
	}
	WAD_ASSERT(wad_mem.held == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wad_http_limits	 l = base;
	const uint8_t		*cut = data;
	size_t			 n = 0;

	while (n + 1 < size && (data[n] != 0 || data[n + 1] != 0))
		n++;
	if (n + 1 >= size)
		n = size;
	cut = data + (n + 2 <= size ? n + 2 : size);
	size -= (size_t)(cut - data);
	one(&l, data, n, cut, size);
	l.proxy = true;
	one(&l, data, n, cut, size);
	return 0;
}
