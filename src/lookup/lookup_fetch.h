/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One document by HTTP: bounded in size, time and number, and only from where
 * its URL may lead.  Every redirect is checked like the first address.
 */
#ifndef WAD_LOOKUP_FETCH_H
#define WAD_LOOKUP_FETCH_H

#include <event2/event.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "port/dns.h"

enum wad_fetch_result { WAD_FETCH_OK, WAD_FETCH_FAILED, WAD_FETCH_TIMEOUT };

struct wad_fetcher;			/* all transfers of a process */
struct wad_fetch;			/* one of them */

/* body and why (a reason in words, escaped) live until the function returns;
 * the fetch is gone by then.  Never called from inside wad_lookup_fetch. */
typedef void wad_lookup_fetch_fn(void *arg, enum wad_fetch_result,
    const uint8_t *body, size_t len, const char *why);

struct wad_fetch_ask {
	const char	*url;		/* http only */
	const char	*type;		/* of what is posted */
	const void	*post;		/* NULL: GET; copied */
	size_t		 post_len;
	size_t		 limit;		/* bytes of the answer */
	unsigned	 deadline_ms;	/* for all of it */
	bool		 anywhere;	/* the administrator wrote the URL:
					 * internal addresses are allowed */
};

/* Before the sandbox; NULL when libcurl does not start.  dns is borrowed. */
struct wad_fetcher *wad_lookup_fetch_open(struct event_base *,
	    struct wad_dns *dns);
/* Our own addresses are for nobody; private ones when allowed.  The list is
 * copied. */
void	wad_lookup_fetch_own(struct wad_fetcher *, const struct wad_addr *,
	    size_t n);
void	wad_lookup_fetch_allow_private(struct wad_fetcher *, bool);
/* Transfers that are open now. */
unsigned wad_lookup_fetch_count(const struct wad_fetcher *);

/* Starts one; NULL when too many are open, of its host or at all. */
struct wad_fetch *wad_lookup_fetch(struct wad_fetcher *,
	    const struct wad_fetch_ask *, wad_lookup_fetch_fn *, void *arg);
/* The function will not be called. */
void	wad_lookup_fetch_cancel(struct wad_fetch *);

#endif
