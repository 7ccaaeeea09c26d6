/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an engine of HTTP/1.1 writes.  What goes out in one call is gathered, so
 * that a small message is one record of TLS; a response that is kept back waits
 * in the engine.
 */
#include "http/h1.h"

#include "base/xmem.h"

enum {
	GATHER_MAX = 16 * 1024,	/* written at once */
	GATHER_SMALL = 8 * 1024	/* larger pieces are not copied */
};

/* Of one call of one engine; empty between calls. */
static struct wad_str		gathered[2];
static const struct wad_h1	*gatherer;

/* Bytes that come from `dir` go to the other leg. */
static const struct wad_http_leg *
to(const struct wad_h1 *e, enum wad_http_dir dir)
{
	return &e->http.leg[!dir];
}

static void
write_now(struct wad_h1 *e, enum wad_http_dir dir, const void *p, size_t n)
{
	const struct wad_http_leg *leg = to(e, dir);

	if (n > 0 && leg->write != NULL && leg->write(leg->arg, p, n) == -1)
		e->failed = true;
}

/* A call of another engine inside of a call of this one would send bytes to a
 * stranger. */
struct wad_str *
wad_h1_out_gather(const struct wad_h1 *e, enum wad_http_dir dir)
{
	WAD_ASSERT(gatherer == e ||
	    (gathered[0].len == 0 && gathered[1].len == 0));
	gatherer = e;
	return &gathered[dir];
}

static void
flush(struct wad_h1 *e, enum wad_http_dir dir)
{
	struct wad_str *g = &gathered[dir];

	if (g->len == 0)
		return;
	WAD_ASSERT(gatherer == e);
	write_now(e, dir, g->s, g->len);
	g->len = 0;
}

static void
count_kept(struct wad_h1 *e)
{
	wad_http_mem_sub(&e->http, e->counted);
	e->counted = e->kept.cap;
	wad_http_mem_add(&e->http, e->counted);
}

void
wad_h1_out_flush(struct wad_h1 *e)
{
	flush(e, WAD_HTTP_UP);
	flush(e, WAD_HTTP_DOWN);
	if (e->counted != e->kept.cap)
		count_kept(e);
}

struct wad_str *
wad_h1_out_text(struct wad_h1 *e, enum wad_http_dir dir)
{
	return dir == WAD_HTTP_DOWN && e->keeping ? &e->kept :
	    wad_h1_out_gather(e, dir);
}

void
wad_h1_out_add(struct wad_h1 *e, enum wad_http_dir dir, const void *p,
    size_t n)
{
	if (dir == WAD_HTTP_DOWN && e->keeping) {
		wad_str_addn(&e->kept, p, n);
		return;
	}
	if (gathered[dir].len + n > GATHER_MAX)
		flush(e, dir);
	if (n > GATHER_SMALL && gathered[dir].len == 0)
		write_now(e, dir, p, n);
	else
		wad_str_addn(wad_h1_out_gather(e, dir), p, n);
}

void
wad_h1_out_release(struct wad_h1 *e, bool pass)
{
	if (!e->keeping)
		return;
	e->keeping = false;
	if (pass) {
		e->answered = true;
		wad_h1_out_add(e, WAD_HTTP_DOWN, e->kept.s, e->kept.len);
	}
	wad_str_free(&e->kept);
	count_kept(e);
}

bool
wad_h1_out_room(const struct wad_h1 *e, enum wad_http_dir dir)
{
	const struct wad_http_leg *leg = to(e, dir);

	return leg->room == NULL || leg->room(leg->arg) > gathered[dir].len;
}
