/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 from both sides at once.  The input is pieces: a byte whose lowest
 * bit is the leg and whose other bits choose what the owner says next and what
 * happens to the legs, a byte of length, and bytes of that leg.  The greetings
 * are there already, so that the bytes are frames.  Whatever comes: no
 * exchange is lost, nothing is held for nobody, and what is held is bounded.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xmem.h"
#include "http/http.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct fuzz {
	struct wad_http	*h;
	struct wad_buf	 in[2];
	uint8_t		 say;
	unsigned	 done;
	struct wad_http_tx *held;
	size_t		 room;
};

struct end { struct fuzz *f; int leg; };

static long
on_read(void *arg, void *buf, size_t size)
{
	struct end *e = arg;

	return (long)wad_buf_take(&e->f->in[e->leg], buf, size);
}

static int
on_write(void *arg, const void *p, size_t n)
{
	(void)arg;
	WAD_ASSERT(p != NULL && n > 0);
	return 0;
}

static size_t
on_room(void *arg)
{
	return ((struct end *)arg)->f->room;
}

static void
page(struct wad_http_tx *tx, unsigned status)
{
	wad_http_head_reset(&tx->res);
	tx->res.status = status;
	wad_http_head_put(&tx->res, "content-type", "text/plain");
	wad_str_add(&tx->body, "no");
}

static enum wad_http_say
on_request(void *owner, struct wad_http_tx *tx)
{
	struct fuzz *f = owner;

	WAD_ASSERT(tx->req.host[0] != '\0' && tx->req.method[0] != '\0');
	WAD_ASSERT(tx->req.path != 0 && tx->req.n <= 20);
	tx->watch[0] = tx->watch[1] = f->say & 8;
	switch (f->say & 7) {
	case 0:
		page(tx, 403);
		return WAD_HTTP_ANSWER;
	case 1:
		if (f->held != NULL)
			return WAD_HTTP_CUT;
		f->held = tx;
		return WAD_HTTP_HOLD;
	case 2:
		return WAD_HTTP_CUT;
	default:
		return WAD_HTTP_PASS;
	}
}

static enum wad_http_say
on_response(void *owner, struct wad_http_tx *tx)
{
	struct fuzz *f = owner;

	WAD_ASSERT(tx->res.status >= 100 && tx->res.status <= 999);
	if (tx->res.status < 200)
		return WAD_HTTP_PASS;
	if ((f->say & 7) == 3)
		return WAD_HTTP_CUT;
	if ((f->say & 7) == 4) {
		page(tx, 403);
		return WAD_HTTP_ANSWER;
	}
	return tx->watch[WAD_HTTP_DOWN] && (f->say & 16) ? WAD_HTTP_HOLD :
	    WAD_HTTP_PASS;
}

static enum wad_http_say
on_body(void *owner, struct wad_http_tx *tx, enum wad_http_dir dir,
    const void *p, size_t n)
{
	struct fuzz *f = owner;

	(void)p;
	if ((f->say & 7) == 5)
		return WAD_HTTP_CUT;
	if (dir == WAD_HTTP_DOWN && (f->say & 16) && n > 0 && n < 100)
		return WAD_HTTP_HOLD;
	if (dir == WAD_HTTP_DOWN && (f->say & 7) == 6) {
		page(tx, 403);
		return WAD_HTTP_ANSWER;
	}
	return WAD_HTTP_PASS;
}

static void
on_refuse(void *owner, struct wad_http_tx *tx, unsigned status,
    enum wad_reason_id why)
{
	(void)owner;
	WAD_ASSERT(why < WR_N && tx->error[0] != '\0');
	page(tx, status);
}

static void
on_done(void *owner, struct wad_http_tx *tx)
{
	struct fuzz *f = owner;

	f->done++;
	if (f->held == tx)
		f->held = NULL;
}

static const struct wad_http_ops ops = {
	.request = on_request, .response = on_response, .body = on_body,
	.refuse = on_refuse, .done = on_done,
};

/* Memory is tight, and whoever holds some has more than a share of it. */
static void
marks(bool tight)
{
	wad_mem_limit(tight ? wad_mem.held / 2 * 3 : (size_t)1 << 40);
	wad_mem.share = 0;
}

/* What it holds counts among all. */
static void
turn(struct fuzz *f)
{
	while (wad_http_move(f->h, WAD_HTTP_UP) == 1)
		;
	while (wad_http_move(f->h, WAD_HTTP_DOWN) == 1)
		;
	WAD_ASSERT(f->h->held <= 20 * 2 * 256 * 1024);
	WAD_ASSERT(wad_mem.held == wad_http_size(f->h) + f->in[0].cap +
	    f->in[1].cap);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	    "\0\0\0\4\0\0\0\0";		/* and the end's zero */
	struct fuzz		 f = { .room = 65536 };
	struct end		 ends[2] = { { &f, 0 }, { &f, 1 } };
	struct wad_http_leg	 legs[2] = {
		{ &ends[0], on_read, on_write, on_room },
		{ &ends[1], on_read, on_write, on_room } };
	struct wad_http_limits	 l = { .line_max = 200, .head_max = 4096,
		.fields_max = 20, .streams_max = 20, .window_clt = 131072,
		.window_srv = 131072, .https = true, .port = 443,
		.host = "a" };
	unsigned		 requests;

	f.h = wad_http_h2_new(legs, &ops, &f, &l);
	wad_buf_add(&f.in[0], hello, sizeof(hello));
	wad_buf_add(&f.in[1], hello + 24, sizeof(hello) - 24);
	turn(&f);
	for (size_t at = 0; at + 2 <= size; ) {
		int	leg = data[at] & 1;
		size_t	n = data[at + 1];

		f.say = data[at] >> 1;
		f.room = data[at] & 64 ? 0 : 65536;
		marks(data[at] & 128);
		at += 2;
		if (n > size - at)
			n = size - at;
		if (n > 0)
			wad_buf_add(&f.in[leg], data + at, n);
		at += n;
		turn(&f);
		if (f.held != NULL && n == 1) {
			if (f.say & 1)
				page(f.held, 403);
			struct wad_http_tx *tx = f.held;

			f.held = NULL;
			wad_http_resume(f.h, tx, f.say & 1 ? WAD_HTTP_ANSWER :
			    WAD_HTTP_PASS);
		}
		if (n == 2 && (f.say & 96) == 96)
			wad_http_stop(f.h);
		if (n == 3 && (f.say & 96) == 96)
			wad_http_ended(f.h, (enum wad_http_dir)leg, true);
	}
	turn(&f);
	requests = (unsigned)f.h->requests;
	wad_http_free(f.h);
	WAD_ASSERT(f.done == requests);
	wad_buf_free(&f.in[0]);
	wad_buf_free(&f.in[1]);
	WAD_ASSERT(wad_mem.held == 0);
	return 0;
}
