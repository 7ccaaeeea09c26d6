/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the engine of HTTP/1.1 (RFC 9112): one exchange at a time.  A
 * pipelined request waits, unread or in a bounded buffer, until the one before
 * it is answered.  Each side goes through the steps of a message: head, body,
 * trailers, done.
 *
 *	h1.c		the engine: reading, its owner's calls, ends
 *	h1_tx.c		the exchange: request, response, bodies
 *	h1_out.c	what is written, gathered
 *	h1_head.c	a head: text to struct wad_http_head; and back:
 *	h1_write.c
 *	h1_body.c	where a body ends
 */
#ifndef WAD_HTTP_H1_H
#define WAD_HTTP_H1_H

#include "base/buf.h"
#include "http/h1_body.h"
#include "http/h1_head.h"
#include "http/http.h"

enum { WAD_H1_PIECE = 16 * 1024 };	/* read at once: a record of TLS */

enum wad_h1_step {
	WAD_H1_AT_HEAD,		/* a head is expected */
	WAD_H1_AT_BODY, WAD_H1_AT_TRAILERS,
	WAD_H1_DONE,		/* the message is complete */
	WAD_H1_WAIT,		/* nothing is expected: no request is open
				 * (server); it is held (client) */
};

struct wad_h1_side {
	enum wad_h1_step step;
	bool		 starved;	/* what is in `in` is not enough */
	struct wad_buf	 in;	/* read and not used */
	struct wad_h1_head scan;
	struct wad_h1_body body;
};

struct wad_h1 {
	struct wad_http	 http;	/* first */
	struct wad_h1_side side[2];
	unsigned	 informational;	/* 1xx in this exchange */
	bool		 close;		/* after this exchange */
	bool		 last;		/* ... says the server */
	bool		 answered;	/* bytes of a response went out */
	bool		 keeping;	/* a response is kept back, here: */
	struct wad_str	 kept;
	size_t		 counted;	/* its memory, see http.mem_other */
	bool		 stopping, failed;
	bool		 cut[2];	/* it ended, and not cleanly */
	bool		 asked;		/* proxy: about this request */
	bool		 retried;	/* ... it had a server that went */
};

/* ---- h1_tx.c ----------------------------------------------------------- */

/* Uses what came from `dir`, as far as it goes now; how many bytes. */
size_t	wad_h1_tx_use(struct wad_h1 *, enum wad_http_dir, const uint8_t *,
	    size_t);
/* The client may ask again. */
void	wad_h1_tx_next(struct wad_h1 *);
/* The owner said this of the request. */
void	wad_h1_tx_say(struct wad_h1 *, struct wad_http_tx *,
	    enum wad_http_say);
/* The head goes to the server. */
void	wad_h1_tx_forward(struct wad_h1 *, struct wad_http_tx *);
/* The message is complete. */
void	wad_h1_tx_done(struct wad_h1 *, enum wad_http_dir);
/* What cannot be served; a page where one can still be sent. */
void	wad_h1_tx_refuse(struct wad_h1 *, unsigned status, enum wad_reason_id,
	    const char *error);
/* Ends the exchange, and the connection with it. */
void	wad_h1_tx_end(struct wad_h1 *, enum wad_http_end, enum wad_reason_id);
/* Ends the connection; no exchange is open. */
void	wad_h1_tx_over(struct wad_h1 *, enum wad_reason_id);

/* ---- h1_out.c: `dir` is where bytes come from; they go to the other leg -- */

/* Where a text goes: what is gathered, or a response that is kept back. */
struct wad_str *wad_h1_out_text(struct wad_h1 *, enum wad_http_dir);
/* What is gathered, by this engine. */
struct wad_str *wad_h1_out_gather(const struct wad_h1 *, enum wad_http_dir);
void	wad_h1_out_add(struct wad_h1 *, enum wad_http_dir, const void *,
	    size_t);
/* Writes what is gathered, both ways. */
void	wad_h1_out_flush(struct wad_h1 *);
/* Nothing is kept back any more; what was goes out, or never. */
void	wad_h1_out_release(struct wad_h1 *, bool pass);
bool	wad_h1_out_room(const struct wad_h1 *, enum wad_http_dir);

#endif
