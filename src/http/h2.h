/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the engine of HTTP/2 (RFC 9113): two sessions of nghttp2, a server
 * toward the client's leg and a client toward the server's, and streams that
 * are mapped one to one.
 *
 *	h2.c		the engine: reading, writing, ends
 *	h2_recv.c	what nghttp2 tells of frames that come and go
 *	h2_stream.c	a stream's way: request, answer, bodies, resets
 *	h2_head.c	heads to and from the form of nghttp2
 *	h2_flood.c	how many frames of a kind a peer may send
 *	h2_mem.c	what nghttp2 allocates
 *
 * Names: a leg is the one that bytes come from (enum wad_http_dir), so what
 * is called `dir` comes from leg[dir] and goes to leg[!dir].
 */
#ifndef WAD_HTTP_H2_H
#define WAD_HTTP_H2_H

#include <nghttp2/nghttp2.h>

#include "base/buf.h"
#include "http/http.h"

/* Windows of a stream, of the size that is configured, that a connection has:
 * its own bytes are taken as they come, and its streams together may get as
 * many beyond their first ones. */
enum { WAD_H2_WINDOWS = 4 };

/* Frames that cost much and carry little, by kind (h2_flood.c). */
enum wad_h2_kind {
	WAD_H2_RESET,		/* streams ended at once: by RST_STREAM, or by
				 * frames that make us send one */
	WAD_H2_SETTINGS,
	WAD_H2_PING,
	WAD_H2_EMPTY,		/* DATA without data, HEADERS that only go on,
				 * GOAWAY */
	WAD_H2_WINDOW,
	WAD_H2_PRIORITY,
	WAD_H2_KINDS
};

struct wad_h2_side {
	struct wad_h2	*h2;
	enum wad_http_dir leg;
	nghttp2_session	*ng;
	size_t		 list;		/* bytes of the header list that comes
					 * now, RFC 9113 section 6.5.2 */
	unsigned	 fields;	/* of it */
	int32_t		 heading;	/* the stream that it is of; 0: none
					 * comes */
	bool		 told;		/* a GOAWAY for it was passed on */
	bool		 broke;		/* its peer broke the rules */
	char		 error[160];	/* which; nghttp2's words, escaped */
	uint64_t	 granted;	/* beyond the first windows */
	uint64_t	 credit;	/* bytes of bodies not yet counted */
	uint64_t	 then;		/* ms: of the last refill */
	uint32_t	 left[WAD_H2_KINDS];
	uint32_t	 denied;	/* streams refused for memory, whose reset
					 * has not gone out */
};

struct wad_h2 {
	struct wad_http	 http;		/* first member */
	struct wad_h2_side side[2];	/* by leg */
	struct wad_list	 streams, dead;
	unsigned	 n_streams;
	uint32_t	 streams_told;	/* to the client */
	bool		 connect_told;	/* RFC 8441 */
	bool		 closing;	/* over when no stream is left */
	bool		 left;		/* the same: the client said GOAWAY */
	bool		 complained;	/* ... with a code, which was passed on */
	bool		 failed;	/* over now, for this: */
	enum wad_reason_id why;
	enum wad_http_dir blamed;	/* whose side failed */
	bool		 pumping;
};

struct wad_h2_stream {
	struct wad_list	 all;		/* in h2->streams or dead */
	struct wad_h2	*h2;
	struct wad_http_tx *tx;		/* NULL: over */
	int32_t		 id[2];		/* by leg; 0: closed, or not yet open */
	/* by direction */
	struct wad_buf	 body[2];
	uint32_t	 window[2], passed[2], granted[2];
	struct wad_http_head *trailer[2];	/* NULL: none */
	bool		 eof[2];	/* the sender's END_STREAM came */
	bool		 started[2];	/* the head went to the other leg */
	bool		 asleep[2];	/* nghttp2 waits for wad_h2_wake */
	bool		 end_sent[2];	/* END_STREAM went out */
	bool		 cut[2];	/* instead of the end: a reset of */
	uint32_t	 code[2];
	bool		 rst[2];	/* by leg: we reset it */
	bool		 refused;	/* the server's leg takes no streams */
	bool		 too_big;	/* the head is over a limit */
	bool		 final;		/* the response's last head came */
	bool		 kept;		/* ... and is kept back */
	size_t		 lost;		/* of a request's body, that nobody
					 * got: the owner answered */
	unsigned	 interims;	/* heads of 1xx, and their bytes */
	size_t		 interim_bytes;
	uint8_t		 pseudo[5], n_pseudo;	/* in the client's order */
	enum wad_http_end end;		/* when it did not end well */
	bool		 ended;		/* end is valid */
};

/* ---- h2.c -------------------------------------------------------------- */

/* The connection ends after what is going on: for a flood, broken rules... */
void	wad_h2_fail(struct wad_h2_side *, enum wad_reason_id, uint32_t code);
/* No more requests: the client is told so, with this code. */
void	wad_h2_goaway(struct wad_h2 *, uint32_t code);

/* ---- h2_recv.c --------------------------------------------------------- */

/* Makes the sessions and tells both peers the settings; 0, or -1. */
int	wad_h2_recv_init(struct wad_h2 *);

/* ---- h2_stream.c ------------------------------------------------------- */

struct wad_h2_stream *wad_h2_stream_new(struct wad_h2 *, int32_t id);
/* A request's head is complete. */
void	wad_h2_stream_request(struct wad_h2_stream *);
/* A response's head is complete, also one of 1xx. */
void	wad_h2_stream_response(struct wad_h2_stream *);
/* What the owner wants of a request. */
void	wad_h2_stream_say(struct wad_h2_stream *, enum wad_http_say);
void	wad_h2_stream_data(struct wad_h2_stream *, enum wad_http_dir,
	    const uint8_t *, size_t);
/* END_STREAM came. */
void	wad_h2_stream_eof(struct wad_h2_stream *, enum wad_http_dir);
/* END_STREAM went out. */
void	wad_h2_stream_end_sent(struct wad_h2_stream *, enum wad_http_dir);
/* nghttp2 has forgotten the stream of that leg. */
void	wad_h2_stream_closed(struct wad_h2_stream *, enum wad_http_dir leg,
	    uint32_t code);
/* Ends the exchange, now; what is left of its streams is reset. */
void	wad_h2_stream_end(struct wad_h2_stream *, enum wad_http_end,
	    uint32_t code);
/* Frees it and what it holds; its exchange is over. */
void	wad_h2_stream_free(struct wad_h2_stream *);

/* ---- h2_head.c --------------------------------------------------------- */

/* Takes a field of a head that comes; what is beyond the limits is not kept
 * and st->too_big says so. */
void	wad_h2_head_field(struct wad_h2_side *, struct wad_h2_stream *,
	    struct wad_http_head *, nghttp2_rcbuf *name, nghttp2_rcbuf *value,
	    uint8_t flags);
/* Looks at a request's head as a whole; 0, or the status for a refusal, with
 * tx->error saying why. */
unsigned wad_h2_head_check(struct wad_h2_stream *);
/* Fields for nghttp2, which copies them; valid until the next call.  st: the
 * request's stream; NULL: a response or trailers. */
size_t	wad_h2_head_fields(const struct wad_http_head *,
	    const struct wad_h2_stream *st, const nghttp2_nv **);

/* ---- h2_mem.c ---------------------------------------------------------- */

/* The allocator of a session: what it holds counts as its connection's. */
nghttp2_mem wad_h2_mem(struct wad_h2_side *);

/* ---- h2_flood.c -------------------------------------------------------- */

void	wad_h2_flood_init(struct wad_h2_side *);
/* A frame of that kind came; too many of them end the connection. */
void	wad_h2_flood_count(struct wad_h2_side *, enum wad_h2_kind);
/* Bytes of bodies passed: they earn frames of some kinds. */
void	wad_h2_flood_earn(struct wad_h2_side *, size_t bytes);

#endif
