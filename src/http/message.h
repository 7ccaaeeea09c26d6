/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a request or a response, the same for HTTP/1.1 and HTTP/2: what
 * was parsed, and the only thing that is written again.  Fields keep their
 * order, and in HTTP/1.1 the case of their names.
 */
#ifndef WAD_HTTP_MESSAGE_H
#define WAD_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Fields with a number (header.def); WAD_HH_OTHER: all others. */
enum wad_http_header {
	WAD_HH_OTHER,
#define HEADER(id, name) WAD_HH_##id,
#include "http/header.def"
#undef HEADER
	WAD_HH_N
};

/* Places in head->text; each text there is ended with a NUL. */
struct wad_http_field {
	uint32_t	name, nlen, value, vlen;
	uint8_t		id;		/* enum wad_http_header */
	bool		secret;		/* HTTP/2: never indexed (RFC 7541
					 * section 7.1.3) */
};

struct wad_http_head {
	struct wad_str	 text;
	struct wad_http_field *field; size_t n, cap;
	/* a request */
	char		 method[24];
	bool		 https;		/* of the connection or the URI */
	char		 host[WAD_HOST_MAX];	/* canonical; "" when a request
					 * of HTTP/1.0 has none */
	uint16_t	 port;		/* the scheme's when not said */
	uint32_t	 authority;	/* place in text: as sent; 0: none */
	uint32_t	 path;		/* "/..." or "*", as sent, with the
					 * query; 0: CONNECT */
	uint32_t	 protocol;	/* :protocol of RFC 8441, or what Upgrade
					 * asks for; 0: none */
	bool		 absolute;	/* HTTP/1: the target was a whole URI */
	/* a response */
	unsigned	 status;	/* 0: a request, or none yet */
	uint32_t	 phrase;	/* HTTP/1: place; 0: none */
	/* both */
	uint8_t		 minor;		/* HTTP/1.minor; 2 for HTTP/2 */
	bool		 has_length, chunked;
	uint64_t	 length;	/* valid when has_length */
	bool		 close;		/* the connection ends after it */
	bool		 upgrade;	/* Connection: upgrade and Upgrade are
					 * both there, or :protocol */
	bool		 expect;	/* Expect: 100-continue */
};

/* Empties it and keeps its memory, for the next message. */
void	wad_http_head_reset(struct wad_http_head *);
void	wad_http_head_free(struct wad_http_head *);
/* Copies a text, which is not one of this head, into the head; its place
 * (never 0). */
uint32_t wad_http_head_keep(struct wad_http_head *, const char *, size_t);
/* Adds a field at the end. */
struct wad_http_field *wad_http_head_add(struct wad_http_head *,
	    const char *name, size_t nlen, const char *value, size_t vlen);
/* The same for texts that are ended. */
void	wad_http_head_put(struct wad_http_head *, const char *name,
	    const char *value);
/* The value of the first field of that number, or NULL. */
const char *wad_http_head_get(const struct wad_http_head *,
	    enum wad_http_header);
/* ... of that name, without regard to case. */
const char *wad_http_head_named(const struct wad_http_head *,
	    const char *name);
/* Takes all fields of that name out; how many there were. */
size_t	wad_http_head_drop(struct wad_http_head *, const char *name);
/* The first field of that name gets the value and others go; added at the
 * end when there was none. */
void	wad_http_head_set(struct wad_http_head *, const char *name,
	    const char *value);
/* The same for Host, which gets the head's authority. */
void	wad_http_head_set_host(struct wad_http_head *);
/* Another path (of a request that is changed on its way). */
void	wad_http_head_path(struct wad_http_head *, const char *);
/* Does an element of any such field's comma list equal the token, without
 * regard to case? */
bool	wad_http_head_lists(const struct wad_http_head *,
	    enum wad_http_header, const char *token);
/* The number of a name. */
enum wad_http_header wad_http_header_id(const char *name, size_t len);
extern const char *const wad_http_header_names[WAD_HH_N];
/* The reason phrase of a status, "" when it has none (RFC 9110). */
const char *wad_http_phrase(unsigned status);

/* A text of the head by its place; "" for place 0. */
static inline const char *
wad_http_text(const struct wad_http_head *h, uint32_t place)
{
	return place != 0 ? h->text.s + place : "";
}
static inline const char *
wad_http_name(const struct wad_http_head *h, const struct wad_http_field *f)
{
	return h->text.s + f->name;
}
static inline const char *
wad_http_value(const struct wad_http_head *h, const struct wad_http_field *f)
{
	return h->text.s + f->value;
}

#endif
