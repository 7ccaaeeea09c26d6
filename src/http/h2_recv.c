/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nghttp2 tells of the frames of a leg.  Everything here runs inside
 * nghttp2_session_mem_recv or _mem_send: streams that end are freed later.
 */
#include "http/h2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"

enum {
	FIRST_WINDOW = 65535,
	FRAME_MAX = 16384,
	LINGERING = 4,			/* streams kept per one allowed */
	ACKS_MAX = 200,			/* waiting to be written */
};

static struct wad_h2_stream *
stream(const struct wad_h2_side *s, int32_t id)
{
	return nghttp2_session_get_stream_user_data(s->ng, id);
}

/* ---- any frame --------------------------------------------------------- */

static const uint8_t kind_of[] = {
	[NGHTTP2_DATA] = WAD_H2_KINDS, [NGHTTP2_HEADERS] = WAD_H2_KINDS,
	[NGHTTP2_PRIORITY] = WAD_H2_PRIORITY,
	[NGHTTP2_RST_STREAM] = WAD_H2_RESET,
	[NGHTTP2_SETTINGS] = WAD_H2_SETTINGS,
	[NGHTTP2_PUSH_PROMISE] = WAD_H2_KINDS, [NGHTTP2_PING] = WAD_H2_PING,
	[NGHTTP2_GOAWAY] = WAD_H2_EMPTY,
	[NGHTTP2_WINDOW_UPDATE] = WAD_H2_WINDOW,
	[NGHTTP2_CONTINUATION] = WAD_H2_KINDS,
};

static int
on_begin_frame(nghttp2_session *ng, const nghttp2_frame_hd *hd, void *user)
{
	struct wad_h2_side		*s = user;
	const struct wad_h2_stream	*st;
	enum wad_h2_kind		 k = WAD_H2_KINDS;

	(void)ng;
	/* nghttp2 skips frames of other types without a word: they cost no
	 * more than their bytes */
	if (hd->type < sizeof(kind_of))
		k = (enum wad_h2_kind)kind_of[hd->type];
	if (hd->type == NGHTTP2_CONTINUATION && hd->length == 0)
		k = WAD_H2_EMPTY;
	if (k == WAD_H2_KINDS)
		return 0;
	/* a server's that has answered ends an upload: no rapid reset */
	if (k == WAD_H2_RESET && s->leg == WAD_HTTP_DOWN &&
	    (st = stream(s, hd->stream_id)) != NULL && st->eof[s->leg])
		return 0;
	/* nghttp2 does not look at priorities any more (RFC 9113 section 6.3) */
	if (hd->type == NGHTTP2_PRIORITY && hd->stream_id == 0)
		wad_h2_fail(s, WR_HTTP_PROTOCOL, NGHTTP2_PROTOCOL_ERROR);
	wad_h2_flood_count(s, k);
	return 0;
}

/* nghttp2's words for what a peer did wrong.  Those about a field hold its
 * value, which may be a secret: of them the name is kept. */
static int
on_error(nghttp2_session *ng, int code, const char *msg, size_t len,
    void *user)
{
	static const char	 before[] = "name: [", after[] = "], value: [";
	struct wad_h2_side	*s = user;
	const char		*name = memmem(msg, len, before,
	    sizeof(before) - 1), *end;
	char			 text[64];

	(void)ng;
	(void)code;
	if (name == NULL) {
		wad_str_escape(s->error, sizeof(s->error), msg, len);
		return 0;
	}
	name += sizeof(before) - 1;
	end = memmem(name, (size_t)(msg + len - name), after,
	    sizeof(after) - 1);
	snprintf(s->error, sizeof(s->error), "the field %s is malformed or "
	    "has no place here", wad_str_escape(text, sizeof(text), name,
	    end != NULL ? (size_t)(end - name) : 0));
	return 0;
}

/* What it says of a message that breaks a rule, and no more. */
static const char *
error_text(struct wad_h2_side *s, int code)
{
	if (s->error[0] != '\0')
		return s->error;
	return code == NGHTTP2_ERR_HTTP_MESSAGING ? "a field that each head "
	    "needs is missing, or the body is not the one that the head "
	    "announces" : nghttp2_strerror(code);
}

static int
on_invalid_frame(nghttp2_session *ng, const nghttp2_frame *f, int code,
    void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st = stream(s, f->hd.stream_id);

	(void)ng;
	s->heading = 0;
	if (st == NULL || st->tx == NULL || st->ended)
		return 0;
	st->end = WAD_HTTP_BROKEN;
	st->ended = true;
	snprintf(st->tx->error, sizeof(st->tx->error), "%s",
	    error_text(s, code));
	s->error[0] = '\0';		/* the next one has its own */
	return 0;
}

/* ---- heads ------------------------------------------------------------- */

static bool
is_trailer(const struct wad_h2_side *s, const struct wad_h2_stream *st,
    const nghttp2_frame *f)
{
	return s->leg == WAD_HTTP_UP ?
	    f->headers.cat != NGHTTP2_HCAT_REQUEST : st->final;
}

/* Where the fields of this head go. */
static struct wad_http_head *
head_of(const struct wad_h2_side *s, struct wad_h2_stream *st,
    const nghttp2_frame *f)
{
	if (st == NULL || st->tx == NULL)
		return NULL;
	if (is_trailer(s, st, f))
		return st->trailer[s->leg];
	if (s->leg == WAD_HTTP_UP)
		return &st->tx->req;
	return st->tx->ours ? NULL : &st->tx->res;
}

static void
begin_request(struct wad_h2_side *s, int32_t id)
{
	struct wad_h2		*h2 = s->h2;
	const nghttp2_extpri	 each = { NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1 };
	bool			 denied;

	/* GOAWAY is on its way; or it may be asked again, RFC 9113 section
	 * 8.7.  A head may cost the peer some bytes and us 32 KiB: reading
	 * no more would be too late */
	denied = wad_http_mem_denies(&h2->http);
	if (h2->closing || h2->failed || denied) {
		s->denied += denied;
		nghttp2_submit_rst_stream(s->ng, NGHTTP2_FLAG_NONE, id,
		    NGHTTP2_REFUSED_STREAM);
		return;
	}
	if (h2->n_streams >= LINGERING * h2->http.limits.streams_max) {
		wad_h2_fail(s, WR_HTTP_FLOOD, NGHTTP2_ENHANCE_YOUR_CALM);
		return;
	}
	nghttp2_session_set_stream_user_data(s->ng, id,
	    wad_h2_stream_new(h2, id));
	/* all in turn: what comes first is the server's business */
	nghttp2_session_change_extpri_stream_priority(s->ng, id, &each, 1);
}

/* A head of a stream that is there cannot be refused. */
static void
fail_over(struct wad_h2_side *s)
{
	if (!s->h2->failed)
		WAD_DBG(HTTP, WAD_W, "http2 memory: holds %zu of %zu of %zu",
		    wad_http_size(&s->h2->http), wad_mem.held, wad_mem.hard);
	wad_h2_fail(s, WR_BUFFERS, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* The connection ends in the middle of a head: it is that one's fault. */
static void
blame_head(struct wad_h2_side *s)
{
	struct wad_h2_stream *st = s->heading != 0 ? stream(s, s->heading) :
	    NULL;

	if (st == NULL || st->tx == NULL || st->ended)
		return;
	st->end = WAD_HTTP_BROKEN;
	st->ended = true;
	snprintf(st->tx->error, sizeof(st->tx->error), "its head is too large "
	    "or cannot be decoded");
}

static int
on_begin_headers(nghttp2_session *ng, const nghttp2_frame *f, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st;

	(void)ng;
	s->heading = f->hd.stream_id;
	s->list = 0;
	s->fields = 0;
	if (f->hd.type == NGHTTP2_PUSH_PROMISE) {
		wad_h2_fail(s, WR_HTTP_PROTOCOL, NGHTTP2_PROTOCOL_ERROR);
		return 0;
	}
	if (s->leg == WAD_HTTP_UP && f->headers.cat == NGHTTP2_HCAT_REQUEST) {
		begin_request(s, f->hd.stream_id);
		return 0;
	}
	if (wad_mem_over() && wad_http_mem_denies(&s->h2->http)) {
		fail_over(s);
		return 0;
	}
	st = stream(s, f->hd.stream_id);
	if (st != NULL && st->tx != NULL && is_trailer(s, st, f) &&
	    st->trailer[s->leg] == NULL) {
		st->too_big = false;
		st->trailer[s->leg] = wad_xcalloc(1,
		    sizeof(*st->trailer[0]));
	}
	return 0;
}

static int
on_header(nghttp2_session *ng, const nghttp2_frame *f, nghttp2_rcbuf *name,
    nghttp2_rcbuf *value, uint8_t flags, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st = stream(s, f->hd.stream_id);
	struct wad_http_head	*head = head_of(s, st, f);

	(void)ng;
	wad_h2_head_field(s, st, head, name, value, flags);
	/* now: one that ends as malformed waits for its reset to go */
	if (head != NULL)
		wad_http_tx_count(st->tx, s->leg, is_trailer(s, st, f), head);
	if (s->h2->failed)
		blame_head(s);
	return 0;
}

/* A field that no HTTP/2 message may have: nghttp2 would leave it out, and
 * the next reader might not. */
static int
on_invalid_header(nghttp2_session *ng, const nghttp2_frame *f,
    nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st = stream(s, f->hd.stream_id);
	nghttp2_vec		 n = nghttp2_rcbuf_get_buf(name);
	char			 text[64];

	(void)ng;
	(void)value;
	(void)flags;
	s->heading = 0;			/* what is left of it is skipped */
	if (st != NULL && st->tx != NULL) {
		st->end = WAD_HTTP_BROKEN;
		st->ended = true;
		snprintf(st->tx->error, sizeof(st->tx->error),
		    "the field %s is malformed", wad_str_escape(text,
		    sizeof(text), (const char *)n.base, n.len));
	}
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;	/* PROTOCOL_ERROR */
}

static void
head_there(struct wad_h2_side *s, struct wad_h2_stream *st,
    const nghttp2_frame *f)
{
	bool end = f->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (st->trailer[s->leg] != NULL && is_trailer(s, st, f)) {
		if (st->too_big)
			wad_h2_stream_end(st, WAD_HTTP_BROKEN,
			    NGHTTP2_ENHANCE_YOUR_CALM);
		else if (end)
			wad_h2_stream_eof(st, s->leg);
		return;
	}
	/* so that a head alone goes on as such */
	st->eof[s->leg] |= end && head_of(s, st, f) != NULL;
	if (s->leg == WAD_HTTP_UP)
		wad_h2_stream_request(st);
	else
		wad_h2_stream_response(st);
	if (end)
		wad_h2_stream_eof(st, s->leg);
}

/* ---- the connections --------------------------------------------------- */

static void
on_server_settings(struct wad_h2 *h2)
{
	nghttp2_session		*srv = h2->side[WAD_HTTP_DOWN].ng;
	uint32_t		 n = nghttp2_session_get_remote_settings(srv,
	    NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
	nghttp2_settings_entry	 e[2];
	size_t			 k = 0;

	if (n > h2->http.limits.streams_max)
		n = h2->http.limits.streams_max;
	if (n != h2->streams_told)
		e[k++] = (nghttp2_settings_entry) {
			NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, n };
	h2->streams_told = n;
	if (!h2->connect_told && nghttp2_session_get_remote_settings(srv,
	    NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1) {
		e[k++] = (nghttp2_settings_entry) {
			NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1 };
		h2->connect_told = true;
	}
	if (k > 0)
		nghttp2_submit_settings(h2->side[WAD_HTTP_UP].ng,
		    NGHTTP2_FLAG_NONE, e, k);
}

/* A client that says GOAWAY asks for nothing more: the connection ends when
 * its streams have.  Its code is passed on when it complains, once. */
static void
on_goaway(struct wad_h2_side *s, const nghttp2_goaway *g)
{
	struct wad_h2 *h2 = s->h2;

	WAD_DBG(HTTP, WAD_I, "http2 goaway from the %s: error=%u last=%d",
	    s->leg == WAD_HTTP_UP ? "client" : "server", g->error_code,
	    g->last_stream_id);
	if (s->leg == WAD_HTTP_DOWN) {
		wad_h2_goaway(h2, g->error_code);
		return;
	}
	h2->left = true;
	if (g->error_code == NGHTTP2_NO_ERROR || h2->complained)
		return;
	h2->complained = true;
	h2->side[WAD_HTTP_DOWN].told = true;
	nghttp2_submit_goaway(h2->side[WAD_HTTP_DOWN].ng, NGHTTP2_FLAG_NONE,
	    0, g->error_code, NULL, 0);
}

static int
on_frame(nghttp2_session *ng, const nghttp2_frame *f, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st = stream(s, f->hd.stream_id);

	(void)ng;
	switch (f->hd.type) {
	case NGHTTP2_HEADERS:
		s->heading = 0;
		if (st != NULL)
			head_there(s, st, f);
		break;
	case NGHTTP2_DATA:
		if (f->hd.flags & NGHTTP2_FLAG_END_STREAM) {
			if (st != NULL)
				wad_h2_stream_eof(st, s->leg);
		} else if (f->hd.length == f->data.padlen)
			wad_h2_flood_count(s, WAD_H2_EMPTY);
		break;
	case NGHTTP2_SETTINGS:
		if (s->leg == WAD_HTTP_DOWN &&
		    !(f->hd.flags & NGHTTP2_FLAG_ACK))
			on_server_settings(s->h2);
		break;
	case NGHTTP2_GOAWAY:
		on_goaway(s, &f->goaway);
		break;
	default:
		break;
	}
	return 0;
}

static int
on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *data,
    size_t len, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st = stream(s, id);

	(void)flags;
	nghttp2_session_consume_connection(ng, len);
	wad_h2_flood_earn(s, len);
	if (st != NULL)
		wad_h2_stream_data(st, s->leg, data, len);
	return 0;
}

static int
on_close(nghttp2_session *ng, int32_t id, uint32_t code, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st = stream(s, id);

	if (st == NULL)
		return 0;
	nghttp2_session_set_stream_user_data(ng, id, NULL);
	wad_h2_stream_closed(st, s->leg, code);
	return 0;
}

/* ---- frames that went out ---------------------------------------------- */

/* A reset that is not ours: the peer made nghttp2 send it.  Of a frame that
 * was wrong on_invalid_frame has told; what is left are bodies. */
static void
on_reset_sent(struct wad_h2_side *s, struct wad_h2_stream *st, uint32_t code)
{
	if (code == NGHTTP2_REFUSED_STREAM && s->denied > 0)
		s->denied--;		/* it did nothing wrong */
	else if (!s->h2->closing)
		wad_h2_flood_count(s, WAD_H2_RESET);
	if (st == NULL || st->tx == NULL || st->ended ||
	    code != NGHTTP2_PROTOCOL_ERROR)
		return;
	st->end = WAD_HTTP_BROKEN;
	st->ended = true;
	snprintf(st->tx->error, sizeof(st->tx->error), "its body is not the "
	    "one that its head announces");
}

static int
on_sent(nghttp2_session *ng, const nghttp2_frame *f, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st;

	(void)ng;
	switch (f->hd.type) {
	case NGHTTP2_DATA:
		wad_h2_flood_earn(s, f->hd.length);
		/* FALLTHROUGH */
	case NGHTTP2_HEADERS:
		if (f->hd.flags & NGHTTP2_FLAG_END_STREAM &&
		    (st = stream(s, f->hd.stream_id)) != NULL)
			wad_h2_stream_end_sent(st, !s->leg);
		break;
	case NGHTTP2_RST_STREAM:
		st = stream(s, f->hd.stream_id);
		if (st == NULL || !st->rst[s->leg])
			on_reset_sent(s, st, f->rst_stream.error_code);
		break;
	case NGHTTP2_GOAWAY:
		if (f->goaway.error_code != NGHTTP2_NO_ERROR && !s->told) {
			s->broke = true;
			blame_head(s);
		}
		s->told = false;
		break;
	default:
		break;
	}
	return 0;
}

static int
on_not_sent(nghttp2_session *ng, const nghttp2_frame *f, int code, void *user)
{
	struct wad_h2_side	*s = user;
	struct wad_h2_stream	*st = stream(s, f->hd.stream_id);

	(void)ng;
	if (f->hd.type != NGHTTP2_HEADERS || st == NULL)
		return 0;
	WAD_DBG(HTTP, WAD_W, "http2 head not sent: %s",
	    nghttp2_strerror(code));
	if (s->leg == WAD_HTTP_DOWN)
		st->refused = true;
	else
		wad_h2_stream_end(st, WAD_HTTP_BROKEN,
		    NGHTTP2_INTERNAL_ERROR);
	return 0;
}

/* ---- the sessions ------------------------------------------------------ */

static nghttp2_session_callbacks *
callbacks(void)
{
	static nghttp2_session_callbacks *c;

	if (c != NULL || nghttp2_session_callbacks_new(&c) != 0)
		return c;
	nghttp2_session_callbacks_set_on_begin_frame_callback(c,
	    on_begin_frame);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(c,
	    on_invalid_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(c,
	    on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(c, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback2(c,
	    on_invalid_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, on_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(c, on_sent);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(c,
	    on_not_sent);
	nghttp2_session_callbacks_set_error_callback2(c, on_error);
	return c;
}

static nghttp2_option *
options(const struct wad_http_limits *l)
{
	nghttp2_option *o;

	if (nghttp2_option_new(&o) != 0)
		return NULL;
	nghttp2_option_set_no_auto_window_update(o, 1);
	nghttp2_option_set_no_closed_streams(o, 1);
	nghttp2_option_set_max_outbound_ack(o, ACKS_MAX);
	nghttp2_option_set_max_continuations(o, l->head_max / FRAME_MAX + 8);
	nghttp2_option_set_max_send_header_block_length(o,
	    2 * l->head_max + FRAME_MAX);
	/* ours (h2_flood.c) says why */
	nghttp2_option_set_stream_reset_rate_limit(o, UINT32_MAX, UINT32_MAX);
	return o;
}

static int
settings(struct wad_h2_side *s, uint32_t window)
{
	const struct wad_http_limits	*l = &s->h2->http.limits;
	nghttp2_settings_entry		 e[4];
	size_t				 n = 0;

	e[n++] = (nghttp2_settings_entry) {
		NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)l->head_max };
	if (window < FIRST_WINDOW)
		e[n++] = (nghttp2_settings_entry) {
			NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window };
	if (s->leg == WAD_HTTP_UP) {
		e[n++] = (nghttp2_settings_entry) {
			NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
			l->streams_max };
		e[n++] = (nghttp2_settings_entry) {
			NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 };
	} else
		e[n++] = (nghttp2_settings_entry) {
			NGHTTP2_SETTINGS_ENABLE_PUSH, 0 };
	if (nghttp2_submit_settings(s->ng, NGHTTP2_FLAG_NONE, e, n) != 0)
		return -1;
	if (window < FIRST_WINDOW)
		window = FIRST_WINDOW;
	if (window > INT32_MAX / WAD_H2_WINDOWS)
		window = INT32_MAX / WAD_H2_WINDOWS;
	return nghttp2_session_set_local_window_size(s->ng, NGHTTP2_FLAG_NONE,
	    0, (int32_t)window * WAD_H2_WINDOWS);
}

static int
session_new(struct wad_h2_side *s, const nghttp2_option *o)
{
	nghttp2_mem mem = wad_h2_mem(s);

	return s->leg == WAD_HTTP_UP ?
	    nghttp2_session_server_new3(&s->ng, callbacks(), s, o, &mem) :
	    nghttp2_session_client_new3(&s->ng, callbacks(), s, o, &mem);
}

int
wad_h2_recv_init(struct wad_h2 *h2)
{
	const struct wad_http_limits	*l = &h2->http.limits;
	nghttp2_option			*o = options(l);
	int				 rc = -1;

	for (int i = 0; i < 2; i++) {
		h2->side[i].h2 = h2;
		h2->side[i].leg = (enum wad_http_dir)i;
		wad_h2_flood_init(&h2->side[i]);
	}
	h2->streams_told = l->streams_max;
	if (o != NULL && callbacks() != NULL &&
	    session_new(&h2->side[WAD_HTTP_UP], o) == 0 &&
	    session_new(&h2->side[WAD_HTTP_DOWN], o) == 0 &&
	    settings(&h2->side[WAD_HTTP_UP], l->window_clt) == 0 &&
	    settings(&h2->side[WAD_HTTP_DOWN], l->window_srv) == 0)
		rc = 0;
	nghttp2_option_del(o);
	return rc;
}
