/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP between two legs.  An engine (h1.c, h2.c) reads requests from one leg
 * and responses from the other, asks its owner about each head, and writes
 * what was parsed to the other side.  It streams: of a body it holds no more
 * than its limits say.  It knows no sockets and no TLS: a leg is two
 * functions.
 */
#ifndef WAD_HTTP_HTTP_H
#define WAD_HTTP_HTTP_H

#include "base/list.h"
#include "base/mem.h"
#include "base/reason.h"
#include "http/message.h"

/* Which way bytes go: from the client to the server, and back.  Also the
 * number of the leg that they come from. */
enum wad_http_dir { WAD_HTTP_UP, WAD_HTTP_DOWN };

struct wad_http_leg {
	void	*arg;
	/* Plain bytes that have come, at most size; 0: none now; -1: failed */
	long	(*read)(void *arg, void *buf, size_t size);
	/* Takes all of it; 0, or -1: failed */
	int	(*write)(void *arg, const void *, size_t len);
	/* How many bytes it wants now; 0: its buffer is at the mark.  Small
	 * things (heads, frames without data) may be written nevertheless. */
	size_t	(*room)(void *arg);
};

/* How an exchange ended. */
enum wad_http_end {
	WAD_HTTP_DONE,			/* request and response complete */
	WAD_HTTP_CLT_GONE,		/* the client ended or reset it */
	WAD_HTTP_SRV_GONE,		/* the server did */
	WAD_HTTP_BROKEN,		/* malformed, or over a limit */
	WAD_HTTP_STOPPED,		/* by the owner (WAD_HTTP_CUT) */
};

struct wad_http;

/* A request and its response. */
struct wad_http_tx {
	struct wad_http_head req, res;	/* first: their memory stays */
	struct wad_list	 all;		/* in http->open */
	struct wad_http	*http;
	uint32_t	 id;		/* [r:], of this process */
	int32_t		 stream;	/* HTTP/2: of the client; else 0 */
	uint64_t	 bytes[2];	/* of the bodies that passed, by
					 * direction */
	uint64_t	 begun, answered_us;	/* us: the request's head was
					 * there; the response's was (0: not
					 * yet) */
	bool		 sent;		/* the request went to the server */
	bool		 ours;		/* the owner answered */
	bool		 held;		/* WAD_HTTP_HOLD: waits for resume */
	bool		 tunnel;	/* 101, or CONNECT with 2xx */
	bool		 watch[2];	/* the owner wants to see the bodies */
	size_t		 counted[2][2];	/* memory of the heads, and of
					 * trailers; see mem_other */
	struct wad_str	 body;		/* of the owner's answer */
	enum wad_http_end end;		/* valid in ops->done */
	char		 error[160];	/* BROKEN: what is wrong; else "" */
	void		*seen;		/* the owner's */
	void		*own;		/* the engine's */
};

enum { WAD_HTTP_KEEP_MAX = 65536 };	/* of a response that is kept back */

enum wad_http_say {
	WAD_HTTP_PASS,			/* goes on its way */
	WAD_HTTP_ANSWER,		/* tx->res and tx->body are the answer;
					 * nothing (more) goes to the server.
					 * For a response: instead of it */
	WAD_HTTP_HOLD,			/* a request: wait, wad_http_resume
					 * tells.  A response or a piece of its
					 * body: keep it back, see ops->body */
	WAD_HTTP_CUT,			/* end the exchange without an answer */
};

/* What the owner is asked.  A function must not free the engine. */
struct wad_http_ops {
	/* A request's head is there and may be changed. */
	enum wad_http_say (*request)(void *owner, struct wad_http_tx *);
	/* A response's head is there and may be changed; also for each 1xx
	 * (PASS or CUT only).  HOLD only with tx->watch[WAD_HTTP_DOWN], and
	 * only for a response that can have a body. */
	enum wad_http_say (*response)(void *owner, struct wad_http_tx *);
	/* A piece of a body (only where tx->watch says so, and once with
	 * len 0 where the body ends): PASS or CUT.  When the response's head
	 * was answered with HOLD, nothing of the response goes out yet; for a
	 * piece of its body the owner then says HOLD (the engine keeps it,
	 * too), ANSWER (tx->res and tx->body go out instead of all that is
	 * kept) or PASS (what is kept goes out, and from now on each piece
	 * that passes).  HOLD is said for at most WAD_HTTP_KEEP_MAX bytes of
	 * one exchange, and never at the end. */
	enum wad_http_say (*body)(void *owner, struct wad_http_tx *,
	    enum wad_http_dir, const void *, size_t len);
	/* A request cannot be served: fill tx->res and tx->body (status is
	 * proposed); tx->req may hold only a part. */
	void	(*refuse)(void *owner, struct wad_http_tx *, unsigned status,
	    enum wad_reason_id);
	/* It is over; tx is freed afterwards, tx->seen is the owner's to
	 * free. */
	void	(*done)(void *owner, struct wad_http_tx *);
};

struct wad_http_limits {
	size_t		 line_max;	/* request line, bytes */
	size_t		 head_max;	/* a head, bytes */
	unsigned	 fields_max;
	unsigned	 streams_max;	/* HTTP/2: open at once */
	uint32_t	 window_clt, window_srv;	/* HTTP/2: of a stream,
					 * at most */
	bool		 proxy;		/* HTTP/1: requests may go to many servers,
					 * or (a path is asked for) to none */
	bool		 https;		/* the legs are TLS */
	uint16_t	 port;		/* of the server */
	bool		 parent;	/* the server is another proxy: it gets
					 * whole URIs */
	const char	*parent_auth;	/* Proxy-Authorization for it; NULL */
	const char	*host;		/* canonical name of the connection,
					 * for a request without Host; "" */
	bool		 h2c;		/* Upgrade: h2c may pass (into a tunnel
					 * that nobody looks into) */
	bool		 sniff;		/* HTTP/1: what does not begin with a
					 * request becomes a tunnel */
	bool		 versions;	/* ... so does another version than
					 * HTTP/1 */
};

/* Where an engine stands. */
enum wad_http_state {
	WAD_HTTP_RUNS,
	WAD_HTTP_WANTS_SERVER,		/* limits.proxy: there is a request
					 * (http->current).  When its policy is
					 * known call wad_http_ask, then give
					 * wad_http_server */
	WAD_HTTP_TUNNELS,		/* bytes are not HTTP any more: take
					 * wad_http_rest of both and relay */
	WAD_HTTP_OVER,			/* nothing more will be written: flush and
					 * close both; why says the reason */
};

struct wad_http_engine;

struct wad_http {
	const struct wad_http_engine *engine;
	struct wad_http_leg	 leg[2];	/* client, server */
	const struct wad_http_ops *ops;
	void			*owner;
	struct wad_http_limits	 limits;
	enum wad_http_state	 state;
	enum wad_reason_id	 why;	/* OVER; WR_N: an end like any other */
	struct wad_list		 open;	/* exchanges */
	struct wad_http_tx	*current;	/* HTTP/1: the one that is
					 * answered now, or NULL */
	unsigned		 n_open;
	bool			 last;	/* proxy: the server said that it ends
					 * after this answer */
	bool			 torn;	/* OVER: a response is not whole, and only
					 * a reset tells the client */
	uint64_t		 requests;
	bool			 ended[2];	/* nothing more comes from it */
	bool			 version;	/* TUNNELS: limits.versions let it
					 * through */
	bool			 begun;	/* a request's head came in part: its
					 * rest has a deadline */
	unsigned		 served;	/* answers of this server */
	size_t			 held;	/* bytes in buffers of the engine */
	/* memory, beside what engine->size says */
	size_t			 mem_bodies[2];	/* by direction: buffers that wait
					 * for a reader */
	size_t			 mem_other;	/* heads, what nghttp2 has */
	bool			 let;	/* goes on though memory is tight */
};

struct wad_http_engine {
	const char	*name;		/* "h1", "h2" */
	bool	buffers;		/* reads a leg whatever the other one
					 * takes, and bounds what it holds */
	int	(*move)(struct wad_http *, enum wad_http_dir);
	bool	(*wants)(const struct wad_http *, enum wad_http_dir);
	void	(*ended)(struct wad_http *, enum wad_http_dir, bool clean);
	bool	(*drained)(const struct wad_http *, enum wad_http_dir);
	void	(*resume)(struct wad_http *, struct wad_http_tx *,
		    enum wad_http_say);
	void	(*server)(struct wad_http *);
	void	(*stop)(struct wad_http *);
	void	(*late)(struct wad_http *);	/* NULL allowed, as below */
	int	(*ask)(struct wad_http *);
	void	(*fail)(struct wad_http *, unsigned status,
		    enum wad_reason_id, const char *text);
	void	(*rest)(struct wad_http *, enum wad_http_dir,
		    const uint8_t **, size_t *);
	size_t	(*size)(const struct wad_http *);	/* NULL allowed */
	void	(*free)(struct wad_http *);
};

/* The legs' functions are called from wad_http_move, _ended, _resume,
 * _server and _stop only. */
struct wad_http *wad_http_h1_new(const struct wad_http_leg leg[2],
	    const struct wad_http_ops *, void *owner,
	    const struct wad_http_limits *);
struct wad_http *wad_http_h2_new(const struct wad_http_leg leg[2],
	    const struct wad_http_ops *, void *owner,
	    const struct wad_http_limits *);
/* Ends the open exchanges first (ops->done). */
void	wad_http_free(struct wad_http *);	/* NULL allowed */

/* Reads from one leg and does what follows.  1: something moved, call again;
 * 0: nothing more now; -1: a leg failed. */
int	wad_http_move(struct wad_http *, enum wad_http_dir);
/* Whether the leg is to be read (else the kernel's buffers fill up and its
 * other end waits). */
bool	wad_http_wants(const struct wad_http *, enum wad_http_dir);
/* Nothing more comes from that leg and all of it was read; clean: by FIN or
 * close_notify, not by a cut. */
void	wad_http_ended(struct wad_http *, enum wad_http_dir, bool clean);
/* Nothing is left that would still go that way: an end may be passed on. */
bool	wad_http_drained(const struct wad_http *, enum wad_http_dir);
/* The owner has made up its mind about a held request. */
void	wad_http_resume(struct wad_http *, struct wad_http_tx *,
	    enum wad_http_say);
/* WANTS_SERVER: the owner is asked about the request, once.  1 it passes: a
 * server is needed; 0 it is held; -1 it was answered or cut. */
int	wad_http_ask(struct wad_http *);
/* WANTS_SERVER: no server can be had; ops->refuse makes the page. */
void	wad_http_fail(struct wad_http *, unsigned status, enum wad_reason_id,
	    const char *text);
/* The request goes to a server: of a new leg, or (NULL) of the one that there
 * is. */
void	wad_http_server(struct wad_http *, const struct wad_http_leg *);
/* Takes no new requests and ends when the open ones are answered. */
void	wad_http_stop(struct wad_http *);
/* The rest of a request's head (http->begun) did not come in time. */
void	wad_http_late(struct wad_http *);
/* TUNNELS: bytes that were read and not used. */
void	wad_http_rest(struct wad_http *, enum wad_http_dir, const uint8_t **,
	    size_t *len);

/* Bytes of memory that it holds: buffers, heads, what nghttp2 has. */
size_t	wad_http_size(const struct wad_http *);
/* For engines: memory other than that of buffers, which count themselves. */
static inline void
wad_http_mem_add(struct wad_http *h, size_t n)
{
	h->mem_other += n;
	wad_mem_add(n);
}
static inline void
wad_http_mem_sub(struct wad_http *h, size_t n)
{
	h->mem_other -= n;
	wad_mem_sub(n);
}
/* A head, or (trailer) the fields behind a body, has grown or is complete; of
 * responses it may be the last of several. */
static inline void
wad_http_tx_count(struct wad_http_tx *tx, enum wad_http_dir dir, bool trailer,
    const struct wad_http_head *head)
{
	size_t n = head->text.cap + head->cap * sizeof(*head->field);

	if (n <= tx->counted[trailer][dir])
		return;
	wad_http_mem_add(tx->http, n - tx->counted[trailer][dir]);
	tx->counted[trailer][dir] = n;
}
/* Memory is tight, and this connection holds more than its share, and what two
 * sessions of nghttp2 have anyway: it gets nothing new. */
enum { WAD_HTTP_IDLE_MEM = 64 * 1024 };
static inline bool
wad_http_mem_denies(const struct wad_http *h)
{
	size_t n = h->mem_bodies[0] + h->mem_bodies[1] + h->mem_other;

	return wad_mem_tight() && n > WAD_HTTP_IDLE_MEM &&
	    n - WAD_HTTP_IDLE_MEM > wad_mem_share();
}
/* ... in bodies, most of them from that leg: it is not to be read until they
 * are.  Never true of both: what a reader says lets the other side go on. */
static inline bool
wad_http_mem_stops(const struct wad_http *h, enum wad_http_dir dir)
{
	return wad_mem_tight() && !h->let &&
	    h->mem_bodies[dir] > wad_mem_share() &&
	    h->mem_bodies[dir] + dir > h->mem_bodies[!dir];
}
/* For engines: a new exchange, and its end. */
struct wad_http_tx *wad_http_tx_new(struct wad_http *);
void	wad_http_tx_done(struct wad_http_tx *, enum wad_http_end);
/* The owner's functions, with the number of the request on debug lines. */
enum wad_http_say wad_http_say_request(struct wad_http_tx *);
enum wad_http_say wad_http_say_response(struct wad_http_tx *);
enum wad_http_say wad_http_say_body(struct wad_http_tx *, enum wad_http_dir,
	    const void *, size_t len);
void	wad_http_say_refuse(struct wad_http_tx *, unsigned status,
	    enum wad_reason_id);

#endif
