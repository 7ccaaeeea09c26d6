/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One document by HTTP: bounded in size, time and number, and only from where
 * its URL may lead.  Every redirect is checked like the first address.  HTTPS
 * is for what the administrator names (threat feeds) only: what says whether
 * a certificate is good cannot need one.
 */
#ifndef WAD_LOOKUP_FETCH_H
#define WAD_LOOKUP_FETCH_H

#include <event2/event.h>
#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "conf/conf_snap.h"
#include "port/dns.h"

enum wad_fetch_result { WAD_FETCH_OK, WAD_FETCH_FAILED, WAD_FETCH_TIMEOUT,
	WAD_FETCH_SAME };	/* HTTP status 304 */

struct wad_fetcher;			/* all transfers of a process */
struct wad_fetch;			/* one of them */

/* body and why (a reason in words, escaped) live until the function returns;
 * the fetch is gone by then.  Never called from inside wad_lookup_fetch. */
typedef void wad_lookup_fetch_fn(void *arg, enum wad_fetch_result,
    const uint8_t *body, size_t len, const char *why);

/* What a server says of a version of a document (RFC 9110 section 8.8): sent
 * when they are not empty, replaced by those of the answer. */
struct wad_fetch_tags { char etag[128], modified[64]; };

/* A document as it comes; 0, or -1 with a reason (static or longer living):
 * the fetch fails. */
typedef int wad_lookup_fetch_data_fn(void *arg, const void *, size_t,
    const char **why);

/* The ways of a threat feed. */
struct wad_fetch_feed {
	wad_lookup_fetch_data_fn *data;	/* gets the body, undone of gzip */
	struct wad_fetch_tags *tags;	/* of the caller, as long as it lasts */
	const char	*username, *password;	/* NULL: none; for the first
					 * host only; copied */
	const char	*agent;		/* NULL: ours; copied */
	struct wad_addr	 source;	/* family 0: any */
	enum wad_feed_identity identity;	/* of https */
};

struct wad_fetch_ask {
	const char	*url;		/* http, with feed also https */
	const char	*type;		/* of what is posted */
	const void	*post;		/* NULL: GET; copied */
	size_t		 post_len;
	size_t		 limit;		/* bytes of the answer */
	unsigned	 deadline_ms;	/* for all of it */
	bool		 anywhere;	/* the administrator wrote the URL:
					 * internal addresses are allowed */
	const struct wad_fetch_feed *feed;	/* NULL: none of that */
};

/* Before the sandbox; NULL when libcurl does not start.  dns is borrowed. */
struct wad_fetcher *wad_lookup_fetch_open(struct event_base *,
	    struct wad_dns *dns);
/* Our own addresses are for nobody; private ones when allowed.  The list is
 * copied. */
void	wad_lookup_fetch_own(struct wad_fetcher *, const struct wad_addr *,
	    size_t n);
void	wad_lookup_fetch_allow_private(struct wad_fetcher *, bool);
/* Whom https trusts; one more reference is taken. */
void	wad_lookup_fetch_roots(struct wad_fetcher *, X509_STORE *);
/* Transfers that are open now. */
unsigned wad_lookup_fetch_count(const struct wad_fetcher *);

/* Starts one; NULL when too many are open, of its host or at all. */
struct wad_fetch *wad_lookup_fetch(struct wad_fetcher *,
	    const struct wad_fetch_ask *, wad_lookup_fetch_fn *, void *arg);
/* The function will not be called. */
void	wad_lookup_fetch_cancel(struct wad_fetch *);

#endif
