/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine of HTTP/1.1: who may read when, what is kept until it can be used,
 * and what follows when a side ends or the owner says something.
 *
 * Bytes are read 16 KiB at a time and used at once; only what cannot be used
 * yet (half a head, a request too early) is kept.
 */
#include "http/h1.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

enum { EARLY_MAX = 16 * 1024 };	/* pipelined bytes that may wait here */

static uint8_t	piece[WAD_H1_PIECE];	/* in use by one call only */

static void	settle(struct wad_h1 *, enum wad_http_dir);

static struct wad_h1 *
of(struct wad_http *hp)
{
	return (struct wad_h1 *)hp;
}

static const struct wad_h1 *
see(const struct wad_http *hp)
{
	return (const struct wad_h1 *)hp;
}

/* Uses what was kept. */
static void
run(struct wad_h1 *e, enum wad_http_dir dir)
{
	struct wad_h1_side *s = &e->side[dir];
	size_t used;

	if (s->in.len == 0 || s->starved || e->http.state != WAD_HTTP_RUNS)
		return;
	used = wad_h1_tx_use(e, dir, wad_buf_bytes(&s->in), s->in.len);
	if (s->in.len > 0)		/* not over */
		wad_buf_drain(&s->in, used);
	settle(e, dir);
}

static bool
waits(const struct wad_h1_side *s)
{
	return s->step == WAD_H1_WAIT || s->step == WAD_H1_DONE;
}

static bool
wants(const struct wad_http *hp, enum wad_http_dir dir)
{
	const struct wad_h1		*e = see(hp);
	const struct wad_h1_side	*s = &e->side[dir];

	if (hp->state != WAD_HTTP_RUNS || hp->ended[dir])
		return false;
	if (waits(s))			/* only to see that it ends */
		return s->in.len < EARLY_MAX;
	return wad_h1_out_room(e, dir) &&
	    (s->step != WAD_H1_AT_HEAD || wad_h1_out_room(e, !dir));
}

/* Reads: behind what is kept, or into the common piece.  How many bytes there
 * are to use at *p; 0 none came, -1 failed. */
static long
fill(struct wad_h1 *e, enum wad_http_dir dir, const uint8_t **p)
{
	const struct wad_http_leg	*leg = &e->http.leg[dir];
	struct wad_h1_side			*s = &e->side[dir];
	long				 n;

	if (leg->read == NULL)
		return 0;
	if (s->in.len == 0) {
		*p = piece;
		return leg->read(leg->arg, piece, sizeof(piece));
	}
	n = leg->read(leg->arg, wad_buf_room(&s->in, WAD_H1_PIECE),
	    WAD_H1_PIECE);
	if (n <= 0)
		return n;
	wad_buf_added(&s->in, (size_t)n);
	s->starved = false;
	*p = wad_buf_bytes(&s->in);
	return (long)s->in.len;
}

static int
move(struct wad_http *hp, enum wad_http_dir dir)
{
	struct wad_h1	*e = of(hp);
	struct wad_h1_side	*s = &e->side[dir];
	const uint8_t	*p = piece;
	long		 n;

	if (s->in.len > 0 && !s->starved && !waits(s) &&
	    wad_h1_out_room(e, dir)) {
		size_t before = s->in.len;

		run(e, dir);
		wad_h1_out_flush(e);
		if (e->failed)
			return -1;
		if (hp->state != WAD_HTTP_RUNS || s->in.len < before)
			return 1;
	}
	if (!wants(hp, dir))
		return 0;
	n = fill(e, dir, &p);
	if (n <= 0)
		return (int)n;
	if (p == piece) {
		size_t used = wad_h1_tx_use(e, dir, piece, (size_t)n);

		if (hp->state != WAD_HTTP_OVER)
			wad_buf_add(&s->in, piece + used, (size_t)n - used);
	} else
		run(e, dir);
	if (dir == WAD_HTTP_DOWN)	/* a request that waited */
		run(e, WAD_HTTP_UP);
	wad_h1_out_flush(e);
	return e->failed ? -1 : 1;
}

/* ---- what comes from outside ------------------------------------------ */

static void
client_ended(struct wad_h1 *e)
{
	struct wad_h1_side *s = &e->side[WAD_HTTP_UP];

	if (s->step == WAD_H1_AT_BODY || s->step == WAD_H1_AT_TRAILERS)
		wad_h1_tx_end(e, WAD_HTTP_CLT_GONE, WR_CLT_CLOSED);
	else if (s->step == WAD_H1_AT_HEAD && e->http.limits.sniff &&
	    s->in.len > 0 && wad_h1_head_sniff(
	    (const char *)wad_buf_bytes(&s->in), s->in.len, true) != 1)
		e->http.state = WAD_HTTP_TUNNELS;	/* all it had to say */
	else if (s->step == WAD_H1_AT_HEAD)
		wad_h1_tx_over(e, WR_N);
	/* else it waits for an answer */
}

/* RFC 9112 section 9.3.1: a connection that was used before may go just when
 * the next request is on its way. */
static bool
may_retry(const struct wad_h1 *e, const struct wad_http_tx *tx)
{
	static const char *const idempotent[] = { "GET", "HEAD", "OPTIONS",
		"PUT", "DELETE" };

	if (!e->http.limits.proxy || e->retried || e->http.served == 0 ||
	    e->side[WAD_HTTP_DOWN].in.len > 0 || e->informational > 0 ||
	    tx->req.chunked || tx->req.length > 0)
		return false;
	for (size_t i = 0; i < sizeof(idempotent) / sizeof(idempotent[0]); i++)
		if (strcmp(tx->req.method, idempotent[i]) == 0)
			return true;
	return false;
}

static void
server_ended(struct wad_h1 *e)
{
	struct wad_h1_side		*s = &e->side[WAD_HTTP_DOWN];
	struct wad_http_tx	*tx = e->http.current;

	if (tx == NULL && e->http.limits.proxy)
		return;			/* the next one gets another */
	if (tx == NULL) {
		wad_h1_tx_over(e, WR_N);
		return;
	}
	if (s->step == WAD_H1_WAIT)
		return;			/* held: the owner may still answer */
	if (s->step == WAD_H1_AT_HEAD && may_retry(e, tx)) {
		e->retried = true;
		e->side[WAD_HTTP_UP].step = WAD_H1_WAIT;
		e->http.state = WAD_HTTP_WANTS_SERVER;
		return;
	}
	if (s->step == WAD_H1_AT_BODY &&
	    s->body.framing == WAD_H1_UNTIL_CLOSE && !e->cut[WAD_HTTP_DOWN]) {
		wad_h1_tx_done(e, WAD_HTTP_DOWN);
		return;
	}
	if (e->keeping || (s->step == WAD_H1_AT_HEAD && e->http.limits.proxy &&
	    !e->answered)) {
		wad_h1_tx_refuse(e, 502, WR_SRV_CLOSED, "the server ended the "
		    "connection before its answer was complete");
		return;
	}
	wad_h1_tx_end(e, s->step == WAD_H1_DONE ? WAD_HTTP_DONE :
	    WAD_HTTP_SRV_GONE, WR_SRV_CLOSED);
}

/* What follows from an end, once all that came before it is used. */
static void
settle(struct wad_h1 *e, enum wad_http_dir dir)
{
	const struct wad_h1_side *s = &e->side[dir];

	if (e->http.state != WAD_HTTP_RUNS || !e->http.ended[dir] ||
	    (s->in.len > 0 && !s->starved && !waits(s)))
		return;
	if (dir == WAD_HTTP_UP)
		client_ended(e);
	else
		server_ended(e);
}

static void
ended(struct wad_http *hp, enum wad_http_dir dir, bool clean)
{
	struct wad_h1 *e = of(hp);

	e->cut[dir] = !clean;
	settle(e, dir);
	wad_h1_out_flush(e);
}

static bool
drained(const struct wad_http *hp, enum wad_http_dir dir)
{
	const struct wad_h1_side *s = &see(hp)->side[dir];

	if (hp->state != WAD_HTTP_RUNS)
		return true;
	if (hp->limits.proxy)		/* two connections, each its own */
		return false;
	return s->in.len == 0 &&
	    (dir == WAD_HTTP_DOWN || s->step != WAD_H1_WAIT);
}

static void
resume(struct wad_http *hp, struct wad_http_tx *tx, enum wad_http_say say)
{
	struct wad_h1 *e = of(hp);

	bool wanted = hp->state == WAD_HTTP_WANTS_SERVER;

	if (wanted && say == WAD_HTTP_PASS)
		return;			/* ask will say so */
	if (wanted)
		hp->state = WAD_HTTP_RUNS;
	if (hp->state != WAD_HTTP_RUNS)
		return;
	wad_h1_tx_say(e, tx, say);
	/* The owner looks for the server of this request.  The next one may
	 * want another: it is read when the owner has seen that this one is
	 * over. */
	if (!wanted)
		run(e, WAD_HTTP_UP);
	wad_h1_out_flush(e);
}

static void
server(struct wad_http *hp)
{
	struct wad_h1 *e = of(hp);

	if (hp->served == 0)		/* what an old one said is for nobody */
		wad_buf_free(&e->side[WAD_HTTP_DOWN].in);
	if (hp->current != NULL)
		wad_h1_tx_forward(e, hp->current);
	run(e, WAD_HTTP_UP);
	settle(e, WAD_HTTP_UP);		/* it may have ended meanwhile */
	wad_h1_out_flush(e);
}

static int
ask(struct wad_http *hp)
{
	struct wad_h1		*e = of(hp);
	struct wad_http_tx	*tx = hp->current;
	enum wad_http_say	 say = WAD_HTTP_PASS;

	if (tx->held)
		return 0;
	if (!e->asked) {
		e->asked = true;
		say = wad_http_say_request(tx);
	}
	if (say == WAD_HTTP_PASS)
		return 1;
	tx->held = say == WAD_HTTP_HOLD;
	if (tx->held)
		return 0;
	hp->state = WAD_HTTP_RUNS;
	wad_h1_tx_say(e, tx, say);
	run(e, WAD_HTTP_UP);
	wad_h1_out_flush(e);
	return -1;
}

static void
fail(struct wad_http *hp, unsigned status, enum wad_reason_id why,
    const char *text)
{
	struct wad_h1 *e = of(hp);

	hp->state = WAD_HTTP_RUNS;
	wad_h1_tx_refuse(e, status, why, text);
	wad_h1_out_flush(e);
}

static void
stop(struct wad_http *hp)
{
	struct wad_h1 *e = of(hp);

	e->stopping = true;
	if (hp->current == NULL && hp->state == WAD_HTTP_RUNS)
		wad_h1_tx_over(e, WR_N);
}

static void
late(struct wad_http *hp)
{
	struct wad_h1 *e = of(hp);

	if (!hp->begun)
		return;
	hp->begun = false;
	hp->current = wad_http_tx_new(hp);
	wad_h1_tx_refuse(e, 408, WR_REQUEST_TIMEOUT, "");
	wad_h1_out_flush(e);
}

static void
rest(struct wad_http *hp, enum wad_http_dir dir, const uint8_t **p,
    size_t *len)
{
	const struct wad_h1_side *s = &of(hp)->side[dir];

	*len = s->in.len;
	*p = s->in.len > 0 ? wad_buf_bytes(&s->in) : NULL;
}

static void
h1_free(struct wad_http *hp)
{
	struct wad_h1		*e = of(hp);
	struct wad_http_tx	*tx = hp->current;

	if (tx != NULL)
		wad_http_tx_done(tx, tx->tunnel ? WAD_HTTP_DONE :
		    hp->ended[WAD_HTTP_DOWN] ? WAD_HTTP_SRV_GONE :
		    WAD_HTTP_CLT_GONE);
	for (int i = 0; i < 2; i++)
		wad_buf_free(&e->side[i].in);
	wad_h1_out_release(e, false);
	free(e);
}

static size_t
h1_size(const struct wad_http *hp)
{
	return see(hp)->side[0].in.cap + see(hp)->side[1].in.cap;
}

static const struct wad_http_engine engine = {
	.name = "h1", .move = move, .wants = wants, .ended = ended,
	.drained = drained, .resume = resume, .server = server, .stop = stop,
	.late = late, .ask = ask, .fail = fail, .rest = rest, .size = h1_size,
	.free = h1_free,
};

struct wad_http *
wad_http_h1_new(const struct wad_http_leg leg[2],
    const struct wad_http_ops *ops, void *owner,
    const struct wad_http_limits *limits)
{
	struct wad_h1 *e = wad_xcalloc(1, sizeof(*e));

	e->http.engine = &engine;
	e->http.leg[0] = leg[0];
	e->http.leg[1] = leg[1];
	e->http.ops = ops;
	e->http.owner = owner;
	e->http.limits = *limits;
	e->http.why = WR_N;
	wad_list_init(&e->http.open);
	wad_h1_tx_next(e);
	return &e->http;
}
