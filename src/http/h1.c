/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine for HTTP/1.1: one exchange at a time.  A pipelined request waits,
 * unread or in a bounded buffer, until the one before it is answered.
 *
 * Each side goes through the steps of a message: head, body, trailers, done.
 * Bytes are read 16 KiB at a time and used at once; only what cannot be used
 * yet (half a head, a request too early) is kept.  What goes out in one call
 * is gathered, so that a small message is one record of TLS.
 */
#include "http/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/xmem.h"
#include "http/h1_body.h"
#include "http/h1_head.h"
#include "http/h1_write.h"

enum {
	PIECE = 16 * 1024,	/* read at once: a record of TLS */
	GATHER_MAX = 16 * 1024,	/* written at once */
	GATHER_SMALL = 8 * 1024,	/* larger pieces are not copied */
	EARLY_MAX = 16 * 1024,	/* pipelined bytes that may wait here */
	INFORMATIONAL_MAX = 8	/* 1xx of one exchange */
};

enum step {
	HEAD,			/* a head is expected */
	BODY, TRAILERS,
	DONE,			/* the message is complete */
	WAIT,			/* nothing is expected: no request is open
				 * (server); it is held (client) */
};

struct side {
	enum step	 step;
	bool		 starved;	/* what is in `in` is not enough */
	struct wad_buf	 in;	/* read and not used */
	struct wad_h1_head scan;
	struct wad_h1_body body;
};

struct h1 {
	struct wad_http	 http;	/* first */
	struct side	 side[2];
	unsigned	 informational;	/* 1xx in this exchange */
	bool		 close;		/* after this exchange */
	bool		 last;		/* ... says the server */
	bool		 answered;	/* bytes of a response went out */
	bool		 keeping;	/* a response is kept back, here: */
	struct wad_str	 kept;
	bool		 stopping, failed;
	bool		 cut[2];	/* it ended, and not cleanly */
	bool		 asked, retried;	/* proxy: about this request; it had a
					 * server that went */
};

/* Of one call of one engine; empty between calls. */
static struct wad_str	gathered[2];
static const struct h1	*gatherer;
static uint8_t		piece[PIECE];

static void	run(struct h1 *, enum wad_http_dir);
static void	settle(struct h1 *, enum wad_http_dir);
static void	message_done(struct h1 *, enum wad_http_dir);

static struct h1 *
of(struct wad_http *hp)
{
	return (struct h1 *)hp;
}

static const struct h1 *
see(const struct wad_http *hp)
{
	return (const struct h1 *)hp;
}

/* ---- writing ---------------------------------------------------------- */

/* Bytes that come from `dir` go to the other leg. */
static const struct wad_http_leg *
to(const struct h1 *e, enum wad_http_dir dir)
{
	return &e->http.leg[!dir];
}

static void
write_now(struct h1 *e, enum wad_http_dir dir, const void *p, size_t n)
{
	const struct wad_http_leg *leg = to(e, dir);

	if (n > 0 && leg->write != NULL && leg->write(leg->arg, p, n) == -1)
		e->failed = true;
}

/* What is gathered, by this engine: a call of another one inside of its call
 * would send bytes to a stranger. */
static struct wad_str *
gather(const struct h1 *e, enum wad_http_dir dir)
{
	WAD_ASSERT(gatherer == e ||
	    (gathered[0].len == 0 && gathered[1].len == 0));
	gatherer = e;
	return &gathered[dir];
}

static void
flush(struct h1 *e, enum wad_http_dir dir)
{
	struct wad_str *g = gather(e, dir);

	write_now(e, dir, g->s, g->len);
	g->len = 0;
}

static void
flush_both(struct h1 *e)
{
	flush(e, WAD_HTTP_UP);
	flush(e, WAD_HTTP_DOWN);
}

/* Where texts go. */
static struct wad_str *
out(struct h1 *e, enum wad_http_dir dir)
{
	return dir == WAD_HTTP_DOWN && e->keeping ? &e->kept : gather(e, dir);
}

static void
emit(struct h1 *e, enum wad_http_dir dir, const void *p, size_t n)
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
		wad_str_addn(gather(e, dir), p, n);
}

/* Nothing is kept back any more; what was goes out, or never. */
static void
release(struct h1 *e, bool pass)
{
	if (!e->keeping)
		return;
	e->keeping = false;
	if (pass) {
		e->answered = true;
		emit(e, WAD_HTTP_DOWN, e->kept.s, e->kept.len);
	}
	wad_str_free(&e->kept);
}

static bool
has_room(const struct h1 *e, enum wad_http_dir dir)
{
	const struct wad_http_leg *leg = to(e, dir);

	return leg->room == NULL || leg->room(leg->arg) > gathered[dir].len;
}

/* ---- ends ------------------------------------------------------------- */

static void
over(struct h1 *e, enum wad_reason_id why)
{
	e->http.state = WAD_HTTP_OVER;
	e->http.begun = false;
	if (e->http.why == WR_N)
		e->http.why = why;
	for (int i = 0; i < 2; i++)
		wad_buf_free(&e->side[i].in);
}

/* The client may ask again. */
static void
next_request(struct h1 *e)
{
	struct side *up = &e->side[WAD_HTTP_UP];

	up->step = HEAD;
	up->starved = false;
	wad_h1_head_begin(&up->scan, WAD_H1_REQUEST, &e->http.limits);
	e->side[WAD_HTTP_DOWN].step = WAIT;
	e->close = e->last = e->answered = e->asked = e->retried = false;
	e->informational = 0;
	if (e->stopping || (e->http.ended[WAD_HTTP_UP] && up->in.len == 0) ||
	    (e->http.ended[WAD_HTTP_DOWN] && !e->http.limits.proxy))
		over(e, WR_N);
}

/* Both messages may be complete; or the answer is, and the connection ends
 * with it, so that what is left of the request is for nobody. */
static void
finish(struct h1 *e)
{
	bool up = e->side[WAD_HTTP_UP].step == DONE;

	if (e->side[WAD_HTTP_DOWN].step != DONE || (!up && !e->last))
		return;
	e->http.served++;
	wad_http_tx_done(e->http.current, WAD_HTTP_DONE);
	if (e->close)
		over(e, WR_N);
	else
		next_request(e);
}

static void
end(struct h1 *e, enum wad_http_end how, enum wad_reason_id why)
{
	const struct side *down = &e->side[WAD_HTTP_DOWN];

	/* a client takes the end of the connection for that of the body */
	if (e->answered && down->step == BODY &&
	    down->body.framing == WAD_H1_UNTIL_CLOSE)
		e->http.torn = true;
	wad_http_tx_done(e->http.current, how);
	over(e, why);
}

/* ---- answers of our own ----------------------------------------------- */

static void
write_answer(struct h1 *e, struct wad_http_tx *tx, bool close)
{
	char length[32];

	release(e, false);
	wad_http_head_drop(&tx->res, "Connection");
	wad_http_head_drop(&tx->res, "Transfer-Encoding");
	snprintf(length, sizeof(length), "%zu", tx->body.len);
	wad_http_head_set(&tx->res, "Content-Length", length);
	if (close)
		wad_http_head_put(&tx->res, "Connection", "close");
	tx->res.minor = 1;
	if (tx->res.phrase == 0) {
		const char *phrase = wad_http_phrase(tx->res.status);

		tx->res.phrase = wad_http_head_keep(&tx->res, phrase,
		    strlen(phrase));
	}
	wad_h1_write_response(gather(e, WAD_HTTP_DOWN), &tx->res);
	if (strcmp(tx->req.method, "HEAD") != 0) {
		tx->bytes[WAD_HTTP_DOWN] += tx->body.len;
		emit(e, WAD_HTTP_DOWN, tx->body.s, tx->body.len);
	}
	tx->ours = true;
	if (tx->answered_us == 0)
		tx->answered_us = wad_clock_us();
}

/* The connection stays when nothing of the exchange is outstanding on either
 * side. */
static void
answer(struct h1 *e, struct wad_http_tx *tx)
{
	bool keep = !tx->sent && !tx->req.close && !tx->req.chunked &&
	    tx->req.length == 0 && !e->stopping;

	write_answer(e, tx, !keep);
	wad_http_tx_done(tx, WAD_HTTP_DONE);
	if (keep)
		next_request(e);
	else
		over(e, WR_N);
}

/* Only what is malformed is broken: a server may be missing, too. */
static enum wad_http_end
how_of(enum wad_reason_id why)
{
	if (why == WR_REQUEST_BAD || why == WR_RESPONSE_BAD)
		return WAD_HTTP_BROKEN;
	return why == WR_REQUEST_TIMEOUT ? WAD_HTTP_CLT_GONE :
	    WAD_HTTP_SRV_GONE;
}

/* What cannot be served; a page where one can still be sent. */
static void
refuse(struct h1 *e, unsigned status, enum wad_reason_id why,
    const char *error)
{
	struct wad_http_tx *tx = e->http.current;

	snprintf(tx->error, sizeof(tx->error), "%s", error);
	wad_http_say_refuse(tx, status, why);
	if (!e->answered)
		write_answer(e, tx, true);
	end(e, how_of(why), why);
}

/* ---- requests --------------------------------------------------------- */

static enum wad_h1_framing
request_framing(const struct wad_http_head *req)
{
	return req->chunked ? WAD_H1_CHUNKED : req->length > 0 ?
	    WAD_H1_LENGTH : WAD_H1_NONE;
}

static void
body_begin(struct side *s, enum wad_h1_framing framing, uint64_t length)
{
	wad_h1_body_begin(&s->body, framing, length);
	s->step = s->body.done ? DONE : BODY;
	s->starved = false;
}

/* RFC 9110 sections 7.2 and 7.6.1: the request of a proxy. */
static void
clean_request(struct wad_http_head *req)
{
	wad_h1_write_clean_hops(req, req->upgrade);
	wad_http_head_set_host(req);
}

/* The server answered a request that it has not got. */
static void
early(struct h1 *e)
{
	struct wad_http_tx *tx = e->http.current;

	snprintf(tx->error, sizeof(tx->error), "the server answered before "
	    "it was asked");
	end(e, WAD_HTTP_BROKEN, WR_RESPONSE_BAD);
}

/* The head goes to the server. */
static void
forward(struct h1 *e, struct wad_http_tx *tx)
{
	struct wad_http		*hp = &e->http;
	struct side		*down = &e->side[WAD_HTTP_DOWN];

	if (hp->ended[WAD_HTTP_DOWN] || down->in.len > 0) {
		/* what it said before it was asked is no answer */
		if (down->in.len > 0)
			early(e);
		else
			end(e, WAD_HTTP_SRV_GONE, WR_SRV_CLOSED);
		return;
	}
	if (hp->limits.proxy && !tx->sent)
		clean_request(&tx->req);
	else if (tx->sent)		/* to another proxy, or none, before */
		wad_http_head_drop(&tx->req, "Proxy-Authorization");
	if (hp->limits.parent_auth != NULL)
		wad_http_head_set(&tx->req, "Proxy-Authorization",
		    hp->limits.parent_auth);
	wad_h1_write_request(gather(e, WAD_HTTP_UP), &tx->req,
	    hp->limits.parent || (tx->req.absolute && !hp->limits.proxy));
	tx->sent = true;
	body_begin(&e->side[WAD_HTTP_UP], request_framing(&tx->req),
	    tx->req.length);
	down->step = HEAD;
	down->starved = false;
	wad_h1_head_begin(&down->scan, WAD_H1_RESPONSE, &hp->limits);
	if (tx->req.close)
		e->close = true;
}

static void
said(struct h1 *e, struct wad_http_tx *tx, enum wad_http_say say)
{
	switch (say) {
	case WAD_HTTP_PASS:
		forward(e, tx);
		break;
	case WAD_HTTP_ANSWER:
		answer(e, tx);
		break;
	case WAD_HTTP_HOLD:
		tx->held = true;
		e->side[WAD_HTTP_UP].step = WAIT;
		break;
	case WAD_HTTP_CUT:
		end(e, WAD_HTTP_STOPPED, WR_N);
		break;
	}
}

/* A request's head, complete or bad, in n bytes at p; how many of them it
 * took. */
static size_t
take_request(struct h1 *e, const uint8_t *p, size_t n, bool bad)
{
	struct side		*s = &e->side[WAD_HTTP_UP];
	struct wad_http_tx	*tx = wad_http_tx_new(&e->http);

	e->http.current = tx;
	e->http.begun = false;
	e->http.limits.sniff = false;
	if (bad || wad_h1_head_parse(&s->scan, (const char *)p,
	    &tx->req) == -1) {
		refuse(e, s->scan.status, WR_REQUEST_BAD, s->scan.error);
		return n;
	}
	if (tx->req.path == 0 && e->http.limits.https) {
		refuse(e, 501, WR_REQUEST_BAD, "CONNECT inside of TLS would "
		    "lead where nobody can look");
		return n;
	}
	if (!e->http.limits.h2c)
		wad_h1_write_clean_h2c(&tx->req);
	n = s->scan.seen;
	if (!e->http.limits.proxy)
		said(e, tx, wad_http_say_request(tx));
	else {
		s->step = WAIT;
		e->http.state = WAD_HTTP_WANTS_SERVER;
	}
	return n;
}

static size_t
request_head(struct h1 *e, const uint8_t *p, size_t n)
{
	struct side *s = &e->side[WAD_HTTP_UP];
	int r = e->http.limits.sniff ? wad_h1_head_sniff((const char *)p, n,
	    !e->http.limits.versions) : 1;

	if (r == 0) {
		e->http.version = e->http.limits.versions &&
		    wad_h1_head_sniff((const char *)p, n, true) == 1;
		e->http.state = WAD_HTTP_TUNNELS;
		return 0;
	}
	if (r == 1)
		r = wad_h1_head_scan(&s->scan, (const char *)p, n);
	else
		r = 0;
	if (r == 0) {
		s->starved = true;
		e->http.begun = true;
		return 0;
	}
	return take_request(e, p, n, r == -1);
}

/* ---- responses -------------------------------------------------------- */

static enum wad_h1_framing
response_framing(const struct wad_http_tx *tx)
{
	const struct wad_http_head *res = &tx->res;

	/* RFC 9112 section 6.3 */
	if (strcmp(tx->req.method, "HEAD") == 0 || res->status == 204 ||
	    res->status == 304)
		return WAD_H1_NONE;
	return res->chunked ? WAD_H1_CHUNKED : res->has_length ?
	    WAD_H1_LENGTH : WAD_H1_UNTIL_CLOSE;
}

static void
tunnel(struct h1 *e, struct wad_http_tx *tx)
{
	tx->tunnel = true;
	e->answered = true;
	wad_h1_write_response(gather(e, WAD_HTTP_DOWN), &tx->res);
	e->http.state = WAD_HTTP_TUNNELS;
}

/* 1xx */
static void
informational(struct h1 *e, struct wad_http_tx *tx)
{
	bool switches = tx->res.status == 101;

	if (switches && (!tx->req.upgrade ||
	    e->side[WAD_HTTP_UP].step != DONE)) {
		refuse(e, 502, WR_RESPONSE_BAD, "the server switches "
		    "protocols, and nobody asked for that");
		return;
	}
	if (++e->informational > INFORMATIONAL_MAX) {
		refuse(e, 502, WR_RESPONSE_BAD, "too many responses 1xx");
		return;
	}
	switch (wad_http_say_response(tx)) {
	case WAD_HTTP_PASS:
		break;
	case WAD_HTTP_ANSWER:
		answer(e, tx);
		return;
	default:
		end(e, WAD_HTTP_STOPPED, WR_N);
		return;
	}
	if (switches) {
		tunnel(e, tx);
		return;
	}
	/* RFC 9110 section 15.2: not to HTTP/1.0 */
	if (tx->req.minor > 0)
		wad_h1_write_response(gather(e, WAD_HTTP_DOWN), &tx->res);
	wad_http_head_reset(&tx->res);
	wad_h1_head_begin(&e->side[WAD_HTTP_DOWN].scan, WAD_H1_RESPONSE,
	    &e->http.limits);
}

/* To CONNECT: what says that it has a body has none (RFC 9110 section
 * 9.3.6). */
static void
connected(struct h1 *e, struct wad_http_tx *tx)
{
	wad_http_head_drop(&tx->res, "Content-Length");
	wad_http_head_drop(&tx->res, "Transfer-Encoding");
	tunnel(e, tx);
}

/* Each side of a proxy says for itself how long it stays. */
static void
clean_response(struct h1 *e, struct wad_http_tx *tx)
{
	if (tx->res.close)
		e->http.last = true;
	wad_h1_write_clean_hops(&tx->res, false);
	if (e->close)
		wad_http_head_put(&tx->res, "Connection", "close");
	else if (tx->req.minor == 0)
		wad_http_head_put(&tx->res, "Connection", "keep-alive");
}

static void
final_response(struct h1 *e, struct wad_http_tx *tx)
{
	struct side		*s = &e->side[WAD_HTTP_DOWN];
	enum wad_h1_framing	 framing = response_framing(tx);

	if (tx->answered_us == 0)
		tx->answered_us = wad_clock_us();
	switch (wad_http_say_response(tx)) {
	case WAD_HTTP_PASS:
		break;
	case WAD_HTTP_HOLD:
		e->keeping = true;
		break;
	case WAD_HTTP_ANSWER:
		answer(e, tx);
		return;
	default:
		end(e, WAD_HTTP_STOPPED, WR_N);
		return;
	}
	if (tx->req.path == 0 && tx->res.status < 300) {
		connected(e, tx);
		return;
	}
	if (framing == WAD_H1_UNTIL_CLOSE || (tx->res.close &&
	    !e->http.limits.proxy))
		e->close = e->last = true;
	e->close = e->close || e->stopping;
	if (e->http.limits.proxy)
		clean_response(e, tx);
	else if (e->stopping)
		wad_http_head_set(&tx->res, "Connection", "close");
	/* a reader that looks at this first would wait for chunks */
	if (tx->res.chunked && tx->res.status == 304)
		wad_http_head_drop(&tx->res, "Transfer-Encoding");
	e->answered = !e->keeping;
	wad_h1_write_response(out(e, WAD_HTTP_DOWN), &tx->res);
	body_begin(s, framing, tx->res.length);
	if (s->step == DONE)
		message_done(e, WAD_HTTP_DOWN);
}

static size_t
response_head(struct h1 *e, const uint8_t *p, size_t n)
{
	struct side		*s = &e->side[WAD_HTTP_DOWN];
	struct wad_http_tx	*tx = e->http.current;
	int			 r;

	r = wad_h1_head_scan(&s->scan, (const char *)p, n);
	if (r == 0) {
		s->starved = true;
		return 0;
	}
	if (r == 1)
		r = wad_h1_head_parse(&s->scan, (const char *)p, &tx->res);
	if (r == -1) {
		refuse(e, 502, WR_RESPONSE_BAD, s->scan.error);
		return n;
	}
	n = s->scan.seen;
	if (tx->res.status < 200)
		informational(e, tx);
	else
		final_response(e, tx);
	return n;
}

/* ---- bodies, both ways ------------------------------------------------ */

/* Shows the owner a piece of a body (n 0: its end); whether it passes. */
static bool
may_pass(struct h1 *e, enum wad_http_dir dir, const void *p, size_t n)
{
	struct wad_http_tx	*tx = e->http.current;
	bool			 kept = dir == WAD_HTTP_DOWN && e->keeping;

	if (!tx->watch[dir]) {
		release(e, true);
		return true;
	}
	switch (wad_http_say_body(tx, dir, p, n)) {
	case WAD_HTTP_PASS:
		if (kept)
			release(e, true);
		return true;
	case WAD_HTTP_HOLD:
		if (kept && n > 0 && e->kept.len + n <= WAD_HTTP_KEEP_MAX +
		    e->http.limits.head_max + PIECE)
			return true;
		break;
	case WAD_HTTP_ANSWER:
		if (!kept)
			break;
		answer(e, tx);
		return false;
	case WAD_HTTP_CUT:
		break;
	}
	end(e, WAD_HTTP_STOPPED, WR_N);
	return false;
}

static void
message_done(struct h1 *e, enum wad_http_dir dir)
{
	if ((dir == WAD_HTTP_DOWN && e->keeping) ||
	    e->http.current->watch[dir])
		if (!may_pass(e, dir, "", 0))
			return;
	e->side[dir].step = DONE;
	finish(e);
}

/* What was sent already cannot be taken back: the other side sees the message
 * end too early. */
static size_t
body_bad(struct h1 *e, enum wad_http_dir dir, size_t n, const char *error)
{
	refuse(e, dir == WAD_HTTP_UP ? 400 : 502, dir == WAD_HTTP_UP ?
	    WR_REQUEST_BAD : WR_RESPONSE_BAD, error);
	return n;
}

static size_t
trailers(struct h1 *e, enum wad_http_dir dir, const uint8_t *p, size_t n)
{
	static struct wad_http_head	 head;
	struct side			*s = &e->side[dir];
	int				 r;

	r = wad_h1_head_scan(&s->scan, (const char *)p, n);
	if (r == 0) {
		s->starved = true;
		return 0;
	}
	wad_http_head_reset(&head);
	if (r == 1 && s->scan.seen > 2)		/* more than the empty line */
		r = wad_h1_head_parse(&s->scan, (const char *)p, &head);
	if (r == -1)
		return body_bad(e, dir, n, s->scan.error);
	wad_h1_write_clean_trailers(&head);
	wad_h1_write_fields(out(e, dir), &head);
	n = s->scan.seen;
	wad_h1_body_trailed(&s->body);
	message_done(e, dir);
	return n;
}

static size_t
trailers_begin(struct h1 *e, enum wad_http_dir dir, const uint8_t *p,
    size_t n)
{
	struct side *s = &e->side[dir];

	s->step = TRAILERS;
	wad_h1_head_begin(&s->scan, dir == WAD_HTTP_UP ?
	    WAD_H1_REQUEST_TRAILERS : WAD_H1_RESPONSE_TRAILERS,
	    &e->http.limits);
	return trailers(e, dir, p, n);
}

static size_t
body(struct h1 *e, enum wad_http_dir dir, const uint8_t *p, size_t n)
{
	struct side		*s = &e->side[dir];
	struct wad_http_tx	*tx = e->http.current;
	enum wad_h1_piece	 what;
	size_t			 len = n;

	if (!has_room(e, dir))
		return 0;
	n = wad_h1_body_next(&s->body, p, len, &what);
	switch (what) {
	case WAD_H1_DATA:
		tx->bytes[dir] += n;
		if (tx->watch[dir] && !may_pass(e, dir, p, n))
			return n;
		emit(e, dir, p, n);
		break;
	case WAD_H1_FRAME:
		emit(e, dir, p, n);
		break;
	case WAD_H1_EXTENSION:
		break;
	case WAD_H1_TRAILERS:
		return trailers_begin(e, dir, p, len);
	case WAD_H1_BAD:
		return body_bad(e, dir, len, s->body.error);
	}
	if (s->body.done)
		message_done(e, dir);
	return n;
}

/* 408 says why a server goes, to a client that asks for nothing. */
static bool
is_goodbye(const uint8_t *p, size_t n)
{
	return n >= 12 && memcmp(p, "HTTP/1.", 7) == 0 &&
	    memcmp(p + 8, " 408", 4) == 0;
}

/* A server that speaks without being asked: not HTTP; or bytes that the next
 * request would take for its answer. */
static size_t
unasked(struct h1 *e, const uint8_t *p, size_t n)
{
	bool is_http = n >= 5 && memcmp(p, "HTTP/", 5) == 0;

	if (e->http.limits.sniff && e->http.current == NULL && !is_http)
		e->http.state = WAD_HTTP_TUNNELS;
	else if (e->http.current == NULL && is_goodbye(p, n))
		over(e, WR_N);
	else {
		if (e->http.current == NULL)
			e->http.current = wad_http_tx_new(&e->http);
		early(e);
	}
	return 0;
}

/* ---- the turn --------------------------------------------------------- */

/* One thing of what is there; how many bytes it took, 0: it cannot go on
 * now. */
static size_t
step(struct h1 *e, enum wad_http_dir dir, const uint8_t *p, size_t n)
{
	switch (e->side[dir].step) {
	case HEAD:
		/* answers may follow, ours too: to who reads them */
		if (!has_room(e, WAD_HTTP_UP) || !has_room(e, WAD_HTTP_DOWN))
			return 0;
		return dir == WAD_HTTP_UP ? request_head(e, p, n) :
		    response_head(e, p, n);
	case BODY:
		return body(e, dir, p, n);
	case TRAILERS:
		return trailers(e, dir, p, n);
	case WAIT:
		return dir == WAD_HTTP_DOWN ? unasked(e, p, n) : 0;
	case DONE:
		return 0;
	}
	return 0;
}

static size_t
consume(struct h1 *e, enum wad_http_dir dir, const uint8_t *p, size_t n)
{
	size_t used = 0, k;

	while (used < n && e->http.state == WAD_HTTP_RUNS && (k = step(e, dir,
	    p + used, n - used)) > 0)
		used += k;
	return used;
}

/* Uses what was kept. */
static void
run(struct h1 *e, enum wad_http_dir dir)
{
	struct side *s = &e->side[dir];
	size_t used;

	if (s->in.len == 0 || s->starved || e->http.state != WAD_HTTP_RUNS)
		return;
	used = consume(e, dir, wad_buf_bytes(&s->in), s->in.len);
	if (s->in.len > 0)		/* not over */
		wad_buf_drain(&s->in, used);
	settle(e, dir);
}

static bool
waits(const struct side *s)
{
	return s->step == WAIT || s->step == DONE;
}

static bool
wants(const struct wad_http *hp, enum wad_http_dir dir)
{
	const struct h1		*e = see(hp);
	const struct side	*s = &e->side[dir];

	if (hp->state != WAD_HTTP_RUNS || hp->ended[dir])
		return false;
	if (waits(s))			/* only to see that it ends */
		return s->in.len < EARLY_MAX;
	return has_room(e, dir) &&
	    (s->step != HEAD || has_room(e, !dir));
}

/* Reads: behind what is kept, or into the common piece.  How many bytes there
 * are to use at *p; 0 none came, -1 failed. */
static long
fill(struct h1 *e, enum wad_http_dir dir, const uint8_t **p)
{
	const struct wad_http_leg	*leg = &e->http.leg[dir];
	struct side			*s = &e->side[dir];
	long				 n;

	if (leg->read == NULL)
		return 0;
	if (s->in.len == 0) {
		*p = piece;
		return leg->read(leg->arg, piece, sizeof(piece));
	}
	n = leg->read(leg->arg, wad_buf_room(&s->in, PIECE), PIECE);
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
	struct h1	*e = of(hp);
	struct side	*s = &e->side[dir];
	const uint8_t	*p = piece;
	long		 n;

	if (s->in.len > 0 && !s->starved && !waits(s) && has_room(e, dir)) {
		size_t before = s->in.len;

		run(e, dir);
		flush_both(e);
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
		size_t used = consume(e, dir, piece, (size_t)n);

		if (hp->state != WAD_HTTP_OVER)
			wad_buf_add(&s->in, piece + used, (size_t)n - used);
	} else
		run(e, dir);
	if (dir == WAD_HTTP_DOWN)	/* a request that waited */
		run(e, WAD_HTTP_UP);
	flush_both(e);
	return e->failed ? -1 : 1;
}

/* ---- what comes from outside ------------------------------------------ */

static void
client_ended(struct h1 *e)
{
	struct side *s = &e->side[WAD_HTTP_UP];

	if (s->step == BODY || s->step == TRAILERS)
		end(e, WAD_HTTP_CLT_GONE, WR_CLT_CLOSED);
	else if (s->step == HEAD && e->http.limits.sniff && s->in.len > 0 &&
	    wad_h1_head_sniff((const char *)wad_buf_bytes(&s->in),
	    s->in.len, true) != 1)
		e->http.state = WAD_HTTP_TUNNELS;	/* all it had to say */
	else if (s->step == HEAD)
		over(e, WR_N);
	/* else it waits for an answer */
}

/* RFC 9112 section 9.3.1: a connection that was used before may go just when
 * the next request is on its way. */
static bool
may_retry(const struct h1 *e, const struct wad_http_tx *tx)
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
server_ended(struct h1 *e)
{
	struct side		*s = &e->side[WAD_HTTP_DOWN];
	struct wad_http_tx	*tx = e->http.current;

	if (tx == NULL && e->http.limits.proxy)
		return;			/* the next one gets another */
	if (tx == NULL) {
		over(e, WR_N);
		return;
	}
	if (s->step == WAIT)		/* held: the owner may still answer */
		return;
	if (s->step == HEAD && may_retry(e, tx)) {
		e->retried = true;
		e->side[WAD_HTTP_UP].step = WAIT;
		e->http.state = WAD_HTTP_WANTS_SERVER;
		return;
	}
	if (s->step == BODY && s->body.framing == WAD_H1_UNTIL_CLOSE &&
	    !e->cut[WAD_HTTP_DOWN]) {
		message_done(e, WAD_HTTP_DOWN);
		return;
	}
	if (e->keeping || (s->step == HEAD && e->http.limits.proxy &&
	    !e->answered)) {
		refuse(e, 502, WR_SRV_CLOSED, "the server ended the connection "
		    "before its answer was complete");
		return;
	}
	end(e, s->step == DONE ? WAD_HTTP_DONE : WAD_HTTP_SRV_GONE,
	    WR_SRV_CLOSED);
}

/* What follows from an end, once all that came before it is used. */
static void
settle(struct h1 *e, enum wad_http_dir dir)
{
	const struct side *s = &e->side[dir];

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
	struct h1 *e = of(hp);

	e->cut[dir] = !clean;
	settle(e, dir);
	flush_both(e);
}

static bool
drained(const struct wad_http *hp, enum wad_http_dir dir)
{
	const struct side *s = &see(hp)->side[dir];

	if (hp->state != WAD_HTTP_RUNS)
		return true;
	if (hp->limits.proxy)		/* two connections, each its own */
		return false;
	return s->in.len == 0 && (dir == WAD_HTTP_DOWN || s->step != WAIT);
}

static void
resume(struct wad_http *hp, struct wad_http_tx *tx, enum wad_http_say say)
{
	struct h1 *e = of(hp);

	bool wanted = hp->state == WAD_HTTP_WANTS_SERVER;

	if (wanted && say == WAD_HTTP_PASS)
		return;			/* ask will say so */
	if (wanted)
		hp->state = WAD_HTTP_RUNS;
	if (hp->state != WAD_HTTP_RUNS)
		return;
	said(e, tx, say);
	/* The owner looks for the server of this request.  The next one may
	 * want another: it is read when the owner has seen that this one is
	 * over. */
	if (!wanted)
		run(e, WAD_HTTP_UP);
	flush_both(e);
}

static void
server(struct wad_http *hp)
{
	struct h1 *e = of(hp);

	if (hp->served == 0)		/* what an old one said is for nobody */
		wad_buf_free(&e->side[WAD_HTTP_DOWN].in);
	if (hp->current != NULL)
		forward(e, hp->current);
	run(e, WAD_HTTP_UP);
	settle(e, WAD_HTTP_UP);		/* it may have ended meanwhile */
	flush_both(e);
}

static int
ask(struct wad_http *hp)
{
	struct h1		*e = of(hp);
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
	said(e, tx, say);
	run(e, WAD_HTTP_UP);
	flush_both(e);
	return -1;
}

static void
fail(struct wad_http *hp, unsigned status, enum wad_reason_id why,
    const char *text)
{
	struct h1 *e = of(hp);

	hp->state = WAD_HTTP_RUNS;
	refuse(e, status, why, text);
	flush_both(e);
}

static void
stop(struct wad_http *hp)
{
	struct h1 *e = of(hp);

	e->stopping = true;
	if (hp->current == NULL && hp->state == WAD_HTTP_RUNS)
		over(e, WR_N);
}

static void
late(struct wad_http *hp)
{
	struct h1 *e = of(hp);

	if (!hp->begun)
		return;
	hp->begun = false;
	hp->current = wad_http_tx_new(hp);
	refuse(e, 408, WR_REQUEST_TIMEOUT, "");
	flush_both(e);
}

static void
rest(struct wad_http *hp, enum wad_http_dir dir, const uint8_t **p,
    size_t *len)
{
	const struct side *s = &of(hp)->side[dir];

	*len = s->in.len;
	*p = s->in.len > 0 ? wad_buf_bytes(&s->in) : NULL;
}

static void
h1_free(struct wad_http *hp)
{
	struct h1		*e = of(hp);
	struct wad_http_tx	*tx = hp->current;

	if (tx != NULL)
		wad_http_tx_done(tx, tx->tunnel ? WAD_HTTP_DONE :
		    hp->ended[WAD_HTTP_DOWN] ? WAD_HTTP_SRV_GONE :
		    WAD_HTTP_CLT_GONE);
	for (int i = 0; i < 2; i++)
		wad_buf_free(&e->side[i].in);
	wad_str_free(&e->kept);
	free(e);
}

static const struct wad_http_engine engine = {
	.name = "h1", .move = move, .wants = wants, .ended = ended,
	.drained = drained, .resume = resume, .server = server, .stop = stop,
	.late = late, .ask = ask, .fail = fail, .rest = rest, .free = h1_free,
};

struct wad_http *
wad_http_h1_new(const struct wad_http_leg leg[2],
    const struct wad_http_ops *ops, void *owner,
    const struct wad_http_limits *limits)
{
	struct h1 *e = wad_xcalloc(1, sizeof(*e));

	e->http.engine = &engine;
	e->http.leg[0] = leg[0];
	e->http.leg[1] = leg[1];
	e->http.ops = ops;
	e->http.owner = owner;
	e->http.limits = *limits;
	e->http.why = WR_N;
	wad_list_init(&e->http.open);
	next_request(e);
	return &e->http;
}
