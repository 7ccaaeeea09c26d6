/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of the engine of HTTP/2: it stands between a client and a server
 * that are sessions of nghttp2, over legs in memory.
 *
 * The server answers by the path: "/N": N bytes; "/t/N": with a trailer;
 * "/early/N": after 103; "/echo": what comes; "/hold": never; "/reset/C":
 * resets with code C; "/big-head": with a head of 100,000 bytes.
 */
#ifndef UNIT_H2_PAIR_H
#define UNIT_H2_PAIR_H

#include <check.h>
#include <nghttp2/nghttp2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xmem.h"
#include "http/http.h"

enum { CLT, SRV, STREAMS = 4096 };

/* A stream as a peer sees it. */
struct seen {
	unsigned status, interim;
	size_t	 bytes;
	bool	 eof, closed, has_trailer, slow;
	uint32_t code;
	char	 fields[1024];
	char	 path[256];
	size_t	 to_send;
	bool	 trailer, echo, open, asleep;
	struct wad_buf back;
};

struct peer {
	int		 side;
	nghttp2_session	*ng;
	struct wad_buf	 in, out;	/* to the engine, and from it */
	struct seen	 s[STREAMS];	/* by id / 2 */
	bool		 goaway;
	uint32_t	 goaway_code;
	bool		 deaf;		/* reads nothing, room is 0 */
	unsigned	 resets;
	bool		 raw;		/* frames are read by hand */
	unsigned	 heads, aside;	/* aside: ALTSVC and ORIGIN */
	uint32_t	 reset_code;
};

struct pair {
	struct wad_http	*h;
	struct peer	 p[2];
	size_t		 step;
	/* what the owner says and saw */
	enum wad_http_say request, response, body;
	bool		 watch;
	struct wad_http_tx *held;
	unsigned	 asked, done, refused, ends[8];
	size_t		 seen, shown, hold_max;
	unsigned	 ends_shown;
	enum wad_http_say then;		/* after HOLD of a body */
	char		 error[160], host[256];
	unsigned	 port;
	size_t		 held_max;
};

static struct pair w;

/* ---- the legs ---------------------------------------------------------- */

static long
leg_read(void *arg, void *buf, size_t size)
{
	struct peer *p = arg;

	return (long)wad_buf_take(&p->in, buf, size < w.step ? size :
	    w.step);
}

static int
leg_write(void *arg, const void *data, size_t len)
{
	wad_buf_add(&((struct peer *)arg)->out, data, len);
	return 0;
}

static size_t
leg_room(void *arg)
{
	struct peer *p = arg;

	return p->deaf || p->out.len > 65536 ? 0 : 65536 - p->out.len + 1;
}

/* ---- the owner --------------------------------------------------------- */

static void
page(struct wad_http_tx *tx, unsigned status)
{
	wad_http_head_reset(&tx->res);
	tx->res.status = status;
	wad_http_head_put(&tx->res, "Content-Type", "text/html");
	wad_http_head_put(&tx->res, "Connection", "close");
	wad_str_add(&tx->body, "<p>blocked</p>");
}

static enum wad_http_say
on_request(void *owner, struct wad_http_tx *tx)
{
	(void)owner;
	w.asked++;
	strcpy(w.host, tx->req.host);
	w.port = tx->req.port;
	tx->watch[0] = tx->watch[1] = w.watch;
	if (w.request == WAD_HTTP_ANSWER)
		page(tx, 403);
	if (w.request == WAD_HTTP_HOLD)
		w.held = tx;
	return w.request;
}

static enum wad_http_say
on_response(void *owner, struct wad_http_tx *tx)
{
	(void)owner;
	if (w.response == WAD_HTTP_HOLD && tx->res.status < 200)
		return WAD_HTTP_PASS;
	if (w.response == WAD_HTTP_ANSWER)
		page(tx, 403);
	return w.response;
}

static enum wad_http_say
on_body(void *owner, struct wad_http_tx *tx, enum wad_http_dir dir,
    const void *data, size_t len)
{
	(void)owner;
	(void)data;
	w.seen += len;
	w.shown += dir == WAD_HTTP_DOWN ? len : 0;
	w.ends_shown += len == 0;
	if (w.body == WAD_HTTP_HOLD && dir == WAD_HTTP_DOWN &&
	    (len == 0 || w.shown >= w.hold_max)) {
		if (w.then == WAD_HTTP_ANSWER)
			page(tx, 403);
		return w.then;
	}
	return dir == WAD_HTTP_UP && w.body != WAD_HTTP_CUT ? WAD_HTTP_PASS :
	    w.body;
}

static void
on_refuse(void *owner, struct wad_http_tx *tx, unsigned status,
    enum wad_reason_id why)
{
	(void)owner;
	(void)why;
	w.refused++;
	strcpy(w.error, tx->error);
	page(tx, status);
}

static void
on_done(void *owner, struct wad_http_tx *tx)
{
	(void)owner;
	w.done++;
	w.ends[tx->end]++;
	if (tx->end == WAD_HTTP_BROKEN)
		strcpy(w.error, tx->error);
	if (w.held == tx)
		w.held = NULL;
}

static const struct wad_http_ops pair_ops = {
	.request = on_request, .response = on_response, .body = on_body,
	.refuse = on_refuse, .done = on_done,
};

/* ---- the peers --------------------------------------------------------- */

static struct seen *
seen(struct peer *p, int32_t id)
{
	ck_assert(id / 2 < STREAMS);
	return &p->s[id / 2];
}

static ssize_t
source(nghttp2_session *ng, int32_t id, uint8_t *buf, size_t size,
    uint32_t *flags, nghttp2_data_source *src, void *user)
{
	struct seen		*s = seen(user, id);
	static const nghttp2_nv	 t = { (uint8_t *)(uintptr_t)"grpc-status",
		(uint8_t *)(uintptr_t)"0", 11, 1, 0 };
	size_t			 n;

	(void)src;
	if (s->echo) {
		n = wad_buf_take(&s->back, buf, size);
		if (n == 0 && !s->eof) {
			s->asleep = true;
			return NGHTTP2_ERR_DEFERRED;
		}
		if (s->back.len == 0 && s->eof)
			*flags |= NGHTTP2_DATA_FLAG_EOF;
		return (ssize_t)n;
	}
	n = s->to_send < size ? s->to_send : size;
	memset(buf, 'x', n);
	s->to_send -= n;
	if (s->to_send == 0 && !s->open) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (s->trailer) {
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
			nghttp2_submit_trailer(ng, id, &t, 1);
		}
	} else if (n == 0) {
		s->asleep = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	return (ssize_t)n;
}

static nghttp2_nv
nv(const char *name, const char *value)
{
	return (nghttp2_nv){ (uint8_t *)(uintptr_t)name,
		(uint8_t *)(uintptr_t)value, strlen(name), strlen(value), 0 };
}

static void
serve(struct peer *p, int32_t id)
{
	struct seen		*s = seen(p, id);
	nghttp2_data_provider	 d = { .read_callback = source };
	static char		 big[100 * 1000];
	nghttp2_nv		 h[4] = { nv(":status", "200"),
		nv("x-origin", "yes"), nv("set-cookie", "a=b") };
	const char		*path = s->path;
	size_t			 n = 3;

	if (strcmp(path, "/hold") == 0)
		return;
	if (strncmp(path, "/reset/", 7) == 0) {
		nghttp2_submit_rst_stream(p->ng, 0, id,
		    (uint32_t)atoi(path + 7));
		return;
	}
	if (strncmp(path, "/early/", 7) == 0) {
		nghttp2_nv e[2] = { nv(":status", "103"), nv("link", "</a>") };

		nghttp2_submit_headers(p->ng, 0, id, NULL, e, 2, NULL);
		path += 6;
	}
	if (strcmp(path, "/big-head") == 0) {
		memset(big, 'a', sizeof(big) - 1);
		for (int i = 0; i < 2; i++)
			h[n++ - 1] = (nghttp2_nv){ (uint8_t *)(uintptr_t)
				"x-big", (uint8_t *)big, 5, 50000, 0 };
		n--;
	}
	s->trailer = strncmp(path, "/t/", 3) == 0;
	s->echo = strcmp(path, "/echo") == 0;
	s->to_send = (size_t)atoi(path + (s->trailer ? 3 : 1));
	ck_assert_int_eq(nghttp2_submit_response(p->ng, id, h, n,
	    s->to_send > 0 || s->echo || s->trailer ? &d : NULL), 0);
}

static int
peer_header(nghttp2_session *ng, const nghttp2_frame *f, const uint8_t *name,
    size_t nlen, const uint8_t *value, size_t vlen, uint8_t flags, void *user)
{
	struct seen	*s = seen(user, f->hd.stream_id);
	size_t		 at = strlen(s->fields);

	(void)ng;
	snprintf(s->fields + at, sizeof(s->fields) - at, "%.*s: %.*s%s\n",
	    (int)nlen, (const char *)name, (int)vlen, (const char *)value,
	    flags & NGHTTP2_NV_FLAG_NO_INDEX ? " !" : "");
	if (nlen == 7 && memcmp(name, ":status", 7) == 0) {
		s->status = (unsigned)atoi((const char *)value);
		s->interim += s->status < 200;
	}
	if (nlen == 5 && memcmp(name, ":path", 5) == 0)
		snprintf(s->path, sizeof(s->path), "%.*s", (int)vlen,
		    (const char *)value);
	s->has_trailer |= nlen == 11 && memcmp(name, "grpc-status", 11) == 0;
	return 0;
}

static int
peer_frame(nghttp2_session *ng, const nghttp2_frame *f, void *user)
{
	struct peer	*p = user;
	struct seen	*s = seen(p, f->hd.stream_id);

	if (f->hd.type == NGHTTP2_GOAWAY) {
		p->goaway = true;
		p->goaway_code = f->goaway.error_code;
	}
	if (f->hd.type == NGHTTP2_RST_STREAM)
		p->resets++;
	if (f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA)
		return 0;
	if (f->hd.flags & NGHTTP2_FLAG_END_STREAM)
		s->eof = true;
	if (p->side == SRV && f->hd.type == NGHTTP2_HEADERS &&
	    f->headers.cat == NGHTTP2_HCAT_REQUEST)
		serve(p, f->hd.stream_id);
	if (s->echo && s->asleep && s->eof) {
		s->asleep = false;
		nghttp2_session_resume_data(ng, f->hd.stream_id);
	}
	return 0;
}

static int
peer_data(nghttp2_session *ng, uint8_t flags, int32_t id,
    const uint8_t *data, size_t len, void *user)
{
	struct seen *s = seen(user, id);

	(void)flags;
	s->bytes += len;
	nghttp2_session_consume_connection(ng, len);
	if (!s->slow)
		nghttp2_session_consume_stream(ng, id, len);
	if (s->echo) {
		wad_buf_add(&s->back, data, len);
		if (s->asleep) {
			s->asleep = false;
			nghttp2_session_resume_data(ng, id);
		}
	}
	return 0;
}

static int
peer_close(nghttp2_session *ng, int32_t id, uint32_t code, void *user)
{
	struct seen *s = seen(user, id);

	(void)ng;
	s->closed = true;
	s->code = code;
	return 0;
}

static void
peer_init(struct peer *p, int side, uint32_t streams, bool connect)
{
	nghttp2_session_callbacks	*c;
	nghttp2_option			*o;
	nghttp2_settings_entry		 e[3] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 65535 },
		{ NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, connect } };

	p->side = side;
	nghttp2_session_callbacks_new(&c);
	nghttp2_session_callbacks_set_on_header_callback(c, peer_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, peer_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c,
	    peer_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, peer_close);
	nghttp2_option_new(&o);
	nghttp2_option_set_no_auto_window_update(o, 1);
	nghttp2_option_set_max_send_header_block_length(o, 1 << 20);
	nghttp2_option_set_peer_max_concurrent_streams(o, 1 << 20);
	nghttp2_option_set_no_http_messaging(o, 1);
	if (side == CLT)
		nghttp2_session_client_new2(&p->ng, c, p, o);
	else
		nghttp2_session_server_new2(&p->ng, c, p, o);
	nghttp2_option_del(o);
	nghttp2_session_callbacks_del(c);
	nghttp2_submit_settings(p->ng, 0, e, side == SRV ? 3 : 2);
}

/* ---- the whole --------------------------------------------------------- */

static void
pair_start(size_t step, uint32_t server_streams, bool connect)
{
	struct wad_http_limits l = { .line_max = 8192, .head_max = 65536,
		.fields_max = 200, .streams_max = 100,
		.window_clt = 1 << 20, .window_srv = 1 << 20, .https = true,
		.port = 443, .host = "a.example" };
	struct wad_http_leg leg[2];

	memset(&w, 0, sizeof(w));
	w.step = step;
	for (int i = 0; i < 2; i++) {
		peer_init(&w.p[i], i, server_streams, connect);
		leg[i] = (struct wad_http_leg){ &w.p[i], leg_read, leg_write,
			leg_room };
	}
	w.h = wad_http_h2_new(leg, &pair_ops, &w, &l);
}

static uint32_t
u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* The frames that came, without nghttp2. */
static bool
raw_read(struct peer *p)
{
	bool moved = false;

	while (p->out.len >= 9) {
		const uint8_t	*f = wad_buf_bytes(&p->out);
		size_t		 len = u32(f) >> 8;

		if (p->out.len < 9 + len)
			break;
		p->heads += f[3] == NGHTTP2_HEADERS;
		p->aside += f[3] == NGHTTP2_ALTSVC || f[3] == NGHTTP2_ORIGIN;
		p->resets += f[3] == NGHTTP2_RST_STREAM;
		if (f[3] == NGHTTP2_RST_STREAM)
			p->reset_code = u32(f + 9);
		if (f[3] == NGHTTP2_GOAWAY) {
			p->goaway = true;
			p->goaway_code = u32(f + 13);
		}
		wad_buf_drain(&p->out, 9 + len);
		moved = true;
	}
	return moved;
}

/* Puts a frame on the wire as it is. */
static inline void
raw(struct peer *p, int type, int flags, int32_t id, const void *data,
    size_t len)
{
	uint8_t h[9] = { (uint8_t)(len >> 16), (uint8_t)(len >> 8),
		(uint8_t)len, (uint8_t)type, (uint8_t)flags,
		(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
		(uint8_t)id };

	wad_buf_add(&p->in, h, sizeof(h));
	if (len > 0)
		wad_buf_add(&p->in, data, len);
}

/* The greetings are exchanged by nghttp2, then a peer is raw. */
static inline void
raw_begin(struct peer *p);

static bool
peer_run(struct peer *p)
{
	const uint8_t	*out;
	ssize_t		 n;
	bool		 moved = false;

	if (p->raw)
		return raw_read(p);

	while ((n = nghttp2_session_mem_send(p->ng, &out)) > 0) {
		wad_buf_add(&p->in, out, (size_t)n);
		moved = true;
	}
	if (p->deaf || p->out.len == 0)
		return moved;
	nghttp2_session_mem_recv(p->ng, wad_buf_bytes(&p->out), p->out.len);
	wad_buf_drain(&p->out, p->out.len);
	return true;
}

/* Until nothing moves any more. */
static void
run(void)
{
	bool moved;
	long turns = 0;

	do {
		moved = peer_run(&w.p[CLT]) | peer_run(&w.p[SRV]);
		for (int i = 0; i < 2; i++) {
			int rc = wad_http_move(w.h, (enum wad_http_dir)i);

			ck_assert_int_ne(rc, -1);
			moved |= rc == 1;
		}
		if (w.h->held > w.held_max)
			w.held_max = w.h->held;
		if (wad_http_size(w.h) < w.h->held ||
		    wad_mem.held < wad_http_size(w.h))
			ck_abort_msg("what is held does not add up");
		ck_assert(++turns < 20 * 1000 * 1000);
	} while (moved);
}

static inline void
raw_begin(struct peer *p)
{
	run();
	p->raw = true;
	p->goaway = false;
	p->resets = p->heads = 0;
}

static void
pair_end(void)
{
	unsigned asked = (unsigned)w.h->requests;

	wad_http_free(w.h);
	ck_assert_uint_eq(w.done, asked);
	for (int i = 0; i < 2; i++) {
		nghttp2_session_del(w.p[i].ng);
		wad_buf_free(&w.p[i].in);
		wad_buf_free(&w.p[i].out);
		for (int k = 0; k < STREAMS; k++)
			wad_buf_free(&w.p[i].s[k].back);
	}
	ck_assert_uint_eq(wad_mem.held, 0);
}

/* A request of the client's; send: bytes of its body (-1: none). */
static int32_t
ask_with(const char *method, const char *path, long send,
    const nghttp2_nv *more, size_t n_more)
{
	nghttp2_nv		 h[16] = { nv(":method", method),
		nv(":authority", "a.example"), nv(":scheme", "https"),
		nv(":path", path) };
	nghttp2_data_provider	 d = { .read_callback = source };
	int32_t			 id;

	if (n_more > 0)
		memcpy(h + 4, more, n_more * sizeof(*more));
	id = nghttp2_submit_request(w.p[CLT].ng, NULL, h, 4 + n_more,
	    send >= 0 ? &d : NULL, NULL);
	ck_assert_int_gt(id, 0);
	seen(&w.p[CLT], id)->to_send = send > 0 ? (size_t)send : 0;
	return id;
}

static int32_t
ask(const char *path)
{
	return ask_with("GET", path, -1, NULL, 0);
}

static struct seen *
clt(int32_t id)
{
	return seen(&w.p[CLT], id);
}

#endif
