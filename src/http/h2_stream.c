/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of a stream of HTTP/2.  Of a body no more is held than the window
 * that its sender was given; the window is given back when the bytes went on.
 * So a reader that is slow stops its own sender and nobody else.
 */
#include "http/h2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"

enum {
	FIRST_WINDOW = 65535,		/* RFC 9113 section 6.9.2 */
	BODY = NGHTTP2_DATA_FLAG_EOF,
	INTERIMS_MAX = 8,		/* of one exchange, as in h1.c */
	LOST_MAX = 32768,		/* of a request that we answered */
};

static nghttp2_session *
session(const struct wad_h2_stream *st, enum wad_http_dir leg)
{
	return st->h2->side[leg].ng;
}

enum { FREE_MAX = 256 };
static struct wad_h2_stream	*free_list[FREE_MAX];
static unsigned			 n_free;

struct wad_h2_stream *
wad_h2_stream_new(struct wad_h2 *h2, int32_t id)
{
	struct wad_h2_stream *st;

	if (n_free > 0) {
		st = free_list[--n_free];
		memset(st, 0, sizeof(*st));
	} else
		st = wad_xcalloc(1, sizeof(*st));
	st->h2 = h2;
	st->id[WAD_HTTP_UP] = id;
	st->tx = wad_http_tx_new(&h2->http);
	st->tx->stream = id;
	st->tx->own = st;
	for (int d = 0; d < 2; d++) {
		uint32_t most = d == WAD_HTTP_UP ? h2->http.limits.window_clt :
		    h2->http.limits.window_srv;

		st->window[d] = most < FIRST_WINDOW ? most : FIRST_WINDOW;
	}
	wad_list_append(&h2->streams, &st->all);
	h2->n_streams++;
	return st;
}

static void
add_body(struct wad_h2_stream *st, enum wad_http_dir dir, const void *data,
    size_t n)
{
	size_t before = st->body[dir].cap;

	wad_buf_add(&st->body[dir], data, n);
	st->h2->http.held += n;
	st->h2->http.mem_bodies[dir] += st->body[dir].cap - before;
}

static size_t
take_body(struct wad_h2_stream *st, enum wad_http_dir dir, void *dst,
    size_t n)
{
	size_t before = st->body[dir].cap;

	n = wad_buf_take(&st->body[dir], dst, n);
	st->h2->http.held -= n;
	st->h2->http.mem_bodies[dir] -= before - st->body[dir].cap;
	return n;
}

static void
drop_body(struct wad_h2_stream *st, enum wad_http_dir dir)
{
	st->h2->http.held -= st->body[dir].len;
	st->h2->http.mem_bodies[dir] -= st->body[dir].cap;
	wad_buf_free(&st->body[dir]);
}

/* All that waits for a reader. */
static void
drop(struct wad_h2_stream *st)
{
	for (int d = 0; d < 2; d++) {
		drop_body(st, (enum wad_http_dir)d);
		if (st->trailer[d] != NULL)
			wad_http_head_free(st->trailer[d]);
		free(st->trailer[d]);
		st->trailer[d] = NULL;
	}
}

void
wad_h2_stream_free(struct wad_h2_stream *st)
{
	drop(st);
	wad_list_remove(&st->all);
	if (n_free < FREE_MAX)
		free_list[n_free++] = st;
	else
		free(st);
}

/* Nothing refers to it any more, but for the callback that we are in. */
static void
retire(struct wad_h2_stream *st)
{
	struct wad_h2 *h2 = st->h2;

	for (int d = 0; d < 2; d++)
		h2->side[d].granted -= st->granted[d];
	h2->n_streams--;
	wad_list_remove(&st->all);
	wad_list_append(&h2->dead, &st->all);
}

static void
reset(struct wad_h2_stream *st, enum wad_http_dir leg, uint32_t code)
{
	if (st->id[leg] == 0 || st->rst[leg])
		return;
	st->rst[leg] = true;
	nghttp2_submit_rst_stream(session(st, leg), NGHTTP2_FLAG_NONE,
	    st->id[leg], code);
}

void
wad_h2_stream_end(struct wad_h2_stream *st, enum wad_http_end end,
    uint32_t code)
{
	struct wad_http_tx *tx = st->tx;

	if (tx == NULL)
		return;
	st->tx = NULL;
	reset(st, WAD_HTTP_UP, code);
	reset(st, WAD_HTTP_DOWN, code);
	drop(st);
	wad_http_tx_done(tx, st->ended ? st->end : end);
	if (st->id[WAD_HTTP_UP] == 0 && st->id[WAD_HTTP_DOWN] == 0)
		retire(st);
}

static void answer(struct wad_h2_stream *);
static void forward_response(struct wad_h2_stream *);

/* ---- bodies ------------------------------------------------------------ */

static void
widen(struct wad_h2_stream *st, enum wad_http_dir dir, uint32_t more)
{
	struct wad_h2_side *s = &st->h2->side[dir];

	if (st->id[dir] == 0 || nghttp2_session_set_local_window_size(s->ng,
	    NGHTTP2_FLAG_NONE, st->id[dir],
	    (int32_t)(st->window[dir] + more)) != 0)
		return;
	s->granted += more;
	st->granted[dir] += more;
	st->window[dir] += more;
}

/* All that came has gone on: its sender is told by eighths of the window.
 * nghttp2 itself does so by halves, and a sender far away that just missed one
 * has half a window. */
static void
give_early(nghttp2_session *ng, int32_t id, uint32_t window)
{
	int32_t n = nghttp2_session_get_stream_effective_recv_data_length(ng,
	    id);

	if (n > 0 && (uint32_t)n >= window / 8)
		nghttp2_submit_window_update(ng, NGHTTP2_FLAG_NONE, id, n);
}

/* n bytes went on: their sender may send as many.  One whose reader took two
 * windows (the first is there before it has read anything) and left nothing
 * gets a larger one; all of a leg together, as many as the connection has, and
 * while there is memory for it. */
static void
give_back(struct wad_h2_stream *st, enum wad_http_dir dir, size_t n)
{
	struct wad_h2_side	*s = &st->h2->side[dir];
	uint32_t		 now = st->window[dir], more;
	uint32_t		 most = dir == WAD_HTTP_UP ?
	    st->h2->http.limits.window_clt : st->h2->http.limits.window_srv;

	if (st->id[dir] == 0 || st->eof[dir])
		return;
	nghttp2_session_consume_stream(s->ng, st->id[dir], n);
	st->passed[dir] += (uint32_t)n;
	if (st->body[dir].len > 0)
		return;
	give_early(s->ng, st->id[dir], now);
	if (st->passed[dir] / 2 < now || now >= most || wad_mem_tight())
		return;
	st->passed[dir] = 0;
	more = most - now < now ? most - now : now;
	if (s->granted + more <= (uint64_t)most * WAD_H2_WINDOWS)
		widen(st, dir, more);
}

static void
send_trailer(struct wad_h2_stream *st, enum wad_http_dir dir)
{
	const nghttp2_nv	*nva;
	size_t			 n = wad_h2_head_fields(st->trailer[dir], NULL,
	    &nva);

	nghttp2_submit_trailer(session(st, !dir), st->id[!dir], nva, n);
}

/* nghttp2 wants DATA for that leg. */
static ssize_t
on_read(nghttp2_session *ng, int32_t id, uint8_t *buf, size_t size,
    uint32_t *flags, nghttp2_data_source *source, void *user)
{
	const struct wad_h2_side *to = user;
	struct wad_h2_stream	*st = source->ptr;
	enum wad_http_dir	 dir = !to->leg;
	size_t			 n;

	(void)ng;
	(void)id;
	if (st->tx == NULL || st->body[dir].len + st->eof[dir] == 0) {
		if (st->tx != NULL && st->cut[dir])
			reset(st, to->leg, st->code[dir]);
		st->asleep[dir] = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	n = take_body(st, dir, buf, size);
	st->tx->bytes[dir] += n;
	if (n > 0 && !(st->tx->ours && dir == WAD_HTTP_DOWN))
		give_back(st, dir, n);
	if (st->body[dir].len > 0 || !st->eof[dir])
		return (ssize_t)n;
	*flags |= BODY;
	if (st->trailer[dir] != NULL) {
		*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
		send_trailer(st, dir);
	}
	return (ssize_t)n;
}

static void
wake(struct wad_h2_stream *st, enum wad_http_dir dir)
{
	if (!st->asleep[dir] || st->id[!dir] == 0)
		return;
	st->asleep[dir] = false;
	nghttp2_session_resume_data(session(st, !dir), st->id[!dir]);
}

/* What comes from there goes nowhere: the owner answered, or its reader has
 * ended the stream. */
static bool
is_lost(const struct wad_h2_stream *st, enum wad_http_dir dir)
{
	if (st->tx == NULL || st->tx->ours)
		return true;
	return dir == WAD_HTTP_UP && st->tx->sent &&
	    st->id[WAD_HTTP_DOWN] == 0;
}

/* The owner looks at a piece of a body; len 0: at its end. */
static enum wad_http_say
show(struct wad_h2_stream *st, enum wad_http_dir dir, const uint8_t *data,
    size_t len)
{
	return st->tx->watch[dir] ? wad_http_say_body(st->tx, dir, data,
	    len) : WAD_HTTP_PASS;
}

/* Does what the owner says of a piece. */
static void
obey(struct wad_h2_stream *st, enum wad_http_dir dir, enum wad_http_say say)
{
	if (say == WAD_HTTP_CUT)
		wad_h2_stream_end(st, WAD_HTTP_STOPPED, NGHTTP2_CANCEL);
	else if (say == WAD_HTTP_ANSWER && st->kept)
		answer(st);
	else if (say == WAD_HTTP_PASS && st->kept && dir == WAD_HTTP_DOWN)
		forward_response(st);
	else
		wake(st, dir);
}

/* The response is complete and the request is not: what the server said of the
 * rest (RFC 9113 section 8.1) goes on to the client.  That the rest of one that
 * we answered is not wanted is said only when there is much of it: some clients
 * (curl 7.88) take a reset that comes together with the response for an error,
 * and a form is small. */
static void
enough(struct wad_h2_stream *st)
{
	if (st->tx == NULL || st->eof[WAD_HTTP_UP] ||
	    !st->end_sent[WAD_HTTP_DOWN])
		return;
	if (st->tx->ours && st->lost > LOST_MAX)
		reset(st, WAD_HTTP_UP, NGHTTP2_NO_ERROR);
	else if (!st->tx->ours && st->id[WAD_HTTP_DOWN] == 0)
		reset(st, WAD_HTTP_UP, st->code[WAD_HTTP_DOWN]);
}

void
wad_h2_stream_data(struct wad_h2_stream *st, enum wad_http_dir dir,
    const uint8_t *data, size_t len)
{
	enum wad_http_say say;

	if (is_lost(st, dir)) {
		if (st->id[dir] != 0 && !st->rst[dir])
			nghttp2_session_consume_stream(session(st, dir),
			    st->id[dir], len);
		if (dir == WAD_HTTP_UP)
			st->lost += len;
		enough(st);
		return;
	}
	say = show(st, dir, data, len);
	add_body(st, dir, data, len);
	obey(st, dir, say);
}

void
wad_h2_stream_eof(struct wad_h2_stream *st, enum wad_http_dir dir)
{
	if (st->tx != NULL && st->tx->ours && dir == WAD_HTTP_DOWN)
		return;			/* the owner's answer has its own */
	st->eof[dir] = true;
	if (st->tx != NULL && !is_lost(st, dir))
		obey(st, dir, show(st, dir, NULL, 0));
}

void
wad_h2_stream_end_sent(struct wad_h2_stream *st, enum wad_http_dir dir)
{
	st->end_sent[dir] = true;
	if (dir == WAD_HTTP_DOWN)
		enough(st);
}

/* Whether DATA or trailers follow the head. */
static nghttp2_data_provider *
follows(struct wad_h2_stream *st, enum wad_http_dir dir,
    nghttp2_data_provider *p)
{
	*p = (nghttp2_data_provider){ .source.ptr = st,
		.read_callback = on_read };
	return st->eof[dir] && st->body[dir].len == 0 &&
	    st->trailer[dir] == NULL ? NULL : p;
}

/* ---- the owner's answer ------------------------------------------------ */

/* The response's head goes to the client, and its body as it comes. */
static void
respond(struct wad_h2_stream *st)
{
	nghttp2_data_provider	 p;
	const nghttp2_nv	*nva;
	size_t			 n = wad_h2_head_fields(&st->tx->res, NULL,
	    &nva);

	if (nghttp2_submit_response(session(st, WAD_HTTP_UP),
	    st->id[WAD_HTTP_UP], nva, n, follows(st, WAD_HTTP_DOWN, &p)) != 0)
		wad_h2_stream_end(st, WAD_HTTP_BROKEN,
		    NGHTTP2_INTERNAL_ERROR);
	else
		st->started[WAD_HTTP_DOWN] = true;
}

static void
answer(struct wad_h2_stream *st)
{
	struct wad_http_tx *tx = st->tx;

	tx->ours = true;
	tx->held = st->kept = false;
	if (tx->answered_us == 0)
		tx->answered_us = wad_clock_us();
	reset(st, WAD_HTTP_DOWN, NGHTTP2_CANCEL);
	st->lost = st->body[WAD_HTTP_UP].len;
	drop_body(st, WAD_HTTP_UP);
	drop_body(st, WAD_HTTP_DOWN);
	if (strcmp(tx->req.method, "HEAD") != 0 && tx->body.len > 0)
		add_body(st, WAD_HTTP_DOWN, tx->body.s, tx->body.len);
	st->eof[WAD_HTTP_DOWN] = true;
	respond(st);
}

static void
refuse(struct wad_h2_stream *st, unsigned status, enum wad_reason_id why)
{
	st->end = WAD_HTTP_BROKEN;
	st->ended = true;
	wad_http_say_refuse(st->tx, status, why);
	answer(st);
}

/* ---- the request ------------------------------------------------------- */

static void
forward_request(struct wad_h2_stream *st)
{
	nghttp2_data_provider	 p;
	const nghttp2_nv	*nva;
	size_t			 n = wad_h2_head_fields(&st->tx->req, st, &nva);
	int32_t			 id;

	id = nghttp2_submit_request(session(st, WAD_HTTP_DOWN), NULL, nva, n,
	    follows(st, WAD_HTTP_UP, &p), st);
	if (id < 0) {
		wad_h2_stream_end(st, WAD_HTTP_SRV_GONE,
		    NGHTTP2_REFUSED_STREAM);
		return;
	}
	st->id[WAD_HTTP_DOWN] = id;
	st->started[WAD_HTTP_UP] = true;
	st->tx->sent = true;
}

void
wad_h2_stream_say(struct wad_h2_stream *st, enum wad_http_say say)
{
	if (st->tx == NULL)
		return;
	st->tx->held = say == WAD_HTTP_HOLD;
	switch (say) {
	case WAD_HTTP_PASS:
		forward_request(st);
		break;
	case WAD_HTTP_ANSWER:
		answer(st);
		break;
	case WAD_HTTP_CUT:
		wad_h2_stream_end(st, WAD_HTTP_STOPPED, NGHTTP2_CANCEL);
		break;
	case WAD_HTTP_HOLD:
		break;
	}
}

void
wad_h2_stream_request(struct wad_h2_stream *st)
{
	unsigned status;

	if (st->tx == NULL)
		return;
	status = wad_h2_head_check(st);
	if (status != 0)
		refuse(st, status, WR_REQUEST_BAD);
	else
		wad_h2_stream_say(st, wad_http_say_request(st->tx));
}

/* ---- the response ------------------------------------------------------ */

static void
forward_response(struct wad_h2_stream *st)
{
	struct wad_http_tx *tx = st->tx;

	st->kept = false;
	tx->tunnel = tx->req.protocol != 0 && tx->res.status / 100 == 2;
	respond(st);
}

/* 1xx: goes on its way, and the next head is another one.  A client that does
 * not read makes them wait here: not too many. */
static void
interim(struct wad_h2_stream *st)
{
	const nghttp2_nv	*nva;
	size_t			 n;

	st->interim_bytes += st->tx->res.text.len;
	if (++st->interims > INTERIMS_MAX || st->interim_bytes >
	    st->h2->http.limits.head_max) {
		snprintf(st->tx->error, sizeof(st->tx->error), "too many "
		    "responses 1xx");
		refuse(st, 502, WR_RESPONSE_BAD);
		return;
	}
	if (wad_http_say_response(st->tx) == WAD_HTTP_CUT) {
		wad_h2_stream_end(st, WAD_HTTP_STOPPED, NGHTTP2_CANCEL);
		return;
	}
	n = wad_h2_head_fields(&st->tx->res, NULL, &nva);
	nghttp2_submit_headers(session(st, WAD_HTTP_UP), NGHTTP2_FLAG_NONE,
	    st->id[WAD_HTTP_UP], NULL, nva, n, NULL);
	wad_http_head_reset(&st->tx->res);
}

void
wad_h2_stream_response(struct wad_h2_stream *st)
{
	struct wad_http_tx *tx = st->tx;

	if (tx == NULL || tx->ours)
		return;
	if (st->too_big || tx->res.status < 100) {
		snprintf(tx->error, sizeof(tx->error), st->too_big ?
		    "the head of the server's answer is too large" :
		    "the status of the server's answer is none");
		refuse(st, 502, WR_RESPONSE_BAD);
		return;
	}
	if (tx->res.status / 100 == 1) {
		interim(st);
		return;
	}
	st->final = true;
	tx->answered_us = wad_clock_us();
	switch (wad_http_say_response(st->tx)) {
	case WAD_HTTP_ANSWER:
		answer(st);
		break;
	case WAD_HTTP_CUT:
		wad_h2_stream_end(st, WAD_HTTP_STOPPED, NGHTTP2_CANCEL);
		break;
	case WAD_HTTP_HOLD:
		st->kept = true;
		/* all that the owner may keep has to come */
		if (st->window[WAD_HTTP_DOWN] <= WAD_HTTP_KEEP_MAX)
			widen(st, WAD_HTTP_DOWN, WAD_HTTP_KEEP_MAX);
		break;
	case WAD_HTTP_PASS:
		forward_response(st);
		break;
	}
}

/* ---- ends -------------------------------------------------------------- */

static void
client_closed(struct wad_h2_stream *st, uint32_t code)
{
	if (!st->end_sent[WAD_HTTP_DOWN]) {
		wad_h2_stream_end(st, WAD_HTTP_CLT_GONE, code);
		return;
	}
	/* the server may read the rest of what the client has sent */
	if (!st->tx->ours && st->eof[WAD_HTTP_UP] &&
	    st->id[WAD_HTTP_DOWN] != 0 && !st->rst[WAD_HTTP_DOWN])
		return;
	wad_h2_stream_end(st, WAD_HTTP_DONE, NGHTTP2_CANCEL);
}

static void
server_closed(struct wad_h2_stream *st, uint32_t code)
{
	drop_body(st, WAD_HTTP_UP);
	if (st->tx->ours)
		return;
	if (st->id[WAD_HTTP_UP] == 0) {
		wad_h2_stream_end(st, WAD_HTTP_DONE, NGHTTP2_NO_ERROR);
		return;
	}
	if (st->eof[WAD_HTTP_DOWN]) {
		st->code[WAD_HTTP_DOWN] = code;
		enough(st);
		return;
	}
	if (st->ended && st->end == WAD_HTTP_BROKEN && !st->final) {
		refuse(st, 502, WR_RESPONSE_BAD);
		return;
	}
	if (!st->ended)
		st->end = WAD_HTTP_SRV_GONE;
	st->ended = true;
	if (st->refused)
		code = NGHTTP2_REFUSED_STREAM;
	else if (code == NGHTTP2_NO_ERROR)
		code = NGHTTP2_INTERNAL_ERROR;
	st->code[WAD_HTTP_DOWN] = code;
	st->cut[WAD_HTTP_DOWN] = true;
	if (st->body[WAD_HTTP_DOWN].len == 0 || st->kept)
		reset(st, WAD_HTTP_UP, code);
}

void
wad_h2_stream_closed(struct wad_h2_stream *st, enum wad_http_dir leg,
    uint32_t code)
{
	st->id[leg] = 0;
	if (st->tx == NULL) {
		if (st->id[!leg] == 0)
			retire(st);
	} else if (leg == WAD_HTTP_UP)
		client_closed(st, code);
	else
		server_closed(st, code);
}
