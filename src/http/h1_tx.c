/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exchange of an engine of HTTP/1.1: its request and its response, what the
 * owner says of them, their bodies, and how it ends.
 */
#include "http/h1.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http/h1_write.h"

enum { INFORMATIONAL_MAX = 8 };	/* 1xx of one exchange */

/* ---- ends ------------------------------------------------------------- */

void
wad_h1_tx_over(struct wad_h1 *e, enum wad_reason_id why)
{
	e->http.state = WAD_HTTP_OVER;
	e->http.begun = false;
	if (e->http.why == WR_N)
		e->http.why = why;
	for (int i = 0; i < 2; i++)
		wad_buf_free(&e->side[i].in);
}

void
wad_h1_tx_next(struct wad_h1 *e)
{
	struct wad_h1_side *up = &e->side[WAD_HTTP_UP];

	up->step = WAD_H1_AT_HEAD;
	up->starved = false;
	wad_h1_head_begin(&up->scan, WAD_H1_REQUEST, &e->http.limits);
	e->side[WAD_HTTP_DOWN].step = WAD_H1_WAIT;
	e->close = e->last = e->answered = e->asked = e->retried = false;
	e->informational = 0;
	if (e->stopping || (e->http.ended[WAD_HTTP_UP] && up->in.len == 0) ||
	    (e->http.ended[WAD_HTTP_DOWN] && !e->http.limits.proxy))
		wad_h1_tx_over(e, WR_N);
}

/* Both messages may be complete; or the answer is, and the connection ends
 * with it, so that what is left of the request is for nobody. */
static void
finish(struct wad_h1 *e)
{
	bool up = e->side[WAD_HTTP_UP].step == WAD_H1_DONE;

	if (e->side[WAD_HTTP_DOWN].step != WAD_H1_DONE || (!up && !e->last))
		return;
	e->http.served++;
	wad_http_tx_done(e->http.current, WAD_HTTP_DONE);
	if (e->close)
		wad_h1_tx_over(e, WR_N);
	else
		wad_h1_tx_next(e);
}

void
wad_h1_tx_end(struct wad_h1 *e, enum wad_http_end how, enum wad_reason_id why)
{
	const struct wad_h1_side *down = &e->side[WAD_HTTP_DOWN];

	/* a client takes the end of the connection for that of the body */
	if (e->answered && down->step == WAD_H1_AT_BODY &&
	    down->body.framing == WAD_H1_UNTIL_CLOSE)
		e->http.torn = true;
	wad_http_tx_done(e->http.current, how);
	wad_h1_tx_over(e, why);
}

/* ---- answers of our own ----------------------------------------------- */

static void
write_answer(struct wad_h1 *e, struct wad_http_tx *tx, bool close)
{
	char length[32];

	wad_h1_out_release(e, false);
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
	wad_h1_write_response(wad_h1_out_gather(e, WAD_HTTP_DOWN), &tx->res);
	if (strcmp(tx->req.method, "HEAD") != 0) {
		tx->bytes[WAD_HTTP_DOWN] += tx->body.len;
		wad_h1_out_add(e, WAD_HTTP_DOWN, tx->body.s, tx->body.len);
	}
	tx->ours = true;
	if (tx->answered_us == 0)
		tx->answered_us = wad_clock_us();
}

/* The connection stays when nothing of the exchange is outstanding on either
 * side. */
static void
answer(struct wad_h1 *e, struct wad_http_tx *tx)
{
	bool keep = !tx->sent && !tx->req.close && !tx->req.chunked &&
	    tx->req.length == 0 && !e->stopping;

	write_answer(e, tx, !keep);
	wad_http_tx_done(tx, WAD_HTTP_DONE);
	if (keep)
		wad_h1_tx_next(e);
	else
		wad_h1_tx_over(e, WR_N);
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

void
wad_h1_tx_refuse(struct wad_h1 *e, unsigned status, enum wad_reason_id why,
    const char *error)
{
	struct wad_http_tx *tx = e->http.current;

	snprintf(tx->error, sizeof(tx->error), "%s", error);
	wad_http_say_refuse(tx, status, why);
	if (!e->answered)
		write_answer(e, tx, true);
	wad_h1_tx_end(e, how_of(why), why);
}

/* ---- requests --------------------------------------------------------- */

static enum wad_h1_framing
request_framing(const struct wad_http_head *req)
{
	return req->chunked ? WAD_H1_CHUNKED : req->length > 0 ?
	    WAD_H1_LENGTH : WAD_H1_NONE;
}

static void
body_begin(struct wad_h1_side *s, enum wad_h1_framing framing, uint64_t length)
{
	wad_h1_body_begin(&s->body, framing, length);
	s->step = s->body.done ? WAD_H1_DONE : WAD_H1_AT_BODY;
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
early(struct wad_h1 *e)
{
	struct wad_http_tx *tx = e->http.current;

	snprintf(tx->error, sizeof(tx->error), "the server answered before "
	    "it was asked");
	wad_h1_tx_end(e, WAD_HTTP_BROKEN, WR_RESPONSE_BAD);
}

void
wad_h1_tx_forward(struct wad_h1 *e, struct wad_http_tx *tx)
{
	struct wad_http		*hp = &e->http;
	struct wad_h1_side		*down = &e->side[WAD_HTTP_DOWN];

	if (hp->ended[WAD_HTTP_DOWN] || down->in.len > 0) {
		/* what it said before it was asked is no answer */
		if (down->in.len > 0)
			early(e);
		else
			wad_h1_tx_end(e, WAD_HTTP_SRV_GONE, WR_SRV_CLOSED);
		return;
	}
	if (hp->limits.proxy && !tx->sent)
		clean_request(&tx->req);
	else if (tx->sent)		/* to another proxy, or none, before */
		wad_http_head_drop(&tx->req, "Proxy-Authorization");
	if (hp->limits.parent_auth != NULL)
		wad_http_head_set(&tx->req, "Proxy-Authorization",
		    hp->limits.parent_auth);
	wad_h1_write_request(wad_h1_out_gather(e, WAD_HTTP_UP), &tx->req,
	    hp->limits.parent || (tx->req.absolute && !hp->limits.proxy));
	tx->sent = true;
	body_begin(&e->side[WAD_HTTP_UP], request_framing(&tx->req),
	    tx->req.length);
	down->step = WAD_H1_AT_HEAD;
	down->starved = false;
	wad_h1_head_begin(&down->scan, WAD_H1_RESPONSE, &hp->limits);
	if (tx->req.close)
		e->close = true;
}

void
wad_h1_tx_say(struct wad_h1 *e, struct wad_http_tx *tx, enum wad_http_say say)
{
	switch (say) {
	case WAD_HTTP_PASS:
		wad_h1_tx_forward(e, tx);
		break;
	case WAD_HTTP_ANSWER:
		answer(e, tx);
		break;
	case WAD_HTTP_HOLD:
		tx->held = true;
		e->side[WAD_HTTP_UP].step = WAD_H1_WAIT;
		break;
	case WAD_HTTP_CUT:
		wad_h1_tx_end(e, WAD_HTTP_STOPPED, WR_N);
		break;
	}
}

/* A request's head, complete or bad, in n bytes at p; how many of them it
 * took. */
static size_t
take_request(struct wad_h1 *e, const uint8_t *p, size_t n, bool bad)
{
	struct wad_h1_side		*s = &e->side[WAD_HTTP_UP];
	struct wad_http_tx	*tx = wad_http_tx_new(&e->http);

	e->http.current = tx;
	e->http.begun = false;
	e->http.limits.sniff = false;
	if (bad || wad_h1_head_parse(&s->scan, (const char *)p,
	    &tx->req) == -1) {
		wad_h1_tx_refuse(e, s->scan.status, WR_REQUEST_BAD,
		    s->scan.error);
		return n;
	}
	if (tx->req.path == 0 && e->http.limits.https) {
		wad_h1_tx_refuse(e, 501, WR_REQUEST_BAD, "CONNECT inside of "
		    "TLS would lead where nobody can look");
		return n;
	}
	if (!e->http.limits.h2c)
		wad_h1_write_clean_h2c(&tx->req);
	n = s->scan.seen;
	if (!e->http.limits.proxy)
		wad_h1_tx_say(e, tx, wad_http_say_request(tx));
	else {
		s->step = WAD_H1_WAIT;
		e->http.state = WAD_HTTP_WANTS_SERVER;
	}
	return n;
}

static size_t
request_head(struct wad_h1 *e, const uint8_t *p, size_t n)
{
	struct wad_h1_side *s = &e->side[WAD_HTTP_UP];
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
tunnel(struct wad_h1 *e, struct wad_http_tx *tx)
{
	tx->tunnel = true;
	e->answered = true;
	wad_h1_write_response(wad_h1_out_gather(e, WAD_HTTP_DOWN), &tx->res);
	e->http.state = WAD_HTTP_TUNNELS;
}

/* Asks the owner about a response.  False: it does not go on to the client. */
static bool
passes(struct wad_h1 *e, struct wad_http_tx *tx, bool may_keep)
{
	enum wad_http_say say = wad_http_say_response(tx);

	if (say == WAD_HTTP_HOLD && may_keep)
		e->keeping = true;
	else if (say == WAD_HTTP_ANSWER)
		answer(e, tx);
	else if (say != WAD_HTTP_PASS)
		wad_h1_tx_end(e, WAD_HTTP_STOPPED, WR_N);
	return say == WAD_HTTP_PASS || (say == WAD_HTTP_HOLD && may_keep);
}

/* 1xx */
static void
informational(struct wad_h1 *e, struct wad_http_tx *tx)
{
	bool switches = tx->res.status == 101;

	if (switches && (!tx->req.upgrade ||
	    e->side[WAD_HTTP_UP].step != WAD_H1_DONE)) {
		wad_h1_tx_refuse(e, 502, WR_RESPONSE_BAD, "the server switches "
		    "protocols, and nobody asked for that");
		return;
	}
	if (++e->informational > INFORMATIONAL_MAX) {
		wad_h1_tx_refuse(e, 502, WR_RESPONSE_BAD,
		    "too many responses 1xx");
		return;
	}
	if (!passes(e, tx, false))
		return;
	if (switches) {
		tunnel(e, tx);
		return;
	}
	/* RFC 9110 section 15.2: not to HTTP/1.0 */
	if (tx->req.minor > 0)
		wad_h1_write_response(wad_h1_out_gather(e, WAD_HTTP_DOWN),
		    &tx->res);
	wad_http_head_reset(&tx->res);
	wad_h1_head_begin(&e->side[WAD_HTTP_DOWN].scan, WAD_H1_RESPONSE,
	    &e->http.limits);
}

/* To CONNECT: what says that it has a body has none (RFC 9110 section
 * 9.3.6). */
static void
connected(struct wad_h1 *e, struct wad_http_tx *tx)
{
	wad_http_head_drop(&tx->res, "Content-Length");
	wad_http_head_drop(&tx->res, "Transfer-Encoding");
	tunnel(e, tx);
}

/* Each side of a proxy says for itself how long it stays. */
static void
clean_response(struct wad_h1 *e, struct wad_http_tx *tx)
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
final_response(struct wad_h1 *e, struct wad_http_tx *tx)
{
	struct wad_h1_side		*s = &e->side[WAD_HTTP_DOWN];
	enum wad_h1_framing	 framing = response_framing(tx);

	if (tx->answered_us == 0)
		tx->answered_us = wad_clock_us();
	if (!passes(e, tx, true))
		return;
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
	wad_h1_write_response(wad_h1_out_text(e, WAD_HTTP_DOWN), &tx->res);
	body_begin(s, framing, tx->res.length);
	if (s->step == WAD_H1_DONE)
		wad_h1_tx_done(e, WAD_HTTP_DOWN);
}

static size_t
response_head(struct wad_h1 *e, const uint8_t *p, size_t n)
{
	struct wad_h1_side		*s = &e->side[WAD_HTTP_DOWN];
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
		wad_h1_tx_refuse(e, 502, WR_RESPONSE_BAD, s->scan.error);
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
may_pass(struct wad_h1 *e, enum wad_http_dir dir, const void *p, size_t n)
{
	struct wad_http_tx	*tx = e->http.current;
	bool			 kept = dir == WAD_HTTP_DOWN && e->keeping;

	if (!tx->watch[dir]) {
		wad_h1_out_release(e, true);
		return true;
	}
	switch (wad_http_say_body(tx, dir, p, n)) {
	case WAD_HTTP_PASS:
		if (kept)
			wad_h1_out_release(e, true);
		return true;
	case WAD_HTTP_HOLD:
		if (kept && n > 0 && e->kept.len + n <= WAD_HTTP_KEEP_MAX +
		    e->http.limits.head_max + WAD_H1_PIECE)
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
	wad_h1_tx_end(e, WAD_HTTP_STOPPED, WR_N);
	return false;
}

void
wad_h1_tx_done(struct wad_h1 *e, enum wad_http_dir dir)
{
	if ((dir == WAD_HTTP_DOWN && e->keeping) ||
	    e->http.current->watch[dir])
		if (!may_pass(e, dir, "", 0))
			return;
	e->side[dir].step = WAD_H1_DONE;
	finish(e);
}

/* What was sent already cannot be taken back: the other side sees the message
 * end too early. */
static size_t
body_bad(struct wad_h1 *e, enum wad_http_dir dir, size_t n, const char *error)
{
	wad_h1_tx_refuse(e, dir == WAD_HTTP_UP ? 400 : 502, dir == WAD_HTTP_UP ?
	    WR_REQUEST_BAD : WR_RESPONSE_BAD, error);
	return n;
}

static size_t
trailers(struct wad_h1 *e, enum wad_http_dir dir, const uint8_t *p, size_t n)
{
	static struct wad_http_head	 head;
	struct wad_h1_side			*s = &e->side[dir];
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
	wad_h1_write_fields(wad_h1_out_text(e, dir), &head);
	n = s->scan.seen;
	wad_h1_body_trailed(&s->body);
	wad_h1_tx_done(e, dir);
	return n;
}

static size_t
trailers_begin(struct wad_h1 *e, enum wad_http_dir dir, const uint8_t *p,
    size_t n)
{
	struct wad_h1_side *s = &e->side[dir];

	s->step = WAD_H1_AT_TRAILERS;
	wad_h1_head_begin(&s->scan, dir == WAD_HTTP_UP ?
	    WAD_H1_REQUEST_TRAILERS : WAD_H1_RESPONSE_TRAILERS,
	    &e->http.limits);
	return trailers(e, dir, p, n);
}

static size_t
body(struct wad_h1 *e, enum wad_http_dir dir, const uint8_t *p, size_t n)
{
	struct wad_h1_side		*s = &e->side[dir];
	struct wad_http_tx	*tx = e->http.current;
	enum wad_h1_piece	 what;
	size_t			 len = n;

	if (!wad_h1_out_room(e, dir))
		return 0;
	n = wad_h1_body_next(&s->body, p, len, &what);
	switch (what) {
	case WAD_H1_DATA:
		tx->bytes[dir] += n;
		if (tx->watch[dir] && !may_pass(e, dir, p, n))
			return n;
		wad_h1_out_add(e, dir, p, n);
		break;
	case WAD_H1_FRAME:
		wad_h1_out_add(e, dir, p, n);
		break;
	case WAD_H1_EXTENSION:
		break;
	case WAD_H1_TRAILERS:
		return trailers_begin(e, dir, p, len);
	case WAD_H1_BAD:
		return body_bad(e, dir, len, s->body.error);
	}
	if (s->body.done)
		wad_h1_tx_done(e, dir);
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
unasked(struct wad_h1 *e, const uint8_t *p, size_t n)
{
	bool is_http = n >= 5 && memcmp(p, "HTTP/", 5) == 0;

	if (e->http.limits.sniff && e->http.current == NULL && !is_http)
		e->http.state = WAD_HTTP_TUNNELS;
	else if (e->http.current == NULL && is_goodbye(p, n))
		wad_h1_tx_over(e, WR_N);
	else {
		if (e->http.current == NULL)
			e->http.current = wad_http_tx_new(&e->http);
		early(e);
	}
	return 0;
}

/* ---- step by step ----------------------------------------------------- */

/* One thing of what is there; how many bytes it took, 0: it cannot go on
 * now. */
static size_t
step(struct wad_h1 *e, enum wad_http_dir dir, const uint8_t *p, size_t n)
{
	switch (e->side[dir].step) {
	case WAD_H1_AT_HEAD:
		/* answers may follow, ours too: to who reads them */
		if (!wad_h1_out_room(e, WAD_HTTP_UP) ||
		    !wad_h1_out_room(e, WAD_HTTP_DOWN))
			return 0;
		return dir == WAD_HTTP_UP ? request_head(e, p, n) :
		    response_head(e, p, n);
	case WAD_H1_AT_BODY:
		return body(e, dir, p, n);
	case WAD_H1_AT_TRAILERS:
		return trailers(e, dir, p, n);
	case WAD_H1_WAIT:
		return dir == WAD_HTTP_DOWN ? unasked(e, p, n) : 0;
	case WAD_H1_DONE:
		return 0;
	}
	return 0;
}

size_t
wad_h1_tx_use(struct wad_h1 *e, enum wad_http_dir dir, const uint8_t *p,
    size_t n)
{
	size_t used = 0, k;

	while (used < n && e->http.state == WAD_HTTP_RUNS && (k = step(e, dir,
	    p + used, n - used)) > 0)
		used += k;
	return used;
}
