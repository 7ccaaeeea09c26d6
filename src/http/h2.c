/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine of HTTP/2, see h2.h.
 */
#include "http/h2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"

enum {
	QUEUE_MAX = 2000,	/* frames that wait for a peer to read */
	GATHER_MAX = 16384,	/* written at once: a record of TLS */
	READS = 4		/* of a leg, before what follows is written */
};

static uint8_t plain[16384];	/* one TLS record, RFC 8446 section 5.1 */

static struct wad_h2 *
of(struct wad_http *h)
{
	return (struct wad_h2 *)h;
}

static struct wad_h2_stream *
entry(struct wad_list *l)
{
	return WAD_LIST_ENTRY(l, struct wad_h2_stream, all);
}

/* ---- ends -------------------------------------------------------------- */

void
wad_h2_fail(struct wad_h2_side *s, enum wad_reason_id why, uint32_t code)
{
	struct wad_h2 *h2 = s->h2;

	if (h2->failed)
		return;
	h2->failed = true;
	h2->why = why;
	h2->blamed = s->leg;
	if (why != WR_N)		/* nothing more of it is read */
		nghttp2_session_terminate_session(s->ng, code);
}

void
wad_h2_goaway(struct wad_h2 *h2, uint32_t code)
{
	nghttp2_session *clt = h2->side[WAD_HTTP_UP].ng;

	if (h2->closing)
		return;
	h2->closing = h2->side[WAD_HTTP_UP].told = true;
	nghttp2_submit_goaway(clt, NGHTTP2_FLAG_NONE,
	    nghttp2_session_get_last_proc_stream_id(clt), code, NULL, 0);
}

static void
bury(struct wad_h2 *h2)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&h2->dead, l, tmp)
		wad_h2_stream_free(entry(l));
}

static void
end_all(struct wad_h2 *h2, enum wad_http_end end, uint32_t code)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&h2->streams, l, tmp)
		wad_h2_stream_end(entry(l), end, code);
}

/* ---- writing ----------------------------------------------------------- */

/* Of one call of out, empty between calls. */
static struct wad_str	gathered;

static int
flush(const struct wad_http_leg *l)
{
	size_t n = gathered.len;

	gathered.len = 0;
	return n > 0 ? l->write(l->arg, gathered.s, n) : 0;
}

/* Frames do not begin and end with records: those are full but for the
 * last. */
static int
emit(const struct wad_http_leg *l, const uint8_t *p, size_t n)
{
	while (n > 0) {
		size_t k = GATHER_MAX - gathered.len;

		if (k > n)
			k = n;
		wad_str_addn(&gathered, (const char *)p, k);
		p += k;
		n -= k;
		if (gathered.len == GATHER_MAX && flush(l) == -1)
			return -1;
	}
	return 0;
}

/* What nghttp2 has for that leg, as far as it takes it.  1: something went;
 * 0: nothing; -1: the leg failed. */
static int
out(struct wad_h2 *h2, enum wad_http_dir leg, bool all)
{
	const struct wad_http_leg	*l = &h2->http.leg[leg];
	const uint8_t			*p;
	ssize_t				 n;
	int				 moved = 0;

	while (!h2->http.ended[leg] && (all ||
	    l->room(l->arg) > gathered.len)) {
		n = nghttp2_session_mem_send(h2->side[leg].ng, &p);
		if (n < 0)
			wad_h2_fail(&h2->side[leg], n == NGHTTP2_ERR_FLOODED ?
			    WR_HTTP_FLOOD : WR_HTTP_PROTOCOL,
			    NGHTTP2_INTERNAL_ERROR);
		if (n <= 0)
			break;
		if (emit(l, p, (size_t)n) == -1)
			return -1;
		moved = 1;
	}
	return flush(l) == -1 ? -1 : moved;
}

/* The last frames: what was to come of bodies is not among them. */
static int
over(struct wad_h2 *h2)
{
	int rc = 0;

	if (h2->why == WR_HTTP_FLOOD)
		WAD_COUNT(HTTP_FLOODS);
	/* which one was malformed is known; the others were only near it */
	end_all(h2, h2->http.ended[WAD_HTTP_UP] || (h2->why != WR_N &&
	    h2->blamed == WAD_HTTP_UP) ? WAD_HTTP_CLT_GONE :
	    WAD_HTTP_SRV_GONE, NGHTTP2_CANCEL);
	for (int i = 0; i < 2; i++) {
		enum wad_http_dir leg = (enum wad_http_dir)i;

		/* the resets first: nghttp2 sends none after the last frame,
		 * which wad_h2_fail has asked for already where it was not
		 * WR_N */
		if (out(h2, leg, true) == -1)
			rc = -1;
		nghttp2_session_terminate_session(h2->side[leg].ng,
		    h2->why != WR_N && h2->blamed == WAD_HTTP_DOWN ?
		    NGHTTP2_INTERNAL_ERROR : NGHTTP2_NO_ERROR);
		if (out(h2, leg, true) == -1)
			rc = -1;
	}
	bury(h2);
	h2->http.state = WAD_HTTP_OVER;
	h2->http.why = h2->why;
	return rc;
}

/* Writes everything that may be written and does what follows.  1, 0 or -1,
 * as wad_http_move. */
static int
pump(struct wad_h2 *h2)
{
	int moved = 0, up, down;

	if (h2->pumping || h2->http.state != WAD_HTTP_RUNS)
		return 0;
	h2->pumping = true;
	do {
		up = out(h2, WAD_HTTP_UP, false);
		down = up == -1 ? -1 : out(h2, WAD_HTTP_DOWN, false);
		bury(h2);
		for (int i = 0; i < 2; i++)
			if (h2->side[i].broke)
				wad_h2_fail(&h2->side[i], WR_HTTP_PROTOCOL,
				    NGHTTP2_PROTOCOL_ERROR);
		moved |= up == 1 || down == 1;
	} while (!h2->failed && down != -1 && (up == 1 || down == 1));
	if (!h2->failed && (h2->closing || h2->left) &&
	    h2->n_streams == 0 &&
	    !nghttp2_session_want_write(h2->side[WAD_HTTP_UP].ng))
		wad_h2_fail(&h2->side[WAD_HTTP_UP], WR_N, NGHTTP2_NO_ERROR);
	if (down != -1 && h2->failed && over(h2) == -1)
		down = -1;
	h2->pumping = false;
	return down == -1 ? -1 : moved;
}

/* ---- the engine's functions -------------------------------------------- */

static bool
h2_wants(const struct wad_http *h, enum wad_http_dir leg)
{
	const struct wad_h2 *h2 = (const struct wad_h2 *)h;

	return h->state == WAD_HTTP_RUNS && !h->ended[leg] &&
	    !wad_http_mem_stops(h, leg) &&
	    nghttp2_session_get_outbound_queue_size(h2->side[leg].ng) <
	    QUEUE_MAX;
}

static void
receive(struct wad_h2 *h2, enum wad_http_dir leg, size_t len)
{
	struct wad_h2_side	*s = &h2->side[leg];
	ssize_t			 n = nghttp2_session_mem_recv(s->ng, plain,
	    len);

	h2->http.begun = h2->side[WAD_HTTP_UP].heading != 0;
	if (n >= 0)
		return;
	WAD_DBG(HTTP, WAD_W, "http2 from the %s: %s", leg == WAD_HTTP_UP ?
	    "client" : "server", nghttp2_strerror((int)n));
	if (n == NGHTTP2_ERR_FLOODED || n == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS)
		wad_h2_fail(s, WR_HTTP_FLOOD, NGHTTP2_ENHANCE_YOUR_CALM);
	else
		wad_h2_fail(s, n == NGHTTP2_ERR_NOMEM ? WR_MEMORY :
		    WR_HTTP_PROTOCOL, NGHTTP2_PROTOCOL_ERROR);
}

static int
h2_move(struct wad_http *h, enum wad_http_dir leg)
{
	struct wad_h2	*h2 = of(h);
	bool		 moved = false;
	long		 n = 1;
	int		 rc;

	for (int i = 0; i < READS && n > 0 && !h2->failed &&
	    h2_wants(h, leg); i++) {
		n = h->leg[leg].read(h->leg[leg].arg, plain, sizeof(plain));
		if (n == -1)
			return -1;
		if (n > 0) {
			h2->pumping = moved = true;
			receive(h2, leg, (size_t)n);
			h2->pumping = false;
		}
	}
	rc = pump(h2);
	return rc == -1 ? -1 : rc == 1 || moved;
}

/* The server is gone.  What it has sent is delivered; requests without an
 * answer see what they would see without us: the connection ends. */
static void
server_gone(struct wad_h2 *h2)
{
	struct wad_list *l, *tmp;

	wad_h2_goaway(h2, NGHTTP2_NO_ERROR);
	WAD_LIST_EACH(&h2->streams, l, tmp) {
		struct wad_h2_stream *st = entry(l);

		if (st->tx != NULL && !st->tx->ours && !st->final &&
		    st->id[WAD_HTTP_UP] != 0) {
			nghttp2_session_set_stream_user_data(
			    h2->side[WAD_HTTP_UP].ng, st->id[WAD_HTTP_UP],
			    NULL);
			st->id[WAD_HTTP_UP] = 0;
			st->end = WAD_HTTP_SRV_GONE;
			st->ended = true;
		}
		if (st->id[WAD_HTTP_DOWN] != 0) {
			nghttp2_session_set_stream_user_data(
			    h2->side[WAD_HTTP_DOWN].ng, st->id[WAD_HTTP_DOWN],
			    NULL);
			wad_h2_stream_closed(st, WAD_HTTP_DOWN,
			    NGHTTP2_NO_ERROR);
		} else if (st->id[WAD_HTTP_UP] == 0)
			wad_h2_stream_end(st, WAD_HTTP_SRV_GONE,
			    NGHTTP2_INTERNAL_ERROR);
	}
}

static void
h2_ended(struct wad_http *h, enum wad_http_dir leg, bool clean)
{
	struct wad_h2 *h2 = of(h);

	(void)clean;			/* END_STREAM tells what is whole */
	if (h->state != WAD_HTTP_RUNS)
		return;
	if (leg == WAD_HTTP_UP)
		wad_h2_fail(&h2->side[leg], WR_N, NGHTTP2_NO_ERROR);
	else
		server_gone(h2);
	(void)pump(h2);
}

static bool
h2_drained(const struct wad_http *h, enum wad_http_dir dir)
{
	const struct wad_h2 *h2 = (const struct wad_h2 *)h;

	return h->state == WAD_HTTP_OVER || h->ended[!dir] || (h->held == 0 &&
	    !nghttp2_session_want_write(h2->side[!dir].ng));
}

static void
h2_resume(struct wad_http *h, struct wad_http_tx *tx, enum wad_http_say say)
{
	wad_h2_stream_say(tx->own, say);
	(void)pump(of(h));
}

static void
h2_server(struct wad_http *h)
{
	(void)h;			/* a connection has one server */
}

static void
h2_stop(struct wad_http *h)
{
	if (h->state != WAD_HTTP_RUNS)
		return;
	wad_h2_goaway(of(h), NGHTTP2_NO_ERROR);
	(void)pump(of(h));
}

/* Between the frames of a head no other may come: the connection waits. */
static void
h2_late(struct wad_http *h)
{
	if (!h->begun)
		return;
	h->begun = false;
	end_all(of(h), WAD_HTTP_CLT_GONE, NGHTTP2_CANCEL);
	wad_h2_fail(&of(h)->side[WAD_HTTP_UP], WR_REQUEST_TIMEOUT,
	    NGHTTP2_ENHANCE_YOUR_CALM);
	(void)pump(of(h));
}

static void
h2_rest(struct wad_http *h, enum wad_http_dir dir, const uint8_t **p,
    size_t *len)
{
	(void)h;			/* tunnels are streams */
	(void)dir;
	*p = NULL;
	*len = 0;
}

static void
h2_free(struct wad_http *h)
{
	struct wad_h2	*h2 = of(h);
	struct wad_list	*l, *tmp;

	end_all(h2, h->ended[WAD_HTTP_UP] ? WAD_HTTP_CLT_GONE :
	    h->ended[WAD_HTTP_DOWN] ? WAD_HTTP_SRV_GONE : WAD_HTTP_STOPPED,
	    NGHTTP2_CANCEL);
	nghttp2_session_del(h2->side[WAD_HTTP_UP].ng);
	nghttp2_session_del(h2->side[WAD_HTTP_DOWN].ng);
	WAD_LIST_EACH(&h2->streams, l, tmp)
		wad_h2_stream_free(entry(l));
	bury(h2);
	free(h2);
}

static const struct wad_http_engine engine = {
	.name = "h2", .buffers = true, .move = h2_move, .wants = h2_wants,
	.ended = h2_ended, .drained = h2_drained, .resume = h2_resume,
	.server = h2_server, .stop = h2_stop, .late = h2_late,
	.rest = h2_rest, .free = h2_free,
};

struct wad_http *
wad_http_h2_new(const struct wad_http_leg leg[2],
    const struct wad_http_ops *ops, void *owner,
    const struct wad_http_limits *limits)
{
	struct wad_h2	*h2 = wad_xcalloc(1, sizeof(*h2));
	struct wad_http	*h = &h2->http;

	h->engine = &engine;
	memcpy(h->leg, leg, sizeof(h->leg));
	h->ops = ops;
	h->owner = owner;
	h->limits = *limits;
	h->state = WAD_HTTP_RUNS;
	h->why = WR_N;
	h2->why = WR_N;
	wad_list_init(&h->open);
	wad_list_init(&h2->streams);
	wad_list_init(&h2->dead);
	WAD_ASSERT(wad_h2_recv_init(h2) == 0);	/* out of memory */
	WAD_COUNT(H2_SESSIONS);
	return h;
}
